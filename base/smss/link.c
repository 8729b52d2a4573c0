/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The link to the host of a machine that runs one program (abi/runlink.h): frames over the second serial port, bulk bytes through
 * the window.  A frame that goes out is written whole before the next; bulk bytes are in the window before the frame that
 * announces them.  For one thread.
 */
#include "runner.h"

typedef LARGE_INTEGER PHYSICAL_ADDRESS;         /* a driver's type, which ntddser.h needs */
#include <ntddser.h>

NTSTATUS MakeEvent(PHANDLE Event)
{
    return NtCreateEvent(Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
}

NTSTATUS CompleteTransfer(NTSTATUS Status, HANDLE Event, const IO_STATUS_BLOCK *IoStatus)
{
    if (NT_ERROR(Status))
        return Status;
    NtWaitForSingleObject(Event, FALSE, NULL);
    return IoStatus->Status;
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

NTSTATUS OpenLink(PRUN_LINK Link, PCWSTR Port, PCWSTR Window)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status = OpenPath(Window, FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN, 0, &Link->Window);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Name, Port);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtOpenFile(&Link->Port, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &IoStatus, 0, 0);
    if (NT_SUCCESS(Status))
        Status = MakeEvent(&Link->ReadEvent);
    if (NT_SUCCESS(Status))
        Status = MakeEvent(&Link->WriteEvent);
    return NT_SUCCESS(Status) ? SetTimeouts(Link->Port, Link->WriteEvent) : Status;
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

NTSTATUS SendFrame(PRUN_LINK Link, UCHAR Type, UCHAR Channel, const void *Payload, ULONG Length)
{
    struct {
        RUN_FRAME Frame;
        UCHAR Payload[RUN_MAXIMUM_PAYLOAD];
    } Message = { .Frame = { .Type = Type, .Channel = Channel, .Length = Length } };
    BOOLEAN InWindow = Payload == NULL;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    if (!InWindow)
        memcpy(Message.Payload, Payload, Length);
    Status = NtWriteFile(Link->Port, Link->WriteEvent, NULL, NULL, &IoStatus, &Message,
            sizeof(RUN_FRAME) + (InWindow ? 0 : Length), NULL, NULL);
    return CompleteTransfer(Status, Link->WriteEvent, &IoStatus);
}

NTSTATUS SendText(PRUN_LINK Link, UCHAR Type, PCWSTR Text)
{
    char Bytes[RUN_MAXIMUM_PAYLOAD];
    ULONG Length = 0;

    RtlUnicodeToUTF8N(Bytes, sizeof(Bytes), &Length, Text, (ULONG)(wcslen(Text) * sizeof(WCHAR)));
    return SendFrame(Link, Type, 0, Bytes, Length);
}

NTSTATUS SendBytes(PRUN_LINK Link, UCHAR Type, UCHAR Channel, const UCHAR *Bytes, ULONG Length)
{
    NTSTATUS Status = STATUS_SUCCESS;

    Link->Credit -= Length;
    while (NT_SUCCESS(Status) && Length != 0) {
        LARGE_INTEGER Offset = { .QuadPart = Link->Sent % RUN_OUT_SIZE };
        ULONG Part = min(Length, RUN_OUT_SIZE - Offset.LowPart);
        IO_STATUS_BLOCK IoStatus;

        Status = NtWriteFile(Link->Window, NULL, NULL, NULL, &IoStatus, Bytes, Part, &Offset, NULL);
        if (NT_SUCCESS(Status))
            Status = SendFrame(Link, Type, Channel, NULL, Part);
        Link->Sent += Part;
        Bytes += Part;
        Length -= Part;
    }
    return Status;
}

/* --- in ----------------------------------------------------------------------------------------------------------- */

NTSTATUS TakeBytes(PRUN_LINK Link, UCHAR *Bytes, ULONG Length)
{
    LARGE_INTEGER Offset = { .QuadPart = RUN_OUT_SIZE + Link->Taken % RUN_IN_SIZE };
    IO_STATUS_BLOCK IoStatus;

    Link->Taken += Length;
    return NtReadFile(Link->Window, NULL, NULL, NULL, &IoStatus, Bytes, Length, &Offset, NULL);
}

ULONG TakeableBytes(PRUN_LINK Link, ULONG Announced)
{
    return min(Announced, min(PIECE_SIZE, RUN_IN_SIZE - (ULONG)(Link->Taken % RUN_IN_SIZE)));
}

NTSTATUS StartReadingLink(PRUN_LINK Link)
{
    NTSTATUS Status = NtReadFile(Link->Port, Link->ReadEvent, NULL, NULL, &Link->IoStatus, Link->Buffer,
            sizeof(Link->Buffer), NULL, NULL);

    Link->Used = 0;
    return NT_ERROR(Status) ? Status : STATUS_SUCCESS;
}

static BOOLEAN IsInWindow(const RUN_FRAME *Frame)
{
    return Frame->Type == RUN_DATA || Frame->Type == RUN_FILE;
}

NTSTATUS TakeFrame(PRUN_LINK Link)
{
    ULONG Filled = (ULONG)Link->IoStatus.Information, Whole, Part;

    if (Link->Collected == 0)
        Link->InHeader = TRUE;
    for (;;) {
        Whole = sizeof(RUN_FRAME) + (Link->InHeader || IsInWindow(&Link->Frame) ? 0 : Link->Frame.Length);
        Part = min(Filled - Link->Used, Whole - Link->Collected);
        memcpy((PUCHAR)&Link->Frame + Link->Collected, Link->Buffer + Link->Used, Part);
        Link->Used += Part;
        Link->Collected += Part;
        if (Link->Collected < Whole)
            return STATUS_NO_MORE_ENTRIES;
        if (!Link->InHeader)
            break;
        if (Link->Frame.Zero != 0 || (!IsInWindow(&Link->Frame) && Link->Frame.Length > RUN_MAXIMUM_PAYLOAD))
            return STATUS_DATA_ERROR;
        Link->InHeader = FALSE;
    }
    Link->Collected = 0;
    return STATUS_SUCCESS;
}
