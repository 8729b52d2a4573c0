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
    thread_t t;

    newThread(&t, waiter, ntfn, 0, 255, 0);
    startThread(&t);
    settle();
    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, ntfn), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 254), 0);
    seL4_Signal(badge1);
    CHECK_EQ(received, 1); /* higher priority: it ran at once */
    CHECK_EQ(seL4_TCB_SetPriority(t.tcb, seL4_CapInitThreadTCB, 253), 0);
    seL4_Signal(badge2);
    CHECK_EQ(received, 1); /* lower priority: later */
    settle();
    CHECK_EQ(received, 0x10);
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

static void caller(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    park();
}

/* A signal that came while a caller was served is taken by the very ReplyRecv that answers it. */
static void testBoundReplyRecv(void)
{
    seL4_Word badge = 0;
    thread_t t;

    CHECK_EQ(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, ntfn), 0);
    newThread(&t, caller, endpoint, 0, 255, 0);
    startThread(&t);
    seL4_Recv(endpoint, &badge);
    CHECK_EQ(badge, 0);
    seL4_Signal(badge2);
    seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge);
    CHECK_EQ(badge, 0x10);
    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 0);
    CHECK_EQ(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB), 0);
    deleteCap(t.tcb);
}

static void signaller(seL4_Word cap, seL4_Word unused)
{
    seL4_Signal(cap);
    park();
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

static volatile seL4_Word state[4];

/* Receives for ever: the badge and the first register of each message. */
static void receiver(seL4_Word cap, seL4_Word unused)
{
    message_t m;

    for (;;) {
        m = (message_t){.info = 0x777, .mr = {1, 2, 3, 4}};
        rawCall((seL4_Word)seL4_SysRecv, cap, &m);
        state[0]++;
        state[1] = m.badge;
        state[2] = m.info;
        state[3] = m.mr[0];
    }
}

static void sendOne(seL4_Word cap, seL4_Word n)
{
    x64_sys_send((seL4_Word)seL4_SysSend, cap, seL4_MessageInfo_new(3, 0, 0, 1).words[0], n, 0, 0, 0);
    park();
}

/* A bound thread: signals while it waits, while it runs, while senders queue; others may not wait; deletion unbinds. */
static void testBoundThread(void)
{
    seL4_CPtr own = newObject(seL4_NotificationObject, 0), badged = allocSlots(1), faults = newObject(seL4_EndpointObject, 0);
    seL4_CPtr queue = newObject(seL4_EndpointObject, 0);
    thread_t t, other, sender;

    seL4_CNode_Mint(ROOT_CNODE, badged, 64, ROOT_CNODE, own, 64, seL4_AllRights, 0x200);
    newThread(&t, receiver, queue, 0, 100, 0);
    CHECK_ERROR(seL4_TCB_BindNotification(t.tcb, own), 0);
    seL4_Signal(badged); /* before it runs */
    startThread(&t);
    settle();
    CHECK_EQ(state[0], 1);
    CHECK_EQ(state[1], 0x200);
    CHECK_EQ(state[2], 0x777); /* info and registers are left alone */
    CHECK_EQ(state[3], 1);
    seL4_Signal(badged); /* while it waits on the endpoint */
    settle();
    CHECK_EQ(state[0], 2);
    CHECK_EQ(state[2], 0x777);
    newThread(&other, waiter, own, 0, 90, faults);
    startThread(&other);
    settle();
    CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_BitsLeft), 0);
    newThread(&sender, sendOne, queue, 66, 90, 0);
    startThread(&sender);
    settle();
    CHECK_EQ(state[0], 3);
    CHECK_EQ(state[3], 66);
    /* A pending signal comes before a waiting sender. */
    CHECK_ERROR(seL4_TCB_Suspend(t.tcb), 0);
    seL4_TCB_Suspend(sender.tcb);
    CHECK_ERROR(seL4_TCB_WriteRegisters(sender.tcb, true, 0, 20, &sender.context), 0);
    settle();
    seL4_Signal(badged);
    CHECK_ERROR(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 101), 0);
    CHECK_ERROR(seL4_TCB_Resume(t.tcb), 0);
    CHECK_ERROR(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255), 0);
    settle();
    CHECK_EQ(state[0], 5);
    CHECK_EQ(state[3], 66);
    /* Without its thread the notification can be bound again, and without its notification the thread. */
    CHECK_ERROR(deleteCap(t.tcb), 0);
    CHECK_ERROR(seL4_TCB_BindNotification(other.tcb, own), 0);
    deleteCap(badged);
    CHECK_ERROR(deleteCap(own), 0);
    CHECK_ERROR(seL4_TCB_UnbindNotification(other.tcb), seL4_IllegalOperation);
    deleteCap(other.tcb);
    deleteCap(sender.tcb);
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
    testBoundReplyRecv();
    testBoundWakes();
    testBoundThread();
}
