/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work items, remove locks, cancel-safe queues.
 *
 * Work items run on one system thread, made when the first is queued, in the order of queueing; they may wait.
 */
#include "host.h"

typedef struct _IO_WORKITEM {
    LIST_ENTRY Link;
    PVOID IoObject;
    PVOID Routine; /* PIO_WORKITEM_ROUTINE, or PIO_WORKITEM_ROUTINE_EX if IsExtended */
    PVOID Context;
    BOOLEAN IsExtended;
    BOOLEAN IsQueued;
} IO_WORKITEM;

static LIST_ENTRY HostWorkItems = {&HostWorkItems, &HostWorkItems};
static LIST_ENTRY HostWorkQueueItems = {&HostWorkQueueItems, &HostWorkQueueItems}; /* of ExQueueWorkItem */
static KEVENT HostWorkEvent;
static HANDLE HostWorkThreadHandle;

static VOID HostRunWorkItem(PIO_WORKITEM Item)
{
    Item->IsQueued = FALSE;
    if (Item->IsExtended)
        ((PIO_WORKITEM_ROUTINE_EX)Item->Routine)(Item->IoObject, Item->Context, Item);
    else
        ((PIO_WORKITEM_ROUTINE)Item->Routine)(Item->IoObject, Item->Context);
}

static VOID NTAPI HostWorkThread(PVOID Context)
{
    PWORK_QUEUE_ITEM QueueItem;

    for (;;) {
        if (!IsListEmpty(&HostWorkItems)) {
            HostRunWorkItem(CONTAINING_RECORD(RemoveHeadList(&HostWorkItems), IO_WORKITEM, Link));
        } else if (!IsListEmpty(&HostWorkQueueItems)) {
            QueueItem = CONTAINING_RECORD(RemoveHeadList(&HostWorkQueueItems), WORK_QUEUE_ITEM, List);
            QueueItem->List.Flink = NULL;
            QueueItem->WorkerRoutine(QueueItem->Parameter);
        } else {
            KeWaitForSingleObject(&HostWorkEvent, Executive, KernelMode, FALSE, NULL);
        }
    }
}

static VOID HostWakeWorker(VOID)
{
    if (HostWorkThreadHandle == NULL) {
        KeInitializeEvent(&HostWorkEvent, SynchronizationEvent, FALSE);
        if (!NT_SUCCESS(
                PsCreateSystemThread(&HostWorkThreadHandle, THREAD_ALL_ACCESS, NULL, NULL, NULL, HostWorkThread, NULL)))
            HostLog("driver host: no thread for work items\n");
    }
    KeSetEvent(&HostWorkEvent, IO_NO_INCREMENT, FALSE);
}

ULONG NTAPI IoSizeofWorkItem(VOID)
{
    return sizeof(IO_WORKITEM);
}

VOID NTAPI IoInitializeWorkItem(PVOID IoObject, PIO_WORKITEM IoWorkItem)
{
    RtlZeroMemory(IoWorkItem, sizeof(*IoWorkItem));
    IoWorkItem->IoObject = IoObject;
}

VOID NTAPI IoUninitializeWorkItem(PIO_WORKITEM IoWorkItem)
{
    IoWorkItem->IoObject = NULL;
}

PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    PIO_WORKITEM Item = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Item), HOST_TAG);

    if (Item != NULL)
        IoInitializeWorkItem(DeviceObject, Item);
    return Item;
}

VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
    ExFreePoolWithTag(IoWorkItem, HOST_TAG);
}

static VOID HostQueueWorkItem(PIO_WORKITEM Item, PVOID Routine, PVOID Context, BOOLEAN IsExtended)
{
    if (Item->IsQueued)
        return;
    Item->IsQueued = TRUE;
    Item->Routine = Routine;
    Item->Context = Context;
    Item->IsExtended = IsExtended;
    InsertTailList(&HostWorkItems, &Item->Link);
    HostWakeWorker();
}

VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine, WORK_QUEUE_TYPE QueueType,
                           PVOID Context)
{
    HostQueueWorkItem(IoWorkItem, WorkerRoutine, Context, FALSE);
}

VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine, WORK_QUEUE_TYPE QueueType,
                             PVOID Context)
{
    HostQueueWorkItem(IoWorkItem, WorkerRoutine, Context, TRUE);
}

VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    InsertTailList(&HostWorkQueueItems, &WorkItem->List);
    HostWakeWorker();
}

/* --- remove locks ----------------------------------------------------------------------------------------------- */

VOID NTAPI IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes,
                                    ULONG HighWatermark, ULONG RemlockSize)
{
    Lock->Common.Removed = FALSE;
    Lock->Common.IoCount = 1;
    KeInitializeEvent(&Lock->Common.RemoveEvent, SynchronizationEvent, FALSE);
}

NTSTATUS NTAPI IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, PCSTR File, ULONG Line, ULONG RemlockSize)
{
    if (RemoveLock->Common.Removed)
        return STATUS_DELETE_PENDING;
    RemoveLock->Common.IoCount++;
    return STATUS_SUCCESS;
}

VOID NTAPI IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
    if (--RemoveLock->Common.IoCount == 0)
        KeSetEvent(&RemoveLock->Common.RemoveEvent, IO_NO_INCREMENT, FALSE);
}

VOID NTAPI IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize)
{
    RemoveLock->Common.Removed = TRUE;
    RemoveLock->Common.IoCount--;
    if (--RemoveLock->Common.IoCount > 0)
        KeWaitForSingleObject(&RemoveLock->Common.RemoveEvent, Executive, KernelMode, FALSE, NULL);
}

/* --- cancel-safe queues ----------------------------------------------------------------------------------------- */

NTSTATUS NTAPI IoCsqInitialize(PIO_CSQ Csq, PIO_CSQ_INSERT_IRP CsqInsertIrp, PIO_CSQ_REMOVE_IRP CsqRemoveIrp,
                               PIO_CSQ_PEEK_NEXT_IRP CsqPeekNextIrp, PIO_CSQ_ACQUIRE_LOCK CsqAcquireLock,
                               PIO_CSQ_RELEASE_LOCK CsqReleaseLock,
                               PIO_CSQ_COMPLETE_CANCELED_IRP CsqCompleteCanceledIrp)
{
    Csq->Type = 1; /* IO_TYPE_CSQ */
    Csq->CsqInsertIrp = CsqInsertIrp;
    Csq->CsqRemoveIrp = CsqRemoveIrp;
    Csq->CsqPeekNextIrp = CsqPeekNextIrp;
    Csq->CsqAcquireLock = CsqAcquireLock;
    Csq->CsqReleaseLock = CsqReleaseLock;
    Csq->CsqCompleteCanceledIrp = CsqCompleteCanceledIrp;
    Csq->ReservePointer = NULL;
    return STATUS_SUCCESS;
}

static VOID NTAPI HostCancelQueued(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_CSQ Csq = Irp->Tail.Overlay.DriverContext[3];
    KIRQL OldIrql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);
    Csq->CsqAcquireLock(Csq, &OldIrql);
    Csq->CsqRemoveIrp(Csq, Irp);
    Csq->CsqReleaseLock(Csq, OldIrql);
    Csq->CsqCompleteCanceledIrp(Csq, Irp);
}

VOID NTAPI IoCsqInsertIrp(PIO_CSQ Csq, PIRP Irp, PIO_CSQ_IRP_CONTEXT Context)
{
    BOOLEAN IsCancelled;
    KIRQL OldIrql;

    Csq->CsqAcquireLock(Csq, &OldIrql);
    Irp->Tail.Overlay.DriverContext[3] = Csq;
    if (Context != NULL) {
        Context->Type = 2; /* IO_TYPE_CSQ_IRP_CONTEXT */
        Context->Irp = Irp;
        Context->Csq = Csq;
    }
    IoMarkIrpPending(Irp);
    Csq->CsqInsertIrp(Csq, Irp);
    (VOID)IoSetCancelRoutine(Irp, HostCancelQueued);
    IsCancelled = Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL;
    if (IsCancelled)
        Csq->CsqRemoveIrp(Csq, Irp);
    Csq->CsqReleaseLock(Csq, OldIrql);
    if (IsCancelled)
        Csq->CsqCompleteCanceledIrp(Csq, Irp);
}

PIRP NTAPI IoCsqRemoveNextIrp(PIO_CSQ Csq, PVOID PeekContext)
{
    KIRQL OldIrql;
    PIRP Irp;

    Csq->CsqAcquireLock(Csq, &OldIrql);
    Irp = Csq->CsqPeekNextIrp(Csq, NULL, PeekContext);
    while (Irp != NULL && IoSetCancelRoutine(Irp, NULL) == NULL)
        Irp = Csq->CsqPeekNextIrp(Csq, Irp, PeekContext);
    if (Irp != NULL)
        Csq->CsqRemoveIrp(Csq, Irp);
    Csq->CsqReleaseLock(Csq, OldIrql);
    return Irp;
}

PIRP NTAPI IoCsqRemoveIrp(PIO_CSQ Csq, PIO_CSQ_IRP_CONTEXT Context)
{
    KIRQL OldIrql;
    PIRP Irp;

    Csq->CsqAcquireLock(Csq, &OldIrql);
    Irp = Context->Irp;
    if (Irp != NULL && IoSetCancelRoutine(Irp, NULL) == NULL)
        Irp = NULL;
    if (Irp != NULL) {
        Context->Irp = NULL;
        Csq->CsqRemoveIrp(Csq, Irp);
    }
    Csq->CsqReleaseLock(Csq, OldIrql);
    return Irp;
}
