/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A process's page tables.  The software tables (four levels of 512 words, pages of ntos reached through the window)
 * say everything: which page, whose, with which protection, under which capability it is mapped.  The hardware tables
 * follow: one kernel object for each software table, made when the first page in it is mapped, found through
 * PFN.Table.
 *
 * Invariant: an entry that is MI_PTE_MAPPED owns the capability in its slot field, which is mapped at that address with
 * exactly the rights of the entry's protection, less write where MI_PTE_WATCHED says so.
 *
 * Hardware tables that become free are unmapped and kept, a few of each level.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_KEPT_TABLES 32

static PMI_TABLE MiKept[4];
static ULONG MiKeptCount[4];

static const ULONG MiTableType[4] = {0, seL4_X86_PageTableObject, seL4_X86_PageDirectoryObject, seL4_X86_PDPTObject};

static ULONG MiIndex(ULONG64 Address, ULONG Level)
{
    return (ULONG)(Address >> (PAGE_SHIFT + 9 * (Level - 1))) & 511;
}

static ULONG64 *MiBelow(ULONG64 Entry)
{
    return MiPageAddress(MI_PTE_PAGE(Entry));
}

VOID MiWalk(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk)
{
    ULONG64 *Entry = &Space->Root[MiIndex(Address, 4)], Value = *Entry;
    ULONG Shift = PAGE_SHIFT + 27;

    Walk->Large = FALSE;
    while (Value & MI_PTE_TABLE) {
        Shift -= 9;
        Entry = MiBelow(Value) + ((Address >> Shift) & 511);
        if (Shift == PAGE_SHIFT) {
            Walk->Table = MI_PTE_PAGE(Value);
            Walk->Pte = Entry;
            Walk->Next = MiRoundDown(Address, PAGE_SIZE) + PAGE_SIZE;
            return;
        }
        Walk->Table = MI_PTE_PAGE(Value);
        Value = *Entry;
    }
    /* A large entry lives in the table of level 2, which is what Walk->Table names when the loop ends there. */
    Walk->Large = (Value & MI_PTE_LARGE) != 0;
    Walk->Pte = Walk->Large ? Entry : NULL;
    Walk->Next = ((Address >> Shift) + 1) << Shift;
}

VOID MiSetPte(PMI_WALK Walk, ULONG64 Value)
{
    PMMPFN Table = MiPfn(Walk->Table);

    if ((*Walk->Pte == 0) != (Value == 0))
        Table->Used += Value == 0 ? -1 : 1;
    *Walk->Pte = Value;
}

/* ------------------------------------------------------------------ hardware tables */

static PMI_TABLE MiCreateTable(ULONG Level)
{
    PMI_TABLE Table = MiKept[Level];

    if (Table != NULL) {
        MiKept[Level] = Table->Next;
        MiKeptCount[Level]--;
        return Table;
    }
    Table = MiAllocateReserved(sizeof(*Table), 'bTmM');
    if (Table == NULL)
        return NULL;
    Table->Level = Level;
    Table->Cap = MiCreateObject(MiTableType[Level], &Table->Memory);
    if (Table->Cap == 0) {
        ExFreePool(Table);
        return NULL;
    }
    return Table;
}

static VOID MiFreeTable(PMI_TABLE Table)
{
    if (Table == NULL)
        return;
    if (MiKeptCount[Table->Level] == MI_KEPT_TABLES) {
        MmDeleteCap(Table->Cap);
        MiFreeUntyped(Table->Memory);
        ExFreePool(Table);
        return;
    }
    if (Table->Level == 1)
        seL4_X86_PageTable_Unmap(Table->Cap);
    else if (Table->Level == 2)
        seL4_X86_PageDirectory_Unmap(Table->Cap);
    else
        seL4_X86_PDPT_Unmap(Table->Cap);
    Table->Next = MiKept[Table->Level];
    MiKept[Table->Level] = Table;
    MiKeptCount[Table->Level]++;
}

/* Makes the hardware table of Level that Address lies in; its software table exists. */
static NTSTATUS MiMapTable(PMM_SPACE Space, ULONG64 Address, ULONG Level)
{
    ULONG64 *Entries = Space->Root;
    MI_PAGE Page = 0;
    PMI_TABLE Table;
    seL4_Error Error;
    ULONG At;

    for (At = 4; At > Level; At--) {
        Page = MI_PTE_PAGE(Entries[MiIndex(Address, At)]);
        Entries = MiPageAddress(Page);
    }
    Table = MiCreateTable(Level);
    if (Table == NULL)
        return STATUS_NO_MEMORY;
    if (Level == 1)
        Error = seL4_X86_PageTable_Map(Table->Cap, Space->VSpaceCap, Address, seL4_X86_Default_VMAttributes);
    else if (Level == 2)
        Error = seL4_X86_PageDirectory_Map(Table->Cap, Space->VSpaceCap, Address, seL4_X86_Default_VMAttributes);
    else
        Error = seL4_X86_PDPT_Map(Table->Cap, Space->VSpaceCap, Address, seL4_X86_Default_VMAttributes);
    if (Error != seL4_NoError) {
        MiFreeTable(Table);
        return STATUS_UNSUCCESSFUL;
    }
    MiPfn(Page)->Table = Table;
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ software tables */

/* The table below Entry, made if need be. */
static BOOLEAN MiDescend(PMI_WALK Walk)
{
    MI_PAGE Page;

    if (!(*Walk->Pte & MI_PTE_TABLE)) {
        Page = MiAllocatePage(MiPfnSystem, TRUE);
        if (Page == 0)
            return FALSE;
        MiSetPte(Walk, MI_MAKE_PTE(Page, 0, MI_PTE_TABLE));
    }
    Walk->Table = MI_PTE_PAGE(*Walk->Pte);
    return TRUE;
}

/* Walk->Pte = entry of Level; the levels above are made. */
static BOOLEAN MiMakeEntry(PMM_SPACE Space, ULONG64 Address, ULONG Level, PMI_WALK Walk)
{
    ULONG At;

    Walk->Large = FALSE;
    Walk->Next = MiRoundDown(Address, PAGE_SIZE) + PAGE_SIZE;
    Walk->Table = Space->RootPage;
    Walk->Pte = &Space->Root[MiIndex(Address, 4)];
    for (At = 3; At >= Level; At--) {
        if (*Walk->Pte & MI_PTE_LARGE)
            return FALSE;
        if (!MiDescend(Walk))
            return FALSE;
        Walk->Pte = MiBelow(*Walk->Pte) + MiIndex(Address, At);
    }
    return TRUE;
}

BOOLEAN MiIsZeroPage(const ULONG64 *Page)
{
    SIZE_T Index;

    for (Index = 0; Index < PAGE_SIZE / 8; Index++) {
        if (Page[Index] != 0)
            return FALSE;
    }
    return TRUE;
}

/* Entries for the 512 pages of a large page, in Entries.  Pages that are zero stay demand-zero. */
static BOOLEAN MiCopyLargePage(MI_PAGE Large, ULONG Protect, ULONG64 *Entries)
{
    PUCHAR From = MiPageAddress(Large);
    ULONG Index;

    for (Index = 0; Index < 512; Index++, From += PAGE_SIZE) {
        MI_PAGE Page = 0;

        if (!MiIsZeroPage((ULONG64 *)From)) {
            Page = MiAllocatePage(MiPfnPrivate, FALSE);
            if (Page == 0)
                break;
            MiCopyPage(MiPageAddress(Page), From);
        }
        Entries[Index] = MI_MAKE_PTE(Page, Protect, MI_PTE_COMMIT | (Page != 0 ? MI_PTE_VALID : 0));
    }
    if (Index == 512)
        return TRUE;
    while (Index-- != 0) {
        if (Entries[Index] & MI_PTE_VALID)
            MiFreePage(MI_PTE_PAGE(Entries[Index]));
    }
    return FALSE;
}

/* A large entry becomes a table of small ones. */
static BOOLEAN MiSplitLarge(PMM_SPACE Space, PMI_WALK Walk)
{
    ULONG64 Old = *Walk->Pte, *Entries;
    ULONG Protect = MI_PTE_PROTECT(Old), Index;
    MI_PAGE Page = MiAllocatePage(MiPfnSystem, TRUE);

    if (Page == 0)
        return FALSE;
    Entries = MiPageAddress(Page);
    if (!(Old & MI_PTE_VALID)) {
        for (Index = 0; Index < 512; Index++)
            Entries[Index] = Old & MI_PTE_DECOMMIT ? MI_PTE_DECOMMIT : MI_MAKE_PTE(0, Protect, MI_PTE_COMMIT);
    } else if (!MiCopyLargePage(MI_PTE_PAGE(Old), Protect, Entries)) {
        MiFreePage(Page);
        return FALSE;
    }
    MiPfn(Page)->Used = 512;
    MiClearPte(Space, Walk, MI_MAKE_PTE(Page, 0, MI_PTE_TABLE));
    for (Index = 0; Index < 512; Index++) {
        if (Entries[Index] & MI_PTE_VALID)
            Space->PrivatePages++;
    }
    return TRUE;
}

BOOLEAN MiMakePte(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk)
{
    MiWalk(Space, Address, Walk);
    if (Walk->Pte != NULL && !Walk->Large)
        return TRUE;
    if (Walk->Large && !MiSplitLarge(Space, Walk))
        return FALSE;
    return MiMakeEntry(Space, Address, 1, Walk);
}

/* The page table below *Walk (an entry of level 2) goes, with its hardware table, if it has no entries. */
static VOID MiFreeEmptyTable(PMI_WALK Walk)
{
    MI_PAGE Table = MI_PTE_PAGE(*Walk->Pte);

    if (MiPfn(Table)->Used != 0)
        return;
    MiFreeTable(MiPfn(Table)->Table);
    MiSetPte(Walk, 0);
    MiFreePage(Table);
}

BOOLEAN MiMakeLargePte(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk)
{
    if (!MiMakeEntry(Space, Address, 2, Walk))
        return FALSE;
    if (*Walk->Pte & MI_PTE_TABLE)
        MiFreeEmptyTable(Walk);
    if (*Walk->Pte & MI_PTE_TABLE)
        return FALSE;
    Walk->Large = TRUE;
    Walk->Next = MiRoundDown(Address, MM_LARGE_PAGE_SIZE) + MM_LARGE_PAGE_SIZE;
    return TRUE;
}

/* ------------------------------------------------------------------ pages */

NTSTATUS MiMapCap(PMM_SPACE Space, ULONG64 Address, ULONG Cap, seL4_CapRights_t Rights, ULONG Attributes)
{
    ULONG Try;

    for (Try = 0; Try < 4; Try++) {
        seL4_Error Error = seL4_X86_Page_Map(Cap, Space->VSpaceCap, Address, Rights,
                                             (seL4_X86_VMAttributes)Attributes);
        ULONG64 BitsLeft;
        NTSTATUS Status;

        if (Error == seL4_NoError)
            return STATUS_SUCCESS;
        if (Error != seL4_FailedLookup)
            return STATUS_UNSUCCESSFUL;
        BitsLeft = seL4_GetMR(2);
        Status = MiMapTable(Space, Address, BitsLeft == 21 ? 1 : BitsLeft == 30 ? 2 : 3);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_UNSUCCESSFUL;
}

NTSTATUS MiMapPte(PMM_SPACE Space, ULONG64 Address, PMI_WALK Walk)
{
    ULONG64 Pte = *Walk->Pte;
    ULONG Protect = MI_PTE_PROTECT(Pte), Attributes;
    ULONG Cap = Pte & MI_PTE_MAPPED ? MI_PTE_SLOT(Pte) : MiTakeCap(MI_PTE_PAGE(Pte));
    NTSTATUS Status;

    if (Cap == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    Attributes = (MiIsExecutable(Protect) ? 0 : seL4_X86_NoExecute) |
                 (Protect & MM_NOCACHE ? seL4_X86_Uncacheable : 0);
    Status = MiMapCap(Space, Address, Cap, MiIsWritablePte(Pte) ? seL4_ReadWrite : seL4_CanRead, Attributes);
    if (!NT_SUCCESS(Status)) {
        if (Pte & MI_PTE_MAPPED)
            MiUnmapPte(Space, Walk);
        else
            MiReturnCap(MI_PTE_PAGE(Pte), Cap, FALSE);
        return Status;
    }
    if (!(Pte & MI_PTE_MAPPED)) {
        Space->ResidentPages += Walk->Large ? 512 : 1;
        if (Space->ResidentPages > Space->PeakResidentPages)
            Space->PeakResidentPages = Space->ResidentPages;
        *Walk->Pte = Pte | (ULONG64)Cap << 40 | MI_PTE_MAPPED;
    }
    return STATUS_SUCCESS;
}

VOID MiUnmapPte(PMM_SPACE Space, PMI_WALK Walk)
{
    ULONG64 Pte = *Walk->Pte;

    if (!(Pte & MI_PTE_MAPPED))
        return;
    /* A page number of 0 is device memory: its capability is the entry's alone. */
    if (MI_PTE_PAGE(Pte) == 0)
        MmDeleteCap(MI_PTE_SLOT(Pte));
    else
        MiReturnCap(MI_PTE_PAGE(Pte), MI_PTE_SLOT(Pte), TRUE);
    Space->ResidentPages -= Walk->Large ? 512 : 1;
    *Walk->Pte = Pte & ((1ull << 40) - 1) & ~MI_PTE_MAPPED;
}

VOID MiClearPte(PMM_SPACE Space, PMI_WALK Walk, ULONG64 Value)
{
    ULONG64 Pte = *Walk->Pte;

    if (Pte & MI_PTE_VALID) {
        MiUnmapPte(Space, Walk);
        if (!(Pte & MI_PTE_SHARED)) {
            Space->PrivatePages -= Walk->Large ? 512 : 1;
            if (Walk->Large)
                MiFreeLargePage(MI_PTE_PAGE(Pte));
            else
                MiFreePage(MI_PTE_PAGE(Pte));
        }
        MiInvalidateUserCache(Space);
    }
    MiSetPte(Walk, Value);
}

static BOOLEAN MiAreZero(const ULONG64 Entry[8])
{
    return (Entry[0] | Entry[1] | Entry[2] | Entry[3] | Entry[4] | Entry[5] | Entry[6] | Entry[7]) == 0;
}

/* The first entry in use of [Entry, End), or End. */
static ULONG64 *MiFirstUsed(ULONG64 *Entry, ULONG64 *End)
{
    while (End - Entry >= 8 && MiAreZero(Entry))
        Entry += 8;
    while (Entry < End && *Entry == 0)
        Entry++;
    return Entry;
}

BOOLEAN MiClearRange(PMM_SPACE Space, ULONG64 Start, ULONG64 End)
{
    ULONG64 Address, Limit, *Last;
    MI_WALK Walk;

    for (Address = Start; Address < End; Address = Limit) {
        MiWalk(Space, Address, &Walk);
        Limit = Walk.Next;
        if (Walk.Pte == NULL)
            continue;
        if (Walk.Large && Address == Limit - MM_LARGE_PAGE_SIZE && Limit <= End) {
            MiClearPte(Space, &Walk, 0);
            continue;
        }
        if (Walk.Large && !MiMakePte(Space, Address, &Walk))
            return FALSE;
        Limit = MiRoundDown(Address, MM_LARGE_PAGE_SIZE) + MM_LARGE_PAGE_SIZE;
        if (Limit > End)
            Limit = End;
        Last = Walk.Pte + ((Limit - Address) >> PAGE_SHIFT);
        while ((Walk.Pte = MiFirstUsed(Walk.Pte, Last)) != Last)
            MiClearPte(Space, &Walk, 0);
        /* Small ranges come and go: their table stays for the next one. */
        if (End - Start >= MM_LARGE_PAGE_SIZE && MiMakeEntry(Space, Limit - 1, 2, &Walk))
            MiFreeEmptyTable(&Walk);
    }
    return TRUE;
}

static VOID MiFreeLevel(PMM_SPACE Space, MI_PAGE Page, ULONG Level)
{
    MI_WALK Walk = {.Table = Page, .Large = Level == 2};
    ULONG64 *Entries = MiPageAddress(Page);

    for (Walk.Pte = Entries; MiPfn(Page)->Used != 0; Walk.Pte++) {
        Walk.Pte = MiFirstUsed(Walk.Pte, Entries + 512);
        if (Level > 1 && (*Walk.Pte & MI_PTE_TABLE)) {
            MiFreeLevel(Space, MI_PTE_PAGE(*Walk.Pte), Level - 1);
            MiSetPte(&Walk, 0);
        } else {
            MiClearPte(Space, &Walk, 0);
        }
    }
    MiFreeTable(MiPfn(Page)->Table);
    MiFreePage(Page);
}

VOID MiFreeTables(PMM_SPACE Space)
{
    if (Space->Root == NULL)
        return;
    MiFreeLevel(Space, Space->RootPage, 4);
    Space->Root = NULL;
}
