/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Types IoCompletionReserve and UserApcReserve: memory that is there for one packet of a port, or one APC.  Who uses it keeps the object referenced
 * until the packet was taken or the APC has come.
 * Nothing here waits.
 */
#include "ntos/ex/exp.h"

#define EXP_RESERVE_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | 0x3)
#define EXP_RESERVE_USE 0x2

typedef struct _EXP_RESERVE {
    ULONG64 Memory[EX_RESERVE_SIZE / sizeof(ULONG64)];
    BOOLEAN InUse;
} EXP_RESERVE, *PEXP_RESERVE;

static POBJECT_TYPE ExpReserveTypes[MemoryReserveTypeMax];

NTSTATUS ExpInitReserves(VOID)
{
    static const OBJECT_TYPE_INITIALIZER Initializer = {
        .InvalidAttributes = OBJ_OPENLINK,
        .GenericMapping = {
            STANDARD_RIGHTS_READ | 0x1, STANDARD_RIGHTS_WRITE | EXP_RESERVE_USE, STANDARD_RIGHTS_EXECUTE, EXP_RESERVE_ALL_ACCESS
        },
        .ValidAccessMask = EXP_RESERVE_ALL_ACCESS,
        .WaitOffset = OB_NOT_WAITABLE,
    };
    NTSTATUS Status = ExpCreateType(L"UserApcReserve", &Initializer, &ExpReserveTypes[MemoryReserveUserApc]);

    return NT_SUCCESS(Status) ? ExpCreateType(L"IoCompletionReserve", &Initializer, &ExpReserveTypes[MemoryReserveIoCompletion]) : Status;
}

NTSTATUS NTAPI NtAllocateReserveObject(PHANDLE MemoryReserveHandle, POBJECT_ATTRIBUTES ObjectAttributes, MEMORY_RESERVE_TYPE Type)
{
    PEXP_RESERVE Reserve;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if ((ULONG)Type >= MemoryReserveTypeMax)
        return ObReturnHandle(STATUS_INVALID_PARAMETER, NULL, MemoryReserveHandle);
    Status = ObCreateObject(UserMode, ExpReserveTypes[Type], ObjectAttributes, UserMode, NULL, sizeof(*Reserve), 0, 0, (PVOID *)&Reserve);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, MemoryReserveHandle);
    Reserve->InUse = FALSE;
    Status = ObInsertObject(Reserve, NULL, EXP_RESERVE_ALL_ACCESS, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, MemoryReserveHandle);
}

NTSTATUS ExUseReserve(HANDLE Handle, MEMORY_RESERVE_TYPE Type, PVOID *Memory)
{
    PEXP_RESERVE Reserve;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(Handle, EXP_RESERVE_USE, ExpReserveTypes[Type], UserMode, (PVOID *)&Reserve, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Reserve->InUse) {
        ObDereferenceObject(Reserve);
        return STATUS_INVALID_PARAMETER_2;
    }
    Reserve->InUse = TRUE;
    *Memory = Reserve->Memory;
    return STATUS_SUCCESS;
}

VOID ExReleaseReserve(PVOID Memory)
{
    PEXP_RESERVE Reserve = CONTAINING_RECORD(Memory, EXP_RESERVE, Memory);

    Reserve->InUse = FALSE;
    ObDereferenceObject(Reserve);
}
