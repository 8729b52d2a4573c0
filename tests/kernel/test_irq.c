/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts (the PIT through the I/O APIC) and I/O ports. */
#include "tests/kernel/tests.h"

#define PIT_PIN 2

seL4_CPtr pitPorts;

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

/* Ten ticks of 1 ms, waited for while nothing else runs: the kernel's own tick is off then. */
static void testPIT(seL4_CPtr pit)
{
    seL4_CPtr irq = allocSlots(1), ntfn = newObject(seL4_NotificationObject, 0), badged = allocSlots(1);
    seL4_Word badge, i;

    seL4_CNode_Mint(ROOT_CNODE, badged, 64, ROOT_CNODE, ntfn, 64, seL4_AllRights, 0x40);
    CHECK_EQ(get(irq, 0, PIT_PIN, 0, 0, 0), 0);
    CHECK_EQ(seL4_IRQHandler_SetNotification(irq, badged), 0);
    for (i = 0; i < 10; i++) {
        seL4_X86_IOPort_Out8(pit, 0x43, 0x30);
        seL4_X86_IOPort_Out8(pit, 0x40, 1193 & 255);
        seL4_X86_IOPort_Out8(pit, 0x40, 1193 >> 8);
        seL4_Wait(ntfn, &badge);
        CHECK_EQ(badge, 0x40);
        CHECK_EQ(seL4_IRQHandler_Ack(irq), 0);
    }
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, irq, 64), 0);
}

void testIRQ(void)
{
    pitPorts = allocSlots(1);
    CHECK_EQ(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x40, 0x43, ROOT_CNODE, pitPorts, 64), 0);
    testArguments();
    testPorts(pitPorts);
    testPIT(pitPorts);
}
