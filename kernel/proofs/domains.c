/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What more than one domain adds: the domain schedule, its tick, and threads that change their domain.
 */
#define CONFIG_NUM_DOMAINS 3

#include "kernel/include/config.h"

#undef CONFIG_NUM_DOMAIN_SCHEDULES
#define CONFIG_NUM_DOMAIN_SCHEDULES 5

#include "kernel/proofs/sched_world.h"

/* The entry that follows the current one. */
static word_t nextEntry(void)
{
    word_t next = ksDomScheduleIdx + 1;

    return next < CONFIG_NUM_DOMAIN_SCHEDULES && ksDomSchedule[next].length != 0 ? next : ksDomScheduleStart;
}

/* Entries as decodeScheduleConfigure and decodeScheduleSetStart leave them. */
static void arbitraryDomains(void)
{
    word_t next;

    __CPROVER_havoc_object(ksDomSchedule);
    ksDomScheduleIdx = nondet_word();
    ksDomScheduleStart = nondet_word();
    ksCurDomain = nondet_word();
    ksDomainTime = nondet_word();
    ASSUME(ksDomScheduleIdx < CONFIG_NUM_DOMAIN_SCHEDULES && ksDomScheduleStart < CONFIG_NUM_DOMAIN_SCHEDULES - 1);
    ASSUME(ksDomSchedule[ksDomScheduleStart].length != 0 && ksCurDomain < CONFIG_NUM_DOMAINS);
    next = nextEntry();
    ASSUME(ksDomSchedule[next].domain < CONFIG_NUM_DOMAINS);
}

/*
 * of: schedule, nextDomain, scheduleChooseNewThread, chooseThread (domains)
 * shows: once the time of the domain is over the next entry of the schedule, or the first one behind the last, gives domain and time, which is not 0;
 *        who becomes current is of the current domain, and the best that is ready there; nobody of it is ready if the idle thread is; nobody is forgotten
 * bounds: 3 domains, a schedule of 5 entries (for 100); a direct switch stays in the domain (possibleSwitchTo) and there is none when the time is over (timerTick, decodeScheduleSetStart)
 * unwind: 5
 * mutant sched/schedule.c: if (CONFIG_NUM_DOMAINS > 1 && ksDomainTime == 0)\n        nextDomain(); =>
 * mutant sched/schedule.c: ksDomScheduleIdx = ksDomScheduleStart; => ;
 * mutant sched/schedule.c: readyQueue(domain, bestReadyPrio => readyQueue(0, bestReadyPrio
 */
void proof_scheduleDomains(void)
{
    word_t entry, domain;
    tcb_t *old, *action;
    bool_t isOver, wasRunnable;

    arbitraryDomains();
    entry = nextEntry();
    isOver = ksDomainTime == 0;
    domain = isOver ? ksDomSchedule[entry].domain : ksCurDomain;
    arbitraryBitmap(0);
    arbitraryBitmap(1);
    arbitraryBitmap(2);
    arbitrarySchedule(domain);
    old = ksCurThread;
    action = ksSchedulerAction;
    wasRunnable = isRunnable(old);
    ASSUME(action != SchedulerAction_ResumeCurrentThread);
    ASSUME(IMPLIES(action == &candidate, isRunnable(&candidate) && candidate.tcbDomain == ksCurDomain && !isOver));
    ASSUME(IMPLIES(action != &candidate && isRunnable(&candidate), candidate.tcbQueued));
    ASSUME(IMPLIES(!best.tcbQueued, !isRunnable(&best)));
    ASSUME(IMPLIES(running.tcbDomain != ksCurDomain && old == &running, action == SchedulerAction_ChooseNewThread));
    schedule();
    CLAIM(ksSchedulerAction == SchedulerAction_ResumeCurrentThread && ksCurDomain == domain && ksDomainTime != 0);
    CLAIM(IMPLIES(isOver, ksDomainTime == ksDomSchedule[entry].length && ksDomScheduleIdx == entry));
    CLAIM(IMPLIES(ksCurThread != &idleThread, isRunnable(ksCurThread) && ksCurThread->tcbDomain == domain));
    CLAIM(IMPLIES(ksCurThread == &idleThread, ksReadyQueuesL1Bitmap[domain] == 0));
    CLAIM(IMPLIES(ksCurThread != &idleThread && action == SchedulerAction_ChooseNewThread, isHighest(domain, ksCurThread->tcbPriority)));
    CLAIM(isKnown(&running) && isKnown(&candidate) && isKnown(&best) && timerStops == 0);
    CLAIM(isBitmapConsistent(0) && isBitmapConsistent(1) && isBitmapConsistent(2));
    if (isOver && wasRunnable && running.tcbDomain != domain && ksCurThread != &idleThread)
        REACH("another domain");
    if (ksCurThread == &candidate && action == &candidate)
        REACH("candidate");
    if (isOver && entry == ksDomScheduleStart)
        REACH("round");
    claimAbsent();
    REACH("end");
}

/*
 * of: timerTick, setDomain, possibleSwitchTo (domains)
 * shows: a tick takes one from the time of the domain, and there is a new choice once it is over; a thread that changes its domain is ready there,
 *        and nowhere else, if it can run; a thread of another domain is made ready and not switched to
 * bounds: 3 domains
 * unwind: 5
 * mutant sched/schedule.c: if (ksDomainTime == 0)\n            rescheduleRequired(); =>
 * mutant sched/schedule.c: if (CONFIG_NUM_DOMAINS > 1 && thread->tcbDomain != ksCurDomain) { => if (false) {
 * mutant sched/schedule.c: if (thread == ksCurThread)\n        rescheduleRequired();\n} => }
 */
void proof_domainTick(void)
{
    word_t time, domain = nondet_byte() % CONFIG_NUM_DOMAINS, was, which = nondet_byte() % 3;
    tcb_t *action;

    arbitraryDomains();
    arbitraryBitmap(0);
    arbitraryBitmap(1);
    arbitraryBitmap(2);
    arbitrarySchedule(ksCurDomain);
    ASSUME(!running.tcbQueued && IMPLIES(ksSchedulerAction == &candidate, isRunnable(&candidate)));
    ASSUME(IMPLIES(ksSchedulerAction != &candidate, isRunnable(&candidate) == candidate.tcbQueued));
    time = ksDomainTime;
    was = candidate.tcbDomain;
    action = ksSchedulerAction;
    if (which == 0) {
        timerTick();
        CLAIM(ksDomainTime == (time == 0 ? 0 : time - 1));
        CLAIM(IMPLIES(ksDomainTime == 0, ksSchedulerAction == SchedulerAction_ChooseNewThread));
        REACH("tick");
    } else if (which == 1) {
        tcb_t *thread = EITHER(&running, &candidate);

        setDomain(thread, domain);
        CLAIM(thread->tcbDomain == domain && thread->tcbQueued == isRunnable(thread));
        CLAIM(IMPLIES(thread->tcbQueued, isReady(domain, thread->tcbPriority)));
        CLAIM(IMPLIES(thread == ksCurThread, ksSchedulerAction == SchedulerAction_ChooseNewThread));
        REACH("moved");
    } else {
        ASSUME(isRunnable(&candidate) && action != &candidate);
        possibleSwitchTo(&candidate);
        CLAIM(IMPLIES(was != ksCurDomain, candidate.tcbQueued && ksSchedulerAction == action));
        CLAIM(candidate.tcbQueued || ksSchedulerAction == &candidate);
        REACH("made ready");
    }
    CLAIM(ksDomScheduleIdx < CONFIG_NUM_DOMAIN_SCHEDULES && switches == 0);
    CLAIM(isBitmapConsistent(0) && isBitmapConsistent(1) && isBitmapConsistent(2));
    claimAbsent();
    REACH("end");
}
