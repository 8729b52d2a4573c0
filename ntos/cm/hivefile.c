/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The two files of a hive: opening, naming, and the interface through which hivestore.c reads and writes them.
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

static NTSTATUS CmpFileRead(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
    return IoReadFile(Context, Offset, Buffer, Length);
}

static NTSTATUS CmpFileWrite(PVOID Context, ULONG64 Offset, const void *Buffer, ULONG Length)
{
    return IoWriteFile(Context, Offset, Buffer, Length);
}

/* The files lie on the memory volume: what was written is there. */
static NTSTATUS CmpFileFlush(PVOID Context)
{
    return STATUS_SUCCESS;
}

static NTSTATUS CmpFileSetSize(PVOID Context, ULONG64 Size)
{
    return IoSetFileSize(Context, Size);
}

static ULONG64 CmpFileSize(PVOID Context)
{
    ULONG64 Size;

    return NT_SUCCESS(IoGetFileSize(Context, &Size)) ? Size : 0;
}

const CM_HIVE_FILE CmpHiveFiles = { CmpFileRead, CmpFileWrite, CmpFileFlush, CmpFileSetSize, CmpFileSize };

NTSTATUS CmpOpenHiveFile(POBJECT_ATTRIBUTES Attributes, ACCESS_MASK Access, ULONG Disposition, KPROCESSOR_MODE Mode,
        PHANDLE Handle, PVOID *File, PBOOLEAN Created)
{
    ULONG Share = Access & FILE_WRITE_DATA ? 0 : FILE_SHARE_READ;
    LARGE_INTEGER Allocation = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb;
    HANDLE First;
    NTSTATUS Status;

    Status = IoCreateFile(&First, Access | SYNCHRONIZE, Attributes, &Iosb, &Allocation, FILE_ATTRIBUTE_NORMAL, Share, Disposition,
                          FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, Mode);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Created != NULL)
        *Created = Iosb.Information == FILE_CREATED;
    Status = ObReferenceObjectByHandle(First, Access, IoFileObjectType, Mode, File, NULL);
    if (NT_SUCCESS(Status)) {
        Status = ObOpenObjectByPointer(*File, OBJ_KERNEL_HANDLE, NULL, Access, IoFileObjectType, KernelMode, Handle);
        if (!NT_SUCCESS(Status)) {
            ObDereferenceObject(*File);
            *File = NULL;
        }
    }
    ObCloseHandle(First, Mode);
    return Status;
}

VOID CmpCloseHiveFile(HANDLE Handle, PVOID File)
{
    if (File == NULL)
        return;
    ObCloseHandle(Handle, KernelMode);
    ObDereferenceObject(File);
}

NTSTATUS CmpHiveFileName(PFILE_OBJECT File, PCWSTR Suffix, POBJECT_NAME_INFORMATION *Name)
{
    ULONG Room = sizeof(**Name) + 1024;
    ULONG Length;
    NTSTATUS Status;

    *Name = ExAllocatePoolWithTag(PagedPool, Room + 16, CM_TAG_HIVE);
    if (*Name == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = ObQueryNameString(File, *Name, Room, &Length);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(*Name, CM_TAG_HIVE);
        *Name = NULL;
        return Status == STATUS_INFO_LENGTH_MISMATCH ? STATUS_NAME_TOO_LONG : Status;
    }
    (*Name)->Name.MaximumLength = (*Name)->Name.Length + 16;
    return RtlAppendUnicodeToString(&(*Name)->Name, Suffix);
}

NTSTATUS CmpOpenHiveLog(PCM_HIVE Hive)
{
    POBJECT_NAME_INFORMATION Name;
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status = CmpHiveFileName(Hive->Store.Primary, L".LOG1", &Name);

    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name->Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    Status = CmpOpenHiveFile(&Attributes, FILE_READ_DATA | FILE_WRITE_DATA, FILE_OPEN_IF, KernelMode, &Hive->LogHandle,
                             &Hive->Store.Log, NULL);
    ExFreePoolWithTag(Name, CM_TAG_HIVE);
    return Status;
}

VOID CmpCloseHiveFiles(PCM_HIVE Hive)
{
    CmpCloseHiveFile(Hive->LogHandle, Hive->Store.Log);
    CmpCloseHiveFile(Hive->PrimaryHandle, Hive->Store.Primary);
    Hive->Store.Log = Hive->Store.Primary = NULL;
}
