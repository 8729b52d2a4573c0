/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Message transfer between two threads: registers, IPC buffers, capabilities, replies.
 *
 * The kernel reads and writes IPC buffers through the physical window, so a buffer can never fault; it is read once,
 * straight into its destination.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"

static word_t messageLength(word_t info)
{
    return MIN(info & 127, (word_t)seL4_MsgMaxLength);
}

/* Fills current_extra_caps; EXCEPTION_FAULT with current_fault if an address leads nowhere. */
exception_t lookupExtraCaps(tcb_t *thread, const word_t *buffer, word_t info)
{
    const seL4_IPCBuffer *ipc = (const seL4_IPCBuffer *)buffer;
    word_t count = info >> 7 & 3, i;
    lookupSlot_ret_t ret;

    current_extra_caps[0] = current_extra_caps[1] = current_extra_caps[2] = NULL;
    if (count == 0 || buffer == NULL)
        return EXCEPTION_NONE;
    for (i = 0; i < count; i++) {
        cptr_t cptr = ipc->caps_or_badges[i];

        ret = lookupSlot(thread, cptr);
        if (ret.status != EXCEPTION_NONE) {
            current_fault = (fault_t){seL4_Fault_CapFault, {cptr, false, 0}, current_lookup_fault};
            return EXCEPTION_FAULT;
        }
        current_extra_caps[i] = ret.slot;
    }
    return EXCEPTION_NONE;
}

/* Fills current_extra_caps for a sender whose system call is not an invocation that has done so; none if one is missing. */
void loadExtraCaps(tcb_t *sender)
{
    if (lookupExtraCaps(sender, lookupIPCBuffer(false, sender), getRegister(sender, msgInfoRegister)) != EXCEPTION_NONE)
        current_extra_caps[0] = NULL;
}

/* Returns how many message words arrived. */
static word_t copyMRs(tcb_t *sender, const word_t *sendBuffer, tcb_t *receiver, word_t *receiveBuffer, word_t length)
{
    word_t i;

    for (i = 0; i < length && i < seL4_FastMessageRegisters; i++)
        setRegister(receiver, msgRegisters[i], getRegister(sender, msgRegisters[i]));
    if (length <= seL4_FastMessageRegisters)
        return length;
    if (sendBuffer == NULL || receiveBuffer == NULL)
        return seL4_FastMessageRegisters;
    copyWords(receiveBuffer + 1 + seL4_FastMessageRegisters, sendBuffer + 1 + seL4_FastMessageRegisters,
              length - seL4_FastMessageRegisters);
    return length;
}

/*
 * Hands over current_extra_caps: those to the endpoint itself as badges, the first other one as a capability.
 * Returns the extraCaps and capsUnwrapped bits of the receiver's message info.
 */
static word_t transferCaps(endpoint_t *ep, tcb_t *receiver, word_t *receiveBuffer)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)receiveBuffer;
    word_t i, unwrapped = 0;
    deriveCap_ret_t derived;
    cte_t *dest;

    dest = getReceiveSlots(receiver, receiveBuffer);
    for (i = 0; i < seL4_MsgMaxExtraCaps && current_extra_caps[i] != NULL; i++) {
        cte_t *slot = current_extra_caps[i];

        if (ep != NULL && cap_is(slot->cap, cap_endpoint_cap) && cap_get_capPtr(slot->cap) == (word_t)ep) {
            ipc->caps_or_badges[i] = cap_get_badge(slot->cap);
            unwrapped |= BIT(i);
            continue;
        }
        if (dest == NULL)
            break;
        derived = deriveCap(slot, slot->cap);
        if (derived.status != EXCEPTION_NONE || cap_is(derived.cap, cap_null_cap))
            break;
        cteInsert(derived.cap, slot, dest);
        dest = NULL;
    }
    return unwrapped << 9 | i << 7;
}

static void doNormalTransfer(tcb_t *sender, endpoint_t *ep, word_t badge, bool_t canGrant, tcb_t *receiver,
                             word_t *receiveBuffer)
{
    const word_t *sendBuffer = lookupIPCBuffer(false, sender);
    word_t info = getRegister(sender, msgInfoRegister);
    word_t length;

    length = copyMRs(sender, sendBuffer, receiver, receiveBuffer, messageLength(info));
    info = ROUND_DOWN(info, 12) | length;
    if (canGrant && current_extra_caps[0] != NULL && receiveBuffer != NULL)
        info |= transferCaps(ep, receiver, receiveBuffer);
    setRegister(receiver, msgInfoRegister, info);
    setRegister(receiver, badgeRegister, badge);
}

static void doFaultTransfer(word_t badge, tcb_t *sender, tcb_t *receiver, word_t *receiveBuffer)
{
    word_t length = setMRs_fault(sender, receiver, receiveBuffer);

    setRegister(receiver, msgInfoRegister, seL4_MessageInfo_new(sender->tcbFault.type, 0, 0, length).words[0]);
    setRegister(receiver, badgeRegister, badge);
}

/* canGrant: current_extra_caps are those of the sender's message and go with it. */
void doIPCTransfer(tcb_t *sender, endpoint_t *ep, word_t badge, bool_t canGrant, tcb_t *receiver)
{
    word_t *receiveBuffer = lookupIPCBuffer(true, receiver);

    if (likely(sender->tcbFault.type == seL4_Fault_NullFault))
        doNormalTransfer(sender, ep, badge, canGrant, receiver, receiveBuffer);
    else
        doFaultTransfer(badge, sender, receiver, receiveBuffer);
}

/* Answers a thread that waits in a call or with a fault; slot holds the reply capability, which is used up. */
void doReplyTransfer(tcb_t *sender, tcb_t *receiver, cte_t *slot, bool_t canGrant)
{
    bool_t goesOn;

    assert(receiver->state == ThreadState_BlockedOnReply);
    if (likely(receiver->tcbFault.type == seL4_Fault_NullFault)) {
        doIPCTransfer(sender, NULL, 0, canGrant, receiver);
        emptySlot(slot, cap_null_cap_new());
        setThreadState(receiver, ThreadState_Running);
        possibleSwitchTo(receiver);
        return;
    }
    emptySlot(slot, cap_null_cap_new());
    goesOn = handleFaultReply(receiver, sender);
    receiver->tcbFault.type = seL4_Fault_NullFault;
    if (goesOn) {
        setThreadState(receiver, ThreadState_Restart);
        possibleSwitchTo(receiver);
    } else {
        setThreadState(receiver, ThreadState_Inactive);
    }
}

static word_t setMRs_lookupFailure(tcb_t *receiver, word_t *buffer, word_t i)
{
    const lookup_fault_t *f = &current_lookup_fault;

    i = setMR(receiver, buffer, i, f->type);
    if (f->type == seL4_InvalidRoot)
        return i;
    i = setMR(receiver, buffer, i, f->bitsLeft);
    if (f->type == seL4_MissingCapability)
        return i;
    i = setMR(receiver, buffer, i, f->found);
    return f->type == seL4_GuardMismatch ? setMR(receiver, buffer, i, f->guardBits) : i;
}

/* The detail words of current_syscall_error; returns their number. */
word_t setErrorMRs(tcb_t *receiver, word_t *buffer)
{
    const syscall_error_t *e = &current_syscall_error;

    switch (e->type) {
    case seL4_InvalidArgument:
        return setMR(receiver, buffer, 0, e->invalidArgumentNumber);
    case seL4_InvalidCapability:
        return setMR(receiver, buffer, 0, e->invalidCapNumber);
    case seL4_RangeError:
        setMR(receiver, buffer, 0, e->rangeErrorMin);
        return setMR(receiver, buffer, 1, e->rangeErrorMax);
    case seL4_FailedLookup:
        setMR(receiver, buffer, 0, e->failedLookupWasSource);
        return setMRs_lookupFailure(receiver, buffer, 1);
    case seL4_NotEnoughMemory:
        return setMR(receiver, buffer, 0, e->memoryLeft);
    default:
        return 0;
    }
}
