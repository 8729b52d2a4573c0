/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tree of the memory volume: nodes, their names (links), their data segments.
 *
 * Children are an AVL tree ordered by upcased name, so that lookups are short and directories list in order; an
 * enumeration goes on after the last name it gave, whatever was created or deleted meanwhile.  Nothing here waits.
 */
#include "ntos/io/memfs.h"
#include "ntos/inc/se.h"

static ULONG64 MemfsNextFileId = 5;     /* NTFS gives its root 5 */
static RTL_AVL_TREE MemfsNodes;         /* MEMFS_NODE.IdLinks */

static PMEMFS_LINK MemfsFromLinks(PRTL_BALANCED_NODE Links)
{
    return Links != NULL ? CONTAINING_RECORD(Links, MEMFS_LINK, Links) : NULL;
}

static PMEMFS_NODE MemfsFromIdLinks(PRTL_BALANCED_NODE Links)
{
    return CONTAINING_RECORD(Links, MEMFS_NODE, IdLinks);
}

static ULONG MemfsNameFilter(const MEMFS_NODE *Node)
{
    return MemfsIsDirectory(Node) ? FILE_NOTIFY_CHANGE_DIR_NAME : FILE_NOTIFY_CHANGE_FILE_NAME;
}

PMEMFS_LINK MemfsLookup(PMEMFS_NODE Directory, PCUNICODE_STRING Name)
{
    PRTL_BALANCED_NODE Links = Directory->Children.Root;

    while (Links != NULL) {
        LONG Order = RtlCompareUnicodeString(Name, &MemfsFromLinks(Links)->Name, TRUE);

        if (Order == 0)
            return MemfsFromLinks(Links);
        Links = Order < 0 ? Links->Left : Links->Right;
    }
    return NULL;
}

PMEMFS_LINK MemfsNextChild(PMEMFS_NODE Directory, PCUNICODE_STRING Name)
{
    PRTL_BALANCED_NODE Links = Directory->Children.Root;
    PRTL_BALANCED_NODE Best = NULL;

    if (Name == NULL)
        return MemfsFromLinks(RtlAvlFirst(&Directory->Children));
    while (Links != NULL) {
        if (RtlCompareUnicodeString(Name, &MemfsFromLinks(Links)->Name, TRUE) < 0) {
            Best = Links;
            Links = Links->Left;
        } else {
            Links = Links->Right;
        }
    }
    return MemfsFromLinks(Best);
}

PMEMFS_NODE MemfsLookupId(ULONG64 FileId)
{
    PRTL_BALANCED_NODE Links = MemfsNodes.Root;

    while (Links != NULL) {
        if (MemfsFromIdLinks(Links)->FileId == FileId)
            return MemfsFromIdLinks(Links);
        Links = FileId < MemfsFromIdLinks(Links)->FileId ? Links->Left : Links->Right;
    }
    return NULL;
}

/* Ids only grow, so that a new node is the last one. */
static VOID MemfsInsertId(PMEMFS_NODE Node)
{
    Node->FileId = MemfsNextFileId++;
    RtlAvlInsertNodeEx(&MemfsNodes, RtlAvlLast(&MemfsNodes), TRUE, &Node->IdLinks);
}

static VOID MemfsInsertLink(PMEMFS_NODE Directory, PMEMFS_LINK Link)
{
    PRTL_BALANCED_NODE Links = Directory->Children.Root;
    PRTL_BALANCED_NODE Parent = NULL;
    BOOLEAN Right = FALSE;

    while (Links != NULL) {
        Parent = Links;
        Right = RtlCompareUnicodeString(&Link->Name, &MemfsFromLinks(Links)->Name, TRUE) > 0;
        Links = Right ? Links->Right : Links->Left;
    }
    RtlAvlInsertNodeEx(&Directory->Children, Parent, Right, &Link->Links);
    Link->Parent = Directory;
    Directory->ChildCount++;
}

static NTSTATUS MemfsDuplicateName(PCUNICODE_STRING Source, PUNICODE_STRING Copy)
{
    Copy->Buffer = ExAllocatePoolWithTag(PagedPool, Source->Length + sizeof(WCHAR), IO_TAG_MEMFS);
    if (Copy->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(Copy->Buffer, Source->Buffer, Source->Length);
    Copy->Length = Source->Length;
    Copy->MaximumLength = Source->Length + sizeof(WCHAR);
    Copy->Buffer[Copy->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

/* A link that is in no directory yet. */
static NTSTATUS MemfsMakeLink(PMEMFS_NODE Node, PCUNICODE_STRING Name, PMEMFS_LINK *Link)
{
    PMEMFS_LINK New = ExAllocatePoolZero(PagedPool, sizeof(*New), IO_TAG_MEMFS);
    NTSTATUS Status;

    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MemfsDuplicateName(Name, &New->Name);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(New);
        return Status;
    }
    New->Node = Node;
    InsertTailList(&Node->LinkList, &New->NodeEntry);
    Node->LinkCount++;
    *Link = New;
    return STATUS_SUCCESS;
}

static VOID MemfsEnterLink(PMEMFS_NODE Directory, PMEMFS_LINK Link, ULONG Filter)
{
    MemfsInsertLink(Directory, Link);
    MemfsTouchDirectory(Directory);
    MemfsReport(Directory, Link, MemfsNameFilter(Link->Node) | Filter, FILE_ACTION_ADDED);
}

NTSTATUS MemfsCreateNode(PMEMFS_NODE Directory, PCUNICODE_STRING Name, ULONG Attributes, PMEMFS_LINK *Link)
{
    PMEMFS_NODE New = ExAllocatePoolZero(PagedPool, sizeof(*New), IO_TAG_MEMFS);
    NTSTATUS Status;

    *Link = NULL;
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    InitializeListHead(&New->LinkList);
    Status = MemfsMakeLink(New, Name, Link);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(New);
        return Status;
    }
    MemfsInsertId(New);
    New->Descriptor = SeReferenceSecurityDescriptor(Directory != NULL ? Directory->Descriptor : SePublicDefaultSd);
    New->Attributes = Attributes & ~FILE_ATTRIBUTE_NORMAL;
    KeQuerySystemTime(&New->CreationTime);
    New->LastAccessTime = New->LastWriteTime = New->ChangeTime = New->CreationTime;
    InitializeListHead(&New->LockList);
    InitializeListHead(&New->WaitingLocks);
    if (Directory != NULL)
        MemfsEnterLink(Directory, *Link, FILE_NOTIFY_CHANGE_CREATION);
    return STATUS_SUCCESS;
}

VOID MemfsSetDescriptor(PMEMFS_NODE Node, PSECURITY_DESCRIPTOR Descriptor)
{
    SeReferenceSecurityDescriptor(Descriptor);
    SeReleaseSecurityDescriptor(Node->Descriptor);
    Node->Descriptor = Descriptor;
}

NTSTATUS MemfsGrantAccess(PMEMFS_NODE Node, ACCESS_MASK DesiredAccess, KPROCESSOR_MODE Mode, PACCESS_MASK Granted)
{
    return SeCheckAccess(Node->Descriptor, DesiredAccess, &IoFileObjectType->TypeInfo.GenericMapping, Mode, Granted);
}

NTSTATUS MemfsCheckAccess(PMEMFS_NODE Node, ACCESS_MASK DesiredAccess, KPROCESSOR_MODE Mode)
{
    ACCESS_MASK Granted;

    return MemfsGrantAccess(Node, DesiredAccess, Mode, &Granted);
}

/* Frees what nothing holds. */
static VOID MemfsReleaseLink(PMEMFS_LINK Link)
{
    PMEMFS_NODE Node = Link->Node;

    if (Link->References == 0 && Link->Removed) {
        ExFreePool(Link->Name.Buffer);
        ExFreePool(Link);
    }
    if (Node->References != 0 || Node->LinkCount != 0)
        return;
    RtlAvlRemoveNode(&MemfsNodes, &Node->IdLinks);
    if (Node->Segment != NULL)
        MmDereferenceSegment(Node->Segment);
    MemfsFreeReparse(Node);
    SeReleaseSecurityDescriptor(Node->Descriptor);
    ExFreePool(Node);
}

VOID MemfsRemoveLink(PMEMFS_LINK Link)
{
    PMEMFS_NODE Directory = Link->Parent;
    PMEMFS_NODE Node = Link->Node;

    RtlAvlRemoveNode(&Directory->Children, &Link->Links);
    Directory->ChildCount--;
    Link->Parent = NULL;
    Link->Removed = TRUE;
    RemoveEntryList(&Link->NodeEntry);
    Node->LinkCount--;
    KeQuerySystemTime(&Node->ChangeTime);
    MemfsTouchDirectory(Directory);
    MemfsReport(Directory, Link, MemfsNameFilter(Node), FILE_ACTION_REMOVED);
    if (MemfsIsDirectory(Node))
        MemfsDirectoryGone(Node);
    MemfsReleaseLink(Link);
}

NTSTATUS MemfsAddLink(PMEMFS_NODE Node, PMEMFS_NODE Directory, PCUNICODE_STRING Name, PMEMFS_LINK Replaced)
{
    PMEMFS_LINK Link;
    NTSTATUS Status = MemfsMakeLink(Node, Name, &Link);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Replaced != NULL)
        MemfsRemoveLink(Replaced);
    KeQuerySystemTime(&Node->ChangeTime);
    MemfsEnterLink(Directory, Link, 0);
    return STATUS_SUCCESS;
}

NTSTATUS MemfsMoveLink(PMEMFS_LINK Link, PMEMFS_NODE Directory, PCUNICODE_STRING Name, PMEMFS_LINK Replaced)
{
    PMEMFS_NODE Old = Link->Parent;
    ULONG Filter = MemfsNameFilter(Link->Node);
    UNICODE_STRING NewName;
    NTSTATUS Status = MemfsDuplicateName(Name, &NewName);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Replaced != NULL)
        MemfsRemoveLink(Replaced);
    RtlAvlRemoveNode(&Old->Children, &Link->Links);
    Old->ChildCount--;
    MemfsReport(Old, Link, Filter, Old == Directory ? FILE_ACTION_RENAMED_OLD_NAME : FILE_ACTION_REMOVED);
    ExFreePool(Link->Name.Buffer);
    Link->Name = NewName;
    MemfsInsertLink(Directory, Link);
    KeQuerySystemTime(&Link->Node->ChangeTime);
    MemfsTouchDirectory(Old);
    MemfsTouchDirectory(Directory);
    MemfsReport(Directory, Link, Filter, Old == Directory ? FILE_ACTION_RENAMED_NEW_NAME : FILE_ACTION_ADDED);
    return STATUS_SUCCESS;
}

VOID MemfsOpenLink(PMEMFS_LINK Link)
{
    Link->References++;
    Link->Handles++;
    Link->Node->References++;
    Link->Node->Handles++;
}

VOID MemfsCloseLink(PMEMFS_LINK Link)
{
    Link->References--;
    Link->Node->References--;
    MemfsReleaseLink(Link);
}

NTSTATUS MemfsEnsureSegment(PMEMFS_NODE Node)
{
    NTSTATUS Status;

    if (Node->Segment != NULL)
        return STATUS_SUCCESS;
    if (MemfsIsDirectory(Node))
        return STATUS_INVALID_DEVICE_REQUEST;
    if (Node->BootData != NULL)
        Status = MmCreateSegmentFromImage(Node->BootData, Node->BootSize, &Node->Segment);
    else
        Status = MmCreateSegment(0, &Node->Segment);
    if (NT_SUCCESS(Status))
        MmCountSegmentWriters(Node->Segment, Node->Writers);
    return Status;
}

ULONG64 MemfsGetSize(const MEMFS_NODE *Node)
{
    return Node->Segment != NULL ? MmGetSegmentSize(Node->Segment) : Node->BootSize;
}

ULONG64 MemfsGetAllocation(const MEMFS_NODE *Node)
{
    return Node->Segment != NULL ? MmGetSegmentAllocation(Node->Segment) :
           (Node->BootSize + PAGE_SIZE - 1) & ~(ULONG64)(PAGE_SIZE - 1);
}

NTSTATUS MemfsSetSize(PMEMFS_NODE Node, ULONG64 Size)
{
    NTSTATUS Status = MemfsEnsureSegment(Node);

    if (NT_SUCCESS(Status) && Size != MmGetSegmentSize(Node->Segment))
        Status = MmSetSegmentSize(Node->Segment, Size);
    if (Status == STATUS_NO_MEMORY || Status == STATUS_COMMITMENT_LIMIT || Status == STATUS_INSUFFICIENT_RESOURCES)
        Status = STATUS_DISK_FULL;
    return Status;
}

ULONG MemfsGetAttributes(const MEMFS_NODE *Node)
{
    return Node->Attributes != 0 ? Node->Attributes : FILE_ATTRIBUTE_NORMAL;
}

VOID MemfsTouchDirectory(PMEMFS_NODE Directory)
{
    KeQuerySystemTime(&Directory->ChangeTime);
    Directory->LastWriteTime = Directory->ChangeTime;
}

VOID MemfsTouch(PFILE_OBJECT File, ULONG Filter)
{
    PMEMFS_NODE Node = MemfsNode(File);
    PMEMFS_CCB Ccb = MemfsCcb(File);
    LARGE_INTEGER Now;

    KeQuerySystemTime(&Now);
    if (!Ccb->KeepsChangeTime)
        Node->ChangeTime = Now;
    if (!Ccb->KeepsLastWriteTime)
        Node->LastWriteTime = Now;
    Node->Attributes |= FILE_ATTRIBUTE_ARCHIVE;
    MemfsReport(Ccb->Link->Parent, Ccb->Link, Filter, FILE_ACTION_MODIFIED);
}

NTSTATUS MemfsResize(PFILE_OBJECT File, ULONG64 Size)
{
    ULONG64 Old = MemfsGetSize(MemfsNode(File));
    NTSTATUS Status = MemfsSetSize(MemfsNode(File), Size);

    if (NT_SUCCESS(Status))
        MemfsTouch(File, FILE_NOTIFY_CHANGE_LAST_WRITE | (Size != Old ? FILE_NOTIFY_CHANGE_SIZE : 0));
    return Status;
}

/* The characters below 0x80 that no name has, a bit each: control characters and " * / : < > ? \ | (Win32 documentation: Naming
 * Files, Paths, and Namespaces). */
#define MEMFS_BIT(Char) (1ull << (Char) % 64)
static const ULONG64 MemfsNotInNames[2] = {
    0xffffffff | MEMFS_BIT('"') | MEMFS_BIT('*') | MEMFS_BIT('/') | MEMFS_BIT(':') | MEMFS_BIT('<') | MEMFS_BIT('>') | MEMFS_BIT('?'),
    MEMFS_BIT('\\') | MEMFS_BIT('|'),
};

NTSTATUS MemfsCheckName(PCUNICODE_STRING Name)
{
    ULONG Chars = Name->Length / sizeof(WCHAR);

    if (Chars == 0 || Chars > 255)
        return STATUS_OBJECT_NAME_INVALID;
    if (Name->Buffer[0] == '.' && (Chars == 1 || (Chars == 2 && Name->Buffer[1] == '.')))
        return STATUS_OBJECT_NAME_INVALID;
    for (ULONG i = 0; i < Chars; i++) {
        WCHAR c = Name->Buffer[i];

        if (c < 0x80 && (MemfsNotInNames[c / 64] & MEMFS_BIT(c)))
            return STATUS_OBJECT_NAME_INVALID;
    }
    return STATUS_SUCCESS;
}

BOOLEAN MemfsIsInside(const MEMFS_NODE *Directory, const MEMFS_NODE *Ancestor)
{
    while (Directory != NULL && Directory != Ancestor) {
        PMEMFS_LINK Link = MemfsFirstLink(Directory);

        Directory = Link != NULL ? Link->Parent : NULL;
    }
    return Directory != NULL;
}

NTSTATUS MemfsQueryPath(const MEMFS_LINK *Link, PWCHAR Buffer, ULONG Length, PULONG Needed)
{
    const MEMFS_LINK *Step;
    ULONG Bytes = 0;
    ULONG End;

    for (Step = Link; Step->Parent != NULL; Step = MemfsFirstLink(Step->Parent))
        Bytes += Step->Name.Length + sizeof(WCHAR);
    if (Bytes == 0)
        Bytes = sizeof(WCHAR);
    *Needed = Bytes;
    if (Length < Bytes)
        return STATUS_BUFFER_OVERFLOW;
    Buffer[0] = '\\';
    End = Bytes / sizeof(WCHAR);
    for (Step = Link; Step->Parent != NULL; Step = MemfsFirstLink(Step->Parent)) {
        End -= Step->Name.Length / sizeof(WCHAR);
        memcpy(Buffer + End, Step->Name.Buffer, Step->Name.Length);
        Buffer[--End] = '\\';
    }
    return STATUS_SUCCESS;
}
