/* SPDX-License-Identifier: BSD-2-Clause
 *
 * New threads: each starts with a fresh TEB, stack and register state, whatever threads that have ended left behind;
 * APCs that were queued before the start run first; CPU times.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define THREADS 20
#define MS 10000ll                       /* in units of 100 ns */
#define TLS_SLOT 60
#define STACK_PROBE 0x6000u              /* below this routine's frame, in a stack of 64 KiB that is committed */

static volatile ULONG ApcRuns;
static volatile BOOLEAN Stop;

typedef struct _SEEN {
    PVOID TlsSlot, TlsVector, UserPointer;
    ULONG LastError, MxCsr, StackBytes;
    USHORT ControlWord;
    ULONG ApcRuns;
    BOOLEAN XmmIsZero;
} SEEN;

static ULONG MxCsrNow(VOID)
{
    ULONG Value;

    __asm__ volatile("stmxcsr %0" : "=m"(Value));
    return Value;
}

/* Bytes below the frame that are not zero: of a stack that nobody used deeper than this. */
static ULONG CountUsed(VOID)
{
    volatile UCHAR *Frame = __builtin_frame_address(0);
    ULONG Used = 0;

    for (ULONG At = 0x4000; At < STACK_PROBE; At++)
        Used += Frame[-(LONG_PTR)At] != 0;
    return Used;
}

static VOID Dirty(VOID)
{
    volatile UCHAR *Frame = __builtin_frame_address(0);
    ULONG MxCsr = 0x1f80 | 0x6000, Ones[4] = { ~0u, ~0u, ~0u, ~0u };
    USHORT ControlWord = 0x37f & ~0x300;

    for (ULONG At = 0x4000; At < STACK_PROBE; At++)
        Frame[-(LONG_PTR)At] = 0xaa;
    NtCurrentTebEx()->TlsSlots[TLS_SLOT] = (PVOID)&ApcRuns;
    NtCurrentTebEx()->LastErrorValue = 1234;
    NtCurrentTebEx()->NtTib.ArbitraryUserPointer = Ones;
    __asm__ volatile("ldmxcsr %0; fldcw %1; movups %2, %%xmm5" : : "m"(MxCsr), "m"(ControlWord), "m"(Ones));
}

static NTSTATUS NTAPI Look(PVOID Parameter)
{
    SEEN *Seen = Parameter;
    PTEB Teb = NtCurrentTebEx();
    ULONGLONG Xmm[2];

    __asm__ volatile("movups %%xmm5, %0; fnstcw %1" : "=m"(Xmm), "=m"(Seen->ControlWord));
    Seen->XmmIsZero = Xmm[0] == 0 && Xmm[1] == 0;
    Seen->MxCsr = MxCsrNow();
    Seen->TlsSlot = Teb->TlsSlots[TLS_SLOT];
    Seen->UserPointer = Teb->NtTib.ArbitraryUserPointer;
    Seen->LastError = Teb->LastErrorValue;
    Seen->StackBytes = CountUsed();
    Seen->ApcRuns = ApcRuns;
    Dirty();
    return (NTSTATUS)(ULONG_PTR)Teb->ClientId.UniqueThread;
}

static HANDLE Start(BOOLEAN Suspended, PVOID Routine, PVOID Parameter, PCLIENT_ID Id)
{
    HANDLE Thread = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, Suspended, 0, 0x100000, 0x10000, Routine,
                                                     Parameter, &Thread, Id));
    return Thread;
}

static VOID TestFresh(VOID)
{
    for (ULONG i = 0; i < THREADS; i++) {
        SEEN Seen = { 0 };
        CLIENT_ID Id;
        HANDLE Thread = Start(FALSE, Look, &Seen, &Id);

        CHECK(CheckJoinThread(Thread, NULL) == (NTSTATUS)(ULONG_PTR)Id.UniqueThread);
        CHECK(Seen.TlsSlot == NULL && Seen.UserPointer == NULL && Seen.LastError == 0);
        CHECK(Seen.MxCsr == 0x1f80 && Seen.XmmIsZero);
        CHECK(Seen.ControlWord == 0x27f);
        CHECK(Seen.StackBytes == 0);
    }
}

/* The same with several at once, some of them killed before they run. */
static VOID TestMixed(VOID)
{
    static SEEN Seen[THREADS];
    HANDLE Threads[THREADS];

    for (ULONG Round = 0; Round < 5; Round++) {
        for (ULONG i = 0; i < THREADS; i++)
            Threads[i] = Start(i % 3 == 0, Look, &Seen[i], NULL);
        for (ULONG i = 0; i < THREADS; i += 3)
            CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Threads[i], 77));
        for (ULONG i = 0; i < THREADS; i++) {
            NTSTATUS Status = CheckJoinThread(Threads[i], NULL);

            CHECK(i % 3 == 0 ? Status == 77 : Seen[i].MxCsr == 0x1f80 && Seen[i].LastError == 0);
        }
    }
}

static VOID NTAPI CountApc(PVOID Argument1, PVOID Argument2, PVOID Argument3)
{
    ApcRuns += (ULONG)(ULONG_PTR)Argument1;
}

static VOID TestFirstApcs(VOID)
{
    SEEN Seen = { 0 };
    HANDLE Thread = Start(TRUE, Look, &Seen, NULL);

    ApcRuns = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThread(Thread, (PVOID)CountApc, (PVOID)1, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThread(Thread, (PVOID)CountApc, (PVOID)10, NULL, NULL));
    NtResumeThread(Thread, NULL);
    CheckJoinThread(Thread, NULL);
    CHECK(Seen.ApcRuns == 11);
}

/* DIFFERS: there are no debug registers; they read as zero and cannot be switched on. */
static VOID TestDebugRegisters(VOID)
{
    SEEN Seen = { 0 };
    HANDLE Thread = Start(TRUE, Look, &Seen, NULL);
    CONTEXT Context = { .ContextFlags = CONTEXT_DEBUG_REGISTERS, .Dr0 = 1, .Dr7 = 1 };

    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(Thread, &Context));
    CHECK(Context.Dr0 == 0 && Context.Dr3 == 0);
    CHECK(!(Context.Dr7 & 0xff));
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(Thread, &Context));
    Context.Dr0 = (ULONG64)&Seen;
    Context.Dr7 = 0x10001;
    CheckSystem();
    if (!IsWine)
        CHECK_STATUS(STATUS_NOT_SUPPORTED, NtSetContextThread(Thread, &Context));
    NtResumeThread(Thread, NULL);
    CheckJoinThread(Thread, NULL);
}

/* ------------------------------------------------------------------ CPU times */

static NTSTATUS NTAPI Spin(PVOID Parameter)
{
    while (!Stop)
        ;
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI Sleep(PVOID Parameter)
{
    LARGE_INTEGER Step = { .QuadPart = -5 * MS };

    while (!Stop)
        NtDelayExecution(FALSE, &Step);
    return STATUS_SUCCESS;
}

static LONGLONG ThreadTime(HANDLE Thread)
{
    KERNEL_USER_TIMES Times = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadTimes, &Times, sizeof(Times), NULL));
    return Times.KernelTime.QuadPart + Times.UserTime.QuadPart;
}

static LONGLONG ProcessTime(VOID)
{
    KERNEL_USER_TIMES Times = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(NtCurrentProcess(), ProcessTimes, &Times, sizeof(Times), NULL));
    return Times.KernelTime.QuadPart + Times.UserTime.QuadPart;
}

/*
 * A thread that computes and one that sleeps, until the first has had some time and more than twice the other's (at most 30 s).  Of the time
 * for which the host stops the machine the one that sleeps may get a share, once.
 */
static VOID TestTimes(VOID)
{
    LARGE_INTEGER Second = { .QuadPart = -1000 * MS };
    LONGLONG Before = ProcessTime(), Busy = 0, Idle = 0;
    HANDLE Worker = Start(FALSE, Spin, NULL, NULL), Sleeper = Start(FALSE, Sleep, NULL, NULL);

    for (ULONG i = 0; i < 30 && (Busy <= 200 * MS || Idle >= Busy / 2); i++) {
        NtDelayExecution(FALSE, &Second);
        Busy = ThreadTime(Worker);
        Idle = ThreadTime(Sleeper);
    }
    CHECK(Busy > 200 * MS);
    CHECK(Idle < Busy / 2);
    CHECK(ProcessTime() - Before >= Busy);
    Stop = TRUE;
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Worker, FALSE, NULL));
    if (!IsWine)                        /* it forgets the times of a thread that has ended */
        CHECK(ThreadTime(Worker) >= Busy);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Sleeper, FALSE, NULL));
    NtClose(Worker);
    NtClose(Sleeper);
    CHECK(ProcessTime() - Before >= Busy);
}

/* A walk over this process's threads, which are no others than those that there are. */
static VOID TestNextThread(VOID)
{
    HANDLE Threads[3], Thread = NULL, Next;
    THREAD_BASIC_INFORMATION Basic;
    ULONG Count = 0, Own = 0;
    NTSTATUS Status;

    for (ULONG i = 0; i < ARRAYSIZE(Threads); i++)
        CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, TRUE, 0, 0, 0, (PVOID)RtlExitUserThread, NULL, &Threads[i], NULL));
    while (NT_SUCCESS(Status = NtGetNextThread(NtCurrentProcess(), Thread, THREAD_ALL_ACCESS, 0, 0, &Next)) && ++Count < 100) {
        if (Thread != NULL)
            NtClose(Thread);
        Thread = Next;
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
        CHECK(Basic.ClientId.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess);
        Own += Basic.ClientId.UniqueThread == NtCurrentTeb()->ClientId.UniqueThread;
    }
    CHECK(Status == STATUS_NO_MORE_ENTRIES && Own == 1 && Count >= 4);
    NtClose(Thread);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtGetNextThread(NtCurrentProcess(), NULL, THREAD_ALL_ACCESS, 0, 0x10, &Next));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtGetNextThread((HANDLE)0x7654, NULL, THREAD_ALL_ACCESS, 0, 0, &Next));
    for (ULONG i = 0; i < ARRAYSIZE(Threads); i++) {
        NtTerminateThread(Threads[i], STATUS_SUCCESS);
        NtWaitForSingleObject(Threads[i], FALSE, NULL);
    }
    /* One that has ended has no place in the walk. */
    TODO(OnWine, CHECK_STATUS(STATUS_NO_MORE_ENTRIES, NtGetNextThread(NtCurrentProcess(), Threads[0], THREAD_ALL_ACCESS, 0, 0, &Next)));
    for (ULONG i = 0; i < ARRAYSIZE(Threads); i++)
        NtClose(Threads[i]);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestFresh();
    TestMixed();
    TestFirstApcs();
    TestDebugRegisters();
    TestTimes();
    TestNextThread();
    return CheckClose();
}
