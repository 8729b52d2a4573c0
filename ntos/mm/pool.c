/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The pool.  Blocks up to 2 KiB come from slabs: pages of equal blocks, a header in front, free blocks linked through
 * their first word.  Larger blocks are whole pages.  A slab's block is never page-aligned, so the address tells the
 * two apart.
 *
 * Invariant: a slab is on its class's list exactly when it has a free block; an empty slab is kept only if it is the
 * list's only one.  In debug builds a freed block is marked, and freeing it twice or writing to it stops ntos.
 *
 * What a program makes ntos allocate leaves alone what was promised to programs, and a reserve; ntos's own threads
 * and threads that end may use the reserve, so that cleaning up does not fail.  Nothing here waits.
 */
#include "ntos/mm/mip.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/log.h"

#ifndef DBG
#define DBG 0
#endif

#define MI_SLAB_HEADER 64
#define MI_SMALL_LIMIT 2016             /* two blocks in a page */
#define MI_FREED 0xFEEDFEEDFEEDFEEDull

typedef struct _MI_SLAB {
    struct _MI_SLAB *Next, *Previous;
    PVOID Free;
    USHORT FreeCount;
    USHORT Blocks;
    USHORT BlockSize;
    UCHAR Class;
    UCHAR Listed;
} MI_SLAB, *PMI_SLAB;
C_ASSERT(sizeof(MI_SLAB) <= MI_SLAB_HEADER);

static const USHORT MiClassSize[] = {16,  32,  48,  64,  80,  96,  112, 128,  160,  192,  224, 256,
                                     304, 352, 400, 448, 512, 576, 672, 800, 1008, 1344, MI_SMALL_LIMIT};
#define MI_CLASSES (sizeof(MiClassSize) / sizeof(MiClassSize[0]))

static PMI_SLAB MiSlabs[MI_CLASSES];
static UCHAR MiClassOf[MI_SMALL_LIMIT / 16 + 1];        /* by (size + 15) / 16 */
static BOOLEAN MiClassesReady;
static SIZE_T MiSmallBytes, MiLargePages;
BOOLEAN MiUsesReserve;
ULONG64 MiPoolBlocks;

static VOID MiPrepareClasses(VOID)
{
    ULONG Units, Class = 0;

    for (Units = 0; Units <= MI_SMALL_LIMIT / 16; Units++) {
        if (Units * 16 > MiClassSize[Class])
            Class++;
        MiClassOf[Units] = (UCHAR)Class;
    }
    MiClassesReady = TRUE;
}

static VOID MiListSlab(PMI_SLAB Slab)
{
    PMI_SLAB Head = MiSlabs[Slab->Class];

    Slab->Previous = NULL;
    Slab->Next = Head;
    if (Head != NULL)
        Head->Previous = Slab;
    MiSlabs[Slab->Class] = Slab;
    Slab->Listed = TRUE;
}

static VOID MiUnlistSlab(PMI_SLAB Slab)
{
    if (Slab->Previous != NULL)
        Slab->Previous->Next = Slab->Next;
    else
        MiSlabs[Slab->Class] = Slab->Next;
    if (Slab->Next != NULL)
        Slab->Next->Previous = Slab->Previous;
    Slab->Listed = FALSE;
}

BOOLEAN MiMayTakePages(SIZE_T Pages)
{
    PKTHREAD Thread = KeGetCurrentThread();

    return MiAvailablePages() >= Pages || MiUsesReserve || Thread == NULL || Thread->SystemThread || Thread->Terminating;
}

static PMI_SLAB MiCreateSlab(ULONG Class)
{
    MI_PAGE Page = MiMayTakePages(1) ? MiAllocatePage(MiPfnSystem, FALSE) : 0;
    PMI_SLAB Slab;
    PUCHAR Block;
    ULONG Index;

    if (Page == 0)
        return NULL;
    Slab = MiPageAddress(Page);
    *Slab = (MI_SLAB){.Class = (UCHAR)Class, .BlockSize = MiClassSize[Class],
                      .Blocks = (PAGE_SIZE - MI_SLAB_HEADER) / MiClassSize[Class]};
    Slab->FreeCount = Slab->Blocks;
    Block = (PUCHAR)Slab + MI_SLAB_HEADER;
    for (Index = Slab->Blocks; Index-- != 0;) {
        PVOID *Link = (PVOID *)(Block + Index * Slab->BlockSize);

        Link[0] = Slab->Free;
        if (DBG)
            Link[1] = (PVOID)MI_FREED;
        Slab->Free = Link;
    }
    MiListSlab(Slab);
    return Slab;
}

static PVOID MiAllocateSmall(SIZE_T Bytes)
{
    ULONG Class;
    PMI_SLAB Slab;
    PVOID *Block;

    if (!MiClassesReady)
        MiPrepareClasses();
    Class = MiClassOf[(Bytes + 15) / 16];
    Slab = MiSlabs[Class];
    if (Slab == NULL && (Slab = MiCreateSlab(Class)) == NULL)
        return NULL;
    Block = Slab->Free;
    Slab->Free = Block[0];
    if (--Slab->FreeCount == 0)
        MiUnlistSlab(Slab);
    MiSmallBytes += Slab->BlockSize;
    MiPoolBlocks++;
    if (DBG) {
        if (Block[1] != (PVOID)MI_FREED)
            KeBugCheck("pool: block %p of %u bytes was written after it was freed", Block, Slab->BlockSize);
        memset(Block, 0xCD, Slab->BlockSize);
    }
    return Block;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    SIZE_T Pages;
    PVOID Memory;

    UNREFERENCED_PARAMETER(PoolType);
    UNREFERENCED_PARAMETER(Tag);
    if (NumberOfBytes > 1ull << 40 || MiInjectFailure())
        return NULL;
    if (NumberOfBytes <= MI_SMALL_LIMIT)
        return MiAllocateSmall(NumberOfBytes);
    Pages = BYTES_TO_PAGES(NumberOfBytes);
    Memory = MiMayTakePages(Pages) ? MmAllocateSystemPages(Pages) : NULL;
    if (Memory != NULL) {
        MiLargePages += Pages;
        MiPoolBlocks++;
    }
    return Memory;
}

PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID Memory = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);

    if (Memory != NULL && NumberOfBytes <= MI_SMALL_LIMIT)
        memset(Memory, 0, NumberOfBytes);
    return Memory;
}

PVOID MiAllocateReserved(SIZE_T NumberOfBytes)
{
    PVOID Memory;

    MiUsesReserve = TRUE;
    Memory = ExAllocatePoolZero(NonPagedPool, NumberOfBytes, 'vRmM');
    MiUsesReserve = FALSE;
    return Memory;
}

static VOID MiFreeSmall(PVOID *Block)
{
    PMI_SLAB Slab = (PMI_SLAB)MiRoundDown((ULONG64)Block, PAGE_SIZE);

    if (DBG) {
        if (Slab->Class >= MI_CLASSES || Slab->BlockSize != MiClassSize[Slab->Class] ||
            ((ULONG64)Block - (ULONG64)Slab - MI_SLAB_HEADER) % Slab->BlockSize != 0)
            KeBugCheck("pool: %p is no block", Block);
        if (Block[1] == (PVOID)MI_FREED)
            KeBugCheck("pool: %p freed twice", Block);
        memset(Block, 0xDD, Slab->BlockSize);
        Block[1] = (PVOID)MI_FREED;
    }
    Block[0] = Slab->Free;
    Slab->Free = Block;
    MiSmallBytes -= Slab->BlockSize;
    if (Slab->FreeCount++ == 0)
        MiListSlab(Slab);
    if (Slab->FreeCount == Slab->Blocks && (Slab->Next != NULL || Slab->Previous != NULL)) {
        MiUnlistSlab(Slab);
        MmFreeSystemPages(Slab, 1);
    }
}

VOID ExFreePool(PVOID P)
{
    SIZE_T Pages;

    if (P == NULL)
        return;
    MiPoolBlocks--;
    if (((ULONG64)P & (PAGE_SIZE - 1)) != 0) {
        MiFreeSmall(P);
        return;
    }
    Pages = MiSystemAllocationSize(P);
    MiLargePages -= Pages;
    MmFreeSystemPages(P, Pages);
}

VOID ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    UNREFERENCED_PARAMETER(Tag);
    ExFreePool(P);
}

SIZE_T MmGetPoolUsage(VOID)
{
    return MiSmallBytes + (MiLargePages << PAGE_SHIFT);
}

/* rtl's hooks. */
PVOID RtlpAllocate(SIZE_T Bytes)
{
    return ExAllocatePoolWithTag(PagedPool, Bytes, ' ltR');
}

VOID RtlpFree(PVOID Memory)
{
    ExFreePool(Memory);
}

/* ntos's own byte strings are UTF-8. */
const CPTABLEINFO *RtlpCodePage(BOOLEAN Oem)
{
    return NULL;
}
