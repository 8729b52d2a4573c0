/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast path and slow path are equal: Call and ReplyRecv, which give the CPU to the receiver, and leave the ready queues as they are.
 */
#include "kernel/proofs/fastpath_world.h"

word_t ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS], ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS][L2_WORDS];

void tcbSchedEnqueue(tcb_t *t) { (void)t; CLAIM(false); }
void tcbSchedAppend(tcb_t *t) { (void)t; CLAIM(false); }
void tcbSchedDequeue(tcb_t *t) { CLAIM(t == &partner && !t->tcbQueued); }

/*
 * of: fastpath_call, deliver, fastTransfer, fastSwitch; handleSyscall and all below it for Call to an endpoint with a receiver
 * shows: if the fast path is taken, the threads, the queue, all slots, the registers that the receiver's user code finds, what is copied from
 *        buffer to buffer, address space, segment bases and vector state are those of the slow path, and nothing has changed but what the
 *        capability is for (claimIntegrity); if not, nothing has changed
 * bounds: the invariants of the other proofs at entry; no interrupt in the middle; the count of work units is not compared; any message length;
 *        one domain
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: priorityForSysret(dest) < priorityForSysret(thread) => false
 * mutant arch/x86_64/fastpath.c: if ((info & MESSAGE_CAPS) != 0)\n        callSlowpath(slot); =>
 * mutant arch/x86_64/fastpath.c: info -= length - seL4_MsgMaxLength; =>
 * mutant arch/x86_64/fastpath.c: next->tcbEPPrev = NULL; =>
 * mutant arch/x86_64/fastpath.c: callerSlot->mdbPrev = replySlot; =>
 * mutant arch/x86_64/fastpath.c: if (length > 1)\n        to->registers[RegR8] = mr1; =>
 * mutant arch/x86_64/context.h: thread->registers[RegFS_BASE] = fs; => thread->registers[RegRBX] = fs;
 */
void proof_fastpathCall(void)
{
    taken.capType = cap_endpoint_cap;
    taken.rights = CAP_CAN_SEND;
    taken.isMessage = true;
    taken.epState = EPState_Recv;
    taken.action = taken.next = &partner;
    taken.state = ThreadState_BlockedOnReply;
    arbitraryEntry(ThreadState_BlockedOnReceive);
    setBitmaps(nondet_word(), nondet_word(), nondet_word(), nondet_word());
    foundSlot.cap = arbitraryEndpointCap();
    partner.tcbFault.type = seL4_Fault_NullFault;
    partner.blockingObject = &theEp;
    partner.tcbDomain = arbitraryDomain();
    partner.blockingFlags = EITHER(BLOCKED_CAN_GRANT, 0);
    partner.tcbEPNext = EITHER(&second, NULL);
    second.tcbEPPrev = &partner;
    second.tcbEPNext = EITHER(&third, NULL);
    theEp = (endpoint_t){&partner, (word_t)(partner.tcbEPNext == NULL ? &partner : second.tcbEPNext == NULL ? &second : &third) | EPState_Recv};
    if (nondet_bool())
        theEp = (endpoint_t){NULL, EPState_Idle};
    else if (nondet_bool())
        theEp.tailAndState ^= EPState_Recv | EPState_Send;
    keep(&before);
    TAKE_FAST_PATH(fastpath_call);
    if (wasTaken()) {
        theEp.head = &partner; /* as it is: constants */
        compare((word_t)seL4_SysCall);
    }
    if (copiedWords == 116)
        REACH("120 words");
    REACH("end");
}

/* theThread owes partner an answer, or nobody. */
static void arbitraryAnswer(void)
{
    taken.capType = cap_endpoint_cap;
    taken.rights = CAP_CAN_RECEIVE;
    taken.epState = EPState_Idle;
    taken.action = taken.next = &partner;
    taken.state = ThreadState_BlockedOnReceive;
    arbitraryEntry(ThreadState_BlockedOnReply);
    setBitmaps(nondet_word(), nondet_word(), nondet_word(), nondet_word());
    arbitraryWaiters();
    partner.tcbDomain = arbitraryDomain();
    foundSlot.cap = arbitraryEndpointCap();
    theThread.tcbBoundNotification = EITHER(&theNtfn, NULL);
    threadSlots[tcbCaller] = (cte_t){cap_reply_cap_new(nondet_bool(), false, (word_t)&partner), &partnerSlots[tcbReply], 0};
    partnerSlots[tcbReply].mdbNext |= (word_t)&threadSlots[tcbCaller];
    if (nondet_bool())
        threadSlots[tcbCaller].cap = cap_null_cap_new();
}

/* As it is: constants. */
static void restateAnswer(void)
{
    partner.state = ThreadState_BlockedOnReply;
    partner.tcbQueued = 0;
    threadSlots[tcbCaller].mdbPrev = &partnerSlots[tcbReply];
    threadSlots[tcbCaller].mdbNext = 0;
}

/*
 * of: fastpath_reply_recv, useReply, mayWait, waitForMessage, deliver, fastTransfer, fastSwitch; handleSyscall and all below it for ReplyRecv to a
 *     caller where nothing has come
 * shows: if the fast path is taken, the threads, the queue of the endpoint, all slots, the registers that the caller's user code finds, what is
 *        copied from buffer to buffer, address space, segment bases and vector state are those of the slow path, and the ready queues stay;
 *        integrity as fastpathCall; if not, nothing has changed
 * bounds: the invariants of the other proofs at entry; no interrupt in the middle; the count of work units is not compared; any message length;
 *         queue of any length; one domain
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: if (unlikely((info & MESSAGE_CAPS) != 0))\n        syscall => if (false)\n        syscall
 * mutant arch/x86_64/fastpath.c: if (unlikely((reply.words[0] & (0xff | CAP_REPLY_MASTER)) != cap_reply_cap)) => if (false)
 * mutant arch/x86_64/fastpath.c: (ntfn == NULL || notification_state(ntfn) != NtfnState_Active) => true
 * mutant arch/x86_64/fastpath.c: hasFault = !caller->inSyscall; => hasFault = false;
 * mutant arch/x86_64/fastpath.c: !isHighestPrio(ksCurDomain, caller->tcbPriority) => false
 * mutant arch/x86_64/fastpath.c: vtable = TCB_PTR_CTE_PTR(caller, tcbVTable)->cap;\n    if (unlikely(!isLiveVSpace(vtable))) => vtable = TCB_PTR_CTE_PTR(caller, tcbVTable)->cap;\n    if (false)
 * mutant arch/x86_64/fastpath.c: useReply(callerSlot, caller); =>
 * mutant arch/x86_64/fastpath.c: ep->tailAndState = (word_t)thread + EPState_Recv; => ep->tailAndState = (word_t)thread;
 * mutant arch/x86_64/fastpath.c: thread->tcbEPPrev = tail; => thread->tcbEPPrev = NULL;
 * mutant arch/x86_64/fastpath.c: deliver(thread, caller, 0, info, => deliver(thread, caller, 1, info,
 */
void proof_fastpathReplyRecv(void)
{
    arbitraryAnswer();
    taken.isMessage = true;
    partner.tcbFault.type = seL4_Fault_NullFault;
    keep(&before);
    TAKE_FAST_PATH(fastpath_reply_recv);
    if (wasTaken()) {
        restateAnswer();
        partner.tcbFault.type = seL4_Fault_NullFault;
        compare((word_t)seL4_SysReplyRecv);
    }
    if (copiedWords == 116)
        REACH("120 words");
    REACH("end");
}

/*
 * of: fastpath_reply_recv, justRestarts; handleSyscall and all below it for ReplyRecv to a thread with a fault where nothing has come
 * shows: the same for a reply to a fault: the fast path is taken for page faults and for an empty reply to an exception
 * bounds: as fastpathReplyRecv
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: (fault == seL4_Fault_UserException && info == 0) => fault == seL4_Fault_UserException
 * mutant arch/x86_64/fastpath.c: return fault == seL4_Fault_VMFault || => return fault == seL4_Fault_VMFault || fault == seL4_Fault_UnknownSyscall ||
 * mutant arch/x86_64/fastpath.c: caller->tcbFault.type = seL4_Fault_NullFault; =>
 * mutant arch/x86_64/fastpath.c: caller->nextIP = getRegister(caller, RegFaultIP); =>
 * mutant arch/x86_64/fastpath.c: caller->state = ThreadState_Running;\n    if (unlikely(hasFault)) => if (unlikely(hasFault))
 */
void proof_fastpathFaultReply(void)
{
    word_t fault = nondet_byte();

    arbitraryAnswer();
    ASSUME(fault > seL4_Fault_NullFault && fault <= seL4_Fault_VMFault);
    partner.inSyscall = 0;
    partner.tcbFault.type = fault;
    keep(&before);
    TAKE_FAST_PATH(fastpath_reply_recv);
    if (wasTaken()) {
        restateAnswer();
        partner.inSyscall = 0;
        compare((word_t)seL4_SysReplyRecv);
        if (fault == seL4_Fault_VMFault)
            REACH("page fault");
        if (fault == seL4_Fault_UserException)
            REACH("exception");
    }
    REACH("end");
}
