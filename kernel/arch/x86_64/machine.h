/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layout of the kernel's address space, and what the files of this folder share:
 *
 *   0xffffff8000000000  physical window: 510 GiB in 1 GiB pages, writable, not executable
 *   0xffffffff80000000  kernel image at its physical address (first 2 MiB, 4 KiB pages)
 *   0xffffffffc0000000  device pages: local APIC, I/O APICs
 */
#pragma once

#include "kernel/arch/x86_64/instructions.h"
#include "kernel/include/arch.h"

#ifndef KERNEL_ELF_BASE /* the host test has its image elsewhere */
#define KERNEL_ELF_BASE 0xffffffff80000000ull
#endif
#define KDEV_BASE 0xffffffffc0000000ull
#define KDEV_LAPIC KDEV_BASE
#define KDEV_IOAPIC(i) (KDEV_BASE + 0x1000 * ((i) + 1))

#define SEL_CS0 0x08
#define SEL_DS0 0x10
#define SEL_DS3 0x23
#define SEL_CS3 0x2b
#define SEL_TSS 0x30

#define PTE_PRESENT BIT(0)
#define PTE_WRITE BIT(1)
#define PTE_USER BIT(2)
#define PTE_PWT BIT(3)
#define PTE_PCD BIT(4)
#define PTE_ACCESSED BIT(5)
#define PTE_DIRTY BIT(6)
#define PTE_LARGE BIT(7)
#define PTE_PAT_SMALL BIT(7)
#define PTE_GLOBAL BIT(8)
#define PTE_PAT_LARGE BIT(12)
#define PTE_NX BIT(63)
#define PTE_ADDR_MASK 0x000ffffffffff000ull

#define VECTOR_NM 7
#define VECTOR_PF 14
#define VECTOR_TIMER 0x9d
#define VECTOR_SPURIOUS 0xff

extern word_t x64KSKernelPML4[512];
extern word_t x64KSKernelPDPT[512];
extern word_t x64KSKernelPD[512];
extern word_t x64KSKernelPT[512];
extern word_t x64KSDevicePT[512];
extern pptr_t ksCurVSpace; /* the PML4 in CR3 */

/* Switches the address space if it is not the current one. */
static INLINE void setCurrentVSpace(pptr_t pml4)
{
    if (ksCurVSpace != pml4) {
        ksCurVSpace = pml4;
        writeCR3(pml4 - PPTR_BASE);
    }
}

/* The kernel's own PML4, in the physical window. */
static inline pptr_t kernelVSpace(void)
{
    return (word_t)x64KSKernelPML4 - KERNEL_ELF_BASE + PPTR_BASE;
}

bool_t isInService(word_t vector); /* apic.c */

/* console.c: the kernel's serial port and that of DebugPutChar. */
#define COM1 0x3f8
void initConsole(uint16_t console, uint16_t debug);

/* apic.c, cpu.c: set up at boot. */
void initGDTandIDT(void);
void initLAPIC(word_t timerCount);
bool_t initIOAPIC(word_t index, paddr_t paddr);
void mapDevicePage(word_t vaddr, paddr_t paddr);
void calibrateTimers(word_t *tscMHz, word_t *timerCount);
