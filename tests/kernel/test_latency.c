/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long operations while interrupts come in: each must be preempted, go on, and end as if nothing had been.
 * Under tools/count.c this is what makes the longest stretches without interrupts (tests/kernel/run.py, "interrupts").
 */
#include "tests/kernel/tests.h"

#define THREADS 192
#define PIT_PIN 2
#define PIT_COUNT 40 /* 34 microseconds */

static seL4_CPtr tcbs, faults, acker;
static char *stacks;
static volatile seL4_Word interrupts, arrived, order[THREADS];
static thread_t ackThread;

static void ackForever(seL4_Word ntfn, seL4_Word irq)
{
    for (;;) {
        seL4_Wait(ntfn, NULL);
        interrupts++;
        seL4_IRQHandler_Ack(irq);
    }
}

static void pit(seL4_Word command, seL4_Word count)
{
    seL4_X86_IOPort_Out8(pitPorts, 0x43, command);
    seL4_X86_IOPort_Out8(pitPorts, 0x40, count & 255);
    seL4_X86_IOPort_Out8(pitPorts, 0x40, count >> 8);
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
    pit(0x34, PIT_COUNT);
}

static void stopInterrupts(void)
{
    seL4_Word i;

    for (i = 0; i < 5000000 && interrupts <= 10; i++) /* a busy host may have held the clock back */
        seL4_Yield();
    pit(0x30, 0xffff);
    CHECK(interrupts > 10);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, acker, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ackThread.tcb, 64), 0);
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
    arrived++;
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

    order[arrived++] = number;
    seL4_SendWithMRs(caps + number % 3, seL4_MessageInfo_new(0, 0, 0, 1), &mr0, NULL, NULL, NULL);
    for (;;)
        seL4_Yield();
}

/* Those with the badge go to the end of the queue, for they send again; the others keep their order. */
static void testCancelBadgedSends(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), badged = allocSlots(3);
    seL4_Word i, badge, mr0, next = 0, others = 0, ordered = 0, cancelled = 0;

    for (i = 0; i < 3; i++)
        CHECK_EQ(seL4_CNode_Mint(ROOT_CNODE, badged + i, 64, ROOT_CNODE, ep, 64, seL4_AllRights, i + 1), 0);
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
    CHECK_EQ(ordered, others);
    for (i = 0; i < THREADS; i++)
        seL4_TCB_Suspend(tcbs + i);
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

/* Retype of 256 threads, its untyped, its three extra capabilities and its destination each 64 levels down. */
static void deepMaker(seL4_Word buffer, seL4_Word type)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)buffer;
    message_t m = {.info = seL4_MessageInfo_new(UntypedRetype, 0, 3, 6).words[0], .mr = {type, 1, ~0ull, 64}};

    ipc->caps_or_badges[0] = ipc->caps_or_badges[1] = ipc->caps_or_badges[2] = ~1ull;
    ipc->msg[4] = 0;
    ipc->msg[5] = 256;
    rawCall((seL4_Word)seL4_SysCall, ~0ull, &m);
    deepReceived = m.info;
    park();
}

static void testDeepRetype(void)
{
    static const seL4_Word types[] = {seL4_TCBObject, seL4_EndpointObject, seL4_CapTableObject, seL4_X64_PML4Object};
    seL4_CPtr untyped = newUntyped(20), node = newObject(seL4_CapTableObject, 8), slot = allocSlots(1);
    seL4_CPtr space = deepSpace(untyped, deepSpace(node, 0));
    seL4_Word i;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        thread_t t;

        deepReceived = 1;
        newThread(&t, deepMaker, 0, types[i], 200, 0);
        t.context.rdi = (seL4_Word)t.ipc;
        CHECK_EQ(seL4_TCB_SetSpace(t.tcb, 0, space, 0, ROOT_VSPACE, 0), 0);
        CHECK_EQ(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context), 0);
        while (deepReceived == 1)
            seL4_Yield();
        CHECK_EQ(deepReceived, 0);
        CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, slot, 64, node, 255, 8), 0);
        CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
        CHECK_EQ(seL4_CNode_Revoke(space + 63, 1, 1), 0);
    }
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
    testDeepSpaces();
    testDeepRetype();
    testBigNode();
    testManyCapabilities();
    stopInterrupts();
}
