/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Run mode's parts: the link to the host, the program's three pipes, files for the host.
 */
#pragma once

#include "base/smss/smss.h"
#include "abi/runlink.h"

#define MAXIMUM_SHORT 256
#define PIECE_SIZE 0x8000u

/* --- link.c ------------------------------------------------------------------------------------------------------- */

typedef struct _RUN_LINK {
    HANDLE Port;
    HANDLE ReadEvent;           /* set when the read that StartReadingLink began is done */
    HANDLE WriteEvent;
    IO_STATUS_BLOCK IoStatus;
    UCHAR Buffer[0x1000];
    ULONG Used, Filled;         /* of Buffer */
    RUN_FRAME Frame;            /* the frame that is coming in */
    ULONG HeaderBytes;          /* of its header */
    BOOLEAN InPayload;
    ULONG Left;                 /* of its payload */
} RUN_LINK, *PRUN_LINK;

/* Room for a frame whose payload is read into place. */
typedef struct _RUN_MESSAGE {
    RUN_FRAME Frame;
    UCHAR Data[PIECE_SIZE];
} RUN_MESSAGE, *PRUN_MESSAGE;

/* A part of a frame that came in; Bytes are valid until the next read.  A frame without payload is one empty piece. */
typedef struct _RUN_PIECE {
    UCHAR Type, Channel;
    BOOLEAN Last;
    const UCHAR *Bytes;
    ULONG Length;
} RUN_PIECE, *PRUN_PIECE;

NTSTATUS MakeEvent(PHANDLE Event);

/* The outcome of a transfer that a service began with Status; waits for its end. */
NTSTATUS CompleteTransfer(NTSTATUS Status, HANDLE Event, const IO_STATUS_BLOCK *IoStatus);

NTSTATUS OpenLink(PRUN_LINK Link, PCWSTR Port);

/* Sends Length bytes of Message->Data; waits until the port has taken them. */
NTSTATUS SendMessage(PRUN_LINK Link, PRUN_MESSAGE Message, UCHAR Type, UCHAR Channel, ULONG Length);

/* The same for at most MAXIMUM_SHORT bytes; what is longer is cut. */
NTSTATUS SendShort(PRUN_LINK Link, UCHAR Type, UCHAR Channel, const void *Bytes, ULONG Length);

NTSTATUS StartReadingLink(PRUN_LINK Link);

/* The next piece of what was read (Filled bytes of Buffer).  STATUS_NO_MORE_ENTRIES: read again.  STATUS_DATA_ERROR:
 * the other side does not keep to the protocol. */
NTSTATUS TakePiece(PRUN_LINK Link, PRUN_PIECE Piece);

/* --- stream.c ----------------------------------------------------------------------------------------------------- */

/* The machine's end of a pipe whose other end is a standard handle of the program. */
typedef struct _RUN_OUTPUT {
    HANDLE Pipe;                /* NULL: it has ended */
    HANDLE Event;
    IO_STATUS_BLOCK IoStatus;
    UCHAR Channel;
    BOOLEAN Closed;             /* the host wants no more of it */
    RUN_MESSAGE Message;
} RUN_OUTPUT, *PRUN_OUTPUT;

#define INPUT_SIZE 0x10000u

typedef struct _RUN_INPUT {
    HANDLE Pipe;                /* NULL: the program's input has ended, or nobody reads it */
    HANDLE Event;
    IO_STATUS_BLOCK IoStatus;
    BOOLEAN Writing;
    BOOLEAN Ended;              /* the host has no more */
    ULONG Head, Tail;           /* ever taken out, ever put in */
    ULONG Owed;                 /* bytes of room that the host has not been told of */
    UCHAR Ring[INPUT_SIZE];
} RUN_INPUT, *PRUN_INPUT;

/* Makes a pipe; *Theirs is the program's end, a synchronous handle. */
NTSTATUS OpenOutput(PRUN_OUTPUT Output, UCHAR Channel, PHANDLE Theirs);
NTSTATUS OpenInput(PRUN_INPUT Input, PHANDLE Theirs);

/* Begins to read; an end of the pipe is told the host at once. */
VOID StartOutput(PRUN_LINK Link, PRUN_OUTPUT Output);

/* Event was set: sends what was read, and reads on. */
VOID PumpOutput(PRUN_LINK Link, PRUN_OUTPUT Output);

/* Bytes from the host, or its end. */
NTSTATUS PutInput(PRUN_LINK Link, PRUN_INPUT Input, const UCHAR *Bytes, ULONG Length);
VOID EndInput(PRUN_LINK Link, PRUN_INPUT Input);

/* Event was set: a write to the program is done. */
VOID PumpInput(PRUN_LINK Link, PRUN_INPUT Input);

/* --- runner.c ----------------------------------------------------------------------------------------------------- */

/* Sends a file; why it cannot be read whole is part of what is sent. */
VOID SendFile(PRUN_LINK Link, PRUN_MESSAGE Message, PCWSTR Path);
