/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Suspending a thread, reading and setting its registers, and resuming it, thousands of times: a thread that computes must not
 * notice, one that waits must go on waiting and lose neither its wake-up nor its service's status.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define MS 10000ll
#define ROUNDS 1000

/* --- a thread that computes ---------------------------------------------------------------------------------------- */

/* Holds a pattern in every register and looks at all of them until SpinStop is set; returns how often one had changed.
   SpinDetour is where a thread is sent that is to come back to the address at the top of its stack. */
ULONG SpinRegisters(VOID);
VOID SpinDetour(VOID);
extern volatile LONG SpinStop, SpinDetours, SpinTurns;

__asm__(
    ".bss\n.globl SpinStop\nSpinStop: .long 0\n.globl SpinDetours\nSpinDetours: .long 0\n.globl SpinTurns\nSpinTurns: .long 0\n.text\n"
    ".macro EACH op\n"
    "\\op $0x11111101, %rax\n\\op $0x11111102, %rbx\n\\op $0x11111103, %rcx\n\\op $0x11111104, %rdx\n\\op $0x11111105, %rsi\n"
    "\\op $0x11111106, %rdi\n\\op $0x11111107, %rbp\n\\op $0x11111108, %r8\n\\op $0x11111109, %r9\n\\op $0x1111110a, %r10\n"
    "\\op $0x1111110b, %r11\n\\op $0x1111110c, %r12\n\\op $0x1111110d, %r13\n\\op $0x1111110e, %r14\n\\op $0x1111110f, %r15\n"
    ".endm\n"
    ".macro LOOK value, register\ncmpq \\value, \\register\njne 3f\n.endm\n"
    ".globl SpinRegisters\n.p2align 4\n.seh_proc SpinRegisters\nSpinRegisters:\n"
    "pushq %rbx\n.seh_pushreg %rbx\npushq %rbp\n.seh_pushreg %rbp\npushq %rsi\n.seh_pushreg %rsi\npushq %rdi\n.seh_pushreg %rdi\n"
    "pushq %r12\n.seh_pushreg %r12\npushq %r13\n.seh_pushreg %r13\npushq %r14\n.seh_pushreg %r14\npushq %r15\n.seh_pushreg %r15\n"
    "subq $8, %rsp\n.seh_stackalloc 8\n.seh_endprologue\n"
    "movl $0, (%rsp)\n"
    "1: EACH movq\n"
    "2: EACH LOOK\n"
    "stc\nlock incl SpinTurns(%rip)\njnc 3f\n"          /* INC keeps the carry flag */
    "cmpl $0, SpinStop(%rip)\nje 2b\n"
    "movl (%rsp), %eax\naddq $8, %rsp\npopq %r15\npopq %r14\npopq %r13\npopq %r12\npopq %rdi\npopq %rsi\npopq %rbp\npopq %rbx\nretq\n"
    "3: incl (%rsp)\njmp 1b\n"
    ".seh_endproc\n"
    ".globl SpinDetour\n.p2align 4\nSpinDetour:\npushfq\nlock incl SpinDetours(%rip)\npopfq\nretq\n");

static NTSTATUS NTAPI Spin(PVOID Parameter)
{
    return (NTSTATUS)SpinRegisters();
}

static VOID Pause(LONG64 Time)
{
    LARGE_INTEGER Interval = { .QuadPart = -Time };

    NtDelayExecution(FALSE, &Interval);
}

/* Sends a suspended thread to SpinDetour, as a run-time library does that interrupts its own threads; FALSE: it stands elsewhere. */
static BOOLEAN Divert(HANDLE Thread, PCONTEXT Context)
{
    ULONG64 First = (ULONG64)SpinRegisters, Last = (ULONG64)SpinDetour;

    if (Context->Rip < First + 32 || Context->Rip >= Last - 64)
        return FALSE;
    Context->Rsp -= 8;
    *(PULONG64)Context->Rsp = Context->Rip;
    Context->Rip = (ULONG64)SpinDetour;
    return NT_SUCCESS(NtSetContextThread(Thread, Context));
}

static VOID TestSpin(ULONG Flags, BOOLEAN Detour)
{
    CONTEXT Context __attribute__((aligned(16)));
    HANDLE Thread;
    ULONG Failed = 0, Detours = 0;
    LONG Turns;

    SpinStop = SpinDetours = SpinTurns = 0;
    Thread = CheckStartThread(Spin, NULL);
    while (SpinTurns == 0)
        Pause(MS);
    for (ULONG i = 0; i < ROUNDS; i++) {
        ULONG Previous = 99;

        Failed += !NT_SUCCESS(NtSuspendThread(Thread, &Previous)) || Previous != 0;
        memset(&Context, 0, sizeof(Context));
        Context.ContextFlags = Flags;
        Failed += !NT_SUCCESS(NtGetContextThread(Thread, &Context));
        Turns = SpinTurns;
        if (Detour)
            Detours += Divert(Thread, &Context);
        else
            Failed += !NT_SUCCESS(NtSetContextThread(Thread, &Context));
        if (i % 64 == 0) {
            Pause(MS);
            Failed += SpinTurns != Turns;
        }
        Failed += !NT_SUCCESS(NtResumeThread(Thread, &Previous)) || Previous != 1;
        if (i % 16 == 0)
            Pause(MS / 4);
    }
    SpinStop = 1;
    CHECK_STATUS(0, CheckJoinThread(Thread, NULL));
    CHECK(Failed == 0);
    CHECK(Detours == (ULONG)SpinDetours && (!Detour || Detours != 0));
}

/* --- threads that wait --------------------------------------------------------------------------------------------- */

static HANDLE Event, Other, Signalled, Keyed, Port;
static volatile LONG WaitStop, WaitTurns;

typedef NTSTATUS WAIT_ROUTINE(const LARGE_INTEGER *Timeout);

static NTSTATUS OnEvent(const LARGE_INTEGER *Timeout)
{
    return NtWaitForSingleObject(Event, FALSE, (PLARGE_INTEGER)Timeout);
}

static NTSTATUS OnEventAlertable(const LARGE_INTEGER *Timeout)
{
    return NtWaitForSingleObject(Event, TRUE, (PLARGE_INTEGER)Timeout);
}

static NTSTATUS OnTwoEvents(const LARGE_INTEGER *Timeout)
{
    HANDLE Both[2] = { Other, Event };
    NTSTATUS Status = NtWaitForMultipleObjects(2, Both, WaitAny, FALSE, Timeout);

    return Status == STATUS_WAIT_1 ? STATUS_WAIT_0 : Status == STATUS_WAIT_0 ? STATUS_UNSUCCESSFUL : Status;
}

static NTSTATUS OnSignalAndWait(const LARGE_INTEGER *Timeout)
{
    return NtSignalAndWaitForSingleObject(Signalled, Event, FALSE, Timeout);
}

static NTSTATUS OnKeyedEvent(const LARGE_INTEGER *Timeout)
{
    return NtWaitForKeyedEvent(Keyed, (PVOID)0x1000, FALSE, Timeout);
}

static NTSTATUS OnAlert(const LARGE_INTEGER *Timeout)
{
    NTSTATUS Status = NtWaitForAlertByThreadId(NULL, Timeout);

    return Status == STATUS_ALERTED ? STATUS_SUCCESS : Status;
}

static NTSTATUS OnPort(const LARGE_INTEGER *Timeout)
{
    ULONG_PTR Key, Value;
    IO_STATUS_BLOCK Block;

    return NtRemoveIoCompletion(Port, (PVOID)&Key, (PVOID)&Value, &Block, (PLARGE_INTEGER)Timeout);
}

static NTSTATUS OnPortEx(const LARGE_INTEGER *Timeout)
{
    FILE_IO_COMPLETION_INFORMATION Entries[4];
    ULONG Removed = 0;

    return NtRemoveIoCompletionEx(Port, Entries, 4, &Removed, (PLARGE_INTEGER)Timeout, FALSE);
}

static const struct {
    PCSTR Name;
    WAIT_ROUTINE *Wait;
} Waits[] = {
    { "event", OnEvent }, { "event, alertable", OnEventAlertable }, { "two events", OnTwoEvents }, { "signal and wait", OnSignalAndWait },
    { "keyed event", OnKeyedEvent }, { "alert by id", OnAlert }, { "completion port", OnPort }, { "completion port, many", OnPortEx },
};

static VOID Wake(WAIT_ROUTINE *Wait, HANDLE Thread)
{
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };
    THREAD_BASIC_INFORMATION Basic;

    if (Wait == OnKeyedEvent) {
        CHECK_STATUS(STATUS_SUCCESS, NtReleaseKeyedEvent(Keyed, (PVOID)0x1000, FALSE, &Enough));
    } else if (Wait == OnAlert) {
        NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
        CHECK_STATUS(STATUS_SUCCESS, NtAlertThreadByThreadId(Basic.ClientId.UniqueThread));
    } else if (Wait == OnPort || Wait == OnPortEx) {
        CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(Port, 1, 2, STATUS_SUCCESS, 3));
    } else {
        CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Event, NULL));
    }
}

/* Short waits until it is told to stop; its exit status is how many ended with another status than STATUS_TIMEOUT. */
static NTSTATUS NTAPI WaitShort(PVOID Parameter)
{
    LARGE_INTEGER Timeout = { .QuadPart = -MS / 2 };
    NTSTATUS Wrong = 0;

    while (!WaitStop) {
        Wrong += ((WAIT_ROUTINE *)Parameter)(&Timeout) != STATUS_TIMEOUT;
        WaitTurns++;
    }
    return Wrong;
}

/* One wait without an end; its status is the exit status. */
static NTSTATUS NTAPI WaitOnce(PVOID Parameter)
{
    NTSTATUS Status = ((WAIT_ROUTINE *)Parameter)(NULL);

    WaitTurns++;
    return Status;
}

/* Suspends, reads, writes back (SetFlags not 0) and resumes. */
static BOOLEAN Touch(HANDLE Thread, ULONG SetFlags, LONG64 Held)
{
    CONTEXT Context __attribute__((aligned(16)));
    ULONG Previous = 99;
    BOOLEAN Good;

    memset(&Context, 0, sizeof(Context));
    Context.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    Good = NT_SUCCESS(NtSuspendThread(Thread, &Previous)) && Previous == 0;
    Good = NT_SUCCESS(NtGetContextThread(Thread, &Context)) && Good && Context.Rip != 0 && Context.Rsp != 0;
    if (SetFlags != 0) {
        Context.ContextFlags = SetFlags;
        Good = NT_SUCCESS(NtSetContextThread(Thread, &Context)) && Good;
    }
    if (Held != 0)
        Pause(Held);
    return NT_SUCCESS(NtResumeThread(Thread, &Previous)) && Previous == 1 && Good;
}

static VOID TestShortWaits(WAIT_ROUTINE *Wait, ULONG SetFlags)
{
    HANDLE Thread;
    ULONG Failed = 0;

    WaitStop = WaitTurns = 0;
    Thread = CheckStartThread(WaitShort, (PVOID)Wait);
    for (ULONG i = 0; i < ROUNDS / 4; i++) {
        Failed += !Touch(Thread, SetFlags, i % 16 == 0 ? MS : 0);
        if (i % 4 == 0)
            Pause(MS / 4);
    }
    for (LONG Turns = WaitTurns; WaitTurns < Turns + 2;)
        Pause(MS);
    WaitStop = 1;
    CHECK_STATUS(0, CheckJoinThread(Thread, NULL));
    CHECK(Failed == 0);
}

/* The wake-up comes while the thread is suspended: it is kept, and the thread does not run before it is resumed. */
static VOID TestWakeUp(WAIT_ROUTINE *Wait, ULONG SetFlags)
{
    CONTEXT Context __attribute__((aligned(16)));
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };
    ULONG Previous;
    HANDLE Thread;

    WaitTurns = 0;
    Thread = CheckStartThread(WaitOnce, (PVOID)Wait);
    CheckSettle();
    for (ULONG i = 0; i < 20; i++)
        CHECK(Touch(Thread, SetFlags, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Previous));
    Wake(Wait, Thread);
    Pause(5 * MS);
    memset(&Context, 0, sizeof(Context));
    Context.ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;
    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(Thread, &Context));
    if (SetFlags != 0) {
        Context.ContextFlags = SetFlags;
        CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(Thread, &Context));
    }
    CHECK(WaitTurns == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, &Previous));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, &Enough));
    CHECK(WaitTurns == 1);
    if (WaitTurns == 0)
        NtTerminateThread(Thread, STATUS_TIMEOUT);
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, NULL));
}

static VOID TestWaits(ULONG SetFlags)
{
    for (ULONG i = 0; i < ARRAYSIZE(Waits); i++) {
        TestShortWaits(Waits[i].Wait, SetFlags);
        if (!IsWine || Waits[i].Wait != OnKeyedEvent)   /* Wine's keyed events pass over a waiter that is suspended */
            TestWakeUp(Waits[i].Wait, SetFlags);
    }
}

/* A thread in a wait is sent elsewhere: it gets there when the wait ends. */
static volatile LONG Arrived;

static VOID NTAPI Arrive(VOID)
{
    Arrived = 1;
    NtTerminateThread(NtCurrentThread(), 77);
}

static VOID TestSentElsewhere(VOID)
{
    CONTEXT Context __attribute__((aligned(16)));
    HANDLE Thread = CheckStartThread(WaitOnce, (PVOID)OnEvent);
    ULONG Previous;

    CheckSettle();
    memset(&Context, 0, sizeof(Context));
    Context.ContextFlags = CONTEXT_CONTROL;
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Previous));
    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(Thread, &Context));
    Context.Rip = (ULONG64)Arrive;
    Context.Rsp = (Context.Rsp & ~15ull) - 0x108;
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(Thread, &Context));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, &Previous));
    CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Event, NULL));
    CHECK_STATUS(77, CheckJoinThread(Thread, NULL));
    CHECK(Arrived == 1);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Other, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Signalled, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateKeyedEvent(&Keyed, MAXIMUM_ALLOWED, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Port, MAXIMUM_ALLOWED, NULL, 1));
    TestSpin(CONTEXT_CONTROL, FALSE);
    TestSpin(CONTEXT_CONTROL | CONTEXT_INTEGER, FALSE);
    TestSpin(CONTEXT_CONTROL, TRUE);
    TestSpin(CONTEXT_CONTROL | CONTEXT_INTEGER, TRUE);
    TestWaits(0);
    TestWaits(CONTEXT_CONTROL);
    TestWaits(CONTEXT_CONTROL | CONTEXT_INTEGER);
    if (!IsWine)                        /* there it takes effect only outside system calls */
        TestSentElsewhere();
    return CheckClose();
}
