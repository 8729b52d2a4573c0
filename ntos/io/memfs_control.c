/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: NtFsControlFile.  Sparse files, zeroing, allocated ranges ([MS-FSA] 2.1.5.10: FSCTL_SET_SPARSE,
 * FSCTL_SET_ZERO_DATA, FSCTL_QUERY_ALLOCATED_RANGES).  Every file is kept sparsely; the attribute only says whether its
 * holes are told.  Reparse points: memfs_reparse.c.  Oplocks are never granted, which their protocol allows.  All other
 * codes are STATUS_INVALID_DEVICE_REQUEST, as FAT answers for compression and object ids.
 *
 * The codes' access was checked by ioctl.c.  Runs in the requester's context; nothing here waits.
 */
#include "ntos/io/memfs.h"

NTSTATUS MemfsGetInput(PIRP Irp, PVOID Buffer, ULONG Length)
{
    return Irp->InputLength < Length ? STATUS_INVALID_PARAMETER : MmCopyFromUser(Buffer, Irp->UserInput, Length);
}

static BOOLEAN MemfsIsFile(PFILE_OBJECT File)
{
    return !MemfsCcb(File)->Volume && !MemfsIsDirectory(MemfsNode(File));
}

/* No buffer means TRUE. */
static NTSTATUS MemfsSetSparse(PIRP Irp)
{
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    PMEMFS_LINK Link = MemfsLink(Irp->FileObject);
    FILE_SET_SPARSE_BUFFER Sparse = { TRUE };
    NTSTATUS Status = STATUS_SUCCESS;

    if (!MemfsIsFile(Irp->FileObject))
        return STATUS_INVALID_PARAMETER;
    if (!(Irp->FileObject->DesiredAccess & (FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES)))
        return STATUS_ACCESS_DENIED;
    if (Irp->InputLength != 0)
        Status = MemfsGetInput(Irp, &Sparse, sizeof(Sparse));
    if (!NT_SUCCESS(Status))
        return Status;
    Node->Attributes &= ~FILE_ATTRIBUTE_SPARSE_FILE;
    Node->Attributes |= Sparse.SetSparse ? FILE_ATTRIBUTE_SPARSE_FILE : 0;
    MemfsReport(Link->Parent, Link, FILE_NOTIFY_CHANGE_ATTRIBUTES, FILE_ACTION_MODIFIED);
    return STATUS_SUCCESS;
}

static NTSTATUS MemfsSetZeroData(PIRP Irp)
{
    PFILE_OBJECT File = Irp->FileObject;
    FILE_ZERO_DATA_INFORMATION Zero;
    NTSTATUS Status = MemfsGetInput(Irp, &Zero, sizeof(Zero));
    ULONG64 Size;

    if (!NT_SUCCESS(Status))
        return Status;
    if (!MemfsIsFile(File) || Zero.FileOffset.QuadPart < 0 || Zero.BeyondFinalZero.QuadPart < Zero.FileOffset.QuadPart)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsEnsureSegment(MemfsNode(File));
    if (!NT_SUCCESS(Status))
        return Status;
    Size = MemfsGetSize(MemfsNode(File));
    if ((ULONG64)Zero.BeyondFinalZero.QuadPart > Size)
        Zero.BeyondFinalZero.QuadPart = (LONG64)Size;
    if (Zero.FileOffset.QuadPart >= Zero.BeyondFinalZero.QuadPart)
        return STATUS_SUCCESS;
    if (!MemfsCheckLocks(File, Zero.FileOffset.QuadPart, Zero.BeyondFinalZero.QuadPart - Zero.FileOffset.QuadPart, 0, TRUE))
        return STATUS_FILE_LOCK_CONFLICT;
    Status = MmZeroSegment(MemfsNode(File)->Segment, Zero.FileOffset.QuadPart,
                           Zero.BeyondFinalZero.QuadPart - Zero.FileOffset.QuadPart);
    MemfsTouch(File, FILE_NOTIFY_CHANGE_LAST_WRITE);
    return Status;
}

/* The next range to be told, clipped to [At, End).  A file that is not sparse is one range. */
static BOOLEAN MemfsNextRange(PMEMFS_NODE Node, ULONG64 At, ULONG64 End, PFILE_ALLOCATED_RANGE_BUFFER Range)
{
    ULONG64 First = At, Last = End;

    if (At >= End)
        return FALSE;
    if (Node->Attributes & FILE_ATTRIBUTE_SPARSE_FILE && !MmNextSegmentRange(Node->Segment, At, End, &First, &Last))
        return FALSE;
    First = First < At ? At : First;
    Last = Last > End ? End : Last;
    Range->FileOffset.QuadPart = (LONG64)First;
    Range->Length.QuadPart = (LONG64)(Last - First);
    return TRUE;
}

/* As many ranges as fit. */
static NTSTATUS MemfsQueryRanges(PIRP Irp)
{
    PMEMFS_NODE Node = MemfsNode(Irp->FileObject);
    FILE_ALLOCATED_RANGE_BUFFER Asked, Range;
    NTSTATUS Status = MemfsGetInput(Irp, &Asked, sizeof(Asked));
    ULONG64 At, End, Size;
    ULONG Used = 0;

    if (!NT_SUCCESS(Status))
        return Status;
    if (!MemfsIsFile(Irp->FileObject) || Asked.FileOffset.QuadPart < 0 || Asked.Length.QuadPart < 0 ||
        Asked.Length.QuadPart > MAXLONGLONG - Asked.FileOffset.QuadPart)
        return STATUS_INVALID_PARAMETER;
    Status = MemfsEnsureSegment(Node);
    if (!NT_SUCCESS(Status))
        return Status;
    Size = MemfsGetSize(Node);
    At = Asked.FileOffset.QuadPart;
    End = At + Asked.Length.QuadPart < Size ? At + Asked.Length.QuadPart : Size;
    while (MemfsNextRange(Node, At, End, &Range)) {
        if (Irp->OutputLength - Used < sizeof(Range)) {
            Status = Used == 0 ? STATUS_BUFFER_TOO_SMALL : STATUS_BUFFER_OVERFLOW;
            break;
        }
        Status = IopCopyOutput(Irp, Used, &Range, sizeof(Range));
        if (!NT_SUCCESS(Status))
            break;
        Used += sizeof(Range);
        At = Range.FileOffset.QuadPart + Range.Length.QuadPart;
    }
    Irp->IoStatus.Information = Used;
    return Status;
}

static NTSTATUS MemfsControl(PIRP Irp)
{
    switch (Irp->Parameters.Control.Code) {
    case FSCTL_SET_SPARSE:
        return MemfsSetSparse(Irp);
    case FSCTL_SET_ZERO_DATA:
        return MemfsSetZeroData(Irp);
    case FSCTL_QUERY_ALLOCATED_RANGES:
        return MemfsQueryRanges(Irp);
    case FSCTL_SET_REPARSE_POINT:
        return MemfsSetReparse(Irp);
    case FSCTL_GET_REPARSE_POINT:
        return MemfsGetReparse(Irp);
    case FSCTL_DELETE_REPARSE_POINT:
        return MemfsDeleteReparse(Irp);
    case FSCTL_REQUEST_OPLOCK_LEVEL_1:
    case FSCTL_REQUEST_OPLOCK_LEVEL_2:
    case FSCTL_REQUEST_BATCH_OPLOCK:
    case FSCTL_REQUEST_FILTER_OPLOCK:
    case FSCTL_REQUEST_OPLOCK:
        return STATUS_OPLOCK_NOT_GRANTED;
    case FSCTL_OPLOCK_BREAK_ACKNOWLEDGE:
    case FSCTL_OPBATCH_ACK_CLOSE_PENDING:
    case FSCTL_OPLOCK_BREAK_NOTIFY:
    case FSCTL_OPLOCK_BREAK_ACK_NO_2:
        return STATUS_INVALID_OPLOCK_PROTOCOL;
    case FSCTL_IS_VOLUME_MOUNTED:
    case FSCTL_IS_PATHNAME_VALID:
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

NTSTATUS MemfsFsControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    return Irp->IoStatus.Status = MemfsControl(Irp);
}
