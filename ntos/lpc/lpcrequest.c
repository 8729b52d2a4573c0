/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The LPC services for messages: NtRequestPort, NtRequestWaitReplyPort, NtReplyPort, NtReplyWaitReplyPort,
 * NtReplyWaitReceivePort(Ex), NtReadRequestData, NtWriteRequestData, NtImpersonateClientOfPort,
 * NtQueryInformationPort.
 *
 * A receiver's buffer has no length: it must hold the port's longest message, and what does not fit in memory is answered
 * with STATUS_ACCESS_VIOLATION; the message stays in the queue then.
 *
 * A question back: the receiver of a request calls NtRequestWaitReplyPort with the request's header (Type LPC_REQUEST, its
 * MessageId).  The sender's wait ends with that question (its CallbackId is not 0); it answers with NtReplyWaitReplyPort,
 * which goes on waiting for the answer to its own request.
 */
#include "ntos/lpc/lpcp.h"

#define LPC_TYPE(Header) ((Header)->u2.s2.Type & 0xFF)

/* A new message from Port to the other side. */
static NTSTATUS LpcpBuild(PLPC_PORT Port, const PORT_MESSAGE *User, const PORT_MESSAGE *Header, USHORT Type,
        PLPC_MESSAGE *Message)
{
    PLPC_PORT Target;
    NTSTATUS Status = LpcpCaptureMessage(Port, User, Header, Message);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpTarget(Port, &Target);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(*Message, Status);
        return Status;
    }
    LpcpIdentifyMessage(*Message, Target, Type);
    LpcpAttachToken(*Message);
    return STATUS_SUCCESS;
}

/* What a program may give its message as type; *Type 0 is left to the service. */
static NTSTATUS LpcpCheckType(const PORT_MESSAGE *Header, USHORT Lowest, USHORT Highest, USHORT Default, PUSHORT Type)
{
    *Type = LPC_TYPE(Header);
    if (*Type == 0)
        *Type = Default;
    else if (*Type < Lowest || *Type > Highest)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtRequestPort(HANDLE PortHandle, PPORT_MESSAGE RequestMessage)
{
    PORT_MESSAGE Header;
    PLPC_MESSAGE Message;
    PLPC_PORT Port;
    USHORT Type;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCaptureHeader(Port, RequestMessage, &Header);
    if (NT_SUCCESS(Status))
        Status = LpcpCheckType(&Header, LPC_DATAGRAM, LPC_CLIENT_DIED, LPC_DATAGRAM, &Type);
    if (NT_SUCCESS(Status) && Header.u2.s2.DataInfoOffset != 0)
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = LpcpBuild(Port, RequestMessage, &Header, Type, &Message);
    if (NT_SUCCESS(Status))
        LpcpDeliver(Message);
    ObDereferenceObject(Port);
    return Status;
}

/* An answer, or a question back, for the caller; it is gone then. */
static NTSTATUS LpcpReturnReply(PLPC_MESSAGE Reply, PPORT_MESSAGE User)
{
    NTSTATUS Status = LpcpCopyOut(Reply, User);

    LpcpDestroyMessage(Reply, STATUS_SUCCESS);
    return Status;
}

/* The sender of the request whose header the program gives is asked.  STATUS_REPLY_MESSAGE_MISMATCH. */
static NTSTATUS LpcpAskBack(PLPC_PORT Port, const PORT_MESSAGE *User, const PORT_MESSAGE *Header, PLPC_MESSAGE *Reply)
{
    LPC_QUESTION Question;
    PLPC_MESSAGE Request;
    NTSTATUS Status = LpcpBuildQuestion(Port, User, Header, &Question);

    if (!NT_SUCCESS(Status))
        return Status;
    Request = LpcpFindMessage(Port, Header->MessageId);
    if (Request == NULL || !LpcpIsAwaited(Request)) {
        LpcpDropQuestion(&Question);
        return STATUS_REPLY_MESSAGE_MISMATCH;
    }
    return LpcpAsk(Request, &Question, FALSE, NULL, Reply);
}

NTSTATUS NTAPI NtRequestWaitReplyPort(HANDLE PortHandle, PPORT_MESSAGE RequestMessage, PPORT_MESSAGE ReplyMessage)
{
    PLPC_MESSAGE Message, Reply = NULL;
    PORT_MESSAGE Header;
    PLPC_PORT Port;
    USHORT Type;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCaptureHeader(Port, RequestMessage, &Header);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ReplyMessage, sizeof(*ReplyMessage), 1);
    if (NT_SUCCESS(Status))
        Status = LpcpCheckType(&Header, LPC_REQUEST, LPC_ERROR_EVENT, 0, &Type);
    if (NT_SUCCESS(Status) && Type == LPC_REQUEST) {
        Status = LpcpAskBack(Port, RequestMessage, &Header, &Reply);
    } else if (NT_SUCCESS(Status)) {
        if (Type != 0 && Type < LPC_PORT_CLOSED)
            Status = STATUS_INVALID_PARAMETER;
        if (NT_SUCCESS(Status))
            Status = LpcpBuild(Port, RequestMessage, &Header, Type == 0 ? LPC_REQUEST : Type, &Message);
        if (NT_SUCCESS(Status))
            Status = LpcpSendAndWait(Message, FALSE, NULL, &Reply);
    }
    if (Reply != NULL)
        Status = LpcpReturnReply(Reply, ReplyMessage);
    ObDereferenceObject(Port);
    return Status;
}

/* There is no message to answer: the thread is no longer there, or it does not wait. */
static NTSTATUS LpcpNoMessage(const PORT_MESSAGE *Header)
{
    PETHREAD Thread;
    NTSTATUS Status = PsLookupThreadByThreadId(Header->ClientId.UniqueThread, &Thread);

    if (!NT_SUCCESS(Status))
        return STATUS_INVALID_CID;
    ObDereferenceObject(Thread);
    return STATUS_REPLY_MESSAGE_MISMATCH;
}

static NTSTATUS LpcpReply(PLPC_PORT Port, const PORT_MESSAGE *User)
{
    PLPC_MESSAGE Message, Reply;
    PORT_MESSAGE Header;
    NTSTATUS Status = LpcpCaptureHeader(Port, User, &Header);

    if (NT_SUCCESS(Status))
        Status = LpcpCaptureMessage(Port, User, &Header, &Reply);
    if (!NT_SUCCESS(Status))
        return Status;
    Message = LpcpFindMessage(Port, Header.MessageId);
    if (Message == NULL || (Message->Synchronous && Message->Reply == NULL) ||
        Message->Header.u2.s2.Type == LPC_CONNECTION_REQUEST ||
        Message->Header.ClientId.UniqueThread != Header.ClientId.UniqueThread) {
        LpcpDestroyMessage(Reply, STATUS_SUCCESS);
        return LpcpNoMessage(&Header);
    }
    Reply->Header.u2.s2.Type = LPC_REPLY;
    Reply->Header.CallbackId = 0;
    LpcpAnswer(Message, Reply);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtReplyPort(HANDLE PortHandle, PPORT_MESSAGE ReplyMessage)
{
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpReply(Port, ReplyMessage);
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtReplyWaitReplyPort(HANDLE PortHandle, PPORT_MESSAGE ReplyMessage)
{
    PLPC_MESSAGE Message, Answer, Reply = NULL;
    PORT_MESSAGE Header;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCaptureHeader(Port, ReplyMessage, &Header);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ReplyMessage, sizeof(*ReplyMessage), 1);
    if (NT_SUCCESS(Status))
        Status = LpcpCaptureMessage(Port, ReplyMessage, &Header, &Answer);
    if (NT_SUCCESS(Status)) {
        Message = LpcpFindCallback(Header.MessageId, Header.CallbackId);
        if (Message == NULL) {
            LpcpDestroyMessage(Answer, STATUS_SUCCESS);
            Status = LpcpNoMessage(&Header);
        } else {
            Status = LpcpAnswerQuestion(Message, Answer, FALSE, NULL, &Reply);
        }
    }
    if (Reply != NULL)
        Status = LpcpReturnReply(Reply, ReplyMessage);
    ObDereferenceObject(Port);
    return Status;
}

/* Port's next message for the program. */
static NTSTATUS LpcpReceiveForUser(PLPC_PORT Port, PVOID *PortContext, PPORT_MESSAGE User, PLARGE_INTEGER Timeout)
{
    PLPC_MESSAGE Message;
    NTSTATUS Status = LpcpReceive(Port, FALSE, Timeout, &Message);

    if (Message == NULL)
        return Status;
    Status = LpcpCopyOut(Message, User);
    if (NT_SUCCESS(Status) && PortContext != NULL)
        Status = MmPutUser(PortContext, Message->Port->Kind == LpcConnectionPort ? NULL : Message->Port->Context);
    if (NT_SUCCESS(Status))
        LpcpFinishReceive(Message);
    else
        LpcpRequeue(Message);
    return Status;
}

NTSTATUS NTAPI NtReplyWaitReceivePortEx(HANDLE PortHandle, PVOID *PortContext, PPORT_MESSAGE ReplyMessage,
        PPORT_MESSAGE ReceiveMessage, PLARGE_INTEGER Timeout)
{
    LARGE_INTEGER Time;
    PLPC_PORT Port;
    NTSTATUS Status = MmProbeForWrite(ReceiveMessage, sizeof(*ReceiveMessage), 1);

    if (NT_SUCCESS(Status) && PortContext != NULL)
        Status = MmProbeForWrite(PortContext, sizeof(*PortContext), 1);
    if (NT_SUCCESS(Status) && Timeout != NULL)
        Status = MmGetUser(&Time, Timeout);
    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ReplyMessage != NULL)
        Status = LpcpReply(Port, ReplyMessage);
    if (NT_SUCCESS(Status))
        Status = LpcpReceiveForUser(Port, PortContext, ReceiveMessage, Timeout != NULL ? &Time : NULL);
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtReplyWaitReceivePort(HANDLE PortHandle, PVOID *PortContext, PPORT_MESSAGE ReplyMessage,
        PPORT_MESSAGE ReceiveMessage)
{
    return NtReplyWaitReceivePortEx(PortHandle, PortContext, ReplyMessage, ReceiveMessage, NULL);
}

NTSTATUS NTAPI NtListenPort(HANDLE PortHandle, PPORT_MESSAGE ConnectionRequest)
{
    PORT_MESSAGE Header;
    NTSTATUS Status;

    do {
        Status = NtReplyWaitReceivePort(PortHandle, NULL, NULL, ConnectionRequest);
        if (NT_SUCCESS(Status))
            Status = MmGetUser(&Header, ConnectionRequest);
    } while (NT_SUCCESS(Status) && LPC_TYPE(&Header) != LPC_CONNECTION_REQUEST);
    return Status;
}

/* ------------------------------------------------------------------ the sender's memory */

typedef struct _LPC_TRANSFER {
    PEPROCESS Sender;                   /* referenced */
    PORT_DATA_ENTRY Entry;
} LPC_TRANSFER;

/* The entry that the sender of a pending request named.  STATUS_REPLY_MESSAGE_MISMATCH, STATUS_INVALID_PARAMETER. */
static NTSTATUS LpcpFindDataEntry(HANDLE PortHandle, const PORT_MESSAGE *User, ULONG Index, SIZE_T Size,
        LPC_TRANSFER *Transfer)
{
    PORT_DATA_INFORMATION Information;
    PLPC_MESSAGE Message;
    PORT_MESSAGE Header;
    PLPC_PORT Port;
    PUCHAR Place;
    NTSTATUS Status = MmGetUser(&Header, User);

    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Message = LpcpFindMessage(Port, Header.MessageId);
    ObDereferenceObject(Port);
    if (Message == NULL || Message->Reply == NULL ||
        Message->Header.ClientId.UniqueThread != Header.ClientId.UniqueThread)
        return STATUS_REPLY_MESSAGE_MISMATCH;
    if (Message->Header.u2.s2.DataInfoOffset == 0)
        return STATUS_INVALID_PARAMETER;
    Place = &Message->Data[Message->Header.u2.s2.DataInfoOffset - sizeof(PORT_MESSAGE)];
    memcpy(&Information.CountDataEntries, Place, sizeof(ULONG));
    if (Index >= Information.CountDataEntries)
        return STATUS_INVALID_PARAMETER;
    memcpy(&Transfer->Entry, Place + FIELD_OFFSET(PORT_DATA_INFORMATION, DataEntries) + Index * sizeof(PORT_DATA_ENTRY),
           sizeof(Transfer->Entry));
    if (Size > Transfer->Entry.Size)
        return STATUS_INVALID_PARAMETER;
    Transfer->Sender = (PEPROCESS)Message->Sender->Tcb.OwningProcess;
    ObReferenceObject(Transfer->Sender);
    return STATUS_SUCCESS;
}

static NTSTATUS LpcpEndTransfer(LPC_TRANSFER *Transfer, NTSTATUS Status, SIZE_T Copied, PSIZE_T UserCount)
{
    ObDereferenceObject(Transfer->Sender);
    if (UserCount != NULL) {
        NTSTATUS WriteStatus = MmPutUser(UserCount, Copied);

        if (NT_SUCCESS(Status))
            Status = WriteStatus;
    }
    return Status;
}

NTSTATUS NTAPI NtReadRequestData(HANDLE PortHandle, PPORT_MESSAGE Message, ULONG DataEntryIndex, PVOID Buffer,
        SIZE_T BufferSize, PSIZE_T NumberOfBytesRead)
{
    LPC_TRANSFER Transfer;
    SIZE_T Copied = 0;
    NTSTATUS Status = LpcpFindDataEntry(PortHandle, Message, DataEntryIndex, BufferSize, &Transfer);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCopySpaceToSpace(&PsGetCurrentProcess()->Vm, Buffer, &Transfer.Sender->Vm, Transfer.Entry.Base,
                                BufferSize, &Copied);
    return LpcpEndTransfer(&Transfer, Status, Copied, NumberOfBytesRead);
}

NTSTATUS NTAPI NtWriteRequestData(HANDLE PortHandle, PPORT_MESSAGE Message, ULONG DataEntryIndex, PVOID Buffer,
        SIZE_T BufferSize, PSIZE_T NumberOfBytesWritten)
{
    LPC_TRANSFER Transfer;
    SIZE_T Copied = 0;
    NTSTATUS Status = LpcpFindDataEntry(PortHandle, Message, DataEntryIndex, BufferSize, &Transfer);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCopySpaceToSpace(&Transfer.Sender->Vm, Transfer.Entry.Base, &PsGetCurrentProcess()->Vm, Buffer,
                                BufferSize, &Copied);
    return LpcpEndTransfer(&Transfer, Status, Copied, NumberOfBytesWritten);
}

/* ------------------------------------------------------------------ questions */

NTSTATUS NTAPI NtImpersonateClientOfPort(HANDLE PortHandle, PPORT_MESSAGE Message)
{
    PORT_MESSAGE Header;
    PLPC_PORT Port;
    NTSTATUS Status = MmGetUser(&Header, Message);

    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, 1 << LpcConnectionPort | 1 << LpcServerPort, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpImpersonate(Port, &Header);
    ObDereferenceObject(Port);
    return Status;
}

/* No class has an answer, on Windows either. */
NTSTATUS NTAPI NtQueryInformationPort(HANDLE PortHandle, PORT_INFORMATION_CLASS PortInformationClass,
        PVOID PortInformation, ULONG Length, PULONG ReturnLength)
{
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    ObDereferenceObject(Port);
    return STATUS_INVALID_INFO_CLASS;
}
