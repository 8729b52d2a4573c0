/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shmem.sys: \Device\SharedMemory, memory outside the machine's RAM that its host sees too (QEMU: a memory backend that
 * is a shared file).  A read or write copies at its byte offset and completes where it arrives; ordering and
 * ownership of the bytes are an agreement of those who use it.
 */
#include "drivers/lib/fdo.h"

typedef struct _DEVICE_EXTENSION {
    FDO Fdo;
    PUCHAR Memory;
    ULONG Length;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE ShmemAddDevice;
static DRIVER_DISPATCH ShmemReadWrite;

static NTSTATUS NTAPI ShmemReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    BOOLEAN IsRead = Stack->MajorFunction == IRP_MJ_READ;
    ULONGLONG Offset = (ULONGLONG)(IsRead ? Stack->Parameters.Read.ByteOffset : Stack->Parameters.Write.ByteOffset).QuadPart;
    ULONG Length = IsRead ? Stack->Parameters.Read.Length : Stack->Parameters.Write.Length;

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    if (Offset > Extension->Length || Length > Extension->Length - Offset)
        return FdoComplete(Irp, STATUS_INVALID_PARAMETER, 0);
    if (IsRead)
        RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, Extension->Memory + Offset, Length);
    else
        RtlCopyMemory(Extension->Memory + Offset, Irp->AssociatedIrp.SystemBuffer, Length);
    return FdoComplete(Irp, STATUS_SUCCESS, Length);
}

static NTSTATUS NTAPI ShmemAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\SharedMemory");
    PVOID Extension;
    NTSTATUS Status = FdoCreate(DriverObject, PhysicalDeviceObject, &Name, &Extension);

    return NT_SUCCESS(Status) ? FdoReady(Extension) : Status;
}

static NTSTATUS ShmemStart(PVOID Context, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PDEVICE_EXTENSION Extension = Context;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Memory = FdoFindResource(Resources, CmResourceTypeMemory, 0);

    if (Memory == NULL || Memory->u.Memory.Length == 0)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Extension->Length = Memory->u.Memory.Length;
    Extension->Memory = MmMapIoSpace(Memory->u.Memory.Start, Extension->Length, MmCached);
    return Extension->Memory != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static VOID ShmemStop(PVOID Context)
{
    PDEVICE_EXTENSION Extension = Context;

    MmUnmapIoSpace(Extension->Memory, Extension->Length);
}

const FDO_DRIVER FdoDriver = {
    .ExtensionSize = sizeof(DEVICE_EXTENSION),
    .DeviceType = FILE_DEVICE_UNKNOWN,
    .DeviceFlags = DO_BUFFERED_IO,
    .PriorityBoost = IO_NO_INCREMENT,
    .Start = ShmemStart,
    .Stop = ShmemStop,
};

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    FdoInitializeDriver(DriverObject, ShmemAddDevice);
    DriverObject->MajorFunction[IRP_MJ_READ] = ShmemReadWrite;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = ShmemReadWrite;
    return STATUS_SUCCESS;
}
