/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Time without a kernel entry: from KUSER_SHARED_DATA and the time stamp counter; the time zone.
 *
 * A KSYSTEM_TIME is read until both high parts agree.  The performance counter runs at 10 MHz; as ntos publishes in
 * the shared page, it is (TSC - QpcBias) * QpcSystemTimeIncrement >> 32 (a fixed point factor of 32 fraction bits).
 * Without a factor there it is the interrupt time.
 */
#include "ntdllp.h"

#define SYSTEM_CURRENT_TIME_ZONE ((SYSTEM_INFORMATION_CLASS)44)
#define SYSTEM_DYNAMIC_TIME_ZONE ((SYSTEM_INFORMATION_CLASS)102)

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
    const volatile ULONGLONG *Scale = &USER_SHARED_DATA->QpcSystemTimeIncrement;
    ULONGLONG Factor, Bias;
    ULONG Low, High;

    do {                        /* ntos may learn the rate better in the middle */
        Factor = *Scale;
        Bias = USER_SHARED_DATA->QpcBias;
        __asm__ volatile("rdtsc" : "=a"(Low), "=d"(High) : : "memory");
    } while (Factor != *Scale);
    if (Factor == 0)
        return (ULONGLONG)RtlpReadTime(&USER_SHARED_DATA->InterruptTime);
    return (ULONGLONG)((unsigned __int128)(((ULONGLONG)High << 32 | Low) - Bias) * Factor >> 32);
}

/* The counter runs as the interrupt time does; the two times of the page are of one moment if none of them changed.
 * Source: GetSystemTimePreciseAsFileTime (Win32 documentation). */
LONGLONG NTAPI RtlGetSystemTimePrecise(VOID)
{
    LONGLONG System, Interrupt;

    do {
        Interrupt = RtlpReadTime(&USER_SHARED_DATA->InterruptTime);
        System = RtlpReadTime(&USER_SHARED_DATA->SystemTime);
    } while (Interrupt != RtlpReadTime(&USER_SHARED_DATA->InterruptTime));
    return System + max((LONGLONG)RtlpPerformanceCounter() - Interrupt, 0);
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

/* --- local time: UTC minus the bias that holds now ---------------------------------------------------------------- */

NTSTATUS NTAPI RtlSystemTimeToLocalTime(const LARGE_INTEGER *SystemTime, PLARGE_INTEGER LocalTime)
{
    LocalTime->QuadPart = SystemTime->QuadPart - RtlpReadTime(&USER_SHARED_DATA->TimeZoneBias);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime)
{
    SystemTime->QuadPart = LocalTime->QuadPart + RtlpReadTime(&USER_SHARED_DATA->TimeZoneBias);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlQueryTimeZoneInformation(PRTL_TIME_ZONE_INFORMATION Information)
{
    return NtQuerySystemInformation(SYSTEM_CURRENT_TIME_ZONE, Information, sizeof(*Information), NULL);
}

NTSTATUS NTAPI RtlQueryDynamicTimeZoneInformation(PRTL_DYNAMIC_TIME_ZONE_INFORMATION Information)
{
    return NtQuerySystemInformation(SYSTEM_DYNAMIC_TIME_ZONE, Information, sizeof(*Information), NULL);
}

/* Needs SE_TIME_ZONE_PRIVILEGE.  STATUS_INVALID_PARAMETER: a date that no year has, one date only, or a bias above a day. */
NTSTATUS NTAPI RtlSetTimeZoneInformation(const RTL_TIME_ZONE_INFORMATION *Information)
{
    return NtSetSystemInformation(SYSTEM_CURRENT_TIME_ZONE, (PVOID)Information, sizeof(*Information));
}
