/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The line editor of the prompt: bytes of a terminal in, a line and the text that shows it out.
 *
 * Keys: arrows, Home, End, Del, Backspace, Ctrl+A B C D E F H K L N P T U W, Esc.  Tab is the caller's.
 * A line longer than the terminal is wide is shown through a window that follows the cursor.
 */
#pragma once

#include "ntdll.h"

#define EDIT_MAX_CHARACTERS 8191
#define HISTORY_LINES 64

typedef enum _EDIT_RESULT { EditGoesOn, EditEnter, EditInterrupt, EditEndOfInput, EditTab,
        EditClearScreen } EDIT_RESULT;

typedef struct _EDITOR {
    WCHAR Text[EDIT_MAX_CHARACTERS + 1];    /* terminated with 0 */
    ULONG Length;
    ULONG Cursor;
    ULONG Window;                   /* first character that is shown */
    ULONG WindowSize;               /* characters that fit behind the prompt, the cursor's place included */
    ULONG PromptColumn;             /* where the text begins, from 0 */
    ULONG CodePoint;                /* UTF-8 character being collected */
    ULONG BytesLeft;
    ULONG EscapeState;
    ULONG EscapeNumber;
    ULONG EscapeModifier;
    PWSTR History[HISTORY_LINES];   /* oldest first */
    ULONG HistoryCount;
    ULONG HistoryIndex;             /* HistoryCount: the new line */
    PWSTR NewLine;                  /* what was typed before the first Up */
    VOID (*Show)(PCWSTR Text, ULONG Length);
} EDITOR, *PEDITOR;

/* Begins an empty line behind a prompt that ends at column PromptColumn of a terminal that is Columns wide. */
VOID EditBegin(PEDITOR Editor, ULONG PromptColumn, ULONG Columns);

EDIT_RESULT EditByte(PEDITOR Editor, UCHAR Byte);

/* Inserts at the cursor. */
VOID EditInsert(PEDITOR Editor, PCWSTR Text, ULONG Length);

/* Shows prompt-less text and cursor anew, as after EditBegin with a prompt on a fresh line. */
VOID EditShow(PEDITOR Editor);

/* Appends a line unless it is empty or repeats the last one. */
VOID EditRemember(PEDITOR Editor, PCWSTR Line);
