/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: NtNotifyChangeDirectoryFileEx.  The first request on an open of a directory makes its watch: filter,
 * depth and buffer size are those of that request, and what happens from then on is kept until it is asked for or the
 * open is closed.  What does not fit gives STATUS_NOTIFY_ENUM_DIR.  Nothing here waits.
 */
#include "ntos/io/memfs.h"

#define MEMFS_MAXIMUM_WATCH_BUFFER 0x10000u

typedef struct _MEMFS_WATCH {
    LIST_ENTRY Links;
    PMEMFS_NODE Directory;
    ULONG Filter;                       /* FILE_NOTIFY_CHANGE_... */
    BOOLEAN Tree;
    BOOLEAN Extended;                   /* what the records are: FILE_NOTIFY_EXTENDED_INFORMATION */
    BOOLEAN Overflow;
    ULONG Size, Used;
    ULONG Last;                         /* offset of the newest record */
    LIST_ENTRY Irps;                    /* IRP.ListEntry; only while nothing is kept */
    UCHAR Buffer[];
} MEMFS_WATCH, *PMEMFS_WATCH;

static LIST_ENTRY MemfsWatches = { &MemfsWatches, &MemfsWatches };

static VOID MemfsEndNotify(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp);
}

static VOID MemfsCancelNotify(PIRP Irp)
{
    RemoveEntryList(&Irp->ListEntry);
    MemfsEndNotify(Irp, STATUS_CANCELLED, 0);
}

/* What is kept, to the request.  Sets its result. */
static NTSTATUS MemfsDeliver(PMEMFS_WATCH Watch, PIRP Irp)
{
    NTSTATUS Status = STATUS_NOTIFY_ENUM_DIR;

    Irp->IoStatus.Information = 0;
    if (!Watch->Overflow && Watch->Used <= Irp->OutputLength) {
        Status = IopCopyOutput(Irp, 0, Watch->Buffer, Watch->Used);
        if (NT_SUCCESS(Status))
            Irp->IoStatus.Information = Watch->Used;
    }
    Watch->Overflow = FALSE;
    Watch->Used = 0;
    return Irp->IoStatus.Status = Status;
}

/* The path of Node below Directory; its length in bytes.  Buffer NULL only counts. */
static ULONG MemfsPathBelow(PMEMFS_NODE Directory, PMEMFS_NODE Parent, PCUNICODE_STRING Name, PUCHAR Buffer)
{
    ULONG Length = Name->Length;
    PMEMFS_LINK Step;
    ULONG End;

    for (Step = MemfsFirstLink(Parent); Step->Node != Directory; Step = MemfsFirstLink(Step->Parent))
        Length += Step->Name.Length + sizeof(WCHAR);
    if (Buffer == NULL)
        return Length;
    End = Length - Name->Length;
    memcpy(Buffer + End, Name->Buffer, Name->Length);
    for (Step = MemfsFirstLink(Parent); Step->Node != Directory; Step = MemfsFirstLink(Step->Parent)) {
        End -= sizeof(WCHAR);
        *(PWCHAR)(Buffer + End) = '\\';
        End -= Step->Name.Length;
        memcpy(Buffer + End, Step->Name.Buffer, Step->Name.Length);
    }
    return Length;
}

/* What an extended record says of the file. */
static VOID MemfsDescribe(const MEMFS_NODE *Node, const MEMFS_NODE *Parent, PFILE_NOTIFY_EXTENDED_INFORMATION Record)
{
    Record->CreationTime = Node->CreationTime;
    Record->LastModificationTime = Node->LastWriteTime;
    Record->LastChangeTime = Node->ChangeTime;
    Record->LastAccessTime = Node->LastAccessTime;
    Record->AllocatedLength.QuadPart = (LONGLONG)MemfsGetAllocation(Node);
    Record->FileSize.QuadPart = (LONGLONG)MemfsGetSize(Node);
    Record->FileAttributes = MemfsGetAttributes(Node);
    Record->ReparsePointTag = MemfsGetTag(Node);
    Record->FileId.QuadPart = (LONGLONG)Node->FileId;
    Record->ParentFileId.QuadPart = (LONGLONG)Parent->FileId;
}

/* One record more.  The same thing twice in a row is kept once, as it is now. */
static VOID MemfsKeep(PMEMFS_WATCH Watch, PMEMFS_NODE Parent, const MEMFS_LINK *Link, ULONG Action)
{
    ULONG Length = MemfsPathBelow(Watch->Directory, Parent, &Link->Name, NULL);
    ULONG NameOffset = Watch->Extended ? FIELD_OFFSET(FILE_NOTIFY_EXTENDED_INFORMATION, FileName) :
                       FIELD_OFFSET(FILE_NOTIFY_INFORMATION, FileName);
    ULONG Alignment = Watch->Extended ? sizeof(ULONG64) : sizeof(ULONG);
    ULONG Offset = (Watch->Used + Alignment - 1) & ~(Alignment - 1);
    PUCHAR Record = Watch->Buffer + Offset, Last = Watch->Buffer + Watch->Last;

    if (Watch->Overflow)
        return;
    if (Offset > Watch->Size || NameOffset + Length > Watch->Size - Offset) {
        Watch->Overflow = TRUE;
        return;
    }
    memset(Record, 0, NameOffset);
    ((PFILE_NOTIFY_INFORMATION)Record)->Action = Action;
    if (Watch->Extended)
        MemfsDescribe(Link->Node, Parent, (PFILE_NOTIFY_EXTENDED_INFORMATION)Record);
    *(PULONG)(Record + NameOffset - sizeof(ULONG)) = Length;
    MemfsPathBelow(Watch->Directory, Parent, &Link->Name, Record + NameOffset);
    if (Watch->Used != 0 && Action == FILE_ACTION_MODIFIED && ((PFILE_NOTIFY_INFORMATION)Last)->Action == Action &&
        Watch->Used - Watch->Last == NameOffset + Length && memcmp(Last + NameOffset, Record + NameOffset, Length) == 0) {
        memcpy(Last, Record, NameOffset);
        return;
    }
    if (Watch->Used != 0)
        ((PFILE_NOTIFY_INFORMATION)Last)->NextEntryOffset = Offset - Watch->Last;
    Watch->Last = Offset;
    Watch->Used = Offset + NameOffset + Length;
}

static BOOLEAN MemfsSees(const MEMFS_WATCH *Watch, PMEMFS_NODE Parent)
{
    return Watch->Directory == Parent || (Watch->Tree && MemfsIsInside(Parent, Watch->Directory));
}

static VOID MemfsAnswer(PMEMFS_WATCH Watch)
{
    PIRP Irp;

    if (IsListEmpty(&Watch->Irps) || (Watch->Used == 0 && !Watch->Overflow))
        return;
    Irp = CONTAINING_RECORD(RemoveHeadList(&Watch->Irps), IRP, ListEntry);
    MemfsDeliver(Watch, Irp);
    IoCompleteRequest(Irp);
}

VOID MemfsReport(PMEMFS_NODE Parent, const MEMFS_LINK *Link, ULONG Filter, ULONG Action)
{
    PLIST_ENTRY Entry;

    for (Entry = MemfsWatches.Flink; Entry != &MemfsWatches && Parent != NULL; Entry = Entry->Flink) {
        PMEMFS_WATCH Watch = CONTAINING_RECORD(Entry, MEMFS_WATCH, Links);

        if (!(Watch->Filter & Filter) || !MemfsSees(Watch, Parent))
            continue;
        MemfsKeep(Watch, Parent, Link, Action);
        /* The two names of a rename go together. */
        if (Action != FILE_ACTION_RENAMED_OLD_NAME)
            MemfsAnswer(Watch);
    }
}

static PMEMFS_WATCH MemfsMakeWatch(PMEMFS_NODE Directory, const IRP *Irp)
{
    ULONG Size = Irp->OutputLength < MEMFS_MAXIMUM_WATCH_BUFFER ? Irp->OutputLength : MEMFS_MAXIMUM_WATCH_BUFFER;
    PMEMFS_WATCH Watch = ExAllocatePoolZero(PagedPool, sizeof(*Watch) + Size, IO_TAG_MEMFS);

    if (Watch == NULL)
        return NULL;
    Watch->Directory = Directory;
    Watch->Filter = Irp->Parameters.Notify.Filter;
    Watch->Tree = Irp->Parameters.Notify.Tree;
    Watch->Extended = Irp->Parameters.Notify.Extended;
    Watch->Size = Size;
    InitializeListHead(&Watch->Irps);
    InsertTailList(&MemfsWatches, &Watch->Links);
    return Watch;
}

/* The records are of another kind from now on: those that are kept are lost. */
static NTSTATUS MemfsChooseRecords(PMEMFS_WATCH Watch, BOOLEAN Extended)
{
    if (Watch->Extended == Extended)
        return STATUS_SUCCESS;
    if (!IsListEmpty(&Watch->Irps))
        return STATUS_INVALID_PARAMETER;
    Watch->Overflow = Watch->Overflow || Watch->Used != 0;
    Watch->Extended = Extended;
    return STATUS_SUCCESS;
}

NTSTATUS MemfsNotify(PIRP Irp)
{
    PMEMFS_NODE Directory = MemfsNode(Irp->FileObject);
    PMEMFS_CCB Ccb = MemfsCcb(Irp->FileObject);
    PMEMFS_WATCH Watch = Ccb->Watch;
    NTSTATUS Status;

    if (Ccb->Volume || !MemfsIsDirectory(Directory))
        return STATUS_INVALID_PARAMETER;
    if (Ccb->CleanedUp)
        return STATUS_NOTIFY_CLEANUP;
    if (MemfsIsGoing(Directory))
        return STATUS_DELETE_PENDING;
    if (Watch == NULL)
        Watch = Ccb->Watch = MemfsMakeWatch(Directory, Irp);
    if (Watch == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MemfsChooseRecords(Watch, Irp->Parameters.Notify.Extended);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Watch->Used != 0 || Watch->Overflow)
        return MemfsDeliver(Watch, Irp);
    Irp->CancelRoutine = MemfsCancelNotify;
    InsertTailList(&Watch->Irps, &Irp->ListEntry);
    return STATUS_PENDING;
}

static VOID MemfsEndIrps(PMEMFS_WATCH Watch, NTSTATUS Status)
{
    while (!IsListEmpty(&Watch->Irps))
        MemfsEndNotify(CONTAINING_RECORD(RemoveHeadList(&Watch->Irps), IRP, ListEntry), Status, 0);
}

VOID MemfsDirectoryGone(PMEMFS_NODE Directory)
{
    PLIST_ENTRY Entry;

    for (Entry = MemfsWatches.Flink; Entry != &MemfsWatches; Entry = Entry->Flink) {
        PMEMFS_WATCH Watch = CONTAINING_RECORD(Entry, MEMFS_WATCH, Links);

        if (Watch->Directory == Directory)
            MemfsEndIrps(Watch, STATUS_DELETE_PENDING);
    }
}

VOID MemfsCloseWatch(PMEMFS_CCB Ccb)
{
    PMEMFS_WATCH Watch = Ccb->Watch;

    if (Watch == NULL)
        return;
    Ccb->Watch = NULL;
    RemoveEntryList(&Watch->Links);
    MemfsEndIrps(Watch, STATUS_NOTIFY_CLEANUP);
    ExFreePool(Watch);
}
