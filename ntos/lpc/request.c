/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests and answers, as both families of services use them.  Only the functions that say so wait.
 *
 * A question back: the receiver of a request asks the thread that waits for its answer.  That thread's wait ends with the
 * question (its CallbackId is not 0); when it has answered it waits again for the answer to its own request.  One
 * question at a time; what is asked is answered by the same thread.
 */
#include "ntos/lpc/lpcp.h"

static ULONG LpcpLastCallbackId;

NTSTATUS LpcpTarget(PLPC_PORT Port, PLPC_PORT *Target)
{
    *Target = NULL;
    if (Port->Kind == LpcConnectionPort)
        return STATUS_LPC_INVALID_CONNECTION_USAGE;
    if (Port->Closed)
        return Port->EndStatus;
    if (Port->Peer == NULL || !Port->Connected)
        return STATUS_PORT_DISCONNECTED;
    *Target = Port->Peer;
    return STATUS_SUCCESS;
}

VOID LpcpAttachToken(PLPC_MESSAGE Message)
{
    PLPC_PORT Source = Message->Source;

    if (Source->Kind == LpcClientPort && Source->Qos.ContextTrackingMode == SECURITY_DYNAMIC_TRACKING)
        Message->Token = SeReferenceClient(&Source->Qos, &Message->Level);
}

VOID LpcpTurnCanceled(PLPC_MESSAGE Message)
{
    PLPC_WAIT Wait = Message->Reply;
    PLPC_MESSAGE Question = LpcpTakeCallback(Message);

    Message->Reply = NULL;
    Message->WantsReply = Message->Synchronous = FALSE;
    Message->Header.u2.s2.Type = LPC_CANCELED;
    Message->Header.u1.s1.DataLength = 0;
    Message->Header.u1.s1.TotalLength = sizeof(PORT_MESSAGE);
    Message->Header.u2.s2.DataInfoOffset = 0;
    LpcpReleaseCargo(Message);
    if (Question != NULL)
        LpcpDestroyMessage(Question, STATUS_REQUEST_CANCELED);
    if (Wait != NULL)
        LpcpEndWait(Wait, NULL, STATUS_REQUEST_CANCELED);
}

VOID LpcpCancel(PLPC_MESSAGE Message)
{
    if (Message->State != LpcMessagePending || Message->Port->Legacy || Message->Port->Closed) {
        LpcpDestroyMessage(Message, STATUS_REQUEST_CANCELED);
        return;
    }
    LpcpTurnCanceled(Message);
    LpcpUnlinkMessage(Message);
    LpcpDeliver(Message);
}

NTSTATUS LpcpWaitForReply(PLPC_MESSAGE Message, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Reply)
{
    LPC_WAIT Wait;
    NTSTATUS Status;

    LpcpInitializeWait(&Wait);
    Message->Reply = &Wait;
    Status = LpcpAwait(&Wait, WrLpcReply, Alertable, Timeout);
    if (KeReadStateEvent(&Wait.Event) == 0) {
        Message->Reply = NULL;
        LpcpCancel(Message);
    }
    *Reply = Wait.Message;
    return Status;
}

NTSTATUS LpcpSendAndWait(PLPC_MESSAGE Message, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Reply)
{
    Message->WantsReply = Message->Synchronous = TRUE;
    LpcpDeliver(Message);
    return LpcpWaitForReply(Message, Alertable, Timeout, Reply);
}

VOID LpcpAnswer(PLPC_MESSAGE Message, PLPC_MESSAGE Reply)
{
    PLPC_WAIT Wait = Message->Reply;
    PLPC_PORT Asker = Message->Source;
    BOOLEAN IsDatagram = Message->Header.u2.s2.Type == LPC_DATAGRAM;    /* kept for its handles: nobody asked */

    Reply->Header.MessageId = Message->Header.MessageId;
    Reply->Header.ClientId = PsGetCurrentThread()->Cid;
    Reply->ReceiverContext = Message->SenderContext;
    Message->Reply = NULL;
    if (Wait == NULL) {
        Reply->Port = Asker;
        ObReferenceObject(Asker);
    }
    LpcpDestroyMessage(Message, STATUS_SUCCESS);
    if (Wait != NULL)
        LpcpEndWait(Wait, Reply, STATUS_SUCCESS);
    else if (Asker->Closed || IsDatagram)
        LpcpDestroyMessage(Reply, STATUS_PORT_DISCONNECTED);
    else
        LpcpDeliver(Reply);
}

/* ------------------------------------------------------------------ questions back to the sender */

NTSTATUS LpcpBuildQuestion(PLPC_PORT Port, const PORT_MESSAGE *User, const PORT_MESSAGE *Header, PLPC_QUESTION Question)
{
    NTSTATUS Status = LpcpCaptureMessage(Port, User, Header, &Question->Text);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCreateMessage(Port, 0, &Question->Record);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(Question->Text, Status);
        return Status;
    }
    if (++LpcpLastCallbackId == 0)
        LpcpLastCallbackId = 1;
    Question->Text->Header.u2.s2.Type = LPC_REQUEST;
    Question->Text->Header.ClientId = PsGetCurrentThread()->Cid;
    Question->Text->Header.CallbackId = LpcpLastCallbackId;
    Question->Record->Header = Question->Text->Header;
    return STATUS_SUCCESS;
}

VOID LpcpDropQuestion(PLPC_QUESTION Question)
{
    LpcpDestroyMessage(Question->Text, STATUS_SUCCESS);
    LpcpDestroyMessage(Question->Record, STATUS_SUCCESS);
}

BOOLEAN LpcpIsAwaited(PLPC_MESSAGE Request)
{
    return Request->Synchronous && Request->Reply != NULL;
}

NTSTATUS LpcpAsk(PLPC_MESSAGE Request, PLPC_QUESTION Question, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PLPC_MESSAGE *Reply)
{
    PLPC_WAIT Asked = Request->Reply;
    LPC_WAIT Wait;
    NTSTATUS Status;

    LpcpInitializeWait(&Wait);
    Question->Record->Reply = &Wait;
    Question->Record->SenderContext = Question->Text->SenderContext;
    LpcpSetCallback(Request, Question->Record);
    Request->Reply = NULL;
    LpcpEndWait(Asked, Question->Text, STATUS_SUCCESS);
    Status = LpcpAwait(&Wait, WrLpcReply, Alertable, Timeout);
    if (KeReadStateEvent(&Wait.Event) == 0) {
        Question->Record->Reply = NULL;         /* Request is there as long as its question is */
        LpcpDestroyMessage(LpcpTakeCallback(Request), Status);
        Request->Synchronous = FALSE;           /* nobody waits for its answer: it comes to the sender's queue */
    }
    *Reply = Wait.Message;
    return Status;
}

NTSTATUS LpcpAnswerQuestion(PLPC_MESSAGE Request, PLPC_MESSAGE Answer, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PLPC_MESSAGE *Reply)
{
    Answer->Header.u2.s2.Type = LPC_REPLY;
    LpcpAnswer(LpcpTakeCallback(Request), Answer);
    return LpcpWaitForReply(Request, Alertable, Timeout, Reply);
}

/* ------------------------------------------------------------------ receiving */

NTSTATUS LpcpCopyOut(PLPC_MESSAGE Message, PPORT_MESSAGE User)
{
    NTSTATUS Status = MmCopyToUser(User, &Message->Header, sizeof(PORT_MESSAGE));

    return NT_SUCCESS(Status) ? MmCopyToUser(User + 1, Message->Data, Message->Header.u1.s1.DataLength) : Status;
}

VOID LpcpFinishReceive(PLPC_MESSAGE Message)
{
    if (Message->WantsReply && !Message->Port->Closed)
        LpcpSetPending(Message);
    else
        LpcpDestroyMessage(Message, STATUS_PORT_DISCONNECTED);
}

PACCESS_TOKEN LpcpTokenOf(PLPC_MESSAGE Message, SECURITY_IMPERSONATION_LEVEL *Level)
{
    *Level = Message->Token != NULL ? Message->Level : Message->Source->Level;
    return Message->Token != NULL ? Message->Token : Message->Source->Token;
}

NTSTATUS LpcpImpersonate(PLPC_PORT Port, const PORT_MESSAGE *Header)
{
    PLPC_MESSAGE Message = LpcpFindMessage(Port, Header->MessageId);
    SECURITY_IMPERSONATION_LEVEL Level;
    PACCESS_TOKEN Token;

    if (Message == NULL || Message->Header.ClientId.UniqueThread != Header->ClientId.UniqueThread)
        return STATUS_REPLY_MESSAGE_MISMATCH;
    Token = LpcpTokenOf(Message, &Level);
    return Token != NULL ? SeImpersonateClient(Token, Level) : STATUS_CANNOT_IMPERSONATE;
}
