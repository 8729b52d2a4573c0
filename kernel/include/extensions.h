/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where this kernel is kinder to its root task than the ABI asks.  A build whose include path begins with tests/kernel/strict
 * takes the file of this name there, and has none of it: so it is shown that nothing above the kernel relies on it.
 * arch/x86_64/syscall_rsp.h is the part for assembly.
 */
#pragma once

#include "kernel/arch/x86_64/machine.h"
#include "kernel/include/api.h"

/* The root CNode has as many slots as the root task's image needs. */
#define EXTENSION_ROOT_CNODE_GROWS true
/* ACPI's XSDT serves where there is no usable RSDT. */
#define EXTENSION_XSDT true
/* The trap flag, which whoever writes a thread's registers may set: the thread runs one instruction, then raises exception 1. */
#define EXTENSION_FLAGS BIT(8)

/* Attribute bit 3 of Page_Map is no-execute. */
static INLINE word_t extensionPageBits(word_t attr)
{
    return attr & seL4_X86_NoExecute ? PTE_NX : 0;
}

/* An untyped without children begins again: memory is zeroed when an object is made of it. */
static INLINE exception_t resetUntyped(cte_t *slot)
{
    slot->cap = cap_untyped_cap_set_progress(slot->cap, 0, 0);
    return EXCEPTION_NONE;
}
