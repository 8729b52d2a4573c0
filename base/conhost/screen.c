/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The screen model: see screen.h.
 *
 * Invariant: the cursor is inside the grid, ScrollTop < ScrollBottom <= Rows, and each cell that differs from what the
 * display shows (after moving it up by ScrolledLines) is inside Dirty.  Nothing here waits.
 */
#include "screen.h"

#define TAB_WIDTH 8

static LONG Clamp(LONG Value, LONG Low, LONG High)
{
    return Value < Low ? Low : Value > High ? High : Value;
}

VOID ScreenMark(PSCREEN Screen, LONG Left, LONG Top, LONG Right, LONG Bottom)
{
    SCREEN_RECT *Dirty = &Screen->Dirty;

    Screen->IsChanged = TRUE;
    if (Dirty->Left >= Dirty->Right) {
        *Dirty = (SCREEN_RECT){ (USHORT)Left, (USHORT)Top, (USHORT)Right, (USHORT)Bottom };
        return;
    }
    Dirty->Left = (USHORT)min(Dirty->Left, Left);
    Dirty->Top = (USHORT)min(Dirty->Top, Top);
    Dirty->Right = (USHORT)max(Dirty->Right, Right);
    Dirty->Bottom = (USHORT)max(Dirty->Bottom, Bottom);
}

VOID ScreenMarkAll(PSCREEN Screen)
{
    Screen->ScrolledLines = 0;
    ScreenMark(Screen, 0, 0, Screen->Columns, Screen->Rows);
}

VOID ScreenMarkShown(PSCREEN Screen)
{
    Screen->ScrolledLines = 0;
    Screen->Dirty = (SCREEN_RECT){ 0 };
    Screen->IsChanged = FALSE;
}

USHORT ScreenAttributes(const SCREEN *Screen)
{
    const SCREEN_CURSOR *Cursor = &Screen->Cursor;

    return (USHORT)(Cursor->Foreground | (Cursor->IsBold ? 8 : 0) | Cursor->Background << 4 |
                    (Cursor->IsReverse ? VIDEO_CELL_REVERSE : 0) | (Cursor->IsUnderlined ? VIDEO_CELL_UNDERSCORE : 0));
}

VOID ScreenSetAttributes(PSCREEN Screen, USHORT Attributes)
{
    SCREEN_CURSOR *Cursor = &Screen->Cursor;

    Cursor->Foreground = Attributes & 15;
    Cursor->Background = Attributes >> 4 & 15;
    Cursor->IsBold = FALSE;
    Cursor->IsReverse = (Attributes & VIDEO_CELL_REVERSE) != 0;
    Cursor->IsUnderlined = (Attributes & VIDEO_CELL_UNDERSCORE) != 0;
}

/* Erased cells keep the background colour and nothing else. */
static VIDEO_CELL BlankCell(const SCREEN *Screen)
{
    return (VIDEO_CELL){ L' ', (USHORT)(SCREEN_DEFAULT_ATTRIBUTES | Screen->Cursor.Background << 4) };
}

VOID ScreenErase(PSCREEN Screen, LONG FirstCell, LONG CellCount)
{
    LONG Total = Screen->Columns * Screen->Rows;
    LONG End = Clamp(FirstCell + CellCount, 0, Total);
    VIDEO_CELL Blank = BlankCell(Screen);

    FirstCell = Clamp(FirstCell, 0, Total);
    if (FirstCell >= End)
        return;
    for (LONG i = FirstCell; i < End; i++)
        Screen->Cells[i] = Blank;
    if (FirstCell / Screen->Columns == (End - 1) / Screen->Columns)
        ScreenMark(Screen, FirstCell % Screen->Columns, FirstCell / Screen->Columns, (End - 1) % Screen->Columns + 1,
                  FirstCell / Screen->Columns + 1);
    else
        ScreenMark(Screen, 0, FirstCell / Screen->Columns, Screen->Columns, (End - 1) / Screen->Columns + 1);
}

VOID ScreenReset(PSCREEN Screen)
{
    Screen->Cursor = (SCREEN_CURSOR){ .Foreground = SCREEN_DEFAULT_ATTRIBUTES };
    Screen->Saved = Screen->Cursor;
    Screen->ScrollTop = 0;
    Screen->ScrollBottom = Screen->Rows;
    Screen->IsWrapPending = FALSE;
    Screen->IsAutoWrap = TRUE;
    Screen->IsCursorVisible = TRUE;
    Screen->CursorPercent = SCREEN_CURSOR_PERCENT;
    ScreenErase(Screen, 0, Screen->Columns * Screen->Rows);
}

VOID ScreenInitialize(PSCREEN Screen, USHORT Columns, USHORT Rows, PVIDEO_CELL Cells)
{
    *Screen = (SCREEN){ .Columns = Columns, .Rows = Rows, .Cells = Cells };
    ScreenReset(Screen);
}

/* The display itself can move everything up: what is dirty moves along. */
static VOID NoteScreenScrolled(PSCREEN Screen, LONG Lines)
{
    SCREEN_RECT *Dirty = &Screen->Dirty;

    Screen->ScrolledLines = (USHORT)min(Screen->ScrolledLines + Lines, Screen->Rows);
    if (Screen->ScrolledLines == Screen->Rows) {
        ScreenMarkAll(Screen);
        return;
    }
    Dirty->Top = (USHORT)max(Dirty->Top - Lines, 0);
    if (Dirty->Bottom <= Lines)
        *Dirty = (SCREEN_RECT){ 0 };
    else
        Dirty->Bottom = (USHORT)(Dirty->Bottom - Lines);
}

/* Moves rows [Top, Bottom) up by Lines (down if negative); freed rows become blank. */
VOID ScreenScroll(PSCREEN Screen, LONG Top, LONG Bottom, LONG Lines)
{
    LONG Height = Bottom - Top, Columns = Screen->Columns, Moved;

    if (Lines == 0 || Height <= 0)
        return;
    Lines = Clamp(Lines, -Height, Height);
    Moved = Height - (Lines > 0 ? Lines : -Lines);
    if (Lines > 0) {
        memmove(Screen->Cells + Top * Columns, Screen->Cells + (Top + Lines) * Columns,
                Moved * Columns * sizeof(VIDEO_CELL));
        if (Top == 0 && Bottom == Screen->Rows)
            NoteScreenScrolled(Screen, Lines);
        else
            ScreenMark(Screen, 0, Top, Columns, Bottom);
        ScreenErase(Screen, (Top + Moved) * Columns, Lines * Columns);
    } else {
        memmove(Screen->Cells + (Top - Lines) * Columns, Screen->Cells + Top * Columns,
                Moved * Columns * sizeof(VIDEO_CELL));
        ScreenMark(Screen, 0, Top, Columns, Bottom);
        ScreenErase(Screen, Top * Columns, -Lines * Columns);
    }
}

VOID ScreenMoveTo(PSCREEN Screen, LONG Column, LONG Row)
{
    Screen->Cursor.Column = (USHORT)Clamp(Column, 0, Screen->Columns - 1);
    Screen->Cursor.Row = (USHORT)Clamp(Row, 0, Screen->Rows - 1);
    Screen->IsWrapPending = FALSE;
    Screen->IsChanged = TRUE;
}

/* A cursor inside the scroll region does not leave it. */
VOID ScreenMoveBy(PSCREEN Screen, LONG Columns, LONG Rows)
{
    LONG Row = Screen->Cursor.Row;
    LONG Low = Row >= Screen->ScrollTop ? Screen->ScrollTop : 0;
    LONG High = (Row < Screen->ScrollBottom ? Screen->ScrollBottom : Screen->Rows) - 1;

    Columns = Clamp(Columns, -0x8000, 0x8000);
    Rows = Clamp(Rows, -0x8000, 0x8000);
    ScreenMoveTo(Screen, Screen->Cursor.Column + Columns, Clamp(Row + Rows, Low, High));
}

VOID ScreenLineFeed(PSCREEN Screen)
{
    if (Screen->Cursor.Row + 1 == Screen->ScrollBottom)
        ScreenScroll(Screen, Screen->ScrollTop, Screen->ScrollBottom, 1);
    else
        ScreenMoveTo(Screen, Screen->Cursor.Column, Screen->Cursor.Row + 1);
    Screen->IsWrapPending = FALSE;
}

VOID ScreenReverseLineFeed(PSCREEN Screen)
{
    if (Screen->Cursor.Row == Screen->ScrollTop)
        ScreenScroll(Screen, Screen->ScrollTop, Screen->ScrollBottom, -1);
    else
        ScreenMoveTo(Screen, Screen->Cursor.Column, Screen->Cursor.Row - 1);
}

VOID ScreenTab(PSCREEN Screen)
{
    ScreenMoveTo(Screen, (Screen->Cursor.Column / TAB_WIDTH + 1) * TAB_WIDTH, Screen->Cursor.Row);
}

VOID ScreenPutCharacter(PSCREEN Screen, WCHAR Character)
{
    SCREEN_CURSOR *Cursor = &Screen->Cursor;

    if (Screen->IsWrapPending) {
        Cursor->Column = 0;
        ScreenLineFeed(Screen);
    }
    Screen->Cells[Cursor->Row * Screen->Columns + Cursor->Column] = (VIDEO_CELL){ Character,
            ScreenAttributes(Screen) };
    ScreenMark(Screen, Cursor->Column, Cursor->Row, Cursor->Column + 1, Cursor->Row + 1);
    if (Cursor->Column + 1 < Screen->Columns)
        Cursor->Column++;
    else
        Screen->IsWrapPending = Screen->IsAutoWrap;
}

/* Inserts Count blanks at the cursor (deletes -Count cells); the rest of the line moves. */
VOID ScreenShiftCells(PSCREEN Screen, LONG Count)
{
    SCREEN_CURSOR *Cursor = &Screen->Cursor;
    LONG Room = Screen->Columns - Cursor->Column;
    LONG First = Cursor->Row * Screen->Columns + Cursor->Column;
    PVIDEO_CELL Cells = Screen->Cells + First;

    Count = Clamp(Count, -Room, Room);
    if (Count > 0) {
        memmove(Cells + Count, Cells, (Room - Count) * sizeof(VIDEO_CELL));
        ScreenErase(Screen, First, Count);
    } else {
        memmove(Cells, Cells - Count, (Room + Count) * sizeof(VIDEO_CELL));
        ScreenErase(Screen, First + Room + Count, -Count);
    }
    ScreenMark(Screen, Cursor->Column, Cursor->Row, Screen->Columns, Cursor->Row + 1);
    Screen->IsWrapPending = FALSE;
}

VOID ScreenSetScrollRegion(PSCREEN Screen, LONG Top, LONG Bottom)
{
    Bottom = Clamp(Bottom, 1, Screen->Rows);
    Top = Clamp(Top, 0, Screen->Rows - 1);
    if (Top + 1 >= Bottom)
        return;
    Screen->ScrollTop = (USHORT)Top;
    Screen->ScrollBottom = (USHORT)Bottom;
    ScreenMoveTo(Screen, 0, 0);
}

VOID ScreenSaveCursor(PSCREEN Screen)
{
    Screen->Saved = Screen->Cursor;
}

VOID ScreenRestoreCursor(PSCREEN Screen)
{
    Screen->Cursor = Screen->Saved;
    ScreenMoveTo(Screen, Screen->Cursor.Column, Screen->Cursor.Row);
}

VOID ScreenShowCursor(PSCREEN Screen, BOOLEAN IsVisible)
{
    Screen->IsCursorVisible = IsVisible;
    Screen->IsChanged = TRUE;
}
