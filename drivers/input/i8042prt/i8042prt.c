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

static NTSTATUS NTAPI KeyboardAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(DD_KEYBOARD_DEVICE_NAME_U L"0");
    PDEVICE_EXTENSION Extension;
    NTSTATUS Status = FdoCreate(DriverObject, PhysicalDeviceObject, &Name, (PVOID *)&Extension);

    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeSpinLock(&Extension->Lock);
    KeInitializeDpc(&Extension->Dpc, KeyboardDpc, Extension);
    KeyboardInitializeQueue(Extension);
    return FdoReady(&Extension->Fdo);
}

/* The first port is the data port, the second the command port. */
static NTSTATUS KeyboardStart(PVOID Context, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PDEVICE_EXTENSION Extension = Context;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Data = FdoFindResource(Resources, CmResourceTypePort, 0);
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Command = FdoFindResource(Resources, CmResourceTypePort, 1);
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Interrupt = FdoFindResource(Resources, CmResourceTypeInterrupt, 0);
    NTSTATUS Status;

    if (Data == NULL || Command == NULL || Interrupt == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Extension->DataPort = (PUCHAR)(ULONG_PTR)Data->u.Port.Start.QuadPart;
    Extension->CommandPort = (PUCHAR)(ULONG_PTR)Command->u.Port.Start.QuadPart;
    Status = ControllerInitialize(Extension);
    if (NT_SUCCESS(Status))
        Status = FdoConnectInterrupt(&Extension->Interrupt, ControllerInterrupt, Extension, Interrupt);
    if (NT_SUCCESS(Status))
        ControllerDrain(Extension);
    return Status;
}

static VOID KeyboardStop(PVOID Context)
{
    PDEVICE_EXTENSION Extension = Context;

    KeyboardAbortReads(Extension, NULL);
    ControllerStop(Extension);
    IoDisconnectInterrupt(Extension->Interrupt);
    KeRemoveQueueDpc(&Extension->Dpc);
}

const FDO_DRIVER FdoDriver = {
    .ExtensionSize = sizeof(DEVICE_EXTENSION),
    .DeviceType = FILE_DEVICE_KEYBOARD,
    .DeviceFlags = DO_BUFFERED_IO,
    .PriorityBoost = IO_KEYBOARD_INCREMENT,
    .Start = KeyboardStart,
    .Stop = KeyboardStop,
};

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    FdoInitializeDriver(DriverObject, KeyboardAddDevice);
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = KeyboardCleanup;
    DriverObject->MajorFunction[IRP_MJ_READ] = KeyboardRead;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = KeyboardDeviceControl;
    return STATUS_SUCCESS;
}
