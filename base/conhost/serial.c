/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The serial terminal: two channels on one handle, reading and writing.
 *
 * Reading asks the driver to answer as soon as there is anything (SERIAL_TIMEOUTS, Windows' contract for such
 * values).  When input.c has no room no read is issued, so that the line's own flow control holds the sender back.
 * Written text waits in a ring; bytes leave it only when the driver has taken them, so a driver that is
 * started again loses none that it had not taken.  Without a serial line everything written is dropped.
 */
#include "conhost.h"

typedef LARGE_INTEGER PHYSICAL_ADDRESS;         /* a driver's type, which ntddser.h needs */
#include <ntddser.h>

#define RING_BYTES 0x8000

static VOID ReadCompleted(ULONG Information);
static VOID Configure(VOID);
static VOID WriteCompleted(ULONG Information);
static VOID WriteNext(VOID);

static CHANNEL Reading = { .DeviceName = L"\\Device\\Serial0", .Completed = ReadCompleted, .Retry = Configure };
static CHANNEL Writing = { .Completed = WriteCompleted, .Retry = WriteNext };
static BOOLEAN IsConfigured;
static UCHAR ReadBuffer[256];
static UCHAR Ring[RING_BYTES];
static ULONG RingFirst, RingLength;

static VOID Configure(VOID)
{
    static SERIAL_TIMEOUTS Timeouts = {
        .ReadIntervalTimeout = 0xffffffff,
        .ReadTotalTimeoutMultiplier = 0xffffffff,
        .ReadTotalTimeoutConstant = 0xfffffffe,
    };

    IsConfigured = FALSE;
    if (ChannelOpen(&Reading))
        ChannelIoctl(&Reading, IOCTL_SERIAL_SET_TIMEOUTS, &Timeouts, sizeof(Timeouts), NULL, 0);
}

static VOID ReadNext(VOID)
{
    LARGE_INTEGER Beginning = { .QuadPart = 0 };
    ULONG Room = min(InputRoom(), sizeof(ReadBuffer));

    if (IsConfigured && !Reading.IsBusy && Reading.RetryTime == 0 && Room != 0)
        ChannelStarted(&Reading, NtReadFile(Reading.File, Reading.Event, NULL, NULL, &Reading.IoStatus, ReadBuffer,
                Room,
                                            &Beginning, NULL));
}

static VOID ReadCompleted(ULONG Information)
{
    if (IsConfigured) {
        InputReceive(ReadBuffer, min(Information, sizeof(ReadBuffer)));
    } else {
        IsConfigured = TRUE;
        WriteNext();
    }
    ReadNext();
}

VOID InputRoomAvailable(VOID)
{
    ReadNext();
}

static VOID WriteNext(VOID)
{
    LARGE_INTEGER Beginning = { .QuadPart = 0 };

    Writing.File = Reading.File;
    if (Writing.File == NULL || Writing.IsBusy || Writing.RetryTime != 0 || RingLength == 0)
        return;
    ChannelStarted(&Writing, NtWriteFile(Writing.File, Writing.Event, NULL, NULL, &Writing.IoStatus, Ring + RingFirst,
                                         min(RingLength, RING_BYTES - RingFirst), &Beginning, NULL));
}

static VOID WriteCompleted(ULONG Information)
{
    Information = min(Information, RingLength);
    RingFirst = (RingFirst + Information) % RING_BYTES;
    RingLength -= Information;
    WriteNext();
    OutputContinue();
}

ULONG SerialRoom(VOID)
{
    return RING_BYTES - RingLength;
}

BOOLEAN SerialIsIdle(VOID)
{
    return RingLength == 0 || Writing.File == NULL;
}

VOID SerialWrite(const UCHAR *Bytes, ULONG Length)
{
    if (Reading.File == NULL)
        return;
    Length = min(Length, SerialRoom());
    while (Length != 0) {
        ULONG Last = (RingFirst + RingLength) % RING_BYTES;
        ULONG Part = min(Length, RING_BYTES - Last);

        memcpy(Ring + Last, Bytes, Part);
        RingLength += Part;
        Bytes += Part;
        Length -= Part;
    }
    WriteNext();
}

VOID SerialStart(VOID)
{
    ChannelAdd(&Reading);
    ChannelAdd(&Writing);
    Configure();
}
