/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's interface functions: capability lookup, message transfer, faults, system calls, scheduling.
 */
#pragma once

#include "abi/sel4/labels.h"
#include "kernel/include/kernel_state.h"

/* Message register i of 0..3. */
extern const uint8_t msgRegisters[seL4_FastMessageRegisters];

/* Message register i of the current thread's message; buffer may be NULL, then only 0..3 exist. */
static inline word_t getSyscallArg(word_t i, const word_t *buffer)
{
    if (i < seL4_FastMessageRegisters)
        return getRegister(ksCurThread, msgRegisters[i]);
    return buffer != NULL ? buffer[i + 1] : 0;
}

static inline word_t setMR(tcb_t *receiver, word_t *buffer, word_t i, word_t value)
{
    if (i < seL4_FastMessageRegisters) {
        setRegister(receiver, msgRegisters[i], value);
        return i + 1;
    }
    if (buffer == NULL)
        return seL4_FastMessageRegisters;
    buffer[i + 1] = value;
    return i + 1;
}

/* What a thread's buffer slot holds: no capability or one to a frame of RAM (checkValidIPCBuffer). */
static INLINE cap_t bufferCap(tcb_t *thread)
{
    cap_t cap = TCB_PTR_CTE_PTR(thread, tcbBuffer)->cap;

    assert(cap_is(cap, cap_null_cap) || (cap_is(cap, cap_frame_cap) && !cap_frame_cap_get_capFIsDevice(cap)));
    return cap;
}

/* Sending needs a buffer that may be read, receiving one that may be written too. */
static INLINE bool_t isBufferUsable(bool_t isReceiver, cap_t cap)
{
    word_t needed = (isReceiver ? VMReadWrite : VMReadOnly) << 8;

    return (~cap.words[0] & needed) == 0;
}

static INLINE word_t *bufferAddress(tcb_t *thread, cap_t cap)
{
    return (word_t *)(cap_get_capPtr(cap) + thread->tcbIPCBuffer);
}

/* Kernel address of the thread's IPC buffer, or NULL if it may not be used so. */
static INLINE word_t *lookupIPCBuffer(bool_t isReceiver, tcb_t *thread)
{
    cap_t cap = bufferCap(thread);

    return likely(isBufferUsable(isReceiver, cap)) ? bufferAddress(thread, cap) : NULL;
}

/* Errors: fill current_syscall_error, return EXCEPTION_SYSCALL_ERROR. */
exception_t errorSimple(seL4_Error type);
exception_t errorInvalidArgument(word_t argument);
exception_t errorInvalidCapability(word_t number);
exception_t errorRange(word_t min, word_t max);
exception_t errorFailedLookup(bool_t wasSource);

/* lookup.c: on failure the reason is in current_lookup_fault. */
typedef struct lookupSlot_ret {
    exception_t status;
    cte_t *slot;
} lookupSlot_ret_t;

lookupSlot_ret_t lookupSlot(tcb_t *thread, cptr_t cptr);
cte_t *lookupLevels(word_t node, cte_t *slot, cptr_t cptr) __attribute__((noinline, preserve_most));

/* The slot behind a second level, in `slot`, that takes all bits which the first has left; NULL: it takes more to say. */
static INLINE cte_t *trySecondLevel(word_t first, const cte_t *slot, cptr_t cptr)
{
    cap_t node = slot->cap;
    word_t index = (cptr << (-(first >> 16) % wordBits) ^ node.words[1]) >> cap_cnode_cap_get_shift(node);

    /* What one level takes the other leaves; neither sum of the bits below carries. */
    if (unlikely(((first + node.words[0]) & CAP_CNODE_SHIFT) != 0 ||
                 index >> cap_cnode_cap_get_capCNodeRadix(node) != 0))
        return NULL;
    chargeWork(1);
    return (cte_t *)cap_cnode_cap_get_capCNodePtr(node) + index;
}

/* The same in short: the slot, or NULL, for which lookupSlot knows the reason. */
static INLINE cte_t *tryLookupSlot(tcb_t *thread, cptr_t cptr)
{
    cap_t node = TCB_PTR_CTE_PTR(thread, tcbCTable)->cap;
    word_t index = (cptr ^ node.words[1]) >> cap_cnode_cap_get_shift(node);
    cte_t *slot;

    if (unlikely(!cap_is(node, cap_cnode_cap)))
        return NULL;
    if (unlikely(index >> cap_cnode_cap_get_capCNodeRadix(node) != 0))
        return NULL;
    slot = (cte_t *)cap_cnode_cap_get_capCNodePtr(node) + index;
    if (unlikely(cap_is(slot->cap, cap_cnode_cap)) && (node.words[0] & CAP_CNODE_SHIFT) != 0)
        return lookupLevels(node.words[0], slot, cptr);
    return slot;
}

lookupSlot_ret_t lookupCap(tcb_t *thread, cptr_t cptr, cap_t *cap);
lookupSlot_ret_t lookupSlotForCNodeOp(bool_t isSource, cap_t root, cptr_t cptr, word_t depth);
exception_t lookupTargetSlot(cap_t root, cptr_t cptr, word_t depth, cte_t **slot);
lookupSlot_ret_t resolveAddressBits(cap_t nodeCap, cptr_t cptr, word_t bits, word_t *bitsLeft);

/* transfer.c */
exception_t lookupExtraCaps(tcb_t *thread, const word_t *buffer, word_t info);
void loadExtraCaps(tcb_t *sender);
void doIPCTransfer(tcb_t *sender, endpoint_t *ep, word_t badge, bool_t canGrant, tcb_t *receiver);
void doReplyTransfer(tcb_t *sender, tcb_t *receiver, cte_t *slot, bool_t canGrant);
word_t setErrorMRs(tcb_t *receiver, word_t *buffer);

/* faults.c */
void handleFault(tcb_t *thread);
word_t setMRs_fault(tcb_t *sender, tcb_t *receiver, word_t *buffer);
bool_t handleFaultReply(tcb_t *receiver, tcb_t *sender);

/* syscall.c: the entries of the kernel.  They leave the state so that restore_user_context may follow. */
void handleSyscall(word_t number);
void handleCall(cte_t *slot);
void handleSend(cte_t *slot);
void handleRecvFrom(cte_t *slot);
void handleUnknownSyscall(word_t number);
void handleUserLevelFault(word_t number, word_t code);
void handleVMFaultEvent(word_t addr, word_t errorCode);

/* sched/ */
void schedule(void);
void activateThread(void);
void setThreadState(tcb_t *thread, thread_state_t state);
void suspend(tcb_t *thread);
void restart(tcb_t *thread);
void setPriority(tcb_t *thread, prio_t prio);
void setDomain(tcb_t *thread, dom_t domain);
void possibleSwitchTo(tcb_t *thread);
void rescheduleRequired(void);
void switchToThread(tcb_t *thread);
void tcbSchedEnqueue(tcb_t *thread);
void tcbSchedAppend(tcb_t *thread);
void tcbSchedDequeue(tcb_t *thread);
void timerTick(void);
void yieldCurrent(void);

static inline bool_t isStopped(const tcb_t *thread)
{
    return thread->state == ThreadState_Inactive ||
           (thread->state >= ThreadState_BlockedOnReceive && thread->state <= ThreadState_BlockedOnNotification);
}

static inline bool_t isRunnable(const tcb_t *thread)
{
    return thread->state == ThreadState_Running || thread->state == ThreadState_Restart;
}

/* The best priority that a ready thread of the domain has; there is one: l1 = ksReadyQueuesL1Bitmap[dom] is not 0. */
static inline word_t bestReadyPrio(word_t dom, word_t l1)
{
    word_t top = wordBits - 1 - (word_t)__builtin_clzl(l1);

    return top << 6 | (wordBits - 1 - (word_t)__builtin_clzl(ksReadyQueuesL2Bitmap[dom][top]));
}

/* Whether no ready thread of the domain has a priority above prio. */
static inline bool_t isHighestPrio(word_t domain, prio_t prio)
{
    word_t dom = queueDomain(domain);
    word_t l1 = ksReadyQueuesL1Bitmap[dom];

    return l1 == 0 || prio >= bestReadyPrio(dom, l1);
}
