/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads by the old services, and special user APCs: NtCreateThread with a stack and a CONTEXT of the caller's; NtGetNextProcess; APCs that
 * need no alertable wait (NtQueueApcThreadEx with QUEUE_USER_APC_SPECIAL_USER_APC), in a thread that computes, waits, is suspended or calls.
 * Runs on: Nereid.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define STACK_SIZE 0x10000u
#define MS 10000ll

static UCHAR Stack[STACK_SIZE] __attribute__((aligned(16)));
static volatile LONG64 Seen[4];
static volatile LONG Stop, Running, Specials, Normals, Order[8], OrderCount;
static HANDLE Event;

static DECLSPEC_NORETURN VOID Begin(ULONG64 First, ULONG64 Second)
{
    PTEB Teb = NtCurrentTeb();

    Seen[0] = (LONG64)First;
    Seen[1] = (LONG64)Second;
    Seen[2] = Teb->NtTib.StackBase == Stack + STACK_SIZE && Teb->NtTib.StackLimit == Stack;
    Seen[3] = (LONG64)__builtin_frame_address(0);
    RtlExitUserThread(71);
}

static NTSTATUS NewThread(PCONTEXT Context, PINITIAL_TEB Teb, PCLIENT_ID Id, BOOLEAN Suspended, PHANDLE Thread)
{
    memset(Context, 0, sizeof(*Context));
    Context->ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    Context->Rip = (ULONG_PTR)Begin;
    Context->Rsp = (ULONG_PTR)(Stack + STACK_SIZE - 0x28);
    Context->Rcx = 0x1234;
    Context->Rdx = 0x5678;
    *Thread = NULL;
    return NtCreateThread(Thread, THREAD_ALL_ACCESS, NULL, SELF, Id, Context, Teb, Suspended);
}

static VOID TestCreate(VOID)
{
    INITIAL_TEB Teb = { .StackBase = Stack + STACK_SIZE, .StackLimit = Stack, .StackAllocationBase = Stack };
    INITIAL_TEB Old = { .OldInitialTeb = { Stack + STACK_SIZE, Stack } };
    THREAD_BASIC_INFORMATION Basic;
    CLIENT_ID Id = { 0 };
    CONTEXT Context;
    HANDLE Thread;
    PVOID Start = NULL;

    if (!CHECK_STATUS(STATUS_SUCCESS, NewThread(&Context, &Teb, &Id, TRUE, &Thread)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.ClientId.UniqueThread == Id.UniqueThread && Id.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadQuerySetWin32StartAddress, &Start, sizeof(Start), NULL));
    CHECK(Start == (PVOID)Begin);
    CHECK(Seen[0] == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
    CHECK(CheckJoinThread(Thread, NULL) == 71);
    CHECK(Seen[0] == 0x1234 && Seen[1] == 0x5678 && Seen[2] == 1);
    CHECK((PUCHAR)Seen[3] > Stack && (PUCHAR)Seen[3] <= Stack + STACK_SIZE);
    Stack[0] = 1;                       /* it is there still */

    memset((PVOID)Seen, 0, sizeof(Seen));
    if (CHECK_STATUS(STATUS_SUCCESS, NewThread(&Context, &Old, NULL, FALSE, &Thread)))
        CHECK(CheckJoinThread(Thread, NULL) == 71 && Seen[2] == 1);

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateThread(&Thread, THREAD_ALL_ACCESS, NULL, SELF, NULL, NULL, &Teb, FALSE));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtCreateThread(&Thread, THREAD_ALL_ACCESS, NULL, SELF, NULL, &Context, NULL, FALSE));
    Context.Rsp = 0;
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtCreateThread(&Thread, THREAD_ALL_ACCESS, NULL, SELF, NULL, &Context, &Teb, FALSE));
}

/* --- walks -------------------------------------------------------------------------------------------------------- */

static HANDLE IdOf(HANDLE Process)
{
    PROCESS_BASIC_INFORMATION Basic = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic), NULL));
    return (HANDLE)Basic.UniqueProcessId;
}

static VOID TestProcesses(VOID)
{
    HANDLE Ids[200], Process = NULL, Next, Own = NtCurrentTeb()->ClientId.UniqueProcess;
    ULONG Count = 0, Back = 0, Found = 0;
    OBJECT_HANDLE_FLAG_INFORMATION Flags;
    NTSTATUS Status;

    while (Count < ARRAYSIZE(Ids) && NT_SUCCESS(Status = NtGetNextProcess(Process, PROCESS_QUERY_LIMITED_INFORMATION, 0, 0, &Next))) {
        if (Process != NULL)
            NtClose(Process);
        Process = Next;
        Ids[Count++] = IdOf(Process);
        Found += Ids[Count - 1] == Own;
    }
    CHECK(Status == STATUS_NO_MORE_ENTRIES && Count >= 3 && Found == 1);
    /* And back, to the first one. */
    for (; Count > 1 && NT_SUCCESS(Status = NtGetNextProcess(Process, PROCESS_QUERY_LIMITED_INFORMATION, 0, 1, &Next)); Back++) {
        NtClose(Process);
        Process = Next;
        if (!CHECK(Back < Count - 1 && IdOf(Process) == Ids[Count - 2 - Back]))
            break;
    }
    CHECK(Status == STATUS_NO_MORE_ENTRIES && Back == Count - 1);
    NtClose(Process);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtGetNextProcess(NULL, PROCESS_ALL_ACCESS, 0, 2, &Next));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtGetNextProcess((HANDLE)0x7654, PROCESS_ALL_ACCESS, 0, 0, &Next));
    if (CHECK_STATUS(STATUS_SUCCESS, NtGetNextProcess(NULL, PROCESS_QUERY_LIMITED_INFORMATION, OBJ_INHERIT, 0, &Next))) {
        CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Next, (OBJECT_INFORMATION_CLASS)4, &Flags, 2, NULL));
        CHECK(Flags.Inherit && !Flags.ProtectFromClose);
        NtClose(Next);
    }
}

/* --- special APCs ------------------------------------------------------------------------------------------------- */

static VOID NTAPI Special(PVOID First, PVOID Second, PVOID Third)
{
    CHECK(((ULONG_PTR)__builtin_frame_address(0) & 15) == 0);
    if (OrderCount < (LONG)ARRAYSIZE(Order))
        Order[OrderCount++] = (LONG)(LONG_PTR)First;
    Specials += (LONG)(LONG_PTR)Second;
}

static VOID NTAPI Normal(PVOID First, PVOID Second, PVOID Third)
{
    Normals++;
}

static NTSTATUS Queue(HANDLE Thread, LONG_PTR Number)
{
    return NtQueueApcThreadEx(Thread, QUEUE_USER_APC_SPECIAL_USER_APC, (PPS_APC_ROUTINE)Special, (PVOID)Number, (PVOID)1, NULL);
}

/* Computes in registers that an APC must not change. */
static NTSTATUS NTAPI Compute(PVOID Argument)
{
    ULONG64 Sum = 0, Count = 0, Vector[2] = { 0x123456789abcdef0, 0x0fedcba987654321 }, After[2];

    Running = 1;
    __asm__ volatile("movups %0, %%xmm8" : : "m"(Vector));
    while (!Stop)
        Sum += ++Count;
    __asm__ volatile("movups %%xmm8, %0" : "=m"(After));
    return Sum == Count * (Count + 1) / 2 && After[0] == Vector[0] && After[1] == Vector[1] ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static NTSTATUS NTAPI Wait(PVOID Argument)
{
    NTSTATUS Status;

    Running = 1;
    Status = NtWaitForSingleObject(Event, Argument != NULL, NULL);
    Running = 2;
    return Status;
}

static HANDLE Start(PVOID Routine, PVOID Argument)
{
    HANDLE Thread;

    Stop = Running = Specials = Normals = OrderCount = 0;
    Thread = CheckStartThread(Routine, Argument);
    while (Running == 0)
        NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -MS });
    return Thread;
}

static BOOLEAN Await(volatile LONG *Value, LONG Wanted)
{
    for (ULONG i = 0; i < 5000 && *Value < Wanted; i++)
        NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -MS });
    return *Value == Wanted;
}

static VOID TestSpecial(VOID)
{
    HANDLE Thread = Start(Compute, NULL);

    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThread(Thread, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
    for (ULONG i = 0; i < 50; i++) {
        CHECK_STATUS(STATUS_SUCCESS, Queue(Thread, 1));
        CHECK(Await(&Specials, (LONG)i + 1));
    }
    /* While it is suspended; they come in their order. */
    OrderCount = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, NULL));
    for (LONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_SUCCESS, Queue(Thread, 11 + i));
    CheckSettle();
    CHECK(Specials == 50);
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
    CHECK(Await(&Specials, 53) && Order[0] == 11 && Order[1] == 12 && Order[2] == 13);
    CHECK(Normals == 0);                /* it waits for an alertable wait still */
    Stop = 1;
    CHECK(CheckJoinThread(Thread, NULL) == STATUS_SUCCESS);

    /* A wait that is not alertable goes on; the APC comes behind it. */
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    Thread = Start(Wait, NULL);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, Queue(Thread, 1));
    CheckSettle();
    CHECK(Specials == 0 && Running == 1);
    NtSetEvent(Event, NULL);
    CHECK(CheckJoinThread(Thread, NULL) == STATUS_SUCCESS && Specials == 1);
    /* One that is alertable ends. */
    NtResetEvent(Event, NULL);
    Thread = Start(Wait, (PVOID)1);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, Queue(Thread, 1));
    CHECK(CheckJoinThread(Thread, NULL) == STATUS_USER_APC && Specials == 1);
    NtClose(Event);

    /* To oneself: before the call is over. */
    Specials = OrderCount = 0;
    CHECK_STATUS(STATUS_SUCCESS, Queue(NtCurrentThread(), 1));
    CHECK(Specials == 1);
    /* Without the value it is an APC as any other. */
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThreadEx(NtCurrentThread(), NULL, (PPS_APC_ROUTINE)Special, NULL, (PVOID)1, NULL));
    CHECK(Specials == 1);
    NtTestAlert();
    CHECK(Specials == 2);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtQueueApcThreadEx((HANDLE)0x7654, QUEUE_USER_APC_SPECIAL_USER_APC, (PPS_APC_ROUTINE)Special, NULL, NULL, NULL));
}

/* In memory that is there already: one at a time. */
static VOID TestReserved(VOID)
{
    HANDLE Reserve, Packets, Thread;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateReserveObject(&Reserve, NULL, MemoryReserveUserApc));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateReserveObject(&Packets, NULL, MemoryReserveIoCompletion));
    Normals = 0;
    for (LONG i = 1; i <= 3; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThreadEx(NtCurrentThread(), Reserve, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
        CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtQueueApcThreadEx(NtCurrentThread(), Reserve, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
        CHECK(Normals == i - 1);
        NtTestAlert();
        CHECK(Normals == i);
    }
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtQueueApcThreadEx(NtCurrentThread(), Packets, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtQueueApcThreadEx(NtCurrentThread(), (HANDLE)0x7654, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
    /* A thread that ends gives it back. */
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(SELF, NULL, TRUE, 0, 0, 0, (PVOID)RtlExitUserThread, NULL, &Thread, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThreadEx(Thread, Reserve, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtQueueApcThreadEx(NtCurrentThread(), Reserve, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
    NtTerminateThread(Thread, STATUS_SUCCESS);
    CheckJoinThread(Thread, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThreadEx(NtCurrentThread(), Reserve, (PPS_APC_ROUTINE)Normal, NULL, NULL, NULL));
    NtClose(Reserve);
    NtTestAlert();
    CHECK(Normals == 4);
    NtClose(Packets);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestCreate();
    TestProcesses();
    TestSpecial();
    TestReserved();
    return CheckClose();
}
