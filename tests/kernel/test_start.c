/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections 11 and 12 of the ABI: what the root task finds when it starts. */
#include "tests/kernel/tests.h"

extern const char _start[];

static seL4_Word zeroed[4096];
static seL4_Word initialised[2] = {0x1122334455667788, 42};

static void testRegisters(void)
{
    const seL4_Word *words = (const seL4_Word *)&startContext;
    seL4_Word i;

    for (i = 3; i < 18; i++)
        CHECK_EQ(words[i], i == 8 ? (seL4_Word)bootInfo : 0);
    CHECK_EQ(startContext.rsp, 0);
    CHECK_EQ(startContext.rflags, 0x202);
    CHECK_EQ(startVectors[0] & 0xffff, 0x37f);
    CHECK_EQ(startVectors[1], 0x1f80);
    for (i = 4; i < 12; i++)
        CHECK_EQ(startVectors[i], 0);
}

/* The memory image: data as in the file, the rest zero, every page writable. */
static void testImage(void)
{
    seL4_Word i, dirty = 0, first = *(volatile const seL4_Word *)_start;

    for (i = 0; i < 4096; i++)
        dirty |= zeroed[i];
    CHECK_EQ(dirty, 0);
    CHECK_EQ(initialised[0], 0x1122334455667788);
    CHECK_EQ(initialised[1], 42);
    *(volatile seL4_Word *)_start = first; /* text is writable: segment flags are ignored */
    CHECK_EQ(*(volatile const seL4_Word *)_start, first);
}

/* One capability per page of the image, ascending, contiguous in memory; the pages before the first are not mapped. */
static void testImageFrames(void)
{
    seL4_Word n = bootInfo->userImageFrames.end - bootInfo->userImageFrames.start, i;
    seL4_Word vaddr = (seL4_Word)bootInfo->ipcBuffer - (n << 12), first;

    CHECK_EQ(vaddr, 0x400000);
    first = seL4_X86_Page_GetAddress(bootInfo->userImageFrames.start).paddr;
    CHECK_EQ(first & 4095, 0);
    for (i = 1; i < n; i++)
        CHECK_EQ(seL4_X86_Page_GetAddress(bootInfo->userImageFrames.start + i).paddr, first + (i << 12));
    /* A mapped frame stays at its address: so the address is the recorded one. */
    CHECK_ERROR(seL4_X86_Page_Map(bootInfo->userImageFrames.start, ROOT_VSPACE, vaddr + 4096, seL4_ReadWrite, 0),
                seL4_InvalidArgument, 0);
    CHECK_ERROR(seL4_X86_Page_Map(bootInfo->userImageFrames.start, ROOT_VSPACE, vaddr, seL4_ReadWrite, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Map(bootInfo->userImageFrames.end - 1, ROOT_VSPACE, vaddr + ((n - 1) << 12),
                                  seL4_ReadWrite, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Map(bootInfo->extraBIPages.start, ROOT_VSPACE, (seL4_Word)bootInfo + 4096,
                                  seL4_ReadWrite, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Map(seL4_CapBootInfoFrame, ROOT_VSPACE, (seL4_Word)bootInfo, seL4_ReadWrite, 0), 0);
    CHECK_ERROR(seL4_X86_Page_Map(seL4_CapInitThreadIPCBuffer, ROOT_VSPACE, (seL4_Word)bootInfo->ipcBuffer,
                                  seL4_ReadWrite, 0), 0);
}

/* PDPT, PD and PT of the image, in this order; a table has no map invocation but its own. */
static void testTables(void)
{
    seL4_CPtr first = bootInfo->userImagePaging.start;

    CHECK_EQ(bootInfo->userImagePaging.end - first, 3);
    CHECK_ERROR(seL4_X86_PDPT_Map(first, ROOT_VSPACE, 0, 0), seL4_InvalidCapability, 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(first + 1, ROOT_VSPACE, 0, 0), seL4_InvalidCapability, 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(first + 2, ROOT_VSPACE, 0, 0), seL4_InvalidCapability, 0);
}

/* Each fixed slot by an invocation that only its type answers so. */
static void testFixedSlots(void)
{
    seL4_CPtr free = allocSlots(1);

    CHECK_ERROR(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB), seL4_IllegalOperation);
    CHECK_ERROR(seL4_TCB_SetTLSBase(seL4_CapInitThreadTCB, 0), 0);
    CHECK_ERROR(seL4_CNode_Delete(seL4_CapInitThreadCNode, free, 64), 0);
    CHECK_ERROR(seL4_CNode_Delete(seL4_CapInitThreadCNode, 1ull << bootInfo->initThreadCNodeSizeBits, 64),
                seL4_FailedLookup, 0, seL4_GuardMismatch, 64, 0, 64 - bootInfo->initThreadCNodeSizeBits);
    CHECK_ERROR(seL4_Invoke(seL4_CapInitThreadVSpace, X86PDPTMap, 0, 0, 0, 0, 0, 0, NULL), seL4_IllegalOperation);
    CHECK_ERROR(seL4_Invoke(seL4_CapIRQControl, X86IRQIssueIRQHandlerMSI, 0, 0, 0, 0, 0, 0, NULL),
                seL4_TruncatedMessage);
    CHECK_ERROR(seL4_Invoke(seL4_CapASIDControl, X86ASIDControlMakePool, 0, 0, 0, 0, 0, 0, NULL),
                seL4_TruncatedMessage);
    CHECK_ERROR(seL4_Invoke(seL4_CapInitThreadASIDPool, X86ASIDPoolAssign, 0, 0, 0, 0, 0, 0, NULL),
                seL4_TruncatedMessage);
    CHECK_ERROR(seL4_Invoke(seL4_CapIOPortControl, X86IOPortControlIssue, 0, 0, 0, 0, 0, 0, NULL),
                seL4_TruncatedMessage);
    CHECK_ERROR(seL4_Invoke(seL4_CapDomain, DomainSetSet, 0, 0, 0, 0, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK(isEmptySlot(seL4_CapIOSpace));
    CHECK(isEmptySlot(seL4_CapSMMUSIDControl));
    CHECK(isEmptySlot(seL4_CapSMMUCBControl));
    CHECK(isEmptySlot(seL4_CapInitThreadSC));
    CHECK(isEmptySlot(seL4_CapSMC));
    CHECK(isEmptySlot(seL4_CapNull));
}

/* Every slot of the untyped region is an untyped; behind it all is empty. */
static void testUntypedSlots(void)
{
    seL4_CPtr slot;

    for (slot = bootInfo->untyped.start; slot < bootInfo->untyped.end; slot++)
        CHECK_ERROR(seL4_Invoke(slot, UntypedRetype, 0, 0, 0, 0, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK(isEmptySlot(bootInfo->empty.end - 1));
    CHECK(isEmptySlot(bootInfo->empty.end - 500));
}

/* The initial capabilities are originals: with their copies revoked they are still there.  The thread holds copies of
 * CSpace, address space and buffer itself, so only the others can be tried. */
static void testOriginals(void)
{
    static const seL4_CPtr slots[] = {seL4_CapASIDControl, seL4_CapInitThreadASIDPool, seL4_CapBootInfoFrame,
                                      seL4_CapDomain};
    seL4_Word i;

    for (i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        seL4_CPtr copy = copyCap(slots[i], seL4_AllRights);

        CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, slots[i], 64), 0);
        CHECK(isEmptySlot(copy));
        CHECK(!isEmptySlot(slots[i]));
    }
}

/* The root thread has priority and MCP 255 and no reply capability. */
static void testThread(void)
{
    seL4_CPtr slot = allocSlots(1);

    CHECK_ERROR(seL4_TCB_SetPriority(newObject(seL4_TCBObject, 0), seL4_CapInitThreadTCB, 255), 0);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, slot, 64), 0);
    CHECK(isEmptySlot(slot));
    CHECK_EQ(seL4_TCB_SetFlags(seL4_CapInitThreadTCB, 0, 0).flags, 0);
}

void testStart(void)
{
    testRegisters();
    testImage();
    testImageFrames();
    testTables();
    testFixedSlots();
    testUntypedSlots();
    testOriginals();
    testThread();
}
