/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Registry text (.reg files, REGEDIT5 and REGEDIT4) as a stream of calls.  Pure code; also built for the host's tests.
 */
#pragma once

#include "nt.h"

/*
 * What the text says, in its order.  Names are UTF-16 without a terminator; Path has the root's short name resolved
 * (\Registry\Machine\...).  Strings in Data are UTF-16 with their NULs.  A failure from a call stops the reading.
 * BadLine: the line is skipped and the reading goes on.
 */
typedef struct _CM_TEXT_SINK {
    NTSTATUS (*Key)(PVOID Context, const WCHAR *Path, ULONG Chars, BOOLEAN Delete);
    NTSTATUS (*Value)(PVOID Context, const WCHAR *Name, ULONG Chars, ULONG Type, const VOID *Data, ULONG DataLength);
    NTSTATUS (*DeleteValue)(PVOID Context, const WCHAR *Name, ULONG Chars);
    VOID (*BadLine)(PVOID Context, ULONG Line, const char *Reason);
    PVOID (*Allocate)(SIZE_T Bytes);
    VOID (*Free)(PVOID Memory);
} CM_TEXT_SINK, *PCM_TEXT_SINK;

/* UTF-16LE with a byte order mark, or UTF-8 with or without one. */
NTSTATUS CmpReadRegistryText(const CM_TEXT_SINK *Sink, PVOID Context, const void *Text, SIZE_T LengthInBytes);
