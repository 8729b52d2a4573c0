/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What file systems of ntos answer to IRP_MN_QUERY_DIRECTORY: records of each class, patterns, the caller's buffer.  The file
 * system keeps the place in its directory and gives one entry after the other (IOP_LISTING).
 *
 * One table describes the records; they share their first fields.  They are built in a small buffer of ntos and copied out
 * one by one.  STATUS_BUFFER_OVERFLOW when not even the first fits whole.  Nothing here waits.
 */
#include "ntos/io/dirlist.h"

struct _IOP_FORMAT {
    USHORT NameOffset;                  /* 0: no such class */
    USHORT TagOffset;                   /* of the reparse tag, in the older classes EaSize; 0: none */
    USHORT FileIdOffset;
    BOOLEAN NamesOnly;
};

static const IOP_FORMAT IopFormats[] = {
    [FileDirectoryInformation] = { FIELD_OFFSET(FILE_DIRECTORY_INFORMATION, FileName), 0, 0, FALSE },
    [FileFullDirectoryInformation] = {
        FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, EaSize), 0, FALSE
    },
    [FileBothDirectoryInformation] = {
        FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, EaSize), 0, FALSE
    },
    [FileIdBothDirectoryInformation] = {
        FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, EaSize),
        FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, FileId), FALSE
    },
    [FileIdFullDirectoryInformation] = {
        FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, FileName), FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, EaSize),
        FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, FileId), FALSE
    },
    /* No header has these two: after EaSize a reparse tag, an id of 128 bits, and in the second a short name. */
    [FileIdExtdDirectoryInformation] = { 88, 68, 72, FALSE },
    [FileIdExtdBothDirectoryInformation] = { 114, 68, 72, FALSE },
    [FileNamesInformation] = { FIELD_OFFSET(FILE_NAMES_INFORMATION, FileName), 0, 0, TRUE },
};

#define IOP_LONGEST_RECORD (114 + 255 * sizeof(WCHAR))

NTSTATUS IopFindFormat(ULONG Class, ULONG Length, const IOP_FORMAT **Format)
{
    if (Class >= ARRAYSIZE(IopFormats) || IopFormats[Class].NameOffset == 0)
        return STATUS_INVALID_INFO_CLASS;
    *Format = &IopFormats[Class];
    return Length < (((*Format)->NameOffset + 7u) & ~7u) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_SUCCESS;
}

/*
 * A dot before the stars that end a pattern may be missing in a name (DOS dot): "*.*" is everything.
 * DIFFERS: on Windows that is Win32's translation of what FindFirstFile is given; the kernelbase in use leaves it to the file system.
 */
static VOID IopTranslatePattern(PUNICODE_STRING Pattern)
{
    SIZE_T At = Pattern->Length / sizeof(WCHAR);

    for (; At > 0 && (Pattern->Buffer[At - 1] == '*' || Pattern->Buffer[At - 1] == '.'); At--)
        if (Pattern->Buffer[At - 1] == '.' && At < Pattern->Length / sizeof(WCHAR))
            Pattern->Buffer[At - 1] = '"';
}

NTSTATUS IopKeepPattern(PUNICODE_STRING Pattern, PUNICODE_STRING Kept)
{
    UNICODE_STRING Upcased = { 0, 0, NULL };

    if (Pattern->Length != 0 && !(Pattern->Length == sizeof(WCHAR) && Pattern->Buffer[0] == '*')) {
        NTSTATUS Status;

        Upcased.Buffer = ExAllocatePoolWithTag(PagedPool, Pattern->Length, IO_TAG_NAME);
        if (Upcased.Buffer == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Upcased.MaximumLength = Pattern->Length;
        Status = RtlUpcaseUnicodeString(&Upcased, Pattern, FALSE);
        if (!NT_SUCCESS(Status)) {
            ExFreePool(Upcased.Buffer);
            return Status;
        }
        IopTranslatePattern(&Upcased);
    }
    if (Kept->Buffer != NULL)
        ExFreePool(Kept->Buffer);
    *Kept = Upcased;
    return STATUS_SUCCESS;
}

static ULONG IopBuildRecord(const IOP_LISTING *Listing, const IOP_ENTRY *Entry, PUCHAR Record)
{
    PFILE_DIRECTORY_INFORMATION Directory = (PFILE_DIRECTORY_INFORMATION)Record;
    const IOP_FORMAT *Format = Listing->Format;

    memset(Record, 0, Format->NameOffset);
    if (Format->NamesOnly) {
        ((PFILE_NAMES_INFORMATION)Record)->FileNameLength = Entry->Name.Length;
    } else {
        IOP_ABOUT About = { 0 };

        Listing->Describe(Entry, &About);
        Directory->CreationTime = About.CreationTime;
        Directory->LastAccessTime = About.LastAccessTime;
        Directory->LastWriteTime = About.LastWriteTime;
        Directory->ChangeTime = About.ChangeTime;
        Directory->EndOfFile.QuadPart = (LONGLONG)About.EndOfFile;
        Directory->AllocationSize.QuadPart = (LONGLONG)About.AllocationSize;
        Directory->FileAttributes = About.FileAttributes;
        Directory->FileNameLength = Entry->Name.Length;
        if (Format->TagOffset != 0)
            *(PULONG)(Record + Format->TagOffset) = About.ReparseTag;
        if (Format->FileIdOffset != 0)
            *(PULONG64)(Record + Format->FileIdOffset) = About.FileId;
    }
    memcpy(Record + Format->NameOffset, Entry->Name.Buffer, Entry->Name.Length);
    return Format->NameOffset + Entry->Name.Length;
}

NTSTATUS IopListDirectory(PIRP Irp, IOP_LISTING *Listing, PBOOLEAN Found, PULONG Used)
{
    UCHAR Record[IOP_LONGEST_RECORD] __attribute__((aligned(8)));
    ULONG Previous = 0;
    ULONG Next = 0;
    BOOLEAN Any = FALSE;
    NTSTATUS Status;
    IOP_ENTRY Entry;

    while (Listing->Next(Listing, &Entry)) {
        ULONG Length, Room;

        if (Listing->Pattern->Buffer != NULL && !RtlIsNameInExpression(Listing->Pattern, &Entry.Name, TRUE, NULL)) {
            Listing->Advance(Listing, &Entry);
            continue;
        }
        Length = IopBuildRecord(Listing, &Entry, Record);
        Room = Next < Irp->OutputLength ? Irp->OutputLength - Next : 0;
        if (Length > Room && Any)
            return STATUS_SUCCESS;
        Status = IopCopyOutput(Irp, Next, Record, Length < Room ? Length : Room);
        if (NT_SUCCESS(Status) && Any)
            Status = IopCopyOutput(Irp, Previous, &(ULONG){ Next - Previous }, sizeof(ULONG));
        if (!NT_SUCCESS(Status))
            return Status;
        Listing->Advance(Listing, &Entry);
        *Found = TRUE;
        *Used = Next + (Length < Room ? Length : Room);
        if (Length > Room)
            return STATUS_BUFFER_OVERFLOW;
        Any = TRUE;
        if (Irp->Parameters.Directory.Flags & SL_RETURN_SINGLE_ENTRY)
            return STATUS_SUCCESS;
        Previous = Next;
        Next = (Next + Length + 7) & ~7u;
    }
    if (Any)
        return STATUS_SUCCESS;
    return *Found ? STATUS_NO_MORE_FILES : STATUS_NO_SUCH_FILE;
}
