/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Internet addresses as text: IPv4 and IPv6, with port and scope ("Ex"), in UTF-16 (W) and ANSI (A).
 *
 * All parsing and formatting is done in UTF-16; the ANSI forms convert at the border (addresses are ASCII).  Addresses
 * and ports are in network byte order.
 * Sources: ip2string.h (Win32 documentation), RFC 4291 section 2.2, RFC 5952 section 4.
 */
#include "ntdllp.h"

#define IPV4_TEXT 16                    /* "255.255.255.255" and the zero */
#define IPV4_EX_TEXT 22                 /* with ":65535" */
#define IPV6_TEXT 46
#define IPV6_EX_TEXT 65                 /* "[", "%4294967295", "]:65535" */
#define ANSI_INPUT 128                  /* characters of an ANSI text that are looked at */

static USHORT RtlpSwapPort(USHORT Port)
{
    return (USHORT)(Port << 8 | Port >> 8);
}

static ULONG RtlpDigit(WCHAR Character)
{
    if (Character >= '0' && Character <= '9')
        return (ULONG)(Character - '0');
    Character |= 0x20;
    return Character >= 'a' && Character <= 'f' ? (ULONG)(Character - 'a' + 10) : 16;
}

/* --- IPv4 -------------------------------------------------------------------------------------------------------- */

/* A number as C writes it: 0x hexadecimal, 0 octal (neither if Decimal).  *At: behind what was read.  FALSE: no
 * digits, too large, or not decimal. */
static BOOLEAN RtlpIpNumber(PCWSTR *At, BOOLEAN Decimal, PULONG Value)
{
    ULONGLONG Number = 0;
    ULONG Base = 10;
    PCWSTR First;

    if ((*At)[0] == '0' && ((*At)[1] | 0x20) == 'x') {
        Base = 16;
        *At += 2;
    } else if ((*At)[0] == '0' && RtlpDigit((*At)[1]) < 10) {
        Base = 8;
        ++*At;
    }
    if (Decimal && Base != 10)
        return FALSE;
    for (First = *At; RtlpDigit(**At) < Base; ++*At) {
        Number = Number * Base + RtlpDigit(**At);
        if (Number > MAXDWORD)
            return FALSE;
    }
    *Value = (ULONG)Number;
    return *At != First;
}

/* One to four numbers; the last one fills the bytes that are left. */
static NTSTATUS RtlpParseIpv4(PCWSTR Text, BOOLEAN Strict, PCWSTR *End, UCHAR Bytes[4])
{
    ULONG Parts[4], Count = 0, Address;

    for (*End = Text;; ++*End) {
        if (!RtlpIpNumber(End, Strict, &Parts[Count++])) {
            *End += **End == '.';
            return STATUS_INVALID_PARAMETER;
        }
        if (**End != '.' || Count == 4)
            break;
    }
    if (**End == '.' || (Strict && Count != 4))
        return STATUS_INVALID_PARAMETER;
    if ((ULONGLONG)Parts[Count - 1] >> 8 * (5 - Count) != 0)
        return STATUS_INVALID_PARAMETER;
    Address = Parts[Count - 1];
    for (ULONG Index = 0; Index + 1 < Count; Index++) {
        if (Parts[Index] > 0xff)
            return STATUS_INVALID_PARAMETER;
        Address |= Parts[Index] << (24 - 8 * Index);
    }
    for (ULONG Index = 0; Index < 4; Index++)
        Bytes[Index] = (UCHAR)(Address >> (24 - 8 * Index));
    return STATUS_SUCCESS;
}

/* "PORT" to the end of the text, not 0.  *Text: where reading stopped. */
static BOOLEAN RtlpParsePort(PCWSTR *Text, PUSHORT Port)
{
    ULONG Number;

    if (!RtlpIpNumber(Text, FALSE, &Number) || Number == 0 || Number > 0xffff || **Text != 0)
        return FALSE;
    *Port = RtlpSwapPort((USHORT)Number);
    return TRUE;
}

static SIZE_T RtlpFormatIpv4(const UCHAR Bytes[4], PWSTR Text)
{
    return (SIZE_T)_snwprintf(Text, IPV4_TEXT, L"%u.%u.%u.%u", Bytes[0], Bytes[1], Bytes[2], Bytes[3]);
}

/* Strict: four decimal parts.  *Terminator: the first character that is not part of the address, or where reading
 * stopped on STATUS_INVALID_PARAMETER.  A port that follows must be good too, though it is not read. */
NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR String, BOOLEAN Strict, PCWSTR *Terminator, struct in_addr *Address)
{
    NTSTATUS Status = RtlpParseIpv4(String, Strict, Terminator, (PUCHAR)Address);
    PCWSTR Port;
    USHORT Ignored;

    if (!NT_SUCCESS(Status) || **Terminator != ':')
        return Status;
    Port = *Terminator + 1;
    if (RtlpParsePort(&Port, &Ignored))
        return STATUS_SUCCESS;
    *Terminator = Port;
    return STATUS_INVALID_PARAMETER;
}

/* *Port is left alone if the text has none. */
NTSTATUS NTAPI RtlIpv4StringToAddressExW(PCWSTR String, BOOLEAN Strict, struct in_addr *Address, PUSHORT Port)
{
    PCWSTR End;
    NTSTATUS Status;

    if (String == NULL || Address == NULL || Port == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = RtlpParseIpv4(String, Strict, &End, (PUCHAR)Address);
    if (!NT_SUCCESS(Status) || *End == 0)
        return Status;
    return *End++ == ':' && RtlpParsePort(&End, Port) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* Returns the place of the closing zero; String has room for 16 characters. */
PWSTR NTAPI RtlIpv4AddressToStringW(const struct in_addr *Address, PWSTR String)
{
    return String + RtlpFormatIpv4((const UCHAR *)Address, String);
}

/* Copies the text; *Length: characters with the closing zero, in and out.  STATUS_INVALID_PARAMETER: too small. */
static NTSTATUS RtlpReturnIpText(PCWSTR Text, SIZE_T Length, PWSTR String, PULONG Room)
{
    ULONG Had = *Room;

    *Room = (ULONG)Length + 1;
    if (Had < Length + 1)
        return STATUS_INVALID_PARAMETER;
    memcpy(String, Text, (Length + 1) * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

static SIZE_T RtlpFormatIpv4Ex(const struct in_addr *Address, USHORT Port, PWSTR Text)
{
    SIZE_T Length = RtlpFormatIpv4((const UCHAR *)Address, Text);

    if (Port != 0)
        Length += (SIZE_T)_snwprintf(Text + Length, IPV4_EX_TEXT - Length, L":%u", RtlpSwapPort(Port));
    return Length;
}

NTSTATUS NTAPI RtlIpv4AddressToStringExW(const struct in_addr *Address, USHORT Port, PWSTR String, PULONG Length)
{
    WCHAR Text[IPV4_EX_TEXT];

    if (Address == NULL || String == NULL || Length == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpReturnIpText(Text, RtlpFormatIpv4Ex(Address, Port, Text), String, Length);
}

/* --- IPv6 -------------------------------------------------------------------------------------------------------- */

typedef struct _IPV6_PARSER {
    USHORT Words[8];
    ULONG Count;                        /* words read */
    ULONG Gap;                          /* words before "::"; 8: there is none */
} IPV6_PARSER;

/* As strtol converts it: no more than MAXLONG. */
static ULONG RtlpHexNumber(PCWSTR *At)
{
    ULONGLONG Value = 0;

    for (; RtlpDigit(**At) < 16; ++*At)
        Value = min(Value << 4 | RtlpDigit(**At), MAXLONG);
    return (ULONG)Value;
}

/* One to four hexadecimal digits.  "0x" ends behind its 0, and so does the address; its value is that of the digits behind it on Windows. */
static BOOLEAN RtlpIpv6Word(PCWSTR *At, PUSHORT Word)
{
    PCWSTR First = *At, Digits;

    *Word = (USHORT)RtlpHexNumber(At);
    if (*At == First + 1 && *First == '0' && (**At | 0x20) == 'x') {
        Digits = *At + 1;
        *Word = (USHORT)RtlpHexNumber(&Digits);
    }
    return *At != First && *At <= First + 4;
}

/* Is the group at Text decimal and ended by a dot? */
static BOOLEAN RtlpIsDotted(PCWSTR Text)
{
    ULONG Digits = 0;

    while (Digits < 4 && RtlpDigit(Text[Digits]) < 10)
        Digits++;
    return Digits != 0 && Text[Digits] == '.';
}

/* a.b.c.d, decimal whatever its zeros. */
static BOOLEAN RtlpIpv6Tail(PCWSTR *At, IPV6_PARSER *Parser)
{
    ULONG Bytes[4];

    for (ULONG Part = 0; Part < 4; Part++) {
        ULONG Digits = 0;

        if (Part != 0 && *(*At)++ != '.')
            return --*At, FALSE;
        for (Bytes[Part] = 0; RtlpDigit(**At) < 10 && Digits < 4; ++*At, Digits++)
            Bytes[Part] = Bytes[Part] * 10 + RtlpDigit(**At);
        if (Digits == 0 || Digits > 3)
            return FALSE;
    }
    for (ULONG Part = 0; Part < 4; Part++)
        if (Bytes[Part] > 255)
            return FALSE;
    Parser->Words[Parser->Count++] = (USHORT)(Bytes[0] << 8 | Bytes[1]);
    Parser->Words[Parser->Count++] = (USHORT)(Bytes[2] << 8 | Bytes[3]);
    return TRUE;
}

/* The separator before the next word.  FALSE: no word follows; *Good is FALSE if one should. */
static BOOLEAN RtlpIpv6Separator(PCWSTR *At, IPV6_PARSER *Parser, PBOOLEAN Good)
{
    if ((*At)[0] == ':' && (*At)[1] == ':') {
        if (Parser->Gap != 8 || Parser->Count == 8)
            return FALSE;
        Parser->Gap = Parser->Count;
        *At += 2;
        return Parser->Count < 7 && RtlpDigit(**At) < 16;
    }
    if (Parser->Count == 0)
        return **At != ':';
    if (**At != ':' || Parser->Count == (Parser->Gap != 8 ? 7 : 8))
        return FALSE;
    ++*At;
    *Good = RtlpDigit(**At) < 16;
    return *Good;
}

/* Reads words and "::" up to the first character that belongs to neither. */
static BOOLEAN RtlpIpv6Words(PCWSTR *At, IPV6_PARSER *Parser)
{
    BOOLEAN Good = TRUE;

    while (RtlpIpv6Separator(At, Parser, &Good)) {
        PCWSTR Start = *At;

        if (Parser->Count <= 6 && RtlpIsDotted(*At))
            return RtlpIpv6Tail(At, Parser);
        if (!RtlpIpv6Word(At, &Parser->Words[Parser->Count])) {
            if (Parser->Count == 0 && Parser->Gap == 8)
                *At = Start;
            return FALSE;
        }
        Parser->Count++;
    }
    return Good;
}

static NTSTATUS RtlpParseIpv6(PCWSTR Text, PCWSTR *End, UCHAR Bytes[16])
{
    IPV6_PARSER Parser = { .Gap = 8 };
    ULONG Behind;

    *End = Text;
    if (!RtlpIpv6Words(End, &Parser) || (Parser.Gap == 8 ? Parser.Count != 8 : Parser.Count > 7))
        return STATUS_INVALID_PARAMETER;
    if (Parser.Gap != 8) {
        Behind = Parser.Count - Parser.Gap;
        memmove(Parser.Words + 8 - Behind, Parser.Words + Parser.Gap, Behind * sizeof(USHORT));
        memset(Parser.Words + Parser.Gap, 0, (8 - Parser.Count) * sizeof(USHORT));
    }
    for (ULONG Index = 0; Index < 8; Index++) {
        Bytes[2 * Index] = (UCHAR)(Parser.Words[Index] >> 8);
        Bytes[2 * Index + 1] = (UCHAR)Parser.Words[Index];
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlIpv6StringToAddressW(PCWSTR String, PCWSTR *Terminator, struct in6_addr *Address)
{
    UCHAR Bytes[16];
    NTSTATUS Status = RtlpParseIpv6(String, Terminator, Bytes);

    if (NT_SUCCESS(Status))
        memcpy(Address, Bytes, sizeof(Bytes));
    return Status;
}

/* ADDRESS, ADDRESS%SCOPE, or either in brackets with ":PORT" behind. */
NTSTATUS NTAPI RtlIpv6StringToAddressExW(PCWSTR String, struct in6_addr *Address, PULONG ScopeId, PUSHORT Port)
{
    ULONG Scope = 0;
    USHORT Number = 0;
    BOOLEAN Bracket;
    UCHAR Bytes[16];
    NTSTATUS Status;

    if (String == NULL || Address == NULL || ScopeId == NULL || Port == NULL)
        return STATUS_INVALID_PARAMETER;
    Bracket = *String == '[';
    Status = RtlpParseIpv6(String + Bracket, &String, Bytes);
    if (!NT_SUCCESS(Status))
        return Status;
    if (*String == '%' && (++String, RtlpDigit(*String) >= 10 || !RtlpIpNumber(&String, TRUE, &Scope)))
        return STATUS_INVALID_PARAMETER;
    if (Bracket && *String++ != ']')
        return STATUS_INVALID_PARAMETER;
    if (*String != 0 && !(Bracket && *String++ == ':' && RtlpParsePort(&String, &Number)))
        return STATUS_INVALID_PARAMETER;
    memcpy(Address, Bytes, sizeof(Bytes));
    *ScopeId = Scope;
    *Port = Number;
    return STATUS_SUCCESS;
}

static USHORT RtlpIpv6WordOf(const UCHAR Bytes[16], ULONG Index)
{
    return (USHORT)(Bytes[2 * Index] << 8 | Bytes[2 * Index + 1]);
}

/* Start and length of the longest run of zero words before word Limit, at least two long. */
static ULONG RtlpZeroRun(const UCHAR Bytes[16], ULONG Limit, PULONG Length)
{
    ULONG Best = 8;

    *Length = 1;
    for (ULONG Start = 0; Start < Limit; Start++) {
        ULONG End = Start;

        while (End < Limit && RtlpIpv6WordOf(Bytes, End) == 0)
            End++;
        if (End - Start > *Length) {
            *Length = End - Start;
            Best = Start;
        }
    }
    return Best;
}

/* Addresses that end in an IPv4 address: ::a.b.c.d, ::ffff:a.b.c.d, ::ffff:0:a.b.c.d and ISATAP's. */
static BOOLEAN RtlpEndsInIpv4(const UCHAR Bytes[16])
{
    USHORT Word4 = RtlpIpv6WordOf(Bytes, 4), Word5 = RtlpIpv6WordOf(Bytes, 5);
    ULONG Zeros = 0;

    if ((Word4 & 0xfdff) == 0 && Word5 == 0x5efe)
        return TRUE;
    while (Zeros < 8 && RtlpIpv6WordOf(Bytes, Zeros) == 0)
        Zeros++;
    if (RtlpIpv6WordOf(Bytes, 6) == 0)
        return FALSE;
    return Zeros == 6 || (Zeros == 5 && Word5 == 0xffff) || (Zeros == 4 && Word4 == 0xffff && Word5 == 0);
}

static SIZE_T RtlpFormatIpv6(const UCHAR Bytes[16], PWSTR Text)
{
    BOOLEAN Mixed = RtlpEndsInIpv4(Bytes);
    ULONG Words = Mixed ? 6 : 8, Run, RunStart = RtlpZeroRun(Bytes, Words, &Run);
    SIZE_T Length = 0;

    for (ULONG Index = 0; Index < Words; Index++) {
        if (Index == RunStart) {
            Text[Length++] = ':';
            if (Index == 0)
                Text[Length++] = ':';
            Index += Run - 1;
            continue;
        }
        Length += (SIZE_T)_snwprintf(Text + Length, IPV6_TEXT - Length, L"%x", RtlpIpv6WordOf(Bytes, Index));
        if (Index != Words - 1 || Mixed)
            Text[Length++] = ':';
    }
    Text[Length] = 0;
    return Mixed ? Length + RtlpFormatIpv4(Bytes + 12, Text + Length) : Length;
}

PWSTR NTAPI RtlIpv6AddressToStringW(const struct in6_addr *Address, PWSTR String)
{
    return String + RtlpFormatIpv6((const UCHAR *)Address, String);
}

static SIZE_T RtlpFormatIpv6Ex(const struct in6_addr *Address, ULONG ScopeId, USHORT Port, PWSTR Text)
{
    SIZE_T Length = 0;

    if (Port != 0)
        Text[Length++] = '[';
    Length += RtlpFormatIpv6((const UCHAR *)Address, Text + Length);
    if (ScopeId != 0)
        Length += (SIZE_T)_snwprintf(Text + Length, IPV6_EX_TEXT - Length, L"%%%u", ScopeId);
    if (Port != 0)
        Length += (SIZE_T)_snwprintf(Text + Length, IPV6_EX_TEXT - Length, L"]:%u", RtlpSwapPort(Port));
    Text[Length] = 0;
    return Length;
}

NTSTATUS NTAPI RtlIpv6AddressToStringExW(const struct in6_addr *Address, ULONG ScopeId, USHORT Port, PWSTR String,
        PULONG Length)
{
    WCHAR Text[IPV6_EX_TEXT];

    if (Address == NULL || String == NULL || Length == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpReturnIpText(Text, RtlpFormatIpv6Ex(Address, ScopeId, Port, Text), String, Length);
}

/* --- ANSI -------------------------------------------------------------------------------------------------------- */

/* FALSE: the text is longer than any address. */
static BOOLEAN RtlpWidenIp(PCSTR String, WCHAR Wide[ANSI_INPUT])
{
    SIZE_T Index = 0;

    for (; Index < ANSI_INPUT - 1 && String[Index] != 0; Index++)
        Wide[Index] = (UCHAR)String[Index];
    Wide[Index] = 0;
    return String[Index] == 0;
}

static PSTR RtlpNarrowIp(PCWSTR Wide, PSTR String)
{
    while ((*String = (CHAR)*Wide++) != 0)
        String++;
    return String;
}

static NTSTATUS RtlpReturnIpAnsi(PCWSTR Text, SIZE_T Length, PSTR String, PULONG Room)
{
    ULONG Had = *Room;

    *Room = (ULONG)Length + 1;
    if (Had < Length + 1)
        return STATUS_INVALID_PARAMETER;
    RtlpNarrowIp(Text, String);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlIpv4StringToAddressA(PCSTR String, BOOLEAN Strict, PCSTR *Terminator, struct in_addr *Address)
{
    WCHAR Wide[ANSI_INPUT];
    PCWSTR End;
    NTSTATUS Status;

    RtlpWidenIp(String, Wide);
    Status = RtlIpv4StringToAddressW(Wide, Strict, &End, Address);
    *Terminator = String + (End - Wide);
    return Status;
}

NTSTATUS NTAPI RtlIpv4StringToAddressExA(PCSTR String, BOOLEAN Strict, struct in_addr *Address, PUSHORT Port)
{
    WCHAR Wide[ANSI_INPUT];

    return String != NULL && RtlpWidenIp(String, Wide) ? RtlIpv4StringToAddressExW(Wide, Strict, Address, Port)
            : STATUS_INVALID_PARAMETER;
}

PSTR NTAPI RtlIpv4AddressToStringA(const struct in_addr *Address, PSTR String)
{
    WCHAR Text[IPV4_TEXT];

    RtlpFormatIpv4((const UCHAR *)Address, Text);
    return RtlpNarrowIp(Text, String);
}

NTSTATUS NTAPI RtlIpv4AddressToStringExA(const struct in_addr *Address, USHORT Port, PSTR String, PULONG Length)
{
    WCHAR Text[IPV4_EX_TEXT];

    if (Address == NULL || String == NULL || Length == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpReturnIpAnsi(Text, RtlpFormatIpv4Ex(Address, Port, Text), String, Length);
}

NTSTATUS NTAPI RtlIpv6StringToAddressA(PCSTR String, PCSTR *Terminator, struct in6_addr *Address)
{
    WCHAR Wide[ANSI_INPUT];
    PCWSTR End;
    NTSTATUS Status;

    RtlpWidenIp(String, Wide);
    Status = RtlIpv6StringToAddressW(Wide, &End, Address);
    *Terminator = String + (End - Wide);
    return Status;
}

NTSTATUS NTAPI RtlIpv6StringToAddressExA(PCSTR String, struct in6_addr *Address, PULONG ScopeId, PUSHORT Port)
{
    WCHAR Wide[ANSI_INPUT];

    return String != NULL && RtlpWidenIp(String, Wide) ? RtlIpv6StringToAddressExW(Wide, Address, ScopeId, Port)
            : STATUS_INVALID_PARAMETER;
}

PSTR NTAPI RtlIpv6AddressToStringA(const struct in6_addr *Address, PSTR String)
{
    WCHAR Text[IPV6_TEXT];

    RtlpFormatIpv6((const UCHAR *)Address, Text);
    return RtlpNarrowIp(Text, String);
}

NTSTATUS NTAPI RtlIpv6AddressToStringExA(const struct in6_addr *Address, ULONG ScopeId, USHORT Port, PSTR String,
        PULONG Length)
{
    WCHAR Text[IPV6_EX_TEXT];

    if (Address == NULL || String == NULL || Length == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpReturnIpAnsi(Text, RtlpFormatIpv6Ex(Address, ScopeId, Port, Text), String, Length);
}
