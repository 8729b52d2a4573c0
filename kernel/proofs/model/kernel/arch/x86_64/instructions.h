/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions that C cannot say, for the proofs: what a device or the CPU answers is arbitrary, and what the kernel
 * tells them is kept where a proof may look.
 */
#pragma once

#include "kernel/include/types.h"

uint32_t nondet_device(void);
word_t nondet_cpu(void);

extern word_t modelPort, modelPortBytes, modelPortValue; /* the last port access */
extern word_t modelCR3, modelInvalidated;                 /* the last address-space switch, the last page flushed */
extern word_t modelFS, modelGS, modelCR0;                 /* segment bases; CR0 as last written, 0 after clts */
extern const void *modelSaved, *modelLoaded;              /* the last vector state saved and loaded */

/* Where the register of a device is: a proof that reaches devices has this. */
volatile uint32_t *deviceRegister(word_t base, word_t offset);

static inline void modelOut(uint16_t port, word_t bytes, uint32_t value)
{
    modelPort = port;
    modelPortBytes = bytes;
    modelPortValue = value;
}

static inline void outb(uint16_t port, uint8_t value) { modelOut(port, 1, value); }
static inline void outw(uint16_t port, uint16_t value) { modelOut(port, 2, value); }
static inline void outl(uint16_t port, uint32_t value) { modelOut(port, 4, value); }

static inline uint32_t modelIn(uint16_t port, word_t bytes)
{
    modelOut(port, bytes, (uint32_t)(nondet_device() & MASK(8 * bytes)));
    return (uint32_t)modelPortValue;
}

static inline uint8_t inb(uint16_t port) { return (uint8_t)modelIn(port, 1); }
static inline uint16_t inw(uint16_t port) { return (uint16_t)modelIn(port, 2); }
static inline uint32_t inl(uint16_t port) { return modelIn(port, 4); }
static inline void wrmsr(uint32_t msr, word_t value) { (void)msr, (void)value; }
static inline word_t rdmsr(uint32_t msr) { (void)msr; return nondet_cpu(); }
static inline word_t rdtsc(void) { return nondet_cpu(); }
static inline word_t readCR0(void) { return nondet_cpu(); }
static inline void writeCR0(word_t value) { modelCR0 = value; }
static inline word_t readCR2(void) { return nondet_cpu(); }
static inline word_t readCR4(void) { return nondet_cpu(); }
static inline void writeCR4(word_t value) { (void)value; }
static inline void writeCR3(paddr_t value) { modelCR3 = value; }
static inline void invlpg(vptr_t vaddr) { modelInvalidated = vaddr; }
static inline void readSegmentBases(word_t *fs, word_t *gs) { *fs = modelFS; *gs = modelGS; }
static inline void writeSegmentBases(word_t fs, word_t gs) { modelFS = fs; modelGS = gs; }
static inline void clearTS(void) { modelCR0 = 0; }
static inline void markPoint(void) {}
static inline void fxsave(uint8_t (*image)[CONFIG_VECTOR_STATE_BYTES]) { modelSaved = image; }
static inline void fxrstor(const uint8_t (*image)[CONFIG_VECTOR_STATE_BYTES]) { modelLoaded = image; }

/* Byte by byte, so that they may begin anywhere. */
static inline void repStosb(void **to, word_t value, word_t count)
{
    uint8_t *byte = *to;

    for (; count > 0; count--)
        *byte++ = (uint8_t)value;
    *to = byte;
}

/* All eight bytes of the word are alike wherever the kernel uses it. */
static inline void repStosq(void **to, word_t value, word_t count)
{
    __CPROVER_assert(value == (value & 0xff) * 0x0101010101010101ull, "a word of equal bytes");
    repStosb(to, value, 8 * count);
}

static inline void repMovsb(void **to, const void **from, word_t count)
{
    uint8_t *target = *to;
    const uint8_t *source = *from;

    for (; count > 0; count--)
        *target++ = *source++;
    *to = target;
    *from = source;
}

/* Words that overlap are copied as bytes would be only if the target lies below, or eight bytes or more above. */
static inline void repMovsq(void **to, const void **from, word_t count)
{
    __CPROVER_assert((word_t)*to - (word_t)*from >= 8 || count == 0, "words do not overlap");
    repMovsb(to, from, 8 * count);
}

static inline void repMovsbDown(void *to, const void *from, word_t count)
{
    uint8_t *target = to;
    const uint8_t *source = from;

    for (; count > 0; count--)
        *target-- = *source--;
}
