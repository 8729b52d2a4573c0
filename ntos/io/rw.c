/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Moving bytes: NtReadFile, NtWriteFile and their kin, flush, byte-range locks.
 *
 * Files of the memory volume take the short way (FAST_IO_DISPATCH: one copy, no IRP, no wait); devices get an IRP.  A
 * byte stream whose request is longer than its driver takes at once is carried in pieces by the driver's room (condrv,
 * hosts).
 */
#include "ntos/io/iop.h"

#define IOP_USE_POSITION (-2)           /* FILE_USE_FILE_POINTER_POSITION, as a LARGE_INTEGER */
#define IOP_TO_END (-1)                 /* FILE_WRITE_TO_END_OF_FILE */

/*
 * The caller's ByteOffset.  A synchronous file has a position; for others NULL is allowed only where there is none to
 * have (devices), and reads as -1.
 * DIFFERS: Windows wants an offset from an asynchronous device handle too, and does not look at it.
 */
static NTSTATUS IopCaptureOffset(PFILE_OBJECT File, PLARGE_INTEGER UserOffset, BOOLEAN Write, PLARGE_INTEGER Offset)
{
    NTSTATUS Status;

    if (UserOffset == NULL) {
        if (File->Flags & FO_SYNCHRONOUS_IO)
            Offset->QuadPart = IOP_USE_POSITION;
        else if (File->DeviceObject->Flags & DO_BYTE_STREAM || File->DeviceObject->DriverObject->FastIo == NULL)
            Offset->QuadPart = IOP_TO_END;
        else
            return STATUS_INVALID_PARAMETER;
        return STATUS_SUCCESS;
    }
    Status = MmGetUser(Offset, UserOffset);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Offset->QuadPart == IOP_USE_POSITION && File->Flags & FO_SYNCHRONOUS_IO)
        return STATUS_SUCCESS;
    if (Offset->QuadPart == IOP_TO_END && (Write || File->DeviceObject->Flags & DO_BYTE_STREAM))
        return STATUS_SUCCESS;
    return Offset->QuadPart < 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

static NTSTATUS IopFastTransfer(PFILE_OBJECT File, const IOP_ASYNC *Async, PVOID Buffer, ULONG Length,
        PLARGE_INTEGER Offset, ULONG Key, BOOLEAN Write)
{
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;
    ULONG_PTR Information = 0;
    PKEVENT Event = NULL;
    NTSTATUS Status;

    /* What can be refused is, before a byte moves. */
    Status = MmProbeForWrite(Async->Iosb, sizeof(IO_STATUS_BLOCK), 1);
    if (NT_SUCCESS(Status) && Async->Event != NULL)
        Status = ObReferenceObjectByHandle(Async->Event, EVENT_MODIFY_STATE, ExEventObjectType, UserMode,
                                           (PVOID *)&Event, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Event != NULL)
        KeClearEvent(Event);
    if (Write)
        Status = FastIo->Write(File, Offset, Buffer, Length, Key, UserMode, &Information);
    else
        Status = FastIo->Read(File, Offset, Buffer, Length, Key, UserMode, &Information);
    IopCountRequest(PsGetCurrentProcess(), Write ? IRP_MJ_WRITE : IRP_MJ_READ, NT_ERROR(Status) ? 0 : Information);
    Status = IopFinishFast(File, Async->Iosb, Event, Status, Information);
    if (Event != NULL)
        ObDereferenceObject(Event);
    return Status;
}

static NTSTATUS IopTransfer(PFILE_OBJECT File, const IOP_ASYNC *Async, PVOID Buffer, ULONG Length,
        PLARGE_INTEGER ByteOffset, PULONG Key, BOOLEAN Write)
{
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;
    LARGE_INTEGER Offset;
    ULONG LockKey = 0;
    NTSTATUS Status;
    PIRP Irp;

    Status = IopCaptureOffset(File, ByteOffset, Write, &Offset);
    if (NT_SUCCESS(Status) && Key != NULL)
        Status = MmGetUser(&LockKey, Key);
    if (!NT_SUCCESS(Status))
        return Status;
    if (FastIo != NULL && FastIo->Read != NULL && Async->ApcRoutine == NULL && File->CompletionPort == NULL)
        return IopFastTransfer(File, Async, Buffer, Length, &Offset, LockKey, Write);
    Status = Write ? MmProbeForRead(Buffer, Length, 1) : MmProbeForWrite(Buffer, Length, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, Write ? IRP_MJ_WRITE : IRP_MJ_READ);
    if (Irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Write) {
        Irp->UserInput = Buffer;
        Irp->InputLength = Length;
    } else {
        Irp->UserOutput = Buffer;
        Irp->OutputLength = Length;
    }
    Irp->Parameters.Transfer.ByteOffset = Offset;
    Irp->Parameters.Transfer.Key = LockKey;
    return IopPerformRequest(Irp, Async);
}

NTSTATUS NTAPI NtReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };
    PFILE_OBJECT File;
    NTSTATUS Status;

    Status = IopReferenceFile(FileHandle, FILE_READ_DATA, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopTransfer(File, &Async, Buffer, Length, ByteOffset, Key, FALSE);
    ObDereferenceObject(File);
    return Status;
}

NTSTATUS NTAPI NtWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, const void *Buffer, ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };
    LARGE_INTEGER ToEnd = { .QuadPart = IOP_TO_END };
    ACCESS_MASK Granted;
    PFILE_OBJECT File;
    NTSTATUS Status;

    Status = IopReferenceFile(FileHandle, 0, FILE_WRITE_DATA | FILE_APPEND_DATA, &File, &Granted);
    if (!NT_SUCCESS(Status))
        return Status;
    if (!(Granted & FILE_WRITE_DATA) && File->DeviceObject->DriverObject->FastIo != NULL &&
        File->DeviceObject->DriverObject->FastIo->Write != NULL && Async.ApcRoutine == NULL &&
        File->CompletionPort == NULL)
        Status = IopFastTransfer(File, &Async, (PVOID)Buffer, Length, &ToEnd, 0, TRUE);
    else
        Status = IopTransfer(File, &Async, (PVOID)Buffer, Length, ByteOffset, Key, TRUE);
    ObDereferenceObject(File);
    return Status;
}

/* One way to flush: everything reaches the device before the answer, which is what each of the flags asks for or more. */
static NTSTATUS IopFlush(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
    IOP_ASYNC Async = { .Iosb = IoStatusBlock };
    PFILE_OBJECT File;
    NTSTATUS Status;
    PIRP Irp;

    Status = IopReferenceFile(FileHandle, 0, FILE_WRITE_DATA | FILE_APPEND_DATA, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, IRP_MJ_FLUSH_BUFFERS);
    Status = Irp != NULL ? IopPerformRequest(Irp, &Async) : STATUS_INSUFFICIENT_RESOURCES;
    ObDereferenceObject(File);
    return Status;
}

NTSTATUS NTAPI NtFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
    return IopFlush(FileHandle, IoStatusBlock);
}

/*
 * As NtFlushBuffersFile; Flags is 0 or one FLUSH_FLAGS_ value, which lets a file system leave something out.  Parameters is reserved.
 * Source: ntifs.h, NtFlushBuffersFileEx.
 */
NTSTATUS NTAPI NtFlushBuffersFileEx(HANDLE FileHandle, ULONG Flags, PVOID Parameters, ULONG ParametersSize,
        PIO_STATUS_BLOCK IoStatusBlock)
{
    if ((Flags & (Flags - 1)) != 0 || Flags > FLUSH_FLAGS_FILE_DATA_SYNC_ONLY || Parameters != NULL || ParametersSize != 0)
        return STATUS_INVALID_PARAMETER;
    return IopFlush(FileHandle, IoStatusBlock);
}

static NTSTATUS IopCaptureLock(HANDLE FileHandle, PLARGE_INTEGER UserOffset, PLARGE_INTEGER UserLength, PULONG UserKey,
        PLARGE_INTEGER Offset, PLARGE_INTEGER Length, PULONG Key, PFILE_OBJECT *File)
{
    NTSTATUS Status = MmGetUser(Offset, UserOffset);

    *Key = 0;
    if (NT_SUCCESS(Status))
        Status = MmGetUser(Length, UserLength);
    if (NT_SUCCESS(Status) && UserKey != NULL)
        Status = MmGetUser(Key, UserKey);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, 0, FILE_READ_DATA | FILE_WRITE_DATA, File, NULL);
    return Status;
}

/* The handle may have gone while the request waited for its turn; then nobody else ends the lock. */
static VOID IopReleaseLateLock(HANDLE FileHandle, PFILE_OBJECT File)
{
    PFILE_OBJECT Now = NULL;

    if (NT_SUCCESS(ObReferenceObjectByHandle(FileHandle, 0, IoFileObjectType, UserMode, (PVOID *)&Now, NULL)))
        ObDereferenceObject(Now);
    if (Now != File)
        IopReleaseLocks(PsGetCurrentProcess(), File);
}

/* DIFFERS: NT wants a status block for both; libwine's LockFile and UnlockFile give none. */
NTSTATUS NTAPI NtLockFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER ByteOffset, PLARGE_INTEGER Length, ULONG *Key,
        BOOLEAN FailImmediately, BOOLEAN ExclusiveLock)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };
    LARGE_INTEGER Offset, Count;
    PFILE_OBJECT File;
    ULONG LockKey;
    NTSTATUS Status;
    PIRP Irp;

    Status = IopCaptureLock(FileHandle, ByteOffset, Length, Key, &Offset, &Count, &LockKey, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, IRP_MJ_LOCK_CONTROL);
    if (Irp != NULL) {
        Irp->MinorFunction = IRP_MN_LOCK;
        Irp->Parameters.Lock.ByteOffset = Offset;
        Irp->Parameters.Lock.Length = Count;
        Irp->Parameters.Lock.Key = LockKey;
        Irp->Parameters.Lock.FailImmediately = FailImmediately;
        Irp->Parameters.Lock.Exclusive = ExclusiveLock;
        Status = IopPerformRequest(Irp, &Async);
        IopReleaseLateLock(FileHandle, File);
    } else {
        Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    ObDereferenceObject(File);
    return Status;
}

/* A lock is given back without memory: no IRP, as those who have locks answer at once. */
NTSTATUS NTAPI NtUnlockFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER ByteOffset,
        PLARGE_INTEGER Length, PULONG Key)
{
    const FAST_IO_DISPATCH *FastIo;
    LARGE_INTEGER Offset, Count;
    PFILE_OBJECT File;
    ULONG LockKey;
    NTSTATUS Status;

    Status = MmProbeForWrite(IoStatusBlock, IoStatusBlock != NULL ? sizeof(*IoStatusBlock) : 0, 1);
    if (NT_SUCCESS(Status))
        Status = IopCaptureLock(FileHandle, ByteOffset, Length, Key, &Offset, &Count, &LockKey, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    FastIo = File->DeviceObject->DriverObject->FastIo;
    Status = FastIo != NULL && FastIo->Unlock != NULL ? FastIo->Unlock(File, &Offset, &Count, LockKey)
                                                      : STATUS_INVALID_DEVICE_REQUEST;
    if (NT_SUCCESS(Status) && IoStatusBlock != NULL)
        Status = IopFinishFast(File, IoStatusBlock, NULL, Status, 0);
    ObDereferenceObject(File);
    return Status;
}
