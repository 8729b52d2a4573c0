/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Page frames.  A frame is retyped once, in blocks of up to 64, gets an entry in the PFN database, and is mapped in the
 * window (MI_WINDOW + physical address) when ntos first reads or writes it; from then on that needs no kernel call.  A
 * freed frame goes to the dirty list and is zeroed through the window when somebody wants zeros; the lists are never
 * scanned.
 *
 * The database is an array by page number in sparse memory: only the pages of it that describe frames exist, so
 * its size follows the RAM that is used.  Pages of ntos's image (the boot archive's files) have entries too once a
 * segment uses them; their address is the image's.
 *
 * Commit: MiCommitted counts the pages promised to programs and files, resident or not.  A promise is given only while
 * enough free memory is left for all promises and for ntos's own needs (page tables, objects).  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_BLOCK_BITS 18                /* frames are retyped 64 at a time */
#define MI_MAX_RAM_PAGES (1ull << 25)   /* 128 GiB of physical addresses */
#define MI_PFN_PER_PAGE (PAGE_SIZE / sizeof(MMPFN))
#define MI_RECLAIM_BLOCKS 64
#define MI_OWN_RESERVE 160              /* pages that promises leave alone */

MI_PAGE MiImageFirstPage, MiImagePages;
ULONG64 MiImageBase;
ULONG64 MiFreePages;
ULONG64 MiCommitted;

static ULONG MiImageFirstCap;
static MI_PAGE MiDirtyList, MiZeroList, MiLargeList;
ULONG64 MiResident;
static ULONG64 MiLentPages;             /* pages with MI_PFN_LENT */
static MI_PAGE MiRamPages;              /* page numbers from here on are no RAM */
static ULONG64 MiPfnPresent[MI_MAX_RAM_PAGES / MI_PFN_PER_PAGE / 64] __attribute__((aligned(PAGE_SIZE)));

/* ------------------------------------------------------------------ ntos's page tables */

ULONG MiCreateObject(ULONG Type, PMI_UNTYPED *Memory)
{
    PMI_UNTYPED Untyped = MiAllocateUntyped(PAGE_SHIFT);
    ULONG Slot;

    if (Untyped == NULL)
        return 0;
    Slot = (ULONG)MmAllocateSlot();
    if (Slot == 0 || MiRetype(Untyped, Type, 0, Slot, 1) != seL4_NoError) {
        MmFreeSlot(Slot);
        MiFreeUntyped(Untyped);
        return 0;
    }
    *Memory = Untyped;
    return Slot;
}

/* The level of table that Page_Map found missing (seL4 says how many bits were left to translate). */
static NTSTATUS MiMakeSystemTable(ULONG64 Address, ULONG64 BitsLeft)
{
    ULONG Type = BitsLeft == 21   ? seL4_X86_PageTableObject
                 : BitsLeft == 30 ? seL4_X86_PageDirectoryObject
                                  : seL4_X86_PDPTObject;
    PMI_UNTYPED Untyped;
    ULONG Slot = MiCreateObject(Type, &Untyped);
    seL4_Error Error;

    if (Slot == 0)
        return STATUS_NO_MEMORY;
    if (Type == seL4_X86_PageTableObject)
        Error = seL4_X86_PageTable_Map(Slot, seL4_CapInitThreadVSpace, Address, seL4_X86_Default_VMAttributes);
    else if (Type == seL4_X86_PageDirectoryObject)
        Error = seL4_X86_PageDirectory_Map(Slot, seL4_CapInitThreadVSpace, Address, seL4_X86_Default_VMAttributes);
    else
        Error = seL4_X86_PDPT_Map(Slot, seL4_CapInitThreadVSpace, Address, seL4_X86_Default_VMAttributes);
    if (Error == seL4_NoError) {
        MiCountKept(1, 1);
        return STATUS_SUCCESS;
    }
    MmDeleteCap(Slot);
    MiFreeUntyped(Untyped);
    return Error == seL4_DeleteFirst ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

NTSTATUS MiMapSystemPage(ULONG Cap, ULONG64 Address, seL4_CapRights_t Rights, ULONG Attributes)
{
    ULONG Try;

    for (Try = 0; Try < 6; Try++) {
        seL4_Error Error = seL4_X86_Page_Map(Cap, seL4_CapInitThreadVSpace, Address, Rights,
                                             (seL4_X86_VMAttributes)Attributes);
        NTSTATUS Status;

        if (Error == seL4_NoError)
            return STATUS_SUCCESS;
        if (Error != seL4_FailedLookup)
            return STATUS_UNSUCCESSFUL;
        Status = MiMakeSystemTable(Address, seL4_GetMR(2));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_UNSUCCESSFUL;
}

/* ------------------------------------------------------------------ the PFN database */

static BOOLEAN MiHasPfnPage(ULONG64 Index)
{
    return MiPfnPresent[Index / 64] >> (Index % 64) & 1;
}

/*
 * Maps a page of the database unless it is there.  Making a page table may need frames, and so this very page: it is
 * looked for again before each attempt, for mapping over it would lose its entries.
 */
static NTSTATUS MiMapPfnPage(ULONG Slot, ULONG64 Index)
{
    ULONG64 Address = MI_PFN_DATABASE + Index * PAGE_SIZE;
    NTSTATUS Status = STATUS_SUCCESS;

    while (NT_SUCCESS(Status) && !MiHasPfnPage(Index)) {
        seL4_Error Error = seL4_X86_Page_Map(Slot, seL4_CapInitThreadVSpace, Address, seL4_ReadWrite,
                                             seL4_X86_NoExecute);

        if (Error == seL4_NoError) {
            MiPfnPresent[Index / 64] |= 1ull << (Index % 64);
            MiCountKept(1, 1);
            return STATUS_SUCCESS;
        }
        Status = Error == seL4_FailedLookup ? MiMakeSystemTable(Address, seL4_GetMR(2)) : STATUS_UNSUCCESSFUL;
    }
    return NT_SUCCESS(Status) ? STATUS_ALREADY_COMMITTED : Status;
}

static BOOLEAN MiMakePfnPage(MI_PAGE Page)
{
    ULONG64 Index = Page / MI_PFN_PER_PAGE;
    PMI_UNTYPED Untyped;
    ULONG Slot;

    if (Page >= MiRamPages)
        return FALSE;
    if (MiHasPfnPage(Index))
        return TRUE;
    Slot = MiCreateObject(seL4_X86_4K, &Untyped);
    if (Slot == 0)
        return MiHasPfnPage(Index);
    if (NT_SUCCESS(MiMapPfnPage(Slot, Index)))
        return TRUE;
    MmDeleteCap(Slot);
    MiFreeUntyped(Untyped);
    return MiHasPfnPage(Index);
}

static BOOLEAN MiMakePfnRange(MI_PAGE Page, ULONG64 Count)
{
    MI_PAGE Last = Page + Count - 1;

    for (; Page <= Last; Page += MI_PFN_PER_PAGE) {
        if (!MiMakePfnPage(Page))
            return FALSE;
    }
    return MiMakePfnPage(Last);
}

MI_PAGE MiImagePage(PVOID Address)
{
    ULONG64 Index = ((ULONG64)Address - MiImageBase) >> PAGE_SHIFT;
    MI_PAGE Page = MiImageFirstPage + Index;
    PMMPFN Pfn;

    if (Index >= MiImagePages || !MiMakePfnPage(Page))
        return 0;
    Pfn = MiPfn(Page);
    if (Pfn->Slot == 0) {
        Pfn->Slot = MiImageFirstCap + (ULONG)Index;
        Pfn->State = MiPfnImage;
        Pfn->Flags = MI_PFN_MAPPED;
    }
    return Page;
}

/* ------------------------------------------------------------------ free lists */

static VOID MiPushFree(MI_PAGE Page)
{
    PMMPFN Pfn = MiPfn(Page);
    MI_PAGE *List = Pfn->Flags & MI_PFN_ZERO ? &MiZeroList : &MiDirtyList;

    Pfn->State = MiPfnFree;
    Pfn->Next = (ULONG)*List;
    *List = Page;
    MiFreePages++;
    if (Pfn->Untyped != NULL)
        Pfn->Untyped->FreeFrames++;
}

static MI_PAGE MiPopFree(BOOLEAN Zero)
{
    MI_PAGE *List = (Zero ? MiZeroList != 0 : MiDirtyList == 0) ? &MiZeroList : &MiDirtyList;
    MI_PAGE Page = *List;
    PMMPFN Pfn;

    if (Page == 0)
        return 0;
    Pfn = MiPfn(Page);
    *List = Pfn->Next;
    MiFreePages--;
    if (Pfn->Untyped != NULL)
        Pfn->Untyped->FreeFrames--;
    return Page;
}

/* Retypes a block of frames; they come out of the kernel zeroed. */
static BOOLEAN MiRetypeFrames(ULONG Bits)
{
    ULONG Count = 1u << (Bits - PAGE_SHIFT), Index, Slot;
    PMI_UNTYPED Untyped = MiAllocateUntyped(Bits);
    MI_PAGE Page;

    if (Untyped == NULL)
        return FALSE;
    Page = Untyped->PhysicalAddress >> PAGE_SHIFT;
    if (!MiMakePfnRange(Page, Count) || (Slot = MiAllocateSlots(Count)) == 0) {
        MiFreeUntyped(Untyped);
        return FALSE;
    }
    if (MiRetype(Untyped, seL4_X86_4K, 0, Slot, Count) != seL4_NoError) {
        for (Index = 0; Index < Count; Index++)
            MmFreeSlot(Slot + Index);
        MiFreeUntyped(Untyped);
        return FALSE;
    }
    Untyped->FreeFrames = 0;
    MiCountKept(0, Count);
    for (Index = Count; Index-- != 0;) {
        *MiPfn(Page + Index) = (MMPFN){.Slot = Slot + Index, .Flags = MI_PFN_ZERO, .Untyped = Untyped};
        MiPushFree(Page + Index);
    }
    return TRUE;
}

static VOID MiDeleteFrameCaps(PMMPFN Pfn)
{
    MiCountKept(0, Pfn->Spare != 0 ? -2 : -1);
    MmDeleteCap(Pfn->Spare);
    MmDeleteCap(Pfn->Slot);
}

/* A free 2 MiB frame goes back to untyped memory. */
static BOOLEAN MiBreakLargePage(VOID)
{
    MI_PAGE Page = MiLargeList;
    PMMPFN Pfn;

    if (Page == 0)
        return FALSE;
    Pfn = MiPfn(Page);
    MiLargeList = Pfn->Next;
    MiFreePages -= 512;
    MiDeleteFrameCaps(Pfn);
    MiFreeUntyped(Pfn->Untyped);
    *Pfn = (MMPFN){0};
    return TRUE;
}

static BOOLEAN MiGrowFrames(VOID)
{
    ULONG Bits;

    for (Bits = MI_BLOCK_BITS; Bits >= PAGE_SHIFT; Bits--) {
        if (MiRetypeFrames(Bits))
            return TRUE;
    }
    return MiBreakLargePage() && MiRetypeFrames(MI_BLOCK_BITS);
}

/* Takes the frames of wholly free blocks off one list and deletes them; Blocks limits how many more may be begun. */
static VOID MiReclaimList(MI_PAGE *List, PULONG Blocks)
{
    MI_PAGE Page = *List, Next;
    MI_PAGE *Link = List;

    *List = 0;
    for (; Page != 0; Page = Next) {
        PMMPFN Pfn = MiPfn(Page);
        PMI_UNTYPED Untyped = Pfn->Untyped;
        ULONG Frames = Untyped == NULL ? 0 : 1u << (Untyped->Bits - PAGE_SHIFT);

        Next = Pfn->Next;
        if (Untyped != NULL && Untyped->State == MiUntypedUsed && Untyped->FreeFrames == Frames && *Blocks != 0) {
            (*Blocks)--;
            Untyped->State = MiUntypedSplit;    /* being taken apart */
        }
        if (Untyped == NULL || Untyped->State != MiUntypedSplit) {
            Pfn->Next = (ULONG)*Link;
            *Link = Page;
            continue;
        }
        MiDeleteFrameCaps(Pfn);
        *Pfn = (MMPFN){0};
        MiFreePages--;
        if (--Untyped->FreeFrames == 0)
            MiFreeUntyped(Untyped);
    }
}

BOOLEAN MiReclaimFrames(VOID)
{
    ULONG Blocks = MI_RECLAIM_BLOCKS;

    MiReclaimList(&MiDirtyList, &Blocks);
    MiReclaimList(&MiZeroList, &Blocks);
    /* A block begun on the second list may have frames on the first. */
    MiReclaimList(&MiDirtyList, &Blocks);
    return Blocks != MI_RECLAIM_BLOCKS || MiBreakLargePage();
}

/* ------------------------------------------------------------------ allocation */

static BOOLEAN MiIsPromised(ULONG State)
{
    return State == MiPfnPrivate || State == MiPfnSegment;
}

BOOLEAN MiMapInWindow(MI_PAGE Page)
{
    PMMPFN Pfn = MiPfn(Page);
    ULONG Cap = Pfn->Slot;

    if (Pfn->Flags & MI_PFN_LENT)
        Cap = MiCopyCap(Cap, seL4_AllRights);
    if (Cap == 0)
        return FALSE;
    if (!NT_SUCCESS(MiMapSystemPage(Cap, MI_WINDOW + (Page << PAGE_SHIFT), seL4_ReadWrite, seL4_X86_NoExecute))) {
        if (Cap != Pfn->Slot)
            MmDeleteCap(Cap);
        return FALSE;
    }
    MiLentPages -= Cap != Pfn->Slot;
    Pfn->Slot = Cap;
    Pfn->Flags = (Pfn->Flags & ~MI_PFN_LENT) | MI_PFN_MAPPED;
    return TRUE;
}

static MI_PAGE MiTakeFrame(MI_PFN_STATE State, BOOLEAN Zero, BOOLEAN Window)
{
    MI_PAGE Page;
    PMMPFN Pfn;

    if (MiInjectFailure())
        return 0;
    Page = MiPopFree(Zero);
    if (Page == 0) {
        if (!MiGrowFrames())
            return 0;
        Page = MiPopFree(Zero);
        if (Page == 0)
            return 0;
    }
    Pfn = MiPfn(Page);
    Zero = Zero && !(Pfn->Flags & MI_PFN_ZERO);
    if ((Window || Zero) && !MiReachPage(Page)) {
        MiPushFree(Page);
        return 0;
    }
    if (Zero)
        MiZeroMemory(MiPageAddress(Page), PAGE_SIZE);
    Pfn->Flags &= ~MI_PFN_ZERO;
    Pfn->State = (UCHAR)State;
    Pfn->Used = 0;
    Pfn->Table = NULL;
    if (MiIsPromised(State))
        MiResident++;
    else
        MiSystemPages++;
    return Page;
}

MI_PAGE MiAllocatePage(MI_PFN_STATE State, BOOLEAN Zero)
{
    return MiTakeFrame(State, Zero, TRUE);
}

MI_PAGE MiAllocateZeroPage(MI_PFN_STATE State)
{
    return MiTakeFrame(State, TRUE, FALSE);
}

VOID MiFreePage(MI_PAGE Page)
{
    UCHAR State = MiPfn(Page)->State;

    if (MiIsPromised(State))
        MiResident--;
    else if (State == MiPfnSystem)
        MiSystemPages--;
    MiPushFree(Page);
}

MI_PAGE MiAllocateLargePage(VOID)
{
    MI_PAGE Page = MiLargeList;
    PMI_UNTYPED Untyped;
    ULONG Slot;

    if (Page != 0) {
        MiLargeList = MiPfn(Page)->Next;
        MiFreePages -= 512;
        MiZeroMemory(MiPageAddress(Page), MM_LARGE_PAGE_SIZE);
    } else {
        if (!MiHasUntyped(seL4_LargePageBits) || (Untyped = MiAllocateUntyped(seL4_LargePageBits)) == NULL)
            return 0;
        Page = Untyped->PhysicalAddress >> PAGE_SHIFT;
        Slot = (ULONG)MmAllocateSlot();
        if (Slot == 0 || !MiMakePfnPage(Page) ||
            MiRetype(Untyped, seL4_X86_LargePageObject, 0, Slot, 1) != seL4_NoError) {
            MmFreeSlot(Slot);
            MiFreeUntyped(Untyped);
            return 0;
        }
        if (!NT_SUCCESS(MiMapSystemPage(Slot, MI_WINDOW + (Page << PAGE_SHIFT), seL4_ReadWrite, seL4_X86_NoExecute))) {
            MmDeleteCap(Slot);
            MiFreeUntyped(Untyped);
            return 0;
        }
        *MiPfn(Page) = (MMPFN){.Slot = Slot, .Flags = MI_PFN_MAPPED | MI_PFN_LARGE, .Untyped = Untyped};
        MiCountKept(0, 1);
    }
    MiPfn(Page)->State = MiPfnPrivate;
    MiResident += 512;
    return Page;
}

VOID MiFreeLargePage(MI_PAGE Page)
{
    PMMPFN Pfn = MiPfn(Page);

    Pfn->State = MiPfnFree;
    Pfn->Next = (ULONG)MiLargeList;
    MiLargeList = Page;
    MiFreePages += 512;
    MiResident -= 512;
}

ULONG MiTakeCap(MI_PAGE Page)
{
    PMMPFN Pfn = MiPfn(Page);
    ULONG Cap = Pfn->Spare;

    if (Cap != 0) {
        Pfn->Spare = 0;
        MiCountKept(0, -1);
        return Cap;
    }
    if (Pfn->Flags & (MI_PFN_MAPPED | MI_PFN_LENT))
        return MiCopyCap(Pfn->Slot, seL4_AllRights);
    Pfn->Flags |= MI_PFN_LENT;
    MiLentPages++;
    return Pfn->Slot;
}

VOID MiReturnCap(MI_PAGE Page, ULONG Cap, BOOLEAN Mapped)
{
    PMMPFN Pfn = MiPfn(Page);
    BOOLEAN Lent = (Pfn->Flags & MI_PFN_LENT) && Cap == Pfn->Slot;

    if (Pfn->Spare != 0 && !Lent) {
        MmDeleteCap(Cap);
        return;
    }
    if (Mapped)
        seL4_X86_Page_Unmap(Cap);
    if (!Lent) {
        Pfn->Spare = Cap;
        MiCountKept(0, 1);
        return;
    }
    Pfn->Flags &= ~MI_PFN_LENT;
    MiLentPages--;
}

/* ------------------------------------------------------------------ commit */

ULONG64 MiAvailablePages(VOID)
{
    ULONG64 Free = (MiFreeUntypedBytes >> PAGE_SHIFT) + MiFreePages;
    /*
     * A page costs two capability slots (1/64), a PFN entry (1/128), and page tables (3/512): ntos keeps 1/32.  What is
     * lent still costs the second slot and the window's page table.
     */
    ULONG64 Promised = MiCommitted - MiResident + MI_OWN_RESERVE + Free / 32 + MiLentPages / 64;

    return Free > Promised ? Free - Promised : 0;
}

BOOLEAN MiChargeCommit(SIZE_T Pages)
{
    if (Pages > MiAvailablePages() || MiInjectFailure())
        return FALSE;
    MiCommitted += Pages;
    return TRUE;
}

VOID MiReturnCommit(SIZE_T Pages)
{
    MiCommitted -= Pages;
}

VOID MmFreeImageMemory(PVOID Start, SIZE_T Size)
{
    ULONG64 First = BYTES_TO_PAGES(Start), Last = ((ULONG64)Start + Size) >> PAGE_SHIFT;

    for (; First < Last; First++) {
        MI_PAGE Page = MiImagePage((PVOID)(First << PAGE_SHIFT));

        if (Page != 0)
            MiFreePage(Page);
    }
}

/* Entries for more RAM than this machine has are not needed. */
static VOID MiTrimPfnPresent(VOID)
{
    ULONG64 Used = MiRamPages / MI_PFN_PER_PAGE / 64 + 1;

    if (Used < ARRAYSIZE(MiPfnPresent))
        MmFreeImageMemory(&MiPfnPresent[Used], sizeof(MiPfnPresent) - Used * sizeof(MiPfnPresent[0]));
}

NTSTATUS MiInitFrames(const seL4_BootInfo *BootInfo)
{
    seL4_X86_Page_GetAddress_t First;

    MiImagePages = BootInfo->userImageFrames.end - BootInfo->userImageFrames.start;
    MiImageFirstCap = (ULONG)BootInfo->userImageFrames.start;
    MiImageBase = (ULONG64)BootInfo->ipcBuffer - (MiImagePages << PAGE_SHIFT);
    First = seL4_X86_Page_GetAddress(MiImageFirstCap);
    if (First.error != seL4_NoError)
        return STATUS_UNSUCCESSFUL;
    MiImageFirstPage = First.paddr >> PAGE_SHIFT;
    MiRamPages = MiHighestRamAddress >> PAGE_SHIFT;
    if (MiRamPages < MiImageFirstPage + MiImagePages)
        MiRamPages = MiImageFirstPage + MiImagePages;
    if (MiRamPages > MI_MAX_RAM_PAGES)
        MiRamPages = MI_MAX_RAM_PAGES;
    if (!MiGrowFrames())
        return STATUS_NO_MEMORY;
    MiTrimPfnPresent();
    return STATUS_SUCCESS;
}
