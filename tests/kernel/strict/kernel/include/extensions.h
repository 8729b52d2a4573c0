/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No extensions: the kernel that is built with this does what the ABI promises and no more.
 */
#pragma once

#include "kernel/arch/x86_64/machine.h"
#include "kernel/include/api.h"
#include "kernel/include/arch.h"

#define EXTENSION_ROOT_CNODE_GROWS false
#define EXTENSION_XSDT false
#define EXTENSION_FLAGS 0ull
#define RESET_CHUNK BIT(8)

static INLINE word_t extensionPageBits(word_t attr)
{
    return 0;
}

/* All that was ever used of an untyped is zeroed before it begins again, from its end, in steps that a preemption may follow.
 * Those of the boot start full, so the first use of each zeroes all of it. */
static INLINE exception_t resetUntyped(cte_t *slot)
{
    word_t left = ROUND_UP(cap_untyped_cap_get_capFreeIndex(slot->cap), 8), chunk;

    if (cap_untyped_cap_get_capIsDevice(slot->cap))
        left = 0;
    while (left != 0) {
        chunk = MIN(left, RESET_CHUNK);
        left -= chunk;
        clearMemory(cap_get_capPtr(slot->cap) + left, chunk);
        slot->cap = cap_untyped_cap_set_progress(slot->cap, left, 0);
        if (preemptionPoint() != EXCEPTION_NONE)
            return EXCEPTION_PREEMPTED;
    }
    slot->cap = cap_untyped_cap_set_progress(slot->cap, 0, 0);
    return EXCEPTION_NONE;
}
