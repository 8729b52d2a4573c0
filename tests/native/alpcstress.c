/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ALPC under stress: many client processes with threads, and servers, each of which may end at any moment: requests, datagrams,
 * handles, views, reserves, cancelling, completion lists, all by a seeded generator.  No answer comes to another request than its own,
 * nothing hangs, and when all have ended the executive holds what it held before.
 *
 *      alpcstress [SEED [CLIENTS]]
 *
 * Runs on: Nereid.
 */
#include "check.h"
#include "nt/alpcapi.h"
#include "resources.h"

#define SERVERS 4
#define MAX_CLIENTS 64
#define CLIENT_THREADS 3
#define SERVER_THREADS 3
#define OPERATIONS 100                  /* of a client's thread */
#define CONNECTIONS 512                 /* that a server remembers */
#define LIST_SIZE 0x8000
#define MS 10000ll
#define WRONG_ANSWER 0x10000            /* a client's exit status; else how many right answers it got */

#define ALL_ATTRIBUTES \
    (ALPC_MESSAGE_VIEW_ATTRIBUTE | ALPC_MESSAGE_CONTEXT_ATTRIBUTE | ALPC_MESSAGE_HANDLE_ATTRIBUTE | ALPC_MESSAGE_TOKEN_ATTRIBUTE)

typedef struct _MESSAGE {
    PORT_MESSAGE Header;
    ULONG Number, Check;
    UCHAR Data[0x400];
} MESSAGE;

typedef union _BLOCK {
    ALPC_MESSAGE_ATTRIBUTES Header;
    UCHAR Bytes[256];
} BLOCK;

static const ALPC_PORT_ATTRIBUTES PortOptions = {
    .Flags = ALPC_PORFLG_ALLOW_DUP_OBJECT, .MaxMessageLength = sizeof(MESSAGE), .MaxPoolUsage = 0x10000,
    .SecurityQos = { sizeof(SECURITY_QUALITY_OF_SERVICE), SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, FALSE },
    .DupObjectTypes = ALPC_OBJECT_ALL,
};

/* ------------------------------------------------------------------ what clients and servers share */

/* xorshift64 */
static ULONG64 Random(PULONG64 State, ULONG64 Limit)
{
    *State ^= *State << 13;
    *State ^= *State >> 7;
    *State ^= *State << 17;
    return (*State >> 20) % Limit;
}

static ULONG CheckOf(ULONG Number)
{
    return Number * 2654435761u ^ 0xA5A5A5A5;
}

static VOID NameOf(ULONG Server, PUNICODE_STRING Name, PWSTR Buffer)
{
    wcscpy(Buffer, L"\\RPC Control\\alpcstress-0");
    Buffer[wcslen(Buffer) - 1] += (WCHAR)Server;
    RtlInitUnicodeString(Name, Buffer);
}

static VOID Put(MESSAGE *Message, ULONG Number, ULONG Extra)
{
    memset(&Message->Header, 0, sizeof(Message->Header));
    Message->Number = Number;
    Message->Check = CheckOf(Number);
    Message->Header.u1.s1.DataLength = (USHORT)(2 * sizeof(ULONG) + Extra);
    Message->Header.u1.s1.TotalLength = Message->Header.u1.s1.DataLength + sizeof(PORT_MESSAGE);
}

static PVOID Prepare(BLOCK *Block, ULONG Flags, ULONG Wanted)
{
    SIZE_T Size;

    memset(Block, 0, sizeof(*Block));
    AlpcInitializeMessageAttribute(Flags, &Block->Header, sizeof(*Block), &Size);
    return Wanted != 0 ? AlpcGetMessageAttribute(&Block->Header, Wanted) : NULL;
}

static NTSTATUS Send(HANDLE Port, ULONG Flags, MESSAGE *Message, BLOCK *Block)
{
    return NtAlpcSendWaitReceivePort(Port, Flags, &Message->Header, &Block->Header, NULL, NULL, NULL, NULL);
}

static NTSTATUS Receive(HANDLE Port, MESSAGE *Message, BLOCK *Block, LONGLONG Time)
{
    LARGE_INTEGER Timeout = { .QuadPart = -Time };
    SIZE_T Length = sizeof(*Message);

    return NtAlpcSendWaitReceivePort(Port, 0, NULL, NULL, &Message->Header, &Length, &Block->Header, &Timeout);
}

/* ------------------------------------------------------------------ a server */

static HANDLE Listener;
static HANDLE Connections[CONNECTIONS];
static LONG LastConnection;
static PVOID List;

static VOID AcceptOne(MESSAGE *Message, PULONG64 State)
{
    ALPC_PORT_ATTRIBUTES Options = PortOptions;
    ULONG Place = (ULONG)InterlockedIncrement(&LastConnection) % CONNECTIONS, Id = Message->Header.MessageId;
    HANDLE Port = NULL, Old;

    Put(Message, 0, 0);
    Message->Header.MessageId = Id;
    if (NT_SUCCESS(NtAlpcAcceptConnectPort(&Port, Listener, 0, NULL, &Options, (PVOID)(ULONG_PTR)(Place + 1), &Message->Header, NULL,
                                           Random(State, 12) != 0)) && Port != NULL) {
        Old = InterlockedExchangePointer(&Connections[Place], Port);
        if (Old != NULL)
            NtClose(Old);
    }
}

static VOID ReplyTo(MESSAGE *Message, PULONG64 State)
{
    ALPC_CONTEXT_ATTR Context = { .MessageId = Message->Header.MessageId };
    LARGE_INTEGER Delay = { .QuadPart = -2 * MS };
    ULONG Number = Message->Number, Id = Message->Header.MessageId;

    switch (Random(State, 16)) {
    case 0:
        return;                         /* never */
    case 1:
        NtAlpcCancelMessage(Listener, ALPC_CANCELFLG_NO_CONTEXT_CHECK, &Context);
        return;
    case 2:
        NtDelayExecution(FALSE, &Delay);
        break;
    case 3:
        if (NT_SUCCESS(NtAlpcImpersonateClientOfPort(Listener, &Message->Header, NULL))) {
            HANDLE Nobody = NULL;

            NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody));
        }
        break;
    }
    Put(Message, Number, (ULONG)Random(State, sizeof(Message->Data)));
    Message->Header.MessageId = Id;
    Send(Listener, ALPC_MSGFLG_RELEASE_MESSAGE, Message, NULL);
}

static VOID Serve(MESSAGE *Message, PALPC_MESSAGE_ATTRIBUTES Attributes, PULONG64 State)
{
    PALPC_CONTEXT_ATTR Context = AlpcGetMessageAttribute(Attributes, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    PALPC_HANDLE_ATTR Handle = AlpcGetMessageAttribute(Attributes, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    PALPC_DATA_VIEW_ATTR View = AlpcGetMessageAttribute(Attributes, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    ULONG_PTR Place = Context != NULL ? (ULONG_PTR)Context->PortContext : 0;
    HANDLE Port;

    if (Handle != NULL && Attributes->ValidAttributes & ALPC_MESSAGE_HANDLE_ATTRIBUTE)
        NtClose(Handle->Handle);
    if (View != NULL && Attributes->ValidAttributes & ALPC_MESSAGE_VIEW_ATTRIBUTE && Random(State, 4) != 0)
        NtAlpcDeleteSectionView(Listener, 0, View->ViewBase);   /* else it goes with the connection */
    switch (Message->Header.u2.s2.Type & 0xFF) {
    case LPC_CONNECTION_REQUEST:
        AcceptOne(Message, State);
        break;
    case LPC_REQUEST:
        ReplyTo(Message, State);
        break;
    case LPC_PORT_CLOSED:
        Port = Place - 1 < CONNECTIONS ? InterlockedExchangePointer(&Connections[Place - 1], NULL) : NULL;
        if (Port != NULL)
            NtClose(Port);
        break;
    }
}

static VOID ServeListed(PULONG64 State)
{
    PALPC_MESSAGE_ATTRIBUTES Attributes;
    PPORT_MESSAGE Listed;
    MESSAGE Message;
    BLOCK Block;

    AlpcRegisterCompletionListWorkerThread(List);
    do {
        while ((Listed = AlpcGetMessageFromCompletionList(List, &Attributes)) != NULL) {
            memcpy(&Message, Listed, min(sizeof(Message), sizeof(PORT_MESSAGE) + Listed->u1.s1.DataLength));
            memcpy(&Block, Attributes, AlpcGetHeaderSize(Attributes->AllocatedAttributes));
            AlpcFreeCompletionListMessage(List, Listed);
            Serve(&Message, &Block.Header, State);
        }
    } while (!AlpcUnregisterCompletionListWorkerThread(List));
}

static NTSTATUS NTAPI ServerThread(PVOID Argument)
{
    ULONG64 State = (ULONG_PTR)Argument;
    MESSAGE Message;
    NTSTATUS Status;
    BLOCK Block;

    for (;;) {
        Prepare(&Block, ALL_ATTRIBUTES, 0);
        Status = Receive(Listener, &Message, &Block, 1000 * MS);
        if (Status == STATUS_ALPC_CHECK_COMPLETION_LIST)
            ServeListed(&State);
        else if (Status == STATUS_SUCCESS)
            Serve(&Message, &Block.Header, &State);
        else if (!NT_SUCCESS(Status))
            return Status;
    }
}

static int RunServer(ULONG Number, ULONG64 Seed)
{
    ALPC_PORT_ATTRIBUTES Options = PortOptions;
    OBJECT_ATTRIBUTES Attributes;
    SIZE_T Size = LIST_SIZE;
    UNICODE_STRING Name;
    WCHAR Buffer[32];

    NameOf(Number, &Name, Buffer);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (!NT_SUCCESS(NtAlpcCreatePort(&Listener, &Attributes, &Options)))
        return 1;
    if (Number % 2 != 0 &&
        (!NT_SUCCESS(NtAllocateVirtualMemory(NtCurrentProcess(), &List, 0, &Size, MEM_COMMIT, PAGE_READWRITE)) ||
         !NT_SUCCESS(AlpcRegisterCompletionList(Listener, List, LIST_SIZE, SERVER_THREADS,
                                                ALPC_MESSAGE_CONTEXT_ATTRIBUTE | ALPC_MESSAGE_HANDLE_ATTRIBUTE))))
        return 2;
    for (ULONG i = 1; i < SERVER_THREADS; i++)
        CheckStartThread(ServerThread, (PVOID)(ULONG_PTR)(Seed + i * 7919));
    return ServerThread((PVOID)(ULONG_PTR)Seed);
}

/* ------------------------------------------------------------------ a client */

typedef struct _CLIENT {
    HANDLE Port, Event;
    ALPC_HANDLE Section;
    ULONG64 State;
    ULONG Number;
} CLIENT, *PCLIENT;

static LONG LastNumber, Answers;

static VOID Connect(PCLIENT Client)
{
    LARGE_INTEGER Timeout = { .QuadPart = -200 * MS };
    ALPC_PORT_ATTRIBUTES Options = PortOptions;
    UNICODE_STRING Name;
    WCHAR Buffer[32];
    SIZE_T Size;

    NameOf((ULONG)Random(&Client->State, SERVERS), &Name, Buffer);
    if (NtAlpcConnectPort(&Client->Port, &Name, NULL, &Options, ALPC_MSGFLG_SYNC_REQUEST, NULL, NULL, NULL, NULL, NULL, &Timeout) !=
        STATUS_SUCCESS) {
        Client->Port = NULL;
        NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -3 * MS });
    } else if (!NT_SUCCESS(NtAlpcCreatePortSection(Client->Port, 0, NULL, 0x10000, &Client->Section, &Size))) {
        Client->Section = NULL;
    }
}

static VOID Disconnect(PCLIENT Client)
{
    if (Random(&Client->State, 2) != 0)
        NtAlpcDisconnectPort(Client->Port, 0);
    NtClose(Client->Port);
    Client->Port = NULL;
    Client->Section = NULL;
}

/* What an answer must say; the process ends if it answers something else. */
static VOID CheckAnswer(const MESSAGE *Answer, ULONG Number)
{
    if (Answer->Number != Number || Answer->Check != CheckOf(Number))
        NtTerminateProcess(NtCurrentProcess(), WRONG_ANSWER);
    InterlockedIncrement(&Answers);
}

static NTSTATUS Ask(PCLIENT Client, ULONG MessageId, BLOCK *Block)
{
    LARGE_INTEGER Timeout = { .QuadPart = -(LONGLONG)(1 + Random(&Client->State, 150)) * MS };
    SIZE_T Length = sizeof(MESSAGE);
    MESSAGE Message;
    NTSTATUS Status;

    Put(&Message, Client->Number, (ULONG)Random(&Client->State, sizeof(Message.Data)));
    Message.Header.MessageId = MessageId;
    Status = NtAlpcSendWaitReceivePort(Client->Port, ALPC_MSGFLG_SYNC_REQUEST, &Message.Header, &Block->Header, &Message.Header, &Length,
                                       NULL, &Timeout);
    if (Status == STATUS_SUCCESS)
        CheckAnswer(&Message, Client->Number);
    return Status;
}

static NTSTATUS AskLater(PCLIENT Client)
{
    ALPC_CONTEXT_ATTR Context = { 0 };
    ULONG Number = Client->Number;
    MESSAGE Message;
    NTSTATUS Status;

    Put(&Message, Number, 0);
    Status = Send(Client->Port, 0, &Message, NULL);
    if (Status != STATUS_SUCCESS)
        return Status;
    Context.MessageId = Message.Header.MessageId;
    if (Random(&Client->State, 3) == 0)
        NtAlpcCancelMessage(Client->Port, ALPC_CANCELFLG_NO_CONTEXT_CHECK, &Context);
    Status = Receive(Client->Port, &Message, NULL, 20 * MS);
    if (Status == STATUS_SUCCESS && Message.Header.MessageId == Context.MessageId && Message.Header.u2.s2.Type == LPC_REPLY)
        CheckAnswer(&Message, Number);
    return Status;
}

static NTSTATUS SendHandle(PCLIENT Client)
{
    BLOCK Block;
    PALPC_HANDLE_ATTR Attribute = Prepare(&Block, ALPC_MESSAGE_HANDLE_ATTRIBUTE, ALPC_MESSAGE_HANDLE_ATTRIBUTE);

    Attribute->Flags = ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS;
    Attribute->Handle = Client->Event;
    Block.Header.ValidAttributes = ALPC_MESSAGE_HANDLE_ATTRIBUTE;
    return Ask(Client, 0, &Block);
}

static NTSTATUS SendView(PCLIENT Client)
{
    ALPC_DATA_VIEW_ATTR View = { .SectionHandle = Client->Section, .ViewSize = 0x1000 }, *Attribute;
    BLOCK Block;
    NTSTATUS Status = NtAlpcCreateSectionView(Client->Port, 0, &View);

    if (!NT_SUCCESS(Status))
        return STATUS_SUCCESS;          /* the one before is still there */
    memset(View.ViewBase, (int)Client->Number, View.ViewSize);
    Attribute = Prepare(&Block, ALPC_MESSAGE_VIEW_ATTRIBUTE, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    *Attribute = View;
    Attribute->Flags = Random(&Client->State, 2) != 0 ? ALPC_VIEWFLG_AUTO_RELEASE : 0;
    Block.Header.ValidAttributes = ALPC_MESSAGE_VIEW_ATTRIBUTE;
    Status = Ask(Client, 0, &Block);
    if (!(Attribute->Flags & ALPC_VIEWFLG_AUTO_RELEASE))
        NtAlpcDeleteSectionView(Client->Port, 0, View.ViewBase);
    return Status;
}

static NTSTATUS AskReserved(PCLIENT Client)
{
    ALPC_HANDLE Reserve = NULL;
    NTSTATUS Status = NtAlpcCreateResourceReserve(Client->Port, 0, sizeof(MESSAGE), &Reserve);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = Ask(Client, (ULONG)(ULONG_PTR)Reserve, NULL);
    NtAlpcDeleteResourceReserve(Client->Port, 0, Reserve);
    return Status;
}

static NTSTATUS Operate(PCLIENT Client)
{
    MESSAGE Message;

    Client->Number = (ULONG)InterlockedIncrement(&LastNumber) << 12 | (ULONG)(Client->State & 0xFFF);
    switch (Random(&Client->State, 12)) {
    case 0:
    case 1:
        Put(&Message, Client->Number, (ULONG)Random(&Client->State, sizeof(Message.Data)));
        return Send(Client->Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL);
    case 2:
    case 3:
        return AskLater(Client);
    case 4:
        return SendHandle(Client);
    case 5:
        return Client->Section != NULL ? SendView(Client) : STATUS_SUCCESS;
    case 6:
        return AskReserved(Client);
    case 7:
        return STATUS_PORT_DISCONNECTED;
    default:
        return Ask(Client, 0, NULL);
    }
}

static NTSTATUS NTAPI ClientThread(PVOID Argument)
{
    CLIENT Client = { .State = (ULONG_PTR)Argument };

    NtCreateEvent(&Client.Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    for (ULONG i = 0; i < OPERATIONS; i++)
        if (Client.Port == NULL)
            Connect(&Client);
        else if (Operate(&Client) == STATUS_PORT_DISCONNECTED)
            Disconnect(&Client);
    return STATUS_SUCCESS;              /* what it holds goes with the process */
}

static int RunClient(ULONG64 Seed)
{
    HANDLE Threads[CLIENT_THREADS];

    for (ULONG i = 0; i < CLIENT_THREADS; i++)
        Threads[i] = CheckStartThread(ClientThread, (PVOID)(ULONG_PTR)(Seed + i * 104729));
    for (ULONG i = 0; i < CLIENT_THREADS; i++)
        NtWaitForSingleObject(Threads[i], FALSE, NULL);
    return Answers;
}

/* ------------------------------------------------------------------ the one that starts and ends them */

static ULONG64 Dice;
static HANDLE Servers[SERVERS], Clients[MAX_CLIENTS];
static ULONG ServersEnded, ClientsEnded, ClientsDone, RightAnswers;

static HANDLE Start(PCWSTR Role, ULONG Number)
{
    WCHAR Line[80], Numbers[24];
    PROCESS_START Child = { .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, .CommandLine = Line };
    UNICODE_STRING Text = { .MaximumLength = sizeof(Line), .Buffer = Line };
    UNICODE_STRING Digits = { .MaximumLength = sizeof(Numbers), .Buffer = Numbers };
    HANDLE Process = NULL;
    ULONG ProcessId;

    RtlAppendUnicodeToString(&Text, L"alpcstress ");
    RtlAppendUnicodeToString(&Text, Role);
    RtlAppendUnicodeToString(&Text, L" ");
    RtlIntegerToUnicodeString(Number, 10, &Digits);
    RtlAppendUnicodeStringToString(&Text, &Digits);
    RtlAppendUnicodeToString(&Text, L" ");
    RtlIntegerToUnicodeString((ULONG)Random(&Dice, 0x7FFFFFFF) + 1, 10, &Digits);
    RtlAppendUnicodeStringToString(&Text, &Digits);
    Line[Text.Length / sizeof(WCHAR)] = 0;
    CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Child, &Process, &ProcessId));
    return Process;
}

static BOOLEAN HasEnded(HANDLE Process)
{
    return NtWaitForSingleObject(Process, FALSE, &(LARGE_INTEGER){ 0 }) == STATUS_SUCCESS;
}

static VOID End(PHANDLE Process)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };

    NtTerminateProcess(*Process, STATUS_CONTROL_C_EXIT);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(*Process, FALSE, &Limit));
    NtClose(*Process);
    *Process = NULL;
}

/* A client that has ended by itself did all that it should. */
static VOID Reap(PHANDLE Process)
{
    NTSTATUS Status = QueryExitStatus(*Process);

    if (CHECK(Status >= 0 && Status < WRONG_ANSWER))
        RightAnswers += (ULONG)Status;
    else
        Print(L"    a client ended with %X\n", Status);
    NtClose(*Process);
    *Process = NULL;
    ClientsDone++;
}

/* One look at everybody; how many clients are left. */
static ULONG Step(ULONG Count)
{
    ULONG Left = 0, Place = (ULONG)Random(&Dice, SERVERS);

    for (ULONG i = 0; i < Count; i++) {
        if (Clients[i] != NULL && HasEnded(Clients[i]))
            Reap(&Clients[i]);
        Left += Clients[i] != NULL;
    }
    if (Random(&Dice, 3) == 0) {
        End(&Servers[Place]);
        Servers[Place] = Start(L"server", Place);
        ServersEnded++;
    }
    Place = (ULONG)Random(&Dice, Count);
    if (Random(&Dice, 4) == 0 && Clients[Place] != NULL) {
        End(&Clients[Place]);
        ClientsEnded++;
    }
    return Left;
}

static VOID Run(ULONG Count)
{
    LARGE_INTEGER Period = { .QuadPart = -30 * MS };

    ServersEnded = ClientsEnded = ClientsDone = RightAnswers = 0;
    for (ULONG i = 0; i < SERVERS; i++)
        Servers[i] = Start(L"server", i);
    for (ULONG i = 0; i < Count; i++)
        Clients[i] = Start(L"client", i);
    for (ULONG Steps = 0; Step(Count) != 0 && Steps < 600; Steps++)
        NtDelayExecution(FALSE, &Period);
    for (ULONG i = 0; i < Count; i++)
        if (Clients[i] != NULL)
            End(&Clients[i]);
    for (ULONG i = 0; i < SERVERS; i++)
        End(&Servers[i]);
    Print(L"%u clients: %u did all, %u were ended, and %u servers; %u answers\n", Count, ClientsDone, ClientsEnded, ServersEnded,
          RightAnswers);
    CHECK(RightAnswers > ClientsDone * CLIENT_THREADS * OPERATIONS / 100);
}

/* When nothing ends any more. */
static VOID Look(PEXECUTIVE_RESOURCES Resources, PPOOL_TAGS Tags)
{
    LARGE_INTEGER Time = { .QuadPart = -200 * MS };
    EXECUTIVE_RESOURCES Earlier;
    ULONG Looks = 0;

    QueryResources(Resources);
    do {
        Earlier = *Resources;
        NtDelayExecution(FALSE, &Time);
        CheckSettle();
        QueryResources(Resources);
    } while (++Looks < 60 && memcmp(&Earlier, Resources, sizeof(Earlier)) != 0);
    QueryPoolTags(Tags);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    static POOL_TAGS TagsBefore, TagsAfter;
    ULONG Seed = ArgumentCount > 1 ? wcstoul(Arguments[1], NULL, 0) : 20260131, Count = MAX_CLIENTS;
    EXECUTIVE_RESOURCES Before, After;

    if (ArgumentCount == 4 && wcscmp(Arguments[1], L"server") == 0)
        return RunServer(wcstoul(Arguments[2], NULL, 10), wcstoul(Arguments[3], NULL, 10));
    if (ArgumentCount == 4 && wcscmp(Arguments[1], L"client") == 0)
        return RunClient(wcstoul(Arguments[3], NULL, 10));
    if (ArgumentCount > 2)
        Count = min(max(wcstoul(Arguments[2], NULL, 0), 1), MAX_CLIENTS);
    Print(L"seed %u\n", Seed);
    Dice = Seed | 1ull << 40;
    Run(Count);                         /* fills what is kept */
    Look(&Before, &TagsBefore);
    Run(Count);
    Look(&After, &TagsAfter);
    PrintResources(L"before", &Before);
    PrintResources(L"after", &After);
    CHECK(After.Objects == Before.Objects);
    CHECK(After.Handles == Before.Handles);
    CHECK(After.KernelObjects == Before.KernelObjects);
    CHECK(After.StacksInUse == Before.StacksInUse);
    CHECK(After.ProgramPages <= Before.ProgramPages + 4);
    CHECK(After.CommittedPages == Before.CommittedPages);
    for (ULONG i = 0; i < TagsAfter.Count; i++) {
        const POOL_TAG *Tag = &TagsAfter.Tag[i];
        ULONG Now = Tag->Allocations - Tag->Frees, Then = PoolBlocksOf(&TagsBefore, Tag->Tag);

        if (!CHECK(Now == Then || IsPoolCache(Tag->Tag)))
            Print(L"    %.4hs: %u blocks before, %u after\n", (PCSTR)&Tag->Tag, Then, Now);
    }
    return CheckClose();
}
