/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Registry helpers: a key by a short name, values one after the other by a table (include/ntdll/registry.h says what the rows mean).
 *
 * A value is read whole into the heap, and one zero more than it has stands behind it.  Data that are longer than four bytes and
 * no string are the caller's affair only with RTL_QUERY_REGISTRY_DIRECT.
 *
 * Source: Windows Driver Kit, RtlQueryRegistryValues, RtlWriteRegistryValue, RtlCheckRegistryKey.
 */
#include "ntdllp.h"

static const PCWSTR RtlpKeyPaths[RTL_REGISTRY_MAXIMUM] = {
    [RTL_REGISTRY_ABSOLUTE] = L"",
    [RTL_REGISTRY_SERVICES] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services",
    [RTL_REGISTRY_CONTROL] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Control",
    [RTL_REGISTRY_WINDOWS_NT] = L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion",
    [RTL_REGISTRY_DEVICEMAP] = L"\\Registry\\Machine\\Hardware\\DeviceMap",
};

/* Where Begin and Path lead; with Begin empty Path is the whole. */
static NTSTATUS RtlpJoinKeyPath(PCUNICODE_STRING Begin, PCWSTR Path, PUNICODE_STRING Whole)
{
    SIZE_T Bytes = Begin->Length + (1 + wcslen(Path) + 1) * sizeof(WCHAR);

    if (Bytes > 0xfffe)
        return STATUS_NAME_TOO_LONG;
    Whole->Length = 0;
    Whole->MaximumLength = (USHORT)Bytes;
    Whole->Buffer = RtlAllocateHeap(RtlProcessHeap(), 0, Bytes);
    if (Whole->Buffer == NULL)
        return STATUS_NO_MEMORY;
    RtlAppendUnicodeStringToString(Whole, Begin);
    if (Begin->Length != 0 && *Path != 0 && *Path != '\\')
        RtlAppendUnicodeToString(Whole, L"\\");
    return RtlAppendUnicodeToString(Whole, Path);
}

/* *Root is the user's key, which the caller closes, or NULL. */
static NTSTATUS RtlpMakeKeyPath(ULONG RelativeTo, PCWSTR Path, PHANDLE Root, PUNICODE_STRING Whole)
{
    UNICODE_STRING Begin = { 0 };
    NTSTATUS Status = STATUS_SUCCESS;

    *Root = NULL;
    if (RelativeTo >= RTL_REGISTRY_MAXIMUM)
        return STATUS_INVALID_PARAMETER;
    if (Path == NULL)
        Path = L"";
    if (RelativeTo != RTL_REGISTRY_USER) {
        RtlInitUnicodeString(&Begin, RtlpKeyPaths[RelativeTo]);
    } else {
        Status = RtlOpenCurrentUser(KEY_CREATE_SUB_KEY, Root);
        Path += *Path == '\\';
    }
    if (NT_SUCCESS(Status))
        Status = RtlpJoinKeyPath(&Begin, Path, Whole);
    if (!NT_SUCCESS(Status) && *Root != NULL)
        NtClose(*Root);
    return Status;
}

/* The key is closed with RtlpCloseRegistryKey. */
static NTSTATUS RtlpOpenRegistryKey(ULONG RelativeTo, PCWSTR Path, ACCESS_MASK Access, BOOLEAN Create, PHANDLE Key)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Whole;
    NTSTATUS Status;
    HANDLE Root;

    if (RelativeTo & RTL_REGISTRY_HANDLE) {
        *Key = (HANDLE)Path;
        return STATUS_SUCCESS;
    }
    Status = RtlpMakeKeyPath(RelativeTo & ~RTL_REGISTRY_OPTIONAL, Path, &Root, &Whole);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Whole, OBJ_CASE_INSENSITIVE, Root, NULL);
    Status = Create ? NtCreateKey(Key, Access, &Attributes, 0, NULL, 0, NULL) : NtOpenKey(Key, Access, &Attributes);
    RtlFreeUnicodeString(&Whole);
    if (Root != NULL)
        NtClose(Root);
    return Status;
}

static VOID RtlpCloseRegistryKey(ULONG RelativeTo, HANDLE Key)
{
    if (!(RelativeTo & RTL_REGISTRY_HANDLE))
        NtClose(Key);
}

/* --- one value ---------------------------------------------------------------------------------------------------- */

typedef struct _RTLP_VALUE {
    PWSTR Name;
    ULONG Type;
    PVOID Data;
    ULONG Length;
} RTLP_VALUE;

typedef struct _RTLP_QUERY {
    PRTL_QUERY_REGISTRY_TABLE Row;
    PVOID Context;
    PVOID Environment;
} RTLP_QUERY;

static BOOLEAN RtlpIsText(ULONG Type)
{
    return Type == REG_SZ || Type == REG_EXPAND_SZ || Type == REG_MULTI_SZ;
}

static NTSTATUS RtlpStoreText(const RTLP_VALUE *Value, PUNICODE_STRING Target)
{
    ULONG Needed = Value->Length < sizeof(WCHAR) ? sizeof(WCHAR) : Value->Length;

    if (Needed > 0xfffe)
        return STATUS_BUFFER_TOO_SMALL;
    if (Target->Buffer == NULL) {
        Target->Buffer = RtlAllocateHeap(RtlProcessHeap(), 0, Needed);
        if (Target->Buffer == NULL)
            return STATUS_NO_MEMORY;
        Target->MaximumLength = (USHORT)Needed;
    } else if (Needed > Target->MaximumLength) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    memcpy(Target->Buffer, Value->Data, Value->Length);
    Target->Length = Value->Length < sizeof(WCHAR) ? 0 : (USHORT)(Value->Length - sizeof(WCHAR));
    Target->Buffer[Target->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpStoreData(const RTLP_VALUE *Value, PULONG Target)
{
    LONG Room = *(PLONG)Target;

    if (Value->Length <= sizeof(ULONG)) {
        memcpy(Target, Value->Data, Value->Length);
        return STATUS_SUCCESS;
    }
    if (Room < 0) {
        if (Value->Length > 0u - (ULONG)Room)
            return STATUS_BUFFER_TOO_SMALL;
        memcpy(Target, Value->Data, Value->Length);
        return STATUS_SUCCESS;
    }
    if ((ULONG)Room < 2 * sizeof(ULONG) || Value->Length > (ULONG)Room - 2 * sizeof(ULONG))
        return STATUS_BUFFER_TOO_SMALL;
    Target[0] = Value->Length;
    Target[1] = Value->Type;
    memcpy(Target + 2, Value->Data, Value->Length);
    return STATUS_SUCCESS;
}

/* A value in the form that its row wants: to the routine, or where the row says. */
static NTSTATUS RtlpGiveValue(const RTLP_QUERY *Query, const RTLP_VALUE *Value)
{
    PRTL_QUERY_REGISTRY_TABLE Row = Query->Row;

    if (!(Row->Flags & RTL_QUERY_REGISTRY_DIRECT))
        return Row->QueryRoutine(Value->Name, Value->Type, Value->Data, Value->Length, Query->Context, Row->EntryContext);
    if (RtlpIsText(Value->Type) && !(Row->Flags & RTL_QUERY_REGISTRY_NOSTRING))
        return RtlpStoreText(Value, Row->EntryContext);
    return RtlpStoreData(Value, Row->EntryContext);
}

static NTSTATUS RtlpGiveExpanded(const RTLP_QUERY *Query, const RTLP_VALUE *Value)
{
    UNICODE_STRING Source = { (USHORT)(wcslen(Value->Data) * sizeof(WCHAR)), (USHORT)Value->Length, Value->Data }, Expanded = { 0, 0, NULL };
    RTLP_VALUE Text = { .Name = Value->Name, .Type = REG_SZ };
    ULONG Needed = 0;
    NTSTATUS Status = RtlExpandEnvironmentStrings_U(Query->Environment, &Source, &Expanded, &Needed);

    if (Status != STATUS_BUFFER_TOO_SMALL && !NT_SUCCESS(Status))
        return Status;
    if (Needed > 0xfffe)
        return STATUS_BUFFER_TOO_SMALL;
    Expanded.Buffer = RtlAllocateHeap(RtlProcessHeap(), 0, Needed + sizeof(WCHAR));
    if (Expanded.Buffer == NULL)
        return STATUS_NO_MEMORY;
    Expanded.MaximumLength = (USHORT)Needed;
    Status = RtlExpandEnvironmentStrings_U(Query->Environment, &Source, &Expanded, &Needed);
    Text.Data = Expanded.Buffer;
    Text.Length = Expanded.Length + sizeof(WCHAR);
    if (NT_SUCCESS(Status)) {
        Expanded.Buffer[Expanded.Length / sizeof(WCHAR)] = 0;
        Status = RtlpGiveValue(Query, &Text);
    }
    RtlFreeHeap(RtlProcessHeap(), 0, Expanded.Buffer);
    return Status;
}

/* Each string of the list for itself. */
static NTSTATUS RtlpGiveList(const RTLP_QUERY *Query, const RTLP_VALUE *Value)
{
    PWSTR Text = Value->Data, End = (PWSTR)((PUCHAR)Value->Data + Value->Length);
    NTSTATUS Status = STATUS_SUCCESS;

    while (NT_SUCCESS(Status) && Text < End && *Text != 0) {
        RTLP_VALUE One = { Value->Name, REG_SZ, Text, (ULONG)(wcslen(Text) + 1) * sizeof(WCHAR) };

        Status = RtlpGiveValue(Query, &One);
        Text += One.Length / sizeof(WCHAR);
    }
    return Status;
}

/* Two bytes of zero stand behind the data. */
static NTSTATUS RtlpPassValue(const RTLP_QUERY *Query, const RTLP_VALUE *Value)
{
    ULONG Flags = Query->Row->Flags;

    if (Flags & RTL_QUERY_REGISTRY_DIRECT && Flags & RTL_QUERY_REGISTRY_TYPECHECK && Query->Row->DefaultType >> 24 != Value->Type)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (!(Flags & RTL_QUERY_REGISTRY_NOEXPAND)) {
        if (Value->Type == REG_MULTI_SZ)
            return RtlpGiveList(Query, Value);
        if (Value->Type == REG_EXPAND_SZ && wcschr(Value->Data, '%') != NULL)
            return RtlpGiveExpanded(Query, Value);
    }
    return RtlpGiveValue(Query, Value);
}

static ULONG RtlpMeasureDefault(ULONG Type, PCWSTR Text)
{
    PCWSTR At = Text;

    if (!RtlpIsText(Type))
        return 0;
    while (Type == REG_MULTI_SZ && *At != 0)
        At += wcslen(At) + 1;
    return (ULONG)(At - Text + (Type == REG_MULTI_SZ ? 1 : wcslen(At) + 1)) * sizeof(WCHAR);
}

static NTSTATUS RtlpPassDefault(const RTLP_QUERY *Query)
{
    PRTL_QUERY_REGISTRY_TABLE Row = Query->Row;
    ULONG Type = Row->Flags & RTL_QUERY_REGISTRY_TYPECHECK ? Row->DefaultType & 0xffffff : Row->DefaultType;
    RTLP_VALUE Value = { Row->Name, Type, Row->DefaultData, Row->DefaultLength };

    if (Row->Flags & RTL_QUERY_REGISTRY_REQUIRED)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (Type == REG_NONE)
        return STATUS_SUCCESS;
    if (Value.Length == 0 && Value.Data != NULL)
        Value.Length = RtlpMeasureDefault(Type, Value.Data);
    return RtlpGiveValue(Query, &Value);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* A value by its name, or (Name NULL) by its number; freed with RtlFreeHeap.  Two WCHARs of zero follow the data and the name. */
static NTSTATUS RtlpReadValue(HANDLE Key, PUNICODE_STRING Name, ULONG Index, PKEY_VALUE_FULL_INFORMATION *Full)
{
    ULONG Room = 256, Needed = 0;
    NTSTATUS Status;

    for (;;) {
        *Full = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Room + 2 * sizeof(WCHAR));
        if (*Full == NULL)
            return STATUS_NO_MEMORY;
        Status = Name != NULL ? NtQueryValueKey(Key, Name, KeyValueFullInformation, *Full, Room, &Needed)
                              : NtEnumerateValueKey(Key, Index, KeyValueFullInformation, *Full, Room, &Needed);
        if (NT_SUCCESS(Status))
            return Status;
        RtlFreeHeap(RtlProcessHeap(), 0, *Full);
        if (Status != STATUS_BUFFER_OVERFLOW && Status != STATUS_BUFFER_TOO_SMALL)
            return Status;
        Room = Needed;
    }
}

/* The value that was read, with the name as a string of its own: it may be followed by the data at once. */
static NTSTATUS RtlpPassRead(const RTLP_QUERY *Query, PKEY_VALUE_FULL_INFORMATION Full)
{
    RTLP_VALUE Value = { NULL, Full->Type, (PUCHAR)Full + Full->DataOffset, Full->DataLength };
    NTSTATUS Status;

    Value.Name = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Full->NameLength + sizeof(WCHAR));
    if (Value.Name == NULL)
        return STATUS_NO_MEMORY;
    memcpy(Value.Name, Full->Name, Full->NameLength);
    Status = RtlpPassValue(Query, &Value);
    RtlFreeHeap(RtlProcessHeap(), 0, Value.Name);
    return Status;
}

static NTSTATUS RtlpQueryOne(const RTLP_QUERY *Query, HANDLE Key)
{
    PKEY_VALUE_FULL_INFORMATION Full;
    RTLP_VALUE Value;
    UNICODE_STRING Name;
    NTSTATUS Status;

    RtlInitUnicodeString(&Name, Query->Row->Name);
    Status = RtlpReadValue(Key, &Name, 0, &Full);
    if (Status == STATUS_OBJECT_NAME_NOT_FOUND)
        return RtlpPassDefault(Query);
    if (!NT_SUCCESS(Status))
        return Status;
    Value = (RTLP_VALUE){ Query->Row->Name, Full->Type, (PUCHAR)Full + Full->DataOffset, Full->DataLength };
    Status = RtlpPassValue(Query, &Value);
    RtlFreeHeap(RtlProcessHeap(), 0, Full);
    if (NT_SUCCESS(Status) && Query->Row->Flags & RTL_QUERY_REGISTRY_DELETE)
        Status = NtDeleteValueKey(Key, &Name);
    return Status;
}

static NTSTATUS RtlpQueryAll(const RTLP_QUERY *Query, HANDLE Key)
{
    ULONG Flags = Query->Row->Flags, Index = 0, Given = 0;

    for (;;) {
        PKEY_VALUE_FULL_INFORMATION Full;
        NTSTATUS Status = RtlpReadValue(Key, NULL, Index, &Full);

        if (Status == STATUS_NO_MORE_ENTRIES)
            return Given == 0 && Flags & RTL_QUERY_REGISTRY_REQUIRED ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
        if (!NT_SUCCESS(Status))
            return Status;
        Status = RtlpPassRead(Query, Full);
        if (NT_SUCCESS(Status) && Flags & RTL_QUERY_REGISTRY_DELETE) {
            UNICODE_STRING Name = { (USHORT)Full->NameLength, (USHORT)Full->NameLength, Full->Name };

            Status = NtDeleteValueKey(Key, &Name);
        } else {
            Index++;
        }
        RtlFreeHeap(RtlProcessHeap(), 0, Full);
        if (!NT_SUCCESS(Status))
            return Status;
        Given++;
    }
}

/* The key that a row is about: *Sub, if it is not NULL, is below Top and closed by the caller. */
static NTSTATUS RtlpChooseKey(PRTL_QUERY_REGISTRY_TABLE Row, HANDLE Top, PHANDLE Sub)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;

    if (Row->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_TOPKEY) && *Sub != NULL) {
        NtClose(*Sub);
        *Sub = NULL;
    }
    if (!(Row->Flags & RTL_QUERY_REGISTRY_SUBKEY))
        return STATUS_SUCCESS;
    if (Row->Name == NULL)
        return STATUS_INVALID_PARAMETER;
    RtlInitUnicodeString(&Name, Row->Name);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, Top, NULL);
    return NtOpenKey(Sub, Row->Flags & RTL_QUERY_REGISTRY_DELETE ? KEY_READ | KEY_SET_VALUE : KEY_READ, &Attributes);
}

static NTSTATUS RtlpQueryRow(const RTLP_QUERY *Query, HANDLE Top, PHANDLE Sub)
{
    PRTL_QUERY_REGISTRY_TABLE Row = Query->Row;
    NTSTATUS Status;
    HANDLE Key;

    if (Row->Flags & RTL_QUERY_REGISTRY_DIRECT &&
        (Row->Name == NULL || Row->Flags & RTL_QUERY_REGISTRY_SUBKEY || Row->QueryRoutine != NULL))
        return STATUS_INVALID_PARAMETER;
    Status = RtlpChooseKey(Row, Top, Sub);
    if (!NT_SUCCESS(Status))
        return Status;
    Key = *Sub != NULL ? *Sub : Top;
    if (Row->Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return Row->QueryRoutine != NULL ? Row->QueryRoutine(NULL, REG_NONE, NULL, 0, Query->Context, Row->EntryContext) : STATUS_SUCCESS;
    if (Row->Flags & RTL_QUERY_REGISTRY_SUBKEY)
        return Row->QueryRoutine != NULL ? RtlpQueryAll(Query, Key) : STATUS_SUCCESS;
    return Row->Name != NULL ? RtlpQueryOne(Query, Key) : RtlpQueryAll(Query, Key);
}

static BOOLEAN RtlpDeletes(PRTL_QUERY_REGISTRY_TABLE Row)
{
    for (; Row->QueryRoutine != NULL || Row->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT); Row++)
        if (Row->Flags & RTL_QUERY_REGISTRY_DELETE)
            return TRUE;
    return FALSE;
}

NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context,
        PVOID Environment)
{
    RTLP_QUERY Query = { QueryTable, Context, Environment };
    HANDLE Top, Sub = NULL;
    NTSTATUS Status = RtlpOpenRegistryKey(RelativeTo, Path, RtlpDeletes(QueryTable) ? KEY_READ | KEY_SET_VALUE : KEY_READ, FALSE, &Top);

    if (!NT_SUCCESS(Status))
        return Status;
    for (; NT_SUCCESS(Status); Query.Row++) {
        if (Query.Row->QueryRoutine == NULL && !(Query.Row->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT)))
            break;
        Status = RtlpQueryRow(&Query, Top, &Sub);
    }
    if (Sub != NULL)
        NtClose(Sub);
    RtlpCloseRegistryKey(RelativeTo, Top);
    return Status;
}

/* Windows' does not trust what callers have left in the table; nothing is left here that could be wrong. */
NTSTATUS NTAPI RtlQueryRegistryValuesEx(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context,
        PVOID Environment)
{
    return RtlQueryRegistryValues(RelativeTo, Path, QueryTable, Context, Environment);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData,
        ULONG ValueLength)
{
    UNICODE_STRING Name;
    HANDLE Key;
    NTSTATUS Status = RtlpOpenRegistryKey(RelativeTo, Path, KEY_SET_VALUE, TRUE, &Key);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Name, ValueName);
    Status = NtSetValueKey(Key, &Name, 0, ValueType, ValueData, ValueLength);
    RtlpCloseRegistryKey(RelativeTo, Key);
    return Status;
}

NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName)
{
    UNICODE_STRING Name;
    HANDLE Key;
    NTSTATUS Status = RtlpOpenRegistryKey(RelativeTo, Path, KEY_SET_VALUE, FALSE, &Key);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Name, ValueName);
    Status = NtDeleteValueKey(Key, &Name);
    RtlpCloseRegistryKey(RelativeTo, Key);
    return Status;
}

NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    HANDLE Key;
    NTSTATUS Status = RtlpOpenRegistryKey(RelativeTo, Path, KEY_READ, FALSE, &Key);

    if (NT_SUCCESS(Status))
        RtlpCloseRegistryKey(RelativeTo, Key);
    return Status;
}

NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path)
{
    HANDLE Key;
    NTSTATUS Status = RtlpOpenRegistryKey(RelativeTo, Path, KEY_READ, TRUE, &Key);

    if (NT_SUCCESS(Status))
        RtlpCloseRegistryKey(RelativeTo, Key);
    return Status;
}
