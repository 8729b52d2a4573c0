/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): processes, threads, user APCs, debug objects.
 */
#include "nomem.h"
#include "nt/dbgapi.h"

#define SELF NtCurrentProcess()

static UCHAR Buffer[4096];

static NTSTATUS NTAPI Nothing(PVOID Argument)
{
    return STATUS_SUCCESS;
}

static VOID NTAPI Apc(PVOID First, PVOID Second, PVOID Third)
{
}

static VOID Threads(VOID)
{
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    CLIENT_ID Id = NtCurrentTeb()->ClientId;
    CONTEXT Context = { .ContextFlags = CONTEXT_FULL };
    HANDLE Thread = NULL, Self = NULL;

    (void)(TRY(NtOpenThread, &Self, THREAD_ALL_ACCESS, &Unnamed, &Id) &&
           TRY(NtQueryInformationThread, Self, ThreadBasicInformation, Buffer, sizeof(THREAD_BASIC_INFORMATION), NULL) &&
           TRY(NtQueueApcThread, NtCurrentThread(), (PPS_APC_ROUTINE)Apc, NULL, NULL, NULL) && TRY(NtTestAlert) &&
           TRY(NtCreateThreadEx, &Thread, THREAD_ALL_ACCESS, NULL, SELF, (PRTL_THREAD_START_ROUTINE)Nothing, NULL,
               THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 0, 0x4000, 0x10000, NULL) &&
           TRY(NtGetContextThread, Thread, &Context) && TRY(NtSetContextThread, Thread, &Context) &&
           TRY(NtSuspendThread, Thread, NULL) && TRY(NtResumeThread, Thread, NULL) &&
           TRY(NtAlertThread, Thread) && TRY(NtAlertResumeThread, Thread, NULL));
    if (Thread != NULL) {
        DROP(NtTerminateThread, Thread, 0);
        DROP(NtWaitForSingleObject, Thread, FALSE, NULL);
    }
    NoMemClose(Thread);
    NoMemClose(Self);
}

static VOID DebugObjects(VOID)
{
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    CLIENT_ID Id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    HANDLE Debug = NULL, Process = NULL;

    (void)(TRY(NtCreateDebugObject, &Debug, DEBUG_OBJECT_ALL_ACCESS, &Unnamed, 0) &&
           TRY(NtOpenProcess, &Process, PROCESS_ALL_ACCESS, &Unnamed, &Id) &&
           TRY(NtQueryInformationProcess, Process, ProcessBasicInformation, Buffer, sizeof(PROCESS_BASIC_INFORMATION), NULL));
    NoMemClose(Process);
    NoMemClose(Debug);
}

static const SCENARIO List[] = { { "threads", Threads }, { "debugobjects", DebugObjects } };
const SCENARIOS ProcessScenarios = { List, ARRAYSIZE(List) };
