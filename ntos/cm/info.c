/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What programs read of keys and values: NtQueryKey, NtEnumerateKey, NtQueryValueKey, NtEnumerateValueKey,
 * NtQueryMultipleValueKey.
 *
 * All information classes have a fixed part and a tail.  The common rule: *ResultLength is always the length of the
 * whole answer; a buffer shorter than the fixed part gets nothing (STATUS_BUFFER_TOO_SMALL), one shorter than the
 * answer what fits (STATUS_BUFFER_OVERFLOW).  Answers are written piece by piece into the program's buffer
 * (CMP_ANSWER).  Nothing here waits.
 */
#include "ntos/cm/cmp.h"

typedef struct _CMP_ANSWER {
    PUCHAR Buffer;                      /* the program's */
    ULONG Length;                       /* of it */
    ULONG Needed;                       /* of the whole answer */
    NTSTATUS Status;                    /* first failure of a copy */
    ULONG HandleTags;                   /* of the open that is asked */
} CMP_ANSWER, *PCMP_ANSWER;

#define CMP_ALIGN(n, a) (((n) + ((a) - 1)) & ~((ULONG)(a) - 1))

static VOID CmpPut(PCMP_ANSWER Answer, ULONG Offset, const void *Data, ULONG Size)
{
    if (!NT_SUCCESS(Answer->Status) || Offset >= Answer->Length)
        return;
    Answer->Status = MmCopyToUser(Answer->Buffer + Offset, Data, min(Size, Answer->Length - Offset));
}

/* Before anything is looked up: can the answer be written at all? */
static NTSTATUS CmpProbe(const CMP_ANSWER *Answer, PULONG ResultLength)
{
    NTSTATUS Status = MmProbeForWrite(Answer->Buffer, Answer->Length, 1);

    return NT_SUCCESS(Status) ? MmProbeForWrite(ResultLength, sizeof(*ResultLength), 1) : Status;
}

/* Fixed part and total length are known: may anything be written? */
static BOOLEAN CmpBegin(PCMP_ANSWER Answer, ULONG FixedSize, ULONG Needed)
{
    Answer->Needed = Needed;
    if (Answer->Length >= FixedSize)
        return TRUE;
    Answer->Status = STATUS_BUFFER_TOO_SMALL;
    return FALSE;
}

static NTSTATUS CmpFinish(PCMP_ANSWER Answer, PULONG ResultLength)
{
    NTSTATUS Status = Answer->Status;

    if (NT_SUCCESS(Status) && Answer->Length < Answer->Needed)
        Status = STATUS_BUFFER_OVERFLOW;
    if (NT_SUCCESS(Status) || Status == STATUS_BUFFER_OVERFLOW || Status == STATUS_BUFFER_TOO_SMALL) {
        NTSTATUS WriteStatus = MmPutUser(ResultLength, Answer->Needed);

        if (!NT_SUCCESS(WriteStatus))
            Status = WriteStatus;
    }
    return Status;
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

typedef struct _CMP_LIMITS {
    ULONG Name, Class, ValueName, Data;
} CMP_LIMITS;

static CMP_LIMITS CmpFindLimits(PCM_KEY Key)
{
    CMP_LIMITS Limits = { 0 };

    for (ULONG i = 0; i < Key->SubKeyCount; i++) {
        Limits.Name = max(Limits.Name, Key->SubKeys[i]->Name.Length);
        Limits.Class = max(Limits.Class, Key->SubKeys[i]->Class.Length);
    }
    for (ULONG i = 0; i < Key->ValueCount; i++) {
        Limits.ValueName = max(Limits.ValueName, Key->Values[i]->Name.Length);
        Limits.Data = max(Limits.Data, Key->Values[i]->DataLength);
    }
    return Limits;
}

static VOID CmpKeyBasic(PCM_KEY Key, PCMP_ANSWER Answer)
{
    ULONG Fixed = FIELD_OFFSET(KEY_BASIC_INFORMATION, Name);
    KEY_BASIC_INFORMATION Info = { Key->LastWriteTime, 0, Key->Name.Length, { 0 } };

    if (!CmpBegin(Answer, Fixed, Fixed + Key->Name.Length))
        return;
    CmpPut(Answer, 0, &Info, Fixed);
    CmpPut(Answer, Fixed, Key->Name.Buffer, Key->Name.Length);
}

static VOID CmpKeyNode(PCM_KEY Key, PCMP_ANSWER Answer)
{
    ULONG Fixed = FIELD_OFFSET(KEY_NODE_INFORMATION, Name);
    ULONG ClassOffset = CMP_ALIGN(Fixed + Key->Name.Length, sizeof(ULONG));
    BOOLEAN HasClass = Key->Class.Length != 0;
    KEY_NODE_INFORMATION Info = {
        Key->LastWriteTime, 0, HasClass ? ClassOffset : (ULONG)-1, Key->Class.Length, Key->Name.Length, { 0 }
    };

    if (!CmpBegin(Answer, Fixed, HasClass ? ClassOffset + Key->Class.Length : Fixed + Key->Name.Length))
        return;
    CmpPut(Answer, 0, &Info, Fixed);
    CmpPut(Answer, Fixed, Key->Name.Buffer, Key->Name.Length);
    if (HasClass)
        CmpPut(Answer, ClassOffset, Key->Class.Buffer, Key->Class.Length);
}

static VOID CmpKeyFull(PCM_KEY Key, PCMP_ANSWER Answer)
{
    ULONG Fixed = FIELD_OFFSET(KEY_FULL_INFORMATION, Class);
    CMP_LIMITS Limits = CmpFindLimits(Key);
    KEY_FULL_INFORMATION Info = {
        .LastWriteTime = Key->LastWriteTime,
        .ClassOffset = Key->Class.Length != 0 ? Fixed : (ULONG)-1,
        .ClassLength = Key->Class.Length,
        .SubKeys = Key->SubKeyCount,
        .MaxNameLen = Limits.Name,
        .MaxClassLen = Limits.Class,
        .Values = Key->ValueCount,
        .MaxValueNameLen = Limits.ValueName,
        .MaxValueDataLen = Limits.Data,
    };

    if (!CmpBegin(Answer, Fixed, Fixed + Key->Class.Length))
        return;
    CmpPut(Answer, 0, &Info, Fixed);
    CmpPut(Answer, Fixed, Key->Class.Buffer, Key->Class.Length);
}

static VOID CmpKeyName(PCM_KEY Key, PCMP_ANSWER Answer)
{
    ULONG Fixed = FIELD_OFFSET(KEY_NAME_INFORMATION, Name);
    ULONG PathLength = CmpKeyPath(Key, NULL);
    PWCHAR Path;

    if (!CmpBegin(Answer, Fixed, Fixed + PathLength))
        return;
    Path = ExAllocatePoolWithTag(PagedPool, PathLength, CM_TAG_KEY);
    if (Path == NULL) {
        Answer->Status = STATUS_INSUFFICIENT_RESOURCES;
        return;
    }
    CmpKeyPath(Key, Path);
    CmpPut(Answer, 0, &PathLength, Fixed);
    CmpPut(Answer, Fixed, Path, PathLength);
    ExFreePoolWithTag(Path, CM_TAG_KEY);
}

static VOID CmpKeyCached(PCM_KEY Key, PCMP_ANSWER Answer)
{
    CMP_LIMITS Limits = CmpFindLimits(Key);
    KEY_CACHED_INFORMATION Info;

    memset(&Info, 0, sizeof(Info));     /* what lies behind the last field, too */
    Info.LastWriteTime = Key->LastWriteTime;
    Info.SubKeys = Key->SubKeyCount;
    Info.MaxNameLen = Limits.Name;
    Info.Values = Key->ValueCount;
    Info.MaxValueNameLen = Limits.ValueName;
    Info.MaxValueDataLen = Limits.Data;
    Info.NameLength = Key->Name.Length;
    if (CmpBegin(Answer, sizeof(Info), sizeof(Info)))
        CmpPut(Answer, 0, &Info, sizeof(Info));
}

static VOID CmpKeyFlags(PCM_KEY Key, PCMP_ANSWER Answer)
{
    KEY_FLAGS_INFORMATION Info = {
        Key->Wow64Flags, (Key->Flags & CM_KEY_VOLATILE ? 1 : 0) | (Key->Flags & CM_KEY_LINK ? 2 : 0), Key->ControlFlags,
    };

    if (CmpBegin(Answer, sizeof(Info), sizeof(Info)))
        CmpPut(Answer, 0, &Info, sizeof(Info));
}

static VOID CmpPutNumber(PCMP_ANSWER Answer, ULONG Number)
{
    if (CmpBegin(Answer, sizeof(Number), sizeof(Number)))
        CmpPut(Answer, 0, &Number, sizeof(Number));
}

/* No key is a candidate: nothing is virtualized here. */
static VOID CmpKeyVirtualization(PCM_KEY Key, PCMP_ANSWER Answer)
{
    CmpPutNumber(Answer, (ULONG)Key->VirtualFlags << 2);
}

static VOID CmpKeyHandleTags(PCM_KEY Key, PCMP_ANSWER Answer)
{
    CmpPutNumber(Answer, Answer->HandleTags);
}

/* No hive is loaded as one that is trusted, and none is a layer over another one. */
static VOID CmpKeyNoFlags(PCM_KEY Key, PCMP_ANSWER Answer)
{
    CmpPutNumber(Answer, 0);
}

static VOID (*const CmpKeyClasses[])(PCM_KEY, PCMP_ANSWER) = {
    [KeyBasicInformation] = CmpKeyBasic,
    [KeyNodeInformation] = CmpKeyNode,
    [KeyFullInformation] = CmpKeyFull,
    [KeyNameInformation] = CmpKeyName,
    [KeyCachedInformation] = CmpKeyCached,
    [KeyFlagsInformation] = CmpKeyFlags,
    [KeyVirtualizationInformation] = CmpKeyVirtualization,
    [KeyHandleTagsInformation] = CmpKeyHandleTags,
    [KeyTrustInformation] = CmpKeyNoFlags,
    [KeyLayerInformation] = CmpKeyNoFlags,
};

NTSTATUS NTAPI NtQueryKey(HANDLE KeyHandle, KEY_INFORMATION_CLASS KeyInformationClass, PVOID KeyInformation,
        ULONG Length, PULONG ResultLength)
{
    CMP_ANSWER Answer = { .Buffer = KeyInformation, .Length = Length };
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if ((ULONG)KeyInformationClass >= RTL_NUMBER_OF(CmpKeyClasses))
        return STATUS_INVALID_PARAMETER;
    Status = CmpProbe(&Answer, ResultLength);
    /* The name may be asked for with any access. */
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KeyInformationClass == KeyNameInformation ||
                                  KeyInformationClass == KeyHandleTagsInformation ? 0 : KEY_QUERY_VALUE, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Answer.HandleTags = Body->HandleTags;
    CmpKeyClasses[KeyInformationClass](Body->Key, &Answer);
    ObDereferenceObject(Body);
    return CmpFinish(&Answer, ResultLength);
}

NTSTATUS NTAPI NtEnumerateKey(HANDLE KeyHandle, ULONG Index, KEY_INFORMATION_CLASS KeyInformationClass,
        PVOID KeyInformation, ULONG Length, PULONG ResultLength)
{
    CMP_ANSWER Answer = { .Buffer = KeyInformation, .Length = Length };
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    /* Index -1 is NtQueryKey by another name. */
    if (Index == (ULONG)-1)
        return NtQueryKey(KeyHandle, KeyInformationClass, KeyInformation, Length, ResultLength);
    if ((ULONG)KeyInformationClass > KeyCachedInformation)
        return STATUS_INVALID_PARAMETER;
    Status = CmpProbe(&Answer, ResultLength);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KEY_ENUMERATE_SUB_KEYS, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Index >= Body->Key->SubKeyCount) {
        ObDereferenceObject(Body);
        return STATUS_NO_MORE_ENTRIES;
    }
    CmpKeyClasses[KeyInformationClass](Body->Key->SubKeys[Index], &Answer);
    ObDereferenceObject(Body);
    return CmpFinish(&Answer, ResultLength);
}

/* --- values --------------------------------------------------------------------------------------------------- */

static VOID CmpValueBasic(PCM_VALUE Value, PCMP_ANSWER Answer)
{
    ULONG Fixed = FIELD_OFFSET(KEY_VALUE_BASIC_INFORMATION, Name);
    KEY_VALUE_BASIC_INFORMATION Info = { 0, Value->Type, Value->Name.Length, { 0 } };

    if (!CmpBegin(Answer, Fixed, Fixed + Value->Name.Length))
        return;
    CmpPut(Answer, 0, &Info, Fixed);
    CmpPut(Answer, Fixed, Value->Name.Buffer, Value->Name.Length);
}

static VOID CmpValueFullAligned(PCM_VALUE Value, PCMP_ANSWER Answer, ULONG Alignment)
{
    ULONG Fixed = FIELD_OFFSET(KEY_VALUE_FULL_INFORMATION, Name);
    ULONG DataOffset = CMP_ALIGN(Fixed + Value->Name.Length, Alignment);
    BOOLEAN HasData = Value->DataLength != 0;
    KEY_VALUE_FULL_INFORMATION Info = {
        0, Value->Type, HasData ? DataOffset : (ULONG)-1, Value->DataLength, Value->Name.Length, { 0 }
    };

    if (!CmpBegin(Answer, Fixed, HasData ? DataOffset + Value->DataLength : Fixed + Value->Name.Length))
        return;
    CmpPut(Answer, 0, &Info, Fixed);
    CmpPut(Answer, Fixed, Value->Name.Buffer, Value->Name.Length);
    if (HasData)
        CmpPut(Answer, DataOffset, Value->Data, Value->DataLength);
}

static VOID CmpValueFull(PCM_VALUE Value, PCMP_ANSWER Answer)
{
    CmpValueFullAligned(Value, Answer, sizeof(ULONG));
}

static VOID CmpValueFull64(PCM_VALUE Value, PCMP_ANSWER Answer)
{
    CmpValueFullAligned(Value, Answer, sizeof(ULONG64));
}

static VOID CmpValuePartial(PCM_VALUE Value, PCMP_ANSWER Answer)
{
    ULONG Fixed = FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data);
    KEY_VALUE_PARTIAL_INFORMATION Info = { 0, Value->Type, Value->DataLength, { 0 } };

    if (!CmpBegin(Answer, Fixed, Fixed + Value->DataLength))
        return;
    CmpPut(Answer, 0, &Info, Fixed);
    CmpPut(Answer, Fixed, Value->Data, Value->DataLength);
}

static VOID CmpValuePartial64(PCM_VALUE Value, PCMP_ANSWER Answer)
{
    ULONG Info[2] = { Value->Type, Value->DataLength };

    if (!CmpBegin(Answer, sizeof(Info), sizeof(Info) + Value->DataLength))
        return;
    CmpPut(Answer, 0, Info, sizeof(Info));
    CmpPut(Answer, sizeof(Info), Value->Data, Value->DataLength);
}

static VOID (*const CmpValueClasses[])(PCM_VALUE, PCMP_ANSWER) = {
    [KeyValueBasicInformation] = CmpValueBasic,
    [KeyValueFullInformation] = CmpValueFull,
    [KeyValuePartialInformation] = CmpValuePartial,
    [KeyValueFullInformationAlign64] = CmpValueFull64,
    [KeyValuePartialInformationAlign64] = CmpValuePartial64,
};

NTSTATUS NTAPI NtQueryValueKey(HANDLE KeyHandle, PUNICODE_STRING ValueName,
        KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass, PVOID KeyValueInformation, ULONG Length,
        PULONG ResultLength)
{
    CMP_ANSWER Answer = { .Buffer = KeyValueInformation, .Length = Length };
    UNICODE_STRING Name;
    PCM_KEY_BODY Body;
    LONG Index;
    NTSTATUS Status;

    if ((ULONG)KeyValueInformationClass >= RTL_NUMBER_OF(CmpValueClasses))
        return STATUS_INVALID_PARAMETER;
    Status = CmpProbe(&Answer, ResultLength);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KEY_QUERY_VALUE, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCaptureUnicodeString(ValueName, &Name);
    if (NT_SUCCESS(Status)) {
        Index = CmpFindValue(Body->Key, &Name);
        if (Index >= 0) {
            CmpValueClasses[KeyValueInformationClass](Body->Key->Values[Index], &Answer);
            Status = CmpFinish(&Answer, ResultLength);
        } else {
            Status = STATUS_OBJECT_NAME_NOT_FOUND;
        }
        MmReleaseUnicodeString(&Name);
    }
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS NTAPI NtEnumerateValueKey(HANDLE KeyHandle, ULONG Index, KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
        PVOID KeyValueInformation, ULONG Length, PULONG ResultLength)
{
    CMP_ANSWER Answer = { .Buffer = KeyValueInformation, .Length = Length };
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if ((ULONG)KeyValueInformationClass >= RTL_NUMBER_OF(CmpValueClasses))
        return STATUS_INVALID_PARAMETER;
    Status = CmpProbe(&Answer, ResultLength);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KEY_QUERY_VALUE, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Index < Body->Key->ValueCount) {
        CmpValueClasses[KeyValueInformationClass](Body->Key->Values[Index], &Answer);
        Status = CmpFinish(&Answer, ResultLength);
    } else {
        Status = STATUS_NO_MORE_ENTRIES;
    }
    ObDereferenceObject(Body);
    return Status;
}

#define CMP_MAXIMUM_ENTRIES 0x10000u

/* What lies in ValueBuffer by now: Used; Needed: what all would want. */
typedef struct _CMP_VALUES {
    PUCHAR Buffer;
    ULONG Length, Used, Needed;
} CMP_VALUES, *PCMP_VALUES;

/* Once one value did not fit, none that follows is copied. */
static NTSTATUS CmpPutValue(PCMP_VALUES Values, PCM_VALUE Value, PKEY_VALUE_ENTRY UserEntry, PKEY_VALUE_ENTRY Entry)
{
    ULONG Offset = CMP_ALIGN(Values->Needed, sizeof(ULONG));
    NTSTATUS Status = STATUS_SUCCESS;

    if (Value->DataLength > (ULONG)-1 - sizeof(ULONG) - Offset)
        return STATUS_INSUFFICIENT_RESOURCES;
    Values->Needed = Offset + Value->DataLength;
    Entry->Type = Value->Type;
    Entry->DataLength = Value->DataLength;
    if (Values->Needed <= Values->Length) {
        Entry->DataOffset = Offset;
        Values->Used = Values->Needed;
        Status = MmCopyToUser(Values->Buffer + Offset, Value->Data, Value->DataLength);
    }
    return NT_SUCCESS(Status) ? MmPutUser(UserEntry, *Entry) : Status;
}

static NTSTATUS CmpQueryEntry(PCM_KEY Key, PKEY_VALUE_ENTRY UserEntry, PCMP_VALUES Values)
{
    KEY_VALUE_ENTRY Entry;
    UNICODE_STRING Name;
    LONG Index;
    NTSTATUS Status = MmGetUser(&Entry, UserEntry);

    if (NT_SUCCESS(Status))
        Status = MmCaptureUnicodeString(Entry.ValueName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Index = CmpFindValue(Key, &Name);
    MmReleaseUnicodeString(&Name);
    return Index < 0 ? STATUS_OBJECT_NAME_NOT_FOUND : CmpPutValue(Values, Key->Values[Index], UserEntry, &Entry);
}

/* Source: Microsoft, "RegQueryMultipleValues" (all of them at one time: nobody changes one between). */
NTSTATUS NTAPI NtQueryMultipleValueKey(HANDLE KeyHandle, PKEY_VALUE_ENTRY ValueEntries, ULONG EntryCount,
        PVOID ValueBuffer, PULONG BufferLength, PULONG RequiredBufferLength)
{
    CMP_VALUES Values = { .Buffer = ValueBuffer };
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (EntryCount > CMP_MAXIMUM_ENTRIES)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmGetUser(&Values.Length, BufferLength);
    if (NT_SUCCESS(Status))
        Status = MmProbeAnswer(BufferLength, sizeof(*BufferLength), RequiredBufferLength, sizeof(*RequiredBufferLength));
    if (NT_SUCCESS(Status))
        Status = MmProbeAnswer(ValueEntries, EntryCount * sizeof(*ValueEntries), ValueBuffer, Values.Length);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, KEY_QUERY_VALUE, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; NT_SUCCESS(Status) && i < EntryCount; i++)
        Status = CmpQueryEntry(Body->Key, &ValueEntries[i], &Values);
    ObDereferenceObject(Body);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(BufferLength, Values.Used);
    if (NT_SUCCESS(Status) && RequiredBufferLength != NULL)
        Status = MmPutUser(RequiredBufferLength, Values.Needed);
    return NT_SUCCESS(Status) && Values.Needed > Values.Length ? STATUS_BUFFER_OVERFLOW : Status;
}
