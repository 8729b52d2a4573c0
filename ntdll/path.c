/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DOS path names: kinds of paths, full paths, NT paths, the current directory.
 *
 * A full path is absolute, has backslashes only, and no ".", ".." or empty parts.  The current directory is kept in the
 * process parameters (DosPath, with its closing backslash, and an open handle that keeps the directory in use); the
 * PEB lock guards it.  Current directories of other drives are environment variables "=X:".
 */
#include "ntdllp.h"

#define MAX_DIRECTORY 1024
#define OWN_CHARS 512           /* full paths up to about that length need no heap; frames stay below a page */

static BOOLEAN RtlpIsSeparator(WCHAR Character)
{
    return Character == '\\' || Character == '/';
}

RTL_PATH_TYPE NTAPI RtlDetermineDosPathNameType_U(PCWSTR DosFileName)
{
    if (RtlpIsSeparator(DosFileName[0])) {
        if (!RtlpIsSeparator(DosFileName[1]))
            return RtlPathTypeRooted;
        if (DosFileName[2] != '.' && DosFileName[2] != '?')
            return RtlPathTypeUncAbsolute;
        if (RtlpIsSeparator(DosFileName[3]))
            return RtlPathTypeLocalDevice;
        return DosFileName[3] == 0 ? RtlPathTypeRootLocalDevice : RtlPathTypeUncAbsolute;
    }
    if (DosFileName[0] == 0 || DosFileName[1] != ':')
        return RtlPathTypeRelative;
    return RtlpIsSeparator(DosFileName[2]) ? RtlPathTypeDriveAbsolute : RtlPathTypeDriveRelative;
}

/* Length in characters of the device's name at Name, if that is a DOS device name alone (NUL, COM1, "nul .txt"). */
static ULONG RtlpDeviceName(PCWSTR Name, SIZE_T Length)
{
    static const PCWSTR Devices[] = { L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$" };
    SIZE_T Base = 0;

    while (Base < Length && Name[Base] != '.' && Name[Base] != ':')
        Base++;
    while (Base > 0 && Name[Base - 1] == ' ')
        Base--;
    for (ULONG Index = 0; Index < ARRAYSIZE(Devices); Index++)
        if (wcslen(Devices[Index]) == Base && _wcsnicmp(Devices[Index], Name, Base) == 0)
            return (ULONG)Base;
    if (Base == 4 && Name[3] >= '1' && Name[3] <= '9' &&
        (_wcsnicmp(Name, L"COM", 3) == 0 || _wcsnicmp(Name, L"LPT", 3) == 0))
        return 4;
    return 0;
}

/* Offset << 16 | length, both in bytes, of a DOS device name at the path's end; 0: none. */
ULONG NTAPI RtlIsDosDeviceName_U(PCWSTR DosFileName)
{
    RTL_PATH_TYPE Type = RtlDetermineDosPathNameType_U(DosFileName);
    SIZE_T Length = wcslen(DosFileName), Start = Length;
    ULONG Device;

    if (Type == RtlPathTypeLocalDevice && _wcsicmp(DosFileName, L"\\\\.\\CON") == 0)
        return MAKELONG(6, 8);
    if (Length == 0 || Type == RtlPathTypeLocalDevice || Type == RtlPathTypeRootLocalDevice ||
        Type == RtlPathTypeUncAbsolute || Type == RtlPathTypeUnknown)
        return 0;
    while (Start > 0 && !RtlpIsSeparator(DosFileName[Start - 1]))
        Start--;
    if (Start == 0 && DosFileName[0] != 0 && DosFileName[1] == ':')
        Start = 2;
    Device = RtlpDeviceName(DosFileName + Start, Length - Start);
    return Device != 0 ? (ULONG)(Start * sizeof(WCHAR)) << 16 | (ULONG)(Device * sizeof(WCHAR)) : 0;
}

/* --- full paths -------------------------------------------------------------------------------------------------- */

typedef struct _PATH_TEXT {
    PWSTR Buffer;               /* Own, or a heap block, in either case large enough for all that is appended */
    SIZE_T Length;              /* characters */
    SIZE_T Root;                /* characters that ".." does not remove */
    SIZE_T FilePart;            /* index; 0: there is none */
    WCHAR Own[OWN_CHARS];
} PATH_TEXT;

static VOID RtlpAppendPath(PATH_TEXT *Path, PCWSTR Text, SIZE_T Length)
{
    for (SIZE_T Index = 0; Index < Length; Index++)
        Path->Buffer[Path->Length++] = RtlpIsSeparator(Text[Index]) ? '\\' : Text[Index];
}

/* Removes the last part: C:\a\b\ -> C:\a\ */
static VOID RtlpRemovePart(PATH_TEXT *Path)
{
    if (Path->Length > Path->Root)
        Path->Length--;
    while (Path->Length > Path->Root && Path->Buffer[Path->Length - 1] != '\\')
        Path->Length--;
}

/* What stays of a part that is neither "." nor "..": the last one loses its dots and blanks at the end, others a dot that
 * stands there alone.  Source: "File path formats on Windows systems" (Microsoft). */
static SIZE_T RtlpTrimPart(PCWSTR Part, SIZE_T Length, BOOLEAN Last)
{
    if (!Last)
        return Length > 1 && Part[Length - 1] == '.' && Part[Length - 2] != '.' ? Length - 1 : Length;
    while (Length > 0 && (Part[Length - 1] == '.' || Part[Length - 1] == ' '))
        Length--;
    return Length;
}

/* Appends the parts of Text to a path that ends in a backslash. */
static VOID RtlpAppendParts(PATH_TEXT *Path, PCWSTR Text)
{
    while (*Text != 0) {
        BOOLEAN Last, Dots;
        SIZE_T Length = 0;

        while (Text[Length] != 0 && !RtlpIsSeparator(Text[Length]))
            Length++;
        Last = Text[Length] == 0;
        Dots = Length <= 2 && Text[0] == '.' && Text[Length - 1] == '.';
        if (Dots && Length == 2)
            RtlpRemovePart(Path);
        if (!Dots)
            RtlpAppendPath(Path, Text, RtlpTrimPart(Text, Length, Last));
        else if (Last && Path->Length > Path->Root)
            Path->Length--;
        if (!Dots && !Last)
            RtlpAppendPath(Path, L"\\", 1);
        Text += Length;
        while (RtlpIsSeparator(*Text))
            Text++;
    }
}

static PCUNICODE_STRING RtlpCurrentDirectory(VOID)
{
    return &NtCurrentPeb()->ProcessParameters->CurrentDirectory.DosPath;
}

/* Starts Path with the directory that a drive-relative path is relative to. */
static VOID RtlpStartAtDrive(PATH_TEXT *Path, WCHAR Drive)
{
    WCHAR Name[4] = { '=', RtlUpcaseUnicodeChar(Drive), ':', 0 }, Value[MAX_PATH], Root[3] = { Drive, ':', '\\' };
    PCUNICODE_STRING Current = RtlpCurrentDirectory();
    SIZE_T Length = 0;

    if (Current->Length >= 6 && Current->Buffer[1] == ':' &&
        RtlUpcaseUnicodeChar(Current->Buffer[0]) == RtlUpcaseUnicodeChar(Drive)) {
        RtlpAppendPath(Path, Current->Buffer, Current->Length / sizeof(WCHAR));
    } else if (NT_SUCCESS(RtlQueryEnvironmentVariable(NULL, Name, 3, Value, MAX_PATH, &Length)) && Length >= 3) {
        RtlpAppendPath(Path, Value, Length);
        if (!RtlpIsSeparator(Value[Length - 1]))
            RtlpAppendPath(Path, L"\\", 1);
    } else {
        RtlpAppendPath(Path, Root, 3);
    }
}

/* \\server\share\ is the root of a UNC path: length of the first two parts. */
static SIZE_T RtlpUncRoot(PCWSTR FileName)
{
    SIZE_T Length = 2;

    for (ULONG Part = 0; Part < 2; Part++) {
        while (FileName[Length] != 0 && !RtlpIsSeparator(FileName[Length]))
            Length++;
        if (FileName[Length] != 0)
            Length++;
    }
    return Length;
}

/* Writes the root of the full path; what of FileName remains is appended by parts. */
static PCWSTR RtlpStartPath(PATH_TEXT *Path, PCWSTR FileName)
{
    PCUNICODE_STRING Current = RtlpCurrentDirectory();
    SIZE_T Length;

    switch (RtlDetermineDosPathNameType_U(FileName)) {
    case RtlPathTypeUncAbsolute:
        Length = RtlpUncRoot(FileName);
        RtlpAppendPath(Path, FileName, Length);
        Path->Root = Length;
        return FileName + Length;
    case RtlPathTypeLocalDevice:
        RtlpAppendPath(Path, FileName, 4);
        Path->Root = 4;
        return FileName + 4;
    case RtlPathTypeRootLocalDevice:
        RtlpAppendPath(Path, L"\\\\.\\", 4);
        Path->Root = 4;
        return FileName + 3;
    case RtlPathTypeDriveAbsolute:
        RtlpAppendPath(Path, FileName, 2);
        RtlpAppendPath(Path, L"\\", 1);
        Path->Root = 3;
        return FileName + 3;
    case RtlPathTypeDriveRelative:
        RtlpStartAtDrive(Path, FileName[0]);
        Path->Root = 3;
        return FileName + 2;
    case RtlPathTypeRooted:
        RtlpAppendPath(Path, Current->Buffer, 2);
        RtlpAppendPath(Path, L"\\", 1);
        Path->Root = 3;
        return FileName + 1;
    default:
        RtlpAppendPath(Path, Current->Buffer, Current->Length / sizeof(WCHAR));
        Path->Root = Current->Length >= 6 && Current->Buffer[1] == ':' ? 3 : RtlpUncRoot(Current->Buffer);
        return FileName;
    }
}

static BOOLEAN RtlpIsBlank(PCWSTR Text)
{
    while (*Text == ' ')
        Text++;
    return *Text == 0;
}

/* The full path of FileName, terminated; RtlpFreePath afterwards.  STATUS_OBJECT_NAME_INVALID: nothing, or blanks. */
static __attribute__((noinline)) NTSTATUS RtlpMakeFullPath(PCWSTR FileName, PATH_TEXT *Path)
{
    ULONG Device = FileName != NULL ? RtlIsDosDeviceName_U(FileName) : 0;
    SIZE_T Room;
    PWSTR Last;

    Path->Buffer = Path->Own;
    Path->Length = Path->Root = Path->FilePart = 0;
    if (FileName == NULL || RtlpIsBlank(FileName))
        return STATUS_OBJECT_NAME_INVALID;
    RtlAcquirePebLock();
    Room = RtlpCurrentDirectory()->Length / sizeof(WCHAR) + MAX_PATH + wcslen(FileName) + 8;
    if (Room > OWN_CHARS)
        Path->Buffer = RtlpAllocate(Room * sizeof(WCHAR));
    if (Path->Buffer == NULL) {
        RtlReleasePebLock();
        return STATUS_NO_MEMORY;
    }
    if (Device != 0) {
        RtlpAppendPath(Path, L"\\\\.\\", 4);
        RtlpAppendPath(Path, FileName + HIWORD(Device) / sizeof(WCHAR), LOWORD(Device) / sizeof(WCHAR));
    } else {
        FileName = RtlpStartPath(Path, FileName);
        while (RtlpIsSeparator(*FileName))
            FileName++;
        RtlpAppendParts(Path, FileName);
    }
    RtlReleasePebLock();
    Path->Buffer[Path->Length] = 0;
    Last = wcsrchr(Path->Buffer, '\\');
    if (Device == 0 && Last != NULL && Last >= Path->Buffer + 2 && Last[1] != 0)
        Path->FilePart = (SIZE_T)(Last + 1 - Path->Buffer);
    return STATUS_SUCCESS;
}

static VOID RtlpFreePath(PATH_TEXT *Path)
{
    if (Path->Buffer != Path->Own && Path->Buffer != NULL)
        RtlpFree(Path->Buffer);
}

NTSTATUS RtlpGetFullPath(PCWSTR FileName, ULONG BufferLength, PWSTR Buffer, PWSTR *FilePart, PULONG Length)
{
    SIZE_T Bytes = 0;
    PATH_TEXT Path;
    NTSTATUS Status = RtlpMakeFullPath(FileName, &Path);

    if (FilePart != NULL)
        *FilePart = NULL;
    if (NT_SUCCESS(Status)) {
        Bytes = Path.Length * sizeof(WCHAR);
        if (Bytes + sizeof(WCHAR) > BufferLength) {
            Bytes += sizeof(WCHAR);
        } else {
            memcpy(Buffer, Path.Buffer, Bytes + sizeof(WCHAR));
            if (FilePart != NULL && Path.FilePart != 0)
                *FilePart = Buffer + Path.FilePart;
        }
    }
    RtlpFreePath(&Path);
    *Length = (ULONG)Bytes;
    return Status;
}

/* Bytes without the zero, or bytes needed with it; 0: there is no such path, or no memory. */
ULONG NTAPI RtlGetFullPathName_U(PCWSTR FileName, ULONG BufferLength, PWSTR Buffer, PWSTR *FilePart)
{
    ULONG Length;

    RtlpGetFullPath(FileName, BufferLength, Buffer, FilePart, &Length);
    return Length;
}

/* --- NT paths ---------------------------------------------------------------------------------------------------- */

/* Prefix + Rest; FilePart points into Rest, or is NULL. */
static NTSTATUS RtlpJoinNtPath(PCWSTR Prefix, PCWSTR Rest, PCWSTR FilePart, PUNICODE_STRING NtPathName, PWSTR *NtFileNamePart)
{
    SIZE_T Bytes = (wcslen(Prefix) + wcslen(Rest) + 1) * sizeof(WCHAR);

    if (Bytes > 0xfffe)
        return STATUS_NAME_TOO_LONG;
    NtPathName->Buffer = RtlpAllocate(Bytes);
    if (NtPathName->Buffer == NULL)
        return STATUS_NO_MEMORY;
    wcscpy(NtPathName->Buffer, Prefix);
    wcscat(NtPathName->Buffer, Rest);
    NtPathName->MaximumLength = (USHORT)Bytes;
    NtPathName->Length = (USHORT)(Bytes - sizeof(WCHAR));
    if (NtFileNamePart != NULL)
        *NtFileNamePart = FilePart != NULL ? NtPathName->Buffer + wcslen(Prefix) + (FilePart - Rest) : NULL;
    return STATUS_SUCCESS;
}

/* A name that is not changed: \\?\ and \??\. */
static NTSTATUS RtlpTakeVerbatim(PCWSTR Rest, PUNICODE_STRING NtPathName, PWSTR *NtFileNamePart)
{
    PCWSTR Last = wcsrchr(Rest, '\\'), Part = Last != NULL ? Last + 1 : Rest;

    return RtlpJoinNtPath(L"\\??\\", Rest, *Part != 0 ? Part : NULL, NtPathName, NtFileNamePart);
}

/* \??\ + full path (\??\UNC\ for a UNC path); \\?\ and \\.\ become \??\.  Freed with RtlFreeUnicodeString.
 * DIFFERS: RelativeName is cleared, not filled in: the NT path is always absolute. */
NTSTATUS NTAPI RtlDosPathNameToNtPathName_U_WithStatus(PCWSTR DosPathName, PUNICODE_STRING NtPathName,
        PWSTR *NtFileNamePart, PVOID RelativeName)
{
    PCWSTR Prefix = L"\\??\\";
    SIZE_T Skip = 0;
    NTSTATUS Status;
    PATH_TEXT Path;

    if (RelativeName != NULL)
        memset(RelativeName, 0, sizeof(UNICODE_STRING) + 2 * sizeof(HANDLE));
    if (DosPathName != NULL && (wcsncmp(DosPathName, L"\\\\?\\", 4) == 0 || wcsncmp(DosPathName, L"\\??\\", 4) == 0))
        return RtlpTakeVerbatim(DosPathName + 4, NtPathName, NtFileNamePart);
    Status = RtlpMakeFullPath(DosPathName, &Path);
    if (NT_SUCCESS(Status)) {
        if (Path.Buffer[0] == '\\' && Path.Buffer[1] == '\\') {
            Skip = Path.Buffer[2] == '.' && Path.Buffer[3] == '\\' ? 4 : 2;
            Prefix = Skip == 4 ? Prefix : L"\\??\\UNC\\";
        }
        Status = RtlpJoinNtPath(Prefix, Path.Buffer + Skip, Path.FilePart != 0 ? Path.Buffer + Path.FilePart : NULL, NtPathName, NtFileNamePart);
    }
    RtlpFreePath(&Path);
    return Status;
}

BOOL NTAPI RtlDosPathNameToNtPathName_U(PCWSTR DosPathName, PUNICODE_STRING NtPathName, PCWSTR *NtFileNamePart,
        VOID *DirectoryInfo)
{
    return NT_SUCCESS(RtlDosPathNameToNtPathName_U_WithStatus(DosPathName, NtPathName, (PWSTR *)NtFileNamePart,
            DirectoryInfo));
}

/* RelativeName gets a path below the current directory on Windows; here none, for the NT path is always absolute. */
NTSTATUS NTAPI RtlDosPathNameToRelativeNtPathName_U_WithStatus(PCWSTR DosPathName, PUNICODE_STRING NtPathName,
        PWSTR *NtFileNamePart, PVOID RelativeName)
{
    return RtlDosPathNameToNtPathName_U_WithStatus(DosPathName, NtPathName, NtFileNamePart, RelativeName);
}

BOOLEAN NTAPI RtlDosPathNameToRelativeNtPathName_U(PCWSTR DosPathName, PUNICODE_STRING NtPathName, PWSTR *NtFileNamePart,
        PVOID RelativeName)
{
    return NT_SUCCESS(RtlDosPathNameToNtPathName_U_WithStatus(DosPathName, NtPathName, NtFileNamePart, RelativeName));
}

/* A relative name holds nothing. */
VOID NTAPI RtlReleaseRelativeName(PVOID RelativeName)
{
}

BOOLEAN NTAPI RtlDoesFileExists_U(PCWSTR FileName)
{
    FILE_BASIC_INFORMATION Information;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING NtPath;
    NTSTATUS Status = RtlDosPathNameToNtPathName_U_WithStatus(FileName, &NtPath, NULL, NULL);

    if (!NT_SUCCESS(Status))
        return FALSE;
    InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtQueryAttributesFile(&Attributes, &Information);
    RtlFreeUnicodeString(&NtPath);
    return NT_SUCCESS(Status) || Status == STATUS_SHARING_VIOLATION || Status == STATUS_ACCESS_DENIED;
}

/* Searches the directories of Path (separated by semicolons; an empty one is the current directory) for FileName, with Extension
 * if it has none.  Bytes
 * written without the terminating zero, or bytes needed with it; 0: not found. */
ULONG NTAPI RtlDosSearchPath_U(PCWSTR Path, PCWSTR FileName, PCWSTR Extension, ULONG BufferLength, PWSTR Buffer,
        PWSTR *FilePart)
{
    WCHAR Candidate[MAX_DIRECTORY];
    BOOLEAN AddExtension = Extension != NULL && wcschr(FileName, '.') == NULL;
    SIZE_T NameLength = wcslen(FileName) + (AddExtension ? wcslen(Extension) : 0);
    BOOLEAN IsRelative = RtlDetermineDosPathNameType_U(FileName) == RtlPathTypeRelative;

    if (!IsRelative)
        return RtlDoesFileExists_U(FileName) ? RtlGetFullPathName_U(FileName, BufferLength, Buffer, FilePart) : 0;
    while (*Path != 0) {
        SIZE_T Length = wcscspn(Path, L";");

        if (Length + NameLength + 2 <= MAX_DIRECTORY) {
            memcpy(Candidate, Path, Length * sizeof(WCHAR));
            Candidate[Length] = 0;
            if (Length != 0 && !RtlpIsSeparator(Candidate[Length - 1]))
                wcscat(Candidate, L"\\");
            wcscat(Candidate, FileName);
            if (AddExtension)
                wcscat(Candidate, Extension);
            if (RtlDoesFileExists_U(Candidate))
                return RtlGetFullPathName_U(Candidate, BufferLength, Buffer, FilePart);
        }
        Path += Length + (Path[Length] != 0);
    }
    return 0;
}

/* --- current directory ------------------------------------------------------------------------------------------- */

/* Bytes without the closing backslash (but C:\ has it) and zero; too small: bytes needed with the zero. */
ULONG NTAPI RtlGetCurrentDirectory_U(ULONG BufferLength, PWSTR Buffer)
{
    PCUNICODE_STRING Current;
    SIZE_T Length;

    RtlAcquirePebLock();
    Current = RtlpCurrentDirectory();
    Length = Current->Length / sizeof(WCHAR);
    if (Length > 1 && Current->Buffer[Length - 1] == '\\' && Current->Buffer[Length - 2] != ':')
        Length--;
    if ((Length + 1) * sizeof(WCHAR) > BufferLength) {
        RtlReleasePebLock();
        return (ULONG)((Length + 1) * sizeof(WCHAR));
    }
    memcpy(Buffer, Current->Buffer, Length * sizeof(WCHAR));
    Buffer[Length] = 0;
    RtlReleasePebLock();
    return (ULONG)(Length * sizeof(WCHAR));
}

static NTSTATUS RtlpOpenDirectory(PCWSTR Path, PHANDLE Handle)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING NtPath;
    IO_STATUS_BLOCK Io;
    NTSTATUS Status = RtlDosPathNameToNtPathName_U_WithStatus(Path, &NtPath, NULL, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE | OBJ_INHERIT, NULL, NULL);
    Status = NtOpenFile(Handle, FILE_TRAVERSE | SYNCHRONIZE, &Attributes, &Io, FILE_SHARE_READ | FILE_SHARE_WRITE,
            FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT);
    RtlFreeUnicodeString(&NtPath);
    return Status;
}

/* Full: a directory's path; on success it is the current directory. */
static NTSTATUS RtlpChangeDirectory(PATH_TEXT *Full)
{
    static WCHAR Storage[MAX_DIRECTORY];
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    HANDLE New, Old;
    NTSTATUS Status;

    if (Full->Length + 2 > MAX_DIRECTORY)
        return STATUS_NAME_TOO_LONG;
    Status = RtlpOpenDirectory(Full->Buffer, &New);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Full->Buffer[Full->Length - 1] != '\\')
        wcscat(Full->Buffer, L"\\");
    RtlAcquirePebLock();
    Old = Parameters->CurrentDirectory.Handle;
    wcscpy(Storage, Full->Buffer);
    RtlInitUnicodeString(&Parameters->CurrentDirectory.DosPath, Storage);
    Parameters->CurrentDirectory.DosPath.MaximumLength = sizeof(Storage);
    Parameters->CurrentDirectory.Handle = New;
    RtlReleasePebLock();
    if (Old != NULL)
        NtClose(Old);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlSetCurrentDirectory_U(PCUNICODE_STRING PathName)
{
    WCHAR Given[MAX_DIRECTORY];
    PATH_TEXT Full;
    NTSTATUS Status;

    if (PathName->Length >= sizeof(Given))
        return STATUS_NAME_TOO_LONG;
    memcpy(Given, PathName->Buffer, PathName->Length);
    Given[PathName->Length / sizeof(WCHAR)] = 0;
    Status = RtlpMakeFullPath(Given, &Full);
    if (NT_SUCCESS(Status))
        Status = RtlpChangeDirectory(&Full);
    RtlpFreePath(&Full);
    return Status;
}

/* At process start: the directory that the parameters name, else the root of the system drive. */
VOID RtlpInitializeCurrentDirectory(VOID)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    UNICODE_STRING Wanted = Parameters->CurrentDirectory.DosPath;
    static WCHAR Root[4] = L"C:\\";

    if (Wanted.Length >= 2 * sizeof(WCHAR) && Wanted.Buffer[Wanted.Length / sizeof(WCHAR) - 1] == '\\')
        return;
    if (Wanted.Length >= 2 * sizeof(WCHAR) && NT_SUCCESS(RtlSetCurrentDirectory_U(&Wanted)))
        return;
    RtlInitUnicodeString(&Parameters->CurrentDirectory.DosPath, Root);
}
