/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A bit a page of a range: which pages were written (watch.c), which are locked (lock.c).
 *
 * The bits are counted and shared by the parts of a range that was split.  Their memory is the pool's, so that it leaves alone
 * what was promised; whole pages of it count as the process's commitment, against its job's limit.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

NTSTATUS MiCreatePageBits(PMM_SPACE Space, ULONG64 Start, ULONG64 End, PMI_PAGE_BITS *Bits)
{
    ULONG64 Size = sizeof(**Bits) + (((End - Start) >> PAGE_SHIFT) + 63) / 64 * sizeof(ULONG64);

    *Bits = NULL;
    if (!MiQuotaAllows(Space, Size >> PAGE_SHIFT))
        return STATUS_COMMITMENT_LIMIT;
    *Bits = ExAllocatePoolZero(PagedPool, Size, 'stiB');
    if (*Bits == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    (*Bits)->References = 1;
    (*Bits)->Start = Start;
    (*Bits)->Space = Space;
    (*Bits)->Charge = Size >> PAGE_SHIFT;
    MiAddSpaceCharge(Space, (*Bits)->Charge);
    return STATUS_SUCCESS;
}

VOID MiReferencePageBits(PMI_PAGE_BITS Bits)
{
    if (Bits != NULL)
        Bits->References++;
}

VOID MiDereferencePageBits(PMI_PAGE_BITS Bits)
{
    if (Bits == NULL || --Bits->References != 0)
        return;
    MiTakeSpaceCharge(Bits->Space, Bits->Charge);
    ExFreePool(Bits);
}
