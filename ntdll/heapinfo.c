/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What can be asked of a heap: sizes, user values, whether it is sound, its blocks in a row.
 */
#include "heapp.h"

SIZE_T NTAPI RtlSizeHeap(PVOID HeapHandle, ULONG Flags, const void *BaseAddress)
{
    HEAP *Heap = HeapHandle;
    SIZE_T Bytes = (SIZE_T)-1;

    RtlpLock(Heap, Flags);
    if (RtlpIsBlock(Heap, BaseAddress))
        Bytes = RtlpBytesOf(RtlpBlockOf(BaseAddress));
    RtlpUnlock(Heap, Flags);
    if (Bytes == (SIZE_T)-1)
        NtCurrentTebEx()->LastStatusValue = STATUS_INVALID_PARAMETER;
    return Bytes;
}

/* A block whose header makes sense; PreviousSize is that of the block before it. */
static BOOLEAN RtlpIsSound(HEAP *Heap, const SEGMENT *Segment, const BLOCK *Block, ULONG PreviousSize)
{
    if (Block->Size != 0 && Block->PreviousSize == PreviousSize && Block->Check == RtlpCheckOf(Heap, Block) &&
        (PUCHAR)RtlpNext(Block) <= (PUCHAR)Segment->Sentinel)
        return TRUE;
    DbgPrint("heap %p: block %p is damaged\n", Heap, Block);
    return FALSE;
}

static BOOLEAN RtlpValidateSegment(HEAP *Heap, SEGMENT *Segment)
{
    ULONG PreviousSize = 0;
    BOOLEAN PreviousFree = FALSE;

    for (BLOCK *Block = Segment->First; Block != Segment->Sentinel; Block = RtlpNext(Block)) {
        BOOLEAN Free = !(Block->Flags & FLAG_BUSY);

        if (!RtlpIsSound(Heap, Segment, Block, PreviousSize) || (Free && PreviousFree))
            return FALSE;
        PreviousSize = Block->Size;
        PreviousFree = Free;
    }
    return Segment->Sentinel->PreviousSize == PreviousSize;
}

static BOOLEAN RtlpValidateAll(HEAP *Heap)
{
    for (PLIST_ENTRY Link = Heap->Segments.Flink; Link != &Heap->Segments; Link = Link->Flink)
        if (!RtlpValidateSegment(Heap, CONTAINING_RECORD(Link, SEGMENT, Links)))
            return FALSE;
    for (PLIST_ENTRY Link = Heap->LargeBlocks.Flink; Link != &Heap->LargeBlocks; Link = Link->Flink)
        if (!RtlpIsBlock(Heap, &CONTAINING_RECORD(Link, LARGE, Links)->Block + 1))
            return FALSE;
    return TRUE;
}

/* A block in use starts there.  Looks at memory of the heap only, whatever Payload is. */
static BOOLEAN RtlpValidateBlock(HEAP *Heap, const void *Payload)
{
    for (PLIST_ENTRY Link = Heap->LargeBlocks.Flink; Link != &Heap->LargeBlocks; Link = Link->Flink)
        if ((const void *)(&CONTAINING_RECORD(Link, LARGE, Links)->Block + 1) == Payload)
            return RtlpIsBlock(Heap, Payload);
    for (PLIST_ENTRY Link = Heap->Segments.Flink; Link != &Heap->Segments; Link = Link->Flink) {
        SEGMENT *Segment = CONTAINING_RECORD(Link, SEGMENT, Links);
        BLOCK *Block = Segment->First;
        ULONG PreviousSize = 0;

        if ((const void *)Block >= Payload || (const void *)Segment->Sentinel <= Payload)
            continue;
        for (; (const void *)(Block + 1) < Payload; Block = RtlpNext(Block)) {
            if (Block == Segment->Sentinel || !RtlpIsSound(Heap, Segment, Block, PreviousSize))
                return FALSE;
            PreviousSize = Block->Size;
        }
        return (const void *)(Block + 1) == Payload && RtlpIsSound(Heap, Segment, Block, PreviousSize) && RtlpIsBlock(Heap, Payload);
    }
    return FALSE;
}

/* BaseAddress NULL: the whole heap; else any address: TRUE if it is that of a block in use. */
BOOLEAN NTAPI RtlValidateHeap(PVOID HeapHandle, ULONG Flags, LPCVOID BaseAddress)
{
    HEAP *Heap = HeapHandle;
    BOOLEAN Valid = Heap != NULL && Heap->Signature == HEAP_SIGNATURE;

    if (!Valid)
        return FALSE;
    RtlpLock(Heap, Flags);
    Valid = BaseAddress != NULL ? RtlpValidateBlock(Heap, BaseAddress) : RtlpValidateAll(Heap);
    RtlpUnlock(Heap, Flags);
    return Valid;
}

/* --- walking ----------------------------------------------------------------------------------------------------- */

static VOID RtlpDescribeSegment(RTL_HEAP_WALK_ENTRY *Entry, const SEGMENT *Segment)
{
    PUCHAR Start = (PUCHAR)((ULONG_PTR)Segment->First & ~(ULONG_PTR)(PAGE_BYTES - 1));

    *Entry = (RTL_HEAP_WALK_ENTRY){ .DataAddress = Start, .Flags = RTL_HEAP_WALK_SEGMENT };
    Entry->DataSize = (SIZE_T)((PUCHAR)Segment->First - Start);
    Entry->Segment.CommittedSize = (ULONG)(Segment->Committed - Start);
    Entry->Segment.UncommittedSize = (ULONG)(Segment->End - Segment->Committed);
    Entry->Segment.FirstEntry = Segment->First + 1;
    Entry->Segment.LastEntry = Segment->End;
}

static VOID RtlpDescribeBlock(RTL_HEAP_WALK_ENTRY *Entry, const BLOCK *Block)
{
    BOOLEAN Busy = (Block->Flags & (FLAG_BUSY | FLAG_QUICK)) == FLAG_BUSY;

    *Entry = (RTL_HEAP_WALK_ENTRY){ .DataAddress = (PVOID)(Block + 1), .OverheadBytes = sizeof(*Block) };
    Entry->Flags = Busy ? RTL_HEAP_WALK_BUSY | RTL_HEAP_WALK_BLOCK : RTL_HEAP_WALK_COMMITTED;
    Entry->DataSize = Busy ? RtlpBytesOf(Block) : (SIZE_T)Block->Size * UNIT - sizeof(*Block);
}

/* The entry after the last block of a segment: what is reserved only, else the next segment, else the large blocks. */
static NTSTATUS RtlpWalkPast(HEAP *Heap, RTL_HEAP_WALK_ENTRY *Entry, PLIST_ENTRY Link, BOOLEAN WasUncommitted)
{
    SEGMENT *Segment = CONTAINING_RECORD(Link, SEGMENT, Links);

    if (Link != &Heap->Segments && !WasUncommitted && Segment->End != Segment->Committed) {
        *Entry = (RTL_HEAP_WALK_ENTRY){ .DataAddress = Segment->Committed, .Flags = RTL_HEAP_WALK_UNCOMMITTED,
                .DataSize = (SIZE_T)(Segment->End - Segment->Committed) };
        return STATUS_SUCCESS;
    }
    if (Link->Flink != &Heap->Segments) {
        RtlpDescribeSegment(Entry, CONTAINING_RECORD(Link->Flink, SEGMENT, Links));
        return STATUS_SUCCESS;
    }
    if (IsListEmpty(&Heap->LargeBlocks))
        return STATUS_NO_MORE_ENTRIES;
    RtlpDescribeBlock(Entry, &CONTAINING_RECORD(Heap->LargeBlocks.Flink, LARGE, Links)->Block);
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpWalkSegment(HEAP *Heap, RTL_HEAP_WALK_ENTRY *Entry, SEGMENT *Segment)
{
    BLOCK *Next = Segment->First;

    if (Entry->Flags & RTL_HEAP_WALK_UNCOMMITTED)
        return RtlpWalkPast(Heap, Entry, &Segment->Links, TRUE);
    if (!(Entry->Flags & RTL_HEAP_WALK_SEGMENT)) {
        while (Next != Segment->Sentinel && (PVOID)(Next + 1) != Entry->DataAddress)
            Next = RtlpNext(Next);
        if (Next == Segment->Sentinel)
            return STATUS_INVALID_PARAMETER;
        Next = RtlpNext(Next);
    }
    if (Next == Segment->Sentinel)
        return RtlpWalkPast(Heap, Entry, &Segment->Links, FALSE);
    RtlpDescribeBlock(Entry, Next);
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpWalkOn(HEAP *Heap, RTL_HEAP_WALK_ENTRY *Entry)
{
    PUCHAR At = Entry->DataAddress;

    if (At == NULL)
        return RtlpWalkPast(Heap, Entry, &Heap->Segments, TRUE);
    for (PLIST_ENTRY Link = Heap->Segments.Flink; Link != &Heap->Segments; Link = Link->Flink) {
        SEGMENT *Segment = CONTAINING_RECORD(Link, SEGMENT, Links);
        PUCHAR Start = (PUCHAR)((ULONG_PTR)Segment->First & ~(ULONG_PTR)(PAGE_BYTES - 1));

        if (At >= Start && At < Segment->End)
            return RtlpWalkSegment(Heap, Entry, Segment);
    }
    for (PLIST_ENTRY Link = Heap->LargeBlocks.Flink; Link != &Heap->LargeBlocks; Link = Link->Flink) {
        if ((PVOID)(&CONTAINING_RECORD(Link, LARGE, Links)->Block + 1) != Entry->DataAddress)
            continue;
        if (Link->Flink == &Heap->LargeBlocks)
            return STATUS_NO_MORE_ENTRIES;
        RtlpDescribeBlock(Entry, &CONTAINING_RECORD(Link->Flink, LARGE, Links)->Block);
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_PARAMETER;
}

/* The entry after Entry; one with DataAddress NULL starts.  Segments, their blocks and what they have not committed, then
 * the large blocks.  STATUS_NO_MORE_ENTRIES; STATUS_INVALID_PARAMETER: Entry is not of this heap.  To walk a heap that
 * others use, lock it first.  Source: HeapWalk (Win32 documentation). */
NTSTATUS NTAPI RtlWalkHeap(PVOID HeapHandle, PVOID Entry)
{
    HEAP *Heap = HeapHandle;
    NTSTATUS Status;

    RtlpLock(Heap, 0);
    Status = RtlpWalkOn(Heap, Entry);
    RtlpUnlock(Heap, 0);
    return Status;
}

BOOLEAN NTAPI RtlSetUserValueHeap(PVOID HeapHandle, ULONG Flags, PVOID BaseAddress, PVOID UserValue)
{
    HEAP *Heap = HeapHandle;
    PVOID *Place = NULL;

    RtlpLock(Heap, Flags);
    if (RtlpIsBlock(Heap, BaseAddress))
        Place = RtlpUserValueOf(RtlpBlockOf(BaseAddress));
    if (Place != NULL)
        *Place = UserValue;
    RtlpUnlock(Heap, Flags);
    return Place != NULL;
}

BOOLEAN NTAPI RtlGetUserInfoHeap(PVOID HeapHandle, ULONG Flags, PVOID BaseAddress, PVOID *UserValue, PULONG UserFlags)
{
    HEAP *Heap = HeapHandle;
    BOOLEAN Valid;

    RtlpLock(Heap, Flags);
    Valid = RtlpIsBlock(Heap, BaseAddress);
    if (Valid) {
        PVOID *Place = RtlpUserValueOf(RtlpBlockOf(BaseAddress));

        if (UserValue != NULL && Place != NULL)
            *UserValue = *Place;
        if (UserFlags != NULL)
            *UserFlags = (ULONG)RtlpBlockOf(BaseAddress)->UserFlags << 8;
    }
    RtlpUnlock(Heap, Flags);
    return Valid;
}

/* HeapCompatibilityInformation: 2 is a heap with a front end.  Every heap has ours, but what is asked is whether the low
 * fragmentation heap may be on: not where callers serialize, nor in a heap that cannot grow. */
static ULONG RtlpCompatibility(const HEAP *Heap)
{
    return Heap->Flags & HEAP_GROWABLE && !(Heap->Flags & HEAP_NO_SERIALIZE) ? 2 : 0;
}

/* STATUS_UNSUCCESSFUL: the heap cannot become that.  Other classes change nothing here: damage is found, and the call that
 * finds it fails.  Source: HeapSetInformation (Win32 documentation). */
DWORD NTAPI RtlSetHeapInformation(PVOID HeapHandle, HEAP_INFORMATION_CLASS HeapInformationClass, PVOID HeapInformation,
        SIZE_T HeapInformationLength)
{
    if (HeapInformationClass != HeapCompatibilityInformation)
        return STATUS_SUCCESS;
    if (HeapInformationLength < sizeof(ULONG))
        return (DWORD)STATUS_BUFFER_TOO_SMALL;
    return *(PULONG)HeapInformation == RtlpCompatibility(HeapHandle) ? STATUS_SUCCESS : (DWORD)STATUS_UNSUCCESSFUL;
}

DWORD NTAPI RtlQueryHeapInformation(PVOID HeapHandle, HEAP_INFORMATION_CLASS HeapInformationClass,
        PVOID HeapInformation, SIZE_T HeapInformationLength, PSIZE_T ReturnLength)
{
    if (HeapInformationClass != HeapCompatibilityInformation)
        return (DWORD)STATUS_INVALID_INFO_CLASS;
    if (ReturnLength != NULL)
        *ReturnLength = sizeof(ULONG);
    if (HeapInformationLength < sizeof(ULONG))
        return (DWORD)STATUS_BUFFER_TOO_SMALL;
    *(PULONG)HeapInformation = RtlpCompatibility(HeapHandle);
    return STATUS_SUCCESS;
}
