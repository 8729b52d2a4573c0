/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory functions: the two that the compiler may call, and the kernel's own.  All are string instructions, so that
 * a word costs one step.
 */
#include "kernel/arch/x86_64/instructions.h"
#include "kernel/include/arch.h"

void *memset(void *dest, int value, size_t bytes);
void *memcpy(void *restrict dest, const void *restrict src, size_t bytes);
void *memmove(void *dest, const void *src, size_t bytes);

void *memset(void *dest, int value, size_t bytes)
{
    word_t pattern = 0x0101010101010101ull * (uint8_t)value;
    void *to = dest;

    repStosq(&to, pattern, bytes / 8);
    repStosb(&to, pattern, bytes % 8);
    return dest;
}

void *memcpy(void *restrict dest, const void *restrict src, size_t bytes)
{
    void *to = dest;
    const void *from = src;

    repMovsq(&to, &from, bytes / 8);
    repMovsb(&to, &from, bytes % 8);
    return dest;
}

void *memmove(void *dest, const void *src, size_t bytes)
{
    if ((word_t)dest - (word_t)src >= bytes)
        return memcpy(dest, src, bytes);
    repMovsbDown((char *)dest + bytes - 1, (const char *)src + bytes - 1, bytes);
    return dest;
}

/* Both multiples of 8. */
void clearMemory(word_t ptr, word_t bytes)
{
    void *to = (void *)ptr;

    repStosq(&to, 0, bytes / 8);
}

void copyWords(word_t *dest, const word_t *src, word_t words)
{
    void *to = dest;
    const void *from = src;

    repMovsq(&to, &from, words);
}
