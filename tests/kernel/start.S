/* SPDX-License-Identifier: BSD-2-Clause */
/* The root task's first instruction: RDI is the boot information, there is no stack yet. */

/* Registers in the order of seL4_UserContext; what RIP-relative stores cannot see is added in _start. */
    .macro  all_registers move
    \move   rax, 3
    \move   rbx, 4
    \move   rcx, 5
    \move   rdx, 6
    \move   rsi, 7
    \move   rdi, 8
    \move   rbp, 9
    \move   r8, 10
    \move   r9, 11
    \move   r10, 12
    \move   r11, 13
    \move   r12, 14
    \move   r13, 15
    \move   r14, 16
    \move   r15, 17
    .endm
    .macro  save_start register, index
    movq    %\register, startContext + 8 * \index(%rip)
    .endm
    .macro  save_probe register, index
    movq    %\register, probeContext + 8 * \index(%rip)
    .endm
    .macro  load_probe register, index
    movq    probeContext + 8 * \index(%rip), %\register
    .endm

    .globl  _start
_start:
    all_registers save_start
    movq    %rsp, startContext + 8(%rip)
    leaq    stack_top(%rip), %rsp
    pushfq
    popq    startContext + 16(%rip)
    fnstcw  startVectors(%rip)
    stmxcsr startVectors + 4(%rip)
    movdqu  %xmm0, startVectors + 16(%rip)
    movdqu  %xmm15, startVectors + 32(%rip)
    xorl    %ebp, %ebp
    call    task_main
    ud2

/* void probeSyscall(void): `syscall` with the registers of probeContext; RSP may be lost in it. */
    .globl  probeSyscall
probeSyscall:
    pushq   %rbx
    pushq   %rbp
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    movq    %rsp, probeStack(%rip)
    pushq   probeContext + 16(%rip)
    popfq
    all_registers load_probe
    .globl  probeInstruction
probeInstruction:
    syscall
    movq    probeStack(%rip), %rsp
    all_registers save_probe
    pushfq
    popq    probeContext + 16(%rip)
    cld
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret

/* Runs with whatever registers it is given and changes none. */
    .globl  spinHere
spinHere:
    jmp     spinHere

/* Moves RCX and R11, which a system call destroys, to R13 and R14; then the system call of RDX with the capability of R12. */
    .globl  keepAndCall
keepAndCall:
    movq    %rcx, %r13
    movq    %r11, %r14
    movq    %r12, %rdi
    .globl  keptInstruction
keptInstruction:
    syscall
    ud2

    .section .bss, "aw", @nobits
    .globl  startContext, startVectors, probeContext
    .balign 16
startContext: .skip 160
startVectors: .skip 48
probeContext: .skip 160
probeStack: .skip 8
    .balign 16
    .skip   65536
stack_top:
