/* SPDX-License-Identifier: BSD-2-Clause
 *
 * hostile.sys: a driver that lies to ntos, \Device\HostileTest.
 *
 * It is loaded by tests/native/hostile.c, never at boot.  HOSTILE_ATTACK, with a 64-bit seed as its input, does what the seed says to
 * the rings of its host (abi/driver.h), calls a host service with bad arguments, or answers with nonsense.  HOSTILE_LIE makes all
 * later requests end with statuses and lengths made from the seed; HOSTILE_WAIT stays pending until it is cancelled; HOSTILE_BREAK does
 * one certain thing to the rings.
 */
#include <ntddk.h>
#include "abi/driver.h"
#include "abi/hostservices.h"
#include "hostile.h"

#define RINGS ((DRIVER_RINGS *)(DRIVER_REGION_ADDRESS + DRIVER_RINGS_OFFSET))

DRIVER_INITIALIZE DriverEntry;
static DRIVER_DISPATCH HostileAnswer, HostileControl, HostileClose;
static DRIVER_UNLOAD HostileUnload;
static DRIVER_CANCEL HostileCancel;

static ULONG64 Seed;
static BOOLEAN Lying;
static ULONG64 LastWait;        /* RequestId */

/* splitmix64 */
static ULONG64 Random(VOID)
{
    ULONG64 z = Seed += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static ULONG Below(ULONG Limit)
{
    return (ULONG)((Random() >> 20) % Limit);
}

static ULONG64 Value(VOID)
{
    switch (Below(4)) {
    case 0: return Below(16);
    case 1: return 1ull << Below(64);
    case 2: return 0 - (ULONG64)Below(4);
    default: return Random() >> Below(64);
    }
}

static NTSTATUS Status(VOID)
{
    static const NTSTATUS Known[] = { STATUS_SUCCESS, STATUS_SUCCESS, STATUS_PENDING, STATUS_REPARSE, STATUS_ALERTED, STATUS_USER_APC,
            STATUS_MORE_PROCESSING_REQUIRED, STATUS_BUFFER_OVERFLOW, STATUS_END_OF_FILE, STATUS_CANCELLED, STATUS_NO_MEMORY,
            STATUS_DELETE_PENDING, STATUS_TIMEOUT, STATUS_RETRY, STATUS_VERIFY_REQUIRED };

    return Below(4) == 0 ? (NTSTATUS)Random() : Known[Below(RTL_NUMBER_OF(Known))];
}

static NTSTATUS Complete(PIRP Irp, NTSTATUS CompletionStatus, ULONG_PTR Information)
{
    Irp->IoStatus.Status = CompletionStatus;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return CompletionStatus;
}

/* --- the rings ---------------------------------------------------------------------------------------------------- */

/* An answer that the host does not know of. */
static VOID ForgeCompletion(ULONG64 RequestId, NTSTATUS Answer, ULONG64 Information)
{
    ULONG Tail = RINGS->CompletionTail;
    DRIVER_COMPLETION *Entry = &RINGS->Completion[Tail % DRIVER_RING_ENTRIES];

    Entry->RequestId = RequestId;
    Entry->Status = Answer;
    Entry->Information = Information;
    RINGS->CompletionTail = Tail + 1;
}

/* Mostly for a request that there is or was. */
static VOID ForgeSomeCompletion(VOID)
{
    ULONG64 Id = Below(4) == 0 ? Value() : RINGS->Submission[Below(DRIVER_RING_ENTRIES)].RequestId;
    NTSTATUS Answer = Status();

    ForgeCompletion(Id, Answer, Value());
}

#define RING_ATTACKS 8

static VOID AttackRings(ULONG Kind)
{
    switch (Kind) {
    case 0:
        RINGS->CompletionTail += (ULONG)Value();
        break;
    case 1:
        RINGS->SubmissionHead += (ULONG)Value();
        break;
    case 2:
        RINGS->HostActivity = (ULONG)Value();
        RINGS->HostSleeping = (ULONG)Value();
        break;
    case 3:
        RINGS->SubmissionTail = (ULONG)Value();
        RINGS->CompletionHead = (ULONG)Value();
        RINGS->ExecutiveSleeping = (ULONG)Value();
        break;
    case 4:
        for (ULONG n = Below(64); n != 0; n--)
            ((volatile UCHAR *)RINGS)[Below(sizeof(DRIVER_RINGS))] = (UCHAR)Random();
        break;
    default:
        for (ULONG n = 1 + Below(8); n != 0; n--)
            ForgeSomeCompletion();
    }
}

static VOID BreakRings(ULONG How)
{
    KEVENT Never;

    switch (How) {
    case HOSTILE_OLD_ANSWER:
        ForgeCompletion(LastWait - DRIVER_RING_ENTRIES, STATUS_SUCCESS, 0);
        break;
    case HOSTILE_PENDING_ANSWER:
        ForgeCompletion(LastWait, STATUS_PENDING, 0);
        break;
    case HOSTILE_TAKEN:
        RINGS->SubmissionHead += DRIVER_RING_ENTRIES;
        KeInitializeEvent(&Never, NotificationEvent, FALSE);    /* else the host itself would stumble over it */
        KeWaitForSingleObject(&Never, Executive, KernelMode, FALSE, NULL);
        break;
    case HOSTILE_ANSWERED:
        RINGS->CompletionTail += HOSTILE_AHEAD;
    }
}

/* --- services ----------------------------------------------------------------------------------------------------- */

static PVOID Pointer(PVOID Good)
{
    static const ULONG64 Bad[] = { 0, 1, 0xffff, 0x7ffe0000, 0x00007ffffffffff9, 0x0000800000000000, 0xffff800000000000,
            0xfffffffffffffff8, DRIVER_REGION_ADDRESS, DRIVER_REGION_ADDRESS + DRIVER_REGION_SIZE - 4 };

    return Below(3) == 0 ? (PVOID)Bad[Below(RTL_NUMBER_OF(Bad))] : Good;
}

static PUNICODE_STRING Name(PUNICODE_STRING String)
{
    static const PCWSTR Names[] = { L"\\Device\\HostileA", L"\\??\\HostileB", L"\\Device\\Null", L"\\??\\C:", L"\\", L"", L"x",
            L"\\Device\\HostileTest", L"\\BaseNamedObjects\\hostile", L"\\Registry" };

    RtlInitUnicodeString(String, Names[Below(RTL_NUMBER_OF(Names))]);
    if (Below(8) == 0)
        String->Length = (USHORT)Value();
    if (Below(8) == 0)
        String->Buffer = Pointer(String->Buffer);
    return Pointer(String);
}

static VOID CallService(VOID)
{
    UNICODE_STRING First, Second;
    PVOID Address = NULL;
    ULONG Id = 0;

    switch (Below(9)) {
    case 0: NtHostReady((ULONG)Value()); break;
    case 1: NtHostRegisterDriver((ULONG)Value(), (PVOID)Value(), (ULONG)Value()); break;
    case 2:
    case 3: NtHostCreateDevice(Below(4) == 0 ? (ULONG)Value() : 0, Name(&First), (ULONG)Value(), (ULONG)Value(), (ULONG)Value(),
                               Pointer(&Id)); break;
    case 4: NtHostDeleteDevice(Below(4) == 0 ? 2 + Below(16) : (ULONG)Value()); break;
    case 5: NtHostCreateSymbolicLink(Name(&First), Name(&Second)); break;
    case 6: NtHostDeleteSymbolicLink(Name(&First)); break;
    case 7: NtHostMapDeviceMemory(Value(), Value(), (ULONG)Value(), Pointer(&Address)); break;
    default: NtHostUnmapDeviceMemory((PVOID)Value(), Value());
    }
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

static NTSTATUS NTAPI HostileAnswer(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    NTSTATUS Answer = Lying ? Status() : STATUS_SUCCESS;

    /* The host itself would not give such an answer. */
    if (Answer == STATUS_PENDING)
        Answer = STATUS_REPARSE;
    return Complete(Irp, Answer, Lying ? Value() : 0);
}

static NTSTATUS NTAPI HostileClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return Complete(Irp, Lying ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS, 0);
}

static VOID NTAPI HostileCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    Complete(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS NTAPI HostileControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    BOOLEAN HasSeed = Stack->Parameters.DeviceIoControl.InputBufferLength >= sizeof(Seed);
    ULONG Kind;

    if (Stack->Parameters.DeviceIoControl.IoControlCode == HOSTILE_WAIT) {
        LastWait = RINGS->Submission[(RINGS->SubmissionHead - 1) % DRIVER_RING_ENTRIES].RequestId;
        IoMarkIrpPending(Irp);
        (VOID)IoSetCancelRoutine(Irp, HostileCancel);
        return STATUS_PENDING;
    }
    if (Stack->Parameters.DeviceIoControl.IoControlCode == HOSTILE_BREAK) {
        BreakRings(*(PULONG)Irp->AssociatedIrp.SystemBuffer);
        return Complete(Irp, STATUS_SUCCESS, 0);
    }
    if (!HasSeed)
        return HostileAnswer(DeviceObject, Irp);
    Seed = *(PULONG64)Irp->AssociatedIrp.SystemBuffer;
    Lying = Stack->Parameters.DeviceIoControl.IoControlCode == HOSTILE_LIE;
    if (Lying)
        return Complete(Irp, STATUS_SUCCESS, 0);
    Kind = Below(16);
    if (Kind < RING_ATTACKS)
        AttackRings(Kind);
    for (ULONG n = Kind < RING_ATTACKS ? 0 : 1 + Below(30); n != 0; n--)
        CallService();
    return Complete(Irp, STATUS_SUCCESS, 0);
}

static VOID NTAPI HostileUnload(PDRIVER_OBJECT DriverObject)
{
    while (DriverObject->DeviceObject != NULL)
        IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING DeviceName = RTL_CONSTANT_STRING(HOSTILE_DEVICE);
    PDEVICE_OBJECT DeviceObject;

    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = HostileAnswer;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = DriverObject->MajorFunction[IRP_MJ_CLEANUP] = HostileClose;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = HostileControl;
    DriverObject->DriverUnload = HostileUnload;
    return IoCreateDevice(DriverObject, 0, &DeviceName, FILE_DEVICE_UNKNOWN, 0, FALSE, &DeviceObject);
}
