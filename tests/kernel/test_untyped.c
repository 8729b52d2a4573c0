/* SPDX-License-Identifier: BSD-2-Clause */
/* Untyped_Retype: arguments, errors, placement, zeroing, reuse. */
#include "tests/kernel/tests.h"

static seL4_CPtr ut;

static seL4_Error retype(seL4_Word type, seL4_Word bits, seL4_Word depth, seL4_Word offset, seL4_Word n)
{
    return seL4_Untyped_Retype(ut, type, bits, ROOT_CNODE, ROOT_CNODE, depth, offset, n);
}

static void testArguments(void)
{
    seL4_CPtr slot = allocSlots(4);
    seL4_Word slots = 1ull << bootInfo->initThreadCNodeSizeBits;

    ut = newUntyped(16);
    CHECK_EQ(retype(12, 0, 0, slot, 1), seL4_InvalidArgument);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(retype(seL4_UntypedObject, 64, 0, slot, 1), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(seL4_GetMR(1), 47);
    CHECK_EQ(retype(seL4_UntypedObject, 48, 0, slot, 1), seL4_RangeError);
    CHECK_EQ(retype(seL4_CapTableObject, 43, 0, slot, 1), seL4_RangeError);
    CHECK_EQ(retype(seL4_CapTableObject, 0, 0, slot, 1), seL4_InvalidArgument);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(retype(seL4_UntypedObject, 3, 0, slot, 1), seL4_InvalidArgument);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slots, 1), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), slots - 1);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot, 0), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), 256);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot, 257), seL4_RangeError);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slots - 2, 3), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), 2);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, 1, 1), seL4_DeleteFirst);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 65, slot, 1), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), 64);
    CHECK_EQ(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ut, 0, 0, slot, 1), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(seL4_GetMR(1), seL4_MissingCapability);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 64, slot, 1), 0);
    CHECK_EQ(retype(seL4_UntypedObject, 17, 0, slot + 1, 1), seL4_NotEnoughMemory);
    CHECK_EQ(seL4_GetMR(0), 65536 - 16);
    CHECK_EQ(seL4_Invoke(ut, UntypedRetype, 0, 6, 0, 4, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK_EQ(seL4_Invoke(ut, UntypedRetype, 0, 5, 0, 4, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK_EQ(seL4_Invoke(ut, TCBSuspend, 0, 0, 0, 0, 0, 0, NULL), seL4_IllegalOperation);
}

static void testPlacement(void)
{
    seL4_CPtr slot = allocSlots(8);
    seL4_Word first;

    ut = newUntyped(16);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot, 1), 0);
    CHECK_EQ(retype(seL4_X86_4K, 0, 0, slot + 1, 2), 0);
    first = seL4_X86_Page_GetAddress(slot + 1).paddr;
    CHECK_EQ(first & 4095, 0);
    CHECK_EQ(seL4_X86_Page_GetAddress(slot + 2).paddr, first + 4096);
    CHECK_EQ(retype(seL4_UntypedObject, 14, 0, slot + 3, 1), 0);
    CHECK_EQ(retype(seL4_X86_4K, 0, 0, slot + 4, 1), 0);
    CHECK_EQ(seL4_X86_Page_GetAddress(slot + 4).paddr, first - 4096 + 32768);
    CHECK_EQ(retype(seL4_X86_LargePageObject, 0, 0, slot + 5, 1), seL4_NotEnoughMemory);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, slot + 5, 64, ROOT_CNODE, ut, 64, seL4_AllRights), seL4_RevokeFirst);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    CHECK_EQ(retype(seL4_X86_4K, 0, 0, slot + 1, 1), 0);
    CHECK_EQ(seL4_X86_Page_GetAddress(slot + 1).paddr, first - 4096);
}

/* Memory that was used comes back zero. */
static void testZeroing(void)
{
    seL4_CPtr slot = allocSlots(2);
    seL4_Word vaddr = allocPages(1), i, dirty = 0;
    volatile seL4_Word *p = (volatile seL4_Word *)vaddr;

    ut = newUntyped(12);
    CHECK_EQ(retype(seL4_X86_4K, 0, 0, slot, 1), 0);
    CHECK_EQ(seL4_X86_Page_Map(slot, ROOT_VSPACE, vaddr, seL4_ReadWrite, 0), 0);
    for (i = 0; i < 512; i++)
        p[i] = ~i;
    CHECK_EQ(seL4_CNode_Delete(ROOT_CNODE, slot, 64), 0);
    CHECK_EQ(retype(seL4_X86_4K, 0, 0, slot, 1), 0);
    CHECK_EQ(seL4_X86_Page_Map(slot, ROOT_VSPACE, vaddr, seL4_ReadWrite, 0), 0);
    for (i = 0; i < 512; i++)
        dirty += p[i] != 0;
    CHECK_EQ(dirty, 0);
}

/* 16 MiB in one call: longer than a tick, so it is preempted and repeated. */
static void testLarge(void)
{
    seL4_CPtr slot = allocSlots(9);
    seL4_Word vaddr = 0x30000000000ull, i, round, dirty = 0;

    ut = tryUntyped(24);
    if (ut == 0)
        return; /* a small machine */
    seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), ROOT_VSPACE, vaddr, 0);
    seL4_X86_PageDirectory_Map(newObject(seL4_X86_PageDirectoryObject, 0), ROOT_VSPACE, vaddr, 0);
    for (round = 0; round < 2; round++) {
        CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot, 1), 0);
        CHECK_EQ(retype(seL4_X86_LargePageObject, 0, 0, slot + 1, 8), seL4_NotEnoughMemory);
        CHECK_EQ(retype(seL4_X86_LargePageObject, 0, 0, slot + 1, 7), 0);
        for (i = 0; i < 7; i++)
            CHECK_EQ(seL4_X86_Page_Map(slot + 1 + i, ROOT_VSPACE, vaddr + (i << 21), seL4_ReadWrite, 0), 0);
        for (i = 0; i < 7ull << 21; i += 512) {
            dirty += *(volatile seL4_Word *)(vaddr + i) != 0;
            *(volatile seL4_Word *)(vaddr + i) = i + 1;
        }
        CHECK_EQ(dirty, 0);
        CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    }
}

static void testDevice(void)
{
    seL4_CPtr slot = allocSlots(2);
    seL4_Word i, n = bootInfo->untyped.end - bootInfo->untyped.start;

    for (i = 0; i < n && !(bootInfo->untypedList[i].isDevice && bootInfo->untypedList[i].paddr <= 0xb8000 &&
                           bootInfo->untypedList[i].paddr + (1ull << bootInfo->untypedList[i].sizeBits) > 0xb8000);
         i++)
        ;
    CHECK(i < n);
    ut = bootInfo->untyped.start + i;
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot, 1), seL4_InvalidArgument);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(retype(seL4_X86_4K, 0, 0, slot, 1), 0);
    CHECK_EQ(seL4_TCB_SetIPCBuffer(seL4_CapInitThreadTCB, 0x1000, slot), seL4_IllegalOperation);
}

/* A copy of an untyped takes its memory over. */
static void testCopy(void)
{
    seL4_CPtr slot = allocSlots(3);

    ut = newUntyped(12);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, slot, 64, ROOT_CNODE, ut, 64, seL4_AllRights), 0);
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot + 1, 1), seL4_NotEnoughMemory);
    CHECK_EQ(seL4_GetMR(0), 0);
    ut = slot;
    CHECK_EQ(retype(seL4_EndpointObject, 0, 0, slot + 1, 1), 0);
}

/* The size of every object, by what is left of the untyped; size_bits matters for two types only. */
static void testSizes(void)
{
    static const struct {
        uint8_t type, sizeBits, bits;
    } table[] = {
        {seL4_UntypedObject, 4, 4}, {seL4_UntypedObject, 13, 13}, {seL4_TCBObject, 63, seL4_TCBBits}, {seL4_EndpointObject, 63, 4},
        {seL4_NotificationObject, 1, 5}, {seL4_CapTableObject, 1, 6}, {seL4_CapTableObject, 8, 13}, {seL4_X86_PDPTObject, 3, 12},
        {seL4_X64_PML4Object, 0, 12}, {seL4_X86_4K, 9, 12}, {seL4_X86_PageTableObject, 0, 12}, {seL4_X86_PageDirectoryObject, 0, 12},
    };
    seL4_CPtr slot = allocSlots(2);
    seL4_Word i;

    ut = newUntyped(14);
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        CHECK_ERROR(retype(table[i].type, table[i].sizeBits, 0, slot, 1), 0);
        CHECK_ERROR(retype(seL4_UntypedObject, 14, 0, slot + 1, 1), seL4_NotEnoughMemory, 16384 - (1ull << table[i].bits));
        CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    }
    CHECK_ERROR(retype(seL4_X86_LargePageObject, 0, 0, slot, 1), seL4_NotEnoughMemory, 16384);
    CHECK_ERROR(retype(seL4_X64_HugePageObject, 0, 0, slot, 1), seL4_NotEnoughMemory, 16384);
    CHECK_ERROR(retype(seL4_EndpointObject, 64, 0, slot, 1), seL4_RangeError, 0, 47);
    CHECK_ERROR(retype(seL4_CapTableObject, ~0ull, 0, slot, 1), seL4_RangeError, 0, 47);
    CHECK_ERROR(retype(~0ull, 0, 0, slot, 1), seL4_InvalidArgument, 0);
    CHECK_ERROR(retype(seL4_EndpointObject, 0, 0, slot, ~0ull), seL4_RangeError, 1, 256);
    CHECK_ERROR(retype(seL4_EndpointObject, 0, 0, ~0ull, 1), seL4_RangeError, 0,
                (1ull << bootInfo->initThreadCNodeSizeBits) - 1);
}

/* Destinations: a CNode given, one named below it, and what is none. */
static void testDestination(void)
{
    seL4_CPtr node = newObject(seL4_CapTableObject, 9), slot = allocSlots(1), i, bad = 0;

    ut = newUntyped(13);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, node, 0, 0, 512, 1), seL4_RangeError, 0, 511);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, node, 0, 0, 257, 256), seL4_RangeError, 1, 255);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ROOT_CNODE, node, 64, 256, 256), 0);
    for (i = 256; i < 512; i++)
        bad += seL4_CNode_Copy(node, i, 9, ROOT_CNODE, ut, 64, seL4_AllRights) != seL4_DeleteFirst;
    CHECK_EQ(bad, 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, node, 0, 0, 255, 2), seL4_DeleteFirst);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, node, 0, 0, 255, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ROOT_CNODE, node, 63, 0, 1), seL4_FailedLookup, 0,
                seL4_DepthMismatch, 63, 64);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ROOT_CNODE, slot, 64, 0, 1), seL4_FailedLookup, 0,
                seL4_MissingCapability, 64);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ROOT_CNODE, ut, 64, 0, 1), seL4_FailedLookup, 0,
                seL4_MissingCapability, 64);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, slot, 0, 0, 0, 1), seL4_FailedLookup, 0,
                seL4_MissingCapability, 0);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ut, 5, 64, 0, 1), seL4_FailedLookup, 0, seL4_InvalidRoot);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    CHECK_ERROR(seL4_CNode_Copy(node, 300, 9, ROOT_CNODE, ut, 64, seL4_AllRights), 0); /* all of them are gone */
}

/* Children of children: revoking the top takes everything, deleting the top leaves the rest alive. */
static void testFamilies(void)
{
    seL4_CPtr slot = allocSlots(6);
    seL4_Word badge;

    ut = newUntyped(14);
    CHECK_ERROR(retype(seL4_UntypedObject, 12, 0, slot, 2), 0);
    CHECK_ERROR(seL4_Untyped_Retype(slot, seL4_NotificationObject, 0, ROOT_CNODE, 0, 0, slot + 2, 2), 0);
    CHECK_ERROR(seL4_Untyped_Retype(slot + 1, seL4_EndpointObject, 0, ROOT_CNODE, 0, 0, slot + 4, 1), 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, slot, 64), 0);
    CHECK(isEmptySlot(slot + 2));
    CHECK(isEmptySlot(slot + 3));
    CHECK(!isEmptySlot(slot + 4));
    CHECK_ERROR(seL4_Untyped_Retype(slot, seL4_NotificationObject, 0, ROOT_CNODE, 0, 0, slot + 2, 1), 0);
    CHECK_ERROR(deleteCap(slot), 0); /* its child now hangs below ut */
    seL4_Signal(slot + 2);
    seL4_Poll(slot + 2, &badge);
    CHECK_ERROR(retype(seL4_UntypedObject, 14, 0, slot, 1), seL4_NotEnoughMemory, 8192);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, ut, 64), 0);
    CHECK(isEmptySlot(slot + 1));
    CHECK(isEmptySlot(slot + 2));
    CHECK(isEmptySlot(slot + 4));
    CHECK_ERROR(retype(seL4_UntypedObject, 14, 0, slot, 1), 0);
}

/* Every object of used memory starts as new: nothing of the page that was there before shows. */
static void testFresh(void)
{
    static const uint8_t types[] = {seL4_TCBObject, seL4_EndpointObject, seL4_NotificationObject, seL4_CapTableObject,
                                    seL4_X86_PDPTObject, seL4_X64_PML4Object, seL4_X86_PageTableObject};
    seL4_CPtr slot = allocSlots(1);
    seL4_Word vaddr = allocPages(1), i, j, badge;
    volatile seL4_Word *p = (volatile seL4_Word *)vaddr;
    seL4_UserContext context;

    ut = newUntyped(12);
    for (i = 0; i < sizeof(types); i++) {
        CHECK_ERROR(retype(seL4_X86_4K, 0, 0, slot, 1), 0);
        CHECK_ERROR(seL4_X86_Page_Map(slot, ROOT_VSPACE, vaddr, seL4_ReadWrite, 0), 0);
        for (j = 0; j < 512; j++)
            p[j] = ~0ull;
        CHECK_ERROR(deleteCap(slot), 0);
        CHECK_ERROR(retype(types[i], 4, 0, slot, 1), 0);
        if (types[i] == seL4_TCBObject) {
            CHECK_ERROR(seL4_TCB_ReadRegisters(slot, false, 0, 20, &context), 0);
            CHECK_EQ(context.r13 | context.rip | context.fs_base, 0);
            CHECK_ERROR(seL4_TCB_UnbindNotification(slot), seL4_IllegalOperation);
        } else if (types[i] == seL4_CapTableObject) {
            CHECK_ERROR(seL4_CNode_Copy(slot, 15, 4, ROOT_CNODE, ut, 64, seL4_AllRights), seL4_RevokeFirst);
            CHECK_ERROR(seL4_CNode_Copy(slot, 15, 4, ROOT_CNODE, ROOT_CNODE, 64, seL4_AllRights), 0);
        } else if (types[i] == seL4_EndpointObject || types[i] == seL4_NotificationObject) {
            seL4_NBRecv(slot, &badge);
            CHECK_EQ(badge, 0);
        }
        CHECK_ERROR(deleteCap(slot), 0);
    }
}

void testUntyped(void)
{
    testSizes();
    testDestination();
    testFamilies();
    testFresh();
    testArguments();
    testPlacement();
    testZeroing();
    testLarge();
    testDevice();
    testCopy();
}
