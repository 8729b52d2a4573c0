/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's object code as a host program: its memory is a mapping at PPTR_BASE, its world is made by makeWorld.
 */
#pragma once

#include "kernel/include/api.h"
#include "kernel/include/arch.h"

#define MEMORY_BITS 22
#define MAX_SLOTS 65536
#define ROOT_RADIX 8

/* Slots of the root CNode at the start; from SLOT_FREE on they are empty. */
enum {
    SLOT_TCB = 1,
    SLOT_CNODE,
    SLOT_VSPACE,
    SLOT_IRQ_CONTROL,
    SLOT_ASID_CONTROL,
    SLOT_ASID_POOL,
    SLOT_IOPORT_CONTROL,
    SLOT_BUFFER,
    SLOT_DOMAIN,
    SLOT_RAM,
    SLOT_DEVICE,
    SLOT_ENDPOINT,
    SLOT_NOTIFICATION,
    SLOT_THREADS,
    SLOT_FREE = SLOT_THREADS + 3,
};

extern cte_t *rootCNode;
extern tcb_t *rootThread;
extern tcb_t *otherThreads[3];

void makeWorld(void);
void resetKernel(void);

/* fuzz.c: choices, random or the fuzzer's. */
word_t below(word_t n);
word_t random64(void);

/* operations.c: one kernel entry; how often each invocation succeeded, and how many system calls were repeated. */
void operation(void);
extern word_t succeeded[64], restarted;

/* The system call, repeated after each preemption, an interrupt before each; how often, at most `limit' times. */
word_t repeatCall(tcb_t *thread, int64_t number, word_t limit);

/* progress.c: ends the process if calls do not end while interrupts are always pending; how much was checked. */
word_t checkProgress(void);

/* Whether some capability names the thread: it was not deleted, not even half. */
bool_t hasCapability(const tcb_t *tcb);

/* Ends the process with a message if an invariant of the kernel does not hold. */
void checkInvariants(void);

/* memory.c: the part of it about memory and devices, over all slots. */
void checkMemory(cte_t *const *slots, word_t n);

/* Ends the process with a message if something does not hold. */
void require(bool_t holds, const char *what, const void *where);
