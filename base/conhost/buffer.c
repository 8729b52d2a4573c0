/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The list of screen buffers (buffer.h).
 */
#include "base/lib/console.h"
#include "buffer.h"

#define DEFAULT_MODE (ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING)
#define DEFAULT_POPUP_ATTRIBUTES 0xf5

/* An Output open that shows another buffer than the console's own. */
typedef struct _OUTPUT_OPEN {
    LIST_ENTRY Links;
    ULONG_PTR Object;
    PBUFFER Buffer;             /* referenced */
} OUTPUT_OPEN, *POUTPUT_OPEN;

static BUFFER Own = { .Mode = DEFAULT_MODE, .PopupAttributes = DEFAULT_POPUP_ATTRIBUTES };
static LIST_ENTRY Buffers = { &Buffers, &Buffers };
static LIST_ENTRY Outputs = { &Outputs, &Outputs };
static PBUFFER Active = &Own;
static ULONG_PTR LastName;

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

PBUFFER BufferNamed(ULONG_PTR Name)
{
    for (PLIST_ENTRY Entry = Buffers.Flink; Entry != &Buffers; Entry = Entry->Flink) {
        PBUFFER Buffer = CONTAINING_RECORD(Entry, BUFFER, Links);

        if (Buffer->Name == Name)
            return Buffer;
    }
    return NULL;
}

static PBUFFER BufferOfOpen(ULONG_PTR Object)
{
    for (PLIST_ENTRY Entry = Buffers.Flink; Entry != &Buffers; Entry = Entry->Flink) {
        PBUFFER Buffer = CONTAINING_RECORD(Entry, BUFFER, Links);

        if (Buffer != &Own && Buffer->Object == Object)
            return Buffer;
    }
    return NULL;
}

static POUTPUT_OPEN FindOutput(ULONG_PTR Object)
{
    for (PLIST_ENTRY Entry = Outputs.Flink; Entry != &Outputs; Entry = Entry->Flink) {
        POUTPUT_OPEN Open = CONTAINING_RECORD(Entry, OUTPUT_OPEN, Links);

        if (Open->Object == Object)
            return Open;
    }
    return NULL;
}

VOID BufferOpenOutput(ULONG_PTR Object)
{
    POUTPUT_OPEN Open = Active != &Own ? Allocate(sizeof(OUTPUT_OPEN)) : NULL;

    if (Open == NULL)
        return;
    Open->Object = Object;
    Open->Buffer = Active;
    Active->References++;
    InsertTailList(&Outputs, &Open->Links);
}

static PBUFFER NewBuffer(ULONG_PTR Object)
{
    PBUFFER Buffer = Allocate(sizeof(BUFFER));

    if (Buffer == NULL || !MakeScreen(Buffer, Own.Screen.Columns, Own.Screen.Rows)) {
        Free(Buffer);
        return NULL;
    }
    Buffer->Name = ++LastName;
    Buffer->Object = Object;
    Buffer->References = 1;
    Buffer->Mode = Own.Mode;
    Buffer->PopupAttributes = Own.PopupAttributes;
    ScreenSetAttributes(&Buffer->Screen, ScreenAttributes(&Own.Screen));
    Buffer->Screen.CursorPercent = Own.Screen.CursorPercent;
    InsertTailList(&Buffers, &Buffer->Links);
    return Buffer;
}

PBUFFER BufferFind(ULONG Kind, ULONG_PTR Object)
{
    PBUFFER Buffer = Kind == CONDRV_OBJECT_SCREEN_BUFFER ? BufferOfOpen(Object) : NULL;
    POUTPUT_OPEN Open;

    if (Kind == CONDRV_OBJECT_SCREEN_BUFFER)
        return Buffer != NULL ? Buffer : NewBuffer(Object);
    Open = FindOutput(Object);
    return Open != NULL ? Open->Buffer : &Own;
}

VOID BufferActivate(PBUFFER Buffer)
{
    Active = Buffer;
    ScreenMarkAll(&Buffer->Screen);
}

static VOID Dereference(PBUFFER Buffer)
{
    if (--Buffer->References != 0)
        return;
    if (Buffer == Active)
        BufferActivate(&Own);
    RemoveEntryList(&Buffer->Links);
    Free(Buffer->Screen.Cells);
    Free(Buffer);
}

VOID BufferClose(ULONG Kind, ULONG_PTR Object)
{
    POUTPUT_OPEN Open = Kind == CONDRV_OBJECT_OUTPUT ? FindOutput(Object) : NULL;
    PBUFFER Buffer = Kind == CONDRV_OBJECT_SCREEN_BUFFER ? BufferOfOpen(Object) : NULL;

    if (Open != NULL) {
        Buffer = Open->Buffer;
        RemoveEntryList(&Open->Links);
        Free(Open);
    } else if (Buffer != NULL) {
        Buffer->Object = 0;
    }
    if (Buffer != NULL)
        Dereference(Buffer);
}

/* No memory for its cells: whoever has it open gets the console's own, or an empty one, from now on. */
static VOID Discard(PBUFFER Buffer)
{
    for (PLIST_ENTRY Entry = Outputs.Flink; Entry != &Outputs;) {
        POUTPUT_OPEN Open = CONTAINING_RECORD(Entry, OUTPUT_OPEN, Links);

        Entry = Entry->Flink;
        if (Open->Buffer != Buffer)
            continue;
        RemoveEntryList(&Open->Links);
        Free(Open);
    }
    Buffer->References = 1;
    Dereference(Buffer);
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
            Discard(Buffer);
    }
    return TRUE;
}
