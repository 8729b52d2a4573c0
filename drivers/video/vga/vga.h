/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vga.sys: what its files share.
 *
 * A screen is a grid of cells kept in memory (Cells) and a backend that makes one cell visible.  Everything happens
 * in the dispatch routine of one request, serialised by the extension's mutex.
 */
#pragma once

#include "drivers/lib/fdo.h"
#include "abi/video.h"

#define VGA_TAG 'oagV'
#define FONT_WIDTH 8
#define FONT_HEIGHT 16
#define MAX_CELLS 32768 /* columns times rows */
#define MAX_TRANSFER 32768 /* bytes of one write */

/* The generated font (mkfont.py): glyph i is FontCodes[i]'s, sorted by code. */
extern const ULONG FontCount;
extern const WCHAR FontCodes[];
extern const UCHAR FontGlyphs[][FONT_HEIGHT];
/* Characters of the 256 glyphs of VGA text mode. */
extern const WCHAR CodePage437[256];

struct _DEVICE_EXTENSION;

typedef struct _SCREEN_OPERATIONS {
    /* Makes Cell visible at (Column, Row). */
    VOID (*DrawCell)(struct _DEVICE_EXTENSION *Extension, ULONG Column, ULONG Row, VIDEO_CELL Cell);
    /* Shows the cursor as Extension->Cursor says; the cell below it has been drawn. */
    VOID (*ShowCursor)(struct _DEVICE_EXTENSION *Extension);
} SCREEN_OPERATIONS;

typedef struct _DEVICE_EXTENSION {
    FDO Fdo;
    BOOLEAN IsModeKnown;       /* IOCTL_VIDEO_CELLS_QUERY_MODE came since the start */
    FAST_MUTEX Mutex;
    const SCREEN_OPERATIONS *Operations;
    USHORT Columns;
    USHORT Rows;
    PVIDEO_CELL Cells;         /* what the screen shows, Columns * Rows */
    VIDEO_CELL_CURSOR Cursor;

    PUCHAR Memory;             /* text page or framebuffer */
    ULONG MemoryLength;

    /* text mode */
    PUCHAR Port;               /* 3C0 */

    /* framebuffer */
    ULONG Pitch;               /* bytes a line */
    ULONG BytesPerPixel;       /* 2, 3 or 4 */
    ULONG Palette[16];         /* pixel values of the 16 colours */
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

/* text.c, framebuffer.c: set Operations, Columns and Rows from the resources.  STATUS_NO_SUCH_DEVICE: not this kind. */
NTSTATUS TextInitialize(PDEVICE_EXTENSION Extension, PCM_PARTIAL_RESOURCE_LIST Resources);
NTSTATUS FramebufferInitialize(PDEVICE_EXTENSION Extension, PCM_PARTIAL_RESOURCE_LIST Resources);

/* screen.c: the requests of abi/video.h. */
VOID ScreenClear(PDEVICE_EXTENSION Extension);
NTSTATUS ScreenControl(PDEVICE_EXTENSION Extension, ULONG Code, PVOID Buffer, ULONG InputLength, ULONG OutputLength,
                       PULONG_PTR Information);
