/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Output: what programs write goes to the serial line and the screen, in the order of the requests.
 *
 * A request is answered when the serial ring has taken all of it; while the ring is full the requests wait in a list,
 * so a program that prints without end runs at the speed of the line.  LF becomes CR LF unless the output mode says
 * otherwise.  Text is interpreted for the screen only when it enters the ring, so both show the same.
 */
#include "conhost.h"
#include "base/lib/console.h"

typedef struct _WRITER {
    LIST_ENTRY Links;
    LUID Identifier;
    ULONG Size;
    ULONG Done;
    BOOLEAN IsFlush;            /* no text: waits until the serial line has taken everything */
    UCHAR Bytes[];
} WRITER, *PWRITER;

static LIST_ENTRY Writers = { &Writers, &Writers };
static ULONG Mode = ENABLE_PROCESSED_OUTPUT | ENABLE_WRAP_AT_EOL_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING;
static UCHAR LastByte;

static VOID PutBoth(const UCHAR *Bytes, ULONG Length)
{
    SerialWrite(Bytes, Length);
    DisplayWrite(Bytes, Length);
}

/* Writes what fits (each byte may become two) and returns how many bytes that was. */
static ULONG PutText(const UCHAR *Bytes, ULONG Length)
{
    ULONG Start = 0, Room = SerialRoom() / 2;

    Length = min(Length, Room);
    for (ULONG i = 0; i < Length; i++) {
        if (Bytes[i] == '\n' && LastByte != '\r' && !(Mode & DISABLE_NEWLINE_AUTO_RETURN)) {
            PutBoth(Bytes + Start, i - Start);
            PutBoth((const UCHAR *)"\r", 1);
            Start = i;
        }
        LastByte = Bytes[i];
    }
    PutBoth(Bytes + Start, Length - Start);
    return Length;
}

static VOID Enqueue(LUID Identifier, ULONG Size, const UCHAR *Bytes, ULONG Available, ULONG Done, BOOLEAN IsFlush)
{
    PWRITER Writer = Allocate(sizeof(WRITER) + Size);
    NTSTATUS Status = STATUS_NO_MEMORY;

    if (Writer != NULL) {
        if (Available != 0)
            memcpy(Writer->Bytes, Bytes, Available);
        Status = Available == Size ? STATUS_SUCCESS
                                   : ServerReadInput(Identifier, Available, Writer->Bytes + Available,
                                           Size - Available);
    }
    if (!NT_SUCCESS(Status)) {
        Free(Writer);
        ServerComplete(Identifier, Status, 0, NULL, 0);
        return;
    }
    Writer->Identifier = Identifier;
    Writer->Size = Size;
    Writer->Done = Done;
    Writer->IsFlush = IsFlush;
    InsertTailList(&Writers, &Writer->Links);
}

VOID OutputContinue(VOID)
{
    while (!IsListEmpty(&Writers)) {
        PWRITER Writer = CONTAINING_RECORD(Writers.Flink, WRITER, Links);

        Writer->Done += PutText(Writer->Bytes + Writer->Done, Writer->Size - Writer->Done);
        if (Writer->Done < Writer->Size || (Writer->IsFlush && !SerialIsIdle()))
            return;
        RemoveEntryList(&Writer->Links);
        ServerComplete(Writer->Identifier, STATUS_SUCCESS, Writer->Size, NULL, 0);
        Free(Writer);
    }
}

VOID OutputWrite(LUID Identifier, ULONG Size, const UCHAR *Bytes, ULONG Available)
{
    ULONG Done = 0;

    if (IsListEmpty(&Writers))
        Done = PutText(Bytes, Available);
    if (Done == Size) {
        ServerComplete(Identifier, STATUS_SUCCESS, Size, NULL, 0);
        return;
    }
    Enqueue(Identifier, Size, Bytes, Available, Done, FALSE);
    OutputContinue();
}

VOID OutputFlush(LUID Identifier)
{
    Enqueue(Identifier, 0, NULL, 0, 0, TRUE);
    OutputContinue();
}

VOID OutputCancel(LUID Identifier)
{
    for (PLIST_ENTRY Entry = Writers.Flink; Entry != &Writers; Entry = Entry->Flink) {
        PWRITER Writer = CONTAINING_RECORD(Entry, WRITER, Links);

        if (IsSameRequest(Writer->Identifier, Identifier)) {
            RemoveEntryList(Entry);
            Free(Writer);
            return;
        }
    }
}

VOID OutputEcho(const UCHAR *Bytes, ULONG Length)
{
    PutText(Bytes, Length);
}

VOID OutputSetMode(ULONG NewMode)
{
    Mode = NewMode;
}

ULONG OutputMode(VOID)
{
    return Mode;
}
