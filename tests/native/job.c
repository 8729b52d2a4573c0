/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Jobs: who is in, messages at the completion port, nesting, breaking away, limits, information classes, the end.
 * Wine knows the membership, the messages and kill on close; it keeps most limits without holding anybody to them.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define SECOND 10000000ll
#define KEY ((PVOID)0x1234)

typedef struct _CHILD {
    HANDLE Process, Thread;
    CLIENT_ID Id;
} CHILD, *PCHILD;

static PRTL_USER_PROCESS_PARAMETERS Own;
static JOBOBJECT_BASIC_ACCOUNTING_INFORMATION Accounting;

/* ------------------------------------------------------------------ children */

static NTSTATUS Create(PCWSTR CommandLine, ULONG ProcessFlags, const HANDLE *Jobs, ULONG JobCount, PCHILD Child)
{
    UNICODE_STRING Line, Path;
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    PS_CREATE_INFO Info = { .Size = sizeof(Info) };
    struct {
        SIZE_T TotalLength;
        PS_ATTRIBUTE Attributes[3];
    } List = { sizeof(List) - (Jobs == NULL ? sizeof(PS_ATTRIBUTE) : 0) };
    NTSTATUS Status = RtlDosPathNameToNtPathName_U_WithStatus(Own->ImagePathName.Buffer, &Path, NULL, NULL);

    memset(Child, 0, sizeof(*Child));
    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Line, CommandLine);
    Status = RtlCreateProcessParametersEx(&Parameters, &Own->ImagePathName, NULL, NULL, &Line, NULL, NULL, NULL, NULL,
                                          NULL, RTL_USER_PROC_PARAMS_NORMALIZED);
    if (NT_SUCCESS(Status)) {
        Parameters->ConsoleHandle = Own->ConsoleHandle;
        Parameters->StandardOutput = Own->StandardOutput;
        Parameters->StandardError = Own->StandardError;
        List.Attributes[0] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_IMAGE_NAME, Path.Length, { .ValuePtr = Path.Buffer } };
        List.Attributes[1] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_CLIENT_ID, sizeof(CLIENT_ID), { .ValuePtr = &Child->Id } };
        List.Attributes[2] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_JOB_LIST, JobCount * sizeof(HANDLE), { .ValuePtr = (PVOID)Jobs } };
        Status = NtCreateUserProcess(&Child->Process, &Child->Thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, NULL, NULL,
                                     ProcessFlags, THREAD_CREATE_FLAGS_CREATE_SUSPENDED, Parameters, &Info,
                                     (PPS_ATTRIBUTE_LIST)&List);
        RtlDestroyProcessParameters(Parameters);
    }
    RtlFreeUnicodeString(&Path);
    return Status;
}

static CHILD Start(PCWSTR CommandLine)
{
    CHILD Child;

    CHECK_STATUS(STATUS_SUCCESS, Create(CommandLine, 0, NULL, 0, &Child));
    return Child;
}

static VOID Resume(PCHILD Child)
{
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Child->Thread, NULL));
}

/* Waits for the end: the exit status. */
static NTSTATUS Join(PCHILD Child)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };
    NTSTATUS Status = STATUS_TIMEOUT;

    if (CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Child->Process, FALSE, &Limit)))
        Status = QueryExitStatus(Child->Process);
    NtClose(Child->Process);
    NtClose(Child->Thread);
    return Status;
}

static VOID Kill(PCHILD Child)
{
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Child->Process, 77));
    CHECK_STATUS(77, Join(Child));
}

static int SleepForEver(VOID)
{
    LARGE_INTEGER Long = { .QuadPart = -600 * SECOND };

    NtDelayExecution(FALSE, &Long);
    return 1;
}

/* Commits 1 MiB after the other until that is refused: how many, or 255 for another status than expected. */
static int Commit(VOID)
{
    int Count = 0;

    for (;; Count++) {
        SIZE_T Size = 0x100000;
        PVOID Base = NULL;
        NTSTATUS Status = Count == 64 ? STATUS_COMMITMENT_LIMIT
                          : NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_COMMIT, PAGE_READWRITE);

        if (!NT_SUCCESS(Status))
            return Status == STATUS_COMMITMENT_LIMIT ? Count : 255;
    }
}

/* Writes 64 KiB to a file, reads them back, and stays. */
static int Transfer(VOID)
{
    static UCHAR Bytes[0x10000];
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\temp\\job.tmp");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    LARGE_INTEGER Start = { .QuadPart = 0 };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;

    if (!NT_SUCCESS(NtCreateFile(&File, GENERIC_READ | GENERIC_WRITE | DELETE | SYNCHRONIZE, &Attributes, &IoStatus, NULL, 0, 0,
                                 FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0)) ||
        !NT_SUCCESS(NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Bytes, sizeof(Bytes), &Start, NULL)) ||
        !NT_SUCCESS(NtReadFile(File, NULL, NULL, NULL, &IoStatus, Bytes, sizeof(Bytes), &Start, NULL)))
        return 255;
    NtClose(File);
    return SleepForEver();
}

static int SetPriority(VOID)
{
    UCHAR Class[2] = { FALSE, 3 };      /* whether in the foreground, class */

    if (NtSetInformationProcess(SELF, ProcessPriorityClass, Class, sizeof(Class)) != STATUS_SUCCESS)
        return 255;
    return NtQueryInformationProcess(SELF, ProcessPriorityClass, Class, sizeof(Class), NULL) != STATUS_SUCCESS ? 254
           : Class[1];
}

/* A process that starts another one, which stays, and ends with the status of that. */
static NTSTATUS StartGrandchild(ULONG Flags)
{
    CHILD Grandchild;
    NTSTATUS Status = Create(L"job wait", Flags, NULL, 0, &Grandchild);

    if (NT_SUCCESS(Status))
        NtResumeThread(Grandchild.Thread, NULL);
    return Status;
}

static int Child(PCWSTR Role)
{
    if (wcscmp(Role, L"wait") == 0)
        return SleepForEver();
    if (wcscmp(Role, L"commit") == 0)
        return Commit();
    if (wcscmp(Role, L"keep") == 0)
        return Commit() + SleepForEver();
    if (wcscmp(Role, L"io") == 0)
        return Transfer();
    if (wcscmp(Role, L"priority") == 0)
        return SetPriority();
    if (wcscmp(Role, L"parent") == 0)
        return StartGrandchild(0);
    if (wcscmp(Role, L"breakaway") == 0)
        return StartGrandchild(PROCESS_CREATE_FLAGS_BREAKAWAY);
    if (wcscmp(Role, L"spin") == 0)
        for (volatile ULONG i = 0;; i++)
            ;
    if (wcscmp(Role, L"fail") == 0)
        return STATUS_ACCESS_VIOLATION;
    return 5;
}

/* ------------------------------------------------------------------ the job */

static HANDLE MakeJob(VOID)
{
    HANDLE Job = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateJobObject(&Job, JOB_OBJECT_ALL_ACCESS, NULL));
    return Job;
}

static NTSTATUS SetLimits(HANDLE Job, ULONG Flags, const JOBOBJECT_EXTENDED_LIMIT_INFORMATION *Values)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = { 0 };

    if (Values != NULL)
        Limits = *Values;
    Limits.BasicLimitInformation.LimitFlags = Flags;
    return NtSetInformationJobObject(Job, JobObjectExtendedLimitInformation, &Limits, sizeof(Limits));
}

static ULONG Active(HANDLE Job)
{
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectBasicAccountingInformation, &Accounting,
                                                             sizeof(Accounting), NULL));
    return Accounting.ActiveProcesses;
}

static HANDLE MakePort(HANDLE Job)
{
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT Association = { KEY, NULL };

    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Association.CompletionPort, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationJobObject(Job, JobObjectAssociateCompletionPortInformation, &Association,
                                                           sizeof(Association)));
    return Association.CompletionPort;
}

/* The next message, of that process (NULL: none named). */
static BOOLEAN Expect(HANDLE Port, ULONG Message, HANDLE ProcessId)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };
    IO_STATUS_BLOCK Iosb = { 0 };
    ULONG_PTR Key = 0, Context = 0;

    return CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Port, &Key, &Context, &Iosb, &Limit)) &&
           CHECK(Key == (ULONG_PTR)KEY) && CHECK_STATUS(Message, (NTSTATUS)Iosb.Information) &&
           CHECK(Context == (ULONG_PTR)ProcessId);
}

static BOOLEAN NoMessage(HANDLE Port)
{
    LARGE_INTEGER Now = { 0 };
    IO_STATUS_BLOCK Iosb;
    ULONG_PTR Key, Context;

    return CHECK_STATUS(STATUS_TIMEOUT, NtRemoveIoCompletion(Port, &Key, &Context, &Iosb, &Now));
}

static VOID TestMembership(VOID)
{
    LARGE_INTEGER Now = { 0 };
    HANDLE Job = MakeJob(), Other = MakeJob();
    CHILD Child = Start(L"job wait");

    CHECK_STATUS(STATUS_PROCESS_NOT_IN_JOB, NtIsProcessInJob(Child.Process, Job));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    CHECK_STATUS(STATUS_PROCESS_IN_JOB, NtIsProcessInJob(Child.Process, Job));
    CHECK_STATUS(STATUS_PROCESS_IN_JOB, NtIsProcessInJob(Child.Process, NULL));
    CHECK_STATUS(STATUS_PROCESS_NOT_IN_JOB, NtIsProcessInJob(Child.Process, Other));
    CHECK(Active(Job) == 1 && Accounting.TotalProcesses == 1 && Accounting.TotalTerminatedProcesses == 0);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Job, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateJobObject(Job, 9));
    CHECK_STATUS(9, Join(&Child));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Job, FALSE, &Now));
    CHECK(Active(Job) == 0 && Accounting.TotalProcesses == 1 && Accounting.TotalTerminatedProcesses == 0);
    Child = Start(L"job wait");
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Child.Process, 1));
    NtWaitForSingleObject(Child.Process, FALSE, NULL);
    CHECK_STATUS(STATUS_PROCESS_IS_TERMINATING, NtAssignProcessToJobObject(Job, Child.Process));
    CHECK_STATUS(1, Join(&Child));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtAssignProcessToJobObject(NULL, SELF));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtAssignProcessToJobObject(SELF, SELF));
    NtClose(Job);
    NtClose(Other);
}

static VOID TestKillOnClose(VOID)
{
    HANDLE Job = MakeJob();
    CHILD Child = Start(L"job wait");

    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    NtClose(Job);
    CHECK_STATUS(STATUS_SUCCESS, Join(&Child));
}

static VOID TestMessages(VOID)
{
    HANDLE Job = MakeJob(), Port;
    CHILD First = Start(L"job 5"), Second = Start(L"job fail");
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT Again = { KEY, NULL };

    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSetInformationJobObject(Job, JobObjectAssociateCompletionPortInformation, &Again,
                                                                  sizeof(Again)));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, First.Process));
    Port = MakePort(Job);
    Again.CompletionPort = Port;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectAssociateCompletionPortInformation, &Again,
                                                                     sizeof(Again)));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, First.Id.UniqueProcess);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Second.Process));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, Second.Id.UniqueProcess);
    NoMessage(Port);
    Resume(&First);
    Expect(Port, JOB_OBJECT_MSG_EXIT_PROCESS, First.Id.UniqueProcess);
    Resume(&Second);
    /* Wine tells no end from the other; the list of statuses is JOBOBJECT_ASSOCIATE_COMPLETION_PORT's. */
    Expect(Port, IsWine ? JOB_OBJECT_MSG_EXIT_PROCESS : JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS, Second.Id.UniqueProcess);
    Expect(Port, JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, NULL);
    NoMessage(Port);
    CHECK_STATUS(5, Join(&First));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Join(&Second));
    NtClose(Job);
    NtClose(Port);
}

/* A grandchild in the job of its parent, which has ended, is what is left. */
static VOID TestInheritance(VOID)
{
    HANDLE Job = MakeJob(), Port = MakePort(Job);
    CHILD Child = Start(L"job parent");

    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    Resume(&Child);
    CHECK_STATUS(STATUS_SUCCESS, Join(&Child));
    CHECK(Active(Job) == 1 && Accounting.TotalProcesses == 2);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateJobObject(Job, 3));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, Child.Id.UniqueProcess);
    NtClose(Job);
    NtClose(Port);
}

/* What a child of the job with such limits gets that starts a process; how many processes are in the job then. */
static VOID TryBreakaway(PCWSTR Role, ULONG Limits, NTSTATUS Expected, ULONG Stay)
{
    HANDLE Job = MakeJob(), Outer = MakeJob();
    CHILD Child = Start(Role);

    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Outer, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, Limits | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    Resume(&Child);
    CHECK_STATUS(Expected, Join(&Child));
    CHECK(Active(Job) == Stay);
    CHECK(Active(Outer) == (NT_SUCCESS(Expected) ? 1 : 0));     /* breaking away from the inner one only */
    NtClose(Job);
    NtClose(Outer);
}

static VOID TestBreakaway(VOID)
{
    TryBreakaway(L"job parent", 0, STATUS_SUCCESS, 1);
    TryBreakaway(L"job breakaway", 0, STATUS_ACCESS_DENIED, 0);
    TryBreakaway(L"job parent", JOB_OBJECT_LIMIT_BREAKAWAY_OK, STATUS_SUCCESS, 1);
    TryBreakaway(L"job breakaway", JOB_OBJECT_LIMIT_BREAKAWAY_OK, STATUS_SUCCESS, 0);
    TryBreakaway(L"job parent", JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK, STATUS_SUCCESS, 0);
    TryBreakaway(L"job breakaway", JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK, STATUS_SUCCESS, 0);
}

static VOID TestNesting(VOID)
{
    HANDLE Outer = MakeJob(), Inner = MakeJob(), Other = MakeJob(), Port = MakePort(Outer);
    CHILD First = Start(L"job wait"), Second = Start(L"job wait");

    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, First.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Other, Second.Process));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtAssignProcessToJobObject(Other, First.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Inner, First.Process));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtAssignProcessToJobObject(Inner, Second.Process));
    CHECK_STATUS(STATUS_PROCESS_IN_JOB, NtIsProcessInJob(First.Process, Outer));
    CHECK_STATUS(STATUS_PROCESS_IN_JOB, NtIsProcessInJob(First.Process, Inner));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtAssignProcessToJobObject(Outer, First.Process));
    CHECK(Active(Outer) == 1 && Accounting.TotalProcesses == 1);
    CHECK(Active(Inner) == 1 && Active(Other) == 1);
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, First.Id.UniqueProcess);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateJobObject(Outer, 4));
    CHECK_STATUS(4, Join(&First));
    Expect(Port, JOB_OBJECT_MSG_EXIT_PROCESS, First.Id.UniqueProcess);
    CHECK(Active(Inner) == 0 && Active(Outer) == 0 && Active(Other) == 1);
    Kill(&Second);
    NtClose(Outer);
    NtClose(Inner);
    NtClose(Other);
    NtClose(Port);
}

/* "Nested Jobs": jobs are nested if neither sets UI limits. */
static VOID TestNestingWithLimits(BOOLEAN OfInner)
{
    HANDLE Outer = MakeJob(), Inner = MakeJob();
    ULONG Restrictions = JOB_OBJECT_UILIMIT_HANDLES;
    CHILD Child = Start(L"job wait");

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationJobObject(OfInner ? Inner : Outer, JobObjectBasicUIRestrictions, &Restrictions,
                                                           sizeof(ULONG)));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, Child.Process));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtAssignProcessToJobObject(Inner, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, Child.Process));
    Kill(&Child);
    NtClose(Outer);
    NtClose(Inner);
}

/* PS_ATTRIBUTE_JOB_LIST: in from the start, each nested in the one before. */
static VOID TestJobList(VOID)
{
    HANDLE Jobs[2] = { MakeJob(), MakeJob() }, Bad = SELF;
    CHILD Child;

    CHECK_STATUS(STATUS_SUCCESS, Create(L"job 5", 0, Jobs, 2, &Child));
    CHECK(Active(Jobs[0]) == 1 && Active(Jobs[1]) == 1);
    Resume(&Child);
    CHECK_STATUS(5, Join(&Child));
    CHECK(Active(Jobs[0]) == 0 && Accounting.TotalProcesses == 1);
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Create(L"job 5", 0, &Bad, 1, &Child));
    NtClose(Jobs[0]);
    NtClose(Jobs[1]);
}

/* ------------------------------------------------------------------ limits */

static VOID TestActiveLimit(VOID)
{
    HANDLE Job = MakeJob(), Port = MakePort(Job);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = { .BasicLimitInformation.ActiveProcessLimit = 1 };
    CHILD First = Start(L"job parent"), Second = Start(L"job wait");

    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, JOB_OBJECT_LIMIT_ACTIVE_PROCESS, &Limits));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, First.Process));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, First.Id.UniqueProcess);
    CHECK_STATUS(STATUS_QUOTA_EXCEEDED, NtAssignProcessToJobObject(Job, Second.Process));
    Expect(Port, JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, NULL);
    CHECK_STATUS(ERROR_NOT_ENOUGH_QUOTA, Join(&Second));
    Resume(&First);
    Expect(Port, JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, NULL);
    CHECK_STATUS(STATUS_QUOTA_EXCEEDED, Join(&First));
    CHECK(Active(Job) == 0 && Accounting.TotalProcesses == 1);
    NtClose(Job);
    NtClose(Port);
}

/* A process with such a limit commits until that is refused: how many MiB it got.  Its job's message comes once. */
static NTSTATUS CommitUnder(ULONG Flag, ULONG Message)
{
    HANDLE Job = MakeJob(), Port = MakePort(Job);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = { .ProcessMemoryLimit = 8 << 20, .JobMemoryLimit = 8 << 20 };
    CHILD Child = Start(L"job commit");
    NTSTATUS Status;

    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, Flag, &Limits));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, Child.Id.UniqueProcess);
    Resume(&Child);
    Expect(Port, Message, Child.Id.UniqueProcess);
    Status = Join(&Child);
    Expect(Port, JOB_OBJECT_MSG_EXIT_PROCESS, Child.Id.UniqueProcess);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectExtendedLimitInformation, &Limits, sizeof(Limits),
                                                             NULL));
    CHECK(Limits.PeakProcessMemoryUsed > 7 << 20 && Limits.PeakProcessMemoryUsed <= 8 << 20);
    CHECK(Limits.PeakJobMemoryUsed == Limits.PeakProcessMemoryUsed);
    NtClose(Job);
    NtClose(Port);
    return Status;
}

static VOID TestMemoryLimits(VOID)
{
    CHECK_STATUS(7, CommitUnder(JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_MSG_PROCESS_MEMORY_LIMIT));
    CHECK_STATUS(7, CommitUnder(JOB_OBJECT_LIMIT_JOB_MEMORY, JOB_OBJECT_MSG_JOB_MEMORY_LIMIT));
}

static VOID TestProcessTime(VOID)
{
    HANDLE Job = MakeJob(), Port = MakePort(Job);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = {
        .BasicLimitInformation.PerProcessUserTimeLimit.QuadPart = SECOND / 5,
    };
    CHILD Child = Start(L"job spin");

    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, JOB_OBJECT_LIMIT_PROCESS_TIME, &Limits));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    Resume(&Child);
    CHECK_STATUS(ERROR_NOT_ENOUGH_QUOTA, Join(&Child));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, Child.Id.UniqueProcess);
    Expect(Port, JOB_OBJECT_MSG_END_OF_PROCESS_TIME, Child.Id.UniqueProcess);
    Expect(Port, JOB_OBJECT_MSG_EXIT_PROCESS, Child.Id.UniqueProcess);
    CHECK(Active(Job) == 0 && Accounting.TotalTerminatedProcesses == 1);
    CHECK(Accounting.TotalUserTime.QuadPart > SECOND / 5);
    CHECK(Accounting.ThisPeriodTotalUserTime.QuadPart == Accounting.TotalUserTime.QuadPart);
    NtClose(Job);
    NtClose(Port);
}

static VOID TestJobTime(ULONG Action)
{
    LARGE_INTEGER Now = { 0 };
    HANDLE Job = MakeJob(), Port = MakePort(Job);
    JOBOBJECT_END_OF_JOB_TIME_INFORMATION End = { Action };
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = { .BasicLimitInformation.PerJobUserTimeLimit.QuadPart = SECOND / 5 };
    CHILD Child = Start(L"job spin");

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationJobObject(Job, JobObjectEndOfJobTimeInformation, &End, sizeof(End)));
    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, JOB_OBJECT_LIMIT_JOB_TIME, &Limits));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, Child.Id.UniqueProcess);
    Resume(&Child);
    if (Action == JOB_OBJECT_POST_AT_END_OF_JOB) {
        Expect(Port, JOB_OBJECT_MSG_END_OF_JOB_TIME, NULL);
        CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Job, FALSE, &Now));
        Kill(&Child);
    } else {
        CHECK_STATUS(ERROR_NOT_ENOUGH_QUOTA, Join(&Child));
        CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Job, FALSE, &Now));
        CHECK(Active(Job) == 0 && Accounting.TotalTerminatedProcesses == 1);
    }
    NtClose(Job);
    NtClose(Port);
}

/* --- notification limits: JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION, JOBOBJECT_LIMIT_VIOLATION_INFORMATION ------------------ */

static NTSTATUS Notify(HANDLE Job, ULONG Flags)
{
    JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION Limits = {
        .IoReadBytesLimit = 0x8000, .IoWriteBytesLimit = 0x8000, .PerJobUserTimeLimit.QuadPart = SECOND / 10,
        .JobMemoryLimit = 8 << 20, .LimitFlags = Flags,
    };

    return NtSetInformationJobObject(Job, JobObjectNotificationLimitInformation, &Limits, sizeof(Limits));
}

static JOBOBJECT_LIMIT_VIOLATION_INFORMATION Violations(HANDLE Job)
{
    JOBOBJECT_LIMIT_VIOLATION_INFORMATION Info = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectLimitViolationInformation, &Info, sizeof(Info), NULL));
    return Info;
}

/* A process exceeds the limits of Flags, and goes on: its job's port is told once, and what Flags leaves out is not told. */
static VOID NotifyOf(PCWSTR Role, ULONG Flags)
{
    HANDLE Job = MakeJob(), Port = MakePort(Job);
    CHILD Child = Start(Role);

    CHECK_STATUS(STATUS_SUCCESS, Notify(Job, Flags));
    CHECK(Violations(Job).LimitFlags == Flags && Violations(Job).ViolationLimitFlags == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    Expect(Port, JOB_OBJECT_MSG_NEW_PROCESS, Child.Id.UniqueProcess);
    Resume(&Child);
    Expect(Port, JOB_OBJECT_MSG_NOTIFICATION_LIMIT, Child.Id.UniqueProcess);
    CHECK(Violations(Job).ViolationLimitFlags == Flags);
    CHECK(Active(Job) == 1);
    Kill(&Child);
    if (Flags == JOB_OBJECT_LIMIT_JOB_READ_BYTES)       /* the counters stay */
        CHECK(Violations(Job).IoReadBytes >= 0x10000);
    Expect(Port, JOB_OBJECT_MSG_EXIT_PROCESS, Child.Id.UniqueProcess);
    Expect(Port, JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, NULL);
    NoMessage(Port);
    CHECK_STATUS(STATUS_SUCCESS, Notify(Job, 0));
    CHECK(Violations(Job).LimitFlags == 0 && Violations(Job).ViolationLimitFlags == 0);
    NtClose(Job);
    NtClose(Port);
}

static VOID TestNotifications(VOID)
{
    HANDLE Job = MakeJob();
    JOBOBJECT_NOTIFICATION_LIMIT_INFORMATION Limits = { .LimitFlags = JOB_OBJECT_LIMIT_JOB_TIME };
    JOBOBJECT_LIMIT_VIOLATION_INFORMATION Now;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectNotificationLimitInformation, &Limits,
                                                                     sizeof(Limits)));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Notify(Job, JOB_OBJECT_LIMIT_ACTIVE_PROCESS));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, Notify(Job, JOB_OBJECT_LIMIT_RATE_CONTROL));
    CHECK_STATUS(STATUS_SUCCESS, Notify(Job, JOB_OBJECT_LIMIT_JOB_MEMORY));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectNotificationLimitInformation, &Limits, sizeof(Limits),
                                                             NULL));
    CHECK(Limits.LimitFlags == JOB_OBJECT_LIMIT_JOB_MEMORY && Limits.JobMemoryLimit == 8 << 20);
    Now = Violations(Job);
    CHECK(Now.JobMemoryLimit == 8 << 20 && Now.JobMemory == 0 && Now.IoReadBytes == 0 && Now.ViolationLimitFlags == 0);
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtSetInformationJobObject(Job, JobObjectLimitViolationInformation, &Now, sizeof(Now)));
    NtClose(Job);

    NotifyOf(L"job spin", JOB_OBJECT_LIMIT_JOB_TIME);
    NotifyOf(L"job keep", JOB_OBJECT_LIMIT_JOB_MEMORY);
    NotifyOf(L"job io", JOB_OBJECT_LIMIT_JOB_READ_BYTES);
    NotifyOf(L"job io", JOB_OBJECT_LIMIT_JOB_WRITE_BYTES);
}

/* The class of the job, when the job comes and when the process asks for another one. */
static VOID TestPriorityClass(VOID)
{
    HANDLE Job = MakeJob();
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = { .BasicLimitInformation.PriorityClass = 5 };
    UCHAR Class[2] = { 0 };
    CHILD Child = Start(L"job priority");

    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, SetLimits(Job, JOB_OBJECT_LIMIT_PRIORITY_CLASS, &Limits));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Child.Process, ProcessPriorityClass, Class, sizeof(Class), NULL));
    CHECK(Class[1] == 5);
    Resume(&Child);
    CHECK_STATUS(5, Join(&Child));
    NtClose(Job);
}

static VOID TestLimitValues(VOID)
{
    HANDLE Job = MakeJob();
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Zero = { 0 };
    JOBOBJECT_BASIC_LIMIT_INFORMATION Basic = { .LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE };
    static const ULONG NeedValue[] = {
        JOB_OBJECT_LIMIT_WORKINGSET, JOB_OBJECT_LIMIT_PROCESS_TIME, JOB_OBJECT_LIMIT_JOB_TIME,
        JOB_OBJECT_LIMIT_ACTIVE_PROCESS, JOB_OBJECT_LIMIT_AFFINITY, JOB_OBJECT_LIMIT_PRIORITY_CLASS,
        JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOB_OBJECT_LIMIT_JOB_MEMORY,
        JOB_OBJECT_LIMIT_JOB_TIME | JOB_OBJECT_LIMIT_PRESERVE_JOB_TIME,
    };

    for (ULONG i = 0; i < RTL_NUMBER_OF(NeedValue); i++)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, SetLimits(Job, NeedValue[i], &Zero));
    Zero.BasicLimitInformation.SchedulingClass = 10;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetLimits(Job, JOB_OBJECT_LIMIT_SCHEDULING_CLASS, &Zero));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectBasicLimitInformation, &Basic,
                                                                     sizeof(Basic)));
    NtClose(Job);
}

/* ------------------------------------------------------------------ information classes */

static VOID TestProcessIds(VOID)
{
    HANDLE Job = MakeJob();
    CHILD First = Start(L"job wait"), Second = Start(L"job wait");
    struct {
        ULONG Assigned, InList;
        HANDLE Ids[4];
    } List;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectBasicProcessIdList, &List, sizeof(List), &Length));
    CHECK(List.Assigned == 0 && List.InList == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, First.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Second.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectBasicProcessIdList, &List, sizeof(List), &Length));
    CHECK(List.Assigned == 2 && List.InList == 2 && Length == FIELD_OFFSET(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList[2]));
    CHECK(List.Ids[0] == First.Id.UniqueProcess && List.Ids[1] == Second.Id.UniqueProcess);
    /* QueryInformationJobObject fails with ERROR_MORE_DATA then; Wine's status for it is no failure. */
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
                              NtQueryInformationJobObject(Job, JobObjectBasicProcessIdList, &List,
                                                          sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST), &Length)));
    CHECK(List.Assigned == 2 && List.InList == 1);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationJobObject(Job, JobObjectBasicProcessIdList, &List, 8, &Length));
    Kill(&First);
    Kill(&Second);
    NtClose(Job);
}

/* Each class with its size, one byte less and one more. */
static VOID TestClasses(VOID)
{
    static const struct {
        JOBOBJECTINFOCLASS Class;
        ULONG Size;
    } Classes[] = {
        { JobObjectBasicAccountingInformation, sizeof(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION) },
        { JobObjectBasicLimitInformation, sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION) },
        { JobObjectBasicUIRestrictions, sizeof(ULONG) },
        { JobObjectEndOfJobTimeInformation, sizeof(ULONG) },
        { JobObjectBasicAndIoAccountingInformation, sizeof(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION) },
        { JobObjectExtendedLimitInformation, sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION) },
        { JobObjectGroupInformation, sizeof(USHORT) },
        { JobObjectGroupInformationEx, sizeof(GROUP_AFFINITY) },
        { JobObjectCpuRateControlInformation, sizeof(JOBOBJECT_CPU_RATE_CONTROL_INFORMATION) },
    };
    HANDLE Job = MakeJob();
    ULONG64 Buffer[32];
    ULONG Length, Restrictions = JOB_OBJECT_UILIMIT_HANDLES;

    for (ULONG i = 0; i < RTL_NUMBER_OF(Classes); i++) {
        Length = 0;
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, Classes[i].Class, Buffer, Classes[i].Size, &Length));
        CHECK(Length == Classes[i].Size);
        CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationJobObject(Job, Classes[i].Class, Buffer,
                                                                              Classes[i].Size - 1, &Length));
    }
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationJobObject(Job, JobObjectBasicUIRestrictions, &Restrictions, sizeof(ULONG)));
    Restrictions = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectBasicUIRestrictions, &Restrictions, sizeof(ULONG),
                                                             NULL));
    CHECK(Restrictions == JOB_OBJECT_UILIMIT_HANDLES);
    Restrictions = 0x100;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectBasicUIRestrictions, &Restrictions,
                                                                     sizeof(ULONG)));
    Restrictions = 2;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectEndOfJobTimeInformation, &Restrictions,
                                                                     sizeof(ULONG)));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationJobObject(Job, (JOBOBJECTINFOCLASS)0, Buffer, 8, NULL));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationJobObject(Job, (JOBOBJECTINFOCLASS)99, Buffer, 8, NULL));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtSetInformationJobObject(Job, (JOBOBJECTINFOCLASS)99, Buffer, 8));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtQueryInformationJobObject(NULL, JobObjectBasicLimitInformation, Buffer,
                                                                   sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION), NULL));
    NtClose(Job);
}

/* Windows has these classes; they are not here, and say so. */
static VOID TestMissingClasses(VOID)
{
    static const JOBOBJECTINFOCLASS Classes[] = {
        (JOBOBJECTINFOCLASS)32, (JOBOBJECTINFOCLASS)33, (JOBOBJECTINFOCLASS)34,
    };
    UCHAR Buffer[128] = { 0 };
    HANDLE Job;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateJobObject(&Job, JOB_OBJECT_ALL_ACCESS, NULL));
    for (ULONG i = 0; i < RTL_NUMBER_OF(Classes); i++) {
        CHECK_STATUS(STATUS_NOT_SUPPORTED, NtQueryInformationJobObject(Job, Classes[i], Buffer, sizeof(Buffer), NULL));
        CHECK_STATUS(STATUS_NOT_SUPPORTED, NtSetInformationJobObject(Job, Classes[i], Buffer, sizeof(Buffer)));
    }
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationJobObject(Job, 63, Buffer, sizeof(Buffer), NULL));
    NtClose(Job);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    Own = NtCurrentPeb()->ProcessParameters;
    if (ArgumentCount > 1)
        return Child(Arguments[1]);
    CheckSystem();
    TestMembership();
    TestKillOnClose();
    TestMessages();
    TestInheritance();
    TestBreakaway();
    TestNesting();
    TestJobList();
    TestProcessIds();
    if (!IsWine) {                      /* the file's head says why */
        TestNestingWithLimits(FALSE);
        TestNestingWithLimits(TRUE);
        TestActiveLimit();
        TestMemoryLimits();
        TestProcessTime();
        TestJobTime(JOB_OBJECT_TERMINATE_AT_END_OF_JOB);
        TestJobTime(JOB_OBJECT_POST_AT_END_OF_JOB);
        TestNotifications();
        TestPriorityClass();
        TestLimitValues();
        TestClasses();
        TestMissingClasses();
    }
    return CheckClose();
}
