/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local APIC (tick, end of interrupt, pending check) and I/O APICs (lines of devices).
 *
 * Sources: Intel SDM volume 3, chapter "Advanced Programmable Interrupt Controller"; 82093AA data sheet.
 */
#include "kernel/arch/x86_64/machine.h"
#include "kernel/include/api.h"

#define LAPIC_TPR 0x080
#define LAPIC_EOI 0x0b0
#define LAPIC_SVR 0x0f0
#define LAPIC_ISR 0x100
#define LAPIC_IRR 0x200
#define LAPIC_LVT_TIMER 0x320
#define LAPIC_LVT_LINT0 0x350
#define LAPIC_LVT_LINT1 0x360
#define LAPIC_LVT_ERROR 0x370
#define LAPIC_TIMER_COUNT 0x380
#define LAPIC_TIMER_CURRENT 0x390
#define LAPIC_TIMER_DIVIDE 0x3e0

#define LVT_MASKED BIT(16)
#define LVT_PERIODIC BIT(17)
#define LVT_EXTINT 0x700
#define DIVIDE_BY_1 0xb

#define IOAPIC_REGSEL 0x00
#define IOAPIC_WINDOW 0x10
#define IOAPIC_VERSION 1
#define IOREDTBL(pin) (0x10 + 2 * (pin))
#define IOREDTBL_MASKED BIT(16)
#define IOREDTBL_LEVEL BIT(15)
#define IOREDTBL_ACTIVE_LOW BIT(13)

static word_t ksTimerCount;
static word_t numIOAPICs;
static uint8_t ioapicLines[CONFIG_MAX_NUM_IOAPIC];
static uint32_t ioapicEntry[CONFIG_MAX_NUM_IOAPIC][240]; /* low words without the mask bit */

static void lapicWrite(word_t reg, word_t value)
{
    *deviceRegister(KDEV_LAPIC, reg) = (uint32_t)value;
}

static uint32_t lapicRead(word_t reg)
{
    return *deviceRegister(KDEV_LAPIC, reg);
}

void timerStart(void)
{
    lapicWrite(LAPIC_TIMER_COUNT, ksTimerCount);
}

void timerStop(void)
{
    lapicWrite(LAPIC_TIMER_COUNT, 0);
}

void ackInterrupt(void)
{
    lapicWrite(LAPIC_EOI, 0);
}

/* Whether an interrupt waits in the local APIC: vectors 0x20 to 0x9f are registers 1 to 4 of 8. */
bool_t isIRQPending(void)
{
    word_t i;

    for (i = 1; i <= 4; i++) {
        if (lapicRead(LAPIC_IRR + 0x10 * i) != 0)
            return true;
    }
    return false;
}

/* Whether a device sent this vector, not an instruction. */
bool_t isInService(word_t vector)
{
    return lapicRead(LAPIC_ISR + 0x10 * (vector / 32)) >> vector % 32 & 1;
}

/* A NOP that tools/count.c takes for the end of a stretch during which interrupts have to wait. */
void markInterruptible(void)
{
    markPoint();
}

static void ioapicWrite(word_t ioapic, word_t reg, uint32_t value)
{
    *deviceRegister(KDEV_IOAPIC(ioapic), IOAPIC_REGSEL) = (uint32_t)reg;
    *deviceRegister(KDEV_IOAPIC(ioapic), IOAPIC_WINDOW) = value;
}

void maskInterrupt(bool_t mask, irq_t irq)
{
    irq_state_t *s = &intStateIRQTable[irq];

    if (s->isIOAPIC)
        ioapicWrite(s->ioapic, IOREDTBL(s->pin), ioapicEntry[s->ioapic][s->pin] | (mask ? IOREDTBL_MASKED : 0));
}

static exception_t checkIOAPICArguments(word_t ioapic, word_t pin, word_t level, word_t polarity)
{
    if (ioapic >= numIOAPICs)
        return errorRange(0, numIOAPICs - 1);
    if (pin >= ioapicLines[ioapic])
        return errorRange(0, (word_t)ioapicLines[ioapic] - 1);
    if (level > 1 || polarity > 1)
        return errorRange(0, 1);
    return EXCEPTION_NONE;
}

static exception_t checkMSIArguments(word_t bus, word_t dev, word_t func)
{
    if (bus > 255)
        return errorRange(0, 255);
    if (dev > 31)
        return errorRange(0, 31);
    return func > 7 ? errorRange(0, 7) : EXCEPTION_NONE;
}

static void connectIOAPIC(irq_t irq, word_t ioapic, word_t pin, word_t level, word_t polarity)
{
    intStateIRQTable[irq] = (irq_state_t){IRQSignal, true, (uint8_t)ioapic, (uint8_t)pin};
    ioapicEntry[ioapic][pin] = (uint32_t)((irq + IRQ_INT_OFFSET) | (level ? IOREDTBL_LEVEL : 0) |
                                          (polarity ? IOREDTBL_ACTIVE_LOW : 0));
    ioapicWrite(ioapic, IOREDTBL(pin) + 1, 0);
    maskInterrupt(false, irq);
}

exception_t Arch_decodeIRQControlInvocation(word_t label, word_t length, cte_t *srcSlot, const word_t *buffer)
{
    irq_t irq = getSyscallArg(6, buffer);
    word_t a2 = getSyscallArg(2, buffer), a3 = getSyscallArg(3, buffer), a4 = getSyscallArg(4, buffer);
    word_t a5 = getSyscallArg(5, buffer);
    lookupSlot_ret_t dest;
    exception_t status;

    if (label != X86IRQIssueIRQHandlerIOAPIC && label != X86IRQIssueIRQHandlerMSI)
        return errorSimple(seL4_IllegalOperation);
    if (length < 7 || current_extra_caps[0] == NULL)
        return errorSimple(seL4_TruncatedMessage);
    if (irq >= NUM_USER_IRQS)
        return errorRange(0, NUM_USER_IRQS - 1);
    if (intStateIRQTable[irq].state != IRQInactive)
        return errorSimple(seL4_RevokeFirst);
    dest = lookupSlotForCNodeOp(false, current_extra_caps[0]->cap, getSyscallArg(0, buffer), getSyscallArg(1, buffer));
    if (dest.status != EXCEPTION_NONE)
        return dest.status;
    status = ensureEmptySlot(dest.slot);
    if (status != EXCEPTION_NONE)
        return status;
    status = label == X86IRQIssueIRQHandlerMSI ? checkMSIArguments(a2, a3, a4) : checkIOAPICArguments(a2, a3, a4, a5);
    if (status != EXCEPTION_NONE)
        return status;

    if (label == X86IRQIssueIRQHandlerMSI)
        intStateIRQTable[irq] = (irq_state_t){IRQSignal, false, 0, 0};
    else
        connectIOAPIC(irq, a2, a3, a4, a5);
    cteInsert(cap_new(cap_irq_handler_cap, 0, 0, irq), srcSlot, dest.slot);
    return EXCEPTION_NONE;
}

BOOT_CODE void initLAPIC(word_t timerCount)
{
    ksTimerCount = timerCount;
    lapicWrite(LAPIC_TPR, 0);
    lapicWrite(LAPIC_LVT_LINT0, LVT_MASKED);
    lapicWrite(LAPIC_LVT_LINT1, LVT_MASKED);
    lapicWrite(LAPIC_LVT_ERROR, LVT_MASKED);
    lapicWrite(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
    lapicWrite(LAPIC_LVT_TIMER, LVT_PERIODIC | VECTOR_TIMER);
    intStateIRQTable[IRQ_TIMER].state = IRQTimer;
    timerStop();
}

/* False if nothing answers there. */
BOOT_CODE bool_t initIOAPIC(word_t index, paddr_t paddr)
{
    word_t pin, lines;

    mapDevicePage(KDEV_IOAPIC(index), paddr);
    *deviceRegister(KDEV_IOAPIC(index), IOAPIC_REGSEL) = IOAPIC_VERSION;
    lines = (*deviceRegister(KDEV_IOAPIC(index), IOAPIC_WINDOW) >> 16 & 0xff) + 1;
    if (lines > ARRAY_SIZE(ioapicEntry[0]))
        return false;
    ioapicLines[index] = (uint8_t)lines;
    for (pin = 0; pin < lines; pin++) {
        ioapicWrite(index, IOREDTBL(pin), IOREDTBL_MASKED);
        ioapicWrite(index, IOREDTBL(pin) + 1, 0);
    }
    numIOAPICs = index + 1;
    return true;
}

#define PIC1 0x20
#define PIC2 0xa0
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_10MS 11932
#define CALIBRATIONS 4 /* at most: without a PIT each takes as long as the APIC's timer counts, 4.3 s in QEMU */
#define MOST_MHZ 10000

extern volatile word_t bootTicks;

static BOOT_CODE void initPIC(uint8_t mask)
{
    static const uint8_t sequence[][2] = {
        {PIC1, 0x11}, {PIC2, 0x11}, {PIC1 + 1, 0x20}, {PIC2 + 1, 0x28},
        {PIC1 + 1, 4}, {PIC2 + 1, 2}, {PIC1 + 1, 1}, {PIC2 + 1, 1}, {PIC2 + 1, 0xff},
    };
    word_t i;

    for (i = 0; i < ARRAY_SIZE(sequence); i++)
        outb(sequence[i][0], sequence[i][1]);
    outb(PIC1 + 1, mask);
}

/* Sleeps until the next tick of the PIT; false if the APIC's own timer ran out first. */
static BOOT_CODE bool_t waitForTick(void)
{
    word_t before = bootTicks;

    while (bootTicks == before)
        __asm__ volatile("sti\n\thlt\n\tcli" : : : "memory");
    return lapicRead(LAPIC_TIMER_CURRENT) != 0;
}

/* One period of the PIT.  False: it does not tick, or the machine was stopped meanwhile: no processor is as fast as this one seems. */
static BOOT_CODE bool_t measurePeriod(word_t *tscMHz, word_t *timerCount)
{
    word_t tsc, count;

    lapicWrite(LAPIC_TIMER_COUNT, 0xffffffff);
    if (!waitForTick())
        return false;
    tsc = rdtsc();
    count = lapicRead(LAPIC_TIMER_CURRENT);
    if (!waitForTick())
        return false;
    *tscMHz = (rdtsc() - tsc + 5000) / 10000;
    *timerCount = (count - lapicRead(LAPIC_TIMER_CURRENT)) * CONFIG_TIMER_TICK_MS / 10;
    return *tscMHz <= MOST_MHZ;
}

/*
 * Measures the TSC (MHz) and the local APIC timer (counts a tick) over one 10 ms period of the PIT, sleeping.
 * Both are 0 if no period of a few can be measured.
 */
BOOT_CODE void calibrateTimers(word_t *tscMHz, word_t *timerCount)
{
    word_t tries = CALIBRATIONS;

    lapicWrite(LAPIC_SVR, 0x100 | VECTOR_SPURIOUS);
    lapicWrite(LAPIC_LVT_LINT0, LVT_EXTINT);
    lapicWrite(LAPIC_TIMER_DIVIDE, DIVIDE_BY_1);
    lapicWrite(LAPIC_LVT_TIMER, 0x20); /* one shot, into the same handler */
    initPIC(0xfe);
    outb(PIT_COMMAND, 0x34);
    outb(PIT_CHANNEL0, PIT_10MS & 0xff);
    outb(PIT_CHANNEL0, PIT_10MS >> 8);
    while (!measurePeriod(tscMHz, timerCount)) {
        *tscMHz = *timerCount = 0;
        if (--tries == 0)
            break;
    }
    outb(PIC1 + 1, 0xff);
    outb(PIT_COMMAND, 0x30);
    lapicWrite(LAPIC_LVT_LINT0, LVT_MASKED);
    lapicWrite(LAPIC_TIMER_COUNT, 0);
}
