/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tree of keys and values in memory (structures: cmp.h).  No objects, no handles, no user memory here.
 * Every change sets LastWriteTime and reports itself to those who watch.  Nothing here waits.
 */
#include "ntos/cm/cmp.h"

PCM_KEY CmpRoot;

/* --- names ---------------------------------------------------------------------------------------------------- */

static NTSTATUS CmpCopyString(PUNICODE_STRING To, PCUNICODE_STRING From)
{
    memset(To, 0, sizeof(*To));
    if (From == NULL || From->Length == 0)
        return STATUS_SUCCESS;
    To->Buffer = ExAllocatePoolWithTag(PagedPool, From->Length, CM_TAG_KEY);
    if (To->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(To->Buffer, From->Buffer, From->Length);
    To->Length = To->MaximumLength = From->Length;
    return STATUS_SUCCESS;
}

static VOID CmpFreeString(PUNICODE_STRING String)
{
    if (String->Buffer != NULL)
        ExFreePoolWithTag(String->Buffer, CM_TAG_KEY);
    memset(String, 0, sizeof(*String));
}

BOOLEAN CmpNextComponent(PUNICODE_STRING Rest, PUNICODE_STRING Component)
{
    while (Rest->Length != 0 && Rest->Buffer[0] == '\\') {
        Rest->Buffer++;
        Rest->Length -= sizeof(WCHAR);
    }
    Component->Buffer = Rest->Buffer;
    Component->Length = 0;
    while (Rest->Length != 0 && Rest->Buffer[0] != '\\') {
        Rest->Buffer++;
        Rest->Length -= sizeof(WCHAR);
        Component->Length += sizeof(WCHAR);
    }
    Component->MaximumLength = Component->Length;
    Rest->MaximumLength = Rest->Length;
    return Component->Length != 0;
}

ULONG CmpKeyPath(PCM_KEY Key, PWCHAR Buffer)
{
    ULONG Length = 0;
    PWCHAR End;

    for (PCM_KEY k = Key; k != NULL; k = k->Parent)
        Length += sizeof(WCHAR) + k->Name.Length;
    if (Buffer == NULL)
        return Length;
    End = Buffer + Length / sizeof(WCHAR);
    for (PCM_KEY k = Key; k != NULL; k = k->Parent) {
        End -= k->Name.Length / sizeof(WCHAR);
        memcpy(End, k->Name.Buffer, k->Name.Length);
        *--End = '\\';
    }
    return Length;
}

/* --- life of a key -------------------------------------------------------------------------------------------- */

PCM_KEY CmpAllocateKey(PCUNICODE_STRING Name, PCUNICODE_STRING Class, ULONG Flags)
{
    PCM_KEY Key = ExAllocatePoolZero(PagedPool, sizeof(*Key), CM_TAG_KEY);

    if (Key == NULL)
        return NULL;
    Key->ReferenceCount = 1;
    Key->Flags = Flags;
    /* Not for execution: that is the right to make links, too. */
    Key->SecurityDescriptor = SeReferenceSecurityDescriptor(SePublicReadSd);
    InitializeListHead(&Key->WatchList);
    KeQuerySystemTime(&Key->LastWriteTime);
    if (!NT_SUCCESS(CmpCopyString(&Key->Name, Name)) || !NT_SUCCESS(CmpCopyString(&Key->Class, Class))) {
        SeReleaseSecurityDescriptor(Key->SecurityDescriptor);
        CmpFreeString(&Key->Name);
        ExFreePoolWithTag(Key, CM_TAG_KEY);
        return NULL;
    }
    return Key;
}

VOID CmpSetDescriptor(PCM_KEY Key, PSECURITY_DESCRIPTOR Descriptor)
{
    SeReferenceSecurityDescriptor(Descriptor);
    SeReleaseSecurityDescriptor(Key->SecurityDescriptor);
    Key->SecurityDescriptor = Descriptor;
}

VOID CmpReferenceKey(PCM_KEY Key)
{
    Key->ReferenceCount++;
}

static VOID CmpFreeValue(PCM_VALUE Value)
{
    if (Value->Data != NULL)
        ExFreePoolWithTag(Value->Data, CM_TAG_VALUE);
    ExFreePoolWithTag(Value, CM_TAG_VALUE);
}

static VOID CmpFreeKey(PCM_KEY Key)
{
    for (ULONG i = 0; i < Key->ValueCount; i++)
        CmpFreeValue(Key->Values[i]);
    if (Key->Values != NULL)
        ExFreePoolWithTag(Key->Values, CM_TAG_LIST);
    if (Key->SubKeys != NULL)
        ExFreePoolWithTag(Key->SubKeys, CM_TAG_LIST);
    SeReleaseSecurityDescriptor(Key->SecurityDescriptor);
    CmpFreeString(&Key->Name);
    CmpFreeString(&Key->Class);
    ExFreePoolWithTag(Key, CM_TAG_KEY);
}

VOID CmpDereferenceKey(PCM_KEY Key)
{
    /* A key that goes drops its parent: up the tree, without recursion. */
    while (Key != NULL && --Key->ReferenceCount == 0) {
        PCM_KEY Parent = Key->Parent;

        CmpFreeKey(Key);
        Key = Parent;
    }
}

/* --- subkeys -------------------------------------------------------------------------------------------------- */

/* TRUE: found at *Index; FALSE: it would have to be inserted there. */
static BOOLEAN CmpSearchSubKeys(PCM_KEY Parent, PCUNICODE_STRING Name, PULONG Index)
{
    ULONG Low = 0;
    ULONG High = Parent->SubKeyCount;

    while (Low < High) {
        ULONG Middle = (Low + High) / 2;
        LONG Order = RtlCompareUnicodeString(Name, &Parent->SubKeys[Middle]->Name, TRUE);

        if (Order == 0) {
            *Index = Middle;
            return TRUE;
        }
        if (Order < 0)
            High = Middle;
        else
            Low = Middle + 1;
    }
    *Index = Low;
    return FALSE;
}

PCM_KEY CmpFindSubKey(PCM_KEY Parent, PCUNICODE_STRING Name)
{
    ULONG Index;

    return CmpSearchSubKeys(Parent, Name, &Index) ? Parent->SubKeys[Index] : NULL;
}

/* Room for one more pointer. */
static NTSTATUS CmpGrowList(PVOID **List, ULONG Count, PULONG Capacity)
{
    ULONG NewCapacity = *Capacity == 0 ? 4 : *Capacity * 2;
    PVOID *New;

    if (Count < *Capacity)
        return STATUS_SUCCESS;
    New = ExAllocatePoolWithTag(PagedPool, NewCapacity * sizeof(PVOID), CM_TAG_LIST);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (*List != NULL) {
        memcpy(New, *List, Count * sizeof(PVOID));
        ExFreePoolWithTag(*List, CM_TAG_LIST);
    }
    *List = New;
    *Capacity = NewCapacity;
    return STATUS_SUCCESS;
}

/* A list from which the last entry went. */
static VOID CmpFreeEmptyList(PVOID **List, ULONG Count, PULONG Capacity)
{
    if (Count != 0 || *List == NULL)
        return;
    ExFreePoolWithTag(*List, CM_TAG_LIST);
    *List = NULL;
    *Capacity = 0;
}

static VOID CmpLinkSubKey(PCM_KEY Parent, PCM_KEY Key)
{
    ULONG Index;

    CmpSearchSubKeys(Parent, &Key->Name, &Index);
    memmove(Parent->SubKeys + Index + 1, Parent->SubKeys + Index, (Parent->SubKeyCount - Index) * sizeof(PCM_KEY));
    Parent->SubKeys[Index] = Key;
    Parent->SubKeyCount++;
    KeQuerySystemTime(&Parent->LastWriteTime);
}

static VOID CmpUnlinkSubKey(PCM_KEY Parent, PCM_KEY Key)
{
    ULONG Index;

    CmpSearchSubKeys(Parent, &Key->Name, &Index);
    Parent->SubKeyCount--;
    memmove(Parent->SubKeys + Index, Parent->SubKeys + Index + 1, (Parent->SubKeyCount - Index) * sizeof(PCM_KEY));
    KeQuerySystemTime(&Parent->LastWriteTime);
}

/* For good, that is: a key that is renamed is linked again, which must not want memory. */
static VOID CmpRemoveSubKey(PCM_KEY Parent, PCM_KEY Key)
{
    CmpUnlinkSubKey(Parent, Key);
    CmpFreeEmptyList((PVOID **)&Parent->SubKeys, Parent->SubKeyCount, &Parent->SubKeyCapacity);
}

NTSTATUS CmpCheckChange(PCM_KEY Key)
{
    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    return Key->Flags & CM_KEY_READ_ONLY ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

static BOOLEAN CmpIsValidKeyName(PCUNICODE_STRING Name)
{
    if (Name->Length == 0 || Name->Length & 1 || Name->Length > CM_MAXIMUM_KEY_NAME)
        return FALSE;
    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++) {
        if (Name->Buffer[i] == '\\')
            return FALSE;
    }
    return TRUE;
}

NTSTATUS CmpCreateSubKey(PCM_KEY Parent, PCUNICODE_STRING Name, PCUNICODE_STRING Class, ULONG Flags, PCM_KEY *Result)
{
    PCM_KEY Key;
    NTSTATUS Status;

    *Result = NULL;
    if (!CmpIsValidKeyName(Name) || Parent->Depth >= CM_MAXIMUM_DEPTH)
        return STATUS_INVALID_PARAMETER;
    Status = CmpCheckChange(Parent);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Parent->Flags & CM_KEY_VOLATILE && !(Flags & CM_KEY_VOLATILE))
        return STATUS_CHILD_MUST_BE_VOLATILE;
    Status = CmpGrowList((PVOID **)&Parent->SubKeys, Parent->SubKeyCount, &Parent->SubKeyCapacity);
    if (!NT_SUCCESS(Status))
        return Status;
    Key = CmpAllocateKey(Name, Class, Flags);
    if (Key == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    CmpSetDescriptor(Key, Parent->SecurityDescriptor);
    Key->Parent = Parent;
    Key->Depth = Parent->Depth + 1;
    CmpReferenceKey(Parent);
    CmpReferenceKey(Key);
    CmpLinkSubKey(Parent, Key);
    CmpReportChange(Parent, REG_NOTIFY_CHANGE_NAME);
    *Result = Key;
    return STATUS_SUCCESS;
}

NTSTATUS CmpLinkTree(PCM_KEY Parent, PCUNICODE_STRING Name, PCM_KEY Root)
{
    UNICODE_STRING Copy;
    NTSTATUS Status;

    if (!CmpIsValidKeyName(Name))
        return STATUS_INVALID_PARAMETER;
    if (Parent->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    if (CmpFindSubKey(Parent, Name) != NULL)
        return STATUS_OBJECT_NAME_COLLISION;
    Status = CmpGrowList((PVOID **)&Parent->SubKeys, Parent->SubKeyCount, &Parent->SubKeyCapacity);
    if (NT_SUCCESS(Status))
        Status = CmpCopyString(&Copy, Name);
    if (!NT_SUCCESS(Status))
        return Status;
    CmpFreeString(&Root->Name);
    Root->Name = Copy;
    Root->Parent = Parent;
    CmpReferenceKey(Parent);
    CmpReferenceKey(Root);
    for (PCM_KEY Key = Root; Key != NULL; Key = CmpNextInTree(Root, Key))
        Key->Depth = Key->Parent->Depth + 1;
    CmpLinkSubKey(Parent, Root);
    CmpReportChange(Parent, REG_NOTIFY_CHANGE_NAME);
    return STATUS_SUCCESS;
}

PCM_KEY CmpNextInTree(PCM_KEY Root, PCM_KEY Key)
{
    if (Key->SubKeyCount != 0)
        return Key->SubKeys[0];
    while (Key != Root) {
        ULONG Index;

        CmpSearchSubKeys(Key->Parent, &Key->Name, &Index);
        if (Index + 1 < Key->Parent->SubKeyCount)
            return Key->Parent->SubKeys[Index + 1];
        Key = Key->Parent;
    }
    return NULL;
}

BOOLEAN CmpIsTreeInUse(PCM_KEY Root, LONG RootReferences)
{
    for (PCM_KEY Key = Root; Key != NULL; Key = CmpNextInTree(Root, Key)) {
        LONG Own = 1 + (LONG)Key->SubKeyCount + (Key == Root ? RootReferences : 0);

        if (Key->ReferenceCount > Own)
            return TRUE;
    }
    return FALSE;
}

/* The last keys go first: a walk to the deepest last child, again and again. */
VOID CmpUnlinkTree(PCM_KEY Root)
{
    PCM_KEY Key = Root;

    for (;;) {
        PCM_KEY Parent = Key->Parent;

        if (Key->SubKeyCount != 0) {
            Key = Key->SubKeys[Key->SubKeyCount - 1];
            continue;
        }
        if (Parent != NULL) {
            CmpRemoveSubKey(Parent, Key);
            CmpReportDeleted(Key);
        }
        Key->Flags |= CM_KEY_DELETED;
        CmpDereferenceKey(Key);
        if (Key == Root)
            break;
        Key = Parent;
    }
}

NTSTATUS CmpDeleteKey(PCM_KEY Key)
{
    PCM_KEY Parent = Key->Parent;

    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_SUCCESS;
    if (Key->SubKeyCount != 0 || Key->Flags & CM_KEY_NO_DELETE)
        return STATUS_CANNOT_DELETE;
    if (Key->Flags & CM_KEY_READ_ONLY)
        return STATUS_ACCESS_DENIED;
    CmpRemoveSubKey(Parent, Key);
    Key->Flags |= CM_KEY_DELETED;
    CmpReportDeleted(Key);
    CmpReportChange(Parent, REG_NOTIFY_CHANGE_NAME);
    CmpDereferenceKey(Key);
    return STATUS_SUCCESS;
}

NTSTATUS CmpRenameKey(PCM_KEY Key, PCUNICODE_STRING NewName)
{
    PCM_KEY Existing;
    UNICODE_STRING Copy;
    NTSTATUS Status;

    if (Key->Flags & (CM_KEY_NO_DELETE | CM_KEY_READ_ONLY))
        return STATUS_ACCESS_DENIED;
    if (!CmpIsValidKeyName(NewName))
        return STATUS_INVALID_PARAMETER;
    Existing = CmpFindSubKey(Key->Parent, NewName);
    if (Existing != NULL && Existing != Key)
        return STATUS_CANNOT_DELETE;
    Status = CmpCopyString(&Copy, NewName);
    if (!NT_SUCCESS(Status))
        return Status;
    CmpUnlinkSubKey(Key->Parent, Key);
    CmpFreeString(&Key->Name);
    Key->Name = Copy;
    CmpLinkSubKey(Key->Parent, Key);
    KeQuerySystemTime(&Key->LastWriteTime);
    CmpReportChange(Key->Parent, REG_NOTIFY_CHANGE_NAME);
    return STATUS_SUCCESS;
}

VOID CmpWalk(PCM_KEY Start, PUNICODE_STRING Rest, BOOLEAN OpenLink, PCM_KEY *Found, PBOOLEAN AtLink)
{
    PCM_KEY Key = Start;

    for (;;) {
        UNICODE_STRING Before = *Rest;
        UNICODE_STRING Component;
        BOOLEAN More = CmpNextComponent(Rest, &Component);

        *AtLink = Key->Flags & CM_KEY_LINK && Key != Start && (More || !OpenLink);
        if (*AtLink || !More) {
            if (*AtLink)
                *Rest = Before;
            break;
        }
        PCM_KEY Next = CmpFindSubKey(Key, &Component);
        if (Next == NULL) {
            *Rest = Before;
            break;
        }
        Key = Next;
    }
    CmpReferenceKey(Key);
    *Found = Key;
}

NTSTATUS CmpLinkTarget(PCM_KEY Key, PUNICODE_STRING Target)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"SymbolicLinkValue");
    LONG Index = CmpFindValue(Key, &Name);

    if (Index < 0 || Key->Values[Index]->Type != REG_LINK ||
        Key->Values[Index]->DataLength > UNICODE_STRING_MAX_BYTES ||
        Key->Values[Index]->DataLength < 2 * sizeof(WCHAR))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    Target->Buffer = Key->Values[Index]->Data;
    Target->Length = Target->MaximumLength = Key->Values[Index]->DataLength & ~1u;
    return STATUS_SUCCESS;
}

/* --- values --------------------------------------------------------------------------------------------------- */

static ULONG CmpHashValueName(PCUNICODE_STRING Name)
{
    ULONG Hash = 0;

    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++)
        Hash = Hash * 37 + RtlUpcaseUnicodeChar(Name->Buffer[i]);
    return Hash;
}

LONG CmpFindValue(PCM_KEY Key, PCUNICODE_STRING Name)
{
    ULONG Hash = CmpHashValueName(Name);

    for (ULONG i = 0; i < Key->ValueCount; i++) {
        if (Key->Values[i]->Hash == Hash && RtlEqualUnicodeString(&Key->Values[i]->Name, Name, TRUE))
            return (LONG)i;
    }
    return -1;
}

static PCM_VALUE CmpAllocateValue(PCUNICODE_STRING Name)
{
    PCM_VALUE Value = ExAllocatePoolWithTag(PagedPool, sizeof(*Value) + Name->Length, CM_TAG_VALUE);

    if (Value == NULL)
        return NULL;
    memset(Value, 0, sizeof(*Value));
    Value->Name.Buffer = (PWSTR)(Value + 1);
    Value->Name.Length = Value->Name.MaximumLength = Name->Length;
    if (Name->Length != 0)
        memcpy(Value->Name.Buffer, Name->Buffer, Name->Length);
    Value->Hash = CmpHashValueName(Name);
    return Value;
}

NTSTATUS CmpSetValue(PCM_KEY Key, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength)
{
    LONG Index = CmpFindValue(Key, Name);
    PVOID Copy = NULL;
    PCM_VALUE Value;
    NTSTATUS Status = CmpCheckChange(Key);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Name->Length > CM_MAXIMUM_VALUE_NAME || DataLength > CM_MAXIMUM_DATA)
        return STATUS_INVALID_PARAMETER;
    if (DataLength != 0) {
        Copy = ExAllocatePoolWithTag(PagedPool, DataLength, CM_TAG_VALUE);
        if (Copy == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        memcpy(Copy, Data, DataLength);
    }
    if (Index < 0) {
        Status = CmpGrowList((PVOID **)&Key->Values, Key->ValueCount, &Key->ValueCapacity);
        Value = NT_SUCCESS(Status) ? CmpAllocateValue(Name) : NULL;
        if (Value == NULL) {
            if (Copy != NULL)
                ExFreePoolWithTag(Copy, CM_TAG_VALUE);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        Key->Values[Key->ValueCount++] = Value;
    } else {
        Value = Key->Values[Index];
        if (Value->Data != NULL)
            ExFreePoolWithTag(Value->Data, CM_TAG_VALUE);
    }
    Value->Type = Type;
    Value->Data = Copy;
    Value->DataLength = DataLength;
    KeQuerySystemTime(&Key->LastWriteTime);
    CmpReportChange(Key, REG_NOTIFY_CHANGE_LAST_SET);
    return STATUS_SUCCESS;
}

NTSTATUS CmpDeleteValue(PCM_KEY Key, PCUNICODE_STRING Name)
{
    LONG Index = CmpFindValue(Key, Name);
    NTSTATUS Status = CmpCheckChange(Key);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Index < 0)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    CmpFreeValue(Key->Values[Index]);
    Key->ValueCount--;
    memmove(Key->Values + Index, Key->Values + Index + 1, (Key->ValueCount - Index) * sizeof(PCM_VALUE));
    CmpFreeEmptyList((PVOID **)&Key->Values, Key->ValueCount, &Key->ValueCapacity);
    KeQuerySystemTime(&Key->LastWriteTime);
    CmpReportChange(Key, REG_NOTIFY_CHANGE_LAST_SET);
    return STATUS_SUCCESS;
}
