/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel objects for ke: each from a block of untyped memory of exactly its size, so that a deleted object's memory
 * is used again at once.  Deleting revokes: copies in other CSpaces (a thread's slots, a TCB's roots) go too. 
 * Nothing here waits.
 */
#include "ntos/mm/mip.h"

ULONG64 MiKernelObjects;
static ULONG MiTcbBits = seL4_TCBBits;          /* kernels with larger vector state need one more */

static ULONG MiObjectBits(ULONG Type, ULONG SizeBits)
{
    switch (Type) {
    case seL4_TCBObject:
        return MiTcbBits;
    case seL4_EndpointObject:
        return seL4_EndpointBits;
    case seL4_NotificationObject:
        return seL4_NotificationBits;
    case seL4_CapTableObject:
        return SizeBits + seL4_SlotBits;
    default:
        return PAGE_SHIFT;
    }
}

NTSTATUS MmCreateKernelObject(ULONG Type, ULONG SizeBits, PMM_KERNEL_OBJECT Object)
{
    PMI_UNTYPED Untyped;
    seL4_Error Error;
    ULONG Slot;

    *Object = (MM_KERNEL_OBJECT){0};
    if (!MiMayTakePages(1) || MiInjectFailure())
        return STATUS_NO_MEMORY;
    for (;;) {
        Untyped = MiAllocateUntyped(MiObjectBits(Type, SizeBits));
        if (Untyped == NULL)
            return STATUS_NO_MEMORY;
        Slot = (ULONG)MmAllocateSlot();
        if (Slot == 0) {
            MiFreeUntyped(Untyped);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        Error = MiRetype(Untyped, Type, Type == seL4_CapTableObject ? SizeBits : 0, Slot, 1);
        if (Error == seL4_NoError)
            break;
        MmFreeSlot(Slot);
        MiFreeUntyped(Untyped);
        if (Type != seL4_TCBObject || Error != seL4_NotEnoughMemory || MiTcbBits > seL4_TCBBits)
            return STATUS_INSUFFICIENT_RESOURCES;
        MiTcbBits++;
    }
    Object->Cap = Slot;
    Object->Memory = Untyped;
    MiKernelObjects++;
    return STATUS_SUCCESS;
}

VOID MmDeleteKernelObject(PMM_KERNEL_OBJECT Object)
{
    if (Object->Cap == 0)
        return;
    seL4_CNode_Revoke(MmRootCNode, Object->Cap, MM_CSPACE_DEPTH);
    MmDeleteCap(Object->Cap);
    MiFreeUntyped(Object->Memory);
    MiKernelObjects--;
    *Object = (MM_KERNEL_OBJECT){0};
}
