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

void testUntyped(void)
{
    testArguments();
    testPlacement();
    testZeroing();
    testLarge();
    testDevice();
    testCopy();
}
