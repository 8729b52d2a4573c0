/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All state of the kernel that is in no object, and the results that decode functions leave for their caller.
 */
#pragma once

#include "kernel/include/config.h"
#include "kernel/include/object.h"

/*
 * Ready queues, one for each domain and priority, and which are not empty:
 *
 *   L1[domain]: bit i = L2[domain][i] is not 0;  L2[domain][i]: bit k = the queue of priority 64 i + k holds a thread
 *   ksReadyQueues[256 domain + priority]: head --> TCB <--> TCB <-- end     tcbSchedNext, tcbSchedPrev
 */
#define NUM_READY_QUEUES (CONFIG_NUM_DOMAINS * CONFIG_NUM_PRIORITIES)
#define L2_WORDS (CONFIG_NUM_PRIORITIES / wordBits)

/* The queues and bitmaps of a domain; a constant with one domain. */
static inline word_t queueDomain(word_t domain)
{
    return CONFIG_NUM_DOMAINS > 1 ? domain : 0;
}

/* ksSchedulerAction: go on with the current thread, look for the best thread, or a thread to switch to. */
#define SchedulerAction_ResumeCurrentThread ((tcb_t *)0)
#define SchedulerAction_ChooseNewThread ((tcb_t *)1)

typedef struct dschedule {
    word_t domain;
    word_t length;
} dschedule_t;

extern tcb_t *ksCurThread;
extern tcb_t *ksIdleThread;
extern tcb_t *ksSchedulerAction;
extern tcb_queue_t ksReadyQueues[NUM_READY_QUEUES];
extern word_t ksReadyQueuesL1Bitmap[CONFIG_NUM_DOMAINS];
extern word_t ksReadyQueuesL2Bitmap[CONFIG_NUM_DOMAINS][L2_WORDS];
extern word_t ksCurDomain;
extern word_t ksDomainTime;
extern word_t ksDomScheduleIdx;
extern word_t ksDomScheduleStart;
extern dschedule_t ksDomSchedule[CONFIG_NUM_DOMAIN_SCHEDULES];
extern word_t ksWorkUnitsCompleted;

/* domain: as queueDomain() has it. */
static INLINE tcb_queue_t *readyQueue(word_t domain, word_t prio)
{
    return &ksReadyQueues[domain * CONFIG_NUM_PRIORITIES + prio];
}

/*
 * Interrupts: number i is hardware vector 0x30 + i.
 *
 *   intStateIRQTable[i]: state, line of the I/O APIC      intStateIRQNode[i]: slot with the notification capability
 */
#define IRQ_INT_OFFSET 0x30
#define NUM_USER_IRQS 108
#define IRQ_TIMER 109
#define NUM_IRQS 110
enum { IRQInactive = 0, IRQSignal, IRQTimer };

typedef struct irq_state {
    uint8_t state;
    uint8_t isIOAPIC;
    uint8_t ioapic;
    uint8_t pin;
} irq_state_t;

extern irq_state_t intStateIRQTable[NUM_IRQS];
extern cte_t intStateIRQNode[NUM_IRQS];

/* Results of decode functions. */
typedef struct syscall_error {
    seL4_Error type;
    word_t invalidArgumentNumber;
    word_t invalidCapNumber;
    word_t rangeErrorMin;
    word_t rangeErrorMax;
    word_t memoryLeft;
    word_t failedLookupWasSource;
} syscall_error_t;

extern syscall_error_t current_syscall_error;
extern lookup_fault_t current_lookup_fault;
extern fault_t current_fault;

/* Extra capabilities of the current message; NULL where there is none. */
extern cte_t *current_extra_caps[seL4_MsgMaxExtraCaps];

/* A preemptible operation calls this once a unit of work. */
exception_t preemptionPoint(void);

/* Before a long step that must not be torn: EXCEPTION_PREEMPTED if an interrupt waits. */
exception_t checkInterrupt(void);

/*
 * For a system call whose lookups were long, at a place from which it may be repeated and where it relies on nothing that an
 * interrupt changes: whether it makes way for one.  Not more than CONFIG_MAX_PUT_OFF times in a row, so that it gets on however
 * fast interrupts come; then those that wait are handled on the spot, and it makes way only if they end its time slice.
 */
bool_t putOff(tcb_t *thread);
static inline bool_t makesWay(tcb_t *thread)
{
    return ksWorkUnitsCompleted >= CONFIG_MAX_WORK_UNITS && putOff(thread);
}

/* What is done before the next preemption point is worth that many units more. */
static inline void chargeWork(word_t units)
{
    ksWorkUnitsCompleted += units;
}
