/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Slim reader/writer locks.
 *
 *   RTL_SRWLOCK.Ptr:   | 63..48 readers waiting | 47..32 writers waiting | 31..0 holders: readers, or OWNED |
 *
 * Holders is what waiters sleep on (waitaddr.c).  Readers do not enter past a waiting writer.  A release that leaves
 * the lock free wakes one writer if one waits, else all readers.  Without contention: one atomic instruction.
 */
#include "ntdllp.h"

#define OWNED 0xffffffffull
#define HOLDERS 0xffffffffull
#define ONE_WRITER (1ull << 32)
#define WRITERS (0xffffull << 32)
#define ONE_READER_WAITING (1ull << 48)
#define READERS_WAITING (0xffffull << 48)

static volatile LONG64 *RtlpWord(PRTL_SRWLOCK Lock)
{
    return (volatile LONG64 *)&Lock->Ptr;
}

static BOOLEAN RtlpReplace(PRTL_SRWLOCK Lock, ULONGLONG Old, ULONGLONG New)
{
    return InterlockedCompareExchange64(RtlpWord(Lock), (LONG64)New, (LONG64)Old) == (LONG64)Old;
}

VOID NTAPI RtlInitializeSRWLock(PRTL_SRWLOCK SRWLock)
{
    SRWLock->Ptr = NULL;
}

BOOLEAN NTAPI RtlTryAcquireSRWLockExclusive(PRTL_SRWLOCK SRWLock)
{
    ULONGLONG Old = (ULONGLONG)*RtlpWord(SRWLock);

    return (Old & HOLDERS) == 0 && RtlpReplace(SRWLock, Old, Old | OWNED);
}

VOID NTAPI RtlAcquireSRWLockExclusive(PRTL_SRWLOCK SRWLock)
{
    ULONGLONG Waiting = 0;

    for (;;) {
        ULONGLONG Old = (ULONGLONG)*RtlpWord(SRWLock);
        ULONG Holders = (ULONG)(Old & HOLDERS);

        if (Holders == 0) {
            if (RtlpReplace(SRWLock, Old, (Old - Waiting) | OWNED))
                return;
        } else if (Waiting == 0) {
            if (RtlpReplace(SRWLock, Old, Old + ONE_WRITER))
                Waiting = ONE_WRITER;
        } else {
            LdrpBeforeLockWait();
            RtlWaitOnAddress(&SRWLock->Ptr, &Holders, sizeof(Holders), NULL);
        }
    }
}

BOOLEAN NTAPI RtlTryAcquireSRWLockShared(PRTL_SRWLOCK SRWLock)
{
    for (;;) {
        ULONGLONG Old = (ULONGLONG)*RtlpWord(SRWLock);

        if ((Old & HOLDERS) == OWNED || (Old & WRITERS) != 0)
            return FALSE;
        if (RtlpReplace(SRWLock, Old, Old + 1))
            return TRUE;
    }
}

VOID NTAPI RtlAcquireSRWLockShared(PRTL_SRWLOCK SRWLock)
{
    ULONGLONG Waiting = 0;

    for (;;) {
        ULONGLONG Old = (ULONGLONG)*RtlpWord(SRWLock);
        ULONG Holders = (ULONG)(Old & HOLDERS);
        BOOLEAN Barred = Holders == OWNED || ((Old & WRITERS) != 0 && Holders != 0);

        if (!Barred) {
            if (RtlpReplace(SRWLock, Old, Old - Waiting + 1))
                return;
        } else if (Waiting == 0) {
            if (RtlpReplace(SRWLock, Old, Old + ONE_READER_WAITING))
                Waiting = ONE_READER_WAITING;
        } else {
            LdrpBeforeLockWait();
            RtlWaitOnAddress(&SRWLock->Ptr, &Holders, sizeof(Holders), NULL);
        }
    }
}

/* The lock became free with waiters: both kinds sleep on the same word and look again. */
static VOID RtlpWakeWaiters(PRTL_SRWLOCK SRWLock, ULONGLONG Left)
{
    if (Left & READERS_WAITING)
        RtlWakeAddressAll(&SRWLock->Ptr);
    else if (Left & WRITERS)
        RtlWakeAddressSingle(&SRWLock->Ptr);
}

VOID NTAPI RtlReleaseSRWLockExclusive(PRTL_SRWLOCK SRWLock)
{
    ULONGLONG Left = (ULONGLONG)InterlockedAnd64(RtlpWord(SRWLock), (LONG64)~HOLDERS) & ~HOLDERS;

    if (Left != 0)
        RtlpWakeWaiters(SRWLock, Left);
}

VOID NTAPI RtlReleaseSRWLockShared(PRTL_SRWLOCK SRWLock)
{
    ULONGLONG Left = (ULONGLONG)InterlockedDecrement64(RtlpWord(SRWLock));

    if (Left == 0)
        return;
    if ((Left & HOLDERS) == 0)
        RtlpWakeWaiters(SRWLock, Left);
    else if (Left & READERS_WAITING)
        RtlWakeAddressAll(&SRWLock->Ptr);
}
