/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the Win32 layer asks of the console: the requests of kernelbase (Wine 8.0, include/wine/condrv.h has the same numbers
 * and layouts) to \Device\ConDrv, METHOD_BUFFERED all.  conhost answers them but where ntos is named; modes are in
 * condrv.h.  Records, cells and flags are wincon.h's.
 */
#pragma once

#include "abi/condrv.h"

#ifndef WINBASEAPI
#define WINBASEAPI
#endif
#ifndef LF_FACESIZE
#define LF_FACESIZE 32
#endif
#include <minwinbase.h>
#include <wincon.h>

#define CONAPI_CODE(Function, Access) CTL_CODE(FILE_DEVICE_CONSOLE, Function, METHOD_BUFFERED, Access)

/* ---- an Input handle ---- */
/* out: UTF-16; line mode or raw as the input mode says.  READ_ANSI: bytes of the input code page. */
#define IOCTL_CONAPI_READ_CONSOLE CONAPI_CODE(10, FILE_READ_ACCESS)
#define IOCTL_CONAPI_READ_ANSI CONAPI_CODE(11, FILE_READ_ACCESS)
/* INPUT_RECORDs, taken (waits for one), put, looked at (does not wait) */
#define IOCTL_CONAPI_READ_RECORDS CONAPI_CODE(12, FILE_READ_ACCESS)
#define IOCTL_CONAPI_WRITE_RECORDS CONAPI_CODE(13, FILE_WRITE_ACCESS)
#define IOCTL_CONAPI_PEEK_RECORDS CONAPI_CODE(14, FILE_READ_ACCESS)
#define IOCTL_CONAPI_FLUSH CONAPI_CODE(21, FILE_ANY_ACCESS)
/* in: ULONG, the control characters (a bit each) that end the line, then the beginning of the line; out: ULONG, key
 * state, then UTF-16 */
#define IOCTL_CONAPI_READ_CONTROL CONAPI_CODE(24, FILE_READ_ACCESS)

/* ---- an Input, Connection or Reference handle ---- */
#define IOCTL_CONAPI_GET_INPUT_INFO CONAPI_CODE(15, FILE_READ_ACCESS)   /* out: CONAPI_INPUT_INFO */
#define IOCTL_CONAPI_SET_INPUT_INFO CONAPI_CODE(16, FILE_WRITE_ACCESS)  /* in: CONAPI_SET_INPUT */
#define IOCTL_CONAPI_GET_TITLE CONAPI_CODE(17, FILE_READ_ACCESS)        /* out: CONAPI_TITLE */
#define IOCTL_CONAPI_SET_TITLE CONAPI_CODE(18, FILE_WRITE_ACCESS)       /* in: UTF-16 */
#define IOCTL_CONAPI_BEEP CONAPI_CODE(20, FILE_ANY_ACCESS)
#define IOCTL_CONAPI_GET_WINDOW CONAPI_CODE(22, FILE_ANY_ACCESS)        /* out: ULONG, a window handle */

typedef struct _CONAPI_INPUT_INFO {
    ULONG InputCodePage;
    ULONG OutputCodePage;
    ULONG RecordCount;          /* records that can be read */
} CONAPI_INPUT_INFO;

typedef struct _CONAPI_SET_INPUT {
    ULONG Mask;
    CONAPI_INPUT_INFO Info;
} CONAPI_SET_INPUT;

#define CONAPI_SET_INPUT_CODE_PAGE 1u
#define CONAPI_SET_OUTPUT_CODE_PAGE 2u

/* Information is sizeof(CONAPI_TITLE) and the bytes of text that fit, though Text begins before the structure's end. */
typedef struct _CONAPI_TITLE {
    ULONG Length;               /* characters, of the whole title */
    WCHAR Text[2];
} CONAPI_TITLE;

/* ---- an Output or ScreenBuffer handle ---- */
/* WRITE_TEXT and WRITE_BYTES (of the output code page) are in condrv.h. */
#define IOCTL_CONAPI_READ_CELLS CONAPI_CODE(32, FILE_READ_ACCESS)
#define IOCTL_CONAPI_WRITE_CELLS CONAPI_CODE(33, FILE_WRITE_ACCESS)
#define IOCTL_CONAPI_GET_OUTPUT_INFO CONAPI_CODE(34, FILE_READ_ACCESS)  /* out: CONAPI_OUTPUT_INFO, then the font's name */
#define IOCTL_CONAPI_SET_OUTPUT_INFO CONAPI_CODE(35, FILE_WRITE_ACCESS) /* in: CONAPI_SET_OUTPUT */
#define IOCTL_CONAPI_ACTIVATE CONAPI_CODE(36, FILE_WRITE_ACCESS)
#define IOCTL_CONAPI_FILL_CELLS CONAPI_CODE(37, FILE_WRITE_ACCESS)      /* in: CONAPI_FILL; out: ULONG, cells filled */
#define IOCTL_CONAPI_SCROLL_CELLS CONAPI_CODE(38, FILE_WRITE_ACCESS)    /* in: CONAPI_SCROLL */

typedef enum _CONAPI_CELL_MODE {
    ConapiCharacters,           /* WCHAR */
    ConapiAttributes,           /* USHORT */
    ConapiBoth,                 /* CHAR_INFO */
} CONAPI_CELL_MODE;

/* In: this (and, for WRITE_CELLS, the cells).  Width 0: a run of cells that goes on in the next row; out of WRITE_CELLS:
 * ULONG, cells written.  Width not 0: a rectangle; out of WRITE_CELLS: SMALL_RECT, what was written.  Out of READ_CELLS:
 * the cells; ConapiBoth: a SMALL_RECT before them. */
typedef struct _CONAPI_CELLS {
    ULONG Column;
    ULONG Row;
    ULONG Mode;                 /* CONAPI_CELL_MODE */
    ULONG Width;
} CONAPI_CELLS;

typedef struct _CONAPI_OUTPUT_INFO {
    SHORT CursorSize;           /* percent of a cell */
    SHORT CursorVisible;
    COORD Cursor;
    COORD Size;
    USHORT Attributes;
    USHORT PopupAttributes;
    SMALL_RECT Window;          /* inclusive, as all SMALL_RECTs */
    COORD MaximumWindow;
    COORD FontSize;
    SHORT FontWeight;
    SHORT FontFamily;
    COLORREF Colours[16];
} CONAPI_OUTPUT_INFO;

typedef struct _CONAPI_SET_OUTPUT {
    ULONG Mask;
    CONAPI_OUTPUT_INFO Info;
} CONAPI_SET_OUTPUT;

#define CONAPI_SET_CURSOR_SHAPE 0x01u
#define CONAPI_SET_CURSOR 0x02u
#define CONAPI_SET_SIZE 0x04u
#define CONAPI_SET_ATTRIBUTES 0x08u
#define CONAPI_SET_WINDOW 0x10u
#define CONAPI_SET_MAXIMUM_WINDOW 0x20u
#define CONAPI_SET_POPUP_ATTRIBUTES 0x40u
#define CONAPI_SET_FONT 0x80u

typedef struct _CONAPI_FILL {
    LONG Column;
    LONG Row;
    LONG Mode;                  /* CONAPI_CELL_MODE */
    LONG Count;
    LONG Wrap;
    WCHAR Character;
    USHORT Attributes;
} CONAPI_FILL;

typedef struct _CONAPI_SCROLL {
    SMALL_RECT Source;
    COORD Target;
    SMALL_RECT Clip;
    CHAR_INFO Fill;
} CONAPI_SCROLL;

_Static_assert(sizeof(CONAPI_INPUT_INFO) == 12 && sizeof(CONAPI_SET_INPUT) == 16, "layout");
_Static_assert(sizeof(CONAPI_TITLE) == 8 && sizeof(CONAPI_CELLS) == 16, "layout");
_Static_assert(sizeof(CONAPI_OUTPUT_INFO) == 100 && sizeof(CONAPI_SET_OUTPUT) == 104, "layout");
_Static_assert(sizeof(CONAPI_FILL) == 24 && sizeof(CONAPI_SCROLL) == 24, "layout");
_Static_assert(sizeof(INPUT_RECORD) == 20 && sizeof(CHAR_INFO) == 4, "layout");
