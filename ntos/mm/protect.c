/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Page protections: the PAGE_ constants and NT's codes, and NtProtectVirtualMemory.  Nothing here waits.
 *
 * A page of a view that becomes copy-on-write is charged at once, so that no write fails later; where it stops being so
 * before it was written, the charge is given back.
 */
#include "ntos/mm/mip.h"
#include "ntos/mm/services.h"

static const ULONG MiWin32Of[8] = {PAGE_NOACCESS,  PAGE_READONLY,  PAGE_EXECUTE,           PAGE_EXECUTE_READ,
                                   PAGE_READWRITE, PAGE_WRITECOPY, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY};

ULONG MiMakeProtection(ULONG Win32Protect)
{
    ULONG Base = Win32Protect & 0xFF, Modifiers = Win32Protect & ~0xFFu, Code;

    if (Modifiers & ~(ULONG)(PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE | PAGE_TARGETS_INVALID))
        return MI_BAD_PROTECTION;
    if (Base == PAGE_NOACCESS)
        return Modifiers & (PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE) ? MI_BAD_PROTECTION : MM_NOACCESS;
    Modifiers &= PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE;
    /* "The PAGE_WRITECOMBINE flag cannot be specified with the PAGE_NOACCESS, PAGE_GUARD, and PAGE_NOCACHE flags": one at most. */
    if (Modifiers & (Modifiers - 1))
        return MI_BAD_PROTECTION;
    for (Code = MM_READONLY; Code < 8; Code++) {
        if (MiWin32Of[Code] == Base)
            return Code | (Modifiers == PAGE_GUARD          ? MM_GUARD_PAGE
                           : Modifiers == PAGE_NOCACHE      ? MM_NOCACHE
                           : Modifiers == PAGE_WRITECOMBINE ? MM_WRITECOMBINE
                                                            : 0);
    }
    return MI_BAD_PROTECTION;
}

ULONG MiWin32Protection(ULONG Protect)
{
    static const ULONG Modifier[4] = {0, PAGE_NOCACHE, PAGE_GUARD, PAGE_WRITECOMBINE};
    ULONG Base = MiWin32Of[Protect & 7];

    return (Protect & 7) == 0 ? Base : Base | Modifier[Protect >> 3 & 3];
}

/* Writes go to the section itself. */
static BOOLEAN MiIsShareWritable(ULONG Protect)
{
    return (Protect & 7) == MM_READWRITE || (Protect & 7) == MM_EXECUTE_READWRITE;
}

NTSTATUS MiCheckViewProtection(PMMVAD Vad, PULONG Protect)
{
    if (*Protect & MM_NOCACHE && *Protect != MM_NOACCESS)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (Vad->Type == MiVadImage) {
        /* Writable pages of an image are the process's own as soon as they are written. */
        if ((*Protect & 7) == MM_READWRITE)
            *Protect = (*Protect & ~7u) | MM_WRITECOPY;
        else if ((*Protect & 7) == MM_EXECUTE_READWRITE)
            *Protect = (*Protect & ~7u) | MM_EXECUTE_WRITECOPY;
        return STATUS_SUCCESS;
    }
    if (Vad->NoChange)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (MiIsShareWritable(*Protect) && !MiIsShareWritable(Vad->Protect))
        return STATUS_SECTION_PROTECTION;
    return MiIsProtectionCompatible(Vad->Section == NULL ? PAGE_EXECUTE_READWRITE : Vad->Section->Protect,
                                    MiWin32Protection(*Protect))
               ? STATUS_SUCCESS
               : STATUS_SECTION_PROTECTION;
}

/* One entry gets a protection; the mapping follows. */
static NTSTATUS MiProtectEntry(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk, ULONG Protect)
{
    ULONG64 Pte = *Walk->Pte;

    /* A private page in a view is past its copy-on-write. */
    if ((Pte & MI_PTE_VALID) && !(Pte & MI_PTE_SHARED) && MiIsCopyOnWrite(Protect))
        Protect = MiAfterCopy(Protect);
    Pte = (Pte & ~(31ull << MI_PTE_PROTECT_SHIFT)) | MI_MAKE_PTE(0, Protect, MI_PTE_COMMIT);
    MiSetPte(Walk, Pte);
    if (!(Pte & MI_PTE_MAPPED))
        return STATUS_SUCCESS;
    if (MiIsAccessible(Protect))
        return MiMapPte(Space, Address, Walk);
    MiUnmapPte(Space, Walk);
    return STATUS_SUCCESS;
}

NTSTATUS MiProtectRange(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    ULONG64 Address, Limit;
    NTSTATUS Status = STATUS_SUCCESS;
    MI_WALK Walk = {0};

    MiInvalidateUserCache(Space);
    for (Address = Start; Address < End && NT_SUCCESS(Status); Address = Limit) {
        BOOLEAN HasEntry;

        MiWalkOn(Space, Address, &Walk);
        HasEntry = Walk.Pte != NULL && !Walk.Large;
        Limit = Walk.Next;
        /* The range says so already. */
        if (Vad->Commit && Vad->Segment == NULL && Protect == Vad->Protect && (Walk.Pte == NULL || *Walk.Pte == 0))
            continue;
        if (Walk.Large && Address == Limit - MM_LARGE_PAGE_SIZE && Limit <= End) {
            Status = MiProtectEntry(Space, Address, &Walk, Protect);
            continue;
        }
        if (Walk.Pte == NULL && Vad->Type == MiVadPrivate && Address == Limit - MM_LARGE_PAGE_SIZE && Limit <= End &&
            MiMakeLargePte(Space, Address, &Walk)) {
            MiSetPte(&Walk, MI_MAKE_PTE(0, Protect, MI_PTE_COMMIT | MI_PTE_LARGE));
            continue;
        }
        if (!HasEntry && !MiMakePte(Space, Address, &Walk))
            return STATUS_NO_MEMORY;
        Limit = Address + PAGE_SIZE;
        Status = MiProtectEntry(Space, Address, &Walk, Protect);
    }
    return Status;
}

/* Every page of [Start, End) is committed.  *Old: protection of the first. */
static BOOLEAN MiIsCommitted(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, PULONG Old)
{
    ULONG64 Address;
    MI_WALK Walk = {0};
    ULONG Protect;

    for (Address = Start; Address < End; Address = Walk.Next) {
        MiWalkOn(Space, Address, &Walk);
        if (!MiPageProtection(Vad, Address, Walk.Pte == NULL ? 0 : *Walk.Pte, &Protect))
            return FALSE;
        if (Address == Start)
            *Old = Protect;
        if (Walk.Pte == NULL && Vad->Segment != NULL && (Vad->Segment->Flags & MI_SEGMENT_RESERVE))
            Walk.Next = Address + PAGE_SIZE;
    }
    return TRUE;
}

/* Pages of [Start, End) of a view whose private copies are charged: those that exist and those that a write will make. */
static ULONG64 MiCountCharged(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    ULONG64 Count = 0;
    MI_WALK Walk = {0};

    for (ULONG64 Address = Start; Address < End; Address += PAGE_SIZE) {
        ULONG64 Pte;
        BOOLEAN Copied, WillBe;

        MiWalkOn(Space, Address, &Walk);
        Pte = Walk.Pte == NULL ? 0 : *Walk.Pte;
        Copied = (Pte & MI_PTE_VALID) && !(Pte & MI_PTE_SHARED);
        WillBe = (Pte & MI_PTE_COMMIT) && MiIsCopyOnWrite(MI_PTE_PROTECT(Pte));
        Count += Copied || WillBe || MiIsCopyOnWrite(MiVadProtection(Vad, Address));
    }
    return Count;
}

NTSTATUS MiProtectView(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    ULONG64 Charged = MiCountCharged(Space, Vad, Start, End), More = 0;
    NTSTATUS Status;

    if (MiIsCopyOnWrite(Protect))
        More = ((End - Start) >> PAGE_SHIFT) - Charged;
    if (More != 0 && !MiChargeVad(Space, Vad, More))
        return STATUS_COMMITMENT_LIMIT;
    Status = MiProtectRange(Space, Vad, Start, End, Protect);
    MiReturnVadCharge(Space, Vad, Charged + More - MiCountCharged(Space, Vad, Start, End));
    return Status;
}

NTSTATUS MmProtectVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG NewProtect,
        PULONG OldProtect)
{
    ULONG64 Start = MiRoundDown((ULONG64)*BaseAddress, PAGE_SIZE), End;
    ULONG Protect = MiMakeProtection(NewProtect), Old = MM_NOACCESS;
    NTSTATUS Status = STATUS_SUCCESS;
    PMMVAD Vad;

    *OldProtect = PAGE_NOACCESS;
    if (Protect == MI_BAD_PROTECTION)
        return STATUS_INVALID_PAGE_PROTECTION;
    if ((ULONG64)*BaseAddress > (ULONG64)MM_HIGHEST_USER_ADDRESS)
        return STATUS_INVALID_PARAMETER_2;
    if (*RegionSize == 0 || *RegionSize > (ULONG64)MM_HIGHEST_USER_ADDRESS + 1 - (ULONG64)*BaseAddress)
        return STATUS_INVALID_PARAMETER_3;
    End = MiRoundUp((ULONG64)*BaseAddress + *RegionSize, PAGE_SIZE);
    Vad = MiFindVad(Space, Start);
    if (Vad == NULL || Vad->End < End || Vad->Type == MiVadDevice)
        return STATUS_CONFLICTING_ADDRESSES;
    if (!MiIsCommitted(Space, Vad, Start, End, &Old))
        return STATUS_NOT_COMMITTED;
    if (Vad->Segment != NULL)
        Status = MiCheckViewProtection(Vad, &Protect);
    else if (MiIsCopyOnWrite(Protect))
        Status = STATUS_INVALID_PAGE_PROTECTION;
    if (NT_SUCCESS(Status))
        Status = (Vad->Segment != NULL ? MiProtectView : MiProtectRange)(Space, Vad, Start, End, Protect);
    if (!NT_SUCCESS(Status))
        return Status;
    *BaseAddress = (PVOID)Start;
    *RegionSize = End - Start;
    *OldProtect = MiWin32Protection(Old);
    return STATUS_SUCCESS;
}
