/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One random kernel entry: a system call with arguments that are likely to do something, one with any arguments, a call that is
 * repeated after a preemption, a fault, an interrupt.
 */
#include "tests/kernel/host/world.h"

#include "kernel/arch/x86_64/instructions.h"

#define SYSCALL_ADDRESS 0x1000

word_t succeeded[64], restarted;

/* Small numbers, slots, addresses, and now and then anything. */
static word_t word(void)
{
    switch (below(12)) {
    case 0:
        return random64();
    case 1:
        return ~(word_t)0 >> below(64);
    case 2:
        return BIT(below(64));
    case 3:
    case 4:
        return below(16) << 12;
    case 5:
        return below(8) << 21;
    case 6:
        return 64;
    case 7:
        return below(14);
    default:
        return below(48);
    }
}

static cptr_t slotNumber(void)
{
    if (below(4) == 0)
        return SLOT_ENDPOINT + below(2);
    return below(32) == 0 ? word() : below(64);
}

/* A slot of the root CNode that holds this type, from a random place on; any slot if there is none. */
static cptr_t slotOf(word_t type)
{
    word_t start = below(64), i;

    for (i = 0; i < 64; i++) {
        if (cap_is(rootCNode[(start + i) % 64].cap, type))
            return (start + i) % 64;
    }
    return slotNumber();
}

/* Few addresses, so that tables and pages meet. */
static word_t address(void)
{
    word_t far = below(16) == 0 ? below(512) << 39 : below(2) << 39;

    return far | below(2) << 30 | below(2) << 21 | (below(4) == 0 ? below(4) << 12 : 0);
}

static void fillRegisters(tcb_t *thread)
{
    static const uint8_t regs[] = {RegR10, RegR8, RegR9, RegR15};
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)lookupIPCBuffer(true, thread);
    word_t i, label = below(54);

    thread->nextIP = SYSCALL_ADDRESS + 2;
    thread->inSyscall = 1;
    setRegister(thread, capRegister, slotNumber());
    setRegister(thread, msgInfoRegister,
                seL4_MessageInfo_new(label, below(8), below(4), below(16) == 0 ? below(128) : below(10)).words[0]);
    for (i = 0; i < 4; i++)
        setRegister(thread, regs[i], word());
    if (ipc == NULL)
        return;
    for (i = 4; i < 10; i++)
        ipc->msg[i] = word();
    for (i = 0; i < 3; i++)
        ipc->caps_or_badges[i] = slotNumber();
    ipc->receiveCNode = SLOT_CNODE;
    ipc->receiveIndex = below(64);
    ipc->receiveDepth = 64;
}

static void setArguments(tcb_t *thread, cptr_t cap, word_t label, word_t caps, word_t length, word_t a, word_t b, word_t c,
                         word_t d)
{
    setRegister(thread, capRegister, cap);
    setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(label, 0, caps, length).words[0]);
    setRegister(thread, RegR10, a);
    setRegister(thread, RegR8, b);
    setRegister(thread, RegR9, c);
    setRegister(thread, RegR15, d);
}

static void retype(tcb_t *thread, seL4_IPCBuffer *ipc)
{
    bool_t small = below(3) == 0;
    word_t type = below(12);
    word_t size = type == seL4_CapTableObject ? (below(16) == 0 ? 8 : 1 + below(5)) : 4 + below(10);

    ipc->msg[4] = SLOT_FREE + below(50);
    ipc->msg[5] = 1 + below(4);
    if (small) { /* into a CNode below the root's */
        word_t node = slotOf(cap_cnode_cap);

        ipc->msg[4] = below(16);
        setArguments(thread, slotOf(cap_untyped_cap), UntypedRetype, 1, 6, type, size, node, 64);
        return;
    }
    setArguments(thread, below(3) ? SLOT_RAM : slotOf(cap_untyped_cap), UntypedRetype, 1, 6, type, size, 0, 0);
}

static void mapping(tcb_t *thread, seL4_IPCBuffer *ipc)
{
    static const uint8_t types[] = {cap_pdpt_cap, cap_page_directory_cap, cap_page_table_cap, cap_frame_cap};
    word_t level = below(4), label = X86PDPTMap + 2 * level + (below(6) == 0);

    ipc->caps_or_badges[0] = slotOf(cap_pml4_cap);
    setArguments(thread, slotOf(types[level]), label, 1, 3, address(), level == 3 ? below(4) : below(8), below(16), 0);
}

static void copyOrMove(tcb_t *thread, seL4_IPCBuffer *ipc)
{
    static const uint8_t types[] = {cap_untyped_cap, cap_endpoint_cap, cap_notification_cap, cap_cnode_cap, cap_thread_cap,
                                    cap_frame_cap, cap_pml4_cap, cap_reply_cap};
    word_t from = below(3) ? slotOf(types[below(8)]) : below(64), label = CNodeCopy + below(4);

    ipc->msg[4] = below(4) ? 15 : below(16);
    ipc->msg[5] = below(4);
    if (below(4) == 0) /* into another CNode */
        setArguments(thread, slotOf(cap_cnode_cap), label, 1, 6, below(16), 1 + below(64), from, 64);
    else
        setArguments(thread, SLOT_CNODE, label, 1, 6, SLOT_FREE + below(50), 64, from, 64);
}

static void threadCall(tcb_t *thread, seL4_IPCBuffer *ipc)
{
    word_t tcb = slotOf(cap_thread_cap);

    switch (below(6)) {
    case 0:
        ipc->caps_or_badges[0] = slotOf(cap_cnode_cap);
        ipc->caps_or_badges[1] = slotOf(cap_pml4_cap);
        ipc->caps_or_badges[2] = slotOf(cap_frame_cap);
        setArguments(thread, tcb, TCBConfigure, 3, 4, SLOT_ENDPOINT, 0, 0, below(4) << 10);
        break;
    case 1:
        ipc->caps_or_badges[0] = SLOT_TCB;
        setArguments(thread, tcb, TCBSetSchedParams, 1, 2, 255, 250 + below(6), 0, 0);
        break;
    case 2:
        setArguments(thread, tcb, below(3) ? TCBResume : TCBSuspend, 0, 0, 0, 0, 0, 0);
        break;
    case 3:
        ipc->caps_or_badges[0] = slotOf(cap_notification_cap);
        setArguments(thread, tcb, TCBBindNotification + below(2), 1, 0, 0, 0, 0, 0);
        break;
    case 4:
        ipc->caps_or_badges[0] = slotOf(cap_thread_cap);
        setArguments(thread, tcb, TCBReadRegisters + below(3), 1, 30, below(16), below(21), 0, 0);
        break;
    default:
        ipc->caps_or_badges[0] = slotOf(cap_pml4_cap);
        setArguments(thread, slotOf(cap_asid_pool_cap), X86ASIDPoolAssign, 1, 0, 0, 0, 0, 0);
        break;
    }
}

static void deviceCall(tcb_t *thread, seL4_IPCBuffer *ipc)
{
    word_t slot = SLOT_FREE + below(50);

    switch (below(5)) {
    case 0:
        setArguments(thread, SLOT_IOPORT_CONTROL, X86IOPortControlIssue, 1, 4, below(200), below(200), slot, 64);
        break;
    case 1:
        ipc->msg[4] = ipc->msg[5] = 0;
        ipc->msg[6] = below(110);
        setArguments(thread, SLOT_IRQ_CONTROL, X86IRQIssueIRQHandlerIOAPIC + below(2), 1, 7, slot, 64, 0, below(25));
        break;
    case 2:
        ipc->caps_or_badges[0] = slotOf(cap_notification_cap);
        setArguments(thread, slotOf(cap_irq_handler_cap), IRQAckIRQ + below(3), 1, 0, 0, 0, 0, 0);
        break;
    case 3:
        ipc->caps_or_badges[0] = slotOf(cap_untyped_cap);
        ipc->caps_or_badges[1] = SLOT_CNODE;
        setArguments(thread, SLOT_ASID_CONTROL, X86ASIDControlMakePool, 2, 2, slot, 64, 0, 0);
        break;
    default:
        ipc->caps_or_badges[1] = SLOT_CNODE;
        ipc->msg[4] = 64;
        ipc->msg[5] = 0;
        ipc->msg[6] = below(64);
        ipc->msg[7] = 64;
        setArguments(thread, SLOT_CNODE, CNodeRotate, 2, 8, below(64), 64, 0, SLOT_FREE + below(50));
        break;
    }
}

/* A message that is likely to do something. */
static void fillUseful(tcb_t *thread)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)lookupIPCBuffer(true, thread);

    fillRegisters(thread);
    if (ipc == NULL)
        return;
    ipc->caps_or_badges[0] = SLOT_CNODE;
    switch (below(12)) {
    case 0:
    case 1:
    case 2:
        retype(thread, ipc);
        break;
    case 3:
    case 4:
        copyOrMove(thread, ipc);
        break;
    case 5:
        if (below(6) == 0)
            setArguments(thread, SLOT_CNODE, CNodeCancelBadgedSends, 0, 2, slotOf(cap_endpoint_cap), 64, 0, 0);
        else
            setArguments(thread, SLOT_CNODE, CNodeRevoke + below(2), 0, 2, below(24) ? SLOT_FREE + below(50) : SLOT_RAM, 64, 0, 0);
        break;
    case 6:
    case 7:
        threadCall(thread, ipc);
        break;
    case 8:
        deviceCall(thread, ipc);
        break;
    default:
        mapping(thread, ipc);
        break;
    }
}

static void enter(tcb_t *thread, int64_t number)
{
    word_t label = getRegister(thread, msgInfoRegister) >> 12;

    thread->nextIP = SYSCALL_ADDRESS + 2;
    thread->inSyscall = 1;
    setRegister(thread, RegRDX, (word_t)number);
    handleSyscall((word_t)number);
    if (number == seL4_SysCall && thread == ksCurThread && getRegister(thread, msgInfoRegister) >> 12 == seL4_NoError)
        succeeded[label & 63]++;
}

static void interrupt(word_t irq)
{
    handleInterrupt(irq);
    schedule();
    activateThread();
}

/* One of all there are, which acknowledging ends. */
void serveInterrupts(void)
{
    handleInterrupt(below(8) == 0 ? IRQ_TIMER : below(NUM_IRQS));
}

/* Whether the thread stands at a system call again: it was preempted in it, or what it waited for went away. */
static bool_t isRestarted(const tcb_t *thread)
{
    return !thread->inSyscall && getRegister(thread, RegFaultIP) == SYSCALL_ADDRESS;
}

/* Of threads that are as good the scheduler may have chosen another. */
static void makeCurrent(tcb_t *thread)
{
    if (ksCurThread == thread)
        return;
    if (isRunnable(ksCurThread))
        tcbSchedEnqueue(ksCurThread);
    tcbSchedDequeue(thread);
    Arch_switchToThread(thread);
    ksCurThread = thread;
    activateThread();
}

word_t repeatCall(tcb_t *thread, int64_t number, word_t limit)
{
    word_t n;

    for (n = 0; n < limit; n++) {
        makeCurrent(thread);
        hostDeviceRegister = 1; /* the last acknowledge has cleared it */
        thread->tcbTimeSlice = CONFIG_TIME_SLICE;
        enter(thread, number);
        if (!isRestarted(thread))
            break;
        interrupt(IRQ_TIMER);
    }
    return n;
}

void operation(void)
{
    tcb_t *thread = ksCurThread;

    hostDeviceRegister = below(3) == 0 ? 1 : 0; /* an interrupt is pending */
    if (below(6) == 0) {
        ksWorkUnitsCompleted = CONFIG_MAX_WORK_UNITS - below(3); /* and noticed soon; at once by a call that waited long enough */
        if (ksWorkUnitsCompleted == CONFIG_MAX_WORK_UNITS)
            thread->timesPutOff = CONFIG_MAX_PUT_OFF;
    }
    if (thread == ksIdleThread) {
        interrupt(below(NUM_IRQS));
        return;
    }
    if (isRestarted(thread) && below(8) != 0) {
        restarted++;
        enter(thread, (int64_t)getRegister(thread, RegRDX));
        return;
    }
    switch (below(40)) {
    case 0:
        thread->inSyscall = 0;
        handleVMFaultEvent(word(), below(32));
        break;
    case 1:
        thread->inSyscall = 0;
        handleUserLevelFault(below(32), below(4));
        break;
    case 2:
    case 3:
        interrupt(below(8) == 0 ? IRQ_TIMER : below(NUM_IRQS));
        break;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
        fillRegisters(thread);
        enter(thread, -(1 + (int64_t)below(9)));
        break;
    case 9:
    case 10:
        fillRegisters(thread);
        enter(thread, seL4_SysCall);
        break;
    default:
        fillUseful(thread);
        enter(thread, seL4_SysCall);
        break;
    }
}
