/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtGetNextProcess and NtGetNextThread: walks over all processes, or a process's threads, that the caller may open.  The place
 * in the walk is the handle of the object before; one that has ended has no place.  Nothing here waits.
 */
#include "psp.h"

/* The entry behind Entry, or before it; NULL: the list's end, or Entry is in no list. */
static PLIST_ENTRY PspStep(PLIST_ENTRY Head, PLIST_ENTRY Entry, BOOLEAN Back)
{
    PLIST_ENTRY Next = Back ? Entry->Blink : Entry->Flink;

    return Next == Head || Next == Entry ? NULL : Next;
}

/*
 * A handle to the first object from Entry on that may be opened; its list entry is at Offset.  STATUS_NO_MORE_ENTRIES.
 * Objects that are about to go are passed over.
 */
static NTSTATUS PspOpenFrom(PLIST_ENTRY Head, PLIST_ENTRY Entry, BOOLEAN Back, ULONG Offset, POBJECT_TYPE Type, ACCESS_MASK Access,
        ULONG Attributes, PHANDLE Handle)
{
    NTSTATUS Status = STATUS_NO_MORE_ENTRIES;

    for (; Entry != NULL; Entry = PspStep(Head, Entry, Back)) {
        PVOID Object = (PUCHAR)Entry - Offset;

        if (!ObReferenceObjectSafe(Object))
            continue;
        Status = ObOpenObjectByPointer(Object, Attributes & OBJ_INHERIT, NULL, Access, Type, UserMode, Handle);
        ObDereferenceObject(Object);
        if (Status != STATUS_ACCESS_DENIED)
            return Status;
    }
    return STATUS_NO_MORE_ENTRIES;
}

NTSTATUS NTAPI NtGetNextProcess(HANDLE ProcessHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Flags,
        PHANDLE NewProcessHandle)
{
    BOOLEAN Back = (Flags & PROCESS_GET_NEXT_FLAGS_PREVIOUS_PROCESS) != 0;
    PLIST_ENTRY Entry = &PsActiveProcessHead;
    PEPROCESS Process = NULL;
    HANDLE Handle;
    NTSTATUS Status;

    if (Flags & ~PROCESS_GET_NEXT_FLAGS_PREVIOUS_PROCESS)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(NewProcessHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status) && ProcessHandle != NULL)
        Status = PspReferenceProcess(ProcessHandle, 0, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Process != NULL)
        Entry = &Process->ActiveProcessLinks;
    Status = PspOpenFrom(&PsActiveProcessHead, PspStep(&PsActiveProcessHead, Entry, Back), Back, FIELD_OFFSET(EPROCESS, ActiveProcessLinks),
                         PsProcessType, DesiredAccess, HandleAttributes, &Handle);
    if (Process != NULL)
        ObDereferenceObject(Process);
    return NT_SUCCESS(Status) ? PspPutHandle(NewProcessHandle, Handle) : Status;
}

static NTSTATUS PspOpenNextThread(PEPROCESS Process, HANDLE ThreadHandle, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle)
{
    PLIST_ENTRY Head = &Process->Pcb.ThreadListHead, Entry = Head;
    PETHREAD Thread = NULL;
    NTSTATUS Status = STATUS_SUCCESS;

    if (ThreadHandle != NULL)
        Status = ObReferenceObjectByHandle(ThreadHandle, 0, PsThreadType, UserMode, (PVOID *)&Thread, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Thread != NULL && Thread->Tcb.OwningProcess != &Process->Pcb)
        Status = STATUS_INVALID_PARAMETER;
    if (Thread != NULL)
        Entry = &Thread->Tcb.ThreadListEntry;
    if (NT_SUCCESS(Status))
        Status = PspOpenFrom(Head, PspStep(Head, Entry, FALSE), FALSE, FIELD_OFFSET(ETHREAD, Tcb.ThreadListEntry), PsThreadType, Access,
                             Attributes, Handle);
    if (Thread != NULL)
        ObDereferenceObject(Thread);
    return Status;
}

NTSTATUS NTAPI NtGetNextThread(HANDLE ProcessHandle, HANDLE ThreadHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Flags,
        PHANDLE NewThreadHandle)
{
    PEPROCESS Process;
    HANDLE Handle;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(NewThreadHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status))
        Status = PspReferenceProcess(ProcessHandle, PROCESS_QUERY_INFORMATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspOpenNextThread(Process, ThreadHandle, DesiredAccess, HandleAttributes, &Handle);
    ObDereferenceObject(Process);
    return NT_SUCCESS(Status) ? PspPutHandle(NewThreadHandle, Handle) : Status;
}
