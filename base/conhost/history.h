/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The lines that a program's user typed before: what Up and Down go through.
 */
#pragma once

#include "base/lib/native.h"

#define HISTORY_LINES 50
#define HISTORIES 4

typedef struct _HISTORY_LINE {
    ULONG Length;
    PWSTR Text;
} HISTORY_LINE;

typedef struct _HISTORY {
    ULONG_PTR Process;
    ULONG Used;                 /* when it was asked for last */
    ULONG Count;
    HISTORY_LINE Lines[HISTORY_LINES];  /* oldest first */
} HISTORY, *PHISTORY;

/* The history of a process; a new one takes the place of the one that was not used for the longest time. */
PHISTORY HistoryOf(ULONG_PTR Process);

/* Appends a line unless it is empty or repeats the last one, or there is no memory for it. */
VOID HistoryAdd(PHISTORY History, PCWSTR Text, ULONG Length);
