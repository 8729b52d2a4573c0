/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the terminal say to one another.
 *
 *      server.c   <- client requests ->   input.c, output.c
 *      serial.c, keys.c  -- bytes typed -->  input.c
 *      output.c   -- text -->  serial.c, display.c (through vt.c and screen.c)
 *
 * One thread; main.c waits for whatever comes first, everything else runs to its end without waiting.
 */
#pragma once

#include "base/lib/native.h"
#include "channel.h"
#include "screen.h"

/* --- input.c: what was typed, and who reads it --------------------------------------------------------------- */
/* Takes bytes of a keyboard or terminal; Ctrl+C is acted on at once, unless a program wants to read it. */
VOID InputReceive(const UCHAR *Bytes, ULONG Length);

/* How many bytes the next InputReceive may bring; 0: read no more until InputRoomAvailable (serial.c) is called. */
ULONG InputRoom(VOID);

/* Queues a read of up to Size bytes; answered through ServerComplete. */
VOID InputRead(LUID Identifier, ULONG Size);
VOID InputCancel(LUID Identifier);
VOID InputSetMode(ULONG Mode);
ULONG InputMode(VOID);
VOID InputFlush(VOID);

/* --- output.c: what programs print ---------------------------------------------------------------------------- */
/* Takes a write request whose first bytes are at Bytes (the rest is fetched); answered through ServerComplete. */
VOID OutputWrite(LUID Identifier, ULONG Size, const UCHAR *Bytes, ULONG Available);
VOID OutputCancel(LUID Identifier);

/* Answers the request when the serial line has taken all text that came before it. */
VOID OutputFlush(LUID Identifier);

/* The serial line has taken some: goes on with writes that had to stop. */
VOID OutputContinue(VOID);

/* Text of the terminal's own (echo); dropped if the serial line is far behind. */
VOID OutputEcho(const UCHAR *Bytes, ULONG Length);
VOID OutputSetMode(ULONG Mode);
ULONG OutputMode(VOID);

/* --- serial.c ------------------------------------------------------------------------------------------------- */
VOID SerialStart(VOID);
ULONG SerialRoom(VOID);
BOOLEAN SerialIsIdle(VOID);         /* nothing is left to write, or there is no line */
VOID SerialWrite(const UCHAR *Bytes, ULONG Length);

/* input.c has room again. */
VOID InputRoomAvailable(VOID);

/* --- keys.c --------------------------------------------------------------------------------------------------- */
VOID KeysStart(VOID);

/* --- display.c ------------------------------------------------------------------------------------------------ */
VOID DisplayStart(VOID);
VOID DisplayWrite(const UCHAR *Bytes, ULONG Length);
const SCREEN *DisplayScreen(VOID);

/* The time at which the screen wants to be brought up to date (TimeNever: not at all), and doing it. */
LONGLONG DisplayDueTime(VOID);
VOID DisplayUpdate(VOID);

/* --- server.c ------------------------------------------------------------------------------------------------- */
NTSTATUS ServerStart(HANDLE Server);        /* fails if Server is no console */

/* Answers a client's request; Data (Size bytes) goes to its buffer. */
VOID ServerComplete(LUID Identifier, NTSTATUS Status, ULONG_PTR Information, const void *Data, ULONG Size);

/* Copies bytes [Offset, Offset + Size) of a request's input. */
NTSTATUS ServerReadInput(LUID Identifier, ULONG Offset, PVOID Buffer, ULONG Size);

/* Ctrl+C: ends the attached programs that do not handle it. */
VOID ServerSendControlC(VOID);
VOID ServerSignalInput(BOOLEAN IsAvailable);

static inline BOOLEAN IsSameRequest(LUID A, LUID B)
{
    return A.LowPart == B.LowPart && A.HighPart == B.HighPart;
}
