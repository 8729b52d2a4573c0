/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory functions, over what the string instructions do (model/).
 */
#include "kernel/proofs/proof.h"

#include "kernel/arch/x86_64/lib.c"

/* Lengths that end before, at and behind words, and places in the memory. */
static const uint8_t lengths[] = {0, 1, 7, 8, 9, 16, 17};
#define ROOM 36

static uint8_t memory[ROOM], source[ROOM];
static word_t witness;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

static void arbitraryMemory(void)
{
    __CPROVER_havoc_object(memory);
    __CPROVER_havoc_object(source);
    witness = nondet_word();
    ASSUME(witness < ROOM);
}

static void proveSet(word_t at, word_t bytes)
{
    int value = (int)nondet_word();
    uint8_t was;

    arbitraryMemory();
    was = memory[witness];
    if (nondet_bool()) {
        CLAIM(memset(memory + at, value, bytes) == memory + at);
    } else {
        value = 0;
        ASSUME(bytes % 8 == 0);
        clearMemory((word_t)(memory + at), bytes);
        REACH("clear");
    }
    CLAIM(memory[witness] == (witness - at < bytes ? (uint8_t)value : was));
}

/*
 * of: memset, clearMemory
 * shows: exactly the bytes named have the value
 * bounds: 0, 1, 7, 8, 9, 16 or 17 bytes, at two places; string instructions as in model/
 * unwind: 20
 * mutant arch/x86_64/lib.c: repStosb(&to, pattern, bytes % 8); =>
 * mutant arch/x86_64/lib.c: repStosq(&to, 0, bytes / 8); => repStosq(&to, 0, bytes);
 */
void proof_memset(void)
{
    word_t i;

    for (i = 0; i < ARRAY_SIZE(lengths); i++) {
        proveSet(0, lengths[i]);
        proveSet(5, lengths[i]);
    }
    REACH("end");
}

static void proveCopy(word_t at, word_t from, word_t bytes)
{
    uint8_t was;

    arbitraryMemory();
    was = memory[witness];
    if (nondet_bool()) {
        CLAIM(memcpy(memory + at, source + from, bytes) == memory + at);
    } else {
        ASSUME(bytes % 8 == 0);
        copyWords((word_t *)(memory + at), (const word_t *)(source + from), bytes / 8);
        REACH("words");
    }
    CLAIM(memory[witness] == (witness - at < bytes ? source[from + witness - at] : was));
}

/*
 * of: memcpy, copyWords
 * shows: exactly the bytes named are those of the source
 * bounds: as memset
 * unwind: 20
 * mutant arch/x86_64/lib.c: repMovsb(&to, &from, bytes % 8); =>
 * mutant arch/x86_64/lib.c: repMovsq(&to, &from, words); => repMovsq(&to, &from, words / 2);
 */
void proof_memcpy(void)
{
    word_t i;

    for (i = 0; i < ARRAY_SIZE(lengths); i++) {
        proveCopy(0, 7, lengths[i]);
        proveCopy(5, 0, lengths[i]);
    }
    REACH("end");
}

/* The source lies in the middle of the memory. */
static void proveMove(word_t at, word_t bytes)
{
    uint8_t was, moved;

    arbitraryMemory();
    was = memory[witness];
    moved = witness - at < bytes ? memory[9 + witness - at] : 0;
    CLAIM(memmove(memory + at, memory + 9, bytes) == memory + at);
    CLAIM(memory[witness] == (witness - at < bytes ? moved : was));
}

/*
 * of: memmove
 * shows: the same where source and target overlap
 * bounds: the lengths of memset; from 9 bytes below to 9 above the source
 * unwind: 20
 * mutant arch/x86_64/lib.c: (word_t)dest - (word_t)src >= bytes => (word_t)dest != (word_t)src
 * mutant arch/x86_64/lib.c: (const char *)src + bytes - 1, => (const char *)src + bytes,
 */
void proof_memmove(void)
{
    word_t at, i;

    for (at = 0; at <= 18; at++) {
        for (i = 0; i < ARRAY_SIZE(lengths); i++)
            proveMove(at, lengths[i]);
    }
    REACH("end");
}
