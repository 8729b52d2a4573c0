/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast path and slow path are equal: Recv with nothing to receive, which gives the CPU to the next ready thread, and Send of an
 * answer to a thread that is to run later.
 */
#include "kernel/proofs/fastpath_world.h"

#include "kernel/sched/ready.c"

enum { READY_PRIO = 130, ANSWERED_PRIO = 65 };

/* The ready queue of this thread and those behind it, of the best priority that anybody ready has. */
static void arbitraryReady(tcb_t *first)
{
    first->tcbQueued = 1;
    first->tcbSchedPrev = NULL;
    first->tcbSchedNext = EITHER(&second, NULL);
    second.tcbQueued = 1;
    second.state = ThreadState_Running;
    second.tcbSchedPrev = first;
    second.tcbSchedNext = EITHER(&third, NULL);
    theQueue = (tcb_queue_t){first, first->tcbSchedNext == NULL ? first : second.tcbSchedNext == NULL ? &second : &third};
    setBitmaps(nondet_word(), nondet_word(), (nondet_word() & MASK(READY_PRIO % wordBits)) | BIT(READY_PRIO % wordBits), 0);
}

/* As it is before the slow path: constants. */
static void restateRecv(void)
{
    partner.tcbQueued = 1;
    partner.tcbPriority = READY_PRIO;
    partner.tcbSchedPrev = NULL;
    theQueue.head = &partner;
    restateDomain();
    threadSlots[tcbCaller] = (cte_t){cap_null_cap_new(), NULL, 0};
}

/*
 * of: fastpath_recv, mayWait, waitForMessage, takeReady, fastSwitch; handleSyscall and all below it for Recv where nothing has come
 * shows: if the fast path is taken, the threads, the queue of the endpoint, the ready queue and both bitmaps, all slots, the registers that the
 *        next thread's user code finds, address space, segment bases and vector state are those of the slow path; integrity as
 *        fastpathCall; if not, nothing has changed
 * bounds: the invariants of the other proofs at entry; the best ready priority is 130 (`schedule' and ready.c's proofs have all of them); no
 *         interrupt in the middle; the count of work units is not compared; queues of any length; one domain
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: !mayWait(thread, cap) || !cap_is(TCB_PTR_CTE_PTR(thread, tcbCaller)->cap, cap_null_cap) => !mayWait(thread, cap)
 * mutant arch/x86_64/fastpath.c: (ntfn == NULL || notification_state(ntfn) != NtfnState_Active) => true
 * mutant arch/x86_64/fastpath.c: (ep->tailAndState & EPState_Send) || ready == 0 => ready == 0
 * mutant arch/x86_64/fastpath.c: (ep->tailAndState & EPState_Send) || ready == 0 => (ep->tailAndState & EPState_Send)
 * mutant arch/x86_64/fastpath.c: tail->tcbEPNext = thread; => ;
 * mutant arch/x86_64/fastpath.c: thread->blockingFlags = canGrant; =>
 * mutant arch/x86_64/fastpath.c: thread->tcbSchedNext->tcbSchedPrev = NULL; =>
 * mutant arch/x86_64/fastpath.c: queue->end = NULL; =>
 * mutant arch/x86_64/fastpath.c: if (ksReadyQueuesL2Bitmap[dom][prio / wordBits] == 0)\n        ksReady => ksReady
 * mutant arch/x86_64/fastpath.c: activateThread();\n    restoreUserContext(); => restoreUserContext();
 * mutant arch/x86_64/fastpath.c: saveSegmentBases(from); =>
 */
void proof_fastpathRecv(void)
{
    taken.capType = cap_endpoint_cap;
    taken.rights = CAP_CAN_RECEIVE;
    taken.epState = EPState_Idle;
    taken.action = SchedulerAction_ChooseNewThread;
    taken.state = ThreadState_BlockedOnReceive;
    taken.next = &partner;
    readyPriority = otherPriority = READY_PRIO;
    arbitraryEntry(EITHER(ThreadState_Running, ThreadState_Restart));
    partner.tcbFault.type = seL4_Fault_NullFault;
    partner.tcbPriority = READY_PRIO;
    arbitraryReady(&partner);
    arbitraryWaiters();
    foundSlot.cap = arbitraryEndpointCap();
    theThread.tcbBoundNotification = EITHER(&theNtfn, NULL);
    if (nondet_bool())
        ksReadyQueuesL1Bitmap[THE_DOMAIN] = 0;
    if (nondet_bool())
        threadSlots[tcbCaller] = (cte_t){cap_reply_cap_new(nondet_bool(), false, (word_t)&second), NULL, 0};
    keep(&before);
    TAKE_FAST_PATH(fastpath_recv);
    if (wasTaken()) {
        restateRecv();
        compare((word_t)seL4_SysRecv);
    }
    REACH("end");
}

/* Whichever threads are ready; of the queues of the two priorities the first threads are known: second and waiter. */
static void arbitraryQueues(void)
{
    const word_t *l2 = ksReadyQueuesL2Bitmap[THE_DOMAIN];

    second.tcbQueued = waiter.tcbQueued = 1;
    second.state = waiter.state = ThreadState_Running;
    second.tcbSchedNext = EITHER(&third, NULL);
    waiter.tcbSchedNext = EITHER(&third, NULL);
    theQueue = nondet_bool() ? (tcb_queue_t){NULL, NULL} : (tcb_queue_t){&second, second.tcbSchedNext == NULL ? &second : &third};
    otherQueue = nondet_bool() ? (tcb_queue_t){NULL, NULL} : (tcb_queue_t){&waiter, waiter.tcbSchedNext == NULL ? &waiter : &third};
    setBitmaps(nondet_word(), nondet_word(), nondet_word(), nondet_word());
    ASSUME((l2[READY_PRIO / wordBits] >> READY_PRIO % wordBits & 1) == (theQueue.head != NULL));
    ASSUME((l2[ANSWERED_PRIO / wordBits] >> ANSWERED_PRIO % wordBits & 1) == (otherQueue.head != NULL));
}

static void restateSend(void)
{
    theThread.tcbPriority = READY_PRIO;
    theThread.tcbQueued = 0;
    partner.tcbPriority = ANSWERED_PRIO;
    partner.tcbQueued = 0;
    partner.state = ThreadState_BlockedOnReply;
    partner.tcbFault.type = seL4_Fault_NullFault;
    partner.tcbDomain = THE_DOMAIN;
    restateDomain();
    foundSlot.mdbPrev = &partnerSlots[tcbReply];
    foundSlot.mdbNext = 0;
}

/*
 * of: fastpath_send, useReply; handleSyscall and all below it for Send through a reply capability in a slot of the caller's CSpace
 * shows: if the fast path is taken, the threads, the ready queues of both and the bitmaps, all slots, the registers that the sender's and the
 *        answered thread's user code find, address space, segment bases and vector state are those of the slow path; integrity as
 *        fastpathCall; if not, nothing has changed
 * bounds: the invariants of the other proofs at entry; the sender has priority 130, the other one 65, 130 or 131; no interrupt in the middle; the
 *         count of work units is not compared; ready queues of any length; one domain
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: (info & MESSAGE_CAPS) != 0 || length > seL4_FastMessageRegisters => length > seL4_FastMessageRegisters
 * mutant arch/x86_64/fastpath.c: (info & MESSAGE_CAPS) != 0 || length > seL4_FastMessageRegisters => (info & MESSAGE_CAPS) != 0
 * mutant arch/x86_64/fastpath.c: length > seL4_FastMessageRegisters || !caller->inSyscall || => length > seL4_FastMessageRegisters ||
 * mutant arch/x86_64/fastpath.c: caller->tcbPriority >= thread->tcbPriority => caller->tcbPriority > thread->tcbPriority
 * mutant arch/x86_64/fastpath.c: || !isHighestPrio(ksCurDomain, thread->tcbPriority) =>
 * mutant arch/x86_64/fastpath.c: if ((reply.words[0] & (0xff | CAP_REPLY_MASTER)) != cap_reply_cap)\n        send => if (!cap_is(reply, cap_reply_cap))\n        send
 * mutant arch/x86_64/fastpath.c: slot->mdbPrev = NULL; =>
 * mutant arch/x86_64/fastpath.c: TCB_PTR_CTE_PTR(caller, tcbReply)->mdbNext = MDB_REVOCABLE | MDB_FIRST_BADGED; =>
 * mutant arch/x86_64/fastpath.c: caller->registers[badgeRegister] = 0; =>
 * mutant arch/x86_64/fastpath.c: if (length > 2)\n        caller->registers => if (length > 1)\n        caller->registers
 * mutant arch/x86_64/fastpath.c: tcbSchedEnqueue(caller); => tcbSchedAppend(caller);
 */
void proof_fastpathSend(void)
{
    taken.capType = cap_reply_cap;
    taken.isMessage = true;
    taken.action = &partner;
    taken.state = ThreadState_Running;
    taken.next = &theThread;
    readyPriority = READY_PRIO;
    otherPriority = ANSWERED_PRIO;
    arbitraryEntry(ThreadState_BlockedOnReply);
    theThread.tcbPriority = READY_PRIO;
    partner.tcbPriority = EITHER(ANSWERED_PRIO, EITHER(READY_PRIO, READY_PRIO + 1));
    partner.tcbDomain = arbitraryDomain();
    ASSUME(!partner.inSyscall || partner.tcbFault.type == seL4_Fault_NullFault);
    arbitraryQueues();
    foundSlot = (cte_t){cap_reply_cap_new(nondet_bool(), false, (word_t)&partner), &partnerSlots[tcbReply], 0};
    partnerSlots[tcbReply].mdbNext |= (word_t)&foundSlot;
    if (nondet_bool())
        foundSlot.cap = EITHER(arbitraryEndpointCap(), cap_reply_cap_new(true, true, (word_t)&partner));
    keep(&before);
    TAKE_FAST_PATH(fastpath_send);
    if (wasTaken()) {
        restateSend();
        compare((word_t)seL4_SysSend);
    }
    REACH("end");
}
