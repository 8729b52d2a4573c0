/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool timers.  One thread of the process sleeps until the first armed timer is due, and posts its callback; it
 * ends when no timer has been armed for TPP_IDLE_SECONDS.
 *
 * DIFFERS: a timer's window (the delay that it may have) is not used.
 */
#include "tp.h"

static RTL_SRWLOCK TppTimerLock;
static RTL_CONDITION_VARIABLE TppTimerChanged;
static LIST_ENTRY TppTimers = { &TppTimers, &TppTimers };       /* by Due */
static BOOLEAN TppTimerThread;

LONG64 TppNow(VOID)
{
    LARGE_INTEGER Counter, Frequency;

    /* The counter's frequency is 10 MHz, always (RtlQueryPerformanceFrequency). */
    NtQueryPerformanceCounter(&Counter, &Frequency);
    return Counter.QuadPart;
}

LONG64 TppDueTime(const LARGE_INTEGER *Timeout)
{
    LONG64 Now = TppNow();
    LARGE_INTEGER System;

    if (Timeout == NULL)
        return MAXLONGLONG;
    if (Timeout->QuadPart < 0)
        return -Timeout->QuadPart > MAXLONGLONG - Now || Timeout->QuadPart == MINLONGLONG ? MAXLONGLONG :
               Now - Timeout->QuadPart;
    NtQuerySystemTime(&System);
    if (Timeout->QuadPart <= System.QuadPart)
        return Now;
    return Timeout->QuadPart - System.QuadPart > MAXLONGLONG - Now ? MAXLONGLONG :
           Now + (Timeout->QuadPart - System.QuadPart);
}

/* With the lock. */
static VOID TppInsertTimer(PTPP_OBJECT Timer)
{
    PLIST_ENTRY Entry = TppTimers.Blink;

    while (Entry != &TppTimers && CONTAINING_RECORD(Entry, TPP_OBJECT, TimerLinks)->Due > Timer->Due)
        Entry = Entry->Blink;
    InsertHeadList(Entry, &Timer->TimerLinks);
}

/* With the lock.  A period that passed unseen is not made up for. */
static VOID TppExpire(PTPP_OBJECT Timer, LONG64 Now)
{
    LONG64 Period = Timer->Period * 10000ll;

    RemoveEntryList(&Timer->TimerLinks);
    TppPost(Timer, NULL);
    if (Period == 0) {
        Timer->Armed = FALSE;
        TppDereference(Timer);
        return;
    }
    Timer->Due += Period;
    if (Timer->Due <= Now)
        Timer->Due = Now + Period - (Now - Timer->Due) % Period;
    TppInsertTimer(Timer);
}

/* With the lock: the time until something is due, NULL time = nothing is. */
static LONG64 TppExpireDue(VOID)
{
    while (!IsListEmpty(&TppTimers)) {
        PTPP_OBJECT Timer = CONTAINING_RECORD(TppTimers.Flink, TPP_OBJECT, TimerLinks);
        LONG64 Now = TppNow();

        if (Timer->Due > Now)
            return Timer->Due - Now;
        TppExpire(Timer, Now);
    }
    return 0;
}

static NTSTATUS NTAPI TppTimerLoop(PVOID Context)
{
    RtlAcquireSRWLockExclusive(&TppTimerLock);
    for (;;) {
        LONG64 Left = TppExpireDue();
        LARGE_INTEGER Timeout = { .QuadPart = Left != 0 ? -Left : -TPP_IDLE_SECONDS * 10000000ll };
        NTSTATUS Status = RtlSleepConditionVariableSRW(&TppTimerChanged, &TppTimerLock, &Timeout, 0);

        if (Status == STATUS_TIMEOUT && IsListEmpty(&TppTimers))
            break;
    }
    TppTimerThread = FALSE;
    RtlReleaseSRWLockExclusive(&TppTimerLock);
    RtlExitUserThread(STATUS_SUCCESS);
}

/* With the lock.  TRUE: the armed timer's reference is the caller's. */
static BOOLEAN TppUnlinkTimer(PTPP_OBJECT Timer)
{
    if (!Timer->Armed)
        return FALSE;
    Timer->Armed = FALSE;
    RemoveEntryList(&Timer->TimerLinks);
    return TRUE;
}

VOID TppDisarmTimer(PTPP_OBJECT Timer)
{
    BOOLEAN Unlinked;

    RtlAcquireSRWLockExclusive(&TppTimerLock);
    Unlinked = TppUnlinkTimer(Timer);
    RtlReleaseSRWLockExclusive(&TppTimerLock);
    if (Unlinked)
        TppDereference(Timer);
}

static VOID TppArmTimer(PTPP_OBJECT Timer, LONG64 Due, ULONG Period)
{
    RtlAcquireSRWLockExclusive(&TppTimerLock);
    if (!TppUnlinkTimer(Timer))
        TppReference(Timer);
    Timer->Armed = TRUE;
    Timer->Due = Due;
    Timer->Period = Period;
    TppInsertTimer(Timer);
    if (!TppTimerThread)
        TppTimerThread = NT_SUCCESS(TppStartThread(NULL, TppTimerLoop, NULL));
    if (TppTimers.Flink == &Timer->TimerLinks)
        RtlWakeConditionVariable(&TppTimerChanged);
    RtlReleaseSRWLockExclusive(&TppTimerLock);
}

NTSTATUS NTAPI TpAllocTimer(PTP_TIMER *TimerReturn, PTP_TIMER_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    return TppAllocate(TppTimer, Callback, Context, Environment, (PTPP_OBJECT *)TimerReturn);
}

VOID NTAPI TpSetTimer(PTP_TIMER Timer, PLARGE_INTEGER DueTime, LONG Period, LONG WindowLength)
{
    if (DueTime == NULL)
        TppDisarmTimer((PTPP_OBJECT)Timer);
    else
        TppArmTimer((PTPP_OBJECT)Timer, TppDueTime(DueTime), (ULONG)Period);
}

BOOL NTAPI TpIsTimerSet(PTP_TIMER Timer)
{
    BOOL Set;

    RtlAcquireSRWLockShared(&TppTimerLock);
    Set = ((PTPP_OBJECT)Timer)->Armed;
    RtlReleaseSRWLockShared(&TppTimerLock);
    return Set;
}

VOID NTAPI TpWaitForTimer(PTP_TIMER Timer, BOOL CancelPendingCallbacks)
{
    TppWaitForCallbacks((PTPP_OBJECT)Timer, CancelPendingCallbacks);
}

VOID NTAPI TpReleaseTimer(PTP_TIMER Timer)
{
    TppRelease((PTPP_OBJECT)Timer);
}
