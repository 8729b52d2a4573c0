/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: what becomes of names: deletion, renaming, further names of a file (hard links).  Classes of
 * NtSetInformationFile; the rules are those of [MS-FSA] 2.1.5.15 (FileDispositionInformation, FileLinkInformation,
 * FileRenameInformation) and of the Windows Driver Kit's pages on the Ex structures.
 *
 * Checks first; the name is allocated before anything changes.  Nothing here waits.
 */
#include "ntos/io/memfs.h"

/* FILE_RENAME_INFORMATION and FILE_LINK_INFORMATION, Flags (ntifs.h) */
#define MEMFS_REPLACE_IF_EXISTS 0x00000001u
#define MEMFS_POSIX_SEMANTICS 0x00000002u
#define MEMFS_IGNORE_READONLY 0x00000040u
#define MEMFS_RENAME_FLAGS 0x000001ffu
#define MEMFS_LINK_FLAGS 0x000001ffu

/* FILE_DISPOSITION_INFORMATION_EX, Flags (ntddk.h) */
#define MEMFS_DISPOSITION_DELETE 0x01u
#define MEMFS_DISPOSITION_POSIX_SEMANTICS 0x02u
#define MEMFS_DISPOSITION_ON_CLOSE 0x08u
#define MEMFS_DISPOSITION_IGNORE_READONLY 0x10u
#define MEMFS_DISPOSITION_FLAGS 0x1fu

/* A file's last name takes the file with it, which may not be while it runs. */
static NTSTATUS MemfsCheckRemoval(PMEMFS_LINK Link, BOOLEAN IgnoreReadOnly)
{
    PMEMFS_NODE Node = Link->Node;

    if (Node == MemfsRoot || (Node->Attributes & FILE_ATTRIBUTE_READONLY && !IgnoreReadOnly))
        return STATUS_CANNOT_DELETE;
    if (Node->ChildCount != 0)
        return STATUS_DIRECTORY_NOT_EMPTY;
    if (Node->LinkCount == 1 && Node->Segment != NULL && !MmFlushImageSegment(Node->Segment))
        return STATUS_CANNOT_DELETE;
    return STATUS_SUCCESS;
}

NTSTATUS MemfsCheckDelete(PMEMFS_LINK Link)
{
    return MemfsCheckRemoval(Link, FALSE);
}

static NTSTATUS MemfsDispose(PFILE_OBJECT File, ULONG Flags)
{
    PMEMFS_CCB Ccb = MemfsCcb(File);
    BOOLEAN Delete = (Flags & MEMFS_DISPOSITION_DELETE) != 0;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Ccb->Link->Removed)
        return STATUS_FILE_DELETED;
    if (Delete)
        Status = MemfsCheckRemoval(Ccb->Link, (Flags & MEMFS_DISPOSITION_IGNORE_READONLY) != 0);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Flags & MEMFS_DISPOSITION_ON_CLOSE) {
        Ccb->DeleteOnClose = Delete;
        return STATUS_SUCCESS;
    }
    Ccb->Link->DeletePending = Delete;
    Ccb->PosixDelete = Delete && Flags & MEMFS_DISPOSITION_POSIX_SEMANTICS;
    if (Delete && MemfsIsDirectory(MemfsNode(File)))
        MemfsDirectoryGone(MemfsNode(File));
    return STATUS_SUCCESS;
}

NTSTATUS MemfsSetDisposition(PIRP Irp)
{
    PFILE_DISPOSITION_INFORMATION Disposition = Irp->SystemBuffer;

    return MemfsDispose(Irp->FileObject, Disposition->DoDeleteFile ? MEMFS_DISPOSITION_DELETE : 0);
}

NTSTATUS MemfsSetDispositionEx(PIRP Irp)
{
    ULONG Flags = *(PULONG)Irp->SystemBuffer;

    return Flags & ~MEMFS_DISPOSITION_FLAGS ? STATUS_INVALID_PARAMETER : MemfsDispose(Irp->FileObject, Flags);
}

/* The name that a file is to get, in DriverContext (info.c): may it be there? */
static NTSTATUS MemfsCheckTarget(PIRP Irp, PMEMFS_NODE *Directory)
{
    PMEMFS_LINK Link = MemfsLink(Irp->FileObject);
    PFILE_OBJECT Target = Irp->DriverContext[0];
    NTSTATUS Status;

    if (Link->DeletePending || Link->Removed)
        return STATUS_ACCESS_DENIED;
    *Directory = Target != NULL ? MemfsNode(Target) : Link->Parent;
    if (Target != NULL && MemfsCcb(Target)->Volume)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsCheckName(Irp->DriverContext[1]);
    if (!NT_SUCCESS(Status))
        return Status;
    return MemfsIsGoing(*Directory) ? STATUS_DELETE_PENDING : STATUS_SUCCESS;
}

/* The name is another file's, or another of New: may it be replaced? */
static NTSTATUS MemfsCheckReplace(PMEMFS_LINK Existing, const MEMFS_NODE *New, ULONG Flags)
{
    PMEMFS_NODE Node = Existing->Node;
    LONG Handles = Node == New ? Existing->Handles : Node->Handles;

    if (!(Flags & MEMFS_REPLACE_IF_EXISTS))
        return STATUS_OBJECT_NAME_COLLISION;
    if (MemfsIsDirectory(Node) || (Handles != 0 && !(Flags & MEMFS_POSIX_SEMANTICS)))
        return STATUS_ACCESS_DENIED;
    if (Handles != 0 && Node->Share.SharedDelete < Node->Share.OpenCount)
        return STATUS_SHARING_VIOLATION;
    if ((!NT_SUCCESS(MemfsCheckAccess(Node, DELETE, UserMode)) && !NT_SUCCESS(MemfsCheckAccess(Existing->Parent, FILE_DELETE_CHILD, UserMode))) ||
        !NT_SUCCESS(MemfsCheckRemoval(Existing, (Flags & MEMFS_IGNORE_READONLY) != 0)))
        return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

/* Has anybody something open below the directory? */
static BOOLEAN MemfsHasOpenBelow(PDEVICE_OBJECT Device, const MEMFS_NODE *Directory)
{
    PLIST_ENTRY Entry;

    for (Entry = Device->FileList.Flink; Entry != &Device->FileList; Entry = Entry->Flink) {
        PFILE_OBJECT File = CONTAINING_RECORD(Entry, FILE_OBJECT, DeviceLinks);
        PMEMFS_CCB Ccb = MemfsCcb(File);

        if (Ccb != NULL && !Ccb->CleanedUp && Ccb->Link->Parent != NULL && MemfsIsInside(Ccb->Link->Parent, Directory))
            return TRUE;
    }
    return FALSE;
}

static NTSTATUS MemfsMove(PIRP Irp, ULONG Flags)
{
    PMEMFS_LINK Link = MemfsLink(Irp->FileObject);
    PUNICODE_STRING Name = Irp->DriverContext[1];
    PMEMFS_NODE Node = Link->Node;
    PMEMFS_NODE Directory;
    PMEMFS_LINK Existing;
    NTSTATUS Status;

    if (Node == MemfsRoot)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsCheckTarget(Irp, &Directory);
    if (NT_SUCCESS(Status) && Directory != Link->Parent)
        Status = MemfsCheckAccess(Directory, MemfsIsDirectory(Node) ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE, UserMode);
    if (!NT_SUCCESS(Status))
        return Status;
    if (MemfsIsInside(Directory, Node))
        return STATUS_INVALID_PARAMETER;
    if (MemfsIsDirectory(Node) && MemfsHasOpenBelow(Irp->DeviceObject, Node))
        return STATUS_ACCESS_DENIED;
    Existing = MemfsLookup(Directory, Name);
    if (Existing == Link)
        Existing = NULL;
    if (Existing != NULL) {
        Status = MemfsCheckReplace(Existing, Node, Flags);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return MemfsMoveLink(Link, Directory, Name, Existing);
}

NTSTATUS MemfsRename(PIRP Irp)
{
    PFILE_RENAME_INFORMATION Rename = Irp->SystemBuffer;

    return MemfsMove(Irp, Rename->ReplaceIfExists ? MEMFS_REPLACE_IF_EXISTS : 0);
}

NTSTATUS MemfsRenameEx(PIRP Irp)
{
    ULONG Flags = *(PULONG)Irp->SystemBuffer;

    return Flags & ~MEMFS_RENAME_FLAGS ? STATUS_INVALID_PARAMETER : MemfsMove(Irp, Flags);
}

static NTSTATUS MemfsMakeHardLink(PIRP Irp, ULONG Flags)
{
    PUNICODE_STRING Name = Irp->DriverContext[1];
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    PMEMFS_NODE Directory;
    PMEMFS_LINK Existing;
    NTSTATUS Status;

    if (MemfsIsDirectory(Node))
        return STATUS_FILE_IS_A_DIRECTORY;
    Status = MemfsCheckTarget(Irp, &Directory);
    if (NT_SUCCESS(Status))
        Status = MemfsCheckAccess(Directory, FILE_ADD_FILE, UserMode);
    if (!NT_SUCCESS(Status))
        return Status;
    Existing = MemfsLookup(Directory, Name);
    if (Existing != NULL && Existing->Node == Node)
        return Flags & MEMFS_REPLACE_IF_EXISTS ? STATUS_SUCCESS : STATUS_OBJECT_NAME_COLLISION;
    if (Existing != NULL)
        Status = MemfsCheckReplace(Existing, Node, Flags);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Node->LinkCount >= MEMFS_MAXIMUM_LINKS)
        return STATUS_TOO_MANY_LINKS;
    return MemfsAddLink(Node, Directory, Name, Existing);
}

NTSTATUS MemfsSetLink(PIRP Irp)
{
    PFILE_LINK_INFORMATION Link = Irp->SystemBuffer;

    return MemfsMakeHardLink(Irp, Link->ReplaceIfExists ? MEMFS_REPLACE_IF_EXISTS : 0);
}

NTSTATUS MemfsSetLinkEx(PIRP Irp)
{
    ULONG Flags = *(PULONG)Irp->SystemBuffer;

    return Flags & ~MEMFS_LINK_FLAGS ? STATUS_INVALID_PARAMETER : MemfsMakeHardLink(Irp, Flags);
}
