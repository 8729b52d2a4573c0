/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial.sys: 16550A serial ports, \Device\Serial0 (\??\COM1), \Device\Serial1 (\??\COM2) and so on.
 *
 * This file is the driver's life: DriverEntry, AddDevice, start, stop and removal.
 * Resources of a device: eight ports and one interrupt.  A port can be open several times.
 */
#include "serial.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE SerialAddDevice;

/* Appends a decimal number of one or two digits. */
static VOID SerialAppendNumber(PUNICODE_STRING String, ULONG Number)
{
    WCHAR Digits[3] = {(WCHAR)(L'0' + Number / 10), (WCHAR)(L'0' + Number % 10), 0};

    RtlAppendUnicodeToString(String, Number < 10 ? Digits + 1 : Digits);
}

static VOID SerialInitializeExtension(PDEVICE_EXTENSION Extension)
{
    /* DIFFERS: Windows starts with all timeouts 0 (a read waits until its buffer is full); here a read ends with what
     * is there, which is what a terminal or a pipe would do. */
    static const SERIAL_TIMEOUTS Timeouts = {MAXULONG, MAXULONG, MAXULONG - 1, 0, 0};

    Extension->LinkName.Buffer = Extension->LinkBuffer;
    Extension->LinkName.MaximumLength = sizeof(Extension->LinkBuffer);
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
    NTSTATUS Status;

    if (Number > 98)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    RtlAppendUnicodeToString(&Name, L"\\Device\\Serial");
    SerialAppendNumber(&Name, Number);
    Status = FdoCreate(DriverObject, PhysicalDeviceObject, &Name, (PVOID *)&Extension);
    if (!NT_SUCCESS(Status))
        return Status;
    SerialInitializeExtension(Extension);
    RtlAppendUnicodeToString(&Extension->LinkName, L"\\??\\COM");
    SerialAppendNumber(&Extension->LinkName, Number + 1);
    Status = IoCreateSymbolicLink(&Extension->LinkName, &Name);
    if (!NT_SUCCESS(Status)) {
        FdoDelete(&Extension->Fdo);
        return Status;
    }
    IoGetConfigurationInformation()->SerialCount++;
    return FdoReady(&Extension->Fdo);
}

/* A UART keeps any value in its scratch register; a missing one reads as ones. */
static BOOLEAN SerialIsPresent(PUCHAR Port)
{
    WRITE_PORT_UCHAR(Port + UART_SCRATCH, 0x5a);
    return READ_PORT_UCHAR(Port + UART_SCRATCH) == 0x5a;
}

static NTSTATUS SerialStart(PVOID Context, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PDEVICE_EXTENSION Extension = Context;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Port = FdoFindResource(Resources, CmResourceTypePort, 0);
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Interrupt = FdoFindResource(Resources, CmResourceTypeInterrupt, 0);
    NTSTATUS Status;

    if (Port == NULL || Port->u.Port.Length < 8 || Interrupt == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    Extension->Port = (PUCHAR)(ULONG_PTR)Port->u.Port.Start.QuadPart;
    if (!SerialIsPresent(Extension->Port))
        return STATUS_NO_SUCH_DEVICE;
    UartInitialize(Extension);
    Status = FdoConnectInterrupt(&Extension->Interrupt, SerialInterrupt, Extension, Interrupt);
    if (!NT_SUCCESS(Status))
        return Status;
    UartSetBaudRate(Extension, UART_CLOCK);
    UartEnable(Extension);
    return STATUS_SUCCESS;
}

static VOID SerialStop(PVOID Context)
{
    PDEVICE_EXTENSION Extension = Context;

    SerialAbort(Extension, &Extension->Reads, NULL);
    SerialAbort(Extension, &Extension->Writes, NULL);
    SerialAbort(Extension, &Extension->Waits, NULL);
    KeCancelTimer(&Extension->ReadTimer);
    KeCancelTimer(&Extension->WriteTimer);
    UartStop(Extension);
    IoDisconnectInterrupt(Extension->Interrupt);
    KeRemoveQueueDpc(&Extension->Dpc);
}

static VOID SerialRemove(PVOID Context)
{
    PDEVICE_EXTENSION Extension = Context;

    IoDeleteSymbolicLink(&Extension->LinkName);
    IoGetConfigurationInformation()->SerialCount--;
}

const FDO_DRIVER FdoDriver = {
    .ExtensionSize = sizeof(DEVICE_EXTENSION),
    .DeviceType = FILE_DEVICE_SERIAL_PORT,
    .DeviceFlags = DO_BUFFERED_IO,
    .PriorityBoost = IO_SERIAL_INCREMENT,
    .Start = SerialStart,
    .Stop = SerialStop,
    .Remove = SerialRemove,
};

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    FdoInitializeDriver(DriverObject, SerialAddDevice);
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = SerialCleanup;
    DriverObject->MajorFunction[IRP_MJ_READ] = SerialReadWrite;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = SerialReadWrite;
    DriverObject->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = SerialFlush;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = SerialDeviceControl;
    DriverObject->MajorFunction[IRP_MJ_QUERY_INFORMATION] = SerialQueryInformation;
    return STATUS_SUCCESS;
}
