/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts and exceptions after entry.S has saved the registers: which kernel entry is it?
 */
#include "kernel/arch/x86_64/interrupt.h"

#include "kernel/arch/x86_64/machine.h"
#include "kernel/include/api.h"

/* A device may send any vector; what nobody can have asked for is acknowledged, or it would block others for ever. */
static void serveInterrupt(word_t vector)
{
    if (vector >= IRQ_INT_OFFSET && vector < IRQ_INT_OFFSET + NUM_IRQS)
        handleInterrupt(vector - IRQ_INT_OFFSET);
    else if (vector != VECTOR_SPURIOUS)
        ackInterrupt();
}

static void handleHardwareInterrupt(word_t vector)
{
    serveInterrupt(vector);
    schedule();
    activateThread();
}

void serveInterrupts(void)
{
    word_t vector, i;

    for (i = 0; i < NUM_IRQS && isIRQPending(); i++) {
        vector = takeInterrupt();
        if (vector != 0)
            serveInterrupt(vector);
    }
    markInterruptible();
}

/* `int n` with a vector of no meaning: a fault that a system emulator may use as its system call. */
static void handleSoftwareInterrupt(word_t vector)
{
    tcb_t *thread = ksCurThread;

    setRegister(thread, RegFaultIP, getRegister(thread, RegFaultIP) - 2);
    handleUnknownSyscall(vector << 24 | (getRegister(thread, RegRAX) & 0xffffff));
}

void c_handle_interrupt(word_t vector, word_t errorCode)
{
    if (vector == VECTOR_PF)
        handleVMFaultEvent(readCR2(), errorCode);
    else if (vector < 32)
        handleUserLevelFault(vector, errorCode);
    else if (vector <= VECTOR_TIMER || vector == VECTOR_SPURIOUS || isInService(vector))
        handleHardwareInterrupt(vector);
    else
        handleSoftwareInterrupt(vector);
}

void c_handle_kernel_interrupt(word_t vector, word_t errorCode, word_t ip)
{
    if (vector >= 32) {
        handleHardwareInterrupt(vector);
        return;
    }
    consolePutString("\nkernel: exception ");
    consolePutNumber(vector);
    consolePutString(" in the kernel at ");
    consolePutHex(ip);
    consolePutString(", error code ");
    consolePutHex(errorCode);
    consolePutString(", address ");
    consolePutHex(readCR2());
    consolePutString("\n");
    halt();
}
