/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Untyped memory: Retype makes objects from the front of an untyped; its free index only grows until the last
 * object is gone, then it starts again at 0.
 *
 * DIFFERS: upstream zeroes a whole untyped when it is used again; here memory is zeroed when an object is made from it,
 * so memory that nobody asks for is never touched.  What user code sees is the same.
 *
 *   0            free index                    + cleanBytes             2^sizeBits
 *   | objects    | zero, by a preempted Retype | anything               |
 *
 * Zeroing is preemptible.  Its progress is in the untyped capability: the memory from the free index on for
 * `cleanBytes` bytes is zero.  Anything else that changes the free index sets cleanBytes to 0.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"
#include "kernel/include/extensions.h"

typedef struct retype {
    cte_t *slot;      /* the untyped */
    word_t type;
    word_t userSize;
    word_t objectBits;
    word_t count;
    bool_t isDevice;
    word_t start;     /* first byte of the first object, relative to the untyped */
    word_t end;       /* behind the last */
    word_t clean;     /* from start up to here the memory is zero already */
    cte_t *dest;
} retype_t;

/* Zeroes the memory of the objects.  What a preemption keeps in the capability is at least the step that came before it. */
static exception_t clearObjects(const retype_t *r)
{
    word_t base = cap_get_capPtr(r->slot->cap), pos = r->clean, chunk;

    for (;;) {
        chunk = MIN(r->end - pos, BIT(untypedCleanUnitBits(r->slot->cap)));
        clearMemory(base + pos, chunk);
        pos += chunk;
        if (likely(pos >= r->end))
            return EXCEPTION_NONE;
        chargeWork(CONFIG_MAX_WORK_UNITS);
        if (preemptionPoint() != EXCEPTION_NONE) {
            r->slot->cap = cap_untyped_cap_set_progress(r->slot->cap, r->start, pos - r->start);
            return EXCEPTION_PREEMPTED;
        }
    }
}

static exception_t invokeUntyped_Retype(const retype_t *r)
{
    word_t base = cap_get_capPtr(r->slot->cap) + r->start;
    bool_t isCleared = !r->isDevice && r->type != seL4_UntypedObject;
    exception_t status;

    if (isCleared && r->clean < r->end) {
        status = clearObjects(r);
        if (status != EXCEPTION_NONE)
            return status;
    }

    /* commit: all objects or none */
    r->slot->cap = cap_untyped_cap_set_progress(r->slot->cap, r->end, 0);
    if (r->type == seL4_TCBObject || Arch_isInitialised(r->type))
        initObjects(r->type, base, r->objectBits, r->count);
    insertNewCaps(r->slot, r->dest, r->count, createCap(r->type, base, r->userSize, r->isDevice), r->objectBits);
    return EXCEPTION_NONE;
}

static exception_t checkObjectSize(word_t type, word_t userSize, word_t *objectBits)
{
    if (type >= seL4_ObjectTypeCount)
        return errorInvalidArgument(0);
    *objectBits = getObjectSize(type, userSize);
    if (userSize >= wordBits || *objectBits > seL4_MaxUntypedBits)
        return errorRange(0, seL4_MaxUntypedBits);
    if (type == seL4_CapTableObject && userSize == 0)
        return errorInvalidArgument(1);
    if (type == seL4_UntypedObject && userSize < seL4_MinUntypedBits)
        return errorInvalidArgument(1);
    return EXCEPTION_NONE;
}

/* The CNode that receives the new capabilities: the given one, or what (index, depth) names below it. */
static exception_t findDestination(cap_t *node, word_t index, word_t depth)
{
    lookupSlot_ret_t found;

    *node = current_extra_caps[0]->cap;
    if (depth != 0) {
        found = lookupSlotForCNodeOp(false, *node, index, depth);
        if (found.status != EXCEPTION_NONE)
            return found.status;
        *node = found.slot->cap;
    }
    if (!cap_is(*node, cap_cnode_cap)) {
        current_lookup_fault = (lookup_fault_t){seL4_MissingCapability, depth, 0, 0};
        return errorFailedLookup(false);
    }
    return EXCEPTION_NONE;
}

static exception_t checkWindow(cap_t node, word_t offset, word_t count)
{
    word_t slots = BIT(cap_cnode_cap_get_capCNodeRadix(node));
    cte_t *first;
    word_t i;

    if (offset > slots - 1)
        return errorRange(0, slots - 1);
    if (count < 1 || count > CONFIG_RETYPE_FAN_OUT_LIMIT)
        return errorRange(1, CONFIG_RETYPE_FAN_OUT_LIMIT);
    if (count > slots - offset)
        return errorRange(1, slots - offset);
    first = (cte_t *)cap_cnode_cap_get_capCNodePtr(node) + offset;
    for (i = 0; i < count; i++) {
        if (!cap_is(first[i].cap, cap_null_cap))
            return errorSimple(seL4_DeleteFirst);
    }
    return EXCEPTION_NONE;
}

/* What follows an untyped in the list and lies inside it was made from it or is a copy of it. */
static bool_t hasChildren(const cte_t *slot)
{
    const cte_t *next = mdb_next(slot);

    return next != NULL && untypedContains(slot->cap, next->cap);
}

/* Places the objects.  An untyped without children starts again at 0. */
static exception_t reserveMemory(retype_t *r, cap_t cap)
{
    word_t size = BIT(cap_untyped_cap_get_capBlockSize(cap));
    word_t used = cap_untyped_cap_get_capFreeIndex(cap), freeIndex = used;

    if (used != 0 && !hasChildren(r->slot))
        freeIndex = 0;
    if (unlikely((size - freeIndex) >> r->objectBits < r->count)) {
        current_syscall_error.type = seL4_NotEnoughMemory;
        current_syscall_error.memoryLeft = size - freeIndex;
        return EXCEPTION_SYSCALL_ERROR;
    }
    r->isDevice = cap_untyped_cap_get_capIsDevice(cap);
    if (r->isDevice && r->type != seL4_UntypedObject && !Arch_isFrameType(r->type))
        return errorInvalidArgument(1);
    r->start = ROUND_UP(freeIndex, r->objectBits);
    r->end = r->start + (r->count << r->objectBits);
    r->clean = r->start;
    if (freeIndex == used && unlikely(cap_untyped_cap_get_cleanBytes(cap) != 0))
        r->clean = MAX(r->start, used + cap_untyped_cap_get_cleanBytes(cap));
    return freeIndex != used ? resetUntyped(r->slot) : EXCEPTION_NONE;
}

exception_t decodeUntypedInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
{
    retype_t r = {.slot = slot};
    exception_t status;
    word_t offset;
    cap_t node;

    if (label != UntypedRetype)
        return errorSimple(seL4_IllegalOperation);
    if (length < 6 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    r.type = getSyscallArg(0, buffer);
    r.userSize = getSyscallArg(1, buffer);
    offset = getSyscallArg(4, buffer);
    r.count = getSyscallArg(5, buffer);

    status = checkObjectSize(r.type, r.userSize, &r.objectBits);
    if (status == EXCEPTION_NONE)
        status = findDestination(&node, getSyscallArg(2, buffer), getSyscallArg(3, buffer));
    if (status == EXCEPTION_NONE)
        status = checkWindow(node, offset, r.count);
    if (status == EXCEPTION_NONE)
        status = reserveMemory(&r, cap);
    if (status != EXCEPTION_NONE)
        return status;
    r.dest = (cte_t *)cap_cnode_cap_get_capCNodePtr(node) + offset;
    return invokeUntyped_Retype(&r);
}
