/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deletion and revocation.
 *
 * The loops are cut at their preemption points: the state that is claimed there is the one that the proof starts from, so one step stands for
 * any number, and each may be the last before a preemption.  `exposed' is the slot that is deleted, which may lie inside its own CNode; a and b
 * are what zombies are left of, each with slots of its own.
 */
#include "kernel/proofs/proof.h"

static cte_t outside, a[3], b[2], queueObject, stranger, strangerBefore;

/* The slots of a zombie, by name. */
static word_t objectAt(word_t ptr)
{
    word_t nowhere = nondet_word();

    ASSUME(nowhere == ptr);
    return ptr == (word_t)a ? (word_t)a : ptr == (word_t)b ? (word_t)b : nowhere;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

static exception_t goOnOrStop(void);

#define preemptionPoint goOnOrStop

#include "kernel/object/cnode_delete.c"

#undef preemptionPoint

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static cte_t *exposed, *asked;
static cap_t remainder, cleanup, zombieBefore;
static bool_t isParent, hasAsked, released;
static word_t emptied, parentAsked;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

static word_t slotsOf(cap_t cap)
{
    return (cap_get_capPtr)(cap) == (word_t)a ? 3 : 2;
}

/* A zombie counts slots of what it is left of, or says whether somebody waits. */
static bool_t validZombie(cap_t cap)
{
    if (!cap_is(cap, cap_zombie_cap))
        return true;
    if (cap_zombie_cap_isQueue(cap))
        return (cap_get_capPtr)(cap) == (word_t)&queueObject && cap.words[1] <= 1;
    return ((cap_get_capPtr)(cap) == (word_t)a || (cap_get_capPtr)(cap) == (word_t)b) && cap.words[1] <= slotsOf(cap);
}

static cap_t arbitraryZombie(void)
{
    cap_t ofA = cap_zombie_cap_new(nondet_byte() % 4, ZOMBIE_TYPE_CNODE(2), (word_t)a);
    cap_t ofB = cap_zombie_cap_new(nondet_byte() % 3, ZOMBIE_TYPE_CNODE(1), (word_t)b);

    return EITHER(EITHER(ofA, ofB), cap_zombie_cap_new(nondet_byte() & 1, ZOMBIE_TYPE_ENDPOINT, (word_t)&queueObject));
}

static cap_t arbitraryCap(void)
{
    cap_t cap = nondet_cap();

    ASSUME(!cap_is(cap, cap_zombie_cap));
    return EITHER(cap, arbitraryZombie());
}

static word_t isZombieOf(cap_t cap, const cte_t *object)
{
    return cap_is(cap, cap_zombie_cap) && (cap_get_capPtr)(cap) == (word_t)object;
}

/* The last capability became the zombie: there is no other of the same object. */
static word_t zombiesOf(const cte_t *object)
{
    return isZombieOf(outside.cap, object) + isZombieOf(a[0].cap, object) + isZombieOf(a[1].cap, object) + isZombieOf(a[2].cap, object) +
           isZombieOf(b[0].cap, object) + isZombieOf(b[1].cap, object);
}

static void claimState(void)
{
    CLAIM(zombiesOf(a) <= 1 && zombiesOf(b) <= 1);
    CLAIM(validZombie(exposed->cap) && validZombie(outside.cap) && validZombie(a[0].cap) && validZombie(a[1].cap) && validZombie(a[2].cap));
    CLAIM(validZombie(b[0].cap) && validZombie(b[1].cap) && sameSlot(stranger, strangerBefore));
    /* A slot is counted off only when it is empty. */
    if (cap_is(zombieBefore, cap_zombie_cap) && exposed->cap.words[0] == zombieBefore.words[0] && exposed->cap.words[1] != zombieBefore.words[1] &&
        !cap_zombie_cap_isQueue(zombieBefore)) {
        CLAIM(exposed->cap.words[1] == zombieBefore.words[1] - 1);
        CLAIM(cap_is((cap_get_capPtr(zombieBefore) == (word_t)a ? a : b)[exposed->cap.words[1]].cap, cap_null_cap));
        REACH("one slot less");
    }
}

static exception_t goOnOrStop(void)
{
    claimState();
    if (nondet_bool())
        return EXCEPTION_PREEMPTED;
    REACH("next step");
    ASSUME(false);
    return EXCEPTION_NONE;
}

bool_t isFinalCapability(const cte_t *slot)
{
    CLAIM(!cap_is(slot->cap, cap_null_cap));
    asked = (cte_t *)slot;
    return nondet_bool();
}

/* What objecttype.c's proof allows: a zombie stays, all else is gone or leaves one, or keeps its waiters. */
finaliseCap_ret_t finaliseCap(cap_t cap, bool_t final)
{
    finaliseCap_ret_t ret = {cap_null_cap_new(), cap_null_cap_new()};

    CLAIM(sameCap(cap, asked->cap));
    if (cap_is(cap, cap_zombie_cap))
        ret.remainder = cap;
    else if (final && cap_is(cap, cap_irq_handler_cap))
        ret.remainder = EITHER(cap, ret.remainder);
    else if (final)
        ret.remainder = EITHER(arbitraryZombie(), ret.remainder);
    ASSUME(cap_is(cap, cap_zombie_cap) || !cap_is(ret.remainder, cap_zombie_cap) || cap_zombie_cap_isQueue(ret.remainder) ||
           zombiesOf((cap_get_capPtr)(ret.remainder) == (word_t)a ? a : b) == 0);
    if (cap_is(ret.remainder, cap_null_cap))
        ret.cleanupInfo = nondet_cap();
    remainder = ret.remainder;
    cleanup = ret.cleanupInfo;
    hasAsked = true;
    return ret;
}

bool_t keepsWaiters(cap_t cap)
{
    return cap_is(cap, cap_zombie_cap) ? cap_zombie_cap_isQueue(cap) : cap_is(cap, cap_irq_handler_cap);
}

cap_t releaseWaiter(cap_t cap)
{
    CLAIM(keepsWaiters(cap) && (cap_is(cap, cap_irq_handler_cap) || cap.words[1] == 1));
    if (!cap_is(cap, cap_irq_handler_cap))
        cap.words[1] = nondet_byte() & 1;
    released = true;
    return cap;
}

/* Only a slot of which nothing is left, but for its own zombie, is emptied, and what is cleaned up is what it was. */
void emptySlot(cte_t *slot, cap_t info)
{
    if (!cap_is(slot->cap, cap_null_cap)) {
        CLAIM(slot == asked && hasAsked && sameCap(info, cleanup));
        CLAIM(cap_is(remainder, cap_null_cap) ||
              (cap_is(remainder, cap_zombie_cap) &&
               (remainder.words[1] == 0 || (remainder.words[1] == 1 && (cap_get_capPtr)(remainder) == (word_t)slot))));
    }
    slot->cap = cap_null_cap_new();
    emptied++;
}

/* Only a zombie met inside another, with the first slot of what it is left of. */
void cteSwap(cap_t cap1, cte_t *slot1, cap_t cap2, cte_t *slot2)
{
    CLAIM(sameCap(cap1, slot1->cap) && sameCap(cap2, slot2->cap) && slot1 != slot2);
    CLAIM(slot2 == asked && sameCap(cap2, remainder) && cap_is(cap2, cap_zombie_cap) && !cap_zombie_cap_isQueue(cap2) && cap2.words[1] != 0);
    CLAIM(slot1 == (cte_t *)cap_get_capPtr(cap2));
    slot1->cap = cap2;
    slot2->cap = cap1;
    REACH("swap");
}

bool_t isMDBParentOf(const cte_t *parent, const cte_t *next)
{
    CLAIM(parent == &outside && next == exposed);
    parentAsked++;
    return isParent;
}

static void arbitrarySlots(void)
{
    outside = nondet_cte();
    outside.cap = arbitraryCap();
    a[0].cap = arbitraryCap();
    a[1].cap = arbitraryCap();
    a[2].cap = arbitraryCap();
    b[0].cap = arbitraryCap();
    b[1].cap = arbitraryCap();
    ASSUME(zombiesOf(a) <= 1 && zombiesOf(b) <= 1);
    stranger = strangerBefore = nondet_cte();
    emptied = parentAsked = 0;
    hasAsked = released = false;
}

/*
 * of: cteDelete, finaliseExposedSlot, finaliseInnerSlot, reduceZombie, capRemovable, capCyclicZombie
 * shows: done means empty; a slot is emptied only if nothing is left of its capability; a slot is counted off a zombie only once it is empty; a zombie
 *        met inside goes to its own first slot; waiters are released one by one; after each step all zombies are valid; other slots stay
 * bounds: any number of steps (see delete.c); CNodes and threads of up to 3 slots, one zombie each; what remains of a capability as finaliseCap's proof allows
 * mutant object/cnode_delete.c: slot->cap.words[1] = n - 1; => slot->cap.words[1] = n - 2;
 * mutant object/cnode_delete.c: return n == 0 || (n == 1 && (word_t)slot == cap_get_capPtr(cap)); => return n <= 1;
 * mutant object/cnode_delete.c: if (cap_is(cap, cap_irq_handler_cap))\n        return false; =>
 * mutant object/cnode_delete.c: cteSwap(first->cap, first, slot->cap, slot); => cteSwap(slot->cap, slot, first->cap, first);
 * mutant object/cnode_delete.c: *end = (cte_t *)cap_get_capPtr(zombie) + n - 1; => *end = (cte_t *)cap_get_capPtr(zombie) + n;
 */
void proof_cteDelete(void)
{
    exception_t status;

    arbitrarySlots();
    exposed = EITHER(&outside, &a[0]);
    zombieBefore = exposed->cap;
    status = cteDelete(exposed);
    CLAIM(status == EXCEPTION_NONE || status == EXCEPTION_PREEMPTED);
    CLAIM(sameSlot(stranger, strangerBefore));
    if (status == EXCEPTION_NONE) {
        CLAIM(cap_is(exposed->cap, cap_null_cap) && emptied == 1 && !released);
        REACH("done");
    }
    if (released)
        REACH("released");
    REACH("end");
}

/*
 * of: cteRevoke
 * shows: deletes the slot behind as long as it is a child, and nothing else; done only if none is left; an empty slot has no children
 * bounds: any number of children (see delete.c); what remains of a capability as above
 * mutant object/cnode_delete.c: next != NULL && isMDBParentOf(slot, next) => next != NULL
 * mutant object/cnode_delete.c: status = cteDelete(next);\n        if (status == EXCEPTION_NONE)\n            status => status
 */
void proof_cteRevoke(void)
{
    exception_t status;
    cap_t before;

    arbitrarySlots();
    exposed = &a[0];
    zombieBefore = exposed->cap;
    isParent = nondet_bool();
    outside.mdbNext = (word_t)EITHER(exposed, NULL) | (nondet_word() & MDB_FLAGS);
    before = outside.cap;
    status = cteRevoke(&outside);
    CLAIM(sameCap(outside.cap, before) && sameSlot(stranger, strangerBefore));
    if (status == EXCEPTION_NONE) {
        CLAIM(!hasAsked && (cap_is(before, cap_null_cap) || mdb_next(&outside) == NULL || (parentAsked != 0 && !isParent)));
        REACH("no child");
    } else {
        CLAIM(status == EXCEPTION_PREEMPTED && isParent && mdb_next(&outside) == exposed && (hasAsked || emptied));
        REACH("preempted");
    }
    REACH("end");
}
