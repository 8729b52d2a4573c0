/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Untyped memory: every untyped capability of bootinfo is the root of a buddy tree.  A block is free (on the list of
 * its size), split (its two halves are children, made by one Retype), or used (something was retyped from it).
 *
 * Invariant: the kernel has derived nothing from a free block.  Its free index is 0 or is reset by the next Retype,
 * and what comes out of a Retype is zero.  Blocks of bootinfo are zeroed whole by their first Retype, so a request
 * takes the smallest block that fits: the cost of a boot follows the memory that is used, not the memory there is.
 *
 * Splitting needs nodes and capability slots; both are refilled early, because the refill itself splits.  Halves are
 * merged again only when a request finds nothing.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_MIN_BITS 4
#define MI_MAX_BITS 47
#define MI_NODES_AT_BOOT 256
#define MI_NODES_LOW 96

typedef struct _MI_UNTYPED_PAIR {
    MI_UNTYPED Half[2];
    struct _MI_UNTYPED_PAIR *NextFree;
} MI_UNTYPED_PAIR, *PMI_UNTYPED_PAIR;

ULONG64 MiFreeUntypedBytes;
ULONG64 MiFreeFragmentBytes;
ULONG64 MiTotalUntypedBytes;
ULONG64 MiHighestRamAddress;

static MI_UNTYPED MiBootUntyped[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS];
static ULONG MiBootUntypedCount;
static MI_UNTYPED_PAIR MiBootPairs[MI_NODES_AT_BOOT];
static PMI_UNTYPED_PAIR MiFreePairs;
static ULONG MiFreePairCount;
static BOOLEAN MiRefilling;
static PMI_UNTYPED MiFreeList[MI_MAX_BITS + 1];
static ULONG64 MiFreeListMask;          /* bit n: MiFreeList[n] is not empty */

static VOID MiCountFree(PMI_UNTYPED Untyped, BOOLEAN Add)
{
    ULONG64 Bytes = 1ull << Untyped->Bits;

    *(Untyped->Bits >= PAGE_SHIFT ? &MiFreeUntypedBytes : &MiFreeFragmentBytes) += Add ? Bytes : 0 - Bytes;
}

static VOID MiLinkFree(PMI_UNTYPED Untyped)
{
    PMI_UNTYPED Head = MiFreeList[Untyped->Bits];

    Untyped->State = MiUntypedFree;
    if (Untyped->Device)
        return;
    Untyped->Previous = NULL;
    Untyped->Next = Head;
    if (Head != NULL)
        Head->Previous = Untyped;
    MiFreeList[Untyped->Bits] = Untyped;
    MiFreeListMask |= 1ull << Untyped->Bits;
    MiCountFree(Untyped, TRUE);
}

static VOID MiUnlinkFree(PMI_UNTYPED Untyped)
{
    if (Untyped->Device)
        return;
    if (Untyped->Previous != NULL)
        Untyped->Previous->Next = Untyped->Next;
    else
        MiFreeList[Untyped->Bits] = Untyped->Next;
    if (Untyped->Next != NULL)
        Untyped->Next->Previous = Untyped->Previous;
    if (MiFreeList[Untyped->Bits] == NULL)
        MiFreeListMask &= ~(1ull << Untyped->Bits);
    MiCountFree(Untyped, FALSE);
}

static VOID MiFreePair(PMI_UNTYPED_PAIR Pair)
{
    Pair->NextFree = MiFreePairs;
    MiFreePairs = Pair;
    MiFreePairCount++;
}

/* Pairs come from whole pages that are never given back: their number follows the number of live objects. */
static VOID MiRefillPairs(VOID)
{
    PMI_UNTYPED_PAIR Pair;
    MI_PAGE Page;
    ULONG Index;

    if (MiFreePairCount >= MI_NODES_LOW || MiRefilling)
        return;
    MiRefilling = TRUE;
    Page = MiAllocatePage(MiPfnSystem, FALSE);
    if (Page != 0) {
        MiSystemPages--;
        MiCountKept(1, 0);
        Pair = MiPageAddress(Page);
        for (Index = 0; Index < PAGE_SIZE / sizeof(*Pair); Index++)
            MiFreePair(&Pair[Index]);
    }
    MiRefilling = FALSE;
}

/* The halves in one retype, or in two where no two free slots are neighbours. */
static BOOLEAN MiMakeHalves(PMI_UNTYPED Untyped, ULONG Slot[2])
{
    ULONG Bits = Untyped->Bits - 1;
    seL4_Error Error;

    Slot[0] = MiAllocateSlots(2);
    if (Slot[0] != 0) {
        Slot[1] = Slot[0] + 1;
        Error = MiRetype(Untyped, seL4_UntypedObject, Bits, Slot[0], 2);
    } else {
        Slot[0] = MiAllocateSlots(1);
        Slot[1] = MiAllocateSlots(1);
        Error = Slot[1] == 0 ? seL4_NotEnoughMemory : MiRetype(Untyped, seL4_UntypedObject, Bits, Slot[0], 1);
        if (Error == seL4_NoError) {
            Error = MiRetype(Untyped, seL4_UntypedObject, Bits, Slot[1], 1);
            if (Error != seL4_NoError)
                MiDeleteSlot(Slot[0]);
        }
    }
    if (Error == seL4_NoError)
        return TRUE;
    MmFreeSlot(Slot[0]);
    MmFreeSlot(Slot[1]);
    return FALSE;
}

/* Splits a block that is on no list; its halves are on none either. */
static BOOLEAN MiSplit(PMI_UNTYPED Untyped)
{
    PMI_UNTYPED_PAIR Pair = MiFreePairs;
    ULONG Index, Slot[2];

    if (Pair == NULL || Untyped->Bits <= MI_MIN_BITS || !MiMakeHalves(Untyped, Slot))
        return FALSE;
    MiFreePairs = Pair->NextFree;
    MiFreePairCount--;
    for (Index = 0; Index < 2; Index++) {
        PMI_UNTYPED Half = &Pair->Half[Index];

        *Half = (MI_UNTYPED){.Parent = Untyped, .Cap = Slot[Index], .Bits = Untyped->Bits - 1,
                             .Half = (UCHAR)Index, .Device = Untyped->Device,
                             .PhysicalAddress = Untyped->PhysicalAddress + ((ULONG64)Index << (Untyped->Bits - 1))};
    }
    MiCountKept(0, 2);
    Untyped->Child = Pair->Half;
    Untyped->State = MiUntypedSplit;
    return TRUE;
}

/* Both halves of Parent are free: they go, and Parent is free. */
static VOID MiMerge(PMI_UNTYPED Parent)
{
    PMI_UNTYPED Child = Parent->Child;
    ULONG Index;

    for (Index = 0; Index < 2; Index++) {
        MiUnlinkFree(&Child[Index]);
        MmDeleteCap(Child[Index].Cap);
    }
    MiCountKept(0, -2);
    Parent->Child = NULL;
    MiFreePair(CONTAINING_RECORD(Child, MI_UNTYPED_PAIR, Half));
    MiLinkFree(Parent);
}

/* Merges what can be merged, small blocks first.  TRUE: something was. */
static BOOLEAN MiMergeAll(VOID)
{
    PMI_UNTYPED Untyped, Next;
    BOOLEAN Any = FALSE;
    ULONG Bits;

    for (Bits = MI_MIN_BITS; Bits < MI_MAX_BITS; Bits++) {
        for (Untyped = MiFreeList[Bits]; Untyped != NULL; Untyped = Next) {
            PMI_UNTYPED Buddy;

            Next = Untyped->Next;
            if (Untyped->Parent == NULL)
                continue;
            Buddy = Untyped + (Untyped->Half == 0 ? 1 : -1);
            if (Buddy->State != MiUntypedFree)
                continue;
            if (Next == Buddy)
                Next = Buddy->Next;
            MiMerge(Untyped->Parent);
            Any = TRUE;
        }
    }
    return Any;
}

static PMI_UNTYPED MiTakeBlock(ULONG Bits)
{
    ULONG64 Fitting = MiFreeListMask & ~((1ull << Bits) - 1);
    PMI_UNTYPED Untyped;

    if (Fitting == 0)
        return NULL;
    Untyped = MiFreeList[__builtin_ctzll(Fitting)];
    MiUnlinkFree(Untyped);
    while (Untyped->Bits > Bits) {
        if (!MiSplit(Untyped)) {
            MiLinkFree(Untyped);
            return NULL;
        }
        MiLinkFree(&Untyped->Child[1]);
        Untyped = &Untyped->Child[0];
    }
    Untyped->State = MiUntypedUsed;
    return Untyped;
}

PMI_UNTYPED MiAllocateUntyped(ULONG Bits)
{
    PMI_UNTYPED Untyped;

    if (Bits < MI_MIN_BITS)
        Bits = MI_MIN_BITS;
    if (Bits > MI_MAX_BITS)
        return NULL;
    MiRefillPairs();
    MiRefillSlots();
    Untyped = MiTakeBlock(Bits);
    if (Untyped == NULL && MiMergeAll())
        Untyped = MiTakeBlock(Bits);
    if (Untyped == NULL && MiReclaimFrames()) {
        MiMergeAll();
        Untyped = MiTakeBlock(Bits);
    }
    return Untyped;
}

BOOLEAN MiHasUntyped(ULONG Bits)
{
    return MiFreeListMask >> Bits != 0;
}

VOID MiFreeUntyped(PMI_UNTYPED Untyped)
{
    MiLinkFree(Untyped);
}

static BOOLEAN MiContains(PMI_UNTYPED Untyped, ULONG64 Address)
{
    return (Address ^ Untyped->PhysicalAddress) >> Untyped->Bits == 0;
}

PMI_UNTYPED MiCarveDevice(ULONG64 PhysicalAddress, ULONG Bits)
{
    PMI_UNTYPED Untyped = NULL;
    ULONG Index;

    for (Index = 0; Index < MiBootUntypedCount; Index++) {
        if (MiBootUntyped[Index].Device && MiContains(&MiBootUntyped[Index], PhysicalAddress))
            Untyped = &MiBootUntyped[Index];
    }
    while (Untyped != NULL && Untyped->Bits > Bits) {
        MiRefillPairs();
        MiRefillSlots();
        if (Untyped->State == MiUntypedUsed || (Untyped->State == MiUntypedFree && !MiSplit(Untyped)))
            return NULL;
        Untyped = &Untyped->Child[MiContains(&Untyped->Child[1], PhysicalAddress)];
    }
    if (Untyped == NULL || Untyped->Bits != Bits || Untyped->State != MiUntypedFree)
        return NULL;
    Untyped->State = MiUntypedUsed;
    return Untyped;
}

VOID MiInitUntyped(const seL4_BootInfo *BootInfo)
{
    ULONG Count = (ULONG)(BootInfo->untyped.end - BootInfo->untyped.start);
    ULONG Index;

    for (Index = 0; Index < MI_NODES_AT_BOOT; Index++)
        MiFreePair(&MiBootPairs[Index]);
    if (Count > CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS)
        Count = CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS;
    for (Index = 0; Index < Count; Index++) {
        const seL4_UntypedDesc *Source = &BootInfo->untypedList[Index];
        PMI_UNTYPED Untyped = &MiBootUntyped[Index];

        if (Source->sizeBits < MI_MIN_BITS || Source->sizeBits > MI_MAX_BITS)
            continue;
        *Untyped = (MI_UNTYPED){.Cap = (ULONG)(BootInfo->untyped.start + Index), .Bits = Source->sizeBits,
                                .Device = Source->isDevice != 0, .PhysicalAddress = Source->paddr};
        MiLinkFree(Untyped);
        if (Untyped->Device)
            continue;
        MiTotalUntypedBytes += 1ull << Untyped->Bits;
        if (Untyped->PhysicalAddress + (1ull << Untyped->Bits) > MiHighestRamAddress)
            MiHighestRamAddress = Untyped->PhysicalAddress + (1ull << Untyped->Bits);
    }
    MiBootUntypedCount = Count;
}
