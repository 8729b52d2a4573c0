/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The server side of \Device\ConDrv (abi/condrv.h): fetches client requests and answers them.
 *
 * An answer without data that is given while no fetch is under way travels with the next fetch, so that a write
 * costs the terminal one service call.  request.c says what a request means.
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

VOID ServerSendControl(ULONG Event)
{
    CD_CONTROL_EVENT Sent = { .Event = Event };

    Control(IOCTL_CONDRV_SEND_CONTROL, &Sent, sizeof(Sent));
}

VOID ServerSignalInput(BOOLEAN IsAvailable)
{
    ULONG Value = IsAvailable;

    Control(IOCTL_CONDRV_SIGNAL_INPUT, &Value, sizeof(Value));
}

static VOID ServerCompleted(ULONG Information)
{
    if (Information >= sizeof(CD_IO_MESSAGE))
        RequestHandle(&Received.Message, min(Received.Message.Descriptor.InputSize,
                                             Information - (ULONG)sizeof(CD_IO_MESSAGE)));
    FetchNext();
}

BOOLEAN ServerIsAlive(VOID)
{
    return Channel.IsBusy || Channel.IoStatus.Status != STATUS_PIPE_DISCONNECTED;
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
