/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces: a VSpace of the kernel (PML4 with an ASID), the software tables, the ranges, and in each the page
 * of KUSER_SHARED_DATA.
 *
 * At the end the VSpace is revoked and deleted first: TCBs lose it, and taking its pages and tables apart then costs no
 * walks of hardware tables.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_ASID_POOLS 8

volatile KUSER_SHARED_DATA *MmSharedUserData;
PMM_SPACE MmCurrentSpace;

static ULONG MiAsidPool[MI_ASID_POOLS] = {seL4_CapInitThreadASIDPool};
static ULONG MiAsidPools = 1;
static MI_PAGE MiSharedDataPage;

static NTSTATUS MiAddAsidPool(VOID)
{
    PMI_UNTYPED Untyped;
    ULONG Slot;

    if (MiAsidPools == MI_ASID_POOLS)
        return STATUS_INSUFFICIENT_RESOURCES;
    Untyped = MiAllocateUntyped(seL4_ASIDPoolBits);
    if (Untyped == NULL)
        return STATUS_NO_MEMORY;
    Slot = (ULONG)MmAllocateSlot();
    if (Slot == 0 || seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, Untyped->Cap, MmRootCNode, Slot,
                                                   MM_CSPACE_DEPTH) != seL4_NoError) {
        MmFreeSlot(Slot);
        MiFreeUntyped(Untyped);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    MiAsidPool[MiAsidPools++] = Slot;
    return STATUS_SUCCESS;
}

static NTSTATUS MiAssignAsid(ULONG64 VSpace)
{
    ULONG Index;
    NTSTATUS Status;

    for (Index = MiAsidPools; Index-- != 0;) {
        if (seL4_X86_ASIDPool_Assign(MiAsidPool[Index], VSpace) == seL4_NoError)
            return STATUS_SUCCESS;
    }
    Status = MiAddAsidPool();
    if (!NT_SUCCESS(Status))
        return Status;
    return seL4_X86_ASIDPool_Assign(MiAsidPool[MiAsidPools - 1], VSpace) == seL4_NoError ? STATUS_SUCCESS
                                                                                        : STATUS_UNSUCCESSFUL;
}

static NTSTATUS MiMapSharedData(PMM_SPACE Space)
{
    PMMVAD Vad = MiCreateVad(Space, MiVadDevice, MM_SHARED_USER_DATA_VA, MM_SHARED_USER_DATA_VA + PAGE_SIZE,
                             MM_READONLY);
    MI_WALK Walk;

    if (Vad == NULL || !MiMakePte(Space, MM_SHARED_USER_DATA_VA, &Walk))
        return STATUS_NO_MEMORY;
    Vad->Commit = TRUE;
    MiSetPte(&Walk, MI_MAKE_PTE(MiSharedDataPage, MM_READONLY, MI_PTE_VALID | MI_PTE_SHARED | MI_PTE_COMMIT));
    return MiMapPte(Space, MM_SHARED_USER_DATA_VA, &Walk);
}

NTSTATUS MmCreateSpace(PMM_SPACE Space)
{
    PMI_UNTYPED Memory;
    NTSTATUS Status = STATUS_NO_MEMORY;

    *Space = (MM_SPACE){0};
    if (MiSharedDataPage == 0)
        return STATUS_UNSUCCESSFUL;
    Space->RootPage = MiAllocatePage(MiPfnSystem, TRUE);
    if (Space->RootPage == 0)
        return Status;
    Space->Root = MiPageAddress(Space->RootPage);
    Space->VSpaceCap = MiCreateObject(seL4_X64_PML4Object, &Memory);
    if (Space->VSpaceCap != 0) {
        Space->VSpaceMemory = Memory;
        Status = MiAssignAsid(Space->VSpaceCap);
        if (NT_SUCCESS(Status))
            Status = MiMapSharedData(Space);
    }
    if (!NT_SUCCESS(Status))
        MmDeleteSpace(Space);
    return Status;
}

VOID MmDeleteSpace(PMM_SPACE Space)
{
    PMMVAD Vad, Next;

    Space->Deleting = TRUE;
    MiInvalidateUserCache(Space);
    if (Space->VSpaceCap != 0) {
        seL4_CNode_Revoke(MmRootCNode, Space->VSpaceCap, MM_CSPACE_DEPTH);
        MmDeleteCap(Space->VSpaceCap);
        MiFreeUntyped(Space->VSpaceMemory);
        Space->VSpaceCap = 0;
    }
    MiFreeTables(Space);
    for (Vad = MiFindVadFrom(Space, 0); Vad != NULL; Vad = Next) {
        Next = Vad->Next;
        MiReleaseVad(Space, Vad);
    }
}

NTSTATUS MiInitSpaces(VOID)
{
    MiSharedDataPage = MiAllocatePage(MiPfnSystem, TRUE);
    if (MiSharedDataPage == 0)
        return STATUS_NO_MEMORY;
    MmSharedUserData = MiPageAddress(MiSharedDataPage);
    return STATUS_SUCCESS;
}
