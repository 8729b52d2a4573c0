/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Screen buffers: the console's own, which always is, and those that programs make besides.  One of them is active: it is
 * what screen and serial line show.
 *
 * DIFFERS: a buffer is as large as its window, and both are as large as the screen.
 */
#pragma once

#include "vt.h"

typedef struct _BUFFER {
    LIST_ENTRY Links;
    ULONG_PTR Name;             /* 0: the console's own; never used again */
    ULONG_PTR Object;           /* the ScreenBuffer open that it belongs to; 0: none, or it was closed */
    ULONG References;           /* by that open, and by Output opens */
    ULONG Mode;                 /* output mode */
    USHORT PopupAttributes;
    UCHAR LastByte;             /* of the text written */
    UCHAR LeadByte;             /* see codepage.h */
    WCHAR HighSurrogate;
    VT_PARSER Parser;
    SCREEN Screen;
} BUFFER, *PBUFFER;

/* The first buffer, of 80 x 25 cells; FALSE: no memory. */
BOOLEAN BufferStart(VOID);

PBUFFER BufferActive(VOID);

/* The one that Object, an open of this kind (CONDRV_OBJECT_), shows: a ScreenBuffer's is made if it is new (NULL: no memory), an
 * Output's is the console's own unless BufferOpenOutput was told of it. */
PBUFFER BufferFind(ULONG Kind, ULONG_PTR Object);

/* The one that is written to by an operation that was put off; NULL: it has been closed. */
PBUFFER BufferNamed(ULONG_PTR Name);

/* An Output open: it shows the active buffer from now on. */
VOID BufferOpenOutput(ULONG_PTR Object);

/* An open is closed.  A buffer goes with its last one; if it was active, the console's own is now. */
VOID BufferClose(ULONG Kind, ULONG_PTR Object);
VOID BufferActivate(PBUFFER Buffer);

/* The display has another size: all buffers become empty ones of that size; one without memory for it is closed.  FALSE: there
 * is none for the console's own; nothing has changed. */
BOOLEAN BufferResize(USHORT Columns, USHORT Rows);
