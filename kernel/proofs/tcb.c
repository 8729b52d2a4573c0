/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCB and domain invocations: what their messages may do.
 */
#include "kernel/proofs/message.h"

static tcb_t target, authority;
static notification_t ntfn;

static word_t objectAt(word_t ptr)
{
    return ptr == (word_t)&caller ? (word_t)&caller : ptr == (word_t)&ntfn ? (word_t)&ntfn
           : ptr == (word_t)&authority ? (word_t)&authority : (word_t)&target;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

/* The caller's own buffer, or none. */
static word_t *bufferOf(const tcb_t *thread)
{
    CLAIM(thread == ksCurThread);
    return EITHER(NULL, messageBuffer);
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(thread)

#include "kernel/object/tcb_decode.c"
#include "kernel/object/tcb.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksCurDomain, ksDomainTime, ksDomScheduleIdx, ksDomScheduleStart;
dschedule_t ksDomSchedule[CONFIG_NUM_DOMAIN_SCHEDULES];
static cte_t ctable, vtable, reply, callerSlot, bufferSlot, threadSlot;
static word_t priorityGiven, given, deleted, inserted, suspended, restarted, emptied;
static const cte_t *insertedFrom, *insertedInto;
static cap_t insertedCap;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    CLAIM(thread == &target || thread == &caller);
    return i == tcbCTable ? &ctable : i == tcbVTable ? &vtable : i == tcbReply ? &reply : i == tcbCaller ? &callerSlot : &bufferSlot;
}

void setThreadState(tcb_t *t, thread_state_t state) { t->state = (uint8_t)state; }
static bool_t isPresentedThread(const tcb_t *t);
void suspend(tcb_t *t) { CLAIM(t == &target || isPresentedThread(t)); suspended++; }
void restart(tcb_t *t) { CLAIM(t == &target); restarted++; }
void rescheduleRequired(void) {}
void setVMRoot(tcb_t *t) { CLAIM(t == ksCurThread); }
void fpuSwitch(tcb_t *t) { CLAIM(t == ksCurThread); }
void Arch_saveLiveRegisters(tcb_t *t) { CLAIM(t == ksCurThread); }
void Arch_loadLiveRegisters(tcb_t *t) { CLAIM(t == ksCurThread); }
void Arch_initContext(tcb_t *t) { CLAIM(t == &target); }
void setupReplyMaster(tcb_t *t) { CLAIM(t == &target); }
void emptySlot(cte_t *s, cap_t cleanup) { (void)cleanup; CLAIM(s == &callerSlot); emptied++; }
bool_t slotCapLongRunningDelete(const cte_t *s) { CLAIM(s == &ctable || s == &vtable); return nondet_bool(); }
void setDomain(tcb_t *t, dom_t domain) { CLAIM(isPresentedThread(t) && domain < CONFIG_NUM_DOMAINS); }

void setPriority(tcb_t *t, prio_t prio)
{
    CLAIM(t == &target);
    priorityGiven = prio;
    given++;
}

word_t sanitiseRegister(word_t reg, word_t value)
{
    CLAIM(reg < n_contextRegisters);
    return reg == RegFLAGS ? value | 0x202 : value;
}

void bindNotification(tcb_t *t, notification_t *n)
{
    CLAIM(t == &target && t->tcbBoundNotification == NULL && cap_is(extra0.cap, cap_notification_cap) && n == &ntfn && n->boundTCB == NULL && notification_state(n) != NtfnState_Waiting);
}

void unbindNotification(tcb_t *t) { CLAIM(t == &target && t->tcbBoundNotification != NULL); }

cap_t updateCapData(bool_t preserve, word_t data, cap_t cap) { (void)data; CLAIM(!preserve); return EITHER(cap, cap_null_cap_new()); }

deriveCap_ret_t deriveCap(cte_t *s, cap_t cap)
{
    deriveCap_ret_t ret = {EXCEPTION_NONE, EITHER(cap, cap_null_cap_new())};

    CLAIM(s != NULL);
    if (nondet_bool())
        ret.status = errorSimple(seL4_IllegalOperation);
    return ret;
}

bool_t isValidVTableRoot(cap_t cap) { return cap_is(cap, cap_pml4_cap) && cap.words[1] != 0; }

exception_t checkValidIPCBuffer(vptr_t vptr, cap_t cap)
{
    return IS_ALIGNED(vptr, 10) && cap_is(cap, cap_frame_cap) ? EXCEPTION_NONE : errorSimple(seL4_AlignmentError);
}

exception_t cteDelete(cte_t *s)
{
    CLAIM(s == &ctable || s == &vtable || s == &bufferSlot);
    deleted++;
    if (nondet_bool())
        return EXCEPTION_PREEMPTED;
    s->cap = cap_null_cap_new();
    return EXCEPTION_NONE;
}

bool_t sameObjectAs(cap_t a, cap_t b) { (void)a, (void)b; return nondet_bool(); }

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(cap_is(dest->cap, cap_null_cap) && src != NULL);
    CLAIM(dest != &ctable || cap_is(cap, cap_cnode_cap));
    CLAIM(dest != &vtable || isValidVTableRoot(cap));
    CLAIM(dest != &bufferSlot || cap_is(cap, cap_frame_cap));
    CLAIM(dest == &ctable || dest == &vtable || dest == &bufferSlot || dest == &callerSlot);
    insertedCap = cap;
    insertedFrom = src;
    insertedInto = dest;
    inserted++;
}

/* Only the target may change, and a notification that is presented to be bound; functions that change the thread that is named are stubs here. */
static tcb_t authorityBefore;
static notification_t ntfnBefore;

static void keepThreads(void)
{
    keepWorld(cap_thread_cap_new((word_t)&target), NULL);
    authorityBefore = authority;
    ntfnBefore = ntfn;
}

static void claimThreads(void)
{
    CLAIM(authority.registers[witnessRegister] == authorityBefore.registers[witnessRegister] && authority.state == authorityBefore.state);
    CLAIM(sameScheduling(&authority, &authorityBefore) && sameIdentity(&authority, &authorityBefore));
    CLAIM(ntfn.boundTCB == ntfnBefore.boundTCB && ntfn.tailAndState == ntfnBefore.tailAndState && ntfn.head == ntfnBefore.head);
}

/* Whether the message presents a capability to the thread. */
static bool_t isPresentedThread(const tcb_t *t)
{
    return current_extra_caps[0] != NULL && cap_is(extra0.cap, cap_thread_cap) && cap_get_capPtr(extra0.cap) == (word_t)t;
}

static const word_t *arbitraryCall(word_t *length)
{
    const word_t *buffer = arbitraryMessage(length);

    target = nondet_tcb();
    authority = nondet_tcb();
    ntfn = nondet_notification();
    target.tcbBoundNotification = EITHER(NULL, &ntfn);
    ctable = nondet_cte();
    vtable = nondet_cte();
    bufferSlot = nondet_cte();
    threadSlot = nondet_cte();
    extra0.cap = nondet_cap();
    ASSUME(!cap_is(extra0.cap, cap_thread_cap) && !cap_is(extra0.cap, cap_notification_cap));
    extra0.cap = EITHER(cap_thread_cap_new((word_t)EITHER(&authority, EITHER(&target, &caller))),
                        EITHER(cap_new(cap_notification_cap, (word_t)&ntfn, nondet_word() & 3, 0), extra0.cap));
    priorityGiven = given = deleted = inserted = suspended = restarted = emptied = 0;
    return buffer;
}

/*
 * of: decodeSetPriorities, checkPrio, decodeBindNotification, decodeThreadControl, decodeSpace, deriveRoot, decodeBuffer,
 *     invokeThreadControl, replaceSlot, decodeTCBInvocation (these labels, Suspend, Resume, UnbindNotification, SetTLSBase, SetFlags)
 * shows: every message: an error and no change, or what the label says, to this thread only; no priority above the authority's; the roots are a
 *        CNode and an address space that may be run, the buffer a frame, and go into empty slots; binding only of a free notification that may be
 *        waited for; preempted at any deletion
 * bounds: derivation, deletion and data are arbitrary within their proved contracts
 * mutant object/tcb_decode.c: return prio > mcp ? errorRange(seL4_MinPrio, mcp) : EXCEPTION_NONE; => return EXCEPTION_NONE;
 * mutant object/tcb_decode.c: setPriority(thread, both ? second : first); => setPriority(ksCurThread, both ? second : first);
 * mutant object/tcb_decode.c: if (!cap_is(c->cspace, cap_cnode_cap)) => if (false)
 * mutant object/tcb_decode.c: if (notification_state(ntfn) == NtfnState_Waiting || ntfn->boundTCB != NULL) => if (false)
 * mutant object/tcb_decode.c: current_extra_caps[neededCaps[label] - 1] == NULL => false
 */
void proof_decodeTCB(void)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryCall(&length);
    exception_t status;
    uint8_t mcp;

    ASSUME(label != TCBReadRegisters && label != TCBWriteRegisters && label != TCBCopyRegisters);
    mcp = cap_is(extra0.cap, cap_thread_cap) ? ((tcb_t *)cap_get_capPtr(extra0.cap))->tcbMCP : 0;
    keepThreads();
    status = decodeTCBInvocation(label, length, cap_thread_cap_new((word_t)&target), &threadSlot, nondet_bool(), buffer);
    claimAnswer(status);
    claimThreads();
    CLAIM(given <= 1 && deleted <= 4 && inserted <= 3 && suspended + restarted <= 1);
    CLAIM(IMPLIES(status == EXCEPTION_SYSCALL_ERROR, given + deleted + inserted + suspended + restarted == 0));
    if (given) {
        CLAIM(priorityGiven <= mcp && cap_is(extra0.cap, cap_thread_cap));
        CLAIM(label == TCBSetPriority || label == TCBSetSchedParams);
        REACH("priority");
    }
    CLAIM(IMPLIES(status == EXCEPTION_NONE && (label == TCBSetMCPriority || label == TCBSetSchedParams), target.tcbMCP <= mcp));
    if (inserted == 3)
        REACH("configured");
    REACH("end");
}

/*
 * of: decodeReadRegisters, invokeReadRegisters, decodeWriteRegisters, invokeWriteRegisters, decodeCopyRegisters, invokeCopyRegisters
 * shows: at most 20 registers, none of the caller by Read and Write; the target's registers are sanitised, and what the count does not cover is
 *        as before; the answer has exactly the words that fit
 * bounds: all counts
 * unwind: 21
 * mutant object/tcb_decode.c: if (n < 1 || n > n_contextRegisters) => if (n < 1)
 * mutant object/tcb_decode.c: if (length < 2 || length - 2 < n) => if (length < 2)
 * mutant object/tcb.c: sanitiseRegister(i, getSyscallArg(i + 2, buffer)) => getSyscallArg(i + 2, buffer)
 */
void proof_registers(void)
{
    word_t length, label = nondet_word(), witness = nondet_byte(), was, n;
    const word_t *buffer = arbitraryCall(&length);
    exception_t status;

    ASSUME(label == TCBReadRegisters || label == TCBWriteRegisters || label == TCBCopyRegisters);
    ASSUME(witness > RegFLAGS && witness < n_contextRegisters && cap_is(extra0.cap, cap_thread_cap));
    was = target.registers[witness];
    n = getSyscallArg(1, buffer);
    keepThreads();
    status = decodeTCBInvocation(label, length, cap_thread_cap_new((word_t)&target), &threadSlot, true, buffer);
    claimAnswer(status);
    claimThreads();
    CLAIM(IMPLIES(label != TCBCopyRegisters && (label == TCBReadRegisters || witness >= n || status != EXCEPTION_NONE),
                  target.registers[witness] == was));
    if (label == TCBWriteRegisters && status == EXCEPTION_NONE) {
        CLAIM(n <= length - 2 && target.inSyscall == 0);
        CLAIM(n <= RegFLAGS || (target.registers[RegFLAGS] & 0x200));
        REACH("write");
    }
    if (label == TCBReadRegisters && status == EXCEPTION_NONE) {
        CLAIM((caller.registers[msgInfoRegister] & 127) <= n && n <= 20 && n >= 1);
        CLAIM(caller.registers[badgeRegister] == 0);
        REACH("read");
    }
    REACH("end");
}

/*
 * of: initThreadObject, setupCallerCap, deleteCallerCap
 * shows: a new thread has a full time slice and the domain of its maker; a caller waits for its reply, and the reply capability to it alone, child of
 *        its reply master, goes into the receiver's caller slot, with the right to grant exactly if asked; emptied is that slot only
 * bounds: one domain
 * mutant object/tcb.c: cap_reply_cap_new(canGrant, false, => cap_reply_cap_new(true, false,
 * mutant object/tcb.c: setThreadState(sender, ThreadState_BlockedOnReply);\n    cteInsert => cteInsert
 * mutant object/tcb.c: tcb->tcbTimeSlice = CONFIG_TIME_SLICE; =>
 */
void proof_callerCap(void)
{
    bool_t canGrant = nondet_bool();
    word_t length;

    arbitraryCall(&length);
    ksCurDomain = 0;
    initThreadObject(&target);
    CLAIM(target.tcbTimeSlice == CONFIG_TIME_SLICE && target.tcbDomain == ksCurDomain);
    callerSlot.cap = cap_null_cap_new();
    setupCallerCap(&caller, &target, canGrant);
    CLAIM(caller.state == ThreadState_BlockedOnReply && inserted == 1 && insertedFrom == &reply && insertedInto == &callerSlot);
    CLAIM(sameCap(insertedCap, cap_reply_cap_new(canGrant, false, (word_t)&caller)));
    deleteCallerCap(&target);
    CLAIM(emptied == 1);
    REACH("end");
}

/*
 * of: decodeDomainInvocation, decodeScheduleConfigure, decodeScheduleSetStart
 * shows: domains and schedule entries stay in range, the last entry stays an end mark, the start entry has a duration
 * bounds: one domain
 * mutant object/tcb_decode.c: if (index >= CONFIG_NUM_DOMAIN_SCHEDULES - 1)\n        return errorRange(0, CONFIG_NUM_DOMAIN_SCHEDULES - 2);\n    if (domain => if (domain
 */
void proof_decodeDomain(void)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryCall(&length);

    ksDomSchedule[0] = (dschedule_t){0, nondet_word()};
    ksDomSchedule[1] = (dschedule_t){0, 0};
    ksDomScheduleStart = 0;
    ASSUME(ksDomSchedule[0].length != 0);
    keepThreads();
    claimAnswer(decodeDomainInvocation(label, length, buffer));
    claimThreads();
    CLAIM(ksDomSchedule[1].length == 0 && ksDomSchedule[0].domain < CONFIG_NUM_DOMAINS && ksDomScheduleStart == 0);
    CLAIM(ksDomSchedule[0].length != 0);
    REACH("end");
}
