/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): virtual memory, sections and views.
 */
#include "nomem.h"

#define SELF NtCurrentProcess()

static UCHAR Buffer[4096];

static VOID Release(PVOID Base)
{
    SIZE_T Size = 0;

    if (Base != NULL)
        DROP(NtFreeVirtualMemory, SELF, &Base, &Size, MEM_RELEASE);
}

static VOID VirtualMemory(VOID)
{
    PVOID Base = NULL, Page, Locked;
    SIZE_T Size = 0x40000, One = 0x1000, Lock = 0x2000, Bytes;
    ULONG Old;

    if (TRY(NtAllocateVirtualMemory, SELF, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE) &&
        TRY(NtAllocateVirtualMemory, SELF, &Base, 0, &Size, MEM_COMMIT, PAGE_READWRITE) &&
        (Page = (PUCHAR)Base + 0x8000) != NULL && TRY(NtProtectVirtualMemory, SELF, &Page, &One, PAGE_READONLY, &Old) &&
        TRY(NtProtectVirtualMemory, SELF, &Page, &One, PAGE_READWRITE, &Old) &&
        TRY(NtWriteVirtualMemory, SELF, Page, Buffer, 0x1000, &Bytes) &&
        TRY(NtReadVirtualMemory, SELF, Page, Buffer, 0x1000, &Bytes) &&
        TRY(NtQueryVirtualMemory, SELF, Page, MemoryBasicInformation, Buffer, sizeof(MEMORY_BASIC_INFORMATION), NULL) &&
        (Locked = Base) != NULL && TRY(NtLockVirtualMemory, SELF, &Locked, &Lock, 1))
        DROP(NtUnlockVirtualMemory, SELF, &Locked, &Lock, 1);
    Release(Base);
}

/* A hole in the middle, which splits what is described. */
static VOID Decommit(VOID)
{
    PVOID Base = NULL, Page;
    SIZE_T Size = 0x40000, One = 0x3000;
    MEMORY_RANGE_ENTRY Range;
    ULONG Flags = 0;

    (void)(TRY(NtAllocateVirtualMemoryEx, SELF, &Base, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, 0) &&
           (Page = (PUCHAR)Base + 0x8000) != NULL && TRY(NtFreeVirtualMemory, SELF, &Page, &One, MEM_DECOMMIT) &&
           TRY(NtAllocateVirtualMemory, SELF, &Page, 0, &One, MEM_COMMIT, PAGE_EXECUTE_READ) &&
           (Range.VirtualAddress = Page) != NULL && (Range.NumberOfBytes = One) != 0 &&
           TRY(NtSetInformationVirtualMemory, SELF, VmPrefetchInformation, 1, &Range, &Flags, sizeof(Flags)) &&
           TRY(NtFlushInstructionCache, SELF, Page, One) && TRY(NtFlushProcessWriteBuffers));
    Release(Base);
}

/* Pages whose writes are watched, the list of them in their midst. */
static VOID WriteWatch(VOID)
{
    PVOID Base = NULL, *Array;
    SIZE_T Size = 0x4000000, Bytes;
    ULONG_PTR Count = 64;
    ULONG Granularity;

    (void)(TRY(NtAllocateVirtualMemory, SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE) &&
           (Array = (PVOID *)((PUCHAR)Base + 0x5000)) != NULL &&
           TRY(NtWriteVirtualMemory, SELF, Base, Buffer, sizeof(Buffer), &Bytes) &&
           TRY(NtGetWriteWatch, SELF, WRITE_WATCH_FLAG_RESET, Base, Size, Array, &Count, &Granularity) &&
           TRY(NtResetWriteWatch, SELF, Base, Size) &&
           TRY(NtWriteVirtualMemory, SELF, Base, Buffer, sizeof(Buffer), &Bytes));
    Release(Base);
}

static VOID Views(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\BaseNamedObjects\\nomem-section");
    LARGE_INTEGER Length = { .QuadPart = 0x30000 }, Offset = { .QuadPart = 0x10000 };
    HANDLE Section = NULL, Again = NULL, Other = NULL;
    PVOID First = NULL, Second = NULL;
    SIZE_T All = 0, Part = 0x10000, Bytes;

    (void)(TRY(NtCreateSection, &Section, SECTION_ALL_ACCESS, &Name, &Length, PAGE_READWRITE, SEC_COMMIT, NULL) &&
           TRY(NtOpenSection, &Again, SECTION_ALL_ACCESS, &Name) &&
           TRY(NtQuerySection, Section, SectionBasicInformation, Buffer, sizeof(SECTION_BASIC_INFORMATION), NULL) &&
           TRY(NtMapViewOfSection, Section, SELF, &First, 0, 0, NULL, &All, ViewShare, 0, PAGE_READWRITE) &&
           TRY(NtMapViewOfSectionEx, Again, SELF, &Second, &Offset, &Part, 0, PAGE_READONLY, NULL, 0) &&
           TRY(NtWriteVirtualMemory, SELF, First, Buffer, sizeof(Buffer), &Bytes) &&
           TRY(NtCreateSectionEx, &Other, SECTION_ALL_ACCESS, NULL, &Length, PAGE_READWRITE, SEC_COMMIT, NULL, NULL, 0));
    NoMemClose(Other);
    if (First != NULL)
        DROP(NtUnmapViewOfSection, SELF, First);
    if (Second != NULL)
        DROP(NtUnmapViewOfSectionEx, SELF, Second, 0);
    NoMemClose(Again);
    NoMemClose(Section);
}

static VOID FileViews(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:\\nomem-mapped");
    LARGE_INTEGER Length = { .QuadPart = 0x5000 }, More = { .QuadPart = 0x9000 };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL, Section = NULL;
    PVOID View = NULL;
    LPCVOID Flushed;
    SIZE_T Size = 0, Whole = 0x5000, Bytes;

    (void)(TRY(NtCreateFile, &File, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, &Name, &IoStatus, NULL, 0, 0,
               FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0) &&
           TRY(NtCreateSection, &Section, SECTION_ALL_ACCESS, NULL, &Length, PAGE_READWRITE, SEC_COMMIT, File) &&
           TRY(NtMapViewOfSection, Section, SELF, &View, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE) &&
           TRY(NtWriteVirtualMemory, SELF, View, Buffer, sizeof(Buffer), &Bytes) && (Flushed = View) != NULL &&
           TRY(NtFlushVirtualMemory, SELF, &Flushed, &Whole, &IoStatus) && TRY(NtExtendSection, Section, &More));
    if (View != NULL)
        DROP(NtUnmapViewOfSection, SELF, View);
    NoMemClose(Section);
    NoMemClose(File);
}

static VOID ImageViews(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:\\windows\\system32\\ntdll.dll");
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL, Section = NULL;
    PVOID View = NULL;
    SIZE_T Size = 0;

    (void)(TRY(NtOpenFile, &File, FILE_GENERIC_READ | FILE_EXECUTE, &Name, &IoStatus, FILE_SHARE_READ,
               FILE_SYNCHRONOUS_IO_NONALERT) &&
           TRY(NtCreateSection, &Section, SECTION_ALL_ACCESS & ~SECTION_MAP_WRITE, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE, File) &&
           TRY(NtQuerySection, Section, SectionImageInformation, Buffer, sizeof(SECTION_IMAGE_INFORMATION), NULL) &&
           TRY(NtMapViewOfSection, Section, SELF, &View, 0, 0, NULL, &Size, ViewShare, 0, PAGE_EXECUTE_READ) &&
           TRY(NtAreMappedFilesTheSame, View, View));
    if (View != NULL)
        DROP(NtUnmapViewOfSection, SELF, View);
    NoMemClose(Section);
    NoMemClose(File);
}

static const SCENARIO List[] = {
    { "virtual", VirtualMemory }, { "decommit", Decommit }, { "writewatch", WriteWatch }, { "views", Views },
    { "fileviews", FileViews }, { "imageviews", ImageViews },
};
const SCENARIOS MemoryScenarios = { List, ARRAYSIZE(List) };
