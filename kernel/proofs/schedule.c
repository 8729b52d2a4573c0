/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The choice of the next thread, the tick, and what a change of priority does.  domains.c has what more than one domain adds.
 */
#include "kernel/proofs/sched_world.h"

/*
 * of: schedule, candidateWins, scheduleChooseNewThread, chooseThread, switchToThread, switchToIdleThread, isHighestPrio
 * shows: afterwards no ready thread has a higher priority than the current one, which is not queued; the idle thread is current exactly if nobody
 *        can run; a thread that can run and is not current is queued, one that cannot is not; the current thread goes on if no better one is ready,
 *        also against one of its priority; the CPU is given to the thread that becomes current, once; the tick runs exactly while a thread does;
 *        bitmaps consistent
 * bounds: before it, no ready thread has a higher priority than a current thread that asks for nothing but a direct switch (ipc.c, setPriority);
 *         queues of any length; one domain
 * unwind: 5
 * mutant sched/schedule.c: if (!better && !isHighestPrio( => if (!better && isHighestPrio(
 * mutant sched/schedule.c: bool_t better = ksCurThread != ksIdleThread && => bool_t better =
 * mutant sched/schedule.c: if (wasRunnable && candidate->tcbPriority == ksCurThread->tcbPriority) { => if (false) {
 * mutant sched/schedule.c: if (wasRunnable)\n        tcbSchedEnqueue(ksCurThread); =>
 * mutant include/api.h: return top << 6 | (wordBits - 1 => return top << 6 | (wordBits - 2
 * mutant sched/schedule.c: tcbSchedDequeue(thread);\n    if (thread == ksCurThread) => if (thread == ksCurThread)
 * mutant sched/schedule.c: if (ksCurThread == ksIdleThread)\n        timerStart(); => timerStart();
 * mutant sched/schedule.c: ksSchedulerAction = SchedulerAction_ResumeCurrentThread;\n} => }
 */
void proof_schedule(void)
{
    tcb_t *old, *action;
    bool_t wasRunnable, wasQueued;

    arbitrarySchedule(0);
    old = ksCurThread;
    action = ksSchedulerAction;
    wasRunnable = isRunnable(old);
    wasQueued = running.tcbQueued;
    if (action == SchedulerAction_ResumeCurrentThread)
        ASSUME(wasRunnable || old == &idleThread);
    ASSUME(IMPLIES(action == &candidate, isRunnable(&candidate)));
    ASSUME(IMPLIES(action != &candidate && isRunnable(&candidate), candidate.tcbQueued));
    ASSUME(IMPLIES(!best.tcbQueued, !isRunnable(&best)));
    if (action != SchedulerAction_ChooseNewThread && old != &idleThread)
        assumeHighest(0, old->tcbPriority, action == &candidate && candidate.tcbQueued ? &candidate : NULL); /* restart queues before it asks */
    if (action == SchedulerAction_ResumeCurrentThread)
        ASSUME(old != &idleThread || ksReadyQueuesL1Bitmap[0] == 0);
    schedule();
    CLAIM(ksSchedulerAction == SchedulerAction_ResumeCurrentThread && isBitmapConsistent(0));
    CLAIM(isRunnable(ksCurThread) || ksCurThread == &idleThread);
    CLAIM(IMPLIES(ksCurThread == &idleThread, ksReadyQueuesL1Bitmap[0] == 0 && !wasRunnable));
    CLAIM(IMPLIES(ksCurThread != &idleThread && action != SchedulerAction_ResumeCurrentThread, isHighest(0, ksCurThread->tcbPriority)));
    CLAIM(isKnown(&running) && isKnown(&candidate) && isKnown(&best));
    CLAIM(switches == (ksCurThread != old) && IMPLIES(switches, switchedTo == ksCurThread));
    CLAIM(timerStarts == (switches && old == &idleThread) && timerStops == (switches && ksCurThread == &idleThread));
    if (action == &candidate && wasRunnable && candidate.tcbPriority <= old->tcbPriority) {
        CLAIM(ksCurThread == old);
        REACH("goes on");
    }
    if (ksCurThread == &candidate && action == &candidate)
        REACH("candidate");
    if (ksCurThread == &best)
        REACH("another");
    if (switches && ksCurThread == &idleThread)
        REACH("idle");
    if (switches && old == &idleThread)
        REACH("awake");
    claimAbsent();
    REACH("end");
}

/*
 * of: timerTick, yieldCurrent
 * shows: a tick takes one from the time slice of a running thread; with the last one it gets a new slice and goes to the end of its queue, as with
 *        Yield; the candidate of a direct switch is queued then; the idle thread has no slice; nothing else changes
 * bounds: queues of any length; one domain
 * unwind: 5
 * mutant sched/schedule.c: ksCurThread->tcbTimeSlice > 1 => ksCurThread->tcbTimeSlice > 0
 * mutant sched/schedule.c: tcbSchedAppend(ksCurThread);\n            rescheduleRequired(); => rescheduleRequired();
 * mutant sched/schedule.c: tcbSchedAppend(ksCurThread);\n    rescheduleRequired(); => tcbSchedEnqueue(ksCurThread);\n    rescheduleRequired();
 */
void proof_timerTick(void)
{
    bool_t isYield = nondet_bool(), othersReady, wasCandidate;
    uint8_t slice;
    tcb_t *action;

    arbitrarySchedule(0);
    ASSUME(!running.tcbQueued && IMPLIES(ksSchedulerAction == &candidate, isRunnable(&candidate)));
    ASSUME(IMPLIES(isYield, ksCurThread == &running && isRunnable(&running) && ksSchedulerAction == SchedulerAction_ResumeCurrentThread));
    action = ksSchedulerAction;
    slice = running.tcbTimeSlice;
    othersReady = isReady(0, running.tcbPriority);
    wasCandidate = action == &candidate;
    if (isYield)
        yieldCurrent();
    else
        timerTick();
    if (!isYield && (ksCurThread == &idleThread || !isRunnable(&running))) {
        CLAIM(running.tcbTimeSlice == slice && ksSchedulerAction == action && !running.tcbQueued);
        REACH("nobody runs");
    } else if (!isYield && slice > 1) {
        CLAIM(running.tcbTimeSlice == slice - 1 && ksSchedulerAction == action && !running.tcbQueued);
        REACH("a tick");
    } else {
        CLAIM(running.tcbTimeSlice == (isYield ? slice : CONFIG_TIME_SLICE) && ksSchedulerAction == SchedulerAction_ChooseNewThread);
        CLAIM(running.tcbQueued && IMPLIES(running.isFirst, !othersReady) && IMPLIES(wasCandidate, candidate.tcbQueued));
        REACH("end of the slice");
    }
    CLAIM(isBitmapConsistent(0) && switches == 0);
    claimAbsent();
    REACH("end");
}

/* A thread that can run is queued, current or about to be switched to; the current one only with a new choice after a change. */
static bool_t isPlaced(const tcb_t *t)
{
    if (!isRunnable(t))
        return !t->tcbQueued && ksSchedulerAction != t;
    return t->tcbQueued || t == ksSchedulerAction || (t == ksCurThread && ksSchedulerAction != SchedulerAction_ResumeCurrentThread);
}

/*
 * of: setPriority, setDomain, reconsider, possibleSwitchTo, rescheduleRequired
 * shows: the thread has the priority, or domain; if it can run it is ready at its new place or asked for, and if it is current there is a new choice;
 *        at its old place it is not; of other threads only the candidate of a direct switch may become ready; bitmaps consistent
 * bounds: the current thread, another one that is ready, blocked or the candidate; queues of any length; one domain (domains.c)
 * unwind: 5
 * mutant sched/schedule.c: tcbSchedDequeue(thread);\n    thread->tcbPriority => thread->tcbPriority
 * mutant sched/schedule.c: if (thread == ksCurThread)\n        rescheduleRequired();\n    else\n        possibleSwitchTo(thread); => possibleSwitchTo(thread);
 * mutant sched/schedule.c: if (isRunnable(thread))\n        tcbSchedEnqueue(thread); =>
 */
void proof_setPriority(void)
{
    word_t prio = nondet_byte();
    bool_t isDomain = nondet_bool();
    tcb_t *thread, bestBefore;
    uint8_t old;

    arbitrarySchedule(0);
    ASSUME(IMPLIES(ksSchedulerAction == &candidate, isRunnable(&candidate)) && !running.tcbQueued);
    ASSUME(IMPLIES(ksSchedulerAction != &candidate, isRunnable(&candidate) == candidate.tcbQueued));
    ASSUME(IMPLIES(ksSchedulerAction == SchedulerAction_ResumeCurrentThread, ksCurThread == &idleThread || isRunnable(&running)));
    thread = EITHER(&running, &candidate);
    bestBefore = best;
    old = thread->tcbPriority;
    if (isDomain)
        setDomain(thread, 0);
    else
        setPriority(thread, prio);
    CLAIM(thread->tcbPriority == (isDomain ? old : prio) && thread->tcbDomain == 0);
    CLAIM(IMPLIES(thread == ksCurThread && isRunnable(thread), ksSchedulerAction == SchedulerAction_ChooseNewThread));
    CLAIM(isPlaced(&candidate) && IMPLIES(thread == &running, isPlaced(&running)));
    CLAIM(IMPLIES(candidate.tcbQueued, isReady(0, candidate.tcbPriority)) && IMPLIES(running.tcbQueued, isReady(0, running.tcbPriority)));
    CLAIM(best.tcbQueued == bestBefore.tcbQueued && best.tcbPriority == bestBefore.tcbPriority && best.state == bestBefore.state);
    CLAIM(isBitmapConsistent(0) && switches == 0);
    if (thread == &running && ksCurThread == &running && isRunnable(&running))
        REACH("current");
    if (ksSchedulerAction == &candidate)
        REACH("asked for");
    claimAbsent();
    REACH("end");
}

/*
 * of: activateThread, settleRestartPC
 * shows: a thread that is to be restarted runs from its restart address on, with complete registers; any other stays as it is
 * bounds: one arbitrary register
 * unwind: 5
 * mutant sched/schedule.c: settleRestartPC(thread);\n    thread->nextIP => thread->nextIP
 * mutant sched/schedule.c: if (thread->state != ThreadState_Restart)\n        return;\n    settle => settle
 */
void proof_activateThread(void)
{
    word_t reg = nondet_byte() % n_contextRegisters, was, restart, next;
    uint8_t state, inSyscall;

    arbitrarySchedule(0);
    ksSchedulerAction = SchedulerAction_ResumeCurrentThread;
    ksCurThread = &running;
    state = running.state;
    inSyscall = running.inSyscall;
    restart = getRestartPC(&running);
    next = running.nextIP;
    was = running.registers[reg];
    activateThread();
    if (state == ThreadState_Restart) {
        CLAIM(running.state == ThreadState_Running && !running.inSyscall && running.nextIP == restart);
        CLAIM(running.registers[reg] == (reg == RegFaultIP ? restart : was));
        REACH("restart");
    } else {
        CLAIM(running.state == state && running.inSyscall == inSyscall && running.nextIP == next && running.registers[reg] == was);
    }
    CLAIM(ksSchedulerAction == SchedulerAction_ResumeCurrentThread);
    claimAbsent();
    REACH("end");
}

/*
 * of: preemptionPoint, checkInterrupt, putOff, makesWay
 * shows: an operation stops only for an interrupt that waits, which is looked for at least once in CONFIG_MAX_WORK_UNITS units; a system call makes
 *        way at most CONFIG_MAX_PUT_OFF times in a row; then what waits is handled, and it makes way only if that ended its time slice
 * bounds: none
 * unwind: 5
 * mutant sched/schedule.c: ksWorkUnitsCompleted < CONFIG_MAX_WORK_UNITS ? EXCEPTION_NONE : checkInterrupt(); => EXCEPTION_NONE;
 * mutant sched/schedule.c: if (thread->timesPutOff < CONFIG_MAX_PUT_OFF) { => if (true) {
 * mutant sched/schedule.c: serveInterrupts();\n => \n
 * mutant sched/schedule.c: return thread->tcbQueued; => return false;
 */
void proof_preemptionPoint(void)
{
    word_t before = nondet_byte();
    uint8_t times = nondet_byte();
    exception_t status;
    bool_t way;

    ASSUME(times <= CONFIG_MAX_PUT_OFF);
    isPending = nondet_bool();
    marks = served = 0;
    ksWorkUnitsCompleted = before;
    status = preemptionPoint();
    CLAIM(status == (isPending && before + 1 >= CONFIG_MAX_WORK_UNITS ? EXCEPTION_PREEMPTED : EXCEPTION_NONE));
    CLAIM(ksWorkUnitsCompleted == (before + 1 >= CONFIG_MAX_WORK_UNITS ? 0 : before + 1));
    CLAIM(marks == (before + 1 >= CONFIG_MAX_WORK_UNITS && !isPending));
    running.timesPutOff = times;
    running.tcbQueued = 0;
    ksWorkUnitsCompleted = before;
    way = makesWay(&running);
    CLAIM(way == (isPending && before >= CONFIG_MAX_WORK_UNITS && (times < CONFIG_MAX_PUT_OFF || running.tcbQueued)));
    CLAIM(served == (isPending && before >= CONFIG_MAX_WORK_UNITS && times == CONFIG_MAX_PUT_OFF));
    CLAIM(running.timesPutOff == (before < CONFIG_MAX_WORK_UNITS ? times : way && !served ? times + 1 : 0));
    if (way)
        REACH("makes way");
    if (served && !way)
        REACH("goes on");
    REACH("end");
}
