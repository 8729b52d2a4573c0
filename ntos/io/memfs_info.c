/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: questions about files, and changes of attributes, times and sizes (names: memfs_name.c).
 *
 * Each class is one row of a table; lengths were checked by info.c against the class's minimum.  The buffer is
 * Irp->SystemBuffer, in ntos.  Nothing here waits.
 */
#include "ntos/io/memfs.h"

typedef struct _MEMFS_QUERY {
    PFILE_OBJECT File;
    PMEMFS_NODE Node;
    PMEMFS_LINK Link;                   /* the name that the file was opened by */
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

/* Names that are not to be deleted. */
static ULONG MemfsCountLinks(const MEMFS_NODE *Node)
{
    ULONG Count = 0;

    for (PLIST_ENTRY Entry = Node->LinkList.Flink; Entry != &Node->LinkList; Entry = Entry->Flink)
        Count += !CONTAINING_RECORD(Entry, MEMFS_LINK, NodeEntry)->DeletePending;
    return Count;
}

/* [MS-FSA] 2.1.5.12.27: the name's, and the file's when no name is left. */
static BOOLEAN MemfsIsDeletePending(PMEMFS_QUERY Query)
{
    return Query->Link->DeletePending || MemfsCountLinks(Query->Node) == 0;
}

static NTSTATUS MemfsQueryStandard(PMEMFS_QUERY Query)
{
    PFILE_STANDARD_INFORMATION Standard = Query->Buffer;

    Standard->AllocationSize.QuadPart = MemfsGetAllocation(Query->Node);
    Standard->EndOfFile.QuadPart = MemfsGetSize(Query->Node);
    Standard->NumberOfLinks = MemfsCountLinks(Query->Node);
    Standard->DeletePending = MemfsIsDeletePending(Query);
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
static NTSTATUS MemfsPutName(PMEMFS_LINK Link, PFILE_NAME_INFORMATION Name, ULONG Length, PULONG_PTR Used)
{
    ULONG Room = Length - FIELD_OFFSET(FILE_NAME_INFORMATION, FileName);
    ULONG Needed;
    PWCHAR Path;

    if (NT_SUCCESS(MemfsQueryPath(Link, Name->FileName, Room, &Needed))) {
        Name->FileNameLength = Needed;
        *Used = FIELD_OFFSET(FILE_NAME_INFORMATION, FileName) + Needed;
        return STATUS_SUCCESS;
    }
    Path = ExAllocatePoolWithTag(PagedPool, Needed, IO_TAG_MEMFS);
    if (Path == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    MemfsQueryPath(Link, Path, Needed, &Needed);
    Room &= ~1u;
    memcpy(Name->FileName, Path, Room);
    ExFreePool(Path);
    Name->FileNameLength = Needed;
    *Used = FIELD_OFFSET(FILE_NAME_INFORMATION, FileName) + Room;
    return STATUS_BUFFER_OVERFLOW;
}

static NTSTATUS MemfsQueryNameClass(PMEMFS_QUERY Query)
{
    return MemfsPutName(Query->Link, Query->Buffer, Query->Length, &Query->Information);
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
    Status = MemfsPutName(Query->Link, &All->NameInformation, Length - FIELD_OFFSET(FILE_ALL_INFORMATION,
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
    PFILE_ATTRIBUTE_TAG_INFORMATION Tag = Query->Buffer;

    Tag->FileAttributes = MemfsGetAttributes(Query->Node);
    Tag->ReparseTag = MemfsGetTag(Query->Node);
    Query->Information = sizeof(FILE_ATTRIBUTE_TAG_INFORMATION);
    return STATUS_SUCCESS;
}

/* FILE_STANDARD_LINK_INFORMATION: accessible links, total links, delete pending, directory. */
static NTSTATUS MemfsQueryStandardLink(PMEMFS_QUERY Query)
{
    PULONG Links = Query->Buffer;

    Links[0] = MemfsCountLinks(Query->Node);
    Links[1] = Query->Node->LinkCount;
    ((PBOOLEAN)&Links[2])[0] = MemfsIsDeletePending(Query);
    ((PBOOLEAN)&Links[2])[1] = MemfsIsDirectory(Query->Node);
    Query->Information = 12;
    return STATUS_SUCCESS;
}

/* FILE_ID_INFORMATION: volume serial number (64 bits), file id (128 bits). */
static NTSTATUS MemfsQueryId(PMEMFS_QUERY Query)
{
    PULONG64 Id = Query->Buffer;

    Id[0] = MEMFS_SERIAL;
    Id[1] = Query->Node->FileId;
    Query->Information = 24;
    return STATUS_SUCCESS;
}

/* FILE_LINK_ENTRY_INFORMATION, and before the first of them FILE_LINKS_INFORMATION (ntifs.h). */
typedef struct _MEMFS_LINK_ENTRY {
    ULONG NextEntryOffset;
    LONGLONG ParentFileId;
    ULONG FileNameLength;               /* characters */
    WCHAR FileName[];
} MEMFS_LINK_ENTRY, *PMEMFS_LINK_ENTRY;

typedef struct _MEMFS_LINK_ENTRIES {
    ULONG BytesNeeded;
    ULONG EntriesReturned;
} MEMFS_LINK_ENTRIES, *PMEMFS_LINK_ENTRIES;

C_ASSERT(FIELD_OFFSET(MEMFS_LINK_ENTRY, FileName) == 20);

/* As many names as fit; those that are to be deleted, and the root's, are not among them. */
static NTSTATUS MemfsQueryHardLinks(PMEMFS_QUERY Query)
{
    PMEMFS_LINK_ENTRIES Entries = Query->Buffer;
    PMEMFS_LINK_ENTRY Previous = NULL;
    ULONG Offset = sizeof(*Entries);
    BOOLEAN Fits = TRUE;

    for (PLIST_ENTRY Entry = Query->Node->LinkList.Flink; Entry != &Query->Node->LinkList; Entry = Entry->Flink) {
        PMEMFS_LINK Link = CONTAINING_RECORD(Entry, MEMFS_LINK, NodeEntry);
        PMEMFS_LINK_ENTRY Place;
        ULONG End;

        if (Link->DeletePending || Link->Parent == NULL)
            continue;
        Offset = (Offset + 7) & ~7u;
        End = Offset + FIELD_OFFSET(MEMFS_LINK_ENTRY, FileName) + Link->Name.Length;
        Fits = Fits && End <= Query->Length;
        if (Fits) {
            Place = (PMEMFS_LINK_ENTRY)((PUCHAR)Query->Buffer + Offset);
            Place->ParentFileId = Link->Parent->FileId;
            Place->FileNameLength = Link->Name.Length / sizeof(WCHAR);
            memcpy(Place->FileName, Link->Name.Buffer, Link->Name.Length);
            if (Previous != NULL)
                Previous->NextEntryOffset = (ULONG)((PUCHAR)Place - (PUCHAR)Previous);
            Previous = Place;
            Entries->EntriesReturned++;
            Query->Information = End;
        }
        Offset = End;
    }
    Entries->BytesNeeded = Offset;
    if (Entries->EntriesReturned == 0)
        Query->Information = sizeof(*Entries);
    return Fits ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

static NTSTATUS MemfsQueryStat(PMEMFS_QUERY Query)
{
    PFILE_STAT_INFORMATION Stat = Query->Buffer;
    PMEMFS_NODE Node = Query->Node;

    Stat->FileId.QuadPart = Node->FileId;
    Stat->CreationTime = Node->CreationTime;
    Stat->LastAccessTime = Node->LastAccessTime;
    Stat->LastWriteTime = Node->LastWriteTime;
    Stat->ChangeTime = Node->ChangeTime;
    Stat->AllocationSize.QuadPart = MemfsGetAllocation(Node);
    Stat->EndOfFile.QuadPart = MemfsGetSize(Node);
    Stat->FileAttributes = MemfsGetAttributes(Node);
    Stat->ReparseTag = MemfsGetTag(Node);
    Stat->NumberOfLinks = MemfsCountLinks(Node);
    if (!NT_SUCCESS(MemfsGrantAccess(Node, MAXIMUM_ALLOWED, UserMode, &Stat->EffectiveAccess)))
        Stat->EffectiveAccess = 0;
    Query->Information = sizeof(*Stat);
    return STATUS_SUCCESS;
}

NTSTATUS MemfsRefuseEas(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    return Irp->IoStatus.Status = STATUS_EAS_NOT_SUPPORTED;
}

/* Names of all directories are without case. */
static NTSTATUS MemfsQueryCase(PMEMFS_QUERY Query)
{
    if (!MemfsIsDirectory(Query->Node))
        return STATUS_INVALID_PARAMETER;
    Query->Information = sizeof(FILE_CASE_SENSITIVE_INFORMATION);
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
    [FileHardLinkInformation] = MemfsQueryHardLinks,
    [FileStatInformation] = MemfsQueryStat,
    [FileCaseSensitiveInformation] = MemfsQueryCase,
};

NTSTATUS MemfsQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    MEMFS_QUERY Query = {
        .File = Irp->FileObject, .Node = MemfsNode(Irp->FileObject), .Link = MemfsLink(Irp->FileObject), .Buffer = Irp->SystemBuffer,
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

/*
 * One time of FILE_BASIC_INFORMATION: 0 leaves it, -1 makes the open leave it alone from now on, -2 ends that; a time
 * that is set stays what it was set to, whatever else the open does ([MS-FSA] 2.1.5.15.2).  Keeps: NULL, or where the
 * open remembers it.  The time itself comes last, when all four are known to be valid.
 */
static NTSTATUS MemfsCheckTime(LARGE_INTEGER New)
{
    return New.QuadPart < -2 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static VOID MemfsChooseTime(PLARGE_INTEGER Time, LARGE_INTEGER New, PBOOLEAN Keeps)
{
    if (New.QuadPart > 0)
        *Time = New;
    if (Keeps != NULL && New.QuadPart != 0)
        *Keeps = New.QuadPart != -2;
}

static NTSTATUS MemfsCheckBasic(const MEMFS_NODE *Node, const FILE_BASIC_INFORMATION *Basic)
{
    if (Basic->FileAttributes & ~FILE_ATTRIBUTE_VALID_FLAGS)
        return STATUS_INVALID_PARAMETER;
    if (Basic->FileAttributes & FILE_ATTRIBUTE_DIRECTORY && !MemfsIsDirectory(Node))
        return STATUS_INVALID_PARAMETER;
    if (Basic->FileAttributes & FILE_ATTRIBUTE_TEMPORARY && MemfsIsDirectory(Node))
        return STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(MemfsCheckTime(Basic->CreationTime)) || !NT_SUCCESS(MemfsCheckTime(Basic->LastAccessTime)) ||
        !NT_SUCCESS(MemfsCheckTime(Basic->LastWriteTime)) || !NT_SUCCESS(MemfsCheckTime(Basic->ChangeTime)))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsSetBasic(PIRP Irp)
{
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    PMEMFS_CCB Ccb = MemfsCcb(Irp->FileObject);
    PFILE_BASIC_INFORMATION Basic = Irp->SystemBuffer;
    NTSTATUS Status = MemfsCheckBasic(Node, Basic);
    ULONG Filter = 0;

    if (!NT_SUCCESS(Status))
        return Status;
    if (Basic->FileAttributes != 0) {
        Node->Attributes = (Basic->FileAttributes & FILE_ATTRIBUTE_VALID_SET_FLAGS & ~FILE_ATTRIBUTE_NORMAL) |
                           (Node->Attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_SPARSE_FILE |
                                                FILE_ATTRIBUTE_REPARSE_POINT));
        Filter |= FILE_NOTIFY_CHANGE_ATTRIBUTES;
    }
    Filter |= Basic->LastWriteTime.QuadPart > 0 ? FILE_NOTIFY_CHANGE_LAST_WRITE : 0;
    Filter |= Basic->LastAccessTime.QuadPart > 0 ? FILE_NOTIFY_CHANGE_LAST_ACCESS : 0;
    Filter |= Basic->CreationTime.QuadPart > 0 ? FILE_NOTIFY_CHANGE_CREATION : 0;
    if (Filter != 0 && !Ccb->KeepsChangeTime)
        KeQuerySystemTime(&Node->ChangeTime);
    MemfsChooseTime(&Node->CreationTime, Basic->CreationTime, NULL);
    MemfsChooseTime(&Node->LastAccessTime, Basic->LastAccessTime, NULL);
    MemfsChooseTime(&Node->LastWriteTime, Basic->LastWriteTime, &Ccb->KeepsLastWriteTime);
    MemfsChooseTime(&Node->ChangeTime, Basic->ChangeTime, &Ccb->KeepsChangeTime);
    MemfsReport(Ccb->Link->Parent, Ccb->Link, Filter, FILE_ACTION_MODIFIED);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsSetEndOfFile(PIRP Irp)
{
    LARGE_INTEGER Size = ((PFILE_END_OF_FILE_INFORMATION)Irp->SystemBuffer)->EndOfFile;

    if (Size.QuadPart < 0)
        return STATUS_INVALID_PARAMETER;
    return MemfsResize(Irp->FileObject, Size.QuadPart);
}

/* Allocation below the end of file cuts the file; above it nothing is kept: pages come when they are written. */
static NTSTATUS MemfsSetAllocation(PIRP Irp)
{
    LARGE_INTEGER Size = ((PFILE_ALLOCATION_INFORMATION)Irp->SystemBuffer)->AllocationSize;

    if (Size.QuadPart < 0)
        return STATUS_INVALID_PARAMETER;
    if ((ULONG64)Size.QuadPart >= MemfsGetSize(MemfsNode(Irp->FileObject)))
        return STATUS_SUCCESS;
    return MemfsSetEndOfFile(Irp);
}

static NTSTATUS MemfsSetValidDataLength(PIRP Irp)
{
    LONGLONG Length = *(PLONGLONG)Irp->SystemBuffer;

    return Length < 0 || (ULONG64)Length > MemfsGetSize(MemfsNode(Irp->FileObject)) ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

typedef struct _MEMFS_SET {
    NTSTATUS (*Routine)(PIRP Irp);
    BOOLEAN FilesOnly;
} MEMFS_SET;

static const MEMFS_SET MemfsSets[] = {
    [FileBasicInformation] = { MemfsSetBasic, FALSE },
    [FileRenameInformation] = { MemfsRename, FALSE },
    [FileRenameInformationEx] = { MemfsRenameEx, FALSE },
    [FileLinkInformation] = { MemfsSetLink, FALSE },
    [FileLinkInformationEx] = { MemfsSetLinkEx, FALSE },
    [FileDispositionInformation] = { MemfsSetDisposition, FALSE },
    [FileDispositionInformationEx] = { MemfsSetDispositionEx, FALSE },
    [FileAllocationInformation] = { MemfsSetAllocation, TRUE },
    [FileEndOfFileInformation] = { MemfsSetEndOfFile, TRUE },
    [FileValidDataLengthInformation] = { MemfsSetValidDataLength, TRUE },
};

NTSTATUS MemfsSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    ULONG Class = Irp->Parameters.Information.Class;

    Irp->IoStatus.Information = 0;
    if (Class >= ARRAYSIZE(MemfsSets) || MemfsSets[Class].Routine == NULL || MemfsCcb(Irp->FileObject)->Volume)
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    if (MemfsSets[Class].FilesOnly && MemfsIsDirectory(MemfsNode(Irp->FileObject)))
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    return Irp->IoStatus.Status = MemfsSets[Class].Routine(Irp);
}
