/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two system information classes of our own, beyond the numbers that Windows uses: what the executive holds, and memory
 * that runs out on purpose.  Tests ask for them; no program needs them.
 *
 *   NtQuerySystemInformation(SystemExecutiveResources)     EXECUTIVE_RESOURCES; anybody
 *   NtSetSystemInformation(SystemAllocationFailure)        ALLOCATION_FAILURE, for the calling thread; SeDebugPrivilege
 *   NtQuerySystemInformation(SystemAllocationFailure)      the same, with the counters; anybody
 */
#pragma once

#include "nt.h"

#define SystemExecutiveResources ((SYSTEM_INFORMATION_CLASS)0x4E00)
#define SystemAllocationFailure ((SYSTEM_INFORMATION_CLASS)0x4E01)

typedef struct _EXECUTIVE_RESOURCES {
    ULONG64 Objects;                    /* of all types */
    ULONG64 Handles;                    /* of all processes */
    ULONG64 PoolBlocks;
    ULONG64 PoolBytes;
    ULONG64 UsedPages;                  /* of RAM: not free, whoever has them */
    ULONG64 ProgramPages;               /* of these, private pages of programs, pages of sections and files */
    ULONG64 SystemPages;                /* and what ntos itself holds in frames: pool, tables, stacks */
    ULONG64 KeptPages;                  /* and what describes memory (page tables of ntos, capability tables): it follows the peak */
    ULONG64 KernelObjects;              /* threads, their CNodes, endpoints and notifications */
    ULONG64 CommittedPages;             /* promised to programs and files */
    ULONG64 CapabilitySlots;            /* without those of what describes memory */
    ULONG64 Stacks;                     /* of coroutines, parked or free */
    ULONG64 StacksInUse;                /* parked: a service waits on it */
    ULONG64 Unwritten;                  /* in each byte of variables and pool that ntos has not written; 0: anything (release builds) */
} EXECUTIVE_RESOURCES, *PEXECUTIVE_RESOURCES;
C_ASSERT(sizeof(EXECUTIVE_RESOURCES) == 112);

/*
 * Allocations that ntos makes in the thread's services are counted (pool, page frames, commitment, capability slots, kernel
 * objects, stacks); those with numbers First to First + Count - 1 fail, numbers beginning with 1.  First 0: none fails.
 * Setting it begins to count anew, with the next service; one thread at a time.
 */
typedef struct _ALLOCATION_FAILURE {
    ULONG64 First;
    ULONG64 Count;
    ULONG64 Allocations;                /* out: made since it was set */
    ULONG64 Failed;                     /* out: of these */
} ALLOCATION_FAILURE, *PALLOCATION_FAILURE;
C_ASSERT(sizeof(ALLOCATION_FAILURE) == 32);
