/* SPDX-License-Identifier: BSD-2-Clause
 *
 * API sets: names such as api-ms-win-core-file-l1-2-0.dll stand for a host DLL that the schema names.
 *
 * Schema: PEB.ApiSetMap, Windows 10's format (version 6).  A hash table, sorted by hash, leads to namespace entries;
 * the name is hashed up to its last hyphen, in lower case.  Offsets are bytes from the schema's start.
 */
#include "ntdllp.h"

typedef struct _API_SET_NAMESPACE {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    ULONG Count;
    ULONG EntryOffset;
    ULONG HashOffset;
    ULONG HashFactor;
} API_SET_NAMESPACE;

typedef struct _API_SET_HASH_ENTRY {
    ULONG Hash;
    ULONG Index;
} API_SET_HASH_ENTRY;

typedef struct _API_SET_ENTRY {
    ULONG Flags;
    ULONG NameOffset;
    ULONG NameLength;
    ULONG HashedLength;
    ULONG ValueOffset;
    ULONG ValueCount;
} API_SET_ENTRY;

typedef struct _API_SET_VALUE {
    ULONG Flags;
    ULONG NameOffset;
    ULONG NameLength;
    ULONG ValueOffset;
    ULONG ValueLength;
} API_SET_VALUE;

static BOOLEAN LdrpIsApiSetName(PCUNICODE_STRING Name)
{
    return Name->Length > 8 && (_wcsnicmp(Name->Buffer, L"api-", 4) == 0 || _wcsnicmp(Name->Buffer, L"ext-", 4) == 0);
}

/* The entry whose hashed part is Name's first Length characters. */
static const API_SET_ENTRY *LdrpFindApiSet(const API_SET_NAMESPACE *Map, PCWSTR Name, SIZE_T Length)
{
    const UCHAR *Base = (const UCHAR *)Map;
    const API_SET_HASH_ENTRY *Hashes = (const API_SET_HASH_ENTRY *)(Base + Map->HashOffset);
    const API_SET_ENTRY *Entries = (const API_SET_ENTRY *)(Base + Map->EntryOffset);
    ULONG Hash = 0, Low = 0, High = Map->Count;

    for (SIZE_T Index = 0; Index < Length; Index++)
        Hash = Hash * Map->HashFactor + RtlDowncaseUnicodeChar(Name[Index]);
    while (Low < High) {
        ULONG Middle = (Low + High) / 2;

        if (Hash == Hashes[Middle].Hash) {
            const API_SET_ENTRY *Entry = &Entries[Hashes[Middle].Index];

            return RtlCompareUnicodeStrings(Name, Length, (PCWSTR)(Base + Entry->NameOffset),
                           Entry->HashedLength / sizeof(WCHAR), TRUE) == 0 ? Entry : NULL;
        }
        if (Hash < Hashes[Middle].Hash)
            High = Middle;
        else
            Low = Middle + 1;
    }
    return NULL;
}

BOOLEAN LdrpResolveApiSet(PCUNICODE_STRING Name, PUNICODE_STRING Host)
{
    const API_SET_NAMESPACE *Map = NtCurrentPeb()->ApiSetMap;
    SIZE_T Length = Name->Length / sizeof(WCHAR);
    const API_SET_ENTRY *Entry;
    const API_SET_VALUE *Value;

    *Host = (UNICODE_STRING){ 0 };
    if (Map == NULL || Map->Version != 6 || !LdrpIsApiSetName(Name))
        return FALSE;
    while (Length > 0 && Name->Buffer[Length - 1] != '-')
        Length--;
    if (Length == 0)
        return FALSE;
    Entry = LdrpFindApiSet(Map, Name->Buffer, Length - 1);
    if (Entry == NULL)
        return FALSE;
    if (Entry->ValueCount == 0)
        return TRUE;
    Value = (const API_SET_VALUE *)((const UCHAR *)Map + Entry->ValueOffset);
    Host->Buffer = (PWSTR)((PUCHAR)Map + Value->ValueOffset);
    Host->Length = Host->MaximumLength = (USHORT)Value->ValueLength;
    return TRUE;
}

/* Is the set in the schema, and does a module implement it?  STATUS_INVALID_PARAMETER: not the name of an API set. */
NTSTATUS NTAPI ApiSetQueryApiSetPresenceEx(PCUNICODE_STRING Namespace, PBOOLEAN IsInSchema, PBOOLEAN Present)
{
    UNICODE_STRING Name = *Namespace, Host;
    BOOLEAN Found;

    for (SIZE_T Index = Name.Length / sizeof(WCHAR); Index > 0 && Name.Buffer[Index - 1] != '-'; Index--)
        if (Name.Buffer[Index - 1] == '.')
            Name.Length = (USHORT)((Index - 1) * sizeof(WCHAR));
    if (!LdrpIsApiSetName(&Name) || Name.Length != Namespace->Length)
        return STATUS_INVALID_PARAMETER;
    Found = LdrpResolveApiSet(&Name, &Host);
    if (IsInSchema != NULL)
        *IsInSchema = Found;
    *Present = Found && Host.Length != 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI ApiSetQueryApiSetPresence(PCUNICODE_STRING Namespace, PBOOLEAN Present)
{
    return ApiSetQueryApiSetPresenceEx(Namespace, NULL, Present);
}
