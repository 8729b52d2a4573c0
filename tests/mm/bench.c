/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Costs of mm's operations in TSC ticks: under `qemu -icount shift=0' a tick is a guest instruction.
 */
#include "tests/mm/test.h"

#define ROUNDS 16

static ULONG64 Ticks(void)
{
    ULONG Low, High;

    __asm__ volatile("lfence; rdtsc" : "=a"(Low), "=d"(High));
    return (ULONG64)High << 32 | Low;
}

static void Report(const char *What, ULONG64 Start, ULONG Count)
{
    ULONG64 Total = Ticks() - Start;

    TestWrite("%-44s %llu\n", What, Total / Count);
}

static void BenchPages(PMM_SPACE Space, const char *What)
{
    PVOID Base = NULL;
    SIZE_T Size = ROUNDS * PAGE_SIZE;
    ULONG64 Start;
    ULONG Index;

    MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    Start = Ticks();
    for (Index = 0; Index < ROUNDS; Index++)
        MmAccessFault(Space, (ULONG64)Base + Index * PAGE_SIZE, MmWriteAccess, 0);
    Report(What, Start, ROUNDS);
    Size = 0;
    Start = Ticks();
    MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE);
    Report("  free, each page", Start, ROUNDS);
}

static void BenchCopies(PMM_SPACE Space)
{
    PVOID Base = NULL;
    SIZE_T Size = 2 * PAGE_SIZE;
    ULONG64 Start, Value = 0;
    ULONG Index;

    MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    MmCopyToUser((PUCHAR)Base + PAGE_SIZE, &Value, 8);
    MmCopyToUser(Base, &Value, 8);
    Start = Ticks();
    for (Index = 0; Index < ROUNDS; Index++)
        MmCopyFromUser(&Value, Base, 8);
    Report("copy of 8 bytes, page used last", Start, ROUNDS);
    Start = Ticks();
    for (Index = 0; Index < ROUNDS; Index++)
        MmCopyFromUser(&Value, (PUCHAR)Base + PAGE_SIZE * (Index & 1), 8);
    Report("copy of 8 bytes, another page", Start, ROUNDS);
    Size = 0;
    MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE);
}

static void BenchSpace(void)
{
    static MM_SPACE Space;
    ULONG64 Start;
    ULONG Round;

    for (Round = 0; Round < 2; Round++) {
        Start = Ticks();
        MmCreateSpace(&Space);
        Report("create a space", Start, 1);
        Start = Ticks();
        MmDeleteSpace(&Space);
        Report("delete it", Start, 1);
    }
}

static void BenchPool(void)
{
    ULONG64 Start = Ticks();
    ULONG Index;

    for (Index = 0; Index < ROUNDS; Index++)
        ExFreePool(ExAllocatePoolWithTag(PagedPool, 100, 0));
    Report("pool, allocate and free 100 bytes", Start, ROUNDS);
}

static void BenchObjects(void)
{
    MM_KERNEL_OBJECT Object;
    ULONG64 Start = Ticks();
    ULONG Index;

    for (Index = 0; Index < ROUNDS; Index++) {
        MmCreateKernelObject(seL4_NotificationObject, 0, &Object);
        MmDeleteKernelObject(&Object);
    }
    Report("notification, create and delete", Start, ROUNDS);
}

static void BenchLarge(PMM_SPACE Space)
{
    PVOID Base = NULL;
    SIZE_T Size = 64 << 20, Offset;
    ULONG64 Start = Ticks(), Value = 1;

    if (!NT_SUCCESS(MmAllocateVirtualMemory(Space, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)))
        return;
    Report("64 MiB: reserve and commit", Start, 1);
    Start = Ticks();
    for (Offset = 0; Offset < Size; Offset += PAGE_SIZE)
        MmWriteSpace(Space, (PUCHAR)Base + Offset, &Value, 8);
    Report("64 MiB: touch every page", Start, 1);
    Size = 0;
    Start = Ticks();
    MmFreeVirtualMemory(Space, &Base, &Size, MEM_RELEASE);
    Report("64 MiB: free", Start, 1);
}

static void BenchImage(PMM_SPACE Space, PMM_SEGMENT File)
{
    PSECTION Section;
    PVOID Base = NULL;
    SIZE_T Size = 0;
    ULONG64 Start = Ticks();

    if (!NT_SUCCESS(MmCreateSection(&Section, NULL, PAGE_EXECUTE, SEC_IMAGE, TestOpenFile(File))))
        return;
    Report("image section, first time", Start, 1);
    Start = Ticks();
    MmMapViewOfSection(Section, Space, &Base, 0, NULL, &Size, 0, PAGE_EXECUTE);
    Report("map a view", Start, 1);
    Start = Ticks();
    MmAccessFault(Space, (ULONG64)Base + PAGE_SIZE, MmReadAccess, 0);
    Report("fault in it, with its neighbours", Start, 1);
    Start = Ticks();
    MmUnmapViewOfSection(Space, Base);
    ObDereferenceObject(Section);
    Report("unmap", Start, 1);
}

void TestBench(PMM_SEGMENT File)
{
    PMM_SPACE Space = &TestProcess.Vm;
    ULONG Round;

    MmCreateSpace(Space);
    MmCurrentSpace = Space;
    BenchPages(Space, "demand-zero fault, frame used first");
    for (Round = 0; Round < 2; Round++)
        BenchPages(Space, "demand-zero fault, frame used before");
    BenchCopies(Space);
    BenchPool();
    BenchObjects();
    BenchImage(Space, File);
    BenchImage(Space, File);
    BenchLarge(Space);
    MmCurrentSpace = NULL;
    MmDeleteSpace(Space);
    BenchSpace();
}
