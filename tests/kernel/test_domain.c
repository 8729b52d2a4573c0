/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains: the schedule calls, and with more than one domain that threads run only in their domain's time. */
#include "tests/kernel/tests.h"

static volatile seL4_Word ran[2];

static seL4_Error configure(seL4_Word index, seL4_Word domain, seL4_Word duration)
{
    return seL4_Invoke(seL4_CapDomain, DomainScheduleConfigure, 0, 3, index, domain, duration, 0, NULL);
}

static seL4_Error set(seL4_Word domain, seL4_CPtr thread)
{
    seL4_SetCap(0, thread);
    return seL4_Invoke(seL4_CapDomain, DomainSetSet, 1, 1, domain, 0, 0, 0, NULL);
}

/* Number of domains of this kernel: 1 or what the build chose. */
static seL4_Word countDomains(void)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);
    seL4_Word n = 1;

    while (n < 256 && set(n, tcb) == seL4_NoError)
        n++;
    return n;
}

static void testArguments(seL4_Word domains)
{
    seL4_Word last = domains == 1 ? 0 : 98;
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);

    CHECK_ERROR(set(0, tcb), 0);
    CHECK_ERROR(set(domains, tcb), seL4_InvalidArgument, 0);
    CHECK_ERROR(set(1ull << 40, tcb), seL4_InvalidArgument, 0);
    CHECK_ERROR(set(0, ROOT_CNODE), seL4_InvalidArgument, 1);
    CHECK_ERROR(configure(last + 1, 0, 1), seL4_RangeError, 0, last);
    CHECK_ERROR(configure(~0ull, 0, 1), seL4_RangeError, 0, last);
    CHECK_ERROR(configure(0, domains, 1), seL4_RangeError, 0, domains - 1);
    CHECK_ERROR(configure(0, 0, 0), seL4_InvalidArgument, 2); /* the start may not become an end marker */
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, last + 1), seL4_RangeError, 0, last);
    if (domains > 1) {
        CHECK_ERROR(configure(1, 1, 0), seL4_InvalidArgument, 1);
        CHECK_ERROR(configure(1, 0, 0), 0);
        CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 1), seL4_InvalidArgument, 0);
    }
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
}

static void counter(seL4_Word i, seL4_Word unused)
{
    for (;;)
        ran[i]++;
}

static void waitFor(seL4_Word i, seL4_Word rounds)
{
    seL4_Word start = ran[i];

    while (rounds-- > 0 && ran[i] == start)
        seL4_Yield();
}

/* Thread 0 is in domain 1.  It does not run before the schedule has that domain, however long domain 0 idles. */
static void testSeparation(void)
{
    thread_t t;

    newThread(&t, counter, 0, 0, 254, 0);
    CHECK_ERROR(set(1, t.tcb), 0);
    CHECK_ERROR(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 200), 0);
    startThread(&t); /* better than we are, but not now */
    CHECK_EQ(ran[0], 0);
    settle();
    CHECK_EQ(ran[0], 0);
    CHECK_ERROR(configure(0, 0, 2), 0);
    CHECK_ERROR(configure(1, 1, 2), 0);
    CHECK_ERROR(configure(2, 0, 0), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
    waitFor(0, 10000000);
    CHECK(ran[0] != 0);

    /* Moved to our domain it is below us; a thread that is made now belongs to our domain. */
    CHECK_ERROR(set(0, t.tcb), 0);
    ran[0] = 0;
    waitFor(0, 1000);
    CHECK_EQ(ran[0], 0);
    seL4_TCB_Suspend(t.tcb);
    newThread(&t, counter, 1, 0, 255, 0);
    startThread(&t);
    waitFor(1, 10);
    CHECK(ran[1] != 0);
    deleteCap(t.tcb);
    CHECK_ERROR(configure(1, 0, 1), 0);
    CHECK_ERROR(configure(0, 0, 0xffffffffffffff), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
    CHECK_ERROR(configure(1, 0, 0), 0);
}

/* A message to another domain arrives when that domain's time comes: the fast path must not switch to it. */
static volatile seL4_Word served;

static void server(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    for (;;) {
        served++;
        rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
    }
}

/* A thread of our domain that says how much was served when it ran. */
static volatile seL4_Word asked, seen;

static void witness(seL4_Word unused1, seL4_Word unused2)
{
    for (;;) {
        if (asked) {
            seen = served;
            asked = 0;
        }
    }
}

static void testAcross(void)
{
    seL4_CPtr endpoint = newObject(seL4_EndpointObject, 0);
    seL4_Word mr0 = 7, rounds, before, waited = 0;
    thread_t t, other;

    newThread(&t, server, endpoint, 0, 255, 0);
    CHECK_ERROR(set(1, t.tcb), 0);
    startThread(&t);
    CHECK_ERROR(configure(0, 0, 2), 0);
    CHECK_ERROR(configure(1, 1, 2), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
    CHECK_EQ(served, 0);
    seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &mr0, NULL, NULL, NULL);
    CHECK_EQ(served, 1);
    CHECK_EQ(mr0, 7);
    seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &mr0, NULL, NULL, NULL);
    CHECK_EQ(served, 2);
    newThread(&other, witness, 0, 0, 254, 0);
    startThread(&other);
    for (rounds = 0; rounds < 8 || (waited == 0 && rounds < 200); rounds++) {
        before = served;
        asked = 1;
        seL4_CallWithMRs(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &mr0, NULL, NULL, NULL);
        waited += asked == 0 && seen == before;
    }
    CHECK(waited != 0); /* the rest of our time was ours, though seldom there is none left */
    deleteCap(other.tcb);
    deleteCap(t.tcb);
    CHECK_ERROR(configure(0, 0, 0xffffffffffffff), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
    CHECK_ERROR(configure(1, 0, 0), 0);
}

/*
 * Threads that wait in their domain are moved to another one and woken there in every way: the best of all, they run when
 * that domain's time comes and not before, each with what it was woken by.
 */
enum { SENT, TRIED, FAULTED, SIGNALLED, BOUND, RECEIVED, REPLIED, ANSWERED, RESUMED, WAYS };

static volatile seL4_Word woken[WAYS];

/* woken[way] is 1 more than the message's or signal's only word. */
static void waiter(seL4_Word way, seL4_Word cap)
{
    bool calls = way == REPLIED || way == ANSWERED;
    seL4_Word sys = (seL4_Word)(way == RECEIVED ? seL4_SysSend : calls ? seL4_SysCall : seL4_SysRecv);
    message_t m = {.info = 1, .mr = {0x50 + way}};

    rawCall(sys, cap, &m);
    woken[way] = 1 + (way == SIGNALLED || way == BOUND ? m.badge : m.mr[0]);
    park();
}

/* Of domain 0: takes a call, waits for a signal, answers and waits for the next call. */
static void lateServer(seL4_Word cap, seL4_Word go)
{
    message_t m = {0}, signal = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    rawCall((seL4_Word)seL4_SysRecv, go, &signal);
    m.mr[0] = 0x60;
    rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
    park();
}

static void faulter(seL4_Word unused1, seL4_Word unused2)
{
    __asm__ volatile("ud2");
}

static void resumed(seL4_Word unused1, seL4_Word unused2)
{
    woken[RESUMED] = 1;
    park();
}

static seL4_Word countWoken(void)
{
    seL4_Word way, n = 0;

    for (way = 0; way < WAYS; way++)
        n += woken[way] != 0;
    return n;
}

/* Everybody waits, in domain 1. */
static void startWaiters(thread_t *waiters, const seL4_CPtr *objects, seL4_CPtr bound)
{
    seL4_Word way;

    for (way = 0; way < WAYS; way++) {
        newThread(&waiters[way], way == RESUMED ? resumed : waiter, way, objects[way], 255, 0);
        if (way == BOUND)
            CHECK_ERROR(seL4_TCB_BindNotification(waiters[way].tcb, bound), 0);
        if (way != RESUMED)
            startThread(&waiters[way]);
    }
    settle();
    for (way = 0; way < WAYS; way++)
        CHECK_ERROR(set(1, waiters[way].tcb), 0);
}

/* Each is ready afterwards. */
static void wakeWaiters(thread_t *waiters, const seL4_CPtr *objects, seL4_CPtr bound, seL4_CPtr go)
{
    seL4_Word word = 0x70;
    thread_t t;

    seL4_SendWithMRs(objects[SENT], seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
    word++;
    seL4_NBSendWithMRs(objects[TRIED], seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
    newThread(&t, faulter, 0, 0, 255, objects[FAULTED]);
    startThread(&t);
    seL4_Signal(objects[SIGNALLED]);
    seL4_Signal(bound);
    seL4_RecvWithMRs(objects[RECEIVED], NULL, &word, NULL, NULL, NULL);
    CHECK_EQ(word, 0x50 + RECEIVED);
    seL4_RecvWithMRs(objects[REPLIED], NULL, &word, NULL, NULL, NULL);
    CHECK_EQ(word, 0x50 + REPLIED);
    word = 0x72;
    seL4_ReplyWithMRs(seL4_MessageInfo_new(0, 0, 0, 1), &word, NULL, NULL, NULL);
    seL4_Signal(go);
    startThread(&waiters[RESUMED]);
    settle();
    deleteCap(t.tcb);
}

static void testInFlight(void)
{
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0), go = newObject(seL4_NotificationObject, 0);
    seL4_CPtr bound = newObject(seL4_NotificationObject, 0), badged = mintCap(bound, seL4_AllRights, 0x74);
    seL4_CPtr objects[WAYS], server;
    thread_t waiters[WAYS], late;
    seL4_Word way;

    for (way = 0; way < WAYS; way++)
        objects[way] = way == SIGNALLED ? mintCap(ntfn, seL4_AllRights, 0x73) : newObject(seL4_EndpointObject, 0);
    server = objects[ANSWERED];
    newThread(&late, lateServer, server, go, 255, 0);
    startThread(&late);
    startWaiters(waiters, objects, badged);
    wakeWaiters(waiters, objects, badged, go);
    CHECK_EQ(countWoken(), 0);
    settle();
    CHECK_EQ(countWoken(), 0); /* however often there is a choice in our domain */
    CHECK_ERROR(configure(0, 0, 2), 0);
    CHECK_ERROR(configure(1, 1, 2), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
    for (way = 0; way < 10000000 && countWoken() < WAYS; way++)
        seL4_Yield();
    CHECK_EQ(countWoken(), WAYS);
    CHECK_EQ(woken[SENT], 0x71);
    CHECK_EQ(woken[TRIED], 0x72);
    CHECK_EQ(woken[SIGNALLED], 0x74);
    CHECK_EQ(woken[BOUND], 0x75);
    CHECK_EQ(woken[RECEIVED], 0x51 + RECEIVED);
    CHECK_EQ(woken[REPLIED], 0x73);
    CHECK_EQ(woken[ANSWERED], 0x61);
    for (way = 0; way < WAYS; way++)
        deleteCap(waiters[way].tcb);
    deleteCap(late.tcb);
    CHECK_ERROR(configure(0, 0, 0xffffffffffffff), 0);
    CHECK_ERROR(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
    CHECK_ERROR(configure(1, 0, 0), 0);
}

void testDomains(void)
{
    seL4_Word domains = countDomains();

    CHECK(domains == 1 || domains == 16);
    testArguments(domains);
    if (domains > 1) {
        testSeparation();
        testAcross();
        testInFlight();
    }
}
