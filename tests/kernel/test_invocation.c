/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invocation table of section 5 of the ABI: which labels an object knows, how many message registers and extra
 * capabilities each needs, and the shape of success and error replies.
 */
#include "tests/kernel/tests.h"

enum { Untyped, TCB, CNode, IRQControl, IRQHandler, Domain, PDPT, PD, PT, Frame, PML4, ASIDControl, ASIDPool, IOPortControl,
       IOPort, objectKinds };

static seL4_CPtr objects[objectKinds];

/* Labels in order from 1: object, message registers, extra capabilities. */
static const struct {
    uint8_t object, mrs, caps;
} table[] = {
    {Untyped, 6, 1}, {TCB, 2, 0}, {TCB, 2, 0}, {TCB, 1, 1}, {TCB, 4, 3}, {TCB, 1, 1}, {TCB, 1, 1}, {TCB, 2, 1}, {TCB, 1, 1},
    {TCB, 3, 2}, {TCB, 0, 0}, {TCB, 0, 0}, {TCB, 0, 1}, {TCB, 0, 0}, {TCB, 1, 0}, {TCB, 2, 0}, {CNode, 2, 0}, {CNode, 2, 0},
    {CNode, 2, 0}, {CNode, 5, 1}, {CNode, 6, 1}, {CNode, 4, 1}, {CNode, 5, 1}, {CNode, 8, 2}, {CNode, 2, 0},
    {IRQControl, 3, 1}, {IRQHandler, 0, 0}, {IRQHandler, 0, 1}, {IRQHandler, 0, 0}, {Domain, 1, 1}, {Domain, 3, 0},
    {Domain, 1, 0}, {PDPT, 2, 1}, {PDPT, 0, 0}, {PD, 2, 1}, {PD, 0, 0}, {PT, 2, 1}, {PT, 0, 0}, {Frame, 3, 1}, {Frame, 0, 0},
    {Frame, 0, 0}, {ASIDControl, 2, 2}, {ASIDPool, 0, 1}, {IOPortControl, 4, 1}, {IOPort, 1, 0}, {IOPort, 1, 0},
    {IOPort, 1, 0}, {IOPort, 2, 0}, {IOPort, 2, 0}, {IOPort, 2, 0}, {IRQControl, 7, 1}, {IRQControl, 7, 1},
};
#define LABELS (sizeof(table) / sizeof(table[0]))

static seL4_CPtr emptySlot, target;

static void makeObjects(void)
{
    emptySlot = allocSlots(1);
    objects[Untyped] = newUntyped(12);
    objects[TCB] = newObject(seL4_TCBObject, 0);
    objects[CNode] = ROOT_CNODE;
    objects[IRQControl] = seL4_CapIRQControl;
    objects[IRQHandler] = allocSlots(1);
    objects[Domain] = seL4_CapDomain;
    objects[PDPT] = newObject(seL4_X86_PDPTObject, 0);
    objects[PD] = newObject(seL4_X86_PageDirectoryObject, 0);
    objects[PT] = newObject(seL4_X86_PageTableObject, 0);
    objects[Frame] = newObject(seL4_X86_4K, 0);
    objects[PML4] = newObject(seL4_X64_PML4Object, 0);
    objects[ASIDControl] = seL4_CapASIDControl;
    objects[ASIDPool] = seL4_CapInitThreadASIDPool;
    objects[IOPortControl] = seL4_CapIOPortControl;
    objects[IOPort] = allocSlots(1);
    target = newObject(seL4_EndpointObject, 0);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, objects[IRQHandler], 64, 0, 0, 0, 0, 90), 0);
    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x1000, 0x1003, ROOT_CNODE, objects[IOPort], 64), 0);
}

/* An invocation with plausible arguments, of which too few may be announced. */
static seL4_Error invoke(seL4_CPtr object, seL4_Word label, seL4_Word mrs, seL4_Word caps)
{
    seL4_Word i;

    for (i = 0; i < 3; i++)
        seL4_SetCap((int)i, object == ROOT_CNODE ? ROOT_CNODE : target);
    for (i = 4; i < 24; i++)
        seL4_SetMR((int)i, 1);
    return seL4_Invoke(object, label, caps, mrs, object == seL4_CapDomain ? 0 : emptySlot, 64, target, 64, NULL);
}

static void testForeignLabels(void)
{
    seL4_Word kind, label;

    for (kind = 0; kind < objectKinds; kind++) {
        for (label = 0; label <= LABELS + 3; label++) {
            if (label < 1 || label > LABELS || table[label - 1].object != kind)
                CHECK_ERROR(invoke(objects[kind], label, 20, 3), seL4_IllegalOperation);
        }
        CHECK_ERROR(invoke(objects[kind], 0xfffffffffffff, 20, 3), seL4_IllegalOperation);
    }
}

static void testTruncated(void)
{
    seL4_Word label;

    for (label = 1; label <= LABELS; label++) {
        seL4_CPtr object = objects[table[label - 1].object];
        seL4_Word mrs = table[label - 1].mrs, caps = table[label - 1].caps;

        if (mrs != 0)
            CHECK_ERROR(invoke(object, label, mrs - 1, 3), seL4_TruncatedMessage);
        if (mrs != 0)
            CHECK_ERROR(invoke(object, label, 0, 0), seL4_TruncatedMessage);
        if (caps != 0)
            CHECK_ERROR(invoke(object, label, 20, caps - 1), seL4_TruncatedMessage);
    }
    CHECK_ERROR(seL4_IRQControl_Get(seL4_CapIRQControl, 1, ROOT_CNODE, emptySlot, 64), seL4_IllegalOperation);
    CHECK_ERROR(seL4_Invoke(objects[TCB], TCBWriteRegisters, 0, 21, 0, 20, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK_ERROR(seL4_Invoke(objects[TCB], TCBWriteRegisters, 0, 4, 0, ~0ull, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK(isEmptySlot(emptySlot));
}

/* Sends through the probe and checks what comes back in RDI, RSI and the message registers. */
static void reply(seL4_CPtr object, seL4_Word label, seL4_Word mrs, seL4_Word mr0, seL4_Word mr1, seL4_Word info)
{
    seL4_SetCap(0, objects[Frame]);
    seL4_SetCap(1, ROOT_CNODE);
    probeContext = (seL4_UserContext){.rdx = (seL4_Word)seL4_SysCall, .rdi = object, .r10 = mr0, .r8 = mr1, .r9 = 77,
                                      .r15 = 88, .rsi = seL4_MessageInfo_new(label, 5, 2, mrs).words[0]};
    probeSyscall();
    CHECK_EQ(probeContext.rdi, 0);
    CHECK_EQ(probeContext.rsi, info);
    if ((info & 127) < 1)
        CHECK_EQ(probeContext.r10, mr0);
    if ((info & 127) < 2)
        CHECK_EQ(probeContext.r8, mr1);
    if ((info & 127) < 3)
        CHECK_EQ(probeContext.r9, 77);
    if ((info & 127) < 4)
        CHECK_EQ(probeContext.r15, 88);
}

static seL4_Word error(seL4_Error code, seL4_Word words)
{
    return seL4_MessageInfo_new(code, 0, 0, words).words[0];
}

static void testReplies(void)
{
    seL4_CPtr full = allocSlots(1);

    reply(objects[TCB], TCBSuspend, 0, 5, 6, 0);
    reply(objects[TCB], TCBSetFlags, 2, 0, 1, error(0, 1));
    CHECK_EQ(probeContext.r10, 1);
    reply(objects[Frame], X86PageGetAddress, 0, 5, 6, error(0, 1));
    reply(seL4_CapDomain, DomainSetSet, 1, 9999, 6, error(seL4_InvalidArgument, 1));
    CHECK_EQ(probeContext.r10, 0);
    reply(objects[TCB], TCBSetPriority, 1, 5, 6, error(seL4_InvalidCapability, 1));
    CHECK_EQ(probeContext.r10, 1);
    reply(objects[TCB], CNodeCopy, 1, 5, 6, error(seL4_IllegalOperation, 0));
    reply(objects[TCB], TCBReadRegisters, 2, 0, 21, error(seL4_RangeError, 2));
    CHECK_EQ(probeContext.r10, 1);
    CHECK_EQ(probeContext.r8, 20);
    reply(objects[TCB], TCBSetIPCBuffer, 1, 1025, 6, error(seL4_AlignmentError, 0));
    reply(ROOT_CNODE, CNodeDelete, 2, 1ull << 63, 64, error(seL4_FailedLookup, 5));
    reply(ROOT_CNODE, CNodeDelete, 2, 0, 63, error(seL4_FailedLookup, 4));
    reply(objects[TCB], TCBSetIPCBuffer, 0, 1025, 6, error(seL4_TruncatedMessage, 0));
    reply(ROOT_CNODE, CNodeSaveCaller, 2, objects[TCB], 64, error(seL4_DeleteFirst, 0));
    CHECK_ERROR(seL4_Untyped_Retype(objects[Untyped], seL4_UntypedObject, 13, ROOT_CNODE, 0, 0, full, 1),
                seL4_NotEnoughMemory, 4096);
}

/* Without a reply: Send and NBSend invoke too, and change no register. */
static void testSendInvokes(void)
{
    static const seL4_Word calls[] = {(seL4_Word)seL4_SysSend, (seL4_Word)seL4_SysNBSend};
    seL4_Word i;

    for (i = 0; i < 2; i++) {
        probeContext = (seL4_UserContext){.rdx = calls[i], .rdi = objects[TCB], .r10 = 0, .r8 = 1, .r9 = 3, .r15 = 4,
                                          .rsi = seL4_MessageInfo_new(TCBSetFlags, 0, 0, 2).words[0]};
        probeSyscall();
        CHECK_EQ(probeContext.rdi, objects[TCB]);
        CHECK_EQ(probeContext.rsi, seL4_MessageInfo_new(TCBSetFlags, 0, 0, 2).words[0]);
        CHECK_EQ(probeContext.r10, 0);
        CHECK_EQ(probeContext.r8, 1);
        CHECK_EQ(seL4_TCB_SetFlags(objects[TCB], 1, 0).flags, 0);
        CHECK_EQ(seL4_TCB_SetFlags(objects[TCB], 0, 1).flags, 1);
        probeContext.r8 = 0;
        probeContext.r10 = 1;
        probeSyscall();
        CHECK_EQ(seL4_TCB_SetFlags(objects[TCB], 0, 0).flags, 0);
        probeContext.rdi = emptySlot; /* resolvable, null: an error that nobody hears of */
        probeSyscall();
        CHECK_EQ(probeContext.rdi, emptySlot);
    }
}

void testInvocations(void)
{
    makeObjects();
    testForeignLabels();
    testTruncated();
    testReplies();
    testSendInvokes();
    deleteCap(objects[IRQHandler]);
    deleteCap(objects[IOPort]);
}
