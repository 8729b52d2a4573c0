/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vga.sys: the screen as character cells, \Device\Video0 (abi/video.h).
 *
 * This file is the driver's life: DriverEntry, AddDevice, start and removal, open and close, dispatch.  Resources: the
 * text page B8000 and ports 3C0-3DF, and the boot loader's framebuffer if there is one, which then is used. Drawing
 * happens in the dispatch routine; nothing is ever pending.
 */
#include "vga.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE VgaAddDevice;
static DRIVER_DISPATCH VgaCreateClose, VgaDeviceControl, VgaPnp, VgaPower;
static DRIVER_UNLOAD VgaUnload;

static NTSTATUS VgaComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_VIDEO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI VgaCreateClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return VgaComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI VgaDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG_PTR Information;
    NTSTATUS Status;

    if (!Extension->IsStarted)
        return VgaComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    Status = ScreenControl(Extension, Stack->Parameters.DeviceIoControl.IoControlCode, Irp->AssociatedIrp.SystemBuffer,
                           Stack->Parameters.DeviceIoControl.InputBufferLength,
                           Stack->Parameters.DeviceIoControl.OutputBufferLength, &Information);
    return VgaComplete(Irp, Status, Information);
}

static NTSTATUS NTAPI VgaAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(DD_VIDEO_CELLS_DEVICE_NAME_U);
    PDEVICE_EXTENSION Extension;
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    Status = IoCreateDevice(DriverObject, sizeof(*Extension), &Name, FILE_DEVICE_VIDEO, FILE_DEVICE_SECURE_OPEN, FALSE,
                            &DeviceObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Extension = DeviceObject->DeviceExtension;
    Extension->Device = DeviceObject;
    ExInitializeFastMutex(&Extension->Mutex);
    Extension->Lower = IoAttachDeviceToDeviceStack(DeviceObject, PhysicalDeviceObject);
    if (Extension->Lower == NULL) {
        IoDeleteDevice(DeviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static NTSTATUS VgaStart(PDEVICE_EXTENSION Extension, PCM_RESOURCE_LIST Resources)
{
    NTSTATUS Status;

    if (Resources == NULL || Resources->Count == 0)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Status = FramebufferInitialize(Extension, &Resources->List[0].PartialResourceList);
    if (Status == STATUS_NO_SUCH_DEVICE)
        Status = TextInitialize(Extension, &Resources->List[0].PartialResourceList);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((ULONG)Extension->Columns * Extension->Rows <= MAX_CELLS)
        Extension->Cells = ExAllocatePoolWithTag(PagedPool,
                                                 (SIZE_T)Extension->Columns * Extension->Rows * sizeof(VIDEO_CELL),
                                                 VGA_TAG);
    if (Extension->Cells == NULL) {
        MmUnmapIoSpace(Extension->Memory, Extension->MemoryLength);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ScreenClear(Extension);
    Extension->IsStarted = TRUE;
    return STATUS_SUCCESS;
}

static VOID VgaStop(PDEVICE_EXTENSION Extension)
{
    if (!Extension->IsStarted)
        return;
    Extension->IsStarted = FALSE;
    MmUnmapIoSpace(Extension->Memory, Extension->MemoryLength);
    ExFreePoolWithTag(Extension->Cells, VGA_TAG);
    Extension->Cells = NULL;
}

static NTSTATUS VgaRemove(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    PDEVICE_OBJECT Lower = Extension->Lower;
    NTSTATUS Status;

    VgaStop(Extension);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    Status = IoCallDriver(Lower, Irp);
    IoDetachDevice(Lower);
    IoDeleteDevice(Extension->Device);
    return Status;
}

static NTSTATUS NTAPI VgaPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status;

    switch (Stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        if (!IoForwardIrpSynchronously(Extension->Lower, Irp))
            return VgaComplete(Irp, STATUS_UNSUCCESSFUL, 0);
        Status = Irp->IoStatus.Status;
        if (NT_SUCCESS(Status))
            Status = VgaStart(Extension, Stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        return VgaComplete(Irp, Status, 0);
    case IRP_MN_REMOVE_DEVICE:
        return VgaRemove(Extension, Irp);
    case IRP_MN_STOP_DEVICE:
        VgaStop(Extension);
        break;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Extension->Lower, Irp);
}

static NTSTATUS NTAPI VgaPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(((PDEVICE_EXTENSION)DeviceObject->DeviceExtension)->Lower, Irp);
}

static VOID NTAPI VgaUnload(PDRIVER_OBJECT DriverObject)
{
    /* Every device is removed before the driver is unloaded. */
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->MajorFunction[IRP_MJ_CREATE] = VgaCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = VgaCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = VgaCreateClose;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = VgaDeviceControl;
    DriverObject->MajorFunction[IRP_MJ_PNP] = VgaPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = VgaPower;
    DriverObject->DriverExtension->AddDevice = VgaAddDevice;
    DriverObject->DriverUnload = VgaUnload;
    return STATUS_SUCCESS;
}
