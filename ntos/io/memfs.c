/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The memory volume \Device\RamDisk0: volume C: while there is no disk.  Its first content are the files of the boot
 * archive, whose pages are used where they lie; everything that is written is gone at the next start.
 *
 * A file's data is an mm segment, shared with sections, so that reading is one copy from the pages and views are
 * coherent. Reads and writes take the fast path and never wait; the IRP forms below exist for asynchronous opens with
 * completion ports and APCs.
 */
#include "ntos/io/memfs.h"

#define MEMFS_MAXIMUM_SIZE 0x1000000000ll       /* 64 GiB: a file never promises more pages than mm can count */

static NTSTATUS MemfsRead(PFILE_OBJECT File, const LARGE_INTEGER *Offset, PVOID Memory, ULONG Length, ULONG Key,
        KPROCESSOR_MODE Mode, PULONG_PTR Information)
{
    PMEMFS_NODE Node = MemfsNode(File);
    BOOLEAN UsePosition = Offset->QuadPart < 0;
    ULONG64 At = UsePosition ? File->CurrentByteOffset.QuadPart : Offset->QuadPart;
    SIZE_T Copied = 0;
    ULONG64 Size;
    NTSTATUS Status;

    *Information = 0;
    if (Node->Segment == NULL) {
        if (MemfsCcb(File)->Volume)
            return STATUS_INVALID_DEVICE_REQUEST;
        Status = MemfsEnsureSegment(Node);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Length == 0)
        return STATUS_SUCCESS;
    if (!IsListEmpty(&Node->LockList) && !MemfsCheckLocks(File, At, Length, Key, FALSE))
        return STATUS_FILE_LOCK_CONFLICT;
    Size = MmGetSegmentSize(Node->Segment);
    if (Mode == UserMode && (At >= Size || Length > Size - At)) {
        /* What is not filled has to be there, too (NT probes the whole buffer). */
        Status = MmProbeForWrite(Memory, Length, 1);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (At >= Size)
        return STATUS_END_OF_FILE;
    if (Length > Size - At)
        Length = (ULONG)(Size - At);
    Status = MmReadSegment(Node->Segment, At, Memory, Length, Mode, &Copied);
    *Information = Copied;
    if (File->Flags & FO_SYNCHRONOUS_IO)
        File->CurrentByteOffset.QuadPart = At + Copied;
    return Status;
}

static NTSTATUS MemfsWrite(PFILE_OBJECT File, const LARGE_INTEGER *Offset, const VOID *Memory, ULONG Length, ULONG Key,
        KPROCESSOR_MODE Mode, PULONG_PTR Information)
{
    PMEMFS_NODE Node = MemfsNode(File);
    SIZE_T Copied = 0;
    ULONG64 At, Size;
    NTSTATUS Status;

    *Information = 0;
    Status = MemfsCcb(File)->Volume ? STATUS_INVALID_DEVICE_REQUEST : MemfsEnsureSegment(Node);
    if (!NT_SUCCESS(Status))
        return Status;
    Size = MmGetSegmentSize(Node->Segment);
    if (Offset->QuadPart == -1 || !(File->DesiredAccess & FILE_WRITE_DATA))
        At = Size;
    else
        At = Offset->QuadPart < 0 ? File->CurrentByteOffset.QuadPart : Offset->QuadPart;
    if (At > MEMFS_MAXIMUM_SIZE || Length > MEMFS_MAXIMUM_SIZE - At)
        return STATUS_DISK_FULL;
    if (!IsListEmpty(&Node->LockList) && !MemfsCheckLocks(File, At, Length, Key, TRUE))
        return STATUS_FILE_LOCK_CONFLICT;
    if (Length == 0)
        return STATUS_SUCCESS;
    if (Mode == UserMode && At + Length > Size) {
        /* A bad buffer must not extend the file. */
        Status = MmProbeForRead(Memory, Length, 1);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (At + Length > Size) {
        Status = MemfsSetSize(Node, At + Length);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = MmWriteSegment(Node->Segment, At, Memory, Length, Mode, &Copied);
    MemfsTouch(File, FILE_NOTIFY_CHANGE_LAST_WRITE | (At + Length > Size ? FILE_NOTIFY_CHANGE_SIZE : 0));
    *Information = Copied;
    if (File->Flags & FO_SYNCHRONOUS_IO)
        File->CurrentByteOffset.QuadPart = At + Copied;
    if (Status == STATUS_NO_MEMORY || Status == STATUS_COMMITMENT_LIMIT)
        Status = STATUS_DISK_FULL;
    return Status;
}

/* Page by page; a page that does not come whole is the last one. */
static NTSTATUS MemfsTransferSegments(PIRP Irp, BOOLEAN Write, ULONG Length)
{
    LARGE_INTEGER At = Irp->Parameters.Transfer.ByteOffset;
    ULONG Key = Irp->Parameters.Transfer.Key, Part;
    ULONG_PTR Total = 0, Moved = PAGE_SIZE;
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG i = 0; NT_SUCCESS(Status) && Total < Length && Moved == PAGE_SIZE; i++) {
        PVOID Page = (PVOID)Irp->Parameters.Transfer.Segments[i].Alignment;

        Part = (ULONG)min(Length - Total, PAGE_SIZE);
        Status = Write ? MemfsWrite(Irp->FileObject, &At, Page, Part, Key, UserMode, &Moved)
                       : MemfsRead(Irp->FileObject, &At, Page, Part, Key, UserMode, &Moved);
        Total += Moved;
        At.QuadPart += Moved;
    }
    Irp->IoStatus.Information = Total;
    return Status == STATUS_END_OF_FILE && Total != 0 ? STATUS_SUCCESS : Status;
}

/* The IRP forms run in the requester's context as well. */
static NTSTATUS MemfsTransferIrp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    BOOLEAN Write = Irp->MajorFunction == IRP_MJ_WRITE;
    const LARGE_INTEGER *Offset = &Irp->Parameters.Transfer.ByteOffset;
    ULONG Key = Irp->Parameters.Transfer.Key;

    if (Irp->Parameters.Transfer.Segments != NULL)
        Irp->IoStatus.Status = MemfsTransferSegments(Irp, Write, Write ? Irp->InputLength : Irp->OutputLength);
    else if (Write)
        Irp->IoStatus.Status = MemfsWrite(Irp->FileObject, Offset, Irp->UserInput, Irp->InputLength, Key, UserMode,
                                          &Irp->IoStatus.Information);
    else
        Irp->IoStatus.Status = MemfsRead(Irp->FileObject, Offset, Irp->UserOutput, Irp->OutputLength, Key, UserMode,
                                         &Irp->IoStatus.Information);
    return Irp->IoStatus.Status;
}

static NTSTATUS MemfsFlush(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    return Irp->IoStatus.Status = STATUS_SUCCESS;
}

static NTSTATUS MemfsDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    return Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
}

static NTSTATUS MemfsQueryName(PFILE_OBJECT File, PWCHAR Buffer, ULONG Length, PULONG Needed)
{
    if (MemfsCcb(File)->Volume) {
        *Needed = 0;
        return STATUS_SUCCESS;
    }
    return MemfsQueryPath(MemfsLink(File), Buffer, Length, Needed);
}

static NTSTATUS MemfsGetSegment(PFILE_OBJECT File, PMM_SEGMENT *Segment)
{
    PMEMFS_NODE Node = MemfsNode(File);
    NTSTATUS Status;

    if (MemfsCcb(File)->Volume || MemfsIsDirectory(Node))
        return STATUS_INVALID_FILE_FOR_SECTION;
    Status = MemfsEnsureSegment(Node);
    if (!NT_SUCCESS(Status))
        return Status;
    MmReferenceSegment(Node->Segment);
    *Segment = Node->Segment;
    return STATUS_SUCCESS;
}

static const PDRIVER_DISPATCH MemfsDispatch[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = MemfsCreate,
    [IRP_MJ_CLOSE] = MemfsClose,
    [IRP_MJ_CLEANUP] = MemfsCleanup,
    [IRP_MJ_READ] = MemfsTransferIrp,
    [IRP_MJ_WRITE] = MemfsTransferIrp,
    [IRP_MJ_QUERY_EA] = MemfsRefuseEas,
    [IRP_MJ_SET_EA] = MemfsRefuseEas,
    [IRP_MJ_FLUSH_BUFFERS] = MemfsFlush,
    [IRP_MJ_QUERY_INFORMATION] = MemfsQueryInformation,
    [IRP_MJ_SET_INFORMATION] = MemfsSetInformation,
    [IRP_MJ_QUERY_VOLUME_INFORMATION] = MemfsQueryVolume,
    [IRP_MJ_SET_VOLUME_INFORMATION] = MemfsSetVolume,
    [IRP_MJ_DIRECTORY_CONTROL] = MemfsDirectoryControl,
    [IRP_MJ_FILE_SYSTEM_CONTROL] = MemfsFsControl,
    [IRP_MJ_DEVICE_CONTROL] = MemfsDeviceControl,
    [IRP_MJ_LOCK_CONTROL] = MemfsLockControl,
};

static NTSTATUS MemfsSetFileSize(PFILE_OBJECT File, ULONG64 Size)
{

    if (MemfsCcb(File)->Volume || MemfsIsDirectory(MemfsNode(File)))
        return STATUS_INVALID_DEVICE_REQUEST;
    return MemfsResize(File, Size);
}

static PSECURITY_DESCRIPTOR *MemfsGetDescriptor(PFILE_OBJECT File)
{
    return &MemfsNode(File)->Descriptor;
}

static VOID MemfsDescriptorChanged(PFILE_OBJECT File)
{
    PMEMFS_LINK Link = MemfsLink(File);

    KeQuerySystemTime(&Link->Node->ChangeTime);
    MemfsReport(Link->Parent, Link, FILE_NOTIFY_CHANGE_SECURITY, FILE_ACTION_MODIFIED);
}

static const FAST_IO_DISPATCH MemfsFastIo = {
    .GetDescriptor = MemfsGetDescriptor,
    .DescriptorChanged = MemfsDescriptorChanged,
    .Read = MemfsRead,
    .Write = MemfsWrite,
    .QueryName = MemfsQueryName,
    .GetSegment = MemfsGetSegment,
    .Unlock = MemfsUnlock,
    .UnlockAll = MemfsUnlockAll,
    .SetSize = MemfsSetFileSize,
};

NTSTATUS MemfsInitialize(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\RamDisk0");
    PDRIVER_OBJECT Driver;
    PDEVICE_OBJECT Device;
    NTSTATUS Status;

    Status = MemfsPopulate();
    if (NT_SUCCESS(Status))
        Status = IopCreateDriver(L"\\FileSystem", L"RamFs", MemfsDispatch, &MemfsFastIo, &Driver);
    if (NT_SUCCESS(Status))
        Status = IopCreateDevice(Driver, &Name, FILE_DEVICE_DISK_FILE_SYSTEM, 0, 0, &Device);
    if (NT_SUCCESS(Status)) {
        Device->DosName = L"\\??\\C:";
        Status = ObCreatePermanentSymbolicLink(L"\\GLOBAL??\\C:", L"\\Device\\RamDisk0");
    }
    if (NT_SUCCESS(Status))
        Status = ObCreatePermanentSymbolicLink(L"\\SystemRoot", L"\\Device\\RamDisk0\\windows");
    return Status;
}
