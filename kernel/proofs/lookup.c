/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability addresses.
 *
 * A walk is cut where it comes to its next CNode (chargeWork).  What is claimed there is what the proof starts from, for the CNode
 * that was found and the bits that are left; so one level of any CNode, guard and address stands for walks of any length.
 * Sizes are taken from a list (LAYOUTS), so that shifts are by known distances.
 */
#include "kernel/include/object.h"

static cte_t *slotAt(cap_t cnode, word_t index);
static word_t fixed(cap_t cnode, word_t value, word_t number);

static word_t nodeRadix, nodeGuard; /* radix and guard size of the CNode of the level */

/* Everywhere `(cte_t *)cap_cnode_cap_get_capCNodePtr(cap) + index': no object here can have as many slots as a CNode. */
#define cap_cnode_cap_get_capCNodePtr(cap) slotAt(cap, index) - index
#define cap_cnode_cap_get_shift(cap) fixed(cap, (cap_cnode_cap_get_shift)(cap), wordBits - nodeRadix - nodeGuard)
#define cap_cnode_cap_get_capCNodeRadix(cap) fixed(cap, (cap_cnode_cap_get_capCNodeRadix)(cap), nodeRadix)
#define cap_cnode_cap_get_capCNodeGuardSize(cap) fixed(cap, (cap_cnode_cap_get_capCNodeGuardSize)(cap), nodeGuard)
#define lookupLevels levelsOf /* what api.h's tryLookupSlot calls */

#include "kernel/proofs/proof.h"

#undef lookupLevels

static cap_t node;
static cptr_t address;
static word_t bits; /* of the address, to go */
static cte_t leaf;  /* the slot that the level selects */
static word_t rest; /* a variable of resolveAddressBits; lookupLevels has none */
static bool_t isShort;

/* A number that the proof has fixed. */
static word_t fixed(cap_t cnode, word_t value, word_t number)
{
    if (!cap_is(cnode, cap_cnode_cap))
        return value;
    CLAIM(sameCap(cnode, node) && value == number);
    return number;
}

/* Section 3 of the ABI. */
static bool_t guardFits(void)
{
    return nodeGuard <= bits &&
           (nodeGuard == 0 || (address >> (bits - nodeGuard) & MASK(nodeGuard)) == (cap_cnode_cap_get_capCNodeGuard)(node));
}

static bool_t passes(void)
{
    return guardFits() && nodeGuard + nodeRadix <= bits;
}

/* A slot is taken of the CNode of the level only, and only if the address gets through: the one that the next bits select. */
static cte_t *slotAt(cap_t cnode, word_t index)
{
    CLAIM(sameCap(cnode, node) && cap_is(node, cap_cnode_cap) && passes());
    CLAIM(index == (address >> (bits - nodeGuard - nodeRadix) & MASK(nodeRadix)));
    return &leaf;
}

/* A walk that comes to another CNode: it is in the slot that this level gave, and the address is as far as that. */
static void claimNextLevel(const cte_t *slot, cptr_t cptr, word_t left, word_t restOfAddress)
{
    if (isShort && (left == 0 || !cap_is(slot->cap, cap_cnode_cap)))
        return;
    CLAIM(passes() && slot == &leaf && cap_is(slot->cap, cap_cnode_cap));
    CLAIM(cptr == address && left == bits - nodeGuard - nodeRadix && left > 0);
    CLAIM(isShort || restOfAddress == cptr << (wordBits - left));
    REACH("next level");
    ASSUME(false);
}

#define chargeWork(units) claimNextLevel(slot, cptr, (word_t)left, rest)

/* The second of two levels: as it is, or what its proof shows of the one behind this level. */
static cte_t deepSlot;
static bool_t wentDeep, isFirst;

static cte_t *secondLevel(word_t first, const cte_t *slot, cptr_t cptr)
{
    if (!isFirst)
        return trySecondLevel(first, slot, cptr);
    CLAIM(passes() && slot == &leaf && cap_is(slot->cap, cap_cnode_cap) && cptr == address);
    CLAIM(first == node.words[0] && nodeGuard + nodeRadix < wordBits && bits == wordBits);
    wentDeep = nondet_bool();
    return wentDeep ? &deepSlot : NULL;
}

#define trySecondLevel(first, slot, cptr) secondLevel(first, slot, cptr)

#include "kernel/api/lookup.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static tcb_t thread;
static cte_t ctable;

cte_t *slotOf(const tcb_t *t, word_t i)
{
    CLAIM(t == &thread && i == tcbCTable);
    return &ctable;
}

/* The levels after the first one: what proof_lookupLevels shows. */
cte_t *levelsOf(word_t above, cte_t *slot, cptr_t cptr)
{
    CLAIM(passes() && slot == &leaf && cap_is(slot->cap, cap_cnode_cap) && cptr == address);
    CLAIM((above >> 16 & 63) == bits - nodeGuard - nodeRadix && nodeGuard + nodeRadix < bits);
    wentDeep = true;
    return EITHER(&deepSlot, NULL);
}

/* Radix and guard size of the CNode, bits of the address: too few, just enough, more, all. */
#define LAYOUTS(prove) \
    prove(4, 3, 2); prove(4, 3, 5); prove(4, 3, 7); prove(4, 3, 12); prove(13, 51, 64); prove(13, 0, 64)

static void arbitraryLevel(word_t levelRadix, word_t levelGuard, word_t left)
{
    nodeRadix = levelRadix;
    nodeGuard = levelGuard;
    bits = left;
    node = nondet_cap();
    address = nondet_word();
    leaf = nondet_cte();
    deepSlot = nondet_cte();
    isShort = isFirst = wentDeep = false;
    current_syscall_error.type = seL4_NoError;
    ASSUME(!cap_is(node, cap_cnode_cap) ||
           ((cap_cnode_cap_get_capCNodeRadix)(node) == nodeRadix && (cap_cnode_cap_get_capCNodeGuardSize)(node) == nodeGuard &&
            (node.words[0] >> 16 & 63) == wordBits - nodeRadix - nodeGuard && node.words[1] << nodeGuard == 0));
}

/* Why a level is not passed: section 8 of the ABI. */
static void claimFailure(void)
{
    const lookup_fault_t *f = &current_lookup_fault;

    if (!cap_is(node, cap_cnode_cap)) {
        CLAIM(f->type == seL4_InvalidRoot);
        REACH("root");
    } else if (!guardFits()) {
        CLAIM(f->type == seL4_GuardMismatch && f->bitsLeft == bits);
        CLAIM(f->found == (cap_cnode_cap_get_capCNodeGuard)(node) && f->guardBits == nodeGuard);
        REACH("guard");
    } else {
        CLAIM(f->type == seL4_DepthMismatch && f->bitsLeft == bits && f->found == nodeGuard + nodeRadix && nodeGuard + nodeRadix > bits);
        REACH("depth");
    }
}

static void proveResolve(word_t levelRadix, word_t levelGuard, word_t left)
{
    lookupSlot_ret_t ret;
    word_t bitsLeft;

    arbitraryLevel(levelRadix, levelGuard, left);
    ret = resolveAddressBits(node, address, bits, &bitsLeft);
    if (ret.status == EXCEPTION_NONE) {
        CLAIM(passes() && ret.slot == &leaf);
        CLAIM(bitsLeft == bits - nodeGuard - nodeRadix && IMPLIES(bitsLeft != 0, !cap_is(leaf.cap, cap_cnode_cap)));
        REACH("slot");
    } else {
        CLAIM(ret.status == EXCEPTION_LOOKUP_FAULT && ret.slot == NULL && bitsLeft == bits);
        CLAIM(!cap_is(node, cap_cnode_cap) || !passes());
        claimFailure();
    }
    REACH("end");
}

/*
 * of: resolveAddressBits, lookupFailure, levelFailure
 * shows: the slot of the CNode that guard and radix select and the bits that are left, or the reason that section 8 of the ABI gives; a walk
 *        goes on only through a CNode in that slot and with fewer bits
 * bounds: walks of any length (see lookup.c); any address, guard and CNode of the sizes listed there; validCap
 * mutant api/lookup.c: left < 0 || index >> cap_cnode_cap_get_capCNodeRadix(node) != 0) => left < 0)
 * mutant api/lookup.c: guardSize != 0 && rest >> (wordBits - guardSize) != guard => false
 * mutant api/lookup.c: rest <<= -shift % wordBits; => rest <<= shift;
 * mutant api/lookup.c: if (left == 0 || !cap_is(slot->cap, cap_cnode_cap)) => if (left == 0)
 */
void proof_resolveAddressBits(void)
{
    LAYOUTS(if (nondet_bool()) return proveResolve);
}

static void proveLevels(word_t levelRadix, word_t levelGuard, word_t left)
{
    cte_t start = nondet_cte();
    cte_t *slot;

    arbitraryLevel(levelRadix, levelGuard, left);
    ASSUME(cap_is(node, cap_cnode_cap));
    start.cap = node;
    isShort = true;
    slot = lookupLevels(bits << 16 | nondet_word() << 22 | (nondet_word() & MASK(14)), &start, address);
    if (slot == NULL) {
        CLAIM(!passes());
        REACH("failure");
    } else {
        CLAIM(passes() && slot == &leaf && (nodeGuard + nodeRadix == bits || !cap_is(leaf.cap, cap_cnode_cap)));
        REACH("slot");
    }
    REACH("end");
}

/*
 * of: lookupLevels, walkLevels, trySecondLevel
 * shows: the slot that resolveAddressBits gives, or NULL where that fails
 * bounds: as above
 * unwind: 2
 * mutant include/api.h: ((first + node.words[0]) & CAP_CNODE_SHIFT) != 0 => false
 * mutant include/api.h: index >> cap_cnode_cap_get_capCNodeRadix(node) != 0))\n        return NULL;\n    chargeWork => false))\n        return NULL;\n    chargeWork
 * mutant api/lookup.c: if (wordBits - shift > left || => if (
 * mutant api/lookup.c: left -= wordBits - shift; => left -= shift;
 */
void proof_lookupLevels(void)
{
#define PROVE(r, g, left) if (left < wordBits && nondet_bool()) return proveLevels(r, g, left)
    LAYOUTS(PROVE);
#undef PROVE
}

static void proveSlot(word_t levelRadix, word_t levelGuard, word_t left)
{
    lookupSlot_ret_t ret;
    cap_t cap;

    arbitraryLevel(levelRadix, levelGuard, left);
    ctable.cap = node;
    isFirst = true;
    ret = lookupCap(&thread, address, &cap);
    if (ret.status != EXCEPTION_NONE) {
        CLAIM(ret.slot == NULL && cap_is(cap, cap_null_cap) && ret.status == EXCEPTION_LOOKUP_FAULT);
        CLAIM(!cap_is(node, cap_cnode_cap) || !passes());
        REACH("failure");
    } else {
        CLAIM(passes() && sameCap(cap, ret.slot->cap) && ret.slot == (wentDeep ? &deepSlot : &leaf));
        CLAIM(wentDeep == (nodeGuard + nodeRadix < wordBits && cap_is(leaf.cap, cap_cnode_cap)));
        REACH("slot");
    }
    REACH("end");
}

/*
 * of: lookupSlot, lookupCap, tryOneLevel, tryTwoLevels, lookupFarSlot
 * shows: the slot that the thread's CSpace root gives for all 64 bits, whatever bits are left at a capability that is no CNode; else the reason
 * bounds: as above; the second of two levels as lookupLevels proves it
 * mutant api/lookup.c: *cap = ret.status == EXCEPTION_NONE ? ret.slot->cap : cap_null_cap_new(); => *cap = cap_null_cap_new();
 * mutant api/lookup.c: if (unlikely(!cap_is(root, cap_cnode_cap) || index => if (unlikely(index
 * mutant api/lookup.c: unlikely(cap_is(slot->cap, cap_cnode_cap)) && cap_cnode_cap_get_shift(root) != 0 ? NULL : slot => slot
 * mutant api/lookup.c: cap_is(root, cap_cnode_cap) ? tryTwoLevels(root, cptr) : NULL => tryTwoLevels(root, cptr)
 */
void proof_lookupSlot(void)
{
    if (nondet_bool())
        return proveSlot(13, 51, 64);
    if (nondet_bool())
        return proveSlot(13, 0, 64);
    return proveSlot(42, 5, 64);
}

static void proveTry(word_t levelRadix, word_t levelGuard, word_t left)
{
    cte_t *slot;

    arbitraryLevel(levelRadix, levelGuard, left);
    ctable.cap = node;
    slot = tryLookupSlot(&thread, address);
    if (slot == NULL) {
        CLAIM(!cap_is(node, cap_cnode_cap) || !passes() || wentDeep);
        REACH("none");
    } else {
        CLAIM(passes() && slot == (wentDeep ? &deepSlot : &leaf));
        CLAIM(wentDeep == (nodeGuard + nodeRadix < wordBits && cap_is(leaf.cap, cap_cnode_cap)));
        REACH("slot");
    }
    REACH("end");
}

/*
 * of: tryLookupSlot
 * shows: the slot that lookupSlot gives, or NULL where that fails
 * bounds: as above; the further levels as lookupLevels proves them
 * mutant include/api.h: if (unlikely(index >> cap_cnode_cap_get_capCNodeRadix(node) != 0)) => if (false)
 * mutant include/api.h: if (unlikely(!cap_is(node, cap_cnode_cap)))\n        return NULL; =>
 */
void proof_tryLookupSlot(void)
{
    if (nondet_bool())
        return proveTry(13, 51, 64);
    if (nondet_bool())
        return proveTry(13, 0, 64);
    return proveTry(42, 5, 64);
}

static void proveSlotForCNodeOp(word_t levelRadix, word_t levelGuard, word_t left)
{
    word_t depth = EITHER(left, EITHER(0, nondet_word() % 64 + 65));
    bool_t isSource = nondet_bool();
    lookupSlot_ret_t ret;

    arbitraryLevel(levelRadix, levelGuard, left);
    isFirst = true;
    ret = lookupSlotForCNodeOp(isSource, node, address, depth);
    if (wentDeep) {
        CLAIM(depth == wordBits && ret.status == EXCEPTION_NONE && ret.slot == &deepSlot);
        REACH("two levels");
    } else if (ret.status == EXCEPTION_NONE) {
        CLAIM(depth == bits && passes() && nodeGuard + nodeRadix == bits && ret.slot == &leaf);
        REACH("slot");
    } else if (cap_is(node, cap_cnode_cap) && depth != bits) {
        CLAIM(ret.status == EXCEPTION_SYSCALL_ERROR && current_syscall_error.type == seL4_RangeError);
        CLAIM(current_syscall_error.rangeErrorMin == 1 && current_syscall_error.rangeErrorMax == 64);
        REACH("range");
    } else {
        CLAIM(ret.status == EXCEPTION_SYSCALL_ERROR && current_syscall_error.type == seL4_FailedLookup);
        CLAIM(current_syscall_error.failedLookupWasSource == isSource);
        if (cap_is(node, cap_cnode_cap) && passes()) {
            CLAIM(current_lookup_fault.type == seL4_DepthMismatch && current_lookup_fault.bitsLeft == bits - nodeGuard - nodeRadix);
            REACH("bits left");
        } else {
            claimFailure();
        }
    }
    REACH("end");
}

/*
 * of: lookupSlotForCNodeOp, lookupDeepSlot, tryTwoLevels
 * shows: the slot that exactly `depth' bits of the address select below the root; else FailedLookup with the reason (also for bits that are left), or
 *        RangeError 1..64 for the depth
 * bounds: as above; the second of two levels as lookupLevels proves it
 * mutant api/lookup.c: depth == wordBits && cap_is(root, cap_cnode_cap) => cap_is(root, cap_cnode_cap)
 * mutant api/lookup.c: if (depth < 1 || depth > wordBits) => if (depth > wordBits)
 * mutant api/lookup.c: } else if (bitsLeft != 0) { => } else if (false) {
 */
void proof_lookupSlotForCNodeOp(void)
{
    LAYOUTS(if (nondet_bool()) return proveSlotForCNodeOp);
}
