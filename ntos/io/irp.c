/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The life of a request: made, run by the driver's dispatch routine, completed, perhaps cancelled.
 *
 * A pending IRP is in two lists, the requester's (ETHREAD.IrpList) and the file's (FILE_OBJECT.IrpList), and holds a
 * reference on the file, on the thread and on the caller's event.  A requester that ends before its IRP orphans it:
 * Thread becomes NULL, and the completion touches no user memory.  IRPs of system coroutines have no thread from the
 * start.
 *
 * Whoever waits for an IRP (Synchronous) frees it; when the wait is broken off by the thread's end, Synchronous is
 * cleared and the completion frees it.  Only the functions that say so may wait.
 */
#include "ntos/io/iop.h"

VOID IopInitializeIrp(PIRP Irp, PFILE_OBJECT File, UCHAR MajorFunction)
{
    InitializeListHead(&Irp->ListEntry);
    InitializeListHead(&Irp->ThreadListEntry);
    InitializeListHead(&Irp->FileListEntry);
    KeInitializeEvent(&Irp->DoneEvent, NotificationEvent, FALSE);
    Irp->MajorFunction = MajorFunction;
    Irp->FileObject = File;
    Irp->DeviceObject = File->DeviceObject;
    ObReferenceObject(File);
}

PIRP IopAllocateIrp(PFILE_OBJECT File, UCHAR MajorFunction)
{
    PIRP Irp = ExAllocatePoolZero(NonPagedPool, sizeof(*Irp), IO_TAG_IRP);

    if (Irp != NULL)
        IopInitializeIrp(Irp, File, MajorFunction);
    return Irp;
}

/* The requester is no longer concerned. */
static VOID IopDetachRequester(PIRP Irp)
{
    RemoveEntryList(&Irp->ThreadListEntry);
    InitializeListHead(&Irp->ThreadListEntry);
    if (Irp->UserEvent != NULL)
        ObDereferenceObject(Irp->UserEvent);
    if (Irp->Apc != NULL)
        ExFreePool(Irp->Apc);
    if (Irp->Thread != NULL)
        ObDereferenceObject(Irp->Thread);
    Irp->UserEvent = NULL;
    Irp->Apc = NULL;
    Irp->Thread = NULL;
    Irp->UserIosb = NULL;
    Irp->UserInput = NULL;
    Irp->UserOutput = NULL;
}

VOID IopFreeIrp(PIRP Irp)
{
    PFILE_OBJECT File = Irp->FileObject;

    IopDetachRequester(Irp);
    RemoveEntryList(&Irp->FileListEntry);
    if (Irp->SystemBuffer != NULL)
        ExFreePool(Irp->SystemBuffer);
    ExFreePoolWithTag(Irp, IO_TAG_IRP);
    if (File != NULL)
        ObDereferenceObject(File);
}

NTSTATUS IopCaptureSystemBuffer(PIRP Irp)
{
    ULONG Length = Irp->InputLength > Irp->OutputLength ? Irp->InputLength : Irp->OutputLength;
    NTSTATUS Status;

    if (Length == 0)
        return STATUS_SUCCESS;
    Irp->SystemBuffer = ExAllocatePoolWithTag(NonPagedPool, Length, IO_TAG_BUFFER);
    if (Irp->SystemBuffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCopyFromUser(Irp->SystemBuffer, Irp->UserInput, Irp->InputLength);
    memset((PUCHAR)Irp->SystemBuffer + Irp->InputLength, 0, Length - Irp->InputLength);
    return Status;
}

NTSTATUS IopCopyOutput(PIRP Irp, ULONG Offset, const VOID *Source, SIZE_T Length)
{
    if (Offset > Irp->OutputLength || Length > Irp->OutputLength - Offset)
        return STATUS_INVALID_PARAMETER;
    if (Irp->UserOutput != NULL && Irp->Thread != NULL)
        return MmWriteSpace(Irp->Thread->Tcb.OwningProcess->Space, (PUCHAR)Irp->UserOutput + Offset, Source, Length);
    if (Irp->UserOutput == NULL && Irp->SystemBuffer != NULL)
        memcpy((PUCHAR)Irp->SystemBuffer + Offset, Source, Length);
    return STATUS_SUCCESS;
}

static VOID IopLinkRequester(PIRP Irp)
{
    PETHREAD Thread = PsGetCurrentThread();

    InsertTailList(&Irp->FileObject->IrpList, &Irp->FileListEntry);
    if (Thread->Tcb.SystemThread)
        return;
    ObReferenceObject(Thread);
    Irp->Thread = Thread;
    InsertTailList(&Thread->IrpList, &Irp->ThreadListEntry);
}

static NTSTATUS IopDispatch(PIRP Irp)
{
    PDEVICE_OBJECT Device = Irp->DeviceObject;
    PDRIVER_DISPATCH Routine = Device->DriverObject->MajorFunction[Irp->MajorFunction];
    NTSTATUS Status;

    if (Routine == NULL) {
        Irp->IoStatus.Information = 0;
        return Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    }
    if (Device->Flags & DO_SYSTEM_BUFFER && Irp->SystemBuffer == NULL) {
        Status = IopCaptureSystemBuffer(Irp);
        if (!NT_SUCCESS(Status)) {
            Irp->IoStatus.Information = 0;
            return Irp->IoStatus.Status = Status;
        }
    }
    Status = Routine(Device, Irp);
    if (Status == STATUS_PENDING)
        Irp->Pending = TRUE;
    return Status;
}

VOID IopCountRequest(PEPROCESS Process, UCHAR MajorFunction, ULONG_PTR Bytes)
{
    switch (MajorFunction) {
    case IRP_MJ_READ:
        Process->ReadOperationCount++;
        Process->ReadTransferCount += Bytes;
        break;
    case IRP_MJ_WRITE:
        Process->WriteOperationCount++;
        Process->WriteTransferCount += Bytes;
        break;
    default:
        Process->OtherOperationCount++;
        Process->OtherTransferCount += Bytes;
    }
}

/* Output, IOSB, events, packet, APC: what the requester sees of a finished request. */
static VOID IopReportCompletion(PIRP Irp)
{
    PFILE_OBJECT File = Irp->FileObject;
    NTSTATUS Status = Irp->IoStatus.Status;
    ULONG_PTR Bytes = Irp->IoStatus.Information;
    BOOLEAN Silent = NT_ERROR(Status) && !Irp->Pending;

    if (!NT_ERROR(Status) && Irp->SystemBuffer != NULL && Irp->UserOutput != NULL) {
        NTSTATUS CopyStatus = IopCopyOutput(Irp, 0, Irp->SystemBuffer, Bytes < Irp->OutputLength ? Bytes :
                                            Irp->OutputLength);

        if (!NT_SUCCESS(CopyStatus))
            Irp->IoStatus.Status = Status = CopyStatus;
    }
    if (Irp->Thread != NULL)
        IopCountRequest((PEPROCESS)Irp->Thread->Tcb.OwningProcess, Irp->MajorFunction,
                        NT_ERROR(Status) || Irp->UserIosb == NULL ? 0 : Bytes);
    File->FinalStatus = Status;
    if (Silent)
        return;
    if (Irp->UserIosb != NULL && Irp->Thread != NULL)
        MmWriteSpace(Irp->Thread->Tcb.OwningProcess->Space, Irp->UserIosb, &Irp->IoStatus, sizeof(Irp->IoStatus));
    if (Irp->UserEvent != NULL)
        KeSetEvent(Irp->UserEvent, 0, FALSE);
    else if (!(File->CompletionModes & FILE_SKIP_SET_EVENT_ON_HANDLE))
        KeSetEvent(&File->Event, 0, FALSE);
    if (Irp->Thread == NULL)
        return;
    if (Irp->Apc != NULL) {
        PKAPC Apc = Irp->Apc;

        Irp->Apc = NULL;
        if (!KeInsertQueueApc(Apc, Irp->UserIosb, NULL))
            ExFreePool(Apc);
    } else if (File->CompletionPort != NULL && Irp->ApcContext != NULL &&
               (Irp->Pending || !(File->CompletionModes & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS))) {
        IoSetIoCompletion(File->CompletionPort, File->CompletionKey, Irp->ApcContext, Status,
                          Irp->IoStatus.Information);
    }
}

VOID IoCompleteRequest(PIRP Irp)
{
    NT_ASSERT(!Irp->Completed);
    Irp->Completed = TRUE;
    Irp->CancelRoutine = NULL;
    IopReportCompletion(Irp);
    if (Irp->Synchronous)
        KeSetEvent(&Irp->DoneEvent, 0, FALSE);
    else
        IopFreeIrp(Irp);
}

BOOLEAN IoCancelIrp(PIRP Irp)
{
    VOID (*Routine)(PIRP) = Irp->CancelRoutine;

    Irp->Cancel = TRUE;
    if (Irp->Completed || Routine == NULL)
        return FALSE;
    Irp->CancelRoutine = NULL;
    Routine(Irp);
    return TRUE;
}

/*
 * Waits for a pending synchronous IRP.  STATUS_SUCCESS: it is complete.  STATUS_THREAD_IS_TERMINATING: it was orphaned
 * and belongs to nobody here any more.  An alert or APC cancels it, and waits for its end.
 */
static NTSTATUS IopWaitForIrp(PIRP Irp, BOOLEAN Alertable)
{
    NTSTATUS Status;

    Status = KeWaitForSingleObject(&Irp->DoneEvent, Executive, UserMode, Alertable, NULL);
    if (Status == STATUS_ALERTED || Status == STATUS_USER_APC) {
        IoCancelIrp(Irp);
        Status = KeWaitForSingleObject(&Irp->DoneEvent, Executive, UserMode, FALSE, NULL);
    }
    if (Irp->Completed)
        return STATUS_SUCCESS;
    IopDetachRequester(Irp);
    Irp->Synchronous = FALSE;
    IoCancelIrp(Irp);
    return NT_SUCCESS(Status) ? STATUS_THREAD_IS_TERMINATING : Status;
}

/* The arguments that every asynchronous service has. */
static NTSTATUS IopSetRequester(PIRP Irp, const IOP_ASYNC *Async)
{
    PFILE_OBJECT File = Irp->FileObject;
    NTSTATUS Status;

    /* DIFFERS: locks may be asked for without a status block, as libwine's LockFileEx does. */
    if (Async->Iosb != NULL || Irp->MajorFunction != IRP_MJ_LOCK_CONTROL) {
        Status = MmProbeForWrite(Async->Iosb, sizeof(IO_STATUS_BLOCK), 1);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Irp->UserIosb = Async->Iosb;
    Irp->ApcContext = Async->ApcContext;
    if (Async->ApcRoutine != NULL) {
        if (File->CompletionPort != NULL)
            return STATUS_INVALID_PARAMETER;
        Irp->Apc = ExAllocatePoolZero(NonPagedPool, sizeof(KAPC), IO_TAG_IRP);
        if (Irp->Apc == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        KeInitializeApc(Irp->Apc, KeGetCurrentThread(), NULL, NULL, Async->ApcRoutine, Async->ApcContext);
    }
    if (Async->Event != NULL) {
        Status = ObReferenceObjectByHandle(Async->Event, EVENT_MODIFY_STATE, ExEventObjectType, UserMode,
                                           (PVOID *)&Irp->UserEvent, NULL);
        if (!NT_SUCCESS(Status)) {
            Irp->UserEvent = NULL;
            return Status;
        }
    }
    return STATUS_SUCCESS;
}

NTSTATUS IopPerformRequest(PIRP Irp, const IOP_ASYNC *Async)
{
    PFILE_OBJECT File = Irp->FileObject;
    BOOLEAN Synchronous = (File->Flags & FO_SYNCHRONOUS_IO) != 0;
    NTSTATUS Status;

    Status = IopSetRequester(Irp, Async);
    if (NT_SUCCESS(Status) && Synchronous)
        Status = IopLockFile(File);
    if (!NT_SUCCESS(Status)) {
        IopFreeIrp(Irp);
        return Status;
    }
    if (Irp->UserEvent != NULL)
        KeClearEvent(Irp->UserEvent);
    else if (!(File->CompletionModes & FILE_SKIP_SET_EVENT_ON_HANDLE))
        KeClearEvent(&File->Event);
    IopLinkRequester(Irp);
    Irp->Synchronous = Synchronous;
    Status = IopDispatch(Irp);
    if (Status == STATUS_PENDING) {
        if (!Synchronous)
            return STATUS_PENDING;
        /* The caller's reference keeps File alive past the IRP. */
        Status = IopWaitForIrp(Irp, (File->Flags & FO_ALERTABLE_IO) != 0);
        if (!NT_SUCCESS(Status)) {
            IopUnlockFile(File);
            return Status;
        }
    } else {
        Irp->Completed = TRUE;
        IopReportCompletion(Irp);
    }
    Status = Irp->IoStatus.Status;
    if (Synchronous)
        IopUnlockFile(File);
    IopFreeIrp(Irp);
    return Status;
}

NTSTATUS IopCallAndWait(PIRP Irp)
{
    NTSTATUS Status;

    Irp->Synchronous = TRUE;
    IopLinkRequester(Irp);
    Status = IopDispatch(Irp);
    if (Status != STATUS_PENDING) {
        Irp->Completed = TRUE;
        if (Irp->Thread != NULL)
            IopCountRequest(PsGetCurrentProcess(), Irp->MajorFunction, 0);
        return Status;
    }
    Status = IopWaitForIrp(Irp, FALSE);
    return NT_SUCCESS(Status) ? Irp->IoStatus.Status : STATUS_THREAD_IS_TERMINATING;
}

VOID IopCallAndForget(PIRP Irp)
{
    if (IopDispatch(Irp) != STATUS_PENDING)
        IopFreeIrp(Irp);
}

NTSTATUS IopFinishFast(PFILE_OBJECT File, PIO_STATUS_BLOCK UserIosb, PKEVENT Event, NTSTATUS Status,
        ULONG_PTR Information)
{
    IO_STATUS_BLOCK Iosb = IoMakeStatus(Status, Information);
    NTSTATUS WriteStatus;

    /* Nothing was transferred. */
    if (NT_ERROR(Status) || Status == STATUS_GUARD_PAGE_VIOLATION)
        return Status;
    WriteStatus = MmCopyToUser(UserIosb, &Iosb, sizeof(Iosb));
    if (!NT_SUCCESS(WriteStatus))
        return WriteStatus;
    if (Event != NULL)
        KeSetEvent(Event, 0, FALSE);
    else if (File->Event.Header.SignalState == 0 && !(File->CompletionModes & FILE_SKIP_SET_EVENT_ON_HANDLE))
        KeSetEvent(&File->Event, 0, FALSE);
    return Status;
}

/* A thread ends: nobody is left to receive what its requests bring. */
VOID IopThreadNotify(PETHREAD Thread, BOOLEAN Created)
{
    if (Created || Thread->Tcb.SystemThread)
        return;
    while (!IsListEmpty(&Thread->IrpList)) {
        PIRP Irp = CONTAINING_RECORD(Thread->IrpList.Flink, IRP, ThreadListEntry);

        IopDetachRequester(Irp);
        IoCancelIrp(Irp);
    }
    IopLeaveFactory(Thread);
}

/* Cancels what matches; at least one: TRUE.  Thread NULL: any of the process.  Iosb NULL: any. */
static BOOLEAN IopCancelMatching(PFILE_OBJECT File, PETHREAD Thread, PIO_STATUS_BLOCK Iosb)
{
    PLIST_ENTRY Entry;
    BOOLEAN Found = FALSE;

    for (Entry = File->IrpList.Flink; Entry != &File->IrpList; Entry = Entry->Flink) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, FileListEntry);

        if (Irp->Cancel || Irp->Completed || Irp->Thread == NULL)
            continue;
        if (Thread != NULL && Irp->Thread != Thread)
            continue;
        if (Irp->Thread->Tcb.OwningProcess != KeGetCurrentThread()->OwningProcess)
            continue;
        if (Iosb != NULL && Irp->UserIosb != Iosb)
            continue;
        Found = TRUE;
        /* A cancel may complete the IRP and others with it: begin anew. */
        if (IoCancelIrp(Irp))
            Entry = &File->IrpList;
    }
    return Found;
}

static NTSTATUS IopReportCancel(PIO_STATUS_BLOCK IoStatusBlock, BOOLEAN Found)
{
    IO_STATUS_BLOCK Iosb = IoMakeStatus(Found ? STATUS_SUCCESS : STATUS_NOT_FOUND, 0);
    NTSTATUS Status = MmCopyToUser(IoStatusBlock, &Iosb, sizeof(Iosb));

    return NT_SUCCESS(Status) ? Iosb.Status : Status;
}

/* DIFFERS: does not wait until the cancelled requests have completed (Windows does): their events and IOSBs say when.
 * */
NTSTATUS NTAPI NtCancelIoFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
    PFILE_OBJECT File;
    NTSTATUS Status;

    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, 0, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    IopCancelMatching(File, PsGetCurrentThread(), NULL);
    ObDereferenceObject(File);
    return IopReportCancel(IoStatusBlock, TRUE);
}

NTSTATUS NTAPI NtCancelIoFileEx(HANDLE FileHandle, PIO_STATUS_BLOCK IoRequestToCancel, PIO_STATUS_BLOCK IoStatusBlock)
{
    PFILE_OBJECT File;
    NTSTATUS Status;
    BOOLEAN Found;

    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, 0, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Found = IopCancelMatching(File, NULL, IoRequestToCancel);
    ObDereferenceObject(File);
    return IopReportCancel(IoStatusBlock, Found);
}

NTSTATUS NTAPI NtCancelSynchronousIoFile(HANDLE ThreadHandle, PIO_STATUS_BLOCK IoRequestToCancel,
        PIO_STATUS_BLOCK IoStatusBlock)
{
    PETHREAD Thread;
    PLIST_ENTRY Entry;
    NTSTATUS Status;
    BOOLEAN Found = FALSE;

    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(ThreadHandle, THREAD_TERMINATE, PsThreadType, UserMode, (PVOID *)&Thread,
                                           NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    for (Entry = Thread->IrpList.Flink; Entry != &Thread->IrpList && !Found; Entry = Entry->Flink) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, ThreadListEntry);

        if (!Irp->Synchronous || Irp->Cancel || (IoRequestToCancel != NULL && Irp->UserIosb != IoRequestToCancel))
            continue;
        Found = TRUE;
        IoCancelIrp(Irp);
        break;
    }
    ObDereferenceObject(Thread);
    return IopReportCancel(IoStatusBlock, Found);
}
