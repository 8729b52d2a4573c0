/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ALPC services for ports: NtAlpcCreatePort, NtAlpcConnectPort(Ex), NtAlpcAcceptConnectPort, NtAlpcDisconnectPort,
 * NtAlpcQueryInformation, NtAlpcSetInformation.
 *
 * A client that connects without ALPC_MSGFLG_SYNC_REQUEST has its port at once; the server's answer comes as a message
 * LPC_CONNECTION_REPLY, or the port ends with STATUS_PORT_CONNECTION_REFUSED.  Only a synchronous connect waits.
 */
#include "ntos/lpc/lpcp.h"
#include "ntos/inc/io.h"
#include "ntos/inc/log.h"

#define LPC_PORT_FLAGS 0x03FF0000u
#define LPC_CONNECT_FLAGS \
    (ALPC_MSGFLG_SYNC_REQUEST | ALPC_MSGFLG_WAIT_USER_MODE | ALPC_MSGFLG_WAIT_ALERTABLE | \
     ALPC_MSGFLG_TRACK_PORT_REFERENCES)

/* ------------------------------------------------------------------ attributes of ports */

static NTSTATUS LpcpCapturePortAttributes(const ALPC_PORT_ATTRIBUTES *User, PALPC_PORT_ATTRIBUTES Attributes)
{
    NTSTATUS Status;

    if (User == NULL) {
        *Attributes = (ALPC_PORT_ATTRIBUTES){ .MaxMessageLength = LPC_MAXIMUM_MESSAGE };
        return STATUS_SUCCESS;
    }
    Status = MmGetUser(Attributes, User);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Attributes->Flags & ~LPC_PORT_FLAGS || Attributes->MaxMessageLength < sizeof(PORT_MESSAGE) ||
        Attributes->MaxMessageLength > LPC_MAXIMUM_MESSAGE || Attributes->DupObjectTypes & ~ALPC_OBJECT_ALL)
        return STATUS_INVALID_PARAMETER;
    return (ULONG)Attributes->SecurityQos.ImpersonationLevel > SecurityDelegation ? STATUS_BAD_IMPERSONATION_LEVEL :
           STATUS_SUCCESS;
}

static VOID LpcpSetPortAttributes(PLPC_PORT Port, const ALPC_PORT_ATTRIBUTES *Attributes)
{
    Port->Flags = Attributes->Flags;
    Port->MaxMessageLength = (ULONG)Attributes->MaxMessageLength;
    Port->MaxPoolUsage = Attributes->MaxPoolUsage != 0 ? min(Attributes->MaxPoolUsage, LPC_MAXIMUM_USAGE) :
                         LPC_MAXIMUM_USAGE;
    Port->MaxSectionSize = Attributes->MaxSectionSize;
    Port->MaxViewSize = Attributes->MaxViewSize;
    Port->MaxTotalSectionSize = Attributes->MaxTotalSectionSize;
    Port->DupObjectTypes = Attributes->DupObjectTypes;
}

static VOID LpcpCopyPortAttributes(PLPC_PORT Port, PLPC_PORT From)
{
    Port->Flags = From->Flags & ~ALPC_PORFLG_WAITABLE_PORT;
    Port->MaxMessageLength = From->MaxMessageLength;
    Port->MaxPoolUsage = From->MaxPoolUsage;
    Port->MaxSectionSize = From->MaxSectionSize;
    Port->MaxViewSize = From->MaxViewSize;
    Port->MaxTotalSectionSize = From->MaxTotalSectionSize;
    Port->DupObjectTypes = From->DupObjectTypes;
}

NTSTATUS NTAPI NtAlpcCreatePort(PHANDLE PortHandle, POBJECT_ATTRIBUTES ObjectAttributes,
        PALPC_PORT_ATTRIBUTES PortAttributes)
{
    ALPC_PORT_ATTRIBUTES Attributes;
    HANDLE Handle = NULL;
    PLPC_PORT Port;
    NTSTATUS Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);

    if (NT_SUCCESS(Status))
        Status = LpcpCapturePortAttributes(PortAttributes, &Attributes);
    if (NT_SUCCESS(Status))
        Status = LpcpCreatePortObject(LpcConnectionPort, ObjectAttributes, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    LpcpSetPortAttributes(Port, &Attributes);
    Port->MaxConnectionInfo = Port->MaxMessageLength - sizeof(PORT_MESSAGE);
    if (Port->Flags & ALPC_PORFLG_WAITABLE_PORT)
        KeClearEvent(&Port->Available);
    Status = ObInsertObject(Port, NULL, PORT_ALL_ACCESS, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, PortHandle);
}

NTSTATUS NTAPI NtAlpcDisconnectPort(HANDLE PortHandle, ULONG Flags)
{
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags & ~1u)                    /* 1: no callbacks of the port are waited for; there are none */
        return STATUS_INVALID_PARAMETER;
    Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    LpcpClosePort(Port);
    ObDereferenceObject(Port);
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ the client's side */

typedef struct _ALPC_CONNECT {
    ULONG Flags;
    PPORT_MESSAGE Message;              /* user addresses */
    PALPC_MESSAGE_ATTRIBUTES OutAttributes, InAttributes;
    PVOID UserLength;
    ULONG LengthSize;                   /* bytes at UserLength: 4 or 8, 0 = there is none */
    SIZE_T Length;
    PORT_MESSAGE Header;
    ALPC_PORT_ATTRIBUTES Attributes;
    LARGE_INTEGER Time;
    BOOLEAN HasTime;
} ALPC_CONNECT;

static NTSTATUS LpcpCaptureAlpcConnect(ALPC_CONNECT *Connect, PALPC_PORT_ATTRIBUTES PortAttributes,
        PLARGE_INTEGER Timeout)
{
    NTSTATUS Status = LpcpCapturePortAttributes(PortAttributes, &Connect->Attributes);

    if (Connect->Flags & ~LPC_CONNECT_FLAGS)
        return STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status) && Connect->Message != NULL)
        Status = MmGetUser(&Connect->Header, Connect->Message);
    if (NT_SUCCESS(Status) && Connect->Message != NULL &&
        sizeof(PORT_MESSAGE) + Connect->Header.u1.s1.DataLength > Connect->Header.u1.s1.TotalLength)
        Status = STATUS_INVALID_PARAMETER;
    Connect->Length = Connect->Header.u1.s1.TotalLength;
    if (NT_SUCCESS(Status) && Connect->UserLength != NULL) {
        Connect->Length = 0;
        Status = MmCopyFromUser(&Connect->Length, Connect->UserLength, Connect->LengthSize);
        if (NT_SUCCESS(Status))
            Status = MmProbeForWrite(Connect->UserLength, Connect->LengthSize, 1);
    }
    if (NT_SUCCESS(Status) && Timeout != NULL) {
        Status = MmGetUser(&Connect->Time, Timeout);
        Connect->HasTime = TRUE;
    }
    return Status;
}

/* The server's answer for the caller; it is gone then. */
static NTSTATUS LpcpReturnAnswer(PLPC_PORT Client, const ALPC_CONNECT *Connect, PLPC_MESSAGE Reply)
{
    SIZE_T Length = sizeof(PORT_MESSAGE) + Reply->Header.u1.s1.DataLength;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Reply->Port == NULL) {
        Reply->Port = Client;
        ObReferenceObject(Client);
    }
    if (Connect->UserLength != NULL)
        Status = MmCopyToUser(Connect->UserLength, &Length, Connect->LengthSize);
    if (NT_SUCCESS(Status) && Connect->Message != NULL)
        Status = Length <= Connect->Length ? LpcpCopyOut(Reply, Connect->Message) : STATUS_BUFFER_TOO_SMALL;
    if (NT_SUCCESS(Status))
        Status = LpcpExpose(Reply, Connect->InAttributes);
    LpcpDestroyMessage(Reply, Status);
    return Status;
}

static NTSTATUS LpcpConnectSynchronously(PLPC_PORT Client, ALPC_CONNECT *Connect, PLPC_MESSAGE Request)
{
    PLPC_MESSAGE Reply;
    NTSTATUS Status = LpcpAwaitServer(Client, Request, (Connect->Flags & ALPC_MSGFLG_WAIT_ALERTABLE) != 0,
                                      Connect->HasTime ? &Connect->Time : NULL, &Reply);
    NTSTATUS AnswerStatus;

    if (Reply == NULL)
        return Status;
    AnswerStatus = LpcpReturnAnswer(Client, Connect, Reply);
    return NT_SUCCESS(Status) ? AnswerStatus : Status;
}

/* Client is a new end; after a failure it must be closed. */
static NTSTATUS LpcpAlpcConnect(PLPC_PORT Client, ALPC_CONNECT *Connect)
{
    PLPC_MESSAGE Request;
    NTSTATUS Status;

    LpcpSetPortAttributes(Client, &Connect->Attributes);
    LpcpSetSecurity(Client, &Connect->Attributes.SecurityQos);
    if (Client->Flags & ALPC_PORFLG_WAITABLE_PORT)
        KeClearEvent(&Client->Available);
    if (sizeof(PORT_MESSAGE) + Connect->Header.u1.s1.DataLength > Client->Connection->MaxMessageLength)
        return STATUS_PORT_MESSAGE_TOO_LONG;
    Status = LpcpBuildConnectRequest(Client, Connect->Message + 1, Connect->Header.u1.s1.DataLength, &Request);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpAttach(Client, Client->Connection, Request, NULL, Connect->OutAttributes);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(Request, Status);
        return Status;
    }
    if (Connect->Flags & ALPC_MSGFLG_SYNC_REQUEST)
        return LpcpConnectSynchronously(Client, Connect, Request);
    Client->ConnectMessage = Request;
    LpcpDeliver(Request);
    return STATUS_SUCCESS;
}

/* A handle for a new end.  One that has its name already (OBJ_OPENIF) is no end of this connection: STATUS_OBJECT_NAME_COLLISION. */
static NTSTATUS LpcpInsertEnd(PLPC_PORT End, PHANDLE Handle)
{
    NTSTATUS Status = ObInsertObject(End, NULL, PORT_ALL_ACCESS, 0, NULL, Handle);

    if (Status != STATUS_OBJECT_NAME_EXISTS)
        return Status;
    ObCloseHandle(*Handle, KernelMode);
    *Handle = NULL;
    return STATUS_OBJECT_NAME_COLLISION;
}

static NTSTATUS LpcpConnectTo(PLPC_PORT Connection, PHANDLE PortHandle, POBJECT_ATTRIBUTES ObjectAttributes,
        ALPC_CONNECT *Connect)
{
    PLPC_PORT Client;
    HANDLE Handle = NULL;
    NTSTATUS Status = LpcpCreateClientEnd(Connection, ObjectAttributes, &Client);

    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Client);
    Status = LpcpAlpcConnect(Client, Connect);
    if (Status == STATUS_SUCCESS) {     /* a timeout is a success status, but no connection */
        Status = LpcpInsertEnd(Client, &Handle);
        Status = ObReturnHandle(Status, Handle, PortHandle);
    } else {
        ObDereferenceObject(Client);
    }
    if (Status != STATUS_SUCCESS)
        LpcpClosePort(Client);
    ObDereferenceObject(Client);
    return Status;
}

NTSTATUS NTAPI NtAlpcConnectPort(PHANDLE PortHandle, PUNICODE_STRING PortName, POBJECT_ATTRIBUTES ObjectAttributes,
        PALPC_PORT_ATTRIBUTES PortAttributes, ULONG Flags, PSID RequiredServerSid, PPORT_MESSAGE ConnectionMessage,
        PULONG BufferLength, PALPC_MESSAGE_ATTRIBUTES OutMessageAttributes,
        PALPC_MESSAGE_ATTRIBUTES InMessageAttributes, PLARGE_INTEGER Timeout)
{
    ALPC_CONNECT Connect = {
        .Flags = Flags, .Message = ConnectionMessage, .OutAttributes = OutMessageAttributes,
        .InAttributes = InMessageAttributes, .UserLength = BufferLength, .LengthSize = sizeof(ULONG),
    };
    PLPC_PORT Connection;
    NTSTATUS Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);

    if (NT_SUCCESS(Status))
        Status = LpcpCaptureAlpcConnect(&Connect, PortAttributes, Timeout);
    if (NT_SUCCESS(Status))
        Status = LpcpOpenServer(PortName, &Connection);
    if (!NT_SUCCESS(Status))
        return Status;
    if (RequiredServerSid != NULL)
        Status = LpcpCheckServerSid(Connection, RequiredServerSid);
    if (NT_SUCCESS(Status))
        Status = LpcpConnectTo(Connection, PortHandle, ObjectAttributes, &Connect);
    ObDereferenceObject(Connection);
    return Status;
}

/* ServerSecurityRequirements: the server's user must be granted PORT_CONNECT by it. */
static NTSTATUS LpcpCheckServerRights(PLPC_PORT Connection, PSECURITY_DESCRIPTOR User)
{
    SECURITY_SUBJECT_CONTEXT Server = { .PrimaryToken = Connection->Process->Token };
    GENERIC_MAPPING Mapping = OBJECT_TO_OBJECT_HEADER(Connection)->Type->TypeInfo.GenericMapping;
    PSECURITY_DESCRIPTOR Descriptor;
    ACCESS_MASK Granted;
    NTSTATUS Status = SeCaptureSecurityDescriptor(User, UserMode, &Descriptor);

    if (!NT_SUCCESS(Status) || Descriptor == NULL)
        return Status;
    if (Server.PrimaryToken == NULL ||
        !SeAccessCheck(Descriptor, &Server, FALSE, PORT_CONNECT, 0, NULL, &Mapping, UserMode, &Granted, &Status))
        Status = STATUS_SERVER_SID_MISMATCH;
    SeReleaseSecurityDescriptor(Descriptor);
    return Status;
}

NTSTATUS NTAPI NtAlpcConnectPortEx(PHANDLE PortHandle, POBJECT_ATTRIBUTES ConnectionPortObjectAttributes,
        POBJECT_ATTRIBUTES ClientPortObjectAttributes, PALPC_PORT_ATTRIBUTES PortAttributes, ULONG Flags,
        PSECURITY_DESCRIPTOR ServerSecurityRequirements, PPORT_MESSAGE ConnectionMessage, PSIZE_T BufferLength,
        PALPC_MESSAGE_ATTRIBUTES OutMessageAttributes, PALPC_MESSAGE_ATTRIBUTES InMessageAttributes,
        PLARGE_INTEGER Timeout)
{
    ALPC_CONNECT Connect = {
        .Flags = Flags, .Message = ConnectionMessage, .OutAttributes = OutMessageAttributes,
        .InAttributes = InMessageAttributes, .UserLength = BufferLength, .LengthSize = sizeof(SIZE_T),
    };
    PLPC_PORT Connection;
    HANDLE Handle = NULL;
    NTSTATUS Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);

    if (NT_SUCCESS(Status))
        Status = LpcpCaptureAlpcConnect(&Connect, PortAttributes, Timeout);
    /* A handle for a moment: only ob looks up a name below a root directory. */
    if (NT_SUCCESS(Status))
        Status = ObOpenObjectByName(ConnectionPortObjectAttributes, LpcPortObjectType, UserMode, NULL, PORT_CONNECT, NULL,
                                    &Handle);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpReferencePort(Handle, LPC_ANY_PORT, &Connection);
    ObCloseHandle(Handle, KernelMode);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ServerSecurityRequirements != NULL)
        Status = LpcpCheckServerRights(Connection, ServerSecurityRequirements);
    if (NT_SUCCESS(Status))
        Status = LpcpConnectTo(Connection, PortHandle, ClientPortObjectAttributes, &Connect);
    ObDereferenceObject(Connection);
    return Status;
}

/* ------------------------------------------------------------------ the server's side */

typedef struct _ALPC_ACCEPT {
    PPORT_MESSAGE User;                 /* user addresses */
    PALPC_MESSAGE_ATTRIBUTES UserAttributes;
    POBJECT_ATTRIBUTES ObjectAttributes;
    BOOLEAN HasAttributes;
    ALPC_PORT_ATTRIBUTES Attributes;
    PORT_MESSAGE Header;
} ALPC_ACCEPT;

static PLPC_MESSAGE LpcpFindRequest(PLPC_PORT Connection, ULONG MessageId)
{
    PLPC_MESSAGE Request = LpcpLookupConnectRequest(MessageId);

    return Request != NULL && Request->Port == Connection ? Request : NULL;
}

/* The answer's bytes and attributes, from Payer to the client of Request. */
static NTSTATUS LpcpBuildAlpcAnswer(PLPC_PORT Payer, const ALPC_ACCEPT *Accept, PLPC_MESSAGE Request,
        PLPC_MESSAGE *Reply)
{
    NTSTATUS Status = LpcpCaptureMessage(Payer, Accept->User, &Accept->Header, Reply);

    if (!NT_SUCCESS(Status))
        return Status;
    (*Reply)->Header.u2.s2.Type = LPC_CONNECTION_REPLY;
    (*Reply)->Header.ClientId = PsGetCurrentThread()->Cid;
    (*Reply)->Header.CallbackId = 0;
    (*Reply)->ReceiverContext = Request->SenderContext;
    Status = LpcpAttach(Payer, Request->Source, *Reply, Request, Accept->UserAttributes);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(*Reply, Status);
        *Reply = NULL;
    }
    return Status;
}

static NTSTATUS LpcpAlpcRefuse(PLPC_PORT Connection, const ALPC_ACCEPT *Accept)
{
    PLPC_MESSAGE Request = LpcpFindRequest(Connection, Accept->Header.MessageId), Reply;
    NTSTATUS Status;

    if (Request == NULL)
        return STATUS_MESSAGE_NOT_FOUND;
    Status = LpcpBuildAlpcAnswer(Connection, Accept, Request, &Reply);
    if (NT_SUCCESS(Status))
        LpcpRefuse(Request, Reply);
    return Status;
}

/* A server end with everything that the connection needs; referenced result. */
static NTSTATUS LpcpCreateAlpcEnd(PLPC_PORT Connection, const ALPC_ACCEPT *Accept, PLPC_MESSAGE Request, PVOID Context,
        PLPC_PORT *Server)
{
    NTSTATUS Status = LpcpCreatePortObject(LpcServerPort, Accept->ObjectAttributes, Server);

    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Connection);
    (*Server)->Connection = Connection;
    (*Server)->Context = Context;
    if (Accept->HasAttributes)
        LpcpSetPortAttributes(*Server, &Accept->Attributes);
    else
        LpcpCopyPortAttributes(*Server, Connection);
    Status = LpcpPrepareCloseMessage(*Server);
    if (NT_SUCCESS(Status))
        Status = LpcpBuildAlpcAnswer(*Server, Accept, Request, &(*Server)->ConnectReply);
    if (!NT_SUCCESS(Status)) {
        LpcpClosePort(*Server);
        ObDereferenceObject(*Server);
    }
    return Status;
}

static NTSTATUS LpcpAlpcAccept(PLPC_PORT Connection, const ALPC_ACCEPT *Accept, PHANDLE PortHandle, PVOID Context)
{
    PLPC_MESSAGE Request = LpcpFindRequest(Connection, Accept->Header.MessageId), Reply;
    HANDLE Handle = NULL;
    PLPC_PORT Server;
    NTSTATUS Status;

    if (Request == NULL)
        return STATUS_MESSAGE_NOT_FOUND;
    Status = LpcpCreateAlpcEnd(Connection, Accept, Request, Context, &Server);
    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Server);
    Status = LpcpInsertEnd(Server, &Handle);
    Status = ObReturnHandle(Status, Handle, PortHandle);
    if (NT_SUCCESS(Status)) {
        Reply = Server->ConnectReply;
        Server->ConnectReply = NULL;
        Reply->Header.MessageId = Request->Header.MessageId;
        LpcpJoin(Request, Server);
        LpcpComplete(Server, Reply);
    } else {
        LpcpClosePort(Server);
    }
    ObDereferenceObject(Server);
    return Status;
}

NTSTATUS NTAPI NtAlpcAcceptConnectPort(PHANDLE PortHandle, HANDLE ConnectionPortHandle, ULONG Flags,
        POBJECT_ATTRIBUTES ObjectAttributes, PALPC_PORT_ATTRIBUTES PortAttributes, PVOID PortContext,
        PPORT_MESSAGE ConnectionRequest, PALPC_MESSAGE_ATTRIBUTES ConnectionMessageAttributes,
        BOOLEAN AcceptConnection)
{
    ALPC_ACCEPT Accept = {
        .User = ConnectionRequest, .UserAttributes = ConnectionMessageAttributes, .ObjectAttributes = ObjectAttributes,
        .HasAttributes = PortAttributes != NULL,
    };
    PLPC_PORT Connection;
    NTSTATUS Status;

    if (Flags & ~LPC_CONNECT_FLAGS)
        return STATUS_INVALID_PARAMETER;
    Status = LpcpCapturePortAttributes(PortAttributes, &Accept.Attributes);
    if (NT_SUCCESS(Status) && AcceptConnection)
        Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);
    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(ConnectionPortHandle, 1 << LpcConnectionPort, &Connection);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCaptureHeader(Connection, ConnectionRequest, &Accept.Header);
    if (NT_SUCCESS(Status))
        Status = AcceptConnection ? LpcpAlpcAccept(Connection, &Accept, PortHandle, PortContext) :
                 LpcpAlpcRefuse(Connection, &Accept);
    ObDereferenceObject(Connection);
    return Status;
}

/* ------------------------------------------------------------------ information */

static NTSTATUS LpcpReturnPeerSid(PLPC_PORT Port, PVOID User, ULONG Length, PULONG ReturnLength)
{
    PACCESS_TOKEN Token;
    PSID Sid;

    if (Port->Kind == LpcConnectionPort)
        return STATUS_INVALID_PARAMETER;
    if (Port->Peer == NULL)
        return STATUS_PORT_DISCONNECTED;
    Token = Port->Peer->Process->Token;
    if (Token == NULL)
        return STATUS_PROCESS_IS_TERMINATING;
    Sid = SeTokenUser(Token);
    return LpcpReturn(Sid, RtlLengthSid(Sid), User, Length, ReturnLength, STATUS_INFO_LENGTH_MISMATCH);
}

/* PARTIAL: AlpcServerInformation and AlpcServerSessionInformation. */
NTSTATUS NTAPI NtAlpcQueryInformation(HANDLE PortHandle, ALPC_PORT_INFORMATION_CLASS PortInformationClass,
        PVOID PortInformation, ULONG Length, PULONG ReturnLength)
{
    ALPC_BASIC_INFORMATION Basic;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    switch (PortInformationClass) {
    case AlpcBasicInformation:
        Basic = (ALPC_BASIC_INFORMATION){ Port->Flags, Port->SequenceNo, Port->Context };
        Status = LpcpReturn(&Basic, sizeof(Basic), PortInformation, Length, ReturnLength, STATUS_INFO_LENGTH_MISMATCH);
        break;
    case AlpcConnectedSIDInformation:
        Status = LpcpReturnPeerSid(Port, PortInformation, Length, ReturnLength);
        break;
    default:
        Status = STATUS_INVALID_INFO_CLASS;
    }
    ObDereferenceObject(Port);
    return Status;
}

/* From now on a packet at the completion port tells of each message that nobody waits for; also of those that are there. */
static NTSTATUS LpcpSetCompletionPort(PLPC_PORT Port, PVOID User)
{
    PLPC_PORT Queue = LpcpQueueOf(Port);
    ALPC_PORT_ASSOCIATE_COMPLETION_PORT Information;
    PVOID Completion;
    NTSTATUS Status = MmCopyFromUser(&Information, User, sizeof(Information));

    if (NT_SUCCESS(Status) && Queue->CompletionPort != NULL)
        Status = STATUS_PORT_ALREADY_SET;
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(Information.CompletionPort, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType,
                                           UserMode, &Completion, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    for (PLIST_ENTRY Link = Queue->Queue.Flink; NT_SUCCESS(Status) && Link != &Queue->Queue; Link = Link->Flink)
        Status = IoSetIoCompletion(Completion, Information.CompletionKey, NULL, STATUS_SUCCESS, 0);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Completion);
        return Status;
    }
    Queue->CompletionPort = Completion;
    Queue->CompletionKey = Information.CompletionKey;
    if (LpcpHasListed(Queue))
        LpcpNotify(Queue);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtAlpcSetInformation(HANDLE PortHandle, ALPC_PORT_INFORMATION_CLASS PortInformationClass,
        PVOID PortInformation, ULONG Length)
{
    ALPC_PORT_ATTRIBUTES Attributes;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    switch (PortInformationClass) {
    case AlpcPortInformation:
        Status = Length == sizeof(Attributes) ? LpcpCapturePortAttributes(PortInformation, &Attributes) :
                 STATUS_INFO_LENGTH_MISMATCH;
        if (NT_SUCCESS(Status) && PortInformation == NULL)
            Status = STATUS_ACCESS_VIOLATION;
        if (NT_SUCCESS(Status) && (Attributes.Flags ^ Port->Flags) & ALPC_PORFLG_WAITABLE_PORT)
            Status = STATUS_INVALID_PARAMETER;
        if (NT_SUCCESS(Status))
            LpcpSetPortAttributes(Port, &Attributes);
        break;
    case AlpcAssociateCompletionPortInformation:
        Status = Length == sizeof(ALPC_PORT_ASSOCIATE_COMPLETION_PORT) ? LpcpSetCompletionPort(Port, PortInformation) :
                 STATUS_INFO_LENGTH_MISMATCH;
        break;
    case AlpcRegisterCompletionListInformation:
        Status = Length == sizeof(ALPC_PORT_COMPLETION_LIST_INFORMATION) ? LpcpRegisterList(Port, PortInformation) :
                 STATUS_INFO_LENGTH_MISMATCH;
        break;
    case AlpcAdjustCompletionListConcurrencyCountInformation:
        Status = Length == sizeof(ULONG) ? LpcpAdjustList(Port, PortInformation) : STATUS_INFO_LENGTH_MISMATCH;
        break;
    case AlpcUnregisterCompletionListInformation:
    case AlpcCompletionListRundownInformation:
        Status = Length == 0 ? LpcpUnregisterList(Port, PortInformationClass == AlpcUnregisterCompletionListInformation) :
                 STATUS_INFO_LENGTH_MISMATCH;
        break;
    default:
        Status = STATUS_INVALID_INFO_CLASS;
    }
    ObDereferenceObject(Port);
    return Status;
}
