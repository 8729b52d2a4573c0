/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Jobs: a set of processes that can be counted and ended together.  Limits are stored and returned; of them only
 * JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE has an effect.  A process is in at most one job.
 */
#include "psp.h"

typedef struct _EJOB {
    DISPATCHER_HEADER Header;
    LIST_ENTRY Processes;               /* of EPROCESS.JobLinks */
    ULONG Active, Total, Terminated;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits;
} EJOB, *PEJOB;

POBJECT_TYPE PsJobType;

static VOID PspTerminateJob(PEJOB Job, NTSTATUS ExitStatus)
{
    PLIST_ENTRY Entry, Next;

    for (Entry = Job->Processes.Flink; Entry != &Job->Processes; Entry = Next) {
        Next = Entry->Flink;
        PsTerminateProcess(CONTAINING_RECORD(Entry, EPROCESS, JobLinks), ExitStatus);
        Job->Terminated++;
    }
}

static VOID PspCloseJob(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    PEJOB Job = Object;

    if (SystemHandleCount == 1 &&
        (Job->Limits.BasicLimitInformation.LimitFlags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE))
        PspTerminateJob(Job, STATUS_SUCCESS);
}

NTSTATUS PspInitJobs(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"Job");
    OBJECT_TYPE_INITIALIZER Type = {
        .GenericMapping = { STANDARD_RIGHTS_READ | JOB_OBJECT_QUERY, STANDARD_RIGHTS_WRITE |
                            JOB_OBJECT_ASSIGN_PROCESS | JOB_OBJECT_SET_ATTRIBUTES | JOB_OBJECT_TERMINATE,
                            STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, JOB_OBJECT_ALL_ACCESS },
        .ValidAccessMask = JOB_OBJECT_ALL_ACCESS,
        .WaitOffset = FIELD_OFFSET(EJOB, Header),
        .CloseProcedure = PspCloseJob,
    };

    return ObCreateObjectType(&Name, &Type, NULL, &PsJobType);
}

VOID PspLeaveJob(PEPROCESS Process)
{
    PEJOB Job = Process->Job;

    if (Job == NULL)
        return;
    PspUnlink(&Process->JobLinks);
    Process->Job = NULL;
    if (--Job->Active == 0)
        KeSignalObject(&Job->Header);
    ObDereferenceObject(Job);
}

static NTSTATUS PspReferenceJob(HANDLE Handle, ACCESS_MASK Access, PEJOB *Job)
{
    return ObReferenceObjectByHandle(Handle, Access, PsJobType, UserMode, (PVOID *)Job, NULL);
}

NTSTATUS NTAPI NtCreateJobObject(PHANDLE JobHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    PEJOB Job;
    HANDLE Handle;
    NTSTATUS Status = ObCreateObject(UserMode, PsJobType, ObjectAttributes, UserMode, NULL, sizeof(EJOB), 0, 0,
                                     (PVOID *)&Job);

    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeEvent((PKEVENT)&Job->Header, NotificationEvent, FALSE);
    Job->Processes.Flink = Job->Processes.Blink = &Job->Processes;
    Status = ObInsertObject(Job, NULL, DesiredAccess, 0, NULL, &Handle);
    return NT_SUCCESS(Status) ? PspPutHandle(JobHandle, Handle) : Status;
}

NTSTATUS NTAPI NtOpenJobObject(PHANDLE JobHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    HANDLE Handle;
    NTSTATUS Status = ObOpenObjectByName(ObjectAttributes, PsJobType, UserMode, NULL, DesiredAccess, NULL, &Handle);

    return NT_SUCCESS(Status) ? PspPutHandle(JobHandle, Handle) : Status;
}

NTSTATUS NTAPI NtAssignProcessToJobObject(HANDLE JobHandle, HANDLE ProcessHandle)
{
    PEPROCESS Process;
    PEJOB Job;
    NTSTATUS Status = PspReferenceJob(JobHandle, JOB_OBJECT_ASSIGN_PROCESS, &Job);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(ProcessHandle, PROCESS_SET_QUOTA | PROCESS_TERMINATE, PsProcessType, UserMode,
                                       (PVOID *)&Process, NULL);
    if (NT_SUCCESS(Status)) {
        if (Process->Job != NULL) {
            Status = STATUS_ACCESS_DENIED;
        } else if (Process->Exiting) {
            Status = STATUS_PROCESS_IS_TERMINATING;
        } else {
            ObReferenceObject(Job);
            Process->Job = Job;
            PspAppend(&Job->Processes, &Process->JobLinks);
            Job->Active++;
            Job->Total++;
        }
        ObDereferenceObject(Process);
    }
    ObDereferenceObject(Job);
    return Status;
}

NTSTATUS NTAPI NtTerminateJobObject(HANDLE JobHandle, NTSTATUS ExitStatus)
{
    PEJOB Job;
    NTSTATUS Status = PspReferenceJob(JobHandle, JOB_OBJECT_TERMINATE, &Job);

    if (!NT_SUCCESS(Status))
        return Status;
    PspTerminateJob(Job, ExitStatus);
    ObDereferenceObject(Job);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtIsProcessInJob(HANDLE ProcessHandle, HANDLE JobHandle)
{
    PEPROCESS Process;
    PEJOB Job = NULL;
    NTSTATUS Status = ObReferenceObjectByHandle(ProcessHandle, PROCESS_QUERY_LIMITED_INFORMATION, PsProcessType,
                                                UserMode, (PVOID *)&Process, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    if (JobHandle != NULL)
        Status = PspReferenceJob(JobHandle, JOB_OBJECT_QUERY, &Job);
    if (NT_SUCCESS(Status))
        Status = Process->Job != NULL && (Job == NULL || Process->Job == Job) ? STATUS_PROCESS_IN_JOB
                 : STATUS_PROCESS_NOT_IN_JOB;
    if (Job != NULL)
        ObDereferenceObject(Job);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtQueryInformationJobObject(HANDLE JobHandle, JOBOBJECTINFOCLASS JobObjectInformationClass,
                                           PVOID JobObjectInformation, ULONG JobObjectInformationLength,
                                           PULONG ReturnLength)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION Accounting = { 0 };
    PEJOB Job;
    NTSTATUS Status;

    if (JobHandle != NULL) {
        Status = PspReferenceJob(JobHandle, JOB_OBJECT_QUERY, &Job);
        if (!NT_SUCCESS(Status))
            return Status;
    } else {
        Job = PsGetCurrentProcess()->Job;
        if (Job == NULL)
            return STATUS_ACCESS_DENIED;
        ObReferenceObject(Job);
    }
    switch (JobObjectInformationClass) {
    case JobObjectBasicAccountingInformation:
        Accounting.TotalProcesses = Job->Total;
        Accounting.ActiveProcesses = Job->Active;
        Accounting.TotalTerminatedProcesses = Job->Terminated;
        Status = PspReturn(JobObjectInformation, JobObjectInformationLength, ReturnLength, &Accounting,
                           sizeof(Accounting));
        break;
    case JobObjectBasicLimitInformation:
        Status = PspReturn(JobObjectInformation, JobObjectInformationLength, ReturnLength,
                           &Job->Limits.BasicLimitInformation, sizeof(Job->Limits.BasicLimitInformation));
        break;
    case JobObjectExtendedLimitInformation:
        Status = PspReturn(JobObjectInformation, JobObjectInformationLength, ReturnLength, &Job->Limits,
                           sizeof(Job->Limits));
        break;
    default:
        Status = STATUS_INVALID_INFO_CLASS;
        break;
    }
    ObDereferenceObject(Job);
    return Status;
}

NTSTATUS NTAPI NtSetInformationJobObject(HANDLE JobHandle, JOBOBJECTINFOCLASS JobObjectInformationClass,
                                         PVOID JobObjectInformation, ULONG JobObjectInformationLength)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits;
    SIZE_T Size = JobObjectInformationClass == JobObjectExtendedLimitInformation ? sizeof(Limits)
                  : JobObjectInformationClass == JobObjectBasicLimitInformation ? sizeof(Limits.BasicLimitInformation)
                  : 0;
    PEJOB Job;
    NTSTATUS Status;

    if (Size == 0)
        return STATUS_INVALID_INFO_CLASS;
    if (JobObjectInformationLength != Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = PspReferenceJob(JobHandle, JOB_OBJECT_SET_ATTRIBUTES, &Job);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCopyFromUser(&Limits, JobObjectInformation, Size);
    if (NT_SUCCESS(Status))
        memcpy(&Job->Limits, &Limits, Size);
    ObDereferenceObject(Job);
    return Status;
}
