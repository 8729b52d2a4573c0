/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Junctions and symbolic links: mklink, and what dir shows of them.
 */
#include "ntcmd.h"
#include "base/lib/reparse.h"

PCWSTR LinkKind(const FILE_BOTH_DIR_INFORMATION *Entry)
{
    if (!(Entry->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return NULL;
    if (Entry->EaSize == (ULONG)IO_REPARSE_TAG_MOUNT_POINT)
        return L"<JUNCTION>";
    if (Entry->EaSize != (ULONG)IO_REPARSE_TAG_SYMLINK)
        return NULL;
    return Entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY ? L"<SYMLINKD>" : L"<SYMLINK>";
}

/* The name to show lies where the volume says, which has checked that it lies in the data. */
static VOID PrintShownName(const LINK_POINT *Point)
{
    const UCHAR *Names = Point->Data + (Point->Tag == (ULONG)IO_REPARSE_TAG_SYMLINK ? sizeof(ULONG) : 0);
    UNICODE_STRING Shown = { Point->PrintNameLength, Point->PrintNameLength, (PWSTR)(Names + Point->PrintNameOffset) };

    if (Shown.Length == 0) {
        Shown.Length = Shown.MaximumLength = Point->SubstituteNameLength;
        Shown.Buffer = (PWSTR)(Names + Point->SubstituteNameOffset);
    }
    Print(L" [%.*s]", COUNTED(&Shown));
}

static NTSTATUS ReadLink(PCWSTR Path, LINK_POINT *Point)
{
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;
    NTSTATUS Status = OpenPath(Path, FILE_READ_ATTRIBUTES, FILE_OPEN, FILE_OPEN_REPARSE_POINT, &File);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtFsControlFile(File, NULL, NULL, NULL, &IoStatus, FSCTL_GET_REPARSE_POINT, NULL, 0, Point, sizeof(*Point));
    NtClose(File);
    return Status;
}

VOID PrintLinkTarget(PCWSTR Directory, PCUNICODE_STRING Name)
{
    SIZE_T Length = wcslen(Directory), Characters = Length + 1 + Name->Length / sizeof(WCHAR) + 1;
    LINK_POINT *Point = Allocate(sizeof(*Point));
    PWSTR Path = Allocate(Characters * sizeof(WCHAR));

    if (Point != NULL && Path != NULL) {
        wcscpy(Path, Directory);
        if (Length != 0 && Path[Length - 1] != L'\\')
            Path[Length++] = L'\\';
        memcpy(Path + Length, Name->Buffer, Name->Length);
        if (NT_SUCCESS(ReadLink(Path, Point)))
            PrintShownName(Point);
    }
    Free(Path);
    Free(Point);
}

/* Target as the link keeps it: a symbolic link to a relative name as it is, all else as an absolute name. */
static NTSTATUS FillPoint(LINK_POINT *Point, ULONG Tag, PCWSTR Target)
{
    RTL_PATH_TYPE Type = RtlDetermineDosPathNameType_U(Target);
    UNICODE_STRING Name;
    NTSTATUS Status;

    if (wcslen(Target) > MAX_PATH_CHARACTERS)
        return STATUS_NAME_TOO_LONG;
    if (Tag == (ULONG)IO_REPARSE_TAG_SYMLINK && (Type == RtlPathTypeRelative || Type == RtlPathTypeRooted)) {
        MakeLink(Point, Tag, SYMLINK_FLAG_RELATIVE, Target, Target);
        return STATUS_SUCCESS;
    }
    Status = RtlDosPathNameToNtPathName_U_WithStatus(Target, &Name, NULL, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Name.Length > 2 * MAX_PATH_CHARACTERS * sizeof(WCHAR))
        Status = STATUS_NAME_TOO_LONG;
    else
        MakeLink(Point, Tag, 0, Name.Buffer, Target);
    RtlFreeUnicodeString(&Name);
    return Status;
}

/* A new, empty file or directory that becomes the link; if it cannot, it goes again. */
static NTSTATUS PlaceLink(PCWSTR Path, LINK_POINT *Point, BOOLEAN Directory)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    IO_STATUS_BLOCK IoStatus;
    BOOLEAN Old;
    HANDLE File;
    NTSTATUS Status = OpenPath(Path, FILE_WRITE_ATTRIBUTES | DELETE, FILE_CREATE, FILE_OPEN_REPARSE_POINT |
                               (Directory ? FILE_DIRECTORY_FILE : FILE_NON_DIRECTORY_FILE), &File);

    if (!NT_SUCCESS(Status))
        return Status;
    /* Who lacks the privilege is told so by the volume. */
    RtlAdjustPrivilege(SE_CREATE_SYMBOLIC_LINK_PRIVILEGE, TRUE, FALSE, &Old);
    Status = NtFsControlFile(File, NULL, NULL, NULL, &IoStatus, FSCTL_SET_REPARSE_POINT, Point, POINT_LENGTH(Point), NULL, 0);
    if (!NT_SUCCESS(Status))
        NtSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation);
    NtClose(File);
    return Status;
}

VOID CommandMakeLink(const COMMAND_LINE *Line)
{
    BOOLEAN Junction = Line->WordCount == 4 && _wcsicmp(Line->Words[1], L"/j") == 0;
    BOOLEAN Directory = Junction || (Line->WordCount == 4 && _wcsicmp(Line->Words[1], L"/d") == 0);
    PCWSTR Path = Line->Words[Line->WordCount - 2];
    LINK_POINT *Point;
    NTSTATUS Status;

    if (Line->WordCount == 4 && !Directory) {
        PrintError(L"usage: %s\n", FindCommand(Line->Words[0])->Usage);
        return;
    }
    Point = Allocate(sizeof(*Point));
    if (Point == NULL) {
        Complain(L"mklink", Path, STATUS_NO_MEMORY);
        return;
    }
    Status = FillPoint(Point, Junction ? (ULONG)IO_REPARSE_TAG_MOUNT_POINT : (ULONG)IO_REPARSE_TAG_SYMLINK,
                       Line->Words[Line->WordCount - 1]);
    if (NT_SUCCESS(Status))
        Status = PlaceLink(Path, Point, Directory);
    if (!NT_SUCCESS(Status))
        Complain(L"mklink", Path, Status);
    Free(Point);
}
