/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: NtQueryDirectoryFileEx (dirlist.c).  The enumeration's state is in the open (MEMFS_CCB): the pattern of the
 * first call, and the name given last.  Order: ".", "..", then by name; the root has no dots.  Nothing here waits.
 */
#include "ntos/io/memfs.h"
#include "ntos/io/dirlist.h"

/* Its name, and the node that the data is taken from. */
static BOOLEAN MemfsNextEntry(IOP_LISTING *Listing, PIOP_ENTRY Entry)
{
    static WCHAR Dots[] = L"..";
    PMEMFS_NODE Directory = Listing->Directory;
    PMEMFS_CCB Ccb = Listing->Place;
    PMEMFS_LINK Link;

    if (Directory == MemfsRoot && Ccb->Phase < 2)
        Ccb->Phase = 2;
    if (Ccb->Phase < 2) {
        Entry->Name.Buffer = Dots;
        Entry->Name.Length = Entry->Name.MaximumLength = (Ccb->Phase + 1) * sizeof(WCHAR);
        Entry->Object = Ccb->Phase == 0 || Ccb->Link->Parent == NULL ? Directory : Ccb->Link->Parent;
        return TRUE;
    }
    Link = MemfsNextChild(Directory, Ccb->HasLast ? &Ccb->Last : NULL);
    if (Link == NULL)
        return FALSE;
    Entry->Name = Link->Name;
    Entry->Object = Link->Node;
    return TRUE;
}

static VOID MemfsAdvance(IOP_LISTING *Listing, const IOP_ENTRY *Entry)
{
    PMEMFS_CCB Ccb = Listing->Place;

    if (Ccb->Phase < 2) {
        Ccb->Phase++;
        return;
    }
    memcpy(Ccb->Last.Buffer, Entry->Name.Buffer, Entry->Name.Length);
    Ccb->Last.Length = Entry->Name.Length;
    Ccb->HasLast = TRUE;
}

static VOID MemfsDescribeEntry(const IOP_ENTRY *Entry, PIOP_ABOUT About)
{
    PMEMFS_NODE Node = Entry->Object;

    About->CreationTime = Node->CreationTime;
    About->LastAccessTime = Node->LastAccessTime;
    About->LastWriteTime = Node->LastWriteTime;
    About->ChangeTime = Node->ChangeTime;
    if (!MemfsIsDirectory(Node)) {
        About->EndOfFile = MemfsGetSize(Node);
        About->AllocationSize = MemfsGetAllocation(Node);
    }
    About->FileAttributes = MemfsGetAttributes(Node);
    About->ReparseTag = MemfsGetTag(Node);
    About->FileId = Node->FileId;
}

static NTSTATUS MemfsPrepareEnumeration(PIRP Irp, PMEMFS_CCB Ccb)
{
    PUNICODE_STRING Pattern = &Irp->Parameters.Directory.Pattern;
    BOOLEAN Restart = (Irp->Parameters.Directory.Flags & SL_RESTART_SCAN) != 0;
    NTSTATUS Status;

    if (Ccb->Last.Buffer == NULL) {
        Ccb->Last.Buffer = ExAllocatePoolWithTag(PagedPool, 256 * sizeof(WCHAR), IO_TAG_MEMFS);
        if (Ccb->Last.Buffer == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Ccb->Last.MaximumLength = 256 * sizeof(WCHAR);
    }
    if (!Ccb->HasPattern || (Restart && Pattern->Length != 0)) {
        Status = IopKeepPattern(Pattern, &Ccb->Pattern);
        if (!NT_SUCCESS(Status))
            return Status;
        Ccb->HasPattern = TRUE;
    }
    if (Restart) {
        Ccb->Phase = 0;
        Ccb->HasLast = FALSE;
        Ccb->Found = FALSE;
    }
    return STATUS_SUCCESS;
}

/* IopListDirectory, after which the enumeration stands where it stood. */
static NTSTATUS MemfsPeekEntries(PIRP Irp, IOP_LISTING *Listing, PMEMFS_CCB Ccb, PULONG Used)
{
    UNICODE_STRING Last = Ccb->Last;
    BOOLEAN Found = Ccb->Found, HasLast = Ccb->HasLast;
    UCHAR Phase = Ccb->Phase;
    NTSTATUS Status;

    Ccb->Last.Buffer = ExAllocatePoolWithTag(PagedPool, Last.MaximumLength, IO_TAG_MEMFS);
    if (Ccb->Last.Buffer != NULL) {
        memcpy(Ccb->Last.Buffer, Last.Buffer, Last.Length);
        Status = IopListDirectory(Irp, Listing, &Ccb->Found, Used);
        ExFreePool(Ccb->Last.Buffer);
    } else {
        Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    Ccb->Last = Last;
    Ccb->Found = Found;
    Ccb->HasLast = HasLast;
    Ccb->Phase = Phase;
    return Status;
}

static NTSTATUS MemfsQueryDirectory(PIRP Irp, PULONG Used)
{
    PMEMFS_NODE Directory = MemfsNode(Irp->FileObject);
    PMEMFS_CCB Ccb = MemfsCcb(Irp->FileObject);
    IOP_LISTING Listing = {
        .Next = MemfsNextEntry, .Advance = MemfsAdvance, .Describe = MemfsDescribeEntry, .Pattern = &Ccb->Pattern,
        .Directory = Directory, .Place = Ccb,
    };
    NTSTATUS Status;

    if (Ccb->Volume || !MemfsIsDirectory(Directory))
        return STATUS_INVALID_PARAMETER;
    Status = IopFindFormat(Irp->Parameters.Directory.Class, Irp->OutputLength, &Listing.Format);
    if (NT_SUCCESS(Status))
        Status = MemfsPrepareEnumeration(Irp, Ccb);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Irp->Parameters.Directory.Flags & SL_NO_CURSOR_UPDATE_QUERY)
        return MemfsPeekEntries(Irp, &Listing, Ccb, Used);
    return IopListDirectory(Irp, &Listing, &Ccb->Found, Used);
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
