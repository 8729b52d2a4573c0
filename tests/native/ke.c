/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waits, APCs, alerts, suspending, register contexts and time: what ke does for threads.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentThread()
#define MS 10000ll

static HANDLE Gate, Done;
static volatile LONG Counter;

static NTSTATUS Sleep(LONG Milliseconds, BOOLEAN Alertable)
{
    LARGE_INTEGER Time = { .QuadPart = -Milliseconds * MS };

    return NtDelayExecution(Alertable, &Time);
}

static HANDLE Start(PVOID Routine, PVOID Argument, ULONG Flags)
{
    HANDLE Thread = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), Routine,
                                                  Argument, Flags, 0, 0, 0, NULL));
    return Thread;
}

static NTSTATUS Join(HANDLE Thread)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };
    THREAD_BASIC_INFORMATION Basic = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, &Limit));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
    NtClose(Thread);
    return Basic.ExitStatus;
}

static HANDLE Event(EVENT_TYPE Type, BOOLEAN State)
{
    HANDLE Handle = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, Type, State));
    return Handle;
}

/* ------------------------------------------------------------------ waits */

static VOID TestTimeouts(VOID)
{
    HANDLE Never = Event(NotificationEvent, FALSE);
    LARGE_INTEGER Zero = { 0 }, Short = { .QuadPart = -30 * MS }, Past = { .QuadPart = 1 }, Before, After;

    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Never, FALSE, &Zero));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Never, FALSE, &Past));
    NtQueryPerformanceCounter(&Before, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Never, FALSE, &Short));
    NtQueryPerformanceCounter(&After, NULL);
    CHECK(After.QuadPart - Before.QuadPart >= 29 * MS);
    CHECK(After.QuadPart - Before.QuadPart < 60000 * MS);
    CHECK_STATUS(STATUS_SUCCESS, Sleep(1, FALSE));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtWaitForSingleObject((HANDLE)0x7ffc, FALSE, &Zero));
    NtClose(Never);
}

static NTSTATUS NTAPI SetLater(PVOID Handle)
{
    Sleep(20, FALSE);
    NtSetEvent(Handle, NULL);
    return 77;
}

static VOID TestMultiple(VOID)
{
    HANDLE Events[5], Thread, Same[2];
    LARGE_INTEGER Zero = { 0 }, Limit = { .QuadPart = LONG_ENOUGH };

    for (ULONG i = 0; i < 5; i++)
        Events[i] = Event(SynchronizationEvent, i == 3);
    CHECK_STATUS(3, NtWaitForMultipleObjects(5, Events, WaitAny, FALSE, &Zero));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForMultipleObjects(5, Events, WaitAny, FALSE, &Zero));
    Thread = Start(SetLater, Events[4], 0);
    CHECK_STATUS(4, NtWaitForMultipleObjects(5, Events, WaitAny, FALSE, &Limit));
    CHECK_STATUS(77, Join(Thread));
    for (ULONG i = 0; i < 4; i++)
        NtSetEvent(Events[i], NULL);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForMultipleObjects(5, Events, WaitAll, FALSE, &Zero));
    Thread = Start(SetLater, Events[4], 0);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForMultipleObjects(5, Events, WaitAll, FALSE, &Limit));
    CHECK_STATUS(77, Join(Thread));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForMultipleObjects(5, Events, WaitAny, FALSE, &Zero));
    Same[0] = Same[1] = Events[0];
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER_MIX,
                              NtWaitForMultipleObjects(2, Same, WaitAll, FALSE, &Zero)));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtWaitForMultipleObjects(0, Events, WaitAny, FALSE, &Zero));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtWaitForMultipleObjects(65, Events, WaitAny, FALSE, &Zero));
    for (ULONG i = 0; i < 5; i++)
        NtClose(Events[i]);
}

static NTSTATUS NTAPI WaitAtGate(PVOID Argument)
{
    NTSTATUS Status = NtWaitForSingleObject(Gate, FALSE, NULL);

    __sync_fetch_and_add(&Counter, 1);
    return Status;
}

static VOID TestManyWaiters(VOID)
{
    HANDLE Threads[16];

    Gate = Event(SynchronizationEvent, FALSE);
    Counter = 0;
    for (ULONG i = 0; i < 16; i++)
        Threads[i] = Start(WaitAtGate, NULL, 0);
    CheckSettle();
    CHECK(Counter == 0);
    NtSetEvent(Gate, NULL);
    CheckSettle();
    CHECK(Counter == 1);
    for (ULONG i = 1; i < 16; i++) {
        NtSetEvent(Gate, NULL);
        CheckSettle();
    }
    for (ULONG i = 0; i < 16; i++)
        CHECK_STATUS(STATUS_SUCCESS, Join(Threads[i]));
    CHECK(Counter == 16);
    NtClose(Gate);
}

static NTSTATUS NTAPI OwnAndEnd(PVOID Mutant)
{
    return NtWaitForSingleObject(Mutant, FALSE, NULL);
}

static VOID TestMutant(VOID)
{
    LARGE_INTEGER Zero = { 0 };
    HANDLE Mutant = NULL;
    LONG Count = 7;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateMutant(&Mutant, MUTANT_ALL_ACCESS, NULL, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Mutant, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseMutant(Mutant, &Count));
    CHECK(Count == -1);
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseMutant(Mutant, &Count));
    CHECK_STATUS(STATUS_MUTANT_NOT_OWNED, NtReleaseMutant(Mutant, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Join(Start(OwnAndEnd, Mutant, 0)));
    CHECK_STATUS(STATUS_ABANDONED, NtWaitForSingleObject(Mutant, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseMutant(Mutant, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Mutant, FALSE, &Zero));
    NtClose(Mutant);
}

/* ------------------------------------------------------------------ APCs and alerts */

static volatile LONG ApcSum, ApcOrder;

static VOID NTAPI CountApc(PVOID Number, PVOID Second, PVOID Third)
{
    ApcSum += (LONG)(LONG_PTR)Number + (LONG)(LONG_PTR)Second + (LONG)(LONG_PTR)Third;
    ApcOrder = ApcOrder * 10 + (LONG)(LONG_PTR)Number;
}

static NTSTATUS NTAPI WaitAlertable(PVOID Argument)
{
    NTSTATUS Status;

    NtSetEvent(Done, NULL);
    Status = NtWaitForSingleObject(Gate, TRUE, NULL);
    return Status;
}

static VOID TestApcs(VOID)
{
    HANDLE Thread;

    ApcSum = ApcOrder = 0;
    for (LONG_PTR i = 1; i <= 3; i++)
        CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThread(SELF, CountApc, (PVOID)i, (PVOID)10, (PVOID)100));
    CHECK(ApcSum == 0);
    CHECK_STATUS(STATUS_SUCCESS, Sleep(1, FALSE));
    CHECK(ApcSum == 0);
    CHECK_STATUS(STATUS_USER_APC, Sleep(1000, TRUE));
    CHECK(ApcSum == 336);
    CHECK(ApcOrder == 123);
    NtQueueApcThread(SELF, CountApc, (PVOID)1, NULL, NULL);
    NtTestAlert();
    CHECK(ApcSum == 337);

    Gate = Event(NotificationEvent, FALSE);
    Done = Event(SynchronizationEvent, FALSE);
    Thread = Start(WaitAlertable, NULL, 0);
    NtWaitForSingleObject(Done, FALSE, NULL);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThread(Thread, CountApc, (PVOID)5, NULL, NULL));
    CHECK_STATUS(STATUS_USER_APC, Join(Thread));
    CHECK(ApcSum == 342);
    CheckSystem();
    if (!IsWine) {                      /* which has no NtAlertThread */
        Thread = Start(WaitAlertable, NULL, 0);
        NtWaitForSingleObject(Done, FALSE, NULL);
        CheckSettle();
        CHECK_STATUS(STATUS_SUCCESS, NtAlertThread(Thread));
        CHECK_STATUS(STATUS_ALERTED, Join(Thread));
    }
    NtClose(Gate);
    NtClose(Done);
}

/* ------------------------------------------------------------------ suspend, context */

static NTSTATUS NTAPI Spin(PVOID Argument)
{
    for (;;)
        Counter++;
}

static BOOLEAN Advances(VOID)
{
    LONG Before = Counter;

    Sleep(30, FALSE);
    return Counter != Before;
}

/* Within some seconds: a machine may have been stopped just when it should have. */
static BOOLEAN AdvancesSoon(VOID)
{
    for (ULONG i = 0; i < 100; i++)
        if (Advances())
            return TRUE;
    return FALSE;
}

static VOID TestSuspend(VOID)
{
    HANDLE Thread = Start(Spin, NULL, THREAD_CREATE_FLAGS_CREATE_SUSPENDED);
    ULONG Count = 99;

    CHECK(!Advances());
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, &Count));
    CHECK(Count == 1);
    CHECK(AdvancesSoon());
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Count));
    CHECK(Count == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Count));
    CHECK(Count == 1);
    CHECK(!Advances());
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, &Count));
    CHECK(Count == 2);
    CHECK(!Advances());
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, &Count));
    CHECK(AdvancesSoon());
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, 5));
    CHECK_STATUS(5, Join(Thread));
}

/* A thread that is suspended while it waits goes on only when it is resumed. */
static VOID TestSuspendWaiting(VOID)
{
    HANDLE Thread;

    Gate = Event(NotificationEvent, FALSE);
    Counter = 0;
    Thread = Start(WaitAtGate, NULL, 0);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, NULL));
    NtSetEvent(Gate, NULL);
    Sleep(20, FALSE);
    CHECK(Counter == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Join(Thread));
    CHECK(Counter == 1);
    NtClose(Gate);
}

static __attribute__((noreturn, noinline)) void NTAPI Diverted(ULONG_PTR Value)
{
    Counter = (LONG)Value;
    NtTerminateThread(NtCurrentThread(), 33);
    __builtin_unreachable();
}

static VOID TestContext(VOID)
{
    HANDLE Thread = Start(Spin, NULL, 0);
    CONTEXT Context;

    CHECK(AdvancesSoon());
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, NULL));
    memset(&Context, 0, sizeof(Context));
    Context.ContextFlags = CONTEXT_FULL;
    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(Thread, &Context));
    CHECK(Context.Rip >= (ULONG_PTR)Spin && Context.Rip < (ULONG_PTR)Spin + 64);
    CHECK(Context.SegCs == 0x33);
    Context.Rip = (ULONG_PTR)Diverted;
    Context.Rcx = 1234;
    Context.Rsp = (Context.Rsp & ~15ull) - 8;
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(Thread, &Context));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
    CHECK_STATUS(33, Join(Thread));
    CHECK(Counter == 1234);
}

/* The registers of a thread that waits in a service lead back into it. */
static VOID TestContextWaiting(VOID)
{
    HANDLE Thread;
    CONTEXT Context;

    Gate = Event(NotificationEvent, FALSE);
    Thread = Start(WaitAtGate, NULL, 0);
    CheckSettle();
    memset(&Context, 0, sizeof(Context));
    Context.ContextFlags = CONTEXT_FULL;
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(Thread, &Context));
    CHECK(Context.Rip != 0 && Context.Rsp != 0);
    Context.Rip = (ULONG_PTR)Diverted;
    Context.Rcx = 99;
    Context.Rsp = (Context.Rsp & ~15ull) - 0x108;
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(Thread, &Context));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
    NtSetEvent(Gate, NULL);
    CHECK_STATUS(33, Join(Thread));
    if (!IsWine)                        /* Wine loses the context now and then, as the signal falls */
        CHECK(Counter == 99);
    NtClose(Gate);
}

/* ------------------------------------------------------------------ ends */

static VOID TestTerminateWaiting(VOID)
{
    HANDLE Thread;

    Gate = Event(NotificationEvent, FALSE);
    Done = Event(SynchronizationEvent, FALSE);
    Counter = 0;
    for (ULONG i = 0; i < 8; i++) {
        Thread = Start(i % 2 ? (PVOID)WaitAtGate : (PVOID)WaitAlertable, NULL, 0);
        Sleep(i < 4 ? 5 : 0, FALSE);
        CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, (NTSTATUS)(100 + i)));
        CHECK_STATUS((NTSTATUS)(100 + i), Join(Thread));
    }
    CHECK(Counter == 0);
    NtSetEvent(Gate, NULL);
    NtClose(Gate);
    NtClose(Done);
    TODO(OnWine, CHECK_STATUS(STATUS_CANT_TERMINATE_SELF, NtTerminateThread(NULL, 0)));
}

static VOID TestTime(VOID)
{
    LARGE_INTEGER First, Second, Frequency, System, Again;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryPerformanceCounter(&First, &Frequency));
    CHECK(Frequency.QuadPart == 10000000);
    NtQuerySystemTime(&System);
    Sleep(50, FALSE);
    NtQueryPerformanceCounter(&Second, NULL);
    NtQuerySystemTime(&Again);
    CHECK(Second.QuadPart - First.QuadPart >= 49 * MS);
    CHECK(Again.QuadPart - System.QuadPart >= 30 * MS);
    CHECK(Again.QuadPart - System.QuadPart <= 60000 * MS);
    CHECK(System.QuadPart > 134000000000000000ll);      /* 2025 */
}

/* Waits until an hour from now, by the clock. */
static NTSTATUS NTAPI WaitAnHour(PVOID Parameter)
{
    LARGE_INTEGER Due;

    NtQuerySystemTime(&Due);
    Due.QuadPart += 3600 * 1000 * MS;
    return NtWaitForSingleObject(Gate, FALSE, &Due);
}

static BOOLEAN IsTimerSet(HANDLE Timer)
{
    LARGE_INTEGER Zero = { 0 };

    return NtWaitForSingleObject(Timer, FALSE, &Zero) == STATUS_SUCCESS;
}

/* NtSetSystemTime: what is due at a time of the clock moves with it, what is due after a while does not. */
static VOID TestSetTime(VOID)
{
    const LONGLONG Hour = 3600 * 1000 * MS;
    LARGE_INTEGER Start0, Now, Old = { 0 }, Due, Before, After, Limit = { .QuadPart = LONG_ENOUGH };
    HANDLE Absolute, Relative, Short, Later, Waiter, Token = NULL;
    TOKEN_PRIVILEGES New = { 1, { { { SE_SYSTEMTIME_PRIVILEGE, 0 }, SE_PRIVILEGE_ENABLED } } };

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
    Gate = Event(NotificationEvent, FALSE);
    Waiter = Start(WaitAnHour, NULL, 0);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Absolute, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Later, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Relative, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Short, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    NtQuerySystemTime(&Start0);
    Due.QuadPart = Start0.QuadPart + Hour;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Absolute, &Due, NULL, NULL, FALSE, 0, NULL));
    Due.QuadPart = Start0.QuadPart + 3 * Hour;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Later, &Due, NULL, NULL, FALSE, 0, NULL));
    Due.QuadPart = -Hour;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Relative, &Due, NULL, NULL, FALSE, 0, NULL));
    Due.QuadPart = -100 * MS;
    NtQueryPerformanceCounter(&Before, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Short, &Due, NULL, NULL, FALSE, 0, NULL));

    Now.QuadPart = Start0.QuadPart + 2 * Hour;
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Now, &Old));
    CHECK(Old.QuadPart >= Start0.QuadPart && Old.QuadPart < Start0.QuadPart + 60 * 1000 * MS);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Absolute, FALSE, &Limit));
    CHECK_STATUS(STATUS_TIMEOUT, Join(Waiter));
    CHECK(!IsTimerSet(Relative) && !IsTimerSet(Later));
    NtQuerySystemTime(&Old);
    CHECK(Old.QuadPart >= Now.QuadPart && Old.QuadPart < Now.QuadPart + 60 * 1000 * MS);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Short, FALSE, &Limit));
    NtQueryPerformanceCounter(&After, NULL);
    CHECK(After.QuadPart - Before.QuadPart >= 99 * MS);

    /* Back to before the start: what was an hour away is still one, what is due at a time is farther away. */
    Due.QuadPart = -50 * MS;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Short, &Due, NULL, NULL, FALSE, 0, NULL));
    Now.QuadPart = Start0.QuadPart - Hour;
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Now, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Short, FALSE, &Limit));
    CHECK(!IsTimerSet(Relative) && !IsTimerSet(Later));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Start0, NULL));
    NtClose(Absolute);
    NtClose(Later);
    NtClose(Relative);
    NtClose(Short);
    NtClose(Gate);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestTimeouts();
    TestMultiple();
    TestManyWaiters();
    TestMutant();
    TestApcs();
    TestSuspend();
    TestSuspendWaiting();
    TestContext();
    TestContextWaiting();
    TestTerminateWaiting();
    TestTime();
    if (!IsWine)        /* it would be the host's clock */
        TestSetTime();
    return CheckClose();
}
