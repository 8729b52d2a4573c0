// SPDX-License-Identifier: BSD-2-Clause
// Threads and everything that they wait on; thread-local storage; fibers; the thread pool; completion ports.
#define _WIN32_WINNT 0x0A00
#include <windows.h>
#include <process.h>
#include <stdlib.h>
#include "check.h"

enum { THREADS = 8, ROUNDS = 2000 };

static CRITICAL_SECTION section;
static SRWLOCK lock = SRWLOCK_INIT;
static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
static HANDLE semaphore, mutex;
static long guarded, shared, counted, atomic;
static DWORD slot, fls;
static _Thread_local int local = 5;
static volatile LONG flsCalls;

static unsigned __stdcall Worker(void *argument)
{
    long number = (long)(LONG_PTR)argument;

    TlsSetValue(slot, argument);
    local += (int)number;
    for (int i = 0; i < ROUNDS; i++) {
        EnterCriticalSection(&section);
        guarded++;
        LeaveCriticalSection(&section);
        AcquireSRWLockExclusive(&lock);
        shared++;
        ReleaseSRWLockExclusive(&lock);
        InterlockedIncrement(&atomic);
        if (i % 100 == 0)
            SwitchToThread();
        if (i % 50 == 0) {
            WaitForSingleObject(mutex, INFINITE);
            counted++;
            ReleaseMutex(mutex);
        }
    }
    return (unsigned)(TlsGetValue(slot) == argument ? local : -1);
}

static void Locks(void)
{
    HANDLE threads[THREADS];
    DWORD sum = 0, code;

    InitializeCriticalSectionAndSpinCount(&section, 100);
    mutex = CreateMutexA(NULL, FALSE, NULL);
    slot = TlsAlloc();
    for (int i = 0; i < THREADS; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, Worker, (void *)(LONG_PTR)(i + 1), 0, NULL);
    SHOW("%lu", WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE));
    for (int i = 0; i < THREADS; i++) {
        GetExitCodeThread(threads[i], &code);
        sum += code;
        CloseHandle(threads[i]);
    }
    SHOW("%ld %ld %ld %ld %lu", guarded, shared, atomic, counted, sum);
    SHOW("%d", local);
    YES(TlsFree(slot));
    CloseHandle(mutex);
    DeleteCriticalSection(&section);
}

static DWORD WINAPI Producer(void *count)
{
    for (int i = 0; i < *(int *)count; i++) {
        AcquireSRWLockExclusive(&lock);
        shared++;
        ReleaseSRWLockExclusive(&lock);
        WakeConditionVariable(&changed);
        ReleaseSemaphore(semaphore, 1, NULL);
    }
    return 0;
}

static void Conditions(void)
{
    int count = 500, taken = 0;
    HANDLE thread;

    shared = 0;
    semaphore = CreateSemaphoreA(NULL, 0, 1000, NULL);
    thread = CreateThread(NULL, 0, Producer, &count, 0, NULL);
    AcquireSRWLockExclusive(&lock);
    while (shared < count)
        SleepConditionVariableSRW(&changed, &lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&lock);
    for (; taken < count && WaitForSingleObject(semaphore, 5000) == WAIT_OBJECT_0; taken++)
        ;
    SHOW("%ld %d", shared, taken);
    SHOW("%lu", WaitForSingleObject(semaphore, 10));
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(semaphore);
    AcquireSRWLockExclusive(&lock);
    SHOW("%d", SleepConditionVariableSRW(&changed, &lock, 20, 0));
    SHOW("%lu", GetLastError());
    ReleaseSRWLockExclusive(&lock);
    YES(TryAcquireSRWLockExclusive(&lock));
    YES(TryAcquireSRWLockShared(&lock) == FALSE);
    ReleaseSRWLockExclusive(&lock);
}

static DWORD WINAPI Setter(void *event)
{
    Sleep(20);
    SetEvent(event);
    return 3;
}

static void Events(void)
{
    HANDLE manual = CreateEventA(NULL, TRUE, FALSE, NULL), automatic = CreateEventA(NULL, FALSE, FALSE, "named event"), again, both[2];
    HANDLE thread = CreateThread(NULL, 1 << 20, Setter, automatic, CREATE_SUSPENDED, NULL);
    DWORD code;

    SHOW("%lu", WaitForSingleObject(automatic, 30));
    SHOW("%lu", ResumeThread(thread));
    SHOW("%lu", WaitForSingleObject(automatic, 5000));
    SHOW("%lu", WaitForSingleObject(automatic, 0));
    again = OpenEventA(EVENT_MODIFY_STATE, FALSE, "named event");
    YES(SetEvent(again));
    both[0] = manual, both[1] = automatic;
    SHOW("%lu", WaitForMultipleObjects(2, both, FALSE, 5000));
    SHOW("%lu", WaitForMultipleObjects(2, both, TRUE, 0));
    SetEvent(manual);
    SetEvent(automatic);
    SHOW("%lu", WaitForMultipleObjects(2, both, TRUE, 0));
    SHOW("%lu", SignalObjectAndWait(automatic, manual, 0, FALSE));
    CreateEventA(NULL, FALSE, FALSE, "named event");
    SHOW("%lu", GetLastError());
    CreateMutexA(NULL, FALSE, "named event");
    SHOW("%lu", GetLastError());
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SHOW("%lu", code);
    SHOW("%lu", WaitForSingleObject((HANDLE)0x7770, 0));
    SHOW("%lu", GetLastError());
}

static volatile LONG apcs;

static void CALLBACK Apc(ULONG_PTR value)
{
    apcs += (LONG)value;
}

static DWORD WINAPI SleepForEver(void *argument)
{
    (void)argument;
    return SleepEx(INFINITE, TRUE);
}

static void Apcs(void)
{
    HANDLE thread;
    DWORD code;

    YES(QueueUserAPC(Apc, GetCurrentThread(), 3));
    YES(QueueUserAPC(Apc, GetCurrentThread(), 4));
    Sleep(1);
    SHOW("%ld", apcs);
    SHOW("%lu", SleepEx(1000, TRUE));
    SHOW("%ld", apcs);
    SHOW("%lu", SleepEx(1, TRUE));
    YES(QueueUserAPC(Apc, GetCurrentThread(), 5));
    SHOW("%lu", SleepEx(INFINITE, TRUE));
    SHOW("%ld", apcs);
    thread = CreateThread(NULL, 0, SleepForEver, NULL, 0, NULL);
    SHOW("%lu", WaitForSingleObject(thread, 100));
    YES(QueueUserAPC(Apc, thread, 6));
    SHOW("%lu", WaitForSingleObject(thread, 10000));
    GetExitCodeThread(thread, &code);
    SHOW("%lu", code);
    SHOW("%ld", apcs);
}

static VOID WINAPI OnFls(void *data)
{
    flsCalls += (LONG)(LONG_PTR)data;
}

static DWORD WINAPI FlsThread(void *argument)
{
    FlsSetValue(fls, argument);
    return 0;
}

static void *mainFiber, *otherFiber;
static int steps;

static VOID WINAPI Fiber(void *argument)
{
    for (;;) {
        steps += (int)(LONG_PTR)argument;
        SwitchToFiber(mainFiber);
    }
}

static void Fibers(void)
{
    HANDLE thread;

    fls = FlsAlloc(OnFls);
    thread = CreateThread(NULL, 0, FlsThread, (void *)7, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    SHOW("%ld", flsCalls);
    mainFiber = ConvertThreadToFiber(NULL);
    otherFiber = CreateFiber(0, Fiber, (void *)2);
    for (int i = 0; i < 5; i++)
        SwitchToFiber(otherFiber);
    SHOW("%d", steps);
    DeleteFiber(otherFiber);
    YES(ConvertFiberToThread());
    YES(FlsFree(fls));
}

static VOID CALLBACK Work(PTP_CALLBACK_INSTANCE instance, void *context, PTP_WORK work)
{
    (void)instance, (void)work;
    InterlockedIncrement(context);
}

static DWORD WINAPI Item(void *context)
{
    if (InterlockedIncrement(context) == 50)
        SetEvent(semaphore);
    return 0;
}

static VOID CALLBACK OnTimer(PTP_CALLBACK_INSTANCE instance, void *context, PTP_TIMER timer)
{
    (void)instance, (void)timer;
    SetEvent(context);
}

static void Pool(void)
{
    LONG done = 0;
    FILETIME due = { (DWORD)-200000, (DWORD)-1 };
    PTP_WORK work = CreateThreadpoolWork(Work, &done, NULL);
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    PTP_TIMER timer = CreateThreadpoolTimer(OnTimer, event, NULL);

    for (int i = 0; i < 100; i++)
        SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    SHOW("%ld", done);
    CloseThreadpoolWork(work);
    done = 0;
    semaphore = event;
    for (int i = 0; i < 50; i++)
        QueueUserWorkItem(Item, &done, WT_EXECUTEDEFAULT);
    SHOW("%lu", WaitForSingleObject(event, 10000));
    SHOW("%ld", done);
    SetThreadpoolTimer(timer, &due, 0, 0);
    SHOW("%lu", WaitForSingleObject(event, 10000));
    WaitForThreadpoolTimerCallbacks(timer, TRUE);
    CloseThreadpoolTimer(timer);
    CloseHandle(event);
}

static void Ports(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    OVERLAPPED *o;
    DWORD bytes;
    ULONG_PTR key;

    for (ULONG_PTR i = 1; i <= 3; i++)
        PostQueuedCompletionStatus(port, (DWORD)i * 10, i, (OVERLAPPED *)(i * 16));
    while (GetQueuedCompletionStatus(port, &bytes, &key, &o, 10))
        SHOW("%lu %d %d", bytes, (int)key, (int)(LONG_PTR)o);
    SHOW("%lu", GetLastError());
    CloseHandle(port);
}

static BOOL CALLBACK Once(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once;
    ++*(int *)parameter;
    *context = (void *)64;
    return TRUE;
}

static void OneTime(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    int calls = 0;
    void *context = NULL;
    LONG value = 1, expected = 1;

    for (int i = 0; i < 3; i++)
        InitOnceExecuteOnce(&once, Once, &calls, &context);
    SHOW("%d %d", calls, (int)(LONG_PTR)context);
    SHOW("%d", WaitOnAddress(&value, &expected, sizeof(value), 20));
    SHOW("%lu", GetLastError());
}

int main(void)
{
    Locks();
    Conditions();
    Events();
    Apcs();
    Fibers();
    Pool();
    Ports();
    OneTime();
    return 0;
}
