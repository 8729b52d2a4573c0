/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rtlfuzz: DOS paths, environment blocks, internet addresses as text.
 *
 * Left out: paths that Wine takes otherwise than "File path formats on Windows systems" (Microsoft): full paths are made of sound
 * parts; numbers of addresses beyond 32 bits, where Wine drops the upper bits; how far an address that is refused was read, and
 * what of it was written; empty names of variables, and their order, which is that of the names on Windows; text with several
 * percent signs behind a name that does not exist, which Windows takes for the start of the next name; texts that did not fit.
 */
#include "rtlfuzz.h"

/* --- paths ------------------------------------------------------------------------------------------------------------ */

static const PCWSTR PathPieces[] = { L"\\", L"/", L"\\", L"C:", L"c:\\", L"Z:", L"..", L".", L"..\\", L".\\", L"\\\\", L"\\\\.\\", L"\\\\?\\", L"\\??\\",
    L"server", L"share\\", L"a", L"b.c", L"long name", L" ", L"nul", L"CON", L"aux", L"prn.txt", L"com1", L"LPT9", L"com0", L"UNC\\", L":", L"*", L"?",
    L"conin$", L"CONOUT$", L"x:y", L"\u00b9" };

/* Behind the zero comes what Wine compares too. */
static PWSTR SomePath(VOID)
{
    WCHAR Text[200] = { 0 };
    ULONG Length = SOME_PIECES(Text, PathPieces, 7);

    TellText("in", Text, Length);
    return Input(Text, (Length + 4) * sizeof(WCHAR));
}

CASE(RtlDetermineDosPathNameType_U)
{
    Tell("type", RtlDetermineDosPathNameType_U(SomePath()));
}

CASE(RtlIsDosDeviceName_U)
{
    Tell("place", RtlIsDosDeviceName_U(SomePath()));
}

/* A start, parts with separators, and a last part. */
static PWSTR SomeSoundPath(VOID)
{
    static const PCWSTR Starts[] = { L"", L"C:\\", L"\\", L"c:", L"\\\\server\\share\\", L"\\\\.\\", L"\\\\?\\" };
    static const PCWSTR Parts[] = { L"a", L"b.c", L"long name", L"..", L".", L"com0", L"..a", L".b", L"\u00e9" };
    static const PCWSTR Lasts[] = { L"", L"file", L"file.", L"file ", L"file. .", L"..", L".", L"a.b.c" };
    WCHAR Text[200] = { 0 };

    wcscpy(Text, ONE_OF(Starts));
    for (ULONG Count = Below(6); Count != 0; Count--) {
        wcscat(Text, ONE_OF(Parts));
        wcscat(Text, Once(4) ? L"/" : L"\\");
    }
    wcscat(Text, ONE_OF(Lasts));
    TellText("in", Text, ARRAYSIZE(Text));
    return Input(Text, (wcslen(Text) + 4) * sizeof(WCHAR));
}

/* On Wine the current directory is the folder's that the test was started from. */
static BOOLEAN SetDirectory(VOID)
{
    static UNICODE_STRING Windows = RTL_CONSTANT_UNICODE_STRING(L"C:\\windows");

    return NT_SUCCESS(RtlSetCurrentDirectory_U(&Windows));
}

CASE(RtlGetFullPathName_U)
{
    PWSTR Path = SomeSoundPath(), Part = NULL, Target;
    ULONG Room = Once(6) ? 2 * Below(40) : 600, Bytes;

    if (!SetDirectory())
        return;
    Tell("room", Room);
    Target = Output(Room);
    Bytes = RtlGetFullPathName_U(Path, Room, Target, &Part);
    Tell("bytes", Bytes);
    if (Bytes < Room) {
        TellText("out", Target, Room / sizeof(WCHAR));
        TellPlace("part", Part, Target);
    }
}

CASE(RtlDosPathNameToNtPathName_U_WithStatus)
{
    PWSTR Path = SomeSoundPath(), Part = NULL;
    UNICODE_STRING Target = { 0 };
    NTSTATUS Status;

    if (!SetDirectory())
        return;
    Status = RtlDosPathNameToNtPathName_U_WithStatus(Path, &Target, &Part, NULL);
    TellStatus(Status);
    if (!NT_SUCCESS(Status))
        return;
    TellUnicode("out", &Target);
    TellPlace("part", Part, Target.Buffer);
    RtlFreeUnicodeString(&Target);
}

/* --- environment ------------------------------------------------------------------------------------------------------ */

static const PCWSTR NamePieces[] = { L"A", L"a", L"B", L"=C:", L"=", L"name", L"NAME", L"\u00e9", L"\u00c9", L"_", L"1", L" " };
static const PCWSTR ValuePieces[] = { L"x", L"value", L"=", L"%A%", L"%", L";", L" ", L"\u00fc", L"%b%" };

static UNICODE_STRING SomeName(VOID)
{
    WCHAR Text[20];
    ULONG Length = SOME_PIECES(Text, NamePieces, 2);
    UNICODE_STRING Name = Length != 0 ? InputUnicode(Text, Length) : InputUnicode(L"A", 1);

    TellUnicode("name", &Name);
    return Name;
}

/* A block of some variables; the caller destroys it. */
static PWSTR SomeEnvironment(VOID)
{
    PWSTR Environment = NULL;

    if (!NT_SUCCESS(RtlCreateEnvironment(FALSE, &Environment)))
        return NULL;
    for (ULONG Count = Below(8); Count != 0; Count--) {
        WCHAR Text[40];
        UNICODE_STRING Name = SomeName(), Value = InputUnicode(Text, SOME_PIECES(Text, ValuePieces, 4));

        TellUnicode("value", &Value);
        TellStatus(RtlSetEnvironmentVariable(&Environment, &Name, Once(6) ? NULL : &Value));
    }
    return Environment;
}

CASE(RtlSetEnvironmentVariable)
{
    PWSTR Environment = SomeEnvironment(), At;
    ULONG Count = 0;

    for (At = Environment; At != NULL && *At != 0; At += wcslen(At) + 1)
        Count++;
    Tell("entries", Count);
    TellPlace("end", At, Environment);
    RtlDestroyEnvironment(Environment);
}

CASE(RtlQueryEnvironmentVariable_U)
{
    PWSTR Environment = SomeEnvironment();
    UNICODE_STRING Name = SomeName(), Value = OutputUnicode(2 * Below(16));

    Tell("room", Value.MaximumLength);
    if (Environment != NULL)
        TellStatus(RtlQueryEnvironmentVariable_U(Environment, &Name, &Value));
    Tell("length", Value.Length);
    TellBytes("out", Value.Buffer, Value.MaximumLength);
    RtlDestroyEnvironment(Environment);
}

CASE(RtlQueryEnvironmentVariable)
{
    PWSTR Environment = SomeEnvironment();
    UNICODE_STRING Name = SomeName();
    SIZE_T Room = Below(16), Length = 0x7777;
    PWSTR Value = Output(Room * sizeof(WCHAR));

    Tell("room", Room);
    if (Environment != NULL)
        TellStatus(RtlQueryEnvironmentVariable(Environment, Name.Buffer, Name.Length / sizeof(WCHAR), Value, Room, &Length));
    Tell("length", Length);
    TellBytes("out", Value, Room * sizeof(WCHAR));
    RtlDestroyEnvironment(Environment);
}

CASE(RtlExpandEnvironmentStrings_U)
{
    static const PCWSTR Pieces[] = { L"x", L"text", L" ", L"=", L"\u00c9" };
    static const PCWSTR References[] = { L"%A%", L"%a%", L"%name%", L"%B%", L"%", L"%%", L"%=C:%", L"%\u00c9%", L"%none%" };
    PWSTR Environment = SomeEnvironment();
    WCHAR Text[80], Tail[30];
    UNICODE_STRING Source, Target;
    NTSTATUS Status;
    ULONG Needed = 0x7777, Length = SomePieces(Text, 30, Pieces, ARRAYSIZE(Pieces), 4);

    SOME_PIECES(Tail, Pieces, 4);
    if (wcschr(Text, L'%') != NULL || wcschr(Tail, L'%') != NULL)
        Length = 0;
    wcscpy(Text + Length, ONE_OF(References));
    wcscat(Text, Tail);
    Source = InputUnicode(Text, (ULONG)wcslen(Text));
    Target = OutputUnicode(2 * Below(60));

    TellUnicode("in", &Source);
    Tell("room", Target.MaximumLength);
    Status = RtlExpandEnvironmentStrings_U(Environment, &Source, &Target, &Needed);
    TellStatus(Status);
    Tell("needed", Needed);
    if (NT_SUCCESS(Status))
        TellUnicode("out", &Target);
    RtlDestroyEnvironment(Environment);
}

/* --- internet addresses ----------------------------------------------------------------------------------------------- */

static const PCWSTR Ipv4Pieces[] = { L"1", L".", L".", L".", L"255", L"256", L"0", L"0x", L"ff", L"07", L"08", L":", L"80", L"65536", L"4294967295", L"127.0.0.1",
    L"10.2.3", L" ", L"16777215", L"x" };
static const PCWSTR Ipv6Pieces[] = { L"1", L":", L":", L":", L"::", L"ffff", L"FFFF", L"0", L"12345", L"1.2.3.4", L"fe80::1", L"1:2:3:4:5:6:7:8", L"%", L"12", L"[", L"]",
    L"]:80", L"%4294967295", L"::ffff:", L"256", L"0x1", L".", L"g", L"5efe:" };

static PWSTR SomeAddress(const PCWSTR *Pieces, ULONG Count, PCHAR *Ansi)
{
    WCHAR Text[80];
    CHAR Bytes[80];
    ULONG Length = SomePieces(Text, ARRAYSIZE(Text) - 1, Pieces, Count, 8);

    for (ULONG i = 0; i < Length; i++)
        Text[i] = Text[i] < 0x7f ? Text[i] : L'z';
    TellText("in", Text, Length);
    ToBytes(Bytes, Text, Length);
    *Ansi = Input(Bytes, Length + 1);
    return Input(Text, (Length + 1) * sizeof(WCHAR));
}

static BOOLEAN HasHugeNumber(PCWSTR Text)
{
    ULONG64 Value = 0;

    for (; *Text != 0 && Value <= MAXDWORD; Text++)
        Value = *Text >= L'0' && *Text <= L'9' ? Value * 10 + (*Text - L'0') : 0;
    return Value > MAXDWORD;
}

static VOID TellAddress(NTSTATUS Status, const void *Address, ULONG Length, ULONG End)
{
    TellStatus(Status);
    if (!NT_SUCCESS(Status))
        return;
    TellBytes("out", Address, Length);
    Tell("end", End);
}

CASE(RtlIpv4StringToAddress)
{
    NTSTATUS Status;
    PCHAR Ansi, AnsiEnd;
    PWSTR Text = SomeAddress(Ipv4Pieces, ARRAYSIZE(Ipv4Pieces), &Ansi);
    PCWSTR End = Text;
    BOOLEAN Strict = (BOOLEAN)Below(2);
    PVOID Address = Output(4);

    if (HasHugeNumber(Text))
        return;
    AnsiEnd = Ansi;
    Tell("strict", Strict);
    Status = RtlIpv4StringToAddressW(Text, Strict, &End, Address);
    TellAddress(Status, Address, 4, (ULONG)(End - Text));
    Status = RtlIpv4StringToAddressA(Ansi, Strict, (PCSTR *)&AnsiEnd, Address);
    TellAddress(Status, Address, 4, (ULONG)(AnsiEnd - Ansi));
}

CASE(RtlIpv4StringToAddressEx)
{
    PCHAR Ansi;
    PWSTR Text = SomeAddress(Ipv4Pieces, ARRAYSIZE(Ipv4Pieces), &Ansi);
    BOOLEAN Strict = (BOOLEAN)Below(2);
    PVOID Address = Output(4);
    USHORT Port = 0x5555;

    if (HasHugeNumber(Text))
        return;
    Tell("strict", Strict);
    TellAddress(RtlIpv4StringToAddressExW(Text, Strict, Address, &Port), Address, 4, 0);
    Tell("port", Port);
    Port = 0x5555;
    TellAddress(RtlIpv4StringToAddressExA(Ansi, Strict, Address, &Port), Address, 4, 0);
    Tell("port", Port);
}

CASE(RtlIpv6StringToAddress)
{
    NTSTATUS Status;
    PCHAR Ansi, AnsiEnd;
    PWSTR Text = SomeAddress(Ipv6Pieces, ARRAYSIZE(Ipv6Pieces), &Ansi);
    PCWSTR End = Text;
    PVOID Address = Output(16);

    if (HasHugeNumber(Text))
        return;
    AnsiEnd = Ansi;
    Status = RtlIpv6StringToAddressW(Text, &End, Address);
    TellAddress(Status, Address, 16, (ULONG)(End - Text));
    Status = RtlIpv6StringToAddressA(Ansi, (PCSTR *)&AnsiEnd, Address);
    TellAddress(Status, Address, 16, (ULONG)(AnsiEnd - Ansi));
}

CASE(RtlIpv6StringToAddressEx)
{
    PCHAR Ansi;
    PWSTR Text = SomeAddress(Ipv6Pieces, ARRAYSIZE(Ipv6Pieces), &Ansi);
    PVOID Address = Output(16);
    ULONG Scope = 0x55555555;
    USHORT Port = 0x5555;

    if (HasHugeNumber(Text))
        return;
    TellAddress(RtlIpv6StringToAddressExW(Text, Address, &Scope, &Port), Address, 16, 0);
    Tell("port", Port);
    Tell("scope", Scope);
    TellAddress(RtlIpv6StringToAddressExA(Ansi, Address, &Scope, &Port), Address, 16, 0);
    Tell("port", Port);
    Tell("scope", Scope);
}

/* Runs of zeros, and the prefixes before which an IPv4 address is written as one.  Wine looks for zeros behind it, too. */
static PVOID SomeBinaryAddress(VOID)
{
    static const UCHAR Mapped[12] = { [10] = 0xff, [11] = 0xff }, Translated[12] = { [8] = 0xff, [9] = 0xff }, Isatap[12] = { [10] = 0x5e, [11] = 0xfe };
    UCHAR Bytes[16 + 2];

    SomeBytes(Bytes, sizeof(Bytes));
    Bytes[16] = 1;
    for (ULONG i = 0; i < 8; i++)
        if (Once(2))
            Bytes[2 * i] = Bytes[2 * i + 1] = 0;
    switch (Below(8)) {
    case 0: memcpy(Bytes, Mapped, sizeof(Mapped)); break;
    case 1: memcpy(Bytes, Translated, sizeof(Translated)); break;
    case 2: memcpy(Bytes + 8, Isatap + 8, 4); break;
    case 3: memset(Bytes, 0, 12); break;
    default: break;
    }
    TellBytes("in", Bytes, 16);
    return Input(Bytes, sizeof(Bytes));
}

CASE(RtlIpAddressToString)
{
    PVOID Address = SomeBinaryAddress();
    PWSTR Text = Output(46 * sizeof(WCHAR));
    PCHAR Ansi = Output(46);

    TellPlace("end", RtlIpv6AddressToStringW(Address, Text), Text);
    TellText("out", Text, 46);
    TellPlace("end", RtlIpv6AddressToStringA(Address, Ansi), Ansi);
    TellPlace("end", RtlIpv4AddressToStringW(Address, Text), Text);
    TellText("out", Text, 46);
    TellPlace("end", RtlIpv4AddressToStringA(Address, Ansi), Ansi);
}

CASE(RtlIpAddressToStringEx)
{
    PVOID Address = SomeBinaryAddress();
    ULONG Room = Below(70), Length = Room, Scope = Once(2) ? 0 : SomeUlong();
    USHORT Port = Once(2) ? 0 : (USHORT)SomeUlong();
    PWSTR Text = Output(Room * sizeof(WCHAR));

    Tell("room", Room);
    Tell("scope", Scope);
    Tell("port", Port);
    TellStatus(RtlIpv6AddressToStringExW(Address, Scope, Port, Text, &Length));
    Tell("length", Length);
    TellBytes("out", Text, Room * sizeof(WCHAR));
    Length = Room;
    Text = Output(Room * sizeof(WCHAR));
    TellStatus(RtlIpv4AddressToStringExW(Address, Port, Text, &Length));
    Tell("length", Length);
    TellBytes("out", Text, Room * sizeof(WCHAR));
}

const FUZZ_ROUTINE PathRoutines[] = {
    ROW(RtlDetermineDosPathNameType_U), ROW(RtlIsDosDeviceName_U), ROW(RtlGetFullPathName_U), ROW(RtlDosPathNameToNtPathName_U_WithStatus),
    ROW(RtlSetEnvironmentVariable), ROW(RtlQueryEnvironmentVariable_U), ROW(RtlQueryEnvironmentVariable), ROW(RtlExpandEnvironmentStrings_U),
    ROW(RtlIpv4StringToAddress), ROW(RtlIpv4StringToAddressEx), ROW(RtlIpv6StringToAddress), ROW(RtlIpv6StringToAddressEx),
    ROW(RtlIpAddressToString), ROW(RtlIpAddressToStringEx), { NULL, NULL }
};
