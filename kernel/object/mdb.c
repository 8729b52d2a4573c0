/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The derivation tree, kept as a doubly linked list of slots in preorder: the descendants of a slot follow it.
 *
 * Whether slot B is a descendant of slot A is not stored but follows from the capabilities and two flags:
 * `revocable` (A may have children) and `firstBadged` (B starts a new family of badges).
 * Invariant: a slot with a null capability is in no list; every other slot that is in one has consistent neighbours.
 */
#include "kernel/include/api.h"

/* Whether a capability made from srcCap may itself be revoked, i.e. starts a family. */
static bool_t isCapRevocable(cap_t derivedCap, cap_t srcCap)
{
    switch (cap_get_capType(derivedCap)) {
    case cap_endpoint_cap:
    case cap_notification_cap:
        return cap_get_badge(derivedCap) != cap_get_badge(srcCap);
    case cap_irq_handler_cap:
        return cap_is(srcCap, cap_irq_control_cap);
    case cap_io_port_cap:
        return cap_is(srcCap, cap_io_port_control_cap);
    case cap_untyped_cap:
        return true;
    default:
        return false;
    }
}

static void linkAfter(cte_t *slot, cte_t *prev, word_t flags)
{
    cte_t *next = mdb_next(prev);

    slot->mdbPrev = prev;
    slot->mdbNext = (word_t)next | flags;
    if (next != NULL)
        next->mdbPrev = slot;
    mdb_set_next(prev, slot);
}

/* A copy of an untyped may hand out its memory: the original has nothing left. */
static void setUntypedCapAsFull(cte_t *srcSlot, cap_t newCap)
{
    cap_t src = srcSlot->cap;

    if (cap_is(src, cap_untyped_cap) && cap_is(newCap, cap_untyped_cap) &&
        cap_get_capPtr(src) == cap_get_capPtr(newCap) &&
        cap_untyped_cap_get_capBlockSize(src) == cap_untyped_cap_get_capBlockSize(newCap))
        srcSlot->cap = cap_untyped_cap_set_progress(src, BIT(cap_untyped_cap_get_capBlockSize(src)), 0);
}

void cteInsert(cap_t newCap, cte_t *srcSlot, cte_t *destSlot)
{
    bool_t revocable = isCapRevocable(newCap, srcSlot->cap);

    assert(cap_is(destSlot->cap, cap_null_cap));
    setUntypedCapAsFull(srcSlot, newCap);
    destSlot->cap = newCap;
    linkAfter(destSlot, srcSlot, revocable ? MDB_REVOCABLE | MDB_FIRST_BADGED : 0);
}

void insertNewCap(cte_t *parent, cte_t *slot, cap_t cap)
{
    assert(cap_is(slot->cap, cap_null_cap));
    slot->cap = cap;
    linkAfter(slot, parent, MDB_REVOCABLE | MDB_FIRST_BADGED);
}

/*
 * Capabilities to `count` new objects that follow one another in memory, into empty slots that do too.  Their order in
 * the list is the one that inserting them singly gives: the last comes first.
 */
void insertNewCaps(cte_t *parent, cte_t *first, word_t count, cap_t cap, word_t objectBits)
{
    cte_t *slot = first, *last = first + count - 1, *next = mdb_next(parent);

    if (next != NULL)
        next->mdbPrev = first;
    do {
        slot->cap = cap;
        slot->mdbPrev = slot + 1;
        slot->mdbNext = (word_t)next + (MDB_REVOCABLE | MDB_FIRST_BADGED);
        next = slot;
        cap.words[0] += BIT(objectBits) << 16;
    } while (slot++ != last);
    last->mdbPrev = parent;
    mdb_set_next(parent, last);
}

/* The neighbours of a node now point to `to`. */
static void redirectNeighbours(cte_t *prev, cte_t *next, cte_t *to)
{
    if (prev != NULL)
        mdb_set_next(prev, to);
    if (next != NULL)
        next->mdbPrev = to;
}

void cteMove(cap_t newCap, cte_t *srcSlot, cte_t *destSlot)
{
    assert(cap_is(destSlot->cap, cap_null_cap));
    destSlot->cap = newCap;
    destSlot->mdbPrev = srcSlot->mdbPrev;
    destSlot->mdbNext = srcSlot->mdbNext;
    *srcSlot = (cte_t){{{0, 0}}, NULL, 0};
    redirectNeighbours(destSlot->mdbPrev, mdb_next(destSlot), destSlot);
}

/* cap1 goes from slot1 to slot2 and cap2 from slot2 to slot1; works for neighbours too. */
void cteSwap(cap_t cap1, cte_t *slot1, cap_t cap2, cte_t *slot2)
{
    cte_t *prev1 = slot1->mdbPrev;
    word_t next1 = slot1->mdbNext;
    cte_t *prev2;
    word_t next2;

    slot1->cap = cap2;
    slot2->cap = cap1;
    redirectNeighbours(prev1, mdb_next(slot1), slot2);
    prev2 = slot2->mdbPrev;
    next2 = slot2->mdbNext;
    slot1->mdbPrev = prev2;
    slot1->mdbNext = next2;
    slot2->mdbPrev = prev1;
    slot2->mdbNext = next1;
    redirectNeighbours(prev2, mdb_next(slot1), slot1);
}

void emptySlot(cte_t *slot, cap_t cleanupInfo)
{
    cte_t *prev = slot->mdbPrev;
    cte_t *next = mdb_next(slot);

    if (cap_is(slot->cap, cap_null_cap))
        return;
    if (prev != NULL)
        mdb_set_next(prev, next);
    if (next != NULL) {
        next->mdbPrev = prev;
        next->mdbNext |= slot->mdbNext & MDB_FIRST_BADGED;
    }
    *slot = (cte_t){{{0, 0}}, NULL, 0};
    postCapDeletion(cleanupInfo);
}

bool_t isMDBParentOf(const cte_t *a, const cte_t *b)
{
    if (!mdb_revocable(a) || !sameRegionAs(a->cap, b->cap))
        return false;
    if (cap_is(a->cap, cap_endpoint_cap) || cap_is(a->cap, cap_notification_cap)) {
        word_t badge = cap_get_badge(a->cap);

        return badge == 0 || (badge == cap_get_badge(b->cap) && !mdb_firstBadged(b));
    }
    return true;
}

bool_t isFinalCapability(const cte_t *slot)
{
    const cte_t *prev = slot->mdbPrev;
    const cte_t *next = mdb_next(slot);

    if (prev != NULL && sameObjectAs(prev->cap, slot->cap))
        return false;
    return next == NULL || !sameObjectAs(slot->cap, next->cap);
}

bool_t slotCapLongRunningDelete(const cte_t *slot)
{
    if (cap_is(slot->cap, cap_null_cap) || !isFinalCapability(slot))
        return false;
    return cap_is(slot->cap, cap_thread_cap) || cap_is(slot->cap, cap_zombie_cap) || cap_is(slot->cap, cap_cnode_cap);
}

exception_t ensureNoChildren(cte_t *slot)
{
    cte_t *next = mdb_next(slot);

    return next != NULL && isMDBParentOf(slot, next) ? errorSimple(seL4_RevokeFirst) : EXCEPTION_NONE;
}

exception_t ensureEmptySlot(cte_t *slot)
{
    return cap_is(slot->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst);
}
