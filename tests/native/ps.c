/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Processes and threads: creation, information classes, jobs, the end; nothing is lost over many processes.
 * Runs on: Nereid.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define MS 10000ll

static PWSTR OwnPath;

static HANDLE StartSelf(PCWSTR CommandLine)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    PROCESS_START Start = {
        .ImagePath = OwnPath,
        .CommandLine = CommandLine,
        .Console = Own->ConsoleHandle,
        .Output = Own->StandardOutput,
        .Error = Own->StandardError,
    };
    HANDLE Process = NULL;
    ULONG Id;

    CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &Id));
    return Process;
}

static VOID TestExitStatus(VOID)
{
    PROCESS_BASIC_INFORMATION Basic;
    LARGE_INTEGER Zero = { 0 };
    HANDLE Process = StartSelf(L"ps exit 1234");

    CHECK_STATUS(1234, WaitForProcess(Process));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic),
                                                           NULL));
    CHECK_STATUS(1234, Basic.ExitStatus);
    CHECK(Basic.InheritedFromUniqueProcessId == (ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess);
    CHECK_STATUS(STATUS_PROCESS_IS_TERMINATING, NtTerminateProcess(Process, 1));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Process, FALSE, &Zero));
    NtClose(Process);
}

static VOID TestTerminate(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -20 * MS };
    HANDLE Process = StartSelf(L"ps wait");

    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Process, FALSE, &Short));
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, 55));
    CHECK_STATUS(55, WaitForProcess(Process));
    NtClose(Process);
    Process = StartSelf(L"ps spin");
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Process, FALSE, &Short));
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendProcess(Process));
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, 56));
    CHECK_STATUS(56, WaitForProcess(Process));
    NtClose(Process);
    Process = StartSelf(L"ps kill");
    CHECK_STATUS(57, WaitForProcess(Process));
    NtClose(Process);
}

static NTSTATUS Query(PROCESSINFOCLASS Class, PVOID Buffer, ULONG Length)
{
    ULONG Returned = 0;
    NTSTATUS Status = NtQueryInformationProcess(SELF, Class, Buffer, Length, &Returned);

    CHECK(!NT_SUCCESS(Status) || Returned == Length);
    return Status;
}

static VOID TestInformation(VOID)
{
    PROCESS_BASIC_INFORMATION Basic;
    VM_COUNTERS Memory;
    UCHAR Name[600];
    ULONG Value, Needed = 0;
    ULONG_PTR Port = 1;

    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessBasicInformation, &Basic, sizeof(Basic)));
    CHECK(Basic.PebBaseAddress == NtCurrentPeb());
    CHECK_STATUS(STATUS_PENDING, Basic.ExitStatus);
    CHECK(Basic.UniqueProcessId == (ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, Query(ProcessBasicInformation, &Basic, sizeof(Basic) - 1));
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessVmCounters, &Memory, sizeof(Memory)));
    CHECK(Memory.WorkingSetSize != 0 && Memory.VirtualSize > Memory.WorkingSetSize);
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessHandleCount, &Value, sizeof(Value)));
    CHECK(Value != 0);
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessDebugPort, &Port, sizeof(Port)));
    CHECK(Port == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, ProcessImageFileName, Name, sizeof(Name), &Needed));
    CHECK(Needed > sizeof(UNICODE_STRING) && ((PUNICODE_STRING)Name)->Length != 0);
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationProcess(SELF, (PROCESSINFOCLASS)999, Name, 4, NULL));
}

/* Source: IO_COUNTERS (Win32 documentation): operations and bytes, of reads, writes and all else. */
#define CLASS(n) ((PROCESSINFOCLASS)(n))
#define THREAD_CLASS(n) ((THREADINFOCLASS)(n))

/* Which rights the classes take: GetProcessTimes and its like, CheckRemoteDebuggerPresent, GetProcessMitigationPolicy, GetThreadIOPendingFlag. */
static VOID TestQueryRights(VOID)
{
    static const struct { ULONG Class, Length; BOOLEAN Limited; } Process[] = {
        { ProcessBasicInformation, sizeof(PROCESS_BASIC_INFORMATION), TRUE }, { ProcessTimes, 32, TRUE },
        { ProcessPriorityClass, 2, TRUE }, { ProcessHandleCount, 4, TRUE }, { ProcessQuotaLimits, sizeof(QUOTA_LIMITS), TRUE },
        { ProcessWow64Information, 8, TRUE }, { ProcessDebugPort, 8, FALSE }, { 30, 8, FALSE }, { 31, 4, FALSE }, { 34, 4, FALSE },
    };
    static const struct { ULONG Class, Length; BOOLEAN Limited; } Thread[] = {
        { ThreadBasicInformation, sizeof(THREAD_BASIC_INFORMATION), TRUE }, { ThreadTimes, 32, TRUE }, { ThreadAmILastThread, 4, TRUE },
        { ThreadPriorityBoost, 4, TRUE }, { ThreadQuerySetWin32StartAddress, 8, FALSE }, { ThreadIsIoPending, 4, FALSE },
        { ThreadHideFromDebugger, 1, FALSE },
    };
    HANDLE Limited = NULL;
    ULONG64 Buffer[16];

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, SELF, SELF, &Limited, PROCESS_QUERY_LIMITED_INFORMATION, 0, 0));
    for (ULONG i = 0; i < ARRAYSIZE(Process); i++)
        CHECK_STATUS(Process[i].Limited ? STATUS_SUCCESS : STATUS_ACCESS_DENIED,
                     NtQueryInformationProcess(Limited, CLASS(Process[i].Class), Buffer, Process[i].Length, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetInformationProcess(Limited, ProcessQuotaLimits, &(QUOTA_LIMITS){ 0 }, sizeof(QUOTA_LIMITS)));
    NtClose(Limited);
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, NtCurrentThread(), SELF, &Limited, THREAD_QUERY_LIMITED_INFORMATION, 0, 0));
    for (ULONG i = 0; i < ARRAYSIZE(Thread); i++)
        CHECK_STATUS(Thread[i].Limited ? STATUS_SUCCESS : STATUS_ACCESS_DENIED,
                     NtQueryInformationThread(Limited, THREAD_CLASS(Thread[i].Class), Buffer, Thread[i].Length, NULL));
    NtClose(Limited);

    /* The class, then the length, then the handle. */
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationProcess(NULL, CLASS(-1), NULL, 0, NULL));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationProcess(NULL, ProcessBasicInformation, NULL, 0, NULL));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtQueryInformationProcess(NULL, ProcessTimes, Buffer, 32, NULL));
}

/* Classes that are kept and returned. */
static VOID TestKeptInformation(VOID)
{
    QUOTA_LIMITS Quota = { 0 };
    QUOTA_LIMITS_EX Trim = { .MinimumWorkingSetSize = MAXSIZE_T, .MaximumWorkingSetSize = MAXSIZE_T };
    SIZE_T Before;
    ULONG Value = 0;

    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessQuotaLimits, &Quota, sizeof(Quota)));
    CHECK(Quota.MinimumWorkingSetSize != 0 && Quota.MaximumWorkingSetSize > Quota.MinimumWorkingSetSize);
    Before = Quota.MinimumWorkingSetSize;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationProcess(SELF, ProcessQuotaLimits, &Trim, sizeof(Trim)));
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessQuotaLimits, &Quota, sizeof(Quota)));
    CHECK(Quota.MinimumWorkingSetSize == Before);
    Quota.MinimumWorkingSetSize = 0x200000;
    Quota.MaximumWorkingSetSize = 0x100000;
    CHECK_STATUS(STATUS_BAD_WORKING_SET_LIMIT, NtSetInformationProcess(SELF, ProcessQuotaLimits, &Quota, sizeof(Quota)));
    Quota.MaximumWorkingSetSize = 0x400000;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationProcess(SELF, ProcessQuotaLimits, &Quota, sizeof(Quota)));
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessQuotaLimits, &Quota, sizeof(Quota)));
    CHECK(Quota.MinimumWorkingSetSize == 0x200000 && Quota.MaximumWorkingSetSize == 0x400000);

    Value = TRUE;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationProcess(SELF, ProcessPriorityBoost, &Value, sizeof(Value)));
    Value = 0;
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessPriorityBoost, &Value, sizeof(Value)));
    CHECK(Value == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, Query(CLASS(39), &Value, sizeof(Value)));
    CHECK(Value == 5);
    Value = 6;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationProcess(SELF, CLASS(39), &Value, sizeof(Value)));
    Value = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationProcess(SELF, CLASS(33), &Value, sizeof(Value)));
    CHECK_STATUS(STATUS_SUCCESS, Query(CLASS(33), &Value, sizeof(Value)));
    CHECK(Value == 0);
}

/* QueryProcessCycleTime, QueryThreadCycleTime: as many cycles as the CPU times are long, by the time-stamp counter. */
static VOID TestCycles(VOID)
{
    struct { ULONG64 Accumulated, Current; } Process = { 0 }, Thread = { 0 };
    KERNEL_USER_TIMES Times;
    LARGE_INTEGER Start, Now;
    ULONG64 Tsc = __rdtsc(), Used, Least;

    NtQueryPerformanceCounter(&Start, NULL);
    do
        NtQueryPerformanceCounter(&Now, NULL);
    while (Now.QuadPart - Start.QuadPart < 3000000);
    Tsc = __rdtsc() - Tsc;              /* at least 0.3 s */
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(NtCurrentThread(), ThreadTimes, &Times, sizeof(Times), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(NtCurrentThread(), THREAD_CLASS(23), &Thread, sizeof(Thread), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, CLASS(38), &Process, sizeof(Process), NULL));
    Used = (ULONG64)(Times.KernelTime.QuadPart + Times.UserTime.QuadPart);
    Least = Tsc / (ULONG64)(Now.QuadPart - Start.QuadPart) * Used;
    CHECK(Used > 1000000 && Process.Accumulated >= Thread.Accumulated);
    CHECK(Thread.Accumulated >= Least / 2 && Thread.Accumulated <= Least * 2);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationProcess(SELF, CLASS(38), &Process, 8, NULL));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationThread(NtCurrentThread(), THREAD_CLASS(23), &Thread, 8, NULL));
}

/* PROCESS_POWER_THROTTLING_STATE: the version, the flags that are taken over, and their state. */
static VOID TestThrottling(VOID)
{
    static const struct { ULONG Version, Control, State; NTSTATUS Status; } Rows[] = {
        { 1, 1, 1, STATUS_SUCCESS }, { 1, 5, 4, STATUS_SUCCESS }, { 1, 1, 0, STATUS_SUCCESS }, { 1, 0, 0, STATUS_SUCCESS },
        { 0, 1, 1, STATUS_INVALID_PARAMETER }, { 2, 1, 1, STATUS_INVALID_PARAMETER }, { 1, 8, 0, STATUS_INVALID_PARAMETER },
        { 1, 1, 4, STATUS_INVALID_PARAMETER },
    };
    ULONG Now[3];

    for (ULONG i = 0; i < ARRAYSIZE(Rows); i++) {
        CHECK_STATUS(Rows[i].Status, NtSetInformationProcess(SELF, CLASS(77), (PVOID)&Rows[i], 12));
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, CLASS(77), Now, sizeof(Now), NULL));
        CHECK((memcmp(Now, &Rows[i], sizeof(Now)) == 0) == (Rows[i].Status == STATUS_SUCCESS));
    }
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetInformationProcess(SELF, CLASS(77), Now, 8));
}

static LONG ThreadIncrement(LONG Increment, NTSTATUS Expected)
{
    THREAD_BASIC_INFORMATION Basic = { 0 };

    CHECK_STATUS(Expected, NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &Increment, sizeof(Increment)));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
    return (LONG)Basic.BasePriority;
}

/* SetThreadPriority's increments, as ntdll gets them. */
static VOID TestThreadInformation(VOID)
{
    GROUP_AFFINITY Group = { 0 };
    PROCESSOR_NUMBER Number = { 1 };
    ULONG Value = TRUE;

    CHECK(ThreadIncrement(2, STATUS_SUCCESS) == 2);
    CHECK(ThreadIncrement(3, STATUS_INVALID_PARAMETER) == 2);
    CHECK(ThreadIncrement(-3, STATUS_INVALID_PARAMETER) == 2);
    CHECK(ThreadIncrement(17, STATUS_INVALID_PARAMETER) == 2);
    CHECK(ThreadIncrement(16, STATUS_SUCCESS) == 16);
    CHECK(ThreadIncrement(-16, STATUS_SUCCESS) == -16);
    CHECK(ThreadIncrement(0, STATUS_SUCCESS) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadPriorityBoost, &Value, sizeof(Value)));
    Value = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(NtCurrentThread(), ThreadPriorityBoost, &Value, sizeof(Value), NULL));
    CHECK(Value == TRUE);
    Value = 65;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationThread(NtCurrentThread(), ThreadIdealProcessor, &Value, sizeof(Value)));
    Value = 64;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadIdealProcessor, &Value, sizeof(Value)));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(NtCurrentThread(), THREAD_CLASS(30), &Group, sizeof(Group), NULL));
    CHECK(Group.Mask == 1 && Group.Group == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), THREAD_CLASS(30), &Group, sizeof(Group)));
    Group.Reserved[1] = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationThread(NtCurrentThread(), THREAD_CLASS(30), &Group, sizeof(Group)));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetInformationThread(NtCurrentThread(), THREAD_CLASS(30), NULL, sizeof(Group)));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(NtCurrentThread(), THREAD_CLASS(33), &Number, sizeof(Number), NULL));
    CHECK(Number.Group == 0 && Number.Number == 0);
}

/* ProcessHandleInformation. */
static VOID TestHandleSnapshot(VOID)
{
    static struct {
        ULONG_PTR Count, Reserved;
        struct { HANDLE Value; SIZE_T Handles, Pointers; ULONG Access, Type, Attributes, Reserved; } Entries[200];
    } Snapshot;
    HANDLE Event = NULL;
    ULONG Needed = 0, Count = 0;
    BOOLEAN Found = FALSE;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_MODIFY_STATE, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationProcess(SELF, CLASS(51), &Snapshot, 16, &Needed));
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessHandleCount, &Count, sizeof(Count)));
    CHECK(Needed == 16 + Count * sizeof(Snapshot.Entries[0]));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, CLASS(51), &Snapshot, sizeof(Snapshot), &Needed));
    CHECK(Snapshot.Count == Count);
    for (ULONG i = 0; i < Snapshot.Count && i < ARRAYSIZE(Snapshot.Entries); i++)
        if (Snapshot.Entries[i].Value == Event)
            Found = Snapshot.Entries[i].Access == EVENT_MODIFY_STATE && Snapshot.Entries[i].Handles == 1;
    CHECK(Found);
    NtClose(Event);
}

/* ProcessMitigationPolicy: data is not executed, and that stays so. */
static VOID TestPolicies(VOID)
{
    struct { ULONG Policy, Flags; BOOLEAN Permanent; } Policy = { ProcessDEPPolicy };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, CLASS(52), &Policy, sizeof(Policy), NULL));
    CHECK(Policy.Policy == ProcessDEPPolicy && Policy.Flags == 1 && Policy.Permanent);
    Policy.Policy = ProcessDynamicCodePolicy;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, CLASS(52), &Policy, sizeof(Policy), NULL));
    CHECK(Policy.Flags == 0);
    Policy.Policy = 999;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQueryInformationProcess(SELF, CLASS(52), &Policy, sizeof(Policy), NULL));
}

static VOID TestIoCounters(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\temp\\ps.tmp");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    LARGE_INTEGER Start = { .QuadPart = 0 };
    IO_COUNTERS Before = { 0 }, After = { 0 };
    FILE_STANDARD_INFORMATION Standard;
    IO_STATUS_BLOCK IoStatus;
    UCHAR Bytes[300] = { 0 };
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, GENERIC_READ | GENERIC_WRITE | DELETE | SYNCHRONIZE, &Attributes, &IoStatus,
                                              NULL, 0, 0, FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE,
                                              NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessIoCounters, &Before, sizeof(Before)));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Bytes, sizeof(Bytes), &Start, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtReadFile(File, NULL, NULL, NULL, &IoStatus, Bytes, 100, &Start, NULL));
    Start.QuadPart = 250;               /* less is there than is asked for */
    CHECK_STATUS(STATUS_SUCCESS, NtReadFile(File, NULL, NULL, NULL, &IoStatus, Bytes, 100, &Start, NULL));
    Start.QuadPart = sizeof(Bytes);
    CHECK_STATUS(STATUS_END_OF_FILE, NtReadFile(File, NULL, NULL, NULL, &IoStatus, Bytes, 100, &Start, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &IoStatus, &Standard, sizeof(Standard), FileStandardInformation));
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessIoCounters, &After, sizeof(After)));
    CHECK(After.WriteOperationCount - Before.WriteOperationCount == 1);
    CHECK(After.WriteTransferCount - Before.WriteTransferCount == sizeof(Bytes));
    CHECK(After.ReadOperationCount - Before.ReadOperationCount == 3);
    CHECK(After.ReadTransferCount - Before.ReadTransferCount == 150);
    CHECK(After.OtherOperationCount - Before.OtherOperationCount == 1 && After.OtherTransferCount == Before.OtherTransferCount);
    NtClose(File);
}

static VOID TestOpen(VOID)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    CLIENT_ID Own = NtCurrentTeb()->ClientId, Bad = { (HANDLE)0x7654320, NULL };
    OBJECT_BASIC_INFORMATION Object;
    THREAD_BASIC_INFORMATION Basic;
    HANDLE Handle = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenThread(&Handle, THREAD_ALL_ACCESS, &Attributes, &Own));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Handle, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.TebBaseAddress == NtCurrentTeb());
    NtClose(Handle);
    /* The right to ask implies the right to ask a little. */
    CHECK_STATUS(STATUS_SUCCESS, NtOpenThread(&Handle, THREAD_QUERY_INFORMATION, &Attributes, &Own));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Handle, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
    NtClose(Handle);
    Own.UniqueThread = NULL;
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcess(&Handle, PROCESS_QUERY_INFORMATION, &Attributes, &Own));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Handle, ObjectBasicInformation, &Object, sizeof(Object), NULL));
    CHECK(Object.GrantedAccess == (PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION));
    NtClose(Handle);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcess(&Handle, PROCESS_ALL_ACCESS, &Attributes, &Own));
    NtClose(Handle);
    CHECK_STATUS(STATUS_INVALID_CID, NtOpenProcess(&Handle, PROCESS_ALL_ACCESS, &Attributes, &Bad));
}

static VOID TestJob(VOID)
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION Accounting;
    HANDLE Job = NULL, Process = StartSelf(L"ps wait");

    CHECK_STATUS(STATUS_SUCCESS, NtCreateJobObject(&Job, JOB_OBJECT_ALL_ACCESS, NULL));
    CHECK_STATUS(STATUS_PROCESS_NOT_IN_JOB, NtIsProcessInJob(Process, Job));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Process));
    CHECK_STATUS(STATUS_PROCESS_IN_JOB, NtIsProcessInJob(Process, Job));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectBasicAccountingInformation, &Accounting,
                                                             sizeof(Accounting), NULL));
    CHECK(Accounting.ActiveProcesses == 1 && Accounting.TotalProcesses == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateJobObject(Job, 9));
    CHECK_STATUS(9, WaitForProcess(Process));
    NtClose(Process);
    NtClose(Job);
}

static BOOLEAN FindOwnProcess(PVOID Buffer)
{
    PSYSTEM_PROCESS_INFORMATION Entry = Buffer;

    for (;; Entry = (PVOID)((PUCHAR)Entry + Entry->NextEntryOffset)) {
        if (Entry->UniqueProcessId == NtCurrentTeb()->ClientId.UniqueProcess)
            return Entry->NumberOfThreads >= 1 &&
                   Entry->Threads[0].ClientId.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess &&
                   Entry->ImageName.Length != 0;
        if (Entry->NextEntryOffset == 0)
            return FALSE;
    }
}

static VOID TestProcessList(VOID)
{
    static UCHAR Buffer[65536] __attribute__((aligned(16)));
    ULONG Needed = 0;

    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQuerySystemInformation(SystemProcessInformation, Buffer, 16, &Needed));
    CHECK(Needed > 16);
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemProcessInformation, Buffer, sizeof(Buffer), &Needed));
    CHECK(FindOwnProcess(Buffer));
}

static ULONG FreePages(VOID)
{
    SYSTEM_PERFORMANCE_INFORMATION Information;

    if (!NT_SUCCESS(NtQuerySystemInformation(SystemPerformanceInformation, &Information, sizeof(Information), NULL)))
        return 0;
    return ((PULONG)&Information)[11];  /* AvailablePages */
}

/* What a process took comes back: after a first round that fills pools, many more cost nothing. */
static VOID TestLeaks(VOID)
{
    ULONG Before, After;

    for (ULONG Round = 0; Round < 2; Round++) {
        Before = FreePages();
        for (ULONG i = 0; i < 40; i++) {
            HANDLE Process = StartSelf(i % 4 == 3 ? L"ps kill" : L"ps exit 0");

            WaitForProcess(Process);
            NtClose(Process);
        }
        After = FreePages();
    }
    CHECK(Before != 0);
    CHECK(After + 8 >= Before);
    if (After + 8 < Before)
        Print(L"pages: %u before, %u after\n", Before, After);
}

/* PS_CREATE_INFO may come with anything in it: programs' DLLs leave it so.  It is filled in. */
static VOID TestUnsetCreateInfo(VOID)
{
    struct {
        SIZE_T TotalLength;
        PS_ATTRIBUTE Attributes[1];
    } List = { .TotalLength = sizeof(List) };
    UNICODE_STRING NtPath = { 0 }, Image, Command = RTL_CONSTANT_UNICODE_STRING(L"ps exit 5");
    PRTL_USER_PROCESS_PARAMETERS Parameters = NULL;
    PS_CREATE_INFO Create;
    HANDLE Process = NULL, Thread = NULL;

    memset(&Create, 0, sizeof(Create));
    Create.Size = 3;
    RtlInitUnicodeString(&Image, OwnPath);
    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(OwnPath, &NtPath, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &Command, NULL, NULL,
                                                              NULL, NULL, NULL, 1));
    List.Attributes[0] = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_IMAGE_NAME, .Size = NtPath.Length,
            .ValuePtr = NtPath.Buffer };
    CHECK_STATUS(STATUS_SUCCESS, NtCreateUserProcess(&Process, &Thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, NULL, NULL,
                                                     0, 0, Parameters, &Create, (PPS_ATTRIBUTE_LIST)&List));
    if (Process != NULL) {
        CHECK_STATUS(STATUS_INVALID_PARAMETER, NtGetNextThread(SELF, Thread, THREAD_QUERY_LIMITED_INFORMATION, 0, 0, &Thread));
        CHECK(WaitForProcess(Process) == 5);
        NtClose(Process);
        NtClose(Thread);
    }
}

static int Child(int ArgumentCount, PWSTR *Arguments)
{
    LARGE_INTEGER Long = { .QuadPart = -3600 * 1000 * MS };

    if (wcscmp(Arguments[1], L"exit") == 0)
        return ArgumentCount > 2 ? (int)wcstol(Arguments[2], NULL, 10) : 0;
    if (wcscmp(Arguments[1], L"wait") == 0)
        return NtDelayExecution(FALSE, &Long);
    if (wcscmp(Arguments[1], L"kill") == 0)
        return NtTerminateProcess(SELF, 57);
    for (volatile ULONG n = 0;; n++)
        ;
}

static VOID TestCallbackReturn(VOID)
{
    CHECK_STATUS(STATUS_NO_CALLBACK_ACTIVE, NtCallbackReturn(NULL, 0, STATUS_SUCCESS));
}

/* Where the stack of a thread lies: ZeroBits as NtAllocateVirtualMemory has them. */
static VOID TestZeroBits(VOID)
{
    static const ULONG_PTR ZeroBits[] = { 1, 3, 0x3fffffff };
    static const ULONG_PTR Limits[] = { 1ull << 31, 1ull << 29, 1ull << 30 };
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };
    THREAD_BASIC_INFORMATION Basic;
    HANDLE Thread;

    for (ULONG i = 0; i < ARRAYSIZE(ZeroBits); i++) {
        if (!CHECK_STATUS(STATUS_SUCCESS, NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (PVOID)TestZeroBits, NULL,
                                                           THREAD_CREATE_FLAGS_CREATE_SUSPENDED, ZeroBits[i], 0, 0, NULL)))
            continue;
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
        CHECK((ULONG_PTR)((PTEB)Basic.TebBaseAddress)->NtTib.StackBase <= Limits[i]);
        NtTerminateThread(Thread, STATUS_SUCCESS);
        CheckJoinThread(Thread, &Enough);
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (PVOID)TestZeroBits, NULL,
                                                              THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 22, 0, 0, NULL));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    OwnPath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer;
    if (ArgumentCount > 1)
        return Child(ArgumentCount, Arguments);
    TestExitStatus();
    TestTerminate();
    TestInformation();
    TestQueryRights();
    TestKeptInformation();
    TestThreadInformation();
    if (!IsWine) {
        TestCycles();
        TestThrottling();
    }
    TestHandleSnapshot();
    TestPolicies();
    if (!IsWine)                        /* Wine 8.0 counts nothing */
        TestIoCounters();
    TestOpen();
    TestJob();
    TestProcessList();
    TestUnsetCreateInfo();
    TestCallbackReturn();
    TestZeroBits();
    TestLeaks();
    return CheckClose();
}
