/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Wide C strings.  Case of the insensitive comparisons is the simple Unicode mapping of case.c.
 */
#include "rtl.h"

size_t wcslen(const wchar_t *String)
{
    const wchar_t *End = String;

    while (*End != 0)
        End++;
    return (size_t)(End - String);
}

size_t wcsnlen(const wchar_t *String, size_t Maximum)
{
    size_t Length = 0;

    while (Length < Maximum && String[Length] != 0)
        Length++;
    return Length;
}

int wcscmp(const wchar_t *First, const wchar_t *Second)
{
    while (*First != 0 && *First == *Second) {
        First++;
        Second++;
    }
    return (*First > *Second) - (*First < *Second);
}

int wcsncmp(const wchar_t *First, const wchar_t *Second, size_t Count)
{
    for (; Count != 0; First++, Second++, Count--)
        if (*First != *Second || *First == 0)
            return (*First > *Second) - (*First < *Second);
    return 0;
}

static WCHAR RtlpAsciiLower(WCHAR Character)
{
    return Character >= 'A' && Character <= 'Z' ? (WCHAR)(Character + 'a' - 'A') : Character;
}

/* Of ASCII alone the case does not matter: ntdll's C library has the C locale. */
int _wcsicmp(const wchar_t *First, const wchar_t *Second)
{
    return _wcsnicmp(First, Second, (size_t)-1);
}

int _wcsnicmp(const wchar_t *First, const wchar_t *Second, size_t Count)
{
    for (; Count != 0; First++, Second++, Count--) {
        WCHAR Left = RtlpAsciiLower(*First), Right = RtlpAsciiLower(*Second);

        if (Left != Right || Left == 0)
            return Left - Right;
    }
    return 0;
}

wchar_t *wcscpy(wchar_t *restrict Destination, const wchar_t *restrict Source)
{
    memcpy(Destination, Source, (wcslen(Source) + 1) * sizeof(wchar_t));
    return Destination;
}

wchar_t *wcsncpy(wchar_t *restrict Destination, const wchar_t *restrict Source, size_t Count)
{
    size_t Length = wcsnlen(Source, Count);

    memcpy(Destination, Source, Length * sizeof(wchar_t));
    memset(Destination + Length, 0, (Count - Length) * sizeof(wchar_t));
    return Destination;
}

wchar_t *wcscat(wchar_t *restrict Destination, const wchar_t *restrict Source)
{
    wcscpy(Destination + wcslen(Destination), Source);
    return Destination;
}

wchar_t *wcsncat(wchar_t *restrict Destination, const wchar_t *restrict Source, size_t Count)
{
    wchar_t *End = Destination + wcslen(Destination);
    size_t Length = wcsnlen(Source, Count);

    memcpy(End, Source, Length * sizeof(wchar_t));
    End[Length] = 0;
    return Destination;
}

wchar_t *wcschr(const wchar_t *String, wchar_t Character)
{
    for (;; String++) {
        if (*String == Character)
            return (wchar_t *)String;
        if (*String == 0)
            return NULL;
    }
}

wchar_t *wcsrchr(const wchar_t *String, wchar_t Character)
{
    const wchar_t *Found = NULL;

    for (;; String++) {
        if (*String == Character)
            Found = String;
        if (*String == 0)
            return (wchar_t *)Found;
    }
}

size_t wcsspn(const wchar_t *String, const wchar_t *Set)
{
    size_t Length = 0;

    while (String[Length] != 0 && wcschr(Set, String[Length]) != NULL)
        Length++;
    return Length;
}

size_t wcscspn(const wchar_t *String, const wchar_t *Set)
{
    size_t Length = 0;

    while (String[Length] != 0 && wcschr(Set, String[Length]) == NULL)
        Length++;
    return Length;
}

wchar_t *wcspbrk(const wchar_t *String, const wchar_t *Set)
{
    String += wcscspn(String, Set);
    return *String != 0 ? (wchar_t *)String : NULL;
}

wchar_t *wcsstr(const wchar_t *String, const wchar_t *Sought)
{
    size_t Length = wcslen(Sought);

    for (;; String++) {
        if (wcsncmp(String, Sought, Length) == 0)
            return (wchar_t *)String;
        if (*String == 0)
            return NULL;
    }
}

wint_t towlower(wint_t Character)
{
    return RtlDowncaseUnicodeChar((WCHAR)Character);
}

wint_t towupper(wint_t Character)
{
    return RtlUpcaseUnicodeChar((WCHAR)Character);
}
