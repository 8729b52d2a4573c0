/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which kernel entry an interrupt or exception is.
 */
#include "kernel/proofs/proof.h"

/* What the CPU says of a page fault. */
static word_t faultAddress;

#include "kernel/arch/x86_64/instructions.h"
#define readCR2() faultAddress

#include "kernel/arch/x86_64/interrupt.c"

tcb_t *ksCurThread;
static tcb_t thread;
static word_t handled, handledIRQ, acknowledged, unknown, unknownNumber, userFaults, vmFaults, first, second, schedules, theVector;
static word_t arriving, late, taken, spurious;
static bool_t inService, isActivated, marked;

cte_t *slotOf(const tcb_t *t, word_t i)
{
    (void)t, (void)i;
    CLAIM(false);
    return NULL;
}

static void record(word_t *count, word_t a, word_t b)
{
    first = a;
    second = b;
    (*count)++;
}

void handleInterrupt(irq_t irq) { CLAIM(irq < NUM_IRQS && schedules == 0); handledIRQ = irq; handled++; }
void ackInterrupt(void) { CLAIM(schedules == 0); acknowledged++; }
void schedule(void) { schedules++; }
void activateThread(void) { CLAIM(schedules == 1 && !isActivated); isActivated = true; }
void handleUnknownSyscall(word_t number) { unknownNumber = number; unknown++; }
void handleUserLevelFault(word_t number, word_t code) { record(&userFaults, number, code); }
void handleVMFaultEvent(word_t address, word_t code) { record(&vmFaults, address, code); }
bool_t isInService(word_t vector) { CLAIM(vector < 256); return inService; }

bool_t isIRQPending(void) { CLAIM(!marked); return taken < arriving; }

/* One of those that wait, unless it is not there yet. */
word_t takeInterrupt(void)
{
    word_t vector = nondet_byte();

    CLAIM(taken < arriving && handled + acknowledged + spurious == taken);
    if (late > 0) {
        late--;
        return 0;
    }
    ASSUME(vector >= 32);
    taken++;
    spurious += vector == 0xff;
    return vector;
}

void markInterruptible(void) { marked = true; }
void consolePutString(const char *text) { CLAIM(text != NULL); }
void consolePutNumber(word_t value) { (void)value; }
void consolePutHex(word_t value) { (void)value; }

/* Only for an exception. */
void halt(void)
{
    CLAIM(theVector < 32 && handled == 0);
    ASSUME(false);
}

/*
 * of: c_handle_interrupt, handleHardwareInterrupt, handleSoftwareInterrupt
 * shows: exactly one thing is done: an exception or page fault becomes its fault, with error code and address; an interrupt with a number is handled,
 *        another that a device sent is only acknowledged, and the scheduler runs once; else an instruction sent it: an unknown system call that is
 *        made again if it is restarted; no register but the restart address changes
 * bounds: vectors 0 to 255; one arbitrary register
 * mutant arch/x86_64/interrupt.c: vector < IRQ_INT_OFFSET + NUM_IRQS) => vector <= IRQ_INT_OFFSET + NUM_IRQS)
 * mutant arch/x86_64/interrupt.c: vector == VECTOR_SPURIOUS || isInService(vector) => vector == VECTOR_SPURIOUS
 * mutant arch/x86_64/interrupt.c: getRegister(thread, RegFaultIP) - 2 => getRegister(thread, RegFaultIP)
 * mutant arch/x86_64/interrupt.c: else if (vector < 32) => else if (vector <= 32)
 */
void proof_handleVector(void)
{
    word_t vector = nondet_byte(), code = nondet_word(), reg = nondet_byte() % n_contextRegisters, was, ip, rax;
    bool_t isFault = vector < 32, isHardware;

    thread = nondet_tcb();
    ksCurThread = &thread;
    faultAddress = nondet_word();
    inService = nondet_bool();
    was = thread.registers[reg];
    ip = thread.registers[RegFaultIP];
    rax = thread.registers[RegRAX];
    c_handle_interrupt(vector, code);
    isHardware = !isFault && (vector <= 0x9d || vector == 0xff || inService);
    CLAIM(handled + userFaults + vmFaults + unknown + acknowledged == !(isHardware && vector == 0xff));
    CLAIM(vmFaults == (vector == 14) && IMPLIES(vmFaults, first == faultAddress && second == code));
    CLAIM(userFaults == (isFault && vector != 14) && IMPLIES(userFaults, first == vector && second == code));
    CLAIM(handled == (isHardware && vector >= 0x30 && vector <= 0x9d) && IMPLIES(handled, handledIRQ == vector - 0x30));
    CLAIM(schedules == isHardware && isActivated == isHardware);
    if (unknown) {
        CLAIM(unknownNumber == (vector << 24 | (rax & 0xffffff)));
        REACH("int n");
    }
    CLAIM(thread.registers[reg] == (unknown && reg == RegFaultIP ? ip - 2 : was));
    if (acknowledged)
        REACH("unknown interrupt");
    if (vector == 0xff)
        REACH("spurious");
    REACH("end");
}

/*
 * of: c_handle_kernel_interrupt
 * shows: an interrupt of the idle thread is handled as any other; an exception of the kernel itself stops the machine, after a line that says which
 * bounds: vectors 0 to 255
 * mutant arch/x86_64/interrupt.c: if (vector >= 32) {\n        handleHardwareInterrupt(vector);\n        return;\n    } =>
 */
void proof_handleKernelVector(void)
{
    word_t vector = nondet_byte();

    ksCurThread = &thread;
    theVector = vector;
    if (vector < 32)
        REACH("exception");
    c_handle_kernel_interrupt(vector, nondet_word(), nondet_word());
    CLAIM(vector >= 32 && schedules == 1 && isActivated && userFaults + vmFaults + unknown == 0);
    CLAIM(handled == (vector >= 0x30 && vector <= 0x9d) && acknowledged == (!handled && vector != 0xff));
    REACH("end");
}

static void serves(word_t interrupts, word_t attempts)
{
    arriving = interrupts;
    late = attempts;
    ksCurThread = &thread;
    serveInterrupts();
    CLAIM(marked && taken == arriving && handled + acknowledged + spurious == taken);
    CLAIM(schedules + userFaults + vmFaults + unknown == 0 && !isActivated);
    if (handled == 3)
        REACH("three");
    if (spurious)
        REACH("spurious");
    REACH("end");
}

/*
 * of: serveInterrupts, serveInterrupt
 * shows: each interrupt that is let in is handled or acknowledged, once, before the next; nothing else is done, and the scheduler is not asked
 * bounds: up to 3 interrupts, the first of which may be late
 * unwind: 6
 * mutant arch/x86_64/interrupt.c: if (vector != 0)\n            serveInterrupt(vector); => ;
 * mutant arch/x86_64/interrupt.c: if (vector != 0)\n            serveInterrupt(vector); => serveInterrupt(vector);
 * mutant arch/x86_64/interrupt.c: i < NUM_IRQS && isIRQPending() => i < NUM_IRQS
 */
void proof_serveInterrupts(void)
{
    if (nondet_bool())
        return serves(0, 0);
    if (nondet_bool())
        return serves(1, 2);
    return serves(3, 1);
}
