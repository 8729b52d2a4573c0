/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world for the proofs of the choice of the next thread, for any number of domains.
 *
 *   running    the current thread, or one that does nothing while idleThread is current
 *   candidate  a thread that may be about to be switched to, or ready
 *   best       a ready thread
 *   absent     stands for the threads that no function is given
 *
 * The ready queues do what queue.c proves of them.  Of each only the first thread matters here, and of all queues only that of the
 * highest ready priority, of whose threads one is known by name (`top').  Bitmaps are the kernel's.
 */
#pragma once

#include "kernel/proofs/proof.h"

static tcb_t running, candidate, best, idleThread, absent, absentBefore;
static tcb_queue_t topQueue;

static tcb_queue_t *knownQueue(word_t domain, word_t prio);

#define readyQueue(domain, prio) knownQueue(domain, prio)
#include "kernel/sched/schedule.c"

word_t ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS], ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS][L2_WORDS];
static word_t switches, timerStarts, timerStops, marks, served;
static const tcb_t *switchedTo;
static bool_t isPending;

/* Ghost: the thread is the first of its queue. */
#define isFirst blockingBadge

static bool_t isBetterFirst(const tcb_t *a, const tcb_t *b)
{
    return a->isFirst && queueDomain(a->tcbDomain) == queueDomain(ksCurDomain) && (b == NULL || a->tcbPriority > b->tcbPriority);
}

/* The one queue that a proof knows: the best non-empty one of the current domain. */
static tcb_queue_t *knownQueue(word_t domain, word_t prio)
{
    tcb_t *top = NULL;

    top = isBetterFirst(&running, top) ? &running : top;
    top = isBetterFirst(&candidate, top) ? &candidate : top;
    top = isBetterFirst(&best, top) ? &best : top;
    CLAIM(top != NULL && domain == queueDomain(ksCurDomain) && prio == top->tcbPriority);
    topQueue.head = top;
    return &topQueue;
}

static bool_t isReady(word_t domain, word_t prio)
{
    return ksReadyQueuesL2Bitmap[domain][prio / wordBits] >> prio % wordBits & 1;
}

static void markQueue(const tcb_t *t, bool_t ready)
{
    word_t domain = queueDomain(t->tcbDomain), i = t->tcbPriority / wordBits, bit = BIT(t->tcbPriority % wordBits);
    word_t l2 = (ksReadyQueuesL2Bitmap[domain][i] & ~bit) | (ready ? bit : 0);

    ksReadyQueuesL2Bitmap[domain][i] = l2;
    ksReadyQueuesL1Bitmap[domain] = (ksReadyQueuesL1Bitmap[domain] & ~BIT(i)) | (l2 != 0 ? BIT(i) : 0);
}

static bool_t inQueueOf(const tcb_t *other, const tcb_t *t)
{
    return other != t && other->tcbQueued && other->tcbPriority == t->tcbPriority && other->tcbDomain == t->tcbDomain;
}

static void makeFirst(tcb_t *t)
{
    running.isFirst &= !inQueueOf(&running, t);
    candidate.isFirst &= !inQueueOf(&candidate, t);
    best.isFirst &= !inQueueOf(&best, t);
    t->isFirst = true;
}

static void enterQueue(tcb_t *t, bool_t atHead)
{
    CLAIM(isRunnable(t) && t->tcbDomain < CONFIG_NUM_DOMAINS);
    if (t->tcbQueued)
        return;
    if (atHead || !isReady(queueDomain(t->tcbDomain), t->tcbPriority))
        makeFirst(t);
    t->tcbQueued = 1;
    markQueue(t, true);
}

void tcbSchedEnqueue(tcb_t *t) { enterQueue(t, true); }
void tcbSchedAppend(tcb_t *t) { enterQueue(t, false); }

/* Who is first then may be one of the others that are named here, or none of them. */
void tcbSchedDequeue(tcb_t *t)
{
    tcb_t *rest = EITHER(&running, EITHER(&candidate, EITHER(&best, NULL)));
    bool_t others = inQueueOf(&running, t) || inQueueOf(&candidate, t) || inQueueOf(&best, t);

    if (!t->tcbQueued)
        return;
    ASSUME(rest == NULL || inQueueOf(rest, t));
    if (t->isFirst && rest != NULL)
        rest->isFirst = true;
    t->isFirst = false;
    markQueue(t, others || nondet_bool());
    t->tcbQueued = 0;
}

void timerStart(void) { timerStarts++; }
void timerStop(void) { timerStops++; }
void Arch_switchToThread(tcb_t *t) { CLAIM(t != ksCurThread && t != ksIdleThread); switchedTo = t; switches++; }
void Arch_switchToIdleThread(void) { CLAIM(ksCurThread != ksIdleThread); switchedTo = &idleThread; switches++; }
bool_t isIRQPending(void) { return isPending; }
void markInterruptible(void) { marks++; }
void serveInterrupts(void) { served++; running.tcbQueued = nondet_bool(); }
void cancelIPC(tcb_t *t) { (void)t; CLAIM(false); }

cte_t *slotOf(const tcb_t *t, word_t i)
{
    (void)t, (void)i;
    CLAIM(false);
    return NULL;
}

static tcb_t arbitraryThread(void)
{
    tcb_t t = nondet_tcb();

    t.tcbDomain = CONFIG_NUM_DOMAINS == 1 ? 0 : t.tcbDomain;
    t.tcbQueued = 0;
    t.isFirst = false;
    t.inSyscall &= 1;
    ASSUME(t.state < ThreadState_IdleThreadState && t.tcbDomain < CONFIG_NUM_DOMAINS);
    return t;
}

/* L1 says which words of L2 are not zero. */
static void arbitraryBitmap(word_t domain)
{
    word_t i;

    ksReadyQueuesL1Bitmap[domain] = 0;
    for (i = 0; i < L2_WORDS; i++) {
        ksReadyQueuesL2Bitmap[domain][i] = nondet_word();
        if (ksReadyQueuesL2Bitmap[domain][i] != 0)
            ksReadyQueuesL1Bitmap[domain] |= BIT(i);
    }
}

static bool_t isBitmapConsistent(word_t domain)
{
    const word_t *l2 = ksReadyQueuesL2Bitmap[domain];
    word_t l1 = (l2[0] != 0) | (word_t)(l2[1] != 0) << 1 | (word_t)(l2[2] != 0) << 2 | (word_t)(l2[3] != 0) << 3;

    return ksReadyQueuesL1Bitmap[domain] == l1;
}

/* No queue of the domain above this priority has a thread. */
static bool_t isHighest(word_t domain, word_t prio)
{
    word_t witness = nondet_byte();

    return witness <= prio || !isReady(domain, witness);
}

/* Word i of the bitmap, without the bit of a thread that is alone in its queue. */
static word_t l2Without(word_t domain, word_t i, const tcb_t *alone)
{
    word_t l2 = ksReadyQueuesL2Bitmap[domain][i];

    return alone != NULL && alone->tcbPriority / wordBits == i ? l2 & ~BIT(alone->tcbPriority % wordBits) : l2;
}

/* The same of every queue, but that `alone' may be alone in a better one. */
static void assumeHighest(word_t domain, word_t prio, const tcb_t *alone)
{
    word_t i = prio / wordBits, mask = prio % wordBits == 63 ? 0 : ~(word_t)0 << (prio % wordBits + 1);

    ASSUME((i != 0 || !(l2Without(domain, 0, alone) & mask)) && (i > 1 || !(l2Without(domain, 1, alone) & (i == 1 ? mask : ~(word_t)0))));
    ASSUME(i > 2 || !(l2Without(domain, 2, alone) & (i == 2 ? mask : ~(word_t)0)));
    ASSUME(!(l2Without(domain, 3, alone) & (i == 3 ? mask : ~(word_t)0)));
    ASSUME(alone == NULL || !best.tcbQueued || best.tcbPriority <= prio);
}

static void assumeQueued(tcb_t *t)
{
    t->tcbQueued = 1;
    ASSUME(isRunnable(t) && isReady(queueDomain(t->tcbDomain), t->tcbPriority));
}

/* The state before schedule(), of the domain that is current then. */
static void arbitrarySchedule(word_t domain)
{
    tcb_t *top;

    running = arbitraryThread();
    candidate = arbitraryThread();
    best = arbitraryThread();
    absent = absentBefore = arbitraryThread();
    idleThread = nondet_tcb();
    idleThread.state = ThreadState_IdleThreadState;
    idleThread.tcbQueued = 0;
    ksIdleThread = &idleThread;
    ksCurThread = EITHER(&running, &idleThread);
    if (ksCurThread == &idleThread)
        running.state = ThreadState_Inactive;
    ksSchedulerAction = EITHER(SchedulerAction_ResumeCurrentThread, EITHER(SchedulerAction_ChooseNewThread, &candidate));
    arbitraryBitmap(domain);
    if (nondet_bool())
        assumeQueued(&candidate);
    if (ksSchedulerAction == SchedulerAction_ChooseNewThread && ksCurThread == &running && nondet_bool())
        assumeQueued(&running);
    if (ksReadyQueuesL1Bitmap[domain] != 0) {
        top = EITHER(&best, EITHER(&candidate, &running));
        if (top == &best)
            best.tcbQueued = 1;
        ASSUME(top->tcbQueued && isRunnable(top) && queueDomain(top->tcbDomain) == domain && isReady(domain, top->tcbPriority));
        assumeHighest(domain, top->tcbPriority, NULL);
        top->isFirst = true;
    }
    switches = timerStarts = timerStops = 0;
    switchedTo = NULL;
}

/* Nobody who can run is forgotten, and nobody who cannot is ready; the scheduler has nothing in mind. */
static bool_t isKnown(const tcb_t *t)
{
    return isRunnable(t) ? (t == ksCurThread) != (t->tcbQueued != 0) : !t->tcbQueued && t != ksCurThread;
}

static void claimAbsent(void)
{
    CLAIM(absent.state == absentBefore.state && absent.tcbQueued == absentBefore.tcbQueued && absent.tcbPriority == absentBefore.tcbPriority);
}
