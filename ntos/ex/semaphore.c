/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Semaphores: a KSEMAPHORE as an object.  NtCreateSemaphore, NtOpenSemaphore, NtReleaseSemaphore, NtQuerySemaphore.
 * Nothing here waits.
 */
#include "ntos/ex/exp.h"

POBJECT_TYPE ExSemaphoreObjectType;

static const OBJECT_TYPE_INITIALIZER ExpSemaphoreTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        STANDARD_RIGHTS_READ | SEMAPHORE_QUERY_STATE,
        STANDARD_RIGHTS_WRITE | SEMAPHORE_MODIFY_STATE,
        STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
        SEMAPHORE_ALL_ACCESS
    },
    .ValidAccessMask = SEMAPHORE_ALL_ACCESS,
    .WaitOffset = 0,
};

NTSTATUS ExpInitSemaphores(VOID)
{
    return ExpCreateType(L"Semaphore", &ExpSemaphoreTypeInitializer, &ExSemaphoreObjectType);
}

NTSTATUS NTAPI NtCreateSemaphore(PHANDLE SemaphoreHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, LONG InitialCount, LONG MaximumCount)
{
    PKSEMAPHORE Semaphore;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (MaximumCount <= 0 || InitialCount < 0 || InitialCount > MaximumCount)
        return ObReturnHandle(STATUS_INVALID_PARAMETER, NULL, SemaphoreHandle);
    Status = ObCreateObject(UserMode, ExSemaphoreObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Semaphore), 0, 0,
                            (PVOID *)&Semaphore);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, SemaphoreHandle);
    KeInitializeSemaphore(Semaphore, InitialCount, MaximumCount);
    Status = ObInsertObject(Semaphore, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, SemaphoreHandle);
}

NTSTATUS NTAPI NtOpenSemaphore(PHANDLE SemaphoreHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ExSemaphoreObjectType, SemaphoreHandle, DesiredAccess, ObjectAttributes);
}

NTSTATUS NTAPI NtReleaseSemaphore(HANDLE SemaphoreHandle, LONG ReleaseCount, PLONG PreviousCount)
{
    PKSEMAPHORE Semaphore;
    LONG Previous = 0;
    NTSTATUS Status;

    if (ReleaseCount <= 0)
        return STATUS_INVALID_PARAMETER;
    Status = ExpProbeAnswer(PreviousCount, sizeof(*PreviousCount));
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(SemaphoreHandle, SEMAPHORE_MODIFY_STATE, ExSemaphoreObjectType, UserMode,
                                           (PVOID *)&Semaphore, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeReleaseSemaphoreEx(Semaphore, ReleaseCount, &Previous);
    ObDereferenceObject(Semaphore);
    return NT_SUCCESS(Status) ? ExpReturnLong(PreviousCount, Previous) : Status;
}

NTSTATUS NTAPI NtQuerySemaphore(HANDLE SemaphoreHandle, SEMAPHORE_INFORMATION_CLASS SemaphoreInformationClass,
        PVOID SemaphoreInformation, ULONG SemaphoreInformationLength, PULONG ReturnLength)
{
    SEMAPHORE_BASIC_INFORMATION Information;
    PKSEMAPHORE Semaphore;
    NTSTATUS Status;

    if (SemaphoreInformationClass != SemaphoreBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (SemaphoreInformationLength != sizeof(Information))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ObReferenceObjectByHandle(SemaphoreHandle, SEMAPHORE_QUERY_STATE, ExSemaphoreObjectType, UserMode,
                                       (PVOID *)&Semaphore, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Information.CurrentCount = KeReadStateSemaphore(Semaphore);
    Information.MaximumCount = Semaphore->Limit;
    ObDereferenceObject(Semaphore);
    return ExpReturnInformation(&Information, sizeof(Information), SemaphoreInformation, SemaphoreInformationLength,
                                ReturnLength);
}
