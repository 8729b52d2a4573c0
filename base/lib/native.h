/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The support library of native programs: what a program needs besides ntdll.dll to have a main function,
 * print text and open files by their usual names.
 *
 * A program defines wmain and links native.lib; its return value is the exit status.  Text is UTF-16 inside
 * and UTF-8 outside.  Format strings are Windows' (%s wide, %hs narrow, %I64u, no floating point).  Every function
 * that reads or writes may wait.
 */
#pragma once

#include "ntdll.h"
#include <winioctl.h>

/* The program.  Arguments[0] is the program's name, Arguments[ArgumentCount] is NULL. */
int wmain(int ArgumentCount, PWSTR *Arguments);

/* --- text out (print.c) --------------------------------------------------------------------------------------- */
/* Formats and writes to StandardOutput; text beyond 8191 characters is cut. */
VOID Print(PCWSTR Format, ...);

/* The same to StandardError. */
VOID PrintError(PCWSTR Format, ...);

/* A UNICODE_STRING as the two arguments of %.*s. */
#define COUNTED(String) (int)((String)->Length / sizeof(WCHAR)), (String)->Buffer

VOID PrintV(HANDLE File, PCWSTR Format, va_list Arguments);

/* Writes all bytes to a handle; waits until they are taken. */
NTSTATUS WriteBytes(HANDLE File, const void *Bytes, SIZE_T Length);

/* While buffering is on, Print collects text and writes it in large pieces: PrintFlush, the end of the program and
 * switching it off write the rest.  For one thread only; off at the start of a program. */
VOID PrintSetBuffering(BOOLEAN Enable);
VOID PrintFlush(VOID);

/* --- text in (read.c) ------------------------------------------------------------------------------------------ */
/* Reads up to Length bytes at the file's position (devices: what there is).  STATUS_END_OF_FILE at the end. */
NTSTATUS ReadBytes(HANDLE File, void *Buffer, ULONG Length, PULONG BytesRead);

/* --- status codes (error.c) ------------------------------------------------------------------------------------ */
/* A short English sentence part ("file not found"), or NULL for a status without one. */
PCWSTR StatusText(NTSTATUS Status);

/* The same, and for others "status 0xC0000001"; the text is valid until the next call by this program. */
PCWSTR DescribeStatus(NTSTATUS Status);

/* --- files (file.c) -------------------------------------------------------------------------------------------- */
/* Opens or creates the file that DosPath names (relative to the current directory, or \Device\... , \??\... as it
 * is).  The handle is synchronous; arguments as NtCreateFile's. */
NTSTATUS OpenPath(PCWSTR DosPath, ACCESS_MASK Access, ULONG Disposition, ULONG Options, PHANDLE File);
NTSTATUS QueryPathAttributes(PCWSTR DosPath, PULONG Attributes);

/* --- memory ---------------------------------------------------------------------------------------------------- */
/* Zeroed memory of the process heap; NULL if there is none. */
PVOID Allocate(SIZE_T Bytes);
VOID Free(PVOID Memory);
PWSTR DuplicateString(PCWSTR String);

/* --- command lines (args.c) ------------------------------------------------------------------------------------ */
/* Splits a command line as Windows' C runtime does: blanks separate, "..." keeps blanks, 2n backslashes before a
 * quote are n backslashes, one more makes the quote literal, "" inside quotes is a quote.  One allocation, to be
 * given to Free; NULL if there is no memory. */
PWSTR *SplitCommandLine(PCWSTR CommandLine, ULONG Length, int *ArgumentCount);
