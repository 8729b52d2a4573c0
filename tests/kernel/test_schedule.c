/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 4 of the ABI: who runs next.  Everything but testSlices is independent of time. */
#include "tests/kernel/tests.h"

static volatile seL4_Word order[32], orderCount, spins[2];

static void note(seL4_Word id)
{
    order[orderCount++ & 31] = id;
}

static void expectOrder(const seL4_Word *wanted, seL4_Word n)
{
    seL4_Word i;

    CHECK_EQ(orderCount, n);
    for (i = 0; i < n; i++)
        CHECK_EQ(order[i], wanted[i]);
    orderCount = 0;
}
#define EXPECT_ORDER(...) expectOrder((const seL4_Word[]){__VA_ARGS__}, sizeof((seL4_Word[]){__VA_ARGS__}) / sizeof(seL4_Word))

static void yielder(seL4_Word id, seL4_Word times)
{
    while (times-- > 0) {
        note(id);
        seL4_Yield();
    }
    park();
}

static void begin(thread_t *t, void (*f)(seL4_Word, seL4_Word), seL4_Word a, seL4_Word b, seL4_Word priority)
{
    newThread(t, f, a, b, priority, 0);
    startThread(t);
}

/* Yield goes to the tail of its own priority; better priorities are first, at every boundary of the bitmap's words. */
static void testYield(void)
{
    static const seL4_Word priorities[] = {2, 63, 64, 65, 127, 128, 191, 192, 254};
    thread_t t[9];
    seL4_Word i;

    begin(&t[0], yielder, 1, 3, 50);
    begin(&t[1], yielder, 2, 3, 50);
    begin(&t[2], yielder, 3, 2, 51);
    begin(&t[3], yielder, 4, 1, 49);
    settle();
    EXPECT_ORDER(3, 3, 2, 1, 2, 1, 2, 1, 4); /* resumed threads go to the head */
    for (i = 0; i < 4; i++)
        deleteCap(t[i].tcb);
    for (i = 0; i < 9; i++)
        begin(&t[(i * 4) % 9], yielder, priorities[(i * 4) % 9], 1, priorities[(i * 4) % 9]);
    settle();
    EXPECT_ORDER(254, 192, 191, 128, 127, 65, 64, 63, 2);
    for (i = 0; i < 9; i++)
        deleteCap(t[i].tcb);
}

/* A thread that a better one interrupts goes on before its equals. */
static seL4_CPtr wake;

static void better(seL4_Word id, seL4_Word unused)
{
    seL4_Wait(wake, NULL);
    note(id);
    park();
}

static void interrupted(seL4_Word id, seL4_Word unused)
{
    note(id);
    seL4_Signal(wake);
    note(id + 1);
    park();
}

static void testPreempted(void)
{
    thread_t t[3];
    seL4_Word i;

    wake = newObject(seL4_NotificationObject, 0);
    begin(&t[0], better, 9, 0, 60);
    settle();
    begin(&t[2], yielder, 5, 1, 50);
    begin(&t[1], interrupted, 1, 0, 50);
    settle();
    EXPECT_ORDER(1, 9, 2, 5);
    for (i = 0; i < 3; i++)
        deleteCap(t[i].tcb);
}

/* A wake-up at the same priority does not run at once; the waker may lose only by its time slice, which cannot end each time. */
static void testEqual(void)
{
    seL4_Word round, kept = 0, i;
    thread_t t[3];

    begin(&t[0], better, 9, 0, 50);
    settle();
    for (round = 0; round < 5 && kept == 0; round++) {
        orderCount = 0;
        begin(&t[1], interrupted, 1, 0, 50);
        settle();
        CHECK_EQ(orderCount, 3);
        kept += order[0] == 1 && order[1] == 2 && order[2] == 9;
        deleteCap(t[1].tcb);
        t[0].context.rip = (seL4_Word)better;
        seL4_TCB_Suspend(t[0].tcb);
        seL4_TCB_WriteRegisters(t[0].tcb, true, 0, 20, &t[0].context);
        settle();
    }
    CHECK(kept != 0);
    orderCount = 0;
    for (i = 0; i < 1; i++)
        deleteCap(t[i].tcb);
}

/* Priorities that change while threads are ready, blocked, or inactive. */
static void testSetPriority(void)
{
    seL4_CPtr self = seL4_CapInitThreadTCB;
    thread_t t[3];
    seL4_Word i;

    begin(&t[0], yielder, 1, 1, 10);
    begin(&t[1], yielder, 2, 1, 20);
    newThread(&t[2], yielder, 3, 1, 30, 0);
    CHECK_ERROR(seL4_TCB_SetPriority(t[0].tcb, self, 25), 0);
    CHECK_ERROR(seL4_TCB_SetPriority(t[2].tcb, self, 22), 0);
    settle();
    EXPECT_ORDER(1, 2);
    startThread(&t[2]);
    CHECK_ERROR(seL4_TCB_SetMCPriority(t[2].tcb, self, 7), 0); /* the maximum does not change the priority that it has */
    CHECK_ERROR(seL4_TCB_SetSchedParams(t[0].tcb, t[2].tcb, 7, 8), seL4_RangeError, 0, 7);
    CHECK_ERROR(seL4_TCB_SetSchedParams(t[0].tcb, t[2].tcb, 8, 7), seL4_RangeError, 0, 7);
    CHECK_ERROR(seL4_TCB_SetSchedParams(t[0].tcb, t[2].tcb, 7, 7), 0);
    CHECK_ERROR(seL4_TCB_SetSchedParams(t[0].tcb, wake, 7, 7), seL4_InvalidCapability, 1);
    CHECK_ERROR(seL4_TCB_SetMCPriority(t[0].tcb, wake, 7), seL4_InvalidCapability, 1);
    CHECK_ERROR(seL4_TCB_SetMCPriority(t[0].tcb, t[2].tcb, 8), seL4_RangeError, 0, 7);
    CHECK_ERROR(seL4_TCB_SetMCPriority(t[0].tcb, self, 256), seL4_RangeError, 0, 255);
    CHECK_ERROR(seL4_TCB_SetPriority(t[0].tcb, self, ~0ull), seL4_RangeError, 0, 255);
    settle();
    EXPECT_ORDER(3);
    for (i = 0; i < 3; i++)
        deleteCap(t[i].tcb);
}

/* Resume of a running thread does nothing; of a stopped one it goes on where it was. */
static void testResume(void)
{
    thread_t t;

    begin(&t, yielder, 1, 2, 50);
    CHECK_ERROR(seL4_TCB_Resume(t.tcb), 0);
    CHECK_ERROR(seL4_TCB_Resume(t.tcb), 0);
    settle();
    EXPECT_ORDER(1, 1);
    CHECK_ERROR(seL4_TCB_Suspend(t.tcb), 0);
    CHECK_ERROR(seL4_TCB_Suspend(t.tcb), 0);
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, false, 0, 20, &t.context), 0);
    settle();
    CHECK_EQ(orderCount, 0); /* written, not resumed */
    CHECK_ERROR(seL4_TCB_Resume(t.tcb), 0);
    settle();
    EXPECT_ORDER(1, 1);
    deleteCap(t.tcb);
}

/* A thread may stop itself, and read-and-suspend or copy-and-suspend another. */
static void suicide(seL4_Word tcb, seL4_Word unused)
{
    message_t m = {.info = seL4_MessageInfo_new(TCBSuspend, 0, 0, 0).words[0]};

    note(1);
    rawCall((seL4_Word)seL4_SysCall, tcb, &m);
    note(2);
    park();
}

static void testSuspendSelf(void)
{
    seL4_UserContext context;
    thread_t t, u;

    newThread(&t, suicide, 0, 0, 50, 0);
    t.context.rdi = t.tcb;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context), 0);
    settle();
    EXPECT_ORDER(1);
    CHECK_ERROR(seL4_TCB_Resume(t.tcb), 0); /* at the system call, which stops it again */
    settle();
    CHECK_EQ(orderCount, 0);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t.tcb, false, 0, 20, &context), 0);
    CHECK_EQ(*(const uint16_t *)context.rip, 0x050f);
    context.rip += 2;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &context), 0);
    settle();
    EXPECT_ORDER(2);
    deleteCap(t.tcb);

    begin(&t, yielder, 1, 1, 50);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t.tcb, true, 0, 1, &context), 0);
    CHECK_EQ(context.rip, yielder);
    settle();
    CHECK_EQ(orderCount, 0);
    newThread(&u, yielder, 7, 1, 50, 0);
    CHECK_ERROR(seL4_TCB_CopyRegisters(u.tcb, t.tcb, false, true, false, false, 0), 0); /* resumes u, copies nothing */
    settle();
    EXPECT_ORDER(7);
    startThread(&t);
    CHECK_ERROR(seL4_TCB_CopyRegisters(u.tcb, t.tcb, true, false, false, false, 0), 0); /* suspends t */
    settle();
    CHECK_EQ(orderCount, 0);
    deleteCap(t.tcb);
    deleteCap(u.tcb);
}

static void spin(seL4_Word i, seL4_Word unused)
{
    for (;;)
        spins[i]++;
}

/* Two threads that never give up the CPU share it; one of a lower priority never gets it. */
static void testSlices(void)
{
    thread_t t[2], low;
    seL4_Word i, round;

    begin(&t[0], spin, 0, 0, 255);
    begin(&t[1], spin, 1, 0, 255);
    begin(&low, yielder, 1, 1, 254);
    for (round = 0; round < 200 && (spins[0] == 0 || spins[1] == 0); round++)
        seL4_Yield();
    CHECK(spins[0] != 0);
    CHECK(spins[1] != 0);
    CHECK(round < 4); /* each Yield lets both have their slice */
    CHECK_EQ(orderCount, 0);
    for (i = 0; i < 2; i++)
        deleteCap(t[i].tcb);
    settle();
    EXPECT_ORDER(1);
    deleteCap(low.tcb);
}

static void caller(seL4_Word endpoint, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysCall, endpoint, &m);
    note(1);
    park();
}

static void noter(seL4_Word endpoint, seL4_Word id)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, endpoint, &m);
    for (;;) {
        note(id);
        rawCall((seL4_Word)seL4_SysReplyRecv, endpoint, &m);
    }
}

/* A Call to a worse thread that waits: what is ready in between comes first. */
static void testCallDownwards(void)
{
    seL4_CPtr endpoint = newObject(seL4_EndpointObject, 0);
    thread_t server, middle, client;

    begin(&server, noter, endpoint, 3, 100);
    settle();
    begin(&client, caller, endpoint, 0, 200);
    begin(&middle, yielder, 2, 1, 150);
    settle();
    EXPECT_ORDER(2, 3, 1);
    deleteCap(client.tcb);
    deleteCap(middle.tcb);
    begin(&client, caller, endpoint, 0, 200);
    settle();
    EXPECT_ORDER(3, 1);
    deleteCap(client.tcb);
    deleteCap(server.tcb);
}

void testSchedule(void)
{
    testYield();
    testPreempted();
    testEqual();
    testSetPriority();
    testResume();
    testSuspendSelf();
    testSlices();
    testCallDownwards();
}
