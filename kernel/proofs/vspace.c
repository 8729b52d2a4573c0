/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: walks, mappings, ASIDs.
 *
 * One table of each level, of which the entry that the address selects matters; an entry leads to the next table, to a page, or
 * nowhere.  The mapping invariant is claimed for it: an entry that is written is for the object of the capability, which records
 * address space and address.
 */
#include "kernel/proofs/message.h"

static word_t pml4Table[512], pdptTable[512], directory[512], pageTable[512], otherVSpace[512];
static word_t page[512];

/* Tables by name, so that walks stay cheap. */
static word_t objectAt(word_t ptr)
{
    word_t nowhere = nondet_word();

    ASSUME(nowhere == ptr);
    return ptr == (word_t)pml4Table ? (word_t)pml4Table : ptr == (word_t)pdptTable ? (word_t)pdptTable
           : ptr == (word_t)directory ? (word_t)directory : ptr == (word_t)pageTable ? (word_t)pageTable
           : ptr == (word_t)otherVSpace ? (word_t)otherVSpace : ptr == (word_t)page ? (word_t)page : nowhere;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))
#define paddr_to_pptr(paddr) objectAt((paddr_to_pptr)(paddr))

/* What a proof has fixed, as a number again. */
static word_t fixedSize, fixedType;

static word_t fixed(word_t value, word_t number)
{
    CLAIM(value == number);
    return number;
}

static word_t asidOf(cap_t cap)
{
    word_t asid = (cap_get_mappedASID)(cap);

    return asid == 0 ? 0 : fixed(asid, 5);
}

#define cap_frame_cap_get_capFSize(cap) fixed((cap_frame_cap_get_capFSize)(cap), fixedSize)
#define cap_get_capType(cap) fixed((cap_get_capType)(cap), fixedType)
#define cap_get_mappedASID(cap) asidOf(cap)

#include "kernel/arch/x86_64/vspace.c"
#include "kernel/arch/x86_64/vspace_decode.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted, modelPort, modelPortBytes, modelPortValue, modelCR3, modelInvalidated;
word_t x64KSKernelPML4[512], x64KSKernelPDPT[512], x64KSKernelPD[512], x64KSKernelPT[512], x64KSDevicePT[512];
pptr_t ksCurVSpace;
static asid_pool_t pool;
static cte_t slot;
static cap_t inserted;
static word_t cleared;
static bool_t isFinal;

void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }

bool_t isFinalCapability(const cte_t *s)
{
    CLAIM(s == &slot);
    return isFinal;
}

void clearMemory(word_t ptr, word_t bytes)
{
    CLAIM(bytes == 4096);
    cleared = ptr;
}

exception_t ensureNoChildren(cte_t *s)
{
    CLAIM(s == &extra0);
    return EITHER(EXCEPTION_NONE, errorSimple(seL4_RevokeFirst));
}

exception_t ensureEmptySlot(cte_t *s)
{
    return cap_is(s->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst);
}

void insertNewCap(cte_t *parent, cte_t *dest, cap_t cap)
{
    CLAIM(parent == &extra0 && cap_is(dest->cap, cap_null_cap));
    inserted = cap;
}

bool_t isValidVTableRoot(cap_t cap)
{
    return cap_is(cap, cap_pml4_cap) && cap.words[1] != 0;
}

/* An entry of a table above: absent, a large page (no other use), or the next table. */
static word_t upperEntry(word_t *next)
{
    word_t flags = nondet_word() & (PTE_WRITE | PTE_USER | PTE_PWT | PTE_PCD | PTE_ACCESSED | PTE_DIRTY | PTE_NX);

    return EITHER(0, EITHER((word_t)next | flags | PTE_PRESENT, (word_t)page | flags | PTE_PRESENT | PTE_LARGE));
}

static void arbitraryTables(word_t vaddr)
{
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

/* The addresses whose tables are walked: fixed places, so that the index of each table is known. */
#define VADDR ((word_t)0x123456789000)

/*
 * of: lookupPagingSlot, findVSpaceForASID
 * shows: the entry of the level asked for in the table that the walk reaches, or NULL and the level that is missing as bitsLeft; no table is
 *        left, nothing is written
 * bounds: one address, tables of any contents on the way
 * unwind: 5
 * mutant arch/x86_64/vspace.c: (depth != 4 && (entry & PTE_LARGE)) => false
 * mutant arch/x86_64/vspace.c: 3 + 9 * depth, 0, 0} => 9 * depth, 0, 0}
 */
void proof_lookupPagingSlot(void)
{
    word_t level = nondet_byte() % 4 + 1, *entry;

    arbitraryTables(VADDR);
    entry = lookupPagingSlot(pml4Table, VADDR, level);
    if (entry != NULL) {
        CLAIM(entry == (level == 4 ? &pml4Table[VADDR >> 39 & 511] : level == 3 ? &pdptTable[VADDR >> 30 & 511]
                        : level == 2 ? &directory[VADDR >> 21 & 511] : &pageTable[VADDR >> 12 & 511]));
        if (level == 1)
            REACH("page table");
    } else {
        CLAIM(current_lookup_fault.type == seL4_MissingCapability);
        CLAIM(current_lookup_fault.bitsLeft == 39 || current_lookup_fault.bitsLeft == 30 || current_lookup_fault.bitsLeft == 21);
        CLAIM(current_lookup_fault.bitsLeft > 12 + 9 * (level - 1));
        REACH("missing");
    }
    CLAIM(findVSpaceForASID(5) == (x86KSASIDTable[0] == NULL ? NULL : pool.array[5]));
    REACH("end");
}

static void proveFrame(word_t size, word_t vaddr)
{
    word_t length, label = nondet_word(), rights, pte, old, *entry;
    const word_t *buffer = arbitraryMessage(&length);
    exception_t status;
    bool_t isCall = nondet_bool();
    cap_t cap;

    arbitraryTables(VADDR);
    slot = nondet_cte();
    fixedSize = size;
    cap = cap_frame_cap_new((word_t)page, size, nondet_byte() % 3 + 1, nondet_bool());
    cap.words[1] = EITHER(0, EITHER(vaddr | 5, VADDR | 5));
    slot.cap = cap;
    extra0.cap = EITHER(cap_new(cap_pml4_cap, (word_t)pml4Table, 0, EITHER(5, 0)), cap_new(cap_frame_cap, (word_t)page, 0, 0));
    caller.registers[RegR10] = vaddr;
    rights = caller.registers[RegR8];
    entry = size == 0 ? &pageTable[vaddr >> 12 & 511] : size == 1 ? &directory[vaddr >> 21 & 511] : &pdptTable[vaddr >> 30 & 511];
    old = *entry;
    status = decodeFrameInvocation(label, length, &slot, cap, isCall, buffer);
    claimAnswer(status);
    if (status != EXCEPTION_NONE) {
        CLAIM(*entry == old && sameCap(slot.cap, cap));
    } else if (label == X86PageMap) {
        pte = *entry;
        CLAIM((pte & PTE_PRESENT) && (pte & PTE_ADDR_MASK & ~MASK(pageBitsForSize(size))) == (word_t)page);
        CLAIM(((pte & PTE_WRITE) != 0) == (cap_frame_cap_get_capFVMRights(cap) == VMReadWrite && (rights & 3) == 3));
        CLAIM(((pte & PTE_USER) != 0) == (cap_frame_cap_get_capFVMRights(cap) >= VMReadOnly && (rights & 2) != 0));
        CLAIM(((pte & PTE_LARGE) != 0) == (size != 0) || size == 0);
        CLAIM(vaddr <= USER_TOP && IS_ALIGNED(vaddr, pageBitsForSize(size)));
        CLAIM(cap_get_mappedASID(slot.cap) == 5 && cap_get_mappedAddress(slot.cap) == vaddr && slot.cap.words[0] == cap.words[0]);
        CLAIM(pool.array[5] == pml4Table && current_extra_caps[0] == &extra0);
        CLAIM(IMPLIES(cap_get_mappedASID(cap) != 0, cap_get_mappedAddress(cap) == vaddr));
        CLAIM(!(old & PTE_PRESENT) || ksCurVSpace != (word_t)pml4Table || modelInvalidated == vaddr);
        if (size == X86_SmallPage)
            REACH("mapped");
    } else if (label == X86PageUnmap) {
        CLAIM(cap_get_mappedASID(slot.cap) == 0 && slot.cap.words[0] == cap.words[0]);
    } else {
        CLAIM(label == X86PageGetAddress && sameCap(slot.cap, cap));
        CLAIM(!isCall || caller.registers[RegR10] == pptr_to_paddr((word_t)page));
    }
}

/*
 * of: decodeFrameInvocation, decodePageMap, decodeTarget, makePageEntry, cacheBits, invokePageMap, invokePageUnmap, invokePageGetAddress
 * shows: an error and no change, or exactly one entry of the address space that the capability named: for this frame's address, writable and
 *        user only as the frame's rights and the rights word say, user addresses only; the capability records address space and address; the
 *        page is flushed if the address space is live and there was an entry; a frame mapped elsewhere is not mapped twice
 * bounds: one address, 4 KiB frames, tables of any contents on the way
 * unwind: 5
 * mutant arch/x86_64/vspace_decode.c: if (rights == VMReadWrite)\n        entry => entry
 * mutant arch/x86_64/vspace_decode.c: slot->cap = cap_set_mapping(cap, vaddr, target->asid); =>
 * mutant arch/x86_64/vspace_decode.c: if (target->pml4 != (word_t *)cap_get_capPtr(cap)) => if (false)
 */
void proof_decodeFrame(void)
{
    proveFrame(X86_SmallPage, VADDR);
    REACH("end");
}

/* level 0: a page of that size, else a table. */
static void proveUnmap(word_t size, word_t level)
{
    word_t old, *entry;
    bool_t live;

    arbitraryTables(VADDR);
    live = ksCurVSpace == (word_t)pml4Table;
    if (level != 0) {
        word_t *table = level == 2 ? pageTable : level == 3 ? directory : pdptTable;

        entry = level == 2 ? &directory[VADDR >> 21 & 511] : level == 3 ? &pdptTable[VADDR >> 30 & 511] : &pml4Table[VADDR >> 39 & 511];
        old = *entry;
        unmapTable(level, 5, VADDR, pptr_to_paddr((word_t)table));
        CLAIM(*entry == 0 || *entry == old);
        if (*entry != old) {
            CLAIM((old & PTE_ADDR_MASK) == (word_t)table && !(old & PTE_LARGE) && pool.array[5] == pml4Table);
            CLAIM(!live || modelCR3 != 1);
            if (level == 2)
                REACH("table");
        }
    } else {
        entry = size == 0 ? &pageTable[VADDR >> 12 & 511] : size == 1 ? &directory[VADDR >> 21 & 511] : &pdptTable[VADDR >> 30 & 511];
        old = *entry;
        unmapPage(size, 5, VADDR, pptr_to_paddr((word_t)page));
        CLAIM(*entry == 0 || *entry == old);
        if (*entry != old) {
            CLAIM((old & PTE_ADDR_MASK & ~MASK(pageBitsForSize(size))) == (word_t)page && pool.array[5] == pml4Table);
            CLAIM(!live || modelInvalidated == VADDR);
            if (size == X86_SmallPage)
                REACH("page");
        }
    }
}

/*
 * of: unmapPage, unmapTable
 * shows: exactly the entry that maps this page or table at this address in this address space is cleared, and flushed if that is live; an
 *        entry for anything else stays
 * bounds: one address, tables of any contents on the way
 * unwind: 5
 * mutant arch/x86_64/vspace.c: (*entry & address) != paddr) => false)
 * mutant arch/x86_64/vspace.c: invlpg(vaddr); =>
 */
void proof_unmap(void)
{
    word_t which = nondet_byte() % 6;

    if (which == 0)
        proveUnmap(X86_SmallPage, 0);
    else if (which == 1)
        proveUnmap(X86_LargePage, 0);
    else if (which == 2)
        proveUnmap(X64_HugePage, 0);
    else if (which == 3)
        proveUnmap(0, 2);
    else if (which == 4)
        proveUnmap(0, 3);
    else
        proveUnmap(0, 4);
    REACH("end");
}
