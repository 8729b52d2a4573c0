/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Thread states and the choice of the next thread.
 *
 * ksSchedulerAction collects what the current kernel entry wants: go on, switch to one given thread, or choose anew.
 * schedule() carries it out at the end of the entry; activateThread() then makes the thread's restart effective.
 * The tick runs only while a thread does: the idle thread stops it (one domain) and is woken by device interrupts.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"

tcb_t *ksCurThread;
tcb_t *ksIdleThread;
tcb_t *ksSchedulerAction;
word_t ksCurDomain;
word_t ksDomainTime;
word_t ksDomScheduleIdx;
word_t ksDomScheduleStart;
dschedule_t ksDomSchedule[CONFIG_NUM_DOMAIN_SCHEDULES] = {{0, MASK(56)}};
word_t ksWorkUnitsCompleted;

exception_t checkInterrupt(void)
{
    ksWorkUnitsCompleted = 0;
    if (isIRQPending())
        return EXCEPTION_PREEMPTED;
    markInterruptible();
    return EXCEPTION_NONE;
}

exception_t preemptionPoint(void)
{
    ksWorkUnitsCompleted++;
    return ksWorkUnitsCompleted < CONFIG_MAX_WORK_UNITS ? EXCEPTION_NONE : checkInterrupt();
}

bool_t putOff(tcb_t *thread)
{
    if (checkInterrupt() == EXCEPTION_NONE) {
        thread->timesPutOff = 0;
        return false;
    }
    if (thread->timesPutOff < CONFIG_MAX_PUT_OFF) {
        thread->timesPutOff++;
        return true;
    }
    thread->timesPutOff = 0;
    serveInterrupts();
    return thread->tcbQueued; /* its time slice is over */
}

void setThreadState(tcb_t *thread, thread_state_t state)
{
    thread->state = (uint8_t)state;
    if (thread == ksCurThread && ksSchedulerAction == SchedulerAction_ResumeCurrentThread && !isRunnable(thread))
        rescheduleRequired();
}

void rescheduleRequired(void)
{
    if (ksSchedulerAction != SchedulerAction_ResumeCurrentThread &&
        ksSchedulerAction != SchedulerAction_ChooseNewThread)
        tcbSchedEnqueue(ksSchedulerAction);
    ksSchedulerAction = SchedulerAction_ChooseNewThread;
}

/* The thread became runnable: run it at once if it is better than the current one. */
void possibleSwitchTo(tcb_t *thread)
{
    if (CONFIG_NUM_DOMAINS > 1 && thread->tcbDomain != ksCurDomain) {
        tcbSchedEnqueue(thread);
    } else if (ksSchedulerAction != SchedulerAction_ResumeCurrentThread) {
        rescheduleRequired();
        tcbSchedEnqueue(thread);
    } else {
        ksSchedulerAction = thread;
    }
}

void suspend(tcb_t *thread)
{
    cancelIPC(thread);
    if (thread->state == ThreadState_Running) {
        setRegister(thread, RegFaultIP, thread->nextIP);
        thread->inSyscall = 0;
    }
    setThreadState(thread, ThreadState_Inactive);
    tcbSchedDequeue(thread);
    if (ksSchedulerAction == thread)
        ksSchedulerAction = SchedulerAction_ChooseNewThread;
}

void restart(tcb_t *thread)
{
    if (!isStopped(thread))
        return;
    cancelIPC(thread);
    setThreadState(thread, ThreadState_Restart);
    tcbSchedEnqueue(thread);
    possibleSwitchTo(thread);
}

/* Requeues a thread around a change of its priority or domain. */
static void reconsider(tcb_t *thread)
{
    if (!isRunnable(thread))
        return;
    if (thread == ksCurThread)
        rescheduleRequired();
    else
        possibleSwitchTo(thread);
}

void setPriority(tcb_t *thread, prio_t prio)
{
    tcbSchedDequeue(thread);
    thread->tcbPriority = (uint8_t)prio;
    reconsider(thread);
}

void setDomain(tcb_t *thread, dom_t domain)
{
    tcbSchedDequeue(thread);
    thread->tcbDomain = (uint8_t)domain;
    if (isRunnable(thread))
        tcbSchedEnqueue(thread);
    if (thread == ksCurThread)
        rescheduleRequired();
}

void yieldCurrent(void)
{
    tcbSchedDequeue(ksCurThread);
    tcbSchedAppend(ksCurThread);
    rescheduleRequired();
}

void timerTick(void)
{
    if (isRunnable(ksCurThread)) {
        if (ksCurThread->tcbTimeSlice > 1) {
            ksCurThread->tcbTimeSlice--;
        } else {
            ksCurThread->tcbTimeSlice = CONFIG_TIME_SLICE;
            tcbSchedAppend(ksCurThread);
            rescheduleRequired();
        }
    }
    if (CONFIG_NUM_DOMAINS > 1) {
        if (ksDomainTime > 0)
            ksDomainTime--;
        if (ksDomainTime == 0)
            rescheduleRequired();
    }
}

static void nextDomain(void)
{
    ksDomScheduleIdx++;
    if (ksDomScheduleIdx >= CONFIG_NUM_DOMAIN_SCHEDULES || ksDomSchedule[ksDomScheduleIdx].length == 0)
        ksDomScheduleIdx = ksDomScheduleStart;
    ksCurDomain = ksDomSchedule[ksDomScheduleIdx].domain;
    ksDomainTime = ksDomSchedule[ksDomScheduleIdx].length;
    ksWorkUnitsCompleted = 0;
}

void switchToThread(tcb_t *thread)
{
    tcbSchedDequeue(thread);
    if (thread == ksCurThread)
        return;
    if (ksCurThread == ksIdleThread)
        timerStart();
    Arch_switchToThread(thread);
    ksCurThread = thread;
}

static void switchToIdleThread(void)
{
    if (ksCurThread == ksIdleThread)
        return;
    if (CONFIG_NUM_DOMAINS == 1)
        timerStop();
    Arch_switchToIdleThread();
    ksCurThread = ksIdleThread;
}

static void chooseThread(void)
{
    word_t domain = queueDomain(ksCurDomain), l1 = ksReadyQueuesL1Bitmap[domain];

    if (l1 == 0) {
        switchToIdleThread();
        return;
    }
    switchToThread(readyQueue(domain, bestReadyPrio(domain, l1))->head);
}

static void scheduleChooseNewThread(void)
{
    if (CONFIG_NUM_DOMAINS > 1 && ksDomainTime == 0)
        nextDomain();
    chooseThread();
}

/* Whether the thread that asked for a direct switch gets it; if not it is queued. */
static bool_t candidateWins(tcb_t *candidate, bool_t wasRunnable)
{
    bool_t better = ksCurThread != ksIdleThread && candidate->tcbPriority >= ksCurThread->tcbPriority;

    if (!better && !isHighestPrio(ksCurDomain, candidate->tcbPriority)) {
        tcbSchedEnqueue(candidate);
        return false;
    }
    if (wasRunnable && candidate->tcbPriority == ksCurThread->tcbPriority) {
        tcbSchedAppend(candidate);
        return false;
    }
    return true;
}

void schedule(void)
{
    tcb_t *candidate = ksSchedulerAction;
    bool_t wasRunnable;

    if (candidate == SchedulerAction_ResumeCurrentThread)
        return;
    wasRunnable = isRunnable(ksCurThread);
    if (wasRunnable)
        tcbSchedEnqueue(ksCurThread);
    if (candidate != SchedulerAction_ChooseNewThread && candidateWins(candidate, wasRunnable))
        switchToThread(candidate);
    else
        scheduleChooseNewThread();
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
}

/* A thread in state Restart goes on at its restart address. */
void activateThread(void)
{
    tcb_t *thread = ksCurThread;

    if (thread->state != ThreadState_Restart)
        return;
    settleRestartPC(thread);
    thread->nextIP = getRegister(thread, RegFaultIP);
    setThreadState(thread, ThreadState_Running);
}
