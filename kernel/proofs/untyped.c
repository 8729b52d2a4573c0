/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Retype: new objects lie inside their untyped, beside what was made from it before, in zeroed memory.
 */
#include "kernel/proofs/message.h"

static cte_t node[4], slot;

static cte_t *nodeAt(cap_t cap)
{
    CLAIM((cap_cnode_cap_get_capCNodePtr)(cap) == (word_t)node);
    return node;
}

#define cap_cnode_cap_get_capCNodePtr(cap) nodeAt(cap)

#include "kernel/object/untyped.c"
#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static word_t base, size, wasUsed, wasClean, clearedFrom, clearedTo, made;
static bool_t initialised, hadChildren;

static word_t sizeOfObject;

word_t getObjectSize(word_t type, word_t userSize)
{
    word_t bits = nondet_byte() % 31 + 4;

    sizeOfObject = type == seL4_UntypedObject ? userSize : type == seL4_CapTableObject ? userSize + seL4_SlotBits : bits;
    return sizeOfObject;
}

bool_t Arch_isFrameType(word_t type)
{
    return type == seL4_X86_4K || type == seL4_X86_LargePageObject || type == seL4_X64_HugePageObject;
}

bool_t untypedContains(cap_t untyped, cap_t cap)
{
    (void)cap;
    CLAIM(sameCap(untyped, slot.cap));
    return hadChildren;
}

exception_t preemptionPoint(void) { return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED); }
exception_t checkInterrupt(void) { return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED); }

void clearMemory(word_t ptr, word_t bytes)
{
    CLAIM(ptr - base < size && bytes <= size - (ptr - base) && bytes <= BIT(CLEAR_CHUNK_BITS));
    CLAIM(!hadChildren || ptr - base >= wasUsed); /* never what is in use */
    CLAIM(clearedTo == 0 || ptr - base == clearedTo);
    if (clearedTo == 0)
        clearedFrom = ptr - base;
    clearedTo = ptr - base + bytes;
}

void initObjects(word_t type, word_t ptr, word_t objectBits, word_t count)
{
    CLAIM(objectBits == sizeOfObject && type != seL4_UntypedObject);
    CLAIM(ptr - base < size && count << objectBits <= size - (ptr - base));
    initialised = true;
}

cap_t createCap(word_t type, word_t ptr, word_t userSize, bool_t isDevice)
{
    (void)userSize;
    CLAIM(type < seL4_ObjectTypeCount && isDevice == cap_untyped_cap_get_capIsDevice(slot.cap));
    CLAIM(!isDevice || type == seL4_UntypedObject || Arch_isFrameType(type));
    return cap_new(cap_endpoint_cap, ptr, 0, type);
}

/* Whether the bytes from..to are zero: cleared now, or before as the capability said. */
static bool_t isClear(word_t from, word_t to)
{
    word_t cleanEnd = wasUsed + wasClean;

    if (wasUsed != 0 && !hadChildren)
        cleanEnd = 0; /* used again from the start */
    if (clearedTo == 0)
        return to <= cleanEnd && (wasUsed <= from);
    return clearedTo >= to && (clearedFrom <= from || (clearedFrom <= cleanEnd && wasUsed <= from));
}

void insertNewCaps(cte_t *parent, cte_t *first, word_t count, cap_t cap, word_t objectBits)
{
    word_t start = cap_get_capPtr(cap) - base, i;

    CLAIM(parent == &slot && count >= 1 && objectBits == sizeOfObject);
    CLAIM(first >= node && first + count <= node + 4);
    for (i = 0; i < 4; i++)
        CLAIM(&node[i] < first || &node[i] >= first + count || cap_is(node[i].cap, cap_null_cap));
    CLAIM(IS_ALIGNED(cap_get_capPtr(cap), objectBits));
    CLAIM(start < size && count << objectBits <= size - start && count << objectBits >> objectBits == count);
    CLAIM(!hadChildren || start >= wasUsed);
    CLAIM(cap_untyped_cap_get_capFreeIndex(slot.cap) == start + (count << objectBits));
    CLAIM(cap_untyped_cap_get_cleanBytes(slot.cap) == 0);
    CLAIM(cap_untyped_cap_get_capIsDevice(slot.cap) || cap.words[1] == seL4_UntypedObject ||
          isClear(start, start + (count << objectBits)));
    CLAIM(!cap_untyped_cap_get_capIsDevice(slot.cap) || clearedTo == 0);
    made = count;
}

/*
 * of: decodeUntypedInvocation, invokeUntyped_Retype, clearObjects, checkObjectSize, findDestination, checkWindow, reserveMemory
 * shows: every message: an error and at most a reset of an untyped without children; or the objects lie aligned inside the untyped, behind
 *        everything made from it before, device memory only as frames and untypeds, other memory zeroed whole and nothing else, the free
 *        index behind them, the slots empty before and inside the CNode; preempted, the recorded progress is inside the untyped
 * bounds: destination CNode of 4 slots; untypeds of at most 64 KiB
 * unwind: 5
 * long: yes
 * mutant object/untyped.c: r->start = ROUND_UP(freeIndex, r->objectBits); => r->start = freeIndex;
 * mutant object/untyped.c: if (count > slots - offset) => if (false)
 * mutant object/untyped.c: if (used != 0 && !hasChildren(r->slot)) => if (true)
 * mutant object/untyped.c: r->clean = MAX(r->start, used => r->clean = MAX(r->start, r->start
 * mutant object/untyped.c: cap_untyped_cap_set_progress(r->slot->cap, r->end, 0) => cap_untyped_cap_set_progress(r->slot->cap, r->start, 0)
 */
void proof_decodeUntyped(void)
{
    word_t length, label = nondet_word(), i;
    const word_t *buffer = arbitraryMessage(&length);
    exception_t status;
    cap_t before, nodeCap = cap_cnode_cap_new(2, 0, 0, (word_t)node);

    for (i = 0; i < 4; i++)
        node[i] = nondet_cte();
    slot = nondet_cte();
    slot.mdbNext = EITHER(0, (word_t)&found0);
    found0.cap = EITHER(nodeCap, cap_null_cap_new());
    found1.cap = EITHER(nodeCap, cap_endpoint_cap_new((word_t)node, 0));
    extra0.cap = EITHER(nodeCap, cap_endpoint_cap_new((word_t)node, 0));
    ASSUME(cap_is(slot.cap, cap_untyped_cap) && validCap(slot.cap));
    ASSUME(cap_untyped_cap_get_capBlockSize(slot.cap) <= 16);
    before = slot.cap;
    base = cap_get_capPtr(before);
    size = BIT(cap_untyped_cap_get_capBlockSize(before));
    wasUsed = cap_untyped_cap_get_capFreeIndex(before);
    wasClean = cap_untyped_cap_get_cleanBytes(before);
    ASSUME(wasClean <= size - wasUsed);
    hadChildren = slot.mdbNext == 0 ? false : nondet_bool();
    clearedFrom = clearedTo = made = 0;
    initialised = false;
    status = decodeUntypedInvocation(label, length, &slot, before, buffer);
    claimAnswer(status);
    CLAIM((made != 0) == (status == EXCEPTION_NONE));
    CLAIM(slot.cap.words[0] == before.words[0] && cap_untyped_cap_get_capBlockSize(slot.cap) == cap_untyped_cap_get_capBlockSize(before));
    CLAIM(cap_untyped_cap_get_capFreeIndex(slot.cap) <= size);
    CLAIM(cap_untyped_cap_get_cleanBytes(slot.cap) <= size - cap_untyped_cap_get_capFreeIndex(slot.cap));
    CLAIM(status == EXCEPTION_SYSCALL_ERROR || label == UntypedRetype);
    if (status == EXCEPTION_SYSCALL_ERROR)
        CLAIM(!initialised && clearedTo == 0 && (sameCap(slot.cap, before) || !hadChildren));
    if (status == EXCEPTION_PREEMPTED)
        REACH("preempted");
    if (made > 1)
        REACH("several");
    if (clearedTo != 0 && made != 0)
        REACH("cleared");
    REACH("end");
}
