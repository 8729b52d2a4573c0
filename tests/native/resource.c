/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Resources of an image that is made here: types, names and languages in all combinations, as an image and as a data file;
 * directories that are wrong; the routines below them, which find directories and sections of images.
 * Sources: Microsoft, "PE Format"; "FindResourceEx", "FormatMessage" for the languages.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define IMAGE_SIZE 0x8000
#define HEADERS_SIZE 0x400
#define RESOURCE_RVA 0x1000
#define RESOURCE_SIZE 0x4000
#define DATA_RVA 0x6000             /* outside the resource section, in a section of its own */
#define DATA_SIZE 0x800

static UCHAR __attribute__((aligned(0x1000))) Image[IMAGE_SIZE];
static UCHAR __attribute__((aligned(0x1000))) File[IMAGE_SIZE];

static ULONG Used;

static ULONG Take(ULONG Bytes)
{
    ULONG Offset = Used;

    Used += (Bytes + 7) & ~7u;
    return Offset;
}

static PUCHAR At(ULONG Offset)
{
    return Image + RESOURCE_RVA + Offset;
}

static ULONG MakeDirectory(ULONG Named, ULONG Numbered)
{
    ULONG Offset = Take((ULONG)(sizeof(IMAGE_RESOURCE_DIRECTORY) + (Named + Numbered) * sizeof(IMAGE_RESOURCE_DIRECTORY_ENTRY)));
    PIMAGE_RESOURCE_DIRECTORY Directory = (PVOID)At(Offset);

    memset(Directory, 0, sizeof(*Directory));
    Directory->NumberOfNamedEntries = (USHORT)Named;
    Directory->NumberOfIdEntries = (USHORT)Numbered;
    return Offset;
}

static ULONG MakeString(PCWSTR Text)
{
    ULONG Length = (ULONG)wcslen(Text), Offset = Take(2 + 2 * Length);

    *(PUSHORT)(PVOID)At(Offset) = (USHORT)Length;
    memcpy(At(Offset) + 2, Text, 2 * Length);
    return Offset | IMAGE_RESOURCE_NAME_IS_STRING;
}

static PIMAGE_RESOURCE_DIRECTORY_ENTRY EntryOf(ULONG Directory, ULONG Index)
{
    return (PIMAGE_RESOURCE_DIRECTORY_ENTRY)(PVOID)(At(Directory) + sizeof(IMAGE_RESOURCE_DIRECTORY)) + Index;
}

static VOID SetEntry(ULONG Directory, ULONG Index, ULONG Name, ULONG Target)
{
    EntryOf(Directory, Index)->Name = Name;
    EntryOf(Directory, Index)->OffsetToData = Target;
}

/* Each leaf's data begin 16 bytes behind the one before, and have so many bytes as its number says. */
static ULONG Leaves;

static ULONG MakeLeaf(void)
{
    ULONG Offset = Take(sizeof(IMAGE_RESOURCE_DATA_ENTRY));

    *(PIMAGE_RESOURCE_DATA_ENTRY)(PVOID)At(Offset) = (IMAGE_RESOURCE_DATA_ENTRY){ DATA_RVA + 16 * Leaves, Leaves, 0, 0 };
    Leaves++;
    return Offset;
}

static const USHORT Languages[] = { 0x0000, 0x0007, 0x0407, 0x0409, 0x0807, 0x080c };
#define LANGUAGES ARRAYSIZE(Languages)

static const ULONG_PTR Names[4] = { (ULONG_PTR)L"ALPHA", (ULONG_PTR)L"BETA", 3, 10 };

/* Languages that the resource of this type and name has. */
static ULONG MaskOf(ULONG Type, ULONG Name)
{
    return (Type * 4 + Name) * 7 % 63 + 1;
}

static ULONG LeafNumbers[4][4][LANGUAGES];

static ULONG MakeLanguages(ULONG Type, ULONG Name)
{
    ULONG Mask = MaskOf(Type, Name), Count = 0, Directory;

    for (ULONG Index = 0; Index < LANGUAGES; Index++)
        Count += Mask >> Index & 1;
    Directory = MakeDirectory(0, Count);
    Count = 0;
    for (ULONG Index = 0; Index < LANGUAGES; Index++)
        if (Mask >> Index & 1) {
            LeafNumbers[Type][Name][Index] = Leaves;
            SetEntry(Directory, Count++, Languages[Index], MakeLeaf());
        }
    return Directory | IMAGE_RESOURCE_DATA_IS_DIRECTORY;
}

static ULONG MakeName(ULONG_PTR Name)
{
    return Name < 0x10000 ? (ULONG)Name : MakeString((PCWSTR)Name);
}

static VOID MakeHeaders(PUCHAR Base, ULONG ResourceFile, ULONG DataFile)
{
    PIMAGE_DOS_HEADER Dos = (PVOID)Base;
    PIMAGE_NT_HEADERS Headers = (PVOID)(Base + 0x80);
    PIMAGE_SECTION_HEADER Sections;

    Dos->e_magic = IMAGE_DOS_SIGNATURE;
    Dos->e_lfanew = 0x80;
    Headers->Signature = IMAGE_NT_SIGNATURE;
    Headers->FileHeader.NumberOfSections = 2;
    Headers->FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    Headers->FileHeader.SizeOfOptionalHeader = sizeof(Headers->OptionalHeader);
    Headers->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    Headers->OptionalHeader.SizeOfImage = IMAGE_SIZE;
    Headers->OptionalHeader.SizeOfHeaders = HEADERS_SIZE;
    Headers->OptionalHeader.NumberOfRvaAndSizes = IMAGE_NUMBEROF_DIRECTORY_ENTRIES;
    Headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE] = (IMAGE_DATA_DIRECTORY){ RESOURCE_RVA, RESOURCE_SIZE };
    Headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_DEBUG] = (IMAGE_DATA_DIRECTORY){ 0x200, 0x40 };
    Headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT] = (IMAGE_DATA_DIRECTORY){ 0x7000, 0x40 };
    Sections = IMAGE_FIRST_SECTION(Headers);
    Sections[0] = (IMAGE_SECTION_HEADER){ .Misc.VirtualSize = RESOURCE_SIZE, .VirtualAddress = RESOURCE_RVA,
            .SizeOfRawData = RESOURCE_SIZE, .PointerToRawData = ResourceFile };
    Sections[1] = (IMAGE_SECTION_HEADER){ .Misc.VirtualSize = 0x1000, .VirtualAddress = DATA_RVA,
            .SizeOfRawData = DATA_SIZE, .PointerToRawData = DataFile };
}

/* The image, and the file that it would be of: the sections lie elsewhere. */
static VOID MakeImage(VOID)
{
    ULONG Root;

    memset(Image, 0, sizeof(Image));
    memset(File, 0, sizeof(File));
    Used = Leaves = 0;
    Root = MakeDirectory(2, 2);
    for (ULONG Type = 0; Type < 4; Type++) {
        ULONG Directory = MakeDirectory(2, 2);

        SetEntry(Root, Type, MakeName(Names[Type]), Directory | IMAGE_RESOURCE_DATA_IS_DIRECTORY);
        for (ULONG Name = 0; Name < 4; Name++)
            SetEntry(Directory, Name, MakeName(Names[Name]), MakeLanguages(Type, Name));
    }
    MakeHeaders(Image, RESOURCE_RVA, DATA_RVA);
    MakeHeaders(File, HEADERS_SIZE, HEADERS_SIZE + RESOURCE_SIZE);
    memcpy(File + HEADERS_SIZE, Image + RESOURCE_RVA, RESOURCE_SIZE);
}

/* --- all combinations -------------------------------------------------------------------------------------------- */

/* Index of the language that is found for Wanted among those of Mask; LANGUAGES: none. */
static ULONG LanguageFor(ULONG Mask, USHORT Wanted)
{
    LCID User = 0, System = 0;
    USHORT List[] = { Wanted, PRIMARYLANGID(Wanted), 0, 0, 0, 0, 0, 0, 0 };
    ULONG Count = 3;

    NtQueryDefaultLocale(TRUE, &User);
    NtQueryDefaultLocale(FALSE, &System);
    if (PRIMARYLANGID(Wanted) == 0) {
        if (SUBLANGID(Wanted) != SUBLANG_SYS_DEFAULT) {
            List[Count++] = LANGIDFROMLCID(NtCurrentTebEx()->CurrentLocale);
            List[Count++] = LANGIDFROMLCID(User);
            List[Count++] = PRIMARYLANGID(LANGIDFROMLCID(User));
        }
        List[Count++] = LANGIDFROMLCID(System);
        List[Count++] = PRIMARYLANGID(LANGIDFROMLCID(System));
        List[Count++] = 0x409;
    }
    for (ULONG Try = 0; Try < Count; Try++)
        for (ULONG Index = 0; Index < LANGUAGES; Index++)
            if (Mask >> Index & 1 && Languages[Index] == List[Try])
                return Index;
    for (ULONG Index = 0; PRIMARYLANGID(Wanted) == 0 && Index < LANGUAGES; Index++)
        if (Mask >> Index & 1)
            return Index;
    return LANGUAGES;
}

static BOOLEAN IsRight(PVOID Base, PUCHAR Bytes, ULONG Type, ULONG Name, USHORT Wanted)
{
    ULONG Language = LanguageFor(MaskOf(Type, Name), Wanted), Length = 99;
    LDR_RESOURCE_INFO Info = { Names[Type], Names[Name], Wanted };
    PIMAGE_RESOURCE_DATA_ENTRY Data = NULL;
    NTSTATUS Status = LdrFindResource_U(Base, &Info, 3, &Data);
    PVOID Place = NULL;
    ULONG Leaf;

    if (Language == LANGUAGES)
        return Status == STATUS_RESOURCE_LANG_NOT_FOUND;
    Leaf = LeafNumbers[Type][Name][Language];
    return Status == STATUS_SUCCESS && LdrAccessResource(Base, Data, &Place, &Length) == STATUS_SUCCESS && Length == Leaf &&
           (PUCHAR)Place == Bytes + 16 * Leaf;
}

static VOID TestAll(PVOID Base, PUCHAR Bytes)
{
    static const USHORT Wanted[] = { 0, 0x400, 0x800, 0x0007, 0x0407, 0x0c07, 0x0807, 0x0009, 0x0409, 0x0809, 0x000c, 0x080c, 0x040c,
            0x0411 };

    for (ULONG Type = 0; Type < 4; Type++)
        for (ULONG Name = 0; Name < 4; Name++)
            for (ULONG Index = 0; Index < ARRAYSIZE(Wanted); Index++)
                if (!CHECK(IsRight(Base, Bytes, Type, Name, Wanted[Index])))
                    Print(L"    type %u, name %u, language %04x\n", Type, Name, Wanted[Index]);
}

static NTSTATUS Find(ULONG_PTR Type, ULONG_PTR Name, ULONG Level)
{
    LDR_RESOURCE_INFO Info = { Type, Name, 0x409 };
    PIMAGE_RESOURCE_DATA_ENTRY Data;

    return LdrFindResource_U(Image, &Info, Level, &Data);
}

static VOID TestMissing(VOID)
{
    static const WCHAR Number[] = L"#3", Lower[] = L"alpha", Prefix[] = L"ALPH", Longer[] = L"ALPHAS";

    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find(4, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find(0, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find(0xffff, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find((ULONG_PTR)Lower, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find((ULONG_PTR)Prefix, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find((ULONG_PTR)Longer, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find((ULONG_PTR)Number, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_NAME_NOT_FOUND, Find(3, 4, 3));
    CHECK_STATUS(STATUS_RESOURCE_NAME_NOT_FOUND, Find(3, (ULONG_PTR)Lower, 3));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find(3, 3, 1));         /* a directory, no data */
    CHECK_STATUS(STATUS_RESOURCE_NAME_NOT_FOUND, Find(3, 3, 2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Find(3, 3, 4));
}

static VOID TestDirectories(VOID)
{
    LDR_RESOURCE_INFO Info = { (ULONG_PTR)L"BETA", 10, 0x409 };
    PIMAGE_RESOURCE_DIRECTORY Directory = NULL, Type;
    ULONG Mask = MaskOf(1, 3), Count = 0;

    for (ULONG Index = 0; Index < LANGUAGES; Index++)
        Count += Mask >> Index & 1;
    CHECK_STATUS(STATUS_SUCCESS, LdrFindResourceDirectory_U(Image, &Info, 0, &Directory));
    CHECK((PUCHAR)Directory == At(0) && Directory->NumberOfIdEntries == 2);
    CHECK_STATUS(STATUS_SUCCESS, LdrFindResourceDirectory_U(Image, &Info, 1, &Type));
    CHECK((PUCHAR)Type == At(EntryOf(0, 1)->OffsetToDirectory) && Type->NumberOfNamedEntries == 2);
    CHECK_STATUS(STATUS_SUCCESS, LdrFindResourceDirectory_U(Image, &Info, 2, &Directory));
    CHECK(Directory->NumberOfNamedEntries == 0 && Directory->NumberOfIdEntries == Count);
    CHECK_STATUS(STATUS_RESOURCE_LANG_NOT_FOUND, LdrFindResourceDirectory_U(Image, &Info, 3, &Directory));
    Info.Name = 11;
    CHECK_STATUS(STATUS_RESOURCE_NAME_NOT_FOUND, LdrFindResourceDirectory_U(Image, &Info, 2, &Directory));
    Info.Type = 11;
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, LdrFindResourceDirectory_U(Image, &Info, 1, &Directory));
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, LdrFindResourceDirectory_U(Image, &Info, 2, &Directory));
}

/* --- images that have none, or wrong ones ------------------------------------------------------------------------ */

static PIMAGE_NT_HEADERS Headers(VOID)
{
    return (PIMAGE_NT_HEADERS)(PVOID)(Image + 0x80);
}

static VOID TestNoImage(VOID)
{
    PIMAGE_RESOURCE_DATA_ENTRY Data;
    LDR_RESOURCE_INFO Info = { 3, 3, 0 };
    IMAGE_RESOURCE_DATA_ENTRY Made = { DATA_RVA, 4, 0, 0 };
    PVOID Place;
    ULONG Length;

    Headers()->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE].VirtualAddress = 0;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, LdrAccessResource(Image, &Made, &Place, &Length));
    MakeImage();
    Headers()->OptionalHeader.NumberOfRvaAndSizes = IMAGE_DIRECTORY_ENTRY_RESOURCE;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
    Headers()->Signature = 0;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
    Headers()->OptionalHeader.Magic = 0;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, LdrFindResource_U(Image + 0x1000, &Info, 3, &Data));
    Place = NULL;
    CHECK_STATUS(STATUS_SUCCESS, LdrAccessResource(Image, &Made, &Place, NULL));
    CHECK((PUCHAR)Place == Image + DATA_RVA);
    CHECK_STATUS(STATUS_SUCCESS, LdrAccessResource(Image, &Made, NULL, &Length));
    CHECK(Length == 4);
}

/* Offsets, counts and sizes that lead out of the section: Wine believes them. */
static VOID TestCorrupt(VOID)
{
    IMAGE_RESOURCE_DATA_ENTRY Outside[] = { { IMAGE_SIZE, 4, 0, 0 }, { 0xfffffff0, 0x20, 0, 0 }, { DATA_RVA, 0xffffffff, 0, 0 } };
    PVOID Place;
    ULONG Length;

    for (ULONG Index = 0; Index < ARRAYSIZE(Outside); Index++)
        CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, LdrAccessResource(Image, &Outside[Index], &Place, &Length));
    EntryOf(0, 2)->OffsetToDirectory = RESOURCE_SIZE - 8;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    EntryOf(0, 2)->OffsetToDirectory = 0x7ffffff8;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    EntryOf(0, 2)->OffsetToDirectory = 0;               /* in a circle: three levels are three levels */
    CHECK(!NT_SUCCESS(Find(3, 3, 3)));
    MakeImage();
    EntryOf(0, 2)->DataIsDirectory = 0;
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
    EntryOf(0, 0)->NameOffset = 0x7ffffff0;
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find((ULONG_PTR)L"ALPHA", 3, 3));
    CHECK(Find((ULONG_PTR)L"BETA", 3, 3) != STATUS_RESOURCE_TYPE_NOT_FOUND);
    MakeImage();
    *(PUSHORT)(PVOID)At(EntryOf(0, 0)->NameOffset) = 0xffff;
    CHECK_STATUS(STATUS_RESOURCE_TYPE_NOT_FOUND, Find((ULONG_PTR)L"ALPHA", 3, 3));
    MakeImage();
    ((PIMAGE_RESOURCE_DIRECTORY)(PVOID)At(0))->NumberOfIdEntries = 0xffff;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
    Headers()->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE].Size = 15;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
    Headers()->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE].VirtualAddress = 0xfffff000;
    CHECK_STATUS(STATUS_RESOURCE_DATA_NOT_FOUND, Find(3, 3, 3));
    MakeImage();
}

static ULONG Random(void)
{
    static ULONG Seed = 7;

    Seed = Seed * 1664525 + 1013904223;
    return Seed >> 8;
}

/* Some bytes of the directories changed: each question gets an answer, and what is found lies in the section. */
static VOID TestRandomBytes(VOID)
{
    ULONG Good = 0, Outside = 0;

    for (ULONG Round = 0; Round < 2000; Round++) {
        LDR_RESOURCE_INFO Info = { Names[Random() % 4], Names[Random() % 4], Languages[Random() % LANGUAGES] };
        PIMAGE_RESOURCE_DATA_ENTRY Data;

        MakeImage();
        for (ULONG Change = 0; Change < 8; Change++)
            *At(Random() % Used) = (UCHAR)Random();
        if (!NT_SUCCESS(LdrFindResource_U(Image, &Info, 3, &Data)))
            continue;
        Good++;
        Outside += (PUCHAR)Data < At(0) || (PUCHAR)(Data + 1) > At(RESOURCE_SIZE);
    }
    CHECK(Good > 100 && Outside == 0);
    MakeImage();
}

/* --- directories and sections of images -------------------------------------------------------------------------- */

static VOID TestDirectoryEntries(VOID)
{
    ULONG Size = 0;

    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == At(0) && Size == RESOURCE_SIZE);
    CHECK(RtlImageDirectoryEntryToData(File, FALSE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == File + HEADERS_SIZE);
    CHECK(RtlImageDirectoryEntryToData(File + 1, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == File + HEADERS_SIZE);
    CHECK(RtlImageDirectoryEntryToData(Image + 2, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == At(0));
    CHECK(RtlImageDirectoryEntryToData(File, FALSE, IMAGE_DIRECTORY_ENTRY_DEBUG, &Size) == File + 0x200 && Size == 0x40);
    CHECK(RtlImageDirectoryEntryToData(File, FALSE, IMAGE_DIRECTORY_ENTRY_EXPORT, &Size) == NULL);   /* in no section */
    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &Size) == Image + 0x7000);
    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, IMAGE_DIRECTORY_ENTRY_TLS, &Size) == NULL);
    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, IMAGE_NUMBEROF_DIRECTORY_ENTRIES, &Size) == NULL);
    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, 0xffff, &Size) == NULL);
    CHECK(RtlImageNtHeader((PVOID)0x10000) == NULL && RtlImageNtHeader((PVOID)0x7000000001) == NULL);
    CHECK(RtlImageDirectoryEntryToData(Image + 0x1000, TRUE, 0, &Size) == NULL);
    Headers()->OptionalHeader.NumberOfRvaAndSizes = 0xffffffff;
    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == At(0));
    MakeImage();
}

/* The optional header of 32-bit images has its directories elsewhere. */
static VOID TestDirectoryOf32Bits(VOID)
{
    PIMAGE_NT_HEADERS32 Old = (PVOID)(Image + 0x80);
    ULONG Size = 0;

    memset(&Old->OptionalHeader, 0, sizeof(Headers()->OptionalHeader));
    Old->OptionalHeader.Magic = IMAGE_NT_OPTIONAL_HDR32_MAGIC;
    Old->OptionalHeader.SizeOfImage = IMAGE_SIZE;
    Old->OptionalHeader.NumberOfRvaAndSizes = 16;
    Old->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_RESOURCE] = (IMAGE_DATA_DIRECTORY){ RESOURCE_RVA, 0x123 };
    CHECK(RtlImageDirectoryEntryToData(Image, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == At(0) && Size == 0x123);
    MakeImage();
}

static VOID TestRvaToVa(VOID)
{
    PIMAGE_NT_HEADERS Nt = (PVOID)(File + 0x80);
    PIMAGE_SECTION_HEADER First = IMAGE_FIRST_SECTION(Nt), Section = NULL;

    CHECK(RtlImageRvaToVa(Nt, File, RESOURCE_RVA, NULL) == File + HEADERS_SIZE);
    CHECK(RtlImageRvaToVa(Nt, File, RESOURCE_RVA + RESOURCE_SIZE - 1, NULL) == File + HEADERS_SIZE + RESOURCE_SIZE - 1);
    CHECK(RtlImageRvaToVa(Nt, File, RESOURCE_RVA + RESOURCE_SIZE, NULL) == NULL);
    CHECK(RtlImageRvaToVa(Nt, File, RESOURCE_RVA - 1, NULL) == NULL && RtlImageRvaToVa(Nt, File, 0, NULL) == NULL);
    CHECK(RtlImageRvaToVa(Nt, File, DATA_RVA + DATA_SIZE, NULL) == NULL);      /* in memory, but not in the file */
    CHECK(RtlImageRvaToVa(Nt, File, 0xffffffff, NULL) == NULL);
    CHECK(RtlImageRvaToVa(Nt, File, DATA_RVA + 5, &Section) == File + HEADERS_SIZE + RESOURCE_SIZE + 5);
    CHECK(Section == &First[1]);
    CHECK(RtlImageRvaToVa(Nt, File, DATA_RVA, &Section) == File + HEADERS_SIZE + RESOURCE_SIZE && Section == &First[1]);
    CHECK(RtlImageRvaToVa(Nt, File, RESOURCE_RVA, &Section) == File + HEADERS_SIZE && Section == &First[0]);
    CHECK(RtlImageRvaToVa(Nt, File, 0, &Section) == NULL && Section == &First[0]);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    MakeImage();
    TestAll(Image, Image + DATA_RVA);
    TestAll(File + 1, File + HEADERS_SIZE + RESOURCE_SIZE);
    TestMissing();
    TestDirectories();
    TestNoImage();
    if (!IsWine) {
        TestCorrupt();
        TestRandomBytes();
    }
    TestDirectoryEntries();
    TestDirectoryOf32Bits();
    TestRvaToVa();
    return CheckClose();
}
