/* SPDX-License-Identifier: BSD-2-Clause
 *
 * LPC ports: connections, requests and answers, questions back, views, data of the sender, security, ends at any point.
 *
 * Runs on: Nereid.  (Wine has none of these services.)  What is expected is what "Windows NT/2000 Native API Reference"
 * (G. Nebbett, chapter 12) and the NtDoc pages of the services say.
 */
#include "check.h"

#define PORT L"\\RPC Control\\nereid-lpc"
#define MS 10000ll
#define MAXIMUM 256

typedef struct _MESSAGE {
    PORT_MESSAGE Header;
    char Text[MAXIMUM - sizeof(PORT_MESSAGE)];
} MESSAGE;

static HANDLE Port;
static SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, FALSE };
static LARGE_INTEGER Now, Soon = { .QuadPart = -50 * MS }, Long = { .QuadPart = LONG_ENOUGH };

/* ------------------------------------------------------------------ helpers */

static NTSTATUS Create(PCWSTR Name, ULONG MaxPool, PHANDLE Handle)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;

    *Handle = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreatePort(Handle, &Attributes, 64, MAXIMUM, MaxPool);
}

static NTSTATUS Connect(PCWSTR Name, PHANDLE Handle)
{
    UNICODE_STRING String;

    *Handle = NULL;
    RtlInitUnicodeString(&String, Name);
    return NtConnectPort(Handle, &String, &Qos, NULL, NULL, NULL, NULL, NULL);
}

static VOID Put(MESSAGE *Message, USHORT Type, const char *Text)
{
    memset(Message, 0, sizeof(*Message));
    strcpy(Message->Text, Text);
    Message->Header.u1.s1.DataLength = (USHORT)(strlen(Text) + 1);
    Message->Header.u1.s1.TotalLength = Message->Header.u1.s1.DataLength + sizeof(PORT_MESSAGE);
    Message->Header.u2.s2.Type = Type;
}

/* An answer for what was received. */
static VOID Answer(MESSAGE *Message, const char *Text)
{
    strcpy(Message->Text, Text);
    Message->Header.u1.s1.DataLength = (USHORT)(strlen(Text) + 1);
    Message->Header.u1.s1.TotalLength = Message->Header.u1.s1.DataLength + sizeof(PORT_MESSAGE);
}

static NTSTATUS Receive(HANDLE Handle, PVOID *Context, MESSAGE *Message)
{
    memset(Message, 0x55, sizeof(*Message));
    return NtReplyWaitReceivePortEx(Handle, Context, NULL, &Message->Header, &Long);
}

/* The next message must be of that type. */
static BOOLEAN Expect(USHORT Type, MESSAGE *Message)
{
    return CHECK_STATUS(STATUS_SUCCESS, Receive(Port, NULL, Message)) && CHECK(Message->Header.u2.s2.Type == Type);
}

static NTSTATUS NTAPI ConnectThread(PVOID Argument)
{
    return Connect(PORT, Argument);
}

/* A connection whose client end is *Client, made by a thread of its own. */
static HANDLE Pair(PVOID Context, PHANDLE Client)
{
    HANDLE Thread = CheckStartThread(ConnectThread, Client), Server = NULL;
    MESSAGE Message;

    Expect(LPC_CONNECTION_REQUEST, &Message);
    CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&Server, Context, &Message.Header, TRUE, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCompleteConnectPort(Server));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    return Server;
}

static VOID Unpair(HANDLE Server, HANDLE Client)
{
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, NtClose(Client));
    Expect(LPC_PORT_CLOSED, &Message);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
}

typedef struct _REQUEST {
    HANDLE Client;
    MESSAGE Send, Reply;
} REQUEST;

static NTSTATUS NTAPI RequestThread(PVOID Argument)
{
    REQUEST *Request = Argument;

    return NtRequestWaitReplyPort(Request->Client, &Request->Send.Header, &Request->Reply.Header);
}

static HANDLE Ask(REQUEST *Request, HANDLE Client, const char *Text)
{
    memset(Request, 0, sizeof(*Request));
    Request->Client = Client;
    Put(&Request->Send, 0, Text);
    return CheckStartThread(RequestThread, Request);
}

/* ------------------------------------------------------------------ the object */

static VOID TestObject(VOID)
{
    union {
        OBJECT_TYPE_INFORMATION Type;
        UCHAR Bytes[256];
    } Information;
    UNICODE_STRING Expected = RTL_CONSTANT_UNICODE_STRING(L"ALPC Port");
    HANDLE Second, Unnamed = NULL;

    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Create(PORT, 0, &Second));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Port, ObjectTypeInformation, &Information, sizeof(Information), NULL));
    CHECK(RtlEqualUnicodeString(&Information.Type.TypeName, &Expected, FALSE));
    CHECK(Information.Type.ValidAccessMask == PORT_ALL_ACCESS);
    CHECK_STATUS(STATUS_SUCCESS, NtCreatePort(&Unnamed, NULL, 0, 64, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Unnamed));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtCreatePort(&Unnamed, NULL, 0, 0x10000, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, NtCreatePort(&Unnamed, NULL, 0x10000, 64, 0));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtCreatePort(NULL, NULL, 0, 64, 0));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationPort(Port, PortBasicInformation, &Information,
                                                                   sizeof(Information), NULL));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtQueryInformationPort(NULL, PortBasicInformation, &Information,
                                                               sizeof(Information), NULL));
    CHECK_STATUS(STATUS_INVALID_PORT_HANDLE, NtCompleteConnectPort(Port));
}

/* ------------------------------------------------------------------ connections */

static VOID TestNoServer(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PORT), Control = RTL_CONSTANT_UNICODE_STRING(L"\\RPC Control");
    SECURITY_QUALITY_OF_SERVICE Bad = Qos;
    PORT_VIEW View = { .Length = 8 };
    HANDLE Client;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Connect(L"\\RPC Control\\no such port", &Client));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Connect(L"\\RPC Control", &Client));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtConnectPort(&Client, NULL, &Qos, NULL, NULL, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtConnectPort(&Client, &Name, NULL, NULL, NULL, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtConnectPort(NULL, &Control, &Qos, NULL, NULL, NULL, NULL, NULL));
    Bad.ImpersonationLevel = 7;
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, NtConnectPort(&Client, &Name, &Bad, NULL, NULL, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtConnectPort(&Client, &Name, &Qos, &View, NULL, NULL, NULL, NULL));
    View.Length = sizeof(View);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtConnectPort(&Client, &Name, &Qos, &View, NULL, NULL, NULL, NULL));
}

typedef struct _INTRODUCTION {
    HANDLE Client;
    ULONG MaxLength, Length;
    char Information[100];
} INTRODUCTION;

static NTSTATUS NTAPI IntroduceThread(PVOID Argument)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PORT);
    INTRODUCTION *Introduction = Argument;

    return NtConnectPort(&Introduction->Client, &Name, &Qos, NULL, NULL, &Introduction->MaxLength,
                         Introduction->Information, &Introduction->Length);
}

static VOID TestConnectionInformation(BOOLEAN Accept)
{
    INTRODUCTION Introduction = { .Length = sizeof(Introduction.Information), .Information = "knock, knock" };
    HANDLE Thread = CheckStartThread(IntroduceThread, &Introduction), Server = NULL;
    MESSAGE Message;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtListenPort(Port, &Message.Header)))
        return;
    CHECK(Message.Header.u2.s2.Type == LPC_CONNECTION_REQUEST && Message.Header.MessageId != 0);
    CHECK(Message.Header.u1.s1.DataLength == 64);       /* the port's limit */
    CHECK(strcmp(Message.Text, "knock, knock") == 0);
    CHECK(Message.Header.ClientId.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess);
    CHECK(Message.Header.ClientViewSize == 0);
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtReplyPort(Port, &Message.Header));
    Answer(&Message, "who is there");
    CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&Server, NULL, &Message.Header, Accept, NULL, NULL));
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtAcceptConnectPort(&Server, NULL, &Message.Header, Accept, NULL, NULL));
    if (Accept) {
        CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Thread, FALSE, &Soon));
        CHECK_STATUS(STATUS_SUCCESS, NtCompleteConnectPort(Server));
        CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCompleteConnectPort(Server));
    }
    CHECK_STATUS(Accept ? STATUS_SUCCESS : STATUS_PORT_CONNECTION_REFUSED, CheckJoinThread(Thread, &Long));
    CHECK(Introduction.Length == 13 && strcmp(Introduction.Information, "who is there") == 0);
    if (Accept) {
        CHECK(Introduction.MaxLength == MAXIMUM);
        Unpair(Server, Introduction.Client);
    }
}

/* The client's thread ends while it waits for the connection. */
static VOID TestLostClient(BOOLEAN Joined)
{
    HANDLE Client = NULL, Server = NULL, Thread = CheckStartThread(ConnectThread, &Client);
    MESSAGE Message, Closed;

    Expect(LPC_CONNECTION_REQUEST, &Message);
    if (Joined)
        CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&Server, NULL, &Message.Header, TRUE, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, STATUS_CANCELLED));
    CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Thread, &Long));
    if (Joined) {
        CHECK_STATUS(STATUS_PORT_DISCONNECTED, NtCompleteConnectPort(Server));
        Expect(LPC_PORT_CLOSED, &Closed);
        CHECK(Closed.Header.ClientId.UniqueThread == Message.Header.ClientId.UniqueThread);
        CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
    } else {
        CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtAcceptConnectPort(&Server, NULL, &Message.Header, TRUE, NULL, NULL));
    }
}

/* The server goes while a client waits for the connection: queued, received, accepted. */
static VOID TestLostServer(ULONG Step)
{
    HANDLE Listener, Client = NULL, Thread;
    MESSAGE Message;

    NtClose(Port);
    CHECK_STATUS(STATUS_SUCCESS, Create(PORT, 0, &Listener));
    Thread = CheckStartThread(ConnectThread, &Client);
    CheckSettle();
    if (Step >= 1)
        CHECK_STATUS(STATUS_SUCCESS, Receive(Listener, NULL, &Message));
    if (Step >= 2) {
        HANDLE End = NULL;

        CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&End, NULL, &Message.Header, TRUE, NULL, NULL));
        NtClose(End);
    }
    NtClose(Listener);
    CHECK_STATUS(Step == 2 ? STATUS_PORT_DISCONNECTED : STATUS_PORT_CONNECTION_REFUSED, CheckJoinThread(Thread, &Long));
    CHECK(Client == NULL);
    CHECK_STATUS(STATUS_SUCCESS, Create(PORT, 0, &Port));
}

/* ------------------------------------------------------------------ messages */

static VOID TestRequests(VOID)
{
    HANDLE Client, Server = Pair((PVOID)0x1234, &Client), Thread;
    REQUEST Request;
    MESSAGE Message, Next;
    PVOID Context = NULL;

    Thread = Ask(&Request, Client, "ping");
    CHECK_STATUS(STATUS_SUCCESS, Receive(Port, &Context, &Message));
    CHECK(Context == (PVOID)0x1234 && Message.Header.u2.s2.Type == LPC_REQUEST);
    CHECK(Message.Header.u1.s1.DataLength == 5 && strcmp(Message.Text, "ping") == 0 && Message.Text[5] == 0x55);
    CHECK(Message.Header.ClientId.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess);
    Next = Message;
    Next.Header.MessageId += 1000;
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtReplyPort(Port, &Next.Header));
    Next.Header.ClientId.UniqueThread = (HANDLE)0xfffffff0;
    CHECK_STATUS(STATUS_INVALID_CID, NtReplyPort(Port, &Next.Header));
    Answer(&Message, "pong");
    CHECK_STATUS(STATUS_SUCCESS, NtReplyPort(Server, &Message.Header));
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtReplyPort(Port, &Message.Header));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Request.Reply.Text, "pong") == 0 && Request.Reply.Header.u2.s2.Type == LPC_REPLY);
    CHECK(Request.Reply.Header.MessageId == Message.Header.MessageId);
    CHECK(Request.Reply.Header.ClientId.UniqueThread == NtCurrentTeb()->ClientId.UniqueThread);

    /* Answer and wait for the next in one call, at the server's end this time. */
    Thread = Ask(&Request, Client, "one");
    CHECK_STATUS(STATUS_SUCCESS, Receive(Server, &Context, &Message));
    Put(&Next, 0, "datagram");
    CHECK_STATUS(STATUS_SUCCESS, NtRequestPort(Client, &Next.Header));
    Answer(&Message, "two");
    CHECK_STATUS(STATUS_SUCCESS, NtReplyWaitReceivePort(Server, &Context, &Message.Header, &Next.Header));
    CHECK(Next.Header.u2.s2.Type == LPC_DATAGRAM && strcmp(Next.Text, "datagram") == 0);
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Request.Reply.Text, "two") == 0);

    CHECK_STATUS(STATUS_TIMEOUT, NtReplyWaitReceivePortEx(Port, NULL, NULL, &Message.Header, &Now));
    CHECK_STATUS(STATUS_TIMEOUT, NtReplyWaitReceivePortEx(Port, NULL, NULL, &Message.Header, &Soon));
    Unpair(Server, Client);
}

static VOID TestBadMessages(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client);
    MESSAGE Message, Good;

    Put(&Good, 0, "x");
    Message = Good;
    CHECK_STATUS(STATUS_LPC_INVALID_CONNECTION_USAGE, NtRequestPort(Port, &Message.Header));
    Message.Header.u1.s1.DataLength = 3;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRequestPort(Client, &Message.Header));
    Message.Header.u1.s1.TotalLength = MAXIMUM + 1;
    CHECK_STATUS(STATUS_PORT_MESSAGE_TOO_LONG, NtRequestPort(Client, &Message.Header));
    Message.Header.u1.s1.DataLength = Message.Header.u1.s1.TotalLength = 0xffff;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRequestPort(Client, &Message.Header));
    Message = Good;
    for (USHORT Type = LPC_REQUEST; Type < 16; Type++) {
        Message.Header.u2.s2.Type = Type;
        if (Type < LPC_DATAGRAM || Type > LPC_CLIENT_DIED)
            CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRequestPort(Client, &Message.Header));
    }
    Message.Header.u2.s2.Type = LPC_DATAGRAM;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRequestWaitReplyPort(Client, &Message.Header, &Message.Header));
    Message.Header.u2.s2.Type = LPC_REQUEST;            /* a question back to nobody */
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtRequestWaitReplyPort(Client, &Message.Header, &Message.Header));
    Message = Good;
    Message.Header.u2.s2.DataInfoOffset = sizeof(PORT_MESSAGE);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRequestPort(Client, &Message.Header));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtRequestPort(Client, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtRequestWaitReplyPort(Client, &Good.Header, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReplyWaitReceivePort(Port, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReplyWaitReceivePort(Port, (PVOID *)1, NULL, &Message.Header));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtRequestPort(NULL, &Good.Header));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtRequestPort(NtCurrentProcess(), &Good.Header));
    CHECK_STATUS(STATUS_INVALID_CID, NtReplyPort(Port, &Good.Header));

    /* What does not fit in memory stays in the queue. */
    Put(&Message, 0, "wait for me");
    CHECK_STATUS(STATUS_SUCCESS, NtRequestPort(Client, &Message.Header));
    {
        PVOID Base = NULL;
        SIZE_T Size = 0x1000;

        CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_COMMIT,
                                                             PAGE_READWRITE));
        CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReplyWaitReceivePort(Port, NULL, NULL, (PVOID)((PUCHAR)Base + 0x1000 -
                                                                     sizeof(PORT_MESSAGE))));
        Size = 0;
        NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_RELEASE);
    }
    Expect(LPC_DATAGRAM, &Message);
    CHECK(strcmp(Message.Text, "wait for me") == 0);
    Unpair(Server, Client);
}

static NTSTATUS NTAPI TalkThread(PVOID Argument)
{
    REQUEST *Request = Argument;
    MESSAGE *Reply = &Request->Reply;
    NTSTATUS Status = NtRequestWaitReplyPort(Request->Client, &Request->Send.Header, &Reply->Header);

    while (Status == STATUS_SUCCESS && Reply->Header.u2.s2.Type == LPC_REQUEST) {
        strcat(Reply->Text, "!");
        Answer(Reply, Reply->Text);
        Status = NtReplyWaitReplyPort(Request->Client, &Reply->Header);
    }
    return Status;
}

static VOID TestQuestionBack(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    REQUEST Request = { 0 };
    MESSAGE Message, Question, Reply;

    Request.Client = Client;
    Put(&Request.Send, 0, "I want to talk");
    Thread = CheckStartThread(TalkThread, &Request);
    Expect(LPC_REQUEST, &Message);
    for (ULONG i = 0; i < 3; i++) {
        Question = Message;
        Question.Header.u2.s2.Type = LPC_REQUEST;
        Answer(&Question, i == 0 ? "what" : i == 1 ? "why" : "when");
        CHECK_STATUS(STATUS_SUCCESS, NtRequestWaitReplyPort(Server, &Question.Header, &Reply.Header));
        CHECK(strcmp(Reply.Text, i == 0 ? "what!" : i == 1 ? "why!" : "when!") == 0);
        CHECK(Reply.Header.u2.s2.Type == LPC_REPLY);
    }
    Answer(&Message, "goodbye");
    CHECK_STATUS(STATUS_SUCCESS, NtReplyPort(Port, &Message.Header));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Request.Reply.Text, "goodbye") == 0);
    Put(&Message, 0, "x");
    CHECK_STATUS(STATUS_INVALID_CID, NtReplyWaitReplyPort(Client, &Message.Header));
    Unpair(Server, Client);
}

static NTSTATUS NTAPI DieAtQuestionThread(PVOID Argument)
{
    RequestThread(Argument);
    return STATUS_CANCELLED;
}

/* The thread that was asked back ends without an answer. */
static VOID TestQuestionLost(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    REQUEST Request = { 0 };
    MESSAGE Message, Reply;

    Request.Client = Client;
    Put(&Request.Send, 0, "I will not answer");
    Thread = CheckStartThread(DieAtQuestionThread, &Request);
    Expect(LPC_REQUEST, &Message);
    Message.Header.u2.s2.Type = LPC_REQUEST;
    CHECK_STATUS(STATUS_LPC_REPLY_LOST, NtRequestWaitReplyPort(Server, &Message.Header, &Reply.Header));
    CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Thread, &Long));
    Unpair(Server, Client);
}

/* ------------------------------------------------------------------ ends */

static VOID TestEnds(VOID)
{
    HANDLE Client, Server = Pair((PVOID)7, &Client), Thread;
    REQUEST Request;
    MESSAGE Message;
    PVOID Context = NULL;

    /* The server's end goes while a client waits for an answer; afterwards nothing can be sent. */
    Thread = Ask(&Request, Client, "hello");
    Expect(LPC_REQUEST, &Message);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, CheckJoinThread(Thread, &Long));
    CHECK(!NT_SUCCESS(NtReplyPort(Port, &Message.Header)));
    Put(&Message, 0, "x");
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, NtRequestPort(Client, &Message.Header));
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, NtRequestWaitReplyPort(Client, &Message.Header, &Message.Header));
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, NtReplyWaitReceivePort(Client, NULL, NULL, &Message.Header));
    NtClose(Client);
    CHECK_STATUS(STATUS_TIMEOUT, NtReplyWaitReceivePortEx(Port, NULL, NULL, &Message.Header, &Now));

    /* The client's end goes: its datagrams are still there, then the news. */
    Server = Pair((PVOID)8, &Client);
    Put(&Message, 0, "last words");
    CHECK_STATUS(STATUS_SUCCESS, NtRequestPort(Client, &Message.Header));
    NtClose(Client);
    Expect(LPC_DATAGRAM, &Message);
    CHECK_STATUS(STATUS_SUCCESS, Receive(Port, &Context, &Message));
    CHECK(Context == (PVOID)8 && Message.Header.u2.s2.Type == LPC_PORT_CLOSED);
    CHECK(Message.Header.ClientId.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess);
    Put(&Message, 0, "x");
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, NtRequestPort(Server, &Message.Header));
    NtClose(Server);

    /* The client's thread ends while it waits. */
    Server = Pair(NULL, &Client);
    Thread = Ask(&Request, Client, "I am about to die");
    Expect(LPC_REQUEST, &Message);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, STATUS_CANCELLED));
    CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Thread, &Long));
    CHECK(!NT_SUCCESS(NtReplyPort(Port, &Message.Header)));
    Unpair(Server, Client);
}

static NTSTATUS NTAPI RegisterThread(PVOID Argument)
{
    return NtRegisterThreadTerminatePort(*(PHANDLE)Argument);
}

static VOID TestTermination(VOID)
{
    HANDLE Client, Server = Pair((PVOID)9, &Client);
    HANDLE Thread = CheckStartThread(RegisterThread, &Client);
    KERNEL_USER_TIMES Times = { 0 };
    THREAD_BASIC_INFORMATION Basic = { 0 };
    MESSAGE Message;
    PVOID Context = NULL;

    NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
    NtQueryInformationThread(Thread, ThreadTimes, &Times, sizeof(Times), NULL);
    CHECK_STATUS(STATUS_SUCCESS, Receive(Port, &Context, &Message));
    CHECK(Context == (PVOID)9 && Message.Header.u2.s2.Type == LPC_CLIENT_DIED);
    CHECK(Message.Header.u1.s1.TotalLength == sizeof(LPC_CLIENT_DIED_MSG));
    CHECK(memcmp(&((LPC_CLIENT_DIED_MSG *)&Message)->CreateTime, &Times.CreateTime, sizeof(LARGE_INTEGER)) == 0);
    CHECK(Message.Header.ClientId.UniqueThread == Basic.ClientId.UniqueThread);
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtRegisterThreadTerminatePort(NULL));
    Unpair(Server, Client);
}

/* ------------------------------------------------------------------ memory */

typedef struct _VIEWS {
    HANDLE Client;
    PORT_VIEW Own;
    REMOTE_PORT_VIEW Server;
} VIEWS;

static NTSTATUS NTAPI ViewThread(PVOID Argument)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PORT);
    VIEWS *Views = Argument;

    return NtConnectPort(&Views->Client, &Name, &Qos, &Views->Own, &Views->Server, NULL, NULL, NULL);
}

static HANDLE Section(ULONG Size)
{
    LARGE_INTEGER Bytes = { .QuadPart = Size };
    HANDLE Handle = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Handle, SECTION_ALL_ACCESS, NULL, &Bytes, PAGE_READWRITE, SEC_COMMIT,
                                                 NULL));
    return Handle;
}

static BOOLEAN IsMapped(PVOID Address)
{
    MEMORY_BASIC_INFORMATION Information;
    NTSTATUS Status = NtQueryVirtualMemory(NtCurrentProcess(), Address, MemoryBasicInformation, &Information,
                                           sizeof(Information), NULL);

    return NT_SUCCESS(Status) && Information.Type == MEM_MAPPED;
}

static VOID TestViews(VOID)
{
    VIEWS Views = { .Own = { .Length = sizeof(PORT_VIEW), .SectionHandle = Section(0x20000), .SectionOffset = 0x10000 },
                    .Server = { .Length = sizeof(REMOTE_PORT_VIEW) } };
    PORT_VIEW Own = { .Length = sizeof(Own), .SectionHandle = Section(0x3000), .ViewSize = 0x2000 };
    REMOTE_PORT_VIEW Client = { .Length = sizeof(Client) };
    HANDLE Thread = CheckStartThread(ViewThread, &Views), Server = NULL;
    MESSAGE Message;

    Expect(LPC_CONNECTION_REQUEST, &Message);
    CHECK(Message.Header.ClientViewSize == 0x10000);
    Client.Length = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAcceptConnectPort(&Server, NULL, &Message.Header, TRUE, &Own, &Client));
    Client.Length = sizeof(Client);
    CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&Server, NULL, &Message.Header, TRUE, &Own, &Client));
    CHECK_STATUS(STATUS_SUCCESS, NtCompleteConnectPort(Server));
    if (!CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long)))
        return;
    CHECK(Views.Own.ViewSize == 0x10000 && Client.ViewSize == 0x10000 && Views.Own.ViewRemoteBase == Client.ViewBase);
    CHECK(Own.ViewSize == 0x2000 && Views.Server.ViewSize == 0x2000 && Views.Server.ViewBase == Own.ViewRemoteBase);
    CHECK(Views.Own.ViewBase != Client.ViewBase && Own.ViewBase != Own.ViewRemoteBase);
    strcpy(Views.Own.ViewBase, "from the client");
    CHECK(strcmp(Client.ViewBase, "from the client") == 0);
    strcpy(Own.ViewBase, "from the server");
    CHECK(strcmp(Views.Server.ViewBase, "from the server") == 0);
    NtClose(Own.SectionHandle);
    NtClose(Views.Own.SectionHandle);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Views.Client));
    CHECK(!IsMapped(Views.Own.ViewBase) && !IsMapped(Views.Server.ViewBase));
    Expect(LPC_PORT_CLOSED, &Message);
    CHECK(IsMapped(Own.ViewBase));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
    CHECK(!IsMapped(Own.ViewBase) && !IsMapped(Client.ViewBase));
}

static VOID TestRequestData(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    char Mine[16] = "client memory", Copy[16] = { 0 };
    PORT_DATA_INFORMATION *Information;
    REQUEST Request = { 0 };
    MESSAGE Message;
    SIZE_T Count = 0;

    Request.Client = Client;
    Put(&Request.Send, 0, "");
    Information = (PVOID)Request.Send.Text;
    Information->CountDataEntries = 1;
    Information->DataEntries[0].Base = Mine;
    Information->DataEntries[0].Size = sizeof(Mine);
    Request.Send.Header.u1.s1.DataLength = sizeof(*Information);
    Request.Send.Header.u1.s1.TotalLength = sizeof(PORT_MESSAGE) + sizeof(*Information);
    Request.Send.Header.u2.s2.DataInfoOffset = sizeof(PORT_MESSAGE);
    Information->CountDataEntries = 2;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RequestThread(&Request));
    Information->CountDataEntries = 0x10000001;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RequestThread(&Request));
    Information->CountDataEntries = 1;
    Thread = CheckStartThread(RequestThread, &Request);
    Expect(LPC_REQUEST, &Message);
    CHECK_STATUS(STATUS_SUCCESS, NtReadRequestData(Port, &Message.Header, 0, Copy, sizeof(Copy), &Count));
    CHECK(Count == sizeof(Copy) && strcmp(Copy, "client memory") == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtWriteRequestData(Port, &Message.Header, 0, (PVOID)"server", 7, NULL));
    CHECK(strcmp(Mine, "server") == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtReadRequestData(Port, &Message.Header, 1, Copy, 1, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtReadRequestData(Port, &Message.Header, 0, Copy, sizeof(Copy) + 1, NULL));
    Message.Header.u2.s2.DataInfoOffset = 0;            /* the server's copy says nothing */
    CHECK_STATUS(STATUS_SUCCESS, NtReadRequestData(Port, &Message.Header, 0, Copy, 1, &Count));
    Answer(&Message, "done");
    CHECK_STATUS(STATUS_SUCCESS, NtReplyPort(Port, &Message.Header));
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtReadRequestData(Port, &Message.Header, 0, Copy, 1, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    Unpair(Server, Client);
}

/* ------------------------------------------------------------------ security */

static VOID TestImpersonation(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread, Token = NULL;
    SECURITY_IMPERSONATION_LEVEL Level = 0;
    REQUEST Request;
    MESSAGE Message;
    ULONG Length;

    Thread = Ask(&Request, Client, "act for me");
    Expect(LPC_REQUEST, &Message);
    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_INVALID_PORT_HANDLE, NtImpersonateClientOfPort(Client, &Message.Header));
    CHECK_STATUS(STATUS_SUCCESS, NtImpersonateClientOfPort(Server, &Message.Header));
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token))) {
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenImpersonationLevel, &Level, sizeof(Level),
                                                             &Length));
        CHECK(Level == SecurityImpersonation);
        NtClose(Token);
    }
    Token = NULL;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Token,
                                                        sizeof(Token)));
    Answer(&Message, "done");
    CHECK_STATUS(STATUS_SUCCESS, NtReplyPort(Port, &Message.Header));
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, NtImpersonateClientOfPort(Server, &Message.Header));
    CheckJoinThread(Thread, &Long);
    Unpair(Server, Client);
}

typedef struct _SECURE {
    HANDLE Client;
    PSID Sid;
} SECURE;

static NTSTATUS NTAPI SecureThread(PVOID Argument)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PORT);
    SECURE *Secure = Argument;

    return NtSecureConnectPort(&Secure->Client, &Name, &Qos, NULL, Secure->Sid, NULL, NULL, NULL, NULL);
}

static VOID TestServerSid(VOID)
{
    SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } }, Bad = World;
    union {
        TOKEN_USER User;
        UCHAR Bytes[128];
    } Token;
    HANDLE Handle = NULL, Thread, Server = NULL;
    SECURE Secure = { .Sid = &World };
    MESSAGE Message;
    ULONG Length;

    CHECK_STATUS(STATUS_SERVER_SID_MISMATCH, SecureThread(&Secure));
    Bad.Revision = 9;
    Secure.Sid = &Bad;
    CHECK_STATUS(STATUS_INVALID_SID, SecureThread(&Secure));
    Secure.Sid = (PSID)1;
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, SecureThread(&Secure));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &Handle));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Handle, TokenUser, &Token, sizeof(Token), &Length));
    NtClose(Handle);
    Secure.Sid = Token.User.User.Sid;
    Thread = CheckStartThread(SecureThread, &Secure);
    Expect(LPC_CONNECTION_REQUEST, &Message);
    CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&Server, NULL, &Message.Header, TRUE, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCompleteConnectPort(Server));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    Unpair(Server, Secure.Client);
}

/* ------------------------------------------------------------------ many messages */

static VOID TestFlood(VOID)
{
    HANDLE Client, Server = Pair((PVOID)1, &Client), Polite, PoliteServer = Pair((PVOID)2, &Polite);
    ULONG Sent = 0, Received = 0, Numbers = 0;
    NTSTATUS Status;
    MESSAGE Message;
    PVOID Context;

    Put(&Message, 0, "flood, flood, flood");
    while ((Status = NtRequestPort(Client, &Message.Header)) == STATUS_SUCCESS && Sent < 1000000)
        Sent++;
    CHECK_STATUS(STATUS_QUOTA_EXCEEDED, Status);
    CHECK(Sent > 1000);
    CHECK_STATUS(STATUS_SUCCESS, NtRequestPort(Polite, &Message.Header));
    while (Receive(Port, &Context, &Message) == STATUS_SUCCESS && Context == (PVOID)1) {
        Received++;
        Numbers += Message.Header.MessageId != 0;
    }
    CHECK(Received == Sent && Numbers == Sent && Context == (PVOID)2);
    CHECK_STATUS(STATUS_SUCCESS, NtRequestPort(Client, (Put(&Message, 0, "again"), &Message.Header)));
    Expect(LPC_DATAGRAM, &Message);
    Unpair(Server, Client);
    Unpair(PoliteServer, Polite);
}

static VOID TestWaitablePort(VOID)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Client = NULL, Listener = NULL, Thread;
    MESSAGE Message;

    RtlInitUnicodeString(&Name, PORT);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtClose(Port);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateWaitablePort(&Listener, &Attributes, 64, MAXIMUM, 0));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Listener, FALSE, &Now));
    Thread = CheckStartThread(ConnectThread, &Client);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Listener, FALSE, &Long));
    CHECK_STATUS(STATUS_SUCCESS, Receive(Listener, NULL, &Message));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Listener, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(NULL, NULL, &Message.Header, FALSE, NULL, NULL));
    CHECK_STATUS(STATUS_PORT_CONNECTION_REFUSED, CheckJoinThread(Thread, &Long));
    NtClose(Listener);
    CHECK_STATUS(STATUS_SUCCESS, Create(PORT, 0, &Port));
}

/* ------------------------------------------------------------------ two processes */

/* The child: connects, asks, and does what the answer says. */
static int RunChild(VOID)
{
    HANDLE Client;
    REQUEST Request = { 0 };

    if (Connect(PORT, &Client) != STATUS_SUCCESS)
        return 1;
    Request.Client = Client;
    for (ULONG i = 0; i < 100; i++) {
        Put(&Request.Send, 0, "count");
        if (RequestThread(&Request) != STATUS_SUCCESS || strcmp(Request.Reply.Text, "counted") != 0)
            return 2;
    }
    Put(&Request.Send, 0, "for ever");
    RequestThread(&Request);
    return 3;
}

static VOID TestProcess(VOID)
{
    PROCESS_START Options = {
        .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, .CommandLine = L"lpc child",
    };
    HANDLE Process = NULL, Server = NULL;
    ULONG ProcessId = 0, Counted = 0;
    MESSAGE Message;

    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Options, &Process, &ProcessId)))
        return;
    Expect(LPC_CONNECTION_REQUEST, &Message);
    CHECK((ULONG)(ULONG_PTR)Message.Header.ClientId.UniqueProcess == ProcessId);
    CHECK_STATUS(STATUS_SUCCESS, NtAcceptConnectPort(&Server, NULL, &Message.Header, TRUE, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCompleteConnectPort(Server));
    while (Receive(Port, NULL, &Message) == STATUS_SUCCESS && strcmp(Message.Text, "count") == 0) {
        Answer(&Message, "counted");
        Counted += NtReplyPort(Port, &Message.Header) == STATUS_SUCCESS;
    }
    CHECK(Counted == 100 && strcmp(Message.Text, "for ever") == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, STATUS_CONTROL_C_EXIT));
    CHECK_STATUS(STATUS_CONTROL_C_EXIT, WaitForProcess(Process));
    Answer(&Message, "too late");
    CHECK(!NT_SUCCESS(NtReplyPort(Port, &Message.Header)));
    Expect(LPC_PORT_CLOSED, &Message);
    CHECK((ULONG)(ULONG_PTR)Message.Header.ClientId.UniqueProcess == ProcessId);
    NtClose(Server);
    NtClose(Process);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount == 2)
        return RunChild();
    CHECK_STATUS(STATUS_SUCCESS, Create(PORT, 0, &Port));
    TestObject();
    TestNoServer();
    TestConnectionInformation(FALSE);
    TestConnectionInformation(TRUE);
    TestLostClient(FALSE);
    TestLostClient(TRUE);
    for (ULONG Step = 0; Step < 3; Step++)
        TestLostServer(Step);
    TestRequests();
    TestBadMessages();
    TestQuestionBack();
    TestQuestionLost();
    TestEnds();
    TestTermination();
    TestViews();
    TestRequestData();
    TestImpersonation();
    TestServerSid();
    TestFlood();
    TestWaitablePort();
    TestProcess();
    NtClose(Port);
    return CheckClose();
}
