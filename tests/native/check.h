/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks for native test programs.  A program's wmain makes its checks and ends with `return CheckClose();', which
 * prints the closing line `N passed, N failed'.  What failed is printed where it happens.
 *
 * The same program runs on Nereid and on Wine; where it is known that one of them is wrong, the check is a todo:
 *
 *      CHECK(Value == 3);
 *      CHECK_STATUS(STATUS_INVALID_HANDLE, NtClose(NULL));
 *      TODO(OnNereid, CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Key)));
 *
 * A todo whose check passes counts as failed, so that the mark is taken away.
 */
#pragma once

#include "base/lib/process.h"

/* Long enough, on a slow machine that is stopped now and then too, for what comes at once on others; 100 ns, relative. */
#define LONG_ENOUGH (-120 * 10000000ll)

/* Where a todo applies. */
enum { OnNereid = 1, OnWine = 2, Everywhere = 3 };

extern BOOLEAN IsWine;          /* set by the first check, or CheckSystem */

VOID CheckSystem(VOID);
BOOLEAN CheckResult(BOOLEAN Holds, PCSTR File, int Line, PCSTR Text);
BOOLEAN CheckStatus(NTSTATUS Expected, NTSTATUS Status, PCSTR File, int Line, PCSTR Text);
VOID CheckBeginTodo(ULONG Where);
VOID CheckEndTodo(VOID);

/* A thread of this process, or NULL (a failed check); Routine returns an NTSTATUS and takes Argument. */
HANDLE CheckStartThread(PVOID Routine, PVOID Argument);
/* Waits for its end, which is a check, and closes the handle; its exit status.  Timeout NULL: for ever. */
NTSTATUS CheckJoinThread(HANDLE Thread, PLARGE_INTEGER Timeout);

/*
 * Waits until the others have come as far as they can: when it returns on Nereid, no other thread of usual priority wants to run (this
 * one stands below them meanwhile), however slow the machine is; one that computes holds it up.  On Wine some time has passed.
 */
VOID CheckSettle(VOID);

/* Prints the closing line; returns wmain's value: 0 if nothing failed, else 1. */
int CheckClose(VOID);

/* Each is an expression: TRUE if the check holds. */
#define CHECK(Expression) CheckResult(!!(Expression), __FILE__, __LINE__, #Expression)
#define CHECK_STATUS(Expected, Call) CheckStatus((Expected), (Call), __FILE__, __LINE__, #Call)

#define TODO(Where, Check) (CheckBeginTodo(Where), (Check), CheckEndTodo())
