/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named pipes: control codes ([MS-FSCC] 2.3, FSCTL_PIPE_...).  Listen and wait keep their IRP; the rest is answered at
 * once, but for transceive (npfs_data.c).  Nothing here waits.
 */
#include "ntos/io/npfsp.h"

/* One FSCTL_PIPE_WAIT: for the next listening instance of the pipe of that name, whoever creates it. */
typedef struct _NPFS_WAITER {
    LIST_ENTRY Links;
    PIRP Irp;
    KTIMER Timer;
    KDPC Dpc;
    USHORT NameLength;
    WCHAR Name[];
} NPFS_WAITER, *PNPFS_WAITER;

static LIST_ENTRY NpfsWaiters = { &NpfsWaiters, &NpfsWaiters };

static VOID NpfsEndWait(PNPFS_WAITER Waiter, NTSTATUS Status)
{
    PIRP Irp = Waiter->Irp;

    RemoveEntryList(&Waiter->Links);
    KeCancelTimer(&Waiter->Timer);
    KeRemoveQueueDpc(&Waiter->Dpc);
    ExFreePoolWithTag(Waiter, NPFS_TAG);
    Irp->IoStatus.Status = Status;
    IoCompleteRequest(Irp);
}

static VOID NpfsWaitTimeout(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    NpfsEndWait(DeferredContext, STATUS_IO_TIMEOUT);
}

static VOID NpfsCancelWait(PIRP Irp)
{
    NpfsEndWait(Irp->DriverContext[0], STATUS_CANCELLED);
}

VOID NpfsWakeWaiters(PNPFS_PIPE Pipe)
{
    PLIST_ENTRY Entry = NpfsWaiters.Flink;

    while (Entry != &NpfsWaiters) {
        PNPFS_WAITER Waiter = CONTAINING_RECORD(Entry, NPFS_WAITER, Links);
        UNICODE_STRING Name = { Waiter->NameLength, Waiter->NameLength, Waiter->Name };

        Entry = Entry->Flink;
        if (RtlEqualUnicodeString(&Name, &Pipe->Name, TRUE))
            NpfsEndWait(Waiter, STATUS_SUCCESS);
    }
}

static NTSTATUS NpfsStartWait(PIRP Irp, PCUNICODE_STRING Name, LARGE_INTEGER Timeout)
{
    PNPFS_WAITER Waiter = ExAllocatePoolZero(NonPagedPool, sizeof(*Waiter) + Name->Length, NPFS_TAG);

    if (Waiter == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Waiter->Irp = Irp;
    Waiter->NameLength = Name->Length;
    memcpy(Waiter->Name, Name->Buffer, Name->Length);
    KeInitializeTimerEx(&Waiter->Timer, NotificationTimer);
    KeInitializeDpc(&Waiter->Dpc, NpfsWaitTimeout, Waiter);
    InsertTailList(&NpfsWaiters, &Waiter->Links);
    Irp->DriverContext[0] = Waiter;
    Irp->CancelRoutine = NpfsCancelWait;
    KeSetTimerEx(&Waiter->Timer, Timeout, 0, &Waiter->Dpc);
    return STATUS_PENDING;
}

static NTSTATUS NpfsWait(PNPFS_END End, PIRP Irp)
{
    PFILE_PIPE_WAIT_FOR_BUFFER Wait = Irp->SystemBuffer;
    ULONG Fixed = FIELD_OFFSET(FILE_PIPE_WAIT_FOR_BUFFER, Name);
    UNICODE_STRING Name;
    PNPFS_PIPE Pipe;

    if (!End->Root)
        return STATUS_ILLEGAL_FUNCTION;
    if (Irp->InputLength < sizeof(*Wait) || Wait->NameLength > Irp->InputLength - Fixed)
        return STATUS_INVALID_PARAMETER;
    if (Wait->NameLength == 0 || Wait->NameLength % sizeof(WCHAR) != 0 || Wait->NameLength > 0xfffc)
        return STATUS_INVALID_PARAMETER;
    Name.Buffer = Wait->Name;
    Name.Length = Name.MaximumLength = (USHORT)Wait->NameLength;
    Pipe = NpfsFindPipe(&Name);
    if (Pipe == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (NpfsFindListening(Pipe) != NULL)
        return STATUS_SUCCESS;
    return NpfsStartWait(Irp, &Name, Wait->TimeoutSpecified ? Wait->Timeout : Pipe->DefaultTimeout);
}

static VOID NpfsCancelListen(PIRP Irp)
{
    RemoveEntryList(&Irp->ListEntry);
    Irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(Irp);
}

static NTSTATUS NpfsListen(PNPFS_END End, PIRP Irp)
{
    PNPFS_INSTANCE Instance = End->Instance;

    if (End->Side != FILE_PIPE_SERVER_END)
        return STATUS_ILLEGAL_FUNCTION;
    switch (Instance->State) {
    case FILE_PIPE_CONNECTED_STATE:
        return STATUS_PIPE_CONNECTED;
    case FILE_PIPE_CLOSING_STATE:
        return STATUS_PIPE_CLOSING;
    case FILE_PIPE_DISCONNECTED_STATE:
        Instance->State = FILE_PIPE_LISTENING_STATE;
        NpfsWakeWaiters(Instance->Pipe);
        break;
    }
    if (End->CompletionMode == FILE_PIPE_COMPLETE_OPERATION)
        return STATUS_PIPE_LISTENING;
    Irp->CancelRoutine = NpfsCancelListen;
    InsertTailList(&Instance->Listeners, &Irp->ListEntry);
    return STATUS_PENDING;
}

static NTSTATUS NpfsDisconnect(PNPFS_END End, PIRP Irp)
{
    PNPFS_INSTANCE Instance = End->Instance;

    if (End->Side != FILE_PIPE_SERVER_END)
        return STATUS_ILLEGAL_FUNCTION;
    if (Instance->State == FILE_PIPE_DISCONNECTED_STATE)
        return STATUS_PIPE_DISCONNECTED;
    Instance->State = FILE_PIPE_DISCONNECTED_STATE;
    while (!IsListEmpty(&Instance->Listeners)) {
        PIRP Listen = CONTAINING_RECORD(RemoveHeadList(&Instance->Listeners), IRP, ListEntry);

        Listen->IoStatus.Status = STATUS_PIPE_DISCONNECTED;
        IoCompleteRequest(Listen);
    }
    NpfsFailQueue(&Instance->Queues[FILE_PIPE_CLIENT_END], STATUS_PIPE_DISCONNECTED, TRUE);
    NpfsFailQueue(&Instance->Queues[FILE_PIPE_SERVER_END], STATUS_PIPE_DISCONNECTED, TRUE);
    NpfsDetachClient(Instance);
    return STATUS_SUCCESS;
}

static NTSTATUS NpfsCheckPeek(PNPFS_END End, PIRP Irp)
{
    switch (End->Instance->State) {
    case FILE_PIPE_CONNECTED_STATE:
        break;
    case FILE_PIPE_CLOSING_STATE:
        if (NpfsReadable(&End->Instance->Queues[End->Side]) == 0)
            return STATUS_PIPE_BROKEN;
        break;
    default:
        return STATUS_INVALID_PIPE_STATE;
    }
    return NpfsPeek(End, Irp);
}

static NTSTATUS NpfsImpersonate(PNPFS_END End, PIRP Irp)
{
    if (End->Side != FILE_PIPE_SERVER_END)
        return STATUS_ILLEGAL_FUNCTION;
    if (End->Instance->ClientToken == NULL)
        return STATUS_CANNOT_IMPERSONATE;
    return SeImpersonateClient(End->Instance->ClientToken, End->Instance->ClientLevel);
}

/* Attributes are asked for by name: who is at the other end. */
static const struct {
    const CHAR *Name;
    ULONG Side;
    BOOLEAN Session;
} NpfsAttributes[] = {
    { "ClientProcessId", FILE_PIPE_CLIENT_END, FALSE },
    { "ServerProcessId", FILE_PIPE_SERVER_END, FALSE },
    { "ClientSessionId", FILE_PIPE_CLIENT_END, TRUE },
    { "ServerSessionId", FILE_PIPE_SERVER_END, TRUE },
};

/* DIFFERS: every process is in session 1 as far as a pipe can tell. */
static NTSTATUS NpfsGetAttribute(PNPFS_END End, PIRP Irp)
{
    const CHAR *Name = Irp->SystemBuffer;

    for (ULONG i = 0; i < ARRAYSIZE(NpfsAttributes); i++) {
        SIZE_T Length = strlen(NpfsAttributes[i].Name);
        ULONG Value;

        if (Irp->InputLength < Length || memcmp(Name, NpfsAttributes[i].Name, Length) != 0 ||
            (Irp->InputLength > Length && Name[Length] != 0))
            continue;
        if (Irp->OutputLength < sizeof(Value))
            return STATUS_BUFFER_TOO_SMALL;
        Value = NpfsAttributes[i].Session ? 1 : (ULONG)(ULONG_PTR)End->Instance->ProcessIds[NpfsAttributes[i].Side];
        memcpy(Irp->SystemBuffer, &Value, sizeof(Value));
        Irp->IoStatus.Information = sizeof(Value);
        return STATUS_SUCCESS;
    }
    return STATUS_NOT_FOUND;
}

typedef struct _NPFS_CONTROL {
    ULONG Code;
    NTSTATUS (*Routine)(PNPFS_END End, PIRP Irp);
    BOOLEAN Input;                      /* wants its input in the system buffer */
} NPFS_CONTROL;

static const NPFS_CONTROL NpfsControls[] = {
    { FSCTL_PIPE_LISTEN, NpfsListen, FALSE },
    { FSCTL_PIPE_DISCONNECT, NpfsDisconnect, FALSE },
    { FSCTL_PIPE_PEEK, NpfsCheckPeek, FALSE },
    { FSCTL_PIPE_TRANSCEIVE, NpfsTransceive, FALSE },
    { FSCTL_PIPE_WAIT, NpfsWait, TRUE },
    { FSCTL_PIPE_IMPERSONATE, NpfsImpersonate, FALSE },
    { FSCTL_PIPE_GET_PIPE_ATTRIBUTE, NpfsGetAttribute, TRUE },
    { FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE, NpfsGetAttribute, TRUE },
};

#define NPFS_MAXIMUM_INPUT 0x10400u     /* a whole UNICODE_STRING and what stands before it */

static NTSTATUS NpfsControl(PNPFS_END End, PIRP Irp, const NPFS_CONTROL *Control)
{
    NTSTATUS Status;

    if (End->Root && Control->Code != FSCTL_PIPE_WAIT)
        return STATUS_ILLEGAL_FUNCTION;
    if (!End->Root && End->Instance == NULL)
        return STATUS_PIPE_DISCONNECTED;
    if (Control->Input) {
        if (Irp->InputLength > NPFS_MAXIMUM_INPUT)
            return STATUS_INVALID_PARAMETER;
        if (Irp->OutputLength > NPFS_MAXIMUM_INPUT)
            Irp->OutputLength = NPFS_MAXIMUM_INPUT;
        Status = IopCaptureSystemBuffer(Irp);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return Control->Routine(End, Irp);
}

NTSTATUS NpfsFsControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    for (ULONG i = 0; i < ARRAYSIZE(NpfsControls); i++) {
        if (NpfsControls[i].Code == Irp->Parameters.Control.Code)
            return NpfsFinish(Irp, NpfsControl(NpfsEnd(Irp->FileObject), Irp, &NpfsControls[i]));
    }
    return NpfsFinish(Irp, STATUS_NOT_SUPPORTED);
}
