/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The boot archive (abi/bootarchive.h): checked whole at the start, so that later look-ups need no checks.  The archive
 * is part of ntos's image and is not changed while files are read from it by name; file data may be written by its
 * owner. Nothing here waits.
 */
#include "ntos/inc/ldr.h"
#include "abi/bootarchive.h"
#include <string.h>

static const UCHAR *LdrpArchive;
static const BOOT_ARCHIVE_HEADER *LdrpHeader;
static const BOOT_ARCHIVE_ENTRY *LdrpEntries;

static ULONG LdrpCrc32(const UCHAR *Bytes, SIZE_T Length)
{
    static const ULONG Nibble[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                     0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                     0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    ULONG Crc = ~0u;

    while (Length-- != 0) {
        Crc = Nibble[(Crc ^ *Bytes) & 15] ^ Crc >> 4;
        Crc = Nibble[(Crc ^ *Bytes++ >> 4) & 15] ^ Crc >> 4;
    }
    return ~Crc;
}

static const char *LdrpCheckHeader(const BOOT_ARCHIVE_HEADER *Header, SIZE_T Size)
{
    ULONG64 TableEnd;

    if (Size < sizeof(*Header) || Header->Magic != BOOT_ARCHIVE_MAGIC)
        return "the boot archive is missing";
    if (Header->Version != BOOT_ARCHIVE_VERSION)
        return "the boot archive has another version";
    if (Header->TotalSize > Size)
        return "the boot archive is cut short";
    TableEnd = sizeof(*Header) + (ULONG64)Header->EntryCount * sizeof(BOOT_ARCHIVE_ENTRY);
    if (Header->NamesOffset < TableEnd || Header->NamesOffset > Header->TotalSize ||
        Header->NamesSize > Header->TotalSize - Header->NamesOffset)
        return "the boot archive's table is damaged";
    if (LdrpCrc32((const UCHAR *)(Header + 1), Header->NamesOffset + Header->NamesSize - sizeof(*Header)) !=
        Header->TableCrc)
        return "the boot archive's table is damaged (checksum)";
    return NULL;
}

static BOOLEAN LdrpCheckEntry(const BOOT_ARCHIVE_HEADER *Header, const BOOT_ARCHIVE_ENTRY *Entry)
{
    return Entry->NameLength != 0 && Entry->NameLength <= Header->NamesSize &&
           Entry->NameOffset <= Header->NamesSize - Entry->NameLength && Entry->Offset % 4096 == 0 &&
           Entry->Offset <= Header->TotalSize && Entry->Size <= Header->TotalSize - Entry->Offset;
}

NTSTATUS LdrInitBootArchive(PVOID Base, SIZE_T Size, const char **Reason)
{
    const BOOT_ARCHIVE_HEADER *Header;
    ULONG Index;

    *Reason = "the boot archive is missing";
    if (Base == NULL || ((ULONG64)Base & 0xFFF) != 0)
        return STATUS_FILE_CORRUPT_ERROR;
    Header = Base;
    *Reason = LdrpCheckHeader(Header, Size);
    if (*Reason != NULL)
        return STATUS_FILE_CORRUPT_ERROR;
    LdrpEntries = (const BOOT_ARCHIVE_ENTRY *)(Header + 1);
    for (Index = 0; Index < Header->EntryCount; Index++) {
        if (!LdrpCheckEntry(Header, &LdrpEntries[Index])) {
            *Reason = "the boot archive has a damaged entry";
            return STATUS_FILE_CORRUPT_ERROR;
        }
    }
    LdrpArchive = Base;
    LdrpHeader = Header;
    return STATUS_SUCCESS;
}

ULONG LdrGetBootFileCount(VOID)
{
    return LdrpHeader == NULL ? 0 : LdrpHeader->EntryCount;
}

BOOLEAN LdrGetBootFile(ULONG Index, PLDR_BOOT_FILE File)
{
    const BOOT_ARCHIVE_ENTRY *Entry;

    if (Index >= LdrGetBootFileCount())
        return FALSE;
    Entry = &LdrpEntries[Index];
    File->Path = (const char *)LdrpArchive + LdrpHeader->NamesOffset + Entry->NameOffset;
    File->PathLength = Entry->NameLength;
    File->Attributes = Entry->Attributes;
    File->LastWriteTime.QuadPart = (LONGLONG)Entry->LastWriteTime;
    File->Data = (PVOID)(LdrpArchive + Entry->Offset);
    File->Size = Entry->Size;
    return TRUE;
}

static char LdrpLower(char Character)
{
    return Character >= 'A' && Character <= 'Z' ? Character + 32 : Character;
}

static BOOLEAN LdrpEqualPath(const char *Path, const char *Name, ULONG Length)
{
    ULONG Index;

    for (Index = 0; Index < Length; Index++) {
        if (Path[Index] == 0 || LdrpLower(Path[Index]) != LdrpLower(Name[Index]))
            return FALSE;
    }
    return Path[Length] == 0;
}

BOOLEAN LdrFindBootFile(const char *Path, PLDR_BOOT_FILE File)
{
    ULONG Index;

    for (Index = 0; LdrGetBootFile(Index, File); Index++) {
        if (LdrpEqualPath(Path, File->Path, File->PathLength))
            return TRUE;
    }
    return FALSE;
}

NTSTATUS LdrReadBootFile(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
    const LDR_BOOT_FILE *File = Context;

    if (Offset > File->Size || Length > File->Size - Offset)
        return STATUS_END_OF_FILE;
    memcpy(Buffer, (PUCHAR)File->Data + Offset, Length);
    return STATUS_SUCCESS;
}
