/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queues of endpoints and notifications, and the ready queues.
 */
#include "kernel/proofs/tcb_world.h"

#include "kernel/object/tcb_queue.c"

#include "kernel/sched/ready.c"

tcb_t *ksCurThread, *ksIdleThread, *ksSchedulerAction;
word_t ksCurDomain, ksWorkUnitsCompleted;

static char object;

/*
 * of: queueAppend
 * shows: the thread is the last one; its links and its predecessor's fit; nothing else changes
 * bounds: queue of any length
 * mutant object/tcb_queue.c: thread->tcbEPNext = NULL; =>
 * mutant object/tcb_queue.c: queue.end->tcbEPNext = thread; => queue.head->tcbEPNext = thread;
 */
void proof_queueAppend(void)
{
    tcb_queue_t queue, result;
    tcb_t *end, *next;

    arbitraryThreads();
    queue = arbitraryQueue(&object, ThreadState_BlockedOnSend);
    if (nondet_bool())
        queue = (tcb_queue_t){NULL, NULL};
    end = queue.end;
    next = subject.tcbEPNext;
    other.tcbEPNext = EITHER(&between, NULL);
    other.tcbEPPrev = EITHER(&between, NULL);
    other.state = ThreadState_BlockedOnSend;
    other.blockingObject = &object;
    result = queueAppend(&other, queue);
    CLAIM(result.end == &other && other.tcbEPNext == NULL && other.tcbEPPrev == end);
    CLAIM(result.head == (queue.head == NULL ? &other : queue.head));
    CLAIM(wellQueued(&other, &object, result.head, result.end, ThreadState_BlockedOnSend));
    if (queue.head != NULL) {
        CLAIM(wellQueued(&subject, &object, result.head, result.end, ThreadState_BlockedOnSend));
        CLAIM(next == NULL || wellQueued(&after, &object, result.head, result.end, ThreadState_BlockedOnSend));
        CLAIM(end->tcbEPNext == &other);
        REACH("not empty");
    }
    CLAIM(between.tcbEPNext == NULL && between.tcbEPPrev == NULL);
    REACH("end");
}

/*
 * of: queueRemove
 * shows: the neighbours are linked to one another, head and tail follow; nothing else changes
 * bounds: queue of any length, thread at any place
 * mutant object/tcb_queue.c: thread->tcbEPNext->tcbEPPrev = thread->tcbEPPrev; => ;
 * mutant object/tcb_queue.c: queue.end = thread->tcbEPPrev; =>
 */
void proof_queueRemove(void)
{
    tcb_queue_t queue, result;
    tcb_t *prev, *next;

    arbitraryThreads();
    queue = arbitraryQueue(&object, ThreadState_BlockedOnReceive);
    prev = subject.tcbEPPrev;
    next = subject.tcbEPNext;
    result = queueRemove(&subject, queue);
    CLAIM((result.head == NULL) == (result.end == NULL) || prev == &between);
    CLAIM(result.head == (prev == NULL ? next : queue.head) && result.end == (next == NULL ? prev : queue.end));
    if (prev != NULL)
        CLAIM(wellQueued(&before, &object, result.head, result.end, ThreadState_BlockedOnReceive));
    if (next != NULL)
        CLAIM(wellQueued(&after, &object, result.head, result.end, ThreadState_BlockedOnReceive));
    if (prev == NULL && next == NULL)
        CLAIM(result.head == NULL && result.end == NULL);
    CLAIM(between.tcbEPNext == NULL && between.tcbEPPrev == NULL);
    if (prev != NULL && next != NULL)
        REACH("in the middle");
    REACH("end");
}

/* The ready queue of subject: empty without it, or subject somewhere in it. */
static tcb_queue_t *arbitraryReadyQueue(bool_t queued)
{
    tcb_queue_t *queue = queueOf(&subject);
    word_t bit = BIT(subject.tcbPriority % 64), *l2 = &ksReadyQueuesL2Bitmap[subject.tcbDomain][subject.tcbPriority / 64];

    ksReadyQueuesL1Bitmap[0] = nondet_word();
    *l2 = nondet_word();
    subject.tcbQueued = queued;
    before.tcbDomain = after.tcbDomain = last.tcbDomain = subject.tcbDomain;
    before.tcbPriority = after.tcbPriority = last.tcbPriority = subject.tcbPriority;
    before.tcbSchedPrev = EITHER(NULL, &between);
    before.tcbSchedNext = queued ? &subject : EITHER(NULL, &between);
    after.tcbSchedPrev = queued ? &subject : EITHER(NULL, &between);
    after.tcbSchedNext = EITHER(NULL, &between);
    subject.tcbSchedPrev = queued ? EITHER(NULL, &before) : NULL;
    subject.tcbSchedNext = queued ? EITHER(NULL, &after) : NULL;
    if (queued) {
        queue->head = subject.tcbSchedPrev == NULL ? &subject : before.tcbSchedPrev == NULL ? &before : &between;
        queue->end = subject.tcbSchedNext == NULL ? &subject : after.tcbSchedNext == NULL ? &after : &between;
    } else if (nondet_bool()) {
        queue->head = queue->end = NULL;
    } else { /* first: before; last: after, or the same one */
        queue->head = &before;
        before.tcbSchedPrev = NULL;
        after.tcbSchedNext = NULL;
        queue->end = EITHER(&before, &after);
        ASSUME((queue->end == &before) == (before.tcbSchedNext == NULL));
        ASSUME(queue->end == &before || after.tcbSchedPrev != NULL);
    }
    ASSUME(((*l2 & bit) != 0) == (queue->head != NULL));
    ASSUME((ksReadyQueuesL1Bitmap[0] >> subject.tcbPriority / 64 & 1) == (*l2 != 0));
    return queue;
}

static void claimBitmaps(const tcb_queue_t *queue, word_t l2Before)
{
    word_t bit = BIT(subject.tcbPriority % 64), l2 = ksReadyQueuesL2Bitmap[0][subject.tcbPriority / 64];

    CLAIM(((l2 & bit) != 0) == (queue->head != NULL) && (queue->head == NULL) == (queue->end == NULL));
    CLAIM((ksReadyQueuesL1Bitmap[0] >> subject.tcbPriority / 64 & 1) == (l2 != 0));
    CLAIM((l2 & ~bit) == (l2Before & ~bit));
}

static word_t l2Now(void)
{
    return ksReadyQueuesL2Bitmap[0][subject.tcbPriority / 64];
}

static void proveEnqueue(uint8_t priority)
{
    tcb_queue_t *queue, was;
    word_t l2, l1;

    arbitraryThreads();
    subject.tcbDomain = 0;
    subject.tcbPriority = priority;
    queue = arbitraryReadyQueue(nondet_bool());
    was = *queue;
    l2 = l2Now();
    l1 = ksReadyQueuesL1Bitmap[0];
    if (subject.tcbQueued) {
        tcbSchedEnqueue(&subject);
        CLAIM(queue->head == was.head && queue->end == was.end && subject.tcbQueued == 1);
        REACH("queued already");
    } else {
        tcbSchedEnqueue(&subject);
        CLAIM(queue->head == &subject && subject.tcbSchedPrev == NULL && subject.tcbSchedNext == was.head);
        CLAIM(was.head == NULL ? queue->end == &subject : queue->end == was.end && was.head->tcbSchedPrev == &subject);
        CLAIM(subject.tcbQueued == 1);
        REACH("new");
    }
    claimBitmaps(queue, l2);
    CLAIM((ksReadyQueuesL1Bitmap[0] | BIT(subject.tcbPriority / 64)) == (l1 | BIT(subject.tcbPriority / 64)));
    REACH("end");
}

/*
 * of: tcbSchedEnqueue, markReady, queueOf
 * shows: the thread is the first of the queue of its priority, marked queued; links fit; both bitmaps say exactly which queues have
 *        threads; a thread that is queued already stays where it is
 * bounds: queue of any length, priority 130 (see the long ones); one domain
 * mutant sched/ready.c: queue->head->tcbSchedPrev = thread; =>
 * mutant sched/ready.c: ksReadyQueuesL1Bitmap[domain] |= BIT(prio / wordBits); =>
 */
void proof_tcbSchedEnqueue(void)
{
    proveEnqueue(130);
}


static void proveAppend(uint8_t priority)
{
    tcb_queue_t *queue, was;
    word_t l2;

    arbitraryThreads();
    subject.tcbDomain = 0;
    subject.tcbPriority = priority;
    queue = arbitraryReadyQueue(false);
    was = *queue;
    l2 = l2Now();
    tcbSchedAppend(&subject);
    CLAIM(queue->end == &subject && subject.tcbSchedNext == NULL);
    CLAIM(subject.tcbSchedPrev == (was.head == NULL ? NULL : was.end));
    CLAIM(was.head == NULL ? queue->head == &subject : queue->head == was.head && was.end->tcbSchedNext == &subject);
    CLAIM(subject.tcbQueued == 1);
    claimBitmaps(queue, l2);
    REACH("end");
}

/*
 * of: tcbSchedAppend
 * shows: as tcbSchedEnqueue, at the tail
 * bounds: queue of any length, priority 130 (see the long ones); one domain
 * mutant sched/ready.c: queue->end->tcbSchedNext = thread; =>
 * mutant sched/ready.c: thread->tcbSchedPrev = queue->end; =>
 */
void proof_tcbSchedAppend(void)
{
    proveAppend(130);
}


static void proveDequeue(uint8_t priority)
{
    tcb_queue_t *queue, was;
    tcb_t *prev, *next;
    word_t l2;

    arbitraryThreads();
    subject.tcbDomain = 0;
    subject.tcbPriority = priority;
    queue = arbitraryReadyQueue(nondet_bool());
    was = *queue;
    l2 = l2Now();
    prev = subject.tcbSchedPrev;
    next = subject.tcbSchedNext;
    if (subject.tcbQueued) {
        tcbSchedDequeue(&subject);
        CLAIM(prev == NULL ? queue->head == next : queue->head == was.head && before.tcbSchedNext == next);
        CLAIM(next == NULL ? queue->end == prev : queue->end == was.end && after.tcbSchedPrev == prev);
        CLAIM(subject.tcbQueued == 0);
        REACH("queued");
    } else {
        tcbSchedDequeue(&subject);
        CLAIM(queue->head == was.head && queue->end == was.end);
    }
    claimBitmaps(queue, l2);
    REACH("end");
}

/*
 * of: tcbSchedDequeue, markEmpty
 * shows: the thread is in no queue; its neighbours are linked; head, tail and both bitmaps follow; a thread in no queue changes nothing
 * bounds: queue of any length, thread at any place, priority 130 (see the long ones); one domain
 * mutant sched/ready.c: if (*l2 == 0) => if (false)
 * mutant sched/ready.c: queue->end = thread->tcbSchedPrev; =>
 */
void proof_tcbSchedDequeue(void)
{
    proveDequeue(130);
}

/*
 * of: tcbSchedEnqueue
 * shows: the same for every priority
 * bounds: one domain
 * long: yes
 */
void proof_anyEnqueue(void)
{
    proveEnqueue(nondet_byte());
}

/*
 * of: tcbSchedAppend
 * shows: the same for every priority
 * bounds: one domain
 * long: yes
 */
void proof_anyAppend(void)
{
    proveAppend(nondet_byte());
}

/*
 * of: tcbSchedDequeue
 * shows: the same for every priority
 * bounds: one domain
 * long: yes
 */
void proof_anyDequeue(void)
{
    proveDequeue(nondet_byte());
}
