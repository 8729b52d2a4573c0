/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rtlfuzz: counted strings and case; conversions between UTF-16, UTF-8 and the code pages; names.
 */
#include "rtlfuzz.h"

#define MOST 40

/* --- text ------------------------------------------------------------------------------------------------------------- */

/* A second text that has something to do with the first: the same, a part, with other case, spoiled, or another. */
static ULONG SomeSimilar(PWSTR Buffer, PCWSTR Text, ULONG Length)
{
    PCWSTR Pieces[] = { Text };
    ULONG Kind = Below(5), Result = Length;

    if (Kind == 0)
        return SomeText(Buffer, MOST);
    do
        Result = SomePieces(Buffer, MOST, Pieces, 1, 1);
    while (Result == 0 && Length != 0);
    for (ULONG i = 0; i < Result && Kind == 1; i++)
        Buffer[i] = Once(2) ? RtlUpcaseUnicodeChar(Buffer[i]) : RtlDowncaseUnicodeChar(Buffer[i]);
    return Kind == 2 ? Below(Result + 1) : Result;
}

typedef struct _PAIR {
    WCHAR Text[2][MOST + 1];
    UNICODE_STRING Wide[2];
    STRING Narrow[2];
} PAIR;

static VOID MakePair(PAIR *Pair)
{
    ULONG Length[2] = { SomeText(Pair->Text[0], MOST) };

    Length[1] = SomeSimilar(Pair->Text[1], Pair->Text[0], Length[0]);
    for (ULONG i = 0; i < 2; i++) {
        CHAR Bytes[MOST + 1];

        Pair->Text[i][Length[i]] = 0;
        ToBytes(Bytes, Pair->Text[i], Length[i]);
        Pair->Wide[i] = InputUnicode(Pair->Text[i], Length[i]);
        Pair->Narrow[i] = InputString(Bytes, Length[i]);
        TellUnicode("in", &Pair->Wide[i]);
    }
}

static BOOLEAN HasHighBytes(const STRING *String)
{
    for (ULONG i = 0; i < String->Length; i++)
        if (String->Buffer[i] & 0x80)
            return TRUE;
    return FALSE;
}

/* A string with some space, part of which is used. */
static UNICODE_STRING SomeTarget(VOID)
{
    UNICODE_STRING Target = OutputUnicode(Below(MOST) * sizeof(WCHAR));
    WCHAR Text[MOST + 1];
    ULONG Length = SomeText(Text, MOST);

    Target.Length = (USHORT)(min(Length * sizeof(WCHAR), Target.MaximumLength));
    memcpy(Target.Buffer, Text, Target.Length);
    Tell("maximum", Target.MaximumLength);
    TellUnicode("target", &Target);
    return Target;
}

static STRING SomeNarrowTarget(VOID)
{
    STRING Target = OutputString(Below(MOST));
    CHAR Text[MOST + 1];
    ULONG Length = SomeAscii(Text, MOST);

    Target.Length = (USHORT)min(Length, Target.MaximumLength);
    memcpy(Target.Buffer, Text, Target.Length);
    Tell("maximum", Target.MaximumLength);
    TellString("target", &Target);
    return Target;
}

static VOID TellTarget(const UNICODE_STRING *Target)
{
    Tell("length", Target->Length);
    Tell("maximum", Target->MaximumLength);
    if (Target->Buffer != NULL)
        TellBytes("bytes", Target->Buffer, Target->MaximumLength);
}

static VOID TellNarrowTarget(const STRING *Target)
{
    Tell("length", Target->Length);
    Tell("maximum", Target->MaximumLength);
    if (Target->Buffer != NULL)
        TellBytes("bytes", Target->Buffer, Target->MaximumLength);
}

/* What RtlDuplicateUnicodeString and others allocate: the text, and the zero if there is room for one. */
static VOID TellAllocated(NTSTATUS Status, PUNICODE_STRING String)
{
    if (!NT_SUCCESS(Status))
        return;
    TellUnicode("out", String);
    Tell("maximum", String->MaximumLength);
    if (String->MaximumLength > String->Length)
        Tell("end", String->Buffer[String->Length / sizeof(WCHAR)]);
    RtlFreeUnicodeString(String);
}

/* --- comparisons ------------------------------------------------------------------------------------------------------ */

CASE(RtlCompareUnicodeString)
{
    PAIR Pair;

    MakePair(&Pair);
    TellSign("exact", RtlCompareUnicodeString(&Pair.Wide[0], &Pair.Wide[1], FALSE));
    TellSign("folded", RtlCompareUnicodeString(&Pair.Wide[0], &Pair.Wide[1], TRUE));
}

CASE(RtlCompareUnicodeStrings)
{
    PAIR Pair;

    MakePair(&Pair);
    for (ULONG Fold = 0; Fold < 2; Fold++)
        TellSign("result", RtlCompareUnicodeStrings(Pair.Wide[0].Buffer, Pair.Wide[0].Length / sizeof(WCHAR), Pair.Wide[1].Buffer,
                                                   Pair.Wide[1].Length / sizeof(WCHAR), (BOOLEAN)Fold));
}

CASE(RtlEqualUnicodeString)
{
    PAIR Pair;

    MakePair(&Pair);
    Tell("exact", RtlEqualUnicodeString(&Pair.Wide[0], &Pair.Wide[1], FALSE));
    Tell("folded", RtlEqualUnicodeString(&Pair.Wide[0], &Pair.Wide[1], TRUE));
}

CASE(RtlPrefixUnicodeString)
{
    PAIR Pair;
    ULONG First = Below(2);

    MakePair(&Pair);
    Tell("exact", RtlPrefixUnicodeString(&Pair.Wide[First], &Pair.Wide[!First], FALSE));
    Tell("folded", RtlPrefixUnicodeString(&Pair.Wide[First], &Pair.Wide[!First], TRUE));
}

/* Of ASCII text the order is told, of other bytes (Wine takes them for negative) whether they are the same. */
CASE(RtlCompareString)
{
    PAIR Pair;

    MakePair(&Pair);
    for (ULONG Fold = 0; Fold < 2; Fold++) {
        LONG Result = RtlCompareString(&Pair.Narrow[0], &Pair.Narrow[1], (BOOLEAN)Fold);

        if (HasHighBytes(&Pair.Narrow[0]) || HasHighBytes(&Pair.Narrow[1]))
            Tell("same", Result == 0);
        else
            TellSign("order", Result);
    }
}

CASE(RtlEqualString)
{
    PAIR Pair;

    MakePair(&Pair);
    Tell("exact", RtlEqualString(&Pair.Narrow[0], &Pair.Narrow[1], FALSE));
    Tell("folded", RtlEqualString(&Pair.Narrow[0], &Pair.Narrow[1], TRUE));
}

CASE(RtlPrefixString)
{
    PAIR Pair;
    ULONG First = Below(2);

    MakePair(&Pair);
    Tell("exact", RtlPrefixString(&Pair.Narrow[First], &Pair.Narrow[!First], FALSE));
    Tell("folded", RtlPrefixString(&Pair.Narrow[First], &Pair.Narrow[!First], TRUE));
}

CASE(RtlHashUnicodeString)
{
    WCHAR Text[MOST + 1];
    UNICODE_STRING String = InputUnicode(Text, SomeText(Text, MOST));
    ULONG Algorithm = Once(10) ? SomeUlong() : Below(2), Hash = 77;

    String = InputUnicode(Text, String.Length / sizeof(WCHAR));
    TellUnicode("in", &String);
    for (ULONG Fold = 0; Fold < 2; Fold++) {
        TellStatus(RtlHashUnicodeString(Once(50) ? NULL : &String, (BOOLEAN)Fold, Algorithm, Once(50) ? NULL : &Hash));
        Tell("hash", Hash);
    }
}

/* Wine has none of RTL_FIND_CHAR_IN_UNICODE_STRING_CASE_INSENSITIVE. */
CASE(RtlFindCharInUnicodeString)
{
    WCHAR Text[MOST + 1], Set[MOST + 1];
    ULONG Length = SomeText(Text, MOST), SetLength = SomeText(Set, 6), Flags = Below(4);
    USHORT Place = 0x7777;
    UNICODE_STRING String, Chars;

    if (SetLength != 0 && Length != 0)
        Set[0] = Text[Below(Length)];
    String = InputUnicode(Text, Length);
    Chars = InputUnicode(Set, SetLength);
    TellUnicode("in", &String);
    TellUnicode("set", &Chars);
    Tell("flags", Flags);
    TellStatus(RtlFindCharInUnicodeString(Flags, &String, &Chars, &Place));
    Tell("place", Place);
}

/* --- initialization, copies and appends -------------------------------------------------------------------------------- */

/* Lengths around what a counted string can hold, too. */
static ULONG SomeInitLength(VOID)
{
    return Once(3) ? 0x7ff0 + Below(0x20) : Once(3) ? 0xfff0 + Below(0x20) : Below(MOST);
}

static PWSTR InputLong(ULONG Length)
{
    PWSTR Text = Output(min((Length + 1) * sizeof(WCHAR), FUZZ_SLOT));

    for (ULONG i = 0; i < Length && (i + 1) * sizeof(WCHAR) < FUZZ_SLOT; i++)
        Text[i] = L'x';
    Text[min(Length, FUZZ_SLOT / sizeof(WCHAR) - 1)] = 0;
    return Text;
}

CASE(RtlInitUnicodeStringEx)
{
    UNICODE_STRING String = { 7, 7, NULL };
    PCWSTR Text = Once(10) ? NULL : InputLong(min(SomeInitLength(), FUZZ_SLOT / sizeof(WCHAR) - 1));

    TellStatus(RtlInitUnicodeStringEx(&String, Text));
    Tell("length", String.Length);
    Tell("maximum", String.MaximumLength);
    RtlInitUnicodeString(&String, Text);
    Tell("length", String.Length);
    Tell("maximum", String.MaximumLength);
    TellPlace("buffer", String.Buffer, Text);
}

/* One more than 0xfffe bytes cannot be counted with their zero: RtlInitAnsiString cuts them, as it cuts longer ones; Wine's lengths wrap around. */
CASE(RtlInitAnsiStringEx)
{
    STRING String = { 7, 7, NULL };
    ULONG Length = min(SomeInitLength(), FUZZ_SLOT - 1);
    PCHAR Text = Output(Length + 1);

    Text[Length] = 0;
    TellStatus(RtlInitAnsiStringEx(&String, Text));
    Tell("length", String.Length);
    Tell("maximum", String.MaximumLength);
    if (Length > 0xfffe)
        return;
    RtlInitAnsiString(&String, Text);
    Tell("length", String.Length);
    Tell("maximum", String.MaximumLength);
    RtlInitString(&String, Once(10) ? NULL : Text);
    Tell("length", String.Length);
    Tell("maximum", String.MaximumLength);
}

CASE(RtlCopyUnicodeString)
{
    PAIR Pair;
    UNICODE_STRING Target;

    MakePair(&Pair);
    Target = SomeTarget();
    RtlCopyUnicodeString(&Target, Once(20) ? NULL : &Pair.Wide[0]);
    TellTarget(&Target);
}

CASE(RtlCopyString)
{
    PAIR Pair;
    STRING Target;

    MakePair(&Pair);
    Target = SomeNarrowTarget();
    RtlCopyString(&Target, Once(20) ? NULL : &Pair.Narrow[0]);
    TellNarrowTarget(&Target);
}

CASE(RtlAppendUnicodeStringToString)
{
    PAIR Pair;
    UNICODE_STRING Target;

    MakePair(&Pair);
    Target = SomeTarget();
    TellStatus(RtlAppendUnicodeStringToString(&Target, &Pair.Wide[0]));
    TellTarget(&Target);
}

CASE(RtlAppendUnicodeToString)
{
    WCHAR Text[MOST + 1];
    ULONG Length = SomeText(Text, MOST);
    UNICODE_STRING Target = SomeTarget();

    TellText("in", Text, Length);
    TellStatus(RtlAppendUnicodeToString(&Target, Once(20) ? NULL : Input(Text, (Length + 1) * sizeof(WCHAR))));
    TellTarget(&Target);
}

CASE(RtlAppendStringToString)
{
    PAIR Pair;
    STRING Target;

    MakePair(&Pair);
    Target = SomeNarrowTarget();
    TellStatus(RtlAppendStringToString(&Target, &Pair.Narrow[0]));
    TellNarrowTarget(&Target);
}

CASE(RtlAppendAsciizToString)
{
    CHAR Text[MOST + 1];
    ULONG Length = SomeAscii(Text, MOST);
    STRING Target = SomeNarrowTarget();

    TellBytes("in", Text, Length);
    TellStatus(RtlAppendAsciizToString(&Target, Once(20) ? NULL : Input(Text, Length + 1)));
    TellNarrowTarget(&Target);
}

CASE(RtlDuplicateUnicodeString)
{
    PAIR Pair;
    UNICODE_STRING Copy = { 0 };
    ULONG Flags = Once(10) ? SomeUlong() : Below(4);
    NTSTATUS Status;

    MakePair(&Pair);
    Tell("flags", Flags);
    Status = RtlDuplicateUnicodeString(Flags, &Pair.Wide[0], &Copy);
    TellStatus(Status);
    TellAllocated(Status, &Copy);
}

CASE(RtlCreateUnicodeString)
{
    WCHAR Text[MOST + 1];
    ULONG Length = SomeText(Text, MOST);
    UNICODE_STRING Copy = { 0 };

    TellAllocated(RtlCreateUnicodeString(&Copy, Input(Text, (Length + 1) * sizeof(WCHAR))) ? STATUS_SUCCESS : STATUS_NO_MEMORY, &Copy);
}

/* --- case ------------------------------------------------------------------------------------------------------------------ */

CASE(RtlUpcaseUnicodeChar)
{
    WCHAR Char = SomeChar();

    Tell("in", Char);
    Tell("up", RtlUpcaseUnicodeChar(Char));
    Tell("down", RtlDowncaseUnicodeChar(Char));
    Tell("upper", (UCHAR)RtlUpperChar((CHAR)Char));
}

static VOID ChangeCase(NTSTATUS (NTAPI *Routine)(PUNICODE_STRING, PCUNICODE_STRING, BOOLEAN))
{
    PAIR Pair;
    UNICODE_STRING Target = { 0 };
    NTSTATUS Status;

    MakePair(&Pair);
    Status = Routine(&Target, &Pair.Wide[0], TRUE);
    TellStatus(Status);
    if (NT_SUCCESS(Status)) {
        TellUnicode("out", &Target);
        RtlFreeUnicodeString(&Target);
    }
    Target = SomeTarget();
    TellStatus(Routine(&Target, &Pair.Wide[0], FALSE));
    TellTarget(&Target);
}

CASE(RtlUpcaseUnicodeString)
{
    ChangeCase(RtlUpcaseUnicodeString);
}

CASE(RtlDowncaseUnicodeString)
{
    ChangeCase(RtlDowncaseUnicodeString);
}

CASE(RtlUpperString)
{
    PAIR Pair;
    STRING Target;

    MakePair(&Pair);
    Target = SomeNarrowTarget();
    RtlUpperString(&Target, &Pair.Narrow[0]);
    TellNarrowTarget(&Target);
}

/* --- UTF-8 ------------------------------------------------------------------------------------------------------------------ */

CASE(RtlUnicodeToUTF8N)
{
    WCHAR Text[MOST + 1];
    ULONG Length = SomeText(Text, MOST), Room = Below(3 * MOST), Size = 0x7777, Bytes = Length * sizeof(WCHAR);
    PCHAR Target = Output(Room);
    PCWSTR Source = Input(Text, Bytes);

    TellText("in", Text, Length);
    TellStatus(RtlUnicodeToUTF8N(NULL, 0, &Size, Source, Bytes));
    Tell("size", Size);
    Tell("room", Room);
    TellStatus(RtlUnicodeToUTF8N(Target, Room, &Size, Source, Bytes));
    Tell("size", Size);
    TellBytes("out", Target, Room);
}

/* Pieces of UTF-8, whole and broken. */
static ULONG SomeUtf8(PSTR Buffer, ULONG Maximum)
{
    static const PCSTR Pieces[] = { "a", "b", "\x7f", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xef\xbf\xbd", "\xc0\x80", "\xed\xa0\x80", "\xed\xb0\x80",
        "\xf4\x90\x80\x80", "\xf5", "\xff", "\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xee\x80\x80", "\xf0\x90\x80\x80",
        "\xf4\x8f\xbf\xbf", "\xe2\x82", "\xf0\x9f\x98", "\xf0\x9f", "\xf8\x88\x80\x80\x80" };
    ULONG Length = 0;

    for (ULONG Count = Below(7); Count != 0; Count--) {
        PCSTR Piece = ONE_OF(Pieces);

        for (; *Piece != 0 && Length < Maximum; Piece++)
            Buffer[Length++] = *Piece;
    }
    if (Once(4) && Length != 0)
        Buffer[Below(Length)] = (CHAR)Random64();
    return Length;
}

/* A lead byte without all of its trail bytes, near the text's end or with some of them: Wine takes what follows for the rest of it.
 * "One or more of the input characters were not mapped" says nothing of others. */
static BOOLEAN HasCutCharacter(PCSTR Text, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++) {
        ULONG Lead = (UCHAR)Text[i], Wanted = Lead < 0xc2 || Lead > 0xf4 ? 0 : Lead < 0xe0 ? 1 : Lead < 0xf0 ? 2 : 3, Count = 0;

        while (Count < Wanted && i + 1 + Count < Length && (Text[i + 1 + Count] & 0xc0) == 0x80)
            Count++;
        if (Count < Wanted && ((Wanted == 3 && Count != 0) || (i + 1 + Count < Length && i + Wanted >= Length)))
            return TRUE;
    }
    return FALSE;
}

/* Half a character at the buffer's end is what Wine writes; Microsoft's count is that of the string as it was cut. */
CASE(RtlUTF8ToUnicodeN)
{
    CHAR Text[MOST];
    WCHAR Whole[MOST];
    ULONG Length = SomeUtf8(Text, MOST), Room = Below(2 * MOST), Size = 0x7777;
    PWSTR Target = Output((Room + 1) & ~1u);
    PCSTR Source = Input(Text, Length);

    TellBytes("in", Text, Length);
    if (HasCutCharacter(Text, Length))
        return;
    TellStatus(RtlUTF8ToUnicodeN(NULL, 0, &Size, Source, Length));
    Tell("size", Size);
    RtlUTF8ToUnicodeN(Whole, sizeof(Whole), &Size, Source, Length);
    Tell("room", Room);
    if (Room / sizeof(WCHAR) != 0 && Room / sizeof(WCHAR) < Size / sizeof(WCHAR) && (Whole[Room / sizeof(WCHAR) - 1] & 0xfc00) == 0xd800)
        return;
    TellStatus(RtlUTF8ToUnicodeN(Target, Room, &Size, Source, Length));
    Tell("size", Size);
    TellBytes("out", Target, Room);
}

/* --- code pages -------------------------------------------------------------------------------------------------------------- */

typedef NTSTATUS NTAPI TO_UNICODE(PWCH, ULONG, PULONG, const CHAR *, ULONG);
typedef NTSTATUS NTAPI FROM_UNICODE(PCHAR, ULONG, PULONG, PCWCH, ULONG);

/* "STATUS_BUFFER_OVERFLOW" is what Microsoft says of an OEM string that is cut, and not of others; Wine never says so. */
static VOID TellCut(NTSTATUS Status)
{
    TellStatus(Status == STATUS_BUFFER_OVERFLOW ? STATUS_SUCCESS : Status);
}

static VOID ToUnicode(TO_UNICODE *Routine)
{
    CHAR Text[MOST];
    ULONG Length = Below(MOST), Room = Below(2 * MOST), Size = 0x7777;
    PWSTR Target = Output((Room + 1) & ~1u);

    SomeBytes(Text, Length);
    TellBytes("in", Text, Length);
    Tell("room", Room);
    TellCut(Routine(Target, Room, Once(20) ? NULL : &Size, Input(Text, Length), Length));
    Tell("size", Size);
    TellBytes("out", Target, Room);
}

CASE(RtlMultiByteToUnicodeN)
{
    ToUnicode(RtlMultiByteToUnicodeN);
}

CASE(RtlOemToUnicodeN)
{
    ToUnicode(RtlOemToUnicodeN);
}

static VOID FromUnicode(FROM_UNICODE *Routine)
{
    WCHAR Text[MOST + 1];
    ULONG Length = SomeText(Text, MOST), Room = Below(MOST + 4), Size = 0x7777;
    PCHAR Target = Output(Room);

    TellText("in", Text, Length);
    Tell("room", Room);
    TellCut(Routine(Target, Room, Once(20) ? NULL : &Size, Input(Text, Length * sizeof(WCHAR)), Length * sizeof(WCHAR)));
    Tell("size", Size);
    TellBytes("out", Target, Room);
}

CASE(RtlUnicodeToMultiByteN)
{
    FromUnicode(RtlUnicodeToMultiByteN);
}

CASE(RtlUnicodeToOemN)
{
    FromUnicode(RtlUnicodeToOemN);
}

CASE(RtlUnicodeToMultiByteSize)
{
    PAIR Pair;
    ULONG Size = 0x7777;

    MakePair(&Pair);
    TellStatus(RtlUnicodeToMultiByteSize(&Size, Pair.Wide[0].Buffer, Pair.Wide[0].Length));
    Tell("size", Size);
    TellStatus(RtlMultiByteToUnicodeSize(&Size, Pair.Narrow[0].Buffer, Pair.Narrow[0].Length));
    Tell("size", Size);
    Tell("ansi", RtlxUnicodeStringToAnsiSize(&Pair.Wide[0]));
    Tell("ansi", RtlUnicodeStringToAnsiSize(&Pair.Wide[0]));
    Tell("oem", RtlUnicodeStringToOemSize(&Pair.Wide[0]));
    Tell("wide", RtlxAnsiStringToUnicodeSize(&Pair.Narrow[0]));
    Tell("wide", RtlAnsiStringToUnicodeSize(&Pair.Narrow[0]));
}

static NTSTATUS NTAPI AnsiToUnicode(PUNICODE_STRING Target, const STRING *Source, BOOLEAN Allocate)
{
    return RtlAnsiStringToUnicodeString(Target, (PCANSI_STRING)Source, Allocate);
}

static VOID StringToUnicode(NTSTATUS (NTAPI *Routine)(PUNICODE_STRING, const STRING *, BOOLEAN))
{
    PAIR Pair;
    UNICODE_STRING Target = { 0 };
    NTSTATUS Status;

    MakePair(&Pair);
    Status = Routine(&Target, &Pair.Narrow[0], TRUE);
    TellStatus(Status);
    TellAllocated(Status, &Target);
    Target = SomeTarget();
    TellStatus(Routine(&Target, &Pair.Narrow[0], FALSE));
    TellTarget(&Target);
}

CASE(RtlAnsiStringToUnicodeString)
{
    StringToUnicode(AnsiToUnicode);
}

CASE(RtlOemStringToUnicodeString)
{
    StringToUnicode(RtlOemStringToUnicodeString);
}

static VOID StringFromUnicode(NTSTATUS (NTAPI *Routine)(PSTRING, PCUNICODE_STRING, BOOLEAN))
{
    PAIR Pair;
    STRING Target = { 0 };
    NTSTATUS Status;

    MakePair(&Pair);
    Status = Routine(&Target, &Pair.Wide[0], TRUE);
    TellStatus(Status);
    if (NT_SUCCESS(Status)) {
        TellNarrowTarget(&Target);
        RtlFreeAnsiString(&Target);
    }
    Target = SomeNarrowTarget();
    TellStatus(Routine(&Target, &Pair.Wide[0], FALSE));
    TellNarrowTarget(&Target);
}

CASE(RtlUnicodeStringToAnsiString)
{
    StringFromUnicode(RtlUnicodeStringToAnsiString);
}

CASE(RtlUnicodeStringToOemString)
{
    StringFromUnicode(RtlUnicodeStringToOemString);
}

/* --- names ------------------------------------------------------------------------------------------------------------------- */

static const PCWSTR NamePieces[] = { L"A", L"b", L"FILE", L"12345678", L".", L".", L"TXT", L" ", L"~1", L"+", L"*", L"\xe4", L"..", L"\"", L",", L"/", L"EXT.", L"-" };

/* Wine takes control characters.  The blanks are told of legal names: "if the function returns FALSE, this parameter is undefined". */
CASE(RtlIsNameLegalDOS8Dot3)
{
    WCHAR Text[MOST + 1];
    ULONG Length = SOME_PIECES(Text, NamePieces, 5);
    UNICODE_STRING Name = InputUnicode(Text, Length);
    STRING Oem = OutputString(16);
    BOOLEAN Spaces = 7, Legal;

    for (ULONG i = 0; i < Length; i++)
        if (Name.Buffer[i] < L' ' || (Name.Buffer[i] > 0x7e && Name.Buffer[i] != 0xe4))
            Name.Buffer[i] = L'_';
    TellUnicode("in", &Name);
    Legal = RtlIsNameLegalDOS8Dot3(&Name, Once(4) ? NULL : &Oem, Once(4) ? NULL : &Spaces);
    Tell("legal", Legal);
    if (Legal) {
        Tell("spaces", Spaces);
        TellString("oem", &Oem);
    }
}

/* The marks at the start and the length; the rest is "statistical analysis", of which no rule is documented. */
CASE(RtlIsTextUnicode)
{
    WCHAR Text[MOST + 1];
    ULONG Length = SomeText(Text, MOST), Bytes = Length * sizeof(WCHAR) + Once(8);
    INT Flags = (INT)SomeUlong() & (IS_TEXT_UNICODE_SIGNATURE | IS_TEXT_UNICODE_REVERSE_SIGNATURE | IS_TEXT_UNICODE_ODD_LENGTH);

    Text[0] = Once(6) ? 0xfeff : Once(6) ? 0xfffe : Text[0];
    TellBytes("in", Text, Bytes);
    Tell("flags", (ULONG)Flags);
    Tell("result", RtlIsTextUnicode(Input(Text, Bytes), (INT)Bytes, &Flags));
    Tell("flags", (ULONG)Flags);
}

const FUZZ_ROUTINE StringRoutines[] = {
    ROW(RtlCompareUnicodeString), ROW(RtlCompareUnicodeStrings), ROW(RtlEqualUnicodeString), ROW(RtlPrefixUnicodeString),
    ROW(RtlCompareString), ROW(RtlEqualString), ROW(RtlPrefixString), ROW(RtlHashUnicodeString), ROW(RtlFindCharInUnicodeString),
    ROW(RtlInitUnicodeStringEx), ROW(RtlInitAnsiStringEx), ROW(RtlCopyUnicodeString), ROW(RtlCopyString),
    ROW(RtlAppendUnicodeStringToString), ROW(RtlAppendUnicodeToString), ROW(RtlAppendStringToString), ROW(RtlAppendAsciizToString),
    ROW(RtlDuplicateUnicodeString), ROW(RtlCreateUnicodeString), ROW(RtlUpcaseUnicodeChar), ROW(RtlUpcaseUnicodeString),
    ROW(RtlDowncaseUnicodeString), ROW(RtlUpperString), ROW(RtlUnicodeToUTF8N), ROW(RtlUTF8ToUnicodeN), ROW(RtlMultiByteToUnicodeN),
    ROW(RtlOemToUnicodeN), ROW(RtlUnicodeToMultiByteN), ROW(RtlUnicodeToOemN), ROW(RtlUnicodeToMultiByteSize),
    ROW(RtlAnsiStringToUnicodeString), ROW(RtlOemStringToUnicodeString), ROW(RtlUnicodeStringToAnsiString),
    ROW(RtlUnicodeStringToOemString), ROW(RtlIsNameLegalDOS8Dot3), ROW(RtlIsTextUnicode), { NULL, NULL }
};
