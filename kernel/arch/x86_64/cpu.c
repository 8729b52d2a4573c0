/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables and kernel page permissions.
 */
#include "kernel/arch/x86_64/cpu.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/offsets.h"

_Static_assert(offsetof(tcb_t, registers[RegGS_BASE]) == CTX_GS_BASE, "context offsets");
_Static_assert(offsetof(tcb_t, registers[RegR12]) == CTX_R12, "context offsets");
_Static_assert(offsetof(tcb_t, nextIP) == CTX_NEXT_IP, "context offsets");
_Static_assert(offsetof(tcb_t, inSyscall) == CTX_IN_SYSCALL, "context offsets");

#define CR4_PGE BIT(7)

typedef struct tss {
    uint32_t reserved0;
    word_t rsp[3];
    word_t reserved1;
    word_t ist[7];
    word_t reserved2;
    uint16_t reserved3;
    uint16_t ioMapBase;
} __attribute__((packed)) tss_t;

typedef struct idt_entry {
    word_t words[2];
} idt_entry_t;

static word_t x64KSGDT[8];
static tss_t x64KSTSS;
static idt_entry_t x64KSIDT[256];
static uint8_t nmiStack[64] ALIGN(16), emergencyStack[1024] ALIGN(16);

extern char interrupt_stubs[], nmi_entry[], kernel_stack_top[], boot_tick_entry[];
extern char ki_text_start[], ki_text_end[], ki_rodata_end[], ki_end[], kernel_stack_guard[];

static BOOT_CODE void setGate(word_t vector, word_t handler, word_t dpl, word_t ist)
{
    x64KSIDT[vector].words[0] = (handler & 0xffff) | SEL_CS0 << 16 | ist << 32 | BIT(47) | dpl << 45 |
                                (word_t)14 << 40 | (handler >> 16 & 0xffff) << 48;
    x64KSIDT[vector].words[1] = handler >> 32;
}

static BOOT_CODE void loadTables(void)
{
    struct __attribute__((packed)) {
        uint16_t limit;
        word_t base;
    } gdt = {sizeof(x64KSGDT) - 1, (word_t)x64KSGDT}, idt = {sizeof(x64KSIDT) - 1, (word_t)x64KSIDT};

    __asm__ volatile("lgdt %0\n\tlidt %1\n\tltr %w2\n\t"
                     "movl %3, %%ds\n\tmovl %3, %%es\n\tmovl %3, %%ss\n\tmovl %4, %%fs\n\tmovl %4, %%gs"
                     :
                     : "m"(gdt), "m"(idt), "r"(SEL_TSS), "r"(SEL_DS0), "r"(0)
                     : "memory");
}

BOOT_CODE void initGDTandIDT(void)
{
    word_t tss = (word_t)&x64KSTSS, i;

    x64KSGDT[1] = 0x00209b0000000000ull; /* kernel code */
    x64KSGDT[2] = 0x0000930000000000ull; /* kernel data */
    x64KSGDT[3] = 0x00cffb000000ffffull; /* user code 32, only there for sysret's arithmetic */
    x64KSGDT[4] = 0x00cff3000000ffffull; /* user data */
    x64KSGDT[5] = 0x0020fb0000000000ull; /* user code */
    x64KSGDT[6] = (sizeof(tss_t) - 1) | (tss & 0xffffff) << 16 | (word_t)0x89 << 40 | (tss >> 24 & 0xff) << 56;
    x64KSGDT[7] = tss >> 32;
    x64KSTSS.rsp[0] = (word_t)kernel_stack_top;
    x64KSTSS.ist[0] = (word_t)(nmiStack + sizeof(nmiStack));
    x64KSTSS.ist[1] = (word_t)(emergencyStack + sizeof(emergencyStack));
    x64KSTSS.ioMapBase = sizeof(tss_t);
    for (i = 0; i < 256; i++)
        setGate(i, (word_t)interrupt_stubs + 16 * i, i == 3 || i > VECTOR_TIMER ? 3 : 0, i == 8 || i == 18 ? 2 : 0);
    setGate(2, (word_t)nmi_entry, 0, 1);
    loadTables();
}

/* While timers are calibrated vector 0x20 only counts. */
BOOT_CODE void setBootTickHandler(bool_t on)
{
    setGate(0x20, on ? (word_t)boot_tick_entry : (word_t)interrupt_stubs + 16 * 0x20, 0, 0);
}

BOOT_CODE void mapDevicePage(word_t vaddr, paddr_t paddr)
{
    x64KSDevicePT[vaddr >> 12 & MASK(9)] =
        paddr | PTE_PRESENT | PTE_WRITE | PTE_PWT | PTE_PCD | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL | PTE_NX;
    invlpg(vaddr);
}

/* Text read-only, everything else not executable, no low mapping, a hole below the stack. */
BOOT_CODE void protectKernel(void)
{
    word_t i, vaddr;

    x64KSKernelPML4[0] = 0;
    for (i = 0; i < 510; i++)
        x64KSKernelPDPT[i] |= PTE_NX | PTE_GLOBAL;
    for (i = 0; i < 512; i++) {
        vaddr = KERNEL_ELF_BASE + (i << 12);
        if (vaddr >= (word_t)ki_text_start && vaddr < (word_t)ki_text_end)
            x64KSKernelPT[i] &= ~PTE_WRITE;
        else if (vaddr >= (word_t)ki_text_end && vaddr < (word_t)ki_rodata_end)
            x64KSKernelPT[i] = (x64KSKernelPT[i] & ~PTE_WRITE) | PTE_NX;
        else if (vaddr >= (word_t)ki_rodata_end)
            x64KSKernelPT[i] |= PTE_NX;
        x64KSKernelPT[i] |= PTE_GLOBAL;
    }
    x64KSKernelPT[(word_t)kernel_stack_guard >> 12 & MASK(9)] = 0;
    writeCR4(readCR4() & ~CR4_PGE);
    writeCR4(readCR4() | CR4_PGE);
    writeCR3(ksCurVSpace - PPTR_BASE);
}

/* Only the kernel itself stays mapped in its own range.  Runs after everything of boot. */
void forgetBootMappings(void)
{
    word_t i, vaddr;

    for (i = 0; i < 512; i++) {
        vaddr = KERNEL_ELF_BASE + (i << 12);
        if (vaddr < (word_t)ki_text_start || vaddr >= (word_t)ki_end) {
            x64KSKernelPT[i] = 0;
            invlpg(vaddr);
        }
    }
}
