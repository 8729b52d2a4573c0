/* SPDX-License-Identifier: BSD-2-Clause
 *
 * PE images in memory: headers, sections, directories, exports by name.
 *
 * RtlImageNtHeaderEx checks the headers against the size that the caller knows; the others trust a mapped image
 * whose headers were checked when it was mapped, but still keep every directory inside SizeOfImage.
 */
#include "rtl.h"

#define RTLP_DATA_FILE_MASK ((ULONG_PTR)3)

NTSTATUS NTAPI RtlImageNtHeaderEx(ULONG Flags, PVOID BaseOfImage, ULONGLONG Size, PIMAGE_NT_HEADERS *OutHeaders)
{
    PUCHAR Base = (PUCHAR)((ULONG_PTR)BaseOfImage & ~RTLP_DATA_FILE_MASK);
    BOOLEAN RangeCheck = !(Flags & RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK);
    PIMAGE_DOS_HEADER Dos = (PIMAGE_DOS_HEADER)Base;
    PIMAGE_NT_HEADERS Headers;

    if (OutHeaders == NULL)
        return STATUS_INVALID_PARAMETER;
    *OutHeaders = NULL;
    if ((Flags & ~RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK) != 0 || Base == NULL || BaseOfImage == (PVOID)-1)
        return STATUS_INVALID_PARAMETER;
    if (RangeCheck && Size < sizeof(*Dos))
        return STATUS_INVALID_IMAGE_FORMAT;
    if (Dos->e_magic != IMAGE_DOS_SIGNATURE)
        return STATUS_INVALID_IMAGE_FORMAT;
    if (Dos->e_lfanew < 0 || Dos->e_lfanew >= 0x10000000)
        return STATUS_INVALID_IMAGE_FORMAT;
    if (RangeCheck && (ULONGLONG)Dos->e_lfanew + FIELD_OFFSET(IMAGE_NT_HEADERS64, OptionalHeader) > Size)
        return STATUS_INVALID_IMAGE_FORMAT;
    Headers = (PIMAGE_NT_HEADERS)(Base + Dos->e_lfanew);
    if (Headers->Signature != IMAGE_NT_SIGNATURE)
        return STATUS_INVALID_IMAGE_FORMAT;
    *OutHeaders = Headers;
    return STATUS_SUCCESS;
}

PIMAGE_NT_HEADERS RtlpImageNtHeader(PVOID BaseOfImage)
{
    PIMAGE_NT_HEADERS Headers;

    RtlImageNtHeaderEx(RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK, BaseOfImage, 0, &Headers);
    return Headers;
}

PIMAGE_SECTION_HEADER NTAPI RtlImageRvaToSection(PIMAGE_NT_HEADERS NtHeaders, PVOID BaseOfImage, ULONG Rva)
{
    PIMAGE_SECTION_HEADER Section = IMAGE_FIRST_SECTION(NtHeaders);

    for (ULONG Index = 0; Index < NtHeaders->FileHeader.NumberOfSections; Index++, Section++)
        if (Rva >= Section->VirtualAddress && Rva - Section->VirtualAddress < Section->SizeOfRawData)
            return Section;
    return NULL;
}

PVOID NTAPI RtlImageRvaToVa(PIMAGE_NT_HEADERS NtHeaders, PVOID BaseOfImage, ULONG Rva,
        PIMAGE_SECTION_HEADER *LastRvaSection)
{
    PIMAGE_SECTION_HEADER Section = LastRvaSection != NULL ? *LastRvaSection : NULL;

    if (Section == NULL || Rva < Section->VirtualAddress || Rva - Section->VirtualAddress >= Section->SizeOfRawData)
        Section = RtlImageRvaToSection(NtHeaders, BaseOfImage, Rva);
    if (Section == NULL)
        return NULL;
    if (LastRvaSection != NULL)
        *LastRvaSection = Section;
    return (PUCHAR)BaseOfImage + (Rva - Section->VirtualAddress) + Section->PointerToRawData;
}

/* The directory's entry in the optional header of either image kind; NULL if the header has none. */
static PIMAGE_DATA_DIRECTORY RtlpDirectoryEntry(PIMAGE_NT_HEADERS Headers, USHORT Entry)
{
    if (Headers->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR64_MAGIC) {
        PIMAGE_OPTIONAL_HEADER64 Optional = (PIMAGE_OPTIONAL_HEADER64)&Headers->OptionalHeader;

        return Entry < Optional->NumberOfRvaAndSizes && Entry < IMAGE_NUMBEROF_DIRECTORY_ENTRIES
                ? &Optional->DataDirectory[Entry] : NULL;
    }
    if (Headers->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR32_MAGIC) {
        PIMAGE_OPTIONAL_HEADER32 Optional = (PIMAGE_OPTIONAL_HEADER32)&Headers->OptionalHeader;

        return Entry < Optional->NumberOfRvaAndSizes && Entry < IMAGE_NUMBEROF_DIRECTORY_ENTRIES
                ? &Optional->DataDirectory[Entry] : NULL;
    }
    return NULL;
}

PVOID NTAPI RtlImageDirectoryEntryToData(PVOID BaseOfImage, BOOLEAN MappedAsImage, USHORT DirectoryEntry, PULONG Size)
{
    PUCHAR Base = (PUCHAR)((ULONG_PTR)BaseOfImage & ~RTLP_DATA_FILE_MASK);
    PIMAGE_NT_HEADERS Headers = RtlpImageNtHeader(Base);
    PIMAGE_DATA_DIRECTORY Directory;
    ULONG SizeOfImage;

    *Size = 0;
    if (Headers == NULL)
        return NULL;
    Directory = RtlpDirectoryEntry(Headers, DirectoryEntry);
    if (Directory == NULL || Directory->VirtualAddress == 0)
        return NULL;
    if ((ULONG_PTR)BaseOfImage & 1)
        MappedAsImage = FALSE;
    SizeOfImage = Headers->OptionalHeader.SizeOfImage;
    if (MappedAsImage && (Directory->VirtualAddress >= SizeOfImage ||
                          Directory->Size > SizeOfImage - Directory->VirtualAddress))
        return NULL;
    *Size = Directory->Size;
    if (MappedAsImage || Directory->VirtualAddress < Headers->OptionalHeader.SizeOfHeaders)
        return Base + Directory->VirtualAddress;
    return RtlImageRvaToVa(Headers, Base, Directory->VirtualAddress, NULL);
}

PVOID NTAPI RtlFindExportedRoutineByName(PVOID BaseOfImage, PCSZ RoutineName)
{
    PUCHAR Base = BaseOfImage;
    ULONG Size, Low = 0, High;
    PIMAGE_EXPORT_DIRECTORY Exports = RtlImageDirectoryEntryToData(Base, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &Size);
    const ULONG *Names, *Functions;
    const USHORT *Ordinals;

    if (Exports == NULL)
        return NULL;
    Names = (const ULONG *)(Base + Exports->AddressOfNames);
    Functions = (const ULONG *)(Base + Exports->AddressOfFunctions);
    Ordinals = (const USHORT *)(Base + Exports->AddressOfNameOrdinals);
    for (High = Exports->NumberOfNames; Low < High;) {
        ULONG Middle = (Low + High) / 2;
        int Order = strcmp(RoutineName, (PCSZ)(Base + Names[Middle]));

        if (Order == 0) {
            ULONG Rva = Ordinals[Middle] < Exports->NumberOfFunctions ? Functions[Ordinals[Middle]] : 0;

            return Rva != 0 ? Base + Rva : NULL;
        }
        if (Order < 0)
            High = Middle;
        else
            Low = Middle + 1;
    }
    return NULL;
}
