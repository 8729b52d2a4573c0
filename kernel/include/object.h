/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects: endpoint, notification, interrupt nodes, and the functions of every file in object/.
 *
 * decodeX functions check the message of the current thread and only read until their last line; invokeX functions
 * cannot fail (only be preempted where they return an exception).
 */
#pragma once

#include "kernel/include/tcb.h"

typedef struct tcb_queue {
    tcb_t *head;
    tcb_t *end;
} tcb_queue_t;

/*
 * Endpoint, 16 bytes; threads are 1024-aligned, so the tail's low bits are free:
 *
 *   0  head ------------> TCB <--> TCB <--> TCB      tcbEPNext, tcbEPPrev
 *   8  tail | 2 search | 1..0 state          ^
 *      '-------------------------------------'
 * Search: a preempted CancelBadgedSends has state in the head's TCB (endpoint.c).
 */
enum { EPState_Idle = 0, EPState_Send = 1, EPState_Recv = 2 };
#define EP_SEARCH BIT(2)
#define QUEUE_FLAGS MASK(3)

typedef struct endpoint {
    tcb_t *head;
    word_t tailAndState;
} endpoint_t;

_Static_assert(sizeof(endpoint_t) == BIT(seL4_EndpointBits), "endpoint size");

/*
 * Notification, 32 bytes.  At most one of queue and msgIdentifier is used: state says which.
 *
 *   0  head of the queue      8  tail | 1..0 state      16  msgIdentifier: the signals, or-ed      24  boundTCB
 */
enum { NtfnState_Idle = 0, NtfnState_Waiting = 1, NtfnState_Active = 2 };

typedef struct notification {
    tcb_t *head;
    word_t tailAndState;
    word_t msgIdentifier;
    tcb_t *boundTCB;
} notification_t;

_Static_assert(sizeof(notification_t) == BIT(seL4_NotificationBits), "notification size");

/* The last thread of an endpoint's or notification's queue. */
static inline tcb_t *queueTail(word_t tailAndState)
{
    return (tcb_t *)(tailAndState & ~QUEUE_FLAGS);
}

static inline word_t endpoint_state(const endpoint_t *ep)
{
    return ep->tailAndState & 3;
}

static inline word_t notification_state(const notification_t *ntfn)
{
    return ntfn->tailAndState & 3;
}

/* objecttype.c */
typedef struct finaliseCap_ret {
    cap_t remainder;
    cap_t cleanupInfo;
} finaliseCap_ret_t;

typedef struct deriveCap_ret {
    exception_t status;
    cap_t cap;
} deriveCap_ret_t;

deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap);
finaliseCap_ret_t finaliseCap(cap_t cap, bool_t final);
bool_t keepsWaiters(cap_t cap);
cap_t releaseWaiter(cap_t cap);
void postCapDeletion(cap_t cap);
bool_t untypedContains(cap_t untyped, cap_t cap);
bool_t sameRegionAs(cap_t a, cap_t b);
bool_t sameObjectAs(cap_t a, cap_t b);
cap_t updateCapData(bool_t preserve, word_t newData, cap_t cap);
cap_t maskCapRights(word_t rights, cap_t cap);
bool_t hasCancelSendRights(cap_t cap);
word_t getObjectSize(word_t type, word_t userSize);
void initObjects(word_t type, word_t ptr, word_t objectBits, word_t count);
cap_t createCap(word_t type, word_t ptr, word_t userSize, bool_t isDevice);

/* mdb.c */
void cteInsert(cap_t newCap, cte_t *srcSlot, cte_t *destSlot);
void cteMove(cap_t newCap, cte_t *srcSlot, cte_t *destSlot);
void cteSwap(cap_t cap1, cte_t *slot1, cap_t cap2, cte_t *slot2);
void insertNewCap(cte_t *parent, cte_t *slot, cap_t cap);
void insertNewCaps(cte_t *parent, cte_t *first, word_t count, cap_t cap, word_t objectBits);
void emptySlot(cte_t *slot, cap_t cleanupInfo);
bool_t isMDBParentOf(const cte_t *a, const cte_t *b);
bool_t isFinalCapability(const cte_t *slot);
bool_t slotCapLongRunningDelete(const cte_t *slot);
exception_t ensureNoChildren(cte_t *slot);
exception_t ensureEmptySlot(cte_t *slot);

/* cnode_delete.c */
exception_t cteRevoke(cte_t *slot);
exception_t cteDelete(cte_t *slot);

/* cnode.c */
exception_t decodeCNodeInvocation(word_t label, word_t length, cap_t cap, const word_t *buffer);
void setupReplyMaster(tcb_t *thread);
cte_t *getReceiveSlots(tcb_t *thread, word_t *buffer);

/* untyped.c */
exception_t decodeUntypedInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer);

/* endpoint.c */
void sendIPC(bool_t blocking, bool_t doCall, word_t badge, bool_t canGrant, bool_t canGrantReply, tcb_t *thread,
             endpoint_t *ep);
void receiveIPC(tcb_t *thread, cap_t cap, bool_t isBlocking);
void cancelIPC(tcb_t *thread);
bool_t cancelOneIPC(endpoint_t *ep);
exception_t cancelBadgedSends(endpoint_t *ep, word_t badge);
void replyFromKernel_error(tcb_t *thread);
void replyFromKernel_success_empty(tcb_t *thread);

/* notification.c */
void sendSignal(notification_t *ntfn, word_t badge);
void receiveSignal(tcb_t *thread, cap_t cap, bool_t isBlocking);
void completeSignal(notification_t *ntfn, tcb_t *thread);
bool_t cancelOneSignal(notification_t *ntfn);
void cancelSignal(tcb_t *thread, notification_t *ntfn);
void bindNotification(tcb_t *thread, notification_t *ntfn);
void unbindNotification(tcb_t *thread);
void unbindMaybeNotification(notification_t *ntfn);

/* tcb_queue.c */
tcb_queue_t queueAppend(tcb_t *thread, tcb_queue_t queue);
tcb_queue_t queueRemove(tcb_t *thread, tcb_queue_t queue);

/* tcb.c */
exception_t decodeTCBInvocation(word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall,
                                const word_t *buffer);
exception_t decodeDomainInvocation(word_t label, word_t length, const word_t *buffer);
void setupCallerCap(tcb_t *sender, tcb_t *receiver, bool_t canGrant);
void deleteCallerCap(tcb_t *receiver);
void initThreadObject(tcb_t *tcb);

/* irq.c */
exception_t decodeIRQControlInvocation(word_t label, word_t length, cte_t *srcSlot, const word_t *buffer);
exception_t decodeIRQHandlerInvocation(word_t label, irq_t irq);
notification_t *waitersOfIRQ(irq_t irq);
void deletingIRQHandler(irq_t irq);
void deletedIRQHandler(irq_t irq);
void handleInterrupt(irq_t irq);
