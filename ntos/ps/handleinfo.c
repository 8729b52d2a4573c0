/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ProcessHandleInformation: a process's handles, a PROCESS_HANDLE_SNAPSHOT_INFORMATION.  Tools ask again and again with
 * more room, so that the length that is needed is said whenever there is too little.
 */
#include "psp.h"

typedef struct _PSP_HANDLE_ENTRY {      /* PROCESS_HANDLE_TABLE_ENTRY_INFO */
    HANDLE HandleValue;
    SIZE_T HandleCount, PointerCount;
    ULONG GrantedAccess, ObjectTypeIndex, HandleAttributes, Reserved;
} PSP_HANDLE_ENTRY;

typedef struct _PSP_HANDLE_SNAPSHOT {
    ULONG_PTR NumberOfHandles, Reserved;
    PSP_HANDLE_ENTRY *Next;             /* of the program */
    NTSTATUS Status;
} PSP_HANDLE_SNAPSHOT;

C_ASSERT(sizeof(PSP_HANDLE_ENTRY) == 40);

static BOOLEAN PspCopyHandle(PVOID Context, HANDLE Handle, PVOID Object, POBJECT_HANDLE_INFORMATION Information)
{
    PSP_HANDLE_SNAPSHOT *Snapshot = Context;
    PSP_HANDLE_ENTRY Entry = {
        .HandleValue = Handle,
        .GrantedAccess = Information->GrantedAccess,
        .ObjectTypeIndex = ObGetObjectType(Object)->Index,
        .HandleAttributes = Information->HandleAttributes,
    };

    ObQueryReferences(Object, &Entry.HandleCount, &Entry.PointerCount);
    Snapshot->Status = MmCopyToUser(Snapshot->Next++, &Entry, sizeof(Entry));
    return NT_SUCCESS(Snapshot->Status);
}

NTSTATUS PspReturnHandles(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    PSP_HANDLE_SNAPSHOT Snapshot = { .NumberOfHandles = ObGetProcessHandleCount(Process) };
    ULONG Header = FIELD_OFFSET(PSP_HANDLE_SNAPSHOT, Next);
    ULONG64 Needed = Header + Snapshot.NumberOfHandles * sizeof(PSP_HANDLE_ENTRY);
    NTSTATUS Status = PspBeginAnswer(UserBuffer, Length, UserReturnLength, (ULONG)Needed, STATUS_INFO_LENGTH_MISMATCH);

    if (!NT_SUCCESS(Status))
        return Status;
    Snapshot.Next = (PSP_HANDLE_ENTRY *)((PUCHAR)UserBuffer + Header);
    ObEnumerateHandles(Process, PspCopyHandle, &Snapshot);
    return NT_SUCCESS(Snapshot.Status) ? MmCopyToUser(UserBuffer, &Snapshot, Header) : Snapshot.Status;
}
