/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Input: the bytes that were typed and have not been read, and the programs that wait for some.
 *
 * Raw mode gives a reader what there is up to an Enter; line mode runs the bytes through line.c while somebody
 * reads, and gives out whole lines, in pieces if the reader's buffer is small.  Ctrl+C never enters the queue while processed input is on.
 * CR LF arrives as CR: a terminal's Enter, whatever the line ending of a file that is piped in.
 *
 * Invariant: readers wait only while there is nothing for them; ntos knows whether there is something to read.
 */
#include "conhost.h"
#include "line.h"
#include "base/lib/console.h"

#define QUEUE_BYTES 0x2000
#define CONTROL_C 0x03
#define MAX_ANSWER 0x1000

typedef struct _READER {
    LIST_ENTRY Links;
    LUID Identifier;
    ULONG Size;
} READER, *PREADER;

static UCHAR Queue[QUEUE_BYTES];
static ULONG QueueFirst, QueueLength;
static BOOLEAN WasCarriageReturn;
static LIST_ENTRY Readers = { &Readers, &Readers };
static ULONG Mode = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;
static BOOLEAN IsSignalled;

/* Line mode: the line that is being edited; once it is complete, what of it has not been read. */
static LINE_EDITOR Line;
static ULONG LineTaken;
static BOOLEAN IsLineComplete;

ULONG InputRoom(VOID)
{
    return QUEUE_BYTES - QueueLength;
}

static UCHAR TakeByte(VOID)
{
    UCHAR Byte = Queue[QueueFirst];

    QueueFirst = (QueueFirst + 1) % QUEUE_BYTES;
    QueueLength--;
    return Byte;
}

static VOID DropLine(VOID)
{
    Line.Length = 0;
    LineTaken = 0;
    IsLineComplete = FALSE;
}

static VOID AnswerFirst(const UCHAR *Bytes, ULONG Length)
{
    PREADER Reader = CONTAINING_RECORD(RemoveHeadList(&Readers), READER, Links);

    ServerComplete(Reader->Identifier, STATUS_SUCCESS, Length, Bytes, Length);
    Free(Reader);
}

/* One answer never reaches beyond an Enter, so that a shell does not take what the program that it starts will read. */
static VOID AnswerRaw(ULONG Size)
{
    static UCHAR Bytes[MAX_ANSWER];
    ULONG Length = 0;

    Size = min(Size, MAX_ANSWER);
    while (Length < Size && QueueLength != 0) {
        Bytes[Length] = TakeByte();
        if (Bytes[Length++] == '\r' || Bytes[Length - 1] == '\n')
            break;
    }
    AnswerFirst(Bytes, Length);
}

/* TRUE if the first reader was answered. */
static BOOLEAN AnswerLine(ULONG Size)
{
    LINE_RESULT Result = LineGoesOn;
    ULONG Part;

    while (!IsLineComplete && Result == LineGoesOn && QueueLength != 0) {
        Result = LineInput(&Line, TakeByte(), Mode & ENABLE_ECHO_INPUT ? OutputEcho : NULL);
        IsLineComplete = Result == LineIsComplete;
    }
    if (Result == LineIsEndOfFile) {
        DropLine();
        AnswerFirst(NULL, 0);
        return TRUE;
    }
    if (!IsLineComplete)
        return FALSE;
    Part = min(Size, Line.Length - LineTaken);
    LineTaken += Part;
    AnswerFirst(Line.Bytes + LineTaken - Part, Part);
    if (LineTaken == Line.Length)
        DropLine();
    return TRUE;
}

static VOID Signal(VOID)
{
    BOOLEAN IsAvailable = QueueLength != 0 || IsLineComplete;

    if (IsAvailable != IsSignalled)
        ServerSignalInput(IsAvailable);
    IsSignalled = IsAvailable;
}

static VOID AnswerReaders(VOID)
{
    BOOLEAN WasFull = QueueLength == QUEUE_BYTES;

    while (!IsListEmpty(&Readers)) {
        ULONG Size = CONTAINING_RECORD(Readers.Flink, READER, Links)->Size;

        if (Mode & ENABLE_LINE_INPUT || IsLineComplete) {
            if (!AnswerLine(Size))
                break;
        } else if (QueueLength != 0 || Size == 0) {
            AnswerRaw(Size);
        } else {
            break;
        }
    }
    Signal();
    if (WasFull && QueueLength != QUEUE_BYTES)
        InputRoomAvailable();
}

static VOID ControlC(VOID)
{
    DropLine();
    QueueLength = 0;
    OutputEcho((const UCHAR *)"^C\r\n", 4);
    ServerSendControlC();
}

VOID InputReceive(const UCHAR *Bytes, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++) {
        BOOLEAN IsSecondHalf = Bytes[i] == '\n' && WasCarriageReturn;

        WasCarriageReturn = Bytes[i] == '\r';
        if (Bytes[i] == CONTROL_C && Mode & ENABLE_PROCESSED_INPUT)
            ControlC();
        else if (!IsSecondHalf && QueueLength < QUEUE_BYTES)
            Queue[(QueueFirst + QueueLength++) % QUEUE_BYTES] = Bytes[i];
    }
    AnswerReaders();
}

VOID InputRead(LUID Identifier, ULONG Size)
{
    PREADER Reader = Allocate(sizeof(READER));

    if (Reader == NULL) {
        ServerComplete(Identifier, STATUS_NO_MEMORY, 0, NULL, 0);
        return;
    }
    Reader->Identifier = Identifier;
    Reader->Size = Size;
    InsertTailList(&Readers, &Reader->Links);
    AnswerReaders();
}

VOID InputCancel(LUID Identifier)
{
    for (PLIST_ENTRY Entry = Readers.Flink; Entry != &Readers; Entry = Entry->Flink) {
        PREADER Reader = CONTAINING_RECORD(Entry, READER, Links);

        if (IsSameRequest(Reader->Identifier, Identifier)) {
            RemoveEntryList(Entry);
            Free(Reader);
            return;
        }
    }
}

VOID InputSetMode(ULONG NewMode)
{
    Mode = NewMode;
    AnswerReaders();
}

ULONG InputMode(VOID)
{
    return Mode;
}

VOID InputFlush(VOID)
{
    QueueLength = 0;
    DropLine();
    Signal();
    InputRoomAvailable();
}
