/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pool, lookaside lists, MDLs.
 *
 * Pool is the process heap: everything is in one address space, pageable or not, and nothing is ever paged out.
 * Allocations of a page or more are page aligned, as drivers may assume.  An MDL describes a buffer of this
 * process; its MappedSystemVa is the buffer itself, and it has no page frame numbers.
 *
 * Nothing here waits.
 */
#include "host.h"

#define PEB_PROCESS_HEAP 0x30 /* PEB.ProcessHeap; TEB.ProcessEnvironmentBlock is at gs:[0x60] */

static PVOID HostHeap(VOID)
{
    static PVOID Heap;

    if (Heap == NULL)
        Heap = *(PVOID *)(__readgsqword(0x60) + PEB_PROCESS_HEAP);
    return Heap;
}

/* Freeing needs only the pointer, so a large block hides the heap's pointer in the word before it. */
#define HOST_LARGE_MAGIC 0x656772614c74736full

typedef struct _HOST_LARGE_BLOCK {
    PVOID Block;
    ULONGLONG Magic; /* HOST_LARGE_MAGIC ^ its own address */
} HOST_LARGE_BLOCK;

PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
    HOST_LARGE_BLOCK *Header;
    PUCHAR Block;

    if (NumberOfBytes < PAGE_SIZE)
        return RtlAllocateHeap(HostHeap(), 0, max(NumberOfBytes, 1));
    if (NumberOfBytes > MAXLONG)
        return NULL;
    Block = RtlAllocateHeap(HostHeap(), 0, NumberOfBytes + PAGE_SIZE + sizeof(*Header));
    if (Block == NULL)
        return NULL;
    Header = (HOST_LARGE_BLOCK *)ALIGN_UP_POINTER_BY(Block + sizeof(*Header), PAGE_SIZE) - 1;
    Header->Block = Block;
    Header->Magic = HOST_LARGE_MAGIC ^ (ULONG_PTR)Header;
    return Header + 1;
}

PVOID NTAPI ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes)
{
    return ExAllocatePoolWithTag(PoolType, NumberOfBytes, 'enoN');
}

VOID NTAPI ExFreePoolWithTag(PVOID P, ULONG Tag)
{
    HOST_LARGE_BLOCK *Header = (HOST_LARGE_BLOCK *)P - 1;

    if (((ULONG_PTR)P & (PAGE_SIZE - 1)) == 0 && Header->Magic == (HOST_LARGE_MAGIC ^ (ULONG_PTR)Header))
        P = Header->Block;
    RtlFreeHeap(HostHeap(), 0, P);
}

VOID NTAPI ExFreePool(PVOID P)
{
    ExFreePoolWithTag(P, 0);
}

/* --- lookaside lists -------------------------------------------------------------------------------------------- */

static VOID HostInitializeLookaside(PGENERAL_LOOKASIDE List, PALLOCATE_FUNCTION Allocate, PFREE_FUNCTION Free,
                                    POOL_TYPE Type, SIZE_T Size, ULONG Tag)
{
    RtlZeroMemory(List, sizeof(*List));
    List->Depth = 4;
    List->MaximumDepth = 256;
    List->Type = Type;
    List->Tag = Tag;
    List->Size = (ULONG)Size;
    List->Allocate = Allocate != NULL ? Allocate : ExAllocatePoolWithTag;
    List->Free = Free != NULL ? Free : ExFreePool;
    InitializeSListHead(&List->ListHead);
}

VOID NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
                                           PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    HostInitializeLookaside(&Lookaside->L, Allocate, Free, NonPagedPool, Size, Tag);
}

VOID NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
                                          PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth)
{
    HostInitializeLookaside(&Lookaside->L, Allocate, Free, PagedPool, Size, Tag);
}

static VOID HostDeleteLookaside(PGENERAL_LOOKASIDE List)
{
    PSLIST_ENTRY Entry;

    while ((Entry = ExpInterlockedPopEntrySList(&List->ListHead)) != NULL)
        List->Free(Entry);
}

VOID NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside)
{
    HostDeleteLookaside(&Lookaside->L);
}

VOID NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside)
{
    HostDeleteLookaside(&Lookaside->L);
}

/* --- MDLs ------------------------------------------------------------------------------------------------------- */

PMDL NTAPI IoAllocateMdl(PVOID VirtualAddress, ULONG Length, BOOLEAN SecondaryBuffer, BOOLEAN ChargeQuota, PIRP Irp)
{
    SIZE_T Pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(VirtualAddress, Length);
    SIZE_T Size = sizeof(MDL) + Pages * sizeof(PFN_NUMBER);
    PMDL Mdl = ExAllocatePoolWithTag(NonPagedPool, Size, HOST_TAG), *Link;

    if (Mdl == NULL)
        return NULL;
    RtlZeroMemory(Mdl, Size);
    Mdl->Size = (CSHORT)min(Size, MAXSHORT);
    Mdl->StartVa = PAGE_ALIGN(VirtualAddress);
    Mdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
    Mdl->ByteCount = Length;
    if (Irp == NULL)
        return Mdl;
    Link = &Irp->MdlAddress;
    while (SecondaryBuffer && *Link != NULL)
        Link = &(*Link)->Next;
    *Link = Mdl;
    return Mdl;
}

VOID NTAPI IoFreeMdl(PMDL Mdl)
{
    ExFreePoolWithTag(Mdl, HOST_TAG);
}

VOID NTAPI IoBuildPartialMdl(PMDL SourceMdl, PMDL TargetMdl, PVOID VirtualAddress, ULONG Length)
{
    TargetMdl->StartVa = PAGE_ALIGN(VirtualAddress);
    TargetMdl->ByteOffset = BYTE_OFFSET(VirtualAddress);
    TargetMdl->ByteCount = Length != 0 ? Length : SourceMdl->ByteCount -
                           (ULONG)((PUCHAR)VirtualAddress - (PUCHAR)MmGetMdlVirtualAddress(SourceMdl));
    TargetMdl->MappedSystemVa = VirtualAddress;
    TargetMdl->MdlFlags |= MDL_PARTIAL | MDL_MAPPED_TO_SYSTEM_VA;
}

VOID NTAPI MmBuildMdlForNonPagedPool(PMDL Mdl)
{
    Mdl->MappedSystemVa = (PUCHAR)Mdl->StartVa + Mdl->ByteOffset;
    Mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}

VOID NTAPI MmProbeAndLockPages(PMDL Mdl, KPROCESSOR_MODE AccessMode, LOCK_OPERATION Operation)
{
    Mdl->MappedSystemVa = (PUCHAR)Mdl->StartVa + Mdl->ByteOffset;
    Mdl->MdlFlags |= MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA;
}

VOID NTAPI MmUnlockPages(PMDL Mdl)
{
    Mdl->MdlFlags &= ~(MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA);
}

PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDLX Mdl, KPROCESSOR_MODE AccessMode, MEMORY_CACHING_TYPE CacheType,
                                         PVOID RequestedAddress, ULONG BugCheckOnFailure,
                                         MM_PAGE_PRIORITY Priority)
{
    Mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    Mdl->MappedSystemVa = (PUCHAR)Mdl->StartVa + Mdl->ByteOffset;
    return Mdl->MappedSystemVa;
}

PVOID NTAPI MmMapLockedPages(PMDL Mdl, KPROCESSOR_MODE AccessMode)
{
    return MmMapLockedPagesSpecifyCache(Mdl, AccessMode, MmCached, NULL, TRUE, NormalPagePriority);
}

VOID NTAPI MmUnmapLockedPages(PVOID BaseAddress, PMDL Mdl)
{
    Mdl->MdlFlags &= ~MDL_MAPPED_TO_SYSTEM_VA;
}
