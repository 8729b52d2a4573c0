/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 9 of the ABI: faults and their replies. */
#include "tests/kernel/tests.h"

static seL4_CPtr endpoint;
static volatile seL4_Word progress;
extern char fault_int_insn[], fault_syscall_insn[];

static void toucher(seL4_Word address, seL4_Word unused)
{
    *(volatile seL4_Word *)address = 42;
    progress = *(volatile seL4_Word *)address;
    __asm__ volatile("ud2");
    progress = 43;
    ((void (*)(void))address)();
    park();
}

static void testVMFault(void)
{
    seL4_CPtr frame = newObject(seL4_X86_4K, 0);
    seL4_Word vaddr = allocPages(1), badge, next;
    seL4_MessageInfo_t info;
    thread_t t;

    newThread(&t, toucher, vaddr, 0, 100, endpoint);
    startThread(&t);
    info = seL4_Recv(endpoint, &badge);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_Addr), vaddr);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_PrefetchFault), 0);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 6);
    CHECK_EQ(seL4_X86_Page_Map(frame, ROOT_VSPACE, vaddr, seL4_ReadWrite, seL4_X86_NoExecute), 0);
    info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(9, 0, 0, 0), &badge);
    CHECK_EQ(progress, 42);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 6);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Code), 0);
    CHECK_EQ(*(const uint16_t *)seL4_GetMR(seL4_UserException_FaultIP), 0x0b0f);
    next = seL4_GetMR(seL4_UserException_FaultIP) + 2;
    CHECK_EQ(seL4_X86_Page_Unmap(frame), 0);
    seL4_SetMR(0, next);
    info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &badge);
    CHECK_EQ(progress, 43);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_IP), vaddr);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_Addr), vaddr);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_PrefetchFault), 1);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 0x14);
    seL4_TCB_Suspend(t.tcb);
}

/* An unknown call, then `int 0xa5`; registers that the handler writes arrive. */
static void emulated(seL4_Word unused1, seL4_Word unused2)
{
    seL4_Word rax = 0x1234;

    __asm__ volatile("movq %%rsp, %%r14\nfault_syscall_insn: syscall\n\tmovq %%r14, %%rsp"
                     : "+a"(rax)
                     : "d"(-1000ll)
                     : "rcx", "r11", "r14", "memory");
    progress = rax;
    rax = 0x765432;
    __asm__ volatile("fault_int_insn: int $0xa5" : "+a"(rax) : : "memory");
    progress = rax;
    __asm__ volatile("int $0x80" ::: "memory");
    __asm__ volatile("int3" ::: "memory");
    park();
}

static void testUnknownSyscall(void)
{
    seL4_MessageInfo_t info;
    seL4_Word badge;
    thread_t t;

    newThread(&t, emulated, 0, 0, 100, endpoint);
    startThread(&t);
    info = seL4_Recv(endpoint, &badge);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_UnknownSyscall, 0, 0, 19).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)-1000);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_RAX), 0x1234);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_FaultIP), fault_syscall_insn);
    seL4_SetMR(seL4_UnknownSyscall_RAX, 0x77);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_GetMR(seL4_UnknownSyscall_FaultIP) + 2);
    info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 16), &badge);
    CHECK_EQ(progress, 0x77);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UnknownSyscall);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), 0xa5765432);
    CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_FaultIP), fault_int_insn);
    seL4_SetMR(seL4_UnknownSyscall_RAX, 0x88);
    seL4_SetMR(seL4_UnknownSyscall_FaultIP, seL4_GetMR(seL4_UnknownSyscall_FaultIP) + 2);
    info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 16), &badge);
    CHECK_EQ(progress, 0x88);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 13);
    seL4_SetMR(0, seL4_GetMR(0) + 2);
    info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 1), &badge);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 3);
    seL4_TCB_Suspend(t.tcb);
}

static void badCaller(seL4_Word cap, seL4_Word receive)
{
    message_t m = {0};

    if (receive)
        seL4_Wait(cap, NULL);
    else
        rawCall((seL4_Word)seL4_SysCall, cap, &m);
    progress = 1;
    park();
}

static void capFault(seL4_CPtr cap, seL4_Word receive, seL4_Word type, seL4_Word bitsLeft, seL4_Word length)
{
    seL4_MessageInfo_t info;
    seL4_Word badge;
    thread_t t;

    newThread(&t, badCaller, cap, receive, 100, endpoint);
    startThread(&t);
    info = seL4_Recv(endpoint, &badge);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, length).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_Addr), cap);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_InRecvPhase), receive);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_LookupFailureType), type);
    CHECK_EQ(seL4_GetMR(seL4_CapFault_BitsLeft), bitsLeft);
    CHECK_EQ(*(const uint16_t *)seL4_GetMR(seL4_CapFault_IP), 0x050f);
    seL4_TCB_Suspend(t.tcb);
}

static void testCapFaults(void)
{
    seL4_CPtr sendOnly = allocSlots(1);

    seL4_CNode_Copy(ROOT_CNODE, sendOnly, 64, ROOT_CNODE, endpoint, 64, seL4_CanWrite);
    capFault(1ull << 63, 0, seL4_GuardMismatch, 64, 7);
    capFault(1ull << 63, 1, seL4_GuardMismatch, 64, 7);
    capFault(sendOnly, 1, seL4_MissingCapability, 0, 5);
    capFault(ROOT_CNODE, 1, seL4_MissingCapability, 0, 5);
}

/* No handler: the thread stops, nothing else happens. */
static void testNoHandler(void)
{
    seL4_UserContext context;
    thread_t t;

    progress = 0;
    newThread(&t, badCaller, 1ull << 63, 0, 100, 0);
    startThread(&t);
    settle();
    CHECK_EQ(progress, 0);
    CHECK_EQ(seL4_TCB_ReadRegisters(t.tcb, false, 0, 20, &context), 0);
    CHECK_EQ(*(const uint16_t *)context.rip, 0x050f);
}

void testFaults(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    testVMFault();
    testUnknownSyscall();
    testCapFaults();
    testNoHandler();
}
