/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for the kernel's file of this name on the host: no instruction here leaves the process.
 */
#pragma once

#include "kernel/include/types.h"

extern uint32_t hostDeviceRegister;
extern word_t hostPAT; /* what was written to the MSR of the page attribute table */

static inline void outb(uint16_t port, uint8_t value)
{
}

static inline void outw(uint16_t port, uint16_t value)
{
}

static inline void outl(uint16_t port, uint32_t value)
{
}

static inline uint8_t inb(uint16_t port)
{
    return 0x11;
}

static inline uint16_t inw(uint16_t port)
{
    return 0x1111;
}

static inline uint32_t inl(uint16_t port)
{
    return 0x11111111;
}

static inline void wrmsr(uint32_t msr, word_t value)
{
    if (msr == 0x277)
        hostPAT = value;
}

static inline word_t rdmsr(uint32_t msr)
{
    return 0;
}

static inline word_t rdtsc(void)
{
    return 0;
}

static inline void cpuid(uint32_t leaf, uint32_t sub, uint32_t r[4])
{
    r[0] = r[1] = r[2] = r[3] = 0;
}

static inline word_t readCR0(void)
{
    return 0;
}

static inline void writeCR0(word_t value)
{
}

static inline word_t readCR2(void)
{
    return 0;
}

static inline word_t readCR4(void)
{
    return 0;
}

static inline void writeCR4(word_t value)
{
}

static inline void writeCR3(paddr_t value)
{
}

static inline void invlpg(vptr_t vaddr)
{
}

static inline volatile uint32_t *deviceRegister(word_t base, word_t offset)
{
    return &hostDeviceRegister;
}

static inline void readSegmentBases(word_t *fs, word_t *gs)
{
    *fs = *gs = 0;
}

static inline void writeSegmentBases(word_t fs, word_t gs)
{
}

static inline void markPoint(void)
{
}

static inline void clearTS(void)
{
}

static inline void fxsave(uint8_t (*image)[512])
{
}

static inline void fxrstor(const uint8_t (*image)[512])
{
}

#define XSAVE_X87_SSE_AVX 7

static inline void xsetbv(word_t components)
{
}
