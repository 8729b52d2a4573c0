/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CNode invocations: copy, mint, move, mutate, rotate, revoke, delete, save caller, cancel badged sends.
 */
#include "kernel/include/api.h"

static exception_t invokeCancelBadgedSends(cap_t cap)
{
    if (cap_get_badge(cap) == 0)
        return EXCEPTION_NONE;
    return cancelBadgedSends((endpoint_t *)cap_get_capPtr(cap), cap_get_badge(cap));
}

static exception_t invokeSaveCaller(cte_t *destSlot)
{
    cte_t *srcSlot = TCB_PTR_CTE_PTR(ksCurThread, tcbCaller);

    if (!cap_is(srcSlot->cap, cap_null_cap))
        cteMove(srcSlot->cap, srcSlot, destSlot);
    return EXCEPTION_NONE;
}

static exception_t missingSource(word_t wasSource, word_t depth)
{
    current_lookup_fault = (lookup_fault_t){seL4_MissingCapability, depth, 0, 0};
    return errorFailedLookup(wasSource);
}

/* The capability that a Copy, Mint, Move or Mutate puts into the destination. */
static exception_t newCapFor(word_t label, word_t length, cte_t *srcSlot, const word_t *buffer, cap_t *newCap)
{
    static const uint8_t needed[] = {[0] = 5, [1] = 6, [2] = 4, [3] = 5};
    deriveCap_ret_t derived;

    if (length < needed[label - CNodeCopy])
        return errorSimple(seL4_TruncatedMessage);
    if (label == CNodeMove) {
        *newCap = srcSlot->cap;
    } else if (label == CNodeMutate) {
        *newCap = updateCapData(true, getSyscallArg(4, buffer), srcSlot->cap);
    } else {
        cap_t cap = maskCapRights(getSyscallArg(4, buffer), srcSlot->cap);

        if (label == CNodeMint)
            cap = updateCapData(false, getSyscallArg(5, buffer), cap);
        derived = deriveCap(srcSlot, cap);
        if (derived.status != EXCEPTION_NONE)
            return derived.status;
        *newCap = derived.cap;
    }
    return cap_is(*newCap, cap_null_cap) ? errorSimple(seL4_IllegalOperation) : EXCEPTION_NONE;
}

static exception_t decodeCopyOrMove(word_t label, word_t length, cte_t *destSlot, const word_t *buffer)
{
    lookupSlot_ret_t src;
    exception_t status;
    word_t srcDepth;
    cap_t newCap;

    if (length < 4 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    srcDepth = getSyscallArg(3, buffer);
    status = ensureEmptySlot(destSlot);
    if (status != EXCEPTION_NONE)
        return status;
    src = lookupSlotForCNodeOp(true, current_extra_caps[0]->cap, getSyscallArg(2, buffer), srcDepth);
    if (src.status != EXCEPTION_NONE)
        return src.status;
    if (cap_is(src.slot->cap, cap_null_cap))
        return missingSource(true, srcDepth);
    status = newCapFor(label, length, src.slot, buffer, &newCap);
    if (status != EXCEPTION_NONE)
        return status;
    if (label == CNodeMove || label == CNodeMutate)
        cteMove(newCap, src.slot, destSlot);
    else
        cteInsert(newCap, src.slot, destSlot);
    return EXCEPTION_NONE;
}

static exception_t invokeRotate(cap_t newSrc, cap_t newPivot, cte_t *src, cte_t *pivot, cte_t *dest)
{
    if (src == dest) {
        cteSwap(newSrc, src, newPivot, pivot);
    } else {
        cteMove(newPivot, pivot, dest);
        cteMove(newSrc, src, pivot);
    }
    return EXCEPTION_NONE;
}

static exception_t decodeRotate(word_t length, cte_t *dest, const word_t *buffer)
{
    word_t pivotDepth = getSyscallArg(4, buffer), srcDepth = getSyscallArg(7, buffer);
    lookupSlot_ret_t src, pivot;
    cap_t newSrc, newPivot;
    exception_t status;

    if (length < 8 || current_extra_caps[0] == NULL || current_extra_caps[1] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    src = lookupSlotForCNodeOp(true, current_extra_caps[1]->cap, getSyscallArg(6, buffer), srcDepth);
    if (src.status != EXCEPTION_NONE)
        return src.status;
    pivot = lookupSlotForCNodeOp(true, current_extra_caps[0]->cap, getSyscallArg(3, buffer), pivotDepth);
    if (pivot.status != EXCEPTION_NONE)
        return pivot.status;
    if (pivot.slot == src.slot || pivot.slot == dest)
        return errorSimple(seL4_IllegalOperation);
    if (src.slot != dest) {
        status = ensureEmptySlot(dest);
        if (status != EXCEPTION_NONE)
            return status;
    }
    if (cap_is(src.slot->cap, cap_null_cap))
        return missingSource(true, srcDepth);
    if (cap_is(pivot.slot->cap, cap_null_cap))
        return missingSource(false, pivotDepth);
    newSrc = updateCapData(true, getSyscallArg(5, buffer), src.slot->cap);
    newPivot = updateCapData(true, getSyscallArg(2, buffer), pivot.slot->cap);
    if (cap_is(newSrc, cap_null_cap) || cap_is(newPivot, cap_null_cap))
        return errorSimple(seL4_IllegalOperation);
    return invokeRotate(newSrc, newPivot, src.slot, pivot.slot, dest);
}

exception_t decodeCNodeInvocation(word_t label, word_t length, cap_t cap, const word_t *buffer)
{
    lookupSlot_ret_t dest;
    exception_t status;

    if (label < CNodeRevoke || label > CNodeSaveCaller)
        return errorSimple(seL4_IllegalOperation);
    if (length < 2)
        return errorSimple(seL4_TruncatedMessage);
    dest = lookupSlotForCNodeOp(false, cap, getSyscallArg(0, buffer), getSyscallArg(1, buffer));
    if (dest.status != EXCEPTION_NONE)
        return dest.status;

    switch (label) {
    case CNodeCopy:
    case CNodeMint:
    case CNodeMove:
    case CNodeMutate:
        return decodeCopyOrMove(label, length, dest.slot, buffer);
    case CNodeRevoke:
        return cteRevoke(dest.slot);
    case CNodeDelete:
        return cteDelete(dest.slot);
    case CNodeCancelBadgedSends:
        if (!hasCancelSendRights(dest.slot->cap))
            return errorSimple(seL4_IllegalOperation);
        return invokeCancelBadgedSends(dest.slot->cap);
    case CNodeRotate:
        return decodeRotate(length, dest.slot, buffer);
    default:
        status = ensureEmptySlot(dest.slot);
        return status != EXCEPTION_NONE ? status : invokeSaveCaller(dest.slot);
    }
}

/* The hidden parent of all reply capabilities to this thread, made with the thread. */
void setupReplyMaster(tcb_t *thread)
{
    cte_t *slot = TCB_PTR_CTE_PTR(thread, tcbReply);

    slot->cap = cap_reply_cap_new(true, true, (word_t)thread);
    slot->mdbPrev = NULL;
    slot->mdbNext = MDB_REVOCABLE | MDB_FIRST_BADGED;
}

/* The empty slot in which the thread wants a capability, or NULL. */
cte_t *getReceiveSlots(tcb_t *thread, word_t *buffer)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    lookupSlot_ret_t slot;
    cap_t root;

    if (buffer == NULL || lookupCap(thread, ipc->receiveCNode, &root).status != EXCEPTION_NONE)
        return NULL;
    slot = lookupSlotForCNodeOp(false, root, ipc->receiveIndex, ipc->receiveDepth);
    if (slot.status != EXCEPTION_NONE || !cap_is(slot.slot->cap, cap_null_cap))
        return NULL;
    return slot.slot;
}
