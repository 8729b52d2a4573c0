/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Output: what programs write goes to the serial line and the screen, in the order of the requests.
 *
 * A request is answered when the serial ring has taken all of it; while the ring is full the requests wait in a list,
 * so a program that prints without end runs at the speed of the line.  LF becomes CR LF unless the output mode says
 * otherwise.  Text is interpreted for the screen only when it enters the ring, so both show the same.  An operation on
 * cells changes the screen's model when its turn comes; then the rows that it changed are painted on the serial line.
 * A buffer that is not active has its model, and nothing of it is shown.
 */
#include "conhost.h"
#include "buffer.h"
#include "codepage.h"
#include "operation.h"
#include "paint.h"
#include "base/lib/console.h"

#define MAX_COLUMNS 400

typedef struct _WRITER {
    LIST_ENTRY Links;
    LUID Identifier;
    ULONG_PTR Buffer;           /* its name */
    ULONG Size;                 /* of Bytes: text in UTF-8, or an operation's input */
    ULONG Done;
    BOOLEAN IsFlush;            /* waits until the serial line has taken everything */
    BOOLEAN IsChanged;          /* the operation is done, painting goes on */
    OUTPUT_OPERATION Operation; /* NULL: text */
    OUTPUT_CHANGE Change;
    ULONG Information;          /* of the answer */
    UCHAR Bytes[];
} WRITER, *PWRITER;

static LIST_ENTRY Writers = { &Writers, &Writers };
static CODE_PAGE CodePage = { .Number = CODE_PAGE_UTF8 };

/* --- text --------------------------------------------------------------------------------------------------------- */

static VOID Put(PBUFFER Buffer, const UCHAR *Bytes, ULONG Length)
{
    if (Buffer == BufferActive())
        SerialWrite(Bytes, Length);
    DisplayWrite(Buffer, Bytes, Length);
}

/* Control characters that the mode wants to be seen. */
static BOOLEAN IsGlyph(const BUFFER *Buffer, UCHAR Byte)
{
    if (Byte >= 0x20)
        return FALSE;
    if (!(Buffer->Mode & ENABLE_PROCESSED_OUTPUT))
        return TRUE;
    return !(Buffer->Mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) && (Byte < '\a' || Byte > '\r' || Byte == '\v' || Byte == '\f');
}

/* Writes what fits (each byte may become three) and returns how many bytes that was. */
static ULONG PutText(PBUFFER Buffer, const UCHAR *Bytes, ULONG Length)
{
    ULONG Start = 0, Room = Buffer == BufferActive() ? SerialRoom() / 3 : Length;
    UCHAR Glyph[3];

    Length = min(Length, Room);
    for (ULONG i = 0; i < Length; i++) {
        if (IsGlyph(Buffer, Bytes[i])) {
            Put(Buffer, Bytes + Start, i - Start);
            Put(Buffer, Glyph, PaintCharacter(Bytes[i], Glyph));
            Start = i + 1;
        } else if (Bytes[i] == '\n' && Buffer->LastByte != '\r' && !(Buffer->Mode & DISABLE_NEWLINE_AUTO_RETURN)) {
            Put(Buffer, Bytes + Start, i - Start);
            Put(Buffer, (const UCHAR *)"\r", 1);
            Start = i;
        }
        Buffer->LastByte = Bytes[i];
    }
    Put(Buffer, Bytes + Start, Length - Start);
    return Length;
}

/* A terminal's cursor stays in the last column until more comes; without its language programs expect it in the next row. */
static VOID EndText(PBUFFER Buffer)
{
    if (Buffer->Screen.IsWrapPending && !(Buffer->Mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING))
        Put(Buffer, (const UCHAR *)"\r\n", 2);
}

/* --- what waits --------------------------------------------------------------------------------------------------- */

static VOID Answer(PWRITER Writer, NTSTATUS Status)
{
    BOOLEAN HasResult = NT_SUCCESS(Status) && Writer->Change.ResultSize != 0;

    RemoveEntryList(&Writer->Links);
    if (HasResult)
        ServerComplete(Writer->Identifier, Status, Writer->Change.ResultSize, &Writer->Change.Result,
                       Writer->Change.ResultSize);
    else
        ServerComplete(Writer->Identifier, Status, NT_SUCCESS(Status) ? Writer->Information : 0, NULL, 0);
    Free(Writer);
}

static BOOLEAN WriteText(PWRITER Writer, PBUFFER Buffer)
{
    Writer->Done += PutText(Buffer, Writer->Bytes + Writer->Done, Writer->Size - Writer->Done);
    if (Writer->Done < Writer->Size || (Writer->IsFlush && !SerialIsIdle()))
        return FALSE;
    EndText(Buffer);
    Answer(Writer, STATUS_SUCCESS);
    return TRUE;
}

/* Paints as many rows as fit; TRUE: all, and the cursor. */
static BOOLEAN Paint(SCREEN_RECT *Rows)
{
    static UCHAR Bytes[(MAX_COLUMNS + 2) * PAINT_CELL_BYTES];
    const SCREEN *Screen = &BufferActive()->Screen;

    for (; Rows->Left < Rows->Right && Rows->Top < Rows->Bottom; Rows->Top++) {
        if (SerialRoom() < (Rows->Right - Rows->Left + 2u) * PAINT_CELL_BYTES)
            return FALSE;
        SerialWrite(Bytes, PaintRow(Screen, Rows->Top, Rows->Left, Rows->Right, Bytes));
    }
    if (SerialRoom() < PAINT_CURSOR_BYTES)
        return FALSE;
    SerialWrite(Bytes, PaintCursor(Screen, Bytes));
    return TRUE;
}

static BOOLEAN Operate(PWRITER Writer, PBUFFER Buffer)
{
    if (!Writer->IsChanged) {
        NTSTATUS Status = Writer->Operation(Buffer, Writer->Bytes, Writer->Size, &Writer->Change);

        if (!NT_SUCCESS(Status)) {
            Answer(Writer, Status);
            return TRUE;
        }
        Writer->IsChanged = TRUE;
        DisplayChanged();
    }
    if (Buffer == BufferActive() && !Paint(&Writer->Change.Rect))
        return FALSE;
    Answer(Writer, STATUS_SUCCESS);
    return TRUE;
}

VOID OutputContinue(VOID)
{
    while (!IsListEmpty(&Writers)) {
        PWRITER Writer = CONTAINING_RECORD(Writers.Flink, WRITER, Links);
        PBUFFER Buffer = BufferNamed(Writer->Buffer);

        if (Buffer == NULL)
            Answer(Writer, STATUS_INVALID_HANDLE);
        else if (!(Writer->Operation != NULL ? Operate(Writer, Buffer) : WriteText(Writer, Buffer)))
            return;
    }
}

static PWRITER NewWriter(LUID Identifier, PBUFFER Buffer, ULONG Size)
{
    PWRITER Writer = Allocate(sizeof(WRITER) + Size);

    if (Writer == NULL) {
        ServerComplete(Identifier, STATUS_NO_MEMORY, 0, NULL, 0);
        return NULL;
    }
    Writer->Identifier = Identifier;
    Writer->Buffer = Buffer->Name;
    Writer->Size = Size;
    InsertTailList(&Writers, &Writer->Links);
    return Writer;
}

/* --- requests ----------------------------------------------------------------------------------------------------- */

/* Text that has to be translated first, all of it at hand. */
static VOID WriteTranslated(LUID Identifier, PBUFFER Buffer, BOOLEAN IsWide, const UCHAR *Bytes, ULONG Size)
{
    PWRITER Writer = NewWriter(Identifier, Buffer, (Size + 1) * 3);

    if (Writer == NULL)
        return;
    Writer->Information = Size;
    Writer->Size = IsWide ? Utf16ToUtf8(&Buffer->HighSurrogate, (PCWSTR)Bytes, Size / sizeof(WCHAR), Writer->Bytes)
                          : CodePageToUtf8(&CodePage, &Buffer->LeadByte, Bytes, Size, Writer->Bytes);
    OutputContinue();
}

/* Text as it is, Available bytes of it at hand. */
static VOID WriteUtf8(LUID Identifier, PBUFFER Buffer, ULONG Size, const UCHAR *Bytes, ULONG Available)
{
    ULONG Done = 0;
    PWRITER Writer;
    NTSTATUS Status = STATUS_SUCCESS;

    if (IsListEmpty(&Writers))
        Done = PutText(Buffer, Bytes, Available);
    if (Done == Size) {
        EndText(Buffer);
        ServerComplete(Identifier, STATUS_SUCCESS, Size, NULL, 0);
        return;
    }
    Writer = NewWriter(Identifier, Buffer, Size);
    if (Writer == NULL)
        return;
    memcpy(Writer->Bytes, Bytes, Available);
    if (Available != Size)
        Status = ServerReadInput(Identifier, Available, Writer->Bytes + Available, Size - Available);
    if (!NT_SUCCESS(Status)) {
        Answer(Writer, Status);
        return;
    }
    Writer->Done = Done;
    Writer->Information = Size;
    OutputContinue();
}

VOID OutputWrite(LUID Identifier, PBUFFER Buffer, BOOLEAN IsWide, ULONG Size, const UCHAR *Bytes, ULONG Available)
{
    PUCHAR All;
    NTSTATUS Status;

    if (!IsWide && CodePage.Number == CODE_PAGE_UTF8) {
        WriteUtf8(Identifier, Buffer, Size, Bytes, Available);
        return;
    }
    if (Available == Size) {
        WriteTranslated(Identifier, Buffer, IsWide, Bytes, Size);
        return;
    }
    All = Allocate(Size);
    Status = All != NULL ? ServerReadInput(Identifier, 0, All, Size) : STATUS_NO_MEMORY;
    if (NT_SUCCESS(Status))
        WriteTranslated(Identifier, Buffer, IsWide, All, Size);
    else
        ServerComplete(Identifier, Status, 0, NULL, 0);
    Free(All);
}

VOID OutputOperate(LUID Identifier, PBUFFER Buffer, OUTPUT_OPERATION Operation, ULONG Size, const UCHAR *Bytes,
                   ULONG Available)
{
    PWRITER Writer = NewWriter(Identifier, Buffer, Size);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Writer == NULL)
        return;
    Writer->Operation = Operation;
    if (Available != 0)
        memcpy(Writer->Bytes, Bytes, Available);
    if (Available != Size)
        Status = ServerReadInput(Identifier, Available, Writer->Bytes + Available, Size - Available);
    if (NT_SUCCESS(Status))
        OutputContinue();
    else
        Answer(Writer, Status);
}

VOID OutputFlush(LUID Identifier)
{
    PWRITER Writer = NewWriter(Identifier, BufferActive(), 0);

    if (Writer == NULL)
        return;
    Writer->IsFlush = TRUE;
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

/* Whatever the mode says of programs' text. */
VOID OutputEcho(const UCHAR *Bytes, ULONG Length)
{
    if (Length == 0 || SerialRoom() < Length)
        return;
    Put(BufferActive(), Bytes, Length);
    BufferActive()->LastByte = Bytes[Length - 1];
}

/* A request of nobody's: its answer finds none. */
VOID OutputRepaint(VOID)
{
    PBUFFER Buffer = BufferActive();
    PWRITER Writer = NewWriter((LUID){ 0 }, Buffer, 0);

    if (Writer == NULL)
        return;
    Writer->Operation = OperationActivate;
    OutputContinue();
}

VOID OutputSetMode(PBUFFER Buffer, ULONG Mode)
{
    BOOLEAN IsWrapped = (Mode & ENABLE_WRAP_AT_EOL_OUTPUT) != 0;

    if (IsWrapped != ((Buffer->Mode & ENABLE_WRAP_AT_EOL_OUTPUT) != 0))
        Put(Buffer, (const UCHAR *)(IsWrapped ? "\x1b[?7h" : "\x1b[?7l"), 5);
    Buffer->Mode = Mode;
}

NTSTATUS OutputSetCodePage(ULONG Number)
{
    return CodePageOpen(Number, &CodePage);
}

ULONG OutputCodePage(VOID)
{
    return CodePage.Number;
}
