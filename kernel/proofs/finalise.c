/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of objects other than interrupt handlers (irq.c) and paging structures (vspace.c).
 */
#include "kernel/proofs/proof.h"

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

#include "kernel/object/objecttype.c"

word_t ksWorkUnitsCompleted;
static bool_t unbound, suspended;
static word_t releasedBy;

void unbindMaybeNotification(notification_t *n)
{
    CLAIM(n == &ntfn);
    n->boundTCB = NULL;
    unbound = true;
}

static cte_t slots[tcbCNodeEntries];

cte_t *slotOf(const tcb_t *t, word_t i)
{
    CLAIM(t == &thread && i < tcbCNodeEntries);
    return &slots[i];
}

void unbindNotification(tcb_t *t) { CLAIM(t == &thread); }
void suspend(tcb_t *t) { CLAIM(t == &thread); suspended = true; }
void fpuThreadDelete(tcb_t *t) { CLAIM(t == &thread && suspended); }

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

notification_t *waitersOfIRQ(irq_t irq)
{
    (void)irq;
    CLAIM(false);
    return NULL;
}

void deletingIRQHandler(irq_t irq) { (void)irq; CLAIM(false); }

finaliseCap_ret_t Arch_finaliseCap(cap_t cap, bool_t final)
{
    (void)cap, (void)final;
    return (finaliseCap_ret_t){cap_null_cap_new(), cap_null_cap_new()};
}

/*
 * of: finaliseCap (other objects), finaliseEndpoint, finaliseNotification, finaliseCNodeOrThread, keepsWaiters, releaseWaiter
 * shows: an endpoint or notification with waiters leaves a zombie whose steps release one of them each; a CNode one of all its slots; a thread
 *        is unbound and stopped first and leaves one of its five slots; copies end nothing; a zombie stays what it is
 * bounds: validCap; architecture objects in vspace.c
 * mutant object/objecttype.c: suspend(tcb); =>
 * mutant object/objecttype.c: unbindMaybeNotification(ntfn); =>
 * mutant object/objecttype.c: if (!final)\n        return ret;\n    switch => switch
 */
void proof_finaliseCap(void)
{
    cap_t cap = nondet_cap();
    bool_t final = nondet_bool();
    finaliseCap_ret_t ret;

    ntfn = nondet_notification();
    ntfn.head = EITHER(NULL, &thread);
    ntfn.tailAndState = ntfn.head != NULL ? (word_t)&thread | NtfnState_Waiting : EITHER(NtfnState_Idle, NtfnState_Active);
    ntfn.boundTCB = EITHER(NULL, &thread);
    ep = (endpoint_t){EITHER(NULL, &thread), 0};
    if (ep.head != NULL)
        ep.tailAndState = (word_t)&thread | EPState_Send;
    if (nondet_bool())
        cap = cap_endpoint_cap_new((word_t)&ep, nondet_word());
    else if (nondet_bool())
        cap = cap_notification_cap_new((word_t)&ntfn, nondet_word());
    else if (nondet_bool())
        cap = cap_thread_cap_new((word_t)&thread);
    ASSUME(validCap(cap) || cap_is(cap, cap_thread_cap));
    ASSUME(!cap_is(cap, cap_irq_handler_cap));
    ASSUME(!cap_is(cap, cap_endpoint_cap) || cap_get_capPtr(cap) == (word_t)&ep);
    ASSUME(!cap_is(cap, cap_notification_cap) || cap_get_capPtr(cap) == (word_t)&ntfn);
    ASSUME(!cap_is(cap, cap_thread_cap) || cap_get_capPtr(cap) == (word_t)&thread);
    unbound = suspended = false;
    releasedBy = 0;
    ret = finaliseCap(cap, final);
    CLAIM(isArchCap(cap) || cap_is(ret.cleanupInfo, cap_null_cap));
    if (!final) {
        CLAIM(!unbound && !suspended);
        CLAIM(cap_is(cap, cap_zombie_cap) ? sameCap(ret.remainder, cap) : cap_is(ret.remainder, cap_null_cap));
        REACH("copy");
    } else if (cap_is(cap, cap_endpoint_cap)) {
        CLAIM(cap_is(ret.remainder, cap_null_cap) == (ep.head == NULL));
        if (!cap_is(ret.remainder, cap_null_cap)) {
            CLAIM(keepsWaiters(ret.remainder) && cap_is(releaseWaiter(ret.remainder), cap_zombie_cap) && releasedBy == 1);
            REACH("endpoint");
        }
    } else if (cap_is(cap, cap_notification_cap)) {
        CLAIM(ntfn.boundTCB == NULL);
        CLAIM(cap_is(ret.remainder, cap_null_cap) == (notification_state(&ntfn) != NtfnState_Waiting));
        if (!cap_is(ret.remainder, cap_null_cap)) {
            CLAIM(keepsWaiters(ret.remainder) && cap_is(releaseWaiter(ret.remainder), cap_zombie_cap) && releasedBy == 2);
            REACH("notification");
        }
    } else if (cap_is(cap, cap_thread_cap)) {
        CLAIM(suspended && cap_is(ret.remainder, cap_zombie_cap) && ret.remainder.words[1] == tcbCNodeEntries);
        CLAIM((cap_get_capPtr)(ret.remainder) == (word_t)slots && !keepsWaiters(ret.remainder));
        REACH("thread");
    } else if (cap_is(cap, cap_cnode_cap)) {
        CLAIM(cap_is(ret.remainder, cap_zombie_cap) && !keepsWaiters(ret.remainder));
        CLAIM(ret.remainder.words[1] == BIT(cap_cnode_cap_get_capCNodeRadix(cap)));
        CLAIM(cap_get_capPtr(ret.remainder) == cap_cnode_cap_get_capCNodePtr(cap));
        REACH("cnode");
    }
    REACH("end");
}
