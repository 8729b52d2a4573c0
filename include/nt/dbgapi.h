/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debugging, as a debugger sees it: debug objects, their events, the DbgUi routines of ntdll.
 * Names, values and layouts are Microsoft's (public symbols).  Not part of nt.h: debuggers include it.
 */
#pragma once

#include "nt.h"

#define DEBUG_READ_EVENT 0x0001
#define DEBUG_PROCESS_ASSIGN 0x0002
#define DEBUG_SET_INFORMATION 0x0004
#define DEBUG_QUERY_INFORMATION 0x0008
#define DEBUG_OBJECT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xf)
#define DEBUG_KILL_ON_CLOSE 1           /* flag of a debug object */
#define DebugObjectKillProcessOnExitInformation 1

typedef enum _DBG_STATE {
    DbgIdle,
    DbgReplyPending,
    DbgCreateThreadStateChange,
    DbgCreateProcessStateChange,
    DbgExitThreadStateChange,
    DbgExitProcessStateChange,
    DbgExceptionStateChange,
    DbgBreakpointStateChange,
    DbgSingleStepStateChange,
    DbgLoadDllStateChange,
    DbgUnloadDllStateChange
} DBG_STATE;

typedef struct _DBGKM_CREATE_THREAD {
    ULONG SubSystemKey;
    PVOID StartAddress;
} DBGKM_CREATE_THREAD;

typedef struct _DBGUI_WAIT_STATE_CHANGE {
    DBG_STATE NewState;
    CLIENT_ID AppClientId;
    union {
        struct {
            EXCEPTION_RECORD ExceptionRecord;
            ULONG FirstChance;
        } Exception;
        struct {
            HANDLE HandleToThread;
            DBGKM_CREATE_THREAD NewThread;
        } CreateThread;
        struct {
            HANDLE HandleToProcess;
            HANDLE HandleToThread;
            struct {
                ULONG SubSystemKey;
                HANDLE FileHandle;
                PVOID BaseOfImage;
                ULONG DebugInfoFileOffset;
                ULONG DebugInfoSize;
                DBGKM_CREATE_THREAD InitialThread;
            } NewProcess;
        } CreateProcessInfo;
        struct {
            NTSTATUS ExitStatus;
        } ExitThread, ExitProcess;
        struct {
            HANDLE FileHandle;
            PVOID BaseOfDll;
            ULONG DebugInfoFileOffset;
            ULONG DebugInfoSize;
            PVOID NamePointer;
        } LoadDll;
        struct {
            PVOID BaseAddress;
        } UnloadDll;
    } StateInfo;
} DBGUI_WAIT_STATE_CHANGE, *PDBGUI_WAIT_STATE_CHANGE;
C_ASSERT(FIELD_OFFSET(DBGUI_WAIT_STATE_CHANGE, StateInfo) == 0x18);
C_ASSERT(sizeof(DBGUI_WAIT_STATE_CHANGE) == 0xb8);

NTSTATUS NTAPI NtCreateDebugObject(PHANDLE DebugObjectHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, ULONG Flags);
NTSTATUS NTAPI NtDebugActiveProcess(HANDLE ProcessHandle, HANDLE DebugObjectHandle);
/* StateChange: DBGUI_WAIT_STATE_CHANGE. */
NTSTATUS NTAPI NtWaitForDebugEvent(HANDLE DebugObjectHandle, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PVOID StateChange);
NTSTATUS NTAPI NtDebugContinue(HANDLE DebugObjectHandle, PCLIENT_ID ClientId, NTSTATUS ContinueStatus);
NTSTATUS NTAPI NtRemoveProcessDebug(HANDLE ProcessHandle, HANDLE DebugObjectHandle);

NTSTATUS NTAPI DbgUiConnectToDbg(VOID);
HANDLE NTAPI DbgUiGetThreadDebugObject(VOID);
VOID NTAPI DbgUiSetThreadDebugObject(HANDLE DebugObject);
NTSTATUS NTAPI DbgUiDebugActiveProcess(HANDLE Process);
NTSTATUS NTAPI DbgUiStopDebugging(HANDLE Process);
NTSTATUS NTAPI DbgUiIssueRemoteBreakin(HANDLE Process);
VOID NTAPI DbgUiRemoteBreakin(PVOID Context);
NTSTATUS NTAPI DbgUiWaitStateChange(PDBGUI_WAIT_STATE_CHANGE StateChange, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI DbgUiContinue(PCLIENT_ID AppClientId, NTSTATUS ContinueStatus);
/* DebugEvent: Win32's DEBUG_EVENT. */
NTSTATUS NTAPI DbgUiConvertStateChangeStructure(PDBGUI_WAIT_STATE_CHANGE StateChange, PVOID DebugEvent);
