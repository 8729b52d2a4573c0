/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rtlfuzz: the C library's names: strings, memory, kinds of characters, numbers, formatted text.
 */
#include "rtlfuzz.h"

#define MOST 24

int __cdecl isalnum(int c), isalpha(int c), iscntrl(int c), isdigit(int c), isgraph(int c), islower(int c), isprint(int c), ispunct(int c),
    isspace(int c), isupper(int c), isxdigit(int c), tolower(int c), toupper(int c);
unsigned short __cdecl towlower(unsigned short c), towupper(unsigned short c);

/* --- strings ----------------------------------------------------------------------------------------------------------- */

static const PCWSTR Pieces[] = { L"a", L"b", L"ab", L"aB", L"A", L"abc", L"aab", L"x", L"Z", L"_", L"[", L"z", L"1", L"", L"\xe9", L"\xc9" };

/* Two texts of a small alphabet, in both widths, at the end of what is mapped. */
typedef struct _TEXTS {
    PWSTR Wide[2];
    PSTR Narrow[2];
    ULONG Length[2];
    ULONG Count;                        /* about a length */
    WCHAR Char;
} TEXTS;

static VOID MakeTexts(TEXTS *Texts)
{
    for (ULONG i = 0; i < 2; i++) {
        WCHAR Text[MOST + 1];
        CHAR Bytes[MOST + 1];

        Texts->Length[i] = SOME_PIECES(Text, Pieces, i == 0 ? 6 : 3);
        ToBytes(Bytes, Text, Texts->Length[i]);
        for (ULONG k = 0; k < Texts->Length[i]; k++)
            if (Bytes[k] == 0)
                Bytes[k] = '\x1f';
        Texts->Wide[i] = Input(Text, (Texts->Length[i] + 1) * sizeof(WCHAR));
        Texts->Narrow[i] = Input(Bytes, Texts->Length[i] + 1);
        TellText("in", Text, Texts->Length[i]);
    }
    Texts->Count = Below(Texts->Length[Below(2)] + 3);
    Texts->Char = Once(4) ? 0 : ONE_OF(Pieces)[0];
    Tell("count", Texts->Count);
    Tell("char", Texts->Char);
}

#define WIDE_PLACE(Place) TellPlace("wide", Place, Texts.Wide[0])
#define NARROW_PLACE(Place) TellPlace("narrow", Place, Texts.Narrow[0])

CASE(strchr)
{
    TEXTS Texts;

    MakeTexts(&Texts);
    WIDE_PLACE(wcschr(Texts.Wide[0], Texts.Char));
    NARROW_PLACE(strchr(Texts.Narrow[0], Texts.Char));
    WIDE_PLACE(wcsrchr(Texts.Wide[0], Texts.Char));
    NARROW_PLACE(strrchr(Texts.Narrow[0], Texts.Char));
    NARROW_PLACE(memchr(Texts.Narrow[0], Texts.Char, Texts.Length[0] + 1));
}

/* "If strSearch points to a string of zero length, the function returns str": not on Wine, if both have. */
CASE(strstr)
{
    TEXTS Texts;

    MakeTexts(&Texts);
    if (Texts.Length[1] == 0)
        return;
    WIDE_PLACE(wcsstr(Texts.Wide[0], Texts.Wide[1]));
    NARROW_PLACE(strstr(Texts.Narrow[0], Texts.Narrow[1]));
}

CASE(strspn)
{
    TEXTS Texts;

    MakeTexts(&Texts);
    Tell("wide", wcsspn(Texts.Wide[0], Texts.Wide[1]));
    Tell("narrow", strspn(Texts.Narrow[0], Texts.Narrow[1]));
    Tell("wide", wcscspn(Texts.Wide[0], Texts.Wide[1]));
    Tell("narrow", strcspn(Texts.Narrow[0], Texts.Narrow[1]));
    WIDE_PLACE(wcspbrk(Texts.Wide[0], Texts.Wide[1]));
    NARROW_PLACE(strpbrk(Texts.Narrow[0], Texts.Narrow[1]));
}

CASE(strcmp)
{
    TEXTS Texts;

    MakeTexts(&Texts);
    TellSign("wide", wcscmp(Texts.Wide[0], Texts.Wide[1]));
    TellSign("narrow", strcmp(Texts.Narrow[0], Texts.Narrow[1]));
    TellSign("wide", wcsncmp(Texts.Wide[0], Texts.Wide[1], Texts.Count));
    TellSign("narrow", strncmp(Texts.Narrow[0], Texts.Narrow[1], Texts.Count));
    TellSign("bytes", memcmp(Texts.Narrow[0], Texts.Narrow[1], min(Texts.Length[0], Texts.Length[1])));
}

CASE(_stricmp)
{
    TEXTS Texts;

    MakeTexts(&Texts);
    TellSign("wide", _wcsicmp(Texts.Wide[0], Texts.Wide[1]));
    TellSign("narrow", _stricmp(Texts.Narrow[0], Texts.Narrow[1]));
    TellSign("wide", _wcsnicmp(Texts.Wide[0], Texts.Wide[1], Texts.Count));
    TellSign("narrow", _strnicmp(Texts.Narrow[0], Texts.Narrow[1], Texts.Count));
}

CASE(strlen)
{
    TEXTS Texts;

    MakeTexts(&Texts);
    Tell("wide", wcslen(Texts.Wide[0]));
    Tell("narrow", strlen(Texts.Narrow[0]));
    Tell("wide", wcsnlen(Texts.Wide[0], Texts.Count));
    Tell("narrow", strnlen(Texts.Narrow[0], Texts.Count));
}

/* Wine's wcsncpy writes a zero too many. */
CASE(strcpy)
{
    TEXTS Texts;
    PWSTR Wide;
    PSTR Narrow;
    ULONG Room;

    MakeTexts(&Texts);
    Room = Texts.Length[0] + max(Texts.Length[1], Texts.Count) + 1;
    Wide = Output(Room * sizeof(WCHAR));
    Narrow = Output(Room);
    if (Once(2)) {
        TellPlace("wide", wcscpy(Wide, Texts.Wide[0]), Wide);
        TellPlace("narrow", strcpy(Narrow, Texts.Narrow[0]), Narrow);
        TellPlace("wide", Once(2) ? wcscat(Wide, Texts.Wide[1]) : wcsncat(Wide, Texts.Wide[1], Texts.Count), Wide);
        TellPlace("narrow", Once(2) ? strcat(Narrow, Texts.Narrow[1]) : strncat(Narrow, Texts.Narrow[1], Texts.Count), Narrow);
        TellBytes("wide", Wide, Room * sizeof(WCHAR));
    } else {
        TellPlace("wide", wcsncpy(Wide, Texts.Wide[0], Texts.Count), Wide);
        TellPlace("narrow", strncpy(Narrow, Texts.Narrow[0], Texts.Count), Narrow);
        TellBytes("wide", Wide, Texts.Count * sizeof(WCHAR));
    }
    TellBytes("narrow", Narrow, Room);
}

CASE(memmove)
{
    PUCHAR Bytes = Output(200);
    ULONG From = Below(100), To = Below(100), Length = Below(100);

    SomeBytes(Bytes, 200);
    Tell("from", From);
    Tell("to", To);
    Tell("length", Length);
    TellPlace("result", memmove(Bytes + To, Bytes + From, Length), Bytes);
    memset(Bytes + From, (int)SomeUlong(), Below(50));
    TellBytes("bytes", Bytes, 200);
}

/* --- characters --------------------------------------------------------------------------------------------------------- */

/* ASCII: of other bytes the answer is the locale's. */
CASE(isalnum)
{
    static int (__cdecl *const Tests[])(int) = { isalnum, isalpha, iscntrl, isdigit, isgraph, islower, isprint, ispunct, isspace, isupper, isxdigit };
    int Char = (int)Below(0x80);

    Tell("char", (ULONG)Char);
    for (ULONG i = 0; i < ARRAYSIZE(Tests); i++)
        Tell("is", Tests[i](Char) != 0);
    Tell("lower", (ULONG)tolower(Char));
    Tell("upper", (ULONG)toupper(Char));
    Tell("wide lower", towlower((unsigned short)Char));
    Tell("wide upper", towupper((unsigned short)Char));
}

/* --- numbers ------------------------------------------------------------------------------------------------------------ */

static const PCWSTR NumberPieces[] = { L"0", L"1", L"7", L"9", L"a", L"F", L"g", L"z", L"0x", L"0X", L"-", L"+", L" ", L"\t", L"\n", L"4294967295", L"4294967296",
    L"2147483647", L"2147483648", L"18446744073709551615", L"zz", L".", L"12" };
static const int Bases[] = { 0, 0, 2, 8, 10, 10, 10, 16, 16, 36, 3 };

typedef struct _NUMBER_TEXT {
    PWSTR Wide;
    PSTR Narrow;
    int Base;
} NUMBER_TEXT;

static VOID MakeNumber(NUMBER_TEXT *Number)
{
    WCHAR Text[40];
    CHAR Bytes[40];
    ULONG Length = SOME_PIECES(Text, NumberPieces, 4);

    for (ULONG i = 0; i < Length; i++)
        if (Text[i] > 0x7e)
            Text[i] = L'7';
    ToBytes(Bytes, Text, Length);
    Number->Wide = Input(Text, (Length + 1) * sizeof(WCHAR));
    Number->Narrow = Input(Bytes, Length + 1);
    Number->Base = ONE_OF(Bases);
    TellText("in", Text, Length);
    Tell("base", (ULONG)Number->Base);
}

/* "ULONG_MAX on overflow", whatever the sign; Wine answers 1 for -1 times that. */
static VOID TellUnsigned(ULONG64 Value, ULONG64 Largest, const NUMBER_TEXT *Number)
{
    Tell("unsigned", strchr(Number->Narrow, '-') != NULL && Value == Largest ? 1 : Value);
}

CASE(strtol)
{
    NUMBER_TEXT Number;
    char *End;

    MakeNumber(&Number);
    Tell("signed", (ULONG64)strtol(Number.Narrow, &End, Number.Base));
    TellPlace("end", End, Number.Narrow);
    TellUnsigned(strtoul(Number.Narrow, &End, Number.Base), 0xffffffff, &Number);
    TellPlace("end", End, Number.Narrow);
}

CASE(wcstol)
{
    NUMBER_TEXT Number;
    wchar_t *End;

    MakeNumber(&Number);
    Tell("signed", (ULONG64)wcstol(Number.Wide, &End, Number.Base));
    TellPlace("end", End, Number.Wide);
    TellUnsigned(wcstoul(Number.Wide, &End, Number.Base), 0xffffffff, &Number);
    TellPlace("end", End, Number.Wide);
    TellUnsigned(_wcstoui64(Number.Wide, &End, Number.Base), ~0ull, &Number);
    TellPlace("end", End, Number.Wide);
}

/* --- formatted text ------------------------------------------------------------------------------------------------------ */

/* One conversion with its argument. */
typedef struct _CONVERSION {
    WCHAR Text[24];
    ULONG_PTR Argument;
} CONVERSION;

static const PCWSTR Flags[] = { L"", L"", L"", L"-", L"0", L"+", L" ", L"#", L"-0", L"#0", L"+0", L"0-", L"+ " };
static const PCWSTR Widths[] = { L"", L"", L"", L"1", L"5", L"12", L"20" };
static const PCWSTR Precisions[] = { L"", L"", L"", L".", L".0", L".1", L".3", L".10", L".15" };
static const PCWSTR Sizes[] = { L"", L"", L"h", L"l", L"ll", L"I64", L"I32", L"I" };
static const PCWSTR Integers[] = { L"d", L"i", L"u", L"x", L"X", L"o" };

static VOID MakeString(CONVERSION *Conversion, BOOLEAN IsWide)
{
    static const PCSTR Narrow[] = { "narrow", "", "x", "%s" };
    static const PCWSTR Wide[] = { L"wide", L"", L"y", L"%d" }, Odd[] = { L"\xe9\x4e00", L"\xd83d\xde00", L"\xd83d-\xdc00" }, WideSpecs[] = { L"ls", L"ws", L"lS" }, NarrowSpecs[] = { L"hs", L"hS" };
    BOOLEAN Takes = Once(2);            /* a wide string */
    PCWSTR Spec = Takes ? ONE_OF(WideSpecs) : ONE_OF(NarrowSpecs);

    wcscat(Conversion->Text, ONE_OF(Precisions));
    wcscat(Conversion->Text, Once(2) ? Spec : IsWide == Takes ? L"s" : L"S");
    Conversion->Argument = Once(12) ? 0 : Takes && IsWide && Once(3) ? (ULONG_PTR)ONE_OF(Odd) : Takes ? (ULONG_PTR)ONE_OF(Wide) : (ULONG_PTR)ONE_OF(Narrow);
}

/*
 * Left out, as Wine has it otherwise: a precision of %c ("the precision has no effect"), precision, sizes and flags of %p (all digits
 * of an address), the flag 0 with a precision ("if 0 is specified for an integer format and a precision specification is also present,
 * the 0 is ignored"), %C of narrow text, a zero as %#.0o ("prefixed with 0").
 */
static VOID MakeConversion(CONVERSION *Conversion, BOOLEAN IsWide)
{
    PCWSTR Flag = ONE_OF(Flags), Precision = ONE_OF(Precisions);

    wcscpy(Conversion->Text, L"%");
    Conversion->Argument = SomeUlong64();
    switch (Below(9)) {
    case 0:
    case 1:
        wcscat(Conversion->Text, Flag);
        wcscat(Conversion->Text, ONE_OF(Widths));
        MakeString(Conversion, IsWide);
        break;
    case 2:
        Conversion->Argument = L'a' + Below(26);
        wcscat(Conversion->Text, Flag);
        wcscat(Conversion->Text, ONE_OF(Widths));
        wcscat(Conversion->Text, L"c");
        break;
    case 3:
        wcscat(Conversion->Text, Once(2) ? L"-" : L"");
        wcscat(Conversion->Text, ONE_OF(Widths));
        wcscat(Conversion->Text, L"p");
        break;
    default:
        wcscat(Conversion->Text, wcschr(Flag, L'0') != NULL && *Precision != 0 ? L"" : Flag);
        wcscat(Conversion->Text, ONE_OF(Widths));
        wcscat(Conversion->Text, Precision);
        wcscat(Conversion->Text, ONE_OF(Sizes));
        wcscat(Conversion->Text, ONE_OF(Integers));
        if (wcschr(Flag, L'#') != NULL)
            Conversion->Argument |= 1;
    }
}

/* Text with two conversions. */
static VOID MakeFormat(PWSTR Format, CONVERSION Conversion[2], BOOLEAN IsWide)
{
    *Format = 0;
    for (ULONG i = 0; i < 2; i++) {
        MakeConversion(&Conversion[i], IsWide);
        wcscat(Format, Once(3) ? L"<%%" : L"");
        wcscat(Format, Conversion[i].Text);
        wcscat(Format, L"|");
    }
    TellText("format", Format, 80);
}

CASE(_snprintf)
{
    CONVERSION Conversion[2];
    WCHAR Format[80];
    CHAR Bytes[80];
    ULONG Room = Once(3) ? Below(30) : 80;
    PCHAR Target = Output(Room);

    MakeFormat(Format, Conversion, FALSE);
    ToBytes(Bytes, Format, (ULONG)wcslen(Format));
    Tell("room", Room);
    Tell("result", (ULONG)_snprintf(Target, Room, Bytes, Conversion[0].Argument, Conversion[1].Argument));
    TellBytes("out", Target, Room);
}

CASE(_snwprintf)
{
    CONVERSION Conversion[2];
    WCHAR Format[80];
    ULONG Room = Once(3) ? Below(30) : 80;
    PWSTR Target = Output(Room * sizeof(WCHAR));

    MakeFormat(Format, Conversion, TRUE);
    Tell("room", Room);
    Tell("result", (ULONG)_snwprintf(Target, Room, Format, Conversion[0].Argument, Conversion[1].Argument));
    TellBytes("out", Target, Room * sizeof(WCHAR));
}

const FUZZ_ROUTINE CRuntimeRoutines[] = {
    ROW(strchr), ROW(strstr), ROW(strspn), ROW(strcmp), ROW(_stricmp), ROW(strlen), ROW(strcpy), ROW(memmove), ROW(isalnum), ROW(strtol),
    ROW(wcstol), ROW(_snprintf), ROW(_snwprintf), { NULL, NULL }
};
