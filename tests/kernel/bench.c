/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel operations for tools/count.c.  Built on abi/sel4 only, so that it runs on any kernel with this ABI.
 *
 * Each row is a loop of COUNT rounds between two markers; the console line "row ID ROUNDS NAME" says what marker pair
 * ID, ID+1 measured.  Loop and stubs are part of the figure.
 */
#include "tests/kernel/util.h"

#define COUNT 1000

#define ROW(id, rounds, name, body)                                                                                    \
    do {                                                                                                               \
        seL4_Word round_;                                                                                              \
        MARK(id);                                                                                                      \
        for (round_ = 0; round_ < (rounds); round_++) {                                                                \
            body;                                                                                                      \
        }                                                                                                              \
        MARK((id) + 1);                                                                                                \
        row(id, rounds, name);                                                                                         \
    } while (0)

void run(void);

static seL4_CPtr endpoint, ping, pong, faultEndpoint;
static seL4_Word faultPage;
static char otherStack[4096] __attribute__((aligned(16))); /* in the image, so the cloned space has it */
static thread_t server, otherServer, waiter, ponger, faulter;

static void row(seL4_Word id, seL4_Word rounds, const char *name)
{
    putString("row ");
    putNumber(id);
    putString(" ");
    putNumber(rounds);
    putString(" ");
    putString(name);
    putString("\n");
}

static inline void call(seL4_CPtr cap, seL4_Word length)
{
    seL4_Word mr[4] = {1, 2, 3, 4};

    seL4_CallWithMRs(cap, seL4_MessageInfo_new(0, 0, 0, length), &mr[0], &mr[1], &mr[2], &mr[3]);
}

/* Answers every call with a message of the same length; lives in its own address space too. */
static void serve(seL4_Word cap, seL4_Word unused)
{
    seL4_Word badge, info, mr0 = 0, mr1 = 0, mr2 = 0, mr3 = 0;

    x64_sys_recv((seL4_Word)seL4_SysRecv, cap, &badge, &info, &mr0, &mr1, &mr2, &mr3);
    for (;;)
        x64_sys_send_recv((seL4_Word)seL4_SysReplyRecv, cap, &badge, info & 127, &info, &mr0, &mr1, &mr2, &mr3);
}

static void waitForever(seL4_Word cap, seL4_Word unused)
{
    for (;;)
        seL4_Wait(cap, NULL);
}

static void pongForever(seL4_Word waitCap, seL4_Word signalCap)
{
    for (;;) {
        seL4_Wait(waitCap, NULL);
        seL4_Signal(signalCap);
    }
}

/* Faults for ever: the handler only replies. */
static void touchForever(seL4_Word address, seL4_Word unused)
{
    for (;;)
        *(volatile seL4_Word *)address = 1;
}

static void trapForever(seL4_Word unused1, seL4_Word unused2)
{
    for (;;)
        __asm__ volatile("ud2");
}

/* A second address space with copies of the image and of the thread's pages. */
static seL4_CPtr cloneSpace(void)
{
    seL4_CPtr pml4 = newObject(seL4_X64_PML4Object, 0), frame;
    seL4_Word base = (seL4_Word)bootInfo - 4096, vaddr, i;
    seL4_Word n = bootInfo->userImageFrames.end - bootInfo->userImageFrames.start;

    seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, pml4);
    base -= n << 12;
    for (i = 0; i < n; i++) {
        vaddr = base + (i << 12);
        frame = allocSlots(1);
        seL4_CNode_Copy(ROOT_CNODE, frame, 64, ROOT_CNODE, bootInfo->userImageFrames.start + i, 64, seL4_AllRights);
        if (i == 0 || (vaddr & 0x1fffff) == 0) {
            seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), pml4, vaddr, 0);
            seL4_X86_PageDirectory_Map(newObject(seL4_X86_PageDirectoryObject, 0), pml4, vaddr, 0);
            seL4_X86_PageTable_Map(newObject(seL4_X86_PageTableObject, 0), pml4, vaddr, 0);
        }
        CHECK_EQ(seL4_X86_Page_Map(frame, pml4, vaddr, seL4_ReadWrite, 0), 0);
    }
    return pml4;
}

static void benchIPC(void)
{
    seL4_CPtr other = newObject(seL4_EndpointObject, 0), pml4 = cloneSpace();

    newThread(&server, serve, endpoint, 0, 255, 0);
    startThread(&server);
    newThread(&otherServer, serve, other, 0, 255, 0);
    seL4_TCB_SetSpace(otherServer.tcb, 0, ROOT_CNODE, 0, pml4, 0);
    otherServer.context.rsp = (seL4_Word)(otherStack + sizeof(otherStack) - 8);
    seL4_TCB_WriteRegisters(otherServer.tcb, false, 0, 20, &otherServer.context);
    startThread(&otherServer);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 254);
    call(endpoint, 0);
    call(other, 0);
    ROW(16, COUNT, "Call + ReplyRecv, same space, length 0", call(endpoint, 0));
    ROW(18, COUNT, "Call + ReplyRecv, same space, length 4", call(endpoint, 4));
    ROW(20, COUNT, "Call + ReplyRecv, other space, length 0", call(other, 0));
    ROW(22, COUNT, "Call + ReplyRecv, other space, length 4", call(other, 4));
    ROW(24, COUNT, "Call + ReplyRecv, other space, length 10", call(other, 10));
    ROW(26, COUNT, "Call + ReplyRecv, other space, length 120", call(other, 120));
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255);
}

static void benchSignals(void)
{
    seL4_CPtr idle = newObject(seL4_NotificationObject, 0), higher = newObject(seL4_NotificationObject, 0);

    ROW(28, COUNT, "Yield, alone at its priority", seL4_Yield());
    ROW(30, COUNT, "Signal, nobody waiting", seL4_Signal(idle));
    newThread(&ponger, pongForever, ping, pong, 254, 0);
    startThread(&ponger);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 254);
    ROW(32, COUNT, "Signal/Wait ping-pong round trip", {
        seL4_Signal(ping);
        seL4_Wait(pong, NULL);
    });
    newThread(&waiter, waitForever, higher, 0, 255, 0);
    startThread(&waiter);
    ROW(34, COUNT, "Signal to a higher-priority waiter and back to its Wait", seL4_Signal(higher));
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255);
    seL4_TCB_Suspend(ponger.tcb);
}

static inline void replyFault(void)
{
    seL4_Word badge;

    seL4_ReplyRecvWithMRs(faultEndpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge, NULL, NULL, NULL, NULL);
}

static void benchFaults(void)
{
    thread_t trapper;

    newThread(&faulter, touchForever, faultPage, 0, 100, faultEndpoint);
    startThread(&faulter);
    seL4_RecvWithMRs(faultEndpoint, NULL, NULL, NULL, NULL, NULL);
    ROW(36, COUNT, "VM fault round trip", replyFault());
    seL4_TCB_Suspend(faulter.tcb);
    newThread(&trapper, trapForever, 0, 0, 100, faultEndpoint);
    startThread(&trapper);
    seL4_RecvWithMRs(faultEndpoint, NULL, NULL, NULL, NULL, NULL);
    ROW(38, COUNT, "User exception round trip", replyFault());
    seL4_TCB_Suspend(trapper.tcb);
}

static void benchThreads(void)
{
    seL4_UserContext context;

    ROW(40, COUNT, "TCB_ReadRegisters (20)", seL4_TCB_ReadRegisters(faulter.tcb, false, 0, 20, &context));
    ROW(42, COUNT, "TCB_WriteRegisters (20)", seL4_TCB_WriteRegisters(faulter.tcb, false, 0, 20, &context));
}

static void benchCNode(void)
{
    seL4_CPtr slot = allocSlots(2);

    ROW(44, COUNT, "CNode Copy + Delete", {
        seL4_CNode_Copy(ROOT_CNODE, slot, 64, ROOT_CNODE, endpoint, 64, seL4_AllRights);
        seL4_CNode_Delete(ROOT_CNODE, slot, 64);
    });
    ROW(46, COUNT, "CNode Mint + Revoke", {
        seL4_CNode_Mint(ROOT_CNODE, slot, 64, ROOT_CNODE, endpoint, 64, seL4_AllRights, 5);
        seL4_CNode_Revoke(ROOT_CNODE, endpoint, 64);
    });
    seL4_CNode_Copy(ROOT_CNODE, slot, 64, ROOT_CNODE, endpoint, 64, seL4_AllRights);
    ROW(48, COUNT, "CNode Move", {
        seL4_CNode_Move(ROOT_CNODE, slot + 1 - (round_ & 1), 64, ROOT_CNODE, slot + (round_ & 1), 64);
    });
}

static void benchMemory(void)
{
    seL4_CPtr untyped = newUntyped(20), frames = allocSlots(256);
    seL4_Word page = allocPages(256);

    seL4_Untyped_Retype(untyped, seL4_X86_4K, 0, ROOT_CNODE, 0, 0, frames, 256);
    ROW(50, 256, "Page_Map (4 KiB)",
        seL4_X86_Page_Map(frames + round_, ROOT_VSPACE, page + (round_ << 12), seL4_ReadWrite, 0));
    ROW(52, 256, "Page_Unmap (4 KiB)", seL4_X86_Page_Unmap(frames + round_));
}

static void retypeRow(seL4_CPtr untyped, seL4_Word type, seL4_CPtr slot, seL4_Word n)
{
    seL4_Untyped_Retype(untyped, type, 0, ROOT_CNODE, 0, 0, slot, n);
}

static void benchRetype(void)
{
    seL4_CPtr untyped = newUntyped(21), slots = allocSlots(512);
    seL4_Word i;

    ROW(54, 32, "Retype 1 frame", retypeRow(untyped, seL4_X86_4K, slots + round_, 1));
    ROW(56, 32, "Retype 1 endpoint", retypeRow(untyped, seL4_EndpointObject, slots + 32 + round_, 1));
    ROW(58, 32, "Retype 1 TCB", retypeRow(untyped, seL4_TCBObject, slots + 64 + round_, 1));
    seL4_CNode_Revoke(ROOT_CNODE, untyped, 64);
    ROW(60, 1, "Retype 256 endpoints in one call", retypeRow(untyped, seL4_EndpointObject, slots, 256));
    seL4_CNode_Revoke(ROOT_CNODE, untyped, 64);
    for (i = 0; i < 512; i += 256)
        retypeRow(untyped, seL4_X86_4K, slots + i, 256);
    ROW(62, 1, "Revoke an untyped with 512 frames", seL4_CNode_Revoke(ROOT_CNODE, untyped, 64));
}

void run(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    faultEndpoint = newObject(seL4_EndpointObject, 0);
    ping = newObject(seL4_NotificationObject, 0);
    pong = newObject(seL4_NotificationObject, 0);
    faultPage = allocPages(1);
    benchIPC();
    benchSignals();
    benchFaults();
    benchThreads();
    benchCNode();
    benchMemory();
    benchRetype();
}
