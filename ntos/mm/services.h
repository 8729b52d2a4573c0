/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the service files of mm share: ranges that several services work on, and the way from a process handle to a
 * space.
 */
#pragma once

#include "ntos/mm/mip.h"
#include "ntos/inc/ob.h"
#include "ntos/inc/ps.h"

/* Attributes that mingw-w64 does not name. */
#define SEC_BASED_BIT 0x00200000
#define SEC_NO_CHANGE_BIT 0x00400000
#define MEM_DOS_LIM_BIT 0x40000000
#define MI_PLACEHOLDER_BITS (MEM_RESERVE_PLACEHOLDER | MEM_REPLACE_PLACEHOLDER)

/* Where something new may lie: [Lowest, Highest), Alignment a power of two, 0 = the service's own choice. */
typedef struct _MI_PLACE {
    ULONG64 Lowest, Highest, Alignment;
} MI_PLACE, *PMI_PLACE;

#define MI_EVERYWHERE {(ULONG64)MM_LOWEST_USER_ADDRESS, (ULONG64)MM_HIGHEST_USER_ADDRESS + 1, 0}

static inline ULONG64 MiPlaceAlignment(const MI_PLACE *Place)
{
    return Place->Alignment > MM_ALLOCATION_GRANULARITY ? Place->Alignment : MM_ALLOCATION_GRANULARITY;
}

/* Committed pages of [Start, End) get Protect; private entries only where Vad has no segment. */
NTSTATUS MiProtectRange(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect);
/*
 * Whether a view lets its pages have Protect: what its section allows, and no writing where the view was mapped without, for the section's
 * handle need not have allowed it; caching is the section's (SEC_NOCACHE).  Source: Microsoft, VirtualProtect (flNewProtect: mapped views),
 * Memory Protection Constants.  An image's pages get a protection of their own copies.
 */
NTSTATUS MiCheckViewProtection(PMMVAD Vad, PULONG Protect);
/* Pages [Start, End) of a view, which are committed, get a protection that was checked. */
NTSTATUS MiProtectView(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect);
/* May a view of a section made with SectionProtect have ViewProtect (both PAGE_)? */
BOOLEAN MiIsProtectionCompatible(ULONG SectionProtect, ULONG ViewProtect);
/*
 * MmAllocateVirtualMemory with a place, and with the placeholder bits of AllocationType: a placeholder is reserved with
 * PAGE_NOACCESS; what replaces one has exactly its range.
 */
NTSTATUS MiAllocateVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, const MI_PLACE *Place, PSIZE_T RegionSize,
        ULONG AllocationType, ULONG Protect);
/* Pages of [Start, End) of a private range that are not committed. */
ULONG64 MiCountUncommitted(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End);
/*
 * MEM_EXTENDED_PARAMETER array of a program.  Place: the address requirements, else everywhere; they are refused
 * (STATUS_INVALID_PARAMETER) together with a base address or where one has to be exact (Fixed).
 */
NTSTATUS MiGetExtendedParameters(MEM_EXTENDED_PARAMETER *User, ULONG Count, BOOLEAN Fixed, PMI_PLACE Place);

/* The placeholder that is exactly [Start, End). */
NTSTATUS MiFindPlaceholder(PMM_SPACE Space, ULONG64 Start, ULONG64 End, PMMVAD *Placeholder);
/* MEM_PRESERVE_PLACEHOLDER: [Start, End) of a private range becomes a placeholder of its own. */
NTSTATUS MiPreservePlaceholder(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End);
/* MEM_COALESCE_PLACEHOLDERS: two or more placeholders that fill [Start, End) become one. */
NTSTATUS MiCoalescePlaceholders(PMM_SPACE Space, ULONG64 Start, ULONG64 End);
/*
 * Classes of NtQueryVirtualMemory.  MiQueryWorkingSet: STATUS_INFO_LENGTH_MISMATCH if the list does not fit; the buffer
 * says how many entries there are all the same.  MiQueryWorkingSetEx answers an array in place.
 */
NTSTATUS MiQueryWorkingSet(PMM_SPACE Space, PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength);
NTSTATUS MiQueryWorkingSetEx(PMM_SPACE Space, PVOID Buffer, SIZE_T Length);
/* Pages [Start, End) of a view of a SEC_RESERVE section become committed for all its views; others are so already. */
NTSTATUS MiCommitSection(PMMVAD Vad, ULONG64 Start, ULONG64 End);
/* ZeroBits of the services: the highest address allowed (exclusive), 0 = bad value. */
ULONG64 MiZeroBitsLimit(ULONG64 ZeroBits);

/* Referenced process that has not ended; STATUS_PROCESS_IS_TERMINATING. */
NTSTATUS MiReferenceProcess(HANDLE ProcessHandle, ACCESS_MASK Access, PEPROCESS *Process);

/* The in-out pair of base and size.  Get: where nothing can be written back, nothing is done. */
typedef struct _MI_REGION {
    PVOID Base;
    SIZE_T Size;
} MI_REGION;

NTSTATUS MiGetRegion(MI_REGION *Region, PVOID *BaseAddress, PSIZE_T RegionSize);
NTSTATUS MiPutRegion(const MI_REGION *Region, PVOID *BaseAddress, PSIZE_T RegionSize);

/* Some bytes, all of user space. */
static inline BOOLEAN MiIsProgramsRange(PVOID Base, SIZE_T Size)
{
    return Size != 0 && (ULONG64)Base <= (ULONG64)MM_HIGHEST_USER_ADDRESS &&
           Size <= (ULONG64)MM_HIGHEST_USER_ADDRESS + 1 - (ULONG64)Base;
}
