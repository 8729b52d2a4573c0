/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool callbacks for ALPC ports (TpAllocAlpcCompletion and what goes with it): one for each message, until the object is released; a
 * message that is sent when the callback has ended.
 * Runs on: Nereid.
 */
#define PORT L"\\RPC Control\\alpcpool"
#include "alpchelp.h"
#include "nt/tpalpcapi.h"

#define MESSAGES 20

static PTP_ALPC Alpc;
static volatile LONG Calls, Datagrams, Requests;
static MESSAGE Replies[2];

static VOID Take(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_ALPC Object)
{
    MESSAGE Message;

    CHECK(Context == &Calls && Object == Alpc);
    InterlockedIncrement(&Calls);
    if (Receive(Port, &Message, NULL, &Now) != STATUS_SUCCESS)
        return;
    if (Message.Header.u2.s2.Type == LPC_DATAGRAM)
        InterlockedIncrement(&Datagrams);
    if ((Message.Header.u2.s2.Type & 0xff) != LPC_REQUEST)
        return;
    InterlockedIncrement(&Requests);
    for (ULONG i = 0; i < ARRAYSIZE(Replies); i++) {
        Replies[i] = Message;
        Answer(&Replies[i], i == 0 ? "answer" : "second");
        TpCallbackSendAlpcMessageOnCompletion(Instance, Port, ALPC_MSGFLG_RELEASE_MESSAGE, &Replies[i].Header);
    }
}

static VOID NTAPI Callback(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_ALPC Object)
{
    Take(Instance, Context, Object);
}

static VOID NTAPI CallbackEx(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_ALPC Object, PVOID ApcContext)
{
    Take(Instance, Context, Object);
}

static BOOLEAN Reaches(volatile LONG *Value, LONG Wanted)
{
    LARGE_INTEGER Moment = { .QuadPart = -5 * MS };

    for (ULONG i = 0; i < 24000 && *Value < Wanted; i++)
        NtDelayExecution(FALSE, &Moment);
    return *Value == Wanted;
}

static VOID TestMessages(BOOLEAN Ex)
{
    MESSAGE Message, Got;
    SIZE_T Length = sizeof(Got);
    HANDLE Client, Server;
    LONG Before;

    Datagrams = Requests = 0;
    CHECK_STATUS(STATUS_SUCCESS, Create(&Port));
    Server = Pair(NULL, &Client);
    CHECK_STATUS(STATUS_SUCCESS, Ex ? TpAllocAlpcCompletionEx(&Alpc, Port, CallbackEx, (PVOID)&Calls, NULL)
                                    : TpAllocAlpcCompletion(&Alpc, Port, Callback, (PVOID)&Calls, NULL));
    for (ULONG i = 0; i < MESSAGES; i++) {
        Put(&Message, "one");
        CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    }
    CHECK(Reaches(&Datagrams, MESSAGES));
    Put(&Message, "question");
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcSendWaitReceivePort(Client, ALPC_MSGFLG_SYNC_REQUEST, &Message.Header, NULL, &Got.Header, &Length, NULL, &Long));
    CHECK(strcmp(Got.Text, "answer") == 0 && Requests == 1);
    TpWaitForAlpcCompletion(Alpc);

    /* Its port is its own, and released it calls nobody. */
    {
        PTP_ALPC Other = (PTP_ALPC)1;

        CHECK_STATUS(STATUS_PORT_ALREADY_SET, TpAllocAlpcCompletion(&Other, Port, Callback, NULL, NULL));
        CHECK(Other == NULL);
    }
    TpReleaseAlpcCompletion(Alpc);
    Before = Calls;
    Put(&Message, "nobody");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CheckSettle();
    CHECK(Calls == Before && Datagrams == MESSAGES);
    if (Expect(Port, LPC_DATAGRAM, &Got, NULL))
        CHECK(strcmp(Got.Text, "nobody") == 0);
    Unpair(Server, Client);
    NtClose(Port);
}

static VOID TestWrong(VOID)
{
    HANDLE Event;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, TpAllocAlpcCompletion(&Alpc, Event, Callback, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_HANDLE, TpAllocAlpcCompletionEx(&Alpc, (HANDLE)0x7654, CallbackEx, NULL, NULL));
    NtClose(Event);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestMessages(FALSE);
    TestMessages(TRUE);
    TestWrong();
    return CheckClose();
}
