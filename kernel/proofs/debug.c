/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug system calls of debug kernels.
 */
#include "kernel/proofs/proof.h"

/* A buffer of few words and few ready queues; the code counts with these. */
enum { BUFFER_WORDS = 3, QUEUES = 3 };
#undef NUM_READY_QUEUES
#undef seL4_MsgMaxLength
#define NUM_READY_QUEUES QUEUES
#define seL4_MsgMaxLength BUFFER_WORDS

static tcb_t caller, callerBefore, first, second, third;
static word_t buffer[BUFFER_WORDS + 1];
static bool_t hasBuffer, isFound;
static cap_t found;
static word_t putToDebug, lines, charsShown, shownFirst, shownSecond, shownThird, witness;
static char lastToDebug, witnessShown;

static word_t *bufferOf(bool_t isReceiver, const tcb_t *thread)
{
    CLAIM(!isReceiver && thread == &caller);
    return hasBuffer ? buffer : NULL;
}

#define lookupIPCBuffer(isReceiver, thread) bufferOf(isReceiver, thread)
#include "kernel/api/debug_on.c"

tcb_t *ksCurThread;
tcb_queue_t ksReadyQueues[CONFIG_NUM_DOMAINS * CONFIG_NUM_PRIORITIES];

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

lookupSlot_ret_t lookupCap(tcb_t *thread, cptr_t address, cap_t *cap)
{
    CLAIM(thread == &caller && address == callerBefore.registers[capRegister]);
    *cap = isFound ? found : cap_null_cap_new();
    return (lookupSlot_ret_t){isFound ? EXCEPTION_NONE : EXCEPTION_LOOKUP_FAULT, NULL};
}

void debugPutChar(char c)
{
    putToDebug++;
    lastToDebug = c;
}

void consolePutChar(char c)
{
    if (charsShown == witness)
        witnessShown = c;
    charsShown++;
}

void consolePutString(const char *text)
{
    lines += text[0] == '\n';
}

void consolePutNumber(word_t value)
{
    (void)value;
}

void consolePutHex(word_t value)
{
    shownFirst += value == (word_t)&first;
    shownSecond += value == (word_t)&second;
    shownThird += value == (word_t)&third;
}

void halt(void)
{
    CLAIM((int64_t)witness == seL4_SysDebugHalt);
    ASSUME(false);
    for (;;)
        continue;
}

static bool_t call(word_t number)
{
    word_t reg = nondet_byte() % n_contextRegisters;
    bool_t isKnown;

    caller = callerBefore = nondet_tcb();
    ksCurThread = &caller;
    hasBuffer = nondet_bool();
    isFound = nondet_bool();
    found = nondet_cap();
    __CPROVER_havoc_object(buffer);
    putToDebug = lines = charsShown = shownFirst = shownSecond = shownThird = 0;
    isKnown = handleDebugSyscall(number);
    CLAIM(isKnown == ((int64_t)number <= seL4_SysDebugPutChar && (int64_t)number >= seL4_SysDebugNameThread));
    CLAIM(caller.registers[reg] == callerBefore.registers[reg] || ((int64_t)number == seL4_SysDebugCapIdentify && reg == capRegister));
    CLAIM(caller.state == callerBefore.state && caller.nextIP == callerBefore.nextIP && caller.tcbPriority == callerBefore.tcbPriority);
    return isKnown;
}

/*
 * of: handleDebugSyscall (debug builds)
 * shows: a number of no debug call is refused; else the one thing is done that it stands for: a character goes to the debug port, the type of the
 *        capability, 0 if there is none, into the one register; no other register of the caller changes; only DebugHalt stops the machine
 * bounds: DebugNameThread and DebugDumpScheduler below
 * unwind: 5
 * options: --unwindset nameThread.0:25
 * mutant api/debug_on.c: setRegister(thread, capRegister, cap_get_capType(cap)); => setRegister(thread, msgInfoRegister, cap_get_capType(cap));
 * mutant api/debug_on.c: case seL4_SysDebugSnapshot:\n        return true; =>
 * mutant api/debug_on.c: debugPutChar((char)argument); => consolePutChar((char)argument);
 * mutant api/debug_on.c: halt();\n    case => return true;\n    case
 */
void proof_handleDebugSyscall(void)
{
    word_t number = nondet_word();

    witness = number;
    call(number);
    CLAIM((int64_t)number != seL4_SysDebugHalt);
    CLAIM(putToDebug == ((int64_t)number == seL4_SysDebugPutChar));
    CLAIM(putToDebug == 0 || lastToDebug == (char)callerBefore.registers[capRegister]);
    if ((int64_t)number == seL4_SysDebugCapIdentify) {
        CLAIM(caller.registers[capRegister] == (isFound ? cap_get_capType(found) : cap_null_cap));
        REACH("identify");
    }
    if ((int64_t)number != seL4_SysDebugNameThread)
        CLAIM(charsShown == 0);
    if ((int64_t)number != seL4_SysDebugNameThread && (int64_t)number != seL4_SysDebugDumpScheduler)
        CLAIM(lines == 0);
    REACH("end");
}

/*
 * of: nameThread
 * shows: one line, of a capability to a thread only, with the bytes of the caller's buffer behind its first word up to the first zero or the end of
 *        the message words, and no other memory; nothing without a buffer
 * bounds: a buffer of 3 message words (for 120)
 * unwind: 5
 * options: --unwindset nameThread.0:25
 * mutant api/debug_on.c: buffer == NULL || !cap_is(cap, cap_thread_cap) => buffer == NULL
 * mutant api/debug_on.c: buffer == NULL || !cap_is(cap, cap_thread_cap) => !cap_is(cap, cap_thread_cap)
 * mutant api/debug_on.c: 8 * (seL4_MsgMaxLength + 1) => 8 * (seL4_MsgMaxLength + 2)
 * mutant api/debug_on.c: for (i = 8; => for (i = 0;
 */
void proof_nameThread(void)
{
    witness = nondet_byte() % (8 * BUFFER_WORDS);
    call((word_t)seL4_SysDebugNameThread);
    CLAIM(lines == (hasBuffer && isFound && cap_is(found, cap_thread_cap)) && charsShown <= 8 * BUFFER_WORDS);
    CLAIM(IMPLIES(lines == 0, charsShown == 0));
    if (witness < charsShown)
        CLAIM(witnessShown == ((const char *)buffer)[8 + witness] && witnessShown != '\0');
    if (lines == 1 && charsShown < 8 * BUFFER_WORDS)
        CLAIM(((const char *)buffer)[8 + charsShown] == '\0');
    if (charsShown == 8 * BUFFER_WORDS)
        REACH("a long name");
    REACH("end");
}

/*
 * of: dumpScheduler, dumpQueue
 * shows: one line for each ready thread, with its address; no thread and no queue changes
 * bounds: 3 queues (for 256) with up to 2 threads
 * unwind: 5
 * mutant api/debug_on.c: i < NUM_READY_QUEUES => i < NUM_READY_QUEUES - 1
 * mutant api/debug_on.c: i < NUM_READY_QUEUES => i <= NUM_READY_QUEUES
 * mutant api/debug_on.c: thread != NULL; thread = thread->tcbSchedNext => thread != NULL; thread = NULL
 */
void proof_dumpScheduler(void)
{
    bool_t hasFirst = nondet_bool(), hasSecond = hasFirst && nondet_bool(), hasThird = nondet_bool();

    first = nondet_tcb();
    second = nondet_tcb();
    third = nondet_tcb();
    first.nextIP = second.nextIP = third.nextIP = 0; /* printed too, and not to be taken for an address of a thread */
    first.tcbSchedNext = hasSecond ? &second : NULL;
    second.tcbSchedNext = third.tcbSchedNext = NULL;
    ksReadyQueues[0].head = hasFirst ? &first : NULL;
    ksReadyQueues[1].head = NULL;
    ksReadyQueues[QUEUES - 1].head = hasThird ? &third : NULL;
    ksReadyQueues[QUEUES].head = &first; /* is none of them */
    call((word_t)seL4_SysDebugDumpScheduler);
    CLAIM(lines == hasFirst + hasSecond + hasThird);
    CLAIM(shownFirst == hasFirst && shownSecond == hasSecond && shownThird == hasThird);
    CLAIM(first.tcbSchedNext == (hasSecond ? &second : NULL) && ksReadyQueues[0].head == (hasFirst ? &first : NULL));
    REACH("end");
}
