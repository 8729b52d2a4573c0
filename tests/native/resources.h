/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the executive holds, for programs that check that nothing is lost (abi/resources.h).
 */
#pragma once

#include "base/lib/native.h"
#include "abi/resources.h"

static inline VOID QueryResources(PEXECUTIVE_RESOURCES Resources)
{
    memset(Resources, 0, sizeof(*Resources));
    NtQuerySystemInformation(SystemExecutiveResources, Resources, sizeof(*Resources), NULL);
}

static inline VOID PrintResources(PCWSTR When, const EXECUTIVE_RESOURCES *R)
{
    Print(L"%s: %I64u objects, %I64u handles, %I64u pool blocks (%I64u bytes), %I64u pages (%I64u of programs, %I64u of ntos, %I64u kept, "
          L"%I64u committed), %I64u kernel objects, %I64u slots, %I64u stacks (%I64u in use)\n", When, R->Objects, R->Handles,
          R->PoolBlocks, R->PoolBytes, R->UsedPages, R->ProgramPages, R->SystemPages, R->KeptPages, R->CommittedPages, R->KernelObjects,
          R->CapabilitySlots, R->Stacks, R->StacksInUse);
}

#define SystemPoolTagInformation ((SYSTEM_INFORMATION_CLASS)22)
#define MAX_POOL_TAGS 128

/* SYSTEM_POOLTAG of the phnt headers; ntos has one pool, and counts it as not paged. */
typedef struct _POOL_TAG {
    ULONG Tag;
    ULONG Paged[2];
    SIZE_T PagedUsed;
    ULONG Allocations, Frees;
    SIZE_T Used;
} POOL_TAG, *PPOOL_TAG;

typedef struct _POOL_TAGS {
    ULONG64 Count;
    POOL_TAG Tag[MAX_POOL_TAGS];
} POOL_TAGS, *PPOOL_TAGS;

static inline NTSTATUS QueryPoolTags(PPOOL_TAGS Tags)
{
    memset(Tags, 0, sizeof(*Tags));
    return NtQuerySystemInformation(SystemPoolTagInformation, Tags, sizeof(*Tags), NULL);
}

/* Blocks that there are with the tag. */
static inline ULONG PoolBlocksOf(const POOL_TAGS *Tags, ULONG Tag)
{
    for (ULONG i = 0; i < Tags->Count; i++)
        if (Tags->Tag[i].Tag == Tag)
            return Tags->Tag[i].Allocations - Tags->Tag[i].Frees;
    return 0;
}

/*
 * Blocks that follow the peak: tables of the last processes, kept for the next; bits for capability slots; free address ranges;
 * coroutines without work.
 */
static inline BOOLEAN IsPoolCache(ULONG Tag)
{
    static const PCSTR Caches[] = { "MmTb", "MmSl", "MmRa", "KeCo" };

    for (ULONG i = 0; i < ARRAYSIZE(Caches); i++)
        if (memcmp(&Tag, Caches[i], sizeof(Tag)) == 0)
            return TRUE;
    return FALSE;
}
