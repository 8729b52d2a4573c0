/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The LPC services for connections: NtCreatePort, NtCreateWaitablePort, NtConnectPort, NtSecureConnectPort,
 * NtAcceptConnectPort, NtCompleteConnectPort.
 *
 * Each side may give one section.  The client's is mapped in its own process by NtConnectPort and in the server's by
 * NtAcceptConnectPort; the server's in both by NtAcceptConnectPort.  The views go with the ports.
 * NtConnectPort waits until the server has accepted and completed, or refused; nothing else here waits.
 */
#include "ntos/lpc/lpcp.h"

static NTSTATUS LpcpCreateConnectionPort(PHANDLE PortHandle, POBJECT_ATTRIBUTES ObjectAttributes,
        ULONG MaxConnectionInfoLength, ULONG MaxMessageLength, ULONG MaxPoolUsage, ULONG Flags)
{
    HANDLE Handle = NULL;
    PLPC_PORT Port;
    NTSTATUS Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);

    if (!NT_SUCCESS(Status))
        return Status;
    if (MaxMessageLength > LPC_MAXIMUM_MESSAGE)
        return STATUS_INVALID_PARAMETER_4;
    if (MaxConnectionInfoLength > LPC_MAXIMUM_MESSAGE - sizeof(PORT_MESSAGE))
        return STATUS_INVALID_PARAMETER_3;
    Status = LpcpCreatePortObject(LpcConnectionPort, ObjectAttributes, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Port->Legacy = TRUE;
    Port->Flags = Flags;
    Port->MaxMessageLength = MaxMessageLength;
    Port->MaxConnectionInfo = MaxConnectionInfoLength;
    if (MaxPoolUsage != 0 && MaxPoolUsage < LPC_MAXIMUM_USAGE)
        Port->MaxPoolUsage = MaxPoolUsage;
    if (Flags & ALPC_PORFLG_WAITABLE_PORT)
        KeClearEvent(&Port->Available);
    Status = ObInsertObject(Port, NULL, PORT_ALL_ACCESS, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, PortHandle);
}

NTSTATUS NTAPI NtCreatePort(PHANDLE PortHandle, POBJECT_ATTRIBUTES ObjectAttributes, ULONG MaxConnectionInfoLength,
        ULONG MaxMessageLength, ULONG MaxPoolUsage)
{
    return LpcpCreateConnectionPort(PortHandle, ObjectAttributes, MaxConnectionInfoLength, MaxMessageLength,
                                    MaxPoolUsage, ALPC_PORFLG_ALLOW_LPC_REQUESTS);
}

NTSTATUS NTAPI NtCreateWaitablePort(PHANDLE PortHandle, POBJECT_ATTRIBUTES ObjectAttributes,
        ULONG MaxConnectionInfoLength, ULONG MaxMessageLength, ULONG MaxPoolUsage)
{
    return LpcpCreateConnectionPort(PortHandle, ObjectAttributes, MaxConnectionInfoLength, MaxMessageLength,
                                    MaxPoolUsage, ALPC_PORFLG_ALLOW_LPC_REQUESTS | ALPC_PORFLG_WAITABLE_PORT);
}

/* ------------------------------------------------------------------ views */

static NTSTATUS LpcpMapView(const LPC_VIEW *Given, PEPROCESS Process, PVOID *Base)
{
    LARGE_INTEGER Offset = { .QuadPart = Given->Offset };
    SIZE_T Size = Given->Size;

    *Base = NULL;
    return MmMapViewOfSection(Given->Section, &Process->Vm, Base, 0, &Offset, &Size, 0, PAGE_READWRITE);
}

/* The section that View (captured) names, mapped here.  *Given owns a reference. */
static NTSTATUS LpcpGiveView(const PORT_VIEW *View, PLPC_VIEW Given)
{
    LARGE_INTEGER Offset = { .QuadPart = View->SectionOffset };
    PSECTION Section;
    NTSTATUS Status;

    if (View->Length != sizeof(*View))
        return STATUS_INVALID_PARAMETER;
    Status = ObReferenceObjectByHandle(View->SectionHandle, SECTION_MAP_READ | SECTION_MAP_WRITE, MmSectionObjectType,
                                       UserMode, (PVOID *)&Section, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    *Given = (LPC_VIEW){ .Section = Section, .Offset = View->SectionOffset, .Size = View->ViewSize };
    Status = MmMapViewOfSection(Section, &PsGetCurrentProcess()->Vm, &Given->Base, 0, &Offset, &Given->Size, 0,
                                PAGE_READWRITE);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Section);
        memset(Given, 0, sizeof(*Given));
    }
    return Status;
}

static NTSTATUS LpcpCaptureRemoteView(PREMOTE_PORT_VIEW User)
{
    REMOTE_PORT_VIEW View;
    NTSTATUS Status;

    if (User == NULL)
        return STATUS_SUCCESS;
    Status = MmGetUser(&View, User);
    if (NT_SUCCESS(Status) && View.Length != sizeof(View))
        Status = STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(Status) ? MmProbeForWrite(User, sizeof(*User), 1) : Status;
}

/* ------------------------------------------------------------------ the client's side */

typedef struct _LPC_CONNECT {
    PPORT_VIEW UserClientView;
    PREMOTE_PORT_VIEW UserServerView;
    PULONG UserMaxMessageLength;
    PVOID UserInformation;
    PULONG UserInformationLength;
    SECURITY_QUALITY_OF_SERVICE Qos;
    PORT_VIEW ClientView;
    ULONG InformationLength;            /* room at UserInformation */
} LPC_CONNECT;

static NTSTATUS LpcpCaptureConnect(LPC_CONNECT *Connect, PSECURITY_QUALITY_OF_SERVICE SecurityQos)
{
    NTSTATUS Status = MmGetUser(&Connect->Qos, SecurityQos);

    if (NT_SUCCESS(Status) && (ULONG)Connect->Qos.ImpersonationLevel > SecurityDelegation)
        Status = STATUS_BAD_IMPERSONATION_LEVEL;
    if (NT_SUCCESS(Status) && Connect->UserClientView != NULL) {
        Status = MmGetUser(&Connect->ClientView, Connect->UserClientView);
        if (NT_SUCCESS(Status))
            Status = MmProbeForWrite(Connect->UserClientView, sizeof(PORT_VIEW), 1);
    }
    if (NT_SUCCESS(Status))
        Status = LpcpCaptureRemoteView(Connect->UserServerView);
    if (NT_SUCCESS(Status) && Connect->UserMaxMessageLength != NULL)
        Status = MmProbeForWrite(Connect->UserMaxMessageLength, sizeof(ULONG), 1);
    if (NT_SUCCESS(Status) && Connect->UserInformationLength != NULL) {
        Status = MmGetUser(&Connect->InformationLength, Connect->UserInformationLength);
        if (NT_SUCCESS(Status))
            Status = MmProbeForWrite(Connect->UserInformationLength, sizeof(ULONG), 1);
        if (NT_SUCCESS(Status) && Connect->UserInformation != NULL)
            Status = MmProbeForWrite(Connect->UserInformation, Connect->InformationLength, 1);
    }
    if (Connect->UserInformation == NULL)
        Connect->InformationLength = 0;
    return Status;
}

static VOID LpcpReturnInformation(const LPC_CONNECT *Connect, PLPC_MESSAGE Reply)
{
    ULONG Length = min(Reply->Header.u1.s1.DataLength, Connect->InformationLength);

    /* The places were writable when the call began; a program that takes them away loses what it asked for. */
    if (Connect->UserInformationLength == NULL)
        return;
    MmCopyToUser(Connect->UserInformation, Reply->Data, Length);
    MmPutUser(Connect->UserInformationLength, Length);
}

static VOID LpcpReturnConnection(LPC_CONNECT *Connect, PLPC_PORT Client)
{
    if (Connect->UserClientView != NULL) {
        Connect->ClientView.ViewBase = Client->OwnView;
        Connect->ClientView.ViewRemoteBase = Client->ClientViewInServer;
        Connect->ClientView.ViewSize = Client->GivenView.Size;
        MmPutUser(Connect->UserClientView, Connect->ClientView);
    }
    if (Connect->UserServerView != NULL) {
        Client->ServerView.Length = sizeof(REMOTE_PORT_VIEW);
        MmPutUser(Connect->UserServerView, Client->ServerView);
    }
    if (Connect->UserMaxMessageLength != NULL)
        MmPutUser(Connect->UserMaxMessageLength, Client->MaxMessageLength);
}

/* Client is a new end, referenced by the caller; after a failure it must be closed. */
static NTSTATUS LpcpConnect(PLPC_PORT Client, LPC_CONNECT *Connect)
{
    PLPC_MESSAGE Request, Reply = NULL;
    NTSTATUS Status = STATUS_SUCCESS;

    LpcpSetSecurity(Client, &Connect->Qos);
    Client->Legacy = TRUE;
    if (Connect->UserClientView != NULL) {
        Status = LpcpGiveView(&Connect->ClientView, &Client->GivenView);
        Client->OwnView = Client->GivenView.Base;
    }
    if (NT_SUCCESS(Status))
        Status = LpcpBuildConnectRequest(Client, Connect->UserInformation,
                                         min(Connect->InformationLength, Client->Connection->MaxConnectionInfo), &Request);
    if (NT_SUCCESS(Status)) {
        Request->Header.ClientViewSize = Client->GivenView.Size;
        Status = LpcpAwaitServer(Client, Request, FALSE, NULL, &Reply);
    }
    if (Reply != NULL) {
        LpcpReturnInformation(Connect, Reply);
        LpcpDestroyMessage(Reply, STATUS_SUCCESS);
    }
    return Status;
}

NTSTATUS NTAPI NtSecureConnectPort(PHANDLE PortHandle, PUNICODE_STRING PortName,
        PSECURITY_QUALITY_OF_SERVICE SecurityQos, PPORT_VIEW ClientView, PSID RequiredServerSid,
        PREMOTE_PORT_VIEW ServerView, PULONG MaxMessageLength, PVOID ConnectionInformation,
        PULONG ConnectionInformationLength)
{
    LPC_CONNECT Connect = {
        .UserClientView = ClientView, .UserServerView = ServerView, .UserMaxMessageLength = MaxMessageLength,
        .UserInformation = ConnectionInformation, .UserInformationLength = ConnectionInformationLength,
    };
    PLPC_PORT Connection, Client;
    HANDLE Handle = NULL;
    NTSTATUS Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);

    if (NT_SUCCESS(Status))
        Status = LpcpCaptureConnect(&Connect, SecurityQos);
    if (NT_SUCCESS(Status))
        Status = LpcpOpenServer(PortName, &Connection);
    if (!NT_SUCCESS(Status))
        return Status;
    if (RequiredServerSid != NULL)
        Status = LpcpCheckServerSid(Connection, RequiredServerSid);
    if (NT_SUCCESS(Status) && !(Connection->Flags & ALPC_PORFLG_ALLOW_LPC_REQUESTS))
        Status = Connection->Kind == LpcConnectionPort ? STATUS_LPC_REQUESTS_NOT_ALLOWED : STATUS_INVALID_PORT_HANDLE;
    if (NT_SUCCESS(Status))
        Status = LpcpCreateClientEnd(Connection, NULL, &Client);
    ObDereferenceObject(Connection);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpConnect(Client, &Connect);
    ObReferenceObject(Client);
    if (NT_SUCCESS(Status))
        Status = ObInsertObject(Client, NULL, PORT_ALL_ACCESS, 0, NULL, &Handle);
    else
        ObDereferenceObject(Client);
    Status = ObReturnHandle(Status, Handle, PortHandle);
    if (NT_SUCCESS(Status))
        LpcpReturnConnection(&Connect, Client);
    else
        LpcpClosePort(Client);
    ObDereferenceObject(Client);
    return Status;
}

NTSTATUS NTAPI NtConnectPort(PHANDLE PortHandle, PUNICODE_STRING PortName, PSECURITY_QUALITY_OF_SERVICE SecurityQos,
        PPORT_VIEW ClientView, PREMOTE_PORT_VIEW ServerView, PULONG MaxMessageLength, PVOID ConnectionInformation,
        PULONG ConnectionInformationLength)
{
    return NtSecureConnectPort(PortHandle, PortName, SecurityQos, ClientView, NULL, ServerView, MaxMessageLength,
                               ConnectionInformation, ConnectionInformationLength);
}

/* ------------------------------------------------------------------ the server's side */

typedef struct _LPC_ACCEPT {
    PORT_MESSAGE Header;
    const PORT_MESSAGE *User;
    PPORT_VIEW UserServerView;
    PREMOTE_PORT_VIEW UserClientView;
    PORT_VIEW ServerView;
    LPC_VIEW Given;                     /* the server's section; referenced */
    PVOID ServerViewInClient, ClientViewInServer;
} LPC_ACCEPT;

/*
 * The request that Header names.  DIFFERS: NtAcceptConnectPort has no handle of the connection port; here the port must be
 * one that the caller's process made.
 */
static PLPC_MESSAGE LpcpFindOwnRequest(const PORT_MESSAGE *Header)
{
    PLPC_MESSAGE Request = LpcpLookupConnectRequest(Header->MessageId);

    if (Request == NULL || Request->Port->Process != PsGetCurrentProcess() ||
        Request->Header.ClientId.UniqueThread != Header->ClientId.UniqueThread)
        return NULL;
    return Request;
}

/* The connection information for the client: what follows the header that the server gave. */
static NTSTATUS LpcpBuildAnswer(PLPC_PORT Payer, const LPC_ACCEPT *Accept, PLPC_MESSAGE *Reply)
{
    ULONG Limit = Payer->Kind == LpcConnectionPort ? Payer->MaxConnectionInfo : Payer->Connection->MaxConnectionInfo;
    ULONG Length = min(Accept->Header.u1.s1.DataLength, Limit);
    NTSTATUS Status = LpcpCreateMessage(Payer, Length, Reply);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCopyFromUser((*Reply)->Data, Accept->User + 1, Length);
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(*Reply, Status);
        *Reply = NULL;
        return Status;
    }
    (*Reply)->Header.u2.s2.Type = LPC_CONNECTION_REPLY;
    (*Reply)->Header.ClientId = PsGetCurrentThread()->Cid;
    (*Reply)->Header.MessageId = Accept->Header.MessageId;
    return STATUS_SUCCESS;
}

static NTSTATUS LpcpRefuseService(const LPC_ACCEPT *Accept)
{
    PLPC_MESSAGE Request = LpcpFindOwnRequest(&Accept->Header), Reply;
    NTSTATUS Status;

    if (Request == NULL)
        return STATUS_REPLY_MESSAGE_MISMATCH;
    Status = LpcpBuildAnswer(Request->Port, Accept, &Reply);
    if (!NT_SUCCESS(Status))
        return Status;
    LpcpRefuse(Request, Reply);
    return STATUS_SUCCESS;
}

/* Maps both sections where they are missing. */
static NTSTATUS LpcpMapAcceptViews(LPC_ACCEPT *Accept, PLPC_PORT Client)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Accept->UserServerView != NULL) {
        Status = LpcpGiveView(&Accept->ServerView, &Accept->Given);
        if (NT_SUCCESS(Status))
            Status = LpcpMapView(&Accept->Given, Client->Process, &Accept->ServerViewInClient);
    }
    if (NT_SUCCESS(Status) && Client->GivenView.Section != NULL)
        Status = LpcpMapView(&Client->GivenView, PsGetCurrentProcess(), &Accept->ClientViewInServer);
    return Status;
}

static VOID LpcpUnmapAcceptViews(LPC_ACCEPT *Accept, PLPC_PORT Client)
{
    PMM_SPACE Space = &PsGetCurrentProcess()->Vm;

    if (Accept->ServerViewInClient != NULL)
        MmUnmapViewOfSection(&Client->Process->Vm, Accept->ServerViewInClient);
    if (Accept->Given.Base != NULL)
        MmUnmapViewOfSection(Space, Accept->Given.Base);
    if (Accept->ClientViewInServer != NULL)
        MmUnmapViewOfSection(Space, Accept->ClientViewInServer);
}

/* Everything for the ends is there: they know their views, and each other. */
static VOID LpcpCommitAccept(LPC_ACCEPT *Accept, PLPC_MESSAGE Request, PLPC_PORT Server)
{
    PLPC_PORT Client = Request->Source;

    Server->OwnView = Accept->Given.Base;
    Server->PeerView = Accept->ClientViewInServer;
    Client->PeerView = Accept->ServerViewInClient;
    Client->ClientViewInServer = Accept->ClientViewInServer;
    Client->ServerView.ViewBase = Accept->ServerViewInClient;
    Client->ServerView.ViewSize = Accept->Given.Size;
    LpcpJoin(Request, Server);
}

static VOID LpcpReturnAccept(LPC_ACCEPT *Accept, PLPC_PORT Client)
{
    REMOTE_PORT_VIEW View;

    if (Accept->UserServerView != NULL) {
        Accept->ServerView.ViewBase = Accept->Given.Base;
        Accept->ServerView.ViewRemoteBase = Accept->ServerViewInClient;
        Accept->ServerView.ViewSize = Accept->Given.Size;
        MmPutUser(Accept->UserServerView, Accept->ServerView);
    }
    if (Accept->UserClientView != NULL) {
        memset(&View, 0, sizeof(View)); /* what lies between the fields, too */
        View.Length = sizeof(View);
        View.ViewBase = Accept->ClientViewInServer;
        View.ViewSize = Accept->ClientViewInServer != NULL ? Client->GivenView.Size : 0;
        MmPutUser(Accept->UserClientView, View);
    }
}

/* A server end for the connection port; referenced result. */
static NTSTATUS LpcpCreateServerEnd(PLPC_PORT Connection, const LPC_ACCEPT *Accept, PVOID Context, PLPC_PORT *Server)
{
    NTSTATUS Status = LpcpCreatePortObject(LpcServerPort, NULL, Server);

    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Connection);
    (*Server)->Connection = Connection;
    (*Server)->Context = Context;
    (*Server)->Legacy = TRUE;
    (*Server)->MaxMessageLength = Connection->MaxMessageLength;
    (*Server)->MaxPoolUsage = Connection->MaxPoolUsage;
    Status = LpcpPrepareCloseMessage(*Server);
    if (NT_SUCCESS(Status))
        Status = LpcpBuildAnswer(*Server, Accept, &(*Server)->ConnectReply);
    if (!NT_SUCCESS(Status)) {
        LpcpClosePort(*Server);
        ObDereferenceObject(*Server);
    }
    return Status;
}

static NTSTATUS LpcpAcceptService(LPC_ACCEPT *Accept, PHANDLE PortHandle, PVOID PortContext)
{
    PLPC_MESSAGE Request = LpcpFindOwnRequest(&Accept->Header);
    PLPC_PORT Server, Client;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (Request == NULL)
        return STATUS_REPLY_MESSAGE_MISMATCH;
    Client = Request->Source;
    Status = LpcpCreateServerEnd(Request->Port, Accept, PortContext, &Server);
    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Server);
    ObReferenceObject(Client);
    Status = ObInsertObject(Server, NULL, PORT_ALL_ACCESS, 0, NULL, &Handle);
    if (NT_SUCCESS(Status) && PortContext == NULL)
        Server->Context = Handle;
    if (NT_SUCCESS(Status))
        Status = LpcpMapAcceptViews(Accept, Client);
    if (!NT_SUCCESS(Status) && Handle != NULL)
        ObCloseHandle(Handle, KernelMode);
    else
        Status = ObReturnHandle(Status, Handle, PortHandle);
    if (NT_SUCCESS(Status)) {
        LpcpCommitAccept(Accept, Request, Server);
        LpcpReturnAccept(Accept, Client);
    } else {
        LpcpUnmapAcceptViews(Accept, Client);
        LpcpClosePort(Server);
    }
    if (Accept->Given.Section != NULL)
        ObDereferenceObject(Accept->Given.Section);
    ObDereferenceObject(Client);
    ObDereferenceObject(Server);
    return Status;
}

NTSTATUS NTAPI NtAcceptConnectPort(PHANDLE PortHandle, PVOID PortContext, PPORT_MESSAGE ConnectionRequest,
        BOOLEAN AcceptConnection, PPORT_VIEW ServerView, PREMOTE_PORT_VIEW ClientView)
{
    LPC_ACCEPT Accept = { .User = ConnectionRequest, .UserServerView = ServerView, .UserClientView = ClientView };
    NTSTATUS Status = MmGetUser(&Accept.Header, ConnectionRequest);

    if (NT_SUCCESS(Status) && Accept.Header.u1.s1.DataLength + sizeof(PORT_MESSAGE) > LPC_MAXIMUM_MESSAGE)
        Status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status))
        return Status;
    if (!AcceptConnection)
        return LpcpRefuseService(&Accept);
    Status = MmProbeForWrite(PortHandle, sizeof(*PortHandle), 1);
    if (NT_SUCCESS(Status) && ServerView != NULL) {
        Status = MmGetUser(&Accept.ServerView, ServerView);
        if (NT_SUCCESS(Status))
            Status = MmProbeForWrite(ServerView, sizeof(*ServerView), 1);
    }
    if (NT_SUCCESS(Status))
        Status = LpcpCaptureRemoteView(ClientView);
    return NT_SUCCESS(Status) ? LpcpAcceptService(&Accept, PortHandle, PortContext) : Status;
}

NTSTATUS NTAPI NtCompleteConnectPort(HANDLE PortHandle)
{
    PLPC_MESSAGE Reply;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, 1 << LpcServerPort, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Reply = Port->ConnectReply;
    if (Port->Closed) {
        Status = Port->EndStatus;
    } else if (Reply == NULL) {
        Status = STATUS_INVALID_PARAMETER;
    } else {
        Port->ConnectReply = NULL;
        LpcpComplete(Port, Reply);
    }
    ObDereferenceObject(Port);
    return Status;
}
