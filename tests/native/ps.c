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
