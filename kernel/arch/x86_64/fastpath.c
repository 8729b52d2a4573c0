/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast paths of Call and ReplyRecv: the common case of a message to a thread that waits and may run at once.
 *
 * Each function first checks, reading only; any doubt ends in syscall_slowpath, which does everything that is done
 * here and more, from the saved registers.  After the line marked "commit" it cannot fail.  What user code sees is
 * that of the slow path (build with CONFIG_FASTPATH=0 to compare).
 */
#include "kernel/arch/x86_64/fastpath.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/include/api.h"

#define MESSAGE_CAPS 0xf80 /* extraCaps and capsUnwrapped */

/* Selects a slot by the top of `rest`; false if the guard does not fit. */
static INLINE bool_t fastLevel(cap_t node, word_t rest, cap_t *cap)
{
    word_t index = (rest ^ node.words[1]) >> cap_cnode_cap_get_shift(node);

    if (unlikely(index >> cap_cnode_cap_get_capCNodeRadix(node) != 0))
        return false;
    *cap = ((cte_t *)cap_cnode_cap_get_capCNodePtr(node) + index)->cap;
    return true;
}

/* The capability at cptr, or one that is of no use to the caller. */
static INLINE cap_t fastLookup(tcb_t *thread, cptr_t cptr)
{
    cap_t node = TCB_PTR_CTE_PTR(thread, tcbCTable)->cap, cap;
    word_t left;

    if (unlikely(!cap_is(node, cap_cnode_cap) || !fastLevel(node, cptr, &cap)))
        return cap_null_cap_new();
    if (likely(!cap_is(cap, cap_cnode_cap)))
        return cap;
    left = cap_cnode_cap_get_shift(node);
    while (left != 0 && cap_is(cap, cap_cnode_cap)) {
        node = cap;
        if (wordBits - cap_cnode_cap_get_shift(node) > left || !fastLevel(node, cptr << (wordBits - left), &cap))
            return cap_null_cap_new();
        left -= wordBits - cap_cnode_cap_get_shift(node);
    }
    return cap;
}

/* Beyond the registers; returns the length that arrived. */
static __attribute__((noinline, preserve_most)) word_t transferBuffer(tcb_t *from, tcb_t *to, word_t length)
{
    const word_t *sendBuffer = lookupIPCBuffer(false, from);
    word_t *receiveBuffer = lookupIPCBuffer(true, to);

    if (sendBuffer == NULL || receiveBuffer == NULL)
        return seL4_FastMessageRegisters;
    length = MIN(length, (word_t)seL4_MsgMaxLength);
    copyWords(receiveBuffer + 1 + seL4_FastMessageRegisters, sendBuffer + 1 + seL4_FastMessageRegisters,
              length - seL4_FastMessageRegisters);
    return length;
}

#define SIMPLE_BUFFER_MASK MASK(13)
#define SIMPLE_BUFFER (cap_frame_cap | VMReadWrite << 8) /* 4 KiB, RAM, read-write */

/* The IPC buffer of a thread if it is of the usual kind, else NULL. */
static INLINE word_t *simpleIPCBuffer(tcb_t *thread)
{
    cap_t cap = TCB_PTR_CTE_PTR(thread, tcbBuffer)->cap;

    if (unlikely((cap.words[0] & SIMPLE_BUFFER_MASK) != SIMPLE_BUFFER))
        return NULL;
    return (word_t *)(cap_get_capPtr(cap) + (thread->tcbIPCBuffer & MASK(seL4_PageBits)));
}

/* Returns the receiver's message info. */
static INLINE word_t fastTransfer(tcb_t *from, tcb_t *to, word_t info, word_t mr1, word_t mr2, word_t mr3)
{
    word_t length = info & 127;
    word_t *sendBuffer, *receiveBuffer;

    switch (length) {
    default:
        sendBuffer = simpleIPCBuffer(from);
        receiveBuffer = simpleIPCBuffer(to);
        if (likely(sendBuffer != NULL && receiveBuffer != NULL && length <= seL4_MsgMaxLength))
            copyWords(receiveBuffer + 1 + seL4_FastMessageRegisters, sendBuffer + 1 + seL4_FastMessageRegisters,
                      length - seL4_FastMessageRegisters);
        else
            info = ROUND_DOWN(info, 7) | transferBuffer(from, to, length);
        /* fall through */
    case 4:
        to->registers[RegR15] = mr3;
        /* fall through */
    case 3:
        to->registers[RegR9] = mr2;
        /* fall through */
    case 2:
        to->registers[RegR8] = mr1;
        /* fall through */
    case 1:
        to->registers[RegR10] = from->registers[RegR10];
        /* fall through */
    case 0:
        return info;
    }
}

static INLINE void fastSwitch(tcb_t *from, tcb_t *to, pptr_t pml4)
{
    saveSegmentBases(from);
    loadSegmentBases(to);
    switchFPU(to);
    setCurrentVSpace(pml4);
    ksCurThread = to;
}

FASTPATH NORETURN void fastpath_call(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2)
{
    cte_t *replySlot = TCB_PTR_CTE_PTR(thread, tcbReply), *callerSlot;
    endpoint_t *ep;
    tcb_t *dest, *next;
    cap_t cap, vtable;

    if (unlikely((info & MESSAGE_CAPS) != 0))
        syscallSlowpath(thread);
    cap = fastLookup(thread, cptr);
    if (unlikely((cap.words[0] & (0xff | CAP_CAN_SEND)) != (cap_endpoint_cap | CAP_CAN_SEND) ||
                 !(cap.words[0] & (CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY))))
        syscallSlowpath(thread);
    ep = (endpoint_t *)cap_get_capPtr(cap);
    dest = ep->head;
    if (unlikely(!(ep->tailAndState & EPState_Recv) || dest->tcbPriority < thread->tcbPriority ||
                 (CONFIG_NUM_DOMAINS > 1 && dest->tcbDomain != ksCurDomain)))
        syscallSlowpath(thread);
    vtable = TCB_PTR_CTE_PTR(dest, tcbVTable)->cap;
    if (unlikely(!isLiveVSpace(vtable)))
        syscallSlowpath(thread);

    /* commit */
    next = dest->tcbEPNext;
    ep->head = next;
    if (unlikely(next != NULL))
        next->tcbEPPrev = NULL;
    else
        ep->tailAndState = EPState_Idle;
    thread->state = ThreadState_BlockedOnReply;
    dest->state = ThreadState_Running;
    callerSlot = TCB_PTR_CTE_PTR(dest, tcbCaller);
    callerSlot->cap.words[0] = (word_t)thread << 16 | dest->blockingFlags | cap_reply_cap;
    callerSlot->mdbPrev = replySlot;
    replySlot->mdbNext = (word_t)callerSlot | MDB_REVOCABLE | MDB_FIRST_BADGED;
    info = fastTransfer(thread, dest, info, mr1, mr2, mr3);
    fastSwitch(thread, dest, cap_get_capPtr(vtable));
    restoreSyscall(dest, cap_get_badge(cap), info);
}

FASTPATH NORETURN void fastpath_reply_recv(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                           word_t number, word_t rcx, word_t mr1, word_t mr2)
{
    cap_t cap, reply, vtable;
    cte_t *callerSlot = TCB_PTR_CTE_PTR(thread, tcbCaller);
    notification_t *ntfn = thread->tcbBoundNotification;
    endpoint_t *ep;
    tcb_t *caller, *tail;
    word_t fault;

    reply = callerSlot->cap;
    if (unlikely((info & MESSAGE_CAPS) != 0 || (reply.words[0] & (0xff | CAP_REPLY_MASTER)) != cap_reply_cap))
        syscallSlowpath(thread);
    cap = fastLookup(thread, cptr);
    if (unlikely((cap.words[0] & (0xff | CAP_CAN_RECEIVE)) != (cap_endpoint_cap | CAP_CAN_RECEIVE) ||
                 (ntfn != NULL && notification_state(ntfn) == NtfnState_Active)))
        syscallSlowpath(thread);
    ep = (endpoint_t *)cap_get_capPtr(cap);
    caller = (tcb_t *)cap_get_capPtr(reply);
    fault = caller->tcbFault.type;
    if (unlikely(fault != seL4_Fault_NullFault) && fault != seL4_Fault_VMFault)
        syscallSlowpath(thread);
    if (unlikely((ep->tailAndState & EPState_Send) ||
                 (CONFIG_NUM_DOMAINS > 1 && caller->tcbDomain != ksCurDomain) ||
                 !isHighestPrio(ksCurDomain, caller->tcbPriority)))
        syscallSlowpath(thread);
    vtable = TCB_PTR_CTE_PTR(caller, tcbVTable)->cap;
    if (unlikely(!isLiveVSpace(vtable)))
        syscallSlowpath(thread);

    /* commit */
    thread->state = ThreadState_BlockedOnReceive;
    thread->blockingObject = ep;
    thread->blockingFlags = cap.words[0] & CAP_CAN_GRANT;
    tail = (tcb_t *)(ep->tailAndState & ~(word_t)3);
    thread->tcbEPPrev = tail;
    thread->tcbEPNext = NULL;
    if (unlikely(tail != NULL))
        tail->tcbEPNext = thread;
    else
        ep->head = thread;
    ep->tailAndState = (word_t)thread | EPState_Recv;
    TCB_PTR_CTE_PTR(caller, tcbReply)->mdbNext = MDB_REVOCABLE | MDB_FIRST_BADGED;
    callerSlot->mdbPrev = NULL;
    callerSlot->cap.words[0] = cap_null_cap;
    caller->state = ThreadState_Running;
    if (unlikely(fault != seL4_Fault_NullFault)) { /* any reply to a VM fault restarts */
        caller->tcbFault.type = seL4_Fault_NullFault;
        caller->nextIP = getRegister(caller, RegFaultIP);
        fastSwitch(thread, caller, cap_get_capPtr(vtable));
        restoreUserContext();
    }
    info = fastTransfer(thread, caller, info, mr1, mr2, mr3);
    fastSwitch(thread, caller, cap_get_capPtr(vtable));
    restoreSyscall(caller, 0, info);
}
