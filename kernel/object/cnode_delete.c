/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deletion and revocation, preemptible and without recursion.
 *
 * Deleting the last capability of a CNode or thread turns it into a zombie that counts the slots still to be emptied,
 * from the last to the first.  The slot that is deleted on request ("exposed") is emptied step by step; a slot met on
 * the way that holds another such zombie is not followed: the two capabilities swap places, so that the other zombie
 * moves into the slot being deleted and is emptied in turn.  The last capability of an endpoint or notification for which
 * threads wait turns into a zombie too, so that no other comes, and they are released one by one.  State between two steps
 * is always a valid one, so each step may be followed by a preemption, after which the same system call continues where
 * it stopped.
 */
#include "kernel/include/api.h"

typedef struct finaliseSlot_ret {
    exception_t status;
    bool_t success;
    cap_t cleanupInfo;
} finaliseSlot_ret_t;

static bool_t capRemovable(cap_t cap, const cte_t *slot)
{
    word_t n;

    if (cap_is(cap, cap_null_cap))
        return true;
    if (cap_is(cap, cap_irq_handler_cap))
        return false;
    n = cap_zombie_cap_get_capZombieNumber(cap);
    return n == 0 || (n == 1 && (word_t)slot == cap_get_capPtr(cap));
}

static bool_t capCyclicZombie(cap_t cap, const cte_t *slot)
{
    return cap_is(cap, cap_zombie_cap) && cap_get_capPtr(cap) == (word_t)slot;
}

/* Brings a slot that lies inside a zombie one step on; *success if it can be emptied now. */
static finaliseSlot_ret_t finaliseInnerSlot(cte_t *slot)
{
    finaliseSlot_ret_t ret = {EXCEPTION_NONE, true, {{0, 0}}};
    finaliseCap_ret_t fin;
    cte_t *first;

    while (!cap_is(slot->cap, cap_null_cap)) {
        fin = finaliseCap(slot->cap, isFinalCapability(slot));
        if (capRemovable(fin.remainder, slot)) {
            ret.cleanupInfo = fin.cleanupInfo;
            return ret;
        }
        slot->cap = fin.remainder;
        if (keepsWaiters(fin.remainder)) {
            slot->cap = releaseWaiter(fin.remainder);
        } else if (capCyclicZombie(fin.remainder, slot)) {
            ret.success = false;
            return ret;
        } else {
            first = (cte_t *)cap_get_capPtr(slot->cap);
            cteSwap(first->cap, first, slot->cap, slot);
        }
        ret.status = preemptionPoint();
        if (ret.status != EXCEPTION_NONE) {
            ret.success = false;
            return ret;
        }
    }
    return ret;
}

/* Empties the last slot of the zombie in `slot`. */
static exception_t reduceZombie(cte_t *slot)
{
    cap_t zombie = slot->cap;
    word_t n = cap_zombie_cap_get_capZombieNumber(zombie);
    cte_t *end = (cte_t *)cap_get_capPtr(zombie) + n - 1;
    finaliseSlot_ret_t ret = finaliseInnerSlot(end);

    if (ret.status != EXCEPTION_NONE)
        return ret.status;
    if (ret.success)
        emptySlot(end, ret.cleanupInfo);
    if (cap_is(slot->cap, cap_zombie_cap) && slot->cap.words[0] == zombie.words[0] && slot->cap.words[1] == n &&
        cap_is(end->cap, cap_null_cap))
        slot->cap.words[1] = n - 1;
    return EXCEPTION_NONE;
}

static finaliseSlot_ret_t finaliseExposedSlot(cte_t *slot)
{
    finaliseSlot_ret_t ret = {EXCEPTION_NONE, true, {{0, 0}}};
    finaliseCap_ret_t fin;

    while (!cap_is(slot->cap, cap_null_cap)) {
        fin = finaliseCap(slot->cap, isFinalCapability(slot));
        if (capRemovable(fin.remainder, slot)) {
            ret.cleanupInfo = fin.cleanupInfo;
            return ret;
        }
        slot->cap = fin.remainder;
        if (keepsWaiters(fin.remainder))
            slot->cap = releaseWaiter(fin.remainder);
        else
            ret.status = reduceZombie(slot);
        if (ret.status == EXCEPTION_NONE)
            ret.status = preemptionPoint();
        if (ret.status != EXCEPTION_NONE) {
            ret.success = false;
            return ret;
        }
    }
    return ret;
}

exception_t cteDelete(cte_t *slot)
{
    finaliseSlot_ret_t ret = finaliseExposedSlot(slot);

    if (ret.status != EXCEPTION_NONE)
        return ret.status;
    emptySlot(slot, ret.cleanupInfo);
    return EXCEPTION_NONE;
}

exception_t cteRevoke(cte_t *slot)
{
    cte_t *next;
    exception_t status;

    if (cap_is(slot->cap, cap_null_cap))
        return EXCEPTION_NONE;
    for (next = mdb_next(slot); next != NULL && isMDBParentOf(slot, next); next = mdb_next(slot)) {
        status = cteDelete(next);
        if (status == EXCEPTION_NONE)
            status = preemptionPoint();
        if (status != EXCEPTION_NONE)
            return status;
    }
    return EXCEPTION_NONE;
}
