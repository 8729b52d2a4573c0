/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults: how they are sent, what their messages are and what their replies may change.
 */
#include "kernel/proofs/proof.h"

static tcb_t from, to;
static word_t sent[128], received[128];
static bool_t canSend;

/* The buffer of who replies, or none. */
static word_t *bufferOf(bool_t isReceiver, const tcb_t *thread)
{
    CLAIM(!isReceiver && thread == &from);
    return canSend ? sent : NULL;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(isReceiver, thread)

#include "kernel/api/faults.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static endpoint_t ep;
static cap_t handlerCap;
static bool_t handlerFound, isSent;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

/* The lookup may leave other errors behind: the fault is kept by then. */
lookupSlot_ret_t lookupCap(tcb_t *thread, cptr_t cptr, cap_t *cap)
{
    CLAIM(thread == &to && cptr == to.tcbFaultHandler);
    current_lookup_fault.type = nondet_word();
    *cap = handlerFound ? handlerCap : cap_null_cap_new();
    return (lookupSlot_ret_t){handlerFound ? EXCEPTION_NONE : EXCEPTION_LOOKUP_FAULT, NULL};
}

void sendIPC(bool_t blocking, bool_t doCall, word_t badge, bool_t canGrant, bool_t canGrantReply, tcb_t *thread, endpoint_t *endpoint)
{
    CLAIM(blocking && doCall && thread == &to && (word_t)endpoint == cap_get_capPtr(handlerCap) && badge == handlerCap.words[1]);
    CLAIM(canGrant == ((handlerCap.words[0] & CAP_CAN_GRANT) != 0));
    CLAIM(canGrantReply == ((handlerCap.words[0] & CAP_CAN_GRANT_REPLY) != 0));
    isSent = true;
}

void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }

/* Any function of register and value, so that an unsanitised value shows. */
word_t __CPROVER_uninterpreted_sanitise(word_t, word_t);

word_t sanitiseRegister(word_t reg, word_t value)
{
    CLAIM(reg < n_contextRegisters);
    return __CPROVER_uninterpreted_sanitise(reg, value);
}

/*
 * of: handleFault
 * shows: the thread's restart address is settled; the fault goes, as a call in its name, through an endpoint capability that may send and that lets
 *        the receiver reply, with its badge and rights; without such a one the thread is inactive and has no fault pending
 * bounds: none
 * mutant api/faults.c: settleRestartPC(thread);\n    ret => ret
 * mutant api/faults.c: || !(handler.words[0] & CAP_CAN_SEND) || => ||
 * mutant api/faults.c: !(handler.words[0] & (CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY)) => false
 * mutant api/faults.c: thread->tcbFault = fault; =>
 */
void proof_handleFault(void)
{
    word_t restart, answer = CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY;
    bool_t usable;

    to = nondet_tcb();
    to.inSyscall &= 1;
    to.state = ThreadState_Running;
    to.tcbFault.type = seL4_Fault_NullFault;
    current_fault = (fault_t){nondet_byte() % 5 + 1, {nondet_word(), nondet_word(), nondet_word()}, {nondet_word(), 0, 0, 0}};
    handlerCap = EITHER(nondet_cap(), cap_new(cap_endpoint_cap, (word_t)&ep, nondet_byte() & 15, nondet_word()));
    handlerFound = nondet_bool();
    isSent = false;
    restart = getRestartPC(&to);
    usable = handlerFound && cap_is(handlerCap, cap_endpoint_cap) && (handlerCap.words[0] & CAP_CAN_SEND) && (handlerCap.words[0] & answer);
    handleFault(&to);
    CLAIM(!to.inSyscall && to.registers[RegFaultIP] == restart && getRestartPC(&to) == restart);
    CLAIM(isSent == usable);
    if (isSent) {
        CLAIM(to.tcbFault.type == current_fault.type && to.tcbFault.words[0] == current_fault.words[0]);
        CLAIM(to.tcbFault.words[2] == current_fault.words[2] && to.tcbFault.lookup.type == current_fault.lookup.type);
        REACH("sent");
    } else {
        CLAIM(to.state == ThreadState_Inactive && to.tcbFault.type == seL4_Fault_NullFault);
        REACH("nobody");
    }
    REACH("end");
}

/* Section 9 of the ABI: the registers in the message of an unknown system call, in order. */
static word_t syscallRegister(word_t i)
{
    return i < 7 ? (i == 0 ? RegRAX : i == 1 ? RegRBX : i == 2 ? RegRCX : i == 3 ? RegRDX : i == 4 ? RegRSI : i == 5 ? RegRDI : RegRBP)
           : i < 15 ? RegR8 + i - 7 : i == 15 ? RegFaultIP : i == 16 ? RegRSP : RegFLAGS;
}

static word_t exceptionRegister(word_t i)
{
    return i == 0 ? RegFaultIP : i == 1 ? RegRSP : RegFLAGS;
}

/* Word i of the message that says what fault `f' of the thread is. */
static word_t wordOfFault(const fault_t *f, word_t i)
{
    switch (f->type) {
    case seL4_Fault_CapFault:
        return i == 0 ? getRestartPC(&from) : i == 1 ? f->words[0] : i == 2 ? f->words[1] : i == 3 ? f->lookup.type
               : i == 4 ? f->lookup.bitsLeft : i == 5 ? f->lookup.found : f->lookup.guardBits;
    case seL4_Fault_VMFault:
        return i == 0 ? getRestartPC(&from) : f->words[i - 1];
    case seL4_Fault_UnknownSyscall:
        return i == 18 ? f->words[0] : from.registers[syscallRegister(i)];
    default:
        return i < 3 ? from.registers[exceptionRegister(i)] : f->words[i - 3];
    }
}

static word_t lengthOfFault(const fault_t *f)
{
    switch (f->type) {
    case seL4_Fault_CapFault:
        return f->lookup.type == seL4_InvalidRoot ? 4 : f->lookup.type == seL4_MissingCapability ? 5 : f->lookup.type == seL4_DepthMismatch ? 6 : 7;
    case seL4_Fault_VMFault:
        return 4;
    case seL4_Fault_UnknownSyscall:
        return 19;
    default:
        return 5;
    }
}

/*
 * of: setMRs_fault, setMRs_capFault, copyRegistersToMRs
 * shows: the words that section 9 of the ABI lists for each fault, as many as fit; no other register or word of the receiver changes
 * bounds: one arbitrary word
 * unwind: 20
 * mutant api/faults.c: if (f->lookup.type == seL4_MissingCapability)\n        return i; =>
 * mutant api/faults.c: setMR(receiver, buffer, seL4_VMFault_Addr, f->words[0]); =>
 * mutant api/faults.c: RegRAX, RegRBX, RegRCX, RegRDX, RegRSI, RegRDI, RegRBP, => RegRAX, RegRBX, RegRCX, RegRDX, RegRDI, RegRSI, RegRBP,
 */
void proof_setMRs_fault(void)
{
    word_t witness = nondet_byte() % 127, length, before, was, other = nondet_byte() % n_contextRegisters;
    bool_t hasBuffer = nondet_bool();

    from = nondet_tcb();
    to = nondet_tcb();
    __CPROVER_havoc_object(received);
    from.tcbFault.type = EITHER(EITHER(seL4_Fault_CapFault, seL4_Fault_VMFault), EITHER(seL4_Fault_UnknownSyscall, seL4_Fault_UserException));
    from.tcbFault.lookup.type = nondet_byte() % 4 + 1;
    from.inSyscall = 0;
    before = received[witness + 1];
    was = to.registers[other];
    ASSUME(other != RegR10 && other != RegR8 && other != RegR9 && other != RegR15);
    length = setMRs_fault(&from, &to, hasBuffer ? received : NULL);
    CLAIM(length == (hasBuffer ? lengthOfFault(&from.tcbFault) : 4) && to.registers[other] == was);
    CLAIM(to.registers[RegR10] == wordOfFault(&from.tcbFault, 0) && to.registers[RegR8] == wordOfFault(&from.tcbFault, 1));
    CLAIM(to.registers[RegR9] == wordOfFault(&from.tcbFault, 2) && to.registers[RegR15] == wordOfFault(&from.tcbFault, 3));
    CLAIM(received[witness + 1] == (witness >= 4 && witness < length ? wordOfFault(&from.tcbFault, witness) : before));
    if (length == 19)
        REACH("system call");
    REACH("end");
}

/*
 * of: handleFaultReply, copyMRsToRegisters
 * shows: a reply to an unknown system call or exception writes the registers that its length covers, sanitised, and none else; those to other
 *        faults write none; the thread goes on unless the label says otherwise
 * bounds: one arbitrary register
 * unwind: 19
 * mutant api/faults.c: word_t length = MIN(getRegister(sender, msgInfoRegister) & 127, n); => word_t length = getRegister(sender, msgInfoRegister) & 15;
 * mutant api/faults.c: if (buffer == NULL)\n        length = MIN(length, (word_t)seL4_FastMessageRegisters); =>
 * mutant api/faults.c: copyMRsToRegisters(sender, receiver, syscallMessage, ARRAY_SIZE(syscallMessage));\n        return label == 0; => return label == 0;
 */
void proof_handleFaultReply(void)
{
    word_t i = nondet_byte() % 18, reg, length, value, was, n;
    bool_t goesOn, isSyscall, carries;

    from = nondet_tcb();
    to = nondet_tcb();
    __CPROVER_havoc_object(sent);
    canSend = nondet_bool();
    to.tcbFault.type = EITHER(EITHER(seL4_Fault_CapFault, seL4_Fault_VMFault), EITHER(seL4_Fault_UnknownSyscall, seL4_Fault_UserException));
    isSyscall = to.tcbFault.type == seL4_Fault_UnknownSyscall;
    carries = isSyscall || to.tcbFault.type == seL4_Fault_UserException;
    n = isSyscall ? 18 : 3;
    reg = isSyscall || i >= 3 ? syscallRegister(i) : exceptionRegister(i);
    was = to.registers[reg];
    length = MIN(from.registers[msgInfoRegister] & 127, n);
    if (!canSend)
        length = MIN(length, (word_t)4);
    value = i == 0 ? from.registers[RegR10] : i == 1 ? from.registers[RegR8] : i == 2 ? from.registers[RegR9] : i == 3 ? from.registers[RegR15]
            : sent[i + 1];
    goesOn = handleFaultReply(&to, &from);
    CLAIM(goesOn == (!carries || from.registers[msgInfoRegister] >> 12 == 0));
    if (carries && i < length) {
        CLAIM(to.registers[reg] == sanitiseRegister(reg, value));
        REACH("written");
    } else {
        CLAIM(to.registers[reg] == was || (!isSyscall && carries && reg <= RegFLAGS));
        REACH("kept");
    }
    REACH("end");
}
