/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vga.sys: the screen as character cells, \Device\Video0 (abi/video.h).
 *
 * This file is the driver's life: DriverEntry, AddDevice, start and stop, dispatch.  Resources: the
 * text page B8000 and ports 3C0-3DF, and the boot loader's framebuffer if there is one, which then is used. Drawing
 * happens in the dispatch routine; nothing is ever pending.
 */
#include "vga.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE VgaAddDevice;
static DRIVER_DISPATCH VgaDeviceControl;

static NTSTATUS NTAPI VgaDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG_PTR Information;
    NTSTATUS Status;

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    Status = ScreenControl(Extension, Stack->Parameters.DeviceIoControl.IoControlCode, Irp->AssociatedIrp.SystemBuffer,
                           Stack->Parameters.DeviceIoControl.InputBufferLength,
                           Stack->Parameters.DeviceIoControl.OutputBufferLength, &Information);
    return FdoComplete(Irp, Status, Information);
}

static NTSTATUS NTAPI VgaAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(DD_VIDEO_CELLS_DEVICE_NAME_U);
    PDEVICE_EXTENSION Extension;
    NTSTATUS Status = FdoCreate(DriverObject, PhysicalDeviceObject, &Name, (PVOID *)&Extension);

    if (!NT_SUCCESS(Status))
        return Status;
    ExInitializeFastMutex(&Extension->Mutex);
    return FdoReady(&Extension->Fdo);
}

static NTSTATUS VgaStart(PVOID Context, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PDEVICE_EXTENSION Extension = Context;
    NTSTATUS Status = FramebufferInitialize(Extension, Resources);

    if (Status == STATUS_NO_SUCH_DEVICE)
        Status = TextInitialize(Extension, Resources);
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
    return STATUS_SUCCESS;
}

static VOID VgaStop(PVOID Context)
{
    PDEVICE_EXTENSION Extension = Context;

    MmUnmapIoSpace(Extension->Memory, Extension->MemoryLength);
    ExFreePoolWithTag(Extension->Cells, VGA_TAG);
    Extension->Cells = NULL;
}

const FDO_DRIVER FdoDriver = {
    .ExtensionSize = sizeof(DEVICE_EXTENSION),
    .DeviceType = FILE_DEVICE_VIDEO,
    .PriorityBoost = IO_VIDEO_INCREMENT,
    .Start = VgaStart,
    .Stop = VgaStop,
};

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    FdoInitializeDriver(DriverObject, VgaAddDevice);
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = VgaDeviceControl;
    return STATUS_SUCCESS;
}
