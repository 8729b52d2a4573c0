/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Painting cells as terminal text (paint.h).  Sequences are ECMA-48's and xterm's colours.  Pure code; nothing here waits.
 */
#include "ntdll.h"
#include "paint.h"

/* Cells number colours BGR, ANSI RGB. */
static const UCHAR AnsiColours[8] = { 0, 4, 2, 6, 1, 5, 3, 7 };

/* What IBM's screens show for 0x00..0x1f. */
static const WCHAR ControlGlyphs[32] = {
    0x0020, 0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25d8, 0x25cb, 0x25d9, 0x2642, 0x2640, 0x266a, 0x266b,
    0x263c, 0x25ba, 0x25c4, 0x2195, 0x203c, 0x00b6, 0x00a7, 0x25ac, 0x21a8, 0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194,
    0x25b2, 0x25bc,
};

ULONG PaintCharacter(WCHAR Character, PUCHAR Bytes)
{
    ULONG Length = 0;

    if (Character < 0x20)
        Character = ControlGlyphs[Character];
    else if (Character == 0x7f)
        Character = 0x2302;
    else if (Character >= 0x80 && Character < 0xa0)
        Character = 0xfffd;
    if (Character < 0x80) {             /* nearly all */
        Bytes[0] = (UCHAR)Character;
        return 1;
    }
    RtlUnicodeToUTF8N((PCHAR)Bytes, 3, &Length, &Character, sizeof(Character));
    return Length;
}

static ULONG PutText(PUCHAR Bytes, PCSTR Text)
{
    ULONG Length = (ULONG)strlen(Text);

    memcpy(Bytes, Text, Length);
    return Length;
}

static ULONG PutNumber(PUCHAR Bytes, ULONG Value)
{
    ULONG Length = 0;

    if (Value >= 100)
        Bytes[Length++] = (UCHAR)('0' + Value / 100 % 10);
    if (Value >= 10)
        Bytes[Length++] = (UCHAR)('0' + Value / 10 % 10);
    Bytes[Length++] = (UCHAR)('0' + Value % 10);
    return Length;
}

static ULONG PutMove(PUCHAR Bytes, ULONG Column, ULONG Row)
{
    ULONG Length = PutText(Bytes, "\x1b[");

    Length += PutNumber(Bytes + Length, Row + 1);
    Bytes[Length++] = ';';
    Length += PutNumber(Bytes + Length, Column + 1);
    Bytes[Length++] = 'H';
    return Length;
}

/* SGR; the default colours are left to the terminal. */
static ULONG PutAttributes(PUCHAR Bytes, USHORT Attributes)
{
    ULONG Foreground = Attributes & 15, Background = Attributes >> 4 & 15;
    ULONG Length = PutText(Bytes, "\x1b[0");

    if (Foreground != SCREEN_DEFAULT_ATTRIBUTES) {
        Bytes[Length++] = ';';
        Length += PutNumber(Bytes + Length, (Foreground & 8 ? 90 : 30) + AnsiColours[Foreground & 7]);
    }
    if (Background != 0) {
        Bytes[Length++] = ';';
        Length += PutNumber(Bytes + Length, (Background & 8 ? 100 : 40) + AnsiColours[Background & 7]);
    }
    if (Attributes & VIDEO_CELL_UNDERSCORE)
        Length += PutText(Bytes + Length, ";4");
    if (Attributes & VIDEO_CELL_REVERSE)
        Length += PutText(Bytes + Length, ";7");
    Bytes[Length++] = 'm';
    return Length;
}

ULONG PaintRow(const SCREEN *Screen, ULONG Row, ULONG Left, ULONG Right, PUCHAR Bytes)
{
    const VIDEO_CELL *Cells = Screen->Cells + Row * Screen->Columns;
    ULONG Length = PutMove(Bytes, Left, Row);

    for (ULONG i = Left; i < Right; i++) {
        if (i == Left || Cells[i].Attributes != Cells[i - 1].Attributes)
            Length += PutAttributes(Bytes + Length, Cells[i].Attributes);
        Length += PaintCharacter(Cells[i].Character, Bytes + Length);
    }
    return Length;
}

/* A cursor behind the last column can only be brought about by writing that column. */
ULONG PaintCursor(const SCREEN *Screen, PUCHAR Bytes)
{
    ULONG Row = Screen->Cursor.Row, Column = Screen->Cursor.Column;
    ULONG Length = Screen->IsWrapPending ? PaintRow(Screen, Row, Column, Column + 1, Bytes) : PutMove(Bytes, Column, Row);

    Length += PutAttributes(Bytes + Length, ScreenAttributes(Screen));
    Length += PutText(Bytes + Length, Screen->IsCursorVisible ? "\x1b[?25h" : "\x1b[?25l");
    return Length;
}
