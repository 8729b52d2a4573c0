/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The check library (check.h): counts, and prints what failed.  One thread at a time may check.
 */
#include "check.h"

BOOLEAN IsWine;
static BOOLEAN IsKnown, InTodo;
static ULONG Passed, Failed, Known;

/* Wine has services for its own DLLs in ntdll that no other system has. */
VOID CheckSystem(VOID)
{
    UNICODE_STRING Ntdll = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");
    static CHAR Export[] = "wine_server_fd_to_handle";
    ANSI_STRING Name = { sizeof(Export) - 1, sizeof(Export), Export };
    PVOID Base, Address;

    IsKnown = TRUE;
    IsWine = NT_SUCCESS(LdrGetDllHandle(NULL, NULL, &Ntdll, &Base)) &&
             NT_SUCCESS(LdrGetProcedureAddress(Base, &Name, 0, &Address));
}

static PCSTR BaseName(PCSTR File)
{
    PCSTR Base = File;

    for (; *File != 0; File++)
        if (*File == '/' || *File == '\\')
            Base = File + 1;
    return Base;
}

static BOOLEAN Count(BOOLEAN Holds)
{
    if (InTodo && !Holds)
        Known++;
    else if (Holds && !InTodo)
        Passed++;
    else
        Failed++;
    return Holds;
}

BOOLEAN CheckResult(BOOLEAN Holds, PCSTR File, int Line, PCSTR Text)
{
    if (InTodo && Holds)
        Print(L"FAILED: %hs:%d: the todo passes: %hs\n", BaseName(File), Line, Text);
    else if (!InTodo && !Holds)
        Print(L"FAILED: %hs:%d: %hs\n", BaseName(File), Line, Text);
    return Count(Holds);
}

BOOLEAN CheckStatus(NTSTATUS Expected, NTSTATUS Status, PCSTR File, int Line, PCSTR Text)
{
    if (!InTodo && Status != Expected) {
        Print(L"FAILED: %hs:%d: 0x%08X instead of 0x%08X: %hs\n", BaseName(File), Line, Status, Expected, Text);
        return Count(FALSE);
    }
    return CheckResult(Status == Expected, File, Line, Text);
}

VOID CheckBeginTodo(ULONG Where)
{
    if (!IsKnown)
        CheckSystem();
    InTodo = (Where & (IsWine ? OnWine : OnNereid)) != 0;
}

VOID CheckEndTodo(VOID)
{
    InTodo = FALSE;
}

HANDLE CheckStartThread(PVOID Routine, PVOID Argument)
{
    HANDLE Thread = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, Routine, Argument, &Thread,
                                                     NULL));
    return Thread;
}

NTSTATUS CheckJoinThread(HANDLE Thread, PLARGE_INTEGER Timeout)
{
    THREAD_BASIC_INFORMATION Basic = { .ExitStatus = STATUS_PENDING };

    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, Timeout));
    NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
    NtClose(Thread);
    return Basic.ExitStatus;
}

VOID CheckSettle(VOID)
{
    LARGE_INTEGER Time = { .QuadPart = -20 * 10000ll };
    THREAD_BASIC_INFORMATION Basic = { .BasePriority = 0 };
    LONG Lowest = THREAD_BASE_PRIORITY_IDLE;

    NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
    NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &Lowest, sizeof(Lowest));
    NtDelayExecution(FALSE, &Time);
    NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &Basic.BasePriority, sizeof(Basic.BasePriority));
}

int CheckClose(VOID)
{
    if (Known != 0)
        Print(L"%u known gaps\n", Known);
    Print(L"%u passed, %u failed\n", Passed, Failed);
    return Failed != 0;
}
