/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports: ranges that do not overlap, accesses inside them.
 */
#include "kernel/proofs/message.h"

#include "kernel/arch/x86_64/ioport.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t modelPort, modelPortBytes, modelPortValue, modelCR3, modelInvalidated;

void setThreadState(tcb_t *thread, thread_state_t state)
{
    thread->state = (uint8_t)state;
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
 * mutant arch/x86_64/ioport.c: x86KSAllocatedIOPorts[i] = ~flip; => ;
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
