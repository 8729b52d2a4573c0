/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The boot archive: the files of volume C: as they are packed into the ntos image.
 *
 * tools/mkarchive.py writes it, ntos/ldr reads it.  All numbers are little-endian.  The archive starts on a page of the
 * image, and each file starts on a page of the archive, so that the frames of the image are the pages of the files.
 *
 *      0  +-------------------------+
 *         | BOOT_ARCHIVE_HEADER     |
 *     64  +-------------------------+
 *         | BOOT_ARCHIVE_ENTRY [n]  |   sorted by name, byte order; directories are implied by the paths
 *         +-------------------------+
 *         | names, UTF-8, no NUL    |   "windows/system32/ntdll.dll": relative, '/' between the parts
 *         +-------------------------+   <- header.DataOffset, a multiple of 4096
 *         | file, zero-filled to a  |
 *         | multiple of 4096 bytes  |
 *         +-------------------------+
 *         | ...                     |
 *         +-------------------------+   <- header.TotalSize, a multiple of 4096
 *
 * tools/mkimage.py places the archive behind the last page of ntos.exe in the ELF image and writes its address and size
 * into the BOOT_ARCHIVE_DESCRIPTOR, which is the only content of the image's section `.bootarc'.
 *
 * Two of the files have a meaning for ntos: windows/system32/config/system.reg (registry defaults) and, read after it,
 * windows/system32/config/boot.reg (what the user asked for at this start: options, a program, its environment), both REGEDIT5 text,
 * UTF-8.
 */
#pragma once

#include <stdint.h>

#define BOOT_ARCHIVE_MAGIC 0x3148435241445245ull        /* "ERDARCH1" */
#define BOOT_ARCHIVE_VERSION 1

typedef struct _BOOT_ARCHIVE_HEADER {
    uint64_t Magic;
    uint32_t Version;
    uint32_t EntryCount;
    uint64_t NamesOffset;       /* from the start of the archive */
    uint64_t NamesSize;
    uint64_t DataOffset;
    uint64_t TotalSize;
    uint32_t TableCrc;          /* CRC-32 (IEEE 802.3) of bytes [64, NamesOffset + NamesSize) */
    uint32_t Reserved0;
    uint64_t Reserved1;
} BOOT_ARCHIVE_HEADER;

typedef struct _BOOT_ARCHIVE_ENTRY {
    uint64_t Offset;            /* of the file's first byte, from the start of the archive, a multiple of 4096 */
    uint64_t Size;              /* in bytes */
    uint64_t LastWriteTime;     /* 100 ns units since 1601-01-01 UTC */
    uint32_t NameOffset;        /* from NamesOffset */
    uint32_t NameLength;        /* in bytes */
    uint32_t Attributes;        /* FILE_ATTRIBUTE_*; FILE_ATTRIBUTE_DIRECTORY for an empty directory */
    uint32_t Reserved;
} BOOT_ARCHIVE_ENTRY;

typedef struct _BOOT_ARCHIVE_DESCRIPTOR {
    uint64_t Magic;             /* BOOT_ARCHIVE_MAGIC; the rest is zero until mkimage has run */
    uint64_t Address;           /* virtual, in ntos */
    uint64_t Size;
} BOOT_ARCHIVE_DESCRIPTOR;

_Static_assert(sizeof(BOOT_ARCHIVE_HEADER) == 64, "layout");
_Static_assert(sizeof(BOOT_ARCHIVE_ENTRY) == 40, "layout");
