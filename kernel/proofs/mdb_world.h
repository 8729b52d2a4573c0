/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world of slots for the proofs of the derivation tree.
 *
 * x and y are the slots that a function is given, xPrev..yNext their neighbours (which may be y and x or shared), beyond
 * stands for all other slots.  No function of mdb.c looks further than one step, so what holds for an arbitrary choice of
 * these holds in a tree of any size: a slot that is none of them is not touched, and neither are its neighbours' links to it.
 *
 * A ghost rank rises along the list; that a new rank can be found for each slot shows that no cycle comes into being.
 */
#pragma once

#include "kernel/proofs/proof.h"

static cte_t x, y, xPrev, xNext, yPrev, yNext, beyond, beyondBefore;
static word_t rankX, rankY, rankXPrev, rankXNext, rankYPrev, rankYNext;

static word_t rank(const cte_t *slot)
{
    return slot == &x ? rankX : slot == &y ? rankY : slot == &xPrev ? rankXPrev : slot == &xNext ? rankXNext
           : slot == &yPrev ? rankYPrev : rankYNext;
}

static bool_t linkForward(cte_t *slot)
{
    cte_t *next = mdb_next(slot);

    return next == NULL || next == &beyond || (next->mdbPrev == slot && rank(slot) < rank(next));
}

static bool_t linkBackward(cte_t *slot)
{
    cte_t *prev = slot->mdbPrev;

    return prev == NULL || prev == &beyond || (mdb_next(prev) == slot && rank(prev) < rank(slot));
}

/* The invariant of one slot: it speaks of the slot and its neighbours only. */
static bool_t wellLinked(cte_t *slot)
{
    if (cap_is(slot->cap, cap_null_cap))
        return slot->mdbPrev == NULL && slot->mdbNext == 0;
    return linkForward(slot) && linkBackward(slot);
}

static bool_t allWellLinked(void)
{
    return wellLinked(&x) && wellLinked(&y) && wellLinked(&xPrev) && wellLinked(&xNext) && wellLinked(&yPrev) &&
           wellLinked(&yNext);
}

static cte_t arbitrarySlot(cte_t *prev, cte_t *next)
{
    cte_t slot = {nondet_cap(), prev, (word_t)next | (nondet_word() & MDB_FLAGS)};

    return slot;
}

static void arbitraryWorld(void)
{
    x = arbitrarySlot(EITHER(&y, EITHER(&xPrev, NULL)), EITHER(&y, EITHER(&xNext, NULL)));
    y = arbitrarySlot(EITHER(EITHER(&x, &yPrev), EITHER(&xNext, NULL)), EITHER(EITHER(&x, &yNext), EITHER(&xPrev, NULL)));
    xPrev = arbitrarySlot(EITHER(&y, EITHER(&beyond, NULL)), EITHER(&x, EITHER(&beyond, NULL)));
    xNext = arbitrarySlot(EITHER(&x, EITHER(&beyond, NULL)), EITHER(&y, EITHER(&beyond, NULL)));
    yPrev = arbitrarySlot(EITHER(&beyond, NULL), EITHER(&y, EITHER(&beyond, NULL)));
    yNext = arbitrarySlot(EITHER(&y, EITHER(&beyond, NULL)), EITHER(&beyond, NULL));
    beyond = beyondBefore = nondet_cte();
    rankX = nondet_word() << 1;
    rankY = nondet_word() << 1;
    rankXPrev = nondet_word() << 1;
    rankXNext = nondet_word() << 1;
    rankYPrev = nondet_word() << 1;
    rankYNext = nondet_word() << 1;
    ASSUME(allWellLinked());
}

static void claimWorld(void)
{
    CLAIM(allWellLinked());
    CLAIM(sameSlot(beyond, beyondBefore));
}
