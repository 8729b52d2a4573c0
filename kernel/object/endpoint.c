/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Endpoints: synchronous message passing between threads.
 *
 * Invariant: the state of an endpoint is Idle exactly if its queue is empty; all threads in the queue are blocked
 * sending (state Send) or all are blocked receiving (state Recv) on this endpoint.
 * Nothing here waits; a thread that must wait is put into the queue and the scheduler is told.
 *
 * CancelBadgedSends searches the queue in steps.  While it is preempted the endpoint has EP_SEARCH and the first thread
 * of the queue holds what is left:
 *
 *   endpoint: head, tail | SEARCH | SEND
 *               |
 *               A -- B -- C -- D -- E -- F        A.search = {badge, owner, next C, last E}: A and B have been
 *                                                 looked at, F came later
 *
 * Whatever takes a thread from the queue keeps that true (leaveSearch).
 */
#include "kernel/include/api.h"

static tcb_queue_t ep_ptr_get_queue(const endpoint_t *ep)
{
    return (tcb_queue_t){ep->head, queueTail(ep->tailAndState)};
}

/* flags: state and EP_SEARCH. */
static void ep_ptr_set_queue(endpoint_t *ep, tcb_queue_t queue, word_t flags)
{
    ep->head = queue.head;
    ep->tailAndState = queue.head == NULL ? EPState_Idle : (word_t)queue.end | flags;
}

/* The search goes on without this thread. */
static void shrinkSearch(endpoint_t *ep, const tcb_t *thread)
{
    search_t *search = &ep->head->search;

    if (search->next == thread && search->last == thread)
        ep->tailAndState &= ~EP_SEARCH;
    else if (search->next == thread)
        search->next = thread->tcbEPNext;
    else if (search->last == thread)
        search->last = thread->tcbEPPrev;
}

/* The thread is about to leave the queue. */
static void leaveSearch(endpoint_t *ep, const tcb_t *thread)
{
    shrinkSearch(ep, thread);
    if ((ep->tailAndState & EP_SEARCH) && thread == ep->head)
        thread->tcbEPNext->search = thread->search;
}

static void removeFromQueue(endpoint_t *ep, tcb_t *thread)
{
    if (unlikely(ep->tailAndState & EP_SEARCH))
        leaveSearch(ep, thread);
    ep_ptr_set_queue(ep, queueRemove(thread, ep_ptr_get_queue(ep)), ep->tailAndState & QUEUE_FLAGS);
}

static void blockOnEndpoint(tcb_t *thread, endpoint_t *ep, thread_state_t state, word_t epState, word_t flags)
{
    thread->blockingObject = ep;
    thread->blockingFlags = flags;
    setThreadState(thread, state);
    ep_ptr_set_queue(ep, queueAppend(thread, ep_ptr_get_queue(ep)), epState | (ep->tailAndState & EP_SEARCH));
}

/* The caller of a call got its message through: it waits for the reply, if it may have one. */
static void awaitReply(tcb_t *sender, tcb_t *receiver, bool_t mayReply, bool_t replyCanGrant)
{
    if (mayReply)
        setupCallerCap(sender, receiver, replyCanGrant);
    else
        setThreadState(sender, ThreadState_Inactive);
}

void sendIPC(bool_t blocking, bool_t doCall, word_t badge, bool_t canGrant, bool_t canGrantReply, tcb_t *thread,
             endpoint_t *ep)
{
    tcb_t *dest;

    if (endpoint_state(ep) != EPState_Recv) {
        if (!blocking)
            return;
        thread->blockingBadge = badge;
        blockOnEndpoint(thread, ep, ThreadState_BlockedOnSend, EPState_Send,
                        (canGrant ? BLOCKED_CAN_GRANT : 0) | (canGrantReply ? BLOCKED_CAN_GRANT_REPLY : 0) |
                            (doCall ? BLOCKED_IS_CALL : 0));
        return;
    }
    dest = ep->head;
    removeFromQueue(ep, dest);
    doIPCTransfer(thread, ep, badge, canGrant, dest);
    setThreadState(dest, ThreadState_Running);
    possibleSwitchTo(dest);
    if (doCall)
        awaitReply(thread, dest, canGrant || canGrantReply, (dest->blockingFlags & BLOCKED_CAN_GRANT) != 0);
}

static void receiveFromSender(tcb_t *thread, endpoint_t *ep, bool_t replyCanGrant)
{
    tcb_t *sender = ep->head;
    word_t flags = sender->blockingFlags;

    if (flags & BLOCKED_CAN_GRANT)
        loadExtraCaps(sender);
    if (unlikely(makesWay(thread))) {
        thread->state = ThreadState_Restart;
        return;
    }
    removeFromQueue(ep, sender);
    doIPCTransfer(sender, ep, sender->blockingBadge, (flags & BLOCKED_CAN_GRANT) != 0, thread);
    if (flags & BLOCKED_IS_CALL) {
        awaitReply(sender, thread, (flags & (BLOCKED_CAN_GRANT | BLOCKED_CAN_GRANT_REPLY)) != 0, replyCanGrant);
        return;
    }
    setThreadState(sender, ThreadState_Running);
    possibleSwitchTo(sender);
}

void receiveIPC(tcb_t *thread, cap_t cap, bool_t isBlocking)
{
    endpoint_t *ep = (endpoint_t *)cap_get_capPtr(cap);
    notification_t *ntfn = thread->tcbBoundNotification;
    bool_t canGrant = (cap.words[0] & CAP_CAN_GRANT) != 0;

    if (ntfn != NULL && notification_state(ntfn) == NtfnState_Active)
        completeSignal(ntfn, thread);
    else if (endpoint_state(ep) == EPState_Send)
        receiveFromSender(thread, ep, canGrant);
    else if (isBlocking)
        blockOnEndpoint(thread, ep, ThreadState_BlockedOnReceive, EPState_Recv, canGrant ? BLOCKED_CAN_GRANT : 0);
    else
        setRegister(thread, badgeRegister, 0);
}

void cancelIPC(tcb_t *thread)
{
    cte_t *callerSlot;

    switch (thread->state) {
    case ThreadState_BlockedOnSend:
    case ThreadState_BlockedOnReceive:
        removeFromQueue(thread->blockingObject, thread);
        setThreadState(thread, ThreadState_Inactive);
        thread->tcbFault.type = seL4_Fault_NullFault;
        break;
    case ThreadState_BlockedOnNotification:
        cancelSignal(thread, thread->blockingObject);
        break;
    case ThreadState_BlockedOnReply:
        thread->tcbFault.type = seL4_Fault_NullFault;
        callerSlot = mdb_next(TCB_PTR_CTE_PTR(thread, tcbReply));
        if (callerSlot != NULL)
            emptySlot(callerSlot, cap_null_cap_new());
        break;
    default:
        break;
    }
}

/* The thread leaves the queue and begins its system call or fault anew. */
static void restartWaiter(endpoint_t *ep, tcb_t *thread)
{
    removeFromQueue(ep, thread);
    setThreadState(thread, ThreadState_Restart);
    thread->tcbFault.type = seL4_Fault_NullFault;
    tcbSchedEnqueue(thread);
    rescheduleRequired();
}

/* Releases one thread, if there still is one, of an endpoint that goes away; whether others are left. */
bool_t cancelOneIPC(endpoint_t *ep)
{
    if (ep->head != NULL)
        restartWaiter(ep, ep->head);
    return ep->head != NULL;
}

static void searchStep(endpoint_t *ep)
{
    search_t *search = &ep->head->search;
    tcb_t *thread = search->next;

    if (thread->blockingBadge == search->badge)
        restartWaiter(ep, thread);
    else
        shrinkSearch(ep, thread);
}

static exception_t finishSearch(endpoint_t *ep)
{
    exception_t status = EXCEPTION_NONE;

    while (status == EXCEPTION_NONE && (ep->tailAndState & EP_SEARCH)) {
        searchStep(ep);
        status = preemptionPoint();
    }
    return status;
}

/*
 * Restarts the threads that wait to send with this badge.  Preemptible: repeated by the same thread it goes on where it
 * was.  A search of another thread is finished first; that thread then searches again, which finds nothing new to do.
 */
exception_t cancelBadgedSends(endpoint_t *ep, word_t badge)
{
    exception_t status;

    if (endpoint_state(ep) != EPState_Send)
        return EXCEPTION_NONE;
    if ((ep->tailAndState & EP_SEARCH) && (ep->head->search.owner != ksCurThread || ep->head->search.badge != badge)) {
        status = finishSearch(ep);
        if (status != EXCEPTION_NONE)
            return status;
    }
    if (endpoint_state(ep) == EPState_Send && !(ep->tailAndState & EP_SEARCH)) {
        ep->head->search = (search_t){badge, ksCurThread, ep->head, ep_ptr_get_queue(ep).end};
        ep->tailAndState |= EP_SEARCH;
    }
    return finishSearch(ep);
}

void replyFromKernel_error(tcb_t *thread)
{
    word_t *buffer = lookupIPCBuffer(true, thread);
    word_t length = setErrorMRs(thread, buffer);

    setRegister(thread, badgeRegister, 0);
    setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(current_syscall_error.type, 0, 0, length).words[0]);
}

void replyFromKernel_success_empty(tcb_t *thread)
{
    setRegister(thread, badgeRegister, 0);
    setRegister(thread, msgInfoRegister, 0);
}
