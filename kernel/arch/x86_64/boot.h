/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot: what the loader said (multiboot.c), what the firmware said (acpi.c), what the root task gets (rootserver.c).
 *
 * Everything here runs once, before any user code, in memory that is handed out afterwards.  Loader and firmware data
 * are read through the physical window and checked; what cannot work ends in bootFatal, one line that names the cause.
 */
#pragma once

#include "abi/sel4/bootinfo.h"
#include "kernel/arch/x86_64/machine.h"

typedef struct p_region {
    paddr_t start;
    paddr_t end;
} p_region_t;

#define MAX_REGIONS 128

/* Regions ascending, not overlapping, not empty. */
typedef struct region_list {
    word_t count;
    p_region_t r[MAX_REGIONS];
} region_list_t;

typedef struct boot_state {
    region_list_t ram;      /* all RAM from 1 MiB on, page aligned */
    p_region_t module;      /* the root task's ELF file */
    paddr_t lapic;
    paddr_t ioapic[CONFIG_MAX_NUM_IOAPIC];
    word_t numIOAPICs;
    word_t tscMHz;
    uint16_t consolePort, debugPort;
    bool_t haveRSDP, haveFramebuffer, haveVBE;
    seL4_X86_BootInfo_RSDP rsdp;
    seL4_X86_BootInfo_fb_t framebuffer;
    seL4_X86_BootInfo_VBE vbe;
    seL4_X86_BootInfo_mmap_t mmap;
} boot_state_t;

extern boot_state_t bootState;

void bootFatal(const char *cause, const char *mend) NORETURN;
void *bootPointer(paddr_t paddr, word_t bytes);
void regionAdd(region_list_t *list, paddr_t start, paddr_t end);
void regionRemove(region_list_t *list, paddr_t start, paddr_t end);

void parseMultiboot1(paddr_t info);
void parseMultiboot2(paddr_t info);
void parseCommandLine(const char *text, word_t bytes);
void parseACPI(void);
void createRootServer(void);
void boot_sys(word_t magic, word_t info);
