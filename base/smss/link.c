/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The link to the host of a machine that runs one program (abi/runlink.h): frames over the second serial port.
 *
 * A frame that goes out is written whole before the next.  What comes in is handed on piece by piece as it arrives: a
 * payload is never collected, except by those who ask for it.  For one thread.
 */
#include "runner.h"

typedef LARGE_INTEGER PHYSICAL_ADDRESS;         /* a driver's type, which ntddser.h needs */
#include <ntddser.h>

NTSTATUS MakeEvent(PHANDLE Event)
{
    return NtCreateEvent(Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
}

/* Reads answer with what has arrived instead of waiting for a full buffer. */
static NTSTATUS SetTimeouts(HANDLE Port, HANDLE Event)
{
    SERIAL_TIMEOUTS Timeouts = {
        .ReadIntervalTimeout = 0xffffffff,
        .ReadTotalTimeoutMultiplier = 0xffffffff,
        .ReadTotalTimeoutConstant = 0xfffffffe,
    };
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status = NtDeviceIoControlFile(Port, Event, NULL, NULL, &IoStatus, IOCTL_SERIAL_SET_TIMEOUTS, &Timeouts,
            sizeof(Timeouts), NULL, 0);

    return CompleteTransfer(Status, Event, &IoStatus);
}

NTSTATUS CompleteTransfer(NTSTATUS Status, HANDLE Event, const IO_STATUS_BLOCK *IoStatus)
{
    if (NT_ERROR(Status))
        return Status;
    NtWaitForSingleObject(Event, FALSE, NULL);
    return IoStatus->Status;
}

NTSTATUS OpenLink(PRUN_LINK Link, PCWSTR Port)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    RtlInitUnicodeString(&Name, Port);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtOpenFile(&Link->Port, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &IoStatus, 0, 0);
    if (NT_SUCCESS(Status))
        Status = MakeEvent(&Link->ReadEvent);
    if (NT_SUCCESS(Status))
        Status = MakeEvent(&Link->WriteEvent);
    return NT_SUCCESS(Status) ? SetTimeouts(Link->Port, Link->WriteEvent) : Status;
}

static NTSTATUS WriteLink(PRUN_LINK Link, const void *Bytes, ULONG Length)
{
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status = NtWriteFile(Link->Port, Link->WriteEvent, NULL, NULL, &IoStatus, Bytes, Length, NULL, NULL);

    return CompleteTransfer(Status, Link->WriteEvent, &IoStatus);
}

NTSTATUS SendMessage(PRUN_LINK Link, PRUN_MESSAGE Message, UCHAR Type, UCHAR Channel, ULONG Length)
{
    Message->Frame = (RUN_FRAME){ .Type = Type, .Channel = Channel, .Length = Length };
    return WriteLink(Link, Message, sizeof(RUN_FRAME) + Length);
}

NTSTATUS SendShort(PRUN_LINK Link, UCHAR Type, UCHAR Channel, const void *Bytes, ULONG Length)
{
    UCHAR Text[sizeof(RUN_FRAME) + MAXIMUM_SHORT];

    Length = min(Length, MAXIMUM_SHORT);
    *(RUN_FRAME *)Text = (RUN_FRAME){ .Type = Type, .Channel = Channel, .Length = Length };
    memcpy(Text + sizeof(RUN_FRAME), Bytes, Length);
    return WriteLink(Link, Text, sizeof(RUN_FRAME) + Length);
}

NTSTATUS StartReadingLink(PRUN_LINK Link)
{
    NTSTATUS Status = NtReadFile(Link->Port, Link->ReadEvent, NULL, NULL, &Link->IoStatus, Link->Buffer,
            sizeof(Link->Buffer), NULL, NULL);

    Link->Used = Link->Filled = 0;
    return NT_ERROR(Status) ? Status : STATUS_SUCCESS;
}

/* What is left of the header comes out of the buffer; TRUE when it is whole. */
static BOOLEAN TakeHeader(PRUN_LINK Link)
{
    ULONG Part = min(Link->Filled - Link->Used, sizeof(RUN_FRAME) - Link->HeaderBytes);

    memcpy((PUCHAR)&Link->Frame + Link->HeaderBytes, Link->Buffer + Link->Used, Part);
    Link->Used += Part;
    Link->HeaderBytes += Part;
    if (Link->HeaderBytes < sizeof(RUN_FRAME))
        return FALSE;
    Link->HeaderBytes = 0;
    Link->Left = Link->Frame.Length;
    Link->InPayload = TRUE;
    return TRUE;
}

NTSTATUS TakePiece(PRUN_LINK Link, PRUN_PIECE Piece)
{
    if (!Link->InPayload && !TakeHeader(Link))
        return STATUS_NO_MORE_ENTRIES;
    if (Link->Frame.Length > RUN_MAXIMUM_LENGTH || Link->Frame.Zero != 0)
        return STATUS_DATA_ERROR;
    if (Link->Left != 0 && Link->Used == Link->Filled)
        return STATUS_NO_MORE_ENTRIES;
    Piece->Type = Link->Frame.Type;
    Piece->Channel = Link->Frame.Channel;
    Piece->Bytes = Link->Buffer + Link->Used;
    Piece->Length = min(Link->Left, Link->Filled - Link->Used);
    Link->Used += Piece->Length;
    Link->Left -= Piece->Length;
    Piece->Last = Link->Left == 0;
    Link->InPayload = !Piece->Last;
    return STATUS_SUCCESS;
}
