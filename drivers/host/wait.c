/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dispatcher objects and waits: events, mutexes, semaphores, KeWaitForSingleObject, KeWaitForMultipleObjects.
 *
 * An object's state is its header's SignalState, as in NT.  There are no wait blocks: a thread that must wait looks
 * at its objects again whenever any object of the host became signalled (hosts have a handful of threads).
 *
 * Entry points: the Ke names.  The KeWait routines, KeDelayExecutionThread and ExAcquireFastMutex wait.
 */
#include "host.h"

VOID HostSignalHeader(DISPATCHER_HEADER *Header, LONG State)
{
    Header->SignalState = State;
    if (State > 0)
        HostWakeWaiters();
}

static VOID HostInitializeHeader(DISPATCHER_HEADER *Header, UCHAR Type, LONG State)
{
    RtlZeroMemory(Header, sizeof(*Header));
    Header->Type = Type;
    Header->SignalState = State;
    InitializeListHead(&Header->WaitListHead);
}

VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    HostInitializeHeader(&Event->Header,
                         Type == SynchronizationEvent ? HOST_TYPE_SYNCHRONIZATION_EVENT : HOST_TYPE_NOTIFICATION_EVENT,
                         State != FALSE);
}

LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    LONG Previous = Event->Header.SignalState;

    HostSignalHeader(&Event->Header, 1);
    return Previous;
}

LONG NTAPI KeResetEvent(PRKEVENT Event)
{
    LONG Previous = Event->Header.SignalState;

    Event->Header.SignalState = 0;
    return Previous;
}

VOID NTAPI KeClearEvent(PRKEVENT Event)
{
    Event->Header.SignalState = 0;
}

LONG NTAPI KeReadStateEvent(PRKEVENT Event)
{
    return Event->Header.SignalState;
}

VOID NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level)
{
    RtlZeroMemory(Mutex, sizeof(*Mutex));
    HostInitializeHeader(&Mutex->Header, HOST_TYPE_MUTANT, 1);
}

LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait)
{
    LONG Previous = Mutex->Header.SignalState;

    if (Mutex->OwnerThread != (PKTHREAD)HostCurrentThread())
        ExRaiseStatus(STATUS_MUTANT_NOT_OWNED);
    if (Previous == 0)
        Mutex->OwnerThread = NULL;
    HostSignalHeader(&Mutex->Header, Previous + 1);
    return Previous;
}

LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex)
{
    return Mutex->Header.SignalState;
}

VOID NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    HostInitializeHeader(&Semaphore->Header, HOST_TYPE_SEMAPHORE, Count);
    Semaphore->Limit = Limit;
}

LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait)
{
    LONG Previous = Semaphore->Header.SignalState;

    if (Adjustment < 0 || Adjustment > Semaphore->Limit - Previous)
        ExRaiseStatus(STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    HostSignalHeader(&Semaphore->Header, Previous + Adjustment);
    return Previous;
}

LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore)
{
    return Semaphore->Header.SignalState;
}

static BOOLEAN HostIsSignalled(const DISPATCHER_HEADER *Header)
{
    if (Header->Type == HOST_TYPE_MUTANT && ((PKMUTANT)Header)->OwnerThread == (PKTHREAD)HostCurrentThread())
        return TRUE;
    return Header->SignalState > 0;
}

/* What a satisfied wait does to the object. */
static VOID HostConsume(DISPATCHER_HEADER *Header)
{
    switch (Header->Type) {
    case HOST_TYPE_SYNCHRONIZATION_EVENT:
    case HOST_TYPE_SYNCHRONIZATION_TIMER:
        Header->SignalState = 0;
        break;
    case HOST_TYPE_SEMAPHORE:
        Header->SignalState--;
        break;
    case HOST_TYPE_MUTANT:
        Header->SignalState--;
        ((PKMUTANT)Header)->OwnerThread = (PKTHREAD)HostCurrentThread();
        break;
    default:
        break;
    }
}

/* Tries to end the wait now: the wait's status, or STATUS_PENDING. */
static NTSTATUS HostTryWait(ULONG Count, PVOID Objects[], WAIT_TYPE WaitType)
{
    ULONG i;

    for (i = 0; i < Count; i++) {
        if (WaitType == WaitAny && HostIsSignalled(Objects[i])) {
            HostConsume(Objects[i]);
            return STATUS_WAIT_0 + (NTSTATUS)i;
        }
        if (WaitType == WaitAll && !HostIsSignalled(Objects[i]))
            return STATUS_PENDING;
    }
    if (WaitType == WaitAny)
        return STATUS_PENDING;
    for (i = 0; i < Count; i++)
        HostConsume(Objects[i]);
    return STATUS_SUCCESS;
}

/* Interrupt time at which a DDI timeout ends. */
ULONGLONG HostDueTime(const LARGE_INTEGER *Timeout)
{
    LARGE_INTEGER Now;

    if (Timeout == NULL)
        return MAXULONGLONG;
    if (Timeout->QuadPart <= 0)
        return KeQueryInterruptTime() + (ULONGLONG)-Timeout->QuadPart;
    KeQuerySystemTime(&Now);
    return KeQueryInterruptTime() + (ULONGLONG)max(Timeout->QuadPart - Now.QuadPart, 0);
}

NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID Objects[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
                                        KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                        PKWAIT_BLOCK WaitBlockArray)
{
    ULONGLONG DueTime = HostDueTime(Timeout);
    NTSTATUS Status;

    for (;;) {
        Status = HostTryWait(Count, Objects, WaitType);
        if (Status != STATUS_PENDING)
            return Status;
        if (KeQueryInterruptTime() >= DueTime)
            return STATUS_TIMEOUT;
        HostBlock(DueTime);
    }
}

NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                     PLARGE_INTEGER Timeout)
{
    return KeWaitForMultipleObjects(1, &Object, WaitAny, WaitReason, WaitMode, Alertable, Timeout, NULL);
}

NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    ULONGLONG DueTime = HostDueTime(Interval);

    while (KeQueryInterruptTime() < DueTime)
        HostBlock(DueTime);
    return STATUS_SUCCESS;
}

VOID FASTCALL ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    while (FastMutex->Count != 1)
        KeWaitForSingleObject(&FastMutex->Event, Executive, KernelMode, FALSE, NULL);
    FastMutex->Count = 0;
    FastMutex->Owner = (PKTHREAD)HostCurrentThread();
}

BOOLEAN FASTCALL ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    if (FastMutex->Count != 1)
        return FALSE;
    ExAcquireFastMutex(FastMutex);
    return TRUE;
}

VOID FASTCALL ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
    FastMutex->Owner = NULL;
    FastMutex->Count = 1;
    KeSetEvent(&FastMutex->Event, IO_NO_INCREMENT, FALSE);
}
