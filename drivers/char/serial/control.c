/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IOCTL_SERIAL_x: settings, status, events; queries of the file.
 *
 * Every code is a row of a table: its shortest input and output, and a handler that finds both in the system buffer.
 * XON/XOFF and hardware handshakes are remembered but not carried out; the codes that need them answer
 * STATUS_INVALID_DEVICE_REQUEST (what Windows answers for codes that a port lacks).
 * Only IOCTL_SERIAL_WAIT_ON_MASK may stay pending.
 */
#include "serial.h"

typedef NTSTATUS SERIAL_HANDLER(PDEVICE_EXTENSION Extension, PVOID Buffer);

static NTSTATUS SerialSetBaudRate(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    return UartSetBaudRate(Extension, ((PSERIAL_BAUD_RATE)Buffer)->BaudRate) ? STATUS_SUCCESS :
                                                                               STATUS_INVALID_PARAMETER;
}

static NTSTATUS SerialGetBaudRate(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    ((PSERIAL_BAUD_RATE)Buffer)->BaudRate = Extension->BaudRate;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetLineControl(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    return UartSetLine(Extension, Buffer) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static NTSTATUS SerialGetLineControl(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PSERIAL_LINE_CONTROL)Buffer = Extension->LineControl;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetTimeouts(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    PSERIAL_TIMEOUTS Timeouts = Buffer;

    /* The one combination that the documentation excludes. */
    if (Timeouts->ReadIntervalTimeout == MAXULONG && Timeouts->ReadTotalTimeoutMultiplier == MAXULONG &&
        Timeouts->ReadTotalTimeoutConstant == MAXULONG)
        return STATUS_INVALID_PARAMETER;
    Extension->Timeouts = *Timeouts;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetTimeouts(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PSERIAL_TIMEOUTS)Buffer = Extension->Timeouts;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetChars(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    Extension->Chars = *(PSERIAL_CHARS)Buffer;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetChars(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PSERIAL_CHARS)Buffer = Extension->Chars;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetHandFlow(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    Extension->HandFlow = *(PSERIAL_HANDFLOW)Buffer;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetHandFlow(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PSERIAL_HANDFLOW)Buffer = Extension->HandFlow;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetQueueSize(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    return STATUS_SUCCESS; /* a hint: the ring has a fixed size */
}

static NTSTATUS SerialSetDtr(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    UartSetModemControl(Extension, MCR_DTR, 0);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialClearDtr(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    UartSetModemControl(Extension, 0, MCR_DTR);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetRts(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    UartSetModemControl(Extension, MCR_RTS, 0);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialClearRts(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    UartSetModemControl(Extension, 0, MCR_RTS);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetDtrRts(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PULONG)Buffer = Extension->ModemControl & (MCR_DTR | MCR_RTS);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetModemControl(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PULONG)Buffer = Extension->ModemControl;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetModemStatus(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PULONG)Buffer = READ_PORT_UCHAR(Extension->Port + UART_MSR);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetBreakOn(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    UartSetBreak(Extension, TRUE);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialSetBreakOff(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    UartSetBreak(Extension, FALSE);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialPurge(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    ULONG Mask = *(PULONG)Buffer;

    if (Mask == 0 ||
        (Mask & ~(SERIAL_PURGE_TXABORT | SERIAL_PURGE_RXABORT | SERIAL_PURGE_TXCLEAR | SERIAL_PURGE_RXCLEAR)))
        return STATUS_INVALID_PARAMETER;
    if (Mask & SERIAL_PURGE_RXABORT)
        SerialAbort(Extension, &Extension->Reads, NULL);
    if (Mask & SERIAL_PURGE_TXABORT)
        SerialAbort(Extension, &Extension->Writes, NULL);
    if (Mask & (SERIAL_PURGE_TXCLEAR | SERIAL_PURGE_RXCLEAR))
        UartClear(Extension, (Mask & SERIAL_PURGE_RXCLEAR) != 0, (Mask & SERIAL_PURGE_TXCLEAR) != 0);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetCommStatus(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    PSERIAL_STATUS Status = Buffer;
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);

    RtlZeroMemory(Status, sizeof(*Status));
    Status->Errors = Extension->Errors;
    Status->AmountInInQueue = Extension->InputTail - Extension->InputHead;
    Status->AmountInOutQueue = Extension->OutputLength;
    Extension->Errors = 0;
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetStatistics(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(SERIALPERF_STATS *)Buffer = Extension->Statistics;
    return STATUS_SUCCESS;
}

static NTSTATUS SerialClearStatistics(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    RtlZeroMemory(&Extension->Statistics, sizeof(Extension->Statistics));
    return STATUS_SUCCESS;
}

static NTSTATUS SerialGetProperties(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    PSERIAL_COMMPROP Properties = Buffer;

    RtlZeroMemory(Properties, sizeof(*Properties));
    Properties->PacketLength = sizeof(*Properties);
    Properties->PacketVersion = 2;
    Properties->ServiceMask = SERIAL_SP_SERIALCOMM;
    Properties->MaxBaud = SERIAL_BAUD_115200;
    Properties->ProvSubType = SERIAL_SP_RS232;
    Properties->ProvCapabilities = SERIAL_PCF_TOTALTIMEOUTS | SERIAL_PCF_INTTIMEOUTS | SERIAL_PCF_PARITY_CHECK;
    Properties->SettableParams = SERIAL_SP_PARITY | SERIAL_SP_BAUD | SERIAL_SP_DATABITS | SERIAL_SP_STOPBITS;
    Properties->SettableBaud = SERIAL_BAUD_USER | SERIAL_BAUD_9600 | SERIAL_BAUD_19200 | SERIAL_BAUD_38400 |
                               SERIAL_BAUD_57600 | SERIAL_BAUD_115200;
    Properties->CurrentRxQueue = SERIAL_INPUT_SIZE;
    return STATUS_SUCCESS;
}

/* --- events ----------------------------------------------------------------------------------------------------- */

/* Takes the events that the mask asks for; 0 if none has happened. */
static ULONG SerialTakeEvents(PDEVICE_EXTENSION Extension)
{
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);
    ULONG Events = Extension->Events & Extension->WaitMask;

    Extension->Events &= ~Events;
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
    return Events;
}

VOID SerialReportEvents(PDEVICE_EXTENSION Extension)
{
    ULONG Events;
    KIRQL Irql;
    PIRP Irp = NULL;

    KeAcquireSpinLock(&Extension->Lock, &Irql);
    if (!IsListEmpty(&Extension->Waits) && (Events = SerialTakeEvents(Extension)) != 0) {
        Irp = CONTAINING_RECORD(RemoveHeadList(&Extension->Waits), IRP, Tail.Overlay.ListEntry);
        InitializeListHead(&Irp->Tail.Overlay.ListEntry);
        if (IoSetCancelRoutine(Irp, NULL) == NULL)
            Irp = NULL;
        else
            *(PULONG)Irp->AssociatedIrp.SystemBuffer = Events;
    }
    KeReleaseSpinLock(&Extension->Lock, Irql);
    if (Irp != NULL)
        FdoComplete(Irp, STATUS_SUCCESS, sizeof(ULONG));
}

static NTSTATUS SerialGetWaitMask(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    *(PULONG)Buffer = Extension->WaitMask;
    return STATUS_SUCCESS;
}

/* A new mask ends a waiting request, with no events. */
static NTSTATUS SerialSetWaitMask(PDEVICE_EXTENSION Extension, PVOID Buffer)
{
    Extension->WaitMask = *(PULONG)Buffer;
    SerialAbort(Extension, &Extension->Waits, NULL);
    SerialTakeEvents(Extension);
    return STATUS_SUCCESS;
}

static NTSTATUS SerialWaitOnMask(PDEVICE_EXTENSION Extension, PIRP Irp)
{
    BOOLEAN IsQueued;
    KIRQL Irql;

    if (IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.OutputBufferLength < sizeof(ULONG))
        return FdoComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    KeAcquireSpinLock(&Extension->Lock, &Irql);
    if (Extension->WaitMask == 0 || !IsListEmpty(&Extension->Waits)) {
        KeReleaseSpinLock(&Extension->Lock, Irql);
        return FdoComplete(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    IsQueued = SerialQueueIrp(&Extension->Waits, Irp);
    KeReleaseSpinLock(&Extension->Lock, Irql);
    if (IsQueued)
        SerialReportEvents(Extension);
    else
        FdoComplete(Irp, STATUS_CANCELLED, 0);
    return STATUS_PENDING;
}

/* --- dispatch --------------------------------------------------------------------------------------------------- */

static const struct {
    ULONG Code;
    USHORT InputLength;
    USHORT OutputLength;
    SERIAL_HANDLER *Handler;
} SerialControls[] = {
    {IOCTL_SERIAL_SET_BAUD_RATE, sizeof(SERIAL_BAUD_RATE), 0, SerialSetBaudRate},
    {IOCTL_SERIAL_GET_BAUD_RATE, 0, sizeof(SERIAL_BAUD_RATE), SerialGetBaudRate},
    {IOCTL_SERIAL_SET_LINE_CONTROL, sizeof(SERIAL_LINE_CONTROL), 0, SerialSetLineControl},
    {IOCTL_SERIAL_GET_LINE_CONTROL, 0, sizeof(SERIAL_LINE_CONTROL), SerialGetLineControl},
    {IOCTL_SERIAL_SET_TIMEOUTS, sizeof(SERIAL_TIMEOUTS), 0, SerialSetTimeouts},
    {IOCTL_SERIAL_GET_TIMEOUTS, 0, sizeof(SERIAL_TIMEOUTS), SerialGetTimeouts},
    {IOCTL_SERIAL_SET_CHARS, sizeof(SERIAL_CHARS), 0, SerialSetChars},
    {IOCTL_SERIAL_GET_CHARS, 0, sizeof(SERIAL_CHARS), SerialGetChars},
    {IOCTL_SERIAL_SET_HANDFLOW, sizeof(SERIAL_HANDFLOW), 0, SerialSetHandFlow},
    {IOCTL_SERIAL_GET_HANDFLOW, 0, sizeof(SERIAL_HANDFLOW), SerialGetHandFlow},
    {IOCTL_SERIAL_SET_QUEUE_SIZE, sizeof(SERIAL_QUEUE_SIZE), 0, SerialSetQueueSize},
    {IOCTL_SERIAL_SET_DTR, 0, 0, SerialSetDtr},
    {IOCTL_SERIAL_CLR_DTR, 0, 0, SerialClearDtr},
    {IOCTL_SERIAL_SET_RTS, 0, 0, SerialSetRts},
    {IOCTL_SERIAL_CLR_RTS, 0, 0, SerialClearRts},
    {IOCTL_SERIAL_GET_DTRRTS, 0, sizeof(ULONG), SerialGetDtrRts},
    {IOCTL_SERIAL_GET_MODEM_CONTROL, 0, sizeof(ULONG), SerialGetModemControl},
    {IOCTL_SERIAL_GET_MODEMSTATUS, 0, sizeof(ULONG), SerialGetModemStatus},
    {IOCTL_SERIAL_SET_BREAK_ON, 0, 0, SerialSetBreakOn},
    {IOCTL_SERIAL_SET_BREAK_OFF, 0, 0, SerialSetBreakOff},
    {IOCTL_SERIAL_PURGE, sizeof(ULONG), 0, SerialPurge},
    {IOCTL_SERIAL_GET_COMMSTATUS, 0, sizeof(SERIAL_STATUS), SerialGetCommStatus},
    {IOCTL_SERIAL_GET_STATS, 0, sizeof(SERIALPERF_STATS), SerialGetStatistics},
    {IOCTL_SERIAL_CLEAR_STATS, 0, 0, SerialClearStatistics},
    {IOCTL_SERIAL_GET_PROPERTIES, 0, sizeof(SERIAL_COMMPROP), SerialGetProperties},
    {IOCTL_SERIAL_GET_WAIT_MASK, 0, sizeof(ULONG), SerialGetWaitMask},
    {IOCTL_SERIAL_SET_WAIT_MASK, sizeof(ULONG), 0, SerialSetWaitMask},
};

NTSTATUS NTAPI SerialDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG Code = Stack->Parameters.DeviceIoControl.IoControlCode, i;
    NTSTATUS Status;

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    if (Code == IOCTL_SERIAL_WAIT_ON_MASK)
        return SerialWaitOnMask(Extension, Irp);
    for (i = 0; i < RTL_NUMBER_OF(SerialControls); i++) {
        if (SerialControls[i].Code != Code)
            continue;
        if (Stack->Parameters.DeviceIoControl.InputBufferLength < SerialControls[i].InputLength ||
            Stack->Parameters.DeviceIoControl.OutputBufferLength < SerialControls[i].OutputLength)
            return FdoComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
        Status = SerialControls[i].Handler(Extension, Irp->AssociatedIrp.SystemBuffer);
        return FdoComplete(Irp, Status, NT_SUCCESS(Status) ? SerialControls[i].OutputLength : 0);
    }
    return FdoComplete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

/* A port has no size and no position; both are 0, as in Windows. */
NTSTATUS NTAPI SerialQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG Length;

    switch (Stack->Parameters.QueryFile.FileInformationClass) {
    case FileStandardInformation:
        Length = sizeof(FILE_STANDARD_INFORMATION);
        break;
    case FilePositionInformation:
        Length = sizeof(FILE_POSITION_INFORMATION);
        break;
    default:
        return FdoComplete(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    if (Stack->Parameters.QueryFile.Length < Length)
        return FdoComplete(Irp, STATUS_INFO_LENGTH_MISMATCH, 0);
    RtlZeroMemory(Irp->AssociatedIrp.SystemBuffer, Length);
    return FdoComplete(Irp, STATUS_SUCCESS, Length);
}
