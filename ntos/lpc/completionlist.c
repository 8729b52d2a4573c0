/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ALPC completion lists, the system's side: a message that nobody waits for is put into memory of the program, from where
 * the program takes it without a service (ntdll/completionlist.c; the layout is drawn in nt/alpcapi.h).
 *
 * The program can write to all of that memory at any time.  Where things lie is what was computed at the registration;
 * what is read back (State, the bitmap, offsets and ids at the end) is checked as if it were an argument, and a list that does
 * not hold together, or is no longer mapped, takes no messages: they stay in the queue.  A program's threads do not run
 * while ntos does, so that a read and a write are one step to them.
 * A message in the list counts as received.  Nothing here waits.
 */
#include "ntos/lpc/lpcp.h"
#include "ntos/inc/log.h"

#define LPC_MAXIMUM_LIST 0x1000000
#define LPC_SEARCH 0x4000               /* granules that are looked at to find room */
#define LPC_KNOWN_ATTRIBUTES \
    (ALPC_MESSAGE_SECURITY_ATTRIBUTE | ALPC_MESSAGE_VIEW_ATTRIBUTE | ALPC_MESSAGE_CONTEXT_ATTRIBUTE | \
     ALPC_MESSAGE_HANDLE_ATTRIBUTE | ALPC_MESSAGE_TOKEN_ATTRIBUTE | ALPC_MESSAGE_DIRECT_ATTRIBUTE | \
     ALPC_MESSAGE_WORK_ON_BEHALF_ATTRIBUTE)

struct _LPC_LIST {
    PEPROCESS Process;                  /* whose memory it is; referenced */
    PALPC_COMPLETION_LIST_HEADER User;
    ULONG Capacity;                     /* ring entries; as many as granules, so that the ring is never full first */
    ULONG BitmapOffset, DataOffset;
    ULONG AttributeFlags, AttributeSize;
    ULONG Concurrency;
    ULONG Next;                         /* granule where the search for room begins */
    BOOLEAN RunDown;                    /* takes no more messages */
};

/* ------------------------------------------------------------------ access to the program's memory */

static BOOLEAN LpcpReadList(PLPC_LIST List, SIZE_T Offset, PVOID Value, SIZE_T Size)
{
    return NT_SUCCESS(MmReadSpace(&List->Process->Vm, Value, (PUCHAR)List->User + Offset, Size));
}

static BOOLEAN LpcpWriteList(PLPC_LIST List, SIZE_T Offset, const void *Value, SIZE_T Size)
{
    return NT_SUCCESS(MmWriteSpace(&List->Process->Vm, (PUCHAR)List->User + Offset, Value, Size));
}

static BOOLEAN LpcpCount(PLPC_LIST List, SIZE_T Offset, ULONG Step)
{
    ULONG Value;

    if (!LpcpReadList(List, Offset, &Value, sizeof(Value)))
        return FALSE;
    Value += Step;
    return LpcpWriteList(List, Offset, &Value, sizeof(Value));
}

/* FALSE: it cannot be read, or says what cannot be. */
static BOOLEAN LpcpReadState(PLPC_LIST List, PALPC_COMPLETION_LIST_STATE State)
{
    if (!LpcpReadList(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, State), State, sizeof(*State)))
        return FALSE;
    if (State->s1.Head == ALPC_COMPLETION_LIST_EMPTY)
        return State->s1.Tail == ALPC_COMPLETION_LIST_EMPTY;
    return State->s1.Head < List->Capacity && State->s1.Tail < List->Capacity;
}

static BOOLEAN LpcpWriteState(PLPC_LIST List, ALPC_COMPLETION_LIST_STATE State)
{
    return LpcpWriteList(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, State), &State, sizeof(State));
}

/* ------------------------------------------------------------------ room */

/* The bits [Granule, + Count) become set. */
static BOOLEAN LpcpMark(PLPC_LIST List, ULONG Granule, ULONG Count)
{
    for (ULONG End = Granule + Count; Granule < End;) {
        ULONG Bit = Granule % 64, Part = min(64 - Bit, End - Granule);
        SIZE_T Place = List->BitmapOffset + Granule / 64 * sizeof(ULONG64);
        ULONG64 Word;

        if (!LpcpReadList(List, Place, &Word, sizeof(Word)))
            return FALSE;
        Word |= (Part == 64 ? ~0ull : (1ull << Part) - 1) << Bit;
        if (!LpcpWriteList(List, Place, &Word, sizeof(Word)))
            return FALSE;
        Granule += Part;
    }
    return TRUE;
}

/* Count free granules in a row in [Granule, End); ALPC_COMPLETION_LIST_EMPTY: there are none. */
static ULONG LpcpFindRoom(PLPC_LIST List, ULONG Granule, ULONG End, ULONG Count)
{
    ULONG64 Word = 0;
    ULONG Free = 0;

    for (BOOLEAN Known = FALSE; Granule < End; Granule++) {
        if ((!Known || Granule % 64 == 0) &&
            !LpcpReadList(List, List->BitmapOffset + Granule / 64 * sizeof(Word), &Word, sizeof(Word)))
            return ALPC_COMPLETION_LIST_EMPTY;
        Known = TRUE;
        if (Word == ~0ull) {
            Free = 0;
            Granule |= 63;
            continue;
        }
        Free = Word >> Granule % 64 & 1 ? 0 : Free + 1;
        if (Free == Count)
            return Granule + 1 - Count;
    }
    return ALPC_COMPLETION_LIST_EMPTY;
}

/* ------------------------------------------------------------------ messages */

/* Header, bytes and attributes at a place in the data. */
static BOOLEAN LpcpWriteMessage(PLPC_LIST List, SIZE_T Offset, PLPC_MESSAGE Message)
{
    ULONG64 Block[LPC_MAXIMUM_BLOCK / sizeof(ULONG64)];
    PORT_MESSAGE Header = Message->Header;

    Header.u1.s1.TotalLength = sizeof(PORT_MESSAGE) + Header.u1.s1.DataLength;
    if (Message->WantsReply)
        Header.u2.s2.Type |= LPC_CONTINUATION_REQUIRED;
    if (!LpcpWriteList(List, Offset, &Header, sizeof(Header)) ||
        !LpcpWriteList(List, Offset + sizeof(Header), Message->Data, Header.u1.s1.DataLength))
        return FALSE;
    if (List->AttributeSize == 0)
        return TRUE;
    LpcpDescribe(Message, List->AttributeFlags, (PALPC_MESSAGE_ATTRIBUTES)Block);
    return LpcpWriteList(List, Offset + ((Header.u1.s1.TotalLength + 7u) & ~7u), Block, List->AttributeSize);
}

/* The message at Granule becomes the last of the ring. */
static BOOLEAN LpcpLink(PLPC_LIST List, ALPC_COMPLETION_LIST_STATE State, ULONG Granule)
{
    ULONG Entry = Granule * ALPC_COMPLETION_LIST_GRANULE;

    if (State.s1.Head == ALPC_COMPLETION_LIST_EMPTY)
        State.s1.Head = State.s1.Tail = 0;
    else
        State.s1.Tail = (State.s1.Tail + 1) % List->Capacity;
    return LpcpWriteList(List, sizeof(ALPC_COMPLETION_LIST_HEADER) + State.s1.Tail * sizeof(ULONG), &Entry, sizeof(Entry)) &&
           LpcpWriteState(List, State);
}

static BOOLEAN LpcpPut(PLPC_LIST List, PLPC_MESSAGE Message, PALPC_COMPLETION_LIST_STATE State)
{
    ULONG Size = (sizeof(PORT_MESSAGE) + Message->Header.u1.s1.DataLength + 7u) & ~7u, Granules, Place;

    if (!LpcpReadState(List, State) ||
        (State->s1.Head != ALPC_COMPLETION_LIST_EMPTY && (State->s1.Tail + 1) % List->Capacity == State->s1.Head))
        return FALSE;
    Size += List->AttributeSize;
    Granules = (Size + ALPC_COMPLETION_LIST_GRANULE - 1) / ALPC_COMPLETION_LIST_GRANULE;
    Place = LpcpFindRoom(List, List->Next, min(List->Next + LPC_SEARCH, List->Capacity), Granules);
    if (Place == ALPC_COMPLETION_LIST_EMPTY)
        Place = LpcpFindRoom(List, 0, min(min(List->Next + Granules, LPC_SEARCH), List->Capacity), Granules);
    if (Place == ALPC_COMPLETION_LIST_EMPTY ||
        !LpcpWriteMessage(List, List->DataOffset + (SIZE_T)Place * ALPC_COMPLETION_LIST_GRANULE, Message) ||
        !LpcpWriteList(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, LastMessageId), &Message->Header.MessageId, sizeof(ULONG)) ||
        !LpcpWriteList(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, LastCallbackId), &Message->Header.CallbackId,
                       sizeof(ULONG)) ||
        !LpcpMark(List, Place, Granules) ||
        !LpcpCount(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, LogSequenceNumber), 1) ||
        !LpcpCount(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, PostCount), 1) || !LpcpLink(List, *State, Place))
        return FALSE;
    List->Next = Place + Granules < List->Capacity ? Place + Granules : 0;
    return TRUE;
}

/* Handles and views become the receiver's when it takes the message, which it does not do by a service. */
static BOOLEAN LpcpNeedsReceiver(PLPC_LIST List, PLPC_MESSAGE Message)
{
    PLPC_CARGO Cargo = Message->Cargo;

    if (Cargo == NULL)
        return FALSE;
    if (Cargo->Region != NULL && List->AttributeFlags & ALPC_MESSAGE_VIEW_ATTRIBUTE)
        return TRUE;
    return Cargo->HandleCount != 0 && (List->AttributeFlags & ALPC_MESSAGE_HANDLE_ATTRIBUTE ||
                                       Message->Port->Flags & ALPC_PORFLG_ALLOW_INDIRECT_HANDLES);
}

BOOLEAN LpcpPutInList(PLPC_PORT Queue, PLPC_MESSAGE Message, PBOOLEAN Tell)
{
    PLPC_LIST List = Queue->List;
    ALPC_COMPLETION_LIST_STATE State;

    if (List == NULL || List->RunDown || LpcpNeedsReceiver(List, Message) || !LpcpPut(List, Message, &State))
        return FALSE;
    *Tell = State.s1.ActiveThreadCount < List->Concurrency;
    LpcpFinishReceive(Message);
    return TRUE;
}

BOOLEAN LpcpHasListed(PLPC_PORT Queue)
{
    ALPC_COMPLETION_LIST_STATE State;

    return Queue->List != NULL && LpcpReadState(Queue->List, &State) && State.s1.Head != ALPC_COMPLETION_LIST_EMPTY;
}

/* ------------------------------------------------------------------ the end */

/* What a ring entry names, if it is a message that still waits for its answer here, is cancelled. */
static VOID LpcpCancelListed(PLPC_PORT Queue, ULONG Entry)
{
    PLPC_LIST List = Queue->List;
    PLPC_MESSAGE Message;
    PORT_MESSAGE Header;
    ULONG Offset;

    if (!LpcpReadList(List, sizeof(ALPC_COMPLETION_LIST_HEADER) + Entry * sizeof(ULONG), &Offset, sizeof(Offset)) ||
        Offset / ALPC_COMPLETION_LIST_GRANULE >= List->Capacity ||
        !LpcpReadList(List, List->DataOffset + (SIZE_T)Offset, &Header, sizeof(Header)))
        return;
    Message = LpcpFindMessage(Queue, Header.MessageId);
    if (Message != NULL)
        LpcpDestroyMessage(Message, STATUS_MESSAGE_LOST);
}

/* Every message that is in the ring goes. */
static VOID LpcpRunDown(PLPC_PORT Queue)
{
    PLPC_LIST List = Queue->List;
    ALPC_COMPLETION_LIST_STATE State;
    ULONG Count = 0;

    List->RunDown = TRUE;
    if (!LpcpReadState(List, &State) || State.s1.Head == ALPC_COMPLETION_LIST_EMPTY)
        return;
    for (ULONG Entry = State.s1.Head;; Entry = (Entry + 1) % List->Capacity) {
        LpcpCancelListed(Queue, Entry);
        Count++;
        if (Entry == State.s1.Tail)
            break;
    }
    State.s1.Head = State.s1.Tail = ALPC_COMPLETION_LIST_EMPTY;
    if (!LpcpWriteState(List, State) || !LpcpCount(List, FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, ReturnCount), Count))
        LogPrint("lpc: the program took its completion list away");
}

VOID LpcpForgetList(PLPC_PORT Queue)
{
    PLPC_LIST List = Queue->List;

    Queue->List = NULL;
    if (List == NULL)
        return;
    ObDereferenceObject(List->Process);
    ExFreePoolWithTag(List, LPC_TAG_OTHER);
}

/* ------------------------------------------------------------------ the services' part */

/* How a buffer is divided: header, ring, bitmap in words of 64, granules. */
static NTSTATUS LpcpDivide(PLPC_LIST List, ULONG Size)
{
    ULONG Fixed = sizeof(ALPC_COMPLETION_LIST_HEADER) + sizeof(ULONG64) * 2 + ALPC_COMPLETION_LIST_GRANULE;

    if (Size <= Fixed || Size > LPC_MAXIMUM_LIST)
        return STATUS_INVALID_PARAMETER;
    List->Capacity = (Size - Fixed) * 8 / (8 * (ALPC_COMPLETION_LIST_GRANULE + sizeof(ULONG)) + 1);
    if (List->Capacity == 0)
        return STATUS_INVALID_PARAMETER;
    List->BitmapOffset = (sizeof(ALPC_COMPLETION_LIST_HEADER) + List->Capacity * sizeof(ULONG) + 7u) & ~7u;
    List->DataOffset = List->BitmapOffset + (List->Capacity + 63) / 64 * sizeof(ULONG64);
    List->DataOffset = (List->DataOffset + ALPC_COMPLETION_LIST_GRANULE - 1) & ~(ALPC_COMPLETION_LIST_GRANULE - 1u);
    return STATUS_SUCCESS;
}

static NTSTATUS LpcpWriteHeader(PLPC_LIST List, ULONG Size)
{
    ALPC_COMPLETION_LIST_HEADER Header;
    NTSTATUS Status = MmProbeForWrite(List->User, Size, 128);

    memset(&Header, 0, sizeof(Header));
    Header.StartMagic = ALPC_COMPLETION_LIST_START_MAGIC;
    Header.TotalSize = Size;
    Header.ListOffset = sizeof(Header);
    Header.ListSize = List->Capacity * sizeof(ULONG);
    Header.BitmapOffset = List->BitmapOffset;
    Header.BitmapSize = (List->Capacity + 63) / 64 * sizeof(ULONG64);
    Header.DataOffset = List->DataOffset;
    Header.DataSize = List->Capacity * ALPC_COMPLETION_LIST_GRANULE;
    Header.AttributeFlags = List->AttributeFlags;
    Header.AttributeSize = List->AttributeSize;
    Header.State.s1.Head = Header.State.s1.Tail = ALPC_COMPLETION_LIST_EMPTY;
    Header.EndMagic = ALPC_COMPLETION_LIST_END_MAGIC;
    if (NT_SUCCESS(Status))
        Status = MmZeroUser((PUCHAR)List->User + sizeof(Header), List->DataOffset - sizeof(Header));
    return NT_SUCCESS(Status) ? MmCopyToUser(List->User, &Header, sizeof(Header)) : Status;
}

NTSTATUS LpcpRegisterList(PLPC_PORT Port, PVOID User)
{
    PLPC_PORT Queue = LpcpQueueOf(Port);
    ALPC_PORT_COMPLETION_LIST_INFORMATION Information;
    PLPC_LIST List;
    NTSTATUS Status = MmCopyFromUser(&Information, User, sizeof(Information));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Information.AttributeFlags & ~LPC_KNOWN_ATTRIBUTES)
        return STATUS_INVALID_PARAMETER;
    if (Queue->Closed)
        return Queue->EndStatus;
    if (Queue->List != NULL)
        return STATUS_PORT_ALREADY_SET;
    List = ExAllocatePoolZero(PagedPool, sizeof(*List), LPC_TAG_OTHER);
    if (List == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    List->User = Information.Buffer;
    List->Concurrency = Information.ConcurrencyCount;
    List->AttributeFlags = Information.AttributeFlags;
    List->AttributeSize = Information.AttributeFlags != 0 ? AlpcGetHeaderSize(Information.AttributeFlags) : 0;
    Status = LpcpDivide(List, Information.Size);
    if (NT_SUCCESS(Status))
        Status = LpcpWriteHeader(List, Information.Size);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(List, LPC_TAG_OTHER);
        return Status;
    }
    List->Process = PsGetCurrentProcess();
    ObReferenceObject(List->Process);
    Queue->List = List;
    return STATUS_SUCCESS;
}

NTSTATUS LpcpUnregisterList(PLPC_PORT Port, BOOLEAN Forget)
{
    PLPC_PORT Queue = LpcpQueueOf(Port);

    if (Queue->List == NULL)
        return STATUS_INVALID_PARAMETER;
    LpcpRunDown(Queue);
    if (Forget)
        LpcpForgetList(Queue);
    return STATUS_SUCCESS;
}

NTSTATUS LpcpAdjustList(PLPC_PORT Port, PVOID User)
{
    PLPC_PORT Queue = LpcpQueueOf(Port);
    ALPC_COMPLETION_LIST_STATE State;
    ULONG Concurrency;
    NTSTATUS Status = MmCopyFromUser(&Concurrency, User, sizeof(Concurrency));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Queue->List == NULL)
        return STATUS_INVALID_PARAMETER;
    Queue->List->Concurrency = Concurrency;
    if (LpcpHasListed(Queue) && LpcpReadState(Queue->List, &State) && State.s1.ActiveThreadCount < Concurrency)
        LpcpNotify(Queue);
    return STATUS_SUCCESS;
}
