/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start and end of processes and threads.
 *
 * A thread enters at LdrInitializeThunk (entry.S), which comes here with the CONTEXT to go on with.  The first thread
 * sets the process up: locks, heap, loader lists, the program's imports and their entry points.  Each later thread
 * waits for that, gets its thread-local storage and calls the entry points for DLL_THREAD_ATTACH.  Both run the APCs that
 * wait for them and then continue at RtlUserThreadStart, with the CONTEXT's registers.
 */
#include "ntdllp.h"

RTL_CRITICAL_SECTION LdrpLoaderLock;
PLDRP_MODULE LdrpProgram;
PLDRP_MODULE LdrpNtdll;
BOOLEAN LdrpShutdownInProgress;
static NTSTATUS LdrpExitStatus;
BOOLEAN LdrpStarting = TRUE;

static RTL_CRITICAL_SECTION RtlpPebLock;
static volatile LONG LdrpInitState;         /* 0: nobody, 1: first thread at work, 2: done */

DECLSPEC_NORETURN VOID LdrpInitializeThread(PCONTEXT Context, PVOID NtdllBase);
DECLSPEC_NORETURN VOID RtlpCallThreadStart(PUSER_THREAD_START_ROUTINE Start, PVOID Argument);
EXCEPTION_DISPOSITION RtlpThreadStartHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);

static PRTLP_UNHANDLED_EXCEPTION_FILTER RtlpUnhandledFilter;

VOID RtlpGetSystemDirectory(PWCHAR Buffer, ULONG Room)
{
    UNICODE_STRING Path = { 0, (USHORT)(Room * sizeof(WCHAR)), Buffer };

    RtlAppendUnicodeToString(&Path, (PCWSTR)USER_SHARED_DATA->NtSystemRoot);
    RtlAppendUnicodeToString(&Path, L"\\system32\\");
}

static NTSTATUS LdrpInsertFirstModules(PPEB Peb, PVOID NtdllBase)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = Peb->ProcessParameters;
    WCHAR Buffer[MAX_PATH];
    UNICODE_STRING NtdllPath = { 0, sizeof(Buffer), Buffer };
    UNICODE_STRING ImagePath = Parameters->ImagePathName;

    RtlpGetSystemDirectory(Buffer, MAX_PATH);
    RtlInitUnicodeString(&NtdllPath, Buffer);
    NtdllPath.MaximumLength = sizeof(Buffer);
    RtlAppendUnicodeToString(&NtdllPath, L"ntdll.dll");
    LdrpProgram = LdrpInsertModule(Peb->ImageBaseAddress, &ImagePath);
    LdrpNtdll = LdrpInsertModule(NtdllBase, &NtdllPath);
    if (LdrpProgram == NULL || LdrpNtdll == NULL)
        return STATUS_NO_MEMORY;
    LdrpSetUses(LdrpNtdll, LDRP_PINNED);
    LdrpNtdll->Node.State = LdrModulesReadyToRun;
    LdrpNtdll->Entry.LoadReason = LoadReasonStaticDependency;
    LdrpNtdll->Snapped = TRUE;
    LdrpNtdll->Ordered = TRUE;
    LdrpNtdll->Visited = TRUE;
    LdrpNtdll->Entry.Flags |= LDRP_ENTRY_PROCESSED | LDRP_DONT_CALL_FOR_THREADS;
    LdrpNtdll->Entry.EntryPoint = NULL;
    InsertTailList(&Peb->Ldr->InInitializationOrderModuleList, &LdrpNtdll->Entry.InInitializationOrderLinks);
    return STATUS_SUCCESS;
}

static NTSTATUS LdrpInitializeProcess(PVOID NtdllBase)
{
    PPEB Peb = NtCurrentPeb();
    NTSTATUS Status;

    RtlInitializeCriticalSection(&RtlpPebLock);
    RtlInitializeCriticalSection(&LdrpLoaderLock);
    Peb->FastPebLock = &RtlpPebLock;
    Peb->LoaderLock = &LdrpLoaderLock;
    /* Wine's dbghelp looks in the eight bytes from here for the place of its loader, and at no process that has none. */
    *(PVOID *)&Peb->CloudFileFlags = NtdllBase;
    Peb->ProcessHeap = RtlCreateHeap(HEAP_GROWABLE, NULL, 0, 0, NULL, NULL);
    if (Peb->ProcessHeap == NULL)
        return STATUS_NO_MEMORY;
    LdrpInitializeTlsBitmaps(Peb);
    RtlpInitializeFls();
    RtlNormalizeProcessParams(Peb->ProcessParameters);
    Status = RtlpInitializeEnvironment(Peb->ProcessParameters);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlpInitializeCurrentDirectory();
    LdrpInitializeModuleLists();
    Status = LdrpInsertFirstModules(Peb, NtdllBase);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpRelocate(Peb->ImageBaseAddress);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpAllocateThreadTls();
    if (!NT_SUCCESS(Status))
        return Status;
    LdrpProgram->Snapped = TRUE;
    Status = LdrpResolveImports(LdrpProgram);
    if (NT_SUCCESS(Status))
        Status = LdrpAddTls(LdrpProgram);
    if (NT_SUCCESS(Status))
        LdrpPinAll();
    return Status;
}

static VOID LdrpFirstThread(PVOID NtdllBase)
{
    NTSTATUS Status = LdrpInitializeProcess(NtdllBase);

    if (!NT_SUCCESS(Status)) {
        LdrpReport("the program cannot start: %08x\n", Status);
        NtTerminateProcess(NtCurrentProcess(), Status);
    }
    /* The debugger's first look: everything is loaded, nothing of the program has run. */
    if (NtCurrentPeb()->BeingDebugged)
        DbgUiBreakGuarded();
    RtlEnterCriticalSection(&LdrpLoaderLock);
    LdrpInitializeProgramImports();
    LdrpCallTlsCallbacks(LdrpProgram, DLL_PROCESS_ATTACH);
    LdrpProgram->Node.State = LdrModulesReadyToRun;
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    LdrpStarting = FALSE;
    InterlockedExchange(&LdrpInitState, 2);
    RtlWakeAddressAll((PVOID)&LdrpInitState);
}

/* Calls every module that wants thread notifications; detach in the reverse order. */
static VOID LdrpNotifyThread(ULONG Reason)
{
    PLIST_ENTRY Head = &NtCurrentPeb()->Ldr->InInitializationOrderModuleList;
    BOOLEAN Attach = Reason == DLL_THREAD_ATTACH;

    for (PLIST_ENTRY Link = Attach ? Head->Flink : Head->Blink; Link != Head;
         Link = Attach ? Link->Flink : Link->Blink) {
        PLDRP_MODULE Module = CONTAINING_RECORD(Link, LDRP_MODULE, Entry.InInitializationOrderLinks);

        if ((Module->Entry.Flags & LDRP_PROCESS_ATTACH_CALLED) && !(Module->Entry.Flags & LDRP_DONT_CALL_FOR_THREADS))
            LdrpCallEntry(Module, Reason, NULL);
    }
    LdrpCallTlsCallbacks(LdrpProgram, Reason);
}

static VOID LdrpLaterThread(VOID)
{
    LONG Working = 1;
    NTSTATUS Status;

    while (LdrpInitState == 1)
        RtlWaitOnAddress(&LdrpInitState, &Working, sizeof(Working), NULL);
    RtlEnterCriticalSection(&LdrpLoaderLock);
    Status = LdrpAllocateThreadTls();
    if (NT_SUCCESS(Status) && !LdrpShutdownInProgress)
        LdrpNotifyThread(DLL_THREAD_ATTACH);
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    if (!NT_SUCCESS(Status))
        NtTerminateThread(NtCurrentThread(), Status);
}

/* Every thread's first C code. */
VOID LdrpInitializeThread(PCONTEXT Context, PVOID NtdllBase)
{
    if (InterlockedCompareExchange(&LdrpInitState, 1, 0) == 0)
        LdrpFirstThread(NtdllBase);
    else if (!(NtCurrentTebEx()->SameTebFlags & 0x0008))
        LdrpLaterThread();
    NtTestAlert();
    RtlpRestoreContext(Context);
}

/* Start, called by the Win32 layer's first function if the process has one: it ends the thread itself. */
VOID RtlpCallThreadStart(PUSER_THREAD_START_ROUTINE Start, PVOID Argument)
{
    BOOLEAN IsFirst = (PVOID)Start == (PVOID)LdrpProgram->Entry.EntryPoint;
    NTSTATUS Status;

    if (LdrpThreadInitThunk != NULL)
        LdrpThreadInitThunk(0, Start, Argument);
    Status = Start(Argument);
    if (IsFirst)
        RtlExitUserProcess(Status);
    RtlExitUserThread(Status);
}

/* The handler of RtlUserThreadStart's frame: no other frame wanted the exception. */
EXCEPTION_DISPOSITION RtlpThreadStartHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher)
{
    EXCEPTION_POINTERS Pointers = { Record, Context };
    LONG Verdict = EXCEPTION_CONTINUE_SEARCH;

    if (Record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return ExceptionContinueSearch;
    if (RtlpUnhandledFilter != NULL)
        Verdict = RtlpUnhandledFilter(&Pointers);
    if (Verdict == EXCEPTION_CONTINUE_EXECUTION)
        return ExceptionContinueExecution;
    if (NtCurrentPeb()->BeingDebugged)  /* a second chance, for the debugger */
        return ExceptionContinueSearch;
    RtlpReportCrash(Record, Context);
    NtTerminateProcess(NtCurrentProcess(), (NTSTATUS)Record->ExceptionCode);
    return ExceptionContinueSearch;
}

VOID NTAPI RtlSetUnhandledExceptionFilter(PRTLP_UNHANDLED_EXCEPTION_FILTER UnhandledExceptionFilter)
{
    RtlpUnhandledFilter = UnhandledExceptionFilter;
}

NTSTATUS NTAPI LdrShutdownThread(VOID)
{
    RtlpFreeThreadFls();
    RtlEnterCriticalSection(&LdrpLoaderLock);
    if (!LdrpShutdownInProgress)
        LdrpNotifyThread(DLL_THREAD_DETACH);
    LdrpFreeThreadTls();
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    RtlpFreeThreadActivationStack();
    RtlpFreeThreadLanguages();
    if (NtCurrentTebEx()->TlsExpansionSlots != NULL)
        RtlFreeHeap(RtlProcessHeap(), 0, NtCurrentTebEx()->TlsExpansionSlots);
    NtCurrentTebEx()->TlsExpansionSlots = NULL;
    return STATUS_SUCCESS;
}

/* Called when no other thread of the process runs any more: entry points get DLL_PROCESS_DETACH in reverse order. */
NTSTATUS NTAPI LdrShutdownProcess(VOID)
{
    PLIST_ENTRY Head = &NtCurrentPeb()->Ldr->InInitializationOrderModuleList;

    if (LdrpShutdownInProgress)
        return STATUS_SUCCESS;
    LdrpShutdownInProgress = TRUE;
    NtCurrentPeb()->Ldr->ShutdownInProgress = TRUE;
    NtCurrentPeb()->Ldr->ShutdownThreadId = NtCurrentTebEx()->ClientId.UniqueThread;
    RtlpFreeThreadFls();
    LdrpCallTlsCallbacks(LdrpProgram, DLL_PROCESS_DETACH);
    for (PLIST_ENTRY Link = Head->Blink; Link != Head; Link = Link->Blink) {
        PLDRP_MODULE Module = CONTAINING_RECORD(Link, LDRP_MODULE, Entry.InInitializationOrderLinks);

        if (Module->Entry.Flags & LDRP_PROCESS_ATTACH_CALLED)
            LdrpCallEntry(Module, DLL_PROCESS_DETACH, (PVOID)1);
    }
    return STATUS_SUCCESS;
}

/* Source: Raymond Chen, "Quick overview of how processes exit on Windows XP": since Windows Vista a critical section that cannot be had
 * while the process ends, ends it at once. */
VOID LdrpBeforeLockWait(VOID)
{
    if (LdrpShutdownInProgress)
        NtTerminateProcess(NtCurrentProcess(), LdrpExitStatus);
}

VOID NTAPI RtlExitUserThread(NTSTATUS ExitStatus)
{
    ULONG IsLast = FALSE;

    if (NT_SUCCESS(NtQueryInformationThread(NtCurrentThread(), ThreadAmILastThread, &IsLast, sizeof(IsLast), NULL)) &&
        IsLast)
        RtlExitUserProcess(ExitStatus);
    LdrShutdownThread();
    NtTerminateThread(NtCurrentThread(), ExitStatus);
    __builtin_trap();
}

VOID NTAPI RtlExitUserProcess(NTSTATUS ExitStatus)
{
    ExitStatus = LdrpControlExitStatus(ExitStatus, __builtin_return_address(0));
    RtlEnterCriticalSection(&LdrpLoaderLock);
    RtlEnterCriticalSection(&RtlpPebLock);
    RtlLockHeap(RtlProcessHeap());
    NtTerminateProcess(NULL, ExitStatus);
    RtlpAbandonWaiters();
    LdrpExitStatus = ExitStatus;
    RtlUnlockHeap(RtlProcessHeap());
    RtlLeaveCriticalSection(&RtlpPebLock);
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    LdrShutdownProcess();
    NtTerminateProcess(NtCurrentProcess(), ExitStatus);
    __builtin_trap();
}
