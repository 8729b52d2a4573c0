/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ntos's own address space above the window: pages for the pool and others, stacks with a guard page, device mappings,
 * views of sections.  A single page needs none of it: it is used through the window.
 *
 * MI_SYSTEM_PTE holds a word for each page of the region, in sparse memory that grows with the highest address
 * handed out.  Freed ranges are kept in a list sorted by address, neighbours joined.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

typedef struct _MI_RANGE {
    struct _MI_RANGE *Next;
    ULONG64 Start;
    SIZE_T Pages;
} MI_RANGE, *PMI_RANGE;

ULONG64 MiSystemPages;
ULONG64 MiKeptPages, MiKeptSlots;

static ULONG64 MiNextVa = MI_SYSTEM_VA;         /* nothing above is in use */
static ULONG64 MiPteEnd = MI_SYSTEM_PTE;        /* system PTEs below exist */
static PMI_RANGE MiFreeRanges;

static ULONG64 *MiSystemPte(ULONG64 Address)
{
    return (ULONG64 *)MI_SYSTEM_PTE + ((Address - MI_SYSTEM_VA) >> PAGE_SHIFT);
}

static BOOLEAN MiExtendSystemPtes(ULONG64 End)
{
    ULONG64 Wanted = (ULONG64)MiSystemPte(End);
    PMI_UNTYPED Untyped;
    ULONG Slot;

    while (MiPteEnd < Wanted) {
        Slot = MiCreateObject(seL4_X86_4K, &Untyped);
        if (Slot == 0)
            return FALSE;
        if (!NT_SUCCESS(MiMapSystemPage(Slot, MiPteEnd, seL4_ReadWrite, seL4_X86_NoExecute))) {
            MmDeleteCap(Slot);
            MiFreeUntyped(Untyped);
            return FALSE;
        }
        MiPteEnd += PAGE_SIZE;
        MiCountKept(1, 1);
    }
    return TRUE;
}

ULONG64 MiReserveSystemVa(SIZE_T Pages)
{
    PMI_RANGE *Link, Range;
    ULONG64 Address;

    for (Link = &MiFreeRanges; (Range = *Link) != NULL; Link = &Range->Next) {
        if (Range->Pages < Pages)
            continue;
        Range->Pages -= Pages;
        Address = Range->Start + (Range->Pages << PAGE_SHIFT);
        if (Range->Pages == 0) {
            *Link = Range->Next;
            ExFreePool(Range);
        }
        return Address;
    }
    Address = MiNextVa;
    if (Pages > (MI_SYSTEM_VA + MI_SYSTEM_VA_SIZE - Address) >> PAGE_SHIFT)
        return 0;
    MiNextVa += Pages << PAGE_SHIFT;
    if (!MiExtendSystemPtes(MiNextVa)) {
        MiReleaseSystemVa(Address, Pages);
        return 0;
    }
    return Address;
}

/* Without memory for the list entry the addresses (no memory) are lost. */
VOID MiReleaseSystemVa(ULONG64 Address, SIZE_T Pages)
{
    PMI_RANGE *Link = &MiFreeRanges, Range, Next;

    while (*Link != NULL && (*Link)->Start + ((*Link)->Pages << PAGE_SHIFT) < Address)
        Link = &(*Link)->Next;
    Range = *Link;
    if (Range != NULL && Range->Start + (Range->Pages << PAGE_SHIFT) == Address) {
        Range->Pages += Pages;
    } else if (Range != NULL && Address + (Pages << PAGE_SHIFT) == Range->Start) {
        Range->Start = Address;
        Range->Pages += Pages;
    } else {
        Range = MiAllocateReserved(sizeof(*Range), 'aRmM');
        if (Range == NULL)
            return;
        Range->Start = Address;
        Range->Pages = Pages;
        Range->Next = *Link;
        *Link = Range;
    }
    Next = Range->Next;
    if (Next != NULL && Range->Start + (Range->Pages << PAGE_SHIFT) == Next->Start) {
        Range->Pages += Next->Pages;
        Range->Next = Next->Next;
        ExFreePool(Next);
    }
}

/* Maps a capability of Page at Address. */
static NTSTATUS MiMapOwnPage(ULONG64 Address, MI_PAGE Page, ULONG64 Flags)
{
    ULONG Cap = MiTakeCap(Page);
    NTSTATUS Status;

    if (Cap == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MiMapSystemPage(Cap, Address, seL4_ReadWrite, seL4_X86_NoExecute);
    if (NT_SUCCESS(Status))
        *MiSystemPte(Address) = (ULONG64)Cap << 40 | Page << 12 | MI_SYSPTE_CAP | Flags;
    else
        MiReturnCap(Page, Cap, FALSE);
    return Status;
}

NTSTATUS MiMapForeignPage(ULONG64 Address, MI_PAGE Page)
{
    return MiMapOwnPage(Address, Page, 0);
}

VOID MiUnmapSystemRange(ULONG64 Address, SIZE_T Pages)
{
    for (; Pages != 0; Pages--, Address += PAGE_SIZE) {
        ULONG64 *Pte = MiSystemPte(Address);
        ULONG64 Value = *Pte;

        *Pte = 0;
        if (!(Value & MI_SYSPTE_CAP))
            continue;
        if (MI_PTE_PAGE(Value) == 0) {
            MmDeleteCap(MI_PTE_SLOT(Value));    /* device memory */
            continue;
        }
        MiReturnCap(MI_PTE_PAGE(Value), MI_PTE_SLOT(Value), TRUE);
        if (Value & MI_SYSPTE_PAGE)
            MiFreePage(MI_PTE_PAGE(Value));
    }
}

/* Fresh frames at [Address, + Pages). */
static BOOLEAN MiFillSystemRange(ULONG64 Address, SIZE_T Pages)
{
    SIZE_T Index;

    for (Index = 0; Index < Pages; Index++) {
        MI_PAGE Page = MiAllocateZeroPage(MiPfnSystem);

        if (Page != 0 && NT_SUCCESS(MiMapOwnPage(Address + (Index << PAGE_SHIFT), Page, MI_SYSPTE_PAGE)))
            continue;
        if (Page != 0)
            MiFreePage(Page);
        MiUnmapSystemRange(Address, Index);
        return FALSE;
    }
    return TRUE;
}

PVOID MmAllocateSystemPages(SIZE_T Pages)
{
    ULONG64 Address;
    MI_PAGE Page;

    if (Pages <= 1) {
        Page = MiAllocatePage(MiPfnSystem, TRUE);
        return Page == 0 ? NULL : MiPageAddress(Page);
    }
    if (Pages > (MiFreeUntypedBytes >> PAGE_SHIFT) + MiFreePages)
        return NULL;
    Address = MiReserveSystemVa(Pages);
    if (Address == 0)
        return NULL;
    if (!MiFillSystemRange(Address, Pages)) {
        MiReleaseSystemVa(Address, Pages);
        return NULL;
    }
    *MiSystemPte(Address + ((Pages - 1) << PAGE_SHIFT)) |= MI_SYSPTE_LAST;
    return (PVOID)Address;
}

SIZE_T MiSystemAllocationSize(PVOID Base)
{
    ULONG64 Address = (ULONG64)Base;
    SIZE_T Pages = 0;

    if (Address < MI_SYSTEM_VA)
        return 1;
    do {
        Pages++;
    } while (!(*MiSystemPte(Address + ((Pages - 1) << PAGE_SHIFT)) & MI_SYSPTE_LAST));
    return Pages;
}

/* The page of an address below MI_SYSTEM_VA: in the window, or in what the image gave away once it had started. */
static MI_PAGE MiSinglePage(ULONG64 Address)
{
    return Address < MI_WINDOW ? MiImagePage((PVOID)Address) : (Address - MI_WINDOW) >> PAGE_SHIFT;
}

USHORT *MiSystemAllocationTag(PVOID Base)
{
    ULONG64 Address = (ULONG64)Base;

    return &MiPfn(Address < MI_SYSTEM_VA ? MiSinglePage(Address) : MI_PTE_PAGE(*MiSystemPte(Address)))->Used;
}

VOID MmFreeSystemPages(PVOID Base, SIZE_T Pages)
{
    ULONG64 Address = (ULONG64)Base;

    if (Address < MI_SYSTEM_VA) {
        MiFreePage(MiSinglePage(Address));
        return;
    }
    MiUnmapSystemRange(Address, Pages);
    MiReleaseSystemVa(Address, Pages);
}

PVOID MmCreateKernelStack(SIZE_T Size)
{
    SIZE_T Pages = Size >> PAGE_SHIFT;
    ULONG64 Address = MiInjectFailure() ? 0 : MiReserveSystemVa(Pages + 1);

    if (Address == 0)
        return NULL;
    if (!MiFillSystemRange(Address + PAGE_SIZE, Pages)) {
        MiReleaseSystemVa(Address, Pages + 1);
        return NULL;
    }
    return (PVOID)(Address + PAGE_SIZE);
}

VOID MmDeleteKernelStack(PVOID LowEnd, SIZE_T Size)
{
    SIZE_T Pages = Size >> PAGE_SHIFT;

    MiUnmapSystemRange((ULONG64)LowEnd, Pages);
    MiReleaseSystemVa((ULONG64)LowEnd - PAGE_SIZE, Pages + 1);
}

PVOID MmMapIoSpace(ULONG64 PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
    ULONG64 First = MiRoundDown(PhysicalAddress, PAGE_SIZE), Address;
    SIZE_T Pages, Index;

    if (NumberOfBytes == 0 || PhysicalAddress + NumberOfBytes < PhysicalAddress)
        return NULL;
    Pages = (MiRoundUp(PhysicalAddress + NumberOfBytes, PAGE_SIZE) - First) >> PAGE_SHIFT;
    if (Pages > 0x100000)
        return NULL;
    Address = MiReserveSystemVa(Pages);
    if (Address == 0)
        return NULL;
    for (Index = 0; Index < Pages; Index++) {
        ULONG Frame = MiDeviceFrame(First + (Index << PAGE_SHIFT));
        ULONG Cap = Frame == 0 ? 0 : MiCopyCap(Frame, seL4_AllRights);
        ULONG64 Va = Address + (Index << PAGE_SHIFT);

        if (Cap != 0 && NT_SUCCESS(MiMapSystemPage(Cap, Va, seL4_ReadWrite,
                                                   MiCachingAttributes(CacheType) | seL4_X86_NoExecute))) {
            *MiSystemPte(Va) = (ULONG64)Cap << 40 | MI_SYSPTE_CAP;
            continue;
        }
        MmDeleteCap(Cap);
        MiUnmapSystemRange(Address, Index);
        MiReleaseSystemVa(Address, Pages);
        return NULL;
    }
    return (PVOID)(Address + (PhysicalAddress - First));
}

VOID MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    ULONG64 First = MiRoundDown((ULONG64)BaseAddress, PAGE_SIZE);
    SIZE_T Pages = (MiRoundUp((ULONG64)BaseAddress + NumberOfBytes, PAGE_SIZE) - First) >> PAGE_SHIFT;

    MiUnmapSystemRange(First, Pages);
    MiReleaseSystemVa(First, Pages);
}
