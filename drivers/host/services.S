# SPDX-License-Identifier: BSD-2-Clause
#
# Stubs of the host services (abi/hostservices.def): one seL4_Call on the service slot.
#
#   MR0 (r10) = 0x1000 + row, MR1 (r8) = address of the argument block; the reply's MR0 is the NTSTATUS.
#
# The argument block is the caller's home space (rcx, rdx, r8, r9 are stored there) and the stack arguments behind it.
# rbx keeps rsp over the call, which the kernel need not preserve.

    .text
    .set ServiceNumber, 0x1000

    .macro SERVICE_STUB Name
    .globl \Name
    .p2align 4
\Name:
    movl $ServiceNumber, %eax
    jmp HostServiceCall
    .set ServiceNumber, ServiceNumber + 1
    .endm

#define HOST_SERVICE(Name, Arguments) SERVICE_STUB Name
#define HOST_MISSING(Name, Arguments) SERVICE_STUB Name
#include "abi/hostservices.def"

    .def HostServiceCall
    .scl 3
    .type 32
    .endef
    .p2align 4
    .seh_proc HostServiceCall
HostServiceCall:
    pushq %rbx
    .seh_pushreg %rbx
    pushq %rsi
    .seh_pushreg %rsi
    pushq %rdi
    .seh_pushreg %rdi
    .seh_endprologue
    movq %rcx, 32(%rsp)
    movq %rdx, 40(%rsp)
    movq %r8, 48(%rsp)
    movq %r9, 56(%rsp)
    movl %eax, %r10d
    leaq 32(%rsp), %r8
    movl $1, %edi
    movl $2, %esi
    movq $-1, %rdx
    movq %rsp, %rbx
    syscall
    movq %rbx, %rsp
    movq %r10, %rax
    popq %rdi
    popq %rsi
    popq %rbx
    retq
    .seh_endproc
