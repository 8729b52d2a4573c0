/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Placeholders and address requirements: NtAllocateVirtualMemoryEx, NtMapViewOfSectionEx, NtFreeVirtualMemory and
 * NtUnmapViewOfSectionEx, as Microsoft documents VirtualAlloc2, MapViewOfFile3, VirtualFree and UnmapViewOfFileEx.
 * Wine 8.0 has no placeholders (its NtAllocateVirtualMemoryEx refuses MEM_RESERVE_PLACEHOLDER, which Microsoft's page of
 * VirtualAlloc2 documents), so that it is no reference here.
 * Runs on: Nereid.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define UNIT 0x10000
#define PRESERVE (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)
#define COALESCE (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS)

static NTSTATUS Obtain(PVOID *Base, SIZE_T Size, ULONG Type, ULONG Protect)
{
    return NtAllocateVirtualMemoryEx(SELF, Base, &Size, Type, Protect, NULL, 0);
}

static NTSTATUS GiveBack(PUCHAR Base, SIZE_T Size, ULONG Type)
{
    PVOID Address = Base;

    return NtFreeVirtualMemory(SELF, &Address, &Size, Type);
}

static PUCHAR Reserve(SIZE_T Size)
{
    PVOID Base = NULL;

    CHECK_STATUS(STATUS_SUCCESS, Obtain(&Base, Size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS));
    return Base;
}

static NTSTATUS Replace(PUCHAR Base, SIZE_T Size, ULONG Protect)
{
    PVOID Address = Base;

    return Obtain(&Address, Size, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, Protect);
}

static BOOLEAN Is(PUCHAR Address, PUCHAR Allocation, ULONG State, ULONG Type, SIZE_T Size)
{
    MEMORY_BASIC_INFORMATION Information;

    return NT_SUCCESS(NtQueryVirtualMemory(SELF, Address, MemoryBasicInformation, &Information, sizeof(Information),
                                           NULL)) &&
           Information.AllocationBase == Allocation && Information.State == State && Information.Type == Type &&
           Information.RegionSize == Size;
}

static VOID TestReserve(VOID)
{
    PVOID Base = NULL;
    SIZE_T Size = UNIT;
    PUCHAR P;

    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 Obtain(&Base, UNIT, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_READWRITE));
    Base = NULL;
    CHECK(!NT_SUCCESS(Obtain(&Base, UNIT, MEM_RESERVE | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE)));
    Base = NULL;
    CHECK(!NT_SUCCESS(NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
                                              PAGE_NOACCESS)));
    P = Reserve(UNIT);
    CHECK(Is(P, P, MEM_RESERVE, MEM_PRIVATE, UNIT));
    /* Nothing is committed in a placeholder, and nothing else lies there. */
    Base = P;
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, Obtain(&Base, 0x1000, MEM_COMMIT, PAGE_READWRITE));
    Base = P;
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, Obtain(&Base, UNIT, MEM_RESERVE, PAGE_READWRITE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_MEMORY_NOT_ALLOCATED, GiveBack(P, UNIT, PRESERVE));
}

static VOID TestSplit(VOID)
{
    PUCHAR P = Reserve(4 * UNIT);

    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, GiveBack(P, 0, PRESERVE));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 4 * UNIT, PRESERVE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, GiveBack(P, UNIT, MEM_DECOMMIT | MEM_PRESERVE_PLACEHOLDER));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, GiveBack(P, UNIT, MEM_PRESERVE_PLACEHOLDER));
    /* Out of the middle: three placeholders, each with a base of its own. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + UNIT, UNIT, PRESERVE));
    CHECK(Is(P, P, MEM_RESERVE, MEM_PRIVATE, UNIT));
    CHECK(Is(P + UNIT, P + UNIT, MEM_RESERVE, MEM_PRIVATE, UNIT));
    CHECK(Is(P + 2 * UNIT, P + 2 * UNIT, MEM_RESERVE, MEM_PRIVATE, 2 * UNIT));
    /* The whole range of placeholders, exactly. */
    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, GiveBack(P, 0, COALESCE));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, UNIT, COALESCE));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 3 * UNIT, COALESCE));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 5 * UNIT, COALESCE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 4 * UNIT, COALESCE));
    CHECK(Is(P, P, MEM_RESERVE, MEM_PRIVATE, 4 * UNIT));
    /* Pages, not allocation units. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 0x1000, 0x2000, PRESERVE));
    CHECK(Is(P + 0x1000, P + 0x1000, MEM_RESERVE, MEM_PRIVATE, 0x2000));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 0x1000, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 4 * UNIT, COALESCE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 0x3000, 0, MEM_RELEASE));
}

static VOID TestReplace(VOID)
{
    PUCHAR P = Reserve(3 * UNIT);

    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, Replace(P, UNIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + UNIT, UNIT, PRESERVE));
    CHECK_STATUS(STATUS_SUCCESS, Replace(P + UNIT, UNIT, PAGE_READWRITE));
    CHECK(Is(P + UNIT, P + UNIT, MEM_COMMIT, MEM_PRIVATE, UNIT));
    CHECK(!NT_SUCCESS(Replace(P + UNIT, UNIT, PAGE_READWRITE)));
    P[UNIT] = 1;
    P[2 * UNIT - 1] = 2;
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 3 * UNIT, COALESCE));
    /* A part goes back to a placeholder, the rest keeps its content. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + UNIT, 0x1000, PRESERVE));
    CHECK(Is(P + UNIT, P + UNIT, MEM_RESERVE, MEM_PRIVATE, 0x1000));
    CHECK(P[2 * UNIT - 1] == 2);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + UNIT + 0x1000, UNIT - 0x1000, PRESERVE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 3 * UNIT, COALESCE));
    /* What comes again is zero. */
    CHECK_STATUS(STATUS_SUCCESS, Replace(P, 3 * UNIT, PAGE_READWRITE));
    CHECK(P[UNIT] == 0 && P[2 * UNIT - 1] == 0);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 0, MEM_RELEASE));
    /* Ordinary memory never was a placeholder. */
    {
        PVOID Base = NULL;

        CHECK_STATUS(STATUS_SUCCESS, Obtain(&Base, UNIT, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
        CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(Base, UNIT, PRESERVE));
        CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(Base, UNIT, COALESCE));
        CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
    }
}

/* NtFreeVirtualMemory takes parts; VirtualFree would want all of it. */
static VOID TestParts(VOID)
{
    PUCHAR P = Reserve(4 * UNIT);

    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, GiveBack(P, UNIT, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, GiveBack(P, UNIT, MEM_DECOMMIT | MEM_COALESCE_PLACEHOLDERS));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, GiveBack(P, UNIT, MEM_DECOMMIT | MEM_RELEASE));
    /* "If you attempt to decommit an uncommitted page, the function does not fail." */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + UNIT, UNIT, MEM_DECOMMIT));
    CHECK(Is(P, P, MEM_RESERVE, MEM_PRIVATE, 4 * UNIT));
    CHECK_STATUS(STATUS_FREE_VM_NOT_AT_BASE, GiveBack(P + UNIT, 0, MEM_RELEASE));
    /* A hole in the middle: the ends are placeholders still. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + UNIT, UNIT, MEM_RELEASE));
    CHECK(Is(P, P, MEM_RESERVE, MEM_PRIVATE, UNIT));
    CHECK(Is(P + 2 * UNIT, P + 2 * UNIT, MEM_RESERVE, MEM_PRIVATE, 2 * UNIT));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 4 * UNIT, COALESCE));
    CHECK_STATUS(STATUS_SUCCESS, Replace(P, UNIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_SUCCESS, Replace(P + 2 * UNIT, 2 * UNIT, PAGE_READWRITE));
    P[2 * UNIT] = P[3 * UNIT] = 1;
    /* What stands on a placeholder: decommitted in part, it stays what it is ... */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 2 * UNIT, 0x1000, MEM_DECOMMIT));
    CHECK(Is(P + 2 * UNIT, P + 2 * UNIT, MEM_RESERVE, MEM_PRIVATE, 0x1000));
    CHECK(Is(P + 2 * UNIT + 0x1000, P + 2 * UNIT, MEM_COMMIT, MEM_PRIVATE, 2 * UNIT - 0x1000));
    CHECK(!NT_SUCCESS(Replace(P + 2 * UNIT, 0x1000, PAGE_READWRITE)));
    /* ... and released in part, the rest may be a placeholder again. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 2 * UNIT, UNIT, MEM_RELEASE));
    CHECK(P[3 * UNIT] == 1 && Is(P + 3 * UNIT, P + 3 * UNIT, MEM_COMMIT, MEM_PRIVATE, UNIT));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 3 * UNIT, UNIT, PRESERVE));
    CHECK(Is(P + 3 * UNIT, P + 3 * UNIT, MEM_RESERVE, MEM_PRIVATE, UNIT));
    CHECK_STATUS(STATUS_SUCCESS, Replace(P + 3 * UNIT, UNIT, PAGE_READWRITE));
    CHECK(P[3 * UNIT] == 0);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 3 * UNIT, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 0, MEM_RELEASE));
}

static NTSTATUS Map(HANDLE Section, PUCHAR Base, LONGLONG Offset, SIZE_T Size, ULONG Type)
{
    LARGE_INTEGER At = {.QuadPart = Offset};
    PVOID Address = Base;

    return NtMapViewOfSectionEx(Section, SELF, &Address, &At, &Size, Type, PAGE_READWRITE, NULL, 0);
}

/* A ring: the same pages twice, one after the other. */
static VOID TestViews(VOID)
{
    LARGE_INTEGER Size = {.QuadPart = 2 * UNIT};
    PUCHAR P = Reserve(4 * UNIT);
    HANDLE Section;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE,
                                                 SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 2 * UNIT, PRESERVE));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, Map(Section, P, 0, 2 * UNIT, 0));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, Map(Section, P, 0, UNIT, MEM_REPLACE_PLACEHOLDER));
    CHECK_STATUS(STATUS_SUCCESS, Map(Section, P, 0, 2 * UNIT, MEM_REPLACE_PLACEHOLDER));
    CHECK_STATUS(STATUS_SUCCESS, Map(Section, P + 2 * UNIT, 0, 2 * UNIT, MEM_REPLACE_PLACEHOLDER));
    P[5] = 7;
    CHECK(P[2 * UNIT + 5] == 7);
    CHECK(Is(P, P, MEM_COMMIT, MEM_MAPPED, 2 * UNIT));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtUnmapViewOfSectionEx(SELF, P, 0x10));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSectionEx(SELF, P, MEM_PRESERVE_PLACEHOLDER));
    CHECK(Is(P, P, MEM_RESERVE, MEM_PRIVATE, 2 * UNIT));
    CHECK_STATUS(STATUS_NOT_MAPPED_VIEW, NtUnmapViewOfSectionEx(SELF, P, MEM_PRESERVE_PLACEHOLDER));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSectionEx(SELF, P + 2 * UNIT, MEM_PRESERVE_PLACEHOLDER));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 4 * UNIT, COALESCE));
    /* MapViewOfFile3: the 64 KiB alignment of offset and address does not count for a placeholder. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 0x3000, 0x1000, PRESERVE));
    CHECK_STATUS(STATUS_SUCCESS, Map(Section, P + 0x3000, 0x1000, 0x1000, MEM_REPLACE_PLACEHOLDER));
    CHECK(P[0x3000] == 0);
    /* Without the flag the range is free afterwards. */
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSectionEx(SELF, P + 0x3000, 0));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, GiveBack(P, 4 * UNIT, COALESCE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(P + 0x4000, 0, MEM_RELEASE));
    {
        PVOID View = NULL;
        SIZE_T ViewSize = 0;

        CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, SELF, &View, 0, 0, NULL, &ViewSize, ViewUnmap, 0,
                                                        PAGE_READWRITE));
        CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, NtUnmapViewOfSectionEx(SELF, View, MEM_PRESERVE_PLACEHOLDER));
        CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, View));
    }
    NtClose(Section);
}

static NTSTATUS Place(ULONG64 Lowest, ULONG64 Highest, SIZE_T Alignment, PVOID *Base)
{
    MEM_ADDRESS_REQUIREMENTS Requirements = {(PVOID)Lowest, (PVOID)Highest, Alignment};
    MEM_EXTENDED_PARAMETER Parameter = {.Type = MemExtendedParameterAddressRequirements, .Pointer = &Requirements};
    SIZE_T Size = UNIT;

    return NtAllocateVirtualMemoryEx(SELF, Base, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, &Parameter, 1);
}

static VOID TestRequirements(VOID)
{
    MEM_EXTENDED_PARAMETER Twice[2] = {{.Type = MemExtendedParameterNumaNode}, {.Type = MemExtendedParameterNumaNode}};
    MEM_EXTENDED_PARAMETER Attributes = {.Type = MemExtendedParameterAttributeFlags};
    MEM_EXTENDED_PARAMETER Invalid = {.Type = MemExtendedParameterInvalidType};
    static const struct {
        ULONG64 Lowest, Highest, Alignment;
    } Bad[] = {
        {0, 0, 0x18000}, {0, 0, 0x8000}, {0x20001000, 0, 0}, {0, 0x20000000, 0}, {0x30000000, 0x2FFFFFFF, 0},
        {0, 0xFFFFFFFFFFFFFFFF, 0},
    };
    PVOID Base = NULL;
    SIZE_T Size = UNIT;
    ULONG Index;

    CHECK_STATUS(STATUS_SUCCESS, Place(0, 0, 0x1000000, &Base));
    CHECK(Base != NULL && (ULONG_PTR)Base % 0x1000000 == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Place(0, 0, 0x1000000, &Base));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
    Base = NULL;
    CHECK_STATUS(STATUS_SUCCESS, Place(0x200000000, 0x2FFFFFFFF, 0, &Base));
    CHECK((ULONG_PTR)Base >= 0x200000000 && (ULONG_PTR)Base + UNIT <= 0x300000000);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
    /* No room between the limits. */
    Base = NULL;
    CHECK_STATUS(STATUS_NO_MEMORY, Place(0x200000000, 0x20000EFFF, 0, &Base));
    for (Index = 0; Index < sizeof(Bad) / sizeof(Bad[0]); Index++) {
        Base = NULL;
        CHECK_STATUS(STATUS_INVALID_PARAMETER, Place(Bad[Index].Lowest, Bad[Index].Highest, Bad[Index].Alignment, &Base));
    }
    Base = NULL;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAllocateVirtualMemoryEx(SELF, &Base, &Size, MEM_RESERVE, PAGE_READWRITE,
                                                                     Twice, 2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAllocateVirtualMemoryEx(SELF, &Base, &Size, MEM_RESERVE, PAGE_READWRITE,
                                                                     NULL, 1));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAllocateVirtualMemoryEx(SELF, &Base, &Size, MEM_RESERVE, PAGE_READWRITE,
                                                                     &Invalid, 1));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemoryEx(SELF, &Base, &Size, MEM_RESERVE, PAGE_READWRITE, &Attributes, 1));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
    Base = NULL;
    Attributes.ULong64 = MEM_EXTENDED_PARAMETER_EC_CODE;
    CHECK_STATUS(STATUS_NOT_SUPPORTED, NtAllocateVirtualMemoryEx(SELF, &Base, &Size, MEM_RESERVE, PAGE_READWRITE, &Attributes, 1));
}

int wmain(int argc, PWSTR *argv)
{
    UNREFERENCED_PARAMETER(argc);
    UNREFERENCED_PARAMETER(argv);
    TestReserve();
    TestSplit();
    TestReplace();
    TestParts();
    TestViews();
    TestRequirements();
    return CheckClose();
}
