/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answers of the kernel itself to a call.
 */
#include "kernel/proofs/proof.h"

static tcb_t caller;
static word_t answer[128];
static bool_t canReceive;

static word_t *bufferOf(bool_t isReceiver, const tcb_t *thread)
{
    CLAIM(isReceiver && thread == &caller);
    return canReceive ? answer : NULL;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(isReceiver, thread)

#include "kernel/object/endpoint.c"

static word_t wordsSet;

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

/* transfer.c has its proof. */
word_t setErrorMRs(tcb_t *receiver, word_t *buffer)
{
    CLAIM(receiver == &caller && buffer == (canReceive ? answer : NULL));
    wordsSet = nondet_byte() & 7;
    return wordsSet;
}

/*
 * of: replyFromKernel_error, replyFromKernel_success_empty
 * shows: the caller alone has badge 0 and a message without capabilities: empty, or the error with the words that its details take; the other
 *        registers, and its buffer, stay as they are
 * bounds: one arbitrary register and word
 * mutant object/endpoint.c: setRegister(thread, badgeRegister, 0);\n    setRegister(thread, msgInfoRegister, 0); => setRegister(thread, msgInfoRegister, 0);
 * mutant object/endpoint.c: seL4_MessageInfo_new(current_syscall_error.type, 0, 0, length) => seL4_MessageInfo_new(current_syscall_error.type, 0, length, 0)
 */
void proof_replyFromKernel(void)
{
    word_t reg = nondet_byte() % n_contextRegisters, i = nondet_byte() % 128, was, wordWas, info;
    bool_t isError = nondet_bool();

    caller = nondet_tcb();
    __CPROVER_havoc_object(answer);
    canReceive = nondet_bool();
    current_syscall_error.type = nondet_byte() % 11;
    was = caller.registers[reg];
    wordWas = answer[i];
    wordsSet = 0;
    if (isError)
        replyFromKernel_error(&caller);
    else
        replyFromKernel_success_empty(&caller);
    info = caller.registers[msgInfoRegister];
    CLAIM(caller.registers[badgeRegister] == 0 && answer[i] == wordWas);
    CLAIM(info == (isError ? (word_t)current_syscall_error.type << 12 | wordsSet : 0));
    CLAIM(reg == badgeRegister || reg == msgInfoRegister || caller.registers[reg] == was);
    if (isError)
        REACH("error");
    REACH("end");
}
