/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The screen: a grid of cells with cursor, scroll region and colours, and what of it has to be shown anew.
 *
 * Pure code: nothing here calls the system.  vt.c turns bytes into these operations, display.c carries the changed
 * cells to the video driver.  Rows and columns count from 0; every operation clips what it gets to the grid.
 */
#pragma once

#include "nt.h"
#include "abi/video.h"

#define SCREEN_DEFAULT_ATTRIBUTES 0x07
#define SCREEN_CURSOR_PERCENT 25

/* Half open: [Left, Right) x [Top, Bottom); empty if Left >= Right. */
typedef struct _SCREEN_RECT {
    USHORT Left;
    USHORT Top;
    USHORT Right;
    USHORT Bottom;
} SCREEN_RECT;

/* What ESC 7 keeps. */
typedef struct _SCREEN_CURSOR {
    USHORT Column;
    USHORT Row;
    UCHAR Foreground;           /* IRGB */
    UCHAR Background;
    BOOLEAN IsBold;
    BOOLEAN IsReverse;
    BOOLEAN IsUnderlined;
} SCREEN_CURSOR;

typedef struct _SCREEN {
    USHORT Columns;
    USHORT Rows;
    USHORT ScrollTop;           /* scroll region: rows [ScrollTop, ScrollBottom) */
    USHORT ScrollBottom;
    SCREEN_CURSOR Cursor;
    SCREEN_CURSOR Saved;
    BOOLEAN IsWrapPending;      /* the last column was written: the next character goes to the next line */
    BOOLEAN IsAutoWrap;
    BOOLEAN IsCursorVisible;
    UCHAR CursorPercent;        /* height of the cursor, 1..100 */
    BOOLEAN IsChanged;          /* anything, the cursor included, differs from what is shown */
    USHORT ScrolledLines;       /* the whole screen has to go up by this before Dirty is written */
    SCREEN_RECT Dirty;
    PVIDEO_CELL Cells;          /* Rows * Columns */
} SCREEN, *PSCREEN;

/* Cells: room for Columns * Rows; stays the caller's.  The screen is empty, its state the default. */
VOID ScreenInitialize(PSCREEN Screen, USHORT Columns, USHORT Rows, PVIDEO_CELL Cells);

VOID ScreenReset(PSCREEN Screen);
VOID ScreenMarkAll(PSCREEN Screen);

/* The cells [Left, Right) x [Top, Bottom), not empty and inside the screen, have changed. */
VOID ScreenMark(PSCREEN Screen, LONG Left, LONG Top, LONG Right, LONG Bottom);
VOID ScreenMarkShown(PSCREEN Screen);

/* Attributes of what is written next, and setting them. */
USHORT ScreenAttributes(const SCREEN *Screen);
VOID ScreenSetAttributes(PSCREEN Screen, USHORT Attributes);

VOID ScreenPutCharacter(PSCREEN Screen, WCHAR Character);
VOID ScreenMoveTo(PSCREEN Screen, LONG Column, LONG Row);
VOID ScreenMoveBy(PSCREEN Screen, LONG Columns, LONG Rows);
VOID ScreenLineFeed(PSCREEN Screen);
VOID ScreenReverseLineFeed(PSCREEN Screen);
VOID ScreenTab(PSCREEN Screen);
VOID ScreenErase(PSCREEN Screen, LONG FirstCell, LONG CellCount);
VOID ScreenScroll(PSCREEN Screen, LONG Top, LONG Bottom, LONG Lines);
VOID ScreenShiftCells(PSCREEN Screen, LONG Count);
VOID ScreenSetScrollRegion(PSCREEN Screen, LONG Top, LONG Bottom);
VOID ScreenSaveCursor(PSCREEN Screen);
VOID ScreenRestoreCursor(PSCREEN Screen);
VOID ScreenShowCursor(PSCREEN Screen, BOOLEAN IsVisible);
