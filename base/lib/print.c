/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Formatted text to the standard handles, in UTF-8.
 *
 * Text goes straight to the handle, one write a call, so that output of several threads does not mix within a call
 * and nothing is lost when a program crashes.  A program that prints much turns buffering on.  Short texts need no
 * memory; the frames here stay below a page, since code without stack probes must not step over the guard page.
 */
#include "base/lib/native.h"

#define SHORT_TEXT 256
#define LONG_TEXT 8192
#define BUFFER_BYTES 4096

static BOOLEAN IsBuffering;
static ULONG BufferedBytes;
static CHAR OutputBuffer[BUFFER_BYTES];

NTSTATUS WriteBytes(HANDLE File, const void *Bytes, SIZE_T Length)
{
    const UCHAR *Next = Bytes;

    while (Length != 0) {
        IO_STATUS_BLOCK IoStatus;
        ULONG Chunk = Length > 0x10000 ? 0x10000 : (ULONG)Length;
        NTSTATUS Status = NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Next, Chunk, NULL, NULL);

        if (Status == STATUS_PENDING) {
            NtWaitForSingleObject(File, FALSE, NULL);
            Status = IoStatus.Status;
        }
        if (!NT_SUCCESS(Status))
            return Status;
        if (IoStatus.Information == 0)
            return STATUS_DISK_FULL;
        Next += IoStatus.Information;
        Length -= IoStatus.Information;
    }
    return STATUS_SUCCESS;
}

VOID PrintFlush(VOID)
{
    WriteBytes(NtCurrentPeb()->ProcessParameters->StandardOutput, OutputBuffer, BufferedBytes);
    BufferedBytes = 0;
}

VOID PrintSetBuffering(BOOLEAN Enable)
{
    if (!Enable)
        PrintFlush();
    IsBuffering = Enable;
}

static VOID PutBytes(HANDLE File, const CHAR *Bytes, ULONG Length)
{
    if (!IsBuffering || File != NtCurrentPeb()->ProcessParameters->StandardOutput) {
        WriteBytes(File, Bytes, Length);
        return;
    }
    while (Length != 0) {
        ULONG Part = Length < BUFFER_BYTES - BufferedBytes ? Length : BUFFER_BYTES - BufferedBytes;

        memcpy(OutputBuffer + BufferedBytes, Bytes, Part);
        BufferedBytes += Part;
        Bytes += Part;
        Length -= Part;
        if (BufferedBytes == BUFFER_BYTES)
            PrintFlush();
    }
}

static VOID PutText(HANDLE File, PCWSTR Text, ULONG Length)
{
    CHAR Bytes[SHORT_TEXT * 3];
    PCHAR LongBytes;
    ULONG ByteCount;

    if (Length <= SHORT_TEXT) {
        RtlUnicodeToUTF8N(Bytes, sizeof(Bytes), &ByteCount, Text, Length * sizeof(WCHAR));
        PutBytes(File, Bytes, ByteCount);
        return;
    }
    LongBytes = Allocate(Length * 3);
    if (LongBytes == NULL)
        return;
    RtlUnicodeToUTF8N(LongBytes, Length * 3, &ByteCount, Text, Length * sizeof(WCHAR));
    PutBytes(File, LongBytes, ByteCount);
    Free(LongBytes);
}

VOID PrintV(HANDLE File, PCWSTR Format, va_list Arguments)
{
    WCHAR Text[SHORT_TEXT];
    PWSTR LongText;
    va_list Copy;
    int Length;

    va_copy(Copy, Arguments);
    Length = _vsnwprintf(Text, SHORT_TEXT, Format, Copy);
    va_end(Copy);
    if (Length >= 0) {
        PutText(File, Text, (ULONG)Length);
        return;
    }
    LongText = Allocate(LONG_TEXT * sizeof(WCHAR));
    if (LongText == NULL)
        return;
    Length = _vsnwprintf(LongText, LONG_TEXT - 1, Format, Arguments);
    PutText(File, LongText, Length >= 0 ? (ULONG)Length : (ULONG)wcslen(LongText));
    Free(LongText);
}

VOID Print(PCWSTR Format, ...)
{
    va_list Arguments;

    va_start(Arguments, Format);
    PrintV(NtCurrentPeb()->ProcessParameters->StandardOutput, Format, Arguments);
    va_end(Arguments);
}

VOID PrintError(PCWSTR Format, ...)
{
    va_list Arguments;

    PrintFlush();
    va_start(Arguments, Format);
    PrintV(NtCurrentPeb()->ProcessParameters->StandardError, Format, Arguments);
    va_end(Arguments);
}
