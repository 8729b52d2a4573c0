/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt objects: the control capability makes handlers, a handler binds an interrupt to a notification.
 *
 * intStateIRQNode[irq] is the slot with the notification capability that is signalled.  An interrupt that is not in
 * state IRQSignal is masked and ignored.  A line of the I/O APIC stays masked from its interrupt until IRQHandler_Ack.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"

irq_state_t intStateIRQTable[NUM_IRQS];
cte_t intStateIRQNode[NUM_IRQS];

exception_t decodeIRQControlInvocation(word_t label, word_t length, cte_t *srcSlot, const word_t *buffer)
{
    /* IRQControl_Get has no meaning with I/O APICs. */
    if (label == IRQIssueIRQHandler)
        return errorSimple(length < 3 || current_extra_caps[0] == NULL ? seL4_TruncatedMessage : seL4_IllegalOperation);
    return Arch_decodeIRQControlInvocation(label, length, srcSlot, buffer);
}

exception_t decodeIRQHandlerInvocation(word_t label, irq_t irq)
{
    cte_t *slot = &intStateIRQNode[irq];
    exception_t status;
    cap_t ntfn;

    switch (label) {
    case IRQAckIRQ:
        maskInterrupt(false, irq);
        return EXCEPTION_NONE;
    case IRQSetIRQHandler:
        if (current_extra_caps[0] == NULL)
            return errorSimple(seL4_TruncatedMessage);
        ntfn = current_extra_caps[0]->cap;
        if (!cap_is(ntfn, cap_notification_cap) || !(ntfn.words[0] & CAP_CAN_SEND))
            return errorInvalidCapability(0);
        status = cteDelete(slot);
        if (status == EXCEPTION_NONE)
            cteInsert(ntfn, current_extra_caps[0], slot);
        return status;
    case IRQClearIRQHandler:
        return cteDelete(slot);
    default:
        return errorSimple(seL4_IllegalOperation);
    }
}

/*
 * The notification that only this interrupt still names and for which threads wait, or NULL.  The node may also hold
 * what a preempted deletion has left of it.
 */
notification_t *waitersOfIRQ(irq_t irq)
{
    const cte_t *slot = &intStateIRQNode[irq];
    notification_t *ntfn = (notification_t *)cap_get_capPtr(slot->cap);

    if (!cap_is(slot->cap, cap_zombie_cap) && (!cap_is(slot->cap, cap_notification_cap) || !isFinalCapability(slot)))
        return NULL;
    return notification_state(ntfn) == NtfnState_Waiting ? ntfn : NULL;
}

/* Nobody waits for a notification that only this interrupt names: see keepsWaiters. */
void deletingIRQHandler(irq_t irq)
{
    cte_t *slot = &intStateIRQNode[irq];

    if (cap_is(slot->cap, cap_notification_cap) && isFinalCapability(slot))
        unbindMaybeNotification((notification_t *)cap_get_capPtr(slot->cap));
    emptySlot(slot, cap_null_cap_new());
}

void deletedIRQHandler(irq_t irq)
{
    maskInterrupt(true, irq);
    intStateIRQTable[irq].state = IRQInactive;
}

void handleInterrupt(irq_t irq)
{
    cap_t cap;

    switch (intStateIRQTable[irq].state) {
    case IRQSignal:
        cap = intStateIRQNode[irq].cap;
        maskInterrupt(true, irq);
        if (cap_is(cap, cap_notification_cap) && (cap.words[0] & CAP_CAN_SEND))
            sendSignal((notification_t *)cap_get_capPtr(cap), cap_get_badge(cap));
        break;
    case IRQTimer:
        timerTick();
        break;
    default:
        maskInterrupt(true, irq);
        break;
    }
    ackInterrupt();
}
