/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IRPs inside the host: allocation, the way down the device stack, completion on the way up, cancellation.
 *
 * An IRP belongs to whoever made it: the ring (request.c answers the executive and frees it), a driver that
 * called IoAllocateIrp (frees it itself, in its completion routine), or IoBuildSynchronousFsdRequest and its like
 * (completion writes the status block, sets the event and frees it).  AllocationFlags says which.
 *
 * Nothing here waits, except IoForwardIrpSynchronously.
 */
#include "host.h"

static KSPIN_LOCK HostCancelLock;

VOID HostInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
    RtlZeroMemory(Irp, PacketSize);
    Irp->Type = IO_TYPE_IRP;
    Irp->Size = PacketSize;
    Irp->StackCount = StackSize;
    Irp->CurrentLocation = (CHAR)(StackSize + 1);
    InitializeListHead(&Irp->ThreadListEntry);
    Irp->Tail.Overlay.CurrentStackLocation = (PIO_STACK_LOCATION)(Irp + 1) + StackSize;
    Irp->Tail.Overlay.Thread = (PETHREAD)HostCurrentThread();
}

VOID NTAPI IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
    HostInitializeIrp(Irp, PacketSize, StackSize);
}

PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
    USHORT Size = IoSizeOfIrp(StackSize);
    PIRP Irp = ExAllocatePoolWithTag(NonPagedPool, Size, HOST_TAG);

    if (Irp == NULL)
        return NULL;
    HostInitializeIrp(Irp, Size, StackSize);
    Irp->AllocationFlags = HOST_IRP_ALLOCATED;
    return Irp;
}

VOID NTAPI IoFreeIrp(PIRP Irp)
{
    if (Irp->AllocationFlags & (HOST_IRP_ALLOCATED | HOST_IRP_THREADED))
        ExFreePoolWithTag(Irp, HOST_TAG);
}

VOID NTAPI IoReuseIrp(PIRP Irp, NTSTATUS Status)
{
    UCHAR Flags = Irp->AllocationFlags;

    HostInitializeIrp(Irp, Irp->Size, Irp->StackCount);
    Irp->AllocationFlags = Flags;
    Irp->IoStatus.Status = Status;
}

NTSTATUS FASTCALL IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack;

    if (--Irp->CurrentLocation <= 0)
        KeBugCheckEx(0x35 /* NO_MORE_IRP_STACK_LOCATIONS */, (ULONG_PTR)Irp, 0, 0, 0);
    Stack = --Irp->Tail.Overlay.CurrentStackLocation;
    Stack->DeviceObject = DeviceObject;
    return DeviceObject->DriverObject->MajorFunction[Stack->MajorFunction](DeviceObject, Irp);
}

NTSTATUS NTAPI PoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return IofCallDriver(DeviceObject, Irp);
}

VOID NTAPI PoStartNextPowerIrp(PIRP Irp)
{
    /* Since Windows Vista the next power IRP needs no driver's permission. */
}

static BOOLEAN HostWantsCompletion(const IO_STACK_LOCATION *Stack, const IRP *Irp)
{
    if (Stack->CompletionRoutine == NULL)
        return FALSE;
    if (Irp->Cancel && (Stack->Control & SL_INVOKE_ON_CANCEL))
        return TRUE;
    return (Stack->Control & (NT_SUCCESS(Irp->IoStatus.Status) ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR)) != 0;
}

/* The last step for an IRP of IoBuildXxxFsdRequest. */
static VOID HostFinishThreadedIrp(PIRP Irp)
{
    if (Irp->UserIosb != NULL)
        *Irp->UserIosb = Irp->IoStatus;
    if ((Irp->Flags & IRP_INPUT_OPERATION) && NT_SUCCESS(Irp->IoStatus.Status))
        RtlCopyMemory(Irp->UserBuffer, Irp->AssociatedIrp.SystemBuffer, Irp->IoStatus.Information);
    if (Irp->UserEvent != NULL)
        KeSetEvent(Irp->UserEvent, IO_NO_INCREMENT, FALSE);
    if (Irp->Flags & IRP_DEALLOCATE_BUFFER)
        ExFreePoolWithTag(Irp->AssociatedIrp.SystemBuffer, HOST_TAG);
    if (Irp->MdlAddress != NULL)
        IoFreeMdl(Irp->MdlAddress);
    IoFreeIrp(Irp);
}

VOID FASTCALL IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    PIO_STACK_LOCATION Stack;
    PDEVICE_OBJECT DeviceObject;

    while (Irp->CurrentLocation <= Irp->StackCount) {
        Stack = Irp->Tail.Overlay.CurrentStackLocation;
        Irp->PendingReturned = (Stack->Control & SL_PENDING_RETURNED) != 0;
        Irp->CurrentLocation++;
        Irp->Tail.Overlay.CurrentStackLocation++;
        DeviceObject = Irp->CurrentLocation > Irp->StackCount ? NULL : IoGetCurrentIrpStackLocation(Irp)->DeviceObject;
        if (HostWantsCompletion(Stack, Irp)) {
            if (Stack->CompletionRoutine(DeviceObject, Irp, Stack->Context) == STATUS_MORE_PROCESSING_REQUIRED)
                return;
        } else if (Irp->PendingReturned && Irp->CurrentLocation <= Irp->StackCount) {
            IoMarkIrpPending(Irp);
        }
    }
    if (Irp->AllocationFlags & HOST_IRP_REQUEST)
        HostCompleteRequest(CONTAINING_RECORD(Irp, HOST_REQUEST, Irp));
    else if (Irp->AllocationFlags & HOST_IRP_THREADED)
        HostFinishThreadedIrp(Irp);
}

static NTSTATUS NTAPI HostSetEventOnCompletion(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

BOOLEAN NTAPI IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    KEVENT Event;

    if (Irp->CurrentLocation <= 1)
        return FALSE;
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, HostSetEventOnCompletion, &Event, TRUE, TRUE, TRUE);
    if (IofCallDriver(DeviceObject, Irp) == STATUS_PENDING)
        KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
    return TRUE;
}

/* --- IRPs that a driver sends to another device of its host ----------------------------------------------------- */

PIRP NTAPI IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
                                         PLARGE_INTEGER StartingOffset, PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP Irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);
    PIO_STACK_LOCATION Stack;

    if (Irp == NULL)
        return NULL;
    Stack = IoGetNextIrpStackLocation(Irp);
    Stack->MajorFunction = (UCHAR)MajorFunction;
    Irp->UserIosb = IoStatusBlock;
    if (MajorFunction != IRP_MJ_READ && MajorFunction != IRP_MJ_WRITE)
        return Irp;
    Stack->Parameters.Read.Length = Length; /* Write's parameters have the same layout */
    Stack->Parameters.Read.ByteOffset.QuadPart = StartingOffset != NULL ? StartingOffset->QuadPart : 0;
    Irp->UserBuffer = Buffer;
    if (DeviceObject->Flags & DO_BUFFERED_IO) {
        Irp->AssociatedIrp.SystemBuffer = Buffer; /* one address space: no copy is needed */
    } else if (DeviceObject->Flags & DO_DIRECT_IO) {
        Irp->MdlAddress = IoAllocateMdl(Buffer, Length, FALSE, FALSE, NULL);
        if (Irp->MdlAddress == NULL) {
            IoFreeIrp(Irp);
            return NULL;
        }
        MmBuildMdlForNonPagedPool(Irp->MdlAddress);
    }
    return Irp;
}

PIRP NTAPI IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length,
                                        PLARGE_INTEGER StartingOffset, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP Irp = IoBuildAsynchronousFsdRequest(MajorFunction, DeviceObject, Buffer, Length, StartingOffset,
                                             IoStatusBlock);

    if (Irp == NULL)
        return NULL;
    Irp->AllocationFlags = HOST_IRP_THREADED;
    Irp->UserEvent = Event;
    return Irp;
}

PIRP NTAPI IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject, PVOID InputBuffer,
                                         ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength,
                                         BOOLEAN InternalDeviceIoControl, PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
    PIRP Irp = IoAllocateIrp(DeviceObject->StackSize, FALSE);
    ULONG Length = max(InputBufferLength, OutputBufferLength);
    PIO_STACK_LOCATION Stack;

    if (Irp == NULL)
        return NULL;
    Irp->AllocationFlags = HOST_IRP_THREADED;
    Irp->UserIosb = IoStatusBlock;
    Irp->UserEvent = Event;
    Irp->UserBuffer = OutputBuffer;
    Stack = IoGetNextIrpStackLocation(Irp);
    Stack->MajorFunction = InternalDeviceIoControl ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL;
    Stack->Parameters.DeviceIoControl.IoControlCode = IoControlCode;
    Stack->Parameters.DeviceIoControl.InputBufferLength = InputBufferLength;
    Stack->Parameters.DeviceIoControl.OutputBufferLength = OutputBufferLength;
    Stack->Parameters.DeviceIoControl.Type3InputBuffer = InputBuffer;
    if ((IoControlCode & 3) != METHOD_BUFFERED || Length == 0)
        return Irp;
    Irp->AssociatedIrp.SystemBuffer = ExAllocatePoolWithTag(NonPagedPool, Length, HOST_TAG);
    if (Irp->AssociatedIrp.SystemBuffer == NULL) {
        IoFreeIrp(Irp);
        return NULL;
    }
    RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, InputBuffer, InputBufferLength);
    Irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | (OutputBufferLength != 0 ? IRP_INPUT_OPERATION : 0);
    return Irp;
}

/* --- cancellation ----------------------------------------------------------------------------------------------- */

VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql)
{
    KeAcquireSpinLock(&HostCancelLock, Irql);
}

VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql)
{
    KeReleaseSpinLock(&HostCancelLock, Irql);
}

BOOLEAN NTAPI IoCancelIrp(PIRP Irp)
{
    PDRIVER_CANCEL CancelRoutine;
    KIRQL OldIrql;

    IoAcquireCancelSpinLock(&OldIrql);
    Irp->Cancel = TRUE;
    CancelRoutine = IoSetCancelRoutine(Irp, NULL);
    if (CancelRoutine == NULL) {
        IoReleaseCancelSpinLock(OldIrql);
        return FALSE;
    }
    Irp->CancelIrql = OldIrql;
    CancelRoutine(IoGetCurrentIrpStackLocation(Irp)->DeviceObject, Irp);
    return TRUE;
}
