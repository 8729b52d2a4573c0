/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Imports and exports.
 *
 * Export lookup: by ordinal, or by name (hint first, then binary search); an address inside the export directory is a
 * forwarder "MODULE.Name" or "MODULE.#Ordinal", whose module is loaded on demand.  Image structures are checked against
 * SizeOfImage where a wrong value would lead outside the image.  All under the loader lock.
 */
#include "ntdllp.h"

#define LDRP_MAX_FORWARDS 16

static BOOLEAN LdrpInImage(PLDRP_MODULE Module, ULONG Rva, ULONGLONG Length)
{
    return Rva + Length <= Module->Entry.SizeOfImage;
}

/* Lookups for one module.  The search for a name begins at an import's hint, then behind the name that was found before,
 * since the names of an import table ascend. */
typedef struct _LDRP_LOOKUP {
    PLDRP_MODULE For;                   /* holds the modules that forwarders lead to */
    ULONG Hint, Next;
    ULONG Forwards;                     /* that this lookup has followed */
    BOOLEAN ByWine;                     /* a DLL of Wine's, which takes some answers otherwise: wine.c */
} LDRP_LOOKUP;

static NTSTATUS LdrpFollowForwarder(PCSZ Forwarder, const LDRP_LOOKUP *Lookup, PVOID *Address);

/* Index of Name in the export address table; FALSE if there is none.  The steps up from Lookup->Next double until they
 * pass the name; from there on the range is halved. */
static BOOLEAN LdrpFindExportName(PUCHAR Base, const IMAGE_EXPORT_DIRECTORY *Exports, PCSZ Name, LDRP_LOOKUP *Lookup,
        PULONG FunctionIndex)
{
    const ULONG *Names = (const ULONG *)(Base + Exports->AddressOfNames);
    const USHORT *Ordinals = (const USHORT *)(Base + Exports->AddressOfNameOrdinals);
    ULONG High = Exports->NumberOfNames, First = Lookup->Next < High ? Lookup->Next : 0, Low = First, Step = 1;

    if (Lookup->Hint < High && strcmp(Name, (PCSZ)(Base + Names[Lookup->Hint])) == 0) {
        *FunctionIndex = Ordinals[Lookup->Hint];
        return TRUE;
    }
    while (Low < High) {
        ULONG At = Step != 0 ? min(Low + Step, High) - 1 : (Low + High) / 2;
        int Order = strcmp(Name, (PCSZ)(Base + Names[At]));

        if (Order == 0) {
            Lookup->Next = At + 1;
            *FunctionIndex = Ordinals[At];
            return TRUE;
        }
        if (Order < 0) {
            Low = At == First ? 0 : Low;
            High = At;
            Step = 0;
        } else {
            Low = At + 1;
            Step *= 2;
        }
    }
    return FALSE;
}

static NTSTATUS LdrpFindExport(PLDRP_MODULE Module, PCSZ Name, ULONG Ordinal, LDRP_LOOKUP *Lookup,
        PVOID *Address)
{
    PUCHAR Base = Module->Entry.DllBase;
    NTSTATUS NotFound = Name != NULL ? STATUS_ENTRYPOINT_NOT_FOUND : STATUS_ORDINAL_NOT_FOUND;
    ULONG Size, Index, Rva;
    PIMAGE_EXPORT_DIRECTORY Exports = RtlImageDirectoryEntryToData(Base, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &Size);

    *Address = NULL;
    if (Exports == NULL || Size < sizeof(*Exports) ||
        !LdrpInImage(Module, Exports->AddressOfFunctions, Exports->NumberOfFunctions * (ULONGLONG)sizeof(ULONG)) ||
        !LdrpInImage(Module, Exports->AddressOfNames, Exports->NumberOfNames * (ULONGLONG)sizeof(ULONG)) ||
        !LdrpInImage(Module, Exports->AddressOfNameOrdinals, Exports->NumberOfNames * (ULONGLONG)sizeof(USHORT)))
        return NotFound;
    if (Name == NULL)
        Index = Ordinal - Exports->Base;
    else if (!LdrpFindExportName(Base, Exports, Name, Lookup, &Index))
        return NotFound;
    if (Index >= Exports->NumberOfFunctions)
        return NotFound;
    Rva = ((const ULONG *)(Base + Exports->AddressOfFunctions))[Index];
    if (Rva == 0 || Rva >= Module->Entry.SizeOfImage)
        return NotFound;
    if (Rva - (ULONG)((PUCHAR)Exports - Base) < Size)
        return LdrpFollowForwarder((PCSZ)(Base + Rva), Lookup, Address);
    *Address = Base + Rva;
    if (Module->WineKind != WineNone && Name != NULL)
        *Address = RtlpInsteadOfWine(Module->WineKind, Name, *Address);
    return STATUS_SUCCESS;
}

/* The module that a forwarder names, held by For. */
static NTSTATUS LdrpLoadForwarded(PCSZ Forwarder, SIZE_T Length, PLDRP_MODULE For, PLDRP_MODULE *Target)
{
    WCHAR Buffer[128];
    UNICODE_STRING Name = { 0, sizeof(Buffer), Buffer };
    ULONG Bytes = 0;
    NTSTATUS Status = RtlUTF8ToUnicodeN(Buffer, sizeof(Buffer), &Bytes, Forwarder, (ULONG)Length);

    if (!NT_SUCCESS(Status))
        return STATUS_INVALID_IMAGE_FORMAT;
    Name.Length = (USHORT)Bytes;
    Status = LdrpLoadModule(&Name, Target);
    return NT_SUCCESS(Status) ? LdrpAddImport(For, *Target) : Status;
}

static NTSTATUS LdrpFollowForwarder(PCSZ Forwarder, const LDRP_LOOKUP *Lookup, PVOID *Address)
{
    LDRP_LOOKUP Next = { .For = Lookup->For, .Hint = MAXDWORD, .Forwards = Lookup->Forwards + 1 };
    PCSZ Dot = strrchr(Forwarder, '.');
    ULONG Ordinal = 0;
    PLDRP_MODULE Target;
    NTSTATUS Status;

    if (Dot == NULL || Next.Forwards > LDRP_MAX_FORWARDS)
        return STATUS_INVALID_IMAGE_FORMAT;
    Status = LdrpLoadForwarded(Forwarder, (SIZE_T)(Dot - Forwarder), Lookup->For, &Target);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Dot[1] != '#')
        return LdrpFindExport(Target, Dot + 1, 0, &Next, Address);
    RtlCharToInteger(Dot + 2, 10, &Ordinal);
    return LdrpFindExport(Target, NULL, Ordinal, &Next, Address);
}

/* Name NULL: by Ordinal.  Module comes to hold the modules that forwarders lead to.  STATUS_ENTRYPOINT_NOT_FOUND,
 * STATUS_ORDINAL_NOT_FOUND, or what loading a forwarder's module answers. */
NTSTATUS LdrpGetExport(PLDRP_MODULE Module, PCSZ Name, ULONG Ordinal, PVOID *Address)
{
    LDRP_LOOKUP Lookup = { .For = Module, .Hint = MAXDWORD };

    return LdrpFindExport(Module, Name, Ordinal, &Lookup, Address);
}

static NTSTATUS LdrpResolveOne(PLDRP_MODULE Module, PLDRP_MODULE From, ULONGLONG Thunk, LDRP_LOOKUP *Lookup,
        PULONGLONG Slot)
{
    PIMAGE_IMPORT_BY_NAME ByName;
    NTSTATUS Status;
    PVOID Address;

    if (IMAGE_SNAP_BY_ORDINAL64(Thunk)) {
        Status = LdrpFindExport(From, NULL, IMAGE_ORDINAL64(Thunk), Lookup, &Address);
        if (!NT_SUCCESS(Status))
            LdrpReport("%wZ: %wZ: no export number %u (%08x)\n", &Module->Entry.BaseDllName, &From->Entry.BaseDllName,
                    (ULONG)IMAGE_ORDINAL64(Thunk), Status);
    } else {
        if (!LdrpInImage(Module, (ULONG)Thunk, sizeof(*ByName)))
            return STATUS_INVALID_IMAGE_FORMAT;
        ByName = (PIMAGE_IMPORT_BY_NAME)((PUCHAR)Module->Entry.DllBase + Thunk);
        Lookup->Hint = ByName->Hint;
        Status = LdrpFindExport(From, ByName->Name, 0, Lookup, &Address);
        if (!NT_SUCCESS(Status))
            LdrpReport("%wZ: %wZ: no export %s (%08x)\n", &Module->Entry.BaseDllName, &From->Entry.BaseDllName,
                    ByName->Name, Status);
    }
    if (NT_SUCCESS(Status))
        *Slot = (ULONGLONG)(Lookup->ByWine ? RtlpForWine(Address) : Address);
    return Status;
}

static NTSTATUS LdrpResolveThunks(PLDRP_MODULE Module, PLDRP_MODULE From, const IMAGE_IMPORT_DESCRIPTOR *Import)
{
    PUCHAR Base = Module->Entry.DllBase;
    ULONG LookupRva = Import->OriginalFirstThunk != 0 ? Import->OriginalFirstThunk : Import->FirstThunk;
    NTSTATUS Status = STATUS_SUCCESS;
    LDRP_LOOKUP Lookup = { .For = Module, .ByWine = RtlpIsWineDll(Module->Entry.DllBase, Module->Entry.SizeOfImage) };

    for (ULONG Offset = 0;; Offset += sizeof(ULONGLONG)) {
        ULONGLONG Thunk;

        if (!LdrpInImage(Module, LookupRva + Offset, sizeof(Thunk)) ||
            !LdrpInImage(Module, Import->FirstThunk + Offset, sizeof(Thunk)))
            return STATUS_INVALID_IMAGE_FORMAT;
        Thunk = *(PULONGLONG)(Base + LookupRva + Offset);
        if (Thunk == 0 || !NT_SUCCESS(Status))
            return Status;
        Status = LdrpResolveOne(Module, From, Thunk, &Lookup, (PULONGLONG)(Base + Import->FirstThunk + Offset));
    }
}

/* The import tables of one module as a range of pages to make writable and back. */
static NTSTATUS LdrpProtectImports(PLDRP_MODULE Module, ULONG FirstThunk, ULONG NewProtect, PULONG OldProtect)
{
    PUCHAR Base = Module->Entry.DllBase;
    ULONG Size;
    PVOID Start = RtlImageDirectoryEntryToData(Base, TRUE, IMAGE_DIRECTORY_ENTRY_IAT, &Size);
    SIZE_T Length = Size;

    if (Start == NULL || Size == 0) {
        ULONGLONG *Slot = (ULONGLONG *)(Base + FirstThunk);

        Start = Slot;
        while (LdrpInImage(Module, (ULONG)((PUCHAR)Slot - Base), sizeof(*Slot)) && *Slot != 0)
            Slot++;
        Length = (PUCHAR)Slot - (PUCHAR)Start;
    }
    return Length != 0 ? NtProtectVirtualMemory(NtCurrentProcess(), &Start, &Length, NewProtect, OldProtect)
            : STATUS_SUCCESS;
}

static NTSTATUS LdrpImportFrom(PLDRP_MODULE Module, const IMAGE_IMPORT_DESCRIPTOR *Import)
{
    PCSZ Text = (PCSZ)Module->Entry.DllBase + Import->Name;
    ULONG OldProtect, Ignored;
    UNICODE_STRING Name;
    PLDRP_MODULE From;
    NTSTATUS Status;

    if (!LdrpInImage(Module, Import->Name, 2) || !LdrpInImage(Module, Import->FirstThunk, sizeof(ULONGLONG)))
        return STATUS_INVALID_IMAGE_FORMAT;
    if (!RtlCreateUnicodeStringFromAsciiz(&Name, Text))
        return STATUS_NO_MEMORY;
    Status = LdrpLoadModule(&Name, &From);
    RtlFreeUnicodeString(&Name);
    if (!NT_SUCCESS(Status)) {
        LdrpReport("%wZ needs %s: %s (%08x)\n", &Module->Entry.BaseDllName, Text,
                Status == STATUS_DLL_NOT_FOUND ? "not found" : "cannot be loaded", Status);
        return Status;
    }
    Status = LdrpAddImport(Module, From);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpProtectImports(Module, Import->FirstThunk, PAGE_READWRITE, &OldProtect);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LdrpResolveThunks(Module, From, Import);
    LdrpProtectImports(Module, Import->FirstThunk, OldProtect, &Ignored);
    return Status;
}

/* Loads what the module imports and fills its import address tables.  On failure the uses taken so far stay recorded
 * in the module; LdrpDereference gives them back. */
NTSTATUS LdrpResolveImports(PLDRP_MODULE Module)
{
    ULONG Size;
    NTSTATUS Status = STATUS_SUCCESS;
    PIMAGE_IMPORT_DESCRIPTOR Import = RtlImageDirectoryEntryToData(Module->Entry.DllBase, TRUE,
            IMAGE_DIRECTORY_ENTRY_IMPORT, &Size);

    if (Import == NULL)
        return STATUS_SUCCESS;
    for (; NT_SUCCESS(Status); Import++) {
        if (!LdrpInImage(Module, (ULONG)((PUCHAR)Import - (PUCHAR)Module->Entry.DllBase), sizeof(*Import)))
            return STATUS_INVALID_IMAGE_FORMAT;
        if (Import->Name == 0 || Import->FirstThunk == 0)
            break;
        Status = LdrpImportFrom(Module, Import);
    }
    return Status;
}
