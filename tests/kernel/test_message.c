/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every kind of Call and ReplyRecv between two threads: who is first, who is better, how long the message, which rights, which
 * IPC buffers, how deep the capability address.  Each case is checked against the rules of sections 2 and 3 of the ABI, and
 * everything that the two threads saw is published, so that kernels with and without fast paths can be compared.
 */
#include "tests/kernel/tests.h"

#define ROUNDS 2

typedef struct message_case {
    seL4_Word length, reply, rights, serverFirst, clientPriority, buffers, address;
} message_case_t;

/* What a side found in its registers and buffer after each system call. */
typedef struct seen {
    message_t m[ROUNDS + 1];
    seL4_Word sum[ROUNDS + 1]; /* over the words of the buffer behind the registers */
    bool kept[ROUNDS + 1];     /* those behind the message are the receiver's own */
    seL4_Word calls;
} seen_t;

enum { BUFFERS_BOTH, BUFFERS_CLIENT_NONE, BUFFERS_SERVER_NONE, BUFFERS_CLIENT_READ_ONLY, BUFFERS_SERVER_READ_ONLY };

static const message_case_t *now;
static seen_t clientSeen, serverSeen;
static thread_t client, server;
static seL4_CPtr endpoint, callable[4][2], deepRoot, clientReadOnly, serverReadOnly;

static void fillBuffer(seL4_IPCBuffer *ipc, seL4_Word seed)
{
    seL4_Word i;

    for (i = 0; i < 120; i++)
        ipc->msg[i] = seed * 1000 + i;
}

static seL4_Word sumBuffer(const seL4_IPCBuffer *ipc)
{
    seL4_Word i, sum = 0;

    for (i = 4; i < 120; i++)
        sum = sum * 31 + ipc->msg[i];
    return sum;
}

/* The words of the buffer behind a message are what fillBuffer has put there. */
static bool isKept(const seL4_IPCBuffer *ipc, seL4_Word length, seL4_Word seed)
{
    seL4_Word i;

    for (i = length < 4 ? 4 : length; i < 120; i++) {
        if (ipc->msg[i] != seed * 1000 + i)
            return false;
    }
    return true;
}

static void note(seen_t *seen, const message_t *m, const thread_t *t, seL4_Word seed)
{
    seen->m[seen->calls] = *m;
    seen->kept[seen->calls] = isKept(t->ipc, m->info & 127, seed);
    seen->sum[seen->calls++] = sumBuffer(t->ipc);
}

static void clientMain(seL4_Word cap, seL4_Word unused)
{
    message_t m;
    seL4_Word i;

    for (i = 0; i < ROUNDS; i++) { /* a sender's capsUnwrapped means nothing, but keeps it off the fast path */
        m = (message_t){.info = seL4_MessageInfo_new(0xfff0000000000 + i, i == 0 ? 0 : 7, 0, now->length).words[0],
                        .mr = {i + 11, i + 12, i + 13, i + 14}};
        fillBuffer(client.ipc, i + 1);
        rawCall((seL4_Word)seL4_SysCall, cap, &m);
        note(&clientSeen, &m, &client, i + 1);
    }
    park();
}

static void serverMain(seL4_Word cap, seL4_Word unused)
{
    message_t m = {.mr = {21, 22, 23, 24}};

    fillBuffer(server.ipc, 7);
    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    for (;;) {
        note(&serverSeen, &m, &server, 7 + serverSeen.calls);
        m = (message_t){.info = seL4_MessageInfo_new(serverSeen.calls, serverSeen.calls == 1 ? 0 : 7, 0, now->reply).words[0], .mr = {21, 22, 23, 24}};
        fillBuffer(server.ipc, 7 + serverSeen.calls);
        rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
    }
}

static void reset(thread_t *t, void (*f)(seL4_Word, seL4_Word), seL4_CPtr cap, seL4_Word priority)
{
    seL4_TCB_Suspend(t->tcb);
    t->context.rip = (seL4_Word)f;
    t->context.rdi = cap;
    seL4_TCB_SetPriority(t->tcb, seL4_CapInitThreadTCB, priority);
    seL4_TCB_WriteRegisters(t->tcb, false, 0, 20, &t->context);
}

static void setBuffers(seL4_Word buffers)
{
    seL4_CPtr c = buffers == BUFFERS_CLIENT_READ_ONLY ? clientReadOnly : client.ipcFrame;
    seL4_CPtr s = buffers == BUFFERS_SERVER_READ_ONLY ? serverReadOnly : server.ipcFrame;

    seL4_TCB_SetIPCBuffer(client.tcb, buffers == BUFFERS_CLIENT_NONE ? 0 : (seL4_Word)client.ipc, c);
    seL4_TCB_SetIPCBuffer(server.tcb, buffers == BUFFERS_SERVER_NONE ? 0 : (seL4_Word)server.ipc, s);
}

static seL4_Word arriving(seL4_Word length, bool senderHasBuffer, bool receiverHasBuffer)
{
    length = length > 120 ? 120 : length;
    return length > 4 && !(senderHasBuffer && receiverHasBuffer) ? 4 : length;
}

/* A message that arrived: info, badge, the registers, the buffer words; what it does not have is the receiver's (ownMR) still. */
static void checkMessage(const seen_t *seen, seL4_Word i, seL4_Word label, seL4_Word badge, seL4_Word length,
                         seL4_Word firstMR, seL4_Word ownMR)
{
    seL4_Word k;

    CHECK_EQ(seen->m[i].info, seL4_MessageInfo_new(label, 0, 0, length).words[0]);
    CHECK_EQ(seen->m[i].badge, badge);
    for (k = 0; k < 4; k++)
        CHECK_EQ(seen->m[i].mr[k], (k < length ? firstMR : ownMR) + k);
    CHECK(seen->kept[i]);
}

static void checkCase(const message_case_t *c)
{
    bool mayCall = (c->rights & 12) != 0;
    bool clientSends = c->buffers != BUFFERS_CLIENT_NONE, serverSends = c->buffers != BUFFERS_SERVER_NONE;
    bool clientReceives = clientSends && c->buffers != BUFFERS_CLIENT_READ_ONLY;
    bool serverReceives = serverSends && c->buffers != BUFFERS_SERVER_READ_ONLY;
    seL4_Word toServer = arriving(c->length, clientSends, serverReceives);
    seL4_Word toClient = arriving(c->reply, serverSends, clientReceives), i;

    CHECK_EQ(serverSeen.calls, mayCall ? ROUNDS : 1);
    CHECK_EQ(clientSeen.calls, mayCall ? ROUNDS : 0);
    for (i = 0; i < serverSeen.calls && i < ROUNDS; i++)
        checkMessage(&serverSeen, i, 0xfff0000000000 + i, 0xb0 + c->rights, toServer, 11 + i, 21);
    for (i = 0; i < clientSeen.calls && i < ROUNDS; i++)
        checkMessage(&clientSeen, i, i + 1, 0, toClient, 21, 11 + i);
}

static seL4_Word mix(seL4_Word hash, const void *data, seL4_Word words)
{
    const seL4_Word *p = data;

    while (words-- > 0)
        hash = (hash ^ *p++) * 0x100000001b3;
    return hash;
}

static void runCase(const message_case_t *c)
{
    seL4_Word line[8] = {c->length, c->reply, c->rights, c->serverFirst, c->clientPriority, c->buffers, c->address};
    seL4_Word kind = c->rights == 1 ? 0 : c->rights == 5 ? 1 : c->rights == 9 ? 2 : 3;

    now = c;
    reset(&client, clientMain, callable[kind][c->address], c->clientPriority);
    reset(&server, serverMain, endpoint, 100);
    seL4_TCB_SetSpace(client.tcb, 0, c->address ? deepRoot : ROOT_CNODE, 0, ROOT_VSPACE, 0);
    setBuffers(c->buffers);
    clientSeen = serverSeen = (seen_t){0};
    startThread(c->serverFirst ? &server : &client);
    settle();
    startThread(c->serverFirst ? &client : &server);
    settle();
    checkCase(c);
    line[7] = mix(mix(0xcbf29ce484222325, &clientSeen, sizeof(seen_t) / 8), &serverSeen, sizeof(seen_t) / 8);
    publish("message", line, 8);
}

/* Each capability also stands in a CNode with a guard, below one of 32 slots: the client's other CSpace. */
static void makeCapabilities(void)
{
    static const seL4_Word rights[] = {1, 5, 9, 15};
    seL4_CPtr small = newObject(seL4_CapTableObject, 4), guarded;
    seL4_Word i;

    endpoint = newObject(seL4_EndpointObject, 0);
    deepRoot = newObject(seL4_CapTableObject, 5);
    guarded = mintCap(small, seL4_AllRights, seL4_CNode_CapData_new(0x2a, 7).words[0]);
    CHECK_ERROR(seL4_CNode_Move(deepRoot, 3, 5, ROOT_CNODE, guarded, 64), 0);
    for (i = 0; i < 4; i++) {
        callable[i][0] = mintCap(endpoint, (seL4_CapRights_t){{rights[i]}}, 0xb0 + rights[i]);
        callable[i][1] = 3ull << 59 | 0x2aull << 52 | i << 48 | 0x123; /* leftover bits are ignored */
        CHECK_ERROR(seL4_CNode_Copy(small, i, 4, ROOT_CNODE, callable[i][0], 64, seL4_AllRights), 0);
    }
    newThread(&client, clientMain, 0, 0, 100, 0);
    newThread(&server, serverMain, 0, 0, 100, 0);
    clientReadOnly = copyCap(client.ipcFrame, seL4_CanRead);
    serverReadOnly = copyCap(server.ipcFrame, seL4_CanRead);
}

void testMessages(void)
{
    static const seL4_Word lengths[] = {0, 1, 2, 3, 4, 5, 10, 119, 120, 127};
    static const seL4_Word rights[] = {1, 5, 9, 15};
    seL4_Word i, j, k;

    makeCapabilities();
    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        for (j = 0; j < 3; j++) {
            for (k = 0; k < 2; k++)
                runCase(&(message_case_t){lengths[i], lengths[9 - i], 15, k, 99 + j, BUFFERS_BOTH, 0});
        }
        for (j = BUFFERS_CLIENT_NONE; j <= BUFFERS_SERVER_READ_ONLY; j++) {
            for (k = 0; k < 2; k++)
                runCase(&(message_case_t){lengths[i], lengths[i], 15, k, 100, j, 0});
        }
    }
    for (i = 0; i < 4; i++) {
        for (j = 0; j < 3; j++) {
            runCase(&(message_case_t){4, 2, rights[i], 1, 99 + j, BUFFERS_BOTH, 0});
            for (k = 0; k < 2; k++)
                runCase(&(message_case_t){4, 2, rights[i], k, 99 + j, BUFFERS_BOTH, 1});
        }
    }
    seL4_TCB_Suspend(client.tcb);
    seL4_TCB_Suspend(server.tcb);
}
