/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CNode invocations: every message is checked before anything changes, and the tree functions are called as mdb.c proves them.
 */
#include "kernel/proofs/message.h"

#include "kernel/object/cnode.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
static cte_t replySlot, callerSlot;
static word_t changes, revoked, deleted, cancelled;
static cap_t sourceCap;
static bool_t derivedNull, derivedFails;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    CLAIM(thread == &caller);
    CLAIM(i == tcbReply || i == tcbCaller);
    return i == tcbReply ? &replySlot : &callerSlot;
}

/* objecttype.c proves these: here any capability may come out, but null for null. */
static cap_t arbitraryResult(cap_t cap)
{
    cap_t result = nondet_cap();

    ASSUME(IMPLIES(cap_is(cap, cap_null_cap), cap_is(result, cap_null_cap)));
    return result;
}

cap_t updateCapData(bool_t preserve, word_t data, cap_t cap)
{
    (void)preserve, (void)data;
    return arbitraryResult(cap);
}

cap_t maskCapRights(word_t rights, cap_t cap)
{
    (void)rights;
    return arbitraryResult(cap);
}

deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap)
{
    deriveCap_ret_t ret = {EXCEPTION_NONE, arbitraryResult(cap)};

    CLAIM(slot != NULL);
    if (nondet_bool())
        ret.status = errorSimple(seL4_RevokeFirst);
    return ret;
}

exception_t ensureEmptySlot(cte_t *slot)
{
    return cap_is(slot->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst);
}

static void checkPair(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(src != dest && !cap_is(cap, cap_null_cap) && !cap_is(src->cap, cap_null_cap));
    CLAIM(cap_is(dest->cap, cap_null_cap));
    changes++;
}

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    checkPair(cap, src, dest);
    dest->cap = cap;
}

void cteMove(cap_t cap, cte_t *src, cte_t *dest)
{
    checkPair(cap, src, dest);
    dest->cap = cap;
    src->cap = cap_null_cap_new();
}

void cteSwap(cap_t cap1, cte_t *slot1, cap_t cap2, cte_t *slot2)
{
    CLAIM(slot1 != slot2 && !cap_is(cap1, cap_null_cap) && !cap_is(cap2, cap_null_cap));
    CLAIM(!cap_is(slot1->cap, cap_null_cap) && !cap_is(slot2->cap, cap_null_cap));
    slot1->cap = cap2;
    slot2->cap = cap1;
    changes++;
}

exception_t cteRevoke(cte_t *slot)
{
    CLAIM(slot != NULL);
    revoked++;
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

exception_t cteDelete(cte_t *slot)
{
    CLAIM(slot != NULL);
    deleted++;
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

bool_t hasCancelSendRights(cap_t cap)
{
    return cap_is(cap, cap_endpoint_cap) && nondet_bool();
}

exception_t cancelBadgedSends(endpoint_t *ep, word_t badge)
{
    (void)ep;
    CLAIM(badge != 0);
    cancelled++;
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

lookupSlot_ret_t lookupCap(tcb_t *thread, cptr_t cptr, cap_t *cap)
{
    lookupSlot_ret_t ret = {EITHER(EXCEPTION_NONE, EXCEPTION_LOOKUP_FAULT), NULL};

    (void)thread, (void)cptr;
    *cap = ret.status == EXCEPTION_NONE ? nondet_cap() : cap_null_cap_new();
    invokedCap = *cap; /* getReceiveSlots: from the thread's own CSpace */
    return ret;
}

/*
 * of: decodeCNodeInvocation, decodeCopyOrMove, newCapFor, decodeRotate, invokeRotate, invokeSaveCaller, invokeCancelBadgedSends, missingSource
 * shows: for every label, length, buffer and state of the slots found (which may be the same one): an error and no change, or the tree
 *        functions called with a live source, an empty and different destination and a capability that is not null; at most two of them;
 *        only slots that the lookup gave change
 * bounds: the lookup and the capability computations are arbitrary within their proved contracts
 * mutant object/cnode.c: status = ensureEmptySlot(destSlot); => status = EXCEPTION_NONE;
 * mutant object/cnode.c: pivot.slot == src.slot || pivot.slot == dest => pivot.slot == dest
 * mutant object/cnode.c: return cap_is(*newCap, cap_null_cap) ? errorSimple(seL4_IllegalOperation) : EXCEPTION_NONE; => return EXCEPTION_NONE;
 * mutant object/cnode.c: dest = lookupSlotForCNodeOp(false, cap, => dest = lookupSlotForCNodeOp(false, TCB_PTR_CTE_PTR(ksCurThread, tcbReply)->cap,
 * mutant object/cnode.c: if (length < 4 || current_extra_caps[0] == NULL) => if (length < 4)
 */
void proof_decodeCNodeInvocation(void)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryMessage(&length);
    cte_t before0, before1, before2;
    exception_t status;
    cap_t cap = nondet_cap();

    ASSUME(cap_is(cap, cap_cnode_cap));
    callerSlot = nondet_cte();
    before0 = found0;
    before1 = found1;
    before2 = found2;
    changes = revoked = deleted = cancelled = 0;
    keepWorld(cap, NULL);
    status = decodeCNodeInvocation(label, length, cap, buffer);
    claimAnswer(status);
    CLAIM(changes <= 2 && changes + revoked + deleted + cancelled <= 2);
    if (status == EXCEPTION_SYSCALL_ERROR) {
        CLAIM(changes + revoked + deleted + cancelled == 0);
        CLAIM(sameSlot(found0, before0) && sameSlot(found1, before1) && sameSlot(found2, before2));
        REACH("error");
    } else {
        CLAIM(label >= CNodeRevoke && label <= CNodeSaveCaller && length >= 2);
        CLAIM(IMPLIES(label >= CNodeCopy && label <= CNodeRotate, changes == (label == CNodeRotate ? changes : 1)));
        if (changes == 2)
            REACH("rotate");
        if (label == CNodeMint)
            REACH("mint");
        if (revoked)
            REACH("revoke");
    }
    REACH("end");
}

/*
 * of: getReceiveSlots, setupReplyMaster
 * shows: NULL or an empty slot that the lookup gave; a new thread's reply master is revocable and alone
 * bounds: as above
 * mutant object/cnode.c: if (slot.status != EXCEPTION_NONE || !cap_is(slot.slot->cap, cap_null_cap)) => if (slot.status != EXCEPTION_NONE)
 */
void proof_getReceiveSlots(void)
{
    word_t length;
    cte_t *slot;

    arbitraryMessage(&length);
    slot = getReceiveSlots(&caller, EITHER(messageBuffer, NULL));
    CLAIM(slot == NULL || cap_is(slot->cap, cap_null_cap));
    if (slot != NULL)
        REACH("slot");
    setupReplyMaster(&caller);
    CLAIM(cap_is(replySlot.cap, cap_reply_cap) && (replySlot.cap.words[0] & CAP_REPLY_MASTER));
    CLAIM(cap_get_capPtr(replySlot.cap) == (word_t)&caller && mdb_next(&replySlot) == NULL && mdb_revocable(&replySlot));
    REACH("end");
}
