/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * beep.sys: the PC speaker, \Device\Beep.
 *
 * IOCTL_BEEP_SET starts a tone; a timer ends it after Duration milliseconds.  Duration 0 ends the tone now, MAXULONG
 * lets it go on.  A new request replaces the tone.  Channel 2 of the 8254 makes the square wave, port 61 lets it
 * through (Intel 8254 data sheet, mode 3; IBM PC/AT technical reference, port 61 bits 0 and 1). Resources: ports 42-43
 * and 61.  Nothing is ever pending.
 */
#include "drivers/lib/fdo.h"
#include <ntddbeep.h>

#define TIMER_FREQUENCY 1193182
#define TIMER_MODE_CHANNEL_2 0xB6 /* channel 2, low then high byte, mode 3, binary */
#define SPEAKER_ON 0x03

typedef struct _DEVICE_EXTENSION {
    FDO Fdo;
    PUCHAR TimerPort;   /* 42: channel 2, the next one is the mode */
    PUCHAR SpeakerPort; /* 61 */
    KTIMER Timer;
    KDPC Dpc;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE BeepAddDevice;
static DRIVER_DISPATCH BeepCleanup, BeepDeviceControl;
static KDEFERRED_ROUTINE BeepTimeout;

static VOID BeepSilence(PDEVICE_EXTENSION Extension)
{
    WRITE_PORT_UCHAR(Extension->SpeakerPort, READ_PORT_UCHAR(Extension->SpeakerPort) & ~SPEAKER_ON);
}

static VOID BeepTone(PDEVICE_EXTENSION Extension, ULONG Frequency)
{
    ULONG Divisor = TIMER_FREQUENCY / Frequency;

    WRITE_PORT_UCHAR(Extension->TimerPort + 1, TIMER_MODE_CHANNEL_2);
    WRITE_PORT_UCHAR(Extension->TimerPort, (UCHAR)Divisor);
    WRITE_PORT_UCHAR(Extension->TimerPort, (UCHAR)(Divisor >> 8));
    WRITE_PORT_UCHAR(Extension->SpeakerPort, READ_PORT_UCHAR(Extension->SpeakerPort) | SPEAKER_ON);
}

static VOID NTAPI BeepTimeout(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
    BeepSilence(Context);
}

static NTSTATUS BeepSet(PDEVICE_EXTENSION Extension, const BEEP_SET_PARAMETERS *Parameters)
{
    LARGE_INTEGER DueTime;

    if (Parameters->Duration != 0 &&
        (Parameters->Frequency < BEEP_FREQUENCY_MINIMUM || Parameters->Frequency > BEEP_FREQUENCY_MAXIMUM))
        return STATUS_INVALID_PARAMETER;
    KeCancelTimer(&Extension->Timer);
    if (Parameters->Duration == 0) {
        BeepSilence(Extension);
        return STATUS_SUCCESS;
    }
    BeepTone(Extension, Parameters->Frequency);
    DueTime.QuadPart = (LONGLONG)Parameters->Duration * -10000;
    if (Parameters->Duration != MAXULONG)
        KeSetTimer(&Extension->Timer, DueTime, &Extension->Dpc);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI BeepDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);

    if (!Extension->Fdo.IsStarted)
        return FdoComplete(Irp, STATUS_DEVICE_NOT_CONNECTED, 0);
    if (Stack->Parameters.DeviceIoControl.IoControlCode != IOCTL_BEEP_SET)
        return FdoComplete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    if (Stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(BEEP_SET_PARAMETERS))
        return FdoComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    return FdoComplete(Irp, BeepSet(Extension, Irp->AssociatedIrp.SystemBuffer), 0);
}

/* The last handle of a file ends the tone. */
static NTSTATUS NTAPI BeepCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;

    if (Extension->Fdo.IsStarted) {
        KeCancelTimer(&Extension->Timer);
        BeepSilence(Extension);
    }
    return FdoComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI BeepAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(DD_BEEP_DEVICE_NAME_U);
    PDEVICE_EXTENSION Extension;
    NTSTATUS Status = FdoCreate(DriverObject, PhysicalDeviceObject, &Name, (PVOID *)&Extension);

    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeTimer(&Extension->Timer);
    KeInitializeDpc(&Extension->Dpc, BeepTimeout, Extension);
    return FdoReady(&Extension->Fdo);
}

/* The port range of two is the timer's, the single port the speaker's. */
static NTSTATUS BeepStart(PVOID Context, PCM_PARTIAL_RESOURCE_LIST Resources)
{
    PDEVICE_EXTENSION Extension = Context;
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Port;

    Extension->TimerPort = Extension->SpeakerPort = NULL;
    for (ULONG i = 0; (Port = FdoFindResource(Resources, CmResourceTypePort, i)) != NULL; i++) {
        if (Port->u.Port.Length == 2)
            Extension->TimerPort = (PUCHAR)(ULONG_PTR)Port->u.Port.Start.QuadPart;
        else
            Extension->SpeakerPort = (PUCHAR)(ULONG_PTR)Port->u.Port.Start.QuadPart;
    }
    if (Extension->TimerPort == NULL || Extension->SpeakerPort == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    BeepSilence(Extension);
    return STATUS_SUCCESS;
}

static VOID BeepStop(PVOID Context)
{
    PDEVICE_EXTENSION Extension = Context;

    KeCancelTimer(&Extension->Timer);
    KeRemoveQueueDpc(&Extension->Dpc);
    BeepSilence(Extension);
}

const FDO_DRIVER FdoDriver = {
    .ExtensionSize = sizeof(DEVICE_EXTENSION),
    .DeviceType = FILE_DEVICE_BEEP,
    .PriorityBoost = IO_SOUND_INCREMENT,
    .Start = BeepStart,
    .Stop = BeepStop,
};

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    FdoInitializeDriver(DriverObject, BeepAddDevice);
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = BeepCleanup;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = BeepDeviceControl;
    return STATUS_SUCCESS;
}
