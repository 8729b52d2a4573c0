/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NLS tables: the sections that NtGetNlsSectionPtr maps, code page tables, the locale table; the current user's key.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

enum { SORTKEYS = 9, CASEMAP = 10, CODEPAGE = 11, NORMALIZE = 12 };

static VOID TestSections(VOID)
{
    PVOID Pointer = NULL;
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtGetNlsSectionPtr(CASEMAP, 0, NULL, &Pointer, &Size));
    CHECK(Size != 0 && ((PUSHORT)Pointer)[0] == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(NtCurrentProcess(), Pointer));
    CHECK_STATUS(STATUS_SUCCESS, NtGetNlsSectionPtr(SORTKEYS, 0, NULL, &Pointer, &Size));
    CHECK(Size > 100000);
    CHECK_STATUS(STATUS_SUCCESS, NtGetNlsSectionPtr(NORMALIZE, 1, NULL, &Pointer, &Size));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtGetNlsSectionPtr(NORMALIZE, 3, NULL, &Pointer, &Size));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtGetNlsSectionPtr(8, 0, NULL, &Pointer, &Size));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtGetNlsSectionPtr(SORTKEYS, 1, NULL, &Pointer, &Size));
    CHECK_STATUS(STATUS_UNSUCCESSFUL, NtGetNlsSectionPtr(CASEMAP, 1, NULL, &Pointer, &Size));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtGetNlsSectionPtr(CODEPAGE, 1, NULL, &Pointer, &Size));
}

static VOID TestSingleBytePage(VOID)
{
    CPTABLEINFO Page;
    PVOID Pointer;
    SIZE_T Size;

    CHECK_STATUS(STATUS_SUCCESS, NtGetNlsSectionPtr(CODEPAGE, 1252, NULL, &Pointer, &Size));
    RtlInitCodePageTable(Pointer, &Page);
    CHECK(Page.CodePage == 1252 && Page.MaximumCharacterSize == 1 && Page.DefaultChar == '?');
    CHECK(Page.DBCSCodePage == 0 && Page.DBCSOffsets == NULL);
    CHECK(Page.MultiByteTable['A'] == 'A' && Page.MultiByteTable[0x80] == 0x20ac);
    CHECK(((PUCHAR)Page.WideCharTable)[0x20ac] == 0x80 && ((PUCHAR)Page.WideCharTable)[0x4e00] == '?');
}

static VOID TestDoubleBytePage(VOID)
{
    CPTABLEINFO Page;
    PVOID Pointer;
    SIZE_T Size;

    CHECK_STATUS(STATUS_SUCCESS, NtGetNlsSectionPtr(CODEPAGE, 932, NULL, &Pointer, &Size));
    RtlInitCodePageTable(Pointer, &Page);
    CHECK(Page.CodePage == 932 && Page.MaximumCharacterSize == 2 && Page.DBCSCodePage == 1);
    CHECK(Page.LeadByte[0] == 0x81 && Page.DBCSRanges[0] != 0);
    CHECK(Page.DBCSOffsets[0x81] != 0 && Page.DBCSOffsets['A'] == 0);
    CHECK(Page.DBCSOffsets[Page.DBCSOffsets[0x82] + 0xa0] == 0x3042);
    CHECK(((PUSHORT)Page.WideCharTable)[0x3042] == 0x82a0);
}

static VOID TestUtf8Page(VOID)
{
    static USHORT Table[] = { 0, 65001 };
    CPTABLEINFO Page;

    RtlInitCodePageTable(Table, &Page);
    CHECK(Page.CodePage == 65001 && Page.MaximumCharacterSize == 4 && Page.UniDefaultChar == 0xfffd);
}

static VOID TestLocaleTable(VOID)
{
    PVOID First = NULL, Second = NULL;
    LCID Locale = 0;
    LARGE_INTEGER Size;

    CHECK_STATUS(STATUS_SUCCESS, RtlGetLocaleFileMappingAddress(&First, &Locale, &Size));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetLocaleFileMappingAddress(&Second, &Locale, &Size));
    CHECK(First != NULL && First == Second && Locale != 0);
    CHECK_STATUS(STATUS_SUCCESS, NtInitializeNlsFiles(&Second, &Locale, &Size));
    CHECK(Second != First && memcmp(First, Second, 4096) == 0);
}

static VOID TestCurrentUser(VOID)
{
    static const UNICODE_STRING Users = RTL_CONSTANT_UNICODE_STRING(L"\\REGISTRY\\USER\\");
    UNICODE_STRING Path = { 0 };
    HANDLE Key;

    CHECK_STATUS(STATUS_SUCCESS, RtlFormatCurrentUserKeyPath(&Path));
    CHECK(RtlPrefixUnicodeString((PUNICODE_STRING)&Users, &Path, TRUE));
    RtlFreeUnicodeString(&Path);
    CHECK_STATUS(STATUS_SUCCESS, RtlOpenCurrentUser(KEY_READ, &Key));
    NtClose(Key);
}

/* The ANSI page is 1252, the OEM page 437: e with acute, the euro sign, and a letter that neither has. */
static VOID TestConversions(VOID)
{
    static const WCHAR Text[] = L"e\x00e9\x20ac\x4e2d";
    UNICODE_STRING String = RTL_CONSTANT_UNICODE_STRING(L"\x00e9");
    WCHAR Wide[4] = { 0 };
    CHAR Bytes[8] = { 0 };
    ULONG Length = 0;
    STRING Narrow;

    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToMultiByteN(Bytes, sizeof(Bytes), &Length, Text, 8));
    CHECK(Length == 4 && memcmp(Bytes, "e\xe9\x80?", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlMultiByteToUnicodeN(Wide, sizeof(Wide), &Length, Bytes, 4));
    CHECK(Length == 8 && Wide[1] == 0xe9 && Wide[2] == 0x20ac && Wide[3] == '?');
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToMultiByteSize(&Length, (PWCH)Text, 8));
    CHECK(Length == 4);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeToOemN(Bytes, sizeof(Bytes), &Length, Text, 8));
    CHECK(Length == 4 && memcmp(Bytes, "e\x82??", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlOemToUnicodeN(Wide, sizeof(Wide), &Length, "\x82\xe1", 2));
    CHECK(Length == 4 && Wide[0] == 0xe9 && Wide[1] == 0xdf);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeStringToAnsiString(&Narrow, &String, TRUE));
    CHECK(Narrow.Length == 1 && (UCHAR)Narrow.Buffer[0] == 0xe9);
    RtlFreeAnsiString(&Narrow);
    CHECK_STATUS(STATUS_SUCCESS, RtlUnicodeStringToOemString(&Narrow, &String, TRUE));
    CHECK(Narrow.Length == 1 && (UCHAR)Narrow.Buffer[0] == 0x82);
    RtlFreeAnsiString(&Narrow);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestSections();
    TestSingleBytePage();
    TestDoubleBytePage();
    TestUtf8Page();
    TestConversions();
    TestLocaleTable();
    TestCurrentUser();
    return CheckClose();
}
