/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the executive enters user mode, and the routines that read or load a whole CONTEXT.
 *
 * ntos finds LdrInitializeThunk, RtlUserThreadStart, KiUserExceptionDispatcher, KiUserApcDispatcher and
 * KiRaiseUserExceptionDispatcher by name.  It does not see vector state: KiUserExceptionDispatcher saves it into the
 * CONTEXT before any other code runs, and NtContinue loads it back.
 *
 * The two dispatchers can be unwound: below the CONTEXT they build the machine frame (RIP, RSP) of the interrupted
 * code, and their unwind data names the CONTEXT's fields as the places where its registers are saved.
 */

#define ContextFlags 0x30
#define MxCsr 0x34
#define SegCs 0x38
#define SegDs 0x3a
#define SegEs 0x3c
#define SegFs 0x3e
#define SegGs 0x40
#define SegSs 0x42
#define EFlags 0x44
#define Rax 0x78
#define Rcx 0x80
#define Rdx 0x88
#define Rbx 0x90
#define Rsp 0x98
#define Rbp 0xa0
#define Rsi 0xa8
#define Rdi 0xb0
#define R8 0xb8
#define R9 0xc0
#define R10 0xc8
#define R11 0xd0
#define R12 0xd8
#define R13 0xe0
#define R14 0xe8
#define R15 0xf0
#define Rip 0xf8
#define FltSave 0x100
#define FltSaveMxCsr 0x118
#define Xmm6 0x200

#define CONTEXT_AMD64_FULL_SEGMENTS 0x10000f
#define CONTEXT_FLOATING_POINT_BITS 0x100008
#define FLOATING_POINT_BIT 0x8
#define TRAP_FLAG 0x100

/* EXCEPTION_RECORD behind CONTEXT (0x4d0) and CONTEXT_EX (0x20). */
#define ExceptionRecordOffset 0x4f0

/* Frame of the dispatchers: home space, machine frame (RIP, CS, EFLAGS, RSP, SS), padding; the CONTEXT follows. */
#define MachineFrame 0x20
#define MachineRip 0x20
#define MachineRsp 0x38
#define FrameSize 0x50

        .macro DISPATCHER_PROLOGUE
        .seh_pushframe
        subq $FrameSize, %rsp
        .seh_stackalloc MachineFrame
        .seh_savereg %rbx, FrameSize + Rbx
        .seh_savereg %rbp, FrameSize + Rbp
        .seh_savereg %rsi, FrameSize + Rsi
        .seh_savereg %rdi, FrameSize + Rdi
        .seh_savereg %r12, FrameSize + R12
        .seh_savereg %r13, FrameSize + R13
        .seh_savereg %r14, FrameSize + R14
        .seh_savereg %r15, FrameSize + R15
        .seh_savexmm %xmm6, FrameSize + Xmm6
        .seh_savexmm %xmm7, FrameSize + Xmm6 + 0x10
        .seh_savexmm %xmm8, FrameSize + Xmm6 + 0x20
        .seh_savexmm %xmm9, FrameSize + Xmm6 + 0x30
        .seh_savexmm %xmm10, FrameSize + Xmm6 + 0x40
        .seh_savexmm %xmm11, FrameSize + Xmm6 + 0x50
        .seh_savexmm %xmm12, FrameSize + Xmm6 + 0x60
        .seh_savexmm %xmm13, FrameSize + Xmm6 + 0x70
        .seh_savexmm %xmm14, FrameSize + Xmm6 + 0x80
        .seh_savexmm %xmm15, FrameSize + Xmm6 + 0x90
        .seh_endprologue
        cld
        movq FrameSize + Rip(%rsp), %rax
        movq %rax, MachineRip(%rsp)
        movq FrameSize + Rsp(%rsp), %rax
        movq %rax, MachineRsp(%rsp)
        .endm

        .text

/* RSP -> CONTEXT, CONTEXT_EX, EXCEPTION_RECORD. */
        .globl KiUserExceptionDispatcher
        .p2align 4
        .seh_proc KiUserExceptionDispatcher
KiUserExceptionDispatcher:
        DISPATCHER_PROLOGUE
        fxsave FrameSize + FltSave(%rsp)
        movl FrameSize + FltSaveMxCsr(%rsp), %eax
        movl %eax, FrameSize + MxCsr(%rsp)
        orl $CONTEXT_FLOATING_POINT_BITS, FrameSize + ContextFlags(%rsp)
        leaq FrameSize + ExceptionRecordOffset(%rsp), %rcx
        leaq FrameSize(%rsp), %rdx
        call KiDispatchUserException
        int3
        .seh_endproc

/* RSP -> CONTEXT; P1Home..P3Home: the routine's arguments, P4Home: the routine, P5Home: whether the next APC may follow. */
        .globl KiUserApcDispatcher
        .p2align 4
        .seh_proc KiUserApcDispatcher
KiUserApcDispatcher:
        DISPATCHER_PROLOGUE
        fxsave FrameSize + FltSave(%rsp)
        movl FrameSize + FltSaveMxCsr(%rsp), %eax
        movl %eax, FrameSize + MxCsr(%rsp)
        orl $CONTEXT_FLOATING_POINT_BITS, FrameSize + ContextFlags(%rsp)
        movq FrameSize + 0x00(%rsp), %rcx
        movq FrameSize + 0x08(%rsp), %rdx
        movq FrameSize + 0x10(%rsp), %r8
        leaq FrameSize(%rsp), %r9
        callq *FrameSize + 0x18(%rsp)
        leaq FrameSize(%rsp), %rcx
        movl FrameSize + 0x20(%rsp), %edx
        call NtContinue
        movl %eax, %ecx
        call RtlRaiseStatus
        int3
        .seh_endproc

/* The service that returned into here wants its status (TEB.ExceptionCode) raised. */
        .globl KiRaiseUserExceptionDispatcher
        .p2align 4
        .seh_proc KiRaiseUserExceptionDispatcher
KiRaiseUserExceptionDispatcher:
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_endprologue
        movl %gs:0x2c0, %ecx
        call RtlRaiseStatus
        movl %gs:0x2c0, %eax
        addq $0x28, %rsp
        retq
        .seh_endproc

/* RCX = the CONTEXT to start the thread with, RDX = ntdll's base.  Does not return.  The vector state may be that of a
   thread that has ended. */
        .globl LdrInitializeThunk
        .p2align 4
        .seh_proc LdrInitializeThunk
LdrInitializeThunk:
        andq $-16, %rsp
        pushq $0
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_endprologue
        fxrstor FltSave(%rcx)
        call LdrpInitializeThread
        int3
        .seh_endproc

/* RCX = start routine, RDX = its argument.  The outermost frame of every thread: a return address of zero ends
   stack walks, and the handler is the last one that sees an exception. */
        .globl RtlUserThreadStart
        .p2align 4
        .seh_proc RtlUserThreadStart
RtlUserThreadStart:
        andq $-16, %rsp
        pushq $0
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_handler RtlpThreadStartHandler, @except
        .seh_endprologue
        call RtlpCallThreadStart
        int3
        .seh_endproc

/* NtContinue(PCONTEXT, BOOLEAN): vector state first, then the service. */
        .globl NtContinue
        .p2align 4
NtContinue:
        testb $FLOATING_POINT_BIT, ContextFlags(%rcx)
        jz KiContinueService
        fxrstor FltSave(%rcx)
        jmp KiContinueService

/* RtlCaptureContext(PCONTEXT): the caller's registers as after the call. */
        .globl RtlCaptureContext
        .p2align 4
        .seh_proc RtlCaptureContext
RtlCaptureContext:
        pushfq
        .seh_stackalloc 8
        .seh_endprologue
        movq %rax, Rax(%rcx)
        movq %rcx, Rcx(%rcx)
        movq %rdx, Rdx(%rcx)
        movq %rbx, Rbx(%rcx)
        movq %rbp, Rbp(%rcx)
        movq %rsi, Rsi(%rcx)
        movq %rdi, Rdi(%rcx)
        movq %r8, R8(%rcx)
        movq %r9, R9(%rcx)
        movq %r10, R10(%rcx)
        movq %r11, R11(%rcx)
        movq %r12, R12(%rcx)
        movq %r13, R13(%rcx)
        movq %r14, R14(%rcx)
        movq %r15, R15(%rcx)
        movw %cs, SegCs(%rcx)
        movw %ds, SegDs(%rcx)
        movw %es, SegEs(%rcx)
        movw %fs, SegFs(%rcx)
        movw %gs, SegGs(%rcx)
        movw %ss, SegSs(%rcx)
        fxsave FltSave(%rcx)
        movl FltSaveMxCsr(%rcx), %eax
        movl %eax, MxCsr(%rcx)
        movl (%rsp), %eax
        movl %eax, EFlags(%rcx)
        movq 8(%rsp), %rax
        movq %rax, Rip(%rcx)
        leaq 16(%rsp), %rax
        movq %rax, Rsp(%rcx)
        movl $CONTEXT_AMD64_FULL_SEGMENTS, ContextFlags(%rcx)
        movq Rax(%rcx), %rax
        addq $8, %rsp
        retq
        .seh_endproc

/* RtlpRestoreContext(PCONTEXT): loads control, integer and (if flagged) vector state.  Does not return.  RIP, flags and RCX
   go through the 24 bytes below the new RSP, which belong to nobody (no red zone); no IRETQ, because the selectors that
   SYSRET left need not be ones that can be loaded.  With the trap flag the service does it: POPFQ would trap at the RET. */
        .globl RtlpRestoreContext
        .p2align 4
RtlpRestoreContext:
        testb $TRAP_FLAG >> 8, EFlags + 1(%rcx)
        jnz 2f
        testb $FLOATING_POINT_BIT, ContextFlags(%rcx)
        jz 1f
        fxrstor FltSave(%rcx)
1:      movq Rsp(%rcx), %rdx
        movq Rip(%rcx), %rax
        movq %rax, -8(%rdx)
        movl EFlags(%rcx), %eax
        movq %rax, -16(%rdx)
        movq Rcx(%rcx), %rax
        movq %rax, -24(%rdx)
        movq Rax(%rcx), %rax
        movq Rbx(%rcx), %rbx
        movq Rbp(%rcx), %rbp
        movq Rsi(%rcx), %rsi
        movq Rdi(%rcx), %rdi
        movq R8(%rcx), %r8
        movq R9(%rcx), %r9
        movq R10(%rcx), %r10
        movq R11(%rcx), %r11
        movq R12(%rcx), %r12
        movq R13(%rcx), %r13
        movq R14(%rcx), %r14
        movq R15(%rcx), %r15
        leaq -24(%rdx), %rsp
        movq Rdx(%rcx), %rdx
        popq %rcx
        popfq
        retq
2:      xorl %edx, %edx
        subq $0x28, %rsp
        call NtContinue
        int3

/* EXCEPTION_DISPOSITION RtlpExecuteHandlerForException(Record, Frame, Context, DispatcherContext): calls
   DispatcherContext->LanguageHandler (offset 0x30) in a frame whose own handler reports a nested exception. */
        .globl RtlpExecuteHandlerForException
        .p2align 4
        .seh_proc RtlpExecuteHandlerForException
RtlpExecuteHandlerForException:
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_handler RtlpNestedExceptionHandler, @except
        .seh_endprologue
        movq %r9, 0x20(%rsp)
        callq *0x30(%r9)
        nop
        addq $0x28, %rsp
        retq
        .seh_endproc

/* The same for unwinding: its handler reports a collided unwind. */
        .globl RtlpExecuteHandlerForUnwind
        .p2align 4
        .seh_proc RtlpExecuteHandlerForUnwind
RtlpExecuteHandlerForUnwind:
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_handler RtlpCollidedUnwindHandler, @unwind, @except
        .seh_endprologue
        movq %r9, 0x20(%rsp)
        callq *0x30(%r9)
        nop
        addq $0x28, %rsp
        retq
        .seh_endproc

/* BOOLEAN RtlpCallGuarded(Routine, Argument1, Argument2, Argument3): Routine's answer, or FALSE where it raised an exception:
   RtlpGuardHandler unwinds to RtlpGuardTarget. */
        .globl RtlpCallGuarded
        .globl RtlpGuardTarget
        .p2align 4
        .seh_proc RtlpCallGuarded
RtlpCallGuarded:
        subq $0x28, %rsp
        .seh_stackalloc 0x28
        .seh_handler RtlpGuardHandler, @except
        .seh_endprologue
        movq %rcx, %rax
        movq %rdx, %rcx
        movq %r8, %rdx
        movq %r9, %r8
        callq *%rax
RtlpGuardTarget:
        nop
        addq $0x28, %rsp
        retq
        .seh_endproc

/* PVOID RtlpCallConsolidate(PCONTEXT, Routine, Record): the routine runs on top of the stack that is being unwound, but
   a walk from it goes on in the frame that the CONTEXT describes: a machine frame and the registers' places say so. */
        .globl RtlpCallConsolidate
        .p2align 4
        .seh_proc RtlpCallConsolidate
RtlpCallConsolidate:
        .seh_pushframe
        subq $0x58, %rsp
        .seh_stackalloc 0x30
        .seh_savereg %rbx, 0x20
        .seh_savereg %rbp, 0x28
        .seh_endprologue
        movq Rip(%rcx), %rax
        movq %rax, 0x30(%rsp)
        movq Rsp(%rcx), %rax
        movq %rax, 0x48(%rsp)
        movq Rbx(%rcx), %rax
        movq %rax, 0x20(%rsp)
        movq Rbp(%rcx), %rax
        movq %rax, 0x28(%rsp)
        movq %rdx, %rax
        movq %r8, %rcx
        callq *%rax
        addq $0x58, %rsp
        retq
        .seh_endproc

/* RtlpDebugService(Service, Buffer, Length): the debugger's trap; answered (skipped) by ntos. */
        .globl RtlpDebugService
        .p2align 4
RtlpDebugService:
        movl %ecx, %eax
        movq %rdx, %rcx
        movl %r8d, %edx
        int $0x2d
        int3
        retq

        .globl DbgBreakPoint
        .globl DbgUserBreakPoint
        .p2align 4
DbgBreakPoint:
DbgUserBreakPoint:
        int3
        retq

/* Stack probe: touches each page of the RAX bytes below the caller's frame, keeps all registers. */
        .globl __chkstk
        .globl ___chkstk_ms
        .p2align 4
        .seh_proc __chkstk
__chkstk:
___chkstk_ms:
        pushq %rcx
        .seh_stackalloc 8
        pushq %rax
        .seh_stackalloc 8
        .seh_endprologue
        leaq 24(%rsp), %rcx
2:      cmpq $0x1000, %rax
        jb 3f
        subq $0x1000, %rcx
        testb $0, (%rcx)
        subq $0x1000, %rax
        jmp 2b
3:      subq %rax, %rcx
        testb $0, (%rcx)
        popq %rax
        popq %rcx
        retq
        .seh_endproc
