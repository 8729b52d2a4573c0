/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel entries and exits.
 *
 * Registers are saved straight into the context of ksCurThread.  The kernel stack is empty at each entry and is
 * abandoned at each exit.  Interrupts are off in the kernel except in the idle loop, whose state nobody needs.
 * The C functions are preserve_none: they own all registers, so nothing is pushed; its first arguments are
 * r12 r13 r14 r15 rdi rsi rdx rcx r8 r9, which leaves the message where the user put it.
 */
#include "kernel/arch/x86_64/offsets.h"
#include "kernel/arch/x86_64/syscall_rsp.h"
#include "kernel/include/config.h"

    .section .text, "ax"

/* RCX user RIP, R11 user RFLAGS; SFMASK has cleared IF, DF, TF, AC. */
    .globl  syscall_entry
    .balign 16
syscall_entry:
    movq    %rsp, ksUserRSP
    movq    ksCurThread, %rsp
    movq    %rcx, CTX_NEXT_IP(%rsp)
    movq    %r11, CTX_RFLAGS(%rsp)
    movq    %rax, CTX_RAX(%rsp)
    movq    %rbx, CTX_RBX(%rsp)
    movq    %rdx, CTX_RDX(%rsp)
    movq    %rsi, CTX_RSI(%rsp)
    movq    %rdi, CTX_RDI(%rsp)
    movq    %rbp, CTX_RBP(%rsp)
    movq    %r8, CTX_R8(%rsp)
    movq    %r9, CTX_R9(%rsp)
    movq    %r10, CTX_R10(%rsp)
    movq    %r12, CTX_R12(%rsp)
    movq    %r13, CTX_R13(%rsp)
    movq    %r14, CTX_R14(%rsp)
    movq    %r15, CTX_R15(%rsp)
    movq    %rsp, %r12
    save_user_rsp
    movq    $kernel_stack_top, %rsp
#if CONFIG_FASTPATH
    cmpq    $-1, %rdx
    je      fastpath_call
    cmpq    $-2, %rdx
    je      fastpath_reply_recv
    cmpq    $-5, %rdx
    jb      1f
    je      fastpath_recv
    cmpq    $-3, %rdx
    je      fastpath_send
#endif

/* r12 thread; all of its registers are saved. */
    .globl  syscall_slowpath
syscall_slowpath:
    movq    $kernel_stack_top, %rsp
1:  movq    CTX_RDX(%r12), %rdi
    call    handleSyscall
    jmp     restore_user_context

/* rdi slot of the capability: that is sent through, received from, called. */
    .globl  send_slowpath
send_slowpath:
    movq    $kernel_stack_top, %rsp
    call    handleSend
    jmp     restore_user_context

    .globl  recv_slowpath
recv_slowpath:
    movq    $kernel_stack_top, %rsp
    call    handleRecvFrom
    jmp     restore_user_context

    .globl  call_slowpath
call_slowpath:
    movq    $kernel_stack_top, %rsp
    call    handleCall

    .globl  restore_user_context
restore_user_context:
    movq    ksCurThread, %r12
    cmpb    $1, CTX_IN_SYSCALL(%r12)
    jne     1f
    movq    CTX_RDI(%r12), %rdi
    movq    CTX_RSI(%r12), %rsi

/* r12 thread, whose last entry was a syscall; rdi and rsi have their values for the user. */
    .globl  restore_syscall
restore_syscall:
    movq    CTX_R8(%r12), %r8
    movq    CTX_R9(%r12), %r9
    movq    CTX_R10(%r12), %r10
    movq    CTX_R15(%r12), %r15

/* The same; the message registers have their values too. */
    .globl  restore_message
restore_message:
    movq    CTX_RAX(%r12), %rax
    movq    CTX_RBX(%r12), %rbx
    movq    CTX_RDX(%r12), %rdx
    movq    CTX_RBP(%r12), %rbp
    movq    CTX_R13(%r12), %r13
    movq    CTX_R14(%r12), %r14
    movq    CTX_NEXT_IP(%r12), %rcx
    movq    CTX_RFLAGS(%r12), %r11
    restore_user_rsp
    movq    CTX_R12(%r12), %r12
    sysretq

/* Entered by an interrupt or exception, or registers were written by another thread. */
1:  cmpb    $IN_SYSCALL_IDLE, CTX_IN_SYSCALL(%r12)
    je      idle_loop
    movb    $1, CTX_IN_SYSCALL(%r12) /* what its next entry is if nothing else says otherwise */
    pushq   $0x23
    pushq   CTX_RSP(%r12)
    pushq   CTX_RFLAGS(%r12)
    pushq   $0x2b
    pushq   CTX_NEXT_IP(%r12)
    movq    CTX_RAX(%r12), %rax
    movq    CTX_RBX(%r12), %rbx
    movq    CTX_RCX(%r12), %rcx
    movq    CTX_RDX(%r12), %rdx
    movq    CTX_RSI(%r12), %rsi
    movq    CTX_RDI(%r12), %rdi
    movq    CTX_RBP(%r12), %rbp
    movq    CTX_R8(%r12), %r8
    movq    CTX_R9(%r12), %r9
    movq    CTX_R10(%r12), %r10
    movq    CTX_R11(%r12), %r11
    movq    CTX_R13(%r12), %r13
    movq    CTX_R14(%r12), %r14
    movq    CTX_R15(%r12), %r15
    movq    CTX_R12(%r12), %r12
    iretq

idle_loop:
    movq    $kernel_stack_top, %rsp
    sti
    hlt
    cli
    jmp     idle_loop

/* Stack: vector, error code, RIP, CS, RFLAGS, RSP, SS. */
    .globl  smap_patch
interrupt_common:
    cld
smap_patch:
    .byte   0x0f, 0x1f, 0x00
    testb   $3, 24(%rsp)
    jz      2f
    pushq   %rax
    movq    ksCurThread, %rax
    movq    %rbx, CTX_RBX(%rax)
    movq    %rcx, CTX_RCX(%rax)
    movq    %rdx, CTX_RDX(%rax)
    movq    %rsi, CTX_RSI(%rax)
    movq    %rdi, CTX_RDI(%rax)
    movq    %rbp, CTX_RBP(%rax)
    movq    %r8, CTX_R8(%rax)
    movq    %r9, CTX_R9(%rax)
    movq    %r10, CTX_R10(%rax)
    movq    %r11, CTX_R11(%rax)
    movq    %r12, CTX_R12(%rax)
    movq    %r13, CTX_R13(%rax)
    movq    %r14, CTX_R14(%rax)
    movq    %r15, CTX_R15(%rax)
    popq    CTX_RAX(%rax)
    movq    16(%rsp), %rcx
    movq    %rcx, CTX_RIP(%rax)
    movq    %rcx, CTX_NEXT_IP(%rax)
    movq    32(%rsp), %rcx
    movq    %rcx, CTX_RFLAGS(%rax)
    movq    40(%rsp), %rcx
    movq    %rcx, CTX_RSP(%rax)
    movb    $0, CTX_IN_SYSCALL(%rax)
    movq    (%rsp), %rdi
    movq    8(%rsp), %rsi
    movq    $kernel_stack_top, %rsp
    call    c_handle_interrupt
    jmp     restore_user_context

/* From the kernel: an interrupt of the idle loop, one that takeInterrupt lets in, or an error of ours. */
2:  movq    (%rsp), %rdi
    cmpq    $interrupt_window, 16(%rsp)
    je      3f
    movq    8(%rsp), %rsi
    movq    16(%rsp), %rdx
    movq    $kernel_stack_top, %rsp
    call    c_handle_kernel_interrupt
    jmp     restore_user_context

3:  movq    40(%rsp), %rsp
    movq    %rdi, %rax
    ret

/* Lets in one interrupt that waits: its vector, or 0.  It is in service then. */
    .globl  takeInterrupt
takeInterrupt:
    sti
    nop
interrupt_window:
    cli
    xorl    %eax, %eax
    ret

/* A non-maskable interrupt, on a stack of its own: nothing here depends on it. */
    .globl  nmi_entry
nmi_entry:
    iretq

/* The end of boot: its memory belongs to the root task from here on. */
    .globl  leave_boot
leave_boot:
    call    forgetBootMappings
    jmp     restore_user_context

/* One 16-byte stub a vector; 8, 10..14, 17, 21, 29, 30 push an error code themselves. */
    .globl  interrupt_stubs
    .balign 16
interrupt_stubs:
    .set    vector, 0
    .rept   256
    .balign 16
    .if     !((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21) || \
              (vector == 29) || (vector == 30))
    pushq   $0
    .endif
    pushq   $vector
    jmp     interrupt_common
    .set    vector, vector + 1
    .endr

    .section .bss, "aw", @nobits
    .balign 8
ksUserRSP:
    .skip   8
