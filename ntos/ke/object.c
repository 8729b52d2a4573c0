/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Dispatcher objects: events, semaphores, mutants.  Each sets its state and wakes who can go on; nothing here waits.
 */
#include "kep.h"

static VOID KipInitializeHeader(PDISPATCHER_HEADER Header, UCHAR Type, LONG State)
{
    Header->Type = Type;
    Header->Inserted = Header->Absolute = Header->Seen = 0;
    Header->SignalState = State;
    KiInitializeList(&Header->WaitListHead);
}

static VOID KipWake(PDISPATCHER_HEADER Header)
{
    if (!KiListEmpty(&Header->WaitListHead))
        KiWakeWaiters(Header);
}

VOID KeSignalObject(PDISPATCHER_HEADER Header)
{
    Header->SignalState = 1;
    KipWake(Header);
}

VOID KeInitializeEvent(PKEVENT Event, EVENT_TYPE Type, BOOLEAN State)
{
    KipInitializeHeader(&Event->Header,
                        Type == NotificationEvent ? EventNotificationObject : EventSynchronizationObject, State != 0);
}

LONG KeSetEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    LONG Previous = Event->Header.SignalState;

    Event->Header.SignalState = 1;
    if (Previous == 0)
        KipWake(&Event->Header);
    return Previous;
}

LONG KeResetEvent(PKEVENT Event)
{
    LONG Previous = Event->Header.SignalState;

    Event->Header.SignalState = 0;
    return Previous;
}

VOID KeClearEvent(PKEVENT Event)
{
    Event->Header.SignalState = 0;
}

LONG KePulseEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait)
{
    LONG Previous = KeSetEvent(Event, Increment, Wait);

    Event->Header.SignalState = 0;
    return Previous;
}

VOID KeInitializeSemaphore(PKSEMAPHORE Semaphore, LONG Count, LONG Limit)
{
    KipInitializeHeader(&Semaphore->Header, SemaphoreObject, Count);
    Semaphore->Limit = Limit;
}

NTSTATUS KeReleaseSemaphoreEx(PKSEMAPHORE Semaphore, LONG Adjustment, PLONG PreviousCount)
{
    LONG Previous = Semaphore->Header.SignalState;

    if (Adjustment <= 0 || Adjustment > Semaphore->Limit - Previous)
        return STATUS_SEMAPHORE_LIMIT_EXCEEDED;
    Semaphore->Header.SignalState = Previous + Adjustment;
    if (PreviousCount != NULL)
        *PreviousCount = Previous;
    KipWake(&Semaphore->Header);
    return STATUS_SUCCESS;
}

VOID KeInitializeMutant(PKMUTANT Mutant, BOOLEAN InitialOwner)
{
    KipInitializeHeader(&Mutant->Header, MutantObject, InitialOwner ? 0 : 1);
    Mutant->OwnerThread = NULL;
    Mutant->Abandoned = FALSE;
    KiInitializeList(&Mutant->MutantListEntry);
    if (InitialOwner) {
        Mutant->OwnerThread = KiCurrentThread;
        KiAppend(&KiCurrentThread->MutantListHead, &Mutant->MutantListEntry);
    }
}

NTSTATUS KeReleaseMutantEx(PKMUTANT Mutant, BOOLEAN Abandon, PLONG PreviousCount)
{
    LONG Previous = Mutant->Header.SignalState;

    if (Abandon) {
        Mutant->Header.SignalState = 1;
        Mutant->Abandoned = TRUE;
    } else {
        if (Mutant->OwnerThread != KiCurrentThread)
            return STATUS_MUTANT_NOT_OWNED;
        Mutant->Header.SignalState++;
    }
    if (PreviousCount != NULL)
        *PreviousCount = Previous;
    if (Mutant->Header.SignalState == 1) {
        Mutant->OwnerThread = NULL;
        KiUnlink(&Mutant->MutantListEntry);
        KipWake(&Mutant->Header);
    }
    return STATUS_SUCCESS;
}
