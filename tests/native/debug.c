/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug objects: a debugger that starts a process, and one that attaches; the events of processes, threads, modules and
 * exceptions (first and second chance), reading and writing memory, breakpoints, detaching, the end of the debugger.
 *
 * Runs on: Nereid.
 */
#include "debugevent.h"

#define RAISE_HANDLED 0xe0001234u       /* the child handles it itself */
#define RAISE_FIRST 0xe0001235u         /* the debugger handles it at the first chance */
#define RAISE_SECOND 0xe0001236u        /* the debugger handles it at the second chance */
#define MAGIC 0x1122334455667788ull

/* ------------------------------------------------------------------ the child */

static volatile ULONG64 Shared = MAGIC;
static volatile LONG Handled;

static LONG NTAPI Handler(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode != RAISE_HANDLED)
        return EXCEPTION_CONTINUE_SEARCH;
    Handled++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void Raise(ULONG Code)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = Code };

    RtlRaiseException(&Record);
}

static NTSTATUS NTAPI ChildThread(PVOID Context)
{
    return (NTSTATUS)(LONG_PTR)Context;
}

static NTSTATUS StartChild(PCWSTR Mode, HANDLE DebugObject, PRTL_USER_PROCESS_INFORMATION Information)
{
    WCHAR CommandLine[32];

    _snwprintf(CommandLine, ARRAYSIZE(CommandLine), L"debug %s", Mode);
    return StartDebuggee(CommandLine, DebugObject, Information);
}

/* A child of the debuggee's own. */
static int RunParent(void)
{
    RTL_USER_PROCESS_INFORMATION Information = { 0 };
    PROCESS_BASIC_INFORMATION Basic = { 0 };

    if (!NT_SUCCESS(StartChild(L"quick", NULL, &Information)))
        return 1;
    NtResumeThread(Information.ThreadHandle, NULL);
    NtWaitForSingleObject(Information.ProcessHandle, FALSE, NULL);
    NtQueryInformationProcess(Information.ProcessHandle, ProcessBasicInformation, &Basic, sizeof(Basic), NULL);
    return Basic.ExitStatus;
}

static int RunChild(PCWSTR Mode)
{
    LARGE_INTEGER Long = { .QuadPart = -600000000 };
    HANDLE Thread;

    if (Mode[0] == 's') {
        NtDelayExecution(FALSE, &Long);
        return 1;
    }
    if (Mode[0] == 'q')
        return 44;
    if (Mode[0] == 'p')
        return RunParent();
    RtlAddVectoredExceptionHandler(1, Handler);
    DbgBreakPoint();
    Raise(RAISE_HANDLED);
    Raise(RAISE_FIRST);
    Raise(RAISE_SECOND);
    if (NT_SUCCESS(RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, (PVOID)ChildThread, (PVOID)77, &Thread,
                                       NULL)))
        NtWaitForSingleObject(Thread, FALSE, NULL);
    return Handled == 1 && Shared == MAGIC + 1 ? 42 : 43;
}

/* ------------------------------------------------------------------ the debugger */

static HANDLE Debug;
static DBGUI_WAIT_STATE_CHANGE Change;

static NTSTATUS NextEvent(ULONG Milliseconds)
{
    LARGE_INTEGER Timeout = { .QuadPart = Milliseconds * -10000ll };

    memset(&Change, 0, sizeof(Change));
    return NtWaitForDebugEvent(Debug, FALSE, &Timeout, &Change);
}

static NTSTATUS Continue(NTSTATUS Status)
{
    return NtDebugContinue(Debug, &Change.AppClientId, Status);
}

static BOOLEAN IsException(ULONG Code, ULONG FirstChance)
{
    return Change.StateInfo.Exception.ExceptionRecord.ExceptionCode == Code &&
           Change.StateInfo.Exception.FirstChance == FirstChance;
}

static HANDLE ChildProcess, ChildThreadHandle;

/* The hard-coded breakpoint of the child: memory, registers. */
static void AtBreakpoint(void)
{
    ULONG64 Value = 0, New = MAGIC + 1;
    CONTEXT Context = { .ContextFlags = CONTEXT_FULL };
    ULONG64 Before;
    SIZE_T Bytes;

    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(ChildProcess, (PVOID)&Shared, &Value, sizeof(Value), &Bytes));
    CHECK(Value == MAGIC);
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(ChildProcess, (PVOID)&Shared, &New, sizeof(New), &Bytes));
    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(ChildThreadHandle, &Context));
    Before = Context.Rip;
    CHECK((PVOID)(Before - 1) == Change.StateInfo.Exception.ExceptionRecord.ExceptionAddress);
    /* Registers that were set are those that it goes on with. */
    Context.Rax = 5;
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(ChildThreadHandle, &Context));
    CHECK_STATUS(STATUS_SUCCESS, Continue(DBG_CONTINUE));
}

/* What is expected of one event; FALSE: the last. */
static BOOLEAN OnEvent(PULONG Seen)
{
    Seen[Change.NewState]++;
    switch (Change.NewState) {
    case DbgCreateProcessStateChange:
        ChildProcess = Change.StateInfo.CreateProcessInfo.HandleToProcess;
        ChildThreadHandle = Change.StateInfo.CreateProcessInfo.HandleToThread;
        CHECK(ChildProcess != NULL && ChildThreadHandle != NULL);
        CHECK(Change.StateInfo.CreateProcessInfo.NewProcess.FileHandle != NULL);
        CHECK(Change.StateInfo.CreateProcessInfo.NewProcess.BaseOfImage != NULL);
        NtClose(Change.StateInfo.CreateProcessInfo.NewProcess.FileHandle);
        break;
    case DbgCreateThreadStateChange:
        CHECK(Change.StateInfo.CreateThread.HandleToThread != NULL);
        NtClose(Change.StateInfo.CreateThread.HandleToThread);
        break;
    case DbgBreakpointStateChange:
        CHECK(IsException((ULONG)STATUS_BREAKPOINT, TRUE));
        /* The first one is the loader's. */
        if (Seen[DbgBreakpointStateChange] == 2) {
            AtBreakpoint();
            return TRUE;
        }
        break;
    case DbgExceptionStateChange:
        if (IsException(RAISE_FIRST, TRUE) || IsException(RAISE_SECOND, FALSE))
            break;
        CHECK(IsException(RAISE_HANDLED, TRUE) || IsException(RAISE_SECOND, TRUE));
        CHECK_STATUS(STATUS_SUCCESS, Continue((NTSTATUS)DBG_EXCEPTION_NOT_HANDLED));
        return TRUE;
    case DbgExitThreadStateChange:
        CHECK_STATUS((NTSTATUS)77, Change.StateInfo.ExitThread.ExitStatus);
        break;
    case DbgExitProcessStateChange:
        CHECK_STATUS((NTSTATUS)42, Change.StateInfo.ExitProcess.ExitStatus);
        CHECK_STATUS(STATUS_SUCCESS, Continue(DBG_CONTINUE));
        return FALSE;
    default:
        break;
    }
    CHECK_STATUS(STATUS_SUCCESS, Continue(DBG_CONTINUE));
    return TRUE;
}

static void TestFromStart(void)
{
    RTL_USER_PROCESS_INFORMATION Information = { 0 };
    ULONG Seen[16] = { 0 };
    PROCESS_BASIC_INFORMATION Basic;
    ULONG_PTR Port = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateDebugObject(&Debug, DEBUG_OBJECT_ALL_ACCESS, NULL, DEBUG_KILL_ON_CLOSE));
    CHECK_STATUS(STATUS_TIMEOUT, NextEvent(0));
    if (!CHECK_STATUS(STATUS_SUCCESS, StartChild(L"run", Debug, &Information)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Information.ProcessHandle, ProcessDebugPort, &Port,
                                                           sizeof(Port), NULL));
    CHECK(Port != 0);
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Information.ThreadHandle, NULL));
    do {
        if (!CHECK_STATUS(STATUS_SUCCESS, NextEvent(120000)))
            break;
    } while (OnEvent(Seen));
    CHECK(Seen[DbgCreateProcessStateChange] == 1 && Seen[DbgExitProcessStateChange] == 1);
    CHECK(Seen[DbgCreateThreadStateChange] == 1 && Seen[DbgExitThreadStateChange] == 1);
    CHECK(Seen[DbgLoadDllStateChange] >= 1);
    CHECK(Seen[DbgBreakpointStateChange] == 2);
    CHECK(Seen[DbgExceptionStateChange] == 4);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Information.ProcessHandle, FALSE, NULL));
    NtQueryInformationProcess(Information.ProcessHandle, ProcessBasicInformation, &Basic, sizeof(Basic), NULL);
    CHECK_STATUS((NTSTATUS)42, Basic.ExitStatus);
    NtClose(Information.ProcessHandle);
    NtClose(Information.ThreadHandle);
    NtClose(ChildProcess);
    NtClose(ChildThreadHandle);
    NtClose(Debug);
}

/* Takes all events that an attach brings, up to the break-in. */
static void DrainUntilBreak(void)
{
    ULONG Seen[16] = { 0 };

    for (;;) {
        if (!CHECK_STATUS(STATUS_SUCCESS, NextEvent(120000)))
            return;
        Seen[Change.NewState]++;
        if (Change.NewState == DbgBreakpointStateChange)
            break;
        CloseEventHandles(&Change);
        CHECK_STATUS(STATUS_SUCCESS, Continue(DBG_CONTINUE));
    }
    CHECK(Seen[DbgCreateProcessStateChange] == 1 && Seen[DbgCreateThreadStateChange] == 1);
    CHECK(Seen[DbgLoadDllStateChange] >= 1);
}

static void Sleep(ULONG Milliseconds)
{
    LARGE_INTEGER Time = { .QuadPart = Milliseconds * -10000ll };

    NtDelayExecution(FALSE, &Time);
}

/* ProcessDebugObjectHandle and ProcessDebugFlags, as those ask who want to know whether they are debugged. */
static void CheckDebugObject(HANDLE Process, BOOLEAN Debugged)
{
    HANDLE Object = (HANDLE)1;
    ULONG Flags = 2;

    CHECK_STATUS(Debugged ? STATUS_SUCCESS : STATUS_PORT_NOT_SET,
                 NtQueryInformationProcess(Process, (PROCESSINFOCLASS)30, &Object, sizeof(Object), NULL));
    CHECK(Debugged ? NtCompareObjects(Object, Debug) == STATUS_SUCCESS : Object == NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, (PROCESSINFOCLASS)31, &Flags, sizeof(Flags), NULL));
    CHECK(Flags == !Debugged);
    if (Debugged)
        NtClose(Object);
}

static void TestAttach(void)
{
    RTL_USER_PROCESS_INFORMATION Information = { 0 };
    LARGE_INTEGER Now = { .QuadPart = 0 }, Long = { .QuadPart = LONG_ENOUGH };
    PROCESS_BASIC_INFORMATION Basic;
    CLIENT_ID Nobody = { (HANDLE)4, (HANDLE)8 };
    ULONG Flags = DEBUG_KILL_ON_CLOSE;

    if (!CHECK_STATUS(STATUS_SUCCESS, StartChild(L"sleep", NULL, &Information)))
        return;
    NtResumeThread(Information.ThreadHandle, NULL);
    Sleep(300);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, DbgUiConnectToDbg());
    Debug = DbgUiGetThreadDebugObject();
    CHECK(Debug != NULL);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtDebugActiveProcess(NtCurrentProcess(), Debug));
    CHECK_STATUS(STATUS_PORT_NOT_SET, NtRemoveProcessDebug(Information.ProcessHandle, Debug));
    CheckDebugObject(Information.ProcessHandle, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, DbgUiDebugActiveProcess(Information.ProcessHandle));
    CheckDebugObject(Information.ProcessHandle, TRUE);
    CHECK_STATUS(STATUS_PORT_ALREADY_SET, NtDebugActiveProcess(Information.ProcessHandle, Debug));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Debug, FALSE, &Now));
    DrainUntilBreak();
    CHECK_STATUS(STATUS_TIMEOUT, NextEvent(50));
    Change.AppClientId = Nobody;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Continue(DBG_CONTINUE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Continue(STATUS_SUCCESS));
    /* Detached in the middle of an event: it goes on. */
    CHECK_STATUS(STATUS_SUCCESS, DbgUiStopDebugging(Information.ProcessHandle));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Information.ProcessHandle, FALSE, &Now));
    /* Again, and the debugger goes away: the process ends with it. */
    CHECK_STATUS(STATUS_SUCCESS, NtDebugActiveProcess(Information.ProcessHandle, Debug));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetInformationDebugObject(Debug, 1, &Flags, 3, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationDebugObject(Debug, 2, &Flags, sizeof(Flags), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationDebugObject(Debug, 1, &Flags, sizeof(Flags), NULL));
    NtClose(Debug);
    DbgUiSetThreadDebugObject(NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Information.ProcessHandle, FALSE, &Long));
    NtQueryInformationProcess(Information.ProcessHandle, ProcessBasicInformation, &Basic, sizeof(Basic), NULL);
    CHECK_STATUS(STATUS_DEBUGGER_INACTIVE, Basic.ExitStatus);
    NtClose(Information.ProcessHandle);
    NtClose(Information.ThreadHandle);
}

/*
 * The debuggee's children are its debugger's too ("Process Creation Flags", DEBUG_PROCESS), unless ProcessDebugFlags say
 * otherwise.  A breakpoint of ntdll's that the debugger does not take for handled ends nobody.
 */
static void TestFamily(ULONG Flags)
{
    RTL_USER_PROCESS_INFORMATION Information = { 0 };
    PROCESS_BASIC_INFORMATION Basic = { 0 };
    ULONG Seen[16] = { 0 }, Bad = 2, Family = Flags != 0 ? 2 : 1;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateDebugObject(&Debug, DEBUG_OBJECT_ALL_ACCESS, NULL, DEBUG_KILL_ON_CLOSE));
    if (!CHECK_STATUS(STATUS_SUCCESS, StartChild(L"parent", Debug, &Information)))
        return;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationProcess(Information.ProcessHandle, (PROCESSINFOCLASS)31, &Bad, sizeof(Bad)));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationProcess(Information.ProcessHandle, (PROCESSINFOCLASS)31, &Flags, sizeof(Flags)));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Information.ThreadHandle, NULL));
    while (Seen[DbgExitProcessStateChange] < Family && CHECK_STATUS(STATUS_SUCCESS, NextEvent(120000))) {
        Seen[Change.NewState]++;
        CloseEventHandles(&Change);
        CHECK_STATUS(STATUS_SUCCESS, Continue(DBG_EXCEPTION_NOT_HANDLED));
    }
    CHECK(Seen[DbgCreateProcessStateChange] == Family && Seen[DbgBreakpointStateChange] == Family && Seen[DbgExceptionStateChange] == 0);
    NtWaitForSingleObject(Information.ProcessHandle, FALSE, NULL);
    NtQueryInformationProcess(Information.ProcessHandle, ProcessBasicInformation, &Basic, sizeof(Basic), NULL);
    CHECK_STATUS((NTSTATUS)44, Basic.ExitStatus);
    NtClose(Information.ProcessHandle);
    NtClose(Information.ThreadHandle);
    NtClose(Debug);
}

static void TestErrors(void)
{
    HANDLE Object, Event;
    LARGE_INTEGER Now = { .QuadPart = 0 };

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateDebugObject(&Object, DEBUG_OBJECT_ALL_ACCESS, NULL, 2));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtCreateDebugObject((PHANDLE)8, DEBUG_OBJECT_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtWaitForDebugEvent(Event, FALSE, &Now, &Change));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDebugObject(&Object, DEBUG_PROCESS_ASSIGN, NULL, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtWaitForDebugEvent(Object, FALSE, &Now, &Change));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtDebugActiveProcess((HANDLE)0x1234560, Object));
    NtClose(Object);
    NtClose(Event);
}

int wmain(int Count, WCHAR **Arguments)
{
    if (Count > 1)
        return RunChild(Arguments[1]);
    CheckSystem();
    TestErrors();
    TestFromStart();
    TestAttach();
    TestFamily(1);
    TestFamily(0);
    return CheckClose();
}
