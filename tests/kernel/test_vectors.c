/* SPDX-License-Identifier: BSD-2-Clause */
/* Vector and x87 state: each thread has its own, a new one the default, none sees another's; the fpuDisabled flag. */
#include "tests/kernel/tests.h"

static volatile seL4_Word good, bad;
static seL4_CPtr endpoint;
static struct {
    seL4_Word xmm[32];
    seL4_Uint32 mxcsr;
    seL4_Uint16 control, status, tag;
} found __attribute__((aligned(16)));

/* Keeps a value in XMM3, XMM15 and the x87 stack over many switches. */
static void useVectors(seL4_Word value, seL4_Word yields)
{
    seL4_Word a, b, c, i, wrong = 0;

    __asm__ volatile("movq %0, %%xmm3\n\tmovq %0, %%xmm15\n\tpushq %0\n\tfildq (%%rsp)\n\tpopq %0" : "+r"(value));
    for (i = 0; i < yields; i++) {
        seL4_Yield();
        __asm__ volatile("movq %%xmm3, %0\n\tmovq %%xmm15, %1\n\tpushq $0\n\tfld %%st(0)\n\tfistpq (%%rsp)\n\tpopq %2"
                         : "=r"(a), "=r"(b), "=r"(c));
        wrong += a != value || b != value || c != value;
    }
    if (wrong == 0)
        good++;
    else
        bad++;
    park();
}

static void testSwitching(thread_t *t)
{
    seL4_Word i;

    for (i = 0; i < 3; i++) {
        newThread(&t[i], useVectors, 0x1111 * (i + 1), 50, 200, endpoint);
        startThread(&t[i]);
    }
    settle();
    CHECK_EQ(good, 3);
    CHECK_EQ(bad, 0);
}

/* With the flag vector instructions are exception 7; the other threads do not notice. */
static void testDisabled(thread_t *t)
{
    seL4_Word i;

    CHECK_EQ(seL4_TCB_SetFlags(t[0].tcb, 0, ~0ull).error, 0);
    CHECK_EQ(seL4_TCB_SetFlags(t[0].tcb, 0, 0).flags, 1);
    for (i = 0; i < 3; i++) {
        seL4_TCB_Suspend(t[i].tcb);
        CHECK_ERROR(seL4_TCB_WriteRegisters(t[i].tcb, true, 0, 20, &t[i].context), 0);
    }
    settle();
    CHECK_EQ(good, 5);
    CHECK_EQ(seL4_NBRecv(endpoint, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 7);
    CHECK_EQ(seL4_TCB_SetFlags(t[0].tcb, 1, 0).flags, 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    settle();
    CHECK_EQ(good, 6);
    CHECK_EQ(bad, 0);
    CHECK_EQ(seL4_TCB_SetFlags(t[0].tcb, 1, 1).flags, 1); /* cleared first, then set */
    CHECK_EQ(seL4_TCB_SetFlags(t[0].tcb, 1, 0).flags, 0);
}

/* For itself, at once. */
static void testOwnFlag(void)
{
    seL4_Word value = 0x42, back;

    __asm__ volatile("movq %0, %%xmm7" : : "r"(value));
    CHECK_EQ(seL4_TCB_SetFlags(seL4_CapInitThreadTCB, 0, 1).flags, 1);
    CHECK_EQ(seL4_TCB_SetFlags(seL4_CapInitThreadTCB, 1, 0).flags, 0);
    __asm__ volatile("movq %%xmm7, %0" : "=r"(back));
    CHECK_EQ(back, 0x42);
}

static void look(seL4_Word unused1, seL4_Word unused2)
{
    __asm__ volatile("movdqu %%xmm0, 0(%0)\n\tmovdqu %%xmm1, 16(%0)\n\tmovdqu %%xmm2, 32(%0)\n\tmovdqu %%xmm3, 48(%0)\n\t"
                     "movdqu %%xmm4, 64(%0)\n\tmovdqu %%xmm5, 80(%0)\n\tmovdqu %%xmm6, 96(%0)\n\tmovdqu %%xmm7, 112(%0)\n\t"
                     "movdqu %%xmm8, 128(%0)\n\tmovdqu %%xmm9, 144(%0)\n\tmovdqu %%xmm10, 160(%0)\n\t"
                     "movdqu %%xmm11, 176(%0)\n\tmovdqu %%xmm12, 192(%0)\n\tmovdqu %%xmm13, 208(%0)\n\t"
                     "movdqu %%xmm14, 224(%0)\n\tmovdqu %%xmm15, 240(%0)\n\tstmxcsr 256(%0)\n\tfnstcw 260(%0)\n\t"
                     "fnstsw 262(%0)"
                     :
                     : "r"(&found)
                     : "memory");
    good++;
    park();
}

/* What a new thread finds, after another one has filled everything. */
static void testNewThread(void)
{
    seL4_Word i, secret = 0xfeedface, dirty = 0;
    thread_t t;

    __asm__ volatile("movq %0, %%xmm0\n\tmovq %0, %%xmm1\n\tmovq %0, %%xmm9\n\tmovq %0, %%xmm14\n\tfldpi\n\tfldpi" : : "r"(secret));
    good = 0;
    newThread(&t, look, 0, 0, 100, endpoint);
    startThread(&t);
    settle();
    __asm__ volatile("fninit");
    CHECK_EQ(good, 1);
    for (i = 0; i < 32; i++)
        dirty |= found.xmm[i];
    CHECK_EQ(dirty, 0);
    CHECK_EQ(found.mxcsr, 0x1f80);
    CHECK_EQ(found.control, 0x37f);
    CHECK_EQ(found.status, 0);
    deleteCap(t.tcb);
}

static bool hasAVX(void)
{
    unsigned a = 1, b, c = 0, d;

    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (c >> 27 & 3) == 3; /* OSXSAVE, AVX */
}

static volatile seL4_Word upper[4];

/* Publishes the upper half of YMM5 and leaves something else in it. */
static void lookUpper(seL4_Word value, seL4_Word unused)
{
    __asm__ volatile("vextractf128 $1, %%ymm5, %0\n\tvmovq %1, %%xmm6\n\tvinsertf128 $1, %%xmm6, %%ymm5, %%ymm5"
                     : "=m"(*(char(*)[16])upper)
                     : "r"(value));
    good++;
    park();
}

/* Kernels with XSAVE keep the upper halves too. */
static void testAVX(void)
{
    seL4_Word secret = 0xfeedface, back[2] = {0, 0};
    thread_t t;

    if (!hasAVX())
        return;
    good = 0;
    upper[0] = 1;
    __asm__ volatile("vmovq %0, %%xmm6\n\tvinsertf128 $1, %%xmm6, %%ymm5, %%ymm5" : : "r"(secret));
    newThread(&t, lookUpper, 0x1234, 0, 100, endpoint);
    startThread(&t);
    settle();
    __asm__ volatile("vextractf128 $1, %%ymm5, %0\n\tvzeroupper" : "=m"(back));
    CHECK_EQ(good, 1);
    CHECK_EQ(upper[0], 0);
    CHECK_EQ(upper[1], 0);
    CHECK_EQ(back[0], secret);
    CHECK_EQ(back[1], 0);
    deleteCap(t.tcb);
}

void testVectors(void)
{
    thread_t t[3];
    seL4_Word i;

    endpoint = newObject(seL4_EndpointObject, 0);
    testSwitching(t);
    testDisabled(t);
    for (i = 0; i < 3; i++)
        deleteCap(t[i].tcb);
    testOwnFlag();
    testNewThread();
    testAVX();
}
