/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random system calls, faults and interrupts against the kernel's object code on the host.
 *
 * Usage: fuzz [OPERATIONS] [SEED]    runs that many, prints "N passed, 0 failed"; or is built with -fsanitize=fuzzer and
 * HOST_LIBFUZZER and takes its choices from the fuzzer.  Invariants are checked after every 8th operation (with
 * libFuzzer after each).
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/kernel/host/world.h"

#include "kernel/arch/x86_64/instructions.h"

static const uint8_t *input;
static size_t inputBytes;
static uint64_t state;

static word_t succeeded[64]; /* by invocation label */

static word_t random64(void)
{
    word_t value = 0;
    int i;

    if (input != NULL) {
        for (i = 0; i < 4 && inputBytes > 0; i++, inputBytes--)
            value = value << 8 | *input++;
        return value;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static word_t below(word_t n)
{
    return random64() % n;
}

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

static void fillRegisters(tcb_t *thread)
{
    static const uint8_t regs[] = {RegR10, RegR8, RegR9, RegR15};
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)lookupIPCBuffer(true, thread);
    word_t i, label = below(54);

    thread->nextIP = 0x1002;
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

/* A message that is likely to do something: retypes, copies and mappings into the root CNode. */
static void fillUseful(tcb_t *thread)
{
    seL4_IPCBuffer *ipc = (seL4_IPCBuffer *)lookupIPCBuffer(true, thread);
    word_t slot = SLOT_FREE + below(50);

    fillRegisters(thread);
    if (ipc == NULL)
        return;
    ipc->caps_or_badges[0] = SLOT_CNODE;
    switch (below(6)) {
    case 0:
        setRegister(thread, capRegister, below(3) ? SLOT_RAM : slotNumber());
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(UntypedRetype, 0, 1, 6).words[0]);
        setRegister(thread, RegR10, below(12));
        setRegister(thread, RegR8, 4 + below(10));
        setRegister(thread, RegR15, 0);
        ipc->msg[4] = slot;
        ipc->msg[5] = 1 + below(4);
        break;
    case 1:
        setRegister(thread, capRegister, SLOT_CNODE);
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(CNodeCopy + below(4), 0, 1, 6).words[0]);
        setRegister(thread, RegR10, slot);
        setRegister(thread, RegR8, 64);
        setRegister(thread, RegR9, below(64));
        setRegister(thread, RegR15, 64);
        ipc->msg[4] = 15;
        ipc->msg[5] = below(4);
        break;
    case 2:
        setRegister(thread, capRegister, SLOT_CNODE);
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(CNodeRevoke + below(2), 0, 0, 2).words[0]);
        setRegister(thread, RegR10, below(16) ? slot : SLOT_RAM);
        setRegister(thread, RegR8, 64);
        break;
    case 3:
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(TCBConfigure, 0, 3, 4).words[0]);
        setRegister(thread, RegR10, slot);
        setRegister(thread, RegR8, 0);
        setRegister(thread, RegR9, 0);
        setRegister(thread, RegR15, below(4) << 10);
        ipc->caps_or_badges[1] = SLOT_VSPACE;
        ipc->caps_or_badges[2] = SLOT_BUFFER;
        break;
    case 4:
        setRegister(thread, msgInfoRegister,
                    seL4_MessageInfo_new(below(2) ? TCBSetSchedParams : TCBResume, 0, 1, 2).words[0]);
        setRegister(thread, RegR10, 255);
        setRegister(thread, RegR8, 253 + below(3));
        ipc->caps_or_badges[0] = SLOT_TCB;
        break;
    default:
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(X86PDPTMap + 2 * below(4), 0, 1, 3).words[0]);
        ipc->caps_or_badges[0] = below(2) ? SLOT_VSPACE : slotNumber();
        setRegister(thread, RegR10, below(4) << 12);
        break;
    }
}

static void call(void)
{
    tcb_t *thread = ksCurThread;
    word_t label = getRegister(thread, msgInfoRegister) >> 12;

    handleSyscall((word_t)seL4_SysCall);
    if (thread == ksCurThread && getRegister(thread, msgInfoRegister) >> 12 == seL4_NoError)
        succeeded[label & 63]++;
}

static void operation(void)
{
    hostDeviceRegister = below(4) == 0 ? 1 : 0; /* an interrupt is pending */
    if (ksCurThread == ksIdleThread) {
        handleInterrupt(below(NUM_IRQS));
        schedule();
        activateThread();
        return;
    }
    switch (below(40)) {
    case 0:
        handleVMFaultEvent(word(), below(32));
        break;
    case 1:
        handleUserLevelFault(below(32), below(4));
        break;
    case 2:
        handleInterrupt(below(8) == 0 ? IRQ_TIMER : below(NUM_IRQS));
        schedule();
        activateThread();
        break;
    case 3:
    case 4:
    case 5:
        fillRegisters(ksCurThread);
        handleSyscall((word_t) - (1 + (int64_t)below(9)));
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        fillRegisters(ksCurThread);
        call();
        break;
    default:
        fillUseful(ksCurThread);
        call();
        break;
    }
}


static bool_t canRun(tcb_t *tcb)
{
    return cap_is(TCB_PTR_CTE_PTR(tcb, tcbCTable)->cap, cap_cnode_cap) && hasCapability(tcb);
}

/* If nothing runs, one of the first threads is resumed; the world ends when the root thread cannot be. */
static bool_t isDead(void)
{
    tcb_t *tcb = otherThreads[below(ARRAY_SIZE(otherThreads))];

    if (ksCurThread != ksIdleThread)
        return false;
    if (!canRun(rootThread))
        return true;
    restart(below(2) && canRun(tcb) ? tcb : rootThread);
    schedule();
    activateThread();
    return false;
}

#ifdef HOST_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    input = data;
    inputBytes = bytes;
    makeWorld();
    while (inputBytes > 0 && !isDead()) {
        operation();
        checkInvariants();
    }
    return 0;
}
#else
int main(int argc, char **argv)
{
    word_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, i, worlds = 1, age = 0;

    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252ull;
    makeWorld();
    for (i = 0; i < n; i++) {
        operation();
        if (i % 8 == 0)
            checkInvariants();
        if (isDead() || ++age == 1000) {
            makeWorld();
            worlds++;
            age = 0;
        }
    }
    for (i = 1; i <= X86IRQIssueIRQHandlerMSI; i++)
        fprintf(stderr, "label %llu succeeded %llu times\n", (unsigned long long)i, (unsigned long long)succeeded[i]);
    fprintf(stderr, "%llu operations in %llu worlds\n", (unsigned long long)n, (unsigned long long)worlds);
    printf("%llu passed, 0 failed\n", (unsigned long long)n);
    return 0;
}
#endif
