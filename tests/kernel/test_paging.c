/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * More of section 14 of the ABI: what unmapping and deleting at each level does, huge pages, copies and rights, execution,
 * remapping, address spaces that go away, and the limits of ASIDs.
 */
#include "tests/kernel/tests.h"

#define BASE 0x40000000000ull
#define GIB (1ull << 30)

static seL4_CPtr endpoint, pdpt, pd, pt, frame;

static seL4_Error map(seL4_CPtr cap, seL4_Word vaddr)
{
    return seL4_X86_Page_Map(cap, ROOT_VSPACE, vaddr, seL4_ReadWrite, 0);
}

/* Runs one access (or jump) in a thread of its own: 0, or the error code of the page fault it gave. */
enum { READ, WRITE, EXECUTE };
static thread_t toucher;
static const char returns[] = "\x0f\x0b";

static void touch(seL4_Word address, seL4_Word how)
{
    if (how == READ)
        (void)*(volatile seL4_Word *)address;
    else if (how == WRITE)
        *(volatile seL4_Word *)address = 0x0b0f0b0f0b0f0b0f;
    else
        ((void (*)(void))address)();
    __asm__ volatile("ud2");
}

static seL4_Word fault(seL4_Word address, seL4_Word how)
{
    seL4_MessageInfo_t info;

    seL4_TCB_Suspend(toucher.tcb);
    toucher.context.rip = (seL4_Word)touch;
    toucher.context.rdi = address;
    toucher.context.rsi = how;
    seL4_TCB_WriteRegisters(toucher.tcb, true, 0, 20, &toucher.context);
    info = seL4_Recv(endpoint, NULL);
    if (seL4_MessageInfo_get_label(info) != seL4_Fault_VMFault)
        return 0;
    CHECK_EQ(seL4_GetMR(seL4_VMFault_Addr), address);
    return seL4_GetMR(seL4_VMFault_FSR);
}

static void makeTables(void)
{
    CHECK_ERROR(seL4_X86_PDPT_Map(pdpt, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(pd, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(pt, ROOT_VSPACE, BASE, 0), 0);
}

/* Deleting or unmapping a table at each level takes the mapping away at once; an unmapped table is empty when mapped again. */
static void testLevels(void)
{
    seL4_CPtr copy;

    makeTables();
    CHECK_ERROR(map(frame, BASE), 0);
    CHECK_EQ(fault(BASE, WRITE), 0);
    copy = copyCap(pdpt, seL4_AllRights);
    CHECK_ERROR(seL4_X86_PDPT_Unmap(pdpt), seL4_RevokeFirst);
    CHECK_ERROR(seL4_X86_PDPT_Unmap(copy), seL4_RevokeFirst);
    CHECK_ERROR(deleteCap(copy), 0);
    CHECK_EQ(fault(BASE, READ), 0); /* a copy deleted: nothing happens */
    CHECK_ERROR(seL4_X86_PDPT_Unmap(pdpt), 0);
    CHECK_EQ(fault(BASE, READ), 4);
    CHECK_ERROR(seL4_X86_PDPT_Unmap(pdpt), 0);
    CHECK_ERROR(seL4_X86_PDPT_Map(pdpt, ROOT_VSPACE, BASE, 0), 0);
    CHECK_EQ(fault(BASE, READ), 4); /* its entries are gone */
    CHECK_ERROR(map(frame, BASE), seL4_FailedLookup, 0, seL4_MissingCapability, 30);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_ERROR(seL4_X86_PageTable_Unmap(pt), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Unmap(pd), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(pd, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(pt, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(map(frame, BASE), 0);
    CHECK_EQ(fault(BASE, READ), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Unmap(pd), 0);
    CHECK_EQ(fault(BASE, READ), 4);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(pd, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_ERROR(seL4_X86_PageTable_Unmap(pt), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(pt, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(map(frame, BASE), 0);
    CHECK_ERROR(deleteCap(pt), 0);
    CHECK_EQ(fault(BASE, READ), 4);
    CHECK_ERROR(map(copyCap(frame, seL4_AllRights), BASE), seL4_FailedLookup, 0, seL4_MissingCapability, 21);
    CHECK_ERROR(deleteCap(pd), 0);
    CHECK_ERROR(map(copyCap(frame, seL4_AllRights), BASE), seL4_FailedLookup, 0, seL4_MissingCapability, 30);
    CHECK_ERROR(deleteCap(pdpt), 0);
    CHECK_ERROR(map(copyCap(frame, seL4_AllRights), BASE), seL4_FailedLookup, 0, seL4_MissingCapability, 39);
    pdpt = newObject(seL4_X86_PDPTObject, 0);
    pd = newObject(seL4_X86_PageDirectoryObject, 0);
    pt = newObject(seL4_X86_PageTableObject, 0);
    frame = newObject(seL4_X86_4K, 0);
    makeTables();
}

/* The rights of a mapping are those of the capability and the request together. */
static void testRights(void)
{
    static const struct {
        uint8_t cap, request, read, write;
    } table[] = {
        {3, 3, 0, 0}, {3, 2, 0, 7}, {3, 1, 5, 7}, {3, 0, 5, 7}, {2, 3, 0, 7}, {2, 2, 0, 7}, {2, 1, 5, 7}, {1, 3, 5, 7}, {0, 3, 5, 7},
    };
    seL4_Word i;

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        seL4_CPtr copy = copyCap(frame, (seL4_CapRights_t){{table[i].cap}});

        CHECK_ERROR(seL4_X86_Page_Map(copy, ROOT_VSPACE, BASE, (seL4_CapRights_t){{table[i].request}}, 0), 0);
        CHECK_EQ(fault(BASE, READ), table[i].read);
        CHECK_EQ(fault(BASE, WRITE), table[i].write);
        CHECK_ERROR(deleteCap(copy), 0);
        CHECK_EQ(fault(BASE, READ), 4);
    }
}

/* A second mapping of the same page replaces the first; deleting what was replaced leaves the new one alone. */
static void testReplace(void)
{
    seL4_CPtr other = newObject(seL4_X86_4K, 0);

    CHECK_ERROR(map(frame, BASE), 0);
    *(volatile seL4_Word *)BASE = 111;
    CHECK_ERROR(map(other, BASE), 0);
    *(volatile seL4_Word *)BASE = 222;
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_EQ(*(volatile seL4_Word *)BASE, 222);
    CHECK_ERROR(map(frame, BASE + 4096), 0);
    CHECK_EQ(*(volatile seL4_Word *)(BASE + 4096), 111);
    CHECK_ERROR(seL4_X86_Page_Unmap(other), 0);
    CHECK_EQ(fault(BASE, READ), 4);
    CHECK_ERROR(seL4_X86_Page_Map(frame, ROOT_VSPACE, BASE + 4096, seL4_CanRead, 0), 0); /* the same, with fewer rights */
    CHECK_EQ(fault(BASE + 4096, WRITE), 7);
    CHECK_ERROR(map(frame, BASE + 4096), 0);
    CHECK_EQ(fault(BASE + 4096, WRITE), 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_ERROR(deleteCap(other), 0);
}

/* Every page is executable, unless attribute bit 3 (this kernel's extension; elsewhere ignored) says otherwise; run.py knows
 * which kernel has it. */
static void testExecute(void)
{
    seL4_Word denied;

    CHECK_ERROR(map(frame, BASE), 0);
    *(volatile uint16_t *)BASE = *(const uint16_t *)returns;
    CHECK_EQ(fault(BASE, EXECUTE), 0);
    CHECK_ERROR(seL4_X86_Page_Map(frame, ROOT_VSPACE, BASE, seL4_CanRead, 0), 0);
    CHECK_EQ(fault(BASE, EXECUTE), 0);
    CHECK_ERROR(seL4_X86_Page_Map(frame, ROOT_VSPACE, BASE, seL4_ReadWrite, seL4_X86_NoExecute), 0);
    denied = fault(BASE, EXECUTE);
    CHECK(denied == 0x15 || denied == 0);
    putString(denied != 0 ? "extension: no-execute works\n" : "extension: no-execute is ignored\n");
    CHECK_EQ(fault(BASE, WRITE), 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_EQ(fault(BASE, EXECUTE), 0x14);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_PrefetchFault), 1);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_IP), BASE);
}

/* The caching attributes select nothing that can be read back, but each combination is accepted at each size. */
static void testAttributes(void)
{
    seL4_CPtr large = copyCap(largePage(), seL4_AllRights);
    seL4_Word attr;

    for (attr = 0; attr < 8; attr++) {
        CHECK_ERROR(seL4_X86_Page_Map(frame, ROOT_VSPACE, BASE, seL4_ReadWrite, attr), 0);
        *(volatile seL4_Word *)BASE = attr + 5;
        CHECK_EQ(*(volatile seL4_Word *)BASE, attr + 5);
        CHECK_ERROR(seL4_X86_Page_Map(large, ROOT_VSPACE, BASE + 0x200000, seL4_ReadWrite, attr), 0);
        *(volatile seL4_Word *)(BASE + 0x3ffff8) = attr + 6;
        CHECK_EQ(*(volatile seL4_Word *)(BASE + 0x3ffff8), attr + 6);
    }
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_ERROR(seL4_X86_Page_Map(large, ROOT_VSPACE, BASE + 0x200000, seL4_CanRead, 0), 0);
    CHECK_EQ(fault(BASE + 0x200000, WRITE), 7);
    CHECK_ERROR(seL4_X86_Page_Unmap(large), 0);
    CHECK_EQ(fault(BASE + 0x200000, READ), 4);
    CHECK_ERROR(map(large, BASE + 0x300000), seL4_AlignmentError);
    CHECK_ERROR(map(large, 0x7fffffe00000), seL4_InvalidArgument, 0);
    CHECK_ERROR(deleteCap(large), 0);
}

/* A huge page of device memory behind the RAM: mapped at the level of the PDPT. */
static void testHuge(void)
{
    seL4_Word n = bootInfo->untyped.end - bootInfo->untyped.start, i, vaddr = BASE + GIB;
    seL4_CPtr huge = allocSlots(1), directory = newObject(seL4_X86_PageDirectoryObject, 0);

    for (i = 0; i < n && !(bootInfo->untypedList[i].isDevice && bootInfo->untypedList[i].sizeBits >= 30); i++)
        ;
    CHECK(i < n);
    CHECK_ERROR(seL4_Untyped_Retype(bootInfo->untyped.start + i, seL4_X64_HugePageObject, 0, ROOT_CNODE, 0, 0, huge, 1), 0);
    CHECK_EQ(seL4_X86_Page_GetAddress(huge).paddr, bootInfo->untypedList[i].paddr);
    CHECK_ERROR(map(huge, BASE), seL4_DeleteFirst); /* a directory is there */
    CHECK_ERROR(map(huge, vaddr + 0x200000), seL4_AlignmentError);
    CHECK_ERROR(map(huge, 0x7fffc0000000), seL4_InvalidArgument, 0);
    CHECK_ERROR(map(huge, vaddr), 0);
    CHECK_EQ(fault(vaddr + GIB - 8, READ), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(directory, ROOT_VSPACE, vaddr, 0), seL4_DeleteFirst);
    CHECK_ERROR(map(frame, vaddr), seL4_FailedLookup, 0, seL4_MissingCapability, 30);
    CHECK_ERROR(map(huge, vaddr + GIB), seL4_InvalidArgument, 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(huge), 0);
    CHECK_EQ(fault(vaddr, READ), 4);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(directory, ROOT_VSPACE, vaddr, 0), 0);
    CHECK_ERROR(deleteCap(directory), 0);
    CHECK_ERROR(map(huge, vaddr), 0);
    CHECK_ERROR(deleteCap(huge), 0);
    CHECK_EQ(fault(vaddr, READ), 4);
}

/* On machines with a free aligned gigabyte: RAM, zero when made. */
static void testHugeRAM(void)
{
    seL4_CPtr ut = tryUntyped(30), huge = allocSlots(1);
    seL4_Word vaddr = BASE + GIB, i, dirty = 0;

    if (ut == 0)
        return;
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_X64_HugePageObject, 0, ROOT_CNODE, 0, 0, huge, 1), 0);
    CHECK_ERROR(map(huge, vaddr), 0);
    for (i = 0; i < GIB; i += 0x1ff000) {
        dirty |= *(volatile seL4_Word *)(vaddr + i);
        *(volatile seL4_Word *)(vaddr + i) = i + 1;
    }
    CHECK_EQ(dirty, 0);
    CHECK_EQ(*(volatile seL4_Word *)(vaddr + 0x1ff000 * 7), 0x1ff000 * 7 + 1);
    CHECK_ERROR(deleteCap(huge), 0);
    CHECK_ERROR(deleteCap(ut), 0);
}

/* Addresses that no mapping may have, and user code at the edges. */
static void testEdges(void)
{
    static const seL4_Word bad[] = {0x7ffffffff000, 0x800000000000, 0xffff800000000000, 0xffffff8000000000, ~0xfffull};
    seL4_CPtr table = newObject(seL4_X86_PDPTObject, 0), copy = copyCap(frame, seL4_AllRights);
    seL4_Word i;

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_ERROR(map(copy, bad[i]), seL4_InvalidArgument, 0);
    for (i = 1; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK_ERROR(seL4_X86_PDPT_Map(table, ROOT_VSPACE, bad[i], 0), seL4_InvalidArgument, 0);
    CHECK_EQ(fault(0xffffff8000000000, READ), 5);
    CHECK_EQ(fault(0xffffff8000000000, WRITE), 7);
    CHECK(fault(0xffffffff80100000, READ) != 0);
    CHECK(fault(0xffffffff80100000, EXECUTE) != 0);
    CHECK_EQ(fault(0, READ), 4);
    CHECK_EQ(fault(0x7fffffffe000, READ), 4);
    /* The last page that there is. */
    CHECK_ERROR(seL4_X86_PDPT_Map(table, ROOT_VSPACE, 0x7fffffffe000, 0), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(newObject(seL4_X86_PageDirectoryObject, 0), ROOT_VSPACE, 0x7fffffffe000, 0), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(newObject(seL4_X86_PageTableObject, 0), ROOT_VSPACE, 0x7fffffffe000, 0), 0);
    CHECK_ERROR(map(copy, 0x7fffffffe000), 0);
    CHECK_EQ(fault(0x7fffffffeff8, WRITE), 0);
    CHECK_ERROR(deleteCap(copy), 0);
    CHECK_ERROR(deleteCap(table), 0);
}

static void enter(seL4_Word unused1, seL4_Word unused2)
{
    __asm__ volatile("ud2");
}

/* An address space of its own, then without its ASID, then deleted under its running thread. */
static void testOwnSpace(void)
{
    seL4_CPtr pml4 = newObject(seL4_X64_PML4Object, 0), copy;
    seL4_MessageInfo_t info;
    thread_t t;

    newThread(&t, enter, 0, 0, 100, endpoint);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, allocSlots(1), 64, ROOT_CNODE, pml4, 64, seL4_AllRights), seL4_IllegalOperation);
    CHECK_ERROR(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, pml4), 0);
    CHECK_ERROR(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, pml4), seL4_InvalidCapability, 1);
    copy = copyCap(pml4, seL4_AllRights);
    CHECK_ERROR(seL4_TCB_SetSpace(t.tcb, endpoint, ROOT_CNODE, 0, pml4, 0), 0);
    startThread(&t);
    info = seL4_Recv(endpoint, NULL); /* nothing is mapped there */
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_IP), enter);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_Addr), enter);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 0x14);
    CHECK_ERROR(deleteCap(pml4), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    info = seL4_Recv(endpoint, NULL); /* a copy is left: the space lives */
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 0x14);
    CHECK_ERROR(seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), copy, 0, 0), 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, copy, 64), 0);
    CHECK_ERROR(deleteCap(copy), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4).words[0]);
    CHECK_ERROR(seL4_TCB_SetSpace(t.tcb, endpoint, ROOT_CNODE, 0, ROOT_VSPACE, 0), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    CHECK_ERROR(deleteCap(t.tcb), 0);
}

/* With its ASID pool a space goes away, though its tables and capabilities are still there. */
static void testLostPool(void)
{
    seL4_CPtr ut = newUntyped(12), pool = allocSlots(1), space = newObject(seL4_X64_PML4Object, 0);
    seL4_MessageInfo_t info;
    thread_t t;

    CHECK_ERROR(map(frame, BASE), 0);
    *(volatile uint16_t *)BASE = *(const uint16_t *)returns;
    CHECK_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, ut, ROOT_CNODE, pool, 64), 0);
    CHECK_ERROR(seL4_X86_ASIDPool_Assign(pool, space), 0);
    CHECK_ERROR(seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), space, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(newObject(seL4_X86_PageDirectoryObject, 0), space, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(newObject(seL4_X86_PageTableObject, 0), space, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Map(copyCap(frame, seL4_AllRights), space, BASE, seL4_ReadWrite, 0), 0);
    newThread(&t, (void (*)(seL4_Word, seL4_Word))BASE, 0, 0, 100, endpoint);
    CHECK_ERROR(seL4_TCB_SetSpace(t.tcb, endpoint, ROOT_CNODE, 0, space, 0), 0);
    startThread(&t);
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_UserException);
    CHECK_ERROR(deleteCap(pool), 0);
    seL4_Reply(seL4_MessageInfo_new(0, 0, 0, 0));
    info = seL4_Recv(endpoint, NULL);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_IP), BASE);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 0x14);
    CHECK_ERROR(deleteCap(t.tcb), 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
}

/* A frame capability that is mapped in a space which goes away can be mapped elsewhere after an Unmap. */
static void testLostSpace(void)
{
    seL4_CPtr ut = newUntyped(16), slot = allocSlots(4);

    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_X64_PML4Object, 0, ROOT_CNODE, 0, 0, slot, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_X86_PDPTObject, 0, ROOT_CNODE, 0, 0, slot + 1, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_X86_PageDirectoryObject, 0, ROOT_CNODE, 0, 0, slot + 2, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_X86_PageTableObject, 0, ROOT_CNODE, 0, 0, slot + 3, 1), 0);
    CHECK_ERROR(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, slot), 0);
    CHECK_ERROR(seL4_X86_PDPT_Map(slot + 1, slot, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(slot + 2, slot, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(slot + 3, slot, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Map(frame, slot, BASE, seL4_ReadWrite, 0), 0);
    CHECK_ERROR(map(frame, BASE), seL4_InvalidCapability, 1);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
    CHECK_ERROR(map(frame, BASE), 0);
    CHECK_EQ(fault(BASE, WRITE), 0);
    CHECK_ERROR(seL4_X86_Page_Unmap(frame), 0);
}

/* Eight pools of 512: ASID 0 is never used and ASID 1 is ours; what is deleted can be used again. */
static void testASIDLimits(void)
{
    seL4_CPtr ut = newUntyped(15), pools = allocSlots(8), spaces = tryUntyped(21), slot = allocSlots(1), i, bad = 0;
    seL4_CPtr node = newObject(seL4_CapTableObject, 10), uts = allocSlots(8);

    if (spaces == 0)
        return; /* a small machine */
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_UntypedObject, 12, ROOT_CNODE, 0, 0, uts, 8), 0);
    CHECK_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, uts, ROOT_CNODE, ROOT_CNODE, 64), seL4_DeleteFirst);
    CHECK_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, uts, endpoint, slot, 64), seL4_FailedLookup, 0,
                seL4_InvalidRoot);
    for (i = 0; i < 7; i++)
        CHECK_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, uts + i, ROOT_CNODE, pools + i, 64), 0);
    CHECK_ERROR(seL4_X86_ASIDControl_MakePool(seL4_CapASIDControl, uts + 7, ROOT_CNODE, pools + 7, 64), seL4_DeleteFirst);
    CHECK_ERROR(seL4_Untyped_Retype(uts, seL4_EndpointObject, 0, ROOT_CNODE, 0, 0, slot, 1), seL4_NotEnoughMemory, 0);
    CHECK_ERROR(seL4_Untyped_Retype(spaces, seL4_X64_PML4Object, 0, node, 0, 0, 0, 256), 0);
    CHECK_ERROR(seL4_Untyped_Retype(spaces, seL4_X64_PML4Object, 0, node, 0, 0, 256, 256), 0);
    for (i = 0; i < 512; i++) {
        seL4_CNode_Move(ROOT_CNODE, slot, 64, node, i, 10);
        bad += seL4_X86_ASIDPool_Assign(pools, slot) != 0;
        seL4_CNode_Move(node, i, 10, ROOT_CNODE, slot, 64);
    }
    CHECK_EQ(bad, 0);
    CHECK_ERROR(seL4_X86_ASIDPool_Assign(pools, newObject(seL4_X64_PML4Object, 0)), seL4_DeleteFirst);
    CHECK_ERROR(seL4_CNode_Delete(node, 77, 10), 0);
    CHECK_ERROR(seL4_X86_ASIDPool_Assign(pools, newObject(seL4_X64_PML4Object, 0)), 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0); /* with all pools */
    CHECK(isEmptySlot(pools));
    CHECK(isEmptySlot(pools + 6));
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, spaces, 64), 0);
}

void testPaging(void)
{
    endpoint = newObject(seL4_EndpointObject, 0);
    newThread(&toucher, touch, 0, 0, 100, endpoint);
    pdpt = newObject(seL4_X86_PDPTObject, 0);
    pd = newObject(seL4_X86_PageDirectoryObject, 0);
    pt = newObject(seL4_X86_PageTableObject, 0);
    frame = newObject(seL4_X86_4K, 0);
    testLevels();
    testRights();
    testReplace();
    testExecute();
    testAttributes();
    testHuge();
    testHugeRAM();
    testEdges();
    testOwnSpace();
    testLostSpace();
    testLostPool();
    testASIDLimits();
    deleteCap(toucher.tcb);
}
