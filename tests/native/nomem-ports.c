/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): LPC ports, as the client and as the server.  The other side is the partner, which has memory.
 */
#include "nomem.h"

#define PORT L"\\RPC Control\\nomem-lpc"
#define MAXIMUM 256

typedef struct _MESSAGE {
    PORT_MESSAGE Header;
    UCHAR Data[MAXIMUM - sizeof(PORT_MESSAGE)];
} MESSAGE;

static UNICODE_STRING PortName = RTL_CONSTANT_UNICODE_STRING(PORT);
static SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, FALSE };
static LARGE_INTEGER Soon = { .QuadPart = -10000 }, Long = { .QuadPart = -20000000 };
static HANDLE Port;
static volatile BOOLEAN Stop;
static UCHAR Mine[64], Buffer[64];

static VOID Put(MESSAGE *Message, USHORT Type, USHORT Length)
{
    memset(Message, 0, sizeof(*Message));
    Message->Header.u1.s1.DataLength = Length;
    Message->Header.u1.s1.TotalLength = Length + sizeof(PORT_MESSAGE);
    Message->Header.u2.s2.Type = Type;
}

/* A request that names memory of the sender. */
static VOID PutWithData(MESSAGE *Message)
{
    PORT_DATA_INFORMATION *Information = (PVOID)Message->Data;

    Put(Message, 0, sizeof(*Information));
    Message->Header.u2.s2.DataInfoOffset = sizeof(PORT_MESSAGE);
    Information->CountDataEntries = 1;
    Information->DataEntries[0].Base = Mine;
    Information->DataEntries[0].Size = sizeof(Mine);
}

/* The partner as the server: accepts, asks back once for each request and answers it, until it is told to stop. */
static NTSTATUS NTAPI Serve(PVOID Argument)
{
    HANDLE Servers[2] = { NULL, NULL };
    MESSAGE Message, Question, Reply;
    ULONG_PTR Accepted = 0;                 /* a context is the number of the end, from 1 */
    NTSTATUS Status;
    PVOID Context;

    while ((Status = NtReplyWaitReceivePortEx(Port, &Context, NULL, &Message.Header, &Soon)) == STATUS_SUCCESS || !Stop) {
        if (Status != STATUS_SUCCESS)
            continue;
        if (Message.Header.u2.s2.Type == LPC_CONNECTION_REQUEST && Accepted < ARRAYSIZE(Servers)) {
            NtAcceptConnectPort(&Servers[Accepted], (PVOID)(Accepted + 1), &Message.Header, TRUE, NULL, NULL);
            NtCompleteConnectPort(Servers[Accepted]);
            Accepted++;
        } else if (Message.Header.u2.s2.Type == LPC_REQUEST) {
            Question = Message;
            NtRequestWaitReplyPort(Servers[(ULONG_PTR)Context - 1], &Question.Header, &Reply.Header);
            NtReplyPort(Port, &Message.Header);
        }
    }
    for (ULONG i = 0; i < Accepted; i++)
        NtClose(Servers[i]);
    return STATUS_SUCCESS;
}

static PSID OwnSid(VOID)
{
    static union { TOKEN_USER User; UCHAR Bytes[128]; } Token;
    HANDLE Handle;
    ULONG Length;

    if (Token.User.User.Sid == NULL && NT_SUCCESS(NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &Handle))) {
        NtQueryInformationToken(Handle, TokenUser, &Token, sizeof(Token), &Length);
        NtClose(Handle);
    }
    return Token.User.User.Sid;
}

static VOID Client(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, PORT);
    LARGE_INTEGER Size = { .QuadPart = 0x20000 };
    PORT_VIEW View = { .Length = sizeof(View), .ViewSize = 0x10000 };
    REMOTE_PORT_VIEW ServerView = { .Length = sizeof(ServerView) };
    ULONG MaximumLength, Length = sizeof(Buffer);
    HANDLE Connection = NULL, Secure = NULL;
    MESSAGE Datagram, Request, Reply;

    Put(&Datagram, 0, 16);
    PutWithData(&Request);
    Stop = FALSE;
    if (!TRY(NtCreateWaitablePort, &Port, &Name, 64, MAXIMUM, 0))
        return;
    NoMemBegin(Serve, NULL);
    (void)(TRY(NtCreateSection, &View.SectionHandle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL) &&
           TRY(NtConnectPort, &Connection, &PortName, &Qos, &View, &ServerView, &MaximumLength, Buffer, &Length) &&
           TRY(NtSecureConnectPort, &Secure, &PortName, &Qos, NULL, OwnSid(), NULL, NULL, NULL, NULL) &&
           TRY(NtRequestPort, Connection, &Datagram.Header) &&
           TRY(NtRequestWaitReplyPort, Connection, &Request.Header, &Reply.Header) &&
           TRY(NtReplyWaitReplyPort, Connection, &Reply.Header));
    NoMemClose(Secure);
    NoMemClose(Connection);
    NoMemClose(View.SectionHandle);
    Stop = TRUE;
    NoMemEnd();
    NoMemClose(Port);
}

/* The partner as the client: connects with a view, asks, answers a question, says something. */
static NTSTATUS NTAPI Ask(PVOID Argument)
{
    LARGE_INTEGER Size = { .QuadPart = 0x20000 };
    PORT_VIEW View = { .Length = sizeof(View), .ViewSize = 0x10000 };
    REMOTE_PORT_VIEW ServerView = { .Length = sizeof(ServerView) };
    MESSAGE Request, Reply;
    HANDLE Connection = NULL;
    NTSTATUS Status;

    PutWithData(&Request);
    NtCreateSection(&View.SectionHandle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL);
    Status = NtConnectPort(&Connection, &PortName, &Qos, &View, &ServerView, NULL, NULL, NULL);
    if (NT_SUCCESS(Status)) {
        Status = NtRequestWaitReplyPort(Connection, &Request.Header, &Reply.Header);
        if (NT_SUCCESS(Status) && Reply.Header.u2.s2.Type == LPC_REQUEST)
            Status = NtReplyWaitReplyPort(Connection, &Reply.Header);
        Put(&Request, 0, 16);
        while (NT_SUCCESS(Status) && !Stop) {
            Status = NtRequestPort(Connection, &Request.Header);
            NtDelayExecution(FALSE, &Soon);
        }
        NtClose(Connection);
    }
    NtClose(View.SectionHandle);
    return Status;
}

static VOID Server(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, PORT);
    LARGE_INTEGER Size = { .QuadPart = 0x20000 };
    PORT_VIEW View = { .Length = sizeof(View), .ViewSize = 0x10000 };
    REMOTE_PORT_VIEW ClientView = { .Length = sizeof(ClientView) };
    HANDLE Connection = NULL, Nobody = NULL;
    MESSAGE Message, Question, Reply, Next;
    BOOLEAN Acting = FALSE;
    PVOID Context;
    SIZE_T Bytes;

    Stop = FALSE;
    if (!TRY(NtCreatePort, &Port, &Name, 64, MAXIMUM, 0))
        return;
    NoMemBegin(Ask, NULL);
    (void)(TRY(NtCreateSection, &View.SectionHandle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL) &&
           TRY(NtListenPort, Port, &Message.Header) &&
           TRY(NtAcceptConnectPort, &Connection, NULL, &Message.Header, TRUE, &View, &ClientView) &&
           TRY(NtCompleteConnectPort, Connection) &&
           TRY(NtReplyWaitReceivePort, Port, &Context, NULL, &Message.Header) && (Question = Message, TRUE) &&
           TRY(NtRequestWaitReplyPort, Connection, &Question.Header, &Reply.Header) &&
           TRY(NtReadRequestData, Connection, &Message.Header, 0, Buffer, sizeof(Buffer), &Bytes) &&
           TRY(NtWriteRequestData, Connection, &Message.Header, 0, Buffer, sizeof(Buffer), &Bytes) &&
           TRY(NtImpersonateClientOfPort, Connection, &Message.Header) && (Acting = TRUE) &&
           TRY(NtReplyPort, Port, &Message.Header) &&
           TRY(NtReplyWaitReceivePortEx, Port, &Context, NULL, &Next.Header, &Long));
    if (Acting)
        DROP(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody));
    Stop = TRUE;
    NoMemClose(Connection);
    NoMemClose(Port);
    NoMemEnd();
    NoMemClose(View.SectionHandle);
}

/* The message that a thread's end sends is put aside beforehand. */
static VOID Termination(VOID)
{
    HANDLE Own = NULL;

    if (TRY(NtCreatePort, &Own, NULL, 0, MAXIMUM, 0))
        (void)TRY(NtRegisterThreadTerminatePort, Own);
    NoMemClose(Own);
}

static const SCENARIO List[] = {
    { "lpcclient", Client }, { "lpcserver", Server }, { "lpctermination", Termination, .OwnThread = TRUE },
};
const SCENARIOS PortScenarios = { List, ARRAYSIZE(List) };
