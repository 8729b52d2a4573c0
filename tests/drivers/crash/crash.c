/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash.sys: a driver that does on request what a driver should not, \Device\CrashTest.
 *
 * It is loaded by tests (tests/native/drivers.c), never at boot.  Controls, METHOD_BUFFERED, function code 0x800 and
 * up: PING     out: ULONG, a number that counts the pings since the driver started WAIT     stays pending until it is
 * cancelled or the driver dies READ0    reads address 0 BUGCHECK KeBugCheckEx SPINLOCK takes a spin lock twice INLINE
 * out: ULONG, the IRQL << 8 | port 61, by the instructions that the DDK's own inline functions use REGISTRY out: ULONG,
 * the value Start of the driver's service key WORK     queues a work item that sets an event, waits for it, and answers
 * with the timer's help
 *
 * The value Start of its key also says how it unloads: CRASH_NO_UNLOAD not at all, CRASH_BAD_UNLOAD by dying.
 */
#include <ntddk.h>

#define CRASH_CODE(Function) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + (Function), METHOD_BUFFERED, FILE_ANY_ACCESS)
#define CRASH_PING CRASH_CODE(0)
#define CRASH_WAIT CRASH_CODE(1)
#define CRASH_READ0 CRASH_CODE(2)
#define CRASH_BUGCHECK CRASH_CODE(3)
#define CRASH_SPINLOCK CRASH_CODE(4)
#define CRASH_WORK CRASH_CODE(5)
#define CRASH_INLINE CRASH_CODE(6)
#define CRASH_REGISTRY CRASH_CODE(7)
#define CRASH_SPIN CRASH_CODE(8)
#define CRASH_NO_UNLOAD 0x103
#define CRASH_BAD_UNLOAD 0x203

DRIVER_INITIALIZE DriverEntry;
static DRIVER_DISPATCH CrashCreateClose, CrashDeviceControl;
static DRIVER_UNLOAD CrashUnload;
static DRIVER_CANCEL CrashCancel;
static IO_WORKITEM_ROUTINE CrashWork;

static ULONG CrashPings;
static KEVENT CrashWorkDone;
static ULONG CrashStartValue = 99;

static NTSTATUS CrashComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI CrashCreateClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return CrashComplete(Irp, STATUS_SUCCESS, 0);
}

static VOID NTAPI CrashCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    CrashComplete(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS CrashAnswer(PIRP Irp, ULONG Value)
{
    if (IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.OutputBufferLength < sizeof(ULONG))
        return CrashComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    *(PULONG)Irp->AssociatedIrp.SystemBuffer = Value;
    return CrashComplete(Irp, STATUS_SUCCESS, sizeof(ULONG));
}

static NTSTATUS CrashInline(PIRP Irp)
{
    KIRQL OldIrql = (KIRQL)__readcr8();
    ULONG Value;

    __writecr8(DISPATCH_LEVEL);
    Value = (ULONG)__readcr8() << 8 | __inbyte(0x61);
    __writecr8(OldIrql);
    return CrashAnswer(Irp, Value);
}

static VOID NTAPI CrashWork(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
    LARGE_INTEGER Delay = {.QuadPart = -200000}; /* 20 ms */

    KeDelayExecutionThread(KernelMode, FALSE, &Delay);
    KeSetEvent(&CrashWorkDone, IO_NO_INCREMENT, FALSE);
}

/* Waits in the dispatch routine for a work item, which waits for a timer. */
static NTSTATUS CrashRunWork(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    LARGE_INTEGER Timeout = {.QuadPart = -20000000}; /* 2 s */
    PIO_WORKITEM Item = IoAllocateWorkItem(DeviceObject);
    NTSTATUS Status;

    if (Item == NULL)
        return CrashComplete(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    KeInitializeEvent(&CrashWorkDone, NotificationEvent, FALSE);
    IoQueueWorkItem(Item, CrashWork, DelayedWorkQueue, NULL);
    Status = KeWaitForSingleObject(&CrashWorkDone, Executive, KernelMode, FALSE, &Timeout);
    IoFreeWorkItem(Item);
    return CrashComplete(Irp, Status == STATUS_SUCCESS ? STATUS_SUCCESS : STATUS_IO_TIMEOUT, 0);
}

static NTSTATUS NTAPI CrashDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    KSPIN_LOCK Lock = 0;
    KIRQL Irql;

    switch (IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.IoControlCode) {
    case CRASH_PING:
        return CrashAnswer(Irp, ++CrashPings);
    case CRASH_WAIT:
        IoMarkIrpPending(Irp);
        (VOID)IoSetCancelRoutine(Irp, CrashCancel);
        return STATUS_PENDING;
    case CRASH_READ0:
        return CrashComplete(Irp, *(volatile NTSTATUS *)NULL, 0);
    case CRASH_BUGCHECK:
        KeBugCheckEx(0xE2 /* MANUALLY_INITIATED_CRASH */, 0, 0, 0, 0);
    case CRASH_SPINLOCK:
        KeAcquireSpinLock(&Lock, &Irql);
        KeAcquireSpinLock(&Lock, &Irql);
        return CrashComplete(Irp, STATUS_SUCCESS, 0);
    case CRASH_SPIN:
        for (;;)
            YieldProcessor();
    case CRASH_REGISTRY:
        return CrashAnswer(Irp, CrashStartValue);
    case CRASH_INLINE:
        return CrashInline(Irp);
    case CRASH_WORK:
        return CrashRunWork(DeviceObject, Irp);
    default:
        return CrashComplete(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

static VOID NTAPI CrashUnload(PDRIVER_OBJECT DriverObject)
{
    if (CrashStartValue == CRASH_BAD_UNLOAD)
        *(volatile ULONG *)NULL = 0;
    IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\CrashTest");
    RTL_QUERY_REGISTRY_TABLE Table[2] = {
        {.Flags = RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_REQUIRED,
         .Name = L"Start",
         .EntryContext = &CrashStartValue},
    };
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    Status = RtlQueryRegistryValues(RTL_REGISTRY_ABSOLUTE, RegistryPath->Buffer, Table, NULL, NULL);
    if (!NT_SUCCESS(Status))
        return Status;

    DriverObject->MajorFunction[IRP_MJ_CREATE] = CrashCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = CrashCreateClose;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = CrashDeviceControl;
    DriverObject->DriverUnload = CrashStartValue == CRASH_NO_UNLOAD ? NULL : CrashUnload;
    return IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &DeviceObject);
}
