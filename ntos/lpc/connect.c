/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Connections: the request, the answer, the two ends.  Both families of services use these steps:
 *
 *      client                              server
 *      LpcpCreateClientEnd, a message      receives LPC_CONNECTION_REQUEST
 *      waits                               LpcpJoin (or LpcpRefuse), LpcpComplete
 *
 * Only LpcpAwaitServer waits.
 */
#include "ntos/lpc/lpcp.h"

NTSTATUS LpcpCreateClientEnd(PLPC_PORT Connection, POBJECT_ATTRIBUTES ObjectAttributes, PLPC_PORT *Client)
{
    NTSTATUS Status;

    *Client = NULL;
    if (Connection->Kind != LpcConnectionPort)
        return STATUS_INVALID_PORT_HANDLE;
    if (Connection->Closed)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    Status = LpcpCreatePortObject(LpcClientPort, ObjectAttributes, Client);
    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Connection);
    (*Client)->Connection = Connection;
    (*Client)->MaxMessageLength = Connection->MaxMessageLength;
    (*Client)->MaxPoolUsage = Connection->MaxPoolUsage;
    return STATUS_SUCCESS;
}

NTSTATUS LpcpOpenServer(PUNICODE_STRING PortName, PLPC_PORT *Connection)
{
    UNICODE_STRING Name;
    NTSTATUS Status = MmCaptureUnicodeString(PortName, &Name);

    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByName(&Name, OBJ_CASE_INSENSITIVE, NULL, PORT_CONNECT, LpcPortObjectType, UserMode,
                                         NULL, (PVOID *)Connection);
    MmReleaseUnicodeString(&Name);
    return Status;
}

VOID LpcpSetSecurity(PLPC_PORT Client, const SECURITY_QUALITY_OF_SERVICE *Qos)
{
    Client->Qos = *Qos;
    if (Qos->ContextTrackingMode == SECURITY_STATIC_TRACKING)
        Client->Token = SeReferenceClient(Qos, &Client->Level);
}

NTSTATUS LpcpBuildConnectRequest(PLPC_PORT Client, const void *User, ULONG Length, PLPC_MESSAGE *Request)
{
    NTSTATUS Status = LpcpCreateMessage(Client, Length, Request);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCopyFromUser((*Request)->Data, User, Length);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(*Request, Status);
        return Status;
    }
    LpcpIdentifyMessage(*Request, Client->Connection, LPC_CONNECTION_REQUEST);
    LpcpAttachToken(*Request);
    (*Request)->WantsReply = TRUE;
    return STATUS_SUCCESS;
}

NTSTATUS LpcpAwaitServer(PLPC_PORT Client, PLPC_MESSAGE Request, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PLPC_MESSAGE *Reply)
{
    LPC_WAIT Wait;
    NTSTATUS Status;

    LpcpInitializeWait(&Wait);
    Request->Reply = &Wait;
    Request->Synchronous = TRUE;
    Client->ConnectMessage = Request;
    LpcpDeliver(Request);
    Status = LpcpAwait(&Wait, WrLpcReply, Alertable, Timeout);
    if (KeReadStateEvent(&Wait.Event) == 0) {
        Client->ConnectWait = NULL;
        if (Client->ConnectMessage != NULL)
            Client->ConnectMessage->Reply = NULL;
    }
    *Reply = Wait.Message;
    return Status;
}

VOID LpcpJoin(PLPC_MESSAGE Request, PLPC_PORT Server)
{
    PLPC_PORT Client = Request->Source;

    Server->Peer = Client;
    Client->Peer = Server;
    Client->ConnectMessage = NULL;
    Client->ConnectWait = Request->Reply;
    Request->Reply = NULL;
    Server->CloseMessage->Header.ClientId = Request->Header.ClientId;
    LpcpDestroyMessage(Request, STATUS_SUCCESS);
}

VOID LpcpComplete(PLPC_PORT Server, PLPC_MESSAGE Reply)
{
    PLPC_PORT Client = Server->Peer;

    Server->Connected = Client->Connected = TRUE;
    if (Client->ConnectWait != NULL) {
        LpcpEndWait(Client->ConnectWait, Reply, STATUS_SUCCESS);
        Client->ConnectWait = NULL;
        return;
    }
    Reply->Port = Client;
    ObReferenceObject(Client);
    LpcpDeliver(Reply);
}

VOID LpcpRefuse(PLPC_MESSAGE Request, PLPC_MESSAGE Reply)
{
    PLPC_WAIT Wait = Request->Reply;

    Request->Reply = NULL;
    LpcpDestroyMessage(Request, STATUS_PORT_CONNECTION_REFUSED);
    if (Wait != NULL)
        LpcpEndWait(Wait, Reply, STATUS_PORT_CONNECTION_REFUSED);
    else if (Reply != NULL)
        LpcpDestroyMessage(Reply, STATUS_PORT_CONNECTION_REFUSED);
}

NTSTATUS LpcpCheckServerSid(PLPC_PORT Connection, PSID UserSid)
{
    UCHAR Header[8];
    PSID Sid;
    NTSTATUS Status = MmCopyFromUser(Header, UserSid, sizeof(Header));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Header[0] != SID_REVISION || Header[1] > SID_MAX_SUB_AUTHORITIES)
        return STATUS_INVALID_SID;
    Status = MmCaptureBuffer(UserSid, RtlLengthRequiredSid(Header[1]), &Sid);
    if (!NT_SUCCESS(Status))
        return Status;
    if (((PUCHAR)Sid)[0] != Header[0] || ((PUCHAR)Sid)[1] != Header[1])
        Status = STATUS_INVALID_SID;
    else if (Connection->Process->Token == NULL || !RtlEqualSid(SeTokenUser(Connection->Process->Token), Sid))
        Status = STATUS_SERVER_SID_MISMATCH;
    ExFreePool(Sid);
    return Status;
}
