/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading settings from the registry.  A value that is missing or has another type counts as not there.
 */
#include "smss.h"

#define MAX_VALUE_BYTES 0x10100       /* a command line has up to 32767 characters */

static HANDLE OpenKey(PCWSTR KeyName)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Key;

    RtlInitUnicodeString(&Name, KeyName);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NT_SUCCESS(NtOpenKey(&Key, KEY_READ, &Attributes)) ? Key : NULL;
}

/* The characters of a string value without the zeros at its end. */
static BOOLEAN TextOf(ULONG Type, PVOID Data, ULONG DataLength, PUNICODE_STRING Text)
{
    Text->Buffer = Data;
    Text->Length = (USHORT)(DataLength & ~1u);
    while (Text->Length != 0 && Text->Buffer[Text->Length / sizeof(WCHAR) - 1] == 0)
        Text->Length -= sizeof(WCHAR);
    Text->MaximumLength = Text->Length;
    return Type == REG_SZ || Type == REG_EXPAND_SZ;
}

PWSTR ReadText(PCWSTR KeyName, PCWSTR ValueName)
{
    HANDLE Key = OpenKey(KeyName);
    PKEY_VALUE_PARTIAL_INFORMATION Value = Allocate(MAX_VALUE_BYTES);
    UNICODE_STRING Name, Text;
    ULONG Length;
    PWSTR Copy = NULL;

    RtlInitUnicodeString(&Name, ValueName);
    if (Key != NULL && Value != NULL &&
        NT_SUCCESS(NtQueryValueKey(Key, &Name, KeyValuePartialInformation, Value, MAX_VALUE_BYTES, &Length)) &&
        TextOf(Value->Type, Value->Data, Value->DataLength, &Text)) {
        Copy = Allocate(Text.Length + sizeof(WCHAR));
        if (Copy != NULL)
            memcpy(Copy, Text.Buffer, Text.Length);
    }
    Free(Value);
    if (Key != NULL)
        NtClose(Key);
    return Copy;
}

VOID LoadEnvironment(PCWSTR KeyName)
{
    HANDLE Key = OpenKey(KeyName);
    PKEY_VALUE_FULL_INFORMATION Value = Allocate(MAX_VALUE_BYTES);
    ULONG Length;

    for (ULONG i = 0; Key != NULL && Value != NULL; i++) {
        UNICODE_STRING Name, Text;
        NTSTATUS Status = NtEnumerateValueKey(Key, i, KeyValueFullInformation, Value, MAX_VALUE_BYTES, &Length);

        if (Status == STATUS_NO_MORE_ENTRIES)
            break;
        if (!NT_SUCCESS(Status) || !TextOf(Value->Type, (PUCHAR)Value + Value->DataOffset, Value->DataLength, &Text))
            continue;
        Name = (UNICODE_STRING){ (USHORT)Value->NameLength, (USHORT)Value->NameLength, Value->Name };
        RtlSetEnvironmentVariable(NULL, &Name, &Text);
    }
    Free(Value);
    if (Key != NULL)
        NtClose(Key);
}
