/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the CPU holds of a thread: no value that would hurt the kernel gets into a context, and a switch leaves nothing of one thread to another.
 */
#include "kernel/proofs/proof.h"

static word_t pml4[512];
static cte_t vtableSlot;
static tcb_t from, to, owner, idleThread;

/* The PML4 of the thread that is switched to. */
static word_t objectAt(word_t ptr)
{
    CLAIM(ptr == (word_t)pml4);
    return (word_t)pml4;
}

#define cap_get_capPtr(cap) objectAt((cap_get_capPtr)(cap))

#include "kernel/arch/x86_64/context.c"

tcb_t *ksCurThread, *ksIdleThread;
word_t x64KSKernelPML4[512], modelCR3, modelFS, modelGS, modelCR0;
const void *modelSaved, *modelLoaded;

cte_t *slotOf(const tcb_t *t, word_t i)
{
    CLAIM(t == &to && i == tcbVTable);
    return &vtableSlot;
}

static bool_t isCanonical(word_t address)
{
    return address <= 0x00007fffffffffff || address >= 0xffff800000000000;
}

/*
 * of: sanitiseRegister
 * shows: flags let interrupts through and give no right to ports, no nested task, no virtual mode, no alignment checks; the trap flag is there
 *        exactly if it was asked for and is an extension; addresses that the CPU takes as they are are canonical; a value that is fine, and every
 *        other register, stays as it is
 * bounds: every register and value
 * mutant arch/x86_64/context.c: | BIT(1) | BIT(9); => | BIT(1);
 * mutant arch/x86_64/context.c: (value & ((MASK(12) & => (value & ((MASK(14) &
 * mutant arch/x86_64/context.c: == value ? value : 0; => == value ? value : value;
 * mutant arch/x86_64/context.c: | EXTENSION_FLAGS)) => ))
 * mutant arch/x86_64/context.c: case RegFS_BASE: =>
 */
void proof_sanitiseRegister(void)
{
    word_t reg = nondet_word() % n_contextRegisters, value = nondet_word(), result = sanitiseRegister(reg, value);

    if (reg == RegFLAGS) {
        CLAIM((result & (BIT(1) | BIT(9))) == (BIT(1) | BIT(9)) && result >> 12 == 0 && !(result & (BIT(3) | BIT(5))));
        CLAIM((result & ~value & ~(BIT(1) | BIT(9))) == 0);
        /* The condition codes, DF and TF are the thread's own. */
        CLAIM((result & (0xcd5 | EXTENSION_FLAGS)) == (value & (0xcd5 | EXTENSION_FLAGS)));
        REACH("flags");
    } else if (reg == RegFaultIP || reg == RegFS_BASE || reg == RegGS_BASE) {
        CLAIM(isCanonical(result) && result == (isCanonical(value) ? value : 0));
        REACH("address");
    } else {
        CLAIM(result == value);
    }
    CLAIM(sanitiseRegister(reg, result) == result);
    REACH("end");
}

static bool_t isSwitchedConsistently(void)
{
    return ((modelCR0 & CR0_TS) != 0) == x64KSTaskSwitched && IMPLIES(modelCR0 != 0, modelCR0 == (CR0_BASE | CR0_TS));
}

static void arbitraryCPU(void)
{
    from = nondet_tcb();
    to = nondet_tcb();
    owner = nondet_tcb();
    idleThread = nondet_tcb();
    ksIdleThread = &idleThread;
    ksCurThread = &from;
    vtableSlot.cap = cap_new(EITHER(cap_pml4_cap, cap_null_cap), (word_t)pml4, 0, nondet_word() & MASK(12));
    pml4[PML4_ASID_ENTRY] = nondet_word();
    ksCurVSpace = EITHER((word_t)pml4, nondet_word());
    modelCR3 = ksCurVSpace - PPTR_BASE;
    modelFS = nondet_word();
    modelGS = nondet_word();
    modelSaved = modelLoaded = NULL;
    x64KSTaskSwitched = nondet_bool();
    modelCR0 = x64KSTaskSwitched ? CR0_BASE | CR0_TS : 0;
    x64KSFPUOwner = EITHER(EITHER(&from, &to), EITHER(&owner, &idleThread));
}

/*
 * of: Arch_switchToThread, Arch_switchToIdleThread, saveSegmentBases, loadSegmentBases, switchFPU, fpuSwitch, setVMRoot, setCurrentVSpace,
 *     threadVSpace, isLiveVSpace, pml4ASIDEntry, Arch_saveLiveRegisters, Arch_loadLiveRegisters
 * shows: segment bases are kept in the old thread and come from the new one; the new one's address space is in CR3 if it is live, else the kernel's
 *        own; vector instructions trap, or the vector state is the new thread's: the owner's was saved to the owner, and nobody else's is in the
 *        CPU; no other register of either thread changes
 * bounds: one arbitrary register; FSGSBASE instructions
 * mutant arch/x86_64/context.h: fxsave(&x64KSFPUOwner->fpuState); => fxsave(&thread->fpuState);
 * mutant arch/x86_64/context.h: if (x64KSFPUOwner != thread) { => if (false) {
 * mutant arch/x86_64/context.h: x64KSTaskSwitched = false;\n        clearTS(); => clearTS();
 * mutant arch/x86_64/context.h: writeCR0(CR0_BASE | CR0_TS); => ;
 * mutant arch/x86_64/context.c: saveSegmentBases(ksCurThread); /* of => /* of
 * mutant arch/x86_64/context.c: switchFPU(thread);\n    setVMRoot(thread); => switchFPU(thread);
 */
void proof_switchToThread(void)
{
    word_t reg = nondet_byte() % n_contextRegisters, fromWas, toWas, root, fs, gs;
    bool_t toIdle = nondet_bool(), isLive;
    const tcb_t *held;

    arbitraryCPU();
    fromWas = from.registers[reg];
    toWas = to.registers[reg];
    fs = modelFS;
    gs = modelGS;
    held = x64KSFPUOwner;
    root = ksCurVSpace;
    isLive = cap_is(vtableSlot.cap, cap_pml4_cap) && pml4[PML4_ASID_ENTRY] == pml4ASIDEntry(vtableSlot.cap.words[1]);
    if (toIdle)
        Arch_switchToIdleThread();
    else
        Arch_switchToThread(&to);
    CLAIM(from.registers[reg] == (reg == RegFS_BASE ? fs : reg == RegGS_BASE ? gs : fromWas) && to.registers[reg] == toWas);
    CLAIM(isSwitchedConsistently() && modelCR3 == ksCurVSpace - PPTR_BASE);
    if (toIdle) {
        CLAIM(modelFS == fs && modelGS == gs && ksCurVSpace == root && x64KSFPUOwner == held && modelSaved == NULL && modelLoaded == NULL);
        REACH("idle");
        return;
    }
    CLAIM(modelFS == to.registers[RegFS_BASE] && modelGS == to.registers[RegGS_BASE]);
    CLAIM(ksCurVSpace == (isLive ? (word_t)pml4 : kernelVSpace()));
    CLAIM(x64KSTaskSwitched == (to.fpuDisabled != 0));
    if (x64KSTaskSwitched || held == &to) {
        CLAIM(x64KSFPUOwner == held && modelSaved == NULL && modelLoaded == NULL);
        REACH("state stays");
    } else {
        CLAIM(x64KSFPUOwner == &to && modelSaved == (const void *)&held->fpuState && modelLoaded == (const void *)&to.fpuState);
        REACH("state goes");
    }
    REACH("end");
}

/*
 * of: fpuThreadDelete, Arch_initContext
 * shows: the vector state of a thread that goes belongs to nobody any more, that of others stays; a new thread has flags, x87 control word and MXCSR
 *        as section 4 of the ABI says, and zeros else
 * bounds: one arbitrary register and byte
 * mutant arch/x86_64/context.c: if (x64KSFPUOwner == thread) => if (x64KSFPUOwner != thread)
 * mutant arch/x86_64/context.c: = 0x37f; => = 0x27f;
 */
void proof_fpuThreadDelete(void)
{
    static tcb_t fresh;
    word_t reg = nondet_byte() % n_contextRegisters, byte = nondet_word();
    const tcb_t *held;

    arbitraryCPU();
    held = x64KSFPUOwner;
    fpuThreadDelete(&from);
    CLAIM(x64KSFPUOwner == (held == &from ? &idleThread : held) && x64KSFPUOwner != &from);
    Arch_initContext(&fresh);
    ASSUME(byte < sizeof(fresh.fpuState));
    CLAIM(fresh.registers[reg] == (reg == RegFLAGS ? 0x202 : 0));
    CLAIM(fresh.fpuState[byte] == (byte == 0 ? 0x7f : byte == 1 ? 3 : byte == 24 ? 0x80 : byte == 25 ? 0x1f : 0));
    REACH("end");
}
