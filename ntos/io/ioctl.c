/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtDeviceIoControlFile and NtFsControlFile: the access that the code itself asks for, then an IRP with both buffers as
 * the caller gave them; what the code's method means for the bytes is the driver's side (driver hosts: hostdev.c;
 * ConDrv: condrv.c). May wait, as every request.
 */
#include "ntos/io/iop.h"

static NTSTATUS IopControl(UCHAR Major, HANDLE FileHandle, const IOP_ASYNC *Async, ULONG Code, PVOID Input,
        ULONG InputLength, PVOID Output, ULONG OutputLength)
{
    ACCESS_MASK Needed = 0;
    PFILE_OBJECT File;
    NTSTATUS Status;
    PIRP Irp;

    if ((Code >> 14) & FILE_READ_ACCESS)
        Needed |= FILE_READ_DATA;
    if ((Code >> 14) & FILE_WRITE_ACCESS)
        Needed |= FILE_WRITE_DATA;
    Status = IopReferenceFile(FileHandle, Needed, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((Code & 3) != METHOD_NEITHER) {
        Status = MmProbeForRead(Input, InputLength, 1);
        if (NT_SUCCESS(Status))
            Status = (Code & 3) == METHOD_IN_DIRECT ? MmProbeForRead(Output, OutputLength, 1) :
                     MmProbeForWrite(Output, OutputLength, 1);
        if (!NT_SUCCESS(Status))
            goto out;
    }
    Irp = IopAllocateIrp(File, Major);
    if (Irp == NULL) {
        Status = STATUS_INSUFFICIENT_RESOURCES;
        goto out;
    }
    Irp->UserInput = Input;
    Irp->InputLength = Input != NULL ? InputLength : 0;
    Irp->UserOutput = Output;
    Irp->OutputLength = Output != NULL ? OutputLength : 0;
    Irp->Parameters.Control.Code = Code;
    Status = IopPerformRequest(Irp, Async);
out:
    ObDereferenceObject(File);
    return Status;
}

NTSTATUS NTAPI NtDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG IoControlCode, PVOID InputBuffer, ULONG InputBufferLength,
        PVOID OutputBuffer, ULONG OutputBufferLength)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };

    return IopControl(IRP_MJ_DEVICE_CONTROL, FileHandle, &Async, IoControlCode, InputBuffer, InputBufferLength,
                      OutputBuffer, OutputBufferLength);
}

NTSTATUS NTAPI NtFsControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG FsControlCode, PVOID InputBuffer, ULONG InputBufferLength,
        PVOID OutputBuffer, ULONG OutputBufferLength)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };

    return IopControl(IRP_MJ_FILE_SYSTEM_CONTROL, FileHandle, &Async, FsControlCode, InputBuffer, InputBufferLength,
                      OutputBuffer, OutputBufferLength);
}
