/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts that come faster than the work: one is pending whenever the kernel looks, and each system call, repeated after each
 * preemption, must end all the same, after no more repetitions than there is work.  Every capability lies 64 levels down.
 */
#include "tests/kernel/host/world.h"

#include "kernel/arch/x86_64/instructions.h"

#define DEEP 0x40                    /* slots of the root CNode: the 64 CNodes of the deep CSpace */
#define NODE 0xa0                    /* a CNode for results, and an untyped */
#define END ~0ull                    /* deep addresses: what `lead' put there, the first CNode of the chain, */
#define CHAIN ~1ull
#define NODE_ADDRESS (~0ull >> 1 ^ 1) /* and, of 63 bits from there, the CNode for results */
#define LIMIT 5000

static tcb_t *deep;
static word_t calls;

static void expect(bool_t holds, const char *what)
{
    require(holds, what, NULL);
    calls++;
}

/* Calls until it is done; the error. */
static word_t call(tcb_t *thread, cptr_t cap, word_t label, const cptr_t caps[3], word_t n, const word_t *mrs)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)lookupIPCBuffer(true, thread);
    word_t i, count = caps == NULL ? 0 : 3;

    for (i = 0; i < count; i++)
        ipc->caps_or_badges[i] = caps[i];
    for (i = 0; i < n; i++)
        setMR(thread, (word_t *)ipc, i, mrs[i]);
    setRegister(thread, capRegister, cap);
    setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(label, 0, count, n).words[0]);
    expect(repeatCall(thread, seL4_SysCall, LIMIT) < LIMIT, "a system call ends");
    return getRegister(thread, msgInfoRegister) >> 12;
}

static void rootCall(cptr_t cap, word_t label, cptr_t extra0, cptr_t extra1, word_t n, const word_t *mrs)
{
    const cptr_t caps[3] = {extra0, extra1, SLOT_CNODE};

    expect(call(rootThread, cap, label, caps, n, mrs) == seL4_NoError, "a call of the root thread");
}

static void retype(word_t type, word_t size, word_t slot, word_t n)
{
    rootCall(SLOT_RAM, UntypedRetype, SLOT_CNODE, SLOT_CNODE, 6, (const word_t[]){type, size, 0, 0, slot, n});
}

/* The last CNode's second slot gets a copy of this capability. */
static void lead(cptr_t cap)
{
    rootCall(DEEP + 63, CNodeDelete, SLOT_CNODE, SLOT_CNODE, 2, (const word_t[]){1, 1});
    rootCall(DEEP + 63, CNodeCopy, SLOT_CNODE, SLOT_CNODE, 5, (const word_t[]){1, 1, cap, 64, 15});
}

static void makeDeepSpace(void)
{
    word_t i;

    retype(seL4_CapTableObject, 1, DEEP, 64);
    for (i = 0; i < 63; i++)
        rootCall(DEEP + i, CNodeCopy, SLOT_CNODE, SLOT_CNODE, 5, (const word_t[]){1, 1, DEEP + i + 1, 64, 15});
    rootCall(DEEP + 63, CNodeCopy, SLOT_CNODE, SLOT_CNODE, 5, (const word_t[]){0, 1, DEEP, 64, 15});
    rootCall(SLOT_THREADS, TCBSetSpace, DEEP, SLOT_VSPACE, 3, (const word_t[]){0, 0, 0});
}

/* Many objects of a type into a CNode, and their end. */
static void makeMany(word_t type, word_t size, word_t n)
{
    static const cptr_t caps[3] = {CHAIN, CHAIN, CHAIN};

    expect(call(deep, END, UntypedRetype, caps, 6, (const word_t[]){type, size, NODE_ADDRESS, 63, 0, n}) == seL4_NoError, "Retype");
    checkInvariants();
    rootCall(DEEP + 63, CNodeRevoke, SLOT_CNODE, SLOT_CNODE, 2, (const word_t[]){1, 1});
    checkInvariants();
}

static void makeAll(void)
{
    static const struct {
        uint8_t type, size, n;
    } many[] = {{seL4_TCBObject, 0, 255}, {seL4_EndpointObject, 0, 255}, {seL4_CapTableObject, 2, 250}, {seL4_X86_4K, 0, 200},
                {seL4_UntypedObject, 4, 255}, {seL4_X64_PML4Object, 0, 100}};
    word_t i;

    retype(seL4_CapTableObject, 8, NODE, 1);
    retype(seL4_UntypedObject, 20, NODE + 1, 1);
    rootCall(DEEP + 62, CNodeCopy, SLOT_CNODE, SLOT_CNODE, 5, (const word_t[]){0, 1, NODE, 64, 15});
    lead(NODE + 1);
    for (i = 0; i < ARRAY_SIZE(many); i++)
        makeMany(many[i].type, many[i].size, many[i].n);
}

static void start(tcb_t *thread)
{
    restart(thread);
    schedule();
    activateThread();
}

/* A message with three capabilities each way, between the thread and one of the root's spaces that waits already. */
static void exchange(void)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)lookupIPCBuffer(true, deep);
    tcb_t *server = otherThreads[1];
    word_t round;

    lead(SLOT_ENDPOINT);
    ipc->receiveCNode = ipc->receiveIndex = CHAIN;
    ipc->receiveDepth = 64;
    for (round = 0; round < 3; round++) {
        ipc->caps_or_badges[0] = ipc->caps_or_badges[1] = ipc->caps_or_badges[2] = END;
        if (round != 1) { /* the server waits first */
            start(server);
            setRegister(server, capRegister, SLOT_ENDPOINT);
            expect(repeatCall(server, seL4_SysRecv, LIMIT) < LIMIT, "Recv ends");
        }
        setRegister(deep, capRegister, END);
        setRegister(deep, msgInfoRegister, seL4_MessageInfo_new(7, 0, 3, 120).words[0]);
        expect(repeatCall(deep, seL4_SysCall, LIMIT) < LIMIT, "Call ends");
        if (round == 1) {
            start(server);
            setRegister(server, capRegister, SLOT_ENDPOINT);
            expect(repeatCall(server, seL4_SysRecv, LIMIT) < LIMIT, "Recv ends");
        }
        expect(deep->state == ThreadState_BlockedOnReply, "the message arrived");
        expect(getRegister(server, msgInfoRegister) == seL4_MessageInfo_new(7, 7, 3, 120).words[0], "all of it");
        setRegister(server, msgInfoRegister, seL4_MessageInfo_new(0, 0, 3, 120).words[0]);
        setRegister(server, capRegister, SLOT_ENDPOINT);
        expect(repeatCall(server, seL4_SysReplyRecv, LIMIT) < LIMIT, "ReplyRecv ends");
        expect(deep->state == ThreadState_Running && server->state == ThreadState_BlockedOnReceive, "and was answered");
        checkInvariants();
        suspend(server);
    }
}

word_t checkProgress(void)
{
    word_t i;

    makeWorld();
    deep = otherThreads[0];
    for (i = 0; i < ARRAY_SIZE(otherThreads); i++)
        suspend(otherThreads[i]);
    makeDeepSpace();
    start(deep);
    makeAll();
    exchange();
    hostDeviceRegister = 0;
    return calls;
}
