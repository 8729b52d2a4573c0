/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invariants about memory, over all slots that invariants.c found:
 *
 * - Two capabilities to memory that overlaps are to the same object, or one is derived from the other (an untyped, or a frame
 *   from a larger one).  So no two objects share memory, and an untyped hands out nothing twice.
 * - The derivation tree is in preorder: the descendants of a slot follow it without a gap.
 * - Every present entry of every table that is reachable from a live address space has a capability that says so: a frame or
 *   table at this address of this address space, with no less rights.  The kernel's entry is in place.
 * - Interrupts and I/O ports: in use exactly if a handler or port capability is there; port ranges do not overlap.
 */
#include <stdlib.h>

#include "kernel/arch/x86_64/vspace.h"
#include "tests/kernel/host/world.h"

#define TABLE_BITS 14

typedef struct region {
    word_t base, bits;
    const cte_t *slot;
} region_t;

/* What the capabilities say is mapped: address space, address with the level in its low bits, physical address | rights. */
typedef struct mapping {
    word_t asid, place, target, round;
} mapping_t;

static region_t regions[MAX_SLOTS];
static mapping_t mappings[BIT(TABLE_BITS)];
static word_t round;

static word_t zombieSizeBits(cap_t cap)
{
    switch (cap_zombie_cap_get_capZombieType(cap)) {
    case ZOMBIE_TYPE_TCB:
        return 11;
    case ZOMBIE_TYPE_ENDPOINT:
        return 4;
    case ZOMBIE_TYPE_NOTIFICATION:
        return 5;
    default:
        return (cap_zombie_cap_get_capZombieType(cap) >> 1) + 5;
    }
}

static word_t sizeBits(cap_t cap)
{
    switch (cap_get_capType(cap)) {
    case cap_untyped_cap:
        return cap_untyped_cap_get_capBlockSize(cap);
    case cap_endpoint_cap:
        return 4;
    case cap_notification_cap:
        return 5;
    case cap_cnode_cap:
        return cap_cnode_cap_get_capCNodeRadix(cap) + 5;
    case cap_thread_cap:
        return 11;
    case cap_zombie_cap:
        return zombieSizeBits(cap);
    case cap_frame_cap:
        return 12 + 9 * cap_frame_cap_get_capFSize(cap);
    case cap_page_table_cap:
    case cap_page_directory_cap:
    case cap_pdpt_cap:
    case cap_pml4_cap:
    case cap_asid_pool_cap:
        return 12;
    default:
        return 0;
    }
}

static word_t baseOf(cap_t cap)
{
    if (cap_is(cap, cap_cnode_cap))
        return cap_cnode_cap_get_capCNodePtr(cap);
    return cap_is(cap, cap_thread_cap) ? cap_get_capPtr(cap) - TCB_OFFSET : cap_get_capPtr(cap);
}

/* By base; of those with one base the larger first. */
static int compareRegions(const void *a, const void *b)
{
    const region_t *x = a, *y = b;

    if (x->base != y->base)
        return x->base < y->base ? -1 : 1;
    return x->bits == y->bits ? 0 : x->bits > y->bits ? -1 : 1;
}

static bool_t isDescendant(const cte_t *ancestor, const cte_t *slot)
{
    const cte_t *next;

    for (next = mdb_next(ancestor); next != NULL && isMDBParentOf(ancestor, next); next = mdb_next(next)) {
        if (next == slot)
            return true;
    }
    return false;
}

static void checkOverlaps(cte_t *const *slots, word_t n)
{
    const region_t *open[64];
    word_t count = 0, depth = 0, i;

    for (i = 0; i < n; i++) {
        word_t bits = sizeBits(slots[i]->cap);

        if (bits != 0)
            regions[count++] = (region_t){baseOf(slots[i]->cap), bits, slots[i]};
    }
    qsort(regions, count, sizeof(regions[0]), compareRegions);
    for (i = 0; i < count; i++) {
        const region_t *r = &regions[i], *outer;

        while (depth > 0 && r->base - open[depth - 1]->base >= BIT(open[depth - 1]->bits))
            depth--;
        if (depth > 0) {
            outer = open[depth - 1];
            require(r->base + BIT(r->bits) <= outer->base + BIT(outer->bits), "objects are inside one another or apart", r->slot);
            require(sameObjectAs(outer->slot->cap, r->slot->cap) || isDescendant(outer->slot, r->slot) ||
                    isDescendant(r->slot, outer->slot), "overlapping memory only by derivation", r->slot);
        }
        /* Copies of one object need only one entry: what lies inside is compared with the first. */
        if (depth == 0 || r->bits != open[depth - 1]->bits || r->base != open[depth - 1]->base ||
            cap_is(r->slot->cap, cap_untyped_cap)) {
            require(depth < ARRAY_SIZE(open), "harness: depth", NULL);
            open[depth++] = r;
        }
    }
}

/* No slot behind the run of a slot's descendants is another one.  (A badge's family ends where the next of that badge begins.) */
static void checkPreorder(cte_t *const *slots, word_t n)
{
    const cte_t *next;
    word_t i;

    for (i = 0; i < n; i++) {
        cap_t cap = slots[i]->cap;

        if (!mdb_revocable(slots[i]) ||
            ((cap_is(cap, cap_endpoint_cap) || cap_is(cap, cap_notification_cap)) && cap_get_badge(cap) != 0))
            continue;
        for (next = mdb_next(slots[i]); next != NULL && isMDBParentOf(slots[i], next); next = mdb_next(next))
            ;
        for (; next != NULL; next = mdb_next(next))
            require(!isMDBParentOf(slots[i], next), "descendants follow without a gap", next);
    }
}

static mapping_t *findMapping(word_t asid, word_t place, word_t target)
{
    word_t i = ((asid * 31 + place) ^ target >> 5) * 0x9e3779b97f4a7c15ull >> (64 - TABLE_BITS);

    while (mappings[i].round == round &&
           (mappings[i].asid != asid || mappings[i].place != place || ((mappings[i].target ^ target) & ~MASK(12)) != 0))
        i = (i + 1) & MASK(TABLE_BITS);
    return &mappings[i];
}

/* Frames have their rights in the low bits; level 1 to 3 are pages, 5 to 7 tables below the entries of level 2 to 4. */
static void recordMapping(cap_t cap)
{
    word_t type = cap_get_capType(cap), asid = cap_get_mappedASID(cap), target, place;
    mapping_t *m;

    if (asid == 0 || (type != cap_frame_cap && type != cap_page_table_cap && type != cap_page_directory_cap && type != cap_pdpt_cap))
        return;
    place = cap_get_mappedAddress(cap) | (type == cap_frame_cap ? cap_frame_cap_get_capFSize(cap) + 1 : 5 + (type - 3) / 2);
    target = pptr_to_paddr(cap_get_capPtr(cap)) | (type == cap_frame_cap ? cap_frame_cap_get_capFVMRights(cap) : 0);
    m = findMapping(asid, place, target);
    if (m->round == round)
        target |= m->target & 3; /* VMReadWrite has both bits: the union is no more than the best */
    *m = (mapping_t){asid, place, target, round};
}

static void checkEntry(word_t asid, vptr_t vaddr, word_t level, word_t entry)
{
    bool_t isPage = level == 1 || (entry & PTE_LARGE);
    word_t address = entry & PTE_ADDR_MASK & (isPage && level > 1 ? ~MASK(3 + 9 * level) : ~(word_t)0);
    mapping_t *m = findMapping(asid, vaddr | (isPage ? level : level + 3), address);

    require(m->round == round, "a present entry has a capability", (void *)vaddr);
    require(!isPage || !(entry & PTE_WRITE) || (m->target & 3) == VMReadWrite, "no more rights than the capability", (void *)vaddr);
    require(!isPage || !(entry & PTE_USER) || (m->target & 3) != VMKernelOnly, "user access needs Read", (void *)vaddr);
    require(isPage || (entry & (PTE_WRITE | PTE_USER)) == (PTE_WRITE | PTE_USER), "tables restrict nothing", (void *)vaddr);
}

static void checkTables(word_t asid, const word_t *table, word_t level, vptr_t base)
{
    word_t i, n = level == 4 ? 256 : 512;

    for (i = 0; i < n; i++) {
        vptr_t vaddr = base + (i << (3 + 9 * level));

        if (!(table[i] & PTE_PRESENT))
            continue;
        checkEntry(asid, vaddr, level, table[i]);
        if (level > 1 && !(table[i] & PTE_LARGE))
            checkTables(asid, (const word_t *)paddr_to_pptr(table[i] & PTE_ADDR_MASK), level - 1, vaddr);
    }
}

static void checkMappings(cte_t *const *slots, word_t n)
{
    word_t i, asid;

    round++;
    for (i = 0; i < n; i++)
        recordMapping(slots[i]->cap);
    for (asid = 1; asid < ASID_POOL_COUNT * BIT(ASID_POOL_BITS); asid++) {
        const asid_pool_t *pool = x86KSASIDTable[asid >> ASID_POOL_BITS];
        const word_t *pml4;

        if (pool == NULL) {
            asid |= MASK(ASID_POOL_BITS);
            continue;
        }
        pml4 = pool->array[asid & MASK(ASID_POOL_BITS)];
        if (pml4 == NULL)
            continue;
        require(pml4[PML4_ASID_ENTRY] == pml4ASIDEntry(asid), "a live address space carries its ASID", pml4);
        require(pml4[PML4_KERNEL_ENTRY] == x64KSKernelPML4[PML4_KERNEL_ENTRY], "the kernel is mapped", pml4);
        checkTables(asid, pml4, 4, 0);
    }
}

static void checkResources(cte_t *const *slots, word_t n)
{
    uint8_t handlers[NUM_IRQS] = {0};
    word_t i, j;

    for (i = 0; i < n; i++) {
        cap_t cap = slots[i]->cap;

        if (cap_is(cap, cap_irq_handler_cap))
            handlers[cap.words[1]] = 1;
        if (!cap_is(cap, cap_io_port_cap))
            continue;
        require(cap_io_port_cap_get_capIOPortFirstPort(cap) <= cap_io_port_cap_get_capIOPortLastPort(cap), "port range", slots[i]);
        for (j = 0; j < i; j++) {
            cap_t other = slots[j]->cap;

            require(!cap_is(other, cap_io_port_cap) || other.words[1] == cap.words[1] ||
                    cap_io_port_cap_get_capIOPortFirstPort(other) > cap_io_port_cap_get_capIOPortLastPort(cap) ||
                    cap_io_port_cap_get_capIOPortLastPort(other) < cap_io_port_cap_get_capIOPortFirstPort(cap),
                    "port ranges do not overlap", slots[i]);
        }
    }
    for (i = 0; i < NUM_USER_IRQS; i++) {
        require((intStateIRQTable[i].state == IRQSignal) == handlers[i], "an interrupt is in use if it has a handler", NULL);
        require(handlers[i] || cap_is(intStateIRQNode[i].cap, cap_null_cap), "no handler, no notification", NULL);
    }
}

void checkMemory(cte_t *const *slots, word_t n)
{
    static word_t calls;

    checkOverlaps(slots, n);
    checkMappings(slots, n);
    checkResources(slots, n);
    if (++calls % 16 == 0)
        checkPreorder(slots, n);
}
