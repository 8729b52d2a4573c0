/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time, timers and DPCs.
 *
 * Owns the list of set timers, sorted by due time (interrupt time, 100 ns), and the DPC queue.  Timers expire on the
 * dispatcher thread.  The dispatcher cannot sleep with a timeout, so one helper thread, made when the first timer is
 * set, sleeps until the earliest due time and then signals the host's notification; it touches nothing else.
 *
 * Nothing here waits, except the helper thread and KeStallExecutionProcessor (which spins).
 */
#include "host.h"

static LIST_ENTRY HostTimers = {&HostTimers, &HostTimers};
static LIST_ENTRY HostDpcs = {&HostDpcs, &HostDpcs};
static HANDLE HostAlarmEvent;              /* the helper shall look at HostAlarmTime again */
static volatile ULONGLONG HostAlarmTime = MAXULONGLONG; /* when the helper wakes the dispatcher */

/* The performance counter runs at 10 MHz, so that its unit is the interrupt time's, and it is read without a call. */
ULONGLONG NTAPI KeQueryInterruptTime(VOID)
{
    LARGE_INTEGER Counter;

    RtlQueryPerformanceCounter(&Counter);
    return (ULONGLONG)Counter.QuadPart;
}

VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    NtQuerySystemTime(CurrentTime);
}

ULONG NTAPI KeQueryTimeIncrement(VOID)
{
    return 156250;
}

VOID NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount)
{
    CurrentCount->QuadPart = (LONGLONG)(KeQueryInterruptTime() / 156250);
}

LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    LARGE_INTEGER Counter;

    RtlQueryPerformanceCounter(&Counter);
    if (PerformanceFrequency != NULL)
        PerformanceFrequency->QuadPart = 10000000;
    return Counter;
}

VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds)
{
    ULONGLONG End = KeQueryInterruptTime() + (ULONGLONG)MicroSeconds * 10;

    while (KeQueryInterruptTime() < End)
        YieldProcessor();
}

/* --- DPCs ------------------------------------------------------------------------------------------------------- */

VOID NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext)
{
    RtlZeroMemory(Dpc, sizeof(*Dpc));
    Dpc->Type = 19; /* DpcObject */
    Dpc->Importance = MediumImportance;
    Dpc->DeferredRoutine = DeferredRoutine;
    Dpc->DeferredContext = DeferredContext;
}

BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    if (Dpc->DpcData != NULL)
        return FALSE;
    Dpc->DpcData = &HostDpcs;
    Dpc->SystemArgument1 = SystemArgument1;
    Dpc->SystemArgument2 = SystemArgument2;
    if (Dpc->Importance == HighImportance)
        InsertHeadList(&HostDpcs, &Dpc->DpcListEntry);
    else
        InsertTailList(&HostDpcs, &Dpc->DpcListEntry);
    return TRUE;
}

BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc)
{
    if (Dpc->DpcData == NULL)
        return FALSE;
    RemoveEntryList(&Dpc->DpcListEntry);
    Dpc->DpcData = NULL;
    return TRUE;
}

VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance)
{
    Dpc->Importance = (UCHAR)Importance;
}

VOID NTAPI KeFlushQueuedDpcs(VOID)
{
    HostRunDpcs();
}

VOID HostRunDpcs(VOID)
{
    PHOST_THREAD Thread = HostCurrentThread();
    KIRQL OldIrql = Thread->Irql;
    PKDPC Dpc;

    Thread->Irql = DISPATCH_LEVEL;
    while (!IsListEmpty(&HostDpcs)) {
        Dpc = CONTAINING_RECORD(RemoveHeadList(&HostDpcs), KDPC, DpcListEntry);
        Dpc->DpcData = NULL;
        Dpc->DeferredRoutine(Dpc, Dpc->DeferredContext, Dpc->SystemArgument1, Dpc->SystemArgument2);
    }
    Thread->Irql = OldIrql;
}

/* --- timers ----------------------------------------------------------------------------------------------------- */

VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type)
{
    RtlZeroMemory(Timer, sizeof(*Timer));
    Timer->Header.Type = Type == SynchronizationTimer ? HOST_TYPE_SYNCHRONIZATION_TIMER : HOST_TYPE_NOTIFICATION_TIMER;
    InitializeListHead(&Timer->Header.WaitListHead);
}

VOID NTAPI KeInitializeTimer(PKTIMER Timer)
{
    KeInitializeTimerEx(Timer, NotificationTimer);
}

static VOID HostInsertTimer(PKTIMER Timer)
{
    PLIST_ENTRY Entry;

    for (Entry = HostTimers.Flink; Entry != &HostTimers; Entry = Entry->Flink) {
        if (CONTAINING_RECORD(Entry, KTIMER, TimerListEntry)->DueTime.QuadPart > Timer->DueTime.QuadPart)
            break;
    }
    InsertTailList(Entry, &Timer->TimerListEntry);
    Timer->Header.Inserted = 1;
}

BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer)
{
    if (!Timer->Header.Inserted)
        return FALSE;
    RemoveEntryList(&Timer->TimerListEntry);
    Timer->Header.Inserted = 0;
    return TRUE;
}

BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc)
{
    BOOLEAN WasSet = KeCancelTimer(Timer);

    Timer->Header.SignalState = 0;
    Timer->DueTime.QuadPart = HostDueTime(&DueTime);
    Timer->Period = (ULONG)Period;
    Timer->Dpc = Dpc;
    HostInsertTimer(Timer);
    HostWakeDispatcher();
    return WasSet;
}

BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc)
{
    return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}

BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer)
{
    return Timer->Header.SignalState > 0;
}

static VOID HostExpireTimer(PKTIMER Timer, ULONGLONG Now)
{
    KeCancelTimer(Timer);
    if (Timer->Period != 0) {
        Timer->DueTime.QuadPart = Now + (ULONGLONG)Timer->Period * 10000;
        HostInsertTimer(Timer);
    }
    HostSignalHeader(&Timer->Header, 1);
    if (Timer->Dpc != NULL)
        KeInsertQueueDpc(Timer->Dpc, ULongToPtr((ULONG)Now), ULongToPtr((ULONG)(Now >> 32)));
}

ULONGLONG HostRunTimers(VOID)
{
    PKTIMER Timer;
    ULONGLONG Now;

    while (!IsListEmpty(&HostTimers)) {
        Timer = CONTAINING_RECORD(HostTimers.Flink, KTIMER, TimerListEntry);
        Now = KeQueryInterruptTime();
        if (Timer->DueTime.QuadPart > Now)
            return Timer->DueTime.QuadPart;
        HostExpireTimer(Timer, Now);
    }
    return MAXULONGLONG;
}

/* The helper thread: no driver code, no lock. */
static NTSTATUS NTAPI HostAlarmThread(PVOID Parameter)
{
    LARGE_INTEGER Timeout;
    ULONGLONG Due, Now;

    for (;;) {
        Due = __atomic_load_n(&HostAlarmTime, __ATOMIC_SEQ_CST);
        Now = KeQueryInterruptTime();
        if (Due <= Now) {
            if (__atomic_compare_exchange_n(&HostAlarmTime, &Due, MAXULONGLONG, FALSE, __ATOMIC_SEQ_CST,
                                            __ATOMIC_SEQ_CST))
                seL4_Signal(DRIVER_SLOT_SELF);
            continue;
        }
        Timeout.QuadPart = -(LONGLONG)(Due - Now);
        NtWaitForSingleObject(HostAlarmEvent, FALSE, Due == MAXULONGLONG ? NULL : &Timeout);
    }
    return STATUS_SUCCESS;
}

VOID HostArmTimer(ULONGLONG DueTime)
{
    HANDLE Thread;
    ULONGLONG Armed = __atomic_load_n(&HostAlarmTime, __ATOMIC_SEQ_CST);

    if (DueTime >= Armed)
        return; /* it wakes earlier anyway, and this is looked at again then */
    __atomic_store_n(&HostAlarmTime, DueTime, __ATOMIC_SEQ_CST);
    if (HostAlarmEvent != NULL) {
        NtSetEvent(HostAlarmEvent, NULL);
        return;
    }
    if (NT_SUCCESS(NtCreateEvent(&HostAlarmEvent, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE)) &&
        NT_SUCCESS(RtlCreateUserThread(ZwCurrentProcess(), NULL, FALSE, 0, 0, 0, HostAlarmThread, NULL, &Thread, NULL)))
        NtClose(Thread);
    else
        HostLog("driver host: no thread for timers\n");
}
