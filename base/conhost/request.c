/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What programs ask of the console (abi/condrv.h, abi/conapi.h): each request goes to input.c or output.c, or is answered
 * here.
 *
 * A client's sizes are ntos's word and trusted, its bytes are not.  Codes are looked up in a table; one that is not there is
 * logged and answered with STATUS_NOT_IMPLEMENTED, one on a handle of the wrong kind with STATUS_INVALID_HANDLE.
 */
#include "conhost.h"
#include "cells.h"
#include "paint.h"
#include "base/lib/console.h"

#define MAX_TITLE 1024
#define MAX_ANSWER 0x10000u

/* Kinds of handles, as bits. */
#define ON_INPUT (1u << CONDRV_OBJECT_INPUT)
#define ON_OUTPUT (1u << CONDRV_OBJECT_OUTPUT | 1u << CONDRV_OBJECT_SCREEN_BUFFER)
#define ON_CONSOLE (ON_INPUT | 1u << CONDRV_OBJECT_REFERENCE | 1u << CONDRV_OBJECT_CONNECTION)
#define ON_ANY (ON_CONSOLE | ON_OUTPUT)

typedef struct _REQUEST {
    LUID Identifier;
    ULONG_PTR Process;
    ULONG Kind;                 /* CONDRV_OBJECT_ */
    ULONG InputSize;
    ULONG OutputSize;
    PBUFFER Buffer;             /* of an output handle */
    const UCHAR *Input;
    ULONG Available;            /* bytes at Input */
} REQUEST;

static WCHAR Title[MAX_TITLE];
static ULONG TitleLength;

static VOID Complete(const REQUEST *Request, NTSTATUS Status)
{
    ServerComplete(Request->Identifier, Status, 0, NULL, 0);
}

/* Data of a fixed size. */
static VOID CompleteWith(const REQUEST *Request, const void *Data, ULONG Size)
{
    if (Request->OutputSize < Size)
        Complete(Request, STATUS_BUFFER_TOO_SMALL);
    else
        ServerComplete(Request->Identifier, STATUS_SUCCESS, Size, Data, Size);
}

static VOID CompleteWithNumber(const REQUEST *Request, ULONG Number)
{
    CompleteWith(Request, &Number, sizeof(Number));
}

/* --- modes and settings ------------------------------------------------------------------------------------------- */

static VOID GetMode(const REQUEST *Request)
{
    CompleteWithNumber(Request, Request->Buffer != NULL ? Request->Buffer->Mode : InputMode());
}

/* An echo without lines is refused, yet set.  Source: Microsoft, SetConsoleMode (ENABLE_ECHO_INPUT), and the tests of its terminal. */
static VOID SetMode(const REQUEST *Request)
{
    ULONG Mode = *(const ULONG *)Request->Input;
    BOOLEAN Refused = Request->Buffer == NULL && (Mode & (ENABLE_ECHO_INPUT | ENABLE_LINE_INPUT)) == ENABLE_ECHO_INPUT;

    Complete(Request, Refused ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS);
    if (Request->Buffer != NULL)
        OutputSetMode(Request->Buffer, Mode);
    else
        InputSetMode(Mode);
}

static VOID GetScreenSize(const REQUEST *Request)
{
    const SCREEN *Screen = &Request->Buffer->Screen;
    CONDRV_SCREEN_SIZE Size = { Screen->Columns, Screen->Rows, Screen->Cursor.Column, Screen->Cursor.Row };

    CompleteWith(Request, &Size, sizeof(Size));
}

static VOID GetInputInfo(const REQUEST *Request)
{
    CONAPI_INPUT_INFO Info = { InputCodePage(), OutputCodePage(), InputCount() };

    CompleteWith(Request, &Info, sizeof(Info));
}

static VOID SetInputInfo(const REQUEST *Request)
{
    const CONAPI_SET_INPUT *Set = (const CONAPI_SET_INPUT *)Request->Input;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Set->Mask & CONAPI_SET_INPUT_CODE_PAGE)
        Status = InputSetCodePage(Set->Info.InputCodePage);
    if (NT_SUCCESS(Status) && Set->Mask & CONAPI_SET_OUTPUT_CODE_PAGE)
        Status = OutputSetCodePage(Set->Info.OutputCodePage);
    Complete(Request, Status);
}

static VOID GetTitle(const REQUEST *Request)
{
    struct {
        ULONG Length;
        WCHAR Text[MAX_TITLE + 2];
    } Answer = { .Length = TitleLength };
    ULONG Bytes = TitleLength * sizeof(WCHAR);

    if (Request->OutputSize < sizeof(CONAPI_TITLE)) {
        Complete(Request, STATUS_BUFFER_TOO_SMALL);
        return;
    }
    Bytes = min(Bytes, Request->OutputSize - (ULONG)sizeof(CONAPI_TITLE));
    memcpy(Answer.Text, Title, Bytes);
    ServerComplete(Request->Identifier, STATUS_SUCCESS, sizeof(CONAPI_TITLE) + Bytes, &Answer,
                   sizeof(CONAPI_TITLE) + Bytes);
}

/* A terminal shows it too (xterm's OSC 2). */
static VOID ShowTitle(VOID)
{
    static UCHAR Bytes[MAX_TITLE * 3 + 8];
    ULONG Length = 4;

    memcpy(Bytes, "\x1b]2;", 4);
    for (ULONG i = 0; i < TitleLength; i++)
        Length += Title[i] < 0x20 ? 0 : PaintCharacter(Title[i], Bytes + Length);
    Bytes[Length++] = '\a';
    OutputEcho(Bytes, Length);
}

static VOID SetTitle(const REQUEST *Request)
{
    if (Request->InputSize > sizeof(Title) || Request->Available < Request->InputSize) {
        Complete(Request, STATUS_INVALID_PARAMETER);
        return;
    }
    memcpy(Title, Request->Input, Request->InputSize);
    TitleLength = Request->InputSize / sizeof(WCHAR);
    Complete(Request, STATUS_SUCCESS);
    ShowTitle();
}

static VOID Beep(const REQUEST *Request)
{
    Complete(Request, STATUS_SUCCESS);
    OutputEcho((const UCHAR *)"\a", 1);
}

/* There are no windows: GetConsoleWindow is NULL, as it is for a pseudo console. */
static VOID GetWindow(const REQUEST *Request)
{
    CompleteWithNumber(Request, 0);
}

/* --- input -------------------------------------------------------------------------------------------------------- */

static VOID Read(const REQUEST *Request, INPUT_READ Kind)
{
    INPUT_READER Reader = { .Identifier = Request->Identifier, .Process = Request->Process, .Kind = Kind,
            .Size = Request->OutputSize };

    InputRead(&Reader, NULL, 0);
}

static VOID ReadUnits(const REQUEST *Request)
{
    Read(Request, InputReadUnits);
}

static VOID ReadAnsi(const REQUEST *Request)
{
    Read(Request, InputReadAnsi);
}

static VOID ReadRecords(const REQUEST *Request)
{
    Read(Request, InputReadRecords);
}

static VOID ReadControl(const REQUEST *Request)
{
    INPUT_READER Reader = { .Identifier = Request->Identifier, .Process = Request->Process, .Kind = InputReadControl,
            .Size = Request->OutputSize, .WakeMask = *(const ULONG *)Request->Input };

    if (Request->OutputSize < sizeof(ULONG) || Request->Available < Request->InputSize)
        Complete(Request, STATUS_INVALID_PARAMETER);
    else
        InputRead(&Reader, (PCWSTR)(Request->Input + sizeof(ULONG)), (Request->InputSize - (ULONG)sizeof(ULONG)) / sizeof(WCHAR));
}

static VOID PeekRecords(const REQUEST *Request)
{
    InputPeek(Request->Identifier, Request->OutputSize);
}

static VOID WriteRecords(const REQUEST *Request)
{
    ULONG Size = Request->InputSize / (ULONG)sizeof(INPUT_RECORD) * (ULONG)sizeof(INPUT_RECORD);
    INPUT_RECORD *New = Allocate(Size + 1);
    NTSTATUS Status = New != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY;

    if (New != NULL && Size <= Request->Available)
        memcpy(New, Request->Input, Size);
    else if (New != NULL)
        Status = ServerReadInput(Request->Identifier, 0, New, Size);
    if (NT_SUCCESS(Status) && Size / (ULONG)sizeof(INPUT_RECORD) > InputFreeRecords())
        Status = STATUS_NO_MEMORY;
    Complete(Request, Status);
    if (NT_SUCCESS(Status))
        InputWrite(New, Size / (ULONG)sizeof(INPUT_RECORD));
    Free(New);
}

static VOID Flush(const REQUEST *Request)
{
    Complete(Request, STATUS_SUCCESS);
    InputFlush();
}

/* --- output ------------------------------------------------------------------------------------------------------- */

static VOID WriteUnits(const REQUEST *Request)
{
    OutputWrite(Request->Identifier, Request->Buffer, TRUE, Request->InputSize, Request->Input, Request->Available);
}

static VOID WriteBytesOf(const REQUEST *Request)
{
    OutputWrite(Request->Identifier, Request->Buffer, FALSE, Request->InputSize, Request->Input, Request->Available);
}

static VOID Operate(const REQUEST *Request, OUTPUT_OPERATION Operation)
{
    OutputOperate(Request->Identifier, Request->Buffer, Operation, Request->InputSize, Request->Input,
                  Request->Available);
}

static VOID WriteCells(const REQUEST *Request)
{
    Operate(Request, OperationWriteCells);
}

static VOID FillCells(const REQUEST *Request)
{
    Operate(Request, OperationFillCells);
}

static VOID ScrollCells(const REQUEST *Request)
{
    Operate(Request, OperationScrollCells);
}

static VOID SetOutputInfo(const REQUEST *Request)
{
    Operate(Request, OperationSetInfo);
}

static VOID Activate(const REQUEST *Request)
{
    Operate(Request, OperationActivate);
}

static VOID ReadCells(const REQUEST *Request)
{
    ULONG Limit = min(Request->OutputSize, MAX_ANSWER), Size = 0;
    PVOID Answer = Allocate(Limit + 1);
    NTSTATUS Status = STATUS_NO_MEMORY;

    if (Answer != NULL)
        Status = CellsRead(&Request->Buffer->Screen, (const CONAPI_CELLS *)Request->Input, Answer, Limit, &Size);
    ServerComplete(Request->Identifier, Status, Size, Answer, Size);
    Free(Answer);
}

static VOID GetOutputInfo(const REQUEST *Request)
{
    CONAPI_OUTPUT_INFO Info;

    OperationGetInfo(Request->Buffer, &Info);
    CompleteWith(Request, &Info, sizeof(Info));
}

/* --- which is which ----------------------------------------------------------------------------------------------- */

static const struct {
    ULONG Code;
    ULONG Kinds;
    ULONG MinimumInput;         /* bytes that the handler reads of a fixed structure */
    VOID (*Handle)(const REQUEST *Request);
} Codes[] = {
    { IOCTL_CONDRV_GET_MODE, ON_INPUT | ON_OUTPUT, 0, GetMode },
    { IOCTL_CONDRV_SET_MODE, ON_INPUT | ON_OUTPUT, sizeof(ULONG), SetMode },
    { IOCTL_CONDRV_GET_SCREEN_SIZE, ON_OUTPUT, 0, GetScreenSize },
    { IOCTL_CONAPI_READ_CONSOLE, ON_INPUT, 0, ReadUnits },
    { IOCTL_CONAPI_READ_ANSI, ON_INPUT, 0, ReadAnsi },
    { IOCTL_CONAPI_READ_RECORDS, ON_INPUT, 0, ReadRecords },
    { IOCTL_CONAPI_WRITE_RECORDS, ON_INPUT, 0, WriteRecords },
    { IOCTL_CONAPI_PEEK_RECORDS, ON_INPUT, 0, PeekRecords },
    { IOCTL_CONAPI_FLUSH, ON_INPUT, 0, Flush },
    { IOCTL_CONAPI_READ_CONTROL, ON_INPUT, sizeof(ULONG), ReadControl },
    { IOCTL_CONAPI_GET_INPUT_INFO, ON_CONSOLE, 0, GetInputInfo },
    { IOCTL_CONAPI_SET_INPUT_INFO, ON_CONSOLE, sizeof(CONAPI_SET_INPUT), SetInputInfo },
    { IOCTL_CONAPI_GET_TITLE, ON_CONSOLE, 0, GetTitle },
    { IOCTL_CONAPI_SET_TITLE, ON_CONSOLE, 0, SetTitle },
    { IOCTL_CONAPI_BEEP, ON_ANY, 0, Beep },
    { IOCTL_CONAPI_GET_WINDOW, ON_ANY, 0, GetWindow },
    { IOCTL_CONDRV_WRITE_TEXT, ON_OUTPUT, 0, WriteUnits },
    { IOCTL_CONDRV_WRITE_BYTES, ON_OUTPUT, 0, WriteBytesOf },
    { IOCTL_CONAPI_READ_CELLS, ON_OUTPUT, sizeof(CONAPI_CELLS), ReadCells },
    { IOCTL_CONAPI_WRITE_CELLS, ON_OUTPUT, 0, WriteCells },
    { IOCTL_CONAPI_GET_OUTPUT_INFO, ON_OUTPUT, 0, GetOutputInfo },
    { IOCTL_CONAPI_SET_OUTPUT_INFO, ON_OUTPUT, 0, SetOutputInfo },
    { IOCTL_CONAPI_ACTIVATE, ON_OUTPUT, 0, Activate },
    { IOCTL_CONAPI_FILL_CELLS, ON_OUTPUT, 0, FillCells },
    { IOCTL_CONAPI_SCROLL_CELLS, ON_OUTPUT, 0, ScrollCells },
};

static VOID HandleCode(const REQUEST *Request, ULONG Code)
{
    for (ULONG i = 0; i < ARRAYSIZE(Codes); i++) {
        if (Codes[i].Code != Code)
            continue;
        if (!(Codes[i].Kinds >> Request->Kind & 1))
            Complete(Request, STATUS_INVALID_HANDLE);
        else if (Request->Available < Codes[i].MinimumInput)
            Complete(Request, STATUS_INVALID_PARAMETER);
        else
            Codes[i].Handle(Request);
        return;
    }
    DbgPrint("conhost: request 0x%08x is not implemented\n", Code);
    Complete(Request, STATUS_NOT_IMPLEMENTED);
}

static VOID Cancel(LUID Identifier)
{
    InputCancel(Identifier);
    OutputCancel(Identifier);
}

static VOID CloseBuffer(ULONG Kind, ULONG_PTR Object)
{
    PBUFFER Active = BufferActive();

    BufferClose(Kind, Object);
    if (BufferActive() != Active)
        OutputRepaint();
}

VOID RequestHandle(const CD_IO_MESSAGE *Message, ULONG Available)
{
    const CD_IO_DESCRIPTOR *Descriptor = &Message->Descriptor;
    BOOLEAN IsOutput = (ON_OUTPUT >> Message->ObjectKind & 1) != 0;
    REQUEST Request = { .Identifier = Descriptor->Identifier, .Process = Descriptor->Process, .Kind = Message->ObjectKind,
            .InputSize = Descriptor->InputSize, .OutputSize = Descriptor->OutputSize, .Input = (const UCHAR *)(Message + 1),
            .Available = Available };

    if (Descriptor->Function == CONSOLE_IO_CANCEL) {
        Cancel(Descriptor->Identifier);
        return;
    }
    if (Descriptor->Function == CONSOLE_IO_CREATE_OBJECT) {
        if (Message->ObjectKind == CONDRV_OBJECT_OUTPUT)
            BufferOpenOutput(Descriptor->Object);
        return;
    }
    if (Descriptor->Function == CONSOLE_IO_CLOSE_OBJECT) {
        CloseBuffer(Message->ObjectKind, Descriptor->Object);
        return;
    }
    if (IsOutput)
        Request.Buffer = BufferFind(Message->ObjectKind, Descriptor->Object);
    if (IsOutput && Request.Buffer == NULL) {
        Complete(&Request, STATUS_NO_MEMORY);
        return;
    }
    switch (Descriptor->Function) {
    case CONSOLE_IO_RAW_WRITE:
        WriteBytesOf(&Request);
        break;
    case CONSOLE_IO_RAW_READ:
        Read(&Request, InputReadBytes);
        break;
    case CONSOLE_IO_USER_DEFINED:
        HandleCode(&Request, Message->Detail);
        break;
    case CONSOLE_IO_RAW_FLUSH:
        if (IsOutput)
            OutputFlush(Request.Identifier);
        else
            Flush(&Request);
        break;
    }
}
