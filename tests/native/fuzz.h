/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of svcfuzz: what a fuzzing process has (fuzzhandles.c, fuzzports.c), arguments (fuzzargs.c), chains of calls
 * (fuzzchains.c), what it may not change (fuzzguard.c).
 *
 * One FUZZ_THREAD a thread; the pool of handles belongs to the process and is shared without locks, since a handle
 * that another thread has just closed is a case to test.
 */
#pragma once

#include "base/lib/process.h"
#include "services.h"

#define FUZZ_DIRECTORY L"C:\\SvcFuzz"
#define FUZZ_KEY L"\\Registry\\Machine\\SvcFuzz"
#define FUZZ_PORT L"\\BaseNamedObjects\\svcfuzz-port"
#define FUZZ_SLOT 0x400                 /* bytes of the arena for an argument */
#define FUZZ_ARENA 0x5000               /* MAX_ARGUMENTS slots and some; nothing is mapped behind */
#define FUZZ_SCRATCH_BASE 0x0000001000000000ull /* what address arguments name */
#define FUZZ_SCRATCH_SIZE 0x4000000ull
#define FUZZ_MAX_GUARDED 8
#define FUZZ_MADE 24                    /* handles that services made, closed when so many others have followed */

/* What a service's names name. */
typedef enum _FUZZ_FAMILY { FuzzObjectNames, FuzzFileNames, FuzzKeyNames } FUZZ_FAMILY;

typedef struct _FUZZ_THREAD {
    ULONG64 Random;
    FUZZ_FAMILY Family;                 /* of this call's service */
    BOOLEAN Careful;                    /* this call's arguments are valid, one by one */
    PUCHAR Arena;
    ULONG_PTR LastAddress;              /* where a service put memory, or took it from */
    HANDLE Made[FUZZ_MADE];
    ULONG MadeNext;
} FUZZ_THREAD, *PFUZZ_THREAD;

/* Handles of other processes' objects with few rights, which must not be enough to change them. */
typedef struct _FUZZ_GUARDED {
    ULONG Count;
    CHAR Role[FUZZ_MAX_GUARDED];
    HANDLE Handle[FUZZ_MAX_GUARDED];    /* values in the child */
} FUZZ_GUARDED, *PFUZZ_GUARDED;

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
/* The same for what makes an argument invalid. */
static inline BOOLEAN FuzzOdd(PFUZZ_THREAD Thread, ULONG Times)
{
    return !Thread->Careful && FuzzOnce(Thread, Times);
}
/* Regions and strings that all threads take arguments from. */
NTSTATUS FuzzPrepareArguments(VOID);
NTSTATUS FuzzPrepareThread(PFUZZ_THREAD Thread, ULONG64 Seed);
/* A call's arguments. */
VOID FuzzMakeArguments(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, ULONG_PTR *Arguments);
/* Valid ones, one by one, but for a guarded handle; FALSE: the service takes none. */
BOOLEAN FuzzMakeTrespass(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, ULONG_PTR *Arguments);
/* Other values for one to three of them. */
VOID FuzzSpoilArguments(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, ULONG_PTR *Arguments);
/* After the call: takes the handles it made, and the address of memory. */
VOID FuzzTakeHandles(PFUZZ_THREAD Thread, PCSTR Roles, const ULONG_PTR *Arguments, NTSTATUS Status);

/* --- fuzzhandles.c ----------------------------------------------------------------------------------------------- */
/* Fills the pool. */
VOID FuzzPrepareHandles(const FUZZ_GUARDED *Guarded);
/* The guarded handle for a role, any for H; NULL: there is none. */
HANDLE FuzzPickGuarded(PFUZZ_THREAD Thread, CHAR Role);
/* Makes one of the pool's handles again, since what is closed at random would leave only bad ones. */
VOID FuzzRenewHandle(PFUZZ_THREAD Thread);
/* A handle for a role of services.h: mostly of the type, sometimes of another, closed, or nonsense. */
HANDLE FuzzPickHandle(PFUZZ_THREAD Thread, CHAR Role);

/* --- fuzzports.c ------------------------------------------------------------------------------------------------- */
/* A port to connect to (one process has it at a time), one of the process's own, and the ends of a connection to that. */
HANDLE FuzzMakePort(VOID);
HANDLE FuzzMakeListener(VOID);
HANDLE FuzzMakeClientPort(VOID);
HANDLE FuzzMakeServerPort(VOID);
/* A message to send, to answer or to receive in. */
PVOID FuzzPickMessage(PFUZZ_THREAD Thread);
/* An ALPC_MESSAGE_ATTRIBUTES and what follows it; returns its bytes. */
ULONG FuzzPutMessageAttributes(PFUZZ_THREAD Thread, PVOID Room);

/* --- fuzzchains.c ------------------------------------------------------------------------------------------------ */
/* Calls the service of that row of services.h. */
typedef NTSTATUS (*FUZZ_CALL)(ULONG Service, const ULONG_PTR *Arguments);
/* Runs one of nomem's scenarios, spoiled, with Caller for its services.  For one thread of a process. */
VOID FuzzRunChain(PFUZZ_THREAD Thread, FUZZ_CALL Caller);

/* --- fuzzguard.c ------------------------------------------------------------------------------------------------- */
/* Starts the victim, makes the objects, and learns how they are. */
VOID FuzzPrepareGuarded(VOID);
/* Puts handles of them into the process. */
VOID FuzzGiveGuarded(HANDLE Process, BOOLEAN MayRestore, PFUZZ_GUARDED Guarded);
/* Checks that they are what they were. */
VOID FuzzCheckGuarded(BOOLEAN ChildrenRun);
VOID FuzzEndVictim(VOID);
/* The victim's program. */
int FuzzRunVictim(VOID);

/* The object is the local service's, with that list. */
VOID FuzzSetProtection(HANDLE Handle, PACL Acl);
/* Nobody gets more rights of the object than the handles there are have. */
VOID FuzzProtect(HANDLE Handle);
VOID FuzzInitializeName(POBJECT_ATTRIBUTES Attributes, PUNICODE_STRING Name, PCWSTR Text);
/* This program once more; the caller owns both handles. */
NTSTATUS FuzzStartSuspended(PCWSTR CommandText, PRTL_USER_PROCESS_INFORMATION Information);
/* All processes; the next one, or NULL. */
PSYSTEM_PROCESS_INFORMATION FuzzFirstProcess(VOID);
PSYSTEM_PROCESS_INFORMATION FuzzNextProcess(PSYSTEM_PROCESS_INFORMATION Process);
