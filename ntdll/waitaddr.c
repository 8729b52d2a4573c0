/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RtlWaitOnAddress and what is built on it: slim locks, condition variables, one-time initialisation.
 *
 * Waiters are records on their threads' stacks, in lists by hashed address, each list under a spin lock that is held
 * for a few instructions.  A waker takes a record out, marks it woken and alerts its thread by id
 * (NtAlertThreadByThreadId); the alert is remembered if the thread does not wait yet.  A record is only touched under
 * its list's lock, or after Woken is set by its own thread.  A waker that finds no record makes no kernel entry.
 */
#include "ntdllp.h"

#define WAIT_BUCKETS 128

typedef struct _RTLP_WAITER {
    LIST_ENTRY Links;
    const volatile void *Address;
    HANDLE ThreadId;
    volatile LONG Woken;
} RTLP_WAITER;

typedef struct _RTLP_WAIT_BUCKET {
    volatile LONG Lock;
    LIST_ENTRY Waiters;             /* Flink NULL: never used */
} RTLP_WAIT_BUCKET;

static RTLP_WAIT_BUCKET RtlpWaitBuckets[WAIT_BUCKETS];

static RTLP_WAIT_BUCKET *RtlpLockBucket(const volatile void *Address)
{
    RTLP_WAIT_BUCKET *Bucket = &RtlpWaitBuckets[((ULONG_PTR)Address >> 4 ^ (ULONG_PTR)Address >> 12) % WAIT_BUCKETS];

    for (ULONG Spins = 0; InterlockedExchange(&Bucket->Lock, 1) != 0; Spins++) {
        if (Spins % 64 == 63)
            NtYieldExecution();
        else
            __builtin_ia32_pause();
    }
    if (Bucket->Waiters.Flink == NULL)
        InitializeListHead(&Bucket->Waiters);
    return Bucket;
}

static VOID RtlpUnlockBucket(RTLP_WAIT_BUCKET *Bucket)
{
    __atomic_store_n(&Bucket->Lock, 0, __ATOMIC_RELEASE);
}

static BOOLEAN RtlpIsEqual(const volatile void *Address, const void *Compare, SIZE_T Size)
{
    switch (Size) {
    case 1:
        return *(const volatile UCHAR *)Address == *(const UCHAR *)Compare;
    case 2:
        return *(const volatile USHORT *)Address == *(const USHORT *)Compare;
    case 4:
        return *(const volatile ULONG *)Address == *(const ULONG *)Compare;
    default:
        return *(const volatile ULONGLONG *)Address == *(const ULONGLONG *)Compare;
    }
}

/* Sleeps until woken or timed out; the record is out of its list afterwards.  An alert that was not for this wait does not make
 * a relative timeout longer. */
static NTSTATUS RtlpSleep(RTLP_WAITER *Waiter, const LARGE_INTEGER *Timeout)
{
    BOOLEAN Relative = Timeout != NULL && Timeout->QuadPart < 0;
    NTSTATUS Status = STATUS_SUCCESS;
    LARGE_INTEGER Begin, Now, Left;

    if (Relative)
        RtlQueryPerformanceCounter(&Begin);
    while (!Waiter->Woken && Status != STATUS_TIMEOUT) {
        Status = NtWaitForAlertByThreadId((const void *)Waiter->Address, Timeout);
        if (!NT_SUCCESS(Status) && Status != STATUS_TIMEOUT)
            NtYieldExecution();
        if (Relative && !Waiter->Woken) {
            RtlQueryPerformanceCounter(&Now);
            Left.QuadPart = min(Timeout->QuadPart + (Now.QuadPart - Begin.QuadPart), 0);
            Begin = Now;
            Timeout = &Left;
        }
    }
    if (!Waiter->Woken) {
        RTLP_WAIT_BUCKET *Bucket = RtlpLockBucket(Waiter->Address);

        if (!Waiter->Woken)
            RemoveEntryList(&Waiter->Links);
        else
            Status = STATUS_SUCCESS;
        RtlpUnlockBucket(Bucket);
    }
    return Waiter->Woken ? STATUS_SUCCESS : Status;
}

/* Waits while the value at Address (1, 2, 4 or 8 bytes) equals the one at CompareAddress.  May return early:
 * callers look again.  Timeout as NtDelayExecution's; NULL: for ever.  STATUS_TIMEOUT. */
NTSTATUS NTAPI RtlWaitOnAddress(const volatile void *Address, const void *CompareAddress, SIZE_T AddressSize,
        const LARGE_INTEGER *Timeout)
{
    RTLP_WAITER Waiter = { .Address = Address, .ThreadId = NtCurrentTebEx()->ClientId.UniqueThread };
    RTLP_WAIT_BUCKET *Bucket;

    if (AddressSize != 1 && AddressSize != 2 && AddressSize != 4 && AddressSize != 8)
        return STATUS_INVALID_PARAMETER;
    Bucket = RtlpLockBucket(Address);
    if (!RtlpIsEqual(Address, CompareAddress, AddressSize)) {
        RtlpUnlockBucket(Bucket);
        return STATUS_SUCCESS;
    }
    InsertTailList(&Bucket->Waiters, &Waiter.Links);
    RtlpUnlockBucket(Bucket);
    return RtlpSleep(&Waiter, Timeout);
}

/* Takes the first waiter on Address out and marks it; its thread's id, or NULL.  *Left: how many more there are. */
static HANDLE RtlpTakeWaiter(const void *Address, PULONG Left)
{
    RTLP_WAIT_BUCKET *Bucket = RtlpLockBucket(Address);
    HANDLE ThreadId = NULL;

    for (PLIST_ENTRY Link = Bucket->Waiters.Flink, Next; Link != &Bucket->Waiters; Link = Next) {
        RTLP_WAITER *Waiter = CONTAINING_RECORD(Link, RTLP_WAITER, Links);

        Next = Link->Flink;
        if (Waiter->Address != Address)
            continue;
        if (ThreadId != NULL) {
            ++*Left;
            continue;
        }
        RemoveEntryList(Link);
        ThreadId = Waiter->ThreadId;
        __atomic_store_n(&Waiter->Woken, 1, __ATOMIC_RELEASE);
        if (Left == NULL)
            break;
    }
    RtlpUnlockBucket(Bucket);
    return ThreadId;
}

VOID NTAPI RtlWakeAddressSingle(const void *Address)
{
    HANDLE ThreadId = RtlpTakeWaiter(Address, NULL);

    if (ThreadId != NULL)
        NtAlertThreadByThreadId(ThreadId);
}

/* Those that wait at the time of the call, and no others: who looks, and waits again, stands behind them. */
VOID NTAPI RtlWakeAddressAll(const void *Address)
{
    ULONG Left = 0;
    HANDLE ThreadId = RtlpTakeWaiter(Address, &Left);

    if (ThreadId == NULL)
        return;
    NtAlertThreadByThreadId(ThreadId);
    for (; Left != 0 && (ThreadId = RtlpTakeWaiter(Address, NULL)) != NULL; Left--)
        NtAlertThreadByThreadId(ThreadId);
}

/* All other threads are gone, in whatever they were doing: forgets their records and locks. */
VOID RtlpAbandonWaiters(VOID)
{
    memset(RtlpWaitBuckets, 0, sizeof(RtlpWaitBuckets));
}

/* --- condition variables: a number that each wake-up changes ----------------------------------------------------- */

VOID NTAPI RtlInitializeConditionVariable(PRTL_CONDITION_VARIABLE ConditionVariable)
{
    ConditionVariable->Ptr = NULL;
}

VOID NTAPI RtlWakeConditionVariable(PRTL_CONDITION_VARIABLE ConditionVariable)
{
    InterlockedIncrement((volatile LONG *)&ConditionVariable->Ptr);
    RtlWakeAddressSingle(ConditionVariable);
}

VOID NTAPI RtlWakeAllConditionVariable(PRTL_CONDITION_VARIABLE ConditionVariable)
{
    InterlockedIncrement((volatile LONG *)&ConditionVariable->Ptr);
    RtlWakeAddressAll(ConditionVariable);
}

NTSTATUS NTAPI RtlSleepConditionVariableCS(PRTL_CONDITION_VARIABLE ConditionVariable,
        PRTL_CRITICAL_SECTION CriticalSection, const LARGE_INTEGER *Timeout)
{
    LONG Seen = *(volatile LONG *)&ConditionVariable->Ptr;
    NTSTATUS Status;

    RtlLeaveCriticalSection(CriticalSection);
    Status = RtlWaitOnAddress(ConditionVariable, &Seen, sizeof(Seen), Timeout);
    RtlEnterCriticalSection(CriticalSection);
    return Status;
}

NTSTATUS NTAPI RtlSleepConditionVariableSRW(PRTL_CONDITION_VARIABLE ConditionVariable, PRTL_SRWLOCK SRWLock,
        const LARGE_INTEGER *Timeout, ULONG Flags)
{
    LONG Seen = *(volatile LONG *)&ConditionVariable->Ptr;
    BOOLEAN Shared = (Flags & RTL_CONDITION_VARIABLE_LOCKMODE_SHARED) != 0;
    NTSTATUS Status;

    if (Shared)
        RtlReleaseSRWLockShared(SRWLock);
    else
        RtlReleaseSRWLockExclusive(SRWLock);
    Status = RtlWaitOnAddress(ConditionVariable, &Seen, sizeof(Seen), Timeout);
    if (Shared)
        RtlAcquireSRWLockShared(SRWLock);
    else
        RtlAcquireSRWLockExclusive(SRWLock);
    return Status;
}

/* --- one-time initialisation ------------------------------------------------------------------------------------- */

enum { ONCE_NEW = 0, ONCE_BUSY = 1, ONCE_DONE = 2, ONCE_ASYNC = 3, ONCE_STATES = 3 };

VOID NTAPI RtlRunOnceInitialize(PRTL_RUN_ONCE RunOnce)
{
    RunOnce->Ptr = NULL;
}

/* STATUS_SUCCESS: done, *Context is set; STATUS_PENDING: the caller initialises and then calls RtlRunOnceComplete. */
NTSTATUS NTAPI RtlRunOnceBeginInitialize(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID *Context)
{
    ULONG Claim = Flags & RTL_RUN_ONCE_ASYNC ? ONCE_ASYNC : ONCE_BUSY;

    if (Flags & ~3u || (Flags & (RTL_RUN_ONCE_CHECK_ONLY | RTL_RUN_ONCE_ASYNC)) ==
                               (RTL_RUN_ONCE_CHECK_ONLY | RTL_RUN_ONCE_ASYNC))
        return STATUS_INVALID_PARAMETER;
    for (;;) {
        PVOID Value = __atomic_load_n(&RunOnce->Ptr, __ATOMIC_ACQUIRE);

        switch ((ULONG_PTR)Value & ONCE_STATES) {
        case ONCE_DONE:
            if (Context != NULL)
                *Context = (PVOID)((ULONG_PTR)Value & ~(ULONG_PTR)ONCE_STATES);
            return STATUS_SUCCESS;
        case ONCE_NEW:
            if (Flags & RTL_RUN_ONCE_CHECK_ONLY)
                return STATUS_UNSUCCESSFUL;
            if (InterlockedCompareExchangePointer(&RunOnce->Ptr, (PVOID)(ULONG_PTR)Claim, Value) == Value)
                return STATUS_PENDING;
            break;
        case ONCE_BUSY:
            if (Flags & RTL_RUN_ONCE_CHECK_ONLY)
                return STATUS_UNSUCCESSFUL;
            if (Flags & RTL_RUN_ONCE_ASYNC)
                return STATUS_INVALID_PARAMETER;
            RtlWaitOnAddress(&RunOnce->Ptr, &Value, sizeof(Value), NULL);
            break;
        default:
            if (Flags & RTL_RUN_ONCE_CHECK_ONLY)
                return STATUS_UNSUCCESSFUL;
            return Flags & RTL_RUN_ONCE_ASYNC ? STATUS_PENDING : STATUS_INVALID_PARAMETER;
        }
    }
}

NTSTATUS NTAPI RtlRunOnceComplete(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID Context)
{
    BOOLEAN Failed = (Flags & RTL_RUN_ONCE_INIT_FAILED) != 0;
    PVOID New = Failed ? NULL : (PVOID)((ULONG_PTR)Context | ONCE_DONE), Value;

    if (Flags & ~6u || (ULONG_PTR)Context & ONCE_STATES || (Failed && (Context != NULL || Flags & RTL_RUN_ONCE_ASYNC)))
        return STATUS_INVALID_PARAMETER;
    Value = __atomic_load_n(&RunOnce->Ptr, __ATOMIC_ACQUIRE);
    if (((ULONG_PTR)Value & ONCE_STATES) == ONCE_BUSY) {
        if (Flags & RTL_RUN_ONCE_ASYNC)
            return STATUS_INVALID_PARAMETER;
        InterlockedExchangePointer(&RunOnce->Ptr, New);
        RtlWakeAddressAll(&RunOnce->Ptr);
        return STATUS_SUCCESS;
    }
    if (((ULONG_PTR)Value & ONCE_STATES) == ONCE_ASYNC) {
        if (!(Flags & RTL_RUN_ONCE_ASYNC))
            return STATUS_INVALID_PARAMETER;
        return InterlockedCompareExchangePointer(&RunOnce->Ptr, New, Value) == Value ? STATUS_SUCCESS
                : STATUS_OBJECT_NAME_COLLISION;
    }
    return STATUS_UNSUCCESSFUL;
}

NTSTATUS NTAPI RtlRunOnceExecuteOnce(PRTL_RUN_ONCE RunOnce, PRTL_RUN_ONCE_INIT_FN InitFn, PVOID Parameter,
        PVOID *Context)
{
    PVOID Result = NULL;
    NTSTATUS Status = RtlRunOnceBeginInitialize(RunOnce, 0, Context);

    if (Status != STATUS_PENDING)
        return Status;
    if (!InitFn(RunOnce, Parameter, Context != NULL ? Context : &Result)) {
        RtlRunOnceComplete(RunOnce, RTL_RUN_ONCE_INIT_FAILED, NULL);
        return STATUS_UNSUCCESSFUL;
    }
    return RtlRunOnceComplete(RunOnce, 0, Context != NULL ? *Context : Result);
}
