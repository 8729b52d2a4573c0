/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Run mode's parts: the link to the host, the program's three pipes.
 */
#pragma once

#include "base/smss/smss.h"
#include "abi/runlink.h"

#define PIECE_SIZE 0x8000u

/* --- link.c ------------------------------------------------------------------------------------------------------- */

typedef struct _RUN_LINK {
    HANDLE Port, Window;
    HANDLE ReadEvent;           /* set when the read that StartReadingLink began is done */
    HANDLE WriteEvent;
    IO_STATUS_BLOCK IoStatus;   /* of that read */
    UCHAR Buffer[0x400];
    ULONG Used;                 /* of Buffer, the bytes that frames were made of */
    RUN_FRAME Frame;            /* the frame that is coming in, and its payload */
    UCHAR Payload[RUN_MAXIMUM_PAYLOAD];
    ULONG Collected;            /* bytes of both */
    BOOLEAN InHeader;
    LONG Credit;                /* bytes that may be sent through the window */
    ULONG64 Sent, Taken;        /* bytes that ever went through the window, out and in */
} RUN_LINK, *PRUN_LINK;

NTSTATUS MakeEvent(PHANDLE Event);

/* The outcome of a transfer that a service began with Status; waits for its end. */
NTSTATUS CompleteTransfer(NTSTATUS Status, HANDLE Event, const IO_STATUS_BLOCK *IoStatus);
NTSTATUS OpenLink(PRUN_LINK Link, PCWSTR Port, PCWSTR Window);

/* Sends a frame; waits until the port has taken it.  Payload NULL: the Length bytes are in the window. */
NTSTATUS SendFrame(PRUN_LINK Link, UCHAR Type, UCHAR Channel, const void *Payload, ULONG Length);
NTSTATUS SendText(PRUN_LINK Link, UCHAR Type, PCWSTR Text);

/* Sends bytes through the window; the caller has seen that Credit is enough. */
NTSTATUS SendBytes(PRUN_LINK Link, UCHAR Type, UCHAR Channel, const UCHAR *Bytes, ULONG Length);

/* Takes the next bytes out of the window, at most as many as TakeableBytes says of those that were announced. */
NTSTATUS TakeBytes(PRUN_LINK Link, UCHAR *Bytes, ULONG Length);
ULONG TakeableBytes(PRUN_LINK Link, ULONG Announced);

NTSTATUS StartReadingLink(PRUN_LINK Link);

/* The next whole frame of what was read is in Frame and Payload.  STATUS_NO_MORE_ENTRIES: read on.  STATUS_DATA_ERROR: the
 * host does not keep to the protocol. */
NTSTATUS TakeFrame(PRUN_LINK Link);

/* --- stream.c ----------------------------------------------------------------------------------------------------- */

/* The machine's end of a pipe whose other end is standard output or error of the program. */
typedef struct _RUN_OUTPUT {
    HANDLE Pipe;                /* NULL: it has ended */
    HANDLE Event;
    IO_STATUS_BLOCK IoStatus;
    UCHAR Channel;
    BOOLEAN Reading;            /* else it waits for credit */
    BOOLEAN Closed;             /* the host wants no more of it */
    UCHAR Data[PIECE_SIZE];
} RUN_OUTPUT, *PRUN_OUTPUT;

typedef struct _RUN_INPUT {
    HANDLE Pipe;                /* NULL: the program's input has ended, or nobody reads it */
    HANDLE Event;
    IO_STATUS_BLOCK IoStatus;
    BOOLEAN Writing;
    BOOLEAN Ended;              /* the host has no more */
    ULONG Announced;            /* bytes in the window that were not taken yet */
    ULONG Owed;                 /* bytes of room that the host has not been told of */
    UCHAR Data[PIECE_SIZE];
} RUN_INPUT, *PRUN_INPUT;

/* Makes a pipe; *Theirs is the program's end, a synchronous handle. */
NTSTATUS OpenOutput(PRUN_OUTPUT Output, UCHAR Channel, PHANDLE Theirs);
NTSTATUS OpenInput(PRUN_INPUT Input, PHANDLE Theirs);

/* Begins to read unless that is done or there is no credit for what may come. */
NTSTATUS StartOutput(PRUN_LINK Link, PRUN_OUTPUT Output);

/* Event was set: sends what was read, and reads on. */
NTSTATUS PumpOutput(PRUN_LINK Link, PRUN_OUTPUT Output);

/* Length bytes more are in the window, or none will come any more. */
NTSTATUS AnnounceInput(PRUN_LINK Link, PRUN_INPUT Input, ULONG Length);
NTSTATUS EndInput(PRUN_LINK Link, PRUN_INPUT Input);

/* Event was set: a write to the program is done. */
NTSTATUS PumpInput(PRUN_LINK Link, PRUN_INPUT Input);
