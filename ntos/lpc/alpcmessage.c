/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ALPC services for messages: NtAlpcSendWaitReceivePort, NtAlpcCancelMessage, NtAlpcQueryInformationMessage,
 * NtAlpcImpersonateClientOfPort, NtAlpcImpersonateClientContainerOfPort, NtRevertContainerImpersonation,
 * NtAlpcOpenSenderProcess, NtAlpcOpenSenderThread.
 *
 * A message that is sent with ALPC_MSGFLG_RELEASE_MESSAGE is a datagram; with ALPC_MSGFLG_SYNC_REQUEST the sender waits
 * for the answer; with neither the answer comes to the sender's queue.  A message with the id of one that was received
 * answers that; with ALPC_MSGFLG_SYNC_REQUEST it is a question back to its sender, which waits (request.c), or the sender's
 * answer to such a question (MessageId and CallbackId are the question's), after which it waits on.  What does not fit in
 * the receiver's buffer stays in the queue (STATUS_BUFFER_TOO_SMALL, and the length).  A new message with a reserve's id
 * is built in its memory, which is free again when the message has been answered.
 */
#include "ntos/lpc/lpcp.h"

#define LPC_MESSAGE_FLAGS \
    (ALPC_MSGFLG_REPLY_MESSAGE | ALPC_MSGFLG_LPC_MODE | ALPC_MSGFLG_RELEASE_MESSAGE | ALPC_MSGFLG_SYNC_REQUEST | \
     ALPC_MSGFLG_TRACK_PORT_REFERENCES | ALPC_MSGFLG_WAIT_USER_MODE | ALPC_MSGFLG_WAIT_ALERTABLE)

typedef struct _ALPC_CALL {
    PLPC_PORT Port;
    ULONG Flags;
    PPORT_MESSAGE Send, Receive;        /* user addresses */
    PALPC_MESSAGE_ATTRIBUTES SendAttributes, ReceiveAttributes;
    PSIZE_T UserLength;
    SIZE_T Length;                      /* of the receiver's buffer */
    PORT_MESSAGE Header;                /* of what is sent */
    LARGE_INTEGER Time;
    PLARGE_INTEGER Timeout;             /* &Time, or NULL */
} ALPC_CALL;

/* ------------------------------------------------------------------ sending */

/* It answers nothing: its id is 0, or a reserve's whose memory it takes. */
static BOOLEAN LpcpIsNew(const PORT_MESSAGE *Header)
{
    return Header->MessageId == 0 || Header->MessageId & LPC_RESERVE_TAG;
}

/* A sender that does not wait for the answer learns the message's id: that is how it knows the answer, or takes it back. */
static NTSTATUS LpcpBuildNew(ALPC_CALL *Call, PLPC_MESSAGE *Message)
{
    BOOLEAN TellsId = !(Call->Flags & (ALPC_MSGFLG_RELEASE_MESSAGE | ALPC_MSGFLG_SYNC_REQUEST));
    PLPC_PORT Target;
    NTSTATUS Status = LpcpTarget(Call->Port, &Target);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Call->Header.u1.s1.TotalLength > LpcpQueueOf(Target)->MaxMessageLength)
        return STATUS_PORT_MESSAGE_TOO_LONG;
    if (Call->Header.MessageId & LPC_RESERVE_TAG) {
        Status = LpcpCreateReservedMessage(Call->Port, Call->Header.MessageId, Call->Header.u1.s1.DataLength, Message);
        if (NT_SUCCESS(Status))
            Status = LpcpFillMessage(Call->Send, &Call->Header, Message);
    } else {
        Status = LpcpCaptureMessage(Call->Port, Call->Send, &Call->Header, Message);
    }
    if (!NT_SUCCESS(Status))
        return Status;
    LpcpIdentifyMessage(*Message, Target, Call->Flags & ALPC_MSGFLG_RELEASE_MESSAGE ? LPC_DATAGRAM : LPC_REQUEST);
    LpcpAttachToken(*Message);
    if (TellsId)
        Status = MmProbeForWrite(Call->Send, sizeof(*Call->Send), 1);
    if (NT_SUCCESS(Status))
        Status = LpcpAttach(Call->Port, Target, *Message, NULL, Call->SendAttributes);
    if (NT_SUCCESS(Status) && TellsId)
        Status = MmPutUser(&Call->Send->MessageId, (*Message)->Header.MessageId);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(*Message, Status);
        return Status;
    }
    (*Message)->WantsReply = !(Call->Flags & ALPC_MSGFLG_RELEASE_MESSAGE);
    return STATUS_SUCCESS;
}

/* Why there is nothing to answer. */
static NTSTATUS LpcpWhyNoMessage(PLPC_PORT Port, ULONG MessageId)
{
    PLPC_MESSAGE Message = LpcpFindAnyMessage(MessageId);

    if (Message != NULL && Message->Header.u2.s2.Type == LPC_CANCELED && LpcpQueueOf(Message->Port) == LpcpQueueOf(Port))
        return STATUS_REQUEST_CANCELED;
    return STATUS_MESSAGE_NOT_FOUND;
}

static NTSTATUS LpcpSendReply(ALPC_CALL *Call)
{
    PLPC_MESSAGE Message, Reply;
    NTSTATUS Status = LpcpCaptureMessage(Call->Port, Call->Send, &Call->Header, &Reply);

    if (!NT_SUCCESS(Status))
        return Status;
    Message = LpcpFindMessage(Call->Port, Call->Header.MessageId);
    if (Message == NULL)
        Status = LpcpWhyNoMessage(Call->Port, Call->Header.MessageId);
    else if (Message->Source->ConnectMessage == Message)
        Status = STATUS_LPC_INVALID_CONNECTION_USAGE;
    else if (Message->Synchronous && Message->Reply == NULL)
        Status = STATUS_REPLY_MESSAGE_MISMATCH;
    else if (Call->Header.u1.s1.TotalLength > LpcpQueueOf(Message->Source)->MaxMessageLength)
        Status = STATUS_PORT_MESSAGE_TOO_LONG;
    else
        Status = LpcpAttach(Call->Port, Message->Source, Reply, Message, Call->SendAttributes);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(Reply, Status);
        return Status;
    }
    Reply->Header.u2.s2.Type = LPC_REPLY;
    Reply->Header.CallbackId = 0;
    LpcpAnswer(Message, Reply);
    return STATUS_SUCCESS;
}

static NTSTATUS LpcpSend(ALPC_CALL *Call)
{
    PLPC_MESSAGE Message;
    NTSTATUS Status;

    if (!LpcpIsNew(&Call->Header))
        return LpcpSendReply(Call);
    if (Call->Flags & ALPC_MSGFLG_REPLY_MESSAGE)
        return STATUS_MESSAGE_NOT_FOUND;
    Status = LpcpBuildNew(Call, &Message);
    if (NT_SUCCESS(Status))
        LpcpDeliver(Message);
    return Status;
}

/* ------------------------------------------------------------------ receiving */

static BOOLEAN LpcpIsQuestion(PLPC_MESSAGE Message)
{
    return Message->Header.u2.s2.Type == LPC_REQUEST && Message->Header.CallbackId != 0;
}

/* Everything of a held message to the program; on an error nothing was handed over. */
static NTSTATUS LpcpHandOver(ALPC_CALL *Call, PLPC_MESSAGE Message)
{
    SIZE_T Length = sizeof(PORT_MESSAGE) + Message->Header.u1.s1.DataLength;
    USHORT Type = Message->Header.u2.s2.Type;
    NTSTATUS Status = Call->UserLength != NULL ? MmPutUser(Call->UserLength, Length) : STATUS_SUCCESS;

    if (NT_SUCCESS(Status) && Length > Call->Length)
        Status = STATUS_BUFFER_TOO_SMALL;
    if (!NT_SUCCESS(Status))
        return Status;
    if (Message->WantsReply || LpcpIsQuestion(Message))
        Message->Header.u2.s2.Type |= LPC_CONTINUATION_REQUIRED;
    Status = LpcpCopyOut(Message, Call->Receive);
    Message->Header.u2.s2.Type = Type;
    return NT_SUCCESS(Status) ? LpcpExpose(Message, Call->ReceiveAttributes) : Status;
}

/* A datagram whose handles the receiver asks for one by one stays until it is answered. */
static VOID LpcpKeepForHandles(PLPC_MESSAGE Message)
{
    if (Message->Cargo != NULL && Message->Cargo->HandleCount != 0 &&
        Message->Port->Flags & ALPC_PORFLG_ALLOW_INDIRECT_HANDLES)
        Message->WantsReply = TRUE;
}

static NTSTATUS LpcpReceiveNext(ALPC_CALL *Call)
{
    PLPC_MESSAGE Message;
    NTSTATUS Status = LpcpReceive(Call->Port, (Call->Flags & ALPC_MSGFLG_WAIT_ALERTABLE) != 0, Call->Timeout, &Message);

    if (Message == NULL)
        return Status;
    LpcpKeepForHandles(Message);
    Status = LpcpHandOver(Call, Message);
    if (NT_SUCCESS(Status))
        LpcpFinishReceive(Message);
    else
        LpcpRequeue(Message);
    return Status;
}

/* ------------------------------------------------------------------ synchronous requests */

/* The answer that the caller waited for, or a question back to it; gone then. */
static NTSTATUS LpcpReturnAnswer(ALPC_CALL *Call, PLPC_MESSAGE Reply)
{
    NTSTATUS Status;

    if (Reply->Port == NULL) {
        Reply->Port = Call->Port;
        ObReferenceObject(Call->Port);
    }
    Status = LpcpHandOver(Call, Reply);
    if (Status == STATUS_BUFFER_TOO_SMALL && !Call->Port->Closed)
        LpcpDeliver(Reply);             /* it can be received with a larger buffer */
    else
        LpcpDestroyMessage(Reply, Status);
    return Status;
}

/* The receiver of Request, which may be none, asks back. */
static NTSTATUS LpcpAskSender(ALPC_CALL *Call, PLPC_MESSAGE Request, PLPC_MESSAGE *Reply)
{
    LPC_QUESTION Question;
    NTSTATUS Status;

    if (Request == NULL)
        return LpcpWhyNoMessage(Call->Port, Call->Header.MessageId);
    if (Request->Source->ConnectMessage == Request)
        return STATUS_LPC_INVALID_CONNECTION_USAGE;
    if (!LpcpIsAwaited(Request))
        return STATUS_REPLY_MESSAGE_MISMATCH;
    if (Call->Header.u1.s1.TotalLength > LpcpQueueOf(Request->Source)->MaxMessageLength)
        return STATUS_PORT_MESSAGE_TOO_LONG;
    Status = LpcpBuildQuestion(Call->Port, Call->Send, &Call->Header, &Question);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpAttach(Call->Port, Request->Source, Question.Text, NULL, Call->SendAttributes);
    if (!NT_SUCCESS(Status)) {
        LpcpDropQuestion(&Question);
        return Status;
    }
    return LpcpAsk(Request, &Question, (Call->Flags & ALPC_MSGFLG_WAIT_ALERTABLE) != 0, Call->Timeout, Reply);
}

/* The sender of Request answers what it has been asked. */
static NTSTATUS LpcpAnswerReceiver(ALPC_CALL *Call, PLPC_MESSAGE Request, PLPC_MESSAGE *Reply)
{
    PLPC_PORT Asker = Request->Callback->Source;
    PLPC_MESSAGE Answer;
    NTSTATUS Status;

    if (Call->Header.u1.s1.TotalLength > LpcpQueueOf(Asker)->MaxMessageLength)
        return STATUS_PORT_MESSAGE_TOO_LONG;
    Status = LpcpCaptureMessage(Call->Port, Call->Send, &Call->Header, &Answer);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpAttach(Call->Port, Asker, Answer, Request->Callback, Call->SendAttributes);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(Answer, Status);
        return Status;
    }
    Answer->Header.CallbackId = 0;
    return LpcpAnswerQuestion(Request, Answer, (Call->Flags & ALPC_MSGFLG_WAIT_ALERTABLE) != 0, Call->Timeout, Reply);
}

static NTSTATUS LpcpSendNew(ALPC_CALL *Call, PLPC_MESSAGE *Reply)
{
    PLPC_MESSAGE Message;
    NTSTATUS Status;

    if (Call->Flags & ALPC_MSGFLG_REPLY_MESSAGE)
        return STATUS_MESSAGE_NOT_FOUND;
    Status = LpcpBuildNew(Call, &Message);
    if (!NT_SUCCESS(Status))
        return Status;
    return LpcpSendAndWait(Message, (Call->Flags & ALPC_MSGFLG_WAIT_ALERTABLE) != 0, Call->Timeout, Reply);
}

/* Sends, and waits for the answer to just that. */
static NTSTATUS LpcpRequest(ALPC_CALL *Call)
{
    ULONG MessageId = Call->Header.MessageId;
    PLPC_MESSAGE Asked, Reply = NULL;
    NTSTATUS Status;

    if (LpcpIsNew(&Call->Header))
        Status = LpcpSendNew(Call, &Reply);
    else if ((Asked = LpcpFindCallback(MessageId, Call->Header.CallbackId)) != NULL)
        Status = LpcpAnswerReceiver(Call, Asked, &Reply);
    else
        Status = LpcpAskSender(Call, LpcpFindMessage(Call->Port, MessageId), &Reply);
    return Reply != NULL ? LpcpReturnAnswer(Call, Reply) : Status;
}

/* ------------------------------------------------------------------ the service */

static NTSTATUS LpcpCaptureCall(ALPC_CALL *Call, PLARGE_INTEGER Timeout)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Call->Send != NULL)
        Status = LpcpCaptureHeader(Call->Port, Call->Send, &Call->Header);
    Call->Length = LPC_MAXIMUM_MESSAGE;
    if (NT_SUCCESS(Status) && Call->Receive != NULL) {
        Status = MmProbeForWrite(Call->Receive, sizeof(PORT_MESSAGE), 1);
        if (NT_SUCCESS(Status) && Call->UserLength != NULL)
            Status = MmGetUser(&Call->Length, Call->UserLength);
        if (NT_SUCCESS(Status) && Call->UserLength != NULL)
            Status = MmProbeForWrite(Call->UserLength, sizeof(SIZE_T), 1);
    }
    if (NT_SUCCESS(Status) && Timeout != NULL) {
        Status = MmGetUser(&Call->Time, Timeout);
        Call->Timeout = &Call->Time;
    }
    return Status;
}

static NTSTATUS LpcpCheckCall(const ALPC_CALL *Call)
{
    if (Call->Flags & ~LPC_MESSAGE_FLAGS || (Call->Send == NULL && Call->Receive == NULL))
        return STATUS_INVALID_PARAMETER;
    if (!(Call->Flags & ALPC_MSGFLG_SYNC_REQUEST))
        return STATUS_SUCCESS;
    if (Call->Send == NULL || Call->Flags & ALPC_MSGFLG_RELEASE_MESSAGE)
        return STATUS_INVALID_PARAMETER;
    return Call->Receive != NULL ? STATUS_SUCCESS : STATUS_LPC_RECEIVE_BUFFER_EXPECTED;
}

NTSTATUS NTAPI NtAlpcSendWaitReceivePort(HANDLE PortHandle, ULONG Flags, PPORT_MESSAGE SendMessage,
        PALPC_MESSAGE_ATTRIBUTES SendMessageAttributes, PPORT_MESSAGE ReceiveMessage, PSIZE_T BufferLength,
        PALPC_MESSAGE_ATTRIBUTES ReceiveMessageAttributes, PLARGE_INTEGER Timeout)
{
    ALPC_CALL Call = {
        .Flags = Flags, .Send = SendMessage, .Receive = ReceiveMessage, .SendAttributes = SendMessageAttributes,
        .ReceiveAttributes = ReceiveMessageAttributes, .UserLength = BufferLength,
    };
    NTSTATUS Status = LpcpCheckCall(&Call);

    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Call.Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCaptureCall(&Call, Timeout);
    if (NT_SUCCESS(Status) && Flags & ALPC_MSGFLG_SYNC_REQUEST) {
        Status = LpcpRequest(&Call);
    } else if (NT_SUCCESS(Status)) {
        if (SendMessage != NULL)
            Status = LpcpSend(&Call);
        if (NT_SUCCESS(Status) && ReceiveMessage != NULL)
            Status = LpcpReceiveNext(&Call);
    }
    ObDereferenceObject(Call.Port);
    return Status;
}

/* ------------------------------------------------------------------ cancelling */

/* The sender takes it back, or the receiver has done with it (STATUS_PENDING: the sender's wait ends). */
static NTSTATUS LpcpCancelFor(PLPC_PORT Port, ULONG Flags, const ALPC_CONTEXT_ATTR *Context)
{
    PLPC_MESSAGE Message = LpcpFindAnyMessage(Context->MessageId);
    BOOLEAN IsSender, IsReceiver;

    if (Message == NULL || Message->State == LpcMessageHeld || Message->Source->ConnectMessage == Message)
        return STATUS_MESSAGE_NOT_FOUND;
    IsSender = Message->Source == Port;
    IsReceiver = Message->State == LpcMessagePending && LpcpQueueOf(Message->Port) == LpcpQueueOf(Port);
    if (!IsSender && !IsReceiver)
        return STATUS_MESSAGE_NOT_FOUND;
    if (!(Flags & ALPC_CANCELFLG_NO_CONTEXT_CHECK) &&
        Context->MessageContext != (IsSender ? Message->SenderContext : Message->ReceiverContext))
        return STATUS_CONTEXT_MISMATCH;
    if (!IsSender) {
        BOOLEAN Waits = Message->Reply != NULL;

        LpcpDestroyMessage(Message, STATUS_MESSAGE_LOST);
        return Waits ? STATUS_PENDING : STATUS_SUCCESS;
    }
    if (Flags & ALPC_CANCELFLG_TRY_CANCEL && Message->State == LpcMessagePending)
        return STATUS_MESSAGE_RETRIEVED;
    else
        LpcpCancel(Message);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtAlpcCancelMessage(HANDLE PortHandle, ULONG Flags, PALPC_CONTEXT_ATTR MessageContext)
{
    ALPC_CONTEXT_ATTR Context;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags & ~(ALPC_CANCELFLG_TRY_CANCEL | ALPC_CANCELFLG_NO_CONTEXT_CHECK))
        return STATUS_INVALID_PARAMETER;
    Status = MmGetUser(&Context, MessageContext);
    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCancelFor(Port, Flags, &Context);
    ObDereferenceObject(Port);
    return Status;
}

/* ------------------------------------------------------------------ questions about a received message */

/* *Message is pending at *Port, which is referenced.  STATUS_MESSAGE_NOT_FOUND. */
static NTSTATUS LpcpReferenceMessage(HANDLE PortHandle, const PORT_MESSAGE *User, PLPC_PORT *Port, PLPC_MESSAGE *Message)
{
    PORT_MESSAGE Header;
    NTSTATUS Status = MmGetUser(&Header, User);

    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, Port);
    if (!NT_SUCCESS(Status))
        return Status;
    *Message = LpcpFindMessage(*Port, Header.MessageId);
    if (*Message != NULL)
        return STATUS_SUCCESS;
    ObDereferenceObject(*Port);
    return STATUS_MESSAGE_NOT_FOUND;
}

/* In: the index; out: that handle, made now if it is the first time. */
static NTSTATUS LpcpQueryHandle(PLPC_MESSAGE Message, PVOID User, ULONG Length, PULONG ReturnLength)
{
    ALPC_MESSAGE_HANDLE_INFORMATION Information;
    PLPC_CARGO Cargo = Message->Cargo;
    PLPC_PARCEL Parcel;
    NTSTATUS Status;

    if (Length < sizeof(Information))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Information, User, sizeof(Information));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Cargo == NULL || Information.Index >= Cargo->HandleCount)
        return STATUS_INVALID_PARAMETER;
    Parcel = &Cargo->Handles[Information.Index];
    Status = LpcpUnpack(Parcel);
    if (!NT_SUCCESS(Status))
        return Status;
    Information.Flags = 0;
    Information.Handle = (ULONG)(ULONG_PTR)Parcel->Handle;
    Information.ObjectType = Parcel->Type;
    Information.GrantedAccess = Parcel->Access;
    return LpcpReturn(&Information, sizeof(Information), User, Length, ReturnLength, STATUS_BUFFER_TOO_SMALL);
}

NTSTATUS NTAPI NtAlpcQueryInformationMessage(HANDLE PortHandle, PPORT_MESSAGE PortMessage,
        ALPC_MESSAGE_INFORMATION_CLASS MessageInformationClass, PVOID MessageInformation, ULONG Length,
        PULONG ReturnLength)
{
    SECURITY_IMPERSONATION_LEVEL Level;
    LUID TokenId, AuthenticationId, ModifiedId;
    PLPC_MESSAGE Message;
    PACCESS_TOKEN Token;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferenceMessage(PortHandle, PortMessage, &Port, &Message);

    if (!NT_SUCCESS(Status))
        return Status;
    Token = LpcpTokenOf(Message, &Level);
    switch (MessageInformationClass) {
    case AlpcMessageSidInformation:
        Status = Token == NULL ? STATUS_CANNOT_IMPERSONATE :
                 LpcpReturn(SeTokenUser(Token), RtlLengthSid(SeTokenUser(Token)), MessageInformation, Length, ReturnLength,
                            STATUS_BUFFER_TOO_SMALL);
        break;
    case AlpcMessageTokenModifiedIdInformation:
        if (Token != NULL)
            SeQueryTokenIds(Token, &TokenId, &AuthenticationId, &ModifiedId);
        Status = Token == NULL ? STATUS_CANNOT_IMPERSONATE :
                 LpcpReturn(&ModifiedId, sizeof(ModifiedId), MessageInformation, Length, ReturnLength,
                            STATUS_BUFFER_TOO_SMALL);
        break;
    case AlpcMessageHandleInformation:
        Status = LpcpQueryHandle(Message, MessageInformation, Length, ReturnLength);
        break;
    default:
        Status = STATUS_INVALID_INFO_CLASS;
    }
    ObDereferenceObject(Port);
    return Status;
}

/* Flags: 1 anonymous clients are allowed; 2 the level in the bits from 2 up is required. */
NTSTATUS NTAPI NtAlpcImpersonateClientOfPort(HANDLE PortHandle, PPORT_MESSAGE Message, PVOID Flags)
{
    ULONG_PTR Wish = (ULONG_PTR)Flags;
    SECURITY_IMPERSONATION_LEVEL Level;
    PLPC_MESSAGE Received;
    PACCESS_TOKEN Token;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferenceMessage(PortHandle, Message, &Port, &Received);

    if (!NT_SUCCESS(Status))
        return Status;
    Token = LpcpTokenOf(Received, &Level);
    if (Token == NULL)
        Status = STATUS_CANNOT_IMPERSONATE;
    else if (Wish & 2 && (ULONG_PTR)Level < Wish >> 2)
        Status = STATUS_BAD_IMPERSONATION_LEVEL;
    else
        Status = SeImpersonateClient(Token, Level);
    ObDereferenceObject(Port);
    return Status;
}

/* Every thread belongs to the host: there are no silos that it could act in. */
NTSTATUS NTAPI NtAlpcImpersonateClientContainerOfPort(HANDLE PortHandle, PPORT_MESSAGE Message, ULONG Flags)
{
    PLPC_MESSAGE Received;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = LpcpReferenceMessage(PortHandle, Message, &Port, &Received);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtRevertContainerImpersonation(VOID)
{
    return STATUS_SUCCESS;
}

static NTSTATUS LpcpOpenSender(PHANDLE UserHandle, HANDLE PortHandle, const PORT_MESSAGE *User, ULONG Flags,
        POBJECT_TYPE Type, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    OBJECT_ATTRIBUTES Attributes;
    PLPC_MESSAGE Message;
    HANDLE Handle = NULL;
    PLPC_PORT Port;
    PVOID Object;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmGetUser(&Attributes, ObjectAttributes);
    if (NT_SUCCESS(Status) && (Attributes.Length != sizeof(Attributes) || Attributes.ObjectName != NULL ||
                               Attributes.Attributes & ~OBJ_INHERIT))
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(UserHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status))
        Status = LpcpReferenceMessage(PortHandle, User, &Port, &Message);
    if (!NT_SUCCESS(Status))
        return Status;
    Object = Type == PsThreadType ? (PVOID)Message->Sender : (PVOID)Message->Sender->Tcb.OwningProcess;
    /* A thread is the message's as long as it waits for the answer. */
    if (Type == PsThreadType && !Message->Synchronous)
        Status = STATUS_ACCESS_DENIED;
    else
        Status = ObOpenObjectByPointer(Object, Attributes.Attributes, NULL, DesiredAccess, Type, UserMode, &Handle);
    ObDereferenceObject(Port);
    return ObReturnHandle(Status, Handle, UserHandle);
}

NTSTATUS NTAPI NtAlpcOpenSenderProcess(PHANDLE ProcessHandle, HANDLE PortHandle, PPORT_MESSAGE PortMessage, ULONG Flags,
        ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return LpcpOpenSender(ProcessHandle, PortHandle, PortMessage, Flags, PsProcessType, DesiredAccess, ObjectAttributes);
}

NTSTATUS NTAPI NtAlpcOpenSenderThread(PHANDLE ThreadHandle, HANDLE PortHandle, PPORT_MESSAGE PortMessage, ULONG Flags,
        ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return LpcpOpenSender(ThreadHandle, PortHandle, PortMessage, Flags, PsThreadType, DesiredAccess, ObjectAttributes);
}
