/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): ALPC ports, both ends in one thread but for questions back.
 */
#include "nomem.h"
#include "nt/alpcapi.h"

#define PORT L"\\RPC Control\\nomem-alpc"
#define MAXIMUM 512

typedef struct _MESSAGE {
    PORT_MESSAGE Header;
    UCHAR Data[MAXIMUM - sizeof(PORT_MESSAGE)];
} MESSAGE;

typedef union _BLOCK {
    ALPC_MESSAGE_ATTRIBUTES Header;
    UCHAR Bytes[256];
} BLOCK;

static ALPC_PORT_ATTRIBUTES Options = {
    .Flags = ALPC_PORFLG_ALLOW_DUP_OBJECT, .MaxMessageLength = MAXIMUM, .MaxPoolUsage = (SIZE_T)-1,
    .SecurityQos = { sizeof(SECURITY_QUALITY_OF_SERVICE), SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, FALSE },
    .DupObjectTypes = ALPC_OBJECT_ALL,
};
static UNICODE_STRING PortName = RTL_CONSTANT_UNICODE_STRING(PORT);
static OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
static LARGE_INTEGER Now, Long = { .QuadPart = -20000000 };
static HANDLE Port, Client, Server;
static MESSAGE Message;
static BLOCK Block;

static VOID Put(ULONG MessageId)
{
    memset(&Message, 0, sizeof(Message));
    Message.Header.u1.s1.DataLength = 16;
    Message.Header.u1.s1.TotalLength = 16 + sizeof(PORT_MESSAGE);
    Message.Header.MessageId = MessageId;
}

/* Room for the attribute; its place. */
static PVOID Prepare(ULONG Attribute)
{
    SIZE_T Size;

    memset(&Block, 0, sizeof(Block));
    AlpcInitializeMessageAttribute(Attribute, &Block.Header, sizeof(Block), &Size);
    return AlpcGetMessageAttribute(&Block.Header, Attribute);
}

static BOOLEAN Send(HANDLE Handle, ULONG Flags, BLOCK *Attributes)
{
    return TRY(NtAlpcSendWaitReceivePort, Handle, Flags, &Message.Header, &Attributes->Header, NULL, NULL, NULL, NULL);
}

static BOOLEAN Receive(HANDLE Handle, BLOCK *Attributes)
{
    SIZE_T Length = sizeof(Message);

    return TRY(NtAlpcSendWaitReceivePort, Handle, 0, NULL, NULL, &Message.Header, &Length, &Attributes->Header, &Long);
}

static BOOLEAN Answer(HANDLE Handle, ULONG Flags)
{
    Put(Message.Header.MessageId);
    return Send(Handle, Flags, NULL);
}

static BOOLEAN Accept(VOID)
{
    if (!Receive(Port, NULL))
        return FALSE;
    Put(Message.Header.MessageId);
    return TRY(NtAlpcAcceptConnectPort, &Server, Port, 0, NULL, &Options, NULL, &Message.Header, NULL, TRUE) &&
           Receive(Client, NULL);
}

static BOOLEAN Create(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, PORT);

    Port = Client = Server = NULL;
    return TRY(NtAlpcCreatePort, &Port, &Name, &Options);
}

static BOOLEAN Connect(VOID)
{
    return Create() &&
           TRY(NtAlpcConnectPort, &Client, &PortName, NULL, &Options, 0, NULL, NULL, NULL, NULL, NULL, NULL) && Accept();
}

static VOID Close(VOID)
{
    if (Client != NULL)
        DROP(NtAlpcDisconnectPort, Client, 0);
    NoMemClose(Client);
    NoMemClose(Server);
    NoMemClose(Port);
}

static VOID Connections(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, PORT);
    ALPC_PORT_ASSOCIATE_COMPLETION_PORT Association = { .CompletionKey = &Name };
    ALPC_BASIC_INFORMATION Basic;
    SIZE_T Length = sizeof(Message);
    ULONG_PTR Key, Apc;
    IO_STATUS_BLOCK IoStatus;

    Put(0);
    (void)(Create() && TRY(NtCreateIoCompletion, &Association.CompletionPort, IO_COMPLETION_ALL_ACCESS, NULL, 0) &&
           TRY(NtAlpcSetInformation, Port, AlpcAssociateCompletionPortInformation, &Association, sizeof(Association)) &&
           TRY(NtAlpcConnectPortEx, &Client, &Name, NULL, &Options, 0, NULL, &Message.Header, &Length, NULL, NULL, NULL) &&
           TRY(NtRemoveIoCompletion, Association.CompletionPort, &Key, &Apc, &IoStatus, &Now) && Accept() &&
           TRY(NtAlpcQueryInformation, Server, AlpcBasicInformation, &Basic, sizeof(Basic), NULL));
    Close();
    NoMemClose(Association.CompletionPort);
}

/* A question with a handle, its sender, its answer; one that is taken back. */
static VOID Messages(VOID)
{
    PALPC_HANDLE_ATTR Attribute = Prepare(ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    HANDLE Event = NULL, Process = NULL;
    ALPC_CONTEXT_ATTR Context = { 0 };
    UCHAR Sid[128];

    Put(0);
    if (Connect() && TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE)) {
        Attribute->Flags = ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS;
        Attribute->Handle = Event;
        Block.Header.ValidAttributes = ALPC_MESSAGE_HANDLE_ATTRIBUTE;
        Put(0);
        if (Send(Client, 0, &Block) && (Attribute = Prepare(ALPC_MESSAGE_HANDLE_ATTRIBUTE)) && Receive(Port, &Block)) {
            if (Block.Header.ValidAttributes & ALPC_MESSAGE_HANDLE_ATTRIBUTE)
                NoMemClose(Attribute->Handle);
            (void)(TRY(NtAlpcOpenSenderProcess, &Process, Port, &Message.Header, 0, PROCESS_ALL_ACCESS, &Unnamed) &&
                   TRY(NtAlpcQueryInformationMessage, Port, &Message.Header, AlpcMessageSidInformation, Sid, sizeof(Sid),
                       NULL) &&
                   Answer(Port, ALPC_MSGFLG_RELEASE_MESSAGE) && Receive(Client, NULL) &&
                   (Put(0), Send(Client, 0, NULL)) && (Context.MessageId = Message.Header.MessageId) &&
                   TRY(NtAlpcCancelMessage, Client, 0, &Context));
        }
    }
    NoMemClose(Process);
    Close();
    NoMemClose(Event);
}

/* The partner asks at the client's end, and answers what it is asked back. */
static NTSTATUS NTAPI Talk(PVOID Argument)
{
    MESSAGE Text = { .Header = { .u1.s1 = { 16, 16 + sizeof(PORT_MESSAGE) } } };
    NTSTATUS Status;

    do {
        SIZE_T Length = sizeof(Text);

        Status = NtAlpcSendWaitReceivePort(Client, ALPC_MSGFLG_SYNC_REQUEST, &Text.Header, NULL, &Text.Header, &Length, NULL, &Long);
    } while (Status == STATUS_SUCCESS && Text.Header.CallbackId != 0);
    return Status;
}

/* A question back to who waits for an answer, and its thread. */
static VOID Questions(VOID)
{
    SIZE_T Length = sizeof(Message);
    HANDLE Thread = NULL;
    MESSAGE Reply;

    if (Connect()) {
        NoMemBegin(Talk, NULL);
        if (Receive(Port, NULL) &&
            TRY(NtAlpcOpenSenderThread, &Thread, Port, &Message.Header, 0, THREAD_ALL_ACCESS, &Unnamed)) {
            Put(Message.Header.MessageId);
            (void)(TRY(NtAlpcSendWaitReceivePort, Server, ALPC_MSGFLG_SYNC_REQUEST, &Message.Header, NULL, &Reply.Header, &Length, NULL,
                       NULL) && Answer(Port, ALPC_MSGFLG_RELEASE_MESSAGE));
        }
        DROP(NtAlpcDisconnectPort, Client, 0);
        NoMemEnd();
    }
    NoMemClose(Thread);
    Close();
}

static VOID Views(VOID)
{
    ALPC_DATA_VIEW_ATTR View = { .ViewSize = 0x1000 }, *Sent;
    ALPC_HANDLE Reserve = NULL;
    SIZE_T Size;

    if (Connect() && TRY(NtAlpcCreateResourceReserve, Client, 0, 64, &Reserve) &&
        TRY(NtAlpcCreatePortSection, Client, 0, NULL, 0x20000, &View.SectionHandle, &Size)) {
        if (TRY(NtAlpcCreateSectionView, Client, 0, &View)) {
            Sent = Prepare(ALPC_MESSAGE_VIEW_ATTRIBUTE);
            *Sent = View;
            Block.Header.ValidAttributes = ALPC_MESSAGE_VIEW_ATTRIBUTE;
            Put(0);
            if (Send(Client, 0, &Block) && (Sent = Prepare(ALPC_MESSAGE_VIEW_ATTRIBUTE)) && Receive(Port, &Block)) {
                if (Block.Header.ValidAttributes & ALPC_MESSAGE_VIEW_ATTRIBUTE)
                    DROP(NtAlpcDeleteSectionView, Port, 0, Sent->ViewBase);
                (void)Answer(Port, ALPC_MSGFLG_RELEASE_MESSAGE);
            }
        }
        DROP(NtAlpcDeletePortSection, Client, 0, View.SectionHandle);
    }
    if (Reserve != NULL)
        DROP(NtAlpcDeleteResourceReserve, Client, 0, Reserve);
    Close();
}

static VOID Contexts(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    ALPC_SECURITY_ATTR Context = { .QoS = &Quality }, *Attribute;
    HANDLE Nobody = NULL;

    if (Connect() && TRY(NtAlpcCreateSecurityContext, Client, 0, &Context)) {
        Attribute = Prepare(ALPC_MESSAGE_SECURITY_ATTRIBUTE);
        Attribute->ContextHandle = Context.ContextHandle;
        Block.Header.ValidAttributes = ALPC_MESSAGE_SECURITY_ATTRIBUTE;
        Put(0);
        if (Send(Client, 0, &Block) && TRY(NtAlpcRevokeSecurityContext, Client, 0, Context.ContextHandle) &&
            Receive(Port, NULL) && TRY(NtAlpcImpersonateClientOfPort, Port, &Message.Header, NULL)) {
            DROP(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody));
            (void)(TRY(NtAlpcImpersonateClientContainerOfPort, Port, &Message.Header, 0) && TRY(NtRevertContainerImpersonation));
        }
        DROP(NtAlpcDeleteSecurityContext, Client, 0, Context.ContextHandle);
    }
    Close();
}

/* Messages into memory of the program, and what is left there when the list goes. */
static VOID Lists(VOID)
{
    SIZE_T Size = 0x2000;
    PVOID Memory = NULL;
    ALPC_PORT_COMPLETION_LIST_INFORMATION Information = { .Size = 0x2000, .ConcurrencyCount = 1,
                                                          .AttributeFlags = ALPC_MESSAGE_CONTEXT_ATTRIBUTE | ALPC_MESSAGE_TOKEN_ATTRIBUTE };

    if (TRY(NtAllocateVirtualMemory, NtCurrentProcess(), &Memory, 0, &Size, MEM_COMMIT, PAGE_READWRITE)) {
        Information.Buffer = Memory;
        if (Connect() && TRY(NtAlpcSetInformation, Port, AlpcRegisterCompletionListInformation, &Information, sizeof(Information))) {
            Put(0);
            if (Send(Client, 0, NULL) && (Put(0), Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, NULL)))
                AlpcFreeCompletionListMessage(Memory, AlpcGetMessageFromCompletionList(Memory, NULL));
            DROP(NtAlpcSetInformation, Port, AlpcCompletionListRundownInformation, NULL, 0);
        }
        Close();
        Size = 0;
        DROP(NtFreeVirtualMemory, NtCurrentProcess(), &Memory, &Size, MEM_RELEASE);
    }
}

static const SCENARIO List[] = {
    { "alpcconnections", Connections }, { "alpcmessages", Messages }, { "alpcquestions", Questions },
    { "alpcviews", Views }, { "alpccontexts", Contexts }, { "alpclists", Lists },
};
const SCENARIOS AlpcScenarios = { List, ARRAYSIZE(List) };
