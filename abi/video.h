/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen as a grid of character cells: what conhost.exe says to \Device\Video0.
 *
 * The video driver (drivers/video/vga) owns the screen, a VGA text page or a linear framebuffer with a font
 * of its own; whoever writes cells need not know which.  All requests are NtDeviceIoControlFile with
 * METHOD_BUFFERED; every number is in cells, counted from 0 at the top left.  A rectangle that leaves the
 * screen is refused with STATUS_INVALID_PARAMETER as a whole, a buffer that is too short for what its
 * header says with STATUS_BUFFER_TOO_SMALL.  Characters that the font lacks are shown as a replacement.
 *
 * The includer provides the NT types and CTL_CODE (nt.h or a DDK header).
 */
#pragma once

#define DD_VIDEO_CELLS_DEVICE_NAME_U L"\\Device\\Video0"

/* One cell, laid out as Win32's CHAR_INFO; Attributes as in its wAttributes (FOREGROUND_x, BACKGROUND_x, REVERSE). */
typedef struct _VIDEO_CELL {
    WCHAR Character;
    USHORT Attributes; /* 0..3 foreground IRGB, 4..7 background IRGB, 14 reverse video, 15 underscore */
} VIDEO_CELL, *PVIDEO_CELL;

#define VIDEO_CELL_REVERSE 0x4000
#define VIDEO_CELL_UNDERSCORE 0x8000

typedef struct _VIDEO_CELL_RECT {
    USHORT Left;
    USHORT Top;
    USHORT Columns; /* at least 1 */
    USHORT Rows;    /* at least 1 */
} VIDEO_CELL_RECT, *PVIDEO_CELL_RECT;

#define VIDEO_CELLS_CODE(Function, Access) CTL_CODE(FILE_DEVICE_VIDEO, 0x900 + (Function), METHOD_BUFFERED, Access)

/* Out: VIDEO_CELL_MODE.  The mode never changes while the driver runs.  A driver that has just (re)started has a blank screen and
 * answers everything else with STATUS_DEVICE_NOT_READY until it is asked for its mode: so whoever draws learns
 * that all has to be drawn again. */
#define IOCTL_VIDEO_CELLS_QUERY_MODE VIDEO_CELLS_CODE(0, FILE_ANY_ACCESS)

typedef struct _VIDEO_CELL_MODE {
    USHORT Columns;
    USHORT Rows;
    USHORT CellWidth;     /* pixels */
    USHORT CellHeight;    /* pixels */
    ULONG IsFramebuffer;  /* 0: VGA text mode (256 glyphs, 16 colours) */
    ULONG MaximumTransfer; /* bytes of the largest WRITE request */
} VIDEO_CELL_MODE, *PVIDEO_CELL_MODE;

/* In: VIDEO_CELL_RECT, then Columns * Rows cells, row by row. */
#define IOCTL_VIDEO_CELLS_WRITE VIDEO_CELLS_CODE(1, FILE_ANY_ACCESS)

/* In: VIDEO_CELL_FILL.  Every cell of Rect becomes Cell. */
#define IOCTL_VIDEO_CELLS_FILL VIDEO_CELLS_CODE(2, FILE_ANY_ACCESS)

typedef struct _VIDEO_CELL_FILL {
    VIDEO_CELL_RECT Rect;
    VIDEO_CELL Cell;
} VIDEO_CELL_FILL, *PVIDEO_CELL_FILL;

/* In: VIDEO_CELL_SCROLL.  The content of Rect moves up by Lines (down if negative); the rows that get free become Cell. */
#define IOCTL_VIDEO_CELLS_SCROLL VIDEO_CELLS_CODE(3, FILE_ANY_ACCESS)

typedef struct _VIDEO_CELL_SCROLL {
    VIDEO_CELL_RECT Rect;
    VIDEO_CELL Cell;
    SHORT Lines;
    USHORT Reserved; /* 0 */
} VIDEO_CELL_SCROLL, *PVIDEO_CELL_SCROLL;

/* In: VIDEO_CELL_CURSOR. */
#define IOCTL_VIDEO_CELLS_SET_CURSOR VIDEO_CELLS_CODE(4, FILE_ANY_ACCESS)

typedef struct _VIDEO_CELL_CURSOR {
    USHORT Column;
    USHORT Row;
    USHORT IsVisible; /* 0 or 1 */
    USHORT Percent;   /* height of the cursor in percent of the cell, 1..100 */
} VIDEO_CELL_CURSOR, *PVIDEO_CELL_CURSOR;

#ifdef C_ASSERT
C_ASSERT(sizeof(VIDEO_CELL) == 4);
C_ASSERT(sizeof(VIDEO_CELL_RECT) == 8);
C_ASSERT(sizeof(VIDEO_CELL_MODE) == 16);
C_ASSERT(sizeof(VIDEO_CELL_SCROLL) == 16);
#endif
