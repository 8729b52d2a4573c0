/* SPDX-License-Identifier: BSD-2-Clause */
/* TCB and domain invocations, scheduling, vector state. */
#include "tests/kernel/tests.h"

static volatile seL4_Word counter, order[4], orderCount;
static seL4_CPtr endpoint;

static void spin(seL4_Word unused1, seL4_Word unused2)
{
    for (;;)
        counter++;
}

static void testRegisters(void)
{
    static seL4_UserContext in, out;
    seL4_Word *words = (seL4_Word *)&in, i;
    thread_t t, u;

    newThread(&t, spin, 0, 0, 100, 0);
    for (i = 0; i < 20; i++)
        words[i] = 0x1000 + i;
    in.rflags = ~0ull;
    CHECK_EQ(seL4_TCB_WriteRegisters(t.tcb, false, 0, 20, &in), 0);
    CHECK_EQ(seL4_TCB_ReadRegisters(t.tcb, false, 0, 20, &out), 0);
    for (i = 0; i < 20; i++)
        CHECK_EQ(((seL4_Word *)&out)[i], i == 2 ? 0xed7 & ~0x128ull : words[i]);
    in.rip = 1ull << 50;
    in.fs_base = 1ull << 62;
    CHECK_EQ(seL4_TCB_WriteRegisters(t.tcb, false, 0, 20, &in), 0);
    CHECK_EQ(seL4_TCB_ReadRegisters(t.tcb, false, 0, 20, &out), 0);
    CHECK_EQ(out.rip, 0);
    CHECK_EQ(out.fs_base, 0);
    CHECK_EQ(seL4_TCB_ReadRegisters(t.tcb, false, 0, 0, &out), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), 20);
    CHECK_EQ(seL4_TCB_ReadRegisters(t.tcb, false, 0, 21, &out), seL4_RangeError);
    CHECK_EQ(seL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, false, 0, 20, &out), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_WriteRegisters(seL4_CapInitThreadTCB, false, 0, 20, &in), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetTLSBase(t.tcb, 0x123000), 0);
    newThread(&u, spin, 0, 0, 100, 0);
    CHECK_EQ(seL4_TCB_CopyRegisters(u.tcb, t.tcb, false, false, true, true, 0), 0);
    CHECK_EQ(seL4_TCB_ReadRegisters(u.tcb, false, 0, 20, &out), 0);
    CHECK_EQ(out.rax, 0x1003);
    CHECK_EQ(out.fs_base, 0x123000);
    CHECK_EQ(out.gs_base, 0x1013);
    CHECK_EQ(seL4_TCB_CopyRegisters(u.tcb, endpoint, false, false, true, true, 0), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 1);
}

static void testConfigure(void)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0), pml4 = newObject(seL4_X64_PML4Object, 0);
    seL4_CPtr frame;
    seL4_Word page = (seL4_Word)newPages(1, &frame);

    CHECK_EQ(seL4_TCB_SetSpace(tcb, 0, endpoint, 0, ROOT_VSPACE, 0), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetSpace(tcb, 0, ROOT_CNODE, 0, pml4, 0), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetSpace(tcb, 0, ROOT_CNODE, 0, endpoint, 0), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetIPCBuffer(tcb, page + 8, frame), seL4_AlignmentError);
    CHECK_EQ(seL4_TCB_SetIPCBuffer(tcb, page, endpoint), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetIPCBuffer(tcb, page + 1024, frame), 0);
    CHECK_EQ(seL4_TCB_SetIPCBuffer(tcb, 0, 0), 0);
    CHECK_EQ(seL4_Invoke(tcb, TCBConfigure, 2, 4, 0, 0, 0, 0, NULL), seL4_TruncatedMessage);
    /* The capabilities of the call before must not be taken for this one's. */
    CHECK_EQ(seL4_Invoke(tcb, TCBConfigure, 0, 4, 0, 0, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK_EQ(seL4_Invoke(tcb, TCBSetSpace, 0, 3, 0, 0, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK_EQ(seL4_Invoke(tcb, CNodeCopy, 0, 0, 0, 0, 0, 0, NULL), seL4_IllegalOperation);
    CHECK_EQ(seL4_TCB_SetPriority(tcb, tcb, 1), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), 0);
    CHECK_EQ(seL4_TCB_SetPriority(tcb, endpoint, 1), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, 256), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), 255);
    CHECK_EQ(seL4_TCB_SetMCPriority(tcb, seL4_CapInitThreadTCB, 50), 0);
    CHECK_EQ(seL4_TCB_SetPriority(tcb, tcb, 51), seL4_RangeError);
    CHECK_EQ(seL4_TCB_SetPriority(tcb, tcb, 50), 0);
}

static void note(seL4_Word id, seL4_Word unused)
{
    order[orderCount++ & 3] = id;
    seL4_TCB_Suspend(id);
    for (;;)
        seL4_Yield();
}

static void testPriorities(void)
{
    thread_t low, high;

    newThread(&low, note, 0, 0, 10, 0);
    newThread(&high, note, 0, 0, 20, 0);
    low.context.rdi = low.tcb;
    high.context.rdi = high.tcb;
    seL4_TCB_WriteRegisters(low.tcb, true, 0, 20, &low.context);
    seL4_TCB_WriteRegisters(high.tcb, true, 0, 20, &high.context);
    CHECK_EQ(orderCount, 0);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 15);
    CHECK_EQ(orderCount, 1);
    CHECK_EQ(order[0], high.tcb);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 5);
    CHECK_EQ(orderCount, 2);
    CHECK_EQ(order[1], low.tcb);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255);
}

/* Two threads of one priority share the CPU although neither gives it up. */
static void testTimeSlice(void)
{
    seL4_Word i;
    thread_t t;

    counter = 0;
    newThread(&t, spin, 0, 0, 255, 0);
    startThread(&t);
    for (i = 0; i < 2000000000ull && counter == 0; i++)
        __asm__ volatile("" ::: "memory");
    CHECK(counter != 0);
    seL4_TCB_Suspend(t.tcb);
}

static volatile seL4_Word fpuOK;

static void useFPU(seL4_Word value, seL4_Word yields)
{
    seL4_Word back, i, bad = 0;

    __asm__ volatile("movq %0, %%xmm3" : : "r"(value));
    for (i = 0; i < yields; i++) {
        seL4_Yield();
        __asm__ volatile("movq %%xmm3, %0" : "=r"(back));
        bad += back != value;
    }
    fpuOK += bad == 0;
    seL4_Signal(order[3]);
    for (;;)
        seL4_Yield();
}

static void testFPU(void)
{
    seL4_CPtr done = newObject(seL4_NotificationObject, 0);
    seL4_TCB_SetFlags_t flags;
    seL4_MessageInfo_t info;
    seL4_Word badge;
    thread_t a, b;

    order[3] = done;
    newThread(&a, useFPU, 0x1111, 50, 200, endpoint);
    newThread(&b, useFPU, 0x2222, 50, 200, endpoint);
    startThread(&a);
    startThread(&b);
    while (fpuOK < 2)
        seL4_Wait(done, NULL);
    CHECK_EQ(fpuOK, 2);
    seL4_TCB_Suspend(a.tcb);
    seL4_TCB_Suspend(b.tcb);
    flags = seL4_TCB_SetFlags(a.tcb, 0, ~0ull);
    CHECK_EQ(flags.error, 0);
    CHECK_EQ(flags.flags, 1);
    seL4_TCB_WriteRegisters(a.tcb, true, 0, 20, &a.context);
    info = seL4_Recv(endpoint, &badge);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 7);
    CHECK_EQ(seL4_TCB_SetFlags(a.tcb, 1, 0).flags, 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    while (fpuOK < 3)
        seL4_Wait(done, NULL);
    CHECK_EQ(fpuOK, 3);
    seL4_TCB_Suspend(a.tcb);
}

static volatile seL4_Word baseSeen;

static void readFS(seL4_Word unused1, seL4_Word unused2)
{
    seL4_Word base;

    __asm__ volatile("rdfsbase %0" : "=r"(base));
    baseSeen = base;
    __asm__ volatile("wrfsbase %0" : : "r"(base + 0x1000));
    seL4_Yield();
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    baseSeen = base;
    for (;;)
        seL4_Yield();
}

static void testSegmentBases(void)
{
    seL4_UserContext context;
    thread_t t;

    newThread(&t, readFS, 0, 0, 255, 0);
    t.context.fs_base = 0x5000;
    __asm__ volatile("wrfsbase %0" : : "r"(0x9000ull));
    seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context);
    seL4_Yield();
    CHECK_EQ(baseSeen, 0x5000);
    seL4_Yield();
    CHECK_EQ(baseSeen, 0x6000);
    seL4_TCB_ReadRegisters(t.tcb, true, 0, 20, &context);
    CHECK_EQ(context.fs_base, 0x6000);
    CHECK_EQ(seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, 0x7000), 0);
    __asm__ volatile("rdfsbase %0" : "=r"(baseSeen));
    CHECK_EQ(baseSeen, 0x7000);
}

static void testDomains(void)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);

    CHECK_EQ(seL4_DomainSet_Set(seL4_CapDomain, 0, tcb), 0);
    CHECK_EQ(seL4_DomainSet_Set(seL4_CapDomain, 200, tcb), seL4_InvalidArgument);
    CHECK_EQ(seL4_DomainSet_Set(seL4_CapDomain, 0, endpoint), seL4_InvalidArgument);
    CHECK_EQ(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 1000, 0, 1), seL4_RangeError);
    CHECK_EQ(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 200, 1), seL4_RangeError);
    CHECK_EQ(seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, 0), seL4_InvalidArgument);
    CHECK_EQ(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 1000), seL4_RangeError);
    CHECK_EQ(seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0), 0);
}

void testThreads(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    testRegisters();
    testConfigure();
    testPriorities();
    testTimeSlice();
    testSegmentBases();
    testDomains();
    testFPU();
}
