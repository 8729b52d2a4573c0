/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Line mode: the simple line editor that a program gets which reads the console without asking for raw input.
 */
#pragma once

#include "nt.h"

#define LINE_MAX_BYTES 4096

typedef enum _LINE_RESULT { LineGoesOn, LineIsComplete, LineIsEndOfFile } LINE_RESULT;

typedef struct _LINE_EDITOR {
    ULONG Length;
    ULONG EscapeState;          /* 0 none, 1 after ESC, 2 inside a sequence: keys that line mode has no use for */
    UCHAR Bytes[LINE_MAX_BYTES];
} LINE_EDITOR, *PLINE_EDITOR;

/* Receives what has to be echoed. */
typedef VOID (*PLINE_ECHO)(const UCHAR *Bytes, ULONG Length);

/* Feeds one byte.  A complete line ends with CR LF, which are part of it; LineIsEndOfFile: Ctrl+Z, then Enter, at
 * the beginning of a line.  The caller empties the editor (Length = 0) when it has taken the line.  Echo may be NULL. */
LINE_RESULT LineInput(PLINE_EDITOR Line, UCHAR Byte, PLINE_ECHO Echo);
