/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtReadFileScatter and NtWriteFileGather: one transfer between consecutive bytes of a file and pages that lie anywhere
 * (ReadFileScatter, WriteFileGather).  The array of pages and every address in it is captured and probed before
 * anything moves.  File systems only; the transfer takes place in the caller's context.
 */
#include "ntos/io/iop.h"

#define IOP_SECTOR_SIZE 512             /* of the memory volume: what unbuffered transfers are made of */

/* The handle is asynchronous and unbuffered, and the range is one of sectors. */
static NTSTATUS IopCheckScatter(PFILE_OBJECT File, ULONG Length, const LARGE_INTEGER *Offset)
{
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;

    if (FastIo == NULL || FastIo->Read == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (!(File->Flags & FO_NO_INTERMEDIATE_BUFFERING) || File->Flags & FO_SYNCHRONOUS_IO)
        return STATUS_INVALID_PARAMETER;
    return Offset->QuadPart < 0 || (Offset->QuadPart | Length) % IOP_SECTOR_SIZE != 0 ? STATUS_INVALID_PARAMETER
                                                                                        : STATUS_SUCCESS;
}

/* *Segments is a pool block. */
static NTSTATUS IopCaptureSegments(FILE_SEGMENT_ELEMENT *UserArray, ULONG Length, BOOLEAN Write,
        FILE_SEGMENT_ELEMENT **Segments)
{
    ULONG Count = (ULONG)BYTES_TO_PAGES((ULONG64)Length);
    NTSTATUS Status = MmCaptureBuffer(UserArray, Count * sizeof(**Segments), (PVOID *)Segments);

    for (ULONG i = 0; NT_SUCCESS(Status) && i < Count; i++) {
        PVOID Page = (PVOID)(*Segments)[i].Alignment;
        ULONG Part = min(Length - i * PAGE_SIZE, PAGE_SIZE);

        if ((ULONG64)Page % PAGE_SIZE != 0)
            Status = STATUS_INVALID_PARAMETER;
        else
            Status = Write ? MmProbeForRead(Page, Part, 1) : MmProbeForWrite(Page, Part, 1);
    }
    if (!NT_SUCCESS(Status))
        ExFreePool(*Segments);
    return Status;
}

/* File is referenced by the caller. */
static NTSTATUS IopTransferSegments(PFILE_OBJECT File, const IOP_ASYNC *Async, FILE_SEGMENT_ELEMENT *UserArray,
        ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key, BOOLEAN Write)
{
    FILE_SEGMENT_ELEMENT *Segments;
    LARGE_INTEGER Offset;
    ULONG LockKey = 0;
    NTSTATUS Status = MmGetUser(&Offset, ByteOffset);
    PIRP Irp;

    if (NT_SUCCESS(Status) && Key != NULL)
        Status = MmGetUser(&LockKey, Key);
    if (NT_SUCCESS(Status))
        Status = IopCheckScatter(File, Length, &Offset);
    if (NT_SUCCESS(Status))
        Status = IopCaptureSegments(UserArray, Length, Write, &Segments);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, Write ? IRP_MJ_WRITE : IRP_MJ_READ);
    if (Irp == NULL) {
        ExFreePool(Segments);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *(Write ? &Irp->InputLength : &Irp->OutputLength) = Length;
    Irp->Parameters.Transfer.ByteOffset = Offset;
    Irp->Parameters.Transfer.Key = LockKey;
    Irp->Parameters.Transfer.Segments = Segments;
    Status = IopPerformRequest(Irp, Async);
    /* A file system with FastIo has done its transfer by now. */
    ExFreePool(Segments);
    return Status;
}

static NTSTATUS IopScatter(HANDLE FileHandle, const IOP_ASYNC *Async, FILE_SEGMENT_ELEMENT *UserArray, ULONG Length,
        PLARGE_INTEGER ByteOffset, PULONG Key, BOOLEAN Write)
{
    PFILE_OBJECT File;
    NTSTATUS Status = IopReferenceFile(FileHandle, Write ? FILE_WRITE_DATA : FILE_READ_DATA, 0, &File, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopTransferSegments(File, Async, UserArray, Length, ByteOffset, Key, Write);
    ObDereferenceObject(File);
    return Status;
}

NTSTATUS NTAPI NtReadFileScatter(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, FILE_SEGMENT_ELEMENT *SegmentArray, ULONG Length, PLARGE_INTEGER ByteOffset,
        PULONG Key)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };

    return IopScatter(FileHandle, &Async, SegmentArray, Length, ByteOffset, Key, FALSE);
}

NTSTATUS NTAPI NtWriteFileGather(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, FILE_SEGMENT_ELEMENT *SegmentArray, ULONG Length, PLARGE_INTEGER ByteOffset,
        PULONG Key)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };

    return IopScatter(FileHandle, &Async, SegmentArray, Length, ByteOffset, Key, TRUE);
}
