/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocations of frames, paging structures, ASID control and ASID pools.
 */
#include "kernel/arch/x86_64/vspace.h"
#include "kernel/include/api.h"
#include "kernel/include/extensions.h"

typedef struct vspace_target {
    word_t *pml4;
    asid_t asid;
} vspace_target_t;

word_t maskVMRights(word_t vmRights, word_t rights)
{
    if (vmRights == VMReadOnly && (rights & 2))
        return VMReadOnly;
    if (vmRights == VMReadWrite && (rights & 2))
        return rights & 1 ? VMReadWrite : VMReadOnly;
    return VMKernelOnly;
}

static word_t cacheBits(word_t attr, word_t patBit)
{
    return (attr & 1 ? PTE_PWT : 0) | (attr & 2 ? PTE_PCD : 0) | (attr & 4 ? patBit : 0);
}

/* DIFFERS: attribute bit 3 is no-execute; upstream ignores it. */
static word_t makePageEntry(paddr_t paddr, word_t size, word_t rights, word_t attr)
{
    word_t entry = paddr | PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | extensionPageBits(attr);

    if (rights == VMReadWrite)
        entry |= PTE_WRITE;
    if (rights != VMKernelOnly)
        entry |= PTE_USER;
    if (size == X86_SmallPage)
        return entry | cacheBits(attr, PTE_PAT_SMALL);
    return entry | PTE_LARGE | cacheBits(attr, PTE_PAT_LARGE);
}

/*
 * The address space that the first extra capability names; vaddr and end must be user addresses.  So the last page of
 * user space cannot be mapped, and no instruction that user code executes ends at a non-canonical address.
 */
static exception_t decodeTarget(vptr_t vaddr, vptr_t end, vspace_target_t *target)
{
    cap_t cap = current_extra_caps[0]->cap;

    if (!isValidVTableRoot(cap))
        return errorInvalidCapability(1);
    if (vaddr > USER_TOP || end > USER_TOP)
        return errorInvalidArgument(0);
    target->asid = cap.words[1];
    target->pml4 = findVSpaceForASID(target->asid);
    if (target->pml4 == NULL)
        return errorFailedLookup(false);
    if (target->pml4 != (word_t *)cap_get_capPtr(cap))
        return errorInvalidCapability(1);
    return EXCEPTION_NONE;
}

static exception_t invokePageMap(cte_t *slot, cap_t cap, word_t *entry, word_t pte, const vspace_target_t *target,
                                 vptr_t vaddr)
{
    word_t old = *entry;

    slot->cap = cap_set_mapping(cap, vaddr, target->asid);
    *entry = pte;
    if ((old & PTE_PRESENT) && ksCurVSpace == (word_t)target->pml4)
        invlpg(vaddr);
    return EXCEPTION_NONE;
}

static exception_t decodePageMap(word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
{
    vptr_t vaddr = getSyscallArg(0, buffer);
    word_t size = cap_frame_cap_get_capFSize(cap);
    word_t attr = getSyscallArg(2, buffer);
    word_t rights = maskVMRights(cap_frame_cap_get_capFVMRights(cap), getSyscallArg(1, buffer));
    vspace_target_t target;
    exception_t status;
    word_t *entry;

    if (length < 3 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (cap_get_mappedASID(cap) != 0 && isValidVTableRoot(current_extra_caps[0]->cap)) {
        if (cap_get_mappedASID(cap) != current_extra_caps[0]->cap.words[1])
            return errorInvalidCapability(1);
        if (cap_get_mappedAddress(cap) != vaddr)
            return errorInvalidArgument(0);
    }
    status = decodeTarget(vaddr, vaddr + BIT(pageBitsForSize(size)), &target);
    if (status != EXCEPTION_NONE)
        return status;
    if (!IS_ALIGNED(vaddr, pageBitsForSize(size)))
        return errorSimple(seL4_AlignmentError);
    entry = lookupPagingSlot(target.pml4, vaddr, size + 1);
    if (entry == NULL)
        return errorFailedLookup(false);
    if (size != X86_SmallPage && (*entry & PTE_PRESENT) && !(*entry & PTE_LARGE))
        return errorSimple(seL4_DeleteFirst);
    return invokePageMap(slot, cap, entry, makePageEntry(pptr_to_paddr(cap_get_capPtr(cap)), size, rights, attr),
                         &target, vaddr);
}

static exception_t invokePageUnmap(cte_t *slot, cap_t cap)
{
    if (cap_get_mappedASID(cap) != 0) {
        unmapPage(cap_frame_cap_get_capFSize(cap), cap_get_mappedASID(cap), cap_get_mappedAddress(cap),
                  pptr_to_paddr(cap_get_capPtr(cap)));
        slot->cap.words[1] = 0;
    }
    return EXCEPTION_NONE;
}

static exception_t invokePageGetAddress(cap_t cap, bool_t isCall)
{
    tcb_t *thread = ksCurThread;

    if (isCall) {
        setRegister(thread, badgeRegister, 0);
        setRegister(thread, msgRegisters[0], pptr_to_paddr(cap_get_capPtr(cap)));
        setRegister(thread, msgInfoRegister, seL4_MessageInfo_new(0, 0, 0, 1).words[0]);
        setThreadState(thread, ThreadState_Running);
    }
    return EXCEPTION_NONE;
}

exception_t decodeFrameInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall,
                                  const word_t *buffer)
{
    switch (label) {
    case X86PageMap:
        return decodePageMap(length, slot, cap, buffer);
    case X86PageUnmap:
        return invokePageUnmap(slot, cap);
    case X86PageGetAddress:
        return invokePageGetAddress(cap, isCall);
    default:
        return errorSimple(seL4_IllegalOperation);
    }
}

/* Level of the entry that points to a table of this type: page table 2, directory 3, PDPT 4. */
static word_t tableLevel(cap_t cap)
{
    return (cap_get_capType(cap) - cap_page_table_cap) / 2 + 2;
}

static word_t tableMapLabel(word_t level)
{
    return X86PageTableMap - 2 * (level - 2);
}

static exception_t invokeTableUnmap(word_t level, cte_t *slot, cap_t cap)
{
    if (cap_get_mappedASID(cap) != 0) {
        unmapTable(level, cap_get_mappedASID(cap), cap_get_mappedAddress(cap), pptr_to_paddr(cap_get_capPtr(cap)));
        clearMemory(cap_get_capPtr(cap), BIT(seL4_PageBits));
        slot->cap.words[1] = 0;
    }
    return EXCEPTION_NONE;
}

static exception_t decodeTableMap(word_t level, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
{
    word_t attr = getSyscallArg(1, buffer);
    vptr_t vaddr = ROUND_DOWN(getSyscallArg(0, buffer), 3 + 9 * level);
    vspace_target_t target;
    exception_t status;
    word_t *entry;

    if (length < 2 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (cap_get_mappedASID(cap) != 0)
        return errorInvalidCapability(0);
    status = decodeTarget(vaddr, vaddr, &target);
    if (status != EXCEPTION_NONE)
        return status;
    entry = lookupPagingSlot(target.pml4, vaddr, level);
    if (entry == NULL)
        return errorFailedLookup(false);
    if (*entry & PTE_PRESENT)
        return errorSimple(seL4_DeleteFirst);

    slot->cap = cap_set_mapping(cap, vaddr, target.asid);
    *entry = pptr_to_paddr(cap_get_capPtr(cap)) | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED |
             cacheBits(attr, 0);
    return EXCEPTION_NONE;
}

exception_t decodeTableInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
{
    word_t level = tableLevel(cap);

    if (label == tableMapLabel(level) + 1) {
        if (!isFinalCapability(slot))
            return errorSimple(seL4_RevokeFirst);
        return invokeTableUnmap(level, slot, cap);
    }
    if (label == tableMapLabel(level))
        return decodeTableMap(level, length, slot, cap, buffer);
    return errorSimple(seL4_IllegalOperation);
}

exception_t decodeASIDControlInvocation(word_t label, word_t length, const word_t *buffer)
{
    cte_t *untyped = current_extra_caps[0];
    lookupSlot_ret_t dest;
    exception_t status;
    word_t i, pool;

    if (label != X86ASIDControlMakePool)
        return errorSimple(seL4_IllegalOperation);
    if (length < 2 || untyped == NULL || current_extra_caps[1] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    for (i = 0; i < ASID_POOL_COUNT && x86KSASIDTable[i] != NULL; i++)
        ;
    if (i == ASID_POOL_COUNT)
        return errorSimple(seL4_DeleteFirst);
    if (!cap_is(untyped->cap, cap_untyped_cap) ||
        cap_untyped_cap_get_capBlockSize(untyped->cap) != seL4_ASIDPoolBits ||
        cap_untyped_cap_get_capIsDevice(untyped->cap))
        return errorInvalidCapability(1);
    status = ensureNoChildren(untyped);
    if (status != EXCEPTION_NONE)
        return status;
    dest = lookupSlotForCNodeOp(false, current_extra_caps[1]->cap, getSyscallArg(0, buffer), getSyscallArg(1, buffer));
    if (dest.status != EXCEPTION_NONE)
        return dest.status;
    status = ensureEmptySlot(dest.slot);
    if (status != EXCEPTION_NONE)
        return status;

    pool = cap_get_capPtr(untyped->cap);
    clearMemory(pool, sizeof(asid_pool_t));
    untyped->cap = cap_untyped_cap_set_progress(untyped->cap, BIT(seL4_ASIDPoolBits), 0);
    insertNewCap(untyped, dest.slot, cap_new(cap_asid_pool_cap, pool, 0, i << ASID_POOL_BITS));
    x86KSASIDTable[i] = (asid_pool_t *)pool;
    return EXCEPTION_NONE;
}

exception_t decodeASIDPoolInvocation(word_t label, cap_t cap)
{
    asid_pool_t *pool = (asid_pool_t *)cap_get_capPtr(cap);
    asid_t base = cap.words[1];
    cte_t *vspace = current_extra_caps[0];
    word_t *pml4;
    word_t i;

    if (label != X86ASIDPoolAssign)
        return errorSimple(seL4_IllegalOperation);
    if (vspace == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (!cap_is(vspace->cap, cap_pml4_cap) || vspace->cap.words[1] != 0)
        return errorInvalidCapability(1);
    if (x86KSASIDTable[base >> ASID_POOL_BITS] == NULL) {
        current_lookup_fault = (lookup_fault_t){seL4_InvalidRoot, 0, 0, 0};
        return errorFailedLookup(false);
    }
    if (x86KSASIDTable[base >> ASID_POOL_BITS] != pool)
        return errorInvalidCapability(0);
    for (i = 0; i < BIT(ASID_POOL_BITS) && (pool->array[i] != NULL || base + i == seL4_NoASID); i++)
        ;
    if (i == BIT(ASID_POOL_BITS))
        return errorSimple(seL4_DeleteFirst);

    pml4 = (word_t *)cap_get_capPtr(vspace->cap);
    vspace->cap.words[1] = base + i;
    pool->array[i] = pml4;
    pml4[PML4_ASID_ENTRY] = pml4ASIDEntry(base + i);
    return EXCEPTION_NONE;
}
