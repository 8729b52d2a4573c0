/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named pipes: the bytes.  A write becomes an entry of the queue that the other side reads.  What the quota has room
 * for is copied into the entry and the write is done; a larger one waits, its bytes stay in the writer's memory, and it
 * is done when they have been read or room for them has come.  A flush is an entry without bytes that is done when it
 * comes to the head.
 *
 * Reads of a message-mode end stop at the end of a message; a message that is longer than the buffer gives
 * STATUS_BUFFER_OVERFLOW and its rest to the next read.  Nothing here waits.
 */
#include "ntos/io/npfsp.h"

typedef struct _NPFS_ENTRY {
    LIST_ENTRY Links;
    PIRP Irp;                           /* write or flush that is not done; NULL: the bytes are in Data */
    BOOLEAN Flush;
    BOOLEAN InDispatch;                 /* Irp's dispatch routine is running: it looks at the end itself */
    BOOLEAN Done;                       /* with InDispatch: read to its end, out of the queue */
    ULONG Length;
    ULONG Offset;                       /* bytes that were read */
    UCHAR Data[];
} NPFS_ENTRY, *PNPFS_ENTRY;

static UCHAR NpfsBounce[4096];          /* from one process to another; nothing waits while it is in use */

VOID NpfsInitializeQueue(PNPFS_QUEUE Queue, ULONG Quota)
{
    InitializeListHead(&Queue->Reads);
    InitializeListHead(&Queue->Entries);
    Queue->Quota = Quota < NPFS_MAXIMUM_QUOTA ? Quota : NPFS_MAXIMUM_QUOTA;
    Queue->Used = 0;
}

ULONG NpfsReadable(const NPFS_QUEUE *Queue)
{
    return Queue->Used < MAXDWORD ? (ULONG)Queue->Used : MAXDWORD;
}

static PNPFS_ENTRY NpfsFirstEntry(PNPFS_QUEUE Queue)
{
    return CONTAINING_RECORD(Queue->Entries.Flink, NPFS_ENTRY, Links);
}

/* Information for writes: the bytes that were taken. */
static VOID NpfsComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp);
}

/* Takes the entry out of the queue and ends its write. */
static VOID NpfsEndEntry(PNPFS_QUEUE Queue, PNPFS_ENTRY Entry, NTSTATUS Status)
{
    PIRP Irp = Entry->Irp;
    ULONG Length = Entry->Length;

    RemoveEntryList(&Entry->Links);
    Queue->Used -= Entry->Length - Entry->Offset;
    if (Entry->InDispatch) {
        Entry->Done = TRUE;
        Irp->IoStatus.Status = Status;
        Irp->IoStatus.Information = NT_SUCCESS(Status) ? Length : 0;
        return;
    }
    ExFreePoolWithTag(Entry, NPFS_TAG);
    if (Irp != NULL)
        NpfsComplete(Irp, Status, NT_SUCCESS(Status) ? Length : 0);
}

static NTSTATUS NpfsReadWriter(PIRP Write, ULONG Offset, PVOID Buffer, ULONG Length)
{
    if (Write->Thread == NULL)
        return STATUS_CANCELLED;
    return MmReadSpace(Write->Thread->Tcb.OwningProcess->Space, Buffer, (PUCHAR)Write->UserInput + Offset, Length);
}

/*
 * Copies Length bytes of the entry, from At on, to the output of Read at Place.  *WriterFault: it was the writer's
 * memory that could not be read.
 */
static NTSTATUS NpfsCopyOut(PNPFS_ENTRY Entry, ULONG At, PIRP Read, ULONG Place, ULONG Length, PBOOLEAN WriterFault)
{
    NTSTATUS Status = STATUS_SUCCESS;

    *WriterFault = FALSE;
    if (Entry->Irp == NULL)
        return IopCopyOutput(Read, Place, Entry->Data + At, Length);
    for (ULONG Done = 0; Done < Length && NT_SUCCESS(Status);) {
        ULONG Part = Length - Done < sizeof(NpfsBounce) ? Length - Done : sizeof(NpfsBounce);

        Status = NpfsReadWriter(Entry->Irp, At + Done, NpfsBounce, Part);
        *WriterFault = !NT_SUCCESS(Status);
        if (NT_SUCCESS(Status))
            Status = IopCopyOutput(Read, Place + Done, NpfsBounce, Part);
        Done += Part;
    }
    return Status;
}

/* One entry to a read that has *Done bytes already.  TRUE: the read wants no more. */
static BOOLEAN NpfsTakeEntry(PNPFS_QUEUE Queue, PNPFS_ENTRY Entry, PIRP Read, BOOLEAN Messages, PULONG Done,
        PNTSTATUS Result)
{
    ULONG Left = Entry->Length - Entry->Offset;
    ULONG Room = Read->OutputLength - *Done;
    ULONG Part = Left < Room ? Left : Room;
    BOOLEAN WriterFault;
    NTSTATUS Status;

    Status = NpfsCopyOut(Entry, Entry->Offset, Read, *Done, Part, &WriterFault);
    if (!NT_SUCCESS(Status)) {
        if (!WriterFault)
            *Result = Status;
        else
            NpfsEndEntry(Queue, Entry, Status);
        return !WriterFault;
    }
    *Done += Part;
    Entry->Offset += Part;
    Queue->Used -= Part;
    if (Part == Left)
        NpfsEndEntry(Queue, Entry, STATUS_SUCCESS);
    else if (Messages)
        *Result = STATUS_BUFFER_OVERFLOW;
    return Messages || *Done == Read->OutputLength;
}

/* Gives the read what there is and sets its result.  FALSE: there is nothing. */
static BOOLEAN NpfsServeRead(PNPFS_QUEUE Queue, PIRP Read, BOOLEAN Messages)
{
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN Any = FALSE;
    ULONG Done = 0;

    while (!IsListEmpty(&Queue->Entries)) {
        PNPFS_ENTRY Entry = NpfsFirstEntry(Queue);

        if (Entry->Flush) {
            NpfsEndEntry(Queue, Entry, STATUS_SUCCESS);
            continue;
        }
        Any = TRUE;
        if (NpfsTakeEntry(Queue, Entry, Read, Messages, &Done, &Status))
            break;
    }
    /* What was flushed is read when the last byte before it is, not when the next read comes. */
    while (!IsListEmpty(&Queue->Entries) && NpfsFirstEntry(Queue)->Flush)
        NpfsEndEntry(Queue, NpfsFirstEntry(Queue), STATUS_SUCCESS);
    Read->IoStatus.Status = Status;
    Read->IoStatus.Information = NT_ERROR(Status) ? 0 : Done;
    return Any;
}

/* The bytes of a write that waited go into the queue's own memory.  FALSE: no memory; it goes on waiting. */
static BOOLEAN NpfsBuffer(PNPFS_QUEUE Queue, PNPFS_ENTRY Entry)
{
    ULONG Left = Entry->Length - Entry->Offset;
    PIRP Write = Entry->Irp;
    PNPFS_ENTRY New = ExAllocatePoolWithTag(NonPagedPool, sizeof(*New) + Left, NPFS_TAG);
    NTSTATUS Status;

    if (New == NULL)
        return FALSE;
    memset(New, 0, sizeof(*New));
    New->Length = Left;
    Status = NpfsReadWriter(Write, Entry->Offset, New->Data, Left);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(New, NPFS_TAG);
        NpfsEndEntry(Queue, Entry, Status);
        return TRUE;
    }
    InsertHeadList(&Entry->Links, &New->Links);
    Queue->Used += Left;
    NpfsEndEntry(Queue, Entry, STATUS_SUCCESS);
    return TRUE;
}

/* Bytes were read: the oldest writes that wait are done as far as the quota goes. */
static VOID NpfsAdmitWrites(PNPFS_QUEUE Queue)
{
    PLIST_ENTRY Link = Queue->Entries.Flink;
    ULONG64 Sum = 0;

    while (Link != &Queue->Entries) {
        PNPFS_ENTRY Entry = CONTAINING_RECORD(Link, NPFS_ENTRY, Links);

        Sum += Entry->Length - Entry->Offset;
        if (Sum > Queue->Quota)
            return;
        Link = Link->Flink;
        if (Entry->Irp != NULL && !Entry->Flush && !Entry->InDispatch && !NpfsBuffer(Queue, Entry))
            return;
    }
}

/* Reads that wait get what has come. */
static VOID NpfsServeWaiting(PNPFS_QUEUE Queue)
{
    while (!IsListEmpty(&Queue->Reads) && !IsListEmpty(&Queue->Entries)) {
        PIRP Read = CONTAINING_RECORD(Queue->Reads.Flink, IRP, ListEntry);

        if (!NpfsServeRead(Queue, Read, Read->DriverContext[1] != NULL))
            return;
        RemoveEntryList(&Read->ListEntry);
        IoCompleteRequest(Read);
    }
}

VOID NpfsFailQueue(PNPFS_QUEUE Queue, NTSTATUS Status, BOOLEAN Entries)
{
    while (!IsListEmpty(&Queue->Reads)) {
        PIRP Read = CONTAINING_RECORD(RemoveHeadList(&Queue->Reads), IRP, ListEntry);

        NpfsComplete(Read, Status, 0);
    }
    while (Entries && !IsListEmpty(&Queue->Entries))
        NpfsEndEntry(Queue, NpfsFirstEntry(Queue), Status);
}

/* ------------------------------------------------------------------ requests */

/* The state as a status; success: connected, or (read) closing. */
static NTSTATUS NpfsCheckState(PNPFS_END End, BOOLEAN Reading)
{
    if (End->Root)
        return STATUS_INVALID_PARAMETER;
    if (End->Instance == NULL)
        return STATUS_PIPE_DISCONNECTED;
    switch (End->Instance->State) {
    case FILE_PIPE_CONNECTED_STATE:
        return STATUS_SUCCESS;
    case FILE_PIPE_CLOSING_STATE:
        return Reading ? STATUS_SUCCESS : STATUS_PIPE_CLOSING;
    case FILE_PIPE_LISTENING_STATE:
        return STATUS_PIPE_LISTENING;
    default:
        return STATUS_PIPE_DISCONNECTED;
    }
}

static VOID NpfsCancelRead(PIRP Read)
{
    RemoveEntryList(&Read->ListEntry);
    NpfsComplete(Read, STATUS_CANCELLED, 0);
}

static NTSTATUS NpfsQueueRead(PNPFS_END End, PIRP Read, BOOLEAN Messages)
{
    PNPFS_QUEUE Queue = &End->Instance->Queues[End->Side];

    Read->DriverContext[1] = Messages ? Read : NULL;
    Read->CancelRoutine = NpfsCancelRead;
    InsertTailList(&Queue->Reads, &Read->ListEntry);
    return STATUS_PENDING;
}

NTSTATUS NpfsRead(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);
    BOOLEAN Messages = End->ReadMode == FILE_PIPE_MESSAGE_MODE;
    NTSTATUS Status = NpfsCheckState(End, TRUE);
    PNPFS_QUEUE Queue;

    Irp->IoStatus.Information = 0;
    if (!NT_SUCCESS(Status))
        return NpfsFinish(Irp, Status);
    Queue = &End->Instance->Queues[End->Side];
    if (IsListEmpty(&Queue->Reads) && NpfsServeRead(Queue, Irp, Messages)) {
        NpfsAdmitWrites(Queue);
        return Irp->IoStatus.Status;
    }
    if (End->Instance->State == FILE_PIPE_CLOSING_STATE)
        return NpfsFinish(Irp, STATUS_PIPE_BROKEN);
    if (End->CompletionMode == FILE_PIPE_COMPLETE_OPERATION)
        return NpfsFinish(Irp, STATUS_PIPE_EMPTY);
    return NpfsQueueRead(End, Irp, Messages);
}

static VOID NpfsCancelEntry(PIRP Irp)
{
    PNPFS_ENTRY Entry = Irp->DriverContext[0];
    PNPFS_QUEUE Queue = Irp->DriverContext[1];

    Entry->Irp = NULL;
    NpfsEndEntry(Queue, Entry, STATUS_CANCELLED);
    NpfsAdmitWrites(Queue);
    NpfsComplete(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS NpfsLeaveWaiting(PNPFS_QUEUE Queue, PNPFS_ENTRY Entry, PIRP Irp)
{
    Entry->InDispatch = FALSE;
    Irp->DriverContext[0] = Entry;
    Irp->DriverContext[1] = Queue;
    Irp->CancelRoutine = NpfsCancelEntry;
    return STATUS_PENDING;
}

static PNPFS_ENTRY NpfsMakeEntry(PNPFS_QUEUE Queue, PIRP Irp, ULONG Length, ULONG Buffered)
{
    PNPFS_ENTRY Entry = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Entry) + Buffered, NPFS_TAG);

    if (Entry == NULL)
        return NULL;
    memset(Entry, 0, sizeof(*Entry));
    Entry->Irp = Irp;
    Entry->Length = Length;
    return Entry;
}

static VOID NpfsInsertEntry(PNPFS_QUEUE Queue, PNPFS_ENTRY Entry)
{
    InsertTailList(&Queue->Entries, &Entry->Links);
    Queue->Used += Entry->Length;
}

/* The write's bytes go into the queue whole. */
static NTSTATUS NpfsWriteBuffered(PNPFS_QUEUE Queue, PIRP Irp, ULONG Length)
{
    PNPFS_ENTRY Entry = NpfsMakeEntry(Queue, NULL, Length, Length);
    NTSTATUS Status;

    if (Entry == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCopyFromUser(Entry->Data, Irp->UserInput, Length);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(Entry, NPFS_TAG);
        return Status;
    }
    NpfsInsertEntry(Queue, Entry);
    NpfsServeWaiting(Queue);
    Irp->IoStatus.Information = Length;
    return STATUS_SUCCESS;
}

/*
 * An end that does not wait: what readers did not take is kept only as far as it fits, a message wholly or not at all.
 */
static NTSTATUS NpfsCutWrite(PNPFS_QUEUE Queue, PNPFS_ENTRY Entry, PIRP Irp, BOOLEAN MessageType)
{
    ULONG64 Others = Queue->Used - (Entry->Length - Entry->Offset);
    ULONG Room = MessageType || Others >= Queue->Quota ? 0 : (ULONG)(Queue->Quota - Others);
    ULONG Taken = Entry->Offset;

    Queue->Used -= Entry->Length - Entry->Offset - Room;
    Entry->Length = Entry->Offset + Room;
    if (Room == 0 || !NpfsBuffer(Queue, Entry)) {
        NpfsEndEntry(Queue, Entry, STATUS_SUCCESS);
        Room = 0;
    }
    if (NT_SUCCESS(Irp->IoStatus.Status))
        Irp->IoStatus.Information = Taken + Room;
    return Irp->IoStatus.Status;
}

/* More than the quota has room for: readers that wait may take it all the same. */
static NTSTATUS NpfsWriteLarge(PNPFS_END End, PNPFS_QUEUE Queue, PIRP Irp)
{
    PNPFS_ENTRY Entry = NpfsMakeEntry(Queue, Irp, Irp->InputLength, 0);
    NTSTATUS Status;

    if (Entry == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Entry->InDispatch = TRUE;
    NpfsInsertEntry(Queue, Entry);
    NpfsServeWaiting(Queue);
    if (!Entry->Done && Queue->Used <= Queue->Quota)
        NpfsBuffer(Queue, Entry);
    if (!Entry->Done && End->CompletionMode == FILE_PIPE_QUEUE_OPERATION)
        return NpfsLeaveWaiting(Queue, Entry, Irp);
    Status = Entry->Done ? Irp->IoStatus.Status :
             NpfsCutWrite(Queue, Entry, Irp, End->Instance->Pipe->Type == FILE_PIPE_MESSAGE_TYPE);
    ExFreePoolWithTag(Entry, NPFS_TAG);
    return Status;
}

NTSTATUS NpfsWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);
    NTSTATUS Status = NpfsCheckState(End, FALSE);
    PNPFS_QUEUE Queue;

    Irp->IoStatus.Information = 0;
    if (!NT_SUCCESS(Status))
        return NpfsFinish(Irp, Status);
    Queue = &End->Instance->Queues[1 - End->Side];
    if (Irp->InputLength == 0 && End->Instance->Pipe->Type == FILE_PIPE_BYTE_STREAM_TYPE && IsListEmpty(&Queue->Reads))
        return NpfsFinish(Irp, STATUS_SUCCESS);
    if (Queue->Used + Irp->InputLength <= Queue->Quota)
        Status = NpfsWriteBuffered(Queue, Irp, Irp->InputLength);
    else
        Status = NpfsWriteLarge(End, Queue, Irp);
    return NpfsFinish(Irp, Status);
}

/* Done when the other side has read what was written up to now. */
NTSTATUS NpfsFlush(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);
    NTSTATUS Status = NpfsCheckState(End, TRUE);
    PNPFS_QUEUE Queue;
    PNPFS_ENTRY Entry;

    Irp->IoStatus.Information = 0;
    if (!NT_SUCCESS(Status))
        return NpfsFinish(Irp, Status);
    Queue = &End->Instance->Queues[1 - End->Side];
    if (IsListEmpty(&Queue->Entries))
        return NpfsFinish(Irp, STATUS_SUCCESS);
    Entry = NpfsMakeEntry(Queue, Irp, 0, 0);
    if (Entry == NULL)
        return NpfsFinish(Irp, STATUS_INSUFFICIENT_RESOURCES);
    Entry->Flush = TRUE;
    NpfsInsertEntry(Queue, Entry);
    return NpfsLeaveWaiting(Queue, Entry, Irp);
}

static ULONG NpfsCountMessages(PNPFS_QUEUE Queue)
{
    PLIST_ENTRY Link;
    ULONG Count = 0;

    for (Link = Queue->Entries.Flink; Link != &Queue->Entries; Link = Link->Flink) {
        if (!CONTAINING_RECORD(Link, NPFS_ENTRY, Links)->Flush)
            Count++;
    }
    return Count;
}

/* Copies without taking.  Messages: of the first one only, overflow if there is more of it.  *Done bytes. */
static NTSTATUS NpfsPeekBytes(PNPFS_QUEUE Queue, PIRP Irp, BOOLEAN Messages, PULONG Done)
{
    PLIST_ENTRY Link;

    *Done = FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data);
    for (Link = Queue->Entries.Flink; Link != &Queue->Entries; Link = Link->Flink) {
        PNPFS_ENTRY Entry = CONTAINING_RECORD(Link, NPFS_ENTRY, Links);
        ULONG Left = Entry->Length - Entry->Offset;
        ULONG Room = Irp->OutputLength - *Done;
        ULONG Part = Left < Room ? Left : Room;
        BOOLEAN WriterFault;
        NTSTATUS Status;

        if (Entry->Flush)
            continue;
        Status = NpfsCopyOut(Entry, Entry->Offset, Irp, *Done, Part, &WriterFault);
        if (!NT_SUCCESS(Status))
            return WriterFault ? STATUS_SUCCESS : Status;
        *Done += Part;
        if (Messages)
            return Part < Left ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
        if (Part < Left)
            break;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NpfsPeek(PNPFS_END End, PIRP Irp)
{
    BOOLEAN Messages = End->Instance->Pipe->Type == FILE_PIPE_MESSAGE_TYPE;
    PNPFS_QUEUE Queue = &End->Instance->Queues[End->Side];
    FILE_PIPE_PEEK_BUFFER Peek = { .NamedPipeState = End->Instance->State, .ReadDataAvailable = NpfsReadable(Queue) };
    NTSTATUS Status, CopyStatus;
    ULONG Done;

    if (Irp->OutputLength < FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Messages && !IsListEmpty(&Queue->Entries)) {
        Peek.NumberOfMessages = NpfsCountMessages(Queue);
        Peek.MessageLength = NpfsFirstEntry(Queue)->Length - NpfsFirstEntry(Queue)->Offset;
    }
    Status = NpfsPeekBytes(Queue, Irp, Messages, &Done);
    CopyStatus = IopCopyOutput(Irp, 0, &Peek, FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data));
    Irp->IoStatus.Information = Done;
    return NT_SUCCESS(CopyStatus) ? Status : CopyStatus;
}

/*
 * A message out, the next one in.
 * DIFFERS: the message never waits for room: it is buffered past the quota (up to NPFS_MAXIMUM_QUOTA).
 */
NTSTATUS NpfsTransceive(PNPFS_END End, PIRP Irp)
{
    NTSTATUS Status = NpfsCheckState(End, FALSE);
    PNPFS_INSTANCE Instance = End->Instance;
    PNPFS_QUEUE Own;

    if (!NT_SUCCESS(Status))
        return Status;
    Own = &Instance->Queues[End->Side];
    if (Instance->Pipe->Configuration != FILE_PIPE_FULL_DUPLEX)
        return STATUS_INVALID_PIPE_STATE;
    if (End->ReadMode != FILE_PIPE_MESSAGE_MODE)
        return STATUS_INVALID_READ_MODE;
    if (!IsListEmpty(&Own->Entries))
        return STATUS_PIPE_BUSY;
    if (Irp->InputLength > NPFS_MAXIMUM_QUOTA)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmProbeForWrite(Irp->UserOutput, Irp->OutputLength, 1);
    if (NT_SUCCESS(Status))
        Status = NpfsWriteBuffered(&Instance->Queues[1 - End->Side], Irp, Irp->InputLength);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp->IoStatus.Information = 0;
    return NpfsQueueRead(End, Irp, TRUE);
}
