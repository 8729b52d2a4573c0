/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections 1 and 16 of the ABI: the debug system calls where they exist; elsewhere they are unknown system calls. */
#include "tests/kernel/tests.h"

static volatile seL4_Word result, finished;

static void identify(seL4_Word cap, seL4_Word unused)
{
    result = x64_sys_short((seL4_Word)seL4_SysDebugCapIdentify, cap, 0);
    finished = 1;
    park();
}

static thread_t prober;
static seL4_CPtr faults;

/* Whether the system call exists; its result is then in `result'. */
static bool identifyByThread(seL4_CPtr cap)
{
    finished = 0;
    seL4_TCB_Suspend(prober.tcb);
    prober.context.rdi = cap;
    seL4_TCB_WriteRegisters(prober.tcb, true, 0, 20, &prober.context);
    settle();
    return finished != 0;
}

static void testTags(void)
{
    seL4_CPtr slot = allocSlots(6), asidPool = seL4_CapInitThreadASIDPool;
    const struct {
        seL4_CPtr cap;
        seL4_Word tag;
    } tags[] = {
        {allocSlots(1), 0}, {1ull << 63, 0}, {newUntyped(12), 2}, {newObject(seL4_EndpointObject, 0), 4},
        {newObject(seL4_NotificationObject, 0), 6}, {ROOT_CNODE, 10}, {seL4_CapInitThreadTCB, 12}, {seL4_CapIRQControl, 14},
        {seL4_CapDomain, 20}, {seL4_CapBootInfoFrame, 1}, {newObject(seL4_X86_PageTableObject, 0), 3},
        {newObject(seL4_X86_PageDirectoryObject, 0), 5}, {newObject(seL4_X86_PDPTObject, 0), 7}, {ROOT_VSPACE, 9},
        {seL4_CapASIDControl, 11}, {asidPool, 13}, {seL4_CapIOPortControl, 31}, {slot, 19}, {slot + 1, 16},
        {bootInfo->userImagePaging.start, 7}, {bootInfo->userImagePaging.start + 1, 5}, {bootInfo->userImagePaging.start + 2, 3},
        {bootInfo->extraBIPages.start, 1}, {bootInfo->userImageFrames.start, 1}, {seL4_CapInitThreadIPCBuffer, 1},
        {bootInfo->untyped.start, 2}, {seL4_CapIOSpace, 0}, {seL4_CapSMC, 0}, {seL4_CapInitThreadSC, 0},
        {seL4_CapSMMUSIDControl, 0}, {seL4_CapSMMUCBControl, 0}, {0, 0},
    };
    seL4_Word i;

    CHECK_ERROR(seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x2000, 0x2000, ROOT_CNODE, slot, 64), 0);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, slot + 1, 64, 0, 0, 0, 0, 91), 0);
    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
        CHECK_EQ(seL4_DebugCapIdentify(tags[i].cap), tags[i].tag);
    deleteCap(slot);
    deleteCap(slot + 1);
}

static void testUnknown(void)
{
    static const int64_t numbers[] = {-9, -10, -11, -12, -13, -14};
    seL4_Word i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        seL4_TCB_Suspend(prober.tcb);
        prober.context.rip = (seL4_Word)probeInstruction;
        prober.context.rdx = (seL4_Word)numbers[i];
        seL4_TCB_WriteRegisters(prober.tcb, true, 0, 20, &prober.context);
        settle();
        CHECK_EQ(seL4_NBRecv(faults, NULL).words[0], seL4_MessageInfo_new(seL4_Fault_UnknownSyscall, 0, 0, 19).words[0]);
        CHECK_EQ(seL4_GetMR(seL4_UnknownSyscall_Syscall), (seL4_Word)numbers[i]);
    }
}

void testDebugCalls(void)
{
    faults = newObject(seL4_EndpointObject, 0);
    newThread(&prober, identify, 0, 0, 100, faults);
    if (!identifyByThread(seL4_CapInitThreadTCB)) {
        testUnknown();
        return;
    }
    CHECK_EQ(result, 12);
    testTags();
    seL4_DebugPutString("written by DebugPutChar\n");
    seL4_DebugNameThread(prober.tcb, "prober");
    seL4_DebugNameThread(faults, "no thread");
    seL4_DebugSnapshot();
    seL4_DebugDumpScheduler();
}
