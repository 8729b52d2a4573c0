/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The thread pool: work, timers, waits, I/O, cleanup groups, what a callback may ask of its instance, pools of one's
 * own; work items, timer queues and registered waits.
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define WAIT_FOR_CALLBACKS ((HANDLE)(LONG_PTR)-1)       /* INVALID_HANDLE_VALUE */

static HANDLE Done;                     /* synchronization event */
static HANDLE Gate;                     /* notification event: what Hold waits for */
static volatile LONG Calls;
static volatile LONG Order[16];

static NTSTATUS WaitDone(ULONG Milliseconds)
{
    LARGE_INTEGER Timeout = { .QuadPart = Milliseconds * -10000ll };

    return NtWaitForSingleObject(Done, FALSE, &Timeout);
}

static void Sleep(ULONG Milliseconds)
{
    LARGE_INTEGER Time = { .QuadPart = Milliseconds * -10000ll };

    NtDelayExecution(FALSE, &Time);
}

/* Waits until Calls has come to Count; a loaded machine may take its time. */
static BOOLEAN WaitCalls(LONG Count)
{
    for (ULONG i = 0; i < 2000 && Calls < Count; i++)
        Sleep(5);
    return Calls >= Count;
}

/* Goes on when the gate is open; or after half a minute, so that a test that waits for it comes to its end. */
static void Hold(void)
{
    LARGE_INTEGER Timeout = { .QuadPart = -300000000 };

    NtWaitForSingleObject(Gate, FALSE, &Timeout);
}

static VOID NTAPI CountSimple(PTP_CALLBACK_INSTANCE Instance, PVOID Context)
{
    InterlockedIncrement(&Calls);
    if (Context != NULL)
        NtSetEvent(Context, NULL);
}

static VOID NTAPI CountWork(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    CountSimple(Instance, Context);
}

static VOID NTAPI SlowWork(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    Sleep(30);
    InterlockedIncrement(&Calls);
}

static void TestSimple(void)
{
    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpSimpleTryPost(CountSimple, Done, NULL));
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(Calls == 1);
    for (ULONG i = 0; i < 200; i++)
        CHECK_STATUS(STATUS_SUCCESS, TpSimpleTryPost(CountSimple, NULL, NULL));
    CHECK(WaitCalls(201));
}

static void TestWork(void)
{
    PTP_WORK Work = NULL;

    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, CountWork, NULL, NULL));
    TpWaitForWork(Work, FALSE);
    for (ULONG i = 0; i < 100; i++)
        TpPostWork(Work);
    TpWaitForWork(Work, FALSE);
    CHECK(Calls == 100);
    TpPostWork(Work);
    TpReleaseWork(Work);
    CHECK(WaitCalls(101));
}

static void TestOwnPool(void)
{
    TP_CALLBACK_ENVIRON Environment;
    TP_POOL_STACK_INFORMATION Stack = { 0x80000, 0x4000 }, Back = { 0, 0 };
    PTP_WORK Work;
    PTP_POOL Pool = NULL;

    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocPool(&Pool, NULL));
    CHECK_STATUS(STATUS_SUCCESS, TpSetPoolStackInformation(Pool, &Stack));
    CHECK_STATUS(STATUS_SUCCESS, TpQueryPoolStackInformation(Pool, &Back));
    CHECK(Back.StackReserve == Stack.StackReserve && Back.StackCommit == Stack.StackCommit);
    TpSetPoolMaxThreads(Pool, 1);
    TpInitializeCallbackEnviron(&Environment);
    Environment.Pool = Pool;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, SlowWork, NULL, &Environment));
    /* One thread: what has not begun can be taken back. */
    for (ULONG i = 0; i < 20; i++)
        TpPostWork(Work);
    Sleep(15);
    TpWaitForWork(Work, TRUE);
    CHECK(Calls < 20);
    Calls = 0;
    TpSetPoolMaxThreads(Pool, 4);
    CHECK(NT_SUCCESS(TpSetPoolMinThreads(Pool, 2)) || IsWine);
    for (ULONG i = 0; i < 8; i++)
        TpPostWork(Work);
    TpWaitForWork(Work, FALSE);
    CHECK(Calls == 8);
    TpReleaseWork(Work);
    TpReleasePool(Pool);
}

static VOID NTAPI Ordered(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    Order[InterlockedIncrement(&Calls) - 1] = (LONG)(LONG_PTR)Context;
}

static VOID NTAPI HoldWork(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    InterlockedIncrement(&Calls);
    Hold();
}

static void TestPriorities(void)
{
    TP_CALLBACK_ENVIRON Environment;
    PTP_WORK First, Works[3];
    PTP_POOL Pool;

    CHECK_STATUS(STATUS_SUCCESS, TpAllocPool(&Pool, NULL));
    TpSetPoolMaxThreads(Pool, 1);
    TpInitializeCallbackEnviron(&Environment);
    Environment.Pool = Pool;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&First, HoldWork, NULL, &Environment));
    for (LONG i = 0; i < 3; i++) {
        Environment.CallbackPriority = 2 - i;           /* low, normal, high */
        CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Works[i], Ordered, (PVOID)(LONG_PTR)(2 - i), &Environment));
    }
    Calls = 0;
    NtResetEvent(Gate, NULL);
    TpPostWork(First);
    CHECK(WaitCalls(1));
    for (ULONG i = 0; i < 3; i++)
        TpPostWork(Works[i]);
    NtSetEvent(Gate, NULL);
    CHECK(WaitCalls(4));
    CHECK(Order[1] == 0 && Order[2] == 1 && Order[3] == 2);
    TpReleaseWork(First);
    for (ULONG i = 0; i < 3; i++)
        TpReleaseWork(Works[i]);
    TpReleasePool(Pool);
}

/* ------------------------------------------------------------------ timers and waits */

static VOID NTAPI CountTimer(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_TIMER Timer)
{
    CountSimple(Instance, Context);
}

static void TestTimers(void)
{
    LARGE_INTEGER Due = { .QuadPart = -500000 }, Before, After;
    PTP_TIMER Timer;

    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocTimer(&Timer, CountTimer, Done, NULL));
    CHECK(!TpIsTimerSet(Timer));
    NtQuerySystemTime(&Before);
    TpSetTimer(Timer, &Due, 0, 0);
    CHECK(TpIsTimerSet(Timer));
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    NtQuerySystemTime(&After);
    CHECK(After.QuadPart - Before.QuadPart >= 480000);
    Sleep(100);
    CHECK(Calls == 1);
    /* A period. */
    Due.QuadPart = 0;
    TpSetTimer(Timer, &Due, 10, 0);
    CHECK(WaitCalls(6));
    CHECK(TpIsTimerSet(Timer));
    TpSetTimer(Timer, NULL, 0, 0);
    CHECK(!TpIsTimerSet(Timer));
    TpWaitForTimer(Timer, TRUE);
    Calls = 0;
    Sleep(60);
    CHECK(Calls == 0);
    TpReleaseTimer(Timer);
    /* Released before it is due. */
    Due.QuadPart = -2000000;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocTimer(&Timer, CountTimer, NULL, NULL));
    TpSetTimer(Timer, &Due, 0, 0);
    TpReleaseTimer(Timer);
    Sleep(250);
    CHECK(Calls == 0);
    WaitDone(0);
}

static volatile TP_WAIT_RESULT LastResult;

static VOID NTAPI CountWait(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WAIT Wait, TP_WAIT_RESULT Result)
{
    LastResult = Result;
    CountSimple(Instance, Context);
}

static void TestWaits(void)
{
    LARGE_INTEGER Timeout = { .QuadPart = -200000 };
    HANDLE Event, Events[100];
    PTP_WAIT Wait, Waits[100];

    Calls = 0;
    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWait(&Wait, CountWait, Done, NULL));
    TpSetWait(Wait, Event, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, WaitDone(20));
    NtSetEvent(Event, NULL);
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(LastResult == (TP_WAIT_RESULT)STATUS_WAIT_0);
    /* Once only. */
    NtSetEvent(Event, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, WaitDone(50));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &(LARGE_INTEGER){ .QuadPart = 0 }));
    TpSetWait(Wait, Event, &Timeout);
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(LastResult == (TP_WAIT_RESULT)STATUS_TIMEOUT);
    TpSetWait(Wait, Event, NULL);
    TpSetWait(Wait, NULL, NULL);
    TpWaitForWait(Wait, TRUE);
    NtSetEvent(Event, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, WaitDone(50));
    TpReleaseWait(Wait);
    NtClose(Event);
    CHECK(Calls == 2);
    /* More than one thread can wait for. */
    for (ULONG i = 0; i < 100; i++) {
        NtCreateEvent(&Events[i], EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
        CHECK_STATUS(STATUS_SUCCESS, TpAllocWait(&Waits[i], CountWait, NULL, NULL));
        TpSetWait(Waits[i], Events[i], NULL);
    }
    Calls = 0;
    for (ULONG i = 0; i < 100; i++)
        NtSetEvent(Events[99 - i], NULL);
    CHECK(WaitCalls(100));
    for (ULONG i = 0; i < 100; i++) {
        TpReleaseWait(Waits[i]);
        NtClose(Events[i]);
    }
    CHECK(Calls == 100);
}

/* ------------------------------------------------------------------ I/O */

static IO_STATUS_BLOCK LastIosb;
static PVOID LastContext;

static VOID NTAPI CountIo(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PVOID ApcContext, PIO_STATUS_BLOCK Iosb,
        PTP_IO Io)
{
    LastIosb = *Iosb;
    LastContext = ApcContext;
    CountSimple(Instance, Context);
}

static VOID NTAPI OldIo(ULONG Status, ULONG Bytes, PVOID ApcContext)
{
    LastIosb.Status = (NTSTATUS)Status;
    LastIosb.Information = Bytes;
    LastContext = ApcContext;
    NtSetEvent(Done, NULL);
}

static BOOLEAN MakePipe(PHANDLE Server, PHANDLE Client)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\pipe\\nereid-threadpool");
    LARGE_INTEGER Timeout = { .QuadPart = -10000000 };
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Iosb;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    *Client = NULL;
    return CHECK_STATUS(STATUS_SUCCESS, NtCreateNamedPipeFile(Server, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE,
                                                             &Attributes, &Iosb, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                                             FILE_OPEN_IF, 0, 0, 0, 0, 5, 4096, 4096, &Timeout)) &&
           CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(Client, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &Attributes,
                                                   &Iosb, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                                   FILE_SYNCHRONOUS_IO_NONALERT));
}

static void TestIo(void)
{
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb, Other;
    char Buffer[16];
    PTP_IO Io = NULL;

    Calls = 0;
    if (!MakePipe(&Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocIoCompletion(&Io, Server, CountIo, Done, NULL));
    TpStartAsyncIoOperation(Io);
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Server, NULL, NULL, &Iosb, &Iosb, Buffer, sizeof(Buffer), NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Client, NULL, NULL, NULL, &Other, "hello", 5, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(LastContext == &Iosb && LastIosb.Information == 5 && LastIosb.Status == STATUS_SUCCESS);
    TpStartAsyncIoOperation(Io);
    TpCancelAsyncIoOperation(Io);
    TpWaitForIoCompletion(Io, FALSE);
    TpStartAsyncIoOperation(Io);
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Server, NULL, NULL, &Iosb, &Iosb, Buffer, sizeof(Buffer), NULL, NULL));
    NtClose(Client);
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(LastIosb.Status == STATUS_PIPE_BROKEN);
    TpReleaseIoCompletion(Io);
    NtClose(Server);
    CHECK(Calls == 2);
    if (!MakePipe(&Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, RtlSetIoCompletionCallback(Server, OldIo, 0));
    for (ULONG i = 0; i < 3; i++) {
        CHECK_STATUS(STATUS_PENDING, NtReadFile(Server, NULL, NULL, &Buffer, &Iosb, Buffer, 16, NULL, NULL));
        CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Client, NULL, NULL, NULL, &Other, "old", 3, NULL, NULL));
        CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
        CHECK(LastContext == &Buffer && LastIosb.Information == 3);
    }
    NtClose(Client);
    NtClose(Server);
}

/* ------------------------------------------------------------------ groups and instances */

static volatile LONG Cancelled;

static VOID NTAPI CancelMember(PVOID ObjectContext, PVOID CleanupContext)
{
    InterlockedIncrement(&Cancelled);
    CHECK(CleanupContext == (PVOID)77);
}

static void TestGroups(void)
{
    LARGE_INTEGER Due = { .QuadPart = -100000000 };
    TP_CALLBACK_ENVIRON Environment;
    PTP_CLEANUP_GROUP Group = NULL;
    PTP_WORK Work;
    PTP_TIMER Timer;
    PTP_WAIT Wait;

    Calls = Cancelled = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocCleanupGroup(&Group));
    TpInitializeCallbackEnviron(&Environment);
    Environment.CleanupGroup = Group;
    Environment.CleanupGroupCancelCallback = CancelMember;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, SlowWork, NULL, &Environment));
    CHECK_STATUS(STATUS_SUCCESS, TpAllocTimer(&Timer, CountTimer, NULL, &Environment));
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWait(&Wait, CountWait, NULL, &Environment));
    for (ULONG i = 0; i < 5; i++)
        TpPostWork(Work);
    TpSetTimer(Timer, &Due, 0, 0);
    TpSetWait(Wait, Done, NULL);
    TpReleaseCleanupGroupMembers(Group, FALSE, NULL);
    CHECK(Calls == 5 && Cancelled == 0);
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, SlowWork, NULL, &Environment));
    TpPostWork(Work);
    CHECK_STATUS(STATUS_SUCCESS, TpSimpleTryPost(CountSimple, NULL, &Environment));
    CHECK(WaitCalls(7));
    TpReleaseCleanupGroupMembers(Group, TRUE, (PVOID)77);
    CHECK(Cancelled >= 1);
    TpReleaseCleanupGroup(Group);
}

static RTL_CRITICAL_SECTION Section;
static HANDLE Semaphore, Mutant;

static VOID NTAPI UseInstance(PTP_CALLBACK_INSTANCE Instance, PVOID Context)
{
    NtWaitForSingleObject(Mutant, FALSE, NULL);
    RtlEnterCriticalSection(&Section);
    TpCallbackReleaseSemaphoreOnCompletion(Instance, Semaphore, 3);
    TpCallbackReleaseMutexOnCompletion(Instance, Mutant);
    TpCallbackLeaveCriticalSectionOnCompletion(Instance, &Section);
    TpCallbackSetEventOnCompletion(Instance, Done);
    CHECK_STATUS(STATUS_SUCCESS, TpCallbackMayRunLong(Instance));
}

static VOID NTAPI Disassociate(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    TpDisassociateCallback(Instance);
    NtSetEvent(Done, NULL);
    Hold();
    InterlockedIncrement(&Calls);
}

static VOID NTAPI Finally(PTP_CALLBACK_INSTANCE Instance, PVOID Context)
{
    InterlockedExchangeAdd(&Calls, 10);
    NtSetEvent(Done, NULL);
}

static void TestInstance(void)
{
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };
    TP_CALLBACK_ENVIRON Environment;
    LONG Previous = -1;
    PTP_WORK Work;

    RtlInitializeCriticalSection(&Section);
    NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 0, 10);
    NtCreateMutant(&Mutant, MUTANT_ALL_ACCESS, NULL, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, TpSimpleTryPost(UseInstance, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(RtlTryEnterCriticalSection(&Section));
    RtlLeaveCriticalSection(&Section);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Mutant, FALSE, &Enough));
    NtReleaseMutant(Mutant, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseSemaphore(Semaphore, 1, &Previous));
    CHECK(Previous == 3);
    NtClose(Semaphore);
    NtClose(Mutant);
    RtlDeleteCriticalSection(&Section);
    /* A callback that has taken itself out is not waited for. */
    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, Disassociate, NULL, NULL));
    NtResetEvent(Gate, NULL);
    TpPostWork(Work);
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    TpWaitForWork(Work, FALSE);
    CHECK(Calls == 0);
    NtSetEvent(Gate, NULL);
    TpReleaseWork(Work);
    CHECK(WaitCalls(1));
    Calls = 0;
    TpInitializeCallbackEnviron(&Environment);
    Environment.FinalizationCallback = Finally;
    CHECK_STATUS(STATUS_SUCCESS, TpSimpleTryPost(CountSimple, NULL, &Environment));
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(Calls == 11);
}

/* ------------------------------------------------------------------ the older interface */

static VOID NTAPI CountItem(PVOID Context)
{
    InterlockedIncrement(&Calls);
}

static VOID NTAPI CountOld(PVOID Context, BOOLEAN TimedOut)
{
    LastResult = TimedOut;
    InterlockedIncrement(&Calls);
    if (Context != NULL)
        NtSetEvent(Context, NULL);
}

static VOID NTAPI HoldOld(PVOID Context, BOOLEAN TimedOut)
{
    InterlockedIncrement(&Calls);
    Hold();
    InterlockedIncrement(&Calls);
}

static void TestItems(void)
{
    Calls = 0;
    for (ULONG i = 0; i < 50; i++)
        CHECK_STATUS(STATUS_SUCCESS, RtlQueueWorkItem(CountItem, NULL, i & 1 ? WT_EXECUTELONGFUNCTION : 0));
    CHECK(WaitCalls(50));
}

static void TestTimerQueue(void)
{
    HANDLE Queue, Timer, Second;

    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateTimerQueue(&Queue));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateTimer(Queue, &Timer, CountOld, Done, 20, 0, WT_EXECUTEDEFAULT));
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK(Calls == 1 && LastResult == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteTimer(Queue, Timer, WAIT_FOR_CALLBACKS));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateTimer(Queue, &Timer, CountOld, NULL, 0, 10, WT_EXECUTEDEFAULT));
    CHECK(WaitCalls(5));
    CHECK_STATUS(STATUS_SUCCESS, RtlUpdateTimer(Queue, Timer, 100000, 0));
    CheckSettle();
    Calls = 0;
    Sleep(60);
    CHECK(Calls == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlUpdateTimer(Queue, Timer, 0, 0));
    CHECK(WaitCalls(1));
    CHECK(NT_SUCCESS(RtlDeleteTimer(Queue, Timer, WAIT_FOR_CALLBACKS)));
    /* Deleted while its callback runs. */
    Calls = 0;
    NtResetEvent(Gate, NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateTimer(Queue, &Timer, HoldOld, NULL, 0, 0, WT_EXECUTEDEFAULT));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateTimer(Queue, &Second, HoldOld, NULL, 0, 0, WT_EXECUTEONLYONCE));
    CHECK(WaitCalls(2));
    CHECK_STATUS(STATUS_PENDING, RtlDeleteTimer(Queue, Timer, Done));
    NtSetEvent(Gate, NULL);
    CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteTimerQueueEx(Queue, WAIT_FOR_CALLBACKS));
    CHECK(Calls == 4);
    /* The queue of the process. */
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateTimer(NULL, &Timer, CountOld, NULL, 100000, 0, 0));
    CHECK(NT_SUCCESS(RtlDeleteTimer(NULL, Timer, NULL)));
}

static void TestRegisteredWaits(void)
{
    HANDLE Event, Wait;

    Calls = 0;
    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlRegisterWait(&Wait, Event, CountOld, Done, MAXDWORD, 0));
    for (LONG i = 1; i <= 3; i++) {
        NtSetEvent(Event, NULL);
        CHECK_STATUS(STATUS_SUCCESS, WaitDone(120000));
        CHECK(Calls == i && LastResult == FALSE);
    }
    CHECK_STATUS(STATUS_SUCCESS, RtlDeregisterWaitEx(Wait, WAIT_FOR_CALLBACKS));
    NtSetEvent(Event, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, WaitDone(50));
    NtResetEvent(Event, NULL);
    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlRegisterWait(&Wait, Event, CountOld, NULL, 10, 0));
    TODO(OnWine, CHECK(WaitCalls(3) && LastResult == TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeregisterWaitEx(Wait, WAIT_FOR_CALLBACKS));
    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlRegisterWait(&Wait, Event, CountOld, NULL, MAXDWORD, WT_EXECUTEONLYONCE));
    NtSetEvent(Event, NULL);
    CHECK(WaitCalls(1));
    NtSetEvent(Event, NULL);
    Sleep(50);
    CHECK(Calls == 1);
    CHECK_STATUS(STATUS_SUCCESS, RtlDeregisterWaitEx(Wait, WAIT_FOR_CALLBACKS));
    NtResetEvent(Event, NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlRegisterWait(&Wait, Event, CountOld, NULL, MAXDWORD, 0));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeregisterWait(Wait));
    NtClose(Event);
}

/* --- callbacks that free what they were called for --------------------------------------------------------------- */

static HANDLE Signal;

static VOID NTAPI FreeWork(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    TpReleaseWork(Work);
    InterlockedIncrement(&Calls);
}

static VOID NTAPI FreeTimer(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_TIMER Timer)
{
    TpSetTimer(Timer, NULL, 0, 0);
    TpReleaseTimer(Timer);
    InterlockedIncrement(&Calls);
}

static VOID NTAPI FreeWait(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WAIT Wait, TP_WAIT_RESULT Result)
{
    TpReleaseWait(Wait);
    InterlockedIncrement(&Calls);
}

/* Sets itself again until it was called three times. */
static VOID NTAPI AgainWait(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WAIT Wait, TP_WAIT_RESULT Result)
{
    if (InterlockedIncrement(&Calls) < 3) {
        TpSetWait(Wait, Signal, NULL);
        NtSetEvent(Signal, NULL);
    }
}

/* Posts itself again: a chain of 50. */
static VOID NTAPI AgainWork(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_WORK Work)
{
    if (InterlockedIncrement(&Calls) < 50)
        TpPostWork(Work);
}

static void TestSelfFreeing(void)
{
    LARGE_INTEGER Soon = { .QuadPart = -10000 };
    PTP_WORK Work;
    PTP_TIMER Timer;
    PTP_WAIT Wait;

    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Signal, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    for (ULONG Round = 0; Round < 20; Round++) {
        CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, FreeWork, NULL, NULL));
        TpPostWork(Work);
        CHECK_STATUS(STATUS_SUCCESS, TpAllocTimer(&Timer, FreeTimer, NULL, NULL));
        TpSetTimer(Timer, &Soon, 0, 0);
        CHECK_STATUS(STATUS_SUCCESS, TpAllocWait(&Wait, FreeWait, NULL, NULL));
        TpSetWait(Wait, Signal, NULL);
        NtSetEvent(Signal, NULL);
        CHECK(WaitCalls(3 * ((LONG)Round + 1)));
    }
    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWait(&Wait, AgainWait, NULL, NULL));
    TpSetWait(Wait, Signal, NULL);
    NtSetEvent(Signal, NULL);
    CHECK(WaitCalls(3));
    TpWaitForWait(Wait, FALSE);
    NtSetEvent(Signal, NULL);           /* a wait is for once */
    Sleep(20);
    CHECK(Calls == 3);
    TpReleaseWait(Wait);
    Calls = 0;
    CHECK_STATUS(STATUS_SUCCESS, TpAllocWork(&Work, AgainWork, NULL, NULL));
    TpPostWork(Work);
    CHECK(WaitCalls(50));
    TpWaitForWork(Work, FALSE);
    CHECK(Calls == 50);
    TpReleaseWork(Work);
    NtClose(Signal);
}

int wmain(int Count, WCHAR **Arguments)
{
    CheckSystem();
    NtCreateEvent(&Done, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    NtCreateEvent(&Gate, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    TestSimple();
    TestWork();
    TestOwnPool();
    TestPriorities();
    TestTimers();
    TestWaits();
    TestIo();
    TestGroups();
    TestInstance();
    TestItems();
    TestTimerQueue();
    TestRegisteredWaits();
    TestSelfFreeing();
    return CheckClose();
}
