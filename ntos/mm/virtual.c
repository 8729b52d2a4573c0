/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reserving, committing and freeing private memory.  Commitment is a matter of entries: a range reserved and
 * committed in one call needs none (the range says "committed"), a later commitment writes an entry for each page, or
 * one for 2 MiB where nothing is below.  Charges are taken before anything changes.  Nothing here waits.
 */
#include "ntos/mm/services.h"
#include "ntos/inc/se.h"

#define MI_USER_END ((ULONG64)MM_HIGHEST_USER_ADDRESS + 1)
#define MI_PEB_TEB_LOW 0x7F000000ull
#define MI_PEB_TEB_HIGH (1ull << 32)
#define MI_ALLOCATION_BITS (MEM_RESERVE | MEM_COMMIT | MEM_TOP_DOWN | MEM_WRITE_WATCH | MEM_LARGE_PAGES | MI_PLACEHOLDER_BITS)

ULONG64 MiZeroBitsLimit(ULONG64 ZeroBits)
{
    ULONG Bits;

    if (ZeroBits == 0)
        return MI_USER_END;
    if (ZeroBits < 32)
        return ZeroBits > 21 ? 0 : 1ull << (32 - ZeroBits);
    /* A mask: the address must not have bits above its highest one. */
    Bits = 64 - (ULONG)__builtin_clzll(ZeroBits);
    return Bits >= 47 ? MI_USER_END : 1ull << Bits;
}

/* ------------------------------------------------------------------ commit */

ULONG64 MiCountUncommitted(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    ULONG64 Address, Count = 0;
    MI_WALK Walk = {0};
    ULONG Protect;

    for (Address = Start; Address < End; Address = Walk.Next) {
        MiWalkOn(Space, Address, &Walk);
        if (!MiPageProtection(Vad, Address, Walk.Pte == NULL ? 0 : *Walk.Pte, &Protect))
            Count += ((Walk.Next < End ? Walk.Next : End) - Address) >> PAGE_SHIFT;
    }
    return Count;
}

/* Decommit markers of [Start, End) go, so that MiProtectRange finds ordinary entries. */
static VOID MiClearDecommitted(PMM_SPACE Space, ULONG64 Start, ULONG64 End)
{
    ULONG64 Address;
    MI_WALK Walk = {0};

    for (Address = Start; Address < End; Address = Walk.Next) {
        MiWalkOn(Space, Address, &Walk);
        if (Walk.Pte != NULL && (*Walk.Pte & MI_PTE_DECOMMIT))
            MiSetPte(&Walk, MI_PTE_COMMIT | (*Walk.Pte & MI_PTE_LARGE));
    }
}

static NTSTATUS MiCommitPrivate(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    ULONG64 Pages = MiCountUncommitted(Space, Vad, Start, End);
    NTSTATUS Status;

    if (!MiChargeVad(Space, Vad, Pages))
        return STATUS_COMMITMENT_LIMIT;
    MiClearDecommitted(Space, Start, End);
    Status = MiProtectRange(Space, Vad, Start, End, Protect);
    if (!NT_SUCCESS(Status))
        MiReturnVadCharge(Space, Vad, MiCountUncommitted(Space, Vad, Start, End));
    else
        MiZeroCommitted(Space, Vad, Start, End, Protect);
    return Status;
}

NTSTATUS MiCommitSection(PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    PMM_SEGMENT Segment = Vad->Segment;
    ULONG64 Index = Vad->FirstPage + ((Start - Vad->Start) >> PAGE_SHIFT);
    ULONG64 Last = Vad->FirstPage + ((End - Vad->Start) >> PAGE_SHIFT);

    if (!(Segment->Flags & MI_SEGMENT_RESERVE))
        return STATUS_SUCCESS;
    for (; Index < Last; Index++) {
        ULONG64 *Entry = MiSegmentEntry(Segment, Index, TRUE);

        if (Entry == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        if (*Entry != 0)
            continue;
        if (!MiChargeCommit(1))
            return STATUS_COMMITMENT_LIMIT;
        Segment->Charge++;
        *Entry = MI_SEGPTE_COMMIT;
    }
    return STATUS_SUCCESS;
}

/* The file becomes as long as the view up to End. */
static NTSTATUS MiCommitFile(PMMVAD Vad, ULONG64 End)
{
    ULONG64 Size = (Vad->FirstPage << PAGE_SHIFT) + (End - Vad->Start);

    return Size > MmGetSegmentSize(Vad->Segment) ? MmSetSegmentSize(Vad->Segment, Size) : STATUS_SUCCESS;
}

/* What a file stands behind is committed, or grows; other pages get the protection as well, as private ones do. */
static NTSTATUS MiCommitPages(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect)
{
    NTSTATUS Status;

    if (Vad->Type == MiVadImage || Vad->Section == NULL || (Vad->Section->File != NULL && !Vad->Grows))
        return STATUS_ALREADY_COMMITTED;
    Status = MiCheckViewProtection(Vad, &Protect);
    if (NT_SUCCESS(Status))
        Status = Vad->Grows ? MiCommitFile(Vad, End) : MiCommitSection(Vad, Start, End);
    return NT_SUCCESS(Status) ? MiProtectView(Space, Vad, Start, End, Protect) : Status;
}

static NTSTATUS MiCommit(PMM_SPACE Space, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG Protect)
{
    ULONG64 Start = MiRoundDown((ULONG64)*BaseAddress, PAGE_SIZE);
    ULONG64 End = MiRoundUp((ULONG64)*BaseAddress + *RegionSize, PAGE_SIZE);
    PMMVAD Vad = MiFindVad(Space, Start);
    NTSTATUS Status;

    if (Vad == NULL || End > Vad->End || Vad->Type == MiVadDevice || Vad->Type == MiVadPebTeb || Vad->Placeholder)
        return STATUS_CONFLICTING_ADDRESSES;
    if (Vad->Segment != NULL)
        Status = MiCommitPages(Space, Vad, Start, End, Protect);
    else
        Status = MiCommitPrivate(Space, Vad, Start, End, Protect);
    *BaseAddress = (PVOID)Start;
    *RegionSize = End - Start;
    return Status;
}

/* ------------------------------------------------------------------ reserve */

/* A new range is watched if the type asks for it. */
static NTSTATUS MiWatchRange(PMM_SPACE Space, PMMVAD Vad, ULONG AllocationType)
{
    if (!(AllocationType & MEM_WRITE_WATCH))
        return STATUS_SUCCESS;
    return MiCreatePageBits(Space, Vad->Start, Vad->End, &Vad->Watch);
}

/* Private memory in the place of a placeholder, which it has to fill. */
static NTSTATUS MiReplace(PMM_SPACE Space, ULONG64 Start, SIZE_T Size, ULONG AllocationType, ULONG Protect)
{
    BOOLEAN Commit = (AllocationType & MEM_COMMIT) != 0;
    PMMVAD Vad;
    NTSTATUS Status = MiFindPlaceholder(Space, Start, Start + Size, &Vad);

    if (NT_SUCCESS(Status))
        Status = MiWatchRange(Space, Vad, AllocationType);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Commit && !MiChargeVad(Space, Vad, Size >> PAGE_SHIFT)) {
        MiDereferencePageBits(Vad->Watch);
        Vad->Watch = NULL;
        return STATUS_COMMITMENT_LIMIT;
    }
    Vad->Placeholder = FALSE;
    Vad->Replaced = TRUE;
    Vad->Commit = Commit;
    Vad->Protect = (UCHAR)Protect;
    return STATUS_SUCCESS;
}

/* A free range of Size bytes: at the alignment asked for, else a large page's where it may serve; 0 = none. */
static ULONG64 MiFindPlace(PMM_SPACE Space, ULONG64 Size, const MI_PLACE *Place, BOOLEAN TopDown)
{
    ULONG64 Start = 0;

    if (Place->Highest <= Place->Lowest)
        return 0;
    if (Place->Alignment > MM_ALLOCATION_GRANULARITY)
        return MiFindRange(Space, Size, Place->Alignment, Place->Lowest, Place->Highest, TopDown);
    if (Size >= 2 * MM_LARGE_PAGE_SIZE)
        Start = MiFindRange(Space, Size, MM_LARGE_PAGE_SIZE, Place->Lowest, Place->Highest, TopDown);
    if (Start == 0)
        Start = MiFindRange(Space, Size, MM_ALLOCATION_GRANULARITY, Place->Lowest, Place->Highest, TopDown);
    return Start;
}

static NTSTATUS MiReserve(PMM_SPACE Space, PVOID *BaseAddress, const MI_PLACE *Place, PSIZE_T RegionSize,
        ULONG AllocationType, ULONG Protect)
{
    BOOLEAN Commit = (AllocationType & MEM_COMMIT) != 0;
    ULONG64 Start, End;
    NTSTATUS Status;
    PMMVAD Vad;

    if (*BaseAddress != NULL) {
        Start = MiRoundDown((ULONG64)*BaseAddress, MM_ALLOCATION_GRANULARITY);
        End = MiRoundUp((ULONG64)*BaseAddress + *RegionSize, PAGE_SIZE);
        if (Start == 0)
            return STATUS_INVALID_PARAMETER_2;
        if (!MiIsRangeFree(Space, Start, End))
            return STATUS_CONFLICTING_ADDRESSES;
    } else {
        ULONG64 Size = MiRoundUp(*RegionSize, PAGE_SIZE);

        Start = MiFindPlace(Space, Size, Place, (AllocationType & MEM_TOP_DOWN) != 0);
        if (Start == 0)
            return STATUS_NO_MEMORY;
        End = Start + Size;
    }
    Vad = MiCreateVad(Space, MiVadPrivate, Start, End, Protect);
    if (Vad == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MiWatchRange(Space, Vad, AllocationType);
    if (NT_SUCCESS(Status) && Commit && !MiChargeVad(Space, Vad, (End - Start) >> PAGE_SHIFT))
        Status = STATUS_COMMITMENT_LIMIT;
    if (!NT_SUCCESS(Status)) {
        MiReleaseVad(Space, Vad);
        return Status;
    }
    Vad->Commit = Commit;
    Vad->Placeholder = (AllocationType & MEM_RESERVE_PLACEHOLDER) != 0;
    *BaseAddress = (PVOID)Start;
    *RegionSize = End - Start;
    return STATUS_SUCCESS;
}

/*
 * VirtualAlloc's MEM_RESET: the contents may be thrown away.  Memory is never paged out, so there is nothing to save by
 * it: they stay, and MEM_RESET_UNDO can always say that all is intact.  "An error if you use MEM_RESET and a range of
 * memory is mapped to a file", says its page.
 */
static NTSTATUS MiReset(PMM_SPACE Space, PVOID *BaseAddress, PSIZE_T RegionSize)
{
    ULONG64 Start = MiRoundDown((ULONG64)*BaseAddress, PAGE_SIZE);
    ULONG64 End = MiRoundUp((ULONG64)*BaseAddress + *RegionSize, PAGE_SIZE);
    PMMVAD Vad = MiFindVad(Space, Start);

    if (Vad == NULL || End > Vad->End || Vad->Type == MiVadDevice || Vad->Placeholder)
        return STATUS_CONFLICTING_ADDRESSES;
    if (Vad->Type == MiVadImage || (Vad->Section != NULL && Vad->Section->File != NULL))
        return STATUS_USER_MAPPED_FILE;
    *BaseAddress = (PVOID)Start;
    *RegionSize = End - Start;
    return STATUS_SUCCESS;
}

/* Is there something to do, and do the bits go together?  (VirtualAlloc, flAllocationType.) */
static BOOLEAN MiIsAllocationType(ULONG AllocationType)
{
    if (AllocationType & (MEM_RESET | MEM_RESET_UNDO))
        return AllocationType == MEM_RESET || AllocationType == MEM_RESET_UNDO;
    if ((AllocationType & MEM_WRITE_WATCH) && !(AllocationType & MEM_RESERVE))
        return FALSE;
    if ((AllocationType & MEM_LARGE_PAGES) && (~AllocationType & (MEM_RESERVE | MEM_COMMIT)) != 0)
        return FALSE;
    return (AllocationType & (MEM_RESERVE | MEM_COMMIT)) != 0 &&
           (AllocationType & ~(ULONG)MI_ALLOCATION_BITS) == 0;
}

/* Do the placeholder bits go with the others?  (VirtualAlloc2, AllocationType.) */
static BOOLEAN MiIsPlaceholderRequest(ULONG AllocationType, ULONG Protect, ULONG64 Base, SIZE_T Size)
{
    if ((AllocationType & MEM_RESERVE_PLACEHOLDER) &&
        ((AllocationType & (MEM_COMMIT | MEM_WRITE_WATCH | MEM_REPLACE_PLACEHOLDER)) || !(AllocationType & MEM_RESERVE) ||
         Protect != PAGE_NOACCESS))
        return FALSE;
    return !(AllocationType & MEM_REPLACE_PLACEHOLDER) ||
           ((AllocationType & MEM_RESERVE) && Base != 0 && Base % PAGE_SIZE == 0 && Size % PAGE_SIZE == 0);
}

/*
 * VirtualAlloc's MEM_LARGE_PAGES: whole large pages, SeLockMemoryPrivilege.  Memory is never paged out; it is given by the large page where
 * one is free and by small ones else, which no program sees.  Place is aligned for them.
 */
static NTSTATUS MiPlaceLargePages(ULONG64 Base, SIZE_T Size, PMI_PLACE Place)
{
    if (Base % MM_LARGE_PAGE_SIZE != 0)
        return STATUS_INVALID_PARAMETER_2;
    if (Size % MM_LARGE_PAGE_SIZE != 0)
        return STATUS_INVALID_PARAMETER_4;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_LOCK_MEMORY_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (Place->Alignment < MM_LARGE_PAGE_SIZE)
        Place->Alignment = MM_LARGE_PAGE_SIZE;
    return STATUS_SUCCESS;
}

NTSTATUS MmAllocateVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, ULONG64 HighestAddress, PSIZE_T RegionSize,
        ULONG AllocationType, ULONG Protect)
{
    MI_PLACE Place = MI_EVERYWHERE;

    if (HighestAddress != 0 && HighestAddress < Place.Highest)
        Place.Highest = HighestAddress;
    if (AllocationType & MI_PLACEHOLDER_BITS)
        return STATUS_INVALID_PARAMETER_5;
    return MiAllocateVirtualMemory(Space, BaseAddress, &Place, RegionSize, AllocationType, Protect);
}

NTSTATUS MiAllocateVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, const MI_PLACE *Place, PSIZE_T RegionSize,
        ULONG AllocationType, ULONG Protect)
{
    ULONG Code = MiMakeProtection(Protect);
    ULONG64 Base = (ULONG64)*BaseAddress;
    MI_PLACE Aligned = *Place;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Space->Deleting)
        return STATUS_PROCESS_IS_TERMINATING;
    if (!MiIsAllocationType(AllocationType))
        return STATUS_INVALID_PARAMETER_5;
    if (Code == MI_BAD_PROTECTION || MiIsCopyOnWrite(Code))
        return STATUS_INVALID_PAGE_PROTECTION;
    if (Base >= MI_USER_END)
        return STATUS_INVALID_PARAMETER_2;
    if (*RegionSize == 0 || *RegionSize > MI_USER_END - (ULONG64)MM_LOWEST_USER_ADDRESS ||
        *RegionSize > MI_USER_END - Base)
        return STATUS_INVALID_PARAMETER_4;
    if (AllocationType & (MEM_RESET | MEM_RESET_UNDO))
        return MiReset(Space, BaseAddress, RegionSize);
    if (AllocationType & MEM_LARGE_PAGES)
        Status = MiPlaceLargePages(Base, *RegionSize, &Aligned);
    if (!NT_SUCCESS(Status))
        return Status;
    if (!MiIsPlaceholderRequest(AllocationType, Protect, Base, *RegionSize))
        return STATUS_INVALID_PARAMETER;
    if (AllocationType & MEM_REPLACE_PLACEHOLDER)
        return MiReplace(Space, Base, *RegionSize, AllocationType, Code);
    if (Base == 0 || (AllocationType & MEM_RESERVE))
        return MiReserve(Space, BaseAddress, &Aligned, RegionSize, AllocationType, Code);
    return MiCommit(Space, BaseAddress, RegionSize, Code);
}

/* ------------------------------------------------------------------ free */

/* [Start, End) lies in Vad: the pages go and stay reserved. */
static NTSTATUS MiDecommit(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    ULONG64 Committed = ((End - Start) >> PAGE_SHIFT) - MiCountUncommitted(Space, Vad, Start, End);
    ULONG64 Address;
    MI_WALK Walk;

    if (!MiClearRange(Space, Start, End))
        return STATUS_NO_MEMORY;
    MiReturnVadCharge(Space, Vad, Committed);
    MiForgetLocks(Vad, Start, End);
    if (Vad->Commit && Start == Vad->Start && End == Vad->End) {
        Vad->Commit = FALSE;
        return STATUS_SUCCESS;
    }
    for (Address = Start; Vad->Commit && Address < End; Address = Walk.Next) {
        if (Address % MM_LARGE_PAGE_SIZE == 0 && Address + MM_LARGE_PAGE_SIZE <= End &&
            MiMakeLargePte(Space, Address, &Walk)) {
            MiSetPte(&Walk, MI_PTE_LARGE | MI_PTE_DECOMMIT);
            Walk.Next = Address + MM_LARGE_PAGE_SIZE;
            continue;
        }
        /* Without memory for tables the rest stays committed and zero: charged again, harmless. */
        if (!MiMakePte(Space, Address, &Walk)) {
            Vad->CommittedPages += (End - Address) >> PAGE_SHIFT;
            MiAddSpaceCharge(Space, (End - Address) >> PAGE_SHIFT);
            MiCommitted += (End - Address) >> PAGE_SHIFT;
            return STATUS_NO_MEMORY;
        }
        MiSetPte(&Walk, MI_PTE_DECOMMIT);
    }
    return STATUS_SUCCESS;
}

/* Releases [Start, End) out of the middle, the front or the back of Vad. */
static NTSTATUS MiReleasePart(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End)
{
    PMMVAD Back = NULL;
    ULONG64 Committed;

    if (Start > Vad->Start && End < Vad->End) {
        Back = ExAllocatePoolZero(NonPagedPool, sizeof(*Back), 'daVM');
        if (Back == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
    }
    Committed = ((End - Start) >> PAGE_SHIFT) - MiCountUncommitted(Space, Vad, Start, End);
    if (!MiClearRange(Space, Start, End)) {
        if (Back != NULL)
            ExFreePool(Back);
        return STATUS_NO_MEMORY;
    }
    MiReturnVadCharge(Space, Vad, Committed);
    if (Back != NULL) {
        *Back = *Vad;
        Back->Start = End;
        MiReferenceVadBits(Back);
        Back->CommittedPages = ((Vad->End - End) >> PAGE_SHIFT) - MiCountUncommitted(Space, Vad, End, Vad->End);
    }
    MiRemoveVad(Space, Vad);
    if (Back != NULL) {
        MiInsertVad(Space, Back);
        Vad->CommittedPages -= Back->CommittedPages;
        Vad->End = Start;
    } else if (Start == Vad->Start) {
        Vad->Start = End;
    } else {
        Vad->End = Start;
    }
    MiInsertVad(Space, Vad);
    return STATUS_SUCCESS;
}

NTSTATUS MmFreeVirtualMemory(PMM_SPACE Space, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG FreeType)
{
    ULONG64 Start = MiRoundDown((ULONG64)*BaseAddress, PAGE_SIZE), End;
    NTSTATUS Status;
    PMMVAD Vad;

    if (FreeType != MEM_RELEASE && FreeType != MEM_DECOMMIT && FreeType != (MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER) &&
        FreeType != (MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS))
        return STATUS_INVALID_PARAMETER_4;
    if ((ULONG64)*BaseAddress >= MI_USER_END)
        return STATUS_INVALID_PARAMETER_2;
    if (*RegionSize > MI_USER_END - (ULONG64)*BaseAddress)
        return STATUS_INVALID_PARAMETER_3;
    if (*RegionSize == 0 && (FreeType & (MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS)))
        return STATUS_INVALID_PARAMETER_3;
    Vad = MiFindVad(Space, Start);
    if (Vad == NULL)
        return STATUS_MEMORY_NOT_ALLOCATED;
    End = *RegionSize == 0 ? Vad->End : MiRoundUp((ULONG64)*BaseAddress + *RegionSize, PAGE_SIZE);
    if (Vad->Type != MiVadPrivate)
        return Vad->Segment != NULL ? STATUS_UNABLE_TO_DELETE_SECTION : STATUS_UNABLE_TO_FREE_VM;
    if (*RegionSize == 0 && Start != Vad->Start)
        return STATUS_FREE_VM_NOT_AT_BASE;
    if (End > Vad->End && !(FreeType & MEM_COALESCE_PLACEHOLDERS))
        return STATUS_UNABLE_TO_FREE_VM;
    if (FreeType & MEM_COALESCE_PLACEHOLDERS)
        Status = MiCoalescePlaceholders(Space, Start, End);
    else if (FreeType & MEM_PRESERVE_PLACEHOLDER)
        Status = MiPreservePlaceholder(Space, Vad, Start, End);
    else if (FreeType == MEM_DECOMMIT)
        Status = MiDecommit(Space, Vad, Start, End);
    else if (Start == Vad->Start && End == Vad->End)
        Status = MiDeleteVad(Space, Vad) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    else
        Status = MiReleasePart(Space, Vad, Start, End);
    if (NT_SUCCESS(Status)) {
        *BaseAddress = (PVOID)Start;
        /* A size of 0 stays one when all of a range is decommitted, as from Windows 10 1803 on. */
        if (FreeType != MEM_DECOMMIT || *RegionSize != 0)
            *RegionSize = End - Start;
    }
    return Status;
}

/* ------------------------------------------------------------------ PEB, TEB, stacks */

/* Two regions: close together below KUSER_SHARED_DATA; when that is full, from the top of the address space. */
static ULONG64 MiPlacePebTeb(PMM_SPACE Space, ULONG64 Bytes)
{
    BOOLEAN High = Space->PebTebHint > MM_SHARED_USER_DATA_VA;
    ULONG64 Lowest = High ? MI_PEB_TEB_HIGH : MI_PEB_TEB_LOW, Start;

    /* Below the last one, else a search that passes all of them. */
    if (Space->PebTebHint >= Lowest + Bytes) {
        Start = MiRoundDown(Space->PebTebHint - Bytes, High ? MM_ALLOCATION_GRANULARITY : PAGE_SIZE);
        if (Start >= Lowest && MiIsRangeFree(Space, Start, Start + Bytes))
            return Start;
    }
    Start = MiFindRange(Space, Bytes, PAGE_SIZE, MI_PEB_TEB_LOW, MM_SHARED_USER_DATA_VA, TRUE);
    if (Start == 0)
        Start = MiFindRange(Space, Bytes, MM_ALLOCATION_GRANULARITY, MI_PEB_TEB_HIGH, MI_USER_END, TRUE);
    return Start;
}

NTSTATUS MmCreatePebTeb(PMM_SPACE Space, SIZE_T Size, PVOID *BaseAddress)
{
    ULONG64 Bytes = MiRoundUp(Size, PAGE_SIZE), Start = MiPlacePebTeb(Space, Bytes);
    PMMVAD Vad;

    *BaseAddress = NULL;
    if (Start == 0)
        return STATUS_NO_MEMORY;
    Vad = MiCreateVad(Space, MiVadPebTeb, Start, Start + Bytes, MM_READWRITE);
    if (Vad == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!MiChargeVad(Space, Vad, Bytes >> PAGE_SHIFT)) {
        MiReleaseVad(Space, Vad);
        return STATUS_COMMITMENT_LIMIT;
    }
    Vad->Commit = TRUE;
    Space->PebTebHint = Start;
    *BaseAddress = (PVOID)Start;
    return STATUS_SUCCESS;
}

VOID MmFreePebTeb(PMM_SPACE Space, PVOID BaseAddress)
{
    PMMVAD Vad = MiFindVad(Space, (ULONG64)BaseAddress);

    if (Vad == NULL || Vad->Type != MiVadPebTeb || Vad->Start != (ULONG64)BaseAddress)
        return;
    if (Vad->End > Space->PebTebHint)
        Space->PebTebHint = Vad->End;
    MiDeleteVad(Space, Vad);
}

NTSTATUS MmCreateUserStack(PMM_SPACE Space, ULONG_PTR ZeroBits, SIZE_T Reserve, SIZE_T Commit, PMM_USER_STACK Stack)
{
    const MI_PLACE Place = {(ULONG64)MM_LOWEST_USER_ADDRESS, MiZeroBitsLimit(ZeroBits), 0};
    PVOID Base = NULL;
    ULONG64 Top, Limit;
    SIZE_T Size;
    NTSTATUS Status;
    PMMVAD Vad;

    *Stack = (MM_USER_STACK){0};
    if (Place.Highest == 0)
        return STATUS_INVALID_PARAMETER_3;
    if (Reserve > MI_USER_END / 2 || Commit > MI_USER_END / 2)
        return STATUS_NO_MEMORY;
    Reserve = Reserve == 0 ? 0x100000 : Reserve;
    Commit = Commit == 0 ? 0x10000 : MiRoundUp(Commit, PAGE_SIZE);
    if (Commit + 2 * PAGE_SIZE > Reserve)
        Reserve = Commit < 0xF0000 ? 0x100000 : Commit + 0x100000;
    Size = MiRoundUp(Reserve, MM_ALLOCATION_GRANULARITY);
    Status = MiReserve(Space, &Base, &Place, &Size, MEM_RESERVE, MM_READWRITE);
    if (!NT_SUCCESS(Status))
        return Status;
    Vad = MiFindVad(Space, (ULONG64)Base);
    Top = (ULONG64)Base + Size;
    Limit = Top - Commit;
    if (!MiCommitStack(Space, Vad, Limit - PAGE_SIZE, Limit, MM_READWRITE | MM_GUARD_PAGE) ||
        !MiCommitStack(Space, Vad, Limit, Top, MM_READWRITE)) {
        MiDeleteVad(Space, Vad);
        return STATUS_COMMITMENT_LIMIT;
    }
    Stack->StackBase = (PVOID)Top;
    Stack->StackLimit = (PVOID)Limit;
    Stack->DeallocationStack = Base;
    return STATUS_SUCCESS;
}
