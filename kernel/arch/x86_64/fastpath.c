/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast paths: Call and ReplyRecv to a thread that waits and may run at once, Send of an answer to a thread that is to
 * run later, Recv where nothing has come.
 *
 * Each function first checks, reading only; any doubt ends in syscall_slowpath, which does everything that is done
 * here and more, from the saved registers.  After the line marked "commit" it cannot fail.  What user code sees is
 * that of the slow path (build with CONFIG_FASTPATH=0 to compare).
 */
#include "kernel/arch/x86_64/fastpath.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/include/api.h"

#define MESSAGE_CAPS 0xf80 /* extraCaps and capsUnwrapped */

/* Words beyond the registers; returns the receiver's message info. */
static INLINE word_t fastTransfer(tcb_t *from, tcb_t *to, word_t info, word_t length)
{
    cap_t send = bufferCap(from), receive = bufferCap(to);

    if (unlikely(!isBufferUsable(false, send)) || unlikely(!isBufferUsable(true, receive)))
        return ROUND_DOWN(info, 7) | seL4_FastMessageRegisters;
    if (unlikely(length > seL4_MsgMaxLength)) {
        info -= length - seL4_MsgMaxLength;
        length = seL4_MsgMaxLength;
    }
    copyWords(bufferAddress(to, receive) + 1 + seL4_FastMessageRegisters,
              bufferAddress(from, send) + 1 + seL4_FastMessageRegisters, length - seL4_FastMessageRegisters);
    return info;
}

/* Leaves to the receiver with the message.  From four words on its registers are already those of the sender. */
static INLINE NORETURN void deliver(tcb_t *from, tcb_t *to, word_t badge, word_t info, word_t mr1, word_t mr2, word_t mr3)
{
    word_t length = info & 127;

    if (length == 0)
        restoreSyscall(to, badge, info);
    if (length >= seL4_FastMessageRegisters) {
        if (length > seL4_FastMessageRegisters)
            info = fastTransfer(from, to, info, length);
        restoreMessage(to, badge, info, from->registers[RegR10], mr1, mr2, mr3);
    }
    if (length > 2)
        to->registers[RegR9] = mr2;
    if (length > 1)
        to->registers[RegR8] = mr1;
    to->registers[RegR10] = from->registers[RegR10];
    restoreSyscall(to, badge, info);
}

/* The priority; behind those of all others for a thread that cannot go on with sysret. */
static INLINE word_t priorityForSysret(const tcb_t *thread)
{
    return (word_t)thread->inSyscall << 8 | thread->tcbPriority;
}

/* The reply capability in this slot, whose one neighbour is its master, goes. */
static INLINE void useReply(cte_t *slot, tcb_t *caller)
{
    TCB_PTR_CTE_PTR(caller, tcbReply)->mdbNext = MDB_REVOCABLE | MDB_FIRST_BADGED;
    slot->mdbPrev = NULL;
    slot->cap.words[0] = cap_null_cap;
}

/* Whether this reply to a fault lets the thread go on as it is: any to a VM fault, an empty one to an exception. */
static INLINE bool_t justRestarts(word_t fault, word_t info)
{
    return fault == seL4_Fault_VMFault || (fault == seL4_Fault_UserException && info == 0);
}

static INLINE void fastSwitch(tcb_t *from, tcb_t *to, pptr_t pml4)
{
    saveSegmentBases(from);
    loadSegmentBases(to);
    switchFPU(to);
    setCurrentVSpace(pml4);
    ksCurThread = to;
}

/* Whether a Recv through this capability finds no signal. */
static INLINE bool_t mayWait(const tcb_t *thread, cap_t cap)
{
    notification_t *ntfn = thread->tcbBoundNotification;

    return (cap.words[0] & (0xff | CAP_CAN_RECEIVE)) == (cap_endpoint_cap | CAP_CAN_RECEIVE) &&
           (ntfn == NULL || notification_state(ntfn) != NtfnState_Active);
}

/* To the end of the queue of an endpoint that nobody sends to. */
static INLINE void waitForMessage(tcb_t *thread, endpoint_t *ep, word_t canGrant)
{
    tcb_t *tail = queueTail(ep->tailAndState);

    thread->state = ThreadState_BlockedOnReceive;
    thread->blockingObject = ep;
    thread->blockingFlags = canGrant;
    thread->tcbEPPrev = tail;
    thread->tcbEPNext = NULL;
    if (unlikely(tail != NULL))
        tail->tcbEPNext = thread;
    else
        ep->head = thread;
    ep->tailAndState = (word_t)thread + EPState_Recv;
}

FASTPATH NORETURN void fastpath_call(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2)
{
    cte_t *replySlot = TCB_PTR_CTE_PTR(thread, tcbReply), *callerSlot;
    endpoint_t *ep;
    tcb_t *dest, *next;
    cap_t cap, vtable;
    cte_t *slot;
    word_t tail;

    slot = tryLookupSlot(thread, cptr);
    if (unlikely(slot == NULL))
        syscallSlowpath(thread);
    if ((info & MESSAGE_CAPS) != 0)
        callSlowpath(slot);
    cap = slot->cap;
    if ((cap.words[0] & (0xff | CAP_CAN_SEND)) != (cap_endpoint_cap | CAP_CAN_SEND))
        callSlowpath(slot);
    if (unlikely(!(cap.words[0] & (CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY))))
        callSlowpath(slot);
    ep = (endpoint_t *)cap_get_capPtr(cap);
    dest = ep->head;
    if (unlikely(!(ep->tailAndState & EPState_Recv) || priorityForSysret(dest) < priorityForSysret(thread) ||
                 (CONFIG_NUM_DOMAINS > 1 && dest->tcbDomain != ksCurDomain)))
        callSlowpath(slot);
    vtable = TCB_PTR_CTE_PTR(dest, tcbVTable)->cap;
    if (unlikely(!isLiveVSpace(vtable)))
        callSlowpath(slot);

    /* commit */
    tail = ep->tailAndState;
    next = dest->tcbEPNext;
    ep->head = next;
    ep->tailAndState = EPState_Idle;
    if (unlikely(next != NULL)) {
        next->tcbEPPrev = NULL;
        ep->tailAndState = tail;
    }
    thread->state = ThreadState_BlockedOnReply;
    dest->state = ThreadState_Running;
    callerSlot = TCB_PTR_CTE_PTR(dest, tcbCaller);
    callerSlot->cap.words[0] = (word_t)thread << 16 | dest->blockingFlags | cap_reply_cap;
    callerSlot->mdbPrev = replySlot;
    replySlot->mdbNext = (word_t)callerSlot + (MDB_REVOCABLE | MDB_FIRST_BADGED);
    fastSwitch(thread, dest, cap_get_capPtr(vtable));
    deliver(thread, dest, cap_get_badge(cap), info, mr1, mr2, mr3);
}

FASTPATH NORETURN void fastpath_reply_recv(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                           word_t number, word_t rcx, word_t mr1, word_t mr2)
{
    cap_t cap, reply, vtable;
    cte_t *slot, *callerSlot = TCB_PTR_CTE_PTR(thread, tcbCaller);
    endpoint_t *ep;
    tcb_t *caller;
    bool_t hasFault;

    reply = callerSlot->cap;
    if (unlikely((info & MESSAGE_CAPS) != 0))
        syscallSlowpath(thread);
    if (unlikely((reply.words[0] & (0xff | CAP_REPLY_MASTER)) != cap_reply_cap))
        syscallSlowpath(thread);
    slot = tryLookupSlot(thread, cptr);
    if (unlikely(slot == NULL))
        syscallSlowpath(thread);
    cap = slot->cap;
    if (unlikely(!mayWait(thread, cap)))
        syscallSlowpath(thread);
    ep = (endpoint_t *)cap_get_capPtr(cap);
    caller = (tcb_t *)cap_get_capPtr(reply);
    hasFault = !caller->inSyscall; /* or its registers were written meanwhile */
    if (unlikely(hasFault) && !justRestarts(caller->tcbFault.type, info))
        syscallSlowpath(thread);
    if (unlikely((ep->tailAndState & EPState_Send) ||
                 (CONFIG_NUM_DOMAINS > 1 && caller->tcbDomain != ksCurDomain) ||
                 !isHighestPrio(ksCurDomain, caller->tcbPriority)))
        syscallSlowpath(thread);
    vtable = TCB_PTR_CTE_PTR(caller, tcbVTable)->cap;
    if (unlikely(!isLiveVSpace(vtable)))
        syscallSlowpath(thread);

    /* commit */
    waitForMessage(thread, ep, cap.words[0] & CAP_CAN_GRANT);
    useReply(callerSlot, caller);
    caller->state = ThreadState_Running;
    if (unlikely(hasFault)) {
        caller->tcbFault.type = seL4_Fault_NullFault;
        caller->nextIP = getRegister(caller, RegFaultIP);
        fastSwitch(thread, caller, cap_get_capPtr(vtable));
        restoreUserContext();
    }
    fastSwitch(thread, caller, cap_get_capPtr(vtable));
    deliver(thread, caller, 0, info, mr1, mr2, mr3);
}

FASTPATH NORETURN void fastpath_send(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2)
{
    word_t length = info & 127;
    cte_t *slot;
    tcb_t *caller;
    cap_t reply;

    slot = tryLookupSlot(thread, cptr);
    if (unlikely(slot == NULL))
        syscallSlowpath(thread);
    reply = slot->cap;
    if ((reply.words[0] & (0xff | CAP_REPLY_MASTER)) != cap_reply_cap)
        sendSlowpath(slot);
    caller = (tcb_t *)cap_get_capPtr(reply);
    if (unlikely((info & MESSAGE_CAPS) != 0 || length > seL4_FastMessageRegisters || !caller->inSyscall ||
                 caller->tcbPriority >= thread->tcbPriority || !isHighestPrio(ksCurDomain, thread->tcbPriority) ||
                 (CONFIG_NUM_DOMAINS > 1 && (caller->tcbDomain != ksCurDomain || ksDomainTime == 0))))
        sendSlowpath(slot);

    /* commit */
    useReply(slot, caller);
    caller->state = ThreadState_Running;
    caller->registers[badgeRegister] = 0;
    caller->registers[msgInfoRegister] = info;
    if (length > 0)
        caller->registers[RegR10] = thread->registers[RegR10];
    if (length > 1)
        caller->registers[RegR8] = mr1;
    if (length > 2)
        caller->registers[RegR9] = mr2;
    if (length > 3)
        caller->registers[RegR15] = mr3;
    tcbSchedEnqueue(caller);
    restoreSyscall(thread, cptr, info);
}

/* tcbSchedDequeue of the first thread of this queue. */
static INLINE void takeReady(word_t dom, word_t prio, tcb_t *thread)
{
    tcb_queue_t *queue = readyQueue(dom, prio);

    queue->head = thread->tcbSchedNext;
    thread->tcbQueued = false;
    if (thread->tcbSchedNext != NULL) {
        thread->tcbSchedNext->tcbSchedPrev = NULL;
        return;
    }
    queue->end = NULL;
    ksReadyQueuesL2Bitmap[dom][prio / wordBits] &= ~BIT(prio % wordBits);
    if (ksReadyQueuesL2Bitmap[dom][prio / wordBits] == 0)
        ksReadyQueuesL1Bitmap[dom] &= ~BIT(prio / wordBits);
}

FASTPATH NORETURN void fastpath_recv(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2)
{
    word_t dom = queueDomain(ksCurDomain), ready = ksReadyQueuesL1Bitmap[dom], prio;
    cap_t cap, vtable;
    endpoint_t *ep;
    cte_t *slot;
    tcb_t *next;

    slot = tryLookupSlot(thread, cptr);
    if (unlikely(slot == NULL))
        syscallSlowpath(thread);
    cap = slot->cap;
    if (unlikely(!mayWait(thread, cap) || !cap_is(TCB_PTR_CTE_PTR(thread, tcbCaller)->cap, cap_null_cap)))
        recvSlowpath(slot);
    ep = (endpoint_t *)cap_get_capPtr(cap);
    if (unlikely((ep->tailAndState & EPState_Send) || ready == 0 || (CONFIG_NUM_DOMAINS > 1 && ksDomainTime == 0)))
        recvSlowpath(slot);
    prio = bestReadyPrio(dom, ready);
    next = readyQueue(dom, prio)->head;
    vtable = TCB_PTR_CTE_PTR(next, tcbVTable)->cap;
    if (unlikely(!isLiveVSpace(vtable)))
        recvSlowpath(slot);

    /* commit */
    waitForMessage(thread, ep, cap.words[0] & CAP_CAN_GRANT);
    takeReady(dom, prio, next);
    fastSwitch(thread, next, cap_get_capPtr(vtable));
    activateThread();
    restoreUserContext();
}
