/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults: a fault of a thread becomes a call, in its name, through its fault handler endpoint; the reply decides
 * whether and with which registers it goes on.  A thread whose fault cannot be delivered becomes inactive.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"

static const uint8_t syscallMessage[seL4_UnknownSyscall_Syscall] = {
    RegRAX, RegRBX, RegRCX, RegRDX, RegRSI, RegRDI, RegRBP, RegR8,      RegR9,
    RegR10, RegR11, RegR12, RegR13, RegR14, RegR15, RegFaultIP, RegRSP, RegFLAGS,
};

static const uint8_t exceptionMessage[seL4_UserException_Number] = {RegFaultIP, RegRSP, RegFLAGS};

/* Sends current_fault.  The thread's restart address must be settled if the fault's reply may change registers. */
void handleFault(tcb_t *thread)
{
    cap_t handler;
    lookupSlot_ret_t ret;
    fault_t fault = current_fault;

    settleRestartPC(thread);
    ret = lookupCap(thread, thread->tcbFaultHandler, &handler);
    if (ret.status != EXCEPTION_NONE || !cap_is(handler, cap_endpoint_cap) || !(handler.words[0] & CAP_CAN_SEND) ||
        !(handler.words[0] & (CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY))) {
        setThreadState(thread, ThreadState_Inactive);
        return;
    }
    thread->tcbFault = fault;
    sendIPC(true, true, cap_get_badge(handler), (handler.words[0] & CAP_CAN_GRANT) != 0,
            (handler.words[0] & CAP_CAN_GRANT_REPLY) != 0, thread, (endpoint_t *)cap_get_capPtr(handler));
}

static word_t copyRegistersToMRs(tcb_t *sender, tcb_t *receiver, word_t *buffer, const uint8_t *regs, word_t n)
{
    word_t i, length = 0;

    for (i = 0; i < n; i++)
        length = setMR(receiver, buffer, i, getRegister(sender, regs[i]));
    return length;
}

static word_t setMRs_capFault(tcb_t *sender, tcb_t *receiver, word_t *buffer)
{
    const fault_t *f = &sender->tcbFault;
    word_t i;

    setMR(receiver, buffer, seL4_CapFault_IP, getRestartPC(sender));
    setMR(receiver, buffer, seL4_CapFault_Addr, f->words[0]);
    setMR(receiver, buffer, seL4_CapFault_InRecvPhase, f->words[1]);
    i = setMR(receiver, buffer, seL4_CapFault_LookupFailureType, f->lookup.type);
    if (f->lookup.type == seL4_InvalidRoot)
        return i;
    i = setMR(receiver, buffer, seL4_CapFault_BitsLeft, f->lookup.bitsLeft);
    if (f->lookup.type == seL4_MissingCapability)
        return i;
    i = setMR(receiver, buffer, seL4_CapFault_DepthMismatch_BitsFound, f->lookup.found);
    if (f->lookup.type == seL4_DepthMismatch)
        return i;
    return setMR(receiver, buffer, seL4_CapFault_GuardMismatch_BitsFound, f->lookup.guardBits);
}

/* The fault of the sender as a message to the receiver; returns its length. */
word_t setMRs_fault(tcb_t *sender, tcb_t *receiver, word_t *buffer)
{
    const fault_t *f = &sender->tcbFault;

    switch (f->type) {
    case seL4_Fault_CapFault:
        return setMRs_capFault(sender, receiver, buffer);
    case seL4_Fault_VMFault:
        setMR(receiver, buffer, seL4_VMFault_IP, getRestartPC(sender));
        setMR(receiver, buffer, seL4_VMFault_Addr, f->words[0]);
        setMR(receiver, buffer, seL4_VMFault_PrefetchFault, f->words[1]);
        return setMR(receiver, buffer, seL4_VMFault_FSR, f->words[2]);
    case seL4_Fault_UnknownSyscall:
        copyRegistersToMRs(sender, receiver, buffer, syscallMessage, seL4_UnknownSyscall_Syscall);
        return setMR(receiver, buffer, seL4_UnknownSyscall_Syscall, f->words[0]);
    default:
        copyRegistersToMRs(sender, receiver, buffer, exceptionMessage, seL4_UserException_Number);
        setMR(receiver, buffer, seL4_UserException_Number, f->words[0]);
        return setMR(receiver, buffer, seL4_UserException_Code, f->words[1]);
    }
}

static void copyMRsToRegisters(tcb_t *sender, tcb_t *receiver, const uint8_t *regs, word_t n)
{
    const word_t *buffer = lookupIPCBuffer(false, sender);
    word_t length = MIN(getRegister(sender, msgInfoRegister) & 127, n);
    word_t i;

    if (buffer == NULL)
        length = MIN(length, (word_t)seL4_FastMessageRegisters);
    for (i = 0; i < length; i++)
        setRegister(receiver, regs[i],
                    sanitiseRegister(regs[i], i < seL4_FastMessageRegisters ? getRegister(sender, msgRegisters[i])
                                                                           : buffer[i + 1]));
}

/* Takes the sender's reply to the receiver's fault; false if the receiver shall stay stopped. */
bool_t handleFaultReply(tcb_t *receiver, tcb_t *sender)
{
    word_t label = getRegister(sender, msgInfoRegister) >> 12;

    switch (receiver->tcbFault.type) {
    case seL4_Fault_UnknownSyscall:
        copyMRsToRegisters(sender, receiver, syscallMessage, ARRAY_SIZE(syscallMessage));
        return label == 0;
    case seL4_Fault_UserException:
        copyMRsToRegisters(sender, receiver, exceptionMessage, ARRAY_SIZE(exceptionMessage));
        return label == 0;
    default:
        return true;
    }
}
