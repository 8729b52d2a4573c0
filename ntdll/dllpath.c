/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where DLLs and programs are looked for: lists of directories separated by semicolons, and the settings behind them.
 *
 * The default list: the program's directory (or the module's), the directory of LdrSetDllDirectory or else the current
 * one behind the system's, PATH.  With LOAD_LIBRARY_SEARCH_ flags, in the call or from LdrSetDefaultDllDirectories, the
 * list has only the directories that they name.  Settings are the process's, under RtlpDirectoryLock.
 * Source: Microsoft, "Dynamic-link library search order".
 */
#include "ntdllp.h"

#ifndef LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR
#define LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR 0x100
#define LOAD_LIBRARY_SEARCH_APPLICATION_DIR 0x200
#define LOAD_LIBRARY_SEARCH_USER_DIRS 0x400
#define LOAD_LIBRARY_SEARCH_SYSTEM32 0x800
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS 0x1000
#endif
#define SEARCH_FLAGS 0x1f00u

typedef struct _USER_DIRECTORY {
    LIST_ENTRY Links;
    UNICODE_STRING Path;
} USER_DIRECTORY, *PUSER_DIRECTORY;

static RTL_SRWLOCK RtlpDirectoryLock;
static UNICODE_STRING LdrpDllDirectory;         /* Buffer NULL: not set; of no length: no current directory */
static LIST_ENTRY LdrpUserDirectories = { &LdrpUserDirectories, &LdrpUserDirectories };
static ULONG LdrpDefaultSearchFlags;
static volatile LONG RtlpSearchMode;            /* flags of RtlSetSearchPathMode; 0: not set, which is unsafe */

/* --- lists ------------------------------------------------------------------------------------------------------- */

/* With Text NULL only the length is counted. */
typedef struct _PATH_LIST {
    PWSTR Text;
    SIZE_T Length;
} PATH_LIST, *PPATH_LIST;

static VOID LdrpAppendPart(PPATH_LIST List, PCWSTR Part, SIZE_T Length)
{
    if (Length == 0)
        return;
    if (List->Text != NULL) {
        memcpy(List->Text + List->Length, Part, Length * sizeof(WCHAR));
        List->Text[List->Length + Length] = ';';
    }
    List->Length += Length + 1;
}

static VOID LdrpAppendDirectoryOf(PPATH_LIST List, PCWSTR File, SIZE_T Length)
{
    while (Length > 0 && File[Length - 1] != '\\' && File[Length - 1] != '/')
        Length--;
    LdrpAppendPart(List, File, Length);
}

static VOID LdrpAppendProgramDirectory(PPATH_LIST List)
{
    PCUNICODE_STRING Program = &NtCurrentPeb()->ProcessParameters->ImagePathName;

    LdrpAppendDirectoryOf(List, Program->Buffer, Program->Length / sizeof(WCHAR));
}

static VOID LdrpAppendSystem(PPATH_LIST List)
{
    WCHAR System[MAX_PATH];

    RtlpGetSystemDirectory(System, MAX_PATH);
    LdrpAppendPart(List, System, wcslen(System));
}

/* The last part.  Its length may change between counting and writing: it gets the room that was counted. */
static VOID LdrpAppendEnvironmentPath(PPATH_LIST List, SIZE_T Room)
{
    SIZE_T Length = 0;

    if (List->Text == NULL) {
        RtlQueryEnvironmentVariable(NULL, L"PATH", 4, NULL, 0, &Length);
        List->Length += Length;
    } else if (Room != 0 && NT_SUCCESS(RtlQueryEnvironmentVariable(NULL, L"PATH", 4, List->Text + List->Length, Room,
                                                                   &Length))) {
        List->Length += Length;
    }
}

/* What a list is made of. */
typedef struct _PATH_CHOICE {
    PCWSTR Module;              /* its directory takes the place of the program's; or NULL */
    BOOLEAN CurrentFirst;
    BOOLEAN ForDlls;            /* LdrSetDllDirectory counts */
    ULONG SearchFlags;          /* not 0: only these */
} PATH_CHOICE;

static VOID LdrpAppendChosen(PPATH_LIST List, const PATH_CHOICE *Choice)
{
    ULONG Flags = Choice->SearchFlags;

    if (Flags & LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
        Flags |= LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_USER_DIRS | LOAD_LIBRARY_SEARCH_SYSTEM32;
    if (Flags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR && Choice->Module != NULL)
        LdrpAppendDirectoryOf(List, Choice->Module, wcslen(Choice->Module));
    if (Flags & LOAD_LIBRARY_SEARCH_APPLICATION_DIR)
        LdrpAppendProgramDirectory(List);
    for (PLIST_ENTRY Link = LdrpUserDirectories.Flink;
         Flags & LOAD_LIBRARY_SEARCH_USER_DIRS && Link != &LdrpUserDirectories; Link = Link->Flink) {
        PUSER_DIRECTORY Directory = CONTAINING_RECORD(Link, USER_DIRECTORY, Links);

        LdrpAppendPart(List, Directory->Path.Buffer, Directory->Path.Length / sizeof(WCHAR));
    }
    if (Flags & LOAD_LIBRARY_SEARCH_USER_DIRS)
        LdrpAppendPart(List, LdrpDllDirectory.Buffer, LdrpDllDirectory.Length / sizeof(WCHAR));
    if (Flags & LOAD_LIBRARY_SEARCH_SYSTEM32)
        LdrpAppendSystem(List);
}

static VOID LdrpAppendUsual(PPATH_LIST List, const PATH_CHOICE *Choice, SIZE_T Room)
{
    PCWSTR Windows = (PCWSTR)USER_SHARED_DATA->NtSystemRoot;
    BOOLEAN HasDllDirectory = Choice->ForDlls && LdrpDllDirectory.Buffer != NULL;

    if (Choice->Module != NULL)
        LdrpAppendDirectoryOf(List, Choice->Module, wcslen(Choice->Module));
    else
        LdrpAppendProgramDirectory(List);
    if (HasDllDirectory)
        LdrpAppendPart(List, LdrpDllDirectory.Buffer, LdrpDllDirectory.Length / sizeof(WCHAR));
    else if (Choice->CurrentFirst)
        LdrpAppendPart(List, L".", 1);
    LdrpAppendSystem(List);
    LdrpAppendPart(List, Windows, wcsnlen(Windows, MAX_PATH));
    if (!HasDllDirectory && !Choice->CurrentFirst)
        LdrpAppendPart(List, L".", 1);
    LdrpAppendEnvironmentPath(List, Room > List->Length ? Room - List->Length : 0);
}

static VOID LdrpAppendAll(PPATH_LIST List, const PATH_CHOICE *Choice, SIZE_T Room)
{
    if (Choice->SearchFlags != 0)
        LdrpAppendChosen(List, Choice);
    else
        LdrpAppendUsual(List, Choice, Room);
}

/* *Path is freed with RtlReleasePath. */
static NTSTATUS LdrpBuildSearchPath(const PATH_CHOICE *Choice, PWSTR *Path)
{
    PATH_LIST List = { NULL, 0 };
    SIZE_T Room;

    RtlAcquireSRWLockShared(&RtlpDirectoryLock);
    LdrpAppendAll(&List, Choice, 0);
    Room = List.Length + 1;
    List.Length = 0;
    List.Text = RtlAllocateHeap(RtlProcessHeap(), 0, Room * sizeof(WCHAR));
    if (List.Text != NULL)
        LdrpAppendAll(&List, Choice, Room);
    RtlReleaseSRWLockShared(&RtlpDirectoryLock);
    if (List.Text == NULL)
        return STATUS_NO_MEMORY;
    if (List.Length > 0 && List.Text[List.Length - 1] == ';')
        List.Length--;
    List.Text[List.Length] = 0;
    *Path = List.Text;
    return STATUS_SUCCESS;
}

static BOOLEAN LdrpIsAbsolute(PCWSTR Path)
{
    RTL_PATH_TYPE Type = RtlDetermineDosPathNameType_U(Path);

    return Type == RtlPathTypeDriveAbsolute || Type == RtlPathTypeUncAbsolute || Type == RtlPathTypeLocalDevice;
}

/* The list for loading Module with the LOAD_ Flags of LoadLibraryEx.  STATUS_INVALID_PARAMETER: two kinds of search, or
 * the directory of a module whose path is not absolute. */
NTSTATUS NTAPI LdrGetDllPath(PCWSTR Module, ULONG Flags, PWSTR *Path, PWSTR *Unknown)
{
    PATH_CHOICE Choice = { .ForDlls = TRUE, .SearchFlags = Flags & SEARCH_FLAGS };
    BOOLEAN Altered = (Flags & LOAD_WITH_ALTERED_SEARCH_PATH_FLAG) != 0, Absolute = FALSE;

    *Unknown = NULL;
    if (Altered && Choice.SearchFlags != 0)
        return STATUS_INVALID_PARAMETER;
    if (Altered || Choice.SearchFlags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR)
        Absolute = Module != NULL && LdrpIsAbsolute(Module);
    if (Choice.SearchFlags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR && !Absolute)
        return STATUS_INVALID_PARAMETER;
    if (Absolute)
        Choice.Module = Module;
    if (!Altered && Choice.SearchFlags == 0)
        Choice.SearchFlags = LdrpDefaultSearchFlags;
    return LdrpBuildSearchPath(&Choice, Path);
}

NTSTATUS NTAPI RtlGetSearchPath(PWSTR *Path)
{
    PATH_CHOICE Choice = { .CurrentFirst = !(RtlpSearchMode & BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG) };

    return LdrpBuildSearchPath(&Choice, Path);
}

NTSTATUS NTAPI RtlGetExePath(PCWSTR Name, PWSTR *Path)
{
    PATH_CHOICE Choice = { .CurrentFirst = TRUE };

    return LdrpBuildSearchPath(&Choice, Path);
}

VOID NTAPI RtlReleasePath(PWSTR Path)
{
    RtlFreeHeap(RtlProcessHeap(), 0, Path);
}

/* --- settings ---------------------------------------------------------------------------------------------------- */

/* Where RtlGetSearchPath puts the current directory: behind the system's (safe), or before.  A permanent safe mode
 * cannot be changed: STATUS_ACCESS_DENIED.  STATUS_INVALID_PARAMETER.  Source: SetSearchPathMode. */
NTSTATUS NTAPI RtlSetSearchPathMode(ULONG Flags)
{
    if (Flags != BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG && Flags != BASE_SEARCH_PATH_DISABLE_SAFE_SEARCHMODE_FLAG &&
        Flags != (BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG | BASE_SEARCH_PATH_PERMANENT_FLAG))
        return STATUS_INVALID_PARAMETER;
    if (RtlpSearchMode & BASE_SEARCH_PATH_PERMANENT_FLAG)
        return STATUS_ACCESS_DENIED;
    InterlockedExchange(&RtlpSearchMode, (LONG)Flags);
    return STATUS_SUCCESS;
}

/* Flags: LOAD_LIBRARY_SEARCH_ without DLL_LOAD_DIR, for loads that have none. */
NTSTATUS NTAPI LdrSetDefaultDllDirectories(ULONG Flags)
{
    if (Flags == 0 || Flags & ~(SEARCH_FLAGS & ~(ULONG)LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR))
        return STATUS_INVALID_PARAMETER;
    LdrpDefaultSearchFlags = Flags;
    return STATUS_SUCCESS;
}

/* Takes the current directory's place; an empty path takes it out; NULL or no buffer: as at the start. */
NTSTATUS NTAPI LdrSetDllDirectory(PCUNICODE_STRING DllDirectory)
{
    UNICODE_STRING New = { 0 }, Old;
    NTSTATUS Status = STATUS_SUCCESS;

    if (DllDirectory != NULL && DllDirectory->Buffer != NULL)
        Status = RtlDuplicateUnicodeString(RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE |
                                           RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING, DllDirectory, &New);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlAcquireSRWLockExclusive(&RtlpDirectoryLock);
    Old = LdrpDllDirectory;
    LdrpDllDirectory = New;
    RtlReleaseSRWLockExclusive(&RtlpDirectoryLock);
    RtlFreeUnicodeString(&Old);
    return STATUS_SUCCESS;
}

/* STATUS_BUFFER_TOO_SMALL: Length is the number of bytes that are needed, with the zero at the end. */
NTSTATUS NTAPI LdrGetDllDirectory(PUNICODE_STRING DllDirectory)
{
    NTSTATUS Status = STATUS_SUCCESS;

    RtlAcquireSRWLockShared(&RtlpDirectoryLock);
    DllDirectory->Length = LdrpDllDirectory.Length + sizeof(WCHAR);
    if (DllDirectory->MaximumLength < DllDirectory->Length) {
        Status = STATUS_BUFFER_TOO_SMALL;
    } else if (LdrpDllDirectory.Buffer != NULL) {
        RtlCopyUnicodeString(DllDirectory, &LdrpDllDirectory);
    } else {
        DllDirectory->Length = 0;
        DllDirectory->Buffer[0] = 0;
    }
    RtlReleaseSRWLockShared(&RtlpDirectoryLock);
    return Status;
}

/* NewDirectory: an absolute path of a directory that exists.  *Cookie is for LdrRemoveDllDirectory. */
NTSTATUS NTAPI LdrAddDllDirectory(PCUNICODE_STRING NewDirectory, PVOID *Cookie)
{
    PUSER_DIRECTORY Directory;
    NTSTATUS Status = STATUS_SUCCESS;

    Directory = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Directory));
    if (Directory == NULL)
        return STATUS_NO_MEMORY;
    Status = RtlDuplicateUnicodeString(RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE |
                                       RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING, NewDirectory,
                                       &Directory->Path);
    if (NT_SUCCESS(Status) && !LdrpIsAbsolute(Directory->Path.Buffer))
        Status = STATUS_INVALID_PARAMETER;
    else if (NT_SUCCESS(Status) && !RtlDoesFileExists_U(Directory->Path.Buffer))
        Status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (!NT_SUCCESS(Status)) {
        RtlFreeUnicodeString(&Directory->Path);
        RtlFreeHeap(RtlProcessHeap(), 0, Directory);
        return Status;
    }
    RtlAcquireSRWLockExclusive(&RtlpDirectoryLock);
    InsertHeadList(&LdrpUserDirectories, &Directory->Links);
    RtlReleaseSRWLockExclusive(&RtlpDirectoryLock);
    *Cookie = Directory;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI LdrRemoveDllDirectory(PVOID Cookie)
{
    PUSER_DIRECTORY Found = NULL;

    RtlAcquireSRWLockExclusive(&RtlpDirectoryLock);
    for (PLIST_ENTRY Link = LdrpUserDirectories.Flink; Link != &LdrpUserDirectories && Found == NULL; Link = Link->Flink)
        if (CONTAINING_RECORD(Link, USER_DIRECTORY, Links) == Cookie)
            Found = Cookie;
    if (Found != NULL)
        RemoveEntryList(&Found->Links);
    RtlReleaseSRWLockExclusive(&RtlpDirectoryLock);
    if (Found == NULL)
        return STATUS_INVALID_PARAMETER;
    RtlFreeUnicodeString(&Found->Path);
    RtlFreeHeap(RtlProcessHeap(), 0, Found);
    return STATUS_SUCCESS;
}
