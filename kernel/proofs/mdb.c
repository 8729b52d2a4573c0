/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The derivation tree, with the comparison of capabilities as it is.
 */
#include "kernel/proofs/mdb_world.h"

#include "kernel/object/mdb.c"
#include "kernel/object/objecttype.c"
#include "kernel/arch/x86_64/objects.c"
#include "kernel/api/error.c"

static bool_t cleanedCalled;

void deletedIRQHandler(irq_t irq)
{
    (void)irq;
    CLAIM(cap_is(x.cap, cap_null_cap));
    cleanedCalled = true;
}

void freeIOPortRange(word_t first, word_t last)
{
    (void)first, (void)last;
    CLAIM(cap_is(x.cap, cap_null_cap));
    cleanedCalled = true;
}

/*
 * of: cteInsert, linkAfter, isCapRevocable, setUntypedCapAsFull
 * shows: the new slot stands directly behind its source; all links, no cycle; flags revocable and first-badged exactly when the new
 *        capability starts a family; the source changes only if it is an untyped copied whole, which is then full; nothing else changes
 * bounds: tree of any size; source live, destination empty, new capability not null; validCap: RAM untypeds at most 2^39, device ones 2^47
 * mutant object/mdb.c: next->mdbPrev = slot; =>
 * mutant object/mdb.c: revocable ? MDB_REVOCABLE | MDB_FIRST_BADGED : 0 => 0
 * mutant object/mdb.c: cap_untyped_cap_set_progress(src, BIT(cap_untyped_cap_get_capBlockSize(src)), 0) => src
 */
void proof_cteInsert(void)
{
    cap_t cap = nondet_cap(), before;
    cte_t *next;
    word_t flags;

    arbitraryWorld();
    ASSUME(!cap_is(x.cap, cap_null_cap) && cap_is(y.cap, cap_null_cap) && !cap_is(cap, cap_null_cap));
    ASSUME(untypedInRange(x.cap));
    before = x.cap;
    next = mdb_next(&x);
    flags = x.mdbNext & MDB_FLAGS;
    cteInsert(cap, &x, &y);
    rankY = rankX + 1;
    claimWorld();
    CLAIM(sameCap(y.cap, cap) && y.mdbPrev == &x && mdb_next(&x) == &y && mdb_next(&y) == next);
    CLAIM((x.mdbNext & MDB_FLAGS) == flags);
    CLAIM(mdb_revocable(&y) == isCapRevocable(cap, before) && mdb_firstBadged(&y) == mdb_revocable(&y));
    CLAIM(IMPLIES(cap_is(cap, cap_endpoint_cap), mdb_revocable(&y) == (cap.words[1] != before.words[1])));
    CLAIM(IMPLIES(!cap_is(before, cap_untyped_cap) || !cap_is(cap, cap_untyped_cap), sameCap(x.cap, before)));
    if (cap_is(before, cap_untyped_cap) && cap_is(cap, cap_untyped_cap) && cap_get_capPtr(before) == cap_get_capPtr(cap) &&
        (before.words[1] & 63) == (cap.words[1] & 63)) {
        CLAIM(cap_untyped_cap_get_capFreeIndex(x.cap) == BIT(before.words[1] & 63));
        CLAIM(cap_untyped_cap_get_cleanBytes(x.cap) == 0);
        REACH("untyped copied");
    }
    REACH("end");
}

/*
 * of: insertNewCap
 * shows: the new capability is a revocable, first-badged slot directly behind its parent; all links, no cycle; nothing else changes
 * bounds: tree of any size
 * mutant object/mdb.c: mdb_set_next(prev, slot); => prev->mdbNext = (word_t)slot;
 */
void proof_insertNewCap(void)
{
    cap_t cap = nondet_cap();
    cte_t before;

    arbitraryWorld();
    ASSUME(!cap_is(x.cap, cap_null_cap) && cap_is(y.cap, cap_null_cap) && !cap_is(cap, cap_null_cap));
    before = x;
    insertNewCap(&x, &y, cap);
    rankY = rankX + 1;
    claimWorld();
    CLAIM(sameCap(x.cap, before.cap) && x.mdbPrev == before.mdbPrev);
    CLAIM((x.mdbNext & MDB_FLAGS) == (before.mdbNext & MDB_FLAGS));
    CLAIM(sameCap(y.cap, cap) && mdb_revocable(&y) && mdb_firstBadged(&y) && mdb_next(&x) == &y);
    REACH("end");
}

/*
 * of: insertNewCaps
 * shows: the capabilities stand directly behind their parent, the last slot first, each revocable and first-badged and to the object that its place
 *        selects; all links; the parent's capability and flags are as before, as is what stood behind it but for its link
 * bounds: 1 to 4 capabilities; tree of any size
 * unwind: 5
 * mutant object/mdb.c: next->mdbPrev = first; => next->mdbPrev = last;
 * mutant object/mdb.c: last->mdbPrev = parent; =>
 * mutant object/mdb.c: cap.words[0] += BIT(objectBits) << 16; =>
 */
void proof_insertNewCaps(void)
{
    static cte_t fresh[4];
    word_t count = nondet_byte() % 4 + 1, objectBits = EITHER(4, EITHER(12, 30)), i;
    cap_t cap = nondet_cap();
    cte_t parentBefore, nextBefore, *next;

    arbitraryWorld();
    ASSUME(!cap_is(x.cap, cap_null_cap) && mdb_next(&x) != &y && mdb_next(&x) != &beyond);
    next = mdb_next(&x);
    parentBefore = x;
    nextBefore = xNext;
    insertNewCaps(&x, fresh, count, cap, objectBits);
    CLAIM(sameCap(x.cap, parentBefore.cap) && x.mdbPrev == parentBefore.mdbPrev && mdb_next(&x) == &fresh[count - 1]);
    CLAIM((x.mdbNext & MDB_FLAGS) == (parentBefore.mdbNext & MDB_FLAGS) && fresh[count - 1].mdbPrev == &x);
    for (i = 0; i < count; i++) {
        CLAIM(mdb_revocable(&fresh[i]) && mdb_firstBadged(&fresh[i]) && fresh[i].cap.words[1] == cap.words[1]);
        CLAIM(fresh[i].cap.words[0] == cap.words[0] + (i << objectBits << 16));
        CLAIM(mdb_next(&fresh[i]) == (i == 0 ? next : &fresh[i - 1]) && IMPLIES(i != 0, fresh[i - 1].mdbPrev == &fresh[i]));
    }
    CLAIM(IMPLIES(next != NULL, xNext.mdbPrev == &fresh[0]));
    CLAIM(sameCap(xNext.cap, nextBefore.cap) && xNext.mdbNext == nextBefore.mdbNext && IMPLIES(next == NULL, xNext.mdbPrev == nextBefore.mdbPrev));
    CLAIM(wellLinked(&y) && wellLinked(&yPrev) && sameSlot(beyond, beyondBefore));
    if (count == 4 && next != NULL)
        REACH("four");
    REACH("end");
}

/*
 * of: cteMove, redirectNeighbours
 * shows: the slot takes the other's place, flags included; the old one is empty; all links, no cycle; nothing else changes
 * bounds: tree of any size
 * mutant object/mdb.c: redirectNeighbours(destSlot->mdbPrev, mdb_next(destSlot), destSlot); =>
 * mutant object/mdb.c: destSlot->mdbNext = srcSlot->mdbNext; => destSlot->mdbNext = srcSlot->mdbNext & ~(word_t)MDB_REVOCABLE;
 */
void proof_cteMove(void)
{
    cap_t cap = nondet_cap();
    cte_t before;

    arbitraryWorld();
    ASSUME(!cap_is(x.cap, cap_null_cap) && cap_is(y.cap, cap_null_cap) && !cap_is(cap, cap_null_cap));
    before = x;
    cteMove(cap, &x, &y);
    rankY = rankX;
    claimWorld();
    CLAIM(cap_is(x.cap, cap_null_cap) && x.cap.words[0] == 0 && x.cap.words[1] == 0);
    CLAIM(sameCap(y.cap, cap) && y.mdbPrev == before.mdbPrev && y.mdbNext == before.mdbNext);
    REACH("end");
}

/*
 * of: cteSwap
 * shows: the slots, of which the first may be empty, change places, flags included, neighbours of one another or not; all links, no cycle; nothing else changes
 * bounds: tree of any size
 * mutant object/mdb.c: prev2 = slot2->mdbPrev; => prev2 = prev1;
 * mutant object/mdb.c: redirectNeighbours(prev2, mdb_next(slot1), slot1); =>
 */
void proof_cteSwap(void)
{
    cap_t cap1 = nondet_cap(), cap2 = nondet_cap();
    word_t flagsX, flagsY, rankOfX;

    arbitraryWorld();
    ASSUME(!cap_is(y.cap, cap_null_cap) && !cap_is(cap2, cap_null_cap));
    ASSUME(cap_is(x.cap, cap_null_cap) == cap_is(cap1, cap_null_cap));
    flagsX = x.mdbNext & MDB_FLAGS;
    flagsY = y.mdbNext & MDB_FLAGS;
    cteSwap(cap1, &x, cap2, &y);
    rankOfX = rankX;
    rankX = rankY;
    rankY = rankOfX;
    claimWorld();
    CLAIM(sameCap(x.cap, cap2) && sameCap(y.cap, cap1));
    CLAIM((x.mdbNext & MDB_FLAGS) == flagsY && (y.mdbNext & MDB_FLAGS) == flagsX);
    if (mdb_next(&x) == &y)
        REACH("neighbours");
    if (cap_is(cap1, cap_null_cap))
        REACH("empty");
    REACH("end");
}

/*
 * of: emptySlot, postCapDeletion
 * shows: the slot is null and out of the list; its successor inherits `first badged'; clean-up runs after that and only for interrupt
 *        handlers and ports; all links, no cycle; nothing else changes
 * bounds: tree of any size
 * mutant object/mdb.c: next->mdbNext |= slot->mdbNext & MDB_FIRST_BADGED; =>
 * mutant object/mdb.c: next->mdbPrev = prev; =>
 */
void proof_emptySlot(void)
{
    cap_t cleanup = nondet_cap();
    cte_t before, *next;
    word_t nextFlags;

    arbitraryWorld();
    before = x;
    next = mdb_next(&x);
    nextFlags = next == NULL ? 0 : next->mdbNext & MDB_FLAGS;
    cleanedCalled = false;
    emptySlot(&x, cleanup);
    claimWorld();
    CLAIM(sameSlot(x, (cte_t){{{0, 0}}, NULL, 0}) || cap_is(before.cap, cap_null_cap));
    if (next != NULL)
        CLAIM((next->mdbNext & MDB_FLAGS) == (nextFlags | (before.mdbNext & MDB_FIRST_BADGED)));
    CLAIM(cleanedCalled == (!cap_is(before.cap, cap_null_cap) &&
                            (cap_is(cleanup, cap_irq_handler_cap) || cap_is(cleanup, cap_io_port_cap))));
    if (cleanedCalled)
        REACH("clean-up");
    REACH("end");
}

/*
 * of: isMDBParentOf, sameRegionAs, Arch_sameRegionAs, frameContains, untypedContains, capSizeBits
 * shows: a slot without `revocable' is nobody's parent, a null slot nobody's child; a badged endpoint is the parent of its own badge only, an
 *        untyped only of what lies wholly inside it
 * bounds: capabilities as the kernel makes them (validCap in proof.h: aligned objects, sizes in range)
 * mutant object/mdb.c: if (!mdb_revocable(a) || => if (
 * mutant object/mdb.c: && !mdb_firstBadged(b)) => )
 * mutant object/objecttype.c: BIT(bits) <= size => true
 */
void proof_isMDBParentOf(void)
{
    x = arbitrarySlot(NULL, NULL);
    y = arbitrarySlot(NULL, NULL);
    ASSUME(validCap(x.cap) && validCap(y.cap));
    if (isMDBParentOf(&x, &y)) {
        CLAIM(mdb_revocable(&x));
        CLAIM(!cap_is(x.cap, cap_endpoint_cap) || x.cap.words[1] == 0 ||
              (y.cap.words[1] == x.cap.words[1] && !mdb_firstBadged(&y)));
        if (cap_is(x.cap, cap_untyped_cap)) {
            word_t offset = ROUND_DOWN(cap_get_capPtr(y.cap), capSizeBits(y.cap)) - cap_get_capPtr(x.cap), size = BIT(x.cap.words[1] & 63);

            CLAIM(offset < size && BIT(capSizeBits(y.cap)) <= size - offset);
            REACH("child of an untyped");
        }
        CLAIM(!cap_is(y.cap, cap_null_cap));
        REACH("parent");
    }
    REACH("end");
}

/*
 * of: sameObjectAs, Arch_sameObjectAs
 * shows: symmetric for endpoints, notifications, threads, CNodes, frames, tables and ASID pools; an untyped is no object
 * bounds: validCap
 * mutant arch/x86_64/objects.c: frameContains(a, b) && frameContains(b, a) => frameContains(a, b)
 */
void proof_sameObjectAs(void)
{
    cap_t a = nondet_cap(), b = nondet_cap();

    ASSUME(validCap(a) && validCap(b) && symmetricType(a) && symmetricType(b));
    if (sameObjectAs(a, b)) {
        CLAIM(sameObjectAs(b, a));
        CLAIM(cap_get_capType(a) == cap_get_capType(b));
        REACH("same");
    }
    REACH("end");
}
