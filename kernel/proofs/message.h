/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of a decode function: the caller with an arbitrary message, up to three extra capabilities in slots of their own, and a
 * lookup that finds one of a few slots or fails.  lookup.c proves what is assumed of the lookup here.
 *
 * `stranger' is a slot for which the caller has no way: no proof may find it changed.
 */
#pragma once

#include "kernel/proofs/proof.h"

static tcb_t caller;
static word_t messageBuffer[128];
static cte_t extra0, extra1, extra2, found0, found1, found2, stranger, strangerBefore;
static word_t lookups;

/* NULL, or a buffer with arbitrary words. */
static const word_t *arbitraryMessage(word_t *length)
{
    bool_t hasBuffer = nondet_bool();

    caller = nondet_tcb();
    __CPROVER_havoc_object(messageBuffer);
    *length = nondet_word();
    ASSUME(*length <= seL4_MsgMaxLength && (hasBuffer || *length <= seL4_FastMessageRegisters));
    ksCurThread = &caller;
    extra0 = nondet_cte();
    extra1 = nondet_cte();
    extra2 = nondet_cte();
    found0 = nondet_cte();
    found1 = nondet_cte();
    found2 = nondet_cte();
    stranger = strangerBefore = nondet_cte();
    current_extra_caps[0] = hasBuffer ? EITHER(&extra0, NULL) : NULL;
    current_extra_caps[1] = current_extra_caps[0] != NULL ? EITHER(&extra1, NULL) : NULL;
    current_extra_caps[2] = current_extra_caps[1] != NULL ? EITHER(&extra2, NULL) : NULL;
    current_syscall_error.type = seL4_NoError;
    lookups = 0;
    return hasBuffer ? messageBuffer : NULL;
}

/* A decode function answers with a known error, or has done its work. */
static void claimAnswer(exception_t status)
{
    CLAIM(status == EXCEPTION_NONE || status == EXCEPTION_SYSCALL_ERROR || status == EXCEPTION_PREEMPTED);
    CLAIM(IMPLIES(status == EXCEPTION_SYSCALL_ERROR, current_syscall_error.type >= seL4_InvalidArgument &&
                                                         current_syscall_error.type <= seL4_NotEnoughMemory));
    CLAIM(sameSlot(stranger, strangerBefore));
}

#ifndef REAL_LOOKUP
lookupSlot_ret_t lookupSlotForCNodeOp(bool_t isSource, cap_t root, cptr_t cptr, word_t depth)
{
    lookupSlot_ret_t ret = {EXCEPTION_SYSCALL_ERROR, NULL};

    (void)cptr;
    lookups++;
    if (!cap_is(root, cap_cnode_cap) || depth < 1 || depth > wordBits || nondet_bool()) {
        ret.status = errorFailedLookup(isSource);
        return ret;
    }
    ret.status = EXCEPTION_NONE;
    ret.slot = EITHER(&found0, EITHER(&found1, &found2));
    return ret;
}
#endif
