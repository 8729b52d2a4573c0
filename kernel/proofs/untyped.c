/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Retype: where new objects may lie, what memory is zeroed for them, and what is left if it is preempted.
 *
 * The loop that zeroes is cut at its preemption point: what is claimed there is what the loop starts from, so one piece stands for any
 * number.  Sizes are taken from a list (LAYOUTS).
 */
#include "kernel/proofs/message.h"

static cte_t *windowAt(cap_t cnode, word_t offset);

/* Everywhere `(cte_t *)cap_cnode_cap_get_capCNodePtr(cap) + offset': no object here can have as many slots as a CNode. */
#define cap_cnode_cap_get_capCNodePtr(cap) windowAt(cap, offset) - offset

static exception_t goOnOrStop(word_t next, word_t end);

#define preemptionPoint() goOnOrStop(base + pos, base + r->end)

#include "kernel/object/untyped.c"
#include "kernel/api/error.c"

#define WINDOW 3

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted;
static cte_t slot, child, window[WINDOW];
static word_t objectSize, clearedFrom, clearedTo, clears, insertions, insertedBits, insertedCount, initialised;
static cap_t insertedCap, createdCap;
static word_t createdAt, slotsLeft;
static bool_t isChild;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

/* The slots from `offset' on, of which the CNode has at least one. */
static cte_t *windowAt(cap_t cnode, word_t offset)
{
    CLAIM(cap_is(cnode, cap_cnode_cap) && offset >> cap_cnode_cap_get_capCNodeRadix(cnode) == 0);
    slotsLeft = BIT(cap_cnode_cap_get_capCNodeRadix(cnode)) - offset;
    return window;
}

static exception_t goOnOrStop(word_t next, word_t end)
{
    CLAIM(next == clearedTo && next < end);
    if (nondet_bool())
        return EXCEPTION_PREEMPTED;
    REACH("next piece");
    ASSUME(false);
    return EXCEPTION_NONE;
}

exception_t checkInterrupt(void)
{
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

void clearMemory(word_t ptr, word_t bytes)
{
    CLAIM(bytes != 0 && bytes <= BIT(untypedCleanUnitBits(slot.cap)) && bytes % 8 == 0 && ptr % 8 == 0);
    clears++;
    clearedFrom = ptr;
    clearedTo = ptr + bytes;
}

word_t getObjectSize(word_t type, word_t userSize)
{
    (void)userSize;
    CLAIM(type < seL4_ObjectTypeCount);
    return objectSize;
}

bool_t Arch_isFrameType(word_t type)
{
    return type == seL4_X86_4K || type == seL4_X86_LargePageObject || type == seL4_X64_HugePageObject;
}

bool_t untypedContains(cap_t untyped, cap_t cap)
{
    CLAIM(sameCap(untyped, slot.cap) && sameCap(cap, child.cap));
    return isChild;
}

cap_t createCap(word_t type, word_t ptr, word_t userSize, bool_t isDevice)
{
    (void)type, (void)userSize, (void)isDevice;
    createdAt = ptr;
    return createdCap;
}

void initObjects(word_t type, word_t ptr, word_t objectBits, word_t count)
{
    (void)type, (void)count;
    CLAIM(objectBits == objectSize);
    initialised = ptr;
}

void insertNewCaps(cte_t *parent, cte_t *first, word_t count, cap_t cap, word_t objectBits)
{
    CLAIM(parent == &slot && first == window && sameCap(cap, createdCap));
    insertedCount = count;
    insertedBits = objectBits;
    insertions++;
}

/* log2 of the object's and of the untyped's size. */
#define LAYOUTS(prove) \
    prove(4, 10); prove(4, 39); prove(12, 35); prove(30, 36); prove(17, 16); prove(21, 47)

static bool_t isCNodeDestination(void)
{
    return cap_is(extra0.cap, cap_cnode_cap) || lookups == 1;
}

static void proveRetype(word_t objectBits, word_t sizeBits)
{
    word_t length, label = nondet_word(), base = nondet_word() << sizeBits & MASK(47), used, clean, start, end, size = BIT(sizeBits), count, type;
    const word_t *buffer = arbitraryMessage(&length);
    bool_t isDevice = nondet_bool() || sizeBits > 39, isReset;
    exception_t status;
    cap_t before;

    objectSize = objectBits;
    slot.cap = (cap_t){{base << 16 | (word_t)isDevice << 8 | cap_untyped_cap, nondet_word() << 6 | sizeBits}};
    ASSUME(untypedInRange(slot.cap));
    child = nondet_cte();
    slot.mdbPrev = NULL;
    slot.mdbNext = (word_t)EITHER(&child, NULL);
    isChild = nondet_bool();
    window[0] = nondet_cte();
    window[1] = nondet_cte();
    window[2] = nondet_cte();
    createdCap = nondet_cap();
    before = slot.cap;
    used = cap_untyped_cap_get_capFreeIndex(before);
    clean = cap_untyped_cap_get_cleanBytes(before);
    ASSUME(used + clean <= size);
    clears = insertions = initialised = clearedFrom = clearedTo = 0;
    type = getSyscallArg(0, buffer);
    count = getSyscallArg(5, buffer);
    ASSUME(length < 6 || count <= WINDOW || count > 256);
    isReset = used != 0 && !(slot.mdbNext != 0 && isChild);
    start = isReset ? 0 : ROUND_UP(used, objectBits);
    end = start + (count << objectBits);

    keepWorld(slot.cap, NULL);
    status = decodeUntypedInvocation(label, length, &slot, slot.cap, buffer);
    claimAnswer(status);
    CLAIM(slot.cap.words[0] == before.words[0] && (slot.cap.words[1] & 63) == sizeBits && insertions <= 1);
    if (status == EXCEPTION_SYSCALL_ERROR) {
        CLAIM(sameCap(slot.cap, before) && insertions + clears == 0);
        if (current_syscall_error.type == seL4_NotEnoughMemory) {
            CLAIM(current_syscall_error.memoryLeft == size - (isReset ? 0 : used));
            REACH("no room");
        }
        return;
    }
    CLAIM(label == UntypedRetype && length >= 6 && type < seL4_ObjectTypeCount && count >= 1 && count <= 256);
    CLAIM(isCNodeDestination() && count <= slotsLeft);
    CLAIM(end <= size && IMPLIES(!isReset, start >= used));
    CLAIM(IMPLIES(isDevice, type == seL4_UntypedObject || Arch_isFrameType(type)));
    CLAIM(IMPLIES(clears != 0, !isDevice && type != seL4_UntypedObject && clearedFrom >= base + start && clearedTo <= base + end));
    CLAIM(IMPLIES(clears != 0, clearedFrom == base + start || (!isReset && clearedFrom == base + used + clean && used + clean > start)));
    if (status == EXCEPTION_NONE) {
        CLAIM(cap_is(window[0].cap, cap_null_cap) && IMPLIES(count >= 2, cap_is(window[1].cap, cap_null_cap)));
        CLAIM(IMPLIES(count >= 3, cap_is(window[2].cap, cap_null_cap)));
        CLAIM(insertions == 1 && insertedCount == count && insertedBits == objectBits && createdAt == base + start);
        CLAIM(cap_untyped_cap_get_capFreeIndex(slot.cap) == end && cap_untyped_cap_get_cleanBytes(slot.cap) == 0);
        CLAIM(IMPLIES(!isDevice && type != seL4_UntypedObject,
                      clears != 0 ? clearedTo == base + end : !isReset && clean != 0 && used + clean >= end));
        CLAIM(IMPLIES(type == seL4_TCBObject || type == seL4_X64_PML4Object, initialised == base + start));
        REACH("made");
    } else {
        CLAIM(insertions == 0);
        CLAIM(clears != 0 && clearedTo < base + end);
        CLAIM(cap_untyped_cap_get_capFreeIndex(slot.cap) == start);
        CLAIM(cap_untyped_cap_get_cleanBytes(slot.cap) <= clearedTo - base - start);
        CLAIM(clearedTo - base - start - cap_untyped_cap_get_cleanBytes(slot.cap) < BIT(sizeBits <= 35 ? 14 : sizeBits - 21));
        REACH("preempted");
    }
}

/*
 * of: decodeUntypedInvocation, invokeUntyped_Retype, checkObjectSize, findDestination, checkWindow, hasChildren, reserveMemory, clearObjects, resetUntyped
 * shows: every message: an error and no change, or objects wholly inside the untyped, aligned, behind all that is in use unless the untyped has no
 *        child, in memory that is zero (zeroed here, or before a preemption), into slots that are empty, of the CNode named; a device untyped makes
 *        frames and untypeds only and is never written; preempted, it has no object more, and as clean as it says
 * bounds: windows of up to 3 slots at any offset of any CNode; any number of pieces of zeroing; sizes of objects and untypeds as listed in untyped.c
 * unwind: 4
 * mutant object/untyped.c: r->start = ROUND_UP(freeIndex, r->objectBits); => r->start = ROUND_UP(used, r->objectBits);
 * mutant object/untyped.c: r->start = ROUND_UP(freeIndex, r->objectBits); => r->start = freeIndex;
 * mutant object/untyped.c: if (used != 0 && !hasChildren(r->slot)) => if (used != 0)
 * mutant object/untyped.c: if (count > slots - offset)\n        return errorRange(1, slots - offset); =>
 * mutant object/untyped.c: r->clean = MAX(r->start, used + cap_untyped_cap_get_cleanBytes(cap)); => r->clean = used + cap_untyped_cap_get_cleanBytes(cap);
 * mutant object/untyped.c: if (freeIndex == used && unlikely( => if (unlikely(
 * mutant object/untyped.c: r->slot->cap = cap_untyped_cap_set_progress(r->slot->cap, r->end, 0); =>
 * mutant object/untyped.c: if (r->isDevice && r->type != seL4_UntypedObject && !Arch_isFrameType(r->type)) => if (false)
 * mutant object/untyped.c: set_progress(r->slot->cap, r->start, pos - r->start); => set_progress(r->slot->cap, r->start, r->end - r->start);
 */
void proof_retype(void)
{
    LAYOUTS(if (nondet_bool()) return proveRetype);
}
