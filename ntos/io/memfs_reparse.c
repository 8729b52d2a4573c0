/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: reparse points.  FSCTL_SET_REPARSE_POINT, FSCTL_GET_REPARSE_POINT, FSCTL_DELETE_REPARSE_POINT
 * ([MS-FSA] 2.1.5.10.37, .14, .3; [MS-FSCC] 2.1.2, 2.3.6, 2.3.28, 2.3.82), and what junctions (IO_REPARSE_TAG_MOUNT_POINT)
 * and symbolic links stand for.  Points with other tags are kept and given back; who does not ask for the point itself gets
 * STATUS_IO_REPARSE_TAG_NOT_HANDLED.
 *
 * Invariant: what a node has was checked when it was set, so that a name can be taken from it at once.  The data lie in the
 * pool, as names do: it leaves alone what was promised to programs and files.  Nothing here waits.
 */
#include "ntos/io/memfs.h"
#include "ntos/inc/se.h"

#define MEMFS_REPARSE_HEADER FIELD_OFFSET(MEMFS_REPARSE, Data)
#define MEMFS_FOREIGN_HEADER (MEMFS_REPARSE_HEADER + sizeof(GUID))
#define MEMFS_MICROSOFT_TAG 0x80000000u

/* The data of both kinds of links ([MS-FSCC] 2.1.2.4, 2.1.2.5).  Offsets count from what follows, which is Flags or the names. */
typedef struct _MEMFS_LINK_DATA {
    USHORT SubstituteNameOffset, SubstituteNameLength;
    USHORT PrintNameOffset, PrintNameLength;
    ULONG Flags;                        /* of symbolic links only: SYMLINK_FLAG_RELATIVE */
} MEMFS_LINK_DATA, *PMEMFS_LINK_DATA;

static ULONG MemfsReparseHeader(ULONG Tag)
{
    return Tag & MEMFS_MICROSOFT_TAG ? MEMFS_REPARSE_HEADER : MEMFS_FOREIGN_HEADER;
}

static ULONG MemfsReparseLength(const MEMFS_REPARSE *Reparse)
{
    return MemfsReparseHeader(Reparse->Tag) + Reparse->DataLength;
}

static BOOLEAN MemfsIsLinkTag(ULONG Tag)
{
    return Tag == (ULONG)IO_REPARSE_TAG_MOUNT_POINT || Tag == (ULONG)IO_REPARSE_TAG_SYMLINK;
}

/* ------------------------------------------------------------------ what a link leads to */

static ULONG MemfsNamesOffset(const MEMFS_REPARSE *Reparse)
{
    return Reparse->Tag == (ULONG)IO_REPARSE_TAG_SYMLINK ? sizeof(MEMFS_LINK_DATA) : FIELD_OFFSET(MEMFS_LINK_DATA, Flags);
}

static BOOLEAN MemfsIsRelative(const MEMFS_REPARSE *Reparse)
{
    return Reparse->Tag == (ULONG)IO_REPARSE_TAG_SYMLINK && ((PMEMFS_LINK_DATA)Reparse->Data)->Flags & SYMLINK_FLAG_RELATIVE;
}

static UNICODE_STRING MemfsSubstituteName(const MEMFS_REPARSE *Reparse)
{
    const MEMFS_LINK_DATA *Data = (const MEMFS_LINK_DATA *)Reparse->Data;
    UNICODE_STRING Name = { Data->SubstituteNameLength, Data->SubstituteNameLength,
                            (PWCHAR)(Reparse->Data + MemfsNamesOffset(Reparse) + Data->SubstituteNameOffset) };

    return Name;
}

/* Both names lie in the data, in any order; the substitute is a name, and absolute unless the link says otherwise. */
static NTSTATUS MemfsCheckLinkData(const MEMFS_REPARSE *Reparse)
{
    const MEMFS_LINK_DATA *Data = (const MEMFS_LINK_DATA *)Reparse->Data;
    ULONG Room = Reparse->DataLength - MemfsNamesOffset(Reparse);

    if (Reparse->DataLength < MemfsNamesOffset(Reparse))
        return STATUS_IO_REPARSE_DATA_INVALID;
    if ((Data->SubstituteNameOffset | Data->SubstituteNameLength | Data->PrintNameOffset | Data->PrintNameLength) &
        (sizeof(WCHAR) - 1))
        return STATUS_IO_REPARSE_DATA_INVALID;
    if ((ULONG)Data->SubstituteNameOffset + Data->SubstituteNameLength > Room ||
        (ULONG)Data->PrintNameOffset + Data->PrintNameLength > Room || Data->SubstituteNameLength == 0)
        return STATUS_IO_REPARSE_DATA_INVALID;
    if (!MemfsIsRelative(Reparse) && MemfsSubstituteName(Reparse).Buffer[0] != '\\')
        return STATUS_IO_REPARSE_DATA_INVALID;
    return STATUS_SUCCESS;
}

/* Takes the last component off Path, which does not go above Root characters. */
static NTSTATUS MemfsGoUp(PUNICODE_STRING Path, ULONG Root)
{
    ULONG Chars = Path->Length / sizeof(WCHAR);

    if (Chars <= Root)
        return STATUS_IO_REPARSE_DATA_INVALID;
    while (Path->Buffer[--Chars] != '\\')
        ;
    Path->Length = (USHORT)(Chars * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

/* Path, without a separator at its end, and Target's components after it.  There is room. */
static NTSTATUS MemfsAppendTarget(PUNICODE_STRING Path, ULONG Root, PCUNICODE_STRING Target)
{
    ULONG Chars = Target->Length / sizeof(WCHAR), Start, End;
    NTSTATUS Status = STATUS_SUCCESS;

    for (Start = Target->Buffer[0] == '\\'; Start <= Chars && NT_SUCCESS(Status); Start = End + 1) {
        const WCHAR *Component = Target->Buffer + Start;

        for (End = Start; End < Chars && Target->Buffer[End] != '\\'; End++)
            ;
        if (End - Start == 1 && Component[0] == '.')
            continue;
        if (End - Start == 2 && Component[0] == '.' && Component[1] == '.') {
            Status = MemfsGoUp(Path, Root);
            continue;
        }
        Path->Buffer[Path->Length / sizeof(WCHAR)] = '\\';
        memcpy(Path->Buffer + Path->Length / sizeof(WCHAR) + 1, Component, (End - Start) * sizeof(WCHAR));
        Path->Length += (USHORT)((End - Start + 1) * sizeof(WCHAR));
    }
    /* The volume's root, not the volume. */
    if (Path->Length == Root * sizeof(WCHAR)) {
        Path->Buffer[Root] = '\\';
        Path->Length += sizeof(WCHAR);
    }
    return Status;
}

/* The target of a link in Directory, as an absolute name: from the volume's root if it begins with a separator.  Buffer: pool. */
static NTSTATUS MemfsMakeAbsolute(PDEVICE_OBJECT Device, const MEMFS_NODE *Directory, PCUNICODE_STRING Target, PUNICODE_STRING Path)
{
    ULONG Root = (ULONG)wcslen(Device->DosName), Length, Room;

    if (Target->Buffer[0] == '\\')
        Directory = MemfsRoot;
    if (MemfsFirstLink(Directory) == NULL)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    MemfsQueryPath(MemfsFirstLink(Directory), NULL, 0, &Length);
    Room = Root * sizeof(WCHAR) + Length + sizeof(WCHAR) + Target->Length;
    if (Room > UNICODE_STRING_MAX_BYTES)
        return STATUS_NAME_TOO_LONG;
    Path->Buffer = ExAllocatePoolWithTag(PagedPool, Room, IO_TAG_MEMFS);
    if (Path->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(Path->Buffer, Device->DosName, Root * sizeof(WCHAR));
    MemfsQueryPath(MemfsFirstLink(Directory), Path->Buffer + Root, Length, &Length);
    Path->Length = (USHORT)(Root * sizeof(WCHAR) + (Directory == MemfsRoot ? 0 : Length));
    return MemfsAppendTarget(Path, Root, Target);
}

NTSTATUS MemfsFollow(PDEVICE_OBJECT Device, PMEMFS_LINK Link, PUNICODE_STRING Rest, PUNICODE_STRING CompleteName)
{
    const MEMFS_REPARSE *Reparse = Link->Node->Reparse;
    UNICODE_STRING Target, Path = { 0 };
    NTSTATUS Status = STATUS_SUCCESS;

    if (!MemfsIsLinkTag(Reparse->Tag))
        return STATUS_IO_REPARSE_TAG_NOT_HANDLED;
    if (Link->Parent == NULL)
        return STATUS_OBJECT_PATH_NOT_FOUND;
    Target = MemfsSubstituteName(Reparse);
    if (MemfsIsRelative(Reparse)) {
        Status = MemfsMakeAbsolute(Device, Link->Parent, &Target, &Path);
        Target = Path;
    }
    if (NT_SUCCESS(Status))
        Status = ObReparseName(CompleteName, &Target, Rest);
    if (Path.Buffer != NULL)
        ExFreePool(Path.Buffer);
    return NT_SUCCESS(Status) ? STATUS_REPARSE : Status;
}

/* ------------------------------------------------------------------ setting, getting, deleting */

VOID MemfsFreeReparse(PMEMFS_NODE Node)
{
    if (Node->Reparse != NULL)
        ExFreePool(Node->Reparse);
    Node->Reparse = NULL;
    Node->Attributes &= ~FILE_ATTRIBUTE_REPARSE_POINT;
}

static VOID MemfsReparseChanged(PFILE_OBJECT File)
{
    PMEMFS_LINK Link = MemfsLink(File);

    if (!MemfsCcb(File)->KeepsChangeTime)
        KeQuerySystemTime(&Link->Node->ChangeTime);
    MemfsReport(Link->Parent, Link, FILE_NOTIFY_CHANGE_ATTRIBUTES, FILE_ACTION_MODIFIED);
}

/* May File's node get a point, or lose it?  No code of these has an output. */
static NTSTATUS MemfsCheckReparseRequest(PIRP Irp)
{
    if (MemfsCcb(Irp->FileObject)->Volume || Irp->OutputLength != 0)
        return STATUS_INVALID_PARAMETER;
    return Irp->FileObject->DesiredAccess & (FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES) ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}

/* Nobody gives a point another tag or, with the same tag of another maker, another GUID. */
static NTSTATUS MemfsCheckSameTag(const MEMFS_REPARSE *Old, const MEMFS_REPARSE *New)
{
    if (Old->Tag != New->Tag)
        return STATUS_IO_REPARSE_TAG_MISMATCH;
    if (!(New->Tag & MEMFS_MICROSOFT_TAG) && memcmp(Old->Data, New->Data, sizeof(GUID)) != 0)
        return STATUS_REPARSE_ATTRIBUTE_CONFLICT;
    return STATUS_SUCCESS;
}

static BOOLEAN MemfsHasGuid(const MEMFS_REPARSE *Reparse)
{
    static const GUID None;

    return Reparse->Tag & MEMFS_MICROSOFT_TAG || memcmp(Reparse->Data, &None, sizeof(None)) != 0;
}

/* The whole buffer, which is Length bytes. */
static NTSTATUS MemfsCheckReparseBuffer(const MEMFS_REPARSE *New, ULONG Length)
{
    if (New->Tag <= IO_REPARSE_TAG_RESERVED_RANGE || Length != MemfsReparseLength(New) || !MemfsHasGuid(New))
        return STATUS_IO_REPARSE_DATA_INVALID;
    return MemfsIsLinkTag(New->Tag) ? MemfsCheckLinkData(New) : STATUS_SUCCESS;
}

/*
 * DIFFERS: the privilege for symbolic links is asked for here; [MS-FSA] remembers at the open whether the opener had it.
 */
static NTSTATUS MemfsCheckNewReparse(const MEMFS_NODE *Node, const MEMFS_REPARSE *New)
{
    const LUID Privilege = { SE_CREATE_SYMBOLIC_LINK_PRIVILEGE, 0 };

    if (New->Tag == (ULONG)IO_REPARSE_TAG_MOUNT_POINT && !MemfsIsDirectory(Node))
        return STATUS_NOT_A_DIRECTORY;
    if (New->Tag == (ULONG)IO_REPARSE_TAG_SYMLINK && !SeSinglePrivilegeCheck(Privilege, UserMode))
        return STATUS_ACCESS_DENIED;
    if (Node->ChildCount != 0)
        return STATUS_DIRECTORY_NOT_EMPTY;
    return Node->Reparse != NULL ? MemfsCheckSameTag(Node->Reparse, New) : STATUS_SUCCESS;
}

NTSTATUS MemfsSetReparse(PIRP Irp)
{
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    NTSTATUS Status = MemfsCheckReparseRequest(Irp);
    PMEMFS_REPARSE New;

    if (!NT_SUCCESS(Status))
        return Status;
    if (Irp->InputLength < MEMFS_REPARSE_HEADER || Irp->InputLength > MAXIMUM_REPARSE_DATA_BUFFER_SIZE)
        return STATUS_IO_REPARSE_DATA_INVALID;
    New = ExAllocatePoolWithTag(PagedPool, Irp->InputLength, IO_TAG_MEMFS);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MemfsGetInput(Irp, New, Irp->InputLength);
    if (NT_SUCCESS(Status))
        Status = MemfsCheckReparseBuffer(New, Irp->InputLength);
    if (NT_SUCCESS(Status))
        Status = MemfsCheckNewReparse(Node, New);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(New);
        return Status;
    }
    MemfsFreeReparse(Node);
    Node->Reparse = New;
    Node->Attributes |= FILE_ATTRIBUTE_REPARSE_POINT;
    MemfsReparseChanged(Irp->FileObject);
    return STATUS_SUCCESS;
}

NTSTATUS MemfsGetReparse(PIRP Irp)
{
    const MEMFS_REPARSE *Reparse = MemfsNode(Irp->FileObject)->Reparse;
    ULONG Length;
    NTSTATUS Status;

    if (MemfsCcb(Irp->FileObject)->Volume)
        return STATUS_INVALID_PARAMETER;
    if (Reparse == NULL)
        return STATUS_NOT_A_REPARSE_POINT;
    if (Irp->OutputLength < MemfsReparseHeader(Reparse->Tag))
        return STATUS_BUFFER_TOO_SMALL;
    Length = min(Irp->OutputLength, MemfsReparseLength(Reparse));
    Status = IopCopyOutput(Irp, 0, Reparse, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp->IoStatus.Information = Length;
    return Length < MemfsReparseLength(Reparse) ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

/* The input is the head of the point that is to go. */
NTSTATUS MemfsDeleteReparse(PIRP Irp)
{
    union { MEMFS_REPARSE Reparse; UCHAR Bytes[MEMFS_FOREIGN_HEADER]; } Head = { .Bytes = { 0 } };
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    NTSTATUS Status = MemfsCheckReparseRequest(Irp);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Irp->InputLength != MEMFS_REPARSE_HEADER && Irp->InputLength != MEMFS_FOREIGN_HEADER)
        return STATUS_IO_REPARSE_DATA_INVALID;
    Status = MemfsGetInput(Irp, &Head, Irp->InputLength);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Head.Reparse.Tag <= IO_REPARSE_TAG_RESERVED_RANGE)
        return STATUS_IO_REPARSE_TAG_INVALID;
    if (Head.Reparse.DataLength != 0 || Irp->InputLength != MemfsReparseHeader(Head.Reparse.Tag) || !MemfsHasGuid(&Head.Reparse))
        return STATUS_IO_REPARSE_DATA_INVALID;
    if (Node->Reparse == NULL)
        return STATUS_NOT_A_REPARSE_POINT;
    Status = MemfsCheckSameTag(Node->Reparse, &Head.Reparse);
    if (!NT_SUCCESS(Status))
        return Status;
    MemfsFreeReparse(Node);
    MemfsReparseChanged(Irp->FileObject);
    return STATUS_SUCCESS;
}
