/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Jobs: sets of processes that are counted, limited and ended together.
 *
 * A process is in one job, and by that in all that the job is nested in (EJOB.Parent).  Children are born into the
 * job of their parent.  A job becomes nested when the first process that comes into it is already in another one.
 * Documented behaviour: Windows, "Job Objects" and "Nested Jobs".
 */
#include "job.h"

POBJECT_TYPE PsJobType;

BOOLEAN PspIsInJob(PEPROCESS Process, PEJOB Job)
{
    PEJOB In = Process->Job;

    while (In != NULL && In != Job)
        In = In->Parent;
    return In != NULL;
}

PEPROCESS PspNextInJob(PEJOB Job, PEPROCESS Process)
{
    PLIST_ENTRY Entry = Process != NULL ? Process->ActiveProcessLinks.Flink : PsActiveProcessHead.Flink;

    for (; Entry != &PsActiveProcessHead; Entry = Entry->Flink) {
        Process = CONTAINING_RECORD(Entry, EPROCESS, ActiveProcessLinks);
        if (PspIsInJob(Process, Job))
            return Process;
    }
    return NULL;
}

ULONG PspTerminateJob(PEJOB Job, NTSTATUS ExitStatus)
{
    PEPROCESS Process = NULL;
    ULONG Count = 0;

    while ((Process = PspNextInJob(Job, Process)) != NULL) {
        Count += !Process->Exiting;
        PsTerminateProcess(Process, ExitStatus);
    }
    /* This may wait: each time the list is begun again. */
    while ((Process = PspNextInJob(Job, Process)) != NULL) {
        if (!PspIsThreadless(Process) || Process->ObjectTable == NULL || !ObReferenceObjectSafe(Process))
            continue;
        PspClearThreadless(Process);
        ObDereferenceObject(Process);
        Process = NULL;
    }
    return Count;
}

VOID PspJobMessage(PEJOB Job, ULONG Message, HANDLE ProcessId)
{
    if (Job->CompletionPort != NULL &&
        !NT_SUCCESS(IoSetIoCompletion(Job->CompletionPort, Job->CompletionKey, ProcessId, STATUS_SUCCESS, Message)))
        LogPrint("job: no memory for message %lu", Message);
}

/* ------------------------------------------------------------------ coming and going */

/* Process comes into Job from the job that it is in, which is above it, or from none. */
static NTSTATUS PspEnterJob(PEPROCESS Process, PEJOB Job)
{
    PEJOB Old = Process->Job, In;
    NTSTATUS Status = PspCheckActiveLimit(Job, Old);

    if (!NT_SUCCESS(Status))
        return Status;
    for (In = Job; In != Old; In = In->Parent) {
        In->ActiveProcesses++;
        In->TotalProcesses++;
        if (Process->ActiveThreads != 0)
            PspJobMessage(In, JOB_OBJECT_MSG_NEW_PROCESS, Process->UniqueProcessId);
    }
    ObReferenceObject(Job);
    Process->Job = Job;
    for (In = Job; In != Old; In = In->Parent)
        PspHoldNewProcess(Process, In);
    MmSetQuota(&Process->Vm, &Job->Memory);
    PspApplyJobPriority(Process);
    if (Old != NULL)
        ObDereferenceObject(Old);
    return STATUS_SUCCESS;
}

NTSTATUS PspInheritJob(PEPROCESS Process, PEPROCESS Parent, BOOLEAN Breakaway)
{
    ULONG Allowed = JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK | (Breakaway ? JOB_OBJECT_LIMIT_BREAKAWAY_OK : 0);
    PEJOB Job = Parent->Job;

    if (Parent->Exiting)                /* its job may be ended already */
        return STATUS_PROCESS_IS_TERMINATING;
    if (Job != NULL && Breakaway && !PspHasLimit(Job, Allowed))
        return STATUS_ACCESS_DENIED;
    while (Job != NULL && PspHasLimit(Job, Allowed))
        Job = Job->Parent;
    return Job != NULL ? PspEnterJob(Process, Job) : STATUS_SUCCESS;
}

NTSTATUS PspAssignProcessToJob(PEPROCESS Process, PEJOB Job)
{
    PEJOB Above = Job;

    if (Process == PsInitialSystemProcess)
        return STATUS_ACCESS_DENIED;
    if (Process->Exiting)
        return STATUS_PROCESS_IS_TERMINATING;
    if (Process->Job == Job)
        return STATUS_SUCCESS;
    if (Process->Job != NULL && (Process->Job->UIRestrictionsClass != 0 || Job->UIRestrictionsClass != 0))
        return STATUS_ACCESS_DENIED;    /* jobs with UI limits are not nested ("Nested Jobs") */
    if (Process->Job != NULL && Job->Parent == NULL && Job->TotalProcesses == 0) {
        if (PspIsInJob(Process, Job))
            return STATUS_ACCESS_DENIED;
        ObReferenceObject(Process->Job);
        Job->Parent = Process->Job;
        Job->Memory.Parent = &Process->Job->Memory;
    }
    while (Above != NULL && Above != Process->Job)
        Above = Above->Parent;
    if (Above != Process->Job)          /* neither nested in the process's job */
        return STATUS_ACCESS_DENIED;
    return PspEnterJob(Process, Job);
}

VOID PspAnnounceProcess(PEPROCESS Process)
{
    for (PEJOB Job = Process->Job; Job != NULL; Job = Job->Parent)
        PspJobMessage(Job, JOB_OBJECT_MSG_NEW_PROCESS, Process->UniqueProcessId);
}

/* The end that an exception left unhandled, or Ctrl+C, has brought (JOBOBJECT_ASSOCIATE_COMPLETION_PORT's list). */
static BOOLEAN PspIsAbnormal(NTSTATUS ExitStatus)
{
    static const NTSTATUS Abnormal[] = {
        STATUS_ACCESS_VIOLATION, STATUS_ARRAY_BOUNDS_EXCEEDED, STATUS_BREAKPOINT, STATUS_CONTROL_C_EXIT,
        STATUS_DATATYPE_MISALIGNMENT, STATUS_FLOAT_DENORMAL_OPERAND, STATUS_FLOAT_DIVIDE_BY_ZERO,
        STATUS_FLOAT_INEXACT_RESULT, STATUS_FLOAT_INVALID_OPERATION, STATUS_FLOAT_OVERFLOW, STATUS_FLOAT_STACK_CHECK,
        STATUS_FLOAT_UNDERFLOW, STATUS_GUARD_PAGE_VIOLATION, STATUS_ILLEGAL_INSTRUCTION, STATUS_IN_PAGE_ERROR,
        STATUS_INTEGER_DIVIDE_BY_ZERO, STATUS_INTEGER_OVERFLOW, STATUS_INVALID_DISPOSITION,
        STATUS_NONCONTINUABLE_EXCEPTION, STATUS_PRIVILEGED_INSTRUCTION, STATUS_SINGLE_STEP, STATUS_STACK_OVERFLOW,
    };

    for (ULONG i = 0; i < RTL_NUMBER_OF(Abnormal); i++)
        if (Abnormal[i] == ExitStatus)
            return TRUE;
    return FALSE;
}

static VOID PspCountEnd(PEJOB Job, PEPROCESS Process)
{
    ULONG64 KernelTime, UserTime;

    PspProcessTimes(Process, &KernelTime, &UserTime);
    Job->KernelTime += KernelTime;
    Job->UserTime += UserTime;
    Job->PageFaultCount += Process->Vm.PageFaultCount;
    PspAddIoCounters(Process, &Job->Io);
    PspJobMessage(Job, PspIsAbnormal(Process->ExitStatus) ? JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS
                  : JOB_OBJECT_MSG_EXIT_PROCESS, Process->UniqueProcessId);
    if (Job->ActiveProcesses == 0)
        PspJobMessage(Job, JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, NULL);
}

VOID PspLeaveJob(PEPROCESS Process, BOOLEAN HasRun)
{
    PEJOB Job = Process->Job;

    if (Job == NULL)
        return;
    for (PEJOB In = Job; In != NULL; In = In->Parent) {
        In->ActiveProcesses--;
        if (HasRun)
            PspCountEnd(In, Process);
        else
            In->TotalProcesses--;
    }
    MmSetQuota(&Process->Vm, NULL);
    Process->Job = NULL;
    ObDereferenceObject(Job);
}

/* ------------------------------------------------------------------ the object */

static VOID PspCloseJob(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    if (SystemHandleCount == 1 && PspHasLimit(Object, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE))
        PspTerminateJob(Object, STATUS_SUCCESS);
}

static VOID PspDeleteJob(PVOID Object)
{
    PEJOB Job = Object;

    if (Job->TimeLinks.Flink != NULL)
        PspUnlink(&Job->TimeLinks);
    PspDropRate(Job);
    if (Job->CompletionPort != NULL)
        ObDereferenceObject(Job->CompletionPort);
    if (Job->Parent != NULL)
        ObDereferenceObject(Job->Parent);
}

NTSTATUS PspInitJobs(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"Job");
    OBJECT_TYPE_INITIALIZER Type = {
        .GenericMapping = { STANDARD_RIGHTS_READ | JOB_OBJECT_QUERY, STANDARD_RIGHTS_WRITE |
                            JOB_OBJECT_ASSIGN_PROCESS | JOB_OBJECT_SET_ATTRIBUTES | JOB_OBJECT_TERMINATE,
                            STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, JOB_OBJECT_ALL_ACCESS | JOB_OBJECT_IMPERSONATE },
        .ValidAccessMask = JOB_OBJECT_ALL_ACCESS | JOB_OBJECT_IMPERSONATE,
        .WaitOffset = FIELD_OFFSET(EJOB, Header),
        .CloseProcedure = PspCloseJob,
        .DeleteProcedure = PspDeleteJob,
    };

    return ObCreateObjectType(&Name, &Type, NULL, &PsJobType);
}

NTSTATUS PspReferenceJob(HANDLE Handle, ACCESS_MASK Access, PEJOB *Job)
{
    return ObReferenceObjectByHandle(Handle, Access, PsJobType, UserMode, (PVOID *)Job, NULL);
}

/* ------------------------------------------------------------------ services */

NTSTATUS NTAPI NtCreateJobObject(PHANDLE JobHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    PEJOB Job;
    HANDLE Handle = NULL;
    NTSTATUS Status = ObCreateObject(UserMode, PsJobType, ObjectAttributes, UserMode, NULL, sizeof(EJOB), 0, 0,
                                     (PVOID *)&Job);

    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, JobHandle);
    KeInitializeEvent((PKEVENT)&Job->Header, NotificationEvent, FALSE);
    PspInitJobLimits(Job);
    Status = ObInsertObject(Job, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, JobHandle);
}

NTSTATUS NTAPI NtOpenJobObject(PHANDLE JobHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(PsJobType, JobHandle, DesiredAccess, ObjectAttributes);
}

NTSTATUS NTAPI NtAssignProcessToJobObject(HANDLE JobHandle, HANDLE ProcessHandle)
{
    PEPROCESS Process;
    PEJOB Job;
    NTSTATUS Status = PspReferenceJob(JobHandle, JOB_OBJECT_ASSIGN_PROCESS, &Job);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspReferenceProcess(ProcessHandle, PROCESS_SET_QUOTA | PROCESS_TERMINATE, &Process);
    if (NT_SUCCESS(Status)) {
        Status = PspAssignProcessToJob(Process, Job);
        if (Status == STATUS_QUOTA_EXCEEDED)    /* JOBOBJECT_BASIC_LIMIT_INFORMATION, ActiveProcessLimit */
            PsTerminateProcess(Process, ERROR_NOT_ENOUGH_QUOTA);
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
    KeSignalObject(&Job->Header);
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
        Status = (Job != NULL ? PspIsInJob(Process, Job) : Process->Job != NULL) ? STATUS_PROCESS_IN_JOB
                 : STATUS_PROCESS_NOT_IN_JOB;
    if (Job != NULL)
        ObDereferenceObject(Job);
    ObDereferenceObject(Process);
    return Status;
}
