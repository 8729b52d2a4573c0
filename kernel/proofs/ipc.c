/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints, notifications and the states of threads: queues, states and the scheduler's knowledge stay consistent.
 *
 * The ready queues are a flag here (queue.c has them), the transfer of a message changes registers only (transfer.c), and
 * deletion of a capability is arbitrary where said so.
 */
#include "kernel/proofs/tcb_world.h"

#include "kernel/object/endpoint.c"
#include "kernel/object/notification.c"
#include "kernel/object/tcb_queue.c"
#include "kernel/sched/schedule.c"

static endpoint_t ep;
static notification_t ntfn, bound;
static tcb_t *messageFrom, *messageTo, *replyFrom, *replyTo;
static bool_t deletedReply;

void tcbSchedEnqueue(tcb_t *thread)
{
    CLAIM(isRunnable(thread));
    thread->tcbQueued = 1;
}

void tcbSchedAppend(tcb_t *thread)
{
    CLAIM(isRunnable(thread));
    thread->tcbQueued = 1;
}

void tcbSchedDequeue(tcb_t *thread)
{
    thread->tcbQueued = 0;
}

void doIPCTransfer(tcb_t *sender, endpoint_t *endpoint, word_t badge, bool_t canGrant, tcb_t *receiver)
{
    (void)endpoint, (void)canGrant;
    messageFrom = sender;
    messageTo = receiver;
    receiver->registers[badgeRegister] = badge;
}

void setupCallerCap(tcb_t *sender, tcb_t *receiver, bool_t canGrant)
{
    (void)canGrant;
    setThreadState(sender, ThreadState_BlockedOnReply);
    replyFrom = receiver;
    replyTo = sender;
}

/* The thread's slots: only the reply slot is used, and of it whether there is somebody who could answer. */
static cte_t replySlot, callerSlot;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread;
    CLAIM(i == tcbReply);
    return &replySlot;
}

void cteDeleteOne(cte_t *slot)
{
    CLAIM(slot == &callerSlot);
    deletedReply = true;
}

static bool_t wellFormedEndpoint(const endpoint_t *e)
{
    word_t state = endpoint_state(e);
    tcb_t *tail = (tcb_t *)(e->tailAndState & ~(word_t)3);

    if (state == EPState_Idle)
        return e->head == NULL && e->tailAndState == 0;
    return state != 3 && e->head != NULL && tail != NULL && (e->head == &between || e->head->tcbEPPrev == NULL) &&
           tail->tcbEPNext == NULL;
}

static word_t blockedState(void)
{
    return endpoint_state(&ep) == EPState_Send ? ThreadState_BlockedOnSend : ThreadState_BlockedOnReceive;
}

static bool_t queuedOnEndpoint(tcb_t *t)
{
    return wellQueued(t, &ep, ep.head, (tcb_t *)(ep.tailAndState & ~(word_t)3), blockedState());
}

/* An endpoint of any state, subject at any place in its queue if it has one. */
static void arbitraryEndpoint(void)
{
    word_t state = EITHER(EPState_Send, EPState_Recv);
    tcb_queue_t queue;

    arbitraryThreads();
    queue = arbitraryQueue(&ep, state == EPState_Send ? ThreadState_BlockedOnSend : ThreadState_BlockedOnReceive);
    ep = (endpoint_t){queue.head, (word_t)queue.end | state};
    assumeThreads();
    ASSUME(wellFormedEndpoint(&ep));
}

static void idleEndpoint(void)
{
    ep = (endpoint_t){NULL, 0};
    before.state = subject.state = after.state = last.state = ThreadState_Inactive;
    subject.tcbEPNext = subject.tcbEPPrev = after.tcbEPNext = before.tcbEPPrev = NULL;
    assumeThreads();
}

static void claimFrame(void)
{
    CLAIM(between.tcbEPNext == NULL && between.tcbEPPrev == NULL && between.tcbSchedNext == NULL);
    claimThreads();
    CLAIM(wellFormedEndpoint(&ep));
}

/*
 * of: sendIPC, blockOnEndpoint, dequeueFirst, awaitReply, setThreadState, possibleSwitchTo, rescheduleRequired
 * shows: without a receiver the sender is the last in the queue with its badge and rights, or nothing changes if it may not block;
 *        with one, the first receiver has the message and can run, a caller waits for its reply only if it may have one; endpoint,
 *        queue and scheduling invariants; no other thread changes its state
 * bounds: queue of any length; one domain
 * unwind: 1
 * mutant object/endpoint.c: queue.head == NULL ? EPState_Idle : (word_t)queue.end | state => (word_t)queue.end | state
 * mutant object/endpoint.c: setThreadState(dest, ThreadState_Running); =>
 * mutant object/endpoint.c: thread->blockingBadge = badge; =>
 * mutant object/endpoint.c: thread->blockingObject = ep; =>
 */
void proof_sendIPC(void)
{
    bool_t blocking = nondet_bool(), doCall = nondet_bool(), canGrant = nondet_bool(), canGrantReply = nondet_bool();
    word_t badge = nondet_word(), state;
    tcb_t *head;
    uint8_t stateOther, stateLast;

    arbitraryEndpoint();
    ASSUME(ep.head == &subject || endpoint_state(&ep) == EPState_Send);
    if (nondet_bool())
        idleEndpoint();
    ASSUME(running.state == ThreadState_Running || running.state == ThreadState_Restart);
    ASSUME(ksSchedulerAction == SchedulerAction_ResumeCurrentThread);
    state = endpoint_state(&ep);
    head = ep.head;
    stateOther = other.state;
    stateLast = last.state;
    messageTo = NULL;
    replyTo = NULL;
    if (blocking && doCall && (canGrant || canGrantReply)) /* as handleFault calls it */
        running.tcbFault.type = nondet_word();
    sendIPC(blocking, doCall, badge, canGrant, canGrantReply, &running, &ep);
    claimFrame();
    CLAIM(other.state == stateOther && last.state == stateLast);
    if (state == EPState_Recv) {
        CLAIM(messageFrom == &running && messageTo == head && head->state == ThreadState_Running);
        CLAIM(ep.head == NULL || (ep.head == &after && queuedOnEndpoint(&after)));
        CLAIM(running.state == (!doCall ? running.state : canGrant || canGrantReply ? ThreadState_BlockedOnReply
                                                                                    : ThreadState_Inactive));
        CLAIM((replyTo == &running) == (doCall && (canGrant || canGrantReply)));
        REACH("delivered");
    } else if (blocking) {
        CLAIM(running.state == ThreadState_BlockedOnSend && queuedOnEndpoint(&running) && running.tcbEPNext == NULL);
        CLAIM(running.blockingBadge == badge && ((running.blockingFlags & BLOCKED_IS_CALL) != 0) == doCall);
        CLAIM(((running.blockingFlags & BLOCKED_CAN_GRANT) != 0) == canGrant &&
              ((running.blockingFlags & BLOCKED_CAN_GRANT_REPLY) != 0) == canGrantReply);
        CLAIM(messageTo == NULL);
        CLAIM(state == EPState_Idle || queuedOnEndpoint(&subject));
        REACH("blocked");
    } else {
        CLAIM(isRunnable(&running) && ep.head == head && endpoint_state(&ep) == state && messageTo == NULL);
        REACH("dropped");
    }
    REACH("end");
}

/*
 * of: receiveIPC, receiveFromSender, completeSignal
 * shows: a pending signal of the bound notification comes first and is used up; else the first sender's message, with its badge, and the
 *        sender runs on, waits for its reply or stops as its rights say; else the thread blocks as last in the queue or gets badge 0;
 *        endpoint, queue, notification and scheduling invariants
 * bounds: queue of any length; one domain
 * mutant object/endpoint.c: ntfn != NULL && notification_state(ntfn) == NtfnState_Active => false
 * mutant object/endpoint.c: sender->blockingBadge, => 0,
 * mutant object/endpoint.c: setThreadState(sender, ThreadState_Running); =>
 */
void proof_receiveIPC(void)
{
    cap_t cap = cap_endpoint_cap_new((word_t)&ep, nondet_word());
    bool_t blocking = nondet_bool();
    word_t state, badge, flags, bits;
    tcb_t *head;

    cap.words[0] &= ~(nondet_word() & (CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY | CAP_CAN_SEND));
    arbitraryEndpoint();
    ASSUME(ep.head == &subject || endpoint_state(&ep) == EPState_Recv);
    if (nondet_bool())
        idleEndpoint();
    ASSUME(isRunnable(&running) && ksSchedulerAction == SchedulerAction_ResumeCurrentThread);
    bound = nondet_notification();
    bound.tailAndState = EITHER(NtfnState_Idle, NtfnState_Active);
    bound.boundTCB = &running;
    running.tcbBoundNotification = EITHER(NULL, &bound);
    state = endpoint_state(&ep);
    head = ep.head;
    badge = subject.blockingBadge;
    flags = subject.blockingFlags;
    bits = bound.msgIdentifier;
    messageFrom = replyTo = NULL;
    if (running.tcbBoundNotification != NULL && notification_state(&bound) == NtfnState_Active) {
        receiveIPC(&running, cap, blocking);
        CLAIM(running.registers[badgeRegister] == bits && notification_state(&bound) == NtfnState_Idle);
        CLAIM(isRunnable(&running) && ep.head == head && endpoint_state(&ep) == state && messageFrom == NULL);
        REACH("signal");
    } else {
        receiveIPC(&running, cap, blocking);
        if (state == EPState_Send) {
            CLAIM(messageFrom == head && messageTo == &running && running.registers[badgeRegister] == badge);
            CLAIM(head->state == (!(flags & BLOCKED_IS_CALL) ? ThreadState_Running
                                  : flags & (BLOCKED_CAN_GRANT | BLOCKED_CAN_GRANT_REPLY) ? ThreadState_BlockedOnReply
                                                                                          : ThreadState_Inactive));
            CLAIM(ep.head == NULL || (ep.head == &after && queuedOnEndpoint(&after)));
            REACH("received");
        } else if (blocking) {
            CLAIM(running.state == ThreadState_BlockedOnReceive && queuedOnEndpoint(&running));
            CLAIM(running.tcbEPNext == NULL && running.blockingFlags == (cap.words[0] & CAP_CAN_GRANT));
            REACH("blocked");
        } else {
            CLAIM(running.registers[badgeRegister] == 0 && isRunnable(&running) && ep.head == head);
            REACH("nothing");
        }
    }
    ASSUME(head != &subject || state != EPState_Send || (flags & BLOCKED_IS_CALL) == 0 || (flags & BLOCKED_CAN_GRANT) ||
           (flags & BLOCKED_CAN_GRANT_REPLY) || subject.tcbFault.type == seL4_Fault_NullFault);
    claimFrame();
    REACH("end");
}

/*
 * of: cancelIPC (endpoint), suspend, restart, isStopped
 * shows: the thread leaves the queue from any place, is inactive with no fault pending (or restarts); its neighbours are linked; it is in no
 *        ready queue and no candidate unless it restarts; all invariants
 * bounds: queue of any length; one domain
 * mutant object/endpoint.c: ep_ptr_set_queue(ep, queueRemove(thread, ep_ptr_get_queue(ep)), endpoint_state(ep));\n        setThread => setThread
 * mutant sched/schedule.c: tcbSchedDequeue(thread);\n    if (ksSchedulerAction == thread) => if (ksSchedulerAction == thread)
 */
void proof_cancelIPC(void)
{
    word_t which = nondet_byte() % 3;
    tcb_t *prev, *next;

    arbitraryEndpoint();
    prev = subject.tcbEPPrev;
    next = subject.tcbEPNext;
    if (which == 0) {
        cancelIPC(&subject);
        CLAIM(subject.state == ThreadState_Inactive);
        REACH("cancel");
    } else if (which == 1) {
        suspend(&subject);
        CLAIM(subject.state == ThreadState_Inactive && !subject.tcbQueued);
        REACH("suspend");
    } else {
        restart(&subject);
        CLAIM(subject.state == ThreadState_Restart);
        REACH("restart");
    }
    CLAIM(subject.tcbFault.type == seL4_Fault_NullFault);
    claimFrame();
    CLAIM(prev == NULL || queuedOnEndpoint(&before));
    CLAIM(next == NULL || queuedOnEndpoint(&after));
    CLAIM(prev != NULL || next != NULL || endpoint_state(&ep) == EPState_Idle);
    REACH("end");
}

/*
 * of: cancelIPC (other states), suspend, restart
 * shows: a thread in no queue: one that waits for a reply loses the reply capability that could wake it; a running one is stopped behind
 *        its system call, one to be restarted at it; runnable and idle threads are not restarted
 * bounds: one domain
 * mutant object/endpoint.c: if (callerSlot != NULL)\n            cteDeleteOne(callerSlot); => if (callerSlot == NULL) cteDeleteOne(callerSlot);
 * mutant sched/schedule.c: setRegister(thread, RegFaultIP, thread->nextIP); =>
 */
void proof_suspend(void)
{
    tcb_t *thread;
    word_t state, ip, nextIP;
    bool_t isRestart = nondet_bool();

    arbitraryThreads();
    idleEndpoint();
    thread = EITHER(&running, &other);
    callerSlot = nondet_cte();
    replySlot.mdbNext = (word_t)EITHER(&callerSlot, NULL) | MDB_FLAGS;
    deletedReply = false;
    state = thread->state;
    ip = thread->registers[RegFaultIP];
    nextIP = thread->nextIP;
    if (isRestart) {
        restart(thread);
        CLAIM(isRunnable(thread) && IMPLIES(state == ThreadState_Running, thread->state == state));
        REACH("restart");
    } else {
        suspend(thread);
        CLAIM(thread->state == ThreadState_Inactive && !thread->tcbQueued && ksSchedulerAction != thread);
        CLAIM(thread->registers[RegFaultIP] == (state == ThreadState_Running ? nextIP : ip));
        CLAIM(IMPLIES(thread == &running, ksSchedulerAction != SchedulerAction_ResumeCurrentThread));
        REACH("suspend");
    }
    CLAIM(deletedReply == (state == ThreadState_BlockedOnReply && mdb_next(&replySlot) != NULL));
    claimFrame();
    REACH("end");
}

/*
 * of: cancelAllIPC, cancelBadgedSends
 * shows: every thread in the queue, or every sender with the badge, restarts and is queued to run; the others stay in order; the endpoint
 *        is idle if nobody is left; all invariants
 * bounds: at most 4 threads in the queue; one domain
 * unwind: 5
 * mutant object/endpoint.c: queue = queueRemove(thread, queue); =>
 * mutant object/endpoint.c: ep_ptr_set_queue(ep, (tcb_queue_t){NULL, NULL}, EPState_Idle); =>
 */
void proof_cancelAllIPC(void)
{
    word_t badge = nondet_word();
    bool_t all = nondet_bool(), isSend;

    arbitraryEndpoint();
    ASSUME(ep.head != &between && after.tcbEPNext != &between && (ep.head == &subject || before.tcbEPPrev == NULL));
    if (after.tcbEPNext == &last)
        last.tcbEPPrev = &after;
    isSend = endpoint_state(&ep) == EPState_Send;
    if (all) {
        cancelAllIPC(&ep);
        CLAIM(endpoint_state(&ep) == EPState_Idle && subject.state == ThreadState_Restart && subject.tcbQueued);
        REACH("all");
    } else {
        cancelBadgedSends(&ep, badge);
        if (!isSend)
            CLAIM(subject.state == ThreadState_BlockedOnReceive && queuedOnEndpoint(&subject));
        else if (subject.blockingBadge == badge)
            CLAIM(subject.state == ThreadState_Restart && subject.tcbQueued);
        else
            CLAIM(queuedOnEndpoint(&subject));
        if (endpoint_state(&ep) == EPState_Send)
            REACH("some are left");
    }
    CLAIM(wellFormedEndpoint(&ep));
    claimThreads();
    REACH("end");
}

static bool_t wellFormedNotification(const notification_t *n)
{
    word_t state = notification_state(n);
    tcb_t *tail = (tcb_t *)(n->tailAndState & ~(word_t)3);

    if (state != NtfnState_Waiting)
        return state != 3 && n->head == NULL && tail == NULL;
    return n->head != NULL && tail != NULL && (n->head == &between || n->head->tcbEPPrev == NULL) && tail->tcbEPNext == NULL;
}

static bool_t queuedOnNotification(tcb_t *t)
{
    return wellQueued(t, &ntfn, ntfn.head, (tcb_t *)(ntfn.tailAndState & ~(word_t)3), ThreadState_BlockedOnNotification);
}

static void arbitraryNotification(bool_t waiting)
{
    tcb_queue_t queue;

    arbitraryThreads();
    queue = arbitraryQueue(&ntfn, ThreadState_BlockedOnNotification);
    ntfn = nondet_notification();
    ntfn.boundTCB = NULL;
    if (waiting) {
        ntfn.head = queue.head;
        ntfn.tailAndState = (word_t)queue.end | NtfnState_Waiting;
        assumeThreads();
        ASSUME(ksSchedulerAction != &subject);
    } else {
        ntfn.head = NULL;
        ntfn.tailAndState = EITHER(NtfnState_Idle, NtfnState_Active);
        idleEndpoint();
    }
    ASSUME(wellFormedNotification(&ntfn));
}

static void claimNotification(void)
{
    CLAIM(between.tcbEPNext == NULL && between.tcbEPPrev == NULL && between.tcbSchedNext == NULL);
    claimThreads();
    CLAIM(wellFormedNotification(&ntfn));
}

/*
 * of: sendSignal, wakeWithBadge, ntfn_set_active
 * shows: the first waiter wakes with the badge; else the bound thread if it is receiving, taken out of its endpoint's queue; else the bits
 *        are kept, ORed to those that are there; all invariants of notification, endpoint, queues, scheduling
 * bounds: queues of any length; one domain
 * mutant object/notification.c: ntfn->msgIdentifier |= badge; => ntfn->msgIdentifier = badge;
 * mutant object/notification.c: cancelIPC(thread);\n            wakeWithBadge => wakeWithBadge
 * mutant object/notification.c: ntfn_ptr_set_queue(ntfn, queueRemove(thread, ntfn_ptr_get_queue(ntfn)));\n        wakeWithBadge => wakeWithBadge
 */
void proof_sendSignal(void)
{
    bool_t waiting = nondet_bool();
    word_t badge = nondet_word(), state, bits;

    arbitraryNotification(waiting);
    ASSUME(!waiting || ntfn.head == &subject);
    state = notification_state(&ntfn);
    bits = ntfn.msgIdentifier;
    sendSignal(&ntfn, badge);
    claimNotification();
    if (state == NtfnState_Waiting) {
        CLAIM(subject.state == ThreadState_Running && subject.registers[badgeRegister] == badge);
        CLAIM(ntfn.head == NULL || (ntfn.head == &after && queuedOnNotification(&after)));
        REACH("waiter");
    } else {
        CLAIM(notification_state(&ntfn) == NtfnState_Active);
        CLAIM(ntfn.msgIdentifier == (state == NtfnState_Active ? bits | badge : badge));
        REACH("kept");
    }
    REACH("end");
}

/*
 * of: sendSignal (bound thread)
 * shows: a bound thread that receives on an endpoint leaves its queue, wherever it is, and runs with the badge; in any other state the bits
 *        are kept and the thread is untouched
 * bounds: endpoint queue of any length; one domain
 * mutant object/notification.c: thread->state == ThreadState_BlockedOnReceive => true
 */
void proof_sendSignalBound(void)
{
    word_t badge = nondet_word(), state;
    tcb_t *prev, *next;

    arbitraryEndpoint();
    if (nondet_bool())
        idleEndpoint();
    ntfn = nondet_notification();
    ntfn.head = NULL;
    ntfn.tailAndState = NtfnState_Idle;
    ntfn.boundTCB = &subject;
    subject.tcbBoundNotification = &ntfn;
    state = subject.state;
    prev = subject.tcbEPPrev;
    next = subject.tcbEPNext;
    sendSignal(&ntfn, badge);
    claimFrame();
    CLAIM(wellFormedNotification(&ntfn) && ntfn.boundTCB == &subject);
    if (state == ThreadState_BlockedOnReceive) {
        CLAIM(subject.state == ThreadState_Running && subject.registers[badgeRegister] == badge);
        CLAIM(notification_state(&ntfn) == NtfnState_Idle);
        CLAIM(prev == NULL || queuedOnEndpoint(&before));
        CLAIM(next == NULL || queuedOnEndpoint(&after));
        REACH("woken");
    } else {
        CLAIM(subject.state == state && notification_state(&ntfn) == NtfnState_Active && ntfn.msgIdentifier == badge);
        CLAIM(state != ThreadState_BlockedOnSend || queuedOnEndpoint(&subject));
        REACH("kept");
    }
    REACH("end");
}

/*
 * of: receiveSignal
 * shows: pending bits are handed over and used up; else the thread is the last in the queue, or gets 0 if it may not block; all invariants
 * bounds: queue of any length; one domain
 * mutant object/notification.c: setThreadState(thread, ThreadState_BlockedOnNotification); =>
 * mutant object/notification.c: thread->blockingObject = ntfn; =>
 */
void proof_receiveSignal(void)
{
    bool_t waiting = nondet_bool(), blocking = nondet_bool();
    word_t state, bits;

    arbitraryNotification(waiting);
    ASSUME(isRunnable(&running) && ksSchedulerAction == SchedulerAction_ResumeCurrentThread);
    ASSUME(running.tcbFault.type == seL4_Fault_NullFault);
    state = notification_state(&ntfn);
    bits = ntfn.msgIdentifier;
    receiveSignal(&running, cap_notification_cap_new((word_t)&ntfn, nondet_word()), blocking);
    claimNotification();
    if (state == NtfnState_Active) {
        CLAIM(notification_state(&ntfn) == NtfnState_Idle && running.registers[badgeRegister] == bits);
        CLAIM(isRunnable(&running));
        REACH("active");
    } else if (blocking) {
        CLAIM(running.state == ThreadState_BlockedOnNotification && queuedOnNotification(&running));
        CLAIM(running.tcbEPNext == NULL && (!waiting || queuedOnNotification(&subject)));
        REACH("blocked");
    } else {
        CLAIM(running.registers[badgeRegister] == 0 && isRunnable(&running) && notification_state(&ntfn) == state);
        REACH("nothing");
    }
    REACH("end");
}

/*
 * of: cancelSignal, cancelAllSignals, bindNotification, unbindNotification, unbindMaybeNotification
 * shows: cancelled threads leave the queue; after cancelAllSignals the notification is idle and all its threads restart; binding is mutual
 *        and undone on both sides; all invariants
 * bounds: cancelAllSignals at most 4 threads in the queue, the rest any length; one domain
 * unwind: 5
 * mutant object/notification.c: thread->tcbBoundNotification = NULL; =>
 * mutant object/notification.c: ntfn_ptr_set_queue(ntfn, (tcb_queue_t){NULL, NULL}); =>
 */
void proof_cancelSignals(void)
{
    tcb_t *prev, *next;

    arbitraryNotification(true);
    prev = subject.tcbEPPrev;
    next = subject.tcbEPNext;
    bindNotification(&other, &ntfn);
    CLAIM(ntfn.boundTCB == &other && other.tcbBoundNotification == &ntfn);
    if (nondet_bool()) {
        ASSUME(ntfn.head != &between && after.tcbEPNext != &between && (ntfn.head == &subject || before.tcbEPPrev == NULL));
        cancelAllSignals(&ntfn);
        CLAIM(notification_state(&ntfn) == NtfnState_Idle && subject.state == ThreadState_Restart && subject.tcbQueued);
        REACH("all");
    } else {
        cancelSignal(&subject, &ntfn);
        CLAIM(subject.state == ThreadState_Inactive);
        CLAIM(prev == NULL || queuedOnNotification(&before));
        CLAIM(next == NULL || queuedOnNotification(&after));
        REACH("one");
    }
    CLAIM(ntfn.boundTCB == &other);
    if (nondet_bool())
        unbindMaybeNotification(&ntfn);
    else
        unbindNotification(&other);
    CLAIM(ntfn.boundTCB == NULL && other.tcbBoundNotification == NULL);
    claimNotification();
    REACH("end");
}
