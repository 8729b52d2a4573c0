/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a name to a module: search, loading with everything that is imported, the entry points for it.
 *
 * A load maps the image (map.c), enters it in the lists (modules.c) and resolves its imports (snap.c), which loads more.
 * Entry points run when all of that is there (attach.c).  A use that is given back may unload (unload.c).  All under the
 * loader lock.
 *
 * Search order for a name without a path: modules that are loaded already, the caller's search path or the default one
 * (dllpath.c).  What a load imports is looked for as the caller's module is.
 */
#include "ntdllp.h"

#define LDRP_MAX_PATH 1024

typedef struct _LDRP_SEARCH {
    UNICODE_STRING Path;                /* the candidate, a DOS path; Buffer has LDRP_MAX_PATH characters */
    HANDLE File;
} LDRP_SEARCH;

/* --- search ------------------------------------------------------------------------------------------------------ */

static NTSTATUS LdrpOpenImage(PCWSTR DosPath, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Io;
    UNICODE_STRING NtPath;
    NTSTATUS Status = RtlDosPathNameToNtPathName_U_WithStatus(DosPath, &NtPath, NULL, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtOpenFile(File, FILE_EXECUTE | FILE_READ_DATA | SYNCHRONIZE, &Attributes, &Io,
            FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE);
    RtlFreeUnicodeString(&NtPath);
    return Status;
}

static BOOLEAN LdrpIsAbsent(NTSTATUS Status)
{
    return Status == STATUS_OBJECT_NAME_NOT_FOUND || Status == STATUS_OBJECT_PATH_NOT_FOUND ||
           Status == STATUS_NO_SUCH_FILE || Status == STATUS_OBJECT_NAME_INVALID ||
           Status == STATUS_OBJECT_PATH_SYNTAX_BAD || Status == STATUS_NOT_A_DIRECTORY ||
           Status == STATUS_FILE_IS_A_DIRECTORY || Status == STATUS_OBJECT_TYPE_MISMATCH;
}

/* Tries Directory (of Length characters) + Name; STATUS_DLL_NOT_FOUND: go on with the next directory. */
static NTSTATUS LdrpTryDirectory(LDRP_SEARCH *Search, PCWSTR Directory, SIZE_T Length, PCUNICODE_STRING Name)
{
    WCHAR Candidate[LDRP_MAX_PATH];
    SIZE_T NameLength = Name->Length / sizeof(WCHAR);
    ULONG Bytes;
    NTSTATUS Status;

    if (Length + NameLength + 2 > LDRP_MAX_PATH)
        return STATUS_DLL_NOT_FOUND;
    memcpy(Candidate, Directory, Length * sizeof(WCHAR));
    if (Length != 0 && Candidate[Length - 1] != '\\' && Candidate[Length - 1] != '/')
        Candidate[Length++] = '\\';
    memcpy(Candidate + Length, Name->Buffer, NameLength * sizeof(WCHAR));
    Candidate[Length + NameLength] = 0;
    Status = RtlpGetFullPath(Candidate, LDRP_MAX_PATH * sizeof(WCHAR), Search->Path.Buffer, NULL, &Bytes);
    if (Status == STATUS_NO_MEMORY)
        return Status;
    if (!NT_SUCCESS(Status) || Bytes >= LDRP_MAX_PATH * sizeof(WCHAR))
        return STATUS_DLL_NOT_FOUND;
    Search->Path.Length = (USHORT)Bytes;
    if (LdrpFindByFullName(&Search->Path) != NULL)
        return STATUS_SUCCESS;
    Status = LdrpOpenImage(Search->Path.Buffer, &Search->File);
    return LdrpIsAbsent(Status) ? STATUS_DLL_NOT_FOUND : Status;
}

/* Tries each directory of a list separated by semicolons. */
static NTSTATUS LdrpTryPath(LDRP_SEARCH *Search, PCWSTR Path, PCUNICODE_STRING Name)
{
    NTSTATUS Status = STATUS_DLL_NOT_FOUND;

    while (*Path != 0 && Status == STATUS_DLL_NOT_FOUND) {
        SIZE_T Length = wcscspn(Path, L";");

        if (Length != 0)
            Status = LdrpTryDirectory(Search, Path, Length, Name);
        Path += Length + (Path[Length] != 0);
    }
    return Status;
}

static NTSTATUS LdrpTryDefaultDirectories(LDRP_SEARCH *Search, PCUNICODE_STRING Name)
{
    PWSTR Path, Unknown;
    NTSTATUS Status = LdrGetDllPath(NULL, 0, &Path, &Unknown);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpTryPath(Search, Path, Name);
    RtlReleasePath(Path);
    return Status;
}

static BOOLEAN LdrpHasPath(PCUNICODE_STRING Name)
{
    for (ULONG Index = 0; Index < Name->Length / sizeof(WCHAR); Index++)
        if (Name->Buffer[Index] == '\\' || Name->Buffer[Index] == '/' || Name->Buffer[Index] == ':')
            return TRUE;
    return FALSE;
}

/* Copies Name to Buffer (of MAX_PATH characters) as a file name: ".dll" is added if it has no extension, and a
 * closing dot is taken off.  API sets become their host. */
static NTSTATUS LdrpFileName(PCUNICODE_STRING Name, PUNICODE_STRING File)
{
    SIZE_T Length = Name->Length / sizeof(WCHAR);
    BOOLEAN HasExtension = FALSE;
    UNICODE_STRING Host;

    if (LdrpResolveApiSet(Name, &Host)) {
        if (Host.Length == 0 || Host.Length > File->MaximumLength)
            return STATUS_DLL_NOT_FOUND;
        RtlCopyUnicodeString(File, &Host);
        return STATUS_SUCCESS;
    }
    if (Length == 0)
        return STATUS_INVALID_PARAMETER;
    if (Name->Length + 5 * sizeof(WCHAR) > File->MaximumLength)
        return STATUS_NAME_TOO_LONG;
    RtlCopyUnicodeString(File, Name);
    for (SIZE_T Index = Length; Index > 0 && !HasExtension; Index--) {
        if (Name->Buffer[Index - 1] == '\\' || Name->Buffer[Index - 1] == '/')
            break;
        HasExtension = Name->Buffer[Index - 1] == '.';
    }
    if (Name->Buffer[Length - 1] == '.') {
        File->Length -= sizeof(WCHAR);
        File->Buffer[File->Length / sizeof(WCHAR)] = 0;
        return STATUS_SUCCESS;
    }
    return HasExtension ? STATUS_SUCCESS : RtlAppendUnicodeToString(File, L".dll");
}

/* --- loading ----------------------------------------------------------------------------------------------------- */

LDRP_THREAD_INIT_THUNK LdrpThreadInitThunk;

/* The module that threads start through and that handles control events, once it is there. */
static VOID LdrpFindThreadInitThunk(PLDRP_MODULE Module)
{
    static const UNICODE_STRING Kernel32 = RTL_CONSTANT_UNICODE_STRING(L"kernel32.dll");

    if (LdrpThreadInitThunk != NULL || !RtlEqualUnicodeString(&Module->Entry.BaseDllName, &Kernel32, TRUE) ||
        !NT_SUCCESS(LdrpGetExport(Module, "BaseThreadInitThunk", 0, (PVOID *)&LdrpThreadInitThunk)))
        return;
    LdrpSetUses(Module, LDRP_PINNED);
    if (!NT_SUCCESS(LdrpGetExport(Module, "CtrlRoutine", 0, (PVOID *)&LdrpControlRoutine)))
        LdrpControlRoutine = NULL;
}

/* Resolves the imports of a new module; it waits behind them for its initialisation. */
static NTSTATUS LdrpSnap(PLDRP_MODULE Module)
{
    NTSTATUS Status;

    if (Module->Snapped)
        return STATUS_SUCCESS;
    Module->Snapped = TRUE;
    Status = LdrpResolveImports(Module);
    if (NT_SUCCESS(Status))
        Status = LdrpAddTls(Module);
    if (!NT_SUCCESS(Status))
        return Status;
    LdrpAwaitInitialization(Module);
    LdrpFindThreadInitThunk(Module);
    return STATUS_SUCCESS;
}

/* Maps the file; its imports are not resolved yet. */
static NTSTATUS LdrpEnterImage(LDRP_SEARCH *Search, PLDRP_MODULE *Module)
{
    PVOID Base;
    NTSTATUS Status = LdrpMapFile(Search->File, &Base);

    NtClose(Search->File);
    if (!NT_SUCCESS(Status))
        return Status;
    *Module = LdrpInsertModule(Base, &Search->Path);
    if (*Module == NULL) {
        NtUnmapViewOfSection(NtCurrentProcess(), Base);
        return STATUS_NO_MEMORY;
    }
    LdrpReference(*Module);
    LdrpTrace("ldr: %wZ at %p\n", &(*Module)->Entry.FullDllName, Base);
    return STATUS_SUCCESS;
}

/* Finds or maps the module and takes one use of it.  A relative path is looked for in the search path's directories, as a file name is.
 * STATUS_DLL_NOT_FOUND, STATUS_INVALID_IMAGE_FORMAT, STATUS_NO_MEMORY. */
static NTSTATUS LdrpMapModule(PCWSTR SearchPath, PCUNICODE_STRING Name, PLDRP_MODULE *Module)
{
    WCHAR NameBuffer[MAX_PATH + 8], PathBuffer[LDRP_MAX_PATH];
    UNICODE_STRING File = { 0, sizeof(NameBuffer), NameBuffer };
    LDRP_SEARCH Search = { { 0, sizeof(PathBuffer), PathBuffer }, NULL };
    BOOLEAN HasPath = LdrpHasPath(Name);
    NTSTATUS Status = LdrpFileName(Name, &File);

    *Module = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    if (!HasPath)
        *Module = LdrpFindByBaseName(&File);
    if (*Module == NULL) {
        if (RtlDetermineDosPathNameType_U(File.Buffer) != RtlPathTypeRelative)
            Status = LdrpTryDirectory(&Search, L"", 0, &File);
        else if (SearchPath != NULL)
            Status = LdrpTryPath(&Search, SearchPath, &File);
        else
            Status = LdrpTryDefaultDirectories(&Search, &File);
        if (!NT_SUCCESS(Status)) {
            LdrpTrace("ldr: %wZ: status %08x\n", &File, Status);
            return Status;
        }
        if (Search.File != NULL)
            return LdrpEnterImage(&Search, Module);
        *Module = LdrpFindByFullName(&Search.Path);
    }
    LdrpReference(*Module);
    return STATUS_SUCCESS;
}

/* Where the load that is under way looks for modules; NULL: in the default directories. */
static PCWSTR LdrpLoadPath;

/* Finds or loads the module and takes one use of it.  Its initialiser has not run: the caller does that when the
 * whole graph is there.  What LdrpMapModule says, and STATUS_ENTRYPOINT_NOT_FOUND, STATUS_ORDINAL_NOT_FOUND. */
NTSTATUS LdrpLoadModule(PCUNICODE_STRING Name, PLDRP_MODULE *Module)
{
    NTSTATUS Status = LdrpMapModule(LdrpLoadPath, Name, Module);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpSnap(*Module);
    if (!NT_SUCCESS(Status))
        LdrpDereference(*Module);
    return Status;
}

/* --- entry points ------------------------------------------------------------------------------------------------ */

#define DONT_RESOLVE_DLL_REFERENCES 0x1

static BOOLEAN LdrpReadCharacteristics(PVOID Place, PVOID Value, PVOID Unused)
{
    *(PULONG)Value = *(PULONG)Place;
    return TRUE;
}

/* DONT_RESOLVE_DLL_REFERENCES reaches LdrLoadDll as IMAGE_FILE_EXECUTABLE_IMAGE by pointer (Windows), or the flags of
 * LoadLibraryEx come by value (a value below 64 KiB cannot be a pointer).  STATUS_INVALID_PARAMETER: flags that are none. */
static NTSTATUS LdrpWantsImports(PULONG DllCharacteristics, PBOOLEAN Wants)
{
    ULONG Value = 0;

    if ((ULONG_PTR)DllCharacteristics < 0x10000)
        *Wants = !((ULONG_PTR)DllCharacteristics & DONT_RESOLVE_DLL_REFERENCES);
    else if (RtlpCallGuarded(LdrpReadCharacteristics, DllCharacteristics, &Value, NULL))
        *Wants = !(Value & IMAGE_FILE_EXECUTABLE_IMAGE);
    else
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* SearchPath: directories separated by semicolons; NULL or a flag value (odd, small) means the default order. */
static PCWSTR LdrpSearchPathOf(PCWSTR SearchPath)
{
    return (ULONG_PTR)SearchPath < 0x10000 ? NULL : SearchPath;
}

/* The module with what it imports, initialised. */
static NTSTATUS LdrpLoadWithImports(PCWSTR SearchPath, PCUNICODE_STRING Name, PLDRP_MODULE *Module)
{
    NTSTATUS Status;

    LdrpLoadPath = SearchPath;
    Status = LdrpLoadModule(Name, Module);
    LdrpLoadPath = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpInitializeGraph(*Module);
    if (!NT_SUCCESS(Status))
        LdrpDereference(*Module);
    return Status;
}

/* Without its imports a module has no thread-local storage either, and nobody calls its entry point: not even when it is
 * loaded once more as usual, as on Windows. */
NTSTATUS NTAPI LdrLoadDll(PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName, PVOID *BaseAddress)
{
    PLDRP_MODULE Module;
    BOOLEAN WantsImports;
    NTSTATUS Status = LdrpWantsImports(DllCharacteristics, &WantsImports);

    if (!NT_SUCCESS(Status)) {
        *BaseAddress = NULL;
        return Status;
    }
    RtlEnterCriticalSection(&LdrpLoaderLock);
    if (WantsImports) {
        Status = LdrpLoadWithImports(LdrpSearchPathOf(SearchPath), DllName, &Module);
    } else {
        Status = LdrpMapModule(LdrpSearchPathOf(SearchPath), DllName, &Module);
        if (NT_SUCCESS(Status))
            Module->Snapped = TRUE;
    }
    *BaseAddress = NT_SUCCESS(Status) ? Module->Entry.DllBase : NULL;
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Status;
}

NTSTATUS NTAPI LdrUnloadDll(PVOID BaseAddress)
{
    PLDRP_MODULE Module;

    RtlEnterCriticalSection(&LdrpLoaderLock);
    Module = LdrpFindByBase(BaseAddress);
    if (Module != NULL && !LdrpShutdownInProgress)
        LdrpDereference(Module);
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Module != NULL ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}

NTSTATUS NTAPI LdrGetDllHandleEx(ULONG Flags, PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName,
        PVOID *BaseAddress)
{
    WCHAR NameBuffer[MAX_PATH + 8], PathBuffer[LDRP_MAX_PATH];
    UNICODE_STRING File = { 0, sizeof(NameBuffer), NameBuffer }, Path = { 0, sizeof(PathBuffer), PathBuffer };
    PLDRP_MODULE Module = NULL;
    ULONG Bytes = 0;
    NTSTATUS Status = LdrpFileName(DllName, &File);

    if (BaseAddress != NULL)
        *BaseAddress = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    RtlEnterCriticalSection(&LdrpLoaderLock);
    if (LdrpHasPath(&File)) {
        Status = RtlpGetFullPath(File.Buffer, sizeof(PathBuffer), PathBuffer, NULL, &Bytes);
        Path.Length = (USHORT)Bytes;
        if (NT_SUCCESS(Status) && Bytes < sizeof(PathBuffer))
            Module = LdrpFindByFullName(&Path);
    } else {
        Module = LdrpFindByBaseName(&File);
    }
    if (Module != NULL) {
        if (Flags & LDR_GET_DLL_HANDLE_EX_PIN)
            LdrpSetUses(Module, LDRP_PINNED);
        else if (!(Flags & LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT))
            LdrpReference(Module);
        if (BaseAddress != NULL)
            *BaseAddress = Module->Entry.DllBase;
    }
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    if (Status == STATUS_NO_MEMORY)
        return Status;
    return Module != NULL ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}

NTSTATUS NTAPI LdrGetDllHandle(PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName,
        PVOID *BaseAddress)
{
    return LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, SearchPath, DllCharacteristics, DllName,
            BaseAddress);
}

NTSTATUS NTAPI LdrGetDllFullName(PVOID BaseAddress, PUNICODE_STRING FullName)
{
    NTSTATUS Status = STATUS_DLL_NOT_FOUND;
    PLDRP_MODULE Module;

    RtlEnterCriticalSection(&LdrpLoaderLock);
    Module = BaseAddress == NULL ? LdrpProgram : LdrpFindByBase(BaseAddress);
    if (Module != NULL) {
        RtlCopyUnicodeString(FullName, &Module->Entry.FullDllName);
        Status = FullName->MaximumLength < Module->Entry.FullDllName.Length + sizeof(WCHAR) ? STATUS_BUFFER_TOO_SMALL
                : STATUS_SUCCESS;
    }
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Status;
}

NTSTATUS NTAPI LdrGetProcedureAddress(PVOID BaseAddress, const ANSI_STRING *Name, ULONG Ordinal,
        PVOID *ProcedureAddress)
{
    NTSTATUS Status = STATUS_DLL_NOT_FOUND;
    PLDRP_MODULE Module;
    char Text[512];

    if (Name != NULL && Name->Length >= sizeof(Text))
        return STATUS_INVALID_PARAMETER;
    if (Name != NULL) {
        memcpy(Text, Name->Buffer, Name->Length);
        Text[Name->Length] = 0;
    }
    RtlEnterCriticalSection(&LdrpLoaderLock);
    Module = LdrpFindByBase(BaseAddress);
    if (Module != NULL) {
        ULONG Known = Module->ImportCount;

        Status = LdrpGetExport(Module, Name != NULL ? Text : NULL, Ordinal, ProcedureAddress);
        Status = LdrpInitializeForwarded(Module, Known, Status);
    }
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Status;
}

NTSTATUS NTAPI LdrAddRefDll(ULONG Flags, PVOID BaseAddress)
{
    PLDRP_MODULE Module;

    if (Flags & ~(ULONG)LDR_ADDREF_DLL_PIN)
        return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&LdrpLoaderLock);
    Module = LdrpFindByBase(BaseAddress);
    if (Module != NULL) {
        if (Flags & LDR_ADDREF_DLL_PIN)
            LdrpSetUses(Module, LDRP_PINNED);
        else
            LdrpReference(Module);
    }
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Module != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS NTAPI LdrDisableThreadCalloutsForDll(PVOID BaseAddress)
{
    PLDRP_MODULE Module;

    RtlEnterCriticalSection(&LdrpLoaderLock);
    Module = LdrpFindByBase(BaseAddress);
    if (Module != NULL && Module->Entry.TlsIndex == 0)
        Module->Entry.Flags |= LDRP_DONT_CALL_FOR_THREADS;
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Module != NULL ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}
