/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the file of an image to a view of it at the address where it is: mapping and relocation.  Headers of what may be none.
 */
#include "ntdllp.h"

static BOOLEAN LdrpFindHeaders(PVOID Base, PVOID Headers, PVOID Unused)
{
    *(PIMAGE_NT_HEADERS *)Headers = RtlpImageNtHeader(Base);
    return TRUE;
}

PIMAGE_NT_HEADERS NTAPI RtlImageNtHeader(PVOID BaseOfImage)
{
    PIMAGE_NT_HEADERS Headers = NULL;

    RtlpCallGuarded(LdrpFindHeaders, BaseOfImage, &Headers, NULL);
    return Headers;
}

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

/* *Base is the new view, relocated.  STATUS_INVALID_IMAGE_FORMAT: no image of this system's. */
NTSTATUS LdrpMapFile(HANDLE File, PVOID *Base)
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
