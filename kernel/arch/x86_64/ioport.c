/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports: the control capability issues ranges that do not overlap; the kernel executes the accesses.
 */
#include "kernel/arch/x86_64/vspace.h"
#include "kernel/include/api.h"

#define NUM_IO_PORTS 65536

static word_t x86KSAllocatedIOPorts[NUM_IO_PORTS / wordBits];

/* The words of the bitmap before and behind those that first..last fill, and their bits in them. */
typedef struct port_range {
    word_t firstWord, lastWord, firstBits, lastBits;
} port_range_t;

static port_range_t portRange(word_t first, word_t last)
{
    port_range_t r = {first / wordBits, last / wordBits, ~MASK(first % wordBits), ~(word_t)0 >> (wordBits - 1 - last % wordBits)};

    if (r.firstWord == r.lastWord)
        r.firstBits = r.lastBits = r.firstBits & r.lastBits;
    return r;
}

static bool_t isIOPortRangeFree(word_t first, word_t last)
{
    port_range_t r = portRange(first, last);
    word_t i, used = (x86KSAllocatedIOPorts[r.firstWord] & r.firstBits) | (x86KSAllocatedIOPorts[r.lastWord] & r.lastBits);

    for (i = r.firstWord + 1; i < r.lastWord; i++)
        used |= x86KSAllocatedIOPorts[i];
    return used == 0;
}

static void setIOPortRange(word_t first, word_t last, bool_t allocated)
{
    port_range_t r = portRange(first, last);
    word_t flip = allocated ? 0 : ~(word_t)0, i;

    x86KSAllocatedIOPorts[r.firstWord] = ((x86KSAllocatedIOPorts[r.firstWord] ^ flip) | r.firstBits) ^ flip;
    x86KSAllocatedIOPorts[r.lastWord] = ((x86KSAllocatedIOPorts[r.lastWord] ^ flip) | r.lastBits) ^ flip;
    for (i = r.firstWord + 1; i < r.lastWord; i++)
        x86KSAllocatedIOPorts[i] = ~flip;
}

void freeIOPortRange(word_t first, word_t last)
{
    setIOPortRange(first, last, false);
}

exception_t decodeIOPortControlInvocation(word_t label, word_t length, cte_t *slot, const word_t *buffer)
{
    word_t first = getSyscallArg(0, buffer) & 0xffff, last = getSyscallArg(1, buffer) & 0xffff;
    lookupSlot_ret_t dest;
    exception_t status;

    if (label != X86IOPortControlIssue)
        return errorSimple(seL4_IllegalOperation);
    if (length < 4 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (last < first)
        return errorInvalidArgument(1);
    if (!isIOPortRangeFree(first, last))
        return errorSimple(seL4_RevokeFirst);
    dest = lookupSlotForCNodeOp(false, current_extra_caps[0]->cap, getSyscallArg(2, buffer), getSyscallArg(3, buffer));
    if (dest.status != EXCEPTION_NONE)
        return dest.status;
    status = ensureEmptySlot(dest.slot);
    if (status != EXCEPTION_NONE)
        return status;

    setIOPortRange(first, last, true);
    cteInsert(cap_io_port_cap_new(first, last), slot, dest.slot);
    return EXCEPTION_NONE;
}

static exception_t invokeIn(word_t label, uint16_t port, bool_t isCall)
{
    tcb_t *thread = ksCurThread;
    word_t value = label == X86IOPortIn8 ? inb(port) : label == X86IOPortIn16 ? inw(port) : inl(port);

    if (isCall) {
        setRegister(thread, badgeRegister, 0);
        setRegister(thread, msgRegisters[0], value);
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(0, 0, 0, 1).words[0]);
        setThreadState(thread, ThreadState_Running);
    }
    return EXCEPTION_NONE;
}

static exception_t invokeOut(word_t label, uint16_t port, word_t value)
{
    if (label == X86IOPortOut8)
        outb(port, (uint8_t)value);
    else if (label == X86IOPortOut16)
        outw(port, (uint16_t)value);
    else
        outl(port, (uint32_t)value);
    return EXCEPTION_NONE;
}

exception_t decodeIOPortInvocation(word_t label, word_t length, cap_t cap, bool_t isCall, const word_t *buffer)
{
    word_t port = getSyscallArg(0, buffer) & 0xffff;
    bool_t isOut = label >= X86IOPortOut8;
    word_t bytes;

    if (label < X86IOPortIn8 || label > X86IOPortOut32)
        return errorSimple(seL4_IllegalOperation);
    if (length < (isOut ? 2 : 1))
        return errorSimple(seL4_TruncatedMessage);
    bytes = BIT((label - X86IOPortIn8) % 3);
    if (port < cap_io_port_cap_get_capIOPortFirstPort(cap) ||
        port + bytes - 1 > cap_io_port_cap_get_capIOPortLastPort(cap))
        return errorSimple(seL4_IllegalOperation);
    if (isOut)
        return invokeOut(label, (uint16_t)port, getSyscallArg(1, buffer));
    return invokeIn(label, (uint16_t)port, isCall);
}
