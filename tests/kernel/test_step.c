/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The trap flag: one instruction, then exception 1.  User code may set it itself (POPF); whether whoever writes a thread's registers may is
 * this kernel's extension, and run.py knows which kernel has it.  Source: Intel SDM volume 3, "Single-Step Exception Condition"; volume 2,
 * SYSCALL, SYSRET, IRET, POPF.
 */
#include "tests/kernel/tests.h"

#define TF 0x100ull
#define FLAGS 0x202ull
#define ROUNDS 1000

static seL4_CPtr endpoint, serverFaults;
static uint8_t *code;

/* Starts the bytes, which end with ud2, with these flags. */
static void begin(thread_t *t, const char *bytes, seL4_Word n, seL4_Word flags)
{
    seL4_Word i;

    for (i = 0; i < n; i++)
        code[i] = (uint8_t)bytes[i];
    code[n] = 0x0f;
    code[n + 1] = 0x0b;
    seL4_TCB_Suspend(t->tcb);
    t->context.rip = (seL4_Word)code;
    t->context.rflags = flags;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t->tcb, true, 0, 20, &t->context), 0);
}

/* The next message is exception `vector' at the offset, with TF as given. */
static void expect(seL4_Word vector, seL4_Word offset, seL4_Word tf)
{
    CHECK_EQ(seL4_Recv(endpoint, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), vector);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code + offset);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FLAGS) & (TF | FLAGS), tf | FLAGS);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Code), 0);
}

/* Lets the thread go on with its registers as they are. */
static void goOn(void)
{
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
}

/* The same, with other flags. */
static void goOnWith(seL4_Word flags)
{
    seL4_SetMR(seL4_UserException_FLAGS, flags);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 3));
}

/* Instructions of all lengths; then without the flag; then set again by the reply. */
static void testInstructions(thread_t *t)
{
    static const char bytes[] = "\x90\x48\xff\xc0\xeb\x01\x90\x31\xc0\x90\x90\x90\x90";
    static const uint8_t offsets[] = {1, 4, 7, 9, 10}; /* nop; inc rax; jmp +1; xor eax, eax; nop */
    seL4_Word i;

    begin(t, bytes, sizeof(bytes) - 1, FLAGS | TF);
    for (i = 0; i < sizeof(offsets); i++) {
        expect(1, offsets[i], TF);
        if (i < sizeof(offsets) - 1)
            goOn();
    }
    goOnWith(FLAGS);
    expect(6, 13, 0);
    t->context.rcx = 2;
    begin(t, "\xe2\xfe\x90", 3, FLAGS | TF); /* loop to itself, twice */
    expect(1, 0, TF);
    goOn();
    expect(1, 2, TF);
    goOn();
    expect(1, 3, TF);
    goOn();
    expect(6, 3, TF); /* a fault leaves the flag as it is */
}

/* Many, with ticks in between. */
static void testRounds(thread_t *t)
{
    seL4_UserContext context;
    seL4_Word i;

    t->context.rax = 0;
    begin(t, "\x48\xff\xc0\xeb\xfb", 5, FLAGS | TF); /* inc rax; jmp back */
    for (i = 0; i < ROUNDS; i++) {
        expect(1, 3, TF);
        goOn();
        expect(1, 0, TF);
        goOn();
    }
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, true, 0, 20, &context), 0);
    CHECK_EQ(context.rax, ROUNDS);
}

/* Answers each message with itself. */
static void echo(seL4_Word cap, seL4_Word unused)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    for (;;)
        rawCall((seL4_Word)seL4_SysReplyRecv, cap, &m);
}

static void beginSyscall(thread_t *t, seL4_Word sys, seL4_CPtr cap, seL4_Word length)
{
    t->context.rdx = sys;
    t->context.rdi = cap;
    t->context.rsi = seL4_MessageInfo_new(7, 0, 0, length).words[0];
    t->context.r10 = 0x1234;
    begin(t, "\x0f\x05\x90", 3, FLAGS | TF);
}

/* A system call is one instruction, on whichever way it is served; the server is not stepped. */
static void testCalls(thread_t *t)
{
    seL4_CPtr ep = newObject(seL4_EndpointObject, 0), signal = newObject(seL4_NotificationObject, 0);
    seL4_UserContext context;
    seL4_Word length, serverPriority;
    thread_t server;

    beginSyscall(t, (seL4_Word)seL4_SysYield, 0, 0);
    expect(1, 2, TF);
    goOn();
    expect(1, 3, TF);
    for (serverPriority = 99; serverPriority <= 101; serverPriority++) {
        newThread(&server, echo, ep, 0, serverPriority, serverFaults);
        startThread(&server);
        settle();
        for (length = 0; length <= 4; length++) {
            beginSyscall(t, (seL4_Word)seL4_SysCall, ep, length);
            expect(1, 2, TF);
            CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, false, 0, 20, &context), 0);
            CHECK_EQ(context.rsi, seL4_MessageInfo_new(7, 0, 0, length).words[0]);
            CHECK_EQ(context.r10, 0x1234);
        }
        CHECK_ERROR(seL4_TCB_ReadRegisters(server.tcb, true, 0, 20, &context), 0);
        CHECK_EQ(context.rflags & TF, 0);
        deleteCap(server.tcb);
    }
    CHECK_EQ(seL4_NBRecv(serverFaults, NULL).words[0], 0);

    /* It waits, is stopped and started: the call is made again, and is one instruction still. */
    beginSyscall(t, (seL4_Word)seL4_SysRecv, signal, 0);
    settle();
    CHECK_EQ(seL4_NBRecv(endpoint, NULL).words[0], 0);
    seL4_TCB_Suspend(t->tcb);
    seL4_TCB_Resume(t->tcb);
    settle();
    CHECK_EQ(seL4_NBRecv(endpoint, NULL).words[0], 0);
    seL4_Signal(signal);
    expect(1, 2, TF);
}

/* Faults that are answered are no instructions; a breakpoint takes the place of its step. */
static void testFaultSteps(thread_t *t)
{
    seL4_CPtr frame;
    seL4_Word page = (seL4_Word)newPages(1, &frame);

    seL4_X86_Page_Unmap(frame);
    t->context.rax = page;
    begin(t, "\x48\x8b\x00\xcc\x90", 5, FLAGS | TF); /* mov rax, [rax]; int3; nop */
    CHECK_EQ(seL4_MessageInfo_get_label(seL4_Recv(endpoint, NULL)), seL4_Fault_VMFault);
    CHECK_ERROR(seL4_X86_Page_Map(frame, ROOT_VSPACE, page, seL4_ReadWrite, 0), 0);
    goOn();
    expect(1, 3, TF);
    goOn();
    expect(3, 4, TF);
    goOn();
    expect(1, 5, TF);
}

/* User code that sets the flag itself: the first step is that of the instruction behind POPF. */
static void testPopf(thread_t *t)
{
    static const char bytes[] = "\x9c\x80\x4c\x24\x01\x01\x9d\x90\x9c\x58\x90"; /* pushfq; or byte [rsp+1], 1; popfq; nop; pushfq; pop rax; nop */
    seL4_UserContext context;

    begin(t, bytes, sizeof(bytes) - 1, FLAGS);
    expect(1, 8, TF);
    goOn();
    expect(1, 9, TF);
    goOn();
    expect(1, 10, TF);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, false, 0, 20, &context), 0);
    CHECK_EQ(context.rax & (TF | FLAGS), TF | FLAGS);
    goOnWith(FLAGS);
    expect(6, 11, 0);
    t->context.rdx = (seL4_Word)seL4_SysYield;
    begin(t, "\x9c\x80\x4c\x24\x01\x01\x9d\x0f\x05\x90", 10, FLAGS); /* the instruction behind it is a system call */
    expect(1, 9, TF);
}

/* Without the extension the flag cannot be set from outside. */
static void testIgnored(thread_t *t)
{
    begin(t, "\x90\x90", 2, FLAGS | TF);
    expect(6, 2, 0);
    goOnWith(FLAGS | TF);
    expect(6, 2, 0);
}

void testSteps(void)
{
    bool works = (allFlags() & TF) != 0;
    thread_t t;

    endpoint = newObject(seL4_EndpointObject, 0);
    serverFaults = newObject(seL4_EndpointObject, 0);
    code = newPages(1, NULL);
    newThread(&t, parkThread, 0, 0, 100, endpoint);
    putString(works ? "extension: single step works\n" : "extension: single step is ignored\n");
    testPopf(&t);
    if (works) {
        testInstructions(&t);
        testRounds(&t);
        testCalls(&t);
        testFaultSteps(&t);
    } else {
        testIgnored(&t);
    }
    seL4_TCB_Suspend(t.tcb);
}
