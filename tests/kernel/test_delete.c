/* SPDX-License-Identifier: BSD-2-Clause */
/* Deletion and revocation of threads, CNodes, endpoints; large ones, preempted on the way. */
#include "tests/kernel/tests.h"

static volatile seL4_Word ran, ticks;

static void blocked(seL4_Word cap, seL4_Word unused)
{
    ran = 1;
    seL4_Wait(cap, NULL);
    ran = 2;
    for (;;)
        seL4_Yield();
}

/* Waiters on an endpoint that goes away restart, and fault. */
static void testEndpoint(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), faults = newObject(seL4_EndpointObject, 0);
    seL4_MessageInfo_t info;
    seL4_Word badge;
    thread_t t;

    newThread(&t, blocked, ep, 0, 255, faults);
    startThread(&t);
    seL4_Yield();
    CHECK_EQ(ran, 1);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, ep, 64), 0);
    info = seL4_Recv(faults, &badge);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_CapFault);
    CHECK_EQ(ran, 1);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    seL4_Yield();
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

static void ticker(seL4_Word cap, seL4_Word unused)
{
    for (;;) {
        seL4_Wait(cap, NULL);
        ticks++;
    }
}

/* 4096 copies in a CNode of their own, revoked in one call. */
static void testBigRevoke(void)
{
    seL4_CPtr node = newObject(seL4_CapTableObject, 12), ep = newObject(seL4_EndpointObject, 0);
    seL4_Word i, failed = 0;
    thread_t t;

    newThread(&t, ticker, newObject(seL4_NotificationObject, 0), 0, 255, 0);
    startThread(&t);
    for (i = 0; i < 4096; i++)
        failed += seL4_CNode_Copy(node, i, 12, ROOT_CNODE, ep, 64, seL4_AllRights) != 0;
    CHECK_EQ(failed, 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ep, 64), 0);
    CHECK_EQ(seL4_CNode_Copy(node, 0, 12, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Copy(node, 4095, 12, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, node, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, t.tcb, 64), 0);
}

/* A thread whose reply capability is deleted stays stopped until it is resumed. */
static void caller(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    ran = 3;
    for (;;)
        seL4_Yield();
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
    testBigRevoke();
    testReplyCap();
    testRevokeAll();
}
