/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Locks between threads: critical sections, slim locks, condition variables, waiting on addresses, one-time
 * initialisation, fiber local storage.
 * Runs on: Nereid and Wine.
 *
 * A spin count on one processor is 0 (InitializeCriticalSectionAndSpinCount, Win32 documentation), so the counts themselves are
 * looked at only where there are more.
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

/* --- how critical sections are made ------------------------------------------------------------------------------- */

static VOID TestSpinCounts(VOID)
{
    BOOLEAN Spins = NtCurrentPeb()->NumberOfProcessors > 1;
    RTL_CRITICAL_SECTION Other;

    memset(&Other, 0xa5, sizeof(Other));
    CHECK_STATUS(STATUS_SUCCESS, RtlInitializeCriticalSectionAndSpinCount(&Other, 4000));
    CHECK(Other.LockCount == -1 && Other.RecursionCount == 0 && Other.OwningThread == NULL);
    CHECK((Other.SpinCount & 0xffffff) == (Spins ? 4000 : 0));
    CHECK((RtlSetCriticalSectionSpinCount(&Other, 100) & 0xffffff) == (Spins ? 4000 : 0));
    CHECK((RtlSetCriticalSectionSpinCount(&Other, 0) & 0xffffff) == (Spins ? 100 : 0));
    CHECK_STATUS(STATUS_SUCCESS, RtlEnterCriticalSection(&Other));
    CHECK(RtlIsCriticalSectionLockedByThread(&Other) && Other.RecursionCount == 1);
    RtlSetCriticalSectionSpinCount(&Other, 10);
    CHECK_STATUS(STATUS_SUCCESS, RtlLeaveCriticalSection(&Other));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteCriticalSection(&Other));
}

/* Flags: RTL_CRITICAL_SECTION_FLAG_NO_DEBUG_INFO leaves the section without a record. */
static VOID TestSectionFlags(VOID)
{
    RTL_CRITICAL_SECTION Other;

    CHECK_STATUS(STATUS_SUCCESS, RtlInitializeCriticalSectionEx(&Other, 0, RTL_CRITICAL_SECTION_FLAG_NO_DEBUG_INFO));
    CHECK(Other.DebugInfo == NULL || Other.DebugInfo == (PVOID)(LONG_PTR)-1);
    CHECK_STATUS(STATUS_SUCCESS, RtlEnterCriticalSection(&Other));
    CHECK_STATUS(STATUS_SUCCESS, RtlLeaveCriticalSection(&Other));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteCriticalSection(&Other));
    CHECK_STATUS(STATUS_SUCCESS, RtlInitializeCriticalSectionEx(&Other, 0, RTL_CRITICAL_SECTION_FLAG_FORCE_DEBUG_INFO));
    CHECK(Other.DebugInfo != NULL && Other.DebugInfo != (PVOID)(LONG_PTR)-1 && Other.DebugInfo->CriticalSection == &Other);
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteCriticalSection(&Other));
}

/* --- slim locks and condition variables: a bounded buffer --------------------------------------------------------- */

#define SIDES 4                         /* so many threads put, so many take */
#define ITEMS 400
#define ROOM 3

static RTL_SRWLOCK BufferLock;
static RTL_CONDITION_VARIABLE NotEmpty, NotFull;
static ULONG Buffer[ROOM], Filled, Taken[SIDES * ITEMS];

static NTSTATUS NTAPI Putter(PVOID Argument)
{
    for (ULONG Item = 0; Item < ITEMS; Item++) {
        RtlAcquireSRWLockExclusive(&BufferLock);
        while (Filled == ROOM)
            RtlSleepConditionVariableSRW(&NotFull, &BufferLock, NULL, 0);
        Buffer[Filled++] = (ULONG)(ULONG_PTR)Argument * ITEMS + Item;
        RtlReleaseSRWLockExclusive(&BufferLock);
        RtlWakeConditionVariable(&NotEmpty);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI Taker(PVOID Argument)
{
    for (ULONG Item = 0; Item < ITEMS; Item++) {
        RtlAcquireSRWLockExclusive(&BufferLock);
        while (Filled == 0)
            RtlSleepConditionVariableSRW(&NotEmpty, &BufferLock, NULL, 0);
        Taken[Buffer[--Filled]]++;
        RtlReleaseSRWLockExclusive(&BufferLock);
        RtlWakeConditionVariable(&NotFull);
    }
    return STATUS_SUCCESS;
}

/* Each item is taken once, and no thread sleeps for ever. */
static VOID TestBuffer(VOID)
{
    HANDLE Threads[2 * SIDES];
    ULONG Once = 0;

    memset(&BufferLock, 0xa5, sizeof(BufferLock));
    memset(&NotEmpty, 0xa5, sizeof(NotEmpty));
    RtlInitializeSRWLock(&BufferLock);
    RtlInitializeConditionVariable(&NotEmpty);
    RtlInitializeConditionVariable(&NotFull);
    CHECK(BufferLock.Ptr == NULL && NotEmpty.Ptr == NULL);
    for (ULONG i = 0; i < 2 * SIDES; i++)
        Threads[i] = CheckStartThread(i < SIDES ? Putter : Taker, (PVOID)(ULONG_PTR)i);
    for (ULONG i = 0; i < 2 * SIDES; i++)
        CheckJoinThread(Threads[i], NULL);
    for (ULONG i = 0; i < SIDES * ITEMS; i++)
        Once += Taken[i] == 1;
    CHECK(Once == SIDES * ITEMS && Filled == 0);
}

static volatile LONG Readers, Most;

/* Sleeps with the lock shared; all who were woken hold it together. */
static NTSTATUS NTAPI Reader(PVOID Argument)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    NTSTATUS Status;
    LONG Now;

    RtlAcquireSRWLockShared(&BufferLock);
    InterlockedIncrement(&Readers);
    Status = RtlSleepConditionVariableSRW(&NotEmpty, &BufferLock, NULL, RTL_CONDITION_VARIABLE_LOCKMODE_SHARED);
    Now = InterlockedIncrement(&Most);
    while (Status == STATUS_SUCCESS && Most < SIDES && Timeout.QuadPart < 0) {
        LARGE_INTEGER Wait = { .QuadPart = -10000 };

        NtDelayExecution(FALSE, &Wait);
        Timeout.QuadPart += 10000;
    }
    if (RtlTryAcquireSRWLockExclusive(&BufferLock))
        Status = STATUS_UNSUCCESSFUL;
    RtlReleaseSRWLockShared(&BufferLock);
    return Now <= SIDES ? Status : STATUS_UNSUCCESSFUL;
}

static VOID TestShared(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -100000 };
    HANDLE Threads[SIDES];

    for (ULONG i = 0; i < SIDES; i++)
        Threads[i] = CheckStartThread(Reader, NULL);
    while (Readers < SIDES)
        NtDelayExecution(FALSE, &Short);
    RtlAcquireSRWLockExclusive(&BufferLock);    /* they sleep now: each has given its share back */
    RtlReleaseSRWLockExclusive(&BufferLock);
    RtlWakeAllConditionVariable(&NotEmpty);
    for (ULONG i = 0; i < SIDES; i++)
        CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Threads[i], NULL));
    CHECK(Most == SIDES);
}

/* A wait that times out has its lock again; a wake-up that nobody waits for is not kept. */
static VOID TestTimeouts(VOID)
{
    LARGE_INTEGER Timeout = { .QuadPart = -100000 }, Past = { .QuadPart = 1 }, None = { .QuadPart = 0 };

    RtlWakeConditionVariable(&NotFull);
    RtlWakeAllConditionVariable(&NotFull);
    RtlAcquireSRWLockExclusive(&BufferLock);
    CHECK_STATUS(STATUS_TIMEOUT, RtlSleepConditionVariableSRW(&NotFull, &BufferLock, &Timeout, 0));
    CHECK(!RtlTryAcquireSRWLockShared(&BufferLock));
    CHECK_STATUS(STATUS_TIMEOUT, RtlSleepConditionVariableSRW(&NotFull, &BufferLock, &Past, 0));
    CHECK_STATUS(STATUS_TIMEOUT, RtlSleepConditionVariableSRW(&NotFull, &BufferLock, &None, 0));
    RtlReleaseSRWLockExclusive(&BufferLock);
    RtlAcquireSRWLockShared(&BufferLock);
    CHECK_STATUS(STATUS_TIMEOUT, RtlSleepConditionVariableSRW(&NotFull, &BufferLock, &Timeout,
                                                              RTL_CONDITION_VARIABLE_LOCKMODE_SHARED));
    CHECK(RtlTryAcquireSRWLockShared(&BufferLock) && !RtlTryAcquireSRWLockExclusive(&BufferLock));
    RtlReleaseSRWLockShared(&BufferLock);
    RtlReleaseSRWLockShared(&BufferLock);
    CHECK(BufferLock.Ptr == NULL);
}

/* --- addresses ---------------------------------------------------------------------------------------------------- */

static volatile ULONGLONG Word = 0x1111111111111111;
static volatile LONG Waiting, Returned;

/* Waits as WaitOnAddress says: in a loop, for it may return early. */
static NTSTATUS NTAPI AddressWaiter(PVOID Argument)
{
    SIZE_T Size = (SIZE_T)(ULONG_PTR)Argument;
    ULONGLONG Old = 0x1111111111111111;

    InterlockedIncrement(&Waiting);
    while (memcmp((const void *)&Word, &Old, Size) == 0)
        RtlWaitOnAddress(&Word, &Old, Size, NULL);
    InterlockedIncrement(&Returned);
    return STATUS_SUCCESS;
}

/* Waiters of every size at one address; a wake-up without a change lets none go. */
static VOID TestAddresses(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -200000 };
    HANDLE Threads[8];

    RtlWakeAddressSingle((const void *)&Word);
    RtlWakeAddressAll((const void *)&Word);
    for (ULONG i = 0; i < ARRAYSIZE(Threads); i++)
        Threads[i] = CheckStartThread(AddressWaiter, (PVOID)((ULONG_PTR)1 << i % 4));
    while (Waiting < (LONG)ARRAYSIZE(Threads))
        NtDelayExecution(FALSE, &Short);
    NtDelayExecution(FALSE, &Short);
    RtlWakeAddressAll((const void *)&Word);
    RtlWakeAddressSingle((const void *)&Word);
    NtDelayExecution(FALSE, &Short);
    CHECK(Returned == 0);
    Word = 0x2222222222222222;
    for (ULONG i = 0; i < ARRAYSIZE(Threads) / 2; i++)
        RtlWakeAddressSingle((const void *)&Word);
    RtlWakeAddressAll((const void *)&Word);
    for (ULONG i = 0; i < ARRAYSIZE(Threads); i++)
        CheckJoinThread(Threads[i], NULL);
    CHECK(Returned == (LONG)ARRAYSIZE(Threads));
}

static volatile LONG Turn;

/* Two threads hand one turn to and fro, each waking the other alone. */
static NTSTATUS NTAPI Player(PVOID Argument)
{
    LONG Mine = (LONG)(LONG_PTR)Argument;

    for (LONG Round = 0; Round < 500; Round++) {
        LONG Now;

        while ((Now = Turn) % 2 != Mine)
            RtlWaitOnAddress(&Turn, &Now, sizeof(Now), NULL);
        InterlockedIncrement(&Turn);
        RtlWakeAddressSingle((const void *)&Turn);
    }
    return STATUS_SUCCESS;
}

static VOID TestTurns(VOID)
{
    HANDLE First = CheckStartThread(Player, (PVOID)0), Second = CheckStartThread(Player, (PVOID)1);

    CheckJoinThread(First, NULL);
    CheckJoinThread(Second, NULL);
    CHECK(Turn == 1000);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestThreads();
    TestAlone();
    TestSpinCounts();
    TestSectionFlags();
    TestBuffer();
    TestShared();
    TestTimeouts();
    TestAddresses();
    TestTurns();
    return CheckClose();
}
