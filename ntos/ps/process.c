/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Processes: the end, terminate, suspend, resume, open; the notify routines.
 *
 * A process runs while ActiveThreads is not 0.  The last thread's exit takes everything away (PspExitProcess): first
 * the notifications, then handles, address space, image, token; then the object is signalled.  What stays until the
 * last reference goes is the EPROCESS with its times, counters and exit status.  One that never had a thread loses its
 * handles when it is ended; it goes with its last reference, and is never signalled.
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"

#define PSP_MAX_NOTIFY 8

static PS_PROCESS_NOTIFY PspProcessNotify[PSP_MAX_NOTIFY];
static PS_THREAD_NOTIFY PspThreadNotify[PSP_MAX_NOTIFY];

NTSTATUS PsSetCreateProcessNotifyRoutine(PS_PROCESS_NOTIFY Routine)
{
    for (ULONG i = 0; i < PSP_MAX_NOTIFY; i++)
        if (PspProcessNotify[i] == NULL) {
            PspProcessNotify[i] = Routine;
            return STATUS_SUCCESS;
        }
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS PsSetCreateThreadNotifyRoutine(PS_THREAD_NOTIFY Routine)
{
    for (ULONG i = 0; i < PSP_MAX_NOTIFY; i++)
        if (PspThreadNotify[i] == NULL) {
            PspThreadNotify[i] = Routine;
            return STATUS_SUCCESS;
        }
    return STATUS_INSUFFICIENT_RESOURCES;
}

static VOID PspNotifyProcess(PEPROCESS Process, BOOLEAN Created)
{
    for (ULONG i = 0; i < PSP_MAX_NOTIFY && PspProcessNotify[i] != NULL; i++)
        PspProcessNotify[i](Process, Created);
}

VOID PspNotifyThread(PETHREAD Thread, BOOLEAN Created)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;

    if (Created && Process->ActiveThreads == 1)
        PspNotifyProcess(Process, TRUE);
    for (ULONG i = 0; i < PSP_MAX_NOTIFY && PspThreadNotify[i] != NULL; i++)
        PspThreadNotify[i](Thread, Created);
}

/* What a process holds beside its memory and handles. */
static VOID PspReleaseProcess(PEPROCESS Process)
{
    if (Process->SectionObject != NULL)
        ObDereferenceObject(Process->SectionObject);
    if (Process->Token != NULL)
        ObDereferenceObject(Process->Token);
    Process->SectionObject = Process->Token = NULL;
}

VOID PspExitProcess(PEPROCESS Process)
{
    KAPC_STATE State;

    PspNotifyProcess(Process, FALSE);
    if (Process->ObjectTable != NULL)
        ObKillProcess(Process);
    PspLeaveJob(Process, TRUE);
    /* From here on this code has no user memory. */
    KeStackAttachProcess(&PsInitialSystemProcess->Pcb, &State);
    KeUninitializeProcess(&Process->Pcb);
    MmDeleteSpace(&Process->Vm);
    PspReleaseProcess(Process);
    KeQuerySystemTime(&Process->ExitTime);
    PspUnlink(&Process->ActiveProcessLinks);
    Process->ExitCalled = TRUE;
    KeSignalObject(&Process->Pcb.Header);
}

VOID PspDeleteProcess(PVOID Object)
{
    PEPROCESS Process = Object;

    if (PspIsThreadless(Process))       /* what was done for it before it had one, is undone */
        PspNotifyProcess(Process, FALSE);
    if (Process->ActiveProcessLinks.Flink != NULL)
        PspUnlink(&Process->ActiveProcessLinks);
    if (Process->ObjectTable != NULL)
        ObKillProcess(Process);
    PspLeaveJob(Process, FALSE);
    KeUninitializeProcess(&Process->Pcb);
    MmDeleteSpace(&Process->Vm);
    PspReleaseProcess(Process);
    if (Process->UniqueProcessId != NULL)
        PspDeleteCid(Process->UniqueProcessId);
    if (Process->ImagePath.Buffer != NULL)
        ExFreePool(Process->ImagePath.Buffer);
}

/* ------------------------------------------------------------------ all threads of a process */

static NTSTATUS PspTerminateThreads(PEPROCESS Process, PKTHREAD Except, NTSTATUS ExitStatus)
{
    PLIST_ENTRY Head = &Process->Pcb.ThreadListHead, Entry, Next;
    BOOLEAN Self = FALSE;

    for (Entry = Head->Flink; Entry != Head; Entry = Next) {
        PETHREAD Thread = CONTAINING_RECORD(Entry, ETHREAD, Tcb.ThreadListEntry);

        Next = Entry->Flink;
        if (&Thread->Tcb == KeGetCurrentThread())
            Self = TRUE;
        else
            PsTerminateThread(Thread, ExitStatus);
    }
    if (Self && Except == NULL)
        PsTerminateThread(PsGetCurrentThread(), ExitStatus);
    return STATUS_SUCCESS;
}

NTSTATUS PsTerminateProcess(PEPROCESS Process, NTSTATUS ExitStatus)
{
    if (Process == PsInitialSystemProcess)
        return STATUS_ACCESS_DENIED;
    if (Process->ExitCalled)
        return STATUS_PROCESS_IS_TERMINATING;
    if (!Process->Exiting) {
        Process->Exiting = TRUE;
        Process->ExitStatus = ExitStatus;
    }
    return PspTerminateThreads(Process, NULL, ExitStatus);
}

VOID PspClearThreadless(PEPROCESS Process)
{
    if (!PspIsThreadless(Process) || !Process->Exiting)
        return;
    DbgkAbandonProcess(Process);
    if (Process->ObjectTable != NULL)
        ObKillProcess(Process);
}

static NTSTATUS PspForThreads(PEPROCESS Process, NTSTATUS (*Routine)(PKTHREAD, PULONG))
{
    PLIST_ENTRY Head = &Process->Pcb.ThreadListHead, Entry, Next;
    ULONG Previous;

    if (Process->Exiting)
        return STATUS_PROCESS_IS_TERMINATING;
    for (Entry = Head->Flink; Entry != Head; Entry = Next) {
        Next = Entry->Flink;
        Routine(CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry), &Previous);
    }
    return STATUS_SUCCESS;
}

NTSTATUS PsSuspendProcess(PEPROCESS Process)
{
    return PspForThreads(Process, KeSuspendThread);
}

NTSTATUS PsResumeProcess(PEPROCESS Process)
{
    return PspForThreads(Process, PspResumeThread);
}

/* ------------------------------------------------------------------ services */

NTSTATUS NTAPI NtTerminateProcess(HANDLE ProcessHandle, NTSTATUS ExitStatus)
{
    PEPROCESS Process;
    NTSTATUS Status;

    if (ProcessHandle == NULL) {        /* all other threads of the caller's process */
        Process = PsGetCurrentProcess();
        return PspTerminateThreads(Process, KeGetCurrentThread(), ExitStatus);
    }
    Status = PspReferenceProcess(ProcessHandle, PROCESS_TERMINATE, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PsTerminateProcess(Process, ExitStatus);
    PspClearThreadless(Process);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtSuspendProcess(HANDLE ProcessHandle)
{
    PEPROCESS Process;
    NTSTATUS Status = PspReferenceProcess(ProcessHandle, PROCESS_SUSPEND_RESUME, &Process);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = PsSuspendProcess(Process);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtResumeProcess(HANDLE ProcessHandle)
{
    PEPROCESS Process;
    NTSTATUS Status = PspReferenceProcess(ProcessHandle, PROCESS_SUSPEND_RESUME, &Process);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = PsResumeProcess(Process);
    ObDereferenceObject(Process);
    return Status;
}

/* By thread id, or by process id; a thread id must be of the process id if both are given. */
static NTSTATUS PspLookupClient(const CLIENT_ID *Cid, PEPROCESS *Process)
{
    PETHREAD Thread;
    NTSTATUS Status;

    if (Cid->UniqueThread == NULL)
        return PsLookupProcessByProcessId(Cid->UniqueProcess, Process);
    Status = PsLookupThreadByThreadId(Cid->UniqueThread, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Cid->UniqueProcess != NULL && Cid->UniqueProcess != Thread->Cid.UniqueProcess) {
        Status = STATUS_INVALID_CID;
    } else {
        *Process = (PEPROCESS)Thread->Tcb.OwningProcess;
        ObReferenceObject(*Process);
    }
    ObDereferenceObject(Thread);
    return Status;
}

NTSTATUS NTAPI NtOpenProcess(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                             PCLIENT_ID ClientId)
{
    OBJECT_ATTRIBUTES Attributes;
    CLIENT_ID Cid;
    PEPROCESS Process;
    HANDLE Handle;
    NTSTATUS Status = MmGetUser(&Cid, ClientId);

    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Attributes, ObjectAttributes);
    if (NT_SUCCESS(Status) && Attributes.ObjectName != NULL)
        Status = STATUS_INVALID_PARAMETER_MIX;
    if (NT_SUCCESS(Status))
        Status = PspLookupClient(&Cid, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObOpenObjectByPointer(Process, Attributes.Attributes & OBJ_INHERIT, NULL, DesiredAccess, PsProcessType,
                                   UserMode, &Handle);
    ObDereferenceObject(Process);
    return NT_SUCCESS(Status) ? PspPutHandle(ProcessHandle, Handle) : Status;
}
