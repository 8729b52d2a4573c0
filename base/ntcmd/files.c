/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files: type, copy, move and ren.
 */
#include "ntcmd.h"

#define CHUNK 0x10000

/* Passes on all bytes of From. */
static NTSTATUS CopyBytes(HANDLE From, HANDLE To, PULONGLONG Total)
{
    PVOID Buffer = Allocate(CHUNK);
    NTSTATUS Status = STATUS_NO_MEMORY;
    ULONG Length;

    *Total = 0;
    while (Buffer != NULL) {
        Status = ReadBytes(From, Buffer, CHUNK, &Length);
        if (!NT_SUCCESS(Status) || Length == 0)
            break;
        Status = WriteBytes(To, Buffer, Length);
        if (!NT_SUCCESS(Status))
            break;
        *Total += Length;
    }
    Free(Buffer);
    return Status == STATUS_END_OF_FILE ? STATUS_SUCCESS : Status;
}

VOID CommandType(const COMMAND_LINE *Line)
{
    PrintFlush();
    for (int i = 1; i < Line->WordCount; i++) {
        HANDLE File;
        ULONGLONG Total;
        NTSTATUS Status = OpenPath(Line->Words[i], FILE_GENERIC_READ, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &File);

        if (NT_SUCCESS(Status)) {
            Status = CopyBytes(File, NtCurrentPeb()->ProcessParameters->StandardOutput, &Total);
            NtClose(File);
        }
        if (!NT_SUCCESS(Status))
            Complain(L"type", Line->Words[i], Status);
    }
}

static PCWSTR FileName(PCWSTR Path)
{
    PCWSTR Slash = wcsrchr(Path, L'\\');

    return Slash != NULL ? Slash + 1 : Path;
}

/* Where a file goes: To itself, or the file's name inside it if it is a directory.  To be given to Free. */
static PWSTR TargetPath(PCWSTR From, PCWSTR To)
{
    SIZE_T Characters = wcslen(From) + wcslen(To) + 2;
    PWSTR Path = Allocate(Characters * sizeof(WCHAR));
    ULONG Attributes;
    BOOLEAN IsDirectory = NT_SUCCESS(QueryPathAttributes(To, &Attributes)) && Attributes & FILE_ATTRIBUTE_DIRECTORY;
    SIZE_T Length = wcslen(To);

    if (Path == NULL)
        return NULL;
    if (IsDirectory)
        _snwprintf(Path, Characters, L"%s%s%s", To, Length != 0 && To[Length - 1] == L'\\' ? L"" : L"\\",
                FileName(From));
    else
        wcscpy(Path, To);
    return Path;
}

/* A copy that fails half way is removed again. */
static NTSTATUS CopyOpenFile(HANDLE Source, PCWSTR To, PULONGLONG Total)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    IO_STATUS_BLOCK IoStatus;
    HANDLE Target;
    NTSTATUS Status = OpenPath(To, FILE_GENERIC_WRITE | DELETE, FILE_OVERWRITE_IF, FILE_NON_DIRECTORY_FILE, &Target);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CopyBytes(Source, Target, Total);
    if (!NT_SUCCESS(Status))
        NtSetInformationFile(Target, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation);
    NtClose(Target);
    return Status;
}

static NTSTATUS FileIdentity(PCWSTR Path, PLARGE_INTEGER Identity)
{
    FILE_INTERNAL_INFORMATION Internal;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;
    NTSTATUS Status = OpenPath(Path, FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &File);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtQueryInformationFile(File, &IoStatus, &Internal, sizeof(Internal), FileInternalInformation);
    NtClose(File);
    *Identity = Internal.IndexNumber;
    return Status;
}

/* Overwriting a file with itself would empty it. */
static BOOLEAN IsSameFile(PCWSTR A, PCWSTR B)
{
    LARGE_INTEGER First, Second;

    return NT_SUCCESS(FileIdentity(A, &First)) && NT_SUCCESS(FileIdentity(B, &Second)) &&
            First.QuadPart == Second.QuadPart;
}

VOID CommandCopy(const COMMAND_LINE *Line)
{
    PCWSTR From = Line->Words[1];
    PWSTR To = TargetPath(From, Line->Words[2]);
    HANDLE Source;
    ULONGLONG Total;
    NTSTATUS Status;

    if (To == NULL)
        return;
    if (IsSameFile(From, To)) {
        PrintError(L"copy: %s: source and target are the same file\n", From);
        Free(To);
        return;
    }
    Status = OpenPath(From, FILE_GENERIC_READ, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &Source);
    if (!NT_SUCCESS(Status)) {
        Complain(L"copy", From, Status);
    } else {
        Status = CopyOpenFile(Source, To, &Total);
        if (NT_SUCCESS(Status))
            Print(L"%I64u bytes copied\n", Total);
        else
            Complain(L"copy", To, Status);
        NtClose(Source);
    }
    Free(To);
}

static NTSTATUS Rename(HANDLE File, PCWSTR To)
{
    UNICODE_STRING Name;
    PFILE_RENAME_INFORMATION Rename;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status = RtlDosPathNameToNtPathName_U_WithStatus(To, &Name, NULL, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    Rename = Allocate(sizeof(*Rename) + Name.Length);
    Status = STATUS_NO_MEMORY;
    if (Rename != NULL) {
        Rename->ReplaceIfExists = FALSE;
        Rename->FileNameLength = Name.Length;
        memcpy(Rename->FileName, Name.Buffer, Name.Length);
        Status = NtSetInformationFile(File, &IoStatus, Rename, sizeof(*Rename) + Name.Length, FileRenameInformation);
    }
    Free(Rename);
    RtlFreeUnicodeString(&Name);
    return Status;
}

/* Gives the file that Line's first argument names the path To, which is freed (NULL: no memory). */
static VOID MoveTo(const COMMAND_LINE *Line, PWSTR To)
{
    HANDLE File;
    NTSTATUS Status;

    if (To == NULL)
        return;
    Status = OpenPath(Line->Words[1], DELETE, FILE_OPEN, FILE_OPEN_REPARSE_POINT, &File);
    if (!NT_SUCCESS(Status)) {
        Complain(Line->Words[0], Line->Words[1], Status);
    } else {
        Status = Rename(File, To);
        if (!NT_SUCCESS(Status))
            Complain(Line->Words[0], To, Status);
        NtClose(File);
    }
    Free(To);
}

VOID CommandMove(const COMMAND_LINE *Line)
{
    MoveTo(Line, TargetPath(Line->Words[1], Line->Words[2]));
}

/* The new name is one in the file's own directory, as cmd's ren has it. */
VOID CommandRename(const COMMAND_LINE *Line)
{
    PCWSTR From = Line->Words[1], To = Line->Words[2];
    SIZE_T Directory = FileName(From) - From, Characters = Directory + wcslen(To) + 1;
    PWSTR Path;

    if (FileName(To) != To) {
        PrintError(L"ren: %s: a name without a directory is wanted (move takes paths)\n", To);
        return;
    }
    Path = Allocate(Characters * sizeof(WCHAR));
    if (Path != NULL) {
        memcpy(Path, From, Directory * sizeof(WCHAR));
        wcscpy(Path + Directory, To);
    }
    MoveTo(Line, Path);
}
