/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waits by handle.  Handles become objects; ke does the rest (KeUserWait), without a stack.
 * Services: NtWaitForSingleObject, NtWaitForMultipleObjects, NtSignalAndWaitForSingleObject.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/ps.h"

KEVENT ObDefaultObject;

/* *Used is Local with the program's timeout in it, or NULL. */
static NTSTATUS ObpCaptureTimeout(const LARGE_INTEGER *Timeout, PLARGE_INTEGER Local, PLARGE_INTEGER *Used)
{
    *Used = Timeout != NULL ? Local : NULL;
    return Timeout != NULL ? MmGetUser(Local, Timeout) : STATUS_SUCCESS;
}

/*
 * The object to wait for.  It is not referenced: until the wait begins nothing else runs, so that the handle keeps it
 * (the current process and thread keep themselves).
 */
static NTSTATUS ObpGetWaitTarget(PHANDLE_TABLE Table, HANDLE Handle, PVOID *Object)
{
    PHANDLE_TABLE_ENTRY Entry = ObpUserEntry(Table, Handle);
    NTSTATUS Status;

    if (Entry != NULL && (Entry->GrantedAccess & SYNCHRONIZE)) {
        *Object = OBJECT_HEADER_TO_OBJECT(ObpEntryHeader(Entry));
        return STATUS_SUCCESS;
    }
    Status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, NULL, UserMode, Object, NULL);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(*Object);
    return Status;
}

NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    LARGE_INTEGER Local;
    PLARGE_INTEGER Used;
    PVOID Object;
    NTSTATUS Status;

    Status = ObpCaptureTimeout(Timeout, &Local, &Used);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObpGetWaitTarget(PsGetCurrentProcess()->ObjectTable, Handle, &Object);
    return NT_SUCCESS(Status) ? KeUserWaitForObject(Object, Alertable != 0, Used) : Status;
}

NTSTATUS NTAPI NtWaitForMultipleObjects(ULONG Count, const HANDLE *Handles, WAIT_TYPE WaitType, BOOLEAN Alertable,
        const LARGE_INTEGER *Timeout)
{
    HANDLE Captured[MAXIMUM_WAIT_OBJECTS];
    PVOID Objects[MAXIMUM_WAIT_OBJECTS];
    PHANDLE_TABLE Table = PsGetCurrentProcess()->ObjectTable;
    LARGE_INTEGER Local;
    PLARGE_INTEGER Used;
    NTSTATUS Status;

    if (Count == 0 || Count > MAXIMUM_WAIT_OBJECTS)
        return STATUS_INVALID_PARAMETER_1;
    if (WaitType != WaitAll && WaitType != WaitAny)
        return STATUS_INVALID_PARAMETER_3;
    Status = ObpCaptureTimeout(Timeout, &Local, &Used);
    if (NT_SUCCESS(Status))
        Status = MmCopyFromUser(Captured, Handles, Count * sizeof(HANDLE));
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; i < Count; i++) {
        Status = ObpGetWaitTarget(Table, Captured[i], &Objects[i]);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return KeUserWait(Count, Objects, WaitType, Alertable != 0, Used);
}

/* Releases, sets or drops the object by one. */
static NTSTATUS ObpSignalObject(HANDLE SignalHandle)
{
    OBJECT_HANDLE_INFORMATION Information;
    PVOID Object;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(SignalHandle, 0, NULL, UserMode, &Object, &Information);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObGetObjectType(Object) == ExEventObjectType) {
        if (Information.GrantedAccess & EVENT_MODIFY_STATE)
            KeSetEvent(Object, 0, FALSE);
        else
            Status = STATUS_ACCESS_DENIED;
    } else if (ObGetObjectType(Object) == ExMutantObjectType) {
        Status = KeReleaseMutantEx(Object, FALSE, NULL);
    } else if (ObGetObjectType(Object) == ExSemaphoreObjectType) {
        if (Information.GrantedAccess & SEMAPHORE_MODIFY_STATE)
            Status = KeReleaseSemaphoreEx(Object, 1, NULL);
        else
            Status = STATUS_ACCESS_DENIED;
    } else {
        Status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    ObDereferenceObject(Object);
    return Status;
}

NTSTATUS NTAPI NtSignalAndWaitForSingleObject(HANDLE SignalHandle, HANDLE WaitHandle, BOOLEAN Alertable,
        const LARGE_INTEGER *Timeout)
{
    LARGE_INTEGER Local;
    PLARGE_INTEGER Used;
    PVOID Object;
    NTSTATUS Status;

    Status = ObpCaptureTimeout(Timeout, &Local, &Used);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(WaitHandle, SYNCHRONIZE, NULL, UserMode, &Object, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObGetWaitableObject(Object) != NULL ? ObpSignalObject(SignalHandle) : STATUS_OBJECT_TYPE_MISMATCH;
    if (NT_SUCCESS(Status))
        Status = KeUserWaitForObject(Object, Alertable != 0, Used);
    ObDereferenceObject(Object);
    return Status;
}
