/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the terminal say to one another.
 *
 *      server.c   <- client requests ->   request.c   ->   input.c, output.c (operation.c)
 *      serial.c, keys.c  -- bytes and keys -->  input.c
 *      output.c   -- text -->  serial.c, display.c (through vt.c and screen.c)
 *
 * One thread; main.c waits for whatever comes first, everything else runs to its end without waiting.
 */
#pragma once

#include "base/lib/native.h"
#include "abi/conapi.h"
#include "channel.h"
#include "operation.h"

/* --- input.c: what was typed, and who reads it --------------------------------------------------------------- */
/* Takes bytes of a terminal, or a key of a keyboard; Ctrl+C is acted on at once, unless a program wants to read it. */
VOID InputReceive(const UCHAR *Bytes, ULONG Length);
VOID InputKey(const KEY_EVENT_RECORD *Key);

/* How many bytes or keys may come; 0: read no more until InputRoomAvailable (serial.c) is called. */
ULONG InputRoom(VOID);
/* How many events of programs fit yet. */
ULONG InputFreeRecords(VOID);

/* The time at which an Escape that nothing followed is a key (TimeNever: there is none), and saying that it has come. */
LONGLONG InputDueTime(VOID);
VOID InputTimeout(VOID);

/* Queues a read of up to Size bytes; answered through ServerComplete.  Bytes: text in the input code page, and Ctrl+Z at the
 * beginning of a line is the end of a file; Ansi: the same, but Ctrl+Z is text.  Control: a ULONG, the key state, and text
 * in UTF-16; the line begins with InitialLength units that the program has shown, and characters of WakeMask end it. */
typedef enum _INPUT_READ { InputReadBytes, InputReadAnsi, InputReadUnits, InputReadControl, InputReadRecords } INPUT_READ;

typedef struct _INPUT_READER {
    LUID Identifier;
    ULONG_PTR Process;
    INPUT_READ Kind;
    ULONG Size;                 /* of the answer, at least the key state's */
    ULONG WakeMask;
} INPUT_READER;

VOID InputRead(const INPUT_READER *Read, PCWSTR Initial, ULONG InitialLength);
VOID InputPeek(LUID Identifier, ULONG Size);
VOID InputWrite(const INPUT_RECORD *New, ULONG Count);
ULONG InputCount(VOID);
VOID InputCancel(LUID Identifier);
VOID InputSetMode(ULONG Mode);
ULONG InputMode(VOID);
VOID InputFlush(VOID);
NTSTATUS InputSetCodePage(ULONG Number);
ULONG InputCodePage(VOID);

/* --- output.c: what programs print ---------------------------------------------------------------------------- */
/* Takes a write request whose first bytes are at Bytes (the rest is fetched): UTF-16 or bytes of the output code page.  Answered
 * through ServerComplete. */
VOID OutputWrite(LUID Identifier, PBUFFER Buffer, BOOLEAN IsWide, ULONG Size, const UCHAR *Bytes, ULONG Available);

/* Runs an operation on its input when the writes before it are done; answered likewise. */
VOID OutputOperate(LUID Identifier, PBUFFER Buffer, OUTPUT_OPERATION Operation, ULONG Size, const UCHAR *Bytes,
                   ULONG Available);
VOID OutputCancel(LUID Identifier);

/* Answers the request when the serial line has taken all text that came before it. */
VOID OutputFlush(LUID Identifier);

/* The serial line has taken some: goes on with writes that had to stop. */
VOID OutputContinue(VOID);

/* Text of the terminal's own (echo), with CR LF for a new line; dropped if the serial line is far behind. */
VOID OutputEcho(const UCHAR *Bytes, ULONG Length);

/* Another buffer is active without a program's asking. */
VOID OutputRepaint(VOID);
VOID OutputSetMode(PBUFFER Buffer, ULONG Mode);
NTSTATUS OutputSetCodePage(ULONG Number);
ULONG OutputCodePage(VOID);

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

/* Text for a buffer's model, and for the screen if it is the active one. */
VOID DisplayWrite(PBUFFER Buffer, const UCHAR *Bytes, ULONG Length);

/* The active buffer's model has changed, or another is active. */
VOID DisplayChanged(VOID);

/* The time at which the screen wants to be brought up to date (TimeNever: not at all), and doing it. */
LONGLONG DisplayDueTime(VOID);
VOID DisplayUpdate(VOID);

/* --- server.c ------------------------------------------------------------------------------------------------- */
NTSTATUS ServerStart(HANDLE Server);        /* fails if Server is no console */

/* FALSE: no program is left that could use the console. */
BOOLEAN ServerIsAlive(VOID);

/* Answers a client's request; Data (Size bytes) goes to its buffer. */
VOID ServerComplete(LUID Identifier, NTSTATUS Status, ULONG_PTR Information, const void *Data, ULONG Size);

/* Copies bytes [Offset, Offset + Size) of a request's input. */
NTSTATUS ServerReadInput(LUID Identifier, ULONG Offset, PVOID Buffer, ULONG Size);

/* CTRL_C_EVENT or CTRL_BREAK_EVENT, to all programs. */
VOID ServerSendControl(ULONG Event);
VOID ServerSignalInput(BOOLEAN IsAvailable);

/* --- request.c ------------------------------------------------------------------------------------------------ */
/* A program's request or a notice, with the first Available bytes of its input behind it. */
VOID RequestHandle(const CD_IO_MESSAGE *Message, ULONG Available);

static inline BOOLEAN IsSameRequest(LUID A, LUID B)
{
    return A.LowPart == B.LowPart && A.HighPart == B.HighPart;
}
