/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces, inside the architecture.
 *
 * An ASID names an address space:
 *
 *   x86KSASIDTable[8] --> asid_pool_t[512] --> PML4: 0..255 user | 256 ASID | 511 kernel --> PDPT --> PD --> PT --> frame
 *
 * x86KSASIDTable[asid / 512]->array[asid % 512] is its PML4.  A PML4 carries its ASID
 * in the (never present) entry 256, so that a thread's root is checked with one comparison: bit 9 is set, so that the
 * zero of a PML4 without an ASID fits none, bit 0 is clear.
 */
#pragma once

#include "kernel/arch/x86_64/machine.h"

#define ASID_POOL_COUNT 8
#define ASID_POOL_BITS 9
#define PML4_ASID_ENTRY 256
#define PML4_KERNEL_ENTRY 511

typedef struct asid_pool {
    word_t *array[BIT(ASID_POOL_BITS)];
} asid_pool_t;

extern asid_pool_t *x86KSASIDTable[ASID_POOL_COUNT];

static inline word_t pml4ASIDEntry(asid_t asid)
{
    return (asid << 1) + 0x200;
}

/* The PML4 of an ASID, or NULL with current_lookup_fault set. */
word_t *findVSpaceForASID(asid_t asid);
void deleteASID(asid_t asid, word_t *pml4);
void deleteASIDPool(asid_t base, asid_pool_t *pool);

void unmapPage(word_t size, asid_t asid, vptr_t vaddr, paddr_t paddr);
void copyKernelMappings(word_t *pml4);
void unmapTable(word_t level, asid_t asid, vptr_t vaddr, paddr_t table);

/* Entry that maps vaddr at a level (1: page table entry, 2: directory, 3: PDPT, 4: PML4), or NULL if a level above is
 * missing; then current_lookup_fault says which. */
word_t *lookupPagingSlot(word_t *pml4, vptr_t vaddr, word_t level);

exception_t decodeFrameInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall,
                                  const word_t *buffer);
exception_t decodeTableInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer);
exception_t decodeASIDControlInvocation(word_t label, word_t length, const word_t *buffer);
exception_t decodeASIDPoolInvocation(word_t label, cap_t cap);
exception_t decodeIOPortControlInvocation(word_t label, word_t length, cte_t *slot, const word_t *buffer);
exception_t decodeIOPortInvocation(word_t label, word_t length, cap_t cap, bool_t isCall, const word_t *buffer);

/* Whether the capability is to an address space that may be run and mapped in. */
static INLINE bool_t isLiveVSpace(cap_t cap)
{
    return cap_is(cap, cap_pml4_cap) &&
           ((word_t *)cap_get_capPtr(cap))[PML4_ASID_ENTRY] == pml4ASIDEntry(cap.words[1]);
}

static inline pptr_t threadVSpace(tcb_t *thread)
{
    cap_t cap = TCB_PTR_CTE_PTR(thread, tcbVTable)->cap;

    return likely(isLiveVSpace(cap)) ? cap_get_capPtr(cap) : kernelVSpace();
}
