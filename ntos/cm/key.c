/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tree of keys and values in memory (structures: cmp.h).  No objects, no handles, no user memory here.
 * Every change sets LastWriteTime and reports itself to those who watch.  Nothing here waits.
 */
#include "ntos/cm/cmp.h"

PCM_KEY CmpRoot;
PCM_KEY CmpApplications;

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

/*
 * Where the values of a key with many are: a table of positions in Values, counted from 1, by the hash of the name; what does not find its
 * place free takes the next one.  It is only there to be fast: it goes when a value goes, and the next new value makes it again, if
 * there is memory.
 */
typedef struct _CM_VALUE_INDEX {
    ULONG Mask;
    ULONG Positions[];
} CM_VALUE_INDEX, *PCM_VALUE_INDEX;

#define CMP_INDEXED_VALUES 64           /* from so many on */

static VOID CmpDropValueIndex(PCM_KEY Key)
{
    if (Key->ValueIndex != NULL)
        ExFreePoolWithTag(Key->ValueIndex, CM_TAG_LIST);
    Key->ValueIndex = NULL;
}

static VOID CmpIndexValue(PCM_VALUE_INDEX Index, PCM_KEY Key, ULONG Number)
{
    ULONG Place = Key->Values[Number]->Hash & Index->Mask;

    while (Index->Positions[Place] != 0)
        Place = (Place + 1) & Index->Mask;
    Index->Positions[Place] = Number + 1;
}

/* A new value is the last one of Values.  A quarter of the table is full at first, a half at last. */
static VOID CmpIndexNewValue(PCM_KEY Key)
{
    PCM_VALUE_INDEX Index = Key->ValueIndex;
    ULONG Places = 4 * CMP_INDEXED_VALUES;

    if (Index != NULL && Key->ValueCount <= Index->Mask / 2) {
        CmpIndexValue(Index, Key, Key->ValueCount - 1);
        return;
    }
    CmpDropValueIndex(Key);
    if (Key->ValueCount < CMP_INDEXED_VALUES)
        return;
    while (Places < 4 * Key->ValueCount)
        Places *= 2;
    Index = ExAllocatePoolZero(PagedPool, sizeof(*Index) + Places * sizeof(ULONG), CM_TAG_LIST);
    if (Index == NULL)
        return;
    Index->Mask = Places - 1;
    for (ULONG i = 0; i < Key->ValueCount; i++)
        CmpIndexValue(Index, Key, i);
    Key->ValueIndex = Index;
}

static VOID CmpFreeKey(PCM_KEY Key)
{
    for (ULONG i = 0; i < Key->ValueCount; i++)
        CmpFreeValue(Key->Values[i]);
    if (Key->Values != NULL)
        ExFreePoolWithTag(Key->Values, CM_TAG_LIST);
    CmpDropValueIndex(Key);
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

ULONG CmpTreeDepth(PCM_KEY Root)
{
    ULONG Deepest = 0;

    for (PCM_KEY Key = Root; Key != NULL; Key = CmpNextInTree(Root, Key))
        Deepest = max(Deepest, Key->Depth);
    return Deepest - Root->Depth;
}

#define CMP_SWAP(a, b) \
    do { \
        __typeof__(a) CmpOne = (a); \
        (a) = (b); \
        (b) = CmpOne; \
    } while (0)

/* All but name, place and opens. */
static VOID CmpSwapContent(PCM_KEY One, PCM_KEY Other)
{
    CMP_SWAP(One->Class, Other->Class);
    CMP_SWAP(One->LastWriteTime, Other->LastWriteTime);
    CMP_SWAP(One->Wow64Flags, Other->Wow64Flags);
    CMP_SWAP(One->ControlFlags, Other->ControlFlags);
    CMP_SWAP(One->VirtualFlags, Other->VirtualFlags);
    CMP_SWAP(One->SubKeys, Other->SubKeys);
    CMP_SWAP(One->SubKeyCount, Other->SubKeyCount);
    CMP_SWAP(One->SubKeyCapacity, Other->SubKeyCapacity);
    CMP_SWAP(One->Values, Other->Values);
    CMP_SWAP(One->ValueCount, Other->ValueCount);
    CMP_SWAP(One->ValueCapacity, Other->ValueCapacity);
    CMP_SWAP(One->ValueIndex, Other->ValueIndex);
    CMP_SWAP(One->SecurityDescriptor, Other->SecurityDescriptor);
}

/* The subkeys are Key's from now on, the references that they hold on From, too. */
static VOID CmpAdoptSubKeys(PCM_KEY Key, PCM_KEY From)
{
    for (ULONG i = 0; i < Key->SubKeyCount; i++)
        Key->SubKeys[i]->Parent = Key;
    Key->ReferenceCount += (LONG)Key->SubKeyCount;
    From->ReferenceCount -= (LONG)Key->SubKeyCount;
}

VOID CmpTakeContent(PCM_KEY Key, PCM_KEY Tree)
{
    while (Key->SubKeyCount != 0)
        CmpUnlinkTree(Key->SubKeys[Key->SubKeyCount - 1]);
    CmpSwapContent(Key, Tree);
    CmpAdoptSubKeys(Key, Tree);
    for (PCM_KEY k = CmpNextInTree(Key, Key); k != NULL; k = CmpNextInTree(Key, k)) {
        k->Depth = k->Parent->Depth + 1;
        k->Flags |= Key->Flags & CM_KEY_VOLATILE;
    }
    CmpUnlinkTree(Tree);
    CmpReportChange(Key, REG_LEGAL_CHANGE_FILTER & ~(ULONG)REG_NOTIFY_THREAD_AGNOSTIC);
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

static BOOLEAN CmpHasName(PCM_VALUE Value, ULONG Hash, PCUNICODE_STRING Name)
{
    return Value->Hash == Hash && RtlEqualUnicodeString(&Value->Name, Name, TRUE);
}

static LONG CmpFindIndexedValue(PCM_KEY Key, ULONG Hash, PCUNICODE_STRING Name)
{
    PCM_VALUE_INDEX Index = Key->ValueIndex;

    for (ULONG Place = Hash & Index->Mask; Index->Positions[Place] != 0; Place = (Place + 1) & Index->Mask) {
        ULONG i = Index->Positions[Place] - 1;

        if (CmpHasName(Key->Values[i], Hash, Name))
            return (LONG)i;
    }
    return -1;
}

LONG CmpFindValue(PCM_KEY Key, PCUNICODE_STRING Name)
{
    ULONG Hash = CmpHashValueName(Name);

    if (Key->ValueIndex != NULL)
        return CmpFindIndexedValue(Key, Hash, Name);
    for (ULONG i = 0; i < Key->ValueCount; i++) {
        if (CmpHasName(Key->Values[i], Hash, Name))
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
        CmpIndexNewValue(Key);
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
    CmpDropValueIndex(Key);
    Key->ValueCount--;
    memmove(Key->Values + Index, Key->Values + Index + 1, (Key->ValueCount - Index) * sizeof(PCM_VALUE));
    CmpFreeEmptyList((PVOID **)&Key->Values, Key->ValueCount, &Key->ValueCapacity);
    KeQuerySystemTime(&Key->LastWriteTime);
    CmpReportChange(Key, REG_NOTIFY_CHANGE_LAST_SET);
    return STATUS_SUCCESS;
}
