/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Line mode: the line editor that a program gets which reads the console without asking for raw input.
 *
 * Keys: arrows, Ctrl with Left and Right (words), Home, End (with Ctrl: deletes up to there), Backspace, Del, Ins, Esc and Ctrl+U
 * (whole line), Ctrl+W (word), Ctrl+Z (end of file); Up, Down, F5, PgUp, PgDn (lines before), F8 (those that begin like this
 * one), F1 and F3 (a character, the rest, of the last).  Source: Microsoft, "Command Prompt keyboard shortcuts" (doskey).
 */
#pragma once

#include "history.h"

#define LINE_MAX_LENGTH 4096

typedef enum _LINE_RESULT { LineGoesOn, LineIsComplete, LineIsEndOfFile, LineIsWoken } LINE_RESULT;

typedef struct _LINE_EDITOR {
    ULONG Length;
    ULONG Cursor;               /* the unit in front of which it is */
    USHORT Column;              /* of the screen, where the line begins */
    USHORT Columns;             /* of the screen; 0: a row has no end */
    BOOLEAN IsOverwriting;
    ULONG WakeMask;             /* control characters, a bit each, that end the line */
    PHISTORY History;           /* NULL: none */
    ULONG HistoryIndex;
    WCHAR Text[LINE_MAX_LENGTH];
} LINE_EDITOR, *PLINE_EDITOR;

/* Receives what has to be echoed: text and VT sequences. */
typedef VOID (*PLINE_ECHO)(PCWSTR Text, ULONG Length);

/* Begins with Length units of text that are shown already, in front of the cursor in column Column; more than fit are cut. */
VOID LineBegin(PLINE_EDITOR Line, PCWSTR Text, ULONG Length, USHORT Column, USHORT Columns, PHISTORY History);

/* Feeds one UTF-16 unit.  A complete line ends with CR LF, which are part of it; LineIsEndOfFile: the line is complete,
 * and begins with Ctrl+Z; LineIsWoken: a character of WakeMask has come, it is in the line where the cursor was.  Echo may be
 * NULL. */
LINE_RESULT LineInput(PLINE_EDITOR Line, WCHAR Unit, PLINE_ECHO Echo);

/* A key without a character went down. */
VOID LineKey(PLINE_EDITOR Line, USHORT VirtualKey, ULONG ControlKeyState, PLINE_ECHO Echo);
