/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The address ranges of a process (VADs): an AVL tree by address for look-ups, and a list in address order for walks
 * and for finding gaps.
 *
 * Invariant: ranges do not overlap and start and end on pages; tree and list hold the same ranges.
 * VadHint: no gap of an allocation unit lies below the end of that range (NULL: nothing is known), so that
 * allocations from the bottom do not walk over what is full.  Nothing here waits.
 */
#include "ntos/mm/mip.h"
#include "ntos/inc/ob.h"

/* ------------------------------------------------------------------ tree */

static LONG MiHeight(PMMVAD Vad)
{
    return Vad == NULL ? 0 : Vad->Height;
}

static VOID MiUpdateHeight(PMMVAD Vad)
{
    LONG Left = MiHeight(Vad->Left), Right = MiHeight(Vad->Right);

    Vad->Height = (UCHAR)((Left > Right ? Left : Right) + 1);
}

static PMMVAD MiRotateRight(PMMVAD Vad)
{
    PMMVAD Top = Vad->Left;

    Vad->Left = Top->Right;
    Top->Right = Vad;
    MiUpdateHeight(Vad);
    MiUpdateHeight(Top);
    return Top;
}

static PMMVAD MiRotateLeft(PMMVAD Vad)
{
    PMMVAD Top = Vad->Right;

    Vad->Right = Top->Left;
    Top->Left = Vad;
    MiUpdateHeight(Vad);
    MiUpdateHeight(Top);
    return Top;
}

static PMMVAD MiBalance(PMMVAD Vad)
{
    LONG Lean = MiHeight(Vad->Left) - MiHeight(Vad->Right);

    if (Lean > 1) {
        if (MiHeight(Vad->Left->Left) < MiHeight(Vad->Left->Right))
            Vad->Left = MiRotateLeft(Vad->Left);
        return MiRotateRight(Vad);
    }
    if (Lean < -1) {
        if (MiHeight(Vad->Right->Right) < MiHeight(Vad->Right->Left))
            Vad->Right = MiRotateRight(Vad->Right);
        return MiRotateLeft(Vad);
    }
    MiUpdateHeight(Vad);
    return Vad;
}

static PMMVAD MiTreeInsert(PMMVAD Top, PMMVAD Vad)
{
    if (Top == NULL)
        return Vad;
    if (Vad->Start < Top->Start)
        Top->Left = MiTreeInsert(Top->Left, Vad);
    else
        Top->Right = MiTreeInsert(Top->Right, Vad);
    return MiBalance(Top);
}

/* Takes the leftmost node out. */
static PMMVAD MiTreeRemoveFirst(PMMVAD Top, PMMVAD *First)
{
    if (Top->Left == NULL) {
        *First = Top;
        return Top->Right;
    }
    Top->Left = MiTreeRemoveFirst(Top->Left, First);
    return MiBalance(Top);
}

static PMMVAD MiTreeRemove(PMMVAD Top, PMMVAD Vad)
{
    PMMVAD Heir;

    if (Top == NULL)
        return NULL;
    if (Vad->Start < Top->Start) {
        Top->Left = MiTreeRemove(Top->Left, Vad);
    } else if (Vad->Start > Top->Start) {
        Top->Right = MiTreeRemove(Top->Right, Vad);
    } else {
        if (Top->Right == NULL)
            return Top->Left;
        Top->Right = MiTreeRemoveFirst(Top->Right, &Heir);
        Heir->Left = Top->Left;
        Heir->Right = Top->Right;
        Top = Heir;
    }
    return MiBalance(Top);
}

/* ------------------------------------------------------------------ look-up */

PMMVAD MiFindVad(PMM_SPACE Space, ULONG64 Address)
{
    PMMVAD Vad = Space->VadRoot;

    while (Vad != NULL && (Address < Vad->Start || Address >= Vad->End))
        Vad = Address < Vad->Start ? Vad->Left : Vad->Right;
    return Vad;
}

PMMVAD MiFindVadFrom(PMM_SPACE Space, ULONG64 Address)
{
    PMMVAD Vad = Space->VadRoot, Best = NULL;

    while (Vad != NULL) {
        if (Address < Vad->End) {
            Best = Vad;
            Vad = Vad->Left;
        } else {
            Vad = Vad->Right;
        }
    }
    return Best;
}

BOOLEAN MiIsRangeFree(PMM_SPACE Space, ULONG64 Start, ULONG64 End)
{
    PMMVAD Vad = MiFindVadFrom(Space, Start);

    return Vad == NULL || Vad->Start >= End;
}

static ULONG64 MiFindTopDown(PMM_SPACE Space, ULONG64 Size, ULONG64 Alignment, ULONG64 Lowest, ULONG64 Highest)
{
    PMMVAD Vad = MiFindVadFrom(Space, Highest - 1), Below;
    ULONG64 End = Highest, Start;

    if (Vad != NULL && Vad->Start < End)
        End = Vad->Start;
    if (Vad == NULL) {
        for (Below = Space->VadRoot; Below != NULL && Below->Right != NULL;)
            Below = Below->Right;
    } else {
        Below = Vad->Previous;
    }
    for (;; Below = Below->Previous) {
        ULONG64 Floor = Below == NULL || Below->End < Lowest ? Lowest : Below->End;

        if (End >= Size) {
            Start = MiRoundDown(End - Size, Alignment);
            if (Start >= Floor)
                return Start;
        }
        if (Below == NULL || Below->Start <= Lowest)
            return 0;
        End = Below->Start;
    }
}

ULONG64 MiFindRange(PMM_SPACE Space, ULONG64 Size, ULONG64 Alignment, ULONG64 Lowest, ULONG64 Highest, BOOLEAN TopDown)
{
    BOOLEAN FromBottom = Lowest == (ULONG64)MM_LOWEST_USER_ADDRESS && Alignment == MM_ALLOCATION_GRANULARITY;
    PMMVAD Vad, Hint = Space->VadHint;
    ULONG64 Start;

    if (Size == 0 || Size > Highest - Lowest)
        return 0;
    if (TopDown)
        return MiFindTopDown(Space, Size, Alignment, Lowest, Highest);
    Start = Lowest;
    if (Hint != NULL && Hint->End > Start)
        Start = Hint->End;
    Vad = MiFindVadFrom(Space, Start);
    for (Start = MiRoundUp(Start, Alignment);; Vad = Vad->Next) {
        if (Start + Size > Highest || Start + Size < Start)
            return 0;
        if (Vad == NULL || Start + Size <= Vad->Start)
            return Start;
        /* Still nothing free below: the hint goes on. */
        if (FromBottom && Start + MM_ALLOCATION_GRANULARITY > Vad->Start && Vad->Previous == Space->VadHint)
            Space->VadHint = Vad;
        if (Vad->End > Start)
            Start = MiRoundUp(Vad->End, Alignment);
    }
}

/* ------------------------------------------------------------------ creation and deletion */

VOID MiInsertVad(PMM_SPACE Space, PMMVAD Vad)
{
    PMMVAD Next = MiFindVadFrom(Space, Vad->Start);
    PMMVAD Previous;

    if (Next != NULL) {
        Previous = Next->Previous;
        Next->Previous = Vad;
    } else {
        for (Previous = Space->VadRoot; Previous != NULL && Previous->Right != NULL;)
            Previous = Previous->Right;
    }
    Vad->Next = Next;
    Vad->Previous = Previous;
    if (Previous != NULL)
        Previous->Next = Vad;
    Vad->Left = Vad->Right = NULL;
    Vad->Height = 1;
    Space->VadRoot = MiTreeInsert(Space->VadRoot, Vad);
    Space->VirtualSize += Vad->End - Vad->Start;
    if (Space->VirtualSize > Space->PeakVirtualSize)
        Space->PeakVirtualSize = Space->VirtualSize;
}

VOID MiRemoveVad(PMM_SPACE Space, PMMVAD Vad)
{
    Space->VadRoot = MiTreeRemove(Space->VadRoot, Vad);
    if (Vad->Previous != NULL)
        Vad->Previous->Next = Vad->Next;
    if (Vad->Next != NULL)
        Vad->Next->Previous = Vad->Previous;
    if (Space->VadHint != NULL && Vad->Start <= Space->VadHint->Start)
        Space->VadHint = Vad->Previous;
    Space->VirtualSize -= Vad->End - Vad->Start;
}

PMMVAD MiCreateVad(PMM_SPACE Space, MI_VAD_TYPE Type, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    PMMVAD Vad = ExAllocatePoolZero(NonPagedPool, sizeof(*Vad), 'daVM');

    if (Vad == NULL)
        return NULL;
    Vad->Type = (UCHAR)Type;
    Vad->Protect = (UCHAR)Protect;
    Vad->Start = Start;
    Vad->End = End;
    MiInsertVad(Space, Vad);
    return Vad;
}

/* Charge and references of a range. */
static VOID MiReturnVad(PMM_SPACE Space, PMMVAD Vad)
{
    MiReturnCommit(Vad->CommittedPages);
    MiTakeSpaceCharge(Space, Vad->CommittedPages);
    if (Vad->Segment != NULL) {
        Vad->Segment->Views--;
        if (Vad->Segment->File != NULL)
            Vad->Segment->File->ImageViews--;
        MmDereferenceSegment(Vad->Segment);
    }
    if (Vad->Section != NULL)
        ObDereferenceObject(Vad->Section);
    MiDereferencePageBits(Vad->Watch);
    MiDereferencePageBits(Vad->Locks[0]);
    MiDereferencePageBits(Vad->Locks[1]);
}

VOID MiReleaseVad(PMM_SPACE Space, PMMVAD Vad)
{
    MiRemoveVad(Space, Vad);
    MiReturnVad(Space, Vad);
    ExFreePool(Vad);
}

VOID MiMakePlaceholder(PMM_SPACE Space, PMMVAD Vad)
{
    MiReturnVad(Space, Vad);
    Vad->Type = MiVadPrivate;
    Vad->Protect = MM_NOACCESS;
    Vad->Commit = Vad->NoChange = Vad->Inherit = Vad->Replaced = Vad->Grows = FALSE;
    Vad->Placeholder = TRUE;
    Vad->CommittedPages = Vad->FirstPage = 0;
    Vad->Segment = NULL;
    Vad->Section = NULL;
    Vad->Watch = Vad->Locks[0] = Vad->Locks[1] = NULL;
}

BOOLEAN MiDeleteVad(PMM_SPACE Space, PMMVAD Vad)
{
    if (!MiClearRange(Space, Vad->Start, Vad->End))
        return FALSE;
    MiReleaseVad(Space, Vad);
    return TRUE;
}

/* ------------------------------------------------------------------ pages without an entry */

ULONG MiVadProtection(PMMVAD Vad, ULONG64 Address)
{
    PMI_SUBSECTION Subsection;

    if (Vad->Type != MiVadImage)
        return Vad->Protect;
    Subsection = MiFindSubsection(Vad->Segment, (Address - Vad->Start) >> PAGE_SHIFT);
    return Subsection == NULL ? MM_NOACCESS : Subsection->Protect;
}

ULONG64 MiGrownEnd(PMMVAD Vad)
{
    ULONG64 Pages;

    if (Vad->Type != MiVadMapped || Vad->Segment->Flags & MI_SEGMENT_PAGEFILE)
        return Vad->End;
    /* The file may have been cut between the section and the view. */
    Pages = BYTES_TO_PAGES(Vad->Segment->Size);
    Pages = Pages > Vad->FirstPage ? Pages - Vad->FirstPage : 0;
    return Pages < (Vad->End - Vad->Start) >> PAGE_SHIFT ? Vad->Start + (Pages << PAGE_SHIFT) : Vad->End;
}

BOOLEAN MiVadCommitted(PMMVAD Vad, ULONG64 Address)
{
    ULONG64 *Entry;

    if (Vad->Segment == NULL)
        return Vad->Commit;
    if (!(Vad->Segment->Flags & MI_SEGMENT_RESERVE))
        return Vad->Commit && Address < MiGrownEnd(Vad);
    Entry = MiSegmentEntry(Vad->Segment, Vad->FirstPage + ((Address - Vad->Start) >> PAGE_SHIFT), FALSE);
    return Entry != NULL && *Entry != 0;
}
