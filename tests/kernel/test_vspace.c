/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 14 of the ABI: frames, paging structures, ASIDs. */
#include "tests/kernel/tests.h"

#define FAR 0x20000000000ull

static seL4_CPtr pdpt, pd, pt, frame, endpoint;

static seL4_Error map(seL4_CPtr cap, seL4_CPtr vspace, seL4_Word vaddr)
{
    return seL4_X86_Page_Map(cap, vspace, vaddr, seL4_ReadWrite, 0);
}

static void missing(seL4_Word bitsLeft)
{
    CHECK_EQ(map(frame, ROOT_VSPACE, FAR), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(seL4_GetMR(1), seL4_MissingCapability);
    CHECK_EQ(seL4_GetMR(2), bitsLeft);
}

static void testTables(void)
{
    missing(39);
    CHECK_EQ(seL4_X86_PageTable_Map(pt, ROOT_VSPACE, FAR, 0), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(2), 39);
    CHECK_EQ(seL4_X86_PDPT_Map(pdpt, endpoint, FAR, 0), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_X86_PDPT_Map(pdpt, ROOT_VSPACE, 1ull << 47, 0), seL4_InvalidArgument);
    CHECK_EQ(seL4_X86_PDPT_Map(pdpt, ROOT_VSPACE, FAR + 4097, 0), 0);
    CHECK_EQ(seL4_X86_PDPT_Map(pdpt, ROOT_VSPACE, FAR, 0), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 0);
    missing(30);
    CHECK_EQ(seL4_X86_PageTable_Map(pt, ROOT_VSPACE, FAR, 0), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(2), 30);
    CHECK_EQ(seL4_X86_PageDirectory_Map(pd, ROOT_VSPACE, FAR, 0), 0);
    missing(21);
    CHECK_EQ(seL4_X86_PageTable_Map(pt, ROOT_VSPACE, FAR, 0), 0);
    CHECK_EQ(seL4_X86_PageTable_Map(newObject(seL4_X86_PageTableObject, 0), ROOT_VSPACE, FAR, 0), seL4_DeleteFirst);
    CHECK_EQ(seL4_Invoke(pt, X86PDPTMap, 0, 2, FAR, 0, 0, 0, NULL), seL4_IllegalOperation);
}

static void testPages(void)
{
    seL4_CPtr copy = allocSlots(2), other = newObject(seL4_X64_PML4Object, 0);

    CHECK_EQ(map(frame, ROOT_VSPACE, FAR + 1), seL4_AlignmentError);
    CHECK_EQ(map(frame, ROOT_VSPACE, 0x7fffffffe000), seL4_FailedLookup);
    CHECK_EQ(map(frame, ROOT_VSPACE, 0x7ffffffff000), seL4_InvalidArgument);
    CHECK_EQ(map(frame, ROOT_VSPACE, 0x800000000000), seL4_InvalidArgument);
    CHECK_EQ(map(frame, other, FAR), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(map(frame, ROOT_VSPACE, FAR), 0);
    *(volatile seL4_Word *)FAR = 5;
    CHECK_EQ(map(frame, ROOT_VSPACE, FAR + 4096), seL4_InvalidArgument);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(map(frame, ROOT_VSPACE, FAR), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, copy, 64, ROOT_CNODE, frame, 64, seL4_AllRights), 0);
    CHECK_EQ(map(copy, ROOT_VSPACE, FAR + 8192), 0);
    CHECK_EQ(*(volatile seL4_Word *)(FAR + 8192), 5);
    CHECK_EQ(seL4_X86_Page_GetAddress(copy).paddr, seL4_X86_Page_GetAddress(frame).paddr);
    CHECK_EQ(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, other), 0);
    CHECK_EQ(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, other), seL4_InvalidCapability);
    CHECK_EQ(map(copy, other, FAR + 8192), seL4_InvalidCapability);
    CHECK_EQ(seL4_X86_Page_Unmap(copy), 0);
    CHECK_EQ(seL4_X86_Page_Unmap(copy), 0);
    CHECK_EQ(map(copy, other, FAR), seL4_FailedLookup);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, copy, 64), 0);
    CHECK_EQ(*(volatile seL4_Word *)FAR, 5);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, copy, 64, ROOT_CNODE, pt, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_X86_PageTable_Unmap(pt), seL4_RevokeFirst);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, copy, 64), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, copy, 64, ROOT_CNODE, newObject(seL4_X86_PageTableObject, 0), 64,
                             seL4_AllRights), seL4_IllegalOperation);
}

/* Touches an address and tells through the fault endpoint what the CPU said. */
static void toucher(seL4_Word address, seL4_Word write)
{
    if (write)
        *(volatile seL4_Word *)address = 1;
    else
        (void)*(volatile seL4_Word *)address;
    __asm__ volatile("ud2");
    park();
}

static seL4_Word faultCode(seL4_Word address, seL4_Word write)
{
    seL4_MessageInfo_t info;
    seL4_Word badge;
    thread_t t;

    newThread(&t, toucher, address, write, 100, endpoint);
    startThread(&t);
    info = seL4_Recv(endpoint, &badge);
    seL4_TCB_Suspend(t.tcb);
    return seL4_MessageInfo_get_label(info) == seL4_Fault_VMFault ? seL4_GetMR(seL4_VMFault_FSR) : 0;
}

static void testRights(void)
{
    CHECK_EQ(faultCode(FAR, 1), 0);
    CHECK_EQ(seL4_X86_Page_Map(frame, ROOT_VSPACE, FAR, seL4_CanRead, 0), 0);
    CHECK_EQ(faultCode(FAR, 0), 0);
    CHECK_EQ(faultCode(FAR, 1), 7);
    CHECK_EQ(seL4_X86_Page_Map(frame, ROOT_VSPACE, FAR, seL4_NoRights, 0), 0);
    CHECK_EQ(faultCode(FAR, 0), 5);
    CHECK_EQ(seL4_X86_Page_Unmap(frame), 0);
    CHECK_EQ(faultCode(FAR, 0), 4);
    CHECK_EQ(faultCode(0xffffff8000000000ull, 0), 5);
}

static void testLarge(void)
{
    seL4_CPtr large = copyCap(largePage(), seL4_AllRights);

    CHECK_EQ(map(large, ROOT_VSPACE, FAR), seL4_DeleteFirst);
    CHECK_EQ(map(large, ROOT_VSPACE, FAR + 4096), seL4_AlignmentError);
    CHECK_EQ(map(large, ROOT_VSPACE, FAR + 0x200000), 0);
    *(volatile seL4_Word *)(FAR + 0x3ffff8) = 9;
    CHECK_EQ(seL4_X86_PageTable_Map(newObject(seL4_X86_PageTableObject, 0), ROOT_VSPACE, FAR + 0x200000, 0),
             seL4_DeleteFirst);
    CHECK_EQ(map(frame, ROOT_VSPACE, FAR + 0x200000), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(2), 21);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, large, 64), 0);
    CHECK_EQ(faultCode(FAR + 0x200000, 0), 4);
    CHECK_EQ(map(frame, ROOT_VSPACE, FAR), 0);
    CHECK_EQ(seL4_X86_PageTable_Unmap(pt), 0);
    CHECK_EQ(faultCode(FAR, 0), 4);
    CHECK_EQ(seL4_X86_Page_Unmap(frame), 0);
}

static void testASIDs(void)
{
    seL4_CPtr ut = newUntyped(12), pool = allocSlots(1), pml4 = newObject(seL4_X64_PML4Object, 0);
    seL4_CPtr tcb = newObject(seL4_TCBObject, 0);

    CHECK_EQ(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, endpoint, ROOT_CNODE, pool, 64), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, newUntyped(13), ROOT_CNODE, pool, 64),
             seL4_InvalidCapability);
    CHECK_EQ(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, ut, ROOT_CNODE, pool, 64), 0);
    CHECK_EQ(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, ut, ROOT_CNODE, allocSlots(1), 64), seL4_RevokeFirst);
    CHECK_EQ(seL4_X86_ASIDPool_Assign(pool, endpoint), seL4_InvalidCapability);
    CHECK_EQ(seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), pml4, 0, 0), seL4_InvalidCapability);
    CHECK_EQ(seL4_X86_ASIDPool_Assign(pool, pml4), 0);
    CHECK_EQ(seL4_TCB_SetSpace(tcb, 0, ROOT_CNODE, 0, pml4, 0), 0);
    CHECK_EQ(seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), pml4, 0, 0), 0);
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, pool, 64), 0);
    CHECK_EQ(seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), pml4, 1ull << 40, 0), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(1), seL4_InvalidRoot);
}

void testVSpace(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    pdpt = newObject(seL4_X86_PDPTObject, 0);
    pd = newObject(seL4_X86_PageDirectoryObject, 0);
    pt = newObject(seL4_X86_PageTableObject, 0);
    frame = newObject(seL4_X86_4K, 0);
    testTables();
    testPages();
    testRights();
    testLarge();
    testASIDs();
}
