/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Information classes of jobs: one table each for asking and setting.  The list of process ids, which has no fixed
 * size, is a function of its own.
 */
#include "job.h"
#include "ntos/inc/log.h"

typedef union _PSP_JOB_INFORMATION {
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION Accounting;
    JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION AccountingAndIo;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits;
    JOBOBJECT_BASIC_UI_RESTRICTIONS UIRestrictions;
    JOBOBJECT_END_OF_JOB_TIME_INFORMATION EndOfJobTime;
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT CompletionPort;
    JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION Notifications;
    JOBOBJECT_LIMIT_VIOLATION_INFORMATION Violations;
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION Rate;
    JOBOBJECT_FREEZE_INFORMATION Freeze;
    USHORT Group;
    GROUP_AFFINITY GroupAffinity;
} PSP_JOB_INFORMATION, *PPSP_JOB_INFORMATION;

/* ------------------------------------------------------------------ asking */

static VOID PspFillAccounting(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION *Accounting = &Information->Accounting;
    PEPROCESS Process = NULL;
    ULONG64 KernelTime, UserTime;

    PspJobTimes(Job, &KernelTime, &UserTime);
    Accounting->TotalKernelTime.QuadPart = (LONG64)KernelTime;
    Accounting->TotalUserTime.QuadPart = (LONG64)UserTime;
    Accounting->ThisPeriodTotalKernelTime.QuadPart = (LONG64)(KernelTime - Job->PeriodKernelTime);
    Accounting->ThisPeriodTotalUserTime.QuadPart = (LONG64)(UserTime - Job->PeriodUserTime);
    Accounting->TotalPageFaultCount = Job->PageFaultCount;
    while ((Process = PspNextInJob(Job, Process)) != NULL)
        Accounting->TotalPageFaultCount += Process->Vm.PageFaultCount;
    Accounting->TotalProcesses = Job->TotalProcesses;
    Accounting->ActiveProcesses = Job->ActiveProcesses;
    Accounting->TotalTerminatedProcesses = Job->TotalTerminatedProcesses;
}

static VOID PspFillAccountingAndIo(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    PspFillAccounting(Job, Information);        /* its first member */
    PspQueryJobIo(Job, &Information->AccountingAndIo.IoInfo);
}

static VOID PspFillLimits(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    PspQueryJobLimits(Job, &Information->Limits);
}

static VOID PspFillUIRestrictions(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    Information->UIRestrictions.UIRestrictionsClass = Job->UIRestrictionsClass;
}

static VOID PspFillEndOfJobTime(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    Information->EndOfJobTime.EndOfJobTimeAction = Job->EndOfJobTimeAction;
}

static VOID PspFillNotifications(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    Information->Notifications = Job->Notify;
}

static VOID PspFillViolations(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    PspQueryViolations(Job, &Information->Violations);
}

static VOID PspFillRate(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    Information->Rate = Job->Rate;
}

/* Processor group 0, the only one. */
static VOID PspFillGroup(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    Information->Group = 0;
}

static VOID PspFillGroupEx(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    Information->GroupAffinity.Mask = 1;
}

static const struct {
    JOBOBJECTINFOCLASS Class;
    ULONG Size;
    VOID (*Fill)(PEJOB Job, PPSP_JOB_INFORMATION Information);
} PspJobQueries[] = {
    { JobObjectBasicAccountingInformation, sizeof(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION), PspFillAccounting },
    { JobObjectBasicLimitInformation, sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION), PspFillLimits },
    { JobObjectBasicUIRestrictions, sizeof(JOBOBJECT_BASIC_UI_RESTRICTIONS), PspFillUIRestrictions },
    { JobObjectEndOfJobTimeInformation, sizeof(JOBOBJECT_END_OF_JOB_TIME_INFORMATION), PspFillEndOfJobTime },
    { JobObjectBasicAndIoAccountingInformation, sizeof(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION),
      PspFillAccountingAndIo },
    { JobObjectExtendedLimitInformation, sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION), PspFillLimits },
    { JobObjectGroupInformation, sizeof(USHORT), PspFillGroup },
    { JobObjectGroupInformationEx, sizeof(GROUP_AFFINITY), PspFillGroupEx },
    { JobObjectNotificationLimitInformation, sizeof(JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION), PspFillNotifications },
    { JobObjectLimitViolationInformation, sizeof(JOBOBJECT_LIMIT_VIOLATION_INFORMATION), PspFillViolations },
    { JobObjectCpuRateControlInformation, sizeof(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION), PspFillRate },
};

/* As many ids as fit, oldest process first; STATUS_BUFFER_OVERFLOW when there are more. */
static NTSTATUS PspQueryProcessIds(PEJOB Job, JOBOBJECT_BASIC_PROCESS_ID_LIST *User, ULONG Length, PULONG ReturnLength)
{
    ULONG Header = FIELD_OFFSET(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList), Count[2] = { 0 };
    PEPROCESS Process = NULL;
    NTSTATUS Status = MmProbeAnswer(User, Length, ReturnLength, sizeof(*ReturnLength));

    if (NT_SUCCESS(Status) && Length < sizeof(*User))
        Status = STATUS_INFO_LENGTH_MISMATCH;
    while (NT_SUCCESS(Status) && (Process = PspNextInJob(Job, Process)) != NULL) {
        Count[0]++;
        if (Count[1] < (Length - Header) / sizeof(ULONG_PTR))
            Status = MmPutUser(&User->ProcessIdList[Count[1]++], (ULONG_PTR)Process->UniqueProcessId);
    }
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(User, Count, sizeof(Count));
    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        Status = MmPutUser(ReturnLength, Header + Count[1] * (ULONG)sizeof(ULONG_PTR));
    return NT_SUCCESS(Status) && Count[1] < Count[0] ? STATUS_BUFFER_OVERFLOW : Status;
}

/* Numbers that mingw-w64's winnt.h does not name. */
enum { JobObjectNetRateControlInformation = 32, JobObjectNotificationLimitInformation2, JobObjectLimitViolationInformation2 };

/* Classes of Windows' that are not here, a bit each: a line in the log for each, once. */
static NTSTATUS PspMissingJobClass(ULONG Class)
{
    static const ULONG64 Missing = 1ull << JobObjectNetRateControlInformation | 1ull << JobObjectNotificationLimitInformation2 | 1ull << JobObjectLimitViolationInformation2;
    static ULONG64 Told;

    if (Class >= 64 || !(Missing >> Class & 1))
        return STATUS_INVALID_INFO_CLASS;
    if (!(Told >> Class & 1))
        LogPrint("job: information class %lu (rate control) is not implemented", Class);
    Told |= 1ull << Class;
    return STATUS_NOT_SUPPORTED;
}

static NTSTATUS PspQueryJob(PEJOB Job, JOBOBJECTINFOCLASS Class, PVOID User, ULONG Length, PULONG ReturnLength)
{
    PSP_JOB_INFORMATION Information;

    if (Class == JobObjectBasicProcessIdList)
        return PspQueryProcessIds(Job, User, Length, ReturnLength);
    memset(&Information, 0, sizeof(Information));       /* all of its members: an initializer is for the first */
    for (ULONG i = 0; i < RTL_NUMBER_OF(PspJobQueries); i++)
        if (PspJobQueries[i].Class == Class) {
            PspJobQueries[i].Fill(Job, &Information);
            return PspReturn(User, Length, ReturnLength, &Information, PspJobQueries[i].Size);
        }
    return PspMissingJobClass(Class);
}

/* JobHandle NULL: the caller's innermost job.  PARTIAL: no rates of the network and of I/O (STATUS_NOT_SUPPORTED). */
NTSTATUS NTAPI NtQueryInformationJobObject(HANDLE JobHandle, JOBOBJECTINFOCLASS JobObjectInformationClass,
                                           PVOID JobObjectInformation, ULONG JobObjectInformationLength,
                                           PULONG ReturnLength)
{
    PEJOB Job = PsGetCurrentProcess()->Job;
    NTSTATUS Status = Job != NULL ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;

    if (JobHandle != NULL)
        Status = PspReferenceJob(JobHandle, JOB_OBJECT_QUERY, &Job);
    else if (Job != NULL)
        ObReferenceObject(Job);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspQueryJob(Job, JobObjectInformationClass, JobObjectInformation, JobObjectInformationLength, ReturnLength);
    ObDereferenceObject(Job);
    return Status;
}

/* ------------------------------------------------------------------ setting */

static NTSTATUS PspSetBasicLimits(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    return PspSetJobLimits(Job, &Information->Limits, JOB_OBJECT_BASIC_LIMIT_VALID_FLAGS);
}

static NTSTATUS PspSetExtendedLimits(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    return PspSetJobLimits(Job, &Information->Limits, JOB_OBJECT_EXTENDED_LIMIT_VALID_FLAGS);
}

/* What they restrict (desktops, the clipboard, handles of windows) does not exist here; they are kept and returned. */
static NTSTATUS PspSetUIRestrictions(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    if (Information->UIRestrictions.UIRestrictionsClass & ~JOB_OBJECT_UI_VALID_FLAGS)
        return STATUS_INVALID_PARAMETER;
    Job->UIRestrictionsClass = Information->UIRestrictions.UIRestrictionsClass;
    return STATUS_SUCCESS;
}

static NTSTATUS PspSetEndOfJobTime(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    ULONG Action = Information->EndOfJobTime.EndOfJobTimeAction;

    if (Action != JOB_OBJECT_TERMINATE_AT_END_OF_JOB && Action != JOB_OBJECT_POST_AT_END_OF_JOB)
        return STATUS_INVALID_PARAMETER;
    Job->EndOfJobTimeAction = Action;
    return STATUS_SUCCESS;
}

/* A job has one port for good; the processes that it has already are announced there. */
static NTSTATUS PspSetCompletionPort(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    PEPROCESS Process = NULL;
    PVOID Port;
    NTSTATUS Status;

    if (Job->CompletionPort != NULL)
        return STATUS_INVALID_PARAMETER;
    Status = ObReferenceObjectByHandle(Information->CompletionPort.CompletionPort, IO_COMPLETION_MODIFY_STATE,
                                       IoCompletionObjectType, UserMode, &Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Job->CompletionPort = Port;
    Job->CompletionKey = Information->CompletionPort.CompletionKey;
    while ((Process = PspNextInJob(Job, Process)) != NULL)
        if (Process->ActiveThreads != 0)
            PspJobMessage(Job, JOB_OBJECT_MSG_NEW_PROCESS, Process->UniqueProcessId);
    return STATUS_SUCCESS;
}

static NTSTATUS PspSetNotificationLimits(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    return PspSetNotifications(Job, &Information->Notifications);
}

static NTSTATUS PspSetRate(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    return PspSetJobRate(Job, &Information->Rate);
}

static NTSTATUS PspSetFreeze(PEJOB Job, PPSP_JOB_INFORMATION Information)
{
    return PspFreezeJob(Job, &Information->Freeze);
}

static const struct {
    JOBOBJECTINFOCLASS Class;
    ULONG Size;
    NTSTATUS (*Set)(PEJOB Job, PPSP_JOB_INFORMATION Information);
} PspJobSettings[] = {
    { JobObjectBasicLimitInformation, sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION), PspSetBasicLimits },
    { JobObjectBasicUIRestrictions, sizeof(JOBOBJECT_BASIC_UI_RESTRICTIONS), PspSetUIRestrictions },
    { JobObjectEndOfJobTimeInformation, sizeof(JOBOBJECT_END_OF_JOB_TIME_INFORMATION), PspSetEndOfJobTime },
    { JobObjectAssociateCompletionPortInformation, sizeof(JOBOBJECT_ASSOCIATE_COMPLETION_PORT), PspSetCompletionPort },
    { JobObjectExtendedLimitInformation, sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION), PspSetExtendedLimits },
    { JobObjectNotificationLimitInformation, sizeof(JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION), PspSetNotificationLimits },
    { JobObjectCpuRateControlInformation, sizeof(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION), PspSetRate },
    { JobObjectFreezeInformation, sizeof(JOBOBJECT_FREEZE_INFORMATION), PspSetFreeze },
};

/* PARTIAL: of rate control, hard caps of CPU time only (others are STATUS_NOT_SUPPORTED). */
NTSTATUS NTAPI NtSetInformationJobObject(HANDLE JobHandle, JOBOBJECTINFOCLASS JobObjectInformationClass,
                                         PVOID JobObjectInformation, ULONG JobObjectInformationLength)
{
    PSP_JOB_INFORMATION Information = { 0 };
    PEJOB Job;
    NTSTATUS Status;
    ULONG i = 0;

    while (i < RTL_NUMBER_OF(PspJobSettings) && PspJobSettings[i].Class != JobObjectInformationClass)
        i++;
    if (i == RTL_NUMBER_OF(PspJobSettings))
        return PspMissingJobClass(JobObjectInformationClass);
    if (JobObjectInformationLength != PspJobSettings[i].Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = PspReferenceJob(JobHandle, JOB_OBJECT_SET_ATTRIBUTES, &Job);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCopyFromUser(&Information, JobObjectInformation, PspJobSettings[i].Size);
    if (NT_SUCCESS(Status))
        Status = PspJobSettings[i].Set(Job, &Information);
    ObDereferenceObject(Job);
    return Status;
}
