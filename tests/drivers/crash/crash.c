/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crash.sys: a driver that does on request what a driver should not, \Device\CrashTest.
 *
 * It is loaded by tests (tests/native/drivers.c), never at boot.  Controls, METHOD_BUFFERED, function code 0x800 and
 * up:
 *
 *   PING      out: ULONG, a number that counts the pings since the driver started
 *   WAIT      stays pending until it is cancelled or the driver dies
 *   READ0     reads address 0
 *   BUGCHECK  KeBugCheckEx
 *   SPINLOCK  takes a spin lock twice
 *   INLINE    out: ULONG, the IRQL << 8 | port 61, by the instructions that the DDK's own inline functions use
 *   REGISTRY  out: ULONG, the value Start of the driver's service key
 *   WORK      queues a work item that sets an event, waits for it, and answers with the timer's help
 *   SPIN      computes for ever
 *   SPINODD   the same, after it has told ntos that the host sleeps
 *   SPINLATER is answered at once; a timer's DPC computes for ever, CRASH_LATER seconds later
 *   KEEP      in: ULONG, an IRP_MJ code: such a request of the file is never answered; IRP_MJ_DEVICE_CONTROL: this one
 *             itself is not, and has no cancel routine
 *   COMPUTE   in: ULONG, milliseconds; computes for so long and then answers
 *   CLAIM     METHOD_OUT_DIRECT: says that it has filled the output buffer, and has written nothing
 *
 * The value Start of its key also says how it unloads: CRASH_NO_UNLOAD not at all, CRASH_BAD_UNLOAD by dying.
 */
#include <ntddk.h>
#include "abi/driver.h"
#include "crash.h"

DRIVER_INITIALIZE DriverEntry;
static DRIVER_DISPATCH CrashCreateClose, CrashDeviceControl;
static DRIVER_UNLOAD CrashUnload;
static DRIVER_CANCEL CrashCancel;
static IO_WORKITEM_ROUTINE CrashWork;
static KDEFERRED_ROUTINE CrashLate;

static ULONG CrashPings;
static KEVENT CrashWorkDone;
static KTIMER CrashTimer;
static KDPC CrashDpc;
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
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);

    if (Stack->FileObject->FsContext2 != NULL && (ULONG_PTR)Stack->FileObject->FsContext2 == Stack->MajorFunction) {
        IoMarkIrpPending(Irp);
        return STATUS_PENDING;
    }
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

static DECLSPEC_NORETURN VOID CrashCompute(VOID)
{
    for (;;)
        YieldProcessor();
}

static VOID NTAPI CrashLate(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    CrashCompute();
}

static NTSTATUS CrashSpinLater(PIRP Irp)
{
    LARGE_INTEGER DueTime = {.QuadPart = CRASH_LATER * -10000000ll};

    KeInitializeTimer(&CrashTimer);
    KeInitializeDpc(&CrashDpc, CrashLate, NULL);
    KeSetTimer(&CrashTimer, DueTime, &CrashDpc);
    return CrashComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS CrashComputeFor(PIRP Irp, PIO_STACK_LOCATION Stack)
{
    ULONGLONG Start = KeQueryInterruptTime();

    if (Stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(ULONG))
        return CrashComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    while (KeQueryInterruptTime() - Start < *(PULONG)Irp->AssociatedIrp.SystemBuffer * 10000ull)
        YieldProcessor();
    return CrashComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS CrashKeep(PIRP Irp, PIO_STACK_LOCATION Stack)
{
    ULONG Function;

    if (Stack->Parameters.DeviceIoControl.InputBufferLength < sizeof(ULONG))
        return CrashComplete(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    Function = *(PULONG)Irp->AssociatedIrp.SystemBuffer;
    if (Function != IRP_MJ_DEVICE_CONTROL) {
        Stack->FileObject->FsContext2 = (PVOID)(ULONG_PTR)Function;
        return CrashComplete(Irp, STATUS_SUCCESS, 0);
    }
    IoMarkIrpPending(Irp);
    return STATUS_PENDING;
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
        CrashCompute();
    case CRASH_SPINODD:
        ((DRIVER_RINGS *)(DRIVER_REGION_ADDRESS + DRIVER_RINGS_OFFSET))->HostActivity = 0x7fffffff;
        CrashCompute();
    case CRASH_SPINLATER:
        return CrashSpinLater(Irp);
    case CRASH_CLAIM:
        return CrashComplete(Irp, STATUS_SUCCESS, IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.OutputBufferLength);
    case CRASH_KEEP:
        return CrashKeep(Irp, IoGetCurrentIrpStackLocation(Irp));
    case CRASH_COMPUTE:
        return CrashComputeFor(Irp, IoGetCurrentIrpStackLocation(Irp));
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
    UNICODE_STRING Name = RTL_CONSTANT_STRING(CRASH_DEVICE);
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
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = CrashCreateClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = CrashCreateClose;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = CrashDeviceControl;
    DriverObject->DriverUnload = CrashStartValue == CRASH_NO_UNLOAD ? NULL : CrashUnload;
    return IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &DeviceObject);
}
