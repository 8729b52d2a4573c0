/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integrity over a whole system call: from the caller's registers through its CSpace to what an invocation is given, and for CNodes
 * to what it changes, in one.
 *
 * Three CNodes of two slots with arbitrary capabilities, also to each other and themselves.  `home' is the root of the caller's CSpace; `near' and `far'
 * are the caller's only if a capability in a CNode that is the caller's leads there (isOurs).  Which slots that are not the caller's an
 * invocation gets, or a CNode invocation changes: none.
 */
#include "kernel/include/object.h"

static word_t nodeAt(word_t ptr);

/* Of every CNode capability: one level takes all bits. */
#define GUARD_SIZE 63
#define SHIFT 0

#define cap_cnode_cap_get_capCNodePtr(cap) nodeAt((cap_cnode_cap_get_capCNodePtr)(cap))
#define cap_cnode_cap_get_shift(cap) ((void)(cap), (word_t)SHIFT)
#define cap_cnode_cap_get_capCNodeRadix(cap) ((void)(cap), (word_t)1)
#define cap_cnode_cap_get_capCNodeGuardSize(cap) ((void)(cap), (word_t)GUARD_SIZE)

#include "kernel/proofs/proof.h"

static tcb_t caller, callerBefore;
static word_t messageBuffer[128];
static bool_t hasBuffer;

static word_t *bufferOf(bool_t isReceiver, const tcb_t *thread)
{
    CLAIM(!isReceiver && thread == &caller);
    return hasBuffer ? messageBuffer : NULL;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(isReceiver, thread)

#include "kernel/api/error.c"
#include "kernel/api/lookup.c"
#include "kernel/object/cnode.c"

#define doReplyTransfer replyTransfer
#include "kernel/api/transfer.c" /* for lookupExtraCaps */
#undef doReplyTransfer
#include "kernel/api/debug_off.c"
#include "kernel/api/syscall.c"
#include "kernel/proofs/call_edges.h"

tcb_t *ksCurThread, *ksSchedulerAction;
word_t ksWorkUnitsCompleted;
static cte_t home[2], near[2], far[2], nearBefore[2], farBefore[2], rootSlot, callerSlot, rootBefore;
static bool_t nearIsOurs, farIsOurs;
static word_t invocations, changes;

static word_t nodeAt(word_t ptr)
{
    return ptr == (word_t)home ? (word_t)home : ptr == (word_t)near ? (word_t)near : (word_t)far;
}

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    CLAIM(thread == &caller && (i == tcbCTable || i == tcbCaller));
    return i == tcbCTable ? &rootSlot : &callerSlot;
}

/* The slot lies in a CNode that is the caller's. */
static bool_t isOurs(const cte_t *slot)
{
    return slot == &home[0] || slot == &home[1] || (nearIsOurs && (slot == &near[0] || slot == &near[1])) ||
           (farIsOurs && (slot == &far[0] || slot == &far[1]));
}

/* Invocations of what is no CNode: what they are given. */
static exception_t decodes(cte_t *slot, cap_t cap)
{
    CLAIM(isOurs(slot) && sameCap(slot->cap, cap));
    CLAIM(current_extra_caps[0] == NULL || isOurs(current_extra_caps[0]));
    CLAIM(current_extra_caps[1] == NULL || isOurs(current_extra_caps[1]));
    CLAIM(current_extra_caps[2] == NULL || isOurs(current_extra_caps[2]));
    invocations++;
    REACH("invocation");
    return EITHER(EXCEPTION_NONE, EITHER(EXCEPTION_SYSCALL_ERROR, EXCEPTION_PREEMPTED));
}

exception_t decodeTCBInvocation(word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer)
{
    (void)label, (void)length, (void)isCall, (void)buffer;
    return decodes(slot, cap);
}

exception_t decodeUntypedInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
{
    (void)label, (void)length, (void)buffer;
    return decodes(slot, cap);
}

exception_t Arch_decodeInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall, const word_t *buffer)
{
    (void)label, (void)length, (void)isCall, (void)buffer;
    return decodes(slot, cap);
}

exception_t decodeIRQControlInvocation(word_t label, word_t length, cte_t *slot, const word_t *buffer)
{
    (void)label, (void)length, (void)buffer;
    return decodes(slot, slot->cap);
}

exception_t decodeIRQHandlerInvocation(word_t label, irq_t irq) { (void)label, (void)irq; invocations++; return EXCEPTION_NONE; }
exception_t decodeDomainInvocation(word_t label, word_t length, const word_t *buffer) { (void)label, (void)length, (void)buffer; invocations++; return EXCEPTION_NONE; }

/* What mdb.c and cnode_delete.c show: these slots, and links of their neighbours. */
static void changesSlots(const cte_t *a, const cte_t *b)
{
    CLAIM((isOurs(a) || a == &callerSlot) && isOurs(b));
    changes++;
}

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    changesSlots(src, dest);
    dest->cap = cap;
}

void cteMove(cap_t cap, cte_t *src, cte_t *dest)
{
    changesSlots(src, dest);
    dest->cap = cap;
    src->cap = cap_null_cap_new();
}

void cteSwap(cap_t cap1, cte_t *slot1, cap_t cap2, cte_t *slot2)
{
    changesSlots(slot1, slot2);
    slot1->cap = cap2;
    slot2->cap = cap1;
}

exception_t cteDelete(cte_t *slot)
{
    changesSlots(slot, slot);
    slot->cap = cap_null_cap_new();
    REACH("delete");
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

exception_t cteRevoke(cte_t *slot)
{
    changesSlots(slot, slot);
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

exception_t cancelBadgedSends(endpoint_t *ep, word_t badge) { (void)ep, (void)badge; changes++; return EXCEPTION_NONE; }
bool_t hasCancelSendRights(cap_t cap) { return cap_is(cap, cap_endpoint_cap) && nondet_bool(); }

exception_t ensureEmptySlot(cte_t *slot)
{
    return cap_is(slot->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst);
}

/* objecttype.c proves these: null for null. */
static cap_t arbitraryResult(cap_t cap)
{
    cap_t result = nondet_cap();

    ASSUME(IMPLIES(cap_is(cap, cap_null_cap), cap_is(result, cap_null_cap)));
    return result;
}

cap_t updateCapData(bool_t preserve, word_t data, cap_t cap) { (void)preserve, (void)data; return arbitraryResult(cap); }
cap_t maskCapRights(word_t rights, cap_t cap) { (void)rights; return arbitraryResult(cap); }

deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap)
{
    deriveCap_ret_t ret = {EITHER(EXCEPTION_NONE, EXCEPTION_SYSCALL_ERROR), arbitraryResult(cap)};

    CLAIM(isOurs(slot));
    return ret;
}

/* Endpoints, notifications and replies have proofs of their own. */
void sendIPC(bool_t blocking, bool_t doCall, word_t badge, bool_t canGrant, bool_t canGrantReply, tcb_t *thread, endpoint_t *ep)
{
    (void)blocking, (void)doCall, (void)badge, (void)canGrant, (void)canGrantReply, (void)ep;
    CLAIM(thread == &caller);
}

void sendSignal(notification_t *ntfn, word_t badge) { (void)ntfn, (void)badge; }
void doReplyTransfer(tcb_t *sender, tcb_t *receiver, cte_t *slot, bool_t canGrant) { (void)receiver, (void)canGrant; CLAIM(sender == &caller && isOurs(slot)); }
void setThreadState(tcb_t *thread, thread_state_t state) { (void)thread, (void)state; ASSUME(false); }
void deleteCallerCap(tcb_t *receiver) { (void)receiver; ASSUME(false); }
void Arch_loadLiveRegisters(tcb_t *thread) { (void)thread; ASSUME(false); }
word_t sanitiseRegister(word_t reg, word_t value) { (void)reg; return value; }

static cap_t nodeCap(const cte_t *node)
{
    return cap_new(cap_cnode_cap, (word_t)node | SHIFT, 1, nondet_word() & ~MASK(wordBits - GUARD_SIZE));
}

/* Of any type; a CNode is one of the three. */
static cte_t arbitraryCapSlot(void)
{
    cte_t slot = nondet_cte();

    ASSUME(!cap_is(slot.cap, cap_cnode_cap));
    if (nondet_bool())
        slot.cap = nodeCap(EITHER(home, EITHER(near, far)));
    return slot;
}

static bool_t leadsTo(const cte_t *from, const cte_t *to)
{
    return (cap_is(from[0].cap, cap_cnode_cap) && (cap_cnode_cap_get_capCNodePtr)(from[0].cap) == (word_t)to) ||
           (cap_is(from[1].cap, cap_cnode_cap) && (cap_cnode_cap_get_capCNodePtr)(from[1].cap) == (word_t)to);
}

static void arbitraryCaller(void)
{
    caller = nondet_tcb();
    caller.state = ThreadState_Running;
    __CPROVER_havoc_object(messageBuffer);
    hasBuffer = nondet_bool();
    ksCurThread = &caller;
    home[0] = arbitraryCapSlot();
    home[1] = arbitraryCapSlot();
    near[0] = nearBefore[0] = arbitraryCapSlot();
    near[1] = nearBefore[1] = arbitraryCapSlot();
    far[0] = farBefore[0] = arbitraryCapSlot();
    far[1] = farBefore[1] = arbitraryCapSlot();
    rootSlot.cap = nodeCap(home);
    rootBefore = rootSlot;
    callerSlot.cap = EITHER(cap_null_cap_new(), cap_reply_cap_new(nondet_bool(), false, nondet_word() & MASK(47)));
    nearIsOurs = leadsTo(home, near) || (leadsTo(home, far) && leadsTo(far, near));
    farIsOurs = leadsTo(home, far) || (leadsTo(home, near) && leadsTo(near, far));
    ksWorkUnitsCompleted = nondet_byte();
    callerBefore = caller;
    invocations = changes = faults = schedules = 0;
}

/*
 * of: handleSyscall (Call), invoke, lookupSlot, resolveAddressBits, lookupExtraCaps, decodeCNodeInvocation and all below it
 * shows: from the registers to the invocation in one: the capability invoked and those in the message lie in CNodes to which the caller's CSpace
 *        leads, and a CNode invocation changes slots of such CNodes only; of the caller itself only the answer's registers and its state change
 * bounds: three CNodes of two slots, with any capabilities, also to each other; addresses of one level (lookup.c has walks of any length); what derives, links
 *         and deletes capabilities arbitrary within its proved contracts
 * unwind: 4
 * mutant api/lookup.c: if (likely(depth == wordBits && cap_is(root, cap_cnode_cap) && => if (likely(depth == wordBits &&
 * mutant api/lookup.c: index >> cap_cnode_cap_get_capCNodeRadix(root) == 0)) => true))
 */
void proof_wholeCall(void)
{
    word_t reg = nondet_byte() % n_contextRegisters;

    arbitraryCaller();
    handleSyscall((word_t)seL4_SysCall);
    CLAIM(invocations <= 1 && faults <= 1 && changes <= 2 && schedules == 1);
    CLAIM(nearIsOurs || (sameSlot(near[0], nearBefore[0]) && sameSlot(near[1], nearBefore[1])));
    CLAIM(farIsOurs || (sameSlot(far[0], farBefore[0]) && sameSlot(far[1], farBefore[1])));
    CLAIM(sameSlot(rootSlot, rootBefore));
    CLAIM(caller.registers[reg] == callerBefore.registers[reg] || reg == badgeRegister || reg == msgInfoRegister);
    CLAIM(caller.tcbPriority == callerBefore.tcbPriority && caller.tcbMCP == callerBefore.tcbMCP && caller.tcbDomain == callerBefore.tcbDomain);
    CLAIM(caller.tcbFaultHandler == callerBefore.tcbFaultHandler && caller.tcbIPCBuffer == callerBefore.tcbIPCBuffer);
    if (changes == 2)
        REACH("two slots");
    if (farIsOurs && !sameSlot(far[1], farBefore[1]))
        REACH("far");
    REACH("end");
}
