/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Timers: NtCreateTimer, NtOpenTimer, NtSetTimer, NtCancelTimer, NtQueryTimer.
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

NTSTATUS NTAPI NtCreateTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TIMER_TYPE TimerType)
{
    PETIMER Timer;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (TimerType != NotificationTimer && TimerType != SynchronizationTimer)
        return STATUS_INVALID_PARAMETER_4;
    Status = ObCreateObject(UserMode, ExTimerObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Timer), 0, 0,
                            (PVOID *)&Timer);
    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeTimerEx(&Timer->Timer, TimerType);
    KeInitializeDpc(&Timer->Dpc, ExpTimerDpc, Timer);
    Status = ObInsertObject(Timer, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, TimerHandle);
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

NTSTATUS NTAPI NtSetTimer(HANDLE TimerHandle, const LARGE_INTEGER *DueTime, PTIMER_APC_ROUTINE TimerApcRoutine,
        PVOID TimerContext, BOOLEAN ResumeTimer, ULONG Period, PBOOLEAN PreviousState)
{
    LARGE_INTEGER Due;
    PETIMER Timer;
    BOOLEAN WasSet;
    NTSTATUS Status;

    if ((LONG)Period < 0)
        return STATUS_INVALID_PARAMETER_6;
    Status = MmGetUser(&Due, DueTime);
    if (NT_SUCCESS(Status))
        Status = ExpProbeAnswer(PreviousState, sizeof(*PreviousState));
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(TimerHandle, TIMER_MODIFY_STATE, ExTimerObjectType, UserMode, (PVOID *)&Timer,
                                           NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    WasSet = KeReadStateTimer(&Timer->Timer);
    ExpCancelTimer(Timer);
    if (TimerApcRoutine != NULL)
        ExpAssociateTimer(Timer, TimerApcRoutine, TimerContext);
    KeSetTimerEx(&Timer->Timer, Due, (LONG)Period, TimerApcRoutine != NULL ? &Timer->Dpc : NULL);
    ObDereferenceObject(Timer);
    if (PreviousState != NULL) {
        Status = MmPutUser(PreviousState, WasSet);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return ResumeTimer ? STATUS_TIMER_RESUME_IGNORED : STATUS_SUCCESS;
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
