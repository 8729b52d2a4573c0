/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Formatted text, with Windows' conversions (rtl.h lists them).
 *
 * One engine formats UTF-8 into a sink; the wide forms convert the format on the way in and the text on the way out, but
 * for wide text, which stays as it is.
 * Numbers need no memory.  There is no floating point: ntos must not touch vector registers.
 */
#include "rtl.h"

typedef struct _RTLP_SPECIFICATION {
    BOOLEAN Left;
    BOOLEAN Plus;
    BOOLEAN Space;
    BOOLEAN Alternate;
    BOOLEAN Zero;
    BOOLEAN Short;
    BOOLEAN Wide;
    BOOLEAN Long64;
    BOOLEAN Byte;
    LONG Width;
    LONG Precision;             /* -1: none */
} RTLP_SPECIFICATION;

typedef VOID RTLP_PUT_WIDE(PVOID Context, const WCHAR *Text, SIZE_T Length);

typedef struct _RTLP_SINK {
    PRTLP_PUT_TEXT Put;
    RTLP_PUT_WIDE *PutWide;     /* NULL: wide text goes to Put as UTF-8 */
    PVOID Context;
    int Total;
} RTLP_SINK;

static void RtlpPut(RTLP_SINK *Sink, const char *Text, SIZE_T Length)
{
    if (Length != 0)
        Sink->Put(Sink->Context, Text, Length);
    Sink->Total += (int)Length;
}

static void RtlpPad(RTLP_SINK *Sink, char Fill, LONG Count)
{
    for (; Count > 0; Count--)
        RtlpPut(Sink, &Fill, 1);
}

/* Characters that Text shows as: UTF-8 continuation bytes do not count for the field width. */
static LONG RtlpColumns(const char *Text, SIZE_T Length)
{
    LONG Columns = 0;

    for (SIZE_T Index = 0; Index < Length; Index++)
        Columns += (Text[Index] & 0xc0) != 0x80;
    return Columns;
}

static void RtlpPutField(RTLP_SINK *Sink, const RTLP_SPECIFICATION *Spec, const char *Text, SIZE_T Length)
{
    LONG Fill = Spec->Width - RtlpColumns(Text, Length);

    if (!Spec->Left)
        RtlpPad(Sink, Spec->Zero ? '0' : ' ', Fill);
    RtlpPut(Sink, Text, Length);
    if (Spec->Left)
        RtlpPad(Sink, ' ', Fill);
}

static void RtlpPutWideText(RTLP_SINK *Sink, const WCHAR *Text, SIZE_T Length)
{
    char Piece[96];

    while (Length != 0) {
        SIZE_T Part = min(Length, sizeof(Piece) / 3);
        ULONG Bytes;

        if (Part < Length && Part > 1 && Text[Part - 1] >= 0xd800 && Text[Part - 1] <= 0xdbff)
            Part--;
        RtlUnicodeToUTF8N(Piece, sizeof(Piece), &Bytes, Text, (ULONG)(Part * sizeof(WCHAR)));
        RtlpPut(Sink, Piece, Bytes);
        Text += Part;
        Length -= Part;
    }
}

static void RtlpPutWideField(RTLP_SINK *Sink, const RTLP_SPECIFICATION *Spec, const WCHAR *Text, SIZE_T Length)
{
    LONG Fill = Spec->Width - (LONG)Length;

    if (!Spec->Left)
        RtlpPad(Sink, Spec->Zero ? '0' : ' ', Fill);
    if (Sink->PutWide != NULL) {
        Sink->PutWide(Sink->Context, Text, Length);
        Sink->Total += (int)Length;
    } else {
        RtlpPutWideText(Sink, Text, Length);
    }
    if (Spec->Left)
        RtlpPad(Sink, ' ', Fill);
}

static void RtlpPutNumber(RTLP_SINK *Sink, const RTLP_SPECIFICATION *Spec, ULONGLONG Value, ULONG Base,
        const char *Prefix, BOOLEAN UpperCase)
{
    const char *Digits = UpperCase ? "0123456789ABCDEF" : "0123456789abcdef";
    char Text[24], *At = Text + sizeof(Text);
    LONG Count, Zeros, PrefixLength = (LONG)strlen(Prefix);

    for (; Value != 0; Value /= Base)
        *--At = Digits[Value % Base];
    Count = (LONG)(Text + sizeof(Text) - At);
    Zeros = (Spec->Precision < 0 ? 1 : Spec->Precision) - Count;
    if (Zeros < 0)
        Zeros = 0;
    if (Base == 8 && Spec->Alternate && Zeros == 0)
        Zeros = 1;
    if (Spec->Zero && !Spec->Left && Spec->Precision < 0 && Spec->Width > PrefixLength + Count + Zeros)
        Zeros = Spec->Width - PrefixLength - Count;
    if (!Spec->Left)
        RtlpPad(Sink, ' ', Spec->Width - PrefixLength - Count - Zeros);
    RtlpPut(Sink, Prefix, (SIZE_T)PrefixLength);
    RtlpPad(Sink, '0', Zeros);
    RtlpPut(Sink, At, (SIZE_T)Count);
    if (Spec->Left)
        RtlpPad(Sink, ' ', Spec->Width - PrefixLength - Count - Zeros);
}

static void RtlpPutSigned(RTLP_SINK *Sink, const RTLP_SPECIFICATION *Spec, LONGLONG Value)
{
    const char *Sign = Value < 0 ? "-" : Spec->Plus ? "+" : Spec->Space ? " " : "";

    RtlpPutNumber(Sink, Spec, Value < 0 ? 0 - (ULONGLONG)Value : (ULONGLONG)Value, 10, Sign, FALSE);
}

/* The flag 0 fills up texts too, on Windows. */
static void RtlpPutString(RTLP_SINK *Sink, const RTLP_SPECIFICATION *Spec, const void *Text, BOOLEAN Wide)
{
    SIZE_T Limit = Spec->Precision < 0 ? 0x7fffffff : (SIZE_T)Spec->Precision;

    if (Text == NULL) {
        Text = "(null)";
        Wide = FALSE;
    }
    if (Wide)
        RtlpPutWideField(Sink, Spec, Text, wcsnlen(Text, Limit));
    else
        RtlpPutField(Sink, Spec, Text, strnlen(Text, Limit));
}

static void RtlpPutCounted(RTLP_SINK *Sink, const RTLP_SPECIFICATION *Spec, const void *Counted)
{
    const STRING *Text = Counted;

    if (Text == NULL || Text->Buffer == NULL)
        RtlpPutField(Sink, Spec, "(null)", 6);
    else if (Spec->Wide || Spec->Long64)
        RtlpPutWideField(Sink, Spec, (const WCHAR *)Text->Buffer, Text->Length / sizeof(WCHAR));
    else
        RtlpPutField(Sink, Spec, Text->Buffer, Text->Length);
}

/* Parses flags, width, precision and size prefix; returns the conversion character's place. */
static const char *RtlpParse(const char *At, RTLP_SPECIFICATION *Spec, va_list *Arguments)
{
    for (;; At++) {
        if (*At == '-')
            Spec->Left = TRUE;
        else if (*At == '+')
            Spec->Plus = TRUE;
        else if (*At == ' ')
            Spec->Space = TRUE;
        else if (*At == '#')
            Spec->Alternate = TRUE;
        else if (*At == '0')
            Spec->Zero = TRUE;
        else
            break;
    }
    if (*At == '*') {
        Spec->Width = va_arg(*Arguments, int);
        if (Spec->Width < 0) {
            Spec->Left = TRUE;
            Spec->Width = -Spec->Width;
        }
        At++;
    } else {
        for (; *At >= '0' && *At <= '9' && Spec->Width < 100000; At++)
            Spec->Width = Spec->Width * 10 + (*At - '0');
    }
    Spec->Precision = -1;
    if (*At == '.') {
        Spec->Precision = 0;
        if (*++At == '*') {
            Spec->Precision = va_arg(*Arguments, int);
            At++;
        }
        for (; *At >= '0' && *At <= '9' && Spec->Precision < 100000; At++)
            Spec->Precision = Spec->Precision * 10 + (*At - '0');
    }
    for (;; At++) {
        if (*At == 'h') {
            Spec->Byte = Spec->Short;
            Spec->Short = TRUE;
        } else if (*At == 'w') {
            Spec->Wide = TRUE;
        } else if (*At == 'l') {
            Spec->Long64 = Spec->Wide;
            Spec->Wide = TRUE;
        } else if (*At == 'I' && At[1] == '6' && At[2] == '4') {
            Spec->Long64 = TRUE;
            At += 2;
        } else if (*At == 'I' && At[1] == '3' && At[2] == '2') {
            At += 2;
        } else if (*At == 'I' || *At == 'z' || *At == 't' || *At == 'j') {
            Spec->Long64 = TRUE;
        } else {
            return At;
        }
    }
}

static ULONGLONG RtlpUnsignedArgument(const RTLP_SPECIFICATION *Spec, va_list *Arguments)
{
    ULONGLONG Value = va_arg(*Arguments, ULONGLONG);

    return Spec->Long64 ? Value : Spec->Byte ? (UCHAR)Value : Spec->Short ? (USHORT)Value : (ULONG)Value;
}

static LONGLONG RtlpSignedArgument(const RTLP_SPECIFICATION *Spec, va_list *Arguments)
{
    LONGLONG Value = va_arg(*Arguments, LONGLONG);

    return Spec->Long64 ? Value : Spec->Byte ? (signed char)Value : Spec->Short ? (SHORT)Value : (LONG)Value;
}

/* Writes one conversion; FALSE: the character is none, and is text. */
static BOOLEAN RtlpConvert(RTLP_SINK *Sink, RTLP_SPECIFICATION *Spec, char Conversion, va_list *Arguments,
        BOOLEAN WideDefault)
{
    ULONGLONG Value;
    WCHAR Wide;
    char Narrow;

    switch (Conversion) {
    case 'd':
    case 'i':
        RtlpPutSigned(Sink, Spec, RtlpSignedArgument(Spec, Arguments));
        return TRUE;
    case 'u':
        RtlpPutNumber(Sink, Spec, RtlpUnsignedArgument(Spec, Arguments), 10, "", FALSE);
        return TRUE;
    case 'o':
        RtlpPutNumber(Sink, Spec, RtlpUnsignedArgument(Spec, Arguments), 8, "", FALSE);
        return TRUE;
    case 'x':
    case 'X':
        Value = RtlpUnsignedArgument(Spec, Arguments);
        RtlpPutNumber(Sink, Spec, Value, 16, !Spec->Alternate || Value == 0 ? "" : Conversion == 'x' ? "0x" : "0X",
                Conversion == 'X');
        return TRUE;
    case 'p':
        Spec->Precision = 16;
        RtlpPutNumber(Sink, Spec, va_arg(*Arguments, ULONGLONG), 16, "", TRUE);
        return TRUE;
    case 'c':
    case 'C':
        Value = va_arg(*Arguments, ULONGLONG);
        if (Spec->Wide || (!Spec->Short && (Conversion == 'C') != WideDefault)) {
            Wide = (WCHAR)Value;
            RtlpPutWideField(Sink, Spec, &Wide, 1);
        } else {
            Narrow = (char)Value;
            RtlpPutField(Sink, Spec, &Narrow, 1);
        }
        return TRUE;
    case 's':
    case 'S':
        RtlpPutString(Sink, Spec, va_arg(*Arguments, const void *),
                Spec->Wide || (!Spec->Short && (Conversion == 'S') != WideDefault));
        return TRUE;
    case 'Z':
        RtlpPutCounted(Sink, Spec, va_arg(*Arguments, const void *));
        return TRUE;
    default:
        return FALSE;
    }
}

/* PutWide: %s means a wide string, as in the wide functions, and wide text stays as it is. */
static int RtlpFormatEngine(PRTLP_PUT_TEXT Put, RTLP_PUT_WIDE *PutWide, PVOID Context, const char *Format, va_list *Arguments)
{
    RTLP_SINK Sink = { Put, PutWide, Context, 0 };

    while (*Format != 0) {
        RTLP_SPECIFICATION Spec = { 0 };
        const char *Text = Format, *At;

        while (*Format != 0 && *Format != '%')
            Format++;
        RtlpPut(&Sink, Text, (SIZE_T)(Format - Text));
        if (*Format == 0)
            break;
        At = RtlpParse(Format + 1, &Spec, Arguments);
        if (*At != 0 && RtlpConvert(&Sink, &Spec, *At, Arguments, PutWide != NULL)) {
            Format = At + 1;
        } else {
            Format = At + (*At != 0);
            RtlpPut(&Sink, At, *At != 0);
        }
    }
    return Sink.Total;
}

int RtlpFormat(PRTLP_PUT_TEXT Put, PVOID Context, const char *Format, va_list Arguments)
{
    va_list Copy;
    int Total;

    va_copy(Copy, Arguments);
    Total = RtlpFormatEngine(Put, NULL, Context, Format, &Copy);
    va_end(Copy);
    return Total;
}

typedef struct _RTLP_BUFFER {
    char *Narrow;
    wchar_t *Wide;
    SIZE_T Room;
    SIZE_T Used;
} RTLP_BUFFER;

static VOID RtlpPutNarrow(PVOID Context, const char *Text, SIZE_T Length)
{
    RTLP_BUFFER *Buffer = Context;
    SIZE_T Part = Buffer->Used < Buffer->Room ? min(Length, Buffer->Room - Buffer->Used) : 0;

    if (Part != 0)
        memcpy(Buffer->Narrow + Buffer->Used, Text, Part);
    Buffer->Used += Length;
}

/* Pieces are whole characters except for text of the caller's that is cut or malformed itself. */
static VOID RtlpPutWide(PVOID Context, const char *Text, SIZE_T Length)
{
    RTLP_BUFFER *Buffer = Context;
    ULONG Needed = 0, Room = 0;

    RtlUTF8ToUnicodeN(NULL, 0, &Needed, Text, (ULONG)Length);
    if (Buffer->Used < Buffer->Room)
        Room = (ULONG)((Buffer->Room - Buffer->Used) * sizeof(WCHAR));
    if (Room != 0)
        RtlUTF8ToUnicodeN(Buffer->Wide + Buffer->Used, Room, NULL, Text, (ULONG)Length);
    Buffer->Used += Needed / sizeof(WCHAR);
}

static VOID RtlpCopyWide(PVOID Context, const WCHAR *Text, SIZE_T Length)
{
    RTLP_BUFFER *Buffer = Context;
    SIZE_T Part = Buffer->Used < Buffer->Room ? min(Length, Buffer->Room - Buffer->Used) : 0;

    if (Part != 0)
        memcpy(Buffer->Wide + Buffer->Used, Text, Part * sizeof(WCHAR));
    Buffer->Used += Length;
}

int _vsnprintf(char *Buffer, size_t Count, const char *Format, va_list Arguments)
{
    RTLP_BUFFER Target = { .Narrow = Buffer, .Room = Buffer != NULL ? Count : 0 };

    RtlpFormat(RtlpPutNarrow, &Target, Format, Arguments);
    if (Target.Used < Target.Room)
        Buffer[Target.Used] = 0;
    return Target.Used <= Count || Buffer == NULL ? (int)Target.Used : -1;
}

int _vsnwprintf(wchar_t *Buffer, size_t Count, const wchar_t *Format, va_list Arguments)
{
    RTLP_BUFFER Target = { .Wide = Buffer, .Room = Buffer != NULL ? Count : 0 };
    char Short[256], *Text = Short;
    ULONG Bytes = (ULONG)(wcslen(Format) * sizeof(WCHAR)), Needed = 0;
    va_list Copy;

    RtlUnicodeToUTF8N(NULL, 0, &Needed, Format, Bytes);
    if (Needed >= sizeof(Short))
        Text = RtlpAllocate(Needed + 1);
    if (Text == NULL)
        return -1;
    RtlUnicodeToUTF8N(Text, Needed, NULL, Format, Bytes);
    Text[Needed] = 0;
    va_copy(Copy, Arguments);
    RtlpFormatEngine(RtlpPutWide, RtlpCopyWide, &Target, Text, &Copy);
    va_end(Copy);
    if (Text != Short)
        RtlpFree(Text);
    if (Target.Used < Target.Room)
        Buffer[Target.Used] = 0;
    return Target.Used <= Count || Buffer == NULL ? (int)Target.Used : -1;
}

int _snprintf(char *Buffer, size_t Count, const char *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnprintf(Buffer, Count, Format, Arguments);
    va_end(Arguments);
    return Length;
}

int _snwprintf(wchar_t *Buffer, size_t Count, const wchar_t *Format, ...)
{
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnwprintf(Buffer, Count, Format, Arguments);
    va_end(Arguments);
    return Length;
}
