/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability addresses.  Two CNodes whose capabilities are arbitrary but for the radix, which their memory limits.
 */
#include "kernel/include/object.h"

static cte_t first[4], second[2];

static cte_t *nodeAt(cap_t cap)
{
    word_t ptr = (cap_cnode_cap_get_capCNodePtr)(cap);

    __CPROVER_assert(ptr == (word_t)first || ptr == (word_t)second, "a CNode");
    return ptr == (word_t)first ? first : second;
}

#define cap_cnode_cap_get_capCNodePtr(cap) nodeAt(cap)

#include "kernel/proofs/proof.h"

#include "kernel/api/lookup.c"
#include "kernel/api/error.c"

static tcb_t thread;
static cte_t root;
word_t ksWorkUnitsCompleted;
tcb_t *ksCurThread;

cte_t *slotOf(const tcb_t *t, word_t i)
{
    CLAIM(t == &thread && i == tcbCTable);
    return &root;
}

static cap_t arbitraryNode(void)
{
    word_t guardSize = nondet_byte() & 63, guard = nondet_word() & MASK(guardSize);

    return EITHER(cap_cnode_cap_new(2, guardSize > 62 ? 62 : guardSize, guardSize > 62 ? 0 : guard, (word_t)first),
                  cap_cnode_cap_new(1, guardSize, guard, (word_t)second));
}

static cap_t arbitraryCap(void)
{
    cap_t other = nondet_cap();

    ASSUME(!cap_is(other, cap_cnode_cap));
    return EITHER(arbitraryNode(), other);
}

static bool_t isSlot(const cte_t *slot)
{
    return slot == &first[0] || slot == &first[1] || slot == &first[2] || slot == &first[3] || slot == &second[0] || slot == &second[1];
}

/*
 * of: lookupSlot, lookupCap, lookupSlotForCNodeOp, tryLookupSlot, lookupLevels, resolveAddressBits, levelFailure, lookupFailure
 * shows: every address, depth and shape of CNodes, cyclic ones too: a slot of one of the CNodes, or a lookup failure that is fully described; a
 *        CNode operation succeeds only if all bits are used; no CNode is read outside; each level uses up bits, so the walk ends
 *        the short way of lookupSlot finds the same slots as the general one
 * bounds: CNodes of 4 and 2 slots, any guards; walks of at most 4 levels (deeper ones are assumed away)
 * long: yes
 * options: --unwindset resolveAddressBits.0:4,lookupLevels.0:4 --no-unwinding-assertions
 * mutant api/lookup.c: || index >> cap_cnode_cap_get_capCNodeRadix(node) != 0 => 
 * mutant api/lookup.c: left < 0 || => 
 * mutant api/lookup.c: } else if (bitsLeft != 0) { => } else if (false) {
 */
void proof_lookup(void)
{
    lookupSlot_ret_t ret;
    cap_t cap;
    word_t depth = nondet_word();
    bool_t isSource = nondet_bool();

    first[0].cap = arbitraryCap();
    first[1].cap = arbitraryCap();
    first[2].cap = nondet_bool() ? first[0].cap : cap_null_cap_new();
    first[3].cap = cap_null_cap_new();
    second[0].cap = arbitraryCap();
    second[1].cap = cap_null_cap_new();
    root.cap = arbitraryCap();
    if (nondet_bool()) {
        cptr_t cptr = nondet_word();
        word_t bitsLeft;

        ret = resolveAddressBits(root.cap, cptr, wordBits, &bitsLeft);
        CLAIM(ret.slot == lookupSlot(&thread, cptr).slot);
        REACH("both ways");
        ret = lookupCap(&thread, nondet_word(), &cap);
        CLAIM(ret.status == EXCEPTION_NONE || ret.status == EXCEPTION_LOOKUP_FAULT);
        CLAIM((ret.status == EXCEPTION_NONE) == isSlot(ret.slot));
        CLAIM(sameCap(cap, ret.status == EXCEPTION_NONE ? ret.slot->cap : cap_null_cap_new()));
        if (ret.status == EXCEPTION_NONE)
            REACH("found");
    } else {
        ret = lookupSlotForCNodeOp(isSource, root.cap, nondet_word(), depth);
        CLAIM(ret.status == EXCEPTION_NONE || ret.status == EXCEPTION_SYSCALL_ERROR);
        CLAIM((ret.status == EXCEPTION_NONE) == isSlot(ret.slot));
        CLAIM(IMPLIES(ret.status == EXCEPTION_NONE, depth >= 1 && depth <= 64 && cap_is(root.cap, cap_cnode_cap)));
        CLAIM(IMPLIES(depth < 1 || depth > 64, ret.status != EXCEPTION_NONE));
        if (ret.status == EXCEPTION_NONE)
            REACH("operation");
    }
    if (ret.status == EXCEPTION_LOOKUP_FAULT) {
        CLAIM(current_lookup_fault.type >= seL4_InvalidRoot && current_lookup_fault.type <= seL4_GuardMismatch);
        CLAIM(current_lookup_fault.bitsLeft <= 64);
        REACH("failure");
    }
    REACH("end");
}
