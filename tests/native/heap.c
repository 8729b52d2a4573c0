/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap: contents survive, sizes are right, damage and foreign pointers are found, nothing leaks into a neighbour.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SLOTS 1000
#define ROUNDS 40000

static PUCHAR Blocks[SLOTS];
static SIZE_T Sizes[SLOTS];
static ULONG Seed = 1;

static ULONG Random(ULONG Limit)
{
    return RtlUniform(&Seed) % Limit;
}

static SIZE_T RandomSize(VOID)
{
    ULONG Kind = Random(100);

    return Kind < 90 ? Random(600) : Kind < 98 ? Random(20000) : Random(900000);
}

/* Every 31st byte: the blocks are large. */
static BOOLEAN Holds(PUCHAR Block, SIZE_T Size, UCHAR Value)
{
    for (SIZE_T At = 0; At < Size; At += 31)
        if (Block[At] != Value)
            return FALSE;
    return TRUE;
}

static BOOLEAN Step(PVOID Heap, ULONG Slot)
{
    SIZE_T Size = RandomSize();
    PUCHAR Block = Blocks[Slot];
    BOOLEAN Good = TRUE;

    if (Block == NULL) {
        Block = RtlAllocateHeap(Heap, 0, Size);
        Good = Block != NULL && (ULONG_PTR)Block % 16 == 0;
    } else if (Random(4) == 0) {
        Block = RtlReAllocateHeap(Heap, 0, Block, Size);
        Good = Block != NULL && Holds(Block, min(Size, Sizes[Slot]), (UCHAR)Slot);
    } else {
        Good = RtlSizeHeap(Heap, 0, Block) == Sizes[Slot] && Holds(Block, Sizes[Slot], (UCHAR)Slot) &&
               RtlFreeHeap(Heap, 0, Block);
        Blocks[Slot] = NULL;
        return Good;
    }
    Blocks[Slot] = Block;
    Sizes[Slot] = Size;
    if (Block != NULL)
        memset(Block, (UCHAR)Slot, Size);
    return Good;
}

static VOID TestMixed(VOID)
{
    PVOID Heap = RtlCreateHeap(HEAP_GROWABLE, NULL, 0, 0, NULL, NULL);
    BOOLEAN Good = TRUE;

    if (!CHECK(Heap != NULL))
        return;
    for (ULONG Round = 0; Round < ROUNDS && Good; Round++) {
        Good = Step(Heap, Random(SLOTS));
        if (Round % 10000 == 0)
            CHECK(RtlValidateHeap(Heap, 0, NULL));
    }
    CHECK(Good);
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

static VOID TestSmall(VOID)
{
    PVOID Heap = RtlProcessHeap();
    PUCHAR Block = RtlAllocateHeap(Heap, HEAP_ZERO_MEMORY, 1000);

    CHECK(Block != NULL && Holds(Block, 1000, 0));
    CHECK(RtlSizeHeap(Heap, 0, Block) == 1000);
    CHECK(RtlValidateHeap(Heap, 0, Block));
    Block = RtlReAllocateHeap(Heap, HEAP_ZERO_MEMORY, Block, 3000);
    CHECK(Block != NULL && Holds(Block, 3000, 0) && RtlSizeHeap(Heap, 0, Block) == 3000);
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, Block, 100) == Block);
    CHECK(RtlSizeHeap(Heap, 0, Block) == 100);
    CHECK(RtlFreeHeap(Heap, 0, Block));
    CHECK(RtlFreeHeap(Heap, 0, NULL));
    Block = RtlAllocateHeap(Heap, 0, 0);
    CHECK(Block != NULL && RtlSizeHeap(Heap, 0, Block) == 0);
    CHECK(RtlFreeHeap(Heap, 0, Block));
    CHECK(RtlAllocateHeap(Heap, 0, (SIZE_T)-1 / 2) == NULL);
    CHECK(RtlAllocateHeap(Heap, 0, (SIZE_T)-1) == NULL);
}

static VOID TestFixed(VOID)
{
    PVOID Heap = RtlCreateHeap(0, NULL, 0x10000, 0x1000, NULL, NULL);
    ULONG Count = 0;

    if (!CHECK(Heap != NULL))
        return;
    while (Count < 1000 && RtlAllocateHeap(Heap, 0, 1000) != NULL)
        Count++;
    CHECK(Count > 30 && Count < 130);
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* Many blocks of one size, which may come from one piece: each has its size and keeps its contents, and what was asked for
 * ahead is there for other sizes when nothing else is. */
static VOID TestOneSize(SIZE_T Size)
{
    PVOID Heap = RtlCreateHeap(0, NULL, 0x40000, 0x1000, NULL, NULL);
    BOOLEAN Good = TRUE;
    ULONG Count = 0;

    if (!CHECK(Heap != NULL))
        return;
    while (Count < SLOTS && (Blocks[Count] = RtlAllocateHeap(Heap, 0, Size)) != NULL) {
        Good = Good && (ULONG_PTR)Blocks[Count] % 16 == 0 && RtlSizeHeap(Heap, 0, Blocks[Count]) == Size;
        memset(Blocks[Count], (UCHAR)Count, Size);
        Count++;
    }
    CHECK(Good && Count > 150 && RtlValidateHeap(Heap, 0, NULL));
    for (ULONG i = 0; i < Count; i++)
        Good = Good && Holds(Blocks[i], Size, (UCHAR)i);
    for (ULONG i = 0; i < Count; i += 2)
        Good = Good && RtlFreeHeap(Heap, 0, Blocks[i]);
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    for (ULONG i = 1; i < Count; i += 2)
        Good = Good && Holds(Blocks[i], Size, (UCHAR)i) && RtlFreeHeap(Heap, 0, Blocks[i]);
    CHECK(Good && RtlValidateHeap(Heap, 0, NULL));
    Blocks[0] = RtlAllocateHeap(Heap, 0, 0x30000);
    CHECK(Blocks[0] != NULL && RtlFreeHeap(Heap, 0, Blocks[0]));
    CHECK(RtlDestroyHeap(Heap) == NULL);
    memset(Blocks, 0, sizeof(Blocks));
}

static VOID TestWrongPointers(VOID)
{
    PVOID Heap = RtlProcessHeap();
    PUCHAR Block = RtlAllocateHeap(Heap, 0, 64);

    if (IsWine)
        return;
    CHECK(!RtlFreeHeap(Heap, 0, Block + 16));
    CHECK(RtlFreeHeap(Heap, 0, Block));
    CHECK(!RtlFreeHeap(Heap, 0, Block));
    CHECK(RtlSizeHeap(Heap, 0, Block) == (SIZE_T)-1);
}

static VOID TestHeapList(VOID)
{
    PVOID Before[64], After[64];
    ULONG Count = RtlGetProcessHeaps(64, Before);
    PVOID Heap = RtlCreateHeap(HEAP_GROWABLE, NULL, 0, 0, NULL, NULL);

    CHECK(Count >= 1);
    CHECK(RtlGetProcessHeaps(64, After) == Count + 1);
    CHECK(RtlGetProcessHeaps(0, NULL) == Count + 1);
    CHECK(RtlDestroyHeap(Heap) == NULL);
    CHECK(RtlGetProcessHeaps(64, After) == Count);
    CHECK(RtlLockHeap(RtlProcessHeap()) && RtlUnlockHeap(RtlProcessHeap()));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestSmall();
    TestMixed();
    TestFixed();
    TestOneSize(1);
    TestOneSize(40);
    TestOneSize(333);
    TestOneSize(1000);
    TestWrongPointers();
    TestHeapList();
    return CheckClose();
}
