/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The rings of a driver host, ntos's side: requests in, completions out, the data area, cancelling.
 *
 * What the host writes is copied once and checked: an index that runs ahead by more than the ring, an unknown id, a
 * status or length that cannot be, and the host is ended (IopBreakHost).  A request's id is its slot plus a sequence
 * number, so a stale completion is recognised.  Nothing here waits.
 */
#include "ntos/io/hostp.h"

#define HOST_SLOT_MASK (DRIVER_RING_ENTRIES - 1)

static VOID IopFreeRequest(PHOST_REQUEST Request)
{
    if (Request->OwnInput != NULL)
        ExFreePool(Request->OwnInput);
    ExFreePool(Request);
}

static VOID IopReleaseData(PHOST Host, PHOST_REQUEST Request)
{
    if (Request->DataLength == 0)
        return;
    RtlClearBits(&Host->DataBitmap, (Request->DataOffset - DRIVER_DATA_OFFSET) / HOST_GRANULE,
                 (Request->DataLength + HOST_GRANULE - 1) / HOST_GRANULE);
    Host->DataInUse -= Request->DataLength;
    Request->DataLength = 0;
}

static BOOLEAN IopReserveData(PHOST Host, PHOST_REQUEST Request, ULONG Length)
{
    ULONG Granules = (Length + HOST_GRANULE - 1) / HOST_GRANULE;
    ULONG First;

    Request->DataLength = 0;
    if (Length == 0)
        return TRUE;
    First = RtlFindClearBitsAndSet(&Host->DataBitmap, Granules, 0);
    if (First == 0xffffffff)
        return FALSE;
    Request->DataOffset = DRIVER_DATA_OFFSET + First * HOST_GRANULE;
    Request->DataLength = Length;
    Host->DataInUse += Length;
    return TRUE;
}

/* Bytes this piece of the request needs, and how the two buffers lie.  FALSE: does not fit at all. */
static BOOLEAN IopLayOut(PHOST_REQUEST Request, PULONG Input, PULONG Output, PBOOLEAN Shared)
{
    PIRP Irp = Request->Irp;

    *Shared = FALSE;
    *Input = Irp->InputLength - Request->Piece;
    *Output = Irp->OutputLength;
    if (Irp->MajorFunction == IRP_MJ_READ || Irp->MajorFunction == IRP_MJ_WRITE) {
        if (!(Irp->DeviceObject->Flags & DO_BYTE_STREAM))
            return *Input <= HOST_MAX_TRANSFER && *Output <= HOST_MAX_TRANSFER;
        *Input = *Input < HOST_MAX_TRANSFER ? *Input : HOST_MAX_TRANSFER;
        *Output = *Output < HOST_MAX_TRANSFER ? *Output : HOST_MAX_TRANSFER;
        return TRUE;
    }
    if (Irp->MajorFunction == IRP_MJ_DEVICE_CONTROL)
        *Shared = (Irp->Parameters.Control.Code & 3) == METHOD_BUFFERED;
    return *Input <= HOST_MAX_TRANSFER && *Output <= HOST_MAX_TRANSFER - *Input;
}

/* The caller's input into the region (or, if there is no region to be had yet, into the IRP's system buffer). */
static NTSTATUS IopReadInput(PIRP Irp, ULONG Offset, PVOID Destination, ULONG Length)
{
    if (Length == 0)
        return STATUS_SUCCESS;
    if (Irp->UserInput == NULL && Irp->SystemBuffer != NULL) {
        memcpy(Destination, (PUCHAR)Irp->SystemBuffer + Offset, Length);
        return STATUS_SUCCESS;
    }
    if (Irp->Thread == NULL)
        return STATUS_CANCELLED;
    return MmReadSpace(Irp->Thread->Tcb.OwningProcess->Space, Destination, (const UCHAR *)Irp->UserInput + Offset,
                       Length);
}

/* The bytes an IN_DIRECT caller hands over in its output buffer. */
static NTSTATUS IopReadDirectInput(PIRP Irp, PVOID Destination, ULONG Length)
{
    if (Length == 0 || Irp->Thread == NULL || Irp->UserOutput == NULL)
        return STATUS_SUCCESS;
    return MmReadSpace(Irp->Thread->Tcb.OwningProcess->Space, Destination, Irp->UserOutput, Length);
}

/* Data area and its content for the next piece.  STATUS_NO_MEMORY: no room now. */
static NTSTATUS IopFillData(PHOST Host, PHOST_REQUEST Request)
{
    ULONG Input, Output, Second;
    BOOLEAN Shared;
    NTSTATUS Status;

    if (Request->Irp == NULL) {
        Input = Request->Entry.InputLength;
        if (!IopReserveData(Host, Request, Input))
            return STATUS_NO_MEMORY;
        if (Input != 0)
            memcpy(Host->Region + Request->DataOffset, Request->OwnInput, Input);
        Request->Entry.InputOffset = Request->DataOffset;
        return STATUS_SUCCESS;
    }
    if (!IopLayOut(Request, &Input, &Output, &Shared))
        return STATUS_INSUFFICIENT_RESOURCES;
    Second = Shared ? 0 : (Input + 15) & ~15u;
    if (!IopReserveData(Host, Request, Shared ? (Input > Output ? Input : Output) : Second + Output))
        return STATUS_NO_MEMORY;
    Request->Entry.InputOffset = Request->DataOffset;
    Request->Entry.InputLength = Input;
    Request->Entry.OutputOffset = Request->DataOffset + Second;
    Request->Entry.OutputLength = Output;
    /* A driver that claims more than it has written gives out nothing of another request. */
    if (!Shared)
        memset(Host->Region + Request->DataOffset + Second, 0, Output);
    else if (Output > Input)
        memset(Host->Region + Request->DataOffset + Input, 0, Output - Input);
    Status = IopReadInput(Request->Irp, Request->Piece, Host->Region + Request->DataOffset, Input);
    if (NT_SUCCESS(Status) && Request->Entry.Operation == IRP_MJ_DEVICE_CONTROL &&
        (Request->Irp->Parameters.Control.Code & 3) == METHOD_IN_DIRECT)
        Status = IopReadDirectInput(Request->Irp, Host->Region + Request->Entry.OutputOffset, Output);
    if (!NT_SUCCESS(Status))
        IopReleaseData(Host, Request);
    return Status == STATUS_NO_MEMORY ? STATUS_ACCESS_VIOLATION : Status;
}

/* ---- submission ---- */

/* Entries that the host has not taken; more than the ring has: it is broken, and is ended. */
static ULONG IopCountSubmissions(PHOST Host)
{
    ULONG Count = Host->SubmissionTail - __atomic_load_n(&Host->Rings->SubmissionHead, __ATOMIC_ACQUIRE);

    if (Count > DRIVER_RING_ENTRIES)
        IopBreakHost(Host, "submission index out of range");
    return Count;
}

BOOLEAN IopIsRingSound(PHOST Host)
{
    return IopCountSubmissions(Host) <= DRIVER_RING_ENTRIES;
}

static BOOLEAN IopRingHasRoom(PHOST Host)
{
    return IopCountSubmissions(Host) < DRIVER_RING_ENTRIES;
}

static VOID IopPutEntry(PHOST Host, const DRIVER_REQUEST *Entry)
{
    Host->Rings->Submission[Host->SubmissionTail & HOST_SLOT_MASK] = *Entry;
    __atomic_store_n(&Host->Rings->SubmissionTail, ++Host->SubmissionTail, __ATOMIC_RELEASE);
}

static VOID IopWakeHost(PHOST Host)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_exchange_n(&Host->Rings->HostSleeping, 0, __ATOMIC_SEQ_CST) == 1)
        KeRingHost(Host->Channel);
}

/*
 * Of the slots, and of the data area, a process has at most as much as it leaves free, so that another one always finds room: requests
 * that nothing completes (a read that waits) do not shut others out.  What ntos itself sends is not limited.
 */
static BOOLEAN IopIsWithinShare(PHOST Host, PEPROCESS Owner)
{
    ULONG Slots = 0, Data = 0;

    /* With half of both free it does not matter who has the rest. */
    if (Owner == NULL || (2 * Host->Active < DRIVER_RING_ENTRIES && 2 * Host->DataInUse < DRIVER_DATA_SIZE))
        return TRUE;
    for (ULONG Slot = 0; Slot < DRIVER_RING_ENTRIES; Slot++) {
        PHOST_REQUEST Request = Host->Slots[Slot];

        if (Request == NULL || Request->Owner != Owner)
            continue;
        Slots++;
        Data += Request->DataLength;
    }
    return Slots == 0 || (Slots < DRIVER_RING_ENTRIES - Host->Active && Data < DRIVER_DATA_SIZE - Host->DataInUse);
}

/* Requests of a process stay in their order. */
static BOOLEAN IopHasWaiting(PHOST Host, PEPROCESS Owner)
{
    for (PLIST_ENTRY Entry = Host->Waiting.Flink; Entry != &Host->Waiting; Entry = Entry->Flink) {
        PEPROCESS Other = CONTAINING_RECORD(Entry, HOST_REQUEST, Links)->Owner;

        if (Other == Owner || Other == NULL || Owner == NULL)
            return TRUE;
    }
    return FALSE;
}

/*
 * Into the ring.  STATUS_NO_MEMORY: no room now (nothing has changed); any other error ends the request.
 */
static NTSTATUS IopPushRequest(PHOST Host, PHOST_REQUEST Request)
{
    NTSTATUS Status;
    ULONG Slot;

    if (Host->Active == DRIVER_RING_ENTRIES || !IopRingHasRoom(Host)) {
        Host->Rings->ExecutiveHasMore = 1;
        return STATUS_NO_MEMORY;
    }
    Status = IopFillData(Host, Request);
    if (!NT_SUCCESS(Status))
        return Status;
    for (Slot = 0; Host->Slots[Slot] != NULL; Slot++)
        ;
    Host->Slots[Slot] = Request;
    Host->Active++;
    Request->Slot = Slot;
    Request->CancelSent = FALSE;
    Request->Entry.RequestId = ++Host->NextSequence * DRIVER_RING_ENTRIES + Slot;
    IopPutEntry(Host, &Request->Entry);
    return STATUS_SUCCESS;
}

/* Cancels that found no room. */
static VOID IopPumpCancels(PHOST Host)
{
    for (ULONG Slot = 0; Slot < DRIVER_RING_ENTRIES; Slot++) {
        PHOST_REQUEST Request = Host->Slots[Slot];
        DRIVER_REQUEST Entry = { .Operation = DRIVER_OP_CANCEL };

        if (Request == NULL || !Request->CancelWanted || Request->CancelSent)
            continue;
        if (!IopRingHasRoom(Host)) {
            Host->Rings->ExecutiveHasMore = 1;
            return;
        }
        Entry.RequestId = Request->Entry.RequestId;
        Request->CancelSent = TRUE;
        IopPutEntry(Host, &Entry);
    }
}

static VOID IopFinishRequest(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status, ULONG_PTR Information)
{
    PIRP Irp = Request->Irp;
    HOST_REQUEST_DONE Done = Request->Done;

    if (Done != NULL)
        Done(Host, Request, Status);
    IopFreeRequest(Request);
    if (Irp == NULL)
        return;
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp);
}

VOID IopPumpHost(PHOST Host)
{
    PLIST_ENTRY Entry = Host->Waiting.Flink;
    ULONG Before = Host->SubmissionTail;
    PEPROCESS Refused = NULL;

    IopNoteActivity();
    if (Host->State != HostRunning && Host->State != HostLoading)
        return;
    Host->Rings->ExecutiveHasMore = 0;
    IopPumpCancels(Host);
    while (Entry != &Host->Waiting) {
        PHOST_REQUEST Request = CONTAINING_RECORD(Entry, HOST_REQUEST, Links);
        NTSTATUS Status;

        Entry = Entry->Flink;
        if ((Host->State == HostLoading && Request->Irp != NULL) || (Request->Owner == Refused && Refused != NULL))
            continue;
        /* Its share does not grow while others get theirs. */
        if (!IopIsWithinShare(Host, Request->Owner)) {
            Refused = Request->Owner;
            continue;
        }
        Status = IopPushRequest(Host, Request);
        if (Status == STATUS_NO_MEMORY)
            break;
        RemoveEntryList(&Request->Links);
        InitializeListHead(&Request->Links);
        if (!NT_SUCCESS(Status)) {
            IopFinishRequest(Host, Request, Status, 0);
            Entry = Host->Waiting.Flink;
        }
    }
    if (Host->SubmissionTail != Before)
        IopWakeHost(Host);
}

/* Zeroed; what ends a file was reserved with it. */
static PHOST_REQUEST IopNewRequest(PHOST_FILE File, ULONG Operation)
{
    PHOST_REQUEST *Reserved = NULL, Request;

    if (File != NULL && Operation == IRP_MJ_CLEANUP)
        Reserved = &File->CleanupRequest;
    else if (File != NULL && Operation == IRP_MJ_CLOSE)
        Reserved = &File->CloseRequest;
    if (Reserved == NULL || *Reserved == NULL)
        return ExAllocatePoolZero(NonPagedPool, sizeof(*Request), IO_TAG_HOST);
    Request = *Reserved;
    *Reserved = NULL;
    return Request;
}

NTSTATUS IopSendOwn(PHOST Host, const DRIVER_REQUEST *Entry, PHOST_FILE File, const VOID *Input, ULONG InputLength,
        HOST_REQUEST_DONE Done)
{
    PHOST_REQUEST Request = IopNewRequest(File, Entry->Operation);

    if (Request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Request->Entry = *Entry;
    Request->Entry.InputLength = InputLength;
    Request->File = File;
    Request->Done = Done;
    if (InputLength != 0) {
        Request->OwnInput = ExAllocatePoolWithTag(NonPagedPool, InputLength, IO_TAG_HOST);
        if (Request->OwnInput == NULL) {
            ExFreePool(Request);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        memcpy(Request->OwnInput, Input, InputLength);
    }
    InsertTailList(&Host->Waiting, &Request->Links);
    IopPumpHost(Host);
    return STATUS_SUCCESS;
}

static VOID IopCancelHostIrp(PIRP Irp)
{
    PHOST_REQUEST Request = Irp->DriverContext[0];
    PHOST Host = ((PHOST_DEVICE)Irp->DeviceObject->DeviceExtension)->Host;

    if (!IsListEmpty(&Request->Links)) {
        RemoveEntryList(&Request->Links);
        IopFinishRequest(Host, Request, STATUS_CANCELLED, 0);
        return;
    }
    Request->CancelWanted = TRUE;
    IopPumpHost(Host);
}

NTSTATUS IopSendIrp(PHOST Host, PHOST_FILE File, PIRP Irp, const DRIVER_REQUEST *Entry)
{
    PHOST_REQUEST Request;
    ULONG Input, Output;
    BOOLEAN Shared;
    NTSTATUS Status;

    if (Host->State == HostFailed)
        return STATUS_DEVICE_NOT_CONNECTED;
    Request = IopNewRequest(File, Entry->Operation);
    if (Request == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    InitializeListHead(&Request->Links);
    Request->Irp = Irp;
    Request->File = File;
    Request->Entry = *Entry;
    /* What ends an open ends requests, too: it waits for nobody's share. */
    if (Irp->Thread != NULL && Entry->Operation != IRP_MJ_CLEANUP && Entry->Operation != IRP_MJ_CLOSE)
        Request->Owner = (PEPROCESS)Irp->Thread->Tcb.OwningProcess;
    Status = IopLayOut(Request, &Input, &Output, &Shared) ? STATUS_NO_MEMORY : STATUS_INSUFFICIENT_RESOURCES;
    if (Status == STATUS_NO_MEMORY && Host->State == HostRunning && !IopHasWaiting(Host, Request->Owner) &&
        IopIsWithinShare(Host, Request->Owner))
        Status = IopPushRequest(Host, Request);
    if (!NT_SUCCESS(Status) && Status != STATUS_NO_MEMORY) {
        ExFreePool(Request);
        return Status;
    }
    Irp->DriverContext[0] = Request;
    Irp->CancelRoutine = IopCancelHostIrp;
    Irp->Pending = TRUE;
    IopNoteActivity();
    if (Status == STATUS_NO_MEMORY)
        InsertTailList(&Host->Waiting, &Request->Links);
    else
        IopWakeHost(Host);
    return STATUS_PENDING;
}

/* ---- completion ---- */

/* Output to the caller; the status the request ends with. */
static NTSTATUS IopTakeOutput(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status, ULONG_PTR Information)
{
    ULONG Length = Request->Entry.OutputLength;
    NTSTATUS CopyStatus;

    if (NT_ERROR(Status) || Length == 0 || Request->Irp == NULL)
        return Status;
    if (Request->Entry.Operation == IRP_MJ_DEVICE_CONTROL &&
        (Request->Irp->Parameters.Control.Code & 3) == METHOD_IN_DIRECT)
        return Status;
    if (Information < Length)
        Length = (ULONG)Information;
    CopyStatus = IopCopyOutput(Request->Irp, 0, Host->Region + Request->Entry.OutputOffset, Length);
    return NT_SUCCESS(CopyStatus) ? Status : CopyStatus;
}

/* A write of a byte stream that took its whole piece goes on with the next. */
static BOOLEAN IopContinueTransfer(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status, ULONG_PTR Information)
{
    if (Request->Irp == NULL || Request->Entry.Operation != IRP_MJ_WRITE)
        return FALSE;
    Request->Piece += (ULONG)Information;
    if (!NT_SUCCESS(Status) || Information != Request->Entry.InputLength ||
        Request->Piece >= Request->Irp->InputLength ||
        Request->CancelWanted || Request->Irp->Thread == NULL)
        return FALSE;
    InsertHeadList(&Host->Waiting, &Request->Links);
    return TRUE;
}

/* What a driver may not say, for it means something to those who wait here: reparse points are no driver's, and no thread of theirs ends. */
static NTSTATUS IopDriversStatus(ULONG Operation, NTSTATUS Status)
{
    if (Status == STATUS_REPARSE && Operation == IRP_MJ_CREATE)
        return STATUS_IO_REPARSE_DATA_INVALID;
    return Status == STATUS_THREAD_IS_TERMINATING ? STATUS_CANCELLED : Status;
}

static VOID IopCompleteEntry(PHOST Host, const DRIVER_COMPLETION *Completion)
{
    PHOST_REQUEST Request = Host->Slots[Completion->RequestId & HOST_SLOT_MASK];
    ULONG_PTR Information = Completion->Information;
    NTSTATUS Status = Completion->Status;
    BOOLEAN Write;

    if (Request == NULL || Request->Entry.RequestId != Completion->RequestId || Status == STATUS_PENDING) {
        IopBreakHost(Host, "completion of an unknown request");
        return;
    }
    Status = IopDriversStatus(Request->Entry.Operation, Status);
    Write = Request->Entry.Operation == IRP_MJ_WRITE;
    if (Write && Information > Request->Entry.InputLength) {
        if (!NT_ERROR(Status)) {
            IopBreakHost(Host, "completion with an impossible length");
            return;
        }
        Information = 0;
    }
    if (!Write && Request->Entry.OutputLength != 0 && Information > Request->Entry.OutputLength)
        Information = Request->Entry.OutputLength;
    Host->Slots[Request->Slot] = NULL;
    Host->Active--;
    Status = IopTakeOutput(Host, Request, Status, Information);
    IopReleaseData(Host, Request);
    if (IopContinueTransfer(Host, Request, Status, Information))
        return;
    IopFinishRequest(Host, Request, Status, Write && Request->Irp != NULL ? Request->Piece : Information);
}

VOID IopHostDoorbell(PVOID Context)
{
    PHOST Host = Context;
    DRIVER_RINGS *Rings = Host->Rings;

    if (Host->Process == NULL)
        return;
    for (;;) {
        ULONG Tail = __atomic_load_n(&Rings->CompletionTail, __ATOMIC_ACQUIRE);

        if (Tail - Host->CompletionHead > DRIVER_RING_ENTRIES) {
            IopBreakHost(Host, "completion index out of range");
            return;
        }
        while (Host->CompletionHead != Tail) {
            DRIVER_COMPLETION Completion = Rings->Completion[Host->CompletionHead & HOST_SLOT_MASK];

            __atomic_store_n(&Rings->CompletionHead, ++Host->CompletionHead, __ATOMIC_RELEASE);
            IopCompleteEntry(Host, &Completion);
        }
        __atomic_store_n(&Rings->ExecutiveSleeping, 1, __ATOMIC_SEQ_CST);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (__atomic_load_n(&Rings->CompletionTail, __ATOMIC_ACQUIRE) == Host->CompletionHead)
            break;
        __atomic_store_n(&Rings->ExecutiveSleeping, 0, __ATOMIC_SEQ_CST);
    }
    IopPumpHost(Host);
}

VOID IopAbortRequests(PHOST Host, BOOLEAN KeepReads)
{
    LIST_ENTRY Waiting;

    InitializeListHead(&Waiting);
    /* Out of the dead host's hands first, so that no completion finds a half-torn ring. */
    for (ULONG Slot = DRIVER_RING_ENTRIES; Slot-- > 0;) {
        PHOST_REQUEST Request = Host->Slots[Slot];

        if (Request == NULL)
            continue;
        Host->Slots[Slot] = NULL;
        Host->Active--;
        IopReleaseData(Host, Request);
        InsertHeadList(&Waiting, &Request->Links);
    }
    while (!IsListEmpty(&Host->Waiting)) {
        PHOST_REQUEST Request = CONTAINING_RECORD(RemoveHeadList(&Host->Waiting), HOST_REQUEST, Links);

        /* What had not been sent is kept too. */
        Request->CancelSent = TRUE;
        InsertTailList(&Waiting, &Request->Links);
    }
    while (!IsListEmpty(&Waiting)) {
        PHOST_REQUEST Request = CONTAINING_RECORD(RemoveHeadList(&Waiting), HOST_REQUEST, Links);
        BOOLEAN Unsent = Request->CancelSent && !Request->CancelWanted;

        InitializeListHead(&Request->Links);
        if (Request->Irp != NULL && KeepReads && !Request->CancelWanted && (Unsent ||
                                                                            Request->Entry.Operation == IRP_MJ_READ)) {
            Request->CancelSent = FALSE;
            InsertTailList(&Host->Waiting, &Request->Links);
            continue;
        }
        IopFinishRequest(Host, Request, Request->CancelWanted ? STATUS_CANCELLED : STATUS_DEVICE_NOT_CONNECTED,
                         Request->Piece);
    }
}

VOID IopResetRings(PHOST Host)
{
    memset((PVOID)Host->Rings, 0, sizeof(*Host->Rings));
    Host->SubmissionTail = 0;
    Host->CompletionHead = 0;
    Host->LastActivity = Host->Unchanged = 0;
    Host->Rung = FALSE;
    Host->Rings->ExecutiveSleeping = 1;
    RtlInitializeBitMap(&Host->DataBitmap, Host->DataBits, DRIVER_DATA_SIZE / HOST_GRANULE);
    RtlClearAllBits(&Host->DataBitmap);
    Host->DataInUse = 0;
}
