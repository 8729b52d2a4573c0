/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The server side of \Device\ConDrv (abi/condrv.h): fetches client requests and answers them.
 *
 * An answer without data that is given while no fetch is under way travels with the next fetch, so that a write
 * costs the terminal one service call.  A client's sizes are ntos's word and trusted; codes are looked up in a table,
 * unknown ones answered with STATUS_NOT_SUPPORTED.
 */
#include "conhost.h"
#include "abi/condrv.h"

#define MESSAGE_BYTES 0x1000

static VOID ServerCompleted(ULONG Information);
static VOID FetchNext(VOID);

static CHANNEL Channel = { .Completed = ServerCompleted, .Retry = FetchNext };
static HANDLE ControlEvent;
static CD_IO_COMPLETE Answer;
static BOOLEAN HasAnswer;
static union {
    CD_IO_MESSAGE Message;
    UCHAR Bytes[MESSAGE_BYTES];
} Received;

static VOID FetchNext(VOID)
{
    CD_IO_COMPLETE Last = Answer;
    ULONG Length = HasAnswer ? sizeof(Last) : 0;

    HasAnswer = FALSE;
    ChannelIoctl(&Channel, IOCTL_CONDRV_READ_IO, Length != 0 ? &Last : NULL, Length, &Received, sizeof(Received));
}

/* A control request of ours; ntos answers these at once. */
static NTSTATUS Control(ULONG Code, PVOID Input, ULONG Length)
{
    IO_STATUS_BLOCK IoStatus = { 0 };
    NTSTATUS Status = NtDeviceIoControlFile(Channel.File, ControlEvent, NULL, NULL, &IoStatus, Code, Input, Length,
            NULL, 0);

    if (Status == STATUS_PENDING) {
        NtWaitForSingleObject(ControlEvent, FALSE, NULL);
        Status = IoStatus.Status;
    }
    return Status;
}

VOID ServerComplete(LUID Identifier, NTSTATUS Status, ULONG_PTR Information, const void *Data, ULONG Size)
{
    CD_IO_COMPLETE Complete = {
        .Identifier = Identifier,
        .IoStatus = { .Status = Status, .Information = Information },
        .Write = { .Data = (PVOID)Data, .Size = Size },
    };

    if (Size == 0 && !Channel.IsBusy && !HasAnswer) {
        Answer = Complete;
        HasAnswer = TRUE;
        return;
    }
    Control(IOCTL_CONDRV_COMPLETE_IO, &Complete, sizeof(Complete));
}

NTSTATUS ServerReadInput(LUID Identifier, ULONG Offset, PVOID Buffer, ULONG Size)
{
    CD_IO_OPERATION Operation = { .Identifier = Identifier, .Buffer = { .Data = Buffer, .Size = Size,
            .Offset = Offset } };

    return Control(IOCTL_CONDRV_READ_INPUT, &Operation, sizeof(Operation));
}

VOID ServerSendControlC(VOID)
{
    CD_CONTROL_EVENT Event = { 0 };

    Control(IOCTL_CONDRV_SEND_CONTROL, &Event, sizeof(Event));
}

VOID ServerSignalInput(BOOLEAN IsAvailable)
{
    ULONG Value = IsAvailable;

    Control(IOCTL_CONDRV_SIGNAL_INPUT, &Value, sizeof(Value));
}

static VOID CompleteWith(const CD_IO_DESCRIPTOR *Request, const void *Data, ULONG Size)
{
    if (Request->OutputSize < Size)
        ServerComplete(Request->Identifier, STATUS_BUFFER_TOO_SMALL, 0, NULL, 0);
    else
        ServerComplete(Request->Identifier, STATUS_SUCCESS, Size, Data, Size);
}

static VOID GetMode(const CD_IO_DESCRIPTOR *Request)
{
    ULONG Mode = Received.Message.ObjectKind == CONDRV_OBJECT_OUTPUT ? OutputMode() : InputMode();

    CompleteWith(Request, &Mode, sizeof(Mode));
}

static VOID SetMode(const CD_IO_DESCRIPTOR *Request)
{
    ULONG Mode;

    if (Request->InputSize < sizeof(Mode)) {
        ServerComplete(Request->Identifier, STATUS_INVALID_PARAMETER, 0, NULL, 0);
        return;
    }
    memcpy(&Mode, &Received.Message + 1, sizeof(Mode));
    ServerComplete(Request->Identifier, STATUS_SUCCESS, 0, NULL, 0);
    if (Received.Message.ObjectKind == CONDRV_OBJECT_OUTPUT)
        OutputSetMode(Mode);
    else
        InputSetMode(Mode);
}

static VOID GetScreenSize(const CD_IO_DESCRIPTOR *Request)
{
    const SCREEN *Screen = DisplayScreen();
    CONDRV_SCREEN_SIZE Size = { Screen->Columns, Screen->Rows, Screen->Cursor.Column, Screen->Cursor.Row };

    CompleteWith(Request, &Size, sizeof(Size));
}

static const struct {
    ULONG Code;
    VOID (*Handle)(const CD_IO_DESCRIPTOR *Request);
} ControlCodes[] = {
    { IOCTL_CONDRV_GET_MODE, GetMode },
    { IOCTL_CONDRV_SET_MODE, SetMode },
    { IOCTL_CONDRV_GET_SCREEN_SIZE, GetScreenSize },
};

static VOID HandleControlCode(const CD_IO_DESCRIPTOR *Request)
{
    for (ULONG i = 0; i < ARRAYSIZE(ControlCodes); i++) {
        if (ControlCodes[i].Code == Received.Message.Detail) {
            ControlCodes[i].Handle(Request);
            return;
        }
    }
    ServerComplete(Request->Identifier, STATUS_NOT_SUPPORTED, 0, NULL, 0);
}

static VOID HandleMessage(const CD_IO_DESCRIPTOR *Request, ULONG Available)
{
    switch (Request->Function) {
    case CONSOLE_IO_RAW_WRITE:
        OutputWrite(Request->Identifier, Request->InputSize, (const UCHAR *)(&Received.Message + 1), Available);
        break;
    case CONSOLE_IO_RAW_READ:
        InputRead(Request->Identifier, Request->OutputSize);
        break;
    case CONSOLE_IO_USER_DEFINED:
        HandleControlCode(Request);
        break;
    case CONSOLE_IO_RAW_FLUSH:
        if (Received.Message.ObjectKind == CONDRV_OBJECT_OUTPUT) {
            OutputFlush(Request->Identifier);
            break;
        }
        ServerComplete(Request->Identifier, STATUS_SUCCESS, 0, NULL, 0);
        InputFlush();
        break;
    case CONSOLE_IO_CANCEL:
        InputCancel(Request->Identifier);
        OutputCancel(Request->Identifier);
        break;
    }
}

static VOID ServerCompleted(ULONG Information)
{
    CD_IO_DESCRIPTOR Request = Received.Message.Descriptor;

    if (Information >= sizeof(CD_IO_MESSAGE))
        HandleMessage(&Request, min(Request.InputSize, Information - (ULONG)sizeof(CD_IO_MESSAGE)));
    FetchNext();
}

NTSTATUS ServerStart(HANDLE Server)
{
    NTSTATUS Status;

    Channel.File = Server;
    NtCreateEvent(&ControlEvent, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    Status = Control(IOCTL_CONDRV_SET_SERVER_INFORMATION, NULL, 0);
    if (!NT_SUCCESS(Status))
        return Status;
    ChannelAdd(&Channel);
    FetchNext();
    return STATUS_SUCCESS;
}
