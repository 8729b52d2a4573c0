/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The clock: time is read from the TSC, interrupts come from the HPET (else the PIT), one at a time, for the timer
 * that is due first.
 *
 * Time units are 100 ns.  Interrupt time is (TSC - base) * multiplier >> 32; system time is interrupt time plus an
 * offset, which grows or shrinks while somebody has time of day run at another rate (KeSetTimeAdjustment).
 * KUSER_SHARED_DATA is written at every tick (64 Hz) while some program's thread is runnable, and when one
 * becomes runnable after nothing was; an idle machine gets no interrupts.
 *
 * HPET: IA-PC HPET Specification 1.0a, section 2.3.  The interrupt is edge-triggered; an edge while the IOAPIC line is
 * masked is lost, so the line is acknowledged before the comparator is written, and a comparator that lies in the past
 * after the write is handled at once.
 */
#include "kep.h"
#include "ntos/inc/hal.h"

#define HPET_CAPABILITIES 0             /* registers, as indexes of 64-bit words */
#define HPET_CONFIGURATION 2
#define HPET_COUNTER 30
#define HPET_TIMER0_CONFIGURATION 32
#define HPET_TIMER0_COMPARATOR 33
#define HPET_ENABLE 1ull
#define HPET_TIMER_INTERRUPT 4ull
#define HPET_TIMER_ROUTE_SHIFT 9

#define PIT_HZ 1193182u
#define PIT_MAXIMUM 1000000u            /* 0.1 s: more than its 16 bits count to */
#define PIT_CHANNEL0 0x40
#define PIT_COMMAND 0x43
#define PIT_ONE_SHOT 0x30               /* channel 0, both bytes, mode 0 */

#define KI_TICK KeMaximumIncrement
/* DIFFERS: the shared page counts milliseconds, not ticks of KeMaximumIncrement: Wine's GetTickCount reads the count without its multiplier. */
#define SHARED_TICK 10000
#define SHARED_TICK_MULTIPLIER (1u << 24)
#define FS_PER_UNIT 100000000ull        /* femtoseconds in 100 ns */
#define CALIBRATION_TIME 5000000u       /* 0.5 s, twice */
/*
 * Interrupt time when ntos first looks at the clock: firmware, loader and kernel count as a second.  A program may so take
 * a tick count of less than a second for "never": libwine's GlobalMemoryStatusEx does, and would show zeros.
 */
#define START_TIME 10000000u

/* While time of day has a rate of its own, the timers for moments of it are moved so often, if by more than so much. */
#define GAIN_PERIOD 1000000u
#define MAXIMUM_SHIFT 10000

LARGE_INTEGER KeBootTime;

static ULONG64 KipTscBase, KipTscMultiplier;    /* 100 ns in 2^-32 a cycle */
static ULONG64 KipSystemOffset;
static LONG KipGain;                    /* time of day gains so many units in each KI_TICK */
static ULONG64 KipGainedUntil;          /* interrupt time up to which KipSystemOffset has it */
static LONG64 KipGainRest;              /* less than a unit, in 1/KI_TICK */
static LONG64 KipTimerShift;            /* gained, and the timers for system times do not have it yet */
static volatile ULONG64 *KipHpet;
static ULONG64 KipHpetMultiplier;       /* counts in 2^-32 a 100 ns */
static seL4_CPtr KipClockHandler;
static ULONG64 KipClockDue = ~0ull;     /* what the hardware is set to */
static BOOLEAN KipClockAcknowledged = TRUE;

/* A moment on both clocks. */
typedef struct _KI_MOMENT {
    ULONG64 Tsc;
    ULONG Counter;                      /* the HPET's, 32 bits of it */
} KI_MOMENT;

static ULONG64 KipHpetPeriodFs;         /* 0 = calibration is done */
static KI_MOMENT KipFirstMoment, KipMiddleMoment;       /* calibration: where the two intervals begin */
static ULONG64 KipMeasuredMultiplier;   /* of the first one; 0 = it is not over */
static KTIMER KipTickTimer;

static inline ULONG64 KipScale(ULONG64 Value, ULONG64 Multiplier)
{
    return (ULONG64)((unsigned __int128)Value * Multiplier >> 32);
}

/* Value * 2^32 / Divisor, rounded down.  The quotient must fit 64 bits: Value < Divisor * 2^32. */
static inline ULONG64 KipDivideShifted(ULONG64 Value, ULONG64 Divisor)
{
    ULONG64 Quotient, Rest;

    __asm__("divq %4" : "=a"(Quotient), "=d"(Rest) : "a"(Value << 32), "d"(Value >> 32), "r"(Divisor) : "cc");
    return Quotient;
}

/* The TSC that stands for interrupt time 0, if it is START_TIME now. */
static inline ULONG64 KipBeginTime(VOID)
{
    return KiReadTsc() - KipDivideShifted(START_TIME, KipTscMultiplier);
}

/* ------------------------------------------------------------------ reading */

ULONG64 KeQueryInterruptTime(VOID)
{
    return KipScale(KiReadTsc() - KipTscBase, KipTscMultiplier);
}

/* Brings KipSystemOffset up to interrupt time Now. */
static VOID KipGainTime(ULONG64 Now)
{
    LONG64 Elapsed = (LONG64)(Now - KipGainedUntil), Gained, Parts;

    if (KipGain == 0)
        return;
    Parts = Elapsed % (LONG64)KI_TICK * KipGain + KipGainRest;
    Gained = Elapsed / (LONG64)KI_TICK * KipGain + Parts / (LONG64)KI_TICK;
    KipGainRest = Parts % (LONG64)KI_TICK;
    KipGainedUntil = Now;
    KipSystemOffset += (ULONG64)Gained;
    KipTimerShift += Gained;
}

VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime)
{
    ULONG64 Now = KeQueryInterruptTime();

    KipGainTime(Now);
    CurrentTime->QuadPart = (LONG64)(Now + KipSystemOffset);
}

VOID KeSetTimeAdjustment(ULONG UnitsInTick)
{
    KipGainTime(KeQueryInterruptTime());
    KipGain = (LONG)UnitsInTick - (LONG)KI_TICK;
    KipGainedUntil = KeQueryInterruptTime();
    KipGainRest = 0;
    if (KipGain != 0)
        KiSetClock(KipGainedUntil + GAIN_PERIOD);
}

VOID KeQueryTickCount(PLARGE_INTEGER CurrentCount)
{
    CurrentCount->QuadPart = (LONG64)(KeQueryInterruptTime() / KI_TICK);
}

LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER Frequency)
{
    LARGE_INTEGER Now;

    Now.QuadPart = (LONG64)KeQueryInterruptTime();
    if (Frequency != NULL)
        Frequency->QuadPart = 10000000;
    return Now;
}

VOID KeSetSystemTime(PLARGE_INTEGER NewTime, PLARGE_INTEGER OldTime)
{
    LONG64 Delta;

    KeQuerySystemTime(OldTime);
    Delta = NewTime->QuadPart - OldTime->QuadPart;
    KipSystemOffset += (ULONG64)Delta;
    KeBootTime.QuadPart += Delta;
    KiShiftAbsoluteTimers(Delta);
    KiUpdateSharedData();
}

ULONG64 KeCyclesOf(ULONG64 Time)
{
    return KipDivideShifted(Time, KipTscMultiplier);
}

/* ------------------------------------------------------------------ shared data, ticks */

static VOID KipStoreTime(volatile KSYSTEM_TIME *Time, ULONG64 Value)
{
    Time->High2Time = (LONG)(Value >> 32);
    Time->LowPart = (ULONG)Value;
    Time->High1Time = (LONG)(Value >> 32);
}

VOID KiUpdateSharedData(VOID)
{
    ULONG64 Now = KeQueryInterruptTime();

    KipGainTime(Now);
    KipStoreTime(&MmSharedUserData->InterruptTime, Now);
    KipStoreTime(&MmSharedUserData->SystemTime, Now + KipSystemOffset);
    KipStoreTime(&MmSharedUserData->TickCount, Now / SHARED_TICK);
}

VOID (*KeTickRoutines[KeTickCount])(VOID);

static VOID KipSetTick(ULONG64 Now)
{
    KiInsertTimer(&KipTickTimer, Now + KI_TICK);
    KiTickTsc = KiReadTsc() + KipDivideShifted(KI_TICK, KipTscMultiplier);
}

VOID KiTick(ULONG64 Now)
{
    KiTickTsc = ~0ull;
    if (KiListEmpty(&KiRunnableList))
        return;
    KipSetTick(Now);
    for (ULONG i = 0; i < KeTickCount; i++)
        if (KeTickRoutines[i] != NULL)
            KeTickRoutines[i]();
}

static DECLSPEC_NOINLINE VOID KipStartTicks(VOID)
{
    ULONG64 Now = KeQueryInterruptTime();

    KiUpdateSharedData();
    if (KipTickTimer.Header.Inserted)
        return;
    KiStartSampling(Now);
    KipSetTick(Now);
}

VOID KiCountThread(PKTHREAD Thread, BOOLEAN Runnable)
{
    if (Thread->Counted == Runnable || Thread->SystemThread || Thread->DriverHost ||
        (Runnable && Thread->Tcb.Cap == 0))         /* it only waits on the way to its end */
        return;
    Thread->Counted = Runnable;
    if (!Runnable) {
        KiUnlink(&Thread->RunnableListEntry);
        return;
    }
    if (KiListEmpty(&KiRunnableList))
        KipStartTicks();
    KiAppend(&KiRunnableList, &Thread->RunnableListEntry);
}

/* ------------------------------------------------------------------ hardware */

/* FALSE: the time has passed already. */
static BOOLEAN KipProgramHpet(ULONG64 Delta)
{
    ULONG64 Counts = Delta > 0xffffffff ? KipScale(0xffffffff, KipHpetMultiplier) : KipScale(Delta, KipHpetMultiplier);
    ULONG Target = (ULONG)(KipHpet[HPET_COUNTER] + (Counts < 0x7fffffff ? Counts : 0x7fffffff));

    *(volatile ULONG *)&KipHpet[HPET_TIMER0_COMPARATOR] = Target;
    return (LONG)(Target - (ULONG)KipHpet[HPET_COUNTER]) > 0;
}

static BOOLEAN KipProgramPit(ULONG64 Delta)
{
    ULONG64 Counts = (Delta < PIT_MAXIMUM ? Delta : PIT_MAXIMUM) * PIT_HZ / 10000000 + 1;
    USHORT Value = (USHORT)(Counts < 0xffff ? Counts : 0xffff);

    KeWritePort(PIT_COMMAND, 1, PIT_ONE_SHOT);
    KeWritePort(PIT_CHANNEL0, 1, Value & 0xff);
    KeWritePort(PIT_CHANNEL0, 1, Value >> 8);
    return TRUE;
}

VOID KiSetClock(ULONG64 DueTime)
{
    ULONG64 Now;

    if (KipClockHandler == 0 || DueTime >= KipClockDue)
        return;
    if (!KipClockAcknowledged) {
        seL4_IRQHandler_Ack(KipClockHandler);
        KipClockAcknowledged = TRUE;
    }
    for (;;) {
        KipClockDue = DueTime;
        Now = KeQueryInterruptTime();
        if (DueTime > Now && (KipHpet != NULL ? KipProgramHpet(DueTime - Now) : KipProgramPit(DueTime - Now)))
            return;
        /* Too late for an interrupt: ask for one a little later instead. */
        DueTime = Now + 200;
    }
}

static VOID KipPublishCounter(VOID)
{
    /* A program's performance counter: (TSC - QpcBias) * QpcSystemTimeIncrement >> 32. */
    MmSharedUserData->QpcBias = KipTscBase;
    MmSharedUserData->QpcSystemTimeIncrement = KipTscMultiplier;
}

/* Of several readings the one with the least time between its ends: a host may take the processor away in the middle. */
static VOID KipReadMoment(KI_MOMENT *Moment)
{
    ULONG64 Least = ~0ull;

    for (ULONG i = 0; i < 8; i++) {
        ULONG64 Before = KiReadTsc();
        ULONG Counter = (ULONG)KipHpet[HPET_COUNTER];
        ULONG64 Between = KiReadTsc() - Before;

        if (Between >= Least)
            continue;
        Least = Between;
        Moment->Tsc = Before + Between / 2;
        Moment->Counter = Counter;
    }
}

/* The multiplier that an interval gives. */
static ULONG64 KipMeasure(const KI_MOMENT *First, const KI_MOMENT *Last)
{
    return KipDivideShifted((ULONG)(Last->Counter - First->Counter) * KipHpetPeriodFs / FS_PER_UNIT, Last->Tsc - First->Tsc);
}

/* Time goes on from the same value at another rate. */
static VOID KipChangeRate(ULONG64 Multiplier)
{
    ULONG64 Tsc = KiReadTsc(), Now = KipScale(Tsc - KipTscBase, KipTscMultiplier);

    KipTscMultiplier = Multiplier;
    KipTscBase = Tsc - KipDivideShifted(Now, Multiplier);
    KipPublishCounter();
}

/*
 * The boot protocol gives the TSC's frequency in whole MHz, measured in a few milliseconds: on a host that is busy it may be wrong
 * by a factor.  The HPET tells it exactly, once two intervals that follow each other agree; they end at the first interrupts that come
 * CALIBRATION_TIME after their beginning, and until then the clock is never without one.  Where they do not agree (the 32-bit counter wrapped, the host stopped the machine), the second
 * is the next first.
 */
static VOID KipCalibrate(VOID)
{
    KI_MOMENT Now;
    ULONG64 Multiplier, Before = KipMeasuredMultiplier;

    if (KipHpetPeriodFs == 0)
        return;
    KipReadMoment(&Now);
    if ((ULONG)(Now.Counter - KipMiddleMoment.Counter) * KipHpetPeriodFs / FS_PER_UNIT < CALIBRATION_TIME)
        return;
    Multiplier = KipMeasure(&KipMiddleMoment, &Now);
    if (Before != 0 && Multiplier >= Before - Before / 256 && Multiplier <= Before + Before / 256) {
        KipChangeRate(KipMeasure(&KipFirstMoment, &Now));
        KipHpetPeriodFs = 0;
        return;
    }
    KipMeasuredMultiplier = Multiplier;
    KipFirstMoment = KipMiddleMoment;
    KipMiddleMoment = Now;
}

VOID KiClockInterrupt(VOID)
{
    ULONG64 Now;

    KipClockAcknowledged = FALSE;
    KipClockDue = ~0ull;
    KipCalibrate();
    KiUpdateSharedData();
    if (KipTimerShift > MAXIMUM_SHIFT || KipTimerShift < -MAXIMUM_SHIFT) {
        KiShiftAbsoluteTimers(KipTimerShift);
        KipTimerShift = 0;
    }
    Now = KeQueryInterruptTime();
    if (KipTickTimer.Header.Inserted && KipTickTimer.DueTime <= Now)
        KiSampleTick(Now);              /* before a timer makes others runnable, who did not run */
    KiExpireTimers(Now);
    if (KipHpetPeriodFs != 0)
        KiSetClock(Now + CALIBRATION_TIME);
    if (KipGain != 0)
        KiSetClock(Now + GAIN_PERIOD);
    if (KiNextDueTime() != ~0ull)
        KiSetClock(KiNextDueTime());
}

static BOOLEAN KipStartHpet(VOID)
{
    ULONG PeriodFs = 0, Routes;
    volatile ULONG64 *Hpet = HalGetHpet(&PeriodFs);

    if (Hpet == NULL || PeriodFs == 0 || PeriodFs > 100000000)
        return FALSE;
    Hpet[HPET_CONFIGURATION] &= ~(HPET_ENABLE | 2);
    Routes = (ULONG)(Hpet[HPET_TIMER0_CONFIGURATION] >> 32);
    for (ULONG Pin = 31; Pin > 1; Pin--) {
        if (!(Routes & 1u << Pin) ||
            !NT_SUCCESS(KiConnectInterrupt(Pin, FALSE, FALSE, KI_SIGNAL_CLOCK, &KipClockHandler)))
            continue;
        /* One-shot, edge, 32-bit comparator. */
        Hpet[HPET_TIMER0_CONFIGURATION] = (ULONG64)Pin << HPET_TIMER_ROUTE_SHIFT | HPET_TIMER_INTERRUPT | 1 << 8;
        *(volatile ULONG *)&Hpet[HPET_TIMER0_COMPARATOR] = (ULONG)Hpet[HPET_COUNTER] - 1;
        Hpet[HPET_CONFIGURATION] |= HPET_ENABLE;
        KipHpetMultiplier = KipDivideShifted(FS_PER_UNIT, PeriodFs);
        KipHpet = Hpet;
        KipHpetPeriodFs = PeriodFs;
        KipTscBase = KipBeginTime();
        KipReadMoment(&KipMiddleMoment);
        return TRUE;
    }
    return FALSE;
}

ULONG KeQueryProcessorMegahertz(VOID)
{
    return (ULONG)(((10ull << 32) + KipTscMultiplier / 2) / KipTscMultiplier);
}

static VOID KipStartPit(VOID)
{
    ULONG Pin;
    BOOLEAN Level, ActiveLow;

    HalGetIsaInterrupt(0, &Pin, &Level, &ActiveLow);
    if (!NT_SUCCESS(KiConnectInterrupt(Pin, Level, ActiveLow, KI_SIGNAL_CLOCK, &KipClockHandler)))
        KeBugCheck("No timer: neither HPET nor PIT can interrupt.");
    LogPrint("no HPET: timer interrupts come from the PIT");
}

VOID KiInitializeClock(VOID)
{
    ULONG Megahertz = HalGetTscMegahertz();

    if (Megahertz == 0) {
        LogPrint("the kernel reports no TSC frequency: 1000 MHz assumed");
        Megahertz = 1000;
    }
    KipTscMultiplier = (10ull << 32) / Megahertz;
    KipTscBase = KipBeginTime();
    KipSystemOffset = HalReadRtc() - START_TIME;
    KeBootTime.QuadPart = (LONG64)KipSystemOffset;
    KipTickTimer.Header.Type = KI_TICK_TIMER;
    if (!KipStartHpet())
        KipStartPit();
    MmSharedUserData->QpcFrequency = 10000000;
    MmSharedUserData->TickCountMultiplier = SHARED_TICK_MULTIPLIER;
    MmSharedUserData->QpcData = 1;
    KipPublishCounter();
    KiUpdateSharedData();
    if (KipHpetPeriodFs != 0)
        KiSetClock(KeQueryInterruptTime() + CALIBRATION_TIME);
}
