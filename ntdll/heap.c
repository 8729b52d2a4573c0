/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap.
 *
 * A heap is a list of segments; a segment is a reserved range whose head is committed.  Its committed part is a row of
 * blocks without gaps:
 *
 *      0            4              8        10      11       12       16
 *      | Size       | PreviousSize | Unused | Flags | User   | Check  | payload ...
 *
 * Sizes are in units of 16 bytes and include the header; PreviousSize is 0 for the first block.  The last block of the
 * committed part is followed by a busy sentinel of one unit.  Payloads are aligned to 16 bytes.
 *
 * Blocks up to 16 KiB that are freed go to a stack of their size class (the front end), marked FLAG_QUICK, and are given out
 * again without a search: a class a size up to 1 KiB, one for each 256 bytes above; a stack holds QUICK_DEPTH blocks
 * (QUICK_DEPTH_ABOVE above 1 KiB), and when no memory can be had the stacks are emptied.  A class up to 1 KiB that is
 * asked again and again while its stack is empty gets a run of blocks from one search.  All others are merged with
 * their free neighbours and kept in bins: one a size up to 1 KiB, four a power of two above; a bitmap names the bins
 * that are not empty.
 * Blocks of LARGE_BYTES and more are ranges of their own, in a list.  A heap that cannot grow has none: its blocks end
 * at FIXED_BYTES (HeapCreate, Win32 documentation: slightly less than a megabyte).
 *
 * Invariants: no two free (not quick) blocks are neighbours; a block's successor names its size as PreviousSize;
 * Check is the XOR of the block's address, its heap and sizes, so that a foreign pointer or an overrun is found when
 * the block is freed.  One critical section guards the heap unless HEAP_NO_SERIALIZE says that the caller does.
 */
#include "heapp.h"

static LIST_ENTRY RtlpHeaps = { &RtlpHeaps, &RtlpHeaps };
static RTL_SRWLOCK RtlpHeapsLock;

/* --- blocks ------------------------------------------------------------------------------------------------------ */

static inline VOID RtlpSetSize(HEAP *Heap, BLOCK *Block, ULONG Size)
{
    Block->Size = Size;
    Block->Check = RtlpCheckOf(Heap, Block);
    RtlpNext(Block)->PreviousSize = Size;
}

/* The front end's class for a block of Units (fewer than QUICK_UNITS). */
static inline SIZE_T RtlpClassOf(SIZE_T Units)
{
    if (__builtin_expect(Units < QUICK_EXACT, 1))
        return Units;
    return QUICK_EXACT - (QUICK_EXACT - 1) / QUICK_STEP - 1 + (Units + QUICK_STEP - 1) / QUICK_STEP;
}

/* Blocks of so many units may lie in the front end.  (A large block has Size 0.)  One comparison tells a multiple of
 * QUICK_STEP in range: the rotation makes other numbers huge. */
static inline BOOLEAN RtlpIsQuickSize(ULONG Units)
{
    const ULONG First = (QUICK_EXACT - 1) / QUICK_STEP + 1, Last = (QUICK_UNITS - 1) / QUICK_STEP;

    _Static_assert(QUICK_STEP == 1 << 4, "rotation");
    return Units - 1 < QUICK_EXACT - 1 || __builtin_rotateright32(Units, 4) - First <= Last - First;
}

static ULONG RtlpBinOf(ULONG Size)
{
    ULONG Log;

    if (Size < EXACT_BINS)
        return Size;
    Log = 31 - (ULONG)__builtin_clz(Size);
    return min(EXACT_BINS + (Log - 6) * 4 + (Size >> (Log - 2) & 3), BIN_COUNT - 1);
}

static VOID RtlpInsertFree(HEAP *Heap, BLOCK *Block)
{
    ULONG Bin = RtlpBinOf(Block->Size);

    Block->Flags = 0;
    InsertHeadList(&Heap->Bins[Bin], &((FREE_BLOCK *)Block)->Links);
    Heap->BinMap[Bin / 64] |= 1ull << Bin % 64;
}

static VOID RtlpRemoveFree(HEAP *Heap, BLOCK *Block)
{
    ULONG Bin = RtlpBinOf(Block->Size);

    if (RemoveEntryList(&((FREE_BLOCK *)Block)->Links))
        Heap->BinMap[Bin / 64] &= ~(1ull << Bin % 64);
}

/* Merges a block that is in no list with its free neighbours, and puts the result into its bin. */
static VOID RtlpRelease(HEAP *Heap, BLOCK *Block)
{
    BLOCK *Next = RtlpNext(Block);
    ULONG Size = Block->Size;

    if (!(Next->Flags & FLAG_BUSY)) {
        RtlpRemoveFree(Heap, Next);
        Size += Next->Size;
    }
    if (Block->PreviousSize != 0 && !(RtlpPrevious(Block)->Flags & FLAG_BUSY)) {
        Block = RtlpPrevious(Block);
        RtlpRemoveFree(Heap, Block);
        Size += Block->Size;
    }
    RtlpSetSize(Heap, Block, Size);
    RtlpInsertFree(Heap, Block);
}

/* --- segments ---------------------------------------------------------------------------------------------------- */

static NTSTATUS RtlpCommit(PVOID Start, SIZE_T Length, ULONG Protect)
{
    return NtAllocateVirtualMemory(NtCurrentProcess(), &Start, 0, &Length, MEM_COMMIT, Protect);
}

static ULONG RtlpProtection(ULONG Flags)
{
    return Flags & HEAP_CREATE_ENABLE_EXECUTE ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
}

/* Makes [Start, segment's committed end) one free block with the sentinel behind it. */
static VOID RtlpStartSegment(HEAP *Heap, SEGMENT *Segment, PUCHAR Start)
{
    BLOCK *First = (BLOCK *)(((ULONG_PTR)Start + UNIT - 1) & ~(ULONG_PTR)(UNIT - 1));

    Segment->First = First;
    Segment->Sentinel = (BLOCK *)(Segment->Committed - UNIT);
    Segment->Sentinel->Size = 1;
    Segment->Sentinel->Flags = FLAG_BUSY | FLAG_SENTINEL;
    First->PreviousSize = 0;
    RtlpSetSize(Heap, First, (ULONG)(((PUCHAR)Segment->Sentinel - (PUCHAR)First) / UNIT));
    InsertTailList(&Heap->Segments, &Segment->Links);
    RtlpInsertFree(Heap, First);
}

/* Commits so much behind the segment's last block that a free block of Bytes ends it; FALSE if the segment has no room. */
static BOOLEAN RtlpGrowSegment(HEAP *Heap, SEGMENT *Segment, SIZE_T Bytes)
{
    SIZE_T Room = (SIZE_T)(Segment->End - Segment->Committed), More;
    BLOCK *Old = Segment->Sentinel, *Last = RtlpPrevious(Old);

    if (!(Last->Flags & FLAG_BUSY))
        Bytes -= min(Bytes, (SIZE_T)Last->Size * UNIT);
    More = (Bytes + COMMIT_BYTES - 1) & ~(COMMIT_BYTES - 1);
    if (More > Room)
        More = Room;
    if (More < Bytes || !NT_SUCCESS(RtlpCommit(Segment->Committed, More, RtlpProtection(Heap->Flags))))
        return FALSE;
    Segment->Committed += More;
    Segment->Sentinel = (BLOCK *)(Segment->Committed - UNIT);
    Segment->Sentinel->Size = 1;
    Segment->Sentinel->Flags = FLAG_BUSY | FLAG_SENTINEL;
    Old->Flags = FLAG_BUSY;
    RtlpSetSize(Heap, Old, (ULONG)(More / UNIT));
    RtlpRelease(Heap, Old);
    return TRUE;
}

static BOOLEAN RtlpAddSegment(HEAP *Heap, SIZE_T Bytes)
{
    SIZE_T Reserve = max(SEGMENT_BYTES, (Bytes + COMMIT_BYTES) & ~(COMMIT_BYTES - 1));
    SIZE_T Commit = (Bytes + sizeof(SEGMENT) + 2 * UNIT + COMMIT_BYTES - 1) & ~(COMMIT_BYTES - 1);
    PVOID Base = NULL;
    SEGMENT *Segment;

    if (!NT_SUCCESS(NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Reserve, MEM_RESERVE,
                                            RtlpProtection(Heap->Flags))))
        return FALSE;
    Commit = min(Commit, Reserve);
    if (!NT_SUCCESS(RtlpCommit(Base, Commit, RtlpProtection(Heap->Flags)))) {
        Reserve = 0;
        NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Reserve, MEM_RELEASE);
        return FALSE;
    }
    Segment = Base;
    Segment->Committed = (PUCHAR)Base + Commit;
    Segment->End = (PUCHAR)Base + Reserve;
    RtlpStartSegment(Heap, Segment, (PUCHAR)(Segment + 1));
    return TRUE;
}

static BOOLEAN RtlpExtend(HEAP *Heap, SIZE_T Bytes)
{
    for (PLIST_ENTRY Link = Heap->Segments.Flink; Link != &Heap->Segments; Link = Link->Flink)
        if (RtlpGrowSegment(Heap, CONTAINING_RECORD(Link, SEGMENT, Links), Bytes))
            return TRUE;
    return (Heap->Flags & HEAP_GROWABLE) && RtlpAddSegment(Heap, Bytes);
}

/* --- allocation -------------------------------------------------------------------------------------------------- */

/* A free block of at least Units, taken out of its bin; NULL if there is none. */
static BLOCK *RtlpTakeFree(HEAP *Heap, ULONG Units)
{
    ULONG Bin = RtlpBinOf(Units);
    PLIST_ENTRY Head = &Heap->Bins[Bin];

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        BLOCK *Block = &CONTAINING_RECORD(Link, FREE_BLOCK, Links)->Block;

        if (Block->Size >= Units) {
            RtlpRemoveFree(Heap, Block);
            return Block;
        }
    }
    for (ULONG Word = (Bin + 1) / 64, Shift = (Bin + 1) % 64; Word < ARRAYSIZE(Heap->BinMap); Word++, Shift = 0) {
        ULONGLONG Map = Heap->BinMap[Word] >> Shift << Shift;

        if (Map != 0) {
            PLIST_ENTRY Link = Heap->Bins[Word * 64 + (ULONG)__builtin_ctzll(Map)].Flink;
            BLOCK *Block = &CONTAINING_RECORD(Link, FREE_BLOCK, Links)->Block;

            RtlpRemoveFree(Heap, Block);
            return Block;
        }
    }
    return NULL;
}

/* Gives the units behind the first Units of a block back, if they are enough for a block. */
static VOID RtlpTrim(HEAP *Heap, BLOCK *Block, ULONG Units)
{
    ULONG Rest = Block->Size - Units;
    BLOCK *Tail;

    if (Rest < sizeof(FREE_BLOCK) / UNIT)
        return;
    RtlpSetSize(Heap, Block, Units);
    Tail = RtlpNext(Block);
    Tail->Flags = FLAG_BUSY;
    RtlpSetSize(Heap, Tail, Rest);
    RtlpRelease(Heap, Tail);
}

static VOID RtlpEmptyFrontEnd(HEAP *Heap)
{
    for (QUICK *Quick = Heap->Quick; Quick < Heap->Quick + QUICK_CLASSES; Quick++) {
        while (Quick->Top != NULL) {
            FREE_BLOCK *Top = Quick->Top;

            Quick->Top = (FREE_BLOCK *)Top->Links.Flink;
            Quick->Room++;
            RtlpRelease(Heap, &Top->Block);
        }
    }
}

static BLOCK *RtlpTakeFreeOrExtend(HEAP *Heap, ULONG Units)
{
    BLOCK *Block = RtlpTakeFree(Heap, Units);

    if (Block == NULL && RtlpExtend(Heap, (SIZE_T)Units * UNIT))
        Block = RtlpTakeFree(Heap, Units);
    return Block;
}

static BLOCK *RtlpAllocateSearch(HEAP *Heap, ULONG Units)
{
    BLOCK *Block = RtlpTakeFreeOrExtend(Heap, Units);

    if (Block == NULL) {
        RtlpEmptyFrontEnd(Heap);
        Block = RtlpTakeFreeOrExtend(Heap, Units);
    }
    if (Block == NULL)
        return NULL;
    Block->Flags = FLAG_BUSY;
    RtlpTrim(Heap, Block, Units);
    return Block;
}

/* Cuts a busy block that is in no list into blocks of Units: the first is returned, the others become the stack, which is
 * empty.  The last one may be larger by what is too small for a block. */
static BLOCK *RtlpCutRun(HEAP *Heap, QUICK *Quick, BLOCK *Run, ULONG Units)
{
    FREE_BLOCK **Link = &Quick->Top;
    ULONG Rest = Run->Size - Units;

    RtlpSetSize(Heap, Run, Units);
    for (BLOCK *Block = RtlpNext(Run); Rest != 0; Block = RtlpNext(Block)) {
        ULONG Size = Rest < 2 * Units ? Rest : Units;

        RtlpSetSize(Heap, Block, Size);
        Block->Flags = FLAG_BUSY | FLAG_QUICK;
        *Link = (FREE_BLOCK *)Block;
        Link = (FREE_BLOCK **)&((FREE_BLOCK *)Block)->Links.Flink;
        Quick->Room--;
        Rest -= Size;
    }
    *Link = NULL;
    return Run;
}

/* A block for a class up to 64 units whose stack is empty; each time that happens the run is one block longer. */
static BLOCK *RtlpAllocateRun(HEAP *Heap, QUICK *Quick, ULONG Units)
{
    ULONG Count = min(Quick->Misses, RUN_UNITS / Units);
    BLOCK *Run;

    if (Quick->Misses < RUN_BLOCKS)
        Quick->Misses++;
    if (Count < 2 || !IsListEmpty(&Heap->Bins[Units]) || (Run = RtlpTakeFree(Heap, Count * Units)) == NULL)
        return RtlpAllocateSearch(Heap, Units);
    Run->Flags = FLAG_BUSY;
    RtlpTrim(Heap, Run, Count * Units);
    return RtlpCutRun(Heap, Quick, Run, Units);
}

/* Blocks of so many bytes are large. */
static inline SIZE_T RtlpLargeFrom(const HEAP *Heap)
{
    return Heap->Flags & HEAP_GROWABLE ? LARGE_BYTES : FIXED_BYTES;
}

static PVOID RtlpAllocateLarge(HEAP *Heap, SIZE_T Bytes, ULONG Flags)
{
    SIZE_T Reserved = (Bytes + sizeof(LARGE) + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    PVOID Base = NULL;
    LARGE *Large;

    if (Reserved < Bytes || !(Heap->Flags & HEAP_GROWABLE) ||
        !NT_SUCCESS(NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Reserved, MEM_RESERVE | MEM_COMMIT,
                                            RtlpProtection(Heap->Flags))))
        return NULL;
    Large = Base;
    Large->Reserved = Reserved;
    Large->Bytes = Bytes;
    Large->Block.Flags = FLAG_BUSY | FLAG_LARGE | (Flags & HEAP_EXTRA_USER_VALUE ? FLAG_USER_VALUE : 0);
    Large->Block.UserFlags = (UCHAR)((Flags & HEAP_USER_FLAGS) >> 8);
    Large->Block.Check = RtlpCheckOf(Heap, &Large->Block);
    InsertTailList(&Heap->LargeBlocks, &Large->Links);
    return Large + 1;
}

static PVOID RtlpAllocateBlock(HEAP *Heap, ULONG Flags, SIZE_T Bytes)
{
    SIZE_T Wanted = Bytes + (Flags & HEAP_EXTRA_USER_VALUE ? sizeof(PVOID) : 0);
    ULONG Units;
    QUICK *Quick = NULL;
    BLOCK *Block;

    if (Wanted < Bytes)
        return NULL;
    if (Wanted >= RtlpLargeFrom(Heap))
        return RtlpAllocateLarge(Heap, Bytes, Flags);
    Units = (ULONG)((Wanted + UNIT - 1) / UNIT) + 1;
    if (Units < sizeof(FREE_BLOCK) / UNIT)
        Units = sizeof(FREE_BLOCK) / UNIT;
    if (Units < QUICK_UNITS)
        Quick = &Heap->Quick[RtlpClassOf(Units)];
    if (Units >= QUICK_EXACT && Units < QUICK_UNITS)
        Units = (Units + QUICK_STEP - 1) / QUICK_STEP * QUICK_STEP;
    if (Quick != NULL && Quick->Top != NULL) {
        Block = &Quick->Top->Block;
        Quick->Top = (FREE_BLOCK *)Quick->Top->Links.Flink;
        Quick->Room++;
    } else {
        Block = Units < QUICK_EXACT ? RtlpAllocateRun(Heap, Quick, Units) : RtlpAllocateSearch(Heap, Units);
        if (Block == NULL)
            return NULL;
    }
    Block->Unused = (USHORT)((SIZE_T)(Block->Size - 1) * UNIT - Bytes);
    Block->Flags = FLAG_BUSY | (Flags & HEAP_EXTRA_USER_VALUE ? FLAG_USER_VALUE : 0);
    Block->UserFlags = (UCHAR)((Flags & HEAP_USER_FLAGS) >> 8);
    if (Flags & HEAP_EXTRA_USER_VALUE)
        *(PVOID *)((PUCHAR)RtlpNext(Block) - sizeof(PVOID)) = NULL;
    return Block + 1;
}

static VOID RtlpNoMemory(HEAP *Heap, ULONG Flags)
{
    NtCurrentTebEx()->LastStatusValue = STATUS_NO_MEMORY;
    if ((Heap->Flags | Flags) & HEAP_GENERATE_EXCEPTIONS)
        RtlRaiseStatus(STATUS_NO_MEMORY);
}

/* --- the fast path: a quick block, and nobody else at the heap ---------------------------------------------------- */

#define UNLIKELY(Condition) __builtin_expect(!!(Condition), 0)

/* RtlEnterCriticalSection for a lock that nobody holds; FALSE: somebody does.  That of a heap with HEAP_NO_SERIALIZE is
 * never free. */
static inline BOOLEAN RtlpLockFree(const HEAP *Heap)
{
    PRTL_CRITICAL_SECTION Lock = Heap->Lock;

    if (UNLIKELY(InterlockedCompareExchange(&Lock->LockCount, 0, -1) != -1))
        return FALSE;
    Lock->OwningThread = NtCurrentTebEx()->ClientId.UniqueThread;
    Lock->RecursionCount = 1;
    return TRUE;
}

/* Its counterpart; FALSE: somebody came to wait meanwhile, and the lock is still the caller's. */
static inline BOOLEAN RtlpUnlockFree(const HEAP *Heap)
{
    PRTL_CRITICAL_SECTION Lock = Heap->Lock;

    Lock->OwningThread = NULL;
    Lock->RecursionCount = 0;
    return InterlockedCompareExchange(&Lock->LockCount, -1, 0) == 0;
}

/* Wakes who waits for the lock.  The compiler must not see that it returns Result, or it keeps a copy on the fast path. */
static __attribute__((noinline)) PVOID RtlpWakeAndReturn(const HEAP *Heap, PVOID Result)
{
    PRTL_CRITICAL_SECTION Lock = Heap->Lock;

    Lock->OwningThread = NtCurrentTebEx()->ClientId.UniqueThread;
    Lock->RecursionCount = 1;
    RtlLeaveCriticalSection(Lock);
    __asm__("" : "+r"(Result));
    return Result;
}

/* The heap is locked, and is unlocked on return. */
static __attribute__((noinline)) PVOID RtlpAllocateLocked(HEAP *Heap, ULONG Flags, SIZE_T Size)
{
    PVOID Memory = RtlpAllocateBlock(Heap, Flags, Size);

    RtlpUnlock(Heap, Flags);
    if (Memory == NULL)
        RtlpNoMemory(Heap, Flags);
    else if (Flags & HEAP_ZERO_MEMORY && !(RtlpBlockOf(Memory)->Flags & FLAG_LARGE))
        memset(Memory, 0, Size);
    return Memory;
}

static __attribute__((noinline)) PVOID RtlpAllocateSlowly(HEAP *Heap, ULONG Flags, SIZE_T Size)
{
    RtlpLock(Heap, Flags);
    return RtlpAllocateLocked(Heap, Flags, Size);
}

/* The calls in this routine are its last acts, so that the fast path saves no registers. */
PVOID NTAPI RtlAllocateHeap(PVOID HeapHandle, ULONG Flags, SIZE_T Size)
{
    HEAP *Heap = HeapHandle;
    QUICK *Quick;
    FREE_BLOCK *Top;

    if (UNLIKELY(Flags != 0))
        return RtlpAllocateSlowly(Heap, Flags, Size);
    if (UNLIKELY(Size - 1 >= QUICK_BYTES) || !RtlpLockFree(Heap))
        return RtlpAllocateSlowly(Heap, Flags, Size);
    Quick = &Heap->Quick[RtlpClassOf((Size + 2 * UNIT - 1) / UNIT)];
    Top = Quick->Top;
    if (UNLIKELY(Top == NULL))
        return RtlpAllocateLocked(Heap, Flags, Size);
    Quick->Top = (FREE_BLOCK *)Top->Links.Flink;
    Quick->Room++;
    Top->Block.Unused = (USHORT)((Top->Block.Size - 1) * UNIT - (ULONG)Size);
    Top->Block.Flags = FLAG_BUSY;
    Top->Block.UserFlags = 0;
    return RtlpUnlockFree(Heap) ? &Top->Links : RtlpWakeAndReturn(Heap, &Top->Links);
}

static VOID RtlpFreeLarge(LARGE *Large)
{
    PVOID Base = Large;
    SIZE_T Size = 0;

    RemoveEntryList(&Large->Links);
    NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_RELEASE);
}

static VOID RtlpFreeBlock(HEAP *Heap, BLOCK *Block)
{
    QUICK *Quick = NULL;

    if (Block->Flags & FLAG_LARGE) {
        RtlpFreeLarge(RtlpLargeOf(Block));
        return;
    }
    if (RtlpIsQuickSize(Block->Size))
        Quick = &Heap->Quick[RtlpClassOf(Block->Size)];
    if (Quick == NULL || Quick->Room == 0) {
        RtlpRelease(Heap, Block);
        return;
    }
    Block->Flags = FLAG_BUSY | FLAG_QUICK;
    ((FREE_BLOCK *)Block)->Links.Flink = (PLIST_ENTRY)Quick->Top;
    Quick->Top = (FREE_BLOCK *)Block;
    Quick->Room--;
}

static __attribute__((noinline)) BOOLEAN RtlpWakeAndSucceed(const HEAP *Heap)
{
    return RtlpWakeAndReturn(Heap, (PVOID)Heap) != NULL;
}

/* The heap is locked, and is unlocked on return. */
static __attribute__((noinline)) BOOLEAN RtlpFreeLocked(HEAP *Heap, ULONG Flags, PVOID Payload)
{
    BOOLEAN Valid = RtlpIsBlock(Heap, Payload);

    if (Valid)
        RtlpFreeBlock(Heap, RtlpBlockOf(Payload));
    RtlpUnlock(Heap, Flags);
    if (!Valid) {
        NtCurrentTebEx()->LastStatusValue = STATUS_INVALID_PARAMETER;
        DbgPrint("heap %p: free of %p: no block, or overwritten\n", Heap, Payload);
    }
    return Valid;
}

static __attribute__((noinline)) BOOLEAN RtlpFreeSlowly(HEAP *Heap, ULONG Flags, PVOID Payload)
{
    RtlpLock(Heap, Flags);
    return RtlpFreeLocked(Heap, Flags, Payload);
}

/* FALSE (last status STATUS_INVALID_PARAMETER): not a block of this heap, freed already, or its header overwritten. */
BOOLEAN NTAPI RtlFreeHeap(PVOID HeapHandle, ULONG Flags, PVOID HeapBase)
{
    HEAP *Heap = HeapHandle;
    FREE_BLOCK *Free = (FREE_BLOCK *)RtlpBlockOf(HeapBase);
    QUICK *Quick;

    if (HeapBase == NULL)
        return TRUE;
    if (UNLIKELY(Flags & HEAP_NO_SERIALIZE) || !RtlpLockFree(Heap))
        return RtlpFreeSlowly(Heap, Flags, HeapBase);
    if (UNLIKELY(!RtlpIsBlock(Heap, HeapBase) || !RtlpIsQuickSize(Free->Block.Size)))
        return RtlpFreeLocked(Heap, Flags, HeapBase);
    Quick = &Heap->Quick[RtlpClassOf(Free->Block.Size)];
    if (UNLIKELY(Quick->Room == 0))
        return RtlpFreeLocked(Heap, Flags, HeapBase);
    Free->Block.Flags = FLAG_BUSY | FLAG_QUICK;
    Free->Links.Flink = (PLIST_ENTRY)Quick->Top;
    Quick->Top = Free;
    Quick->Room--;
    return RtlpUnlockFree(Heap) ? TRUE : RtlpWakeAndSucceed(Heap);
}

/* Changes the size in place; FALSE if the block has to move.  A large block that becomes small moves unless it must not. */
static BOOLEAN RtlpResize(HEAP *Heap, ULONG Flags, BLOCK *Block, SIZE_T Bytes)
{
    SIZE_T Wanted = Bytes + (Block->Flags & FLAG_USER_VALUE ? sizeof(PVOID) : 0);
    PVOID UserValue = NULL;
    ULONG Units;

    if (Block->Flags & FLAG_LARGE) {
        LARGE *Large = RtlpLargeOf(Block);

        if (Bytes > Large->Reserved - sizeof(LARGE) || (Bytes < LARGE_BYTES / 2 && !(Flags & HEAP_REALLOC_IN_PLACE_ONLY)))
            return FALSE;
        Large->Bytes = Bytes;
        return TRUE;
    }
    if (Wanted >= RtlpLargeFrom(Heap) || Wanted < Bytes)
        return FALSE;
    if (Block->Flags & FLAG_USER_VALUE)
        UserValue = *(PVOID *)((PUCHAR)RtlpNext(Block) - sizeof(PVOID));
    Units = max((ULONG)((Wanted + UNIT - 1) / UNIT) + 1, (ULONG)(sizeof(FREE_BLOCK) / UNIT));
    if (Units > Block->Size) {
        BLOCK *Next = RtlpNext(Block);

        if ((Next->Flags & FLAG_BUSY) || Block->Size + Next->Size < Units)
            return FALSE;
        RtlpRemoveFree(Heap, Next);
        RtlpSetSize(Heap, Block, Block->Size + Next->Size);
    }
    RtlpTrim(Heap, Block, Units);
    Block->Unused = (USHORT)((SIZE_T)(Block->Size - 1) * UNIT - Bytes);
    if (Block->Flags & FLAG_USER_VALUE)
        *(PVOID *)((PUCHAR)RtlpNext(Block) - sizeof(PVOID)) = UserValue;
    return TRUE;
}

static PVOID RtlpMoveBlock(HEAP *Heap, ULONG Flags, BLOCK *Block, SIZE_T Bytes)
{
    ULONG Keep = Flags | (Block->Flags & FLAG_USER_VALUE ? HEAP_EXTRA_USER_VALUE : 0) | (ULONG)Block->UserFlags << 8;
    PVOID New = RtlpAllocateBlock(Heap, Keep, Bytes);

    if (New == NULL)
        return NULL;
    memcpy(New, Block + 1, min(Bytes, RtlpBytesOf(Block)));
    if (Block->Flags & FLAG_USER_VALUE)
        *RtlpUserValueOf(RtlpBlockOf(New)) = *RtlpUserValueOf(Block);
    RtlpFreeBlock(Heap, Block);
    return New;
}

PVOID NTAPI RtlReAllocateHeap(PVOID HeapHandle, ULONG Flags, PVOID BaseAddress, SIZE_T Size)
{
    HEAP *Heap = HeapHandle;
    PVOID Memory = NULL;
    SIZE_T OldBytes = 0;
    BOOLEAN Valid;

    if (BaseAddress == NULL)
        return NULL;
    RtlpLock(Heap, Flags);
    Valid = RtlpIsBlock(Heap, BaseAddress);
    if (Valid) {
        BLOCK *Block = RtlpBlockOf(BaseAddress);

        OldBytes = RtlpBytesOf(Block);
        if (RtlpResize(Heap, Flags, Block, Size))
            Memory = BaseAddress;
        else if (!(Flags & HEAP_REALLOC_IN_PLACE_ONLY))
            Memory = RtlpMoveBlock(Heap, Flags, Block, Size);
    }
    RtlpUnlock(Heap, Flags);
    if (!Valid)
        NtCurrentTebEx()->LastStatusValue = STATUS_INVALID_PARAMETER;
    else if (Memory == NULL)
        RtlpNoMemory(Heap, Flags);
    else if (Flags & HEAP_ZERO_MEMORY && Size > OldBytes)
        memset((PUCHAR)Memory + OldBytes, 0, Size - OldBytes);
    return Memory;
}

/* --- creation, end, list of heaps -------------------------------------------------------------------------------- */

static VOID RtlpInitializeHeap(HEAP *Heap, ULONG Flags, PVOID Lock, PUCHAR Committed, PUCHAR End)
{
    Heap->Signature = HEAP_SIGNATURE;
    Heap->Flags = Flags;
    InitializeListHead(&Heap->Segments);
    InitializeListHead(&Heap->LargeBlocks);
    for (ULONG Bin = 0; Bin < BIN_COUNT; Bin++)
        InitializeListHead(&Heap->Bins[Bin]);
    for (ULONG Class = 0; Class < QUICK_CLASSES; Class++)
        Heap->Quick[Class].Room = Class < QUICK_EXACT ? QUICK_DEPTH : QUICK_DEPTH_ABOVE;
    RtlInitializeCriticalSectionEx(&Heap->OwnLock, 0, RTL_CRITICAL_SECTION_FLAG_NO_DEBUG_INFO);
    Heap->Lock = Lock != NULL && !(Flags & HEAP_NO_SERIALIZE) ? Lock : &Heap->OwnLock;
    if (Flags & HEAP_NO_SERIALIZE)
        Heap->OwnLock.LockCount = 0;
    Heap->FirstSegment.Committed = Committed;
    Heap->FirstSegment.End = End;
    RtlpStartSegment(Heap, &Heap->FirstSegment, (PUCHAR)(Heap + 1));
    RtlAcquireSRWLockExclusive(&RtlpHeapsLock);
    InsertTailList(&RtlpHeaps, &Heap->HeapLinks);
    RtlReleaseSRWLockExclusive(&RtlpHeapsLock);
}

/* ReserveSize 0: no limit, as if HEAP_GROWABLE were set.
 * DIFFERS: HeapBase (memory of the caller's) is not supported and answers NULL; Parameters are ignored. */
PVOID NTAPI RtlCreateHeap(ULONG Flags, PVOID HeapBase, SIZE_T ReserveSize, SIZE_T CommitSize, PVOID Lock,
        PRTL_HEAP_PARAMETERS Parameters)
{
    SIZE_T Reserve, Commit = max(CommitSize, COMMIT_BYTES);
    PVOID Base = NULL;

    if (HeapBase != NULL)
        return NULL;
    if (ReserveSize == 0)
        Flags |= HEAP_GROWABLE;
    Reserve = max(ReserveSize, Flags & HEAP_GROWABLE ? SEGMENT_BYTES : COMMIT_BYTES);
    Reserve = (max(Reserve, Commit) + COMMIT_BYTES - 1) & ~(COMMIT_BYTES - 1);
    Commit = (Commit + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    if (!NT_SUCCESS(NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Reserve, MEM_RESERVE,
                                            RtlpProtection(Flags))))
        return NULL;
    if (!NT_SUCCESS(RtlpCommit(Base, Commit, RtlpProtection(Flags)))) {
        Reserve = 0;
        NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Reserve, MEM_RELEASE);
        return NULL;
    }
    RtlpInitializeHeap(Base, Flags, Lock, (PUCHAR)Base + Commit, (PUCHAR)Base + Reserve);
    return Base;
}

PVOID NTAPI RtlDestroyHeap(PVOID HeapHandle)
{
    HEAP *Heap = HeapHandle;
    PVOID Base;
    SIZE_T Size;

    if (Heap == RtlProcessHeap() || Heap == NULL || Heap->Signature != HEAP_SIGNATURE)
        return HeapHandle;
    RtlAcquireSRWLockExclusive(&RtlpHeapsLock);
    RemoveEntryList(&Heap->HeapLinks);
    RtlReleaseSRWLockExclusive(&RtlpHeapsLock);
    Heap->Signature = 0;
    while (!IsListEmpty(&Heap->LargeBlocks))
        RtlpFreeLarge(CONTAINING_RECORD(Heap->LargeBlocks.Flink, LARGE, Links));
    RtlDeleteCriticalSection(&Heap->OwnLock);
    while (Heap->Segments.Blink != &Heap->FirstSegment.Links) {
        Base = RemoveTailList(&Heap->Segments);
        Size = 0;
        NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_RELEASE);
    }
    Base = Heap;
    Size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_RELEASE);
    return NULL;
}

/* Number of heaps; the first Count addresses are written. */
ULONG NTAPI RtlGetProcessHeaps(ULONG Count, PVOID *Heaps)
{
    ULONG Total = 0;

    RtlAcquireSRWLockShared(&RtlpHeapsLock);
    for (PLIST_ENTRY Link = RtlpHeaps.Flink; Link != &RtlpHeaps; Link = Link->Flink, Total++)
        if (Total < Count)
            Heaps[Total] = CONTAINING_RECORD(Link, HEAP, HeapLinks);
    RtlReleaseSRWLockShared(&RtlpHeapsLock);
    return Total;
}

/* --- for the copy of the process: no heap is in the middle of something ------------------------------------------- */

VOID RtlpLockHeaps(VOID)
{
    RtlAcquireSRWLockExclusive(&RtlpHeapsLock);
    for (PLIST_ENTRY Link = RtlpHeaps.Flink; Link != &RtlpHeaps; Link = Link->Flink)
        RtlpLock(CONTAINING_RECORD(Link, HEAP, HeapLinks), 0);
}

VOID RtlpUnlockHeaps(VOID (*Adopt)(PRTL_CRITICAL_SECTION Section))
{
    for (PLIST_ENTRY Link = RtlpHeaps.Flink; Link != &RtlpHeaps; Link = Link->Flink) {
        HEAP *Heap = CONTAINING_RECORD(Link, HEAP, HeapLinks);

        if (Adopt != NULL && !(Heap->Flags & HEAP_NO_SERIALIZE))
            Adopt(Heap->Lock);
        RtlpUnlock(Heap, 0);
    }
    if (Adopt != NULL)
        RtlInitializeSRWLock(&RtlpHeapsLock);
    else
        RtlReleaseSRWLockExclusive(&RtlpHeapsLock);
}

/* --- lock, compaction --------------------------------------------------------------------------------------------- */

BOOLEAN NTAPI RtlLockHeap(PVOID HeapHandle)
{
    RtlpLock(HeapHandle, 0);
    return TRUE;
}

BOOLEAN NTAPI RtlUnlockHeap(PVOID HeapHandle)
{
    RtlpUnlock(HeapHandle, 0);
    return TRUE;
}

ULONG NTAPI RtlCompactHeap(PVOID HeapHandle, ULONG Flags)
{
    HEAP *Heap = HeapHandle;
    ULONG Largest = 0;

    RtlpLock(Heap, Flags);
    RtlpEmptyFrontEnd(Heap);
    for (ULONG Bin = BIN_COUNT; Bin-- > 0 && Largest == 0;)
        for (PLIST_ENTRY Link = Heap->Bins[Bin].Flink; Link != &Heap->Bins[Bin]; Link = Link->Flink)
            Largest = max(Largest, CONTAINING_RECORD(Link, FREE_BLOCK, Links)->Block.Size);
    RtlpUnlock(Heap, Flags);
    return Largest != 0 ? (Largest - 1) * UNIT : 0;
}

/* --- hooks of rtl/ ----------------------------------------------------------------------------------------------- */

PVOID RtlpAllocate(SIZE_T Bytes)
{
    return RtlAllocateHeap(RtlProcessHeap(), 0, Bytes);
}

VOID RtlpFree(PVOID Memory)
{
    RtlFreeHeap(RtlProcessHeap(), 0, Memory);
}
