/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtLockVirtualMemory and NtUnlockVirtualMemory (VirtualLock and VirtualUnlock of Microsoft's documentation).
 *
 * Memory is never paged out, so a lock makes the pages resident and is kept as a bit a page: locks are not counted, a page that is not
 * locked cannot be unlocked, and a page that is decommitted or freed is locked no more.  Process and system locks are apart.
 * Nothing here waits.
 */
#include "ntos/mm/services.h"
#include "ntos/inc/se.h"

#define MI_MAP_PROCESS 1u
#define MI_MAP_SYSTEM 2u

static BOOLEAN MiIsLocked(const MI_PAGE_BITS *Bits, ULONG64 Address)
{
    ULONG64 Index = Bits != NULL ? MiPageBitIndex(Bits, Address) : 0;

    return Bits != NULL && (Bits->Bits[Index / 64] & 1ull << Index % 64) != 0;
}

/* Word by word: a range that is decommitted may be very large. */
static VOID MiSetLocks(PMI_PAGE_BITS Bits, ULONG64 Start, ULONG64 End, BOOLEAN Locked)
{
    ULONG64 Index = MiPageBitIndex(Bits, Start), Limit = MiPageBitIndex(Bits, End), Next;

    for (; Index < Limit; Index = Next) {
        ULONG64 Mask = ~0ull << Index % 64;

        Next = (Index | 63) + 1;
        if (Next > Limit) {
            Mask &= ~0ull >> (Next - Limit);
            Next = Limit;
        }
        if (Locked)
            Bits->Bits[Index / 64] |= Mask;
        else
            Bits->Bits[Index / 64] &= ~Mask;
    }
}

VOID MiForgetLocks(PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    for (ULONG Type = 0; Type < RTL_NUMBER_OF(Vad->Locks); Type++)
        if (Vad->Locks[Type] != NULL)
            MiSetLocks(Vad->Locks[Type], Start, End, FALSE);
}

/* The first page of [Start, End) that has a lock of the type, or has none (Locked FALSE); End: there is none. */
static ULONG64 MiFindPage(PMM_SPACE Space, ULONG64 Start, ULONG64 End, ULONG Type, BOOLEAN Locked)
{
    ULONG64 Address = Start;

    while (Address < End) {
        PMMVAD Vad = MiFindVad(Space, Address);

        if (Vad == NULL)
            return Locked ? End : Address;
        for (; Address < End && Address < Vad->End; Address += PAGE_SIZE)
            if (MiIsLocked(Vad->Locks[Type], Address) == Locked)
                return Address;
    }
    return End;
}

/* All of [Start, End) lies in ranges; those that are to have locks have room for them. */
static VOID MiSetAllLocks(PMM_SPACE Space, ULONG64 Start, ULONG64 End, ULONG Type, BOOLEAN Locked)
{
    ULONG64 Address, Limit;

    for (Address = Start; Address < End; Address = Limit) {
        PMMVAD Vad = MiFindVad(Space, Address);

        Limit = Vad->End < End ? Vad->End : End;
        MiSetLocks(Vad->Locks[Type], Address, Limit, Locked);
    }
}

/* Every page of [Start, End) becomes resident; then the ranges get room for their locks. */
static NTSTATUS MiPrepareLocks(PMM_SPACE Space, ULONG64 Start, ULONG64 End, ULONG Type)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG64 Address;
    PMMVAD Vad;

    for (Address = Start; Address < End && NT_SUCCESS(Status); Address += PAGE_SIZE)
        Status = MiResolve(Space, Address, MmReadAccess, 0);
    for (Vad = MiFindVad(Space, Start); NT_SUCCESS(Status) && Vad != NULL && Vad->Start < End; Vad = Vad->Next)
        if (Vad->Locks[Type] == NULL)
            Status = MiCreatePageBits(Space, Vad->Start, Vad->End, &Vad->Locks[Type]);
    return Status;
}

static NTSTATUS MiLockRange(PMM_SPACE Space, ULONG64 Start, ULONG64 End, ULONG Type)
{
    NTSTATUS Status = MiPrepareLocks(Space, Start, End, Type);

    if (!NT_SUCCESS(Status))
        return Status;
    if (MiFindPage(Space, Start, End, Type, TRUE) != End)
        Status = STATUS_WAS_LOCKED;
    MiSetAllLocks(Space, Start, End, Type, TRUE);
    return Status;
}

static NTSTATUS MiUnlockRange(PMM_SPACE Space, ULONG64 Start, ULONG64 End, ULONG Type)
{
    if (MiFindPage(Space, Start, End, Type, FALSE) != End)
        return STATUS_NOT_LOCKED;
    MiSetAllLocks(Space, Start, End, Type, FALSE);
    return STATUS_SUCCESS;
}

typedef NTSTATUS (*MI_LOCK_OPERATION)(PMM_SPACE Space, ULONG64 Start, ULONG64 End, ULONG Type);

static NTSTATUS MiLockRegion(PMM_SPACE Space, MI_REGION *Region, ULONG MapType, MI_LOCK_OPERATION Operation)
{
    ULONG64 Start = MiRoundDown((ULONG64)Region->Base, PAGE_SIZE);
    ULONG64 End = MiRoundUp((ULONG64)Region->Base + Region->Size, PAGE_SIZE);
    NTSTATUS Status = STATUS_SUCCESS, Other;

    if (!MiIsProgramsRange(Region->Base, Region->Size))
        return STATUS_INVALID_PARAMETER_3;
    if (MapType & MI_MAP_PROCESS)
        Status = Operation(Space, Start, End, 0);
    if (NT_SUCCESS(Status) && (MapType & MI_MAP_SYSTEM)) {
        Other = Operation(Space, Start, End, 1);
        Status = Other != STATUS_SUCCESS ? Other : Status;
    }
    Region->Base = (PVOID)Start;
    Region->Size = End - Start;
    return Status;
}

/* Locks of the system need the privilege SeLockMemoryPrivilege. */
static NTSTATUS MiLock(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG MapType, MI_LOCK_OPERATION Operation)
{
    PEPROCESS Process;
    MI_REGION Region;
    NTSTATUS Status, Put;

    if (MapType == 0 || (MapType & ~(MI_MAP_PROCESS | MI_MAP_SYSTEM)))
        return STATUS_INVALID_PARAMETER_4;
    Status = MiGetRegion(&Region, BaseAddress, RegionSize);
    if (NT_SUCCESS(Status) && (MapType & MI_MAP_SYSTEM) &&
        !SeSinglePrivilegeCheck(SeMakeLuid(SE_LOCK_MEMORY_PRIVILEGE), UserMode))
        Status = STATUS_PRIVILEGE_NOT_HELD;
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiLockRegion(&Process->Vm, &Region, MapType, Operation);
    ObDereferenceObject(Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Put = MiPutRegion(&Region, BaseAddress, RegionSize);
    return NT_SUCCESS(Put) ? Status : Put;
}

NTSTATUS NTAPI NtLockVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG MapType)
{
    return MiLock(ProcessHandle, BaseAddress, RegionSize, MapType, MiLockRange);
}

NTSTATUS NTAPI NtUnlockVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG MapType)
{
    return MiLock(ProcessHandle, BaseAddress, RegionSize, MapType, MiUnlockRange);
}
