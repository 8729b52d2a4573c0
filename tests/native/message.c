/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Message tables, message text, guesses about text, preferred languages.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

static WCHAR Text[512];

/* Formats with a va_list; TRUE if the result is Expected, with the right length. */
static BOOLEAN Formats(PCWSTR Expected, ULONG Width, PCWSTR Format, ...)
{
    ULONG Length = 0;
    va_list Arguments;
    NTSTATUS Status;

    va_start(Arguments, Format);
    Status = RtlFormatMessage(Format, Width, FALSE, FALSE, FALSE, &Arguments, Text, sizeof(Text), &Length);
    va_end(Arguments);
    return Status == STATUS_SUCCESS && wcscmp(Text, Expected) == 0 && Length == (wcslen(Expected) + 1) * sizeof(WCHAR);
}

static BOOLEAN FormatsAnsi(PCWSTR Expected, PCWSTR Format, ...)
{
    ULONG Length = 0;
    va_list Arguments;
    NTSTATUS Status;

    va_start(Arguments, Format);
    Status = RtlFormatMessage(Format, 0, FALSE, TRUE, FALSE, &Arguments, Text, sizeof(Text), &Length);
    va_end(Arguments);
    return Status == STATUS_SUCCESS && wcscmp(Text, Expected) == 0;
}

static BOOLEAN FormatsArray(PCWSTR Expected, PCWSTR Format, const ULONG_PTR *Arguments)
{
    ULONG Length = 0;

    return RtlFormatMessage(Format, 0, FALSE, FALSE, TRUE, (va_list *)Arguments, Text, sizeof(Text), &Length) ==
           STATUS_SUCCESS && wcscmp(Text, Expected) == 0;
}

static BOOLEAN Ignores(PCWSTR Expected, PCWSTR Format)
{
    ULONG Length = 0;

    return RtlFormatMessage(Format, 0, TRUE, FALSE, FALSE, NULL, Text, sizeof(Text), &Length) == STATUS_SUCCESS &&
           wcscmp(Text, Expected) == 0;
}

static VOID TestEscapes(VOID)
{
    CHECK(Formats(L"", 0, L""));
    CHECK(Formats(L"plain", 0, L"plain"));
    CHECK(Formats(L"a%b", 0, L"a%%b"));
    CHECK(Formats(L"a!b", 0, L"a%!b"));
    CHECK(Formats(L"a.b", 0, L"a%.b"));
    CHECK(Formats(L"a b", 0, L"a% b"));
    CHECK(Formats(L"a\r\nb", 0, L"a%nb"));
    CHECK(Formats(L"a\rb", 0, L"a%rb"));
    CHECK(Formats(L"a\tb", 0, L"a%tb"));
    CHECK(Formats(L"abz", 0, L"a%b%z"));
    CHECK(Formats(L"x", 0, L"x%0y"));
    CHECK(Formats(L"", 0, L"%01"));
    CHECK(Formats(L"a\r\nb\r\nc\r\nd", 0, L"a\nb\r\nc\rd"));
    CHECK(Formats(L"a b c d\r\ne", 80, L"a\nb\r\nc\rd%ne"));
    CHECK(Formats(L"a b\r\nc", MAXDWORD, L"a\nb%nc"));
    CHECK(Ignores(L"%1 %2", L"%1 %2"));
    CHECK(Ignores(L"%1!s! %99 \r\n x%%", L"%1!s! %99 %n x%%"));
    CHECK(Ignores(L"a", L"a%0b"));
}

static VOID TestInserts(VOID)
{
    const ULONG_PTR Names[] = { 4, 2, (ULONG_PTR)L"Bill", (ULONG_PTR)L"Bob", 6, (ULONG_PTR)L"Bill" };
    const ULONG_PTR Numbers[] = { 5, 3, 2, 4, 6, 7, 8, 9 };

    CHECK(Formats(L"Aa", 0, L"%1a", L"A"));
    CHECK(Formats(L"B A B", 0, L"%2 %1 %2", L"A", L"B"));
    CHECK(Formats(L"(null)", 0, L"%1", NULL));
    CHECK(Formats(L"ff 000000FF 1099511627776 z -5", 0, L"%1!x! %1!08X! %2!I64u! %3!c! %4!d!", 255, 1ull << 40, 'z',
                  -5));
    CHECK(Formats(L"00042", 0, L"%1!0*d!", 5, 42));
    CHECK(Formats(L"42   |", 0, L"%1!-*d!|", 5, 42));
    CHECK(Formats(L"he|", 0, L"%1!.*s!|", 2, L"hello"));
    CHECK(Formats(L"narrow|narrow|wide|wide|", 0, L"%1!hs!|%1!S!|%2!ls!|%2!ws!|", "narrow", L"wide"));
    CHECK(Formats(L"l", 0, L"%12", L"a", L"b", L"c", L"d", L"e", L"f", L"g", L"h", L"i", L"j", L"k", L"l"));
    CHECK(FormatsAnsi(L"narrow narrow wide", L"%1 %1!s! %2!S!", "narrow", L"wide"));
    CHECK(FormatsAnsi(L"narrow wide", L"%1!hs! %2!ls!", "narrow", L"wide"));
    /* FormatMessage's documented example, in both forms. */
    CHECK(FormatsArray(L"  Bi Bob   Bill", L"%1!*.*s! %4 %5!*s!", Names));
    CHECK(Formats(L"  Bi Bob   Bill", 0, L"%1!*.*s! %3 %4!*s!", 4, 2, L"Bill", L"Bob", 6, L"Bill"));
    CHECK(Formats(L"  002, 0006", 0, L"%1!*.*u!,%1!*.*u!", 5, 3, 2, 4, 6));
    CHECK(Formats(L"  002,0006,0000008", 0, L"%1!*.*u!,%2!*.*u!,%3!*.*u!", 5, 3, 2, 4, 6, 7, 8, 9));
    CHECK(Formats(L"    3, 4,6", 0, L"%1!*u!,%2!*u!,%3!u!", 5, 3, 2, 4, 6, 7, 8, 9));
    CHECK(Formats(L"3,   04,3,4,6,7", 0, L"%2!u!,%1!*.*u!,%2!u!,%3!u!,%4!u!,%5!u!", 5, 3, 2, 4, 6, 7, 8, 9));
    CHECK(FormatsArray(L"  002, 0006", L"%1!*.*u!,%1!*.*u!", Numbers));
    CHECK(FormatsArray(L"  002,0006,2", L"%1!*.*u!,%2!*.*u!,%3!u!", Numbers));
}

static VOID TestWidth(VOID)
{
    CHECK(Formats(L"the quick\r\nbrown fox\r\njumps\r\nover", 10, L"the quick brown fox jumps over"));
    CHECK(Formats(L"thequickbr\r\nownfoxjump\r\ns over", 10, L"thequickbrownfoxjumps over"));
    CHECK(Formats(L"the\r\nquick\r\nbrown fox", 10, L"the  quick   brown fox"));
    CHECK(Formats(L"one two\r\nthree\r\nfour\r\nfive six", 9, L"one two \r\nthree%nfour five six"));
    CHECK(Formats(L"\r\nlead\r\n", 4, L"  lead"));
    CHECK(Formats(L"tail\r\n  ", 5, L"tail   "));
    CHECK(Formats(L"abc def ghi jkl\r\n 123456", 9, L"%1 123456", L"abc def ghi jkl"));
}

static VOID TestFormatErrors(VOID)
{
    va_list None = NULL;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFormatMessage(L"%", 0, FALSE, FALSE, FALSE, &None, Text, 64, &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFormatMessage(L"a%", 0, FALSE, FALSE, FALSE, &None, Text, 64, &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFormatMessage(L"%1", 0, FALSE, FALSE, FALSE, NULL, Text, 64, &Length));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlFormatMessage(L"abc", 0, FALSE, FALSE, FALSE, &None, Text, 6, &Length));
    CHECK_STATUS(STATUS_SUCCESS, RtlFormatMessage(L"abc", 0, FALSE, FALSE, FALSE, &None, Text, 8, &Length));
    CHECK(Length == 8);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlFormatMessage(L"a%n", 0, FALSE, FALSE, FALSE, &None, Text, 4, &Length));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlFormatMessage(L"%%", 0, FALSE, FALSE, FALSE, &None, Text, 0, &Length));
}

/* --- message tables ---------------------------------------------------------------------------------------------- */

/* An image in memory that has nothing but a message table: ids 1, 2 (Unicode), 16. */
static UCHAR Image[2048];

static PUCHAR MakeImage(VOID)
{
    PIMAGE_DOS_HEADER Dos = (PIMAGE_DOS_HEADER)Image;
    PIMAGE_NT_HEADERS64 Headers = (PIMAGE_NT_HEADERS64)(Image + 64);
    PIMAGE_RESOURCE_DIRECTORY Directory = (PIMAGE_RESOURCE_DIRECTORY)(Image + 1024);
    PULONG Table = (PULONG)(Image + 1280);
    const ULONG Ids[3] = { 11, 1, 0x409 };

    memset(Image, 0, sizeof(Image));
    Dos->e_magic = IMAGE_DOS_SIGNATURE;
    Dos->e_lfanew = 64;
    Headers->Signature = IMAGE_NT_SIGNATURE;
    Headers->FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    Headers->FileHeader.SizeOfOptionalHeader = sizeof(Headers->OptionalHeader);
    Headers->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    Headers->OptionalHeader.SizeOfImage = sizeof(Image);
    Headers->OptionalHeader.SizeOfHeaders = 1024;
    Headers->OptionalHeader.NumberOfRvaAndSizes = 16;
    Headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE].VirtualAddress = 1024;
    Headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE].Size = 1024;
    for (ULONG Level = 0; Level < 3; Level++) {
        PIMAGE_RESOURCE_DIRECTORY_ENTRY Entry = (PIMAGE_RESOURCE_DIRECTORY_ENTRY)(Directory + 1);

        Directory->NumberOfIdEntries = 1;
        Entry->Name = Ids[Level];
        Entry->OffsetToData = (Level + 1) * 24 | (Level < 2 ? 0x80000000 : 0);
        Directory = (PIMAGE_RESOURCE_DIRECTORY)(Image + 1024 + (Level + 1) * 24);
    }
    ((PIMAGE_RESOURCE_DATA_ENTRY)Directory)->OffsetToData = 1280;
    ((PIMAGE_RESOURCE_DATA_ENTRY)Directory)->Size = 128;
    Table[0] = 2;
    memcpy(Table + 1, ((ULONG[]){ 1, 2, 32, 16, 16, 64 }), 24);
    memcpy((PUCHAR)Table + 32, "\x0c\0\0\0one\r\n\0\0", 12);
    memcpy((PUCHAR)Table + 44, "\x0c\0\1\0t\0w\0o\0\0", 12);
    memcpy((PUCHAR)Table + 64, "\x0c\0\0\0sixteen", 12);
    return Image;
}

static VOID TestTables(VOID)
{
    PUCHAR Base = MakeImage();
    PMESSAGE_RESOURCE_ENTRY Entry = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlFindMessage(Base, 11, 0x409, 1, &Entry));
    CHECK(Entry != NULL && Entry->Flags == 0 && strcmp((PCSZ)Entry->Text, "one\r\n") == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlFindMessage(Base, 11, 0x409, 2, &Entry));
    CHECK(Entry->Flags == MESSAGE_RESOURCE_UNICODE && wcscmp((PCWSTR)Entry->Text, L"two") == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlFindMessage(Base, 11, 0, 16, &Entry));
    CHECK(strcmp((PCSZ)Entry->Text, "sixteen") == 0);
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, RtlFindMessage(Base, 11, 0x409, 3, &Entry));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, RtlFindMessage(Base, 11, 0x409, 0, &Entry));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, RtlFindMessage(Base, 11, 0x409, 17, &Entry));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, RtlFindMessage(Base, 12, 0x409, 1, &Entry));
    if (!IsWine) {          /* Wine reads what lies behind a damaged table */
        ((PULONG)(Base + 1280))[0] = 0x7fffffff;
        CHECK_STATUS(STATUS_INVALID_IMAGE_FORMAT, RtlFindMessage(Base, 11, 0x409, 1, &Entry));
        ((PULONG)(Base + 1280))[0] = 2;
        ((PULONG)(Base + 1280))[3] = 0xfffffff0;
        CHECK_STATUS(STATUS_INVALID_IMAGE_FORMAT, RtlFindMessage(Base, 11, 0x409, 1, &Entry));
    }
}

/* --- text or bytes ----------------------------------------------------------------------------------------------- */

static VOID TestUnicode(VOID)
{
    static const WCHAR Ascii[] = L"A simple line of text\r\n", Mark[] = L"\xfeff" L"abc", Reverse[] = L"\xfffe\x6100";
    static const CHAR Bytes[] = "plain old text in bytes, which is not Unicode";
    INT Flags;

    CHECK(RtlIsTextUnicode(Ascii, sizeof(Ascii) - 2, NULL));
    Flags = IS_TEXT_UNICODE_UNICODE_MASK;
    CHECK(RtlIsTextUnicode(Ascii, sizeof(Ascii) - 2, &Flags));
    CHECK(Flags == (IS_TEXT_UNICODE_STATISTICS | IS_TEXT_UNICODE_CONTROLS));
    Flags = IS_TEXT_UNICODE_UNICODE_MASK;
    CHECK(RtlIsTextUnicode(L"nocontrols", 20, &Flags) && Flags == IS_TEXT_UNICODE_STATISTICS);
    Flags = IS_TEXT_UNICODE_REVERSE_CONTROLS;
    CHECK(!RtlIsTextUnicode("\t\0\0\t", 4, &Flags) && Flags == IS_TEXT_UNICODE_REVERSE_CONTROLS);
    Flags = IS_TEXT_UNICODE_SIGNATURE;
    CHECK(!RtlIsTextUnicode(Ascii, sizeof(Ascii) - 2, &Flags) && Flags == 0);
    Flags = IS_TEXT_UNICODE_SIGNATURE;
    CHECK(RtlIsTextUnicode(Mark, sizeof(Mark), &Flags) && Flags == IS_TEXT_UNICODE_SIGNATURE);
    Flags = IS_TEXT_UNICODE_REVERSE_SIGNATURE;
    CHECK(!RtlIsTextUnicode(Reverse, sizeof(Reverse), &Flags) && Flags == IS_TEXT_UNICODE_REVERSE_SIGNATURE);
    CHECK(!RtlIsTextUnicode(Bytes, sizeof(Bytes) - 1, NULL));
    Flags = IS_TEXT_UNICODE_ODD_LENGTH;
    CHECK(!RtlIsTextUnicode(Bytes, 5, &Flags) && Flags == IS_TEXT_UNICODE_ODD_LENGTH);
    Flags = IS_TEXT_UNICODE_ODD_LENGTH;
    CHECK(!RtlIsTextUnicode(Bytes, 6, &Flags) && Flags == 0);
    Flags = IS_TEXT_UNICODE_ILLEGAL_CHARS;
    TODO(OnWine, CHECK(!RtlIsTextUnicode(L"a\xffff" L"b", 6, &Flags) && Flags == IS_TEXT_UNICODE_ILLEGAL_CHARS));
    Flags = -1;
    CHECK(!RtlIsTextUnicode(Ascii, 0, &Flags) && Flags == 0);
    Flags = -1;
    CHECK(!RtlIsTextUnicode("a", 1, &Flags));
}

/* --- languages --------------------------------------------------------------------------------------------------- */

static VOID TestLanguageQueries(VOID)
{
    ULONG Count = 99, Size = 0;
    WCHAR List[64];

    CHECK_STATUS(STATUS_SUCCESS, RtlGetUserPreferredUILanguages(MUI_LANGUAGE_NAME, 0, &Count, NULL, &Size));
    CHECK(Count >= 1 && Size == 7);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetUserPreferredUILanguages(MUI_LANGUAGE_NAME, 0, &Count, List, &Size));
    CHECK(wcscmp(List, L"en-US") == 0 && List[6] == 0);
    Size = ARRAYSIZE(List);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetUserPreferredUILanguages(MUI_LANGUAGE_ID, 0, &Count, List, &Size));
    CHECK(wcscmp(List, L"0409") == 0 && Size == 6);
    Size = ARRAYSIZE(List);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSystemPreferredUILanguages(0, 0, &Count, List, &Size));
    CHECK(wcscmp(List, L"en-US") == 0 && Count == 1);
    Size = 3;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlGetSystemPreferredUILanguages(0, 0, &Count, List, &Size));
    CHECK(Size == 7);
    Size = ARRAYSIZE(List);
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
            RtlGetUserPreferredUILanguages(MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME, 0, &Count, List, &Size));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGetUserPreferredUILanguages(0x80000000, 0, &Count, List, &Size));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlGetThreadPreferredUILanguages(MUI_LANGUAGE_ID | MUI_MERGE_USER_FALLBACK | MUI_MERGE_SYSTEM_FALLBACK,
                    &Count, List, &Size));
    CHECK(Count == 1 && wcscmp(List, L"0409") == 0);
    Size = ARRAYSIZE(List);
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER,
            RtlGetThreadPreferredUILanguages(0x80000000, &Count, List, &Size)));
}

/* Wine keeps no lists. */
static VOID TestLanguageLists(VOID)
{
    ULONG Count = 99, Size = 64;
    WCHAR List[64];

    CHECK_STATUS(STATUS_SUCCESS, RtlGetProcessPreferredUILanguages(MUI_LANGUAGE_NAME, &Count, List, &Size));
    CHECK(Count == 0 && Size == 2 && List[0] == 0 && List[1] == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetProcessPreferredUILanguages(MUI_LANGUAGE_NAME, L"de-DE\0fr-FR\0de-de\0", &Count));
    CHECK(Count == 2);
    Size = 64;
    CHECK_STATUS(STATUS_SUCCESS, RtlGetProcessPreferredUILanguages(MUI_LANGUAGE_NAME, &Count, List, &Size));
    CHECK(Count == 2 && Size == 13 && memcmp(List, L"de-DE\0fr-FR\0", 26) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetThreadPreferredUILanguages(MUI_LANGUAGE_ID, L"0411\0", &Count));
    CHECK(Count == 1);
    Size = 64;
    CHECK_STATUS(STATUS_SUCCESS, RtlGetThreadPreferredUILanguages(MUI_LANGUAGE_NAME, &Count, List, &Size));
    CHECK(Count == 3 && memcmp(List, L"ja-JP\0de-DE\0fr-FR\0", 38) == 0);
    Size = 64;
    CHECK_STATUS(STATUS_SUCCESS,
            RtlGetThreadPreferredUILanguages(MUI_LANGUAGE_NAME | MUI_THREAD_LANGUAGES, &Count, List, &Size));
    CHECK(Count == 1 && wcscmp(List, L"ja-JP") == 0);
    Size = 64;
    CHECK_STATUS(STATUS_SUCCESS,
            RtlGetThreadPreferredUILanguages(MUI_LANGUAGE_ID | MUI_MERGE_USER_FALLBACK, &Count, List, &Size));
    CHECK(Count == 4 && memcmp(List, L"0411\0" L"0407\0" L"040C\0" L"0409\0", 42) == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetThreadPreferredUILanguages(MUI_CONSOLE_FILTER, NULL, &Count));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetThreadPreferredUILanguages(MUI_CONSOLE_FILTER, L"en-US\0", &Count));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetThreadPreferredUILanguages(MUI_LANGUAGE_NAME, L"no-language\0", &Count));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetThreadPreferredUILanguages(0, NULL, &Count));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetProcessPreferredUILanguages(0, NULL, &Count));
    CHECK(Count == 0);
    Size = 64;
    CHECK_STATUS(STATUS_SUCCESS, RtlGetThreadPreferredUILanguages(0, &Count, List, &Size));
    CHECK(Count == 1 && wcscmp(List, L"en-US") == 0);
}

int wmain(int argc, WCHAR **argv)
{
    TestEscapes();
    TestInserts();
    TestWidth();
    TestFormatErrors();
    CheckSystem();
    TestTables();
    TestUnicode();
    TestLanguageQueries();
    if (!IsWine)
        TestLanguageLists();
    return CheckClose();
}
