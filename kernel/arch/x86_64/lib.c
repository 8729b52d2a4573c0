/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory functions: the two that the compiler may call, and the kernel's own.  All are string instructions, so that
 * a word costs one step.
 */
#include "kernel/include/arch.h"

void *memset(void *dest, int value, size_t bytes);
void *memcpy(void *restrict dest, const void *restrict src, size_t bytes);
void *memmove(void *dest, const void *src, size_t bytes);

void *memset(void *dest, int value, size_t bytes)
{
    word_t pattern = 0x0101010101010101ull * (uint8_t)value;
    void *to = dest;
    size_t words = bytes / 8, rest = bytes % 8;

    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(pattern) : "memory");
    return dest;
}

void *memcpy(void *restrict dest, const void *restrict src, size_t bytes)
{
    void *to = dest;
    size_t words = bytes / 8, rest = bytes % 8;

    __asm__ volatile("rep movsq" : "+D"(to), "+S"(src), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(src), "+c"(rest) : : "memory");
    return dest;
}

void *memmove(void *dest, const void *src, size_t bytes)
{
    char *to = (char *)dest + bytes - 1;
    const char *from = (const char *)src + bytes - 1;

    if ((word_t)dest - (word_t)src >= bytes)
        return memcpy(dest, src, bytes);
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return dest;
}

/* Both multiples of 8. */
void clearMemory(word_t ptr, word_t bytes)
{
    word_t words = bytes / 8;

    __asm__ volatile("rep stosq" : "+D"(ptr), "+c"(words) : "a"(0) : "memory");
}

void copyWords(word_t *dest, const word_t *src, word_t words)
{
    __asm__ volatile("rep movsq" : "+D"(dest), "+S"(src), "+c"(words) : : "memory");
}
