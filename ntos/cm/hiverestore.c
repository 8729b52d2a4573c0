/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtRestoreKey: a key gets what is in a file.  The file is read and its tree made first; then the key takes its content, which cannot
 * fail (CmpTakeContent).
 *
 * NtReplaceKey: a file gets the name of a hive's, so that the next load finds it.
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

#define CMP_RESTORE_FLAGS (REG_WHOLE_HIVE_VOLATILE | REG_REFRESH_HIVE | REG_NO_LAZY_FLUSH | REG_FORCE_RESTORE)

/* The tree of a file that nobody has cut off: there is no log. */
static NTSTATUS CmpReadFileTree(PFILE_OBJECT File, PCM_KEY *Tree)
{
    CM_HIVE_STORE Store = { .Memory = &CmpPoolMemory, .File = &CmpHiveFiles, .Primary = File };
    NTSTATUS Status = CmpOpenHiveStore(&Store);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReadTree(Store.Image, Store.ImageLength, Tree);
    CmpCloseHiveStore(&Store);
    return Status;
}

/* May the key's content be another one's?  Body is the caller's open. */
static NTSTATUS CmpCheckRestore(PCM_KEY_BODY Body, ULONG Flags)
{
    PCM_KEY Key = Body->Key;
    BOOLEAN IsHive = (Key->Flags & CM_KEY_HIVE) != 0;

    if (Key == CmpRoot || Key->Parent == CmpRoot)
        return STATUS_ACCESS_DENIED;
    if (Flags & REG_WHOLE_HIVE_VOLATILE && (IsHive || Key->Parent->Parent != CmpRoot || Key->Parent == CmpApplications))
        return STATUS_INVALID_PARAMETER;
    /* The hive holds its root, and so does the caller. */
    if (!(Flags & REG_FORCE_RESTORE) && CmpIsTreeInUse(Key, IsHive ? 2 : 1))
        return STATUS_CANNOT_DELETE;
    return CmpCheckChange(Key);
}

static NTSTATUS CmpRestore(PCM_KEY_BODY Body, PFILE_OBJECT File, ULONG Flags)
{
    PCM_HIVE Hive = CmpHiveOf(Body->Key);
    PCM_KEY Tree;
    NTSTATUS Status = CmpCheckRestore(Body, Flags);

    if (NT_SUCCESS(Status))
        Status = CmpReadFileTree(File, &Tree);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Body->Key->Depth + CmpTreeDepth(Tree) > CM_MAXIMUM_DEPTH)
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status) && Flags & REG_WHOLE_HIVE_VOLATILE)
        Status = CmpMakeVolatileHive(Body->Key);
    if (!NT_SUCCESS(Status)) {
        CmpUnlinkTree(Tree);
        return Status;
    }
    CmpTakeContent(Body->Key, Tree);
    if (Hive != NULL)
        Hive->Flags |= Flags & REG_NO_LAZY_FLUSH;
    return STATUS_SUCCESS;
}

/* What the store holds is what the last flush wrote. */
static NTSTATUS CmpRefresh(PCM_KEY Key)
{
    PCM_HIVE Hive = CmpHiveOf(Key);
    PCM_KEY Tree;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_TCB_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (Hive == NULL || Hive->Root != Key || !(Hive->Flags & REG_NO_LAZY_FLUSH) || Hive->Store.Image == NULL)
        return STATUS_INVALID_PARAMETER;
    if (!Hive->Dirty)
        return STATUS_SUCCESS;
    Status = CmpReadTree(Hive->Store.Image, Hive->Store.ImageLength, &Tree);
    if (!NT_SUCCESS(Status))
        return Status;
    CmpTakeContent(Key, Tree);
    Hive->Dirty = FALSE;
    return STATUS_SUCCESS;
}

/* Source: Microsoft, "ZwRestoreKey", "RegRestoreKey" (dwFlags). */
NTSTATUS NTAPI NtRestoreKey(HANDLE KeyHandle, HANDLE FileHandle, ULONG Flags)
{
    PFILE_OBJECT File = NULL;
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (Flags & ~CMP_RESTORE_FLAGS || (Flags & REG_REFRESH_HIVE && Flags != REG_REFRESH_HIVE))
        return STATUS_INVALID_PARAMETER;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpReferenceBody(KeyHandle, 0, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Flags == REG_REFRESH_HIVE)
        Status = CmpRefresh(Body->Key);
    else
        Status = ObReferenceObjectByHandle(FileHandle, FILE_READ_DATA, IoFileObjectType, UserMode, (PVOID *)&File, NULL);
    if (NT_SUCCESS(Status) && File != NULL)
        Status = CmpRestore(Body, File, Flags);
    if (File != NULL)
        ObDereferenceObject(File);
    ObDereferenceObject(Body);
    return Status;
}

/* --- NtReplaceKey --------------------------------------------------------------------------------------------- */

/* What is taken for the file of a hive has to be one. */
static NTSTATUS CmpCheckNewFile(PFILE_OBJECT File)
{
    PCM_KEY Tree;
    NTSTATUS Status = CmpReadFileTree(File, &Tree);

    if (NT_SUCCESS(Status))
        CmpUnlinkTree(Tree);
    return Status;
}

/* The hive's file goes out of the way, New takes its name. */
static NTSTATUS CmpExchangeFiles(PCM_HIVE Hive, PFILE_OBJECT New, const OBJECT_CREATE_INFORMATION *Old)
{
    PFILE_OBJECT Primary = Hive->Store.Primary;
    POBJECT_NAME_INFORMATION Name;
    NTSTATUS Status = CmpHiveFileName(Primary, L"", &Name);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoRenameFile(Primary, Old->RootDirectory, &Old->Name);
    if (NT_SUCCESS(Status)) {
        Status = IoRenameFile(New, NULL, &Name->Name);
        if (NT_SUCCESS(Status))
            Hive->Replaced = TRUE;
        else if (!NT_SUCCESS(IoRenameFile(Primary, NULL, &Name->Name)))
            LogPrint("the file of a hive keeps the name %wZ", &Old->Name);
    }
    ExFreePoolWithTag(Name, CM_TAG_HIVE);
    return Status;
}

static NTSTATUS CmpReplaceHive(PCM_KEY Root, PFILE_OBJECT New, const OBJECT_CREATE_INFORMATION *Old)
{
    PCM_HIVE Hive = CmpHiveOf(Root);
    NTSTATUS Status;

    if (Hive == NULL || Hive->Root != Root || Hive->NoFiles)
        return STATUS_INVALID_PARAMETER;
    if (Hive->Replaced)
        return STATUS_FILE_RENAMED;
    Status = CmpCheckNewFile(New);
    /* OldFile has all that was changed, and one of the machine's hives has a file. */
    if (NT_SUCCESS(Status))
        Status = CmpFlushHive(Hive);
    if (NT_SUCCESS(Status))
        Status = CmpExchangeFiles(Hive, New, Old);
    return Status;
}

/* A name that there may be: nothing has it yet. */
static NTSTATUS CmpCheckOldName(const OBJECT_CREATE_INFORMATION *Old)
{
    PVOID Root;
    NTSTATUS Status;

    if (Old->RootDirectory == NULL)
        return Old->Name.Length != 0 && Old->Name.Buffer[0] == '\\' ? STATUS_SUCCESS : STATUS_OBJECT_PATH_SYNTAX_BAD;
    Status = ObReferenceObjectByHandle(Old->RootDirectory, 0, IoFileObjectType, UserMode, &Root, NULL);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(Root);
    return Status;
}

static NTSTATUS CmpReplaceFile(POBJECT_ATTRIBUTES NewFile, PCM_KEY Root, const OBJECT_CREATE_INFORMATION *Old)
{
    PVOID New = NULL;
    HANDLE Handle;
    NTSTATUS Status = CmpCheckOldName(Old);

    if (NT_SUCCESS(Status))
        Status = CmpOpenHiveFile(NewFile, FILE_READ_DATA | FILE_WRITE_DATA, FILE_OPEN, UserMode, &Handle, &New, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReplaceHive(Root, New, Old);
    CmpCloseHiveFile(Handle, New);
    return Status;
}

/* Source: Microsoft, "ZwReplaceKey", "RegReplaceKey". */
NTSTATUS NTAPI NtReplaceKey(POBJECT_ATTRIBUTES NewFile, HANDLE TargetHandle, POBJECT_ATTRIBUTES OldFile)
{
    OBJECT_CREATE_INFORMATION Old;
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (OldFile == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = CmpWaitForThaw();
    if (NT_SUCCESS(Status))
        Status = ObpCaptureObjectAttributes(UserMode, OldFile, &Old);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReferenceBody(TargetHandle, 0, &Body);
    if (NT_SUCCESS(Status)) {
        Status = CmpReplaceFile(NewFile, Body->Key, &Old);
        ObDereferenceObject(Body);
    }
    ObpReleaseObjectAttributes(&Old);
    return Status;
}
