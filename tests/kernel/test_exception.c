/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions, software interrupts and unknown system calls of user code, one instruction each: sections 1 and 9 of the ABI. */
#include "tests/kernel/tests.h"

#define NON_CANONICAL 0x1234567800000000ull
#define ANY ~0ull /* the CPU's own error code: QEMU's differs from the manual's for a gate that user code may not use */

static seL4_CPtr endpoint;
static uint8_t *code;

/* Starts the bytes with RAX, RCX and RDX as given; returns the fault's message info. */
static seL4_MessageInfo_t execute(thread_t *t, const char *bytes, seL4_Word n, seL4_Word rax, seL4_Word rdx)
{
    seL4_Word i;

    for (i = 0; i < n; i++)
        code[i] = (uint8_t)bytes[i];
    seL4_TCB_Suspend(t->tcb);
    t->context.rip = (seL4_Word)code;
    t->context.rax = rax;
    t->context.rdx = rdx;
    t->context.rflags = 0x202;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t->tcb, true, 0, 20, &t->context), 0);
    return seL4_Recv(endpoint, NULL);
}

static void testExceptions(thread_t *t)
{
    static const struct {
        const char *bytes;
        seL4_Word n, rax, vector, code, offset;
    } table[] = {
        {"\xf7\xf0", 2, 0, 0, 0, 0},                /* div eax */
        {"\xcc", 1, 0, 3, 0, 1},                    /* int3 */
        {"\xcd\x03", 2, 0, 3, 0, 2},                /* int 3 */
        {"\x0f\x0b", 2, 0, 6, 0, 0},                /* ud2 */
        {"\xf4", 1, 0, 13, 0, 0},                   /* hlt */
        {"\xfa", 1, 0, 13, 0, 0},                   /* cli */
        {"\xec", 1, 0, 13, 0, 0},                   /* in al, dx */
        {"\xee", 1, 0, 13, 0, 0},                   /* out dx, al */
        {"\x0f\x22\xd8", 3, 0, 13, 0, 0},           /* mov cr3, rax */
        {"\x0f\x20\xc0", 3, 0, 13, 0, 0},           /* mov rax, cr0 */
        {"\x0f\x32", 2, 0, 13, 0, 0},               /* rdmsr */
        {"\x0f\x30", 2, 0, 13, 0, 0},               /* wrmsr */
        {"\x0f\x01\xf8", 3, 0, 13, 0, 0},           /* swapgs */
        {"\x0f\x09", 2, 0, 13, 0, 0},               /* wbinvd */
        {"\x48\x8b\x00", 3, NON_CANONICAL, 13, 0, 0}, /* mov rax, [rax] */
        {"\xcd\x00", 2, 0, 13, ANY, 0},             /* int 0 */
        {"\xcd\x0e", 2, 0, 13, ANY, 0},             /* int 14 */
        {"\xcd\x20", 2, 0, 13, ANY, 0},             /* int 0x20 */
        {"\xcd\x80", 2, 0, 13, ANY, 0},             /* int 0x80 */
        {"\xcd\x9d", 2, 0, 13, ANY, 0},             /* int 0x9d: the kernel's timer */
        {"\xcd\xff\x0f\x0b", 4, 0, 6, 0, 2},       /* int 0xff, the APIC's spurious vector, does nothing; ud2 */
        {"\x68\x00\x03\x00\x00\xd9\x2c\x24\xd9\xe8\xd9\xee\xde\xf9\x9b", 15, 0, 16, 0, 14}, /* 1/0 unmasked, fwait */
    };
    seL4_Word i;

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        seL4_MessageInfo_t info = execute(t, table[i].bytes, table[i].n, table[i].rax, 0x80);

        CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
        CHECK_EQ(seL4_GetMR(seL4_UserException_Number), table[i].vector);
        if (table[i].code != ANY)
            CHECK_EQ(seL4_GetMR(seL4_UserException_Code), table[i].code);
        CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code + table[i].offset);
        CHECK_EQ(seL4_GetMR(seL4_UserException_FLAGS) & 0x302, 0x202);
        if (i != sizeof(table) / sizeof(table[0]) - 1)
            CHECK_EQ(seL4_GetMR(seL4_UserException_SP), t->context.rsp);
    }
}

static void unknown(thread_t *t, const char *bytes, seL4_Word rax, seL4_Word rdx, seL4_Word number)
{
    seL4_MessageInfo_t info = execute(t, bytes, 2, rax, rdx);

    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_UnknownSyscall, 0, 0, 19).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), number);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_FaultIP), code);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_RAX), rax);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_RDX), rdx);
}

static void testNumbers(thread_t *t)
{
    static const int64_t numbers[] = {0, 1, -15, -16, -17, -18, -26, -29, -31, -100, 0xffffffff, INT64_MAX, INT64_MIN};
    seL4_Word i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        unknown(t, "\x0f\x05", 0x1122334455667788, (seL4_Word)numbers[i], (seL4_Word)numbers[i]);
}

/* `int n': every vector from 158 to 254 is an unknown system call, every other below but 3 a general protection fault. */
static void testVectorNumbers(thread_t *t)
{
    char bytes[] = "\xcd\x00";
    seL4_Word n;

    for (n = 158; n <= 254; n++) {
        bytes[1] = (char)n;
        unknown(t, bytes, 0xff123456 + n, 9, n << 24 | (0x123456 + n));
    }
    unknown(t, "\xcd\xfe", ~0ull, 9, 0xfeffffff);
    for (n = 0; n < 158; n++) {
        bytes[1] = (char)n;
        if (n == 3)
            continue;
        CHECK_EQ(execute(t, bytes, 2, 0, 0).words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
        CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 13);
        CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), (seL4_Word)code);
    }
}

/* All 18 registers of the message are the thread's, and the reply writes them back. */
static void testMessage(thread_t *t)
{
    static const uint8_t inMessage[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0, 1, 2};
    seL4_UserContext context;
    const seL4_Word *words = (const seL4_Word *)&t->context, *now = (const seL4_Word *)&context;
    seL4_Word i;

    for (i = 3; i < 18; i++)
        ((seL4_Word *)&t->context)[i] = 0x5500 + i;
    execute(t, "\xcd\xa0\xeb\xfe", 4, 0x5503, 0x5506);
    for (i = 0; i < 18; i++)
        CHECK_EQ(seL4_GetMR((int)i), words[inMessage[i]]);
    for (i = 0; i < 18; i++)
        seL4_SetMR((int)i, 0x6600 + i);
    seL4_SetMR(15, (seL4_Word)code + 2);
    seL4_SetMR(17, ~0ull);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 18));
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, true, 0, 20, &context), 0);
    for (i = 0; i < 18; i++)
        CHECK_EQ(now[inMessage[i]], i == 15 ? (seL4_Word)code + 2 : i == 17 ? allFlags() : 0x6600 + i);
}

/* Shorter replies write fewer registers; a label other than 0 leaves the thread stopped; wild addresses become 0. */
static void testReplies(thread_t *t)
{
    seL4_UserContext context;
    seL4_Word i;

    for (i = 3; i < 18; i++)
        ((seL4_Word *)&t->context)[i] = 0x7700 + i;
    execute(t, "\xcd\xa0\xeb\xfe", 4, 0x7703, 0x7706);
    seL4_SetMR(0, 1);
    seL4_SetMR(1, 2);
    seL4_SetMR(2, 3);
    seL4_Reply(seL4_MessageInfo_new(1, 0, 0, 2));
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, false, 0, 20, &context), 0);
    CHECK_EQ(context.rax, 1);
    CHECK_EQ(context.rbx, 2);
    CHECK_EQ(context.rcx, 0x7705);
    CHECK_EQ(context.rip, code);
    settle(); /* it does not run: label 1 */
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, false, 0, 20, &context), 0);
    CHECK_EQ(context.rip, code);

    execute(t, "\x0f\x0b\xeb\xfe", 4, 0, 0);
    seL4_SetMR(0, NON_CANONICAL);
    seL4_SetMR(1, 0x4000);
    seL4_SetMR(2, ~0ull);
    seL4_Reply(seL4_MessageInfo_new(5, 0, 0, 120));
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, false, 0, 20, &context), 0);
    CHECK_EQ(context.rip, 0);
    CHECK_EQ(context.rsp, 0x4000);
    CHECK_EQ(context.rflags, allFlags());
    CHECK_EQ(context.rdi, 0x7708);
    settle(); /* stopped */
    CHECK_EQ(seL4_NBRecv(endpoint, NULL).words[0], 0);

    execute(t, "\x0f\x0b\xeb\xfe", 4, 0, 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0)); /* at the same instruction again */
    CHECK_EQ(seL4_Recv(endpoint, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UserException_FaultIP), code);
}

/* The handler needs Write and Grant or GrantReply; its badge arrives with the fault. */
static void testHandlers(void)
{
    static const seL4_Word rights[] = {1, 1 | 4, 1 | 8, 4 | 8, 2 | 4 | 8, 15};
    static const seL4_Word works[] = {0, 1, 1, 0, 0, 1};
    seL4_UserContext context;
    seL4_Word i, badge;

    for (i = 0; i < 6; i++) {
        thread_t t;
        seL4_CPtr handler = mintCap(endpoint, (seL4_CapRights_t){{rights[i]}}, 0xf0 + i);

        newThread(&t, (void (*)(seL4_Word, seL4_Word))code, 0, 0, 100, handler);
        code[0] = 0x0f;
        code[1] = 0x0b;
        startThread(&t);
        settle();
        seL4_NBRecv(endpoint, &badge);
        CHECK_EQ(badge, works[i] ? 0xf0 + i : 0);
        CHECK_ERROR(seL4_TCB_ReadRegisters(t.tcb, false, 0, 20, &context), 0);
        CHECK_EQ(context.rip, code);
        /* Replied to or not, it runs only if its fault was delivered. */
        code[0] = 0xeb;
        code[1] = 0xfe;
        seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
        deleteCap(t.tcb);
    }
}

void testExceptionRules(void)
{
    thread_t t;

    endpoint = newObject(seL4_EndpointObject, 0);
    code = newPages(1, NULL);
    newThread(&t, parkThread, 0, 0, 100, endpoint);
    testExceptions(&t);
    testNumbers(&t);
    testVectorNumbers(&t);
    testMessage(&t);
    testReplies(&t);
    seL4_TCB_Suspend(t.tcb);
    testHandlers();
}
