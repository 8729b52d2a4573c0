/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ALPC completion lists: the routines that take messages out of the shared memory, on a list that is made by hand; the system's
 * side: registration, delivery, attributes, workers and notices, lists that are full, broken or taken away, the end.
 *
 * Runs on: Nereid.  (Wine has none of these.)  The layout is that of the public symbols (phnt); how ring, bitmap and counts
 * change, and where attributes lie, is what ReactOS' tests of these routines (apitests/ntdll/AlpcCompletionList) say.
 */
#define PORT L"\\RPC Control\\nereid-alpclist"
#include "alpchelp.h"

#define LIST_SIZE 0x4000
#define GRANULE ALPC_COMPLETION_LIST_GRANULE
#define EMPTY ALPC_COMPLETION_LIST_EMPTY
#define WORKERS 4
#define SENDERS 3
#define MESSAGES_EACH 400

static ALPC_COMPLETION_LIST_HEADER *List;

static PVOID AllocatePages(SIZE_T Size)
{
    PVOID Base = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_COMMIT, PAGE_READWRITE));
    return Base;
}

static VOID FreePages(PVOID Base)
{
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_RELEASE));
}

/* ------------------------------------------------------------------ a list made by hand */

static PULONG Ring(VOID)
{
    return (PULONG)((PUCHAR)List + List->ListOffset);
}

static PULONG Bitmap(VOID)
{
    return (PULONG)((PUCHAR)List + List->BitmapOffset);
}

static PPORT_MESSAGE At(LONG Offset)
{
    return (PPORT_MESSAGE)((PUCHAR)List + List->DataOffset + Offset);
}

static VOID SetState(ULONG Head, ULONG Tail, ULONG Active)
{
    List->State.s1.Head = Head;
    List->State.s1.Tail = Tail;
    List->State.s1.ActiveThreadCount = Active;
}

static BOOLEAN StateIs(ULONG Head, ULONG Tail, ULONG Active)
{
    return List->State.s1.Head == Head && List->State.s1.Tail == Tail && List->State.s1.ActiveThreadCount == Active;
}

/* Four ring entries, 1 KiB of data. */
static VOID MakeList(VOID)
{
    memset(List, 0, LIST_SIZE);
    List->TotalSize = LIST_SIZE;
    List->ListOffset = 0x300;
    List->ListSize = 4 * sizeof(ULONG);
    List->BitmapOffset = 0x340;
    List->BitmapSize = 0x20;
    List->DataOffset = 0x400;
    List->DataSize = 0x400;
    SetState(EMPTY, EMPTY, 0);
}

static VOID TestTaking(VOID)
{
    PALPC_MESSAGE_ATTRIBUTES Attributes = (PVOID)0x55;
    ULONG Id = 0, Callback = 0;

    MakeList();
    CHECK(AlpcGetMessageFromCompletionList(List, &Attributes) == NULL && Attributes == NULL);
    CHECK(StateIs(EMPTY, EMPTY, 0));
    SetState(0, 0, 7);
    Attributes = (PVOID)0x55;
    CHECK(AlpcGetMessageFromCompletionList(List, &Attributes) == At(0) && Attributes == NULL);
    CHECK(StateIs(EMPTY, EMPTY, 7));
    Ring()[3] = GRANULE;
    Ring()[0] = 2 * GRANULE;
    SetState(3, 0, 2);
    CHECK(AlpcGetMessageFromCompletionList(List, NULL) == At(GRANULE));
    CHECK(StateIs(0, 0, 2));
    CHECK(AlpcGetMessageFromCompletionList(List, NULL) == At(2 * GRANULE));
    CHECK(StateIs(EMPTY, EMPTY, 2));
    List->LastMessageId = 0x12345678;
    List->LastCallbackId = 0x87654321;
    AlpcGetCompletionListLastMessageInformation(List, &Id, &Callback);
    CHECK(Id == 0x12345678 && Callback == 0x87654321);
    List->PostCount = 9;
    List->ReturnCount = 4;
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 5);
    CHECK(List->UserLock.Ptr == NULL);
}

static VOID TestAttributePlace(VOID)
{
    MakeList();
    At(0)->u1.s1.TotalLength = sizeof(PORT_MESSAGE);
    CHECK(AlpcGetCompletionListMessageAttributes(List, At(0)) == NULL);
    List->AttributeFlags = ALPC_MESSAGE_CONTEXT_ATTRIBUTE;
    CHECK((PUCHAR)AlpcGetCompletionListMessageAttributes(List, At(0)) == (PUCHAR)At(0) + sizeof(PORT_MESSAGE));
    At(0)->u1.s1.TotalLength++;
    CHECK((PUCHAR)AlpcGetCompletionListMessageAttributes(List, At(0)) == (PUCHAR)At(0) + sizeof(PORT_MESSAGE) + 8);
}

/* The bits that a free of the message at Offset leaves of all. */
static ULONG BitsAfter(LONG Offset, USHORT Length)
{
    Bitmap()[0] = ~0u;
    List->ReturnCount = 0;
    At(Offset)->u1.s1.TotalLength = Length;
    AlpcFreeCompletionListMessage(List, At(Offset));
    return Bitmap()[0];
}

static VOID TestFreeing(VOID)
{
    MakeList();
    CHECK(BitsAfter(0, sizeof(PORT_MESSAGE)) == 0xFFFFFFFE && List->ReturnCount == 1);
    CHECK(BitsAfter(2 * GRANULE, 96) == 0xFFFFFFF3 && List->ReturnCount == 1);
    CHECK(BitsAfter((LONG)List->DataSize - GRANULE, GRANULE) == 0xFFFF7FFF && List->ReturnCount == 1);
    List->AttributeFlags = ALPC_MESSAGE_CONTEXT_ATTRIBUTE;
    List->AttributeSize = GRANULE;
    CHECK(BitsAfter(4 * GRANULE, 48) == 0xFFFFFFCF && List->ReturnCount == 1);
    /* No messages of the list. */
    MakeList();
    CHECK(BitsAfter(0, 0) == 0xFFFFFFFF && List->ReturnCount == 0);
    CHECK(BitsAfter(1, sizeof(PORT_MESSAGE)) == 0xFFFFFFFF && List->ReturnCount == 0);
    CHECK(BitsAfter(-GRANULE, sizeof(PORT_MESSAGE)) == 0xFFFFFFFF && List->ReturnCount == 0);
    CHECK(BitsAfter((LONG)List->DataSize, sizeof(PORT_MESSAGE)) == 0xFFFFFFFF && List->ReturnCount == 0);
    CHECK(BitsAfter((LONG)List->DataSize - GRANULE, GRANULE + 1) == 0xFFFFFFFF && List->ReturnCount == 0);
    List->BitmapSize = 0;
    CHECK(BitsAfter(0, sizeof(PORT_MESSAGE)) == 0xFFFFFFFF && List->ReturnCount == 0);
}

static VOID TestWorkers(VOID)
{
    MakeList();
    CHECK(AlpcRegisterCompletionListWorkerThread(List) && AlpcRegisterCompletionListWorkerThread(List));
    CHECK(StateIs(EMPTY, EMPTY, 2));
    CHECK(AlpcUnregisterCompletionListWorkerThread(List) && AlpcUnregisterCompletionListWorkerThread(List));
    CHECK(!AlpcUnregisterCompletionListWorkerThread(List));
    CHECK(StateIs(EMPTY, EMPTY, 0));
    SetState(EMPTY, EMPTY, 0xFFFE);
    CHECK(AlpcRegisterCompletionListWorkerThread(List) && !AlpcRegisterCompletionListWorkerThread(List));
    CHECK(StateIs(EMPTY, EMPTY, 0xFFFF));
    SetState(0, 0, 1);
    CHECK(!AlpcUnregisterCompletionListWorkerThread(List));
    CHECK(StateIs(0, 0, 1));
}

/* ------------------------------------------------------------------ the system's side */

static VOID TestRegistration(HANDLE Handle)
{
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcAdjustCompletionListConcurrencyCount(Handle, 1));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcUnregisterCompletionList(Handle));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcRundownCompletionList(Handle));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcRegisterCompletionList(Handle, List, 0x300, 1, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcRegisterCompletionList(Handle, List, 0, 1, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcRegisterCompletionList(Handle, List, (ULONG)-1, 1, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcRegisterCompletionList(Handle, List, LIST_SIZE, 1, 1));
    CHECK_STATUS(STATUS_DATATYPE_MISALIGNMENT, AlpcRegisterCompletionList(Handle, (PVOID)((PUCHAR)List + 8), 0x1000, 1, 0));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, AlpcRegisterCompletionList(Handle, NULL, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, AlpcRegisterCompletionList(Handle, List, LIST_SIZE + 0x10000, 1, 0));
    CHECK_STATUS(STATUS_INVALID_HANDLE, AlpcRegisterCompletionList((HANDLE)0xDEAD0, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtAlpcSetInformation(Handle, AlpcRegisterCompletionListInformation, List, 20));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtAlpcSetInformation(Handle, AlpcUnregisterCompletionListInformation, List, 4));
    memset(List, 0xCC, LIST_SIZE);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Handle, List, LIST_SIZE, 1, ALPC_MESSAGE_CONTEXT_ATTRIBUTE));
    CHECK(List->StartMagic == ALPC_COMPLETION_LIST_START_MAGIC && List->EndMagic == ALPC_COMPLETION_LIST_END_MAGIC);
    CHECK(List->TotalSize == LIST_SIZE && List->ListOffset >= sizeof(*List) && List->ListSize >= 4 && List->ListSize % 4 == 0);
    CHECK(List->BitmapOffset >= List->ListOffset + List->ListSize && List->BitmapSize * 8 >= List->DataSize / GRANULE);
    CHECK(List->DataOffset >= List->BitmapOffset + List->BitmapSize && List->DataOffset % GRANULE == 0);
    CHECK(List->DataSize >= LIST_SIZE / 2 && List->DataOffset + List->DataSize <= LIST_SIZE && List->DataSize % GRANULE == 0);
    CHECK(List->AttributeFlags == ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    CHECK(List->AttributeSize == AlpcGetHeaderSize(ALPC_MESSAGE_CONTEXT_ATTRIBUTE));
    CHECK(StateIs(EMPTY, EMPTY, 0) && List->PostCount == 0 && List->ReturnCount == 0 && List->UserLock.Ptr == NULL);
    CHECK_STATUS(STATUS_PORT_ALREADY_SET, AlpcRegisterCompletionList(Handle, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, AlpcAdjustCompletionListConcurrencyCount(Handle, 2));
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Handle));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AlpcUnregisterCompletionList(Handle));
}

static NTSTATUS SendText(HANDLE Client, const char *Text)
{
    MESSAGE Message;

    Put(&Message, Text);
    return Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL);
}

static MESSAGE *Take(const char *Text)
{
    PALPC_MESSAGE_ATTRIBUTES Attributes;
    MESSAGE *Message = (MESSAGE *)AlpcGetMessageFromCompletionList(List, &Attributes);

    if (!CHECK(Message != NULL))
        return NULL;
    CHECK(strcmp(Message->Text, Text) == 0);
    CHECK(Attributes == AlpcGetCompletionListMessageAttributes(List, &Message->Header));
    return Message;
}

static VOID TakeAndFree(const char *Text)
{
    MESSAGE *Message = Take(Text);

    if (Message != NULL)
        AlpcFreeCompletionListMessage(List, &Message->Header);
}

static NTSTATUS NTAPI AskThread(PVOID Argument)
{
    MESSAGE Message;
    SIZE_T Length = sizeof(Message);

    Put(&Message, "question");
    return NtAlpcSendWaitReceivePort((HANDLE)Argument, ALPC_MSGFLG_SYNC_REQUEST, &Message.Header, NULL, &Message.Header, &Length, NULL,
                                     &Long);
}

/* Waits until the list holds so many messages. */
static VOID Await(ULONG Count)
{
    LARGE_INTEGER Delay = { .QuadPart = -MS };

    for (ULONG i = 0; i < 5000 && AlpcGetOutstandingCompletionListMessageCount(List) != Count; i++)
        NtDelayExecution(FALSE, &Delay);
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == Count);
}

static VOID TestDelivery(VOID)
{
    HANDLE Client, Server = Pair((PVOID)0x77, &Client), Thread;
    ULONG Id = 0, Callback = 1;
    PALPC_MESSAGE_ATTRIBUTES Attributes;
    PALPC_CONTEXT_ATTR Context;
    MESSAGE *Taken, Message;

    /* By the server's end the queue's list is registered: its messages come to the connection port. */
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Server, List, LIST_SIZE, 1, ALPC_MESSAGE_CONTEXT_ATTRIBUTE |
                                                            ALPC_MESSAGE_TOKEN_ATTRIBUTE | ALPC_MESSAGE_HANDLE_ATTRIBUTE));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "one"));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "two"));
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 2);
    CHECK_STATUS(STATUS_ALPC_CHECK_COMPLETION_LIST, Receive(Port, &Message, NULL, &Now));
    Taken = Take("one");
    CHECK(Taken->Header.u2.s2.Type == LPC_DATAGRAM && Taken->Header.u1.s1.DataLength == 4);
    CHECK(Taken->Header.u1.s1.TotalLength == sizeof(PORT_MESSAGE) + 4);
    Attributes = AlpcGetCompletionListMessageAttributes(List, &Taken->Header);
    CHECK(Attributes->AllocatedAttributes == List->AttributeFlags);
    CHECK(Attributes->ValidAttributes == (ALPC_MESSAGE_CONTEXT_ATTRIBUTE | ALPC_MESSAGE_TOKEN_ATTRIBUTE));
    Context = AlpcGetMessageAttribute(Attributes, ALPC_MESSAGE_CONTEXT_ATTRIBUTE);
    CHECK(Context->PortContext == (PVOID)0x77 && Context->MessageId == Taken->Header.MessageId);
    AlpcFreeCompletionListMessage(List, &Taken->Header);
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 1);
    TakeAndFree("two");
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 0);
    CHECK_STATUS(STATUS_TIMEOUT, Receive(Port, &Message, NULL, &Now));
    for (ULONG i = 0; i < List->BitmapSize / sizeof(ULONG); i++)
        CHECK(Bitmap()[i] == 0);
    /* A request is answered as if it had been received. */
    Thread = CheckStartThread(AskThread, Client);
    Await(1);
    Taken = Take("question");
    CHECK(Taken->Header.u2.s2.Type == (LPC_REQUEST | LPC_CONTINUATION_REQUIRED));
    AlpcGetCompletionListLastMessageInformation(List, &Id, &Callback);
    CHECK(Id == Taken->Header.MessageId && Callback == 0);
    Message.Header = Taken->Header;
    AlpcFreeCompletionListMessage(List, &Taken->Header);
    Answer(&Message, "answer");
    CHECK_STATUS(STATUS_SUCCESS, Send(Server, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    /* News of the client's end come into it, too. */
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Client));
    Taken = (MESSAGE *)AlpcGetMessageFromCompletionList(List, NULL);
    CHECK(Taken != NULL && Taken->Header.u2.s2.Type == LPC_PORT_CLOSED);
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Server));
}

/* Who waits when a message comes gets it; what brings handles is received by a service. */
static NTSTATUS NTAPI ReceiveThread(PVOID Argument)
{
    return Receive(Port, Argument, NULL, &Long);
}

static VOID TestReceivers(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread, Event;
    PALPC_HANDLE_ATTR Attribute;
    MESSAGE Message;
    BLOCK Block;

    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, ALPC_MESSAGE_HANDLE_ATTRIBUTE));
    Thread = CheckStartThread(ReceiveThread, &Message);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "direct"));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Long));
    CHECK(strcmp(Message.Text, "direct") == 0 && List->PostCount == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    Prepare(&Block, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Attribute = AlpcGetMessageAttribute(&Block.Header, ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    Attribute->Flags = ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS;
    Attribute->Handle = Event;
    Block.Header.ValidAttributes = ALPC_MESSAGE_HANDLE_ATTRIBUTE;
    Put(&Message, "handle");
    CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, &Block));
    CHECK(List->PostCount == 0);
    /* It keeps its place: what comes later is not received before. */
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "later"));
    CHECK(List->PostCount == 0);
    Expect(Port, LPC_DATAGRAM, &Message, &Block);
    CHECK(strcmp(Message.Text, "handle") == 0 && Block.Header.ValidAttributes == ALPC_MESSAGE_HANDLE_ATTRIBUTE);
    CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Attribute->Handle, Event));
    NtClose(Attribute->Handle);
    NtClose(Event);
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    CHECK(strcmp(Message.Text, "later") == 0);
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    Unpair(Server, Client);
}

/* What does not fit waits in the queue. */
static VOID TestFull(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client);
    ULONG InList, InQueue = 0;
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, 0x1000, 1, 0));
    Put(&Message, "");
    Message.Header.u1.s1.DataLength = 60;
    Message.Header.u1.s1.TotalLength = 60 + sizeof(PORT_MESSAGE);
    for (ULONG i = 0; i < 40; i++) {
        memcpy(Message.Text, &i, sizeof(i));
        CHECK_STATUS(STATUS_SUCCESS, Send(Client, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL));
    }
    InList = AlpcGetOutstandingCompletionListMessageCount(List);
    CHECK(InList == List->DataSize / (2 * GRANULE));
    for (ULONG i = 0; i < InList; i++) {
        MESSAGE *Taken = (MESSAGE *)AlpcGetMessageFromCompletionList(List, NULL);
        ULONG Number = ~0u;

        if (CHECK(Taken != NULL))
            memcpy(&Number, Taken->Text, sizeof(Number));
        CHECK(Number == i);
        AlpcFreeCompletionListMessage(List, &Taken->Header);
    }
    while (Receive(Port, &Message, NULL, &Now) == STATUS_SUCCESS)
        InQueue++;
    CHECK(InList + InQueue == 40 && InQueue != 0);
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "again"));
    TakeAndFree("again");
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    Unpair(Server, Client);
}

/* Whatever the program writes there: the message is received from the queue, nothing else happens. */
static VOID TestBroken(VOID)
{
    static const struct {
        ULONG Head, Tail;
    } States[] = { { 0, EMPTY }, { EMPTY, 0 }, { 0xFFFFFE, 0 }, { 0, 0xFFFFFE }, { 1, 0xFFFFFF } };
    HANDLE Client, Server = Pair(NULL, &Client);
    SIZE_T Size = LIST_SIZE;
    PVOID Base = List;
    MESSAGE Message;

    for (ULONG i = 0; i < ARRAYSIZE(States); i++) {
        CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
        SetState(States[i].Head, States[i].Tail, 0);
        CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "safe"));
        Expect(Port, LPC_DATAGRAM, &Message, NULL);
        CHECK(strcmp(Message.Text, "safe") == 0);
        CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    }
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
    memset(List, 0xFF, LIST_SIZE);      /* no granule is free */
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "full"));
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRundownCompletionList(Port));
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    /* A ring of nonsense is run down. */
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
    memset(Ring(), 0x5A, List->ListSize);
    SetState(5, 4, 0);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRundownCompletionList(Port));
    CHECK(StateIs(EMPTY, EMPTY, 0));
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    /* The memory is gone, or may only be read. */
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_DECOMMIT));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "gone"));
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_COMMIT, PAGE_READONLY));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "read only"));
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, AlpcRegisterCompletionList(Client, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_DECOMMIT));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_COMMIT, PAGE_READWRITE));
    Unpair(Server, Client);
}

/* What nobody has taken out when the list goes is cancelled: its sender does not wait for ever. */
static VOID TestRundown(VOID)
{
    HANDLE Client, Server = Pair(NULL, &Client), Thread;
    MESSAGE Message;

    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "first"));
    Thread = CheckStartThread(AskThread, Client);
    Await(2);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRundownCompletionList(Port));
    CHECK_STATUS(STATUS_MESSAGE_LOST, CheckJoinThread(Thread, &Long));
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 0);
    CHECK(AlpcGetMessageFromCompletionList(List, NULL) == NULL && StateIs(EMPTY, EMPTY, 0));
    CHECK_STATUS(STATUS_SUCCESS, AlpcRundownCompletionList(Port));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "queued"));
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 0);
    Expect(Port, LPC_DATAGRAM, &Message, NULL);
    CHECK_STATUS(STATUS_PORT_ALREADY_SET, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    Unpair(Server, Client);
    /* A port that goes with its list. */
    Server = Pair(NULL, &Client);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Client, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Server, "to the client"));
    TakeAndFree("to the client");
    CHECK_STATUS(STATUS_SUCCESS, SendText(Server, "for nobody"));
    Unpair(Server, Client);
}

static ULONG CountNotices(HANDLE Completion)
{
    IO_STATUS_BLOCK IoStatus;
    ULONG_PTR Key, Apc;
    ULONG Count = 0;

    while (NtRemoveIoCompletion(Completion, &Key, &Apc, &IoStatus, &Now) == STATUS_SUCCESS)
        Count++;
    return Count;
}

/* Notices come while fewer workers look into the list than were asked for. */
static VOID TestNotices(HANDLE Completion)
{
    HANDLE Client, Server = Pair(NULL, &Client);

    CountNotices(Completion);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "1"));
    CHECK(CountNotices(Completion) == 1);
    CHECK(AlpcRegisterCompletionListWorkerThread(List));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "2"));
    CHECK(CountNotices(Completion) == 0);
    CHECK_STATUS(STATUS_SUCCESS, AlpcAdjustCompletionListConcurrencyCount(Port, 2));
    CHECK(CountNotices(Completion) == 1);
    CHECK(!AlpcUnregisterCompletionListWorkerThread(List));
    TakeAndFree("1");
    TakeAndFree("2");
    CHECK(AlpcUnregisterCompletionListWorkerThread(List));
    CHECK_STATUS(STATUS_SUCCESS, AlpcAdjustCompletionListConcurrencyCount(Port, 0));
    CHECK_STATUS(STATUS_SUCCESS, SendText(Client, "3"));
    CHECK(CountNotices(Completion) == 0);
    TakeAndFree("3");
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    Unpair(Server, Client);
    CountNotices(Completion);
}

/* ------------------------------------------------------------------ many at once */

static HANDLE Notices;
static LONG Sum, Taken, Stop;

static VOID Drain(VOID)
{
    PPORT_MESSAGE Message;
    MESSAGE Received;
    LONG Number;

    while ((Message = AlpcGetMessageFromCompletionList(List, NULL)) != NULL) {
        memcpy(&Number, Message + 1, sizeof(Number));
        AlpcFreeCompletionListMessage(List, Message);
        InterlockedExchangeAdd(&Sum, Number);
        InterlockedIncrement(&Taken);
    }
    while (Receive(Port, &Received, NULL, &Now) == STATUS_SUCCESS) {
        memcpy(&Number, Received.Text, sizeof(Number));
        InterlockedExchangeAdd(&Sum, Number);
        InterlockedIncrement(&Taken);
    }
}

static NTSTATUS NTAPI WorkerThread(PVOID Argument)
{
    LARGE_INTEGER Delay = { .QuadPart = -20 * MS };
    IO_STATUS_BLOCK IoStatus;
    ULONG_PTR Key, Apc;

    while (!Stop) {
        if (NtRemoveIoCompletion(Notices, &Key, &Apc, &IoStatus, &Delay) != STATUS_SUCCESS)
            continue;
        if (!AlpcRegisterCompletionListWorkerThread(List))
            return STATUS_UNSUCCESSFUL;
        do {
            Drain();
        } while (!AlpcUnregisterCompletionListWorkerThread(List));
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI SenderThread(PVOID Argument)
{
    NTSTATUS Status = STATUS_SUCCESS;
    MESSAGE Message;

    for (LONG i = 1; i <= MESSAGES_EACH && NT_SUCCESS(Status); i++) {
        Put(&Message, "");
        Message.Header.u1.s1.DataLength = (USHORT)(4 + i * 37 % 300);
        Message.Header.u1.s1.TotalLength = Message.Header.u1.s1.DataLength + sizeof(PORT_MESSAGE);
        memcpy(Message.Text, &i, sizeof(i));
        Status = Send((HANDLE)Argument, ALPC_MSGFLG_RELEASE_MESSAGE, &Message, NULL);
    }
    return Status;
}

static VOID TestMany(HANDLE Completion)
{
    HANDLE Clients[SENDERS], Servers[SENDERS], Senders[SENDERS], Workers[WORKERS];
    LARGE_INTEGER Delay = { .QuadPart = -10 * MS };

    Notices = Completion;
    for (ULONG i = 0; i < SENDERS; i++)
        Servers[i] = Pair(NULL, &Clients[i]);
    CountNotices(Completion);
    CHECK_STATUS(STATUS_SUCCESS, AlpcRegisterCompletionList(Port, List, LIST_SIZE, 2, ALPC_MESSAGE_CONTEXT_ATTRIBUTE));
    for (ULONG i = 0; i < WORKERS; i++)
        Workers[i] = CheckStartThread(WorkerThread, NULL);
    for (ULONG i = 0; i < SENDERS; i++)
        Senders[i] = CheckStartThread(SenderThread, Clients[i]);
    for (ULONG i = 0; i < SENDERS; i++)
        CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Senders[i], &Long));
    for (ULONG i = 0; i < 1000 && Taken != SENDERS * MESSAGES_EACH; i++)
        NtDelayExecution(FALSE, &Delay);
    CHECK(Taken == SENDERS * MESSAGES_EACH);
    CHECK(Sum == SENDERS * MESSAGES_EACH * (MESSAGES_EACH + 1) / 2);
    Stop = TRUE;
    for (ULONG i = 0; i < WORKERS; i++)
        CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Workers[i], &Long));
    CHECK(AlpcGetOutstandingCompletionListMessageCount(List) == 0 && StateIs(EMPTY, EMPTY, 0));
    CHECK(List->PostCount != 0);
    for (ULONG i = 0; i < List->BitmapSize / sizeof(ULONG); i++)
        CHECK(Bitmap()[i] == 0);
    CHECK_STATUS(STATUS_SUCCESS, AlpcUnregisterCompletionList(Port));
    for (ULONG i = 0; i < SENDERS; i++)
        Unpair(Servers[i], Clients[i]);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    ALPC_PORT_ASSOCIATE_COMPLETION_PORT Association = { .CompletionKey = (PVOID)1 };

    List = AllocatePages(LIST_SIZE);
    TestTaking();
    TestAttributePlace();
    TestFreeing();
    TestWorkers();
    CHECK_STATUS(STATUS_SUCCESS, Create(&Port));
    TestRegistration(Port);
    TestDelivery();
    TestReceivers();
    TestFull();
    TestBroken();
    TestRundown();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Association.CompletionPort, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtAlpcSetInformation(Port, AlpcAssociateCompletionPortInformation, &Association, sizeof(Association)));
    TestNotices(Association.CompletionPort);
    TestMany(Association.CompletionPort);
    NtClose(Association.CompletionPort);
    NtClose(Port);
    FreePages(List);
    return CheckClose();
}
