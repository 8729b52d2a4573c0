/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that C cannot say.  The host test of the object code has a file of this name that does without them.
 */
#pragma once

#include "kernel/include/types.h"

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

/* The string instructions: count words or bytes; addresses are left behind what was done. */
static INLINE void repStosq(void **to, word_t value, word_t count)
{
    __asm__ volatile("rep stosq" : "+D"(*to), "+c"(count) : "a"(value) : "memory");
}

static INLINE void repStosb(void **to, word_t value, word_t count)
{
    __asm__ volatile("rep stosb" : "+D"(*to), "+c"(count) : "a"(value) : "memory");
}

static INLINE void repMovsq(void **to, const void **from, word_t count)
{
    __asm__ volatile("rep movsq" : "+D"(*to), "+S"(*from), "+c"(count) : : "memory");
}

static INLINE void repMovsb(void **to, const void **from, word_t count)
{
    __asm__ volatile("rep movsb" : "+D"(*to), "+S"(*from), "+c"(count) : : "memory");
}

/* From the last byte, where the addresses point, down. */
static INLINE void repMovsbDown(void *to, const void *from, word_t count)
{
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static inline volatile uint32_t *deviceRegister(word_t base, word_t offset)
{
    return (volatile uint32_t *)(base + offset);
}

static inline void readSegmentBases(word_t *fs, word_t *gs)
{
    __asm__ volatile("rdfsbase %0\n\trdgsbase %1" : "=r"(*fs), "=r"(*gs));
}

static inline void writeSegmentBases(word_t fs, word_t gs)
{
    __asm__ volatile("wrfsbase %0\n\twrgsbase %1" : : "r"(fs), "r"(gs));
}

/* Mark 3 of tools/count.c. */
static inline void markPoint(void)
{
    __asm__ volatile(".byte 0x0f, 0x1f, 0x44, 0x00, 0x03");
}

static inline void clearTS(void)
{
    __asm__ volatile("clts");
}

/* x87, SSE and, with CONFIG_XSAVE, AVX state.  image: 64-aligned. */
#define XSAVE_X87_SSE_AVX 7

static inline void fxsave(uint8_t (*image)[CONFIG_VECTOR_STATE_BYTES])
{
    if (CONFIG_XSAVE)
        __asm__ volatile("xsave64 %0" : "+m"(*image) : "a"(XSAVE_X87_SSE_AVX), "d"(0));
    else
        __asm__ volatile("fxsave64 %0" : "=m"(*image));
}

static inline void fxrstor(const uint8_t (*image)[CONFIG_VECTOR_STATE_BYTES])
{
    if (CONFIG_XSAVE)
        __asm__ volatile("xrstor64 %0" : : "m"(*image), "a"(XSAVE_X87_SSE_AVX), "d"(0));
    else
        __asm__ volatile("fxrstor64 %0" : : "m"(*image));
}

/* CR4.OSXSAVE is set. */
static inline void xsetbv(word_t components)
{
    __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)components), "d"(0));
}
