/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Case of single UTF-16 units: the simple Unicode mapping, from a table of runs (casetable.h).
 *
 * A run says: the letters First, First + Step, ... Last have their other case Delta away.  Runs are sorted by First
 * and do not nest, so the last run that starts at or before a letter decides, or (runs in steps of two interleave
 * at most once) the one before it.
 */
#include "rtl.h"

typedef struct _RTLP_CASE_RUN {
    USHORT First;
    USHORT Last;
    USHORT Step;
    LONG Delta;
} RTLP_CASE_RUN;

#include "casetable.h"

static WCHAR RtlpMapCase(const RTLP_CASE_RUN *Runs, ULONG Count, WCHAR Character)
{
    ULONG Low = 0, High = Count;

    while (Low < High) {
        ULONG Middle = (Low + High) / 2;

        if (Runs[Middle].First <= Character)
            Low = Middle + 1;
        else
            High = Middle;
    }
    for (ULONG Back = 0; Back < 2 && Low != 0; Back++, Low--) {
        const RTLP_CASE_RUN *Run = &Runs[Low - 1];

        if (Character <= Run->Last && (Character - Run->First) % Run->Step == 0)
            return (WCHAR)(Character + Run->Delta);
    }
    return Character;
}

WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR SourceCharacter)
{
    if (SourceCharacter < 0x80)
        return SourceCharacter >= 'a' && SourceCharacter <= 'z' ? SourceCharacter - 0x20 : SourceCharacter;
    return RtlpMapCase(RtlpLowerRuns, ARRAYSIZE(RtlpLowerRuns), SourceCharacter);
}

WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR SourceCharacter)
{
    if (SourceCharacter < 0x80)
        return SourceCharacter >= 'A' && SourceCharacter <= 'Z' ? SourceCharacter + 0x20 : SourceCharacter;
    return RtlpMapCase(RtlpUpperRuns, ARRAYSIZE(RtlpUpperRuns), SourceCharacter);
}
