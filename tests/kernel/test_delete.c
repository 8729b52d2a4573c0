/* SPDX-License-Identifier: BSD-2-Clause */
/* Deletion and revocation of threads, CNodes, endpoints; large ones, preempted on the way. */
#include "tests/kernel/tests.h"

static volatile seL4_Word ran;

static void blocked(seL4_Word cap, seL4_Word unused)
{
    ran = 1;
    seL4_Wait(cap, NULL);
    ran = 2;
    park();
}

/* Waiters on an endpoint that goes away restart, and fault. */
static void testEndpoint(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), faults = newObject(seL4_EndpointObject, 0);
    seL4_MessageInfo_t info;
    seL4_Word badge;
    thread_t t;

    newThread(&t, blocked, ep, 0, 100, faults);
    startThread(&t);
    settle();
    CHECK_EQ(ran, 1);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ep, 64), 0);
    info = seL4_Recv(faults, &badge);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    CHECK_EQ(ran, 1);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    settle();
    CHECK_EQ(ran, 1);
}

/* CNodes that hold one another and themselves. */
static void testCycles(void)
{
    seL4_CPtr ut = newUntyped(16), slot = allocSlots(3), a = slot, b = slot + 1;

    CHECK_EQ(seL4_Untyped_Retype(ut, seL4_CapTableObject, 3, ROOT_CNODE, 0, 0, slot, 2), 0);
    CHECK_EQ(seL4_CNode_Copy(a, 0, 3, ROOT_CNODE, b, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Copy(a, 5, 3, ROOT_CNODE, a, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Copy(b, 7, 3, ROOT_CNODE, a, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Move(a, 1, 3, ROOT_CNODE, b, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, a, 64), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    CHECK_EQ(seL4_Untyped_Retype(ut, seL4_CapTableObject, 3, ROOT_CNODE, 0, 0, slot, 2), 0);
    CHECK_EQ(seL4_CNode_Move(a, 0, 3, ROOT_CNODE, b, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, a, 64), 0);
    CHECK_EQ(seL4_Untyped_Retype(ut, seL4_CapTableObject, 3, ROOT_CNODE, 0, 0, slot, 2), 0);
    CHECK_EQ(seL4_CNode_Copy(b, 0, 3, ROOT_CNODE, a, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Move(a, 0, 3, ROOT_CNODE, a, 64), 0); /* a is now only in itself and in b */
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, b, 64), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    CHECK_EQ(seL4_Untyped_Retype(ut, seL4_X86_4K, 0, ROOT_CNODE, 0, 0, slot, 3), 0);
}

/*
 * Long operations are interrupted: a handler of a better priority, woken by the PIT, sees them half done.  Where the host is slow
 * to deliver the interrupt the operation may be over by then, so each is tried until it was seen.
 */
#define COPIES 4096

static struct {
    seL4_CPtr ntfn, node, slot;
    seL4_IPCBuffer *ipc;
    volatile seL4_Word runs, first, last, zombie;
} watcher;

static seL4_Word copyAs(seL4_CPtr root, seL4_Word index, seL4_Word depth, seL4_CPtr from)
{
    message_t m = {.info = seL4_MessageInfo_new(CNodeCopy, 0, 1, 5).words[0], .mr = {index, depth, from, 64}};

    watcher.ipc->caps_or_badges[0] = ROOT_CNODE;
    watcher.ipc->msg[4] = 15;
    rawCall((seL4_Word)seL4_SysCall, root, &m);
    return labelOf(m.info);
}

/* What each wake-up finds: whether slots of the node are still full, and what the node's own slot holds. */
static void watch(seL4_Word unused1, seL4_Word unused2)
{
    for (;;) {
        x64_sys_short((seL4_Word)seL4_SysRecv, watcher.ntfn, 0);
        watcher.first = copyAs(watcher.node, 0, 12, seL4_CapInitThreadTCB);
        watcher.last = copyAs(watcher.node, COPIES - 1, 12, seL4_CapInitThreadTCB);
        watcher.zombie = copyAs(ROOT_CNODE, watcher.slot, 64, watcher.node);
        watcher.runs++;
    }
}

static seL4_CPtr irq;

static void interruptSoon(void)
{
    seL4_IRQHandler_Ack(irq);
    seL4_X86_IOPort_Out8(pitPorts, 0x43, 0x30);
    seL4_X86_IOPort_Out8(pitPorts, 0x40, 200);
    seL4_X86_IOPort_Out8(pitPorts, 0x40, 0);
}

static void fillNode(seL4_CPtr ep)
{
    seL4_Word i, failed = 0;

    for (i = 0; i < COPIES; i++)
        failed += seL4_CNode_Copy(watcher.node, i, 12, ROOT_CNODE, ep, 64, seL4_AllRights) != 0;
    CHECK_EQ(failed, 0);
}

/* Waits until the handler has run, wherever that was. */
static void awaitWatcher(seL4_Word runs)
{
    while (watcher.runs == runs)
        seL4_Yield();
}

static void testPreemptedRevoke(seL4_CPtr ep)
{
    seL4_Word round, runs;
    bool seen = false;

    for (round = 0; round < 30 && !seen; round++) {
        fillNode(ep);
        runs = watcher.runs;
        interruptSoon();
        CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ep, 64), 0);
        awaitWatcher(runs);
        seen = watcher.last == 0 && watcher.first == seL4_DeleteFirst; /* the youngest goes first */
        seL4_CNode_Delete(watcher.node, 0, 12);
        seL4_CNode_Delete(watcher.node, COPIES - 1, 12);
    }
    CHECK(seen);
    CHECK_EQ(seL4_CNode_Copy(watcher.node, 2000, 12, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Delete(watcher.node, 2000, 12), 0);
}

static void testPreemptedDelete(seL4_CPtr ep)
{
    seL4_CPtr ut = newUntyped(17);
    seL4_Word round, runs;
    bool seen = false;

    watcher.slot = allocSlots(1);
    for (round = 0; round < 30 && !seen; round++) {
        CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_CapTableObject, 12, ROOT_CNODE, 0, 0, watcher.node, 1), 0);
        fillNode(ep);
        runs = watcher.runs;
        interruptSoon();
        CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, watcher.node, 64), 0);
        awaitWatcher(runs);
        seen = watcher.zombie == seL4_IllegalOperation && watcher.first == seL4_InvalidCapability;
        deleteCap(watcher.slot);
    }
    CHECK(seen);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ep, 64), 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_UntypedObject, 17, ROOT_CNODE, 0, 0, watcher.node, 1), 0);
    CHECK_ERROR(deleteCap(watcher.node), 0);
}

static void testPreemption(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0);
    thread_t t;

    watcher.ntfn = newObject(seL4_NotificationObject, 0);
    watcher.node = newObject(seL4_CapTableObject, 12);
    irq = allocSlots(1);
    CHECK_ERROR(seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT_CNODE, irq, 64, 0, 2, 0, 0, 30), 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, watcher.ntfn), 0);
    newThread(&t, watch, 0, 0, 255, 0);
    watcher.ipc = t.ipc;
    startThread(&t);
    CHECK_ERROR(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 254), 0);
    watcher.slot = allocSlots(1);
    testPreemptedRevoke(ep);
    CHECK_ERROR(deleteCap(watcher.slot), 0);
    CHECK_ERROR(deleteCap(watcher.node), 0);
    testPreemptedDelete(ep);
    CHECK_ERROR(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255), 0);
    CHECK_ERROR(deleteCap(t.tcb), 0);
    CHECK_ERROR(deleteCap(irq), 0);
}

/* A thread whose reply capability is deleted stays stopped until it is resumed. */
static void caller(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    ran = 3;
    park();
}

static void testReplyCap(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), slot = allocSlots(1);
    seL4_Word badge;
    thread_t t;

    ran = 0;
    newThread(&t, caller, ep, 0, 100, 0);
    startThread(&t);
    seL4_Recv(ep, &badge);
    CHECK_EQ(seL4_CNode_SaveCaller(ROOT_CNODE, slot, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, slot, 64), 0);
    seL4_TCB_Resume(t.tcb);
    seL4_Recv(ep, &badge);
    CHECK_EQ(ran, 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    settle();
    CHECK_EQ(ran, 0);
}

/* Everything of a child untyped goes with one revoke, a running thread and its spaces included. */
static void testRevokeAll(void)
{
    seL4_CPtr ut = newUntyped(18), slot = allocSlots(8);
    seL4_UserContext context = {.rip = 0x1000, .rflags = 0x202};
    seL4_Word i;

    for (i = 0; i < 20; i++) {
        CHECK_EQ(seL4_Untyped_Retype(ut, seL4_TCBObject, 0, ROOT_CNODE, 0, 0, slot, 2), 0);
        CHECK_EQ(seL4_Untyped_Retype(ut, seL4_X64_PML4Object, 0, ROOT_CNODE, 0, 0, slot + 2, 1), 0);
        CHECK_EQ(seL4_Untyped_Retype(ut, seL4_CapTableObject, 4, ROOT_CNODE, 0, 0, slot + 3, 1), 0);
        CHECK_EQ(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, slot + 2), 0);
        CHECK_EQ(seL4_TCB_SetSpace(slot, 0, slot + 3, 0, slot + 2, 0), 0);
        CHECK_EQ(seL4_TCB_SetSpace(slot + 1, 0, slot + 3, 0, slot + 2, 0), 0);
        CHECK_EQ(seL4_CNode_Copy(slot + 3, 1, 4, ROOT_CNODE, slot, 64, seL4_AllRights), 0);
        CHECK_EQ(seL4_TCB_WriteRegisters(slot, true, 0, 20, &context), 0);
        CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    }
}

void testDelete(void)
{
    testEndpoint();
    testCycles();
    testPreemption();
    testReplyCap();
    testRevokeAll();
}
