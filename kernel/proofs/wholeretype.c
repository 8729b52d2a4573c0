/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Integrity over a whole system call that makes objects: the untyped's own progress, its memory, the slots of the window.
 *
 * `near' and `far' are two slots, from the message's offset on, of a CNode each; nearInner and farInner are other slots of theirs, which a lookup below the
 * CNode gives.  What is no CNode of the caller's must not change.  What is zeroed, initialised and inserted where is recorded by stand-ins for functions that
 * have proofs of their own; untyped.c has every size and state of the memory.
 */
#include "kernel/proofs/call_world.h"

static cte_t *windowAt(cap_t cnode, word_t offset);

/* See untyped.c. */
#define cap_cnode_cap_get_capCNodePtr(cap) windowAt(cap, offset) - offset
#include "kernel/object/untyped.c"
#undef cap_cnode_cap_get_capCNodePtr

#define WINDOW 2

static cte_t near[WINDOW], nearBefore[WINDOW], far[WINDOW], farBefore[WINDOW], nearInner, nearInnerBefore, farInner, farInnerBefore, child;
static word_t base, size, used, objectSize, slotsLeft, made, clears;
static bool_t isDevice, isChild, nearIsOurs, farIsOurs;

NOT_INVOKED(decodeTCBInvocation, word_t label, word_t length, cap_t cap, cte_t *slot, bool_t isCall, const word_t *buffer)
NOT_INVOKED(decodeDomainInvocation, word_t label, word_t length, const word_t *buffer)
NOT_INVOKED(Arch_decodeInvocation, word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall, const word_t *buffer)

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

void setThreadState(tcb_t *thread, thread_state_t state) { thread->state = (uint8_t)state; }

static bool_t isTo(cte_t slot, const cte_t *node)
{
    return cap_is(slot.cap, cap_cnode_cap) && cap_cnode_cap_get_capCNodePtr(slot.cap) == (word_t)node;
}

static bool_t isNamed(const cte_t *node)
{
    return isTo(held0, node) || isTo(held1, node) || isTo(held2, node) || isTo(held3, node);
}

static cte_t *windowAt(cap_t cnode, word_t offset)
{
    CLAIM(cap_is(cnode, cap_cnode_cap) && offset >> cap_cnode_cap_get_capCNodeRadix(cnode) == 0);
    slotsLeft = BIT(cap_cnode_cap_get_capCNodeRadix(cnode)) - offset;
    return cap_cnode_cap_get_capCNodePtr(cnode) == (word_t)near ? near : far;
}

/* A slot of the CNode, or none. */
lookupSlot_ret_t lookupSlotForCNodeOp(bool_t isSource, cap_t root, cptr_t cptr, word_t depth)
{
    lookupSlot_ret_t ret = {EXCEPTION_SYSCALL_ERROR, NULL};

    (void)cptr, (void)depth;
    if (!cap_is(root, cap_cnode_cap) || nondet_bool()) {
        ret.status = errorFailedLookup(isSource);
        return ret;
    }
    CLAIM(isNamed((const cte_t *)cap_cnode_cap_get_capCNodePtr(root)));
    ret.status = EXCEPTION_NONE;
    ret.slot = cap_cnode_cap_get_capCNodePtr(root) == (word_t)near ? &nearInner : &farInner;
    return ret;
}

/* Inside the untyped, and behind what is in use if there are children. */
static bool_t isFree(word_t ptr, word_t bytes)
{
    return ptr - base <= size && bytes <= size - (ptr - base) && IMPLIES(isChild, ptr - base >= used);
}

void clearMemory(word_t ptr, word_t bytes)
{
    CLAIM(!isDevice && isFree(ptr, bytes));
    clears++;
}

exception_t preemptionPoint(void)
{
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

exception_t checkInterrupt(void)
{
    return EITHER(EXCEPTION_NONE, EXCEPTION_PREEMPTED);
}

word_t getObjectSize(word_t type, word_t userSize)
{
    (void)type, (void)userSize;
    return objectSize;
}

bool_t Arch_isFrameType(word_t type)
{
    return type == seL4_X86_4K || type == seL4_X86_LargePageObject || type == seL4_X64_HugePageObject;
}

bool_t untypedContains(cap_t untyped, cap_t cap)
{
    (void)untyped, (void)cap;
    return isChild;
}

cap_t createCap(word_t type, word_t ptr, word_t userSize, bool_t device)
{
    (void)type, (void)userSize, (void)device;
    CLAIM(isFree(ptr, BIT(objectSize)));
    return nondet_cap();
}

void initObjects(word_t type, word_t ptr, word_t objectBits, word_t count)
{
    (void)type;
    CLAIM(!isDevice && isFree(ptr, count << objectBits));
}

void insertNewCaps(cte_t *parent, cte_t *first, word_t count, cap_t cap, word_t objectBits)
{
    (void)objectBits;
    CLAIM(parent == &held0 && count >= 1 && count <= slotsLeft);
    CLAIM(cap_is(first[0].cap, cap_null_cap) && IMPLIES(count > 1, cap_is(first[1].cap, cap_null_cap)));
    first[0].cap = cap;
    if (count > 1)
        first[1].cap = cap;
    made = count;
}

/* A capability of any type; a CNode is one of the two. */
static cte_t arbitraryCapSlot(void)
{
    cte_t slot = nondet_cte();

    ASSUME(!cap_is(slot.cap, cap_cnode_cap));
    if (nondet_bool())
        slot.cap = cap_new(cap_cnode_cap, (word_t)EITHER(near, far), nondet_byte() % 42 + 1, nondet_word());
    return slot;
}

static void arbitraryWorld(word_t sizeBits)
{
    arbitraryCaller();
    base = nondet_word() << sizeBits & MASK(39);
    size = BIT(sizeBits);
    isDevice = nondet_bool();
    isChild = nondet_bool();
    child = nondet_cte();
    held0 = nondet_cte();
    held0.cap = (cap_t){{base << 16 | (word_t)isDevice << 8 | cap_untyped_cap, nondet_word() << 6 | sizeBits}};
    held0.mdbPrev = NULL;
    held0.mdbNext = (word_t)(isChild ? &child : NULL);
    used = cap_untyped_cap_get_capFreeIndex(held0.cap);
    ASSUME(untypedInRange(held0.cap) && used + cap_untyped_cap_get_cleanBytes(held0.cap) <= size);
    held1 = arbitraryCapSlot();
    held2 = arbitraryCapSlot();
    held3 = arbitraryCapSlot();
    near[0] = nearBefore[0] = nondet_cte();
    near[1] = nearBefore[1] = nondet_cte();
    far[0] = farBefore[0] = nondet_cte();
    far[1] = farBefore[1] = nondet_cte();
    nearInner = nearInnerBefore = arbitraryCapSlot();
    farInner = farInnerBefore = arbitraryCapSlot();
    nearIsOurs = isNamed(near) || (isNamed(far) && isTo(farInner, near));
    farIsOurs = isNamed(far) || (isNamed(near) && isTo(nearInner, far));
    made = clears = 0;
    keepCaller();
}

static void callRetype(word_t objectBits, word_t sizeBits)
{
    word_t freeIndex;

    objectSize = objectBits;
    arbitraryWorld(sizeBits);
    ASSUME(messageBuffer[6] <= WINDOW || messageBuffer[6] > 256);
    handleSyscall((word_t)seL4_SysCall);
    freeIndex = cap_untyped_cap_get_capFreeIndex(held0.cap);
    CLAIM(held0.cap.words[0] == held0Before.cap.words[0] && cap_untyped_cap_get_capBlockSize(held0.cap) == sizeBits && freeIndex <= size);
    CLAIM(held0.mdbPrev == held0Before.mdbPrev && held0.mdbNext == held0Before.mdbNext && IMPLIES(isChild, freeIndex >= used));
    CLAIM(sameSlot(held1, held1Before) && sameSlot(held2, held2Before) && sameSlot(held3, held3Before));
    CLAIM(sameSlot(nearInner, nearInnerBefore) && sameSlot(farInner, farInnerBefore));
    CLAIM(sameSlot(near[0], nearBefore[0]) || (nearIsOurs && made >= 1));
    CLAIM(sameSlot(near[1], nearBefore[1]) || (nearIsOurs && made == 2));
    CLAIM(sameSlot(far[0], farBefore[0]) || (farIsOurs && made >= 1));
    CLAIM(sameSlot(far[1], farBefore[1]) || (farIsOurs && made == 2));
    CLAIM(sameFields(&caller, &callerBefore) && (isAnswerRegister(witnessRegister) || sameRegisters(&caller, &callerBefore)) && schedules == 1);
    if (!sameSlot(far[1], farBefore[1]) && !isNamed(far))
        REACH("found below");
    if (made == 0 && clears == 2)
        REACH("preempted");
}

/*
 * of: handleSyscall (Call), invoke, lookupExtraCaps, decodeUntypedInvocation and all below it
 * shows: from the registers to what changes in one: of the untyped that the caller's capability invokes the progress, memory inside it behind what its children use, and
 *        as many empty slots from the offset on, of a CNode to which the caller's CSpace leads; no other slot, of the caller the answer
 * bounds: what a lookup gives is one of four slots of the caller's, with any capabilities (`wholeCall`), below a CNode one slot of it; up to 2 objects of 16 bytes in
 *         1 KiB, or of 32 KiB in 256 KiB
 * unwind: 6
 * mutant object/untyped.c: if (!cap_is(first[i].cap, cap_null_cap)) => if (false)
 * mutant object/untyped.c: if (used != 0 && !hasChildren(r->slot)) => if (used != 0)
 * mutant object/untyped.c: if (count > slots - offset)\n        return errorRange(1, slots - offset); =>
 * mutant object/untyped.c: insertNewCaps(r->slot, r->dest, r->count, => insertNewCaps(r->slot, r->dest, r->count + 1,
 * mutant api/syscall.c: return decodeUntypedInvocation(label, length, slot, cap, buffer); => return decodeUntypedInvocation(label, length, current_extra_caps[0] != NULL ? current_extra_caps[0] : slot, cap, buffer);
 */
void proof_wholeRetype(void)
{
    if (nondet_bool())
        return callRetype(4, 10);
    callRetype(15, 18);
}
