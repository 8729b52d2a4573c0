/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integrity over a whole system call that invokes a frame or a paging structure: one entry of an address space, and the capability itself.
 *
 * Two address spaces, each with the entry to which the walk leads (vspace.c), two pages that are frames or tables.  ASIDs 5 and 6 lead to one of the address spaces or nowhere, whatever
 * the capabilities to these say: they may be older than what the ASID names now.
 */
#include "kernel/include/object.h"

static word_t objectAt(word_t ptr);

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

#include "kernel/proofs/call_world.h"

#include "kernel/arch/x86_64/vspace.h"
#include "kernel/arch/x86_64/vspace_decode.c"

word_t modelCR3, modelInvalidated;
pptr_t ksCurVSpace;
asid_pool_t *x86KSASIDTable[ASID_POOL_COUNT];
static word_t spaceA[512], spaceB[512], page[512], otherPage[512];
static word_t entryA, entryB, entryABefore, entryBBefore;
static word_t *vspaceOf5, *vspaceOf6;
static bool_t isTable, isFinal;

NOT_INVOKED(decodeTCBInvocation, word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer)
NOT_INVOKED(decodeUntypedInvocation, word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
NOT_INVOKED(decodeDomainInvocation, word_t label, word_t length, const word_t *buffer)

static word_t objectAt(word_t ptr)
{
    return ptr == (word_t)spaceA ? (word_t)spaceA : ptr == (word_t)spaceB ? (word_t)spaceB : ptr == (word_t)page ? (word_t)page : (word_t)otherPage;
}

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

/* archobjects.c */
exception_t Arch_decodeInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall, const word_t *buffer)
{
    CLAIM(slot == &held0);
    return isTable ? decodeTableInvocation(label, length, slot, cap, buffer) : decodeFrameInvocation(label, length, slot, cap, isCall, buffer);
}

void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }
bool_t isValidVTableRoot(cap_t cap) { return cap_is(cap, cap_pml4_cap) && cap.words[1] != 0; }

word_t *findVSpaceForASID(asid_t asid)
{
    word_t *vspace = asid == 5 ? vspaceOf5 : asid == 6 ? vspaceOf6 : NULL;

    if (vspace == NULL)
        current_lookup_fault = (lookup_fault_t){seL4_InvalidRoot, 0, 0, 0};
    return vspace;
}

static word_t *entryOf(const word_t *vspace)
{
    return vspace == spaceA ? &entryA : &entryB;
}

word_t *lookupPagingSlot(word_t *pml4, vptr_t vaddr, word_t level)
{
    (void)vaddr, (void)level;
    CLAIM(pml4 == spaceA || pml4 == spaceB);
    return EITHER(entryOf(pml4), NULL);
}

/* It maps a page of this size there; bit 12 of an entry for a larger page is no address bit. */
static bool_t isFor(word_t entry, paddr_t paddr, word_t size)
{
    return (entry & PTE_PRESENT) && (entry & PTE_ADDR_MASK & ~MASK(pageBitsForSize(size))) == paddr;
}

/* What vspace.c shows: the entry for this page at this address in this address space, if that is the one here. */
void unmapPage(word_t size, asid_t asid, vptr_t vaddr, paddr_t paddr)
{
    word_t *vspace = findVSpaceForASID(asid);

    (void)vaddr;
    if (vspace != NULL && isFor(*entryOf(vspace), paddr, size) && nondet_bool())
        *entryOf(vspace) = 0;
}

void unmapTable(word_t level, asid_t asid, vptr_t vaddr, paddr_t table)
{
    (void)level;
    CLAIM(isFinal);
    unmapPage(X86_SmallPage, asid, vaddr, table);
}

bool_t isFinalCapability(const cte_t *slot)
{
    CLAIM(slot == &held0);
    return isFinal;
}

void clearMemory(word_t ptr, word_t bytes)
{
    CLAIM(isTable && isFinal && ptr == (word_t)page && bytes == sizeof(page));
}

/* ASID invocations have proofs of their own. */
exception_t ensureNoChildren(cte_t *slot) { (void)slot; ASSUME(false); return EXCEPTION_NONE; }
exception_t ensureEmptySlot(cte_t *slot) { (void)slot; ASSUME(false); return EXCEPTION_NONE; }
void insertNewCap(cte_t *parent, cte_t *dest, cap_t cap) { (void)parent, (void)dest, (void)cap; ASSUME(false); }

static bool_t isNamed(const word_t *vspace)
{
    return (cap_is(held1.cap, cap_pml4_cap) && cap_get_capPtr(held1.cap) == (word_t)vspace) ||
           (cap_is(held2.cap, cap_pml4_cap) && cap_get_capPtr(held2.cap) == (word_t)vspace) ||
           (cap_is(held3.cap, cap_pml4_cap) && cap_get_capPtr(held3.cap) == (word_t)vspace);
}

static cap_t frameCap(word_t *object, word_t size)
{
    cap_t cap = cap_frame_cap_new((word_t)object, size, nondet_byte() % 3 + 1, nondet_bool());

    cap.words[1] = nondet_bool() ? 0 : (nondet_word() & ~MASK(12)) | EITHER(5, 6);
    return cap;
}

/* Of any type; an address space or a frame is one of the two. */
static cte_t arbitraryCapSlot(void)
{
    cte_t slot = nondet_cte();

    ASSUME(!cap_is(slot.cap, cap_pml4_cap) && !cap_is(slot.cap, cap_frame_cap));
    slot.cap = EITHER(EITHER(slot.cap, frameCap(EITHER(page, otherPage), X86_SmallPage)),
                      cap_new(cap_pml4_cap, (word_t)EITHER(spaceA, spaceB), 0, EITHER(0, EITHER(5, 6))));
    return slot;
}

static void arbitraryWorld(cap_t invoked)
{
    arbitraryCaller();
    vspaceOf5 = EITHER(NULL, EITHER(spaceA, spaceB));
    vspaceOf6 = EITHER(NULL, EITHER(spaceA, spaceB));
    ksCurVSpace = (word_t)EITHER(spaceA, spaceB);
    entryA = entryABefore = nondet_word();
    entryB = entryBBefore = nondet_word();
    held0 = nondet_cte();
    held0.cap = invoked;
    isFinal = nondet_bool();
    isTable = !cap_is(invoked, cap_frame_cap);
    held1 = arbitraryCapSlot();
    held2 = arbitraryCapSlot();
    held3 = arbitraryCapSlot();
    keepCaller();
}

/* Before, the entry was for what is invoked, there where its capability says. */
static bool_t wasMapped(const word_t *vspace, word_t before, word_t size)
{
    return isFor(before, pptr_to_paddr((word_t)page), size) && findVSpaceForASID(cap_get_mappedASID(held0Before.cap)) == vspace;
}

/* An entry of the address space is as it was, or what the frame that is invoked lets the caller make of it. */
static bool_t isFrameAllowed(const word_t *vspace, word_t entry, word_t before)
{
    word_t rights = cap_frame_cap_get_capFVMRights(held0Before.cap), size = cap_frame_cap_get_capFSize(held0Before.cap);

    if (entry == before)
        return true;
    if (entry == 0)
        return wasMapped(vspace, before, size);
    return isNamed(vspace) && isFor(entry, pptr_to_paddr((word_t)page), size) && IMPLIES(entry & PTE_WRITE, rights == VMReadWrite) &&
           IMPLIES(entry & PTE_USER, rights == VMReadWrite || rights == VMReadOnly);
}

/* The same for a table. */
static bool_t isTableAllowed(const word_t *vspace, word_t entry, word_t before)
{
    if (entry == before)
        return true;
    if (entry == 0)
        return isFinal && wasMapped(vspace, before, X86_SmallPage);
    return isNamed(vspace) && isFor(entry, pptr_to_paddr((word_t)page), X86_SmallPage) && !(entry & PTE_LARGE) && !(before & PTE_PRESENT);
}

/* Of the slots only the record of the mapping in the capability that is invoked has changed. */
static void claimOthers(void)
{
    word_t asid = cap_get_mappedASID(held0.cap);

    CLAIM(entryA == entryABefore || entryB == entryBBefore);
    CLAIM(held0.cap.words[0] == held0Before.cap.words[0] && held0.mdbPrev == held0Before.mdbPrev && held0.mdbNext == held0Before.mdbNext);
    CLAIM(held0.cap.words[1] == 0 || held0.cap.words[1] == held0Before.cap.words[1] || isNamed(findVSpaceForASID(asid)));
    CLAIM(sameSlot(held1, held1Before) && sameSlot(held2, held2Before) && sameSlot(held3, held3Before));
    CLAIM(sameFields(&caller, &callerBefore) && (isAnswerRegister(witnessRegister) || sameRegisters(&caller, &callerBefore)) && schedules == 1);
    if (entryA != entryABefore && entryA == 0)
        REACH("unmapped");
    if (entryB != entryBBefore && entryB != 0)
        REACH("mapped");
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeFrameInvocation and all below it
 * shows: from the registers to what changes in one: one entry of an address space to which a capability in the message leads, which then is for the frame that the
 *        caller's capability invokes, with no more rights; or the frame's own mapping ends, where its capability says it is; of the slots only that
 *        capability's record of the mapping, which names such an address space; of the caller the answer
 * bounds: what a lookup gives is one of four slots of the caller's, with any capabilities (`wholeCall`); every address, frames of three sizes; the walk arbitrary within its
 *         proved contract, one entry of each address space
 * unwind: 4
 * mutant arch/x86_64/vspace_decode.c: if (target->pml4 != (word_t *)cap_get_capPtr(cap)) => if (false)
 * mutant arch/x86_64/vspace_decode.c: if (rights == VMReadWrite)\n        entry => entry
 * mutant arch/x86_64/vspace_decode.c: slot->cap = cap_set_mapping(cap, vaddr, target->asid); => current_extra_caps[0]->cap = cap_set_mapping(cap, vaddr, target->asid);
 * mutant arch/x86_64/vspace_decode.c: invokePageMap(slot, cap, entry, makePageEntry(pptr_to_paddr(cap_get_capPtr(cap)), => invokePageMap(slot, cap, entry, makePageEntry(pptr_to_paddr(cap_get_capPtr(current_extra_caps[0]->cap)),
 * mutant arch/x86_64/vspace_decode.c: return invokePageUnmap(slot, cap); => return invokePageUnmap(slot, current_extra_caps[0] != NULL ? current_extra_caps[0]->cap : cap);
 */
void proof_wholeFrame(void)
{
    arbitraryWorld(frameCap(page, nondet_byte() % 3));
    handleSyscall((word_t)seL4_SysCall);
    CLAIM(isFrameAllowed(spaceA, entryA, entryABefore) && isFrameAllowed(spaceB, entryB, entryBBefore));
    claimOthers();
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeTableInvocation and all below it
 * shows: from the registers to what changes in one: one empty entry of an address space to which a capability in the message leads, which then is for the table that the
 *        caller's capability invokes; or with the last capability to the table its mapping ends, where that says it is, and the table is emptied; of the slots only that
 *        capability's record of the mapping, which names such an address space; of the caller the answer
 * bounds: as wholeFrame; page tables, directories and PDPTs
 * unwind: 4
 * mutant arch/x86_64/vspace_decode.c: if (target->pml4 != (word_t *)cap_get_capPtr(cap)) => if (false)
 * mutant arch/x86_64/vspace_decode.c: slot->cap = cap_set_mapping(cap, vaddr, target.asid); => current_extra_caps[0]->cap = cap_set_mapping(cap, vaddr, target.asid);
 * mutant arch/x86_64/vspace_decode.c: clearMemory(cap_get_capPtr(cap), BIT(seL4_PageBits)); => clearMemory(cap_get_capPtr(current_extra_caps[0] != NULL ? current_extra_caps[0]->cap : cap), BIT(seL4_PageBits));
 * mutant arch/x86_64/vspace_decode.c: if (*entry & PTE_PRESENT)\n        return errorSimple(seL4_DeleteFirst); =>
 */
void proof_wholeTable(void)
{
    word_t type = EITHER(cap_page_table_cap, EITHER(cap_page_directory_cap, cap_pdpt_cap));

    arbitraryWorld(cap_new(type, (word_t)page, 0, nondet_bool() ? 0 : (nondet_word() & ~MASK(12)) | EITHER(5, 6)));
    handleSyscall((word_t)seL4_SysCall);
    CLAIM(isTableAllowed(spaceA, entryA, entryABefore) && isTableAllowed(spaceB, entryB, entryBBefore));
    claimOthers();
}
