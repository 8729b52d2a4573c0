/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages from one thread to another: registers, buffers, capabilities, replies.
 */
#include "kernel/proofs/proof.h"

static tcb_t from, to;
static cte_t fromBuffer, toBuffer;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    CLAIM(i == tcbBuffer && (thread == &from || thread == &to));
    return thread == &from ? &fromBuffer : &toBuffer;
}

/* The whole buffer of a thread, or none: proof_lookupIPCBuffer. */
static word_t sent[128], received[128];
static bool_t canSend, canReceive;

static word_t *bufferOf(bool_t isReceiver, const tcb_t *thread)
{
    CLAIM(isReceiver ? thread == &to : thread == &from);
    return isReceiver ? (canReceive ? received : NULL) : canSend ? sent : NULL;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(isReceiver, thread)

#include "kernel/api/transfer.c"
#include "kernel/api/error.c"

#undef lookupIPCBuffer

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static endpoint_t ep;
static cte_t slot0, slot1, slot2, dest, replySlot;
static cap_t cap0, cap1, cap2;
static word_t copied, insertions, derivations, witness;
static cte_t *insertedFrom;
static bool_t hasDest, emptied, repliedToFault, faultGoesOn, faultSent;

/* rep movsq: `witness' is an arbitrary word of what is copied. */
void copyWords(word_t *target, const word_t *source, word_t words)
{
    CLAIM(target == received + 5 && source == sent + 5 && words >= 1 && words <= seL4_MsgMaxLength - 4);
    copied = words;
    if (witness < words)
        received[5 + witness] = sent[5 + witness];
}

cte_t *getReceiveSlots(tcb_t *thread, word_t *buffer)
{
    CLAIM(thread == &to && buffer == received);
    return hasDest ? &dest : NULL;
}

deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap)
{
    CLAIM(sameCap(slot->cap, cap));
    derivations++;
    return (deriveCap_ret_t){EITHER(EXCEPTION_NONE, EXCEPTION_SYSCALL_ERROR), EITHER(cap, cap_null_cap_new())};
}

void cteInsert(cap_t cap, cte_t *src, cte_t *target)
{
    CLAIM(target == &dest && cap_is(dest.cap, cap_null_cap) && !cap_is(cap, cap_null_cap) && sameCap(src->cap, cap));
    dest.cap = cap;
    insertedFrom = src;
    insertions++;
}

void emptySlot(cte_t *slot, cap_t cleanup)
{
    CLAIM(slot == &replySlot && cap_is(cleanup, cap_null_cap));
    emptied = true;
}

bool_t handleFaultReply(tcb_t *receiver, tcb_t *sender)
{
    CLAIM(receiver == &to && sender == &from && emptied && to.tcbFault.type != seL4_Fault_NullFault);
    repliedToFault = true;
    faultGoesOn = nondet_bool();
    return faultGoesOn;
}

word_t setMRs_fault(tcb_t *sender, tcb_t *receiver, word_t *buffer)
{
    CLAIM(sender == &from && receiver == &to && buffer == (canReceive ? received : NULL));
    faultSent = true;
    return EITHER(4, 19);
}

void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }
void possibleSwitchTo(tcb_t *thread) { CLAIM(thread == &to && isRunnable(&to)); }

static lookupSlot_ret_t found;
static word_t asked;

lookupSlot_ret_t lookupSlot(tcb_t *thread, cptr_t cptr)
{
    CLAIM(thread == &from && cptr == sent[122 + asked]);
    asked++;
    found.status = EITHER(EXCEPTION_NONE, EXCEPTION_LOOKUP_FAULT);
    found.slot = found.status == EXCEPTION_NONE ? EITHER(&slot0, EITHER(&slot1, &slot2)) : NULL;
    return found;
}

/*
 * of: lookupIPCBuffer, bufferCap, isBufferUsable, bufferAddress
 * shows: a whole buffer inside the frame of the thread's buffer slot, or NULL; the latter exactly if there is no frame or its rights do not suffice
 * bounds: the offset is aligned and in the frame (invokeThreadControl masks it so)
 * mutant include/api.h: word_t needed = (isReceiver ? VMReadWrite : VMReadOnly) << 8; => word_t needed = (isReceiver ? 1 : VMReadOnly) << 8;
 * mutant include/api.h: return (~cap.words[0] & needed) == 0; => return (cap.words[0] & needed) != 0;
 */
void proof_lookupIPCBuffer(void)
{
    bool_t isReceiver = nondet_bool();
    word_t address, rights, size;

    from = nondet_tcb();
    fromBuffer = nondet_cte();
    ASSUME(validCap(fromBuffer.cap));
    ASSUME(sameCap(fromBuffer.cap, cap_null_cap_new()) ||
           (cap_is(fromBuffer.cap, cap_frame_cap) && !cap_frame_cap_get_capFIsDevice(fromBuffer.cap)));
    size = BIT(pageBitsForSize(cap_frame_cap_get_capFSize(fromBuffer.cap)));
    rights = cap_frame_cap_get_capFVMRights(fromBuffer.cap);
    ASSUME(from.tcbIPCBuffer < size && IS_ALIGNED(from.tcbIPCBuffer, seL4_IPCBufferSizeBits));
    address = (word_t)lookupIPCBuffer(isReceiver, &from);
    CLAIM((address != 0) == (cap_is(fromBuffer.cap, cap_frame_cap) && (rights == VMReadWrite || (!isReceiver && rights == VMReadOnly))) ||
          cap_get_capPtr(fromBuffer.cap) + from.tcbIPCBuffer == 0);
    if (address != 0) {
        CLAIM(address >= cap_get_capPtr(fromBuffer.cap) && address - cap_get_capPtr(fromBuffer.cap) <= size - sizeof(seL4_IPCBuffer));
        REACH("buffer");
    }
    REACH("end");
}

/* A message; extra capabilities as they are loaded: from the first on, and only with a buffer. */
static void arbitraryTransfer(void)
{
    from = nondet_tcb();
    to = nondet_tcb();
    ASSUME(from.tcbFault.type <= seL4_Fault_VMFault);
    __CPROVER_havoc_object(sent);
    __CPROVER_havoc_object(received);
    canSend = nondet_bool();
    canReceive = nondet_bool();
    slot0 = nondet_cte();
    slot1 = nondet_cte();
    slot2 = nondet_cte();
    slot0.cap = EITHER(cap_endpoint_cap_new((word_t)&ep, nondet_word()), slot0.cap);
    slot1.cap = EITHER(cap_endpoint_cap_new((word_t)&ep, nondet_word()), slot1.cap);
    slot2.cap = EITHER(cap_endpoint_cap_new((word_t)&ep, nondet_word()), slot2.cap);
    cap0 = slot0.cap;
    cap1 = slot1.cap;
    cap2 = slot2.cap;
    dest = nondet_cte();
    dest.cap = cap_null_cap_new();
    current_extra_caps[0] = canSend ? EITHER(&slot0, NULL) : NULL;
    current_extra_caps[1] = EITHER(&slot1, NULL);
    current_extra_caps[2] = EITHER(&slot2, NULL);
    witness = nondet_byte();
    ASSUME(witness < seL4_MsgMaxLength - 4);
    hasDest = nondet_bool();
    copied = insertions = derivations = asked = 0;
    emptied = repliedToFault = faultSent = false;
}

static bool_t isOfEndpoint(cap_t cap)
{
    return cap_is(cap, cap_endpoint_cap) && cap_get_capPtr(cap) == (word_t)&ep;
}

/* Which of the extra capabilities arrived (count) and which of these as badges. */
static void claimCaps(word_t info, endpoint_t *endpoint, word_t before0)
{
    word_t count = info >> 7 & 3, unwrapped = info >> 9 & 7, plain;

    CLAIM(insertions <= 1 && IMPLIES(insertions == 1, hasDest));
    CLAIM(unwrapped >> count == 0);
    CLAIM(IMPLIES(unwrapped & 1, endpoint != NULL && isOfEndpoint(cap0) && received[122] == cap0.words[1]));
    CLAIM(IMPLIES(unwrapped & 2, endpoint != NULL && isOfEndpoint(cap1) && received[123] == cap1.words[1]));
    CLAIM(IMPLIES(unwrapped & 4, endpoint != NULL && isOfEndpoint(cap2) && received[124] == cap2.words[1]));
    CLAIM(IMPLIES(!(unwrapped & 1), received[122] == before0));
    plain = (count >= 1 && !(unwrapped & 1)) + (count >= 2 && !(unwrapped & 2)) + (count >= 3 && !(unwrapped & 4));
    CLAIM(plain == insertions);
    CLAIM(IMPLIES(insertions == 1, insertedFrom == (!(unwrapped & 1) ? &slot0 : !(unwrapped & 2) ? &slot1 : &slot2)));
    CLAIM(IMPLIES(endpoint != NULL && current_extra_caps[0] != NULL && isOfEndpoint(cap0) && canReceive, count >= 1 && (unwrapped & 1)));
}

/*
 * of: doIPCTransfer, doNormalTransfer, doFaultTransfer, copyMRs, transferCaps, messageLength
 * shows: at most 120 words, 4 without both buffers, in their places and nothing else in the buffers; label kept; with the right to grant the extra
 *        capabilities: those to the endpoint itself as badges, one other into the receive slot, up to the first that fails; count and unwrapped
 *        bits say which; without the right none; a fault is sent instead of the registers
 * bounds: one arbitrary word of the long part; derivation arbitrary
 * unwind: 5
 * mutant api/transfer.c: return MIN(info & 127, (word_t)seL4_MsgMaxLength); => return info & 127;
 * mutant api/transfer.c: if (sendBuffer == NULL || receiveBuffer == NULL) => if (sendBuffer == NULL)
 * mutant api/transfer.c: dest = NULL; =>
 * mutant api/transfer.c: unwrapped |= BIT(i); => unwrapped |= 1;
 * mutant api/transfer.c: && cap_get_capPtr(slot->cap) == (word_t)ep) => )
 * mutant api/transfer.c: if (canGrant && current_extra_caps[0] != NULL && => if (current_extra_caps[0] != NULL &&
 */
void proof_doIPCTransfer(void)
{
    bool_t canGrant = nondet_bool();
    endpoint_t *endpoint = EITHER(&ep, NULL);
    word_t badge = nondet_word(), info, length, sentInfo, before0, before121, beforeWitness;

    arbitraryTransfer();
    before0 = received[122];
    before121 = received[121];
    beforeWitness = received[5 + witness];
    sentInfo = from.registers[msgInfoRegister];
    doIPCTransfer(&from, endpoint, badge, canGrant, &to);
    info = to.registers[msgInfoRegister];
    CLAIM(to.registers[badgeRegister] == badge && faultSent == (from.tcbFault.type != seL4_Fault_NullFault));
    if (faultSent) {
        CLAIM(info >> 12 == from.tcbFault.type && (info >> 7 & 31) == 0 && insertions + copied == 0);
        REACH("fault");
        return;
    }
    length = MIN(sentInfo & 127, (word_t)120);
    if (!canSend || !canReceive)
        length = MIN(length, (word_t)4);
    CLAIM(info >> 12 == sentInfo >> 12 && (info & 127) == length && copied == (length > 4 ? length - 4 : 0));
    CLAIM(IMPLIES(length > 3, to.registers[RegR15] == from.registers[RegR15]));
    CLAIM(IMPLIES(length > 0, to.registers[RegR10] == from.registers[RegR10]));
    CLAIM(received[121] == before121);
    CLAIM(received[5 + witness] == (witness < copied ? sent[5 + witness] : beforeWitness));
    CLAIM(IMPLIES(!canGrant, (info >> 7 & 31) == 0 && insertions == 0 && received[122] == before0));
    claimCaps(info, canGrant ? endpoint : NULL, before0);
    if (insertions && (info >> 9 & 7))
        REACH("badge and capability");
    if (length == 120)
        REACH("long");
    REACH("end");
}

/*
 * of: doReplyTransfer
 * shows: the reply capability is used up; a caller gets the message with badge 0 and runs; after a fault the thread goes on as the reply says, with
 *        no fault pending
 * bounds: as above
 * unwind: 5
 * mutant api/transfer.c: receiver->tcbFault.type = seL4_Fault_NullFault;\n    if => if
 * mutant api/transfer.c: doIPCTransfer(sender, NULL, 0, canGrant, receiver);\n        emptySlot(slot, cap_null_cap_new()); => doIPCTransfer(sender, NULL, 0, canGrant, receiver);
 */
void proof_doReplyTransfer(void)
{
    bool_t hadFault;

    arbitraryTransfer();
    ASSUME(to.state == ThreadState_BlockedOnReply && from.tcbFault.type == seL4_Fault_NullFault);
    hadFault = to.tcbFault.type != seL4_Fault_NullFault;
    doReplyTransfer(&from, &to, &replySlot, nondet_bool());
    CLAIM(emptied && repliedToFault == hadFault && to.tcbFault.type == seL4_Fault_NullFault);
    CLAIM(to.state == (!hadFault ? ThreadState_Running : faultGoesOn ? ThreadState_Restart : ThreadState_Inactive));
    CLAIM(IMPLIES(!hadFault, to.registers[badgeRegister] == 0));
    if (hadFault)
        REACH("fault");
    REACH("end");
}

/*
 * of: lookupExtraCaps, loadExtraCaps
 * shows: as many slots as the message info says, none without a buffer, each what the lookup gave for its address; at the first that leads
 *        nowhere a capability fault with its address and reason
 * bounds: none
 * unwind: 4
 * mutant api/transfer.c: if (count == 0 || buffer == NULL) => if (count == 0)
 * mutant api/transfer.c: word_t count = info >> 7 & 3, i; => word_t count = info >> 7 & 7, i;
 * mutant api/transfer.c: current_fault = (fault_t){seL4_Fault_CapFault, {cptr, false, 0}, current_lookup_fault}; =>
 */
void proof_lookupExtraCaps(void)
{
    word_t info = nondet_word(), count;
    exception_t status;

    arbitraryTransfer();
    current_fault.type = seL4_Fault_NullFault;
    status = lookupExtraCaps(&from, canSend ? sent : NULL, info);
    count = canSend ? info >> 7 & 3 : 0;
    if (status == EXCEPTION_NONE) {
        CLAIM(asked == count && (count == 0) == (current_extra_caps[0] == NULL));
        CLAIM((count <= 1) == (current_extra_caps[1] == NULL) && (count <= 2) == (current_extra_caps[2] == NULL));
        CLAIM(IMPLIES(count == 3, current_extra_caps[2] == found.slot));
        if (count == 3)
            REACH("three");
    } else {
        CLAIM(status == EXCEPTION_FAULT && asked <= count && current_extra_caps[asked - 1] == NULL);
        CLAIM(current_fault.type == seL4_Fault_CapFault && current_fault.words[0] == sent[121 + asked] && current_fault.words[1] == 0);
        REACH("fault");
    }
    asked = 0;
    from.registers[msgInfoRegister] = info;
    loadExtraCaps(&from);
    CLAIM(current_extra_caps[0] == NULL || asked == count);
    REACH("end");
}

/* Word i of a message: a register or a word of the buffer. */
static word_t messageWord(word_t i)
{
    return i == 0 ? to.registers[RegR10] : i == 1 ? to.registers[RegR8] : i == 2 ? to.registers[RegR9] : i == 3 ? to.registers[RegR15]
           : received[i + 1];
}

/*
 * of: setErrorMRs, setMRs_lookupFailure
 * shows: the details of an error as section 7 of the ABI numbers them, and as many words as fit; no other word changes
 * bounds: the errors that decode functions set
 * mutant api/transfer.c: return f->type == seL4_GuardMismatch ? setMR(receiver, buffer, i, f->guardBits) : i; => return setMR(receiver, buffer, i, f->guardBits);
 * mutant api/transfer.c: setMR(receiver, buffer, 0, e->rangeErrorMin); =>
 */
void proof_setErrorMRs(void)
{
    word_t length, full, before5, type;
    lookup_fault_t *f = &current_lookup_fault;
    syscall_error_t *e = &current_syscall_error;

    arbitraryTransfer();
    *e = (syscall_error_t){nondet_byte(), nondet_word(), nondet_word(), nondet_word(), nondet_word(), nondet_word(), nondet_bool()};
    *f = (lookup_fault_t){nondet_byte() % 4 + 1, nondet_word(), nondet_word(), nondet_word()};
    type = e->type;
    before5 = received[5];
    length = setErrorMRs(&to, canReceive ? received : NULL);
    full = type == seL4_RangeError ? 2 : type == seL4_FailedLookup ? f->type + 1
           : type == seL4_InvalidArgument || type == seL4_InvalidCapability || type == seL4_NotEnoughMemory ? 1 : 0;
    CLAIM(length == (canReceive ? full : MIN(full, (word_t)4)));
    CLAIM(IMPLIES(length < 5, received[5] == before5));
    CLAIM(IMPLIES(type == seL4_InvalidArgument, messageWord(0) == e->invalidArgumentNumber));
    CLAIM(IMPLIES(type == seL4_InvalidCapability, messageWord(0) == e->invalidCapNumber));
    CLAIM(IMPLIES(type == seL4_RangeError, messageWord(0) == e->rangeErrorMin && messageWord(1) == e->rangeErrorMax));
    CLAIM(IMPLIES(type == seL4_NotEnoughMemory, messageWord(0) == e->memoryLeft));
    if (type == seL4_FailedLookup) {
        CLAIM(messageWord(0) == e->failedLookupWasSource && messageWord(1) == f->type);
        CLAIM(IMPLIES(f->type >= seL4_MissingCapability, messageWord(2) == f->bitsLeft));
        CLAIM(IMPLIES(f->type >= seL4_DepthMismatch, messageWord(3) == f->found));
        CLAIM(IMPLIES(length == 5, f->type == seL4_GuardMismatch && messageWord(4) == f->guardBits));
        REACH("lookup");
    }
    REACH("end");
}
