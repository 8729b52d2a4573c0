/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console as a program sees it: modes, size, Ctrl+C.  Console handles are the standard handles of a program that
 * was started at a prompt; for any other file these functions fail with the file system's status.  Modes are Win32's
 * (wincon.h).
 */
#pragma once

#include "base/lib/native.h"
#include "abi/conapi.h"

#define CONSOLE_LINE_MODE (ENABLE_PROCESSED_INPUT | ENABLE_LINE_INPUT | ENABLE_ECHO_INPUT)
#define CONSOLE_RAW_MODE ENABLE_VIRTUAL_TERMINAL_INPUT

NTSTATUS ConsoleGetMode(HANDLE Console, PULONG Mode);
NTSTATUS ConsoleSetMode(HANDLE Console, ULONG Mode);
NTSTATUS ConsoleGetSize(HANDLE Console, CONDRV_SCREEN_SIZE *Size);

/* TRUE: Ctrl+C does not end this process. */
NTSTATUS ConsoleHandleControl(HANDLE Console, BOOLEAN Handle);
