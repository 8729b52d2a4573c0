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
    for (rounds = 0; rounds < 8; rounds++) {
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

void testDomains(void)
{
    seL4_Word domains = countDomains();

    CHECK(domains == 1 || domains == 16);
    testArguments(domains);
    if (domains > 1) {
        testSeparation();
        testAcross();
    }
}
