/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console's traffic: a client's IRP becomes a message in Queued, the server's READ_IO takes it (Fetched),
 * COMPLETE_IO finishes it.  A message is in exactly one list as long as its client's IRP is pending.
 *
 * Client input is captured when the request is made, at most CONDRV_MAX_DATA bytes; a longer write goes on with its
 * next piece when the server has taken one.  Server calls run in the server's process: its buffers are user memory,
 * touched with the user copies.  Nothing here waits.
 */
#include "ntos/io/condrvp.h"

static VOID CondrvFreeMessage(PCONDRV_MESSAGE Message)
{
    if (Message->Input != NULL)
        ExFreePool(Message->Input);
    ExFreePool(Message);
}

static LUID CondrvNewIdentifier(PCONDRV_CONSOLE Console)
{
    LUID Identifier = { Console->NextIdentifier++, 1 };

    return Identifier;
}

/* ---- towards the server ---- */

/* Copies a message into the output of a READ_IO; Status and Information are the READ_IO's. */
static VOID CondrvFillRead(PIRP ServerIrp, PCONDRV_MESSAGE Message)
{
    ULONG Room = ServerIrp->OutputLength - sizeof(Message->Message);
    ULONG Bytes = Message->Message.Descriptor.InputSize;
    NTSTATUS Status;

    if (Bytes > Room)
        Bytes = Room;
    Status = IopCopyOutput(ServerIrp, 0, &Message->Message, sizeof(Message->Message));
    if (NT_SUCCESS(Status) && Bytes != 0)
        Status = IopCopyOutput(ServerIrp, sizeof(Message->Message), Message->Input, Bytes);
    ServerIrp->IoStatus.Status = Status;
    ServerIrp->IoStatus.Information = NT_SUCCESS(Status) ? sizeof(Message->Message) + Bytes : 0;
}

/* The oldest queued message to ServerIrp, if there is one. */
static BOOLEAN CondrvTakeMessage(PCONDRV_CONSOLE Console, PIRP ServerIrp)
{
    PCONDRV_MESSAGE Message;

    if (IsListEmpty(&Console->Queued))
        return FALSE;
    Message = CONTAINING_RECORD(Console->Queued.Flink, CONDRV_MESSAGE, Links);
    CondrvFillRead(ServerIrp, Message);
    if (!NT_SUCCESS(ServerIrp->IoStatus.Status))
        return TRUE;
    RemoveEntryList(&Message->Links);
    if (Message->Irp != NULL)
        InsertTailList(&Console->Fetched, &Message->Links);
    else
        CondrvFreeMessage(Message);
    return TRUE;
}

static VOID CondrvQueue(PCONDRV_CONSOLE Console, PCONDRV_MESSAGE Message)
{
    InsertTailList(&Console->Queued, &Message->Links);
    while (!IsListEmpty(&Console->ServerReads) && !IsListEmpty(&Console->Queued)) {
        PIRP ServerIrp = CONTAINING_RECORD(RemoveHeadList(&Console->ServerReads), IRP, ListEntry);

        CondrvTakeMessage(Console, ServerIrp);
        IoCompleteRequest(ServerIrp);
    }
}

static VOID CondrvQueueNotice(PCONDRV_CONSOLE Console, const CD_IO_MESSAGE *Content)
{
    PCONDRV_MESSAGE Message;

    if (Console->ServerHandles == 0)
        return;
    Message = ExAllocatePoolZero(NonPagedPool, sizeof(*Message), IO_TAG_CONSOLE);
    if (Message == NULL) {
        LogPrint("condrv: no memory for a notice");
        return;
    }
    Message->Console = Console;
    Message->Message = *Content;
    CondrvQueue(Console, Message);
}

static VOID CondrvTell(PCONDRV_CONSOLE Console, ULONG Function, HANDLE ProcessId, ULONG_PTR Object, ULONG Kind)
{
    CD_IO_MESSAGE Content = {
        .Descriptor = { .Function = Function, .Process = (ULONG_PTR)ProcessId, .Object = Object },
        .Detail = Kind, .ObjectKind = Kind,
    };

    CondrvQueueNotice(Console, &Content);
}

VOID CondrvNotifyProcess(PCONDRV_CONSOLE Console, ULONG Function, HANDLE ProcessId)
{
    if (Console->WantNotices)
        CondrvTell(Console, Function, ProcessId, 0, CONDRV_OBJECT_REFERENCE);
}

static BOOLEAN CondrvHasScreenBuffer(PCONDRV_CONSOLE Console)
{
    for (PLIST_ENTRY Entry = Console->Files.Flink; Entry != &Console->Files; Entry = Entry->Flink)
        if (CONTAINING_RECORD(Entry, CONDRV_FILE, ConsoleLinks)->Kind == CONDRV_OBJECT_SCREEN_BUFFER)
            return TRUE;
    return FALSE;
}

/* Screen buffers are the server's: it has to know when one is gone, and, where there are any, which Output begins when another
 * than the console's own is active. */
VOID CondrvNotifyOpen(PCONDRV_FILE Open, ULONG Function)
{
    PCONDRV_CONSOLE Console = Open->Console;

    if (Open->Kind == CONDRV_OBJECT_OUTPUT && Function == CONSOLE_IO_CREATE_OBJECT)
        Open->IsTold = CondrvHasScreenBuffer(Console);
    if (Console->WantNotices || Open->IsTold ||
        (Open->Kind == CONDRV_OBJECT_SCREEN_BUFFER && Function == CONSOLE_IO_CLOSE_OBJECT))
        CondrvTell(Console, Function, PsGetCurrentProcessId(), (ULONG_PTR)Open, Open->Kind);
}

BOOLEAN CondrvIsAbandoned(PCONDRV_CONSOLE Console)
{
    return Console->WasUsed && IsListEmpty(&Console->Files) && IsListEmpty(&Console->Processes) &&
           IsListEmpty(&Console->Queued) && IsListEmpty(&Console->Fetched);
}

static VOID CondrvFailReads(PCONDRV_CONSOLE Console)
{
    while (!IsListEmpty(&Console->ServerReads)) {
        PIRP Irp = CONTAINING_RECORD(RemoveHeadList(&Console->ServerReads), IRP, ListEntry);

        Irp->IoStatus.Status = STATUS_PIPE_DISCONNECTED;
        IoCompleteRequest(Irp);
    }
}

VOID CondrvClientGone(PCONDRV_CONSOLE Console)
{
    if (CondrvIsAbandoned(Console))
        CondrvFailReads(Console);
}

/* ---- requests of clients ---- */

static VOID CondrvFinishRequest(PCONDRV_MESSAGE Message, NTSTATUS Status, ULONG_PTR Information)
{
    PIRP Irp = Message->Irp;

    RemoveEntryList(&Message->Links);
    CondrvFreeMessage(Message);
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp);
}

static VOID CondrvCancelRequest(PIRP Irp)
{
    PCONDRV_MESSAGE Message = Irp->DriverContext[0];
    PCONDRV_CONSOLE Console = Message->Console;
    CD_IO_MESSAGE Notice = {
        .Descriptor = { .Identifier = Message->Message.Descriptor.Identifier, .Function = CONSOLE_IO_CANCEL },
    };
    BOOLEAN Fetched = FALSE;
    PLIST_ENTRY Entry;

    for (Entry = Console->Fetched.Flink; Entry != &Console->Fetched; Entry = Entry->Flink) {
        if (Entry == &Message->Links)
            Fetched = TRUE;
    }
    CondrvFinishRequest(Message, STATUS_CANCELLED, Message->Done);
    if (Fetched)
        CondrvQueueNotice(Console, &Notice);
}

VOID CondrvFailAll(PCONDRV_CONSOLE Console)
{
    CondrvFailReads(Console);
    while (!IsListEmpty(&Console->Fetched))
        CondrvFinishRequest(CONTAINING_RECORD(Console->Fetched.Flink, CONDRV_MESSAGE, Links), STATUS_PIPE_DISCONNECTED,
                            0);
    while (!IsListEmpty(&Console->Queued)) {
        PCONDRV_MESSAGE Message = CONTAINING_RECORD(Console->Queued.Flink, CONDRV_MESSAGE, Links);

        if (Message->Irp != NULL) {
            CondrvFinishRequest(Message, STATUS_PIPE_DISCONNECTED, 0);
        } else {
            RemoveEntryList(&Message->Links);
            CondrvFreeMessage(Message);
        }
    }
}

/* The next piece of the client's input, into Message->Input. */
static NTSTATUS CondrvCaptureInput(PCONDRV_MESSAGE Message)
{
    PIRP Irp = Message->Irp;
    ULONG Length = Irp->InputLength - Message->Done;

    if (Length > CONDRV_MAX_DATA)
        Length = CONDRV_MAX_DATA;
    Message->Message.Descriptor.InputSize = Length;
    if (Length == 0)
        return STATUS_SUCCESS;
    if (Irp->Thread == NULL)
        return STATUS_CANCELLED;
    if (Message->Input == NULL)
        Message->Input = ExAllocatePoolWithTag(NonPagedPool, Length, IO_TAG_CONSOLE);
    if (Message->Input == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    return MmReadSpace(Irp->Thread->Tcb.OwningProcess->Space, Message->Input,
                       (const UCHAR *)Irp->UserInput + Message->Done, Length);
}

/* Makes the client's request a message.  The IRP is pending on success. */
static NTSTATUS CondrvSubmit(PIRP Irp, ULONG Function, ULONG Detail)
{
    PCONDRV_FILE Open = CondrvFile(Irp->FileObject);
    PCONDRV_CONSOLE Console = Open->Console;
    PCONDRV_MESSAGE Message;
    NTSTATUS Status;

    Irp->IoStatus.Information = 0;
    if (Console == NULL)
        return Irp->IoStatus.Status = STATUS_INVALID_HANDLE;
    if (Console->ServerHandles == 0)
        return Irp->IoStatus.Status = STATUS_PIPE_DISCONNECTED;
    Message = ExAllocatePoolZero(NonPagedPool, sizeof(*Message), IO_TAG_CONSOLE);
    if (Message == NULL)
        return Irp->IoStatus.Status = STATUS_INSUFFICIENT_RESOURCES;
    Message->Console = Console;
    Message->Irp = Irp;
    Message->Message.Descriptor.Identifier = CondrvNewIdentifier(Console);
    Message->Message.Descriptor.Process = (ULONG_PTR)PsGetCurrentProcessId();
    Message->Message.Descriptor.Object = (ULONG_PTR)Open;
    Message->Message.Descriptor.Function = Function;
    Message->Message.Descriptor.OutputSize = Irp->OutputLength < CONDRV_MAX_DATA ? Irp->OutputLength : CONDRV_MAX_DATA;
    Message->Message.Detail = Detail;
    Message->Message.ObjectKind = Open->Kind;
    Status = CondrvCaptureInput(Message);
    if (!NT_SUCCESS(Status)) {
        CondrvFreeMessage(Message);
        return Irp->IoStatus.Status = Status;
    }
    Irp->DriverContext[0] = Message;
    Irp->CancelRoutine = CondrvCancelRequest;
    Irp->Pending = TRUE;
    CondrvQueue(Console, Message);
    return STATUS_PENDING;
}

/* A transfer of no bytes. */
static NTSTATUS CondrvNothing(PIRP Irp)
{
    return Irp->IoStatus.Status = STATUS_SUCCESS;
}

NTSTATUS CondrvReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    ULONG Kind = CondrvFile(Irp->FileObject)->Kind;

    Irp->IoStatus.Information = 0;
    switch (Irp->MajorFunction) {
    case IRP_MJ_WRITE:
        if (!CondrvIsOutput(Kind))
            break;
        return Irp->InputLength != 0 ? CondrvSubmit(Irp, CONSOLE_IO_RAW_WRITE, 0) : CondrvNothing(Irp);
    case IRP_MJ_READ:
        if (Kind != CONDRV_OBJECT_INPUT)
            break;
        return Irp->OutputLength != 0 ? CondrvSubmit(Irp, CONSOLE_IO_RAW_READ, 0) : CondrvNothing(Irp);
    default:
        if (Kind != CONDRV_OBJECT_INPUT && !CondrvIsOutput(Kind))
            break;
        return CondrvSubmit(Irp, CONSOLE_IO_RAW_FLUSH, 0);
    }
    return Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
}

/* ---- calls of the server ---- */

static PCONDRV_MESSAGE CondrvFindFetched(PCONDRV_CONSOLE Console, LUID Identifier)
{
    PLIST_ENTRY Entry;

    for (Entry = Console->Fetched.Flink; Entry != &Console->Fetched; Entry = Entry->Flink) {
        PCONDRV_MESSAGE Message = CONTAINING_RECORD(Entry, CONDRV_MESSAGE, Links);

        if (Message->Message.Descriptor.Identifier.LowPart == Identifier.LowPart &&
            Message->Message.Descriptor.Identifier.HighPart == Identifier.HighPart)
            return Message;
    }
    return NULL;
}

/* Server memory to the client's output. */
static NTSTATUS CondrvCopyToClient(PIRP Irp, const CD_IO_BUFFER_DESCRIPTOR *Buffer)
{
    const UCHAR *Source = Buffer->Data;
    ULONG Offset = Buffer->Offset;
    ULONG Left = Buffer->Size;
    UCHAR Piece[512];

    if (Offset > Irp->OutputLength || Left > Irp->OutputLength - Offset)
        return STATUS_INVALID_PARAMETER;
    while (Left != 0) {
        ULONG Bytes = Left < sizeof(Piece) ? Left : sizeof(Piece);
        NTSTATUS Status = MmCopyFromUser(Piece, Source, Bytes);

        if (NT_SUCCESS(Status))
            Status = IopCopyOutput(Irp, Offset, Piece, Bytes);
        if (!NT_SUCCESS(Status))
            return Status;
        Source += Bytes;
        Offset += Bytes;
        Left -= Bytes;
    }
    return STATUS_SUCCESS;
}

/* Requests whose input is text, carried in pieces. */
static BOOLEAN CondrvIsText(ULONG Function, ULONG Detail)
{
    return Function == CONSOLE_IO_RAW_WRITE ||
           (Function == CONSOLE_IO_USER_DEFINED && (Detail == IOCTL_CONDRV_WRITE_TEXT || Detail == IOCTL_CONDRV_WRITE_BYTES));
}

static BOOLEAN CondrvIsWrite(PCONDRV_MESSAGE Message)
{
    return CondrvIsText(Message->Message.Descriptor.Function, Message->Message.Detail);
}

/* A write whose bytes are not all taken goes on; TRUE: it does. */
static BOOLEAN CondrvContinueWrite(PCONDRV_MESSAGE Message, const CD_IO_COMPLETE *Complete)
{
    if (!CondrvIsWrite(Message) || !NT_SUCCESS(Complete->IoStatus.Status))
        return FALSE;
    Message->Done += (ULONG)Complete->IoStatus.Information;
    if (Complete->IoStatus.Information == 0 || Message->Done >= Message->Irp->InputLength)
        return FALSE;
    if (!NT_SUCCESS(CondrvCaptureInput(Message)))
        return FALSE;
    RemoveEntryList(&Message->Links);
    Message->Message.Descriptor.Identifier = CondrvNewIdentifier(Message->Console);
    CondrvQueue(Message->Console, Message);
    return TRUE;
}

static NTSTATUS CondrvComplete(PCONDRV_CONSOLE Console, const CD_IO_COMPLETE *Complete)
{
    PCONDRV_MESSAGE Message = CondrvFindFetched(Console, Complete->Identifier);
    BOOLEAN Write;
    ULONG Limit;
    NTSTATUS Status;

    if (Message == NULL)
        return STATUS_NOT_FOUND;
    Write = CondrvIsWrite(Message);
    Limit = Write ? Message->Message.Descriptor.InputSize : Message->Message.Descriptor.OutputSize;
    if (Complete->IoStatus.Status == STATUS_PENDING || Complete->IoStatus.Information > Limit)
        return STATUS_INVALID_PARAMETER;
    if (Complete->Write.Size != 0) {
        Status = CondrvCopyToClient(Message->Irp, &Complete->Write);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (!CondrvContinueWrite(Message, Complete))
        CondrvFinishRequest(Message, Complete->IoStatus.Status, Write ? Message->Done : Complete->IoStatus.Information);
    return STATUS_SUCCESS;
}

static NTSTATUS CondrvTransfer(PCONDRV_CONSOLE Console, ULONG Code, const CD_IO_OPERATION *Operation)
{
    PCONDRV_MESSAGE Message = CondrvFindFetched(Console, Operation->Identifier);
    ULONG Size;

    if (Message == NULL)
        return STATUS_NOT_FOUND;
    if (Code == IOCTL_CONDRV_WRITE_OUTPUT)
        return CondrvCopyToClient(Message->Irp, &Operation->Buffer);
    Size = Message->Message.Descriptor.InputSize;
    if (Operation->Buffer.Offset > Size || Operation->Buffer.Size > Size - Operation->Buffer.Offset)
        return STATUS_INVALID_PARAMETER;
    return MmCopyToUser(Operation->Buffer.Data, (PUCHAR)Message->Input + Operation->Buffer.Offset,
                        Operation->Buffer.Size);
}

static VOID CondrvCancelRead(PIRP Irp)
{
    RemoveEntryList(&Irp->ListEntry);
    Irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(Irp);
}

static NTSTATUS CondrvReadIo(PCONDRV_CONSOLE Console, PIRP Irp)
{
    CD_IO_COMPLETE Complete;
    NTSTATUS Status;

    if (Irp->OutputLength < sizeof(CD_IO_MESSAGE))
        return STATUS_BUFFER_TOO_SMALL;
    if (Irp->InputLength != 0) {
        if (Irp->InputLength < sizeof(Complete))
            return STATUS_INVALID_PARAMETER;
        Status = MmCopyFromUser(&Complete, Irp->UserInput, sizeof(Complete));
        if (NT_SUCCESS(Status))
            Status = CondrvComplete(Console, &Complete);
        /* A request that was cancelled meanwhile is no reason not to read. */
        if (!NT_SUCCESS(Status) && Status != STATUS_NOT_FOUND)
            return Status;
    }
    if (CondrvTakeMessage(Console, Irp))
        return Irp->IoStatus.Status;
    if (CondrvIsAbandoned(Console))
        return STATUS_PIPE_DISCONNECTED;
    InsertTailList(&Console->ServerReads, &Irp->ListEntry);
    Irp->CancelRoutine = CondrvCancelRead;
    return STATUS_PENDING;
}

/* What an earlier server process left unanswered goes back to the head of the queue, oldest first. */
static NTSTATUS CondrvNewServer(PCONDRV_CONSOLE Console, ULONG Flags)
{
    Console->WantNotices = (Flags & CONDRV_WANT_NOTICES) != 0;
    while (!IsListEmpty(&Console->Fetched))
        InsertHeadList(&Console->Queued, RemoveTailList(&Console->Fetched));
    return STATUS_SUCCESS;
}

static NTSTATUS CondrvSignalInput(PCONDRV_CONSOLE Console, ULONG Signal)
{
    PLIST_ENTRY Entry;

    Console->InputSignalled = Signal != 0;
    for (Entry = Console->Files.Flink; Entry != &Console->Files; Entry = Entry->Flink) {
        PCONDRV_FILE Open = CONTAINING_RECORD(Entry, CONDRV_FILE, ConsoleLinks);

        if (Open->Kind != CONDRV_OBJECT_INPUT)
            continue;
        if (Signal != 0)
            KeSetEvent(&Open->File->Event, 0, FALSE);
        else
            KeClearEvent(&Open->File->Event);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS CondrvServerControl(PCONDRV_CONSOLE Console, PIRP Irp)
{
    ULONG Code = Irp->Parameters.Control.Code;
    union {
        CD_IO_COMPLETE Complete;
        CD_IO_OPERATION Operation;
        CD_CONTROL_EVENT Event;
        ULONG Value;
    } Input = { 0 };
    ULONG Needed, Ended;
    NTSTATUS Status;

    if (Code == IOCTL_CONDRV_READ_IO)
        return CondrvReadIo(Console, Irp);
    Needed = Code == IOCTL_CONDRV_COMPLETE_IO ? sizeof(Input.Complete) :
             Code == IOCTL_CONDRV_READ_INPUT || Code == IOCTL_CONDRV_WRITE_OUTPUT ? sizeof(Input.Operation) :
             Code == IOCTL_CONDRV_SEND_CONTROL ? sizeof(Input.Event) :
             Code == IOCTL_CONDRV_SIGNAL_INPUT ? sizeof(Input.Value) : 0;
    if (Irp->InputLength < Needed)
        return STATUS_INVALID_PARAMETER;
    if (Code == IOCTL_CONDRV_SET_SERVER_INFORMATION && Irp->InputLength >= sizeof(Input.Value))
        Needed = sizeof(Input.Value);
    Status = MmCopyFromUser(&Input, Irp->UserInput, Needed);
    if (!NT_SUCCESS(Status))
        return Status;
    switch (Code) {
    case IOCTL_CONDRV_COMPLETE_IO:
        return CondrvComplete(Console, &Input.Complete);
    case IOCTL_CONDRV_READ_INPUT:
    case IOCTL_CONDRV_WRITE_OUTPUT:
        return CondrvTransfer(Console, Code, &Input.Operation);
    case IOCTL_CONDRV_SET_SERVER_INFORMATION:
        return CondrvNewServer(Console, Input.Value);
    case IOCTL_CONDRV_SIGNAL_INPUT:
        return CondrvSignalInput(Console, Input.Value);
    case IOCTL_CONDRV_SEND_CONTROL:
        Status = CondrvSendControl(Console, Input.Event.Event, ULongToHandle(Input.Event.ProcessId), NULL, &Ended);
        if (NT_SUCCESS(Status) && Irp->OutputLength >= sizeof(Ended)) {
            Status = IopCopyOutput(Irp, 0, &Ended, sizeof(Ended));
            Irp->IoStatus.Information = sizeof(Ended);
        }
        return Status;
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

/* GenerateConsoleCtrlEvent: by a process of the console only. */
static NTSTATUS CondrvClientEvent(PCONDRV_CONSOLE Console, PIRP Irp)
{
    PCONDRV_PROCESS Attached = PsGetCurrentProcess()->IoProcessContext;
    CD_GROUP_EVENT Event;
    ULONG Ended;
    NTSTATUS Status = Irp->InputLength < sizeof(Event) ? STATUS_INVALID_PARAMETER
                      : MmCopyFromUser(&Event, Irp->UserInput, sizeof(Event));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Attached == NULL || Attached->Console != Console)
        return STATUS_INVALID_HANDLE;
    if (Event.Event >= CTRL_CLOSE_EVENT)
        return STATUS_INVALID_PARAMETER;
    return CondrvSendControl(Console, Event.Event, NULL, ULongToHandle(Event.Group), &Ended);
}

/* One ULONG of a client's input. */
static NTSTATUS CondrvGetValue(PIRP Irp, PULONG Value)
{
    return Irp->InputLength < sizeof(*Value) ? STATUS_INVALID_PARAMETER
           : MmCopyFromUser(Value, Irp->UserInput, sizeof(*Value));
}

static NTSTATUS CondrvClientControl(PCONDRV_FILE Open, PIRP Irp)
{
    PCONDRV_CONSOLE Console = Open->Console;
    ULONG Code = Irp->Parameters.Control.Code;
    ULONG Value;
    NTSTATUS Status;

    if (Code == IOCTL_CONDRV_BIND_PROCESS) {
        Status = CondrvGetValue(Irp, &Value);
        return NT_SUCCESS(Status) ? CondrvBindProcess(Open, Value) : Status;
    }
    if (Console == NULL)
        return STATUS_INVALID_HANDLE;
    switch (Code) {
    case IOCTL_CONDRV_SET_CONTROL_HANDLING:
        Status = CondrvGetValue(Irp, &Value);
        return NT_SUCCESS(Status) ? CondrvSetControlHandling(Console, Value != 0) : Status;
    case IOCTL_CONDRV_GET_ATTACHED:
    case IOCTL_CONDRV_GET_PROCESS_LIST:
        return CondrvGetAttached(Console, Irp, Code == IOCTL_CONDRV_GET_PROCESS_LIST);
    case IOCTL_CONDRV_GROUP_EVENT:
        return CondrvClientEvent(Console, Irp);
    }
    if (Code >> 16 != FILE_DEVICE_CONSOLE || (Code & 3) != METHOD_BUFFERED)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (Irp->InputLength > CONDRV_MAX_DATA && !CondrvIsText(CONSOLE_IO_USER_DEFINED, Code))
        return STATUS_INVALID_BUFFER_SIZE;
    return CondrvSubmit(Irp, CONSOLE_IO_USER_DEFINED, Code);
}

NTSTATUS CondrvDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PCONDRV_FILE Open = CondrvFile(Irp->FileObject);
    NTSTATUS Status;

    Irp->IoStatus.Information = 0;
    if (Open->Kind == CONDRV_OBJECT_SERVER)
        Status = CondrvServerControl(Open->Console, Irp);
    else
        Status = CondrvClientControl(Open, Irp);
    if (Status != STATUS_PENDING)
        Irp->IoStatus.Status = Status;
    return Status;
}
