/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Extended attributes: NtQueryEaFile, NtSetEaFile, and what NtCreateFile is given.  The lists are checked here, as
 * IoCheckEaBufferValidity does; what they mean is the driver's (IRP_MJ_QUERY_EA: the names that are wanted in SystemBuffer;
 * IRP_MJ_SET_EA: the attributes there).  A file system without them says STATUS_EAS_NOT_SUPPORTED.
 */
#include "ntos/io/iop.h"

#define IOP_MAX_EAS 0x10000u            /* bytes of all attributes of a file */

/* Where the name of an entry begins, how long it is, and what stands behind its zero. */
typedef struct _IOP_EA_ENTRY {
    ULONG Next;
    ULONG NameOffset, NameLength;
    ULONG ValueLength;
} IOP_EA_ENTRY;

static IOP_EA_ENTRY IopReadEa(const UCHAR *Entry, BOOLEAN Names)
{
    const FILE_FULL_EA_INFORMATION *Full = (const VOID *)Entry;
    const FILE_GET_EA_INFORMATION *Get = (const VOID *)Entry;

    if (Names)
        return (IOP_EA_ENTRY){ Get->NextEntryOffset, FIELD_OFFSET(FILE_GET_EA_INFORMATION, EaName), Get->EaNameLength, 0 };
    return (IOP_EA_ENTRY){ Full->NextEntryOffset, FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName), Full->EaNameLength,
                           Full->EaValueLength };
}

/* Entries follow one another without a gap but for alignment; each name ends with a zero.  *Offset: the first that is wrong. */
static NTSTATUS IopCheckEas(const UCHAR *List, ULONG Length, BOOLEAN Names, PULONG Offset)
{
    const ULONG Least = Names ? FIELD_OFFSET(FILE_GET_EA_INFORMATION, EaName) : FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName);

    for (*Offset = 0;;) {
        ULONG Room = Length - *Offset, Size;
        IOP_EA_ENTRY Entry;

        if (Room < Least)
            return STATUS_EA_LIST_INCONSISTENT;
        Entry = IopReadEa(List + *Offset, Names);
        Size = Entry.NameOffset + Entry.NameLength + 1 + Entry.ValueLength;
        if (Size > Room || List[*Offset + Entry.NameOffset + Entry.NameLength] != 0)
            return STATUS_EA_LIST_INCONSISTENT;
        if (Entry.Next == 0)
            return STATUS_SUCCESS;
        if (Entry.Next != ((Size + 3) & ~3u) || Entry.Next > Room)
            return STATUS_EA_LIST_INCONSISTENT;
        *Offset += Entry.Next;
    }
}

/* A copy of the caller's list (ExFreePool), which is right.  *Offset is left alone but by STATUS_EA_LIST_INCONSISTENT. */
static NTSTATUS IopCaptureEas(PVOID UserList, ULONG Length, BOOLEAN Names, PVOID *List, PULONG_PTR Offset)
{
    NTSTATUS Status = Length > IOP_MAX_EAS ? STATUS_INVALID_PARAMETER : MmCaptureBuffer(UserList, Length, List);
    ULONG Wrong;

    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopCheckEas(*List, Length, Names, &Wrong);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(*List);
        *Offset = Wrong;
    }
    return Status;
}

NTSTATUS IopCheckCreateEas(PVOID EaBuffer, ULONG EaLength)
{
    ULONG_PTR Wrong;
    PVOID List;
    NTSTATUS Status = IopCaptureEas(EaBuffer, EaLength, FALSE, &List, &Wrong);

    if (!NT_SUCCESS(Status))
        return Status;
    ExFreePool(List);
    return STATUS_EAS_NOT_SUPPORTED;
}

/* Asks the driver.  List (pool, or NULL) is the request's from here on. */
static NTSTATUS IopCallForEas(PFILE_OBJECT File, UCHAR Major, PVOID List, ULONG ListLength, PVOID Buffer, ULONG Length)
{
    PIRP Irp = IopAllocateIrp(File, Major);
    NTSTATUS Status;

    if (Irp == NULL) {
        if (List != NULL)
            ExFreePool(List);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Irp->SystemBuffer = List;
    Irp->InputLength = ListLength;
    Irp->UserOutput = Buffer;
    Irp->OutputLength = Length;
    Status = IopCallAndWait(Irp);
    if (Status != STATUS_THREAD_IS_TERMINATING)
        IopFreeIrp(Irp);
    return Status;
}

NTSTATUS NTAPI NtQueryEaFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length,
        BOOLEAN ReturnSingleEntry, PVOID EaList, ULONG EaListLength, PULONG EaIndex, BOOLEAN RestartScan)
{
    PFILE_OBJECT File;
    PVOID List = NULL;
    ULONG_PTR Wrong = 0;
    NTSTATUS Status;
    ULONG Index;

    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Buffer, Length, 1);
    if (NT_SUCCESS(Status) && EaIndex != NULL)
        Status = MmGetUser(&Index, EaIndex);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, FILE_READ_EA, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (EaList != NULL && EaListLength != 0)
        Status = IopCaptureEas(EaList, EaListLength, TRUE, &List, &Wrong);
    if (NT_SUCCESS(Status))
        Status = IopCallForEas(File, IRP_MJ_QUERY_EA, List, List != NULL ? EaListLength : 0, Buffer, Length);
    ObDereferenceObject(File);
    return IopReturn(IoStatusBlock, Status, Wrong);
}

NTSTATUS NTAPI NtSetEaFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length)
{
    PFILE_OBJECT File;
    ULONG_PTR Wrong = 0;
    NTSTATUS Status;
    PVOID List;

    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, FILE_WRITE_EA, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopCaptureEas(Buffer, Length, FALSE, &List, &Wrong);
    if (NT_SUCCESS(Status))
        Status = IopCallForEas(File, IRP_MJ_SET_EA, List, Length, NULL, 0);
    ObDereferenceObject(File);
    return IopReturn(IoStatusBlock, Status, Wrong);
}
