/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Jobs that are held: frozen by a program (JobObjectFreezeInformation), or for a while because they have used the CPU time that a hard
 * cap leaves them (JobObjectCpuRateControlInformation).
 *
 * A job with a cap has a credit of CPU time, which grows with the clock and shrinks by what its processes use.  At a tick, when the times
 * have just been sampled, one without credit is held, and one that has enough again is let go; while nobody runs there are no ticks, and
 * a timer takes their place.  Too much use of one interval so comes off the next.  The cap of a nested job is a share of that of the job
 * above (JOBOBJECT_CPU_RATE_CONTROL_INFORMATION, "Remarks").
 *
 * The threads of a held job's processes are each frozen once for it, those that come later too.
 */
#include "job.h"
#include "ntos/inc/log.h"

#define PSP_WHOLE_RATE 10000u
#define PSP_RATE_INTERVAL 2500000ll     /* 100 ns: what may be saved up */
#define PSP_RATE_FLAGS 0x1fu            /* those that Windows has */
#define PSP_MIN_MAX_RATE 0x10u

static LIST_ENTRY PspRateJobs = { &PspRateJobs, &PspRateJobs };
static KTIMER PspRateTimer;
static KDPC PspRateDpc;

/* ------------------------------------------------------------------ holding */

static VOID PspHoldThreads(PEPROCESS Process, BOOLEAN Hold)
{
    for (PLIST_ENTRY Entry = Process->Pcb.ThreadListHead.Flink; Entry != &Process->Pcb.ThreadListHead; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry);

        if (Hold)
            KeFreezeThread(Thread);
        else
            KeThawThread(Thread);
    }
}

static ULONG PspHolds(PEJOB Job)
{
    return (ULONG)Job->Frozen + (ULONG)Job->Throttled;
}

static VOID PspHoldJob(PEJOB Job, BOOLEAN Hold)
{
    PEPROCESS Process = NULL;

    while ((Process = PspNextInJob(Job, Process)) != NULL)
        PspHoldThreads(Process, Hold);
}

VOID PspHoldNewThread(PETHREAD Thread)
{
    for (PEJOB Job = ((PEPROCESS)Thread->Tcb.OwningProcess)->Job; Job != NULL; Job = Job->Parent)
        for (ULONG i = PspHolds(Job); i > 0; i--)
            KeFreezeThread(&Thread->Tcb);
}

VOID PspHoldNewProcess(PEPROCESS Process, PEJOB Job)
{
    ULONG64 Kernel, User;

    PspProcessTimes(Process, &Kernel, &User);
    Job->RateUsed += Kernel + User;     /* not in the job */
    for (ULONG i = PspHolds(Job); i > 0; i--)
        PspHoldThreads(Process, TRUE);
}

/* ------------------------------------------------------------------ rates */

/* 100 ns of CPU time that Job may use in as many of the clock. */
static LONG64 PspShare(PEJOB Job, LONG64 Time)
{
    for (; Job != NULL; Job = Job->Parent)
        if (Job->Rate.ControlFlags != 0)
            Time = Time * Job->Rate.CpuRate / PSP_WHOLE_RATE;
    return Time;
}

static ULONG64 PspUsedTime(PEJOB Job)
{
    ULONG64 Kernel, User;

    PspJobTimes(Job, &Kernel, &User);
    return Kernel + User;
}

static VOID PspCheckRate(PEJOB Job, ULONG64 Now)
{
    ULONG64 Used = PspUsedTime(Job);
    LONG64 Most = PspShare(Job, PSP_RATE_INTERVAL);
    BOOLEAN Throttled;

    Job->RateCredit += PspShare(Job, (LONG64)(Now - Job->RateTime)) - (LONG64)(Used - Job->RateUsed);
    Job->RateTime = Now;
    Job->RateUsed = Used;
    if (Job->RateCredit > Most)
        Job->RateCredit = Most;
    Throttled = Job->RateCredit < (Job->Throttled ? Most / 2 : 1);
    if (Throttled != Job->Throttled) {
        Job->Throttled = Throttled;
        PspHoldJob(Job, Throttled);
    }
}

static VOID PspCheckRates(VOID)
{
    ULONG64 Now = KeQueryInterruptTime();

    for (PLIST_ENTRY Entry = PspRateJobs.Flink; Entry != &PspRateJobs; Entry = Entry->Flink)
        PspCheckRate(CONTAINING_RECORD(Entry, EJOB, RateLinks), Now);
}

static VOID NTAPI PspRateTick(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    LARGE_INTEGER DueTime = { .QuadPart = -(LONG64)KeMaximumIncrement };

    if (PspRateJobs.Flink == &PspRateJobs)
        return;
    if (!KeIsProcessorTaken(0))         /* else there are ticks */
        PspCheckRates();
    KeSetTimerEx(&PspRateTimer, DueTime, 0, &PspRateDpc);
}

VOID PspDropRate(PEJOB Job)
{
    if (Job->Rate.ControlFlags == 0)
        return;
    PspUnlink(&Job->RateLinks);
    Job->Rate.ControlFlags = Job->Rate.CpuRate = 0;
    if (PspRateJobs.Flink == &PspRateJobs)
        KeTickRoutines[KeTickPs] = NULL;
    if (Job->Throttled)
        PspHoldJob(Job, FALSE);
    Job->Throttled = FALSE;
}

/* A line in the log, once for each. */
static NTSTATUS PspMissingControl(PBOOLEAN Told, const char *What)
{
    if (!*Told)
        LogPrint("job: %s is not implemented", What);
    *Told = TRUE;
    return STATUS_NOT_SUPPORTED;
}

/* What the flags ask for, if it is sound: only a hard cap is held to. */
static NTSTATUS PspCheckRateFlags(const JOBOBJECT_CPU_RATE_CONTROL_INFORMATION *New)
{
    static BOOLEAN Told;
    ULONG Flags = New->ControlFlags, Others = Flags & ~JOB_OBJECT_CPU_RATE_CONTROL_ENABLE;

    if ((Flags & ~PSP_RATE_FLAGS) || (Others != 0 && Others == Flags))
        return STATUS_INVALID_PARAMETER;
    if ((Flags & PSP_MIN_MAX_RATE) && (Flags & (JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP | JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED)))
        return STATUS_INVALID_PARAMETER;
    if (Flags != 0 && Others != JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP)
        return PspMissingControl(&Told, "another CPU rate control than a hard cap");
    return Flags != 0 && (New->CpuRate == 0 || New->CpuRate > PSP_WHOLE_RATE) ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

NTSTATUS PspSetJobRate(PEJOB Job, const JOBOBJECT_CPU_RATE_CONTROL_INFORMATION *New)
{
    NTSTATUS Status = PspCheckRateFlags(New);

    if (!NT_SUCCESS(Status))
        return Status;
    PspDropRate(Job);
    if (New->ControlFlags == 0)
        return STATUS_SUCCESS;
    Job->Rate = *New;
    Job->RateTime = KeQueryInterruptTime();
    Job->RateUsed = PspUsedTime(Job);
    Job->RateCredit = PspShare(Job, PSP_RATE_INTERVAL);
    PspAppend(&PspRateJobs, &Job->RateLinks);
    KeTickRoutines[KeTickPs] = PspCheckRates;
    if (PspRateDpc.DeferredRoutine == NULL) {
        KeInitializeTimerEx(&PspRateTimer, NotificationTimer);
        KeInitializeDpc(&PspRateDpc, PspRateTick, NULL);
    }
    PspRateTick(NULL, NULL, NULL, NULL);
    return STATUS_SUCCESS;
}

NTSTATUS PspFreezeJob(PEJOB Job, const JOBOBJECT_FREEZE_INFORMATION *New)
{
    static BOOLEAN Told;

    if (New->Flags & ~JOBOBJECT_FREEZE_VALID_FLAGS || New->Flags == 0)
        return STATUS_INVALID_PARAMETER;
    if (New->Flags != JOBOBJECT_FREEZE_OPERATION)
        return PspMissingControl(&Told, "a wake filter, or swapping, of a frozen job");
    if (Job->Frozen == (New->Freeze != 0))
        return STATUS_SUCCESS;
    Job->Frozen = !Job->Frozen;
    PspHoldJob(Job, Job->Frozen);
    return STATUS_SUCCESS;
}
