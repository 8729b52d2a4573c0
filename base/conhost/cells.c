/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Cell operations (cells.h).  A VIDEO_CELL and a CHAR_INFO are the same thing: a UTF-16 unit and attributes of wincon.h.
 * Pure code; nothing here waits.
 */
#include "cells.h"

_Static_assert(sizeof(VIDEO_CELL) == sizeof(CHAR_INFO), "cells are CHAR_INFOs");
_Static_assert(VIDEO_CELL_REVERSE == COMMON_LVB_REVERSE_VIDEO && VIDEO_CELL_UNDERSCORE == COMMON_LVB_UNDERSCORE, "attributes");

static ULONG CellCount(const SCREEN *Screen)
{
    return (ULONG)Screen->Columns * Screen->Rows;
}

/* The rows that hold a run of cells; one row: only the columns. */
static SCREEN_RECT RunRect(const SCREEN *Screen, ULONG First, ULONG Count)
{
    ULONG Top = First / Screen->Columns, Last = First + Count - 1, Bottom = Last / Screen->Columns + 1;

    if (Count == 0)
        return (SCREEN_RECT){ 0 };
    if (Top + 1 == Bottom)
        return (SCREEN_RECT){ (USHORT)(First % Screen->Columns), (USHORT)Top, (USHORT)(Last % Screen->Columns + 1),
                (USHORT)Bottom };
    return (SCREEN_RECT){ 0, (USHORT)Top, Screen->Columns, (USHORT)Bottom };
}

static VOID MarkRect(PSCREEN Screen, const SCREEN_RECT *Rect)
{
    if (Rect->Left < Rect->Right && Rect->Top < Rect->Bottom)
        ScreenMark(Screen, Rect->Left, Rect->Top, Rect->Right, Rect->Bottom);
}

/* Puts element Index of Cells into a cell. */
static VOID PutElement(PVIDEO_CELL Cell, ULONG Mode, const void *Cells, ULONG Index)
{
    if (Mode == ConapiCharacters)
        Cell->Character = ((const WCHAR *)Cells)[Index];
    else if (Mode == ConapiAttributes)
        Cell->Attributes = ((const USHORT *)Cells)[Index];
    else
        *Cell = ((const VIDEO_CELL *)Cells)[Index];
}

static ULONG WriteRun(PSCREEN Screen, const CONAPI_CELLS *Where, const void *Cells, ULONG Count, SCREEN_RECT *Changed)
{
    ULONG First = Where->Row * Screen->Columns + Where->Column;

    Count = min(Count, CellCount(Screen) - First);
    for (ULONG i = 0; i < Count; i++)
        PutElement(&Screen->Cells[First + i], Where->Mode, Cells, i);
    *Changed = RunRect(Screen, First, Count);
    return Count;
}

/* Whole rows of the rectangle, and what fits of them. */
static ULONG WriteRectangle(PSCREEN Screen, const CONAPI_CELLS *Where, const void *Cells, ULONG Count,
                            SCREEN_RECT *Changed)
{
    ULONG Rows = min(Count / Where->Width, Screen->Rows - Where->Row);
    ULONG Columns = min(Where->Width, Screen->Columns - Where->Column);

    for (ULONG Row = 0; Row < Rows; Row++)
        for (ULONG Column = 0; Column < Columns; Column++)
            PutElement(&Screen->Cells[(Where->Row + Row) * Screen->Columns + Where->Column + Column], Where->Mode, Cells,
                       Row * Where->Width + Column);
    *Changed = (SCREEN_RECT){ (USHORT)Where->Column, (USHORT)Where->Row, (USHORT)(Where->Column + Columns),
            (USHORT)(Where->Row + Rows) };
    return Rows * Where->Width;
}

NTSTATUS CellsWrite(PSCREEN Screen, const CONAPI_CELLS *Where, const void *Cells, ULONG Count, PULONG Written,
                    SCREEN_RECT *Changed)
{
    *Written = 0;
    *Changed = (SCREEN_RECT){ 0 };
    if (Where->Mode > ConapiBoth)
        return STATUS_INVALID_PARAMETER;
    if (Where->Column >= Screen->Columns || Where->Row >= Screen->Rows)
        return STATUS_SUCCESS;
    if (Where->Width == 0)
        *Written = WriteRun(Screen, Where, Cells, Count, Changed);
    else
        *Written = WriteRectangle(Screen, Where, Cells, Count, Changed);
    MarkRect(Screen, Changed);
    return STATUS_SUCCESS;
}

static ULONG ReadRun(const SCREEN *Screen, const CONAPI_CELLS *Where, void *Data, ULONG Size)
{
    ULONG First = Where->Row * Screen->Columns + Where->Column;
    ULONG Count = min(Size / sizeof(WCHAR), CellCount(Screen) - First);

    for (ULONG i = 0; i < Count; i++) {
        const VIDEO_CELL *Cell = &Screen->Cells[First + i];

        ((PUSHORT)Data)[i] = Where->Mode == ConapiCharacters ? Cell->Character : Cell->Attributes;
    }
    return Count * sizeof(WCHAR);
}

static ULONG ReadRectangle(const SCREEN *Screen, const CONAPI_CELLS *Where, void *Data, ULONG Size)
{
    ULONG Columns = min(Where->Width, Screen->Columns - Where->Column);
    ULONG Room = (Size - sizeof(SMALL_RECT)) / sizeof(CHAR_INFO);
    ULONG Rows = min(Room / Where->Width, Screen->Rows - Where->Row);
    PVIDEO_CELL Cells = (PVIDEO_CELL)((PUCHAR)Data + sizeof(SMALL_RECT));

    *(SMALL_RECT *)Data = (SMALL_RECT){ (SHORT)Where->Column, (SHORT)Where->Row, (SHORT)(Where->Column + Columns - 1),
            (SHORT)(Where->Row + Rows - 1) };
    for (ULONG Row = 0; Row < Rows; Row++)
        memcpy(Cells + Row * Columns, &Screen->Cells[(Where->Row + Row) * Screen->Columns + Where->Column],
               Columns * sizeof(VIDEO_CELL));
    return sizeof(SMALL_RECT) + Rows * Columns * sizeof(CHAR_INFO);
}

NTSTATUS CellsRead(const SCREEN *Screen, const CONAPI_CELLS *Where, void *Data, ULONG Size, PULONG Read)
{
    BOOLEAN IsOnScreen = Where->Column < Screen->Columns && Where->Row < Screen->Rows;

    *Read = 0;
    if (Where->Mode > ConapiBoth)
        return STATUS_INVALID_PARAMETER;
    if (Where->Mode != ConapiBoth) {
        if (IsOnScreen)
            *Read = ReadRun(Screen, Where, Data, Size);
        return STATUS_SUCCESS;
    }
    if (!IsOnScreen || Where->Width == 0 || Size < sizeof(SMALL_RECT))
        return STATUS_INVALID_PARAMETER;
    *Read = ReadRectangle(Screen, Where, Data, Size);
    return STATUS_SUCCESS;
}

NTSTATUS CellsFill(PSCREEN Screen, const CONAPI_FILL *Fill, PULONG Written, SCREEN_RECT *Changed)
{
    ULONG First;

    *Written = 0;
    *Changed = (SCREEN_RECT){ 0 };
    if (Fill->Mode < 0 || Fill->Mode > ConapiBoth)
        return STATUS_INVALID_PARAMETER;
    if (Fill->Row < 0 || Fill->Row >= Screen->Rows || Fill->Column < 0 || Fill->Column >= Screen->Columns || Fill->Count < 0)
        return STATUS_SUCCESS;
    First = (ULONG)Fill->Row * Screen->Columns + (ULONG)Fill->Column;
    *Written = min((ULONG)Fill->Count, Fill->Wrap ? CellCount(Screen) - First : (ULONG)(Screen->Columns - Fill->Column));
    for (ULONG i = First; i < First + *Written; i++) {
        if (Fill->Mode != ConapiAttributes)
            Screen->Cells[i].Character = Fill->Character;
        if (Fill->Mode != ConapiCharacters)
            Screen->Cells[i].Attributes = Fill->Attributes;
    }
    *Changed = RunRect(Screen, First, *Written);
    MarkRect(Screen, Changed);
    return STATUS_SUCCESS;
}

static BOOLEAN IsInside(const SMALL_RECT *Rect, LONG Column, LONG Row)
{
    return Column >= Rect->Left && Column <= Rect->Right && Row >= Rect->Top && Row <= Rect->Bottom;
}

/* Moves one row of the source; from whichever side does not overwrite what is still to be read. */
static VOID MoveRow(PSCREEN Screen, const CONAPI_SCROLL *Scroll, const SMALL_RECT *Clip, LONG Row)
{
    LONG ToRow = Row - Scroll->Source.Top + Scroll->Target.Y, Shift = Scroll->Target.X - Scroll->Source.Left;
    LONG Left = max(Scroll->Source.Left + Shift, Clip->Left), Right = min(Scroll->Source.Right + Shift, Clip->Right);

    if (ToRow < Clip->Top || ToRow > Clip->Bottom || Left > Right)
        return;
    memmove(&Screen->Cells[ToRow * Screen->Columns + Left], &Screen->Cells[Row * Screen->Columns + Left - Shift],
            (SIZE_T)(Right - Left + 1) * sizeof(VIDEO_CELL));
}

/* What of the source nothing was moved to. */
static VOID FillSource(PSCREEN Screen, const CONAPI_SCROLL *Scroll, const SMALL_RECT *Clip)
{
    const SMALL_RECT *Source = &Scroll->Source;
    SMALL_RECT Target = { Scroll->Target.X, Scroll->Target.Y, (SHORT)(Scroll->Target.X + Source->Right - Source->Left),
            (SHORT)(Scroll->Target.Y + Source->Bottom - Source->Top) };

    for (LONG Row = Source->Top; Row <= Source->Bottom; Row++)
        for (LONG Column = Source->Left; Column <= Source->Right; Column++)
            if (IsInside(Clip, Column, Row) && !IsInside(&Target, Column, Row))
                Screen->Cells[Row * Screen->Columns + Column] = (VIDEO_CELL){ Scroll->Fill.Char.UnicodeChar,
                        Scroll->Fill.Attributes };
}

NTSTATUS CellsScroll(PSCREEN Screen, const CONAPI_SCROLL *Scroll, SCREEN_RECT *Changed)
{
    const SMALL_RECT All = { 0, 0, (SHORT)(Screen->Columns - 1), (SHORT)(Screen->Rows - 1) }, *Source = &Scroll->Source;
    SMALL_RECT Clip = { max(Scroll->Clip.Left, 0), max(Scroll->Clip.Top, 0), min(Scroll->Clip.Right, All.Right),
            min(Scroll->Clip.Bottom, All.Bottom) };
    BOOLEAN IsDown = Scroll->Target.Y > Source->Top;

    *Changed = (SCREEN_RECT){ 0 };
    if (!IsInside(&All, Source->Left, Source->Top) || !IsInside(&All, Source->Right, Source->Bottom) ||
        Source->Left > Source->Right || Source->Top > Source->Bottom ||
        !IsInside(&All, Scroll->Target.X, Scroll->Target.Y) || Clip.Left > Clip.Right || Clip.Top > Clip.Bottom)
        return STATUS_INVALID_PARAMETER;
    for (LONG i = 0; i <= Source->Bottom - Source->Top; i++)
        MoveRow(Screen, Scroll, &Clip, IsDown ? Source->Bottom - i : Source->Top + i);
    FillSource(Screen, Scroll, &Clip);
    *Changed = (SCREEN_RECT){ (USHORT)Clip.Left, (USHORT)Clip.Top, (USHORT)(Clip.Right + 1), (USHORT)(Clip.Bottom + 1) };
    MarkRect(Screen, Changed);
    return STATUS_SUCCESS;
}
