/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RtlQueryRegistryValues and its neighbours: registry access by table.
 *
 * Everything ends in Zw services on keys.  A table entry is answered by its routine or, with
 * RTL_QUERY_REGISTRY_DIRECT, by storing the value at EntryContext.  REG_EXPAND_SZ is handed out unexpanded: drivers
 * have no environment.  These routines wait for the executive like every service.
 */
#include "host.h"

#define HOST_MAX_VALUE 0x10000 /* bytes of a value, its header included */

/* Opens the key that (RelativeTo, Path) names; RTL_REGISTRY_HANDLE gives the handle itself. */
static NTSTATUS HostOpenRegistryPath(ULONG RelativeTo, PCWSTR Path, ACCESS_MASK DesiredAccess, PHANDLE Key)
{
    static const PCWSTR Roots[] = {
        [RTL_REGISTRY_ABSOLUTE] = L"",
        [RTL_REGISTRY_SERVICES] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\",
        [RTL_REGISTRY_CONTROL] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\",
        [RTL_REGISTRY_WINDOWS_NT] = L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\",
        [RTL_REGISTRY_DEVICEMAP] = L"\\Registry\\Machine\\Hardware\\DeviceMap\\",
        [RTL_REGISTRY_USER] = L"\\Registry\\User\\.Default\\",
    };
    OBJECT_ATTRIBUTES Attributes;
    WCHAR Buffer[256];
    UNICODE_STRING Name = {0, sizeof(Buffer), Buffer};
    ULONG Root = RelativeTo & ~(ULONG)(RTL_REGISTRY_HANDLE | RTL_REGISTRY_OPTIONAL);

    *Key = NULL;
    if (RelativeTo & RTL_REGISTRY_HANDLE) {
        *Key = (HANDLE)Path;
        return STATUS_SUCCESS;
    }
    if (Root >= RTL_NUMBER_OF(Roots))
        return STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(RtlAppendUnicodeToString(&Name, Roots[Root])) || !NT_SUCCESS(RtlAppendUnicodeToString(&Name, Path)))
        return STATUS_NAME_TOO_LONG;
    if (Name.Length >= sizeof(WCHAR) && Buffer[Name.Length / sizeof(WCHAR) - 1] == L'\\')
        Name.Length -= sizeof(WCHAR);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return ZwOpenKey(Key, DesiredAccess, &Attributes);
}

static VOID HostCloseRegistryPath(ULONG RelativeTo, HANDLE Key)
{
    if ((RelativeTo & RTL_REGISTRY_HANDLE) == 0 && Key != NULL)
        ZwClose(Key);
}

/* EntryContext points to a UNICODE_STRING whose buffer is big enough, or NULL: then it is allocated here. */
static NTSTATUS HostStoreString(PUNICODE_STRING String, const VOID *Data, ULONG Length)
{
    if (String->Buffer == NULL) {
        String->Buffer = ExAllocatePoolWithTag(PagedPool, Length + sizeof(WCHAR), HOST_TAG);
        String->MaximumLength = (USHORT)(Length + sizeof(WCHAR));
        if (String->Buffer == NULL)
            return STATUS_NO_MEMORY;
    }
    if (String->MaximumLength < Length)
        return STATUS_BUFFER_TOO_SMALL;
    RtlCopyMemory(String->Buffer, Data, Length);
    String->Length = (USHORT)Length;
    if (Length >= sizeof(WCHAR) && String->Buffer[Length / sizeof(WCHAR) - 1] == 0)
        String->Length -= sizeof(WCHAR);
    return STATUS_SUCCESS;
}

/* RTL_QUERY_REGISTRY_DIRECT, as its documentation says for each type. */
static NTSTATUS HostStoreDirect(PVOID Context, ULONG Type, const VOID *Data, ULONG Length)
{
    LONG Room;

    switch (Type) {
    case REG_SZ:
    case REG_EXPAND_SZ:
    case REG_MULTI_SZ:
        return Length > MAXUSHORT - sizeof(WCHAR) ? STATUS_BUFFER_TOO_SMALL : HostStoreString(Context, Data, Length);
    default:
        if (Length <= sizeof(ULONG)) {
            RtlCopyMemory(Context, Data, Length);
            return STATUS_SUCCESS;
        }
        Room = *(PLONG)Context; /* negative: bytes of the buffer, no header wanted */
        if (Room >= 0 || (ULONG)-Room < Length)
            return STATUS_BUFFER_TOO_SMALL;
        RtlCopyMemory(Context, Data, Length);
        return STATUS_SUCCESS;
    }
}

static NTSTATUS HostAnswerEntry(PRTL_QUERY_REGISTRY_TABLE Entry, PCWSTR Name, ULONG Type, PVOID Data, ULONG Length,
                                PVOID Context)
{
    if (Entry->Flags & RTL_QUERY_REGISTRY_DIRECT)
        return HostStoreDirect(Entry->EntryContext, Type, Data, Length);
    return Entry->QueryRoutine((PWSTR)Name, Type, Data, Length, Context, Entry->EntryContext);
}

/* An entry without a value in the registry: its default, if it has one. */
static NTSTATUS HostAnswerDefault(PRTL_QUERY_REGISTRY_TABLE Entry, PVOID Context)
{
    ULONG Type = Entry->DefaultType & 0xff, Length = Entry->DefaultLength;

    if (Entry->Flags & RTL_QUERY_REGISTRY_REQUIRED)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (Type == REG_NONE)
        return STATUS_SUCCESS;
    if (Length == 0 && Entry->DefaultData != NULL && (Type == REG_SZ || Type == REG_EXPAND_SZ))
        Length = (ULONG)((wcslen(Entry->DefaultData) + 1) * sizeof(WCHAR));
    return HostAnswerEntry(Entry, Entry->Name, Type, Entry->DefaultData, Length, Context);
}

static NTSTATUS HostQueryEntry(HANDLE Key, PRTL_QUERY_REGISTRY_TABLE Entry, PVOID Context)
{
    PKEY_VALUE_PARTIAL_INFORMATION Value;
    UNICODE_STRING Name;
    NTSTATUS Status;
    ULONG Length;

    if (Entry->Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return Entry->QueryRoutine(NULL, REG_NONE, NULL, 0, Context, Entry->EntryContext);
    Value = ExAllocatePoolWithTag(PagedPool, HOST_MAX_VALUE, HOST_TAG);
    if (Value == NULL)
        return STATUS_NO_MEMORY;
    RtlInitUnicodeString(&Name, Entry->Name);
    Status = ZwQueryValueKey(Key, &Name, KeyValuePartialInformation, Value, HOST_MAX_VALUE, &Length);
    if (Status == STATUS_OBJECT_NAME_NOT_FOUND)
        Status = HostAnswerDefault(Entry, Context);
    else if (NT_SUCCESS(Status))
        Status = HostAnswerEntry(Entry, Entry->Name, Value->Type, Value->Data, Value->DataLength, Context);
    if (NT_SUCCESS(Status) && (Entry->Flags & RTL_QUERY_REGISTRY_DELETE))
        ZwDeleteValueKey(Key, &Name);
    ExFreePoolWithTag(Value, HOST_TAG);
    return Status;
}

static NTSTATUS HostOpenTableSubkey(HANDLE Root, PCWSTR Path, PHANDLE Key)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, Root, NULL);
    return ZwOpenKey(Key, KEY_READ, &Attributes);
}

/* DIFFERS: an entry without a name and an RTL_QUERY_REGISTRY_SUBKEY entry with a routine, which enumerate all values,
 * answer STATUS_NOT_IMPLEMENTED; Environment is not used. */
NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable,
                                      PVOID Context, PVOID Environment)
{
    HANDLE Top, Key, Subkey = NULL;
    NTSTATUS Status = HostOpenRegistryPath(RelativeTo, Path, KEY_READ, &Top);

    if (!NT_SUCCESS(Status))
        return (RelativeTo & RTL_REGISTRY_OPTIONAL) ? STATUS_SUCCESS : Status;
    for (Key = Top; NT_SUCCESS(Status) && (QueryTable->QueryRoutine != NULL || QueryTable->Name != NULL);
         QueryTable++) {
        if (QueryTable->Flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY)) {
            if (Subkey != NULL)
                ZwClose(Subkey);
            Subkey = NULL;
            Key = Top;
        }
        if (QueryTable->Flags & RTL_QUERY_REGISTRY_SUBKEY) {
            Status = QueryTable->QueryRoutine != NULL ? STATUS_NOT_IMPLEMENTED :
                     HostOpenTableSubkey(Top, QueryTable->Name, &Subkey);
            Key = Subkey;
        } else if (QueryTable->Name == NULL && (QueryTable->Flags & RTL_QUERY_REGISTRY_NOVALUE) == 0) {
            Status = STATUS_NOT_IMPLEMENTED;
        } else {
            Status = HostQueryEntry(Key, QueryTable, Context);
        }
    }
    if (Subkey != NULL)
        ZwClose(Subkey);
    HostCloseRegistryPath(RelativeTo, Top);
    return Status;
}

NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData,
                                     ULONG ValueLength)
{
    UNICODE_STRING Name;
    HANDLE Key;
    NTSTATUS Status = HostOpenRegistryPath(RelativeTo, Path, KEY_SET_VALUE, &Key);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Name, ValueName);
    Status = ZwSetValueKey(Key, &Name, 0, ValueType, ValueData, ValueLength);
    HostCloseRegistryPath(RelativeTo, Key);
    return Status;
}

NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName)
{
    UNICODE_STRING Name;
    HANDLE Key;
    NTSTATUS Status = HostOpenRegistryPath(RelativeTo, Path, KEY_SET_VALUE, &Key);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Name, ValueName);
    Status = ZwDeleteValueKey(Key, &Name);
    HostCloseRegistryPath(RelativeTo, Key);
    return Status;
}

NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    HANDLE Key;
    NTSTATUS Status = HostOpenRegistryPath(RelativeTo, Path, KEY_READ, &Key);

    if (NT_SUCCESS(Status))
        HostCloseRegistryPath(RelativeTo, Key);
    return Status;
}
