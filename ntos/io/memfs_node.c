/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tree of the memory volume: nodes, their names, their data segments, and the first content from the boot archive.
 *
 * Children are an AVL tree ordered by upcased name, so that lookups are short and directories list in order; an
 * enumeration goes on after the last name it gave, whatever was created or deleted meanwhile.  Nothing here waits.
 */
#include "ntos/io/memfs.h"
#include "ntos/inc/ldr.h"
#include "ntos/inc/se.h"

PMEMFS_NODE MemfsRoot;
LARGE_INTEGER MemfsCreationTime;
static ULONG64 MemfsNextFileId = 5;     /* NTFS gives its root 5 */

static PMEMFS_NODE MemfsFromLinks(PRTL_BALANCED_NODE Links)
{
    return Links != NULL ? CONTAINING_RECORD(Links, MEMFS_NODE, Links) : NULL;
}

static ULONG MemfsNameFilter(const MEMFS_NODE *Node)
{
    return MemfsIsDirectory(Node) ? FILE_NOTIFY_CHANGE_DIR_NAME : FILE_NOTIFY_CHANGE_FILE_NAME;
}

PMEMFS_NODE MemfsLookup(PMEMFS_NODE Directory, PCUNICODE_STRING Name)
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

PMEMFS_NODE MemfsNextChild(PMEMFS_NODE Directory, PCUNICODE_STRING Name)
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

static VOID MemfsInsertNode(PMEMFS_NODE Directory, PMEMFS_NODE Node)
{
    PRTL_BALANCED_NODE Links = Directory->Children.Root;
    PRTL_BALANCED_NODE Parent = NULL;
    BOOLEAN Right = FALSE;

    while (Links != NULL) {
        Parent = Links;
        Right = RtlCompareUnicodeString(&Node->Name, &MemfsFromLinks(Links)->Name, TRUE) > 0;
        Links = Right ? Links->Right : Links->Left;
    }
    RtlAvlInsertNodeEx(&Directory->Children, Parent, Right, &Node->Links);
    Node->Parent = Directory;
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

NTSTATUS MemfsCreateNode(PMEMFS_NODE Directory, PCUNICODE_STRING Name, ULONG Attributes, PMEMFS_NODE *Node)
{
    PMEMFS_NODE New = ExAllocatePoolZero(PagedPool, sizeof(*New), IO_TAG_MEMFS);
    NTSTATUS Status;

    *Node = NULL;
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MemfsDuplicateName(Name, &New->Name);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(New);
        return Status;
    }
    New->Descriptor = SeReferenceSecurityDescriptor(Directory != NULL ? Directory->Descriptor : SePublicDefaultSd);
    New->FileId = MemfsNextFileId++;
    New->Attributes = Attributes & ~FILE_ATTRIBUTE_NORMAL;
    KeQuerySystemTime(&New->CreationTime);
    New->LastAccessTime = New->LastWriteTime = New->ChangeTime = New->CreationTime;
    InitializeListHead(&New->LockList);
    InitializeListHead(&New->WaitingLocks);
    if (Directory != NULL) {
        MemfsInsertNode(Directory, New);
        MemfsTouch(Directory, TRUE);
        MemfsReport(Directory, Name, MemfsNameFilter(New) | FILE_NOTIFY_CHANGE_CREATION, FILE_ACTION_ADDED);
    }
    *Node = New;
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

VOID MemfsUnlinkNode(PMEMFS_NODE Node)
{
    PMEMFS_NODE Directory = Node->Parent;

    Node->Unlinked = TRUE;
    if (Directory == NULL)
        return;
    RtlAvlRemoveNode(&Directory->Children, &Node->Links);
    Directory->ChildCount--;
    Node->Parent = NULL;
    MemfsTouch(Directory, TRUE);
    MemfsReport(Directory, &Node->Name, MemfsNameFilter(Node), FILE_ACTION_REMOVED);
    if (MemfsIsDirectory(Node))
        MemfsDirectoryGone(Node);
}

NTSTATUS MemfsMoveNode(PMEMFS_NODE Node, PMEMFS_NODE Directory, PCUNICODE_STRING Name)
{
    PMEMFS_NODE Old = Node->Parent;
    UNICODE_STRING NewName;
    NTSTATUS Status = MemfsDuplicateName(Name, &NewName);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlAvlRemoveNode(&Old->Children, &Node->Links);
    Old->ChildCount--;
    MemfsReport(Old, &Node->Name, MemfsNameFilter(Node),
                Old == Directory ? FILE_ACTION_RENAMED_OLD_NAME : FILE_ACTION_REMOVED);
    ExFreePool(Node->Name.Buffer);
    Node->Name = NewName;
    MemfsInsertNode(Directory, Node);
    MemfsTouch(Old, TRUE);
    MemfsTouch(Directory, TRUE);
    MemfsReport(Directory, &Node->Name, MemfsNameFilter(Node),
                Old == Directory ? FILE_ACTION_RENAMED_NEW_NAME : FILE_ACTION_ADDED);
    return STATUS_SUCCESS;
}

VOID MemfsReleaseNode(PMEMFS_NODE Node)
{
    if (Node->References != 0 || Node->Parent != NULL || Node == MemfsRoot)
        return;
    if (Node->Segment != NULL)
        MmDereferenceSegment(Node->Segment);
    SeReleaseSecurityDescriptor(Node->Descriptor);
    ExFreePool(Node->Name.Buffer);
    ExFreePool(Node);
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

VOID MemfsTouch(PMEMFS_NODE Node, BOOLEAN Written)
{
    KeQuerySystemTime(&Node->ChangeTime);
    if (Written) {
        Node->LastWriteTime = Node->ChangeTime;
        if (MemfsIsDirectory(Node))
            return;
        Node->Attributes |= FILE_ATTRIBUTE_ARCHIVE;
        MemfsReport(Node->Parent, &Node->Name, FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_SIZE,
                    FILE_ACTION_MODIFIED);
    }
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

NTSTATUS MemfsQueryPath(const MEMFS_NODE *Node, PWCHAR Buffer, ULONG Length, PULONG Needed)
{
    const MEMFS_NODE *Step;
    ULONG Bytes = 0;
    ULONG End;

    for (Step = Node; Step->Parent != NULL; Step = Step->Parent)
        Bytes += Step->Name.Length + sizeof(WCHAR);
    if (Bytes == 0)
        Bytes = sizeof(WCHAR);
    *Needed = Bytes;
    if (Length < Bytes)
        return STATUS_BUFFER_OVERFLOW;
    Buffer[0] = '\\';
    End = Bytes / sizeof(WCHAR);
    for (Step = Node; Step->Parent != NULL; Step = Step->Parent) {
        End -= Step->Name.Length / sizeof(WCHAR);
        memcpy(Buffer + End, Step->Name.Buffer, Step->Name.Length);
        Buffer[--End] = '\\';
    }
    return STATUS_SUCCESS;
}

/* One component of a boot file's path: found, or made as a directory. */
static PMEMFS_NODE MemfsEnterDirectory(PMEMFS_NODE Directory, PCUNICODE_STRING Name)
{
    PMEMFS_NODE Node = MemfsLookup(Directory, Name);

    if (Node == NULL && !NT_SUCCESS(MemfsCreateNode(Directory, Name, FILE_ATTRIBUTE_DIRECTORY, &Node)))
        return NULL;
    return MemfsIsDirectory(Node) ? Node : NULL;
}

static NTSTATUS MemfsAddBootFile(const LDR_BOOT_FILE *File)
{
    WCHAR Path[512];
    UNICODE_STRING Name = { 0, 0, Path };
    PMEMFS_NODE Directory = MemfsRoot;
    PMEMFS_NODE Node;
    NTSTATUS Status;
    ULONG Bytes;

    Status = RtlUTF8ToUnicodeN(Path, sizeof(Path), &Bytes, File->Path, File->PathLength);
    if (Status != STATUS_SUCCESS)
        return Status;
    for (ULONG i = 0; i < Bytes / sizeof(WCHAR); i++) {
        if (Path[i] != '/') {
            Name.Length += sizeof(WCHAR);
            continue;
        }
        Directory = NT_SUCCESS(MemfsCheckName(&Name)) ? MemfsEnterDirectory(Directory, &Name) : NULL;
        if (Directory == NULL)
            return STATUS_OBJECT_NAME_INVALID;
        Name.Buffer = Path + i + 1;
        Name.Length = 0;
    }
    Status = MemfsCheckName(&Name);
    if (!NT_SUCCESS(Status))
        return Status;
    if (File->Attributes & FILE_ATTRIBUTE_DIRECTORY)
        return MemfsEnterDirectory(Directory, &Name) != NULL ? STATUS_SUCCESS : STATUS_OBJECT_NAME_COLLISION;
    if (MemfsLookup(Directory, &Name) != NULL)
        return STATUS_OBJECT_NAME_COLLISION;
    Status = MemfsCreateNode(Directory, &Name, File->Attributes & FILE_ATTRIBUTE_VALID_SET_FLAGS, &Node);
    if (!NT_SUCCESS(Status))
        return Status;
    Node->CreationTime = Node->LastWriteTime = Node->ChangeTime = Node->LastAccessTime = File->LastWriteTime;
    Node->BootData = File->Size != 0 ? File->Data : NULL;
    Node->BootSize = File->Size;
    return STATUS_SUCCESS;
}

/* Directories in which everyone may write. */
static VOID MemfsOpenToAll(PCWSTR Name)
{
    UNICODE_STRING String;
    PMEMFS_NODE Node;

    RtlInitUnicodeString(&String, Name);
    Node = MemfsEnterDirectory(MemfsRoot, &String);
    if (Node != NULL)
        MemfsSetDescriptor(Node, SePublicOpenSd);
}

NTSTATUS MemfsPopulate(VOID)
{
    UNICODE_STRING Empty = RTL_CONSTANT_UNICODE_STRING(L"");
    NTSTATUS Status;
    LDR_BOOT_FILE File;

    Status = MemfsCreateNode(NULL, &Empty, FILE_ATTRIBUTE_DIRECTORY, &MemfsRoot);
    if (!NT_SUCCESS(Status))
        return Status;
    MemfsCreationTime = MemfsRoot->CreationTime;
    MemfsOpenToAll(L"temp");
    MemfsOpenToAll(L"users");
    MemfsOpenToAll(L"host");
    for (ULONG i = 0; LdrGetBootFile(i, &File); i++) {
        Status = MemfsAddBootFile(&File);
        if (Status == STATUS_INSUFFICIENT_RESOURCES)
            return Status;
        if (!NT_SUCCESS(Status))
            LogPrint("io: file %.*s of the boot archive is left out: status %08lx", (int)File.PathLength, File.Path,
                     (unsigned long)Status);
    }
    return STATUS_SUCCESS;
}
