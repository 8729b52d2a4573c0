/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Power off, reset, halt.
 *
 * Off: ACPI S5 (SLP_TYP | SLP_EN to PM1x_CNT; ACPI Specification 6.4, 16.1.7), then the ports of emulators without
 * tables. Reset: FADT's register (4.8.3.6), the PCI reset control port CF9, the keyboard controller's pulse.
 */
#include "halp.h"

#define PM1_SCI_ENABLE 1u
#define PM1_SLEEP_ENABLE (1u << 13)
#define PM1_SLEEP_TYPE(t) ((ULONG)(t) << 10)
#define RESET_CONTROL 0xcf9
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_RESET 0xfe
#define POWER_DELAY 2000000             /* 200 ms */

static const struct {
    USHORT Port, Value;
} HalpEmulatorOff[] = {
    { 0x604, 0x2000 },                  /* QEMU */
    { 0xb004, 0x2000 },                 /* Bochs, old QEMU */
    { 0x4004, 0x3400 },                 /* VirtualBox */
};

VOID HalHalt(VOID)
{
    KeStopThreads();
}

/* The write takes effect a little later. */
static VOID HalpGiveTime(VOID)
{
    ULONG64 Start = KeQueryInterruptTime();

    while (KeQueryInterruptTime() - Start < POWER_DELAY)
        __asm__ volatile("pause");
}

BOOLEAN HalCanPowerOff(VOID)
{
    return HalpAcpi.S5Known && HalpAcpi.Pm1aControl != 0;
}

VOID HalPowerOff(VOID)
{
    if (HalCanPowerOff()) {
        ULONG Control = KeReadPort((USHORT)HalpAcpi.Pm1aControl, 2);

        if (!(Control & PM1_SCI_ENABLE) && HalpAcpi.SmiCommand != 0 && HalpAcpi.AcpiEnable != 0)
            KeWritePort((USHORT)HalpAcpi.SmiCommand, 1, HalpAcpi.AcpiEnable);
        KeWritePort((USHORT)HalpAcpi.Pm1aControl, 2, PM1_SLEEP_TYPE(HalpAcpi.SleepTypeA) | PM1_SLEEP_ENABLE);
        if (HalpAcpi.Pm1bControl != 0)
            KeWritePort((USHORT)HalpAcpi.Pm1bControl, 2, PM1_SLEEP_TYPE(HalpAcpi.SleepTypeB) | PM1_SLEEP_ENABLE);
        HalpGiveTime();
    }
    for (ULONG i = 0; i < ARRAYSIZE(HalpEmulatorOff); i++)
        KeWritePort(HalpEmulatorOff[i].Port, 2, HalpEmulatorOff[i].Value);
    HalSerialWrite(1, "It is now safe to turn off the computer.\n", 41);
    HalHalt();
}

VOID HalReboot(VOID)
{
    if (HalpAcpi.Reset.Space == 1) {
        KeWritePort((USHORT)HalpAcpi.Reset.Address, 1, HalpAcpi.ResetValue);
        HalpGiveTime();
    }
    KeWritePort(RESET_CONTROL, 1, 0x02);
    KeWritePort(RESET_CONTROL, 1, 0x06);
    HalpGiveTime();
    KeWritePort(KEYBOARD_COMMAND, 1, KEYBOARD_RESET);
    HalpGiveTime();
    HalSerialWrite(1, "The machine did not reset.\n", 27);
    HalHalt();
}
