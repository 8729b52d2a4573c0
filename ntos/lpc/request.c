/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests and answers, as both families of services use them.  Only the two functions that say so wait.
 */
#include "ntos/lpc/lpcp.h"

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

VOID LpcpCancel(PLPC_MESSAGE Message)
{
    LpcpDestroyMessage(Message, STATUS_REQUEST_CANCELED);
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

    Reply->Header.MessageId = Message->Header.MessageId;
    Reply->Header.ClientId = PsGetCurrentThread()->Cid;
    Message->Reply = NULL;
    if (Wait == NULL) {
        Reply->Port = Asker;
        ObReferenceObject(Asker);
    }
    LpcpDestroyMessage(Message, STATUS_SUCCESS);
    if (Wait != NULL)
        LpcpEndWait(Wait, Reply, STATUS_SUCCESS);
    else if (Asker->Closed)
        LpcpDestroyMessage(Reply, STATUS_PORT_DISCONNECTED);
    else
        LpcpDeliver(Reply);
}

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

NTSTATUS LpcpImpersonate(PLPC_PORT Port, const PORT_MESSAGE *Header)
{
    PLPC_MESSAGE Message = LpcpFindMessage(Port, Header->MessageId);
    PACCESS_TOKEN Token;
    SECURITY_IMPERSONATION_LEVEL Level;

    if (Message == NULL || Message->Header.ClientId.UniqueThread != Header->ClientId.UniqueThread)
        return STATUS_REPLY_MESSAGE_MISMATCH;
    Token = Message->Token != NULL ? Message->Token : Message->Source->Token;
    Level = Message->Token != NULL ? Message->Level : Message->Source->Level;
    return Token != NULL ? SeImpersonateClient(Token, Level) : STATUS_CANNOT_IMPERSONATE;
}
