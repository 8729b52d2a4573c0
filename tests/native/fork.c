/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Copies of a process that go on where it was: RtlCloneUserProcess, and NtCreateUserProcess without an image.  Each side has its own memory from
 * then on, its own ids, and the handles that were to be inherited; heaps and locks work on both sides; the vector registers are the same.
 * Runs on: Nereid.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define THREADS 3
#define CHILDREN 20
#define LOCAL NtCurrentTebEx()->TlsSlots[60]

static volatile LONG Value = 1, Stop, Busy;
static HANDLE Event;
static RTL_CRITICAL_SECTION Section;

typedef struct _REPORT {
    LONG Value, Right;
    PVOID Local;
    HANDLE Process, Thread;
} REPORT;
static REPORT *Report;                  /* shared */

static VOID MapReport(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x1000 };
    SIZE_T View = 0;
    HANDLE Memory;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Memory, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Memory, SELF, (PVOID *)&Report, 0, 0, NULL, &View, ViewShare, 0, PAGE_READWRITE));
    NtClose(Memory);
}

static NTSTATUS Clone(ULONG Flags, RTL_USER_PROCESS_INFORMATION *Information)
{
    memset(Information, 0, sizeof(*Information));
    return RtlCloneUserProcess(Flags, NULL, NULL, NULL, Information);
}

static VOID Close(RTL_USER_PROCESS_INFORMATION *Information)
{
    NtClose(Information->ThreadHandle);
    NtClose(Information->ProcessHandle);
}

/* Ends without the work of an ordered exit. */
static DECLSPEC_NORETURN VOID End(NTSTATUS Status)
{
    NtTerminateProcess(SELF, Status);
    __builtin_unreachable();
}

static VOID TestMemory(VOID)
{
    RTL_USER_PROCESS_INFORMATION Information;
    PULONG Block = RtlAllocateHeap(RtlProcessHeap(), 0, 100);
    LONG OnStack = 7;
    NTSTATUS Status;

    *Block = 8;
    LOCAL = &Event;
    Status = Clone(RTL_CLONE_PROCESS_FLAGS_INHERIT_HANDLES, &Information);
    if (Status == STATUS_PROCESS_CLONED) {
        Report->Value = Value;
        Report->Local = LOCAL;
        Report->Process = NtCurrentTeb()->ClientId.UniqueProcess;
        Report->Thread = NtCurrentTeb()->ClientId.UniqueThread;
        Report->Right = OnStack == 7 && *Block == 8 && NtCurrentPeb()->ProcessParameters != NULL;
        Value = OnStack = 100;
        LOCAL = NULL;
        *Block = 100;
        RtlFreeHeap(RtlProcessHeap(), 0, Block);
        Report->Right += NtSetEvent(Event, NULL) == STATUS_SUCCESS;
        End(33);
    }
    if (!CHECK_STATUS(STATUS_SUCCESS, Status))
        return;
    CHECK(WaitForProcess(Information.ProcessHandle) == 33);
    CHECK(Value == 1 && OnStack == 7 && LOCAL == &Event && *Block == 8);
    CHECK(Report->Value == 1 && Report->Local == &Event && Report->Right == 2);
    CHECK(Report->Process == Information.ClientId.UniqueProcess && Report->Thread == Information.ClientId.UniqueThread);
    CHECK(Report->Process != NtCurrentTeb()->ClientId.UniqueProcess && Report->Thread != NtCurrentTeb()->ClientId.UniqueThread);
    CHECK(Information.ImageInformation.TransferAddress != NULL && Information.Length == sizeof(Information));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, NULL));
    RtlFreeHeap(RtlProcessHeap(), 0, Block);
    Close(&Information);
}

static VOID TestHandles(VOID)
{
    RTL_USER_PROCESS_INFORMATION Information;
    NTSTATUS Status = Clone(0, &Information);

    if (Status == STATUS_PROCESS_CLONED)
        End(NtSetEvent(Event, NULL));
    if (CHECK_STATUS(STATUS_SUCCESS, Status)) {
        CHECK(WaitForProcess(Information.ProcessHandle) == STATUS_INVALID_HANDLE);
        Close(&Information);
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Clone(8, &Information));
}

static VOID TestSuspended(VOID)
{
    RTL_USER_PROCESS_INFORMATION Information;
    LARGE_INTEGER Short = { .QuadPart = -500000 };
    NTSTATUS Status = Clone(RTL_CLONE_PROCESS_FLAGS_CREATE_SUSPENDED, &Information);

    if (Status == STATUS_PROCESS_CLONED)
        End(44);
    if (!CHECK_STATUS(STATUS_SUCCESS, Status))
        return;
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Information.ProcessHandle, FALSE, &Short));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Information.ThreadHandle, NULL));
    CHECK(WaitForProcess(Information.ProcessHandle) == 44);
    Close(&Information);
}

static VOID TestVectors(VOID)
{
    ULONG64 Before[2] = { 0x1122334455667788, 0x99aabbccddeeff00 }, After[2];
    RTL_USER_PROCESS_INFORMATION Information;
    ULONG MxCsr = 0x1f80 | 0x2000, Now;
    NTSTATUS Status;

    __asm__ volatile("movups %0, %%xmm7; ldmxcsr %1" : : "m"(Before), "m"(MxCsr));
    Status = Clone(0, &Information);
    __asm__ volatile("movups %%xmm7, %0; stmxcsr %1" : "=m"(After), "=m"(Now));
    if (Status == STATUS_PROCESS_CLONED)
        End(After[0] == Before[0] && After[1] == Before[1] && (Now & ~0x3fu) == MxCsr ? 55 : 1);
    MxCsr = 0x1f80;
    __asm__ volatile("ldmxcsr %0" : : "m"(MxCsr));
    if (CHECK_STATUS(STATUS_SUCCESS, Status)) {
        CHECK(WaitForProcess(Information.ProcessHandle) == 55);
        Close(&Information);
    }
}

/* The service itself; the copy's copy has a copy too. */
static VOID TestService(VOID)
{
    PS_CREATE_INFO Create = { .Size = sizeof(Create) };
    HANDLE Process, Thread;
    NTSTATUS Status;
    LONG Depth = 0;

    do {
        Process = Thread = NULL;
        Status = NtCreateUserProcess(&Process, &Thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, NULL, NULL, 0, 0, NULL, &Create, NULL);
    } while (Status == STATUS_PROCESS_CLONED && ++Depth < 3);
    if (Status == STATUS_PROCESS_CLONED)
        End(Depth);
    if (NT_SUCCESS(Status))
        Status = WaitForProcess(Process);
    if (Depth != 0)
        End(Status);
    CHECK(Status == 3);
    NtClose(Process);
    NtClose(Thread);
}

/* An ordered exit, with the loader and the heap, of a copy that is made while other threads use both all the time. */
static NTSTATUS NTAPI UseLocks(PVOID Argument)
{
    PVOID Heap = RtlCreateHeap(HEAP_GROWABLE, NULL, 0, 0, NULL, NULL);

    InterlockedIncrement(&Busy);
    while (!Stop) {
        PVOID Dll, Block = RtlAllocateHeap(RtlProcessHeap(), 0, 40), Other = RtlAllocateHeap(Heap, 0, 3000);
        UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");

        LdrGetDllHandle(NULL, NULL, &Name, &Dll);
        RtlEnterCriticalSection(&Section);
        RtlLeaveCriticalSection(&Section);
        RtlFreeHeap(RtlProcessHeap(), 0, Block);
        RtlFreeHeap(Heap, 0, Other);
    }
    RtlDestroyHeap(Heap);
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI ChildThread(PVOID Argument)
{
    return LOCAL == NULL ? 66 : 1;      /* of the forking thread's nothing */
}

static VOID TestBusy(VOID)
{
    RTL_USER_PROCESS_INFORMATION Information;
    HANDLE Threads[THREADS];
    ULONG Wrong = 0;

    Busy = 0;
    for (ULONG i = 0; i < THREADS; i++)
        Threads[i] = CheckStartThread(UseLocks, NULL);
    while (Busy < THREADS)
        NtYieldExecution();
    for (ULONG n = 0; n < CHILDREN; n++) {
        NTSTATUS Status;

        RtlEnterCriticalSection(&Section);
        Status = Clone(0, &Information);
        if (Status == STATUS_PROCESS_CLONED) {
            HANDLE Thread;
            NTSTATUS Exit = 1;

            RtlFreeHeap(RtlProcessHeap(), 0, RtlAllocateHeap(RtlProcessHeap(), 0, 5000));
            if (NT_SUCCESS(RtlCreateUserThread(SELF, NULL, FALSE, 0, 0, 0, ChildThread, NULL, &Thread, NULL))) {
                THREAD_BASIC_INFORMATION Basic;

                NtWaitForSingleObject(Thread, FALSE, NULL);
                NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
                Exit = Basic.ExitStatus;
            }
            RtlExitUserProcess(Exit);
        }
        RtlLeaveCriticalSection(&Section);
        if (!CHECK_STATUS(STATUS_SUCCESS, Status))
            break;
        Wrong += WaitForProcess(Information.ProcessHandle) != 66;
        Close(&Information);
        NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -10000 });
    }
    CHECK(Wrong == 0);
    Stop = 1;
    for (ULONG i = 0; i < THREADS; i++)
        CheckJoinThread(Threads[i], NULL);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    OBJECT_ATTRIBUTES Inherit = { .Length = sizeof(Inherit), .Attributes = OBJ_INHERIT };

    RtlInitializeCriticalSection(&Section);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, &Inherit, NotificationEvent, FALSE));
    MapReport();
    TestMemory();
    TestHandles();
    TestSuspended();
    TestVectors();
    TestService();
    TestBusy();
    return CheckClose();
}
