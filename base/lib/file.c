/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files by the names that people type.
 *
 * Names that begin with \Device\, \??\ or another directory of the object namespace (a single leading backslash
 * followed by one of them) are taken as they are; everything else is a DOS path relative to the current directory.
 */
#include "base/lib/native.h"

static NTSTATUS ResolvePath(PCWSTR DosPath, PUNICODE_STRING NtPath)
{
    static const PCWSTR NativeRoots[] = { L"\\Device\\", L"\\??\\", L"\\GLOBAL??\\", L"\\SystemRoot\\" };

    for (ULONG i = 0; i < ARRAYSIZE(NativeRoots); i++)
        if (_wcsnicmp(DosPath, NativeRoots[i], wcslen(NativeRoots[i])) == 0)
            return RtlCreateUnicodeString(NtPath, DosPath) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    return RtlDosPathNameToNtPathName_U_WithStatus(DosPath, NtPath, NULL, NULL);
}

NTSTATUS OpenPath(PCWSTR DosPath, ACCESS_MASK Access, ULONG Disposition, ULONG Options, PHANDLE File)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    *File = NULL;
    Status = ResolvePath(DosPath, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtCreateFile(File, Access | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL,
                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, Disposition,
                          Options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
    RtlFreeUnicodeString(&Name);
    return Status;
}

NTSTATUS QueryPathAttributes(PCWSTR DosPath, PULONG FileAttributes)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    FILE_BASIC_INFORMATION Information;
    NTSTATUS Status;

    *FileAttributes = 0;
    Status = ResolvePath(DosPath, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtQueryAttributesFile(&Attributes, &Information);
    if (NT_SUCCESS(Status))
        *FileAttributes = Information.FileAttributes;
    RtlFreeUnicodeString(&Name);
    return Status;
}

NTSTATUS ReadBytes(HANDLE File, void *Buffer, ULONG Length, PULONG BytesRead)
{
    IO_STATUS_BLOCK IoStatus = { 0 };
    NTSTATUS Status = NtReadFile(File, NULL, NULL, NULL, &IoStatus, Buffer, Length, NULL, NULL);

    if (Status == STATUS_PENDING) {
        NtWaitForSingleObject(File, FALSE, NULL);
        Status = IoStatus.Status;
    }
    *BytesRead = NT_SUCCESS(Status) ? (ULONG)IoStatus.Information : 0;
    return Status;
}
