/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of a decode function: the caller with an arbitrary message, up to three extra capabilities in slots of their own, and a
 * lookup that finds one of a few slots or fails.  lookup.c proves what is assumed of the lookup here.
 *
 * Integrity: a decode function may change what the invoked capability names, slots that a lookup in a CNode gave whose capability the message
 * presents, and the caller's answer.  claimAnswer claims that all else here is as it was: `stranger', a slot for which the caller has no way; the
 * slots of the capabilities that were presented, but for one that a function may change; of the caller everything but registers of the answer.
 */
#pragma once

#include "kernel/proofs/proof.h"

static tcb_t caller;
static word_t messageBuffer[128];
static cte_t extra0, extra1, extra2, found0, found1, found2, stranger, strangerBefore;
static word_t lookups, witnessRegister;
static cap_t invokedCap, extraBefore0, extraBefore1, extraBefore2;
static cte_t *mayChange; /* a presented slot, or NULL */
static tcb_t callerBefore;

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

/* Directly before the invocation: what must not change by it. */
static void keepWorld(cap_t invoked, cte_t *changing)
{
    invokedCap = invoked;
    mayChange = changing;
    extraBefore0 = extra0.cap;
    extraBefore1 = extra1.cap;
    extraBefore2 = extra2.cap;
    callerBefore = caller;
    witnessRegister = nondet_byte() % n_contextRegisters;
}

static bool_t isAnswerRegister(word_t reg)
{
    return reg == badgeRegister || reg == msgInfoRegister || reg == RegR10 || reg == RegR8 || reg == RegR9 || reg == RegR15;
}

static bool_t sameScheduling(const tcb_t *a, const tcb_t *b)
{
    return a->tcbPriority == b->tcbPriority && a->tcbMCP == b->tcbMCP && a->tcbDomain == b->tcbDomain && a->fpuDisabled == b->fpuDisabled &&
           a->tcbTimeSlice == b->tcbTimeSlice && a->tcbQueued == b->tcbQueued;
}

static bool_t sameIdentity(const tcb_t *a, const tcb_t *b)
{
    return a->tcbFaultHandler == b->tcbFaultHandler && a->tcbIPCBuffer == b->tcbIPCBuffer && a->tcbBoundNotification == b->tcbBoundNotification &&
           a->tcbFault.type == b->tcbFault.type && a->nextIP == b->nextIP && a->inSyscall == b->inSyscall;
}

static void claimIntegrity(void)
{
    CLAIM(mayChange == &extra0 || sameCap(extra0.cap, extraBefore0));
    CLAIM(sameCap(extra1.cap, extraBefore1) && sameCap(extra2.cap, extraBefore2));
    CLAIM(isAnswerRegister(witnessRegister) || caller.registers[witnessRegister] == callerBefore.registers[witnessRegister]);
    CLAIM(sameScheduling(&caller, &callerBefore) && sameIdentity(&caller, &callerBefore));
}

/* A decode function answers with a known error, or has done its work. */
static void claimAnswer(exception_t status)
{
    CLAIM(status == EXCEPTION_NONE || status == EXCEPTION_SYSCALL_ERROR || status == EXCEPTION_PREEMPTED);
    CLAIM(IMPLIES(status == EXCEPTION_SYSCALL_ERROR, current_syscall_error.type >= seL4_InvalidArgument &&
                                                         current_syscall_error.type <= seL4_NotEnoughMemory));
    CLAIM(sameSlot(stranger, strangerBefore));
    claimIntegrity();
}

/* A CNode by which slots are named is invoked or in the message. */
static bool_t isPresented(cap_t root)
{
    return sameCap(root, invokedCap) || (current_extra_caps[0] != NULL && sameCap(root, current_extra_caps[0]->cap)) ||
           (current_extra_caps[1] != NULL && sameCap(root, current_extra_caps[1]->cap));
}

#ifndef REAL_LOOKUP
lookupSlot_ret_t lookupSlotForCNodeOp(bool_t isSource, cap_t root, cptr_t cptr, word_t depth)
{
    lookupSlot_ret_t ret = {EXCEPTION_SYSCALL_ERROR, NULL};

    (void)cptr;
    CLAIM(isPresented(root));
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
