/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waits.  A wait is a set of KWAIT_BLOCKs in the lists of the objects, plus KTHREAD.WaitTimer if it has a timeout.
 *
 * Two kinds end in the same place (KiEndWait): code of ntos that waits has its coroutine parked and is made ready with
 * WaitStatus; a program's own wait has no stack, only a saved reply capability, and is answered.  Answers and the
 * references that go with them are given back after the object's list has been walked (KiFlushEndedWaits), because a
 * dereference may delete objects.
 *
 * Objects are satisfied (consumed) by the one who ends the wait, in the order of the list: first come, first served; of those who wait
 * for a queue's entries (WrQueue) the last.
 *
 * A block of no thread (KNOTIFY) is one of WaitAll, so that the way of most waits does not look for it.
 */
#include "kep.h"

static LIST_ENTRY KipEndedWaits = { &KipEndedWaits, &KipEndedWaits };

/* ------------------------------------------------------------------ objects */

static BOOLEAN KipIsSignalled(PDISPATCHER_HEADER Header, PKTHREAD Thread)
{
    return Header->SignalState > 0 || (Header->Type == MutantObject && ((PKMUTANT)Header)->OwnerThread == Thread);
}

/* STATUS_ABANDONED if the object is a mutant whose owner had ended, else STATUS_SUCCESS. */
static NTSTATUS KipSatisfy(PDISPATCHER_HEADER Header, PKTHREAD Thread)
{
    PKMUTANT Mutant = (PKMUTANT)Header;

    switch (Header->Type) {
    case EventSynchronizationObject:
    case TimerSynchronizationObject:
        Header->SignalState = 0;
        break;
    case SemaphoreObject:
        Header->SignalState--;
        break;
    case MutantObject:
        if (--Header->SignalState != 0)
            break;
        Mutant->OwnerThread = Thread;
        KiAppend(&Thread->MutantListHead, &Mutant->MutantListEntry);
        if (Mutant->Abandoned) {
            Mutant->Abandoned = FALSE;
            return STATUS_ABANDONED;
        }
        break;
    }
    return STATUS_SUCCESS;
}

/* All objects of a wait at once; TRUE and *Status if they were all signalled. */
static BOOLEAN KipSatisfyAll(PKWAIT_BLOCK Blocks, ULONG Count, PKTHREAD Thread, PNTSTATUS Status)
{
    NTSTATUS Result = STATUS_WAIT_0;

    for (ULONG i = 0; i < Count; i++)
        if (!KipIsSignalled(Blocks[i].Object, Thread))
            return FALSE;
    for (ULONG i = 0; i < Count; i++)
        if (KipSatisfy(Blocks[i].Object, Thread) == STATUS_ABANDONED)
            Result = STATUS_ABANDONED_WAIT_0;
    *Status = Result;
    return TRUE;
}

static BOOLEAN KipSatisfyAny(PKWAIT_BLOCK Blocks, ULONG Count, PKTHREAD Thread, PNTSTATUS Status)
{
    for (ULONG i = 0; i < Count; i++) {
        if (!KipIsSignalled(Blocks[i].Object, Thread))
            continue;
        *Status = (KipSatisfy(Blocks[i].Object, Thread) == STATUS_ABANDONED ? STATUS_ABANDONED_WAIT_0 : STATUS_WAIT_0)
                  + (NTSTATUS)i;
        return TRUE;
    }
    return FALSE;
}

static VOID KipEndNotify(PKNOTIFY Notify)
{
    KeCancelNotify(Notify);
    KeInsertQueueDpc(Notify->Dpc, NULL, NULL);
}

VOID KiWakeWaiters(PDISPATCHER_HEADER Header)
{
    PLIST_ENTRY Entry = Header->WaitListHead.Flink;

    while (Entry != &Header->WaitListHead) {
        PKWAIT_BLOCK Block = CONTAINING_RECORD(Entry, KWAIT_BLOCK, WaitListEntry);
        PKTHREAD Thread = Block->Thread;
        NTSTATUS Status;

        if (!KipIsSignalled(Header, Thread))
            break;
        if (Block->WaitType == WaitAny) {
            Status = (KipSatisfy(Header, Thread) == STATUS_ABANDONED ? STATUS_ABANDONED_WAIT_0 : STATUS_WAIT_0)
                     + Block->WaitKey;
        } else if (Thread == NULL) {
            KipSatisfy(Header, NULL);
            KipEndNotify(CONTAINING_RECORD(Block, KNOTIFY, Block));
            Entry = Header->WaitListHead.Flink;
            continue;
        } else if (!KipSatisfyAll(Thread->WaitBlocks, Thread->WaitCount, Thread, &Status)) {
            Entry = Entry->Flink;
            continue;
        }
        KiEndWait(Thread, Status);
        Entry = Header->WaitListHead.Flink;
    }
    KiFlushEndedWaits();
}

/* ------------------------------------------------------------------ begin and end */

static VOID KipLinkBlocks(PKTHREAD Thread, PKWAIT_BLOCK Blocks, ULONG Count)
{
    Thread->WaitBlocks = Blocks;
    Thread->WaitCount = Count;
    for (ULONG i = 0; i < Count; i++) {
        Blocks[i].Linked = TRUE;
        KiAppend(&Blocks[i].Object->WaitListHead, &Blocks[i].WaitListEntry);
    }
}

static VOID KipBeginWait(PKTHREAD Thread, PKWAIT_BLOCK Blocks, ULONG Count, KPROCESSOR_MODE Mode, BOOLEAN Alertable,
                         const LARGE_INTEGER *Timeout)
{
    KipLinkBlocks(Thread, Blocks, Count);
    Thread->State = KThreadWaiting;
    Thread->WaitMode = Mode;
    Thread->Alertable = Alertable;
    Thread->ContextSwitches++;
    if (Timeout != NULL) {
        Thread->WaitTimer.Header.Type = KI_WAIT_TIMER;
        KiInsertTimer(&Thread->WaitTimer, KiTimeoutToDueTime(Timeout, &Thread->WaitTimer.Header.Absolute));
    }
    KiCountThread(Thread, FALSE);
}

VOID KiEndWait(PKTHREAD Thread, NTSTATUS Status)
{
    PKWAIT_BLOCK Blocks = Thread->WaitBlocks;
    ULONG Count = Thread->WaitCount;

    for (ULONG i = 0; i < Count; i++)
        if (Blocks[i].Linked) {
            Blocks[i].Linked = FALSE;
            KiUnlink(&Blocks[i].WaitListEntry);
        }
    if (Thread->WaitTimer.Header.Inserted)
        KiRemoveTimer(&Thread->WaitTimer);
    Thread->State = KThreadService;
    Thread->WaitStatus = Status;
    Thread->Alertable = FALSE;
    if (Thread->Coroutine != NULL)
        KiReadyThread(Thread);
    else
        KiAppend(&KipEndedWaits, &Thread->ReadyListEntry);
}

/* Gives back what a wait without a stack holds. */
static VOID KipReleaseUserWait(PKTHREAD Thread)
{
    PKWAIT_BLOCK Blocks = Thread->WaitBlocks;
    ULONG Count = Thread->WaitCount;

    Thread->WaitBlocks = NULL;
    Thread->WaitCount = 0;
    for (ULONG i = 0; i < Count; i++)
        ObDereferenceObject(Blocks[i].Body);
    if (Blocks != NULL && Blocks != Thread->WaitBlock)
        ExFreePool(Blocks);
}

VOID KiFlushEndedWaits(VOID)
{
    while (!KiListEmpty(&KipEndedWaits)) {
        PKTHREAD Thread = CONTAINING_RECORD(KiTakeFirst(&KipEndedWaits), KTHREAD, ReadyListEntry);

        KipReleaseUserWait(Thread);
        KiCompleteService(Thread, Thread->WaitStatus);
    }
}

VOID KiWaitTimeout(PKTHREAD Thread)
{
    KiBreakWait(Thread, Thread->WaitReason == DelayExecution ? STATUS_SUCCESS : STATUS_TIMEOUT);
}

BOOLEAN KiBreakWait(PKTHREAD Thread, NTSTATUS Status)
{
    if (Thread->State != KThreadWaiting)
        return FALSE;
    if (Thread->CancelWait != NULL) {
        KE_CANCEL_WAIT Cancel = Thread->CancelWait;

        Thread->CancelWait = NULL;
        Cancel(Thread, Thread->CancelContext);
    }
    KiEndWait(Thread, Status);
    KiFlushEndedWaits();
    return TRUE;
}

VOID KeBreakWaits(PVOID Object, NTSTATUS Status)
{
    PDISPATCHER_HEADER Header = Object;

    while (!KiListEmpty(&Header->WaitListHead))
        KiBreakWait(CONTAINING_RECORD(Header->WaitListHead.Flink, KWAIT_BLOCK, WaitListEntry)->Thread, Status);
}

/* TRUE and *Status: an alertable wait has its reason to end already. */
static BOOLEAN KipTestAlertable(PKTHREAD Thread, BOOLEAN Alertable, PNTSTATUS Status)
{
    if (!Alertable)
        return FALSE;
    if (Thread->Alerted) {
        Thread->Alerted = FALSE;
        *Status = STATUS_ALERTED;
        return TRUE;
    }
    if (!KiListEmpty(&Thread->UserApcListHead)) {
        Thread->ExitWork |= KI_EXIT_APC;
        *Status = STATUS_USER_APC;
        return TRUE;
    }
    return FALSE;
}

static VOID KipSetBlock(PKWAIT_BLOCK Block, PKTHREAD Thread, PVOID Header, PVOID Body, ULONG Key, WAIT_TYPE WaitType)
{
    Block->Thread = Thread;
    Block->Object = Header;
    Block->Body = Body;
    Block->WaitKey = (USHORT)Key;
    Block->WaitType = (UCHAR)WaitType;
    Block->Linked = FALSE;
}

/* ------------------------------------------------------------------ code of ntos */

NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
                                  KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
                                  PKWAIT_BLOCK WaitBlockArray)
{
    PKTHREAD Thread = KiCurrentThread;
    KWAIT_BLOCK Blocks[8];
    NTSTATUS Status;

    NT_ASSERT(Thread != &KiLoopThread);
    if (WaitBlockArray == NULL)
        WaitBlockArray = Blocks;
    if (WaitBlockArray == Blocks && Count > ARRAYSIZE(Blocks))
        return STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < Count; i++)
        KipSetBlock(&WaitBlockArray[i], Thread, Object[i], NULL, i, WaitType);
    if (WaitType == WaitAny ? KipSatisfyAny(WaitBlockArray, Count, Thread, &Status)
                            : Count != 0 && KipSatisfyAll(WaitBlockArray, Count, Thread, &Status))
        return Status;
    if (KipTestAlertable(Thread, Alertable && WaitMode == UserMode, &Status))
        return Status;
    if (Timeout != NULL && Timeout->QuadPart == 0)
        return STATUS_TIMEOUT;
    if (WaitMode == UserMode && Thread->Terminating)
        return STATUS_THREAD_IS_TERMINATING;
    Thread->WaitReason = (UCHAR)WaitReason;
    KipBeginWait(Thread, WaitBlockArray, Count, WaitMode, Alertable, Timeout);
    if (WaitReason == WrQueue) {
        KiUnlink(&WaitBlockArray[0].WaitListEntry);
        KiPrepend(&WaitBlockArray[0].Object->WaitListHead, &WaitBlockArray[0].WaitListEntry);
    }
    if (!Thread->SystemThread && !(Thread->ExitWork & KI_EXIT_SAVED))
        KiSaveCaller(Thread);
    if (!KiPark()) {
        Thread->Coroutine = NULL;
        KiEndWait(Thread, STATUS_INSUFFICIENT_RESOURCES);
        KiUnlink(&Thread->ReadyListEntry);
    }
    Thread->WaitBlocks = NULL;
    Thread->WaitCount = 0;
    Thread->WaitMode = KernelMode;
    KiCountThread(Thread, TRUE);
    return Thread->WaitStatus;
}

NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                               PLARGE_INTEGER Timeout)
{
    return KeWaitForMultipleObjects(1, &Object, WaitAny, WaitReason, WaitMode, Alertable, Timeout, NULL);
}

NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval)
{
    NTSTATUS Status = KeWaitForMultipleObjects(0, NULL, WaitAny, Executive, WaitMode, Alertable, Interval, NULL);

    return Status == STATUS_TIMEOUT ? STATUS_SUCCESS : Status;
}

/* ------------------------------------------------------------------ programs */

/* Whether two of the blocks are for one object. */
static BOOLEAN KipFindTwice(PKWAIT_BLOCK Blocks, ULONG Count)
{
    BOOLEAN Found = FALSE;

    for (ULONG i = 0; i < Count; i++) {
        Found |= Blocks[i].Object->Seen;
        Blocks[i].Object->Seen = TRUE;
    }
    for (ULONG i = 0; i < Count; i++)
        Blocks[i].Object->Seen = FALSE;
    return Found;
}

static NTSTATUS KipPrepareUserWait(PKTHREAD Thread, ULONG Count, PVOID Objects[], WAIT_TYPE WaitType,
                                   PKWAIT_BLOCK Blocks)
{
    for (ULONG i = 0; i < Count; i++) {
        PDISPATCHER_HEADER Header = ObGetWaitableObject(Objects[i]);

        if (Header == NULL)
            return STATUS_OBJECT_TYPE_MISMATCH;
        if (Header->Type == MutantObject && Header->SignalState == (LONG)MINLONG &&
            ((PKMUTANT)Header)->OwnerThread == Thread)
            return STATUS_MUTANT_LIMIT_EXCEEDED;
        KipSetBlock(&Blocks[i], Thread, Header, Objects[i], i, WaitType);
    }
    return WaitType == WaitAll && KipFindTwice(Blocks, Count) ? STATUS_INVALID_PARAMETER_MIX : STATUS_SUCCESS;
}

/* A status, or KE_NO_REPLY when the wait must begin. */
static NTSTATUS KipTryUserWait(PKTHREAD Thread, ULONG Count, PKWAIT_BLOCK Blocks, WAIT_TYPE WaitType,
                               BOOLEAN Alertable, const LARGE_INTEGER *Timeout)
{
    NTSTATUS Status;

    if (Count != 0 && (WaitType == WaitAny ? KipSatisfyAny(Blocks, Count, Thread, &Status)
                                           : KipSatisfyAll(Blocks, Count, Thread, &Status)))
        return Status;
    if (KipTestAlertable(Thread, Alertable, &Status))
        return Status;
    if (Timeout != NULL && Timeout->QuadPart == 0)
        return Count != 0 || Blocks == NULL ? STATUS_TIMEOUT : STATUS_SUCCESS;
    return KE_NO_REPLY;
}

NTSTATUS KeUserWait(ULONG Count, PVOID Objects[], WAIT_TYPE WaitType, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PKTHREAD Thread = KiCurrentThread;
    PKWAIT_BLOCK Blocks = Thread->WaitBlock;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Count > THREAD_WAIT_OBJECTS) {
        Blocks = Count <= MAXIMUM_WAIT_OBJECTS
                 ? ExAllocatePoolWithTag(NonPagedPool, Count * sizeof(*Blocks), 'BWeK') : NULL;
        if (Blocks == NULL)
            Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    if (NT_SUCCESS(Status))
        Status = KipPrepareUserWait(Thread, Count, Objects, WaitType, Blocks);
    if (NT_SUCCESS(Status))
        Status = KipTryUserWait(Thread, Count, Blocks, WaitType, Alertable, Timeout);
    if (Status != KE_NO_REPLY) {
        if (Blocks != NULL && Blocks != Thread->WaitBlock)
            ExFreePool(Blocks);
        return Status;
    }
    if (!(Thread->ExitWork & KI_EXIT_SAVED))
        KiSaveCaller(Thread);
    for (ULONG i = 0; i < Count; i++)
        ObReferenceObject(Objects[i]);
    Thread->WaitReason = Count != 0 ? UserRequest : DelayExecution;
    KipBeginWait(Thread, Blocks, Count, UserMode, Alertable, Timeout);
    return KE_NO_REPLY;
}

/* KeUserWait for what most waits are, with fewer steps. */
NTSTATUS KeUserWaitForObject(PVOID Object, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    PKTHREAD Thread = KiCurrentThread;
    PDISPATCHER_HEADER Header = ObGetWaitableObject(Object);
    NTSTATUS Status = STATUS_WAIT_0;

    if (Header == NULL || Header->Type == MutantObject)
        return KeUserWait(1, &Object, WaitAny, Alertable, Timeout);
    if (Header->SignalState > 0) {
        KipSatisfy(Header, Thread);
    } else if (!KipTestAlertable(Thread, Alertable, &Status)) {
        Status = STATUS_TIMEOUT;
        if (Timeout == NULL || Timeout->QuadPart != 0) {
            if (!(Thread->ExitWork & KI_EXIT_SAVED))
                KiSaveCaller(Thread);
            ObReferenceObject(Object);
            Thread->WaitReason = UserRequest;
            KipSetBlock(&Thread->WaitBlock[0], Thread, Header, Object, 0, WaitAny);
            KipBeginWait(Thread, Thread->WaitBlock, 1, UserMode, Alertable, Timeout);
            return KE_NO_REPLY;
        }
    }
    return Status;
}

NTSTATUS KeHoldUserWait(BOOLEAN Alertable, PLARGE_INTEGER Timeout, KE_CANCEL_WAIT Routine, PVOID Context)
{
    PKTHREAD Thread = KiCurrentThread;
    NTSTATUS Status = KipTryUserWait(Thread, 0, NULL, WaitAny, Alertable, Timeout);

    if (Status != KE_NO_REPLY) {
        if (Routine != NULL)
            Routine(Thread, Context);
        return Status;
    }
    if (!(Thread->ExitWork & KI_EXIT_SAVED))
        KiSaveCaller(Thread);
    Thread->CancelWait = Routine;
    Thread->CancelContext = Context;
    Thread->WaitReason = UserRequest;
    KipBeginWait(Thread, NULL, 0, UserMode, Alertable, Timeout);
    return KE_NO_REPLY;
}

BOOLEAN KeCompleteUserWait(PKTHREAD Thread, NTSTATUS Status)
{
    if (Thread->State != KThreadWaiting || Thread->Coroutine != NULL || Thread->WaitBlocks != NULL)
        return FALSE;
    Thread->CancelWait = NULL;
    KiEndWait(Thread, Status);
    KiFlushEndedWaits();
    return TRUE;
}

/* ------------------------------------------------------------------ nobody */

BOOLEAN KeBeginNotify(PKNOTIFY Notify, PDISPATCHER_HEADER Header, PKDPC Dpc)
{
    KipSetBlock(&Notify->Block, NULL, Header, NULL, 0, WaitAll);
    Notify->Dpc = Dpc;
    if (Header->SignalState > 0) {
        KipSatisfy(Header, NULL);
        return TRUE;
    }
    Notify->Block.Linked = TRUE;
    KiAppend(&Header->WaitListHead, &Notify->Block.WaitListEntry);
    return FALSE;
}

BOOLEAN KeCancelNotify(PKNOTIFY Notify)
{
    if (!Notify->Block.Linked)
        return FALSE;
    Notify->Block.Linked = FALSE;
    KiUnlink(&Notify->Block.WaitListEntry);
    return TRUE;
}
