/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hives of files: NtLoadKey, NtUnloadKey, NtSaveKey, and the writing back of a loaded hive (NtFlushKey, unload).
 *
 * A CM_HIVE is a loaded tree, its file and its log (the file's name with .LOG1 behind it).  The file holds the state
 * of the last flush, or the one before if that was cut off (hivestore.c); changes since then are in memory only. 
 * Loaded hives are listed in Control\hivelist, as on Windows.
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

typedef struct _CM_HIVE {
    LIST_ENTRY Link;                    /* CmpHives */
    PCM_KEY Root;                       /* referenced */
    CM_HIVE_STORE Store;                /* Primary and Log are FILE_OBJECTs, referenced */
    HANDLE PrimaryHandle, LogHandle;    /* ntos's: nobody else opens the files while the hive is loaded */
    BOOLEAN Dirty;
} CM_HIVE, *PCM_HIVE;

static LIST_ENTRY CmpHives = { &CmpHives, &CmpHives };

static const WCHAR CmpHiveListPath[] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\hivelist";

/* --- files ---------------------------------------------------------------------------------------------------- */

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

static const CM_HIVE_FILE CmpFiles = { CmpFileRead, CmpFileWrite, CmpFileFlush, CmpFileSetSize, CmpFileSize };

/*
 * Opens a file for the hive alone.  Attributes are the program's with UserMode, ntos's else; the handle is ntos's.
 */
static NTSTATUS CmpOpenFile(POBJECT_ATTRIBUTES Attributes, ULONG Disposition, KPROCESSOR_MODE Mode, PHANDLE Handle,
        PVOID *File)
{
    LARGE_INTEGER Allocation = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb;
    HANDLE First;
    NTSTATUS Status;

    Status = IoCreateFile(&First, FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE, Attributes, &Iosb, &Allocation,
                          FILE_ATTRIBUTE_NORMAL, 0, Disposition,
                          FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, Mode);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(First, FILE_READ_DATA | FILE_WRITE_DATA, IoFileObjectType, Mode, File, NULL);
    if (NT_SUCCESS(Status)) {
        Status = ObOpenObjectByPointer(*File, OBJ_KERNEL_HANDLE, NULL, FILE_READ_DATA | FILE_WRITE_DATA,
                                       IoFileObjectType, KernelMode, Handle);
        if (!NT_SUCCESS(Status)) {
            ObDereferenceObject(*File);
            *File = NULL;
        }
    }
    ObCloseHandle(First, Mode);
    return Status;
}

static VOID CmpCloseFile(HANDLE Handle, PVOID File)
{
    if (File == NULL)
        return;
    ObCloseHandle(Handle, KernelMode);
    ObDereferenceObject(File);
}

/* The full name of an open file with Suffix behind it, in pool. */
static NTSTATUS CmpFileName(PFILE_OBJECT File, PCWSTR Suffix, POBJECT_NAME_INFORMATION *Name)
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

static NTSTATUS CmpOpenLog(PCM_HIVE Hive)
{
    POBJECT_NAME_INFORMATION Name;
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status = CmpFileName(Hive->Store.Primary, L".LOG1", &Name);

    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name->Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    Status = CmpOpenFile(&Attributes, FILE_OPEN_IF, KernelMode, &Hive->LogHandle, &Hive->Store.Log);
    ExFreePoolWithTag(Name, CM_TAG_HIVE);
    return Status;
}

/* --- the list of hives ---------------------------------------------------------------------------------------- */

/* Sets or deletes the hive's value in Control\hivelist; a list that cannot be kept is only a list. */
static VOID CmpListHive(PCM_HIVE Hive, BOOLEAN Loaded)
{
    ULONG PathLength = CmpKeyPath(Hive->Root, NULL);
    POBJECT_NAME_INFORMATION File = NULL;
    PWCHAR Path = ExAllocatePoolWithTag(PagedPool, PathLength, CM_TAG_HIVE);
    UNICODE_STRING Name = { (USHORT)PathLength, (USHORT)PathLength, Path };
    PCM_KEY List;

    if (Path == NULL)
        return;
    CmpKeyPath(Hive->Root, Path);
    if (PathLength <= CM_MAXIMUM_VALUE_NAME && NT_SUCCESS(CmCreateKey(CmpHiveListPath, &List))) {
        if (!Loaded)
            CmpDeleteValue(List, &Name);
        else if (NT_SUCCESS(CmpFileName(Hive->Store.Primary, L"", &File)))
            CmpSetValue(List, &Name, REG_SZ, File->Name.Buffer, File->Name.Length + sizeof(WCHAR));
        CmCloseKey(List);
    }
    if (File != NULL)
        ExFreePoolWithTag(File, CM_TAG_HIVE);
    ExFreePoolWithTag(Path, CM_TAG_HIVE);
}

static PCM_HIVE CmpFindHive(PCM_KEY Root)
{
    for (PLIST_ENTRY Link = CmpHives.Flink; Link != &CmpHives; Link = Link->Flink) {
        PCM_HIVE Hive = CONTAINING_RECORD(Link, CM_HIVE, Link);

        if (Hive->Root == Root)
            return Hive;
    }
    return NULL;
}

VOID CmpMarkHiveDirty(PCM_KEY Root)
{
    PCM_HIVE Hive = CmpFindHive(Root);

    if (Hive != NULL)
        Hive->Dirty = TRUE;
}

static NTSTATUS CmpFlushHive(PCM_HIVE Hive)
{
    LARGE_INTEGER Now;
    PVOID Image;
    ULONG Length;
    NTSTATUS Status;

    if (!Hive->Dirty)
        return STATUS_SUCCESS;
    Status = CmpMakeImage(Hive->Root, &Image, &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    KeQuerySystemTime(&Now);
    Status = CmpWriteHiveStore(&Hive->Store, Image, Length, Now.QuadPart);
    if (!NT_SUCCESS(Status)) {
        LogPrint("a hive could not be written: %lx", Status);
        return STATUS_REGISTRY_IO_FAILED;
    }
    Hive->Dirty = FALSE;
    return STATUS_SUCCESS;
}

NTSTATUS CmpFlushHiveOf(PCM_KEY Key)
{
    for (; Key != NULL; Key = Key->Parent) {
        PCM_HIVE Hive = Key->Flags & CM_KEY_HIVE ? CmpFindHive(Key) : NULL;

        if (Hive != NULL)
            return CmpFlushHive(Hive);
    }
    return STATUS_SUCCESS;
}

/* --- load and unload ------------------------------------------------------------------------------------------ */

static VOID CmpFreeHive(PCM_HIVE Hive)
{
    CmpCloseHiveStore(&Hive->Store);
    CmpCloseFile(Hive->LogHandle, Hive->Store.Log);
    CmpCloseFile(Hive->PrimaryHandle, Hive->Store.Primary);
    ExFreePoolWithTag(Hive, CM_TAG_HIVE);
}

/* Opens the files and reads the tree: Hive->Root has one reference and no parent. */
static NTSTATUS CmpOpenHive(POBJECT_ATTRIBUTES SourceFile, PCM_HIVE *Result)
{
    PCM_HIVE Hive = ExAllocatePoolZero(PagedPool, sizeof(*Hive), CM_TAG_HIVE);
    NTSTATUS Status;

    if (Hive == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Hive->Store.Memory = &CmpPoolMemory;
    Hive->Store.File = &CmpFiles;
    Status = CmpOpenFile(SourceFile, FILE_OPEN, UserMode, &Hive->PrimaryHandle, &Hive->Store.Primary);
    if (NT_SUCCESS(Status))
        Status = CmpOpenLog(Hive);
    if (NT_SUCCESS(Status))
        Status = CmpOpenHiveStore(&Hive->Store);
    if (NT_SUCCESS(Status))
        Status = CmpReadTree(Hive->Store.Image, Hive->Store.ImageLength, &Hive->Root);
    if (!NT_SUCCESS(Status)) {
        CmpFreeHive(Hive);
        return Status;
    }
    *Result = Hive;
    return STATUS_SUCCESS;
}

/* The tree gets its place; the name goes through the usual way of a name that creates a key. */
static NTSTATUS CmpPlaceHive(POBJECT_ATTRIBUTES TargetKey, PCM_HIVE Hive)
{
    CM_PARSE_CONTEXT Context = { .Hive = Hive->Root };
    HANDLE Handle;
    NTSTATUS Status;

    Status = ObOpenObjectByName(TargetKey, CmKeyObjectType, UserMode, NULL, KEY_READ, &Context, &Handle);
    if (NT_SUCCESS(Status))
        ObCloseHandle(Handle, UserMode);
    /* Linked, but not to be opened by this caller: the hive is loaded all the same, as NT does. */
    if (Context.Disposition == REG_CREATED_NEW_KEY)
        return STATUS_SUCCESS;
    return NT_SUCCESS(Status) ? STATUS_OBJECT_NAME_COLLISION : Status;
}

/*
 * Source: Microsoft, "ZwLoadKey".  STATUS_PRIVILEGE_NOT_HELD (SeRestorePrivilege), STATUS_REGISTRY_CORRUPT,
 * STATUS_OBJECT_NAME_COLLISION, STATUS_INVALID_PARAMETER (not directly below Machine or User), statuses of
 * NtCreateFile.
 */
NTSTATUS NTAPI NtLoadKey(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile)
{
    PCM_HIVE Hive;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpOpenHive(SourceFile, &Hive);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpPlaceHive(TargetKey, Hive);
    if (!NT_SUCCESS(Status)) {
        CmpUnlinkTree(Hive->Root);
        CmpFreeHive(Hive);
        return Status;
    }
    Hive->Root->Flags |= CM_KEY_HIVE | CM_KEY_NO_DELETE;
    InsertTailList(&CmpHives, &Hive->Link);
    CmpListHive(Hive, TRUE);
    return STATUS_SUCCESS;
}

/* References of a hive's root besides its place: the CM_HIVE's, and the handle's that asks. */
#define CMP_ROOT_REFERENCES 2

static NTSTATUS CmpUnloadHive(PCM_KEY Root)
{
    PCM_HIVE Hive = CmpFindHive(Root);
    NTSTATUS Status;

    if (Hive == NULL)
        return STATUS_INVALID_PARAMETER;
    if (CmpIsTreeInUse(Root, CMP_ROOT_REFERENCES))
        return STATUS_CANNOT_DELETE;
    /* What was changed must not be lost: a hive that cannot be written stays. */
    Status = CmpFlushHive(Hive);
    if (!NT_SUCCESS(Status))
        return Status;
    CmpListHive(Hive, FALSE);
    RemoveEntryList(&Hive->Link);
    CmpUnlinkTree(Root);
    CmpDereferenceKey(Root);
    CmpFreeHive(Hive);
    return STATUS_SUCCESS;
}

/*
 * Source: Microsoft, "RegUnLoadKey".  STATUS_PRIVILEGE_NOT_HELD, STATUS_CANNOT_DELETE (keys of it are open),
 * STATUS_INVALID_PARAMETER (no hive starts there), STATUS_REGISTRY_IO_FAILED.
 */
NTSTATUS NTAPI NtUnloadKey(POBJECT_ATTRIBUTES TargetKey)
{
    PCM_KEY_BODY Body;
    HANDLE Handle;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = ObOpenObjectByName(TargetKey, CmKeyObjectType, UserMode, NULL, 0, NULL, &Handle);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReferenceBody(Handle, 0, &Body);
    if (NT_SUCCESS(Status)) {
        Status = CmpUnloadHive(Body->Key);
        ObDereferenceObject(Body);
    }
    ObCloseHandle(Handle, UserMode);
    return Status;
}

/* --- save ----------------------------------------------------------------------------------------------------- */

static NTSTATUS CmpSaveTree(PCM_KEY Root, PFILE_OBJECT File)
{
    LARGE_INTEGER Now;
    PVOID Image;
    ULONG Length;
    NTSTATUS Status = CmpMakeImage(Root, &Image, &Length);

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

/* Source: Microsoft, "ZwSaveKey".  STATUS_PRIVILEGE_NOT_HELD (SeBackupPrivilege); volatile keys are left out. */
NTSTATUS NTAPI NtSaveKey(HANDLE KeyHandle, HANDLE FileHandle)
{
    PCM_KEY_BODY Body;
    PFILE_OBJECT File;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpReferenceBody(KeyHandle, 0, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(FileHandle, FILE_WRITE_DATA, IoFileObjectType, UserMode, (PVOID *)&File, NULL);
    if (NT_SUCCESS(Status)) {
        Status = CmpSaveTree(Body->Key, File);
        ObDereferenceObject(File);
    }
    ObDereferenceObject(Body);
    return Status;
}
