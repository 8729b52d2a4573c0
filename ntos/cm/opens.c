/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who has keys of a hive open: NtQueryOpenSubKeys, NtQueryOpenSubKeysEx.  Every open is in CmpOpens (object.c puts it there).  Nothing
 * here waits.
 */
#include "ntos/cm/cmp.h"

LIST_ENTRY CmpOpens = { &CmpOpens, &CmpOpens };

/* Opens the root of a hive. */
static NTSTATUS CmpOpenHiveRoot(POBJECT_ATTRIBUTES TargetKey, PCM_KEY_BODY *Body)
{
    NTSTATUS Status = CmpOpenBodyByName(TargetKey, KEY_READ, Body);

    if (NT_SUCCESS(Status) && !((*Body)->Key->Flags & CM_KEY_HIVE)) {
        ObDereferenceObject(*Body);
        return STATUS_INVALID_PARAMETER;
    }
    return Status;
}

static ULONG CmpCountOpenSubKeys(PCM_KEY Root)
{
    ULONG Count = 0;

    for (PCM_KEY Key = CmpNextInTree(Root, Root); Key != NULL; Key = CmpNextInTree(Root, Key))
        Count += Key->ReferenceCount > 1 + (LONG)Key->SubKeyCount;
    return Count;
}

NTSTATUS NTAPI NtQueryOpenSubKeys(POBJECT_ATTRIBUTES TargetKey, PULONG HandleCount)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status = MmProbeForWrite(HandleCount, sizeof(*HandleCount), 1);

    if (NT_SUCCESS(Status))
        Status = CmpOpenHiveRoot(TargetKey, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmPutUser(HandleCount, CmpCountOpenSubKeys(Body->Key));
    ObDereferenceObject(Body);
    return Status;
}

/* The first open of the tree of Own, which is not counted itself, from Link on; NULL: there is none. */
static PCM_KEY_BODY CmpOpenInTree(PCM_KEY_BODY Own, PLIST_ENTRY Link)
{
    for (; Link != &CmpOpens; Link = Link->Flink) {
        PCM_KEY_BODY Body = CONTAINING_RECORD(Link, CM_KEY_BODY, OpenLink);

        for (PCM_KEY Key = Body->Key; Body != Own && Key != NULL; Key = Key->Parent)
            if (Key == Own->Key)
                return Body;
    }
    return NULL;
}

static NTSTATUS CmpPutOpen(PCM_KEY_BODY Body, PKEY_PID_ARRAY UserEntry, PUCHAR UserName, ULONG NameLength)
{
    PWCHAR Name = ExAllocatePoolWithTag(PagedPool, NameLength, CM_TAG_KEY);
    KEY_PID_ARRAY Entry;
    NTSTATUS Status;

    memset(&Entry, 0, sizeof(Entry));   /* what lies behind the lengths, too */
    Entry.PID = Body->ProcessId;
    Entry.KeyName.Length = Entry.KeyName.MaximumLength = (USHORT)NameLength;
    Entry.KeyName.Buffer = (PWSTR)UserName;
    if (Name == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    CmpKeyPath(Body->Key, Name);
    Status = MmCopyToUser(UserName, Name, NameLength);
    ExFreePoolWithTag(Name, CM_TAG_KEY);
    return NT_SUCCESS(Status) ? MmPutUser(UserEntry, Entry) : Status;
}

/* All opens into the answer, which has room for Count. */
static NTSTATUS CmpPutOpens(PCM_KEY_BODY Own, PKEY_OPEN_SUBKEYS_INFORMATION Info, ULONG Count)
{
    PUCHAR Name = (PUCHAR)(Info->KeyArray + Count);
    PCM_KEY_BODY Body = CmpOpenInTree(Own, CmpOpens.Flink);
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG i = 0; NT_SUCCESS(Status) && Body != NULL; i++, Body = CmpOpenInTree(Own, Body->OpenLink.Flink)) {
        ULONG NameLength = CmpKeyPath(Body->Key, NULL);

        if (NameLength > UNICODE_STRING_MAX_BYTES)
            return STATUS_NAME_TOO_LONG;
        Status = CmpPutOpen(Body, &Info->KeyArray[i], Name, NameLength);
        Name += NameLength;
    }
    return Status;
}

static NTSTATUS CmpListOpens(PCM_KEY_BODY Own, PKEY_OPEN_SUBKEYS_INFORMATION Info, ULONG Length, PULONG RequiredSize)
{
    ULONG Needed = FIELD_OFFSET(KEY_OPEN_SUBKEYS_INFORMATION, KeyArray);
    ULONG Count = 0;
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    for (Body = CmpOpenInTree(Own, CmpOpens.Flink); Body != NULL; Body = CmpOpenInTree(Own, Body->OpenLink.Flink)) {
        Needed += sizeof(KEY_PID_ARRAY) + CmpKeyPath(Body->Key, NULL);
        Count++;
    }
    Status = MmPutUser(RequiredSize, Needed);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Length < sizeof(Info->Count))
        return STATUS_BUFFER_TOO_SMALL;
    Status = MmPutUser(&Info->Count, Count);
    if (!NT_SUCCESS(Status))
        return Status;
    return Length < Needed ? STATUS_BUFFER_OVERFLOW : CmpPutOpens(Own, Info, Count);
}

NTSTATUS NTAPI NtQueryOpenSubKeysEx(POBJECT_ATTRIBUTES TargetKey, ULONG BufferLength, PVOID Buffer,
        PULONG RequiredSize)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmProbeForWrite(Buffer, BufferLength, 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(RequiredSize, sizeof(*RequiredSize), 1);
    if (NT_SUCCESS(Status))
        Status = CmpOpenHiveRoot(TargetKey, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpListOpens(Body, Buffer, BufferLength, RequiredSize);
    ObDereferenceObject(Body);
    return Status;
}
