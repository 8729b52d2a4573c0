/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private namespaces: directories without a name, found by their boundary: NtCreatePrivateNamespace,
 * NtOpenPrivateNamespace, NtDeletePrivateNamespace.
 *
 * A boundary is a name and SIDs.  Who creates or opens the namespace must act as each of the SIDs and have the integrity of
 * each label, so that a program of another user cannot make it first.  A namespace is on the list ObpNamespaces, with its
 * boundary in a form in which equal ones are equal bytes, until it is deleted or its last handle is closed; handles and
 * the objects inside stay what they are.  Nothing here waits.
 *
 * Source: Win32 documentation, CreatePrivateNamespace, OpenPrivateNamespace, ClosePrivateNamespace, CreateBoundaryDescriptor,
 * AddSIDToBoundaryDescriptor, AddIntegrityLabelToBoundaryDescriptor.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"

#define OBP_LARGEST_BOUNDARY PAGE_SIZE

struct _OBP_NAMESPACE {
    LIST_ENTRY Link;
    POBJECT_DIRECTORY Directory;        /* has handles, and so needs no reference */
    POBJECT_BOUNDARY_DESCRIPTOR Boundary;       /* pool */
};

static LIST_ENTRY ObpNamespaces = { &ObpNamespaces, &ObpNamespaces };

/* --- boundaries ----------------------------------------------------------------------------------------------- */

/* What an entry of Size bytes takes. */
static ULONG ObpEntryRoom(ULONG Size)
{
    return (Size + 7) & ~7u;
}

/* The entry after Entry (NULL: the first); NULL: there is none.  Entries were checked before. */
static POBJECT_BOUNDARY_ENTRY ObpNextEntry(POBJECT_BOUNDARY_DESCRIPTOR Boundary, POBJECT_BOUNDARY_ENTRY Entry)
{
    PUCHAR Next = Entry == NULL ? (PUCHAR)(Boundary + 1) : (PUCHAR)Entry + ObpEntryRoom(Entry->EntrySize);

    return Next < (PUCHAR)Boundary + Boundary->TotalSize ? (POBJECT_BOUNDARY_ENTRY)Next : NULL;
}

/* Entry is whole within Room bytes. */
static BOOLEAN ObpIsEntryValid(POBJECT_BOUNDARY_ENTRY Entry, ULONG Room)
{
    ULONG Length;

    if (Room < sizeof(*Entry) || Entry->EntrySize <= sizeof(*Entry) || Entry->EntrySize > Room)
        return FALSE;
    Length = Entry->EntrySize - sizeof(*Entry);
    switch (Entry->EntryType) {
    case OBNS_Name:
        return Length % sizeof(WCHAR) == 0;
    case OBNS_SID:
    case OBNS_IL:
        return Length >= sizeof(SID) - sizeof(ULONG) && RtlValidSid(Entry + 1) && RtlLengthSid(Entry + 1) == Length;
    default:
        return FALSE;
    }
}

/* Captured, TotalSize bytes.  One name, and as many entries as the header says. */
static BOOLEAN ObpIsBoundaryValid(POBJECT_BOUNDARY_DESCRIPTOR Boundary)
{
    ULONG Offset = sizeof(*Boundary), Items = 0, Names = 0;

    if (Boundary->Version != OBJECT_BOUNDARY_DESCRIPTOR_VERSION ||
        (Boundary->Flags & ~BOUNDARY_DESCRIPTOR_ADD_APPCONTAINER_SID))
        return FALSE;
    while (Offset < Boundary->TotalSize) {
        POBJECT_BOUNDARY_ENTRY Entry = (POBJECT_BOUNDARY_ENTRY)((PUCHAR)Boundary + Offset);

        if (!ObpIsEntryValid(Entry, Boundary->TotalSize - Offset))
            return FALSE;
        Items++;
        Names += Entry->EntryType == OBNS_Name;
        Offset += ObpEntryRoom(Entry->EntrySize);
    }
    return Items == Boundary->Items && Names == 1;
}

static int ObpCompareEntries(POBJECT_BOUNDARY_ENTRY First, POBJECT_BOUNDARY_ENTRY Second)
{
    if (First->EntryType != Second->EntryType)
        return First->EntryType < Second->EntryType ? -1 : 1;
    if (First->EntrySize != Second->EntrySize)
        return First->EntrySize < Second->EntrySize ? -1 : 1;
    return memcmp(First + 1, Second + 1, First->EntrySize - sizeof(*First));
}

/* The entries of Boundary in order, each once, into Sorted, which has room for as many bytes and is zeroed. */
static VOID ObpSortBoundary(POBJECT_BOUNDARY_DESCRIPTOR Boundary, POBJECT_BOUNDARY_DESCRIPTOR Sorted)
{
    POBJECT_BOUNDARY_ENTRY Last = NULL, Least, Entry;

    Sorted->TotalSize = sizeof(*Sorted);
    do {
        Least = NULL;
        for (Entry = ObpNextEntry(Boundary, NULL); Entry != NULL; Entry = ObpNextEntry(Boundary, Entry))
            if ((Last == NULL || ObpCompareEntries(Entry, Last) > 0) &&
                (Least == NULL || ObpCompareEntries(Entry, Least) < 0))
                Least = Entry;
        if (Least != NULL) {
            memcpy((PUCHAR)Sorted + Sorted->TotalSize, Least, Least->EntrySize);
            Sorted->TotalSize += ObpEntryRoom(Least->EntrySize);
            Sorted->Items++;
        }
        Last = Least;
    } while (Least != NULL);
}

/* A program's boundary: checked, sorted, in pool.  STATUS_INVALID_PARAMETER. */
static NTSTATUS ObpCaptureBoundary(POBJECT_BOUNDARY_DESCRIPTOR User, POBJECT_BOUNDARY_DESCRIPTOR *Captured)
{
    OBJECT_BOUNDARY_DESCRIPTOR Header;
    POBJECT_BOUNDARY_DESCRIPTOR Given;
    NTSTATUS Status = MmGetUser(&Header, User);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Header.TotalSize < sizeof(Header) || Header.TotalSize > OBP_LARGEST_BOUNDARY)
        return STATUS_INVALID_PARAMETER;
    Status = MmCaptureBuffer(User, Header.TotalSize, (PVOID *)&Given);
    if (!NT_SUCCESS(Status))
        return Status;
    Given->TotalSize = Header.TotalSize;
    *Captured = ExAllocatePoolWithTag(PagedPool, ObpEntryRoom(Header.TotalSize), OB_TAG_NAMESPACE);
    if (*Captured == NULL) {
        Status = STATUS_INSUFFICIENT_RESOURCES;
    } else if (!ObpIsBoundaryValid(Given)) {
        ExFreePoolWithTag(*Captured, OB_TAG_NAMESPACE);
        Status = STATUS_INVALID_PARAMETER;
    } else {
        memset(*Captured, 0, ObpEntryRoom(Header.TotalSize));
        ObpSortBoundary(Given, *Captured);
    }
    ExFreePool(Given);
    return Status;
}

/* STATUS_ACCESS_DENIED: the current thread is not who the boundary says. */
static NTSTATUS ObpCheckBoundary(POBJECT_BOUNDARY_DESCRIPTOR Boundary)
{
    POBJECT_BOUNDARY_ENTRY Entry = NULL;

    while ((Entry = ObpNextEntry(Boundary, Entry)) != NULL)
        if ((Entry->EntryType == OBNS_SID && !SeActsAsSid(Entry + 1)) ||
            (Entry->EntryType == OBNS_IL && !SeHasIntegrity(Entry + 1)))
            return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

/* --- namespaces ----------------------------------------------------------------------------------------------- */

static POBP_NAMESPACE ObpFindNamespace(POBJECT_BOUNDARY_DESCRIPTOR Boundary)
{
    for (PLIST_ENTRY Link = ObpNamespaces.Flink; Link != &ObpNamespaces; Link = Link->Flink) {
        POBP_NAMESPACE Namespace = CONTAINING_RECORD(Link, struct _OBP_NAMESPACE, Link);

        if (Namespace->Boundary->TotalSize == Boundary->TotalSize &&
            memcmp(Namespace->Boundary, Boundary, Boundary->TotalSize) == 0)
            return Namespace;
    }
    return NULL;
}

VOID ObpForgetNamespace(POBJECT_DIRECTORY Directory)
{
    POBP_NAMESPACE Namespace = Directory->Namespace;

    Directory->Namespace = NULL;
    RemoveEntryList(&Namespace->Link);
    ExFreePoolWithTag(Namespace->Boundary, OB_TAG_NAMESPACE);
    ExFreePoolWithTag(Namespace, OB_TAG_NAMESPACE);
}

/* A directory for a namespace, with the descriptor of ObjectAttributes or its maker's default one, and a handle; referenced. */
static NTSTATUS ObpCreateNamespaceDirectory(POBJECT_ATTRIBUTES ObjectAttributes, ACCESS_MASK DesiredAccess,
        POBJECT_DIRECTORY *Result, PHANDLE Handle)
{
    POBJECT_DIRECTORY Directory;
    POBJECT_HEADER Header;
    NTSTATUS Status = ObpNewDirectory(UserMode, ObjectAttributes, &Directory);

    if (!NT_SUCCESS(Status))
        return Status;
    Header = OBJECT_TO_OBJECT_HEADER(Directory);
    if (Header->CreateInfo != NULL && (Header->CreateInfo->Name.Length != 0 || Header->CreateInfo->RootDirectory != NULL))
        Status = STATUS_INVALID_PARAMETER;
    else
        Status = SeAssignSecurity(NULL, NULL, KernelMode, &Header->SecurityDescriptor);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Directory);
        return Status;
    }
    return ObInsertObject(Directory, NULL, DesiredAccess, 0, (PVOID *)Result, Handle);
}

/* Consumes Boundary. */
static NTSTATUS ObpCreateNamespace(POBJECT_BOUNDARY_DESCRIPTOR Boundary, POBJECT_ATTRIBUTES ObjectAttributes,
        ACCESS_MASK DesiredAccess, PHANDLE Handle)
{
    POBP_NAMESPACE Namespace = ExAllocatePoolWithTag(PagedPool, sizeof(*Namespace), OB_TAG_NAMESPACE);
    NTSTATUS Status = Namespace != NULL ? ObpCheckBoundary(Boundary) : STATUS_INSUFFICIENT_RESOURCES;

    if (NT_SUCCESS(Status) && ObpFindNamespace(Boundary) != NULL)
        Status = STATUS_OBJECT_NAME_COLLISION;
    if (NT_SUCCESS(Status))
        Status = ObpCreateNamespaceDirectory(ObjectAttributes, DesiredAccess, &Namespace->Directory, Handle);
    if (!NT_SUCCESS(Status)) {
        if (Namespace != NULL)
            ExFreePoolWithTag(Namespace, OB_TAG_NAMESPACE);
        ExFreePoolWithTag(Boundary, OB_TAG_NAMESPACE);
        return Status;
    }
    Namespace->Boundary = Boundary;
    Namespace->Directory->Namespace = Namespace;
    InsertTailList(&ObpNamespaces, &Namespace->Link);
    ObDereferenceObject(Namespace->Directory);  /* the handle's stays */
    return STATUS_SUCCESS;
}

/* STATUS_OBJECT_NAME_COLLISION: there is a namespace of that boundary; ObjectAttributes has no name. */
NTSTATUS NTAPI NtCreatePrivateNamespace(PHANDLE NamespaceHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_BOUNDARY_DESCRIPTOR BoundaryDescriptor)
{
    POBJECT_BOUNDARY_DESCRIPTOR Boundary;
    HANDLE Handle = NULL;
    NTSTATUS Status = ObpCaptureBoundary(BoundaryDescriptor, &Boundary);

    if (NT_SUCCESS(Status))
        Status = ObpCreateNamespace(Boundary, ObjectAttributes, DesiredAccess, &Handle);
    return ObReturnHandle(Status, Handle, NamespaceHandle);
}

static NTSTATUS ObpOpenNamespace(POBJECT_BOUNDARY_DESCRIPTOR Boundary, ULONG Attributes, ACCESS_MASK DesiredAccess,
        PHANDLE Handle)
{
    NTSTATUS Status = ObpCheckBoundary(Boundary);
    POBP_NAMESPACE Namespace;

    if (!NT_SUCCESS(Status))
        return Status;
    Namespace = ObpFindNamespace(Boundary);
    if (Namespace == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return ObOpenObjectByPointer(Namespace->Directory, Attributes, NULL, DesiredAccess, ObpDirectoryObjectType, UserMode,
                                 Handle);
}

NTSTATUS NTAPI NtOpenPrivateNamespace(PHANDLE NamespaceHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_BOUNDARY_DESCRIPTOR BoundaryDescriptor)
{
    OBJECT_CREATE_INFORMATION Attributes;
    POBJECT_BOUNDARY_DESCRIPTOR Boundary;
    HANDLE Handle = NULL;
    NTSTATUS Status = ObpCaptureObjectAttributes(UserMode, ObjectAttributes, &Attributes);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Attributes.Name.Length != 0 || Attributes.RootDirectory != NULL)
        Status = STATUS_INVALID_PARAMETER;
    else
        Status = ObpCaptureBoundary(BoundaryDescriptor, &Boundary);
    if (NT_SUCCESS(Status)) {
        Status = ObpOpenNamespace(Boundary, Attributes.Attributes, DesiredAccess, &Handle);
        ExFreePoolWithTag(Boundary, OB_TAG_NAMESPACE);
    }
    ObpReleaseObjectAttributes(&Attributes);
    return ObReturnHandle(Status, Handle, NamespaceHandle);
}

/* Handles stay good, and what is inside; the boundary is free for another one.  STATUS_INVALID_PARAMETER: it is none. */
NTSTATUS NTAPI NtDeletePrivateNamespace(HANDLE NamespaceHandle)
{
    POBJECT_DIRECTORY Directory;
    NTSTATUS Status = ObReferenceObjectByHandle(NamespaceHandle, DELETE, ObpDirectoryObjectType, UserMode,
                                                (PVOID *)&Directory, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Directory->Namespace != NULL)
        ObpForgetNamespace(Directory);
    else
        Status = STATUS_INVALID_PARAMETER;
    ObDereferenceObject(Directory);
    return Status;
}
