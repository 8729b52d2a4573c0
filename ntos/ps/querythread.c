/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryInformationThread and NtSetInformationThread.
 *
 * DIFFERS: priorities of I/O and of pages and boosts are kept and returned, and have no effect.
 */
#include "psp.h"

#define PSP_LOW_REALTIME_PRIORITY 16
#define PSP_THREAD_BREAK_ON_TERMINATION 18
#define PSP_THREAD_NAME 38              /* ThreadNameInformation */
#define PSP_THREAD_IO_PRIORITY 22
#define PSP_THREAD_PAGE_PRIORITY 24
#define PSP_THREAD_GROUP 30             /* ThreadGroupInformation */
#define PSP_THREAD_IDEAL_PROCESSOR_EX 33
#define PSP_SATURATION 16               /* increments of a base priority: as far as it goes */
#define PSP_MAX_NAME 0x7ffe

static NTSTATUS PspReferenceThread(HANDLE Handle, ACCESS_MASK Access, PETHREAD *Thread)
{
    return ObReferenceObjectByHandle(Handle, Access, PsThreadType, UserMode, (PVOID *)Thread, NULL);
}

static NTSTATUS PspReturnName(PETHREAD Thread, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    ULONG Needed = sizeof(UNICODE_STRING) + Thread->Name.Length;
    UNICODE_STRING Header = PspStringOf(Thread->Name.Length, Thread->Name.Length, (PUCHAR)UserBuffer + sizeof(Header));
    NTSTATUS Status = PspBeginAnswer(UserBuffer, Length, UserReturnLength, Needed, STATUS_BUFFER_TOO_SMALL);

    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(UserBuffer, &Header, sizeof(Header));
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(Header.Buffer, Thread->Name.Buffer, Thread->Name.Length);
    return Status;
}

static NTSTATUS PspQuery(PETHREAD Thread, THREADINFOCLASS Class, PVOID Buffer, ULONG Length, PULONG ReturnLength)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    THREAD_BASIC_INFORMATION Basic;
    PSP_TIMES Times = { 0 };
    PSP_CYCLES Cycles = { 0 };
    PVOID Address;
    ULONG Value = 0;
    UCHAR Flag;

    switch ((ULONG)Class) {
    case ThreadBasicInformation:
        memset(&Basic, 0, sizeof(Basic));       /* what lies between the fields, too */
        Basic.ExitStatus = Thread->Tcb.State == KThreadTerminated ? Thread->ExitStatus : STATUS_PENDING;
        Basic.TebBaseAddress = Thread->Tcb.Teb;
        Basic.ClientId = Thread->Cid;
        Basic.AffinityMask = 1;
        Basic.Priority = Thread->Tcb.Priority;
        Basic.BasePriority = Thread->Saturation != 0 ? Thread->Saturation * PSP_SATURATION
                             : Thread->Tcb.BasePriority - Process->Pcb.BasePriority;
        return PspReturn(Buffer, Length, ReturnLength, &Basic, sizeof(Basic));
    case ThreadTimes:
        Times.CreateTime = Thread->CreateTime;
        Times.ExitTime = Thread->ExitTime;
        Times.KernelTime.QuadPart = (LONG64)Thread->Tcb.KernelTime;
        Times.UserTime.QuadPart = (LONG64)Thread->Tcb.UserTime;
        return PspReturn(Buffer, Length, ReturnLength, &Times, sizeof(Times));
    case 23:                            /* ThreadCycleTime */
        Cycles.AccumulatedCycles = KeCyclesOf(Thread->Tcb.KernelTime + Thread->Tcb.UserTime);
        return PspReturn(Buffer, Length, ReturnLength, &Cycles, sizeof(Cycles));
    case ThreadQuerySetWin32StartAddress:
        Address = Thread->Win32StartAddress;
        return PspReturn(Buffer, Length, ReturnLength, &Address, sizeof(Address));
    case ThreadAmILastThread:
        Value = Process->ActiveThreads == 1;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case ThreadIsIoPending:
        Value = Thread->IrpList.Flink != &Thread->IrpList;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case ThreadHideFromDebugger:
        Flag = Thread->HideFromDebugger;
        return PspReturn(Buffer, Length, ReturnLength, &Flag, sizeof(Flag));
    case ThreadPriorityBoost:
        Value = Thread->PriorityBoostDisabled;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case PSP_THREAD_BREAK_ON_TERMINATION:
        Value = Thread->BreakOnTermination;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case PSP_THREAD_IO_PRIORITY:
        Value = Thread->IoPriority;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case PSP_THREAD_PAGE_PRIORITY:
        Value = Thread->PagePriority;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case 25:                            /* ThreadActualBasePriority */
        Value = Thread->Tcb.BasePriority;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case PSP_THREAD_GROUP:
        return PspReturn(Buffer, Length, ReturnLength, &(GROUP_AFFINITY){ .Mask = 1 }, sizeof(GROUP_AFFINITY));
    case PSP_THREAD_IDEAL_PROCESSOR_EX:
        return PspReturn(Buffer, Length, ReturnLength, &(PROCESSOR_NUMBER){ 0 }, sizeof(PROCESSOR_NUMBER));
    case 20:                            /* ThreadIsTerminated */
        Value = Thread->Tcb.State == KThreadTerminated;
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case 35:                            /* ThreadSuspendCount */
        Value = KeQuerySuspendCount(&Thread->Tcb);
        return PspReturn(Buffer, Length, ReturnLength, &Value, sizeof(Value));
    case PSP_THREAD_NAME:
        return PspReturnName(Thread, Buffer, Length, ReturnLength);
    }
    return STATUS_INVALID_INFO_CLASS;
}

static ACCESS_MASK PspQueryAccess(THREADINFOCLASS Class)
{
    switch ((ULONG)Class) {
    case ThreadQuerySetWin32StartAddress:
    case ThreadIsIoPending:
    case ThreadHideFromDebugger:
    case PSP_THREAD_BREAK_ON_TERMINATION:
    case PSP_THREAD_IO_PRIORITY:
    case PSP_THREAD_PAGE_PRIORITY:
        return THREAD_QUERY_INFORMATION;
    }
    return THREAD_QUERY_LIMITED_INFORMATION;
}

NTSTATUS NTAPI NtQueryInformationThread(HANDLE ThreadHandle, THREADINFOCLASS ThreadInformationClass,
                                        PVOID ThreadInformation, ULONG ThreadInformationLength, PULONG ReturnLength)
{
    PETHREAD Thread;
    NTSTATUS Status = PspReferenceThread(ThreadHandle, PspQueryAccess(ThreadInformationClass), &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspQuery(Thread, ThreadInformationClass, ThreadInformation, ThreadInformationLength, ReturnLength);
    ObDereferenceObject(Thread);
    return Status;
}

/* ------------------------------------------------------------------ set */

static NTSTATUS PspSetName(PETHREAD Thread, PVOID UserBuffer)
{
    UNICODE_STRING Name, Captured = { 0 };
    NTSTATUS Status = MmCopyFromUser(&Name, UserBuffer, sizeof(Name));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Name.Length > PSP_MAX_NAME || Name.Length % 2 != 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmCaptureBuffer(Name.Buffer, Name.Length, (PVOID *)&Captured.Buffer);
    if (!NT_SUCCESS(Status))
        return Status;
    Captured.Length = Captured.MaximumLength = Name.Length;
    if (Thread->Name.Buffer != NULL)
        ExFreePool(Thread->Name.Buffer);
    Thread->Name = Captured;
    return STATUS_SUCCESS;
}

static NTSTATUS PspSetToken(PETHREAD Thread, HANDLE Handle)
{
    PVOID Token = NULL;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Handle != NULL)
        Status = ObReferenceObjectByHandle(Handle, TOKEN_IMPERSONATE, SeTokenObjectType, UserMode, &Token, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SeAssignImpersonationToken(Thread, Token);
    if (Token != NULL)
        ObDereferenceObject(Token);
    return Status;
}

static NTSTATUS PspSetPriority(PETHREAD Thread, LONG Priority)
{
    NTSTATUS Status = Priority >= PSP_LOW_REALTIME_PRIORITY ? PspRequirePrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE)
                      : STATUS_SUCCESS;

    if (Priority < 1 || Priority > 31)
        return STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        KeSetPriorityThread(&Thread->Tcb, Priority);
    return Status;
}

/*
 * Increments are -2..2 but in the class REALTIME, or they saturate: 16 and -16, which NT's SetThreadPriority makes of 15
 * and -15, and these.
 */
static NTSTATUS PspSetIncrement(PETHREAD Thread, LONG Increment)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    BOOLEAN RealTime = PspNeedsPrivilege(Process->PriorityClass);
    LONG Lowest = RealTime ? PSP_LOW_REALTIME_PRIORITY : 1, Highest = RealTime ? 31 : PSP_LOW_REALTIME_PRIORITY - 1;
    LONG Base = Process->Pcb.BasePriority + Increment;
    BOOLEAN Saturates = Increment == 15 || Increment == -15 || Increment == PSP_SATURATION || Increment == -PSP_SATURATION;

    if (!Saturates && (RealTime ? Increment < -15 || Increment > 15 : Increment < -2 || Increment > 2))
        return STATUS_INVALID_PARAMETER;
    Thread->Saturation = !Saturates ? 0 : Increment > 0 ? 1 : -1;
    if (Saturates)
        Base = Increment > 0 ? Highest : Lowest;
    Thread->Tcb.BasePriority = Base < Lowest ? Lowest : Base > Highest ? Highest : Base;
    KeSetPriorityThread(&Thread->Tcb, Thread->Tcb.BasePriority);
    return STATUS_SUCCESS;
}

static NTSTATUS PspSetGroup(PVOID UserBuffer, ULONG Length)
{
    GROUP_AFFINITY Group;
    NTSTATUS Status = Length == sizeof(Group) ? MmCopyFromUser(&Group, UserBuffer, sizeof(Group)) : STATUS_INFO_LENGTH_MISMATCH;

    if (NT_SUCCESS(Status) && (Group.Group != 0 || Group.Mask != 1 || Group.Reserved[0] != 0 || Group.Reserved[1] != 0 || Group.Reserved[2] != 0))
        Status = STATUS_INVALID_PARAMETER;
    return Status;
}

/* The ideal processor of one: the answer is the number of the one before, 0. */
static NTSTATUS PspSetIdealProcessor(ULONG Number)
{
    return Number > MAXIMUM_PROCESSORS ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static NTSTATUS PspSetIoPriority(PETHREAD Thread, ULONG Value)
{
    NTSTATUS Status = Value > PSP_NORMAL_IO_PRIORITY ? PspRequirePrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE) : STATUS_SUCCESS;

    if (Value > PSP_MOST_IO_PRIORITY)
        return STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Thread->IoPriority = (UCHAR)Value;
    return Status;
}

static NTSTATUS PspSet(PETHREAD Thread, THREADINFOCLASS Class, PVOID UserBuffer, ULONG Length)
{
    ULONG64 Value = 0;
    ULONG Size;
    NTSTATUS Status;

    switch ((ULONG)Class) {
    case PSP_THREAD_NAME:
        return Length == sizeof(UNICODE_STRING) ? PspSetName(Thread, UserBuffer) : STATUS_INFO_LENGTH_MISMATCH;
    case ThreadHideFromDebugger:
        if (Length != 0)
            return STATUS_INFO_LENGTH_MISMATCH;
        Thread->HideFromDebugger = TRUE;
        return STATUS_SUCCESS;
    case ThreadAffinityMask:
    case ThreadImpersonationToken:
    case ThreadQuerySetWin32StartAddress:
        Size = sizeof(ULONG64);
        break;
    case PSP_THREAD_GROUP:
        return PspSetGroup(UserBuffer, Length);
    case ThreadPriority:
    case ThreadBasePriority:
    case ThreadIdealProcessor:
    case ThreadPriorityBoost:
    case PSP_THREAD_BREAK_ON_TERMINATION:
    case PSP_THREAD_IO_PRIORITY:
    case PSP_THREAD_PAGE_PRIORITY:
        Size = sizeof(ULONG);
        break;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
    if (Length != Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Value, UserBuffer, Size);
    if (!NT_SUCCESS(Status))
        return Status;
    switch ((ULONG)Class) {
    case ThreadPriority:
        return PspSetPriority(Thread, (LONG)Value);
    case ThreadBasePriority:
        return PspSetIncrement(Thread, (LONG)Value);
    case ThreadAffinityMask:
        return Value & 1 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    case ThreadImpersonationToken:
        return PspSetToken(Thread, (HANDLE)Value);
    case ThreadQuerySetWin32StartAddress:
        Thread->Win32StartAddress = (PVOID)Value;
        return STATUS_SUCCESS;
    case PSP_THREAD_BREAK_ON_TERMINATION:
        Status = PspRequirePrivilege(SE_DEBUG_PRIVILEGE);
        if (NT_SUCCESS(Status))
            Thread->BreakOnTermination = (ULONG)Value != 0;
        return Status;
    case PSP_THREAD_IO_PRIORITY:
        return PspSetIoPriority(Thread, (ULONG)Value);
    case PSP_THREAD_PAGE_PRIORITY:
        if ((ULONG)Value > PSP_NORMAL_PAGE_PRIORITY)
            return STATUS_INVALID_PARAMETER;
        Thread->PagePriority = (UCHAR)Value;
        return STATUS_SUCCESS;
    case ThreadIdealProcessor:
        return PspSetIdealProcessor((ULONG)Value);
    default:                            /* ThreadPriorityBoost */
        Thread->PriorityBoostDisabled = (ULONG)Value != 0;
        return STATUS_SUCCESS;
    }
}

/* The access that each class wants (Windows, SetThreadPriority, SetThreadToken and the others). */
static ACCESS_MASK PspSetAccess(THREADINFOCLASS Class)
{
    switch ((ULONG)Class) {
    case ThreadImpersonationToken:
        return THREAD_SET_THREAD_TOKEN;
    case ThreadPriority:
    case ThreadBasePriority:
    case ThreadPriorityBoost:
    case ThreadAffinityMask:
    case PSP_THREAD_NAME:
        return THREAD_SET_LIMITED_INFORMATION;
    }
    return THREAD_SET_INFORMATION;
}

NTSTATUS NTAPI NtSetInformationThread(HANDLE ThreadHandle, THREADINFOCLASS ThreadInformationClass,
                                      PVOID ThreadInformation, ULONG ThreadInformationLength)
{
    PETHREAD Thread;
    NTSTATUS Status = PspReferenceThread(ThreadHandle, PspSetAccess(ThreadInformationClass), &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspSet(Thread, ThreadInformationClass, ThreadInformation, ThreadInformationLength);
    ObDereferenceObject(Thread);
    return Status;
}
