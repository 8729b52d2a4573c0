/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The screen's channel: brings \Device\Video0 up to date with the screen model, a step at a time.
 *
 * Text changes the model at once; the display follows a little later (UPDATE_PAUSE), so that many small writes
 * cost one update.  One update is: move everything up, write the changed rectangle, set the cursor; each is one
 * request, and the model may go on changing while one is under way.  A device that fails is asked for its mode
 * again and gets the whole screen.  What is shown is the active buffer.
 */
#include "conhost.h"

#define UPDATE_PAUSE 100000ll       /* 10 ms */
#define MAX_COLUMNS 400
#define MAX_ROWS 200
#define DEFAULT_TRANSFER 0x1000

static VOID DisplayCompleted(ULONG Information);
static VOID DisplayRetry(VOID);

typedef enum _DISPLAY_STEP { StepIdle, StepMode, StepUpdate } DISPLAY_STEP;

static CHANNEL Video = { .DeviceName = DD_VIDEO_CELLS_DEVICE_NAME_U, .Completed = DisplayCompleted,
        .Retry = DisplayRetry };
static DISPLAY_STEP Step;
static BOOLEAN IsCursorStale;
static LONGLONG DueTime = TimeNever;
static VIDEO_CELL_MODE Mode;
static struct {
    VIDEO_CELL_RECT Rect;
    VIDEO_CELL Cells[];
} *Transfer;
static union {
    VIDEO_CELL_SCROLL Scroll;
    VIDEO_CELL_CURSOR Cursor;
} Request;

LONGLONG DisplayDueTime(VOID)
{
    return DueTime;
}

static VOID QueryMode(VOID)
{
    Step = StepMode;
    if (ChannelOpen(&Video))
        ChannelIoctl(&Video, IOCTL_VIDEO_CELLS_QUERY_MODE, NULL, 0, &Mode, sizeof(Mode));
}

/* The driver's word is checked: a mode that makes no sense leaves the display unused. */
static VOID TakeMode(ULONG Length)
{
    PSCREEN Screen = &BufferActive()->Screen;

    if (Length < sizeof(Mode) || Mode.Columns == 0 || Mode.Columns > MAX_COLUMNS || Mode.Rows == 0 ||
            Mode.Rows > MAX_ROWS)
        return;
    if (Mode.MaximumTransfer < sizeof(VIDEO_CELL_RECT) + Mode.Columns * sizeof(VIDEO_CELL))
        Mode.MaximumTransfer = DEFAULT_TRANSFER;
    if ((Mode.Columns != Screen->Columns || Mode.Rows != Screen->Rows) && !BufferResize(Mode.Columns, Mode.Rows))
        return;
    Free(Transfer);
    Transfer = Allocate(min(Mode.MaximumTransfer,
            sizeof(VIDEO_CELL_RECT) + Mode.Columns * Mode.Rows * sizeof(VIDEO_CELL)));
    if (Transfer == NULL)
        return;
    Step = StepUpdate;
    ScreenMarkAll(&BufferActive()->Screen);
    DisplayUpdate();
}

static VOID SendScroll(PSCREEN Screen)
{
    Request.Scroll = (VIDEO_CELL_SCROLL){
        .Rect = { 0, 0, Screen->Columns, Screen->Rows },
        .Cell = { L' ', SCREEN_DEFAULT_ATTRIBUTES },
        .Lines = (SHORT)Screen->ScrolledLines,
    };
    Screen->ScrolledLines = 0;
    ChannelIoctl(&Video, IOCTL_VIDEO_CELLS_SCROLL, &Request.Scroll, sizeof(Request.Scroll), NULL, 0);
}

/* As many rows of the dirty rectangle as one request may carry. */
static VOID SendCells(PSCREEN Screen)
{
    SCREEN_RECT *Dirty = &Screen->Dirty;
    USHORT Columns = Dirty->Right - Dirty->Left, Rows = Dirty->Bottom - Dirty->Top;
    ULONG Room = (Mode.MaximumTransfer - sizeof(VIDEO_CELL_RECT)) / (Columns * sizeof(VIDEO_CELL));

    Rows = (USHORT)min(Rows, Room);
    Transfer->Rect = (VIDEO_CELL_RECT){ Dirty->Left, Dirty->Top, Columns, Rows };
    for (ULONG i = 0; i < Rows; i++)
        memcpy(Transfer->Cells + i * Columns, Screen->Cells + (Dirty->Top + i) * Screen->Columns + Dirty->Left,
               Columns * sizeof(VIDEO_CELL));
    Dirty->Top += Rows;
    if (Dirty->Top == Dirty->Bottom)
        *Dirty = (SCREEN_RECT){ 0 };
    ChannelIoctl(&Video, IOCTL_VIDEO_CELLS_WRITE, Transfer,
            sizeof(VIDEO_CELL_RECT) + Columns * Rows * sizeof(VIDEO_CELL),
                 NULL, 0);
}

static VOID SendCursor(PSCREEN Screen)
{
    Request.Cursor = (VIDEO_CELL_CURSOR){ Screen->Cursor.Column, Screen->Cursor.Row, Screen->IsCursorVisible,
            Screen->CursorPercent };
    IsCursorStale = FALSE;
    ChannelIoctl(&Video, IOCTL_VIDEO_CELLS_SET_CURSOR, &Request.Cursor, sizeof(Request.Cursor), NULL, 0);
}

VOID DisplayUpdate(VOID)
{
    PSCREEN Screen = &BufferActive()->Screen;

    DueTime = TimeNever;
    if (Step != StepUpdate || Video.IsBusy || Video.RetryTime != 0)
        return;
    if (Screen->IsChanged)
        IsCursorStale = TRUE;
    Screen->IsChanged = FALSE;
    if (Screen->ScrolledLines != 0)
        SendScroll(Screen);
    else if (Screen->Dirty.Left < Screen->Dirty.Right)
        SendCells(Screen);
    else if (IsCursorStale)
        SendCursor(Screen);
}

static VOID DisplayCompleted(ULONG Information)
{
    if (Step == StepMode)
        TakeMode(Information);
    else if (BufferActive()->Screen.IsChanged)
        DueTime = TimeNow() + UPDATE_PAUSE;
    else
        DisplayUpdate();
}

static VOID DisplayRetry(VOID)
{
    QueryMode();
}

VOID DisplayChanged(VOID)
{
    if (DueTime == TimeNever && Step == StepUpdate && !Video.IsBusy)
        DueTime = TimeNow() + UPDATE_PAUSE;
}

VOID DisplayWrite(PBUFFER Buffer, const UCHAR *Bytes, ULONG Length)
{
    VtWrite(&Buffer->Parser, &Buffer->Screen, Bytes, Length);
    if (Buffer->Screen.IsChanged && Buffer == BufferActive())
        DisplayChanged();
}

VOID DisplayStart(VOID)
{
    ChannelAdd(&Video);
    QueryMode();
}
