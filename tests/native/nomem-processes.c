/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): processes, threads, user APCs, debug objects.
 */
#include "nomem.h"
#include "nt/dbgapi.h"

#define SELF NtCurrentProcess()

static UCHAR Buffer[4096];
static LARGE_INTEGER Now;

static NTSTATUS NTAPI Nothing(PVOID Argument)
{
    return STATUS_SUCCESS;
}

static VOID NTAPI Apc(PVOID First, PVOID Second, PVOID Third)
{
}

static VOID Threads(VOID)
{
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    CLIENT_ID Id = NtCurrentTeb()->ClientId;
    CONTEXT Context = { .ContextFlags = CONTEXT_FULL };
    HANDLE Thread = NULL, Self = NULL, Process = NULL, Next = NULL;

    (void)(TRY(NtOpenThread, &Self, THREAD_ALL_ACCESS, &Unnamed, &Id) &&
           TRY(NtQueryInformationThread, Self, ThreadBasicInformation, Buffer, sizeof(THREAD_BASIC_INFORMATION), NULL) &&
           TRY(NtQueueApcThread, NtCurrentThread(), (PPS_APC_ROUTINE)Apc, NULL, NULL, NULL) && TRY(NtTestAlert) &&
           TRY(NtQueueApcThreadEx, NtCurrentThread(), QUEUE_USER_APC_SPECIAL_USER_APC, (PPS_APC_ROUTINE)Apc, NULL, NULL, NULL) &&
           TRY(NtGetNextProcess, NULL, PROCESS_ALL_ACCESS, 0, 0, &Process) &&
           TRY(NtGetNextThread, SELF, NULL, THREAD_ALL_ACCESS, 0, 0, &Next) &&
           TRY(NtCreateThreadEx, &Thread, THREAD_ALL_ACCESS, NULL, SELF, (PRTL_THREAD_START_ROUTINE)Nothing, NULL,
               THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 0, 0x4000, 0x10000, NULL) &&
           TRY(NtGetContextThread, Thread, &Context) && TRY(NtSetContextThread, Thread, &Context) &&
           TRY(NtSuspendThread, Thread, NULL) && TRY(NtResumeThread, Thread, NULL) &&
           TRY(NtAlertThread, Thread) && TRY(NtAlertResumeThread, Thread, NULL));
    if (Thread != NULL) {
        DROP(NtTerminateThread, Thread, 0);
        DROP(NtWaitForSingleObject, Thread, FALSE, NULL);
    }
    NoMemClose(Thread);
    NoMemClose(Next);
    NoMemClose(Process);
    NoMemClose(Self);
}

/* A thread on a stack of this one's, which it never runs on. */
static VOID OldThreads(VOID)
{
    static ULONG64 Stack[0x400];
    INITIAL_TEB Teb = { .StackBase = Stack + ARRAYSIZE(Stack), .StackLimit = Stack, .StackAllocationBase = Stack };
    CONTEXT Context = { .ContextFlags = CONTEXT_FULL, .Rip = (ULONG_PTR)Nothing, .Rsp = (ULONG_PTR)(Stack + ARRAYSIZE(Stack) - 1) };
    HANDLE Thread = NULL;

    (void)TRY(NtCreateThread, &Thread, THREAD_ALL_ACCESS, NULL, SELF, NULL, &Context, &Teb, TRUE);
    if (Thread != NULL) {
        DROP(NtTerminateThread, Thread, 0);
        DROP(NtWaitForSingleObject, Thread, FALSE, NULL);
    }
    NoMemClose(Thread);
}

/* This program as a process that has not begun; the parameters are made once, with memory. */
static NTSTATUS CreateChild(PHANDLE Process, PHANDLE Thread)
{
    static PRTL_USER_PROCESS_PARAMETERS Parameters;
    static UNICODE_STRING NtPath;
    static HANDLE Inherited[1];
    UNICODE_STRING *Image = &NtCurrentPeb()->ProcessParameters->ImagePathName, Command = RTL_CONSTANT_UNICODE_STRING(L"nomem child");
    PS_CREATE_INFO Create = { .Size = sizeof(Create) };
    CLIENT_ID Id;
    struct {
        SIZE_T TotalLength;
        PS_ATTRIBUTE Attributes[3];
    } List = { .TotalLength = sizeof(List) };

    if (Parameters == NULL) {
        RtlDosPathNameToNtPathName_U_WithStatus(Image->Buffer, &NtPath, NULL, NULL);
        RtlCreateProcessParametersEx(&Parameters, Image, NULL, NULL, &Command, NULL, NULL, NULL, NULL, NULL, 1);
        Inherited[0] = NtCurrentPeb()->ProcessParameters->StandardOutput;
    }
    List.Attributes[0] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_IMAGE_NAME, NtPath.Length, { .ValuePtr = NtPath.Buffer }, NULL };
    List.Attributes[1] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_CLIENT_ID, sizeof(Id), { .ValuePtr = &Id }, NULL };
    List.Attributes[2] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_HANDLE_LIST, sizeof(Inherited), { .ValuePtr = Inherited }, NULL };
    return NtCreateUserProcess(Process, Thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, NULL, NULL,
                               PROCESS_CREATE_FLAGS_INHERIT_HANDLES, THREAD_CREATE_FLAGS_CREATE_SUSPENDED, Parameters, &Create,
                               (PPS_ATTRIBUTE_LIST)&List);
}

static VOID End(HANDLE Process)
{
    if (Process == NULL)
        return;
    DROP(NtTerminateProcess, Process, 0);
    DROP(NtWaitForSingleObject, Process, FALSE, NULL);
}

static VOID Processes(VOID)
{
    HANDLE Process = NULL, Thread = NULL, Remote = NULL;
    ULONG Mode = 1;

    (void)(NoMemAnswer(NumberNtCreateUserProcess, CreateChild(&Process, &Thread)) &&
           TRY(NtQueryInformationProcess, Process, ProcessImageFileName, Buffer, sizeof(Buffer), NULL) &&
           TRY(NtSetInformationProcess, Process, ProcessDefaultHardErrorMode, &Mode, sizeof(Mode)) &&
           TRY(NtSuspendProcess, Process) && TRY(NtResumeProcess, Process) &&
           TRY(NtCreateThreadEx, &Remote, THREAD_ALL_ACCESS, NULL, Process, (PRTL_THREAD_START_ROUTINE)Nothing, NULL,
               THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 0, 0x4000, 0x10000, NULL));
    End(Process);
    NoMemClose(Remote);
    NoMemClose(Thread);
    NoMemClose(Process);
}

/* This program's image, which is opened once, with memory. */
static HANDLE OwnSection(VOID)
{
    static HANDLE Section;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING NtPath;
    HANDLE File;

    if (Section == NULL) {
        RtlDosPathNameToNtPathName_U_WithStatus(NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, &NtPath, NULL, NULL);
        InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE, NULL, NULL);
        NtOpenFile(&File, FILE_EXECUTE | FILE_READ_DATA | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT);
        NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE, File);
        NtClose(File);
        RtlFreeUnicodeString(&NtPath);
    }
    return Section;
}

/* One that has no thread is never signalled. */
static VOID EndThreadless(HANDLE Process)
{
    if (Process == NULL)
        return;
    DROP(NtTerminateProcess, Process, 0);
    NoMemClose(Process);
}

static VOID SectionProcesses(VOID)
{
    HANDLE Section = OwnSection(), First = NULL, Second = NULL;

    (void)(TRY(NtCreateProcess, &First, PROCESS_ALL_ACCESS, NULL, SELF, TRUE, Section, NULL, NULL) &&
           TRY(NtCreateProcessEx, &Second, PROCESS_ALL_ACCESS, NULL, First, 0, Section, NULL, NULL, 0));
    EndThreadless(Second);
    EndThreadless(First);
}

static VOID Copies(VOID)
{
    HANDLE Process = NULL;

    (void)TRY(NtCreateProcessEx, &Process, PROCESS_ALL_ACCESS, NULL, SELF, PROCESS_CREATE_FLAGS_INHERIT_HANDLES, NULL, NULL, NULL, 0);
    EndThreadless(Process);
}

/* The copy of this process, which never goes on. */
static VOID Forks(VOID)
{
    PS_CREATE_INFO Create = { .Size = sizeof(Create) };
    HANDLE Process = NULL, Thread = NULL;

    (void)TRY(NtCreateUserProcess, &Process, &Thread, PROCESS_ALL_ACCESS, THREAD_ALL_ACCESS, NULL, NULL, 0,
              THREAD_CREATE_FLAGS_CREATE_SUSPENDED, NULL, &Create, NULL);
    End(Process);
    NoMemClose(Thread);
    NoMemClose(Process);
}

typedef struct _CHILD {
    HANDLE Process, Thread;
} CHILD, *PCHILD;

static NTSTATUS NTAPI CreateChildNow(PVOID Argument)
{
    PCHILD Child = Argument;

    return CreateChild(&Child->Process, &Child->Thread);
}

/* A child that the partner made. */
static VOID GetChild(PCHILD Child)
{
    *Child = (CHILD){ NULL, NULL };
    NoMemBegin(CreateChildNow, Child);
    NoMemEnd();
}

static VOID JobProcesses(VOID)
{
    HANDLE Job = NULL;
    CHILD Child;

    GetChild(&Child);
    (void)(TRY(NtCreateJobObject, &Job, JOB_OBJECT_ALL_ACCESS, NULL) &&
           TRY(NtAssignProcessToJobObject, Job, Child.Process) && TRY(NtIsProcessInJob, Child.Process, Job) &&
           TRY(NtQueryInformationJobObject, Job, JobObjectExtendedLimitInformation, Buffer,
               sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION), NULL));
    End(Child.Process);
    NoMemClose(Child.Thread);
    NoMemClose(Child.Process);
    NoMemClose(Job);
}

/* Closes what the event brings. */
static VOID CloseEvent(const DBGUI_WAIT_STATE_CHANGE *Change)
{
    if (Change->NewState == DbgCreateProcessStateChange) {
        NoMemClose(Change->StateInfo.CreateProcessInfo.HandleToProcess);
        NoMemClose(Change->StateInfo.CreateProcessInfo.HandleToThread);
        NoMemClose(Change->StateInfo.CreateProcessInfo.NewProcess.FileHandle);
    } else if (Change->NewState == DbgCreateThreadStateChange) {
        NoMemClose(Change->StateInfo.CreateThread.HandleToThread);
    } else if (Change->NewState == DbgLoadDllStateChange) {
        NoMemClose(Change->StateInfo.LoadDll.FileHandle);
    }
}

/* The events that an attach brings. */
static BOOLEAN TakeEvents(HANDLE Debug)
{
    DBGUI_WAIT_STATE_CHANGE Change;
    NTSTATUS Status;

    do {
        Status = NtWaitForDebugEvent(Debug, FALSE, &Now, &Change);
        if (!NoMemAnswer(NumberNtWaitForDebugEvent, Status))
            return FALSE;
        if (Status != STATUS_SUCCESS)
            return TRUE;
        CloseEvent(&Change);
    } while (TRY(NtDebugContinue, Debug, &Change.AppClientId, DBG_CONTINUE));
    return FALSE;
}

static VOID DebugObjects(VOID)
{
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    CLIENT_ID Id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    HANDLE Debug = NULL, Process = NULL;
    ULONG Flags = DEBUG_KILL_ON_CLOSE;
    CHILD Child;

    GetChild(&Child);
    if (TRY(NtCreateDebugObject, &Debug, DEBUG_OBJECT_ALL_ACCESS, &Unnamed, 0) &&
        TRY(NtSetInformationDebugObject, Debug, DebugObjectKillProcessOnExitInformation, &Flags, sizeof(Flags), NULL) &&
        TRY(NtOpenProcess, &Process, PROCESS_ALL_ACCESS, &Unnamed, &Id) &&
        TRY(NtQueryInformationProcess, Process, ProcessBasicInformation, Buffer, sizeof(PROCESS_BASIC_INFORMATION), NULL) &&
        TRY(NtDebugActiveProcess, Child.Process, Debug)) {
        (void)TakeEvents(Debug);
        DROP(NtRemoveProcessDebug, Child.Process, Debug);
    }
    End(Child.Process);
    NoMemClose(Child.Thread);
    NoMemClose(Child.Process);
    NoMemClose(Process);
    NoMemClose(Debug);
}

static const SCENARIO List[] = {
    { "threads", Threads }, { "oldthreads", OldThreads }, { "processes", Processes }, { "jobprocesses", JobProcesses }, { "debugobjects", DebugObjects },
    { "sectionprocesses", SectionProcesses }, { "copies", Copies }, { "forks", Forks },
};
const SCENARIOS ProcessScenarios = { List, ARRAYSIZE(List) };
