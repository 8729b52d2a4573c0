/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole system call that is an invocation: from the caller's registers to every thread, slot and object that changes.
 *
 * held0..held3 are slots to which the caller's CSpace leads, with any capabilities; a lookup there gives one of them or fails (lookup.c has the
 * walk, wholecall.c that it does not leave the caller's CNodes).  The one that is invoked is held0, by symmetry; those in the message may
 * be any of the four.  A proof defines the decode functions that it is not about away (NOT_INVOKED).
 */
#pragma once

#include "kernel/proofs/proof.h"

static tcb_t caller, callerBefore;
static word_t messageBuffer[128];
static bool_t hasBuffer;
static cte_t held0, held1, held2, held3, held0Before, held1Before, held2Before, held3Before;
static word_t lookups;
static word_t witnessRegister;

static word_t *bufferOf(const tcb_t *thread)
{
    CLAIM(thread == &caller);
    return hasBuffer ? messageBuffer : NULL;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(thread)

#include "kernel/api/debug_off.c"
#include "kernel/api/error.c"

#define doReplyTransfer replyTransfer
#include "kernel/api/transfer.c" /* for lookupExtraCaps */
#undef doReplyTransfer
#include "kernel/api/syscall.c"
#include "kernel/proofs/call_edges.h"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;

static bool_t isHeld(const cte_t *slot)
{
    return slot == &held0 || slot == &held1 || slot == &held2 || slot == &held3;
}

lookupSlot_ret_t lookupSlot(tcb_t *thread, cptr_t cptr)
{
    (void)cptr;
    CLAIM(thread == &caller);
    if (nondet_bool()) {
        current_lookup_fault = (lookup_fault_t){seL4_MissingCapability, 0, 0, 0};
        return (lookupSlot_ret_t){EXCEPTION_LOOKUP_FAULT, NULL};
    }
    if (lookups++ == 0)
        return (lookupSlot_ret_t){EXCEPTION_NONE, &held0};
    return (lookupSlot_ret_t){EXCEPTION_NONE, EITHER(EITHER(&held0, &held1), EITHER(&held2, &held3))};
}

/* Invocations with proofs of their own. */
#define NOT_INVOKED(function, ...) exception_t function(__VA_ARGS__) { ASSUME(false); return EXCEPTION_NONE; }
NOT_INVOKED(decodeCNodeInvocation, word_t label, word_t length, cap_t cap, const word_t *buffer)
NOT_INVOKED(decodeIRQControlInvocation, word_t label, word_t length, cte_t *slot, const word_t *buffer)
NOT_INVOKED(decodeIRQHandlerInvocation, word_t label, irq_t irq)
void sendIPC(bool_t blocking, bool_t doCall, word_t badge, bool_t canGrant, bool_t canGrantReply, tcb_t *thread, endpoint_t *ep) { ASSUME(false); }
void sendSignal(notification_t *ntfn, word_t badge) { ASSUME(false); }
void doReplyTransfer(tcb_t *sender, tcb_t *receiver, cte_t *slot, bool_t canGrant) { ASSUME(false); }

static void arbitraryCaller(void)
{
    caller = nondet_tcb();
    caller.state = ThreadState_Running;
    __CPROVER_havoc_object(messageBuffer);
    hasBuffer = nondet_bool();
    ksCurThread = &caller;
    ksWorkUnitsCompleted = nondet_byte();
    witnessRegister = nondet_byte() % n_contextRegisters;
    lookups = schedules = 0;
}

/* Directly before the system call. */
static void keepCaller(void)
{
    callerBefore = caller;
    held0Before = held0;
    held1Before = held1;
    held2Before = held2;
    held3Before = held3;
}

static bool_t isAnswerRegister(word_t reg)
{
    return reg == badgeRegister || reg == msgInfoRegister || reg == RegR10 || reg == RegR8 || reg == RegR9 || reg == RegR15;
}

/* All but registers and state. */
static bool_t sameFields(const tcb_t *a, const tcb_t *b)
{
    return a->nextIP == b->nextIP && a->inSyscall == b->inSyscall && a->tcbPriority == b->tcbPriority && a->tcbMCP == b->tcbMCP &&
           a->tcbDomain == b->tcbDomain && a->tcbQueued == b->tcbQueued && a->tcbTimeSlice == b->tcbTimeSlice &&
           a->fpuDisabled == b->fpuDisabled && a->blockingFlags == b->blockingFlags && a->blockingObject == b->blockingObject &&
           a->blockingBadge == b->blockingBadge && a->tcbBoundNotification == b->tcbBoundNotification &&
           a->tcbFaultHandler == b->tcbFaultHandler && a->tcbIPCBuffer == b->tcbIPCBuffer && a->tcbFault.type == b->tcbFault.type;
}

static bool_t sameRegisters(const tcb_t *a, const tcb_t *b)
{
    return a->registers[witnessRegister] == b->registers[witnessRegister];
}

static bool_t sameHeld(void)
{
    return sameSlot(held0, held0Before) && sameSlot(held1, held1Before) && sameSlot(held2, held2Before) && sameSlot(held3, held3Before);
}
