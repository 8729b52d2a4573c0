/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What depends on the type of an architecture capability; the counterpart of object/objecttype.c.
 */
#include "kernel/arch/x86_64/vspace.h"
#include "kernel/include/api.h"

deriveCap_ret_t Arch_deriveCap(cte_t *slot, cap_t cap)
{
    deriveCap_ret_t ret = {EXCEPTION_NONE, cap};

    switch (cap_get_capType(cap)) {
    case cap_page_table_cap:
    case cap_page_directory_cap:
    case cap_pdpt_cap:
    case cap_pml4_cap:
        if (cap_get_mappedASID(cap) == 0) {
            ret.status = errorSimple(seL4_IllegalOperation);
            ret.cap = cap_null_cap_new();
        }
        break;
    case cap_frame_cap:
        ret.cap.words[1] = 0;
        break;
    case cap_io_port_control_cap:
        ret.cap = cap_null_cap_new();
        break;
    default:
        break;
    }
    return ret;
}

finaliseCap_ret_t Arch_finaliseCap(cap_t cap, bool_t final)
{
    finaliseCap_ret_t ret = {cap_null_cap_new(), cap_null_cap_new()};
    word_t type = cap_get_capType(cap);
    asid_t asid = cap_get_mappedASID(cap);
    word_t ptr = cap_get_capPtr(cap);

    if (type == cap_frame_cap && asid != 0)
        unmapPage(cap_frame_cap_get_capFSize(cap), asid, cap_get_mappedAddress(cap), pptr_to_paddr(ptr));
    if (!final)
        return ret;
    switch (type) {
    case cap_page_table_cap:
    case cap_page_directory_cap:
    case cap_pdpt_cap:
        if (asid != 0)
            unmapTable((type - cap_page_table_cap) / 2 + 2, asid, cap_get_mappedAddress(cap), pptr_to_paddr(ptr));
        break;
    case cap_pml4_cap:
        if (asid != 0)
            deleteASID(asid, (word_t *)ptr);
        break;
    case cap_asid_pool_cap:
        deleteASIDPool(cap.words[1], (asid_pool_t *)ptr);
        break;
    case cap_io_port_cap:
        ret.cleanupInfo = cap;
        break;
    default:
        break;
    }
    return ret;
}

static bool_t frameContains(cap_t a, cap_t b)
{
    word_t size = BIT(pageBitsForSize(cap_frame_cap_get_capFSize(a)));

    return cap_is(b, cap_frame_cap) && cap_get_capPtr(b) - cap_get_capPtr(a) < size &&
           cap_frame_cap_get_capFSize(b) <= cap_frame_cap_get_capFSize(a) &&
           cap_frame_cap_get_capFIsDevice(a) == cap_frame_cap_get_capFIsDevice(b);
}

bool_t Arch_sameRegionAs(cap_t a, cap_t b)
{
    switch (cap_get_capType(a)) {
    case cap_frame_cap:
        return frameContains(a, b);
    case cap_asid_control_cap:
        return cap_is(b, cap_asid_control_cap) || cap_is(b, cap_asid_pool_cap);
    case cap_io_port_control_cap:
        return cap_is(b, cap_io_port_control_cap) || cap_is(b, cap_io_port_cap);
    case cap_io_port_cap:
        return cap_is(b, cap_io_port_cap) && a.words[1] == b.words[1];
    default:
        return cap_get_capType(a) == cap_get_capType(b) && cap_get_capPtr(a) == cap_get_capPtr(b);
    }
}

bool_t Arch_sameObjectAs(cap_t a, cap_t b)
{
    if (cap_is(a, cap_io_port_control_cap) && cap_is(b, cap_io_port_cap))
        return false;
    if (cap_is(a, cap_frame_cap) && cap_is(b, cap_frame_cap))
        return cap_get_capPtr(a) == cap_get_capPtr(b) && frameContains(a, b) && frameContains(b, a);
    return Arch_sameRegionAs(a, b);
}

cap_t Arch_maskCapRights(word_t rights, cap_t cap)
{
    if (cap_is(cap, cap_frame_cap))
        return cap_frame_cap_set_capFVMRights(cap, maskVMRights(cap_frame_cap_get_capFVMRights(cap), rights));
    return cap;
}

bool_t Arch_isFrameType(word_t type)
{
    return type == seL4_X86_4K || type == seL4_X86_LargePageObject || type == seL4_X64_HugePageObject;
}

word_t Arch_getObjectSize(word_t type)
{
    static const uint8_t sizeBits[seL4_ObjectTypeCount] = {
        [seL4_X86_PDPTObject] = seL4_PageBits,      [seL4_X64_PML4Object] = seL4_PageBits,
        [seL4_X64_HugePageObject] = seL4_HugePageBits, [seL4_X86_4K] = seL4_PageBits,
        [seL4_X86_LargePageObject] = seL4_LargePageBits, [seL4_X86_PageTableObject] = seL4_PageBits,
        [seL4_X86_PageDirectoryObject] = seL4_PageBits,
    };

    return sizeBits[type];
}

void Arch_initObjects(word_t type, word_t ptr, word_t count)
{
    word_t i;

    if (type != seL4_X64_PML4Object)
        return;
    for (i = 0; i < count; i++)
        copyKernelMappings((word_t *)(ptr + (i << seL4_PageBits)));
}

cap_t Arch_createCap(word_t type, word_t ptr, bool_t isDevice)
{
    switch (type) {
    case seL4_X86_4K:
        return cap_frame_cap_new(ptr, X86_SmallPage, VMReadWrite, isDevice);
    case seL4_X86_LargePageObject:
        return cap_frame_cap_new(ptr, X86_LargePage, VMReadWrite, isDevice);
    case seL4_X64_HugePageObject:
        return cap_frame_cap_new(ptr, X64_HugePage, VMReadWrite, isDevice);
    case seL4_X86_PageTableObject:
        return cap_new(cap_page_table_cap, ptr, 0, 0);
    case seL4_X86_PageDirectoryObject:
        return cap_new(cap_page_directory_cap, ptr, 0, 0);
    case seL4_X86_PDPTObject:
        return cap_new(cap_pdpt_cap, ptr, 0, 0);
    default:
        return cap_new(cap_pml4_cap, ptr, 0, 0);
    }
}

bool_t isValidVTableRoot(cap_t cap)
{
    return cap_is(cap, cap_pml4_cap) && cap.words[1] != 0;
}

exception_t checkValidIPCBuffer(vptr_t vptr, cap_t cap)
{
    if (!cap_is(cap, cap_frame_cap) || cap_frame_cap_get_capFIsDevice(cap))
        return errorSimple(seL4_IllegalOperation);
    if (!IS_ALIGNED(vptr, seL4_IPCBufferSizeBits))
        return errorSimple(seL4_AlignmentError);
    return EXCEPTION_NONE;
}

exception_t Arch_decodeInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall,
                                  const word_t *buffer)
{
    switch (cap_get_capType(cap)) {
    case cap_frame_cap:
        return decodeFrameInvocation(label, length, slot, cap, isCall, buffer);
    case cap_page_table_cap:
    case cap_page_directory_cap:
    case cap_pdpt_cap:
        return decodeTableInvocation(label, length, slot, cap, buffer);
    case cap_asid_control_cap:
        return decodeASIDControlInvocation(label, length, buffer);
    case cap_asid_pool_cap:
        return decodeASIDPoolInvocation(label, cap);
    case cap_io_port_control_cap:
        return decodeIOPortControlInvocation(label, length, slot, buffer);
    case cap_io_port_cap:
        return decodeIOPortInvocation(label, length, cap, isCall, buffer);
    default:
        return errorSimple(seL4_IllegalOperation); /* PML4: nothing can be invoked on it */
    }
}
