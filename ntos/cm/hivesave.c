/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a tree is written to: NtSaveKey(Ex), NtSaveMergedKeys; NtCompactKeys and NtCompressKey, which make a hive small: an image has no
 * gaps, since each is made of the whole tree (hivebuild.c).
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

static NTSTATUS CmpSaveTrees(PCM_KEY High, PCM_KEY Low, ULONG Minor, PFILE_OBJECT File)
{
    LARGE_INTEGER Now;
    PVOID Image;
    ULONG Length;
    NTSTATUS Status = CmpMakeImage(High, Low, Minor, &Image, &Length);

    if (!NT_SUCCESS(Status))
        return Status;
    KeQuerySystemTime(&Now);
    CmpSealBaseBlock(Image, 1, 1, Now.QuadPart);
    Status = IoSetFileSize(File, Length);
    if (NT_SUCCESS(Status))
        Status = IoWriteFile(File, 0, Image, Length);
    CmpPoolMemory.Free(Image);
    return Status;
}

static NTSTATUS CmpReferenceTarget(HANDLE FileHandle, PFILE_OBJECT *File)
{
    return ObReferenceObjectByHandle(FileHandle, FILE_WRITE_DATA, IoFileObjectType, UserMode, (PVOID *)File, NULL);
}

/* A key with hives below it is none that a hive could hold. */
static BOOLEAN CmpHoldsHives(PCM_KEY Key)
{
    return Key == CmpRoot || Key->Parent == CmpRoot;
}

/*
 * Source: Microsoft, "ZwSaveKeyEx", "RegSaveKeyEx".  STATUS_PRIVILEGE_NOT_HELD (SeBackupPrivilege), STATUS_ACCESS_DENIED (Machine, User);
 * volatile keys are left out.
 */
NTSTATUS NTAPI NtSaveKeyEx(HANDLE KeyHandle, HANDLE FileHandle, ULONG Format)
{
    ULONG Minor = Format == REG_STANDARD_FORMAT ? HBASE_MINOR_STANDARD : HBASE_MINOR;
    PCM_KEY_BODY Body;
    PFILE_OBJECT File;
    NTSTATUS Status;

    if (Format != REG_STANDARD_FORMAT && Format != REG_LATEST_FORMAT && Format != REG_NO_COMPRESSION)
        return STATUS_INVALID_PARAMETER;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpReferenceBody(KeyHandle, 0, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReferenceTarget(FileHandle, &File);
    if (NT_SUCCESS(Status)) {
        if (CmpHoldsHives(Body->Key))
            Status = STATUS_ACCESS_DENIED;
        else if (Format == REG_NO_COMPRESSION && !(Body->Key->Flags & CM_KEY_HIVE))
            Status = STATUS_INVALID_PARAMETER;
        else
            Status = CmpSaveTrees(Body->Key, NULL, Minor, File);
        ObDereferenceObject(File);
    }
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS NTAPI NtSaveKey(HANDLE KeyHandle, HANDLE FileHandle)
{
    return NtSaveKeyEx(KeyHandle, FileHandle, REG_STANDARD_FORMAT);
}

NTSTATUS NTAPI NtSaveMergedKeys(HANDLE HighPrecedenceKeyHandle, HANDLE LowPrecedenceKeyHandle, HANDLE FileHandle)
{
    PCM_KEY_BODY High = NULL, Low = NULL;
    PFILE_OBJECT File = NULL;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpReferenceBody(HighPrecedenceKeyHandle, 0, &High);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(LowPrecedenceKeyHandle, 0, &Low);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceTarget(FileHandle, &File);
    if (NT_SUCCESS(Status)) {
        if (CmpHoldsHives(High->Key) || CmpHoldsHives(Low->Key))
            Status = STATUS_ACCESS_DENIED;
        else if (CmpHiveOf(High->Key) == CmpHiveOf(Low->Key))
            Status = STATUS_INVALID_PARAMETER;
        else
            Status = CmpSaveTrees(High->Key, Low->Key, HBASE_MINOR_STANDARD, File);
    }
    if (File != NULL)
        ObDereferenceObject(File);
    if (Low != NULL)
        ObDereferenceObject(Low);
    if (High != NULL)
        ObDereferenceObject(High);
    return Status;
}

/* The hive of a handle's key; STATUS_INVALID_PARAMETER: it is in none. */
static NTSTATUS CmpWritableHive(HANDLE KeyHandle, PCM_HIVE *Hive)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status = CmpReferenceBody(KeyHandle, KEY_WRITE, &Body);

    if (!NT_SUCCESS(Status))
        return Status;
    *Hive = CmpHiveOf(Body->Key);
    ObDereferenceObject(Body);
    return *Hive == NULL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

/* The cells of the keys lie together in what the next flush writes, and without gaps. */
NTSTATUS NTAPI NtCompactKeys(ULONG Count, HANDLE *KeyArray)
{
    PCM_HIVE First = NULL;

    for (ULONG i = 0; i < Count; i++) {
        PCM_HIVE Hive;
        HANDLE Key;
        NTSTATUS Status = MmGetUser(&Key, &KeyArray[i]);

        if (NT_SUCCESS(Status))
            Status = CmpWritableHive(Key, &Hive);
        if (NT_SUCCESS(Status) && First != NULL && Hive != First)
            Status = STATUS_INVALID_PARAMETER;
        if (!NT_SUCCESS(Status))
            return Status;
        First = Hive;
    }
    if (First != NULL)
        First->Dirty = TRUE;
    return STATUS_SUCCESS;
}

/* STATUS_PRIVILEGE_NOT_HELD (SeBackupPrivilege). */
NTSTATUS NTAPI NtCompressKey(HANDLE KeyHandle)
{
    PCM_KEY_BODY Body;
    PCM_HIVE Hive;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpWaitForThaw();
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KEY_WRITE, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Hive = CmpHiveOf(Body->Key);
    Status = STATUS_INVALID_PARAMETER;
    if (Hive != NULL && Hive->Root == Body->Key) {
        Hive->Dirty = TRUE;
        Status = CmpFlushHive(Hive);
    }
    ObDereferenceObject(Body);
    return Status;
}
