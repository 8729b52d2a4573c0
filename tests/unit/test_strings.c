/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory, strings, case, UTF-8, numbers, formatted text, wildcards.
 * Tests: rtl/memory.c rtl/string.c rtl/w[is]*.c rtl/case.c rtl/unistr.c rtl/codepage.c rtl/utf.c rtl/number.c rtl/printf.c.
 */
#include "rtl.h"
#include "unit.h"

static void TestMemory(void)
{
    UCHAR Source[96], Target[96];

    for (ULONG i = 0; i < sizeof(Source); i++)
        Source[i] = (UCHAR)i;
    for (ULONG Length = 0; Length <= 64; Length++) {
        memset(Target, 0xee, sizeof(Target));
        memcpy(Target + 3, Source, Length);
        CHECK(memcmp(Target + 3, Source, Length) == 0 && Target[2] == 0xee && Target[3 + Length] == 0xee);
        for (int Shift = -9; Shift <= 9; Shift++) {
            memcpy(Target, Source, sizeof(Target));
            memmove(Target + 10 + Shift, Target + 10, Length);
            CHECK(memcmp(Target + 10 + Shift, Source + 10, Length) == 0);
        }
        memset(Target, 0x11, sizeof(Target));
        memset(Target + 1, 0x22, Length);
        CHECK(Target[0] == 0x11 && Target[Length + 1] == 0x11 && (Length == 0 || Target[Length] == 0x22));
    }
    CHECK(memcmp("abc", "abd", 3) < 0 && memcmp("b", "a", 1) > 0 && memcmp("x\200", "x\1", 2) > 0);
    CHECK(memcmp("12345678a", "12345678b", 9) < 0);
    CHECK(memchr("abc", 'c', 2) == NULL && memchr(Source, 5, 10) == Source + 5);
    CHECK(RtlCompareMemory("123456789", "12345678x", 9) == 8);
}

static void TestNarrow(void)
{
    char Text[16];

    CHECK(strlen("") == 0 && strlen("abc") == 3 && strnlen("abcdef", 4) == 4);
    CHECK(strcmp("a", "b") < 0 && strcmp("b", "a") > 0 && strcmp("a", "a") == 0 && strcmp("\377", "a") > 0);
    CHECK(strncmp("abc", "abd", 2) == 0 && strncmp("ab", "abc", 9) < 0 && _stricmp("ABC", "abc") == 0);
    CHECK(_strnicmp("ABx", "aby", 2) == 0 && _strnicmp("a", "B", 1) < 0);
    CHECK(strcmp(strcat(strcpy(Text, "ab"), "cd"), "abcd") == 0 && strcmp(strncat(Text, "efg", 2), "abcdef") == 0);
    CHECK(strchr("abc", 'd') == NULL && *strchr("abc", 0) == 0 && strrchr("abab", 'a')[1] == 'b');
    CHECK(strspn("aab", "a") == 2 && strcspn("aab", "b") == 2 && *strpbrk("abc", "xc") == 'c');
    CHECK(strstr("abcabd", "abd")[2] == 'd' && strstr("ab", "abc") == NULL && *strstr("ab", "") == 'a');
    strncpy(Text, "x", 4);
    CHECK(Text[0] == 'x' && Text[1] == 0 && Text[3] == 0);
    CHECK(isalpha('z') && !isalpha('1') && isxdigit('F') && isspace('\t') && ispunct('!') && toupper('q') == 'Q');
}

static void TestNumbers(void)
{
    WCHAR Buffer[40];
    UNICODE_STRING Text = { 0, sizeof(Buffer), Buffer };
    UNICODE_STRING Hex = RTL_CONSTANT_UNICODE_STRING(L" -0x1F"), Guid = RTL_CONSTANT_UNICODE_STRING(
            L"{01234567-89ab-CDEF-0123-456789abcdef}");
    ULONG Value;
    char *End, Small[8];
    GUID Id;

    CHECK(strtol("  -12x", &End, 10) == -12 && *End == 'x');
    CHECK(strtol("0x10", NULL, 0) == 16 && strtol("010", NULL, 0) == 8);
    CHECK(strtol("99999999999", NULL, 10) == 0x7fffffff && strtol("-99999999999", NULL, 10) == (LONG)0x80000000);
    CHECK(strtoul("4294967295", NULL, 10) == 0xffffffffu && strtol("x", &End, 10) == 0 && *End == 'x');
    CHECK(_strtoui64("18446744073709551615", NULL, 10) == ~0ull && strtol("0x", &End, 16) == 0 && *End == '0');
    CHECK(RtlUnicodeStringToInteger(&Hex, 0, &Value) == STATUS_SUCCESS && Value == (ULONG)-0x1f);
    CHECK(RtlCharToInteger("0b101", 0, &Value) == STATUS_SUCCESS && Value == 5);
    CHECK(RtlCharToInteger("1", 3, &Value) == STATUS_INVALID_PARAMETER);
    CHECK(RtlIntegerToUnicodeString(255, 16, &Text) == STATUS_SUCCESS && wcscmp(Buffer, L"FF") == 0);
    CHECK(RtlInt64ToUnicodeString(~0ull, 10, &Text) == STATUS_SUCCESS && wcscmp(Buffer, L"18446744073709551615") == 0);
    CHECK(RtlIntegerToChar(5, 2, (ULONG)-6, Small) == STATUS_SUCCESS && memcmp(Small, "000101", 6) == 0);
    CHECK(RtlIntegerToChar(1234, 10, 3, Small) == STATUS_BUFFER_OVERFLOW);
    CHECK(RtlGUIDFromString(&Guid, &Id) == STATUS_SUCCESS && Id.Data1 == 0x01234567 && Id.Data3 == 0xcdef &&
          Id.Data4[7] == 0xef);
    CHECK(RtlStringFromGUID(&Id, &Text) == STATUS_SUCCESS && _wcsicmp(Text.Buffer, Guid.Buffer) == 0);
    RtlFreeUnicodeString(&Text);
    Guid.Buffer = L"{01234567-89ab-CDEF-0123-456789abcdeg}";
    CHECK(RtlGUIDFromString(&Guid, &Id) == STATUS_INVALID_PARAMETER);
}

static void Format(const char *Expected, const char *Template, ...)
{
    char Text[200];
    va_list Arguments;

    va_start(Arguments, Template);
    CHECK(_vsnprintf(Text, sizeof(Text), Template, Arguments) == (int)strlen(Expected));
    va_end(Arguments);
    CHECK(strcmp(Text, Expected) == 0);
}

static void TestFormat(void)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"n\x00e4me");
    STRING Narrow = { 3, 3, "abcdef" };
    char Text[4];
    WCHAR Wide[8];

    Format("5 -5 +5 005     7|7    |", "%d %d %+d %03d %5d|%-5d|", 5, -5, 5, 5, 7, 7);
    Format("ff FF 0xff 00ff", "%x %X %#x %04x", 255, 255, 255, 255);
    Format("18446744073709551615 -1 ffffffffffffffff", "%llu %I64d %llx", ~0ull, -1ll, ~0ull);
    Format("00000000DEADBEEF", "%p", (PVOID)0xdeadbeef);
    Format("abc ab (null) x %", "%s %.2s %s %c %%", "abc", "abc", (char *)NULL, 'x');
    Format("w\303\244 w", "%ls %S", L"w\x00e4", L"w");
    Format("n\303\244me abc", "%wZ %Z", &Name, &Narrow);
    Format("    n\303\244me|abc  |", "%8wZ|%-5Z|", &Name, &Narrow);
    Format("65535 255 q", "%hu %hhu q", 0x1ffff, 0x1ff);
    Format("  12", "%*d", 4, 12);
    Format("%y 3", "%%y %d", 3);
    Text[3] = 'z';
    CHECK(_snprintf(Text, 3, "%s", "abcdef") == -1 && memcmp(Text, "abcz", 4) == 0);
    CHECK(_snprintf(Text, 4, "%s", "abc") == 3 && Text[3] == 0);
    CHECK(_snprintf(NULL, 0, "%s", "abc") == 3);
    CHECK(_snwprintf(Wide, 8, L"%s-%d", L"ab", 12) == 5 && wcscmp(Wide, L"ab-12") == 0);
    CHECK(_snwprintf(Wide, 8, L"%S", "\303\244") == 1 && Wide[0] == 0xe4);
    CHECK(_snwprintf(Wide, 4, L"%s", L"abcdef") == -1);
}

static void TestUtf(void)
{
    static const char Good[] = "a\303\244\342\202\254\360\237\230\200";
    static const WCHAR Units[] = { 'a', 0xe4, 0x20ac, 0xd83d, 0xde00 };
    static const char *const Bad[] = { "\200", "\300\200", "\355\240\200", "\364\220\200\200", "\342\202",
            "\360\237\230", "\377" };
    WCHAR Wide[16];
    char Narrow[32];
    ULONG Bytes;

    CHECK(RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Bytes, Good, sizeof(Good) - 1) == STATUS_SUCCESS);
    CHECK(Bytes == sizeof(Units) && memcmp(Wide, Units, sizeof(Units)) == 0);
    CHECK(RtlUnicodeToUTF8N(Narrow, sizeof(Narrow), &Bytes, Units, sizeof(Units)) == STATUS_SUCCESS);
    CHECK(Bytes == sizeof(Good) - 1 && memcmp(Narrow, Good, Bytes) == 0);
    CHECK(RtlUTF8ToUnicodeN(NULL, 0, &Bytes, Good, sizeof(Good) - 1) == STATUS_SUCCESS && Bytes == sizeof(Units));
    CHECK(RtlUTF8ToUnicodeN(Wide, 8, &Bytes, Good, sizeof(Good) - 1) == STATUS_BUFFER_TOO_SMALL && Bytes == 6);
    for (ULONG i = 0; i < ARRAYSIZE(Bad); i++) {
        CHECK(RtlUTF8ToUnicodeN(Wide, sizeof(Wide), &Bytes, Bad[i], (ULONG)strlen(Bad[i])) == STATUS_SOME_NOT_MAPPED);
        CHECK(Bytes >= 2 && Wide[0] == 0xfffd);
    }
    CHECK(RtlUnicodeToUTF8N(Narrow, sizeof(Narrow), &Bytes, L"\xd800x", 4) == STATUS_SOME_NOT_MAPPED && Bytes == 4);
}

static void TestUnicodeStrings(void)
{
    WCHAR Buffer[8];
    UNICODE_STRING Target = { 0, sizeof(Buffer), Buffer }, Copy, Upper;
    UNICODE_STRING Abc = RTL_CONSTANT_UNICODE_STRING(L"abc"), ABC = RTL_CONSTANT_UNICODE_STRING(L"ABC");
    UNICODE_STRING Long = RTL_CONSTANT_UNICODE_STRING(L"abcdefghijk");
    UNICODE_STRING Umlaut = RTL_CONSTANT_UNICODE_STRING(L"\x00e4\x03b1\x0451");
    UNICODE_STRING Dot = RTL_CONSTANT_UNICODE_STRING(L"c");
    STRING Ansi;
    USHORT Place;
    ULONG Hash, Other;

    CHECK(RtlEqualUnicodeString(&Abc, &ABC, TRUE) && !RtlEqualUnicodeString(&Abc, &ABC, FALSE));
    CHECK(RtlCompareUnicodeString(&Abc, &Long, TRUE) < 0 && RtlPrefixUnicodeString(&ABC, &Long, TRUE));
    CHECK(RtlAppendUnicodeStringToString(&Target, &Abc) == STATUS_SUCCESS && wcscmp(Buffer, L"abc") == 0);
    CHECK(RtlAppendUnicodeToString(&Target, L"de") == STATUS_SUCCESS && Target.Length == 10);
    CHECK(RtlAppendUnicodeStringToString(&Target, &Long) == STATUS_BUFFER_TOO_SMALL && Target.Length == 10);
    RtlCopyUnicodeString(&Target, &Long);
    CHECK(Target.Length == sizeof(Buffer));
    CHECK(RtlDuplicateUnicodeString(1, &Abc, &Copy) == STATUS_SUCCESS);
    CHECK(Copy.MaximumLength == 8 && Copy.Buffer[3] == 0);
    RtlFreeUnicodeString(&Copy);
    if (UnitFailAllocations(1))
        CHECK(RtlDuplicateUnicodeString(1, &Abc, &Copy) == STATUS_NO_MEMORY);
    CHECK(RtlUpcaseUnicodeString(&Upper, &Umlaut, TRUE) == STATUS_SUCCESS);
    CHECK(Upper.Buffer[0] == 0xc4 && Upper.Buffer[1] == 0x391 && Upper.Buffer[2] == 0x401);
    CHECK(RtlEqualUnicodeString(&Upper, &Umlaut, TRUE));
    RtlFreeUnicodeString(&Upper);
    CHECK(RtlHashUnicodeString(&Abc, TRUE, 0, &Hash) == STATUS_SUCCESS && RtlHashUnicodeString(&ABC, TRUE, 0, &Other) ==
          STATUS_SUCCESS && Hash == Other);
    CHECK(RtlFindCharInUnicodeString(0, &Abc, &Dot, &Place) == STATUS_SUCCESS && Place == 6);
    CHECK(RtlFindCharInUnicodeString(1, &Abc, &Dot, &Place) == STATUS_SUCCESS && Place == 4);
    /* One byte in a code page, two in UTF-8. */
    Umlaut.Length = sizeof(WCHAR);
    CHECK(RtlUnicodeStringToAnsiString(&Ansi, &Umlaut, TRUE) == STATUS_SUCCESS && (Ansi.Length == 1 || Ansi.Length == 2));
    CHECK(RtlAnsiStringToUnicodeString(&Copy, &Ansi, TRUE) == STATUS_SUCCESS);
    CHECK(RtlEqualUnicodeString(&Copy, &Umlaut, FALSE));
    RtlFreeUnicodeString(&Copy);
    RtlFreeAnsiString(&Ansi);
}

static void TestCase(void)
{
    ULONG Pairs = 0;

    for (ULONG c = 0; c < 0x10000; c++) {
        WCHAR Up = RtlUpcaseUnicodeChar((WCHAR)c);

        CHECK(RtlUpcaseUnicodeChar(Up) == Up);
        if (Up != c) {
            Pairs++;
            CHECK(RtlDowncaseUnicodeChar(Up) == c || c == 0x3c2);
        }
    }
    CHECK(Pairs > 900);
    CHECK(RtlUpcaseUnicodeChar('z') == 'Z' && RtlUpcaseUnicodeChar(0xdf) == 0xdf);
    CHECK(RtlUpcaseUnicodeChar(0xff) == 0x178);
    CHECK(RtlDowncaseUnicodeChar(0x130) == 0x130 && RtlUpcaseUnicodeChar(0x131) == 0x131);
}

static BOOLEAN Matches(PCWSTR Pattern, PCWSTR Name)
{
    UNICODE_STRING Expression, Text;

    RtlInitUnicodeString(&Expression, Pattern);
    RtlInitUnicodeString(&Text, Name);
    return RtlIsNameInExpression(&Expression, &Text, TRUE, NULL);
}

static void TestWildcards(void)
{
    CHECK(Matches(L"*", L"anything.txt") && Matches(L"*.txt", L"A.TXT") && !Matches(L"*.txt", L"a.txt.bak"));
    CHECK(Matches(L"a?c", L"abc") && !Matches(L"a?c", L"ac") && Matches(L"*a*b*", L"xxaxxbxx"));
    CHECK(Matches(L"<.txt", L"a.b.txt") && !Matches(L"<", L"a.b") && Matches(L"<", L"ab"));
    /* A later star cannot always take what an earlier one gives up: the DOS star stops at the last dot. */
    CHECK(Matches(L"*<b", L"a.b") && Matches(L"<.<b", L"x.y.zb") && !Matches(L"<<b", L"a.b") && Matches(L"<.<", L"a.b"));
    CHECK(Matches(L"<\"*", L"a") && Matches(L"a>b", L"axb") && Matches(L"a>.b", L"a.b") && !Matches(L"a>b", L"a.b"));
    CHECK(Matches(L"a>>", L"a") && Matches(L"a\"", L"a"));
    CHECK(!Matches(L"", L"a") && Matches(L"**", L"x") && Matches(L"*.*", L"a.b") && !Matches(L"*.*", L"ab"));
}

const UNIT_TEST Tests[] = {
    { "memory", TestMemory },
    { "narrow strings", TestNarrow },
    { "numbers", TestNumbers },
    { "format", TestFormat },
    { "utf", TestUtf },
    { "unicode strings", TestUnicodeStrings },
    { "case", TestCase },
    { "wildcards", TestWildcards },
    { 0 },
};
