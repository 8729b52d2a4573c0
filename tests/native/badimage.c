/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Images of all kinds, good ones that look bad and bad ones: what section creation says of each, what it tells of those that pass, what
 * the loader makes of both.  The PE format specification and what Windows is known to take (files of packers and of demo
 * writers).
 * Runs on: Nereid and Wine.
 */
#include "makedll.h"

#define SELF NtCurrentProcess()
#define PATH L"C:\\badimage.dll"
#define NTPATH L"\\??\\C:\\badimage.dll"
#define VALUE 0x1234567
#define MAPPED_FLAT 8
#define DYNAMICALLY_RELOCATED 4

typedef struct _HEADERS {
    IMAGE_DOS_HEADER Dos;
    IMAGE_NT_HEADERS Nt;
    IMAGE_SECTION_HEADER Section;
} HEADERS;

static union {
    HEADERS Headers;
    UCHAR Bytes[2 * MAKEDLL_SIZE];
} Image;

static const MAKEDLL Dll = { .Value = VALUE };

static VOID Start(VOID)
{
    memset(&Image, 0, sizeof(Image));
    MakeDllImage(Image.Bytes, &Dll);
}

/* A section over the first Length bytes of Image. */
static NTSTATUS CreateLong(ULONG Length, ULONG64 MaximumSize, PHANDLE Section)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(NTPATH);
    LARGE_INTEGER Size = { .QuadPart = (LONGLONG)MaximumSize };
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL;
    NTSTATUS Status;

    *Section = NULL;
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, Length));
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&File, FILE_GENERIC_READ | FILE_EXECUTE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                            FILE_SYNCHRONOUS_IO_NONALERT));
    Status = NtCreateSection(Section, SECTION_ALL_ACCESS, NULL, MaximumSize != 0 ? &Size : NULL, PAGE_EXECUTE, SEC_IMAGE, File);
    NtClose(File);
    return Status;
}

static NTSTATUS Create(PHANDLE Section)
{
    return CreateLong(MAKEDLL_SIZE, 0, Section);
}

static NTSTATUS Load(PVOID *Base)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PATH);

    *Base = NULL;
    return LdrLoadDll(NULL, NULL, &Name, Base);
}

/* The image loads, and its export answers. */
static BOOLEAN Works(VOID)
{
    ULONG (*Func)(VOID) = NULL;
    ANSI_STRING Name;
    PVOID Base;
    BOOLEAN Good;

    if (!NT_SUCCESS(Load(&Base)))
        return FALSE;
    RtlInitAnsiString(&Name, "Func");
    Good = NT_SUCCESS(LdrGetProcedureAddress(Base, &Name, 0, (PVOID *)&Func)) && Func() == VALUE;
    return NT_SUCCESS(LdrUnloadDll(Base)) && Good;
}

/* --- one field after the other ----------------------------------------------------------------------------------------- */

#define SET(Field, Value, Status) { #Field, FIELD_OFFSET(HEADERS, Field), sizeof(((HEADERS *)0)->Field), Value, Status, FALSE }
/* Wine 8 says something else. */
#define NOT_WINE(Field, Value, Status) { #Field, FIELD_OFFSET(HEADERS, Field), sizeof(((HEADERS *)0)->Field), Value, Status, TRUE }
#define HEADER Nt.OptionalHeader

static const struct {
    PCSTR Field;
    ULONG Offset, Size;
    ULONG64 Value;
    NTSTATUS Status;
    BOOLEAN NotWine;
} Rows[] = {
    SET(Dos.e_magic, 0, STATUS_INVALID_IMAGE_NOT_MZ),
    SET(Dos.e_magic, 0x4d5a, STATUS_INVALID_IMAGE_NOT_MZ),
    SET(Dos.e_lfanew, 0, STATUS_INVALID_IMAGE_PROTECT),
    SET(Dos.e_lfanew, 0x7ffffff0, STATUS_INVALID_IMAGE_PROTECT),
    SET(Dos.e_lfanew, 0xfffffff0, STATUS_INVALID_IMAGE_PROTECT),
    SET(Dos.e_lfanew, MAKEDLL_SIZE, STATUS_INVALID_IMAGE_PROTECT),
    SET(Nt.Signature, 0, STATUS_INVALID_IMAGE_PROTECT),
    SET(Nt.Signature, 0xdeadbeef, STATUS_INVALID_IMAGE_PROTECT),
    SET(Nt.Signature, 0x00014550, STATUS_INVALID_IMAGE_PROTECT),
    SET(Nt.Signature, IMAGE_OS2_SIGNATURE, STATUS_INVALID_IMAGE_NE_FORMAT),
    NOT_WINE(Nt.Signature, IMAGE_VXD_SIGNATURE, STATUS_INVALID_IMAGE_LE_FORMAT),
    SET(Nt.FileHeader.Machine, 0, STATUS_INVALID_IMAGE_FORMAT),
    SET(Nt.FileHeader.Machine, 0xdead, STATUS_INVALID_IMAGE_FORMAT),
    SET(Nt.FileHeader.Machine, IMAGE_FILE_MACHINE_ARM64, STATUS_INVALID_IMAGE_FORMAT),
    SET(Nt.FileHeader.Machine, IMAGE_FILE_MACHINE_I386, STATUS_INVALID_IMAGE_FORMAT),
    SET(HEADER.Magic, 0, STATUS_INVALID_IMAGE_FORMAT),
    SET(HEADER.Magic, 0xdead, STATUS_INVALID_IMAGE_FORMAT),
    SET(HEADER.Magic, IMAGE_NT_OPTIONAL_HDR32_MAGIC, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.SizeOfImage, 0, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.SizeOfImage, 0x1000, STATUS_INVALID_IMAGE_FORMAT),
    SET(HEADER.SizeOfImage, 0x1fff, STATUS_SUCCESS),
    SET(HEADER.SizeOfImage, 0x1f00, STATUS_SUCCESS),
    SET(HEADER.SizeOfImage, 0x10000, STATUS_SUCCESS),
    NOT_WINE(HEADER.FileAlignment, 0, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.FileAlignment, 0x100, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.FileAlignment, 0x300, STATUS_INVALID_IMAGE_FORMAT),
    SET(HEADER.FileAlignment, 0x1000, STATUS_SUCCESS),
    NOT_WINE(HEADER.FileAlignment, 0x2000, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.SectionAlignment, 0, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.SectionAlignment, 0x100, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.SectionAlignment, 0x3000, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.SectionAlignment, 0x400, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(HEADER.ImageBase, 0x180001000, STATUS_INVALID_IMAGE_FORMAT),
    SET(HEADER.AddressOfEntryPoint, 0x12345678, STATUS_SUCCESS),
    SET(HEADER.AddressOfEntryPoint, 0xffffffff, STATUS_SUCCESS),
    SET(HEADER.NumberOfRvaAndSizes, 0, STATUS_SUCCESS),
    SET(HEADER.NumberOfRvaAndSizes, 0xffffffff, STATUS_SUCCESS),
    SET(HEADER.Subsystem, 0, STATUS_SUCCESS),
    SET(HEADER.SizeOfHeaders, 0x170, STATUS_SUCCESS),
    NOT_WINE(HEADER.SizeOfHeaders, 0x80000000, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(Section.VirtualAddress, 0x2000, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(Section.VirtualAddress, 0x1800, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(Section.VirtualAddress, 0, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(Section.VirtualAddress, 0xfffff000, STATUS_INVALID_IMAGE_FORMAT),
    SET(Section.Misc.VirtualSize, 0, STATUS_SUCCESS),
    SET(Section.Misc.VirtualSize, 1, STATUS_SUCCESS),
    NOT_WINE(Section.Misc.VirtualSize, 0x1001, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(Section.Misc.VirtualSize, 0xffffffff, STATUS_INVALID_IMAGE_FORMAT),
    NOT_WINE(Section.PointerToRawData, 0xfffffe00, STATUS_INVALID_IMAGE_FORMAT),
    SET(Section.PointerToRawData, 0, STATUS_SUCCESS),
    SET(Section.SizeOfRawData, 0, STATUS_SUCCESS),
    SET(Section.SizeOfRawData, 0x2000, STATUS_SUCCESS),
};

static VOID TestFields(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Rows); Row++) {
        HANDLE Section;
        NTSTATUS Status;
        PVOID Base;

        Start();
        memcpy(Image.Bytes + Rows[Row].Offset, &Rows[Row].Value, Rows[Row].Size);
        Status = Create(&Section);
        TODO(Rows[Row].NotWine ? OnWine : 0, CHECK_STATUS(Rows[Row].Status, Status));
        if (Status != Rows[Row].Status)
            DbgPrint("%s = %llx: %lx\n", Rows[Row].Field, Rows[Row].Value, Status);
        if (NT_SUCCESS(Status))
            NtClose(Section);
        else
            CHECK(!NT_SUCCESS(Load(&Base)) && Base == NULL);
    }
}

static VOID TestOs2(VOID)
{
    static const struct {
        UCHAR Type;
        NTSTATUS Status;
    } Types[] = {
        { 0, STATUS_INVALID_IMAGE_NE_FORMAT }, { 1, STATUS_INVALID_IMAGE_NE_FORMAT }, { 2, STATUS_INVALID_IMAGE_WIN_16 },
        { 3, STATUS_INVALID_IMAGE_NE_FORMAT }, { 5, STATUS_INVALID_IMAGE_PROTECT },
    };
    HANDLE Section;

    for (ULONG i = 0; i < ARRAYSIZE(Types); i++) {
        Start();
        Image.Headers.Nt.Signature = IMAGE_OS2_SIGNATURE;
        Image.Bytes[sizeof(IMAGE_DOS_HEADER) + 0x36] = Types[i].Type;
        CHECK_STATUS(Types[i].Status, Create(&Section));
    }
}

/* A file that ends within the headers, or within the section. */
static VOID TestLengths(VOID)
{
    NTSTATUS Status;
    HANDLE Section;

    Start();
    CHECK_STATUS(STATUS_INVALID_IMAGE_NOT_MZ, CreateLong(1, 0, &Section));
    CHECK_STATUS(STATUS_INVALID_IMAGE_PROTECT, CreateLong(sizeof(IMAGE_DOS_HEADER), 0, &Section));
    CHECK(!NT_SUCCESS(CreateLong(FIELD_OFFSET(HEADERS, Nt.OptionalHeader), 0, &Section)));
    CHECK(!NT_SUCCESS(CreateLong(FIELD_OFFSET(HEADERS, Section), 0, &Section)));
    Status = CreateLong(0x200 + 0x100, 0, &Section);
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_IMAGE_FORMAT, Status));
    if (Section != NULL)
        NtClose(Section);
}

/* --- what is told of an image -------------------------------------------------------------------------------------------- */

static SECTION_IMAGE_INFORMATION Ask(VOID)
{
    SECTION_IMAGE_INFORMATION Information = { 0 };
    HANDLE Section;

    if (CHECK_STATUS(STATUS_SUCCESS, Create(&Section))) {
        CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(Section, SectionImageInformation, &Information, sizeof(Information), NULL));
        NtClose(Section);
    }
    return Information;
}

static VOID TestInformation(VOID)
{
    PIMAGE_OPTIONAL_HEADER Optional = &Image.Headers.HEADER;
    SECTION_IMAGE_INFORMATION Information;

    Start();
    Optional->LoaderFlags = 7;
    Optional->CheckSum = 0x4321;
    Information = Ask();
    TODO(OnWine, CHECK(Information.ImageContainsCode == TRUE && Information.ImageFlags == DYNAMICALLY_RELOCATED));
    CHECK(Information.LoaderFlags == 0 && Information.CheckSum == 0x4321 && Information.ImageFileSize == MAKEDLL_SIZE);
    Optional->DllCharacteristics = 0;
    CHECK(Ask().ImageFlags == 0);
    Image.Headers.Section.Characteristics &= ~(ULONG)IMAGE_SCN_MEM_EXECUTE;
    CHECK(Ask().ImageContainsCode == FALSE);
    Optional->SizeOfCode = 1;
    CHECK(Ask().ImageContainsCode == TRUE);
    Optional->SizeOfCode = 0;
    Optional->DllCharacteristics = IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE;
    CHECK(Ask().ImageFlags == 0);
    Optional->DataDirectory[IMAGE_DIRECTORY_ENTRY_COM_DESCRIPTOR] = (IMAGE_DATA_DIRECTORY){ 0x1f00, 0x48 };
    CHECK(Ask().LoaderFlags == 1);
    Optional->SectionAlignment = Optional->FileAlignment;
    Information = Ask();
    CHECK(Information.ImageContainsCode == TRUE && (Information.ImageFlags & MAPPED_FLAT) != 0);
}

/* NtCreateSection: a maximum size beyond the image's is too big, one below it is what is told; views are whole. */
static VOID TestMaximum(VOID)
{
    SECTION_BASIC_INFORMATION Basic;
    HANDLE Section;
    PVOID Base = NULL;
    SIZE_T Size = 0;

    Start();
    CHECK_STATUS(STATUS_SECTION_TOO_BIG, CreateLong(MAKEDLL_SIZE, 0x2001, &Section));
    CHECK_STATUS(STATUS_SUCCESS, CreateLong(MAKEDLL_SIZE, 0x2000, &Section));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
    CHECK_STATUS(STATUS_SUCCESS, CreateLong(MAKEDLL_SIZE, 1, &Section));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(Section, SectionBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.MaximumSize.QuadPart == 1 && Basic.AllocationAttributes == (SEC_IMAGE | SEC_FILE));
    CHECK(NT_SUCCESS(NtMapViewOfSection(Section, SELF, &Base, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_EXECUTE_READ)) && Size == 0x2000);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Base));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
}

/* --- images that look bad ------------------------------------------------------------------------------------------------- */

/* The file's part of a section starts at a sector's start, whatever the header says. */
static VOID TestSectors(VOID)
{
    PVOID Base;

    Start();
    Image.Headers.Section.PointerToRawData = 0x210;
    Image.Headers.Section.SizeOfRawData = 0xff0;
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, MAKEDLL_SIZE));
    CHECK(Works());

    /* Upack's files have a section that is the file's headers. */
    Start();
    Image.Headers.Section.PointerToRawData = 0x10;
    Image.Headers.Section.SizeOfRawData = 0x1f0;
    Image.Headers.HEADER.NumberOfRvaAndSizes = 0;
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, MAKEDLL_SIZE));
    if (CHECK_STATUS(STATUS_SUCCESS, Load(&Base))) {
        CHECK(memcmp((PUCHAR)Base + 0x1000, Image.Bytes, 0x40) == 0 && memcmp((PUCHAR)Base + 0x1000, Base, 0x40) == 0);
        CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(Base));
    }
}

/* Headers at 4: the DOS header's end, the place of the others, lies in them. */
static VOID TestTiny(ULONG SizeOfOptionalHeader, ULONG SizeOfImage, ULONG SizeOfHeaders)
{
    PIMAGE_NT_HEADERS Nt = (PIMAGE_NT_HEADERS)(Image.Bytes + 4);
    MEMORY_BASIC_INFORMATION Basic;
    PVOID Base;

    Start();
    memmove(Nt, &Image.Headers.Nt, sizeof(*Nt));
    memset(Nt + 1, 0, sizeof(Image) - 4 - sizeof(*Nt));
    Nt->FileHeader.NumberOfSections = 0;
    Nt->FileHeader.SizeOfOptionalHeader = (USHORT)SizeOfOptionalHeader;
    Nt->OptionalHeader.SectionAlignment = Nt->OptionalHeader.FileAlignment = 4;
    Nt->OptionalHeader.SizeOfImage = SizeOfImage;
    Nt->OptionalHeader.SizeOfHeaders = SizeOfHeaders;
    Nt->OptionalHeader.NumberOfRvaAndSizes = 0;
    CHECK(((PIMAGE_DOS_HEADER)Image.Bytes)->e_lfanew == 4);
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, 268));
    if (!CHECK_STATUS(STATUS_SUCCESS, Load(&Base)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, Base, MemoryBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.BaseAddress == Base && Basic.RegionSize == ((SizeOfImage + 0xfff) & ~0xfffu));
    CHECK(Basic.Protect == PAGE_EXECUTE_WRITECOPY && Basic.Type == MEM_IMAGE);
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(Base));
}

/* Fields of the optional header count although SizeOfOptionalHeader ends before them; sections may stand in it. */
static VOID TestShortOptional(VOID)
{
    Start();
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, MAKEDLL_SIZE));
    CHECK(Works());
    Start();
    Image.Headers.HEADER.SizeOfHeaders = 0x170;
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, MAKEDLL_SIZE));
    CHECK(Works());
}

static BOOLEAN NTAPI Raise(PVOID Base, ULONG Reason, PVOID Reserved)
{
    if (Reason == DLL_PROCESS_ATTACH)
        RtlRaiseStatus(STATUS_DATATYPE_MISALIGNMENT);
    return TRUE;
}

/* An entry point outside the image, and one that raises an exception: the load says so, and the DLL is not there. */
static VOID TestEntry(VOID)
{
    static const MAKEDLL Raising = { .Entry = Raise };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PATH);
    PVOID Base;

    Start();
    Image.Headers.HEADER.AddressOfEntryPoint = 0x7fff0000;
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, Image.Bytes, MAKEDLL_SIZE));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Load(&Base));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetDllHandle(NULL, NULL, &Name, &Base));
    CHECK_STATUS(STATUS_SUCCESS, MakeDll(PATH, &Raising));
    CHECK_STATUS(STATUS_DATATYPE_MISALIGNMENT, Load(&Base));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetDllHandle(NULL, NULL, &Name, &Base));
}

int wmain(int argc, PWSTR *argv)
{
    TestFields();
    TestOs2();
    TestLengths();
    TestInformation();
    TestMaximum();
    TestSectors();
    TestTiny(0xf0, 0x40, 0);
    TestTiny(8, 0x200000, 0x40);
    TestShortOptional();
    TestEntry();
    CHECK_STATUS(STATUS_SUCCESS, MakeDllFile(PATH, NULL, 0));
    return CheckClose();
}
