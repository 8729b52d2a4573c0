/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocations of frames, paging structures, ASID control and ASID pools.
 *
 * The walk is arbitrary within what vspace.c proves of it: it gives the one entry of the level and address asked for (`leaf') or none.
 * The mapping invariant is claimed for that entry: what is written is for the object of the capability, which then records address space
 * and address.
 */
#include "kernel/proofs/message.h"

#include "kernel/arch/x86_64/vspace.h"

static asid_pool_t pool, otherPool;
static word_t pml4Table[512], otherVSpace[512];
static word_t page[512];

/* The object of the next capability that is looked at, if a proof knows it. */
static word_t nextObject;

static word_t objectAt(word_t ptr)
{
    word_t next = nextObject;

    nextObject = 0;
    if (next != 0) {
        CLAIM(ptr == next);
        return next;
    }
    return ptr == (word_t)pml4Table ? (word_t)pml4Table : ptr == (word_t)otherVSpace ? (word_t)otherVSpace : (word_t)page;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

#include "kernel/arch/x86_64/vspace_decode.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted, modelCR3, modelInvalidated;
pptr_t ksCurVSpace;
asid_pool_t *x86KSASIDTable[ASID_POOL_COUNT];
static cte_t slot;
static cap_t inserted;
static word_t leaf, walkLevel, walkAddress, unmaps, unmapSizeOrLevel, unmapASID, unmapAddress, cleared, insertions;
static word_t *leafOrNone, *vspaceOf5;
static bool_t isFinal;

void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }

bool_t isFinalCapability(const cte_t *s)
{
    CLAIM(s == &slot);
    return isFinal;
}

word_t *findVSpaceForASID(asid_t asid)
{
    CLAIM(asid == 5);
    if (vspaceOf5 == NULL)
        current_lookup_fault = (lookup_fault_t){seL4_InvalidRoot, 0, 0, 0};
    return vspaceOf5;
}

word_t *lookupPagingSlot(word_t *pml4, vptr_t vaddr, word_t level)
{
    CLAIM(pml4 == pml4Table && vspaceOf5 == pml4Table && vaddr <= USER_TOP);
    walkAddress = vaddr;
    walkLevel = level;
    return leafOrNone;
}

static void unmapAny(word_t sizeOrLevel, asid_t asid, vptr_t vaddr, paddr_t paddr)
{
    CLAIM(paddr == pptr_to_paddr((word_t)page) && cleared == 0);
    unmapSizeOrLevel = sizeOrLevel;
    unmapASID = asid;
    unmapAddress = vaddr;
    unmaps++;
}

void unmapPage(word_t size, asid_t asid, vptr_t vaddr, paddr_t paddr) { unmapAny(size, asid, vaddr, paddr); }
void unmapTable(word_t level, asid_t asid, vptr_t vaddr, paddr_t table) { unmapAny(level, asid, vaddr, table); }

void clearMemory(word_t ptr, word_t bytes)
{
    CLAIM(bytes == BIT(seL4_PageBits) && ptr == (word_t)page);
    cleared++;
}

exception_t ensureNoChildren(cte_t *s)
{
    CLAIM(s == &extra0);
    return EITHER(EXCEPTION_NONE, errorSimple(seL4_RevokeFirst));
}

exception_t ensureEmptySlot(cte_t *s) { return cap_is(s->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst); }

void insertNewCap(cte_t *parent, cte_t *dest, cap_t cap)
{
    CLAIM(parent == &extra0 && cap_is(dest->cap, cap_null_cap));
    inserted = cap;
    insertions++;
}

bool_t isValidVTableRoot(cap_t cap) { return cap_is(cap, cap_pml4_cap) && cap.words[1] != 0; }

/* The message, the address space that the first extra capability names, and where the walk leads. */
static const word_t *arbitraryWorld(word_t *length)
{
    const word_t *buffer = arbitraryMessage(length);

    vspaceOf5 = EITHER(pml4Table, EITHER(otherVSpace, NULL));
    leafOrNone = EITHER(&leaf, NULL);
    leaf = nondet_word();
    ksCurVSpace = (word_t)EITHER(pml4Table, otherVSpace);
    isFinal = nondet_bool();
    slot = nondet_cte();
    extra0.cap = EITHER(cap_new(cap_pml4_cap, (word_t)pml4Table, 0, EITHER(5, 0)), cap_new(cap_frame_cap, (word_t)page, 0, 0));
    modelInvalidated = 1;
    unmaps = cleared = insertions = 0;
    return buffer;
}

/*
 * of: decodeFrameInvocation, decodePageMap, decodeTarget, makePageEntry, cacheBits, maskVMRights, invokePageMap, invokePageUnmap,
 *     invokePageGetAddress
 * shows: an error and no change, or exactly the one entry of the address space that the capability named, of the frame's size, is for this
 *        frame's address, writable and user only as the frame's rights and the rights word say, user addresses only; a table there stays; the
 *        capability records address space and address; the page is flushed if the address space is live and there was an entry; a frame mapped
 *        elsewhere is not mapped twice; Unmap ends the mapping that the capability records
 * bounds: every address and the three sizes; the walk is arbitrary within its contract
 * mutant arch/x86_64/vspace_decode.c: if (rights == VMReadWrite)\n        entry => entry
 * mutant arch/x86_64/vspace_decode.c: slot->cap = cap_set_mapping(cap, vaddr, target->asid); =>
 * mutant arch/x86_64/vspace_decode.c: if (target->pml4 != (word_t *)cap_get_capPtr(cap)) => if (false)
 * mutant arch/x86_64/vspace_decode.c: if (!IS_ALIGNED(vaddr, pageBitsForSize(size))) => if (false)
 * mutant arch/x86_64/vspace_decode.c: size != X86_SmallPage && (*entry & PTE_PRESENT) && !(*entry & PTE_LARGE) => false
 * mutant arch/x86_64/vspace_decode.c: vaddr > USER_TOP || end > USER_TOP => vaddr > USER_TOP
 * mutant arch/x86_64/vspace_decode.c: if (cap_get_mappedAddress(cap) != vaddr) => if (false)
 */
void proof_decodeFrame(void)
{
    word_t length, label = nondet_word(), size = nondet_byte() % 3, vaddr, rights, old;
    const word_t *buffer = arbitraryWorld(&length);
    word_t asid = EITHER(0, 5), mapped = nondet_word() & ~MASK(12), frameRights = nondet_byte() % 3 + 1;
    bool_t isCall = nondet_bool();
    exception_t status;
    cap_t cap = cap_frame_cap_new((word_t)page, size, frameRights, nondet_bool());

    cap.words[1] = asid == 0 ? 0 : mapped | asid;
    slot.cap = cap;
    vaddr = caller.registers[RegR10];
    rights = caller.registers[RegR8];
    old = leaf;
    keepWorld(cap, NULL);
    status = decodeFrameInvocation(label, length, &slot, cap, isCall, buffer);
    claimAnswer(status);
    if (status != EXCEPTION_NONE) {
        CLAIM(leaf == old && sameCap(slot.cap, cap) && modelInvalidated == 1 && unmaps == 0);
    } else if (label == X86PageMap) {
        CLAIM(walkLevel == size + 1 && walkAddress == vaddr && leafOrNone == &leaf && unmaps == 0);
        CLAIM((leaf & PTE_PRESENT) && (leaf & PTE_ADDR_MASK & ~MASK(pageBitsForSize(size))) == pptr_to_paddr((word_t)page));
        CLAIM(((leaf & PTE_WRITE) != 0) == (frameRights == VMReadWrite && (rights & 3) == 3));
        CLAIM(((leaf & PTE_USER) != 0) == (frameRights >= VMReadOnly && (rights & 2) != 0));
        CLAIM(size == X86_SmallPage || ((leaf & PTE_LARGE) && (!(old & PTE_PRESENT) || (old & PTE_LARGE))));
        CLAIM(vaddr <= USER_TOP && vaddr + BIT(pageBitsForSize(size)) <= USER_TOP && IS_ALIGNED(vaddr, pageBitsForSize(size)));
        CLAIM(cap_get_mappedASID(slot.cap) == 5 && cap_get_mappedAddress(slot.cap) == vaddr && slot.cap.words[0] == cap.words[0]);
        CLAIM(vspaceOf5 == pml4Table && current_extra_caps[0] == &extra0 && cap_is(extra0.cap, cap_pml4_cap));
        CLAIM(IMPLIES(asid != 0, mapped == vaddr));
        CLAIM(!(old & PTE_PRESENT) || ksCurVSpace != (word_t)pml4Table || modelInvalidated == vaddr);
        if (size == X86_SmallPage)
            REACH("mapped");
        if (size == X64_HugePage)
            REACH("huge page mapped");
    } else if (label == X86PageUnmap) {
        CLAIM(leaf == old && cap_get_mappedASID(slot.cap) == 0 && slot.cap.words[0] == cap.words[0]);
        CLAIM(unmaps == (asid != 0) && IMPLIES(asid != 0, unmapSizeOrLevel == size && unmapASID == 5 && unmapAddress == mapped));
    } else {
        CLAIM(label == X86PageGetAddress && sameCap(slot.cap, cap) && leaf == old && unmaps == 0);
        CLAIM(!isCall || caller.registers[RegR10] == pptr_to_paddr((word_t)page));
    }
    REACH("end");
}

/*
 * of: decodeTableInvocation, decodeTableMap, invokeTableUnmap, tableLevel, tableMapLabel
 * shows: an error and no change, or exactly the one empty entry of the address space that the capability named, one level above the table,
 *        leads to the table; user addresses only; a table is mapped once, which its capability records; Unmap takes a final capability, ends the
 *        mapping first and then empties the table
 * bounds: every address, page tables, directories and PDPTs; the walk is arbitrary within its contract
 * mutant arch/x86_64/vspace_decode.c: if (*entry & PTE_PRESENT)\n        return errorSimple(seL4_DeleteFirst); =>
 * mutant arch/x86_64/vspace_decode.c: if (cap_get_mappedASID(cap) != 0)\n        return errorInvalidCapability(0);\n    status = decodeTarget => status = decodeTarget
 * mutant arch/x86_64/vspace_decode.c: if (!isFinalCapability(slot)) => if (false)
 * mutant arch/x86_64/vspace_decode.c: clearMemory(cap_get_capPtr(cap), BIT(seL4_PageBits)); =>
 * mutant arch/x86_64/vspace_decode.c: slot->cap = cap_set_mapping(cap, vaddr, target.asid); =>
 */
void proof_decodeTable(void)
{
    word_t length, label = nondet_word(), level = nondet_byte() % 3 + 2, old, vaddr;
    const word_t *buffer = arbitraryWorld(&length);
    word_t type = level == 2 ? cap_page_table_cap : level == 3 ? cap_page_directory_cap : cap_pdpt_cap;
    word_t mapLabel = level == 2 ? X86PageTableMap : level == 3 ? X86PageDirectoryMap : X86PDPTMap;
    word_t mapped = nondet_word() & ~MASK(12);
    bool_t isMapped = nondet_bool();
    exception_t status;
    cap_t cap;

    cap = slot.cap = cap_new(type, (word_t)page, 0, isMapped ? mapped | 5 : 0);
    vaddr = ROUND_DOWN(caller.registers[RegR10], 3 + 9 * level);
    old = leaf;
    keepWorld(cap, NULL);
    status = decodeTableInvocation(label, length, &slot, cap, buffer);
    claimAnswer(status);
    if (status != EXCEPTION_NONE) {
        CLAIM(leaf == old && sameCap(slot.cap, cap) && unmaps == 0 && cleared == 0);
    } else if (label == mapLabel) {
        CLAIM(walkLevel == level && walkAddress == vaddr && leafOrNone == &leaf && unmaps == 0 && cleared == 0);
        CLAIM(!(old & PTE_PRESENT) && !isMapped && vaddr <= USER_TOP && vspaceOf5 == pml4Table);
        CLAIM((leaf & PTE_ADDR_MASK) == pptr_to_paddr((word_t)page) && !(leaf & PTE_LARGE) && (leaf & PTE_PRESENT));
        CLAIM(cap_get_mappedASID(slot.cap) == 5 && cap_get_mappedAddress(slot.cap) == vaddr && slot.cap.words[0] == cap.words[0]);
        if (level == 2)
            REACH("page table");
        if (level == 4)
            REACH("PDPT");
    } else {
        CLAIM(label == mapLabel + 1 && isFinal && leaf == old && slot.cap.words[0] == cap.words[0] && slot.cap.words[1] == 0);
        CLAIM(unmaps == isMapped && cleared == isMapped);
        CLAIM(IMPLIES(isMapped, unmapSizeOrLevel == level && unmapASID == 5 && unmapAddress == mapped));
        REACH("unmapped");
    }
    REACH("end");
}

/*
 * of: decodeASIDControlInvocation
 * shows: an error and no change, or the first free place of the table has a pool of zeros made of an untyped of 4 KiB of RAM without children,
 *        which is full then, and the capability to it, child of the untyped, goes into an empty slot
 * bounds: tables of any contents; lookup and derivation are arbitrary within their contracts
 * unwind: 9
 * mutant arch/x86_64/vspace_decode.c: cap_untyped_cap_get_capBlockSize(untyped->cap) != seL4_ASIDPoolBits || =>
 * mutant arch/x86_64/vspace_decode.c: cap_untyped_cap_get_capIsDevice(untyped->cap)) => false)
 * mutant arch/x86_64/vspace_decode.c: untyped->cap = cap_untyped_cap_set_progress(untyped->cap, BIT(seL4_ASIDPoolBits), 0); =>
 * mutant arch/x86_64/vspace_decode.c: clearMemory(pool, sizeof(asid_pool_t)); =>
 * mutant arch/x86_64/vspace_decode.c: status = ensureEmptySlot(dest.slot);\n    if (status != EXCEPTION_NONE)\n        return status; =>
 */
void proof_decodeASIDControl(void)
{
    word_t length, label = nondet_word(), witness = nondet_byte() % ASID_POOL_COUNT, i, free = ASID_POOL_COUNT;
    const word_t *buffer = arbitraryWorld(&length);
    asid_pool_t *was;
    exception_t status;
    cap_t untyped;

    for (i = ASID_POOL_COUNT; i-- > 0;) {
        x86KSASIDTable[i] = EITHER(&otherPool, NULL);
        if (x86KSASIDTable[i] == NULL)
            free = i;
    }
    untyped = extra0.cap = EITHER(cap_untyped_cap_new(nondet_word() & MASK(12), nondet_byte() & 1, EITHER(12, 13), (word_t)page), extra0.cap);
    was = x86KSASIDTable[witness];
    keepWorld(cap_new(cap_asid_control_cap, 0, 0, 0), &extra0);
    status = decodeASIDControlInvocation(label, length, buffer);
    claimAnswer(status);
    if (status != EXCEPTION_NONE) {
        CLAIM(x86KSASIDTable[witness] == was && sameCap(extra0.cap, untyped) && insertions == 0 && cleared == 0);
    } else {
        CLAIM(x86KSASIDTable[witness] == (witness == free ? (asid_pool_t *)page : was) && free < ASID_POOL_COUNT);
        CLAIM(cap_is(untyped, cap_untyped_cap) && cap_untyped_cap_get_capBlockSize(untyped) == 12 &&
              !cap_untyped_cap_get_capIsDevice(untyped) && cap_untyped_cap_get_capFreeIndex(extra0.cap) == BIT(12));
        CLAIM(insertions == 1 && cleared == 1 && cap_is(inserted, cap_asid_pool_cap) && cap_get_capPtr(inserted) == (word_t)page);
        CLAIM(inserted.words[1] == free << ASID_POOL_BITS && label == X86ASIDControlMakePool);
        REACH("made");
    }
    REACH("end");
}

/* A pool with that base whose places before `taken' are taken; the first free place is `free'. */
static void proveAssign(word_t base, word_t taken, word_t free)
{
    word_t length, label = nondet_word(), i, *first, *after;
    exception_t status;
    cap_t was;

    (void)arbitraryWorld(&length);
    for (i = 0; i < taken; i++)
        pool.array[i] = otherVSpace;
    x86KSASIDTable[base >> ASID_POOL_BITS] = EITHER(&pool, EITHER(&otherPool, NULL));
    pml4Table[PML4_ASID_ENTRY] = 0;
    was = extra0.cap;
    first = pool.array[0];
    after = pool.array[3];
    nextObject = (word_t)&pool;
    keepWorld(cap_new(cap_asid_pool_cap, 0, 0, 0), &extra0);
    status = decodeASIDPoolInvocation(label, cap_new(cap_asid_pool_cap, (word_t)&pool, 0, base));
    claimAnswer(status);
    CLAIM(free == 0 || pool.array[0] == first);
    CLAIM(pool.array[3] == after);
    if (status != EXCEPTION_NONE) {
        CLAIM(pml4Table[PML4_ASID_ENTRY] == 0 && sameCap(extra0.cap, was));
        CLAIM(free == 512 || pool.array[free] == NULL);
        return;
    }
    CLAIM(label == X86ASIDPoolAssign && cap_is(was, cap_pml4_cap) && was.words[1] == 0);
    CLAIM(x86KSASIDTable[base >> ASID_POOL_BITS] == &pool && isLiveVSpace(extra0.cap));
    CLAIM(extra0.cap.words[1] == base + free && extra0.cap.words[0] == was.words[0]);
    CLAIM(free < 512 && pool.array[free] == pml4Table);
    if (free == 0)
        REACH("assigned");
}

/*
 * of: decodeASIDPoolInvocation
 * shows: an error and no change, or the first free ASID of the pool, never 0, leads to the PML4, which had none, and PML4 and capability carry it
 * bounds: pool 0 with nothing in it, pool 3 with nothing, two, or all places taken
 * unwind: 513
 * options: --max-field-sensitivity-array-size 512
 * mutant arch/x86_64/vspace_decode.c: || base + i == seL4_NoASID) => )
 * mutant arch/x86_64/vspace_decode.c: if (i == BIT(ASID_POOL_BITS))\n        return errorSimple(seL4_DeleteFirst); =>
 * mutant arch/x86_64/vspace_decode.c: || vspace->cap.words[1] != 0) => )
 * mutant arch/x86_64/vspace_decode.c: pml4[PML4_ASID_ENTRY] = pml4ASIDEntry(base + i); =>
 */
void proof_decodeASIDPool(void)
{
    word_t which = nondet_byte() & 3;

    if (which == 0)
        proveAssign(0, 0, 1);
    else if (which == 1)
        proveAssign(3 << ASID_POOL_BITS, 0, 0);
    else if (which == 2)
        proveAssign(3 << ASID_POOL_BITS, 2, 2);
    else
        proveAssign(3 << ASID_POOL_BITS, 512, 512);
    REACH("end");
}
