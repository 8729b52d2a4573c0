/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: questions about files and the volume, and changes of attributes, sizes, names and deletion.
 *
 * Each class is one row of a table; lengths were checked by info.c against the class's minimum.  The buffer is
 * Irp->SystemBuffer, in ntos.  Nothing here waits.
 */
#include "ntos/io/memfs.h"

typedef struct _MEMFS_QUERY {
    PFILE_OBJECT File;
    PMEMFS_NODE Node;
    PVOID Buffer;                       /* zeroed */
    ULONG Length;
    ULONG_PTR Information;              /* out */
} MEMFS_QUERY, *PMEMFS_QUERY;

static NTSTATUS MemfsQueryBasic(PMEMFS_QUERY Query)
{
    PFILE_BASIC_INFORMATION Basic = Query->Buffer;

    Basic->CreationTime = Query->Node->CreationTime;
    Basic->LastAccessTime = Query->Node->LastAccessTime;
    Basic->LastWriteTime = Query->Node->LastWriteTime;
    Basic->ChangeTime = Query->Node->ChangeTime;
    Basic->FileAttributes = MemfsGetAttributes(Query->Node);
    Query->Information = sizeof(*Basic);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsQueryStandard(PMEMFS_QUERY Query)
{
    PFILE_STANDARD_INFORMATION Standard = Query->Buffer;

    Standard->AllocationSize.QuadPart = MemfsGetAllocation(Query->Node);
    Standard->EndOfFile.QuadPart = MemfsGetSize(Query->Node);
    Standard->NumberOfLinks = Query->Node->DeletePending ? 0 : 1;
    Standard->DeletePending = Query->Node->DeletePending;
    Standard->Directory = MemfsIsDirectory(Query->Node);
    Query->Information = sizeof(*Standard);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsQueryInternal(PMEMFS_QUERY Query)
{
    ((PFILE_INTERNAL_INFORMATION)Query->Buffer)->IndexNumber.QuadPart = Query->Node->FileId;
    Query->Information = sizeof(FILE_INTERNAL_INFORMATION);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsQueryEa(PMEMFS_QUERY Query)
{
    Query->Information = sizeof(FILE_EA_INFORMATION);
    return STATUS_SUCCESS;
}

/* FILE_NAME_INFORMATION at Buffer: as much of the path as fits, STATUS_BUFFER_OVERFLOW if that is not all. */
static NTSTATUS MemfsPutName(PMEMFS_NODE Node, PFILE_NAME_INFORMATION Name, ULONG Length, PULONG_PTR Used)
{
    ULONG Room = Length - FIELD_OFFSET(FILE_NAME_INFORMATION, FileName);
    ULONG Needed;
    PWCHAR Path;

    if (NT_SUCCESS(MemfsQueryPath(Node, Name->FileName, Room, &Needed))) {
        Name->FileNameLength = Needed;
        *Used = FIELD_OFFSET(FILE_NAME_INFORMATION, FileName) + Needed;
        return STATUS_SUCCESS;
    }
    Path = ExAllocatePoolWithTag(PagedPool, Needed, IO_TAG_MEMFS);
    if (Path == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    MemfsQueryPath(Node, Path, Needed, &Needed);
    Room &= ~1u;
    memcpy(Name->FileName, Path, Room);
    ExFreePool(Path);
    Name->FileNameLength = Needed;
    *Used = FIELD_OFFSET(FILE_NAME_INFORMATION, FileName) + Room;
    return STATUS_BUFFER_OVERFLOW;
}

static NTSTATUS MemfsQueryNameClass(PMEMFS_QUERY Query)
{
    return MemfsPutName(Query->Node, Query->Buffer, Query->Length, &Query->Information);
}

/* The parts about the open are filled in by the io core. */
static NTSTATUS MemfsQueryAll(PMEMFS_QUERY Query)
{
    PFILE_ALL_INFORMATION All = Query->Buffer;
    ULONG Length = Query->Length;
    ULONG_PTR Used;
    NTSTATUS Status;

    Query->Buffer = &All->BasicInformation;
    MemfsQueryBasic(Query);
    Query->Buffer = &All->StandardInformation;
    MemfsQueryStandard(Query);
    All->InternalInformation.IndexNumber.QuadPart = Query->Node->FileId;
    Status = MemfsPutName(Query->Node, &All->NameInformation, Length - FIELD_OFFSET(FILE_ALL_INFORMATION,
                                                                                    NameInformation),
                          &Used);
    Query->Information = FIELD_OFFSET(FILE_ALL_INFORMATION, NameInformation) + Used;
    return Status;
}

static NTSTATUS MemfsQueryAlternateName(PMEMFS_QUERY Query)
{
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS MemfsQueryStreams(PMEMFS_QUERY Query)
{
    static const WCHAR DataStream[] = L"::$DATA";
    PFILE_STREAM_INFORMATION Stream = Query->Buffer;
    const ULONG NameLength = sizeof(DataStream) - sizeof(WCHAR);

    if (MemfsIsDirectory(Query->Node))
        return STATUS_SUCCESS;
    if (Query->Length < FIELD_OFFSET(FILE_STREAM_INFORMATION, StreamName) + NameLength)
        return STATUS_BUFFER_OVERFLOW;
    Stream->StreamNameLength = NameLength;
    Stream->StreamSize.QuadPart = MemfsGetSize(Query->Node);
    Stream->StreamAllocationSize.QuadPart = MemfsGetAllocation(Query->Node);
    memcpy(Stream->StreamName, DataStream, NameLength);
    Query->Information = FIELD_OFFSET(FILE_STREAM_INFORMATION, StreamName) + NameLength;
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsQueryCompression(PMEMFS_QUERY Query)
{
    *(PULONG64)Query->Buffer = MemfsGetSize(Query->Node);
    Query->Information = 16;
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsQueryNetworkOpen(PMEMFS_QUERY Query)
{
    PFILE_NETWORK_OPEN_INFORMATION Open = Query->Buffer;

    Open->CreationTime = Query->Node->CreationTime;
    Open->LastAccessTime = Query->Node->LastAccessTime;
    Open->LastWriteTime = Query->Node->LastWriteTime;
    Open->ChangeTime = Query->Node->ChangeTime;
    Open->AllocationSize.QuadPart = MemfsGetAllocation(Query->Node);
    Open->EndOfFile.QuadPart = MemfsGetSize(Query->Node);
    Open->FileAttributes = MemfsGetAttributes(Query->Node);
    Query->Information = sizeof(*Open);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsQueryAttributeTag(PMEMFS_QUERY Query)
{
    ((PFILE_ATTRIBUTE_TAG_INFORMATION)Query->Buffer)->FileAttributes = MemfsGetAttributes(Query->Node);
    Query->Information = sizeof(FILE_ATTRIBUTE_TAG_INFORMATION);
    return STATUS_SUCCESS;
}

/* FILE_STANDARD_LINK_INFORMATION: accessible links, total links, delete pending, directory. */
static NTSTATUS MemfsQueryStandardLink(PMEMFS_QUERY Query)
{
    PULONG Links = Query->Buffer;

    Links[0] = Query->Node->DeletePending ? 0 : 1;
    Links[1] = 1;
    ((PBOOLEAN)&Links[2])[0] = Query->Node->DeletePending;
    ((PBOOLEAN)&Links[2])[1] = MemfsIsDirectory(Query->Node);
    Query->Information = 12;
    return STATUS_SUCCESS;
}

/* FILE_ID_INFORMATION: volume serial number (64 bits), file id (128 bits). */
#define MEMFS_SERIAL 0x4e455245

static NTSTATUS MemfsQueryId(PMEMFS_QUERY Query)
{
    PULONG64 Id = Query->Buffer;

    Id[0] = MEMFS_SERIAL;
    Id[1] = Query->Node->FileId;
    Query->Information = 24;
    return STATUS_SUCCESS;
}

static NTSTATUS (*const MemfsQueries[])(PMEMFS_QUERY Query) = {
    [FileBasicInformation] = MemfsQueryBasic,
    [FileStandardInformation] = MemfsQueryStandard,
    [FileInternalInformation] = MemfsQueryInternal,
    [FileEaInformation] = MemfsQueryEa,
    [FileNameInformation] = MemfsQueryNameClass,
    [FileNormalizedNameInformation] = MemfsQueryNameClass,
    [FileAllInformation] = MemfsQueryAll,
    [FileAlternateNameInformation] = MemfsQueryAlternateName,
    [FileStreamInformation] = MemfsQueryStreams,
    [FileCompressionInformation] = MemfsQueryCompression,
    [FileNetworkOpenInformation] = MemfsQueryNetworkOpen,
    [FileAttributeTagInformation] = MemfsQueryAttributeTag,
    [FileStandardLinkInformation] = MemfsQueryStandardLink,
    [FileIdInformation] = MemfsQueryId,
};

NTSTATUS MemfsQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    MEMFS_QUERY Query = {
        .File = Irp->FileObject, .Node = MemfsNode(Irp->FileObject), .Buffer = Irp->SystemBuffer,
        .Length = Irp->OutputLength,
    };
    ULONG Class = Irp->Parameters.Information.Class;

    if (Class >= ARRAYSIZE(MemfsQueries) || MemfsQueries[Class] == NULL)
        Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    else if (MemfsCcb(Irp->FileObject)->Volume)
        Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    else
        Irp->IoStatus.Status = MemfsQueries[Class](&Query);
    Irp->IoStatus.Information = Query.Information;
    return Irp->IoStatus.Status;
}

/* 0: leave as it is; -1 and -2: Windows' "no updates by this handle", accepted and not kept. */
static NTSTATUS MemfsChooseTime(PLARGE_INTEGER Time, LARGE_INTEGER New)
{
    if (New.QuadPart < -2)
        return STATUS_INVALID_PARAMETER;
    if (New.QuadPart > 0)
        *Time = New;
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsSetBasic(PMEMFS_NODE Node, PIRP Irp)
{
    PFILE_BASIC_INFORMATION Basic = Irp->SystemBuffer;
    ULONG Attributes = Basic->FileAttributes;
    LARGE_INTEGER Times[4] = { Node->CreationTime, Node->LastAccessTime, Node->LastWriteTime, Node->ChangeTime };

    if (Attributes & ~FILE_ATTRIBUTE_VALID_FLAGS)
        return STATUS_INVALID_PARAMETER;
    if (Attributes & FILE_ATTRIBUTE_DIRECTORY && !MemfsIsDirectory(Node))
        return STATUS_INVALID_PARAMETER;
    if (Attributes & FILE_ATTRIBUTE_TEMPORARY && MemfsIsDirectory(Node))
        return STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(MemfsChooseTime(&Times[0], Basic->CreationTime)) ||
        !NT_SUCCESS(MemfsChooseTime(&Times[1], Basic->LastAccessTime)) ||
        !NT_SUCCESS(MemfsChooseTime(&Times[2], Basic->LastWriteTime)) ||
        !NT_SUCCESS(MemfsChooseTime(&Times[3], Basic->ChangeTime)))
        return STATUS_INVALID_PARAMETER;
    Node->CreationTime = Times[0];
    Node->LastAccessTime = Times[1];
    Node->LastWriteTime = Times[2];
    Node->ChangeTime = Times[3];
    if (Attributes != 0)
        Node->Attributes = (Attributes & FILE_ATTRIBUTE_VALID_SET_FLAGS & ~FILE_ATTRIBUTE_NORMAL) |
                           (Node->Attributes & FILE_ATTRIBUTE_DIRECTORY);
    MemfsReport(Node->Parent, &Node->Name, (Attributes != 0 ? FILE_NOTIFY_CHANGE_ATTRIBUTES : 0) |
                (Basic->LastWriteTime.QuadPart > 0 ? FILE_NOTIFY_CHANGE_LAST_WRITE : 0) |
                (Basic->LastAccessTime.QuadPart > 0 ? FILE_NOTIFY_CHANGE_LAST_ACCESS : 0) |
                (Basic->CreationTime.QuadPart > 0 ? FILE_NOTIFY_CHANGE_CREATION : 0), FILE_ACTION_MODIFIED);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsSetDisposition(PMEMFS_NODE Node, PIRP Irp)
{
    BOOLEAN Delete = ((PFILE_DISPOSITION_INFORMATION)Irp->SystemBuffer)->DoDeleteFile;
    NTSTATUS Status = Delete ? MemfsCheckDelete(Node) : STATUS_SUCCESS;

    if (NT_SUCCESS(Status))
        Node->DeletePending = Delete;
    return Status;
}

/*
 * Flags: 1 delete, 2 POSIX semantics, 4 force image section check, 8 on close, 16 ignore read-only.
 * DIFFERS: with POSIX semantics the name goes at once on Windows; here the name goes with the last handle.
 */
static NTSTATUS MemfsSetDispositionEx(PMEMFS_NODE Node, PIRP Irp)
{
    ULONG Flags = *(PULONG)Irp->SystemBuffer;
    ULONG Attributes = Node->Attributes;
    NTSTATUS Status;

    if (Flags & ~0x1fu)
        return STATUS_INVALID_PARAMETER;
    if (!(Flags & 1)) {
        Node->DeletePending = FALSE;
        return STATUS_SUCCESS;
    }
    if (Flags & 16)
        Node->Attributes &= ~FILE_ATTRIBUTE_READONLY;
    Status = MemfsCheckDelete(Node);
    if (NT_SUCCESS(Status))
        Node->DeletePending = TRUE;
    else
        Node->Attributes = Attributes;
    return Status;
}

static NTSTATUS MemfsSetEndOfFile(PMEMFS_NODE Node, PIRP Irp)
{
    LARGE_INTEGER Size = ((PFILE_END_OF_FILE_INFORMATION)Irp->SystemBuffer)->EndOfFile;
    NTSTATUS Status;

    if (Size.QuadPart < 0)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsSetSize(Node, Size.QuadPart);
    if (NT_SUCCESS(Status))
        MemfsTouch(Node, TRUE);
    return Status;
}

/* Allocation below the end of file cuts the file; above it nothing is kept: pages come when they are written. */
static NTSTATUS MemfsSetAllocation(PMEMFS_NODE Node, PIRP Irp)
{
    LARGE_INTEGER Size = ((PFILE_ALLOCATION_INFORMATION)Irp->SystemBuffer)->AllocationSize;

    if (Size.QuadPart < 0)
        return STATUS_INVALID_PARAMETER;
    if ((ULONG64)Size.QuadPart >= MemfsGetSize(Node))
        return STATUS_SUCCESS;
    return MemfsSetEndOfFile(Node, Irp);
}

static BOOLEAN MemfsIsInside(const MEMFS_NODE *Node, const MEMFS_NODE *Ancestor)
{
    for (; Node != NULL; Node = Node->Parent) {
        if (Node == Ancestor)
            return TRUE;
    }
    return FALSE;
}

/* The name is taken: may it be replaced?  Commits the removal. */
static NTSTATUS MemfsReplaceTarget(PMEMFS_NODE Existing, BOOLEAN Replace)
{
    NTSTATUS Status;

    if (!Replace)
        return STATUS_OBJECT_NAME_COLLISION;
    if (MemfsIsDirectory(Existing) || Existing->Handles != 0)
        return STATUS_ACCESS_DENIED;
    Status = MemfsCheckAccess(Existing, DELETE, UserMode);
    if (NT_SUCCESS(Status))
        Status = MemfsCheckDelete(Existing);
    if (!NT_SUCCESS(Status))
        return STATUS_ACCESS_DENIED;
    MemfsUnlinkNode(Existing);
    MemfsReleaseNode(Existing);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsRename(PMEMFS_NODE Node, PIRP Irp)
{
    PFILE_RENAME_INFORMATION Rename = Irp->SystemBuffer;
    PFILE_OBJECT Target = Irp->DriverContext[0];
    PUNICODE_STRING Name = Irp->DriverContext[1];
    PMEMFS_NODE Directory = Target != NULL ? MemfsNode(Target) : Node->Parent;
    PMEMFS_NODE Existing;
    NTSTATUS Status;

    if (Node == MemfsRoot || Node->Parent == NULL)
        return STATUS_INVALID_PARAMETER;
    if (Target != NULL && MemfsCcb(Target)->Volume)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsCheckName(Name);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Directory->DeletePending || Directory->Unlinked)
        return STATUS_DELETE_PENDING;
    if (MemfsIsInside(Directory, Node))
        return STATUS_INVALID_PARAMETER;
    if (Directory != Node->Parent)
        Status = MemfsCheckAccess(Directory, MemfsIsDirectory(Node) ? FILE_ADD_SUBDIRECTORY : FILE_ADD_FILE, UserMode);
    if (!NT_SUCCESS(Status))
        return Status;
    Existing = MemfsLookup(Directory, Name);
    if (Existing != NULL && Existing != Node) {
        Status = MemfsReplaceTarget(Existing, Rename->ReplaceIfExists & 1);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return MemfsMoveNode(Node, Directory, Name);
}

static NTSTATUS MemfsSetValidDataLength(PMEMFS_NODE Node, PIRP Irp)
{
    LONGLONG Length = *(PLONGLONG)Irp->SystemBuffer;

    return Length < 0 || (ULONG64)Length > MemfsGetSize(Node) ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static NTSTATUS MemfsLink(PMEMFS_NODE Node, PIRP Irp)
{
    return STATUS_NOT_SUPPORTED;
}

typedef struct _MEMFS_SET {
    NTSTATUS (*Routine)(PMEMFS_NODE Node, PIRP Irp);
    BOOLEAN FilesOnly;
} MEMFS_SET;

static const MEMFS_SET MemfsSets[] = {
    [FileBasicInformation] = { MemfsSetBasic, FALSE },
    [FileRenameInformation] = { MemfsRename, FALSE },
    [FileRenameInformationEx] = { MemfsRename, FALSE },
    [FileLinkInformation] = { MemfsLink, TRUE },
    [FileDispositionInformation] = { MemfsSetDisposition, FALSE },
    [FileDispositionInformationEx] = { MemfsSetDispositionEx, FALSE },
    [FileAllocationInformation] = { MemfsSetAllocation, TRUE },
    [FileEndOfFileInformation] = { MemfsSetEndOfFile, TRUE },
    [FileValidDataLengthInformation] = { MemfsSetValidDataLength, TRUE },
};

NTSTATUS MemfsSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    ULONG Class = Irp->Parameters.Information.Class;

    Irp->IoStatus.Information = 0;
    if (Class >= ARRAYSIZE(MemfsSets) || MemfsSets[Class].Routine == NULL || MemfsCcb(Irp->FileObject)->Volume)
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    if (MemfsSets[Class].FilesOnly && MemfsIsDirectory(Node))
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    return Irp->IoStatus.Status = MemfsSets[Class].Routine(Node, Irp);
}

#define MEMFS_LABEL_CHARS 32

static WCHAR MemfsLabel[MEMFS_LABEL_CHARS + 1] = L"Nereid";

NTSTATUS MemfsSetVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_FS_LABEL_INFORMATION Label = Irp->SystemBuffer;
    ULONG Room = Irp->InputLength - FIELD_OFFSET(FILE_FS_LABEL_INFORMATION, VolumeLabel);

    Irp->IoStatus.Information = 0;
    if (Label->VolumeLabelLength > Room || Label->VolumeLabelLength % sizeof(WCHAR) != 0)
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    if (Label->VolumeLabelLength > MEMFS_LABEL_CHARS * sizeof(WCHAR))
        return Irp->IoStatus.Status = STATUS_INVALID_VOLUME_LABEL;
    memcpy(MemfsLabel, Label->VolumeLabel, Label->VolumeLabelLength);
    MemfsLabel[Label->VolumeLabelLength / sizeof(WCHAR)] = 0;
    return Irp->IoStatus.Status = STATUS_SUCCESS;
}

/* Text after a fixed part: cut to what fits. */
static NTSTATUS MemfsPutText(PIRP Irp, ULONG Offset, PCWSTR Text, PULONG TextLength)
{
    ULONG Length = (ULONG)wcslen(Text) * sizeof(WCHAR);
    ULONG Room = Irp->OutputLength - Offset;

    *TextLength = Length;
    memcpy((PUCHAR)Irp->SystemBuffer + Offset, Text, Length < Room ? Length : Room);
    Irp->IoStatus.Information = Offset + (Length < Room ? Length : Room);
    return Length <= Room ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

static VOID MemfsCountUnits(PLARGE_INTEGER Total, PLARGE_INTEGER Available)
{
    MM_STATISTICS Statistics;

    MmQueryStatistics(&Statistics);
    Total->QuadPart = Statistics.TotalPages;
    Available->QuadPart = Statistics.AvailablePages;
}

NTSTATUS MemfsQueryVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_FS_FULL_SIZE_INFORMATION Full = Irp->SystemBuffer;
    PFILE_FS_SIZE_INFORMATION Size = Irp->SystemBuffer;
    PFILE_FS_VOLUME_INFORMATION Volume = Irp->SystemBuffer;
    PFILE_FS_ATTRIBUTE_INFORMATION Attribute = Irp->SystemBuffer;

    Irp->IoStatus.Information = 0;
    switch (Irp->Parameters.Information.Class) {
    case FileFsVolumeInformation:
        Volume->VolumeCreationTime = MemfsCreationTime;
        Volume->VolumeSerialNumber = MEMFS_SERIAL;
        return Irp->IoStatus.Status = MemfsPutText(Irp, FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel),
                                                   MemfsLabel, &Volume->VolumeLabelLength);
    case FileFsAttributeInformation:
        Attribute->FileSystemAttributes = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK;
        Attribute->MaximumComponentNameLength = 255;
        return Irp->IoStatus.Status = MemfsPutText(Irp, FIELD_OFFSET(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName),
                                                   L"RamFs", &Attribute->FileSystemNameLength);
    case FileFsSizeInformation:
        MemfsCountUnits(&Size->TotalAllocationUnits, &Size->AvailableAllocationUnits);
        Size->SectorsPerAllocationUnit = PAGE_SIZE / 512;
        Size->BytesPerSector = 512;
        Irp->IoStatus.Information = sizeof(*Size);
        return Irp->IoStatus.Status = STATUS_SUCCESS;
    case FileFsFullSizeInformation:
        MemfsCountUnits(&Full->TotalAllocationUnits, &Full->CallerAvailableAllocationUnits);
        Full->ActualAvailableAllocationUnits = Full->CallerAvailableAllocationUnits;
        Full->SectorsPerAllocationUnit = PAGE_SIZE / 512;
        Full->BytesPerSector = 512;
        Irp->IoStatus.Information = sizeof(*Full);
        return Irp->IoStatus.Status = STATUS_SUCCESS;
    default:
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    }
}
