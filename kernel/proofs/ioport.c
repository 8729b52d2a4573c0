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

static cte_t control;
static cap_t inserted;
static word_t insertions;

exception_t ensureEmptySlot(cte_t *slot) { return cap_is(slot->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst); }

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(src == &control && cap_is(dest->cap, cap_null_cap) && (dest == &found0 || dest == &found1 || dest == &found2));
    inserted = cap;
    insertions++;
}

static bool_t isAllocated(word_t port)
{
    return x86KSAllocatedIOPorts[port / wordBits] >> port % wordBits & 1;
}

/* Any table of ports; whether the range was free. */
static bool_t proveRange(word_t first, word_t last)
{
    word_t witness = nondet_word();
    bool_t allocate = nondet_bool(), was, isFree;

    ASSUME(witness < NUM_IO_PORTS);
    __CPROVER_havoc_object(x86KSAllocatedIOPorts);
    was = isAllocated(witness);
    isFree = isIOPortRangeFree(first, last);
    CLAIM(IMPLIES(isFree && witness >= first && witness <= last, !was));
    setIOPortRange(first, last, allocate);
    CLAIM(isAllocated(witness) == (witness >= first && witness <= last ? allocate : was));
    return isFree;
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
    word_t first = nondet_word(), last = nondet_word();

    ASSUME(first <= last && last < NUM_IO_PORTS && last - first < 256);
    if (proveRange(first, last) && last - first > 130)
        REACH("long range");
    REACH("end");
}

/*
 * of: isIOPortRangeFree, setIOPortRange (long ranges)
 * shows: the same of ranges of many words
 * bounds: all ports, and all but those of the first and last word
 * unwind: 1024
 * options: --max-field-sensitivity-array-size 1024
 * long: yes
 * mutant arch/x86_64/ioport.c: i < r.lastWord; i++)\n        x86 => i < r.lastWord - 1; i++)\n        x86
 */
void proof_longPortRanges(void)
{
    if (nondet_bool())
        proveRange(0, 0xffff);
    else
        proveRange(64, 0xffbf);
    REACH("end");
}

/* `witness' is a port whose place is known, which is cheaper than an arbitrary one. */
static void proveIssue(word_t first, word_t last, word_t witness)
{
    word_t length, label = nondet_word();
    const word_t *buffer = arbitraryMessage(&length);
    bool_t was, isNamed = witness >= first && witness <= last;
    exception_t status;

    control = nondet_cte();
    caller.registers[RegR10] = first;
    caller.registers[RegR8] = last;
    was = isAllocated(witness);
    insertions = modelPortBytes = 0;
    keepWorld(cap_new(cap_io_port_control_cap, 0, 0, 0), NULL);
    status = decodeIOPortControlInvocation(label, length, &control, buffer);
    claimAnswer(status);
    CLAIM(modelPortBytes == 0);
    if (status != EXCEPTION_NONE) {
        CLAIM(isAllocated(witness) == was && insertions == 0);
        REACH("error");
        return;
    }
    CLAIM(label == X86IOPortControlIssue && length >= 4 && lookups == 1 && first <= last);
    CLAIM(IMPLIES(isNamed, !was) && isAllocated(witness) == (isNamed || was));
    CLAIM(insertions == 1 && cap_is(inserted, cap_io_port_cap) && validCap(inserted));
    CLAIM(cap_io_port_cap_get_capIOPortFirstPort(inserted) == first && cap_io_port_cap_get_capIOPortLastPort(inserted) == last);
    REACH("issued");
}

/*
 * of: decodeIOPortControlInvocation
 * shows: every message: an error and no change, or the ports named, none of which was allocated, are allocated, and a capability to exactly these,
 *        child of the control capability, goes into an empty slot; no other port changes
 * bounds: the ranges listed in ioport.c, of one port to 300, and a port in or beside each (portRanges has the others)
 * unwind: 6
 * options: --max-field-sensitivity-array-size 1024
 * mutant arch/x86_64/ioport.c: if (!isIOPortRangeFree(first, last))\n        return errorSimple(seL4_RevokeFirst); =>
 * mutant arch/x86_64/ioport.c: if (last < first)\n        return errorInvalidArgument(1); =>
 * mutant arch/x86_64/ioport.c: status = ensureEmptySlot(dest.slot); => status = EXCEPTION_NONE;
 * mutant arch/x86_64/ioport.c: setIOPortRange(first, last, true); =>
 * mutant arch/x86_64/ioport.c: if (length < 4 || current_extra_caps[0] == NULL) => if (length < 4)
 */
void proof_decodeIOPortControl(void)
{
    word_t which = nondet_byte() % 6;

    __CPROVER_havoc_object(x86KSAllocatedIOPorts);
    if (which == 0)
        proveIssue(0x3f8, 0x3ff, 0x3fc);
    else if (which == 1)
        proveIssue(63, 64, 64);
    else if (which == 2)
        proveIssue(64, 127, 63);
    else if (which == 3)
        proveIssue(100, 399, 256);
    else if (which == 4)
        proveIssue(0xffff, 0xffff, 0xffff);
    else
        proveIssue(5, 4, 5);
    REACH("end");
}

/*
 * of: decodeIOPortInvocation, invokeIn, invokeOut
 * shows: a port is touched only if the whole access lies in the capability's range, with the width that the label says; the value read goes to
 *        the caller only
 * bounds: validCap
 * mutant arch/x86_64/ioport.c: setRegister(thread, badgeRegister, 0); => setRegister(thread, RegRBX, 0);
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
    keepWorld(cap, NULL);
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
