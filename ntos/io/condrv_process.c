/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The processes of a console: attached when they are created with a console handle or open a Connection, detached when
 * they close that or end; control events, process groups.
 *
 * EPROCESS.IoProcessContext points to the attachment; ntos's process notification takes it away.  Nothing here waits.
 */
#include "ntos/io/condrvp.h"

/* Group NULL: a group of its own. */
static NTSTATUS CondrvAttach(PEPROCESS Process, PCONDRV_CONSOLE Console, HANDLE Group)
{
    PCONDRV_PROCESS Attached = ExAllocatePoolZero(NonPagedPool, sizeof(*Attached), IO_TAG_CONSOLE);

    if (Attached == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Attached->Console = Console;
    CondrvReference(Console);
    Console->WasUsed = TRUE;
    Attached->Process = Process;
    Attached->Group = Group != NULL ? Group : Process->UniqueProcessId;
    Attached->ControlEvents = Console->ControlEvents;
    InsertTailList(&Console->Processes, &Attached->ConsoleLinks);
    Process->IoProcessContext = Attached;
    CondrvNotifyProcess(Console, CONSOLE_IO_CONNECT, Process->UniqueProcessId);
    return STATUS_SUCCESS;
}

NTSTATUS IoAttachConsole(PEPROCESS Process, PFILE_OBJECT ConsoleFile, PEPROCESS Parent, BOOLEAN NewGroup)
{
    PCONDRV_PROCESS Above = Parent != NULL ? Parent->IoProcessContext : NULL;
    PCONDRV_CONSOLE Console = Above != NULL ? Above->Console : NULL;

    if (ConsoleFile != NULL) {
        if (ConsoleFile->DeviceObject->DeviceType != FILE_DEVICE_CONSOLE || ConsoleFile->FsContext == NULL)
            return STATUS_INVALID_HANDLE;
        Console = CondrvFile(ConsoleFile)->Console;
    }
    if (Console == NULL || Process->IoProcessContext != NULL)
        return STATUS_INVALID_HANDLE;
    return CondrvAttach(Process, Console, Above != NULL && !NewGroup ? Above->Group : NULL);
}

VOID IopConsoleProcessExit(PEPROCESS Process)
{
    PCONDRV_PROCESS Attached = Process->IoProcessContext;
    PCONDRV_CONSOLE Console;

    if (Attached == NULL)
        return;
    Console = Attached->Console;
    Process->IoProcessContext = NULL;
    RemoveEntryList(&Attached->ConsoleLinks);
    ExFreePool(Attached);
    CondrvNotifyProcess(Console, CONSOLE_IO_DISCONNECT, Process->UniqueProcessId);
    CondrvClientGone(Console);
    CondrvDereference(Console);
}

NTSTATUS CondrvConnect(PCONDRV_CONSOLE Console, PCONDRV_FILE Connection)
{
    PEPROCESS Process = PsGetCurrentProcess();
    PCONDRV_PROCESS Attached = Process->IoProcessContext;
    NTSTATUS Status = Attached == NULL ? CondrvAttach(Process, Console, NULL) : STATUS_SUCCESS;

    Attached = Process->IoProcessContext;
    if (NT_SUCCESS(Status) && Attached->Console == Console && Attached->Connection == NULL)
        Attached->Connection = Connection;
    return Status;
}

VOID CondrvDisconnect(PCONDRV_FILE Connection)
{
    PCONDRV_PROCESS Attached = PsGetCurrentProcess()->IoProcessContext;

    if (Attached != NULL && Attached->Connection == Connection)
        IopConsoleProcessExit(Attached->Process);
}

/* Whoever shares a process's console reads what is typed to it and writes what it seems to say: the caller must be allowed to
 * look into the process.  DIFFERS: which right Windows asks for is not documented. */
static NTSTATUS CondrvCheckProcess(PEPROCESS Process)
{
    HANDLE Handle;
    NTSTATUS Status = ObOpenObjectByPointer(Process, 0, NULL, PROCESS_QUERY_INFORMATION, PsProcessType, UserMode, &Handle);

    if (NT_SUCCESS(Status))
        ObCloseHandle(Handle, UserMode);
    return Status;
}

NTSTATUS CondrvBindProcess(PCONDRV_FILE Connection, ULONG ProcessId)
{
    PEPROCESS Caller = PsGetCurrentProcess(), Other;
    PCONDRV_PROCESS Attached;
    NTSTATUS Status;

    if (Connection->Kind != CONDRV_OBJECT_CONNECTION || Connection->Console != NULL)
        return STATUS_INVALID_HANDLE;
    if (Caller->IoProcessContext != NULL)
        return STATUS_ACCESS_DENIED;
    Status = PsLookupProcessByProcessId(ProcessId == MAXDWORD ? Caller->InheritedFromUniqueProcessId
                                        : ULongToHandle(ProcessId), &Other);
    if (!NT_SUCCESS(Status))
        return STATUS_INVALID_PARAMETER;
    Attached = Other->IoProcessContext;
    Status = CondrvCheckProcess(Other);
    if (NT_SUCCESS(Status))
        Status = Attached != NULL && Attached->Console->ServerHandles != 0 ? CondrvConnect(Attached->Console, Connection)
                 : STATUS_INVALID_HANDLE;
    if (NT_SUCCESS(Status))
        CondrvJoin(Attached->Console, Connection);
    ObDereferenceObject(Other);
    return Status;
}

/* ---- control events ---- */

/* The next process that is to be told of the console's newest event, or NULL. */
static PCONDRV_PROCESS CondrvNextTarget(PCONDRV_CONSOLE Console, HANDLE ProcessId, HANDLE Group)
{
    PLIST_ENTRY Entry;

    for (Entry = Console->Processes.Flink; Entry != &Console->Processes; Entry = Entry->Flink) {
        PCONDRV_PROCESS Attached = CONTAINING_RECORD(Entry, CONDRV_PROCESS, ConsoleLinks);

        if (Attached->ControlEvents == Console->ControlEvents)
            continue;
        if (ProcessId != NULL ? Attached->Process->UniqueProcessId == ProcessId :
            Group == NULL || Attached->Group == Group)
            return Attached;
    }
    return NULL;
}

/* Tells a process of Win32, whose handlers decide; ends any other.  TRUE: it has been ended. */
static BOOLEAN CondrvControlProcess(PCONDRV_PROCESS Attached, ULONG Event)
{
    PEPROCESS Process = Attached->Process;

    if (Event != CTRL_CLOSE_EVENT && Attached->HandlesControl)
        return FALSE;
    if (Event != CTRL_CLOSE_EVENT && Attached->Connection != NULL) {
        PS_USER_THREAD Start = { .StartRoutine = (PVOID)PsKiUserControlDispatcher, .Argument = (PVOID)(ULONG_PTR)Event };
        NTSTATUS Status = PsStartUserThread(Process, &Start);

        if (!NT_SUCCESS(Status) && Status != STATUS_PROCESS_IS_TERMINATING)
            LogPrint("condrv: process %lu is not told of a control event (%08lx)", HandleToULong(Process->UniqueProcessId),
                     Status);
        return FALSE;
    }
    ObReferenceObject(Process);
    PsTerminateProcess(Process, STATUS_CONTROL_C_EXIT);
    ObDereferenceObject(Process);
    return TRUE;
}

NTSTATUS CondrvSendControl(PCONDRV_CONSOLE Console, ULONG Event, HANDLE ProcessId, HANDLE Group, PULONG Ended)
{
    PCONDRV_PROCESS Attached;

    *Ended = 0;
    if (Event > CTRL_CLOSE_EVENT)
        return STATUS_INVALID_PARAMETER;
    CondrvReference(Console);           /* the last of its processes may end here */
    Console->ControlEvents++;
    while ((Attached = CondrvNextTarget(Console, ProcessId, Group)) != NULL) {
        Attached->ControlEvents = Console->ControlEvents;
        if (CondrvControlProcess(Attached, Event))
            (*Ended)++;
    }
    CondrvDereference(Console);
    return STATUS_SUCCESS;
}

NTSTATUS CondrvSetControlHandling(PCONDRV_CONSOLE Console, BOOLEAN Handles)
{
    PCONDRV_PROCESS Attached = PsGetCurrentProcess()->IoProcessContext;

    if (Attached == NULL || Attached->Console != Console)
        return STATUS_INVALID_HANDLE;
    Attached->HandlesControl = Handles;
    return STATUS_SUCCESS;
}

/* The list's caller learns how many there are in the place of the first. */
static NTSTATUS CondrvTooMany(PCONDRV_CONSOLE Console, PIRP Irp)
{
    ULONG Count = 0;

    for (PLIST_ENTRY Entry = Console->Processes.Flink; Entry != &Console->Processes; Entry = Entry->Flink)
        Count++;
    Irp->IoStatus.Information = 0;
    if (Irp->OutputLength >= sizeof(Count) && NT_SUCCESS(IopCopyOutput(Irp, 0, &Count, sizeof(Count))))
        Irp->IoStatus.Information = sizeof(Count);
    return STATUS_BUFFER_TOO_SMALL;
}

NTSTATUS CondrvGetAttached(PCONDRV_CONSOLE Console, PIRP Irp, BOOLEAN IsList)
{
    PLIST_ENTRY Entry;

    Irp->IoStatus.Information = 0;
    for (Entry = Console->Processes.Flink; Entry != &Console->Processes; Entry = Entry->Flink) {
        PCONDRV_PROCESS Attached = CONTAINING_RECORD(Entry, CONDRV_PROCESS, ConsoleLinks);
        ULONG Id = (ULONG)(ULONG_PTR)Attached->Process->UniqueProcessId;
        NTSTATUS Status;

        if (Irp->OutputLength - Irp->IoStatus.Information < sizeof(Id))
            return IsList ? CondrvTooMany(Console, Irp) : STATUS_BUFFER_OVERFLOW;
        Status = IopCopyOutput(Irp, (ULONG)Irp->IoStatus.Information, &Id, sizeof(Id));
        if (!NT_SUCCESS(Status))
            return Status;
        Irp->IoStatus.Information += sizeof(Id);
    }
    return STATUS_SUCCESS;
}
