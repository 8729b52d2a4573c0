/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Functions that unwind.exe steps through, one of each way to make and to leave a frame, and the frame that it calls them
 * from.  The unwind data of most is what the assembler makes of the .seh directives; some tables are written by hand.
 * A name with End behind it is where the unwind data of the function end.
 */

        .macro FUNCTION Name
        .globl \Name, \Name\()End
        .p2align 4
        .seh_proc \Name
\Name:
        .endm

        .macro END Name
\Name\()End:
        .seh_endproc
        .endm

/* Other values in every register that a function may not change. */
        .macro SPOIL_SAVED
        movl $0x5001, %ebx
        movl $0x5002, %ebp
        movl $0x5003, %esi
        movl $0x5004, %edi
        movl $0x5005, %r12d
        movl $0x5006, %r13d
        movl $0x5007, %r14d
        movl $0x5008, %r15d
        .endm

        .text

/* VOID StepThrough(PVOID Function): calls it with the trap flag on, and SteppedPattern's values in the registers that a
   function keeps; SteppedRsp is RSP before the call, SteppedReturn the address behind it. */
        .globl StepThrough, SteppedReturn
        .p2align 4
        .seh_proc StepThrough
StepThrough:
        pushq %rbp
        .seh_pushreg %rbp
        pushq %rbx
        .seh_pushreg %rbx
        pushq %rsi
        .seh_pushreg %rsi
        pushq %rdi
        .seh_pushreg %rdi
        pushq %r12
        .seh_pushreg %r12
        pushq %r13
        .seh_pushreg %r13
        pushq %r14
        .seh_pushreg %r14
        pushq %r15
        .seh_pushreg %r15
        subq $0xc8, %rsp
        .seh_stackalloc 0xc8
        movaps %xmm6, 0x20(%rsp)
        .seh_savexmm %xmm6, 0x20
        movaps %xmm7, 0x30(%rsp)
        .seh_savexmm %xmm7, 0x30
        movaps %xmm8, 0x40(%rsp)
        .seh_savexmm %xmm8, 0x40
        movaps %xmm9, 0x50(%rsp)
        .seh_savexmm %xmm9, 0x50
        movaps %xmm10, 0x60(%rsp)
        .seh_savexmm %xmm10, 0x60
        movaps %xmm11, 0x70(%rsp)
        .seh_savexmm %xmm11, 0x70
        movaps %xmm12, 0x80(%rsp)
        .seh_savexmm %xmm12, 0x80
        movaps %xmm13, 0x90(%rsp)
        .seh_savexmm %xmm13, 0x90
        movaps %xmm14, 0xa0(%rsp)
        .seh_savexmm %xmm14, 0xa0
        movaps %xmm15, 0xb0(%rsp)
        .seh_savexmm %xmm15, 0xb0
        .seh_endprologue
        movq %rcx, %r11
        movq %rsp, SteppedRsp(%rip)
        leaq SteppedPattern(%rip), %rax
        movq 0x00(%rax), %rbx
        movq 0x08(%rax), %rbp
        movq 0x10(%rax), %rsi
        movq 0x18(%rax), %rdi
        movq 0x20(%rax), %r12
        movq 0x28(%rax), %r13
        movq 0x30(%rax), %r14
        movq 0x38(%rax), %r15
        movups 0x40(%rax), %xmm6
        movups 0x50(%rax), %xmm7
        movups 0x60(%rax), %xmm8
        movups 0x70(%rax), %xmm9
        movups 0x80(%rax), %xmm10
        movups 0x90(%rax), %xmm11
        movups 0xa0(%rax), %xmm12
        movups 0xb0(%rax), %xmm13
        movups 0xc0(%rax), %xmm14
        movups 0xd0(%rax), %xmm15
        pushfq
        orl $0x100, (%rsp)
        popfq
        callq *%r11
SteppedReturn:
        movaps 0x20(%rsp), %xmm6
        movaps 0x30(%rsp), %xmm7
        movaps 0x40(%rsp), %xmm8
        movaps 0x50(%rsp), %xmm9
        movaps 0x60(%rsp), %xmm10
        movaps 0x70(%rsp), %xmm11
        movaps 0x80(%rsp), %xmm12
        movaps 0x90(%rsp), %xmm13
        movaps 0xa0(%rsp), %xmm14
        movaps 0xb0(%rsp), %xmm15
        addq $0xc8, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rdi
        popq %rsi
        popq %rbx
        popq %rbp
        retq
        .seh_endproc

/* No frame at all, and no unwind data. */
        .globl LeafFunction, LeafFunctionEnd
        .p2align 4
LeafFunction:
        movl $1, %eax
        leaq (%rax, %rax), %rdx
        retq
LeafFunctionEnd:

/* UWOP_PUSH_NONVOL of each register, UWOP_ALLOC_SMALL. */
        FUNCTION PushFunction
        pushq %rbx
        .seh_pushreg %rbx
        pushq %rbp
        .seh_pushreg %rbp
        pushq %rsi
        .seh_pushreg %rsi
        pushq %rdi
        .seh_pushreg %rdi
        pushq %r12
        .seh_pushreg %r12
        pushq %r13
        .seh_pushreg %r13
        pushq %r14
        .seh_pushreg %r14
        pushq %r15
        .seh_pushreg %r15
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_endprologue
        SPOIL_SAVED
        addq $0x28, %rsp
        popq %r15
        popq %r14
        popq %r13
        popq %r12
        popq %rdi
        popq %rsi
        popq %rbp
        popq %rbx
        retq
        END PushFunction

/* UWOP_SET_FPREG, registers saved relative to the frame, an alloca, calls from the frame. */
        FUNCTION FrameFunction
        pushq %rbp
        .seh_pushreg %rbp
        pushq %rbx
        .seh_pushreg %rbx
        subq $0x58, %rsp
        .seh_stackalloc 0x58
        leaq 0x20(%rsp), %rbp
        .seh_setframe %rbp, 0x20
        movq %rsi, 0x10(%rbp)
        .seh_savereg %rsi, 0x30
        movq %rdi, 0x18(%rbp)
        .seh_savereg %rdi, 0x38
        movups %xmm9, 0x20(%rbp)
        .seh_savexmm %xmm9, 0x40
        .seh_endprologue
        movl $0x77, %ebx
        movl $0x78, %esi
        movl $0x79, %edi
        xorps %xmm9, %xmm9
        subq $0x100, %rsp
        callq LeafFunction
        callq PushFunction
        movq 0x10(%rbp), %rsi
        movq 0x18(%rbp), %rdi
        movups 0x20(%rbp), %xmm9
        leaq 0x38(%rbp), %rsp
        popq %rbx
        popq %rbp
        retq
        END FrameFunction

/* A register that is saved before there is a frame register. */
        FUNCTION EarlySaveFunction
        pushq %rbp
        .seh_pushreg %rbp
        subq $0x50, %rsp
        .seh_stackalloc 0x50
        movq %rsi, 0x30(%rsp)
        .seh_savereg %rsi, 0x30
        leaq 0x20(%rsp), %rbp
        .seh_setframe %rbp, 0x20
        .seh_endprologue
        xorl %esi, %esi
        subq $0x70, %rsp
        movq 0x10(%rbp), %rsi
        leaq 0x30(%rbp), %rsp
        popq %rbp
        retq
        END EarlySaveFunction

/* A frame register above R8, a long LEA in the epilogue, a frame of more than 128 bytes. */
        FUNCTION FarFrameFunction
        pushq %r13
        .seh_pushreg %r13
        subq $0x400, %rsp
        .seh_stackalloc 0x400
        leaq 0xf0(%rsp), %r13
        .seh_setframe %r13, 0xf0
        .seh_endprologue
        subq $0x230, %rsp
        nop
        leaq 0x310(%r13), %rsp
        popq %r13
        retq
        END FarFrameFunction

/* UWOP_ALLOC_LARGE with 16 bits, UWOP_SAVE_NONVOL, UWOP_SAVE_XMM128; the stack probe. */
        FUNCTION LargeFunction
        movl $0x70008, %eax
        callq __chkstk
        subq %rax, %rsp
        .seh_stackalloc 0x70008
        movq %rbx, 0x60000(%rsp)
        .seh_savereg %rbx, 0x60000
        movq %r15, 0x70020(%rsp)
        .seh_savereg %r15, 0x70020
        movups %xmm15, 0x68000(%rsp)
        .seh_savexmm %xmm15, 0x68000
        .seh_endprologue
        xorl %ebx, %ebx
        xorl %r15d, %r15d
        xorps %xmm15, %xmm15
        movq 0x60000(%rsp), %rbx
        movq 0x70020(%rsp), %r15
        movups 0x68000(%rsp), %xmm15
        addq $0x70008, %rsp
        retq
        END LargeFunction

/* UWOP_ALLOC_LARGE with 32 bits, the far forms of the saves. */
        FUNCTION HugeFunction
        pushq %r12
        .seh_pushreg %r12
        movl $0x180000, %eax
        callq __chkstk
        subq %rax, %rsp
        .seh_stackalloc 0x180000
        movq %rdi, 0x17fff0(%rsp)
        .seh_savereg %rdi, 0x17fff0
        movups %xmm6, 0x170000(%rsp)
        .seh_savexmm %xmm6, 0x170000
        .seh_endprologue
        xorl %r12d, %r12d
        xorl %edi, %edi
        xorps %xmm6, %xmm6
        movups 0x170000(%rsp), %xmm6
        movq 0x17fff0(%rsp), %rdi
        addq $0x180000, %rsp
        popq %r12
        retq
        END HugeFunction

/* Epilogues that end in jumps: to another function, through memory, through a register with a REX.W prefix. */
        .macro JUMP_FUNCTION Name, Jump:vararg
        FUNCTION \Name
        pushq %rbx
        .seh_pushreg %rbx
        subq $0x20, %rsp
        .seh_stackalloc 0x20
        .seh_endprologue
        xorl %ebx, %ebx
        leaq LeafFunction(%rip), %rax
        addq $0x20, %rsp
        popq %rbx
        \Jump
        END \Name
        .endm

        JUMP_FUNCTION TailFunction, jmp LeafFunction
        JUMP_FUNCTION MemoryTailFunction, jmpq *LeafPointer(%rip)
        JUMP_FUNCTION RegisterTailFunction, .byte 0x48; jmpq *%rax
        JUMP_FUNCTION RepFunction, rep; retq

/* Calls itself in the place of a return, and jumps within itself. */
        FUNCTION RecursiveFunction
        pushq %rsi
        .seh_pushreg %rsi
        subq $0x30, %rsp
        .seh_stackalloc 0x30
        .seh_endprologue
        xorl %esi, %esi
        incl RecursionCount(%rip)
        testl $1, RecursionCount(%rip)
        jz 1f
        addq $0x30, %rsp
        popq %rsi
        jmp RecursiveFunction
1:      jmp 2f
        nop
2:      addq $0x30, %rsp
        popq %rsi
        retq
        END RecursiveFunction

/* UWOP_PUSH_MACHFRAME: what looks like an interrupt.  Its first part is a leaf function whose stack pointer moves: nothing can
   be said of it, and of the end neither.  (No IRETQ: QEMU reads its frame as the kernel would, which SMAP forbids.) */
        .globl MachineFunction, MachineBody, MachineBodyEnd
        .p2align 4
MachineFunction:
        popq %rdx
        movq %rsp, %rax
        movl %ss, %ecx
        pushq %rcx
        pushq %rax
        pushfq
        movl %cs, %ecx
        pushq %rcx
        pushq %rdx
        jmp MachineBody
        .p2align 4
        .seh_proc MachineBody
MachineBody:
        .seh_pushframe
        pushq %r14
        .seh_pushreg %r14
        subq $0x40, %rsp
        .seh_stackalloc 0x40
        .seh_endprologue
        xorl %r14d, %r14d
        nop
        callq LeafFunction
        movq 0x40(%rsp), %r14
MachineBodyEnd:
        movq 0x48(%rsp), %rdx
        movq 0x60(%rsp), %rsp
        jmpq *%rdx
        .seh_endproc

/* The same with an error code. */
        .globl ErrorFunction, ErrorBody, ErrorBodyEnd
        .p2align 4
ErrorFunction:
        popq %rdx
        movq %rsp, %rax
        movl %ss, %ecx
        pushq %rcx
        pushq %rax
        pushfq
        movl %cs, %ecx
        pushq %rcx
        pushq %rdx
        pushq $0x55
        jmp ErrorBody
        .p2align 4
        .seh_proc ErrorBody
ErrorBody:
        .seh_pushframe @code
        subq $0x40, %rsp
        .seh_stackalloc 0x40
        .seh_endprologue
        nop
        nop
ErrorBodyEnd:
        movq 0x48(%rsp), %rdx
        movq 0x60(%rsp), %rsp
        jmpq *%rdx
        .seh_endproc

/* Three pieces, the last two chained: ChainedFunction -> ChainedSecond (saves one register more) -> ChainedFar, which lies
   behind another function, jumps to and fro and saves a third one. */
        .globl ChainedFunction, ChainedFunctionEnd, ChainedSecond, ChainedSecondEnd, ChainedFar, ChainedFarEnd
        .p2align 4
ChainedFunction:
        pushq %rbx
ChainedPushed:
        subq $0x40, %rsp
ChainedAllocated:
        xorl %ebx, %ebx
        jmp ChainedSecond
1:      addq $0x40, %rsp
        popq %rbx
        retq
ChainedFunctionEnd:
ChainedSecond:
        movq %rsi, 0x50(%rsp)
ChainedSaved:
        xorl %esi, %esi
        jmp ChainedFar
2:      movq 0x50(%rsp), %rsi
        jmp 1b
ChainedSecondEnd:
        .p2align 4
ChainedFar:
        movq %rdi, 0x58(%rsp)
ChainedFarSaved:
        xorl %edi, %edi
        nop
        movq 0x58(%rsp), %rdi
        nop
        jmp 2b
ChainedFarEnd:

        .section .xdata, "dr"
        .p2align 2
ChainedInfo:
        .byte 0x01, ChainedAllocated - ChainedFunction, 2, 0
        .byte ChainedAllocated - ChainedFunction, 0x72
        .byte ChainedPushed - ChainedFunction, 0x30
ChainedSecondInfo:
        .byte 0x21, ChainedSaved - ChainedSecond, 2, 0
        .byte ChainedSaved - ChainedSecond, 0x64
        .short 0x50 / 8
        .rva ChainedFunction, ChainedFunctionEnd, ChainedInfo
ChainedFarInfo:
        .byte 0x21, ChainedFarSaved - ChainedFar, 2, 0
        .byte ChainedFarSaved - ChainedFar, 0x74
        .short 0x58 / 8
        .rva ChainedSecond, ChainedSecondEnd, ChainedSecondInfo
        .section .pdata, "dr"
        .p2align 2
        .rva ChainedFunction, ChainedFunctionEnd, ChainedInfo
        .rva ChainedSecond, ChainedSecondEnd, ChainedSecondInfo
        .rva ChainedFar, ChainedFarEnd, ChainedFarInfo
        .text

/* Version 2: one epilogue, at the end; its two codes say how long it is, and that it is there. */
        .globl SecondVersionFunction, SecondVersionFunctionEnd
        .p2align 4
SecondVersionFunction:
        pushq %rbx
SecondVersionPushed:
        subq $0x20, %rsp
SecondVersionAllocated:
        xorl %ebx, %ebx
        nop
        addq $0x20, %rsp
SecondVersionEpilogue:
        popq %rbx
        retq
SecondVersionFunctionEnd:
        .section .xdata, "dr"
        .p2align 2
SecondVersionInfo:
        .byte 0x02, SecondVersionAllocated - SecondVersionFunction, 4, 0
        .byte SecondVersionFunctionEnd - SecondVersionEpilogue, 0x16
        .byte 0, 0x06
        .byte SecondVersionAllocated - SecondVersionFunction, 0x32
        .byte SecondVersionPushed - SecondVersionFunction, 0x30
        .section .pdata, "dr"
        .rva SecondVersionFunction, SecondVersionFunctionEnd, SecondVersionInfo

        .data
        .p2align 3
LeafPointer:
        .quad LeafFunction
RecursionCount:
        .long 0
