/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NT services of the cm family: the registry.
 * Prototypes as Microsoft documents them (Windows Driver Kit and Win32 native API references); the numbers are
 * in abi/services.def.
 */
#pragma once

NTSTATUS NTAPI NtCreateKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, ULONG
        TitleIndex, PUNICODE_STRING Class, ULONG CreateOptions, PULONG Disposition);
NTSTATUS NTAPI NtOpenKey(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtOpenKeyEx(PHANDLE KeyHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, ULONG
        OpenOptions);
NTSTATUS NTAPI NtDeleteKey(HANDLE KeyHandle);
NTSTATUS NTAPI NtRenameKey(HANDLE KeyHandle, PUNICODE_STRING NewName);
NTSTATUS NTAPI NtEnumerateKey(HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass, PVOID
        KeyInformation, ULONG Length, PULONG ResultLength);
NTSTATUS NTAPI NtEnumerateValueKey(HANDLE KeyHandle, ULONG Index, KEY_VALUE_INFORMATION_CLASS
        KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);
NTSTATUS NTAPI NtQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation, ULONG
        Length, PULONG ResultLength);
NTSTATUS NTAPI NtQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, KEY_VALUE_INFORMATION_CLASS
        KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length, PULONG ResultLength);
NTSTATUS NTAPI NtSetValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName, ULONG TitleIndex, ULONG Type, PVOID Data,
        ULONG DataSize);
NTSTATUS NTAPI NtDeleteValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName);
NTSTATUS NTAPI NtFlushKey(HANDLE KeyHandle);
NTSTATUS NTAPI NtNotifyChangeKey(HANDLE KeyHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG CompletionFilter, BOOLEAN WatchTree, PVOID Buffer, ULONG BufferSize,
        BOOLEAN Asynchronous);
NTSTATUS NTAPI NtLoadKey(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile);
NTSTATUS NTAPI NtUnloadKey(POBJECT_ATTRIBUTES TargetKey);
NTSTATUS NTAPI NtSaveKey(HANDLE KeyHandle, HANDLE FileHandle);
/*
 * NtSaveKey in a format: REG_STANDARD_FORMAT (1.3), REG_LATEST_FORMAT (1.5), or REG_NO_COMPRESSION: the hive as it is, of its root only.  Any other
 * Format, or another key with the last: STATUS_INVALID_PARAMETER.
 */
NTSTATUS NTAPI NtSaveKeyEx(HANDLE KeyHandle, HANDLE FileHandle, ULONG Format);
/*
 * Both trees as one; where both have a value or a class, the first one's.  STATUS_PRIVILEGE_NOT_HELD (SeBackupPrivilege), STATUS_INVALID_PARAMETER:
 * both are in the same hive.
 */
NTSTATUS NTAPI NtSaveMergedKeys(HANDLE HighPrecedenceKeyHandle, HANDLE LowPrecedenceKeyHandle, HANDLE FileHandle);
/* NtLoadKeyEx with these arguments only. */
NTSTATUS NTAPI NtLoadKey2(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile, ULONG Flags);
/*
 * Flags: REG_*.  TrustClassKey: a key of a hive, may be NULL.  With REG_APP_HIVE no privilege is wanted; TargetKey is below \Registry\A, RootHandle gets a handle with
 * DesiredAccess, and the hive goes with the last handle: Event, which may be NULL, is set then.
 */
NTSTATUS NTAPI NtLoadKeyEx(POBJECT_ATTRIBUTES TargetKey, POBJECT_ATTRIBUTES SourceFile, ULONG Flags, HANDLE
        TrustClassKey, HANDLE Event, ACCESS_MASK DesiredAccess, PHANDLE RootHandle, PVOID Reserved);
/* REG_FORCE_UNLOAD: keys that are open go too, and their handles say STATUS_KEY_DELETED. */
NTSTATUS NTAPI NtUnloadKey2(POBJECT_ATTRIBUTES TargetKey, ULONG Flags);
/*
 * Where keys are open: STATUS_PENDING, the hive goes with the last of them and Event, which may be NULL, is set.  STATUS_TOO_LATE: that is so already.
 * Nobody opens keys of the hive from outside any more (STATUS_OBJECT_NAME_NOT_FOUND).
 */
NTSTATUS NTAPI NtUnloadKeyEx(POBJECT_ATTRIBUTES TargetKey, HANDLE Event);
/*
 * The key's values and subkeys become the file's.  REG_FORCE_RESTORE: even if keys of it are open (STATUS_CANNOT_DELETE); REG_WHOLE_HIVE_VOLATILE: the key, directly
 * below Machine or User, becomes a hive without a file; REG_REFRESH_HIVE: the hive goes back to its last flush, FileHandle is not used.  STATUS_PRIVILEGE_NOT_HELD
 * (SeRestorePrivilege), STATUS_REGISTRY_CORRUPT, STATUS_INVALID_PARAMETER.
 */
NTSTATUS NTAPI NtRestoreKey(HANDLE KeyHandle, HANDLE FileHandle, ULONG Flags);
/*
 * The hive's file gets the name OldFile, NewFile that of the hive's: the next load finds the new one; until then the hive stays as it is.  STATUS_PRIVILEGE_NOT_HELD
 * (SeRestorePrivilege), STATUS_INVALID_PARAMETER (not the root of a hive), STATUS_FILE_RENAMED (done already), STATUS_REGISTRY_CORRUPT.
 */
NTSTATUS NTAPI NtReplaceKey(POBJECT_ATTRIBUTES NewFile, HANDLE TargetHandle, POBJECT_ATTRIBUTES OldFile);
/*
 * Data of all values, each at a multiple of 4 bytes in ValueBuffer; STATUS_BUFFER_OVERFLOW: only the first ones.  RequiredBufferLength may be NULL.
 * STATUS_OBJECT_NAME_NOT_FOUND: one of them is not there.
 */
NTSTATUS NTAPI NtQueryMultipleValueKey(HANDLE KeyHandle, PKEY_VALUE_ENTRY ValueEntries, ULONG EntryCount, PVOID
        ValueBuffer, PULONG BufferLength, PULONG RequiredBufferLength);
/* KEY_SET_VALUE; tags of the handle need no right.  STATUS_INFO_LENGTH_MISMATCH, STATUS_INVALID_INFO_CLASS. */
NTSTATUS NTAPI NtSetInformationKey(HANDLE KeyHandle, KEY_SET_INFORMATION_CLASS KeySetInformationClass, PVOID
        KeySetInformation, ULONG KeySetInformationLength);
/* How many keys below the root of a hive are open.  STATUS_INVALID_PARAMETER: no hive starts there. */
NTSTATUS NTAPI NtQueryOpenSubKeys(POBJECT_ATTRIBUTES TargetKey, PULONG HandleCount);
/*
 * KEY_OPEN_SUBKEYS_INFORMATION: the opens of a hive and whose they are.  STATUS_PRIVILEGE_NOT_HELD (SeRestorePrivilege), STATUS_BUFFER_OVERFLOW (only Count),
 * STATUS_BUFFER_TOO_SMALL.
 */
NTSTATUS NTAPI NtQueryOpenSubKeysEx(POBJECT_ATTRIBUTES TargetKey, ULONG BufferLength, PVOID Buffer, PULONG
        RequiredSize);
/* KEY_WRITE for each.  STATUS_INVALID_PARAMETER: they are not of one hive. */
NTSTATUS NTAPI NtCompactKeys(ULONG Count, HANDLE *KeyArray);
/* Writes the hive whose root it is without gaps.  STATUS_INVALID_PARAMETER: it is no root. */
NTSTATUS NTAPI NtCompressKey(HANDLE KeyHandle);
/* From now on the key cannot be changed: STATUS_ACCESS_DENIED.  STATUS_PRIVILEGE_NOT_HELD (SeLockMemoryPrivilege). */
NTSTATUS NTAPI NtLockRegistryKey(HANDLE KeyHandle);
/* Writes all hives; until NtThawRegistry or the time is over no file of theirs is written, and who would write one waits.  STATUS_PRIVILEGE_NOT_HELD (SeBackupPrivilege). */
NTSTATUS NTAPI NtFreezeRegistry(ULONG TimeOutInSeconds);
/* The same privilege.  STATUS_INVALID_PARAMETER: it is not frozen; of NtFreezeRegistry: it is. */
NTSTATUS NTAPI NtThawRegistry(VOID);
/* NtNotifyChangeKey for a key and, if Count is 1, another one, which has to be in another hive (STATUS_INVALID_PARAMETER). */
NTSTATUS NTAPI NtNotifyChangeMultipleKeys(HANDLE MasterKeyHandle, ULONG Count, POBJECT_ATTRIBUTES SubordinateObjects,
        HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, ULONG
        CompletionFilter, BOOLEAN WatchTree, PVOID Buffer, ULONG BufferSize, BOOLEAN Asynchronous);
/* Is for the start of the system: STATUS_ACCESS_DENIED.  STATUS_INVALID_PARAMETER: there is no such condition. */
NTSTATUS NTAPI NtInitializeRegistry(USHORT BootCondition);
