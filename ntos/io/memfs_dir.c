/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: NtQueryDirectoryFile.  The enumeration's state is in the open (MEMFS_CCB): the pattern of the first
 * call, and the name given last.  Order: ".", "..", then by name; the root has no dots.
 *
 * One table describes the record formats; they share their first fields.  The entries are built in a small buffer of
 * ntos and copied out one by one.  STATUS_BUFFER_OVERFLOW when not even the first entry fits whole.  Nothing here
 * waits.
 */
#include "ntos/io/memfs.h"

typedef struct _MEMFS_FORMAT {
    USHORT NameOffset;                  /* 0: no such class */
    USHORT TagOffset;                   /* of the reparse tag, in the older classes EaSize; 0: none */
    USHORT FileIdOffset;
    BOOLEAN NamesOnly;
} MEMFS_FORMAT;

static const MEMFS_FORMAT MemfsFormats[] = {
    [FileDirectoryInformation] = { FIELD_OFFSET(FILE_DIRECTORY_INFORMATION, FileName), 0, 0, FALSE },
    [FileFullDirectoryInformation] = {
        FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, EaSize), 0, FALSE
    },
    [FileBothDirectoryInformation] = {
        FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, EaSize), 0, FALSE
    },
    [FileIdBothDirectoryInformation] = {
        FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, EaSize),
        FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileId), FALSE
    },
    [FileIdFullDirectoryInformation] = {
        FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, EaSize),
        FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, FileId), FALSE
    },
    /* No header has these two: after EaSize a reparse tag, an id of 128 bits, and in the second a short name. */
    [FileIdExtdDirectoryInformation] = { 88, 68, 72, FALSE },
    [FileIdExtdBothDirectoryInformation] = { 114, 68, 72, FALSE },
    [FileNamesInformation] = { FIELD_OFFSET(FILE_NAMES_INFORMATION, FileName), 0, 0, TRUE },
};

#define MEMFS_LONGEST_ENTRY (114 + 255 * sizeof(WCHAR))

/* The next thing to list: its name, and the node that the data is taken from.  FALSE: the end. */
static BOOLEAN MemfsNextEntry(PMEMFS_NODE Directory, PMEMFS_CCB Ccb, PUNICODE_STRING Name, PMEMFS_NODE *Node)
{
    static WCHAR Dots[] = L"..";
    PMEMFS_LINK Link;

    if (Directory == MemfsRoot && Ccb->Phase < 2)
        Ccb->Phase = 2;
    if (Ccb->Phase < 2) {
        Name->Buffer = Dots;
        Name->Length = Name->MaximumLength = (Ccb->Phase + 1) * sizeof(WCHAR);
        *Node = Ccb->Phase == 0 || Ccb->Link->Parent == NULL ? Directory : Ccb->Link->Parent;
        return TRUE;
    }
    Link = MemfsNextChild(Directory, Ccb->HasLast ? &Ccb->Last : NULL);
    if (Link == NULL)
        return FALSE;
    *Name = Link->Name;
    *Node = Link->Node;
    return TRUE;
}

/* The entry that MemfsNextEntry gave is done. */
static NTSTATUS MemfsAdvance(PMEMFS_CCB Ccb, PCUNICODE_STRING Name)
{
    if (Ccb->Phase < 2) {
        Ccb->Phase++;
        return STATUS_SUCCESS;
    }
    memcpy(Ccb->Last.Buffer, Name->Buffer, Name->Length);
    Ccb->Last.Length = Name->Length;
    Ccb->HasLast = TRUE;
    return STATUS_SUCCESS;
}

static ULONG MemfsBuildEntry(const MEMFS_FORMAT *Format, PMEMFS_NODE Node, PCUNICODE_STRING Name, PUCHAR Entry)
{
    PFILE_DIRECTORY_INFORMATION Directory = (PFILE_DIRECTORY_INFORMATION)Entry;

    memset(Entry, 0, Format->NameOffset);
    if (Format->NamesOnly) {
        ((PFILE_NAMES_INFORMATION)Entry)->FileNameLength = Name->Length;
    } else {
        Directory->CreationTime = Node->CreationTime;
        Directory->LastAccessTime = Node->LastAccessTime;
        Directory->LastWriteTime = Node->LastWriteTime;
        Directory->ChangeTime = Node->ChangeTime;
        if (!MemfsIsDirectory(Node)) {
            Directory->EndOfFile.QuadPart = MemfsGetSize(Node);
            Directory->AllocationSize.QuadPart = MemfsGetAllocation(Node);
        }
        Directory->FileAttributes = MemfsGetAttributes(Node);
        Directory->FileNameLength = Name->Length;
        if (Format->TagOffset != 0)
            *(PULONG)(Entry + Format->TagOffset) = MemfsGetTag(Node);
        if (Format->FileIdOffset != 0)
            *(PULONG64)(Entry + Format->FileIdOffset) = Node->FileId;
    }
    memcpy(Entry + Format->NameOffset, Name->Buffer, Name->Length);
    return Format->NameOffset + Name->Length;
}

/*
 * A dot before the stars that end a pattern may be missing in a name (DOS dot): "*.*" is everything.
 * DIFFERS: on Windows that is Win32's translation of what FindFirstFile is given; the kernelbase in use leaves it to the file system.
 */
static VOID MemfsTranslatePattern(PUNICODE_STRING Pattern)
{
    SIZE_T At = Pattern->Length / sizeof(WCHAR);

    for (; At > 0 && (Pattern->Buffer[At - 1] == '*' || Pattern->Buffer[At - 1] == '.'); At--)
        if (Pattern->Buffer[At - 1] == '.' && At < Pattern->Length / sizeof(WCHAR))
            Pattern->Buffer[At - 1] = '"';
}

/* The pattern of this enumeration: upcased copy; "*" and nothing at all mean everything. */
static NTSTATUS MemfsSetPattern(PMEMFS_CCB Ccb, PUNICODE_STRING Pattern)
{
    UNICODE_STRING Upcased = { 0, 0, NULL };

    if (Pattern->Length != 0 && !(Pattern->Length == sizeof(WCHAR) && Pattern->Buffer[0] == '*')) {
        NTSTATUS Status;

        Upcased.Buffer = ExAllocatePoolWithTag(PagedPool, Pattern->Length, IO_TAG_MEMFS);
        if (Upcased.Buffer == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Upcased.MaximumLength = Pattern->Length;
        Status = RtlUpcaseUnicodeString(&Upcased, Pattern, FALSE);
        if (!NT_SUCCESS(Status)) {
            ExFreePool(Upcased.Buffer);
            return Status;
        }
        MemfsTranslatePattern(&Upcased);
    }
    if (Ccb->Pattern.Buffer != NULL)
        ExFreePool(Ccb->Pattern.Buffer);
    Ccb->Pattern = Upcased;
    Ccb->HasPattern = TRUE;
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsPrepareEnumeration(PIRP Irp, PMEMFS_CCB Ccb)
{
    PUNICODE_STRING Pattern = &Irp->Parameters.Directory.Pattern;
    NTSTATUS Status;

    if (Ccb->Last.Buffer == NULL) {
        Ccb->Last.Buffer = ExAllocatePoolWithTag(PagedPool, 256 * sizeof(WCHAR), IO_TAG_MEMFS);
        if (Ccb->Last.Buffer == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Ccb->Last.MaximumLength = 256 * sizeof(WCHAR);
    }
    if (!Ccb->HasPattern || (Irp->Parameters.Directory.Restart && Pattern->Length != 0)) {
        Status = MemfsSetPattern(Ccb, Pattern);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Irp->Parameters.Directory.Restart) {
        Ccb->Phase = 0;
        Ccb->HasLast = FALSE;
        Ccb->Found = FALSE;
    }
    return STATUS_SUCCESS;
}

/* Fills the caller's buffer; *Used bytes. */
static NTSTATUS MemfsListEntries(PIRP Irp, PMEMFS_NODE Directory, PMEMFS_CCB Ccb, const MEMFS_FORMAT *Format,
        PULONG Used)
{
    UCHAR Entry[MEMFS_LONGEST_ENTRY] __attribute__((aligned(8)));
    ULONG Previous = 0;
    ULONG Next = 0;
    BOOLEAN Any = FALSE;
    NTSTATUS Status;
    UNICODE_STRING Name;
    PMEMFS_NODE Node;

    while (MemfsNextEntry(Directory, Ccb, &Name, &Node)) {
        ULONG Length, Room;

        if (Ccb->Pattern.Buffer != NULL && !RtlIsNameInExpression(&Ccb->Pattern, &Name, TRUE, NULL)) {
            MemfsAdvance(Ccb, &Name);
            continue;
        }
        Length = MemfsBuildEntry(Format, Node, &Name, Entry);
        Room = Next < Irp->OutputLength ? Irp->OutputLength - Next : 0;
        if (Length > Room && Any)
            return STATUS_SUCCESS;
        Status = IopCopyOutput(Irp, Next, Entry, Length < Room ? Length : Room);
        if (NT_SUCCESS(Status) && Any)
            Status = IopCopyOutput(Irp, Previous, &(ULONG){ Next - Previous }, sizeof(ULONG));
        if (!NT_SUCCESS(Status))
            return Status;
        MemfsAdvance(Ccb, &Name);
        Ccb->Found = TRUE;
        *Used = Next + (Length < Room ? Length : Room);
        if (Length > Room)
            return STATUS_BUFFER_OVERFLOW;
        Any = TRUE;
        if (Irp->Parameters.Directory.Single)
            return STATUS_SUCCESS;
        Previous = Next;
        Next = (Next + Length + 7) & ~7u;
    }
    if (Any)
        return STATUS_SUCCESS;
    return Ccb->Found ? STATUS_NO_MORE_FILES : STATUS_NO_SUCH_FILE;
}

static NTSTATUS MemfsQueryDirectory(PIRP Irp, PULONG Used)
{
    PMEMFS_NODE Directory = MemfsNode(Irp->FileObject);
    PMEMFS_CCB Ccb = MemfsCcb(Irp->FileObject);
    ULONG Class = Irp->Parameters.Directory.Class;
    NTSTATUS Status;

    if (Ccb->Volume || !MemfsIsDirectory(Directory))
        return STATUS_INVALID_PARAMETER;
    if (Class >= ARRAYSIZE(MemfsFormats) || MemfsFormats[Class].NameOffset == 0)
        return STATUS_INVALID_INFO_CLASS;
    if (Irp->OutputLength < ((MemfsFormats[Class].NameOffset + 7u) & ~7u))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MemfsPrepareEnumeration(Irp, Ccb);
    if (!NT_SUCCESS(Status))
        return Status;
    return MemfsListEntries(Irp, Directory, Ccb, &MemfsFormats[Class], Used);
}

NTSTATUS MemfsDirectoryControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    ULONG Used = 0;
    NTSTATUS Status;

    if (Irp->MinorFunction == IRP_MN_NOTIFY_CHANGE_DIRECTORY) {
        Status = MemfsNotify(Irp);
        return Status == STATUS_PENDING ? Status : (Irp->IoStatus.Status = Status);
    }
    if (Irp->MinorFunction == IRP_MN_QUERY_DIRECTORY)
        Irp->IoStatus.Status = MemfsQueryDirectory(Irp, &Used);
    else
        Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    Irp->IoStatus.Information = Used;
    return Irp->IoStatus.Status;
}
