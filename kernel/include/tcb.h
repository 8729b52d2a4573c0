/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The thread object, 2^11 bytes (2^12 with CONFIG_XSAVE):
 *
 *   0     slots: CSpace root, VSpace root, reply (master), caller, IPC buffer frame
 *   1024  tcb_t: register context, FPU image, scheduling and IPC state
 *
 * A thread capability points to the tcb_t.  The context has the order of seL4_UserContext; registers[0] is the
 * restart address ("FaultIP").  If inSyscall is set the thread's last entry was a `syscall`: its restart address is
 * nextIP - 2 (registers[0] is stale) and it may be left with sysret; else both are stored and it is left with iret.
 * inSyscall is always set while the thread is in user mode; only an interrupt, an exception or whoever writes its registers
 * clears it.  While a fault is pending it is clear.
 * The FS and GS base of ksCurThread are in the CPU; those of all others are in the context.
 */
#pragma once

#include "kernel/include/cap.h"

enum {
    RegFaultIP,
    RegRSP,
    RegFLAGS,
    RegRAX,
    RegRBX,
    RegRCX,
    RegRDX,
    RegRSI,
    RegRDI,
    RegRBP,
    RegR8,
    RegR9,
    RegR10,
    RegR11,
    RegR12,
    RegR13,
    RegR14,
    RegR15,
    RegFS_BASE,
    RegGS_BASE,
    n_contextRegisters,
    n_frameRegisters = RegFS_BASE,
    badgeRegister = RegRDI,
    capRegister = RegRDI,
    msgInfoRegister = RegRSI,
};

enum { tcbCTable, tcbVTable, tcbReply, tcbCaller, tcbBuffer, tcbCNodeEntries };

typedef enum {
    ThreadState_Inactive = 0,
    ThreadState_Running,
    ThreadState_Restart,
    ThreadState_BlockedOnReceive,
    ThreadState_BlockedOnSend,
    ThreadState_BlockedOnReply,
    ThreadState_BlockedOnNotification,
    ThreadState_IdleThreadState,
} thread_state_t;

/* Why a capability lookup failed: type is seL4_InvalidRoot..seL4_GuardMismatch, the rest as section 8 of the ABI. */
typedef struct lookup_fault {
    word_t type;
    word_t bitsLeft;
    word_t found; /* DepthMismatch: bits found; GuardMismatch: guard found */
    word_t guardBits;
} lookup_fault_t;

/* A fault that has not been answered yet: type is seL4_Fault_*, words are the message after the registers. */
typedef struct fault {
    word_t type;
    word_t words[3]; /* CapFault: address, in receive phase.  UnknownSyscall: number.  UserException: number, code.
                        VMFault: address, instruction fetch, error code. */
    lookup_fault_t lookup; /* CapFault only */
} fault_t;

struct endpoint;
struct notification;
struct tcb;

/* A preempted CancelBadgedSends: the threads from next to last of the queue are still to be looked at. */
typedef struct search {
    word_t badge;
    const struct tcb *owner; /* who asked; only compared */
    struct tcb *next, *last;
} search_t;

typedef struct tcb {
    word_t registers[n_contextRegisters];
    word_t nextIP;

    uint8_t state;          /* thread_state_t */
    uint8_t tcbPriority;
    uint8_t inSyscall;      /* directly behind the priority: the fast path compares both at once */
    uint8_t tcbMCP;
    uint8_t tcbDomain;
    uint8_t tcbQueued;      /* in a ready queue */
    uint8_t tcbTimeSlice;
    uint8_t fpuDisabled;    /* seL4_TCBFlag_fpuDisabled */
    uint8_t timesPutOff;    /* how often in a row its system call made way for an interrupt before it had done anything */

    word_t blockingFlags;   /* blocked sender: BLOCKED_*; blocked receiver: BLOCKED_CAN_GRANT */
    struct notification *tcbBoundNotification;
    void *blockingObject;   /* endpoint or notification that the thread waits on */
    word_t blockingBadge;   /* blocked sender: badge of the capability it sends through */

    /* Endpoint or notification queue. */
    struct tcb *tcbEPNext;
    struct tcb *tcbEPPrev;

    /* Ready queue. */
    struct tcb *tcbSchedNext;
    struct tcb *tcbSchedPrev;

    cptr_t tcbFaultHandler;
    word_t tcbIPCBuffer;    /* offset in the frame of the slot tcbBuffer */
    fault_t tcbFault;
    search_t search; /* of the head of an endpoint's queue, if the endpoint has EP_SEARCH */
    uint8_t fpuState[CONFIG_VECTOR_STATE_BYTES] ALIGN(64);
} tcb_t;

/* The first two lie as in an endpoint capability; the first also as in the reply capability that comes of it. */
#define BLOCKED_CAN_GRANT CAP_CAN_GRANT
#define BLOCKED_CAN_GRANT_REPLY CAP_CAN_GRANT_REPLY
#define BLOCKED_IS_CALL BIT(12)

#define TCB_OFFSET 1024
#define TCB_PTR_CTE_PTR(tcb, i) ((cte_t *)((word_t)(tcb) - TCB_OFFSET) + (i))

_Static_assert(sizeof(tcb_t) <= BIT(seL4_TCBBits) - TCB_OFFSET, "tcb_t fits its object");

static inline word_t getRegister(const tcb_t *thread, word_t reg)
{
    return thread->registers[reg];
}

static inline void setRegister(tcb_t *thread, word_t reg, word_t value)
{
    thread->registers[reg] = value;
}

/* Address at which the thread goes on if its current system call or fault is restarted. */
static inline word_t getRestartPC(const tcb_t *thread)
{
    return thread->inSyscall ? thread->nextIP - 2 : thread->registers[RegFaultIP];
}

/* Makes registers[] complete and the restart address the one to go on from. */
static inline void settleRestartPC(tcb_t *thread)
{
    thread->registers[RegFaultIP] = getRestartPC(thread);
    thread->inSyscall = 0;
}
