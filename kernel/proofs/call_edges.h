/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The edges of a system call of the thread `caller', which is an invocation: its answers, its faults, the scheduler; what other system calls
 * need is not reached.  For proofs over a whole call, after kernel/api/syscall.c.
 */
#pragma once

static word_t faults, schedules;

static void answer(tcb_t *thread)
{
    CLAIM(thread == &caller);
    setRegister(thread, badgeRegister, nondet_word());
    setRegister(thread, msgInfoRegister, nondet_word());
}

void replyFromKernel_error(tcb_t *thread) { answer(thread); }
void replyFromKernel_success_empty(tcb_t *thread) { answer(thread); }
bool_t putOff(tcb_t *thread) { CLAIM(thread == &caller); return nondet_bool(); }
void handleFault(tcb_t *thread) { CLAIM(thread == &caller); faults++; }
void schedule(void) { schedules++; }
void activateThread(void) {}

/* Of system calls that are no invocations. */
void copyWords(word_t *to, const word_t *from, word_t n) { (void)to, (void)from, (void)n; ASSUME(false); }
void emptySlot(cte_t *slot, cap_t cleanup) { (void)slot, (void)cleanup; ASSUME(false); }
void possibleSwitchTo(tcb_t *thread) { (void)thread; ASSUME(false); }
bool_t handleFaultReply(tcb_t *receiver, tcb_t *sender) { (void)receiver, (void)sender; ASSUME(false); return false; }
word_t setMRs_fault(tcb_t *sender, tcb_t *receiver, word_t *buffer) { (void)sender, (void)receiver, (void)buffer; ASSUME(false); return 0; }
void receiveIPC(tcb_t *thread, cap_t cap, bool_t isBlocking) { (void)thread, (void)cap, (void)isBlocking; ASSUME(false); }
void receiveSignal(tcb_t *thread, cap_t cap, bool_t isBlocking) { (void)thread, (void)cap, (void)isBlocking; ASSUME(false); }
void yieldCurrent(void) { ASSUME(false); }
