/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the architecture gives the rest of the kernel.  Only arch/x86_64/ knows how.
 */
#pragma once

#include "kernel/include/kernel_state.h"

/* Physical window: all RAM the kernel touches.  Device addresses up to 2^47 wrap and are never dereferenced. */
#ifndef PPTR_BASE /* the host test has its memory elsewhere */
#define PPTR_BASE 0xffffff8000000000ull
#endif
#define PADDR_TOP (BIT(30) * 510)
#define USER_TOP 0x00007fffffffffffull

static inline pptr_t paddr_to_pptr(paddr_t paddr)
{
    return (word_t)((int64_t)((PPTR_BASE + paddr) << 16) >> 16);
}

static inline paddr_t pptr_to_paddr(pptr_t pptr)
{
    return (pptr - PPTR_BASE) & MASK(48);
}

/* vspace.c, vspace_decode.c, asid.c, ioport.c */
deriveCap_ret_t Arch_deriveCap(cte_t *slot, cap_t cap);
finaliseCap_ret_t Arch_finaliseCap(cap_t cap, bool_t final);
bool_t Arch_sameRegionAs(cap_t a, cap_t b);
bool_t Arch_sameObjectAs(cap_t a, cap_t b);
cap_t Arch_maskCapRights(word_t rights, cap_t cap);
word_t Arch_getObjectSize(word_t type);
cap_t Arch_createCap(word_t type, word_t ptr, bool_t isDevice);
void Arch_initObjects(word_t type, word_t ptr, word_t count);
static inline bool_t Arch_isInitialised(word_t type) /* holds more than zeros from the start */
{
    return type == seL4_X64_PML4Object;
}
bool_t Arch_isFrameType(word_t type);
exception_t Arch_decodeInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall,
                                  const word_t *buffer);
bool_t isValidVTableRoot(cap_t cap);
exception_t checkValidIPCBuffer(vptr_t vptr, cap_t cap);
word_t maskVMRights(word_t vmRights, word_t rights);

/* The parts of a thread that the CPU holds. */
void Arch_switchToThread(tcb_t *thread);
void Arch_switchToIdleThread(void);
void Arch_saveLiveRegisters(tcb_t *thread);
void Arch_loadLiveRegisters(tcb_t *thread);
void setVMRoot(tcb_t *thread);
void fpuThreadDelete(tcb_t *thread);
void fpuSwitch(tcb_t *thread);
word_t sanitiseRegister(word_t reg, word_t value);
void Arch_initContext(tcb_t *thread);

/* Memory. */
void clearMemory(word_t ptr, word_t bytes);
void copyWords(word_t *dest, const word_t *src, word_t words);

/* Interrupts. */
bool_t isIRQPending(void);
void markInterruptible(void);
/* Handles the interrupts that wait, in the middle of a kernel entry: all but the choice of the next thread. */
void serveInterrupts(void);
void maskInterrupt(bool_t mask, irq_t irq);
void ackInterrupt(void);
exception_t Arch_decodeIRQControlInvocation(word_t label, word_t length, cte_t *srcSlot, const word_t *buffer);
void timerStart(void);
void timerStop(void);

/* I/O ports. */
void freeIOPortRange(word_t first, word_t last);

/* Console: fatal boot errors always, everything else in debug builds. */
void consolePutChar(char c);
void debugPutChar(char c);
void consolePutString(const char *text);
void consolePutHex(word_t value);
void consolePutNumber(word_t value);
void halt(void) NORETURN;
