/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From handles to objects: ObReferenceObjectByHandle and its kin, and duplication.  -1 and -2 stand for the current
 * process and thread everywhere.  Nothing here waits, but for Open and Close methods.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"

/* -1 and -2: full access to oneself. */
static NTSTATUS ObpReferencePseudoHandle(PEPROCESS Process, HANDLE Handle, POBJECT_TYPE ObjectType, PVOID *Object,
        POBJECT_HANDLE_INFORMATION HandleInformation)
{
    PVOID Self = Handle == NtCurrentProcess() ? (PVOID)Process : (PVOID)PsGetCurrentThread();

    if (ObjectType != NULL && ObGetObjectType(Self) != ObjectType)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (HandleInformation != NULL) {
        HandleInformation->HandleAttributes = 0;
        HandleInformation->GrantedAccess = ObGetObjectType(Self)->TypeInfo.ValidAccessMask;
    }
    ObReferenceObject(Self);
    *Object = Self;
    return STATUS_SUCCESS;
}

NTSTATUS ObReferenceProcessHandle(PEPROCESS Process, HANDLE Handle, ACCESS_MASK DesiredAccess,
        POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID *Object,
        POBJECT_HANDLE_INFORMATION HandleInformation)
{
    PHANDLE_TABLE Table;
    PHANDLE_TABLE_ENTRY Entry;
    POBJECT_HEADER Header;

    *Object = NULL;
    if (Handle == NtCurrentProcess() || Handle == NtCurrentThread())
        return ObpReferencePseudoHandle(Process, Handle, ObjectType, Object, HandleInformation);
    Table = ObpSelectTable(Process, Handle, AccessMode);
    if (Table == NULL)
        return STATUS_PROCESS_IS_TERMINATING;
    Entry = ObpLookupHandle(Table, Handle);
    if (Entry == NULL)
        return STATUS_INVALID_HANDLE;
    Header = ObpEntryHeader(Entry);
    if (ObjectType != NULL && Header->Type != ObjectType)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (DesiredAccess & ~Entry->GrantedAccess && AccessMode == UserMode)
        return STATUS_ACCESS_DENIED;
    if (HandleInformation != NULL) {
        HandleInformation->HandleAttributes = Entry->Value & OBJ_HANDLE_ATTRIBUTES;
        HandleInformation->GrantedAccess = Entry->GrantedAccess;
    }
    Header->PointerCount++;
    *Object = OBJECT_HEADER_TO_OBJECT(Header);
    return STATUS_SUCCESS;
}

/* A function of its own with the same parameters, so that the usual case below needs no stack. */
static DECLSPEC_NOINLINE NTSTATUS ObpReferenceAnyHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
    return ObReferenceProcessHandle(PsGetCurrentProcess(), Handle, DesiredAccess, ObjectType, AccessMode, Object,
                                    HandleInformation);
}

NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
    PHANDLE_TABLE_ENTRY Entry = ObpUserEntry(PsGetCurrentProcess()->ObjectTable, Handle);
    POBJECT_HEADER Header;

    /* The usual case: a program's handle that is what it should be. */
    if (Entry != NULL && AccessMode == UserMode && HandleInformation == NULL && !(DesiredAccess & ~Entry->GrantedAccess)) {
        Header = ObpEntryHeader(Entry);
        if (ObjectType == NULL || Header->Type == ObjectType) {
            Header->PointerCount++;
            *Object = OBJECT_HEADER_TO_OBJECT(Header);
            return STATUS_SUCCESS;
        }
    }
    return ObpReferenceAnyHandle(Handle, DesiredAccess, ObjectType, AccessMode, Object, HandleInformation);
}

NTSTATUS ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode)
{
    if (ObjectType != NULL && ObGetObjectType(Object) != ObjectType)
        return STATUS_OBJECT_TYPE_MISMATCH;
    ObReferenceObject(Object);
    return STATUS_SUCCESS;
}

/*
 * The access of the duplicate: what the source has, or what is asked for.  More than the source has is checked, or, for
 * a type whose opens were checked with the access they have then (files and their share modes), refused
 * (DuplicateHandle's remarks on access).
 */
static NTSTATUS ObpDuplicateAccess(PVOID Object, ACCESS_MASK SourceAccess, ACCESS_MASK DesiredAccess, ULONG Options,
        KPROCESSOR_MODE PreviousMode, PACCESS_MASK Granted)
{
    POBJECT_TYPE Type = ObGetObjectType(Object);
    ACCESS_MASK Mapped = DesiredAccess;

    *Granted = SourceAccess;
    if (Options & DUPLICATE_SAME_ACCESS)
        return STATUS_SUCCESS;
    RtlMapGenericMask(&Mapped, &Type->TypeInfo.GenericMapping);
    if (!(Mapped & (MAXIMUM_ALLOWED | ACCESS_SYSTEM_SECURITY)) && !(Mapped & ~SourceAccess)) {
        *Granted = Mapped;
        return STATUS_SUCCESS;
    }
    if (Type->TypeInfo.KeepsAccess)
        return Mapped & ~(SourceAccess | MAXIMUM_ALLOWED) ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
    return ObpCheckObjectAccess(OBJECT_TO_OBJECT_HEADER(Object), DesiredAccess, 0, PreviousMode, Granted);
}

NTSTATUS ObDuplicateObject(PEPROCESS SourceProcess, HANDLE SourceHandle, PEPROCESS TargetProcess,
        PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options,
        KPROCESSOR_MODE PreviousMode)
{
    OBJECT_HANDLE_INFORMATION Source;
    ACCESS_MASK Granted;
    PVOID Object;
    NTSTATUS Status;

    if (TargetHandle != NULL)
        *TargetHandle = NULL;
    Status = ObReferenceProcessHandle(SourceProcess, SourceHandle, 0, NULL, PreviousMode, &Object, &Source);
    if (!NT_SUCCESS(Status))
        return Status;
    if (TargetProcess != NULL && TargetHandle != NULL) {
        Status = ObpDuplicateAccess(Object, Source.GrantedAccess, DesiredAccess, Options, PreviousMode, &Granted);
        if (Options & DUPLICATE_SAME_ATTRIBUTES)
            HandleAttributes = Source.HandleAttributes;
        if (NT_SUCCESS(Status)) {
            Status = ObpCreateHandle(ObDuplicateHandle, TargetProcess, Object, Granted,
                                     HandleAttributes & (OBJ_HANDLE_ATTRIBUTES | OBJ_KERNEL_HANDLE), PreviousMode,
                                     TargetHandle);
        }
    }
    /* The source goes on every outcome, as in NT. */
    if (Options & DUPLICATE_CLOSE_SOURCE)
        ObCloseProcessHandle(SourceProcess, SourceHandle, PreviousMode);
    ObDereferenceObject(Object);
    return Status;
}

NTSTATUS NTAPI NtDuplicateObject(HANDLE SourceProcessHandle, HANDLE SourceHandle, HANDLE TargetProcessHandle,
        PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options)
{
    PEPROCESS Source;
    PEPROCESS Target = NULL;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(SourceProcessHandle, PROCESS_DUP_HANDLE, PsProcessType, UserMode,
                                       (PVOID *)&Source, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (TargetProcessHandle != NULL) {
        Status = ObReferenceObjectByHandle(TargetProcessHandle, PROCESS_DUP_HANDLE, PsProcessType, UserMode,
                                           (PVOID *)&Target, NULL);
        if (!NT_SUCCESS(Status)) {
            if (Options & DUPLICATE_CLOSE_SOURCE)
                ObCloseProcessHandle(Source, SourceHandle, UserMode);
            ObDereferenceObject(Source);
            return Status;
        }
    } else if (!(Options & DUPLICATE_CLOSE_SOURCE)) {
        ObDereferenceObject(Source);
        return STATUS_INVALID_PARAMETER;
    }
    Status = ObDuplicateObject(Source, SourceHandle, Target, &Handle, DesiredAccess, HandleAttributes, Options,
                               UserMode);
    if (NT_SUCCESS(Status) && TargetHandle != NULL && Target != NULL) {
        NTSTATUS WriteStatus = MmPutUser(TargetHandle, Handle);

        if (!NT_SUCCESS(WriteStatus)) {
            ObCloseProcessHandle(Target, Handle, UserMode);
            Status = WriteStatus;
        }
    }
    if (Target != NULL)
        ObDereferenceObject(Target);
    ObDereferenceObject(Source);
    return Status;
}

NTSTATUS NTAPI NtCompareObjects(HANDLE FirstObjectHandle, HANDLE SecondObjectHandle)
{
    PVOID First;
    PVOID Second;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(FirstObjectHandle, 0, NULL, UserMode, &First, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(SecondObjectHandle, 0, NULL, UserMode, &Second, NULL);
    if (NT_SUCCESS(Status)) {
        Status = First == Second ? STATUS_SUCCESS : STATUS_NOT_SAME_OBJECT;
        ObDereferenceObject(Second);
    }
    ObDereferenceObject(First);
    return Status;
}
