/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Notification limits of jobs: bytes read and written, user time, memory.  They restrict nobody: when one is exceeded the job's
 * completion port is told, once after it was set.  They are looked at with the limits of CPU time (joblimit.c), and
 * so told up to 100 ms late; what a process that has ended by then had used counts as well.
 *
 * Source: Win32 documentation, JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION, JOBOBJECT_LIMIT_VIOLATION_INFORMATION.
 */
#include "job.h"

enum { PspBytesRead, PspBytesWritten, PspUserTime, PspMemory, PSP_KINDS };
static const ULONG PspKindFlags[PSP_KINDS] = {
    JOB_OBJECT_LIMIT_JOB_READ_BYTES, JOB_OBJECT_LIMIT_JOB_WRITE_BYTES, JOB_OBJECT_LIMIT_JOB_TIME, JOB_OBJECT_LIMIT_JOB_MEMORY
};

static VOID PspQueryUse(PEJOB Job, PULONG64 Use)
{
    IO_COUNTERS Io;
    ULONG64 KernelTime;

    PspQueryJobIo(Job, &Io);
    PspJobTimes(Job, &KernelTime, &Use[PspUserTime]);
    Use[PspBytesRead] = Io.ReadTransferCount;
    Use[PspBytesWritten] = Io.WriteTransferCount;
    Use[PspMemory] = Job->Memory.Charge * PAGE_SIZE;
}

static ULONG64 PspProcessUse(PEPROCESS Process, ULONG Kind)
{
    ULONG64 KernelTime, UserTime;

    switch (Kind) {
    case PspBytesRead:
        return Process->ReadTransferCount;
    case PspBytesWritten:
        return Process->WriteTransferCount;
    case PspMemory:
        return Process->Vm.CommitCharge;
    default:
        PspProcessTimes(Process, &KernelTime, &UserTime);
        return UserTime;
    }
}

/* The limits that Use exceeds. */
static ULONG PspExceeded(PEJOB Job, const ULONG64 *Use)
{
    const JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION *Limits = &Job->Notify;
    ULONG64 Most[PSP_KINDS] = {
        [PspBytesRead] = Limits->IoReadBytesLimit,
        [PspBytesWritten] = Limits->IoWriteBytesLimit,
        [PspUserTime] = Job->NotifyUserTime,
        [PspMemory] = Limits->JobMemoryLimit,
    };
    ULONG Flags = 0;

    for (ULONG Kind = 0; Kind < PSP_KINDS; Kind++)
        if (Use[Kind] > Most[Kind])
            Flags |= PspKindFlags[Kind];
    return Flags & Limits->LimitFlags;
}

/* The process of the job that has used most of what Flag limits; NULL: all have ended. */
static HANDLE PspLargestUser(PEJOB Job, ULONG Flag)
{
    PEPROCESS Process = NULL, Largest = NULL;
    ULONG Kind = 0;

    while (PspKindFlags[Kind] != Flag)
        Kind++;
    while ((Process = PspNextInJob(Job, Process)) != NULL)
        if (Largest == NULL || PspProcessUse(Process, Kind) > PspProcessUse(Largest, Kind))
            Largest = Process;
    return Largest != NULL ? Largest->UniqueProcessId : NULL;
}

BOOLEAN PspAwaitsNotification(PEJOB Job)
{
    return (Job->Notify.LimitFlags & ~Job->Violated) != 0;
}

/* Memory that came and went since the last look counts if the job never had as much before. */
VOID PspCheckNotifications(PEJOB Job)
{
    ULONG64 Use[PSP_KINDS];
    ULONG New;

    if (!PspAwaitsNotification(Job))
        return;
    PspQueryUse(Job, Use);
    if (Job->Memory.Peak > Job->NotifyPeak)
        Use[PspMemory] = Job->Memory.Peak * PAGE_SIZE;
    Job->NotifyPeak = Job->Memory.Peak;
    New = PspExceeded(Job, Use) & ~Job->Violated;
    if (New == 0)
        return;
    Job->Violated |= New;
    PspJobMessage(Job, JOB_OBJECT_MSG_NOTIFICATION_LIMIT, PspLargestUser(Job, New & -New));
}

NTSTATUS PspSetNotifications(PEJOB Job, const JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION *New)
{
    ULONG64 KernelTime, UserTime;

    if ((New->LimitFlags & ~JOB_OBJECT_NOTIFICATION_LIMIT_VALID_FLAGS) ||
        ((New->LimitFlags & JOB_OBJECT_LIMIT_JOB_TIME) && New->PerJobUserTimeLimit.QuadPart <= 0))
        return STATUS_INVALID_PARAMETER;
    if (New->LimitFlags & JOB_OBJECT_LIMIT_RATE_CONTROL) {
        LogPrint("job: notification of exceeded rates is not implemented");
        return STATUS_NOT_SUPPORTED;
    }
    PspJobTimes(Job, &KernelTime, &UserTime);
    Job->Notify = *New;
    Job->Violated = 0;
    Job->NotifyUserTime = UserTime + (ULONG64)New->PerJobUserTimeLimit.QuadPart;
    Job->NotifyPeak = Job->Memory.Peak;
    PspWatchJob(Job);
    return STATUS_SUCCESS;
}

VOID PspQueryViolations(PEJOB Job, JOBOBJECT_LIMIT_VIOLATION_INFORMATION *Violations)
{
    ULONG64 Use[PSP_KINDS];

    PspQueryUse(Job, Use);
    Violations->LimitFlags = Job->Notify.LimitFlags;
    Violations->ViolationLimitFlags = Job->Violated | PspExceeded(Job, Use);
    Violations->IoReadBytes = Use[PspBytesRead];
    Violations->IoReadBytesLimit = Job->Notify.IoReadBytesLimit;
    Violations->IoWriteBytes = Use[PspBytesWritten];
    Violations->IoWriteBytesLimit = Job->Notify.IoWriteBytesLimit;
    Violations->PerJobUserTime.QuadPart = (LONG64)Use[PspUserTime];
    Violations->PerJobUserTimeLimit.QuadPart = (LONG64)Job->NotifyUserTime;
    Violations->JobMemory = Use[PspMemory];
    Violations->JobMemoryLimit = Job->Notify.JobMemoryLimit;
}
