/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What programs set of keys besides values: NtSetInformationKey, NtLockRegistryKey.  Flags are kept in the hive (hiveformat.h),
 * tags belong to the open.  Nothing here waits.
 */
#include "ntos/cm/cmp.h"

/* Of Wow64Flags and ControlFlags a hive keeps these. */
#define CMP_KEPT_FLAGS 0xf
#define CMP_VIRTUAL_FLAGS 0x7

static NTSTATUS CmpSetWriteTime(PCM_KEY_BODY Body, ULONG64 Number)
{
    Body->Key->LastWriteTime.QuadPart = (LONGLONG)Number;
    return STATUS_SUCCESS;
}

static NTSTATUS CmpSetWow64Flags(PCM_KEY_BODY Body, ULONG64 Number)
{
    Body->Key->Wow64Flags = Number & CMP_KEPT_FLAGS;
    return STATUS_SUCCESS;
}

static NTSTATUS CmpSetControlFlags(PCM_KEY_BODY Body, ULONG64 Number)
{
    Body->Key->ControlFlags = Number & CMP_KEPT_FLAGS;
    return STATUS_SUCCESS;
}

static NTSTATUS CmpSetVirtualFlags(PCM_KEY_BODY Body, ULONG64 Number)
{
    if (Number & ~(ULONG64)CMP_VIRTUAL_FLAGS)
        return STATUS_INVALID_PARAMETER;
    Body->Key->VirtualFlags = (UCHAR)Number;
    return STATUS_SUCCESS;
}

static NTSTATUS CmpSetHandleTags(PCM_KEY_BODY Body, ULONG64 Number)
{
    Body->HandleTags = (ULONG)Number;
    return STATUS_SUCCESS;
}

/* For checked builds, and of layered hives. */
static NTSTATUS CmpSetNothing(PCM_KEY_BODY Body, ULONG64 Number)
{
    return STATUS_NOT_SUPPORTED;
}

static const struct {
    ULONG Length;                       /* of a number */
    ACCESS_MASK Access;
    NTSTATUS (*Set)(PCM_KEY_BODY Body, ULONG64 Number);
} CmpSetClasses[] = {
    [KeyWriteTimeInformation] = { sizeof(LARGE_INTEGER), KEY_SET_VALUE, CmpSetWriteTime },
    [KeyWow64FlagsInformation] = { sizeof(ULONG), KEY_SET_VALUE, CmpSetWow64Flags },
    [KeyControlFlagsInformation] = { sizeof(ULONG), KEY_SET_VALUE, CmpSetControlFlags },
    [KeySetVirtualizationInformation] = { sizeof(ULONG), KEY_SET_VALUE, CmpSetVirtualFlags },
    [KeySetDebugInformation] = { sizeof(ULONG), KEY_SET_VALUE, CmpSetNothing },
    [KeySetHandleTagsInformation] = { sizeof(ULONG), 0, CmpSetHandleTags },
    [KeySetLayerInformation] = { sizeof(ULONG), KEY_SET_VALUE, CmpSetNothing },
};

/* Source: Microsoft, "ZwSetInformationKey". */
NTSTATUS NTAPI NtSetInformationKey(HANDLE KeyHandle, KEY_SET_INFORMATION_CLASS KeySetInformationClass,
        PVOID KeySetInformation, ULONG KeySetInformationLength)
{
    BOOLEAN OfOpen = KeySetInformationClass == KeySetHandleTagsInformation;
    ULONG64 Number = 0;
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if ((ULONG)KeySetInformationClass >= RTL_NUMBER_OF(CmpSetClasses))
        return STATUS_INVALID_INFO_CLASS;
    if (KeySetInformationLength != CmpSetClasses[KeySetInformationClass].Length)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Number, KeySetInformation, KeySetInformationLength);
    if (NT_SUCCESS(Status))
        Status = CmpReferenceBody(KeyHandle, CmpSetClasses[KeySetInformationClass].Access, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = OfOpen ? STATUS_SUCCESS : CmpCheckChange(Body->Key);
    if (NT_SUCCESS(Status))
        Status = CmpSetClasses[KeySetInformationClass].Set(Body, Number);
    /* Nobody who watches is told; the hive is written. */
    if (NT_SUCCESS(Status) && !OfOpen)
        CmpReportChange(Body->Key, 0);
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS NTAPI NtLockRegistryKey(HANDLE KeyHandle)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_LOCK_MEMORY_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = CmpReferenceBody(KeyHandle, KEY_WRITE, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Body->Key->Flags |= CM_KEY_READ_ONLY;
    ObDereferenceObject(Body);
    return STATUS_SUCCESS;
}
