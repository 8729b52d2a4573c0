/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: opening, creating, closing.  Semantics as NTFS: share modes, dispositions, read-only files, deletion
 * at the last cleanup.  Checks first; from the commit point on nothing fails but memory, which is reserved before.
 *
 * A name that goes through a reparse point is answered with STATUS_REPARSE and the name it stands for, unless the point is
 * the last component and itself to be opened ([MS-FSA] 2.1.5.1, 2.1.5.1.2).
 *
 * The volume itself (\Device\RamDisk0 without a path) can be opened too, for volume questions.  Nothing here waits.
 */
#include "ntos/io/memfs.h"
#include "ntos/inc/se.h"

#define MEMFS_DATA_ACCESS (FILE_READ_DATA | FILE_EXECUTE | FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE)
#define MEMFS_WRITE_ACCESS (FILE_WRITE_DATA | FILE_APPEND_DATA)
#define MEMFS_ENTERED (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)

/* The rules of IoCheckShareAccess; TRUE: no conflict. */
static BOOLEAN MemfsCheckShare(const MEMFS_SHARE *Share, PFILE_OBJECT File)
{
    if (!(File->DesiredAccess & MEMFS_DATA_ACCESS))
        return TRUE;
    if (File->ReadAccess && Share->SharedRead < Share->OpenCount)
        return FALSE;
    if (File->WriteAccess && Share->SharedWrite < Share->OpenCount)
        return FALSE;
    if (File->DeleteAccess && Share->SharedDelete < Share->OpenCount)
        return FALSE;
    if (Share->Readers != 0 && !(File->ShareAccess & FILE_SHARE_READ))
        return FALSE;
    if (Share->Writers != 0 && !(File->ShareAccess & FILE_SHARE_WRITE))
        return FALSE;
    return Share->Deleters == 0 || File->ShareAccess & FILE_SHARE_DELETE;
}

/* Step is 1 or -1. */
static VOID MemfsCountShare(MEMFS_SHARE *Share, PFILE_OBJECT File, LONG Step)
{
    Share->OpenCount += Step;
    Share->Readers += File->ReadAccess ? Step : 0;
    Share->Writers += File->WriteAccess ? Step : 0;
    Share->Deleters += File->DeleteAccess ? Step : 0;
    Share->SharedRead += File->ShareAccess & FILE_SHARE_READ ? Step : 0;
    Share->SharedWrite += File->ShareAccess & FILE_SHARE_WRITE ? Step : 0;
    Share->SharedDelete += File->ShareAccess & FILE_SHARE_DELETE ? Step : 0;
}

/* Step is 1 or -1. */
static VOID MemfsCountWriter(PMEMFS_NODE Node, LONG Step)
{
    Node->Writers += Step;
    if (Node->Segment != NULL)
        MmCountSegmentWriters(Node->Segment, Step);
}

/* Gives the open its node; cannot fail. */
static VOID MemfsAttach(PFILE_OBJECT File, PMEMFS_LINK Link, PMEMFS_CCB Ccb)
{
    PMEMFS_NODE Node = Link->Node;

    Ccb->Link = Link;
    File->FsContext = Node;
    File->FsContext2 = Ccb;
    MemfsOpenLink(Link);
    if (File->DesiredAccess & MEMFS_DATA_ACCESS && !Ccb->Volume) {
        MemfsCountShare(&Node->Share, File, 1);
        Ccb->ShareCounted = TRUE;
    }
    if (File->WriteAccess && !Ccb->Volume) {
        MemfsCountWriter(Node, 1);
        Ccb->Writer = TRUE;
    }
    Ccb->DeleteOnClose = (File->CreateOptions & FILE_DELETE_ON_CLOSE) != 0;
}

typedef struct _MEMFS_PATH {
    PMEMFS_NODE Directory;              /* parent of the last component */
    PMEMFS_LINK Link;                   /* NULL: does not exist */
    UNICODE_STRING Last;
    BOOLEAN MustBeDirectory;            /* the path ended in a separator */
    UNICODE_STRING Rest;                /* with STATUS_REPARSE: what follows Link */
} MEMFS_PATH, *PMEMFS_PATH;

/* What is left of the path at Result->Link, which is no directory that the walk may enter. */
static NTSTATUS MemfsStopWalk(PMEMFS_PATH Result, PUNICODE_STRING Path, PUNICODE_STRING Component)
{
    if (Result->Link == NULL || !MemfsIsReparsePoint(Result->Link->Node))
        return STATUS_OBJECT_PATH_NOT_FOUND;
    Result->Rest.Buffer = Component->Buffer;
    Result->Rest.Length = Path->Length - (USHORT)((PUCHAR)Component->Buffer - (PUCHAR)Path->Buffer);
    return STATUS_REPARSE;
}

/* Walks Path from Start.  STATUS_REPARSE: Result->Link is a reparse point that Result->Rest goes through. */
static NTSTATUS MemfsWalk(PMEMFS_LINK Start, UNICODE_STRING Path, PMEMFS_PATH Result)
{
    ULONG Chars = Path.Length / sizeof(WCHAR);
    ULONG i = 0;

    memset(Result, 0, sizeof(*Result));
    Result->Link = Start;
    if (Chars != 0 && Path.Buffer[0] == '\\')
        i = 1;
    while (i < Chars) {
        UNICODE_STRING Component = { 0, 0, Path.Buffer + i };
        NTSTATUS Status;

        while (i < Chars && Path.Buffer[i] != '\\') {
            Component.Length += sizeof(WCHAR);
            i++;
        }
        Component.MaximumLength = Component.Length;
        Status = MemfsCheckName(&Component);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Result->Link == NULL || (Result->Link->Node->Attributes & MEMFS_ENTERED) != FILE_ATTRIBUTE_DIRECTORY)
            return MemfsStopWalk(Result, &Path, &Component);
        Result->Directory = Result->Link->Node;
        Result->Last = Component;
        Result->Link = MemfsLookup(Result->Directory, &Component);
        if (i == Chars - 1) {
            Result->MustBeDirectory = TRUE;
            break;
        }
        i++;
    }
    return STATUS_SUCCESS;
}

/*
 * What the caller's enabled privileges let it do to a file that is opened for backup or restoring, whatever its descriptor says.
 * Source: Microsoft, "Privilege Constants" (SE_BACKUP_NAME, SE_RESTORE_NAME); [MS-FSA] 2.1.5.1.
 */
static ACCESS_MASK MemfsBackupAccess(const OPEN_PACKET *Packet)
{
    ACCESS_MASK Access = 0;

    if (!(Packet->CreateOptions & FILE_OPEN_FOR_BACKUP_INTENT))
        return 0;
    if (SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), Packet->Mode))
        Access |= READ_CONTROL | ACCESS_SYSTEM_SECURITY | FILE_GENERIC_READ | FILE_TRAVERSE;
    if (SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), Packet->Mode))
        Access |= WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY | FILE_GENERIC_WRITE | FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | DELETE;
    return Access;
}

/* What rights to the directory give of what is in there ([MS-FSA] 2.1.5.1.2.1). */
static ACCESS_MASK MemfsParentAccess(const MEMFS_LINK *Link, ACCESS_MASK Wanted, KPROCESSOR_MODE Mode)
{
    ACCESS_MASK Access = 0;

    if (Link->Parent == NULL)
        return 0;
    if (Wanted & (DELETE | MAXIMUM_ALLOWED) && NT_SUCCESS(MemfsCheckAccess(Link->Parent, FILE_DELETE_CHILD, Mode)))
        Access |= DELETE;
    if (Wanted & (FILE_READ_ATTRIBUTES | MAXIMUM_ALLOWED) && NT_SUCCESS(MemfsCheckAccess(Link->Parent, FILE_LIST_DIRECTORY, Mode)))
        Access |= FILE_READ_ATTRIBUTES;
    return Access;
}

/* May who opens the link do all that is Needed?  Else STATUS_ACCESS_DENIED.  *Granted: what MAXIMUM_ALLOWED comes to. */
static NTSTATUS MemfsGrantOpen(const MEMFS_LINK *Link, const OPEN_PACKET *Packet, ACCESS_MASK Needed, PACCESS_MASK Granted)
{
    ACCESS_MASK Given = MemfsBackupAccess(Packet);
    NTSTATUS Status = MemfsGrantAccess(Link->Node, Needed & ~Given, Packet->Mode, Granted);

    if (Status != STATUS_ACCESS_DENIED && !(Needed & MAXIMUM_ALLOWED))
        return Status;
    Given |= MemfsParentAccess(Link, Needed, Packet->Mode);
    if (Status == STATUS_ACCESS_DENIED)
        Status = MemfsGrantAccess(Link->Node, Needed & ~Given, Packet->Mode, Granted);
    if (Status == STATUS_ACCESS_DENIED && Given != 0 && (Needed & ~Given) == MAXIMUM_ALLOWED)
        Status = STATUS_SUCCESS;
    *Granted |= Given;
    if (Link->Node->Attributes & FILE_ATTRIBUTE_READONLY)
        *Granted &= ~(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD);
    return Status;
}

/* Everything that may forbid opening an existing node. */
static NTSTATUS MemfsCheckExisting(PFILE_OBJECT File, const MEMFS_PATH *Path, POPEN_PACKET Packet)
{
    PMEMFS_NODE Node = Path->Link->Node;
    BOOLEAN Directory = MemfsIsDirectory(Node);
    BOOLEAN Overwrite = Packet->Disposition == FILE_SUPERSEDE || Packet->Disposition == FILE_OVERWRITE ||
                        Packet->Disposition == FILE_OVERWRITE_IF;
    ACCESS_MASK Needed = Packet->DesiredAccess | (Overwrite ? FILE_WRITE_DATA : 0) |
                         (Packet->CreateOptions & FILE_DELETE_ON_CLOSE ? DELETE : 0);
    NTSTATUS Status;

    if (Path->Link->DeletePending)
        return STATUS_DELETE_PENDING;
    if (Packet->Disposition == FILE_CREATE)
        return STATUS_OBJECT_NAME_COLLISION;
    if (!Directory && Path->MustBeDirectory)
        return STATUS_OBJECT_NAME_INVALID;
    if (Directory && Packet->CreateOptions & FILE_NON_DIRECTORY_FILE)
        return STATUS_FILE_IS_A_DIRECTORY;
    if (!Directory && Packet->CreateOptions & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    if (Directory && Overwrite)
        return STATUS_OBJECT_NAME_COLLISION;
    if (Node->Attributes & FILE_ATTRIBUTE_READONLY && !Directory && (Overwrite || Packet->DesiredAccess & MEMFS_WRITE_ACCESS))
        return STATUS_ACCESS_DENIED;
    Status = MemfsGrantOpen(Path->Link, Packet, Needed, &Packet->GrantedAccess);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Packet->DesiredAccess & MAXIMUM_ALLOWED)
        IopSetFileAccess(File, Packet->GrantedAccess);
    if (Packet->CreateOptions & FILE_DELETE_ON_CLOSE) {
        Status = MemfsCheckDelete(Path->Link);
        if (Status == STATUS_CANNOT_DELETE)
            return Status;
    }
    if (Overwrite && Node->Attributes & ~Packet->FileAttributes & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM))
        return STATUS_ACCESS_DENIED;
    if (!MemfsCheckShare(&Node->Share, File))
        return STATUS_SHARING_VIOLATION;
    if (Node->Segment != NULL && (Overwrite || File->DesiredAccess & MEMFS_WRITE_ACCESS) &&
        !MmFlushImageSegment(Node->Segment))
        return STATUS_SHARING_VIOLATION;
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsOpenExisting(PFILE_OBJECT File, const MEMFS_PATH *Path, POPEN_PACKET Packet, PMEMFS_CCB Ccb,
        PULONG_PTR Information)
{
    PMEMFS_NODE Node = Path->Link->Node;
    NTSTATUS Status = MemfsCheckExisting(File, Path, Packet);

    if (!NT_SUCCESS(Status))
        return Status;
    *Information = FILE_OPENED;
    if (Packet->Disposition != FILE_OPEN && Packet->Disposition != FILE_OPEN_IF) {
        Status = MemfsSetSize(Node, 0);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Packet->Disposition == FILE_SUPERSEDE) {
            MemfsFreeReparse(Node);
            Node->Attributes = 0;
        }
        Node->Attributes |= (Packet->FileAttributes & FILE_ATTRIBUTE_VALID_SET_FLAGS & ~FILE_ATTRIBUTE_NORMAL) |
                            FILE_ATTRIBUTE_ARCHIVE;
        *Information = Packet->Disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
    }
    MemfsAttach(File, Path->Link, Ccb);
    if (*Information != FILE_OPENED)
        MemfsTouch(File, FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_SIZE);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsCreateNew(PFILE_OBJECT File, const MEMFS_PATH *Path, POPEN_PACKET Packet, PMEMFS_CCB Ccb,
        PULONG_PTR Information)
{
    ULONG Attributes = Packet->FileAttributes & FILE_ATTRIBUTE_VALID_SET_FLAGS;
    ACCESS_MASK Needed = Packet->CreateOptions & FILE_DIRECTORY_FILE ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE;
    PSECURITY_DESCRIPTOR Assigned = NULL;
    PMEMFS_LINK Link;
    NTSTATUS Status;

    if (Packet->Disposition == FILE_OPEN || Packet->Disposition == FILE_OVERWRITE)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (Path->MustBeDirectory && !(Packet->CreateOptions & FILE_DIRECTORY_FILE))
        return STATUS_OBJECT_NAME_INVALID;
    if (MemfsIsGoing(Path->Directory))
        return STATUS_DELETE_PENDING;
    if (Attributes & FILE_ATTRIBUTE_READONLY && Packet->CreateOptions & FILE_DELETE_ON_CLOSE)
        return STATUS_CANNOT_DELETE;
    if (Packet->CreateOptions & FILE_DIRECTORY_FILE)
        Attributes |= FILE_ATTRIBUTE_DIRECTORY;
    else
        Attributes |= FILE_ATTRIBUTE_ARCHIVE;
    Status = MemfsCheckAccess(Path->Directory, Needed & ~MemfsBackupAccess(Packet), Packet->Mode);
    if (NT_SUCCESS(Status))
        Status = SeAssignSecurity(&(SE_PARENT){ Path->Directory->Descriptor, (Attributes & FILE_ATTRIBUTE_DIRECTORY) != 0,
                                                &IoFileObjectType->TypeInfo.GenericMapping },
                                  Packet->SecurityDescriptor, Packet->Mode, &Assigned);
    if (NT_SUCCESS(Status))
        Status = MemfsCreateNode(Path->Directory, &Path->Last, Attributes, &Link);
    if (NT_SUCCESS(Status))
        MemfsSetDescriptor(Link->Node, Assigned);
    SeReleaseSecurityDescriptor(Assigned);
    if (!NT_SUCCESS(Status))
        return Status;
    *Information = FILE_CREATED;
    MemfsAttach(File, Link, Ccb);
    return STATUS_SUCCESS;
}

/*
 * Is the open one of the reparse point at the end of the path itself?  DIFFERS: NT goes by FILE_OPEN_REPARSE_POINT alone;
 * RemoveDirectory, DeleteFile and MoveFile of libwine's kernelbase, which ask for deletion and nothing else, do not give it, and
 * would delete or move what the link leads to.
 */
static BOOLEAN MemfsOpensReparsePoint(const OPEN_PACKET *Packet)
{
    return Packet->CreateOptions & FILE_OPEN_REPARSE_POINT ||
           (Packet->DesiredAccess & ~(SYNCHRONIZE | FILE_READ_ATTRIBUTES)) == DELETE;
}

/* Opens what the path came to; a reparse point may stand for another name (Packet->CompleteName). */
static NTSTATUS MemfsOpenFound(PFILE_OBJECT File, PMEMFS_PATH Path, POPEN_PACKET Packet, PMEMFS_CCB Ccb, PULONG_PTR Information)
{
    if (MemfsIsReparsePoint(Path->Link->Node) && !MemfsOpensReparsePoint(Packet)) {
        RtlInitUnicodeString(&Path->Rest, Path->MustBeDirectory ? L"\\" : L"");
        return MemfsFollow(File->DeviceObject, Path->Link, &Path->Rest, Packet->CompleteName);
    }
    return MemfsOpenExisting(File, Path, Packet, Ccb, Information);
}

/*
 * The name is a file id, 64 or 128 bits, perhaps after the separator of the volume's root (FILE_OPEN_BY_FILE_ID of
 * NtCreateFile).  The file is opened by its oldest name.
 */
static NTSTATUS MemfsOpenById(PFILE_OBJECT File, POPEN_PACKET Packet, PMEMFS_CCB Ccb, PULONG_PTR Information)
{
    PCUNICODE_STRING Name = &File->FileName;
    ULONG Skip = Name->Length % sizeof(ULONG64) == sizeof(WCHAR) && Name->Buffer[0] == '\\' ? 1 : 0;
    ULONG Length = Name->Length - Skip * sizeof(WCHAR);
    MEMFS_PATH Path = { 0 };
    ULONG64 Id[2] = { 0 };
    PMEMFS_NODE Node;

    if (Length != sizeof(Id) && Length != sizeof(Id[0]))
        return STATUS_INVALID_PARAMETER;
    if (Packet->Disposition != FILE_OPEN && Packet->Disposition != FILE_OPEN_IF)
        return STATUS_INVALID_PARAMETER;
    memcpy(Id, Name->Buffer + Skip, Length);
    Node = Id[1] == 0 ? MemfsLookupId(Id[0]) : NULL;
    Path.Link = Node != NULL ? MemfsFirstLink(Node) : NULL;
    if (Path.Link == NULL)
        return STATUS_INVALID_PARAMETER;
    return MemfsOpenFound(File, &Path, Packet, Ccb, Information);
}

static NTSTATUS MemfsCreateOnPath(PIRP Irp, PMEMFS_CCB Ccb)
{
    PFILE_OBJECT File = Irp->FileObject;
    PFILE_OBJECT Related = Irp->DriverContext[0];
    POPEN_PACKET Packet = Irp->Parameters.Create.Packet;
    MEMFS_PATH Path;
    NTSTATUS Status;

    if (Packet->CreateOptions & FILE_OPEN_BY_FILE_ID)
        return MemfsOpenById(File, Packet, Ccb, &Irp->IoStatus.Information);
    if (File->FileName.Length == 0 && (Related == NULL || MemfsCcb(Related)->Volume)) {
        if (Packet->CreateOptions & FILE_DIRECTORY_FILE || Packet->Disposition != FILE_OPEN)
            return STATUS_INVALID_PARAMETER;
        Ccb->Volume = TRUE;
        Irp->IoStatus.Information = FILE_OPENED;
        MemfsAttach(File, MemfsFirstLink(MemfsRoot), Ccb);
        return STATUS_SUCCESS;
    }
    if (Related != NULL && MemfsCcb(Related)->Volume)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsWalk(Related != NULL ? MemfsLink(Related) : MemfsFirstLink(MemfsRoot), File->FileName, &Path);
    if (Status == STATUS_REPARSE)
        return MemfsFollow(File->DeviceObject, Path.Link, &Path.Rest, Packet->CompleteName);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Path.Link == NULL)
        return MemfsCreateNew(File, &Path, Packet, Ccb, &Irp->IoStatus.Information);
    return MemfsOpenFound(File, &Path, Packet, Ccb, &Irp->IoStatus.Information);
}

NTSTATUS MemfsCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMEMFS_CCB Ccb = ExAllocatePoolZero(PagedPool, sizeof(*Ccb), IO_TAG_MEMFS);
    NTSTATUS Status;

    Irp->IoStatus.Information = 0;
    if (Ccb == NULL)
        return Irp->IoStatus.Status = STATUS_INSUFFICIENT_RESOURCES;
    Status = MemfsCreateOnPath(Irp, Ccb);
    if (Status != STATUS_SUCCESS)
        ExFreePool(Ccb);
    return Irp->IoStatus.Status = Status;
}

NTSTATUS MemfsCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_OBJECT File = Irp->FileObject;
    PMEMFS_NODE Node = MemfsNode(File);
    PMEMFS_CCB Ccb = MemfsCcb(File);
    PMEMFS_LINK Link = Ccb->Link;

    if (!Ccb->CleanedUp) {
        Ccb->CleanedUp = TRUE;
        MemfsUnlockAll(File, NULL);
        MemfsCloseWatch(Ccb);
        if (Ccb->ShareCounted)
            MemfsCountShare(&Node->Share, File, -1);
        if (Ccb->DeleteOnClose && !Link->Removed && NT_SUCCESS(MemfsCheckDelete(Link)))
            Link->DeletePending = TRUE;
        Node->Handles--;
        Link->Handles--;
        if (Link->DeletePending && !Link->Removed && Node->ChildCount == 0 && (Link->Handles == 0 || Ccb->PosixDelete))
            MemfsRemoveLink(Link);
    }
    return Irp->IoStatus.Status = STATUS_SUCCESS;
}

NTSTATUS MemfsClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    PMEMFS_CCB Ccb = MemfsCcb(Irp->FileObject);
    PMEMFS_LINK Link = Ccb->Link;

    /* An open that never had a handle (IoOpenFileObject) was not cleaned up. */
    MemfsCleanup(DeviceObject, Irp);
    if (Ccb->Pattern.Buffer != NULL)
        ExFreePool(Ccb->Pattern.Buffer);
    if (Ccb->Last.Buffer != NULL)
        ExFreePool(Ccb->Last.Buffer);
    if (Ccb->Writer)
        MemfsCountWriter(Node, -1);
    ExFreePool(Ccb);
    MemfsCloseLink(Link);
    return STATUS_SUCCESS;
}
