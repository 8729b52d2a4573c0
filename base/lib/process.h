/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting programs and learning how they ended.
 */
#pragma once

#include "base/lib/native.h"

typedef struct _PROCESS_START {
    PCWSTR ImagePath;           /* DOS path of the file */
    PCWSTR CommandLine;
    PCWSTR CurrentDirectory;    /* NULL: the caller's */
    PWSTR Environment;          /* NULL: the caller's */
    HANDLE Console;             /* a \Device\ConDrv\Reference handle, or NULL for a program without a console */
    HANDLE Input;               /* standard handles; the child gets duplicates */
    HANDLE Output;
    HANDLE Error;
} PROCESS_START, *PPROCESS_START;

/* Creates the process and lets it run.  On success the caller owns *Process (PROCESS_ALL_ACCESS). */
NTSTATUS StartProcess(const PROCESS_START *Start, PHANDLE Process, PULONG ProcessId);

/* Waits for the end and returns the exit status. */
NTSTATUS WaitForProcess(HANDLE Process);
NTSTATUS QueryExitStatus(HANDLE Process);

/* The base priority (1 to 31, programs have 8) of this process; children do not inherit it. */
VOID SetOwnPriority(LONG Priority);
