/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checks of the messages of TCB and domain invocations.
 */
#include "kernel/include/tcb_invoke.h"

#include "kernel/include/arch.h"

static exception_t decodeReadRegisters(tcb_t *thread, word_t length, bool_t isCall, const word_t *buffer)
{
    word_t n = getSyscallArg(1, buffer);

    if (length < 2)
        return errorSimple(seL4_TruncatedMessage);
    if (n < 1 || n > n_contextRegisters)
        return errorRange(1, n_contextRegisters);
    if (thread == ksCurThread)
        return errorSimple(seL4_IllegalOperation);
    return invokeReadRegisters(thread, getSyscallArg(0, buffer) & 1, n, isCall);
}

static exception_t decodeWriteRegisters(tcb_t *thread, word_t length, const word_t *buffer)
{
    word_t n = getSyscallArg(1, buffer);

    if (length < 2 || length - 2 < n)
        return errorSimple(seL4_TruncatedMessage);
    if (thread == ksCurThread)
        return errorSimple(seL4_IllegalOperation);
    return invokeWriteRegisters(thread, getSyscallArg(0, buffer) & 1, MIN(n, (word_t)n_contextRegisters), buffer);
}

static exception_t decodeCopyRegisters(tcb_t *thread, word_t length, const word_t *buffer)
{
    if (length < 1 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (!cap_is(current_extra_caps[0]->cap, cap_thread_cap))
        return errorInvalidCapability(1);
    return invokeCopyRegisters(thread, (tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap), getSyscallArg(0, buffer));
}

static exception_t checkPrio(word_t prio, cap_t authority)
{
    word_t mcp;

    if (!cap_is(authority, cap_thread_cap))
        return errorInvalidCapability(1);
    mcp = ((tcb_t *)cap_get_capPtr(authority))->tcbMCP;
    return prio > mcp ? errorRange(seL4_MinPrio, mcp) : EXCEPTION_NONE;
}

static exception_t decodeSetPriorities(word_t label, tcb_t *thread, word_t length, const word_t *buffer)
{
    bool_t both = label == TCBSetSchedParams;
    word_t first = getSyscallArg(0, buffer), second = getSyscallArg(1, buffer);
    exception_t status;

    if (length < (both ? 2 : 1) || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    status = checkPrio(first, current_extra_caps[0]->cap);
    if (status == EXCEPTION_NONE && both)
        status = checkPrio(second, current_extra_caps[0]->cap);
    if (status != EXCEPTION_NONE)
        return status;
    if (label != TCBSetPriority)
        thread->tcbMCP = (uint8_t)first;
    if (label != TCBSetMCPriority)
        setPriority(thread, both ? second : first);
    return EXCEPTION_NONE;
}

/* A root capability with its new guard, as it will stand in the thread's slot. */
static exception_t deriveRoot(cte_t *slot, word_t data, cap_t *cap)
{
    deriveCap_ret_t derived;

    *cap = slot->cap;
    if (data != 0)
        *cap = updateCapData(false, data, *cap);
    derived = deriveCap(slot, *cap);
    *cap = derived.cap;
    return derived.status;
}

static exception_t decodeSpace(thread_control_t *c, word_t cData, word_t vData)
{
    exception_t status;

    if (slotCapLongRunningDelete(TCB_PTR_CTE_PTR(c->target, tcbCTable)) ||
        slotCapLongRunningDelete(TCB_PTR_CTE_PTR(c->target, tcbVTable)))
        return errorSimple(seL4_IllegalOperation);
    c->cspaceSlot = current_extra_caps[0];
    c->vspaceSlot = current_extra_caps[1];
    status = deriveRoot(c->cspaceSlot, cData, &c->cspace);
    if (status != EXCEPTION_NONE)
        return status;
    if (!cap_is(c->cspace, cap_cnode_cap))
        return errorSimple(seL4_IllegalOperation);
    status = deriveRoot(c->vspaceSlot, vData, &c->vspace);
    if (status != EXCEPTION_NONE)
        return status;
    if (!isValidVTableRoot(c->vspace))
        return errorSimple(seL4_IllegalOperation);
    c->update |= thread_control_space;
    return EXCEPTION_NONE;
}

static exception_t decodeBuffer(thread_control_t *c, word_t address, cte_t *slot)
{
    deriveCap_ret_t derived;
    exception_t status;

    c->update |= thread_control_buffer;
    c->bufferAddress = address;
    if (address == 0)
        return EXCEPTION_NONE;
    derived = deriveCap(slot, slot->cap);
    if (derived.status != EXCEPTION_NONE)
        return derived.status;
    status = checkValidIPCBuffer(address, derived.cap);
    c->buffer = derived.cap;
    c->bufferSlot = slot;
    return status;
}

static exception_t decodeThreadControl(word_t label, tcb_t *thread, cte_t *slot, word_t length, const word_t *buffer)
{
    static const uint8_t neededMRs[] = {[TCBConfigure] = 4, [TCBSetIPCBuffer] = 1, [TCBSetSpace] = 3};
    static const uint8_t neededCaps[] = {[TCBConfigure] = 3, [TCBSetIPCBuffer] = 1, [TCBSetSpace] = 2};
    thread_control_t c = {.target = thread, .slot = slot};
    exception_t status;

    if (length < neededMRs[label] || current_extra_caps[neededCaps[label] - 1] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (label == TCBConfigure || label == TCBSetIPCBuffer) {
        bool_t all = label == TCBConfigure;

        status = decodeBuffer(&c, getSyscallArg(all ? 3 : 0, buffer), current_extra_caps[all ? 2 : 0]);
        if (status != EXCEPTION_NONE)
            return status;
    }
    if (label != TCBSetIPCBuffer) {
        c.faultHandler = getSyscallArg(0, buffer);
        status = decodeSpace(&c, getSyscallArg(1, buffer), getSyscallArg(2, buffer));
        if (status != EXCEPTION_NONE)
            return status;
    }
    return invokeThreadControl(&c);
}

static exception_t decodeBindNotification(tcb_t *thread)
{
    notification_t *ntfn;
    cap_t cap;

    if (current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    cap = current_extra_caps[0]->cap;
    if (thread->tcbBoundNotification != NULL || !cap_is(cap, cap_notification_cap) ||
        !(cap.words[0] & CAP_CAN_RECEIVE))
        return errorSimple(seL4_IllegalOperation);
    ntfn = (notification_t *)cap_get_capPtr(cap);
    if (notification_state(ntfn) == NtfnState_Waiting || ntfn->boundTCB != NULL)
        return errorSimple(seL4_IllegalOperation);
    bindNotification(thread, ntfn);
    return EXCEPTION_NONE;
}

exception_t decodeTCBInvocation(word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall,
                                const word_t *buffer)
{
    tcb_t *thread = (tcb_t *)cap_get_capPtr(cap);

    switch (label) {
    case TCBReadRegisters:
        return decodeReadRegisters(thread, length, isCall, buffer);
    case TCBWriteRegisters:
        return decodeWriteRegisters(thread, length, buffer);
    case TCBCopyRegisters:
        return decodeCopyRegisters(thread, length, buffer);
    case TCBConfigure:
    case TCBSetIPCBuffer:
    case TCBSetSpace:
        return decodeThreadControl(label, thread, slot, length, buffer);
    case TCBSetPriority:
    case TCBSetMCPriority:
    case TCBSetSchedParams:
        return decodeSetPriorities(label, thread, length, buffer);
    case TCBSuspend:
        suspend(thread);
        return EXCEPTION_NONE;
    case TCBResume:
        restart(thread);
        return EXCEPTION_NONE;
    case TCBBindNotification:
        return decodeBindNotification(thread);
    case TCBUnbindNotification:
        if (thread->tcbBoundNotification == NULL)
            return errorSimple(seL4_IllegalOperation);
        unbindNotification(thread);
        return EXCEPTION_NONE;
    case TCBSetTLSBase:
        if (length < 1)
            return errorSimple(seL4_TruncatedMessage);
        return invokeSetTLSBase(thread, getSyscallArg(0, buffer));
    case TCBSetFlags:
        if (length < 2)
            return errorSimple(seL4_TruncatedMessage);
        return invokeSetFlags(thread, getSyscallArg(0, buffer), getSyscallArg(1, buffer), isCall);
    default:
        return errorSimple(seL4_IllegalOperation);
    }
}

static exception_t decodeScheduleConfigure(word_t length, const word_t *buffer)
{
    word_t index = getSyscallArg(0, buffer), domain = getSyscallArg(1, buffer), duration = getSyscallArg(2, buffer);

    if (length < 3)
        return errorSimple(seL4_TruncatedMessage);
    if (index >= CONFIG_NUM_DOMAIN_SCHEDULES - 1)
        return errorRange(0, CONFIG_NUM_DOMAIN_SCHEDULES - 2);
    if (domain >= CONFIG_NUM_DOMAINS)
        return errorRange(0, CONFIG_NUM_DOMAINS - 1);
    if (duration > MASK(56))
        return errorRange(0, MASK(56));
    if (duration == 0 && domain != 0)
        return errorInvalidArgument(1);
    if (duration == 0 && index == ksDomScheduleStart)
        return errorInvalidArgument(2);
    ksDomSchedule[index] = (dschedule_t){domain, duration};
    return EXCEPTION_NONE;
}

static exception_t decodeScheduleSetStart(word_t length, const word_t *buffer)
{
    word_t index = getSyscallArg(0, buffer);

    if (length < 1)
        return errorSimple(seL4_TruncatedMessage);
    if (index >= CONFIG_NUM_DOMAIN_SCHEDULES - 1)
        return errorRange(0, CONFIG_NUM_DOMAIN_SCHEDULES - 2);
    if (ksDomSchedule[index].length == 0)
        return errorInvalidArgument(0);
    ksDomScheduleStart = index;
    ksDomScheduleIdx = CONFIG_NUM_DOMAIN_SCHEDULES - 1;
    ksDomainTime = 0;
    rescheduleRequired();
    return EXCEPTION_NONE;
}

exception_t decodeDomainInvocation(word_t label, word_t length, const word_t *buffer)
{
    word_t domain = getSyscallArg(0, buffer);

    switch (label) {
    case DomainSetSet:
        if (length < 1)
            return errorSimple(seL4_TruncatedMessage);
        if (domain >= CONFIG_NUM_DOMAINS)
            return errorInvalidArgument(0);
        if (current_extra_caps[0] == NULL)
            return errorSimple(seL4_TruncatedMessage);
        if (!cap_is(current_extra_caps[0]->cap, cap_thread_cap))
            return errorInvalidArgument(1);
        setDomain((tcb_t *)cap_get_capPtr(current_extra_caps[0]->cap), domain);
        return EXCEPTION_NONE;
    case DomainScheduleConfigure:
        return decodeScheduleConfigure(length, buffer);
    case DomainScheduleSetStart:
        return decodeScheduleSetStart(length, buffer);
    default:
        return errorSimple(seL4_IllegalOperation);
    }
}
