/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader (32-bit protected mode, EAX magic, EBX information) to 64-bit C.
 *
 * Sources: Multiboot Specification 0.6.96 and 2.0; Intel SDM volume 3, "Initializing IA-32e Mode".
 * The page tables filled here are the kernel's own; only their entry for low addresses is temporary.
 */
#define PHYS(x) (x - 0xffffffff80000000)
#define COM1 0x3f8

    .section .boot.phys, "awx"
    .code32

    .balign 8
multiboot1:
    .long   0x1badb002
    .long   3                       /* align modules, memory information */
    .long   -(0x1badb002 + 3)

    .balign 8
multiboot2:
    .long   0xe85250d6
    .long   0
    .long   multiboot2_end - multiboot2
    .long   -(0xe85250d6 + (multiboot2_end - multiboot2))
    /* A frame buffer, if there is one; optional. */
    .word   5, 1
    .long   20, 0, 0, 32
    .balign 8
    .word   0, 0
    .long   8
multiboot2_end:

    .globl  _start
_start:
        .byte   0x0f, 0x1f, 0x44, 0x00, 0x01    /* a NOP: mark 1 of tools/count.c, the kernel's first instruction */
    cli
    cld
    movl    $PHYS(kernel_stack_top), %esp
    movl    %eax, %ebp
    movl    %ebx, %edi

    /* CPUID 0x80000001: long mode (29), 1 GiB pages (26), NX (20), SYSCALL (11). */
    movl    $0x80000000, %eax
    cpuid
    movl    $no_long_mode, %esi
    cmpl    $0x80000001, %eax
    jb      boot_failed
    movl    $0x80000001, %eax
    cpuid
    btl     $29, %edx
    jnc     boot_failed
    movl    $no_huge_pages, %esi
    btl     $26, %edx
    jnc     boot_failed
    movl    $no_nx, %esi
    btl     $20, %edx
    jnc     boot_failed

    /* PML4: low and window; PDPT: 510 x 1 GiB, then the kernel and device directories. */
    movl    $(PHYS(x64KSKernelPDPT) + 3), PHYS(x64KSKernelPML4)
    movl    $(PHYS(x64KSKernelPDPT) + 3), PHYS(x64KSKernelPML4) + 8 * 511
    movl    $0x83, %eax
    xorl    %edx, %edx
    movl    $PHYS(x64KSKernelPDPT), %ebx
    movl    $510, %ecx
1:  movl    %eax, (%ebx)
    movl    %edx, 4(%ebx)
    addl    $0x40000000, %eax
    adcl    $0, %edx
    addl    $8, %ebx
    loop    1b
    movl    $(PHYS(x64KSKernelPD) + 3), (%ebx)
    movl    $(PHYS(x64KSDevicePD) + 3), 8(%ebx)
    movl    $(PHYS(x64KSKernelPT) + 3), PHYS(x64KSKernelPD)
    movl    $(PHYS(x64KSDevicePT) + 3), PHYS(x64KSDevicePD)
    movl    $3, %eax
    movl    $PHYS(x64KSKernelPT), %ebx
    movl    $512, %ecx
2:  movl    %eax, (%ebx)
    addl    $0x1000, %eax
    addl    $8, %ebx
    loop    2b

    movl    $PHYS(x64KSKernelPML4), %eax
    movl    %eax, %cr3
    movl    $0x20, %eax             /* PAE */
    movl    %eax, %cr4
    movl    $0xc0000080, %ecx
    rdmsr
    orl     $0x900, %eax            /* NXE, LME */
    wrmsr
    movl    $0x80010031, %eax       /* PG WP NE ET PE */
    movl    %eax, %cr0
    lgdt    boot_gdt_pointer
    ljmp    $8, $boot64

/* esi: text.  Prints it on COM1 and stops. */
boot_failed:
    movw    $(COM1 + 5), %dx
    inb     %dx, %al
    testb   $0x20, %al
    jz      boot_failed
    lodsb
    testb   %al, %al
    jz      3f
    movw    $COM1, %dx
    outb    %al, %dx
    jmp     boot_failed
3:  hlt
    jmp     3b

no_long_mode:
    .asciz  "kernel: cannot start: this CPU has no 64-bit mode; use an x86-64 CPU (QEMU: -cpu max)\r\n"
no_huge_pages:
    .asciz  "kernel: cannot start: this CPU has no 1 GiB pages (pdpe1gb); use a newer CPU (QEMU: -cpu max)\r\n"
no_nx:
    .asciz  "kernel: cannot start: this CPU has no execute protection (NX), or it is off; enable it in the firmware\r\n"

    .balign 8
boot_gdt:
    .quad   0
    .quad   0x00209b0000000000
    .quad   0x0000930000000000
boot_gdt_pointer:
    .word   23
    .long   boot_gdt

    .code64
boot64:
    movl    $0x10, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %ss
    movq    $boot_high, %rax
    jmp     *%rax

    .section .boot.text, "ax"
boot_high:
    movq    $kernel_stack_top, %rsp
    movl    %edi, %esi
    movl    %ebp, %edi
    call    boot_sys
    jmp     leave_boot

/* Counts and acknowledges a tick while timers are calibrated. */
    .globl  boot_tick_entry
boot_tick_entry:
    pushq   %rax
    incq    bootTicks
    movb    $0x20, %al
    outb    %al, $0x20
    movq    $0xffffffffc00000b0, %rax
    movl    $0, (%rax)
    popq    %rax
    iretq

    .section .bss.tables, "aw", @nobits
    .globl  x64KSKernelPML4, x64KSKernelPDPT, x64KSKernelPD, x64KSKernelPT, x64KSDevicePT
    .balign 4096
x64KSKernelPML4: .skip 4096
x64KSKernelPDPT: .skip 4096
x64KSKernelPD:   .skip 4096
x64KSKernelPT:   .skip 4096
x64KSDevicePD:   .skip 4096
x64KSDevicePT:   .skip 4096

/* The page below the stack is unmapped once the kernel runs. */
    .globl  kernel_stack_guard, kernel_stack_top
kernel_stack_guard: .skip 4096
    .skip   4096
kernel_stack_top:

    .globl  bootTicks
bootTicks:  .skip 8
