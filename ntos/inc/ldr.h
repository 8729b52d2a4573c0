/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ldr: what ntos knows about boot data and PE files.  Pure reading code: the boot archive, the checks that an image
 * section must pass, export lookup by name.  Nothing here waits, allocates or trusts a byte of what it reads.
 */
#pragma once

#include "nt.h"

/* ------------------------------------------------------------------ boot archive (format: abi/bootarchive.h) */

/* Checks the archive that is linked into ntos.  STATUS_FILE_CORRUPT_ERROR: with a static reason text. */
NTSTATUS LdrInitBootArchive(PVOID Base, SIZE_T Size, const char **Reason);

typedef struct _LDR_BOOT_FILE {
    const char *Path;           /* UTF-8, "windows/system32/ntdll.dll": no leading slash, not zero-terminated */
    ULONG PathLength;           /* bytes */
    ULONG Attributes;           /* FILE_ATTRIBUTE_ */
    LARGE_INTEGER LastWriteTime;
    PVOID Data;                 /* page-aligned, zero-padded to a page */
    ULONG64 Size;
} LDR_BOOT_FILE, *PLDR_BOOT_FILE;

ULONG LdrGetBootFileCount(VOID);
/* FALSE: no such index. */
BOOLEAN LdrGetBootFile(ULONG Index, PLDR_BOOT_FILE File);
/* Case-insensitive (ASCII) exact path. */
BOOLEAN LdrFindBootFile(const char *Path, PLDR_BOOT_FILE File);

/* ------------------------------------------------------------------ PE images */

/* Reads Length bytes at Offset of the file into Buffer; fails past the end.  Context is the caller's. */
typedef NTSTATUS (*LDR_READ)(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length);

#define LDR_MAX_SECTIONS 96

typedef struct _LDR_IMAGE_SECTION {
    ULONG VirtualAddress;       /* page-aligned (or = PointerToRawData for images of low alignment) */
    ULONG VirtualSize;          /* bytes, rounded up to pages by the reader */
    ULONG FileOffset;
    ULONG FileSize;             /* bytes that come from the file, at most VirtualSize rounded up */
    ULONG Characteristics;
} LDR_IMAGE_SECTION, *PLDR_IMAGE_SECTION;

typedef struct _LDR_IMAGE {
    ULONG64 ImageBase;
    ULONG SizeOfImage;          /* rounded up to pages */
    ULONG SizeOfHeaders;
    ULONG SectionAlignment;
    ULONG FileAlignment;
    ULONG EntryPoint;           /* RVA, 0 = none */
    ULONG NumberOfSections;
    BOOLEAN Flat;               /* SectionAlignment below a page: the file is mapped as it lies */
    SECTION_IMAGE_INFORMATION Information;      /* TransferAddress at the preferred base */
    LDR_IMAGE_SECTION Section[LDR_MAX_SECTIONS];
} LDR_IMAGE, *PLDR_IMAGE;

/*
 * The one careful parser: fills *Image or answers STATUS_INVALID_IMAGE_NOT_MZ, _PROTECT, _WIN_16, _NE_FORMAT, _LE_FORMAT, _FORMAT,
 * STATUS_INVALID_IMAGE_WIN_32 (x86 code), or what Read failed with.
 */
NTSTATUS LdrCheckImage(LDR_READ Read, PVOID Context, ULONG64 FileSize, PLDR_IMAGE Image);

/*
 * RVA of an exported name in a *file* (not mapped) that passed LdrCheckImage.  STATUS_ENTRYPOINT_NOT_FOUND (also for a
 * forwarder), STATUS_INVALID_IMAGE_FORMAT.
 */
NTSTATUS LdrFindExport(LDR_READ Read, PVOID Context, const LDR_IMAGE *Image, const char *Name, PULONG Rva);

/* LDR_READ for a file in ntos's memory: Context is an LDR_BOOT_FILE. */
NTSTATUS LdrReadBootFile(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length);
