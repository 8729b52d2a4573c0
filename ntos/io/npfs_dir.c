/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named pipes: the root as a directory that lists the pipes (IRP_MN_QUERY_DIRECTORY), oldest first.  A pipe's end of file is the
 * number of its instances, its allocation how many it may have (-1: any number), as programs that list pipes know.
 *
 * The place in the enumeration is a number of pipes, kept in the open of the root; pipes that go meanwhile may hide others from
 * it.  Notification is not there.  Nothing here waits.
 */
#include "ntos/io/npfsp.h"
#include "ntos/io/dirlist.h"

/* Place is the pipe's entry in the list. */
static BOOLEAN NpfsNextEntry(IOP_LISTING *Listing, PIOP_ENTRY Entry)
{
    if (Listing->Place == &NpfsPipes)
        return FALSE;
    Entry->Object = CONTAINING_RECORD(Listing->Place, NPFS_PIPE, Links);
    Entry->Name = ((PNPFS_PIPE)Entry->Object)->Name;
    if (Entry->Name.Length > NPFS_LISTED_NAME)
        Entry->Name.Length = NPFS_LISTED_NAME;
    return TRUE;
}

static VOID NpfsAdvance(IOP_LISTING *Listing, const IOP_ENTRY *Entry)
{
    PNPFS_END End = Listing->Directory;

    Listing->Place = ((PLIST_ENTRY)Listing->Place)->Flink;
    End->Listed++;
}

static VOID NpfsDescribe(const IOP_ENTRY *Entry, PIOP_ABOUT About)
{
    PNPFS_PIPE Pipe = Entry->Object;

    About->EndOfFile = Pipe->Servers;
    About->AllocationSize = Pipe->MaximumInstances == MAXDWORD ? ~0ull : Pipe->MaximumInstances;
    About->FileAttributes = FILE_ATTRIBUTE_NORMAL;
}

static PLIST_ENTRY NpfsFindPlace(ULONG Listed)
{
    PLIST_ENTRY Entry = NpfsPipes.Flink;

    for (; Listed != 0 && Entry != &NpfsPipes; Listed--)
        Entry = Entry->Flink;
    return Entry;
}

static NTSTATUS NpfsPrepareEnumeration(PIRP Irp, PNPFS_END End)
{
    PUNICODE_STRING Pattern = &Irp->Parameters.Directory.Pattern;
    BOOLEAN Restart = (Irp->Parameters.Directory.Flags & SL_RESTART_SCAN) != 0;
    NTSTATUS Status;

    if (!End->HasPattern || (Restart && Pattern->Length != 0)) {
        Status = IopKeepPattern(Pattern, &End->Pattern);
        if (!NT_SUCCESS(Status))
            return Status;
        End->HasPattern = TRUE;
    }
    if (Restart) {
        End->Listed = 0;
        End->Found = FALSE;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NpfsQueryDirectory(PNPFS_END End, PIRP Irp, PULONG Used)
{
    IOP_LISTING Listing = {
        .Next = NpfsNextEntry, .Advance = NpfsAdvance, .Describe = NpfsDescribe, .Pattern = &End->Pattern, .Directory = End,
    };
    ULONG Listed;
    BOOLEAN Found;
    NTSTATUS Status;

    if (!End->Root)
        return STATUS_INVALID_PARAMETER;
    Status = IopFindFormat(Irp->Parameters.Directory.Class, Irp->OutputLength, &Listing.Format);
    if (NT_SUCCESS(Status))
        Status = NpfsPrepareEnumeration(Irp, End);
    if (!NT_SUCCESS(Status))
        return Status;
    Listed = End->Listed;
    Found = End->Found;
    Listing.Place = NpfsFindPlace(Listed);
    Status = IopListDirectory(Irp, &Listing, &End->Found, Used);
    if (Irp->Parameters.Directory.Flags & SL_NO_CURSOR_UPDATE_QUERY) {
        End->Listed = Listed;
        End->Found = Found;
    }
    return Status;
}

NTSTATUS NpfsDirectoryControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    ULONG Used = 0;

    if (Irp->MinorFunction == IRP_MN_QUERY_DIRECTORY)
        Irp->IoStatus.Status = NpfsQueryDirectory(NpfsEnd(Irp->FileObject), Irp, &Used);
    else
        Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    Irp->IoStatus.Information = Used;
    return Irp->IoStatus.Status;
}
