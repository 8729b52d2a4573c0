// SPDX-License-Identifier: BSD-2-Clause
// Characters: code pages, case, comparison, locales, wide output.
#include <windows.h>
#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>
#include "check.h"

static void Hex(const char *what, const void *data, int length)
{
    printf("%-24s ", what);
    for (int i = 0; i < length; i++)
        printf("%02x", ((const unsigned char *)data)[i]);
    putchar('\n');
}

static void CodePages(void)
{
    static const WCHAR text[] = L"Gr\u00fc\u00dfe \u20ac \u0416 \u65e5 \xd83d\xde00!";
    static const UINT pages[] = { 437, 850, 1250, 1251, 1252, 932, 936, 65001, 20127 };
    char narrow[64];
    WCHAR wide[64];

    SHOW("%u", GetACP());
    for (unsigned i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        int n = WideCharToMultiByte(pages[i], 0, text, -1, narrow, sizeof(narrow), NULL, NULL);
        SHOW("%u: %d", pages[i], n);
        Hex(__func__, narrow, n);
        SHOW("%d", MultiByteToWideChar(pages[i], 0, narrow, n, wide, 64));
        Hex(__func__, wide, 2 * (int)wcslen(wide));
    }
    SHOW("%d", MultiByteToWideChar(65001, MB_ERR_INVALID_CHARS, "a\xc3(", 3, wide, 64));
    SHOW("%lu", GetLastError());
    SHOW("%d", IsDBCSLeadByteEx(932, 0x83));
}

static void Case(void)
{
    WCHAR buffer[64];

    SHOW("%d", LCMapStringEx(L"en-US", LCMAP_UPPERCASE, L"stra\u00dfe \u00e9\u0451", -1, buffer, 64, NULL, NULL, 0));
    Hex(__func__, buffer, 2 * (int)wcslen(buffer));
    SHOW("%d", LCMapStringEx(L"en-US", LCMAP_LOWERCASE, L"\u00c9\u0401\u0130 ABC", -1, buffer, 64, NULL, NULL, 0));
    Hex(__func__, buffer, 2 * (int)wcslen(buffer));
    SHOW("%04x %04x", towupper(0xe9), towlower(0x416));
    SHOW("%d %d %d", isalpha('z') != 0, isdigit('x') != 0, iswalpha(0x416) != 0);
    SHOW("%d %d", toupper('q'), tolower('Q'));
}

static void Compare(void)
{
    SHOW("%d", CompareStringEx(L"en-US", 0, L"apple", -1, L"Banana", -1, NULL, NULL, 0));
    SHOW("%d", CompareStringEx(L"en-US", NORM_IGNORECASE, L"HELLO", -1, L"hello", -1, NULL, NULL, 0));
    SHOW("%d", CompareStringEx(L"en-US", 0, L"co-op", -1, L"coop", -1, NULL, NULL, 0));
    SHOW("%d", CompareStringOrdinal(L"a", -1, L"B", -1, FALSE));
    SHOW("%d", CompareStringOrdinal(L"a", -1, L"B", -1, TRUE));
    SHOW("%d %d", lstrcmpiA("abc", "ABD"), lstrcmpA("a", "A"));
    SHOW("%d %d", _stricmp("Hello", "hELLO"), _wcsicmp(L"\u00c9", L"\u00e9"));
    SHOW("%d", strcoll("a", "B") < 0);
}

static void Locale(void)
{
    static const LCTYPE types[] = { LOCALE_SENGLANGUAGE, LOCALE_SDECIMAL, LOCALE_STHOUSAND, LOCALE_SDAYNAME1, LOCALE_SMONTHNAME12,
                                    LOCALE_SSHORTDATE, LOCALE_SCURRENCY, LOCALE_SISO639LANGNAME, LOCALE_IDEFAULTANSICODEPAGE };
    static const WCHAR *const names[] = { L"en-US", L"de-DE", L"fr-FR", L"ja-JP" };
    WCHAR buffer[80];

    for (unsigned n = 0; n < 4; n++)
        for (unsigned t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
            int length = GetLocaleInfoEx(names[n], types[t], buffer, 80);
            Hex(__func__, buffer, length > 0 ? 2 * (length - 1) : 0);
        }
    SHOW("%s", setlocale(LC_ALL, NULL));
    SHOW("%s", localeconv()->decimal_point);
    SHOW("%d", GetNumberFormatW(0x409, 0, L"1234567.891", NULL, buffer, 80));
    SHOW("%ls", buffer);
    SHOW("%d", IsValidLocaleName(L"xx-nowhere"));
    SHOW("%lx", LocaleNameToLCID(L"de-DE", 0));
}

static void Normalise(void)
{
    WCHAR buffer[64];
    int n = NormalizeString(NormalizationD, L"\u00e9\u00fc", -1, buffer, 64);

    SHOW("%d", n);
    Hex(__func__, buffer, n > 0 ? 2 * n : 0);
    SHOW("%d", IsNormalizedString(NormalizationC, L"e\u0301", -1));
}

static void Multibyte(void)
{
    wchar_t wide[16];
    char narrow[32];

    SHOW("%d", (int)mbstowcs(wide, "plain", 16));
    SHOW("%d", (int)wcstombs(narrow, L"wide", 32));
    SHOW("%s %ls", narrow, wide);
    SHOW("%d", (int)wcstombs(narrow, L"\u65e5", 32));
    fwprintf(stdout, L"wide %ls %d %c\n", L"out", 42, L'x');
}

int main(void)
{
    CodePages();
    Case();
    Compare();
    Locale();
    Normalise();
    Multibyte();
    return 0;
}
