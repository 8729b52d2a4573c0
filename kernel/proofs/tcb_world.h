/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world of threads, for the proofs of queues, messages and scheduling.
 *
 *   running   the current thread; other: a thread of any state in no queue
 *   queue of the object: ... before, subject, after ... last    (subject may be the first or last; `between' stands for all others)
 *
 * A thread's five slots are objects of their own here, as are all threads.
 */
#pragma once

#include "kernel/proofs/proof.h"

static tcb_t running, other, before, subject, after, last, between, idleThread;


/* A pointer that was an integer, by name again: CBMC is slow with pointers of which it does not know the offset. */
static inline tcb_t *threadAt(tcb_t *t)
{
    return t == NULL ? NULL : t == &running ? &running : t == &other ? &other : t == &before ? &before : t == &subject ? &subject
           : t == &after ? &after : t == &last ? &last : &between;
}

static inline tcb_t *(queueTail)(word_t tailAndState);
#define queueTail(tailAndState) threadAt((queueTail)(tailAndState))

static inline bool_t isBlockedOnQueue(const tcb_t *t)
{
    return t->state == ThreadState_BlockedOnSend || t->state == ThreadState_BlockedOnReceive ||
           t->state == ThreadState_BlockedOnNotification;
}

/* A thread that can run is queued, or current, or about to be switched to; one that cannot is none of these but current. */
static inline bool_t wellScheduled(const tcb_t *t)
{
    if (!isRunnable(t))
        return !t->tcbQueued && ksSchedulerAction != t &&
               IMPLIES(t == ksCurThread && t != ksIdleThread, ksSchedulerAction != SchedulerAction_ResumeCurrentThread);
    return t->tcbQueued || t == ksCurThread || t == ksSchedulerAction;
}

/* A fault is pending only while its message is on the way or unanswered. */
static inline bool_t wellFaulted(const tcb_t *t)
{
    return t->tcbFault.type == seL4_Fault_NullFault || t->state == ThreadState_BlockedOnReply ||
           (t->state == ThreadState_BlockedOnSend && (t->blockingFlags & BLOCKED_IS_CALL) &&
            (t->blockingFlags & (BLOCKED_CAN_GRANT | BLOCKED_CAN_GRANT_REPLY)));
}

static inline bool_t wellFormedThread(const tcb_t *t)
{
    return t->state < ThreadState_IdleThreadState && t->tcbQueued <= 1 && t->tcbDomain < CONFIG_NUM_DOMAINS && wellScheduled(t) &&
           wellFaulted(t);
}

/* Sets up the thread with no pointer to anywhere. */
static inline tcb_t arbitraryThread(void)
{
    tcb_t t = nondet_tcb();

    t.tcbBoundNotification = NULL;
    t.blockingObject = NULL;
    t.tcbEPNext = t.tcbEPPrev = t.tcbSchedNext = t.tcbSchedPrev = NULL;
    t.inSyscall &= 1;
    return t;
}

/* All threads; `state' is that of the queue. */
static inline void arbitraryThreads(void)
{
    running = arbitraryThread();
    other = arbitraryThread();
    before = arbitraryThread();
    subject = arbitraryThread();
    after = arbitraryThread();
    last = arbitraryThread();
    between = arbitraryThread();
    idleThread = arbitraryThread();
    idleThread.state = ThreadState_IdleThreadState;
    idleThread.tcbQueued = 0;
    ksIdleThread = &idleThread;
    ksCurThread = &running;
    ksSchedulerAction = EITHER(SchedulerAction_ResumeCurrentThread, EITHER(SchedulerAction_ChooseNewThread, &other));
    ksCurDomain = 0;
    ksWorkUnitsCompleted = nondet_byte();
}

static inline void assumeThreads(void)
{
    ASSUME(wellFormedThread(&running) && wellFormedThread(&other) && wellFormedThread(&before) && wellFormedThread(&subject) &&
           wellFormedThread(&after) && wellFormedThread(&last));
    ASSUME(!isBlockedOnQueue(&running) && !isBlockedOnQueue(&other) && !running.tcbQueued);
}

static inline void claimThreads(void)
{
    CLAIM(wellFormedThread(&running));
    CLAIM(wellFormedThread(&other));
    CLAIM(wellFormedThread(&before));
    CLAIM(wellFormedThread(&subject));
    CLAIM(wellFormedThread(&after));
    CLAIM(wellFormedThread(&last));
}

/*
 * The queue of a waiting object: subject is in it, between two neighbours or at an end.  Returns head and tail.
 */
static inline tcb_queue_t arbitraryQueue(void *object, thread_state_t state)
{
    tcb_queue_t queue;

    before.state = subject.state = after.state = last.state = (uint8_t)state;
    before.blockingObject = subject.blockingObject = after.blockingObject = last.blockingObject = object;
    subject.tcbEPPrev = EITHER(NULL, &before);
    before.tcbEPNext = &subject;
    before.tcbEPPrev = EITHER(NULL, &between);
    queue.head = subject.tcbEPPrev == NULL ? &subject : before.tcbEPPrev == NULL ? &before : &between;

    subject.tcbEPNext = EITHER(NULL, &after);
    after.tcbEPPrev = &subject;
    after.tcbEPNext = EITHER(NULL, EITHER(&between, &last));
    last.tcbEPPrev = after.tcbEPNext == &last ? &after : &between;
    last.tcbEPNext = NULL;
    queue.end = subject.tcbEPNext == NULL ? &subject : after.tcbEPNext == NULL ? &after : &last;
    return queue;
}

/* The queue invariant of one thread in the queue (head, end) of `object'. */
static inline bool_t wellQueued(tcb_t *t, void *object, tcb_t *head, tcb_t *end, word_t state)
{
    tcb_t *next = t->tcbEPNext, *prev = t->tcbEPPrev;

    if (t->state != state || t->blockingObject != object)
        return false;
    if (prev == NULL ? head != t : prev != &between && (prev->tcbEPNext != t || prev->state != state))
        return false;
    return next == NULL ? end == t : next == &between || (next->tcbEPPrev == t && next->state == state);
}
