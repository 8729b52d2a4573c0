/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Wildcards in file names.
 *
 *   *  any characters          ?  one character           <  (DOS star) any up to the last dot
 *   "  (DOS dot) a dot, or nothing at the end             >  (DOS ?) one character, or none at a dot or the end
 */
#include "rtl.h"

static WCHAR RtlpFold(WCHAR Character, BOOLEAN IgnoreCase)
{
    return IgnoreCase ? RtlUpcaseUnicodeChar(Character) : Character;
}

/* Positions of a name, 0 to its length: a bit each. */
#define MAXIMUM_NAME 255                /* characters: no file system has longer names */
#define SET_WORDS ((MAXIMUM_NAME + 1 + 63) / 64)

typedef struct _RTLP_POSITIONS {
    ULONG64 Word[SET_WORDS];
} RTLP_POSITIONS;

static BOOLEAN RtlpHas(const RTLP_POSITIONS *Set, SIZE_T Position)
{
    return (Set->Word[Position / 64] >> Position % 64 & 1) != 0;
}

static VOID RtlpAdd(RTLP_POSITIONS *Set, SIZE_T Position)
{
    Set->Word[Position / 64] |= 1ull << Position % 64;
}

/* Where the last dot is, or Length. */
static SIZE_T RtlpLastDot(const WCHAR *Name, SIZE_T Length)
{
    for (SIZE_T Index = Length; Index > 0; Index--)
        if (Name[Index - 1] == '.')
            return Index - 1;
    return Length;
}

/* One character of the expression (no star) against the name: characters of the name it takes, or -1. */
static int RtlpMatchOne(WCHAR Wild, const WCHAR *Name, SIZE_T Length, BOOLEAN IgnoreCase)
{
    switch (Wild) {
    case '?':
        return Length != 0 ? 1 : -1;
    case '>':
        return Length != 0 && Name[0] != '.' ? 1 : 0;
    case '"':
        return Length == 0 ? 0 : Name[0] == '.' ? 1 : -1;
    default:
        return Length != 0 && RtlpFold(Wild, IgnoreCase) == RtlpFold(Name[0], IgnoreCase) ? 1 : -1;
    }
}

/* A star goes on from each position to all behind it; the DOS star takes everything but the last dot. */
static VOID RtlpMatchStar(RTLP_POSITIONS *Set, BOOLEAN IsDos, SIZE_T LastDot, SIZE_T Length)
{
    for (SIZE_T At = 0; At < Length; At++)
        if (RtlpHas(Set, At) && !(IsDos && At == LastDot))
            RtlpAdd(Set, At + 1);
}

/*
 * Keeps the set of all positions that the expression so far can lead to.
 * DIFFERS: a name of more than 255 characters, which no file has, matches nothing.
 */
BOOLEAN NTAPI RtlIsNameInExpression(PUNICODE_STRING Expression, PUNICODE_STRING Name, BOOLEAN IgnoreCase,
        PWCH UpcaseTable)
{
    SIZE_T WildLength = Expression->Length / sizeof(WCHAR), Length = Name->Length / sizeof(WCHAR);
    SIZE_T LastDot = RtlpLastDot(Name->Buffer, Length);
    RTLP_POSITIONS Set = { { 1 } };

    if (Length == 0 || WildLength == 0 || Length > MAXIMUM_NAME)
        return Length == 0 && WildLength == 0;
    for (SIZE_T AtWild = 0; AtWild < WildLength; AtWild++) {
        WCHAR Wild = Expression->Buffer[AtWild];
        RTLP_POSITIONS Next = { { 0 } };
        BOOLEAN Any = FALSE;

        if (Wild == '*' || Wild == '<') {
            RtlpMatchStar(&Set, Wild == '<', LastDot, Length);
            continue;
        }
        for (SIZE_T At = 0; At <= Length; At++) {
            int Taken = RtlpHas(&Set, At) ? RtlpMatchOne(Wild, Name->Buffer + At, Length - At, IgnoreCase) : -1;

            if (Taken >= 0)
                RtlpAdd(&Next, At + (SIZE_T)Taken);
            Any |= Taken >= 0;
        }
        if (!Any)
            return FALSE;
        Set = Next;
    }
    return RtlpHas(&Set, Length);
}
