/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Stacks for threads and fibers: reserved memory whose top is committed, with a guard page below.
 */
#include "ntdllp.h"

#define DEFAULT_RESERVE 0x100000
#define DEFAULT_COMMIT 0x4000
#define PAGE_SIZE 0x1000u

static SIZE_T RtlpRoundUp(SIZE_T Size, SIZE_T Alignment)
{
    return (Size + Alignment - 1) / Alignment * Alignment;
}

/* Sizes 0: the program's own, from its headers.  A reserve that is not larger than the commit becomes the commit,
 * rounded up to 1 MiB.  STATUS_INVALID_PARAMETER: an alignment of 0; what allocating answers. */
NTSTATUS NTAPI RtlCreateUserStack(SIZE_T CommittedStackSize, SIZE_T MaximumStackSize, ULONG_PTR ZeroBits,
        SIZE_T PageSize, ULONG_PTR ReserveAlignment, PINITIAL_TEB InitialTeb)
{
    PIMAGE_NT_HEADERS Headers = RtlImageNtHeader(NtCurrentPeb()->ImageBaseAddress);
    SIZE_T Commit = CommittedStackSize, Reserve = MaximumStackSize, Length;
    PVOID Base = NULL, Start;
    ULONG Old;
    NTSTATUS Status;

    if (PageSize == 0 || ReserveAlignment == 0)
        return STATUS_INVALID_PARAMETER;
    if (Commit == 0)
        Commit = Headers != NULL ? Headers->OptionalHeader.SizeOfStackCommit : DEFAULT_COMMIT;
    if (Reserve == 0)
        Reserve = Headers != NULL ? Headers->OptionalHeader.SizeOfStackReserve : DEFAULT_RESERVE;
    if (Reserve <= Commit)
        Reserve = RtlpRoundUp(Commit, DEFAULT_RESERVE);
    Commit = RtlpRoundUp(RtlpRoundUp(Commit, PageSize), PAGE_SIZE);
    Reserve = RtlpRoundUp(RtlpRoundUp(Reserve, ReserveAlignment), PAGE_SIZE);
    Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Base, ZeroBits, &Reserve, MEM_RESERVE, PAGE_READWRITE);
    if (!NT_SUCCESS(Status))
        return Status;
    Length = min(Commit + PAGE_SIZE, Reserve);
    Start = (PUCHAR)Base + Reserve - Length;
    Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Start, 0, &Length, MEM_COMMIT, PAGE_READWRITE);
    InitialTeb->StackLimit = Start;
    if (NT_SUCCESS(Status) && Length < Reserve) {
        Length = PAGE_SIZE;
        InitialTeb->StackLimit = (PUCHAR)Start + PAGE_SIZE;
        Status = NtProtectVirtualMemory(NtCurrentProcess(), &Start, &Length, PAGE_READWRITE | PAGE_GUARD, &Old);
    }
    if (!NT_SUCCESS(Status)) {
        Reserve = 0;
        NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Reserve, MEM_RELEASE);
        return Status;
    }
    InitialTeb->OldInitialTeb.OldStackBase = InitialTeb->OldInitialTeb.OldStackLimit = NULL;
    InitialTeb->StackBase = (PUCHAR)Base + Reserve;
    InitialTeb->StackAllocationBase = Base;
    return STATUS_SUCCESS;
}

VOID NTAPI RtlFreeUserStack(PVOID DeallocationStack)
{
    SIZE_T Length = 0;

    NtFreeVirtualMemory(NtCurrentProcess(), &DeallocationStack, &Length, MEM_RELEASE);
}
