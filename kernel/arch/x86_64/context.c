/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of a thread that the CPU holds while it is current: FS and GS base, vector state, address space.
 *
 * Vector state stays in the CPU until a thread that may use it and is not its owner runs.  While a thread with the
 * fpuDisabled flag runs, CR0.TS is set, so switching to a server that uses no vectors and back moves no state.
 */
#include "kernel/arch/x86_64/context.h"

#include "kernel/include/extensions.h"

tcb_t *x64KSFPUOwner;
bool_t x64KSTaskSwitched;
pptr_t ksCurVSpace;

word_t sanitiseRegister(word_t reg, word_t value)
{
    switch (reg) {
    case RegFLAGS:
        /* Bit 1 and IF are set; bits 3 and 5, everything from 12 on, and TF unless it is an extension are cleared. */
        return (value & ((MASK(12) & ~(BIT(8) | BIT(3) | BIT(5))) | EXTENSION_FLAGS)) | BIT(1) | BIT(9);
    case RegFaultIP:
    case RegFS_BASE:
    case RegGS_BASE:
        return (word_t)((int64_t)(value << 16) >> 16) == value ? value : 0;
    default:
        return value;
    }
}

/* The memory of the thread is zero. */
void Arch_initContext(tcb_t *thread)
{
    thread->registers[RegFLAGS] = BIT(1) | BIT(9);
    *(uint16_t *)&thread->fpuState[0] = 0x37f;   /* x87 control word */
    *(uint32_t *)&thread->fpuState[24] = 0x1f80; /* MXCSR */
}

void Arch_saveLiveRegisters(tcb_t *thread)
{
    saveSegmentBases(thread);
}

void Arch_loadLiveRegisters(tcb_t *thread)
{
    loadSegmentBases(thread);
}

void fpuSwitch(tcb_t *thread)
{
    switchFPU(thread);
}

void fpuThreadDelete(tcb_t *thread)
{
    if (x64KSFPUOwner == thread)
        x64KSFPUOwner = ksIdleThread;
}

void setVMRoot(tcb_t *thread)
{
    setCurrentVSpace(threadVSpace(thread));
}

void Arch_switchToThread(tcb_t *thread)
{
    saveSegmentBases(ksCurThread); /* of the idle thread they mean nothing */
    loadSegmentBases(thread);
    switchFPU(thread);
    setVMRoot(thread);
}

/* The idle thread runs in whatever address space is there. */
void Arch_switchToIdleThread(void)
{
    saveSegmentBases(ksCurThread);
}
