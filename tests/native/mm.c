/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual memory and sections: NtAllocateVirtualMemory and its family, NtCreateSection and its family, as documented.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()

static BOOLEAN Query(PVOID Address, PMEMORY_BASIC_INFORMATION Information)
{
    SIZE_T Returned = 0;

    return NT_SUCCESS(NtQueryVirtualMemory(SELF, Address, MemoryBasicInformation, Information, sizeof(*Information),
                                           &Returned)) &&
           Returned == sizeof(*Information);
}

static BOOLEAN IsRegion(PVOID Address, SIZE_T Size, ULONG State, ULONG Protect, ULONG Type)
{
    MEMORY_BASIC_INFORMATION Information;

    return Query(Address, &Information) && Information.BaseAddress == Address && Information.RegionSize == Size &&
           Information.State == State && (State != MEM_COMMIT || Information.Protect == Protect) &&
           Information.Type == Type;
}

/* A read or write of another thread's kind: through the service, which answers with a status. */
static NTSTATUS Peek(PVOID Address)
{
    UCHAR Byte;

    return NtReadVirtualMemory(SELF, Address, &Byte, 1, NULL);
}

static NTSTATUS Poke(PVOID Address)
{
    UCHAR Byte = 1;

    return NtWriteVirtualMemory(SELF, Address, &Byte, 1, NULL);
}

static VOID TestReserveCommit(VOID)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x12345, PartSize;
    MEMORY_BASIC_INFORMATION Information;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE));
    CHECK(Size == 0x13000 && (ULONG_PTR)Base % 0x10000 == 0);
    CHECK(IsRegion(Base, 0x13000, MEM_RESERVE, 0, MEM_PRIVATE));
    TODO(OnWine, CHECK_STATUS(STATUS_PARTIAL_COPY, Peek(Base)));
    Part = (PUCHAR)Base + 0x1234;
    PartSize = 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE));
    CHECK(Part == (PUCHAR)Base + 0x1000 && PartSize == 0x2000);
    CHECK(IsRegion(Base, 0x1000, MEM_RESERVE, 0, MEM_PRIVATE));
    CHECK(IsRegion(Part, 0x2000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE));
    CHECK(*(volatile UCHAR *)Part == 0);
    *(volatile UCHAR *)Part = 7;
    CHECK(Query(Part, &Information) && Information.AllocationBase == Base &&
          Information.AllocationProtect == PAGE_READWRITE);
    /* Decommitted memory is gone, and zero when it is committed again. */
    PartSize = 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &PartSize, MEM_DECOMMIT));
    CHECK(IsRegion(Base, 0x2000, MEM_RESERVE, 0, MEM_PRIVATE));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE));
    CHECK(*(volatile UCHAR *)Part == 0);
    Size = 0;
    CHECK_STATUS(STATUS_FREE_VM_NOT_AT_BASE, NtFreeVirtualMemory(SELF, &Part, &Size, MEM_RELEASE));
    Size = 0x1000 - (SIZE_T)Part;       /* its end wraps around, to a page above 0 */
    CHECK(!NT_SUCCESS(NtFreeVirtualMemory(SELF, &Part, &Size, MEM_RELEASE)));
    CHECK(IsRegion(Part, 0x2000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    CHECK(Size == 0x13000);
    CHECK(Query(Base, &Information) && Information.State == MEM_FREE);
    Size = 0;
    TODO(OnWine, CHECK_STATUS(STATUS_MEMORY_NOT_ALLOCATED, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE)));
}

static VOID TestArguments(VOID)
{
    PVOID Base = NULL;
    SIZE_T Size = 0;

    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER_4,
                 NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE)));
    Size = 0x1000;
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER_5,
                              NtAllocateVirtualMemory(SELF, &Base, 0, &Size, 0, PAGE_READWRITE)));
    CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE, 0));
    CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION,
                 NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE, PAGE_WRITECOPY));
    CHECK_STATUS(STATUS_INVALID_HANDLE,
                 NtAllocateVirtualMemory((HANDLE)0x7654, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION,
                 NtAllocateVirtualMemory(SELF, (PVOID *)0x10, 0, &Size, MEM_RESERVE, PAGE_READWRITE));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtFreeVirtualMemory(SELF, &Base, &Size, 0)));
    Base = (PVOID)0x10000;
    Size = (SIZE_T)1 << 62;
    TODO(OnWine, CHECK(!NT_SUCCESS(NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE))));
}

/* The middle of a reservation goes; the two ends live on by themselves. */
static VOID TestReleasePart(VOID)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x40000, PartSize = 0x10000;
    MEMORY_BASIC_INFORMATION Information;

    CHECK_STATUS(STATUS_SUCCESS,
                 NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    ((volatile UCHAR *)Base)[0x30000] = 5;
    Part = (PUCHAR)Base + 0x10000;
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &PartSize, MEM_RELEASE)));
    TODO(OnWine, CHECK(Query(Part, &Information) && Information.State == MEM_FREE && 
                       Information.RegionSize == 0x10000));
    TODO(OnWine, CHECK(IsRegion(Base, 0x10000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE)));
    CHECK(((volatile UCHAR *)Base)[0x30000] == 5);
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    Part = (PUCHAR)Base + 0x20000;
    Size = 0;
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &Size, MEM_RELEASE)));
    TODO(OnWine, CHECK(Size == 0x20000));
}

static VOID TestProtect(VOID)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x4000, PartSize = 0x1000;
    ULONG Old = 0;

    CHECK_STATUS(STATUS_SUCCESS,
                 NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    *(volatile UCHAR *)Base = 3;
    Part = (PUCHAR)Base + 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Part, &PartSize, PAGE_READONLY, &Old));
    CHECK(Old == PAGE_READWRITE && PartSize == 0x1000);
    CHECK(IsRegion(Base, 0x1000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE));
    CHECK(IsRegion(Part, 0x1000, MEM_COMMIT, PAGE_READONLY, MEM_PRIVATE));
    CHECK_STATUS(STATUS_SUCCESS, Peek(Part));
    TODO(OnWine, CHECK(!NT_SUCCESS(Poke(Part))));
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Part, &PartSize, PAGE_NOACCESS, &Old));
    CHECK(Old == PAGE_READONLY);
    TODO(OnWine, CHECK(!NT_SUCCESS(Peek(Part))));
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Part, &PartSize, PAGE_EXECUTE_READWRITE, &Old));
    CHECK_STATUS(STATUS_SUCCESS, Poke(Part));
    CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtProtectVirtualMemory(SELF, &Part, &PartSize, 0x1000, &Old));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    CHECK(!NT_SUCCESS(NtProtectVirtualMemory(SELF, &Part, &PartSize, PAGE_READWRITE, &Old)));
}

/* 16 MiB, touched sparsely, changed and freed in the middle. */
static VOID TestLarge(VOID)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 16 << 20, PartSize = 0x3000, Offset;
    BOOLEAN Same = TRUE;
    ULONG Old;

    CHECK_STATUS(STATUS_SUCCESS,
                 NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    for (Offset = 0; Offset < Size; Offset += 0x8000)
        *(volatile SIZE_T *)((PUCHAR)Base + Offset) = Offset;
    Part = (PUCHAR)Base + 0x309000;
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Part, &PartSize, PAGE_READONLY, &Old));
    Part = (PUCHAR)Base + 0x500000;
    PartSize = 0x210000;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &PartSize, MEM_DECOMMIT));
    CHECK(IsRegion(Part, 0x210000, MEM_RESERVE, 0, MEM_PRIVATE));
    for (Offset = 0; Offset < Size; Offset += 0x8000) {
        if (Offset < 0x500000 || Offset >= 0x710000)
            Same = Same && *(volatile SIZE_T *)((PUCHAR)Base + Offset) == Offset;
    }
    CHECK(Same);
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
}

static VOID TestCopies(VOID)
{
    UCHAR From[64], To[64];
    SIZE_T Done = 99;

    memset(From, 0x5A, sizeof(From));
    memset(To, 0, sizeof(To));
    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(SELF, From, To, sizeof(To), &Done));
    CHECK(Done == sizeof(To) && To[63] == 0x5A);
    CHECK(!NT_SUCCESS(NtReadVirtualMemory(SELF, (PVOID)0x10, To, 8, &Done)) && Done == 0);
    CHECK(!NT_SUCCESS(NtReadVirtualMemory(SELF, (PVOID)0xFFFF800000000000ull, To, 8, &Done)));
}

static VOID TestPageFileSection(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x25000 };
    HANDLE Section;
    PVOID First = NULL, Second = NULL;
    SIZE_T ViewSize = 0;
    ULONG Old;
    SECTION_BASIC_INFORMATION Information;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE,
                                                 SEC_COMMIT, NULL));
    memset(&Information, 0x55, sizeof(Information));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(Section, SectionBasicInformation, &Information, sizeof(Information),
                                                NULL));
    CHECK(Information.MaximumSize.QuadPart == 0x25000);
    if (!IsWine)                        /* nothing of the executive's lies between the fields; Wine leaves what was there */
        CHECK((&Information.AllocationAttributes)[1] == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &First, 0, 0, NULL, &ViewSize, ViewUnmap, 0,
                                                    PAGE_READWRITE));
    CHECK(ViewSize == 0x25000 && IsRegion(First, 0x25000, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED));
    ViewSize = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Second, 0, 0, NULL, &ViewSize, ViewUnmap, 0,
                                                    PAGE_READONLY));
    CHECK(First != Second);
    ViewSize = 0x1000;
    CHECK_STATUS(IsWine ? STATUS_INVALID_PAGE_PROTECTION : STATUS_SECTION_PROTECTION,
                 NtProtectVirtualMemory(SELF, &Second, &ViewSize, PAGE_READWRITE, &Old));       /* it was mapped without */
    ((volatile UCHAR *)First)[0x3000] = 42;
    CHECK(((volatile UCHAR *)Second)[0x3000] == 42);
    CHECK(!NT_SUCCESS(Poke(Second)));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
    ((volatile UCHAR *)First)[0x3000] = 43;
    CHECK(((volatile UCHAR *)Second)[0x3000] == 43);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, First));
    CHECK_STATUS(STATUS_NOT_MAPPED_VIEW, NtUnmapViewOfSection(SELF, First));
    CHECK(((volatile UCHAR *)Second)[0x3000] == 43);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Second));
}

static VOID TestCopyOnWrite(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x10000 };
    HANDLE Section;
    PVOID Shared = NULL, Private = NULL;
    SIZE_T ViewSize = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE,
                                                 SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Shared, 0, 0, NULL, &ViewSize, ViewUnmap, 0,
                                                    PAGE_READWRITE));
    ViewSize = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Private, 0, 0, NULL, &ViewSize, ViewUnmap, 0,
                                                    PAGE_WRITECOPY));
    *(volatile UCHAR *)Shared = 1;
    CHECK(*(volatile UCHAR *)Private == 1);
    *(volatile UCHAR *)Private = 2;
    CHECK(*(volatile UCHAR *)Private == 2 && *(volatile UCHAR *)Shared == 1);
    TODO(OnWine, CHECK(IsRegion(Private, 0x1000, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED)));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Private));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Shared));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
}

static VOID TestSectionErrors(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0 }, Offset = { .QuadPart = 0x1000 };
    HANDLE Section;
    PVOID Base = NULL;
    SIZE_T ViewSize = 0;

    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size,
                                                             PAGE_READWRITE, SEC_COMMIT, NULL)));
    Size.QuadPart = 0x20000;
    CHECK_STATUS(STATUS_INVALID_FILE_FOR_SECTION, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size,
                                                                  PAGE_READONLY, SEC_IMAGE, NULL));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size,
                                                                 PAGE_NOACCESS, SEC_COMMIT, NULL)));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READONLY,
                                                 SEC_COMMIT, NULL));
    TODO(OnWine, CHECK_STATUS(STATUS_SECTION_PROTECTION, 
                              NtMapViewOfSection(Section, SELF, &Base, 0, 0, NULL, &ViewSize, ViewUnmap,
                                                               0, PAGE_READWRITE)));
    CHECK_STATUS(STATUS_MAPPED_ALIGNMENT, NtMapViewOfSection(Section, SELF, &Base, 0, 0, &Offset, &ViewSize, ViewUnmap,
                                                             0, PAGE_READONLY));
    ViewSize = 0x21000;
    CHECK_STATUS(STATUS_INVALID_VIEW_SIZE, 
                              NtMapViewOfSection(Section, SELF, &Base, 0, 0, NULL, &ViewSize, ViewUnmap,
                                                              0, PAGE_READONLY));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Section));
}

static ULONG ProtectionAt(PVOID Address)
{
    MEMORY_BASIC_INFORMATION Information;

    return Query(Address, &Information) ? Information.Protect : 0;
}

/*
 * Memory Protection Constants: "the PAGE_WRITECOMBINE flag cannot be specified with the PAGE_NOACCESS, PAGE_GUARD, and PAGE_NOCACHE flags";
 * both flags are for private memory, shared memory has SEC_NOCACHE and SEC_WRITECOMBINE.
 */
static VOID TestCaching(VOID)
{
    PVOID Base = NULL;
    SIZE_T Size = 0x10000, PartSize = 0x1000;
    ULONG Old = 0;

    CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE,
                                                                         PAGE_READWRITE | PAGE_WRITECOMBINE | PAGE_NOCACHE));
    CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE,
                                                                         PAGE_READWRITE | PAGE_WRITECOMBINE | PAGE_GUARD));
    CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE,
                                                                         PAGE_NOACCESS | PAGE_WRITECOMBINE));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT,
                                                         PAGE_READWRITE | PAGE_WRITECOMBINE));
    *(volatile UCHAR *)Base = 1;
    CHECK(IsRegion(Base, 0x10000, MEM_COMMIT, PAGE_READWRITE | PAGE_WRITECOMBINE, MEM_PRIVATE) && *(volatile UCHAR *)Base == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &PartSize, PAGE_READWRITE | PAGE_NOCACHE, &Old));
    CHECK(Old == (PAGE_READWRITE | PAGE_WRITECOMBINE) && ProtectionAt(Base) == (PAGE_READWRITE | PAGE_NOCACHE));
    CHECK(*(volatile UCHAR *)Base == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &PartSize, PAGE_READONLY | PAGE_GUARD, &Old));
    CHECK(Old == (PAGE_READWRITE | PAGE_NOCACHE) && ProtectionAt(Base) == (PAGE_READONLY | PAGE_GUARD));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
}

static VOID SetLockMemoryPrivilege(ULONG Attributes)
{
    TOKEN_PRIVILEGES New = { 1, { { { SE_LOCK_MEMORY_PRIVILEGE, 0 }, Attributes } } };
    HANDLE Token;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, TOKEN_ADJUST_PRIVILEGES, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
}

/* Large-Page Support: with MEM_RESERVE and MEM_COMMIT, a multiple of the smallest large page, SeLockMemoryPrivilege. */
static VOID TestLargePages(VOID)
{
    PVOID Base = NULL;
    SIZE_T Size = 0x400000, Odd = 0x201000;

    CHECK(((KUSER_SHARED_DATA *)0x7ffe0000)->LargePageMinimum == 0x200000);
    SetLockMemoryPrivilege(0);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES,
                                                                    PAGE_READWRITE));
    SetLockMemoryPrivilege(SE_PRIVILEGE_ENABLED);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_5, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_LARGE_PAGES, PAGE_READWRITE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtAllocateVirtualMemory(SELF, &Base, 0, &Odd, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES,
                                                                     PAGE_READWRITE));
    CHECK(Base == NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE));
    CHECK((ULONG_PTR)Base % 0x200000 == 0 && IsRegion(Base, 0x400000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE));
    ((volatile UCHAR *)Base)[0x3fffff] = 1;
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
}

/* MEM_COMMIT gives pages of a view their protection, committed or not, as it does private ones; a file's are committed. */
static VOID TestCommitView(VOID)
{
    LARGE_INTEGER SectionSize = { .QuadPart = 0x20000 };
    PVOID View = NULL, Part;
    SIZE_T Size = 0, PartSize = 0x2000;
    HANDLE Section;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &SectionSize, PAGE_READWRITE, SEC_RESERVE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &View, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    Part = View;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READONLY));
    CHECK(IsRegion(View, 0x2000, MEM_COMMIT, PAGE_READONLY, MEM_MAPPED));
    PartSize = 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE));
    CHECK(IsRegion(View, 0x1000, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED));
    *(volatile UCHAR *)View = 1;
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION,
                              NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE | PAGE_NOCACHE)));
    CHECK_STATUS(IsWine ? STATUS_INVALID_PAGE_PROTECTION : STATUS_SECTION_PROTECTION,
                 NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_EXECUTE_READWRITE));
    CHECK(ProtectionAt(View) == PAGE_READWRITE);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, (PUCHAR)View + 0x5000));
    NtClose(Section);
    Part = NtCurrentPeb()->ImageBaseAddress;
    CHECK_STATUS(STATUS_ALREADY_COMMITTED, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READONLY));
}

/* The program's own image: headers, code, what is left of them in the query. */
static VOID TestImage(VOID)
{
    PVOID Base = NtCurrentTeb()->ProcessEnvironmentBlock->ImageBaseAddress;
    MEMORY_BASIC_INFORMATION Information;

    CHECK(Query(Base, &Information));
    CHECK(Information.AllocationBase == Base && Information.Type == MEM_IMAGE && Information.Protect == PAGE_READONLY);
    CHECK(Query((PVOID)TestImage, &Information));
    CHECK(Information.AllocationBase == Base && Information.Protect == PAGE_EXECUTE_READ);
    TODO(OnWine, CHECK(!NT_SUCCESS(Poke((PVOID)TestImage))));
    CHECK_STATUS(STATUS_SUCCESS, Peek((PVOID)TestImage));
}

/* VirtualAlloc: MEM_RESET and MEM_RESET_UNDO "cannot be used with any other value". */
static VOID TestReset(VOID)
{
    static const ULONG Wrong[] = { MEM_RESET | MEM_COMMIT, MEM_RESET | MEM_RESERVE, MEM_RESET | MEM_TOP_DOWN, MEM_RESET | MEM_WRITE_WATCH,
                                   MEM_RESET | MEM_RESET_UNDO, MEM_RESET_UNDO | MEM_COMMIT, MEM_RESET_UNDO | MEM_TOP_DOWN };
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x10000, PartSize;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    ((volatile UCHAR *)Base)[0x2000] = 5;
    Part = (PUCHAR)Base + 0x1234;
    PartSize = 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET, PAGE_NOACCESS));
    CHECK(Part == (PUCHAR)Base + 0x1000 && PartSize == 0x2000);
    CHECK(IsRegion(Base, 0x10000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE));
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET_UNDO, PAGE_NOACCESS)));
    TODO(OnWine, CHECK(((volatile UCHAR *)Base)[0x2000] == 5));
    for (ULONG i = 0; i < ARRAYSIZE(Wrong) && !IsWine; i++)
        CHECK_STATUS(STATUS_INVALID_PARAMETER_5, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, Wrong[i], PAGE_READWRITE));
    CHECK(IsRegion(Base, 0x10000, MEM_COMMIT, PAGE_READWRITE, MEM_PRIVATE));
    /* "You must still set flProtect to a valid protection value." */
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PAGE_PROTECTION, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET, 0)));
    PartSize = 0x20000;
    CHECK(!NT_SUCCESS(NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET, PAGE_READWRITE)));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    PartSize = 0x1000;
    CHECK(!NT_SUCCESS(NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET, PAGE_READWRITE)));
    Part = NtCurrentPeb()->ImageBaseAddress;
    TODO(OnWine, CHECK_STATUS(STATUS_USER_MAPPED_FILE,
                              NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET, PAGE_READWRITE)));
}

/*
 * ZwMapViewOfSection: the part of a SEC_RESERVE section that is committed at once, which its page documents and Wine 8 leaves out;
 * zero bits of an address that is given.
 */
static VOID TestCommitSize(VOID)
{
    LARGE_INTEGER SectionSize = { .QuadPart = 0x20000 };
    PVOID Base = NULL, Second = NULL;
    SIZE_T Size = 0;
    HANDLE Section;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &SectionSize, PAGE_READWRITE, SEC_RESERVE, NULL));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER_5,
                              NtMapViewOfSection(Section, SELF, &Base, 0, 0x20001, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE)));
    if (Base != NULL)
        NtUnmapViewOfSection(SELF, Base);
    Base = NULL;
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Base, 0, 0x1001, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    TODO(OnWine, CHECK(Size == 0x20000 && IsRegion(Base, 0x2000, MEM_COMMIT, PAGE_READWRITE, MEM_MAPPED)));
    CHECK(IsRegion((PUCHAR)Base + 0x2000, 0x1E000, MEM_RESERVE, 0, MEM_MAPPED));
    CHECK_STATUS(STATUS_SUCCESS, Poke((PUCHAR)Base + 0x1FFF));
    TODO(OnWine, CHECK(!NT_SUCCESS(Peek((PUCHAR)Base + 0x2000))));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Second, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    CHECK(((volatile UCHAR *)Second)[0x1FFF] == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Second));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Base));
    /* The address has to have the zero bits, whether it is free and aligned or not. */
    Second = (PVOID)0x200001000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtMapViewOfSection(Section, SELF, &Second, 1, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4,
                 NtMapViewOfSection(Section, SELF, &Second, 0xFFFFFFFF, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    CHECK_STATUS(STATUS_MAPPED_ALIGNMENT,
                 NtMapViewOfSection(Section, SELF, &Second, 0x3FFFFFFFF, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    NtClose(Section);
}

/* A size of 0 is all of a range; after a decommitment it is 0 still (from Windows 10 1803 on), after a release it is the range's. */
static VOID TestWhole(VOID)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x10000, Whole = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    Part = (PUCHAR)Base + 0x1001;
    CHECK_STATUS(STATUS_FREE_VM_NOT_AT_BASE, NtFreeVirtualMemory(SELF, &Part, &Whole, MEM_DECOMMIT));
    CHECK(Whole == 0 && Part == (PUCHAR)Base + 0x1001);
    Part = (PUCHAR)Base + 0xFFE;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &Whole, MEM_DECOMMIT));
    CHECK(Whole == 0 && Part == Base);
    CHECK(IsRegion(Base, 0x10000, MEM_RESERVE, 0, MEM_PRIVATE));
    Whole = 0;
    Part = (PUCHAR)Base + 0xFFF;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &Whole, MEM_RELEASE));
    CHECK(Whole == 0x10000 && Part == Base);
}

/* MEMORY_REGION_INFORMATION; RegionType has WIN32_MEMORY_REGION_INFORMATION's bits, and later ones. */
typedef struct _REGION {
    PVOID AllocationBase;
    ULONG AllocationProtect;
    ULONG RegionType;
    SIZE_T RegionSize;
    SIZE_T CommitSize;
} REGION;

static BOOLEAN RegionIs(PVOID Address, PVOID Base, ULONG Type, SIZE_T Size, SIZE_T Committed)
{
    REGION Region = { 0 };
    SIZE_T Length = 0;

    return CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, Address, MemoryRegionInformation, &Region, sizeof(Region),
                                                             &Length)) &&
           Length == sizeof(Region) && Region.AllocationBase == Base && Region.RegionType == Type &&
           Region.RegionSize == Size && Region.CommitSize == Committed;
}

static VOID TestRegions(VOID)
{
    LARGE_INTEGER SectionSize = { .QuadPart = 0x20000 };
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x20000, PartSize = 0x3000;
    HANDLE Section;
    REGION Region;

    if (IsWine)                         /* does not say what kind of region it is */
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE, PAGE_READONLY));
    CHECK(RegionIs(Base, Base, 0x1, 0x20000, 0));
    Part = (PUCHAR)Base + 0x4000;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE));
    CHECK(RegionIs(Part, Base, 0x1, 0x20000, 0x3000));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH,
                 NtQueryVirtualMemory(SELF, Base, MemoryRegionInformation, &Region, sizeof(Region) - 1, NULL));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    CHECK_STATUS(STATUS_INVALID_ADDRESS, NtQueryVirtualMemory(SELF, Base, MemoryRegionInformation, &Region, sizeof(Region), NULL));
    Base = NULL;
    Size = 0x10000;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH,
                                                         PAGE_READWRITE));
    CHECK(RegionIs(Base, Base, 0x401, 0x10000, 0x10000));
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    Base = NULL;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemoryEx(SELF, &Base, &Size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS,
                                                           NULL, 0));
    CHECK(RegionIs(Base, Base, 0x101, 0x10000, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &SectionSize, PAGE_READWRITE, SEC_COMMIT, NULL));
    Base = NULL;
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &Base, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE));
    CHECK(RegionIs(Base, Base, 0x8, 0x20000, 0));
    Part = Base;
    PartSize = 0x1000;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &PartSize, MEM_RESET, PAGE_READWRITE));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Base));
    NtClose(Section);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, NtCurrentPeb()->ImageBaseAddress, MemoryRegionInformation, &Region,
                                                      sizeof(Region), NULL));
    CHECK(Region.RegionType == 0x4 && Region.AllocationBase == NtCurrentPeb()->ImageBaseAddress);
}

/* The entry of Address in a list of the working set, or 0. */
static ULONG64 FindBlock(const ULONG64 *List, PVOID Address)
{
    for (ULONG64 i = 1; i <= List[0]; i++)
        if (List[i] >> 12 == (ULONG64)Address >> 12)
            return List[i];
    return 0;
}

/* QueryWorkingSet: PSAPI_WORKING_SET_INFORMATION. */
static VOID TestWorkingSet(VOID)
{
    static ULONG64 List[0x4000];
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x10000, PartSize = 0x1000, Length = 0;
    VM_COUNTERS Counters;
    BOOLEAN InOrder = TRUE;
    HANDLE Process;
    ULONG Old;

    if (IsWine)                         /* Wine 8: STATUS_INVALID_INFO_CLASS */
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    ((volatile UCHAR *)Base)[0x2000] = ((volatile UCHAR *)Base)[0x5000] = 1;
    Part = (PUCHAR)Base + 0x5000;
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Part, &PartSize, PAGE_READONLY, &Old));
    memset(List, 1, sizeof(List));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, NULL, MemoryWorkingSetInformation, List, sizeof(List), &Length));
    CHECK(Length == (List[0] + 1) * sizeof(ULONG64));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, ProcessVmCounters, &Counters, sizeof(Counters), NULL));
    CHECK(Counters.WorkingSetSize == List[0] * 0x1000);
    for (ULONG64 i = 2; i <= List[0]; i++)
        InOrder = InOrder && List[i] >> 12 > List[i - 1] >> 12;
    CHECK(InOrder);
    CHECK((FindBlock(List, (PUCHAR)Base + 0x2000) & 0xFFF) == 4 && (FindBlock(List, (PUCHAR)Base + 0x5000) & 0xFFF) == 1);
    CHECK(FindBlock(List, (PUCHAR)Base + 0xF000) == 0);
    CHECK((FindBlock(List, (PVOID)TestWorkingSet) & 0x1FF) == (0x100 | 1 << 5 | 3));
    /* Too small: the number says how many there are. */
    List[2] = 77;
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryVirtualMemory(SELF, NULL, MemoryWorkingSetInformation, List, 16, NULL));
    CHECK(List[0] == Counters.WorkingSetSize / 0x1000 && List[2] == 77);
    List[0] = 0;
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryVirtualMemory(SELF, NULL, MemoryWorkingSetInformation, List, 8, NULL));
    CHECK(List[0] == Counters.WorkingSetSize / 0x1000);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryVirtualMemory(SELF, NULL, MemoryWorkingSetInformation, List, 7, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryVirtualMemory(SELF, NULL, MemoryWorkingSetInformation, (PVOID)0x10, 0x1000, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryVirtualMemory(SELF, NULL, MemoryWorkingSetInformation, Part, 0x1000, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, SELF, SELF, &Process, PROCESS_QUERY_INFORMATION, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtQueryVirtualMemory(Process, NULL, MemoryWorkingSetInformation, List, sizeof(List), NULL));
    NtClose(Process);
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
}

static NTSTATUS Lock(PVOID Base, SIZE_T Size)
{
    return NtLockVirtualMemory(SELF, &Base, &Size, 1);
}

static NTSTATUS Unlock(PVOID Base, SIZE_T Size)
{
    return NtUnlockVirtualMemory(SELF, &Base, &Size, 1);
}

/*
 * VirtualLock: "there is no lock count", pages must be committed; VirtualUnlock: "if any of the pages in the specified range are not
 * locked", it fails.  Wine leaves it to the host.
 */
static VOID TestLocks(VOID)
{
    PUCHAR Base = NULL;
    SIZE_T Size = 0x10000, Part = 0x4000;
    PVOID Middle, Odd;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, (PVOID *)&Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Base, 0x1000));
    CHECK_STATUS(STATUS_SUCCESS, Lock(Base, 0x4000));
    CHECK_STATUS(STATUS_WAS_LOCKED, Lock(Base + 0x3000, 0x2000));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Base, 0x6000));
    CHECK_STATUS(STATUS_SUCCESS, Unlock(Base, 0x1000));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Base, 0x1000));
    CHECK_STATUS(STATUS_SUCCESS, Unlock(Base + 0x1000, 0x4000));
    /* Not counted; the pages that the bytes touch. */
    CHECK_STATUS(STATUS_SUCCESS, Lock(Base, 0x1000));
    CHECK_STATUS(STATUS_WAS_LOCKED, Lock(Base, 0x1000));
    CHECK_STATUS(STATUS_SUCCESS, Unlock(Base, 0x1000));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Base, 0x1000));
    Odd = Base + 0xfff;
    Size = 2;
    CHECK_STATUS(STATUS_SUCCESS, NtLockVirtualMemory(SELF, &Odd, &Size, 1));
    CHECK(Odd == Base && Size == 0x2000);
    CHECK_STATUS(STATUS_SUCCESS, Unlock(Base, 0x2000));
    /* What is decommitted is locked no more, also where the range is split. */
    CHECK_STATUS(STATUS_SUCCESS, Lock(Base, 0x10000));
    Middle = Base + 0x4000;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Middle, &Part, MEM_DECOMMIT));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Lock(Base, 0x10000));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Middle, 0, &Part, MEM_COMMIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Middle, Part));
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Middle, &Part, MEM_RELEASE));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Base, 0x10000));
    CHECK_STATUS(STATUS_SUCCESS, Unlock(Base + 0x8000, 0x8000));
    CHECK_STATUS(STATUS_SUCCESS, Unlock(Base, 0x4000));
    /* A lock of the system (MAP_SYSTEM) is another one. */
    Middle = Base;
    CHECK_STATUS(STATUS_SUCCESS, NtLockVirtualMemory(SELF, &Middle, &Part, 2));
    CHECK_STATUS(STATUS_NOT_LOCKED, Unlock(Base, Part));
    CHECK_STATUS(STATUS_SUCCESS, NtUnlockVirtualMemory(SELF, &Middle, &Part, 2));
    CHECK_STATUS(STATUS_NOT_LOCKED, NtUnlockVirtualMemory(SELF, &Middle, &Part, 2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtLockVirtualMemory(SELF, &Middle, &Part, 4));
    Size = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, (PVOID *)&Base, &Size, MEM_RELEASE));
    Middle = Base + 0x8000;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Middle, &Size, MEM_RELEASE));
}

static ULONG64 SharedCommit(VOID)
{
    SIZE_T Pages = 0, Returned = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, NULL, MemorySharedCommitInformation, &Pages, sizeof(Pages), &Returned));
    CHECK(Returned == sizeof(Pages));
    return Pages;
}

/* MEMORY_SHARED_COMMIT_INFORMATION, PROCESS_MEMORY_COUNTERS_EX2.SharedCommitUsage; Wine has it not. */
static VOID TestSharedCommit(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x10000 };
    ULONG64 Before = SharedCommit();
    SIZE_T ViewSize = 0, Seven = 7;
    PVOID View = NULL;
    HANDLE Section;

    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryVirtualMemory(SELF, NULL, MemorySharedCommitInformation, &Before, Seven, NULL));
    Before = SharedCommit();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &View, 0, 0, NULL, &ViewSize, ViewUnmap, 0, PAGE_READWRITE));
    CHECK(SharedCommit() == Before + 16);
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, View));
    CHECK(SharedCommit() == Before);
    NtClose(Section);
}

static ULONG_PTR Charge(VOID)
{
    VM_COUNTERS Counters = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(SELF, ProcessVmCounters, &Counters, sizeof(Counters), NULL));
    return Counters.PagefileUsage / 0x1000;
}

/* Pages of code that become writable are charged at once, so that no write to them can fail; untouched ones are given back. */
static VOID TestImageCharge(VOID)
{
    PUCHAR Code = (PUCHAR)((ULONG_PTR)TestImageCharge & ~0xfffull);
    PVOID Base = Code;
    SIZE_T Size = 0x1001;
    ULONG_PTR Before = Charge();
    ULONG Old;

    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_READWRITE, &Old));
    CHECK(Size == 0x2000 && Charge() == Before + 2);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_WRITECOPY, &Old));
    CHECK(Charge() == Before + 2);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_READ, &Old));
    CHECK(Charge() == Before);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_READWRITE, &Old));
    *(volatile UCHAR *)Code = Code[0];
    CHECK(Charge() == Before + 2);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_READ, &Old));
    CHECK(Charge() == Before + 1);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_READWRITE, &Old));
    CHECK(Charge() == Before + 2);
    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, PAGE_EXECUTE_READ, &Old));
    CHECK(Charge() == Before + 1);
}

int wmain(int argc, PWSTR *argv)
{
    CheckSystem();
    TestReserveCommit();
    TestArguments();
    TestReleasePart();
    TestProtect();
    TestLarge();
    TestCopies();
    TestPageFileSection();
    TestCopyOnWrite();
    TestSectionErrors();
    TestImage();
    TestReset();
    TestCommitSize();
    TestWhole();
    TestCommitView();
    TestRegions();
    TestWorkingSet();
    if (!IsWine) {
        TestLocks();
        TestCaching();                  /* Wine leaves the flags out */
        TestLargePages();               /* Wine 8 has none */
        TestSharedCommit();
        TestImageCharge();
    }
    return CheckClose();
}
