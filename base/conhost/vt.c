/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parser of terminal output (vt.h): a state machine on bytes that calls the operations of screen.h.
 *
 * Anything unknown is parsed to its end and ignored; malformed UTF-8 shows as U+FFFD.  Device queries are not
 * answered here: the serial terminal gets the same bytes and answers them.  Pure code; nothing here waits.
 */
#include "vt.h"

/* ANSI numbers colours RGB, the cells number them BGR. */
static const UCHAR CellColours[8] = { 0, 4, 2, 6, 1, 5, 3, 7 };

#define REPLACEMENT_CHARACTER 0xfffd

static LONG Parameter(const VT_PARSER *Parser, ULONG Index, LONG Default)
{
    return Index < Parser->ParameterCount && Parser->Parameters[Index] != 0 ? Parser->Parameters[Index] : Default;
}

/* Colour Number of the 256 colour palette, as IRGB. */
static UCHAR PaletteColour(ULONG Number)
{
    ULONG Red, Green, Blue, Brightest;

    if (Number < 16)
        return (UCHAR)(CellColours[Number & 7] | (Number & 8));
    if (Number >= 232)
        return (UCHAR)(Number < 238 ? 0 : Number < 244 ? 8 : Number < 250 ? 7 : 15);
    Number -= 16;
    Red = Number / 36;
    Green = Number / 6 % 6;
    Blue = Number % 6;
    Brightest = max(Red, max(Green, Blue));
    return (UCHAR)((Red * 2 > Brightest ? 4 : 0) | (Green * 2 > Brightest ? 2 : 0) | (Blue * 2 > Brightest ? 1 : 0) |
                   (Brightest >= 4 ? 8 : 0));
}

static UCHAR TrueColour(ULONG Red, ULONG Green, ULONG Blue)
{
    return PaletteColour(16 + min(Red, 255) / 43 * 36 + min(Green, 255) / 43 * 6 + min(Blue, 255) / 43);
}

/* 38 and 48: an indexed or direct colour follows.  Returns how many parameters it took. */
static ULONG ExtendedColour(const VT_PARSER *Parser, ULONG Index, PUCHAR Colour)
{
    LONG Kind = Parameter(Parser, Index + 1, 0);

    if (Kind == 5 && Index + 2 < Parser->ParameterCount) {
        *Colour = PaletteColour(min(Parser->Parameters[Index + 2], 255));
        return 2;
    }
    if (Kind == 2 && Index + 4 < Parser->ParameterCount) {
        *Colour = TrueColour(Parser->Parameters[Index + 2], Parser->Parameters[Index + 3],
                Parser->Parameters[Index + 4]);
        return 4;
    }
    return Parser->ParameterCount;
}

static VOID ResetRendition(SCREEN_CURSOR *Cursor)
{
    Cursor->Foreground = SCREEN_DEFAULT_ATTRIBUTES;
    Cursor->Background = 0;
    Cursor->IsBold = Cursor->IsReverse = Cursor->IsUnderlined = FALSE;
}

/* SGR, ECMA-48 8.3.117. */
static VOID SelectRendition(const VT_PARSER *Parser, SCREEN_CURSOR *Cursor)
{
    ULONG Count = max(Parser->ParameterCount, 1);

    for (ULONG i = 0; i < Count; i++) {
        LONG Value = Parameter(Parser, i, 0);

        switch (Value) {
        case 0: ResetRendition(Cursor); break;
        case 1: Cursor->IsBold = TRUE; break;
        case 4: Cursor->IsUnderlined = TRUE; break;
        case 7: Cursor->IsReverse = TRUE; break;
        case 22: Cursor->IsBold = FALSE; break;
        case 24: Cursor->IsUnderlined = FALSE; break;
        case 27: Cursor->IsReverse = FALSE; break;
        case 30 ... 37: Cursor->Foreground = CellColours[Value - 30]; break;
        case 38: i += ExtendedColour(Parser, i, &Cursor->Foreground); break;
        case 39: Cursor->Foreground = SCREEN_DEFAULT_ATTRIBUTES; break;
        case 40 ... 47: Cursor->Background = CellColours[Value - 40]; break;
        case 48: i += ExtendedColour(Parser, i, &Cursor->Background); break;
        case 49: Cursor->Background = 0; break;
        case 90 ... 97: Cursor->Foreground = CellColours[Value - 90] | 8; break;
        case 100 ... 107: Cursor->Background = CellColours[Value - 100] | 8; break;
        }
    }
}

static VOID EraseDisplay(PSCREEN Screen, LONG Which)
{
    LONG Total = Screen->Columns * Screen->Rows;
    LONG Here = Screen->Cursor.Row * Screen->Columns + Screen->Cursor.Column;

    switch (Which) {
    case 0: ScreenErase(Screen, Here, Total - Here); break;
    case 1: ScreenErase(Screen, 0, Here + 1); break;
    case 2: ScreenErase(Screen, 0, Total); break;
    }
}

static VOID EraseLine(PSCREEN Screen, LONG Which)
{
    LONG Line = Screen->Cursor.Row * Screen->Columns;
    LONG Column = Screen->Cursor.Column;

    switch (Which) {
    case 0: ScreenErase(Screen, Line + Column, Screen->Columns - Column); break;
    case 1: ScreenErase(Screen, Line, Column + 1); break;
    case 2: ScreenErase(Screen, Line, Screen->Columns); break;
    }
}

/* IL and DL work from the cursor to the end of the scroll region, and only inside it. */
static VOID InsertLines(PSCREEN Screen, LONG Count)
{
    LONG Row = Screen->Cursor.Row;

    if (Row >= Screen->ScrollTop && Row < Screen->ScrollBottom)
        ScreenScroll(Screen, Row, Screen->ScrollBottom, -Count);
}

static VOID SetPrivateMode(const VT_PARSER *Parser, PSCREEN Screen, BOOLEAN Enable)
{
    for (ULONG i = 0; i < Parser->ParameterCount; i++) {
        switch (Parser->Parameters[i]) {
        case 7: Screen->IsAutoWrap = Enable; break;
        case 25: ScreenShowCursor(Screen, Enable); break;
        }
    }
}

static VOID ControlSequence(const VT_PARSER *Parser, PSCREEN Screen, UCHAR Final)
{
    LONG Count = Parameter(Parser, 0, 1);
    LONG Row = Screen->Cursor.Row, Column = Screen->Cursor.Column;

    if (Parser->Prefix == '?' && (Final == 'h' || Final == 'l'))
        SetPrivateMode(Parser, Screen, Final == 'h');
    if (Parser->Prefix != 0)
        return;
    switch (Final) {
    case '@': ScreenShiftCells(Screen, Count); break;
    case 'A': ScreenMoveBy(Screen, 0, -Count); break;
    case 'B': case 'e': ScreenMoveBy(Screen, 0, Count); break;
    case 'C': case 'a': ScreenMoveBy(Screen, Count, 0); break;
    case 'D': ScreenMoveBy(Screen, -Count, 0); break;
    case 'E': ScreenMoveBy(Screen, -Column, Count); break;
    case 'F': ScreenMoveBy(Screen, -Column, -Count); break;
    case 'G': case '`': ScreenMoveTo(Screen, Count - 1, Row); break;
    case 'H': case 'f': ScreenMoveTo(Screen, Parameter(Parser, 1, 1) - 1, Count - 1); break;
    case 'J': EraseDisplay(Screen, Parameter(Parser, 0, 0)); break;
    case 'K': EraseLine(Screen, Parameter(Parser, 0, 0)); break;
    case 'L': InsertLines(Screen, Count); break;
    case 'M': InsertLines(Screen, -Count); break;
    case 'P': ScreenShiftCells(Screen, -Count); break;
    case 'S': ScreenScroll(Screen, Screen->ScrollTop, Screen->ScrollBottom, Count); break;
    case 'T': ScreenScroll(Screen, Screen->ScrollTop, Screen->ScrollBottom, -Count); break;
    case 'X': ScreenErase(Screen, Row * Screen->Columns + Column, min(Count, Screen->Columns - Column)); break;
    case 'd': ScreenMoveTo(Screen, Column, Count - 1); break;
    case 'm': SelectRendition(Parser, &Screen->Cursor); break;
    case 'r': ScreenSetScrollRegion(Screen, Count - 1, Parameter(Parser, 1, Screen->Rows)); break;
    case 's': ScreenSaveCursor(Screen); break;
    case 'u': ScreenRestoreCursor(Screen); break;
    }
}

static VOID EscapeSequence(PVT_PARSER Parser, PSCREEN Screen, UCHAR Final)
{
    Parser->State = VtGround;
    switch (Final) {
    case '7': ScreenSaveCursor(Screen); break;
    case '8': ScreenRestoreCursor(Screen); break;
    case 'D': ScreenLineFeed(Screen); break;
    case 'E': ScreenMoveTo(Screen, 0, Screen->Cursor.Row); ScreenLineFeed(Screen); break;
    case 'M': ScreenReverseLineFeed(Screen); break;
    case 'c': ScreenReset(Screen); break;
    case '[':
        *Parser = (VT_PARSER){ .State = VtCsi };
        break;
    case ']': case 'P': case 'X': case '^': case '_':
        Parser->State = VtString;
        break;
    }
}

static VOID ControlCharacter(PVT_PARSER Parser, PSCREEN Screen, UCHAR Byte)
{
    switch (Byte) {
    case '\b': ScreenMoveBy(Screen, -1, 0); break;
    case '\t': ScreenTab(Screen); break;
    case '\n': case '\v': case '\f': ScreenLineFeed(Screen); break;
    case '\r': ScreenMoveTo(Screen, 0, Screen->Cursor.Row); break;
    case 0x18: case 0x1a: Parser->State = VtGround; break;
    case 0x1b: Parser->State = VtEscape; break;
    }
}

static VOID CsiByte(PVT_PARSER Parser, PSCREEN Screen, UCHAR Byte)
{
    PUSHORT Last;

    if (Byte >= 0x40 && Byte <= 0x7e) {
        Parser->State = VtGround;
        if (!Parser->IsIgnored)
            ControlSequence(Parser, Screen, Byte);
    } else if (Byte >= '<' && Byte <= '?') {
        Parser->Prefix = Byte;
    } else if (Byte == ';' || Byte == ':' || (Byte >= '0' && Byte <= '9')) {
        if (Parser->ParameterCount == 0)
            Parser->ParameterCount = 1;
        Last = &Parser->Parameters[Parser->ParameterCount - 1];
        if (Byte >= '0' && Byte <= '9')
            *Last = (USHORT)min(*Last * 10 + Byte - '0', 9999);
        else if (Parser->ParameterCount < VT_MAX_PARAMETERS)
            Parser->ParameterCount++;
    } else {
        Parser->IsIgnored = TRUE;
    }
}

static VOID PutCodePoint(PSCREEN Screen, ULONG CodePoint)
{
    BOOLEAN IsShown = CodePoint <= 0xffff && (CodePoint < 0xd800 || CodePoint > 0xdfff);

    ScreenPutCharacter(Screen, (WCHAR)(IsShown ? CodePoint : REPLACEMENT_CHARACTER));
}

/* A lead byte of UTF-8: how many bytes follow, or none if it cannot lead. */
static VOID LeadByte(PVT_PARSER Parser, PSCREEN Screen, UCHAR Byte)
{
    static const ULONG Lowest[] = { 0, 0x80, 0x800, 0x10000 };

    if (Byte < 0x80) {
        ScreenPutCharacter(Screen, Byte);
    } else if (Byte < 0xc2 || Byte > 0xf4) {
        ScreenPutCharacter(Screen, REPLACEMENT_CHARACTER);
    } else {
        Parser->BytesLeft = Byte < 0xe0 ? 1 : Byte < 0xf0 ? 2 : 3;
        Parser->CodePoint = Byte & (0x3f >> Parser->BytesLeft);
        Parser->LowestCodePoint = Lowest[Parser->BytesLeft];
    }
}

static VOID GroundByte(PVT_PARSER Parser, PSCREEN Screen, UCHAR Byte)
{
    if (Parser->BytesLeft != 0) {
        if ((Byte & 0xc0) == 0x80) {
            Parser->CodePoint = Parser->CodePoint << 6 | (Byte & 0x3f);
            if (--Parser->BytesLeft == 0)
                PutCodePoint(Screen, Parser->CodePoint < Parser->LowestCodePoint ? REPLACEMENT_CHARACTER
                        : Parser->CodePoint);
            return;
        }
        Parser->BytesLeft = 0;
        ScreenPutCharacter(Screen, REPLACEMENT_CHARACTER);
    }
    if (Byte < 0x20)
        ControlCharacter(Parser, Screen, Byte);
    else if (Byte != 0x7f)
        LeadByte(Parser, Screen, Byte);
}

static VOID WriteByte(PVT_PARSER Parser, PSCREEN Screen, UCHAR Byte)
{
    if (Parser->State == VtString || Parser->State == VtStringEscape) {
        if (Byte == 0x07 || Byte == 0x18 || (Parser->State == VtStringEscape && Byte == '\\'))
            Parser->State = VtGround;
        else
            Parser->State = Byte == 0x1b ? VtStringEscape : VtString;
    } else if (Parser->State == VtGround || Byte < 0x20) {
        GroundByte(Parser, Screen, Byte);
    } else if (Parser->State == VtCsi) {
        CsiByte(Parser, Screen, Byte);
    } else if (Byte < 0x30) {
        Parser->State = VtEscapeIntermediate;
    } else if (Parser->State == VtEscapeIntermediate) {
        Parser->State = VtGround;
    } else {
        EscapeSequence(Parser, Screen, Byte);
    }
}

VOID VtWrite(PVT_PARSER Parser, PSCREEN Screen, const UCHAR *Bytes, SIZE_T Length)
{
    for (SIZE_T i = 0; i < Length; i++)
        WriteByte(Parser, Screen, Bytes[i]);
}
