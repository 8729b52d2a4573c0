/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a heap looks like in memory, for those who change it (heap.c, whose head comment draws a block) and those who only
 * look at it (heapinfo.c).
 */
#pragma once

#include "ntdllp.h"

#define UNIT 16u
#define QUICK_EXACT 65u                 /* front end: a class a size up to 64 units */
#define QUICK_STEP 16u                  /* then one for so many sizes, its blocks having the largest, */
#define QUICK_UNITS 1025u               /* up to 1024 units */
#define QUICK_CLASSES (QUICK_EXACT + (QUICK_UNITS - QUICK_EXACT) / QUICK_STEP)
#define QUICK_BYTES ((QUICK_UNITS - 2) * UNIT)
#define QUICK_DEPTH 32u
#define QUICK_DEPTH_ABOVE 16u           /* of the classes above 64 units */
#define RUN_BLOCKS 16u                  /* longest run for a class up to 64 units, */
#define RUN_UNITS 256u                  /* and its largest size */
#define EXACT_BINS 65u
#define BIN_COUNT 160u
#define SEGMENT_BYTES (1024 * 1024ul)
#define COMMIT_BYTES (64 * 1024ul)
#define LARGE_BYTES (512 * 1024ul)
#define FIXED_BYTES (1024 * 1024ul - 8192)
#define PAGE_BYTES 4096ul
#define HEAP_SIGNATURE 0x50414548

enum { FLAG_BUSY = 1, FLAG_QUICK = 2, FLAG_LARGE = 4, FLAG_USER_VALUE = 8, FLAG_SENTINEL = 16 };
enum { HEAP_EXTRA_USER_VALUE = 0x100, HEAP_USER_FLAGS = 0xe00 };

typedef struct _BLOCK {
    ULONG Size;
    ULONG PreviousSize;
    USHORT Unused;              /* bytes of the payload that the caller did not ask for */
    UCHAR Flags;
    UCHAR UserFlags;            /* the caller's, in bits 9 to 11 of its flags */
    ULONG Check;
} BLOCK;
_Static_assert(sizeof(BLOCK) == UNIT, "layout");

typedef struct _FREE_BLOCK {
    BLOCK Block;
    LIST_ENTRY Links;
} FREE_BLOCK;

typedef struct _SEGMENT {
    LIST_ENTRY Links;
    PUCHAR End;                 /* of the reserved range */
    PUCHAR Committed;           /* end of the committed part */
    BLOCK *First;
    BLOCK *Sentinel;
} SEGMENT;

typedef struct _LARGE {
    LIST_ENTRY Links;
    SIZE_T Reserved;
    SIZE_T Bytes;
    PVOID UserValue;
    ULONGLONG Padding;
    BLOCK Block;
} LARGE;
_Static_assert(sizeof(LARGE) % UNIT == 0 && FIELD_OFFSET(LARGE, Block) % UNIT == 0, "layout");

typedef struct _QUICK {
    FREE_BLOCK *Top;
    USHORT Room;                /* how many more it takes */
    USHORT Misses;              /* how often it was asked while empty; stays at RUN_BLOCKS */
} QUICK;

/* The first 0x100 bytes are ours alone: programs know only the address. */
typedef struct _HEAP {
    SEGMENT FirstSegment;
    ULONG Signature;
    ULONG Flags;
    LIST_ENTRY HeapLinks;
    LIST_ENTRY Segments;
    LIST_ENTRY LargeBlocks;
    PRTL_CRITICAL_SECTION Lock;
    RTL_CRITICAL_SECTION OwnLock;
    QUICK Quick[QUICK_CLASSES];
    ULONGLONG BinMap[(BIN_COUNT + 63) / 64];
    LIST_ENTRY Bins[BIN_COUNT];
} HEAP;

static inline ULONG RtlpCheckOf(const HEAP *Heap, const BLOCK *Block)
{
    ULONG_PTR Mix = (ULONG_PTR)Block ^ (ULONG_PTR)Heap >> 4;

    return (ULONG)(Mix >> 4) ^ Block->Size ^ 0x5ea1b10c;
}

static inline BLOCK *RtlpBlockOf(const void *Payload)
{
    return (BLOCK *)Payload - 1;
}

static inline BLOCK *RtlpNext(const BLOCK *Block)
{
    return (BLOCK *)((PUCHAR)Block + (SIZE_T)Block->Size * UNIT);
}

static inline BLOCK *RtlpPrevious(const BLOCK *Block)
{
    return (BLOCK *)((PUCHAR)Block - (SIZE_T)Block->PreviousSize * UNIT);
}

static inline LARGE *RtlpLargeOf(const BLOCK *Block)
{
    return CONTAINING_RECORD(Block, LARGE, Block);
}

static inline BOOLEAN RtlpIsBlock(const HEAP *Heap, const void *Payload)
{
    const BLOCK *Block = RtlpBlockOf(Payload);

    return (ULONG_PTR)Payload % UNIT == 0 && (Block->Flags & (FLAG_BUSY | FLAG_QUICK | FLAG_SENTINEL)) == FLAG_BUSY &&
           Block->Check == RtlpCheckOf(Heap, Block);
}

static inline SIZE_T RtlpBytesOf(const BLOCK *Block)
{
    return Block->Flags & FLAG_LARGE ? RtlpLargeOf(Block)->Bytes : (SIZE_T)(Block->Size - 1) * UNIT - Block->Unused;
}

static inline PVOID *RtlpUserValueOf(BLOCK *Block)
{
    if (!(Block->Flags & FLAG_USER_VALUE))
        return NULL;
    return Block->Flags & FLAG_LARGE ? &RtlpLargeOf(Block)->UserValue
            : (PVOID *)((PUCHAR)RtlpNext(Block) - sizeof(PVOID));
}

/* All heaps, and their list; Adopt (or NULL) gets each lock before it is given back. */
VOID RtlpLockHeaps(VOID);
VOID RtlpUnlockHeaps(VOID (*Adopt)(PRTL_CRITICAL_SECTION Section));

static inline VOID RtlpLock(HEAP *Heap, ULONG Flags)
{
    if (!((Heap->Flags | Flags) & HEAP_NO_SERIALIZE))
        RtlEnterCriticalSection(Heap->Lock);
}

static inline VOID RtlpUnlock(HEAP *Heap, ULONG Flags)
{
    if (!((Heap->Flags | Flags) & HEAP_NO_SERIALIZE))
        RtlLeaveCriticalSection(Heap->Lock);
}
