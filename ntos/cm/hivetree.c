/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Between the tree of keys and hive images: CmpTellTrees streams a tree, or two as one, CmpReadTree makes one of an image. Nothing
 * here waits or recurses.
 */
#include "ntos/cm/cmp.h"

static PVOID CmpPoolAllocate(SIZE_T Bytes)
{
    return ExAllocatePoolWithTag(PagedPool, Bytes, CM_TAG_HIVE);
}

static VOID CmpPoolFree(PVOID Memory)
{
    ExFreePoolWithTag(Memory, CM_TAG_HIVE);
}

const CM_HIVE_MEMORY CmpPoolMemory = { CmpPoolAllocate, CmpPoolFree };

/* --- from the tree -------------------------------------------------------------------------------------------- */

/* Which of a hive's flags stands for which bit of KEY_SET_VIRTUALIZATION_INFORMATION. */
static const ULONG CmpVirtualBits[] = { HKEY_VIRTUAL_TARGET, HKEY_VIRTUAL_STORE, HKEY_VIRTUAL_SOURCE };

static ULONG CmpVirtualFlags(PCM_KEY Key)
{
    ULONG Flags = 0;

    for (ULONG i = 0; i < RTL_NUMBER_OF(CmpVirtualBits); i++)
        Flags |= Key->VirtualFlags & 1u << i ? CmpVirtualBits[i] : 0;
    return Flags;
}

static NTSTATUS CmpTellKey(PCM_KEY Key, const CM_HIVE_SINK *Sink, PVOID Context)
{
    CM_HIVE_KEY Told = {
        .Name = Key->Name,
        .Class = Key->Class,
        .LastWriteTime = Key->LastWriteTime.QuadPart,
        .Flags = (Key->Flags & CM_KEY_LINK ? HKEY_SYM_LINK : 0) | CmpVirtualFlags(Key),
        .UserFlags = Key->Wow64Flags | (UCHAR)(Key->ControlFlags << 4),
        .Descriptor = Key->SecurityDescriptor,
        .DescriptorLength = RtlLengthSecurityDescriptor(Key->SecurityDescriptor),
    };
    NTSTATUS Status = Sink->EnterKey(Context, &Told);

    for (ULONG i = 0; NT_SUCCESS(Status) && i < Key->ValueCount; i++) {
        PCM_VALUE Value = Key->Values[i];

        Status = Sink->Value(Context, &Value->Name, Value->Type, Value->Data, Value->DataLength);
    }
    return Status;
}

/* A level of the walk over one tree or two: a key of each that has the same place, or NULL; which subkey comes next. */
typedef struct _CMP_TELL_LEVEL {
    PCM_KEY Keys[2];
    ULONG Next[2];
} CMP_TELL_LEVEL, *PCMP_TELL_LEVEL;

/* What the first key does not have of the second one's. */
static NTSTATUS CmpTellLowValues(PCM_KEY High, PCM_KEY Low, const CM_HIVE_SINK *Sink, PVOID Context)
{
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG i = 0; NT_SUCCESS(Status) && i < Low->ValueCount; i++) {
        PCM_VALUE Value = Low->Values[i];

        if (CmpFindValue(High, &Value->Name) < 0)
            Status = Sink->Value(Context, &Value->Name, Value->Type, Value->Data, Value->DataLength);
    }
    return Status;
}

static NTSTATUS CmpTellLevel(PCMP_TELL_LEVEL Level, const CM_HIVE_SINK *Sink, PVOID Context)
{
    PCM_KEY High = Level->Keys[0], Low = Level->Keys[1];
    NTSTATUS Status = CmpTellKey(High != NULL ? High : Low, Sink, Context);

    return NT_SUCCESS(Status) && High != NULL && Low != NULL ? CmpTellLowValues(High, Low, Sink, Context) : Status;
}

/* The next subkey that is kept in a file; NULL: there is none. */
static PCM_KEY CmpKeptSubKey(PCM_KEY Key, PULONG Index)
{
    for (; Key != NULL && *Index < Key->SubKeyCount; ++*Index)
        if (!(Key->SubKeys[*Index]->Flags & CM_KEY_VOLATILE))
            return Key->SubKeys[*Index];
    return NULL;
}

/* The first of what is left by name: of one key, or of both.  FALSE: nothing is left. */
static BOOLEAN CmpNextLevel(PCMP_TELL_LEVEL Level, PCMP_TELL_LEVEL Below)
{
    PCM_KEY High = CmpKeptSubKey(Level->Keys[0], &Level->Next[0]);
    PCM_KEY Low = CmpKeptSubKey(Level->Keys[1], &Level->Next[1]);
    LONG Order = High == NULL ? 1 : Low == NULL ? -1 : RtlCompareUnicodeString(&High->Name, &Low->Name, TRUE);

    memset(Below, 0, sizeof(*Below));
    if (High == NULL && Low == NULL)
        return FALSE;
    if (Order <= 0) {
        Below->Keys[0] = High;
        Level->Next[0]++;
    }
    if (Order >= 0) {
        Below->Keys[1] = Low;
        Level->Next[1]++;
    }
    return TRUE;
}

NTSTATUS CmpTellTrees(PCM_KEY High, PCM_KEY Low, const CM_HIVE_SINK *Sink, PVOID Context)
{
    PCMP_TELL_LEVEL Levels = ExAllocatePoolZero(PagedPool, (CM_HIVE_MAXIMUM_DEPTH + 1) * sizeof(*Levels), CM_TAG_HIVE);
    ULONG Depth = 0;
    NTSTATUS Status;

    if (Levels == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Levels[0].Keys[0] = High;
    Levels[0].Keys[1] = Low;
    Status = CmpTellLevel(&Levels[0], Sink, Context);
    while (NT_SUCCESS(Status)) {
        if (!CmpNextLevel(&Levels[Depth], &Levels[Depth + 1])) {
            Status = Sink->LeaveKey(Context);
            if (Depth-- == 0)
                break;
        } else if (Depth + 1 == CM_HIVE_MAXIMUM_DEPTH) {
            Status = STATUS_REGISTRY_QUOTA_LIMIT;
        } else {
            Status = CmpTellLevel(&Levels[++Depth], Sink, Context);
        }
    }
    ExFreePoolWithTag(Levels, CM_TAG_HIVE);
    return Status;
}

NTSTATUS CmpMakeImage(PCM_KEY High, PCM_KEY Low, ULONG Minor, PVOID *Image, PULONG ImageLength)
{
    PCM_HIVE_BUILDER Builder = CmpCreateHiveBuilder(&CmpPoolMemory);
    NTSTATUS Status;

    *Image = NULL;
    *ImageLength = 0;
    if (Builder == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    CmpSetHiveFormat(Builder, Minor);
    Status = CmpTellTrees(High, Low, &CmpHiveBuilderSink, Builder);
    if (NT_SUCCESS(Status))
        return CmpFinishHiveBuilder(Builder, Image, ImageLength);
    CmpDeleteHiveBuilder(Builder);
    return Status;
}

/* --- to the tree ---------------------------------------------------------------------------------------------- */

typedef struct _CMP_TREE_READER {
    PCM_KEY Root;                       /* owns the one reference of a tree without a parent */
    PCM_KEY Current;
    ULONG Depth;                        /* of Current; 0: none */
    LONGLONG Times[CM_HIVE_MAXIMUM_DEPTH + 1]; /* set last: each value and subkey changes a key's time */
} CMP_TREE_READER, *PCMP_TREE_READER;

/* A descriptor from a file: checked, and copied into pool by se, unless it is what the key has from its parent. */
static NTSTATUS CmpTakeDescriptor(PCM_KEY Key, const CM_HIVE_KEY *Told)
{
    PSECURITY_DESCRIPTOR Own;
    PVOID Copy;
    NTSTATUS Status;

    if (Told->DescriptorLength == 0 ||
        (Told->DescriptorLength == RtlLengthSecurityDescriptor(Key->SecurityDescriptor) &&
         memcmp(Told->Descriptor, Key->SecurityDescriptor, Told->DescriptorLength) == 0))
        return STATUS_SUCCESS;
    Copy = CmpPoolAllocate(Told->DescriptorLength);
    if (Copy == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(Copy, Told->Descriptor, Told->DescriptorLength);
    Status = STATUS_REGISTRY_CORRUPT;
    if (RtlValidRelativeSecurityDescriptor(Copy, Told->DescriptorLength, 0))
        Status = SeCaptureSecurityDescriptor(Copy, KernelMode, &Own);
    if (NT_SUCCESS(Status)) {
        CmpSetDescriptor(Key, Own);
        SeReleaseSecurityDescriptor(Own);
    }
    CmpPoolFree(Copy);
    return Status;
}

static VOID CmpTakeFlags(PCM_KEY Key, const CM_HIVE_KEY *Told)
{
    Key->Wow64Flags = Told->UserFlags & 0xf;
    Key->ControlFlags = Told->UserFlags >> 4;
    for (ULONG i = 0; i < RTL_NUMBER_OF(CmpVirtualBits); i++)
        Key->VirtualFlags |= Told->Flags & CmpVirtualBits[i] ? 1u << i : 0;
}

static NTSTATUS CmpReadTreeKey(PVOID Context, const CM_HIVE_KEY *Told)
{
    PCMP_TREE_READER Reader = Context;
    ULONG Flags = Told->Flags & HKEY_SYM_LINK ? CM_KEY_LINK : 0;
    PCM_KEY Key;
    NTSTATUS Status;

    if (Reader->Current == NULL) {
        Key = Reader->Root = CmpAllocateKey(&Told->Name, &Told->Class, Flags);
        if (Key == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
    } else {
        if (CmpFindSubKey(Reader->Current, &Told->Name) != NULL)
            return STATUS_REGISTRY_CORRUPT;
        Status = CmpCreateSubKey(Reader->Current, &Told->Name, &Told->Class, Flags, &Key);
        if (!NT_SUCCESS(Status))
            return Status == STATUS_INVALID_PARAMETER ? STATUS_REGISTRY_CORRUPT : Status;
        CmpDereferenceKey(Key);
    }
    CmpTakeFlags(Key, Told);
    Reader->Current = Key;
    Reader->Times[++Reader->Depth] = Told->LastWriteTime;
    return CmpTakeDescriptor(Key, Told);
}

static NTSTATUS CmpReadTreeValue(PVOID Context, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength)
{
    PCMP_TREE_READER Reader = Context;
    NTSTATUS Status;

    if (CmpFindValue(Reader->Current, Name) >= 0)
        return STATUS_REGISTRY_CORRUPT;
    Status = CmpSetValue(Reader->Current, Name, Type, Data, DataLength);
    return Status == STATUS_INVALID_PARAMETER ? STATUS_REGISTRY_CORRUPT : Status;
}

static NTSTATUS CmpReadTreeLeave(PVOID Context)
{
    PCMP_TREE_READER Reader = Context;

    Reader->Current->LastWriteTime.QuadPart = Reader->Times[Reader->Depth--];
    Reader->Current = Reader->Current->Parent;
    return STATUS_SUCCESS;
}

NTSTATUS CmpReadTree(const void *Image, ULONG ImageLength, PCM_KEY *Root)
{
    static const CM_HIVE_SINK Sink = { CmpReadTreeKey, CmpReadTreeValue, CmpReadTreeLeave };
    PCMP_TREE_READER Reader = ExAllocatePoolZero(PagedPool, sizeof(*Reader), CM_TAG_HIVE);
    NTSTATUS Status;

    *Root = NULL;
    if (Reader == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = CmpReadHive(&CmpPoolMemory, &Sink, Reader, Image, ImageLength);
    if (NT_SUCCESS(Status))
        *Root = Reader->Root;
    else if (Reader->Root != NULL)
        CmpUnlinkTree(Reader->Root);
    ExFreePoolWithTag(Reader, CM_TAG_HIVE);
    return Status;
}
