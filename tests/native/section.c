/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sections over files: views, NtReadFile and NtWriteFile see the same bytes; what may not be cut, extended or mapped.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define FILE_BYTES 100000

static UCHAR Pattern[FILE_BYTES], Buffer[FILE_BYTES];

static HANDLE OpenFile(PCWSTR Path, ULONG Disposition)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtCreateFile(&File, FILE_GENERIC_READ | FILE_GENERIC_WRITE | FILE_EXECUTE | DELETE, &Attributes, &IoStatus, NULL,
                 FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ, Disposition,
                 FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE, NULL, 0);
    return File;
}

static NTSTATUS Transfer(HANDLE File, BOOLEAN Write, ULONG Offset, PVOID Memory, ULONG Length)
{
    LARGE_INTEGER At = { .QuadPart = Offset };
    IO_STATUS_BLOCK IoStatus;

    return Write ? NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Memory, Length, &At, NULL)
                 : NtReadFile(File, NULL, NULL, NULL, &IoStatus, Memory, Length, &At, NULL);
}

static NTSTATUS SetEnd(HANDLE File, ULONG Size)
{
    LARGE_INTEGER End = { .QuadPart = Size };
    IO_STATUS_BLOCK IoStatus;

    return NtSetInformationFile(File, &IoStatus, &End, sizeof(End), FileEndOfFileInformation);
}

static PVOID Map(HANDLE Section, ULONG Offset, SIZE_T Size, ULONG Protect)
{
    LARGE_INTEGER At = { .QuadPart = Offset };
    PVOID Base = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Base, 0, 0, &At, &Size, ViewUnmap, 0, Protect));
    return Base;
}

/* A file's pages are committed; ZwFlushVirtualMemory rounds to pages, and 0 is all up to the view's end. */
static VOID TestCommitted(HANDLE Section, PUCHAR View)
{
    SECTION_BASIC_INFORMATION Information;
    LPCVOID Flushed = View + 0x1234;
    IO_STATUS_BLOCK IoStatus;
    PVOID Part = View;
    SIZE_T Size = 0x1000;

    CHECK_STATUS(STATUS_ALREADY_COMMITTED, NtAllocateVirtualMemory(SELF, &Part, 0, &Size, MEM_COMMIT, PAGE_READONLY));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(Section, SectionBasicInformation, &Information, sizeof(Information), NULL));
    CHECK(Information.AllocationAttributes == SEC_FILE && Information.MaximumSize.QuadPart == FILE_BYTES);
    Size = 1;
    CHECK_STATUS(STATUS_SUCCESS, NtFlushVirtualMemory(SELF, &Flushed, &Size, &IoStatus));
    TODO(OnWine, CHECK(Flushed == View + 0x1000 && Size == 0x1000));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFlushVirtualMemory(SELF, &Flushed, &Size, &IoStatus));
    TODO(OnWine, CHECK(Size == 0x18000 && Flushed == View + 0x1000));
    Flushed = View + 0x18000;
    Size = 0x2000;
    CHECK(!NT_SUCCESS(NtFlushVirtualMemory(SELF, &Flushed, &Size, &IoStatus)));
}

static VOID TestCoherence(HANDLE File)
{
    HANDLE Section;
    PUCHAR View, Part;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE,
                                                 SEC_COMMIT, File));
    View = Map(Section, 0, 0, PAGE_READWRITE);
    if (!CHECK(View != NULL))
        return;
    CHECK(memcmp(View, Pattern, FILE_BYTES) == 0);
    CHECK(View[FILE_BYTES] == 0);
    Part = Map(Section, 0x10000, 0x1000, PAGE_READONLY);
    CHECK(Part != NULL && memcmp(Part, Pattern + 0x10000, 0x1000) == 0);
    TestCommitted(Section, View);
    View[0x10010] = 0xAB;
    CHECK(Part != NULL && Part[0x10] == 0xAB);
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, 0x10010, Buffer, 1));
    CHECK(Buffer[0] == 0xAB);
    Buffer[0] = 0xCD;
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, TRUE, 0x10011, Buffer, 1));
    CHECK(View[0x10011] == 0xCD);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Part));
    CHECK_STATUS(STATUS_USER_MAPPED_FILE, SetEnd(File, 10));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, View));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
}

/* What a copy-on-write view writes stays its own. */
static VOID TestPrivateView(HANDLE File)
{
    HANDLE Section;
    PUCHAR View;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT,
                                                 File));
    View = Map(Section, 0, 0, PAGE_WRITECOPY);
    if (!CHECK(View != NULL))
        return;
    View[5] = (UCHAR)~Pattern[5];
    CHECK(View[5] == (UCHAR)~Pattern[5] && View[6] == Pattern[6]);
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, 0, Buffer, 16));
    CHECK(Buffer[5] == Pattern[5]);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, View));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
}

/* A writable section that is longer than the file makes the file longer. */
static VOID TestLonger(HANDLE File)
{
    LARGE_INTEGER Size = { .QuadPart = 2 * FILE_BYTES };
    FILE_STANDARD_INFORMATION Information;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Section;
    PUCHAR View;

    CHECK_STATUS(STATUS_SECTION_TOO_BIG, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READONLY,
                                                         SEC_COMMIT, File));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT,
                                                 File));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &IoStatus, &Information, sizeof(Information),
                                                        FileStandardInformation));
    CHECK(Information.EndOfFile.QuadPart == 2 * FILE_BYTES);
    View = Map(Section, 0, 0, PAGE_READWRITE);
    CHECK(View != NULL && View[FILE_BYTES + 5000] == 0);
    if (View != NULL)
        View[2 * FILE_BYTES - 1] = 9;
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, 2 * FILE_BYTES - 1, Buffer, 1));
    CHECK(Buffer[0] == 9);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, View));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
    CHECK_STATUS(STATUS_SUCCESS, SetEnd(File, 10));
}

static VOID CheckGrowing(HANDLE File, HANDLE Section, PUCHAR View, SIZE_T Size)
{
    SIZE_T End = (FILE_BYTES + 0xfff) & ~0xfffull, Done;
    LARGE_INTEGER Longer = { .QuadPart = 0x90000 };
    FILE_STANDARD_INFORMATION Standard;
    MEMORY_BASIC_INFORMATION Region;
    PVOID Behind = View + 0xa0000;
    IO_STATUS_BLOCK IoStatus;
    SIZE_T More = 0x1000;
    UCHAR Byte = 0;

    CHECK(Size == 0x100000 && memcmp(View, Pattern, FILE_BYTES) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, View, MemoryBasicInformation, &Region, sizeof(Region), NULL));
    CHECK(Region.RegionSize == End && Region.State == MEM_COMMIT && Region.Protect == PAGE_READONLY);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, View + End, MemoryBasicInformation, &Region, sizeof(Region), NULL));
    CHECK(Region.RegionSize == Size - End && Region.State == MEM_RESERVE && Region.Protect == 0);
    CHECK_STATUS(STATUS_PARTIAL_COPY, NtReadVirtualMemory(SELF, View + End, &Byte, 1, &Done));
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, TRUE, 0x40010, Pattern, 16));
    CHECK(memcmp(View + 0x40010, Pattern, 16) == 0 && View[0x3ffff] == 0);
    CHECK_STATUS(STATUS_PARTIAL_COPY, NtReadVirtualMemory(SELF, View + 0x41000, &Byte, 1, &Done));
    CHECK_STATUS(STATUS_SUCCESS, NtExtendSection(Section, &Longer));
    CHECK(View[0x8ffff] == 0);
    CHECK_STATUS(STATUS_PARTIAL_COPY, NtReadVirtualMemory(SELF, View + 0x90000, &Byte, 1, &Done));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Behind, 0, &More, MEM_COMMIT, PAGE_READONLY));
    CHECK(View[0xa0fff] == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &IoStatus, &Standard, sizeof(Standard), FileStandardInformation));
    CHECK(Standard.EndOfFile.QuadPart == 0xa1000);
    CHECK_STATUS(STATUS_SECTION_PROTECTION, NtAllocateVirtualMemory(SELF, &Behind, 0, &More, MEM_COMMIT, PAGE_EXECUTE_READ));
    CHECK_STATUS(STATUS_USER_MAPPED_FILE, SetEnd(File, 0x1000));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, View));
}

/* ZwMapViewOfSection, MEM_RESERVE: a view larger than the section of a file; as the file grows, so does what is there (as LMDB uses it). */
static VOID TestGrowingView(HANDLE File)
{
    SIZE_T Size = 0x100000;
    HANDLE Section, ReadOnly;
    PUCHAR View = NULL;

    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, TRUE, 0, Pattern, FILE_BYTES));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&ReadOnly, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY, SEC_COMMIT, File));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_RESERVE, File));
    CHECK_STATUS(STATUS_INVALID_VIEW_SIZE, NtMapViewOfSection(Section, SELF, (PVOID *)&View, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READONLY));
    CHECK_STATUS(STATUS_INVALID_VIEW_SIZE, NtMapViewOfSection(ReadOnly, SELF, (PVOID *)&View, 0, 0, NULL, &Size, ViewUnmap, MEM_RESERVE,
                                                              PAGE_READONLY));
    /* Wine's sections do not grow. */
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, (PVOID *)&View, 0, 0, NULL, &Size, ViewUnmap, MEM_RESERVE,
                                                                 PAGE_READONLY)));
    if (View != NULL)
        CheckGrowing(File, Section, View, Size);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(ReadOnly));
    CHECK_STATUS(STATUS_SUCCESS, SetEnd(File, 10));
}

static VOID TestNoImage(HANDLE File)
{
    HANDLE Section;

    CHECK_STATUS(STATUS_SUCCESS, SetEnd(File, FILE_BYTES));
    CHECK_STATUS(STATUS_INVALID_IMAGE_NOT_MZ, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY,
                                                              SEC_IMAGE, File));
    CHECK_STATUS(STATUS_SUCCESS, SetEnd(File, 0));
    CHECK_STATUS(STATUS_MAPPED_FILE_SIZE_ZERO, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY,
                                                               SEC_COMMIT, File));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READONLY,
                                                        SEC_COMMIT, (HANDLE)0x7654));
}

/*
 * The program's image again, by its mapped name: another view of the same file is not at the base, and has the same
 * bytes.
 */
static VOID TestImageTwice(VOID)
{
    PVOID Base = NtCurrentTeb()->ProcessEnvironmentBlock->ImageBaseAddress, Again = NULL;
    struct {
        UNICODE_STRING Name;
        WCHAR Text[260];
    } Mapped;
    SECTION_IMAGE_INFORMATION Information;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File, Section;
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, Base, MemoryMappedFilenameInformation, &Mapped,
                                                      sizeof(Mapped), NULL));
    CHECK(wcsstr(Mapped.Name.Buffer, L"section.exe") != NULL);
    InitializeObjectAttributes(&Attributes, &Mapped.Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (!CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&File, FILE_GENERIC_READ | FILE_EXECUTE, &Attributes, &IoStatus,
                                                 FILE_SHARE_READ, FILE_SYNCHRONOUS_IO_NONALERT)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE,
                                                 File));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(Section, SectionImageInformation, &Information, sizeof(Information),
                                                NULL));
    CHECK(Information.Machine == IMAGE_FILE_MACHINE_AMD64 && Information.SubSystemType == IMAGE_SUBSYSTEM_WINDOWS_CUI);
    CHECK_STATUS(STATUS_IMAGE_NOT_AT_BASE, NtMapViewOfSection(Section, SELF, &Again, 0, 0, NULL, &Size, ViewUnmap, 0,
                                                              PAGE_EXECUTE_READ));
    CHECK(Again != NULL && Again != Base && memcmp(Again, Base, 64) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Again));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(File));
}

int wmain(int argc, PWSTR *argv)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = OpenFile(L"\\??\\C:\\section.tmp", FILE_OVERWRITE_IF);

    if (!CHECK(File != NULL))
        return CheckClose();
    for (ULONG i = 0; i < FILE_BYTES; i++)
        Pattern[i] = (UCHAR)(i * 7 + i / 256);
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, TRUE, 0, Pattern, FILE_BYTES));
    TestCoherence(File);
    TestPrivateView(File);
    TestLonger(File);
    TestGrowingView(File);
    TestNoImage(File);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition),
                                                      FileDispositionInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(File));
    TestImageTwice();
    return CheckClose();
}
