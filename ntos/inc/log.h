/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The log of ntos and its last words.  Lines go to COM3 if a UART answers there, and into a ring of LOG_RING_SIZE bytes
 * in memory.  Output is polled; nothing here waits or allocates.
 */
#pragma once

#include "nt.h"

#define LOG_RING_SIZE 16384

/* One line "ntos: ..."; the newline is added.  printf formats of rtl's _vsnprintf; at most 400 characters. */
VOID LogPrint(const char *Format, ...) __attribute__((format(printf, 1, 2)));
/* The same without the prefix: `exit STATUS`, crash reports, the debug output of programs. */
VOID LogRaw(const char *Format, ...) __attribute__((format(printf, 1, 2)));
/* Length bytes as they are (from a program: control characters but for newline and tab become '?'). */
VOID LogWrite(const char *Text, SIZE_T Length);
/* A boot message for the user: COM1 (while ntos owns it) and the log. */
VOID LogConsole(const char *Format, ...) __attribute__((format(printf, 1, 2)));
/* Oldest bytes first; returns the bytes copied. */
SIZE_T LogReadRing(PVOID Buffer, SIZE_T Length);

/* `*** STOP: ' and the text to COM1 and COM3, then the machine halts (in run mode: powers off).  Never returns. */
DECLSPEC_NORETURN VOID KeBugCheck(const char *Format, ...) __attribute__((format(printf, 1, 2)));

/* An invariant of ours, never reached from outside. */
#define NT_ASSERT(e) do { if (!(e)) KeBugCheck("%s:%d: %s", __FILE__, __LINE__, #e); } while (0)
