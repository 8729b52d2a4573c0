/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Jobs, shared by the five files that make them.
 */
#pragma once

#include "psp.h"
#include <winerror.h>

typedef struct _EJOB {
    DISPATCHER_HEADER Header;           /* signalled when NtTerminateJobObject or its time limit has ended it */
    struct _EJOB *Parent;               /* the job that it is nested in; referenced */
    LIST_ENTRY TimeLinks;               /* of those that are looked at again and again; linked to itself when it is not */
    ULONG ActiveProcesses, TotalProcesses, TotalTerminatedProcesses;
    ULONG64 UserTime, KernelTime;       /* of processes that have ended; so are the next two */
    ULONG PageFaultCount;
    IO_COUNTERS Io;
    ULONG64 PeriodUserTime, PeriodKernelTime;   /* the totals when the period began */
    JOBOBJECT_BASIC_LIMIT_INFORMATION Limits;
    MM_QUOTA Memory;
    JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION Notify;
    ULONG Violated;                     /* notification limits that were exceeded, and told */
    ULONG64 NotifyUserTime;             /* the limit of user time, with what was used when it was set */
    SIZE_T NotifyPeak;                  /* Memory.Peak at the last look */
    ULONG UIRestrictionsClass;
    ULONG EndOfJobTimeAction;
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION Rate;        /* ControlFlags 0: none */
    LIST_ENTRY RateLinks;               /* of those with a rate */
    ULONG64 RateTime, RateUsed;         /* the last look: interrupt time, and the CPU time that was used until then */
    LONG64 RateCredit;                  /* 100 ns of CPU time */
    BOOLEAN Throttled, Frozen;          /* its threads are held: without credit; by a program */
    PVOID CompletionPort;               /* referenced, or NULL */
    PVOID CompletionKey;
} EJOB, *PEJOB;

static inline BOOLEAN PspHasLimit(PEJOB Job, ULONG Flag)
{
    return (Job->Limits.LimitFlags & Flag) != 0;
}

/* Whether the process is in the job or in one nested in it. */
BOOLEAN PspIsInJob(PEPROCESS Process, PEJOB Job);
NTSTATUS PspReferenceJob(HANDLE Handle, ACCESS_MASK Access, PEJOB *Job);
/* Ends all processes of the job and of those nested in it: how many. */
ULONG PspTerminateJob(PEJOB Job, NTSTATUS ExitStatus);
/* Queues a message at the job's completion port, if it has one.  Without memory it is lost, as it may be on Windows. */
VOID PspJobMessage(PEJOB Job, ULONG Message, HANDLE ProcessId);

/* The next process of the job after Process (NULL: the first); NULL: no more.  Nothing may wait in between. */
PEPROCESS PspNextInJob(PEJOB Job, PEPROCESS Process);

/* joblimit.c: what the job's processes have used, those that have ended included. */
VOID PspJobTimes(PEJOB Job, PULONG64 KernelTime, PULONG64 UserTime);
/* STATUS_QUOTA_EXCEEDED (and a message) when one process more is too much for Job or one above it, below Stop. */
NTSTATUS PspCheckActiveLimit(PEJOB Job, PEJOB Stop);
/* Captured limits: checks and takes them.  STATUS_INVALID_PARAMETER, STATUS_PRIVILEGE_NOT_HELD. */
NTSTATUS PspSetJobLimits(PEJOB Job, const JOBOBJECT_EXTENDED_LIMIT_INFORMATION *New, ULONG ValidFlags);
VOID PspQueryJobLimits(PEJOB Job, JOBOBJECT_EXTENDED_LIMIT_INFORMATION *Limits);
VOID PspQueryJobIo(PEJOB Job, PIO_COUNTERS Counters);
VOID PspInitJobLimits(PEJOB Job);
/* Limits were set: from now on the job is looked at, or no more. */
VOID PspWatchJob(PEJOB Job);

/* jobnotify.c: STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED (rates). */
NTSTATUS PspSetNotifications(PEJOB Job, const JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION *New);
VOID PspQueryViolations(PEJOB Job, JOBOBJECT_LIMIT_VIOLATION_INFORMATION *Violations);
/* A limit is set that was not told yet. */
BOOLEAN PspAwaitsNotification(PEJOB Job);
VOID PspCheckNotifications(PEJOB Job);

/* jobrate.c: STATUS_INVALID_PARAMETER, STATUS_NOT_SUPPORTED (all but hard caps; filters and swapping). */
NTSTATUS PspSetJobRate(PEJOB Job, const JOBOBJECT_CPU_RATE_CONTROL_INFORMATION *New);
NTSTATUS PspFreezeJob(PEJOB Job, const JOBOBJECT_FREEZE_INFORMATION *New);
VOID PspDropRate(PEJOB Job);
/* A process has come into Job, in which it was not: its threads are held as those of the others. */
VOID PspHoldNewProcess(PEPROCESS Process, PEJOB Job);
