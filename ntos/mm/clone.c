/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The copy of an address space (NtCreateProcessEx without a section).
 *
 * Private pages are copied at once: each has one owner here.  So are the private copies of a view's pages; its other pages come by faults, as in
 * any view.  Views are in the copy if they are to be inherited (ViewShare; of what ntos has mapped, images and what can only be read), device
 * memory and locks never.  All of the copy is charged.
 *
 * The work goes upward by address, a slice at a time, and what the parent's threads do between two slices is in the copy or is not.  Invariant:
 * the ranges and charges of the copy are its own from the beginning, so that it is sound whatever becomes of the parent's.  Nothing here waits.
 */
#include "ntos/mm/mip.h"
#include "ntos/inc/ob.h"

#define MI_CLONE_SLICE 4096             /* steps */
#define MI_CLONE_COPY 8                 /* steps that the copy of a page counts */

static BOOLEAN MiIsCloned(PMMVAD Vad)
{
    return Vad->Type != MiVadDevice && (Vad->Segment == NULL || Vad->Inherit);
}

/* The range without its pages. */
static NTSTATUS MiCloneVad(PMM_SPACE Space, PMMVAD Vad, PMMVAD *Clone)
{
    PMMVAD New = MiCreateVad(Space, Vad->Type, Vad->Start, Vad->End, Vad->Protect);
    ULONG64 Pages = Vad->Segment != NULL ? Vad->CommittedPages : Vad->Commit ? (Vad->End - Vad->Start) >> PAGE_SHIFT : 0;
    NTSTATUS Status = STATUS_SUCCESS;

    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->Commit = Vad->Commit;
    New->NoChange = Vad->NoChange;
    New->Inherit = Vad->Inherit;
    New->Placeholder = Vad->Placeholder;
    New->Replaced = Vad->Replaced;
    New->Grows = Vad->Grows;
    if (Vad->Segment != NULL) {
        New->FirstPage = Vad->FirstPage;
        New->Segment = Vad->Segment;
        New->Section = Vad->Section;
        MmReferenceSegment(New->Segment);
        New->Segment->Views++;
        if (New->Segment->File != NULL)
            New->Segment->File->ImageViews++;
        if (New->Section != NULL)
            ObReferenceObject(New->Section);
    }
    if (Vad->Watch != NULL)
        Status = MiCreatePageBits(Space, New->Start, New->End, &New->Watch);
    if (NT_SUCCESS(Status) && !MiChargeVad(Space, New, Pages))
        Status = STATUS_COMMITMENT_LIMIT;
    if (!NT_SUCCESS(Status))
        MiReleaseVad(Space, New);
    else
        *Clone = New;
    return Status;
}

/* The private page at Address, which ntos sees at Source. */
static NTSTATUS MiClonePage(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, ULONG64 Pte, const VOID *Source)
{
    MI_PAGE Page = MiAllocatePage(MiPfnPrivate, FALSE);
    MI_WALK Walk;

    if (Page == 0)
        return STATUS_NO_MEMORY;
    if (!MiMakePte(Space, Address, &Walk)) {
        MiFreePage(Page);
        return STATUS_NO_MEMORY;
    }
    MiCopyPage(MiPageAddress(Page), Source);
    MiSetPte(&Walk, MI_MAKE_PTE(Page, MI_PTE_PROTECT(Pte), MI_PTE_VALID | MI_PTE_COMMIT));
    if (Vad->Watch != NULL)
        MiSetPte(&Walk, *Walk.Pte | MiWatchPage(Vad->Watch, Address, Pte & MI_PTE_WATCHED ? MmReadAccess : MmWriteAccess));
    Space->PrivatePages++;
    return STATUS_SUCCESS;
}

/* A page that is not there, or is the segment's: what its entry says of it. */
static NTSTATUS MiCloneState(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, ULONG64 Pte)
{
    ULONG64 Value = Pte & MI_PTE_DECOMMIT ? MI_PTE_DECOMMIT : MI_MAKE_PTE(0, MI_PTE_PROTECT(Pte), MI_PTE_COMMIT);
    MI_WALK Walk;

    if (!MiMakePte(Space, Address, &Walk))
        return STATUS_NO_MEMORY;
    MiSetPte(&Walk, Value);
    return STATUS_SUCCESS;
}

/* The charge of a private range's page whose entry says something else than the range. */
static NTSTATUS MiChargeClone(PMM_SPACE Space, PMMVAD Vad, ULONG64 Pte)
{
    if (Vad->Segment != NULL)
        return STATUS_SUCCESS;
    if (Vad->Commit && (Pte & MI_PTE_DECOMMIT))
        MiReturnVadCharge(Space, Vad, 1);
    else if (!Vad->Commit && (Pte & MI_PTE_COMMIT) && !MiChargeVad(Space, Vad, 1))
        return STATUS_COMMITMENT_LIMIT;
    return STATUS_SUCCESS;
}

/* What the parent's entry, which is Walk's, says of the page at Address. */
static NTSTATUS MiCloneEntry(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, const MI_WALK *Walk, PULONG Steps)
{
    ULONG64 Pte = *Walk->Pte, Offset = Walk->Large ? Address & (MM_LARGE_PAGE_SIZE - 1) : 0;
    const UCHAR *Source = NULL;
    NTSTATUS Status;

    if (!(Pte & (MI_PTE_COMMIT | MI_PTE_DECOMMIT)))
        return STATUS_SUCCESS;
    Status = MiChargeClone(Space, Vad, Pte);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((Pte & MI_PTE_VALID) && !(Pte & MI_PTE_SHARED)) {
        if (!Walk->Large && !MiReachPage(MI_PTE_PAGE(Pte)))
            return STATUS_NO_MEMORY;
        Source = (PUCHAR)MiPageAddress(MI_PTE_PAGE(Pte)) + Offset;
    }
    *Steps += Source != NULL ? MI_CLONE_COPY : 0;
    /* A large page has many that nobody used; a view's page may not become the segment's again. */
    if (Source == NULL || (Vad->Segment == NULL && Vad->Watch == NULL && MiIsZeroPage((const ULONG64 *)Source)))
        return MiCloneState(Space, Vad, Address, Pte);
    return MiClonePage(Space, Vad, Address, Pte, Source);
}

/* The pages of Vad from *Next on, as far as a slice goes. */
static NTSTATUS MiClonePages(PMM_SPACE Space, PMMVAD Vad, PMM_SPACE Parent, PULONG64 Next, PULONG Steps)
{
    MI_WALK Walk = {0};
    NTSTATUS Status;

    while (*Next < Vad->End && *Steps < MI_CLONE_SLICE) {
        (*Steps)++;
        MiWalk(Parent, *Next, &Walk);
        if (Walk.Pte == NULL) {
            *Next = Walk.Next < Vad->End ? Walk.Next : Vad->End;
            continue;
        }
        Status = MiCloneEntry(Space, Vad, *Next, &Walk, Steps);
        if (!NT_SUCCESS(Status))
            return Status;
        *Next += PAGE_SIZE;
    }
    return STATUS_SUCCESS;
}

/* The range of the copy that stands for Vad, made if *Next has not reached it yet; NULL in *Clone: there can be none. */
static NTSTATUS MiFindClone(PMM_SPACE Space, PMMVAD Vad, PULONG64 Next, PMMVAD *Clone)
{
    *Clone = NULL;
    if (!MiIsCloned(Vad))
        return STATUS_SUCCESS;
    if (Vad->Start >= *Next) {
        if (!MiIsRangeFree(Space, Vad->Start, Vad->End))
            return STATUS_SUCCESS;
        *Next = Vad->Start;
        return MiCloneVad(Space, Vad, Clone);
    }
    *Clone = MiFindVad(Space, *Next);
    if (*Clone != NULL && ((*Clone)->Start != Vad->Start || (*Clone)->End != Vad->End || (*Clone)->Type != Vad->Type ||
                           (*Clone)->Segment != Vad->Segment))
        *Clone = NULL;                  /* another range of the parent's by now */
    return STATUS_SUCCESS;
}

NTSTATUS MmCloneSpace(PMM_SPACE Space, PMM_SPACE Parent, PULONG64 Next)
{
    PMMVAD Vad, Clone;
    ULONG Steps = 0;
    NTSTATUS Status;

    while ((Vad = MiFindVadFrom(Parent, *Next)) != NULL) {
        if (Steps++ >= MI_CLONE_SLICE)
            return STATUS_MORE_ENTRIES;
        Status = MiFindClone(Space, Vad, Next, &Clone);
        if (NT_SUCCESS(Status) && Clone != NULL)
            Status = MiClonePages(Space, Clone, Parent, Next, &Steps);
        else
            *Next = Vad->End;
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Space->PebTebHint = Parent->PebTebHint;
    return STATUS_SUCCESS;
}
