/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Timers and DPCs.
 *
 * Timers that are set lie in one pairing heap, ordered by interrupt time; links are in the timers, so that setting one
 * never needs memory.  The clock is asked for one interrupt, at the root's time.  Timers due at a system time are kept
 * with the interrupt time that this means now; KeSetSystemTime moves them.
 *
 *      Previous of a first child is its parent, of another child its left sibling; Next is the right sibling.
 */
#include "kep.h"

LIST_ENTRY KiDpcList;
static PKTIMER KipTimers;               /* the root */

/* ------------------------------------------------------------------ the heap */

static PKTIMER KipMeld(PKTIMER A, PKTIMER B)
{
    if (A == NULL)
        return B;
    if (B == NULL)
        return A;
    if (B->DueTime < A->DueTime) {
        PKTIMER Swap = A;

        A = B;
        B = Swap;
    }
    B->Previous = A;
    B->Next = A->Child;
    if (A->Child != NULL)
        A->Child->Previous = B;
    A->Child = B;
    A->Next = A->Previous = NULL;
    return A;
}

/* Children of a removed timer become one heap: pairs from the left, then all pairs from the right. */
static PKTIMER KipMeldChildren(PKTIMER First)
{
    PKTIMER Pairs = NULL, Root = NULL;

    while (First != NULL) {
        PKTIMER A = First, B = A->Next, Pair;

        First = B != NULL ? B->Next : NULL;
        A->Next = A->Previous = NULL;
        if (B != NULL)
            B->Next = B->Previous = NULL;
        Pair = KipMeld(A, B);
        Pair->Next = Pairs;
        Pairs = Pair;
    }
    while (Pairs != NULL) {
        PKTIMER Next = Pairs->Next;

        Pairs->Next = NULL;
        Root = KipMeld(Root, Pairs);
        Pairs = Next;
    }
    return Root;
}

VOID KiInsertTimer(PKTIMER Timer, ULONG64 DueTime)
{
    Timer->DueTime = DueTime;
    Timer->Child = Timer->Next = Timer->Previous = NULL;
    Timer->Header.Inserted = TRUE;
    KipTimers = KipMeld(KipTimers, Timer);
    if (KipTimers == Timer)
        KiSetClock(DueTime);
}

VOID KiRemoveTimer(PKTIMER Timer)
{
    PKTIMER Children = KipMeldChildren(Timer->Child);

    Timer->Header.Inserted = FALSE;
    Timer->Child = NULL;
    if (Timer == KipTimers) {
        KipTimers = Children;           /* the clock may come too early: harmless */
        return;
    }
    if (Timer->Previous->Child == Timer)
        Timer->Previous->Child = Timer->Next;
    else
        Timer->Previous->Next = Timer->Next;
    if (Timer->Next != NULL)
        Timer->Next->Previous = Timer->Previous;
    KipTimers = KipMeld(KipTimers, Children);
}

ULONG64 KiNextDueTime(VOID)
{
    return KipTimers != NULL ? KipTimers->DueTime : ~0ull;
}

/* ------------------------------------------------------------------ expiry */

static VOID KipExpire(PKTIMER Timer, ULONG64 Now)
{
    if (Timer->Header.Type == KI_WAIT_TIMER) {
        KiWaitTimeout(CONTAINING_RECORD(Timer, KTHREAD, WaitTimer));
        return;
    }
    if (Timer->Header.Type == KI_TICK_TIMER) {
        KiTick(Now);
        return;
    }
    if (Timer->Period != 0) {
        ULONG64 Period = Timer->Period * 10000ull, Next = Timer->DueTime + Period;

        if (Next <= Now)
            Next = Now + Period - (Now - Timer->DueTime) % Period;
        Timer->Header.Absolute = FALSE;
        KiInsertTimer(Timer, Next);
    }
    Timer->Header.SignalState = 1;
    if (Timer->Dpc != NULL)
        KeInsertQueueDpc(Timer->Dpc, (PVOID)(ULONG_PTR)(ULONG)Now, (PVOID)(ULONG_PTR)(Now >> 32));
    if (!KiListEmpty(&Timer->Header.WaitListHead))
        KiWakeWaiters(&Timer->Header);
}

VOID KiExpireTimers(ULONG64 Now)
{
    while (KipTimers != NULL && KipTimers->DueTime <= Now) {
        PKTIMER Timer = KipTimers;

        KiRemoveTimer(Timer);
        KipExpire(Timer, Now);
    }
}

VOID KiShiftAbsoluteTimers(LONG64 Delta)
{
    PKTIMER List = KipTimers, Absolute = NULL, Relative = NULL;

    /* Takes the heap apart; each timer's children are put on the list in front of it. */
    while (List != NULL) {
        PKTIMER Timer = List, Last = Timer->Child;

        List = Timer->Next;
        if (Last != NULL) {
            while (Last->Next != NULL)
                Last = Last->Next;
            Last->Next = List;
            List = Timer->Child;
        }
        Timer->Child = NULL;
        if (Timer->Header.Absolute) {
            Timer->Next = Absolute;
            Absolute = Timer;
        } else {
            Timer->Next = Relative;
            Relative = Timer;
        }
    }
    for (KipTimers = NULL; Relative != NULL || Absolute != NULL;) {
        PKTIMER *From = Relative != NULL ? &Relative : &Absolute, Timer = *From;
        ULONG64 DueTime = Timer->DueTime;

        *From = Timer->Next;
        if (Timer->Header.Absolute)
            DueTime = Delta > 0 && DueTime < (ULONG64)Delta ? 0 : DueTime - (ULONG64)Delta;
        KiInsertTimer(Timer, DueTime);
    }
}

/* ------------------------------------------------------------------ KTIMER */

ULONG64 KiTimeoutToDueTime(const LARGE_INTEGER *Timeout, PUCHAR Absolute)
{
    ULONG64 Now = KeQueryInterruptTime();
    LARGE_INTEGER System;
    LONG64 Delta;

    *Absolute = Timeout->QuadPart >= 0;
    if (Timeout->QuadPart < 0) {
        Delta = Timeout->QuadPart == MINLONGLONG ? MAXLONGLONG : -Timeout->QuadPart;
        return Now + (ULONG64)Delta;
    }
    KeQuerySystemTime(&System);
    Delta = Timeout->QuadPart - System.QuadPart;
    return Delta > 0 ? Now + (ULONG64)Delta : Now;
}

VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    Timer->Header.Type = Type == NotificationTimer ? TimerNotificationObject : TimerSynchronizationObject;
    Timer->Header.Inserted = Timer->Header.Absolute = Timer->Header.Seen = 0;
    Timer->Header.SignalState = 0;
    KiInitializeList(&Timer->Header.WaitListHead);
    Timer->DueTime = 0;
    Timer->Dpc = NULL;
    Timer->Period = 0;
}

BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    BOOLEAN Inserted = KeCancelTimer(Timer);

    Timer->Header.SignalState = 0;
    Timer->Dpc = Dpc;
    Timer->Period = (ULONG)Period;
    KiInsertTimer(Timer, KiTimeoutToDueTime(&DueTime, &Timer->Header.Absolute));
    return Inserted;
}

BOOLEAN KeCancelTimer(PKTIMER Timer)
{
    if (!Timer->Header.Inserted)
        return FALSE;
    KiRemoveTimer(Timer);
    return TRUE;
}

/* ------------------------------------------------------------------ DPCs */

VOID KeInitializeDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    Dpc->DeferredRoutine = DeferredRoutine;
    Dpc->DeferredContext = DeferredContext;
    Dpc->SystemArgument1 = Dpc->SystemArgument2 = NULL;
    Dpc->Inserted = FALSE;
}

BOOLEAN KeInsertQueueDpc(PKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    if (Dpc->Inserted)
        return FALSE;
    Dpc->Inserted = TRUE;
    Dpc->SystemArgument1 = SystemArgument1;
    Dpc->SystemArgument2 = SystemArgument2;
    KiAppend(&KiDpcList, &Dpc->DpcListEntry);
    KiPendingWork = TRUE;
    return TRUE;
}

BOOLEAN KeRemoveQueueDpc(PKDPC Dpc)
{
    if (!Dpc->Inserted)
        return FALSE;
    Dpc->Inserted = FALSE;
    KiUnlink(&Dpc->DpcListEntry);
    return TRUE;
}

VOID KiRunDpcs(VOID)
{
    while (!KiListEmpty(&KiDpcList)) {
        PKDPC Dpc = CONTAINING_RECORD(KiTakeFirst(&KiDpcList), KDPC, DpcListEntry);

        Dpc->Inserted = FALSE;
        Dpc->DeferredRoutine(Dpc, Dpc->DeferredContext, Dpc->SystemArgument1, Dpc->SystemArgument2);
    }
}
