/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Line mode: the simple line editor that a program gets which reads the console without asking for raw input.
 */
#pragma once

#include "nt.h"

#define LINE_MAX_LENGTH 4096

typedef enum _LINE_RESULT { LineGoesOn, LineIsComplete, LineIsEndOfFile } LINE_RESULT;

typedef struct _LINE_EDITOR {
    ULONG Length;
    WCHAR Text[LINE_MAX_LENGTH];
} LINE_EDITOR, *PLINE_EDITOR;

/* Receives what has to be echoed. */
typedef VOID (*PLINE_ECHO)(PCWSTR Text, ULONG Length);

/* Feeds one UTF-16 unit.  A complete line ends with CR LF, which are part of it; LineIsEndOfFile: the line is complete,
 * and begins with Ctrl+Z.  The caller empties the editor (Length = 0) when it has taken the line.  Echo may be NULL. */
LINE_RESULT LineInput(PLINE_EDITOR Line, WCHAR Unit, PLINE_ECHO Echo);
