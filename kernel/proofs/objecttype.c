/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is computed of capabilities alone: encodings, rights, data, derivation, sizes.  No world is needed.
 */
#include "kernel/proofs/proof.h"

#include "kernel/object/objecttype.c"
#include "kernel/arch/x86_64/objects.c"
#include "kernel/arch/x86_64/vspace_decode.c"

syscall_error_t current_syscall_error;
lookup_fault_t current_lookup_fault;
tcb_t *ksCurThread;

exception_t errorSimple(seL4_Error type)
{
    current_syscall_error.type = type;
    return EXCEPTION_SYSCALL_ERROR;
}

exception_t ensureNoChildren(cte_t *slot)
{
    (void)slot;
    return EITHER(EXCEPTION_NONE, errorSimple(seL4_RevokeFirst));
}

static word_t initialised, firstObject, initialisedBits;

/* Each object of the row once, in order. */
static void initialise(word_t object)
{
    CLAIM(object == firstObject + (initialised << initialisedBits));
    initialised++;
}

void initThreadObject(tcb_t *tcb) { initialise((word_t)tcb - TCB_OFFSET); }
void copyKernelMappings(word_t *pml4) { initialise((word_t)pml4); }

static word_t userPointer(word_t alignBits)
{
    word_t ptr = (word_t)((int64_t)nondet_word() >> 16);

    ASSUME(IS_ALIGNED(ptr, alignBits));
    return ptr;
}

/* Everything that a capability allows is allowed by the other one too. */
static bool_t noMoreThan(cap_t a, cap_t b)
{
    if (cap_is(a, cap_null_cap))
        return true;
    if (cap_get_capType(a) != cap_get_capType(b))
        return false;
    switch (cap_get_capType(a)) {
    case cap_endpoint_cap:
    case cap_notification_cap:
        return cap_get_capPtr(a) == cap_get_capPtr(b) && (a.words[0] & ~b.words[0] & 0xff00) == 0 &&
               (b.words[1] == 0 || a.words[1] == b.words[1]);
    case cap_reply_cap:
        return (a.words[0] & ~b.words[0]) == 0 && cap_get_capPtr(a) == cap_get_capPtr(b) && a.words[1] == b.words[1];
    case cap_cnode_cap:
        return cap_cnode_cap_get_capCNodePtr(a) == cap_cnode_cap_get_capCNodePtr(b) &&
               cap_cnode_cap_get_capCNodeRadix(a) == cap_cnode_cap_get_capCNodeRadix(b);
    case cap_frame_cap:
        return cap_get_capPtr(a) == cap_get_capPtr(b) && cap_frame_cap_get_capFSize(a) == cap_frame_cap_get_capFSize(b) &&
               cap_frame_cap_get_capFVMRights(a) <= cap_frame_cap_get_capFVMRights(b) &&
               cap_frame_cap_get_capFIsDevice(a) == cap_frame_cap_get_capFIsDevice(b) &&
               (a.words[1] == 0 || a.words[1] == b.words[1]);
    default:
        return sameCap(a, b);
    }
}

/*
 * of: maskCapRights, Arch_maskCapRights, maskVMRights
 * shows: the result allows no more than the capability did and is valid; without the write bit no send, without grant no grant; frame rights
 *        follow the rights word
 * bounds: validCap
 * mutant object/objecttype.c: cap.words[0] &= ~((word_t)15 << 8) | (rights & 15) << 8; => cap.words[0] |= (rights & 15) << 8;
 * mutant arch/x86_64/vspace_decode.c: return rights & 1 ? VMReadWrite : VMReadOnly; => return VMReadWrite;
 */
void proof_maskCapRights(void)
{
    cap_t cap = nondet_cap(), masked;
    word_t rights = nondet_word();

    ASSUME(validCap(cap));
    masked = maskCapRights(rights, cap);
    CLAIM(noMoreThan(masked, cap) && validCap(masked));
    if (cap_is(cap, cap_endpoint_cap) || cap_is(cap, cap_notification_cap)) {
        CLAIM(((masked.words[0] & CAP_CAN_SEND) != 0) == ((cap.words[0] & CAP_CAN_SEND) && (rights & 1)));
        CLAIM(((masked.words[0] & CAP_CAN_RECEIVE) != 0) == ((cap.words[0] & CAP_CAN_RECEIVE) && (rights & 2)));
        REACH("endpoint");
    }
    if (cap_is(cap, cap_frame_cap))
        CLAIM(cap_frame_cap_get_capFVMRights(masked) != VMReadWrite || (rights & 3) == 3);
    REACH("end");
}

/*
 * of: updateCapData
 * shows: the result is null or allows no more; a badge is set only once and never by Mutate; a CNode gets exactly the guard that the word
 *        says, or null if it does not fit
 * bounds: validCap
 * mutant object/objecttype.c: if (preserve || cap_get_badge(cap) != 0) => if (preserve)
 * mutant object/objecttype.c: if (guardSize + cap_cnode_cap_get_capCNodeRadix(cap) > wordBits) => if (false)
 */
void proof_updateCapData(void)
{
    cap_t cap = nondet_cap(), result;
    bool_t preserve = nondet_bool();
    word_t data = nondet_word();

    ASSUME(validCap(cap));
    result = updateCapData(preserve, data, cap);
    CLAIM(noMoreThan(result, cap) && validCap(result));
    if (cap_is(cap, cap_endpoint_cap)) {
        CLAIM(cap_is(result, cap_null_cap) == (preserve || cap.words[1] != 0));
        CLAIM(cap_is(result, cap_null_cap) || (result.words[1] == data && result.words[0] == cap.words[0]));
        REACH("endpoint");
    }
    if (cap_is(cap, cap_cnode_cap) && !cap_is(result, cap_null_cap)) {
        CLAIM(cap_cnode_cap_get_capCNodeGuardSize(result) == (data & 63));
        CLAIM(cap_cnode_cap_get_capCNodeGuard(result) == (data >> 6 & MASK(data & 63)));
        REACH("cnode");
    }
    REACH("end");
}

/*
 * of: deriveCap, Arch_deriveCap
 * shows: the copy allows no more; a frame's copy is unmapped; control and reply capabilities and zombies yield null, tables that are not mapped
 *        and untypeds with children an error
 * bounds: validCap; whether an untyped has children is arbitrary
 * mutant arch/x86_64/objects.c: ret.cap.words[1] = 0; =>
 * mutant object/objecttype.c: case cap_irq_control_cap:\n    case cap_reply_cap:\n        ret.cap => case cap_irq_control_cap: ret.cap
 */
void proof_deriveCap(void)
{
    cap_t cap = nondet_cap();
    cte_t slot = {cap, NULL, 0};
    deriveCap_ret_t ret;
    word_t type = cap_get_capType(cap);

    ASSUME(validCap(cap));
    ret = deriveCap(&slot, cap);
    CLAIM(ret.status == EXCEPTION_NONE || (ret.status == EXCEPTION_SYSCALL_ERROR && cap_is(ret.cap, cap_null_cap)));
    CLAIM(noMoreThan(ret.cap, cap) && validCap(ret.cap) && sameCap(slot.cap, cap));
    CLAIM(IMPLIES(type == cap_reply_cap || type == cap_irq_control_cap || type == cap_zombie_cap || type == cap_io_port_control_cap,
                  cap_is(ret.cap, cap_null_cap)));
    CLAIM(IMPLIES(type == cap_frame_cap, cap_get_mappedASID(ret.cap) == 0));
    CLAIM(IMPLIES(type >= cap_page_table_cap && type <= cap_pml4_cap && (type & 1),
                  (ret.status == EXCEPTION_NONE) == (cap_get_mappedASID(cap) != 0)));
    REACH("end");
}

/*
 * of: cap_cnode_cap_new, cap_untyped_cap_new, cap_untyped_cap_set_progress, cap_frame_cap_new, cap_zombie_cap_new, cap_reply_cap_new,
 *     cap_io_port_cap_new, cap_set_mapping and all their getters
 * shows: what is put in comes out; progress keeps type, size and place, and loses less than a unit of clean bytes
 * bounds: arguments in the ranges of the ABI
 * mutant include/cap.h: return cap_new(cap_frame_cap, ptr, rights | size << 2 | isDevice << 4, 0); => return cap_new(cap_frame_cap, ptr, rights | size << 2 | isDevice << 3, 0);
 * mutant include/cap.h: return sizeBits <= 35 ? 14 : sizeBits - 21; => return sizeBits <= 35 ? 15 : sizeBits - 21;
 */
void proof_encodings(void)
{
    word_t radix = nondet_word(), guardSize = nondet_word(), guard = nondet_word(), ptr = userPointer(6);
    word_t bits = nondet_word(), isDevice = nondet_bool(), freeIndex = nondet_word(), clean = nondet_word();
    word_t size = nondet_word(), rights = nondet_word(), vaddr = nondet_word(), asid = nondet_word();
    cap_t cap;

    ASSUME(radix >= 1 && radix <= 42 && guardSize <= 63 && guardSize + radix <= 64 && guard <= MASK(guardSize));
    cap = cap_cnode_cap_new(radix, guardSize, guard, ptr);
    CLAIM(cap_is(cap, cap_cnode_cap) && cap_cnode_cap_get_capCNodePtr(cap) == ptr);
    CLAIM(cap_cnode_cap_get_capCNodeRadix(cap) == radix && cap_cnode_cap_get_capCNodeGuardSize(cap) == guardSize);
    CLAIM(cap_cnode_cap_get_capCNodeGuard(cap) == guard);

    ASSUME(bits >= seL4_MinUntypedBits && bits <= (isDevice ? seL4_MaxUntypedBits : 39));
    ASSUME(freeIndex <= BIT(bits) && IS_ALIGNED(freeIndex, 4));
    cap = cap_untyped_cap_new(0, isDevice, bits, ptr);
    CLAIM(cap_untyped_cap_get_capFreeIndex(cap) == 0 && cap_untyped_cap_get_cleanBytes(cap) == 0);
    ASSUME(clean <= BIT(bits) - freeIndex);
    cap = cap_untyped_cap_set_progress(cap, freeIndex, clean);
    CLAIM(cap_is(cap, cap_untyped_cap) && cap_get_capPtr(cap) == ptr && cap_untyped_cap_get_capIsDevice(cap) == isDevice);
    CLAIM(cap_untyped_cap_get_capBlockSize(cap) == bits && cap_untyped_cap_get_capFreeIndex(cap) == freeIndex);
    CLAIM(cap_untyped_cap_get_cleanBytes(cap) <= clean);
    CLAIM(isDevice || clean - cap_untyped_cap_get_cleanBytes(cap) < BIT(bits < 36 ? 14 : bits - 21));

    ASSUME(size <= X64_HugePage && rights >= 1 && rights <= 3 && asid >= 1 && asid < 4096);
    cap = cap_set_mapping(cap_frame_cap_new(ptr, size, rights, isDevice), vaddr, asid);
    CLAIM(cap_frame_cap_get_capFSize(cap) == size && cap_frame_cap_get_capFVMRights(cap) == rights);
    CLAIM(cap_frame_cap_get_capFIsDevice(cap) == isDevice && cap_get_capPtr(cap) == ptr);
    CLAIM(cap_get_mappedASID(cap) == asid && cap_get_mappedAddress(cap) == ROUND_DOWN(vaddr, 12));

    cap = cap_zombie_cap_new(BIT(radix), ZOMBIE_TYPE_CNODE(radix), ptr);
    CLAIM(cap_zombie_cap_get_capZombieNumber(cap) == BIT(radix) && cap_get_capPtr(cap) == ptr);
    CLAIM(cap_zombie_cap_get_capZombieType(cap) >> 1 == radix);
    cap = cap_reply_cap_new(isDevice, false, ptr);
    CLAIM(cap_get_capPtr(cap) == ptr && ((cap.words[0] & CAP_REPLY_CAN_GRANT) != 0) == isDevice && !(cap.words[0] & CAP_REPLY_MASTER));
    REACH("end");
}

/*
 * of: getObjectSize, Arch_getObjectSize, Arch_isFrameType, hasCancelSendRights, isValidVTableRoot, checkValidIPCBuffer
 * shows: sizes are those of section 6 of the ABI; a capability that the kernel makes has the size that is reserved for it
 * bounds: types below the count, user size below 48
 * mutant object/objecttype.c: return seL4_SlotBits + userSize; => return userSize;
 */
void proof_getObjectSize(void)
{
    word_t type = nondet_word(), userSize = nondet_word(), bits;
    cap_t cap = nondet_cap();

    ASSUME(type < seL4_ObjectTypeCount && userSize < 48);
    bits = getObjectSize(type, userSize);
    CLAIM(type == seL4_UntypedObject || type == seL4_CapTableObject || (bits >= 4 && bits <= 30));
    CLAIM(type != seL4_CapTableObject || bits == userSize + 5);
    CLAIM(type != seL4_TCBObject || bits == 11);
    CLAIM(!Arch_isFrameType(type) || bits == 12 || bits == 21 || bits == 30);
    CLAIM(IMPLIES(checkValidIPCBuffer(userSize, cap) == EXCEPTION_NONE,
                  cap_is(cap, cap_frame_cap) && !cap_frame_cap_get_capFIsDevice(cap) && IS_ALIGNED(userSize, 10)));
    CLAIM(IMPLIES(hasCancelSendRights(cap), (cap.words[0] & 0xf00) == 0xf00 && cap_is(cap, cap_endpoint_cap)));
    REACH("end");
}

/*
 * of: createCap, Arch_createCap, initObjects, Arch_initObjects
 * shows: the first capability is to the object, of its type and size, with all rights, unmapped, and a device's only if that is a frame or untyped;
 *        of each thread and PML4 of a row what is not zero is set up once
 * bounds: 1 to 3 objects; user sizes that Retype takes (untyped.c)
 * unwind: 4
 * mutant object/objecttype.c: return cap_thread_cap_new(ptr + TCB_OFFSET); => return cap_thread_cap_new(ptr);
 * mutant object/objecttype.c: tcb = (tcb_t *)((word_t)tcb + BIT(objectBits))) => tcb++)
 * mutant arch/x86_64/objects.c: if (type != seL4_X64_PML4Object)\n        return; =>
 * mutant arch/x86_64/objects.c: return cap_frame_cap_new(ptr, X86_LargePage, VMReadWrite, isDevice); => return cap_frame_cap_new(ptr, X86_LargePage, VMReadWrite, 0);
 */
void proof_createCap(void)
{
    word_t type = nondet_byte() % seL4_ObjectTypeCount, userSize = nondet_byte(), count = nondet_byte() % 3 + 1, bits, ptr, tag;
    bool_t isDevice = nondet_bool(), isFrame = Arch_isFrameType(type), needsInit = type == seL4_TCBObject || type == seL4_X64_PML4Object;
    cap_t cap;

    ASSUME(type != seL4_CapTableObject || (userSize >= 1 && userSize <= 42));
    ASSUME(type != seL4_UntypedObject || (userSize >= 4 && userSize <= (isDevice ? seL4_MaxUntypedBits : 39)));
    ASSUME(!isDevice || isFrame || type == seL4_UntypedObject);
    bits = getObjectSize(type, userSize);
    ptr = userPointer(4);
    ASSUME(IS_ALIGNED(ptr, bits));
    cap = createCap(type, ptr, userSize, isDevice);
    tag = cap_get_capType(cap);
    CLAIM(validCap(cap) && (tag == cap_cnode_cap ? cap_cnode_cap_get_capCNodePtr(cap) : cap_get_capPtr(cap)) ==
                               (type == seL4_TCBObject ? ptr + TCB_OFFSET : ptr));
    CLAIM((tag == cap_untyped_cap) == (type == seL4_UntypedObject) && (tag == cap_thread_cap) == (type == seL4_TCBObject));
    CLAIM((tag == cap_endpoint_cap) == (type == seL4_EndpointObject) && (tag == cap_notification_cap) == (type == seL4_NotificationObject));
    CLAIM((tag == cap_cnode_cap) == (type == seL4_CapTableObject) && (tag == cap_frame_cap) == isFrame);
    CLAIM((tag == cap_page_table_cap) == (type == seL4_X86_PageTableObject) && (tag == cap_pdpt_cap) == (type == seL4_X86_PDPTObject));
    CLAIM((tag == cap_page_directory_cap) == (type == seL4_X86_PageDirectoryObject) && (tag == cap_pml4_cap) == (type == seL4_X64_PML4Object));
    CLAIM(IMPLIES(isFrame, pageBitsForSize(cap_frame_cap_get_capFSize(cap)) == bits && cap_frame_cap_get_capFIsDevice(cap) == isDevice &&
                               cap_frame_cap_get_capFVMRights(cap) == VMReadWrite));
    CLAIM(IMPLIES(isArchCap(cap), cap.words[1] == 0) && IMPLIES(tag == cap_endpoint_cap, cap.words[1] == 0 && (cap.words[0] >> 8 & 15) == 15));
    CLAIM(IMPLIES(tag == cap_untyped_cap, cap_untyped_cap_get_capIsDevice(cap) == isDevice && cap_untyped_cap_get_capBlockSize(cap) == bits &&
                                              cap_untyped_cap_get_capFreeIndex(cap) == 0));
    initialised = 0;
    firstObject = ptr;
    initialisedBits = bits;
    initObjects(type, ptr, bits, count);
    CLAIM(initialised == (needsInit ? count : 0));
    if (type == seL4_X64_PML4Object)
        REACH("PML4");
    REACH("end");
}
