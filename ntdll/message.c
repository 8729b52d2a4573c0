/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Message tables and message text.
 *
 * RtlFindMessage finds an entry of an image's message table resource; RtlFormatMessage puts inserts into a message and
 * breaks its lines, as FormatMessage documents it: %0 ends the text, %n %r %t are control characters, %1 ... %99 with an
 * optional !printf format! are inserts, % before anything else stands for that character.
 *
 * Inserts are numbered from 1.  Where the format has `*', the width or precision comes first: in an array it is
 * argument N and what follows the highest one used so far; in a va_list the argument after the first `*' has no number.
 */
#include "ntdllp.h"

#define MAX_INSERTS 99

typedef struct _FORMAT_ARGUMENTS {
    const ULONG_PTR *Array;             /* NULL: List */
    va_list List;
    ULONG Last;                         /* highest number in use; of a list: arguments cached */
    ULONG_PTR Cache[MAX_INSERTS];
} FORMAT_ARGUMENTS;

typedef struct _FORMAT_OUTPUT {
    PWCHAR Buffer;
    SIZE_T Room;                        /* characters */
    SIZE_T Length;
    SIZE_T LineStart;
    SIZE_T Space;                       /* where the line may be broken; MAXULONG_PTR: nowhere */
    ULONG Width;                        /* characters a line; 0: no limit */
} FORMAT_OUTPUT;

/* --- message tables ---------------------------------------------------------------------------------------------- */

static NTSTATUS RtlpFindInTable(const UCHAR *Table, ULONG Size, ULONG MessageId, PMESSAGE_RESOURCE_ENTRY *Entry)
{
    const MESSAGE_RESOURCE_DATA *Data = (const MESSAGE_RESOURCE_DATA *)Table;
    const MESSAGE_RESOURCE_BLOCK *Block;
    ULONG Offset;

    if (Size < sizeof(ULONG) || Data->NumberOfBlocks > (Size - sizeof(ULONG)) / sizeof(*Block))
        return STATUS_INVALID_IMAGE_FORMAT;
    for (Block = Data->Blocks; Block < Data->Blocks + Data->NumberOfBlocks; Block++) {
        if (MessageId < Block->LowId || MessageId > Block->HighId)
            continue;
        Offset = Block->OffsetToEntries;
        for (ULONG Id = Block->LowId;; Id++) {
            const MESSAGE_RESOURCE_ENTRY *Found = (const MESSAGE_RESOURCE_ENTRY *)(Table + Offset);

            if (Offset > Size || Size - Offset < FIELD_OFFSET(MESSAGE_RESOURCE_ENTRY, Text) ||
                Found->Length < FIELD_OFFSET(MESSAGE_RESOURCE_ENTRY, Text) || Found->Length > Size - Offset)
                return STATUS_INVALID_IMAGE_FORMAT;
            if (Id == MessageId) {
                *Entry = (PMESSAGE_RESOURCE_ENTRY)Found;
                return STATUS_SUCCESS;
            }
            Offset += Found->Length;
        }
    }
    return STATUS_MESSAGE_NOT_FOUND;
}

/* Entry MessageId of message table resource 1 of type MessageTableId (11) in the image or data file DllHandle.
 * What finding the resource answers; STATUS_MESSAGE_NOT_FOUND; STATUS_INVALID_IMAGE_FORMAT: the table is damaged. */
NTSTATUS NTAPI RtlFindMessage(PVOID DllHandle, ULONG MessageTableId, ULONG MessageLanguageId, ULONG MessageId,
        PMESSAGE_RESOURCE_ENTRY *MessageEntry)
{
    LDR_RESOURCE_INFO Info = { MessageTableId, 1, MessageLanguageId };
    PIMAGE_RESOURCE_DATA_ENTRY Data;
    PVOID Table;
    ULONG Size;
    NTSTATUS Status = LdrFindResource_U(DllHandle, &Info, 3, &Data);

    if (NT_SUCCESS(Status))
        Status = LdrAccessResource(DllHandle, Data, &Table, &Size);
    return NT_SUCCESS(Status) ? RtlpFindInTable(Table, Size, MessageId, MessageEntry) : Status;
}

/* --- output ------------------------------------------------------------------------------------------------------ */

/* The line is full: a newline takes the place of its last blank and those before it; without one it is broken here. */
static NTSTATUS RtlpBreakLine(FORMAT_OUTPUT *Output)
{
    SIZE_T Start = Output->Length, End = Output->Length, Tail;

    if (Output->Space != MAXULONG_PTR) {
        Start = End = Output->Space;
        End++;
        while (Start > Output->LineStart && Output->Buffer[Start - 1] == ' ')
            Start--;
    }
    Tail = Output->Length - End;
    if (Start + 2 + Tail > Output->Room)
        return STATUS_BUFFER_OVERFLOW;
    memmove(Output->Buffer + Start + 2, Output->Buffer + End, Tail * sizeof(WCHAR));
    Output->Buffer[Start] = '\r';
    Output->Buffer[Start + 1] = '\n';
    Output->LineStart = Start + 2;
    Output->Length = Start + 2 + Tail;
    Output->Space = MAXULONG_PTR;
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpCheckWidth(FORMAT_OUTPUT *Output)
{
    return Output->Width != 0 && Output->Length - Output->LineStart >= Output->Width ? RtlpBreakLine(Output)
            : STATUS_SUCCESS;
}

static NTSTATUS RtlpPutCharacter(FORMAT_OUTPUT *Output, WCHAR Character)
{
    if (Output->Length >= Output->Room)
        return STATUS_BUFFER_OVERFLOW;
    if (Character == ' ')
        Output->Space = Output->Length;
    Output->Buffer[Output->Length++] = Character;
    return RtlpCheckWidth(Output);
}

static NTSTATUS RtlpPutNewline(FORMAT_OUTPUT *Output)
{
    if (Output->Room - Output->Length < 2)
        return STATUS_BUFFER_OVERFLOW;
    Output->Buffer[Output->Length++] = '\r';
    Output->Buffer[Output->Length++] = '\n';
    Output->LineStart = Output->Length;
    Output->Space = MAXULONG_PTR;
    return STATUS_SUCCESS;
}

/* --- inserts ----------------------------------------------------------------------------------------------------- */

static ULONG_PTR RtlpNumberedArgument(FORMAT_ARGUMENTS *Arguments, ULONG Number)
{
    if (Arguments->Array != NULL) {
        Arguments->Last = max(Arguments->Last, Number);
        return Arguments->Array[Number - 1];
    }
    while (Arguments->Last < Number)
        Arguments->Cache[Arguments->Last++] = va_arg(Arguments->List, ULONG_PTR);
    return Arguments->Cache[Number - 1];
}

/* The two arguments behind the first of an insert with `*'. */
static ULONG_PTR RtlpFurtherArgument(FORMAT_ARGUMENTS *Arguments, ULONG Position)
{
    if (Arguments->Array == NULL && (Position == 1 || Arguments->Last >= MAX_INSERTS))
        return va_arg(Arguments->List, ULONG_PTR);
    return RtlpNumberedArgument(Arguments, Arguments->Last + 1);
}

/* Copies the printf format between the two `!' (or "s") to Format, turned round for ANSI strings; *Stars: how many
 * arguments it takes before the value.  Returns the text behind it; NULL: no closing `!', or too long. */
static PCWSTR RtlpInsertFormat(PCWSTR Text, BOOLEAN Ansi, PWCHAR Format, SIZE_T Room, PULONG Stars)
{
    SIZE_T Length = 1;

    Format[0] = '%';
    *Stars = 0;
    if (*Text == '!') {
        for (Text++; *Text != '!'; Text++) {
            if (*Text == 0 || Length + 2 > Room)
                return NULL;
            *Stars += *Text == '*';
            Format[Length++] = *Text;
        }
        Text++;
    } else {
        Format[Length++] = 's';
    }
    if (Ansi && Length > 1 && wcschr(L"hlw", Format[Length - 2]) == NULL)
        switch (Format[Length - 1]) {
        case 's': Format[Length - 1] = 'S'; break;
        case 'S': Format[Length - 1] = 's'; break;
        case 'c': Format[Length - 1] = 'C'; break;
        case 'C': Format[Length - 1] = 'c'; break;
        }
    Format[Length] = 0;
    return *Stars <= 2 ? Text : NULL;
}

static NTSTATUS RtlpPutInsert(FORMAT_OUTPUT *Output, FORMAT_ARGUMENTS *Arguments, BOOLEAN Ansi, PCWSTR *Text)
{
    WCHAR Format[32];
    ULONG_PTR Values[3];
    ULONG Number = **Text - '0', Stars;
    int Length;

    ++*Text;
    if (**Text >= '0' && **Text <= '9')
        Number = Number * 10 + *(*Text)++ - '0';
    *Text = RtlpInsertFormat(*Text, Ansi, Format, ARRAYSIZE(Format), &Stars);
    if (*Text == NULL || (Arguments->Array == NULL && Arguments->List == NULL))
        return STATUS_INVALID_PARAMETER;
    Values[0] = RtlpNumberedArgument(Arguments, Number);
    for (ULONG Index = 1; Index <= Stars; Index++)
        Values[Index] = RtlpFurtherArgument(Arguments, Index);
    Length = _vsnwprintf(Output->Buffer + Output->Length, Output->Room - Output->Length, Format, (va_list)Values);
    if (Length < 0)
        return STATUS_BUFFER_OVERFLOW;
    Output->Length += (SIZE_T)Length;
    return RtlpCheckWidth(Output);
}

/* --- messages ---------------------------------------------------------------------------------------------------- */

/* An insert that is to stay as it is. */
static NTSTATUS RtlpKeepInsert(FORMAT_OUTPUT *Output, PCWSTR *Text)
{
    PCWSTR End = *Text + 1;
    NTSTATUS Status = RtlpPutCharacter(Output, '%');

    if (*End >= '0' && *End <= '9')
        End++;
    while (NT_SUCCESS(Status) && *Text < End)
        Status = RtlpPutCharacter(Output, *(*Text)++);
    return Status;
}

/* The character behind `%', which is no insert and not 0. */
static NTSTATUS RtlpPutEscape(FORMAT_OUTPUT *Output, WCHAR Escape, BOOLEAN KeepPercent)
{
    switch (Escape) {
    case 'n':
        return RtlpPutNewline(Output);
    case 'r':
        return RtlpPutCharacter(Output, '\r');
    case 't':
        return RtlpPutCharacter(Output, '\t');
    case '%':
        if (KeepPercent && !NT_SUCCESS(RtlpPutCharacter(Output, '%')))
            return STATUS_BUFFER_OVERFLOW;
        break;
    }
    return RtlpPutCharacter(Output, Escape);
}

static NTSTATUS RtlpFormatText(FORMAT_OUTPUT *Output, PCWSTR Text, BOOLEAN IgnoreInserts, BOOLEAN Ansi,
        BOOLEAN KeepLines, FORMAT_ARGUMENTS *Arguments)
{
    NTSTATUS Status = STATUS_SUCCESS;

    while (*Text != 0 && NT_SUCCESS(Status)) {
        WCHAR Character = *Text++;

        if (Character == '\r' || Character == '\n') {
            Text += Character == '\r' && *Text == '\n';
            Status = KeepLines ? RtlpPutNewline(Output) : RtlpPutCharacter(Output, ' ');
        } else if (Character != '%') {
            Status = RtlpPutCharacter(Output, Character);
        } else if (*Text == 0) {
            Status = STATUS_INVALID_PARAMETER;
        } else if (*Text == '0') {
            break;
        } else if (*Text < '1' || *Text > '9') {
            Status = RtlpPutEscape(Output, *Text++, IgnoreInserts);
        } else if (IgnoreInserts) {
            Status = RtlpKeepInsert(Output, &Text);
        } else {
            Status = RtlpPutInsert(Output, Arguments, Ansi, &Text);
        }
    }
    return Status;
}

/* Formats MessageFormat into Buffer (Length bytes); *ReturnLength: bytes written, the closing zero included.
 *
 * MaximumWidth: 0 keeps the line ends of the text; else they are blanks, and lines are broken at that many
 * characters (MAXDWORD: only at %n).  ArgumentsAreAnArray: Arguments points to an array of ULONG_PTR instead of a
 * va_list.  ArgumentsAreAnsi: inserts without h, l, w are ANSI strings and characters.
 * STATUS_BUFFER_OVERFLOW: Buffer is too small; STATUS_INVALID_PARAMETER: a bad % sequence. */
NTSTATUS NTAPI RtlFormatMessage(PCWSTR MessageFormat, ULONG MaximumWidth, BOOLEAN IgnoreInserts,
        BOOLEAN ArgumentsAreAnsi, BOOLEAN ArgumentsAreAnArray, va_list *Arguments, PWSTR Buffer, ULONG Length,
        PULONG ReturnLength)
{
    FORMAT_OUTPUT Output = { Buffer, Length / sizeof(WCHAR), 0, 0, MAXULONG_PTR,
            MaximumWidth == MAXDWORD ? 0 : MaximumWidth };
    FORMAT_ARGUMENTS State;
    NTSTATUS Status;

    State.Array = ArgumentsAreAnArray ? (const ULONG_PTR *)Arguments : NULL;
    State.List = ArgumentsAreAnArray || Arguments == NULL ? NULL : *Arguments;
    State.Last = 0;
    Status = RtlpFormatText(&Output, MessageFormat, IgnoreInserts, ArgumentsAreAnsi, MaximumWidth == 0, &State);
    if (NT_SUCCESS(Status) && Output.Length >= Output.Room)
        Status = STATUS_BUFFER_OVERFLOW;
    if (!NT_SUCCESS(Status))
        return Status;
    Buffer[Output.Length] = 0;
    if (ReturnLength != NULL)
        *ReturnLength = (ULONG)((Output.Length + 1) * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

/* --- text or bytes? ---------------------------------------------------------------------------------------------- */

static INT RtlpUnicodeSignature(const USHORT *Text, SIZE_T Count)
{
    INT Flags = 0;

    if (Text[0] == 0xfeff)
        Flags |= IS_TEXT_UNICODE_SIGNATURE;
    if (Text[0] == 0xfffe)
        Flags |= IS_TEXT_UNICODE_REVERSE_SIGNATURE;
    for (SIZE_T Index = 0; Index < Count; Index++) {
        if (Text[Index] == 0xfffe || Text[Index] == 0xffff || Text[Index] == 0 || Text[Index] == 0x0d0a)
            Flags |= IS_TEXT_UNICODE_ILLEGAL_CHARS;
        if ((Text[Index] & 0xff) == 0 || Text[Index] >> 8 == 0)
            Flags |= IS_TEXT_UNICODE_NULL_BYTES;
    }
    return Flags;
}

/* Line ends, blanks and the ideographic blank, read in the order that Swap says. */
static BOOLEAN RtlpHasUnicodeControls(const USHORT *Text, SIZE_T Count, BOOLEAN Swap)
{
    for (SIZE_T Index = 0; Index < Count; Index++) {
        USHORT Character = Swap ? RtlUshortByteSwap(Text[Index]) : Text[Index];

        if (Character == '\r' || Character == '\n' || Character == '\t' || Character == ' ' || Character == 0x3000)
            return TRUE;
    }
    return FALSE;
}

static SIZE_T RtlpDistance(UCHAR Left, UCHAR Right)
{
    return Left > Right ? (SIZE_T)(Left - Right) : (SIZE_T)(Right - Left);
}

/* Text changes its low bytes more than its high bytes: which of the two varies at least three times as much? */
static INT RtlpUnicodeStatistics(const UCHAR *Bytes, SIZE_T Count)
{
    SIZE_T Low = 0, High = 0;

    for (SIZE_T Index = 1; Index < Count; Index++) {
        Low += RtlpDistance(Bytes[2 * Index], Bytes[2 * Index - 2]);
        High += RtlpDistance(Bytes[2 * Index + 1], Bytes[2 * Index - 1]);
    }
    if (Low > 3 * High)
        return IS_TEXT_UNICODE_STATISTICS;
    return High > 3 * Low ? IS_TEXT_UNICODE_REVERSE_STATISTICS : 0;
}

/* Windows never reports IS_TEXT_UNICODE_ASCII16: text of that kind passes the statistics. */
static INT RtlpTestUnicode(const UCHAR *Bytes, SIZE_T Count)
{
    const USHORT *Text = (const USHORT *)Bytes;
    INT Flags = RtlpUnicodeSignature(Text, Count) | RtlpUnicodeStatistics(Bytes, Count);

    if (RtlpHasUnicodeControls(Text, Count, FALSE))
        Flags |= IS_TEXT_UNICODE_CONTROLS;
    if (RtlpHasUnicodeControls(Text, Count, TRUE))
        Flags |= IS_TEXT_UNICODE_REVERSE_CONTROLS;
    return Flags;
}

/* A guess whether Size bytes are UTF-16.  *Result: on entry the tests that count (NULL: all), on return those that
 * hold.  Source: IsTextUnicode (Win32). */
BOOLEAN NTAPI RtlIsTextUnicode(LPCVOID Buffer, INT Size, INT *Result)
{
    USHORT First[128];
    SIZE_T Count = min((SIZE_T)max(Size, 0) / sizeof(USHORT), ARRAYSIZE(First));
    INT Flags = 0;

    if (Count == 0) {
        if (Result != NULL)
            *Result = 0;
        return FALSE;
    }
    memcpy(First, Buffer, Count * sizeof(USHORT));
    Flags = RtlpTestUnicode((const UCHAR *)First, Count);
    if (Size & 1)
        Flags |= IS_TEXT_UNICODE_ODD_LENGTH;
    if (Result != NULL)
        Flags = *Result &= Flags;
    if (Flags & (IS_TEXT_UNICODE_REVERSE_MASK | IS_TEXT_UNICODE_NOT_UNICODE_MASK))
        return FALSE;
    return (Flags & (IS_TEXT_UNICODE_NOT_ASCII_MASK | IS_TEXT_UNICODE_UNICODE_MASK)) != 0;
}
