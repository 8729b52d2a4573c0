/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hives of files: NtLoadKey(2, Ex), NtUnloadKey(2, Ex), and the writing back of a loaded hive (NtFlushKey, unload).
 *
 * A CM_HIVE is a loaded tree, its file and its log (the file's name with .LOG1 behind it).  The file holds the state
 * of the last flush, or the one before if that was cut off (hivestore.c); changes since then are in memory only.
 * The machine's own hives come from registry text (init.c); their files are made by the first flush.  Hives with files
 * are listed in Control\hivelist, as on Windows.
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

LIST_ENTRY CmpHives = { &CmpHives, &CmpHives };
/* How many of them wait for their last open to go. */
static ULONG CmpLateHives;

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

PCM_HIVE CmpHiveOf(PCM_KEY Key)
{
    while (Key != NULL && !(Key->Flags & CM_KEY_HIVE))
        Key = Key->Parent;
    return Key != NULL ? CmpFindHive(Key) : NULL;
}

static VOID CmpAddHive(PCM_HIVE Hive)
{
    Hive->Root->Flags |= CM_KEY_HIVE | CM_KEY_NO_DELETE;
    InsertTailList(&CmpHives, &Hive->Link);
}

NTSTATUS CmpMakeVolatileHive(PCM_KEY Root)
{
    PCM_HIVE Hive = CmpAllocateHive();

    if (Hive == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    CmpReferenceKey(Root);
    Hive->Root = Root;
    Hive->NoFiles = TRUE;
    CmpAddHive(Hive);
    return STATUS_SUCCESS;
}

/* The files of one of the machine's hives, empty. */
static NTSTATUS CmpMakeHiveFiles(PCM_HIVE Hive)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    NTSTATUS Status;

    RtlInitUnicodeString(&Name, Hive->FileName);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    Status = CmpOpenHiveFile(&Attributes, FILE_READ_DATA | FILE_WRITE_DATA, FILE_OVERWRITE_IF, KernelMode,
                             &Hive->PrimaryHandle, &Hive->Store.Primary, NULL);
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

NTSTATUS CmpFlushHive(PCM_HIVE Hive)
{
    LARGE_INTEGER Now;
    PVOID Image;
    ULONG Length;
    NTSTATUS Status;

    if (!Hive->Dirty || Hive->NoFiles)
        return STATUS_SUCCESS;
    Status = Hive->FileName != NULL ? CmpMakeHiveFiles(Hive) : STATUS_SUCCESS;
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpMakeImage(Hive->Root, NULL, HBASE_MINOR, &Image, &Length);
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

NTSTATUS CmpFlushAllHives(VOID)
{
    NTSTATUS Result = STATUS_SUCCESS;

    for (PLIST_ENTRY Link = CmpHives.Flink; Link != &CmpHives; Link = Link->Flink) {
        PCM_HIVE Hive = CONTAINING_RECORD(Link, CM_HIVE, Link);
        /* One that nobody has flushed has no files: the machine keeps nothing of it anyway. */
        NTSTATUS Status = Hive->FileName == NULL ? CmpFlushHive(Hive) : STATUS_SUCCESS;

        if (!NT_SUCCESS(Status))
            Result = Status;
    }
    return Result;
}

VOID CmShutdownSystem(VOID)
{
    (VOID)CmpFlushAllHives();
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
    CmpAddHive(Hive);
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

#define CMP_LOAD_FLAGS (REG_NO_LAZY_FLUSH | REG_APP_HIVE | REG_PROCESS_PRIVATE | REG_HIVE_EXACT_FILE_GROWTH | REG_HIVE_NO_RM | \
                        REG_HIVE_SINGLE_LOG | REG_LOAD_HIVE_OPEN_HANDLE | REG_FLUSH_HIVE_FILE_GROWTH | REG_OPEN_READ_ONLY | \
                        REG_IMMUTABLE | REG_NO_IMPERSONATION_FALLBACK)

static VOID CmpFreeHive(PCM_HIVE Hive)
{
    if (Hive->Event != NULL)
        ObDereferenceObject(Hive->Event);
    CmpCloseHiveStore(&Hive->Store);
    CmpCloseHiveFiles(Hive);
    ExFreePoolWithTag(Hive, CM_TAG_HIVE);
}

/* A file that was made for the hive gets a root. */
static NTSTATUS CmpFillHiveFile(PCM_HIVE Hive)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"ROOT");
    LARGE_INTEGER Now;
    PVOID Image;
    ULONG Length;
    NTSTATUS Status;

    Hive->Root = CmpAllocateKey(&Name, NULL, 0);
    if (Hive->Root == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = CmpMakeImage(Hive->Root, NULL, HBASE_MINOR, &Image, &Length);
    if (NT_SUCCESS(Status)) {
        KeQuerySystemTime(&Now);
        Status = CmpWriteHiveStore(&Hive->Store, Image, Length, Now.QuadPart);
    }
    if (!NT_SUCCESS(Status))
        CmpUnlinkTree(Hive->Root);
    return Status;
}

static NTSTATUS CmpReadHiveFile(PCM_HIVE Hive)
{
    NTSTATUS Status = CmpOpenHiveStore(&Hive->Store);

    if (NT_SUCCESS(Status))
        Status = CmpReadTree(Hive->Store.Image, Hive->Store.ImageLength, &Hive->Root);
    return Status;
}

/* Opens the files and reads the tree: Hive->Root has one reference and no parent. */
static NTSTATUS CmpOpenHive(POBJECT_ATTRIBUTES SourceFile, PCM_HIVE Hive)
{
    BOOLEAN ReadOnly = (Hive->Flags & (REG_OPEN_READ_ONLY | REG_IMMUTABLE)) != 0;
    BOOLEAN Created = FALSE;
    NTSTATUS Status;

    Status = CmpOpenHiveFile(SourceFile, ReadOnly ? FILE_READ_DATA : FILE_READ_DATA | FILE_WRITE_DATA,
                             ReadOnly ? FILE_OPEN : FILE_OPEN_IF, UserMode, &Hive->PrimaryHandle, &Hive->Store.Primary,
                             &Created);
    Hive->NoFiles = ReadOnly;
    if (NT_SUCCESS(Status) && !ReadOnly)
        Status = CmpOpenHiveLog(Hive);
    if (NT_SUCCESS(Status))
        Status = Created ? CmpFillHiveFile(Hive) : CmpReadHiveFile(Hive);
    return Status;
}

/* Nothing in the tree can be changed any more. */
static VOID CmpLockTree(PCM_KEY Root)
{
    for (PCM_KEY Key = Root; Key != NULL; Key = CmpNextInTree(Root, Key))
        Key->Flags |= CM_KEY_READ_ONLY;
}

/* The tree gets its place; the name goes through the usual way of a name that creates a key.  Handle may be NULL. */
static NTSTATUS CmpPlaceHive(POBJECT_ATTRIBUTES TargetKey, PCM_HIVE Hive, ACCESS_MASK Access, PHANDLE Handle)
{
    CM_PARSE_CONTEXT Context = { .Hive = Hive->Root, .Application = (Hive->Flags & REG_APP_HIVE) != 0 };
    HANDLE First = NULL;
    NTSTATUS Status;

    Status = ObOpenObjectByName(TargetKey, CmKeyObjectType, UserMode, NULL, Access, &Context, &First);
    if (NT_SUCCESS(Status) && Context.Disposition == REG_CREATED_NEW_KEY && Handle != NULL) {
        *Handle = First;
        return STATUS_SUCCESS;
    }
    if (NT_SUCCESS(Status))
        ObCloseHandle(First, UserMode);
    /* Linked, but not to be opened by this caller: the hive is loaded all the same, as NT does. */
    if (Context.Disposition == REG_CREATED_NEW_KEY)
        return Handle == NULL ? STATUS_SUCCESS : Status;
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

/* A tree that may have got its place, and a reference of its own for that. */
static VOID CmpDropTree(PCM_KEY Root)
{
    BOOLEAN Linked = Root->Parent != NULL;

    CmpUnlinkTree(Root);
    if (Linked)
        CmpDereferenceKey(Root);
}

/* Opens and places the hive, which goes if that fails.  Handle NULL: nobody wants one. */
static NTSTATUS CmpLoadHive(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile, PCM_HIVE Hive,
        ACCESS_MASK Access, PHANDLE Handle)
{
    NTSTATUS Status = CmpOpenHive(SourceFile, Hive);

    if (NT_SUCCESS(Status)) {
        Status = CmpPlaceHive(TargetKey, Hive, Access, Handle);
        if (!NT_SUCCESS(Status))
            CmpDropTree(Hive->Root);
    }
    if (!NT_SUCCESS(Status)) {
        CmpFreeHive(Hive);
        return Status;
    }
    if (Hive->Flags & REG_IMMUTABLE)
        CmpLockTree(Hive->Root);
    CmpAddHive(Hive);
    if (Hive->Flags & REG_APP_HIVE) {
        Hive->Late = TRUE;
        CmpLateHives++;
    } else {
        CmpListHive(Hive, TRUE);
    }
    return STATUS_SUCCESS;
}

/* An application's hive of the same file, which any application may share: by the file's name, as it cannot be opened again. */
static PCM_HIVE CmpFindApplicationHive(POBJECT_ATTRIBUTES SourceFile)
{
    POBJECT_NAME_INFORMATION Name = NULL, Other;
    PCM_HIVE Found = NULL;
    IO_STATUS_BLOCK Iosb;
    HANDLE Handle;
    PVOID File;

    if (!NT_SUCCESS(IoCreateFile(&Handle, FILE_READ_ATTRIBUTES | SYNCHRONIZE, SourceFile, &Iosb, NULL, 0, FILE_SHARE_READ |
                                 FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, FILE_NON_DIRECTORY_FILE, UserMode)))
        return NULL;
    if (NT_SUCCESS(ObReferenceObjectByHandle(Handle, 0, IoFileObjectType, UserMode, &File, NULL))) {
        (VOID)CmpHiveFileName(File, L"", &Name);
        ObDereferenceObject(File);
    }
    ObCloseHandle(Handle, UserMode);
    for (PLIST_ENTRY Link = CmpHives.Flink; Name != NULL && Found == NULL && Link != &CmpHives; Link = Link->Flink) {
        PCM_HIVE Hive = CONTAINING_RECORD(Link, CM_HIVE, Link);

        if (!(Hive->Flags & REG_APP_HIVE) || !NT_SUCCESS(CmpHiveFileName(Hive->Store.Primary, L"", &Other)))
            continue;
        if (RtlEqualUnicodeString(&Name->Name, &Other->Name, TRUE))
            Found = Hive;
        ExFreePoolWithTag(Other, CM_TAG_HIVE);
    }
    if (Name != NULL)
        ExFreePoolWithTag(Name, CM_TAG_HIVE);
    return Found;
}

/* An event or a key, both of which may be NULL. */
static NTSTATUS CmpReferenceOptional(HANDLE Handle, ACCESS_MASK Access, POBJECT_TYPE Type, PVOID *Object)
{
    *Object = NULL;
    return Handle != NULL ? ObReferenceObjectByHandle(Handle, Access, Type, UserMode, Object, NULL) : STATUS_SUCCESS;
}

/* DIFFERS: a hive of any trust may link to any other, so that the class only has to be one. */
static NTSTATUS CmpCheckTrustClass(HANDLE TrustClassKey)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (TrustClassKey == NULL)
        return STATUS_SUCCESS;
    Status = CmpReferenceBody(TrustClassKey, 0, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    if (CmpHiveOf(Body->Key) == NULL)
        Status = STATUS_INVALID_PARAMETER;
    ObDereferenceObject(Body);
    return Status;
}

static NTSTATUS CmpLoad(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile, ULONG Flags, HANDLE Event,
        ACCESS_MASK Access, PHANDLE Handle)
{
    PCM_HIVE Hive = Flags & REG_APP_HIVE ? CmpFindApplicationHive(SourceFile) : NULL;
    PVOID EventObject;
    NTSTATUS Status;

    if (Hive != NULL && !((Hive->Flags | Flags) & REG_PROCESS_PRIVATE))
        return CmpOpenKeyHandle(Hive->Root, Access, Handle);
    Status = CmpReferenceOptional(Event, EVENT_MODIFY_STATE, ExEventObjectType, &EventObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Hive = CmpAllocateHive();
    if (Hive == NULL) {
        if (EventObject != NULL)
            ObDereferenceObject(EventObject);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Hive->Flags = Flags;
    Hive->Event = EventObject;
    return CmpLoadHive(TargetKey, SourceFile, Hive, Access, Handle);
}

/*
 * In this order: flags, the privilege, TargetKey as it stands, the file, the key's place.
 * Source: Microsoft, "ZwLoadKey", "RegLoadKey" ("if this file does not exist, a file is created"), "RegLoadAppKey".
 * STATUS_PRIVILEGE_NOT_HELD (SeRestorePrivilege), STATUS_REGISTRY_CORRUPT, STATUS_OBJECT_NAME_COLLISION,
 * STATUS_INVALID_PARAMETER (not directly below Machine or User), statuses of NtCreateFile.
 */
NTSTATUS NTAPI NtLoadKeyEx(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile, ULONG Flags,
        HANDLE TrustClassKey, HANDLE Event, ACCESS_MASK DesiredAccess, PHANDLE RootHandle, PVOID Reserved)
{
    BOOLEAN GivesHandle = (Flags & (REG_APP_HIVE | REG_LOAD_HIVE_OPEN_HANDLE)) != 0;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (Flags & ~CMP_LOAD_FLAGS || (Flags & (REG_APP_HIVE | REG_PROCESS_PRIVATE)) == REG_PROCESS_PRIVATE ||
        GivesHandle != (RootHandle != NULL) || Reserved != NULL)
        return STATUS_INVALID_PARAMETER;
    if (!(Flags & REG_APP_HIVE) && !SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = GivesHandle ? MmProbeForWrite(RootHandle, sizeof(*RootHandle), 1) : STATUS_SUCCESS;
    if (NT_SUCCESS(Status))
        Status = CmpCheckTarget(TargetKey);
    if (NT_SUCCESS(Status))
        Status = CmpCheckTrustClass(TrustClassKey);
    if (NT_SUCCESS(Status))
        Status = CmpLoad(TargetKey, SourceFile, Flags, Event, GivesHandle ? DesiredAccess : KEY_READ,
                         GivesHandle ? &Handle : NULL);
    return GivesHandle ? ObReturnHandle(Status, Handle, RootHandle) : Status;
}

NTSTATUS NTAPI NtLoadKey2(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile, ULONG Flags)
{
    return NtLoadKeyEx(TargetKey, SourceFile, Flags, NULL, NULL, 0, NULL, NULL);
}

NTSTATUS NTAPI NtLoadKey(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile)
{
    return NtLoadKey2(TargetKey, SourceFile, 0);
}

/* --- unload --------------------------------------------------------------------------------------------------- */

/* References of a hive's root besides its place: the CM_HIVE's, and that of who asks. */
#define CMP_ROOT_REFERENCES 2

/* Out of the tree, with all keys; who has some open has keys that are deleted. */
static VOID CmpDropHive(PCM_HIVE Hive)
{
    PCM_KEY Root = Hive->Root;

    if (!(Hive->Flags & REG_APP_HIVE))
        CmpListHive(Hive, FALSE);
    RemoveEntryList(&Hive->Link);
    CmpLateHives -= Hive->Late;
    CmpUnlinkTree(Root);
    CmpDereferenceKey(Root);
    if (Hive->Event != NULL)
        KeSetEvent(Hive->Event, 0, FALSE);
    CmpFreeHive(Hive);
}

VOID CmpOpenGone(PCM_KEY Key)
{
    PCM_HIVE Hive = CmpLateHives != 0 ? CmpHiveOf(Key) : NULL;

    CmpDereferenceKey(Key);
    if (Hive == NULL || !Hive->Late || CmpIsTreeInUse(Hive->Root, 1))
        return;
    /* Nobody is left who could try again. */
    (VOID)CmpFlushHive(Hive);
    CmpDropHive(Hive);
}

NTSTATUS CmpCheckOpen(PCM_KEY Start, PCM_KEY Key)
{
    PCM_HIVE Hive;

    if (Start == CmpRoot) {
        for (PCM_KEY k = Key; k != NULL; k = k->Parent)
            if (k == CmpApplications)
                return STATUS_ACCESS_DENIED;
    }
    Hive = CmpLateHives != 0 ? CmpHiveOf(Key) : NULL;
    return Hive != NULL && Hive->Late && CmpHiveOf(Start) != Hive ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
}

/* What was changed must not be lost: a hive that cannot be written stays. */
static NTSTATUS CmpUnloadHive(PCM_HIVE Hive)
{
    NTSTATUS Status = CmpFlushHive(Hive);

    if (NT_SUCCESS(Status))
        CmpDropHive(Hive);
    return Status;
}

/* The hive that starts at TargetKey, whose root stays referenced by Body. */
static NTSTATUS CmpOpenLoadedHive(POBJECT_ATTRIBUTES TargetKey, PCM_KEY_BODY *Body, PCM_HIVE *Hive)
{
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpWaitForThaw();
    if (NT_SUCCESS(Status))
        Status = CmpOpenBodyByName(TargetKey, 0, Body);
    if (!NT_SUCCESS(Status))
        return Status;
    *Hive = CmpFindHive((*Body)->Key);
    Status = *Hive == NULL ? STATUS_INVALID_PARAMETER : (*Hive)->Machine ? STATUS_CANNOT_DELETE : STATUS_SUCCESS;
    if (!NT_SUCCESS(Status))
        ObDereferenceObject(*Body);
    return Status;
}

/*
 * Source: Microsoft, "RegUnLoadKey".  STATUS_PRIVILEGE_NOT_HELD, STATUS_CANNOT_DELETE (keys of it are open, or it is one of
 * the machine's), STATUS_INVALID_PARAMETER (no hive starts there), STATUS_REGISTRY_IO_FAILED.
 */
NTSTATUS NTAPI NtUnloadKey2(POBJECT_ATTRIBUTES TargetKey, ULONG Flags)
{
    PCM_KEY_BODY Body;
    PCM_HIVE Hive;
    NTSTATUS Status;

    if (Flags & ~REG_FORCE_UNLOAD)
        return STATUS_INVALID_PARAMETER;
    Status = CmpOpenLoadedHive(TargetKey, &Body, &Hive);
    if (!NT_SUCCESS(Status))
        return Status;
    if (!(Flags & REG_FORCE_UNLOAD) && CmpIsTreeInUse(Hive->Root, CMP_ROOT_REFERENCES))
        Status = STATUS_CANNOT_DELETE;
    else
        Status = CmpUnloadHive(Hive);
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS NTAPI NtUnloadKey(POBJECT_ATTRIBUTES TargetKey)
{
    return NtUnloadKey2(TargetKey, 0);
}

/* The open that asks is the first that goes. */
static VOID CmpUnloadLater(PCM_HIVE Hive, PKEVENT Event)
{
    if (Event != NULL) {
        if (Hive->Event != NULL)
            ObDereferenceObject(Hive->Event);
        Hive->Event = Event;
    }
    Hive->Late = TRUE;
    CmpLateHives++;
}

NTSTATUS NTAPI NtUnloadKeyEx(POBJECT_ATTRIBUTES TargetKey, HANDLE Event)
{
    PCM_KEY_BODY Body;
    PVOID EventObject;
    PCM_HIVE Hive;
    NTSTATUS Status;

    Status = CmpReferenceOptional(Event, EVENT_MODIFY_STATE, ExEventObjectType, &EventObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpOpenLoadedHive(TargetKey, &Body, &Hive);
    if (NT_SUCCESS(Status)) {
        if (Hive->Late) {
            Status = STATUS_TOO_LATE;
        } else if (CmpIsTreeInUse(Hive->Root, CMP_ROOT_REFERENCES)) {
            CmpUnloadLater(Hive, EventObject);
            EventObject = NULL;
            Status = STATUS_PENDING;
        } else {
            Status = CmpUnloadHive(Hive);
            if (NT_SUCCESS(Status) && EventObject != NULL)
                KeSetEvent(EventObject, 0, FALSE);
        }
        ObDereferenceObject(Body);
    }
    if (EventObject != NULL)
        ObDereferenceObject(EventObject);
    return Status;
}
