/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What normalization and domain names share.
 */
#pragma once

#include "ntdllp.h"

#define NLS_SECTION_NORMALIZE 12
enum { NormalizationC = 1, NormalizationD = 2, NormalizationKC = 5, NormalizationKD = 6, NormalizationIdn = 13 };

typedef const struct _NORMALIZATION_TABLE *PCNORMALIZATION_TABLE;

/* A text as code points. */
typedef struct _NORMALIZED {
    PULONG Characters;
    SIZE_T Length;
    SIZE_T Room;
} NORMALIZED;

NTSTATUS RtlpLoadNormalization(ULONG Form, PCNORMALIZATION_TABLE *Table);
NTSTATUS RtlpNormalize(PCNORMALIZATION_TABLE Table, PCWSTR Source, SIZE_T Count, NORMALIZED *Text, PSIZE_T ErrorAt);
BOOLEAN RtlpIsUnassigned(PCNORMALIZATION_TABLE Table, ULONG Character);
BOOLEAN RtlpNextCharacter(PCWSTR *Text, PCWSTR End, PULONG Character);
SIZE_T RtlpNormalizedUnits(const NORMALIZED *Text);
PWSTR RtlpPutCharacterUnits(PWSTR At, ULONG Character);
