/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Single steps: a program that steps itself with a vectored handler, and a debugger that steps another.
 * Runs on: Nereid and Wine.
 *
 * The flag is off in the context that a handler or a debugger gets: it sets it again for the next step.
 * `step without': on a kernel that does not take the trap flag in a context, POPFQ gives one step, and nothing gives a second.
 */
#include "debugevent.h"

#define TRAP_FLAG 0x100u
#define MAXIMUM_STEPS 64

/* ------------------------------------------------------------------ what is stepped through */

/* ULONG64 StepSelf(PVOID Page, ULONG64 (*Call)(VOID)): sets the flag itself. */
ULONG64 StepSelf(volatile ULONG64 *Page, PVOID Call);
/* ULONG64 StepCode(Page, Call): begins with a breakpoint; StepHere is behind it. */
ULONG64 StepCode(volatile ULONG64 *Page, PVOID Call);
extern const UCHAR StepHere[], Step1[], Step2[], Step3[], Step4[], Step5[], Step6[], StepCalled[], StepEnd[];

__asm__(".text\n"
        ".globl StepSelf\n"
        "StepSelf: pushfq\n"
        "orl $0x100, (%rsp)\n"
        "popfq\n"
        "jmp StepHere\n"
        ".globl StepCode\n"
        "StepCode: int3\n"
        "StepHere: xorl %eax, %eax\n"
        "Step1: incq %rax\n"
        "Step2: jmp Step3\n"
        "nop\n"
        "Step3: addq (%rcx), %rax\n"
        "Step4: pushq %rbx\n"
        "Step5: leaq 5(%rax), %rbx\n"
        "subq $0x20, %rsp\n"
        "Step6: callq *%rdx\n"
        "StepCalled: addq $0x20, %rsp\n"
        "movq %rbx, %rax\n"
        "popq %rbx\n"
        "StepEnd: retq\n");

/* The addresses that each step ends at, from the one behind StepHere; what StepCall does in between is not listed. */
static const UCHAR *const Expected[] = { Step1, Step2, Step3, Step4, Step5, Step5 + 4, Step6 };

static VOID StepCall(VOID)
{
}

static ULONG64 StepMemory[3 * 512];

/* A page that nothing has touched before. */
static volatile ULONG64 *FreshPage(void)
{
    PVOID Base = NULL;
    SIZE_T Size = 0x1000;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)))
        return StepMemory;
    return Base;
}

/* ------------------------------------------------------------------ a program steps itself */

static struct {
    ULONG_PTR Stop;                     /* no further step from this address on */
    ULONG Limit;                        /* nor after this many */
    ULONG Count, Bad, Others;
    ULONG_PTR Rip[MAXIMUM_STEPS];
    HANDLE Thread;
    BOOLEAN OnBreakpoint;
} Seen;

static VOID Begin(const UCHAR *Stop)
{
    memset(&Seen, 0, sizeof(Seen));
    Seen.Stop = (ULONG_PTR)Stop;
    Seen.Limit = MAXIMUM_STEPS;
    Seen.Thread = NtCurrentTeb()->ClientId.UniqueThread;
}

static LONG NTAPI Handler(PEXCEPTION_POINTERS Pointers)
{
    PEXCEPTION_RECORD Record = Pointers->ExceptionRecord;
    PCONTEXT Context = Pointers->ContextRecord;

    if (Record->ExceptionCode == (DWORD)STATUS_BREAKPOINT && Seen.OnBreakpoint) {
        Context->Rip = (ULONG_PTR)StepHere;
        Context->EFlags |= TRAP_FLAG;
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if (Record->ExceptionCode != (DWORD)STATUS_SINGLE_STEP)
        return EXCEPTION_CONTINUE_SEARCH;
    if (NtCurrentTeb()->ClientId.UniqueThread != Seen.Thread)
        Seen.Others++;
    if ((Context->EFlags & TRAP_FLAG) || Record->ExceptionAddress != (PVOID)Context->Rip || Record->NumberParameters != 0 ||
        Record->ExceptionFlags != 0)
        Seen.Bad++;
    if (Seen.Count < MAXIMUM_STEPS)
        Seen.Rip[Seen.Count] = Context->Rip;
    Seen.Count++;
    if (Context->Rip != Seen.Stop && Seen.Count < Seen.Limit)
        Context->EFlags |= TRAP_FLAG;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* The steps from this one on are the expected ones. */
static VOID CheckSteps(ULONG First)
{
    CHECK(Seen.Bad == 0 && Seen.Others == 0);
    for (ULONG i = 0; i < ARRAYSIZE(Expected); i++)
        CHECK(Seen.Rip[First + i] == (ULONG_PTR)Expected[i]);
}

static VOID TestSelf(void)
{
    volatile ULONG64 *Page = FreshPage();

    /* The first step after POPFQ is that of the jump behind it. */
    Begin(Step6);
    CHECK(StepSelf(Page, StepCall) == 6);
    CHECK(Seen.Rip[0] == (ULONG_PTR)StepHere);
    CHECK(Seen.Count == 1 + ARRAYSIZE(Expected));
    CheckSteps(1);
    /* Set by the handler of another exception. */
    Begin(Step6);
    Seen.OnBreakpoint = TRUE;
    CHECK(StepCode(FreshPage(), StepCall) == 6);
    CHECK(Seen.Count == ARRAYSIZE(Expected));
    CheckSteps(0);
    /* A call is entered, and left. */
    Begin(StepEnd);
    Seen.OnBreakpoint = TRUE;
    CHECK(StepCode(FreshPage(), StepCall) == 6);
    if (!CHECK(Seen.Count > ARRAYSIZE(Expected) + 4 && Seen.Count < MAXIMUM_STEPS))
        return;
    CHECK(Seen.Rip[ARRAYSIZE(Expected)] == (ULONG_PTR)StepCall);
    CHECK(Seen.Rip[Seen.Count - 1] == (ULONG_PTR)StepEnd && Seen.Rip[Seen.Count - 4] == (ULONG_PTR)StepCalled);
    CheckSteps(0);
}

static VOID TestRestoreContext(void)
{
    static volatile ULONG Times;
    CONTEXT Context;

    Begin(NULL);
    Times = 0;
    RtlCaptureContext(&Context);
    if (Times++ == 0) {
        Context.EFlags |= TRAP_FLAG;
        Seen.Limit = 1;
        RtlRestoreContext(&Context, NULL);
    }
    CHECK(Times == 2);
    CHECK(Seen.Count == 1 && Seen.Rip[0] > Context.Rip && Seen.Rip[0] < Context.Rip + 16);
    CHECK(Seen.Bad == 0);
}

/* Which step ended behind a SYSCALL instruction, or ~0. */
static ULONG StepOverSyscall(void)
{
    for (ULONG i = 1; i < Seen.Count && i < MAXIMUM_STEPS; i++) {
        if (Seen.Rip[i] == Seen.Rip[i - 1] + 2 && ((const UCHAR *)Seen.Rip[i - 1])[0] == 0x0f && ((const UCHAR *)Seen.Rip[i - 1])[1] == 0x05)
            return i;
    }
    return ~0u;
}

/* A service is one step, however long it takes.  (What Wine's stubs do is no system call of the CPU.) */
static VOID TestService(void)
{
    LARGE_INTEGER Time = { .QuadPart = -200000 };
    ULONG Index;

    if (IsWine)
        return;
    Begin(StepEnd);
    Seen.OnBreakpoint = TRUE;
    CHECK(StepCode(FreshPage(), NtYieldExecution) == 6);
    CHECK(Seen.Rip[ARRAYSIZE(Expected)] == (ULONG_PTR)NtYieldExecution);
    Index = StepOverSyscall();
    if (!CHECK(Index != ~0u && Index > ARRAYSIZE(Expected) && Index < Seen.Count - 4 && Seen.Count <= MAXIMUM_STEPS))
        return;
    CHECK(Seen.Rip[Seen.Count - 1] == (ULONG_PTR)StepEnd);
    CheckSteps(0);
    /* With the flag into a wait: POPFQ sets it in front of the call. */
    Begin(NULL);
    __asm__ volatile("pushfq\n orl $0x100, (%%rsp)\n popfq" ::: "memory", "cc");
    NtDelayExecution(FALSE, &Time);
    __asm__ volatile("pushfq\n andl $0xfffffeff, (%%rsp)\n popfq" ::: "memory", "cc");
    CHECK(StepOverSyscall() != ~0u);
    CHECK(Seen.Bad == 0);
}

static volatile LONG Running;
static volatile ULONG64 Spins;

static NTSTATUS NTAPI Spin(PVOID Context)
{
    while (Running)
        Spins++;
    return STATUS_SUCCESS;
}

/* Steps of one thread, while another runs. */
static VOID TestOtherThread(void)
{
    HANDLE Thread;

    Running = TRUE;
    Thread = CheckStartThread(Spin, NULL);
    for (ULONG i = 0; i < 50; i++) {
        Begin(Step6);
        Seen.OnBreakpoint = TRUE;
        if (StepCode(StepMemory, StepCall) != 6 || Seen.Count != ARRAYSIZE(Expected) || Seen.Others != 0)
            break;
        NtYieldExecution();
    }
    CHECK(Seen.Count == ARRAYSIZE(Expected) && Seen.Others == 0);
    Running = FALSE;
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, NULL));
}

/* ------------------------------------------------------------------ a debugger steps another */

static int RunChild(void)
{
    ULONG64 Result;

    RtlAddVectoredExceptionHandler(1, Handler);
    Begin(NULL);
    Seen.Stop = (ULONG_PTR)Step4;       /* of the one step that the debugger passes on; the next ones are the debugger's again */
    Result = StepCode(FreshPage(), StepCall);
    return Result == 6 && Seen.Count == 1 && Seen.Rip[0] == (ULONG_PTR)Step4 && Seen.Bad == 0 ? 42 : 43;
}

static HANDLE Debug, Child, ChildThread;
static DBGUI_WAIT_STATE_CHANGE Change;

static NTSTATUS NextEvent(void)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };

    memset(&Change, 0, sizeof(Change));
    return NtWaitForDebugEvent(Debug, FALSE, &Timeout, &Change);
}

static VOID Continue(NTSTATUS Status)
{
    CHECK_STATUS(STATUS_SUCCESS, NtDebugContinue(Debug, &Change.AppClientId, Status));
}

static VOID SetTrapFlag(void)
{
    CONTEXT Context = { .ContextFlags = CONTEXT_CONTROL };

    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(ChildThread, &Context));
    CHECK((Context.EFlags & TRAP_FLAG) == 0);
    Context.EFlags |= TRAP_FLAG;
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(ChildThread, &Context));
    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(ChildThread, &Context));
    CHECK((Context.EFlags & TRAP_FLAG) != 0);
}

/* One event of the child; FALSE: its end. */
static BOOLEAN OnEvent(PULONG Steps)
{
    PVOID Address = Change.StateInfo.Exception.ExceptionRecord.ExceptionAddress;
    NTSTATUS Answer = DBG_CONTINUE;
    BOOLEAN IsLast = Change.NewState == DbgExitProcessStateChange;

    CloseEventHandles(&Change);
    if (Change.NewState == DbgBreakpointStateChange && Address == (PVOID)StepCode) {
        SetTrapFlag();
    } else if (Change.NewState == DbgSingleStepStateChange) {
        CHECK(Change.StateInfo.Exception.FirstChance);
        CHECK(Change.StateInfo.Exception.ExceptionRecord.ExceptionCode == (DWORD)STATUS_SINGLE_STEP);
        if (*Steps < ARRAYSIZE(Expected))
            CHECK(Address == (PVOID)Expected[*Steps]);
        ++*Steps;
        if (Address == (PVOID)Step4)
            Answer = (NTSTATUS)DBG_EXCEPTION_NOT_HANDLED;
        else if (Address != (PVOID)Step6)
            SetTrapFlag();
    } else if (IsLast) {
        CHECK_STATUS((NTSTATUS)42, Change.StateInfo.ExitProcess.ExitStatus);
    }
    Continue(Answer);
    return !IsLast;
}

/*
 * At Step4 the child's own handler gets the exception; it goes on without the flag, so that is the last step.  (Whether Wine steps a program
 * after its debugger has set the flag depends on what the host's kernel does with the flag in a signal's context.)
 */
static VOID TestDebugger(void)
{
    RTL_USER_PROCESS_INFORMATION Information = { 0 };
    ULONG Steps = 0;

    if (IsWine)
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDebugObject(&Debug, DEBUG_OBJECT_ALL_ACCESS, NULL, DEBUG_KILL_ON_CLOSE));
    if (!CHECK_STATUS(STATUS_SUCCESS, StartDebuggee(L"step child", Debug, &Information)))
        return;
    Child = Information.ProcessHandle;
    ChildThread = Information.ThreadHandle;
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(ChildThread, NULL));
    do {
        if (!CHECK_STATUS(STATUS_SUCCESS, NextEvent()))
            break;
    } while (OnEvent(&Steps));
    CHECK(Steps == 4);
    NtClose(Debug);
    NtClose(Child);
    NtClose(ChildThread);
}

/* ------------------------------------------------------------------ */

static VOID TestWithout(void)
{
    Begin(StepEnd);
    CHECK(StepSelf(FreshPage(), StepCall) == 6);
    CHECK(Seen.Count == 1 && Seen.Bad == 0 && Seen.Rip[0] == (ULONG_PTR)StepHere);
    Begin(StepEnd);
    Seen.OnBreakpoint = TRUE;
    CHECK(StepCode(FreshPage(), StepCall) == 6);
    CHECK(Seen.Count == 0);
}

int wmain(int Count, WCHAR **Arguments)
{
    if (Count > 1 && Arguments[1][0] == 'c')
        return RunChild();
    CheckSystem();
    RtlAddVectoredExceptionHandler(1, Handler);
    if (Count > 1) {
        TestWithout();
        return CheckClose();
    }
    TestSelf();
    TestRestoreContext();
    TestService();
    TestOtherThread();
    TestDebugger();
    return CheckClose();
}
