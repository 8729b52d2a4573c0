/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The older thread pool interface on top of the newer one: work items, timer queues, registered waits, completion
 * callbacks (RtlQueueWorkItem, RtlCreateTimer, RtlRegisterWait, RtlSetIoCompletionCallback and their kin).
 *
 * DIFFERS: WT_EXECUTEINTIMERTHREAD, WT_EXECUTEINWAITTHREAD and WT_EXECUTEINIOTHREAD run on a worker like all others;
 * WT_TRANSFER_IMPERSONATION is not looked at.
 */
#include "tp.h"

#define RTLP_WAIT_FOR_CALLBACKS ((HANDLE)(LONG_PTR)-1)  /* as a completion event: INVALID_HANDLE_VALUE */

/* A timer or a registered wait. */
typedef struct _RTLP_CALLBACK {
    LIST_ENTRY Links;                   /* timer: RTLP_TIMER_QUEUE.Timers */
    struct _RTLP_TIMER_QUEUE *Queue;
    PTPP_OBJECT Object;
    WAITORTIMERCALLBACKFUNC Function;
    PVOID Context;
    ULONG Flags;
    HANDLE Handle;
    ULONG Milliseconds;
    HANDLE CompletionEvent;             /* set when it is gone; NULL: none */
} RTLP_CALLBACK, *PRTLP_CALLBACK;

typedef struct _RTLP_TIMER_QUEUE {
    RTL_SRWLOCK Lock;
    LIST_ENTRY Timers;
} RTLP_TIMER_QUEUE, *PRTLP_TIMER_QUEUE;

static RTLP_TIMER_QUEUE RtlpDefaultTimerQueue = {
    .Timers = { &RtlpDefaultTimerQueue.Timers, &RtlpDefaultTimerQueue.Timers }
};

static PLARGE_INTEGER RtlpTimeout(ULONG Milliseconds, PLARGE_INTEGER Time)
{
    Time->QuadPart = Milliseconds * -10000ll;
    return Milliseconds != MAXDWORD ? Time : NULL;
}

/* The last reference on the callback's object is gone. */
static VOID RtlpCallbackFreed(PVOID Context)
{
    PRTLP_CALLBACK Callback = Context;

    if (Callback->CompletionEvent != NULL)
        NtSetEvent(Callback->CompletionEvent, NULL);
    TppFreeMemory(Callback);
}

static NTSTATUS RtlpMakeCallback(WAITORTIMERCALLBACKFUNC Function, PVOID Context, ULONG Flags, TPP_TYPE Type,
        PVOID Routine, PRTLP_CALLBACK *Callback)
{
    PRTLP_CALLBACK New = TppAllocateMemory(sizeof(*New));
    NTSTATUS Status;

    if (New == NULL)
        return STATUS_NO_MEMORY;
    New->Function = Function;
    New->Context = Context;
    New->Flags = Flags;
    Status = TppAllocate(Type, Routine, New, NULL, &New->Object);
    if (!NT_SUCCESS(Status)) {
        TppFreeMemory(New);
        return Status;
    }
    New->Object->Freed = RtlpCallbackFreed;
    *Callback = New;
    return STATUS_SUCCESS;
}

/*
 * Ends a disarmed callback.  Event NULL: does not wait; RTLP_WAIT_FOR_CALLBACKS: waits; else it is set at the end.
 * STATUS_PENDING: a call of it is still in progress.
 */
static NTSTATUS RtlpEndCallback(PRTLP_CALLBACK Callback, HANDLE Event)
{
    PTPP_OBJECT Object = Callback->Object;
    BOOLEAN Running;

    if (Event == RTLP_WAIT_FOR_CALLBACKS) {
        TppWaitForCallbacks(Object, TRUE);
        TppRelease(Object);
        return STATUS_SUCCESS;
    }
    TppCancelPending(Object);
    Callback->CompletionEvent = Event;
    Running = TppIsRunning(Object);
    TppRelease(Object);
    return Running ? STATUS_PENDING : STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ work items */

typedef struct _RTLP_WORK {
    PRTL_WORK_ITEM_ROUTINE Function;
    PVOID Context;
} RTLP_WORK, *PRTLP_WORK;

static VOID NTAPI RtlpRunWork(PTP_CALLBACK_INSTANCE Instance, PVOID Context)
{
    RTLP_WORK Work = *(PRTLP_WORK)Context;

    TppFreeMemory(Context);
    Work.Function(Work.Context);
}

NTSTATUS NTAPI RtlQueueWorkItem(PRTL_WORK_ITEM_ROUTINE Function, PVOID Context, ULONG Flags)
{
    PRTLP_WORK Work = TppAllocateMemory(sizeof(*Work));
    NTSTATUS Status;

    if (Work == NULL)
        return STATUS_NO_MEMORY;
    Work->Function = Function;
    Work->Context = Context;
    Status = TpSimpleTryPost(RtlpRunWork, Work, NULL);
    if (!NT_SUCCESS(Status))
        TppFreeMemory(Work);
    return Status;
}

/* ------------------------------------------------------------------ timer queues */

static VOID NTAPI RtlpRunTimer(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_TIMER Timer)
{
    PRTLP_CALLBACK Callback = Context;

    Callback->Function(Callback->Context, TRUE);
}

NTSTATUS NTAPI RtlCreateTimerQueue(PHANDLE TimerQueueHandle)
{
    PRTLP_TIMER_QUEUE Queue = TppAllocateMemory(sizeof(*Queue));

    if (Queue == NULL)
        return STATUS_NO_MEMORY;
    InitializeListHead(&Queue->Timers);
    *TimerQueueHandle = Queue;
    return STATUS_SUCCESS;
}

static PRTLP_TIMER_QUEUE RtlpTimerQueue(HANDLE Handle)
{
    return Handle != NULL ? Handle : &RtlpDefaultTimerQueue;
}

static VOID RtlpStartTimer(PRTLP_CALLBACK Timer, ULONG DueTime, ULONG Period)
{
    LARGE_INTEGER Due;

    TpSetTimer((PTP_TIMER)Timer->Object, RtlpTimeout(DueTime, &Due),
               Timer->Flags & WT_EXECUTEONLYONCE ? 0 : (LONG)Period, 0);
}

NTSTATUS NTAPI RtlCreateTimer(HANDLE TimerQueueHandle, PHANDLE Handle, WAITORTIMERCALLBACKFUNC Function, PVOID Context,
        ULONG DueTime, ULONG Period, ULONG Flags)
{
    PRTLP_TIMER_QUEUE Queue = RtlpTimerQueue(TimerQueueHandle);
    PRTLP_CALLBACK Timer;
    NTSTATUS Status;

    Status = RtlpMakeCallback(Function, Context, Flags, TppTimer, RtlpRunTimer, &Timer);
    if (!NT_SUCCESS(Status))
        return Status;
    Timer->Queue = Queue;
    RtlAcquireSRWLockExclusive(&Queue->Lock);
    InsertTailList(&Queue->Timers, &Timer->Links);
    RtlReleaseSRWLockExclusive(&Queue->Lock);
    *Handle = Timer;
    RtlpStartTimer(Timer, DueTime, Period);
    return STATUS_SUCCESS;
}

/* A timer that fires once and has fired is left as it is. */
NTSTATUS NTAPI RtlUpdateTimer(HANDLE TimerQueueHandle, HANDLE TimerHandle, ULONG DueTime, ULONG Period)
{
    PRTLP_CALLBACK Timer = TimerHandle;

    if (TpIsTimerSet((PTP_TIMER)Timer->Object))
        RtlpStartTimer(Timer, DueTime, Period);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlDeleteTimer(HANDLE TimerQueueHandle, HANDLE TimerHandle, HANDLE CompletionEvent)
{
    PRTLP_CALLBACK Timer = TimerHandle;
    PRTLP_TIMER_QUEUE Queue;

    if (Timer == NULL)
        return STATUS_INVALID_PARAMETER_1;
    Queue = Timer->Queue;
    RtlAcquireSRWLockExclusive(&Queue->Lock);
    RemoveEntryList(&Timer->Links);
    RtlReleaseSRWLockExclusive(&Queue->Lock);
    TppDisarmTimer(Timer->Object);
    return RtlpEndCallback(Timer, CompletionEvent);
}

static PRTLP_CALLBACK RtlpTakeTimer(PRTLP_TIMER_QUEUE Queue)
{
    PRTLP_CALLBACK Timer = NULL;

    RtlAcquireSRWLockExclusive(&Queue->Lock);
    if (!IsListEmpty(&Queue->Timers))
        Timer = CONTAINING_RECORD(RemoveHeadList(&Queue->Timers), RTLP_CALLBACK, Links);
    RtlReleaseSRWLockExclusive(&Queue->Lock);
    return Timer;
}

/*
 * DIFFERS: with an event, the callbacks in progress are waited for before the return, and the event is set then.
 */
NTSTATUS NTAPI RtlDeleteTimerQueueEx(HANDLE TimerQueueHandle, HANDLE CompletionEvent)
{
    PRTLP_TIMER_QUEUE Queue = TimerQueueHandle;
    NTSTATUS Status = STATUS_SUCCESS;
    PRTLP_CALLBACK Timer;

    if (Queue == NULL)
        return STATUS_INVALID_HANDLE;
    while ((Timer = RtlpTakeTimer(Queue)) != NULL) {
        TppDisarmTimer(Timer->Object);
        if (RtlpEndCallback(Timer, CompletionEvent != NULL ? RTLP_WAIT_FOR_CALLBACKS : NULL) == STATUS_PENDING)
            Status = STATUS_PENDING;
    }
    TppFreeMemory(Queue);
    if (CompletionEvent != NULL && CompletionEvent != RTLP_WAIT_FOR_CALLBACKS)
        NtSetEvent(CompletionEvent, NULL);
    return Status;
}

NTSTATUS NTAPI RtlDeleteTimerQueue(HANDLE TimerQueueHandle)
{
    return RtlDeleteTimerQueueEx(TimerQueueHandle, NULL);
}

/* ------------------------------------------------------------------ registered waits */

static VOID RtlpStartWait(PRTLP_CALLBACK Wait)
{
    LARGE_INTEGER Timeout;

    TpSetWait((PTP_WAIT)Wait->Object, Wait->Handle, RtlpTimeout(Wait->Milliseconds, &Timeout));
}

/* A wait that goes on is armed again after its callback, so that an object that stays signalled does not flood. */
static VOID NTAPI RtlpRunWait(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WAIT TpWait, TP_WAIT_RESULT Result)
{
    PRTLP_CALLBACK Wait = Context;

    Wait->Function(Wait->Context, Result == (TP_WAIT_RESULT)STATUS_TIMEOUT);
    RtlAcquireSRWLockExclusive(&RtlpDefaultTimerQueue.Lock);
    if (!(Wait->Flags & WT_EXECUTEONLYONCE))
        RtlpStartWait(Wait);
    RtlReleaseSRWLockExclusive(&RtlpDefaultTimerQueue.Lock);
}

NTSTATUS NTAPI RtlRegisterWait(PHANDLE WaitHandle, HANDLE Handle, WAITORTIMERCALLBACKFUNC Function, PVOID Context,
        ULONG Milliseconds, ULONG Flags)
{
    PRTLP_CALLBACK Wait;
    NTSTATUS Status;

    Status = RtlpMakeCallback(Function, Context, Flags, TppWait, RtlpRunWait, &Wait);
    if (!NT_SUCCESS(Status))
        return Status;
    Wait->Handle = Handle;
    Wait->Milliseconds = Milliseconds;
    *WaitHandle = Wait;
    RtlpStartWait(Wait);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlDeregisterWaitEx(HANDLE WaitHandle, HANDLE CompletionEvent)
{
    PRTLP_CALLBACK Wait = WaitHandle;

    if (Wait == NULL)
        return STATUS_INVALID_HANDLE;
    /* From here on a callback in progress does not arm it again. */
    RtlAcquireSRWLockExclusive(&RtlpDefaultTimerQueue.Lock);
    Wait->Flags |= WT_EXECUTEONLYONCE;
    RtlReleaseSRWLockExclusive(&RtlpDefaultTimerQueue.Lock);
    TppDisarmWait(Wait->Object);
    return RtlpEndCallback(Wait, CompletionEvent);
}

NTSTATUS NTAPI RtlDeregisterWait(HANDLE WaitHandle)
{
    return RtlDeregisterWaitEx(WaitHandle, NULL);
}

/* ------------------------------------------------------------------ completion callbacks of files */

static VOID NTAPI RtlpRunIo(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PVOID ApcContext, PIO_STATUS_BLOCK Iosb,
        PTP_IO Io)
{
    ((PRTL_OVERLAPPED_COMPLETION_ROUTINE)Context)(Iosb->Status, (ULONG)Iosb->Information, ApcContext);
    /* Nobody counts the operations: the object stays as long as the process. */
    TppReference((PTPP_OBJECT)Io);
}

NTSTATUS NTAPI RtlSetIoCompletionCallback(HANDLE FileHandle, PRTL_OVERLAPPED_COMPLETION_ROUTINE Function, ULONG Flags)
{
    PTPP_OBJECT Io;
    NTSTATUS Status;

    Status = TppAllocate(TppIo, RtlpRunIo, Function, NULL, &Io);
    if (!NT_SUCCESS(Status))
        return Status;
    /* One reference goes with each packet that waits for its callback: there are never as many. */
    Io->References = MAXLONG / 2;
    Status = TppBindFile(FileHandle, Io);
    if (!NT_SUCCESS(Status)) {
        Io->References = 1;
        TppDereference(Io);
    }
    return Status;
}
