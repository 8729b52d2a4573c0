/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a program gets that is debugged, and a debugger's usual work: mistakes with handles that become exceptions, what a program prints,
 * the counts of threads that an event holds, events put off (DBG_REPLY_LATER), and a breakpoint that many threads run through, taken out
 * and put back for each with a single step.
 *
 * Runs on: Nereid.
 */
#include "debugevent.h"

#define THREADS 6
#define ROUNDS 40
#define BREAKPOINT 0xcc
#define TRAP_FLAG 0x100
#define BAD_HANDLE ((HANDLE)0x7777770)

/* ------------------------------------------------------------------ the debuggee */

static volatile LONG SeenCode[4];       /* exceptions that its own handler got: invalid handle, not closable, print, breakpoint */
static volatile LONG Turns;             /* of the thread that is not at a breakpoint */
static volatile LONG Calls;

static LONG NTAPI Handler(PEXCEPTION_POINTERS Pointers)
{
    static const NTSTATUS Codes[] = { STATUS_INVALID_HANDLE, STATUS_HANDLE_NOT_CLOSABLE, DBG_PRINTEXCEPTION_C, STATUS_BREAKPOINT };

    for (ULONG i = 0; i < ARRAYSIZE(Codes); i++)
        if (Pointers->ExceptionRecord->ExceptionCode == (DWORD)Codes[i]) {
            SeenCode[i]++;
            return i == 2 ? EXCEPTION_CONTINUE_SEARCH : EXCEPTION_CONTINUE_EXECUTION;
        }
    return EXCEPTION_CONTINUE_SEARCH;
}

/* The exit status says which step went wrong. */
static int Mistakes(void)
{
    OBJECT_HANDLE_FLAG_INFORMATION Protect = { FALSE, TRUE };
    HANDLE Event;

    RtlAddVectoredExceptionHandler(1, Handler);
    if (NtClose(BAD_HANDLE) != STATUS_INVALID_HANDLE || SeenCode[0] != 0)               /* the debugger takes it */
        return 1;
    if (NtClose(BAD_HANDLE) != STATUS_INVALID_HANDLE || SeenCode[0] != 1)               /* and not this one */
        return 2;
    if (NtClose(NULL) != STATUS_INVALID_HANDLE || NtClose(NtCurrentProcess()) != STATUS_SUCCESS || SeenCode[0] != 1)
        return 3;
    if (!NT_SUCCESS(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE)) ||
        !NT_SUCCESS(NtSetInformationObject(Event, ObjectHandleFlagInformation, &Protect, sizeof(Protect))))
        return 4;
    if (NtClose(Event) != STATUS_HANDLE_NOT_CLOSABLE || SeenCode[1] != 1)
        return 5;
    if (DbgPrint("%s %d\n", "print", 1) != STATUS_SUCCESS || SeenCode[2] != 0)
        return 6;
    if (DbgPrint("%s %d\n", "print", 2) != STATUS_SUCCESS || SeenCode[2] != 1)
        return 7;
    return 42;
}

static NTSTATUS NTAPI BreakThread(PVOID Context)
{
    DbgBreakPoint();
    return 5;
}

/* A thread that comes to a breakpoint, beside one that goes on turning until it has ended. */
static int Later(void)
{
    LARGE_INTEGER Short = { .QuadPart = -10000 };
    THREAD_BASIC_INFORMATION Basic = { .ExitStatus = STATUS_PENDING };
    HANDLE Thread;

    if (!NT_SUCCESS(RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, (PVOID)BreakThread, NULL, &Thread, NULL)))
        return 1;
    while (NT_SUCCESS(NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL)) &&
           Basic.ExitStatus == STATUS_PENDING) {
        Turns++;
        NtDelayExecution(FALSE, &Short);
    }
    return Basic.ExitStatus == 5 ? 42 : 2;
}

/* Its first instruction is where the breakpoint goes. */
static DECLSPEC_NOINLINE void Target(void)
{
    InterlockedIncrement(&Calls);
}

static NTSTATUS NTAPI CallTarget(PVOID Context)
{
    for (ULONG i = 0; i < ROUNDS; i++)
        Target();
    return STATUS_SUCCESS;
}

static int Many(void)
{
    HANDLE Threads[THREADS];
    ULONG Count = 0;

    DbgBreakPoint();                    /* the debugger sets its own */
    while (Count < THREADS && NT_SUCCESS(RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, (PVOID)CallTarget, NULL,
                                                             &Threads[Count], NULL)))
        Count++;
    NtWaitForMultipleObjects(Count, Threads, WaitAll, FALSE, NULL);
    return Count == THREADS && Calls == THREADS * ROUNDS ? 42 : 1;
}

/* ------------------------------------------------------------------ the debugger */

static HANDLE Debug, Process, MainThread;
static DBGUI_WAIT_STATE_CHANGE Change;
static ULONG Breakpoints;               /* the first is the loader's */

static BOOLEAN NextEvent(void)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };

    memset(&Change, 0, sizeof(Change));
    if (!CHECK_STATUS(STATUS_SUCCESS, NtWaitForDebugEvent(Debug, FALSE, &Timeout, &Change)))
        return FALSE;
    Breakpoints += Change.NewState == DbgBreakpointStateChange;
    return TRUE;
}

static BOOLEAN Continue(NTSTATUS Status)
{
    return CHECK_STATUS(STATUS_SUCCESS, NtDebugContinue(Debug, &Change.AppClientId, Status));
}

static BOOLEAN Start(PCWSTR CommandLine)
{
    RTL_USER_PROCESS_INFORMATION Information = { 0 };

    Breakpoints = 0;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtCreateDebugObject(&Debug, DEBUG_OBJECT_ALL_ACCESS, NULL, DEBUG_KILL_ON_CLOSE)) ||
        !CHECK_STATUS(STATUS_SUCCESS, StartDebuggee(CommandLine, Debug, &Information)))
        return FALSE;
    Process = Information.ProcessHandle;
    MainThread = Information.ThreadHandle;
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(MainThread, NULL));
    return TRUE;
}

static void End(void)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };

    NtClose(Debug);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Process, FALSE, &Timeout));
    CHECK_STATUS((NTSTATUS)42, QueryExitStatus(Process));
    NtClose(Process);
    NtClose(MainThread);
}

/* Passes on what the test does not look at; FALSE: the process's end, which is continued. */
static BOOLEAN NextException(void)
{
    while (NextEvent()) {
        BOOLEAN IsException = Change.NewState == DbgExceptionStateChange || Change.NewState == DbgSingleStepStateChange ||
                              (Change.NewState == DbgBreakpointStateChange && Breakpoints > 1);
        BOOLEAN IsEnd = Change.NewState == DbgExitProcessStateChange;

        if (IsException)
            return TRUE;
        CloseEventHandles(&Change);
        if (!Continue(DBG_CONTINUE) || IsEnd)
            break;
    }
    return FALSE;
}

static const EXCEPTION_RECORD *Record(void)
{
    return &Change.StateInfo.Exception.ExceptionRecord;
}

/* One that must be the next, at the first chance. */
static void Expect(NTSTATUS Code, NTSTATUS Answer)
{
    if (!CHECK(NextException()))
        return;
    CHECK_STATUS(Code, (NTSTATUS)Record()->ExceptionCode);
    CHECK(Change.StateInfo.Exception.FirstChance && Record()->ExceptionAddress != NULL);
    Continue(Answer);
}

/* DBG_PRINTEXCEPTION_C: the length with the 0 at the end, and the text in the program's memory. */
static void ExpectPrint(PCSTR Expected, NTSTATUS Answer)
{
    CHAR Text[32] = { 0 };

    if (!CHECK(NextException()))
        return;
    CHECK_STATUS(DBG_PRINTEXCEPTION_C, (NTSTATUS)Record()->ExceptionCode);
    CHECK(Record()->NumberParameters == 2 && Record()->ExceptionInformation[0] == strlen(Expected) + 1);
    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(Process, (PVOID)Record()->ExceptionInformation[1], Text, strlen(Expected) + 1, NULL));
    CHECK(strcmp(Text, Expected) == 0);
    Continue(Answer);
}

/* CloseHandle, "Return value": under a debugger it throws an exception for what is no handle. */
static void TestMistakes(void)
{
    if (!Start(L"dbgloop mistakes"))
        return;
    Expect(STATUS_INVALID_HANDLE, DBG_CONTINUE);
    Expect(STATUS_INVALID_HANDLE, (NTSTATUS)DBG_EXCEPTION_NOT_HANDLED);
    Expect(STATUS_HANDLE_NOT_CLOSABLE, (NTSTATUS)DBG_EXCEPTION_NOT_HANDLED);
    ExpectPrint("print 1\n", DBG_CONTINUE);
    ExpectPrint("print 2\n", (NTSTATUS)DBG_EXCEPTION_NOT_HANDLED);
    CHECK(!NextException() && Change.NewState == DbgExitProcessStateChange);
    End();
}

/* ------------------------------------------------------------------ events put off */

static LONG ReadTurns(void)
{
    LONG Value = -1;

    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(Process, (PVOID)&Turns, &Value, sizeof(Value), NULL));
    return Value;
}

static HANDLE OpenThread(const CLIENT_ID *Id)
{
    OBJECT_ATTRIBUTES Attributes = { sizeof(Attributes) };
    HANDLE Thread = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenThread(&Thread, THREAD_ALL_ACCESS, &Attributes, (PCLIENT_ID)Id));
    return Thread;
}

static ULONG SuspendCount(HANDLE Thread)
{
    ULONG Count = ~0u;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, (THREADINFOCLASS)35, &Count, sizeof(Count), NULL));
    return Count;
}

static void Sleep(ULONG Milliseconds)
{
    LARGE_INTEGER Time = { .QuadPart = Milliseconds * -10000ll };

    NtDelayExecution(FALSE, &Time);
}

/*
 * ContinueDebugEvent, DBG_REPLY_LATER: the thread, which the debugger has suspended, comes with the same event when it is resumed; the
 * others run on.  End it: the process is ended instead.
 */
static void TestLater(BOOLEAN EndIt)
{
    LARGE_INTEGER Soon = { .QuadPart = -500000 };
    CLIENT_ID Id;
    PVOID Address;
    HANDLE Thread;
    ULONG Previous = ~0u;
    LONG Before;

    if (!Start(L"dbgloop later"))
        return;
    CHECK(NextException() && Change.NewState == DbgBreakpointStateChange);
    Id = Change.AppClientId;
    Address = Record()->ExceptionAddress;
    Thread = OpenThread(&Id);
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Previous));
    CHECK(Previous == 0 && SuspendCount(Thread) == 1 && SuspendCount(MainThread) == 0);
    Before = ReadTurns();
    Sleep(50);
    CHECK(ReadTurns() == Before);       /* while the debugger has an event, nobody runs */
    Continue(DBG_REPLY_LATER);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForDebugEvent(Debug, FALSE, &Soon, &Change));
    Sleep(200);
    CHECK(ReadTurns() > Before);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtDebugContinue(Debug, &Id, DBG_CONTINUE));  /* it has no event now */
    if (EndIt) {
        CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, 42));
    } else {
        CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
        CHECK(NextException() && Change.NewState == DbgBreakpointStateChange);
        CHECK(Change.AppClientId.UniqueThread == Id.UniqueThread && Record()->ExceptionAddress == Address);
        Before = ReadTurns();
        Sleep(50);
        CHECK(ReadTurns() == Before);
        Continue(DBG_REPLY_LATER);      /* not suspended: at once */
        CHECK(NextException() && Change.AppClientId.UniqueThread == Id.UniqueThread && Record()->ExceptionAddress == Address);
        Continue(DBG_CONTINUE);
    }
    CHECK(!NextException() && Change.NewState == DbgExitProcessStateChange);
    NtClose(Thread);
    End();
}

/* ------------------------------------------------------------------ a breakpoint of many threads */

static struct {
    CLIENT_ID Id;
    HANDLE Thread;
    ULONG Hits;
} Seen[THREADS];
static ULONG SeenCount;
static UCHAR Original;

static void Poke(UCHAR Byte)
{
    PVOID Base = (PVOID)Target;
    SIZE_T Size = 1;
    ULONG Old;

    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(Process, &Base, &Size, PAGE_EXECUTE_READWRITE, &Old));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(Process, (PVOID)Target, &Byte, 1, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(Process, &Base, &Size, Old, &Old));
    CHECK_STATUS(STATUS_SUCCESS, NtFlushInstructionCache(Process, (PVOID)Target, 1));
}

static ULONG IndexOf(const CLIENT_ID *Id)
{
    ULONG i = 0;

    while (i < SeenCount && Seen[i].Id.UniqueThread != Id->UniqueThread)
        i++;
    if (i == SeenCount && CHECK(i < THREADS)) {
        Seen[i].Id = *Id;
        Seen[i].Thread = OpenThread(Id);
        SeenCount++;
    }
    return i;
}

/* Back to the instruction, with a step or without. */
static void Rewind(ULONG Index, BOOLEAN Step)
{
    CONTEXT Context = { .ContextFlags = CONTEXT_CONTROL };

    CHECK_STATUS(STATUS_SUCCESS, NtGetContextThread(Seen[Index].Thread, &Context));
    CHECK(Context.Rip == (ULONG64)Target + 1);
    Context.Rip = (ULONG64)Target;
    if (Step)
        Context.EFlags |= TRAP_FLAG;
    CHECK_STATUS(STATUS_SUCCESS, NtSetContextThread(Seen[Index].Thread, &Context));
}

/* The debugger of one thread at a time: the byte is back only while the others stand. */
static void OnBreakpoint(ULONG Index, PULONG Stepping)
{
    if (*Stepping != ~0u) {             /* it came to the breakpoint before it was held: once more, when that is back */
        Rewind(Index, FALSE);
        return;
    }
    Seen[Index].Hits++;
    Rewind(Index, TRUE);
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendProcess(Process));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Seen[Index].Thread, NULL));
    Poke(Original);
    *Stepping = Index;
}

static void OnStep(ULONG Index, PULONG Stepping)
{
    CHECK(Index == *Stepping && Record()->ExceptionAddress != (PVOID)Target);
    Poke(BREAKPOINT);
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Seen[Index].Thread, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeProcess(Process));
    *Stepping = ~0u;
}

static void TestMany(void)
{
    ULONG Stepping = ~0u;

    SeenCount = 0;
    if (!Start(L"dbgloop many"))
        return;
    CHECK(NextException() && Change.NewState == DbgBreakpointStateChange);
    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(Process, (PVOID)Target, &Original, 1, NULL));
    Poke(BREAKPOINT);
    Continue(DBG_CONTINUE);
    while (NextException()) {
        ULONG Index = IndexOf(&Change.AppClientId);

        if (Index == THREADS || !CHECK(Change.NewState != DbgExceptionStateChange))
            break;
        if (Change.NewState == DbgBreakpointStateChange)
            OnBreakpoint(Index, &Stepping);
        else
            OnStep(Index, &Stepping);
        Continue(DBG_CONTINUE);
    }
    CHECK(SeenCount == THREADS);
    for (ULONG i = 0; i < SeenCount; i++) {
        CHECK(Seen[i].Hits == ROUNDS);
        NtClose(Seen[i].Thread);
    }
    End();
}

/* ------------------------------------------------------------------ */

int wmain(int Count, WCHAR **Arguments)
{
    if (Count > 1)
        return wcscmp(Arguments[1], L"mistakes") == 0 ? Mistakes() : wcscmp(Arguments[1], L"later") == 0 ? Later() : Many();
    CheckSystem();
    TestMistakes();
    TestLater(FALSE);
    TestLater(TRUE);
    TestMany();
    return CheckClose();
}
