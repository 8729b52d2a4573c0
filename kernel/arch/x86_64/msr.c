/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control and model-specific registers: what the CPU does at `syscall', which memory types the attributes of a page select, which
 * protections are on.
 *
 * Source: Intel SDM volume 3, "Control Registers", "Page Attribute Table"; volume 4.
 */
#include "kernel/arch/x86_64/cpu.h"

#include "kernel/arch/x86_64/context.h"

#define MSR_PAT 0x277
#define MSR_EFER 0xc0000080
#define MSR_STAR 0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_SFMASK 0xc0000084
#define EFER_SCE BIT(0)
#define EFER_NXE BIT(11)
#define CR4_PAE BIT(5)
#define CR4_PGE BIT(7)
#define CR4_OSFXSR BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_FSGSBASE BIT(16)
#define CR4_OSXSAVE BIT(18)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)
#define FLAGS_MASKED 0x47700 /* AC NT DF IF TF and IOPL */
/* Entries 0 to 7: WB WT UC- UC, WC WT UC- UC. */
#define PAT_VALUE 0x0007040100070406ull

extern char syscall_entry[];
extern uint8_t smap_patch[];

BOOT_CODE void initMSRs(void)
{
    uint32_t features[4];
    word_t cr4 = CR4_PGE | CR4_PAE | CR4_OSFXSR | CR4_OSXMMEXCPT | (CONFIG_FSGSBASE_INST ? CR4_FSGSBASE : 0) |
                 (CONFIG_XSAVE ? CR4_OSXSAVE : 0);

    cpuid(7, 0, features);
    if (features[1] & BIT(7))
        cr4 |= CR4_SMEP;
    if (features[1] & BIT(20)) {
        cr4 |= CR4_SMAP;
        smap_patch[0] = 0x0f; /* clac */
        smap_patch[1] = 0x01;
        smap_patch[2] = 0xca;
    }
    writeCR0(CR0_BASE);
    writeCR4(cr4);
    if (CONFIG_XSAVE)
        xsetbv(XSAVE_X87_SSE_AVX);
    wrmsr(MSR_PAT, PAT_VALUE);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE | EFER_NXE);
    wrmsr(MSR_STAR, (word_t)0x1b << 48 | (word_t)SEL_CS0 << 32);
    wrmsr(MSR_LSTAR, (word_t)syscall_entry);
    wrmsr(MSR_SFMASK, FLAGS_MASKED);
}
