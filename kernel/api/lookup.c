/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capability addresses: walking CNodes.  At each level the guard is compared and radix bits select the slot.
 * Every level consumes at least one bit, so the walk ends after at most 64.
 */
#include "kernel/include/api.h"

static COLD lookupSlot_ret_t lookupFailure(word_t type, word_t bitsLeft, word_t found, word_t guardBits)
{
    current_lookup_fault = (lookup_fault_t){type, bitsLeft, found, guardBits};
    return (lookupSlot_ret_t){EXCEPTION_LOOKUP_FAULT, NULL};
}

/* Why a level could not be passed. */
static COLD lookupSlot_ret_t levelFailure(cap_t cap, word_t rest, word_t bits)
{
    word_t radix = cap_cnode_cap_get_capCNodeRadix(cap);
    word_t guardSize = cap_cnode_cap_get_capCNodeGuardSize(cap);
    word_t guard = cap_cnode_cap_get_capCNodeGuard(cap);

    if (guardSize > bits || (guardSize != 0 && rest >> (wordBits - guardSize) != guard))
        return lookupFailure(seL4_GuardMismatch, bits, guard, guardSize);
    return lookupFailure(seL4_DepthMismatch, bits, guardSize + radix, 0);
}

/* bits is 1..64.  *bitsLeft receives the bits of cptr that were not used, 0 if the walk ended exactly. */
lookupSlot_ret_t resolveAddressBits(cap_t node, cptr_t cptr, word_t bits, word_t *bitsLeft)
{
    word_t rest = cptr << (wordBits - bits); /* what is left of the address, at the top */
    int64_t left = (int64_t)bits;
    word_t shift, index;
    cte_t *slot;

    if (unlikely(!cap_is(node, cap_cnode_cap))) {
        *bitsLeft = bits;
        return lookupFailure(seL4_InvalidRoot, 0, 0, 0);
    }
    for (;;) {
        shift = cap_cnode_cap_get_shift(node);
        index = (rest ^ node.words[1]) >> shift;
        left += (int64_t)shift - wordBits;
        if (unlikely(left < 0 || index >> cap_cnode_cap_get_capCNodeRadix(node) != 0)) {
            *bitsLeft = (word_t)left + wordBits - shift;
            return levelFailure(node, rest, *bitsLeft);
        }
        slot = (cte_t *)cap_cnode_cap_get_capCNodePtr(node) + index;
        if (left == 0 || !cap_is(slot->cap, cap_cnode_cap))
            break;
        node = slot->cap;
        rest <<= -shift % wordBits;
        chargeWork(1);
    }
    *bitsLeft = (word_t)left;
    return (lookupSlot_ret_t){EXCEPTION_NONE, slot};
}

static cte_t *walkLevels(word_t node, cte_t *slot, cptr_t cptr) __attribute__((noinline, preserve_most));

static cte_t *walkLevels(word_t node, cte_t *slot, cptr_t cptr)
{
    word_t left = node >> 16 & 63, shift, index;

    while (left != 0 && cap_is(slot->cap, cap_cnode_cap)) {
        shift = cap_cnode_cap_get_shift(slot->cap);
        index = (cptr << (wordBits - left) ^ slot->cap.words[1]) >> shift;
        if (wordBits - shift > left || index >> cap_cnode_cap_get_capCNodeRadix(slot->cap) != 0)
            return NULL;
        left -= wordBits - shift;
        slot = (cte_t *)cap_cnode_cap_get_capCNodePtr(slot->cap) + index;
        chargeWork(1);
    }
    return slot;
}

/*
 * The levels after the first, whose capability's words[0] is `node` and which led to the CNode in `slot`; NULL if they
 * lead nowhere.
 */
cte_t *lookupLevels(word_t node, cte_t *slot, cptr_t cptr)
{
    cte_t *second = trySecondLevel(node, slot, cptr);

    return likely(second != NULL) ? second : walkLevels(node, slot, cptr);
}

/* What the only level selects, or NULL if there are more or it leads nowhere. */
static INLINE cte_t *tryOneLevel(cap_t root, cptr_t cptr)
{
    word_t index = (cptr ^ root.words[1]) >> cap_cnode_cap_get_shift(root);
    cte_t *slot;

    if (unlikely(!cap_is(root, cap_cnode_cap) || index >> cap_cnode_cap_get_capCNodeRadix(root) != 0))
        return NULL;
    slot = (cte_t *)cap_cnode_cap_get_capCNodePtr(root) + index;
    return unlikely(cap_is(slot->cap, cap_cnode_cap)) && cap_cnode_cap_get_shift(root) != 0 ? NULL : slot;
}

/* Two levels that take all 64 bits, or NULL. */
static INLINE cte_t *tryTwoLevels(cap_t root, cptr_t cptr)
{
    word_t index = (cptr ^ root.words[1]) >> cap_cnode_cap_get_shift(root);
    cte_t *slot;

    if (cap_cnode_cap_get_shift(root) == 0 || index >> cap_cnode_cap_get_capCNodeRadix(root) != 0)
        return NULL;
    slot = (cte_t *)cap_cnode_cap_get_capCNodePtr(root) + index;
    return cap_is(slot->cap, cap_cnode_cap) ? trySecondLevel(root.words[0], slot, cptr) : NULL;
}

/* What is not found at once; no address is walked twice. */
static __attribute__((noinline)) lookupSlot_ret_t lookupFarSlot(cap_t root, cptr_t cptr)
{
    cte_t *slot = cap_is(root, cap_cnode_cap) ? tryTwoLevels(root, cptr) : NULL;
    word_t bitsLeft;

    if (likely(slot != NULL))
        return (lookupSlot_ret_t){EXCEPTION_NONE, slot};
    return resolveAddressBits(root, cptr, wordBits, &bitsLeft);
}

/* Leftover bits at a capability that is no CNode are ignored. */
lookupSlot_ret_t lookupSlot(tcb_t *thread, cptr_t cptr)
{
    cap_t root = TCB_PTR_CTE_PTR(thread, tcbCTable)->cap;
    cte_t *slot = tryOneLevel(root, cptr);

    return likely(slot != NULL) ? (lookupSlot_ret_t){EXCEPTION_NONE, slot} : lookupFarSlot(root, cptr);
}

lookupSlot_ret_t lookupCap(tcb_t *thread, cptr_t cptr, cap_t *cap)
{
    lookupSlot_ret_t ret = lookupSlot(thread, cptr);

    *cap = ret.status == EXCEPTION_NONE ? ret.slot->cap : cap_null_cap_new();
    return ret;
}

static __attribute__((noinline)) lookupSlot_ret_t lookupDeepSlot(bool_t isSource, cap_t root, cptr_t cptr, word_t depth)
{
    lookupSlot_ret_t ret = {EXCEPTION_SYSCALL_ERROR, NULL};
    word_t bitsLeft;
    cte_t *slot;

    if (!cap_is(root, cap_cnode_cap)) {
        current_lookup_fault = (lookup_fault_t){seL4_InvalidRoot, 0, 0, 0};
        errorFailedLookup(isSource);
        return ret;
    }
    slot = depth == wordBits ? tryTwoLevels(root, cptr) : NULL;
    if (likely(slot != NULL))
        return (lookupSlot_ret_t){EXCEPTION_NONE, slot};
    if (depth < 1 || depth > wordBits) {
        errorRange(1, wordBits);
        return ret;
    }
    ret = resolveAddressBits(root, cptr, depth, &bitsLeft);
    if (ret.status != EXCEPTION_NONE) {
        ret.status = errorFailedLookup(isSource);
    } else if (bitsLeft != 0) {
        current_lookup_fault = (lookup_fault_t){seL4_DepthMismatch, bitsLeft, 0, 0};
        ret.status = errorFailedLookup(isSource);
    }
    return ret;
}

/* The usual case: one level takes all 64 bits. */
lookupSlot_ret_t lookupSlotForCNodeOp(bool_t isSource, cap_t root, cptr_t cptr, word_t depth)
{
    word_t index = cptr ^ root.words[1];

    if (likely(depth == wordBits && cap_is(root, cap_cnode_cap) && cap_cnode_cap_get_shift(root) == 0 &&
               index >> cap_cnode_cap_get_capCNodeRadix(root) == 0))
        return (lookupSlot_ret_t){EXCEPTION_NONE, (cte_t *)cap_cnode_cap_get_capCNodePtr(root) + index};
    return lookupDeepSlot(isSource, root, cptr, depth);
}
