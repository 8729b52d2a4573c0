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

static BOOLEAN RtlpHasDot(const WCHAR *Name, SIZE_T Length)
{
    for (SIZE_T Index = 0; Index < Length; Index++)
        if (Name[Index] == '.')
            return TRUE;
    return FALSE;
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

/* Goes back to the last star only: enough, because a later star can take what an earlier one gives up. */
BOOLEAN NTAPI RtlIsNameInExpression(PUNICODE_STRING Expression, PUNICODE_STRING Name, BOOLEAN IgnoreCase,
        PWCH UpcaseTable)
{
    const WCHAR *Wild = Expression->Buffer, *Text = Name->Buffer;
    SIZE_T WildLength = Expression->Length / sizeof(WCHAR), Length = Name->Length / sizeof(WCHAR);
    SIZE_T AtWild = 0, At = 0, StarWild = 0, StarAt = 0;
    BOOLEAN HasStar = FALSE;

    if (Length == 0 || WildLength == 0)
        return Length == 0 && WildLength == 0;
    for (;;) {
        int Taken = -1;

        if (AtWild < WildLength && (Wild[AtWild] == '*' || Wild[AtWild] == '<')) {
            HasStar = TRUE;
            StarWild = AtWild++;
            StarAt = At;
            continue;
        }
        if (AtWild == WildLength && At == Length)
            return TRUE;
        if (AtWild < WildLength)
            Taken = RtlpMatchOne(Wild[AtWild], Text + At, Length - At, IgnoreCase);
        if (Taken >= 0) {
            AtWild++;
            At += (SIZE_T)Taken;
            continue;
        }
        if (!HasStar || StarAt == Length)
            return FALSE;
        if (Wild[StarWild] == '<' && Text[StarAt] == '.' && !RtlpHasDot(Text + StarAt + 1, Length - StarAt - 1))
            return FALSE;
        At = ++StarAt;
        AtWild = StarWild + 1;
    }
}
