/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoint and notification queues: doubly linked lists of threads through tcbEPNext/tcbEPPrev, first in, first out.
 * A thread is in at most one; its blockingObject says in which.
 */
#include "kernel/include/object.h"

tcb_queue_t queueAppend(tcb_t *thread, tcb_queue_t queue)
{
    if (queue.head == NULL)
        queue.head = thread;
    else
        queue.end->tcbEPNext = thread;
    thread->tcbEPPrev = queue.end;
    thread->tcbEPNext = NULL;
    queue.end = thread;
    return queue;
}

tcb_queue_t queueRemove(tcb_t *thread, tcb_queue_t queue)
{
    if (thread->tcbEPPrev != NULL)
        thread->tcbEPPrev->tcbEPNext = thread->tcbEPNext;
    else
        queue.head = thread->tcbEPNext;
    if (thread->tcbEPNext != NULL)
        thread->tcbEPNext->tcbEPPrev = thread->tcbEPPrev;
    else
        queue.end = thread->tcbEPPrev;
    return queue;
}
