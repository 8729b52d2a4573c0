/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt handlers, and the end of objects: what must be released before a capability goes.
 *
 * One slot (`node') stands for that of the interrupt in question; the table is the kernel's.
 */
#include "kernel/proofs/message.h"

static notification_t ntfn;
static endpoint_t ep;
static tcb_t thread;

/* The object of a capability, by name (see threadAt in tcb_world.h), or an address that is none of them. */
static word_t objectAt(word_t ptr)
{
    word_t nowhere = nondet_word();

    ASSUME(nowhere == ptr);
    return ptr == (word_t)&ep ? (word_t)&ep : ptr == (word_t)&ntfn ? (word_t)&ntfn : ptr == (word_t)&thread ? (word_t)&thread : nowhere;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

#include "kernel/object/irq.c"
#include "kernel/object/objecttype.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static bool_t finalNode, signalled, ticked, masked, unmasked, acknowledged, unbound, emptied, suspended, inserted;
static word_t releasedBy;
static cte_t *node;

bool_t isFinalCapability(const cte_t *slot)
{
    CLAIM(slot == node);
    return finalNode;
}

void emptySlot(cte_t *slot, cap_t cleanup)
{
    CLAIM(slot == node && cap_is(cleanup, cap_null_cap));
    /* Nobody may wait in a queue that no capability leads to. */
    CLAIM(cap_is(slot->cap, cap_null_cap) || notification_state(&ntfn) != NtfnState_Waiting ||
          (cap_is(slot->cap, cap_notification_cap) && !finalNode));
    CLAIM(!finalNode || !cap_is(slot->cap, cap_notification_cap) || ntfn.boundTCB == NULL);
    slot->cap = cap_null_cap_new();
    emptied = true;
}

exception_t cteDelete(cte_t *slot)
{
    CLAIM(slot == node);
    if (nondet_bool())
        return EXCEPTION_PREEMPTED;
    slot->cap = cap_null_cap_new();
    return EXCEPTION_NONE;
}

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(dest == node && cap_is(dest->cap, cap_null_cap) && src == &extra0 && sameCap(cap, src->cap));
    inserted = true;
}

void unbindMaybeNotification(notification_t *n)
{
    CLAIM(n == &ntfn);
    n->boundTCB = NULL;
    unbound = true;
}

cte_t *slotOf(const tcb_t *t, word_t i)
{
    (void)t, (void)i;
    CLAIM(false); /* no thread goes here */
    return NULL;
}

void unbindNotification(tcb_t *t) { CLAIM(t == &thread); }
void suspend(tcb_t *t) { CLAIM(t == &thread); suspended = true; }
void fpuThreadDelete(tcb_t *t) { CLAIM(t == &thread); }

bool_t cancelOneIPC(endpoint_t *e)
{
    CLAIM(e == &ep && e->head != NULL);
    releasedBy = 1;
    return nondet_bool();
}

bool_t cancelOneSignal(notification_t *n)
{
    CLAIM(n == &ntfn && notification_state(n) == NtfnState_Waiting);
    releasedBy = 2;
    return nondet_bool();
}

void sendSignal(notification_t *n, word_t badge) { (void)badge; CLAIM(n == &ntfn); signalled = true; }
void timerTick(void) { ticked = true; }
void ackInterrupt(void) { acknowledged = true; }

void maskInterrupt(bool_t mask, irq_t irq)
{
    CLAIM(irq < NUM_IRQS);
    *(mask ? &masked : &unmasked) = true;
}

void freeIOPortRange(word_t first, word_t last) { (void)first, (void)last; }

finaliseCap_ret_t Arch_finaliseCap(cap_t cap, bool_t final)
{
    (void)cap, (void)final;
    return (finaliseCap_ret_t){cap_null_cap_new(), cap_null_cap_new()};
}

exception_t Arch_decodeIRQControlInvocation(word_t label, word_t length, cte_t *slot, const word_t *buffer)
{
    (void)label, (void)length, (void)slot, (void)buffer;
    return errorSimple(seL4_IllegalOperation);
}

/* The node of the interrupt: nothing, a notification, or what a preempted deletion has left of one. */
static void arbitraryNode(irq_t irq)
{
    node = &intStateIRQNode[irq];
    ntfn = nondet_notification();
    ntfn.head = EITHER(NULL, &thread);
    ntfn.tailAndState = ntfn.head != NULL ? (word_t)&thread | NtfnState_Waiting : EITHER(NtfnState_Idle, NtfnState_Active);
    ntfn.boundTCB = EITHER(NULL, &thread);
    node->cap = cap_notification_cap_new((word_t)&ntfn, nondet_word());
    if (nondet_bool())
        node->cap = cap_zombie_cap_new(ntfn.head != NULL, ZOMBIE_TYPE_NOTIFICATION, (word_t)&ntfn);
    if (cap_is(node->cap, cap_zombie_cap)) {
        ntfn.boundTCB = NULL;
        ASSUME(ntfn.head != NULL);
    }
    if (nondet_bool())
        node->cap = cap_null_cap_new();
    finalNode = nondet_bool() || cap_is(node->cap, cap_zombie_cap);
}

/*
 * of: finaliseCap (interrupt handler), waitersOfIRQ, deletingIRQHandler, releaseWaiter, keepsWaiters
 * shows: a handler goes only when nobody waits any more for a notification that only it names, also if an earlier deletion of that was
 *        preempted; else the handler stays and each step releases one thread; a handler that is copied elsewhere ends nothing
 * bounds: interrupt 5 of 108 (the code treats all alike)
 * mutant object/irq.c: !cap_is(slot->cap, cap_zombie_cap) && ( => (
 * mutant object/irq.c: unbindMaybeNotification((notification_t *)cap_get_capPtr(slot->cap)); =>
 */
void proof_finaliseIRQHandler(void)
{
    cap_t cap = cap_new(cap_irq_handler_cap, 0, 0, 5);
    bool_t final = nondet_bool();
    finaliseCap_ret_t ret;

    arbitraryNode(5);
    emptied = false;
    releasedBy = 0;
    ret = finaliseCap(cap, final);
    CLAIM(IMPLIES(!final, !emptied && cap_is(ret.remainder, cap_null_cap) && cap_is(ret.cleanupInfo, cap_null_cap)));
    if (final && cap_is(ret.remainder, cap_null_cap)) {
        CLAIM(emptied && sameCap(ret.cleanupInfo, cap) && cap_is(node->cap, cap_null_cap));
        REACH("gone");
    }
    if (!cap_is(ret.remainder, cap_null_cap)) {
        CLAIM(sameCap(ret.remainder, cap) && keepsWaiters(ret.remainder));
        CLAIM(sameCap(releaseWaiter(ret.remainder), cap) && releasedBy == 2);
        REACH("waiters");
    }
    REACH("end");
}

/*
 * of: decodeIRQHandlerInvocation, decodeIRQControlInvocation
 * shows: every label and message: an error and no change, or the one node of this interrupt is emptied (preemptibly) and then gets a
 *        copy of a notification capability that may signal; a line is unmasked only by Ack
 * bounds: interrupts 0..107
 * mutant object/irq.c: || !(ntfn.words[0] & CAP_CAN_SEND)) => )
 * mutant object/irq.c: if (status == EXCEPTION_NONE)\n            cteInsert => cteInsert
 */
void proof_decodeIRQHandler(void)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryMessage(&length);
    exception_t status;

    arbitraryNode(5);
    inserted = masked = unmasked = false;
    keepWorld(cap_new(cap_irq_handler_cap, 0, 0, 5), NULL);
    status = decodeIRQHandlerInvocation(label, 5);
    claimAnswer(status);
    CLAIM(!masked && unmasked == (label == IRQAckIRQ));
    CLAIM(inserted == (label == IRQSetIRQHandler && status == EXCEPTION_NONE));
    CLAIM(IMPLIES(inserted, cap_is(extra0.cap, cap_notification_cap) && (extra0.cap.words[0] & CAP_CAN_SEND)));
    if (inserted)
        REACH("set");
    CLAIM(decodeIRQControlInvocation(IRQIssueIRQHandler, length, &extra0, buffer) == EXCEPTION_SYSCALL_ERROR);
    REACH("end");
}

/*
 * of: handleInterrupt, deletedIRQHandler
 * shows: every interrupt in any state: signalled only in state IRQSignal through a notification capability that may send, masked then; the timer
 *        ticks; others are masked; always acknowledged
 * bounds: interrupt 5 and its node; the table entry is arbitrary
 * mutant object/irq.c: if (cap_is(cap, cap_notification_cap) && (cap.words[0] & CAP_CAN_SEND)) => if (true)
 */
void proof_handleInterrupt(void)
{
    irq_t irq = 5;
    uint8_t state = nondet_byte();

    arbitraryNode(irq);
    node->cap.words[0] &= ~(nondet_word() & CAP_CAN_SEND);
    intStateIRQTable[irq].state = state;
    signalled = ticked = masked = acknowledged = unmasked = false;
    handleInterrupt(irq);
    CLAIM(acknowledged && !unmasked && masked == (state != IRQTimer) && ticked == (state == IRQTimer));
    CLAIM(signalled == (state == IRQSignal && cap_is(node->cap, cap_notification_cap) && (node->cap.words[0] & CAP_CAN_SEND)));
    deletedIRQHandler(irq);
    CLAIM(masked && intStateIRQTable[irq].state == IRQInactive);
    REACH("end");
}
