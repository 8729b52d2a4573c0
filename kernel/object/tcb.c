/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread objects: creation, reply capabilities, and the effects of the TCB invocations.
 * What their messages must look like is checked in tcb_decode.c.
 */
#include "kernel/include/tcb_invoke.h"

#include "kernel/include/arch.h"

/* The memory of the object is zero. */
void initThreadObject(tcb_t *tcb)
{
    Arch_initContext(tcb);
    setupReplyMaster(tcb);
    tcb->tcbTimeSlice = CONFIG_TIME_SLICE;
    tcb->tcbDomain = (uint8_t)ksCurDomain;
}

/* Blocks the sender of a call and gives the receiver the capability to answer it. */
void setupCallerCap(tcb_t *sender, tcb_t *receiver, bool_t canGrant)
{
    setThreadState(sender, ThreadState_BlockedOnReply);
    cteInsert(cap_reply_cap_new(canGrant, false, (word_t)sender), TCB_PTR_CTE_PTR(sender, tcbReply),
              TCB_PTR_CTE_PTR(receiver, tcbCaller));
}

void deleteCallerCap(tcb_t *receiver)
{
    emptySlot(TCB_PTR_CTE_PTR(receiver, tcbCaller), cap_null_cap_new());
}

exception_t invokeReadRegisters(tcb_t *src, bool_t suspendSource, word_t n, bool_t isCall)
{
    tcb_t *thread = ksCurThread;
    word_t *buffer;
    word_t i, length = 0;

    if (suspendSource)
        suspend(src);
    if (!isCall)
        return EXCEPTION_NONE;
    buffer = lookupIPCBuffer(true, thread);
    setRegister(thread, badgeRegister, 0);
    for (i = 0; i < n && (i < seL4_FastMessageRegisters || buffer != NULL); i++)
        length = setMR(thread, buffer, i, i == RegFaultIP ? getRestartPC(src) : getRegister(src, i));
    setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(0, 0, 0, length).words[0]);
    setThreadState(thread, ThreadState_Running);
    return EXCEPTION_NONE;
}

exception_t invokeWriteRegisters(tcb_t *dest, bool_t resumeTarget, word_t n, const word_t *buffer)
{
    word_t i;

    settleRestartPC(dest);
    for (i = 0; i < n; i++)
        setRegister(dest, i, sanitiseRegister(i, getSyscallArg(i + 2, buffer)));
    dest->nextIP = getRegister(dest, RegFaultIP);
    if (resumeTarget)
        restart(dest);
    return EXCEPTION_NONE;
}

exception_t invokeCopyRegisters(tcb_t *dest, tcb_t *src, word_t flags)
{
    word_t i;

    if (flags & BIT(0))
        suspend(src);
    if (flags & BIT(1))
        restart(dest);
    if (flags & BIT(2)) {
        word_t pc = getRestartPC(src);

        settleRestartPC(dest);
        for (i = RegFaultIP + 1; i < n_frameRegisters; i++)
            setRegister(dest, i, getRegister(src, i));
        setRegister(dest, RegFaultIP, pc);
        dest->nextIP = pc;
    }
    if (flags & BIT(3)) {
        if (src == ksCurThread)
            Arch_saveLiveRegisters(src);
        setRegister(dest, RegFS_BASE, getRegister(src, RegFS_BASE));
        setRegister(dest, RegGS_BASE, getRegister(src, RegGS_BASE));
        if (dest == ksCurThread)
            Arch_loadLiveRegisters(dest);
    }
    if (dest == ksCurThread)
        rescheduleRequired();
    return EXCEPTION_NONE;
}

/* Replaces a slot of the thread by a copy of a capability whose source still is what was decoded. */
static exception_t replaceSlot(tcb_t *target, word_t index, cap_t cap, cte_t *src, cap_t threadCap, cte_t *threadSlot)
{
    cte_t *slot = TCB_PTR_CTE_PTR(target, index);
    exception_t status = cteDelete(slot);

    if (status != EXCEPTION_NONE)
        return status;
    if (src != NULL && sameObjectAs(cap, src->cap) && sameObjectAs(threadCap, threadSlot->cap))
        cteInsert(cap, src, slot);
    return EXCEPTION_NONE;
}

exception_t invokeThreadControl(const thread_control_t *c)
{
    tcb_t *target = c->target;
    cap_t threadCap = cap_thread_cap_new((word_t)target);
    exception_t status;

    if (c->update & thread_control_space) {
        target->tcbFaultHandler = c->faultHandler;
        status = replaceSlot(target, tcbCTable, c->cspace, c->cspaceSlot, threadCap, c->slot);
        if (status == EXCEPTION_NONE)
            status = replaceSlot(target, tcbVTable, c->vspace, c->vspaceSlot, threadCap, c->slot);
        if (status != EXCEPTION_NONE)
            return status;
        if (target == ksCurThread)
            setVMRoot(target);
    }
    if (c->update & thread_control_buffer) {
        status = cteDelete(TCB_PTR_CTE_PTR(target, tcbBuffer));
        if (status != EXCEPTION_NONE)
            return status;
        target->tcbIPCBuffer = c->bufferAddress & MASK(pageBitsForSize(cap_frame_cap_get_capFSize(c->buffer)));
        status = replaceSlot(target, tcbBuffer, c->buffer, c->bufferSlot, threadCap, c->slot);
        if (status != EXCEPTION_NONE)
            return status;
    }
    if (target == ksCurThread)
        rescheduleRequired();
    return EXCEPTION_NONE;
}

exception_t invokeSetFlags(tcb_t *thread, word_t clear, word_t set, bool_t isCall)
{
    tcb_t *caller = ksCurThread;

    thread->fpuDisabled = (uint8_t)(((thread->fpuDisabled & ~clear) | set) & seL4_TCBFlag_fpuDisabled);
    if (thread == caller)
        fpuSwitch(thread);
    if (isCall) {
        setRegister(caller, badgeRegister, 0);
        setRegister(caller, msgRegisters[0], thread->fpuDisabled);
        setRegister(caller, msgInfoRegister, seL4_MessageInfo_new(0, 0, 0, 1).words[0]);
        setThreadState(caller, ThreadState_Running);
    }
    return EXCEPTION_NONE;
}

exception_t invokeSetTLSBase(tcb_t *thread, word_t base)
{
    if (thread == ksCurThread)
        Arch_saveLiveRegisters(thread);
    setRegister(thread, RegFS_BASE, sanitiseRegister(RegFS_BASE, base));
    if (thread == ksCurThread)
        Arch_loadLiveRegisters(thread);
    return EXCEPTION_NONE;
}
