/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capability slots of ntos.  The CSpace has two levels:
 *
 *     CPtr  63         B+L  B+L-1   B  B-1      0
 *          | zero guard   | L1 index  | L2 offset |      B = initThreadCNodeSizeBits
 *
 * L1 slot 0 holds the initial CNode, so the capability addresses of bootinfo stay valid; other L2 CNodes (2^12
 * slots or less) are made when slots run low.  The last L1 slot holds a capability of its own, one look-up away
 * (MmMakeShortCap).  Free slots: a bitmap for each L2 CNode, and in front of them a small stack of slots freed last.
 * Single slots come from words of the bitmaps that are in use already, so that whole words remain for blocks of frames; an L2
 * CNode is added while a few of these are left, however many single slots are free, for making it takes pairs of slots.
 * L2 CNodes are never given back; their number follows the peak.
 *
 * Invariant: a slot that is free in a bitmap or on the stack is empty.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_L2_RADIX 12
#define MI_MAX_L1_RADIX 12
#define MI_L2_CHUNK 64
#define MI_BOOT_SLOTS_MAX 65536        /* of the initial CNode's slots behind the image's, more are not used */
#define MI_CACHE_SIZE 512
#define MI_CACHE_FILL 16
#define MI_SLOTS_LOW 320
#define MI_WHOLE_WORDS_LOW 5

typedef struct _MI_L2 {
    ULONG64 *Free;              /* bit set: slot is free */
    ULONG FreeCount;
    ULONG Words;
    ULONG WholeWords;           /* all of their slots are free */
    ULONG Hint;                 /* no free bit in words below */
} MI_L2, *PMI_L2;

ULONG64 MmRootCNode = seL4_CapInitThreadCNode;
ULONG64 MmInitialSlots;
C_ASSERT(MM_INITIAL_CNODE == seL4_CapInitThreadCNode);

static MI_L2 MiFirstL2[MI_L2_CHUNK];
static PMI_L2 MiL2Chunk[(1 << MI_MAX_L1_RADIX) / MI_L2_CHUNK] = {MiFirstL2};
static ULONG MiL2Count;
static ULONG64 MiBootBitmap[MI_BOOT_SLOTS_MAX / 64];
static ULONG MiBootBits;        /* B */
static ULONG MiBootFirst;       /* the initial CNode's slot that the first bit stands for */
static ULONG MiL1Radix;         /* 0: still the initial CNode alone */
static ULONG MiL2Radix;
static ULONG MiL2First;         /* lowest L2 that may have free slots */
static ULONG MiCache[MI_CACHE_SIZE];
static ULONG MiCacheCount;
static ULONG64 MiFreeSlots;     /* in bitmaps */
static ULONG64 MiWholeWords;
static ULONG64 MiAllSlots;
static BOOLEAN MiRefilling;

static PMI_L2 MiL2(ULONG Index)
{
    return &MiL2Chunk[Index / MI_L2_CHUNK][Index % MI_L2_CHUNK];
}

static ULONG MiSlotAt(ULONG Index, ULONG Bit)
{
    return (Index << MiBootBits) + Bit + (Index == 0 ? MiBootFirst : 0);
}

/* The lowest run of Count set bits of Word, or 64. */
static ULONG MiFindRun(ULONG64 Word, ULONG Count)
{
    ULONG Have = 1;

    while (Have < Count && Word != 0) {
        ULONG Step = Count - Have < Have ? Count - Have : Have;

        Word &= Word >> Step;
        Have += Step;
    }
    return Word == 0 ? 64 : (ULONG)__builtin_ctzll(Word);
}

static VOID MiSetWord(PMI_L2 L2, ULONG Word, ULONG64 Free, LONG Change)
{
    LONG Whole = (Free == ~0ull) - (L2->Free[Word] == ~0ull);

    L2->Free[Word] = Free;
    L2->FreeCount += Change;
    L2->WholeWords += Whole;
    MiFreeSlots += Change;
    MiWholeWords += Whole;
}

static ULONG MiAllocateFromL2(PMI_L2 L2, ULONG Index, ULONG Count)
{
    ULONG Word, Bit;

    while (L2->Hint < L2->Words && L2->Free[L2->Hint] == 0)
        L2->Hint++;
    for (Word = L2->Hint; Word < L2->Words; Word++) {
        Bit = MiFindRun(L2->Free[Word], Count);
        if (Bit == 64)
            continue;
        MiSetWord(L2, Word, L2->Free[Word] & ~((Count == 64 ? ~0ull : (1ull << Count) - 1) << Bit), -(LONG)Count);
        return MiSlotAt(Index, Word * 64 + Bit);
    }
    return 0;
}

ULONG MiAllocateSlots(ULONG Count)
{
    ULONG Index, Slot;

    while (MiL2First < MiL2Count && MiL2(MiL2First)->FreeCount == 0)
        MiL2First++;
    for (Index = MiL2First; Index < MiL2Count; Index++) {
        if (MiL2(Index)->FreeCount < Count)
            continue;
        Slot = MiAllocateFromL2(MiL2(Index), Index, Count);
        if (Slot != 0)
            return Slot;
    }
    return 0;
}

static VOID MiReleaseSlot(ULONG Slot)
{
    ULONG Index = Slot >> MiBootBits;
    ULONG Bit = (Slot & ((1u << MiBootBits) - 1)) - (Index == 0 ? MiBootFirst : 0);
    PMI_L2 L2 = MiL2(Index);

    MiSetWord(L2, Bit / 64, L2->Free[Bit / 64] | 1ull << (Bit % 64), 1);
    if (Bit / 64 < L2->Hint)
        L2->Hint = Bit / 64;
    if (Index < MiL2First)
        MiL2First = Index;
}

/* An L2 CNode with free slots, with one whose words are in use in part where there is such; MiL2Count: there is none. */
static ULONG MiFindL2(VOID)
{
    ULONG Index, Whole = MiL2Count;

    for (Index = MiL2First; Index < MiL2Count; Index++) {
        PMI_L2 L2 = MiL2(Index);

        if (L2->FreeCount > 64 * L2->WholeWords)
            return Index;
        if (L2->FreeCount != 0 && Whole == MiL2Count)
            Whole = Index;
    }
    return Whole;
}

/* Fills the stack with slots of one word. */
static VOID MiFillCache(VOID)
{
    ULONG Index = MiFindL2(), Word, Count = 0;
    BOOLEAN Partial;
    ULONG64 Free;
    PMI_L2 L2;

    if (Index == MiL2Count)
        return;
    L2 = MiL2(Index);
    Partial = L2->FreeCount > 64 * L2->WholeWords;
    for (Word = L2->Hint; L2->Free[Word] == 0 || (Partial && L2->Free[Word] == ~0ull);)
        Word++;
    for (Free = L2->Free[Word]; Free != 0 && Count < MI_CACHE_FILL; Free &= Free - 1, Count++)
        MiCache[MiCacheCount++] = MiSlotAt(Index, Word * 64 + (ULONG)__builtin_ctzll(Free));
    MiSetWord(L2, Word, Free, -(LONG)Count);
}

ULONG64 MmAllocateSlot(VOID)
{
    if (MiInjectFailure())
        return 0;
    if (MiCacheCount == 0) {
        MiRefillSlots();
        MiFillCache();
        if (MiCacheCount == 0)
            return 0;
    }
    return MiCache[--MiCacheCount];
}

VOID MmFreeSlot(ULONG64 Slot)
{
    if (Slot == 0)
        return;
    if (MiCacheCount == MI_CACHE_SIZE) {
        while (MiCacheCount > MI_CACHE_SIZE / 2)
            MiReleaseSlot(MiCache[--MiCacheCount]);
    }
    MiCache[MiCacheCount++] = (ULONG)Slot;
}

VOID MmDeleteCap(ULONG64 Slot)
{
    if (Slot == 0)
        return;
    MiDeleteSlot((ULONG)Slot);
    MmFreeSlot(Slot);
}

ULONG64 MiSlotsInUse(VOID)
{
    return MiAllSlots - MiFreeSlots - MiCacheCount - MiKeptSlots;
}

seL4_Error MiRetype(PMI_UNTYPED Untyped, ULONG Type, ULONG SizeBits, ULONG Slot, ULONG Count)
{
    ULONG Index = Slot >> MiBootBits;
    ULONG Offset = Slot & ((1u << MiBootBits) - 1);

    if (MiL1Radix == 0)
        return seL4_Untyped_Retype(Untyped->Cap, Type, SizeBits, MmRootCNode, 0, 0, Offset, Count);
    return seL4_Untyped_Retype(Untyped->Cap, Type, SizeBits, MmRootCNode, Index, 64 - MiBootBits, Offset, Count);
}

ULONG MiCopyCap(ULONG Source, seL4_CapRights_t Rights)
{
    ULONG Slot = (ULONG)MmAllocateSlot();

    if (Slot == 0)
        return 0;
    if (seL4_CNode_Copy(MmCNodeFor(Slot), Slot, MM_CSPACE_DEPTH, MmCNodeFor(Source), Source, MM_CSPACE_DEPTH, Rights) !=
        seL4_NoError) {
        MmFreeSlot(Slot);
        return 0;
    }
    return Slot;
}

/* A CNode of 2^Radix slots whose capability resolves GuardBits zero bits first. */
static ULONG MiMakeCNode(ULONG Radix, ULONG GuardBits, ULONG64 Destination, ULONG DestinationDepth)
{
    PMI_UNTYPED Untyped = MiAllocateUntyped(Radix + seL4_SlotBits);
    ULONG Slot;

    if (Untyped == NULL)
        return 0;
    Slot = (ULONG)MmAllocateSlot();
    if (Slot != 0 && MiRetype(Untyped, seL4_CapTableObject, Radix, Slot, 1) == seL4_NoError) {
        if (seL4_CNode_Mint(MmRootCNode, Destination, (seL4_Uint8)DestinationDepth, MmRootCNode, Slot,
                            MM_CSPACE_DEPTH, seL4_AllRights,
                            seL4_CNode_CapData_new(0, GuardBits).words[0]) == seL4_NoError)
            return Slot;
        MiDeleteSlot(Slot);
    }
    MmFreeSlot(Slot);
    MiFreeUntyped(Untyped);
    return 0;
}

static VOID MiAddL2(VOID)
{
    PMI_L2 *Chunk = &MiL2Chunk[MiL2Count / MI_L2_CHUNK], L2;
    ULONG Words = (1u << MiL2Radix) / 64;

    if (MiL1Radix == 0 || MiL2Count == (1u << MiL1Radix) - 1 || MiSlotAt(MiL2Count + 1, 0) > MI_MAX_SLOT)
        return;
    if (*Chunk == NULL)
        *Chunk = MiAllocateReserved(MI_L2_CHUNK * sizeof(MI_L2), 'lSmM');
    if (*Chunk == NULL)
        return;
    L2 = MiL2(MiL2Count);
    L2->Free = MiAllocateReserved(Words * 8, 'lSmM');
    if (L2->Free == NULL)
        return;
    if (MiMakeCNode(MiL2Radix, MiBootBits - MiL2Radix, MiL2Count, 64 - MiBootBits) == 0) {
        ExFreePool(L2->Free);
        return;
    }
    memset(L2->Free, 0xFF, Words * 8);
    L2->Words = L2->WholeWords = Words;
    L2->FreeCount = Words * 64;
    L2->Hint = 0;
    MiFreeSlots += L2->FreeCount;
    MiWholeWords += Words;
    MiAllSlots += L2->FreeCount;
    MiCountKept(max(1ull << MiL2Radix >> (PAGE_SHIFT - seL4_SlotBits), 1), 1);
    MiL2Count++;
}

VOID MiRefillSlots(VOID)
{
    if (MiRefilling || (MiFreeSlots >= MI_SLOTS_LOW &&
                        (MiWholeWords >= MI_WHOLE_WORDS_LOW || !MiHasUntyped(MiL2Radix + seL4_SlotBits))))
        return;
    MiRefilling = TRUE;
    MiAddL2();
    MiRefilling = FALSE;
}

VOID MiInitBootSlots(const seL4_BootInfo *BootInfo)
{
    ULONG64 End = BootInfo->empty.end;
    ULONG Word, Count;

    MiBootBits = (ULONG)BootInfo->initThreadCNodeSizeBits;
    MmInitialSlots = 1ull << MiBootBits;
    MiL2Radix = MiBootBits < MI_L2_RADIX ? MiBootBits : MI_L2_RADIX;
    MiBootFirst = (ULONG)BootInfo->empty.start;
    if (End > MiBootFirst + MI_BOOT_SLOTS_MAX)
        End = MiBootFirst + MI_BOOT_SLOTS_MAX;
    MiFirstL2[0].Free = MiBootBitmap;
    MiFirstL2[0].Words = (ULONG)((End - MiBootFirst + 63) / 64);
    MiL2Count = 1;
    for (Word = 0; Word < MiFirstL2[0].Words; Word++) {
        Count = (ULONG)(End - MiBootFirst) - Word * 64;
        MiSetWord(&MiFirstL2[0], Word, Count < 64 ? (1ull << Count) - 1 : ~0ull, Count < 64 ? (LONG)Count : 64);
    }
    MiAllSlots = MiFreeSlots;
}

/* L2 CNodes large enough that together they have two slots for each page of RAM, and some. */
static VOID MiSizeL2(ULONG L1Radix)
{
    ULONG64 Needed = MiTotalUntypedBytes / PAGE_SIZE / 2 * 5;
    ULONG64 Most = MI_MAX_SLOT >> MiBootBits;

    if (Most > 1ull << L1Radix)
        Most = 1ull << L1Radix;
    while (MiL2Radix < MiBootBits && (Most - 2) << MiL2Radix < Needed)
        MiL2Radix++;
}

/*
 * Puts the two-level CSpace in place of the initial one.  The number of L2 CNodes follows the memory there is.
 */
NTSTATUS MiInitCSpace(const seL4_BootInfo *BootInfo)
{
    ULONG Radix = MiTotalUntypedBytes < 512ull << 20 ? 6 : MI_MAX_L1_RADIX;
    ULONG Root = (ULONG)MmAllocateSlot(), Raw;
    seL4_Error Error;

    Raw = MiMakeCNode(Radix, 64 - Radix - MiBootBits, Root, MM_CSPACE_DEPTH);
    if (Raw == 0)
        return STATUS_NO_MEMORY;
    Error = seL4_CNode_Mint(Raw, 0, (seL4_Uint8)Radix, seL4_CapInitThreadCNode, seL4_CapInitThreadCNode,
                            MM_CSPACE_DEPTH, seL4_AllRights, seL4_CNode_CapData_new(0, 0).words[0]);
    if (Error == seL4_NoError)
        Error = seL4_TCB_SetSpace(seL4_CapInitThreadTCB, 0, Root, 0, seL4_CapInitThreadVSpace, 0);
    if (Error != seL4_NoError)
        return STATUS_UNSUCCESSFUL;
    MmRootCNode = Root;
    MiL1Radix = Radix;
    MiSizeL2(Radix);
    return STATUS_SUCCESS;
}

ULONG64 MmMakeShortCap(ULONG64 Cap)
{
    ULONG64 Last = (1u << MiL1Radix) - 1;

    if (MiL1Radix == 0 ||
        seL4_CNode_Copy(MmRootCNode, Last, (seL4_Uint8)(64 - MiBootBits), MmRootCNode, Cap, MM_CSPACE_DEPTH,
                        seL4_AllRights) != seL4_NoError)
        return Cap;
    return Last << MiBootBits;
}
