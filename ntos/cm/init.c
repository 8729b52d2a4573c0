/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of cm, and the registry as other rooms of ntos use it (ntos/inc/cm.h): by path, without objects and handles.
 *
 * The fixed keys are \Registry, Machine, User, the volatile Machine\Hardware, and Machine\System with ControlSet001 and the link
 * CurrentControlSet to it; the rest comes from registry text of the boot archive.  Nothing here waits.
 */
#include "ntos/cm/cmp.h"
#include "ntos/cm/regtext.h"

static const WCHAR CmpRootPath[] = L"\\Registry";

/* --- walking by path ------------------------------------------------------------------------------------------ */

/* The part of an absolute path behind \Registry. */
static NTSTATUS CmpBelowRoot(PUNICODE_STRING Path)
{
    UNICODE_STRING Prefix;

    RtlInitUnicodeString(&Prefix, CmpRootPath);
    if (!RtlPrefixUnicodeString(&Prefix, Path, TRUE))
        return STATUS_OBJECT_PATH_NOT_FOUND;
    Path->Buffer += Prefix.Length / sizeof(WCHAR);
    Path->Length -= Prefix.Length;
    if (Path->Length != 0 && Path->Buffer[0] != '\\')
        return STATUS_OBJECT_PATH_NOT_FOUND;
    return STATUS_SUCCESS;
}

/*
 * Walks Path from Start, through links; Create makes every missing key.  *Found is referenced.
 * A link is resolved by walking its target from the root, then the rest from there; *Links counts down what is left of
 * CM_MAXIMUM_LINKS for the whole path.
 */
static NTSTATUS CmpResolve(PCM_KEY Start, UNICODE_STRING Path, BOOLEAN Create, PULONG Links, PCM_KEY *Found)
{
    BOOLEAN AtLink;
    PCM_KEY Key;
    NTSTATUS Status = STATUS_SUCCESS;

    *Found = NULL;
    CmpWalk(Start, &Path, FALSE, &Key, &AtLink);
    if (AtLink) {
        UNICODE_STRING Target;
        PCM_KEY Middle;

        Status = (*Links)-- != 0 ? CmpLinkTarget(Key, &Target) : STATUS_OBJECT_NAME_NOT_FOUND;
        CmpDereferenceKey(Key);
        if (NT_SUCCESS(Status))
            Status = CmpBelowRoot(&Target);
        if (NT_SUCCESS(Status))
            Status = CmpResolve(CmpRoot, Target, Create, Links, &Middle);
        if (!NT_SUCCESS(Status))
            return Status;
        Status = CmpResolve(Middle, Path, Create, Links, Found);
        CmpDereferenceKey(Middle);
        return Status;
    }
    while (NT_SUCCESS(Status) && Path.Length != 0) {
        UNICODE_STRING Name;
        PCM_KEY New = NULL;

        if (!CmpNextComponent(&Path, &Name))
            break;
        Status = Create ? CmpCreateSubKey(Key, &Name, NULL, Key->Flags & CM_KEY_VOLATILE, &New) : STATUS_OBJECT_NAME_NOT_FOUND;
        CmpDereferenceKey(Key);
        Key = New;
    }
    if (NT_SUCCESS(Status))
        *Found = Key;
    return Status;
}

static NTSTATUS CmpResolvePath(UNICODE_STRING Path, BOOLEAN Create, PCM_KEY *Key)
{
    ULONG Links = CM_MAXIMUM_LINKS;
    NTSTATUS Status = CmpBelowRoot(&Path);

    *Key = NULL;
    return NT_SUCCESS(Status) ? CmpResolve(CmpRoot, Path, Create, &Links, Key) : Status;
}

NTSTATUS CmOpenKey(PCWSTR Path, PCM_KEY *Key)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Path);
    return CmpResolvePath(String, FALSE, Key);
}

NTSTATUS CmCreateKey(PCWSTR Path, PCM_KEY *Key)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Path);
    return CmpResolvePath(String, TRUE, Key);
}

NTSTATUS CmOpenSubKey(PCM_KEY Key, PCWSTR Path, PCM_KEY *SubKey)
{
    ULONG Links = CM_MAXIMUM_LINKS;
    UNICODE_STRING String;

    *SubKey = NULL;
    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    RtlInitUnicodeString(&String, Path);
    return CmpResolve(Key, String, FALSE, &Links, SubKey);
}

VOID CmCloseKey(PCM_KEY Key)
{
    CmpDereferenceKey(Key);
}

/* --- reading -------------------------------------------------------------------------------------------------- */

NTSTATUS CmEnumerateSubKey(PCM_KEY Key, ULONG Index, PWCHAR Name, ULONG NameChars)
{
    PUNICODE_STRING Found;

    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    if (Index >= Key->SubKeyCount)
        return STATUS_NO_MORE_ENTRIES;
    Found = &Key->SubKeys[Index]->Name;
    if (Found->Length / sizeof(WCHAR) >= NameChars)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(Name, Found->Buffer, Found->Length);
    Name[Found->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

static VOID CmpReturnValue(PCM_VALUE Value, PULONG Type, const void **Data, PULONG DataLength)
{
    if (Type != NULL)
        *Type = Value->Type;
    if (Data != NULL)
        *Data = Value->Data;
    if (DataLength != NULL)
        *DataLength = Value->DataLength;
}

NTSTATUS CmReadValue(PCM_KEY Key, PCWSTR ValueName, PULONG Type, const void **Data, PULONG DataLength)
{
    UNICODE_STRING Name;
    LONG Index;

    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    RtlInitUnicodeString(&Name, ValueName);
    Index = CmpFindValue(Key, &Name);
    if (Index < 0)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    CmpReturnValue(Key->Values[Index], Type, Data, DataLength);
    return STATUS_SUCCESS;
}

NTSTATUS CmEnumerateValue(PCM_KEY Key, ULONG Index, PUNICODE_STRING Name, PULONG Type, const void **Data,
        PULONG DataLength)
{
    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    if (Index >= Key->ValueCount)
        return STATUS_NO_MORE_ENTRIES;
    if (Name != NULL)
        *Name = Key->Values[Index]->Name;
    CmpReturnValue(Key->Values[Index], Type, Data, DataLength);
    return STATUS_SUCCESS;
}

NTSTATUS CmReadMultiString(PCM_KEY Key, PCWSTR ValueName, ULONG Index, PWCHAR Buffer, ULONG BufferChars)
{
    const void *Data;
    const WCHAR *p;
    const WCHAR *End;
    ULONG Type;
    ULONG Length;
    ULONG Chars;
    NTSTATUS Status;

    Status = CmReadValue(Key, ValueName, &Type, &Data, &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Type != REG_SZ && Type != REG_EXPAND_SZ && Type != REG_MULTI_SZ)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (Type != REG_MULTI_SZ && Index != 0)
        return STATUS_NO_MORE_ENTRIES;
    p = Data;
    End = p + Length / sizeof(WCHAR);
    for (;; Index--) {
        for (Chars = 0; p + Chars < End && p[Chars] != 0; Chars++)
            ;
        if (Index == 0)
            break;
        if (Chars == 0)
            return STATUS_NO_MORE_ENTRIES;
        p += Chars + (p + Chars < End);
    }
    /* An empty string ends a list. */
    if (Chars == 0 && Type == REG_MULTI_SZ)
        return STATUS_NO_MORE_ENTRIES;
    if (Chars >= BufferChars)
        return STATUS_BUFFER_TOO_SMALL;
    if (Chars != 0)
        memcpy(Buffer, p, Chars * sizeof(WCHAR));
    Buffer[Chars] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS CmReadString(PCM_KEY Key, PCWSTR ValueName, PWCHAR Buffer, ULONG BufferChars)
{
    NTSTATUS Status = CmReadMultiString(Key, ValueName, 0, Buffer, BufferChars);

    return Status == STATUS_NO_MORE_ENTRIES ? STATUS_OBJECT_NAME_NOT_FOUND : Status;
}

NTSTATUS CmReadDword(PCM_KEY Key, PCWSTR ValueName, PULONG Value)
{
    const void *Data;
    ULONG Type;
    ULONG Length;
    NTSTATUS Status = CmReadValue(Key, ValueName, &Type, &Data, &Length);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Type != REG_DWORD || Length != sizeof(*Value))
        return STATUS_OBJECT_TYPE_MISMATCH;
    memcpy(Value, Data, sizeof(*Value));
    return STATUS_SUCCESS;
}

ULONG CmReadDwordDefault(PCM_KEY Key, PCWSTR ValueName, ULONG Default)
{
    ULONG Value;

    return Key != NULL && NT_SUCCESS(CmReadDword(Key, ValueName, &Value)) ? Value : Default;
}

NTSTATUS CmWriteValue(PCM_KEY Key, PCWSTR ValueName, ULONG Type, const void *Data, ULONG DataLength)
{
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, ValueName);
    return CmpSetValue(Key, &Name, Type, Data, DataLength);
}

/* --- registry text -------------------------------------------------------------------------------------------- */

typedef struct _CMP_LOAD {
    PCM_KEY Key;                        /* where values go; NULL before the first key */
    ULONG BadLines;
} CMP_LOAD, *PCMP_LOAD;

/* Deletes Key with all below it, children first; the walk goes down by Parent links, without recursion. */
static VOID CmpDeleteTree(PCM_KEY Top)
{
    PCM_KEY Key = Top;

    for (;;) {
        PCM_KEY Parent = Key->Parent;

        if (Key->SubKeyCount != 0) {
            Key = Key->SubKeys[Key->SubKeyCount - 1];
            continue;
        }
        /* Top is referenced by the caller; a key that may not go ends the attempt. */
        if (!NT_SUCCESS(CmpDeleteKey(Key)) || Key == Top)
            return;
        Key = Parent;
    }
}

static NTSTATUS CmpTextKey(PVOID Context, const WCHAR *Path, ULONG Chars, BOOLEAN Delete)
{
    PCMP_LOAD Load = Context;
    UNICODE_STRING String = { .Buffer = (PWSTR)Path };
    NTSTATUS Status = STATUS_NAME_TOO_LONG;

    if (Load->Key != NULL)
        CmpDereferenceKey(Load->Key);
    Load->Key = NULL;
    if (Chars * sizeof(WCHAR) < UNICODE_STRING_MAX_BYTES) {
        String.Length = String.MaximumLength = (USHORT)(Chars * sizeof(WCHAR));
        Status = CmpResolvePath(String, !Delete, &Load->Key);
    }
    if (Delete && Load->Key != NULL) {
        CmpDeleteTree(Load->Key);
        CmpDereferenceKey(Load->Key);
        Load->Key = NULL;
    }
    return Status == STATUS_INSUFFICIENT_RESOURCES ? Status : STATUS_SUCCESS;
}

static NTSTATUS CmpTextValue(PVOID Context, const WCHAR *Name, ULONG Chars, ULONG Type, const VOID *Data,
        ULONG DataLength)
{
    PCMP_LOAD Load = Context;
    UNICODE_STRING String = { .Buffer = (PWSTR)Name };
    NTSTATUS Status;

    if (Load->Key == NULL || Chars * sizeof(WCHAR) > CM_MAXIMUM_VALUE_NAME)
        return STATUS_SUCCESS;
    String.Length = String.MaximumLength = (USHORT)(Chars * sizeof(WCHAR));
    Status = CmpSetValue(Load->Key, &String, Type, Data, DataLength);
    return Status == STATUS_INSUFFICIENT_RESOURCES ? Status : STATUS_SUCCESS;
}

static NTSTATUS CmpTextDeleteValue(PVOID Context, const WCHAR *Name, ULONG Chars)
{
    PCMP_LOAD Load = Context;
    UNICODE_STRING String = { .Buffer = (PWSTR)Name };

    if (Load->Key == NULL || Chars * sizeof(WCHAR) > CM_MAXIMUM_VALUE_NAME)
        return STATUS_SUCCESS;
    String.Length = String.MaximumLength = (USHORT)(Chars * sizeof(WCHAR));
    CmpDeleteValue(Load->Key, &String);
    return STATUS_SUCCESS;
}

#define CMP_REPORTED_LINES 8

static VOID CmpTextBadLine(PVOID Context, ULONG Line, const char *Reason)
{
    PCMP_LOAD Load = Context;

    if (Load->BadLines++ < CMP_REPORTED_LINES)
        LogPrint("registry text, line %u: %s", (unsigned)Line, Reason);
}

static PVOID CmpTextAllocate(SIZE_T Bytes)
{
    return ExAllocatePoolWithTag(PagedPool, Bytes, CM_TAG_LIST);
}

static VOID CmpTextFree(PVOID Memory)
{
    ExFreePoolWithTag(Memory, CM_TAG_LIST);
}

NTSTATUS CmLoadRegistryText(const void *Text, SIZE_T LengthInBytes)
{
    static const CM_TEXT_SINK Sink = {
        .Key = CmpTextKey,
        .Value = CmpTextValue,
        .DeleteValue = CmpTextDeleteValue,
        .BadLine = CmpTextBadLine,
        .Allocate = CmpTextAllocate,
        .Free = CmpTextFree,
    };
    CMP_LOAD Load = { 0 };
    NTSTATUS Status = CmpReadRegistryText(&Sink, &Load, Text, LengthInBytes);

    if (Load.Key != NULL)
        CmpDereferenceKey(Load.Key);
    return Status;
}

/* --- start ----------------------------------------------------------------------------------------------------  */

static NTSTATUS CmpCreateFixedKey(PCM_KEY Parent, PCWSTR Name, ULONG Flags, PCM_KEY *Key)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return CmpCreateSubKey(Parent, &String, NULL, Flags, Key);
}

/* System with ControlSet001, and the link to it. */
static NTSTATUS CmpCreateControlSet(PCM_KEY Machine)
{
    static const WCHAR Target[] = L"\\Registry\\Machine\\System\\ControlSet001";
    PCM_KEY System;
    PCM_KEY Set;
    PCM_KEY Link;
    NTSTATUS Status;

    Status = CmpCreateFixedKey(Machine, L"SYSTEM", 0, &System);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpCreateFixedKey(System, L"ControlSet001", 0, &Set);
    if (NT_SUCCESS(Status)) {
        CmpDereferenceKey(Set);
        Status = CmpCreateFixedKey(System, L"CurrentControlSet", CM_KEY_LINK | CM_KEY_VOLATILE, &Link);
    }
    if (NT_SUCCESS(Status)) {
        Status = CmWriteValue(Link, L"SymbolicLinkValue", REG_LINK, Target, sizeof(Target) - sizeof(WCHAR));
        CmpDereferenceKey(Link);
    }
    CmpDereferenceKey(System);
    return Status;
}

NTSTATUS CmInitSystem(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"REGISTRY");
    PCM_KEY Machine;
    PCM_KEY User;
    PCM_KEY Hardware;
    NTSTATUS Status;

    CmpRoot = CmpAllocateKey(&Name, NULL, CM_KEY_NO_DELETE);
    if (CmpRoot == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    CmpInitFreeze();
    Status = CmpInitObjects();
    if (NT_SUCCESS(Status))
        Status = CmpInitNotify();
    if (NT_SUCCESS(Status))
        Status = CmpCreateFixedKey(CmpRoot, L"USER", CM_KEY_NO_DELETE, &User);
    if (!NT_SUCCESS(Status))
        return Status;
    CmpDereferenceKey(User);
    Status = CmpCreateFixedKey(CmpRoot, L"A", CM_KEY_NO_DELETE, &CmpApplications);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpCreateFixedKey(CmpRoot, L"MACHINE", CM_KEY_NO_DELETE, &Machine);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpCreateControlSet(Machine);
    if (NT_SUCCESS(Status))
        Status = CmpCreateFixedKey(Machine, L"HARDWARE", CM_KEY_VOLATILE, &Hardware);
    if (NT_SUCCESS(Status))
        CmpDereferenceKey(Hardware);
    CmpDereferenceKey(Machine);
    return Status;
}

NTSTATUS CmInitSystem2(const void *Text, SIZE_T LengthInBytes)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Text == NULL || LengthInBytes == 0)
        LogPrint("the boot archive has no registry (system.reg): starting with an empty one");
    else
        Status = CmLoadRegistryText(Text, LengthInBytes);
    return NT_SUCCESS(Status) ? CmpAttachMachineHives() : Status;
}
