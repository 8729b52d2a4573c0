/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hives of files: NtLoadKey, NtUnloadKey, NtSaveKey, and the writing back of a loaded hive (NtFlushKey, unload).
 *
 * A CM_HIVE is a loaded tree, its file and its log (the file's name with .LOG1 behind it).  The file holds the state
 * of the last flush, or the one before if that was cut off (hivestore.c); changes since then are in memory only.
 * The machine's own hives come from registry text (init.c); their files are made by the first flush.  Hives with files
 * are listed in Control\hivelist, as on Windows.
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

static LIST_ENTRY CmpHives = { &CmpHives, &CmpHives };

static const WCHAR CmpHiveListPath[] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\hivelist";

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
        else if (NT_SUCCESS(CmpHiveFileName(Hive->Store.Primary, L"", &File)))
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

static PCM_HIVE CmpAllocateHive(VOID)
{
    PCM_HIVE Hive = ExAllocatePoolZero(PagedPool, sizeof(*Hive), CM_TAG_HIVE);

    if (Hive == NULL)
        return NULL;
    Hive->Store.Memory = &CmpPoolMemory;
    Hive->Store.File = &CmpHiveFiles;
    return Hive;
}

/* The files of one of the machine's hives, empty. */
static NTSTATUS CmpMakeHiveFiles(PCM_HIVE Hive)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    NTSTATUS Status;

    RtlInitUnicodeString(&Name, Hive->FileName);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    Status = CmpOpenHiveFile(&Attributes, FILE_OVERWRITE_IF, KernelMode, &Hive->PrimaryHandle, &Hive->Store.Primary);
    if (NT_SUCCESS(Status))
        Status = CmpOpenHiveLog(Hive);
    if (!NT_SUCCESS(Status)) {
        LogPrint("the hive %S has no files: %lx", Hive->FileName, Status);
        CmpCloseHiveFiles(Hive);
        return STATUS_REGISTRY_IO_FAILED;
    }
    Hive->FileName = NULL;
    CmpListHive(Hive, TRUE);
    return STATUS_SUCCESS;
}

static NTSTATUS CmpFlushHive(PCM_HIVE Hive)
{
    LARGE_INTEGER Now;
    PVOID Image;
    ULONG Length;
    NTSTATUS Status;

    if (!Hive->Dirty)
        return STATUS_SUCCESS;
    Status = Hive->FileName != NULL ? CmpMakeHiveFiles(Hive) : STATUS_SUCCESS;
    if (!NT_SUCCESS(Status))
        return Status;
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

VOID CmShutdownSystem(VOID)
{
    for (PLIST_ENTRY Link = CmpHives.Flink; Link != &CmpHives; Link = Link->Flink) {
        PCM_HIVE Hive = CONTAINING_RECORD(Link, CM_HIVE, Link);

        /* One that nobody has flushed has no files: the machine keeps nothing of it anyway. */
        if (Hive->FileName == NULL)
            (VOID)CmpFlushHive(Hive);
    }
}

/* --- the machine's hives -------------------------------------------------------------------------------------- */

static NTSTATUS CmpAttachHive(PCWSTR Path, PCWSTR FileName)
{
    PCM_HIVE Hive = CmpAllocateHive();
    NTSTATUS Status;

    if (Hive == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = CmCreateKey(Path, &Hive->Root);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(Hive, CM_TAG_HIVE);
        return Status;
    }
    Hive->FileName = FileName;
    Hive->Dirty = Hive->Machine = TRUE;
    Hive->Root->Flags |= CM_KEY_HIVE | CM_KEY_NO_DELETE;
    InsertTailList(&CmpHives, &Hive->Link);
    return STATUS_SUCCESS;
}

NTSTATUS CmpAttachMachineHives(VOID)
{
    NTSTATUS Status = CmpAttachHive(L"\\Registry\\Machine\\System", L"\\SystemRoot\\System32\\config\\SYSTEM");

    if (NT_SUCCESS(Status))
        Status = CmpAttachHive(L"\\Registry\\Machine\\Software", L"\\SystemRoot\\System32\\config\\SOFTWARE");
    if (NT_SUCCESS(Status))
        Status = CmpAttachHive(L"\\Registry\\User\\.Default", L"\\SystemRoot\\System32\\config\\DEFAULT");
    return Status;
}

/* --- load and unload ------------------------------------------------------------------------------------------ */

static VOID CmpFreeHive(PCM_HIVE Hive)
{
    CmpCloseHiveStore(&Hive->Store);
    CmpCloseHiveFiles(Hive);
    ExFreePoolWithTag(Hive, CM_TAG_HIVE);
}

/* Opens the files and reads the tree: Hive->Root has one reference and no parent. */
static NTSTATUS CmpOpenHive(POBJECT_ATTRIBUTES SourceFile, PCM_HIVE *Result)
{
    PCM_HIVE Hive = CmpAllocateHive();
    NTSTATUS Status;

    if (Hive == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = CmpOpenHiveFile(SourceFile, FILE_OPEN, UserMode, &Hive->PrimaryHandle, &Hive->Store.Primary);
    if (NT_SUCCESS(Status))
        Status = CmpOpenHiveLog(Hive);
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

/* What TargetKey points to can be read, and its root is a key: known before the file is opened, as the place itself is not. */
static NTSTATUS CmpCheckTarget(POBJECT_ATTRIBUTES TargetKey)
{
    OBJECT_CREATE_INFORMATION Captured;
    PVOID Root;
    NTSTATUS Status;

    if (TargetKey == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = ObpCaptureObjectAttributes(UserMode, TargetKey, &Captured);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Captured.RootDirectory != NULL) {
        Status = ObReferenceObjectByHandle(Captured.RootDirectory, 0, CmKeyObjectType, UserMode, &Root, NULL);
        if (NT_SUCCESS(Status))
            ObDereferenceObject(Root);
    }
    ObpReleaseObjectAttributes(&Captured);
    return Status;
}

/*
 * In this order: the privilege, TargetKey as it stands, the file, the key's place.
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
    Status = CmpCheckTarget(TargetKey);
    if (NT_SUCCESS(Status))
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
    if (Hive->Machine || CmpIsTreeInUse(Root, CMP_ROOT_REFERENCES))
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
 * Source: Microsoft, "RegUnLoadKey".  STATUS_PRIVILEGE_NOT_HELD, STATUS_CANNOT_DELETE (keys of it are open, or it is one of
 * the machine's),
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
