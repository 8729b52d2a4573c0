/* SPDX-License-Identifier: BSD-2-Clause
 *
 * User-mode registers: CONTEXT (Windows) <-> seL4_UserContext, and the registers of a thread that is inside ntos.
 *
 * A thread whose service is not answered yet stands at its `syscall' instruction.  What it will have afterwards is
 * computed here: RIP behind the instruction, the status in MR0 (R10), RSP from RBX, where the stub keeps it (seL4
 * does not promise to preserve RSP).  Vector state is not ntos's: the dispatchers in ntdll save and restore it.
 *
 * The trap flag of EFLAGS is the thread's as any other: the kernel takes it as an extension (probe.c says if not).
 *
 * DIFFERS: debug registers read as zero, and switching a breakpoint on answers STATUS_NOT_SUPPORTED: the kernel keeps
 * none for a thread.
 */
#include "kep.h"

#define KI_SEG_CODE 0x33
#define KI_SEG_DATA 0x2b
#define KI_SEG_TEB 0x53
#define KI_INITIAL_MXCSR 0x1f80
#define KI_DR7_ENABLE 0xff               /* L0, G0, ... G3: a breakpoint is on */

VOID KiContextToRegisters(const CONTEXT *Context, seL4_UserContext *Registers)
{
    if (Context->ContextFlags & CONTEXT_CONTROL & ~CONTEXT_AMD64) {
        Registers->rip = Context->Rip;
        Registers->rsp = Context->Rsp;
        Registers->rflags = Context->EFlags;
    }
    if (Context->ContextFlags & CONTEXT_INTEGER & ~CONTEXT_AMD64) {
        Registers->rax = Context->Rax;
        Registers->rbx = Context->Rbx;
        Registers->rcx = Context->Rcx;
        Registers->rdx = Context->Rdx;
        Registers->rsi = Context->Rsi;
        Registers->rdi = Context->Rdi;
        Registers->rbp = Context->Rbp;
        Registers->r8 = Context->R8;
        Registers->r9 = Context->R9;
        Registers->r10 = Context->R10;
        Registers->r11 = Context->R11;
        Registers->r12 = Context->R12;
        Registers->r13 = Context->R13;
        Registers->r14 = Context->R14;
        Registers->r15 = Context->R15;
    }
}

VOID KiRegistersToContext(const seL4_UserContext *Registers, PCONTEXT Context)
{
    ULONG Flags = Context->ContextFlags & ~CONTEXT_AMD64;

    if (Flags & CONTEXT_CONTROL) {
        Context->Rip = Registers->rip;
        Context->Rsp = Registers->rsp;
        Context->EFlags = (ULONG)Registers->rflags;
        Context->SegCs = KI_SEG_CODE;
        Context->SegSs = KI_SEG_DATA;
    }
    if (Flags & CONTEXT_INTEGER) {
        Context->Rax = Registers->rax;
        Context->Rbx = Registers->rbx;
        Context->Rcx = Registers->rcx;
        Context->Rdx = Registers->rdx;
        Context->Rsi = Registers->rsi;
        Context->Rdi = Registers->rdi;
        Context->Rbp = Registers->rbp;
        Context->R8 = Registers->r8;
        Context->R9 = Registers->r9;
        Context->R10 = Registers->r10;
        Context->R11 = Registers->r11;
        Context->R12 = Registers->r12;
        Context->R13 = Registers->r13;
        Context->R14 = Registers->r14;
        Context->R15 = Registers->r15;
    }
    if (Flags & CONTEXT_SEGMENTS) {
        Context->SegDs = Context->SegEs = Context->SegGs = KI_SEG_DATA;
        Context->SegFs = KI_SEG_TEB;
    }
    if (Flags & CONTEXT_FLOATING_POINT)
        Context->MxCsr = KI_INITIAL_MXCSR;
    if (Flags & CONTEXT_DEBUG_REGISTERS)
        Context->Dr0 = Context->Dr1 = Context->Dr2 = Context->Dr3 = Context->Dr6 = Context->Dr7 = 0;
}

/* TRUE if the two bytes at Address in the thread's memory are `syscall'. */
static BOOLEAN KipIsSyscall(PKTHREAD Thread, ULONG64 Address)
{
    USHORT Code;

    return NT_SUCCESS(MmReadSpace(Thread->OwningProcess->Space, &Code, (PVOID)Address, sizeof(Code))) && Code == 0x050f;
}

NTSTATUS KiGetUserRegisters(PKTHREAD Thread, NTSTATUS Status, seL4_UserContext *Registers)
{
    BOOLEAN Running;

    if (Thread->State == KThreadInitialized)
        KiLoadFirstRegisters(Thread, FALSE);
    Running = Thread->State == KThreadUser;
    /* Suspending settles where a thread stands that has its answer but has not run yet. */
    if (seL4_TCB_ReadRegisters(Thread->Tcb.Cap, Running, 0, sizeof(*Registers) / sizeof(seL4_Word), Registers) !=
        seL4_NoError)
        return STATUS_UNSUCCESSFUL;
    if (Running && Thread->SuspendCount == 0)
        seL4_TCB_Resume(Thread->Tcb.Cap);
    if (Thread->ExitWork & KI_EXIT_ANSWER) {
        Registers->r10 = (ULONG)Status;
    } else if (!Running && Thread->MessageKind == KI_MESSAGE_SERVICE && !(Thread->ExitWork & KI_EXIT_CONTEXT)) {
        if (KipIsSyscall(Thread, Registers->rip))
            Registers->rip += 2;
        Registers->r10 = (ULONG)Status;
        Registers->rsi = 1;
        Registers->rdi = 0;
        Registers->rsp = Registers->rbx;
    }
    if (Registers->rsp == 0)
        Registers->rsp = Registers->rbx;
    return STATUS_SUCCESS;
}

VOID KiSetUserRegisters(PKTHREAD Thread, seL4_UserContext *Registers, BOOLEAN Resume)
{
    /* The first 18 words: FS and GS base stay. */
    seL4_TCB_WriteRegisters(Thread->Tcb.Cap, Resume, 0, 18, Registers);
}

NTSTATUS KeGetContextThread(PKTHREAD Thread, PCONTEXT Context)
{
    seL4_UserContext Registers;
    NTSTATUS Status;

    if (Thread->SystemThread || Thread->Tcb.Cap == 0)
        return STATUS_THREAD_IS_TERMINATING;
    Status = KiGetUserRegisters(Thread, Thread->ExitWork & KI_EXIT_HELD ? Thread->HeldStatus : STATUS_SUCCESS,
                                &Registers);
    if (NT_SUCCESS(Status))
        KiRegistersToContext(&Registers, Context);
    return Status;
}

NTSTATUS KeSetContextThread(PKTHREAD Thread, const CONTEXT *Context)
{
    seL4_UserContext Registers;
    NTSTATUS Status;

    if (Thread->SystemThread || Thread->Tcb.Cap == 0)
        return STATUS_THREAD_IS_TERMINATING;
    if ((Context->ContextFlags & CONTEXT_DEBUG_REGISTERS & ~CONTEXT_AMD64) && (Context->Dr7 & KI_DR7_ENABLE))
        return STATUS_NOT_SUPPORTED;
    Status = KiGetUserRegisters(Thread, Thread->ExitWork & KI_EXIT_HELD ? Thread->HeldStatus : STATUS_SUCCESS,
                                &Registers);
    if (!NT_SUCCESS(Status))
        return Status;
    KiContextToRegisters(Context, &Registers);
    KiSetUserRegisters(Thread, &Registers, Thread->State == KThreadUser && Thread->SuspendCount == 0);
    if (Thread->State != KThreadUser) {
        if (Thread->MessageKind == KI_MESSAGE_SERVICE && !(Thread->ExitWork & KI_EXIT_CONTEXT))
            Thread->ExitWork |= KI_EXIT_ANSWER;
        Thread->ExitWork |= KI_EXIT_CONTEXT;
    }
    return STATUS_SUCCESS;
}
