/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server that saves a reply capability, answers through it with Send, and waits for the next message with Recv: how long the
 * answer, how deep the capability's address, what the client waits for, who is ready meanwhile and how good, what has come.
 * Each case is checked against sections 2 to 4 of the ABI, and everything that the threads saw, with the order in which they
 * ran, is published, so that kernels with and without fast paths can be compared.
 */
#include "tests/kernel/tests.h"

enum { CLIENT_CALLS, CLIENT_READS, CLIENT_BREAKS, CLIENT_IS_REWRITTEN };           /* in what it waits for the answer */
enum { THIRD_RUNS, THIRD_CALLS_FIRST, THIRD_HAS_NO_SPACE, THIRD_NONE };
enum { SERVER_SAVES, SERVER_FORGETS, SERVER_IS_SIGNALLED };
enum { ADDRESS_SHORT, ADDRESS_TWO_LEVELS, ADDRESS_THREE_LEVELS };
#define SERVER_PRIORITY 100
#define UNMAPPED 0x7ffff0000000ull

typedef struct answer_case {
    seL4_Word length, unwrapped, address, clientPriority, thirdPriority, client, third, server;
} answer_case_t;

/* What a thread found after a system call: who it is, the message. */
typedef struct event {
    seL4_Word who;
    message_t m;
} event_t;

static const answer_case_t *now;
static event_t events[16];
static volatile seL4_Word count;
static thread_t client, server, third;
static seL4_CPtr endpoint, called, calledThird, signal, signalled, saved, inner, spaces[3] = {ROOT_CNODE};

static void note(char who, const message_t *m)
{
    if (count < sizeof(events) / sizeof(events[0]))
        events[count++] = (event_t){(seL4_Word)who, *m};
}

static void clientMain(seL4_Word cap, seL4_Word unused)
{
    message_t m = {.info = seL4_MessageInfo_new(5, 0, 0, 4).words[0], .mr = {1, 2, 3, 4}};

    if (now->client == CLIENT_READS)
        m.badge = *(volatile seL4_Word *)UNMAPPED;
    else if (now->client == CLIENT_BREAKS)
        __asm__ volatile("ud2");
    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    note('c', &m);
    park();
}

static void thirdMain(seL4_Word cap, seL4_Word unused)
{
    message_t m = {.info = seL4_MessageInfo_new(6, 0, 0, 2).words[0], .mr = {61, 62, 63, 64}};

    note('t', &m);
    if (now->third == THIRD_CALLS_FIRST)
        rawCall((seL4_Word)seL4_SysCall, cap, &m);
    park();
}

static void serverMain(seL4_Word unused1, seL4_Word unused2)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, endpoint, &m);
    note('r', &m);
    if (now->server != SERVER_FORGETS) {
        m = (message_t){.info = seL4_MessageInfo_new(CNodeSaveCaller, 0, 0, 2).words[0], .mr = {saved, 64}};
        rawCall((seL4_Word)seL4_SysCall, spaces[now->address], &m);
        m.mr[0] -= saved; /* slot numbers are another kernel's others */
        note('s', &m);
    }
    if (now->server == SERVER_IS_SIGNALLED)
        x64_sys_send((seL4_Word)seL4_SysSend, signalled, 0, 0, 0, 0, 0);
    m = (message_t){.info = seL4_MessageInfo_new(9, now->unwrapped, 0, now->length).words[0], .mr = {21, 22, 23, 24}};
    rawCall((seL4_Word)seL4_SysSend, saved, &m);
    m.badge -= saved;
    note('a', &m);
    m = (message_t){.mr = {31, 32, 33, 34}};
    rawCall((seL4_Word)seL4_SysRecv, endpoint, &m);
    note('r', &m);
    m = (message_t){.info = seL4_MessageInfo_new(8, 0, 0, 0).words[0]};
    rawCall((seL4_Word)seL4_SysReply, 0, &m); /* to whoever calls now, never to the first */
    park();
}

static void reset(thread_t *t, void (*f)(seL4_Word, seL4_Word), seL4_Word argument, seL4_Word priority)
{
    seL4_TCB_Suspend(t->tcb);
    t->context.rip = (seL4_Word)f;
    t->context.rdi = argument;
    seL4_TCB_SetPriority(t->tcb, seL4_CapInitThreadTCB, priority);
    seL4_TCB_WriteRegisters(t->tcb, false, 0, 20, &t->context);
}

/* A ready thread without an address space: it faults at once, and nobody handles that. */
static void startBare(seL4_Word priority)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);
    seL4_UserContext context = {.rip = (seL4_Word)thirdMain};

    CHECK_ERROR(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, priority), 0);
    CHECK_ERROR(seL4_TCB_WriteRegisters(tcb, true, 0, sizeof(context) / sizeof(seL4_Word), &context), 0);
}

static void startThird(const answer_case_t *c)
{
    if (c->third == THIRD_HAS_NO_SPACE)
        startBare(c->thirdPriority);
    else if (c->third != THIRD_NONE)
        startThread(&third);
}

static const event_t *find(char who, seL4_Word skip)
{
    seL4_Word i;

    for (i = 0; i < count; i++)
        if (events[i].who == (seL4_Word)who && skip-- == 0)
            return &events[i];
    return NULL;
}

/* The client got the answer, as long as registers go, with the label and nothing else; the server's registers are as they were. */
static void checkAnswer(const answer_case_t *c)
{
    const event_t *answered = find('c', 0), *sent = find('a', 0);
    seL4_Word length = c->length > 120 ? 120 : c->length, i;

    CHECK(answered != NULL && sent != NULL);
    if (answered == NULL || sent == NULL)
        return;
    CHECK_EQ(answered->m.badge, 0);
    CHECK_EQ(answered->m.info, seL4_MessageInfo_new(9, 0, 0, length).words[0]);
    for (i = 0; i < 4; i++) {
        CHECK_EQ(answered->m.mr[i], i < length ? 21 + i : 1 + i);
        CHECK_EQ(sent->m.mr[i], 21 + i);
    }
    CHECK_EQ(sent->m.badge, 0);
    CHECK_EQ(sent->m.info, seL4_MessageInfo_new(9, c->unwrapped, 0, c->length).words[0]);
    CHECK(c->clientPriority > SERVER_PRIORITY ? answered < sent : answered > sent);
}

static void checkCase(const answer_case_t *c)
{
    const event_t *second = find('r', 1);

    CHECK_EQ(find('r', 0) != NULL ? find('r', 0)->m.badge : 0, 0xc1);
    if (c->server != SERVER_FORGETS && c->client == CLIENT_CALLS)
        checkAnswer(c);
    if (c->server == SERVER_FORGETS)
        CHECK(find('c', 0) == NULL);
    if (c->server == SERVER_IS_SIGNALLED)
        CHECK_EQ(second != NULL ? second->m.badge : 0, 0x51);
    else if (c->third == THIRD_CALLS_FIRST)
        CHECK_EQ(second != NULL ? second->m.badge : 0, 0xc3);
    if (c->third == THIRD_RUNS)
        CHECK(find('t', 0) != NULL);
    if (c->third == THIRD_RUNS && c->clientPriority == c->thirdPriority && c->server == SERVER_SAVES && c->client == CLIENT_CALLS)
        CHECK(find('c', 0) < find('t', 0)); /* who is answered goes before its equals */
    CHECK(isEmptySlot(saved));
}

static seL4_Word mix(seL4_Word hash, const void *data, seL4_Word words)
{
    const seL4_Word *p = data;

    while (words-- > 0)
        hash = (hash ^ *p++) * 0x100000001b3;
    return hash;
}

/* The answer to a fault is no message: the client's registers are as they were. */
static void checkFaulted(const seL4_UserContext *before)
{
    seL4_UserContext after;

    CHECK_ERROR(seL4_TCB_ReadRegisters(client.tcb, false, 0, 20, &after), 0);
    CHECK_EQ(after.rip, before->rip);
    CHECK_EQ(after.rdi, before->rdi);
    CHECK_EQ(after.rsi, before->rsi);
    CHECK_EQ(after.r10, before->r10);
}

/* The client waits first, then the third thread is made ready (or calls too), then the server runs: a hash of all that they saw. */
static seL4_Word play(const answer_case_t *c, seL4_UserContext *before)
{
    now = c;
    count = 0;
    reset(&client, clientMain, called, c->clientPriority);
    reset(&third, thirdMain, calledThird, c->thirdPriority);
    reset(&server, serverMain, 0, SERVER_PRIORITY);
    CHECK_ERROR(seL4_TCB_SetSpace(server.tcb, 0, spaces[c->address], 0, ROOT_VSPACE, 0), 0);
    startThread(&client);
    settle();
    seL4_TCB_ReadRegisters(client.tcb, false, 0, 20, before);
    if (c->client == CLIENT_IS_REWRITTEN)
        seL4_TCB_WriteRegisters(client.tcb, false, 0, 20, before);
    startThird(c);
    if (c->third == THIRD_CALLS_FIRST)
        settle();
    startThread(&server);
    settle();
    if (find('r', 1) == NULL) { /* the server still waits */
        seL4_Signal(signalled);
        settle();
    }
    return mix(0xcbf29ce484222325, events, count * sizeof(event_t) / sizeof(seL4_Word));
}

/*
 * Where the end of a time slice falls is the machine's business: between threads of one priority it changes the order.  A case is
 * therefore played until it went alike twice.
 */
static void runCase(const answer_case_t *c)
{
    seL4_Word line[10] = {c->length, c->unwrapped, c->address, c->clientPriority, c->thirdPriority, c->client, c->third, c->server};
    seL4_UserContext before;
    seL4_Word last, i;

    line[9] = play(c, &before);
    for (i = 0, last = ~line[9]; i < 10 && line[9] != last; i++) {
        last = line[9];
        line[9] = play(c, &before);
    }
    CHECK_EQ(line[9], last);
    checkCase(c);
    if (c->client == CLIENT_READS || c->client == CLIENT_BREAKS)
        checkFaulted(&before);
    line[8] = count;
    publish("answer", line, 10);
    seL4_TCB_Suspend(client.tcb);
    seL4_TCB_Suspend(third.tcb);
}

/* The server's CSpaces: the root CNode; a root of 2 slots above it; one more.  The addresses are the same in all. */
static void makeSpaces(void)
{
    seL4_Word bits = bootInfo->initThreadCNodeSizeBits, i;

    for (i = 1; i < 3; i++)
        spaces[i] = newObject(seL4_CapTableObject, 1);
    CHECK_ERROR(seL4_CNode_Mint(spaces[1], 0, 1, ROOT_CNODE, ROOT_CNODE, 64, seL4_AllRights,
                                seL4_CNode_CapData_new(0, 63 - bits).words[0]), 0);
    inner = newObject(seL4_CapTableObject, 1);
    CHECK_ERROR(seL4_CNode_Mint(inner, 0, 1, ROOT_CNODE, ROOT_CNODE, 64, seL4_AllRights,
                                seL4_CNode_CapData_new(0, 62 - bits).words[0]), 0);
    CHECK_ERROR(seL4_CNode_Copy(spaces[2], 0, 1, ROOT_CNODE, inner, 64, seL4_AllRights), 0);
}

void testAnswers(void)
{
    static const seL4_Word lengths[] = {0, 1, 2, 3, 4, 5, 120, 127};
    seL4_Word i, j, k, priority;

    makeSpaces();
    endpoint = newObject(seL4_EndpointObject, 0);
    called = mintCap(endpoint, seL4_AllRights, 0xc1);
    calledThird = mintCap(endpoint, seL4_AllRights, 0xc3);
    signal = newObject(seL4_NotificationObject, 0);
    signalled = mintCap(signal, seL4_AllRights, 0x51);
    saved = allocSlots(1);
    CHECK_EQ(seL4_CNode_Copy(spaces[1], saved, 64, ROOT_CNODE, endpoint, 64, seL4_AllRights), seL4_NoError);
    CHECK_EQ(seL4_CNode_Delete(spaces[1], saved | 1ull << 40, 64), seL4_FailedLookup); /* not the second level's guard */
    CHECK_EQ(seL4_CNode_Delete(spaces[1], saved, 64), seL4_NoError);
    newThread(&client, clientMain, 0, 0, 100, called);
    newThread(&third, thirdMain, 0, 0, 100, 0);
    newThread(&server, serverMain, 0, 0, 100, 0);
    CHECK_ERROR(seL4_TCB_BindNotification(server.tcb, signal), 0);
    for (priority = SERVER_PRIORITY - 1; priority <= SERVER_PRIORITY + 1; priority++) {
        for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            for (j = 0; j < 3; j++)
                runCase(&(answer_case_t){lengths[i], 0, j, priority, 99, CLIENT_CALLS, THIRD_RUNS, SERVER_SAVES});
            runCase(&(answer_case_t){lengths[i], 7, 0, priority, 99, CLIENT_CALLS, THIRD_NONE, SERVER_SAVES});
        }
        for (i = CLIENT_CALLS; i <= CLIENT_IS_REWRITTEN; i++) {
            for (j = THIRD_RUNS; j <= THIRD_NONE; j++) {
                for (k = SERVER_SAVES; k <= SERVER_IS_SIGNALLED; k++)
                    runCase(&(answer_case_t){i == CLIENT_BREAKS ? 0 : 2, 0, 1, 99, priority, i, j, k});
            }
        }
        runCase(&(answer_case_t){1, 0, 0, 98, priority, CLIENT_CALLS, THIRD_RUNS, SERVER_SAVES});
        runCase(&(answer_case_t){1, 0, 0, 30, priority, CLIENT_CALLS, THIRD_RUNS, SERVER_SAVES});
    }
    seL4_TCB_Suspend(server.tcb);
}
