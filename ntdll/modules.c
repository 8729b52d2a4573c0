/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loaded modules: PEB.Ldr's three lists, and a hash of base names beside them.
 *
 * Invariant: under the loader lock, a module is in the load-order list, the memory-order list and one hash bucket; it
 * is in the initialisation-order list once its entry point was called.  Nothing here waits except for the lock.
 */
#include "ntdllp.h"

#define LDRP_HASH_BUCKETS 128

static PEB_LDR_DATA LdrpData;
static LIST_ENTRY LdrpHash[LDRP_HASH_BUCKETS];

static PLIST_ENTRY LdrpBucket(PCUNICODE_STRING Name)
{
    ULONG Hash = 0;

    RtlHashUnicodeString(Name, TRUE, HASH_STRING_ALGORITHM_DEFAULT, &Hash);
    return &LdrpHash[Hash % LDRP_HASH_BUCKETS];
}

VOID LdrpInitializeModuleLists(VOID)
{
    LdrpData.Length = sizeof(LdrpData);
    InitializeListHead(&LdrpData.InLoadOrderModuleList);
    InitializeListHead(&LdrpData.InMemoryOrderModuleList);
    InitializeListHead(&LdrpData.InInitializationOrderModuleList);
    for (ULONG Index = 0; Index < LDRP_HASH_BUCKETS; Index++)
        InitializeListHead(&LdrpHash[Index]);
    LdrpData.Initialized = TRUE;
    NtCurrentPeb()->Ldr = &LdrpData;
}

PLDRP_MODULE LdrpModuleOf(PLIST_ENTRY InLoadOrderLinks)
{
    return CONTAINING_RECORD(InLoadOrderLinks, LDRP_MODULE, Entry.InLoadOrderLinks);
}

static UNICODE_STRING LdrpBaseNamePart(PCUNICODE_STRING FullName)
{
    UNICODE_STRING Base = *FullName;

    while (Base.Length != 0) {
        WCHAR Last = FullName->Buffer[Base.Length / sizeof(WCHAR) - 1];

        if (Last == '\\' || Last == '/')
            break;
        Base.Length -= sizeof(WCHAR);
    }
    Base.Buffer = FullName->Buffer + Base.Length / sizeof(WCHAR);
    Base.Length = FullName->Length - Base.Length;
    Base.MaximumLength = Base.Length + sizeof(WCHAR);
    return Base;
}

/* Enters the image at Base into the lists, with no use yet.  NULL: no memory. */
PLDRP_MODULE LdrpInsertModule(PVOID Base, PCUNICODE_STRING FullName)
{
    PIMAGE_NT_HEADERS Headers = RtlImageNtHeader(Base);
    PLDRP_MODULE Module = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Module));
    PLDR_DATA_TABLE_ENTRY Entry;
    static const UNICODE_STRING DriverSuffix = RTL_CONSTANT_UNICODE_STRING(L".sys");
    UNICODE_STRING Tail;

    if (Module == NULL)
        return NULL;
    Entry = &Module->Entry;
    if (!NT_SUCCESS(RtlDuplicateUnicodeString(RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE, FullName,
                                              &Entry->FullDllName))) {
        RtlFreeHeap(RtlProcessHeap(), 0, Module);
        return NULL;
    }
    if (!NT_SUCCESS(RtlpAddImageFunctionTable(Base, Headers->OptionalHeader.SizeOfImage, Module))) {
        RtlFreeUnicodeString(&Entry->FullDllName);
        RtlFreeHeap(RtlProcessHeap(), 0, Module);
        return NULL;
    }
    Entry->BaseDllName = LdrpBaseNamePart(&Entry->FullDllName);
    Entry->DllBase = Base;
    Entry->SizeOfImage = Headers->OptionalHeader.SizeOfImage;
    Entry->TimeDateStamp = Headers->FileHeader.TimeDateStamp;
    Entry->OriginalBase = Headers->OptionalHeader.ImageBase;
    if (Headers->OptionalHeader.AddressOfEntryPoint != 0)
        Entry->EntryPoint = (PLDR_INIT_ROUTINE)((PUCHAR)Base + Headers->OptionalHeader.AddressOfEntryPoint);
    if (Headers->FileHeader.Characteristics & IMAGE_FILE_DLL)
        Entry->Flags |= LDRP_IMAGE_DLL;
    Tail = Entry->BaseDllName;
    if (Tail.Length > DriverSuffix.Length) {
        Tail.Buffer += (Tail.Length - DriverSuffix.Length) / sizeof(WCHAR);
        Tail.Length = DriverSuffix.Length;
        Module->IsDriver = RtlEqualUnicodeString(&Tail, &DriverSuffix, TRUE);
    }
    Module->WineKind = RtlpWineKind(&Entry->BaseDllName, Base, Entry->SizeOfImage);
    RtlHashUnicodeString(&Entry->BaseDllName, TRUE, HASH_STRING_ALGORITHM_DEFAULT, &Entry->BaseNameHashValue);
    NtQuerySystemTime(&Entry->LoadTime);
    Entry->LoadReason = LoadReasonDynamicLoad;
    Entry->DdagNode = &Module->Node;
    Module->Node.State = LdrModulesMapped;
    InitializeListHead(&Module->Node.Modules);
    InsertTailList(&Module->Node.Modules, &Entry->NodeModuleLink);
    InsertTailList(&LdrpData.InLoadOrderModuleList, &Entry->InLoadOrderLinks);
    InsertTailList(&LdrpData.InMemoryOrderModuleList, &Entry->InMemoryOrderLinks);
    InsertTailList(LdrpBucket(&Entry->BaseDllName), &Entry->HashLinks);
    return Module;
}

/* Takes the module out of the lists and frees its memory; the image stays mapped. */
VOID LdrpRemoveModule(PLDRP_MODULE Module)
{
    RtlpRemoveImageFunctionTable(Module->Entry.DllBase);
    RemoveEntryList(&Module->Entry.InLoadOrderLinks);
    RemoveEntryList(&Module->Entry.InMemoryOrderLinks);
    RemoveEntryList(&Module->Entry.HashLinks);
    if (Module->Ordered)
        RemoveEntryList(&Module->Entry.InInitializationOrderLinks);
    RtlFreeHeap(RtlProcessHeap(), 0, Module->Imports);
    RtlFreeUnicodeString(&Module->Entry.FullDllName);
    RtlFreeHeap(RtlProcessHeap(), 0, Module);
}

PLDRP_MODULE LdrpFindByAddress(const void *Address)
{
    return RtlpOwnerOfImage(Address);
}

PLDRP_MODULE LdrpFindByBase(PVOID Base)
{
    PLDRP_MODULE Module = LdrpFindByAddress(Base);

    return Module != NULL && Module->Entry.DllBase == Base ? Module : NULL;
}

PLDRP_MODULE LdrpFindByBaseName(PCUNICODE_STRING Name)
{
    PLIST_ENTRY Head = LdrpBucket(Name);

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PLDRP_MODULE Module = CONTAINING_RECORD(Link, LDRP_MODULE, Entry.HashLinks);

        if (RtlEqualUnicodeString(&Module->Entry.BaseDllName, Name, TRUE))
            return Module;
    }
    return NULL;
}

PLDRP_MODULE LdrpFindByFullName(PCUNICODE_STRING Name)
{
    UNICODE_STRING Base = LdrpBaseNamePart(Name);
    PLIST_ENTRY Head = LdrpBucket(&Base);

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PLDRP_MODULE Module = CONTAINING_RECORD(Link, LDRP_MODULE, Entry.HashLinks);

        if (RtlEqualUnicodeString(&Module->Entry.FullDllName, Name, TRUE))
            return Module;
    }
    return NULL;
}

static NTSTATUS LdrpGrowImports(PLDRP_MODULE Module)
{
    ULONG Room = Module->ImportRoom * 2 + 8;
    PLDRP_MODULE *Grown = RtlAllocateHeap(RtlProcessHeap(), 0, Room * sizeof(*Grown));

    if (Grown == NULL)
        return STATUS_NO_MEMORY;
    if (Module->ImportCount != 0)
        memcpy(Grown, Module->Imports, Module->ImportCount * sizeof(*Grown));
    RtlFreeHeap(RtlProcessHeap(), 0, Module->Imports);
    Module->Imports = Grown;
    Module->ImportRoom = Room;
    return STATUS_SUCCESS;
}

/* Records that Module imports from Imported, and takes over the caller's use of it: a second import from the same module, one
 * from itself, or a failure gives it back.  STATUS_DLL_NOT_FOUND: Imported is being unloaded, and Module is not. */
NTSTATUS LdrpAddImport(PLDRP_MODULE Module, PLDRP_MODULE Imported)
{
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN IsKnown = Module == Imported;

    for (ULONG Index = 0; Index < Module->ImportCount && !IsKnown; Index++)
        IsKnown = Module->Imports[Index] == Imported;
    if (!IsKnown && Imported->Ending && !Module->Ending)
        Status = STATUS_DLL_NOT_FOUND;
    else if (!IsKnown && Module->ImportCount == Module->ImportRoom)
        Status = LdrpGrowImports(Module);
    if (IsKnown)
        LdrpDropUse(Imported);
    else if (!NT_SUCCESS(Status))
        LdrpDereference(Imported);
    else
        Module->Imports[Module->ImportCount++] = Imported;
    if (NT_SUCCESS(Status) && !IsKnown && Imported->Node.LoadCount == 1) {      /* that of the import */
        Imported->Entry.LoadReason = LoadReasonStaticDependency;
        Imported->Entry.ParentDllBase = Module->Entry.DllBase;
    }
    return Status;
}

/* What the program needs stays to its end, however often it is given back. */
VOID LdrpPinAll(VOID)
{
    PLIST_ENTRY Head = &LdrpData.InLoadOrderModuleList;

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink)
        LdrpSetUses(LdrpModuleOf(Link), LDRP_PINNED);
}

NTSTATUS NTAPI LdrLockLoaderLock(ULONG Flags, PULONG Disposition, PULONG_PTR Cookie)
{
    if (Disposition != NULL)
        *Disposition = 0;
    if (Cookie == NULL)
        return STATUS_INVALID_PARAMETER_3;
    *Cookie = 0;
    if (Flags & ~3u)
        return STATUS_INVALID_PARAMETER_1;
    if (Flags & 2) {
        if (Disposition == NULL)
            return STATUS_INVALID_PARAMETER_2;
        if (!RtlTryEnterCriticalSection(&LdrpLoaderLock)) {
            *Disposition = 2;
            return STATUS_SUCCESS;
        }
    } else {
        RtlEnterCriticalSection(&LdrpLoaderLock);
    }
    if (Disposition != NULL)
        *Disposition = 1;
    *Cookie = (ULONG_PTR)NtCurrentTebEx()->ClientId.UniqueThread;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI LdrUnlockLoaderLock(ULONG Flags, ULONG_PTR Cookie)
{
    if (Flags & ~1u)
        return STATUS_INVALID_PARAMETER_1;
    if (Cookie == 0)
        return STATUS_SUCCESS;
    if (Cookie != (ULONG_PTR)NtCurrentTebEx()->ClientId.UniqueThread)
        return STATUS_INVALID_PARAMETER_2;
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI LdrFindEntryForAddress(PVOID Address, PLDR_DATA_TABLE_ENTRY *Entry)
{
    PLDRP_MODULE Module;

    RtlEnterCriticalSection(&LdrpLoaderLock);
    Module = LdrpFindByAddress(Address);
    *Entry = Module != NULL ? &Module->Entry : NULL;
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return Module != NULL ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

NTSTATUS NTAPI LdrEnumerateLoadedModules(ULONG Flags, PLDR_ENUM_CALLBACK Callback, PVOID Context)
{
    PLIST_ENTRY Head = &LdrpData.InLoadOrderModuleList;
    BOOLEAN Stop = FALSE;

    if (Flags != 0 || Callback == NULL)
        return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&LdrpLoaderLock);
    for (PLIST_ENTRY Link = Head->Flink; Link != Head && !Stop; Link = Link->Flink)
        Callback(&LdrpModuleOf(Link)->Entry, Context, &Stop);
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return STATUS_SUCCESS;
}
