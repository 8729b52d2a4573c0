/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inline parts of context.c, shared with the fast path.
 */
#pragma once

#include "kernel/arch/x86_64/machine.h"
#include "kernel/arch/x86_64/vspace.h"

#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define CR0_TS BIT(3)
#define CR0_BASE (BIT(31) | BIT(16) | BIT(5) | BIT(4) | BIT(1) | BIT(0)) /* PG WP NE ET MP PE */

extern tcb_t *x64KSFPUOwner; /* whose vector state the CPU holds; the idle thread for nobody's */
extern bool_t x64KSTaskSwitched;

static INLINE void saveSegmentBases(tcb_t *thread)
{
    word_t fs, gs;

    if (!CONFIG_FSGSBASE_INST)
        return; /* user code cannot change them */
    readSegmentBases(&fs, &gs);
    thread->registers[RegFS_BASE] = fs;
    thread->registers[RegGS_BASE] = gs;
}

static INLINE void loadSegmentBases(const tcb_t *thread)
{
    if (CONFIG_FSGSBASE_INST) {
        writeSegmentBases(thread->registers[RegFS_BASE], thread->registers[RegGS_BASE]);
    } else {
        wrmsr(MSR_FS_BASE, thread->registers[RegFS_BASE]);
        wrmsr(MSR_GS_BASE, thread->registers[RegGS_BASE]);
    }
}

static INLINE void switchFPU(tcb_t *thread)
{
    if (thread->fpuDisabled) {
        if (!x64KSTaskSwitched) {
            x64KSTaskSwitched = true;
            writeCR0(CR0_BASE | CR0_TS);
        }
        return;
    }
    if (x64KSTaskSwitched) {
        x64KSTaskSwitched = false;
        clearTS();
    }
    if (x64KSFPUOwner != thread) {
        fxsave(&x64KSFPUOwner->fpuState);
        fxrstor(&thread->fpuState);
        x64KSFPUOwner = thread;
    }
}
