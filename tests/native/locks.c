/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Locks between threads: critical sections, slim locks, condition variables, waiting on addresses, one-time
 * initialisation, fiber local storage.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define THREADS 4
#define ROUNDS 5000

static RTL_CRITICAL_SECTION Section;
static RTL_SRWLOCK Lock;
static RTL_CONDITION_VARIABLE Started;
static volatile LONG Go, Protected, Shared, Once, FlsFreed;
static RTL_RUN_ONCE RunOnce;
static ULONG FlsIndex;

static DWORD WINAPI InitialiseOnce(PRTL_RUN_ONCE Self, PVOID Parameter, PVOID *Context)
{
    InterlockedIncrement(&Once);
    *Context = (PVOID)0x1000;
    return TRUE;
}

static NTSTATUS NTAPI Worker(PVOID Argument)
{
    PVOID Context = NULL;

    RtlFlsSetValue(FlsIndex, (PVOID)1);
    RtlEnterCriticalSection(&Section);
    while (!Go)
        RtlSleepConditionVariableCS(&Started, &Section, NULL);
    RtlLeaveCriticalSection(&Section);
    RtlRunOnceExecuteOnce(&RunOnce, InitialiseOnce, NULL, &Context);
    for (ULONG Round = 0; Round < ROUNDS; Round++) {
        RtlEnterCriticalSection(&Section);
        Protected = Protected + 1;
        RtlLeaveCriticalSection(&Section);
        if (Round % 3 != 0) {
            RtlAcquireSRWLockExclusive(&Lock);
            Shared = Shared + 1;
            RtlReleaseSRWLockExclusive(&Lock);
        } else {
            RtlAcquireSRWLockShared(&Lock);
            Context = (PVOID)(ULONG_PTR)Shared;
            RtlReleaseSRWLockShared(&Lock);
        }
    }
    return STATUS_SUCCESS;
}

static VOID NTAPI FreeFls(PVOID Value)
{
    InterlockedIncrement(&FlsFreed);
}

static VOID TestThreads(VOID)
{
    HANDLE Threads[THREADS];
    ULONG Expected = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlInitializeCriticalSection(&Section));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsAlloc(FreeFls, &FlsIndex));
    for (ULONG i = 0; i < THREADS; i++)
        if (!CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, Worker, NULL,
                                                              &Threads[i], NULL)))
            return;
    RtlEnterCriticalSection(&Section);
    Go = 1;
    RtlLeaveCriticalSection(&Section);
    RtlWakeAllConditionVariable(&Started);
    for (ULONG i = 0; i < THREADS; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Threads[i], FALSE, NULL));
        NtClose(Threads[i]);
    }
    for (ULONG Round = 0; Round < ROUNDS; Round++)
        Expected += Round % 3 != 0;
    CHECK(Protected == THREADS * ROUNDS);
    CHECK(Shared == (LONG)(THREADS * Expected));
    CHECK(Once == 1);
    CHECK(FlsFreed == THREADS);
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsFree(FlsIndex));
    CHECK(!RtlIsCriticalSectionLocked(&Section));
}

static VOID TestAlone(VOID)
{
    LARGE_INTEGER Timeout = { .QuadPart = -100000 };
    ULONG Value = 5, Same = 5, Other = 6;
    PVOID Context = NULL;

    CHECK(RtlTryEnterCriticalSection(&Section) && RtlTryEnterCriticalSection(&Section));
    CHECK(RtlIsCriticalSectionLockedByThread(&Section));
    RtlLeaveCriticalSection(&Section);
    RtlLeaveCriticalSection(&Section);
    CHECK(!RtlIsCriticalSectionLockedByThread(&Section));
    CHECK(RtlTryAcquireSRWLockShared(&Lock) && RtlTryAcquireSRWLockShared(&Lock));
    CHECK(!RtlTryAcquireSRWLockExclusive(&Lock));
    RtlReleaseSRWLockShared(&Lock);
    RtlReleaseSRWLockShared(&Lock);
    CHECK(RtlTryAcquireSRWLockExclusive(&Lock) && !RtlTryAcquireSRWLockShared(&Lock));
    RtlReleaseSRWLockExclusive(&Lock);
    CHECK_STATUS(STATUS_TIMEOUT, RtlWaitOnAddress(&Value, &Same, sizeof(Value), &Timeout));
    CHECK_STATUS(STATUS_SUCCESS, RtlWaitOnAddress(&Value, &Other, sizeof(Value), &Timeout));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlWaitOnAddress(&Value, &Same, 3, &Timeout));
    RtlEnterCriticalSection(&Section);
    CHECK_STATUS(STATUS_TIMEOUT, RtlSleepConditionVariableCS(&Started, &Section, &Timeout));
    RtlLeaveCriticalSection(&Section);
    CHECK_STATUS(STATUS_SUCCESS, RtlRunOnceBeginInitialize(&RunOnce, RTL_RUN_ONCE_CHECK_ONLY, &Context));
    CHECK(Context == (PVOID)0x1000);
    RtlRunOnceInitialize(&RunOnce);
    CHECK_STATUS(STATUS_UNSUCCESSFUL, RtlRunOnceBeginInitialize(&RunOnce, RTL_RUN_ONCE_CHECK_ONLY, &Context));
    CHECK_STATUS(STATUS_PENDING, RtlRunOnceBeginInitialize(&RunOnce, RTL_RUN_ONCE_ASYNC, &Context));
    CHECK_STATUS(STATUS_PENDING, RtlRunOnceBeginInitialize(&RunOnce, RTL_RUN_ONCE_ASYNC, &Context));
    CHECK_STATUS(STATUS_SUCCESS, RtlRunOnceComplete(&RunOnce, RTL_RUN_ONCE_ASYNC, (PVOID)0x20));
    CHECK_STATUS(STATUS_UNSUCCESSFUL, RtlRunOnceComplete(&RunOnce, RTL_RUN_ONCE_ASYNC, (PVOID)0x20));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteCriticalSection(&Section));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestThreads();
    TestAlone();
    return CheckClose();
}
