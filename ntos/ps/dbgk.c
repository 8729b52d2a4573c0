/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Type DebugObject: a queue of events of the processes that a debugger has taken.
 *
 * A thread that reports waits in ntos until the debugger continues it; the other threads of its process are suspended
 * meanwhile.  The start of a thread, and all that an attach finds, are events that nobody waits in: the thread that such
 * an event is about is suspended until the event is continued.  One event of a process is with the debugger at a time.
 *
 * DIFFERS: the other threads run on while an event that nobody waits in is with the debugger.  LoadDll events have no
 * file handle (NtQueryVirtualMemory gives the name).  There are no debug registers (ntos/ke/context.c), so there are no
 * hardware breakpoints, and Dr6 does not say that an exception was a single step: its code does.
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"
#include "rtl.h"
#include "ntos/inc/io.h"
#include "nt/dbgapi.h"

#define DBGK_TAG 'kgbD'
#define DBGK_MAXIMUM_MODULES 1000

typedef struct _DEBUG_OBJECT {
    KEVENT EventsPresent;               /* notification: something can be delivered */
    LIST_ENTRY Events;                  /* DBGK_EVENT, oldest first */
    ULONG Flags;                        /* DEBUG_KILL_ON_CLOSE */
    BOOLEAN Closed;
} DEBUG_OBJECT, *PDEBUG_OBJECT;

typedef struct _DBGK_DEBUGGEE {
    LIST_ENTRY Links;
    PEPROCESS Process;                  /* referenced */
    PDEBUG_OBJECT Debug;                /* referenced */
} DBGK_DEBUGGEE, *PDBGK_DEBUGGEE;

typedef struct _DBGK_EVENT {
    LIST_ENTRY Links;
    PEPROCESS Process;                  /* referenced */
    PETHREAD Thread;                    /* referenced */
    BOOLEAN Delivered;
    BOOLEAN Holds;                      /* Thread is suspended for it; else it waits for Done, or nobody does */
    BOOLEAN Waits;
    BOOLEAN Later;                      /* to be delivered again when Thread is not suspended (DBG_REPLY_LATER) */
    KEVENT Done;
    NTSTATUS ContinueStatus;
    PETHREAD *Frozen;                   /* the other threads, suspended and referenced; pool */
    ULONG FrozenCount;
    DBGUI_WAIT_STATE_CHANGE Change;
} DBGK_EVENT, *PDBGK_EVENT;

ULONG DbgkDebuggees;
static LIST_ENTRY DbgkpDebuggees = { &DbgkpDebuggees, &DbgkpDebuggees };
static POBJECT_TYPE DbgkDebugObjectType;

static PDBGK_DEBUGGEE DbgkpFind(PEPROCESS Process)
{
    PLIST_ENTRY Entry;

    if (DbgkDebuggees == 0)
        return NULL;
    for (Entry = DbgkpDebuggees.Flink; Entry != &DbgkpDebuggees; Entry = Entry->Flink) {
        PDBGK_DEBUGGEE Debuggee = CONTAINING_RECORD(Entry, DBGK_DEBUGGEE, Links);

        if (Debuggee->Process == Process)
            return Debuggee;
    }
    return NULL;
}

BOOLEAN DbgkIsDebugged(PEPROCESS Process)
{
    return DbgkpFind(Process) != NULL;
}

/* ------------------------------------------------------------------ events */

static BOOLEAN DbgkpHasDelivered(PDEBUG_OBJECT Debug, PEPROCESS Process)
{
    PLIST_ENTRY Entry;

    for (Entry = Debug->Events.Flink; Entry != &Debug->Events; Entry = Entry->Flink) {
        PDBGK_EVENT Event = CONTAINING_RECORD(Entry, DBGK_EVENT, Links);

        if (Event->Process == Process && Event->Delivered)
            return TRUE;
    }
    return FALSE;
}

static PDBGK_EVENT DbgkpNextEvent(PDEBUG_OBJECT Debug)
{
    PLIST_ENTRY Entry;

    for (Entry = Debug->Events.Flink; Entry != &Debug->Events; Entry = Entry->Flink) {
        PDBGK_EVENT Event = CONTAINING_RECORD(Entry, DBGK_EVENT, Links);

        if (!Event->Delivered && !Event->Later && !DbgkpHasDelivered(Debug, Event->Process))
            return Event;
    }
    return NULL;
}

static VOID DbgkpSignal(PDEBUG_OBJECT Debug)
{
    if (Debug->Closed || DbgkpNextEvent(Debug) != NULL)
        KeSetEvent(&Debug->EventsPresent, 0, FALSE);
    else
        KeClearEvent(&Debug->EventsPresent);
}

static VOID DbgkpFreeEvent(PDBGK_EVENT Event)
{
    ObDereferenceObject(Event->Thread);
    ObDereferenceObject(Event->Process);
    ExFreePoolWithTag(Event, DBGK_TAG);
}

/* Suspends the process's threads but the one that reports; without memory they run on. */
static VOID DbgkpFreeze(PDBGK_EVENT Event)
{
    PLIST_ENTRY Head = &Event->Process->Pcb.ThreadListHead, Entry;

    Event->Frozen = ExAllocatePoolZero(NonPagedPool, (Event->Process->ActiveThreads + 1) * sizeof(PETHREAD), DBGK_TAG);
    if (Event->Frozen == NULL)
        return;
    for (Entry = Head->Flink; Entry != Head && Event->FrozenCount < Event->Process->ActiveThreads;
         Entry = Entry->Flink) {
        PETHREAD Thread = CONTAINING_RECORD(Entry, ETHREAD, Tcb.ThreadListEntry);

        if (Thread == Event->Thread || !KeFreezeThread(&Thread->Tcb))
            continue;
        ObReferenceObject(Thread);
        Event->Frozen[Event->FrozenCount++] = Thread;
    }
}

static VOID DbgkpThaw(PDBGK_EVENT Event)
{
    for (ULONG i = 0; i < Event->FrozenCount; i++) {
        KeThawThread(&Event->Frozen[i]->Tcb);
        ObDereferenceObject(Event->Frozen[i]);
    }
    if (Event->Frozen != NULL)
        ExFreePoolWithTag(Event->Frozen, DBGK_TAG);
    Event->Frozen = NULL;
    Event->FrozenCount = 0;
}

/* The debugger, or its end, has decided. */
static VOID DbgkpFinish(PDBGK_EVENT Event, NTSTATUS Status)
{
    RemoveEntryList(&Event->Links);
    DbgkpThaw(Event);
    if (Event->Holds)
        KeThawThread(&Event->Thread->Tcb);
    Event->ContinueStatus = Status;
    if (Event->Waits)
        KeSetEvent(&Event->Done, 0, FALSE);
    else
        DbgkpFreeEvent(Event);
}

static PDBGK_EVENT DbgkpMakeEvent(PETHREAD Thread, const DBGUI_WAIT_STATE_CHANGE *Change)
{
    PDBGK_EVENT Event = ExAllocatePoolZero(NonPagedPool, sizeof(*Event), DBGK_TAG);

    if (Event == NULL)
        return NULL;
    Event->Thread = Thread;
    Event->Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    ObReferenceObject(Event->Thread);
    ObReferenceObject(Event->Process);
    KeInitializeEvent(&Event->Done, NotificationEvent, FALSE);
    Event->Change = *Change;
    Event->Change.AppClientId = Thread->Cid;
    return Event;
}

/* The current thread tells and waits.  What it was told; without memory STATUS_DEBUGGER_INACTIVE. */
static NTSTATUS DbgkpReport(PDBGK_DEBUGGEE Debuggee, const DBGUI_WAIT_STATE_CHANGE *Change)
{
    PDEBUG_OBJECT Debug = Debuggee->Debug;
    PDBGK_EVENT Event = DbgkpMakeEvent(PsGetCurrentThread(), Change);
    NTSTATUS Status;

    if (Event == NULL)
        return STATUS_DEBUGGER_INACTIVE;
    Event->Waits = TRUE;
    DbgkpFreeze(Event);
    InsertTailList(&Debug->Events, &Event->Links);
    DbgkpSignal(Debug);
    KeWaitForSingleObject(&Event->Done, Executive, KernelMode, FALSE, NULL);
    Status = Event->ContinueStatus;
    DbgkpFreeEvent(Event);
    return Status;
}

/* Nobody waits; Hold: Thread does not run before the event is continued. */
static NTSTATUS DbgkpPost(PDEBUG_OBJECT Debug, PETHREAD Thread, BOOLEAN Hold, const DBGUI_WAIT_STATE_CHANGE *Change)
{
    PDBGK_EVENT Event = DbgkpMakeEvent(Thread, Change);

    if (Event == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Event->Holds = Hold && KeFreezeThread(&Thread->Tcb);
    InsertTailList(&Debug->Events, &Event->Links);
    DbgkpSignal(Debug);
    return STATUS_SUCCESS;
}

/*
 * The debugger wants the event again, as if it came now, once the thread that it is about is not suspended any more
 * (ContinueDebugEvent, DBG_REPLY_LATER).  The thread stays where it is.
 */
static VOID DbgkpPostpone(PDEBUG_OBJECT Debug, PDBGK_EVENT Event)
{
    RemoveEntryList(&Event->Links);
    InsertTailList(&Debug->Events, &Event->Links);
    DbgkpThaw(Event);
    Event->Delivered = FALSE;
    Event->Later = TRUE;
    DbgkResumeThread(Event->Thread);
}

VOID DbgkResumeThread(PETHREAD Thread)
{
    PDBGK_DEBUGGEE Debuggee = DbgkpFind((PEPROCESS)Thread->Tcb.OwningProcess);

    if (Debuggee == NULL || (KeQuerySuspendCount(&Thread->Tcb) != 0 && !Thread->Tcb.Terminating))
        return;
    for (PLIST_ENTRY Entry = Debuggee->Debug->Events.Flink, Next; Entry != &Debuggee->Debug->Events; Entry = Next) {
        PDBGK_EVENT Event = CONTAINING_RECORD(Entry, DBGK_EVENT, Links);

        Next = Entry->Flink;
        if (Event->Thread != Thread || !Event->Later)
            continue;
        Event->Later = FALSE;
        if (Thread->Tcb.Terminating)
            DbgkpFinish(Event, DBG_CONTINUE);
        else if (Event->Waits)
            DbgkpFreeze(Event);
    }
    DbgkpSignal(Debuggee->Debug);
}

/* ------------------------------------------------------------------ what ke, ps and mm tell */

BOOLEAN DbgkForwardException(const EXCEPTION_RECORD *Record, BOOLEAN FirstChance)
{
    PETHREAD Thread = PsGetCurrentThread();
    PDBGK_DEBUGGEE Debuggee = DbgkpFind((PEPROCESS)Thread->Tcb.OwningProcess);
    DBGUI_WAIT_STATE_CHANGE Change = { .NewState = DbgExceptionStateChange };
    NTSTATUS Status;

    if (Debuggee == NULL || Thread->HideFromDebugger)
        return FALSE;
    if (Record->ExceptionCode == (DWORD)STATUS_BREAKPOINT)
        Change.NewState = DbgBreakpointStateChange;
    else if (Record->ExceptionCode == (DWORD)STATUS_SINGLE_STEP)
        Change.NewState = DbgSingleStepStateChange;
    Change.StateInfo.Exception.ExceptionRecord = *Record;
    Change.StateInfo.Exception.FirstChance = FirstChance;
    Status = DbgkpReport(Debuggee, &Change);
    return Status == DBG_CONTINUE || Status == DBG_EXCEPTION_HANDLED;
}

static VOID DbgkpDescribeProcess(PETHREAD Thread, PDBGUI_WAIT_STATE_CHANGE Change)
{
    memset(Change, 0, sizeof(*Change));
    Change->NewState = DbgCreateProcessStateChange;
    Change->StateInfo.CreateProcessInfo.NewProcess.BaseOfImage =
            ((PEPROCESS)Thread->Tcb.OwningProcess)->SectionBaseAddress;
    Change->StateInfo.CreateProcessInfo.NewProcess.InitialThread.StartAddress = Thread->Win32StartAddress;
}

static VOID DbgkpDescribeThread(PETHREAD Thread, PDBGUI_WAIT_STATE_CHANGE Change)
{
    memset(Change, 0, sizeof(*Change));
    Change->NewState = DbgCreateThreadStateChange;
    Change->StateInfo.CreateThread.NewThread.StartAddress = Thread->Win32StartAddress;
}

static VOID DbgkpDescribeModule(PETHREAD Thread, PVOID Base, PDBGUI_WAIT_STATE_CHANGE Change)
{
    PTEB Teb = Thread->Tcb.Teb;

    memset(Change, 0, sizeof(*Change));
    Change->NewState = DbgLoadDllStateChange;
    Change->StateInfo.LoadDll.BaseOfDll = Base;
    if (Teb != NULL)
        Change->StateInfo.LoadDll.NamePointer = &Teb->NtTib.ArbitraryUserPointer;
}

VOID DbgkCreateThread(PETHREAD Thread)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(Process);
    DBGUI_WAIT_STATE_CHANGE Change;

    if (Debuggee == NULL || Thread->HideFromDebugger)
        return;
    if (Process->ActiveThreads != 1) {
        DbgkpDescribeThread(Thread, &Change);
        DbgkpPost(Debuggee->Debug, Thread, TRUE, &Change);
        return;
    }
    DbgkpDescribeProcess(Thread, &Change);
    DbgkpPost(Debuggee->Debug, Thread, TRUE, &Change);
    DbgkpDescribeModule(Thread, (PVOID)KeNtdllBase, &Change);
    DbgkpPost(Debuggee->Debug, Thread, TRUE, &Change);
}

static VOID DbgkpRemove(PDBGK_DEBUGGEE Debuggee, NTSTATUS Status);

VOID DbgkExitThread(PETHREAD Thread, BOOLEAN Last)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(Process);
    DBGUI_WAIT_STATE_CHANGE Change = { .NewState = Last ? DbgExitProcessStateChange : DbgExitThreadStateChange };

    if (Debuggee == NULL)
        return;
    Change.StateInfo.ExitThread.ExitStatus = Last && Process->Exiting ? Process->ExitStatus : Thread->ExitStatus;
    if (!Thread->HideFromDebugger || Last)
        DbgkpReport(Debuggee, &Change);
    if (Last && (Debuggee = DbgkpFind(Process)) != NULL)
        DbgkpRemove(Debuggee, STATUS_DEBUGGER_INACTIVE);
}

VOID DbgkMapImage(PVOID Base)
{
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(PsGetCurrentProcess());
    DBGUI_WAIT_STATE_CHANGE Change;

    if (Debuggee == NULL || PsGetCurrentThread()->HideFromDebugger)
        return;
    DbgkpDescribeModule(PsGetCurrentThread(), Base, &Change);
    DbgkpReport(Debuggee, &Change);
}

VOID DbgkUnmapImage(PVOID Base)
{
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(PsGetCurrentProcess());
    DBGUI_WAIT_STATE_CHANGE Change = { .NewState = DbgUnloadDllStateChange };

    if (Debuggee == NULL || PsGetCurrentThread()->HideFromDebugger)
        return;
    Change.StateInfo.UnloadDll.BaseAddress = Base;
    DbgkpReport(Debuggee, &Change);
}

/* ------------------------------------------------------------------ attaching and detaching */

static VOID DbgkpMarkPeb(PEPROCESS Process, BOOLEAN Debugged)
{
    if (Process->Peb != NULL && Process->Vm.VSpaceCap != 0)
        MmWriteSpace(&Process->Vm, (PUCHAR)Process->Peb + FIELD_OFFSET(PEB, BeingDebugged), &Debugged, 1);
}

static NTSTATUS DbgkpAdd(PEPROCESS Process, PDEBUG_OBJECT Debug)
{
    PDBGK_DEBUGGEE Debuggee;

    if (DbgkpFind(Process) != NULL)
        return STATUS_PORT_ALREADY_SET;
    if (Debug->Closed)
        return STATUS_DEBUGGER_INACTIVE;
    Debuggee = ExAllocatePoolZero(NonPagedPool, sizeof(*Debuggee), DBGK_TAG);
    if (Debuggee == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Debuggee->Process = Process;
    Debuggee->Debug = Debug;
    ObReferenceObject(Process);
    ObReferenceObject(Debug);
    InsertTailList(&DbgkpDebuggees, &Debuggee->Links);
    DbgkDebuggees++;
    DbgkpMarkPeb(Process, TRUE);
    return STATUS_SUCCESS;
}

/* The process is free again; its events end with Status. */
static VOID DbgkpRemove(PDBGK_DEBUGGEE Debuggee, NTSTATUS Status)
{
    PEPROCESS Process = Debuggee->Process;
    PDEBUG_OBJECT Debug = Debuggee->Debug;
    PLIST_ENTRY Entry = Debug->Events.Flink;

    RemoveEntryList(&Debuggee->Links);
    DbgkDebuggees--;
    ExFreePoolWithTag(Debuggee, DBGK_TAG);
    DbgkpMarkPeb(Process, FALSE);
    while (Entry != &Debug->Events) {
        PDBGK_EVENT Event = CONTAINING_RECORD(Entry, DBGK_EVENT, Links);

        Entry = Entry->Flink;
        if (Event->Process == Process)
            DbgkpFinish(Event, Status);
    }
    DbgkpSignal(Debug);
    ObDereferenceObject(Debug);
    ObDereferenceObject(Process);
}

/* Modules as the loader's list in the process names them; what cannot be read is left out. */
static VOID DbgkpPostModules(PEPROCESS Process, PETHREAD Thread, PDEBUG_OBJECT Debug)
{
    ULONG64 Head, Link, Ldr;
    DBGUI_WAIT_STATE_CHANGE Change;

    if (!NT_SUCCESS(MmReadSpace(&Process->Vm, &Ldr, (PUCHAR)Process->Peb + FIELD_OFFSET(PEB, Ldr), sizeof(Ldr))) ||
        Ldr == 0)
        return;
    Head = Ldr + FIELD_OFFSET(PEB_LDR_DATA, InLoadOrderModuleList);
    if (!NT_SUCCESS(MmReadSpace(&Process->Vm, &Link, (PVOID)Head, sizeof(Link))))
        return;
    for (ULONG i = 0; Link != Head && i < DBGK_MAXIMUM_MODULES; i++) {
        LDR_DATA_TABLE_ENTRY Entry;

        if (!NT_SUCCESS(MmReadSpace(&Process->Vm, &Entry, (PVOID)Link, FIELD_OFFSET(LDR_DATA_TABLE_ENTRY, EntryPoint))))
            return;
        Link = (ULONG64)Entry.InLoadOrderLinks.Flink;
        if (Entry.DllBase == Process->SectionBaseAddress)
            continue;
        DbgkpDescribeModule(Thread, Entry.DllBase, &Change);
        if (!NT_SUCCESS(DbgkpPost(Debug, Thread, FALSE, &Change)))
            return;
    }
}

static NTSTATUS DbgkpPostExisting(PEPROCESS Process, PDEBUG_OBJECT Debug)
{
    PLIST_ENTRY Head = &Process->Pcb.ThreadListHead, Entry;
    PETHREAD First = NULL;
    DBGUI_WAIT_STATE_CHANGE Change;
    NTSTATUS Status = STATUS_SUCCESS;

    for (Entry = Head->Flink; Entry != Head && NT_SUCCESS(Status); Entry = Entry->Flink) {
        PETHREAD Thread = CONTAINING_RECORD(Entry, ETHREAD, Tcb.ThreadListEntry);

        if (Thread->HideFromDebugger)
            continue;
        if (First == NULL) {
            First = Thread;
            DbgkpDescribeProcess(Thread, &Change);
        } else {
            DbgkpDescribeThread(Thread, &Change);
        }
        Status = DbgkpPost(Debug, Thread, TRUE, &Change);
    }
    if (First == NULL)
        return STATUS_UNSUCCESSFUL;
    DbgkpPostModules(Process, First, Debug);
    return Status;
}

static NTSTATUS DbgkpReference(HANDLE Handle, ACCESS_MASK Access, PDEBUG_OBJECT *Debug)
{
    return ObReferenceObjectByHandle(Handle, Access, DbgkDebugObjectType, UserMode, (PVOID *)Debug, NULL);
}

NTSTATUS DbgkAssignNewProcess(PEPROCESS Process, HANDLE DebugObjectHandle)
{
    PDEBUG_OBJECT Debug;
    NTSTATUS Status = DbgkpReference(DebugObjectHandle, DEBUG_PROCESS_ASSIGN, &Debug);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = DbgkpAdd(Process, Debug);
    ObDereferenceObject(Debug);
    return Status;
}

NTSTATUS DbgkInheritDebugger(PEPROCESS Process, PEPROCESS Parent)
{
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(Parent);

    if (Debuggee == NULL || Parent->NoDebugInherit || Debuggee->Debug->Closed)
        return STATUS_SUCCESS;
    return DbgkpAdd(Process, Debuggee->Debug);
}

VOID DbgkAbandonProcess(PEPROCESS Process)
{
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(Process);

    if (Debuggee != NULL)
        DbgkpRemove(Debuggee, STATUS_DEBUGGER_INACTIVE);
}

NTSTATUS DbgkOpenDebugObject(PEPROCESS Process, PHANDLE Handle)
{
    PDBGK_DEBUGGEE Debuggee = DbgkpFind(Process);

    *Handle = NULL;
    if (Debuggee == NULL)
        return STATUS_PORT_NOT_SET;
    return ObOpenObjectByPointer(Debuggee->Debug, 0, NULL, MAXIMUM_ALLOWED, DbgkDebugObjectType, UserMode, Handle);
}

/* ------------------------------------------------------------------ the type */

static VOID DbgkpCloseObject(PEPROCESS Closer, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    PDEBUG_OBJECT Debug = Object;
    PLIST_ENTRY Entry;

    if (SystemHandleCount > 1)
        return;
    Debug->Closed = TRUE;
    for (Entry = DbgkpDebuggees.Flink; Entry != &DbgkpDebuggees;) {
        PDBGK_DEBUGGEE Debuggee = CONTAINING_RECORD(Entry, DBGK_DEBUGGEE, Links);
        PEPROCESS Process = Debuggee->Process;

        Entry = Entry->Flink;
        if (Debuggee->Debug != Debug)
            continue;
        ObReferenceObject(Process);
        DbgkpRemove(Debuggee, STATUS_DEBUGGER_INACTIVE);
        if (Debug->Flags & DEBUG_KILL_ON_CLOSE)
            PsTerminateProcess(Process, STATUS_DEBUGGER_INACTIVE);
        ObDereferenceObject(Process);
        Entry = DbgkpDebuggees.Flink;
    }
    DbgkpSignal(Debug);
}

NTSTATUS DbgkInitialize(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = {
        .GenericMapping = {
            STANDARD_RIGHTS_READ | DEBUG_READ_EVENT, STANDARD_RIGHTS_WRITE | DEBUG_PROCESS_ASSIGN,
            STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, DEBUG_OBJECT_ALL_ACCESS
        },
        .ValidAccessMask = DEBUG_OBJECT_ALL_ACCESS,
        .WaitOffset = FIELD_OFFSET(DEBUG_OBJECT, EventsPresent),
        .CloseProcedure = DbgkpCloseObject,
    };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"DebugObject");

    return ObCreateObjectType(&Name, &Initializer, NULL, &DbgkDebugObjectType);
}

/* ------------------------------------------------------------------ services */

NTSTATUS NTAPI NtCreateDebugObject(PHANDLE DebugObjectHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, ULONG Flags)
{
    PDEBUG_OBJECT Debug;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (Flags & ~DEBUG_KILL_ON_CLOSE)
        return ObReturnHandle(STATUS_INVALID_PARAMETER, NULL, DebugObjectHandle);
    Status = ObCreateObject(UserMode, DbgkDebugObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Debug), 0, 0,
                            (PVOID *)&Debug);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, DebugObjectHandle);
    KeInitializeEvent(&Debug->EventsPresent, NotificationEvent, FALSE);
    InitializeListHead(&Debug->Events);
    Debug->Flags = Flags;
    Status = ObInsertObject(Debug, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, DebugObjectHandle);
}

NTSTATUS NTAPI NtDebugActiveProcess(HANDLE ProcessHandle, HANDLE DebugObjectHandle)
{
    PDEBUG_OBJECT Debug;
    PEPROCESS Process;
    NTSTATUS Status;

    Status = PspReferenceProcess(ProcessHandle, PROCESS_SUSPEND_RESUME, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = DbgkpReference(DebugObjectHandle, DEBUG_PROCESS_ASSIGN, &Debug);
    if (NT_SUCCESS(Status)) {
        if (Process == PsGetCurrentProcess() || Process == PsInitialSystemProcess)
            Status = STATUS_ACCESS_DENIED;
        else if (Process->Exiting || Process->ActiveThreads == 0)
            Status = STATUS_PROCESS_IS_TERMINATING;
        else
            Status = DbgkpAdd(Process, Debug);
        if (NT_SUCCESS(Status)) {
            Status = DbgkpPostExisting(Process, Debug);
            if (!NT_SUCCESS(Status))
                DbgkpRemove(DbgkpFind(Process), STATUS_DEBUGGER_INACTIVE);
            else
                Process->NoDebugInherit = TRUE;         /* who attaches gets this process only */
        }
        ObDereferenceObject(Debug);
    }
    ObDereferenceObject(Process);
    return Status;
}

/* Thread and process handles for the debugger, who closes them. */
static HANDLE DbgkpOpen(PVOID Object, ACCESS_MASK Access)
{
    HANDLE Handle;

    if (!NT_SUCCESS(ObInsertHandle(PsGetCurrentProcess(), Object, Access, 0, ObOpenHandle, &Handle)))
        return NULL;
    return Handle;
}

static HANDLE DbgkpOpenImage(PEPROCESS Process)
{
    PFILE_OBJECT File;
    HANDLE Handle;

    if (!NT_SUCCESS(IoOpenFileObject(&Process->ImagePath, FILE_READ_DATA | SYNCHRONIZE, FILE_SHARE_READ |
                                     FILE_SHARE_DELETE, FILE_SYNCHRONOUS_IO_NONALERT, KernelMode, &File)))
        return NULL;
    Handle = DbgkpOpen(File, FILE_GENERIC_READ);
    ObDereferenceObject(File);
    return Handle;
}

static NTSTATUS DbgkpDeliver(PDEBUG_OBJECT Debug, PDBGK_EVENT Event, PVOID UserChange)
{
    DBGUI_WAIT_STATE_CHANGE Change = Event->Change;
    PETHREAD Thread = Event->Thread;
    PEPROCESS Process = Event->Process;
    NTSTATUS Status;

    /* Opening a file may wait: the event may be gone then, its objects are kept. */
    Event->Delivered = TRUE;
    DbgkpSignal(Debug);
    ObReferenceObject(Thread);
    ObReferenceObject(Process);
    if (Change.NewState == DbgCreateThreadStateChange) {
        Change.StateInfo.CreateThread.HandleToThread = DbgkpOpen(Thread, THREAD_ALL_ACCESS);
    } else if (Change.NewState == DbgCreateProcessStateChange) {
        Change.StateInfo.CreateProcessInfo.HandleToProcess = DbgkpOpen(Process, PROCESS_ALL_ACCESS);
        Change.StateInfo.CreateProcessInfo.HandleToThread = DbgkpOpen(Thread, THREAD_ALL_ACCESS);
        Change.StateInfo.CreateProcessInfo.NewProcess.FileHandle = DbgkpOpenImage(Process);
    }
    Status = MmCopyToUser(UserChange, &Change, sizeof(Change));
    ObDereferenceObject(Thread);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtWaitForDebugEvent(HANDLE DebugObjectHandle, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PVOID StateChange)
{
    LARGE_INTEGER Time;
    PDEBUG_OBJECT Debug;
    PDBGK_EVENT Event;
    NTSTATUS Status;

    Status = MmProbeForWrite(StateChange, sizeof(DBGUI_WAIT_STATE_CHANGE), 1);
    if (NT_SUCCESS(Status) && Timeout != NULL)
        Status = MmGetUser(&Time, Timeout);
    if (NT_SUCCESS(Status))
        Status = DbgkpReference(DebugObjectHandle, DEBUG_READ_EVENT, &Debug);
    if (!NT_SUCCESS(Status))
        return Status;
    do {
        Status = KeWaitForSingleObject(&Debug->EventsPresent, Executive, UserMode, Alertable,
                                       Timeout != NULL ? &Time : NULL);
        Event = Status == STATUS_SUCCESS ? DbgkpNextEvent(Debug) : NULL;
    } while (Status == STATUS_SUCCESS && Event == NULL && !Debug->Closed);
    if (Event != NULL)
        Status = DbgkpDeliver(Debug, Event, StateChange);
    else if (Status == STATUS_SUCCESS)
        Status = STATUS_DEBUGGER_INACTIVE;
    ObDereferenceObject(Debug);
    return Status;
}

static BOOLEAN DbgkpIsContinueStatus(NTSTATUS Status)
{
    return Status == DBG_CONTINUE || Status == DBG_EXCEPTION_HANDLED || Status == (NTSTATUS)DBG_EXCEPTION_NOT_HANDLED ||
           Status == DBG_TERMINATE_THREAD || Status == DBG_TERMINATE_PROCESS || Status == DBG_REPLY_LATER;
}

static PDBGK_EVENT DbgkpFindDelivered(PDEBUG_OBJECT Debug, const CLIENT_ID *Cid)
{
    PLIST_ENTRY Entry;

    for (Entry = Debug->Events.Flink; Entry != &Debug->Events; Entry = Entry->Flink) {
        PDBGK_EVENT Event = CONTAINING_RECORD(Entry, DBGK_EVENT, Links);

        if (Event->Delivered && Event->Change.AppClientId.UniqueProcess == Cid->UniqueProcess &&
            Event->Change.AppClientId.UniqueThread == Cid->UniqueThread)
            return Event;
    }
    return NULL;
}

NTSTATUS NTAPI NtDebugContinue(HANDLE DebugObjectHandle, PCLIENT_ID ClientId, NTSTATUS ContinueStatus)
{
    PDEBUG_OBJECT Debug;
    PDBGK_EVENT Event;
    CLIENT_ID Cid;
    NTSTATUS Status;

    Status = MmGetUser(&Cid, ClientId);
    if (NT_SUCCESS(Status) && !DbgkpIsContinueStatus(ContinueStatus))
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = DbgkpReference(DebugObjectHandle, DEBUG_READ_EVENT, &Debug);
    if (!NT_SUCCESS(Status))
        return Status;
    Event = DbgkpFindDelivered(Debug, &Cid);
    if (Event == NULL) {
        Status = STATUS_INVALID_PARAMETER;
    } else if (ContinueStatus == DBG_REPLY_LATER) {
        DbgkpPostpone(Debug, Event);
    } else {
        if (ContinueStatus == DBG_TERMINATE_PROCESS)
            PsTerminateProcess(Event->Process, ContinueStatus);
        else if (ContinueStatus == DBG_TERMINATE_THREAD)
            PsTerminateThread(Event->Thread, ContinueStatus);
        DbgkpFinish(Event, ContinueStatus);
        DbgkpSignal(Debug);
    }
    ObDereferenceObject(Debug);
    return Status;
}

NTSTATUS NTAPI NtRemoveProcessDebug(HANDLE ProcessHandle, HANDLE DebugObjectHandle)
{
    PDBGK_DEBUGGEE Debuggee;
    PDEBUG_OBJECT Debug;
    PEPROCESS Process;
    NTSTATUS Status;

    Status = PspReferenceProcess(ProcessHandle, PROCESS_SUSPEND_RESUME, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = DbgkpReference(DebugObjectHandle, DEBUG_PROCESS_ASSIGN, &Debug);
    if (NT_SUCCESS(Status)) {
        Debuggee = DbgkpFind(Process);
        if (Debuggee != NULL && Debuggee->Debug == Debug)
            DbgkpRemove(Debuggee, DBG_CONTINUE);
        else
            Status = STATUS_PORT_NOT_SET;
        ObDereferenceObject(Debug);
    }
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtSetInformationDebugObject(HANDLE DebugObjectHandle, ULONG DebugObjectInformationClass,
        PVOID DebugInformation, ULONG DebugInformationLength, PULONG ReturnLength)
{
    PDEBUG_OBJECT Debug;
    ULONG Flags = 0;
    NTSTATUS Status;

    if (DebugObjectInformationClass != DebugObjectKillProcessOnExitInformation)
        return STATUS_INVALID_PARAMETER;
    if (ReturnLength != NULL) {
        Status = MmPutUser(ReturnLength, (ULONG)sizeof(Flags));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (DebugInformationLength != sizeof(Flags))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmGetUser(&Flags, (PULONG)DebugInformation);
    if (NT_SUCCESS(Status) && Flags & ~DEBUG_KILL_ON_CLOSE)
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = DbgkpReference(DebugObjectHandle, DEBUG_SET_INFORMATION, &Debug);
    if (!NT_SUCCESS(Status))
        return Status;
    Debug->Flags = Flags;
    ObDereferenceObject(Debug);
    return STATUS_SUCCESS;
}
