/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The first instruction of ntos, and the exchange of coroutine stacks.
 *
 * KiEntry: the boot protocol's state (RDI = bootinfo, no stack) becomes a Microsoft x64 call on the boot stack.
 * KiSwitchStack(rcx = where to save RSP, rdx = new RSP): nonvolatile integer registers live on the stack that is left;
 * ntos uses no vector registers.
 */
    .text
    .globl KiEntry
KiEntry:
    leaq KiBootStackTop(%rip), %rsp
    xorl %ebp, %ebp
    movq %rdi, %rcx
    subq $40, %rsp
    call KiSystemStartup
    ud2

    .globl KiSwitchStack
    .def KiSwitchStack
    .scl 2
    .type 32
    .endef
KiSwitchStack:
    pushq %rbx
    pushq %rbp
    pushq %rsi
    pushq %rdi
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rcx)
    movq %rdx, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rdi
    popq %rsi
    popq %rbp
    popq %rbx
    ret

/* First instructions of a new coroutine: entered by the ret of KiSwitchStack, stack 16-byte aligned. */
    .globl KiCoroutineEntry
KiCoroutineEntry:
    subq $32, %rsp
    xorl %ebp, %ebp
    call KiLoop
    ud2

/* Whole pages: MmFreeImageMemory gets them when the first coroutine runs. */
    .bss
    .balign 4096
    .globl KiBootStack
KiBootStack:
    .skip 0x8000
    .globl KiBootStackTop
KiBootStackTop:
