/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Mutants: a KMUTANT as an object.  ke keeps the owner's list and abandons what an ended thread owned.
 * NtCreateMutant, NtOpenMutant, NtReleaseMutant, NtQueryMutant.  Nothing here waits.
 */
#include "ntos/ex/exp.h"

POBJECT_TYPE ExMutantObjectType;

/* The last reference went while a thread still owns it: it leaves the thread's list. */
static VOID ExpDeleteMutant(PVOID Object)
{
    PKMUTANT Mutant = Object;

    if (Mutant->OwnerThread != NULL)
        KeReleaseMutantEx(Mutant, TRUE, NULL);
}

static const OBJECT_TYPE_INITIALIZER ExpMutantTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        STANDARD_RIGHTS_READ | MUTANT_QUERY_STATE,
        STANDARD_RIGHTS_WRITE,
        STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
        MUTANT_ALL_ACCESS
    },
    .ValidAccessMask = MUTANT_ALL_ACCESS,
    .WaitOffset = 0,
    .DeleteProcedure = ExpDeleteMutant,
};

NTSTATUS ExpInitMutants(VOID)
{
    return ExpCreateType(L"Mutant", &ExpMutantTypeInitializer, &ExMutantObjectType);
}

NTSTATUS NTAPI NtCreateMutant(PHANDLE MutantHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        BOOLEAN InitialOwner)
{
    PKMUTANT Mutant;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = ObCreateObject(UserMode, ExMutantObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Mutant), 0, 0,
                            (PVOID *)&Mutant);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, MutantHandle);
    KeInitializeMutant(Mutant, InitialOwner != 0);
    Status = ObInsertObject(Mutant, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, MutantHandle);
}

NTSTATUS NTAPI NtOpenMutant(PHANDLE MutantHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ExMutantObjectType, MutantHandle, DesiredAccess, ObjectAttributes);
}

NTSTATUS NTAPI NtReleaseMutant(HANDLE MutantHandle, PLONG PreviousCount)
{
    PKMUTANT Mutant;
    LONG Previous = 0;
    NTSTATUS Status;

    Status = ExpProbeAnswer(PreviousCount, sizeof(*PreviousCount));
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(MutantHandle, 0, ExMutantObjectType, UserMode, (PVOID *)&Mutant, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeReleaseMutantEx(Mutant, FALSE, &Previous);
    ObDereferenceObject(Mutant);
    return NT_SUCCESS(Status) ? ExpReturnLong(PreviousCount, Previous) : Status;
}

NTSTATUS NTAPI NtQueryMutant(HANDLE MutantHandle, MUTANT_INFORMATION_CLASS MutantInformationClass,
        PVOID MutantInformation, ULONG MutantInformationLength, PULONG ReturnLength)
{
    union {
        MUTANT_BASIC_INFORMATION Basic;
        CLIENT_ID Owner;
    } Information;
    ULONG Size = MutantInformationClass == MutantBasicInformation
            ? sizeof(Information.Basic) : sizeof(Information.Owner);
    PKMUTANT Mutant;
    NTSTATUS Status;

    if (MutantInformationClass != MutantBasicInformation && MutantInformationClass != MutantOwnerInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (MutantInformationLength != Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ObReferenceObjectByHandle(MutantHandle, MUTANT_QUERY_STATE, ExMutantObjectType, UserMode,
                                       (PVOID *)&Mutant, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    memset(&Information, 0, sizeof(Information));
    if (MutantInformationClass == MutantBasicInformation) {
        Information.Basic.CurrentCount = Mutant->Header.SignalState;
        Information.Basic.OwnedByCaller = Mutant->OwnerThread == KeGetCurrentThread();
        Information.Basic.AbandonedState = Mutant->Abandoned;
    } else if (Mutant->OwnerThread != NULL) {
        Information.Owner = ((PETHREAD)Mutant->OwnerThread)->Cid;
    }
    ObDereferenceObject(Mutant);
    return ExpReturnInformation(&Information, Size, MutantInformation, MutantInformationLength, ReturnLength);
}
