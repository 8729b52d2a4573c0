/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paging structures: walking, unmapping, ASIDs.
 *
 * Invariant: a present entry of a user table is for a frame or table whose capability records the same address space
 * and address, unless that capability's mapping was replaced by another 4 KiB mapping.
 * Without PCIDs a change in an address space that is not in CR3 needs no flush.
 */
#include "kernel/arch/x86_64/vspace.h"

asid_pool_t *x86KSASIDTable[ASID_POOL_COUNT];

word_t *findVSpaceForASID(asid_t asid)
{
    asid_pool_t *pool = x86KSASIDTable[asid >> ASID_POOL_BITS];
    word_t *pml4 = pool == NULL ? NULL : pool->array[asid & MASK(ASID_POOL_BITS)];

    if (pml4 == NULL)
        current_lookup_fault = (lookup_fault_t){seL4_InvalidRoot, 0, 0, 0};
    return pml4;
}

void copyKernelMappings(word_t *pml4)
{
    pml4[PML4_KERNEL_ENTRY] = x64KSKernelPML4[PML4_KERNEL_ENTRY];
}

word_t *lookupPagingSlot(word_t *pml4, vptr_t vaddr, word_t level)
{
    word_t *table = pml4;
    word_t depth, entry;

    for (depth = 4; depth > level; depth--) {
        entry = table[vaddr >> (3 + 9 * depth) & MASK(9)];
        if (!(entry & PTE_PRESENT) || (depth != 4 && (entry & PTE_LARGE))) {
            current_lookup_fault = (lookup_fault_t){seL4_MissingCapability, 3 + 9 * depth, 0, 0};
            return NULL;
        }
        table = (word_t *)paddr_to_pptr(entry & PTE_ADDR_MASK);
    }
    return table + (vaddr >> (3 + 9 * level) & MASK(9));
}

static bool_t isCurrentVSpace(const word_t *pml4)
{
    return ksCurVSpace == (word_t)pml4;
}

void unmapPage(word_t size, asid_t asid, vptr_t vaddr, paddr_t paddr)
{
    word_t *pml4 = findVSpaceForASID(asid);
    word_t *entry = pml4 == NULL ? NULL : lookupPagingSlot(pml4, vaddr, size + 1);
    word_t address = PTE_ADDR_MASK & ~MASK(pageBitsForSize(size));

    if (entry == NULL || !(*entry & PTE_PRESENT) || (size != X86_SmallPage && !(*entry & PTE_LARGE)) ||
        (*entry & address) != paddr)
        return;
    *entry = 0;
    if (isCurrentVSpace(pml4))
        invlpg(vaddr);
}

void unmapTable(word_t level, asid_t asid, vptr_t vaddr, paddr_t table)
{
    word_t *pml4 = findVSpaceForASID(asid);
    word_t *entry = pml4 == NULL ? NULL : lookupPagingSlot(pml4, vaddr, level);

    if (entry == NULL || !(*entry & PTE_PRESENT) || (level != 4 && (*entry & PTE_LARGE)) ||
        (*entry & PTE_ADDR_MASK) != table)
        return;
    *entry = 0;
    if (isCurrentVSpace(pml4))
        writeCR3(ksCurVSpace - PPTR_BASE);
}

static void forgetVSpace(word_t *pml4)
{
    pml4[PML4_ASID_ENTRY] = 0;
    if (isCurrentVSpace(pml4))
        setCurrentVSpace(kernelVSpace());
}

void deleteASID(asid_t asid, word_t *pml4)
{
    asid_pool_t *pool = x86KSASIDTable[asid >> ASID_POOL_BITS];

    if (pool == NULL || pool->array[asid & MASK(ASID_POOL_BITS)] != pml4)
        return;
    pool->array[asid & MASK(ASID_POOL_BITS)] = NULL;
    forgetVSpace(pml4);
}

void deleteASIDPool(asid_t base, asid_pool_t *pool)
{
    word_t i;

    if (x86KSASIDTable[base >> ASID_POOL_BITS] != pool)
        return;
    chargeWork(CONFIG_MAX_WORK_UNITS / 2);
    for (i = 0; i < BIT(ASID_POOL_BITS); i++) {
        if (pool->array[i] != NULL)
            pool->array[i][PML4_ASID_ENTRY] = 0;
    }
    if (ksCurVSpace != kernelVSpace() && ((const word_t *)ksCurVSpace)[PML4_ASID_ENTRY] == 0)
        setCurrentVSpace(kernelVSpace());
    x86KSASIDTable[base >> ASID_POOL_BITS] = NULL;
}
