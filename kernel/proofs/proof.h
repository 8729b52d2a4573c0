/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every proof uses.  A proof sets up a small world of separate, arbitrary objects that meet the invariants, calls the
 * kernel's own code (the .c files are included, so that static functions are there too) and claims the invariants and the
 * effect.  Pointers of the world lead to its objects, to nothing, or to a stand-in for everything further away.
 *
 * Objects are told apart by the top 24 bits of a CBMC pointer (--object-bits 24), whose low 8 survive in the 48 bits that a
 * capability keeps: the kernel's encodings are proved as they are.
 */
#pragma once

#ifndef PPTR_BASE
#define PPTR_BASE 0 /* physical addresses are object addresses */
#endif

#include "kernel/include/object.h"

/* The slots of a thread are objects of their own, which each proof that needs them names: that they lie in front of the
 * thread in one block is a matter of TCB_PTR_CTE_PTR alone. */
cte_t *slotOf(const tcb_t *thread, word_t i);
#undef TCB_PTR_CTE_PTR
#define TCB_PTR_CTE_PTR(tcb, i) slotOf(tcb, i)

#include "kernel/include/api.h"
#include "kernel/include/arch.h"

#undef assert
#define assert(x) __CPROVER_assert(x, "kernel assertion: " #x)

#define CLAIM(x) __CPROVER_assert(x, #x)
#define ASSUME(x) __CPROVER_assume(x)
#define REACH(name) __CPROVER_assert(0, "reach " name)
#define EITHER(a, b) (nondet_bool() ? (a) : (b))
#define IMPLIES(a, b) (!(a) || (b))

bool nondet_bool(void);
uint8_t nondet_byte(void);
word_t nondet_word(void);
exception_t nondet_exception(void);
cap_t nondet_cap(void);
cte_t nondet_cte(void);
tcb_t nondet_tcb(void);
endpoint_t nondet_endpoint(void);
notification_t nondet_notification(void);

static inline bool_t sameCap(cap_t a, cap_t b)
{
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

static inline bool_t sameSlot(cte_t a, cte_t b)
{
    return sameCap(a.cap, b.cap) && a.mdbPrev == b.mdbPrev && a.mdbNext == b.mdbNext;
}

static inline bool_t untypedInRange(cap_t cap)
{
    word_t most = cap_untyped_cap_get_capIsDevice(cap) ? seL4_MaxUntypedBits : 39; /* RAM: the window is 510 GiB */

    return !cap_is(cap, cap_untyped_cap) || (cap_untyped_cap_get_capBlockSize(cap) >= seL4_MinUntypedBits &&
                                             cap_untyped_cap_get_capBlockSize(cap) <= most &&
                                             cap_untyped_cap_get_capFreeIndex(cap) <= BIT(cap_untyped_cap_get_capBlockSize(cap)));
}

/* What the kernel puts into capabilities of each type, beyond the type itself. */
static inline bool_t validCap(cap_t cap)
{
    switch (cap_get_capType(cap)) {
    case cap_untyped_cap:
        return untypedInRange(cap) && IS_ALIGNED(cap_get_capPtr(cap), cap_untyped_cap_get_capBlockSize(cap));
    case cap_cnode_cap:
        return cap_cnode_cap_get_capCNodeRadix(cap) >= 1 && cap_cnode_cap_get_capCNodeRadix(cap) <= 42 &&
               cap_cnode_cap_get_shift(cap) + cap_cnode_cap_get_capCNodeRadix(cap) <= wordBits &&
               cap.words[1] << cap_cnode_cap_get_capCNodeGuardSize(cap) == 0 &&
               IS_ALIGNED((cap_cnode_cap_get_capCNodePtr)(cap), cap_cnode_cap_get_capCNodeRadix(cap) + seL4_SlotBits);
    case cap_zombie_cap:
        if (cap_zombie_cap_get_capZombieType(cap) == ZOMBIE_TYPE_TCB)
            return IS_ALIGNED(cap_get_capPtr(cap), seL4_TCBBits);
        if (cap_zombie_cap_isQueue(cap))
            return cap_zombie_cap_get_capZombieType(cap) <= ZOMBIE_TYPE_NOTIFICATION && !(cap.words[0] & BIT(8)) &&
                   IS_ALIGNED(cap_get_capPtr(cap), seL4_NotificationBits) && cap.words[1] <= 1;
        return (cap_zombie_cap_get_capZombieType(cap) & 1) == 0 && cap_zombie_cap_get_capZombieType(cap) >> 1 <= 42 &&
               IS_ALIGNED(cap_get_capPtr(cap), (cap_zombie_cap_get_capZombieType(cap) >> 1) + seL4_SlotBits);
    case cap_frame_cap:
        return cap_frame_cap_get_capFSize(cap) <= X64_HugePage && cap_frame_cap_get_capFVMRights(cap) != 0 &&
               IS_ALIGNED(cap_get_capPtr(cap), pageBitsForSize(cap_frame_cap_get_capFSize(cap)));
    case cap_thread_cap:
        return IS_ALIGNED(cap_get_capPtr(cap) - TCB_OFFSET, seL4_TCBBits);
    case cap_endpoint_cap:
        return IS_ALIGNED(cap_get_capPtr(cap), seL4_EndpointBits);
    case cap_notification_cap:
        return IS_ALIGNED(cap_get_capPtr(cap), seL4_NotificationBits);
    case cap_irq_handler_cap:
        return cap.words[1] < NUM_USER_IRQS;
    case cap_io_port_cap:
        return cap_io_port_cap_get_capIOPortFirstPort(cap) <= cap_io_port_cap_get_capIOPortLastPort(cap) &&
               cap_io_port_cap_get_capIOPortLastPort(cap) <= 0xffff;
    case cap_page_table_cap:
    case cap_page_directory_cap:
    case cap_pdpt_cap:
    case cap_pml4_cap:
    case cap_asid_pool_cap:
        return IS_ALIGNED(cap_get_capPtr(cap), seL4_PageBits);
    default:
        return true;
    }
}

static inline bool_t symmetricType(cap_t cap)
{
    word_t type = cap_get_capType(cap);

    return type == cap_endpoint_cap || type == cap_notification_cap || type == cap_thread_cap || type == cap_cnode_cap ||
           type == cap_frame_cap || type == cap_page_table_cap || type == cap_page_directory_cap || type == cap_pdpt_cap ||
           type == cap_pml4_cap || type == cap_asid_pool_cap;
}
