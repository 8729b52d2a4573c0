/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual memory: reserves 16 MiB of addresses, commits one page of them, uses it, asks the system about it and
 * makes it read-only.  Shows that sizes and addresses come back rounded to pages.
 */
#include "base/lib/native.h"

static VOID ShowRegion(PVOID Address)
{
    MEMORY_BASIC_INFORMATION Region;
    NTSTATUS Status = NtQueryVirtualMemory(NtCurrentProcess(), Address, MemoryBasicInformation, &Region, sizeof(Region),
                                           NULL);

    if (NT_SUCCESS(Status))
        Print(L"%p: %Iu KiB, state 0x%x, protection 0x%x\n", Region.BaseAddress, Region.RegionSize / 1024, Region.State,
              Region.Protect);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    PVOID Base = NULL, Page;
    SIZE_T Reserved = 16 << 20, Committed = 100, Everything = 0;
    ULONG OldProtection;
    NTSTATUS Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Reserved, MEM_RESERVE, PAGE_READWRITE);

    if (!NT_SUCCESS(Status)) {
        PrintError(L"memory: cannot reserve: %s\n", DescribeStatus(Status));
        return Status;
    }
    Page = Base;
    Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Page, 0, &Committed, MEM_COMMIT, PAGE_READWRITE);
    if (NT_SUCCESS(Status)) {
        Print(L"reserved %Iu bytes at %p, committed %Iu\n", Reserved, Base, Committed);
        memset(Page, 'x', Committed);
        Status = NtProtectVirtualMemory(NtCurrentProcess(), &Page, &Committed, PAGE_READONLY, &OldProtection);
        ShowRegion(Base);
        ShowRegion((PUCHAR)Base + Committed);
    }
    NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Everything, MEM_RELEASE);
    return Status;
}
