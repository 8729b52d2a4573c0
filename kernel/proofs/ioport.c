/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports: ranges that do not overlap, accesses inside them.
 */
#include "kernel/proofs/message.h"

#include "kernel/arch/x86_64/ioport.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t modelPort, modelPortBytes, modelPortValue, modelCR3, modelInvalidated;
static cte_t control;
static cap_t issued;
static bool_t inserted;

void setThreadState(tcb_t *thread, thread_state_t state)
{
    thread->state = (uint8_t)state;
}

exception_t ensureEmptySlot(cte_t *slot)
{
    return cap_is(slot->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst);
}

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(src == &control && cap_is(dest->cap, cap_null_cap));
    issued = cap;
    inserted = true;
}

static bool_t isAllocated(word_t port)
{
    return x86KSAllocatedIOPorts[port / wordBits] >> port % wordBits & 1;
}

/*
 * of: portRange, isIOPortRangeFree, setIOPortRange, freeIOPortRange
 * shows: a range is free exactly if no port of it is allocated; afterwards exactly its ports have changed
 * bounds: ranges of up to 256 ports at any place; for one arbitrary port in and one out of the range
 * unwind: 6
 * options: --arrays-uf-always
 * mutant arch/x86_64/ioport.c: r.firstBits = r.lastBits = r.firstBits & r.lastBits; => r.firstBits = r.lastBits;
 * mutant arch/x86_64/ioport.c: x86KSAllocatedIOPorts[i] = ~flip; =>
 */
void proof_portRanges(void)
{
    word_t first = nondet_word(), last = nondet_word(), witness = nondet_word();
    bool_t allocate = nondet_bool(), was, isFree;

    ASSUME(first <= last && last < NUM_IO_PORTS && last - first < 256 && witness < NUM_IO_PORTS);
    __CPROVER_havoc_object(x86KSAllocatedIOPorts);
    was = isAllocated(witness);
    isFree = isIOPortRangeFree(first, last);
    CLAIM(IMPLIES(isFree && witness >= first && witness <= last, !was));
    setIOPortRange(first, last, allocate);
    CLAIM(isAllocated(witness) == (witness >= first && witness <= last ? allocate : was));
    if (isFree && last - first > 130)
        REACH("long range");
    REACH("end");
}

static void proveIssue(word_t first, word_t last)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryMessage(&length);
    word_t was = nondet_word(), wasLast = nondet_word();
    exception_t status;
    bool_t isFree;

    x86KSAllocatedIOPorts[first / wordBits] = was;
    x86KSAllocatedIOPorts[last / wordBits] = wasLast;
    caller.registers[RegR10] = first | (nondet_word() & ~(word_t)0xffff);
    caller.registers[RegR8] = last | (nondet_word() & ~(word_t)0xffff);
    isFree = isIOPortRangeFree(first, last);
    inserted = false;
    status = decodeIOPortControlInvocation(label, length, &control, buffer);
    claimAnswer(status);
    CLAIM(inserted == (status == EXCEPTION_NONE) && IMPLIES(inserted, isFree && label == X86IOPortControlIssue));
    if (inserted) {
        CLAIM(validCap(issued) && cap_io_port_cap_get_capIOPortFirstPort(issued) == first);
        CLAIM(cap_io_port_cap_get_capIOPortLastPort(issued) == last && isAllocated(first) && isAllocated(last));
        REACH("issued");
    } else {
        CLAIM(isFree == isIOPortRangeFree(first, last));
    }
}

/*
 * of: decodeIOPortControlInvocation
 * shows: an error and no change, or a capability to exactly the ports asked for, all free before and allocated now
 * bounds: three ranges (one port, part of a word, two words) and a reversed one; ranges in general: portRanges
 * unwind: 3
 * long: yes
 * mutant arch/x86_64/ioport.c: if (!isIOPortRangeFree(first, last)) => if (false)
 */
void proof_decodeIOPortControl(void)
{
    word_t length;
    const word_t *buffer = arbitraryMessage(&length);

    control = nondet_cte();
    caller.registers[RegR10] = 5;
    caller.registers[RegR8] = 4;
    CLAIM(decodeIOPortControlInvocation(nondet_word(), length, &control, buffer) == EXCEPTION_SYSCALL_ERROR);
    proveIssue(0x60, 0x60);
    proveIssue(0x3f0, 0x3f7);
    proveIssue(0x7f8, 0x847);
    REACH("end");
}

/*
 * of: decodeIOPortInvocation, invokeIn, invokeOut
 * shows: a port is touched only if the whole access lies in the capability's range, with the width that the label says; the value read goes to
 *        the caller only
 * bounds: validCap
 * mutant arch/x86_64/ioport.c: port + bytes - 1 > cap_io_port_cap_get_capIOPortLastPort(cap)) => port > cap_io_port_cap_get_capIOPortLastPort(cap))
 */
void proof_decodeIOPort(void)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryMessage(&length);
    cap_t cap = nondet_cap();
    exception_t status;
    bool_t isCall = nondet_bool();

    ASSUME(cap_is(cap, cap_io_port_cap) && validCap(cap));
    modelPortBytes = 0;
    status = decodeIOPortInvocation(label, length, cap, isCall, buffer);
    claimAnswer(status);
    CLAIM((modelPortBytes != 0) == (status == EXCEPTION_NONE));
    if (modelPortBytes != 0) {
        CLAIM(modelPort >= cap_io_port_cap_get_capIOPortFirstPort(cap));
        CLAIM(modelPort + modelPortBytes - 1 <= cap_io_port_cap_get_capIOPortLastPort(cap));
        CLAIM(label >= X86IOPortIn8 && label <= X86IOPortOut32);
        CLAIM(modelPortBytes == (label == X86IOPortIn8 || label == X86IOPortOut8     ? 1
                                 : label == X86IOPortIn16 || label == X86IOPortOut16 ? 2 : 4));
        if (label <= X86IOPortIn32 && isCall)
            CLAIM(caller.registers[RegR10] == modelPortValue && caller.state == ThreadState_Running);
        REACH("access");
    }
    REACH("end");
}
