/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Internationalized domain names: labels between dots, each mapped by the table of form 13, and Punycode for those that
 * are not ASCII.
 *
 * A name is at most 255 characters, a label 1 to 63; only the last label may be empty.  ASCII labels stay as they are.
 * Sources: RFC 3490, RFC 3491, RFC 3492 (Punycode), IdnToAscii (Win32 documentation).
 */
#include "normalizep.h"

#define IDN_ALLOW_UNASSIGNED 1
#define IDN_USE_STD3_ASCII_RULES 2
#define MAX_LABEL 63
#define MAX_DOMAIN 255
#define PREFIX L"xn--"
#define PREFIX_LENGTH 4

enum { PUNY_BASE = 36, PUNY_TMIN = 1, PUNY_TMAX = 26, PUNY_SKEW = 38, PUNY_DAMP = 700, PUNY_BIAS = 72, PUNY_FIRST = 128 };

typedef struct _IDN_NAME {
    WCHAR Text[MAX_DOMAIN * 2 + 2];
    SIZE_T Length;
    ULONG Flags;
} IDN_NAME;

typedef NTSTATUS (*IDN_LABEL_ROUTINE)(IDN_NAME *Name, PCWSTR Label, SIZE_T Length);

/* --- Punycode ---------------------------------------------------------------------------------------------------- */

static ULONG RtlpPunyAdapt(ULONG Delta, ULONG Count, BOOLEAN First)
{
    ULONG Turns = 0;

    Delta = First ? Delta / PUNY_DAMP : Delta / 2;
    Delta += Delta / Count;
    for (; Delta > (PUNY_BASE - PUNY_TMIN) * PUNY_TMAX / 2; Turns += PUNY_BASE)
        Delta /= PUNY_BASE - PUNY_TMIN;
    return Turns + (PUNY_BASE - PUNY_TMIN + 1) * Delta / (Delta + PUNY_SKEW);
}

static ULONG RtlpPunyThreshold(ULONG Position, ULONG Bias)
{
    if (Position <= Bias + PUNY_TMIN)
        return PUNY_TMIN;
    return Position >= Bias + PUNY_TMAX ? PUNY_TMAX : Position - Bias;
}

static NTSTATUS RtlpPutUnit(IDN_NAME *Name, WCHAR Unit)
{
    if (Name->Length + 1 >= ARRAYSIZE(Name->Text))
        return STATUS_INVALID_IDN_NORMALIZATION;
    Name->Text[Name->Length++] = Unit;
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpPunyPutNumber(IDN_NAME *Name, ULONG Number, ULONG Bias)
{
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG Position = PUNY_BASE; NT_SUCCESS(Status); Position += PUNY_BASE) {
        ULONG Threshold = RtlpPunyThreshold(Position, Bias), Digit = Number;

        if (Number >= Threshold)
            Digit = Threshold + (Number - Threshold) % (PUNY_BASE - Threshold);
        Status = RtlpPutUnit(Name, (WCHAR)(Digit < 26 ? 'a' + Digit : '0' + Digit - 26));
        if (Number < Threshold)
            break;
        Number = (Number - Threshold) / (PUNY_BASE - Threshold);
    }
    return Status;
}

static NTSTATUS RtlpPunyEncode(IDN_NAME *Name, const ULONG *Characters, SIZE_T Length)
{
    ULONG Current = PUNY_FIRST, Delta = 0, Bias = PUNY_BIAS, Basic = 0, Done;
    NTSTATUS Status = STATUS_SUCCESS;

    for (SIZE_T Index = 0; Index < Length; Index++)
        if (Characters[Index] < PUNY_FIRST) {
            Basic++;
            Status = RtlpPutUnit(Name, (WCHAR)Characters[Index]);
        }
    Done = Basic;
    if (Basic != 0)
        Status = RtlpPutUnit(Name, '-');
    while (Done < Length && NT_SUCCESS(Status)) {
        ULONG Next = MAXDWORD;

        for (SIZE_T Index = 0; Index < Length; Index++)
            if (Characters[Index] >= Current && Characters[Index] < Next)
                Next = Characters[Index];
        Delta += (Next - Current) * (Done + 1);
        Current = Next;
        for (SIZE_T Index = 0; Index < Length && NT_SUCCESS(Status); Index++) {
            Delta += Characters[Index] < Current;
            if (Characters[Index] != Current)
                continue;
            Status = RtlpPunyPutNumber(Name, Delta, Bias);
            Bias = RtlpPunyAdapt(Delta, Done + 1, Done == Basic);
            Delta = 0;
            Done++;
        }
        Delta++;
        Current++;
    }
    return Status;
}

static ULONG RtlpPunyDigit(WCHAR Character)
{
    if (Character >= '0' && Character <= '9')
        return (ULONG)(Character - '0' + 26);
    Character |= 0x20;
    return Character >= 'a' && Character <= 'z' ? (ULONG)(Character - 'a') : PUNY_BASE;
}

/* One number of variable length, added to *Index; FALSE: cut off, or too large. */
static BOOLEAN RtlpPunyGetNumber(PCWSTR *At, PCWSTR End, ULONG Bias, PULONG Index)
{
    ULONGLONG Weight = 1, Value = *Index;

    for (ULONG Position = PUNY_BASE;; Position += PUNY_BASE) {
        ULONG Threshold = RtlpPunyThreshold(Position, Bias), Digit;

        if (*At == End)
            return FALSE;
        Digit = RtlpPunyDigit(*(*At)++);
        Value += Digit * Weight;
        if (Digit >= PUNY_BASE || Value > MAXLONG)
            return FALSE;
        if (Digit < Threshold)
            break;
        Weight *= PUNY_BASE - Threshold;
    }
    *Index = (ULONG)Value;
    return TRUE;
}

/* Decodes a label without its prefix; *Length characters.  FALSE: not Punycode. */
static BOOLEAN RtlpPunyDecode(PCWSTR Label, SIZE_T LabelLength, ULONG Characters[MAX_LABEL + 1], PULONG Length)
{
    ULONG Current = PUNY_FIRST, Index = 0, Bias = PUNY_BIAS, Count = 0;
    PCWSTR At = Label, End = Label + LabelLength;

    for (SIZE_T Dash = LabelLength; Dash > 0; Dash--) {
        if (Label[Dash - 1] == '-') {
            for (; Count < Dash - 1; Count++)
                Characters[Count] = Label[Count];
            At = Label + Dash;
            break;
        }
    }
    while (At < End) {
        ULONG Old = Index;

        if (!RtlpPunyGetNumber(&At, End, Bias, &Index) || Count == MAX_LABEL)
            return FALSE;
        Count++;
        Bias = RtlpPunyAdapt(Index - Old, Count, Old == 0);
        Current += Index / Count;
        Index %= Count;
        if (Current > 0x10ffff)
            return FALSE;
        memmove(Characters + Index + 1, Characters + Index, (Count - 1 - Index) * sizeof(ULONG));
        Characters[Index++] = Current;
    }
    *Length = Count;
    return Count != 0;
}

/* --- labels ------------------------------------------------------------------------------------------------------ */

static BOOLEAN RtlpIsAsciiLabel(PCWSTR Label, SIZE_T Length)
{
    for (SIZE_T Index = 0; Index < Length; Index++)
        if (Label[Index] >= 0x80)
            return FALSE;
    return TRUE;
}

static BOOLEAN RtlpHasPrefix(PCWSTR Label, SIZE_T Length)
{
    return Length >= PREFIX_LENGTH && _wcsnicmp(Label, PREFIX, PREFIX_LENGTH) == 0;
}

/* The rules of RFC 1122: letters, digits and hyphens inside. */
static BOOLEAN RtlpIsStd3(const ULONG *Characters, SIZE_T Length)
{
    for (SIZE_T Index = 0; Index < Length; Index++) {
        ULONG Character = Characters[Index];

        if (Character < 0x80 && !(Character >= '0' && Character <= '9') && Character != '-' &&
            !((Character | 0x20) >= 'a' && (Character | 0x20) <= 'z'))
            return FALSE;
    }
    return Characters[0] != '-' && Characters[Length - 1] != '-';
}

/* No controls, no unassigned characters (unless allowed), no blank that is not ASCII's. */
static BOOLEAN RtlpIsGoodLabel(PCNORMALIZATION_TABLE Table, const NORMALIZED *Text, ULONG Flags)
{
    if (Text->Length == 0 || (Flags & IDN_USE_STD3_ASCII_RULES && !RtlpIsStd3(Text->Characters, Text->Length)))
        return FALSE;
    for (SIZE_T Index = 0; Index < Text->Length; Index++) {
        ULONG Character = Text->Characters[Index];

        if (Character < 0x20 || (Character >= 0x7f && Character < 0xa0) || (Character >= 0xe000 && Character < 0xf900) ||
            (RtlpIsUnassigned(Table, Character) && !(Flags & IDN_ALLOW_UNASSIGNED)))
            return FALSE;
    }
    return TRUE;
}

/* Maps and checks a label; the caller frees Text->Characters in any case. */
static NTSTATUS RtlpMapLabel(PCWSTR Label, SIZE_T Length, ULONG Flags, NORMALIZED *Text)
{
    PCNORMALIZATION_TABLE Table;
    SIZE_T ErrorAt;
    NTSTATUS Status;

    Text->Characters = NULL;
    Status = RtlpLoadNormalization(NormalizationIdn, &Table);
    if (NT_SUCCESS(Status))
        Status = RtlpNormalize(Table, Label, Length, Text, &ErrorAt);
    if (Status == STATUS_NO_UNICODE_TRANSLATION || (NT_SUCCESS(Status) && !RtlpIsGoodLabel(Table, Text, Flags)))
        Status = STATUS_INVALID_IDN_NORMALIZATION;
    return Status;
}

static NTSTATUS RtlpCopyAsciiLabel(IDN_NAME *Name, PCWSTR Label, SIZE_T Length)
{
    ULONG Characters[MAX_LABEL];
    NTSTATUS Status = STATUS_SUCCESS;

    if (Length > MAX_LABEL)
        return STATUS_INVALID_IDN_NORMALIZATION;
    for (SIZE_T Index = 0; Index < Length; Index++) {
        Characters[Index] = Label[Index];
        if (Label[Index] < 0x20 || Label[Index] == 0x7f)
            return STATUS_INVALID_IDN_NORMALIZATION;
    }
    if (Name->Flags & IDN_USE_STD3_ASCII_RULES && !RtlpIsStd3(Characters, Length))
        return STATUS_INVALID_IDN_NORMALIZATION;
    for (SIZE_T Index = 0; Index < Length && NT_SUCCESS(Status); Index++)
        Status = RtlpPutUnit(Name, Label[Index]);
    return Status;
}

/* Appends the label as Punycode, or as ASCII if mapping has made it that. */
static NTSTATUS RtlpAppendAscii(IDN_NAME *Name, const NORMALIZED *Text)
{
    SIZE_T Start = Name->Length;
    BOOLEAN IsAscii = TRUE;
    NTSTATUS Status = STATUS_SUCCESS;

    for (SIZE_T Index = 0; Index < Text->Length; Index++)
        IsAscii &= Text->Characters[Index] < 0x80;
    if (IsAscii) {
        for (SIZE_T Index = 0; Index < Text->Length && NT_SUCCESS(Status); Index++)
            Status = RtlpPutUnit(Name, (WCHAR)Text->Characters[Index]);
    } else {
        for (SIZE_T Index = 0; Index < PREFIX_LENGTH && NT_SUCCESS(Status); Index++)
            Status = RtlpPutUnit(Name, PREFIX[Index]);
        if (NT_SUCCESS(Status))
            Status = RtlpPunyEncode(Name, Text->Characters, Text->Length);
    }
    return NT_SUCCESS(Status) && Name->Length - Start > MAX_LABEL ? STATUS_INVALID_IDN_NORMALIZATION : Status;
}

static NTSTATUS RtlpLabelToAscii(IDN_NAME *Name, PCWSTR Label, SIZE_T Length)
{
    NORMALIZED Text;
    NTSTATUS Status;

    if (RtlpIsAsciiLabel(Label, Length))
        return RtlpCopyAsciiLabel(Name, Label, Length);
    if (RtlpHasPrefix(Label, Length))
        return STATUS_INVALID_IDN_NORMALIZATION;
    Status = RtlpMapLabel(Label, Length, Name->Flags, &Text);
    if (NT_SUCCESS(Status))
        Status = RtlpAppendAscii(Name, &Text);
    RtlFreeHeap(RtlProcessHeap(), 0, Text.Characters);
    return Status;
}

static NTSTATUS RtlpLabelToNameprep(IDN_NAME *Name, PCWSTR Label, SIZE_T Length)
{
    NORMALIZED Text;
    NTSTATUS Status;

    if (RtlpIsAsciiLabel(Label, Length))
        return RtlpCopyAsciiLabel(Name, Label, Length);
    Status = RtlpMapLabel(Label, Length, Name->Flags, &Text);
    if (NT_SUCCESS(Status) && Name->Length + RtlpNormalizedUnits(&Text) >= ARRAYSIZE(Name->Text))
        Status = STATUS_INVALID_IDN_NORMALIZATION;
    for (SIZE_T Index = 0; NT_SUCCESS(Status) && Index < Text.Length; Index++)
        Name->Length = (SIZE_T)(RtlpPutCharacterUnits(Name->Text + Name->Length, Text.Characters[Index]) - Name->Text);
    RtlFreeHeap(RtlProcessHeap(), 0, Text.Characters);
    return Status;
}

/* A decoded label must be what mapping it gives. */
static NTSTATUS RtlpLabelToUnicode(IDN_NAME *Name, PCWSTR Label, SIZE_T Length)
{
    WCHAR Decoded[2 * MAX_LABEL + 2];
    ULONG Characters[MAX_LABEL + 1], Count;
    PWSTR End = Decoded;
    NORMALIZED Text;
    NTSTATUS Status;

    if (!RtlpIsAsciiLabel(Label, Length) || Length > MAX_LABEL)
        return STATUS_INVALID_IDN_NORMALIZATION;
    if (!RtlpHasPrefix(Label, Length))
        return RtlpCopyAsciiLabel(Name, Label, Length);
    if (!RtlpPunyDecode(Label + PREFIX_LENGTH, Length - PREFIX_LENGTH, Characters, &Count))
        return STATUS_INVALID_IDN_NORMALIZATION;
    for (ULONG Index = 0; Index < Count; Index++)
        End = RtlpPutCharacterUnits(End, Characters[Index]);
    Status = RtlpMapLabel(Decoded, (SIZE_T)(End - Decoded), Name->Flags, &Text);
    if (NT_SUCCESS(Status) && (Text.Length != Count || memcmp(Text.Characters, Characters, Count * sizeof(ULONG)) != 0))
        Status = STATUS_INVALID_IDN_NORMALIZATION;
    RtlFreeHeap(RtlProcessHeap(), 0, Text.Characters);
    for (PWSTR At = Decoded; At < End && NT_SUCCESS(Status); At++)
        Status = RtlpPutUnit(Name, *At);
    return Status;
}

/* --- names ------------------------------------------------------------------------------------------------------- */

static BOOLEAN RtlpIsDot(WCHAR Character)
{
    return Character == '.' || Character == 0x3002 || Character == 0xff0e || Character == 0xff61;
}

/* Runs Routine over the labels; dots of all kinds become '.'. */
static NTSTATUS RtlpForEachLabel(IDN_NAME *Name, PCWSTR Source, SIZE_T Length, IDN_LABEL_ROUTINE Routine)
{
    NTSTATUS Status = STATUS_SUCCESS;

    for (SIZE_T Start = 0; Start < Length && NT_SUCCESS(Status);) {
        SIZE_T End = Start;

        while (End < Length && !RtlpIsDot(Source[End]))
            End++;
        if (End == Start)
            return STATUS_INVALID_IDN_NORMALIZATION;
        Status = Routine(Name, Source + Start, End - Start);
        if (NT_SUCCESS(Status) && End < Length)
            Status = RtlpPutUnit(Name, '.');
        Start = End + 1;
    }
    return NT_SUCCESS(Status) && Name->Length > MAX_DOMAIN ? STATUS_INVALID_IDN_NORMALIZATION : Status;
}

static NTSTATUS RtlpConvertName(PCWSTR Source, LONG SourceLength, PWSTR Destination, PLONG DestinationLength,
        ULONG Flags, IDN_LABEL_ROUTINE Routine)
{
    SIZE_T Length = SourceLength < 0 ? wcslen(Source) : (SIZE_T)SourceLength;
    IDN_NAME *Name = RtlAllocateHeap(RtlProcessHeap(), 0, sizeof(*Name));
    LONG Room = *DestinationLength;
    NTSTATUS Status;

    if (Name == NULL)
        return STATUS_NO_MEMORY;
    Name->Length = 0;
    Name->Flags = Flags;
    Status = RtlpForEachLabel(Name, Source, Length, Routine);
    if (NT_SUCCESS(Status) && SourceLength < 0)
        Name->Text[Name->Length++] = 0;
    if (NT_SUCCESS(Status)) {
        *DestinationLength = (LONG)Name->Length;
        if (Room != 0 && Name->Length > (SIZE_T)Room)
            Status = STATUS_BUFFER_TOO_SMALL;
        else if (Room != 0)
            memcpy(Destination, Name->Text, Name->Length * sizeof(WCHAR));
    }
    RtlFreeHeap(RtlProcessHeap(), 0, Name);
    return Status;
}

/* All three: lengths in 16-bit units, SourceLength -1: to the closing zero, which is converted too; *DestinationLength 0:
 * only the length.  STATUS_INVALID_PARAMETER (flags), STATUS_INVALID_IDN_NORMALIZATION, STATUS_BUFFER_TOO_SMALL. */
NTSTATUS NTAPI RtlIdnToAscii(ULONG Flags, PCWSTR Source, LONG SourceLength, PWSTR Destination, PLONG DestinationLength)
{
    if (Flags & ~(IDN_ALLOW_UNASSIGNED | IDN_USE_STD3_ASCII_RULES) || Source == NULL)
        return STATUS_INVALID_PARAMETER;
    return SourceLength == 0 ? STATUS_INVALID_IDN_NORMALIZATION
            : RtlpConvertName(Source, SourceLength, Destination, DestinationLength, Flags, RtlpLabelToAscii);
}

NTSTATUS NTAPI RtlIdnToNameprepUnicode(ULONG Flags, PCWSTR Source, LONG SourceLength, PWSTR Destination,
        PLONG DestinationLength)
{
    if (Flags & ~(IDN_ALLOW_UNASSIGNED | IDN_USE_STD3_ASCII_RULES) || Source == NULL)
        return STATUS_INVALID_PARAMETER;
    return SourceLength == 0 ? STATUS_INVALID_IDN_NORMALIZATION
            : RtlpConvertName(Source, SourceLength, Destination, DestinationLength, Flags, RtlpLabelToNameprep);
}

NTSTATUS NTAPI RtlIdnToUnicode(ULONG Flags, PCWSTR Source, LONG SourceLength, PWSTR Destination,
        PLONG DestinationLength)
{
    if (Flags & ~(IDN_ALLOW_UNASSIGNED | IDN_USE_STD3_ASCII_RULES) || Source == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpConvertName(Source, SourceLength, Destination, DestinationLength, Flags, RtlpLabelToUnicode);
}
