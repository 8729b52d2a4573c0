/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Unicode normalization, by the tables of the volume (norm*.nls).
 *
 * A text is decomposed character by character, its combining marks are put into canonical order, and for the composed
 * forms pairs are composed again.  Hangul is done by arithmetic.
 *
 * A table (offsets in 16-bit units from its start):
 *   Level1      a byte for each 128 characters: block number + 1 in Level2; 0 and 0xfb..0xff: all have the same value,
 *               that byte rotated left by five bits
 *   value       low six bits: index in Classes (0x3f: class 0); 0: nothing to do; 0xbf: is decomposed; 0xff: Hangul and
 *               special characters; 0x7f: unassigned
 *   DecompHash  character modulo DecompSize: top three bits a length and the rest a place in DecompText, or (length 0) a
 *               place in DecompPairs, whose bucket ends where the next one begins; length 7: to the next zero
 *   CompHash    (first + 95 * second) modulo CompSize: a range of CompText, triples first, second, composed
 * Sources: Unicode Standard Annex 15; Unicode Standard chapter 3.12 (Hangul).
 */
#include "ntdllp.h"
#include "normalizep.h"

#define HANGUL_BASE 0xac00
#define HANGUL_COUNT 11172
#define JAMO_L 0x1100
#define JAMO_V 0x1161
#define JAMO_T 0x11a7
#define JAMO_L_COUNT 19
#define JAMO_V_COUNT 21
#define JAMO_T_COUNT 28

#define PROPERTY_UNASSIGNED 0x7f
#define PROPERTY_DECOMPOSED 0xbf
#define PROPERTY_SPECIAL 0xff

struct _NORMALIZATION_TABLE {
    WCHAR Name[13];
    USHORT Checksum[3];
    USHORT Version[4];
    USHORT Form;
    USHORT LengthFactor;
    USHORT Unknown1;
    USHORT DecompSize;
    USHORT CompSize;
    USHORT Unknown2;
    USHORT Classes;
    USHORT Level1;
    USHORT Level2;
    USHORT DecompHash;
    USHORT DecompPairs;
    USHORT DecompText;
    USHORT CompHash;
    USHORT CompText;
};

static PCNORMALIZATION_TABLE volatile RtlpTables[NormalizationIdn + 1];

static const USHORT *RtlpWords(PCNORMALIZATION_TABLE Table, ULONG Offset)
{
    return (const USHORT *)Table + Offset;
}

/* STATUS_INVALID_PARAMETER: form 0; what mapping the table answers. */
NTSTATUS RtlpLoadNormalization(ULONG Form, PCNORMALIZATION_TABLE *Table)
{
    PVOID Section = NULL;
    SIZE_T Size = 0;
    NTSTATUS Status;

    if (Form == 0)
        return STATUS_INVALID_PARAMETER;
    if (Form > NormalizationIdn)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *Table = RtlpTables[Form];
    if (*Table != NULL)
        return STATUS_SUCCESS;
    Status = NtGetNlsSectionPtr(NLS_SECTION_NORMALIZE, Form, NULL, &Section, &Size);
    if (!NT_SUCCESS(Status))
        return Status;
    *Table = Section;
    if (Size < sizeof(**Table) || (*Table)->Form != Form || (*Table)->DecompSize == 0)
        return STATUS_INVALID_IMAGE_FORMAT;
    RtlpTables[Form] = *Table;
    return STATUS_SUCCESS;
}

/* --- characters -------------------------------------------------------------------------------------------------- */

static UCHAR RtlpProperty(PCNORMALIZATION_TABLE Table, ULONG Character)
{
    UCHAR Block = ((const UCHAR *)RtlpWords(Table, Table->Level1))[Character / 128];

    if (Block == 0 || Block >= 0xfb)
        return (UCHAR)(Block << 5 | Block >> 3);
    return ((const UCHAR *)RtlpWords(Table, Table->Level2))[(Block - 1) * 128 + Character % 128];
}

static UCHAR RtlpCombiningClass(PCNORMALIZATION_TABLE Table, ULONG Character)
{
    UCHAR Index = RtlpProperty(Table, Character) & 0x3f;

    return Index == 0x3f ? 0 : ((const UCHAR *)RtlpWords(Table, Table->Classes))[Index];
}

BOOLEAN RtlpIsUnassigned(PCNORMALIZATION_TABLE Table, ULONG Character)
{
    return RtlpProperty(Table, Character) == PROPERTY_UNASSIGNED;
}

/* Takes one character off *Text; FALSE: a surrogate alone, or a code point that is no character. */
BOOLEAN RtlpNextCharacter(PCWSTR *Text, PCWSTR End, PULONG Character)
{
    ULONG First = *(*Text)++;

    *Character = First;
    if (First >= 0xd800 && First < 0xe000) {
        if (First >= 0xdc00 || *Text == End || **Text < 0xdc00 || **Text >= 0xe000)
            return FALSE;
        *Character = 0x10000 + ((First - 0xd800) << 10) + (ULONG)(*(*Text)++ - 0xdc00);
    }
    return (*Character & 0xfffe) != 0xfffe && (*Character < 0xfdd0 || *Character > 0xfdef);
}

/* --- decomposition ----------------------------------------------------------------------------------------------- */

static VOID RtlpDecomposeHangul(NORMALIZED *Text, ULONG Index)
{
    Text->Characters[Text->Length++] = JAMO_L + Index / (JAMO_V_COUNT * JAMO_T_COUNT);
    Text->Characters[Text->Length++] = JAMO_V + Index % (JAMO_V_COUNT * JAMO_T_COUNT) / JAMO_T_COUNT;
    if (Index % JAMO_T_COUNT != 0)
        Text->Characters[Text->Length++] = JAMO_T + Index % JAMO_T_COUNT;
}

/* Place and length of what Character decomposes to, 0: nothing; the place is in the low 13 bits, the length above. */
static USHORT RtlpFindDecomposition(PCNORMALIZATION_TABLE Table, ULONG Character, UCHAR Property)
{
    const USHORT *Hash = RtlpWords(Table, Table->DecompHash), *Pair;
    ULONG Bucket = Character % Table->DecompSize, Next = Bucket + 1;

    if (Hash[Bucket] >> 13 != 0)
        return Property == PROPERTY_DECOMPOSED ? Hash[Bucket] : 0;
    while (Next < Table->DecompSize && Hash[Next] >> 13 != 0)
        Next++;
    Pair = RtlpWords(Table, Table->DecompPairs + 2u * Hash[Bucket]);
    for (; Next < Table->DecompSize ? Pair < RtlpWords(Table, Table->DecompPairs + 2u * Hash[Next]) : Pair[0] != 0;
         Pair += 2)
        if (Pair[0] == (USHORT)Character)
            return Pair[1];
    return 0;
}

static VOID RtlpDecompose(PCNORMALIZATION_TABLE Table, NORMALIZED *Text, ULONG Character)
{
    UCHAR Property = RtlpProperty(Table, Character);
    USHORT Found = 0;
    ULONG Length, Part;
    PCWSTR Source, End;

    if (Property == PROPERTY_SPECIAL && Character - HANGUL_BASE < HANGUL_COUNT) {
        RtlpDecomposeHangul(Text, Character - HANGUL_BASE);
        return;
    }
    if (Property != 0 && Property != PROPERTY_UNASSIGNED && Property != PROPERTY_SPECIAL)
        Found = RtlpFindDecomposition(Table, Character, Property);
    if (Found == 0) {
        Text->Characters[Text->Length++] = Character;
        return;
    }
    Source = (PCWSTR)RtlpWords(Table, Table->DecompText + (Found & 0x1fffu));
    Length = Found >> 13;
    while (Length >= 7 && Source[Length] != 0)
        Length++;
    for (End = Source + (Source[0] != 0 ? Length : 0); Source < End && Text->Length < Text->Room;) {
        RtlpNextCharacter(&Source, End, &Part);
        Text->Characters[Text->Length++] = Part;
    }
}

/* Combining marks in a row, sorted by class; equal ones keep their order. */
static VOID RtlpSortMarks(PCNORMALIZATION_TABLE Table, NORMALIZED *Text)
{
    for (SIZE_T Index = 1; Index < Text->Length; Index++) {
        ULONG Moved = Text->Characters[Index];
        UCHAR Class = RtlpCombiningClass(Table, Moved);
        SIZE_T Place = Index;

        if (Class == 0)
            continue;
        while (Place > 0 && RtlpCombiningClass(Table, Text->Characters[Place - 1]) > Class) {
            Text->Characters[Place] = Text->Characters[Place - 1];
            Place--;
        }
        Text->Characters[Place] = Moved;
    }
}

/* --- composition ------------------------------------------------------------------------------------------------- */

/* 0: the two do not compose. */
static ULONG RtlpComposePair(PCNORMALIZATION_TABLE Table, ULONG First, ULONG Second)
{
    const USHORT *Hash = RtlpWords(Table, Table->CompHash + (First + 95 * Second) % Table->CompSize);
    PCWSTR At = (PCWSTR)RtlpWords(Table, Table->CompText), End = At + Hash[1];

    if (First - JAMO_L < JAMO_L_COUNT && Second - JAMO_V < JAMO_V_COUNT)
        return HANGUL_BASE + ((First - JAMO_L) * JAMO_V_COUNT + Second - JAMO_V) * JAMO_T_COUNT;
    if (First - HANGUL_BASE < HANGUL_COUNT && (First - HANGUL_BASE) % JAMO_T_COUNT == 0 &&
        Second - JAMO_T - 1 < JAMO_T_COUNT - 1)
        return First + Second - JAMO_T;
    for (At += Hash[0]; At < End;) {
        ULONG Left, Right, Composed;

        RtlpNextCharacter(&At, End, &Left);
        RtlpNextCharacter(&At, End, &Right);
        RtlpNextCharacter(&At, End, &Composed);
        if (Left == First && Right == Second)
            return Composed;
    }
    return 0;
}

/* A character composes with the last starter unless one of its class or a higher one, or a starter, is between. */
static VOID RtlpCompose(PCNORMALIZATION_TABLE Table, NORMALIZED *Text)
{
    SIZE_T Starter = MAXSIZE_T, Kept = 0;
    UCHAR LastClass = 0;

    for (SIZE_T Index = 0; Index < Text->Length; Index++) {
        ULONG Character = Text->Characters[Index], Composed = 0;
        UCHAR Class = RtlpCombiningClass(Table, Character);

        if (Starter != MAXSIZE_T && (Starter + 1 == Kept || LastClass < Class) && (Starter + 1 == Kept || LastClass != 0))
            Composed = RtlpComposePair(Table, Text->Characters[Starter], Character);
        if (Composed != 0) {
            Text->Characters[Starter] = Composed;
            continue;
        }
        if (Class == 0)
            Starter = Kept;
        LastClass = Class;
        Text->Characters[Kept++] = Character;
    }
    Text->Length = Kept;
}

/* Normalizes Count units of Source into Text, whose characters are a heap block that the caller frees (also on
 * failure).  STATUS_NO_UNICODE_TRANSLATION: *ErrorAt is the place of the bad unit. */
NTSTATUS RtlpNormalize(PCNORMALIZATION_TABLE Table, PCWSTR Source, SIZE_T Count, NORMALIZED *Text, PSIZE_T ErrorAt)
{
    PCWSTR At = Source, End = Source + Count;

    Text->Length = 0;
    Text->Room = Count * max(Table->LengthFactor, 3u) + 1;
    Text->Characters = RtlAllocateHeap(RtlProcessHeap(), 0, Text->Room * sizeof(ULONG));
    if (Text->Characters == NULL)
        return STATUS_NO_MEMORY;
    while (At < End) {
        ULONG Character;

        *ErrorAt = (SIZE_T)(At - Source);
        if (!RtlpNextCharacter(&At, End, &Character))
            return STATUS_NO_UNICODE_TRANSLATION;
        RtlpDecompose(Table, Text, Character);
    }
    RtlpSortMarks(Table, Text);
    if (Table->CompSize != 0)
        RtlpCompose(Table, Text);
    return STATUS_SUCCESS;
}

/* --- UTF-16 ------------------------------------------------------------------------------------------------------ */

SIZE_T RtlpNormalizedUnits(const NORMALIZED *Text)
{
    SIZE_T Units = Text->Length;

    for (SIZE_T Index = 0; Index < Text->Length; Index++)
        Units += Text->Characters[Index] > 0xffff;
    return Units;
}

PWSTR RtlpPutCharacterUnits(PWSTR At, ULONG Character)
{
    if (Character > 0xffff) {
        *At++ = (WCHAR)(0xd7c0 + (Character >> 10));
        Character = 0xdc00 | (Character & 0x3ff);
    }
    *At++ = (WCHAR)Character;
    return At;
}

static BOOLEAN RtlpIsSameText(const NORMALIZED *Text, PCWSTR Source, SIZE_T Count)
{
    PCWSTR At = Source, End = Source + Count;
    ULONG Character;

    for (SIZE_T Index = 0; Index < Text->Length; Index++) {
        if (At == End)
            return FALSE;
        RtlpNextCharacter(&At, End, &Character);
        if (Character != Text->Characters[Index])
            return FALSE;
    }
    return At == End;
}

/* --- entry points ------------------------------------------------------------------------------------------------ */

/* Lengths in 16-bit units; SourceLength -1: to the closing zero, which is part of the text.  *DestinationLength 0 on
 * entry: an estimate of what is needed.  STATUS_NO_UNICODE_TRANSLATION: *DestinationLength is the place of the bad
 * unit; STATUS_BUFFER_TOO_SMALL: it is what is needed. */
NTSTATUS NTAPI RtlNormalizeString(ULONG Form, PCWSTR Source, LONG SourceLength, PWSTR Destination,
        PLONG DestinationLength)
{
    SIZE_T Count = SourceLength < 0 ? wcslen(Source) + 1 : (SIZE_T)SourceLength, ErrorAt = 0, Needed;
    PCNORMALIZATION_TABLE Table;
    NORMALIZED Text;
    NTSTATUS Status = RtlpLoadNormalization(Form, &Table);

    if (!NT_SUCCESS(Status))
        return Status;
    if (*DestinationLength == 0) {
        *DestinationLength = (LONG)min(Count * Table->LengthFactor, (SIZE_T)MAXLONG);
        return STATUS_SUCCESS;
    }
    Status = RtlpNormalize(Table, Source, Count, &Text, &ErrorAt);
    Needed = NT_SUCCESS(Status) ? RtlpNormalizedUnits(&Text) : ErrorAt;
    if (NT_SUCCESS(Status) && Needed > (SIZE_T)*DestinationLength)
        Status = STATUS_BUFFER_TOO_SMALL;
    for (SIZE_T Index = 0; NT_SUCCESS(Status) && Index < Text.Length; Index++)
        Destination = RtlpPutCharacterUnits(Destination, Text.Characters[Index]);
    *DestinationLength = (LONG)Needed;
    RtlFreeHeap(RtlProcessHeap(), 0, Text.Characters);
    return Status;
}

NTSTATUS NTAPI RtlIsNormalizedString(ULONG Form, PCWSTR Source, LONG SourceLength, PBOOLEAN Normalized)
{
    SIZE_T Count = SourceLength < 0 ? wcslen(Source) : (SIZE_T)SourceLength, ErrorAt;
    PCNORMALIZATION_TABLE Table;
    NORMALIZED Text;
    NTSTATUS Status = RtlpLoadNormalization(Form, &Table);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = RtlpNormalize(Table, Source, Count, &Text, &ErrorAt);
    if (NT_SUCCESS(Status))
        *Normalized = RtlpIsSameText(&Text, Source, Count);
    RtlFreeHeap(RtlProcessHeap(), 0, Text.Characters);
    return Status;
}
