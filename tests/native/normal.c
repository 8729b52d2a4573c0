/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Normalization and internationalized domain names.
 * Runs on: Nereid and Wine.
 *
 * The normalization tables are files of the volume: without them (NtGetNlsSectionPtr fails) only the parts that need no
 * table are tested.
 */
#include "check.h"

static WCHAR Out[512];

/* Form, input, expected result. */
static const struct {
    ULONG Form;
    PCWSTR Source;
    PCWSTR Result;
} Rows[] = {
    { 1, L"plain", L"plain" }, { 2, L"plain", L"plain" },
    { 1, L"A\x300", L"\xc0" }, { 2, L"\xc0", L"A\x300" },
    { 1, L"\xc0\x323", L"\x1ea0\x300" }, { 2, L"\xc0\x323", L"A\x323\x300" },
    { 1, L"A\x323\x300", L"\x1ea0\x300" }, { 1, L"A\x300\x323", L"\x1ea0\x300" },
    { 1, L"\x1e9b\x323", L"\x1e9b\x323" }, { 2, L"\x1e9b\x323", L"\x17f\x323\x307" },
    { 5, L"\x1e9b\x323", L"\x1e69" }, { 6, L"\x1e9b\x323", L"s\x323\x307" },
    { 1, L"\x1100\x1161\x11a8", L"\xac01" }, { 2, L"\xac01", L"\x1100\x1161\x11a8" },
    { 1, L"\xac00\x11a8", L"\xac01" }, { 2, L"\xd7a3", L"\x1112\x1175\x11c2" }, { 1, L"\x1100\x1100\x1161", L"\x1100\xac00" },
    { 1, L"\xfb03", L"\xfb03" }, { 5, L"\xfb03", L"ffi" }, { 6, L"\xfb03", L"ffi" },
    { 1, L"\x212b", L"\xc5" }, { 2, L"\x212b", L"A\x30a" }, { 1, L"\x2126", L"\x3a9" },
    { 5, L"\x2460\xff21\x3000z", L"1A z" }, { 6, L"\x210c", L"H" },
    { 1, L"\x95\x327\x301", L"\x95\x327\x301" }, { 1, L"e\x327\x301", L"\x229\x301" },
    { 1, L"a\x315\x300\x5ae\x300", L"\xe0\x5ae\x300\x315" }, { 2, L"a\x315\x300\x5ae\x300", L"a\x5ae\x300\x300\x315" },
    { 1, L"\x958", L"\x915\x93c" }, { 1, L"\x9c7\x9be", L"\x9cb" }, { 1, L"\x344", L"\x308\x301" },
    { 1, L"\xd834\xdd5e", L"\xd834\xdd57\xd834\xdd65" }, { 2, L"\xd834\xdd5e", L"\xd834\xdd57\xd834\xdd65" },
    { 1, L"\xd804\xdc99\xd804\xdcba", L"\xd804\xdc9a" }, { 2, L"\xd804\xdc9a", L"\xd804\xdc99\xd804\xdcba" },
    { 5, L"\xd835\xdc00", L"A" }, { 1, L"\xf900", L"\x8c48" }, { 2, L"\x1f82", L"\x3b1\x313\x300\x345" },
    { 1, L"\x3b1\x313\x300\x345", L"\x1f82" }, { 1, L"\x0378", L"\x0378" }, { 1, L"\xe000", L"\xe000" },
    { 13, L"A\xad", L"a" }, { 13, L"\xdf", L"ss" }, { 13, L"B\xdc" L"CHER", L"b\xfc" L"cher" },
};

static VOID TestForms(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Rows); Row++) {
        LONG SourceLength = (LONG)wcslen(Rows[Row].Source), Expected = (LONG)wcslen(Rows[Row].Result);
        LONG Length = ARRAYSIZE(Out), Estimate = 0;
        BOOLEAN Normal = 9, Same = wcscmp(Rows[Row].Source, Rows[Row].Result) == 0, Good = TRUE;

        memset(Out, 0, sizeof(Out));
        Good &= CHECK(RtlNormalizeString(Rows[Row].Form, Rows[Row].Source, SourceLength, Out, &Length) == STATUS_SUCCESS);
        Good &= CHECK(Length == Expected && memcmp(Out, Rows[Row].Result, (SIZE_T)Expected * sizeof(WCHAR)) == 0);
        Good &= CHECK(RtlNormalizeString(Rows[Row].Form, Rows[Row].Source, SourceLength, NULL, &Estimate) == STATUS_SUCCESS);
        Good &= CHECK(Estimate >= SourceLength);
        Good &= CHECK(RtlIsNormalizedString(Rows[Row].Form, Rows[Row].Source, SourceLength, &Normal) == STATUS_SUCCESS);
        Good &= CHECK(Normal == Same);
        Good &= CHECK(RtlIsNormalizedString(Rows[Row].Form, Rows[Row].Result, Expected, &Normal) == STATUS_SUCCESS && Normal);
        if (Expected > 1) {
            Length = Expected - 1;
            Good &= CHECK(RtlNormalizeString(Rows[Row].Form, Rows[Row].Source, SourceLength, Out, &Length) ==
                          STATUS_BUFFER_TOO_SMALL);
        }
        if (!Good)
            DbgPrint("row %u\n", Row);
    }
}

static VOID TestErrors(VOID)
{
    static const PCWSTR Bad[] = { L"a\xd800", L"\xdc00", (L"\xd800" L"a"), L"\xffff", L"\xfdd0" };
    LONG Length = ARRAYSIZE(Out);
    BOOLEAN Normal;

    for (ULONG Form = 1; Form <= 2; Form++)
        for (ULONG Index = 0; Index < ARRAYSIZE(Bad); Index++) {
            Length = ARRAYSIZE(Out);
            CHECK_STATUS(STATUS_NO_UNICODE_TRANSLATION,
                    RtlNormalizeString(Form, Bad[Index], (LONG)wcslen(Bad[Index]), Out, &Length));
            CHECK_STATUS(STATUS_NO_UNICODE_TRANSLATION,
                    RtlIsNormalizedString(Form, Bad[Index], (LONG)wcslen(Bad[Index]), &Normal));
        }
    Length = ARRAYSIZE(Out);
    CHECK_STATUS(STATUS_SUCCESS, RtlNormalizeString(1, L"ab", -1, Out, &Length));
    CHECK(Length == 3 && Out[2] == 0);
    Length = ARRAYSIZE(Out);
    CHECK_STATUS(STATUS_SUCCESS, RtlNormalizeString(1, L"", 0, Out, &Length));
    CHECK(Length == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlNormalizeString(0, L"ab", 2, Out, &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIsNormalizedString(0, L"ab", 2, &Normal));
    Length = ARRAYSIZE(Out);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlNormalizeString(3, L"ab", 2, Out, &Length));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlNormalizeString(7, L"ab", 2, Out, &Length));
}

static BOOLEAN Converts(NTSTATUS (NTAPI *Routine)(ULONG, PCWSTR, LONG, PWSTR, PLONG), ULONG Flags, PCWSTR Source,
        PCWSTR Result)
{
    LONG Length = ARRAYSIZE(Out), Needed = 0;

    if (Routine(Flags, Source, -1, Out, &Length) != STATUS_SUCCESS || wcscmp(Out, Result) != 0)
        return FALSE;
    return Length == (LONG)wcslen(Result) + 1 && Routine(Flags, Source, -1, NULL, &Needed) == STATUS_SUCCESS &&
           Needed == Length;
}

static BOOLEAN Refuses(NTSTATUS (NTAPI *Routine)(ULONG, PCWSTR, LONG, PWSTR, PLONG), ULONG Flags, PCWSTR Source)
{
    LONG Length = ARRAYSIZE(Out);

    return Routine(Flags, Source, (LONG)wcslen(Source), Out, &Length) == STATUS_INVALID_IDN_NORMALIZATION;
}

#define A63 L"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static VOID TestAsciiNames(VOID)
{
    static const PCWSTR Same[] = { L"test", L"Test.COM", L"a.", L"-a", L"a-", L"a b", L"a_b", L"xn--a", L"ab--c", A63 };
    static const PCWSTR Std3[] = { L"-a", L"a-", L"a b", L"a_b" };
    static const PCWSTR Empty[] = { L".", L"a..b", L".a", A63 L"a" };

    for (ULONG Index = 0; Index < ARRAYSIZE(Same); Index++) {
        CHECK(Converts(RtlIdnToAscii, 0, Same[Index], Same[Index]));
        CHECK(Converts(RtlIdnToNameprepUnicode, 0, Same[Index], Same[Index]));
        if (wcscmp(Same[Index], L"xn--a") != 0)
            CHECK(Converts(RtlIdnToUnicode, 0, Same[Index], Same[Index]));
    }
    for (ULONG Index = 0; Index < ARRAYSIZE(Std3); Index++)
        CHECK(Refuses(RtlIdnToAscii, 2, Std3[Index]) && Refuses(RtlIdnToUnicode, 2, Std3[Index]));
    for (ULONG Index = 0; Index < ARRAYSIZE(Empty); Index++)
        CHECK(Refuses(RtlIdnToAscii, 0, Empty[Index]) && Refuses(RtlIdnToNameprepUnicode, 0, Empty[Index]) &&
              Refuses(RtlIdnToUnicode, 0, Empty[Index]));
    CHECK(Refuses(RtlIdnToAscii, 0, L"") && Refuses(RtlIdnToNameprepUnicode, 0, L""));
    CHECK(Converts(RtlIdnToAscii, 2, L"a-1.B2", L"a-1.B2"));
}

static VOID TestNames(VOID)
{
    LONG Length = 4;

    CHECK(Converts(RtlIdnToAscii, 0, L"b\xfc" L"cher.de", L"xn--bcher-kva.de"));
    /* RFC 3490, 4.1: a label that is ASCII is not mapped. */
    TODO(OnWine, CHECK(Converts(RtlIdnToAscii, 0, L"B\xdc" L"CHER.De", L"xn--bcher-kva.De")));
    CHECK(Converts(RtlIdnToUnicode, 0, L"xn--bcher-kva.de", L"b\xfc" L"cher.de"));
    CHECK(Converts(RtlIdnToNameprepUnicode, 0, L"B\xfc" L"CHER.de", L"b\xfc" L"cher.de"));
    CHECK(Converts(RtlIdnToAscii, 0, L"\x65e5\x672c\x8a9e\x3002jp", L"xn--wgv71a119e.jp"));
    CHECK(Converts(RtlIdnToUnicode, 0, L"xn--wgv71a119e.jp", L"\x65e5\x672c\x8a9e.jp"));
    CHECK(Converts(RtlIdnToAscii, 0, L"\x5d0\x5d1", L"xn--4dbc"));
    CHECK(Converts(RtlIdnToUnicode, 0, L"xn--4dbc", L"\x5d0\x5d1"));
    CHECK(Converts(RtlIdnToAscii, 0, L"\xd83d\xde00", L"xn--e28h"));
    CHECK(Converts(RtlIdnToAscii, 0, L"\xdf", L"ss"));
    CHECK(Converts(RtlIdnToAscii, 0, L"\xff41\xff0e\xff42", L"a.b"));
    CHECK(Converts(RtlIdnToAscii, 1, L"\x378", L"xn--zva"));
    CHECK(Refuses(RtlIdnToAscii, 0, L"\x378"));
    CHECK(Refuses(RtlIdnToAscii, 0, L"xn--\xfc"));
    CHECK(Refuses(RtlIdnToAscii, 0, L"a\xd800"));
    CHECK(Refuses(RtlIdnToUnicode, 0, L"b\xfc" L"cher.de"));
    CHECK(Refuses(RtlIdnToUnicode, 0, L"xn--a"));
    CHECK(Refuses(RtlIdnToUnicode, 0, L"xn--bcher-kv"));
    CHECK(Refuses(RtlIdnToUnicode, 0, L"xn--99999999"));
    /* RFC 3490: the rules are about ASCII characters. */
    TODO(OnWine, CHECK(Converts(RtlIdnToAscii, 2, L"b\xfc" L"cher.de", L"xn--bcher-kva.de")));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlIdnToAscii(0, L"b\xfc" L"cher", 6, Out, &Length));
    Length = 64;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIdnToAscii(4, L"test", 4, Out, &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIdnToNameprepUnicode(4, L"test", 4, Out, &Length));
}

int wmain(int argc, WCHAR **argv)
{
    PVOID Section = NULL;
    SIZE_T Size;

    CheckSystem();
    TestAsciiNames();
    if (NT_SUCCESS(NtGetNlsSectionPtr(12, 1, NULL, &Section, &Size))) {
        TestForms();
        TestErrors();
        TestNames();
    }
    return CheckClose();
}
