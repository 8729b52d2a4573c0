/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mm: memory.  Physical memory and capability slots (untypeds, frames, the window), the pool, address spaces, user
 * memory access, segments (the pages of a file or section) and sections.
 *
 * Addresses called "user" belong to a process and are checked here, each access; a bad one is answered with
 * STATUS_ACCESS_VIOLATION (or STATUS_GUARD_PAGE_VIOLATION, STATUS_STACK_OVERFLOW, STATUS_IN_PAGE_ERROR), never a
 * fault of ntos.  User memory may change between two accesses: capture once.  Nothing in this header waits today;
 * code must be written as if a first touch of user memory could (paging files come later).
 *
 * No memory is STATUS_NO_MEMORY (pages), STATUS_INSUFFICIENT_RESOURCES (pool, slots) or STATUS_COMMITMENT_LIMIT.
 */
#pragma once

#include "nt.h"
#include "abi/resources.h"
#include "ntos/inc/mode.h"

typedef struct _EPROCESS *PEPROCESS;
typedef struct _OBJECT_TYPE *POBJECT_TYPE;
typedef struct _FILE_OBJECT *PFILE_OBJECT;
typedef struct _MM_SEGMENT MM_SEGMENT, *PMM_SEGMENT;
typedef struct _SECTION SECTION, *PSECTION;
typedef struct _MMVAD MMVAD, *PMMVAD;
struct seL4_BootInfo;

#ifndef PAGE_SIZE
#define PAGE_SIZE 0x1000
#endif
#define PAGE_SHIFT 12
#define MM_LARGE_PAGE_SIZE 0x200000
#define MM_ALLOCATION_GRANULARITY 0x10000
#define MM_LOWEST_USER_ADDRESS ((PVOID)0x10000)
#define MM_HIGHEST_USER_ADDRESS ((PVOID)0x7FFFFFFEFFFFull)
#define MM_SHARED_USER_DATA_VA 0x7FFE0000ull
/* In debug builds each byte of a pool block, and of a variable, that nothing was written to (the compiler's -ftrivial-auto-var-init=pattern). */
#ifdef DBG
#define MM_UNWRITTEN 0xAA
#else
#define DBG 0
#define MM_UNWRITTEN 0
#endif
#define BYTES_TO_PAGES(Size) (((SIZE_T)(Size) + PAGE_SIZE - 1) >> PAGE_SHIFT)

/* ------------------------------------------------------------------ start */

/*
 * First call of all (ke's entry): takes over the untypeds, the CSpace and the window; afterwards the pool and
 * everything below work.  BootInfo is the kernel's page.  A failure leaves a reason for the boot message in *Reason
 * (static text).
 */
NTSTATUS MmInitSystem(const struct seL4_BootInfo *BootInfo, const char **Reason);
/*
 * What lies in ntos's image and is never used again (whole pages from Start on, Size bytes) becomes free frames.  A page
 * that no memory is left to describe stays unused.
 */
VOID MmFreeImageMemory(PVOID Start, SIZE_T Size);
/* Second phase, after ObInitSystem: the Section object type. */
NTSTATUS MmInitSections(VOID);

/* ------------------------------------------------------------------ pool */

typedef enum _POOL_TYPE { NonPagedPool, PagedPool, NonPagedPoolNx = 512 } POOL_TYPE;

/*
 * 16-byte aligned, not zeroed; page-aligned from PAGE_SIZE on.  NULL when there is no memory.  POOL_TYPE is not
 * looked at.
 */
PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);
VOID ExFreePool(PVOID P);
/* Bytes in use (for SystemPerformanceInformation and leak tests). */
SIZE_T MmGetPoolUsage(VOID);
typedef struct _MM_POOL_TAG {
    ULONG Tag;                  /* 0: no tag has this place, or all those that found none */
    ULONG64 Allocations, Frees; /* since the start */
    ULONG64 Bytes;              /* now; a block counts with its size in the pool */
} MM_POOL_TAG, *PMM_POOL_TAG;
/* Index from 0; FALSE: there are no more places. */
BOOLEAN MmQueryPoolTag(ULONG Index, PMM_POOL_TAG Tag);

/* Whole pages of ntos memory, zeroed, contiguous in address only.  NULL when there is no memory. */
PVOID MmAllocateSystemPages(SIZE_T Pages);
VOID MmFreeSystemPages(PVOID Base, SIZE_T Pages);
/* A stack of Size bytes (multiple of PAGE_SIZE) with an unmapped page below it; returns its low end, or NULL. */
PVOID MmCreateKernelStack(SIZE_T Size);
VOID MmDeleteKernelStack(PVOID LowEnd, SIZE_T Size);

/* ------------------------------------------------------------------ kernel objects (ke only) */

/* The root of ntos's CSpace: use with depth MM_CSPACE_DEPTH and a CPtr as the index in CNode and IRQ invocations. */
extern ULONG64 MmRootCNode;
#define MM_CSPACE_DEPTH 64
/* The same for one slot, by the fewest steps: the slots of the initial CNode are one step away from its own capability. */
#define MM_INITIAL_CNODE 2
extern ULONG64 MmInitialSlots;
static inline ULONG64 MmCNodeFor(ULONG64 Slot)
{
    return Slot < MmInitialSlots ? MM_INITIAL_CNODE : MmRootCNode;
}

typedef struct _MM_KERNEL_OBJECT {
    ULONG64 Cap;                /* CPtr; 0 = none */
    PVOID Memory;               /* mm's */
} MM_KERNEL_OBJECT, *PMM_KERNEL_OBJECT;

/*
 * Type: seL4_TCBObject, seL4_EndpointObject, seL4_NotificationObject, seL4_CapTableObject (SizeBits = log2 of slots;
 * else unused).  Delete revokes (all copies go), deletes, and takes the memory back; a NULL Cap is allowed.
 */
NTSTATUS MmCreateKernelObject(ULONG Type, ULONG SizeBits, PMM_KERNEL_OBJECT Object);
VOID MmDeleteKernelObject(PMM_KERNEL_OBJECT Object);
/* An empty slot (its CPtr, 0 = none left).  FreeSlot wants it empty; DeleteCap deletes what it holds, then frees it. */
ULONG64 MmAllocateSlot(VOID);
VOID MmFreeSlot(ULONG64 Slot);
VOID MmDeleteCap(ULONG64 Slot);
/*
 * A second CPtr of a capability that is used all the time: the kernel finds it in one step instead of two.  There is room
 * for one; it is never given back.  Cap itself where it cannot be had.
 */
ULONG64 MmMakeShortCap(ULONG64 Cap);

/* ------------------------------------------------------------------ physical memory, devices */

typedef enum _MEMORY_CACHING_TYPE {
    MmNonCached = 0,
    MmCached = 1,
    MmWriteCombined = 2
} MEMORY_CACHING_TYPE;

/* Device memory (ACPI tables, HPET, ...) into ntos.  Any alignment.  NULL: not device memory, or no resources. */
PVOID MmMapIoSpace(ULONG64 PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType);
VOID MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes);

typedef struct _MM_STATISTICS {
    ULONG64 TotalPages;         /* RAM given to ntos, image included */
    ULONG64 AvailablePages;     /* free, and not promised to anybody */
    ULONG64 CommittedPages;     /* promised to programs, resident or not */
    ULONG64 CommitLimit;
    ULONG64 PoolPages;
    ULONG64 PoolBlocks, PoolBytes;
    ULONG64 UsedPages;          /* of RAM, whoever has them */
    ULONG64 ProgramPages;       /* of these, private pages of programs, and those of sections and files */
    ULONG64 SystemPages;        /* and frames of ntos's pool, tables, stacks */
    ULONG64 KeptPages;          /* and what describes memory, which follows the peak */
    ULONG64 KernelObjects;      /* of MmCreateKernelObject */
    ULONG64 SlotsInUse;         /* capability slots, without what describes memory */
    ULONG64 PageFaults;
    ULONG64 DemandZeroFaults;
    ULONG64 CopyOnWriteFaults;
    ULONG64 HighestPage;        /* highest page frame number of RAM */
} MM_STATISTICS, *PMM_STATISTICS;
VOID MmQueryStatistics(PMM_STATISTICS Statistics);

/* Failing allocations of the current thread (abi/resources.h).  Forget: the thread ends. */
VOID MmSetAllocationFailure(const ALLOCATION_FAILURE *Failure);
VOID MmQueryAllocationFailure(PALLOCATION_FAILURE Failure);
VOID MmForgetThread(PVOID Thread);

/* The KUSER_SHARED_DATA page, as ntos writes it (programs see it read-only at MM_SHARED_USER_DATA_VA). */
extern volatile KUSER_SHARED_DATA *MmSharedUserData;

/* ------------------------------------------------------------------ address spaces */

/* Embedded in EPROCESS.  Fields are mm's; others read only VSpaceCap and the counters. */
typedef struct _MM_SPACE {
    ULONG64 VSpaceCap;          /* PML4 with an ASID, for TCB_Configure; 0 = none */
    PVOID VSpaceMemory;
    ULONG64 CachedUserPage;     /* one-entry cache of the user copies: page address | 1 if writable; 0 = none */
    ULONG64 CachedKernelPage;
    ULONG64 *Root;              /* software page tables */
    ULONG64 RootPage;
    PMMVAD VadRoot;
    PMMVAD VadHint;
    ULONG64 PebTebHint;         /* end of the highest place for a TEB that may be free; 0 = unknown */
    SIZE_T VirtualSize, PeakVirtualSize;        /* bytes reserved */
    SIZE_T CommitCharge, PeakCommitCharge;      /* pages committed privately */
    struct _MM_QUOTA *Quota;                    /* the group it is in; NULL: none */
    SIZE_T ResidentPages, PeakResidentPages;    /* pages mapped */
    SIZE_T PrivatePages;                        /* private pages resident */
    ULONG PageFaultCount;
    BOOLEAN Deleting;
} MM_SPACE, *PMM_SPACE;

/* What a group of spaces commits and may commit, in pages (a limit of 0: no limit).  A group counts in its Parent too. */
typedef struct _MM_QUOTA {
    struct _MM_QUOTA *Parent;
    SIZE_T Charge, Peak, Limit;         /* of all together */
    SIZE_T SpacePeak, SpaceLimit;       /* of any one space */
    /* A commit was refused: for the limit of the space, or for that of all. */
    VOID (*Refused)(struct _MM_QUOTA *Quota, PMM_SPACE Space, BOOLEAN OfSpace);
} MM_QUOTA, *PMM_QUOTA;

/* Moves a space with its charge to another group (NULL: none), over its limits if need be. */
VOID MmSetQuota(PMM_SPACE Space, PMM_QUOTA Quota);

/*
 * Create: an empty space with the KUSER page.  Delete: frees all views, pages, tables and the VSpace (threads must
 * not run in it any more; their TCBs lose the VSpace cap).  Delete of a zeroed MM_SPACE is allowed.
 */
NTSTATUS MmCreateSpace(PMM_SPACE Space);
VOID MmDeleteSpace(PMM_SPACE Space);
/*
 * A copy of Parent in Space, which has nothing yet, piece by piece: *Next is 0 at first; STATUS_MORE_ENTRIES: call again, and others may run
 * before.  After a failure Space is only good to be deleted.
 */
NTSTATUS MmCloneSpace(PMM_SPACE Space, PMM_SPACE Parent, PULONG64 Next);

/* The space of the thread that ntos serves now.  ke sets it whenever it sets the current thread (NULL: none). */
extern PMM_SPACE MmCurrentSpace;

typedef enum _MM_ACCESS { MmReadAccess, MmWriteAccess, MmExecuteAccess } MM_ACCESS;

/*
 * A fault at Address in Space.  Teb: user address of the faulting thread's TEB (stack growth), 0 = none.
 * STATUS_SUCCESS: resolved, restart the instruction.  Else the exception code: STATUS_ACCESS_VIOLATION,
 * STATUS_GUARD_PAGE_VIOLATION, STATUS_STACK_OVERFLOW, STATUS_IN_PAGE_ERROR (no memory: STATUS_NO_MEMORY, and the page
 * stays away).
 */
NTSTATUS MmAccessFault(PMM_SPACE Space, ULONG64 Address, MM_ACCESS Access, ULONG64 Teb);

/*
 * NtAllocateVirtualMemory and its family for ntos itself: pointers are ntos's.  Types and protections are MEM_ and
 * PAGE_. *BaseAddress 0: mm chooses, MEM_TOP_DOWN from the top.  HighestAddress (0 = none) limits the search.
 */
NTSTATUS MmAllocateVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, ULONG64 HighestAddress, PSIZE_T RegionSize,
        ULONG AllocationType, ULONG Protect);
NTSTATUS MmFreeVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG FreeType);
NTSTATUS MmProtectVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG NewProtect,
        PULONG OldProtect);

/*
 * PEB or TEB memory: Size bytes committed and zero, read-write, high in the region below KUSER_SHARED_DATA.  Freed by
 * MmFreePebTeb.
 */
NTSTATUS MmCreatePebTeb(PMM_SPACE Space, SIZE_T Size, PVOID *BaseAddress);
VOID MmFreePebTeb(PMM_SPACE Space, PVOID BaseAddress);

typedef struct _MM_USER_STACK {
    PVOID StackBase;            /* high end: TEB.NtTib.StackBase */
    PVOID StackLimit;           /* lowest committed byte: TEB.NtTib.StackLimit */
    PVOID DeallocationStack;    /* TEB.DeallocationStack; what MmFreeVirtualMemory(MEM_RELEASE) wants */
} MM_USER_STACK, *PMM_USER_STACK;
/*
 * Reserve, commit and guard page of a thread's stack; sizes are rounded as NT does, 0 = 1 MiB and 64 KiB.  ZeroBits as in
 * NtAllocateVirtualMemory (STATUS_INVALID_PARAMETER_3).
 */
NTSTATUS MmCreateUserStack(PMM_SPACE Space, ULONG_PTR ZeroBits, SIZE_T Reserve, SIZE_T Commit, PMM_USER_STACK Stack);

/*
 * Device memory into a process (driver hosts).  *BaseAddress is chosen.  Freed with the process or by
 * MmUnmapDeviceMemory.
 */
NTSTATUS MmMapDeviceMemory(PMM_SPACE Space, ULONG64 PhysicalAddress, SIZE_T Size, MEMORY_CACHING_TYPE CacheType,
        PVOID *BaseAddress);
VOID MmUnmapDeviceMemory(PMM_SPACE Space, PVOID BaseAddress);

/* ------------------------------------------------------------------ user memory */

/*
 * Current process (MmCurrentSpace), stack growth of the current thread included.  Cheap: a copy inside the page used
 * last is some tens of instructions.  On a failure the copy may be partly done.  Zero length never fails.
 */
NTSTATUS MmCopyFromUser(PVOID Destination, const VOID *UserSource, SIZE_T Length);
NTSTATUS MmCopyToUser(PVOID UserDestination, const VOID *Source, SIZE_T Length);
NTSTATUS MmZeroUser(PVOID UserDestination, SIZE_T Length);
/*
 * Checks that the range may be read (written) and is committed, touching nothing; only where writes are watched, and at
 * guard pages (STATUS_GUARD_PAGE_VIOLATION), a probe for write makes the pages resident and counts as a write.  Alignment
 * in bytes, 1 = any.
 */
NTSTATUS MmProbeForRead(const VOID *UserAddress, SIZE_T Length, ULONG Alignment);
NTSTATUS MmProbeForWrite(PVOID UserAddress, SIZE_T Length, ULONG Alignment);
/*
 * Both places that a query writes to, before it writes to one of them: the buffer and the length of the answer
 * (UserReturnLength may be NULL).
 */
NTSTATUS MmProbeAnswer(PVOID UserBuffer, SIZE_T Length, PVOID UserReturnLength, SIZE_T ReturnLengthSize);
/* The path of the file whose image is mapped at Address, into a buffer of MM_IMAGE_NAME_SIZE bytes, and where the image begins.
 * FALSE: no image, or one without a file.  Does not wait. */
#define MM_IMAGE_NAME_SIZE 0x1000
BOOLEAN MmQueryImageAt(PMM_SPACE Space, ULONG64 Address, POBJECT_NAME_INFORMATION Name, PULONG64 Base);
/*
 * A pool copy of Length bytes (tag 'tpaC'); NULL in *Buffer when Length is 0.  Free with ExFreePool.
 */
NTSTATUS MmCaptureBuffer(const VOID *UserSource, SIZE_T Length, PVOID *Buffer);
/*
 * UNICODE_STRING in user memory -> *Captured with a pool buffer, zero-terminated (Buffer NULL when Length is 0).
 * STATUS_INVALID_PARAMETER for an odd Length.  Free with MmReleaseUnicodeString (also fine after a failure).
 */
NTSTATUS MmCaptureUnicodeString(const UNICODE_STRING *UserString, PUNICODE_STRING Captured);
VOID MmReleaseUnicodeString(PUNICODE_STRING Captured);

/*
 * Where ntos sees [UserSource, + Length) of the current process, for reading, if that lies in the page that was used
 * last; else NULL (MmCopyFromUser finds out why).  For what is read at once, each byte once: the program may change it.
 * Length is at most a page.
 */
static inline const VOID *MmPeekUser(const VOID *UserSource, SIZE_T Length)
{
    PMM_SPACE Space = MmCurrentSpace;
    ULONG64 Page = Space->CachedUserPage & ~1ull, Offset = (ULONG64)UserSource - Page;

    return Page != 0 && Offset <= PAGE_SIZE - Length ? (const VOID *)(Space->CachedKernelPage + Offset) : NULL;
}

/* One value: NTSTATUS = MmPutUser(UserPointer, Value), MmGetUser(&Value, UserPointer). */
#define MmGetUser(Destination, UserSource) MmCopyFromUser((Destination), (UserSource), sizeof(*(Destination)))
#define MmPutUser(UserDestination, Value) \
    ({ \
        __typeof__(*(UserDestination)) MmpValue = (Value); \
        MmCopyToUser((UserDestination), &MmpValue, sizeof(MmpValue)); \
    })

/* Any process. */
NTSTATUS MmReadSpace(PMM_SPACE Space, PVOID Destination, const VOID *UserSource, SIZE_T Length);
NTSTATUS MmWriteSpace(PMM_SPACE Space, PVOID UserDestination, const VOID *Source, SIZE_T Length);
/* Between two processes; *Copied bytes are done also on STATUS_PARTIAL_COPY. */
NTSTATUS MmCopySpaceToSpace(PMM_SPACE Target, PVOID UserDestination, PMM_SPACE Source, const VOID *UserSource,
        SIZE_T Length, PSIZE_T Copied);

/* ------------------------------------------------------------------ segments (file data; io) */

/*
 * A segment is the memory of one file or one page-file backed section: an array of pages, counted references, a size in
 * bytes.  File reads and writes, and all views, share its pages, so they are coherent.  Bytes past the size read as
 * zero.
 */
NTSTATUS MmCreateSegment(ULONG64 Size, PMM_SEGMENT *Segment);
/* Data lies page-aligned in ntos's boot image: its pages are used in place, until written too. */
NTSTATUS MmCreateSegmentFromImage(PVOID Data, ULONG64 Size, PMM_SEGMENT *Segment);
VOID MmReferenceSegment(PMM_SEGMENT Segment);
VOID MmDereferenceSegment(PMM_SEGMENT Segment);
ULONG64 MmGetSegmentSize(PMM_SEGMENT Segment);
/* Step 1 or -1 for an open of the file that may write, from its begin to the end of the file object. */
VOID MmCountSegmentWriters(PMM_SEGMENT Segment, LONG Step);
/* Pages that exist, in bytes (allocation size). */
ULONG64 MmGetSegmentAllocation(PMM_SEGMENT Segment);
/* STATUS_USER_MAPPED_FILE when cut below a mapped view. */
NTSTATUS MmSetSegmentSize(PMM_SEGMENT Segment, ULONG64 Size);
/* May the file be written or deleted?  FALSE while it is mapped as an image (NT: MmFlushImageSection). */
BOOLEAN MmFlushImageSegment(PMM_SEGMENT Segment);

/*
 * Copies; the range must lie below the size (the caller clips reads and extends for writes).  Memory is user memory
 * of the current process with Mode UserMode, ntos's with KernelMode.  *Copied is what was done, also on an error.
 */
NTSTATUS MmReadSegment(PMM_SEGMENT Segment, ULONG64 Offset, PVOID Memory, SIZE_T Length, KPROCESSOR_MODE Mode,
        PSIZE_T Copied);
NTSTATUS MmWriteSegment(PMM_SEGMENT Segment, ULONG64 Offset, const VOID *Memory, SIZE_T Length, KPROCESSOR_MODE Mode,
        PSIZE_T Copied);
/* Zeros; pages that are zero as a whole are given back where no view has them. */
NTSTATUS MmZeroSegment(PMM_SEGMENT Segment, ULONG64 Offset, ULONG64 Length);
/* The next run of pages that exist, between Offset and End (bytes), as [*First, *Last).  FALSE: none. */
BOOLEAN MmNextSegmentRange(PMM_SEGMENT Segment, ULONG64 Offset, ULONG64 End, PULONG64 First, PULONG64 Last);

/*
 * io provides it: the data segment of an open file (referenced for the caller). STATUS_INVALID_FILE_FOR_SECTION if it
 * has none.
 */
NTSTATUS IoGetFileSegment(PFILE_OBJECT FileObject, PMM_SEGMENT *Segment);

/* ------------------------------------------------------------------ sections */

extern POBJECT_TYPE MmSectionObjectType;

/*
 * As NtCreateSection, for ntos: returns a referenced object without name or handle.  File NULL: page-file backed of
 * *MaximumSize bytes.  SEC_IMAGE runs ldr's checks: STATUS_INVALID_IMAGE_FORMAT and its kin.
 */
NTSTATUS MmCreateSection(PSECTION *Section, PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection,
        ULONG AllocationAttributes, PFILE_OBJECT File);
/* STATUS_INVALID_PARAMETER for a section that is no image. */
NTSTATUS MmGetSectionImageInformation(PSECTION Section, PSECTION_IMAGE_INFORMATION Information);
/* The preferred base of an image section, else 0. */
ULONG64 MmGetSectionImageBase(PSECTION Section);
/* The file of a section (not referenced), or NULL. */
PFILE_OBJECT MmGetSectionFile(PSECTION Section);
/* As NtMapViewOfSection; STATUS_IMAGE_NOT_AT_BASE is a success. */
NTSTATUS MmMapViewOfSection(PSECTION Section, PMM_SPACE Space, PVOID *BaseAddress, SIZE_T CommitSize,
        PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, ULONG AllocationType, ULONG Win32Protect);
NTSTATUS MmUnmapViewOfSection(PMM_SPACE Space, PVOID BaseAddress);
/* A page-file backed section into ntos, writable, all pages present: the shared regions of driver hosts. */
NTSTATUS MmMapViewInSystemSpace(PSECTION Section, PVOID *MappedBase, PSIZE_T ViewSize);
VOID MmUnmapViewInSystemSpace(PVOID MappedBase);
