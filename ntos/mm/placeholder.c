/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Placeholders: reservations that a private allocation or a view replaces in one step, and that come back when it goes
 * (VirtualAlloc2, MapViewOfFile3, VirtualFree, UnmapViewOfFileEx of Microsoft's documentation).  A range that is a
 * placeholder has neither pages nor charge; a range that stands on one says Replaced.
 *
 * Every function checks first, takes the memory that it needs, and cannot fail after it has changed something.
 * Nothing here waits.
 */
#include "ntos/mm/services.h"

NTSTATUS MiFindPlaceholder(PMM_SPACE Space, ULONG64 Start, ULONG64 End, PMMVAD *Placeholder)
{
    PMMVAD Vad = MiFindVad(Space, Start);

    *Placeholder = NULL;
    if (Vad == NULL || !Vad->Placeholder)
        return STATUS_INVALID_PARAMETER;
    if (Vad->Start != Start || Vad->End != End)
        return STATUS_CONFLICTING_ADDRESSES;
    *Placeholder = Vad;
    return STATUS_SUCCESS;
}

/* [At, end of Vad) becomes Upper, with UpperCommitted of the pages that are charged. */
static VOID MiSplitVad(PMM_SPACE Space, PMMVAD Vad, ULONG64 At, PMMVAD Upper, ULONG64 UpperCommitted)
{
    MiRemoveVad(Space, Vad);
    *Upper = *Vad;
    Upper->Start = At;
    Upper->CommittedPages = UpperCommitted;
    MiReferenceVadBits(Upper);
    Vad->End = At;
    Vad->CommittedPages -= UpperCommitted;
    MiInsertVad(Space, Vad);
    MiInsertVad(Space, Upper);
}

/* New ranges for what lies above Start and above End; both NULL where nothing does.  FALSE: no memory. */
static BOOLEAN MiAllocateParts(PMMVAD Vad, ULONG64 Start, ULONG64 End, PMMVAD *Middle, PMMVAD *Back)
{
    *Middle = *Back = NULL;
    if (Start > Vad->Start) {
        *Middle = ExAllocatePoolZero(NonPagedPool, sizeof(**Middle), 'daVM');
        if (*Middle == NULL)
            return FALSE;
    }
    if (End < Vad->End) {
        *Back = ExAllocatePoolZero(NonPagedPool, sizeof(**Back), 'daVM');
        if (*Back == NULL && *Middle != NULL)
            ExFreePool(*Middle);
        return *Back != NULL;
    }
    return TRUE;
}

NTSTATUS MiPreservePlaceholder(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    ULONG64 Committed, BackCommitted;
    PMMVAD Middle, Back;

    if (!Vad->Placeholder && !Vad->Replaced)
        return STATUS_CONFLICTING_ADDRESSES;
    /* A placeholder can only be split: the whole of it is one already. */
    if (Vad->Placeholder && Start == Vad->Start && End == Vad->End)
        return STATUS_CONFLICTING_ADDRESSES;
    if (!MiAllocateParts(Vad, Start, End, &Middle, &Back))
        return STATUS_INSUFFICIENT_RESOURCES;
    Committed = ((End - Start) >> PAGE_SHIFT) - MiCountUncommitted(Space, Vad, Start, End);
    BackCommitted = ((Vad->End - End) >> PAGE_SHIFT) - MiCountUncommitted(Space, Vad, End, Vad->End);
    if (!MiClearRange(Space, Start, End)) {
        if (Middle != NULL)
            ExFreePool(Middle);
        if (Back != NULL)
            ExFreePool(Back);
        return STATUS_NO_MEMORY;
    }
    MiReturnVadCharge(Space, Vad, Committed);
    MiForgetLocks(Vad, Start, End);
    if (Back != NULL)
        MiSplitVad(Space, Vad, End, Back, BackCommitted);
    if (Middle != NULL)
        MiSplitVad(Space, Vad, Start, Middle, 0);
    MiMakePlaceholder(Space, Middle != NULL ? Middle : Vad);
    return STATUS_SUCCESS;
}

NTSTATUS MiCoalescePlaceholders(PMM_SPACE Space, ULONG64 Start, ULONG64 End)
{
    PMMVAD First = MiFindVad(Space, Start), Vad;
    ULONG64 Covered;

    if (First == NULL || !First->Placeholder || First->Start != Start || First->End >= End)
        return STATUS_CONFLICTING_ADDRESSES;
    Covered = First->End;
    for (Vad = First->Next; Vad != NULL && Covered < End; Vad = Vad->Next) {
        if (!Vad->Placeholder || Vad->Start != Covered)
            return STATUS_CONFLICTING_ADDRESSES;
        Covered = Vad->End;
    }
    if (Covered != End)
        return STATUS_CONFLICTING_ADDRESSES;
    while (First->Next != NULL && First->Next->Start < End)
        MiReleaseVad(Space, First->Next);
    MiRemoveVad(Space, First);
    First->End = End;
    MiInsertVad(Space, First);
    return STATUS_SUCCESS;
}
