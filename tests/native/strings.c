/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Strings and conversions: counted strings, code pages (ASCII text only: it is the same in all), UTF-8, numbers, GUIDs,
 * names; the C library's string routines.
 * Runs on: Nereid and Wine.
 *
 * Wine takes a good byte for the rest of a character that the text's end cuts off; "one or more of the input characters were not
 * mapped" (RtlUTF8ToUnicodeN) says nothing of others.  A character that is cut in two by the buffer's end: Wine writes half of it; Microsoft says of RtlUTF8ToUnicodeN that the
 * count is that of the string as it was cut.
 */
#include "check.h"

SIZE_T __cdecl wcsnlen(const WCHAR *String, SIZE_T Maximum);

static VOID TestInit(VOID)
{
    UNICODE_STRING String;
    ANSI_STRING Ansi;
    static WCHAR Long[0x8000];

    CHECK_STATUS(STATUS_SUCCESS, RtlInitUnicodeStringEx(&String, L"abc"));
    CHECK(String.Length == 6 && String.MaximumLength == 8);
    CHECK_STATUS(STATUS_SUCCESS, RtlInitUnicodeStringEx(&String, NULL));
    CHECK(String.Length == 0 && String.MaximumLength == 0 && String.Buffer == NULL);
    for (ULONG i = 0; i < 0x7fff; i++)
        Long[i] = L'x';
    CHECK_STATUS(STATUS_NAME_TOO_LONG, RtlInitUnicodeStringEx(&String, Long));
    Long[0x7ffe] = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlInitUnicodeStringEx(&String, Long));
    CHECK(String.Length == 0xfffc && String.MaximumLength == 0xfffe);
    CHECK(RtlCreateUnicodeString(&String, L"abc") && String.Length == 6 && wcscmp(String.Buffer, L"abc") == 0);
    RtlFreeUnicodeString(&String);
    CHECK(String.Buffer == NULL && String.Length == 0);
    CHECK(RtlCreateUnicodeStringFromAsciiz(&String, "x-y") && String.Length == 6 && wcscmp(String.Buffer, L"x-y") == 0);
    RtlFreeUnicodeString(&String);
    RtlInitAnsiString(&Ansi, "abc");
    CHECK(Ansi.Length == 3 && Ansi.MaximumLength == 4);
}

static VOID TestDuplicate(VOID)
{
    UNICODE_STRING Source = RTL_CONSTANT_UNICODE_STRING(L"Hello");
    UNICODE_STRING Empty = { 0, 0, NULL };
    UNICODE_STRING Copy;

    CHECK_STATUS(STATUS_SUCCESS, RtlDuplicateUnicodeString(0, &Source, &Copy));
    CHECK(Copy.Length == 10 && Copy.MaximumLength == 10 && memcmp(Copy.Buffer, Source.Buffer, 10) == 0);
    RtlFreeUnicodeString(&Copy);
    CHECK_STATUS(STATUS_SUCCESS, RtlDuplicateUnicodeString(1, &Source, &Copy));
    CHECK(Copy.MaximumLength == 12 && Copy.Buffer[5] == 0);
    RtlFreeUnicodeString(&Copy);
    CHECK_STATUS(STATUS_SUCCESS, RtlDuplicateUnicodeString(1, &Empty, &Copy));
    CHECK(Copy.Length == 0 && Copy.Buffer == NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlDuplicateUnicodeString(3, &Empty, &Copy));
    CHECK(Copy.Length == 0 && Copy.MaximumLength == 2 && Copy.Buffer != NULL && Copy.Buffer[0] == 0);
    RtlFreeUnicodeString(&Copy);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDuplicateUnicodeString(2, &Source, &Copy));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDuplicateUnicodeString(4, &Source, &Copy));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDuplicateUnicodeString(0, NULL, &Copy));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDuplicateUnicodeString(0, &Source, NULL));
}

static VOID TestCase(VOID)
{
    UNICODE_STRING Source = RTL_CONSTANT_UNICODE_STRING(L"aZ\xe4\x3b1-9\x131");
    UNICODE_STRING Upper;
    WCHAR Short[3];

    CHECK_STATUS(STATUS_SUCCESS, RtlUpcaseUnicodeString(&Upper, &Source, TRUE));
    CHECK(Upper.Length == Source.Length && memcmp(Upper.Buffer, L"AZ\xc4\x391-9", 12) == 0);
    RtlFreeUnicodeString(&Upper);
    Upper = (UNICODE_STRING){ 0, sizeof(Short), Short };
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlUpcaseUnicodeString(&Upper, &Source, FALSE));
    CHECK(RtlUpperChar('a') == 'A' && RtlUpperChar('z') == 'Z' && RtlUpperChar('[') == '[' && RtlUpperChar('A') == 'A');
    CHECK(RtlCompareUnicodeStrings(L"abc", 3, L"ABC", 3, TRUE) == 0);
    CHECK(RtlCompareUnicodeStrings(L"abc", 3, L"ABC", 3, FALSE) > 0);
    CHECK(RtlCompareUnicodeStrings(L"abc", 2, L"abc", 3, FALSE) < 0);
    CHECK(RtlCompareUnicodeStrings(L"abd", 3, L"abc", 3, FALSE) > 0);
    CHECK(RtlCompareUnicodeStrings(L"", 0, L"", 0, FALSE) == 0);
}

/* A result that may be in the place of its source, or is cut where the space ends. */
static VOID TestDowncase(VOID)
{
    UNICODE_STRING Source = RTL_CONSTANT_UNICODE_STRING(L"Az\xc4\x391-9\x130"), Empty = { 0, 0, NULL }, Lower;
    WCHAR Chars[8] = L"ABCDEFG";

    CHECK_STATUS(STATUS_SUCCESS, RtlDowncaseUnicodeString(&Lower, &Source, TRUE));
    CHECK(Lower.Length == Source.Length && Lower.MaximumLength >= Source.Length && memcmp(Lower.Buffer, L"az\xe4\x3b1-9", 12) == 0);
    RtlFreeUnicodeString(&Lower);
    Lower = (UNICODE_STRING){ 77, 6, Chars };
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlDowncaseUnicodeString(&Lower, &Source, FALSE));
    CHECK(wcscmp(Chars, L"ABCDEFG") == 0);
    Lower = (UNICODE_STRING){ 6, 16, Chars };
    CHECK_STATUS(STATUS_SUCCESS, RtlDowncaseUnicodeString(&Lower, &Lower, FALSE));
    CHECK(Lower.Length == 6 && wcscmp(Chars, L"abcDEFG") == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlDowncaseUnicodeString(&Lower, &Empty, FALSE));
    CHECK(Lower.Length == 0 && Chars[0] == L'a');
}

/* Source: RtlCopyString, RtlUpperString, RtlAppendStringToString (Windows driver documentation). */
static VOID TestCountedCopies(VOID)
{
    CHAR Buffer[8] = "xxxxxxx";
    STRING Source, Target = { 3, 5, Buffer };

    RtlInitString(&Source, "abcdefgh");
    RtlCopyString(&Target, &Source);
    CHECK(Target.Length == 5 && Target.MaximumLength == 5 && memcmp(Buffer, "abcdexxx", 7) == 0);
    Source.Length = 2;
    RtlCopyString(&Target, &Source);
    CHECK(Target.Length == 2 && memcmp(Buffer, "abcdex", 6) == 0);
    RtlCopyString(&Target, NULL);
    CHECK(Target.Length == 0 && Target.MaximumLength == 5 && Buffer[0] == 'a');
    RtlInitString(&Source, "aZ[z`{1");
    RtlUpperString(&Target, &Source);
    CHECK(Target.Length == 5 && memcmp(Buffer, "AZ[Z`x", 6) == 0);
    Target = (STRING){ 5, 5, Buffer };
    memcpy(Buffer, "qwert", 5);
    RtlUpperString(&Target, &Target);
    CHECK(memcmp(Buffer, "QWERTx", 6) == 0);
    Source.Length = 0;
    RtlUpperString(&Target, &Source);
    CHECK(Target.Length == 0);
}

/* What does not fit is not appended in part; a terminating zero is not counted, and not written behind bytes. */
static VOID TestAppends(VOID)
{
    CHAR Buffer[10] = "xxxxxxxxx";
    STRING Target = { 0, 6, Buffer }, Source, Empty = { 0, 0, NULL };

    CHECK_STATUS(STATUS_SUCCESS, RtlAppendAsciizToString(&Target, "abc"));
    CHECK(Target.Length == 3 && memcmp(Buffer, "abcxx", 5) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlAppendAsciizToString(&Target, ""));
    CHECK_STATUS(STATUS_SUCCESS, RtlAppendAsciizToString(&Target, NULL));
    CHECK(Target.Length == 3);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlAppendAsciizToString(&Target, "defg"));
    CHECK(Target.Length == 3 && memcmp(Buffer, "abcxx", 5) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlAppendAsciizToString(&Target, "def"));
    CHECK(Target.Length == 6 && memcmp(Buffer, "abcdefx", 7) == 0);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlAppendAsciizToString(&Target, "g"));
    Target.Length = 2;
    RtlInitString(&Source, "12");
    CHECK_STATUS(STATUS_SUCCESS, RtlAppendStringToString(&Target, &Source));
    CHECK(Target.Length == 4 && memcmp(Buffer, "ab12efx", 7) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlAppendStringToString(&Target, &Empty));
    CHECK(Target.Length == 4);
    RtlInitString(&Source, "345");
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlAppendStringToString(&Target, &Source));
    CHECK(Target.Length == 4 && memcmp(Buffer, "ab12efx", 7) == 0);
    Target.MaximumLength = 8;
    CHECK_STATUS(STATUS_SUCCESS, RtlAppendStringToString(&Target, &Target));
    CHECK(Target.Length == 8 && memcmp(Buffer, "ab12ab12x", 9) == 0);
}

/* Nothing appended is nothing written: no terminating zero either. */
static VOID TestAppendNothing(VOID)
{
    WCHAR Chars[4] = L"abc";
    UNICODE_STRING Target = { 2, 6, Chars }, Empty = { 0, 0, NULL };

    CHECK_STATUS(STATUS_SUCCESS, RtlAppendUnicodeStringToString(&Target, &Empty));
    CHECK(Target.Length == 2 && wcscmp(Chars, L"abc") == 0);
}

/* --- code pages -------------------------------------------------------------------------------------------------- */

static VOID TestCounts(VOID)
{
    CHAR Bytes[16];
    WCHAR Chars[16];
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlMultiByteToUnicodeSize(&Length, "abcd", 4));
    CHECK(Length == 8);
    CHECK_STATUS(STATUS_SUCCESS, RtlMultiByteToUnicodeN(Chars, sizeof(Chars), &Length, "abcd", 4));
    CHECK(Length == 8 && memcmp(Chars, L"abcd", 8) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlMultiByteToUnicodeN(Chars, 5, &Length, "wxyz", 4));
    CHECK(Length == 4 && memcmp(Chars, L"wxcd", 8) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlMultiByteToUnicodeN(Chars, sizeof(Chars), NULL, "q", 1));
    CHECK(Chars[0] == L'q');
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToMultiByteSize(&Length, L"abcd", 8));
    CHECK(Length == 4);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToMultiByteN(Bytes, sizeof(Bytes), &Length, L"abcd", 8));
    CHECK(Length == 4 && memcmp(Bytes, "abcd", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToMultiByteN(Bytes, 2, &Length, L"wxyz", 8));
    CHECK(Length == 2 && memcmp(Bytes, "wxcd", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToOemN(Bytes, sizeof(Bytes), &Length, L"oem", 6));
    CHECK(Length == 3 && memcmp(Bytes, "oem", 3) == 0);
}

static VOID TestAnsi(VOID)
{
    UNICODE_STRING Unicode = RTL_CONSTANT_UNICODE_STRING(L"Nereid"), Wide;
    WCHAR Chars[4];
    CHAR Bytes[4];
    ANSI_STRING Ansi;

    CHECK(RtlUnicodeStringToAnsiSize(&Unicode) == 7 && RtlUnicodeStringToOemSize(&Unicode) == 7);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeStringToAnsiString(&Ansi, &Unicode, TRUE));
    CHECK(Ansi.Length == 6 && Ansi.MaximumLength == 7 && strcmp(Ansi.Buffer, "Nereid") == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlAnsiStringToUnicodeString(&Wide, &Ansi, TRUE));
    CHECK(Wide.Length == 12 && Wide.MaximumLength == 14 && wcscmp(Wide.Buffer, L"Nereid") == 0);
    RtlFreeUnicodeString(&Wide);
    CHECK_STATUS(STATUS_SUCCESS, RtlOemStringToUnicodeString(&Wide, &Ansi, TRUE));
    CHECK(Wide.Length == 12 && wcscmp(Wide.Buffer, L"Nereid") == 0);
    RtlFreeUnicodeString(&Wide);
    Wide = (UNICODE_STRING){ 0, sizeof(Chars), Chars };
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlAnsiStringToUnicodeString(&Wide, &Ansi, FALSE));
    CHECK(Wide.Length == 12);
    Wide.Length = 0;
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlOemStringToUnicodeString(&Wide, &Ansi, FALSE));
    CHECK(Wide.Length == 12);
    RtlFreeAnsiString(&Ansi);
    CHECK(Ansi.Buffer == NULL);
    Ansi = (ANSI_STRING){ 0, sizeof(Bytes), Bytes };
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlUnicodeStringToAnsiString(&Ansi, &Unicode, FALSE));
    CHECK(Ansi.Length == 3 && strcmp(Bytes, "Ner") == 0);
    Ansi.MaximumLength = 0;
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlUnicodeStringToAnsiString(&Ansi, &Unicode, FALSE));
    CHECK(Ansi.Length == 6);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeStringToOemString(&Ansi, &Unicode, TRUE));
    CHECK(Ansi.Length == 6 && strcmp(Ansi.Buffer, "Nereid") == 0);
    RtlFreeAnsiString(&Ansi);
}

static VOID TestUtf8(VOID)
{
    static const WCHAR Wide[] = L"a\xe4\x20ac\xd83d\xde00";
    static const CHAR Narrow[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
    CHAR Bytes[32];
    WCHAR Chars[32];
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToUTF8N(NULL, 0, &Length, Wide, sizeof(Wide)));
    CHECK(Length == sizeof(Narrow));
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToUTF8N(Bytes, sizeof(Bytes), &Length, Wide, sizeof(Wide)));
    CHECK(Length == sizeof(Narrow) && memcmp(Bytes, Narrow, Length) == 0);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlUnicodeToUTF8N(Bytes, 5, &Length, Wide, sizeof(Wide)));
    CHECK(Length == 3);
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUnicodeToUTF8N(Bytes, sizeof(Bytes), &Length, L"\xd83d-", 4));
    CHECK(Length == 4 && memcmp(Bytes, "\xef\xbf\xbd-", 4) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, RtlUnicodeToUTF8N(Bytes, sizeof(Bytes), &Length, NULL, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlUnicodeToUTF8N(NULL, 0, NULL, Wide, 2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_5, RtlUnicodeToUTF8N(Bytes, sizeof(Bytes), &Length, Wide, 3));

    CHECK_STATUS(STATUS_SUCCESS, RtlUTF8ToUnicodeN(NULL, 0, &Length, Narrow, sizeof(Narrow)));
    CHECK(Length == sizeof(Wide));
    CHECK_STATUS(STATUS_SUCCESS, RtlUTF8ToUnicodeN(Chars, sizeof(Chars), &Length, Narrow, sizeof(Narrow)));
    CHECK(Length == sizeof(Wide) && memcmp(Chars, Wide, Length) == 0);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlUTF8ToUnicodeN(Chars, 8, &Length, Narrow, sizeof(Narrow)));
    TODO(OnWine, CHECK(Length == 6));
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUTF8ToUnicodeN(Chars, sizeof(Chars), &Length, "a\xff" "b", 3));
    CHECK(Length == 6 && Chars[1] == 0xfffd && Chars[2] == L'b');
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUTF8ToUnicodeN(Chars, sizeof(Chars), &Length, "\xc0\x80", 2));
    CHECK(Chars[0] == 0xfffd);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, RtlUTF8ToUnicodeN(Chars, sizeof(Chars), &Length, NULL, 0));
}

/* Two bytes, and more behind them: a second byte that makes the value too small, too large or a surrogate belongs to the lead
 * byte's mistake, another one does not. */
static ULONG DecodePair(UCHAR First, UCHAR Second, WCHAR Chars[2])
{
    Chars[0] = First < 0x80 ? First : 0xfffd;
    Chars[1] = Second < 0x80 ? Second : 0xfffd;
    if (First < 0xc2 || First > 0xf4 || Second < 0x80 || Second > 0xbf)
        return 2;
    Chars[0] = First < 0xe0 ? (WCHAR)((First & 0x1f) << 6 | (Second & 0x3f)) : 0xfffd;
    return 1;
}

static VOID TestMalformedPairs(VOID)
{
    WCHAR Wide[8], Expected[8];
    ULONG Wrong = 0, Length;

    for (ULONG Pair = 0; Pair < 0x10000; Pair++) {
        CHAR Narrow[5] = { (CHAR)(Pair >> 8), (CHAR)Pair, 'x', 'y', 'z' };
        ULONG Count = DecodePair((UCHAR)(Pair >> 8), (UCHAR)Pair, Expected);

        memcpy(Expected + Count, L"xyz", 6);
        RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Length, Narrow, sizeof(Narrow));
        Wrong += Length != (Count + 3) * sizeof(WCHAR) || memcmp(Wide, Expected, Length) != 0;
    }
    CHECK(Wrong == 0);
    /* The end within a character. */
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Length, "a\xe2\x82", 3));
    CHECK(Length == 4 && memcmp(Wide, L"a\xfffd", 4) == 0);
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Length, "\xf0\x9f\x98", 3));
    CHECK(Length == 2 && Wide[0] == 0xfffd);
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Length, "\xed\xa0", 2));
    CHECK(Length == 2 && Wide[0] == 0xfffd);
    CHECK_STATUS(STATUS_SOME_NOT_MAPPED, RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Length, "\xf0\x9fz", 3));
    TODO(OnWine, CHECK(Length == 4 && memcmp(Wide, L"\xfffdz", 4) == 0));
}

/* Characters between the boundaries in steps, to and fro. */
static VOID TestRoundTrip(VOID)
{
    static const ULONG Ends[] = { 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x3ffff, 0x10fffe, 0x10ffff };
    ULONG Wrong = 0, Length, Back, Next = 0;
    WCHAR Wide[2], There[2];
    CHAR Narrow[4];

    for (ULONG Value = 0; Value < 0x110000;) {
        ULONG Count = Value < 0x10000 ? 1 : 2, Expected = Value < 0x80 ? 1 : Value < 0x800 ? 2 : Value < 0x10000 ? 3 : 4;

        Wide[0] = (WCHAR)(Count == 1 ? Value : 0xd800 + ((Value - 0x10000) >> 10));
        Wide[1] = (WCHAR)(0xdc00 + (Value & 0x3ff));
        if (Value < 0xd800 || Value >= 0xe000)
            Wrong += RtlUnicodeToUTF8N(Narrow, sizeof(Narrow), &Length, Wide, Count * sizeof(WCHAR)) != STATUS_SUCCESS || Length != Expected ||
                     RtlUTF8ToUnicodeN(There, sizeof(There), &Back, Narrow, Length) != STATUS_SUCCESS || Back != Count * sizeof(WCHAR) ||
                     memcmp(Wide, There, Back) != 0;
        Value += 97;
        if (Next < ARRAYSIZE(Ends) && Value > Ends[Next])
            Value = Ends[Next++];
    }
    CHECK(Wrong == 0 && Next == ARRAYSIZE(Ends));
}

/* --- numbers, GUIDs, names --------------------------------------------------------------------------------------- */

static VOID TestNumbers(VOID)
{
    ULONG Value = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlCharToInteger("  -12", 0, &Value));
    CHECK(Value == (ULONG)-12);
    CHECK_STATUS(STATUS_SUCCESS, RtlCharToInteger("0x1fg", 0, &Value));
    CHECK(Value == 0x1f);
    CHECK_STATUS(STATUS_SUCCESS, RtlCharToInteger("0b101", 0, &Value));
    CHECK(Value == 5);
    CHECK_STATUS(STATUS_SUCCESS, RtlCharToInteger("0o17", 0, &Value));
    CHECK(Value == 15);
    CHECK_STATUS(STATUS_SUCCESS, RtlCharToInteger("ff", 16, &Value));
    CHECK(Value == 255);
    CHECK_STATUS(STATUS_SUCCESS, RtlCharToInteger("", 10, &Value));
    CHECK(Value == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCharToInteger("1", 7, &Value));
}

static VOID TestGuid(VOID)
{
    UNICODE_STRING Text = RTL_CONSTANT_UNICODE_STRING(L"{00112233-4455-6677-8899-aAbBcCdDeEfF}");
    UNICODE_STRING Bad = RTL_CONSTANT_UNICODE_STRING(L"{00112233-4455-6677-8899-aabbccddeefg}");
    UNICODE_STRING Short = RTL_CONSTANT_UNICODE_STRING(L"{00112233-4455");
    static const UCHAR Expected[8] = { 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
    UNICODE_STRING Back;
    GUID Guid = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, RtlGUIDFromString(&Text, &Guid));
    CHECK(Guid.Data1 == 0x00112233 && Guid.Data2 == 0x4455 && Guid.Data3 == 0x6677);
    CHECK(memcmp(Guid.Data4, Expected, 8) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGUIDFromString(&Bad, &Guid));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGUIDFromString(&Short, &Guid));
    CHECK_STATUS(STATUS_SUCCESS, RtlStringFromGUID(&Guid, &Back));
    CHECK(Back.Length == 76 && wcscmp(Back.Buffer, L"{00112233-4455-6677-8899-AABBCCDDEEFF}") == 0);
    RtlFreeUnicodeString(&Back);
}

static BOOLEAN IsShortName(PCWSTR Name, PBOOLEAN Spaces)
{
    UNICODE_STRING String;

    *Spaces = 7;
    RtlInitUnicodeString(&String, Name);
    return RtlIsNameLegalDOS8Dot3(&String, NULL, Spaces);
}

static VOID TestShortNames(VOID)
{
    BOOLEAN Spaces;

    CHECK(IsShortName(L"FILE.TXT", &Spaces) && !Spaces);
    CHECK(IsShortName(L"12345678.123", &Spaces) && IsShortName(L"A", &Spaces));
    CHECK(!IsShortName(L"123456789.TXT", &Spaces) && !IsShortName(L"A.LONG", &Spaces) && !IsShortName(L"A.B.C", &Spaces));
    CHECK(!IsShortName(L"A+B", &Spaces) && !IsShortName(L"A*", &Spaces));
    CHECK(IsShortName(L"A B.C", &Spaces) && Spaces);
    CHECK(IsShortName(L".", &Spaces) && IsShortName(L"..", &Spaces));
    CHECK(!IsShortName(L".A", &Spaces) && !IsShortName(L"A.", &Spaces));
    CHECK(IsShortName(L".", &Spaces) && !Spaces && IsShortName(L"..", &Spaces) && !Spaces);
    CHECK(IsShortName(L"", &Spaces) && !Spaces);
    CHECK(!IsShortName(L" A", &Spaces) && !IsShortName(L"A .B", &Spaces) && !IsShortName(L"A.B ", &Spaces) && IsShortName(L"A. B", &Spaces));
    CHECK(!IsShortName(L"A\x4e00", &Spaces));
    TODO(OnWine, CHECK(!IsShortName(L"A\1", &Spaces)));
}

/* The OEM name is in capitals; what the page has no character for has no short name. */
static VOID TestShortOemName(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"re\xe4" L"d.me"), Unmapped = RTL_CONSTANT_UNICODE_STRING(L"a\x3c0\x4e00");
    CHAR Bytes[16] = "", Expected[4] = "";
    STRING Oem = { 0, sizeof(Bytes), Bytes };
    ULONG Length = 0;

    RtlUnicodeToOemN(Expected, sizeof(Expected), &Length, L"\xc4", sizeof(WCHAR));
    CHECK(RtlIsNameLegalDOS8Dot3(&Name, &Oem, NULL));
    CHECK(Oem.Length == 7 && memcmp(Bytes, "RE", 2) == 0 && Bytes[2] == Expected[0] && memcmp(Bytes + 3, "D.ME", 4) == 0);
    CHECK(!RtlIsNameLegalDOS8Dot3(&Unmapped, &Oem, NULL));
    Oem.MaximumLength = 3;
    CHECK(!RtlIsNameLegalDOS8Dot3(&Name, &Oem, NULL));
}

/* The terminating zero needs room, and the length is that of the whole number. */
static VOID TestNumberRoom(VOID)
{
    WCHAR Chars[4] = L"xyz";
    UNICODE_STRING Text = { 0, 6, Chars };

    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlIntegerToUnicodeString(123, 10, &Text));
    CHECK(Text.Length == 6 && wcscmp(Chars, L"xyz") == 0);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlInt64ToUnicodeString(1000000000000ull, 10, &Text));
    CHECK(Text.Length == 26);
    Text.MaximumLength = 8;
    CHECK_STATUS(STATUS_SUCCESS, RtlIntegerToUnicodeString(123, 10, &Text));
    CHECK(Text.Length == 6 && wcscmp(Chars, L"123") == 0);
}

/* --- the C library's ----------------------------------------------------------------------------------------------- */

static VOID TestCRuntime(VOID)
{
    CHAR Bytes[16] = "ab";
    static const WCHAR Text[] = L"hello, world";

    CHECK(strcmp(strcat(Bytes, "cd"), "abcd") == 0);
    CHECK(strpbrk("hello", "xlo") != NULL && *strpbrk("hello", "xlo") == 'l' && strpbrk("hello", "xyz") == NULL);
    CHECK(_strnicmp("ABCx", "abcy", 3) == 0 && _strnicmp("ABCx", "abcy", 4) < 0 && _strnicmp("b", "A", 9) > 0);
    CHECK(wcscspn(Text, L",w") == 5 && wcscspn(Text, L"#") == 12 && wcsspn(Text, L"leh") == 4 && wcsspn(Text, L"") == 0);
    CHECK(wcspbrk(Text, L"wo") == Text + 4 && wcspbrk(Text, L"#") == NULL);
    CHECK(wcsnlen(Text, 5) == 5 && wcsnlen(Text, 50) == 12 && wcsnlen(Text, 0) == 0);
    for (ULONG c = 0; c < 128; c++) {
        BOOLEAN Digit = c >= '0' && c <= '9', Lower = c >= 'a' && c <= 'z', Upper = c >= 'A' && c <= 'Z';

        CHECK(!!isalnum(c) == (Digit || Lower || Upper) && !!islower(c) == Lower);
        CHECK(!!isxdigit(c) == (Digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
    }
}

static int Format(PSTR Buffer, SIZE_T Count, PCSTR Text, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Text);
    Length = _vsnprintf(Buffer, Count, Text, Arguments);
    va_end(Arguments);
    return Length;
}

/* A prefix without digits is no number; a negative number that fits; letters of ASCII alone have a case. */
static VOID TestCNumbers(VOID)
{
    static const WCHAR Prefix[] = L" 0X", Wide[] = L"-18446744073709551615";
    WCHAR *WideEnd;
    PSTR End;

    CHECK(strtol("0x", &End, 0) == 0 && *End == '0' && strtol("0xg", &End, 16) == 0 && *End == '0');
    CHECK(wcstol(Prefix, &WideEnd, 16) == 0 && WideEnd == Prefix);
    CHECK(strtoul("-4294967295", NULL, 10) == 1 && strtoul("-1", NULL, 0) == 0xffffffff && _wcstoui64(Wide, NULL, 10) == 1);
    CHECK(strtoul("4294967296", NULL, 10) == 0xffffffff);
    CHECK(_wcsicmp(L"aZ\xe9", L"Az\xe9") == 0 && _wcsicmp(L"\xe9", L"\xc9") > 0 && _wcsnicmp(L"a\xe9", L"A\xc9", 1) == 0);
}

static int FormatWide(PWSTR Buffer, SIZE_T Count, PCWSTR Text, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Text);
    Length = _vsnwprintf(Buffer, Count, Text, Arguments);
    va_end(Arguments);
    return Length;
}

/* The flag 0 fills up texts, an octal number has one zero in front at least, wide text stays as it is. */
static VOID TestFlags(VOID)
{
    CHAR Buffer[32];
    WCHAR Wide[32];

    CHECK(Format(Buffer, sizeof(Buffer), "%05s|%-05s|%03c", "ab", "cd", 'e') == 15 && strcmp(Buffer, "000ab|cd   |00e") == 0);
    CHECK(Format(Buffer, sizeof(Buffer), "%#o|%#.4o|%#o|%#5o", 8, 8, 0, 8) == 16 && strcmp(Buffer, "010|0010|0|  010") == 0);
    CHECK(FormatWide(Wide, 32, L"%04s|%ls", L"x", L"\xd83d-\xdc00") == 8 && wcscmp(Wide, L"000x|\xd83d-\xdc00") == 0);
}

static VOID TestFormat(VOID)
{
    CHAR Buffer[32];

    CHECK(Format(Buffer, sizeof(Buffer), "%d %s %04x", -5, "abc", 0xbeef) == 11);
    CHECK(strcmp(Buffer, "-5 abc beef") == 0);
    memset(Buffer, '#', sizeof(Buffer));
    CHECK(Format(Buffer, 4, "%s", "abcdef") == -1 && memcmp(Buffer, "abcd#", 5) == 0);
    CHECK(Format(Buffer, 4, "%s", "wxyz") == 4 && memcmp(Buffer, "wxyz#", 5) == 0);
    CHECK(Format(Buffer, sizeof(Buffer), "%I64x|%-5d|%5.1s|%c", 0x123456789abcull, 42, "xyz", 'q') == 26);
    CHECK(strcmp(Buffer, "123456789abc|42   |    x|q") == 0);
    CHECK(Format(Buffer, sizeof(Buffer), "%ls %S", L"wide", L"W") == 6 && strcmp(Buffer, "wide W") == 0);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestInit();
    TestDuplicate();
    TestCase();
    TestDowncase();
    TestCountedCopies();
    TestAppends();
    TestAppendNothing();
    TestCounts();
    TestAnsi();
    TestUtf8();
    TestMalformedPairs();
    TestRoundTrip();
    TestNumbers();
    TestNumberRoom();
    TestGuid();
    TestShortNames();
    TestShortOemName();
    TestCRuntime();
    TestFormat();
    TestFlags();
    TestCNumbers();
    return CheckClose();
}
