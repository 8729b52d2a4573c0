/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world of the proofs that a fast path and its slow path are equal: both run on the same world, one after the other, and all of it
 * is compared.
 *
 *   theThread makes the system call, with the capability in `foundSlot'
 *   partner   the other thread: it receives, is answered, or is the next to run
 *   second    the next in the queue that partner is in; third stands for those behind it
 *   waiter    the last thread that waits on theEp already
 *
 * A proof says what is so whenever its fast path is taken (taken), and of which priority the ready queues are that are compared; its file has
 * the functions of the ready queues.  What is compared of the thread that runs afterwards is what its user code finds in the registers.
 */
#pragma once

#include "kernel/include/config.h"

/* Neither path looks into vector state. */
#undef CONFIG_VECTOR_STATE_BYTES
#define CONFIG_VECTOR_STATE_BYTES 32

#include "kernel/proofs/proof.h"

#include "kernel/arch/x86_64/vspace.h"

static tcb_t theThread, partner, second, third, waiter, idleThread;
static endpoint_t theEp;
static notification_t theNtfn;
static cte_t threadSlots[tcbCNodeEntries], partnerSlots[tcbCNodeEntries], foundSlot;
static word_t thePML4[512], threadBuffer[128], partnerBuffer[128];
static word_t readyPriority, otherPriority;
static tcb_queue_t theQueue, otherQueue;

/* The domain that is current. */
enum { THE_DOMAIN = CONFIG_NUM_DOMAINS > 1 ? 1 : 0 };

/* Where the slow path does what the fast path does, this is so; each is claimed where it matters, and a constant from there on. */
static struct {
    word_t capType;      /* of the capability found */
    word_t rights;       /* that it has */
    bool_t isMessage;    /* partner gets one */
    word_t epState;      /* EPState_Recv; EPState_Idle: not EPState_Send */
    tcb_t *action;       /* ksSchedulerAction at the end, */
    thread_state_t state; /* theThread's, */
    tcb_t *next;         /* and who runs then */
} taken;

/* Objects by name, so that pointers stay cheap: each capability's object is one that the proof knows. */
static word_t named(cap_t cap, word_t object)
{
    CLAIM(cap_get_capPtr(cap) == object);
    return object;
}

static tcb_t *threadAt(word_t tail)
{
    return tail == (word_t)&second ? &second : tail == (word_t)&third ? &third : tail == (word_t)&theThread ? &theThread
           : tail == (word_t)&partner ? &partner : tail == (word_t)&waiter ? &waiter : NULL;
}

static word_t typeOfFound(cap_t cap)
{
    CLAIM(cap_is(cap, taken.capType));
    return taken.capType;
}

static word_t stateOfEndpoint(const endpoint_t *ep)
{
    CLAIM(ep == &theEp && (taken.epState == EPState_Recv ? endpoint_state(ep) == EPState_Recv : endpoint_state(ep) != EPState_Send));
    return taken.epState;
}

/* The best ready priority is readyPriority, where it is asked for. */
static word_t namedPriority(word_t prio)
{
    CLAIM(prio == readyPriority);
    return readyPriority;
}

static tcb_queue_t *namedQueue(word_t domain, word_t prio)
{
    CLAIM(domain == THE_DOMAIN);
    CLAIM(prio == readyPriority || prio == otherPriority);
    return prio == readyPriority ? &theQueue : &otherQueue;
}

#define readyQueue(domain, prio) namedQueue(domain, prio)
#define bestReadyPrio(dom, l1) namedPriority(bestReadyPrio(dom, l1))
#define named_cap(c) named(c, (word_t)&theEp)
#define named_vtable(c) named(c, (word_t)thePML4)
#define named_reply(c) named(c, (word_t)&partner)
#define queueTail(tailAndState) threadAt((tailAndState) & ~QUEUE_FLAGS)
#define bufferAddress(t, c) ((t) == &theThread ? threadBuffer : partnerBuffer)
#define lookupIPCBuffer(isReceiver, t) (isBufferUsable(isReceiver, bufferCap(t)) ? bufferAddress(t, ) : NULL)
#define isLiveVSpace(c) (cap_is(c, cap_pml4_cap) && thePML4[PML4_ASID_ENTRY] == pml4ASIDEntry((c).words[1]))
#define threadVSpace(t) (isLiveVSpace(TCB_PTR_CTE_PTR(t, tcbVTable)->cap) ? (word_t)thePML4 : kernelVSpace())
/* lookup.c: what tryLookupSlot finds, lookupSlot gives. */
#define tryLookupSlot(tcb, cptr) (&foundSlot)

#define cap_get_capPtr(c) named_##c(c)
#include "kernel/arch/x86_64/fastpath.c"
#undef cap_get_capPtr

#include "kernel/arch/x86_64/context.c"
#include "kernel/object/tcb.c"
#include "kernel/object/tcb_queue.c"
#include "kernel/sched/schedule.c"
#define cap_get_capPtr(c) named_cap(c)
#define endpoint_state(e) stateOfEndpoint(e)
#include "kernel/object/endpoint.c"
#undef endpoint_state
#undef cap_get_capPtr

/* The fast path is taken without capabilities in the message; then lookupExtraCaps and loadExtraCaps do just this. */
#define lookupExtraCaps ownLookupExtraCaps
#define loadExtraCaps ownLoadExtraCaps
#include "kernel/api/transfer.c"
#undef lookupExtraCaps
#undef loadExtraCaps

exception_t lookupExtraCaps(tcb_t *t, const word_t *buffer, word_t info)
{
    (void)t, (void)buffer;
    CLAIM((info >> 7 & 3) == 0);
    current_extra_caps[0] = current_extra_caps[1] = current_extra_caps[2] = NULL;
    return EXCEPTION_NONE;
}

void loadExtraCaps(tcb_t *t)
{
    lookupExtraCaps(t, NULL, getRegister(t, msgInfoRegister));
}

/* Nor where a fault would follow. */
#define handleFault ownHandleFault
#include "kernel/api/faults.c"
#undef handleFault

static tcb_t *thePartner(const tcb_t *t)
{
    CLAIM(t == &partner);
    return &partner;
}

static endpoint_t *theEndpoint(const endpoint_t *e)
{
    CLAIM(e == &theEp);
    return &theEp;
}

static void scheduleNext(void)
{
    CLAIM(ksSchedulerAction == taken.action && theThread.state == taken.state);
    ksSchedulerAction = taken.action;
    theThread.state = (uint8_t)taken.state;
    schedule();
    CLAIM(ksCurThread == taken.next);
    ksCurThread = taken.next;
}

#define sendIPC(blocking, call, badge, grant, grantReply, sender, e) sendIPC(blocking, call, badge, grant, grantReply, sender, theEndpoint(e))
#define doReplyTransfer(sender, receiver, slot, canGrant) doReplyTransfer(sender, thePartner(receiver), slot, canGrant)
#define schedule() scheduleNext()
#define cap_get_capType(c) typeOfFound(c)
#include "kernel/api/syscall.c"
#undef cap_get_capType

#include "kernel/object/mdb.c"

const uint8_t msgRegisters[seL4_FastMessageRegisters] = {RegR10, RegR8, RegR9, RegR15};
cte_t *current_extra_caps[seL4_MsgMaxExtraCaps];
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
    return (lookupSlot_ret_t){EXCEPTION_NONE, &foundSlot};
}

lookupSlot_ret_t lookupCap(tcb_t *t, cptr_t cptr, cap_t *cap)
{
    *cap = foundSlot.cap;
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
void serveInterrupts(void) { CLAIM(false); }

/* A reply capability leaves nothing to clean up. */
void postCapDeletion(cap_t cap) { CLAIM(cap_is(cap, cap_null_cap)); }

/* The slow path has no use for any of these where the fast path is taken. */
#define UNUSED(declaration) declaration { CLAIM(false); }
UNUSED(void handleFault(tcb_t *t))
UNUSED(cte_t *getReceiveSlots(tcb_t *t, word_t *buffer))
UNUSED(deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap))
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

/* Who is ready in another domain, if there is one. */
static word_t strangersL1, strangersL2;

static void claimStrangers(void)
{
    CLAIM(CONFIG_NUM_DOMAINS == 1 || ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS - 1] == strangersL1);
    CLAIM(CONFIG_NUM_DOMAINS == 1 || ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS - 1][2] == strangersL2);
}

/* The ready queues: both bitmaps, and the queues of two priorities. */
typedef struct ready {
    tcb_queue_t queue, other;
    word_t l1, l2[L2_WORDS];
} ready_t;

static ready_t readyNow(void)
{
    const word_t *l2 = ksReadyQueuesL2Bitmap[THE_DOMAIN];

    return (ready_t){theQueue, otherQueue, ksReadyQueuesL1Bitmap[THE_DOMAIN], {l2[0], l2[1], l2[2], l2[3]}};
}

static void putReady(const ready_t *ready)
{
    word_t *l2 = ksReadyQueuesL2Bitmap[THE_DOMAIN];

    theQueue = ready->queue;
    otherQueue = ready->other;
    ksReadyQueuesL1Bitmap[THE_DOMAIN] = ready->l1;
    l2[0] = ready->l2[0];
    l2[1] = ready->l2[1];
    l2[2] = ready->l2[2];
    l2[3] = ready->l2[3];
}

static void claimSameReady(const ready_t *ready)
{
    const word_t *l2 = ksReadyQueuesL2Bitmap[THE_DOMAIN];

    claimStrangers();
    CLAIM(ready->queue.head == theQueue.head && ready->queue.end == theQueue.end);
    CLAIM(ready->other.head == otherQueue.head && ready->other.end == otherQueue.end);
    CLAIM(ready->l1 == ksReadyQueuesL1Bitmap[THE_DOMAIN] && ready->l2[0] == l2[0] && ready->l2[1] == l2[1]);
    CLAIM(ready->l2[2] == l2[2] && ready->l2[3] == l2[3]);
}

/* All that a path may change. */
typedef struct world {
    tcb_t thread, partner, second, waiter;
    cte_t found, threadReply, threadCaller, partnerReply, partnerCaller;
    endpoint_t ep;
    notification_t ntfn;
    tcb_t *cur, *action, *fpuOwner;
    bool_t taskSwitched;
    word_t vspace, cr3, fs, gs, cr0, to, from, words;
    const void *saved, *loaded;
    const tcb_t *user;
    ready_t ready;
} world_t;

static world_t before, fast;

static void keep(world_t *w)
{
    *w = (world_t){theThread, partner, second, waiter, foundSlot, threadSlots[tcbReply], threadSlots[tcbCaller], partnerSlots[tcbReply],
                   partnerSlots[tcbCaller], theEp, theNtfn, ksCurThread, ksSchedulerAction, x64KSFPUOwner, x64KSTaskSwitched, ksCurVSpace,
                   modelCR3, modelFS, modelGS, modelCR0, copiedTo, copiedFrom, copiedWords, modelSaved, modelLoaded, modelUser, readyNow()};
}

static void putBack(const world_t *w)
{
    theThread = w->thread;
    partner = w->partner;
    second = w->second;
    waiter = w->waiter;
    foundSlot = w->found;
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
    putReady(&w->ready);
}

static bool_t isInQueue(const tcb_t *t)
{
    return t->state == ThreadState_BlockedOnSend || t->state == ThreadState_BlockedOnReceive || t->state == ThreadState_BlockedOnNotification;
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
    CLAIM(!isInQueue(b) || (a->tcbEPNext == b->tcbEPNext && a->tcbEPPrev == b->tcbEPPrev));
    CLAIM(!b->tcbQueued || (a->tcbSchedNext == b->tcbSchedNext && a->tcbSchedPrev == b->tcbSchedPrev));
    CLAIM(a->tcbFaultHandler == b->tcbFaultHandler && a->tcbIPCBuffer == b->tcbIPCBuffer);
    CLAIM(a->tcbFault.type == b->tcbFault.type && a->tcbFault.words[0] == b->tcbFault.words[0]);
}

static void claimSameWorld(const world_t *w)
{
    claimSameThread(&w->thread, &theThread);
    claimSameThread(&w->partner, &partner);
    claimSameThread(&w->second, &second);
    claimSameThread(&w->waiter, &waiter);
    CLAIM(sameSlot(w->found, foundSlot));
    claimSameReady(&w->ready);
    CLAIM(sameSlot(w->threadReply, threadSlots[tcbReply]) && sameSlot(w->threadCaller, threadSlots[tcbCaller]));
    CLAIM(sameSlot(w->partnerReply, partnerSlots[tcbReply]) && sameSlot(w->partnerCaller, partnerSlots[tcbCaller]));
    CLAIM(w->ep.head == theEp.head && w->ep.tailAndState == theEp.tailAndState);
    CLAIM(w->ntfn.tailAndState == theNtfn.tailAndState && w->ntfn.msgIdentifier == theNtfn.msgIdentifier && w->ntfn.boundTCB == theNtfn.boundTCB);
    CLAIM(ksCurDomain == THE_DOMAIN);
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
    t.tcbDomain = THE_DOMAIN;
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
    waiter = arbitraryThread(ThreadState_BlockedOnReceive);
    idleThread = arbitraryThread(ThreadState_IdleThreadState);
    theThread.tcbFault.type = second.tcbFault.type = waiter.tcbFault.type = seL4_Fault_NullFault;
    theThread.inSyscall = 1;
    second.blockingObject = waiter.blockingObject = &theEp;
    threadSlots[tcbBuffer].cap = arbitraryBuffer();
    partnerSlots[tcbBuffer].cap = arbitraryBuffer();
    partnerSlots[tcbVTable].cap = cap_new(EITHER(cap_pml4_cap, cap_null_cap), (word_t)thePML4, 0, nondet_word() & MASK(12));
    thePML4[PML4_ASID_ENTRY] = nondet_word();
    threadSlots[tcbReply] = (cte_t){cap_reply_cap_new(true, true, (word_t)&theThread), NULL, MDB_REVOCABLE | MDB_FIRST_BADGED};
    partnerSlots[tcbReply] = (cte_t){cap_reply_cap_new(true, true, (word_t)&partner), NULL, MDB_REVOCABLE | MDB_FIRST_BADGED};
    threadSlots[tcbCaller] = partnerSlots[tcbCaller] = (cte_t){cap_null_cap_new(), NULL, 0};
    foundSlot = nondet_cte();
    theNtfn = nondet_notification();
    ksCurThread = &theThread;
    ksIdleThread = &idleThread;
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
    ksWorkUnitsCompleted = 0;
    ksCurDomain = THE_DOMAIN;
    ksDomainTime = nondet_word();
    x64KSFPUOwner = EITHER(&theThread, EITHER(&partner, &idleThread));
    x64KSTaskSwitched = nondet_bool();
    ksCurVSpace = EITHER((word_t)thePML4, nondet_word());
    modelFS = nondet_word();
    modelGS = nondet_word();
}

/* A capability to theEp with any rights, or another one. */
static cap_t arbitraryEndpointCap(void)
{
    return EITHER(cap_new(cap_endpoint_cap, (word_t)&theEp, nondet_byte() & 15, nondet_word()),
                  cap_new(EITHER(cap_notification_cap, cap_null_cap), (word_t)&theEp, 3, nondet_word()));
}

/* The queue of theEp: nobody, waiter, or others and waiter. */
static void arbitraryWaiters(void)
{
    tcb_t *head = EITHER(&waiter, EITHER(&third, NULL));

    waiter.tcbEPPrev = head == &waiter ? NULL : &third;
    theEp = (endpoint_t){head, head == NULL ? EPState_Idle : (word_t)&waiter | EITHER(EPState_Recv, EPState_Send)};
}

/* Of partner, which may be another one. */
static uint8_t arbitraryDomain(void)
{
    return CONFIG_NUM_DOMAINS == 1 || nondet_bool() ? THE_DOMAIN : CONFIG_NUM_DOMAINS - 1;
}

/* The time of a domain is over only until the next choice, and only that is asked. */
static void restateDomain(void)
{
    CLAIM(CONFIG_NUM_DOMAINS == 1 || ksDomainTime != 0);
    ksDomainTime = 1;
}

/* The bitmap of the queues with these threads. */
static void setBitmaps(word_t l20, word_t l21, word_t l22, word_t l23)
{
    word_t *l2 = ksReadyQueuesL2Bitmap[THE_DOMAIN];

    ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS - 1] = strangersL1 = nondet_word();
    ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS - 1][2] = strangersL2 = nondet_word();
    l2[0] = l20;
    l2[1] = l21;
    l2[2] = l22;
    l2[3] = l23;
    ksReadyQueuesL1Bitmap[THE_DOMAIN] = (l20 != 0) | (word_t)(l21 != 0) << 1 | (word_t)(l22 != 0) << 2 | (word_t)(l23 != 0) << 3;
}

/* Nobody's to change by a message. */
static void claimSameIdentity(const tcb_t *a, const tcb_t *b)
{
    CLAIM(a->tcbPriority == b->tcbPriority && a->tcbMCP == b->tcbMCP && a->tcbDomain == b->tcbDomain && a->tcbTimeSlice == b->tcbTimeSlice);
    CLAIM(a->fpuDisabled == b->fpuDisabled && a->tcbFaultHandler == b->tcbFaultHandler && a->tcbIPCBuffer == b->tcbIPCBuffer);
    CLAIM(a->tcbBoundNotification == b->tcbBoundNotification);
}

static void claimSameRegister(const tcb_t *a, const tcb_t *b, word_t reg)
{
    CLAIM(a->registers[reg] == b->registers[reg]);
}

/* Of a thread further back in a queue the links may change. */
static void claimOnlyLinks(const tcb_t *a, const tcb_t *b)
{
    claimSameRegister(a, b, nondet_byte() % n_contextRegisters);
    claimSameIdentity(a, b);
    CLAIM(a->state == b->state && a->nextIP == b->nextIP && a->inSyscall == b->inSyscall && a->tcbQueued == b->tcbQueued);
    CLAIM(a->blockingObject == b->blockingObject && a->blockingBadge == b->blockingBadge && a->blockingFlags == b->blockingFlags);
    CLAIM(a->tcbFault.type == b->tcbFault.type);
}

/*
 * Integrity over the whole system call: what the path changed, theThread held a capability for.  Of theThread user code finds all registers but
 * those that SYSCALL clobbers as they were; partner, for which the message is, has changed message registers, or none if it only runs next; all
 * others here but the endpoint and the slots of a reply capability are as they were.
 */
static void claimIntegrity(void)
{
    word_t reg = nondet_byte() % n_contextRegisters;
    bool_t isClobbered = reg == RegRCX || reg == RegR11, isBase = reg == RegFS_BASE || reg == RegGS_BASE;
    bool_t isMessage = reg == badgeRegister || reg == msgInfoRegister || reg == RegR10 || reg == RegR8 || reg == RegR9 || reg == RegR15;

    CLAIM((before.found.cap.words[0] & (0xff | taken.rights)) == (taken.capType | taken.rights));
    CLAIM(isClobbered || isBase || theThread.registers[reg] == before.thread.registers[reg]);
    CLAIM(isClobbered || reg == RegFaultIP || (isMessage && taken.isMessage) || partner.registers[reg] == before.partner.registers[reg]);
    CLAIM(taken.isMessage || copiedWords == 0);
    CLAIM(copiedWords == 0 || (copiedTo == (word_t)&partnerBuffer[5] && copiedFrom == (word_t)&threadBuffer[5] && copiedWords <= 116));
    claimSameIdentity(&theThread, &before.thread);
    claimSameIdentity(&partner, &before.partner);
    claimOnlyLinks(&second, &before.second);
    claimOnlyLinks(&waiter, &before.waiter);
    CLAIM(theNtfn.head == before.ntfn.head && theNtfn.tailAndState == before.ntfn.tailAndState && theNtfn.boundTCB == before.ntfn.boundTCB);
    CLAIM(taken.capType == cap_reply_cap || sameSlot(foundSlot, before.found));
}

/* After the fast path: if it was not taken, nothing has changed; else all is as before again. */
static bool_t wasTaken(void)
{
    if (modelSlowPath) {
        claimSameWorld(&before);
        REACH("not taken");
        return false;
    }
    claimIntegrity();
    keep(&fast);
    putBack(&before);
    ksCurThread = &theThread;
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
    theThread.tcbFault.type = seL4_Fault_NullFault;
    return true;
}

/* The slow path must come to the same. */
static void compare(word_t number)
{
    handleSyscall(number);
    modelRestoreUserContext(ksCurThread);
    claimSameWorld(&fast);
    REACH("taken");
}

/* The system call, as entry.S makes it. */
#define TAKE_FAST_PATH(path) \
    path(&theThread, 0, 0, theThread.registers[RegR15], theThread.registers[RegRDI], theThread.registers[RegRSI], nondet_word(), 0, \
         theThread.registers[RegR8], theThread.registers[RegR9])
