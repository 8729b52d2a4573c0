/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ports as objects: creation, the end of a connection, deletion; start of lpc.
 *
 * A port ends when its last handle goes (or NtAlpcDisconnectPort says so): everything that waits for the other side is
 * told, the queues are emptied, and the other end knows by EndStatus.  The memory goes with the last reference.
 * Nothing here waits.
 */
#include "ntos/lpc/lpcp.h"

POBJECT_TYPE LpcPortObjectType;

VOID LpcpEndPort(PLPC_PORT Port, NTSTATUS Status)
{
    Port->Closed = TRUE;
    Port->EndStatus = Status;
    while (!IsListEmpty(&Port->Waiters))
        LpcpEndWait(CONTAINING_RECORD(RemoveHeadList(&Port->Waiters), LPC_WAIT, Link), NULL, Status);
    KeSetEvent(&Port->Available, 1, FALSE);
}

static VOID LpcpDropMessage(PLPC_MESSAGE *Message)
{
    if (*Message != NULL)
        LpcpDestroyMessage(*Message, STATUS_PORT_DISCONNECTED);
    *Message = NULL;
}

static VOID LpcpUnmapViews(PLPC_PORT Port)
{
    if (Port->OwnView != NULL)
        MmUnmapViewOfSection(&Port->Process->Vm, Port->OwnView);
    if (Port->PeerView != NULL)
        MmUnmapViewOfSection(&Port->Process->Vm, Port->PeerView);
    Port->OwnView = Port->PeerView = NULL;
    if (Port->GivenView.Section != NULL)
        ObDereferenceObject(Port->GivenView.Section);
    Port->GivenView.Section = NULL;
}

static VOID LpcpTellClosed(PLPC_PORT Server)
{
    PLPC_MESSAGE Message = Server->CloseMessage;
    CLIENT_ID Client;

    if (Message == NULL)
        return;
    Server->CloseMessage = NULL;
    Client = Message->Header.ClientId;
    LpcpIdentifyMessage(Message, Server, LPC_PORT_CLOSED);
    Message->Header.ClientId = Client;
    LpcpDeliver(Message);
}

/*
 * What a client that goes leaves at its server.  LPC: datagrams stay, nobody waits for answers.  ALPC: of each message
 * there stays the news that it was cancelled.
 */
static VOID LpcpLeaveServer(PLPC_PORT Server)
{
    PLIST_ENTRY Head = &Server->Connection->Queue;

    for (PLIST_ENTRY Link = Head->Flink, Next; Link != Head; Link = Next) {
        PLPC_MESSAGE Message = CONTAINING_RECORD(Link, LPC_MESSAGE, Link);

        Next = Link->Flink;
        if (Message->Port != Server)
            continue;
        if (!Server->Legacy)
            LpcpTurnCanceled(Message);
        else if (Message->WantsReply)
            LpcpDestroyMessage(Message, STATUS_PORT_DISCONNECTED);
    }
    while (!IsListEmpty(&Server->Pending))
        LpcpCancel(CONTAINING_RECORD(Server->Pending.Flink, LPC_MESSAGE, Link));
    LpcpTellClosed(Server);
}

static VOID LpcpCloseEnd(PLPC_PORT Port)
{
    PLPC_PORT Peer = Port->Peer;
    PLPC_PORT Client = Port->Kind == LpcClientPort ? Port : Peer;

    Port->Peer = NULL;
    if (Port->ConnectMessage != NULL)
        LpcpDestroyMessage(Port->ConnectMessage, STATUS_PORT_DISCONNECTED);
    if (Client != NULL && Client->ConnectWait != NULL) {
        LpcpEndWait(Client->ConnectWait, NULL, STATUS_PORT_DISCONNECTED);
        Client->ConnectWait = NULL;
    }
    LpcpEndPort(Port, STATUS_PORT_DISCONNECTED);
    LpcpDestroyMessagesTo(Port);
    LpcpUnmapViews(Port);
    LpcpUnmapAll(Port);
    LpcpDeleteResources(Port);
    LpcpDropMessage(&Port->ConnectReply);
    LpcpDropMessage(&Port->CloseMessage);
    if (Peer == NULL)
        return;
    Peer->Peer = NULL;
    if (Peer->Kind == LpcServerPort)
        LpcpLeaveServer(Peer);
    else
        while (!IsListEmpty(&Peer->Pending))
            LpcpDestroyMessage(CONTAINING_RECORD(Peer->Pending.Flink, LPC_MESSAGE, Link), STATUS_PORT_DISCONNECTED);
    LpcpEndPort(Peer, STATUS_PORT_DISCONNECTED);
}

VOID LpcpClosePort(PLPC_PORT Port)
{
    ObReferenceObject(Port);
    Port->Emptied = TRUE;
    LpcpForgetList(Port);
    if (Port->Kind == LpcConnectionPort) {
        LpcpEndPort(Port, STATUS_PORT_CLOSED);
        LpcpDestroyMessagesTo(Port);
        LpcpUnmapAll(Port);
        LpcpDeleteResources(Port);
    } else {
        LpcpCloseEnd(Port);
    }
    ObDereferenceObject(Port);
}

static VOID LpcpCloseProcedure(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount,
        ULONG_PTR SystemHandleCount)
{
    if (SystemHandleCount == 1)
        LpcpClosePort(Object);
}

static VOID LpcpDeleteProcedure(PVOID Object)
{
    PLPC_PORT Port = Object;

    if (Port->Process == NULL)
        return;
    LpcpUnmapViews(Port);
    if (Port->Token != NULL)
        ObDereferenceObject(Port->Token);
    if (Port->CompletionPort != NULL)
        ObDereferenceObject(Port->CompletionPort);
    if (Port->Connection != NULL)
        ObDereferenceObject(Port->Connection);
    ObDereferenceObject(Port->Process);
}

NTSTATUS LpcpCreatePortObject(LPC_PORT_KIND Kind, POBJECT_ATTRIBUTES ObjectAttributes, PLPC_PORT *Port)
{
    NTSTATUS Status = ObCreateObject(UserMode, LpcPortObjectType, ObjectAttributes, UserMode, NULL, sizeof(LPC_PORT), 0,
                                     0, (PVOID *)Port);

    if (!NT_SUCCESS(Status))
        return Status;
    (*Port)->Kind = Kind;
    (*Port)->Process = PsGetCurrentProcess();
    ObReferenceObject((*Port)->Process);
    KeInitializeEvent(&(*Port)->Available, NotificationEvent, TRUE);
    InitializeListHead(&(*Port)->Queue);
    InitializeListHead(&(*Port)->Waiters);
    InitializeListHead(&(*Port)->Pending);
    InitializeListHead(&(*Port)->Resources);
    InitializeListHead(&(*Port)->Mappings);
    (*Port)->MaxPoolUsage = LPC_MAXIMUM_USAGE;
    return STATUS_SUCCESS;
}

/* It carries the time at which the server end was made, in the place of LPC_CLIENT_DIED_MSG.CreateTime. */
NTSTATUS LpcpPrepareCloseMessage(PLPC_PORT Server)
{
    NTSTATUS Status = LpcpCreateMessage(Server, sizeof(LARGE_INTEGER), &Server->CloseMessage);
    LARGE_INTEGER Now;

    if (!NT_SUCCESS(Status))
        return Status;
    KeQuerySystemTime(&Now);
    memcpy(Server->CloseMessage->Data, &Now, sizeof(Now));
    return STATUS_SUCCESS;
}

NTSTATUS LpcpReturn(const void *Information, ULONG Size, PVOID User, ULONG Length, PULONG ReturnLength, NTSTATUS TooSmall)
{
    NTSTATUS Status = MmProbeAnswer(User, Length, ReturnLength, sizeof(*ReturnLength));

    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        Status = MmPutUser(ReturnLength, Size);
    if (NT_SUCCESS(Status) && Length < Size)
        Status = TooSmall;
    return NT_SUCCESS(Status) ? MmCopyToUser(User, Information, Size) : Status;
}

NTSTATUS LpcpReferencePort(HANDLE Handle, ULONG Kinds, PLPC_PORT *Port)
{
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, PORT_CONNECT, LpcPortObjectType, UserMode, (PVOID *)Port, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Kinds & 1u << (*Port)->Kind)
        return STATUS_SUCCESS;
    ObDereferenceObject(*Port);
    *Port = NULL;
    return STATUS_INVALID_PORT_HANDLE;
}

/* ------------------------------------------------------------------ start */

static const OBJECT_TYPE_INITIALIZER LpcpPortTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        READ_CONTROL | PORT_CONNECT,
        DELETE | PORT_CONNECT,
        0,
        PORT_ALL_ACCESS
    },
    .ValidAccessMask = PORT_ALL_ACCESS,
    .WaitOffset = FIELD_OFFSET(LPC_PORT, Available),
    .CloseProcedure = LpcpCloseProcedure,
    .DeleteProcedure = LpcpDeleteProcedure,
};

static VOID LpcpThreadNotify(PETHREAD Thread, BOOLEAN Created)
{
    if (Created)
        return;
    LpcpForgetSender(Thread);
    LpcpTellDeaths(Thread);
}

NTSTATUS LpcInitSystem(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = LpcpPortTypeInitializer;
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"ALPC Port");
    NTSTATUS Status = ObCreateObjectType(&Name, &Initializer, NULL, &LpcPortObjectType);

    return NT_SUCCESS(Status) ? PsSetCreateThreadNotifyRoutine(LpcpThreadNotify) : Status;
}
