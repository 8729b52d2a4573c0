/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Critical sections.
 *
 * LockCount counts owner and waiters minus one (-1: free).  LockSemaphore is used as a number, not as a handle: one
 * wake-up that a leaving owner has passed on; a waiter takes it, or sleeps on its address (waitaddr.c).  So a
 * critical section costs no kernel object, and entering or leaving one without contention no kernel entry.
 */
#include "ntdllp.h"

static HANDLE RtlpThreadId(void)
{
    return NtCurrentTebEx()->ClientId.UniqueThread;
}

NTSTATUS NTAPI RtlInitializeCriticalSectionEx(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount, ULONG Flags)
{
    CriticalSection->DebugInfo = (PRTL_CRITICAL_SECTION_DEBUG)(LONG_PTR)-1;
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
    CriticalSection->DebugInfo = NULL;
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

    while (InterlockedCompareExchange(Passed, 0, 1) != 1)
        RtlWaitOnAddress(Passed, &None, sizeof(None), NULL);
}

NTSTATUS NTAPI RtlEnterCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
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

BOOLEAN NTAPI RtlTryEnterCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    HANDLE Self = RtlpThreadId();

    if (InterlockedCompareExchange(&CriticalSection->LockCount, 0, -1) == -1) {
        CriticalSection->OwningThread = Self;
        CriticalSection->RecursionCount = 1;
        return TRUE;
    }
    if (CriticalSection->OwningThread != Self)
        return FALSE;
    InterlockedIncrement(&CriticalSection->LockCount);
    CriticalSection->RecursionCount++;
    return TRUE;
}

NTSTATUS NTAPI RtlLeaveCriticalSection(PRTL_CRITICAL_SECTION CriticalSection)
{
    if (--CriticalSection->RecursionCount > 0) {
        InterlockedDecrement(&CriticalSection->LockCount);
        return STATUS_SUCCESS;
    }
    CriticalSection->OwningThread = NULL;
    if (InterlockedDecrement(&CriticalSection->LockCount) >= 0) {
        InterlockedExchange((volatile LONG *)&CriticalSection->LockSemaphore, 1);
        RtlWakeAddressSingle(&CriticalSection->LockSemaphore);
    }
    return STATUS_SUCCESS;
}

BOOL NTAPI RtlIsCriticalSectionLocked(PRTL_CRITICAL_SECTION CriticalSection)
{
    return CriticalSection->RecursionCount != 0;
}

BOOL NTAPI RtlIsCriticalSectionLockedByThread(PRTL_CRITICAL_SECTION CriticalSection)
{
    return CriticalSection->OwningThread == RtlpThreadId() && CriticalSection->RecursionCount != 0;
}
