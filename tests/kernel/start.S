/* SPDX-License-Identifier: BSD-2-Clause */
/* The root task's first instruction: RDI is the boot information, there is no stack yet. */
    .globl  _start
_start:
    leaq    stack_top(%rip), %rsp
    xorl    %ebp, %ebp
    call    task_main
    ud2

    .bss
    .balign 16
    .skip   65536
stack_top:
