/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial.sys: 16550A serial ports, \Device\Serial0 (\??\COM1), \Device\Serial1 (\??\COM2) and so on.
 *
 * This file is the driver's life: DriverEntry, AddDevice, start, stop and removal, open and close.
 * Resources of a device: eight ports and one interrupt.  A port can be open several times.
 */
#include "serial.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE SerialAddDevice;
static DRIVER_DISPATCH SerialPnp, SerialPower, SerialCreateClose;
static DRIVER_UNLOAD SerialUnload;

NTSTATUS SerialComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, NT_SUCCESS(Status) ? IO_SERIAL_INCREMENT : IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI SerialCreateClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return SerialComplete(Irp, STATUS_SUCCESS, 0);
}

/* Appends a decimal number of one or two digits. */
static VOID SerialAppendNumber(PUNICODE_STRING String, ULONG Number)
{
    WCHAR Digits[3] = {(WCHAR)(L'0' + Number / 10), (WCHAR)(L'0' + Number % 10), 0};

    RtlAppendUnicodeToString(String, Number < 10 ? Digits + 1 : Digits);
}

static VOID SerialInitializeExtension(PDEVICE_EXTENSION Extension, PDEVICE_OBJECT DeviceObject)
{
    /* DIFFERS: Windows starts with all timeouts 0 (a read waits until its buffer is full); here a read ends with what
     * is there, which is what a terminal or a pipe would do. */
    static const SERIAL_TIMEOUTS Timeouts = {MAXULONG, MAXULONG, MAXULONG - 1, 0, 0};

    Extension->Device = DeviceObject;
    Extension->Timeouts = Timeouts;
    KeInitializeSpinLock(&Extension->Lock);
    InitializeListHead(&Extension->Reads);
    InitializeListHead(&Extension->Writes);
    InitializeListHead(&Extension->Waits);
    KeInitializeDpc(&Extension->Dpc, SerialDpc, Extension);
    KeInitializeDpc(&Extension->ReadTimeout, SerialReadTimeout, Extension);
    KeInitializeDpc(&Extension->WriteTimeout, SerialWriteTimeout, Extension);
    KeInitializeTimer(&Extension->ReadTimer);
    KeInitializeTimer(&Extension->WriteTimer);
}

static NTSTATUS NTAPI SerialAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    WCHAR NameBuffer[24];
    UNICODE_STRING Name = {0, sizeof(NameBuffer), NameBuffer};
    ULONG Number = IoGetConfigurationInformation()->SerialCount;
    PDEVICE_EXTENSION Extension;
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    if (Number > 98)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    RtlAppendUnicodeToString(&Name, L"\\Device\\Serial");
    SerialAppendNumber(&Name, Number);
    Status = IoCreateDevice(DriverObject, sizeof(*Extension), &Name, FILE_DEVICE_SERIAL_PORT, FILE_DEVICE_SECURE_OPEN,
                            FALSE, &DeviceObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Extension = DeviceObject->DeviceExtension;
    SerialInitializeExtension(Extension, DeviceObject);
    Extension->LinkName.Buffer = Extension->LinkBuffer;
    Extension->LinkName.MaximumLength = sizeof(Extension->LinkBuffer);
    RtlAppendUnicodeToString(&Extension->LinkName, L"\\??\\COM");
    SerialAppendNumber(&Extension->LinkName, Number + 1);
    Extension->Lower = IoAttachDeviceToDeviceStack(DeviceObject, PhysicalDeviceObject);
    Status = Extension->Lower != NULL ? IoCreateSymbolicLink(&Extension->LinkName, &Name) : STATUS_NO_SUCH_DEVICE;
    if (!NT_SUCCESS(Status)) {
        if (Extension->Lower != NULL)
            IoDetachDevice(Extension->Lower);
        IoDeleteDevice(DeviceObject);
        return Status;
    }
    IoGetConfigurationInformation()->SerialCount++;
    DeviceObject->Flags |= DO_BUFFERED_IO;
    DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

static PCM_PARTIAL_RESOURCE_DESCRIPTOR SerialFindResource(PCM_RESOURCE_LIST List, UCHAR Type)
{
    PCM_PARTIAL_RESOURCE_LIST Partial = &List->List[0].PartialResourceList;
    ULONG i;

    for (i = 0; i < Partial->Count; i++) {
        if (Partial->PartialDescriptors[i].Type == Type)
            return &Partial->PartialDescriptors[i];
    }
    return NULL;
}

/* A UART keeps any value in its scratch register; a missing one reads as ones. */
static BOOLEAN SerialIsPresent(PUCHAR Port)
{
    WRITE_PORT_UCHAR(Port + UART_SCRATCH, 0x5a);
    return READ_PORT_UCHAR(Port + UART_SCRATCH) == 0x5a;
}

static NTSTATUS SerialStart(PDEVICE_EXTENSION Extension, PCM_RESOURCE_LIST Resources)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Port, Interrupt;
    NTSTATUS Status;

    if (Resources == NULL || Resources->Count == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    Port = SerialFindResource(Resources, CmResourceTypePort);
    Interrupt = SerialFindResource(Resources, CmResourceTypeInterrupt);
    if (Port == NULL || Port->u.Port.Length < 8 || Interrupt == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Extension->Port = (PUCHAR)(ULONG_PTR)Port->u.Port.Start.QuadPart;
    if (!SerialIsPresent(Extension->Port))
        return STATUS_NO_SUCH_DEVICE;
    UartInitialize(Extension);
    Status = IoConnectInterrupt(&Extension->Interrupt, SerialInterrupt, Extension, NULL, Interrupt->u.Interrupt.Vector,
                                (KIRQL)Interrupt->u.Interrupt.Level, (KIRQL)Interrupt->u.Interrupt.Level,
                                (Interrupt->Flags & CM_RESOURCE_INTERRUPT_LATCHED) ? Latched : LevelSensitive, FALSE,
                                Interrupt->u.Interrupt.Affinity, FALSE);
    if (!NT_SUCCESS(Status))
        return Status;
    UartSetBaudRate(Extension, UART_CLOCK);
    UartEnable(Extension);
    Extension->IsStarted = TRUE;
    return STATUS_SUCCESS;
}

static VOID SerialStop(PDEVICE_EXTENSION Extension)
{
    if (!Extension->IsStarted)
        return;
    Extension->IsStarted = FALSE;
    SerialAbort(Extension, &Extension->Reads, NULL);
    SerialAbort(Extension, &Extension->Writes, NULL);
    SerialAbort(Extension, &Extension->Waits, NULL);
    KeCancelTimer(&Extension->ReadTimer);
    KeCancelTimer(&Extension->WriteTimer);
    UartStop(Extension);
    IoDisconnectInterrupt(Extension->Interrupt);
    KeRemoveQueueDpc(&Extension->Dpc);
}

static NTSTATUS SerialRemove(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    PDEVICE_OBJECT Lower = Extension->Lower;
    NTSTATUS Status;

    SerialStop(Extension);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(Irp);
    Status = IoCallDriver(Lower, Irp);
    IoDeleteSymbolicLink(&Extension->LinkName);
    IoGetConfigurationInformation()->SerialCount--;
    IoDetachDevice(Lower);
    IoDeleteDevice(Extension->Device);
    return Status;
}

static NTSTATUS NTAPI SerialPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status;

    switch (Stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        if (!IoForwardIrpSynchronously(Extension->Lower, Irp))
            return SerialComplete(Irp, STATUS_UNSUCCESSFUL, 0);
        Status = Irp->IoStatus.Status;
        if (NT_SUCCESS(Status))
            Status = SerialStart(Extension, Stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        return SerialComplete(Irp, Status, 0);
    case IRP_MN_STOP_DEVICE:
        SerialStop(Extension);
        break;
    case IRP_MN_REMOVE_DEVICE:
        return SerialRemove(Extension, Irp);
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Extension->Lower, Irp);
}

static NTSTATUS NTAPI SerialPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;

    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(Extension->Lower, Irp);
}

static VOID NTAPI SerialUnload(PDRIVER_OBJECT DriverObject)
{
    /* Every device is removed before the driver is unloaded. */
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->MajorFunction[IRP_MJ_CREATE] = SerialCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = SerialCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = SerialCleanup;
    DriverObject->MajorFunction[IRP_MJ_READ] = SerialReadWrite;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = SerialReadWrite;
    DriverObject->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = SerialFlush;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = SerialDeviceControl;
    DriverObject->MajorFunction[IRP_MJ_QUERY_INFORMATION] = SerialQueryInformation;
    DriverObject->MajorFunction[IRP_MJ_PNP] = SerialPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = SerialPower;
    DriverObject->DriverExtension->AddDevice = SerialAddDevice;
    DriverObject->DriverUnload = SerialUnload;
    return STATUS_SUCCESS;
}
