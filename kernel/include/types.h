/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words, results and the few macros that every kernel file uses.
 *
 * exception_t is what every decode and invoke function returns: EXCEPTION_NONE (done), EXCEPTION_FAULT and
 * EXCEPTION_LOOKUP_FAULT (details in current_fault / current_lookup_fault), EXCEPTION_SYSCALL_ERROR (details in
 * current_syscall_error) and EXCEPTION_PREEMPTED (an interrupt waits: leave the kernel, the system call is repeated).
 */
#pragma once

#include "abi/sel4/types.h"
#include "kernel/include/config.h"

typedef uint64_t word_t;
typedef word_t cptr_t;
typedef word_t paddr_t;
typedef word_t pptr_t;
typedef word_t vptr_t;
typedef word_t asid_t;
typedef word_t irq_t;
typedef word_t prio_t;
typedef word_t dom_t;
typedef bool bool_t;

typedef enum exception {
    EXCEPTION_NONE,
    EXCEPTION_FAULT,
    EXCEPTION_LOOKUP_FAULT,
    EXCEPTION_SYSCALL_ERROR,
    EXCEPTION_PREEMPTED,
} exception_t;

#define wordBits 64
#define BIT(n) ((word_t)1 << (n))
#define MASK(n) (BIT(n) - 1)
#define ROUND_DOWN(n, b) ((word_t)(n) >> (b) << (b))
#define ROUND_UP(n, b) ROUND_DOWN((word_t)(n) + MASK(b), (b))
#define IS_ALIGNED(n, b) (((word_t)(n) & MASK(b)) == 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define NORETURN __attribute__((noreturn))
#define COLD __attribute__((cold, noinline)) /* not worth registers of its caller */
#define ALIGN(n) __attribute__((aligned(n)))
#define BOOT_CODE __attribute__((section(".boot.text"), cold, minsize))
#define BOOT_BSS __attribute__((section(".bss.boot")))
#define INLINE inline __attribute__((always_inline))

/* An invariant of the kernel; never what a user can cause.  Checked in debug builds. */
void kernelAssertFailed(const char *what, const char *file, int line) NORETURN;
#ifdef DBG
#define assert(x) ((x) ? (void)0 : kernelAssertFailed(#x, __FILE__, __LINE__))
#else
#define assert(x) ((void)0)
#endif
