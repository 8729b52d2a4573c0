/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fast path and slow path of Call are equal: both run on the same world, one after the other, and all of it is compared.
 *
 *   theThread makes the system call, through `epSlot' to `theEp'
 *   partner   receives on theEp
 *   second    the next in the queue of theEp; third stands for those behind it
 *
 * What is compared of the thread that runs afterwards is what its user code finds in the registers.
 */
#include "kernel/include/config.h"

/* Neither path looks into vector state. */
#undef CONFIG_VECTOR_STATE_BYTES
#define CONFIG_VECTOR_STATE_BYTES 32

#include "kernel/proofs/proof.h"

#include "kernel/arch/x86_64/vspace.h"

static tcb_t theThread, partner, second, third, idleThread;
static endpoint_t theEp;
static notification_t theNtfn;
static cte_t threadSlots[tcbCNodeEntries], partnerSlots[tcbCNodeEntries], epSlot;
static word_t thePML4[512], threadBuffer[128], partnerBuffer[128];

/* Objects by name, so that pointers stay cheap: each capability's object is one that the proof knows. */
static word_t named(cap_t cap, word_t object)
{
    CLAIM(cap_get_capPtr(cap) == object);
    return object;
}

static tcb_t *threadAt(word_t tail)
{
    return tail == (word_t)&second ? &second : tail == (word_t)&third ? &third : tail == (word_t)&theThread ? &theThread
           : tail == (word_t)&partner ? &partner : NULL;
}

/* The fast path is taken for endpoints only. */
static word_t typeOfFound(cap_t cap)
{
    CLAIM(cap_is(cap, cap_endpoint_cap));
    return cap_endpoint_cap;
}

#define named_cap(c) named(c, (word_t)&theEp)
#define named_vtable(c) named(c, (word_t)thePML4)
#define named_reply(c) named(c, (word_t)&partner)
#define queueTail(tailAndState) threadAt((tailAndState) & ~QUEUE_FLAGS)
#define bufferAddress(t, c) ((t) == &theThread ? threadBuffer : partnerBuffer)
#define lookupIPCBuffer(isReceiver, t) (isBufferUsable(isReceiver, bufferCap(t)) ? bufferAddress(t, ) : NULL)
#define isLiveVSpace(c) (cap_is(c, cap_pml4_cap) && thePML4[PML4_ASID_ENTRY] == pml4ASIDEntry((c).words[1]))
#define threadVSpace(t) (isLiveVSpace(TCB_PTR_CTE_PTR(t, tcbVTable)->cap) ? (word_t)thePML4 : kernelVSpace())
/* lookup.c: what tryLookupSlot finds, lookupSlot gives. */
#define tryLookupSlot(tcb, cptr) (&epSlot)

#define cap_get_capPtr(c) named_##c(c)
#include "kernel/arch/x86_64/fastpath.c"
#undef cap_get_capPtr

#include "kernel/arch/x86_64/context.c"
#include "kernel/object/tcb.c"
#include "kernel/object/tcb_queue.c"
#include "kernel/sched/schedule.c"
#define cap_get_capPtr(c) named_cap(c)
#include "kernel/object/endpoint.c"
#undef cap_get_capPtr

/* The fast path is taken without capabilities in the message; then lookupExtraCaps does just this. */
#define lookupExtraCaps ownLookupExtraCaps
#include "kernel/api/transfer.c"
#undef lookupExtraCaps

exception_t lookupExtraCaps(tcb_t *t, const word_t *buffer, word_t info)
{
    (void)t, (void)buffer;
    CLAIM((info >> 7 & 3) == 0);
    current_extra_caps[0] = current_extra_caps[1] = current_extra_caps[2] = NULL;
    return EXCEPTION_NONE;
}

/* Nor where a fault would follow. */
#define handleFault ownHandleFault
#include "kernel/api/faults.c"
#undef handleFault

static tcb_t *theCaller(const tcb_t *t)
{
    CLAIM(t == &partner);
    return &partner;
}

static endpoint_t *theEndpoint(const endpoint_t *e)
{
    CLAIM(e == &theEp);
    return &theEp;
}

static void scheduleToPartner(void)
{
    schedule();
    ksCurThread = theCaller(ksCurThread);
}

#define sendIPC(blocking, call, badge, grant, grantReply, sender, e) sendIPC(blocking, call, badge, grant, grantReply, sender, theEndpoint(e))
#define doReplyTransfer(sender, receiver, slot, canGrant) doReplyTransfer(sender, theCaller(receiver), slot, canGrant)
#define schedule() scheduleToPartner()
#define cap_get_capType(c) typeOfFound(c)
#include "kernel/api/syscall.c"
#undef cap_get_capType

#include "kernel/object/mdb.c"

const uint8_t msgRegisters[seL4_FastMessageRegisters] = {RegR10, RegR8, RegR9, RegR15};
cte_t *current_extra_caps[seL4_MsgMaxExtraCaps];
word_t ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS], ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS][L2_WORDS];
tcb_queue_t ksReadyQueues[NUM_READY_QUEUES];
word_t x64KSKernelPML4[512], modelCR3, modelFS, modelGS, modelCR0;
const void *modelSaved, *modelLoaded;
fault_t current_fault;
lookup_fault_t current_lookup_fault;
bool_t modelSlowPath;
const tcb_t *modelUser;
static word_t copiedTo, copiedFrom, copiedWords;

cte_t *slotOf(const tcb_t *t, word_t i)
{
    CLAIM(t == &theThread || t == &partner);
    return t == &theThread ? &threadSlots[i] : &partnerSlots[i];
}

lookupSlot_ret_t lookupSlot(tcb_t *t, cptr_t cptr)
{
    CLAIM(t == &theThread && cptr == theThread.registers[RegRDI]);
    return (lookupSlot_ret_t){EXCEPTION_NONE, &epSlot};
}

lookupSlot_ret_t lookupCap(tcb_t *t, cptr_t cptr, cap_t *cap)
{
    *cap = epSlot.cap;
    return lookupSlot(t, cptr);
}

/* Equal arguments, equal effect: nothing else writes to the buffers. */
void copyWords(word_t *dest, const word_t *src, word_t words)
{
    CLAIM(copiedWords == 0);
    copiedTo = (word_t)dest;
    copiedFrom = (word_t)src;
    copiedWords = words;
}

bool_t isIRQPending(void) { return false; }
void markInterruptible(void) {}

/* Neither path touches the ready queues. */
void tcbSchedEnqueue(tcb_t *t) { (void)t; CLAIM(false); }
void tcbSchedAppend(tcb_t *t) { (void)t; CLAIM(false); }
void tcbSchedDequeue(tcb_t *t) { CLAIM(t == &partner && !t->tcbQueued); }

/* The slow path has no use for any of these where the fast path is taken. */
#define UNUSED(declaration) declaration { CLAIM(false); }
UNUSED(void handleFault(tcb_t *t))
UNUSED(cte_t *getReceiveSlots(tcb_t *t, word_t *buffer))
UNUSED(deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap))
UNUSED(void postCapDeletion(cap_t cap))
UNUSED(void sendSignal(notification_t *n, word_t badge))
UNUSED(void receiveSignal(tcb_t *t, cap_t cap, bool_t isBlocking))
UNUSED(void completeSignal(notification_t *n, tcb_t *t))
UNUSED(void timerStart(void))
UNUSED(void timerStop(void))
UNUSED(bool_t handleDebugSyscall(word_t number))
UNUSED(exception_t decodeTCBInvocation(word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer))
UNUSED(exception_t decodeCNodeInvocation(word_t label, word_t length, cap_t cap, const word_t *buffer))
UNUSED(exception_t decodeUntypedInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer))
UNUSED(exception_t decodeIRQControlInvocation(word_t label, word_t length, cte_t *slot, const word_t *buffer))
UNUSED(exception_t decodeIRQHandlerInvocation(word_t label, irq_t irq))
UNUSED(exception_t decodeDomainInvocation(word_t label, word_t length, const word_t *buffer))
UNUSED(exception_t Arch_decodeInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall, const word_t *buffer))
UNUSED(exception_t errorInvalidCapability(word_t number))


/* All that a path may change. */
typedef struct world {
    tcb_t thread, partner, second;
    cte_t threadReply, threadCaller, partnerReply, partnerCaller;
    endpoint_t ep;
    notification_t ntfn;
    tcb_t *cur, *action, *fpuOwner;
    bool_t taskSwitched;
    word_t vspace, cr3, fs, gs, cr0, to, from, words;
    const void *saved, *loaded;
    const tcb_t *user;
} world_t;

static world_t before, fast;

static void keep(world_t *w)
{
    *w = (world_t){theThread, partner, second, threadSlots[tcbReply], threadSlots[tcbCaller], partnerSlots[tcbReply], partnerSlots[tcbCaller],
                   theEp, theNtfn, ksCurThread, ksSchedulerAction, x64KSFPUOwner, x64KSTaskSwitched, ksCurVSpace, modelCR3, modelFS, modelGS,
                   modelCR0, copiedTo, copiedFrom, copiedWords, modelSaved, modelLoaded, modelUser};
}

static void putBack(const world_t *w)
{
    theThread = w->thread;
    partner = w->partner;
    second = w->second;
    threadSlots[tcbReply] = w->threadReply;
    threadSlots[tcbCaller] = w->threadCaller;
    partnerSlots[tcbReply] = w->partnerReply;
    partnerSlots[tcbCaller] = w->partnerCaller;
    theEp = w->ep;
    theNtfn = w->ntfn;
    ksCurThread = w->cur;
    ksSchedulerAction = w->action;
    x64KSFPUOwner = w->fpuOwner;
    x64KSTaskSwitched = w->taskSwitched;
    ksCurVSpace = w->vspace;
    modelCR3 = w->cr3;
    modelFS = w->fs;
    modelGS = w->gs;
    modelCR0 = w->cr0;
    copiedTo = w->to;
    copiedFrom = w->from;
    copiedWords = w->words;
    modelSaved = w->saved;
    modelLoaded = w->loaded;
    modelUser = w->user;
}

static void claimSameThread(const tcb_t *a, const tcb_t *b)
{
    word_t reg = nondet_byte(), byte = nondet_word();

    ASSUME(reg < n_contextRegisters && byte < sizeof(a->fpuState));
    CLAIM(a->registers[reg] == b->registers[reg]);
    CLAIM(a->fpuState[byte] == b->fpuState[byte]);
    CLAIM(a->nextIP == b->nextIP && a->inSyscall == b->inSyscall);
    CLAIM(a->state == b->state);
    CLAIM(a->tcbPriority == b->tcbPriority && a->tcbMCP == b->tcbMCP && a->tcbDomain == b->tcbDomain);
    CLAIM(a->tcbQueued == b->tcbQueued && a->tcbTimeSlice == b->tcbTimeSlice && a->fpuDisabled == b->fpuDisabled);
    CLAIM(a->tcbBoundNotification == b->tcbBoundNotification);
    CLAIM(a->blockingFlags == b->blockingFlags && a->blockingObject == b->blockingObject && a->blockingBadge == b->blockingBadge);
    CLAIM(a->tcbEPNext == b->tcbEPNext && a->tcbEPPrev == b->tcbEPPrev);
    CLAIM(a->tcbSchedNext == b->tcbSchedNext && a->tcbSchedPrev == b->tcbSchedPrev);
    CLAIM(a->tcbFaultHandler == b->tcbFaultHandler && a->tcbIPCBuffer == b->tcbIPCBuffer);
    CLAIM(a->tcbFault.type == b->tcbFault.type && a->tcbFault.words[0] == b->tcbFault.words[0]);
}

static void claimSameWorld(const world_t *w)
{
    claimSameThread(&w->thread, &theThread);
    claimSameThread(&w->partner, &partner);
    claimSameThread(&w->second, &second);
    CLAIM(sameSlot(w->threadReply, threadSlots[tcbReply]) && sameSlot(w->threadCaller, threadSlots[tcbCaller]));
    CLAIM(sameSlot(w->partnerReply, partnerSlots[tcbReply]) && sameSlot(w->partnerCaller, partnerSlots[tcbCaller]));
    CLAIM(w->ep.head == theEp.head && w->ep.tailAndState == theEp.tailAndState);
    CLAIM(w->ntfn.tailAndState == theNtfn.tailAndState && w->ntfn.msgIdentifier == theNtfn.msgIdentifier && w->ntfn.boundTCB == theNtfn.boundTCB);
    CLAIM(w->cur == ksCurThread && w->action == ksSchedulerAction && w->user == modelUser);
    CLAIM(w->fpuOwner == x64KSFPUOwner && w->taskSwitched == x64KSTaskSwitched && w->saved == modelSaved && w->loaded == modelLoaded);
    CLAIM(w->vspace == ksCurVSpace && w->cr3 == modelCR3 && w->fs == modelFS && w->gs == modelGS && w->cr0 == modelCR0);
    CLAIM(w->words == copiedWords && (copiedWords == 0 || (w->to == copiedTo && w->from == copiedFrom)));
}

static cap_t arbitraryBuffer(void)
{
    return EITHER(cap_null_cap_new(), cap_frame_cap_new(nondet_word(), nondet_byte() % 3, nondet_byte() & 3, 0));
}

static tcb_t arbitraryThread(thread_state_t state)
{
    tcb_t t = nondet_tcb();

    t.state = (uint8_t)state;
    t.tcbQueued = 0;
    t.tcbDomain = 0;
    t.inSyscall &= 1;
    t.tcbEPNext = t.tcbEPPrev = t.tcbSchedNext = t.tcbSchedPrev = NULL;
    t.tcbBoundNotification = NULL;
    t.blockingObject = EITHER(&theEp, NULL);
    t.search = (search_t){0, NULL, NULL, NULL}; /* only senders have one */
    return t;
}

/* The state at a system call: the invariants that the other proofs keep. */
static void arbitraryEntry(thread_state_t partnerState)
{
    theThread = arbitraryThread(ThreadState_Running);
    partner = arbitraryThread(partnerState);
    second = arbitraryThread(ThreadState_BlockedOnReceive);
    idleThread = arbitraryThread(ThreadState_IdleThreadState);
    theThread.tcbFault.type = second.tcbFault.type = seL4_Fault_NullFault;
    theThread.inSyscall = 1;
    second.blockingObject = &theEp;
    threadSlots[tcbBuffer].cap = arbitraryBuffer();
    partnerSlots[tcbBuffer].cap = arbitraryBuffer();
    partnerSlots[tcbVTable].cap = cap_new(EITHER(cap_pml4_cap, cap_null_cap), (word_t)thePML4, 0, nondet_word() & MASK(12));
    thePML4[PML4_ASID_ENTRY] = nondet_word();
    threadSlots[tcbReply] = (cte_t){cap_reply_cap_new(true, true, (word_t)&theThread), NULL, MDB_REVOCABLE | MDB_FIRST_BADGED};
    partnerSlots[tcbReply] = (cte_t){cap_reply_cap_new(true, true, (word_t)&partner), NULL, MDB_REVOCABLE | MDB_FIRST_BADGED};
    epSlot = nondet_cte();
    epSlot.cap = EITHER(cap_new(cap_endpoint_cap, (word_t)&theEp, nondet_byte() & 15, nondet_word()),
                        cap_new(EITHER(cap_notification_cap, cap_null_cap), (word_t)&theEp, 3, nondet_word()));
    theNtfn = nondet_notification();
    ksCurThread = &theThread;
    ksIdleThread = &idleThread;
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
    ksWorkUnitsCompleted = 0;
    ksCurDomain = 0;
    ksReadyQueuesL1Bitmap[0] = nondet_byte() & 15;
    ksReadyQueuesL2Bitmap[0][0] = nondet_word();
    ksReadyQueuesL2Bitmap[0][1] = nondet_word();
    ksReadyQueuesL2Bitmap[0][2] = nondet_word();
    ksReadyQueuesL2Bitmap[0][3] = nondet_word();
    x64KSFPUOwner = EITHER(&theThread, EITHER(&partner, &idleThread));
    x64KSTaskSwitched = nondet_bool();
    ksCurVSpace = EITHER((word_t)thePML4, nondet_word());
    modelFS = nondet_word();
    modelGS = nondet_word();
}

/* After the fast path: if it was taken, the slow path must come to the same; if not, nothing has changed. */
static void compare(word_t number)
{
    if (modelSlowPath) {
        claimSameWorld(&before);
        REACH("not taken");
        return;
    }
    keep(&fast);
    putBack(&before);
    ksCurThread = &theThread; /* as it is: constants */
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
    theThread.tcbFault.type = seL4_Fault_NullFault;
    if (number == (word_t)seL4_SysCall)
        theEp.head = theCaller(theEp.head);
    handleSyscall(number);
    modelRestoreUserContext(ksCurThread);
    claimSameWorld(&fast);
    REACH("taken");
    if (copiedWords == 116)
        REACH("120 words");
}

/*
 * of: fastpath_call, deliver, fastTransfer, fastSwitch; handleSyscall and all below it for Call to an endpoint with a receiver
 * shows: if the fast path is taken, the threads, the queue, all slots, the registers that the receiver's user code finds, what is copied from
 *        buffer to buffer, address space, segment bases and vector state are those of the slow path; if not, nothing has changed
 * bounds: the invariants of the other proofs at entry; no interrupt in the middle; the count of work units is not compared; any message length;
 *        one domain
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: priorityForSysret(dest) < priorityForSysret(thread) => false
 * mutant arch/x86_64/fastpath.c: if ((info & MESSAGE_CAPS) != 0)\n        callSlowpath(slot); =>
 * mutant arch/x86_64/fastpath.c: info -= length - seL4_MsgMaxLength; =>
 * mutant arch/x86_64/fastpath.c: next->tcbEPPrev = NULL; =>
 * mutant arch/x86_64/fastpath.c: callerSlot->mdbPrev = replySlot; =>
 * mutant arch/x86_64/fastpath.c: if (length > 1)\n        to->registers[RegR8] = mr1; =>
 */
void proof_fastpathCall(void)
{
    arbitraryEntry(ThreadState_BlockedOnReceive);
    partner.tcbFault.type = seL4_Fault_NullFault;
    partner.blockingObject = &theEp;
    partner.blockingFlags = EITHER(BLOCKED_CAN_GRANT, 0);
    partner.tcbEPNext = EITHER(&second, NULL);
    second.tcbEPPrev = &partner;
    second.tcbEPNext = EITHER(&third, NULL);
    theEp = (endpoint_t){&partner, (word_t)(partner.tcbEPNext == NULL ? &partner : second.tcbEPNext == NULL ? &second : &third) | EPState_Recv};
    if (nondet_bool())
        theEp = (endpoint_t){NULL, EPState_Idle};
    else if (nondet_bool())
        theEp.tailAndState ^= EPState_Recv | EPState_Send;
    keep(&before);
    fastpath_call(&theThread, 0, 0, theThread.registers[RegR15], theThread.registers[RegRDI], theThread.registers[RegRSI], (word_t)seL4_SysCall, 0,
                  theThread.registers[RegR8], theThread.registers[RegR9]);
    compare((word_t)seL4_SysCall);
    REACH("end");
}
