/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Directories: dir, cd, pwd, md, rd, and the walk that dir and completion share.  What deletes takes links themselves.
 */
#include "ntcmd.h"

#define QUERY_BYTES 0x2000

NTSTATUS VisitDirectory(PCWSTR Directory, PCWSTR Pattern, VISIT_ENTRY Visit, PVOID Context)
{
    HANDLE File;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING Mask;
    PUCHAR Buffer = Allocate(QUERY_BYTES);
    BOOLEAN GoesOn = TRUE, IsFirst = TRUE;
    NTSTATUS Status = STATUS_NO_MEMORY;

    if (Buffer == NULL)
        return Status;
    Status = OpenPath(Directory, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &File);
    if (!NT_SUCCESS(Status)) {
        Free(Buffer);
        return Status;
    }
    RtlInitUnicodeString(&Mask, Pattern);
    while (GoesOn) {
        PFILE_BOTH_DIR_INFORMATION Entry = (PFILE_BOTH_DIR_INFORMATION)Buffer;

        Status = NtQueryDirectoryFile(File, NULL, NULL, NULL, &IoStatus, Buffer, QUERY_BYTES,
                FileBothDirectoryInformation,
                                      FALSE, IsFirst && Pattern != NULL ? &Mask : NULL, IsFirst);
        if (!NT_SUCCESS(Status))
            break;
        IsFirst = FALSE;
        while ((GoesOn = Visit(Context, Entry)) && Entry->NextEntryOffset != 0)
            Entry = (PFILE_BOTH_DIR_INFORMATION)((PUCHAR)Entry + Entry->NextEntryOffset);
    }
    NtClose(File);
    Free(Buffer);
    return Status == STATUS_NO_MORE_FILES ? STATUS_SUCCESS : Status;
}

typedef struct _LISTING {
    PCWSTR Directory;
    ULONG Files;
    ULONG Directories;
    ULONGLONG Bytes;
} LISTING;

static BOOLEAN ListEntry(PVOID Context, const FILE_BOTH_DIR_INFORMATION *Entry)
{
    LISTING *Listing = Context;
    UNICODE_STRING Name = { (USHORT)Entry->FileNameLength, (USHORT)Entry->FileNameLength, (PWSTR)Entry->FileName };
    TIME_FIELDS Time;

    RtlTimeToTimeFields(&Entry->LastWriteTime, &Time);
    Print(L"%04d-%02d-%02d %02d:%02d ", Time.Year, Time.Month, Time.Day, Time.Hour, Time.Minute);
    if (LinkKind(Entry) != NULL)
        Print(L"%14s  %.*s", LinkKind(Entry), COUNTED(&Name));
    else if (Entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        Print(L"%14s  %.*s", L"<DIR>", COUNTED(&Name));
    else
        Print(L"%14I64u  %.*s", (ULONGLONG)Entry->EndOfFile.QuadPart, COUNTED(&Name));
    if (LinkKind(Entry) != NULL)
        PrintLinkTarget(Listing->Directory, &Name);
    Print(L"\n");
    if (Entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) {
        Listing->Directories++;
    } else {
        Listing->Files++;
        Listing->Bytes += (ULONGLONG)Entry->EndOfFile.QuadPart;
    }
    return TRUE;
}

/* Splits a path in front of its last part; the directory of a plain name is the current one. */
static PCWSTR SplitPath(PWSTR Path, PCWSTR *Directory)
{
    PWSTR Slash = wcsrchr(Path, L'\\');

    *Directory = L".";
    if (Slash == NULL)
        return Path;
    *Directory = Slash == Path || Slash == Path + 2 ? L"\\" : Path;
    if (Slash == Path + 2 && Path[1] == L':') {
        static WCHAR Root[] = L"C:\\";

        Root[0] = Path[0];
        *Directory = Root;
    }
    *Slash = 0;
    return Slash + 1;
}

VOID CommandListDirectory(const COMMAND_LINE *Line)
{
    PWSTR Path = DuplicateString(Line->WordCount == 2 ? Line->Words[1] : L".");
    PCWSTR Directory = Path, Pattern = NULL;
    LISTING Listing = { 0 };
    ULONG Attributes;
    NTSTATUS Status;

    if (Path == NULL)
        return;
    if (wcspbrk(Path, L"*?") != NULL ||
        (NT_SUCCESS(QueryPathAttributes(Path, &Attributes)) && !(Attributes & FILE_ATTRIBUTE_DIRECTORY)))
        Pattern = SplitPath(Path, &Directory);
    Listing.Directory = Directory;
    Status = VisitDirectory(Directory, Pattern, ListEntry, &Listing);
    if (!NT_SUCCESS(Status))
        Complain(L"dir", Line->WordCount == 2 ? Line->Words[1] : L".", Status);
    else
        Print(L"%u files, %I64u bytes, %u directories\n", Listing.Files, Listing.Bytes, Listing.Directories);
    Free(Path);
}

VOID CommandPrintDirectory(const COMMAND_LINE *Line)
{
    WCHAR Directory[256];
    ULONG Length = RtlGetCurrentDirectory_U(sizeof(Directory), Directory);

    if (Length != 0 && Length < sizeof(Directory))
        Print(L"%s\n", Directory);
}

VOID CommandChangeDirectory(const COMMAND_LINE *Line)
{
    UNICODE_STRING Name;
    NTSTATUS Status;

    if (Line->WordCount == 1) {
        CommandPrintDirectory(Line);
        return;
    }
    RtlInitUnicodeString(&Name, Line->Words[1]);
    Status = RtlSetCurrentDirectory_U(&Name);
    if (!NT_SUCCESS(Status))
        Complain(L"cd", Line->Words[1], Status);
}

VOID CommandMakeDirectory(const COMMAND_LINE *Line)
{
    HANDLE File;

    for (int i = 1; i < Line->WordCount; i++) {
        NTSTATUS Status = OpenPath(Line->Words[i], FILE_LIST_DIRECTORY, FILE_CREATE, FILE_DIRECTORY_FILE, &File);

        if (NT_SUCCESS(Status))
            NtClose(File);
        else
            Complain(L"md", Line->Words[i], Status);
    }
}

static NTSTATUS Remove(PCWSTR Path, ULONG Options)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;
    NTSTATUS Status = OpenPath(Path, DELETE, FILE_OPEN, Options | FILE_OPEN_REPARSE_POINT, &File);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation);
    NtClose(File);
    return Status;
}

VOID CommandRemoveDirectory(const COMMAND_LINE *Line)
{
    for (int i = 1; i < Line->WordCount; i++) {
        NTSTATUS Status = Remove(Line->Words[i], FILE_DIRECTORY_FILE);

        if (!NT_SUCCESS(Status))
            Complain(L"rd", Line->Words[i], Status);
    }
}

VOID CommandDelete(const COMMAND_LINE *Line)
{
    for (int i = 1; i < Line->WordCount; i++) {
        NTSTATUS Status = Remove(Line->Words[i], FILE_NON_DIRECTORY_FILE);

        if (!NT_SUCCESS(Status))
            Complain(L"del", Line->Words[i], Status);
    }
}
