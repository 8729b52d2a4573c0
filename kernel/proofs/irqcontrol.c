/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt lines: handlers are issued for lines that exist and nobody has, and no other line is touched.
 *
 * An I/O APIC has a register that selects and a window to what it selects; of those behind the window one arbitrary one is kept (witness).
 * Of the table of interrupts only the entry of one interrupt is there: access to another fails.
 * irq.c has the handlers.
 */
#include "kernel/proofs/message.h"

static irq_state_t theState;
static irq_t irq; /* the functions have their own */

static irq_state_t *stateOf(irq_t i);

/* Everywhere `intStateIRQTable[irq]': the entry of the one interrupt that a function is about. */
#define intStateIRQTable (stateOf(irq) - irq)
#include "kernel/arch/x86_64/apic.c"
#undef intStateIRQTable

#include "kernel/api/error.c"

tcb_t *ksCurThread;
word_t ksWorkUnitsCompleted, modelPort, modelPortBytes, modelPortValue;
static cte_t control;
static word_t theIRQ;
static uint32_t selected, window, lapicRegister, witnessValue;
static word_t lapicOffset, lapicReads, witnessRegister, witnessWrites, deviceWrites, insertions;
static bool_t isWindowOpen, anyPending;
static cap_t inserted;
static cte_t *insertedInto;

static irq_state_t *stateOf(irq_t i)
{
    CLAIM(i == theIRQ && i < NUM_IRQS);
    return &theState;
}

/* What was written to the window last. */
static void closeWindow(void)
{
    if (!isWindowOpen)
        return;
    isWindowOpen = false;
    deviceWrites++;
    if (selected == witnessRegister) {
        witnessValue = window;
        witnessWrites++;
    }
}

volatile uint32_t *deviceRegister(word_t base, word_t offset)
{
    closeWindow();
    if (base == KDEV_LAPIC) {
        CLAIM(offset < 0x400 && offset % 16 == 0);
        lapicRegister = (uint32_t)nondet_word();
        anyPending = anyPending || lapicRegister != 0;
        lapicOffset = offset;
        lapicReads++;
        return &lapicRegister;
    }
    CLAIM(base == KDEV_IOAPIC(0) && (offset == IOAPIC_REGSEL || offset == IOAPIC_WINDOW));
    isWindowOpen = offset == IOAPIC_WINDOW;
    return isWindowOpen ? &window : &selected;
}

exception_t ensureEmptySlot(cte_t *slot) { return cap_is(slot->cap, cap_null_cap) ? EXCEPTION_NONE : errorSimple(seL4_DeleteFirst); }

void cteInsert(cap_t cap, cte_t *src, cte_t *dest)
{
    CLAIM(src == &control && cap_is(dest->cap, cap_null_cap));
    inserted = cap;
    insertedInto = dest;
    insertions++;
}

cte_t *slotOf(const tcb_t *thread, word_t i)
{
    (void)thread, (void)i;
    CLAIM(false);
    return NULL;
}

static bool_t sameState(irq_state_t a, irq_state_t b)
{
    return a.state == b.state && a.isIOAPIC == b.isIOAPIC && a.ioapic == b.ioapic && a.pin == b.pin;
}

static void arbitraryLines(void)
{
    numIOAPICs = nondet_bool();
    ioapicLines[0] = nondet_byte();
    ASSUME(ioapicLines[0] >= 1 && ioapicLines[0] <= ARRAY_SIZE(ioapicEntry[0]));
    __CPROVER_havoc_object(ioapicEntry);
    theState = (irq_state_t){nondet_byte(), nondet_bool(), nondet_byte(), nondet_byte()};
    witnessRegister = nondet_byte();
    witnessWrites = deviceWrites = insertions = lapicReads = 0;
    isWindowOpen = anyPending = false;
}

/*
 * of: Arch_decodeIRQControlInvocation, checkIOAPICArguments, checkMSIArguments, connectIOAPIC, ioapicWrite
 * shows: every message: an error and no change, or the one interrupt named, which nobody had, signals, and its handler capability, child of the
 *        control capability, goes into an empty slot; for an I/O APIC the one line named, which exists, has this vector, trigger and polarity, goes to
 *        this CPU and is open; for MSI no line is touched; no other interrupt, line or register of a device changes
 * bounds: one arbitrary other line and register
 * mutant arch/x86_64/apic.c: if (intStateIRQTable[irq].state != IRQInactive)\n        return errorSimple(seL4_RevokeFirst); =>
 * mutant arch/x86_64/apic.c: if (pin >= ioapicLines[ioapic]) => if (pin > ioapicLines[ioapic])
 * mutant arch/x86_64/apic.c: if (irq >= NUM_USER_IRQS) => if (irq > NUM_USER_IRQS)
 * mutant arch/x86_64/apic.c: if (bus > 255)\n        return errorRange(0, 255); =>
 * mutant arch/x86_64/apic.c: status = ensureEmptySlot(dest.slot); => status = EXCEPTION_NONE;
 * mutant arch/x86_64/apic.c: ioapicWrite(ioapic, IOREDTBL(pin) + 1, 0); => ;
 * mutant arch/x86_64/apic.c: (polarity ? IOREDTBL_ACTIVE_LOW : 0)); => (polarity ? IOREDTBL_LEVEL : 0));
 */
void proof_decodeIRQControl(void)
{
    word_t length, label = nondet_word(), otherPin = nondet_byte() % ARRAY_SIZE(ioapicEntry[0]);
    const word_t *buffer = arbitraryMessage(&length);
    word_t a2 = getSyscallArg(2, buffer), a3 = getSyscallArg(3, buffer), a4 = getSyscallArg(4, buffer);
    word_t a5 = getSyscallArg(5, buffer), low;
    irq_state_t was, expected;
    uint32_t entryWas;
    exception_t status;

    arbitraryLines();
    control = nondet_cte();
    theIRQ = getSyscallArg(6, buffer);
    was = theState;
    entryWas = ioapicEntry[0][otherPin];
    keepWorld(cap_new(cap_irq_control_cap, 0, 0, 0), NULL);
    status = Arch_decodeIRQControlInvocation(label, length, &control, buffer);
    closeWindow();
    claimAnswer(status);
    if (status != EXCEPTION_NONE) {
        CLAIM(status == EXCEPTION_SYSCALL_ERROR && deviceWrites == 0 && insertions == 0);
        CLAIM(sameState(theState, was) && ioapicEntry[0][otherPin] == entryWas);
        REACH("error");
        return;
    }
    CLAIM(length >= 7 && theIRQ < NUM_USER_IRQS && was.state == IRQInactive && lookups == 1 && lapicReads == 0);
    CLAIM(insertions == 1 && cap_is(inserted, cap_irq_handler_cap) && inserted.words[1] == theIRQ && inserted.words[0] == cap_irq_handler_cap);
    CLAIM(insertedInto == &found0 || insertedInto == &found1 || insertedInto == &found2);
    expected = label == X86IRQIssueIRQHandlerMSI ? (irq_state_t){IRQSignal, false, 0, 0} : (irq_state_t){IRQSignal, true, 0, (uint8_t)a3};
    CLAIM(sameState(theState, expected));
    if (label == X86IRQIssueIRQHandlerMSI) {
        CLAIM(a2 <= 255 && a3 <= 31 && a4 <= 7 && deviceWrites == 0 && ioapicEntry[0][otherPin] == entryWas);
        REACH("MSI");
        return;
    }
    CLAIM(label == X86IRQIssueIRQHandlerIOAPIC && a2 < numIOAPICs && a3 < ioapicLines[0] && a4 <= 1 && a5 <= 1);
    low = (theIRQ + 0x30) | (a4 ? BIT(15) : 0) | (a5 ? BIT(13) : 0);
    CLAIM(ioapicEntry[0][otherPin] == (otherPin == a3 ? low : entryWas));
    CLAIM(deviceWrites == 2 && witnessWrites == (witnessRegister == 0x10 + 2 * a3 || witnessRegister == 0x11 + 2 * a3));
    CLAIM(IMPLIES(witnessWrites, witnessValue == (witnessRegister == 0x10 + 2 * a3 ? low : 0)));
    REACH("I/O APIC");
}

/*
 * of: maskInterrupt
 * shows: the line of an interrupt of an I/O APIC is closed or opened, and keeps its vector, trigger and polarity; no other register is written; of
 *        other interrupts there is no line
 * bounds: one arbitrary register
 * mutant arch/x86_64/apic.c: if (s->isIOAPIC)\n         => 
 * mutant arch/x86_64/apic.c: (mask ? IOREDTBL_MASKED : 0)); => (mask ? 0 : IOREDTBL_MASKED));
 */
void proof_maskInterrupt(void)
{
    bool_t mask = nondet_bool();
    irq_state_t s;

    arbitraryLines();
    theIRQ = nondet_byte() % NUM_IRQS;
    s = theState;
    ASSUME(IMPLIES(s.isIOAPIC, s.ioapic == 0 && s.pin < ioapicLines[0]));
    ASSUME(!s.isIOAPIC || !(ioapicEntry[0][s.pin] & BIT(16))); /* connectIOAPIC */
    maskInterrupt(mask, theIRQ);
    closeWindow();
    CLAIM(deviceWrites == (s.isIOAPIC != 0) && witnessWrites == (s.isIOAPIC && witnessRegister == 0x10 + 2 * (word_t)s.pin));
    if (witnessWrites) {
        CLAIM(witnessValue == (ioapicEntry[0][s.pin] | (mask ? BIT(16) : 0)));
        REACH("line");
    }
    CLAIM(sameState(theState, s));
    REACH("end");
}

/*
 * of: isIRQPending, isInService, ackInterrupt, timerStart, timerStop, lapicRead, lapicWrite
 * shows: the registers of the local APIC that their names say, none else; an interrupt waits exactly if one of the vectors 0x20 to 0x9f does
 * bounds: every vector
 * unwind: 5
 * mutant arch/x86_64/apic.c: for (i = 1; i <= 4; i++) { => for (i = 1; i < 4; i++) {
 * mutant arch/x86_64/apic.c: lapicRead(LAPIC_ISR + 0x10 * (vector / 32)) => lapicRead(LAPIC_ISR + 0x10 * (vector / 16))
 * mutant arch/x86_64/apic.c: lapicWrite(LAPIC_EOI, 0); => lapicWrite(LAPIC_TPR, 0);
 */
void proof_localAPIC(void)
{
    word_t vector = nondet_byte(), which = nondet_byte() % 5;
    bool_t answer;

    arbitraryLines();
    ksTimerCount = nondet_word();
    if (which == 0) {
        answer = isIRQPending();
        CLAIM(answer == anyPending && lapicReads <= 4 && IMPLIES(!answer, lapicReads == 4 && lapicOffset == 0x240));
        REACH("pending");
    } else if (which == 1) {
        answer = isInService(vector);
        CLAIM(lapicReads == 1 && lapicOffset == 0x100 + 0x10 * (vector >> 5) && answer == (lapicRegister >> (vector & 31) & 1));
        REACH("in service");
    } else if (which == 2) {
        ackInterrupt();
        CLAIM(lapicReads == 1 && lapicOffset == 0xb0 && lapicRegister == 0);
    } else if (which == 3) {
        timerStart();
        CLAIM(lapicReads == 1 && lapicOffset == 0x380 && lapicRegister == (uint32_t)ksTimerCount);
    } else {
        timerStop();
        CLAIM(lapicReads == 1 && lapicOffset == 0x380 && lapicRegister == 0);
    }
    CLAIM(deviceWrites == 0 && !isWindowOpen);
    REACH("end");
}
