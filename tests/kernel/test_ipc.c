/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 3 of the ABI: endpoints, replies, capability transfer, restarts. */
#include "tests/kernel/tests.h"

static seL4_CPtr endpoint, done;
static volatile seL4_Word seen[8];

static seL4_CPtr badgedCopy(seL4_CPtr cap, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = allocSlots(1);

    CHECK_EQ(seL4_CNode_Mint(ROOT_CNODE, slot, 64, ROOT_CNODE, cap, 64, rights, badge), 0);
    return slot;
}

/* Calls once with 4 registers (n, n+1, ...), publishes what came back, signals, ends. */
static void client(seL4_Word cap, seL4_Word n)
{
    message_t m = {.info = seL4_MessageInfo_new(7, 5, 0, 4).words[0], .mr = {n, n + 1, n + 2, n + 3}};
    int i;

    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    seen[0] = m.badge;
    seen[1] = m.info;
    for (i = 0; i < 4; i++)
        seen[2 + i] = m.mr[i];
    seL4_Signal(done);
    park();
}

static void finish(thread_t *t)
{
    CHECK_EQ(seL4_TCB_Suspend(t->tcb), 0);
}

/* priority decides whether the server runs at once (fast path) or is found waiting later. */
static void testCallReply(seL4_Word priority)
{
    seL4_CPtr badged = badgedCopy(endpoint, seL4_AllRights, 0xabcd);
    seL4_MessageInfo_t info;
    seL4_Word badge, mr[4];
    thread_t t;

    newThread(&t, client, badged, 100, priority, 0);
    startThread(&t);
    info = seL4_RecvWithMRs(endpoint, &badge, &mr[0], &mr[1], &mr[2], &mr[3]);
    CHECK_EQ(badge, 0xabcd);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(7, 0, 0, 4).words[0]);
    CHECK_EQ(mr[0], 100);
    CHECK_EQ(mr[1], 101);
    CHECK_EQ(mr[2], 102);
    CHECK_EQ(mr[3], 103);
    seL4_SetMR(0, 55);
    seL4_SetMR(1, 66);
    seL4_Reply(seL4_MessageInfo_new(9, 7, 0, 1));
    seL4_Wait(done, &badge);
    CHECK_EQ(badge, 0);
    CHECK_EQ(seen[0], 0);
    CHECK_EQ(seen[1], seL4_MessageInfo_new(9, 0, 0, 1).words[0]);
    CHECK_EQ(seen[2], 55);
    CHECK_EQ(seen[3], 101);
    CHECK_EQ(seen[4], 102);
    CHECK_EQ(seen[5], 103);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0)); /* nobody waits: no effect */
    finish(&t);
}

/* A reply capability in a slot answers later, once. */
static void testSaveCaller(void)
{
    seL4_CPtr slot = allocSlots(1), copy = allocSlots(1);
    thread_t t;

    newThread(&t, client, endpoint, 1, 100, 0);
    startThread(&t);
    seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_CNode_SaveCaller(ROOT_CNODE, endpoint, 64), seL4_DeleteFirst);
    CHECK_EQ(seL4_CNode_SaveCaller(ROOT_CNODE, slot, 64), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, copy, 64, ROOT_CNODE, slot, 64, seL4_AllRights), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_SaveCaller(ROOT_CNODE, copy, 64), 0);
    seL4_SetMR(0, 77);
    seL4_Send(slot, seL4_MessageInfo_new(3, 0, 0, 1));
    seL4_Wait(done, NULL);
    CHECK_EQ(seen[1] >> 12, 3);
    CHECK_EQ(seen[2], 77);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, slot, 64), 0);
    finish(&t);
}

static void longClient(seL4_Word cap, seL4_Word ipc)
{
    seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)ipc;
    message_t m = {.info = seL4_MessageInfo_new(1, 0, 0, 127).words[0], .mr = {0, 1, 2, 3}};
    seL4_Word i;

    for (i = 4; i < 120; i++)
        buffer->msg[i] = i;
    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    seen[0] = m.info;
    seen[1] = buffer->msg[119];
    seL4_Signal(done);
    park();
}

static void testLongMessages(void)
{
    seL4_MessageInfo_t info;
    seL4_Word i, wrong = 0;
    thread_t t;

    newThread(&t, longClient, endpoint, 0, 100, 0);
    t.context.rsi = (seL4_Word)t.ipc;
    seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context);
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_length(info), 120);
    for (i = 0; i < 120; i++)
        wrong += seL4_GetMR((int)i) != i;
    CHECK_EQ(wrong, 0);
    seL4_SetMR(119, 4711);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 120));
    seL4_Wait(done, NULL);
    CHECK_EQ(seen[0], 120);
    CHECK_EQ(seen[1], 4711);
    finish(&t);

    /* Without a buffer of the sender only the registers arrive. */
    newThread(&t, client, endpoint, 0, 100, 0);
    CHECK_EQ(seL4_TCB_SetIPCBuffer(t.tcb, 0, 0), 0);
    t.context.rip = (seL4_Word)longClient;
    t.context.rsi = (seL4_Word)t.ipc;
    seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context);
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_length(info), 4);
    finish(&t);
}

static void capClient(seL4_Word cap, seL4_Word ipc)
{
    seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)ipc;
    message_t m = {.info = seL4_MessageInfo_new(1, 0, 3, 0).words[0]};

    buffer->caps_or_badges[0] = cap;
    buffer->caps_or_badges[1] = done;
    buffer->caps_or_badges[2] = cap;
    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    seL4_Signal(done);
    park();
}

static void startCapClient(thread_t *t, seL4_CPtr cap)
{
    newThread(t, capClient, cap, 0, 100, 0);
    t->context.rsi = (seL4_Word)t->ipc;
    seL4_TCB_WriteRegisters(t->tcb, true, 0, 20, &t->context);
}

static void testCapTransfer(void)
{
    seL4_CPtr badged = badgedCopy(endpoint, seL4_AllRights, 5), slot = allocSlots(1);
    seL4_CPtr noGrant = badgedCopy(endpoint, seL4_CapRights_new(1, 0, 1, 1), 6);
    seL4_MessageInfo_t info;
    thread_t t;

    seL4_SetCapReceivePath(ROOT_CNODE, slot, 64);
    startCapClient(&t, badged);
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_extraCaps(info), 3);
    CHECK_EQ(seL4_MessageInfo_get_capsUnwrapped(info), 5);
    CHECK_EQ(seL4_GetBadge(0), 5);
    CHECK_EQ(seL4_GetBadge(2), 5);
    seL4_Signal(slot); /* the received capability is the notification */
    seL4_Wait(done, NULL);
    finish(&t);

    /* The slot is full now: transfer stops at the second capability. */
    startCapClient(&t, badged);
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_extraCaps(info), 1);
    CHECK_EQ(seL4_MessageInfo_get_capsUnwrapped(info), 1);
    finish(&t);

    /* Without Grant nothing is transferred. */
    startCapClient(&t, noGrant);
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_extraCaps(info), 0);
    finish(&t);
    seL4_CNode_Delete(ROOT_CNODE, slot, 64);
    seL4_SetCapReceivePath(0, 0, 0);
}

/* A thread stopped in a call goes back to the call when it is resumed. */
static void testRestart(void)
{
    seL4_Word badge, mr[4], i;
    seL4_UserContext context;
    thread_t t;

    newThread(&t, client, endpoint, 30, 100, 0);
    startThread(&t);
    for (i = 0; i < 3; i++) {
        seL4_RecvWithMRs(endpoint, &badge, &mr[0], &mr[1], &mr[2], &mr[3]);
        CHECK_EQ(mr[0], 30);
        CHECK_EQ(mr[3], 33);
        CHECK_EQ(seL4_TCB_ReadRegisters(t.tcb, true, 0, 20, &context), 0);
        CHECK_EQ(context.rdi, endpoint);
        CHECK_EQ(context.rdx, (seL4_Word)seL4_SysCall);
        CHECK_EQ(*(const uint16_t *)context.rip, 0x050f);
        CHECK_EQ(seL4_TCB_Resume(t.tcb), 0);
    }
    finish(&t);
}

static void testNonBlocking(void)
{
    seL4_CPtr badged = badgedCopy(endpoint, seL4_AllRights, 99);
    seL4_Word badge = 1;
    thread_t t;

    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 0);
    seL4_NBSend(endpoint, seL4_MessageInfo_new(1, 0, 0, 0));
    seL4_NBSend(0x7fffffff, seL4_MessageInfo_new(1, 0, 0, 0));
    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 0);
    newThread(&t, client, badged, 1, 100, 0);
    startThread(&t);
    settle();
    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 99);
    finish(&t);
}

/* CancelBadgedSends restarts just the senders with that badge: with their capability gone their calls fail, the others still wait. */
static void testCancelBadged(void)
{
    seL4_CPtr badged[3] = {badgedCopy(endpoint, seL4_AllRights, 1), badgedCopy(endpoint, seL4_AllRights, 2),
                           badgedCopy(endpoint, seL4_AllRights, 1)};
    seL4_CPtr faults = newObject(seL4_EndpointObject, 0);
    seL4_Word badge, i;
    thread_t t[4];

    seen[1] = 0;
    for (i = 0; i < 4; i++) {
        newThread(&t[i], client, i == 3 ? endpoint : badged[i], i, 100, faults);
        startThread(&t[i]);
        settle();
    }
    CHECK_EQ(seL4_CNode_CancelBadgedSends(ROOT_CNODE, endpoint, 64), 0); /* badge 0: nothing */
    CHECK_EQ(seL4_CNode_CancelBadgedSends(ROOT_CNODE, badged[0], 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, badged[0], 64), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, badged[2], 64), 0);
    settle();
    CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], 0); /* a call on an empty slot is an error, no fault */
    CHECK_EQ(seen[1], seL4_MessageInfo_new(seL4_InvalidCapability, 0, 0, 1).words[0]);
    CHECK_EQ(seen[2], 0);
    seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(badge, 2);
    CHECK_EQ(seL4_NBRecv(endpoint, &badge).words[0], seL4_MessageInfo_new(7, 0, 0, 4).words[0]);
    CHECK_EQ(badge, 0);
    CHECK_EQ(seL4_NBRecv(endpoint, &badge).words[0], 0);
    for (i = 0; i < 4; i++)
        finish(&t[i]);
}

static void testCallWithoutGrant(void)
{
    seL4_CPtr sendOnly = badgedCopy(endpoint, seL4_CanWrite, 3);
    seL4_Word badge;
    thread_t t;

    newThread(&t, client, sendOnly, 1, 100, 0);
    startThread(&t);
    seen[0] = 12345;
    seL4_Recv(endpoint, &badge);
    CHECK_EQ(badge, 3);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    settle();
    CHECK_EQ(seen[0], 12345);
    finish(&t);
}

/* Answers each call with its number. */
static void numberServer(seL4_Word cap, seL4_Word number)
{
    message_t m = {.info = 0};

    x64_sys_recv((seL4_Word)seL4_SysRecv, cap, &m.badge, &m.info, &m.mr[0], &m.mr[1], &m.mr[2], &m.mr[3]);
    for (;;) {
        m.mr[0] = number;
        m.info = seL4_MessageInfo_new(0, 0, 0, 1).words[0];
        rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
    }
}

/* Servers that wait at one endpoint serve in turn: first in, first out. */
static void testSeveralServers(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0);
    seL4_Word i, mr[4], served[9];
    thread_t t[3];

    for (i = 0; i < 3; i++) {
        newThread(&t[i], numberServer, ep, i, 255, 0);
        startThread(&t[i]);
    }
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 100), 0);
    for (i = 0; i < 9; i++) {
        seL4_CallWithMRs(ep, seL4_MessageInfo_new(0, 0, 0, 0), &mr[0], NULL, NULL, NULL);
        served[i] = mr[0];
    }
    CHECK_EQ(served[0] + served[1] + served[2], 0 + 1 + 2);
    CHECK(served[0] != served[1]);
    for (i = 3; i < 9; i++)
        CHECK_EQ(served[i], served[i - 3]);
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255), 0);
    for (i = 0; i < 3; i++)
        finish(&t[i]);
}

void testIPC(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    done = newObject(seL4_NotificationObject, 0);
    testCallReply(100);
    testCallReply(255);
    testSaveCaller();
    testLongMessages();
    testCapTransfer();
    testRestart();
    testNonBlocking();
    testCancelBadged();
    testCallWithoutGrant();
    testSeveralServers();
}
