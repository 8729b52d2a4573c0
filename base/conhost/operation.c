/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Operations on a screen buffer (operation.h).  Nothing here waits.
 */
#include "base/lib/native.h"
#include "operation.h"
#include "cells.h"

#define FONT_WEIGHT 400                 /* FW_NORMAL */
#define FONT_FAMILY 0x36                /* FF_MODERN, a vector font of fixed pitch */

NTSTATUS OperationWriteCells(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change)
{
    const CONAPI_CELLS *Where = Input;
    ULONG Count, Written;
    NTSTATUS Status;

    if (Size < sizeof(*Where))
        return STATUS_INVALID_PARAMETER;
    Count = (ULONG)((Size - sizeof(*Where)) / (Where->Mode == ConapiBoth ? sizeof(CHAR_INFO) : sizeof(WCHAR)));
    Status = CellsWrite(&Buffer->Screen, Where, Where + 1, Count, &Written, &Change->Rect);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Where->Width == 0) {
        Change->Result.Count = Written;
        Change->ResultSize = sizeof(ULONG);
    } else if (Written != 0) {
        Change->Result.Rect = (SMALL_RECT){ (SHORT)Change->Rect.Left, (SHORT)Change->Rect.Top,
                (SHORT)(Change->Rect.Right - 1), (SHORT)(Change->Rect.Bottom - 1) };
        Change->ResultSize = sizeof(SMALL_RECT);
    }
    return STATUS_SUCCESS;
}

NTSTATUS OperationFillCells(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change)
{
    if (Size != sizeof(CONAPI_FILL))
        return STATUS_INVALID_PARAMETER;
    Change->ResultSize = sizeof(ULONG);
    return CellsFill(&Buffer->Screen, Input, &Change->Result.Count, &Change->Rect);
}

NTSTATUS OperationScrollCells(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change)
{
    if (Size != sizeof(CONAPI_SCROLL))
        return STATUS_INVALID_PARAMETER;
    return CellsScroll(&Buffer->Screen, Input, &Change->Rect);
}

VOID OperationGetInfo(const BUFFER *Buffer, CONAPI_OUTPUT_INFO *Info)
{
    /* Windows' default palette, 0x00BBGGRR. */
    static const COLORREF Colours[16] = {
        0x000000, 0x800000, 0x008000, 0x808000, 0x000080, 0x800080, 0x008080, 0xc0c0c0,
        0x808080, 0xff0000, 0x00ff00, 0xffff00, 0x0000ff, 0xff00ff, 0x00ffff, 0xffffff,
    };
    const SCREEN *Screen = &Buffer->Screen;
    COORD Size = { (SHORT)Screen->Columns, (SHORT)Screen->Rows };

    *Info = (CONAPI_OUTPUT_INFO){
        .CursorSize = Screen->CursorPercent,
        .CursorVisible = Screen->IsCursorVisible,
        .Cursor = { (SHORT)Screen->Cursor.Column, (SHORT)Screen->Cursor.Row },
        .Size = Size,
        .Attributes = ScreenAttributes(Screen),
        .PopupAttributes = Buffer->PopupAttributes,
        .Window = { 0, 0, (SHORT)(Size.X - 1), (SHORT)(Size.Y - 1) },
        .MaximumWindow = Size,
        .FontSize = { 8, 16 },
        .FontWeight = FONT_WEIGHT,
        .FontFamily = FONT_FAMILY,
    };
    memcpy(Info->Colours, Colours, sizeof(Colours));
}

static BOOLEAN IsSame(COORD A, COORD B)
{
    return A.X == B.X && A.Y == B.Y;
}

/* DIFFERS: sizes are the screen's and cannot be changed, nor can the font. */
static NTSTATUS CheckInfo(const BUFFER *Buffer, ULONG Mask, const CONAPI_OUTPUT_INFO *New)
{
    CONAPI_OUTPUT_INFO Now;

    OperationGetInfo(Buffer, &Now);
    if (Mask & CONAPI_SET_FONT) {
        DbgPrint("conhost: setting the font is not implemented\n");
        return STATUS_NOT_IMPLEMENTED;
    }
    if (Mask & CONAPI_SET_CURSOR_SHAPE && (New->CursorSize < 1 || New->CursorSize > 100))
        return STATUS_INVALID_PARAMETER;
    if (Mask & CONAPI_SET_CURSOR && (New->Cursor.X < 0 || New->Cursor.X >= Now.Size.X || New->Cursor.Y < 0 ||
                                     New->Cursor.Y >= Now.Size.Y))
        return STATUS_INVALID_PARAMETER;
    if ((Mask & CONAPI_SET_SIZE && !IsSame(New->Size, Now.Size)) ||
        (Mask & CONAPI_SET_MAXIMUM_WINDOW && !IsSame(New->MaximumWindow, Now.Size)) ||
        (Mask & CONAPI_SET_WINDOW && memcmp(&New->Window, &Now.Window, sizeof(SMALL_RECT)) != 0))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

NTSTATUS OperationSetInfo(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change)
{
    const CONAPI_SET_OUTPUT *Set = Input;
    PSCREEN Screen = &Buffer->Screen;
    NTSTATUS Status = Size < sizeof(*Set) ? STATUS_INVALID_PARAMETER : CheckInfo(Buffer, Set->Mask, &Set->Info);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Set->Mask & CONAPI_SET_CURSOR_SHAPE) {
        Screen->CursorPercent = (UCHAR)Set->Info.CursorSize;
        ScreenShowCursor(Screen, Set->Info.CursorVisible != 0);
    }
    if (Set->Mask & CONAPI_SET_CURSOR)
        ScreenMoveTo(Screen, Set->Info.Cursor.X, Set->Info.Cursor.Y);
    if (Set->Mask & CONAPI_SET_ATTRIBUTES)
        ScreenSetAttributes(Screen, Set->Info.Attributes);
    if (Set->Mask & CONAPI_SET_POPUP_ATTRIBUTES)
        Buffer->PopupAttributes = Set->Info.PopupAttributes;
    return STATUS_SUCCESS;
}

NTSTATUS OperationActivate(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change)
{
    BufferActivate(Buffer);
    Change->Rect = (SCREEN_RECT){ 0, 0, Buffer->Screen.Columns, Buffer->Screen.Rows };
    return STATUS_SUCCESS;
}
