/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Image file execution options: values in the registry that belong to a program's file name.
 */
#include "ntdllp.h"

#define OPTIONS_KEY L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\"

/* The key of the image: the part of its name behind the last backslash. */
static NTSTATUS LdrpOpenImageOptions(PCUNICODE_STRING ImageName, PHANDLE Key)
{
    WCHAR Buffer[512];
    UNICODE_STRING Path = { 0, sizeof(Buffer), Buffer }, Base = *ImageName;
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status;

    for (SIZE_T Index = Base.Length / sizeof(WCHAR); Index > 0; Index--) {
        if (ImageName->Buffer[Index - 1] == '\\') {
            Base.Buffer += Index;
            Base.Length -= (USHORT)(Index * sizeof(WCHAR));
            break;
        }
    }
    Status = RtlAppendUnicodeToString(&Path, OPTIONS_KEY);
    if (NT_SUCCESS(Status))
        Status = RtlAppendUnicodeStringToString(&Path, &Base);
    InitializeObjectAttributes(&Attributes, &Path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NT_SUCCESS(Status) ? NtOpenKey(Key, KEY_QUERY_VALUE, &Attributes) : Status;
}

/* A text that is a number where a number was asked for. */
static NTSTATUS LdrpTextToNumber(const KEY_VALUE_PARTIAL_INFORMATION *Value, PULONG Number)
{
    UNICODE_STRING Text = { (USHORT)Value->DataLength, (USHORT)Value->DataLength, (PWSTR)Value->Data };

    if (Text.Length >= sizeof(WCHAR) && Text.Buffer[Text.Length / sizeof(WCHAR) - 1] == 0)
        Text.Length -= sizeof(WCHAR);
    return RtlUnicodeStringToInteger(&Text, 0, Number);
}

static NTSTATUS LdrpReturnOption(const KEY_VALUE_PARTIAL_INFORMATION *Value, ULONG Type, PVOID Buffer, ULONG Length,
        PULONG ReturnLength)
{
    ULONG Number, Bytes = Value->DataLength;
    const void *Data = Value->Data;
    NTSTATUS Status;

    if (Type == REG_DWORD && Value->Type == REG_SZ) {
        Status = LdrpTextToNumber(Value, &Number);
        if (!NT_SUCCESS(Status))
            return Status;
        Data = &Number;
        Bytes = sizeof(Number);
    } else if (Type != Value->Type && Type != REG_NONE) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (ReturnLength != NULL)
        *ReturnLength = Bytes;
    if (Bytes > Length)
        return STATUS_BUFFER_OVERFLOW;
    if (Bytes != 0)
        memcpy(Buffer, Data, Bytes);
    return STATUS_SUCCESS;
}

/* Type: of the value (REG_DWORD takes a text too).  STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_TYPE_MISMATCH,
 * STATUS_BUFFER_OVERFLOW (*ReturnLength says how much). */
NTSTATUS NTAPI LdrQueryImageFileExecutionOptions(PCUNICODE_STRING ImageName, PCWSTR ValueName, ULONG Type,
        PVOID Buffer, ULONG Length, PULONG ReturnLength)
{
    UCHAR Small[256] __attribute__((aligned(8)));
    PKEY_VALUE_PARTIAL_INFORMATION Value = (PKEY_VALUE_PARTIAL_INFORMATION)Small;
    UNICODE_STRING Name;
    ULONG Needed = 0;
    HANDLE Key;
    NTSTATUS Status = LdrpOpenImageOptions(ImageName, &Key);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Name, ValueName);
    Status = NtQueryValueKey(Key, &Name, KeyValuePartialInformation, Value, sizeof(Small), &Needed);
    if (Status == STATUS_BUFFER_OVERFLOW) {
        Value = RtlAllocateHeap(RtlProcessHeap(), 0, Needed);
        Status = Value == NULL ? STATUS_NO_MEMORY
                : NtQueryValueKey(Key, &Name, KeyValuePartialInformation, Value, Needed, &Needed);
    }
    if (NT_SUCCESS(Status))
        Status = LdrpReturnOption(Value, Type, Buffer, Length, ReturnLength);
    if (Value != (PVOID)Small)
        RtlFreeHeap(RtlProcessHeap(), 0, Value);
    NtClose(Key);
    return Status;
}
