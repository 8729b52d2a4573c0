/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ALPC: connections, messages of each kind, questions back, attributes (context, token, security, handles, views), port
 * sections, cancelling, completion ports, ends at any point; the layout routines of ntdll.
 *
 * Runs on: Nereid.  (Wine has none of these.)  What is expected is what NtDoc and the tests of Microsoft's OpenVMM
 * (support/pal, module alpc) and of ReactOS (apitests/alpc) say, which run on Windows.
 */
#define PORT L"\\RPC Control\\nereid-alpc"
#include "alpchelp.h"

/* ------------------------------------------------------------------ layout */

static VOID TestLayout(VOID)
{
    BLOCK Block = { 0 };
    SIZE_T Size = 0;

    CHECK(AlpcMaxAllowedMessageLength() == 0xFFFF);
    CHECK(AlpcGetHeaderSize(0) == 8);
    CHECK(AlpcGetHeaderSize(ALPC_MESSAGE_SECURITY_ATTRIBUTE) == 8 + 0x18);
    CHECK(AlpcGetHeaderSize(ALPC_MESSAGE_VIEW_ATTRIBUTE) == 8 + 0x20);
    CHECK(AlpcGetHeaderSize(ALPC_MESSAGE_CONTEXT_ATTRIBUTE) == 8 + 0x20);
    CHECK(AlpcGetHeaderSize(ALPC_MESSAGE_HANDLE_ATTRIBUTE) == 8 + 0x18);
    CHECK(AlpcGetHeaderSize(ALPC_MESSAGE_TOKEN_ATTRIBUTE) == 8 + 0x18);
    CHECK(AlpcGetHeaderSize(ALPC_MESSAGE_DIRECT_ATTRIBUTE | ALPC_MESSAGE_WORK_ON_BEHALF_ATTRIBUTE) == 8 + 16);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, AlpcInitializeMessageAttribute(ALL_ATTRIBUTES, NULL, 0, &Size));
    CHECK(Size == AlpcGetHeaderSize(ALL_ATTRIBUTES));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, AlpcInitializeMessageAttribute(ALL_ATTRIBUTES, &Block.Header, Size - 1, &Size));
    CHECK_STATUS(STATUS_SUCCESS, AlpcInitializeMessageAttribute(ALL_ATTRIBUTES, &Block.Header, Size, &Size));
    CHECK(Block.Header.AllocatedAttributes == ALL_ATTRIBUTES && Block.Header.ValidAttributes == 0);
    CHECK(AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_SECURITY_ATTRIBUTE) == &Block.Bytes[8]);
    CHECK(AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_VIEW_ATTRIBUTE) == &Block.Bytes[0x20]);
    CHECK(AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_CONTEXT_ATTRIBUTE) == &Block.Bytes[0x40]);
    CHECK(AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_TOKEN_ATTRIBUTE) == &Block.Bytes[0x78]);
    CHECK(AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_DIRECT_ATTRIBUTE) == NULL);
    CHECK(AlpcGetMessageAttribute(&Block.Header, ALL_ATTRIBUTES) == NULL);
}

/* ------------------------------------------------------------------ ports and connections */

static VOID TestPorts(VOID)
{
    ALPC_PORT_ATTRIBUTES Bad = Options;
    ALPC_BASIC_INFORMATION Basic;
    MESSAGE Message;
    HANDLE Handle = NULL;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtAlpcQueryInformation(Port, AlpcBasicInformation, &Basic, sizeof(Basic), &Length));
    CHECK(Length == sizeof(Basic) && Basic.Flags == Options.Flags && Basic.PortContext == NULL);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtAlpcQueryInformation(Port, AlpcBasicInformation, &Basic, 4, NULL));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtAlpcQueryInformation(Port, 99, &Basic, sizeof(Basic), NULL));
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    Bad.MaxMessageLength = sizeof(PORT_MESSAGE) - 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreatePort(&Handle, NULL, &Bad));
    Bad.MaxMessageLength = 0x10000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreatePort(&Handle, NULL, &Bad));
    Bad = Options;
    Bad.Flags = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreatePort(&Handle, NULL, &Bad));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtAlpcCreatePort(NULL, NULL, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtAlpcCreatePort(&Handle, NULL, (PVOID)1));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreatePort(&Handle, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDisconnectPort(Handle, 0));
    CHECK_STATUS(STATUS_PORT_CLOSED, Receive(Handle, &Message, NULL, NULL));
    NtClose(Handle);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcSendWaitReceivePort(Port, 0, NULL, NULL, NULL, NULL, NULL, NULL));
    Put(&Message, "x");
    CHECK_STATUS(STATUS_LPC_INVALID_CONNECTION_USAGE, Send(Port, 0, &Message, NULL));
}

typedef struct _CLIENT {
    HANDLE Handle;
    MESSAGE Message;
    SIZE_T Length;
} CLIENT;

static NTSTATUS NTAPI ConnectThread(PVOID Argument)
{
    CLIENT *Client = Argument;
    OBJECT_ATTRIBUTES Attributes;

    Client->Length = sizeof(Client->Message);
    Put(&Client->Message, "let me in");
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtAlpcConnectPortEx(&Client->Handle, &Attributes, NULL, &Options, ALPC_MSGFLG_SYNC_REQUEST, NULL,
                               &Client->Message.Header, &Client->Length, NULL, NULL, &Long);
}

static VOID TestConnect(BOOLEAN Accept)
{
    CLIENT Client = { 0 };
    HANDLE Thread = CheckStartThread(ConnectThread, &Client), Server = NULL;
    ALPC_BASIC_INFORMATION Basic = { 0 };
    MESSAGE Message;

    Expect(Port, LPC_CONNECTION_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK(strcmp(Message.Text, "let me in") == 0);
    CHECK_STATUS(STATUS_LPC_INVALID_CONNECTION_USAGE, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Answer(&Message, Accept ? "come in, please" : "not today");
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcAcceptConnectPort(&Server, Port, 0, NULL, NULL, (PVOID)5, &Message.Header, NULL,
                                                         Accept));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, NtAlpcAcceptConnectPort(&Server, Port, 0, NULL, NULL, NULL, &Message.Header,
                                                                   NULL, Accept));
    CHECK_STATUS(Accept ? STATUS_SUCCESS : STATUS_PORT_CONNECTION_REFUSED, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Client.Message.Text, Accept ? "come in, please" : "not today") == 0);
    CHECK(Client.Message.Header.u2.s2.Type == LPC_CONNECTION_REPLY);
    CHECK(Client.Length == sizeof(PORT_MESSAGE) + strlen(Client.Message.Text) + 1);
    if (!Accept) {
        CHECK(Client.Handle == NULL && Server == NULL);
        return;
    }
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcQueryInformation(Server, AlpcBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.PortContext == (PVOID)5);
    Unpair(Server, Client.Handle);
}

static VOID TestAsynchronousRefusal(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -20 * MS };
    HANDLE Client = NULL, Server = NULL;
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, ConnectWith(&Options, &Client));
    Expect(Port, LPC_CONNECTION_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Client, &Message, NULL, &Short));
    NtClose(Client);
    CHECK_STATUS(STATUS_SUCCESS, ConnectWith(&Options, &Client));
    Expect(Port, LPC_CONNECTION_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcAcceptConnectPort(&Server, Port, 0, NULL, NULL, NULL, &Message.Header, NULL, FALSE));
    CHECK_STATUS(STATUS_PORT_CONNECTION_REFUSED, Receive(Client, &Message, NULL, &Long));
    NtClose(Client);
    /* A client that gives up takes its request along. */
    CHECK_STATUS(STATUS_SUCCESS, ConnectWith(&Options, &Client));
    NtClose(Client);
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
}

/* The name of an end may not be a port's that exists, which would be no end of the connection. */
static VOID TestTakenNames(VOID)
{
    HANDLE Client = NULL, Other = NULL, Server = NULL;
    OBJECT_ATTRIBUTES Taken;
    MESSAGE Message;

    InitializeObjectAttributes(&Taken, &Name, OBJ_CASE_INSENSITIVE | OBJ_OPENIF, NULL, NULL);
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, NtAlpcConnectPort(&Other, &Name, &Taken, &Options, 0, NULL, NULL, NULL, NULL, NULL, NULL));
    CHECK(Other == NULL);
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    CHECK_STATUS(STATUS_SUCCESS, ConnectWith(&Options, &Client));
    Expect(Port, LPC_CONNECTION_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, NtAlpcAcceptConnectPort(&Other, Port, 0, &Taken, &Options, NULL, &Message.Header, NULL, TRUE));
    CHECK(Other == NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcAcceptConnectPort(&Server, Port, 0, NULL, &Options, NULL, &Message.Header, NULL, TRUE));
    Expect(Client, LPC_CONNECTION_REPLY, &Message, NULL);
    Unpair(Server, Client);
}

static NTSTATUS NTAPI TimeoutThread(PVOID Argument)
{
    LARGE_INTEGER Short = { .QuadPart = -20 * MS };

    return NtAlpcConnectPort(Argument, &Name, NULL, &Options, ALPC_MSGFLG_SYNC_REQUEST, NULL, NULL, NULL, NULL, NULL,
                             &Short);
}

static VOID TestConnectTimeout(VOID)
{
    SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
    HANDLE Client = NULL;
    MESSAGE Message;

    CHECK_STATUS(STATUS_TIMEOUT, TimeoutThread(&Client));
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    CHECK_STATUS(STATUS_SERVER_SID_MISMATCH, NtAlpcConnectPort(&Client, &Name, NULL, &Options, 0, &World, NULL, NULL, NULL,
                                                               NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcConnectPort(&Client, &Name, NULL, &Options, 4, NULL, NULL, NULL, NULL,
                                                             NULL, NULL));
}

/* ------------------------------------------------------------------ messages */

typedef struct _REQUEST {
    HANDLE Client;
    ULONG Limit;
    MESSAGE Send, Reply;
    BLOCK In;
    SIZE_T Length;
    PLARGE_INTEGER Timeout;
} REQUEST;

static NTSTATUS NTAPI RequestThread(PVOID Argument)
{
    REQUEST *Request = Argument;

    Request->Length = Request->Limit != 0 ? Request->Limit : sizeof(Request->Reply);
    return NtAlpcSendWaitReceivePort(Request->Client, ALPC_MSGFLG_SYNC_REQUEST, &Request->Send.Header, NULL,
                                     &Request->Reply.Header, &Request->Length, NULL, Request->Timeout);
}

static VOID TestMessages(VOID)
{
    HANDLE Client, Server = Pair((PVOID)0x77, &Client), Thread;
    REQUEST Request = { .Client = Client };
    MESSAGE Message, Other;
    SIZE_T Length;
    BLOCK Block;

    /* Synchronous. */
    Put(&Request.Send, "ping");
    Thread = CheckStartThread(RequestThread, &Request);
    Prepare(&Block, ALL_ATTRIBUTES);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, &Block);
    CHECK(strcmp(Message.Text, "ping") == 0);
    CHECK(Block.Header.ValidAttributes == (ALPC_MESSAGE_CONTEXT_ATTRIBUTE | ALPC_MESSAGE_TOKEN_ATTRIBUTE));
    CHECK(((PALPC_CONTEXT_ATTR)AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_CONTEXT_ATTRIBUTE))->PortContext ==
          (PVOID)0x77);
    Answer(&Message, "pong");
    CHECK_STATUS(STATUS_SUCCESS, Send(Server, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, Send(Server, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Request.Reply.Text, "pong") == 0 && Request.Reply.Header.u2.s2.Type == LPC_REPLY);
    CHECK(Request.Length == sizeof(PORT_MESSAGE) + 5);

    /* Asynchronous, both ways. */
    Put(&Message, "question");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, NULL));
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    Answer(&Message, "answer");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_REPLY_MESSAGE, &Message, NULL));
    Expect(Client, LPC_REPLY, &Message, NULL);
    CHECK(strcmp(Message.Text, "answer") == 0);
    Put(&Message, "server asks");
    CHECK_STATUS(STATUS_SUCCESS, Send(Server, 0, &Message, NULL));
    Expect(Client, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    Answer(&Message, "client answers");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Port, LPC_REPLY, &Message, NULL);
    CHECK(strcmp(Message.Text, "client answers") == 0);

    /* Datagrams; what does not fit stays. */
    Put(&Message, "a datagram");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Length = sizeof(PORT_MESSAGE) + 10;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtAlpcSendWaitReceivePort(Port, 0, NULL, NULL, &Other.Header, &Length, NULL,
                                                                    &Long));
    CHECK(Length == sizeof(PORT_MESSAGE) + 11);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcSendWaitReceivePort(Port, 0, NULL, NULL, &Other.Header, &Length, NULL, &Long));
    CHECK(Other.Header.u2.s2.Type == LPC_DATAGRAM && strcmp(Other.Text, "a datagram") == 0);
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Other, NULL));

    /* An answer that does not fit can be received again. */
    Request.Limit = sizeof(PORT_MESSAGE);
    Put(&Request.Send, "ping");
    Thread = CheckStartThread(RequestThread, &Request);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    Answer(&Message, "a long answer");
    CHECK_STATUS(STATUS_SUCCESS, Send(Server, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, CheckJoinThread(Thread, &Long));
    Expect(Client, LPC_REPLY, &Message, NULL);
    CHECK(strcmp(Message.Text, "a long answer") == 0);
    Unpair(Server, Client);
}

static VOID TestBadMessages(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client);
    MESSAGE Message;
    BLOCK Block;
    SIZE_T Length = sizeof(Message);

    Put(&Message, "x");
    CHECK_STATUS(STATUS_LPC_RECEIVE_BUFFER_EXPECTED, Send(Client, ALPC_MSGFLG_SYNC_REQUEST, &Message, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Send(Client, ALPC_MSGFLG_SYNC_REQUEST | ALPC_MSGFLG_RELEASE_MESSAGE, &Message,
                                                NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcSendWaitReceivePort(Client, ALPC_MSGFLG_SYNC_REQUEST, NULL, NULL,
                                                                     &Message.Header, &Length, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Send(Client, 4, &Message, NULL));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, Send(Client, ALPC_MSGFLG_REPLY_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Send(Client, 0, (PVOID)1, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Send(Client, 0, &Message, (PVOID)1));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtAlpcSendWaitReceivePort(Client, 0, NULL, NULL, &Message.Header, (PVOID)1, NULL,
                                                                    NULL));
    Message.Header.u1.s1.TotalLength = MAXIMUM + 1;
    CHECK_STATUS(STATUS_PORT_MESSAGE_TOO_LONG, Send(Client, 0, &Message, NULL));
    Put(&Message, "x");
    Prepare(&Block, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    Block.Header.ValidAttributes = ALPC_MESSAGE_VIEW_ATTRIBUTE;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Send(Client, 0, &Message, &Block));
    Prepare(&Block, ALPC_MESSAGE_DIRECT_ATTRIBUTE);
    Block.Header.ValidAttributes = ALPC_MESSAGE_DIRECT_ATTRIBUTE;
    CHECK_STATUS(STATUS_NOT_SUPPORTED, Send(Client, 0, &Message, &Block));
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    Unpair(Server, Client);
}

/* ------------------------------------------------------------------ questions back */

#define QUESTION (LPC_REQUEST | LPC_CONTINUATION_REQUIRED)

/* The answer to what Request->Reply holds, an exclamation mark more, and the wait for the next. */
static NTSTATUS AnswerQuestion(REQUEST *Request, ULONG Flags)
{
    MESSAGE *Reply = &Request->Reply;
    ULONG CallbackId = Reply->Header.CallbackId;
    CHAR Text[MAXIMUM];

    strcpy(Text, Reply->Text);
    strcat(Text, "!");
    Answer(Reply, Text);
    Reply->Header.CallbackId = CallbackId;
    Request->Length = sizeof(*Reply);
    return NtAlpcSendWaitReceivePort(Request->Client, ALPC_MSGFLG_SYNC_REQUEST | Flags, &Reply->Header, NULL, &Reply->Header,
                                     &Request->Length, NULL, Request->Timeout);
}

/* A client that answers all that it is asked; a question that does not fit is received from the port. */
static NTSTATUS NTAPI TalkThread(PVOID Argument)
{
    REQUEST *Request = Argument;
    NTSTATUS Status = RequestThread(Request);

    if (Status == STATUS_BUFFER_TOO_SMALL)
        Status = Receive(Request->Client, &Request->Reply, NULL, &Long);
    for (ULONG i = 0; Status == STATUS_SUCCESS && Request->Reply.Header.u2.s2.Type == QUESTION; i++)
        Status = AnswerQuestion(Request, i % 2 == 0 ? ALPC_MSGFLG_REPLY_MESSAGE : 0);
    return Status;
}

/* Has a thread ask, and receives its request at Port. */
static HANDLE StartTalk(REQUEST *Request, PVOID Routine, MESSAGE *Message)
{
    HANDLE Thread;

    Put(&Request->Send, "I want to talk");
    Thread = CheckStartThread(Routine, Request);
    Expect(Port, QUESTION, Message, NULL);
    return Thread;
}

static NTSTATUS Ask(HANDLE Handle, const MESSAGE *Message, const char *Text, MESSAGE *Reply, BLOCK *Block,
        PLARGE_INTEGER Timeout)
{
    MESSAGE Question = *Message;
    SIZE_T Length = sizeof(*Reply);

    Answer(&Question, Text);
    return NtAlpcSendWaitReceivePort(Handle, ALPC_MSGFLG_SYNC_REQUEST, &Question.Header, &Block->Header, &Reply->Header,
                                     &Length, &Block->Header, Timeout);
}

static VOID TestQuestionBack(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    REQUEST Request = { .Client = Client };
    MESSAGE Message, Reply;
    ALPC_CONTEXT_ATTR *Context;
    BLOCK Block;

    Thread = StartTalk(&Request, TalkThread, &Message);
    for (ULONG i = 0; i < 3; i++) {
        Prepare(&Block, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
        Context = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
        Context->MessageContext = (PVOID)(ULONG_PTR)(i + 1);
        Block.Header.ValidAttributes = ALPC_MESSAGE_CONTEXT_ATTRIBUTE;
        CHECK_STATUS(STATUS_SUCCESS, Ask(i == 0 ? Port : Server, &Message, i == 0 ? "what" : i == 1 ? "why" : "when", &Reply,
                                         &Block, NULL));
        CHECK(strcmp(Reply.Text, i == 0 ? "what!" : i == 1 ? "why!" : "when!") == 0);
        CHECK(Reply.Header.u2.s2.Type == LPC_REPLY && Reply.Header.MessageId == Message.Header.MessageId);
        CHECK(Context->MessageContext == (PVOID)(ULONG_PTR)(i + 1));
    }
    Answer(&Message, "goodbye");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Request.Reply.Text, "goodbye") == 0);
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, Ask(Port, &Message, "late", &Reply, NULL, NULL));

    /* The client has no room for the question. */
    Request.Limit = sizeof(PORT_MESSAGE);
    Thread = StartTalk(&Request, TalkThread, &Message);
    CHECK_STATUS(STATUS_SUCCESS, Ask(Server, &Message, "a long question", &Reply, NULL, NULL));
    CHECK(strcmp(Reply.Text, "a long question!") == 0);
    Answer(&Message, "goodbye");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));

    /* Nobody waits for the answer; there is nothing to answer. */
    Put(&Message, "no hurry");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, NULL));
    Expect(Port, QUESTION, &Message, NULL);
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, Ask(Port, &Message, "what", &Reply, NULL, NULL));
    Answer(&Message, "done");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Client, LPC_REPLY, &Message, NULL);
    Put(&Message, "x");
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND,
                 NtAlpcSendWaitReceivePort(Client, ALPC_MSGFLG_SYNC_REQUEST | ALPC_MSGFLG_REPLY_MESSAGE, &Message.Header, NULL,
                                           &Reply.Header, NULL, NULL, NULL));
    Unpair(Server, Client);
}

/* A handle goes along with the question. */
static VOID TestQuestionWithHandle(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread, Event = NULL;
    REQUEST Request = { .Client = Client };
    MESSAGE Message, Reply;
    PALPC_HANDLE_ATTR Attribute;
    BLOCK Block;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    Thread = StartTalk(&Request, TalkThread, &Message);
    Prepare(&Block, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Attribute = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Attribute->Flags = ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS;
    Attribute->Handle = (HANDLE)0x7FFC;                 /* none: the question is not asked */
    Block.Header.ValidAttributes = ALPC_MESSAGE_HANDLE_ATTRIBUTE;
    CHECK_STATUS(STATUS_INVALID_HANDLE, Ask(Server, &Message, "take it", &Reply, &Block, NULL));
    Attribute->Handle = Event;
    CHECK_STATUS(STATUS_SUCCESS, Ask(Server, &Message, "take it", &Reply, &Block, NULL));
    CHECK(Block.Header.ValidAttributes == 0 && strcmp(Reply.Text, "take it!") == 0);
    Answer(&Message, "goodbye");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Event));
    Unpair(Server, Client);
}

static HANDLE Asked, Proceed;
static MESSAGE Subject;

/* A client that answers late. */
static NTSTATUS NTAPI SlowThread(PVOID Argument)
{
    NTSTATUS Status = RequestThread(Argument);

    NtSetEvent(Asked, NULL);
    NtWaitForSingleObject(Proceed, FALSE, &Long);
    return NT_SUCCESS(Status) ? AnswerQuestion(Argument, ALPC_MSGFLG_REPLY_MESSAGE) : Status;
}

static NTSTATUS NTAPI AskThread(PVOID Argument)
{
    MESSAGE Reply;

    return Ask(*(PHANDLE)Argument, &Subject, "well", &Reply, NULL, &Long);
}

/* The asker does not wait long enough; the client's thread ends. */
static VOID TestQuestionLost(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    LARGE_INTEGER Short = { .QuadPart = -50 * MS };
    REQUEST Request = { .Client = Client };
    MESSAGE Message, Reply;

    Thread = StartTalk(&Request, SlowThread, &Message);
    CHECK_STATUS(STATUS_TIMEOUT, Ask(Server, &Message, "quick", &Reply, NULL, &Short));
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, Ask(Server, &Message, "again", &Reply, NULL, NULL));
    NtSetEvent(Proceed, NULL);
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, CheckJoinThread(Thread, &Long));
    Answer(&Message, "without your answer");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Client, LPC_REPLY, &Reply, NULL);
    CHECK(Reply.Header.MessageId == Request.Reply.Header.MessageId && strcmp(Reply.Text, "without your answer") == 0);

    Thread = StartTalk(&Request, RequestThread, &Message);
    CHECK_STATUS(STATUS_LPC_REPLY_LOST, Ask(Server, &Message, "will you answer", &Reply, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, AnswerQuestion(&Request, 0));
    Answer(&Message, "too late");
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Unpair(Server, Client);
}

/* What others do while a client works on a question; its port is closed. */
static VOID TestWhileAsked(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread, Asker;
    REQUEST Request = { .Client = Client };
    MESSAGE Message;

    NtClearEvent(Asked);
    Thread = StartTalk(&Request, SlowThread, &Subject);
    Asker = CheckStartThread(AskThread, &Server);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Asked, FALSE, &Long));
    Message = Subject;
    Answer(&Message, "no");
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_REPLY_MESSAGE_MISMATCH, Ask(Port, &Subject, "and", &Message, NULL, NULL));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, AnswerQuestion(&Request, 0));        /* another thread's question */
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Client));
    CHECK_STATUS(STATUS_REQUEST_CANCELED, CheckJoinThread(Asker, &Long));
    NtSetEvent(Proceed, NULL);
    CHECK_STATUS(STATUS_INVALID_HANDLE, CheckJoinThread(Thread, &Long));
    Expect(Port, LPC_CANCELED, &Message, NULL);
    Expect(Port, LPC_PORT_CLOSED, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
}

/* ------------------------------------------------------------------ attributes */

static VOID TestContext(VOID)
{
    HANDLE Client, Server = Pair((PVOID)1, &Client);
    ALPC_CONTEXT_ATTR *Context;
    MESSAGE Message;
    BLOCK Block;

    Prepare(&Block, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    Context = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    Context->MessageContext = (PVOID)0xabcdef;
    Block.Header.ValidAttributes = ALPC_MESSAGE_CONTEXT_ATTRIBUTE;
    Put(&Message, "remember");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, &Block));
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, &Block);
    CHECK(Context->PortContext == (PVOID)1 && Context->MessageContext == NULL);
    CHECK(Context->MessageId == Message.Header.MessageId && Context->Sequence != 0);
    Answer(&Message, "done");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Client, LPC_REPLY, &Message, &Block);
    CHECK(Context->MessageContext == (PVOID)0xabcdef && Context->PortContext == NULL);
    Unpair(Server, Client);
}

static VOID SetHandle(BLOCK *Block, HANDLE Handle, ULONG Flags, ACCESS_MASK Access)
{
    PALPC_HANDLE_ATTR Attribute;

    Prepare(Block, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Attribute = AlpcGetMessageAttribute(&Block->Header, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Attribute->Flags = Flags;
    Attribute->Handle = Handle;
    Attribute->DesiredAccess = Access;
    Block->Header.ValidAttributes = ALPC_MESSAGE_HANDLE_ATTRIBUTE;
}

static VOID TestHandles(VOID)
{
    ALPC_PORT_ATTRIBUTES Events = Options;
    HANDLE Client, Server = Pair(NULL, &Client), Event = NULL, Weak = NULL;
    PALPC_HANDLE_ATTR Attribute;
    MESSAGE Message;
    BLOCK Block;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Event, NtCurrentProcess(), &Weak, SYNCHRONIZE, 0, 0));
    Put(&Message, "take this");
    SetHandle(&Block, Event, ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS, 0);
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    Prepare(&Block, ALL_ATTRIBUTES);
    Expect(Port, LPC_DATAGRAM, &Message, &Block);
    Attribute = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    if (CHECK(Block.Header.ValidAttributes & ALPC_MESSAGE_HANDLE_ATTRIBUTE)) {
        CHECK(Attribute->Handle != NULL && Attribute->Handle != Event && Attribute->ObjectType == ALPC_OBJECT_EVENT);
        CHECK(Attribute->GrantedAccess == EVENT_ALL_ACCESS);
        CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Attribute->Handle, Event));
        CHECK_STATUS(STATUS_SUCCESS, NtClose(Attribute->Handle));
    }
    /* Not more than the sender has; not from a bad handle. */
    Put(&Message, "x");
    SetHandle(&Block, Weak, 0, EVENT_MODIFY_STATE);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    SetHandle(&Block, (HANDLE)0xfffffff0, 0, 0);
    CHECK_STATUS(STATUS_INVALID_HANDLE, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    /* A receiver that does not ask gets nothing. */
    SetHandle(&Block, Weak, 0, SYNCHRONIZE);
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    Unpair(Server, Client);

    Events.DupObjectTypes = ALPC_OBJECT_FILE;
    Server = PairWith(&Events, NULL, &Client);
    Put(&Message, "x");
    SetHandle(&Block, Event, ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS, 0);
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    Unpair(Server, Client);
    Events.Flags = 0;
    Server = PairWith(&Events, NULL, &Client);
    Put(&Message, "x");
    CHECK_STATUS(STATUS_ACCESS_DENIED, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    Unpair(Server, Client);
    NtClose(Event);
    NtClose(Weak);
}

static VOID TestIndirectHandles(VOID)
{
    ALPC_PORT_ATTRIBUTES Many = Options;
    ALPC_MESSAGE_HANDLE_INFORMATION Information;
    ALPC_HANDLE_ATTR32 Array[3];
    PALPC_HANDLE_ATTR Attribute;
    HANDLE Client, Server, Events[3];
    MESSAGE Message;
    BLOCK Block;

    Many.Flags |= ALPC_PORFLG_ALLOW_INDIRECT_HANDLES;
    Server = PairWith(&Many, NULL, &Client);
    for (ULONG i = 0; i < 3; i++) {
        NtCreateEvent(&Events[i], EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
        Array[i] = (ALPC_HANDLE_ATTR32){ ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS, (ULONG)(ULONG_PTR)Events[i], 0, 0 };
    }
    SetHandle(&Block, (HANDLE)Array, ALPC_HANDLEFLG_INDIRECT, 0);
    Attribute = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Put(&Message, "three");
    Attribute->HandleCount = 1000000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    Attribute->HandleCount = 3;
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    Expect(Port, LPC_DATAGRAM | LPC_CONTINUATION_REQUIRED, &Message, &Block);
    CHECK(Attribute->Flags == ALPC_HANDLEFLG_INDIRECT && Attribute->HandleCount == 3);
    for (ULONG i = 0; i < 4; i++) {
        Information = (ALPC_MESSAGE_HANDLE_INFORMATION){ .Index = i };
        CHECK_STATUS(i < 3 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER,
                     NtAlpcQueryInformationMessage(Port, &Message.Header, AlpcMessageHandleInformation, &Information,
                                                   sizeof(Information), NULL));
        if (i < 3) {
            CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects((HANDLE)(ULONG_PTR)Information.Handle, Events[i]));
            NtClose((HANDLE)(ULONG_PTR)Information.Handle);
            NtClose(Events[i]);
        }
    }
    Answer(&Message, "");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Client, &Message, NULL, &Now));
    Unpair(Server, Client);
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
    HANDLE Client, Server = Pair(NULL, &Client);
    ALPC_HANDLE Section = NULL;
    ALPC_DATA_VIEW_ATTR View = { 0 }, *Sent, Second;
    PVOID Received;
    SIZE_T Size = 0;
    MESSAGE Message;
    BLOCK Block;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreatePortSection(Client, 0, NULL, 0, &Section, &Size));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreatePortSection(Client, 0, NULL, 0x20001, &Section, &Size));
    CHECK(Size == 0x30000 && Section != NULL);      /* multiples of 64 KiB */
    View.SectionHandle = (ALPC_HANDLE)0x12345;
    View.ViewSize = 0x1000;
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtAlpcCreateSectionView(Client, 0, &View));
    View.SectionHandle = Section;
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateSectionView(Client, 0, &View));
    CHECK(View.ViewBase != NULL && View.ViewSize == 0x1000);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreateSectionView(Client, 0, &View));     /* ViewBase must be NULL */
    Second = View;
    Second.ViewBase = NULL;
    Second.ViewSize = 0x21000;
    CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, NtAlpcCreateSectionView(Client, 0, &Second));
    Second.ViewSize = 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateSectionView(Client, 0, &Second));
    strcpy(View.ViewBase, "in the view");
    strcpy(Second.ViewBase, "in the other");

    Prepare(&Block, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    Sent = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    *Sent = View;
    Block.Header.ValidAttributes = ALPC_MESSAGE_VIEW_ATTRIBUTE;
    Put(&Message, "look");
    Sent->ViewSize = 0x2000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Send(Client, 0, &Message, &Block));
    *Sent = View;
    Sent->Flags = ALPC_VIEWFLG_SECURED_ACCESS;
    CHECK_STATUS(STATUS_NOT_SUPPORTED, Send(Client, 0, &Message, &Block));
    Sent->Flags = 0;
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, &Block));
    Prepare(&Block, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, &Block);
    Received = Sent->ViewBase;
    if (CHECK(Block.Header.ValidAttributes == ALPC_MESSAGE_VIEW_ATTRIBUTE)) {
        CHECK(Received != View.ViewBase && Sent->ViewSize == 0x1000 && strcmp(Received, "in the view") == 0);
        strcpy(Received, "changed");
        CHECK(strcmp(View.ViewBase, "changed") == 0);
        CHECK_STATUS(STATUS_SUCCESS, NtAlpcDeleteSectionView(Port, 0, Received));
        CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcDeleteSectionView(Port, 0, Received));
        CHECK(!IsMapped(Received));
    }
    Answer(&Message, "seen");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Client, LPC_REPLY, &Message, NULL);

    /* Given away: the sender's view goes at once, the receiver's when it answers. */
    *Sent = Second;
    Sent->Flags = ALPC_VIEWFLG_AUTO_RELEASE;
    Block.Header.ValidAttributes = ALPC_MESSAGE_VIEW_ATTRIBUTE;
    Put(&Message, "yours");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, &Block));
    CHECK(!IsMapped(Second.ViewBase));
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, &Block);
    Received = Sent->ViewBase;
    CHECK(strcmp(Received, "in the other") == 0);
    memset(Sent, 0, sizeof(*Sent));
    Sent->Flags = ALPC_VIEWFLG_UNMAP_EXISTING;
    Answer(&Message, "thanks");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    CHECK(!IsMapped(Received));
    Expect(Client, LPC_REPLY, &Message, NULL);

    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDeletePortSection(Client, 0, Section));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtAlpcDeletePortSection(Client, 0, Section));
    CHECK(strcmp(View.ViewBase, "changed") == 0);
    Unpair(Server, Client);
    CHECK(!IsMapped(View.ViewBase));
}

static VOID TestSecuredView(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client);
    ALPC_DATA_VIEW_ATTR View = { 0 }, *Sent;
    ALPC_HANDLE Section = NULL;
    SIZE_T Size = 0;
    MESSAGE Message;
    BLOCK Block;

    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreatePortSection(Server, ALPC_VIEWFLG_SECURED_ACCESS, NULL, 4096, &Section, &Size));
    View.SectionHandle = Section;
    View.ViewSize = 4096;
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateSectionView(Server, 0, &View));
    strcpy(View.ViewBase, "cannot change");
    Prepare(&Block, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    Sent = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    *Sent = View;
    Sent->Flags = ALPC_VIEWFLG_AUTO_RELEASE | ALPC_VIEWFLG_SECURED_ACCESS;
    Block.Header.ValidAttributes = ALPC_MESSAGE_VIEW_ATTRIBUTE;
    Put(&Message, "look");
    CHECK_STATUS(STATUS_SUCCESS, Send(Server, 0, &Message, &Block));
    Prepare(&Block, ALPC_MESSAGE_VIEW_ATTRIBUTE);
    Expect(Client, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, &Block);
    CHECK(Sent->Flags & ALPC_VIEWFLG_SECURED_ACCESS && strcmp(Sent->ViewBase, "cannot change") == 0);
    Unpair(Server, Client);
}

static VOID TestSecurity(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Token = NULL, Sender = NULL;
    SECURITY_QUALITY_OF_SERVICE Identify = { sizeof(Identify), SecurityIdentification, SECURITY_STATIC_TRACKING, FALSE };
    ALPC_SECURITY_ATTR Context = { .QoS = &Identify }, *Attribute;
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    SECURITY_IMPERSONATION_LEVEL Level = 0;
    UCHAR Sid[128];
    ULONG Length = 0;
    MESSAGE Message;
    BLOCK Block;

    CHECK_STATUS(STATUS_SUCCESS, NtAlpcQueryInformation(Server, AlpcConnectedSIDInformation, Sid, sizeof(Sid), &Length));
    CHECK(RtlValidSid(Sid) && Length == RtlLengthSid(Sid));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateSecurityContext(Client, 0, &Context));
    CHECK(Context.ContextHandle != NULL);
    Prepare(&Block, ALPC_MESSAGE_SECURITY_ATTRIBUTE);
    Attribute = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_SECURITY_ATTRIBUTE);
    Attribute->ContextHandle = Context.ContextHandle;
    Block.Header.ValidAttributes = ALPC_MESSAGE_SECURITY_ATTRIBUTE;
    Put(&Message, "who am I");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, &Block));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcRevokeSecurityContext(Client, 0, Context.ContextHandle));
    Put(&Message, "who am I");
    CHECK_STATUS(STATUS_INVALID_HANDLE, Send(Client, 0, &Message, &Block));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDeleteSecurityContext(Client, 0, Context.ContextHandle));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtAlpcDeleteSecurityContext(Client, 0, Context.ContextHandle));
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, NtAlpcImpersonateClientOfPort(Port, &Message.Header, (PVOID)(2 | 2 << 2)));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcImpersonateClientOfPort(Port, &Message.Header, NULL));
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token))) {
        NtQueryInformationToken(Token, TokenImpersonationLevel, &Level, sizeof(Level), &Length);
        CHECK(Level == SecurityIdentification);
        NtClose(Token);
    }
    Token = NULL;
    NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Token, sizeof(Token));
    /* There are no server silos: the sender's container is the host, as everybody's. */
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcImpersonateClientContainerOfPort(Port, &Message.Header, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtRevertContainerImpersonation());
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcImpersonateClientContainerOfPort(Port, &Message.Header, 1));
    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcQueryInformationMessage(Port, &Message.Header, AlpcMessageSidInformation, Sid,
                                                               sizeof(Sid), &Length));
    CHECK(RtlValidSid(Sid));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcOpenSenderProcess(&Sender, Port, &Message.Header, 0, PROCESS_QUERY_INFORMATION,
                                                         &Attributes));
    CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Sender, NtCurrentProcess()));
    NtClose(Sender);
    /* Nobody waits for the answer (as on Windows 11, says ReactOS' test alpc/OpenSenderDatagram). */
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtAlpcOpenSenderThread(&Sender, Port, &Message.Header, 0, THREAD_QUERY_INFORMATION,
                                                              &Attributes));
    Answer(&Message, "you");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, NtAlpcImpersonateClientOfPort(Port, &Message.Header, NULL));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, NtAlpcImpersonateClientContainerOfPort(Port, &Message.Header, 0));
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, NtAlpcOpenSenderProcess(&Sender, Port, &Message.Header, 0, PROCESS_ALL_ACCESS,
                                                                   &Attributes));
    Expect(Client, LPC_REPLY, &Message, NULL);
    Unpair(Server, Client);
}

static VOID TestReserve(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    REQUEST Request = { .Client = Client };
    ALPC_HANDLE Reserve = NULL;
    MESSAGE Message;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreateResourceReserve(Client, 1, 64, &Reserve));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAlpcCreateResourceReserve(Client, 0, 0xFFD8, &Reserve));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateResourceReserve(Client, 0, 0xFFD7, &Reserve));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDeleteResourceReserve(Client, 0, Reserve));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtAlpcCreateResourceReserve(Client, 0, 64, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateResourceReserve(Client, 0, 64, &Reserve));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtAlpcDeletePortSection(Client, 0, Reserve));
    CHECK((ULONG_PTR)Reserve >> 31 == 1);       /* fits a MessageId, and is none */

    /* One message at a time; the answer gives it back. */
    Put(&Message, "reserved");
    Message.Header.MessageId = (ULONG)(ULONG_PTR)Reserve;
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, NULL));
    CHECK(Message.Header.MessageId >> 31 == 0);
    Message.Header.MessageId = (ULONG)(ULONG_PTR)Reserve;
    CHECK_STATUS(STATUS_RESOURCE_IN_USE, Send(Client, 0, &Message, NULL));
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK(strcmp(Message.Text, "reserved") == 0);
    Answer(&Message, "thanks");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Client, LPC_REPLY, &Message, NULL);
    Put(&Request.Send, "and wait");
    Request.Send.Header.MessageId = (ULONG)(ULONG_PTR)Reserve;
    Thread = CheckStartThread(RequestThread, &Request);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_RESOURCE_IN_USE, Send(Client, 0, &Request.Send, NULL));
    Answer(&Message, "done");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    /* Not the port's, too small, or deleted. */
    Put(&Message, "x");
    Message.Header.MessageId = 0x80000999;
    CHECK_STATUS(STATUS_OBJECTID_NOT_FOUND, Send(Client, 0, &Message, NULL));
    Message.Header.MessageId = (ULONG)(ULONG_PTR)Reserve;
    CHECK_STATUS(STATUS_OBJECTID_NOT_FOUND, Send(Server, 0, &Message, NULL));
    Message.Header.u1.s1.DataLength = 65;
    Message.Header.u1.s1.TotalLength = 65 + sizeof(PORT_MESSAGE);
    CHECK_STATUS(STATUS_PORT_MESSAGE_TOO_LONG, Send(Client, 0, &Message, NULL));
    Message.Header.u1.s1.DataLength = 64;
    Message.Header.u1.s1.TotalLength = 64 + sizeof(PORT_MESSAGE);
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    /* Deleted while its message is under way. */
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDeleteResourceReserve(Client, 0, Reserve));
    CHECK_STATUS(STATUS_OBJECTID_NOT_FOUND, Send(Client, 0, &Message, NULL));
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreateResourceReserve(Client, 0, 64, &Reserve));     /* goes with the port */
    Unpair(Server, Client);
}

/* ------------------------------------------------------------------ cancelling, ends, completion ports */

static VOID TestCancel(VOID)
{
    HANDLE Client, Server = Pair((PVOID)3, &Client), Thread, Sender;
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    LARGE_INTEGER Short = { .QuadPart = -500 * MS };
    REQUEST Request = { .Client = Client, .Timeout = &Short };
    ALPC_CONTEXT_ATTR Context = { 0 };
    MESSAGE Message, Canceled;

    /* A wait that times out after the server took the message. */
    Put(&Request.Send, "be quick");
    Thread = CheckStartThread(RequestThread, &Request);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, CheckJoinThread(Thread, &Long));
    Answer(&Message, "too late");
    CHECK_STATUS(STATUS_REQUEST_CANCELED, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Expect(Port, LPC_CANCELED, &Canceled, NULL);
    CHECK(Canceled.Header.MessageId == Message.Header.MessageId && Canceled.Header.u1.s1.DataLength == 0);
    CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    /* And before it did: nothing is left. */
    CHECK_STATUS(STATUS_TIMEOUT, RequestThread(&Request));
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));

    /* The sender takes it back; the receiver has done with it. */
    for (ULONG Step = 0; Step < 3; Step++) {
        Put(&Message, "never mind");
        CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, NULL));
        Context.MessageId = Message.Header.MessageId;
        Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
        CHECK(Context.MessageId == Message.Header.MessageId);
        Context.MessageContext = (PVOID)9;
        CHECK_STATUS(STATUS_CONTEXT_MISMATCH, NtAlpcCancelMessage(Step == 2 ? Port : Client, 0, &Context));
        Context.MessageContext = NULL;
        if (Step == 0) {
            CHECK_STATUS(STATUS_MESSAGE_RETRIEVED, NtAlpcCancelMessage(Client, ALPC_CANCELFLG_TRY_CANCEL, &Context));
            Answer(&Message, "no");
            CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
            Expect(Client, LPC_REPLY, &Message, NULL);
        } else if (Step == 1) {
            CHECK_STATUS(STATUS_SUCCESS, NtAlpcCancelMessage(Client, 0, &Context));
            Expect(Port, LPC_CANCELED, &Message, NULL);
        } else {
            CHECK_STATUS(STATUS_SUCCESS, NtAlpcCancelMessage(Port, 0, &Context));
            CHECK_STATUS(STATUS_MESSAGE_NOT_FOUND, NtAlpcCancelMessage(Port, 0, &Context));
        }
    }
    /* The receiver ends the wait of the sender, whose thread it may open before. */
    Request.Timeout = &Long;
    Put(&Request.Send, "I wait");
    Thread = CheckStartThread(RequestThread, &Request);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcOpenSenderThread(&Sender, Port, &Message.Header, 0, THREAD_QUERY_INFORMATION, &Unnamed));
    CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Sender, Thread));
    NtClose(Sender);
    Context.MessageId = Message.Header.MessageId;
    CHECK_STATUS(STATUS_PENDING, NtAlpcCancelMessage(Port, 0, &Context));
    CHECK_STATUS(STATUS_MESSAGE_LOST, CheckJoinThread(Thread, &Long));
    Unpair(Server, Client);
}

static VOID TestEnds(VOID)
{
    HANDLE Client, Server = Pair((PVOID)4, &Client), Thread;
    REQUEST Request = { .Client = Client };
    PALPC_CONTEXT_ATTR Context;
    MESSAGE Message;
    BLOCK Block;

    /* What a client sent before it went is cancelled. */
    Put(&Message, "abc");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    NtClose(Client);
    Prepare(&Block, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    Context = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    Expect(Port, LPC_CANCELED, &Message, &Block);
    CHECK(Message.Header.u1.s1.DataLength == 0 && Context->PortContext == (PVOID)4);
    Expect(Port, LPC_PORT_CLOSED, &Message, &Block);
    CHECK(Context->PortContext == (PVOID)4);
    Put(&Message, "abc");
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, Send(Server, 0, &Message, NULL));
    NtClose(Server);

    /* The server goes: what it sent before can still be received. */
    Server = Pair(NULL, &Client);
    Request.Client = Client;
    Put(&Message, "last");
    CHECK_STATUS(STATUS_SUCCESS, Send(Server, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    Put(&Request.Send, "are you there");
    Thread = CheckStartThread(RequestThread, &Request);
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDisconnectPort(Server, 0));
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, CheckJoinThread(Thread, &Long));
    Expect(Client, LPC_DATAGRAM, &Message, NULL);
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, Receive(Client, &Message, NULL, NULL));
    CHECK_STATUS(STATUS_PORT_DISCONNECTED, Send(Client, 0, &Request.Send, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcDisconnectPort(Client, 0));
    NtClose(Client);
    NtClose(Server);
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
}

static NTSTATUS NTAPI ReceiveThread(PVOID Argument)
{
    MESSAGE Message;

    return Receive(*(PHANDLE)Argument, &Message, NULL, &Long);
}

static VOID TestClosedWhileReceiving(VOID)
{
    HANDLE Thread = CheckStartThread(ReceiveThread, &Port), Client = NULL;

    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Port));
    CHECK_STATUS(STATUS_PORT_CLOSED, CheckJoinThread(Thread, &Long));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, ConnectWith(&Options, &Client));
    CHECK_STATUS(STATUS_SUCCESS, Create(&Port));
}

/* With a buffer that no message fits in: each stays in its queue. */
static NTSTATUS NTAPI PeekThread(PVOID Argument)
{
    MESSAGE Message;
    SIZE_T Length = 8;

    return NtAlpcSendWaitReceivePort(*(PHANDLE)Argument, 0, NULL, NULL, &Message.Header, &Length, NULL, &Long);
}

static VOID SetIncrement(LONG Increment)
{
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &Increment, sizeof(Increment)));
}

static MESSAGE Got;

static NTSTATUS NTAPI GetThread(PVOID Argument)
{
    return Receive(*(PHANDLE)Argument, &Got, NULL, &Long);
}

/* A sender that does not wait takes its message back before the receiver, which it has woken, runs: that one waits on. */
static VOID TestTakenBack(VOID)
{
    HANDLE Client, Server = Pair((PVOID)8, &Client), Thread = CheckStartThread(GetThread, &Port);
    REQUEST Request = { .Client = Client, .Timeout = &Now };
    MESSAGE Message;

    CheckSettle();
    SetIncrement(THREAD_BASE_PRIORITY_LOWRT);
    for (ULONG i = 0; i < 3; i++) {
        Put(&Request.Send, "never mind");
        CHECK_STATUS(STATUS_TIMEOUT, RequestThread(&Request));
    }
    Put(&Message, "for you");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, 0, &Message, NULL));
    SetIncrement(0);
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Got.Text, "for you") == 0);
    Answer(&Got, "thanks");
    CHECK_STATUS(STATUS_SUCCESS, Send(Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Got, NULL));
    Expect(Client, LPC_REPLY, &Message, NULL);
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    Unpair(Server, Client);
}

static VOID TestCompletionPort(VOID)
{
    ALPC_PORT_ASSOCIATE_COMPLETION_PORT Association = { .CompletionKey = (PVOID)0x1234 };
    HANDLE Client = NULL, Server;
    ULONG_PTR Key = 0, Apc = 0;
    IO_STATUS_BLOCK Iosb;
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Association.CompletionPort, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtAlpcSetInformation(Port, AlpcAssociateCompletionPortInformation,
                                                                   &Association, 8));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcSetInformation(Port, AlpcAssociateCompletionPortInformation, &Association,
                                                      sizeof(Association)));
    CHECK_STATUS(STATUS_PORT_ALREADY_SET, NtAlpcSetInformation(Port, AlpcAssociateCompletionPortInformation, &Association,
                                                               sizeof(Association)));
    Server = Pair(NULL, &Client);
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Association.CompletionPort, &Key, &Apc, &Iosb, &Now));
    CHECK(Key == 0x1234);
    Put(&Message, "x");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Association.CompletionPort, &Key, &Apc, &Iosb, &Now));
    CHECK_STATUS(STATUS_TIMEOUT, NtRemoveIoCompletion(Association.CompletionPort, &Key, &Apc, &Iosb, &Now));
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    Unpair(Server, Client);
    NtClose(Association.CompletionPort);
}

static VOID TestMany(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client);
    ULONG Good = 0;
    MESSAGE Message;

    for (ULONG i = 0; i < 10000; i++) {
        Put(&Message, "abc");
        memcpy(Message.Text, &i, sizeof(i));
        Good += Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL) == STATUS_SUCCESS;
    }
    CHECK(Good == 10000);
    for (ULONG i = 0; i < 10000; i++)
        if (Receive(Port, &Message, NULL, &Long) == STATUS_SUCCESS)
            Good -= memcmp(Message.Text, &i, sizeof(i)) == 0;
    CHECK(Good == 0);
    Unpair(Server, Client);
}

/* LPC's client at an ALPC port: only if the port allows it. */
static VOID TestLpcClient(VOID)
{
    HANDLE Client = NULL;

    CHECK_STATUS(STATUS_LPC_REQUESTS_NOT_ALLOWED, NtConnectPort(&Client, &Name, &Options.SecurityQos, NULL, NULL, NULL,
                                                                NULL, NULL));
}

/* ------------------------------------------------------------------ two processes */

static int RunChild(VOID)
{
    CLIENT Client = { 0 };
    REQUEST Request = { 0 };

    if (ConnectThread(&Client) != STATUS_SUCCESS)
        return 1;
    Request.Client = Client.Handle;
    Put(&Request.Send, "for ever");
    RequestThread(&Request);
    return 2;
}

static VOID TestProcess(VOID)
{
    PROCESS_START Start = {
        .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, .CommandLine = L"alpc child",
    };
    HANDLE Process = NULL, Server = NULL;
    ULONG ProcessId = 0;
    MESSAGE Message;

    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &ProcessId)))
        return;
    Expect(Port, LPC_CONNECTION_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK((ULONG)(ULONG_PTR)Message.Header.ClientId.UniqueProcess == ProcessId);
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcAcceptConnectPort(&Server, Port, 0, NULL, &Options, NULL, &Message.Header, NULL, TRUE));
    Expect(Port, LPC_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, STATUS_CONTROL_C_EXIT));
    CHECK_STATUS(STATUS_CONTROL_C_EXIT, WaitForProcess(Process));
    Expect(Port, LPC_CANCELED, &Message, NULL);
    Expect(Port, LPC_PORT_CLOSED, &Message, NULL);
    CHECK((ULONG)(ULONG_PTR)Message.Header.ClientId.UniqueProcess == ProcessId);
    NtClose(Server);
    NtClose(Process);
}

static HANDLE GiveAway(HANDLE Process, HANDLE Handle)
{
    HANDLE There = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Handle, Process, &There, 0, 0,
                                                   DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    return There;
}

/*
 * Both ends of a connection go at once, with their process: the receiver that the news woke cannot take it, and nobody is
 * left whom it concerns.
 */
static VOID TestClosedBeforeReceiving(VOID)
{
    PROCESS_START Start = {
        .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, .CommandLine = L"alpc child sleep",
    };
    HANDLE Client, Server = Pair(NULL, &Client), Thread = CheckStartThread(PeekThread, &Port), Process = NULL;
    ULONG ProcessId = 0;
    MESSAGE Message;

    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &ProcessId)))
        return;
    Client = GiveAway(Process, Client);
    Server = GiveAway(Process, Server);
    CHECK(Client < Server);             /* the order in which they are closed */
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, STATUS_CONTROL_C_EXIT));
    CHECK_STATUS(STATUS_CONTROL_C_EXIT, WaitForProcess(Process));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, CheckJoinThread(Thread, &Long));
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    NtClose(Process);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount == 3)
        return NtDelayExecution(FALSE, &Long);
    if (ArgumentCount == 2)
        return RunChild();
    TestLayout();
    CHECK_STATUS(STATUS_SUCCESS, Create(&Port));
    TestPorts();
    TestConnect(FALSE);
    TestConnect(TRUE);
    TestAsynchronousRefusal();
    TestTakenNames();
    TestConnectTimeout();
    TestMessages();
    TestBadMessages();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Asked, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Proceed, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    TestQuestionBack();
    TestQuestionWithHandle();
    TestQuestionLost();
    TestWhileAsked();
    TestContext();
    TestHandles();
    TestIndirectHandles();
    TestViews();
    TestSecuredView();
    TestSecurity();
    TestReserve();
    TestCancel();
    TestEnds();
    TestTakenBack();
    TestClosedWhileReceiving();
    TestMany();
    TestLpcClient();
    TestProcess();
    TestClosedBeforeReceiving();
    TestCompletionPort();
    NtClose(Port);
    return CheckClose();
}
