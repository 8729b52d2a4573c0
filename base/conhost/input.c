/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Input: the events that have come and have not been read, and the programs that wait for some.
 *
 * A program reads events as they are, or their text.  Raw mode gives a reader what there is up to an Enter; line mode runs
 * keys and text through line.c while somebody reads, and gives out whole lines, in pieces if the reader's buffer is small.
 * Ctrl+C never enters the queue while processed input is on, Ctrl+Break never.  CR LF arrives as CR: a terminal's Enter,
 * whatever the line ending of a file that is piped in.
 *
 * Invariant: readers wait only while there is nothing for them; ntos knows whether there is something to read.
 */
#include "conhost.h"
#include "buffer.h"
#include "codepage.h"
#include "keytext.h"
#include "line.h"
#include "base/lib/console.h"

#define MAX_RECORDS 0x800
#define MAX_ANSWER 0x1000
#define CONTROL_C 0x03
#define ESCAPE_PAUSE 2000000ll          /* 200 ms: a sequence that takes longer is a key Escape and what follows */

typedef struct _READER {
    LIST_ENTRY Links;
    INPUT_READER Read;
    BOOLEAN IsBegun;            /* its line */
    ULONG InitialLength;
    WCHAR Initial[];
} READER, *PREADER;

static INPUT_RECORD Records[MAX_RECORDS];
static INPUT_RECORD Copies[MAX_ANSWER / sizeof(INPUT_RECORD)];
static ULONG RecordFirst, RecordCount;
static KEY_PARSER Parser;
static LONGLONG ParserDueTime = TimeNever;
static LIST_ENTRY Readers = { &Readers, &Readers };
static ULONG Mode = ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT;
static CODE_PAGE CodePage = { .Number = CODE_PAGE_UTF8 };
static BOOLEAN IsSignalled;

/* What of an event's text, and of a character's bytes, has not been read. */
static WCHAR Text[KEY_MAX_TEXT];
static ULONG TextLength, TextTaken;
static UCHAR Encoded[CODE_PAGE_MAX_BYTES];
static ULONG EncodedLength, EncodedTaken;

/* Line mode: the line that is being edited; once it is complete, what of it has not been read. */
static LINE_EDITOR Line;
static ULONG LineTaken, LineKeyState;   /* of the key that came last */
static BOOLEAN IsLineBegun, IsLineComplete;

/* --- the queue ---------------------------------------------------------------------------------------------------- */

static INPUT_RECORD TakeRecord(VOID)
{
    INPUT_RECORD Record = Records[RecordFirst];

    RecordFirst = (RecordFirst + 1) % MAX_RECORDS;
    RecordCount--;
    return Record;
}

static VOID DropLine(VOID)
{
    Line.Length = 0;
    LineTaken = 0;
    IsLineBegun = IsLineComplete = FALSE;
}

static VOID DropAll(VOID)
{
    RecordCount = 0;
    TextLength = TextTaken = EncodedLength = EncodedTaken = 0;
    DropLine();
}

ULONG InputFreeRecords(VOID)
{
    return MAX_RECORDS - RecordCount;
}

ULONG InputRoom(VOID)
{
    ULONG Free = InputFreeRecords() / 2;       /* a key goes down and up */

    return Free > KEY_MAX_EVENTS ? Free - KEY_MAX_EVENTS : 0;
}

/* --- text --------------------------------------------------------------------------------------------------------- */

/* Takes the next event; its text is to be read. */
static INPUT_RECORD LoadText(VOID)
{
    BOOLEAN IsVt = (Mode & ENABLE_VIRTUAL_TERMINAL_INPUT) && !(Mode & ENABLE_LINE_INPUT);
    INPUT_RECORD Record = TakeRecord();

    TextTaken = 0;
    TextLength = Record.EventType == KEY_EVENT ? KeyText(&Record.Event.KeyEvent, IsVt, Text) : 0;
    return Record;
}

/* The next unit of what was typed; FALSE: there is none. */
static BOOLEAN TypedUnit(PWCHAR Unit)
{
    while (TextTaken == TextLength) {
        if (RecordCount == 0)
            return FALSE;
        LoadText();
    }
    *Unit = Text[TextTaken++];
    return TRUE;
}

/* The next unit for a reader. */
static BOOLEAN NextUnit(PWCHAR Unit)
{
    if (!IsLineComplete)
        return !(Mode & ENABLE_LINE_INPUT) && TypedUnit(Unit);
    *Unit = Line.Text[LineTaken++];
    if (LineTaken == Line.Length)
        DropLine();
    return TRUE;
}

/* The next byte for a reader of bytes; *IsEnter: it ends a line. */
static BOOLEAN NextByte(PUCHAR Byte, PBOOLEAN IsEnter)
{
    WCHAR Units[2];

    if (EncodedTaken == EncodedLength) {
        ULONG Count = 1;

        if (!NextUnit(&Units[0]))
            return FALSE;
        if (IsHighSurrogate(Units[0]) && NextUnit(&Units[1]))
            Count = 2;
        EncodedLength = CodePageEncode(&CodePage, Units, Count, Encoded);
        EncodedTaken = 0;
    }
    *Byte = Encoded[EncodedTaken++];
    *IsEnter = *Byte == '\n' || (*Byte == '\r' && !IsLineComplete);
    return TRUE;
}

static VOID EchoLine(PCWSTR Units, ULONG Length)
{
    static WCHAR High;
    UCHAR Bytes[(16 + 1) * 3];

    for (ULONG Part; Length != 0; Units += Part, Length -= Part) {
        Part = min(Length, 16);
        OutputEcho(Bytes, Utf16ToUtf8(&High, Units, Part, Bytes));
    }
}

/* The screen's cursor is where the line begins, or behind what the reader has shown of it. */
static VOID BeginLine(PREADER Reader)
{
    const SCREEN *Screen = &BufferActive()->Screen;
    BOOLEAN IsShown = (Mode & ENABLE_ECHO_INPUT) != 0;

    LineBegin(&Line, Reader->Initial, Reader->InitialLength, Screen->Cursor.Column, Screen->Columns,
              IsShown ? HistoryOf(Reader->Read.Process) : NULL);
    Line.WakeMask = Reader->Read.WakeMask;
    IsLineBegun = Reader->IsBegun = TRUE;
}

/* Feeds the line editor with what was typed; TRUE: the line is an end of file. */
static BOOLEAN EditLine(PREADER Reader)
{
    PLINE_ECHO Echo = Mode & ENABLE_ECHO_INPUT ? EchoLine : NULL;
    LINE_RESULT Result = LineGoesOn;

    if (!IsLineComplete && (!IsLineBegun || (Reader->Read.Kind == InputReadControl && !Reader->IsBegun)))
        BeginLine(Reader);
    while (!IsLineComplete && (TextTaken != TextLength || RecordCount != 0)) {
        if (TextTaken == TextLength) {
            INPUT_RECORD Record = LoadText();
            const KEY_EVENT_RECORD *Key = &Record.Event.KeyEvent;

            LineKeyState = Record.EventType == KEY_EVENT ? Key->dwControlKeyState : LineKeyState;
            if (Record.EventType == KEY_EVENT && Key->bKeyDown && TextLength == 0)
                LineKey(&Line, Key->wVirtualKeyCode, Key->dwControlKeyState, Echo);
        } else {
            Result = LineInput(&Line, Text[TextTaken++], Echo);
            IsLineComplete = Result != LineGoesOn;
        }
    }
    return Result == LineIsEndOfFile;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static VOID Signal(VOID)
{
    BOOLEAN IsAvailable = RecordCount != 0 || IsLineComplete || TextTaken != TextLength || EncodedTaken != EncodedLength;

    if (IsAvailable != IsSignalled)
        ServerSignalInput(IsAvailable);
    IsSignalled = IsAvailable;
}

/* A reader that goes on finds the handle's state right. */
static VOID AnswerFirst(const void *Bytes, ULONG Length)
{
    PREADER Reader = CONTAINING_RECORD(RemoveHeadList(&Readers), READER, Links);

    Signal();
    ServerComplete(Reader->Read.Identifier, STATUS_SUCCESS, Length, Bytes, Length);
    Free(Reader);
}

/* As many events as fit into an answer of Size bytes are copied to Copies, and stay in the queue: how many. */
static ULONG CopyRecords(ULONG Size)
{
    ULONG Count = min(min(Size, sizeof(Copies)) / (ULONG)sizeof(INPUT_RECORD), RecordCount);

    for (ULONG i = 0; i < Count; i++)
        Copies[i] = Records[(RecordFirst + i) % MAX_RECORDS];
    return Count;
}

static BOOLEAN AnswerRecords(ULONG Size)
{
    ULONG Count = CopyRecords(Size);

    if (Count == 0 && Size >= sizeof(INPUT_RECORD))
        return FALSE;
    RecordFirst = (RecordFirst + Count) % MAX_RECORDS;
    RecordCount -= Count;
    AnswerFirst(Copies, Count * sizeof(INPUT_RECORD));
    return TRUE;
}

/* One answer never reaches beyond an Enter, so that a shell does not take what the program that it starts will read. */
static ULONG CopyText(PUCHAR Bytes, ULONG Size, BOOLEAN IsWide)
{
    ULONG Length = 0, Step = IsWide ? sizeof(WCHAR) : 1;
    BOOLEAN IsEnter = FALSE;

    while (!IsEnter && Length + Step <= Size) {
        PWCHAR Unit = (PWCHAR)(Bytes + Length);

        if (IsWide ? !NextUnit(Unit) : !NextByte(Bytes + Length, &IsEnter))
            break;
        if (IsWide)
            IsEnter = *Unit == '\n' || (*Unit == '\r' && !IsLineComplete);
        Length += Step;
    }
    return Length;
}

static BOOLEAN AnswerText(PREADER Reader)
{
    static UCHAR Bytes[MAX_ANSWER];
    INPUT_READ Kind = Reader->Read.Kind;
    ULONG Size = min(Reader->Read.Size, MAX_ANSWER), Length;
    ULONG Prefix = Kind == InputReadControl ? sizeof(LineKeyState) : 0;
    BOOLEAN IsWide = Kind == InputReadUnits || Kind == InputReadControl;

    if (Mode & ENABLE_LINE_INPUT && EncodedTaken == EncodedLength && EditLine(Reader) && Kind == InputReadBytes) {
        DropLine();
        AnswerFirst(NULL, 0);
        return TRUE;
    }
    memcpy(Bytes, &LineKeyState, Prefix);
    Length = CopyText(Bytes + Prefix, Size - Prefix, IsWide);
    if (Length == 0 && Size - Prefix >= (IsWide ? sizeof(WCHAR) : 1))
        return FALSE;
    AnswerFirst(Bytes, Prefix + Length);
    return TRUE;
}

static VOID AnswerReaders(VOID)
{
    BOOLEAN WasFull = InputRoom() == 0;
    BOOLEAN IsAnswered = TRUE;

    while (IsAnswered && !IsListEmpty(&Readers)) {
        PREADER Reader = CONTAINING_RECORD(Readers.Flink, READER, Links);

        IsAnswered = Reader->Read.Kind == InputReadRecords ? AnswerRecords(Reader->Read.Size) : AnswerText(Reader);
    }
    Signal();
    if (WasFull && InputRoom() != 0)
        InputRoomAvailable();
}

/* --- what comes --------------------------------------------------------------------------------------------------- */

/* Programs that go on read an empty line, as on Windows. */
static VOID Control(ULONG Event)
{
    DropAll();
    OutputEcho((const UCHAR *)"^C\r\n", 4);
    ServerSendControl(Event);
    while (Mode & ENABLE_LINE_INPUT && !IsListEmpty(&Readers)) {
        INPUT_READ Kind = CONTAINING_RECORD(Readers.Flink, READER, Links)->Read.Kind;

        if (Kind == InputReadRecords)
            break;
        AnswerFirst(&LineKeyState, Kind == InputReadControl ? sizeof(LineKeyState) : 0);
    }
}

/* Acts on the keys that are not for reading; TRUE: it was one. */
static BOOLEAN ControlKey(const KEY_EVENT_RECORD *Key)
{
    BOOLEAN IsBreak = Key->wVirtualKeyCode == VkCancel && (Key->dwControlKeyState & CONTROL_PRESSED);

    if (!IsBreak && (Key->uChar.UnicodeChar != CONTROL_C || !(Mode & ENABLE_PROCESSED_INPUT)))
        return FALSE;
    if (Key->bKeyDown)
        Control(IsBreak ? CTRL_BREAK_EVENT : CTRL_C_EVENT);
    return TRUE;
}

static VOID Enqueue(const INPUT_RECORD *Record)
{
    if (Record->EventType == KEY_EVENT && ControlKey(&Record->Event.KeyEvent))
        return;
    if (RecordCount < MAX_RECORDS)
        Records[(RecordFirst + RecordCount++) % MAX_RECORDS] = *Record;
}

VOID InputWrite(const INPUT_RECORD *New, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++)
        Enqueue(&New[i]);
    AnswerReaders();
}

/* A terminal does not say when a key goes up: at once. */
static VOID EnqueueKeys(const KEY_EVENT_RECORD *Keys, ULONG Count)
{
    INPUT_RECORD Record = { .EventType = KEY_EVENT };

    for (ULONG i = 0; i < Count; i++) {
        Record.Event.KeyEvent = Keys[i];
        Enqueue(&Record);
        Record.Event.KeyEvent.bKeyDown = FALSE;
        Enqueue(&Record);
    }
}

VOID InputReceive(const UCHAR *Bytes, ULONG Length)
{
    KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS];

    for (ULONG i = 0; i < Length; i++)
        EnqueueKeys(Keys, KeyParse(&Parser, Bytes[i], Keys));
    ParserDueTime = KeyIsPending(&Parser) ? TimeNow() + ESCAPE_PAUSE : TimeNever;
    AnswerReaders();
}

VOID InputKey(const KEY_EVENT_RECORD *Key)
{
    INPUT_RECORD Record = { .EventType = KEY_EVENT, .Event.KeyEvent = *Key };

    InputWrite(&Record, 1);
}

LONGLONG InputDueTime(VOID)
{
    return ParserDueTime;
}

VOID InputTimeout(VOID)
{
    KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS];

    ParserDueTime = TimeNever;
    EnqueueKeys(Keys, KeyGiveUp(&Parser, Keys));
    AnswerReaders();
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

VOID InputRead(const INPUT_READER *Read, PCWSTR Initial, ULONG InitialLength)
{
    PREADER Reader = Allocate(sizeof(READER) + InitialLength * sizeof(WCHAR));

    if (Reader == NULL) {
        ServerComplete(Read->Identifier, STATUS_NO_MEMORY, 0, NULL, 0);
        return;
    }
    Reader->Read = *Read;
    Reader->InitialLength = InitialLength;
    if (InitialLength != 0)
        memcpy(Reader->Initial, Initial, InitialLength * sizeof(WCHAR));
    InsertTailList(&Readers, &Reader->Links);
    AnswerReaders();
}

VOID InputPeek(LUID Identifier, ULONG Size)
{
    ULONG Length = CopyRecords(Size) * sizeof(INPUT_RECORD);

    ServerComplete(Identifier, STATUS_SUCCESS, Length, Copies, Length);
}

ULONG InputCount(VOID)
{
    return RecordCount;
}

VOID InputCancel(LUID Identifier)
{
    for (PLIST_ENTRY Entry = Readers.Flink; Entry != &Readers; Entry = Entry->Flink) {
        PREADER Reader = CONTAINING_RECORD(Entry, READER, Links);

        if (IsSameRequest(Reader->Read.Identifier, Identifier)) {
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
    DropAll();
    Signal();
    InputRoomAvailable();
}

NTSTATUS InputSetCodePage(ULONG Number)
{
    return CodePageOpen(Number, &CodePage);
}

ULONG InputCodePage(VOID)
{
    return CodePage.Number;
}
