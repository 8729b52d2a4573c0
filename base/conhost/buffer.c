/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The list of screen buffers (buffer.h).
 */
#include "base/lib/console.h"
#include "buffer.h"

#define DEFAULT_MODE (ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING)
#define DEFAULT_POPUP_ATTRIBUTES 0xf5

static BUFFER Own = { .Mode = DEFAULT_MODE, .PopupAttributes = DEFAULT_POPUP_ATTRIBUTES };
static LIST_ENTRY Buffers = { &Buffers, &Buffers };
static PBUFFER Active = &Own;

static BOOLEAN MakeScreen(PBUFFER Buffer, USHORT Columns, USHORT Rows)
{
    PVIDEO_CELL Cells = Allocate((SIZE_T)Columns * Rows * sizeof(VIDEO_CELL));

    if (Cells == NULL)
        return FALSE;
    Free(Buffer->Screen.Cells);
    ScreenInitialize(&Buffer->Screen, Columns, Rows, Cells);
    return TRUE;
}

BOOLEAN BufferStart(VOID)
{
    InsertTailList(&Buffers, &Own.Links);
    return MakeScreen(&Own, 80, 25);
}

PBUFFER BufferActive(VOID)
{
    return Active;
}

PBUFFER BufferOf(ULONG_PTR Object)
{
    for (PLIST_ENTRY Entry = Buffers.Flink; Entry != &Buffers; Entry = Entry->Flink) {
        PBUFFER Buffer = CONTAINING_RECORD(Entry, BUFFER, Links);

        if (Buffer->Object == Object)
            return Buffer;
    }
    return NULL;
}

PBUFFER BufferFind(ULONG Kind, ULONG_PTR Object)
{
    PBUFFER Buffer = BufferOf(Kind == CONDRV_OBJECT_SCREEN_BUFFER ? Object : 0);

    if (Buffer != NULL)
        return Buffer;
    Buffer = Allocate(sizeof(BUFFER));
    if (Buffer == NULL || !MakeScreen(Buffer, Own.Screen.Columns, Own.Screen.Rows)) {
        Free(Buffer);
        return NULL;
    }
    Buffer->Object = Object;
    Buffer->Mode = Own.Mode;
    Buffer->PopupAttributes = Own.PopupAttributes;
    ScreenSetAttributes(&Buffer->Screen, ScreenAttributes(&Own.Screen));
    Buffer->Screen.CursorPercent = Own.Screen.CursorPercent;
    InsertTailList(&Buffers, &Buffer->Links);
    return Buffer;
}

VOID BufferActivate(PBUFFER Buffer)
{
    Active = Buffer;
    ScreenMarkAll(&Buffer->Screen);
}

VOID BufferClose(ULONG_PTR Object)
{
    PBUFFER Buffer = BufferOf(Object);

    if (Buffer == NULL || Buffer == &Own)
        return;
    if (Buffer == Active)
        BufferActivate(&Own);
    RemoveEntryList(&Buffer->Links);
    Free(Buffer->Screen.Cells);
    Free(Buffer);
}

BOOLEAN BufferResize(USHORT Columns, USHORT Rows)
{
    PLIST_ENTRY Entry = Own.Links.Flink;

    if (!MakeScreen(&Own, Columns, Rows))
        return FALSE;
    while (Entry != &Buffers) {
        PBUFFER Buffer = CONTAINING_RECORD(Entry, BUFFER, Links);

        Entry = Entry->Flink;
        if (!MakeScreen(Buffer, Columns, Rows))
            BufferClose(Buffer->Object);
    }
    return TRUE;
}
