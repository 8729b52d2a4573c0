/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files for ntos itself: reading and writing an open file from ntos's own memory (contracts: ntos/inc/io.h).  They go
 * the short way (FAST_IO_DISPATCH); what has none is STATUS_INVALID_DEVICE_REQUEST.
 */
#include "ntos/io/iop.h"

static const FAST_IO_DISPATCH *IopFastIo(PFILE_OBJECT File)
{
    static const FAST_IO_DISPATCH None;
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;

    return FastIo != NULL ? FastIo : &None;
}

NTSTATUS IoReadFile(PFILE_OBJECT File, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
    LARGE_INTEGER At = { .QuadPart = (LONGLONG)Offset };
    ULONG_PTR Done = 0;
    NTSTATUS Status;

    if (IopFastIo(File)->Read == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    Status = IopFastIo(File)->Read(File, &At, Buffer, Length, 0, KernelMode, &Done);
    return NT_SUCCESS(Status) && Done != Length ? STATUS_END_OF_FILE : Status;
}

NTSTATUS IoWriteFile(PFILE_OBJECT File, ULONG64 Offset, const void *Buffer, ULONG Length)
{
    LARGE_INTEGER At = { .QuadPart = (LONGLONG)Offset };
    ULONG_PTR Done = 0;
    NTSTATUS Status;

    if (IopFastIo(File)->Write == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    Status = IopFastIo(File)->Write(File, &At, Buffer, Length, 0, KernelMode, &Done);
    return NT_SUCCESS(Status) && Done != Length ? STATUS_DISK_FULL : Status;
}

NTSTATUS IoSetFileSize(PFILE_OBJECT File, ULONG64 Size)
{
    return IopFastIo(File)->SetSize != NULL ? IopFastIo(File)->SetSize(File, Size) : STATUS_INVALID_DEVICE_REQUEST;
}

NTSTATUS IoGetFileSize(PFILE_OBJECT FileObject, PULONG64 Size)
{
    PMM_SEGMENT Segment;
    NTSTATUS Status = IoGetFileSegment(FileObject, &Segment);

    *Size = 0;
    if (!NT_SUCCESS(Status))
        return STATUS_INVALID_DEVICE_REQUEST;
    *Size = MmGetSegmentSize(Segment);
    MmDereferenceSegment(Segment);
    return STATUS_SUCCESS;
}
