/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities in messages, SaveCaller, and the less common ways of sending and receiving: section 3 of the ABI.
 */
#include "tests/kernel/tests.h"

static seL4_CPtr endpoint, faults, slot;
static seL4_Word caps[3], capCount, sendCall;
static volatile seL4_Word back[4];

/* Sends (with the system call sendCall) with caps[] and tells what came back. */
static void sender(seL4_Word cap, seL4_Word ipc)
{
    seL4_IPCBuffer *buffer = (seL4_IPCBuffer *)ipc;
    message_t m = {.info = seL4_MessageInfo_new(1, 0, capCount, 1).words[0], .mr = {5}};
    seL4_Word i;

    for (i = 0; i < capCount; i++)
        buffer->caps_or_badges[i] = caps[i];
    rawCall(sendCall, cap, &m);
    back[0] = 1;
    back[1] = m.info;
    back[2] = buffer->caps_or_badges[0];
    park();
}

static thread_t client;

/* Ready, but not before we wait. */
static void prepare(seL4_CPtr cap, seL4_Word sys, seL4_Word n, seL4_Word a, seL4_Word b, seL4_Word c)
{
    caps[0] = a;
    caps[1] = b;
    caps[2] = c;
    capCount = n;
    sendCall = sys;
    back[0] = 0;
    seL4_TCB_Suspend(client.tcb);
    client.context.rdi = cap;
    client.context.rsi = (seL4_Word)client.ipc;
    CHECK_ERROR(seL4_TCB_WriteRegisters(client.tcb, true, 0, 20, &client.context), 0);
}

static void start(seL4_CPtr cap, seL4_Word sys, seL4_Word n, seL4_Word a, seL4_Word b, seL4_Word c)
{
    prepare(cap, sys, n, a, b, c);
    settle();
}

static void expect(seL4_Word extraCaps, seL4_Word unwrapped)
{
    seL4_MessageInfo_t info = seL4_NBRecv(endpoint, NULL);

    CHECK_EQ(info.words[0], seL4_MessageInfo_new(1, unwrapped, extraCaps, 1).words[0]);
}

static void testExtraCaps(void)
{
    seL4_CPtr full = mintCap(endpoint, seL4_AllRights, 0x55), grant = mintCap(endpoint, (seL4_CapRights_t){{5}}, 0x66);
    seL4_CPtr other = newObject(seL4_EndpointObject, 0), ntfn = newObject(seL4_NotificationObject, 0);
    seL4_CPtr badged = mintCap(ntfn, seL4_CanWrite, 0x4000);
    seL4_Word badge, call = (seL4_Word)seL4_SysCall, send = (seL4_Word)seL4_SysSend;

    slot = allocSlots(1);
    seL4_SetCapReceivePath(ROOT_CNODE, slot, 64);
    start(full, call, 1, badged, 0, 0);
    expect(1, 0);
    seL4_Signal(slot);
    seL4_Poll(ntfn, &badge);
    CHECK_EQ(badge, 0x4000);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, badged, 64), 0); /* what was received is derived from what was sent */
    CHECK(isEmptySlot(slot));

    start(grant, send, 1, badged, 0, 0); /* Grant alone is enough, and a Send may carry capabilities */
    expect(1, 0);
    CHECK(!isEmptySlot(slot));
    deleteCap(slot);
    start(full, call, 3, full, grant, endpoint);
    expect(3, 7);
    CHECK_EQ(seL4_GetBadge(0), 0x55);
    CHECK_EQ(seL4_GetBadge(1), 0x66);
    CHECK_EQ(seL4_GetBadge(2), 0);
    CHECK(isEmptySlot(slot));
    start(full, call, 3, other, full, ntfn); /* stops at the second capability that is no badge */
    expect(2, 2);
    CHECK_EQ(seL4_GetBadge(1), 0x55);
    CHECK(!isEmptySlot(slot));
    deleteCap(slot);
    start(full, call, 2, other, ntfn, 0);
    expect(1, 0);
    deleteCap(slot);
    start(full, call, 2, seL4_CapIRQControl, full, 0); /* cannot be derived */
    expect(0, 0);
    CHECK(isEmptySlot(slot));
    start(full, call, 2, slot, full, 0); /* an empty slot is no capability */
    expect(0, 0);
    start(full, call, 1, newObject(seL4_X86_PageTableObject, 0), 0, 0); /* unmapped: cannot be derived */
    expect(0, 0);
    start(mintCap(endpoint, (seL4_CapRights_t){{9}}, 1), call, 1, full, 0, 0); /* without Grant */
    expect(0, 0);
}

static void testReceivePath(void)
{
    seL4_CPtr full = mintCap(endpoint, seL4_AllRights, 0x55), small = newObject(seL4_CapTableObject, 4);
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0);
    seL4_Word call = (seL4_Word)seL4_SysCall;

    seL4_SetCapReceivePath(small, 5, 4);
    start(full, call, 1, ntfn, 0, 0);
    expect(1, 0);
    CHECK_ERROR(seL4_CNode_Copy(small, 5, 4, ROOT_CNODE, ntfn, 64, seL4_AllRights), seL4_DeleteFirst);
    start(full, call, 1, ntfn, 0, 0); /* the slot is full now */
    expect(0, 0);
    CHECK_ERROR(seL4_CNode_Delete(small, 5, 4), 0);
    seL4_SetCapReceivePath(small, 5, 5);
    start(full, call, 1, ntfn, 0, 0);
    expect(0, 0);
    seL4_SetCapReceivePath(small, 5, 0);
    start(full, call, 1, ntfn, 0, 0);
    expect(0, 0);
    seL4_SetCapReceivePath(endpoint, 5, 4);
    start(full, call, 1, ntfn, 0, 0);
    expect(0, 0);
    seL4_SetCapReceivePath(1ull << 63, 5, 4);
    start(full, call, 1, ntfn, 0, 0);
    expect(0, 0);
    CHECK_ERROR(seL4_CNode_Copy(small, 5, 4, ROOT_CNODE, ntfn, 64, seL4_AllRights), 0);
}

/* A reply carries capabilities only if the server received through a capability with Grant. */
static void testReplyCaps(void)
{
    seL4_CPtr full = mintCap(endpoint, seL4_AllRights, 0x55), readOnly = copyCap(endpoint, seL4_CanRead);
    seL4_CPtr receive = allocSlots(1), ntfn = newObject(seL4_NotificationObject, 0);

    client.ipc->receiveCNode = ROOT_CNODE;
    client.ipc->receiveIndex = receive;
    client.ipc->receiveDepth = 64;
    start(full, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(readOnly, NULL);
    seL4_SetCap(0, ntfn);
    seL4_Reply(seL4_MessageInfo_new(4, 0, 1, 0));
    settle();
    CHECK_EQ(back[1], seL4_MessageInfo_new(4, 0, 0, 0).words[0]);
    CHECK(isEmptySlot(receive));
    start(full, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(endpoint, NULL);
    seL4_SetCap(0, ntfn);
    seL4_Reply(seL4_MessageInfo_new(4, 0, 1, 0));
    settle();
    CHECK_EQ(back[1], seL4_MessageInfo_new(4, 0, 1, 0).words[0]);
    CHECK(!isEmptySlot(receive));
    deleteCap(receive);
    /* The same for a server that was there first. */
    prepare(full, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_Recv(readOnly, NULL);
    seL4_SetCap(0, ntfn);
    seL4_Reply(seL4_MessageInfo_new(4, 0, 1, 0));
    settle();
    CHECK_EQ(back[1], seL4_MessageInfo_new(4, 0, 0, 0).words[0]);
    CHECK(isEmptySlot(receive));
    prepare(full, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_Recv(endpoint, NULL);
    seL4_SetCap(0, ntfn);
    seL4_Reply(seL4_MessageInfo_new(4, 0, 1, 0));
    settle();
    CHECK_EQ(back[1], seL4_MessageInfo_new(4, 0, 1, 0).words[0]);
    CHECK_ERROR(deleteCap(receive), 0);
    /* By way of the slow path: the caller is worse than we are, and a capability comes along. */
    prepare(full, (seL4_Word)seL4_SysCall, 1, ntfn, 0, 0);
    seL4_Recv(readOnly, NULL);
    seL4_SetCap(0, ntfn);
    seL4_Reply(seL4_MessageInfo_new(4, 0, 1, 0));
    settle();
    CHECK_EQ(back[1], seL4_MessageInfo_new(4, 0, 0, 0).words[0]);
    CHECK(isEmptySlot(receive));
    /* In a reply there is no endpoint to unwrap for: the capability itself arrives. */
    start(full, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(endpoint, NULL);
    seL4_SetCap(0, full);
    seL4_Reply(seL4_MessageInfo_new(4, 0, 1, 0));
    settle();
    CHECK_EQ(back[1], seL4_MessageInfo_new(4, 0, 1, 0).words[0]);
    CHECK(!isEmptySlot(receive));
    deleteCap(receive);
    client.ipc->receiveCNode = 0;
}

/* An extra capability that leads nowhere is a fault of the sender, unless it only tried. */
static void testBadExtraCaps(void)
{
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0);
    seL4_MessageInfo_t info;

    start(endpoint, (seL4_Word)seL4_SysCall, 2, endpoint, 1ull << 62, 0);
    info = seL4_NBRecv(faults, NULL);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, 7).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), 1ull << 62);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 0);
    CHECK_EQ(back[0], 0);
    start(endpoint, (seL4_Word)seL4_SysNBSend, 1, 1ull << 62, 0, 0);
    CHECK_EQ(back[0], 1);
    CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], 0);
    start(ntfn, (seL4_Word)seL4_SysSend, 1, 1ull << 62, 0, 0); /* a signal too */
    CHECK_EQ(back[0], 0);
    CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, 7).words[0]);
    start(1ull << 62, (seL4_Word)seL4_SysNBSend, 0, 0, 0, 0);
    CHECK_EQ(back[0], 1);
    start(1ull << 62, (seL4_Word)seL4_SysSend, 0, 0, 0, 0);
    CHECK_EQ(back[0], 0);
    CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, 7).words[0]);
}

/* Recv on an endpoint throws away the reply capability that is there; Recv on a notification does not. */
static void testCallerSlot(void)
{
    seL4_CPtr empty = allocSlots(1), ntfn = newObject(seL4_NotificationObject, 0);
    seL4_Word badge;

    start(endpoint, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(endpoint, NULL);
    seL4_Signal(ntfn);
    seL4_Wait(ntfn, &badge);
    seL4_Reply(seL4_MessageInfo_new(6, 0, 0, 0));
    settle();
    CHECK_EQ(back[0], 1);
    CHECK_EQ(labelOf(back[1]), 6);
    start(endpoint, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(endpoint, NULL);
    seL4_NBRecv(endpoint, NULL);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, empty, 64), 0);
    CHECK(isEmptySlot(empty));
    seL4_Reply(seL4_MessageInfo_new(6, 0, 0, 0));
    settle();
    CHECK_EQ(back[0], 0);
}

/* A saved reply capability: moved, never copied, minted or mutated; used once; a second server's calls are independent. */
static void testSavedReply(void)
{
    seL4_CPtr saved = allocSlots(1), moved = allocSlots(1);

    start(endpoint, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(endpoint, NULL);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, saved, 0), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, saved, 64), 0);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, moved, 64, ROOT_CNODE, saved, 64, seL4_AllRights), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_Mint(ROOT_CNODE, moved, 64, ROOT_CNODE, saved, 64, seL4_AllRights, 1), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, moved, 64, ROOT_CNODE, saved, 64), 0);
    seL4_Reply(seL4_MessageInfo_new(9, 0, 0, 0)); /* nothing in the caller slot */
    settle();
    CHECK_EQ(back[0], 0);
    CHECK_EQ(seL4_Call(moved, seL4_MessageInfo_new(8, 0, 0, 0)).words[0], 0); /* a call on it replies, and is answered */
    settle();
    CHECK_EQ(labelOf(back[1]), 8);
    CHECK(isEmptySlot(moved));
    /* When the caller goes on for another reason its reply capability is gone. */
    start(endpoint, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    seL4_NBRecv(endpoint, NULL);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, saved, 64), 0);
    CHECK_ERROR(seL4_TCB_Suspend(client.tcb), 0);
    CHECK(isEmptySlot(saved));
}

/* Messages of senders arrive in the order in which they were sent, whatever their priority. */
static void testFIFO(void)
{
    seL4_CPtr first = mintCap(endpoint, seL4_AllRights, 1), second = mintCap(endpoint, seL4_AllRights, 2);
    seL4_CPtr third = mintCap(endpoint, seL4_AllRights, 3);
    seL4_Word badge, i;
    thread_t t[2];

    start(first, (seL4_Word)seL4_SysCall, 0, 0, 0, 0);
    for (i = 0; i < 2; i++) {
        newThread(&t[i], sender, i == 0 ? second : third, 0, i == 0 ? 10 : 200, 0);
        t[i].context.rsi = (seL4_Word)t[i].ipc;
        CHECK_ERROR(seL4_TCB_WriteRegisters(t[i].tcb, true, 0, 20, &t[i].context), 0);
        settle();
    }
    for (i = 1; i <= 3; i++) {
        seL4_NBRecv(endpoint, &badge);
        CHECK_EQ(badge, i);
    }
    deleteCap(t[0].tcb);
    deleteCap(t[1].tcb);
}

/* Signals are or-ed; the oldest waiter gets all of them; a waiter of a deleted notification faults. */
static volatile seL4_Word woken[3];

static void waiter(seL4_Word cap, seL4_Word i)
{
    seL4_Word badge;

    seL4_Wait(cap, &badge);
    woken[i] = badge;
    park();
}

static void testWaiters(void)
{
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0), badged = mintCap(ntfn, seL4_CanWrite, 0x81);
    seL4_CPtr readOnly = copyCap(ntfn, seL4_CanRead);
    thread_t t[3];
    seL4_Word i;

    for (i = 0; i < 3; i++) {
        woken[i] = 7;
        newThread(&t[i], waiter, readOnly, i, 60 - i, faults);
        startThread(&t[i]);
        settle();
    }
    seL4_Signal(badged);
    settle();
    CHECK_EQ(woken[0], 0x81);
    CHECK_EQ(woken[1], 7);
    CHECK_ERROR(seL4_TCB_Suspend(t[1].tcb), 0); /* leaves the middle of the queue */
    seL4_Signal(ntfn);
    settle();
    CHECK_EQ(woken[2], 0);
    seL4_Signal(badged);
    seL4_Signal(badged);
    settle();
    CHECK_EQ(woken[1], 7);
    seL4_Poll(ntfn, (seL4_Word *)&woken[1]);
    CHECK_EQ(woken[1], 0x81);
    CHECK_ERROR(seL4_TCB_Resume(t[1].tcb), 0); /* waits again */
    settle();
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ntfn, 64), 0);
    CHECK_ERROR(deleteCap(ntfn), 0);
    settle();
    CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), readOnly);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), 1);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), seL4_MissingCapability);
    for (i = 0; i < 3; i++)
        deleteCap(t[i].tcb);
}

void testTransfers(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    faults = newObject(seL4_EndpointObject, 0);
    newThread(&client, sender, 0, 0, 100, faults);
    testExtraCaps();
    testReceivePath();
    seL4_SetCapReceivePath(0, 0, 0);
    testReplyCaps();
    testBadExtraCaps();
    testCallerSlot();
    testSavedReply();
    testFIFO();
    testWaiters();
    deleteCap(client.tcb);
}
