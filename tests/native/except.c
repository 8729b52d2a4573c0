/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Exceptions: frames, filters, termination blocks, nested and collided unwinds, vectored handlers, faults of the CPU,
 * stack traces.
 * Runs on: Nereid and Wine.
 *
 * What may fault stands in functions of its own that are not inlined: the compiler sees exceptions of calls only.
 */
#include "check.h"

#define NOINLINE __attribute__((noinline))

enum { ERROR_ONE = 0xe0000001, ERROR_TWO = 0xe0000002, ERROR_GO_ON = 0xe0000003 };

static volatile ULONG Finally;

static NOINLINE VOID Raise(DWORD Code)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = Code };

    RtlRaiseException(&Record);
}

static NOINLINE ULONG Read(volatile ULONG *Address)
{
    return *Address;
}

static NOINLINE VOID Write(volatile ULONG *Address)
{
    *Address = 1;
}

static NOINLINE VOID RaiseBelowFinally(DWORD Code)
{
    __try {
        Raise(Code);
    } __finally {
        Finally++;
    }
}

static NOINLINE ULONG Catch(DWORD Code)
{
    __try {
        RaiseBelowFinally(Code);
    } __except (GetExceptionCode() == Code ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
        return 7;
    }
    return 0;
}

static NOINLINE ULONG Continue(VOID)
{
    volatile ULONG Result = 0;

    __try {
        Raise(ERROR_GO_ON);
        Result = 5;
    } __except (EXCEPTION_CONTINUE_EXECUTION) {
        Result = 1;
    }
    return Result;
}

static NOINLINE ULONG InnerAndOuter(VOID)
{
    volatile ULONG Result = 0;

    __try {
        __try {
            Raise(ERROR_ONE);
        } __except (GetExceptionCode() == ERROR_TWO) {
            Result = 100;
        }
    } __except (GetExceptionCode() == ERROR_ONE) {
        Result += 1;
    }
    return Result;
}

static NOINLINE ULONG RaiseInFinallyCaughtThere(VOID)
{
    volatile ULONG Result = 0;

    __try {
        __try {
            Raise(ERROR_ONE);
        } __finally {
            Result = 1;
            __try {
                Raise(ERROR_TWO);
            } __except (EXCEPTION_EXECUTE_HANDLER) {
                Result += 10;
            }
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        Result += 100;
    }
    return Result;
}

/* The second exception leaves the __finally block of the first one's unwind: a collided unwind. */
static NOINLINE ULONG RaiseOutOfFinally(VOID)
{
    volatile ULONG Result = 0;

    __try {
        __try {
            __try {
                Raise(ERROR_ONE);
            } __finally {
                Result += 1;
                Raise(ERROR_TWO);
            }
        } __except (GetExceptionCode() == ERROR_ONE) {
            Result += 10;
        }
    } __except (GetExceptionCode() == ERROR_TWO) {
        Result += 100;
    }
    return Result;
}

static NOINLINE ULONG RaiseInFilter(VOID)
{
    volatile ULONG Result = 0;

    __try {
        __try {
            Raise(ERROR_ONE);
        } __except (Catch(ERROR_TWO) == 7 ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
            Result = 3;
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        Result = 100;
    }
    return Result;
}

static EXCEPTION_RECORD Seen;

static NOINLINE LONG Note(PEXCEPTION_POINTERS Pointers)
{
    Seen = *Pointers->ExceptionRecord;
    return EXCEPTION_EXECUTE_HANDLER;
}

static NOINLINE BOOLEAN Faults(VOID (*Routine)(volatile ULONG *), volatile ULONG *Address)
{
    __try {
        Routine(Address);
    } __except (Note(GetExceptionInformation())) {
        return TRUE;
    }
    return FALSE;
}

static NOINLINE VOID ReadIt(volatile ULONG *Address)
{
    Read(Address);
}

static NOINLINE VOID DivideBy(volatile ULONG *Address)
{
    volatile ULONG One = 1;

    One = One / *Address;
}

static NOINLINE VOID ExecuteIt(volatile ULONG *Address)
{
    ((VOID (*)(VOID))Address)();
}

static NOINLINE VOID Undefined(volatile ULONG *Address)
{
    __asm__ volatile("ud2");
}

static NOINLINE VOID Privileged(volatile ULONG *Address)
{
    __asm__ volatile("cli");
}

static NOINLINE VOID RecurseDeep(volatile ULONG *Address)
{
    volatile UCHAR Frame[2048];

    Frame[0] = 1;
    if (Finally != 12345)
        RecurseDeep(Address);
    Frame[1] = Frame[0];
}

static VOID TestFaults(VOID)
{
    static const ULONG Constant = 0;
    volatile ULONG Zero = 0;

    CHECK(Faults(ReadIt, (volatile ULONG *)16));
    CHECK(Seen.ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION && Seen.NumberParameters == 2);
    CHECK(Seen.ExceptionInformation[0] == 0 && Seen.ExceptionInformation[1] == 16);
    CHECK(Faults(Write, (volatile ULONG *)(ULONG_PTR)&Constant));
    CHECK(Seen.ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION && Seen.ExceptionInformation[0] == 1);
    CHECK(Seen.ExceptionInformation[1] == (ULONG_PTR)&Constant);
    CHECK(Faults(ReadIt, (volatile ULONG *)0xffff800000001000));
    CHECK(Seen.ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION);
    if (((const KUSER_SHARED_DATA *)0x7ffe0000)->ProcessorFeatures[PF_NX_ENABLED]) {    /* a kernel may lack it */
        CHECK(Faults(ExecuteIt, &Zero));
        CHECK(Seen.ExceptionCode == (DWORD)STATUS_ACCESS_VIOLATION && Seen.ExceptionInformation[0] == 8);
        CHECK(Seen.ExceptionAddress == (PVOID)&Zero);
    }
    CHECK(Faults(DivideBy, &Zero));
    CHECK(Seen.ExceptionCode == (DWORD)STATUS_INTEGER_DIVIDE_BY_ZERO);
    CHECK(Faults(Undefined, NULL));
    CHECK(Seen.ExceptionCode == (DWORD)STATUS_ILLEGAL_INSTRUCTION);
    CHECK(Faults(Privileged, NULL));
    CHECK(Seen.ExceptionCode == (DWORD)STATUS_PRIVILEGED_INSTRUCTION);
    if (!IsWine) {                          /* its stack reserve is too small for its own dispatcher */
        CHECK(Faults(RecurseDeep, NULL));
        CHECK(Seen.ExceptionCode == (DWORD)STATUS_STACK_OVERFLOW);
    }
}

static LONG NTAPI Skip(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode != ERROR_GO_ON)
        return EXCEPTION_CONTINUE_SEARCH;
    Finally++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Skips the instruction of two bytes that faults (ud2). */
static LONG NTAPI SkipUndefined(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode != (DWORD)STATUS_ILLEGAL_INSTRUCTION)
        return EXCEPTION_CONTINUE_SEARCH;
    Pointers->ContextRecord->Rip += 2;
    Pointers->ContextRecord->Rax = 0x1234;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static NOINLINE ULONG_PTR UndefinedThenRax(VOID)
{
    ULONG_PTR Result = 1;

    __asm__ volatile("ud2" : "+a"(Result));
    return Result;
}

static VOID TestVectored(VOID)
{
    PVOID Handle = RtlAddVectoredExceptionHandler(1, Skip);

    CHECK(Handle != NULL);
    Finally = 0;
    Raise(ERROR_GO_ON);
    CHECK(Finally == 1);
    CHECK(RtlRemoveVectoredExceptionHandler(Handle));
    CHECK(!RtlRemoveVectoredExceptionHandler(Handle));
    Handle = RtlAddVectoredExceptionHandler(0, SkipUndefined);
    CHECK(UndefinedThenRax() == 0x1234);
    CHECK(RtlRemoveVectoredExceptionHandler(Handle));
}

static NOINLINE ULONG RaiseStatusAndCatch(VOID)
{
    __try {
        RtlRaiseStatus(STATUS_DISK_FULL);
    } __except (Note(GetExceptionInformation())) {
        return Seen.ExceptionCode;
    }
    return 0;
}

static NOINLINE VOID TestTrace(VOID)
{
    PVOID Frames[8] = { 0 }, Base;
    ULONG Hash = 0;

    CHECK(RtlCaptureStackBackTrace(0, 8, Frames, &Hash) >= 2);
    CHECK(RtlPcToFileHeader(Frames[0], &Base) == NtCurrentPeb()->ImageBaseAddress);
    CHECK(RtlPcToFileHeader((PVOID)1, &Base) == NULL && Base == NULL);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    CHECK(Catch(ERROR_ONE) == 7);
    CHECK(Finally == 1);
    CHECK(Continue() == 5);
    CHECK(InnerAndOuter() == 1);
    CHECK(RaiseInFinallyCaughtThere() == 111);
    CHECK(RaiseOutOfFinally() == 101);
    CHECK(RaiseInFilter() == 3);
    CHECK(RaiseStatusAndCatch() == (ULONG)STATUS_DISK_FULL);
    TestFaults();
    TestVectored();
    TestTrace();
    return CheckClose();
}
