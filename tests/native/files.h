/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening and removing files, for programs that test the volume.  File handles are synchronous.
 */
#pragma once

#include "base/lib/native.h"

#define ALL_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static IO_STATUS_BLOCK Iosb;    /* of the last call */

static inline NTSTATUS OpenName(HANDLE Root, PUNICODE_STRING Name, ACCESS_MASK Access, ULONG Share, ULONG Disposition,
        ULONG Options, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;

    *File = NULL;
    InitializeObjectAttributes(&Attributes, Name, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtCreateFile(File, Access | SYNCHRONIZE, &Attributes, &Iosb, NULL, FILE_ATTRIBUTE_NORMAL, Share, Disposition,
                        Options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
}

static inline NTSTATUS OpenAt(HANDLE Root, PCWSTR Name, ACCESS_MASK Access, ULONG Share, ULONG Disposition, ULONG Options,
        PHANDLE File)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return OpenName(Root, &String, Access, Share, Disposition, Options, File);
}

static inline NTSTATUS Remove(PCWSTR Name)
{
    HANDLE File;
    NTSTATUS Status = OpenAt(NULL, Name, DELETE, ALL_SHARE, FILE_OPEN, FILE_DELETE_ON_CLOSE, &File);

    if (NT_SUCCESS(Status))
        NtClose(File);
    return Status;
}

static inline BOOLEAN Exists(PCWSTR Name)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Attributes;
    FILE_BASIC_INFORMATION Basic;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NT_SUCCESS(NtQueryAttributesFile(&Attributes, &Basic));
}
