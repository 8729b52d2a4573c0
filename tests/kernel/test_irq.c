/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts (the PIT through the I/O APIC) and I/O ports. */
#include "tests/kernel/tests.h"

#define PIT_PIN 2

seL4_CPtr pitPorts, pciPorts;

static seL4_Error get(seL4_CPtr slot, seL4_Word ioapic, seL4_Word pin, seL4_Word level, seL4_Word polarity,
                      seL4_Word vector)
{
    return seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, ROOT_CNODE, slot, 64, ioapic, pin, level, polarity, vector);
}

static void testArguments(void)
{
    seL4_CPtr slot = allocSlots(2);

    CHECK_EQ(seL4_IRQControl_Get(seL4_CapIRQControl, 1, ROOT_CNODE, slot, 64), seL4_IllegalOperation);
    CHECK_EQ(get(slot, 0, PIT_PIN, 0, 0, 108), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), 107);
    CHECK_EQ(get(slot, 1, PIT_PIN, 0, 0, 5), seL4_RangeError);
    CHECK_EQ(get(slot, 0, 24, 0, 0, 5), seL4_RangeError);
    CHECK_EQ(get(slot, 0, 20, 2, 0, 5), seL4_RangeError);
    CHECK_EQ(get(slot, 0, 20, 0, 2, 5), seL4_RangeError);
    CHECK_EQ(get(1, 0, 20, 0, 0, 5), seL4_DeleteFirst);
    CHECK_EQ(get(slot, 0, 20, 0, 0, 5), 0);
    CHECK_EQ(get(slot + 1, 0, 21, 0, 0, 5), seL4_RevokeFirst);
    CHECK_EQ(seL4_IRQHandler_SetNotification(slot, ROOT_CNODE), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(seL4_IRQHandler_Ack(slot), 0);
    CHECK_EQ(seL4_IRQHandler_Clear(slot), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, slot, 64), 0);
    CHECK_EQ(get(slot, 0, 20, 0, 0, 5), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, seL4_CapIRQControl, 64), 0);
    CHECK_EQ(get(slot, 0, 20, 0, 0, 5), 0);
    CHECK_EQ(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, slot + 1, 64, 256, 0, 0, 0, 6), seL4_RangeError);
    CHECK_EQ(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, slot + 1, 64, 0, 32, 0, 0, 6), seL4_RangeError);
    CHECK_EQ(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, slot + 1, 64, 0, 0, 8, 0, 6), seL4_RangeError);
    CHECK_EQ(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, slot + 1, 64, 0, 0, 0, 0, 6), 0);
}

static void testPorts(seL4_CPtr pit)
{
    seL4_CPtr slot = allocSlots(2);

    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x41, 0x40, ROOT_CNODE, slot, 64),
             seL4_InvalidArgument);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x43, 0x50, ROOT_CNODE, slot, 64), seL4_RevokeFirst);
    CHECK_EQ(seL4_X86_IOPort_In8(pit, 0x44).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPort_In16(pit, 0x43).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPort_In32(pit, 0x41).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPort_Out8(pit, 0x3f, 0), seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x80, 0x80, ROOT_CNODE, slot, 64), 0);
    CHECK_EQ(seL4_X86_IOPort_Out8(slot, 0x80, 1), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, slot + 1, 64, ROOT_CNODE, slot, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, slot, 64), 0);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x80, 0x80, ROOT_CNODE, slot, 64), seL4_RevokeFirst);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, slot + 1, 64), 0);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x80, 0x80, ROOT_CNODE, slot, 64), 0);
}

/* One interrupt in 1 ms. */
static void armPIT(seL4_CPtr pit)
{
    seL4_X86_IOPort_Out8(pit, 0x43, 0x30);
    seL4_X86_IOPort_Out8(pit, 0x40, 1193 & 255);
    seL4_X86_IOPort_Out8(pit, 0x40, 1193 >> 8);
}

/* Ten ticks of 1 ms, waited for while nothing else runs: the kernel's own tick is off then. */
static void testPIT(seL4_CPtr pit)
{
    seL4_CPtr irq = allocSlots(1), ntfn = newObject(seL4_NotificationObject, 0), badged = allocSlots(1);
    seL4_Word badge, i;

    seL4_CNode_Mint(ROOT_CNODE, badged, 64, ROOT_CNODE, ntfn, 64, seL4_AllRights, 0x40);
    CHECK_EQ(get(irq, 0, PIT_PIN, 0, 0, 0), 0);
    CHECK_EQ(seL4_IRQHandler_SetNotification(irq, badged), 0);
    CHECK_EQ(seL4_IRQHandler_Ack(irq), 0); /* the firmware's clock may have ticked before there was a notification */
    for (i = 0; i < 10; i++) {
        armPIT(pit);
        seL4_Wait(ntfn, &badge);
        CHECK_EQ(badge, 0x40);
        CHECK_EQ(seL4_IRQHandler_Ack(irq), 0);
    }
    CHECK_ERROR(deleteCap(irq), 0);
}

static seL4_Word readPIT(seL4_CPtr pit)
{
    seL4_Word low;

    seL4_X86_IOPort_Out8(pit, 0x43, 0);
    low = seL4_X86_IOPort_In8(pit, 0x40).result;
    return low | (seL4_Word)seL4_X86_IOPort_In8(pit, 0x40).result << 8;
}

/*
 * Whether there is a signal after the PIT ran out.  Its counter goes on from 0xffff: what did not come in the 10 ms after that
 * is taken as not coming, but what that is wanted may take longer on a machine that has little time for its timers.
 */
static bool signalled(seL4_CPtr pit, seL4_CPtr ntfn, seL4_Word *badge, bool wanted)
{
    seL4_Word now, last = 0, wraps = 0, one;

    *badge = 0;
    for (now = 0; (now <= 1193 || now > 0xd000) && !(wanted && *badge != 0); now = readPIT(pit)) {
        seL4_Poll(ntfn, &one);
        *badge |= one;
    }
    for (; wanted && *badge == 0 && wraps < 60; last = now) {
        now = readPIT(pit);
        wraps += now > last;
        seL4_Poll(ntfn, badge);
    }
    return *badge != 0;
}

/* The line is masked from its interrupt to the Ack; without a notification an interrupt is lost; a deleted handler is silent. */
static void testMasking(seL4_CPtr pit)
{
    seL4_CPtr irq = allocSlots(1), ntfn = newObject(seL4_NotificationObject, 0), first, second;
    seL4_Word badge;

    first = mintCap(ntfn, seL4_CanWrite, 0x100);
    second = mintCap(ntfn, seL4_CanWrite, 0x200);
    CHECK_ERROR(get(irq, 0, PIT_PIN, 0, 0, 40), 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, copyCap(ntfn, seL4_CanRead)), seL4_InvalidCapability, 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, first), 0);
    armPIT(pit);
    CHECK(signalled(pit, ntfn, &badge, true));
    CHECK_EQ(badge, 0x100);
    armPIT(pit);
    CHECK(!signalled(pit, ntfn, &badge, false)); /* masked */
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, second), 0); /* replaces */
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    armPIT(pit);
    CHECK(signalled(pit, ntfn, &badge, true));
    CHECK_EQ(badge, 0x200);
    CHECK_ERROR(seL4_IRQHandler_Clear(irq), 0);
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    armPIT(pit);
    CHECK(!signalled(pit, ntfn, &badge, false));
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, first), 0);
    CHECK_ERROR(deleteCap(first), 0); /* the handler has a copy, derived from it but not below it */
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    armPIT(pit);
    CHECK(signalled(pit, ntfn, &badge, true));
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ntfn, 64), 0); /* takes the handler's copy */
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    armPIT(pit);
    CHECK(!signalled(pit, ntfn, &badge, false));
    second = mintCap(ntfn, seL4_CanWrite, 0x400);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, second), 0);
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    armPIT(pit);
    CHECK(signalled(pit, ntfn, &badge, true));
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    CHECK_ERROR(deleteCap(irq), 0);
    seL4_Poll(ntfn, &badge); /* what a slow host delivered between the two */
    armPIT(pit);
    CHECK(!signalled(pit, ntfn, &badge, false));
    CHECK_ERROR(get(irq, 0, PIT_PIN, 0, 1, 107), 0);
    CHECK_ERROR(deleteCap(irq), 0);
    CHECK_ERROR(get(irq, 0, PIT_PIN, 0, 0, 107), 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, second), 0);
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0); /* the one before may have come late, and masked the line */
    armPIT(pit);
    CHECK(signalled(pit, ntfn, &badge, true));
    CHECK_EQ(badge, 0x400);
    CHECK_ERROR(deleteCap(irq), 0);
}

/* All vectors, the limits of each argument, and where the handler goes. */
static void testVectorsAndLimits(void)
{
    seL4_CPtr slots = allocSlots(108), extra = allocSlots(1), i, bad = 0, used = 0;

    for (i = 0; i < 108; i++) {
        seL4_Error error = seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, slots + i, 64, 255, 31, 7, ~0ull, i);

        used += error == seL4_RevokeFirst;
        bad += error != seL4_NoError && error != seL4_RevokeFirst;
    }
    CHECK_EQ(bad, 0);
    CHECK(used <= 2);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, extra, 64, 0, 0, 0, 0, 50), seL4_RevokeFirst);
    for (i = 0; i < 108; i++)
        deleteCap(slots + i);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, extra, 64, 0, 0, 0, 0, 108), seL4_RangeError, 0, 107);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, extra, 64, 256, 0, 0, 0, 50), seL4_RangeError, 0, 255);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, extra, 64, 0, 32, 0, 0, 50), seL4_RangeError, 0, 31);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, extra, 64, 0, 0, 8, 0, 50), seL4_RangeError, 0, 7);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, extra, 0, 0, 0, 0, 0, 50), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, extra, extra, 64, 0, 0, 0, 0, 50), seL4_FailedLookup, 0,
                seL4_InvalidRoot);
    CHECK_ERROR(get(extra, 1, 0, 0, 0, 50), seL4_RangeError, 0, 0);
    CHECK_ERROR(get(extra, 0, 24, 0, 0, 50), seL4_RangeError, 0, 23);
    CHECK_ERROR(get(extra, 0, 3, 2, 0, 50), seL4_RangeError, 0, 1);
    CHECK_ERROR(get(extra, 0, 3, 0, 2, 50), seL4_RangeError, 0, 1);
    CHECK_ERROR(get(extra, 0, 3, 1, 1, 50), 0);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, slots, 64, ROOT_CNODE, extra, 64, seL4_AllRights), 0);
    CHECK_ERROR(deleteCap(extra), 0);
    CHECK_ERROR(get(extra, 0, 4, 1, 1, 50), seL4_RevokeFirst); /* the copy holds the vector */
    CHECK_ERROR(deleteCap(slots), 0);
    CHECK_ERROR(get(extra, 0, 4, 1, 1, 50), 0);
    CHECK_ERROR(deleteCap(extra), 0);
}

/* Values of each width, and ranges at both ends of the port space. */
static void testPortValues(void)
{
    seL4_CPtr pci = allocSlots(1), edge = allocSlots(2);
    seL4_Word id;

    pciPorts = pci;
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xcf8, 0xcff, ROOT_CNODE, pci, 64), 0);
    CHECK_ERROR(seL4_X86_IOPort_Out32(pci, 0xcf8, 0x80000000), 0); /* the host bridge's identity */
    CHECK_EQ(seL4_X86_IOPort_In32(pci, 0xcf8).result, 0x80000000);
    id = seL4_X86_IOPort_In32(pci, 0xcfc).result;
    CHECK_EQ(id & 0xffff, 0x8086);
    CHECK_EQ(seL4_X86_IOPort_In16(pci, 0xcfc).result, 0x8086);
    CHECK_EQ(seL4_X86_IOPort_In16(pci, 0xcfe).result, id >> 16);
    CHECK_EQ(seL4_X86_IOPort_In8(pci, 0xcfd).result, 0x80);
    CHECK_EQ(seL4_X86_IOPort_In8(pci, 0xcff).error, 0);
    CHECK_EQ(seL4_X86_IOPort_In16(pci, 0xcff).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPort_In32(pci, 0xcfd).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPort_In8(pci, 0xcf7).error, seL4_IllegalOperation);
    CHECK_EQ(seL4_X86_IOPort_In8(pci, 0xd00).error, seL4_IllegalOperation);
    CHECK_ERROR(seL4_X86_IOPort_Out16(pci, 0xcff, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_X86_IOPort_Out32(pci, 0xcfd, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_X86_IOPort_Out8(pci, 0xd00, 0), seL4_IllegalOperation);
    CHECK_ERROR(seL4_X86_IOPort_Out32(pci, 0xcf8, 0x80001234), 0);
    CHECK_EQ(seL4_X86_IOPort_In32(pci, 0xcf8).result, 0x80001234);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xffff, 0xffff, ROOT_CNODE, edge, 64), 0);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xfff0, 0xffff, ROOT_CNODE, edge + 1, 64),
                seL4_RevokeFirst);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xfff0, 0xfffe, ROOT_CNODE, edge, 64), seL4_DeleteFirst);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xfff0, 0xfffe, ROOT_CNODE, edge + 1, 64), 0);
    CHECK_EQ(seL4_X86_IOPort_In16(edge, 0xffff).error, seL4_IllegalOperation);
    CHECK_ERROR(deleteCap(edge), 0);
    CHECK_ERROR(deleteCap(edge + 1), 0);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xff3f, 0xffff, ROOT_CNODE, edge, 64), 0);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xff3e, 0xff3e, ROOT_CNODE, edge + 1, 64), 0);
    CHECK_ERROR(deleteCap(edge + 1), 0);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0xff80, 0xff80, ROOT_CNODE, edge + 1, 64),
                seL4_RevokeFirst);
    CHECK_ERROR(deleteCap(edge), 0);
}

void testIRQ(void)
{
    pitPorts = allocSlots(1);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x40, 0x43, ROOT_CNODE, pitPorts, 64), 0);
    testArguments();
    testPorts(pitPorts);
    testPIT(pitPorts);
    testVectorsAndLimits();
    testPortValues();
    testMasking(pitPorts);
}
