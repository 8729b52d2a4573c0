/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mm's own header.  Levels, each using only those above it:
 *
 *   untyped.c   RAM and device memory as a buddy tree of untyped capabilities
 *   cspace.c    capability slots
 *   frame.c     page frames: PFN database, window, free lists
 *   system.c    ntos's own address space: pages, stacks, device mappings
 *   pool.c      ExAllocatePool
 *   kobject.c   kernel objects for ke
 *   table.c     a process's page tables, software and hardware; mapping of one page
 *   vad.c       a process's address ranges
 *   space.c     creation and deletion of address spaces; clone.c: their copies
 *   segment.c   pages of files and sections; image.c: image segments
 *   watch.c     write watch
 *   fault.c     page faults; usercopy.c: access to user memory by ntos
 *   virtual.c, placeholder.c, protect.c, query.c, workingset.c   the virtual memory services; section.c, view.c: sections
 */
#pragma once

#include "nt.h"
#include "rtl.h"
#include "abi/sel4/sel4.h"
#include "ntos/inc/mm.h"

/* ntos's address space */
#define MI_WINDOW 0x100000000000ull             /* + physical address */
#define MI_PFN_DATABASE 0x180000000000ull       /* + MMPFN index */
#define MI_SYSTEM_PTE 0x1A0000000000ull         /* 8 bytes for each page of the next */
#define MI_SYSTEM_VA 0x1C0000000000ull          /* pool, stacks, device mappings, views */
#define MI_SYSTEM_VA_SIZE 0x4000000000ull       /* 256 GiB */

/* ------------------------------------------------------------------ untyped.c */

typedef enum _MI_UNTYPED_STATE { MiUntypedFree, MiUntypedSplit, MiUntypedUsed } MI_UNTYPED_STATE;

/*
 * A block of 2^Bits bytes that an untyped capability names.  Split: its two halves are Child[0..1].  Blocks of bootinfo
 * have no parent.  Halves are allocated as a pair, so that the buddy of a node is its neighbour.
 */
typedef struct _MI_UNTYPED {
    struct _MI_UNTYPED *Next, *Previous;        /* list of free blocks of this size */
    struct _MI_UNTYPED *Parent;
    struct _MI_UNTYPED *Child;
    ULONG64 PhysicalAddress;
    ULONG Cap;
    UCHAR Bits;
    UCHAR State;
    BOOLEAN Device;
    UCHAR Half;                                 /* 0, 1: index in the parent's pair */
    ULONG FreeFrames;                           /* retyped into 4 KiB frames: how many of them are free */
} MI_UNTYPED, *PMI_UNTYPED;

/* Adds the untypeds of bootinfo. */
VOID MiInitUntyped(const seL4_BootInfo *BootInfo);
/* A free RAM block of exactly 2^Bits bytes, zero; NULL: none. */
PMI_UNTYPED MiAllocateUntyped(ULONG Bits);
/* TRUE: a block of that size can be had without merging. */
BOOLEAN MiHasUntyped(ULONG Bits);
/* The block has no capability derived from it any more. */
VOID MiFreeUntyped(PMI_UNTYPED Untyped);
/*
 * The device block of exactly 2^Bits bytes at PhysicalAddress (aligned), marked used; NULL: not device memory, or
 * used in part.
 */
PMI_UNTYPED MiCarveDevice(ULONG64 PhysicalAddress, ULONG Bits);
/* Free RAM in blocks of at least a page. */
extern ULONG64 MiFreeUntypedBytes;
extern ULONG64 MiFreeFragmentBytes;     /* in smaller ones */
extern ULONG64 MiTotalUntypedBytes;
extern ULONG64 MiHighestRamAddress;

/* ------------------------------------------------------------------ cspace.c */

VOID MiInitBootSlots(const seL4_BootInfo *BootInfo);
NTSTATUS MiInitCSpace(const seL4_BootInfo *BootInfo);
/* Count (1..64) slots with consecutive CPtrs; returns the first, 0 = none. */
ULONG MiAllocateSlots(ULONG Count);
ULONG64 MiSlotsInUse(VOID);
/* Retype of Count objects into consecutive slots. */
seL4_Error MiRetype(PMI_UNTYPED Untyped, ULONG Type, ULONG SizeBits, ULONG Slot, ULONG Count);
/* Copies a capability into a new slot; 0 = none. */
ULONG MiCopyCap(ULONG Source, seL4_CapRights_t Rights);
/* Makes sure that a split or two can be done without asking again. */
VOID MiRefillSlots(VOID);

static inline VOID MiDeleteSlot(ULONG Slot)
{
    seL4_CNode_Delete(MmCNodeFor(Slot), Slot, MM_CSPACE_DEPTH);
}

/* ------------------------------------------------------------------ frame.c */

typedef enum _MI_PFN_STATE {
    MiPfnFree,                  /* on a free list */
    MiPfnPrivate,               /* one PTE of one process owns it */
    MiPfnSegment,               /* a segment owns it */
    MiPfnSystem,                /* ntos: pool, page table, stack */
    MiPfnImage                  /* ntos's image; a segment may use it */
} MI_PFN_STATE;

#define MI_PFN_MAPPED 1         /* the primary capability is mapped in the window (or the image) */
#define MI_PFN_ZERO 2           /* free and known to be zero */
#define MI_PFN_LARGE 4          /* the first of the 512 pages of a 2 MiB frame; the others have no entry */
#define MI_PFN_LENT 8           /* not in the window: MiTakeCap gave the primary capability itself */

typedef struct _MMPFN {
    ULONG Slot;                 /* primary capability: the window's, once it is there */
    ULONG Spare;                /* an unmapped copy, ready for a process; 0 = none */
    ULONG Next;                 /* free list */
    UCHAR State;
    UCHAR Flags;
    USHORT Used;                /* a page table page: number of entries in use; the first page of a pool block: its tag */
    PMI_UNTYPED Untyped;        /* the block that it was retyped from; NULL: ntos's image */
    struct _MI_TABLE *Table;    /* page table page: the hardware table; NULL = none */
} MMPFN, *PMMPFN;
C_ASSERT(sizeof(MMPFN) == 32);

typedef ULONG64 MI_PAGE;        /* page frame number; 0 = none (page 0 is never RAM of ours) */

extern MI_PAGE MiImageFirstPage, MiImagePages;
extern ULONG64 MiImageBase;
extern ULONG64 MiFreePages;     /* free frames of both sizes, in 4 KiB */

static inline PMMPFN MiPfn(MI_PAGE Page)
{
    return (PMMPFN)MI_PFN_DATABASE + Page;
}

/* Where ntos sees a page. */
static inline PVOID MiPageAddress(MI_PAGE Page)
{
    if (Page - MiImageFirstPage < MiImagePages)
        return (PVOID)(MiImageBase + ((Page - MiImageFirstPage) << PAGE_SHIFT));
    return (PVOID)(MI_WINDOW + (Page << PAGE_SHIFT));
}

/* The hardware table that goes with a page of software entries.  Unmapped ones are kept for the next process. */
typedef struct _MI_TABLE {
    struct _MI_TABLE *Next;
    PMI_UNTYPED Memory;
    ULONG Cap;
    ULONG Level;                /* 1 page table, 2 page directory, 3 PDPT */
} MI_TABLE, *PMI_TABLE;

NTSTATUS MiInitFrames(const seL4_BootInfo *BootInfo);
/* A frame, mapped in the window; zeroed if asked.  0 = no memory. */
MI_PAGE MiAllocatePage(MI_PFN_STATE State, BOOLEAN Zero);
/* The same, zeroed, for others than ntos: not in the window unless it was there already. */
MI_PAGE MiAllocateZeroPage(MI_PFN_STATE State);
/* A frame that is not in the window comes there; FALSE = no memory. */
BOOLEAN MiMapInWindow(MI_PAGE Page);
/* What MiPageAddress says may be used from now on; needed for frames of MiAllocateZeroPage.  FALSE = no memory. */
static inline BOOLEAN MiReachPage(MI_PAGE Page)
{
    return (MiPfn(Page)->Flags & MI_PFN_MAPPED) || MiMapInWindow(Page);
}
VOID MiFreePage(MI_PAGE Page);
/* A zeroed 2 MiB frame (state MiPfnPrivate); 0 = none (then use small ones). */
MI_PAGE MiAllocateLargePage(VOID);
VOID MiFreeLargePage(MI_PAGE Page);
/* An object straight from untyped memory (frame, table), for mm itself; 0 = no memory.  *Memory is its block. */
ULONG MiCreateObject(ULONG Type, PMI_UNTYPED *Memory);
/* Frame + rights into ntos's address space, page tables made as needed. */
NTSTATUS MiMapSystemPage(ULONG Cap, ULONG64 Address, seL4_CapRights_t Rights, ULONG Attributes);
/* A capability of a page that is mapped nowhere; 0 = no slots.  Give it back when unmapped (or to be unmapped). */
ULONG MiTakeCap(MI_PAGE Page);
VOID MiReturnCap(MI_PAGE Page, ULONG Cap, BOOLEAN Mapped);
/* Page of ntos's image at Address; makes its PFN entry. */
MI_PAGE MiImagePage(PVOID Address);

/* Gives free frames back to the untyped memory; TRUE: at least one block. */
BOOLEAN MiReclaimFrames(VOID);

/* Pages not promised to anybody; charge before use, FALSE = no.  Return when the promise ends or the page is freed. */
BOOLEAN MiChargeCommit(SIZE_T Pages);
VOID MiReturnCommit(SIZE_T Pages);
extern ULONG64 MiCommitted;
extern ULONG64 MiResident;      /* pages of states Private and Segment: the kept part of the promises */

/* quota.c: whether the space's groups allow so many pages more; counting them, and back, in the space and its groups. */
BOOLEAN MiQuotaAllows(PMM_SPACE Space, SIZE_T Pages);
VOID MiAddSpaceCharge(PMM_SPACE Space, SIZE_T Pages);
VOID MiTakeSpaceCharge(PMM_SPACE Space, SIZE_T Pages);
ULONG64 MiAvailablePages(VOID);

static inline VOID MiZeroMemory(PVOID Address, SIZE_T Bytes)
{
    SIZE_T Count = Bytes / 8;

    __asm__ volatile("rep stosq" : "+D"(Address), "+c"(Count) : "a"(0ull) : "memory");
}

static inline VOID MiCopyPage(PVOID To, const VOID *From)
{
    SIZE_T Count = PAGE_SIZE / 8;

    __asm__ volatile("rep movsq" : "+D"(To), "+S"(From), "+c"(Count) : : "memory");
}

/* ------------------------------------------------------------------ system.c */

/* What is mapped at a page of MI_SYSTEM_VA: page << 12 as in a PTE, slot << 40, and flags. */
#define MI_SYSPTE_PAGE 1ull             /* a frame of ours: back to the free list when unmapped */
#define MI_SYSPTE_CAP 2ull              /* slot is mapped here */
#define MI_SYSPTE_LAST 4ull             /* last page of an allocation */

/* Address space of ntos, in pages; 0 = none left. */
ULONG64 MiReserveSystemVa(SIZE_T Pages);
VOID MiReleaseSystemVa(ULONG64 Address, SIZE_T Pages);
/* Maps a page that stays somebody else's at a reserved address; MiUnmapSystemRange undoes it, page by page. */
NTSTATUS MiMapForeignPage(ULONG64 Address, MI_PAGE Page);
VOID MiUnmapSystemRange(ULONG64 Address, SIZE_T Pages);
/* Pages of an allocation of MmAllocateSystemPages. */
SIZE_T MiSystemAllocationSize(PVOID Base);
/* Room for a number that belongs to the allocation. */
USHORT *MiSystemAllocationTag(PVOID Base);
extern ULONG64 MiSystemPages;           /* frames that ntos itself holds */

/*
 * What describes memory: the tables of ntos's address space, the PFN database, nodes of the untyped trees, CNodes, and the slots of
 * frames and untypeds.  It follows the peak of what was in use, and is counted by itself.
 */
extern ULONG64 MiKeptPages, MiKeptSlots;

static inline VOID MiCountKept(LONG64 Pages, LONG64 Slots)
{
    MiKeptPages += Pages;
    MiKeptSlots += Slots;
}

/* ------------------------------------------------------------------ device.c */

/* The frame capability of a 4 KiB device page, made once (never freed; copy it to map it); 0 = not device memory. */
ULONG MiDeviceFrame(ULONG64 PhysicalAddress);
ULONG MiCachingAttributes(MEMORY_CACHING_TYPE CacheType);

/* ------------------------------------------------------------------ pool.c */

/* May ntos take so many pages for itself on behalf of the thread that it serves? */
BOOLEAN MiMayTakePages(SIZE_T Pages);
/* Zeroed pool memory for what keeps mm's promises (tables, slots): takes from the reserve. */
PVOID MiAllocateReserved(SIZE_T NumberOfBytes, ULONG Tag);

extern BOOLEAN MiUsesReserve;           /* MiAllocateReserved is at work */
extern ULONG64 MiPoolBlocks;

/* ------------------------------------------------------------------ kobject.c */

extern ULONG64 MiKernelObjects;

/* ------------------------------------------------------------------ failure.c */

extern PVOID MiFailingThread;           /* KTHREAD whose allocations are counted, or NULL */
BOOLEAN MiCountAllocation(VOID);

/* TRUE: the allocation about to be made fails, by somebody's wish. */
static inline BOOLEAN MiInjectFailure(VOID)
{
    return MiFailingThread != NULL && MiCountAllocation();
}

/* ------------------------------------------------------------------ table.c */

/*
 * Software page table entry.  Level 1 entries describe a page; an entry of level 2 with MI_PTE_LARGE describes 2 MiB;
 * other entries of levels 2..4 hold the page number of the next table.
 *
 *   63      40 39    12 11  10     6 5..0
 *   | slot    | page   |L | protect | flags |
 */
#define MI_PTE_VALID 0x01ull            /* page is meaningful: resident */
#define MI_PTE_MAPPED 0x02ull           /* slot is meaningful: mapped in hardware */
#define MI_PTE_SHARED 0x04ull           /* the page is the segment's */
#define MI_PTE_COMMIT 0x08ull           /* protect is meaningful: committed, differs from (or repeats) the VAD */
#define MI_PTE_DECOMMIT 0x10ull         /* not committed though the VAD says so */
#define MI_PTE_TABLE 0x20ull            /* levels 2..4: page is the next table */
#define MI_PTE_WATCHED 0x20ull          /* level 1: valid, and mapped without write: the first one is to be noted (watch.c) */
#define MI_PTE_LARGE 0x800ull
#define MI_PTE_PROTECT_SHIFT 6
#define MI_PTE_PAGE(Pte) (((Pte) >> 12) & 0xFFFFFFFull)
#define MI_PTE_SLOT(Pte) ((ULONG)((Pte) >> 40))
#define MI_PTE_PROTECT(Pte) ((ULONG)((Pte) >> MI_PTE_PROTECT_SHIFT) & 31)
#define MI_MAKE_PTE(Page, Protect, Flags) \
    ((ULONG64)(Page) << 12 | (ULONG64)(Protect) << MI_PTE_PROTECT_SHIFT | (Flags))
#define MI_MAX_SLOT 0xFFFFFFu

/* Protection codes (NT's): low three bits below, then no-cache and guard; both are write-combining, or no access where nothing is below. */
#define MM_ZERO_ACCESS 0
#define MM_READONLY 1
#define MM_EXECUTE 2
#define MM_EXECUTE_READ 3
#define MM_READWRITE 4
#define MM_WRITECOPY 5
#define MM_EXECUTE_READWRITE 6
#define MM_EXECUTE_WRITECOPY 7
#define MM_NOCACHE 8
#define MM_GUARD_PAGE 16
#define MM_WRITECOMBINE 24
#define MM_NOACCESS 24

/* PAGE_ constant to code; MI_BAD_PROTECTION for a wrong combination.  And back. */
#define MI_BAD_PROTECTION 0xFFFFFFFFu
ULONG MiMakeProtection(ULONG Win32Protect);
ULONG MiWin32Protection(ULONG Protect);

static inline BOOLEAN MiIsGuarded(ULONG Protect)
{
    return (Protect & 7) != 0 && (Protect & MM_WRITECOMBINE) == MM_GUARD_PAGE;
}

static inline BOOLEAN MiIsAccessible(ULONG Protect)
{
    return (Protect & 7) != 0 && (Protect & MM_WRITECOMBINE) != MM_GUARD_PAGE;
}

static inline BOOLEAN MiIsWritable(ULONG Protect)
{
    return MiIsAccessible(Protect) && ((Protect & 7) == MM_READWRITE || (Protect & 7) == MM_EXECUTE_READWRITE);
}

/* A valid entry lets the page be written without a fault. */
static inline BOOLEAN MiIsWritablePte(ULONG64 Pte)
{
    return MiIsWritable(MI_PTE_PROTECT(Pte)) && (Pte & MI_PTE_WATCHED) == 0;
}

static inline BOOLEAN MiIsCopyOnWrite(ULONG Protect)
{
    return (Protect & 7) == MM_WRITECOPY || (Protect & 7) == MM_EXECUTE_WRITECOPY;
}

static inline BOOLEAN MiIsExecutable(ULONG Protect)
{
    return ((0xCC >> (Protect & 7)) & 1) != 0;
}

/* Private copy of a copy-on-write page: readwrite. */
static inline ULONG MiAfterCopy(ULONG Protect)
{
    return (Protect & ~7u) | ((Protect & 7) == MM_WRITECOPY ? MM_READWRITE : MM_EXECUTE_READWRITE);
}

/* A walked entry. */
typedef struct _MI_WALK {
    ULONG64 *Pte;               /* level 1 entry, or level 2 entry if Large; NULL: no table there */
    MI_PAGE Table;              /* the page that holds Pte */
    BOOLEAN Large;
    ULONG64 Next;               /* the first address above that another entry (or, Pte NULL, another table) describes */
} MI_WALK, *PMI_WALK;

VOID MiWalk(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk);
/* The same for a loop, quick where *Walk is the entry before Address (at first {0}) and no table went since. */
static inline VOID MiWalkOn(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk)
{
    if (Walk->Pte == NULL || Walk->Large || Walk->Next != Address || Address % MM_LARGE_PAGE_SIZE == 0) {
        MiWalk(Space, Address, Walk);
        return;
    }
    Walk->Pte++;
    Walk->Next += PAGE_SIZE;
}
/* The level 1 entry, tables made (a large entry is split); FALSE = no memory. */
BOOLEAN MiMakePte(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk);
/* The empty level 2 entry for a 2 MiB leaf; FALSE = no memory, or something is there. */
BOOLEAN MiMakeLargePte(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk);
/* Stores Value, keeps the table's count. */
VOID MiSetPte(PMI_WALK Walk, ULONG64 Value);
/* A frame capability into a space; hardware tables are made as needed, software tables must exist. */
NTSTATUS MiMapCap(PMM_SPACE Space, ULONG64 Address, ULONG Cap, seL4_CapRights_t Rights, ULONG Attributes);
/* Maps (again) what the entry says; it must be valid and accessible.  Failure leaves it unmapped. */
NTSTATUS MiMapPte(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk);
/* Takes the hardware mapping away, the entry stays valid. */
VOID MiUnmapPte(PMM_SPACE Space, PMI_WALK Walk);
/* Unmaps, frees the page if it is private; the entry becomes Value.  Charges are the caller's. */
VOID MiClearPte(PMM_SPACE Space, PMI_WALK Walk, ULONG64 Value);
/*
 * Clears all entries of [Start, End); a large range frees page tables that become empty.  FALSE: no memory to split a
 * large page.
 */
BOOLEAN MiClearRange(PMM_SPACE Space, ULONG64 Start, ULONG64 End);
BOOLEAN MiIsZeroPage(const ULONG64 *Page);
/* At the end of a space, its VSpace deleted: every page and table. */
VOID MiFreeTables(PMM_SPACE Space);

static inline VOID MiInvalidateUserCache(PMM_SPACE Space)
{
    Space->CachedUserPage = 0;
}

/* ------------------------------------------------------------------ space.c */

NTSTATUS MiInitSpaces(VOID);

/* ------------------------------------------------------------------ vad.c */

typedef enum _MI_VAD_TYPE {
    MiVadPrivate,               /* MEM_PRIVATE */
    MiVadMapped,                /* MEM_MAPPED: data section */
    MiVadImage,                 /* MEM_IMAGE */
    MiVadDevice,                /* device memory or KUSER page: mapped at once, never freed page by page */
    MiVadPebTeb                 /* private, not released by programs */
} MI_VAD_TYPE;

typedef struct _MI_PAGE_BITS MI_PAGE_BITS, *PMI_PAGE_BITS;

struct _MMVAD {
    PMMVAD Left, Right;
    PMMVAD Next, Previous;      /* by address */
    ULONG64 Start, End;         /* bytes, End exclusive, pages */
    UCHAR Type;
    UCHAR Height;
    UCHAR Protect;              /* of pages without an entry; allocation protection */
    BOOLEAN Commit;             /* pages without an entry are committed */
    BOOLEAN NoChange;           /* SEC_NO_CHANGE: protection stays */
    BOOLEAN Inherit;            /* ViewShare */
    BOOLEAN Placeholder;        /* MEM_RESERVE_PLACEHOLDER: nothing can be committed */
    BOOLEAN Replaced;           /* stands where a placeholder was, and may become one again */
    BOOLEAN Grows;              /* view of a file that may reach behind its end: committing makes the file longer */
    ULONG64 CommittedPages;     /* charged */
    PMM_SEGMENT Segment;        /* views; referenced */
    ULONG64 FirstPage;          /* of the segment at Start */
    PSECTION Section;           /* views; referenced object; NULL: none */
    PMI_PAGE_BITS Watch;        /* MEM_WRITE_WATCH: pages written; referenced; NULL: writes are not watched */
    PMI_PAGE_BITS Locks[2];     /* by MAP_PROCESS, by MAP_SYSTEM; referenced; NULL: no page was ever locked */
};

PMMVAD MiFindVad(PMM_SPACE Space, ULONG64 Address);
/* The first VAD that ends above Address. */
PMMVAD MiFindVadFrom(PMM_SPACE Space, ULONG64 Address);
VOID MiInsertVad(PMM_SPACE Space, PMMVAD Vad);
VOID MiRemoveVad(PMM_SPACE Space, PMMVAD Vad);
BOOLEAN MiIsRangeFree(PMM_SPACE Space, ULONG64 Start, ULONG64 End);
/* A free range in [Lowest, Highest), aligned; 0 = none. */
ULONG64 MiFindRange(PMM_SPACE Space, ULONG64 Size, ULONG64 Alignment, ULONG64 Lowest, ULONG64 Highest, BOOLEAN TopDown);
PMMVAD MiCreateVad(PMM_SPACE Space, MI_VAD_TYPE Type, ULONG64 Start, ULONG64 End, ULONG Protect);
/* Unlinks, returns charge and references; the pages are gone already. */
VOID MiReleaseVad(PMM_SPACE Space, PMMVAD Vad);
/* The range stays, as a placeholder; charge and references go as in MiReleaseVad, the pages are gone already. */
VOID MiMakePlaceholder(PMM_SPACE Space, PMMVAD Vad);
/* MiReleaseVad with the pages.  FALSE: no memory to split a large page; nothing is lost. */
BOOLEAN MiDeleteVad(PMM_SPACE Space, PMMVAD Vad);

/* What a page is when its entry says nothing. */
ULONG MiVadProtection(PMMVAD Vad, ULONG64 Address);
BOOLEAN MiVadCommitted(PMMVAD Vad, ULONG64 Address);
/* Where the pages of a range end that are there: views of files may reach behind the file, which grows into them. */
ULONG64 MiGrownEnd(PMMVAD Vad);

/* ------------------------------------------------------------------ pagebits.c */

struct _MI_PAGE_BITS {
    LONG References;
    PMM_SPACE Space;
    ULONG64 Charge;             /* pages that count as the process's commitment */
    ULONG64 Start;              /* address of bit 0 */
    ULONG64 Bits[];
};

/* All bits of [Start, End) clear, one reference.  STATUS_COMMITMENT_LIMIT, STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS MiCreatePageBits(PMM_SPACE Space, ULONG64 Start, ULONG64 End, PMI_PAGE_BITS *Bits);
/* Ranges that were one share their bits; NULL is allowed. */
VOID MiReferencePageBits(PMI_PAGE_BITS Bits);
VOID MiDereferencePageBits(PMI_PAGE_BITS Bits);

/* The part of a range that was split has all bits of the whole. */
static inline VOID MiReferenceVadBits(PMMVAD Vad)
{
    MiReferencePageBits(Vad->Watch);
    MiReferencePageBits(Vad->Locks[0]);
    MiReferencePageBits(Vad->Locks[1]);
}

static inline ULONG64 MiPageBitIndex(const MI_PAGE_BITS *Bits, ULONG64 Address)
{
    return (Address - Bits->Start) >> PAGE_SHIFT;
}

/* ------------------------------------------------------------------ lock.c */

/* The pages of [Start, End) are gone, and their locks. */
VOID MiForgetLocks(PMMVAD Vad, ULONG64 Start, ULONG64 End);

/* ------------------------------------------------------------------ watch.c */

/* The page at Address becomes resident for Access: what its entry gets, 0 or MI_PTE_WATCHED. */
ULONG64 MiWatchPage(PMI_PAGE_BITS Watch, ULONG64 Address, MM_ACCESS Access);
/* The first write to a page whose entry is MI_PTE_WATCHED: noted, and the mapping, if there is one, allows it. */
NTSTATUS MiFirstWrite(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PMI_WALK Walk);

/* ------------------------------------------------------------------ segment.c, image.c */

#define MI_SEGMENT_CHUNK 512            /* pages a chunk */

#define MI_SEGMENT_RESERVE 1            /* SEC_RESERVE: pages are committed one by one */
#define MI_SEGMENT_PAGEFILE 2           /* charged when created */
#define MI_SEGMENT_IMAGE 4

#define MI_SEGPTE_COMMIT 1ull           /* SEC_RESERVE: committed, no page yet */
#define MI_SEGPTE_BORROWED 2ull         /* image segment: the page is the file's */
#define MI_SEGPTE_ARCHIVE 4ull          /* page of the boot archive that has no PFN entry yet */

typedef struct _MI_SUBSECTION {
    ULONG StartPage, EndPage;
    UCHAR Protect;
    BOOLEAN Shared;                     /* IMAGE_SCN_MEM_SHARED */
} MI_SUBSECTION, *PMI_SUBSECTION;

struct _MM_SEGMENT {
    LONG References;
    ULONG Flags;
    ULONG64 Size;
    ULONG64 **Chunk;                    /* page << 12 | flags, per page */
    ULONG Chunks;
    ULONG Views, ImageViews;            /* mapped views of this segment; of its image segment */
    ULONG64 ResidentPages;
    ULONG64 Charge;
    ULONG Writers;                      /* opens of the file that may write, or make a section that does */
    PMM_SEGMENT Image;                  /* data segment: its image segment, not counted (the image clears it) */
    BOOLEAN Kept;                       /* image segment: image.c holds a reference */
    PMM_SEGMENT File;                   /* image segment: the file's segment, referenced */
    SECTION_IMAGE_INFORMATION Information;
    ULONG64 ImageBase;
    ULONG SubsectionCount;
    PMI_SUBSECTION Subsection;
};

/* The page at Index, made (zero) if Create; 0 = hole, or no memory with *Status set. */
MI_PAGE MiSegmentPage(PMM_SEGMENT Segment, ULONG64 Index, BOOLEAN Create, NTSTATUS *Status);
/* The same for who writes the whole page before anybody sees it: one that is made has old bytes of anybody in it. */
MI_PAGE MiSegmentPageToFill(PMM_SEGMENT Segment, ULONG64 Index, NTSTATUS *Status);
ULONG64 *MiSegmentEntry(PMM_SEGMENT Segment, ULONG64 Index, BOOLEAN Create);
NTSTATUS MiCreateImageSegment(PMM_SEGMENT File, PMM_SEGMENT *Image);
PMI_SUBSECTION MiFindSubsection(PMM_SEGMENT Image, ULONG64 Page);
/* Drops the reference that keeps an unused image segment. */
VOID MiForgetImage(PMM_SEGMENT Image);

struct _SECTION {
    PMM_SEGMENT Segment;                /* referenced */
    PFILE_OBJECT File;                  /* referenced object, or NULL */
    ULONG64 Size;
    ULONG Protect;                      /* PAGE_ given at creation */
    ULONG Attributes;                   /* SEC_ */
};

/* ------------------------------------------------------------------ fault.c */

extern ULONG64 MiPageFaults, MiDemandZeroFaults, MiCopyOnWriteFaults;

/* Commits [Start, End) of a stack, page by page, as Protect; resident pages stay as they are.  FALSE: no memory. */
BOOLEAN MiCommitStack(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect);

/* [Start, End) was just committed.  Behind a page that is in use it gets pages now: as a rule it is used at once. */
VOID MiZeroCommitted(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect);
/* The page of Address: resident, permitted and mapped afterwards.  Result as MmAccessFault. */
NTSTATUS MiResolve(PMM_SPACE Space, ULONG64 Address, MM_ACCESS Access, ULONG64 Teb);
/* Charges pages to a range; FALSE: over the limit. */
BOOLEAN MiChargeVad(PMM_SPACE Space, PMMVAD Vad, ULONG64 Pages);
VOID MiReturnVadCharge(PMM_SPACE Space, PMMVAD Vad, ULONG64 Pages);
/* How a page stands: its protection code; FALSE: not committed. */
BOOLEAN MiPageProtection(PMMVAD Vad, ULONG64 Address, ULONG64 Pte, PULONG Protect);

static inline ULONG64 MiRoundDown(ULONG64 Value, ULONG64 Unit)
{
    return Value & ~(Unit - 1);
}

static inline ULONG64 MiRoundUp(ULONG64 Value, ULONG64 Unit)
{
    return (Value + Unit - 1) & ~(Unit - 1);
}
