/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console as a program sees it: modes, size, Ctrl+C.  Console handles are the standard handles of a program that
 * was started at a prompt; for any other file these functions fail with the file system's status.
 */
#pragma once

#include "base/lib/native.h"
#include "abi/condrv.h"

/* Input modes; names and values are Win32's. */
#define ENABLE_PROCESSED_INPUT 0x0001           /* Ctrl+C ends programs instead of being read */
#define ENABLE_LINE_INPUT 0x0002
#define ENABLE_ECHO_INPUT 0x0004
#define ENABLE_VIRTUAL_TERMINAL_INPUT 0x0200    /* keys come as VT sequences: always so here */

/* Output modes */
#define ENABLE_PROCESSED_OUTPUT 0x0001
#define ENABLE_WRAP_AT_EOL_OUTPUT 0x0002
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 0x0004
#define DISABLE_NEWLINE_AUTO_RETURN 0x0008

#define CONSOLE_LINE_MODE (ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT)
#define CONSOLE_RAW_MODE ENABLE_VIRTUAL_TERMINAL_INPUT

NTSTATUS ConsoleGetMode(HANDLE Console, PULONG Mode);
NTSTATUS ConsoleSetMode(HANDLE Console, ULONG Mode);
NTSTATUS ConsoleGetSize(HANDLE Console, CONDRV_SCREEN_SIZE *Size);

/* TRUE: Ctrl+C does not end this process. */
NTSTATUS ConsoleHandleControl(HANDLE Console, BOOLEAN Handle);
