/* SPDX-License-Identifier: BSD-2-Clause */
/* Notifications: signalling, waiting, binding. */
#include "tests/kernel/tests.h"

static seL4_CPtr ntfn, endpoint, badge1, badge2;
static volatile seL4_Word received;

static void waiter(seL4_Word cap, seL4_Word unused)
{
    seL4_Word badge;

    for (;;) {
        seL4_Wait(cap, &badge);
        received = badge;
    }
}

static void testSignals(void)
{
    seL4_Word badge = 1;

    seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0);
    seL4_Signal(badge1);
    seL4_Signal(badge2);
    seL4_Wait(ntfn, &badge);
    CHECK_EQ(badge, 0x11);
    seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0);
}

static void testWaiter(void)
{
    seL4_Word i, early = 1;
    thread_t t;

    newThread(&t, waiter, ntfn, 0, 255, 0);
    startThread(&t);
    seL4_Yield();
    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, ntfn), seL4_IllegalOperation);
    /* Same priority: we go on, unless our time slice ends just here, which cannot happen each time. */
    for (i = 0; i < 5 && early != 0; i++) {
        received = 0;
        seL4_Signal(badge2);
        early = received;
        seL4_Yield();
        CHECK_EQ(received, 0x10);
    }
    CHECK_EQ(early, 0);
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 254), 0);
    seL4_Signal(badge1);
    CHECK_EQ(received, 1); /* higher priority: it ran at once */
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255), 0);
    seL4_TCB_Suspend(t.tcb);
}

static void testBound(void)
{
    seL4_CPtr readOnly = allocSlots(1), other = newObject(seL4_TCBObject, 0);
    seL4_Word badge = 0;

    seL4_CNode_Copy(ROOT_CNODE, readOnly, 64, ROOT_CNODE, ntfn, 64, seL4_CanWrite);
    CHECK_EQ(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, readOnly), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, endpoint), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, ntfn), 0);
    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, ntfn), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_BindNotification(other, ntfn), seL4_IllegalOperation);
    seL4_Signal(badge1);
    seL4_Recv(endpoint, &badge);
    CHECK_EQ(badge, 1);
    seL4_Signal(badge2);
    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 0x10);
    seL4_Signal(badge2);
    seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge);
    CHECK_EQ(badge, 0x10);
    CHECK_EQ(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB), 0);
    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 0);
}

static void signaller(seL4_Word cap, seL4_Word unused)
{
    seL4_Signal(cap);
    for (;;)
        seL4_Yield();
}

/* A signal wakes a bound thread that waits for a message. */
static void testBoundWakes(void)
{
    seL4_Word badge = 0;
    thread_t t;

    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, ntfn), 0);
    newThread(&t, signaller, badge2, 0, 100, 0);
    startThread(&t);
    seL4_Recv(endpoint, &badge);
    CHECK_EQ(badge, 0x10);
    CHECK_EQ(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB), 0);
    seL4_TCB_Suspend(t.tcb);
}

void testNotifications(void)
{
    ntfn = newObject(seL4_NotificationObject, 0);
    endpoint = newObject(seL4_EndpointObject, 0);
    badge1 = allocSlots(1);
    badge2 = allocSlots(1);
    seL4_CNode_Mint(ROOT_CNODE, badge1, 64, ROOT_CNODE, ntfn, 64, seL4_AllRights, 1);
    seL4_CNode_Mint(ROOT_CNODE, badge2, 64, ROOT_CNODE, ntfn, 64, seL4_AllRights, 0x10);
    testSignals();
    testWaiter();
    testBound();
    testBoundWakes();
}
