/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Frames with handlers of their own: an unwind whose handler cancels it and stops in its own frame (as compiled C++ does
 * to run destructors), handler records linked at TEB.NtTib.ExceptionList, and tables of code made at run time; what handlers
 * may not answer, nested exceptions, unwinds to targets that are none, consolidation, the handler of C; frames whose
 * unwind data are wrong, each in a process of its own.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define NOINLINE __attribute__((noinline))

enum { THROW = 0xe0000011, STOP_HERE = 0xe0000012, LINKED = 0xe0000013 };

/* Calls Routine(Argument) in a frame with the handler FrameHandler; FrameTarget is where unwinds continue in it.  The
 * result is Routine's, or the value that the unwind brings. */
ULONG_PTR CallInFrame(ULONG_PTR (*Routine)(ULONG_PTR), ULONG_PTR Argument);
extern UCHAR FrameTarget[];
EXCEPTION_DISPOSITION FrameHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);
__asm__(".text\n.globl CallInFrame\n.globl FrameTarget\n.p2align 4\n.seh_proc CallInFrame\nCallInFrame:\n"
        "subq $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_handler FrameHandler, @except, @unwind\n.seh_endprologue\n"
        "movq %rcx, %rax\nmovq %rdx, %rcx\ncallq *%rax\nFrameTarget:\nnop\naddq $0x28, %rsp\nretq\n.seh_endproc\n");

static ULONG Searches, Unwinds, Targets;
static PVOID OuterFrame, InnerFrame;

static VOID Raise(DWORD Code, ULONG_PTR Information)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = Code, .NumberParameters = 1,
            .ExceptionInformation = { Information } };

    RtlRaiseException(&Record);
}

/* The outer frame takes THROW; the inner one answers that unwind with STOP_HERE, which it takes itself. */
EXCEPTION_DISPOSITION FrameHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher)
{
    if (Record->ExceptionFlags & EXCEPTION_TARGET_UNWIND) {
        Targets++;
        return ExceptionContinueSearch;
    }
    if (Record->ExceptionCode == STOP_HERE && (PVOID)Record->ExceptionInformation[0] == Frame && Unwinds < 3) {
        Unwinds++;
        RtlUnwindEx(Frame, FrameTarget, Record, (PVOID)(ULONG_PTR)5, Dispatcher->ContextRecord, NULL);
    }
    if (Record->ExceptionCode != THROW)
        return ExceptionContinueSearch;
    if (Record->ExceptionFlags & EXCEPTION_UNWINDING) {
        InnerFrame = Frame;
        Raise(STOP_HERE, (ULONG_PTR)Frame);
    } else if (++Searches == 2) {
        OuterFrame = Frame;
        RtlUnwindEx(Frame, FrameTarget, Record, (PVOID)(ULONG_PTR)9, Dispatcher->ContextRecord, NULL);
    }
    return ExceptionContinueSearch;
}

static ULONG_PTR Throw(ULONG_PTR Argument)
{
    Raise(THROW, 0);
    return 0;
}

static ULONG_PTR Inner(ULONG_PTR Argument)
{
    return CallInFrame(Throw, Argument) + 100;
}

static VOID TestStopInOwnFrame(VOID)
{
    CHECK(CallInFrame(Inner, 0) == 105);
    CHECK(Searches == 2);
    CHECK(Unwinds == 1);
    CHECK(Targets == 1);
    CHECK((ULONG_PTR)InnerFrame < (ULONG_PTR)OuterFrame);
}

/* --- linked records ---------------------------------------------------------------------------------------------- */

static ULONG LinkedSearches, LinkedUnwinds;

static EXCEPTION_DISPOSITION LinkedHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context, PVOID Dispatcher)
{
    if (Record->ExceptionFlags & EXCEPTION_UNWINDING) {
        LinkedUnwinds++;
        return ExceptionContinueSearch;
    }
    LinkedSearches++;
    return Record->ExceptionCode == LINKED ? ExceptionContinueExecution : ExceptionContinueSearch;
}

static NOINLINE VOID RaiseBelowRecord(DWORD Code)
{
    PNT_TIB Tib = &NtCurrentTebEx()->NtTib;
    EXCEPTION_REGISTRATION_RECORD Record = { .Next = Tib->ExceptionList,
            .Handler = (PEXCEPTION_ROUTINE)(PVOID)LinkedHandler };

    Tib->ExceptionList = &Record;
    Raise(Code, 0);
    Tib->ExceptionList = Record.Next;
}

static NOINLINE ULONG CatchAbove(VOID)
{
    __try {
        RaiseBelowRecord(THROW);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return 3;
    }
    return 0;
}

static VOID TestLinked(VOID)
{
    PVOID Before = NtCurrentTebEx()->NtTib.ExceptionList;

    RaiseBelowRecord(LINKED);
    CHECK(LinkedSearches == 1 && LinkedUnwinds == 0);
    CHECK(CatchAbove() == 3);
    CHECK(LinkedSearches == 2 && LinkedUnwinds == 1);
    CHECK(NtCurrentTebEx()->NtTib.ExceptionList == Before);
}

/* Three functions of made-up code; nobody runs it. */
#define CODE_BYTES 0x300
static RUNTIME_FUNCTION Functions[3] = { { 0x00, 0x80, 0x200 }, { 0x80, 0xc0, 0x210 }, { 0x100, 0x180, 0x220 } };

static PUCHAR Code;

static PRUNTIME_FUNCTION Lookup(ULONG Offset)
{
    ULONG_PTR Base = 0;
    PRUNTIME_FUNCTION Function = RtlLookupFunctionEntry((ULONG_PTR)Code + Offset, &Base, NULL);

    CHECK(Function == NULL || Base == (ULONG_PTR)Code);
    return Function;
}

static PRUNTIME_FUNCTION NTAPI AnyFunction(DWORD64 ControlPc, PVOID Context)
{
    return Context;
}

static VOID TestRunTimeTables(VOID)
{
    PVOID Growable = NULL;
    SIZE_T Size = CODE_BYTES;
    ULONG_PTR Base;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), (PVOID *)&Code, 0, &Size, MEM_RESERVE | MEM_COMMIT,
                                                         PAGE_READWRITE));
    Base = (ULONG_PTR)Code;
    CHECK(Lookup(0x10) == NULL);
    CHECK(RtlAddFunctionTable(Functions, 2, Base));
    CHECK(Lookup(0x10) == &Functions[0] && Lookup(0x80) == &Functions[1] && Lookup(0xc0) == NULL && Lookup(0x110) == NULL);
    CHECK(RtlDeleteFunctionTable(Functions) && Lookup(0x10) == NULL);
    CHECK(!RtlDeleteFunctionTable(Functions));
    CHECK_STATUS(STATUS_SUCCESS, (NTSTATUS)RtlAddGrowableFunctionTable(&Growable, Functions, 1, 3, Base, Base + CODE_BYTES));
    CHECK(Growable != NULL && Lookup(0x10) == &Functions[0] && Lookup(0x80) == NULL);
    RtlGrowFunctionTable(Growable, 3);
    CHECK(Lookup(0x80) == &Functions[1] && Lookup(0x17f) == &Functions[2] && Lookup(0x180) == NULL && Lookup(0xd0) == NULL);
    RtlDeleteGrowableFunctionTable(Growable);
    CHECK(Lookup(0x10) == NULL);
    CHECK(RtlInstallFunctionTableCallback(Base | 3, Base, CODE_BYTES, AnyFunction, &Functions[1], NULL));
    CHECK(Lookup(0x2ff) == &Functions[1]);
    CHECK(RtlDeleteFunctionTable((PRUNTIME_FUNCTION)(Base | 3)) && Lookup(0x2ff) == NULL);
    CHECK(!RtlInstallFunctionTableCallback(Base, Base, CODE_BYTES, AnyFunction, NULL, NULL));
}

/* --- what a handler is told and may answer ----------------------------------------------------------------------- */

enum { GUARDED = 0xe0000021, INNER_ONE = 0xe0000022 };

/* Calls Routine(Argument) in a frame whose handler is GuardHandler; GuardTarget is where unwinds continue in it. */
ULONG_PTR CallGuarded(ULONG_PTR (*Routine)(ULONG_PTR), ULONG_PTR Argument);
extern UCHAR GuardTarget[];
EXCEPTION_DISPOSITION GuardHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context, PDISPATCHER_CONTEXT Dispatcher);
__asm__(".text\n.globl CallGuarded\n.globl GuardTarget\n.p2align 4\n.seh_proc CallGuarded\nCallGuarded:\n"
        "subq $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_handler GuardHandler, @except, @unwind\n.seh_endprologue\n"
        "movq %rcx, %rax\nmovq %rdx, %rcx\ncallq *%rax\nGuardTarget:\nnop\naddq $0x28, %rsp\nretq\n.seh_endproc\n");

static EXCEPTION_DISPOSITION (*GuardAnswer)(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher);

#define GUARD_CALLS 16
static struct {
    ULONG Code, Flags;
    PVOID Frame;
} GuardCalls[GUARD_CALLS];
static ULONG GuardCount;

EXCEPTION_DISPOSITION GuardHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context, PDISPATCHER_CONTEXT Dispatcher)
{
    if (GuardCount < GUARD_CALLS) {
        GuardCalls[GuardCount].Code = Record->ExceptionCode;
        GuardCalls[GuardCount].Flags = Record->ExceptionFlags;
        GuardCalls[GuardCount].Frame = Frame;
    }
    GuardCount++;
    return GuardAnswer(Record, Frame, Dispatcher);
}

static ULONG_PTR RaiseIt(ULONG_PTR Flags)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = GUARDED, .ExceptionFlags = (DWORD)Flags };

    RtlRaiseException(&Record);
    return 44;
}

static EXCEPTION_RECORD Caught, CaughtCause;

static NOINLINE LONG Keep(PEXCEPTION_POINTERS Pointers)
{
    Caught = *Pointers->ExceptionRecord;
    memset(&CaughtCause, 0, sizeof(CaughtCause));
    if (Caught.ExceptionRecord != NULL)
        CaughtCause = *Caught.ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

/* Result of Routine(Argument), or 1 if an exception came out of it. */
static NOINLINE ULONG_PTR Guarded(ULONG_PTR (*Routine)(ULONG_PTR), ULONG_PTR Argument)
{
    GuardCount = 0;
    memset(GuardCalls, 0, sizeof(GuardCalls));
    __try {
        return CallGuarded(Routine, Argument);
    } __except (Keep(GetExceptionInformation())) {
        return 1;
    }
}

static EXCEPTION_DISPOSITION GoOn(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher)
{
    return Record->ExceptionFlags & EXCEPTION_UNWINDING || Record->ExceptionCode != GUARDED ? ExceptionContinueSearch
            : ExceptionContinueExecution;
}

static EXCEPTION_DISPOSITION Nonsense(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher)
{
    return Record->ExceptionCode == GUARDED && !(Record->ExceptionFlags & EXCEPTION_UNWINDING) ? (EXCEPTION_DISPOSITION)77
            : ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION NonsenseWhenUnwinding(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher)
{
    return Record->ExceptionCode == GUARDED && Record->ExceptionFlags & EXCEPTION_UNWINDING ? (EXCEPTION_DISPOSITION)77
            : ExceptionContinueSearch;
}

static VOID TestAnswers(VOID)
{
    GuardAnswer = GoOn;
    CHECK(Guarded(RaiseIt, 0) == 44);
    CHECK(GuardCount == 1 && GuardCalls[0].Code == GUARDED && GuardCalls[0].Flags == 0);
    CHECK(Guarded(RaiseIt, EXCEPTION_NONCONTINUABLE) == 1);
    CHECK(Caught.ExceptionCode == (DWORD)STATUS_NONCONTINUABLE_EXCEPTION && Caught.ExceptionFlags & EXCEPTION_NONCONTINUABLE);
    CHECK(Caught.NumberParameters == 0);
    TODO(OnWine, CHECK(CaughtCause.ExceptionCode == GUARDED));      /* it loses the chain of records */
    GuardAnswer = Nonsense;
    CHECK(Guarded(RaiseIt, 0) == 1);
    CHECK(Caught.ExceptionCode == (DWORD)STATUS_INVALID_DISPOSITION && Caught.ExceptionFlags & EXCEPTION_NONCONTINUABLE);
    TODO(OnWine, CHECK(CaughtCause.ExceptionCode == GUARDED));
    GuardAnswer = NonsenseWhenUnwinding;
    CHECK(Guarded(RaiseIt, 0) == 1);
}

/* The handler's own exception passes the frame that is at work: it is nested there, and not farther out. */
static EXCEPTION_DISPOSITION RaiseInHandler(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher)
{
    if (Record->ExceptionCode == GUARDED && GuardCount == 1)
        Raise(INNER_ONE, 0);
    return ExceptionContinueSearch;
}

static ULONG_PTR GuardedOnceMore(ULONG_PTR Argument)
{
    return CallGuarded(RaiseIt, Argument);
}

static VOID TestNested(VOID)
{
    GuardAnswer = RaiseInHandler;
    CHECK(Guarded(GuardedOnceMore, 0) == 1);
    CHECK(Caught.ExceptionCode == INNER_ONE);
    CHECK(GuardCalls[0].Code == GUARDED && GuardCalls[0].Flags == 0);
    CHECK(GuardCalls[1].Code == INNER_ONE && GuardCalls[1].Flags == EXCEPTION_NESTED_CALL);
    CHECK(GuardCalls[1].Frame == GuardCalls[0].Frame);
    CHECK(GuardCalls[2].Code == INNER_ONE && GuardCalls[2].Flags == 0 && GuardCalls[2].Frame != GuardCalls[0].Frame);
    CHECK(GuardCalls[3].Flags & EXCEPTION_UNWINDING && GuardCalls[3].Frame == GuardCalls[0].Frame);
    CHECK(GuardCalls[4].Flags & EXCEPTION_UNWINDING && GuardCalls[4].Frame == GuardCalls[2].Frame && GuardCount == 5);
}

/* --- unwinds ----------------------------------------------------------------------------------------------------- */

static PVOID UnwindTarget;
static EXCEPTION_RECORD Consolidation;

static EXCEPTION_DISPOSITION UnwindTo(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher)
{
    if (Record->ExceptionCode == GUARDED && !(Record->ExceptionFlags & EXCEPTION_UNWINDING))
        RtlUnwind(UnwindTarget != NULL ? UnwindTarget : Frame, GuardTarget, NULL, (PVOID)(ULONG_PTR)0x66);
    return ExceptionContinueSearch;
}

static ULONG ConsolidateCalls;

static PVOID CALLBACK Consolidate(PEXCEPTION_RECORD Record)
{
    ConsolidateCalls += Record == (PVOID)Record->ExceptionInformation[2] && Record->ExceptionInformation[1] == 0x4321;
    return GuardTarget;
}

static EXCEPTION_DISPOSITION UnwindAndConsolidate(PEXCEPTION_RECORD Record, PVOID Frame, PDISPATCHER_CONTEXT Dispatcher)
{
    if (Record->ExceptionCode != GUARDED || Record->ExceptionFlags & EXCEPTION_UNWINDING)
        return ExceptionContinueSearch;
    Consolidation = (EXCEPTION_RECORD){ .ExceptionCode = (DWORD)STATUS_UNWIND_CONSOLIDATE, .NumberParameters = 3,
            .ExceptionInformation = { (ULONG_PTR)Consolidate, 0x4321, (ULONG_PTR)&Consolidation } };
    RtlUnwind(Frame, (PVOID)1, &Consolidation, (PVOID)(ULONG_PTR)0x55);
    return ExceptionContinueSearch;
}

static VOID TestUnwinds(VOID)
{
    GuardAnswer = UnwindTo;
    UnwindTarget = NULL;
    CHECK(Guarded(RaiseIt, 0) == 0x66);
    CHECK(GuardCount == 2 && GuardCalls[1].Code == (DWORD)STATUS_UNWIND);
    CHECK(GuardCalls[1].Flags == (EXCEPTION_UNWINDING | EXCEPTION_TARGET_UNWIND));
    UnwindTarget = &UnwindTarget;               /* below every frame */
    if ((ULONG_PTR)&UnwindTarget < (ULONG_PTR)NtCurrentTebEx()->NtTib.StackLimit) {
        CHECK(Guarded(RaiseIt, 0) == 1);
        CHECK(Caught.ExceptionCode == (DWORD)STATUS_INVALID_UNWIND_TARGET && Caught.ExceptionFlags & EXCEPTION_NONCONTINUABLE);
    }
    GuardAnswer = UnwindAndConsolidate;
    CHECK(Guarded(RaiseIt, 0) == 0x55 && ConsolidateCalls == 1);
    CHECK(Consolidation.ExceptionFlags & EXCEPTION_UNWINDING);
}

/* RtlRestoreContext with a record STATUS_LONGJUMP: RBX and RIP come from the buffer.  Returns RBX there. */
ULONG_PTR JumpRoundTrip(PULONG64 Buffer, PCONTEXT Context, PEXCEPTION_RECORD Record);
__asm__(".text\n.globl JumpRoundTrip\n.p2align 4\n.seh_proc JumpRoundTrip\nJumpRoundTrip:\n"
        "pushq %rbx\n.seh_pushreg %rbx\nsubq $0x20, %rsp\n.seh_stackalloc 0x20\n.seh_endprologue\n"
        "movq $0, (%rcx)\nmovq $0x123456, 8(%rcx)\nmovq %rsp, 0x10(%rcx)\nmovq %rbp, 0x18(%rcx)\nmovq %rsi, 0x20(%rcx)\n"
        "movq %rdi, 0x28(%rcx)\nmovq %r12, 0x30(%rcx)\nmovq %r13, 0x38(%rcx)\nmovq %r14, 0x40(%rcx)\nmovq %r15, 0x48(%rcx)\n"
        "leaq 1f(%rip), %rax\nmovq %rax, 0x50(%rcx)\nstmxcsr 0x58(%rcx)\nfnstcw 0x5c(%rcx)\nmovups %xmm6, 0x60(%rcx)\n"
        "movq %rdx, %rcx\nmovq %r8, %rdx\ncallq RtlRestoreContext\nint3\n"
        "1: movq %rbx, %rax\naddq $0x20, %rsp\npopq %rbx\nretq\n.seh_endproc\n");

static VOID TestLongJump(VOID)
{
    static ULONG64 __attribute__((aligned(16))) Buffer[32];
    EXCEPTION_RECORD Record = { .ExceptionCode = (DWORD)STATUS_LONGJUMP, .NumberParameters = 1,
            .ExceptionInformation = { (ULONG_PTR)Buffer } };
    CONTEXT Context;

    RtlCaptureContext(&Context);
    memcpy(&Buffer[12], &Context.Xmm6, 10 * sizeof(M128A));
    CHECK(JumpRoundTrip(Buffer, &Context, &Record) == 0x123456);
}

/* --- the handler of C -------------------------------------------------------------------------------------------- */

typedef struct _SCOPES {
    ULONG Count;
    struct {
        ULONG Begin, End, Handler, Target;
    } Records[4];
} SCOPES;

static ULONG Order, FilterCalls[3], FinallyCalls[3], ScopeInFinally;
static BOOLEAN Abnormal;
static DISPATCHER_CONTEXT ScopeDispatcher;
static LONG FilterVerdict[3];

static LONG FilterZero(PEXCEPTION_POINTERS Pointers, PVOID Frame)
{
    FilterCalls[0] = Frame == (PVOID)0x1230 && Pointers->ExceptionRecord->ExceptionCode == GUARDED ? ++Order : 99;
    return FilterVerdict[0];
}

static LONG FilterOne(PEXCEPTION_POINTERS Pointers, PVOID Frame)
{
    FilterCalls[1] = ++Order;
    return FilterVerdict[1];
}

static VOID FinallyZero(BOOLEAN IsAbnormal, PVOID Frame)
{
    FinallyCalls[0] = Frame == (PVOID)0x1230 ? ++Order : 99;
    Abnormal = IsAbnormal;
    ScopeInFinally = ScopeDispatcher.ScopeIndex;
}

static VOID FinallyOne(BOOLEAN IsAbnormal, PVOID Frame)
{
    FinallyCalls[1] = ++Order;
}

static ULONG Rva(PVOID Address)
{
    return (ULONG)((ULONG_PTR)Address - (ULONG_PTR)NtCurrentPeb()->ImageBaseAddress);
}

/* Calls the handler for an exception with these flags at RVA Pc, from the scope First on. */
static EXCEPTION_DISPOSITION AskC(SCOPES *Scopes, ULONG Flags, ULONG Pc, ULONG First, ULONG Target)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = GUARDED, .ExceptionFlags = Flags };
    ULONG_PTR Base = (ULONG_PTR)NtCurrentPeb()->ImageBaseAddress;
    CONTEXT Context = { 0 };

    ScopeDispatcher = (DISPATCHER_CONTEXT){ .ControlPc = Base + Pc, .ImageBase = Base, .EstablisherFrame = 0x1230,
            .TargetIp = Base + Target, .ContextRecord = &Context, .HandlerData = Scopes, .ScopeIndex = First };
    Order = 0;
    memset(FilterCalls, 0, sizeof(FilterCalls));
    memset(FinallyCalls, 0, sizeof(FinallyCalls));
    return __C_specific_handler(&Record, (PVOID)0x1230, &Context, &ScopeDispatcher);
}

static VOID TestHandlerOfC(VOID)
{
    SCOPES Scopes = { 4, { { 0x20, 0x30, Rva(FinallyZero), 0 }, { 0x20, 0x30, Rva(FilterZero), 0x900 },
            { 0x10, 0x40, Rva(FinallyOne), 0 }, { 0x10, 0x50, Rva(FilterOne), 0x910 } } };

    CHECK(AskC(&Scopes, 0, 0x20, 0, 0) == ExceptionContinueSearch && FilterCalls[0] == 1 && FilterCalls[1] == 2);
    CHECK(FinallyCalls[0] == 0 && FinallyCalls[1] == 0);
    CHECK(AskC(&Scopes, 0, 0x30, 0, 0) == ExceptionContinueSearch && FilterCalls[0] == 0 && FilterCalls[1] == 1);
    CHECK(AskC(&Scopes, 0, 0x50, 0, 0) == ExceptionContinueSearch && Order == 0);
    CHECK(AskC(&Scopes, 0, 0xf, 0, 0) == ExceptionContinueSearch && Order == 0);
    CHECK(AskC(&Scopes, 0, 0x20, 2, 0) == ExceptionContinueSearch && FilterCalls[0] == 0 && FilterCalls[1] == 1);
    CHECK(AskC(&Scopes, 0, 0x20, 4, 0) == ExceptionContinueSearch && Order == 0);
    FilterVerdict[0] = EXCEPTION_CONTINUE_EXECUTION;
    CHECK(AskC(&Scopes, 0, 0x20, 0, 0) == ExceptionContinueExecution && FilterCalls[0] == 1 && FilterCalls[1] == 0);
    FilterVerdict[0] = 0;
    CHECK(AskC(&Scopes, EXCEPTION_UNWINDING, 0x20, 0, 0) == ExceptionContinueSearch);
    CHECK(FinallyCalls[0] == 1 && FinallyCalls[1] == 2 && Abnormal && ScopeInFinally == 1 && FilterCalls[0] == 0);
    CHECK(AskC(&Scopes, EXCEPTION_UNWINDING, 0x3f, 0, 0) == ExceptionContinueSearch);
    CHECK(FinallyCalls[0] == 0 && FinallyCalls[1] == 1);
    CHECK(AskC(&Scopes, EXCEPTION_UNWINDING, 0x20, 1, 0) == ExceptionContinueSearch);
    CHECK(FinallyCalls[0] == 0 && FinallyCalls[1] == 1);
    /* The target is inside the outer scope: only the inner one ends. */
    CHECK(AskC(&Scopes, EXCEPTION_UNWINDING | EXCEPTION_TARGET_UNWIND, 0x20, 0, 0x38) == ExceptionContinueSearch);
    CHECK(FinallyCalls[0] == 1 && FinallyCalls[1] == 0);
    /* Inside both: none. */
    CHECK(AskC(&Scopes, EXCEPTION_UNWINDING | EXCEPTION_TARGET_UNWIND, 0x20, 0, 0x2f) == ExceptionContinueSearch);
    CHECK(Order == 0);
    /* Not the target's frame: where the target is does not matter. */
    CHECK(AskC(&Scopes, EXCEPTION_UNWINDING, 0x20, 0, 0x2f) == ExceptionContinueSearch && Order == 2);
    Scopes.Count = 0;
    CHECK(AskC(&Scopes, 0, 0x20, 0, 0) == ExceptionContinueSearch && Order == 0);
}

/* Leaves a __finally scope with _local_unwind; the handler's data follow.  Returns what CountFinally made of 5. */
ULONG LeaveScope(VOID);
static ULONG LeaveCount;
VOID CountFinally(BOOLEAN IsAbnormal, PVOID Frame);
__asm__(".text\n.globl LeaveScope\n.p2align 4\n.seh_proc LeaveScope\nLeaveScope:\n"
        "subq $0x28, %rsp\n.seh_stackalloc 0x28\n.seh_handler __C_specific_handler, @except, @unwind\n"
        ".seh_handlerdata\n.long 1\n.rva LeaveBegin, LeaveEnd, CountFinally\n.long 0\n.text\n.seh_endprologue\n"
        "LeaveBegin:\nmovq %rsp, %rcx\nleaq LeaveTarget(%rip), %rdx\ncallq _local_unwind\nnop\nLeaveEnd:\n"
        "movl $77, %eax\njmp 1f\nLeaveTarget:\nmovl $5, %eax\n1: addq $0x28, %rsp\nretq\n.seh_endproc\n");

VOID CountFinally(BOOLEAN IsAbnormal, PVOID Frame)
{
    LeaveCount += IsAbnormal && (ULONG_PTR)Frame % 16 == 0;
}

static VOID TestLocalUnwind(VOID)
{
    CHECK(LeaveScope() == 5 && LeaveCount == 1);
}

/* --- frames that lead nowhere ------------------------------------------------------------------------------------ */

/* Two functions whose frames lead to each other: RBP is the first one's frame, RBX the second one's.  What: 0 an
 * instruction that faults, else a routine. */
VOID GoInCircles(PVOID What);
/* A function whose unwind data lie outside the image. */
VOID FaultInWild(VOID);
__asm__(".text\n.p2align 4\n.globl GoInCircles\nGoInCircles:\nsubq $0x78, %rsp\nleaq 0x40(%rsp), %rbp\nleaq 0x50(%rsp), %rbx\n"
        "leaq CircleSecondBody(%rip), %rax\nmovq %rax, (%rbp)\nleaq CircleFirstBody(%rip), %rax\nmovq %rax, (%rbx)\n"
        "jmp CircleFirst\n"
        "CircleFirst:\nCircleFirstBody:\ntestq %rcx, %rcx\njz 1f\ncallq *%rcx\n1: ud2\nCircleFirstEnd:\n"
        "CircleSecond:\nnop\nCircleSecondBody:\nud2\nCircleSecondEnd:\n"
        ".globl FaultInWild\nFaultInWild:\nsubq $0x28, %rsp\nud2\nint3\nFaultInWildEnd:\n"
        ".section .xdata, \"dr\"\n.p2align 2\n"
        "CircleFirstInfo: .byte 1, 0, 1, 5, 0, 3, 0, 0\nCircleSecondInfo: .byte 1, 0, 1, 3, 0, 3, 0, 0\n"
        ".section .pdata, \"dr\"\n.p2align 2\n"
        ".rva CircleFirst, CircleFirstEnd, CircleFirstInfo\n.rva CircleSecond, CircleSecondEnd, CircleSecondInfo\n"
        ".rva FaultInWild, FaultInWildEnd\n.long 0x60000000\n.text\n");

static VOID TraceInCircles(VOID)
{
    PVOID Frames[0x100];

    NtTerminateProcess(NtCurrentProcess(), RtlCaptureStackBackTrace(0, 0x100, Frames, NULL) < 16 ? 21 : 22);
}

static VOID UnwindInCircles(VOID)
{
    RtlUnwind(NtCurrentTebEx()->NtTib.StackBase, GuardTarget, NULL, NULL);
}

static ULONG FilterAsked;

/* Goes on behind the first exception; the second one ends the process with its code. */
static LONG NTAPI LastFilter(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode != GUARDED)
        return EXCEPTION_CONTINUE_SEARCH;
    return ++FilterAsked == 1 ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_EXECUTE_HANDLER;
}

static VOID RaiseToFilter(VOID)
{
    RtlSetUnhandledExceptionFilter(LastFilter);
    if (RaiseIt(0) != 44 || FilterAsked != 1)
        NtTerminateProcess(NtCurrentProcess(), 24);
    RaiseIt(0);
}

static int RunChild(PCWSTR What)
{
    if (wcscmp(What, L"fault") == 0)
        GoInCircles(NULL);
    else if (wcscmp(What, L"trace") == 0)
        GoInCircles((PVOID)TraceInCircles);
    else if (wcscmp(What, L"unwind") == 0)
        GoInCircles((PVOID)UnwindInCircles);
    else if (wcscmp(What, L"filter") == 0)
        RaiseToFilter();
    else if (wcscmp(What, L"wild") == 0)
        FaultInWild();
    return 23;
}

static NTSTATUS StatusOfChild(PCWSTR What)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    WCHAR CommandLine[32];
    PROCESS_START Start = { .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, .CommandLine = CommandLine };
    NTSTATUS Status;
    HANDLE Process;
    ULONG Id;

    _snwprintf(CommandLine, ARRAYSIZE(CommandLine), L"frames %s", What);
    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &Id)))
        return STATUS_UNSUCCESSFUL;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Process, FALSE, &Timeout)))
        NtTerminateProcess(Process, STATUS_TIMEOUT);
    NtWaitForSingleObject(Process, FALSE, &Timeout);
    Status = QueryExitStatus(Process);
    NtClose(Process);
    return Status;
}

static VOID TestBadFrames(VOID)
{
    CHECK_STATUS(STATUS_ILLEGAL_INSTRUCTION, StatusOfChild(L"fault"));
    CHECK_STATUS(21, StatusOfChild(L"trace"));
    CHECK_STATUS(STATUS_BAD_STACK, StatusOfChild(L"unwind"));
    CHECK_STATUS(STATUS_ILLEGAL_INSTRUCTION, StatusOfChild(L"wild"));
    CHECK_STATUS((NTSTATUS)GUARDED, StatusOfChild(L"filter"));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    if (ArgumentCount == 2)
        return RunChild(Arguments[1]);
    TestStopInOwnFrame();
    TestLinked();
    TestRunTimeTables();
    TestAnswers();
    TestNested();
    TestUnwinds();
    TestLongJump();
    TestHandlerOfC();
    TestLocalUnwind();
    if (!IsWine)            /* Wine walks for ever */
        TestBadFrames();
    return CheckClose();
}
