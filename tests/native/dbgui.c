/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A debugger's view of events: what DbgUiConvertStateChangeStructure makes of each kind, in Win32's DEBUG_EVENT.
 * Source: Microsoft, "DEBUG_EVENT" and the structures of its union.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "nt/dbgapi.h"

/* DEBUG_EVENT: code, process, thread; a union from 0x10 on. */
static union {
    ULONG Words[48];
    PVOID Pointers[24];
} Event;
static DBGUI_WAIT_STATE_CHANGE Change;

#define WORD_AT(Offset) Event.Words[(Offset) / 4]
#define POINTER_AT(Offset) Event.Pointers[(Offset) / 8]

static NTSTATUS Convert(DBG_STATE State)
{
    NTSTATUS Status;

    Change.NewState = State;
    Change.AppClientId = (CLIENT_ID){ (HANDLE)0x1234, (HANDLE)0x5678 };
    memset(&Event, 0xee, sizeof(Event));
    Status = DbgUiConvertStateChangeStructure(&Change, (PVOID)&Event);
    if (NT_SUCCESS(Status))
        CHECK(WORD_AT(4) == 0x1234 && WORD_AT(8) == 0x5678);
    return Status;
}

static VOID TestProcessesAndThreads(VOID)
{
    memset(&Change, 0, sizeof(Change));
    Change.StateInfo.CreateThread.HandleToThread = NtCurrentThread();
    Change.StateInfo.CreateThread.NewThread.StartAddress = (PVOID)0x1111;
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgCreateThreadStateChange));
    CHECK(WORD_AT(0) == 2 && POINTER_AT(0x10) == NtCurrentThread() && POINTER_AT(0x18) == (PVOID)NtCurrentTebEx());
    CHECK(POINTER_AT(0x20) == (PVOID)0x1111);
    Change.StateInfo.CreateThread.HandleToThread = NULL;
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgCreateThreadStateChange));
    CHECK(POINTER_AT(0x10) == NULL && POINTER_AT(0x18) == NULL);
    memset(&Change, 0, sizeof(Change));
    Change.StateInfo.CreateProcessInfo.HandleToProcess = (HANDLE)0x10;
    Change.StateInfo.CreateProcessInfo.HandleToThread = NtCurrentThread();
    Change.StateInfo.CreateProcessInfo.NewProcess.FileHandle = (HANDLE)0x30;
    Change.StateInfo.CreateProcessInfo.NewProcess.BaseOfImage = (PVOID)0x40;
    Change.StateInfo.CreateProcessInfo.NewProcess.DebugInfoFileOffset = 0x50;
    Change.StateInfo.CreateProcessInfo.NewProcess.DebugInfoSize = 0x60;
    Change.StateInfo.CreateProcessInfo.NewProcess.InitialThread.StartAddress = (PVOID)0x70;
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgCreateProcessStateChange));
    CHECK(WORD_AT(0) == 3 && POINTER_AT(0x10) == (PVOID)0x30 && POINTER_AT(0x18) == (PVOID)0x10);
    CHECK(POINTER_AT(0x20) == NtCurrentThread() && POINTER_AT(0x28) == (PVOID)0x40);
    CHECK(WORD_AT(0x30) == 0x50 && WORD_AT(0x34) == 0x60 && POINTER_AT(0x38) == (PVOID)NtCurrentTebEx());
    CHECK(POINTER_AT(0x40) == (PVOID)0x70 && POINTER_AT(0x48) == NULL && *(PUSHORT)&WORD_AT(0x50) == TRUE);
    memset(&Change, 0, sizeof(Change));
    Change.StateInfo.ExitThread.ExitStatus = (NTSTATUS)0xc0001234;
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgExitThreadStateChange));
    CHECK(WORD_AT(0) == 4 && WORD_AT(0x10) == 0xc0001234);
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgExitProcessStateChange));
    CHECK(WORD_AT(0) == 5 && WORD_AT(0x10) == 0xc0001234);
}

static VOID TestModules(VOID)
{
    memset(&Change, 0, sizeof(Change));
    Change.StateInfo.LoadDll.FileHandle = (HANDLE)0x10;
    Change.StateInfo.LoadDll.BaseOfDll = (PVOID)0x20;
    Change.StateInfo.LoadDll.DebugInfoFileOffset = 0x30;
    Change.StateInfo.LoadDll.DebugInfoSize = 0x40;
    Change.StateInfo.LoadDll.NamePointer = (PVOID)0x50;
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgLoadDllStateChange));
    CHECK(WORD_AT(0) == 6 && POINTER_AT(0x10) == (PVOID)0x10 && POINTER_AT(0x18) == (PVOID)0x20 && WORD_AT(0x20) == 0x30);
    CHECK(WORD_AT(0x24) == 0x40 && POINTER_AT(0x28) == (PVOID)0x50 && *(PUSHORT)&WORD_AT(0x30) == TRUE);
    memset(&Change, 0, sizeof(Change));
    Change.StateInfo.UnloadDll.BaseAddress = (PVOID)0x60;
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgUnloadDllStateChange));
    CHECK(WORD_AT(0) == 7 && POINTER_AT(0x10) == (PVOID)0x60);
}

static VOID TestExceptions(VOID)
{
    static const DBG_STATE States[] = { DbgExceptionStateChange, DbgBreakpointStateChange, DbgSingleStepStateChange };
    PEXCEPTION_RECORD Record = &Change.StateInfo.Exception.ExceptionRecord;

    for (ULONG Index = 0; Index < ARRAYSIZE(States); Index++) {
        memset(&Change, 0, sizeof(Change));
        *Record = (EXCEPTION_RECORD){ .ExceptionCode = 0xe0001234, .ExceptionFlags = 1, .ExceptionAddress = (PVOID)0x99,
                .NumberParameters = 2, .ExceptionInformation = { 5, 6 } };
        Change.StateInfo.Exception.FirstChance = Index;
        CHECK_STATUS(STATUS_SUCCESS, Convert(States[Index]));
        CHECK(WORD_AT(0) == 1 && memcmp(&POINTER_AT(0x10), Record, sizeof(*Record)) == 0);
        CHECK(WORD_AT(0x10 + sizeof(*Record)) == Index);
    }
    memset(&Change, 0, sizeof(Change));
    *Record = (EXCEPTION_RECORD){ .ExceptionCode = 0x40010006, .NumberParameters = 2, .ExceptionInformation = { 12, 0x7777 } };
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgExceptionStateChange));
    CHECK(WORD_AT(0) == 8 && POINTER_AT(0x10) == (PVOID)0x7777);
    CHECK(((PUSHORT)&WORD_AT(0x18))[0] == FALSE && ((PUSHORT)&WORD_AT(0x18))[1] == 12);
    *Record = (EXCEPTION_RECORD){ .ExceptionCode = 0x40010007, .NumberParameters = 2, .ExceptionInformation = { 31, 32 } };
    CHECK_STATUS(STATUS_SUCCESS, Convert(DbgExceptionStateChange));
    CHECK(WORD_AT(0) == 9 && WORD_AT(0x10) == 31 && WORD_AT(0x14) == 32);      /* the error, its kind */
}

static VOID TestOthers(VOID)
{
    memset(&Change, 0, sizeof(Change));
    CHECK_STATUS(STATUS_UNSUCCESSFUL, Convert(DbgIdle));
    CHECK_STATUS(STATUS_UNSUCCESSFUL, Convert(DbgReplyPending));
    CHECK_STATUS(STATUS_UNSUCCESSFUL, Convert((DBG_STATE)11));
    CHECK_STATUS(STATUS_UNSUCCESSFUL, Convert((DBG_STATE)-1));
}

/* The calling thread's debug object is what they ask; without one there is nothing to wait for. */
static VOID TestThreadObject(VOID)
{
    LARGE_INTEGER Now = { .QuadPart = 0 };
    CLIENT_ID Nobody = { (HANDLE)4, (HANDLE)8 };
    HANDLE Debug;

    CHECK(DbgUiGetThreadDebugObject() == NULL);
    CHECK_STATUS(STATUS_INVALID_HANDLE, DbgUiWaitStateChange(&Change, &Now));
    CHECK_STATUS(STATUS_INVALID_HANDLE, DbgUiContinue(&Nobody, DBG_CONTINUE));
    CHECK_STATUS(STATUS_SUCCESS, DbgUiConnectToDbg());
    Debug = DbgUiGetThreadDebugObject();
    CHECK(Debug != NULL);
    CHECK_STATUS(STATUS_SUCCESS, DbgUiConnectToDbg());
    CHECK(DbgUiGetThreadDebugObject() == Debug);
    CHECK_STATUS(STATUS_TIMEOUT, DbgUiWaitStateChange(&Change, &Now));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, DbgUiContinue(&Nobody, STATUS_SUCCESS));
    CHECK(!NT_SUCCESS(DbgUiContinue(&Nobody, DBG_CONTINUE)));
    CHECK_STATUS(STATUS_INVALID_HANDLE, DbgUiIssueRemoteBreakin((HANDLE)0x1234560));
    DbgUiSetThreadDebugObject(NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Debug));
}

/* Outside of a debugger the thread that breaks in ends without a breakpoint. */
static VOID TestBreakin(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -500000 };

    CHECK_STATUS(STATUS_SUCCESS, DbgUiIssueRemoteBreakin(NtCurrentProcess()));
    NtDelayExecution(FALSE, &Short);
    CHECK(!NtCurrentPeb()->BeingDebugged);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestProcessesAndThreads();
    TestModules();
    TestExceptions();
    TestOthers();
    TestThreadObject();
    TestBreakin();
    return CheckClose();
}
