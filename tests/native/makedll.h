/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DLLs made at run time, for tests of the loader: what each imports, what it forwards, whose routine its entry point is.
 */
#pragma once

#include "check.h"

#define MAKEDLL_IMPORTS 4

/*
 * Exports are Forward (number 1, if Forward is not NULL) and Func (number 2).  Func answers Value.
 *
 *   Imports    "FILE!NAME" or "FILE#NUMBER", up to a NULL
 *   Forward    what the export Forward is a forwarder to, "MODULE.NAME"
 *   Entry      the entry point of the image, which jumps there; NULL: it has none
 *   Tls        has thread-local storage: a ULONG that begins as Value, MAKEDLL_TLS_ZERO zeroes, its index at MAKEDLL_TLS_INDEX
 */
typedef struct _MAKEDLL {
    PCSZ Imports[MAKEDLL_IMPORTS];
    PCSZ Forward;
    PVOID Entry;
    ULONG Value;
    BOOLEAN Tls;
} MAKEDLL;

#define MAKEDLL_TLS_INDEX 0x1930
#define MAKEDLL_TLS_ZERO 12

/* Writes the DLL to the DOS path. */
NTSTATUS MakeDll(PCWSTR Path, const MAKEDLL *Dll);

/* Writes any file; Length 0: deletes it. */
NTSTATUS MakeDllFile(PCWSTR Path, const void *Bytes, ULONG Length);

/* The image in memory, MAKEDLL_SIZE bytes, for a test that spoils it. */
#define MAKEDLL_SIZE 0x1200
VOID MakeDllImage(PUCHAR Image, const MAKEDLL *Dll);

/* The DLLs of a test are MAKEDLL_DIRECTORY ldr-a.dll ... ldr-z.dll: path (until the next call), file name, whether it is loaded. */
#define MAKEDLL_DIRECTORY L"C:\\"
PCWSTR MakeDllPath(char Letter);
UNICODE_STRING MakeDllName(char Letter);
BOOLEAN MakeDllIsLoaded(char Letter);

/* Deletes the files of all of them. */
VOID MakeDllDeleteAll(VOID);
