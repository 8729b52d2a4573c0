/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that C cannot say, and the layout of the kernel's address space:
 *
 *   0xffffff8000000000  physical window: 510 GiB in 1 GiB pages, writable, not executable
 *   0xffffffff80000000  kernel image at its physical address (first 2 MiB, 4 KiB pages)
 *   0xffffffffc0000000  device pages: local APIC, I/O APICs
 */
#pragma once

#include "kernel/include/arch.h"

#define KERNEL_ELF_BASE 0xffffffff80000000ull
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

static inline void outb(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t value)
{
    __asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outl(uint16_t port, uint32_t value)
{
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t value;

    __asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void wrmsr(uint32_t msr, word_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static inline word_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr));
    return (word_t)hi << 32 | lo;
}

static inline word_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
    return (word_t)hi << 32 | lo;
}

static inline void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(sub));
}

static inline word_t readCR0(void)
{
    word_t value;

    __asm__ volatile("movq %%cr0, %0" : "=r"(value));
    return value;
}

static inline void writeCR0(word_t value)
{
    __asm__ volatile("movq %0, %%cr0" : : "r"(value) : "memory");
}

static inline word_t readCR2(void)
{
    word_t value;

    __asm__ volatile("movq %%cr2, %0" : "=r"(value));
    return value;
}

static inline word_t readCR4(void)
{
    word_t value;

    __asm__ volatile("movq %%cr4, %0" : "=r"(value));
    return value;
}

static inline void writeCR4(word_t value)
{
    __asm__ volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

static inline void writeCR3(paddr_t value)
{
    __asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline void invlpg(vptr_t vaddr)
{
    __asm__ volatile("invlpg (%0)" : : "r"(vaddr) : "memory");
}

static inline volatile uint32_t *deviceRegister(word_t base, word_t offset)
{
    return (volatile uint32_t *)(base + offset);
}

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

/* apic.c, cpu.c: set up at boot. */
void initGDTandIDT(void);
void initLAPIC(word_t timerCount);
bool_t initIOAPIC(word_t index, paddr_t paddr);
void mapDevicePage(word_t vaddr, paddr_t paddr);
void calibrateTimers(word_t *tscMHz, word_t *timerCount);
