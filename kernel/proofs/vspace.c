/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: walks, unmapping, ASIDs.  vspace_decode.c has the invocations.
 *
 * One table of each level, of which the entry that the address selects matters; an entry leads to the next table, to a page, or
 * nowhere.  The address is one of a fixed place, so that the index into each table is known; the code treats all alike.
 */
#include "kernel/proofs/proof.h"

static word_t pml4Table[512], pdptTable[512], directory[512], pageTable[512], otherVSpace[512];
static word_t page[512];

/* Tables by name, so that walks stay cheap. */
static word_t *tableAt(word_t ptr)
{
    return ptr == (word_t)pml4Table ? pml4Table : ptr == (word_t)pdptTable ? pdptTable : ptr == (word_t)directory ? directory
           : ptr == (word_t)pageTable ? pageTable : page;
}

#define paddr_to_pptr(paddr) tableAt((paddr_to_pptr)(paddr))

#include "kernel/arch/x86_64/vspace.c"

word_t ksWorkUnitsCompleted, modelCR3, modelInvalidated;
word_t x64KSKernelPML4[512];
pptr_t ksCurVSpace;
lookup_fault_t current_lookup_fault;
static asid_pool_t pool, otherPool;

/* The address of all walks. */
#define VADDR ((word_t)0x123456789000)

/* An entry of a table above: absent, a large page (no other use), or the next table. */
static word_t upperEntry(word_t *next)
{
    word_t flags = nondet_word() & (PTE_WRITE | PTE_USER | PTE_PWT | PTE_PCD | PTE_ACCESSED | PTE_DIRTY | PTE_NX);

    return EITHER(0, EITHER((word_t)next | flags | PTE_PRESENT, (word_t)page | flags | PTE_PRESENT | PTE_LARGE));
}

static void arbitraryTables(void)
{
    const word_t vaddr = VADDR;

    pml4Table[vaddr >> 39 & 511] = upperEntry(pdptTable);
    ASSUME(!(pml4Table[vaddr >> 39 & 511] & PTE_LARGE));
    pdptTable[vaddr >> 30 & 511] = upperEntry(directory);
    directory[vaddr >> 21 & 511] = upperEntry(pageTable);
    pageTable[vaddr >> 12 & 511] = EITHER(0, nondet_word());
    pool.array[5] = EITHER(pml4Table, EITHER(otherVSpace, NULL));
    x86KSASIDTable[0] = EITHER(&pool, NULL);
    ksCurVSpace = (word_t)EITHER(pml4Table, otherVSpace);
    modelInvalidated = modelCR3 = 1;
}

/* The entry of a level that VADDR selects. */
static word_t *entryOf(word_t level)
{
    const word_t vaddr = VADDR;

    return level == 4 ? &pml4Table[vaddr >> 39 & 511] : level == 3 ? &pdptTable[vaddr >> 30 & 511]
           : level == 2 ? &directory[vaddr >> 21 & 511] : &pageTable[vaddr >> 12 & 511];
}

/* Whether the walk gets to that level. */
static bool_t reaches(word_t level)
{
    const word_t vaddr = VADDR;

    return (level >= 4 || (pml4Table[vaddr >> 39 & 511] & PTE_PRESENT)) &&
           (level >= 3 || (pdptTable[vaddr >> 30 & 511] & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT) &&
           (level >= 2 || (directory[vaddr >> 21 & 511] & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT);
}

/*
 * of: lookupPagingSlot
 * shows: the entry of the level asked for in the table that the walk reaches, or NULL exactly if a level above is missing,
 *        with that level as bitsLeft; nothing is written
 * bounds: one address; tables of any contents on the way
 * unwind: 4
 * mutant arch/x86_64/vspace.c: (depth != 4 && (entry & PTE_LARGE)) => false
 * mutant arch/x86_64/vspace.c: 3 + 9 * depth, 0, 0} => 9 * depth, 0, 0}
 * mutant arch/x86_64/vspace.c: return table + (vaddr >> (3 + 9 * level) & MASK(9)); => return table + (vaddr >> (12 * level) & MASK(9));
 */
void proof_lookupPagingSlot(void)
{
    word_t level = nondet_byte() % 4 + 1, *entry;

    arbitraryTables();
    entry = lookupPagingSlot(pml4Table, VADDR, level);
    CLAIM((entry != NULL) == reaches(level));
    if (entry != NULL) {
        CLAIM(entry == entryOf(level));
        if (level == 1)
            REACH("page table");
    } else {
        CLAIM(current_lookup_fault.type == seL4_MissingCapability);
        CLAIM(current_lookup_fault.bitsLeft == (!reaches(3) ? 39 : !reaches(2) ? 30 : 21));
        REACH("missing");
    }
    REACH("end");
}

/* Clears the entry of the level (of a page if isPage) at VADDR; claims what may have changed. */
static void proveUnmap(word_t level, bool_t isPage)
{
    word_t old, *entry, *object = isPage ? page : level == 4 ? pdptTable : level == 3 ? directory : pageTable;
    word_t address = isPage ? PTE_ADDR_MASK & ~MASK(3 + 9 * level) : PTE_ADDR_MASK;
    bool_t live, mapsIt;

    arbitraryTables();
    live = ksCurVSpace == (word_t)pml4Table;
    entry = entryOf(level);
    if (level != 1 && nondet_bool())
        *entry = (word_t)page | PTE_PRESENT; /* another table */
    old = *entry;
    mapsIt = x86KSASIDTable[0] == &pool && pool.array[5] == pml4Table && reaches(level) && (old & PTE_PRESENT) &&
             (old & address) == (word_t)object && (level == 4 || level == 1 || ((old & PTE_LARGE) != 0) == isPage);
    if (pool.array[5] == otherVSpace)
        otherVSpace[VADDR >> 39 & 511] = 0;
    if (isPage)
        unmapPage(level - 1, 5, VADDR, pptr_to_paddr((word_t)object));
    else
        unmapTable(level, 5, VADDR, pptr_to_paddr((word_t)object));
    CLAIM(*entry == (mapsIt ? 0 : old));
    CLAIM(IMPLIES(mapsIt && live, isPage ? modelInvalidated == VADDR : modelCR3 == pptr_to_paddr((word_t)pml4Table)));
    if (mapsIt)
        REACH("unmapped");
}

/*
 * of: unmapPage, findVSpaceForASID
 * shows: for every size exactly the entry that maps this page at this address in this address space is cleared, and flushed if
 *        that is live; an entry for anything else stays
 * bounds: one address; tables of any contents on the way; the other address space has nothing there
 * unwind: 4
 * mutant arch/x86_64/vspace.c: (*entry & address) != paddr) => false)
 * mutant arch/x86_64/vspace.c: (size != X86_SmallPage && !(*entry & PTE_LARGE)) => false
 * mutant arch/x86_64/vspace.c: invlpg(vaddr); => ;
 */
void proof_unmapPage(void)
{
    word_t size = nondet_byte() % 3;

    if (size == X86_SmallPage)
        proveUnmap(1, true);
    else if (size == X86_LargePage)
        proveUnmap(2, true);
    else
        proveUnmap(3, true);
    REACH("end");
}

/*
 * of: unmapTable
 * shows: the same for a page table, directory or PDPT; all translations are flushed
 * bounds: as unmapPage
 * unwind: 4
 * mutant arch/x86_64/vspace.c: (*entry & PTE_ADDR_MASK) != table) => false)
 * mutant arch/x86_64/vspace.c: writeCR3(ksCurVSpace - PPTR_BASE); => ;
 */
void proof_unmapTable(void)
{
    word_t level = nondet_byte() % 3 + 2;

    if (level == 2)
        proveUnmap(2, false);
    else if (level == 3)
        proveUnmap(3, false);
    else
        proveUnmap(4, false);
    REACH("end");
}

/* ASID 5 of pool 0 leads to one of two address spaces or nowhere, 6 to the second or nowhere. */
static void arbitraryPools(void)
{
    pool.array[5] = EITHER(pml4Table, EITHER(otherVSpace, NULL));
    pool.array[6] = EITHER(otherVSpace, NULL);
    x86KSASIDTable[0] = EITHER(&pool, EITHER(&otherPool, NULL));
    pml4Table[PML4_ASID_ENTRY] = nondet_word();
    otherVSpace[PML4_ASID_ENTRY] = nondet_word();
    ksCurVSpace = EITHER((word_t)pml4Table, (word_t)otherVSpace);
}

/*
 * of: deleteASID, forgetVSpace, findVSpaceForASID
 * shows: if the ASID leads to this PML4 it leads nowhere afterwards, and the PML4 is no live address space and not in CR3; else nothing
 *        changes; no other ASID or address space changes
 * bounds: ASID 5, an address space with another one as witness
 * mutant arch/x86_64/vspace.c: pml4[PML4_ASID_ENTRY] = 0; =>
 * mutant arch/x86_64/vspace.c: setCurrentVSpace(kernelVSpace()); => ;
 * mutant arch/x86_64/vspace.c: || pool->array[asid & MASK(ASID_POOL_BITS)] != pml4) => )
 */
void proof_deleteASID(void)
{
    word_t mark, otherMark, root, *was, *strangerWas;
    bool_t found;

    arbitraryPools();
    root = ksCurVSpace;
    was = pool.array[5];
    strangerWas = pool.array[6];
    found = x86KSASIDTable[0] == &pool && was == pml4Table;
    CLAIM(findVSpaceForASID(5) == (x86KSASIDTable[0] == &pool ? was : NULL));
    mark = pml4Table[PML4_ASID_ENTRY];
    otherMark = otherVSpace[PML4_ASID_ENTRY];
    deleteASID(5, pml4Table);
    CLAIM(pool.array[5] == (found ? NULL : was) && pool.array[6] == strangerWas);
    CLAIM(pml4Table[PML4_ASID_ENTRY] == (found ? 0 : mark) && otherVSpace[PML4_ASID_ENTRY] == otherMark);
    CLAIM(ksCurVSpace == (found && root == (word_t)pml4Table ? kernelVSpace() : root));
    if (found)
        REACH("found");
    REACH("end");
}

/*
 * of: deleteASIDPool
 * shows: every address space of the pool is no live one any more, none is in CR3, the pool is no pool; another pool at this place stays, with
 *        its address spaces
 * bounds: two address spaces, at places 5 and 511 of the pool
 * unwind: 513
 * options: --max-field-sensitivity-array-size 512
 * mutant arch/x86_64/vspace.c: if (x86KSASIDTable[base >> ASID_POOL_BITS] != pool)\n        return; =>
 * mutant arch/x86_64/vspace.c: i < BIT(ASID_POOL_BITS); => i < MASK(ASID_POOL_BITS);
 * mutant arch/x86_64/vspace.c: x86KSASIDTable[base >> ASID_POOL_BITS] = NULL; =>
 */
void proof_deleteASIDPool(void)
{
    word_t mark, otherMark, root;
    bool_t found;

    pool.array[5] = EITHER(pml4Table, NULL);
    pool.array[511] = EITHER(otherVSpace, NULL);
    x86KSASIDTable[3] = EITHER(&pool, EITHER(&otherPool, NULL));
    x86KSASIDTable[4] = &otherPool;
    mark = pml4Table[PML4_ASID_ENTRY] = nondet_word();
    otherMark = otherVSpace[PML4_ASID_ENTRY] = nondet_word();
    root = ksCurVSpace = EITHER((word_t)pml4Table, (word_t)otherVSpace);
    found = x86KSASIDTable[3] == &pool;
    deleteASIDPool(3 << ASID_POOL_BITS, &pool);
    CLAIM(pml4Table[PML4_ASID_ENTRY] == (found && pool.array[5] != NULL ? 0 : mark));
    CLAIM(otherVSpace[PML4_ASID_ENTRY] == (found && pool.array[511] != NULL ? 0 : otherMark));
    CLAIM(x86KSASIDTable[3] != &pool && x86KSASIDTable[4] == &otherPool);
    CLAIM(!found || !((ksCurVSpace == (word_t)pml4Table && pool.array[5] != NULL) ||
                      (ksCurVSpace == (word_t)otherVSpace && pool.array[511] != NULL)));
    CLAIM(ksCurVSpace == root || ksCurVSpace == kernelVSpace());
    if (found)
        REACH("found");
    REACH("end");
}
