/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The pool.  Blocks up to 2 KiB come from slabs: pages of equal blocks, a header in front, free blocks linked through
 * their first word.  Larger blocks are whole pages.  A slab's block is never page-aligned, so the address tells the
 * two apart.
 *
 * What is allocated is counted by tag.  A tag has a number, its place in MiTags; that of a block is in a row of bytes at
 * the end of its slab, that of whole pages in the PFN entry of the first (MiSystemAllocationTag).
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

#define MI_SLAB_HEADER 64
#define MI_SMALL_LIMIT 2000             /* two blocks in a page */
#define MI_TAGS 128                     /* a power of two */
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

static const USHORT MiClassSize[] = {16,  32,  48,  64,  80,  96,  112, 128, 160, 192,  208, 256,
                                     304, 352, 400, 432, 512, 560, 656, 800, 992, 1328, MI_SMALL_LIMIT};
#define MI_CLASSES (sizeof(MiClassSize) / sizeof(MiClassSize[0]))

static PMI_SLAB MiSlabs[MI_CLASSES];
static UCHAR MiClassOf[MI_SMALL_LIMIT / 16 + 1];        /* by (size + 15) / 16 */
static BOOLEAN MiClassesReady;
static SIZE_T MiSmallBytes, MiLargePages;
BOOLEAN MiUsesReserve;
ULONG64 MiPoolBlocks;
static MM_POOL_TAG MiTags[MI_TAGS];     /* place 0: the tags that found no place */

static ULONG MiTagNumber(ULONG Tag)
{
    ULONG Number = (Tag * 0x9E3779B1u) >> 25, Try;

    for (Try = 0; Try < MI_TAGS; Try++, Number = (Number + 1) % MI_TAGS) {
        if (Number == 0)
            continue;
        if (MiTags[Number].Tag == 0)
            MiTags[Number].Tag = Tag;
        if (MiTags[Number].Tag == Tag)
            return Number;
    }
    return 0;
}

static VOID MiCountAllocated(ULONG Number, SIZE_T Bytes)
{
    MiPoolBlocks++;
    MiTags[Number].Allocations++;
    MiTags[Number].Bytes += Bytes;
}

static VOID MiCountFreed(ULONG Number, SIZE_T Bytes)
{
    MiPoolBlocks--;
    MiTags[Number].Frees++;
    MiTags[Number].Bytes -= Bytes;
}

BOOLEAN MmQueryPoolTag(ULONG Index, PMM_POOL_TAG Tag)
{
    if (Index >= MI_TAGS)
        return FALSE;
    *Tag = MiTags[Index];
    return TRUE;
}

/* The number of a slab's block's tag. */
static PUCHAR MiBlockTag(PMI_SLAB Slab, PVOID Block)
{
    ULONG Index = (ULONG)(((ULONG64)Block - (ULONG64)Slab - MI_SLAB_HEADER) / Slab->BlockSize);

    return (PUCHAR)Slab + PAGE_SIZE - Slab->Blocks + Index;
}

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
                      .Blocks = (PAGE_SIZE - MI_SLAB_HEADER) / (MiClassSize[Class] + 1)};
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

static PVOID MiAllocateSmall(SIZE_T Bytes, ULONG Tag)
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
    *MiBlockTag(Slab, Block) = (UCHAR)Tag;
    MiCountAllocated(Tag, Slab->BlockSize);
    if (DBG) {
        if (Block[1] != (PVOID)MI_FREED)
            KeBugCheck("pool: block %p of %u bytes was written after it was freed", Block, Slab->BlockSize);
        memset(Block, MM_UNWRITTEN, Slab->BlockSize);
    }
    return Block;
}

PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    SIZE_T Pages;
    PVOID Memory;

    UNREFERENCED_PARAMETER(PoolType);
    if (NumberOfBytes > 1ull << 40 || MiInjectFailure())
        return NULL;
    if (NumberOfBytes <= MI_SMALL_LIMIT)
        return MiAllocateSmall(NumberOfBytes, MiTagNumber(Tag));
    Pages = BYTES_TO_PAGES(NumberOfBytes);
    Memory = MiMayTakePages(Pages) ? MmAllocateSystemPages(Pages) : NULL;
    if (Memory != NULL) {
        MiLargePages += Pages;
        *MiSystemAllocationTag(Memory) = (USHORT)MiTagNumber(Tag);
        MiCountAllocated(*MiSystemAllocationTag(Memory), Pages << PAGE_SHIFT);
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

PVOID MiAllocateReserved(SIZE_T NumberOfBytes, ULONG Tag)
{
    PVOID Memory;

    MiUsesReserve = TRUE;
    Memory = ExAllocatePoolZero(NonPagedPool, NumberOfBytes, Tag);
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
    MiCountFreed(*MiBlockTag(Slab, Block), Slab->BlockSize);
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
    if (((ULONG64)P & (PAGE_SIZE - 1)) != 0) {
        MiFreeSmall(P);
        return;
    }
    Pages = MiSystemAllocationSize(P);
    MiLargePages -= Pages;
    MiCountFreed(*MiSystemAllocationTag(P), Pages << PAGE_SHIFT);
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
