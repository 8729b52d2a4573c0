/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests of abi/video.h, for any backend: check, change the grid, draw the cells that differ.
 *
 * Invariant: outside a request, every cell of Cells is what the screen shows.  So scrolling draws only the cells that
 * really change, and device memory is never read.
 */
#include "vga.h"

static const VIDEO_CELL ScreenBlank = {L' ', 0x07};

static VOID ScreenPut(PDEVICE_EXTENSION Extension, ULONG Column, ULONG Row, VIDEO_CELL Cell)
{
    PVIDEO_CELL Shown = &Extension->Cells[Row * Extension->Columns + Column];

    if (Shown->Character == Cell.Character && Shown->Attributes == Cell.Attributes)
        return;
    *Shown = Cell;
    Extension->Operations->DrawCell(Extension, Column, Row, Cell);
}

static BOOLEAN ScreenHolds(PDEVICE_EXTENSION Extension, const VIDEO_CELL_RECT *Rect)
{
    return Rect->Columns != 0 && Rect->Rows != 0 && (ULONG)Rect->Left + Rect->Columns <= Extension->Columns &&
           (ULONG)Rect->Top + Rect->Rows <= Extension->Rows;
}

static NTSTATUS ScreenWrite(PDEVICE_EXTENSION Extension, const VIDEO_CELL_RECT *Rect, ULONG Length)
{
    const VIDEO_CELL *Cells = (const VIDEO_CELL *)(Rect + 1);
    ULONG Column, Row;

    if (!ScreenHolds(Extension, Rect))
        return STATUS_INVALID_PARAMETER;
    if (Length - sizeof(*Rect) < (ULONG)Rect->Columns * Rect->Rows * sizeof(VIDEO_CELL))
        return STATUS_BUFFER_TOO_SMALL;
    for (Row = 0; Row < Rect->Rows; Row++) {
        for (Column = 0; Column < Rect->Columns; Column++)
            ScreenPut(Extension, Rect->Left + Column, Rect->Top + Row, *Cells++);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS ScreenFill(PDEVICE_EXTENSION Extension, const VIDEO_CELL_RECT *Rect, VIDEO_CELL Cell)
{
    ULONG Column, Row;

    if (!ScreenHolds(Extension, Rect))
        return STATUS_INVALID_PARAMETER;
    for (Row = Rect->Top; Row < (ULONG)Rect->Top + Rect->Rows; Row++) {
        for (Column = Rect->Left; Column < (ULONG)Rect->Left + Rect->Columns; Column++)
            ScreenPut(Extension, Column, Row, Cell);
    }
    return STATUS_SUCCESS;
}

/* One row of a scroll: Row gets the content of Source, or Cell if that is outside the rectangle. */
static VOID ScreenScrollRow(PDEVICE_EXTENSION Extension, const VIDEO_CELL_SCROLL *Scroll, LONG Row, LONG Source)
{
    const VIDEO_CELL_RECT *Rect = &Scroll->Rect;
    BOOLEAN IsInside = Source >= Rect->Top && Source < Rect->Top + Rect->Rows;
    ULONG Column;

    for (Column = Rect->Left; Column < (ULONG)Rect->Left + Rect->Columns; Column++)
        ScreenPut(Extension, Column, (ULONG)Row,
                  IsInside ? Extension->Cells[(ULONG)Source * Extension->Columns + Column] : Scroll->Cell);
}

static NTSTATUS ScreenScroll(PDEVICE_EXTENSION Extension, const VIDEO_CELL_SCROLL *Scroll)
{
    LONG First = Scroll->Rect.Top, Last = First + Scroll->Rect.Rows - 1, Row;

    if (!ScreenHolds(Extension, &Scroll->Rect))
        return STATUS_INVALID_PARAMETER;
    if (Scroll->Lines >= 0) {
        for (Row = First; Row <= Last; Row++)
            ScreenScrollRow(Extension, Scroll, Row, Row + Scroll->Lines);
    } else {
        for (Row = Last; Row >= First; Row--)
            ScreenScrollRow(Extension, Scroll, Row, Row + Scroll->Lines);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS ScreenSetCursor(PDEVICE_EXTENSION Extension, const VIDEO_CELL_CURSOR *Cursor)
{
    ULONG Old = Extension->Cursor.Row * Extension->Columns + Extension->Cursor.Column;

    if (Cursor->Column >= Extension->Columns || Cursor->Row >= Extension->Rows || Cursor->Percent == 0 ||
        Cursor->Percent > 100)
        return STATUS_INVALID_PARAMETER;
    Extension->Operations->DrawCell(Extension, Extension->Cursor.Column, Extension->Cursor.Row, Extension->Cells[Old]);
    Extension->Cursor = *Cursor;
    Extension->Operations->ShowCursor(Extension);
    return STATUS_SUCCESS;
}

static NTSTATUS ScreenQueryMode(PDEVICE_EXTENSION Extension, PVIDEO_CELL_MODE Mode)
{
    Extension->IsModeKnown = TRUE;
    RtlZeroMemory(Mode, sizeof(*Mode));
    Mode->Columns = Extension->Columns;
    Mode->Rows = Extension->Rows;
    Mode->CellWidth = FONT_WIDTH;
    Mode->CellHeight = FONT_HEIGHT;
    Mode->IsFramebuffer = Extension->BytesPerPixel != 0;
    Mode->MaximumTransfer = min(sizeof(VIDEO_CELL_RECT) +
                                    (ULONG)Extension->Columns * Extension->Rows * sizeof(VIDEO_CELL),
                                MAX_TRANSFER);
    return STATUS_SUCCESS;
}

VOID ScreenClear(PDEVICE_EXTENSION Extension)
{
    ULONG Column, Row;

    for (Row = 0; Row < Extension->Rows; Row++) {
        for (Column = 0; Column < Extension->Columns; Column++) {
            Extension->Cells[Row * Extension->Columns + Column] = ScreenBlank;
            Extension->Operations->DrawCell(Extension, Column, Row, ScreenBlank);
        }
    }
    Extension->Cursor.Percent = 15;
    Extension->Operations->ShowCursor(Extension);
}

static const struct {
    ULONG Code;
    ULONG InputLength;
    ULONG OutputLength;
} ScreenControls[] = {
    {IOCTL_VIDEO_CELLS_QUERY_MODE, 0, sizeof(VIDEO_CELL_MODE)},
    {IOCTL_VIDEO_CELLS_WRITE, sizeof(VIDEO_CELL_RECT), 0},
    {IOCTL_VIDEO_CELLS_FILL, sizeof(VIDEO_CELL_FILL), 0},
    {IOCTL_VIDEO_CELLS_SCROLL, sizeof(VIDEO_CELL_SCROLL), 0},
    {IOCTL_VIDEO_CELLS_SET_CURSOR, sizeof(VIDEO_CELL_CURSOR), 0},
};

static NTSTATUS ScreenDispatch(PDEVICE_EXTENSION Extension, ULONG Code, PVOID Buffer, ULONG InputLength)
{
    switch (Code) {
    case IOCTL_VIDEO_CELLS_QUERY_MODE:
        return ScreenQueryMode(Extension, Buffer);
    case IOCTL_VIDEO_CELLS_WRITE:
        return ScreenWrite(Extension, Buffer, InputLength);
    case IOCTL_VIDEO_CELLS_FILL:
        return ScreenFill(Extension, &((PVIDEO_CELL_FILL)Buffer)->Rect, ((PVIDEO_CELL_FILL)Buffer)->Cell);
    case IOCTL_VIDEO_CELLS_SCROLL:
        return ScreenScroll(Extension, Buffer);
    default:
        return ScreenSetCursor(Extension, Buffer);
    }
}

NTSTATUS ScreenControl(PDEVICE_EXTENSION Extension, ULONG Code, PVOID Buffer, ULONG InputLength, ULONG OutputLength,
                       PULONG_PTR Information)
{
    NTSTATUS Status;
    ULONG i;

    *Information = 0;
    for (i = 0; i < RTL_NUMBER_OF(ScreenControls) && ScreenControls[i].Code != Code; i++)
        continue;
    if (i == RTL_NUMBER_OF(ScreenControls))
        return STATUS_INVALID_DEVICE_REQUEST;
    if (InputLength < ScreenControls[i].InputLength || OutputLength < ScreenControls[i].OutputLength)
        return STATUS_BUFFER_TOO_SMALL;
    if (!Extension->IsModeKnown && Code != IOCTL_VIDEO_CELLS_QUERY_MODE)
        return STATUS_DEVICE_NOT_READY;
    ExAcquireFastMutex(&Extension->Mutex);
    Status = ScreenDispatch(Extension, Code, Buffer, InputLength);
    ExReleaseFastMutex(&Extension->Mutex);
    if (NT_SUCCESS(Status))
        *Information = ScreenControls[i].OutputLength;
    return Status;
}
