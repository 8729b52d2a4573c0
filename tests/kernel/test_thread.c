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
        CHECK_EQ(((seL4_Word *)&out)[i], i == 2 ? allFlags() : words[i]);
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

/* What each argument of Configure and SetSpace means: guard words, buffers, the order of the checks. */
static void testSpaces(void)
{
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0), small = newObject(seL4_CapTableObject, 4), frame;
    seL4_CPtr readOnly, large = copyCap(largePage(), seL4_AllRights), unmapped = newObject(seL4_X64_PML4Object, 0);
    seL4_Word page = (seL4_Word)newPages(1, &frame);
    seL4_Word tooLong = seL4_CNode_CapData_new(0, 61).words[0], guard = seL4_CNode_CapData_new(5, 60).words[0];

    readOnly = copyCap(frame, seL4_CanRead);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, small, guard, ROOT_VSPACE, 0), 0);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, small, tooLong, ROOT_VSPACE, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, small, 0, ROOT_VSPACE, 0x1234), 0); /* address spaces have no data */
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, ~0ull, small, 0, ROOT_VSPACE, 0), 0);  /* a handler address is looked up when needed */
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, tcb, 0, ROOT_VSPACE, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, small, 0, small, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, small, 0, unmapped, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetSpace(tcb, 0, allocSlots(1), 0, ROOT_VSPACE, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, page + 512, frame), seL4_AlignmentError);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, page + 3072, frame), 0);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, page, readOnly), 0);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0x200000 - 1024, large), 0); /* the frame need not be mapped there */
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, page, small), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetIPCBuffer(tcb, 0, small), 0);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, ROOT_CNODE, 0, ROOT_VSPACE, 0, page + 8, frame), seL4_AlignmentError);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, ROOT_CNODE, tooLong, ROOT_VSPACE, 0, page, frame), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, ROOT_CNODE, 0, endpoint, 0, 0, endpoint), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_Configure(tcb, 0, ROOT_CNODE, 0, ROOT_VSPACE, 0, 0, endpoint), 0);
    deleteCap(tcb);
}

static volatile seL4_Word spacesSeen;

static void tellBadge(seL4_Word cap, seL4_Word address)
{
    message_t m = {0};

    rawCall((seL4_Word)seL4_SysRecv, cap, &m);
    spacesSeen = m.badge;
    *(volatile seL4_Word *)address = 1; /* a page fault, through the handler's address in our CSpace */
    park();
}

/* The guard of the CSpace root decides what an address means, for system calls and for the fault handler alike. */
static void testGuardedSpace(void)
{
    seL4_CPtr small = newObject(seL4_CapTableObject, 4), ntfn = newObject(seL4_NotificationObject, 0);
    seL4_CPtr badged = mintCap(ntfn, seL4_CanWrite, 0x99), faults = mintCap(endpoint, seL4_AllRights, 0x1234);
    seL4_Word guard = seL4_CNode_CapData_new(0x3, 60).words[0], badge;
    seL4_MessageInfo_t info;
    thread_t t;

    CHECK_ERROR(seL4_CNode_Copy(small, 7, 4, ROOT_CNODE, ntfn, 64, seL4_AllRights), 0);
    CHECK_ERROR(seL4_CNode_Copy(small, 8, 4, ROOT_CNODE, faults, 64, seL4_AllRights), 0);
    newThread(&t, tellBadge, 0x37, 0x666000, 100, 0);
    CHECK_ERROR(seL4_TCB_SetSpace(t.tcb, 0x38, small, guard, ROOT_VSPACE, 0), 0);
    startThread(&t);
    seL4_Signal(badged);
    settle();
    CHECK_EQ(spacesSeen, 0x99);
    info = seL4_NBRecv(endpoint, &badge);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4).words[0]);
    CHECK_EQ(badge, 0x1234);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_Addr), 0x666000);
    CHECK_ERROR(deleteCap(t.tcb), 0);
}

/* Fewer words than all: only those are read or written.  The flags select what is copied. */
static void testPartialRegisters(void)
{
    static seL4_UserContext in, out;
    seL4_Word *words = (seL4_Word *)&in, i;
    thread_t t, u;

    newThread(&t, spin, 0, 0, 100, 0);
    for (i = 0; i < 20; i++)
        words[i] = 0x2000 + i;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, false, 0, 5, &in), 0);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t.tcb, false, 0, 20, &out), 0);
    CHECK_EQ(out.rbx, 0x2004);
    CHECK_EQ(out.rcx, 0);
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, false, 0, 20, &in), 0);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t.tcb, false, 0, 3, &out), 0);
    CHECK_EQ(out.rip, 0x2000);
    CHECK_EQ(out.rsp, 0x2001);
    CHECK_EQ(out.rax, 0);
    CHECK_EQ(seL4_Invoke(t.tcb, TCBWriteRegisters, 0, 42, 0, 40, 0, 0, NULL), 0); /* more than there are: 20 */
    newThread(&u, spin, 0, 0, 100, 0);
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, false, 0, 20, &in), 0);
    CHECK_ERROR(seL4_TCB_CopyRegisters(u.tcb, t.tcb, false, false, true, false, 0), 0);
    CHECK_ERROR(seL4_TCB_ReadRegisters(u.tcb, false, 0, 20, &out), 0);
    for (i = 0; i < 18; i++)
        CHECK_EQ(((seL4_Word *)&out)[i], i == 2 ? 0x202 : words[i]);
    CHECK_EQ(out.fs_base, 0);
    CHECK_EQ(out.gs_base, 0);
    CHECK_ERROR(seL4_TCB_WriteRegisters(u.tcb, false, 0, 20, &u.context), 0);
    CHECK_ERROR(seL4_TCB_CopyRegisters(u.tcb, t.tcb, false, false, false, true, 0), 0);
    CHECK_ERROR(seL4_TCB_ReadRegisters(u.tcb, false, 0, 20, &out), 0);
    CHECK_EQ(out.rax, 0);
    CHECK_EQ(out.fs_base, 0x2012);
    CHECK_EQ(out.gs_base, 0x2013);
    deleteCap(t.tcb);
    deleteCap(u.tcb);
}

static void note(seL4_Word id, seL4_Word unused)
{
    order[orderCount++ & 3] = id;
    seL4_TCB_Suspend(id);
    park();
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

static volatile seL4_Word baseSeen[3];

static void readFS(seL4_Word unused1, seL4_Word unused2)
{
    seL4_Word base;

    __asm__ volatile("rdfsbase %0" : "=r"(base));
    baseSeen[0] = base;
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    baseSeen[1] = base;
    __asm__ volatile("wrfsbase %0\n\twrgsbase %1" : : "r"(0x6000ull), "r"(0x8000ull));
    seL4_Yield();
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    baseSeen[2] = base;
    park();
}

/* Kernels with FSGSBASE=inst: user code has the instructions. */
static void testBaseInstructions(thread_t *t)
{
    seL4_UserContext context;
    seL4_Word base;

    CHECK_EQ(baseSeen[0], 0x5000);
    CHECK_EQ(baseSeen[1], 0x5100);
    CHECK_EQ(baseSeen[2], 0x6000);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, true, 0, 20, &context), 0);
    CHECK_EQ(context.fs_base, 0x6000);
    CHECK_EQ(context.gs_base, 0x8000);
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    CHECK_EQ(base, 0x9000);
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    CHECK_EQ(base, 0xa000);
    CHECK_ERROR(seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, 0x7000), 0);
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    CHECK_EQ(base, 0x7000);
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    CHECK_EQ(base, 0xa000);
    CHECK_ERROR(seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, 1ull << 50), 0);
    __asm__ volatile("rdfsbase %0" : "=r"(base));
    CHECK_EQ(base, 0);
}

static seL4_Word fsWord(void)
{
    seL4_Word value;

    __asm__ volatile("movq %%fs:0, %0" : "=r"(value));
    return value;
}

static seL4_Word words[2] = {0x1234, 0x5678};

static void readWords(seL4_Word unused1, seL4_Word unused2)
{
    baseSeen[0] = fsWord();
    x64_sys_short((seL4_Word)seL4_SysSetTLSBase, (seL4_Word)&words[1], 0);
    baseSeen[1] = fsWord();
    x64_sys_short((seL4_Word)seL4_SysSetTLSBase, 1ull << 60, 0); /* ignored */
    baseSeen[2] = fsWord();
    park();
}

/* Kernels with FSGSBASE=msr: a system call, and what other threads set. */
static void testBaseCall(thread_t *t)
{
    seL4_UserContext context;

    seL4_TCB_Suspend(t->tcb);
    t->context.rip = (seL4_Word)readWords;
    t->context.fs_base = (seL4_Word)&words[0];
    CHECK_ERROR(seL4_TCB_WriteRegisters(t->tcb, true, 0, 20, &t->context), 0);
    x64_sys_short((seL4_Word)seL4_SysSetTLSBase, (seL4_Word)&words[0], 0);
    settle();
    CHECK_EQ(baseSeen[0], 0x1234);
    CHECK_EQ(baseSeen[1], 0x5678);
    CHECK_EQ(baseSeen[2], 0x5678);
    CHECK_EQ(fsWord(), 0x1234);
    CHECK_ERROR(seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, (seL4_Word)&words[1]), 0);
    CHECK_EQ(fsWord(), 0x5678);
    CHECK_ERROR(seL4_TCB_ReadRegisters(t->tcb, true, 0, 20, &context), 0);
    CHECK_EQ(context.fs_base, &words[1]);
}

static void testSegmentBases(void)
{
    seL4_CPtr faults = newObject(seL4_EndpointObject, 0);
    bool hasInstructions;
    thread_t t;

    newThread(&t, readFS, 0, 0, 100, faults);
    t.context.fs_base = 0x5000;
    t.context.gs_base = 0x5100;
    CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, false, 0, 20, &t.context), 0);
    startThread(&t);
    settle();
    hasInstructions = seL4_NBRecv(faults, NULL).words[0] == 0;
    if (hasInstructions) {
        seL4_TCB_Suspend(t.tcb);
        baseSeen[0] = 0;
        CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context), 0);
        __asm__ volatile("wrfsbase %0\n\twrgsbase %1" : : "r"(0x9000ull), "r"(0xa000ull));
        settle();
        testBaseInstructions(&t);
        t.context.fs_base = 0x5200;
        t.context.gs_base = 0;
        CHECK_ERROR(seL4_TCB_WriteRegisters(t.tcb, true, 0, 20, &t.context), 0);
        settle();
        CHECK_EQ(baseSeen[0], 0x5200);
        CHECK_EQ(baseSeen[1], 0);
    } else {
        CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 6);
        testBaseCall(&t);
    }
    deleteCap(t.tcb);
}

void testThreads(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    testRegisters();
    testConfigure();
    testSpaces();
    testGuardedSpace();
    testPartialRegisters();
    testPriorities();
    testTimeSlice();
    testSegmentBases();
}
