/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a name to a module: search, mapping, relocation, initialisation order, unloading.
 *
 * A load maps the image, enters it in the lists, resolves its imports (which loads more), and appends it to the
 * initialisation list behind everything it imports.  Entry points run afterwards, in that order, once per module
 * (LdrpRunInitializers).  A module whose last use goes gets DLL_PROCESS_DETACH, gives back the uses it holds, and is
 * unmapped.  All under the loader lock.
 *
 * Search order for a name without a path: modules that are loaded already, the caller's search path or the default one
 * (dllpath.c).
 */
#include "ntdllp.h"

#define LDRP_MAX_PATH 1024

typedef struct _LDRP_SEARCH {
    UNICODE_STRING Path;                /* the candidate, a DOS path; Buffer has LDRP_MAX_PATH characters */
    HANDLE File;
} LDRP_SEARCH;

/* --- mapping ----------------------------------------------------------------------------------------------------- */

static NTSTATUS LdrpApplyRelocationBlock(PUCHAR Base, ULONG SizeOfImage, const IMAGE_BASE_RELOCATION *Block,
        LONGLONG Delta)
{
    const USHORT *Entries = (const USHORT *)(Block + 1);
    ULONG Count = (Block->SizeOfBlock - sizeof(*Block)) / sizeof(USHORT);

    for (ULONG Index = 0; Index < Count; Index++) {
        ULONG Rva = Block->VirtualAddress + (Entries[Index] & 0xfff);
        typedef LONGLONG __attribute__((aligned(1), may_alias)) UNALIGNED_LONGLONG;
        typedef LONG __attribute__((aligned(1), may_alias)) UNALIGNED_LONG;

        if (Rva + sizeof(LONGLONG) > SizeOfImage)
            return STATUS_INVALID_IMAGE_FORMAT;
        switch (Entries[Index] >> 12) {
        case IMAGE_REL_BASED_ABSOLUTE:
            break;
        case IMAGE_REL_BASED_HIGHLOW:
            *(UNALIGNED_LONG *)(Base + Rva) += (LONG)Delta;
            break;
        case IMAGE_REL_BASED_DIR64:
            *(UNALIGNED_LONGLONG *)(Base + Rva) += Delta;
            break;
        default:
            return STATUS_INVALID_IMAGE_FORMAT;
        }
    }
    return STATUS_SUCCESS;
}

/* Makes the sections writable, or gives each its own protection back. */
static NTSTATUS LdrpProtectSections(PUCHAR Base, BOOLEAN Writable)
{
    PIMAGE_NT_HEADERS Headers = RtlImageNtHeader(Base);
    PIMAGE_SECTION_HEADER Section = IMAGE_FIRST_SECTION(Headers);
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG Index = 0; Index < Headers->FileHeader.NumberOfSections && NT_SUCCESS(Status); Index++, Section++) {
        PVOID Start = Base + Section->VirtualAddress;
        SIZE_T Length = Section->Misc.VirtualSize != 0 ? Section->Misc.VirtualSize : Section->SizeOfRawData;
        ULONG Protect = PAGE_READONLY, Old;

        if (Section->Characteristics & IMAGE_SCN_MEM_WRITE || Length == 0)
            continue;
        if (Section->Characteristics & IMAGE_SCN_MEM_EXECUTE)
            Protect = PAGE_EXECUTE_READ;
        Status = NtProtectVirtualMemory(NtCurrentProcess(), &Start, &Length, Writable ? PAGE_READWRITE : Protect,
                &Old);
    }
    return Status;
}

/* Adds the distance between the image's preferred and actual base to every address that its relocations name.
 * STATUS_CONFLICTING_ADDRESSES: it cannot be moved. */
NTSTATUS LdrpRelocate(PVOID Base)
{
    PIMAGE_NT_HEADERS Headers = RtlImageNtHeader(Base);
    LONGLONG Delta = (LONGLONG)((ULONG_PTR)Base - Headers->OptionalHeader.ImageBase);
    ULONG SizeOfImage = Headers->OptionalHeader.SizeOfImage, Size, Old;
    PIMAGE_BASE_RELOCATION Block = RtlImageDirectoryEntryToData(Base, TRUE, IMAGE_DIRECTORY_ENTRY_BASERELOC, &Size);
    PVOID HeaderPage = Headers;
    SIZE_T HeaderLength = sizeof(*Headers);
    NTSTATUS Status;

    if (Delta == 0)
        return STATUS_SUCCESS;
    if (Headers->FileHeader.Characteristics & IMAGE_FILE_RELOCS_STRIPPED)
        return STATUS_CONFLICTING_ADDRESSES;
    Status = LdrpProtectSections(Base, TRUE);
    while (NT_SUCCESS(Status) && Size >= sizeof(*Block) && Block->SizeOfBlock >= sizeof(*Block) &&
           Block->SizeOfBlock <= Size) {
        Status = LdrpApplyRelocationBlock(Base, SizeOfImage, Block, Delta);
        Size -= Block->SizeOfBlock;
        Block = (PIMAGE_BASE_RELOCATION)((PUCHAR)Block + Block->SizeOfBlock);
    }
    LdrpProtectSections(Base, FALSE);
    if (NT_SUCCESS(Status))
        Status = NtProtectVirtualMemory(NtCurrentProcess(), &HeaderPage, &HeaderLength, PAGE_READWRITE, &Old);
    if (!NT_SUCCESS(Status))
        return Status;
    Headers->OptionalHeader.ImageBase = (ULONG_PTR)Base;
    return NtProtectVirtualMemory(NtCurrentProcess(), &HeaderPage, &HeaderLength, Old, &Old);
}

static NTSTATUS LdrpMapFile(HANDLE File, PVOID *Base)
{
    HANDLE Section;
    SIZE_T Size = 0;
    NTSTATUS Status = NtCreateSection(&Section, SECTION_MAP_READ | SECTION_MAP_EXECUTE | SECTION_QUERY, NULL, NULL,
            PAGE_EXECUTE, SEC_IMAGE, File);

    if (!NT_SUCCESS(Status))
        return Status;
    *Base = NULL;
    Status = NtMapViewOfSection(Section, NtCurrentProcess(), Base, 0, 0, NULL, &Size, ViewShare, 0,
            PAGE_EXECUTE_READ);
    NtClose(Section);
    if (!NT_SUCCESS(Status))
        return Status;
    if (RtlImageNtHeader(*Base)->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64)
        Status = STATUS_INVALID_IMAGE_FORMAT;
    else
        Status = LdrpRelocate(*Base);
    if (!NT_SUCCESS(Status))
        NtUnmapViewOfSection(NtCurrentProcess(), *Base);
    return Status;
}

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
    Bytes = RtlGetFullPathName_U(Candidate, LDRP_MAX_PATH * sizeof(WCHAR), Search->Path.Buffer, NULL);
    if (Bytes == 0 || Bytes >= LDRP_MAX_PATH * sizeof(WCHAR))
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
    Module->Entry.ReferenceCount = LDRP_PINNED;
    if (!NT_SUCCESS(LdrpGetExport(Module, "CtrlRoutine", 0, (PVOID *)&LdrpControlRoutine)))
        LdrpControlRoutine = NULL;
}

static ULONG LdrpNewModules;            /* in the initialisation list, their entry points have not run */

/* Resolves the imports of a new module and puts it behind them into the initialisation list. */
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
    InsertTailList(&NtCurrentPeb()->Ldr->InInitializationOrderModuleList, &Module->Entry.InInitializationOrderLinks);
    Module->Ordered = TRUE;
    LdrpNewModules++;
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

/* Finds or maps the module and takes one use of it.  STATUS_DLL_NOT_FOUND, STATUS_INVALID_IMAGE_FORMAT, STATUS_NO_MEMORY. */
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
        if (HasPath)
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

/* Finds or loads the module and takes one use of it.  Its initialiser has not run: the caller does that when the
 * whole graph is there.  What LdrpMapModule says, and STATUS_ENTRYPOINT_NOT_FOUND, STATUS_ORDINAL_NOT_FOUND. */
NTSTATUS LdrpLoadModule(PCWSTR SearchPath, PCUNICODE_STRING Name, PLDRP_MODULE *Module)
{
    NTSTATUS Status = LdrpMapModule(SearchPath, Name, Module);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpSnap(*Module);
    if (!NT_SUCCESS(Status))
        LdrpDereference(*Module);
    return Status;
}

/* --- initialisation and unloading -------------------------------------------------------------------------------- */

/* Calls DllMain; *Result is what it returned.  In a function of its own, so that a C compiler sees a plain call. */
static BOOLEAN LdrpCallInitRoutine(PLDRP_MODULE Module, ULONG Reason, PVOID Reserved)
{
    if (Module->Entry.EntryPoint == NULL || Module->IsDriver || !(Module->Entry.Flags & LDRP_IMAGE_DLL))
        return TRUE;
    return Module->Entry.EntryPoint(Module->Entry.DllBase, Reason, Reserved);
}

VOID LdrpCallEntry(PLDRP_MODULE Module, ULONG Reason, PVOID Reserved)
{
    LdrpCallTlsCallbacks(Module, Reason);
    LdrpCallInitRoutine(Module, Reason, Reserved);
}

/* A module that does not want to be there is told at once that it goes.  Source: Microsoft, "DllMain", return value. */
static NTSTATUS LdrpInitializeModule(PLDRP_MODULE Module, PVOID Reserved)
{
    LdrpTrace("ldr: %wZ: initialisation\n", &Module->Entry.BaseDllName);
    LdrpNewModules--;
    Module->Entry.Flags |= LDRP_ENTRY_PROCESSED | LDRP_LOAD_IN_PROGRESS;
    LdrpCallTlsCallbacks(Module, DLL_PROCESS_ATTACH);
    if (!LdrpCallInitRoutine(Module, DLL_PROCESS_ATTACH, Reserved)) {
        LdrpCallEntry(Module, DLL_PROCESS_DETACH, Reserved);
        return STATUS_DLL_INIT_FAILED;
    }
    Module->Entry.Flags &= ~LDRP_LOAD_IN_PROGRESS;
    Module->Entry.Flags |= LDRP_PROCESS_ATTACH_CALLED;
    return STATUS_SUCCESS;
}

static BOOLEAN LdrpIsNew(PLDRP_MODULE Module)
{
    return !(Module->Entry.Flags & LDRP_ENTRY_PROCESSED);
}

/* The first new module from Link on towards the start of the list: those before it are old. */
static PLIST_ENTRY LdrpFirstNew(PLIST_ENTRY Head)
{
    PLIST_ENTRY Link = Head;

    for (ULONG Left = LdrpNewModules; Left != 0; ) {
        Link = Link->Blink;
        if (LdrpIsNew(CONTAINING_RECORD(Link, LDRP_MODULE, Entry.InInitializationOrderLinks)))
            Left--;
    }
    return Link;
}

/* Tells of the modules that are new, then runs their entry points, in initialisation order.  Reserved is not NULL for the
 * program's own imports. */
static NTSTATUS LdrpInitializeNewModules(PVOID Reserved)
{
    PLIST_ENTRY Head = &NtCurrentPeb()->Ldr->InInitializationOrderModuleList;
    NTSTATUS Status = STATUS_SUCCESS;

    if (LdrpNewModules == 0)
        return STATUS_SUCCESS;
    for (PLIST_ENTRY Link = LdrpFirstNew(Head); Link != Head; Link = Link->Flink) {
        PLDRP_MODULE Module = CONTAINING_RECORD(Link, LDRP_MODULE, Entry.InInitializationOrderLinks);

        if (LdrpIsNew(Module))
            LdrpNotifyOfModule(Module, LDR_DLL_NOTIFICATION_REASON_LOADED);
    }
    for (PLIST_ENTRY Link = LdrpFirstNew(Head); Link != Head && NT_SUCCESS(Status); Link = Link->Flink) {
        PLDRP_MODULE Module = CONTAINING_RECORD(Link, LDRP_MODULE, Entry.InInitializationOrderLinks);

        if (LdrpIsNew(Module))
            Status = LdrpInitializeModule(Module, Reserved);
        if (!NT_SUCCESS(Status))
            LdrpReport("%wZ: initialisation failed\n", &Module->Entry.BaseDllName);
    }
    return Status;
}

VOID LdrpRunInitializers(VOID)
{
    NTSTATUS Status = LdrpInitializeNewModules((PVOID)1);

    if (!NT_SUCCESS(Status))
        NtTerminateProcess(NtCurrentProcess(), Status);
}

/* Gives one use back.  The last one unloads the module, and gives back the uses that it holds. */
VOID LdrpDereference(PLDRP_MODULE Module)
{
    PVOID Base = Module->Entry.DllBase;

    if (Module->Entry.ReferenceCount == LDRP_PINNED || Module->Entry.ReferenceCount == 0)
        return;
    if (--Module->Entry.ReferenceCount != 0)
        return;
    if (Module->Entry.Flags & LDRP_PROCESS_ATTACH_CALLED) {
        Module->Entry.Flags &= ~LDRP_PROCESS_ATTACH_CALLED;
        LdrpCallEntry(Module, DLL_PROCESS_DETACH, NULL);
    }
    if (Module->Ordered && LdrpIsNew(Module))
        LdrpNewModules--;
    LdrpNotifyOfModule(Module, LDR_DLL_NOTIFICATION_REASON_UNLOADED);
    LdrpRemoveTls(Module);
    for (ULONG Index = 0; Index < Module->ImportCount; Index++)
        LdrpDereference(Module->Imports[Index]);
    LdrpRemoveModule(Module);
    NtUnmapViewOfSection(NtCurrentProcess(), Base);
}

/* --- entry points ------------------------------------------------------------------------------------------------ */

#define DONT_RESOLVE_DLL_REFERENCES 0x1

/* DONT_RESOLVE_DLL_REFERENCES reaches LdrLoadDll as IMAGE_FILE_EXECUTABLE_IMAGE by pointer (Windows), or the flags of
 * LoadLibraryEx come by value (a value below 64 KiB cannot be a pointer). */
static BOOLEAN LdrpWantsImports(PULONG DllCharacteristics)
{
    if ((ULONG_PTR)DllCharacteristics < 0x10000)
        return !((ULONG_PTR)DllCharacteristics & DONT_RESOLVE_DLL_REFERENCES);
    return !(*DllCharacteristics & IMAGE_FILE_EXECUTABLE_IMAGE);
}

/* SearchPath: directories separated by semicolons; NULL or a flag value (odd, small) means the default order. */
static PCWSTR LdrpSearchPathOf(PCWSTR SearchPath)
{
    return (ULONG_PTR)SearchPath < 0x10000 ? NULL : SearchPath;
}

/* Without its imports a module has no thread-local storage either, and nobody calls its entry point: not even when it is
 * loaded once more as usual, as on Windows. */
NTSTATUS NTAPI LdrLoadDll(PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName, PVOID *BaseAddress)
{
    BOOLEAN WantsImports = LdrpWantsImports(DllCharacteristics);
    PLDRP_MODULE Module;
    NTSTATUS Status;

    RtlEnterCriticalSection(&LdrpLoaderLock);
    Status = (WantsImports ? LdrpLoadModule : LdrpMapModule)(LdrpSearchPathOf(SearchPath), DllName, &Module);
    if (NT_SUCCESS(Status))
        Module->Snapped = TRUE;
    if (NT_SUCCESS(Status) && WantsImports) {
        Status = LdrpInitializeNewModules(NULL);
        if (!NT_SUCCESS(Status))
            LdrpDereference(Module);
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
    NTSTATUS Status = LdrpFileName(DllName, &File);

    if (BaseAddress != NULL)
        *BaseAddress = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    RtlEnterCriticalSection(&LdrpLoaderLock);
    if (LdrpHasPath(&File)) {
        Path.Length = (USHORT)RtlGetFullPathName_U(File.Buffer, sizeof(PathBuffer), PathBuffer, NULL);
        if (Path.Length < sizeof(PathBuffer))
            Module = LdrpFindByFullName(&Path);
    } else {
        Module = LdrpFindByBaseName(&File);
    }
    if (Module != NULL) {
        if (Flags & LDR_GET_DLL_HANDLE_EX_PIN)
            Module->Entry.ReferenceCount = LDRP_PINNED;
        else if (!(Flags & LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT))
            LdrpReference(Module);
        if (BaseAddress != NULL)
            *BaseAddress = Module->Entry.DllBase;
    }
    RtlLeaveCriticalSection(&LdrpLoaderLock);
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
        Status = LdrpGetExport(Module, Name != NULL ? Text : NULL, Ordinal, ProcedureAddress);
        if (NT_SUCCESS(Status))
            Status = LdrpInitializeNewModules(NULL);
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
            Module->Entry.ReferenceCount = LDRP_PINNED;
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
