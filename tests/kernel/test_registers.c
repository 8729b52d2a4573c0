/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 1 of the ABI: which registers a kernel entry leaves alone. */
#include "tests/kernel/tests.h"

#define FLAGS 0xed7 /* CF PF AF ZF SF DF OF, and bits 1 and 9, which are always set */

static seL4_CPtr endpoint, notification;

/* All registers with a value of their own; those that the call reads are set by the caller. */
static void fill(seL4_Word sys, seL4_CPtr cap, seL4_Word info)
{
    seL4_Word *words = (seL4_Word *)&probeContext, i;

    for (i = 3; i < 18; i++)
        words[i] = 0x0123456700000000ull + (i << 8);
    probeContext.rflags = FLAGS;
    probeContext.rdx = sys;
    probeContext.rdi = cap;
    probeContext.rsi = info;
}

/* mrs: how many message registers may have changed. */
static void expectKept(seL4_Word sys, seL4_Word mrs)
{
    static const uint8_t kept[] = {3, 4, 9, 14, 15, 16}; /* RAX RBX RBP R12 R13 R14 */
    static const uint8_t messages[] = {12, 10, 11, 17};
    const seL4_Word *words = (const seL4_Word *)&probeContext;
    seL4_Word i;

    for (i = 0; i < sizeof(kept); i++)
        CHECK_EQ(words[kept[i]], 0x0123456700000000ull + ((seL4_Word)kept[i] << 8));
    for (i = mrs; i < 4; i++)
        CHECK_EQ(words[messages[i]], 0x0123456700000000ull + ((seL4_Word)messages[i] << 8));
    CHECK_EQ(probeContext.rflags & 0xfff, FLAGS);
    CHECK_EQ(probeContext.rdx, sys);
}

static void probe(seL4_Word sys, seL4_CPtr cap, seL4_Word info, seL4_Word mrs)
{
    fill(sys, cap, info);
    probeSyscall();
    expectKept(sys, mrs);
}

/* Answers each message with itself. */
static void echo(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    for (;;)
        rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
}

static void testSystemCalls(void)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);
    seL4_Word length;

    probe((seL4_Word)seL4_SysYield, 7, 8, 0);
    CHECK_EQ(probeContext.rdi, 7);
    CHECK_EQ(probeContext.rsi, 8);
    probe((seL4_Word)seL4_SysSend, notification, 0, 0);
    CHECK_EQ(probeContext.rdi, notification);
    probe((seL4_Word)seL4_SysRecv, notification, 9, 0);
    CHECK_EQ(probeContext.rdi, 0);
    CHECK_EQ(probeContext.rsi, 9);
    probe((seL4_Word)seL4_SysNBRecv, notification, 9, 0);
    CHECK_EQ(probeContext.rdi, 0);
    CHECK_EQ(probeContext.rsi, 9);
    probe((seL4_Word)seL4_SysNBRecv, endpoint, 9, 0);
    CHECK_EQ(probeContext.rdi, 0);
    CHECK_EQ(probeContext.rsi, 9);
    probe((seL4_Word)seL4_SysNBSend, endpoint, 3, 0);
    CHECK_EQ(probeContext.rdi, endpoint);
    CHECK_EQ(probeContext.rsi, 3);
    probe((seL4_Word)seL4_SysReply, 5, 3, 0);
    CHECK_EQ(probeContext.rdi, 5);
    probe((seL4_Word)seL4_SysCall, tcb, seL4_MessageInfo_new(TCBSuspend, 0, 0, 0).words[0], 0);
    probe((seL4_Word)seL4_SysCall, tcb, seL4_MessageInfo_new(TCBSetFlags, 0, 0, 2).words[0], 1);
    for (length = 0; length <= 4; length++) {
        probe((seL4_Word)seL4_SysCall, endpoint, seL4_MessageInfo_new(3, 0, 0, length).words[0], 0);
        CHECK_EQ(probeContext.rdi, 0);
        CHECK_EQ(probeContext.rsi, seL4_MessageInfo_new(3, 0, 0, length).words[0]);
        CHECK_EQ(probeContext.r10, 0x0123456700000c00ull);
    }
}

/* A thread that is interrupted for many ticks keeps all registers; it is only ever stopped by the timer. */
static void testInterrupts(void)
{
    seL4_UserContext context;
    seL4_Word *words = (seL4_Word *)&context, i, round;
    thread_t t;

    newThread(&t, parkThread, 0, 0, 255, 0);
    for (i = 1; i < 20; i++)
        words[i] = 0x7654321000ull + (i << 4);
    context.rip = (seL4_Word)spinHere;
    context.rflags = FLAGS;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &context), 0);
    for (round = 0; round < 3; round++)
        seL4_Yield();
    CHECK_ERROR(seL4_TCB_ReadRegisters(t.tcb, true, 0, 20, &context), 0);
    for (i = 1; i < 20; i++)
        CHECK_EQ(words[i], i == 2 ? FLAGS : 0x7654321000ull + (i << 4));
    CHECK_EQ(context.rip, spinHere);
}

static void receiveOnce(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    park();
}

static void callOnce(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    park();
}

static void answerOnce(seL4_Word cap, seL4_Word when)
{
    message_t m = {0}, told = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    rawCall((seL4_Word)seL4_SysRecv, when, &told);
    rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
    park();
}

static void writeWhileBlocked(const thread_t *t)
{
    seL4_UserContext context;

    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, false, 0, 20, &context), 0);
    context.rip = (seL4_Word)keepAndCall;
    context.rcx = 0x1234567;
    context.r11 = 0x7654321;
    context.r12 = notification;
    context.rdx = (seL4_Word)seL4_SysRecv;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t->tcb, false, 0, 20, &context), 0);
}

/* It ran with all registers as written, and its next system call is the one that it made. */
static void expectWritten(const thread_t *t)
{
    seL4_UserContext context;

    settle();
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, true, 0, 20, &context), 0);
    CHECK_EQ(context.r13, 0x1234567);
    CHECK_EQ(context.r14, 0x7654321);
    CHECK_EQ(context.rip, keptInstruction);
}

/* The registers of a thread are written while it waits for a message, or for a reply; then that arrives. */
static void testWrittenWhileBlocked(void)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0);
    thread_t receiver, caller, server;

    newThread(&receiver, receiveOnce, ep, 0, 254, 0);
    newThread(&caller, callOnce, ep, 0, 254, 0);
    startThread(&receiver);
    settle();
    writeWhileBlocked(&receiver);
    startThread(&caller);
    expectWritten(&receiver);
    seL4_TCB_Suspend(caller.tcb);

    ep = newObject(seL4_EndpointObject, 0);
    newThread(&server, answerOnce, ep, notification, 254, 0);
    newThread(&caller, callOnce, ep, 0, 254, 0);
    startThread(&server);
    startThread(&caller);
    settle();
    writeWhileBlocked(&caller);
    seL4_Signal(notification);
    expectWritten(&caller);
    seL4_TCB_Suspend(server.tcb);
}

/* A new thread finds nothing of the one that ran before it. */
static void testNewThread(void)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);
    seL4_UserContext context;
    seL4_Word *words = (seL4_Word *)&context, i;

    CHECK_ERROR(seL4_TCB_ReadRegisters(tcb, false, 0, 20, &context), 0);
    for (i = 0; i < 20; i++)
        CHECK_EQ(words[i], i == 2 ? 0x202 : 0);
}

void testRegisterRules(void)
{
    thread_t server;

    endpoint = newObject(seL4_EndpointObject, 0);
    notification = newObject(seL4_NotificationObject, 0);
    testNewThread();
    newThread(&server, echo, endpoint, 0, 254, 0);
    /* Below us and not waiting: NBSend drops, NBRecv finds nothing.  Then it waits, and the calls reach it. */
    startThread(&server);
    testSystemCalls();
    CHECK_ERROR(seL4_TCB_SetPriority(server.tcb, seL4_CapInitThreadTCB, 255), 0);
    seL4_Yield();
    testSystemCalls();
    seL4_TCB_Suspend(server.tcb);
    testInterrupts();
    testWrittenWhileBlocked();
}
