/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shmem.sys: \Device\SharedMemory, memory outside the machine's RAM that its host sees too (QEMU: a memory backend that
 * is a shared file).  A read or write copies at its byte offset and completes where it arrives; ordering and
 * ownership of the bytes are an agreement of those who use it.
 */
#include <ntddk.h>

typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT Device, Lower;
    PUCHAR Memory;                      /* NULL: not started */
    ULONG Length;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE ShmemAddDevice;
static DRIVER_DISPATCH ShmemOpenClose, ShmemReadWrite, ShmemPnp, ShmemPower;
static DRIVER_UNLOAD ShmemUnload;

static NTSTATUS ShmemComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI ShmemOpenClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return ShmemComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI ShmemReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    BOOLEAN IsRead = Stack->MajorFunction == IRP_MJ_READ;
    ULONGLONG Offset = (ULONGLONG)(IsRead ? Stack->Parameters.Read.ByteOffset : Stack->Parameters.Write.ByteOffset).QuadPart;
    ULONG Length = IsRead ? Stack->Parameters.Read.Length : Stack->Parameters.Write.Length;

    if (Extension->Memory == NULL)
        return ShmemComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    if (Offset > Extension->Length || Length > Extension->Length - Offset)
        return ShmemComplete(Irp, STATUS_INVALID_PARAMETER, 0);
    if (IsRead)
        RtlCopyMemory(Irp->AssociatedIrp.SystemBuffer, Extension->Memory + Offset, Length);
    else
        RtlCopyMemory(Extension->Memory + Offset, Irp->AssociatedIrp.SystemBuffer, Length);
    return ShmemComplete(Irp, STATUS_SUCCESS, Length);
}

static NTSTATUS NTAPI ShmemAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\SharedMemory");
    PDEVICE_EXTENSION Extension;
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    Status = IoCreateDevice(DriverObject, sizeof(*Extension), &Name, FILE_DEVICE_UNKNOWN, FILE_DEVICE_SECURE_OPEN, FALSE,
                            &DeviceObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Extension = DeviceObject->DeviceExtension;
    Extension->Device = DeviceObject;
    Extension->Lower = IoAttachDeviceToDeviceStack(DeviceObject, PhysicalDeviceObject);
    if (Extension->Lower == NULL) {
        IoDeleteDevice(DeviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    DeviceObject->Flags |= DO_BUFFERED_IO;
    DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static NTSTATUS ShmemStart(PDEVICE_EXTENSION Extension, PCM_RESOURCE_LIST Resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Memory;

    if (Resources == NULL || Resources->Count == 0 || Resources->List[0].PartialResourceList.Count != 1)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Memory = &Resources->List[0].PartialResourceList.PartialDescriptors[0];
    if (Memory->Type != CmResourceTypeMemory || Memory->u.Memory.Length == 0)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Extension->Length = Memory->u.Memory.Length;
    Extension->Memory = MmMapIoSpace(Memory->u.Memory.Start, Extension->Length, MmCached);
    return Extension->Memory != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static VOID ShmemStop(PDEVICE_EXTENSION Extension)
{
    if (Extension->Memory != NULL)
        MmUnmapIoSpace(Extension->Memory, Extension->Length);
    Extension->Memory = NULL;
}

static NTSTATUS ShmemRemove(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    PDEVICE_OBJECT Lower = Extension->Lower;
    NTSTATUS Status;

    ShmemStop(Extension);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    Status = IoCallDriver(Lower, Irp);
    IoDetachDevice(Lower);
    IoDeleteDevice(Extension->Device);
    return Status;
}

static NTSTATUS NTAPI ShmemPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status;

    switch (Stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        if (!IoForwardIrpSynchronously(Extension->Lower, Irp))
            return ShmemComplete(Irp, STATUS_UNSUCCESSFUL, 0);
        Status = Irp->IoStatus.Status;
        if (NT_SUCCESS(Status))
            Status = ShmemStart(Extension, Stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        return ShmemComplete(Irp, Status, 0);
    case IRP_MN_REMOVE_DEVICE:
        return ShmemRemove(Extension, Irp);
    case IRP_MN_STOP_DEVICE:
        ShmemStop(Extension);
        break;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Extension->Lower, Irp);
}

static NTSTATUS NTAPI ShmemPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(((PDEVICE_EXTENSION)DeviceObject->DeviceExtension)->Lower, Irp);
}

static VOID NTAPI ShmemUnload(PDRIVER_OBJECT DriverObject)
{
    /* Every device is removed before the driver is unloaded. */
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->MajorFunction[IRP_MJ_CREATE] = ShmemOpenClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = ShmemOpenClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = ShmemOpenClose;
    DriverObject->MajorFunction[IRP_MJ_READ] = ShmemReadWrite;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = ShmemReadWrite;
    DriverObject->MajorFunction[IRP_MJ_PNP] = ShmemPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = ShmemPower;
    DriverObject->DriverExtension->AddDevice = ShmemAddDevice;
    DriverObject->DriverUnload = ShmemUnload;
    return STATUS_SUCCESS;
}
