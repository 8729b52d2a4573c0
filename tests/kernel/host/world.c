/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Simulated memory, the state after boot, and what the architecture does not need on the host.
 */
#include "tests/kernel/host/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/arch/x86_64/context.h"

uint32_t hostDeviceRegister = 0x170000;
word_t hostPAT;
word_t x64KSKernelPML4[512] ALIGN(4096), x64KSKernelPDPT[512], x64KSKernelPD[512], x64KSKernelPT[512], x64KSDevicePT[512];
volatile word_t bootTicks;
cte_t *rootCNode;
tcb_t *rootThread;
tcb_t *otherThreads[3];

static struct {
    cte_t slots[tcbCNodeEntries] ALIGN(TCB_OFFSET);
    tcb_t tcb ALIGN(TCB_OFFSET);
} idle;

void clearMemory(word_t ptr, word_t bytes)
{
    memset((void *)ptr, 0, bytes);
}

void copyWords(word_t *dest, const word_t *src, word_t words)
{
    memmove(dest, src, words * 8);
}

void consolePutChar(char c)
{
}

void consolePutString(const char *text)
{
}

void consolePutHex(word_t value)
{
}

void consolePutNumber(word_t value)
{
}

void halt(void)
{
    abort();
}

void mapDevicePage(word_t vaddr, paddr_t paddr)
{
}

void kernelAssertFailed(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    abort();
}

static void put(word_t slot, cap_t cap)
{
    rootCNode[slot].cap = cap;
    rootCNode[slot].mdbNext = MDB_REVOCABLE | MDB_FIRST_BADGED;
}

void resetKernel(void)
{
    memset(&idle, 0, sizeof(idle));
    memset(ksReadyQueues, 0, sizeof(ksReadyQueues));
    memset(ksReadyQueuesL1Bitmap, 0, sizeof(ksReadyQueuesL1Bitmap));
    memset(ksReadyQueuesL2Bitmap, 0, sizeof(ksReadyQueuesL2Bitmap));
    memset(intStateIRQTable, 0, sizeof(intStateIRQTable));
    memset(intStateIRQNode, 0, sizeof(intStateIRQNode));
    memset(x86KSASIDTable, 0, sizeof(x86KSASIDTable));
    freeIOPortRange(0, 0xffff);
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
    ksIdleThread = &idle.tcb;
    ksIdleThread->state = ThreadState_IdleThreadState;
    ksCurThread = ksIdleThread;
    x64KSFPUOwner = ksIdleThread;
    ksCurVSpace = kernelVSpace();
}

/* A thread of the root's spaces, ready to run. */
static tcb_t *makeThread(word_t object, word_t slot)
{
    tcb_t *tcb = (tcb_t *)(object + TCB_OFFSET);
    cap_t buffer = rootCNode[SLOT_BUFFER].cap;

    initThreadObject(tcb);
    put(slot, cap_thread_cap_new((word_t)tcb));
    cteInsert(rootCNode[SLOT_CNODE].cap, &rootCNode[SLOT_CNODE], TCB_PTR_CTE_PTR(tcb, tcbCTable));
    cteInsert(rootCNode[SLOT_VSPACE].cap, &rootCNode[SLOT_VSPACE], TCB_PTR_CTE_PTR(tcb, tcbVTable));
    cteInsert(buffer, &rootCNode[SLOT_BUFFER], TCB_PTR_CTE_PTR(tcb, tcbBuffer));
    tcb->tcbPriority = tcb->tcbMCP = 255;
    tcb->tcbFaultHandler = SLOT_ENDPOINT;
    setThreadState(tcb, ThreadState_Running);
    tcbSchedAppend(tcb);
    return tcb;
}

/* CNode at 0, then a page each for the other objects; the upper half is an untyped. */
void makeWorld(void)
{
    static bool_t mapped;
    word_t base = PPTR_BASE;
    asid_pool_t *pool = (asid_pool_t *)(base + 0x5000);
    cap_t buffer = cap_frame_cap_new(base + 0x7000, X86_SmallPage, VMReadWrite, false);
    word_t i;

    if (!mapped && mmap((void *)base, BIT(MEMORY_BITS), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)base) {
        perror("mmap");
        exit(2);
    }
    mapped = true;
    memset((void *)base, 0, BIT(MEMORY_BITS));
    resetKernel();
    rootCNode = (cte_t *)base;
    put(SLOT_CNODE, cap_cnode_cap_new(ROOT_RADIX, wordBits - ROOT_RADIX, 0, base));
    put(SLOT_VSPACE, cap_new(cap_pml4_cap, base + 0x6000, 0, 1));
    put(SLOT_IRQ_CONTROL, cap_new(cap_irq_control_cap, 0, 0, 0));
    put(SLOT_ASID_CONTROL, cap_new(cap_asid_control_cap, 0, 0, 0));
    put(SLOT_ASID_POOL, cap_new(cap_asid_pool_cap, (word_t)pool, 0, 0));
    put(SLOT_IOPORT_CONTROL, cap_new(cap_io_port_control_cap, 0, 0, 0));
    put(SLOT_BUFFER, buffer);
    put(SLOT_DOMAIN, cap_new(cap_domain_cap, 0, 0, 0));
    put(SLOT_RAM, cap_untyped_cap_new(BIT(MEMORY_BITS - 1), false, MEMORY_BITS - 1, base + BIT(MEMORY_BITS - 1)));
    put(SLOT_DEVICE, cap_untyped_cap_new(0, true, 20, base + BIT(30)));
    x86KSASIDTable[0] = pool;
    pool->array[1] = (word_t *)(base + 0x6000);
    pool->array[1][PML4_ASID_ENTRY] = pml4ASIDEntry(1);
    put(SLOT_ENDPOINT, cap_endpoint_cap_new(base + 0xc000, 0));
    put(SLOT_NOTIFICATION, cap_notification_cap_new(base + 0xd000, 0));
    rootThread = makeThread(base + 0x4000, SLOT_TCB);
    for (i = 0; i < ARRAY_SIZE(otherThreads); i++)
        otherThreads[i] = makeThread(base + 0x8000 + i * 0x1000, SLOT_THREADS + i);
    rescheduleRequired();
    schedule();
}
