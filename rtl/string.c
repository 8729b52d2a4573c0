/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Narrow C strings and character classes.  Case and classes are ASCII's ("C" locale); bytes above 127 belong
 * to no class and have no case.
 */
#include "rtl.h"

size_t strlen(const char *String)
{
    const char *End = String;

    while (*End != 0)
        End++;
    return (size_t)(End - String);
}

size_t strnlen(const char *String, size_t Maximum)
{
    size_t Length = 0;

    while (Length < Maximum && String[Length] != 0)
        Length++;
    return Length;
}

int strcmp(const char *First, const char *Second)
{
    while (*First != 0 && *First == *Second) {
        First++;
        Second++;
    }
    return ((UCHAR)*First > (UCHAR)*Second) - ((UCHAR)*First < (UCHAR)*Second);
}

int strncmp(const char *First, const char *Second, size_t Count)
{
    for (; Count != 0; First++, Second++, Count--)
        if (*First != *Second || *First == 0)
            return ((UCHAR)*First > (UCHAR)*Second) - ((UCHAR)*First < (UCHAR)*Second);
    return 0;
}

int _stricmp(const char *First, const char *Second)
{
    return _strnicmp(First, Second, (size_t)-1);
}

int _strnicmp(const char *First, const char *Second, size_t Count)
{
    for (; Count != 0; First++, Second++, Count--) {
        int Left = tolower((UCHAR)*First), Right = tolower((UCHAR)*Second);

        if (Left != Right || Left == 0)
            return Left - Right;
    }
    return 0;
}

char *strcpy(char *restrict Destination, const char *restrict Source)
{
    memcpy(Destination, Source, strlen(Source) + 1);
    return Destination;
}

char *strncpy(char *restrict Destination, const char *restrict Source, size_t Count)
{
    size_t Length = strnlen(Source, Count);

    memcpy(Destination, Source, Length);
    memset(Destination + Length, 0, Count - Length);
    return Destination;
}

char *strcat(char *restrict Destination, const char *restrict Source)
{
    strcpy(Destination + strlen(Destination), Source);
    return Destination;
}

char *strncat(char *restrict Destination, const char *restrict Source, size_t Count)
{
    char *End = Destination + strlen(Destination);
    size_t Length = strnlen(Source, Count);

    memcpy(End, Source, Length);
    End[Length] = 0;
    return Destination;
}

char *strchr(const char *String, int Character)
{
    for (;; String++) {
        if (*String == (char)Character)
            return (char *)String;
        if (*String == 0)
            return NULL;
    }
}

char *strrchr(const char *String, int Character)
{
    const char *Found = NULL;

    for (;; String++) {
        if (*String == (char)Character)
            Found = String;
        if (*String == 0)
            return (char *)Found;
    }
}

size_t strspn(const char *String, const char *Set)
{
    size_t Length = 0;

    while (String[Length] != 0 && strchr(Set, String[Length]) != NULL)
        Length++;
    return Length;
}

size_t strcspn(const char *String, const char *Set)
{
    size_t Length = 0;

    while (String[Length] != 0 && strchr(Set, String[Length]) == NULL)
        Length++;
    return Length;
}

char *strpbrk(const char *String, const char *Set)
{
    String += strcspn(String, Set);
    return *String != 0 ? (char *)String : NULL;
}

char *strstr(const char *String, const char *Sought)
{
    size_t Length = strlen(Sought);

    for (;; String++) {
        if (strncmp(String, Sought, Length) == 0)
            return (char *)String;
        if (*String == 0)
            return NULL;
    }
}

int isdigit(int Character)
{
    return Character >= '0' && Character <= '9';
}

int isupper(int Character)
{
    return Character >= 'A' && Character <= 'Z';
}

int islower(int Character)
{
    return Character >= 'a' && Character <= 'z';
}

int isalpha(int Character)
{
    return isupper(Character) || islower(Character);
}

int isalnum(int Character)
{
    return isalpha(Character) || isdigit(Character);
}

int isspace(int Character)
{
    return Character == ' ' || (Character >= '\t' && Character <= '\r');
}

int isxdigit(int Character)
{
    return isdigit(Character) || (Character >= 'a' && Character <= 'f') || (Character >= 'A' && Character <= 'F');
}

int isprint(int Character)
{
    return Character >= ' ' && Character <= '~';
}

int iscntrl(int Character)
{
    return (Character >= 0 && Character < ' ') || Character == 0x7f;
}

int isgraph(int Character)
{
    return Character > ' ' && Character <= '~';
}

int ispunct(int Character)
{
    return isgraph(Character) && !isalnum(Character);
}

int tolower(int Character)
{
    return isupper(Character) ? Character + ('a' - 'A') : Character;
}

int toupper(int Character)
{
    return islower(Character) ? Character - ('a' - 'A') : Character;
}
