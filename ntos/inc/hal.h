/* SPDX-License-Identifier: BSD-2-Clause
 *
 * hal: the machine: ACPI tables, interrupt routing, HPET or PIT, RTC, power, polled UARTs.
 * Nothing here waits.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mm.h"

/* First: UARTs, before memory management (ports only). */
VOID HalInitSerial(VOID);
/* ACPI, interrupt routing; after MmInitSystem.  A missing table is logged and done without. */
VOID HalInitSystem(VOID);

/* Polled output.  Ports 1 (console) and 3 (log); text, LF becomes CR LF.  No UART there: nothing. */
VOID HalSerialWrite(ULONG Port, const char *Text, SIZE_T Length);

/* Global interrupt of an ISA interrupt, after the MADT's overrides. */
VOID HalGetIsaInterrupt(ULONG IsaIrq, PULONG Pin, PBOOLEAN LevelTriggered, PBOOLEAN ActiveLow);

/* The framebuffer that the loader left, from bootinfo.  FALSE: none (VGA text mode). */
typedef struct _HAL_FRAMEBUFFER {
    ULONG64 PhysicalAddress;
    ULONG Pitch, Width, Height;         /* bytes, pixels, pixels */
    ULONG BitsPerPixel;
} HAL_FRAMEBUFFER, *PHAL_FRAMEBUFFER;
BOOLEAN HalGetFramebuffer(PHAL_FRAMEBUFFER Framebuffer);

/* 100 ns since 1601 UTC, from the RTC (CMOS clock in UTC). */
ULONG64 HalReadRtc(VOID);

/*
 * Soft off (ACPI S5, then the ports of emulators) and reset (FADT reset register, CF9, keyboard controller).  Do not
 * return.
 */
DECLSPEC_NORETURN VOID HalPowerOff(VOID);
/* ACPI says how; without, HalPowerOff works in emulators only. */
BOOLEAN HalCanPowerOff(VOID);
DECLSPEC_NORETURN VOID HalReboot(VOID);
/* No more instructions; interrupts of ours are quiet. */
DECLSPEC_NORETURN VOID HalHalt(VOID);

/* The HPET's registers (uncached mapping) or NULL; PeriodFs: femtoseconds a count. */
volatile ULONG64 *HalGetHpet(PULONG PeriodFs);
/* Physical address of the HPET, MHz of the TSC (bootinfo), CPU brand string: for system information. */
ULONG HalGetTscMegahertz(VOID);
