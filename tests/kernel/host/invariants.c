/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's invariants, checked from every slot that can be reached.
 *
 * - Derivation tree: neighbours point to one another; an empty slot is in no list.
 * - Untypeds: every object made from one lies below its free index.
 * - Queues: threads in them exist; a queue is empty exactly if its endpoint is idle; its threads are blocked on it in
 *   the right state; ready queues, flags and bitmaps agree, and hold runnable threads only.
 * - Mappings: an address space carries its ASID; its tables are in memory.
 * - Memory, interrupts, ports: memory.c.
 * - Threads: the hidden slots hold what they may; what a thread waits on or is bound to exists.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/arch/x86_64/vspace.h"
#include "tests/kernel/host/world.h"


/* The round in which an address was last seen, for each 16 bytes of memory and for the interrupts' slots. */
typedef struct address_set {
    uint32_t memory[BIT(MEMORY_BITS - 4)];
    uint32_t irqs[NUM_IRQS];
} address_set_t;

static cte_t *slots[MAX_SLOTS];
static word_t slotCount;
static address_set_t seenObjects, seenSlots;
static uint32_t round;

void require(bool_t holds, const char *what, const void *where)
{
    if (holds)
        return;
    fprintf(stderr, "invariant broken: %s (%p)\n", what, where);
    abort();
}

static uint32_t *place(address_set_t *set, word_t address)
{
    word_t irq = (address - (word_t)intStateIRQNode) / sizeof(cte_t);

    if (irq < NUM_IRQS)
        return &set->irqs[irq];
    require(address - PPTR_BASE < BIT(MEMORY_BITS), "an object is in memory", (void *)address);
    return &set->memory[(address - PPTR_BASE) >> 4];
}

static bool_t firstVisit(address_set_t *set, word_t address)
{
    uint32_t *seen = place(set, address);
    bool_t first = *seen != round;

    *seen = round;
    return first;
}

/* Whether some capability still names the thread, endpoint or notification. */
static bool_t isLive(const void *object)
{
    return *place(&seenObjects, (word_t)object) == round;
}

static void addSlots(cte_t *first, word_t n)
{
    word_t i;

    require(slotCount + n <= MAX_SLOTS, "harness: slot table", NULL);
    for (i = 0; i < n; i++) {
        if (firstVisit(&seenSlots, (word_t)(first + i)))
            slots[slotCount++] = first + i;
    }
}

/* Slots inside the object that a capability names. */
static void addInnerSlots(cap_t cap)
{
    word_t ptr = cap_get_capPtr(cap);

    switch (cap_get_capType(cap)) {
    case cap_cnode_cap:
        ptr = cap_cnode_cap_get_capCNodePtr(cap);
        if (firstVisit(&seenObjects, ptr))
            addSlots((cte_t *)ptr, BIT(cap_cnode_cap_get_capCNodeRadix(cap)));
        break;
    case cap_thread_cap:
        if (firstVisit(&seenObjects, ptr))
            addSlots(TCB_PTR_CTE_PTR(ptr, 0), tcbCNodeEntries);
        break;
    case cap_endpoint_cap:
    case cap_notification_cap:
        firstVisit(&seenObjects, ptr);
        break;
    case cap_zombie_cap:
        if (firstVisit(&seenObjects, ptr) && !cap_zombie_cap_isQueue(cap))
            addSlots((cte_t *)ptr, cap_zombie_cap_get_capZombieNumber(cap));
        break;
    default:
        break;
    }
}

/* From the first slots on: what they name, and their neighbours in the derivation tree. */
static void collectSlots(void)
{
    word_t i;

    slotCount = 0;
    round++;
    addSlots(intStateIRQNode, NUM_IRQS);
    addSlots(rootCNode, BIT(ROOT_RADIX));
    addSlots(TCB_PTR_CTE_PTR(rootThread, 0), tcbCNodeEntries);
    for (i = 0; i < slotCount; i++) {
        if (mdb_next(slots[i]) != NULL)
            addSlots(mdb_next(slots[i]), 1);
        if (slots[i]->mdbPrev != NULL)
            addSlots(slots[i]->mdbPrev, 1);
        addInnerSlots(slots[i]->cap);
    }
}

static void checkTree(const cte_t *slot)
{
    const cte_t *next = mdb_next(slot), *prev = slot->mdbPrev;

    if (cap_is(slot->cap, cap_null_cap)) {
        require(slot->mdbNext == 0 && prev == NULL && slot->cap.words[0] == 0 && slot->cap.words[1] == 0,
                "an empty slot is all zero", slot);
        return;
    }
    require(next == NULL || (next->mdbPrev == slot && !cap_is(next->cap, cap_null_cap)), "next neighbour", slot);
    require(prev == NULL || (mdb_next(prev) == slot && !cap_is(prev->cap, cap_null_cap)), "previous neighbour", slot);
}

static bool_t isInside(word_t base, word_t bits, word_t ptr)
{
    return ptr - base < BIT(bits);
}

/* What lies in the memory of an untyped and is not the untyped itself must be below its free index. */
static void checkUntyped(const cte_t *slot)
{
    word_t base = cap_get_capPtr(slot->cap), bits = cap_untyped_cap_get_capBlockSize(slot->cap);
    word_t free = cap_untyped_cap_get_capFreeIndex(slot->cap);
    const cte_t *next = mdb_next(slot);

    require(free <= BIT(bits), "free index inside the untyped", slot);
    for (; next != NULL && isMDBParentOf(slot, next); next = mdb_next(next)) {
        word_t ptr = cap_get_capPtr(next->cap);

        require(isInside(base, bits, ptr), "child inside the untyped", next);
        require(ptr - base < free, "child below the free index", next);
    }
}

static void checkQueue(tcb_t *head, word_t tail, thread_state_t state, const void *object)
{
    tcb_t *thread, *prev = NULL;

    for (thread = head; thread != NULL; prev = thread, thread = thread->tcbEPNext) {
        require(isLive(thread), "queued thread exists", thread);
        require(thread->tcbEPPrev == prev, "queue links", thread);
        require(thread->state == state && thread->blockingObject == object, "queued thread is blocked here", thread);
    }
    require(prev == (tcb_t *)(tail & ~QUEUE_FLAGS), "queue tail", object);
}

/* What a search has still to look at is a part of the queue, in its order. */
static void checkSearch(const endpoint_t *ep)
{
    const tcb_t *thread;
    bool_t seenNext = false;

    if (!(ep->tailAndState & EP_SEARCH))
        return;
    require(endpoint_state(ep) == EPState_Send && ep->head != NULL, "a search needs senders", ep);
    for (thread = ep->head; thread != NULL; thread = thread->tcbEPNext) {
        seenNext = seenNext || thread == ep->head->search.next;
        if (thread == ep->head->search.last)
            break;
    }
    require(thread != NULL && seenNext, "a search is inside its queue", ep);
}

static void checkEndpoint(const endpoint_t *ep)
{
    require((endpoint_state(ep) == EPState_Idle) == (ep->head == NULL), "idle endpoint has no queue", ep);
    checkQueue(ep->head, ep->tailAndState,
               endpoint_state(ep) == EPState_Send ? ThreadState_BlockedOnSend : ThreadState_BlockedOnReceive, ep);
    checkSearch(ep);
}

static void checkNotification(const notification_t *ntfn)
{
    require((notification_state(ntfn) == NtfnState_Waiting) == (ntfn->head != NULL), "waiting has a queue", ntfn);
    if (ntfn->head != NULL)
        checkQueue(ntfn->head, ntfn->tailAndState, ThreadState_BlockedOnNotification, ntfn);
    require(ntfn->boundTCB == NULL || isLive(ntfn->boundTCB), "bound thread exists", ntfn);
    require(ntfn->boundTCB == NULL || ntfn->boundTCB->tcbBoundNotification == ntfn, "binding is mutual", ntfn);
}

static void checkThread(tcb_t *tcb)
{
    cap_t reply = TCB_PTR_CTE_PTR(tcb, tcbReply)->cap, caller = TCB_PTR_CTE_PTR(tcb, tcbCaller)->cap;
    cte_t *child = mdb_next(TCB_PTR_CTE_PTR(tcb, tcbReply));

    require(cap_is(reply, cap_reply_cap) && (reply.words[0] & CAP_REPLY_MASTER), "reply master", tcb);
    require(cap_is(caller, cap_null_cap) || cap_is(caller, cap_reply_cap), "caller slot", tcb);
    require(tcb->state <= ThreadState_BlockedOnNotification, "thread state", tcb);
    require(child == NULL || tcb->state == ThreadState_BlockedOnReply, "a reply capability means waiting for it", tcb);
    require(!tcb->tcbQueued || isRunnable(tcb), "ready threads are runnable", tcb);
    require(!isRunnable(tcb) || tcb->tcbQueued || tcb == ksCurThread, "runnable threads are ready or current", tcb);
    require(tcb->tcbBoundNotification == NULL || isLive(tcb->tcbBoundNotification), "bound notification exists", tcb);
    require((tcb->state != ThreadState_BlockedOnSend && tcb->state != ThreadState_BlockedOnReceive &&
             tcb->state != ThreadState_BlockedOnNotification) || isLive(tcb->blockingObject), "waits on something", tcb);
    require(tcb->tcbBoundNotification == NULL || tcb->tcbBoundNotification->boundTCB == tcb, "binding is mutual", tcb);
}

static void checkFrame(const cte_t *slot)
{
    asid_t asid = cap_get_mappedASID(slot->cap);
    word_t size = cap_frame_cap_get_capFSize(slot->cap);
    word_t *pml4, *entry;

    if (asid == 0 || (pml4 = findVSpaceForASID(asid)) == NULL)
        return;
    require(pml4[PML4_ASID_ENTRY] == pml4ASIDEntry(asid), "PML4 carries its ASID", pml4);
    entry = lookupPagingSlot(pml4, cap_get_mappedAddress(slot->cap), size + 1);
    require(entry == NULL || (word_t)entry - PPTR_BASE < BIT(MEMORY_BITS), "page tables are in memory", slot);
}

/* The waiters of a queue that is being emptied are as consistent as before. */
static void checkZombie(cap_t cap)
{
    if (cap_zombie_cap_get_capZombieType(cap) == ZOMBIE_TYPE_ENDPOINT)
        checkEndpoint((const endpoint_t *)cap_get_capPtr(cap));
    else if (cap_zombie_cap_get_capZombieType(cap) == ZOMBIE_TYPE_NOTIFICATION)
        checkNotification((const notification_t *)cap_get_capPtr(cap));
}

static void checkSlot(const cte_t *slot)
{
    checkTree(slot);
    switch (cap_get_capType(slot->cap)) {
    case cap_untyped_cap:
        checkUntyped(slot);
        break;
    case cap_endpoint_cap:
        checkEndpoint((const endpoint_t *)cap_get_capPtr(slot->cap));
        break;
    case cap_notification_cap:
        checkNotification((const notification_t *)cap_get_capPtr(slot->cap));
        break;
    case cap_zombie_cap:
        checkZombie(slot->cap);
        break;
    case cap_reply_cap:
        require((slot->cap.words[0] & CAP_REPLY_MASTER) || isLive((tcb_t *)cap_get_capPtr(slot->cap)),
                "answered thread exists", slot);
        break;
    case cap_thread_cap:
        checkThread((tcb_t *)cap_get_capPtr(slot->cap));
        break;
    case cap_frame_cap:
        checkFrame(slot);
        break;
    default:
        break;
    }
}

static void checkReadyQueues(void)
{
    word_t i;

    for (i = 0; i < NUM_READY_QUEUES; i++) {
        word_t dom = i / CONFIG_NUM_PRIORITIES, prio = i % CONFIG_NUM_PRIORITIES;
        tcb_t *thread, *prev = NULL;

        require((ksReadyQueues[i].head != NULL) == (ksReadyQueuesL2Bitmap[dom][prio / 64] >> prio % 64 & 1), "bitmap 2",
                NULL);
        require(ksReadyQueues[i].head == NULL || (ksReadyQueuesL1Bitmap[dom] >> prio / 64 & 1), "bitmap 1", NULL);
        for (thread = ksReadyQueues[i].head; thread != NULL; prev = thread, thread = thread->tcbSchedNext) {
            require(isLive(thread), "ready thread exists", thread);
            require(thread->tcbSchedPrev == prev && thread->tcbQueued, "ready queue links", thread);
            require(thread->tcbPriority == prio && thread->tcbDomain == dom, "ready queue of its priority", thread);
            require(thread != ksCurThread, "the current thread is not queued", thread);
        }
        require(ksReadyQueues[i].head == NULL || ksReadyQueues[i].end == prev, "ready queue tail", NULL);
    }
}

bool_t hasCapability(const tcb_t *tcb)
{
    collectSlots();
    return isLive(tcb);
}

void checkInvariants(void)
{
    word_t i;

    collectSlots();
    for (i = 0; i < slotCount; i++)
        checkSlot(slots[i]);
    checkMemory(slots, slotCount);
    checkReadyQueues();
    require(ksSchedulerAction == SchedulerAction_ResumeCurrentThread, "nothing left to schedule", NULL);
    require(ksCurThread == ksIdleThread || isLive(ksCurThread), "the current thread exists", NULL);
    require(ksCurThread == ksIdleThread || ksCurThread->state == ThreadState_Running, "the current thread runs", NULL);
}
