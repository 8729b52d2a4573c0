/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of boot and its error exit.
 */
#include "kernel/arch/x86_64/boot.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/offsets.h"
#include "kernel/include/api.h"

#define VGA_TEXT 0xb8000

boot_state_t bootState BOOT_BSS;
static struct {
    cte_t slots[tcbCNodeEntries] ALIGN(TCB_OFFSET);
    tcb_t tcb ALIGN(TCB_OFFSET);
} idleThread;

static BOOT_CODE void vgaLine(word_t row, const char *text)
{
    volatile uint16_t *cell = (volatile uint16_t *)(PPTR_BASE + VGA_TEXT) + 80 * row;

    for (; *text != '\0'; text++)
        *cell++ = (uint16_t)(0x4f00 | (uint8_t)*text);
}

BOOT_CODE void bootFatal(const char *cause, const char *mend)
{
    consolePutString("\nkernel: cannot start: ");
    consolePutString(cause);
    consolePutString("; ");
    consolePutString(mend);
    consolePutString("\n");
    vgaLine(0, "kernel: cannot start:");
    vgaLine(1, cause);
    vgaLine(2, mend);
    halt();
}

/* The loader's or firmware's memory, if it is inside the window. */
BOOT_CODE void *bootPointer(paddr_t paddr, word_t bytes)
{
    if (paddr >= PADDR_TOP || bytes > PADDR_TOP - paddr)
        bootFatal("the boot loader or firmware points outside memory", "use another boot loader or firmware");
    return (void *)paddr_to_pptr(paddr);
}

static BOOT_CODE void checkCPU(void)
{
    static const struct {
        uint32_t leaf;
        uint8_t reg, bit;
        const char *name;
    } needed[] = {
        {1, 3, 5, "this CPU lacks MSRs"},
        {1, 3, 9, "this CPU has no local APIC, or it is off"},
        {1, 3, 16, "this CPU lacks PAT"},
        {1, 3, 24, "this CPU lacks FXSR"},
        {1, 3, 26, "this CPU lacks SSE2"},
        {0x80000001, 3, 11, "this CPU lacks SYSCALL"},
        {7, 1, CONFIG_FSGSBASE_INST ? 0 : 31, "this CPU lacks FSGSBASE"},
        {1, 2, CONFIG_XSAVE ? 26 : 31, "this CPU lacks XSAVE"},
        {1, 2, CONFIG_XSAVE ? 28 : 31, "this CPU lacks AVX"},
    };
    uint32_t r[4];
    word_t i;

    for (i = 0; i < ARRAY_SIZE(needed); i++) {
        cpuid(needed[i].leaf, 0, r);
        if (!(r[needed[i].reg] >> needed[i].bit & 1) && needed[i].bit != 31)
            bootFatal(needed[i].name, "use a newer CPU (QEMU: -cpu max)");
    }
}

static BOOT_CODE void initDevices(void)
{
    word_t i, timerCount;

    mapDevicePage(KDEV_LAPIC, bootState.lapic);
    setBootTickHandler(true);
    calibrateTimers(&bootState.tscMHz, &timerCount);
    setBootTickHandler(false);
    if (timerCount == 0)
        bootFatal("the interval timer (PIT) does not tick", "enable it in the firmware");
    initLAPIC(timerCount);
    for (i = 0; i < bootState.numIOAPICs; i++) {
        if (!initIOAPIC(i, bootState.ioapic[i]))
            bootFatal("the I/O APIC does not answer", "use other firmware");
    }
}

static BOOT_CODE void initIdleThread(void)
{
    ksIdleThread = &idleThread.tcb;
    ksIdleThread->state = ThreadState_IdleThreadState;
    ksIdleThread->inSyscall = IN_SYSCALL_IDLE;
    ksCurThread = ksIdleThread;
    x64KSFPUOwner = ksIdleThread;
    ksCurVSpace = kernelVSpace();
    ksDomainTime = ksDomSchedule[0].length;
    ksCurDomain = ksDomSchedule[0].domain;
}

/* magic is EAX, info EBX of the loader.  Returns with the root task as ksCurThread. */
BOOT_CODE void boot_sys(word_t magic, word_t info)
{
    bootState.consolePort = bootState.debugPort = COM1;
    initConsole(COM1, COM1);
    initGDTandIDT();
    checkCPU();
    initMSRs();
    initIdleThread();
    if (magic == 0x2badb002)
        parseMultiboot1(info);
    else if (magic == 0x36d76289)
        parseMultiboot2(info);
    else
        bootFatal("not started by a multiboot loader", "use GRUB's multiboot or multiboot2, or QEMU's -kernel");
    initConsole(bootState.consolePort, bootState.debugPort);
    parseACPI();
    initDevices();
    createRootServer();
    protectKernel();
    schedule();
    activateThread();
}
