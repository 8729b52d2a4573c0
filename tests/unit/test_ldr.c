/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ntos/ldr on the build host: a small PE file and a small boot archive, made here; then the same with every header byte
 * changed and cut at every length.  What passes the checks must keep what LDR_IMAGE promises.
 *
 * Tests: ntos/ldr/*.c rtl/memory.c rtl/string.c.
 */
#include "tests/unit/unit.h"
#include "ntos/inc/ldr.h"
#include "abi/bootarchive.h"
#include <stdlib.h>

#define FILE_SIZE 0x3000
#define PE_OFFSET 0x80
#define SECTIONS_OFFSET (PE_OFFSET + sizeof(IMAGE_NT_HEADERS64))
#define HEADER_BYTES (SECTIONS_OFFSET + 2 * sizeof(IMAGE_SECTION_HEADER))

typedef struct {
    const UCHAR *Bytes;
    ULONG64 Size;
} MEMORY_FILE;

/* The file is an allocation of exactly its size: a read past it is the sanitizer's. */
static NTSTATUS ReadMemoryFile(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
    const MEMORY_FILE *File = Context;

    if (Offset > File->Size || Length > File->Size - Offset)
        return STATUS_END_OF_FILE;
    memcpy(Buffer, File->Bytes + Offset, Length);
    return STATUS_SUCCESS;
}

static void MakeExports(UCHAR *Section, ULONG Rva)
{
    static const char *const Names[] = {"Alpha", "Beta", "LdrInitializeThunk"};
    IMAGE_EXPORT_DIRECTORY *Directory = (IMAGE_EXPORT_DIRECTORY *)Section;
    ULONG Text = 0x200;

    Directory->NumberOfFunctions = Directory->NumberOfNames = 3;
    Directory->AddressOfFunctions = Rva + 0x80;
    Directory->AddressOfNames = Rva + 0xA0;
    Directory->AddressOfNameOrdinals = Rva + 0xC0;
    for (ULONG i = 0; i < 3; i++) {
        ((ULONG *)(Section + 0x80))[i] = 0x1000 + i * 0x10;
        ((ULONG *)(Section + 0xA0))[i] = Rva + Text;
        ((USHORT *)(Section + 0xC0))[i] = (USHORT)i;
        memcpy(Section + Text, Names[i], strlen(Names[i]) + 1);
        Text += 0x20;
    }
    /* Beta is a forwarder: it points into the directory. */
    ((ULONG *)(Section + 0x80))[1] = Rva + 0x300;
}

/* Headers, .text at 0x1000, .rdata with exports at 0x2000; a page each. */
static UCHAR *MakeImage(void)
{
    UCHAR *File = calloc(1, FILE_SIZE);
    IMAGE_NT_HEADERS64 *Nt = (IMAGE_NT_HEADERS64 *)(File + PE_OFFSET);
    IMAGE_SECTION_HEADER *Section = (IMAGE_SECTION_HEADER *)(File + SECTIONS_OFFSET);

    ((IMAGE_DOS_HEADER *)File)->e_magic = IMAGE_DOS_SIGNATURE;
    ((IMAGE_DOS_HEADER *)File)->e_lfanew = PE_OFFSET;
    Nt->Signature = IMAGE_NT_SIGNATURE;
    Nt->FileHeader = (IMAGE_FILE_HEADER){.Machine = IMAGE_FILE_MACHINE_AMD64, .NumberOfSections = 2,
                                         .SizeOfOptionalHeader = sizeof(IMAGE_OPTIONAL_HEADER64),
                                         .Characteristics = IMAGE_FILE_EXECUTABLE_IMAGE};
    Nt->OptionalHeader = (IMAGE_OPTIONAL_HEADER64){
        .Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC, .AddressOfEntryPoint = 0x1010, .ImageBase = 0x140000000,
        .SectionAlignment = 0x1000, .FileAlignment = 0x1000, .SizeOfImage = 0x3000, .SizeOfHeaders = 0x1000,
        .Subsystem = 3, .SizeOfStackReserve = 0x100000, .NumberOfRvaAndSizes = 16,
        .DataDirectory[0] = {0x2000, 0x400}};
    Section[0] = (IMAGE_SECTION_HEADER){.Misc.VirtualSize = 0x800, .VirtualAddress = 0x1000, .SizeOfRawData = 0x1000,
                                        .PointerToRawData = 0x1000, .Characteristics = 0x60000020};
    Section[1] = (IMAGE_SECTION_HEADER){.Misc.VirtualSize = 0x900, .VirtualAddress = 0x2000, .SizeOfRawData = 0x1000,
                                        .PointerToRawData = 0x2000, .Characteristics = 0x40000040};
    MakeExports(File + 0x2000, 0x2000);
    return File;
}

static NTSTATUS Check(const UCHAR *Bytes, ULONG64 Size, LDR_IMAGE *Image)
{
    MEMORY_FILE File = {Bytes, Size};

    return LdrCheckImage(ReadMemoryFile, &File, Size, Image);
}

static void TestGood(void)
{
    UCHAR *File = MakeImage();
    LDR_IMAGE Image;

    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_SUCCESS);
    CHECK(Image.ImageBase == 0x140000000 && Image.SizeOfImage == 0x3000 && Image.NumberOfSections == 2);
    CHECK(Image.EntryPoint == 0x1010 && !Image.Flat);
    CHECK(Image.Section[0].VirtualAddress == 0x1000 && Image.Section[0].VirtualSize == 0x800 &&
          Image.Section[0].FileOffset == 0x1000 && Image.Section[0].FileSize == 0x1000);
    CHECK((ULONG64)(uintptr_t)Image.Information.TransferAddress == 0x140001010);
    CHECK(Image.Information.MaximumStackSize == 0x100000 && Image.Information.SubSystemType == 3);
    free(File);
}

static NTSTATUS Find(const UCHAR *Bytes, ULONG64 Size, const LDR_IMAGE *Image, const char *Name, ULONG *Rva)
{
    MEMORY_FILE File = {Bytes, Size};

    return LdrFindExport(ReadMemoryFile, &File, Image, Name, Rva);
}

static void TestExports(void)
{
    UCHAR *File = MakeImage();
    LDR_IMAGE Image;
    ULONG Rva = 0;

    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_SUCCESS);
    CHECK(Find(File, FILE_SIZE, &Image, "Alpha", &Rva) == STATUS_SUCCESS && Rva == 0x1000);
    CHECK(Find(File, FILE_SIZE, &Image, "LdrInitializeThunk", &Rva) == STATUS_SUCCESS && Rva == 0x1020);
    CHECK(Find(File, FILE_SIZE, &Image, "Beta", &Rva) == STATUS_ENTRYPOINT_NOT_FOUND);
    CHECK(Find(File, FILE_SIZE, &Image, "Alph", &Rva) == STATUS_ENTRYPOINT_NOT_FOUND);
    CHECK(Find(File, FILE_SIZE, &Image, "Zulu", &Rva) == STATUS_ENTRYPOINT_NOT_FOUND);
    CHECK(Find(File, FILE_SIZE, &Image, "", &Rva) == STATUS_ENTRYPOINT_NOT_FOUND);
    free(File);
}

/* What ntos/mm relies on when it maps the image. */
static int KeepsPromises(const LDR_IMAGE *Image, ULONG64 FileSize)
{
    ULONG64 Next = 0;

    if (Image->SizeOfImage % 0x1000 != 0 || Image->SizeOfImage == 0 || Image->SizeOfHeaders > FileSize ||
        Image->SizeOfHeaders > Image->SizeOfImage || Image->NumberOfSections > LDR_MAX_SECTIONS ||
        Image->ImageBase % 0x10000 != 0)
        return 0;
    for (ULONG i = 0; !Image->Flat && i < Image->NumberOfSections; i++) {
        const LDR_IMAGE_SECTION *Section = &Image->Section[i];

        if (Section->VirtualAddress < Next || Section->VirtualAddress % 0x1000 != 0 ||
            (ULONG64)Section->VirtualAddress + Section->VirtualSize > Image->SizeOfImage ||
            Section->FileSize > ((ULONG64)Section->VirtualSize + 0xFFF) / 0x1000 * 0x1000 ||
            (Section->FileSize != 0 && (ULONG64)Section->FileOffset + Section->FileSize > FileSize))
            return 0;
        Next = (ULONG64)Section->VirtualAddress + Section->VirtualSize;
    }
    return 1;
}

static void TestEveryByte(void)
{
    static const UCHAR Values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF};
    UCHAR *File = MakeImage();
    LDR_IMAGE Image;
    ULONG Rva, Bad = 0;

    for (ULONG Offset = 0; Offset < HEADER_BYTES + 0x2000; Offset++) {
        ULONG At = Offset < HEADER_BYTES ? Offset : Offset - HEADER_BYTES + 0x1000;
        UCHAR Old = File[At];

        for (ULONG i = 0; i < sizeof(Values); i++) {
            File[At] = Values[i];
            if (Check(File, FILE_SIZE, &Image) < 0)
                continue;
            Bad += !KeepsPromises(&Image, FILE_SIZE);
            if (Find(File, FILE_SIZE, &Image, "LdrInitializeThunk", &Rva) >= 0)
                Bad += Rva >= Image.SizeOfImage;
        }
        File[At] = Old;
    }
    CHECK(Bad == 0);
    free(File);
}

static void TestEveryLength(void)
{
    UCHAR *Whole = MakeImage();
    ULONG Bad = 0;

    for (ULONG Size = 0; Size < FILE_SIZE; Size += Size < HEADER_BYTES + 64 ? 1 : 251) {
        UCHAR *File = malloc(Size + (Size == 0));
        LDR_IMAGE Image;
        ULONG Rva;

        memcpy(File, Whole, Size);
        if (Check(File, Size, &Image) >= 0) {
            Bad += !KeepsPromises(&Image, Size);
            Find(File, Size, &Image, "LdrInitializeThunk", &Rva);
        }
        free(File);
    }
    CHECK(Bad == 0);
    free(Whole);
}

static void TestStatuses(void)
{
    UCHAR *File = MakeImage();
    IMAGE_NT_HEADERS64 *Nt = (IMAGE_NT_HEADERS64 *)(File + PE_OFFSET);
    IMAGE_SECTION_HEADER *Section = (IMAGE_SECTION_HEADER *)(File + SECTIONS_OFFSET);
    LDR_IMAGE Image;

    CHECK(Check(File, 1, &Image) == STATUS_INVALID_IMAGE_NOT_MZ);
    Nt->FileHeader.Machine = IMAGE_FILE_MACHINE_I386;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_FORMAT);
    Nt->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR32_MAGIC;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_WIN_32);
    Nt->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    Nt->FileHeader.Machine = 0xAA64;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_FORMAT);
    Nt->FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    Section[1].VirtualAddress = 0x1000;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_FORMAT);
    Section[1].VirtualAddress = 0x2000;
    Section[1].PointerToRawData = 0xFFFFF000;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_FORMAT);
    Section[1].PointerToRawData = 0x2000;
    Nt->OptionalHeader.SizeOfImage = 0x2000;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_FORMAT);
    Nt->OptionalHeader.SizeOfImage = 0x3000;
    Nt->Signature = IMAGE_OS2_SIGNATURE;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_NE_FORMAT);
    Nt->Signature = 0;
    CHECK(Check(File, FILE_SIZE, &Image) == STATUS_INVALID_IMAGE_PROTECT);
    free(File);
}

/* ------------------------------------------------------------------ boot archive */

static ULONG Crc32(const UCHAR *Bytes, SIZE_T Length)
{
    ULONG Crc = ~0u;

    while (Length-- != 0) {
        Crc ^= *Bytes++;
        for (int Bit = 0; Bit < 8; Bit++)
            Crc = Crc >> 1 ^ (Crc & 1 ? 0xEDB88320 : 0);
    }
    return ~Crc;
}

#define ARCHIVE_SIZE 0x3000

static UCHAR *MakeArchive(void)
{
    UCHAR *Bytes = aligned_alloc(0x1000, ARCHIVE_SIZE);
    BOOT_ARCHIVE_HEADER *Header = (BOOT_ARCHIVE_HEADER *)Bytes;
    BOOT_ARCHIVE_ENTRY *Entry = (BOOT_ARCHIVE_ENTRY *)(Header + 1);

    memset(Bytes, 0, ARCHIVE_SIZE);
    *Header = (BOOT_ARCHIVE_HEADER){.Magic = BOOT_ARCHIVE_MAGIC, .Version = BOOT_ARCHIVE_VERSION, .EntryCount = 2,
                                    .NamesOffset = 64 + 2 * sizeof(*Entry), .NamesSize = 20, .DataOffset = 0x1000,
                                    .TotalSize = ARCHIVE_SIZE};
    memcpy(Bytes + Header->NamesOffset, "a/b.txtwindows/x.dll", 20);
    Entry[0] = (BOOT_ARCHIVE_ENTRY){.Offset = 0x1000, .Size = 5, .NameOffset = 0, .NameLength = 7};
    Entry[1] = (BOOT_ARCHIVE_ENTRY){.Offset = 0x2000, .Size = 0x1000, .NameOffset = 7, .NameLength = 13};
    Header->TableCrc = Crc32((UCHAR *)Entry, Header->NamesOffset + Header->NamesSize - 64);
    memcpy(Bytes + 0x1000, "hello", 5);
    return Bytes;
}

static void TestArchive(void)
{
    UCHAR *Bytes = MakeArchive();
    LDR_BOOT_FILE File;
    const char *Reason;
    char Text[5];

    CHECK(LdrInitBootArchive(Bytes, ARCHIVE_SIZE, &Reason) == STATUS_SUCCESS);
    CHECK(LdrGetBootFileCount() == 2);
    CHECK(LdrFindBootFile("A/B.TXT", &File) && File.Size == 5);
    CHECK(LdrReadBootFile(&File, 0, Text, 5) == STATUS_SUCCESS && memcmp(Text, "hello", 5) == 0);
    CHECK(LdrReadBootFile(&File, 1, Text, 5) == STATUS_END_OF_FILE);
    CHECK(LdrReadBootFile(&File, ~0ull, Text, 5) == STATUS_END_OF_FILE);
    CHECK(LdrFindBootFile("windows/x.dll", &File) && File.Data == Bytes + 0x2000);
    CHECK(!LdrFindBootFile("windows/x.dl", &File) && !LdrFindBootFile("windows/x.dlll", &File));
    CHECK(!LdrGetBootFile(2, &File));
    free(Bytes);
}

/* A damaged table does not pass, whatever its checksum says. */
static void TestDamagedArchive(void)
{
    UCHAR *Bytes = MakeArchive();
    BOOT_ARCHIVE_HEADER *Header = (BOOT_ARCHIVE_HEADER *)Bytes;
    const char *Reason;
    ULONG Bad = 0;

    CHECK(LdrInitBootArchive(Bytes, 0x2000, &Reason) < 0);
    CHECK(LdrInitBootArchive(Bytes, 10, &Reason) < 0);
    for (ULONG At = 0; At < 64 + 2 * sizeof(BOOT_ARCHIVE_ENTRY); At++) {
        UCHAR Old = Bytes[At];
        ULONG OldCrc = Header->TableCrc;
        LDR_BOOT_FILE File;

        Bytes[At] ^= 0x80;
        if (At >= 64)
            Header->TableCrc = Crc32(Bytes + 64, Header->NamesOffset + Header->NamesSize - 64);
        if (LdrInitBootArchive(Bytes, ARCHIVE_SIZE, &Reason) >= 0) {
            for (ULONG i = 0; LdrGetBootFile(i, &File); i++) {
                Bad += (UCHAR *)File.Data < Bytes || File.Size > ARCHIVE_SIZE ||
                       (UCHAR *)File.Data + File.Size > Bytes + ARCHIVE_SIZE;
                LdrFindBootFile("windows/x.dll", &File);
            }
        } else {
            Bad += Reason == NULL;
        }
        Bytes[At] = Old;
        Header->TableCrc = OldCrc;
    }
    CHECK(Bad == 0);
    LdrInitBootArchive(Bytes, ARCHIVE_SIZE, &Reason);
    free(Bytes);
}

const UNIT_TEST Tests[] = {
    {"a good image", TestGood},
    {"exports", TestExports},
    {"every byte changed", TestEveryByte},
    {"every length", TestEveryLength},
    {"statuses", TestStatuses},
    {"the boot archive", TestArchive},
    {"a damaged boot archive", TestDamagedArchive},
    {0},
};
