/* SPDX-License-Identifier: BSD-2-Clause
 *
 * winelink.c and winefind.c: the functions of Wine's kernelbase that theirs call, and those that stand for them.
 */
#pragma once

#include "ntdllp.h"

typedef struct _RTLP_WINE_FIND {
    HANDLE (WINAPI *FirstA)(PCSZ Path, PVOID Data);
    HANDLE (WINAPI *FirstW)(PCWSTR Path, PVOID Data);
    HANDLE (WINAPI *FirstExA)(PCSZ Path, ULONG Level, PVOID Data, ULONG Kind, PVOID Filter, ULONG Flags);
    HANDLE (WINAPI *FirstExW)(PCWSTR Path, ULONG Level, PVOID Data, ULONG Kind, PVOID Filter, ULONG Flags);
    int (WINAPI *NextA)(HANDLE Search, PVOID Data);
    int (WINAPI *NextW)(HANDLE Search, PVOID Data);
} RTLP_WINE_FIND;

extern RTLP_WINE_FIND RtlpWineFind;

HANDLE WINAPI RtlpFindFirstFileA(PCSZ Path, PVOID Data);
HANDLE WINAPI RtlpFindFirstFileW(PCWSTR Path, PVOID Data);
HANDLE WINAPI RtlpFindFirstFileExA(PCSZ Path, ULONG Level, PVOID Data, ULONG Kind, PVOID Filter, ULONG Flags);
HANDLE WINAPI RtlpFindFirstFileExW(PCWSTR Path, ULONG Level, PVOID Data, ULONG Kind, PVOID Filter, ULONG Flags);
int WINAPI RtlpFindNextFileA(HANDLE Search, PVOID Data);
int WINAPI RtlpFindNextFileW(HANDLE Search, PVOID Data);
