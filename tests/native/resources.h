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
    Print(L"%s: %I64u objects, %I64u handles, %I64u pool blocks (%I64u bytes), %I64u pages (%I64u of ntos, %I64u committed), "
          L"%I64u slots, %I64u stacks (%I64u in use)\n", When, R->Objects, R->Handles, R->PoolBlocks, R->PoolBytes, R->UsedPages,
          R->SystemPages, R->CommittedPages, R->CapabilitySlots, R->Stacks, R->StacksInUse);
}
