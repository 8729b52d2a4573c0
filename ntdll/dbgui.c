/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A debugger's side of debug objects (DbgUi...): one debug object for each thread that debugs, in its TEB.
 */
#include "ntdllp.h"
#include "nt/dbgapi.h"

#define DBGUI_PRINT_ANSI ((DWORD)0x40010006)            /* DBG_PRINTEXCEPTION_C */
#define DBGUI_RIP ((DWORD)0x40010007)                   /* DBG_RIPEXCEPTION */

/* Win32's DEBUG_EVENT. */
typedef struct _DBGUI_EVENT {
    ULONG Code;
    ULONG ProcessId;
    ULONG ThreadId;
    union {
        struct {
            EXCEPTION_RECORD Record;
            ULONG FirstChance;
        } Exception;
        struct {
            HANDLE Thread;
            PVOID ThreadLocalBase;
            PVOID StartAddress;
        } CreateThread;
        struct {
            HANDLE File, Process, Thread;
            PVOID BaseOfImage;
            ULONG DebugInfoFileOffset, DebugInfoSize;
            PVOID ThreadLocalBase;
            PVOID StartAddress;
            PVOID ImageName;
            USHORT Unicode;
        } CreateProcess;
        ULONG ExitCode;
        struct {
            HANDLE File;
            PVOID BaseOfDll;
            ULONG DebugInfoFileOffset, DebugInfoSize;
            PVOID ImageName;
            USHORT Unicode;
        } LoadDll;
        PVOID UnloadedDll;
        struct {
            PVOID Text;
            USHORT Unicode;
            USHORT Length;
        } OutputString;
        struct {
            ULONG Error;
            ULONG Type;
        } Rip;
    } u;
} DBGUI_EVENT, *PDBGUI_EVENT;

enum {
    DbgUiException = 1, DbgUiCreateThread, DbgUiCreateProcess, DbgUiExitThread, DbgUiExitProcess, DbgUiLoadDll,
    DbgUiUnloadDll, DbgUiOutputString, DbgUiRip
};

HANDLE NTAPI DbgUiGetThreadDebugObject(VOID)
{
    return NtCurrentTebEx()->DbgSsReserved[1];
}

VOID NTAPI DbgUiSetThreadDebugObject(HANDLE DebugObject)
{
    NtCurrentTebEx()->DbgSsReserved[1] = DebugObject;
}

NTSTATUS NTAPI DbgUiConnectToDbg(VOID)
{
    OBJECT_ATTRIBUTES Attributes;

    if (DbgUiGetThreadDebugObject() != NULL)
        return STATUS_SUCCESS;
    InitializeObjectAttributes(&Attributes, NULL, 0, NULL, NULL);
    return NtCreateDebugObject(&NtCurrentTebEx()->DbgSsReserved[1], DEBUG_OBJECT_ALL_ACCESS, &Attributes,
                               DEBUG_KILL_ON_CLOSE);
}

static BOOLEAN DbgUiBreak(PVOID Unused1, PVOID Unused2, PVOID Unused3)
{
    DbgBreakPoint();
    return TRUE;
}

/* A debugger that does not take the breakpoint for handled lets the program go on all the same. */
VOID DbgUiBreakGuarded(VOID)
{
    RtlpCallGuarded(DbgUiBreak, NULL, NULL, NULL);
}

VOID NTAPI DbgUiRemoteBreakin(PVOID Context)
{
    if (NtCurrentPeb()->BeingDebugged)
        DbgUiBreakGuarded();
    RtlExitUserThread(STATUS_SUCCESS);
}

NTSTATUS NTAPI DbgUiIssueRemoteBreakin(HANDLE Process)
{
    HANDLE Thread;
    NTSTATUS Status;

    Status = RtlCreateUserThread(Process, NULL, FALSE, 0, 0, 0, (PVOID)DbgUiRemoteBreakin, NULL,
                                 &Thread, NULL);
    if (NT_SUCCESS(Status))
        NtClose(Thread);
    return Status;
}

NTSTATUS NTAPI DbgUiDebugActiveProcess(HANDLE Process)
{
    NTSTATUS Status = NtDebugActiveProcess(Process, DbgUiGetThreadDebugObject());

    if (!NT_SUCCESS(Status))
        return Status;
    Status = DbgUiIssueRemoteBreakin(Process);
    if (!NT_SUCCESS(Status))
        DbgUiStopDebugging(Process);
    return Status;
}

NTSTATUS NTAPI DbgUiStopDebugging(HANDLE Process)
{
    return NtRemoveProcessDebug(Process, DbgUiGetThreadDebugObject());
}

NTSTATUS NTAPI DbgUiWaitStateChange(PDBGUI_WAIT_STATE_CHANGE StateChange, PLARGE_INTEGER Timeout)
{
    return NtWaitForDebugEvent(DbgUiGetThreadDebugObject(), TRUE, Timeout, StateChange);
}

NTSTATUS NTAPI DbgUiContinue(PCLIENT_ID AppClientId, NTSTATUS ContinueStatus)
{
    return NtDebugContinue(DbgUiGetThreadDebugObject(), AppClientId, ContinueStatus);
}

static PVOID DbgUiTebOf(HANDLE Thread)
{
    THREAD_BASIC_INFORMATION Basic;

    if (!NT_SUCCESS(NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL)))
        return NULL;
    return Basic.TebBaseAddress;
}

static VOID DbgUiConvertException(PDBGUI_WAIT_STATE_CHANGE StateChange, PDBGUI_EVENT Event)
{
    PEXCEPTION_RECORD Record = &StateChange->StateInfo.Exception.ExceptionRecord;

    if (Record->ExceptionCode == DBGUI_PRINT_ANSI) {
        Event->Code = DbgUiOutputString;
        Event->u.OutputString.Text = (PVOID)Record->ExceptionInformation[1];
        Event->u.OutputString.Length = (USHORT)Record->ExceptionInformation[0];
    } else if (Record->ExceptionCode == DBGUI_RIP) {
        Event->Code = DbgUiRip;
        Event->u.Rip.Error = (ULONG)Record->ExceptionInformation[0];
        Event->u.Rip.Type = (ULONG)Record->ExceptionInformation[1];
    } else {
        Event->Code = DbgUiException;
        Event->u.Exception.Record = *Record;
        Event->u.Exception.FirstChance = StateChange->StateInfo.Exception.FirstChance;
    }
}

static VOID DbgUiConvertProcess(PDBGUI_WAIT_STATE_CHANGE StateChange, PDBGUI_EVENT Event)
{
    Event->Code = DbgUiCreateProcess;
    Event->u.CreateProcess.Process = StateChange->StateInfo.CreateProcessInfo.HandleToProcess;
    Event->u.CreateProcess.Thread = StateChange->StateInfo.CreateProcessInfo.HandleToThread;
    Event->u.CreateProcess.File = StateChange->StateInfo.CreateProcessInfo.NewProcess.FileHandle;
    Event->u.CreateProcess.BaseOfImage = StateChange->StateInfo.CreateProcessInfo.NewProcess.BaseOfImage;
    Event->u.CreateProcess.DebugInfoFileOffset = StateChange->StateInfo.CreateProcessInfo.NewProcess.DebugInfoFileOffset;
    Event->u.CreateProcess.DebugInfoSize = StateChange->StateInfo.CreateProcessInfo.NewProcess.DebugInfoSize;
    Event->u.CreateProcess.StartAddress =
            StateChange->StateInfo.CreateProcessInfo.NewProcess.InitialThread.StartAddress;
    Event->u.CreateProcess.ThreadLocalBase = DbgUiTebOf(Event->u.CreateProcess.Thread);
    Event->u.CreateProcess.Unicode = TRUE;
}

NTSTATUS NTAPI DbgUiConvertStateChangeStructure(PDBGUI_WAIT_STATE_CHANGE StateChange, PVOID DebugEvent)
{
    PDBGUI_EVENT Event = DebugEvent;

    memset(Event, 0, sizeof(*Event));
    Event->ProcessId = (ULONG)(ULONG_PTR)StateChange->AppClientId.UniqueProcess;
    Event->ThreadId = (ULONG)(ULONG_PTR)StateChange->AppClientId.UniqueThread;
    switch (StateChange->NewState) {
    case DbgCreateThreadStateChange:
        Event->Code = DbgUiCreateThread;
        Event->u.CreateThread.Thread = StateChange->StateInfo.CreateThread.HandleToThread;
        Event->u.CreateThread.StartAddress = StateChange->StateInfo.CreateThread.NewThread.StartAddress;
        Event->u.CreateThread.ThreadLocalBase = DbgUiTebOf(Event->u.CreateThread.Thread);
        return STATUS_SUCCESS;
    case DbgCreateProcessStateChange:
        DbgUiConvertProcess(StateChange, Event);
        return STATUS_SUCCESS;
    case DbgExitThreadStateChange:
    case DbgExitProcessStateChange:
        Event->Code = StateChange->NewState == DbgExitThreadStateChange ? DbgUiExitThread : DbgUiExitProcess;
        Event->u.ExitCode = (ULONG)StateChange->StateInfo.ExitThread.ExitStatus;
        return STATUS_SUCCESS;
    case DbgExceptionStateChange:
    case DbgBreakpointStateChange:
    case DbgSingleStepStateChange:
        DbgUiConvertException(StateChange, Event);
        return STATUS_SUCCESS;
    case DbgLoadDllStateChange:
        Event->Code = DbgUiLoadDll;
        Event->u.LoadDll.File = StateChange->StateInfo.LoadDll.FileHandle;
        Event->u.LoadDll.BaseOfDll = StateChange->StateInfo.LoadDll.BaseOfDll;
        Event->u.LoadDll.DebugInfoFileOffset = StateChange->StateInfo.LoadDll.DebugInfoFileOffset;
        Event->u.LoadDll.DebugInfoSize = StateChange->StateInfo.LoadDll.DebugInfoSize;
        Event->u.LoadDll.ImageName = StateChange->StateInfo.LoadDll.NamePointer;
        Event->u.LoadDll.Unicode = TRUE;
        return STATUS_SUCCESS;
    case DbgUnloadDllStateChange:
        Event->Code = DbgUiUnloadDll;
        Event->u.UnloadedDll = StateChange->StateInfo.UnloadDll.BaseAddress;
        return STATUS_SUCCESS;
    default:
        return STATUS_UNSUCCESSFUL;
    }
}
