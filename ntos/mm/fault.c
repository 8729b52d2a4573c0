/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Page faults.  What a page should be comes from its entry if it has one, else from its range (MiPageProtection); what
 * it is made from: zeros (private memory), a page of the segment (views), or a private copy of that (copy-on-write).
 *
 * Private memory is given 2 MiB at once where the whole block is committed alike and memory is plentiful, and a few
 * pages at once where it is touched in order, neither of them where writes are watched; a fault in a view maps the
 * resident neighbours too.  A guard page fires once; on the stack of the faulting thread it moves down instead, until the
 * stack is used up.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_FAULT_AROUND 8               /* pages, a power of two */
#define MI_LARGE_PAGE_SPARE 0x4000      /* pages that must be available for 2 MiB to be given at once */
#define MI_ZERO_AHEAD 4                 /* pages given at once to memory that is touched in order */
#define MI_COMMIT_AHEAD 8               /* as many pages are given when they are committed behind one in use */
#define MI_AHEAD_SPARE 0x400            /* pages that must be available for that */
#define MI_STACK_RESERVE (4 * PAGE_SIZE)        /* kept for the handler of a stack overflow */

ULONG64 MiPageFaults, MiDemandZeroFaults, MiCopyOnWriteFaults;

BOOLEAN MiChargeVad(PMM_SPACE Space, PMMVAD Vad, ULONG64 Pages)
{
    if (!MiQuotaAllows(Space, Pages) || !MiChargeCommit(Pages))
        return FALSE;
    Vad->CommittedPages += Pages;
    MiAddSpaceCharge(Space, Pages);
    return TRUE;
}

VOID MiReturnVadCharge(PMM_SPACE Space, PMMVAD Vad, ULONG64 Pages)
{
    MiReturnCommit(Pages);
    Vad->CommittedPages -= Pages;
    MiTakeSpaceCharge(Space, Pages);
}

BOOLEAN MiPageProtection(PMMVAD Vad, ULONG64 Address, ULONG64 Pte, PULONG Protect)
{
    if (Pte & MI_PTE_DECOMMIT)
        return FALSE;
    if (Pte & MI_PTE_COMMIT) {
        *Protect = MI_PTE_PROTECT(Pte);
        return TRUE;
    }
    *Protect = MiVadProtection(Vad, Address);
    return MiVadCommitted(Vad, Address);
}

/* ------------------------------------------------------------------ guard pages */

typedef struct _MI_STACK_BOUNDS {
    ULONG64 Base, Limit, Allocation;
} MI_STACK_BOUNDS;

static BOOLEAN MiReadStackBounds(PMM_SPACE Space, ULONG64 Teb, MI_STACK_BOUNDS *Bounds)
{
    return Teb != 0 &&
           NT_SUCCESS(MmReadSpace(Space, &Bounds->Base, (PVOID)(Teb + FIELD_OFFSET(TEB, NtTib.StackBase)), 8)) &&
           NT_SUCCESS(MmReadSpace(Space, &Bounds->Limit, (PVOID)(Teb + FIELD_OFFSET(TEB, NtTib.StackLimit)), 8)) &&
           NT_SUCCESS(MmReadSpace(Space, &Bounds->Allocation,
                                  (PVOID)(Teb + FIELD_OFFSET(TEB, DeallocationStack)), 8));
}

BOOLEAN MiCommitStack(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    ULONG64 Address;
    MI_WALK Walk;
    ULONG Old;

    for (Address = Start; Address < End; Address += PAGE_SIZE) {
        if (!MiMakePte(Space, Address, &Walk))
            return FALSE;
        if (!MiPageProtection(Vad, Address, *Walk.Pte, &Old)) {
            if (!MiChargeVad(Space, Vad, 1))
                return FALSE;
        } else if (*Walk.Pte & MI_PTE_VALID) {
            continue;
        }
        MiSetPte(&Walk, MI_MAKE_PTE(0, Protect, MI_PTE_COMMIT));
    }
    return TRUE;
}

/*
 * The guard page at Page was touched and is an ordinary page now.  On the thread's own stack the next page down becomes
 * the guard; near the end all that is left is committed and the program is told.
 */
static NTSTATUS MiGuardFault(PMM_SPACE Space, PMMVAD Vad, ULONG64 Page, ULONG64 Teb)
{
    MI_STACK_BOUNDS Bounds;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG64 Limit = Page;

    if (Vad->Type != MiVadPrivate || !MiReadStackBounds(Space, Teb, &Bounds) || Page < Bounds.Allocation ||
        Page >= Bounds.Base || Bounds.Allocation != Vad->Start)
        return STATUS_GUARD_PAGE_VIOLATION;
    if (Page <= Bounds.Allocation + MI_STACK_RESERVE) {
        Limit = Bounds.Allocation + PAGE_SIZE;
        MiCommitStack(Space, Vad, Limit, Page, MM_READWRITE);
        Status = STATUS_STACK_OVERFLOW;
    } else if (!MiCommitStack(Space, Vad, Page - PAGE_SIZE, Page, MM_READWRITE | MM_GUARD_PAGE)) {
        Status = STATUS_STACK_OVERFLOW;
    }
    MmWriteSpace(Space, (PVOID)(Teb + FIELD_OFFSET(TEB, NtTib.StackLimit)), &Limit, sizeof(Limit));
    return Status;
}

/* ------------------------------------------------------------------ private memory */

/* Tries to answer with 2 MiB: the block lies in the range, is committed alike and has no table. */
static BOOLEAN MiZeroLarge(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PMI_WALK Walk, ULONG Protect)
{
    ULONG64 Start = MiRoundDown(Address, MM_LARGE_PAGE_SIZE);
    MI_PAGE Page;

    if ((Walk->Pte != NULL && !Walk->Large && MiPfn(Walk->Table)->Used != 0) || Vad->Type != MiVadPrivate ||
        Start < Vad->Start || Start + MM_LARGE_PAGE_SIZE > Vad->End || MiAvailablePages() < MI_LARGE_PAGE_SPARE ||
        (Protect & MM_NOCACHE))
        return FALSE;
    if (!Walk->Large && !MiMakeLargePte(Space, Address, Walk))
        return FALSE;
    Page = MiAllocateLargePage();
    if (Page == 0)
        return FALSE;
    MiSetPte(Walk, MI_MAKE_PTE(Page, Protect, MI_PTE_LARGE | MI_PTE_VALID | MI_PTE_COMMIT));
    Space->PrivatePages += 512;
    return TRUE;
}

static NTSTATUS MiZeroPage(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk, ULONG Protect)
{
    MI_PAGE Page;

    if (!MiMakePte(Space, Address, Walk))
        return STATUS_NO_MEMORY;
    Page = MiAllocateZeroPage(MiPfnPrivate);
    if (Page == 0)
        return STATUS_NO_MEMORY;
    MiSetPte(Walk, MI_MAKE_PTE(Page, Protect, MI_PTE_VALID | MI_PTE_COMMIT));
    Space->PrivatePages++;
    return STATUS_SUCCESS;
}

static NTSTATUS MiZeroFault(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PMI_WALK Walk, ULONG Protect)
{
    MiDemandZeroFaults++;
    if (MiZeroLarge(Space, Vad, Address, Walk, Protect))
        return STATUS_SUCCESS;
    return MiZeroPage(Space, Address, Walk, Protect);
}

/* The same where writes are watched: a page for itself. */
static NTSTATUS MiWatchedFault(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PMI_WALK Walk, ULONG Protect,
        MM_ACCESS Access)
{
    NTSTATUS Status = MiZeroPage(Space, Address, Walk, Protect);

    MiDemandZeroFaults++;
    if (NT_SUCCESS(Status))
        MiSetPte(Walk, *Walk->Pte | MiWatchPage(Vad->Watch, Address, Access));
    return Status;
}

/* The page below was there already, so memory is touched in order: the next pages come too; failures do not matter. */
static VOID MiZeroAhead(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, const MI_WALK *Touched)
{
    ULONG Index = (ULONG)(Address >> PAGE_SHIFT) & 511, Protect, Ahead;
    MI_WALK Walk = *Touched;

    if (Walk.Large || Index == 0 || !(Walk.Pte[-1] & MI_PTE_VALID) || Vad->Watch != NULL ||
        MiAvailablePages() < MI_AHEAD_SPARE)
        return;
    for (Ahead = 1; Ahead < MI_ZERO_AHEAD && Index + Ahead < 512; Ahead++) {
        ULONG64 At = Address + Ahead * PAGE_SIZE;

        Walk.Pte = Touched->Pte + Ahead;
        if (At >= Vad->End || (*Walk.Pte & MI_PTE_VALID) || !MiPageProtection(Vad, At, *Walk.Pte, &Protect) ||
            !MiIsWritable(Protect) || !NT_SUCCESS(MiZeroFault(Space, Vad, At, &Walk, Protect)) ||
            !NT_SUCCESS(MiMapPte(Space, At, &Walk)))
            return;
    }
}

VOID MiZeroCommitted(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    ULONG64 Address;
    MI_WALK Walk;

    if (End - Start > MI_COMMIT_AHEAD * PAGE_SIZE || !MiIsWritable(Protect) || Vad->Watch != NULL || MiAvailablePages() < MI_AHEAD_SPARE)
        return;
    MiWalk(Space, Start - PAGE_SIZE, &Walk);
    if (Walk.Pte == NULL || Walk.Large || !(*Walk.Pte & MI_PTE_MAPPED))
        return;
    for (Address = Start; Address < End; Address += PAGE_SIZE) {
        MiWalkOn(Space, Address, &Walk);
        if (Walk.Pte == NULL || Walk.Large)
            return;
        if (*Walk.Pte & MI_PTE_VALID)
            continue;
        if (!NT_SUCCESS(MiZeroPage(Space, Address, &Walk, Protect)) || !NT_SUCCESS(MiMapPte(Space, Address, &Walk)))
            return;
    }
}

/* ------------------------------------------------------------------ views */

/*
 * A private page in place of Source (0: of zeros).  It was charged when the view was made, or when the page became
 * copy-on-write (protect.c), so that only memory that ran out behind the promises can fail it.
 */
static NTSTATUS MiCopyFault(PMM_SPACE Space, PMI_WALK Walk, MI_PAGE Source, ULONG Protect)
{
    MI_PAGE Page = Source == 0 ? MiAllocateZeroPage(MiPfnPrivate) : MiAllocatePage(MiPfnPrivate, FALSE);

    MiCopyOnWriteFaults++;
    if (Page == 0)
        return STATUS_NO_MEMORY;
    if (Source != 0)
        MiCopyPage(MiPageAddress(Page), MiPageAddress(Source));
    MiClearPte(Space, Walk, MI_MAKE_PTE(Page, MiAfterCopy(Protect), MI_PTE_VALID | MI_PTE_COMMIT));
    Space->PrivatePages++;
    return STATUS_SUCCESS;
}

/*
 * Maps neighbours of the page that was touched (its entry is Touched's) that are resident and have no entry; failures
 * do not matter.  The neighbourhood is aligned, so its entries lie in one table.
 */
static VOID MiFaultAround(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, const MI_WALK *Touched)
{
    ULONG64 Start = MiRoundDown(Address, MI_FAULT_AROUND * PAGE_SIZE), At;
    ULONG64 End = Start + MI_FAULT_AROUND * PAGE_SIZE;
    MI_WALK Walk = *Touched;
    NTSTATUS Status;

    if (End > Vad->End)
        End = Vad->End;
    for (At = Start < Vad->Start ? Vad->Start : Start; At < End; At += PAGE_SIZE) {
        MI_PAGE Page;
        ULONG Protect;

        Walk.Pte = Touched->Pte + ((LONG64)(At - Address) >> PAGE_SHIFT);
        if (*Walk.Pte != 0)
            continue;
        Page = MiSegmentPage(Vad->Segment, Vad->FirstPage + ((At - Vad->Start) >> PAGE_SHIFT), FALSE, &Status);
        Protect = MiVadProtection(Vad, At);
        if (Page == 0 || !MiIsAccessible(Protect) || !MiVadCommitted(Vad, At))
            continue;
        MiSetPte(&Walk, MI_MAKE_PTE(Page, Protect, MI_PTE_VALID | MI_PTE_SHARED | MI_PTE_COMMIT));
        if (!NT_SUCCESS(MiMapPte(Space, At, &Walk)))
            MiSetPte(&Walk, 0);
    }
}

static NTSTATUS MiViewFault(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PMI_WALK Walk, ULONG Protect,
        MM_ACCESS Access)
{
    ULONG64 Index = Vad->FirstPage + ((Address - Vad->Start) >> PAGE_SHIFT);
    BOOLEAN Copy = MiIsCopyOnWrite(Protect);
    NTSTATUS Status = STATUS_SUCCESS;
    MI_PAGE Page;

    if (!MiMakePte(Space, Address, Walk))
        return STATUS_NO_MEMORY;
    /* A hole of an image is nobody else's business: it becomes a private page of zeros at once. */
    Page = MiSegmentPage(Vad->Segment, Index, !Copy || Vad->Type != MiVadImage, &Status);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Page == 0 || (Copy && Access == MmWriteAccess))
        return MiCopyFault(Space, Walk, Page, Protect);
    MiSetPte(Walk, MI_MAKE_PTE(Page, Protect, MI_PTE_VALID | MI_PTE_SHARED | MI_PTE_COMMIT));
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ the fault */

static BOOLEAN MiAllows(ULONG Protect, MM_ACCESS Access)
{
    if (!MiIsAccessible(Protect))
        return FALSE;
    if (Access == MmWriteAccess)
        return MiIsWritable(Protect) || MiIsCopyOnWrite(Protect);
    return Access == MmReadAccess || MiIsExecutable(Protect);
}

/* Turns the guard page at Address into an ordinary one. */
static NTSTATUS MiClearGuard(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, ULONG Protect, ULONG64 Teb)
{
    MI_WALK Walk;

    if (!MiMakePte(Space, Address, &Walk))
        return STATUS_NO_MEMORY;
    Protect &= ~MM_GUARD_PAGE;
    MiSetPte(&Walk, (*Walk.Pte & ~(31ull << MI_PTE_PROTECT_SHIFT)) | MI_MAKE_PTE(0, Protect, MI_PTE_COMMIT));
    return MiGuardFault(Space, Vad, MiRoundDown(Address, PAGE_SIZE), Teb);
}

NTSTATUS MiResolve(PMM_SPACE Space, ULONG64 Address, MM_ACCESS Access, ULONG64 Teb)
{
    PMMVAD Vad = MiFindVad(Space, Address);
    MI_WALK Walk;
    ULONG64 Pte;
    ULONG Protect;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Vad == NULL || Space->Deleting)
        return STATUS_ACCESS_VIOLATION;
    Address = MiRoundDown(Address, PAGE_SIZE);
    MiWalk(Space, Address, &Walk);
    Pte = Walk.Pte == NULL ? 0 : *Walk.Pte;
    if (!MiPageProtection(Vad, Address, Pte, &Protect))
        return STATUS_ACCESS_VIOLATION;
    if (MiIsGuarded(Protect)) {
        Status = MiClearGuard(Space, Vad, Address, Protect, Teb);
        if (!NT_SUCCESS(Status))
            return Status;
        return MiResolve(Space, Address, Access, 0);
    }
    if (!MiAllows(Protect, Access))
        return STATUS_ACCESS_VIOLATION;
    if (!(Pte & MI_PTE_VALID)) {
        if (Vad->Segment != NULL)
            Status = MiViewFault(Space, Vad, Address, &Walk, Protect, Access);
        else if (Vad->Watch != NULL)
            Status = MiWatchedFault(Space, Vad, Address, &Walk, Protect, Access);
        else
            Status = MiZeroFault(Space, Vad, Address, &Walk, Protect);
    } else if (Access == MmWriteAccess && MiIsCopyOnWrite(Protect)) {
        Status = MiCopyFault(Space, &Walk, MI_PTE_PAGE(Pte), Protect);
    } else if (Access == MmWriteAccess && (Pte & MI_PTE_WATCHED)) {
        Status = MiFirstWrite(Space, Vad, Address, &Walk);
    }
    if (!NT_SUCCESS(Status))
        return Status;
    if (!(*Walk.Pte & MI_PTE_MAPPED)) {
        Status = MiMapPte(Space, Walk.Large ? MiRoundDown(Address, MM_LARGE_PAGE_SIZE) : Address, &Walk);
        if (NT_SUCCESS(Status) && !(Pte & MI_PTE_VALID)) {
            if (Vad->Segment != NULL)
                MiFaultAround(Space, Vad, Address, &Walk);
            else if (Vad->Type == MiVadPrivate)
                MiZeroAhead(Space, Vad, Address, &Walk);
        }
    }
    return NT_SUCCESS(Status) ? Status : STATUS_NO_MEMORY;
}

NTSTATUS MmAccessFault(PMM_SPACE Space, ULONG64 Address, MM_ACCESS Access, ULONG64 Teb)
{
    MiPageFaults++;
    Space->PageFaultCount++;
    return MiResolve(Space, Address, Access, Teb);
}
