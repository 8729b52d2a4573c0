/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random kernel entries against the kernel's object code on the host; the invariants are checked after each.
 *
 * Usage: fuzz [OPERATIONS] [SEED]    interrupts without end (progress.c), then that many, in worlds of 1000, then "N passed, 0 failed"
 *        fuzz FILE...                each file's bytes are the choices (the corpus of libFuzzer)
 *
 * Built with -fsanitize=fuzzer and HOST_LIBFUZZER the choices are libFuzzer's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/kernel/host/world.h"

#define MAX_INPUT 65536

static const uint8_t *input;
static size_t inputBytes;
static uint64_t state;

/* A choice of n takes one byte of the input where that is enough. */
word_t below(word_t n)
{
    if (input != NULL && n <= 256) {
        if (inputBytes == 0)
            return 0;
        inputBytes--;
        return *input++ % n;
    }
    return random64() % n;
}

word_t random64(void)
{
    word_t value = 0;
    int i;

    if (input != NULL) {
        for (i = 0; i < 8 && inputBytes > 0; i++, inputBytes--)
            value = value << 8 | *input++;
        return value;
    }
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static bool_t canRun(tcb_t *tcb)
{
    return cap_is(TCB_PTR_CTE_PTR(tcb, tcbCTable)->cap, cap_cnode_cap) && hasCapability(tcb);
}

/* If nothing runs, one of the first threads is resumed; the world ends when the root thread cannot be. */
static bool_t isDead(void)
{
    tcb_t *tcb;

    if (ksCurThread != ksIdleThread)
        return false;
    if (!canRun(rootThread))
        return true;
    tcb = otherThreads[below(ARRAY_SIZE(otherThreads))];
    restart(below(2) && canRun(tcb) ? tcb : rootThread);
    schedule();
    activateThread();
    return false;
}

static word_t runInput(const uint8_t *data, size_t bytes)
{
    word_t n = 0;

    input = data;
    inputBytes = bytes;
    makeWorld();
    for (; inputBytes > 0 && !isDead(); n++) {
        operation();
        checkInvariants();
    }
    return n;
}

#ifdef HOST_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    runInput(data, bytes);
    return 0;
}
#else
static word_t runRandom(word_t n, word_t seed)
{
    word_t i, worlds = 1, age = 0;

    state = seed * 0x9e3779b97f4a7c15ull + 1;
    makeWorld();
    for (i = 0; i < n; i++) {
        operation();
        checkInvariants();
        if (isDead() || ++age == 1000) {
            makeWorld();
            worlds++;
            age = 0;
        }
    }
    for (i = 1; i <= X86IRQIssueIRQHandlerMSI; i++)
        fprintf(stderr, "label %llu succeeded %llu times\n", (unsigned long long)i, (unsigned long long)succeeded[i]);
    fprintf(stderr, "%llu operations in %llu worlds, %llu of them restarted system calls\n", (unsigned long long)n,
            (unsigned long long)worlds, (unsigned long long)restarted);
    return n;
}

static word_t runFile(const char *path)
{
    static uint8_t data[MAX_INPUT];
    FILE *f = fopen(path, "rb");
    size_t bytes;

    if (f == NULL) {
        perror(path);
        exit(2);
    }
    bytes = fread(data, 1, sizeof(data), f);
    fclose(f);
    return runInput(data, bytes);
}

int main(int argc, char **argv)
{
    word_t n = 0;
    char *end = NULL;
    int i;

    if (argc > 1)
        n = strtoull(argv[1], &end, 10);
    if (argc > 1 && *end != '\0') {
        for (n = 0, i = 1; i < argc; i++)
            n += runFile(argv[i]);
    } else {
        n = checkProgress();
        n += runRandom(argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, argc > 2 ? strtoull(argv[2], NULL, 10) : 1);
    }
    printf("%llu passed, 0 failed\n", (unsigned long long)n);
    return 0;
}
#endif
