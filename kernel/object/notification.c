/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notifications: a word of signal bits, threads that wait for it, and at most one bound thread.
 *
 * Invariant: Waiting exactly if the queue is non-empty; msgIdentifier is meaningful only if Active; boundTCB and that
 * thread's tcbBoundNotification point to one another.
 */
#include "kernel/include/api.h"

static tcb_queue_t ntfn_ptr_get_queue(const notification_t *ntfn)
{
    return (tcb_queue_t){ntfn->head, queueTail(ntfn->tailAndState)};
}

static void ntfn_ptr_set_queue(notification_t *ntfn, tcb_queue_t queue)
{
    ntfn->head = queue.head;
    ntfn->tailAndState = queue.head == NULL ? NtfnState_Idle : (word_t)queue.end | NtfnState_Waiting;
}

static void ntfn_set_active(notification_t *ntfn, word_t badge)
{
    ntfn->tailAndState = NtfnState_Active;
    ntfn->msgIdentifier = badge;
}

static void wakeWithBadge(tcb_t *thread, word_t badge)
{
    setThreadState(thread, ThreadState_Running);
    setRegister(thread, badgeRegister, badge);
    possibleSwitchTo(thread);
}

void sendSignal(notification_t *ntfn, word_t badge)
{
    tcb_t *thread;

    switch (notification_state(ntfn)) {
    case NtfnState_Waiting:
        thread = ntfn->head;
        ntfn_ptr_set_queue(ntfn, queueRemove(thread, ntfn_ptr_get_queue(ntfn)));
        wakeWithBadge(thread, badge);
        break;
    case NtfnState_Active:
        ntfn->msgIdentifier |= badge;
        break;
    default:
        thread = ntfn->boundTCB;
        if (thread != NULL && thread->state == ThreadState_BlockedOnReceive) {
            cancelIPC(thread);
            wakeWithBadge(thread, badge);
        } else {
            ntfn_set_active(ntfn, badge);
        }
        break;
    }
}

void receiveSignal(tcb_t *thread, cap_t cap, bool_t isBlocking)
{
    notification_t *ntfn = (notification_t *)cap_get_capPtr(cap);

    if (notification_state(ntfn) == NtfnState_Active) {
        setRegister(thread, badgeRegister, ntfn->msgIdentifier);
        ntfn->tailAndState = NtfnState_Idle;
        return;
    }
    if (!isBlocking) {
        setRegister(thread, badgeRegister, 0);
        return;
    }
    thread->blockingObject = ntfn;
    setThreadState(thread, ThreadState_BlockedOnNotification);
    ntfn_ptr_set_queue(ntfn, queueAppend(thread, ntfn_ptr_get_queue(ntfn)));
}

/* Gives the pending signal of its bound notification to a thread that receives on an endpoint. */
void completeSignal(notification_t *ntfn, tcb_t *thread)
{
    setRegister(thread, badgeRegister, ntfn->msgIdentifier);
    ntfn->tailAndState = NtfnState_Idle;
}

void cancelSignal(tcb_t *thread, notification_t *ntfn)
{
    ntfn_ptr_set_queue(ntfn, queueRemove(thread, ntfn_ptr_get_queue(ntfn)));
    setThreadState(thread, ThreadState_Inactive);
}

/* Releases one thread, if there still is one, of a notification that goes away; whether others are left. */
bool_t cancelOneSignal(notification_t *ntfn)
{
    tcb_t *thread = ntfn->head;

    if (notification_state(ntfn) != NtfnState_Waiting)
        return false;
    ntfn_ptr_set_queue(ntfn, queueRemove(thread, ntfn_ptr_get_queue(ntfn)));
    setThreadState(thread, ThreadState_Restart);
    tcbSchedEnqueue(thread);
    rescheduleRequired();
    return ntfn->head != NULL;
}

void bindNotification(tcb_t *thread, notification_t *ntfn)
{
    ntfn->boundTCB = thread;
    thread->tcbBoundNotification = ntfn;
}

void unbindNotification(tcb_t *thread)
{
    if (thread->tcbBoundNotification == NULL)
        return;
    thread->tcbBoundNotification->boundTCB = NULL;
    thread->tcbBoundNotification = NULL;
}

void unbindMaybeNotification(notification_t *ntfn)
{
    if (ntfn->boundTCB != NULL)
        unbindNotification(ntfn->boundTCB);
}
