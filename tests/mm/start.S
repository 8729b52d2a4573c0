/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry of the mm test task: RDI = bootinfo, no stack yet. */
    .text
    .globl TestEntry
TestEntry:
    leaq TestStackTop(%rip), %rsp
    xorl %ebp, %ebp
    movq %rdi, %rcx
    subq $40, %rsp
    call TestMain
    ud2

    .bss
    .balign 16
TestStack:
    .skip 0x8000
TestStackTop:
