/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Limits of jobs: processes, memory (mm's groups), CPU time, priority class.  Flags that concern what one CPU or a
 * system without paging does not have (affinity, working set, scheduling class) are checked, kept and returned.
 * Nested jobs: every one's limits hold; of several priority classes the lowest.
 */
#include "job.h"

#define PSP_TIME_CHECK_MS 100
#define PSP_SCHEDULING_CLASSES 10
#define PSP_NORMAL_SCHEDULING_CLASS 5

static LIST_ENTRY PspTimedJobs = { &PspTimedJobs, &PspTimedJobs };
static KTIMER PspJobTimer;
static KDPC PspJobDpc;
static BOOLEAN PspJobTimerArmed;

NTSTATUS PspCheckActiveLimit(PEJOB Job, PEJOB Stop)
{
    for (; Job != Stop; Job = Job->Parent)
        if (PspHasLimit(Job, JOB_OBJECT_LIMIT_ACTIVE_PROCESS) &&
            Job->ActiveProcesses >= Job->Limits.ActiveProcessLimit) {
            PspJobMessage(Job, JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, NULL);
            return STATUS_QUOTA_EXCEEDED;
        }
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ memory */

/* One message for each process: a program that tries again and again fills no port. */
static VOID PspMemoryRefused(PMM_QUOTA Quota, PMM_SPACE Space, BOOLEAN OfSpace)
{
    PEJOB Job = CONTAINING_RECORD(Quota, EJOB, Memory);
    PEPROCESS Process = CONTAINING_RECORD(Space, EPROCESS, Vm);

    if (!Process->JobMemoryReported)
        PspJobMessage(Job, OfSpace ? JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT : JOB_OBJECT_MSG_JOB_MEMORY_LIMIT,
                      Process->UniqueProcessId);
    Process->JobMemoryReported = TRUE;
}

/* ------------------------------------------------------------------ priority class */

UCHAR PspJobPriorityClass(PEPROCESS Process, UCHAR Class)
{
    UCHAR Lowest = 0;

    for (PEJOB Job = Process->Job; Job != NULL; Job = Job->Parent)
        if (PspHasLimit(Job, JOB_OBJECT_LIMIT_PRIORITY_CLASS) &&
            (Lowest == 0 || PspClassPriority((UCHAR)Job->Limits.PriorityClass) < PspClassPriority(Lowest)))
            Lowest = (UCHAR)Job->Limits.PriorityClass;
    return Lowest != 0 ? Lowest : Class;
}

VOID PspApplyJobPriority(PEPROCESS Process)
{
    UCHAR Class = PspJobPriorityClass(Process, Process->PriorityClass);

    if (Class != Process->PriorityClass)
        PspSetPriorityClass(Process, Class);
}

/* ------------------------------------------------------------------ CPU time */

VOID PspJobTimes(PEJOB Job, PULONG64 KernelTime, PULONG64 UserTime)
{
    PEPROCESS Process = NULL;
    ULONG64 Kernel, User;

    *KernelTime = Job->KernelTime;
    *UserTime = Job->UserTime;
    while ((Process = PspNextInJob(Job, Process)) != NULL) {
        PspProcessTimes(Process, &Kernel, &User);
        *KernelTime += Kernel;
        *UserTime += User;
    }
}

static VOID PspCheckProcessTimes(PEJOB Job)
{
    PEPROCESS Process = NULL;
    ULONG64 Kernel, User;

    while ((Process = PspNextInJob(Job, Process)) != NULL) {
        PspProcessTimes(Process, &Kernel, &User);
        if (Process->Exiting || (LONG64)User <= Job->Limits.PerProcessUserTimeLimit.QuadPart)
            continue;
        Job->TotalTerminatedProcesses++;
        PspJobMessage(Job, JOB_OBJECT_MSG_END_OF_PROCESS_TIME, Process->UniqueProcessId);
        PsTerminateProcess(Process, ERROR_NOT_ENOUGH_QUOTA);
    }
}

/* A limit that only reports holds once (JOBOBJECT_END_OF_JOB_TIME_INFORMATION). */
static VOID PspCheckJobTime(PEJOB Job)
{
    ULONG64 Kernel, User;

    PspJobTimes(Job, &Kernel, &User);
    if ((LONG64)(User - Job->PeriodUserTime) <= Job->Limits.PerJobUserTimeLimit.QuadPart)
        return;
    if (Job->EndOfJobTimeAction == JOB_OBJECT_POST_AT_END_OF_JOB && Job->CompletionPort != NULL) {
        Job->Limits.LimitFlags &= ~JOB_OBJECT_LIMIT_JOB_TIME;
        PspJobMessage(Job, JOB_OBJECT_MSG_END_OF_JOB_TIME, NULL);
    } else {
        Job->TotalTerminatedProcesses += PspTerminateJob(Job, ERROR_NOT_ENOUGH_QUOTA);
        KeSignalObject(&Job->Header);
    }
}

/* Who sets limits again and again puts nothing off. */
static VOID PspArmJobTimer(VOID)
{
    LARGE_INTEGER DueTime = { .QuadPart = -PSP_TIME_CHECK_MS * 10000ll };

    if (PspJobTimerArmed || PspTimedJobs.Flink == &PspTimedJobs)
        return;
    PspJobTimerArmed = TRUE;
    KeSetTimerEx(&PspJobTimer, DueTime, 0, &PspJobDpc);
}

static VOID NTAPI PspCheckTimes(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PspJobTimerArmed = FALSE;
    for (PLIST_ENTRY Entry = PspTimedJobs.Flink; Entry != &PspTimedJobs; Entry = Entry->Flink) {
        PEJOB Job = CONTAINING_RECORD(Entry, EJOB, TimeLinks);

        if (PspHasLimit(Job, JOB_OBJECT_LIMIT_PROCESS_TIME))
            PspCheckProcessTimes(Job);
        if (PspHasLimit(Job, JOB_OBJECT_LIMIT_JOB_TIME))
            PspCheckJobTime(Job);
        PspCheckNotifications(Job);
    }
    PspArmJobTimer();
}

VOID PspWatchJob(PEJOB Job)
{
    PspUnlink(&Job->TimeLinks);
    if (PspHasLimit(Job, JOB_OBJECT_LIMIT_PROCESS_TIME | JOB_OBJECT_LIMIT_JOB_TIME) || PspAwaitsNotification(Job)) {
        PspAppend(&PspTimedJobs, &Job->TimeLinks);
        PspArmJobTimer();
    }
}

/* ------------------------------------------------------------------ setting */

static NTSTATUS PspCheckLimits(const JOBOBJECT_EXTENDED_LIMIT_INFORMATION *New, ULONG ValidFlags)
{
    const JOBOBJECT_BASIC_LIMIT_INFORMATION *Basic = &New->BasicLimitInformation;
    ULONG Flags = Basic->LimitFlags;
    BOOLEAN Bad = (Flags & ~ValidFlags) != 0;

    Bad |= (Flags & JOB_OBJECT_LIMIT_JOB_TIME) && (Flags & JOB_OBJECT_LIMIT_PRESERVE_JOB_TIME);
    Bad |= (Flags & JOB_OBJECT_LIMIT_PROCESS_TIME) && Basic->PerProcessUserTimeLimit.QuadPart <= 0;
    Bad |= (Flags & JOB_OBJECT_LIMIT_JOB_TIME) && Basic->PerJobUserTimeLimit.QuadPart <= 0;
    Bad |= (Flags & JOB_OBJECT_LIMIT_ACTIVE_PROCESS) && Basic->ActiveProcessLimit == 0;
    Bad |= (Flags & JOB_OBJECT_LIMIT_AFFINITY) && Basic->Affinity != 1;
    Bad |= (Flags & JOB_OBJECT_LIMIT_PRIORITY_CLASS) &&
           (Basic->PriorityClass > 0xff || PspClassPriority((UCHAR)Basic->PriorityClass) == 0);
    Bad |= (Flags & JOB_OBJECT_LIMIT_SCHEDULING_CLASS) && Basic->SchedulingClass >= PSP_SCHEDULING_CLASSES;
    Bad |= (Flags & JOB_OBJECT_LIMIT_WORKINGSET) && (Basic->MinimumWorkingSetSize == 0 ||
                                                      Basic->MinimumWorkingSetSize > Basic->MaximumWorkingSetSize);
    Bad |= (Flags & JOB_OBJECT_LIMIT_PROCESS_MEMORY) && New->ProcessMemoryLimit < PAGE_SIZE;
    Bad |= (Flags & JOB_OBJECT_LIMIT_JOB_MEMORY) && New->JobMemoryLimit < PAGE_SIZE;
    if (Bad)
        return STATUS_INVALID_PARAMETER;
    if (((Flags & JOB_OBJECT_LIMIT_SCHEDULING_CLASS) && Basic->SchedulingClass > PSP_NORMAL_SCHEDULING_CLASS) ||
        ((Flags & JOB_OBJECT_LIMIT_PRIORITY_CLASS) && PspNeedsPrivilege((UCHAR)Basic->PriorityClass)))
        return PspRequirePrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE);
    return STATUS_SUCCESS;
}

/* A job time limit begins a new period; one that is preserved goes on with what was set before. */
static VOID PspTakeBasicLimits(PEJOB Job, const JOBOBJECT_BASIC_LIMIT_INFORMATION *New)
{
    JOBOBJECT_BASIC_LIMIT_INFORMATION Old = Job->Limits;

    Job->Limits = *New;
    if (New->LimitFlags & JOB_OBJECT_LIMIT_JOB_TIME)
        PspJobTimes(Job, &Job->PeriodKernelTime, &Job->PeriodUserTime);
    if (New->LimitFlags & JOB_OBJECT_LIMIT_PRESERVE_JOB_TIME) {
        Job->Limits.LimitFlags &= ~JOB_OBJECT_LIMIT_PRESERVE_JOB_TIME;
        Job->Limits.LimitFlags |= Old.LimitFlags & JOB_OBJECT_LIMIT_JOB_TIME;
        Job->Limits.PerJobUserTimeLimit = Old.PerJobUserTimeLimit;
    }
}

NTSTATUS PspSetJobLimits(PEJOB Job, const JOBOBJECT_EXTENDED_LIMIT_INFORMATION *New, ULONG ValidFlags)
{
    PEPROCESS Process = NULL;
    NTSTATUS Status = PspCheckLimits(New, ValidFlags);

    if (!NT_SUCCESS(Status))
        return Status;
    PspTakeBasicLimits(Job, &New->BasicLimitInformation);
    Job->Memory.SpaceLimit = PspHasLimit(Job, JOB_OBJECT_LIMIT_PROCESS_MEMORY) ? New->ProcessMemoryLimit / PAGE_SIZE : 0;
    Job->Memory.Limit = PspHasLimit(Job, JOB_OBJECT_LIMIT_JOB_MEMORY) ? New->JobMemoryLimit / PAGE_SIZE : 0;
    while ((Process = PspNextInJob(Job, Process)) != NULL)
        PspApplyJobPriority(Process);
    PspWatchJob(Job);
    return STATUS_SUCCESS;
}

VOID PspQueryJobIo(PEJOB Job, PIO_COUNTERS Counters)
{
    PEPROCESS Process = NULL;

    *Counters = Job->Io;
    while ((Process = PspNextInJob(Job, Process)) != NULL)
        PspAddIoCounters(Process, Counters);
}

VOID PspQueryJobLimits(PEJOB Job, JOBOBJECT_EXTENDED_LIMIT_INFORMATION *Limits)
{
    Limits->BasicLimitInformation = Job->Limits;
    Limits->ProcessMemoryLimit = Job->Memory.SpaceLimit * PAGE_SIZE;
    Limits->JobMemoryLimit = Job->Memory.Limit * PAGE_SIZE;
    Limits->PeakProcessMemoryUsed = Job->Memory.SpacePeak * PAGE_SIZE;
    Limits->PeakJobMemoryUsed = Job->Memory.Peak * PAGE_SIZE;
    PspQueryJobIo(Job, &Limits->IoInfo);
}

VOID PspInitJobLimits(PEJOB Job)
{
    Job->TimeLinks.Flink = Job->TimeLinks.Blink = &Job->TimeLinks;
    Job->Memory.Refused = PspMemoryRefused;
    if (PspJobDpc.DeferredRoutine == NULL) {
        KeInitializeTimerEx(&PspJobTimer, NotificationTimer);
        KeInitializeDpc(&PspJobDpc, PspCheckTimes, NULL);
    }
}
