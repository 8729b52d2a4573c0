/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The class side: reads of KEYBOARD_INPUT_DATA and IOCTL_KEYBOARD_x.
 *
 * A read ends with the events that are there, at least one; the first waiting read gets them.  Its buffer must hold at
 * least one event.  Waiting reads are in a cancel-safe queue.
 */
#include "i8042prt.h"

/* --- the queue of reads (IO_CSQ) -------------------------------------------------------------------------------- */

static PDEVICE_EXTENSION KeyboardOfQueue(PIO_CSQ Csq)
{
    return CONTAINING_RECORD(Csq, DEVICE_EXTENSION, Queue);
}

static VOID NTAPI KeyboardInsertIrp(PIO_CSQ Csq, PIRP Irp)
{
    InsertTailList(&KeyboardOfQueue(Csq)->Reads, &Irp->Tail.Overlay.ListEntry);
}

static VOID NTAPI KeyboardRemoveIrp(PIO_CSQ Csq, PIRP Irp)
{
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

/* PeekContext is a file object, or NULL for any. */
static PIRP NTAPI KeyboardPeekNextIrp(PIO_CSQ Csq, PIRP Irp, PVOID PeekContext)
{
    PLIST_ENTRY Head = &KeyboardOfQueue(Csq)->Reads, Entry;
    PIRP Next;

    for (Entry = Irp != NULL ? Irp->Tail.Overlay.ListEntry.Flink : Head->Flink; Entry != Head; Entry = Entry->Flink) {
        Next = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);
        if (PeekContext == NULL || IoGetCurrentIrpStackLocation(Next)->FileObject == PeekContext)
            return Next;
    }
    return NULL;
}

static VOID NTAPI KeyboardAcquireLock(PIO_CSQ Csq, PKIRQL Irql)
{
    KeAcquireSpinLock(&KeyboardOfQueue(Csq)->Lock, Irql);
}

static VOID NTAPI KeyboardReleaseLock(PIO_CSQ Csq, KIRQL Irql)
{
    KeReleaseSpinLock(&KeyboardOfQueue(Csq)->Lock, Irql);
}

static VOID NTAPI FdoCompleteCanceledIrp(PIO_CSQ Csq, PIRP Irp)
{
    FdoComplete(Irp, STATUS_CANCELLED, 0);
}

NTSTATUS KeyboardInitializeQueue(PDEVICE_EXTENSION Extension)
{
    InitializeListHead(&Extension->Reads);
    return IoCsqInitialize(&Extension->Queue, KeyboardInsertIrp, KeyboardRemoveIrp, KeyboardPeekNextIrp,
                           KeyboardAcquireLock, KeyboardReleaseLock, FdoCompleteCanceledIrp);
}

VOID KeyboardAbortReads(PDEVICE_EXTENSION Extension, PFILE_OBJECT FileObject)
{
    PIRP Irp;

    while ((Irp = IoCsqRemoveNextIrp(&Extension->Queue, FileObject)) != NULL)
        FdoComplete(Irp, STATUS_CANCELLED, 0);
}

/* --- reads ------------------------------------------------------------------------------------------------------ */

static ULONG KeyboardTakeEvents(PDEVICE_EXTENSION Extension, PKEYBOARD_INPUT_DATA Buffer, ULONG Room)
{
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);
    ULONG Count = 0;

    while (Count < Room && Extension->EventHead != Extension->EventTail)
        Buffer[Count++] = Extension->Events[Extension->EventHead++ % KEYBOARD_QUEUE_SIZE];
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
    return Count;
}

static BOOLEAN KeyboardHasEvents(PDEVICE_EXTENSION Extension)
{
    return Extension->EventHead != Extension->EventTail;
}

VOID NTAPI KeyboardDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    PDEVICE_EXTENSION Extension = Context;
    ULONG Room, Count;
    PIRP Irp;

    while (KeyboardHasEvents(Extension) && (Irp = IoCsqRemoveNextIrp(&Extension->Queue, NULL)) != NULL) {
        Room = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length / sizeof(KEYBOARD_INPUT_DATA);
        Count = KeyboardTakeEvents(Extension, Irp->AssociatedIrp.SystemBuffer, Room);
        FdoComplete(Irp, STATUS_SUCCESS, Count * sizeof(KEYBOARD_INPUT_DATA));
    }
}

NTSTATUS NTAPI KeyboardRead(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    ULONG Length = IoGetCurrentIrpStackLocation(Irp)->Parameters.Read.Length;

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    if (Length == 0)
        return FdoComplete(Irp, STATUS_SUCCESS, 0);
    if (Length < sizeof(KEYBOARD_INPUT_DATA))
        return FdoComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    IoCsqInsertIrp(&Extension->Queue, Irp, NULL);
    KeInsertQueueDpc(&Extension->Dpc, NULL, NULL); /* for events that are there already */
    return STATUS_PENDING;
}

NTSTATUS NTAPI KeyboardCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    KeyboardAbortReads(DeviceObject->DeviceExtension, IoGetCurrentIrpStackLocation(Irp)->FileObject);
    return FdoComplete(Irp, STATUS_SUCCESS, 0);
}

/* --- IOCTL_KEYBOARD_x ------------------------------------------------------------------------------------------- */

static VOID KeyboardDescribe(PKEYBOARD_ATTRIBUTES Attributes)
{
    static const KEYBOARD_ATTRIBUTES Enhanced = {
        .KeyboardIdentifier = {.Type = 4}, /* 101 or 102 keys */
        .KeyboardMode = 1,                 /* scan code set 1 */
        .NumberOfFunctionKeys = 12,
        .NumberOfIndicators = 3,
        .NumberOfKeysTotal = 102,
        .InputDataQueueLength = KEYBOARD_QUEUE_SIZE,
        .KeyRepeatMinimum = {0, 2, 250},
        .KeyRepeatMaximum = {0, 30, 1000},
    };

    *Attributes = Enhanced;
}

static NTSTATUS KeyboardControl(PDEVICE_EXTENSION Extension, PIRP Irp, PULONG_PTR Information)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG InputLength = Stack->Parameters.DeviceIoControl.InputBufferLength;
    ULONG OutputLength = Stack->Parameters.DeviceIoControl.OutputBufferLength;
    PKEYBOARD_INDICATOR_PARAMETERS Indicators = Irp->AssociatedIrp.SystemBuffer;

    switch (Stack->Parameters.DeviceIoControl.IoControlCode) {
    case IOCTL_KEYBOARD_QUERY_ATTRIBUTES:
        if (OutputLength < sizeof(KEYBOARD_ATTRIBUTES))
            return STATUS_BUFFER_TOO_SMALL;
        KeyboardDescribe(Irp->AssociatedIrp.SystemBuffer);
        *Information = sizeof(KEYBOARD_ATTRIBUTES);
        return STATUS_SUCCESS;
    case IOCTL_KEYBOARD_QUERY_INDICATORS:
        if (OutputLength < sizeof(*Indicators))
            return STATUS_BUFFER_TOO_SMALL;
        Indicators->UnitId = 0;
        Indicators->LedFlags = Extension->Indicators;
        *Information = sizeof(*Indicators);
        return STATUS_SUCCESS;
    case IOCTL_KEYBOARD_SET_INDICATORS:
        if (InputLength < sizeof(*Indicators))
            return STATUS_BUFFER_TOO_SMALL;
        if (Indicators->LedFlags & ~(KEYBOARD_CAPS_LOCK_ON | KEYBOARD_NUM_LOCK_ON | KEYBOARD_SCROLL_LOCK_ON))
            return STATUS_INVALID_PARAMETER;
        Extension->Indicators = Indicators->LedFlags;
        ControllerSetIndicators(Extension, Indicators->LedFlags);
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

NTSTATUS NTAPI KeyboardDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    ULONG_PTR Information = 0;
    NTSTATUS Status;

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    Status = KeyboardControl(Extension, Irp, &Information);
    return FdoComplete(Irp, Status, Information);
}
