/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every kernel test uses: console, slots, objects, threads, checks.
 *
 * All allocation is forward only: tests are short and the machine ends with them.  Threads share the root task's
 * spaces unless a test says otherwise.
 */
#pragma once

#include "abi/sel4/sel4.h"

#define ROOT_CNODE seL4_CapInitThreadCNode
#define ROOT_VSPACE seL4_CapInitThreadVSpace

extern seL4_BootInfo *bootInfo;
extern seL4_Word checksPassed, checksFailed;

void putString(const char *text);
void putNumber(seL4_Word value);
void putHex(seL4_Word value);
void exitMachine(int status) __attribute__((noreturn));

/* A mark of tools/count.c; nothing without it. */
#define MARK(id) __asm__ volatile(".byte 0x0f, 0x1f, 0x44, 0x00, %c0" : : "i"(id) : "memory")

/* Counts and, if it failed, prints one check. */
void check(bool ok, const char *what, const char *file, int line, seL4_Word got, seL4_Word wanted);
#define CHECK(x) check((x), #x, __FILE__, __LINE__, 0, 1)
#define CHECK_EQ(a, b) checkEqual((seL4_Word)(a), (seL4_Word)(b), #a " == " #b, __FILE__, __LINE__)
static inline void checkEqual(seL4_Word a, seL4_Word b, const char *what, const char *file, int line)
{
    check(a == b, what, file, line, a, b);
}


/* One check: the invocation fails with this error and these detail words. */
#define CHECK_ERROR(call, error, ...)                                                                                   \
    checkError((call), (error), (const seL4_Word[]){0, ##__VA_ARGS__},                                                  \
               sizeof((const seL4_Word[]){0, ##__VA_ARGS__}) / sizeof(seL4_Word) - 1, #call, __FILE__, __LINE__)
void checkError(seL4_Error got, seL4_Error wanted, const seL4_Word *details, seL4_Word n, const char *what,
                const char *file, int line);

/* One line of what was observed, for run.py to compare between kernels: "same: WHAT a b c ...". */
void publish(const char *what, const seL4_Word *values, seL4_Word n);

/* First of n free slots. */
seL4_CPtr allocSlots(seL4_Word n);
/* A new object in a new slot; stops the run if there is no memory. */
seL4_CPtr newObject(seL4_Word type, seL4_Word sizeBits);
/* A slot with a fresh untyped of 2^bits bytes. */
seL4_CPtr newUntyped(seL4_Word bits);
/* The same, or 0 if there is none of that size. */
seL4_CPtr tryUntyped(seL4_Word bits);
/* One large frame that all tests share. */
seL4_CPtr largePage(void);
/* Unused address space of the root task, page tables in place. */
seL4_Word allocPages(seL4_Word n);
/* n mapped frames, first capability in *frame. */
void *newPages(seL4_Word n, seL4_CPtr *frame);

typedef struct thread {
    seL4_CPtr tcb;
    seL4_IPCBuffer *ipc;
    seL4_CPtr ipcFrame;
    seL4_UserContext context;
} thread_t;

/* A thread of the root task's spaces; f(a, b) must not return.  Not started. */
void newThread(thread_t *t, void (*f)(seL4_Word, seL4_Word), seL4_Word a, seL4_Word b, seL4_Word priority,
               seL4_CPtr faultEndpoint);
void startThread(thread_t *t);
/* Stops the calling thread for good. */
void park(void) __attribute__((noreturn));
/* The same as a thread's function. */
void parkThread(seL4_Word unused1, seL4_Word unused2);
/* Lets all other threads run until every one of them waits; for the root thread. */
void settle(void);

/* start.S: `syscall` with the registers of probeContext (not RIP, RSP, segment bases), which are stored there again; its
 * address; a loop that changes nothing; the registers and x87 control word, MXCSR, XMM0, XMM15 at the first instruction. */
void probeSyscall(void);
extern const char probeInstruction[], spinHere[], keepAndCall[], keptInstruction[];
extern seL4_UserContext probeContext, startContext;
extern const seL4_Uint32 startVectors[12];

/* Copies of capabilities in new slots of the root CNode; a failure ends the run. */
seL4_CPtr copyCap(seL4_CPtr from, seL4_CapRights_t rights);
seL4_CPtr mintCap(seL4_CPtr from, seL4_CapRights_t rights, seL4_Word badge);
seL4_Error deleteCap(seL4_CPtr slot);
/* A slot is empty exactly if something can be copied into it. */
bool isEmptySlot(seL4_CPtr slot);

/* What a thread has of flags that are written as all ones: TF is among them if the kernel has that extension. */
seL4_Word allFlags(void);

/* System calls for threads that have no __sel4_ipc_buffer of their own: registers only. */
typedef struct message {
    seL4_Word badge, info, mr[4];
} message_t;

static inline void rawCall(seL4_Word sys, seL4_CPtr cap, message_t *m)
{
    x64_sys_send_recv(sys, cap, &m->badge, m->info, &m->info, &m->mr[0], &m->mr[1], &m->mr[2], &m->mr[3]);
}

static inline seL4_Word labelOf(seL4_Word info)
{
    return info >> 12;
}
