/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Time without a kernel entry: from KUSER_SHARED_DATA and the time stamp counter.
 *
 * A KSYSTEM_TIME is read until both high parts agree.  The performance counter runs at 10 MHz; as ntos publishes in
 * the shared page, it is (TSC - QpcBias) * QpcSystemTimeIncrement >> 32 (a fixed point factor of 32 fraction bits).
 * Without a factor there it is the interrupt time.
 */
#include "ntdllp.h"

static LONGLONG RtlpReadTime(const volatile KSYSTEM_TIME *Time)
{
    LONG High;
    ULONG Low;

    do {
        High = Time->High1Time;
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
        Low = Time->LowPart;
        __atomic_signal_fence(__ATOMIC_SEQ_CST);
    } while (High != Time->High2Time);
    return (LONGLONG)((ULONGLONG)(ULONG)High << 32 | Low);
}

NTSTATUS NTAPI NtQuerySystemTime(PLARGE_INTEGER SystemTime)
{
    if (SystemTime == NULL)
        return STATUS_ACCESS_VIOLATION;
    SystemTime->QuadPart = RtlpReadTime(&USER_SHARED_DATA->SystemTime);
    return STATUS_SUCCESS;
}

LONGLONG NTAPI RtlGetSystemTimePrecise(VOID)
{
    return RtlpReadTime(&USER_SHARED_DATA->SystemTime);
}

ULONG NTAPI NtGetTickCount(VOID)
{
    return (ULONG)((USER_SHARED_DATA->TickCountQuad * USER_SHARED_DATA->TickCountMultiplier) >> 24);
}

BOOL NTAPI RtlQueryUnbiasedInterruptTime(PULONGLONG Time)
{
    if (Time == NULL)
        return FALSE;
    *Time = (ULONGLONG)RtlpReadTime(&USER_SHARED_DATA->InterruptTime) - USER_SHARED_DATA->InterruptTimeBias;
    return TRUE;
}

/* 100 ns units: the scaled time stamp counter where ntos has published a scale, else the interrupt time. */
static ULONGLONG RtlpPerformanceCounter(VOID)
{
    ULONGLONG Scale = USER_SHARED_DATA->QpcSystemTimeIncrement;
    ULONG Low, High;

    if (Scale == 0)
        return (ULONGLONG)RtlpReadTime(&USER_SHARED_DATA->InterruptTime);
    __asm__ volatile("rdtsc" : "=a"(Low), "=d"(High));
    return (ULONGLONG)((unsigned __int128)(((ULONGLONG)High << 32 | Low) - USER_SHARED_DATA->QpcBias) * Scale >> 32);
}

BOOL NTAPI RtlQueryPerformanceCounter(PLARGE_INTEGER Counter)
{
    Counter->QuadPart = (LONGLONG)RtlpPerformanceCounter();
    return TRUE;
}

BOOL NTAPI RtlQueryPerformanceFrequency(PLARGE_INTEGER Frequency)
{
    Frequency->QuadPart = USER_SHARED_DATA->QpcFrequency;
    return TRUE;
}

NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER Counter, PLARGE_INTEGER Frequency)
{
    if (Counter == NULL)
        return STATUS_ACCESS_VIOLATION;
    Counter->QuadPart = (LONGLONG)RtlpPerformanceCounter();
    if (Frequency != NULL)
        Frequency->QuadPart = USER_SHARED_DATA->QpcFrequency;
    return STATUS_SUCCESS;
}
