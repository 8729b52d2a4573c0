/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Numbers and GUIDs as text, and the C library's string to number functions.
 */
#include "rtl.h"

/* Value of a digit; 36 for what is none. */
static ULONG RtlpDigit(ULONG Character)
{
    if (Character >= '0' && Character <= '9')
        return Character - '0';
    if (Character >= 'a' && Character <= 'z')
        return Character - 'a' + 10;
    if (Character >= 'A' && Character <= 'Z')
        return Character - 'A' + 10;
    return 36;
}

/* --- NT: a sign and a prefix 0x, 0o, 0b where Base is 0; no error for trailing text ------------------------------ */

static NTSTATUS RtlpParseInteger(ULONG (*Next)(const void *Text, SIZE_T Index), const void *Text, SIZE_T Length,
        ULONG Base, PULONG Value)
{
    SIZE_T At = 0;
    BOOLEAN Negative = FALSE;
    ULONG Result = 0;

    while (At < Length && Next(Text, At) != 0 && Next(Text, At) <= ' ')
        At++;
    if (At < Length && (Next(Text, At) == '-' || Next(Text, At) == '+'))
        Negative = Next(Text, At++) == '-';
    if (Base == 0) {
        Base = 10;
        if (At + 1 < Length && Next(Text, At) == '0') {
            ULONG Mark = Next(Text, At + 1);

            Base = Mark == 'x' ? 16 : Mark == 'o' ? 8 : Mark == 'b' ? 2 : 10;
            At += Base != 10 ? 2 : 0;
        }
    } else if (Base != 2 && Base != 8 && Base != 10 && Base != 16) {
        return STATUS_INVALID_PARAMETER;
    }
    for (; At < Length && RtlpDigit(Next(Text, At)) < Base; At++)
        Result = Result * Base + RtlpDigit(Next(Text, At));
    *Value = Negative ? 0 - Result : Result;
    return STATUS_SUCCESS;
}

static ULONG RtlpNarrowAt(const void *Text, SIZE_T Index)
{
    return ((const UCHAR *)Text)[Index];
}

static ULONG RtlpWideAt(const void *Text, SIZE_T Index)
{
    return ((const WCHAR *)Text)[Index];
}

NTSTATUS NTAPI RtlCharToInteger(PCSZ String, ULONG Base, PULONG Value)
{
    return RtlpParseInteger(RtlpNarrowAt, String, strlen(String), Base, Value);
}

NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value)
{
    return RtlpParseInteger(RtlpWideAt, String->Buffer, String->Length / sizeof(WCHAR), Base, Value);
}

/* Digits of Value, backwards from End; their number.  Base is checked by the callers. */
static ULONG RtlpDigits(ULONGLONG Value, ULONG Base, char *End)
{
    char *At = End;

    do {
        *--At = "0123456789ABCDEF"[Value % Base];
        Value /= Base;
    } while (Value != 0);
    return (ULONG)(End - At);
}

static BOOLEAN RtlpIsBase(PULONG Base)
{
    if (*Base == 0)
        *Base = 10;
    return *Base == 2 || *Base == 8 || *Base == 10 || *Base == 16;
}

NTSTATUS NTAPI RtlIntegerToChar(ULONG Value, ULONG Base, ULONG Length, PCHAR String)
{
    char Digits[32];
    ULONG Count, Zeros = 0;

    if (!RtlpIsBase(&Base))
        return STATUS_INVALID_PARAMETER;
    Count = RtlpDigits(Value, Base, Digits + sizeof(Digits));
    if ((LONG)Length < 0) {
        Length = 0 - Length;
        Zeros = Length > Count ? Length - Count : 0;
    }
    if (Count > Length)
        return STATUS_BUFFER_OVERFLOW;
    if (String == NULL)
        return STATUS_ACCESS_VIOLATION;
    memset(String, '0', Zeros);
    memcpy(String + Zeros, Digits + sizeof(Digits) - Count, Count);
    if (Count + Zeros < Length)
        String[Count] = 0;
    return STATUS_SUCCESS;
}

/* As the conversions of strings: the terminating zero needs its room, and the length is told without it too. */
NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG Value, ULONG Base, PUNICODE_STRING String)
{
    char Digits[64];
    ULONG Count;

    if (!RtlpIsBase(&Base))
        return STATUS_INVALID_PARAMETER;
    Count = RtlpDigits(Value, Base, Digits + sizeof(Digits));
    String->Length = (USHORT)(Count * sizeof(WCHAR));
    if (String->Length + sizeof(WCHAR) > String->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    for (ULONG Index = 0; Index < Count; Index++)
        String->Buffer[Index] = (WCHAR)Digits[sizeof(Digits) - Count + Index];
    String->Buffer[Count] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String)
{
    return RtlInt64ToUnicodeString(Value, Base, String);
}

/* --- GUIDs: {XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX} --------------------------------------------------------------- */

#define GUID_CHARACTERS 38

static BOOLEAN RtlpHexField(const WCHAR *Text, ULONG Digits, PULONG Value)
{
    *Value = 0;
    for (ULONG Index = 0; Index < Digits; Index++) {
        ULONG Digit = RtlpDigit(Text[Index]);

        if (Digit >= 16)
            return FALSE;
        *Value = *Value << 4 | Digit;
    }
    return TRUE;
}

NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING GuidString, GUID *Guid)
{
    static const UCHAR Places[8] = { 20, 22, 25, 27, 29, 31, 33, 35 };
    const WCHAR *Text = GuidString->Buffer;
    ULONG Data1, Data2, Data3, Byte;

    if (GuidString->Length < GUID_CHARACTERS * sizeof(WCHAR) || Text[0] != '{' || Text[9] != '-' || Text[14] != '-' ||
        Text[19] != '-' || Text[24] != '-' || Text[37] != '}' || !RtlpHexField(Text + 1, 8, &Data1) ||
        !RtlpHexField(Text + 10, 4, &Data2) || !RtlpHexField(Text + 15, 4, &Data3))
        return STATUS_INVALID_PARAMETER;
    Guid->Data1 = Data1;
    Guid->Data2 = (USHORT)Data2;
    Guid->Data3 = (USHORT)Data3;
    for (ULONG Index = 0; Index < 8; Index++) {
        if (!RtlpHexField(Text + Places[Index], 2, &Byte))
            return STATUS_INVALID_PARAMETER;
        Guid->Data4[Index] = (UCHAR)Byte;
    }
    return STATUS_SUCCESS;
}

/* The string is allocated; RtlFreeUnicodeString. */
NTSTATUS NTAPI RtlStringFromGUID(const GUID *Guid, PUNICODE_STRING GuidString)
{
    GuidString->Length = GUID_CHARACTERS * sizeof(WCHAR);
    GuidString->MaximumLength = GuidString->Length + sizeof(WCHAR);
    GuidString->Buffer = RtlpAllocate(GuidString->MaximumLength);
    if (GuidString->Buffer == NULL)
        return STATUS_NO_MEMORY;
    _snwprintf(GuidString->Buffer, GUID_CHARACTERS + 1, L"{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
            Guid->Data1, Guid->Data2, Guid->Data3, Guid->Data4[0], Guid->Data4[1], Guid->Data4[2], Guid->Data4[3],
            Guid->Data4[4], Guid->Data4[5], Guid->Data4[6], Guid->Data4[7]);
    return STATUS_SUCCESS;
}

/* --- C ----------------------------------------------------------------------------------------------------------- */

/* Parses blanks, sign, prefix, digits; returns the magnitude, Limit at most (*Overflow: cut to that).  *End is 0 if there are no digits: those behind a
 * prefix count, its own zero does not. */
static ULONGLONG RtlpParseC(ULONG (*Next)(const void *Text, SIZE_T Index), const void *Text, SIZE_T *End, ULONG Base,
        ULONGLONG Limit, BOOLEAN *Negative, BOOLEAN *Overflow)
{
    SIZE_T At = 0, First;
    ULONGLONG Value = 0;

    *End = 0;
    *Overflow = FALSE;
    *Negative = FALSE;
    while (isspace((int)Next(Text, At)))
        At++;
    if (Next(Text, At) == '-' || Next(Text, At) == '+')
        *Negative = Next(Text, At++) == '-';
    if ((Base == 0 || Base == 16) && Next(Text, At) == '0' && (Next(Text, At + 1) | 0x20) == 'x') {
        At += 2;
        Base = 16;
    }
    if (Base == 0)
        Base = Next(Text, At) == '0' ? 8 : 10;
    for (First = At; RtlpDigit(Next(Text, At)) < Base; At++) {
        ULONG Digit = RtlpDigit(Next(Text, At));

        if (Value > (~0ull - Digit) / Base)
            *Overflow = TRUE;
        Value = Value * Base + Digit;
    }
    if (At != First)
        *End = At;
    *Overflow |= Value > Limit;
    return *Overflow ? Limit : Value;
}

static long RtlpSigned(ULONGLONG Magnitude, BOOLEAN Negative)
{
    if (Negative)
        return Magnitude >= 0x80000000u ? -0x7fffffffl - 1 : -(long)Magnitude;
    return Magnitude > 0x7fffffff ? 0x7fffffff : (long)Magnitude;
}

/* What is too large stays the largest number, whatever its sign. */
static ULONGLONG RtlpUnsigned(ULONGLONG Magnitude, BOOLEAN Negative, BOOLEAN Overflow)
{
    return Negative && !Overflow ? 0 - Magnitude : Magnitude;
}

long strtol(const char *String, char **End, int Base)
{
    BOOLEAN Negative, Overflow;
    SIZE_T Used;
    ULONGLONG Magnitude = RtlpParseC(RtlpNarrowAt, String, &Used, (ULONG)Base, 0x80000000u, &Negative, &Overflow);

    if (End != NULL)
        *End = (char *)String + Used;
    return RtlpSigned(Magnitude, Negative);
}

unsigned long strtoul(const char *String, char **End, int Base)
{
    BOOLEAN Negative, Overflow;
    SIZE_T Used;
    ULONGLONG Magnitude = RtlpParseC(RtlpNarrowAt, String, &Used, (ULONG)Base, 0xffffffffu, &Negative, &Overflow);

    if (End != NULL)
        *End = (char *)String + Used;
    return (unsigned long)RtlpUnsigned(Magnitude, Negative, Overflow);
}

unsigned long long _strtoui64(const char *String, char **End, int Base)
{
    BOOLEAN Negative, Overflow;
    SIZE_T Used;
    ULONGLONG Magnitude = RtlpParseC(RtlpNarrowAt, String, &Used, (ULONG)Base, ~0ull, &Negative, &Overflow);

    if (End != NULL)
        *End = (char *)String + Used;
    return RtlpUnsigned(Magnitude, Negative, Overflow);
}

long wcstol(const wchar_t *String, wchar_t **End, int Base)
{
    BOOLEAN Negative, Overflow;
    SIZE_T Used;
    ULONGLONG Magnitude = RtlpParseC(RtlpWideAt, String, &Used, (ULONG)Base, 0x80000000u, &Negative, &Overflow);

    if (End != NULL)
        *End = (wchar_t *)String + Used;
    return RtlpSigned(Magnitude, Negative);
}

unsigned long wcstoul(const wchar_t *String, wchar_t **End, int Base)
{
    BOOLEAN Negative, Overflow;
    SIZE_T Used;
    ULONGLONG Magnitude = RtlpParseC(RtlpWideAt, String, &Used, (ULONG)Base, 0xffffffffu, &Negative, &Overflow);

    if (End != NULL)
        *End = (wchar_t *)String + Used;
    return (unsigned long)RtlpUnsigned(Magnitude, Negative, Overflow);
}

unsigned long long _wcstoui64(const wchar_t *String, wchar_t **End, int Base)
{
    BOOLEAN Negative, Overflow;
    SIZE_T Used;
    ULONGLONG Magnitude = RtlpParseC(RtlpWideAt, String, &Used, (ULONG)Base, ~0ull, &Negative, &Overflow);

    if (End != NULL)
        *End = (wchar_t *)String + Used;
    return RtlpUnsigned(Magnitude, Negative, Overflow);
}
