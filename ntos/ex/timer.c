/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Timers: NtCreateTimer, NtCreateTimer2, NtOpenTimer, NtSetTimer, NtSetTimerEx, NtSetTimer2, NtCancelTimer,
 * NtCancelTimer2, NtQueryTimer.
 *
 * A timer that was set with an APC routine is associated with the thread that set it: it is in the thread's TimerList
 * and holds a reference on itself, until it is cancelled, set again, has fired once (no period), or the thread ends.
 * The APC is part of the timer, so firing never allocates; a period that elapses while the APC is still queued is not
 * counted twice. Nothing here waits.
 */
#include "ntos/ex/exp.h"

POBJECT_TYPE ExTimerObjectType;

typedef struct _ETIMER {
    KTIMER Timer;                       /* first: the dispatcher object */
    KDPC Dpc;
    KAPC Apc;
    PETHREAD Thread;                    /* associated thread, NULL: none */
    LIST_ENTRY ThreadLink;
} ETIMER, *PETIMER;

static VOID ExpDisassociateTimer(PETIMER Timer)
{
    if (Timer->Thread == NULL)
        return;
    Timer->Thread = NULL;
    RemoveEntryList(&Timer->ThreadLink);
    ObDereferenceObject(Timer);
}

/* TRUE: it was set.  Afterwards neither the DPC nor the APC comes any more. */
static BOOLEAN ExpCancelTimer(PETIMER Timer)
{
    BOOLEAN WasSet = KeCancelTimer(&Timer->Timer);

    if (Timer->Thread != NULL) {
        KeRemoveQueueDpc(&Timer->Dpc);
        KeRemoveQueueApc(&Timer->Apc);
        ExpDisassociateTimer(Timer);
    }
    return WasSet;
}

static VOID ExpDeleteTimer(PVOID Object)
{
    KeCancelTimer(&((PETIMER)Object)->Timer);
}

static VOID ExpTimerDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PETIMER Timer = DeferredContext;
    LARGE_INTEGER Now;

    if (Timer->Thread == NULL)
        return;
    KeQuerySystemTime(&Now);
    KeInsertQueueApc(&Timer->Apc, (PVOID)(ULONG_PTR)Now.LowPart, (PVOID)(LONG_PTR)Now.HighPart);
}

/* The APC is about to run: a timer that fires once has done its work. */
static VOID ExpTimerApc(PKAPC Apc, PVOID *NormalRoutine, PVOID *NormalContext, PVOID *SystemArgument1,
        PVOID *SystemArgument2)
{
    PETIMER Timer = CONTAINING_RECORD(Apc, ETIMER, Apc);

    if (Timer->Timer.Period == 0)
        ExpDisassociateTimer(Timer);
}

/* The thread ends: ExTimerRundown sees to the timer. */
static VOID ExpTimerApcRundown(PKAPC Apc)
{
}

VOID ExTimerRundown(PETHREAD Thread)
{
    while (!IsListEmpty(&Thread->TimerList)) {
        PETIMER Timer = CONTAINING_RECORD(Thread->TimerList.Flink, ETIMER, ThreadLink);

        ExpCancelTimer(Timer);
    }
}

static const OBJECT_TYPE_INITIALIZER ExpTimerTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        STANDARD_RIGHTS_READ | TIMER_QUERY_STATE,
        STANDARD_RIGHTS_WRITE | TIMER_MODIFY_STATE,
        STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
        TIMER_ALL_ACCESS
    },
    .ValidAccessMask = TIMER_ALL_ACCESS,
    .WaitOffset = 0,
    .DeleteProcedure = ExpDeleteTimer,
};

NTSTATUS ExpInitTimers(VOID)
{
    return ExpCreateType(L"Timer", &ExpTimerTypeInitializer, &ExTimerObjectType);
}

static NTSTATUS ExpCreateTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TIMER_TYPE TimerType)
{
    PETIMER Timer;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = ObCreateObject(UserMode, ExTimerObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Timer), 0, 0,
                            (PVOID *)&Timer);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, TimerHandle);
    KeInitializeTimerEx(&Timer->Timer, TimerType);
    KeInitializeDpc(&Timer->Dpc, ExpTimerDpc, Timer);
    Status = ObInsertObject(Timer, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, TimerHandle);
}

NTSTATUS NTAPI NtCreateTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TIMER_TYPE TimerType)
{
    if (TimerType != NotificationTimer && TimerType != SynchronizationTimer)
        return ObReturnHandle(STATUS_INVALID_PARAMETER_4, NULL, TimerHandle);
    return ExpCreateTimer(TimerHandle, DesiredAccess, ObjectAttributes, TimerType);
}

/*
 * Every timer expires when it is due, so that the two attributes about that change nothing.
 * DIFFERS: on Windows these timers are a type of their own (IRTimer); here each service takes both kinds.
 * Source: ExAllocateTimer (Windows Driver Kit), whose attributes these are.
 */
NTSTATUS NTAPI NtCreateTimer2(PHANDLE TimerHandle, PVOID Reserved1, POBJECT_ATTRIBUTES ObjectAttributes, ULONG Attributes,
        ACCESS_MASK DesiredAccess)
{
    TIMER_TYPE Type = Attributes & EX_TIMER_NOTIFICATION ? NotificationTimer : SynchronizationTimer;

    if (Reserved1 != NULL)
        return ObReturnHandle(STATUS_INVALID_PARAMETER_2, NULL, TimerHandle);
    if (Attributes & ~(EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION))
        return ObReturnHandle(STATUS_INVALID_PARAMETER_4, NULL, TimerHandle);
    return ExpCreateTimer(TimerHandle, DesiredAccess, ObjectAttributes, Type);
}

NTSTATUS NTAPI NtOpenTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ExTimerObjectType, TimerHandle, DesiredAccess, ObjectAttributes);
}

static VOID ExpAssociateTimer(PETIMER Timer, PTIMER_APC_ROUTINE Routine, PVOID Context)
{
    PETHREAD Thread = PsGetCurrentThread();

    KeInitializeApc(&Timer->Apc, &Thread->Tcb, ExpTimerApc, ExpTimerApcRundown, (PVOID)(ULONG_PTR)Routine, Context);
    Timer->Thread = Thread;
    InsertTailList(&Thread->TimerList, &Timer->ThreadLink);
    ObReferenceObject(Timer);
}

/* Sets it as NtSetTimer's arguments say.  Setting: captured; its PreviousState is a user address. */
static NTSTATUS ExpSetTimer(HANDLE TimerHandle, const TIMER_SET_COALESCABLE_TIMER_INFO *Setting, BOOLEAN ResumeTimer)
{
    PTIMER_APC_ROUTINE Routine = Setting->TimerApcRoutine;
    PETIMER Timer;
    BOOLEAN WasSet;
    NTSTATUS Status;

    Status = ExpProbeAnswer(Setting->PreviousState, sizeof(*Setting->PreviousState));
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(TimerHandle, TIMER_MODIFY_STATE, ExTimerObjectType, UserMode, (PVOID *)&Timer,
                                           NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    WasSet = KeReadStateTimer(&Timer->Timer);
    ExpCancelTimer(Timer);
    if (Routine != NULL)
        ExpAssociateTimer(Timer, Routine, Setting->TimerContext);
    KeSetTimerEx(&Timer->Timer, Setting->DueTime, (LONG)Setting->Period, Routine != NULL ? &Timer->Dpc : NULL);
    ObDereferenceObject(Timer);
    if (Setting->PreviousState != NULL) {
        Status = MmPutUser(Setting->PreviousState, WasSet);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return ResumeTimer ? STATUS_TIMER_RESUME_IGNORED : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetTimer(HANDLE TimerHandle, const LARGE_INTEGER *DueTime, PTIMER_APC_ROUTINE TimerApcRoutine,
        PVOID TimerContext, BOOLEAN ResumeTimer, ULONG Period, PBOOLEAN PreviousState)
{
    TIMER_SET_COALESCABLE_TIMER_INFO Setting = {
        .TimerApcRoutine = TimerApcRoutine, .TimerContext = TimerContext, .Period = Period, .PreviousState = PreviousState
    };
    NTSTATUS Status;

    if ((LONG)Period < 0)
        return STATUS_INVALID_PARAMETER_6;
    Status = MmGetUser(&Setting.DueTime, DueTime);
    return NT_SUCCESS(Status) ? ExpSetTimer(TimerHandle, &Setting, ResumeTimer) : Status;
}

/* The reason at a user address, or NULL.  Nobody asks for it, as nothing resumes: its strings are not read. */
static NTSTATUS ExpCheckReason(const COUNTED_REASON_CONTEXT *UserReason)
{
    COUNTED_REASON_CONTEXT Reason;
    NTSTATUS Status;

    if (UserReason == NULL)
        return STATUS_SUCCESS;
    Status = MmGetUser(&Reason, UserReason);
    if (NT_SUCCESS(Status) &&
        (Reason.Version != DIAGNOSTIC_REASON_VERSION || (Reason.Flags & (ULONG)DIAGNOSTIC_REASON_INVALID_FLAGS)))
        return STATUS_INVALID_PARAMETER;
    return Status;
}

/*
 * A timer that may be late by TolerableDelay; here it expires when it is due, as any other.  A WakeContext asks for a resume
 * from sleep, which is ignored as NtSetTimer's ResumeTimer is (STATUS_TIMER_RESUME_IGNORED).
 * Source: ntddk.h, TIMER_SET_COALESCABLE_TIMER_INFO; Microsoft's pages on SetWaitableTimerEx, KeSetCoalescableTimer.
 */
NTSTATUS NTAPI NtSetTimerEx(HANDLE TimerHandle, TIMER_SET_INFORMATION_CLASS TimerSetInformationClass,
        PVOID TimerSetInformation, ULONG TimerSetInformationLength)
{
    TIMER_SET_COALESCABLE_TIMER_INFO Setting;
    NTSTATUS Status;

    if (TimerSetInformationClass != TimerSetCoalescableTimer)
        return STATUS_INVALID_INFO_CLASS;
    if (TimerSetInformationLength != sizeof(Setting))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Setting, TimerSetInformation, sizeof(Setting));
    if (NT_SUCCESS(Status) && ((LONG)Setting.Period < 0 || (LONG)Setting.TolerableDelay < 0))
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = ExpCheckReason(Setting.WakeContext);
    return NT_SUCCESS(Status) ? ExpSetTimer(TimerHandle, &Setting, Setting.WakeContext != NULL) : Status;
}

#define EXP_LONGEST_PERIOD ((LONGLONG)MAXLONG * 10000)

/* DIFFERS: a period is a number of milliseconds; one that is not is rounded up. */
NTSTATUS NTAPI NtSetTimer2(HANDLE TimerHandle, PLARGE_INTEGER DueTime, PLARGE_INTEGER Period, PT2_SET_PARAMETERS Parameters)
{
    TIMER_SET_COALESCABLE_TIMER_INFO Setting = { .Period = 0 };
    LARGE_INTEGER Interval = { .QuadPart = 0 };
    T2_SET_PARAMETERS Captured;
    NTSTATUS Status;

    Status = MmGetUser(&Setting.DueTime, DueTime);
    if (NT_SUCCESS(Status) && Period != NULL)
        Status = MmGetUser(&Interval, Period);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Captured, Parameters);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Interval.QuadPart < 0 || Interval.QuadPart > EXP_LONGEST_PERIOD)
        return STATUS_INVALID_PARAMETER_3;
    if (Captured.Version != 0 || Captured.Reserved != 0 || Captured.NoWakeTolerance < -1)
        return STATUS_INVALID_PARAMETER_4;
    Setting.Period = (ULONG)((Interval.QuadPart + 9999) / 10000);
    return ExpSetTimer(TimerHandle, &Setting, FALSE);
}

NTSTATUS NTAPI NtCancelTimer2(HANDLE TimerHandle, PT2_CANCEL_PARAMETERS Parameters)
{
    return Parameters != NULL ? STATUS_INVALID_PARAMETER_2 : NtCancelTimer(TimerHandle, NULL);
}

NTSTATUS NTAPI NtCancelTimer(HANDLE TimerHandle, PBOOLEAN CurrentState)
{
    PETIMER Timer;
    BOOLEAN Signalled;
    NTSTATUS Status;

    Status = ExpProbeAnswer(CurrentState, sizeof(*CurrentState));
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(TimerHandle, TIMER_MODIFY_STATE, ExTimerObjectType, UserMode, (PVOID *)&Timer,
                                           NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    ExpCancelTimer(Timer);
    Signalled = KeReadStateTimer(&Timer->Timer);
    ObDereferenceObject(Timer);
    return CurrentState != NULL ? MmPutUser(CurrentState, Signalled) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtQueryTimer(HANDLE TimerHandle, TIMER_INFORMATION_CLASS TimerInformationClass, PVOID TimerInformation,
        ULONG TimerInformationLength, PULONG ReturnLength)
{
    TIMER_BASIC_INFORMATION Information;
    PETIMER Timer;
    NTSTATUS Status;

    if (TimerInformationClass != TimerBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (TimerInformationLength != sizeof(Information))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ObReferenceObjectByHandle(TimerHandle, TIMER_QUERY_STATE, ExTimerObjectType, UserMode, (PVOID *)&Timer,
                                       NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    memset(&Information, 0, sizeof(Information));
    if (Timer->Timer.DueTime != 0)
        Information.RemainingTime.QuadPart = (LONGLONG)(Timer->Timer.DueTime - KeQueryInterruptTime());
    Information.TimerState = KeReadStateTimer(&Timer->Timer);
    ObDereferenceObject(Timer);
    return ExpReturnInformation(&Information, sizeof(Information), TimerInformation, TimerInformationLength,
                                ReturnLength);
}
