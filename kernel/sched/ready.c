/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ready queues: one for each domain and priority, with a two-level bitmap of the non-empty ones.
 *
 * Invariant: a thread is in the queue of its domain and priority exactly if tcbQueued is set; queued threads are
 * runnable; the current thread is not queued.
 */
#include "kernel/include/api.h"

tcb_queue_t ksReadyQueues[NUM_READY_QUEUES];
word_t ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS];
word_t ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS][L2_WORDS];

static tcb_queue_t *queueOf(const tcb_t *thread)
{
    return readyQueue(queueDomain(thread->tcbDomain), thread->tcbPriority);
}

static void markReady(const tcb_t *thread)
{
    word_t domain = queueDomain(thread->tcbDomain), prio = thread->tcbPriority;

    ksReadyQueuesL1Bitmap[domain] |= BIT(prio / wordBits);
    ksReadyQueuesL2Bitmap[domain][prio / wordBits] |= BIT(prio % wordBits);
}

static void markEmpty(const tcb_t *thread)
{
    word_t domain = queueDomain(thread->tcbDomain), prio = thread->tcbPriority;
    word_t *l2 = &ksReadyQueuesL2Bitmap[domain][prio / wordBits];

    *l2 &= ~BIT(prio % wordBits);
    if (*l2 == 0)
        ksReadyQueuesL1Bitmap[domain] &= ~BIT(prio / wordBits);
}

/* At the head: the thread was interrupted by a better one and goes on first. */
void tcbSchedEnqueue(tcb_t *thread)
{
    tcb_queue_t *queue = queueOf(thread);

    if (thread->tcbQueued)
        return;
    thread->tcbSchedPrev = NULL;
    thread->tcbSchedNext = queue->head;
    if (queue->head != NULL) {
        queue->head->tcbSchedPrev = thread;
    } else {
        queue->end = thread;
        markReady(thread);
    }
    queue->head = thread;
    thread->tcbQueued = true;
}

void tcbSchedAppend(tcb_t *thread)
{
    tcb_queue_t *queue = queueOf(thread);

    if (thread->tcbQueued)
        return;
    thread->tcbSchedNext = NULL;
    thread->tcbSchedPrev = queue->end;
    if (queue->head != NULL) {
        queue->end->tcbSchedNext = thread;
    } else {
        thread->tcbSchedPrev = NULL;
        queue->head = thread;
        markReady(thread);
    }
    queue->end = thread;
    thread->tcbQueued = true;
}

void tcbSchedDequeue(tcb_t *thread)
{
    tcb_queue_t *queue = queueOf(thread);

    if (!thread->tcbQueued)
        return;
    if (thread->tcbSchedPrev != NULL)
        thread->tcbSchedPrev->tcbSchedNext = thread->tcbSchedNext;
    else
        queue->head = thread->tcbSchedNext;
    if (thread->tcbSchedNext != NULL)
        thread->tcbSchedNext->tcbSchedPrev = thread->tcbSchedPrev;
    else
        queue->end = thread->tcbSchedPrev;
    if (queue->head == NULL)
        markEmpty(thread);
    thread->tcbQueued = false;
}
