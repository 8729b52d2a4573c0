/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * i8042prt.sys: the PS/2 keyboard, \Device\KeyboardClass0.
 *
 * Port driver and class driver in one: there is one keyboard, and nothing to multiplex.  This file is the driver's
 * life; controller.c is the hardware, class.c the requests.  Resources: ports 60 and 64 (one port each), interrupt 1.
 */
#include "i8042prt.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE KeyboardAddDevice;
static DRIVER_DISPATCH KeyboardPnp, KeyboardPower, KeyboardCreateClose;
static DRIVER_UNLOAD KeyboardUnload;

NTSTATUS KeyboardComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_KEYBOARD_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI KeyboardCreateClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return KeyboardComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI KeyboardAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(DD_KEYBOARD_DEVICE_NAME_U L"0");
    PDEVICE_EXTENSION Extension;
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    Status = IoCreateDevice(DriverObject, sizeof(*Extension), &Name, FILE_DEVICE_KEYBOARD, FILE_DEVICE_SECURE_OPEN,
                            FALSE, &DeviceObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Extension = DeviceObject->DeviceExtension;
    Extension->Device = DeviceObject;
    KeInitializeSpinLock(&Extension->Lock);
    KeInitializeDpc(&Extension->Dpc, KeyboardDpc, Extension);
    KeyboardInitializeQueue(Extension);
    Extension->Lower = IoAttachDeviceToDeviceStack(DeviceObject, PhysicalDeviceObject);
    if (Extension->Lower == NULL) {
        IoDeleteDevice(DeviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    DeviceObject->Flags |= DO_BUFFERED_IO;
    DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

/* The first port is the data port, the second the command port. */
static PCM_PARTIAL_RESOURCE_DESCRIPTOR KeyboardFindResources(PDEVICE_EXTENSION Extension, PCM_RESOURCE_LIST List)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor, Interrupt = NULL;
    ULONG i;

    Extension->DataPort = Extension->CommandPort = NULL;
    for (i = 0; List != NULL && List->Count != 0 && i < List->List[0].PartialResourceList.Count; i++) {
        Descriptor = &List->List[0].PartialResourceList.PartialDescriptors[i];
        if (Descriptor->Type == CmResourceTypeInterrupt)
            Interrupt = Descriptor;
        if (Descriptor->Type == CmResourceTypePort && Extension->DataPort == NULL)
            Extension->DataPort = (PUCHAR)(ULONG_PTR)Descriptor->u.Port.Start.QuadPart;
        else if (Descriptor->Type == CmResourceTypePort)
            Extension->CommandPort = (PUCHAR)(ULONG_PTR)Descriptor->u.Port.Start.QuadPart;
    }
    return Extension->CommandPort != NULL ? Interrupt : NULL;
}

static NTSTATUS KeyboardStart(PDEVICE_EXTENSION Extension, PCM_RESOURCE_LIST Resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Interrupt = KeyboardFindResources(Extension, Resources);
    NTSTATUS Status;

    if (Interrupt == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Status = ControllerInitialize(Extension);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoConnectInterrupt(&Extension->Interrupt, ControllerInterrupt, Extension, NULL,
                                Interrupt->u.Interrupt.Vector, (KIRQL)Interrupt->u.Interrupt.Level,
                                (KIRQL)Interrupt->u.Interrupt.Level,
                                (Interrupt->Flags & CM_RESOURCE_INTERRUPT_LATCHED) ? Latched : LevelSensitive, FALSE,
                                Interrupt->u.Interrupt.Affinity, FALSE);
    if (!NT_SUCCESS(Status))
        return Status;
    Extension->IsStarted = TRUE;
    ControllerDrain(Extension);
    return STATUS_SUCCESS;
}

static VOID KeyboardStop(PDEVICE_EXTENSION Extension)
{
    if (!Extension->IsStarted)
        return;
    Extension->IsStarted = FALSE;
    KeyboardAbortReads(Extension, NULL);
    ControllerStop(Extension);
    IoDisconnectInterrupt(Extension->Interrupt);
    KeRemoveQueueDpc(&Extension->Dpc);
}

static NTSTATUS KeyboardRemove(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    PDEVICE_OBJECT Lower = Extension->Lower;
    NTSTATUS Status;

    KeyboardStop(Extension);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    Status = IoCallDriver(Lower, Irp);
    IoDetachDevice(Lower);
    IoDeleteDevice(Extension->Device);
    return Status;
}

static NTSTATUS NTAPI KeyboardPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status;

    switch (Stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        if (!IoForwardIrpSynchronously(Extension->Lower, Irp))
            return KeyboardComplete(Irp, STATUS_UNSUCCESSFUL, 0);
        Status = Irp->IoStatus.Status;
        if (NT_SUCCESS(Status))
            Status = KeyboardStart(Extension, Stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        return KeyboardComplete(Irp, Status, 0);
    case IRP_MN_REMOVE_DEVICE:
        return KeyboardRemove(Extension, Irp);
    case IRP_MN_STOP_DEVICE:
        KeyboardStop(Extension);
        break;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Extension->Lower, Irp);
}

static NTSTATUS NTAPI KeyboardPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(((PDEVICE_EXTENSION)DeviceObject->DeviceExtension)->Lower, Irp);
}

static VOID NTAPI KeyboardUnload(PDRIVER_OBJECT DriverObject)
{
    /* Every device is removed before the driver is unloaded. */
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->MajorFunction[IRP_MJ_CREATE] = KeyboardCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = KeyboardCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = KeyboardCleanup;
    DriverObject->MajorFunction[IRP_MJ_READ] = KeyboardRead;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = KeyboardDeviceControl;
    DriverObject->MajorFunction[IRP_MJ_PNP] = KeyboardPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = KeyboardPower;
    DriverObject->DriverExtension->AddDevice = KeyboardAddDevice;
    DriverObject->DriverUnload = KeyboardUnload;
    return STATUS_SUCCESS;
}
