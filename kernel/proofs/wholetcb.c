/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integrity over a whole system call that invokes a thread or the domain capability.
 *
 * The thread that is invoked is the caller or `target'; `other' stands for any that is not.  The caller may have capabilities to each of them, or not.
 * Functions that suspend, restart and queue a thread have proofs of their own; here they change the state of the thread that they are given.
 */
#include "kernel/include/object.h"

static word_t objectAt(word_t ptr);
static exception_t decodeThread(word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer);

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

/* So that a proof goes through its labels and the threads one by one. */
#define decodeTCBInvocation decodeThread
#include "kernel/proofs/call_world.h"
#undef decodeTCBInvocation

#include "kernel/object/tcb.c"
#include "kernel/object/tcb_decode.c"

tcb_t *ksSchedulerAction;
word_t ksCurDomain, ksDomainTime, ksDomScheduleIdx, ksDomScheduleStart;
dschedule_t ksDomSchedule[CONFIG_NUM_DOMAIN_SCHEDULES];

/* A thread's slots that invocations replace. */
typedef struct space {
    cte_t ctable, vtable, buffer;
} space_t;

static tcb_t target, targetBefore, other, otherBefore;
static notification_t ntfn, ntfnBefore;
static space_t callerSpace, targetSpace, otherSpace, callerSpaceBefore, otherSpaceBefore;
static dschedule_t entryBefore;
#define MOST_LABELS 6
static word_t labels[MOST_LABELS], theLabel, startBefore, inserted;
static tcb_t *theThread; /* that is invoked */
static tcb_t *nextObject, *secondObject; /* whose capability is looked at next, and then; NULL: any */

static word_t objectAt(word_t ptr)
{
    tcb_t *first = nextObject;

    nextObject = secondObject;
    secondObject = NULL;
    if (first != NULL) {
        CLAIM(ptr == (word_t)first);
        return (word_t)first;
    }
    return ptr == (word_t)&caller ? (word_t)&caller : ptr == (word_t)&other ? (word_t)&other : ptr == (word_t)&ntfn ? (word_t)&ntfn : (word_t)&target;
}

static bool_t isTo(cte_t slot, word_t type, const void *object)
{
    return cap_is(slot.cap, type) && cap_get_capPtr(slot.cap) == (word_t)object;
}

/* With label and threads that the symbolic execution knows. */
static exception_t decodeKnown(word_t label, tcb_t *source, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer)
{
    exception_t status;

    theLabel = label;
    secondObject = source;
    if (theThread == &caller) {
        nextObject = &caller;
        status = decodeTCBInvocation(label, length, cap, slot, isCall, buffer);
    } else {
        nextObject = &target;
        status = decodeTCBInvocation(label, length, cap, slot, isCall, buffer);
    }
    nextObject = secondObject = NULL;
    return status;
}

static exception_t decodeCopy(word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer)
{
    const cte_t *source = current_extra_caps[0];

    if (source != NULL && isTo(*source, cap_thread_cap, &caller))
        return decodeKnown(TCBCopyRegisters, &caller, length, cap, slot, isCall, buffer);
    if (source != NULL && isTo(*source, cap_thread_cap, &target))
        return decodeKnown(TCBCopyRegisters, &target, length, cap, slot, isCall, buffer);
    return decodeKnown(TCBCopyRegisters, &other, length, cap, slot, isCall, buffer);
}

static exception_t decodeThread(word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer)
{
    word_t i;

    for (i = 0; i < MOST_LABELS && labels[i] != 0; i++) {
        if (label == labels[i])
            return labels[i] == TCBCopyRegisters ? decodeCopy(length, cap, slot, isCall, buffer) : decodeKnown(labels[i], NULL, length, cap, slot, isCall, buffer);
    }
    ASSUME(false);
    return EXCEPTION_NONE;
}

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    space_t *space = thread == &caller ? &callerSpace : thread == &other ? &otherSpace : &targetSpace;

    CLAIM(i == tcbCTable || i == tcbVTable || i == tcbBuffer);
    return i == tcbCTable ? &space->ctable : i == tcbVTable ? &space->vtable : &space->buffer;
}

/* Whether the caller had a capability to it. */
static bool_t isNamed(word_t type, const void *object)
{
    return isTo(held0Before, type, object) || isTo(held1Before, type, object) || isTo(held2Before, type, object) || isTo(held3Before, type, object);
}

void suspend(tcb_t *thread) { thread->state = ThreadState_Inactive; }
void restart(tcb_t *thread) { thread->state = EITHER(thread->state, ThreadState_Restart); }
void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }
void setPriority(tcb_t *thread, prio_t prio) { thread->tcbPriority = (uint8_t)prio; }
void setDomain(tcb_t *thread, dom_t domain) { thread->tcbDomain = (uint8_t)domain; }
void rescheduleRequired(void) {}
void setVMRoot(tcb_t *thread) { CLAIM(thread == &caller); }
void fpuSwitch(tcb_t *thread) { CLAIM(thread == &caller); }
void Arch_saveLiveRegisters(tcb_t *thread) { CLAIM(thread == &caller); }
void Arch_loadLiveRegisters(tcb_t *thread) { CLAIM(thread == &caller); }
word_t sanitiseRegister(word_t reg, word_t value) { (void)reg; return value; }
bool_t slotCapLongRunningDelete(const cte_t *slot) { (void)slot; return nondet_bool(); }
bool_t isValidVTableRoot(cap_t cap) { return cap_is(cap, cap_pml4_cap); }
exception_t checkValidIPCBuffer(vptr_t vptr, cap_t cap) { (void)vptr; return cap_is(cap, cap_frame_cap) ? EXCEPTION_NONE : errorSimple(seL4_AlignmentError); }
cap_t updateCapData(bool_t preserve, word_t data, cap_t cap) { (void)preserve, (void)data; return EITHER(cap, cap_null_cap_new()); }
bool_t sameObjectAs(cap_t a, cap_t b) { return cap_get_capType(a) == cap_get_capType(b) && (cap_get_capPtr)(a) == (cap_get_capPtr)(b); }

void bindNotification(tcb_t *thread, notification_t *n)
{
    n->boundTCB = thread;
    thread->tcbBoundNotification = n;
}

void unbindNotification(tcb_t *thread)
{
    thread->tcbBoundNotification->boundTCB = NULL;
    thread->tcbBoundNotification = NULL;
}

deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap)
{
    deriveCap_ret_t ret = {EXCEPTION_NONE, EITHER(cap, cap_null_cap_new())};

    CLAIM(isHeld(slot));
    if (nondet_bool())
        ret.status = errorSimple(seL4_IllegalOperation);
    return ret;
}

/* The deletion of a CSpace may take slots of the caller's with it; which ones is a matter of delete.c. */
exception_t cteDelete(cte_t *slot)
{
    cte_t *gone = EITHER(EITHER(&held0, &held1), &held2);

    if (nondet_bool())
        gone->cap = cap_null_cap_new();
    if (nondet_bool())
        return EXCEPTION_PREEMPTED;
    slot->cap = cap_null_cap_new();
    return EXCEPTION_NONE;
}

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(isHeld(src) && cap_is(dest->cap, cap_null_cap) && sameObjectAs(cap, src->cap));
    CLAIM(theThread == &caller || (dest != &callerSpace.ctable && dest != &callerSpace.vtable && dest != &callerSpace.buffer));
    dest->cap = cap;
    inserted++;
}

/* Not invoked here. */
NOT_INVOKED(decodeUntypedInvocation, word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
NOT_INVOKED(Arch_decodeInvocation, word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall, const word_t *buffer)
void Arch_initContext(tcb_t *thread) { ASSUME(false); }
void setupReplyMaster(tcb_t *thread) { ASSUME(false); }

/* A capability of any type; a thread is one of the three, a notification the one. */
static cte_t arbitraryCapSlot(void)
{
    cte_t slot = nondet_cte();

    ASSUME(!cap_is(slot.cap, cap_thread_cap) && !cap_is(slot.cap, cap_notification_cap));
    slot.cap = EITHER(cap_thread_cap_new((word_t)EITHER(&caller, EITHER(&target, &other))),
                      EITHER(cap_new(cap_notification_cap, (word_t)&ntfn, nondet_word() & 3, 0), slot.cap));
    return slot;
}

static space_t arbitrarySpace(void)
{
    return (space_t){nondet_cte(), nondet_cte(), nondet_cte()};
}

static void arbitraryWorld(cap_t invoked)
{
    arbitraryCaller();
    target = nondet_tcb();
    other = nondet_tcb();
    ntfn = nondet_notification();
    ntfn.boundTCB = EITHER(NULL, EITHER(&caller, EITHER(&target, &other)));
    caller.tcbBoundNotification = ntfn.boundTCB == &caller ? &ntfn : NULL;
    target.tcbBoundNotification = ntfn.boundTCB == &target ? &ntfn : NULL;
    other.tcbBoundNotification = ntfn.boundTCB == &other ? &ntfn : NULL;
    callerSpace = callerSpaceBefore = arbitrarySpace();
    targetSpace = arbitrarySpace();
    otherSpace = otherSpaceBefore = arbitrarySpace();
    held0 = nondet_cte();
    held0.cap = invoked;
    held1 = arbitraryCapSlot();
    held2 = arbitraryCapSlot();
    held3 = arbitraryCapSlot();
    ksDomSchedule[0] = entryBefore = (dschedule_t){nondet_byte(), nondet_word()};
    ksDomScheduleStart = startBefore = nondet_byte();
    inserted = theLabel = 0;
    keepCaller();
    otherBefore = other;
    ntfnBefore = ntfn;
    targetBefore = target;
    nextObject = NULL;
}

static bool_t sameSpace(const space_t *a, const space_t *b)
{
    return sameSlot(a->ctable, b->ctable) && sameSlot(a->vtable, b->vtable) && sameSlot(a->buffer, b->buffer);
}

/* Everything but the thread invoked is as it was; `maySuspend': but for a thread in the message, which may have been stopped. */
static void claimOthers(bool_t maySuspend)
{
    CLAIM(schedules == 1);
    CLAIM(sameFields(&other, &otherBefore) && sameRegisters(&other, &otherBefore) && sameSpace(&otherSpace, &otherSpaceBefore));
    CLAIM(other.state == otherBefore.state || (maySuspend && isNamed(cap_thread_cap, &other) && other.state == ThreadState_Inactive));
    if (theThread != &caller) {
        CLAIM(sameFields(&caller, &callerBefore) && sameSpace(&callerSpace, &callerSpaceBefore));
        CLAIM(isAnswerRegister(witnessRegister) || sameRegisters(&caller, &callerBefore));
    }
    CLAIM(ntfn.tailAndState == ntfnBefore.tailAndState && ntfn.head == ntfnBefore.head);
}

static bool_t sameSchedule(void)
{
    return ksDomScheduleStart == startBefore && ksDomSchedule[0].domain == entryBefore.domain && ksDomSchedule[0].length == entryBefore.length;
}

/* A Call with one of the labels that invokes the caller itself or the target. */
static void callThread(void)
{
    theThread = EITHER(&caller, &target);
    arbitraryWorld(cap_thread_cap_new((word_t)theThread));
    handleSyscall((word_t)seL4_SysCall);
    claimOthers(theLabel == TCBCopyRegisters);
    CLAIM(sameSchedule());
}

/* No thread is better than the caller's capabilities allow. */
static bool_t isAllowed(word_t prio)
{
    return (prio <= callerBefore.tcbMCP && isNamed(cap_thread_cap, &caller)) || (prio <= otherBefore.tcbMCP && isNamed(cap_thread_cap, &other)) ||
           (prio <= targetBefore.tcbMCP && isNamed(cap_thread_cap, &target));
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeTCBInvocation (SetPriority, SetMCPriority, SetSchedParams) and all below it
 * shows: from the registers to what changes in one: priorities of the thread that the caller's capability invokes, up to the maximum of one whose capability is
 *        in the message; of no other thread anything, of the caller the answer; no slot, notification or schedule
 * bounds: what a lookup gives is one of four slots of the caller's, with any capabilities (`wholeCall`); three threads
 * unwind: 4
 * mutant object/tcb_decode.c: setPriority(thread, both ? second : first); => setPriority((tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap), both ? second : first);
 * mutant object/tcb_decode.c: thread->tcbMCP = (uint8_t)first; => ksCurThread->tcbMCP = (uint8_t)first;
 * mutant api/syscall.c: return decodeTCBInvocation(label, length, cap, slot, isCall, buffer); => return decodeTCBInvocation(label, length, current_extra_caps[0] != NULL ? current_extra_caps[0]->cap : cap, slot, isCall, buffer);
 */
void proof_wholePriorities(void)
{
    labels[0] = TCBSetPriority;
    labels[1] = TCBSetMCPriority;
    labels[2] = TCBSetSchedParams;
    callThread();
    CLAIM(sameHeld() && ntfn.boundTCB == ntfnBefore.boundTCB);
    CLAIM(target.tcbPriority == targetBefore.tcbPriority || isAllowed(target.tcbPriority));
    CLAIM(target.tcbMCP == targetBefore.tcbMCP || isAllowed(target.tcbMCP));
    CLAIM(caller.tcbPriority == callerBefore.tcbPriority || isAllowed(caller.tcbPriority));
    CLAIM(caller.tcbMCP == callerBefore.tcbMCP || isAllowed(caller.tcbMCP));
    if (theLabel == TCBSetSchedParams && target.tcbPriority != targetBefore.tcbPriority)
        REACH("priority");
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeTCBInvocation (Configure, SetSpace, SetIPCBuffer) and all below it
 * shows: from the registers to what changes in one: slots, fault handler and buffer of the thread that the caller's capability invokes; what goes into the slots
 *        are copies of what the caller's slots hold then, whatever a deletion took meanwhile; of no other thread anything, of the caller the answer
 * bounds: as wholePriorities; a deletion takes any of three of the caller's slots with it, or is preempted; derivation arbitrary within its proved contract
 * unwind: 4
 * mutant object/tcb.c: sameObjectAs(cap, src->cap) && sameObjectAs(threadCap, threadSlot->cap) => true
 * mutant object/tcb.c: cte_t *slot = TCB_PTR_CTE_PTR(target, index); => cte_t *slot = TCB_PTR_CTE_PTR(ksCurThread, index);
 * mutant object/tcb.c: target->tcbFaultHandler = c->faultHandler; => ksCurThread->tcbFaultHandler = c->faultHandler;
 */
void proof_wholeSpaces(void)
{
    labels[0] = TCBConfigure;
    labels[1] = TCBSetSpace;
    labels[2] = TCBSetIPCBuffer;
    callThread();
    CLAIM(ntfn.boundTCB == ntfnBefore.boundTCB && sameSlot(held3, held3Before));
    CLAIM(target.tcbPriority == targetBefore.tcbPriority && target.tcbMCP == targetBefore.tcbMCP && target.state == targetBefore.state);
    CLAIM(sameRegisters(&target, &targetBefore));
    if (theLabel == TCBConfigure && inserted == 3)
        REACH("three slots");
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeTCBInvocation (BindNotification, UnbindNotification) and all below it
 * shows: from the registers to what changes in one: the thread that the caller's capability invokes, and a notification that a capability in the message names or
 *        that was bound to the thread; of no other thread anything, of the caller the answer; no slot
 * bounds: as wholePriorities
 * unwind: 4
 * mutant object/tcb_decode.c: bindNotification(thread, ntfn); => bindNotification(ksCurThread, ntfn);
 * mutant object/tcb_decode.c: unbindNotification(thread);\n        return => unbindNotification(ksCurThread);\n        return
 */
void proof_wholeBind(void)
{
    labels[0] = TCBBindNotification;
    labels[1] = TCBUnbindNotification;
    callThread();
    CLAIM(sameHeld() && sameRegisters(&target, &targetBefore) && target.state == targetBefore.state);
    CLAIM(ntfn.boundTCB == ntfnBefore.boundTCB ||
          (ntfn.boundTCB == NULL ? ntfnBefore.boundTCB == theThread : ntfn.boundTCB == theThread && isNamed(cap_notification_cap, &ntfn)));
    if (ntfn.boundTCB == &target && ntfnBefore.boundTCB == NULL)
        REACH("bound");
}

/* What register invocations do not change of the thread either. */
static void claimRegistersOnly(void)
{
    CLAIM(sameHeld() && ntfn.boundTCB == ntfnBefore.boundTCB);
    CLAIM(target.tcbPriority == targetBefore.tcbPriority && target.tcbMCP == targetBefore.tcbMCP && target.tcbFaultHandler == targetBefore.tcbFaultHandler);
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeTCBInvocation (ReadRegisters, WriteRegisters, Suspend, Resume, SetTLSBase, SetFlags) and all below it
 * shows: from the registers to what changes in one: registers, state and flags of the thread that the caller's capability invokes; of no other thread anything, of the
 *        caller the answer; no slot or notification
 * bounds: as wholePriorities
 * unwind: 21
 * mutant object/tcb.c: setRegister(dest, i, sanitiseRegister(i, getSyscallArg(i + 2, buffer))); => setRegister(ksCurThread, i, sanitiseRegister(i, getSyscallArg(i + 2, buffer)));
 * mutant object/tcb_decode.c: case TCBSuspend:\n        suspend(thread); => case TCBSuspend:\n        suspend(current_extra_caps[0] != NULL ? (tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap) : thread);
 * mutant object/tcb.c: thread->fpuDisabled = (uint8_t) => ksCurThread->fpuDisabled = (uint8_t)
 */
void proof_wholeRegisters(void)
{
    labels[0] = TCBReadRegisters;
    labels[1] = TCBWriteRegisters;
    labels[2] = TCBSuspend;
    labels[3] = TCBResume;
    labels[4] = TCBSetTLSBase;
    labels[5] = TCBSetFlags;
    callThread();
    claimRegistersOnly();
    CLAIM(theLabel == TCBWriteRegisters || theLabel == TCBSetTLSBase || sameRegisters(&target, &targetBefore));
    if (theLabel == TCBWriteRegisters && !sameRegisters(&target, &targetBefore))
        REACH("written");
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeTCBInvocation (CopyRegisters) and all below it
 * shows: from the registers to what changes in one: registers and state of the thread that the caller's capability invokes; one whose capability is in the message
 *        may be stopped, no more; of no other thread anything, of the caller the answer; no slot or notification
 * bounds: as wholePriorities
 * unwind: 21
 * mutant object/tcb.c: setRegister(dest, i, getRegister(src, i)); => setRegister(src, i, getRegister(dest, i));
 * mutant object/tcb.c: if (flags & BIT(1))\n        restart(dest); => if (flags & BIT(1))\n        restart(src);
 */
void proof_wholeCopy(void)
{
    labels[0] = TCBCopyRegisters;
    callThread();
    claimRegistersOnly();
    if (other.state != otherBefore.state)
        REACH("stopped");
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeDomainInvocation and all below it
 * shows: from the registers to what changes in one: with the domain capability the schedule, or the domain of a thread whose capability is in the message; of no
 *        other thread anything, of the caller the answer; no slot or notification
 * bounds: as wholePriorities; one domain
 * unwind: 4
 * mutant object/tcb_decode.c: setDomain((tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap), domain); => setDomain(ksCurThread, domain);
 * mutant object/tcb_decode.c: setDomain((tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap), domain); => ((tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap))->tcbPriority = (uint8_t)domain;
 */
void proof_wholeDomain(void)
{
    arbitraryWorld(cap_new(cap_domain_cap, 0, 0, 0));
    theThread = NULL;
    handleSyscall((word_t)seL4_SysCall);
    CLAIM(other.tcbDomain == otherBefore.tcbDomain || isNamed(cap_thread_cap, &other));
    CLAIM(caller.tcbDomain == callerBefore.tcbDomain || isNamed(cap_thread_cap, &caller));
    if (other.tcbDomain != otherBefore.tcbDomain)
        REACH("moved");
    if (!sameSchedule())
        REACH("schedule");
    otherBefore.tcbDomain = other.tcbDomain;
    callerBefore.tcbDomain = caller.tcbDomain;
    claimOthers(false);
    CLAIM(sameHeld() && ntfn.boundTCB == ntfnBefore.boundTCB);
}
