/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of svcfuzz: what a fuzzing process has (handles.c of it: fuzzhandles.c), and arguments (fuzzargs.c).
 *
 * One FUZZ_THREAD a thread; the pool of handles belongs to the process and is shared without locks, since a handle
 * that another thread has just closed is a case to test.
 */
#pragma once

#include "base/lib/process.h"
#include "services.h"

#define FUZZ_DIRECTORY L"C:\\SvcFuzz"
#define FUZZ_KEY L"\\Registry\\Machine\\SvcFuzz"
#define FUZZ_SLOT 0x400                 /* bytes of the arena for an argument */
#define FUZZ_ARENA 0x5000               /* MAX_ARGUMENTS slots and some; nothing is mapped behind */
#define FUZZ_MADE 24                    /* handles that services made, closed when so many others have followed */

typedef struct _FUZZ_THREAD {
    ULONG64 Random;
    PUCHAR Arena;
    HANDLE Made[FUZZ_MADE];
    ULONG MadeNext;
} FUZZ_THREAD, *PFUZZ_THREAD;

/* --- fuzzargs.c -------------------------------------------------------------------------------------------------- */
ULONG64 FuzzRandom(PFUZZ_THREAD Thread);
static inline ULONG FuzzBelow(PFUZZ_THREAD Thread, ULONG Limit)
{
    return (ULONG)((FuzzRandom(Thread) >> 20) % Limit);
}
/* True once in Times calls. */
static inline BOOLEAN FuzzOnce(PFUZZ_THREAD Thread, ULONG Times)
{
    return FuzzBelow(Thread, Times) == 0;
}
/* Regions and strings that all threads take arguments from. */
NTSTATUS FuzzPrepareArguments(VOID);
NTSTATUS FuzzPrepareThread(PFUZZ_THREAD Thread, ULONG64 Seed);
/* A call's arguments. */
VOID FuzzMakeArguments(PFUZZ_THREAD Thread, PCSTR Roles, ULONG_PTR *Arguments);
/* After the call: takes the handles it made. */
VOID FuzzTakeHandles(PFUZZ_THREAD Thread, PCSTR Roles, const ULONG_PTR *Arguments, NTSTATUS Status);

/* --- fuzzhandles.c ----------------------------------------------------------------------------------------------- */
/* Fills the pool.  Guarded: handles of other processes with few rights, which must not be enough to change them. */
VOID FuzzPrepareHandles(const HANDLE *Guarded, ULONG GuardedCount);
/* Makes one of the pool's handles again, since what is closed at random would leave only bad ones. */
VOID FuzzRenewHandle(PFUZZ_THREAD Thread);
/* A handle for a role of services.h: mostly of the type, sometimes of another, closed, or nonsense. */
HANDLE FuzzPickHandle(PFUZZ_THREAD Thread, CHAR Role);
