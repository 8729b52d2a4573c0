/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pools: the queues of callbacks and the workers that empty them.
 *
 * A worker is started when something is posted, or taken, while all workers are busy, up to the pool's maximum; one
 * that finds nothing for TPP_IDLE_SECONDS ends, down to the pool's minimum.
 *
 * DIFFERS: Windows lets the kernel's worker factory hold back new workers while the CPUs are busy; here callbacks that
 * compute for long can have more workers than there are CPUs.
 */
#include "tp.h"

static PTP_POOL TppDefaultPool;

static PTP_POOL TppMakePool(VOID)
{
    PTP_POOL Pool = TppAllocateMemory(sizeof(*Pool));

    if (Pool == NULL)
        return NULL;
    Pool->References = 1;
    Pool->Maximum = TPP_DEFAULT_MAXIMUM;
    for (ULONG i = 0; i < ARRAYSIZE(Pool->Queues); i++)
        InitializeListHead(&Pool->Queues[i]);
    return Pool;
}

static PTP_POOL TppGetDefaultPool(VOID)
{
    PTP_POOL Pool = __atomic_load_n(&TppDefaultPool, __ATOMIC_ACQUIRE);
    PTP_POOL New, Old;

    if (Pool != NULL)
        return Pool;
    New = TppMakePool();
    if (New == NULL)
        return NULL;
    Old = InterlockedCompareExchangePointer((PVOID *)&TppDefaultPool, New, NULL);
    if (Old == NULL)
        return New;
    TppFreeMemory(New);
    return Old;
}

PTP_POOL TppReferencePool(PTP_CALLBACK_ENVIRON Environment)
{
    PTP_POOL Pool = Environment != NULL ? Environment->Pool : NULL;

    if (Pool == NULL)
        Pool = TppGetDefaultPool();
    if (Pool != NULL)
        InterlockedIncrement(&Pool->References);
    return Pool;
}

VOID TppDereferencePool(PTP_POOL Pool)
{
    if (InterlockedDecrement(&Pool->References) == 0)
        TppFreeMemory(Pool);
}

/* ------------------------------------------------------------------ workers */

static PTPP_OBJECT TppTake(PTP_POOL Pool, PTPP_RESULT *Result)
{
    *Result = NULL;
    for (ULONG i = 0; i < ARRAYSIZE(Pool->Queues); i++) {
        PTPP_OBJECT Object;

        if (IsListEmpty(&Pool->Queues[i]))
            continue;
        Object = CONTAINING_RECORD(RemoveHeadList(&Pool->Queues[i]), TPP_OBJECT, QueueLinks);
        Object->Running++;
        if (!IsListEmpty(&Object->Results))
            *Result = CONTAINING_RECORD(RemoveHeadList(&Object->Results), TPP_RESULT, Links);
        /* More of it goes behind what others have posted. */
        if (--Object->Pending != 0)
            InsertTailList(&Pool->Queues[i], &Object->QueueLinks);
        return Object;
    }
    return NULL;
}

static BOOLEAN TppIsIdle(PTP_POOL Pool)
{
    for (ULONG i = 0; i < ARRAYSIZE(Pool->Queues); i++) {
        if (!IsListEmpty(&Pool->Queues[i]))
            return FALSE;
    }
    return TRUE;
}

static NTSTATUS NTAPI TppWorker(PVOID Context);

NTSTATUS TppStartThread(PTP_POOL Pool, NTSTATUS (NTAPI *Routine)(PVOID Context), PVOID Context)
{
    HANDLE Thread;
    NTSTATUS Status;

    Status = RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, Pool != NULL ? Pool->Stack.StackReserve : 0,
                                 Pool != NULL ? Pool->Stack.StackCommit : 0, (PUSER_THREAD_START_ROUTINE)Routine,
                                 Context, &Thread, NULL);
    if (NT_SUCCESS(Status))
        NtClose(Thread);
    return Status;
}

/* With the lock held.  The new worker holds a reference on the pool. */
static NTSTATUS TppStartWorker(PTP_POOL Pool)
{
    NTSTATUS Status;

    InterlockedIncrement(&Pool->References);
    Pool->Threads++;
    Status = TppStartThread(Pool, TppWorker, Pool);
    if (!NT_SUCCESS(Status)) {
        Pool->Threads--;
        InterlockedDecrement(&Pool->References);
    }
    return Status;
}

static VOID TppStartIfBusy(PTP_POOL Pool)
{
    if (Pool->Busy == Pool->Threads && Pool->Threads < Pool->Maximum && !TppIsIdle(Pool))
        TppStartWorker(Pool);
}

/* With the lock held: FALSE = this worker is not needed any more. */
static BOOLEAN TppWaitForWork(PTP_POOL Pool)
{
    LARGE_INTEGER Timeout = { .QuadPart = -TPP_IDLE_SECONDS * 10000000ll };
    NTSTATUS Status;

    if (Pool->Released && Pool->References == Pool->Threads)
        return FALSE;
    Status = RtlSleepConditionVariableSRW(&Pool->Work, &Pool->Lock, &Timeout, 0);
    if (!TppIsIdle(Pool))
        return TRUE;
    if (Pool->Released && Pool->References == Pool->Threads)
        return FALSE;
    return Status != STATUS_TIMEOUT || Pool->Threads <= Pool->Minimum;
}

static NTSTATUS NTAPI TppWorker(PVOID Context)
{
    PTP_POOL Pool = Context;
    PTPP_OBJECT Object;
    PTPP_RESULT Result;

    RtlAcquireSRWLockExclusive(&Pool->Lock);
    do {
        while ((Object = TppTake(Pool, &Result)) != NULL) {
            Pool->Busy++;
            TppStartIfBusy(Pool);
            RtlReleaseSRWLockExclusive(&Pool->Lock);
            TppRun(Object, Result);
            RtlAcquireSRWLockExclusive(&Pool->Lock);
            Pool->Busy--;
        }
    } while (TppWaitForWork(Pool));
    Pool->Threads--;
    RtlWakeAllConditionVariable(&Pool->Work);
    RtlReleaseSRWLockExclusive(&Pool->Lock);
    TppDereferencePool(Pool);
    RtlExitUserThread(STATUS_SUCCESS);
}

VOID TppPost(PTPP_OBJECT Object, PTPP_RESULT Result)
{
    PTP_POOL Pool = Object->Pool;

    TppReference(Object);
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    if (Result != NULL)
        InsertTailList(&Object->Results, &Result->Links);
    if (Object->Pending++ == 0)
        InsertTailList(&Pool->Queues[Object->Priority], &Object->QueueLinks);
    TppStartIfBusy(Pool);
    RtlWakeConditionVariable(&Pool->Work);
    RtlReleaseSRWLockExclusive(&Pool->Lock);
}

/* ------------------------------------------------------------------ pools as programs see them */

NTSTATUS NTAPI TpAllocPool(PTP_POOL *PoolReturn, PVOID Reserved)
{
    if (Reserved != NULL)
        return STATUS_INVALID_PARAMETER;
    *PoolReturn = TppMakePool();
    return *PoolReturn != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* Its workers end when its last object is released. */
VOID NTAPI TpReleasePool(PTP_POOL Pool)
{
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    Pool->Released = TRUE;
    Pool->Minimum = 0;
    RtlWakeAllConditionVariable(&Pool->Work);
    RtlReleaseSRWLockExclusive(&Pool->Lock);
    TppDereferencePool(Pool);
}

VOID NTAPI TpSetPoolMaxThreads(PTP_POOL Pool, LONG MaxThreads)
{
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    Pool->Maximum = MaxThreads > 0 ? MaxThreads : 1;
    if (Pool->Minimum > Pool->Maximum)
        Pool->Minimum = Pool->Maximum;
    RtlReleaseSRWLockExclusive(&Pool->Lock);
}

NTSTATUS NTAPI TpSetPoolMinThreads(PTP_POOL Pool, LONG MinThreads)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (MinThreads < 0)
        return STATUS_INVALID_PARAMETER;
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    while (Pool->Threads < MinThreads && NT_SUCCESS(Status))
        Status = TppStartWorker(Pool);
    if (NT_SUCCESS(Status)) {
        Pool->Minimum = MinThreads;
        if (Pool->Maximum < MinThreads)
            Pool->Maximum = MinThreads;
    }
    RtlReleaseSRWLockExclusive(&Pool->Lock);
    return Status;
}

NTSTATUS NTAPI TpSetPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION StackInformation)
{
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    Pool->Stack = *StackInformation;
    RtlReleaseSRWLockExclusive(&Pool->Lock);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI TpQueryPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION StackInformation)
{
    RtlAcquireSRWLockShared(&Pool->Lock);
    *StackInformation = Pool->Stack;
    RtlReleaseSRWLockShared(&Pool->Lock);
    return STATUS_SUCCESS;
}
