/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages: capture, identity, queues, the end.
 *
 * A program's header and bytes are copied once.  The memory of a message is charged to the port that sent it: a
 * client that floods its server is told STATUS_QUOTA_EXCEEDED, and others go on.  Ids are unique among the messages that
 * exist; a table finds them.  Nothing here waits.
 */
#include "ntos/lpc/lpcp.h"
#include "ntos/inc/io.h"
#include "ntos/inc/log.h"

#define LPC_ID_BUCKETS 256

static LIST_ENTRY LpcpIds[LPC_ID_BUCKETS];
static ULONG LpcpLastId;
static ULONG LpcpCallbacks;

static PLIST_ENTRY LpcpBucket(ULONG MessageId)
{
    PLIST_ENTRY Head = &LpcpIds[MessageId % LPC_ID_BUCKETS];

    if (Head->Flink == NULL)
        InitializeListHead(Head);
    return Head;
}

static PLPC_MESSAGE LpcpLookupId(ULONG MessageId)
{
    PLIST_ENTRY Head = LpcpBucket(MessageId);

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PLPC_MESSAGE Message = CONTAINING_RECORD(Link, LPC_MESSAGE, IdLink);

        if (Message->Header.MessageId == MessageId)
            return Message;
    }
    return NULL;
}

/* ------------------------------------------------------------------ beginning and end */

static VOID LpcpBegin(PLPC_MESSAGE New, PLPC_PORT Source, ULONG DataLength)
{
    memset(New, 0, sizeof(*New));
    New->Source = Source;
    New->Header.u1.s1.DataLength = (USHORT)DataLength;
    New->Header.u1.s1.TotalLength = (USHORT)(sizeof(PORT_MESSAGE) + DataLength);
    ObReferenceObject(Source);
}

NTSTATUS LpcpCreateMessage(PLPC_PORT Source, ULONG DataLength, PLPC_MESSAGE *Message)
{
    ULONG Size = sizeof(LPC_MESSAGE) + DataLength;

    *Message = NULL;
    if (Source->PoolUsage + Size > Source->MaxPoolUsage)
        return STATUS_QUOTA_EXCEEDED;
    *Message = ExAllocatePoolWithTag(PagedPool, Size, LPC_TAG_MESSAGE);
    if (*Message == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    LpcpBegin(*Message, Source, DataLength);
    (*Message)->Charge = Size;
    Source->PoolUsage += Size;
    return STATUS_SUCCESS;
}

NTSTATUS LpcpCreateReservedMessage(PLPC_PORT Source, ULONG ReserveId, ULONG DataLength, PLPC_MESSAGE *Message)
{
    PLPC_RESOURCE Reserve;
    NTSTATUS Status = LpcpUseReserve(Source, ReserveId, sizeof(LPC_MESSAGE) + DataLength, &Reserve, Message);

    if (!NT_SUCCESS(Status))
        return Status;
    LpcpBegin(*Message, Source, DataLength);
    (*Message)->Reserve = Reserve;
    return STATUS_SUCCESS;
}

VOID LpcpQuiet(PLPC_PORT Queue)
{
    if (Queue->Flags & ALPC_PORFLG_WAITABLE_PORT && IsListEmpty(&Queue->Queue) && !LpcpHasListed(Queue))
        KeClearEvent(&Queue->Available);
}

VOID LpcpUnlinkMessage(PLPC_MESSAGE Message)
{
    if (Message->State == LpcMessageHanded)
        LpcpEndWait(Message->Taker, NULL, STATUS_RETRY);
    if (Message->State == LpcMessageQueued || Message->State == LpcMessagePending)
        RemoveEntryList(&Message->Link);
    if (Message->State == LpcMessageQueued)
        LpcpQuiet(LpcpQueueOf(Message->Port));
    Message->State = LpcMessageHeld;
}

VOID LpcpDestroyMessage(PLPC_MESSAGE Message, NTSTATUS Status)
{
    LpcpUnlinkMessage(Message);
    if (Message->IdLink.Flink != NULL)
        RemoveEntryList(&Message->IdLink);
    if (Message->Callback != NULL) {
        LpcpCallbacks--;
        LpcpDestroyMessage(Message->Callback, Status);
    }
    if (Message->Reply != NULL)
        LpcpEndWait(Message->Reply, NULL, Status);
    if (Message->Source->ConnectMessage == Message) {
        Message->Source->ConnectMessage = NULL;
        LpcpEndPort(Message->Source, Status);
    }
    if (Message->Sender != NULL)
        ObDereferenceObject(Message->Sender);
    if (Message->Token != NULL)
        ObDereferenceObject(Message->Token);
    LpcpReleaseCargo(Message);
    Message->Source->PoolUsage -= Message->Charge;
    ObDereferenceObject(Message->Source);
    if (Message->Port != NULL)
        ObDereferenceObject(Message->Port);
    if (Message->Reserve != NULL)
        LpcpReturnReserve(Message->Reserve, Message);
    else
        ExFreePoolWithTag(Message, LPC_TAG_MESSAGE);
}

/* ------------------------------------------------------------------ capture */

NTSTATUS LpcpCaptureHeader(PLPC_PORT Port, const PORT_MESSAGE *User, PPORT_MESSAGE Header)
{
    NTSTATUS Status = MmCopyFromUser(Header, User, sizeof(*Header));
    ULONG Total;

    if (!NT_SUCCESS(Status))
        return Status;
    Total = Header->u1.s1.TotalLength;
    if (sizeof(PORT_MESSAGE) + Header->u1.s1.DataLength > Total)
        return STATUS_INVALID_PARAMETER;
    if (Total > Port->MaxMessageLength)
        return STATUS_PORT_MESSAGE_TOO_LONG;
    if (Header->u2.s2.DataInfoOffset != 0 &&
        (Header->u2.s2.DataInfoOffset < sizeof(PORT_MESSAGE) ||
         Header->u2.s2.DataInfoOffset + FIELD_OFFSET(PORT_DATA_INFORMATION, DataEntries) >
         sizeof(PORT_MESSAGE) + Header->u1.s1.DataLength))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* The captured bytes at DataInfoOffset hold as many entries as they say. */
static BOOLEAN LpcpAreDataEntriesGood(PLPC_MESSAGE Message)
{
    ULONG Offset = Message->Header.u2.s2.DataInfoOffset, Count, Room;

    if (Offset == 0)
        return TRUE;
    Offset -= sizeof(PORT_MESSAGE);
    memcpy(&Count, &Message->Data[Offset], sizeof(Count));
    Room = Message->Header.u1.s1.DataLength - Offset - FIELD_OFFSET(PORT_DATA_INFORMATION, DataEntries);
    return Count != 0 && Count <= Room / sizeof(PORT_DATA_ENTRY);
}

NTSTATUS LpcpCaptureMessage(PLPC_PORT Source, const PORT_MESSAGE *User, const PORT_MESSAGE *Header,
        PLPC_MESSAGE *Message)
{
    NTSTATUS Status = LpcpCreateMessage(Source, Header->u1.s1.DataLength, Message);

    return NT_SUCCESS(Status) ? LpcpFillMessage(User, Header, Message) : Status;
}

NTSTATUS LpcpFillMessage(const PORT_MESSAGE *User, const PORT_MESSAGE *Header, PLPC_MESSAGE *Message)
{
    NTSTATUS Status;

    (*Message)->Header = *Header;
    Status = MmCopyFromUser((*Message)->Data, User + 1, Header->u1.s1.DataLength);
    if (NT_SUCCESS(Status) && !LpcpAreDataEntriesGood(*Message))
        Status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status)) {
        LpcpDestroyMessage(*Message, Status);
        *Message = NULL;
    }
    return Status;
}

/* ------------------------------------------------------------------ identity */

VOID LpcpIdentifyMessage(PLPC_MESSAGE Message, PLPC_PORT Port, USHORT Type)
{
    PETHREAD Thread = PsGetCurrentThread();

    do {
        LpcpLastId = (LpcpLastId + 1) & ~LPC_RESERVE_TAG;
    } while (LpcpLastId == 0 || LpcpLookupId(LpcpLastId) != NULL);
    Message->Header.MessageId = LpcpLastId;
    Message->Header.CallbackId = 0;
    InsertTailList(LpcpBucket(LpcpLastId), &Message->IdLink);
    Message->Header.u2.s2.Type = Type;
    Message->Header.ClientId = Thread->Cid;
    ObReferenceObject(Thread);
    Message->Sender = Thread;
    ObReferenceObject(Port);
    Message->Port = Port;
}

PLPC_MESSAGE LpcpFindMessage(PLPC_PORT Port, ULONG MessageId)
{
    PLPC_MESSAGE Message = LpcpLookupId(MessageId);

    if (Message == NULL || Message->State != LpcMessagePending || LpcpQueueOf(Message->Port) != LpcpQueueOf(Port))
        return NULL;
    return Message;
}

PLPC_MESSAGE LpcpFindAnyMessage(ULONG MessageId)
{
    return LpcpLookupId(MessageId);
}

PLPC_MESSAGE LpcpLookupConnectRequest(ULONG MessageId)
{
    PLPC_MESSAGE Message = LpcpLookupId(MessageId);

    if (Message == NULL || Message->State != LpcMessagePending || Message->Source->ConnectMessage != Message)
        return NULL;
    return Message;
}

/* ------------------------------------------------------------------ queues */

/* A program that waits at a completion port learns that there is something to receive. */
VOID LpcpNotify(PLPC_PORT Queue)
{
    if (Queue->CompletionPort != NULL &&
        !NT_SUCCESS(IoSetIoCompletion(Queue->CompletionPort, Queue->CompletionKey, NULL, STATUS_SUCCESS, 0)))
        LogPrint("lpc: no memory for the notice of a message");
}

VOID LpcpDeliver(PLPC_MESSAGE Message)
{
    PLPC_PORT Queue = LpcpQueueOf(Message->Port);
    BOOLEAN Tell = TRUE;

    Message->Sequence = ++Queue->SequenceNo;
    if (!IsListEmpty(&Queue->Waiters)) {
        Message->Taker = CONTAINING_RECORD(RemoveHeadList(&Queue->Waiters), LPC_WAIT, Link);
        Message->State = LpcMessageHanded;
        LpcpEndWait(Message->Taker, Message, STATUS_SUCCESS);
        return;
    }
    if (!IsListEmpty(&Queue->Queue) || !LpcpPutInList(Queue, Message, &Tell)) {
        InsertTailList(&Queue->Queue, &Message->Link);
        Message->State = LpcMessageQueued;
    }
    KeSetEvent(&Queue->Available, 1, FALSE);
    if (Tell)
        LpcpNotify(Queue);
}

/* What the senders of messages to a port that goes are told. */
static NTSTATUS LpcpEmptyStatus(PLPC_PORT Port)
{
    return Port->Kind == LpcConnectionPort ? STATUS_PORT_CONNECTION_REFUSED : STATUS_PORT_DISCONNECTED;
}

VOID LpcpRequeue(PLPC_MESSAGE Message)
{
    PLPC_PORT Queue = LpcpQueueOf(Message->Port);

    if (Message->Port->Emptied) {
        LpcpDestroyMessage(Message, LpcpEmptyStatus(Message->Port));
        return;
    }
    if (!IsListEmpty(&Queue->Waiters)) {
        LpcpDeliver(Message);
        return;
    }
    InsertHeadList(&Queue->Queue, &Message->Link);
    Message->State = LpcMessageQueued;
    KeSetEvent(&Queue->Available, 1, FALSE);
}

VOID LpcpSetPending(PLPC_MESSAGE Message)
{
    InsertTailList(&Message->Port->Pending, &Message->Link);
    Message->State = LpcMessagePending;
}

VOID LpcpDestroyMessagesTo(PLPC_PORT Port)
{
    PLIST_ENTRY Head = &LpcpQueueOf(Port)->Queue;
    NTSTATUS Status = LpcpEmptyStatus(Port);

    for (PLIST_ENTRY Link = Head->Flink, Next; Link != Head; Link = Next) {
        PLPC_MESSAGE Message = CONTAINING_RECORD(Link, LPC_MESSAGE, Link);

        Next = Link->Flink;
        if (Message->Port == Port)
            LpcpDestroyMessage(Message, Status);
    }
    while (!IsListEmpty(&Port->Pending))
        LpcpDestroyMessage(CONTAINING_RECORD(Port->Pending.Flink, LPC_MESSAGE, Link), Status);
}

/* ------------------------------------------------------------------ questions back to the sender */

VOID LpcpSetCallback(PLPC_MESSAGE Message, PLPC_MESSAGE Callback)
{
    Message->Callback = Callback;
    LpcpCallbacks++;
}

PLPC_MESSAGE LpcpTakeCallback(PLPC_MESSAGE Message)
{
    PLPC_MESSAGE Callback = Message->Callback;

    if (Callback != NULL)
        LpcpCallbacks--;
    Message->Callback = NULL;
    return Callback;
}

PLPC_MESSAGE LpcpFindCallback(ULONG MessageId, ULONG CallbackId)
{
    PLPC_MESSAGE Message = LpcpLookupId(MessageId);

    if (Message == NULL || Message->Callback == NULL || Message->Sender != PsGetCurrentThread() ||
        Message->Callback->Header.CallbackId != CallbackId)
        return NULL;
    return Message;
}

VOID LpcpForgetSender(PETHREAD Thread)
{
    for (ULONG i = 0; LpcpCallbacks != 0 && i < LPC_ID_BUCKETS; i++) {
        PLIST_ENTRY Head = LpcpBucket(i), Next;

        for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Next) {
            PLPC_MESSAGE Message = CONTAINING_RECORD(Link, LPC_MESSAGE, IdLink);

            Next = Link->Flink;
            if (Message->Sender == Thread && Message->Callback != NULL)
                LpcpDestroyMessage(Message, STATUS_LPC_REPLY_LOST);
        }
    }
}
