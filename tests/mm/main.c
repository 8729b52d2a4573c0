/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of mm on the kernel: everything is allocated, used through ntos's own copies, freed, and must be back at the
 * end. The image that follows the task (mkimage.py's archive) is a native program; it is mapped as an image.
 */
#include "tests/mm/test.h"
#include "ntos/inc/ldr.h"
#include "abi/bootarchive.h"

__attribute__((section(".bootarc"), used)) volatile BOOT_ARCHIVE_DESCRIPTOR TestArchive = {BOOT_ARCHIVE_MAGIC, 0, 0};

static PMM_SPACE Space = &TestProcess.Vm;

typedef struct {
    ULONG64 Available, Slots, Pool;
} SNAPSHOT;

static SNAPSHOT Snapshot(void)
{
    MM_STATISTICS Statistics;

    MmQueryStatistics(&Statistics);
    return (SNAPSHOT){Statistics.AvailablePages, Statistics.SlotsInUse, MmGetPoolUsage()};
}

static void TestPool(void)
{
    static PVOID Block[500];
    SIZE_T Before = MmGetPoolUsage();
    ULONG Index, Round;

    for (Round = 0; Round < 3; Round++) {
        for (Index = 0; Index < 500; Index++) {
            SIZE_T Size = (Index * 37 + Round * 911) % 6000;

            Block[Index] = ExAllocatePoolWithTag(PagedPool, Size, 0);
            CHECK(Block[Index] != NULL);
            memset(Block[Index], (int)Index, Size);
        }
        for (Index = 0; Index < 500; Index++) {
            SIZE_T Size = (Index * 37 + Round * 911) % 6000;

            if (Size != 0)
                CHECK(*(PUCHAR)Block[Index] == (UCHAR)Index && ((PUCHAR)Block[Index])[Size - 1] == (UCHAR)Index);
        }
        for (Index = 0; Index < 500; Index++)
            ExFreePool(Block[(Index * 7) % 500]);
    }
    /* The list of free address ranges is in the pool too. */
    CHECK(MmGetPoolUsage() - Before < 512);
}

static void TestKernelObjects(void)
{
    static MM_KERNEL_OBJECT Object[300];
    ULONG Index;

    for (Index = 0; Index < 300; Index++) {
        static const ULONG Type[] = {seL4_TCBObject, seL4_EndpointObject, seL4_NotificationObject,
                                     seL4_CapTableObject};

        CHECK_STATUS(MmCreateKernelObject(Type[Index % 4], 4, &Object[Index]), STATUS_SUCCESS);
    }
    for (Index = 0; Index < 300; Index++)
        MmDeleteKernelObject(&Object[Index]);
}

static void TestPrivate(void)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x5000, PartSize;
    ULONG Value = 0x12345678, Back = 0, Old;

    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE), STATUS_SUCCESS);
    CHECK((ULONG64)Base % 0x10000 == 0 && Size == 0x5000);
    CHECK_STATUS(MmWriteSpace(Space, Base, &Value, 4), STATUS_ACCESS_VIOLATION);
    Part = (PUCHAR)Base + 0x1000;
    PartSize = 0x2000;
    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    CHECK_STATUS(MmWriteSpace(Space, (PUCHAR)Part + 0xFFE, &Value, 4), STATUS_SUCCESS);
    CHECK_STATUS(MmReadSpace(Space, &Back, (PUCHAR)Part + 0xFFE, 4), STATUS_SUCCESS);
    CHECK(Back == Value);
    CHECK_STATUS(MmReadSpace(Space, &Back, (PUCHAR)Part + 0x1FFE, 4), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmProtectVirtualMemory(Space, &Part, &PartSize, PAGE_READONLY, &Old), STATUS_SUCCESS);
    CHECK(Old == PAGE_READWRITE);
    CHECK_STATUS(MmWriteSpace(Space, Part, &Value, 4), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Part, MmWriteAccess, 0), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Part, MmExecuteAccess, 0), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Part, MmReadAccess, 0), STATUS_SUCCESS);
    PartSize = 0x1000;
    CHECK_STATUS(MmProtectVirtualMemory(Space, &Part, &PartSize, PAGE_READWRITE | PAGE_GUARD, &Old), STATUS_SUCCESS);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Part, MmReadAccess, 0), STATUS_GUARD_PAGE_VIOLATION);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Part, MmReadAccess, 0), STATUS_SUCCESS);
    Size = 0;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Part, &Size, MEM_RELEASE), STATUS_FREE_VM_NOT_AT_BASE);
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE), STATUS_SUCCESS);
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE), STATUS_MEMORY_NOT_ALLOCATED);
}

/* Pages that the program used before ntos did: what it has committed behind one in use, and what both see. */
static void TestWindow(void)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 0x10000, PartSize = PAGE_SIZE;
    ULONG64 Value = 0x123456789ABCDEF, Back = 1, Index;
    MM_STATISTICS Before, After;

    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE), STATUS_SUCCESS);
    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Base, MmWriteAccess, 0), STATUS_SUCCESS);
    Part = (PUCHAR)Base + PAGE_SIZE;
    PartSize = 3 * PAGE_SIZE;
    MmQueryStatistics(&Before);
    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    for (Index = 0; Index < 4; Index++) {
        PUCHAR Page = (PUCHAR)Base + Index * PAGE_SIZE;

        CHECK_STATUS(MmAccessFault(Space, (ULONG64)Page, MmWriteAccess, 0), STATUS_SUCCESS);
        CHECK_STATUS(MmReadSpace(Space, &Back, Page + 8 * Index, 8), STATUS_SUCCESS);
        CHECK(Back == 0);
        CHECK_STATUS(MmWriteSpace(Space, Page + 8 * Index, &Value, 8), STATUS_SUCCESS);
        CHECK_STATUS(MmReadSpace(Space, &Back, Page + 8 * Index, 8), STATUS_SUCCESS);
        CHECK(Back == Value);
    }
    MmQueryStatistics(&After);
    CHECK(After.DemandZeroFaults == Before.DemandZeroFaults);
    Size = 0;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE), STATUS_SUCCESS);
}

static void TestLarge(void)
{
    PVOID Base = NULL, Part;
    SIZE_T Size = 8 << 20, PartSize = 0x3000;
    ULONG64 Address, Value, Back, Old = Space->PrivatePages;
    ULONG OldProtect;

    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
                 STATUS_SUCCESS);
    for (Address = (ULONG64)Base; Address < (ULONG64)Base + Size; Address += 0x10000) {
        Value = Address;
        CHECK_STATUS(MmWriteSpace(Space, (PVOID)Address, &Value, 8), STATUS_SUCCESS);
    }
    Part = (PUCHAR)Base + 0x251000;
    CHECK_STATUS(MmProtectVirtualMemory(Space, &Part, &PartSize, PAGE_READONLY, &OldProtect), STATUS_SUCCESS);
    Part = (PUCHAR)Base + 0x20000;
    PartSize = 0x400000;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Part, &PartSize, MEM_DECOMMIT), STATUS_SUCCESS);
    for (Address = (ULONG64)Base; Address < (ULONG64)Base + Size; Address += 0x10000) {
        BOOLEAN Gone = Address - (ULONG64)Base >= 0x20000 && Address - (ULONG64)Base < 0x420000;

        CHECK_STATUS(MmReadSpace(Space, &Back, (PVOID)Address, 8), Gone ? STATUS_ACCESS_VIOLATION : STATUS_SUCCESS);
        CHECK(Gone || Back == Address);
    }
    PartSize = 0x400000;
    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Part, 0, &PartSize, MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    CHECK_STATUS(MmReadSpace(Space, &Back, Part, 8), STATUS_SUCCESS);
    CHECK(Back == 0);
    /* A hole in the middle. */
    Part = (PUCHAR)Base + 0x600000;
    PartSize = 0x10000;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Part, &PartSize, MEM_RELEASE), STATUS_SUCCESS);
    CHECK_STATUS(MmReadSpace(Space, &Back, Part, 8), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmReadSpace(Space, &Back, (PUCHAR)Part + 0x10000, 8), STATUS_SUCCESS);
    Size = 0;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE), STATUS_SUCCESS);
    Size = 0;
    Part = (PUCHAR)Part + 0x10000;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Part, &Size, MEM_RELEASE), STATUS_SUCCESS);
    CHECK(Space->PrivatePages == Old);
}

static void TestStack(void)
{
    MM_USER_STACK Stack;
    PVOID Teb;
    ULONG64 Address, Limit = 0;
    SIZE_T Size = 0;
    NTSTATUS Status = STATUS_SUCCESS;

    CHECK_STATUS(MmCreatePebTeb(Space, 0x2000, &Teb), STATUS_SUCCESS);
    CHECK_STATUS(MmCreateUserStack(Space, 0, 0x40000, 0x4000, &Stack), STATUS_SUCCESS);
    MmWriteSpace(Space, (PUCHAR)Teb + FIELD_OFFSET(TEB, NtTib.StackBase), &Stack.StackBase, 8);
    MmWriteSpace(Space, (PUCHAR)Teb + FIELD_OFFSET(TEB, NtTib.StackLimit), &Stack.StackLimit, 8);
    MmWriteSpace(Space, (PUCHAR)Teb + FIELD_OFFSET(TEB, DeallocationStack), &Stack.DeallocationStack, 8);
    for (Address = (ULONG64)Stack.StackBase - 8; NT_SUCCESS(Status); Address -= 0x1000)
        Status = MmAccessFault(Space, Address, MmWriteAccess, (ULONG64)Teb);
    CHECK(Status == STATUS_STACK_OVERFLOW);
    MmReadSpace(Space, &Limit, (PUCHAR)Teb + FIELD_OFFSET(TEB, NtTib.StackLimit), 8);
    CHECK(Limit == (ULONG64)Stack.DeallocationStack + 0x1000);
    CHECK_STATUS(MmAccessFault(Space, Limit, MmWriteAccess, (ULONG64)Teb), STATUS_SUCCESS);
    CHECK_STATUS(MmAccessFault(Space, Limit - 8, MmWriteAccess, (ULONG64)Teb), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Stack.DeallocationStack, &Size, MEM_RELEASE), STATUS_SUCCESS);
    MmFreePebTeb(Space, Teb);
}

static void TestSections(void)
{
    LARGE_INTEGER Size = {.QuadPart = 0x25000};
    PVOID First = NULL, Second = NULL, System;
    SIZE_T ViewSize = 0, SystemSize;
    PSECTION Section;
    ULONG Value = 77, Back = 0;

    CHECK_STATUS(MmCreateSection(&Section, &Size, PAGE_READWRITE, SEC_COMMIT, NULL), STATUS_SUCCESS);
    CHECK_STATUS(MmMapViewOfSection(Section, Space, &First, 0, NULL, &ViewSize, 0, PAGE_READWRITE), STATUS_SUCCESS);
    CHECK(ViewSize == 0x25000);
    ViewSize = 0;
    CHECK_STATUS(MmMapViewOfSection(Section, Space, &Second, 0, NULL, &ViewSize, 0, PAGE_WRITECOPY), STATUS_SUCCESS);
    CHECK_STATUS(MmMapViewInSystemSpace(Section, &System, &SystemSize), STATUS_SUCCESS);
    CHECK_STATUS(MmWriteSpace(Space, (PUCHAR)First + 0x3000, &Value, 4), STATUS_SUCCESS);
    CHECK(*(PULONG)((PUCHAR)System + 0x3000) == 77);
    CHECK_STATUS(MmReadSpace(Space, &Back, (PUCHAR)Second + 0x3000, 4), STATUS_SUCCESS);
    CHECK(Back == 77);
    Value = 78;
    CHECK_STATUS(MmWriteSpace(Space, (PUCHAR)Second + 0x3000, &Value, 4), STATUS_SUCCESS);
    CHECK(*(PULONG)((PUCHAR)System + 0x3000) == 77);
    CHECK_STATUS(MmReadSpace(Space, &Back, (PUCHAR)Second + 0x3000, 4), STATUS_SUCCESS);
    CHECK(Back == 78);
    MmUnmapViewInSystemSpace(System);
    CHECK_STATUS(MmUnmapViewOfSection(Space, First), STATUS_SUCCESS);
    CHECK_STATUS(MmUnmapViewOfSection(Space, First), STATUS_NOT_MAPPED_VIEW);
    ObDereferenceObject(Section);
    CHECK_STATUS(MmUnmapViewOfSection(Space, Second), STATUS_SUCCESS);
}

static PMM_SEGMENT File;

static void TestImage(void)
{
    PSECTION Section;
    SECTION_IMAGE_INFORMATION Information;
    PVOID First = NULL, Second = NULL;
    SIZE_T ViewSize = 0;
    USHORT Magic = 0;
    ULONG Value = 1;

    /* It stays: its pages would not come back. */
    if (File == NULL)
        CHECK_STATUS(MmCreateSegmentFromImage((PVOID)TestArchive.Address, TestArchive.Size, &File), STATUS_SUCCESS);
    CHECK_STATUS(MmCreateSection(&Section, NULL, PAGE_EXECUTE, SEC_IMAGE, TestOpenFile(File)), STATUS_SUCCESS);
    CHECK_STATUS(MmGetSectionImageInformation(Section, &Information), STATUS_SUCCESS);
    CHECK_STATUS(MmMapViewOfSection(Section, Space, &First, 0, NULL, &ViewSize, 0, PAGE_EXECUTE), STATUS_SUCCESS);
    CHECK((ULONG64)First == MmGetSectionImageBase(Section));
    ViewSize = 0;
    CHECK_STATUS(MmMapViewOfSection(Section, Space, &Second, 0, NULL, &ViewSize, 0, PAGE_EXECUTE),
                 STATUS_IMAGE_NOT_AT_BASE);
    CHECK_STATUS(MmReadSpace(Space, &Magic, First, 2), STATUS_SUCCESS);
    CHECK(Magic == IMAGE_DOS_SIGNATURE);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Information.TransferAddress, MmExecuteAccess, 0), STATUS_SUCCESS);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)Information.TransferAddress, MmWriteAccess, 0), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmAccessFault(Space, (ULONG64)First, MmExecuteAccess, 0), STATUS_ACCESS_VIOLATION);
    CHECK_STATUS(MmWriteSpace(Space, First, &Value, 4), STATUS_ACCESS_VIOLATION);
    CHECK(!MmFlushImageSegment(File));
    CHECK_STATUS(MmUnmapViewOfSection(Space, First), STATUS_SUCCESS);
    CHECK_STATUS(MmUnmapViewOfSection(Space, Second), STATUS_SUCCESS);
    ObDereferenceObject(Section);
    CHECK(MmFlushImageSegment(File));
}

static void TestFile(void)
{
    static UCHAR Buffer[10000], Back[10000];
    PMM_SEGMENT File;
    SIZE_T Copied;
    ULONG Index;

    for (Index = 0; Index < sizeof(Buffer); Index++)
        Buffer[Index] = (UCHAR)(Index * 7);
    CHECK_STATUS(MmCreateSegment(0, &File), STATUS_SUCCESS);
    CHECK_STATUS(MmSetSegmentSize(File, 3000000), STATUS_SUCCESS);
    CHECK_STATUS(MmWriteSegment(File, 2200001, Buffer, sizeof(Buffer), KernelMode, &Copied), STATUS_SUCCESS);
    CHECK(Copied == sizeof(Buffer));
    CHECK_STATUS(MmReadSegment(File, 2200001, Back, sizeof(Back), KernelMode, &Copied), STATUS_SUCCESS);
    CHECK(memcmp(Buffer, Back, sizeof(Back)) == 0);
    CHECK_STATUS(MmReadSegment(File, 100, Back, sizeof(Back), KernelMode, &Copied), STATUS_SUCCESS);
    CHECK(Back[0] == 0 && Back[9999] == 0);
    CHECK_STATUS(MmSetSegmentSize(File, 2200010), STATUS_SUCCESS);
    CHECK_STATUS(MmSetSegmentSize(File, 3000000), STATUS_SUCCESS);
    CHECK_STATUS(MmReadSegment(File, 2200001, Back, 20, KernelMode, &Copied), STATUS_SUCCESS);
    CHECK(Back[8] == Buffer[8] && Back[9] == 0);
    MmDereferenceSegment(File);
}

/* Each page of [Start, End): touched by the program, or written by ntos.  The promise was given, so none may fail. */
static void TestUse(ULONG64 Start, ULONG64 End, BOOLEAN ByProgram)
{
    ULONG64 Address, Value = 1;
    NTSTATUS Status = STATUS_SUCCESS;

    for (Address = Start; NT_SUCCESS(Status) && Address < End; Address += PAGE_SIZE)
        Status = ByProgram ? MmAccessFault(Space, Address, MmWriteAccess, 0) : MmWriteSpace(Space, (PVOID)Address, &Value, 8);
    if (!NT_SUCCESS(Status))
        TestWrite("page %u of %u: %08x\n", (unsigned)((Address - Start) >> 12), (unsigned)((End - Start) >> 12), (unsigned)Status);
    CHECK_STATUS(Status, STATUS_SUCCESS);
}

/* More than there is: a status, and everything back. */
static void TestExhaustion(void)
{
    PVOID Base = NULL;
    SIZE_T Size = 1ull << 40;
    MM_STATISTICS Statistics;

    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
                 STATUS_COMMITMENT_LIMIT);
    MmQueryStatistics(&Statistics);
    Size = (Statistics.AvailablePages - 8) << PAGE_SHIFT;
    Base = NULL;
    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE),
                 STATUS_SUCCESS);
    TestUse((ULONG64)Base, (ULONG64)Base + Size, TRUE);
    TestUse((ULONG64)Base, (ULONG64)Base + Size, FALSE);
    Size = 0;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE), STATUS_SUCCESS);
}

/* Free slots that are no neighbours are no use for blocks of frames, and do not keep new ones from being made. */
static void TestScatteredSlots(void)
{
    static ULONG64 Slot[20000];
    ULONG Index, Count = sizeof(Slot) / sizeof(Slot[0]);
    PVOID Base = NULL;
    MM_STATISTICS Statistics;
    SIZE_T Size;

    for (Index = 0; Index < Count; Index++) {
        Slot[Index] = MmAllocateSlot();
        CHECK(Slot[Index] != 0);
    }
    for (Index = 0; Index < Count; Index += 2)
        MmFreeSlot(Slot[Index]);
    MmQueryStatistics(&Statistics);
    Size = min(Statistics.AvailablePages / 2, 6144) << PAGE_SHIFT;
    CHECK_STATUS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), STATUS_SUCCESS);
    TestUse((ULONG64)Base, (ULONG64)Base + Size, FALSE);
    Size = 0;
    CHECK_STATUS(MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE), STATUS_SUCCESS);
    for (Index = 1; Index < Count; Index += 2)
        MmFreeSlot(Slot[Index]);
}

static void TestAll(void)
{
    CHECK_STATUS(MmCreateSpace(Space), STATUS_SUCCESS);
    MmCurrentSpace = Space;
    TestPrivate();
    TestWindow();
    TestLarge();
    TestStack();
    TestSections();
    TestImage();
    TestFile();
    MmCurrentSpace = NULL;
    MmDeleteSpace(Space);
}

void TestMain(const seL4_BootInfo *BootInfo);
void TestMain(const seL4_BootInfo *BootInfo)
{
    const char *Reason;
    SNAPSHOT Before, After;
    ULONG Round;

    seL4_SetIPCBuffer(BootInfo->ipcBuffer);
    TestOpenSerial();
    CHECK_STATUS(MmInitSystem(BootInfo, &Reason), STATUS_SUCCESS);
    TestWrite("%s", Reason);
    CHECK_STATUS(MmInitSections(), STATUS_SUCCESS);
    Before = Snapshot();
    TestWrite("at start: %llu pages available, %llu slots in use\n", Before.Available, Before.Slots);
    TestPool();
    TestKernelObjects();
    TestAll();
    TestAll();
    Before = Snapshot();
    for (Round = 0; Round < 20; Round++)
        TestAll();
    After = Snapshot();
    TestWrite("after 20 rounds: %lld pages, %lld slots, %lld bytes of pool more\n",
              Before.Available - After.Available, After.Slots - Before.Slots, After.Pool - Before.Pool);
    CHECK(After.Slots <= Before.Slots && After.Pool == Before.Pool && After.Available + 4 >= Before.Available);
    CHECK_STATUS(MmCreateSpace(Space), STATUS_SUCCESS);
    TestScatteredSlots();
    TestExhaustion();
    MmDeleteSpace(Space);
    TestKernelObjects();
    TestAll();
    TestBench(File);
    TestWrite("%d passed, %d failed\n", TestPassed, TestFailed);
    TestPowerOff();
}
