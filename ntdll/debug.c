/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug output, and the report of a crash.
 *
 * DbgPrint raises the debugger's print trap, which ntos answers with a line in its log; in a program that is debugged it is
 * DBG_PRINTEXCEPTION_C instead, and what the debugger leaves of that goes no further.  A crash report goes to the log, and to the standard error of a program with a console.  No memory is allocated here: the heap may be what is
 * broken.
 */
#include "ntdllp.h"
#include "abi/condrv.h"

#define BREAKPOINT_PRINT 1
#define MAX_TRACE 48
#define MAX_RECURSION 1000000

#define ANY_COMPONENT MAXDWORD         /* what no filter is about */

typedef struct _RTLP_LINE {
    char Text[512];
    SIZE_T Used;
} RTLP_LINE;

static VOID RtlpPutLine(PVOID Context, const char *Text, SIZE_T Length)
{
    RTLP_LINE *Line = Context;
    SIZE_T Part = min(Length, sizeof(Line->Text) - 1 - Line->Used);

    memcpy(Line->Text + Line->Used, Text, Part);
    Line->Used += Part;
}

static BOOLEAN RtlpRaisePrint(PVOID Context, PVOID Unused1, PVOID Unused2)
{
    RTLP_LINE *Line = Context;
    EXCEPTION_RECORD Record = {
        .ExceptionCode = (DWORD)DBG_PRINTEXCEPTION_C, .NumberParameters = 2,
        .ExceptionInformation = { Line->Used + 1, (ULONG_PTR)Line->Text },
    };

    RtlRaiseException(&Record);
    return TRUE;
}

ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments)
{
    RTLP_LINE Line = { .Used = 0 };

    if (ComponentId != ANY_COMPONENT && NtQueryDebugFilterState(ComponentId, Level) != TRUE)
        return STATUS_SUCCESS;
    RtlpFormat(RtlpPutLine, &Line, Format, Arguments);
    Line.Text[Line.Used] = 0;
    if (NtCurrentPeb()->BeingDebugged)
        RtlpCallGuarded(RtlpRaisePrint, &Line, NULL, NULL);
    else
        RtlpDebugService(BREAKPOINT_PRINT, Line.Text, (ULONG)Line.Used);
    return STATUS_SUCCESS;
}

ULONG __cdecl DbgPrint(PCSTR Format, ...)
{
    va_list Arguments;
    ULONG Status;

    va_start(Arguments, Format);
    Status = vDbgPrintEx(ANY_COMPONENT, 0, Format, Arguments);
    va_end(Arguments);
    return Status;
}

ULONG __cdecl DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...)
{
    va_list Arguments;
    ULONG Status;

    va_start(Arguments, Format);
    Status = vDbgPrintEx(ComponentId, Level, Format, Arguments);
    va_end(Arguments);
    return Status;
}

/* FALSE: the program has no standard error, or it cannot be written. */
BOOLEAN RtlpWriteStandardError(const char *Text, SIZE_T Length)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    IO_STATUS_BLOCK Io;
    NTSTATUS Status;

    if (Parameters == NULL || Parameters->StandardError == NULL ||
        Parameters->StandardError == (HANDLE)(LONG_PTR)-1)
        return FALSE;
    Status = NtWriteFile(Parameters->StandardError, NULL, NULL, NULL, &Io, Text, (ULONG)Length, NULL, NULL);
    if (Status == STATUS_PENDING)
        Status = NtWaitForSingleObject(Parameters->StandardError, FALSE, NULL);
    return NT_SUCCESS(Status);
}

static BOOLEAN RtlpErrorIsConsole(VOID)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    FILE_FS_DEVICE_INFORMATION Device;
    IO_STATUS_BLOCK Io;

    return Parameters != NULL && NT_SUCCESS(NtQueryVolumeInformationFile(Parameters->StandardError, &Io, &Device, sizeof(Device),
                                                                         FileFsDeviceInformation)) &&
           Device.DeviceType == FILE_DEVICE_CONSOLE;
}

/* The log gets every report, marked, so that a machine that runs one program can show it; a console shows it too.  In a file or a
 * pipe there is nothing but what the program writes. */
static VOID RtlpReportText(PCSTR Format, va_list Arguments)
{
    static const char Mark[] = "crash: ";
    RTLP_LINE Line = { .Used = 0 };

    RtlpPutLine(&Line, Mark, sizeof(Mark) - 1);
    RtlpFormat(RtlpPutLine, &Line, Format, Arguments);
    RtlpDebugService(BREAKPOINT_PRINT, Line.Text, (ULONG)Line.Used);
    if (RtlpErrorIsConsole())
        RtlpWriteStandardError(Line.Text + sizeof(Mark) - 1, Line.Used - (sizeof(Mark) - 1));
}

static VOID RtlpReport(PCSTR Format, ...)
{
    va_list Arguments;

    va_start(Arguments, Format);
    RtlpReportText(Format, Arguments);
    va_end(Arguments);
}

/* What the program cannot start without is reported to its user; later failures only to the log, because their status goes to
 * the caller. */
VOID LdrpReport(PCSTR Format, ...)
{
    va_list Arguments;

    va_start(Arguments, Format);
    if (LdrpStarting)
        RtlpReportText(Format, Arguments);
    else
        vDbgPrintEx(ANY_COMPONENT, 0, Format, Arguments);
    va_end(Arguments);
}

VOID LdrpTrace(PCSTR Format, ...)
{
    va_list Arguments;

    if (!(NtCurrentPeb()->NtGlobalFlag & FLG_SHOW_LDR_SNAPS))
        return;
    va_start(Arguments, Format);
    vDbgPrintEx(ANY_COMPONENT, 0, Format, Arguments);
    va_end(Arguments);
}

/* --- crash report ------------------------------------------------------------------------------------------------ */

typedef struct _EXCEPTION_NAME {
    NTSTATUS Code;
    PCSZ Name;
} EXCEPTION_NAME;

#define NAMED(Code) { Code, #Code }

static const EXCEPTION_NAME RtlpExceptionNames[] = {
    NAMED(STATUS_ACCESS_VIOLATION),
    NAMED(STATUS_IN_PAGE_ERROR),
    NAMED(STATUS_STACK_OVERFLOW),
    NAMED(STATUS_BREAKPOINT),
    NAMED(STATUS_SINGLE_STEP),
    NAMED(STATUS_ILLEGAL_INSTRUCTION),
    NAMED(STATUS_PRIVILEGED_INSTRUCTION),
    NAMED(STATUS_INTEGER_DIVIDE_BY_ZERO),
    NAMED(STATUS_INTEGER_OVERFLOW),
    NAMED(STATUS_FLOAT_DIVIDE_BY_ZERO),
    NAMED(STATUS_FLOAT_INVALID_OPERATION),
    NAMED(STATUS_FLOAT_OVERFLOW),
    NAMED(STATUS_FLOAT_UNDERFLOW),
    NAMED(STATUS_FLOAT_INEXACT_RESULT),
    NAMED(STATUS_DATATYPE_MISALIGNMENT),
    NAMED(STATUS_GUARD_PAGE_VIOLATION),
    NAMED(STATUS_ARRAY_BOUNDS_EXCEEDED),
    NAMED(STATUS_NONCONTINUABLE_EXCEPTION),
    NAMED(STATUS_INVALID_DISPOSITION),
    NAMED(STATUS_BAD_STACK),
    NAMED(STATUS_INVALID_UNWIND_TARGET),
    NAMED(STATUS_NO_MEMORY),
    NAMED(STATUS_INVALID_HANDLE),
    NAMED(STATUS_HEAP_CORRUPTION),
    NAMED(STATUS_STACK_BUFFER_OVERRUN),
    NAMED(STATUS_ASSERTION_FAILURE),
};

static PCSZ RtlpExceptionName(NTSTATUS Code)
{
    for (ULONG Index = 0; Index < ARRAYSIZE(RtlpExceptionNames); Index++)
        if (RtlpExceptionNames[Index].Code == Code)
            return RtlpExceptionNames[Index].Name;
    return "exception";
}

/* "module+offset", without the loader lock: a crash must be reported whoever holds it. */
static VOID RtlpDescribeAddress(PVOID Address, char *Text, SIZE_T Room)
{
    PLIST_ENTRY Head = &NtCurrentPeb()->Ldr->InLoadOrderModuleList;
    int Length;

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PLDR_DATA_TABLE_ENTRY Entry = &LdrpModuleOf(Link)->Entry;
        ULONG_PTR Offset = (ULONG_PTR)Address - (ULONG_PTR)Entry->DllBase;

        if (Offset < Entry->SizeOfImage) {
            Length = _snprintf(Text, Room - 1, "%wZ+0x%Ix", &Entry->BaseDllName, Offset);
            Text[Length < 0 ? Room - 1 : (SIZE_T)Length] = 0;
            return;
        }
    }
    Length = _snprintf(Text, Room - 1, "%p", Address);
    Text[Length < 0 ? Room - 1 : (SIZE_T)Length] = 0;
}

static VOID RtlpReportAccess(PEXCEPTION_RECORD Record)
{
    ULONG_PTR Kind = Record->ExceptionInformation[0];

    if ((Record->ExceptionCode != (DWORD)STATUS_ACCESS_VIOLATION &&
         Record->ExceptionCode != (DWORD)STATUS_IN_PAGE_ERROR) || Record->NumberParameters < 2)
        return;
    RtlpReport("  %s address %p\n", Kind == 0 ? "reading" : Kind == 1 ? "writing" : "executing",
            Record->ExceptionInformation[1]);
}

static BOOLEAN RtlpWalkUp(PVOID Argument, PVOID Unused2, PVOID Unused3)
{
    PCONTEXT Context = Argument;
    PTEB Teb = NtCurrentTebEx();
    PRUNTIME_FUNCTION Function;
    ULONG_PTR ImageBase, Frame, Rsp = Context->Rsp;
    PVOID Data;

    if (Context->Rsp < (ULONG_PTR)Teb->NtTib.StackLimit || Context->Rsp + 8 > (ULONG_PTR)Teb->NtTib.StackBase ||
        Context->Rsp % 8 != 0)
        return FALSE;
    Function = RtlLookupFunctionEntry(Context->Rip, &ImageBase, NULL);
    if (Function != NULL) {
        RtlVirtualUnwind(UNW_FLAG_NHANDLER, ImageBase, Context->Rip, Function, Context, &Data, &Frame, NULL);
    } else {
        Context->Rip = *(PULONGLONG)Context->Rsp;
        Context->Rsp += 8;
    }
    return Context->Rip != 0 && Context->Rsp > Rsp;
}

/* Changes *Context to the caller's; FALSE: the walk ends, or the stack or the unwind data cannot be read. */
static BOOLEAN RtlpGoToCaller(PCONTEXT Context)
{
    return RtlpCallGuarded(RtlpWalkUp, Context, NULL, NULL);
}

/* A line for each frame; frames of a recursion share one. */
static VOID RtlpReportTrace(PCONTEXT Crash)
{
    CONTEXT Context = *Crash;
    BOOLEAN More = TRUE;
    char Where[96];

    for (ULONG Lines = 0; More && Lines < MAX_TRACE; Lines++) {
        ULONGLONG Rip = Context.Rip;
        ULONG Times = 0;

        do {
            Times++;
            More = RtlpGoToCaller(&Context);
        } while (More && Context.Rip == Rip && Times < MAX_RECURSION);
        RtlpDescribeAddress((PVOID)Rip, Where, sizeof(Where));
        if (Times == 1)
            RtlpReport("  at %s\n", Where);
        else
            RtlpReport("  at %s (%u times)\n", Where, Times);
    }
}

/* What happened, where, and who called whom.  Context is not changed. */
VOID RtlpReportCrash(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
    static volatile LONG Reporting;
    UNICODE_STRING Program = RTL_CONSTANT_UNICODE_STRING(L"program");
    char Where[96];

    if (InterlockedExchange(&Reporting, 1) != 0)
        return;
    if (LdrpProgram != NULL)
        Program = LdrpProgram->Entry.BaseDllName;
    RtlpDescribeAddress(Record->ExceptionAddress, Where, sizeof(Where));
    RtlpReport("%wZ: %s (%08x) at %s\n", &Program, RtlpExceptionName((NTSTATUS)Record->ExceptionCode),
            Record->ExceptionCode, Where);
    RtlpReportAccess(Record);
    RtlpReport("  rax %p rbx %p rcx %p rdx %p\n", Context->Rax, Context->Rbx, Context->Rcx, Context->Rdx);
    RtlpReport("  rsi %p rdi %p rbp %p rsp %p\n", Context->Rsi, Context->Rdi, Context->Rbp, Context->Rsp);
    RtlpReportTrace(Context);
}
