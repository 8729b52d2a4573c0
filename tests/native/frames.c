/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Frames with handlers of their own: an unwind whose handler cancels it and stops in its own frame (as compiled C++ does
 * to run destructors), handler records linked at TEB.NtTib.ExceptionList, and tables of code made at run time.
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

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestStopInOwnFrame();
    TestLinked();
    TestRunTimeTables();
    return CheckClose();
}
