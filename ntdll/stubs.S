/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The door to the executive: one stub a row of abi/services.def, and one shared tail.
 *
 * A stub loads its service number and jumps to KiServiceCall, which stores the register arguments in the caller's
 * home space (so that all arguments lie in a row on the stack) and makes one seL4 Call on slot 1 of the thread's
 * CSpace with two message registers: MR0 = service number, MR1 = address of the argument block.  The reply is
 * MR0 = NTSTATUS.  RSP is kept in RBX, because the kernel's ABI does not promise to preserve it.
 *
 * At the syscall instruction the argument block's address minus 8 is the stub's RSP at entry: ntos relies on it.
 */

#define SEL4_CALL -1
#define SERVICE_CPTR 1
#define SERVICE_MESSAGE_LENGTH 2

        .text

        .globl KiServiceCall
        .p2align 4
        .seh_proc KiServiceCall
KiServiceCall:
        movq %rcx, 8(%rsp)
        movq %rdx, 16(%rsp)
        movq %r8, 24(%rsp)
        movq %r9, 32(%rsp)
        leaq 8(%rsp), %r8                       /* MR1 */
        pushq %rbx
        .seh_pushreg %rbx
        pushq %rsi
        .seh_pushreg %rsi
        pushq %rdi
        .seh_pushreg %rdi
        .seh_endprologue
        movl %eax, %r10d                        /* MR0 */
        movl $SERVICE_CPTR, %edi
        movl $SERVICE_MESSAGE_LENGTH, %esi
        movq $SEL4_CALL, %rdx
        movq %rsp, %rbx
        syscall
        movq %rbx, %rsp
        movl %r10d, %eax
        popq %rdi
        popq %rsi
        popq %rbx
        retq
        .seh_endproc

/* Leaf functions: no unwind data needed, the return address is at RSP. */
#define STUB(Name, Number) .globl Name ; .p2align 3 ; Name: movl $(Number), %eax ; jmp KiServiceCall
#define SERVICE(Name, Arguments) STUB(Name, __COUNTER__)
#define MISSING(Name, Arguments) STUB(Name, __COUNTER__)
#define RETIRED(Name, Arguments) STUB(Retired##Name, __COUNTER__)

/* The loader of floating point state in front of it is in entry.S. */
#define NtContinue KiContinueService

#include "abi/services.def"
