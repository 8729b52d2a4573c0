/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Write watch: which pages of a private range that was reserved with MEM_WRITE_WATCH have been written since it was
 * made, or since the last reset (NtGetWriteWatch, NtResetWriteWatch; GetWriteWatch and ResetWriteWatch of Microsoft's
 * documentation).
 *
 * A watch is a bit a page (pagebits.c).  Only a write sets a bit and only a reset clears it: a page that is decommitted or
 * protected stays what it is.
 *
 * Invariant: the entry of a resident page is MI_PTE_WATCHED exactly when the page's bit is clear.  Such a page is mapped
 * without write, and ntos's own copies do not write to it before MiResolve has noted that they will.  Nothing here waits.
 */
#include "ntos/mm/services.h"

#define MI_WATCH_BATCH 64               /* addresses that are copied to the program at once */

ULONG64 MiWatchPage(PMI_PAGE_BITS Watch, ULONG64 Address, MM_ACCESS Access)
{
    ULONG64 Index = MiPageBitIndex(Watch, Address), Bit = 1ull << Index % 64;

    if (Access == MmWriteAccess)
        Watch->Bits[Index / 64] |= Bit;
    return Watch->Bits[Index / 64] & Bit ? 0 : MI_PTE_WATCHED;
}

NTSTATUS MiFirstWrite(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PMI_WALK Walk)
{
    MiWatchPage(Vad->Watch, Address, MmWriteAccess);
    MiSetPte(Walk, *Walk->Pte & ~MI_PTE_WATCHED);
    return *Walk->Pte & MI_PTE_MAPPED ? MiMapPte(Space, Address, Walk) : STATUS_SUCCESS;
}

/* The first page of [Index, Limit) that was written, or Limit. */
static ULONG64 MiNextWritten(const MI_PAGE_BITS *Watch, ULONG64 Index, ULONG64 Limit)
{
    while (Index < Limit) {
        ULONG64 Bits = Watch->Bits[Index / 64] >> Index % 64;

        if (Bits != 0) {
            Index += (ULONG64)__builtin_ctzll(Bits);
            return Index < Limit ? Index : Limit;
        }
        Index = (Index | 63) + 1;
    }
    return Limit;
}

/* The pages of [Start, End) are watched again from now on. */
static VOID MiResetWatch(PMM_SPACE Space, PMI_PAGE_BITS Watch, ULONG64 Start, ULONG64 End)
{
    ULONG64 Limit = MiPageBitIndex(Watch, End), Index = MiNextWritten(Watch, MiPageBitIndex(Watch, Start), Limit);
    MI_WALK Walk;

    MiInvalidateUserCache(Space);
    for (; Index < Limit; Index = MiNextWritten(Watch, Index + 1, Limit)) {
        ULONG64 Address = Watch->Start + (Index << PAGE_SHIFT);

        Watch->Bits[Index / 64] &= ~(1ull << Index % 64);
        MiWalk(Space, Address, &Walk);
        if (Walk.Pte == NULL || !(*Walk.Pte & MI_PTE_VALID))
            continue;
        MiSetPte(&Walk, *Walk.Pte | MI_PTE_WATCHED);
        /* A page that cannot be mapped again is not mapped any more: the next access is a fault, which is all we want. */
        if ((*Walk.Pte & MI_PTE_MAPPED) && MiIsWritable(MI_PTE_PROTECT(*Walk.Pte)))
            MiMapPte(Space, Address, &Walk);
    }
}

/*
 * The addresses of written pages of [Start, *End) to a program's array of *Count elements.  *Count: how many there are;
 * *End: how far the list goes, if the array is full.
 */
static NTSTATUS MiListWritten(const MI_PAGE_BITS *Watch, ULONG64 Start, PULONG64 End, PVOID *Array, PULONG_PTR Count)
{
    ULONG64 Index = MiPageBitIndex(Watch, Start), Limit = MiPageBitIndex(Watch, *End);
    PVOID Batch[MI_WATCH_BATCH];
    ULONG_PTR Listed = 0;

    while (Listed < *Count && Index < Limit) {
        ULONG Fill = 0;
        NTSTATUS Status;

        while (Fill < MI_WATCH_BATCH && Fill < *Count - Listed &&
               (Index = MiNextWritten(Watch, Index, Limit)) < Limit)
            Batch[Fill++] = (PVOID)(Watch->Start + (Index++ << PAGE_SHIFT));
        Status = MmCopyToUser(Array + Listed, Batch, Fill * sizeof(PVOID));
        if (!NT_SUCCESS(Status))
            return Status;
        Listed += Fill;
    }
    *Count = Listed;
    *End = Watch->Start + (Index << PAGE_SHIFT);
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ services */

/* [*Start, *End): the pages of a program's region.  STATUS_INVALID_PARAMETER: none, or not in the address space. */
static NTSTATUS MiWatchedPages(PVOID BaseAddress, SIZE_T RegionSize, PULONG64 Start, PULONG64 End)
{
    ULONG64 Base = (ULONG64)BaseAddress, Top = (ULONG64)MM_HIGHEST_USER_ADDRESS + 1;

    if (RegionSize == 0 || Base >= Top || RegionSize > Top - Base)
        return STATUS_INVALID_PARAMETER;
    *Start = MiRoundDown(Base, PAGE_SIZE);
    *End = MiRoundUp(Base + RegionSize, PAGE_SIZE);
    return STATUS_SUCCESS;
}

/* The watch of a region; NULL: it is not watched, or not all of it is one allocation. */
static PMI_PAGE_BITS MiFindWatch(PMM_SPACE Space, ULONG64 Start, ULONG64 End)
{
    PMMVAD Vad = MiFindVad(Space, Start);

    return Vad != NULL && End <= Vad->End ? Vad->Watch : NULL;
}

/* What the service itself has written to is written, also after a reset. */
static VOID MiNoteResults(PVOID *Array, PULONG_PTR Entries, PULONG Granularity, ULONG_PTR Count)
{
    MmProbeForWrite(Array, Count * sizeof(PVOID), 1);
    MmProbeForWrite(Entries, sizeof(*Entries), 1);
    MmProbeForWrite(Granularity, sizeof(*Granularity), 1);
}

static NTSTATUS MiGetWriteWatch(PMM_SPACE Space, ULONG64 Start, ULONG64 End, BOOLEAN Reset, PVOID *Array,
        PULONG_PTR Entries, PULONG Granularity, ULONG_PTR Count)
{
    PMI_PAGE_BITS Watch = MiFindWatch(Space, Start, End);
    NTSTATUS Status;

    if (Watch == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = MiListWritten(Watch, Start, &End, Array, &Count);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(Entries, Count);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(Granularity, (ULONG)PAGE_SIZE);
    /* The reset comes last: what fails loses nothing. */
    if (NT_SUCCESS(Status) && Reset) {
        MiResetWatch(Space, Watch, Start, End);
        MiNoteResults(Array, Entries, Granularity, Count);
    }
    return Status;
}

NTSTATUS NTAPI NtGetWriteWatch(HANDLE ProcessHandle, ULONG Flags, PVOID BaseAddress, SIZE_T RegionSize,
        PVOID *UserAddressArray, PULONG_PTR EntriesInUserAddressArray, PULONG Granularity)
{
    ULONG_PTR Count;
    ULONG64 Start, End;
    PEPROCESS Process;
    NTSTATUS Status;

    Status = MmGetUser(&Count, EntriesInUserAddressArray);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(EntriesInUserAddressArray, sizeof(Count), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Granularity, sizeof(*Granularity), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Count == 0 || (Flags & ~(ULONG)WRITE_WATCH_FLAG_RESET))
        return STATUS_INVALID_PARAMETER;
    Status = MiWatchedPages(BaseAddress, RegionSize, &Start, &End);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Count > (End - Start) >> PAGE_SHIFT)
        Count = (End - Start) >> PAGE_SHIFT;
    Status = MmProbeForWrite(UserAddressArray, Count * sizeof(PVOID), 1);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiGetWriteWatch(&Process->Vm, Start, End, (Flags & WRITE_WATCH_FLAG_RESET) != 0, UserAddressArray,
                             EntriesInUserAddressArray, Granularity, Count);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtResetWriteWatch(HANDLE ProcessHandle, PVOID BaseAddress, SIZE_T RegionSize)
{
    ULONG64 Start, End;
    PEPROCESS Process;
    PMI_PAGE_BITS Watch;
    NTSTATUS Status;

    Status = MiWatchedPages(BaseAddress, RegionSize, &Start, &End);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Watch = MiFindWatch(&Process->Vm, Start, End);
    if (Watch == NULL)
        Status = STATUS_INVALID_PARAMETER;
    else
        MiResetWatch(&Process->Vm, Watch, Start, End);
    ObDereferenceObject(Process);
    return Status;
}
