/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The processes of a console: attached when they are created with a console handle, detached when they end; Ctrl+C.
 *
 * EPROCESS.IoProcessContext points to the attachment; ntos's process notification takes it away.  Nothing here waits.
 */
#include "ntos/io/condrvp.h"

NTSTATUS IoAttachConsole(PEPROCESS Process, PFILE_OBJECT ConsoleFile, PEPROCESS Parent)
{
    PCONDRV_CONSOLE Console = NULL;
    PCONDRV_PROCESS Attached;

    if (ConsoleFile != NULL) {
        if (ConsoleFile->DeviceObject->DeviceType != FILE_DEVICE_CONSOLE || ConsoleFile->FsContext == NULL)
            return STATUS_INVALID_HANDLE;
        Console = CondrvFile(ConsoleFile)->Console;
    } else if (Parent != NULL && Parent->IoProcessContext != NULL) {
        Console = ((PCONDRV_PROCESS)Parent->IoProcessContext)->Console;
    }
    if (Console == NULL || Process->IoProcessContext != NULL)
        return STATUS_INVALID_HANDLE;
    Attached = ExAllocatePoolZero(NonPagedPool, sizeof(*Attached), IO_TAG_CONSOLE);
    if (Attached == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Attached->Console = Console;
    CondrvReference(Console);
    Attached->Process = Process;
    InsertTailList(&Console->Processes, &Attached->ConsoleLinks);
    Process->IoProcessContext = Attached;
    CondrvNotify(Console, CONSOLE_IO_CONNECT, Process->UniqueProcessId, 0, CONDRV_OBJECT_REFERENCE);
    return STATUS_SUCCESS;
}

VOID IopConsoleProcessExit(PEPROCESS Process)
{
    PCONDRV_PROCESS Attached = Process->IoProcessContext;

    if (Attached == NULL)
        return;
    Process->IoProcessContext = NULL;
    RemoveEntryList(&Attached->ConsoleLinks);
    CondrvNotify(Attached->Console, CONSOLE_IO_DISCONNECT, Process->UniqueProcessId, 0, CONDRV_OBJECT_REFERENCE);
    CondrvDereference(Attached->Console);
    ExFreePool(Attached);
}

/* The next process that Event ends, or NULL. */
static PCONDRV_PROCESS CondrvNextVictim(PCONDRV_CONSOLE Console, const CD_CONTROL_EVENT *Event)
{
    PLIST_ENTRY Entry;

    for (Entry = Console->Processes.Flink; Entry != &Console->Processes; Entry = Entry->Flink) {
        PCONDRV_PROCESS Attached = CONTAINING_RECORD(Entry, CONDRV_PROCESS, ConsoleLinks);

        if (Attached->Ended || (Attached->HandlesControl && Event->Event != CTRL_CLOSE_EVENT))
            continue;
        if (Event->ProcessId == 0 || (ULONG)(ULONG_PTR)Attached->Process->UniqueProcessId == Event->ProcessId)
            return Attached;
    }
    return NULL;
}

NTSTATUS CondrvSendControl(PCONDRV_CONSOLE Console, const CD_CONTROL_EVENT *Event, PULONG Ended)
{
    PCONDRV_PROCESS Attached;

    *Ended = 0;
    if (Event->Event > CTRL_CLOSE_EVENT)
        return STATUS_INVALID_PARAMETER;
    while ((Attached = CondrvNextVictim(Console, Event)) != NULL) {
        PEPROCESS Process = Attached->Process;

        Attached->Ended = TRUE;
        ObReferenceObject(Process);
        PsTerminateProcess(Process, STATUS_CONTROL_C_EXIT);
        ObDereferenceObject(Process);
        (*Ended)++;
    }
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

NTSTATUS CondrvGetAttached(PCONDRV_CONSOLE Console, PIRP Irp)
{
    PLIST_ENTRY Entry;

    Irp->IoStatus.Information = 0;
    for (Entry = Console->Processes.Flink; Entry != &Console->Processes; Entry = Entry->Flink) {
        PCONDRV_PROCESS Attached = CONTAINING_RECORD(Entry, CONDRV_PROCESS, ConsoleLinks);
        ULONG Id = (ULONG)(ULONG_PTR)Attached->Process->UniqueProcessId;
        NTSTATUS Status;

        if (Irp->OutputLength - Irp->IoStatus.Information < sizeof(Id))
            return STATUS_BUFFER_OVERFLOW;
        Status = IopCopyOutput(Irp, (ULONG)Irp->IoStatus.Information, &Id, sizeof(Id));
        if (!NT_SUCCESS(Status))
            return Status;
        Irp->IoStatus.Information += sizeof(Id);
    }
    return STATUS_SUCCESS;
}
