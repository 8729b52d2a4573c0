/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Critical sections.
 *
 * LockCount counts owner and waiters minus one (-1: free).  LockSemaphore is used as a number, not as a handle: one
 * wake-up that a leaving owner has passed on; a waiter takes it, or sleeps on its address (waitaddr.c).  So a
 * critical section costs no kernel object, and entering or leaving one without contention no kernel entry.
 *
 * DebugInfo points to a record that nothing here reads, and programs write names into; -1 if the section was made
 * without one.  Static sections come with a record of their own, or none: only records made here are freed.
 */
#include "ntdllp.h"

static HANDLE RtlpThreadId(void)
{
    return NtCurrentTebEx()->ClientId.UniqueThread;
}

#define RTLP_NO_DEBUG_RECORD ((PRTL_CRITICAL_SECTION_DEBUG)(LONG_PTR)-1)
#define RTLP_DEBUG_RECORD_SIZE 0x38             /* of the longest layout that programs know */
#define RTLP_DEBUG_RECORD_MARK 0x6572           /* CreatorBackTraceIndex of a record that was made here */

static PRTL_CRITICAL_SECTION_DEBUG RtlpMakeDebugRecord(PRTL_CRITICAL_SECTION CriticalSection)
{
    PRTL_CRITICAL_SECTION_DEBUG Record;

    if (RtlProcessHeap() == NULL)
        return RTLP_NO_DEBUG_RECORD;
    Record = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, RTLP_DEBUG_RECORD_SIZE);
    if (Record == NULL)
        return RTLP_NO_DEBUG_RECORD;
    InitializeListHead(&Record->ProcessLocksList);
    Record->CreatorBackTraceIndex = RTLP_DEBUG_RECORD_MARK;
    Record->CriticalSection = CriticalSection;
    return Record;
}

static VOID RtlpFreeDebugRecord(PRTL_CRITICAL_SECTION CriticalSection)
{
    PRTL_CRITICAL_SECTION_DEBUG Record = CriticalSection->DebugInfo;

    if (Record != NULL && Record != RTLP_NO_DEBUG_RECORD &&
        Record->CreatorBackTraceIndex == RTLP_DEBUG_RECORD_MARK && Record->CriticalSection == CriticalSection)
        RtlFreeHeap(RtlProcessHeap(), 0, Record);
    CriticalSection->DebugInfo = NULL;
}

NTSTATUS NTAPI RtlInitializeCriticalSectionEx(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount, ULONG Flags)
{
    CriticalSection->DebugInfo = Flags & RTL_CRITICAL_SECTION_FLAG_NO_DEBUG_INFO ? RTLP_NO_DEBUG_RECORD
            : RtlpMakeDebugRecord(CriticalSection);
    CriticalSection->LockCount = -1;
    CriticalSection->RecursionCount = 0;
    CriticalSection->OwningThread = NULL;
    CriticalSection->LockSemaphore = NULL;
    CriticalSection->SpinCount = NtCurrentPeb()->NumberOfProcessors > 1 ? SpinCount & 0x00ffffff : 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlInitializeCriticalSectionAndSpinCount(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount)
{
    return RtlInitializeCriticalSectionEx(CriticalSection, SpinCount, 0);
}

NTSTATUS NTAPI RtlInitializeCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    return RtlInitializeCriticalSectionEx(CriticalSection, 0, 0);
}

ULONG NTAPI RtlSetCriticalSectionSpinCount(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount)
{
    ULONG Old = (ULONG)CriticalSection->SpinCount;

    CriticalSection->SpinCount = NtCurrentPeb()->NumberOfProcessors > 1 ? SpinCount & 0x00ffffff : 0;
    return Old;
}

NTSTATUS NTAPI RtlDeleteCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    RtlpFreeDebugRecord(CriticalSection);
    CriticalSection->LockCount = -1;
    CriticalSection->RecursionCount = 0;
    CriticalSection->OwningThread = NULL;
    CriticalSection->LockSemaphore = NULL;
    return STATUS_SUCCESS;
}

static VOID RtlpWaitForCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    volatile LONG *Passed = (volatile LONG *)&CriticalSection->LockSemaphore;
    LONG None = 0;

    while (InterlockedCompareExchange(Passed, 0, 1) != 1) {
        LdrpBeforeLockWait();
        RtlWaitOnAddress(Passed, &None, sizeof(None), NULL);
    }
}

/* Takes a section that nobody holds; FALSE: somebody does, perhaps the caller. */
static inline BOOLEAN RtlpTakeFreeSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    if (InterlockedCompareExchange(&CriticalSection->LockCount, 0, -1) != -1)
        return FALSE;
    CriticalSection->OwningThread = RtlpThreadId();
    CriticalSection->RecursionCount = 1;
    return TRUE;
}

static __attribute__((noinline)) NTSTATUS RtlpEnterHeldSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    HANDLE Self = RtlpThreadId();

    if (CriticalSection->OwningThread == Self) {
        InterlockedIncrement(&CriticalSection->LockCount);
        CriticalSection->RecursionCount++;
        return STATUS_SUCCESS;
    }
    for (ULONG_PTR Spins = CriticalSection->SpinCount; Spins > 0 && CriticalSection->LockCount >= 0; Spins--)
        __builtin_ia32_pause();
    if (InterlockedIncrement(&CriticalSection->LockCount) != 0)
        RtlpWaitForCriticalSection(CriticalSection);
    CriticalSection->OwningThread = Self;
    CriticalSection->RecursionCount = 1;
    return STATUS_SUCCESS;
}

/* Like RtlLeaveCriticalSection, its call is its last act, so that the fast path saves no registers. */
NTSTATUS NTAPI RtlEnterCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    return RtlpTakeFreeSection(CriticalSection) ? STATUS_SUCCESS : RtlpEnterHeldSection(CriticalSection);
}

BOOLEAN NTAPI RtlTryEnterCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    if (RtlpTakeFreeSection(CriticalSection))
        return TRUE;
    if (CriticalSection->OwningThread != RtlpThreadId())
        return FALSE;
    InterlockedIncrement(&CriticalSection->LockCount);
    CriticalSection->RecursionCount++;
    return TRUE;
}

static __attribute__((noinline)) NTSTATUS RtlpPassOnSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    InterlockedExchange((volatile LONG *)&CriticalSection->LockSemaphore, 1);
    RtlWakeAddressSingle(&CriticalSection->LockSemaphore);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlLeaveCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    if (--CriticalSection->RecursionCount > 0) {
        InterlockedDecrement(&CriticalSection->LockCount);
        return STATUS_SUCCESS;
    }
    CriticalSection->OwningThread = NULL;
    return InterlockedDecrement(&CriticalSection->LockCount) >= 0 ? RtlpPassOnSection(CriticalSection) : STATUS_SUCCESS;
}

BOOL NTAPI RtlIsCriticalSectionLocked(PRTL_CRITICAL_SECTION CriticalSection)
{
    return CriticalSection->RecursionCount != 0;
}

BOOL NTAPI RtlIsCriticalSectionLockedByThread(PRTL_CRITICAL_SECTION CriticalSection)
{
    return CriticalSection->OwningThread == RtlpThreadId() && CriticalSection->RecursionCount != 0;
}
