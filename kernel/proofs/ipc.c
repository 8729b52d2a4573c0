/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints, notifications and the states of threads: queues, states and the scheduler's knowledge stay consistent.
 *
 * The ready queues are a flag here (queue.c has them), the transfer of a message changes registers only (transfer.c), and
 * deletion of a capability is arbitrary where said so.
 */
#include "kernel/proofs/tcb_world.h"

static endpoint_t ep;
static notification_t ntfn, bound;

/* The object of a capability, by name (see threadAt). */
static word_t objectAt(word_t ptr)
{
    return ptr == (word_t)&ep ? (word_t)&ep : ptr == (word_t)&ntfn ? (word_t)&ntfn : (word_t)&bound;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

#include "kernel/object/endpoint.c"
#include "kernel/object/notification.c"
#include "kernel/object/tcb_queue.c"
#include "kernel/sched/schedule.c"

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

void emptySlot(cte_t *slot, cap_t cleanup)
{
    CLAIM(slot == &callerSlot && cap_is(cleanup, cap_null_cap));
    deletedReply = true;
}

void loadExtraCaps(tcb_t *sender)
{
    CLAIM(sender->blockingFlags & BLOCKED_CAN_GRANT);
}

bool_t isIRQPending(void)
{
    return nondet_bool();
}

void markInterruptible(void) {}

/* It may end the time slice. */
void serveInterrupts(void)
{
    if (nondet_bool())
        timerTick();
}

static bool_t wellFormedEndpoint(const endpoint_t *e)
{
    word_t state = endpoint_state(e);
    tcb_t *tail = queueTail(e->tailAndState);

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
    return wellQueued(t, &ep, ep.head, queueTail(ep.tailAndState), blockedState());
}

static word_t place(const tcb_t *t)
{
    return t == &before ? 1 : t == &subject ? 2 : t == &after ? 3 : 4;
}

static bool_t isInQueue(const tcb_t *t)
{
    return t->state == ThreadState_BlockedOnSend && t->blockingObject == &ep;
}

/* The search of a preempted CancelBadgedSends: what is left of it is a stretch of the queue. */
static bool_t wellSearched(void)
{
    const search_t *search = &ep.head->search;

    return !(ep.tailAndState & EP_SEARCH) ||
           (endpoint_state(&ep) == EPState_Send && isInQueue(search->next) && isInQueue(search->last) &&
            place(search->next) <= place(search->last));
}

static void arbitrarySearch(void)
{
    tcb_t *next, *end;

    next = EITHER(&before, EITHER(&subject, EITHER(&after, &last)));
    end = EITHER(&before, EITHER(&subject, EITHER(&after, &last)));
    ASSUME(place(next) <= place(end));
    ASSUME(subject.tcbEPPrev != NULL || next != &before);
    ASSUME(subject.tcbEPNext != NULL || place(end) <= 2);
    ASSUME(after.tcbEPNext != NULL || place(end) <= 3);
    ep.head->search = (search_t){nondet_word(), EITHER(&running, &other), next, end};
    ep.tailAndState |= EP_SEARCH;
    ASSUME(wellSearched());
}

/* An endpoint of any state, subject at any place in its queue if it has one. */
static void arbitraryEndpoint(void)
{
    word_t state = EITHER(EPState_Send, EPState_Recv);
    tcb_queue_t queue;

    arbitraryThreads();
    queue = arbitraryQueue(&ep, state == EPState_Send ? ThreadState_BlockedOnSend : ThreadState_BlockedOnReceive);
    ep = (endpoint_t){queue.head, (word_t)queue.end | state};
    if (state == EPState_Send && nondet_bool())
        arbitrarySearch();
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
    CLAIM(wellSearched());
}

/*
 * of: sendIPC, blockOnEndpoint, awaitReply, setThreadState, possibleSwitchTo, rescheduleRequired
 * shows: without a receiver the sender is the last in the queue with its badge and rights, or nothing changes if it may not block;
 *        with one, the first receiver has the message and can run, a caller waits for its reply only if it may have one; endpoint,
 *        queue and scheduling invariants; no other thread changes its state
 * bounds: queue of any length; one domain
 * unwind: 1
 * mutant object/endpoint.c: queue.head == NULL ? EPState_Idle : (word_t)queue.end | flags => (word_t)queue.end | flags
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
 *        sender runs on, waits for its reply or stops as its rights say, unless the call makes way for an interrupt: nothing is taken then;
 *        else the thread blocks as last in the queue or gets badge 0;
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
        if (state == EPState_Send && messageFrom == NULL) {
            CLAIM(running.state == ThreadState_Restart && (running.timesPutOff != 0 || running.tcbQueued));
            CLAIM(ep.head == head && endpoint_state(&ep) == state);
            REACH("made way");
        } else if (state == EPState_Send) {
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
    claimFrame();
    REACH("end");
}

/*
 * of: cancelIPC (endpoint), suspend, restart, isStopped
 * shows: the thread leaves the queue from any place, is inactive with no fault pending (or restarts); its neighbours are linked; it is in no
 *        ready queue and no candidate unless it restarts; all invariants
 * bounds: queue of any length; one domain
 * mutant object/endpoint.c: removeFromQueue(thread->blockingObject, thread); =>
 * mutant object/endpoint.c: setThreadState(thread, ThreadState_Inactive);\n        thread->tcbFault.type = seL4_Fault_NullFault; => setThreadState(thread, ThreadState_Inactive);
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
 * mutant object/endpoint.c: emptySlot(callerSlot, cap_null_cap_new()); =>
 * mutant sched/schedule.c: setRegister(thread, RegFaultIP, thread->nextIP); =>
 * mutant sched/schedule.c: tcbSchedDequeue(thread);\n    if (ksSchedulerAction == thread) => if (ksSchedulerAction == thread)
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
 * of: cancelOneIPC, restartWaiter, searchStep, shrinkSearch, leaveSearch, removeFromQueue
 * shows: the first thread, or the next of a search if it has the badge, leaves the queue, restarts and is queued to run; of a search what is left
 *        is a stretch of the queue, kept by its first thread, or it is over; the result says whether threads are left; all invariants
 * bounds: queue of any length; one domain
 * mutant object/endpoint.c: thread->tcbEPNext->search = thread->search; => ;
 * mutant object/endpoint.c: search->next = thread->tcbEPNext; => ;
 * mutant object/endpoint.c: return ep->head != NULL; => return true;
 */
void proof_cancelOneIPC(void)
{
    bool_t matches;
    tcb_t *next;

    arbitraryEndpoint();
    if (nondet_bool()) {
        ASSUME(ep.head == &subject);
        CLAIM(cancelOneIPC(&ep) == (ep.head != NULL));
        CLAIM(subject.state == ThreadState_Restart && subject.tcbQueued);
        REACH("one");
    } else {
        ASSUME((ep.tailAndState & EP_SEARCH) && ep.head->search.next == &subject);
        matches = subject.blockingBadge == ep.head->search.badge;
        next = ep.head->search.last == &subject ? NULL : subject.tcbEPNext;
        searchStep(&ep);
        CLAIM(subject.state == (matches ? ThreadState_Restart : ThreadState_BlockedOnSend));
        CLAIM(((ep.tailAndState & EP_SEARCH) != 0) == (next != NULL));
        CLAIM(next == NULL || ep.head->search.next == next);
        REACH("search");
    }
    claimFrame();
    REACH("end");
}

/*
 * of: cancelBadgedSends, finishSearch
 * shows: when it is done no thread that was in the queue waits with the badge and those with others wait still, in order; preempted, what is
 *        left is in the endpoint; all invariants
 * bounds: at most 2 threads in the queue, no search of another thread under way; one domain
 * unwind: 4
 * long: yes
 * mutant object/endpoint.c: if (thread->blockingBadge == search->badge) => if (false)
 */
void proof_cancelBadgedSends(void)
{
    word_t badge = nondet_word();
    exception_t status;

    arbitraryThreads();
    ep.head = &subject;
    arbitraryQueue(&ep, ThreadState_BlockedOnSend);
    subject.tcbEPPrev = NULL;
    after.tcbEPNext = NULL;
    ep.tailAndState = EPState_Send | (word_t)(subject.tcbEPNext == NULL ? &subject : &after);
    assumeThreads();
    ASSUME(wellFormedEndpoint(&ep));
    status = cancelBadgedSends(&ep, badge);
    if (status == EXCEPTION_NONE) {
        CLAIM(subject.state == (subject.blockingBadge == badge ? ThreadState_Restart : ThreadState_BlockedOnSend));
        CLAIM(subject.blockingBadge == badge || queuedOnEndpoint(&subject));
        CLAIM(!(ep.tailAndState & EP_SEARCH));
        REACH("done");
    } else {
        CLAIM(status == EXCEPTION_PREEMPTED);
        REACH("preempted");
    }
    claimFrame();
    REACH("end");
}

static bool_t wellFormedNotification(const notification_t *n)
{
    word_t state = notification_state(n);
    tcb_t *tail = queueTail(n->tailAndState);

    if (state != NtfnState_Waiting)
        return state != 3 && n->head == NULL && tail == NULL;
    return n->head != NULL && tail != NULL && (n->head == &between || n->head->tcbEPPrev == NULL) && tail->tcbEPNext == NULL;
}

static bool_t queuedOnNotification(tcb_t *t)
{
    return wellQueued(t, &ntfn, ntfn.head, queueTail(ntfn.tailAndState), ThreadState_BlockedOnNotification);
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
 * mutant object/notification.c: cancelIPC(thread);\n            wakeWithBadge => wakeWithBadge
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
 * of: cancelOneIPC, cancelOneSignal
 * shows: where the last waiter went while the deletion was preempted, nothing changes and nobody is left
 * bounds: one domain
 * mutant object/endpoint.c: if (ep->head != NULL)\n        restartWaiter => restartWaiter
 * mutant object/notification.c: if (notification_state(ntfn) != NtfnState_Waiting)\n        return false; => ;
 */
void proof_cancelNobody(void)
{
    word_t state, epState;

    arbitraryNotification(false);
    state = ntfn.tailAndState;
    epState = ep.tailAndState;
    CLAIM(!cancelOneIPC(&ep) && !cancelOneSignal(&ntfn));
    CLAIM(ep.head == NULL && ep.tailAndState == epState && ntfn.head == NULL && ntfn.tailAndState == state);
    claimNotification();
    REACH("end");
}

/*
 * of: cancelSignal, cancelOneSignal, bindNotification, unbindNotification, unbindMaybeNotification
 * shows: the thread leaves the queue from any place and is inactive, or, as the first, restarts; the result says whether others are left;
 *        binding is mutual and undone on both sides; all invariants
 * bounds: queue of any length; one domain
 * mutant object/notification.c: thread->tcbBoundNotification = NULL; =>
 * mutant object/notification.c: return ntfn->head != NULL; => return false;
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
        ASSUME(ntfn.head == &subject);
        CLAIM(cancelOneSignal(&ntfn) == (notification_state(&ntfn) == NtfnState_Waiting));
        CLAIM(subject.state == ThreadState_Restart && subject.tcbQueued);
        REACH("first");
    } else {
        cancelSignal(&subject, &ntfn);
        CLAIM(subject.state == ThreadState_Inactive);
        CLAIM(prev == NULL || queuedOnNotification(&before));
        REACH("any");
    }
    CLAIM(next == NULL || queuedOnNotification(&after));
    CLAIM(ntfn.boundTCB == &other);
    if (nondet_bool())
        unbindMaybeNotification(&ntfn);
    else
        unbindNotification(&other);
    CLAIM(ntfn.boundTCB == NULL && other.tcbBoundNotification == NULL);
    claimNotification();
    REACH("end");
}
