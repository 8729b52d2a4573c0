/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel entries other than interrupts: system calls (slow path), exceptions, page faults.
 *
 * Each entry ends with schedule() and activateThread(); the assembly then leaves to ksCurThread.  An invocation that
 * was preempted leaves its thread in state Restart, i.e. at its system call: the pending interrupt strikes as soon as
 * the thread is back in user mode, and the call is repeated afterwards.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"
#include "kernel/include/debug.h"

static void finishEntry(void)
{
    schedule();
    activateThread();
}

static void raiseCapFault(cptr_t cptr, bool_t inReceive)
{
    current_fault = (fault_t){seL4_Fault_CapFault, {cptr, inReceive, 0}, current_lookup_fault};
    handleFault(ksCurThread);
}

static exception_t decodeEndpointInvocation(cap_t cap, bool_t isBlocking, bool_t isCall)
{
    if (!(cap.words[0] & CAP_CAN_SEND))
        return errorInvalidCapability(0);
    sendIPC(isBlocking, isCall, cap_get_badge(cap), (cap.words[0] & CAP_CAN_GRANT) != 0,
            (cap.words[0] & CAP_CAN_GRANT_REPLY) != 0, ksCurThread, (endpoint_t *)cap_get_capPtr(cap));
    return EXCEPTION_NONE;
}

static exception_t decodeNotificationInvocation(cap_t cap)
{
    if (!(cap.words[0] & CAP_CAN_SEND))
        return errorInvalidCapability(0);
    sendSignal((notification_t *)cap_get_capPtr(cap), cap_get_badge(cap));
    return EXCEPTION_NONE;
}

static exception_t decodeReplyInvocation(cap_t cap, cte_t *slot)
{
    if (cap.words[0] & CAP_REPLY_MASTER)
        return errorInvalidCapability(0);
    doReplyTransfer(ksCurThread, (tcb_t *)cap_get_capPtr(cap), slot, (cap.words[0] & CAP_REPLY_CAN_GRANT) != 0);
    return EXCEPTION_NONE;
}

static exception_t decodeInvocation(word_t info, cte_t *slot, cap_t cap, bool_t isBlocking, bool_t isCall,
                                    const word_t *buffer)
{
    word_t label = info >> 12;
    word_t length = MIN(info & 127, (word_t)seL4_MsgMaxLength);

    /* Words that the sender has no buffer for do not exist. */
    if (buffer == NULL)
        length = MIN(length, (word_t)seL4_FastMessageRegisters);

    switch (cap_get_capType(cap)) {
    case cap_endpoint_cap:
        return decodeEndpointInvocation(cap, isBlocking, isCall);
    case cap_notification_cap:
        return decodeNotificationInvocation(cap);
    case cap_reply_cap:
        return decodeReplyInvocation(cap, slot);
    case cap_thread_cap:
        return decodeTCBInvocation(label, length, cap, slot, isCall, buffer);
    case cap_cnode_cap:
        return decodeCNodeInvocation(label, length, cap, buffer);
    case cap_untyped_cap:
        return decodeUntypedInvocation(label, length, slot, cap, buffer);
    case cap_irq_control_cap:
        return decodeIRQControlInvocation(label, length, slot, buffer);
    case cap_irq_handler_cap:
        return decodeIRQHandlerInvocation(label, cap.words[1]);
    case cap_domain_cap:
        return decodeDomainInvocation(label, length, buffer);
    default:
        if (isArchCap(cap))
            return Arch_decodeInvocation(label, length, slot, cap, isCall, buffer);
        return errorInvalidCapability(0); /* null, zombie */
    }
}

static void invoke(cte_t *slot, bool_t isCall, bool_t isBlocking)
{
    tcb_t *thread = ksCurThread;
    word_t info = getRegister(thread, msgInfoRegister);
    const word_t *buffer = lookupIPCBuffer(false, thread);
    exception_t status = lookupExtraCaps(thread, buffer, info);

    if (unlikely(makesWay(thread))) {
        thread->state = ThreadState_Restart;
        return;
    }
    if (unlikely(status != EXCEPTION_NONE)) {
        if (isBlocking)
            handleFault(thread);
        return;
    }
    thread->state = ThreadState_Restart;
    status = decodeInvocation(info, slot, slot->cap, isBlocking, isCall, buffer);
    if (unlikely(status == EXCEPTION_PREEMPTED) || thread->state != ThreadState_Restart)
        return;
    if (isCall) {
        if (status == EXCEPTION_NONE)
            replyFromKernel_success_empty(thread);
        else
            replyFromKernel_error(thread);
    }
    thread->state = ThreadState_Running;
}

/* A Send that only signals a notification needs neither buffer nor extra capabilities; false if it is not one. */
static bool_t trySignal(cte_t *slot)
{
    cap_t cap = slot->cap;

    if ((cap.words[0] & (0xff | CAP_CAN_SEND)) != (cap_notification_cap | CAP_CAN_SEND) ||
        (getRegister(ksCurThread, msgInfoRegister) >> 7 & 3) != 0)
        return false;
    sendSignal((notification_t *)cap_get_capPtr(cap), cap_get_badge(cap));
    return true;
}

static void handleInvocation(bool_t isCall, bool_t isBlocking)
{
    cptr_t cptr = getRegister(ksCurThread, capRegister);
    lookupSlot_ret_t found = lookupSlot(ksCurThread, cptr);

    if (unlikely(found.status != EXCEPTION_NONE)) {
        if (isBlocking)
            raiseCapFault(cptr, false);
    } else if (isCall || !trySignal(found.slot)) {
        invoke(found.slot, isCall, isBlocking);
    }
}

/* A Call whose capability is in this slot. */
void handleCall(cte_t *slot)
{
    invoke(slot, true, true);
    finishEntry();
}

/* A Send whose capability is in this slot. */
void handleSend(cte_t *slot)
{
    if (!trySignal(slot))
        invoke(slot, false, true);
    finishEntry();
}

static void handleReply(void)
{
    tcb_t *thread = ksCurThread;
    cte_t *slot = TCB_PTR_CTE_PTR(thread, tcbCaller);
    cap_t cap = slot->cap;
    bool_t canGrant = (cap.words[0] & CAP_REPLY_CAN_GRANT) != 0;

    if (!cap_is(cap, cap_reply_cap))
        return;
    if (canGrant)
        loadExtraCaps(thread);
    if (unlikely(makesWay(thread))) {
        thread->state = ThreadState_Restart;
        return;
    }
    doReplyTransfer(thread, (tcb_t *)cap_get_capPtr(cap), slot, canGrant);
}

static void receive(cap_t cap, bool_t isBlocking)
{
    tcb_t *thread = ksCurThread;
    notification_t *ntfn;

    if (cap_is(cap, cap_endpoint_cap) && (cap.words[0] & CAP_CAN_RECEIVE)) {
        deleteCallerCap(thread);
        receiveIPC(thread, cap, isBlocking);
        return;
    }
    if (cap_is(cap, cap_notification_cap) && (cap.words[0] & CAP_CAN_RECEIVE)) {
        ntfn = (notification_t *)cap_get_capPtr(cap);
        if (ntfn->boundTCB == NULL || ntfn->boundTCB == thread) {
            receiveSignal(thread, cap, isBlocking);
            return;
        }
    }
    current_lookup_fault = (lookup_fault_t){seL4_MissingCapability, 0, 0, 0};
    raiseCapFault(getRegister(thread, capRegister), true);
}

static void handleRecv(bool_t isBlocking)
{
    cptr_t cptr = getRegister(ksCurThread, capRegister);
    cap_t cap;

    if (likely(lookupCap(ksCurThread, cptr, &cap).status == EXCEPTION_NONE))
        receive(cap, isBlocking);
    else
        raiseCapFault(cptr, true);
}

/* A Recv whose capability is in this slot. */
void handleRecvFrom(cte_t *slot)
{
    receive(slot->cap, true);
    finishEntry();
}

/* A reply with capabilities may be as long as the Recv after it.  An interrupt is served in between: the thread repeats
 * its system call, and there is nothing to reply to then. */
static void handleReplyRecv(void)
{
    tcb_t *thread = ksCurThread;

    handleReply();
    if (unlikely(thread->state == ThreadState_Restart))
        return;
    if (unlikely(makesWay(thread)))
        thread->state = ThreadState_Restart;
    else
        handleRecv(true);
}

/* Kernels whose user code may not write its FS base itself; a non-canonical address is ignored. */
static bool_t handleSetTLSBase(word_t number)
{
    tcb_t *thread = ksCurThread;
    word_t base = getRegister(thread, capRegister);

    if ((int64_t)number != seL4_SysSetTLSBase)
        return false;
    if (sanitiseRegister(RegFS_BASE, base) == base) {
        setRegister(thread, RegFS_BASE, base);
        Arch_loadLiveRegisters(thread);
    }
    return true;
}

/* number is RDX; all registers are saved in the context of ksCurThread. */
void handleSyscall(word_t number)
{
    switch ((int64_t)number) {
    case seL4_SysCall:
        handleInvocation(true, true);
        break;
    case seL4_SysReplyRecv:
        handleReplyRecv();
        break;
    case seL4_SysSend:
        handleInvocation(false, true);
        break;
    case seL4_SysNBSend:
        handleInvocation(false, false);
        break;
    case seL4_SysRecv:
        handleRecv(true);
        break;
    case seL4_SysReply:
        handleReply();
        break;
    case seL4_SysYield:
        yieldCurrent();
        break;
    case seL4_SysNBRecv:
        handleRecv(false);
        break;
    default:
        if (handleDebugSyscall(number) || (!CONFIG_FSGSBASE_INST && handleSetTLSBase(number)))
            break;
        handleUnknownSyscall(number);
        return;
    }
    finishEntry();
}

void handleUnknownSyscall(word_t number)
{
    current_fault = (fault_t){.type = seL4_Fault_UnknownSyscall, .words = {number}};
    handleFault(ksCurThread);
    finishEntry();
}

void handleUserLevelFault(word_t number, word_t code)
{
    current_fault = (fault_t){.type = seL4_Fault_UserException, .words = {number, code}};
    handleFault(ksCurThread);
    finishEntry();
}

void handleVMFaultEvent(word_t addr, word_t errorCode)
{
    current_fault = (fault_t){.type = seL4_Fault_VMFault, .words = {addr, errorCode >> 4 & 1, errorCode}};
    handleFault(ksCurThread);
    finishEntry();
}
