/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls: who is called for which number and capability, with which rights, and what becomes of the caller.
 */
#include "kernel/proofs/proof.h"

static tcb_t caller, other;
static notification_t ntfn;
static endpoint_t ep;
static word_t messageBuffer[128];
static bool_t hasBuffer;

static word_t *bufferOf(bool_t isReceiver, const tcb_t *thread)
{
    CLAIM(!isReceiver && thread == &caller);
    return hasBuffer ? messageBuffer : NULL;
}

/* The object of a capability, by name. */
static word_t objectAt(word_t ptr)
{
    return ptr == (word_t)&ep ? (word_t)&ep : ptr == (word_t)&ntfn ? (word_t)&ntfn : (word_t)&other;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(isReceiver, thread)
#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

#include "kernel/api/syscall.c"
#include "kernel/api/error.c"
#include "kernel/api/debug_off.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static cte_t slot, callerSlot;
static word_t invocations, decoded, sends, signals, receives, waits, replies, errors, successes, faults, schedules, yields, result, number;
static bool_t extraFails, slotFound, interrupted, isActivated;

static word_t cptr(void) { return caller.registers[capRegister]; }

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    CLAIM(thread == &caller && i == tcbCaller);
    return &callerSlot;
}

lookupSlot_ret_t lookupSlot(tcb_t *thread, cptr_t address)
{
    CLAIM(thread == &caller && address == cptr());
    current_lookup_fault.type = slotFound ? 0 : seL4_DepthMismatch;
    return (lookupSlot_ret_t){slotFound ? EXCEPTION_NONE : EXCEPTION_LOOKUP_FAULT, slotFound ? &slot : NULL};
}

lookupSlot_ret_t lookupCap(tcb_t *thread, cptr_t address, cap_t *cap)
{
    lookupSlot_ret_t ret = lookupSlot(thread, address);

    *cap = slotFound ? slot.cap : cap_null_cap_new();
    return ret;
}

exception_t lookupExtraCaps(tcb_t *thread, const word_t *buffer, word_t info)
{
    CLAIM(thread == &caller && buffer == (hasBuffer ? messageBuffer : NULL) && info == caller.registers[msgInfoRegister]);
    current_fault.type = seL4_Fault_CapFault;
    return extraFails ? EXCEPTION_FAULT : EXCEPTION_NONE;
}


bool_t putOff(tcb_t *thread)
{
    bool_t way = nondet_bool();

    CLAIM(thread == &caller);
    interrupted |= way;
    return way;
}

void loadExtraCaps(tcb_t *sender) { CLAIM(sender == &caller && (callerSlot.cap.words[0] & CAP_REPLY_CAN_GRANT)); }

/* An invocation of a kernel object: it may also stop the caller. */
static exception_t decodes(word_t type, word_t label, word_t length)
{
    CLAIM(caller.state == ThreadState_Restart && cap_is(slot.cap, type) && label == caller.registers[msgInfoRegister] >> 12);
    CLAIM(length <= 120 && length <= (caller.registers[msgInfoRegister] & 127) && IMPLIES(!hasBuffer, length <= 4));
    invocations++;
    decoded = type;
    caller.state = (uint8_t)EITHER(caller.state, EITHER(ThreadState_Inactive, ThreadState_Running));
    result = EITHER(EXCEPTION_NONE, EITHER(EXCEPTION_SYSCALL_ERROR, EXCEPTION_PREEMPTED));
    return (exception_t)result;
}

exception_t decodeTCBInvocation(word_t label, word_t length, cap_t cap, cte_t *s, bool_t isCall, const word_t *buffer)
{
    (void)buffer;
    CLAIM(s == &slot && sameCap(cap, slot.cap) && isCall == (number == (word_t)seL4_SysCall));
    return decodes(cap_thread_cap, label, length);
}

exception_t decodeCNodeInvocation(word_t label, word_t length, cap_t cap, const word_t *buffer)
{
    (void)buffer;
    CLAIM(sameCap(cap, slot.cap));
    return decodes(cap_cnode_cap, label, length);
}

exception_t decodeUntypedInvocation(word_t label, word_t length, cte_t *s, cap_t cap, const word_t *buffer)
{
    (void)buffer;
    CLAIM(s == &slot && sameCap(cap, slot.cap));
    return decodes(cap_untyped_cap, label, length);
}

exception_t decodeIRQControlInvocation(word_t label, word_t length, cte_t *s, const word_t *buffer)
{
    (void)buffer;
    CLAIM(s == &slot);
    return decodes(cap_irq_control_cap, label, length);
}

exception_t decodeIRQHandlerInvocation(word_t label, irq_t irq)
{
    CLAIM(irq == slot.cap.words[1]);
    return decodes(cap_irq_handler_cap, label, 0);
}

exception_t decodeDomainInvocation(word_t label, word_t length, const word_t *buffer)
{
    (void)buffer;
    return decodes(cap_domain_cap, label, length);
}

exception_t Arch_decodeInvocation(word_t label, word_t length, cte_t *s, cap_t cap, bool_t isCall, const word_t *buffer)
{
    (void)buffer;
    CLAIM(s == &slot && sameCap(cap, slot.cap) && isArchCap(cap) && isCall == (number == (word_t)seL4_SysCall));
    return decodes(cap_get_capType(cap), label, length);
}

void sendIPC(bool_t blocking, bool_t doCall, word_t badge, bool_t canGrant, bool_t canGrantReply, tcb_t *thread, endpoint_t *e)
{
    CLAIM(cap_is(slot.cap, cap_endpoint_cap) && (slot.cap.words[0] & CAP_CAN_SEND) && thread == &caller && e == &ep && badge == slot.cap.words[1]);
    CLAIM(canGrant == ((slot.cap.words[0] & CAP_CAN_GRANT) != 0) && canGrantReply == ((slot.cap.words[0] & CAP_CAN_GRANT_REPLY) != 0));
    CLAIM(blocking == (number != (word_t)seL4_SysNBSend) && doCall == (number == (word_t)seL4_SysCall));
    sends++;
    result = EXCEPTION_NONE;
    caller.state = (uint8_t)EITHER(caller.state, EITHER(ThreadState_BlockedOnSend, ThreadState_BlockedOnReply));
}

void sendSignal(notification_t *n, word_t badge)
{
    CLAIM(cap_is(slot.cap, cap_notification_cap) && (slot.cap.words[0] & CAP_CAN_SEND) && n == &ntfn && badge == slot.cap.words[1]);
    signals++;
    result = EXCEPTION_NONE;
}

void doReplyTransfer(tcb_t *sender, tcb_t *receiver, cte_t *s, bool_t canGrant)
{
    CLAIM(sender == &caller && receiver == &other && (s == &slot || s == &callerSlot) && cap_is(s->cap, cap_reply_cap));
    CLAIM(canGrant == ((s->cap.words[0] & CAP_REPLY_CAN_GRANT) != 0) && !(s == &slot && (s->cap.words[0] & CAP_REPLY_MASTER)));
    replies++;
    result = EXCEPTION_NONE;
}

void deleteCallerCap(tcb_t *receiver) { CLAIM(receiver == &caller); callerSlot.cap = cap_null_cap_new(); }

static void receivesFrom(tcb_t *thread, cap_t cap, bool_t isBlocking)
{
    CLAIM(thread == &caller && sameCap(cap, slot.cap) && (cap.words[0] & CAP_CAN_RECEIVE) && isBlocking == (number != (word_t)seL4_SysNBRecv));
}

void receiveIPC(tcb_t *thread, cap_t cap, bool_t isBlocking)
{
    receivesFrom(thread, cap, isBlocking);
    CLAIM(cap_is(cap, cap_endpoint_cap) && cap_is(callerSlot.cap, cap_null_cap));
    receives++;
}

void receiveSignal(tcb_t *thread, cap_t cap, bool_t isBlocking)
{
    receivesFrom(thread, cap, isBlocking);
    CLAIM(cap_is(cap, cap_notification_cap) && (ntfn.boundTCB == NULL || ntfn.boundTCB == &caller));
    waits++;
}

void replyFromKernel_error(tcb_t *thread) { CLAIM(thread == &caller && (result == EXCEPTION_SYSCALL_ERROR || current_syscall_error.type != seL4_NoError)); errors++; }
void replyFromKernel_success_empty(tcb_t *thread) { CLAIM(thread == &caller && result == EXCEPTION_NONE); successes++; }
void handleFault(tcb_t *thread) { CLAIM(thread == &caller && schedules == 0); faults++; }
void yieldCurrent(void) { yields++; }
void schedule(void) { schedules++; }
void activateThread(void) { CLAIM(schedules == 1 && !isActivated); isActivated = true; }
void Arch_loadLiveRegisters(tcb_t *thread) { CLAIM(thread == &caller); }
word_t sanitiseRegister(word_t reg, word_t value) { return reg == RegFS_BASE ? value : nondet_word(); }

static void arbitraryCall(void)
{
    caller = nondet_tcb();
    caller.state = ThreadState_Running;
    ksCurThread = &caller;
    ntfn = nondet_notification();
    ntfn.boundTCB = EITHER(NULL, EITHER(&caller, &other));
    slot = nondet_cte();
    slot.cap = EITHER(slot.cap, EITHER(cap_new(cap_endpoint_cap, (word_t)&ep, nondet_byte() & 15, nondet_word()),
                                       EITHER(cap_new(cap_notification_cap, (word_t)&ntfn, nondet_byte() & 3, nondet_word()),
                                              cap_reply_cap_new(nondet_bool(), nondet_bool(), (word_t)&other))));
    ASSUME(!cap_is(slot.cap, cap_endpoint_cap) || (cap_get_capPtr)(slot.cap) == (word_t)&ep);
    ASSUME(!cap_is(slot.cap, cap_notification_cap) || (cap_get_capPtr)(slot.cap) == (word_t)&ntfn);
    ASSUME(!cap_is(slot.cap, cap_reply_cap) || (cap_get_capPtr)(slot.cap) == (word_t)&other);
    callerSlot.cap = EITHER(cap_null_cap_new(), cap_reply_cap_new(nondet_bool(), false, (word_t)&other));
    hasBuffer = nondet_bool();
    slotFound = nondet_bool();
    extraFails = nondet_bool();
    interrupted = false;
    ksWorkUnitsCompleted = nondet_byte();
    result = EXCEPTION_PREEMPTED;
    current_syscall_error.type = seL4_NoError;
    invocations = decoded = sends = signals = receives = waits = replies = errors = successes = faults = schedules = yields = 0;
    isActivated = false;
}

/* The system call, or what is left of it once the fast path has found the slot. */
static void callsEntry(bool_t isFound)
{
    if (isFound && number == (word_t)seL4_SysCall)
        handleCall(&slot);
    else if (isFound && number == (word_t)seL4_SysSend)
        handleSend(&slot);
    else if (isFound && number == (word_t)seL4_SysRecv)
        handleRecvFrom(&slot);
    else
        handleSyscall(number);
}

/*
 * of: handleSyscall (Call, Send, NBSend), handleCall, handleSend, handleInvocation, invoke, decodeInvocation, decodeEndpointInvocation, decodeNotificationInvocation,
 *     decodeReplyInvocation, trySignal, finishEntry
 * shows: at most one thing is done, by the function for the capability's type, with the rights that the capability has and no word that the caller has
 *        no buffer for; a null capability, zombie or missing right is an error; a Call that did not stop its caller is answered once, as it went; a
 *        preempted one leaves the caller at its system call; an address that leads nowhere is a fault, unless the call is NBSend; the scheduler runs once
 * bounds: lookups, invocations and transfers arbitrary within their proved contracts
 * mutant api/syscall.c: if (!(cap.words[0] & CAP_CAN_SEND))\n        return errorInvalidCapability(0);\n    sendIPC => sendIPC
 * mutant api/syscall.c: if (buffer == NULL)\n        length = => if (false)\n        length =
 * mutant api/syscall.c: if (cap.words[0] & CAP_REPLY_MASTER) => if (false)
 * mutant api/syscall.c: (0xff | CAP_CAN_SEND)) != (cap_notification_cap | CAP_CAN_SEND) || => 0xff) != cap_notification_cap ||
 * mutant api/syscall.c: if (unlikely(status == EXCEPTION_PREEMPTED) || thread->state != ThreadState_Restart) => if (thread->state != ThreadState_Restart)
 * mutant api/syscall.c: return decodeTCBInvocation(label, => return decodeTCBInvocation(info,
 */
void proof_handleInvocation(void)
{
    bool_t isCall, isBlocking, isError, stopped;

    arbitraryCall();
    number = (word_t)EITHER(seL4_SysCall, EITHER(seL4_SysSend, seL4_SysNBSend));
    isCall = number == (word_t)seL4_SysCall;
    isBlocking = number != (word_t)seL4_SysNBSend;
    callsEntry(slotFound && nondet_bool());
    isError = current_syscall_error.type != seL4_NoError;
    stopped = !isRunnable(&caller);
    CLAIM(schedules == 1 && isActivated && receives + waits + yields == 0);
    CLAIM(invocations + sends + signals + replies + faults + isError <= 1);
    CLAIM(IMPLIES(!slotFound, faults == isBlocking && invocations + sends + signals + replies == 0));
    CLAIM(IMPLIES(!slotFound && faults, current_fault.type == seL4_Fault_CapFault && current_fault.words[0] == cptr() &&
                                            current_fault.words[1] == 0 && current_fault.lookup.type == seL4_DepthMismatch));
    CLAIM(IMPLIES(invocations, decoded == cap_get_capType(slot.cap)));
    CLAIM(errors + successes <= isCall);
    if (isError) {
        CLAIM(current_syscall_error.type == seL4_InvalidCapability && current_syscall_error.invalidCapNumber == 0);
        CLAIM(slotFound && !(cap_is(slot.cap, cap_endpoint_cap) && (slot.cap.words[0] & CAP_CAN_SEND)));
        CLAIM(!cap_is(slot.cap, cap_thread_cap) && !cap_is(slot.cap, cap_cnode_cap) && !isArchCap(slot.cap));
        REACH("error");
    }
    CLAIM(IMPLIES(invocations && result == EXCEPTION_PREEMPTED, errors + successes == 0));
    CLAIM(IMPLIES(invocations && result != EXCEPTION_PREEMPTED, caller.state != ThreadState_Restart));
    CLAIM(IMPLIES(isCall && signals + replies, successes == 1));
    if (invocations && stopped)
        REACH("caller stopped");
    if (caller.state == ThreadState_Restart)
        REACH("again");
    REACH("end");
}

/*
 * of: handleSyscall (Recv, NBRecv, Reply, ReplyRecv, Yield), handleRecv, handleRecvFrom, receive, handleReply, handleReplyRecv, raiseCapFault
 * shows: receiving needs the right to, and a notification that is bound to nobody else; the reply capability of an earlier call is gone by then; else a
 *        fault in the receive phase; a reply goes only through a reply capability, with the right that it has; a call that makes way for an
 *        interrupt has replied or has not, and is made again
 * bounds: as above
 * mutant api/syscall.c: if (cap_is(cap, cap_endpoint_cap) && (cap.words[0] & CAP_CAN_RECEIVE)) { => if (cap_is(cap, cap_endpoint_cap)) {
 * mutant api/syscall.c: if (ntfn->boundTCB == NULL || ntfn->boundTCB == thread) { => {
 * mutant api/syscall.c: deleteCallerCap(thread); =>
 * mutant api/syscall.c: if (!cap_is(cap, cap_reply_cap))\n        return; =>
 * mutant api/syscall.c: if (unlikely(thread->state == ThreadState_Restart))\n        return; =>
 */
void proof_handleRecv(void)
{
    bool_t isReceive, isReply, hadReply;

    arbitraryCall();
    number = (word_t)EITHER(EITHER(seL4_SysRecv, seL4_SysNBRecv), EITHER(EITHER(seL4_SysReply, seL4_SysReplyRecv), seL4_SysYield));
    isReply = number == (word_t)seL4_SysReply || number == (word_t)seL4_SysReplyRecv;
    isReceive = number != (word_t)seL4_SysReply && number != (word_t)seL4_SysYield;
    hadReply = cap_is(callerSlot.cap, cap_reply_cap);
    callsEntry(slotFound && nondet_bool());
    CLAIM(schedules == 1 && isActivated && invocations + sends + signals + errors + successes == 0);
    CLAIM(yields == (number == (word_t)seL4_SysYield) && replies <= (isReply && hadReply));
    CLAIM(IMPLIES(caller.state != ThreadState_Restart || !interrupted, replies == (isReply && hadReply)));
    CLAIM(receives + waits + faults == (isReceive && caller.state != ThreadState_Restart));
    CLAIM(IMPLIES(caller.state == ThreadState_Restart, isReply && interrupted));
    if (faults) {
        CLAIM(current_fault.type == seL4_Fault_CapFault && current_fault.words[0] == cptr() && current_fault.words[1] == 1);
        CLAIM(current_fault.lookup.type == (slotFound ? seL4_MissingCapability : seL4_DepthMismatch));
        REACH("fault");
    }
    if (receives)
        REACH("endpoint");
    if (waits)
        REACH("notification");
    if (replies && receives)
        REACH("reply and receive");
    if (hadReply && !replies && number == (word_t)seL4_SysReplyRecv)
        REACH("made way before it");
    REACH("end");
}

/*
 * of: handleSyscall (other numbers), handleUnknownSyscall, handleUserLevelFault, handleVMFaultEvent
 * shows: one fault of the caller with what the CPU said, and nothing else; then the scheduler
 * bounds: release kernels
 * mutant api/syscall.c: handleUnknownSyscall(number);\n        return; => return;
 * mutant api/syscall.c: {addr, errorCode >> 4 & 1, errorCode} => {addr, errorCode & 1, errorCode}
 */
void proof_handleFaults(void)
{
    word_t first = nondet_word(), second = nondet_word(), which = nondet_byte() % 3;

    arbitraryCall();
    number = first;
    ASSUME((int64_t)first > -1 || (int64_t)first < -8);
    if (which == 0)
        handleSyscall(first);
    else if (which == 1)
        handleUserLevelFault(first, second);
    else
        handleVMFaultEvent(first, second);
    CLAIM(faults == 1 && schedules == 1 && isActivated && invocations + sends + signals + receives + waits + replies + yields == 0);
    CLAIM(current_fault.type == (which == 0 ? seL4_Fault_UnknownSyscall : which == 1 ? seL4_Fault_UserException : seL4_Fault_VMFault));
    CLAIM(current_fault.words[0] == first && IMPLIES(which == 1, current_fault.words[1] == second));
    CLAIM(IMPLIES(which == 2, current_fault.words[1] == (second >> 4 & 1) && current_fault.words[2] == second));
    REACH("end");
}
