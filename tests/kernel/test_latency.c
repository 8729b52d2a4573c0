/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long operations while interrupts come in: each must be preempted, go on, and end as if nothing had been.
 * Under tools/count.c this is what makes the longest stretches without interrupts (tests/kernel/run.py, "interrupts").
 */
#include "tests/kernel/tests.h"

#define THREADS 192
#define PIT_PIN 2
#define PIT_COUNT 40 /* 34 microseconds */
#define STORM_COUNT 4 /* 3 microseconds: less than some system calls take */
#define STORM_LENGTH 3000

static seL4_CPtr tcbs, faults, acker;
static char *stacks;
static volatile seL4_Word interrupts, arrived, order[THREADS];
static thread_t ackThread;

static void pit(seL4_Word command, seL4_Word count)
{
    seL4_X86_IOPort_Out8(pitPorts, 0x43, command);
    seL4_X86_IOPort_Out8(pitPorts, 0x40, count & 255);
    seL4_X86_IOPort_Out8(pitPorts, 0x40, count >> 8);
}

/* So many interrupts come faster than a call gets done; no more, for a slow host leaves no time between two of them. */
static volatile seL4_Word storm;

/*
 * Each interrupt is asked for when the one before has been served: however long a host takes for one, the others get their time.
 * No other thread programs the timer meanwhile.
 */
static void ackForever(seL4_Word ntfn, seL4_Word irq)
{
    for (;;) {
        pit(0x30, storm != 0 ? STORM_COUNT : PIT_COUNT);
        if (storm != 0)
            storm--;
        seL4_Wait(ntfn, NULL);
        interrupts++;
        seL4_IRQHandler_Ack(irq);
    }
}

static void startInterrupts(void)
{
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0);

    acker = allocSlots(1);
    CHECK_EQ(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT_CNODE, acker, 64, 0, PIT_PIN, 0, 0, 3), 0);
    CHECK_EQ(seL4_IRQHandler_SetNotification(acker, ntfn), 0);
    newThread(&ackThread, ackForever, ntfn, acker, 255, 0);
    startThread(&ackThread);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 200);
}

static void stopInterrupts(void)
{
    seL4_Word i;

    for (i = 0; i < 5000000 && interrupts <= 10; i++) /* a busy host may have held the clock back */
        seL4_Yield();
    CHECK(interrupts > 10);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ackThread.tcb, 64), 0);
    pit(0x30, 0xffff);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, acker, 64), 0);
}

/* Threads of 256 bytes of stack without a buffer. */
static void makeThreads(void)
{
    seL4_CPtr untyped = newUntyped(seL4_TCBBits + 8);
    seL4_Word i;

    tcbs = allocSlots(THREADS);
    faults = newObject(seL4_EndpointObject, 0);
    stacks = newPages(THREADS / 16, NULL);
    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_TCBObject, 0, ROOT_CNODE, 0, 0, tcbs, THREADS), 0);
    for (i = 0; i < THREADS; i++) {
        seL4_TCB_SetSpace(tcbs + i, faults, ROOT_CNODE, 0, ROOT_VSPACE, 0);
        seL4_TCB_SetSchedParams(tcbs + i, seL4_CapInitThreadTCB, 255, 200);
    }
}

static void startAll(void (*f)(seL4_Word, seL4_Word), seL4_CPtr cap)
{
    seL4_UserContext context = {.rip = (seL4_Word)f, .rflags = 0x202};
    seL4_Word i;

    arrived = 0;
    for (i = 0; i < THREADS; i++) {
        context.rsp = (seL4_Word)stacks + 256 * (i + 1) - 8;
        context.rdi = cap;
        context.rsi = i;
        seL4_TCB_WriteRegisters(tcbs + i, true, 0, 20, &context);
    }
    while (arrived < THREADS)
        seL4_Yield();
    for (i = 0; i < 4; i++)
        seL4_Yield();
}

static void waiter(seL4_Word cap, seL4_Word unused)
{
    __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
    seL4_Wait(cap, NULL);
    for (;;)
        seL4_Yield();
}

/* The threads have faulted on the capability that is gone, all of them, once. */
static void expectFaults(void)
{
    seL4_Word badge, mr[4], i, good = 0;
    seL4_MessageInfo_t info;

    for (i = 0; i < THREADS; i++) {
        info = seL4_RecvWithMRs(faults, &badge, &mr[0], &mr[1], &mr[2], &mr[3]);
        good += seL4_MessageInfo_get_label(info) == seL4_Fault_CapFault && mr[2] == 1;
    }
    CHECK_EQ(good, THREADS);
    for (i = 0; i < THREADS; i++)
        seL4_TCB_Suspend(tcbs + i);
}

static void testEndpointWithWaiters(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), ntfn = newObject(seL4_NotificationObject, 0);
    seL4_CPtr node = newObject(seL4_CapTableObject, 4);

    startAll(waiter, ep);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ep, 64), 0);
    expectFaults();
    startAll(waiter, ntfn);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ntfn, 64), 0);
    expectFaults();

    /* Inside a CNode that is deleted. */
    ep = newObject(seL4_EndpointObject, 0);
    startAll(waiter, ep);
    CHECK_EQ(seL4_CNode_Move(node, 3, 4, ROOT_CNODE, ep, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, node, 64), 0);
    expectFaults();
}

/* A notification that only an interrupt still names goes with the interrupt's handler, or is replaced. */
static void testInterruptWithWaiters(void)
{
    seL4_CPtr irq = allocSlots(1), ntfn, round;

    for (round = 0; round < 3; round++) {
        ntfn = newObject(seL4_NotificationObject, 0);
        if (round != 1)
            CHECK_EQ(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, irq, 64, 0, 0, 0, 0, 9), 0);
        CHECK_EQ(seL4_IRQHandler_SetNotification(irq, ntfn), 0);
        startAll(waiter, ntfn);
        CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ntfn, 64), 0);
        if (round == 0)
            CHECK_EQ(seL4_IRQHandler_Clear(irq), 0);
        else
            CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, irq, 64), 0);
        expectFaults();
    }
}

/* Sends its number with badge 1, 2 or 3. */
static void sender(seL4_Word caps, seL4_Word number)
{
    seL4_Word mr0 = number;

    order[__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST)] = number;
    seL4_SendWithMRs(caps + number % 3, seL4_MessageInfo_new(0, 0, 0, 1), &mr0, NULL, NULL, NULL);
    for (;;)
        seL4_Yield();
}

/* Those with the badge go to the end of the queue, for they send again; how many of the others have kept their order. */
static seL4_Word cancelBadgedSends(seL4_CPtr ep, seL4_CPtr badged)
{
    seL4_Word i, badge, mr0, next = 0, others = 0, ordered = 0, cancelled = 0;

    startAll(sender, badged);
    CHECK_EQ(seL4_CNode_CancelBadgedSends(ROOT_CNODE, badged + 1, 64), 0);
    for (i = 0; i < 4; i++)
        seL4_Yield();
    for (i = 0; i < THREADS; i++) {
        seL4_RecvWithMRs(ep, &badge, &mr0, NULL, NULL, NULL);
        if (badge == 2) {
            cancelled++;
            continue;
        }
        others++;
        while (next < THREADS - 1 && order[next] % 3 == 1)
            next++;
        ordered += cancelled == 0 && mr0 == order[next++] && badge == mr0 % 3 + 1;
    }
    CHECK_EQ(cancelled, THREADS / 3);
    CHECK_EQ(others, THREADS - THREADS / 3);
    for (i = 0; i < THREADS; i++)
        seL4_TCB_Suspend(tcbs + i);
    return ordered;
}

/* A time slice that ends between a sender's note and its send changes their order, but not each time. */
static void testCancelBadgedSends(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), badged = allocSlots(3);
    seL4_Word i, ordered = 0;

    for (i = 0; i < 3; i++)
        CHECK_EQ(seL4_CNode_Mint(ROOT_CNODE, badged + i, 64, ROOT_CNODE, ep, 64, seL4_AllRights, i + 1), 0);
    for (i = 0; i < 10 && ordered != THREADS - THREADS / 3; i++)
        ordered = cancelBadgedSends(ep, badged);
    CHECK_EQ(ordered, THREADS - THREADS / 3);
}

/* 256 objects of each type: all or none. */
static void testRetype(void)
{
    static const struct {
        seL4_Word type, bits;
    } types[] = {{seL4_EndpointObject, 0}, {seL4_NotificationObject, 0}, {seL4_TCBObject, 0},
                 {seL4_CapTableObject, 1}, {seL4_UntypedObject, 4},      {seL4_X86_4K, 0},
                 {seL4_X64_PML4Object, 0}};
    seL4_CPtr untyped = newUntyped(20), slots = allocSlots(256), probe = allocSlots(1);
    seL4_Word i, k, missing = 0;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        CHECK_EQ(seL4_Untyped_Retype(untyped, types[i].type, types[i].bits, ROOT_CNODE, 0, 0, slots, 256), 0);
        for (k = 0; k < 256; k++)
            missing += seL4_CNode_Move(ROOT_CNODE, probe, 64, ROOT_CNODE, slots + k, 64) != 0 ||
                       seL4_CNode_Move(ROOT_CNODE, slots + k, 64, ROOT_CNODE, probe, 64) != 0;
        CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, untyped, 64), 0);
    }
    CHECK_EQ(missing, 0);
}

static bool hasMuchMemory(void)
{
    seL4_Word i, n = 0;

    for (i = 0; i < bootInfo->untyped.end - bootInfo->untyped.start; i++)
        n += !bootInfo->untypedList[i].isDevice && bootInfo->untypedList[i].sizeBits >= 24;
    return n != 0;
}

/* An ASID pool of this page, with new address spaces (511 on large machines), in this slot; how much of it failed. */
static seL4_Word fillPool(seL4_CPtr page, seL4_CPtr pool)
{
    static seL4_CPtr memory, spaces;
    static seL4_Word n;
    seL4_Word i, failed = seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, page, ROOT_CNODE, pool, 64) != 0;

    if (memory == 0) {
        n = hasMuchMemory() ? 511 : 15;
        memory = newUntyped(n == 511 ? 21 : 16);
        spaces = allocSlots(n);
    }
    failed += seL4_CNode_Revoke(ROOT_CNODE, memory, 64) != 0;
    for (i = 0; i < n; i += 255)
        failed += seL4_Untyped_Retype(memory, seL4_X64_PML4Object, 0, ROOT_CNODE, 0, 0, spaces + i, n - i < 255 ? n - i : 255) != 0;
    for (i = 0; i < n; i++)
        failed += seL4_X86_ASIDPool_Assign(pool, spaces + i) != 0;
    return failed;
}

/* A full pool goes in a revoke, after so many other objects that the next check for interrupts is nearer or further. */
static void testFullPool(void)
{
    seL4_CPtr untyped = newUntyped(13), page = allocSlots(1), pool = allocSlots(1), others = allocSlots(24);
    seL4_Word n, failed = 0;

    for (n = 4; n <= 24; n += 4) {
        failed += seL4_Untyped_Retype(untyped, seL4_UntypedObject, 12, ROOT_CNODE, 0, 0, page, 1) != 0;
        failed += seL4_Untyped_Retype(untyped, seL4_EndpointObject, 0, ROOT_CNODE, 0, 0, others, n) != 0;
        failed += fillPool(page, pool);
        failed += seL4_CNode_Revoke(ROOT_CNODE, untyped, 64) != 0;
    }
    CHECK_EQ(failed, 0);
}

/* All eight ASID pools, full ones, in one revoke; all I/O ports in one capability. */
static void testWholeTables(void)
{
    seL4_CPtr untyped = newUntyped(16), pages = allocSlots(8), pools = allocSlots(8), ports = allocSlots(1);
    seL4_CPtr space = newObject(seL4_X64_PML4Object, 0);
    seL4_Word i, n = 0;

    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_UntypedObject, 12, ROOT_CNODE, 0, 0, pages, 8), 0);
    for (i = 0; i < 8; i++)
        n += seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, pages + i, ROOT_CNODE, pools + i, 64) == 0;
    CHECK_EQ(n, 7);
    CHECK_EQ(seL4_X86_ASIDPool_Assign(pools + 3, space), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, untyped, 64), 0);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x1000, 0xffff, ROOT_CNODE, ports, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ports, 64), 0);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x1000, 0xffff, ROOT_CNODE, ports, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ports, 64), 0);
}

/* 64 CNodes of two slots each: the longest way to a capability.  ~0 leads to `end', ~1 to `other' (0: nowhere).  Returns the first. */
static seL4_CPtr deepSpace(seL4_CPtr end, seL4_CPtr other)
{
    seL4_CPtr untyped = newUntyped(12), nodes = allocSlots(64);
    seL4_Word i, failed = 0;

    CHECK_EQ(seL4_Untyped_Retype(untyped, seL4_CapTableObject, 1, ROOT_CNODE, 0, 0, nodes, 64), 0);
    for (i = 0; i < 63; i++)
        failed += seL4_CNode_Copy(nodes + i, 1, 1, ROOT_CNODE, nodes + i + 1, 64, seL4_AllRights) != 0;
    failed += seL4_CNode_Copy(nodes + 63, 1, 1, ROOT_CNODE, end, 64, seL4_AllRights) != 0;
    failed += other != 0 && seL4_CNode_Copy(nodes + 63, 0, 1, ROOT_CNODE, other, 64, seL4_AllRights) != 0;
    CHECK_EQ(failed, 0);
    return nodes;
}

static volatile seL4_Word deepReceived;

/* The longest message with three capabilities, through a capability that is deep down, to receivers as deep. */
static void deepClient(seL4_Word cap, seL4_Word buffer)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    message_t m = {.info = seL4_MessageInfo_new(1, 0, 3, 120).words[0]};

    for (;;) {
        ipc->caps_or_badges[0] = ipc->caps_or_badges[1] = ipc->caps_or_badges[2] = cap;
        m.info = seL4_MessageInfo_new(1, 0, 3, 120).words[0];
        rawCall((seL4_Word)seL4_SysCall, cap, &m);
        deepReceived = m.info >> 7 & 3;
    }
}

static void testDeepSpaces(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), space = deepSpace(ep, 0);
    seL4_Word badge, rounds, received = 0;
    seL4_MessageInfo_t info;
    thread_t t;

    newThread(&t, deepClient, ~(seL4_Word)0, 0, 250, 0);
    t.context.rsi = (seL4_Word)t.ipc;
    CHECK_EQ(seL4_TCB_SetSpace(t.tcb, 0, space, 0, ROOT_VSPACE, 0), 0);
    CHECK_EQ(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context), 0);
    info = seL4_Recv(ep, &badge);
    for (rounds = 0; rounds < 4; rounds++) {
        received += seL4_MessageInfo_get_extraCaps(info) == 3 && seL4_MessageInfo_get_length(info) == 120;
        info = seL4_ReplyRecv(ep, seL4_MessageInfo_new(0, 0, 0, 120), &badge);
    }
    CHECK_EQ(received, 4);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
}

/* One system call of a thread all of whose addresses are deep, as words of its registers and buffer. */
typedef struct request {
    seL4_Word info, mr[8];
} request_t;

/* ~0 is called, ~1 given three times. */
static void deepCaller(seL4_Word buffer, seL4_Word argument)
{
    const request_t *r = (const request_t *)argument;
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    message_t m = {.info = r->info, .mr = {r->mr[0], r->mr[1], r->mr[2], r->mr[3]}};
    seL4_Word i;

    for (i = 0; i < 3; i++)
        ipc->caps_or_badges[i] = ~1ull;
    for (i = 4; i < 8; i++)
        ipc->msg[i] = r->mr[i];
    rawCall((seL4_Word)seL4_SysCall, ~0ull, &m);
    deepReceived = m.info;
    park();
}

static void startDeep(thread_t *t, void (*f)(seL4_Word, seL4_Word), seL4_CPtr space, seL4_Word argument)
{
    newThread(t, f, 0, argument, 210, 0);
    t->context.rdi = (seL4_Word)t->ipc;
    CHECK_EQ(seL4_TCB_SetSpace(t->tcb, ~0ull, space, 0, ROOT_VSPACE, 0), 0);
    CHECK_EQ(seL4_TCB_WriteRegisters(t->tcb, true, 0, 20, &t->context), 0);
}

/* The call is made in this space, while interrupts come faster than it gets done; its error. */
static seL4_Word deepCall(seL4_CPtr space, const request_t *request)
{
    seL4_Word result;
    thread_t t;

    deepReceived = ~0ull;
    storm = STORM_LENGTH;
    startDeep(&t, deepCaller, space, (seL4_Word)request);
    while (deepReceived == ~0ull)
        seL4_Yield();
    result = deepReceived;
    storm = 0;
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
    return result >> 12;
}

#define DEEP_CALL(label, length, ...) \
    (&(const request_t){.info = seL4_MessageInfo_new(label, 0, 3, length).words[0], .mr = {__VA_ARGS__}})

/* Retype of 256 objects, its untyped, its three extra capabilities and its destination each 64 levels down. */
static void testDeepRetype(void)
{
    static const seL4_Word types[] = {seL4_TCBObject, seL4_EndpointObject, seL4_CapTableObject, seL4_X64_PML4Object};
    seL4_CPtr untyped = newUntyped(20), node = newObject(seL4_CapTableObject, 8), slot = allocSlots(1);
    seL4_CPtr space = deepSpace(untyped, deepSpace(node, 0));
    seL4_Word i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        CHECK_EQ(deepCall(space, DEEP_CALL(UntypedRetype, 6, types[i], 1, ~0ull, 64, 0, 256)), 0);
        CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, slot, 64, node, 255, 8), 0);
        CHECK_EQ(seL4_CNode_Revoke(space + 63, 1, 1), 0);
    }
}

/* What takes long behind the lookups: tables of ASIDs and ports, three slots of a CNode. */
static void testDeepNodes(void)
{
    seL4_CPtr node = deepSpace(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB), space = deepSpace(node, node);
    seL4_CPtr control = deepSpace(node, node), page = newUntyped(12), pool = allocSlots(1);

    CHECK_EQ(deepCall(space, DEEP_CALL(CNodeRotate, 8, ~0ull, 64, 0, ~1ull, 64, 0, ~0ull, 64)), 0);
    CHECK_EQ(deepCall(space, DEEP_CALL(CNodeDelete, 2, ~0ull, 64)), 0);
    CHECK_ERROR(seL4_CNode_Delete(control + 63, 1, 1), 0);
    CHECK_ERROR(seL4_CNode_Move(control + 63, 1, 1, ROOT_CNODE, seL4_CapIOPortControl, 64), 0);
    CHECK_EQ(deepCall(control, DEEP_CALL(X86IOPortControlIssue, 4, 0x1000, 0xffff, ~0ull, 64)), 0);
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, seL4_CapIOPortControl, 64, control + 63, 1, 1), 0);
    CHECK_EQ(deepCall(space, DEEP_CALL(CNodeDelete, 2, ~0ull, 64)), 0);
    CHECK_EQ(fillPool(page, pool), 0);
    CHECK_EQ(seL4_CNode_Move(node, ~0ull, 64, ROOT_CNODE, pool, 64), 0);
    CHECK_EQ(deepCall(space, DEEP_CALL(CNodeDelete, 2, ~0ull, 64)), 0);
}

/* Receives into the slot that ~0 leads to below ~1. */
static void setReceiveSlot(seL4_IPCBuffer *ipc)
{
    ipc->receiveCNode = ~1ull;
    ipc->receiveIndex = ~0ull;
    ipc->receiveDepth = 64;
}

static volatile seL4_Word exchanges;

static void deepClientOf(seL4_Word buffer, seL4_Word unused)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    message_t m;

    for (;;) {
        setReceiveSlot(ipc);
        ipc->caps_or_badges[0] = ipc->caps_or_badges[1] = ipc->caps_or_badges[2] = ~0ull;
        m.info = seL4_MessageInfo_new(1, 0, 3, 120).words[0];
        rawCall((seL4_Word)seL4_SysCall, ~0ull, &m);
        exchanges++;
    }
}

static void deepServer(seL4_Word buffer, seL4_Word unused)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    message_t m;

    setReceiveSlot(ipc);
    m.info = 0;
    rawCall((seL4_Word)seL4_SysRecv, ~0ull, &m);
    while (exchanges < 8) {
        ipc->caps_or_badges[0] = ipc->caps_or_badges[1] = ipc->caps_or_badges[2] = ~0ull;
        m.info = seL4_MessageInfo_new(0, 0, 3, 120).words[0];
        rawCall((seL4_Word)seL4_SysReplyRecv, ~0ull, &m);
    }
    park();
}

/* Messages with three capabilities both ways, into slots as deep as everything else. */
static void testDeepMessages(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), node = deepSpace(ep, 0), space = deepSpace(ep, node);
    thread_t clients[2], server;

    CHECK_EQ(seL4_CNode_Delete(node + 63, 1, 1), 0);
    exchanges = 0;
    storm = STORM_LENGTH;
    startDeep(&clients[0], deepClientOf, space, 0);
    startDeep(&clients[1], deepClientOf, space, 0);
    startDeep(&server, deepServer, space, 0);
    while (exchanges < 8)
        seL4_Yield();
    storm = 0;
    CHECK_ERROR(seL4_CNode_Delete(node + 63, 1, 1), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, clients[0].tcb, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, clients[1].tcb, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, server.tcb, 64), 0);
}

/* The third capability leads nowhere, at the last level; the way to the fault handler is as long. */
static void deepFaulter(seL4_Word buffer, seL4_Word unused)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    message_t m = {.info = seL4_MessageInfo_new(1, 0, 3, 0).words[0]};

    ipc->caps_or_badges[0] = ipc->caps_or_badges[1] = ~0ull;
    ipc->caps_or_badges[2] = ~2ull;
    rawCall((seL4_Word)seL4_SysCall, ~0ull, &m);
    park();
}

static void testDeepFault(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), space = deepSpace(ep, 0);
    seL4_Word badge, mr[4];
    seL4_MessageInfo_t info;
    thread_t t;

    CHECK_EQ(seL4_CNode_Mint(space + 62, 0, 1, ROOT_CNODE, space, 64, seL4_AllRights, 1), 0);
    startDeep(&t, deepFaulter, space, 0);
    info = seL4_RecvWithMRs(ep, &badge, &mr[0], &mr[1], &mr[2], &mr[3]);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    CHECK_EQ(mr[1], ~2ull);
    CHECK_EQ(mr[3], seL4_GuardMismatch);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
}

/* A large CNode, a third of it full. */
static void testBigNode(void)
{
    seL4_CPtr node = newObject(seL4_CapTableObject, 13), ep = newObject(seL4_EndpointObject, 0);
    seL4_Word i, failed = 0;

    for (i = 0; i < 8192; i += 3)
        failed += seL4_CNode_Copy(node, i, 13, ROOT_CNODE, ep, 64, seL4_AllRights) != 0;
    CHECK_EQ(failed, 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, node, 64), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ep, 64), 0);
}

/* A million capabilities, if there is memory for them, are revoked and their CNode deleted while interrupts are served. */
static void testManyCapabilities(void)
{
    seL4_Word bits, i, failed = 0, before;
    seL4_CPtr memory = 0, objects = 0, node = allocSlots(1);

    for (bits = 20; bits > 8 && (memory == 0 || objects == 0); bits -= 4) {
        memory = tryUntyped(bits + seL4_SlotBits);
        objects = tryUntyped(bits + seL4_EndpointBits);
    }
    bits += 4;
    CHECK_EQ(seL4_Untyped_Retype(memory, seL4_CapTableObject, bits, ROOT_CNODE, 0, 0, node, 1), 0);
    for (i = 0; i < 1ull << bits; i += 256)
        failed += seL4_Untyped_Retype(objects, seL4_EndpointObject, 0, node, 0, 0, i, 256) != 0;
    CHECK_EQ(failed, 0);
    CHECK_ERROR(seL4_CNode_Copy(node, 0, bits, ROOT_CNODE, seL4_CapInitThreadTCB, 64, seL4_AllRights), seL4_DeleteFirst);
    before = interrupts;
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, objects, 64), 0);
    putNumber(1ull << bits);
    putString(" capabilities revoked, interrupts served meanwhile: ");
    putNumber(interrupts - before);
    putString("\n");
    CHECK(bits < 20 || interrupts - before > 10);
    for (i = 0; i < 1ull << bits; i += 4999)
        failed += seL4_CNode_Copy(node, i, bits, ROOT_CNODE, seL4_CapInitThreadTCB, 64, seL4_AllRights) != 0;
    CHECK_EQ(failed, 0);
    before = interrupts;
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, node, 64), 0);
    CHECK(bits < 20 || interrupts - before > 10);
}

void testLatency(void)
{
    makeThreads();
    startInterrupts();
    testEndpointWithWaiters();
    testInterruptWithWaiters();
    testCancelBadgedSends();
    testRetype();
    testWholeTables();
    testFullPool();
    testDeepSpaces();
    testDeepRetype();
    testDeepNodes();
    testDeepMessages();
    testDeepFault();
    testBigNode();
    testManyCapabilities();
    stopInterrupts();
}
