/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool waits.  A bucket is a thread that waits for up to 63 handles and for its own event, which says that the
 * set has changed.  A wait that ends is taken out of its bucket and posted, with WAIT_OBJECT_0, WAIT_ABANDONED_0 or
 * WAIT_TIMEOUT as its result.
 *
 * Disarming returns only when the bucket's thread no longer waits for the handle, so that the handle may be closed; what
 * it got until then is posted.
 */
#include "tp.h"

#define TPP_BUCKET_WAITS (MAXIMUM_WAIT_OBJECTS - 1)

typedef struct _TPP_BUCKET {
    LIST_ENTRY Links;
    HANDLE Changed;                     /* synchronization event */
    HANDLE ThreadId;
    ULONG Generation;                   /* counts the sets that the thread has taken up */
    ULONG Count;
    PTPP_OBJECT Waits[TPP_BUCKET_WAITS];
} TPP_BUCKET, *PTPP_BUCKET;

static RTL_SRWLOCK TppWaitLock;
static RTL_CONDITION_VARIABLE TppTakenUp;               /* a Generation has moved */
static LIST_ENTRY TppBuckets = { &TppBuckets, &TppBuckets };

/* With the lock.  The armed wait's reference is the caller's. */
static VOID TppLeaveBucket(PTPP_OBJECT Wait)
{
    PTPP_BUCKET Bucket = Wait->Bucket;

    for (ULONG i = 0; i < Bucket->Count; i++) {
        if (Bucket->Waits[i] != Wait)
            continue;
        memmove(&Bucket->Waits[i], &Bucket->Waits[i + 1], (Bucket->Count - i - 1) * sizeof(Bucket->Waits[0]));
        Bucket->Count--;
        break;
    }
    Wait->Armed = FALSE;
    Wait->Bucket = NULL;
}

/* The result is posted without memory for it only as lost: there is nobody to tell. */
static VOID TppPostWait(PTPP_OBJECT Wait, NTSTATUS Status)
{
    PTPP_RESULT Result = TppAllocateMemory(sizeof(*Result));

    if (Result == NULL)
        return;
    Result->Iosb.Status = Status;
    TppPost(Wait, Result);
}

static VOID TppEndWait(PTPP_OBJECT Wait, NTSTATUS Status)
{
    BOOLEAN Armed = Wait->Armed;

    TppPostWait(Wait, Status);
    if (Armed) {
        TppLeaveBucket(Wait);
        TppDereference(Wait);
    }
}

/* Ends the waits whose time is over; the time until the next one, or MAXLONGLONG. */
static LONG64 TppEndLateWaits(PTPP_BUCKET Bucket)
{
    LONG64 Now = TppNow(), First = MAXLONGLONG;
    ULONG i = 0;

    while (i < Bucket->Count) {
        PTPP_OBJECT Wait = Bucket->Waits[i];

        if (Wait->Due <= Now) {
            TppEndWait(Wait, STATUS_TIMEOUT);
            continue;
        }
        if (Wait->Due < First)
            First = Wait->Due;
        i++;
    }
    return First == MAXLONGLONG ? First : First - Now;
}

/* A handle that cannot be waited for makes the whole wait fail: it is dropped, without callback. */
static VOID TppDropBadHandles(PTPP_BUCKET Bucket)
{
    LARGE_INTEGER Now = { .QuadPart = 0 };
    ULONG i = 0;

    while (i < Bucket->Count) {
        PTPP_OBJECT Wait = Bucket->Waits[i];
        NTSTATUS Status = NtWaitForSingleObject(Wait->Handle, FALSE, &Now);

        if (NT_ERROR(Status)) {
            TppLeaveBucket(Wait);
            TppDereference(Wait);
        } else if (Status != STATUS_TIMEOUT) {
            TppEndWait(Wait, Status);
        } else {
            i++;
        }
    }
}

/* One wait of the bucket's thread, entered and left with the lock. */
static VOID TppWaitOnce(PTPP_BUCKET Bucket)
{
    HANDLE Handles[MAXIMUM_WAIT_OBJECTS];
    PTPP_OBJECT Waits[TPP_BUCKET_WAITS];
    LONG64 Left = TppEndLateWaits(Bucket);
    LARGE_INTEGER Timeout = { .QuadPart = -Left };
    ULONG Count = Bucket->Count;
    NTSTATUS Status;

    Handles[0] = Bucket->Changed;
    for (ULONG i = 0; i < Count; i++) {
        Waits[i] = Bucket->Waits[i];
        Handles[i + 1] = Waits[i]->Handle;
        TppReference(Waits[i]);
    }
    Bucket->Generation++;
    RtlWakeAllConditionVariable(&TppTakenUp);
    RtlReleaseSRWLockExclusive(&TppWaitLock);
    Status = NtWaitForMultipleObjects(Count + 1, Handles, WaitAny, FALSE, Left != MAXLONGLONG ? &Timeout : NULL);
    RtlAcquireSRWLockExclusive(&TppWaitLock);
    if (Status > STATUS_WAIT_0 && Status <= (NTSTATUS)(STATUS_WAIT_0 + Count))
        TppEndWait(Waits[Status - STATUS_WAIT_0 - 1], STATUS_WAIT_0);
    else if (Status > STATUS_ABANDONED_WAIT_0 && Status <= (NTSTATUS)(STATUS_ABANDONED_WAIT_0 + Count))
        TppEndWait(Waits[Status - STATUS_ABANDONED_WAIT_0 - 1], STATUS_ABANDONED_WAIT_0);
    else if (NT_ERROR(Status))
        TppDropBadHandles(Bucket);
    for (ULONG i = 0; i < Count; i++)
        TppDereference(Waits[i]);
}

static NTSTATUS NTAPI TppWaitLoop(PVOID Context)
{
    PTPP_BUCKET Bucket = Context;

    RtlAcquireSRWLockExclusive(&TppWaitLock);
    Bucket->ThreadId = NtCurrentTeb()->ClientId.UniqueThread;
    for (;;)
        TppWaitOnce(Bucket);
}

/* With the lock. */
static PTPP_BUCKET TppMakeBucket(VOID)
{
    PTPP_BUCKET Bucket = TppAllocateMemory(sizeof(*Bucket));

    if (Bucket == NULL)
        return NULL;
    if (!NT_SUCCESS(NtCreateEvent(&Bucket->Changed, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE))) {
        TppFreeMemory(Bucket);
        return NULL;
    }
    if (!NT_SUCCESS(TppStartThread(NULL, TppWaitLoop, Bucket))) {
        NtClose(Bucket->Changed);
        TppFreeMemory(Bucket);
        return NULL;
    }
    InsertTailList(&TppBuckets, &Bucket->Links);
    return Bucket;
}

static PTPP_BUCKET TppFindBucket(VOID)
{
    PLIST_ENTRY Entry;

    for (Entry = TppBuckets.Flink; Entry != &TppBuckets; Entry = Entry->Flink) {
        PTPP_BUCKET Bucket = CONTAINING_RECORD(Entry, TPP_BUCKET, Links);

        if (Bucket->Count < TPP_BUCKET_WAITS)
            return Bucket;
    }
    return TppMakeBucket();
}

static VOID TppArmWait(PTPP_OBJECT Wait, HANDLE Handle, LONG64 Due)
{
    PTPP_BUCKET Bucket;

    RtlAcquireSRWLockExclusive(&TppWaitLock);
    Bucket = TppFindBucket();
    if (Bucket != NULL && !Wait->Armed) {
        TppReference(Wait);
        Wait->Armed = TRUE;
        Wait->Handle = Handle;
        Wait->Due = Due;
        Wait->Bucket = Bucket;
        Bucket->Waits[Bucket->Count++] = Wait;
        NtSetEvent(Bucket->Changed, NULL);
    }
    RtlReleaseSRWLockExclusive(&TppWaitLock);
}

VOID TppDisarmWait(PTPP_OBJECT Wait)
{
    PTPP_BUCKET Bucket;
    ULONG Generation;

    RtlAcquireSRWLockExclusive(&TppWaitLock);
    if (!Wait->Armed) {
        RtlReleaseSRWLockExclusive(&TppWaitLock);
        return;
    }
    Bucket = Wait->Bucket;
    Generation = Bucket->Generation;
    TppLeaveBucket(Wait);
    NtSetEvent(Bucket->Changed, NULL);
    while (Bucket->Generation == Generation && Bucket->ThreadId != NtCurrentTeb()->ClientId.UniqueThread)
        RtlSleepConditionVariableSRW(&TppTakenUp, &TppWaitLock, NULL, 0);
    RtlReleaseSRWLockExclusive(&TppWaitLock);
    TppDereference(Wait);
}

NTSTATUS NTAPI TpAllocWait(PTP_WAIT *WaitReturn, PTP_WAIT_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    return TppAllocate(TppWait, Callback, Context, Environment, (PTPP_OBJECT *)WaitReturn);
}

VOID NTAPI TpSetWait(PTP_WAIT Wait, HANDLE Handle, PLARGE_INTEGER Timeout)
{
    TppDisarmWait((PTPP_OBJECT)Wait);
    if (Handle != NULL)
        TppArmWait((PTPP_OBJECT)Wait, Handle, TppDueTime(Timeout));
}

VOID NTAPI TpWaitForWait(PTP_WAIT Wait, BOOL CancelPendingCallbacks)
{
    TppWaitForCallbacks((PTPP_OBJECT)Wait, CancelPendingCallbacks);
}

VOID NTAPI TpReleaseWait(PTP_WAIT Wait)
{
    TppRelease((PTPP_OBJECT)Wait);
}
