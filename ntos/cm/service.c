/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services that open and change the registry: NtCreateKey, NtOpenKey(Ex), NtDeleteKey, NtRenameKey, NtSetValueKey,
 * NtDeleteValueKey, NtFlushKey, NtInitializeRegistry.  Queries are in info.c, notification in notify.c.  Only NtFlushKey waits, while the registry is frozen.
 */
#include "ntos/cm/cmp.h"

/* The two views of 32-bit programs are one here. */
#define CMP_VIEW_FLAGS (KEY_WOW64_64KEY | KEY_WOW64_32KEY)

/*
 * What the caller's enabled privileges let it do to any key that is opened with REG_OPTION_BACKUP_RESTORE, in the place of
 * what it asks for; 0: nothing, the open is denied.  Source: Microsoft, "RegCreateKeyEx" (dwOptions).
 */
static ACCESS_MASK CmpBackupAccess(ULONG Options)
{
    ACCESS_MASK Access = 0;

    if (!(Options & REG_OPTION_BACKUP_RESTORE))
        return 0;
    if (SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        Access |= ACCESS_SYSTEM_SECURITY | KEY_READ;
    if (SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        Access |= ACCESS_SYSTEM_SECURITY | DELETE | KEY_WRITE;
    return Access;
}

NTSTATUS NTAPI NtCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        ULONG TitleIndex, PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition)
{
    CM_PARSE_CONTEXT Context = { .CreateOptions = CreateOptions, .BackupAccess = CmpBackupAccess(CreateOptions) };
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (CreateOptions & ~REG_LEGAL_OPTION)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeAnswer(KeyHandle, sizeof(*KeyHandle), Disposition, sizeof(*Disposition));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Class != NULL) {
        Status = MmCaptureUnicodeString(Class, &Context.Class);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = ObOpenObjectByName(ObjectAttributes, CmKeyObjectType, UserMode, NULL, DesiredAccess & ~CMP_VIEW_FLAGS,
                                &Context, &Handle);
    MmReleaseUnicodeString(&Context.Class);
    if (Context.Created != NULL) {
        if (!NT_SUCCESS(Status))
            CmpDeleteKey(Context.Created);
        CmpDereferenceKey(Context.Created);
    }
    if (NT_SUCCESS(Status) && Disposition != NULL) {
        NTSTATUS WriteStatus = MmPutUser(Disposition, Context.Disposition);

        if (!NT_SUCCESS(WriteStatus)) {
            ObCloseHandle(Handle, UserMode);
            return WriteStatus;
        }
    }
    return ObReturnHandle(Status, Handle, KeyHandle);
}

NTSTATUS NTAPI NtOpenKeyEx(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        ULONG OpenOptions)
{
    CM_PARSE_CONTEXT Context = {
        .CreateOptions = OpenOptions, .OpenOnly = TRUE, .BackupAccess = CmpBackupAccess(OpenOptions),
    };
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (OpenOptions & ~(REG_OPTION_BACKUP_RESTORE | REG_OPTION_OPEN_LINK))
        return STATUS_INVALID_PARAMETER;
    Status = ObOpenObjectByName(ObjectAttributes, CmKeyObjectType, UserMode, NULL, DesiredAccess & ~CMP_VIEW_FLAGS,
                                &Context, &Handle);
    return ObReturnHandle(Status, Handle, KeyHandle);
}

NTSTATUS NTAPI NtOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return NtOpenKeyEx(KeyHandle, DesiredAccess, ObjectAttributes, 0);
}

NTSTATUS NTAPI NtDeleteKey(HANDLE KeyHandle)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status = CmpReferenceBody(KeyHandle, DELETE, &Body);

    if (Status == STATUS_KEY_DELETED)
        return STATUS_SUCCESS;
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpDeleteKey(Body->Key);
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS NTAPI NtRenameKey(HANDLE KeyHandle, PUNICODE_STRING NewName)
{
    UNICODE_STRING Name;
    PCM_KEY_BODY Body;
    NTSTATUS Status = MmCaptureUnicodeString(NewName, &Name);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReferenceBody(KeyHandle, KEY_WRITE, &Body);
    if (NT_SUCCESS(Status)) {
        Status = CmpRenameKey(Body->Key, &Name);
        ObDereferenceObject(Body);
    }
    MmReleaseUnicodeString(&Name);
    return Status;
}

NTSTATUS NTAPI NtSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex, ULONG Type, PVOID Data,
        ULONG DataSize)
{
    UNICODE_STRING Name;
    PVOID Copy = NULL;
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (DataSize > CM_MAXIMUM_DATA)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCaptureUnicodeString(ValueName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Name.Length > CM_MAXIMUM_VALUE_NAME)
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KEY_SET_VALUE, &Body);
    if (NT_SUCCESS(Status)) {
        Status = MmCaptureBuffer(Data, DataSize, &Copy);
        if (NT_SUCCESS(Status))
            Status = CmpSetValue(Body->Key, &Name, Type, Copy, DataSize);
        if (Copy != NULL)
            ExFreePool(Copy);
        ObDereferenceObject(Body);
    }
    MmReleaseUnicodeString(&Name);
    return Status;
}

NTSTATUS NTAPI NtDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName)
{
    UNICODE_STRING Name;
    PCM_KEY_BODY Body;
    NTSTATUS Status = MmCaptureUnicodeString(ValueName, &Name);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReferenceBody(KeyHandle, KEY_SET_VALUE, &Body);
    if (NT_SUCCESS(Status)) {
        Status = CmpDeleteValue(Body->Key, &Name);
        ObDereferenceObject(Body);
    }
    MmReleaseUnicodeString(&Name);
    return Status;
}

NTSTATUS NTAPI NtFlushKey(HANDLE KeyHandle)
{
    PCM_KEY_BODY Body;
    PCM_HIVE Hive;
    NTSTATUS Status = CmpWaitForThaw();

    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, 0, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Hive = CmpHiveOf(Body->Key);
    if (Hive != NULL)
        Status = CmpFlushHive(Hive);
    ObDereferenceObject(Body);
    return Status;
}

/* The session manager has called it long ago, and the service control manager has accepted the boot. */
NTSTATUS NTAPI NtInitializeRegistry(USHORT BootCondition)
{
    return BootCondition > REG_INIT_BOOT_ACCEPTED_MAX ? STATUS_INVALID_PARAMETER : STATUS_ACCESS_DENIED;
}
