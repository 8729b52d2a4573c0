/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The checks that a PE file must pass before it is mapped (Microsoft's PE format specification), done on copies of the
 * headers, each read once.  What passes can be mapped with the numbers in LDR_IMAGE alone: sections ascend without
 * overlap or gap, lie inside SizeOfImage, and their file parts inside the file.  Nothing here waits, allocates, or
 * looks at contents of sections.
 *
 *   0        IMAGE_DOS_HEADER: 'MZ', e_lfanew
 *   e_lfanew 'PE\0\0' | IMAGE_FILE_HEADER | IMAGE_OPTIONAL_HEADER64 (SizeOfOptionalHeader bytes)
 *            | IMAGE_SECTION_HEADER [n]
 */
#include "ntos/inc/ldr.h"
#include <string.h>

#define LDR_PAGE 0x1000u
#define LDR_MAX_IMAGE 0x7FFF0000u       /* 2 GiB and a little less */
#define LDR_MAX_ADDRESS 0x7FFFFFFF0000ull
#define LDR_SECTOR 0x200u
#define LDR_OS2_TYPE 0x36               /* ne_exetyp of an IMAGE_OS2_HEADER */
#define LDR_DYNAMICALLY_RELOCATED 4     /* bits of SECTION_IMAGE_INFORMATION.ImageFlags */
#define LDR_MAPPED_FLAT 8

static ULONG64 LdrpRoundUp(ULONG64 Value)
{
    return (Value + LDR_PAGE - 1) & ~(ULONG64)(LDR_PAGE - 1);
}

static BOOLEAN LdrpIsPowerOfTwo(ULONG Value)
{
    return Value != 0 && (Value & (Value - 1)) == 0;
}

/* A header of the kind before PE: Windows' 16 bits, a DOS extender's, OS/2's and the others'. */
static NTSTATUS LdrpCheckOs2(LDR_READ Read, PVOID Context, ULONG Offset)
{
    UCHAR Type;
    NTSTATUS Status = Read(Context, Offset + LDR_OS2_TYPE, &Type, sizeof(Type));

    if (!NT_SUCCESS(Status))
        return Status;
    return Type == 2 ? STATUS_INVALID_IMAGE_WIN_16 : Type == 5 ? STATUS_INVALID_IMAGE_PROTECT : STATUS_INVALID_IMAGE_NE_FORMAT;
}

/* Where the PE headers are. */
static NTSTATUS LdrpFindHeaders(LDR_READ Read, PVOID Context, ULONG64 FileSize, PULONG Offset)
{
    IMAGE_DOS_HEADER Dos;
    ULONG Signature;
    NTSTATUS Status;

    if (FileSize < sizeof(Dos))
        return STATUS_INVALID_IMAGE_NOT_MZ;
    Status = Read(Context, 0, &Dos, sizeof(Dos));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Dos.e_magic != IMAGE_DOS_SIGNATURE)
        return STATUS_INVALID_IMAGE_NOT_MZ;
    if (Dos.e_lfanew < 0 || (Dos.e_lfanew & 3) != 0 ||
        (ULONG64)Dos.e_lfanew + sizeof(IMAGE_NT_HEADERS64) > FileSize)
        return STATUS_INVALID_IMAGE_PROTECT;
    Status = Read(Context, (ULONG)Dos.e_lfanew, &Signature, sizeof(Signature));
    if (!NT_SUCCESS(Status))
        return Status;
    if ((USHORT)Signature == IMAGE_OS2_SIGNATURE)
        return LdrpCheckOs2(Read, Context, (ULONG)Dos.e_lfanew);
    if ((USHORT)Signature == IMAGE_VXD_SIGNATURE)
        return STATUS_INVALID_IMAGE_LE_FORMAT;
    if (Signature != IMAGE_NT_SIGNATURE)
        return STATUS_INVALID_IMAGE_PROTECT;
    *Offset = (ULONG)Dos.e_lfanew;
    return STATUS_SUCCESS;
}

static NTSTATUS LdrpCheckMachine(const IMAGE_NT_HEADERS64 *Nt)
{
    if (Nt->FileHeader.Machine == IMAGE_FILE_MACHINE_I386 && Nt->OptionalHeader.Magic == IMAGE_NT_OPTIONAL_HDR32_MAGIC)
        return STATUS_INVALID_IMAGE_WIN_32;
    if (Nt->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64 || Nt->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR64_MAGIC)
        return STATUS_INVALID_IMAGE_FORMAT;
    return STATUS_SUCCESS;
}

/*
 * Fields of the headers that do not depend on the sections.  What the fields of the optional header say counts even if
 * SizeOfOptionalHeader ends before them, as in files that put the section table there; where the entry point is does not.
 */
static NTSTATUS LdrpCheckOptional(const IMAGE_NT_HEADERS64 *Nt, ULONG64 FileSize)
{
    const IMAGE_OPTIONAL_HEADER64 *Optional = &Nt->OptionalHeader;

    if (!(Nt->FileHeader.Characteristics & IMAGE_FILE_EXECUTABLE_IMAGE) ||
        Nt->FileHeader.NumberOfSections > LDR_MAX_SECTIONS)
        return STATUS_INVALID_IMAGE_FORMAT;
    if (!LdrpIsPowerOfTwo(Optional->FileAlignment) || !LdrpIsPowerOfTwo(Optional->SectionAlignment) ||
        Optional->FileAlignment > 0x10000 || Optional->SectionAlignment < Optional->FileAlignment ||
        Optional->SectionAlignment > 0x10000000)
        return STATUS_INVALID_IMAGE_FORMAT;
    if ((Optional->SectionAlignment < LDR_PAGE || Optional->FileAlignment < LDR_SECTOR) &&
        Optional->SectionAlignment != Optional->FileAlignment)
        return STATUS_INVALID_IMAGE_FORMAT;
    if (Optional->SizeOfImage == 0 || Optional->SizeOfImage > LDR_MAX_IMAGE ||
        Optional->SizeOfHeaders > Optional->SizeOfImage || Optional->SizeOfHeaders > FileSize)
        return STATUS_INVALID_IMAGE_FORMAT;
    if ((Optional->ImageBase & 0xFFFF) != 0 || Optional->ImageBase > LDR_MAX_ADDRESS - Optional->SizeOfImage)
        return STATUS_INVALID_IMAGE_FORMAT;
    return STATUS_SUCCESS;
}

static BOOLEAN LdrpHasDirectory(const IMAGE_OPTIONAL_HEADER64 *Optional, ULONG Index)
{
    return Index < Optional->NumberOfRvaAndSizes && Optional->DataDirectory[Index].VirtualAddress != 0 &&
           Optional->DataDirectory[Index].Size != 0;
}

/* LoaderFlags says whether the image is for the common language runtime. */
static VOID LdrpFillInformation(const IMAGE_NT_HEADERS64 *Nt, ULONG64 FileSize, PLDR_IMAGE Image)
{
    const IMAGE_OPTIONAL_HEADER64 *Optional = &Nt->OptionalHeader;
    SECTION_IMAGE_INFORMATION *Information = &Image->Information;

    Image->ImageBase = Optional->ImageBase;
    Image->SizeOfImage = (ULONG)LdrpRoundUp(Optional->SizeOfImage);
    Image->SizeOfHeaders = Optional->SizeOfHeaders;
    Image->SectionAlignment = Optional->SectionAlignment;
    Image->FileAlignment = Optional->FileAlignment;
    Image->EntryPoint = Optional->AddressOfEntryPoint;
    Image->NumberOfSections = Nt->FileHeader.NumberOfSections;
    Image->Flat = Optional->SectionAlignment < LDR_PAGE;
    memset(Information, 0, sizeof(*Information));       /* what lies between the fields, too */
    Information->TransferAddress = (PVOID)(Optional->ImageBase + Optional->AddressOfEntryPoint);
    Information->MaximumStackSize = Optional->SizeOfStackReserve;
    Information->CommittedStackSize = Optional->SizeOfStackCommit;
    Information->SubSystemType = Optional->Subsystem;
    Information->SubSystemMajorVersion = Optional->MajorSubsystemVersion;
    Information->SubSystemMinorVersion = Optional->MinorSubsystemVersion;
    Information->MajorOperatingSystemVersion = Optional->MajorOperatingSystemVersion;
    Information->MinorOperatingSystemVersion = Optional->MinorOperatingSystemVersion;
    Information->ImageCharacteristics = Nt->FileHeader.Characteristics;
    Information->DllCharacteristics = Optional->DllCharacteristics;
    Information->Machine = Nt->FileHeader.Machine;
    Information->ImageContainsCode = Optional->SizeOfCode != 0 || Optional->AddressOfEntryPoint != 0 || Image->Flat;
    Information->ImageFlags = Image->Flat ? LDR_MAPPED_FLAT : 0;
    Information->LoaderFlags = LdrpHasDirectory(Optional, IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR);
    Information->ImageFileSize = FileSize > 0xFFFFFFFF ? 0xFFFFFFFF : (ULONG)FileSize;
    Information->CheckSum = Optional->CheckSum;
}

/* One section header; *Next is the RVA at which it must start and, afterwards, where the next one must.  The file's part
 * are whole sectors, whatever the header says between them. */
static NTSTATUS LdrpCheckSection(const IMAGE_SECTION_HEADER *Header, ULONG64 FileSize, const LDR_IMAGE *Image,
        PULONG64 Next, PLDR_IMAGE_SECTION Section)
{
    ULONG VirtualSize = Header->Misc.VirtualSize != 0 ? Header->Misc.VirtualSize : Header->SizeOfRawData;
    ULONG FileOffset = Header->PointerToRawData & ~(LDR_SECTOR - 1);
    ULONG64 FileSizeOfSection = Header->PointerToRawData == 0 || Header->SizeOfRawData == 0 ? 0
                                : (ULONG64)Header->PointerToRawData - FileOffset + Header->SizeOfRawData;
    ULONG64 Room = LdrpRoundUp(VirtualSize);

    if (Header->VirtualAddress != *Next || VirtualSize == 0)
        return STATUS_INVALID_IMAGE_FORMAT;
    *Next = (*Next + VirtualSize + Image->SectionAlignment - 1) & ~(ULONG64)(Image->SectionAlignment - 1);
    if ((ULONG64)Header->VirtualAddress + VirtualSize > Image->SizeOfImage)
        return STATUS_INVALID_IMAGE_FORMAT;
    FileSizeOfSection = (FileSizeOfSection + LDR_SECTOR - 1) & ~(ULONG64)(LDR_SECTOR - 1);
    if (FileSizeOfSection > Room)
        FileSizeOfSection = Room;
    if (FileSizeOfSection != 0 && (FileOffset > FileSize || FileSizeOfSection > LdrpRoundUp(FileSize) - FileOffset))
        return STATUS_INVALID_IMAGE_FORMAT;
    /* Linkers may round the size of the last section's data beyond the end of the file. */
    if (FileSizeOfSection != 0 && FileSizeOfSection > FileSize - FileOffset)
        FileSizeOfSection = FileSize - FileOffset;
    *Section = (LDR_IMAGE_SECTION){
        .VirtualAddress = Header->VirtualAddress,
        .VirtualSize = VirtualSize,
        .FileOffset = FileOffset,
        .FileSize = (ULONG)FileSizeOfSection,
        .Characteristics = Header->Characteristics,
    };
    return STATUS_SUCCESS;
}

static NTSTATUS LdrpCheckSections(LDR_READ Read, PVOID Context, ULONG64 FileSize, ULONG Table, PLDR_IMAGE Image)
{
    ULONG64 Next = (Image->SizeOfHeaders + Image->SectionAlignment - 1) & ~(ULONG64)(Image->SectionAlignment - 1);
    IMAGE_SECTION_HEADER Header;
    NTSTATUS Status;
    ULONG Index;

    if ((ULONG64)Table + Image->NumberOfSections * sizeof(Header) > (Image->Flat ? Image->SizeOfImage : Image->SizeOfHeaders))
        return STATUS_INVALID_IMAGE_FORMAT;
    for (Index = 0; Index < Image->NumberOfSections; Index++) {
        Status = Read(Context, Table + Index * sizeof(Header), &Header, sizeof(Header));
        if (!NT_SUCCESS(Status))
            return Status;
        if (Header.Characteristics & IMAGE_SCN_MEM_EXECUTE)
            Image->Information.ImageContainsCode = TRUE;
        /* The headers may be followed by a gap: the first section's own address counts. */
        if (Index == 0 && Header.VirtualAddress > Next && Header.VirtualAddress % Image->SectionAlignment == 0)
            Next = Header.VirtualAddress;
        if (Image->Flat) {
            Image->Section[Index] = (LDR_IMAGE_SECTION){.Characteristics = Header.Characteristics};
            continue;
        }
        Status = LdrpCheckSection(&Header, FileSize, Image, &Next, &Image->Section[Index]);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
}

NTSTATUS LdrCheckImage(LDR_READ Read, PVOID Context, ULONG64 FileSize, PLDR_IMAGE Image)
{
    IMAGE_NT_HEADERS64 Nt;
    NTSTATUS Status;
    ULONG Offset;

    memset(Image, 0, FIELD_OFFSET(LDR_IMAGE, Section));
    Status = LdrpFindHeaders(Read, Context, FileSize, &Offset);
    if (NT_SUCCESS(Status))
        Status = Read(Context, Offset, &Nt, sizeof(Nt));
    if (NT_SUCCESS(Status))
        Status = LdrpCheckMachine(&Nt);
    if (NT_SUCCESS(Status))
        Status = LdrpCheckOptional(&Nt, FileSize);
    if (!NT_SUCCESS(Status))
        return Status;
    LdrpFillInformation(&Nt, FileSize, Image);
    /* The headers are to be found in the image, too. */
    if (Offset + sizeof(Nt) > LdrpRoundUp(Image->Flat ? Image->SizeOfImage : Image->SizeOfHeaders))
        return STATUS_INVALID_IMAGE_FORMAT;
    Status = LdrpCheckSections(Read, Context, FileSize,
                               Offset + FIELD_OFFSET(IMAGE_NT_HEADERS64, OptionalHeader) +
                                   Nt.FileHeader.SizeOfOptionalHeader,
                               Image);
    if (Image->Information.ImageContainsCode && Nt.OptionalHeader.DllCharacteristics & IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE &&
        Image->Information.LoaderFlags == 0)
        Image->Information.ImageFlags |= LDR_DYNAMICALLY_RELOCATED;
    return Status;
}
