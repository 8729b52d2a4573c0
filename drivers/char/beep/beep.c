/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * beep.sys: the PC speaker, \Device\Beep.
 *
 * IOCTL_BEEP_SET starts a tone; a timer ends it after Duration milliseconds.  Duration 0 ends the tone now, MAXULONG
 * lets it go on.  A new request replaces the tone.  Channel 2 of the 8254 makes the square wave, port 61 lets it
 * through (Intel 8254 data sheet, mode 3; IBM PC/AT technical reference, port 61 bits 0 and 1). Resources: ports 42-43
 * and 61.  Nothing is ever pending.
 */
#include <ntddk.h>
#include <ntddbeep.h>

#define TIMER_FREQUENCY 1193182
#define TIMER_MODE_CHANNEL_2 0xB6 /* channel 2, low then high byte, mode 3, binary */
#define SPEAKER_ON 0x03

typedef struct _DEVICE_EXTENSION {
    PDEVICE_OBJECT Device;
    PDEVICE_OBJECT Lower;
    PUCHAR TimerPort;   /* 42: channel 2, the next one is the mode */
    PUCHAR SpeakerPort; /* 61 */
    BOOLEAN IsStarted;
    KTIMER Timer;
    KDPC Dpc;
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

DRIVER_INITIALIZE DriverEntry;
static DRIVER_ADD_DEVICE BeepAddDevice;
static DRIVER_DISPATCH BeepPnp, BeepCreateClose, BeepCleanup, BeepDeviceControl;
static DRIVER_UNLOAD BeepUnload;
static KDEFERRED_ROUTINE BeepTimeout;

static NTSTATUS BeepComplete(PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_SOUND_INCREMENT);
    return Status;
}

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

    if (!Extension->IsStarted)
        return BeepComplete(Irp, STATUS_DEVICE_NOT_CONNECTED);
    if (Stack->Parameters.DeviceIoControl.IoControlCode != IOCTL_BEEP_SET)
        return BeepComplete(Irp, STATUS_INVALID_DEVICE_REQUEST);
    if (Stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(BEEP_SET_PARAMETERS))
        return BeepComplete(Irp, STATUS_BUFFER_TOO_SMALL);
    return BeepComplete(Irp, BeepSet(Extension, Irp->AssociatedIrp.SystemBuffer));
}

static NTSTATUS NTAPI BeepCreateClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return BeepComplete(Irp, STATUS_SUCCESS);
}

/* The last handle of a file ends the tone. */
static NTSTATUS NTAPI BeepCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;

    if (Extension->IsStarted) {
        KeCancelTimer(&Extension->Timer);
        BeepSilence(Extension);
    }
    return BeepComplete(Irp, STATUS_SUCCESS);
}

static NTSTATUS NTAPI BeepAddDevice(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(DD_BEEP_DEVICE_NAME_U);
    PDEVICE_EXTENSION Extension;
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    Status = IoCreateDevice(DriverObject, sizeof(*Extension), &Name, FILE_DEVICE_BEEP, 0, FALSE, &DeviceObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Extension = DeviceObject->DeviceExtension;
    Extension->Device = DeviceObject;
    KeInitializeTimer(&Extension->Timer);
    KeInitializeDpc(&Extension->Dpc, BeepTimeout, Extension);
    Extension->Lower = IoAttachDeviceToDeviceStack(DeviceObject, PhysicalDeviceObject);
    if (Extension->Lower == NULL) {
        IoDeleteDevice(DeviceObject);
        return STATUS_NO_SUCH_DEVICE;
    }
    DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

/* The port range of two is the timer's, the single port the speaker's. */
static NTSTATUS BeepStart(PDEVICE_EXTENSION Extension, PCM_RESOURCE_LIST List)
{
    PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor;
    ULONG i;

    for (i = 0; List != NULL && List->Count != 0 && i < List->List[0].PartialResourceList.Count; i++) {
        Descriptor = &List->List[0].PartialResourceList.PartialDescriptors[i];
        if (Descriptor->Type != CmResourceTypePort)
            continue;
        if (Descriptor->u.Port.Length == 2)
            Extension->TimerPort = (PUCHAR)(ULONG_PTR)Descriptor->u.Port.Start.QuadPart;
        else
            Extension->SpeakerPort = (PUCHAR)(ULONG_PTR)Descriptor->u.Port.Start.QuadPart;
    }
    if (Extension->TimerPort == NULL || Extension->SpeakerPort == NULL)
        return STATUS_DEVICE_CONFIGURATION_ERROR;
    BeepSilence(Extension);
    Extension->IsStarted = TRUE;
    return STATUS_SUCCESS;
}

static VOID BeepStop(PDEVICE_EXTENSION Extension)
{
    if (!Extension->IsStarted)
        return;
    Extension->IsStarted = FALSE;
    KeCancelTimer(&Extension->Timer);
    KeRemoveQueueDpc(&Extension->Dpc);
    BeepSilence(Extension);
}

static NTSTATUS NTAPI BeepPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PDEVICE_EXTENSION Extension = DeviceObject->DeviceExtension;
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    PDEVICE_OBJECT Lower = Extension->Lower;
    NTSTATUS Status;

    switch (Stack->MinorFunction) {
    case IRP_MN_START_DEVICE:
        if (!IoForwardIrpSynchronously(Lower, Irp))
            return BeepComplete(Irp, STATUS_UNSUCCESSFUL);
        Status = Irp->IoStatus.Status;
        if (NT_SUCCESS(Status))
            Status = BeepStart(Extension, Stack->Parameters.StartDevice.AllocatedResourcesTranslated);
        return BeepComplete(Irp, Status);
    case IRP_MN_STOP_DEVICE:
        BeepStop(Extension);
        break;
    case IRP_MN_REMOVE_DEVICE:
        BeepStop(Extension);
        Irp->IoStatus.Status = STATUS_SUCCESS;
        IoSkipCurrentIrpStackLocation(Irp);
        Status = IoCallDriver(Lower, Irp);
        IoDetachDevice(Lower);
        IoDeleteDevice(DeviceObject);
        return Status;
    default:
        break;
    }
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Lower, Irp);
}

static VOID NTAPI BeepUnload(PDRIVER_OBJECT DriverObject)
{
    /* Every device is removed before the driver is unloaded. */
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    DriverObject->MajorFunction[IRP_MJ_CREATE] = BeepCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = BeepCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = BeepCleanup;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = BeepDeviceControl;
    DriverObject->MajorFunction[IRP_MJ_PNP] = BeepPnp;
    DriverObject->DriverExtension->AddDevice = BeepAddDevice;
    DriverObject->DriverUnload = BeepUnload;
    return STATUS_SUCCESS;
}
