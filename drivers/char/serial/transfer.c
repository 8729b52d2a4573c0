/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads, writes and flushes: queues, timeouts, cancellation.
 *
 * A waiting IRP is in exactly one queue and has a cancel routine; whoever takes it out clears the cancel routine first,
 * and leaves the IRP to the cancel routine if that has been called already.  IoStatus.Information of a read counts
 * the bytes done, of a write it is 1 once the UART has begun it.  Only the first of a queue is worked on.
 * A flush waits in the write queue as a write of no bytes.
 *
 * Timeouts are SERIAL_TIMEOUTS' (Windows documentation): total time and, for reads, time between two bytes;
 * ReadIntervalTimeout MAXULONG: a read ends with what is there.
 */
#include "serial.h"

static DRIVER_CANCEL SerialCancel;

/* --- queues ----------------------------------------------------------------------------------------------------- */

static PIRP SerialFirst(PLIST_ENTRY Queue)
{
    return IsListEmpty(Queue) ? NULL : CONTAINING_RECORD(Queue->Flink, IRP, Tail.Overlay.ListEntry);
}

BOOLEAN SerialQueueIrp(PLIST_ENTRY Queue, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    IoMarkIrpPending(Irp);
    InsertTailList(Queue, &Irp->Tail.Overlay.ListEntry);
    (VOID)IoSetCancelRoutine(Irp, SerialCancel);
    if (!Irp->Cancel || IoSetCancelRoutine(Irp, NULL) == NULL)
        return TRUE;
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    return FALSE;
}

/* Takes Irp out of its queue for completion; FALSE: its cancel routine is on the way and completes it. */
static BOOLEAN SerialTake(PIRP Irp)
{
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    InitializeListHead(&Irp->Tail.Overlay.ListEntry);
    return IoSetCancelRoutine(Irp, NULL) != NULL;
}

/* The UART shall forget Irp's bytes, because Irp goes; returns how many it has sent. */
static ULONG SerialStopOutput(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    ULONG Sent;
    KIRQL Irql;

    if (IoGetCurrentIrpStackLocation(Irp)->MajorFunction != IRP_MJ_WRITE || Irp->IoStatus.Information == 0)
        return 0;
    Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);
    Sent = IoGetCurrentIrpStackLocation(Irp)->Parameters.Write.Length - Extension->OutputLength;
    Extension->OutputLength = 0;
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
    return Sent;
}

static VOID NTAPI SerialCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    UCHAR MajorFunction = IoGetCurrentIrpStackLocation(Irp)->MajorFunction;
    ULONG_PTR Information = Irp->IoStatus.Information;
    KIRQL Irql;

    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&Extension->Lock, &Irql);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    if (MajorFunction != IRP_MJ_READ)
        Information = SerialStopOutput(Extension, Irp);
    KeReleaseSpinLock(&Extension->Lock, Irql);
    FdoComplete(Irp, STATUS_CANCELLED, Information);
    KeInsertQueueDpc(&Extension->Dpc, NULL, NULL); /* the next one may have become the first */
}

VOID SerialAbort(PDEVICE_EXTENSION Extension, PLIST_ENTRY Queue, PFILE_OBJECT FileObject)
{
    PLIST_ENTRY Entry, Next;
    LIST_ENTRY Aborted;
    KIRQL Irql;
    PIRP Irp;

    InitializeListHead(&Aborted);
    KeAcquireSpinLock(&Extension->Lock, &Irql);
    for (Entry = Queue->Flink; Entry != Queue; Entry = Next) {
        Next = Entry->Flink;
        Irp = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);
        if (FileObject != NULL && IoGetCurrentIrpStackLocation(Irp)->FileObject != FileObject)
            continue;
        if (!SerialTake(Irp))
            continue;
        if (Queue == &Extension->Writes)
            Irp->IoStatus.Information = SerialStopOutput(Extension, Irp);
        InsertTailList(&Aborted, &Irp->Tail.Overlay.ListEntry);
    }
    KeReleaseSpinLock(&Extension->Lock, Irql);
    while (!IsListEmpty(&Aborted)) {
        Irp = CONTAINING_RECORD(RemoveHeadList(&Aborted), IRP, Tail.Overlay.ListEntry);
        FdoComplete(Irp, STATUS_CANCELLED, Irp->IoStatus.Information);
    }
}

/* --- reads ------------------------------------------------------------------------------------------------------ */

static VOID SerialArm(PKTIMER Timer, PKDPC Dpc, ULONGLONG Milliseconds)
{
    LARGE_INTEGER DueTime;

    DueTime.QuadPart = -(LONGLONG)Milliseconds * 10000;
    KeSetTimer(Timer, DueTime, Dpc);
}

static BOOLEAN SerialEndsWithWhatIsThere(PDEVICE_EXTENSION Extension, ULONG_PTR Done)
{
    const SERIAL_TIMEOUTS *Timeouts = &Extension->Timeouts;

    if (Timeouts->ReadIntervalTimeout != MAXULONG)
        return FALSE;
    return Done > 0 || (Timeouts->ReadTotalTimeoutMultiplier == 0 && Timeouts->ReadTotalTimeoutConstant == 0);
}

/* A read has become the first: its total time runs from now. */
static VOID SerialArmRead(PDEVICE_EXTENSION Extension, ULONG Length)
{
    const SERIAL_TIMEOUTS *Timeouts = &Extension->Timeouts;
    ULONGLONG Total = Timeouts->ReadTotalTimeoutConstant;

    if (Timeouts->ReadTotalTimeoutMultiplier != MAXULONG)
        Total += (ULONGLONG)Timeouts->ReadTotalTimeoutMultiplier * Length;
    if (Total != 0 && Timeouts->ReadTotalTimeoutConstant < MAXULONG - 1)
        SerialArm(&Extension->ReadTimer, &Extension->ReadTimeout, Total);
}

/* Gives the first read what there is; returns it, taken from the queue, if that ends it.  Under Lock. */
static PIRP SerialAdvanceRead(PDEVICE_EXTENSION Extension)
{
    PIRP Irp;
    ULONG Length, Taken;
    KIRQL Irql;

    while ((Irp = SerialFirst(&Extension->Reads)) != NULL) {
        Length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;
        Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);
        Taken = UartTakeInput(Extension, (PUCHAR)Irp->AssociatedIrp.SystemBuffer + Irp->IoStatus.Information,
                              Length - (ULONG)Irp->IoStatus.Information);
        KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
        Irp->IoStatus.Information += Taken;
        if (Irp->IoStatus.Information < Length && !SerialEndsWithWhatIsThere(Extension, Irp->IoStatus.Information)) {
            if (Taken > 0 && Extension->Timeouts.ReadIntervalTimeout - 1 < MAXULONG - 1)
                SerialArm(&Extension->ReadTimer, &Extension->ReadTimeout, Extension->Timeouts.ReadIntervalTimeout);
            return NULL;
        }
        KeCancelTimer(&Extension->ReadTimer);
        if (!SerialTake(Irp))
            continue;
        if (SerialFirst(&Extension->Reads) != NULL)
            SerialArmRead(Extension,
                          IoGetCurrentIrpStackLocation(SerialFirst(&Extension->Reads))->Parameters.Read.Length);
        return Irp;
    }
    return NULL;
}

static VOID SerialServeReads(PDEVICE_EXTENSION Extension)
{
    KIRQL Irql;
    PIRP Irp;

    do {
        KeAcquireSpinLock(&Extension->Lock, &Irql);
        Irp = SerialAdvanceRead(Extension);
        KeReleaseSpinLock(&Extension->Lock, Irql);
        if (Irp != NULL)
            FdoComplete(Irp, STATUS_SUCCESS, Irp->IoStatus.Information);
    } while (Irp != NULL);
}

VOID NTAPI SerialReadTimeout(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION Extension = Context;
    KIRQL Irql;
    PIRP Irp;

    KeAcquireSpinLock(&Extension->Lock, &Irql);
    Irp = SerialFirst(&Extension->Reads);
    if (Irp != NULL && !SerialTake(Irp))
        Irp = NULL;
    if (SerialFirst(&Extension->Reads) != NULL)
        SerialArmRead(Extension, IoGetCurrentIrpStackLocation(SerialFirst(&Extension->Reads))->Parameters.Read.Length);
    KeReleaseSpinLock(&Extension->Lock, Irql);
    if (Irp != NULL)
        FdoComplete(Irp, STATUS_TIMEOUT, Irp->IoStatus.Information);
    SerialServeReads(Extension);
}

/* --- writes ----------------------------------------------------------------------------------------------------- */

/* The first write is done when the UART has taken all of it: then it is returned, and the next one starts.  Under
 * Lock. */
static PIRP SerialAdvanceWrite(PDEVICE_EXTENSION Extension)
{
    const SERIAL_TIMEOUTS *Timeouts = &Extension->Timeouts;
    ULONGLONG Total;
    ULONG Length;
    BOOLEAN IsDone;
    KIRQL Irql;
    PIRP Irp;

    while ((Irp = SerialFirst(&Extension->Writes)) != NULL) {
        Length = IoGetCurrentIrpStackLocation(Irp)->MajorFunction == IRP_MJ_WRITE ?
                 IoGetCurrentIrpStackLocation(Irp)->Parameters.Write.Length : 0;
        Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);
        if (Irp->IoStatus.Information == 0 && Length != 0) {
            Extension->OutputNext = Irp->AssociatedIrp.SystemBuffer;
            Extension->OutputLength = Length;
            Irp->IoStatus.Information = 1;
            UartTransmit(Extension);
            Total = Timeouts->WriteTotalTimeoutConstant + (ULONGLONG)Timeouts->WriteTotalTimeoutMultiplier * Length;
            if (Extension->OutputLength != 0 && Total != 0)
                SerialArm(&Extension->WriteTimer, &Extension->WriteTimeout, Total);
        }
        IsDone = Extension->OutputLength == 0;
        KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
        if (!IsDone)
            return NULL;
        KeCancelTimer(&Extension->WriteTimer);
        Irp->IoStatus.Information = Length;
        if (SerialTake(Irp))
            return Irp;
    }
    return NULL;
}

static VOID SerialServeWrites(PDEVICE_EXTENSION Extension)
{
    KIRQL Irql;
    PIRP Irp;

    do {
        KeAcquireSpinLock(&Extension->Lock, &Irql);
        Irp = SerialAdvanceWrite(Extension);
        KeReleaseSpinLock(&Extension->Lock, Irql);
        if (Irp != NULL)
            FdoComplete(Irp, STATUS_SUCCESS, Irp->IoStatus.Information);
    } while (Irp != NULL);
}

VOID NTAPI SerialWriteTimeout(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION Extension = Context;
    ULONG Sent = 0;
    KIRQL Irql;
    PIRP Irp;

    KeAcquireSpinLock(&Extension->Lock, &Irql);
    Irp = SerialFirst(&Extension->Writes);
    if (Irp != NULL)
        Sent = SerialStopOutput(Extension, Irp);
    if (Irp != NULL && !SerialTake(Irp))
        Irp = NULL;
    KeReleaseSpinLock(&Extension->Lock, Irql);
    if (Irp != NULL)
        FdoComplete(Irp, STATUS_TIMEOUT, Sent);
    SerialServeWrites(Extension);
}

/* --- entry points ----------------------------------------------------------------------------------------------- */

VOID NTAPI SerialDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION Extension = Context;

    SerialServeReads(Extension);
    SerialServeWrites(Extension);
    SerialReportEvents(Extension);
}

NTSTATUS NTAPI SerialReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    BOOLEAN IsRead = Stack->MajorFunction == IRP_MJ_READ;
    ULONG Length = IsRead ? Stack->Parameters.Read.Length : Stack->Parameters.Write.Length;
    BOOLEAN IsQueued;
    KIRQL Irql;

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    if (Length == 0)
        return FdoComplete(Irp, STATUS_SUCCESS, 0);
    KeAcquireSpinLock(&Extension->Lock, &Irql);
    IsQueued = SerialQueueIrp(IsRead ? &Extension->Reads : &Extension->Writes, Irp);
    if (IsQueued && IsRead && SerialFirst(&Extension->Reads) == Irp)
        SerialArmRead(Extension, Length);
    KeReleaseSpinLock(&Extension->Lock, Irql);
    if (!IsQueued)
        FdoComplete(Irp, STATUS_CANCELLED, 0);
    else if (IsRead)
        SerialServeReads(Extension);
    else
        SerialServeWrites(Extension);
    return STATUS_PENDING;
}

NTSTATUS NTAPI SerialFlush(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    BOOLEAN IsQueued;
    KIRQL Irql;

    KeAcquireSpinLock(&Extension->Lock, &Irql);
    IsQueued = SerialQueueIrp(&Extension->Writes, Irp);
    KeReleaseSpinLock(&Extension->Lock, Irql);
    if (!IsQueued)
        FdoComplete(Irp, STATUS_CANCELLED, 0);
    else
        SerialServeWrites(Extension);
    return STATUS_PENDING;
}

NTSTATUS NTAPI SerialCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PFILE_OBJECT FileObject = IoGetCurrentIrpStackLocation(Irp)->FileObject;

    SerialAbort(Extension, &Extension->Reads, FileObject);
    SerialAbort(Extension, &Extension->Writes, FileObject);
    SerialAbort(Extension, &Extension->Waits, FileObject);
    KeInsertQueueDpc(&Extension->Dpc, NULL, NULL);
    return FdoComplete(Irp, STATUS_SUCCESS, 0);
}
