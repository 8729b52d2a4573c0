/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What programs that test ALPC share: messages, attribute blocks, a connection port `Port' (made by Create, named PORT, which the
 * includer defines), and connections to it.
 */
#pragma once

#include "check.h"
#include "nt/alpcapi.h"

#define MS 10000ll
#define MAXIMUM 512
#define ALL_ATTRIBUTES \
    (ALPC_MESSAGE_SECURITY_ATTRIBUTE | ALPC_MESSAGE_VIEW_ATTRIBUTE | ALPC_MESSAGE_CONTEXT_ATTRIBUTE | \
     ALPC_MESSAGE_HANDLE_ATTRIBUTE | ALPC_MESSAGE_TOKEN_ATTRIBUTE)

typedef struct _MESSAGE {
    PORT_MESSAGE Header;
    char Text[MAXIMUM - sizeof(PORT_MESSAGE)];
} MESSAGE;

typedef union _BLOCK {
    ALPC_MESSAGE_ATTRIBUTES Header;
    UCHAR Bytes[256];
} BLOCK;

static HANDLE Port;
static ALPC_PORT_ATTRIBUTES Options = {
    .Flags = ALPC_PORFLG_ALLOW_DUP_OBJECT, .MaxMessageLength = MAXIMUM, .MaxPoolUsage = (SIZE_T)-1,
    .SecurityQos = { sizeof(SECURITY_QUALITY_OF_SERVICE), SecurityImpersonation, SECURITY_DYNAMIC_TRACKING, FALSE },
    .DupObjectTypes = ALPC_OBJECT_ALL,
};
static UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PORT);
static LARGE_INTEGER Now, Long = { .QuadPart = LONG_ENOUGH };

static inline NTSTATUS Create(PHANDLE Handle)
{
    OBJECT_ATTRIBUTES Attributes;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtAlpcCreatePort(Handle, &Attributes, &Options);
}

static inline VOID Put(MESSAGE *Message, const char *Text)
{
    memset(Message, 0, sizeof(*Message));
    strcpy(Message->Text, Text);
    Message->Header.u1.s1.DataLength = (USHORT)(strlen(Text) + 1);
    Message->Header.u1.s1.TotalLength = Message->Header.u1.s1.DataLength + sizeof(PORT_MESSAGE);
}

/* An answer to what was received. */
static inline VOID Answer(MESSAGE *Message, const char *Text)
{
    ULONG Id = Message->Header.MessageId;

    Put(Message, Text);
    Message->Header.MessageId = Id;
}

static inline VOID Prepare(BLOCK *Block, ULONG Flags)
{
    SIZE_T Size;

    memset(Block, 0, sizeof(*Block));
    CHECK_STATUS(STATUS_SUCCESS, AlpcInitializeMessageAttribute(Flags, &Block->Header, sizeof(*Block), &Size));
}

static inline NTSTATUS Send(HANDLE Handle, ULONG Flags, MESSAGE *Message, BLOCK *Block)
{
    return NtAlpcSendWaitReceivePort(Handle, Flags, &Message->Header, &Block->Header, NULL, NULL, NULL, NULL);
}

static inline NTSTATUS Receive(HANDLE Handle, MESSAGE *Message, BLOCK *Block, PLARGE_INTEGER Timeout)
{
    SIZE_T Length = sizeof(*Message);

    memset(Message, 0x55, sizeof(*Message));
    return NtAlpcSendWaitReceivePort(Handle, 0, NULL, NULL, &Message->Header, &Length, &Block->Header, Timeout);
}

static inline BOOLEAN Expect(HANDLE Handle, USHORT Type, MESSAGE *Message, BLOCK *Block)
{
    if (!CHECK_STATUS(STATUS_SUCCESS, Receive(Handle, Message, Block, &Long)))
        return FALSE;
    if (CHECK(Message->Header.u2.s2.Type == Type))
        return TRUE;
    Print(L"    type %X instead of %X\n", Message->Header.u2.s2.Type, Type);
    return FALSE;
}

static inline NTSTATUS ConnectWith(PALPC_PORT_ATTRIBUTES Attributes, PHANDLE Client)
{
    return NtAlpcConnectPort(Client, &Name, NULL, Attributes, 0, NULL, NULL, NULL, NULL, NULL, NULL);
}

/* An asynchronous connection; Context is the server end's. */
static inline HANDLE PairWith(PALPC_PORT_ATTRIBUTES Attributes, PVOID Context, PHANDLE Client)
{
    HANDLE Server = NULL;
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, ConnectWith(Attributes, Client));
    Expect(Port, LPC_CONNECTION_REQUEST | LPC_CONTINUATION_REQUIRED, &Message, NULL);
    Answer(&Message, "welcome");
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcAcceptConnectPort(&Server, Port, 0, NULL, Attributes, Context, &Message.Header,
                                                         NULL, TRUE));
    if (Expect(*Client, LPC_CONNECTION_REPLY, &Message, NULL))
        CHECK(strcmp(Message.Text, "welcome") == 0);
    return Server;
}

static inline HANDLE Pair(PVOID Context, PHANDLE Client)
{
    return PairWith(&Options, Context, Client);
}

static inline VOID Unpair(HANDLE Server, HANDLE Client)
{
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, NtClose(Client));
    Expect(Port, LPC_PORT_CLOSED, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
}
