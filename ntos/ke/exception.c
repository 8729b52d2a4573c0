/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Faults of programs: page faults go to mm; everything else, and what mm cannot resolve, becomes an exception that
 * the program gets at ntdll's KiUserExceptionDispatcher.  No room on its stack, or a second chance: the process ends
 * with the exception's code.
 *
 * Frame on the user's stack (Windows 10 x64), RSP 16-aligned:
 *
 *      0      CONTEXT               0x4d0
 *      0x4d0  CONTEXT_EX            0x20
 *      0x4f0  EXCEPTION_RECORD      0x98
 *      0x590  machine frame: RIP, CS, RFLAGS, RSP, SS (for unwinding)
 *      0x5c0  end
 *
 * `int n' that programs may not use arrives as #GP with the IDT bit in the error code (the index there is not relied
 * on: emulators differ): 0x29 (fail fast), 0x2c (assertion), 0x2d (debug service: 1 = print RCX, EDX bytes, followed
 * by an int3 that is skipped).
 */
#include "kep.h"
#include "ntos/inc/dbgk.h"

#define KI_VECTOR_DEBUG 1
#define KI_VECTOR_BREAKPOINT 3
#define KI_VECTOR_GP 13
#define KI_GP_IDT 2                     /* error code: an entry of the interrupt table */

/* What follows the CONTEXT. */
typedef struct _KI_EXCEPTION_TAIL {
    LONG ContextEx[6];                  /* offset and length of: all, legacy, xstate */
    ULONG64 Padding;
    EXCEPTION_RECORD Record;
    ULONG64 Padding2;
    ULONG64 MachineFrame[5];
    ULONG64 Padding3;
} KI_EXCEPTION_TAIL;
_Static_assert(sizeof(CONTEXT) == 0x4d0, "layout");
_Static_assert(sizeof(CONTEXT) + FIELD_OFFSET(KI_EXCEPTION_TAIL, Record) == 0x4f0, "layout");
_Static_assert(sizeof(CONTEXT) + FIELD_OFFSET(KI_EXCEPTION_TAIL, MachineFrame) == 0x590, "layout");
_Static_assert(sizeof(CONTEXT) + sizeof(KI_EXCEPTION_TAIL) == 0x5c0, "layout");

/* The exception code of a vector; 0: not one that has a code of its own. */
static const NTSTATUS KipVectorStatus[32] = {
    [0] = STATUS_INTEGER_DIVIDE_BY_ZERO,
    [3] = STATUS_BREAKPOINT,
    [4] = STATUS_INTEGER_OVERFLOW,
    [5] = STATUS_ARRAY_BOUNDS_EXCEEDED,
    [6] = STATUS_ILLEGAL_INSTRUCTION,
    [7] = STATUS_ILLEGAL_INSTRUCTION,
    [12] = STATUS_ACCESS_VIOLATION,
    [13] = STATUS_ACCESS_VIOLATION,
    [16] = STATUS_FLOAT_INVALID_OPERATION,
    [17] = STATUS_DATATYPE_MISALIGNMENT,
    [19] = STATUS_FLOAT_MULTIPLE_TRAPS,
};

/* Takes no memory: a program that has none left gets its exceptions. */
VOID KiPushException(PKTHREAD Thread, const EXCEPTION_RECORD *Record, const CONTEXT *Context)
{
    KI_EXCEPTION_TAIL Tail = {
        .ContextEx = { -(LONG)sizeof(CONTEXT), sizeof(CONTEXT) + 0x20, -(LONG)sizeof(CONTEXT), sizeof(CONTEXT) },
        .Record = *Record,
        .MachineFrame = { Context->Rip, Context->SegCs, Context->EFlags, Context->Rsp, Context->SegSs },
    };
    seL4_UserContext Registers = { 0 };
    NTSTATUS Status;

    KiContextToRegisters(Context, &Registers);
    Registers.rsp = (Context->Rsp & ~15ull) - sizeof(*Context) - sizeof(Tail);
    Status = MmCopyToUser((PVOID)Registers.rsp, Context, sizeof(*Context));
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser((PVOID)(Registers.rsp + sizeof(*Context)), &Tail, sizeof(Tail));
    if (!NT_SUCCESS(Status)) {
        PspUndeliveredException(Thread, Record, Context);
        PsTerminateProcess(CONTAINING_RECORD(Thread->OwningProcess, EPROCESS, Pcb), Record->ExceptionCode);
        return;
    }
    Registers.rip = PsKiUserExceptionDispatcher;
    Registers.rflags = 0x202;
    KiSetUserRegisters(Thread, &Registers, FALSE);
    Thread->ExitWork |= KI_EXIT_CONTEXT;
}

/* The thread's own registers, of a service with its answer; Skip: bytes that RIP goes back by. */
static BOOLEAN KipFaultContext(PKTHREAD Thread, NTSTATUS Answer, ULONG Skip, PCONTEXT Context)
{
    seL4_UserContext Registers;

    if (!NT_SUCCESS(KiGetUserRegisters(Thread, Answer, &Registers)))
        return FALSE;
    Registers.rip -= Skip;
    memset(Context, 0, sizeof(*Context));
    Context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    KiRegistersToContext(&Registers, Context);
    Context->MxCsr = Context->FltSave.MxCsr = 0x1f80;
    return TRUE;
}

/* Raises at the thread's own registers, for a fault.  A debugger is asked first; it may wait for that. */
static VOID KipRaiseFault(PKTHREAD Thread, NTSTATUS Code, ULONG Skip, ULONG ParameterCount, ULONG64 P0, ULONG64 P1,
                          ULONG64 P2)
{
    EXCEPTION_RECORD Record = { 0 };
    CONTEXT Context;

    if (!KipFaultContext(Thread, STATUS_SUCCESS, Skip, &Context))
        return;
    Record.ExceptionCode = (DWORD)Code;
    Record.ExceptionAddress = (PVOID)Context.Rip;
    Record.NumberParameters = ParameterCount;
    Record.ExceptionInformation[0] = P0;
    Record.ExceptionInformation[1] = P1;
    Record.ExceptionInformation[2] = P2;
    if (Code == STATUS_STACK_BUFFER_OVERRUN) {          /* fail fast: no handler may see it */
        Record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
        PspUndeliveredException(Thread, &Record, &Context);
        PsTerminateProcess(CONTAINING_RECORD(Thread->OwningProcess, EPROCESS, Pcb), Code);
        return;
    }
    if (DbgkDebuggees != 0) {
        /* Handled: it goes on with its registers, which the debugger may have changed in any case. */
        if (DbgkForwardException(&Record, TRUE) || !KipFaultContext(Thread, STATUS_SUCCESS, Skip, &Context))
            return;
    }
    KiPushException(Thread, &Record, &Context);
}

/*
 * The trap flag is off in what the debugger and the handler get, and when the thread goes on: who wants another step sets
 * it again, as on NT.
 */
static VOID KipSingleStep(PKTHREAD Thread)
{
    seL4_UserContext Registers;

    if (!NT_SUCCESS(KiGetUserRegisters(Thread, STATUS_SUCCESS, &Registers)))
        return;
    Registers.rflags &= ~(ULONG64)KI_FLAG_TRAP;
    KiSetUserRegisters(Thread, &Registers, FALSE);
    Thread->ExitWork |= KI_EXIT_CONTEXT;
    KipRaiseFault(Thread, STATUS_SINGLE_STEP, 0, 0, 0, 0, 0);
}

static VOID KipSkipInstruction(PKTHREAD Thread, seL4_UserContext *Registers, ULONG Length)
{
    Registers->rip += Length;
    KiSetUserRegisters(Thread, Registers, FALSE);
    Thread->ExitWork |= KI_EXIT_CONTEXT;
}

/* int 0x2d. */
static VOID KipDebugService(PKTHREAD Thread)
{
    seL4_UserContext Registers;
    char Text[512];
    ULONG Length;

    if (!NT_SUCCESS(KiGetUserRegisters(Thread, STATUS_SUCCESS, &Registers)))
        return;
    if ((ULONG)Registers.rax == 1) {
        Length = (USHORT)Registers.rdx < sizeof(Text) ? (USHORT)Registers.rdx : sizeof(Text);
        if (NT_SUCCESS(MmCopyFromUser(Text, (PVOID)Registers.rcx, Length)))
            LogWrite(Text, Length);
        Registers.rax = STATUS_SUCCESS;
        KipSkipInstruction(Thread, &Registers, 3);
    } else {
        KipRaiseFault(Thread, STATUS_BREAKPOINT, (ULONG)-2, 1, (ULONG)Registers.rax, 0, 0);
    }
}

/*
 * Is the instruction at the fault one that only the kernel may use?  hlt, in, out, cli, sti, and 0f
 * 00/01/06/08/09/20-23/30-33.
 */
static BOOLEAN KipIsPrivileged(ULONG64 Rip)
{
    UCHAR Code[15] = { 0 };
    ULONG i = 0;

    for (ULONG n = sizeof(Code); n > 0 && !NT_SUCCESS(MmCopyFromUser(Code, (PVOID)Rip, n)); n--)
        ;
    while (i < 13 && (Code[i] == 0x66 || Code[i] == 0xf2 || Code[i] == 0xf3 || (Code[i] & 0xf0) == 0x40))
        i++;
    if (Code[i] == 0xf4 || Code[i] == 0xfa || Code[i] == 0xfb || (Code[i] >= 0x6c && Code[i] <= 0x6f) ||
        (Code[i] >= 0xe4 && Code[i] <= 0xe7) || (Code[i] >= 0xec && Code[i] <= 0xef))
        return TRUE;
    return Code[i] == 0x0f && (Code[i + 1] <= 0x01 || Code[i + 1] == 0x06 || Code[i + 1] == 0x08 ||
                               Code[i + 1] == 0x09 || (Code[i + 1] >= 0x20 && Code[i + 1] <= 0x23) ||
                               (Code[i + 1] >= 0x30 && Code[i + 1] <= 0x33));
}

/* The n of `int n' at Rip, for a #GP that it raised; else 0. */
static UCHAR KipSoftwareInterrupt(ULONG64 Rip, ULONG64 Code)
{
    UCHAR Bytes[2];

    if (!(Code & KI_GP_IDT) || !NT_SUCCESS(MmCopyFromUser(Bytes, (PVOID)Rip, sizeof(Bytes))) || Bytes[0] != 0xcd)
        return 0;
    return Bytes[1];
}

static VOID KipUserException(PKTHREAD Thread, ULONG64 Rip, ULONG64 Vector, ULONG64 Code)
{
    NTSTATUS Status = Vector < ARRAYSIZE(KipVectorStatus) ? KipVectorStatus[Vector] : 0;
    UCHAR Interrupt = Vector == KI_VECTOR_GP ? KipSoftwareInterrupt(Rip, Code) : 0;

    if (Vector == KI_VECTOR_DEBUG) {
        KipSingleStep(Thread);
    } else if (Vector == KI_VECTOR_BREAKPOINT) {
        KipRaiseFault(Thread, STATUS_BREAKPOINT, 1, 1, 0, 0, 0);
    } else if (Vector != KI_VECTOR_GP) {
        KipRaiseFault(Thread, Status != 0 ? Status : STATUS_ILLEGAL_INSTRUCTION, 0, 0, 0, 0, 0);
    } else if (Interrupt == 0x29) {
        seL4_UserContext Registers;

        if (NT_SUCCESS(KiGetUserRegisters(Thread, STATUS_SUCCESS, &Registers)))
            KipRaiseFault(Thread, STATUS_STACK_BUFFER_OVERRUN, 0, 1, (ULONG)Registers.rcx, 0, 0);
    } else if (Interrupt == 0x2c) {
        KipRaiseFault(Thread, STATUS_ASSERTION_FAILURE, 0, 0, 0, 0, 0);
    } else if (Interrupt == 0x2d) {
        KipDebugService(Thread);
    } else if (KipIsPrivileged(Rip)) {
        KipRaiseFault(Thread, STATUS_PRIVILEGED_INSTRUCTION, 0, 0, 0, 0, 0);
    } else {
        KipRaiseFault(Thread, STATUS_ACCESS_VIOLATION, 0, 2, 0, ~0ull, 0);
    }
}

static VOID KipPageFault(PKTHREAD Thread, ULONG64 Address, BOOLEAN Fetch, ULONG64 Code)
{
    MM_ACCESS Access = Code & 2 ? MmWriteAccess : Fetch || (Code & 16) ? MmExecuteAccess : MmReadAccess;
    NTSTATUS Status = MmAccessFault(Thread->OwningProcess->Space, Address, Access, (ULONG64)Thread->Teb);
    ULONG64 Kind = Access == MmWriteAccess ? EXCEPTION_WRITE_FAULT
                   : Access == MmExecuteAccess ? EXCEPTION_EXECUTE_FAULT : EXCEPTION_READ_FAULT;

    if (NT_SUCCESS(Status) && Status != STATUS_GUARD_PAGE_VIOLATION)
        return;
    if (Status == STATUS_ACCESS_VIOLATION || Status == STATUS_GUARD_PAGE_VIOLATION || Status == STATUS_STACK_OVERFLOW)
        KipRaiseFault(Thread, Status, 0, 2, Kind, Address, 0);
    else
        KipRaiseFault(Thread, STATUS_IN_PAGE_ERROR, 0, 3, Kind, Address, (ULONG)Status);
}

BOOLEAN KiHandleFault(PKTHREAD Thread, ULONG64 Label, ULONG64 Mr0, ULONG64 Mr1, ULONG64 Mr2, ULONG64 Mr3)
{
    if (Label == seL4_Fault_VMFault)
        KipPageFault(Thread, Mr1, Mr2 != 0, Mr3);
    else if (Label == seL4_Fault_UserException)
        KipUserException(Thread, Mr0, Mr3, seL4_GetMR(seL4_UserException_Code));
    else                                /* a system call that is none, or a capability that is none */
        KipRaiseFault(Thread, STATUS_ILLEGAL_INSTRUCTION, 0, 0, 0, 0, 0);
    KeStatistics.Faults++;
    if (Thread->ExitWork != 0)
        return KiExitToUser(Thread, STATUS_SUCCESS);
    Thread->State = KThreadUser;
    return TRUE;
}

NTSTATUS KeContinue(const CONTEXT *Context, BOOLEAN TestAlert)
{
    PKTHREAD Thread = KiCurrentThread;
    const ULONG Whole = (CONTEXT_CONTROL | CONTEXT_INTEGER);
    seL4_UserContext Registers;
    NTSTATUS Status;

    if ((Context->ContextFlags & Whole) != Whole) {
        Status = KiGetUserRegisters(Thread, STATUS_SUCCESS, &Registers);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    KiContextToRegisters(Context, &Registers);
    if (TestAlert)
        KeTestAlertThread();
    if (Thread->ExitWork == 0) {        /* nothing holds it back: one kernel call */
        Thread->State = KThreadUser;
        KiSetUserRegisters(Thread, &Registers, TRUE);
        return KE_NO_REPLY;
    }
    KiSetUserRegisters(Thread, &Registers, FALSE);
    Thread->ExitWork |= KI_EXIT_CONTEXT;
    return STATUS_SUCCESS;              /* the exit takes the registers, not the status */
}

NTSTATUS KeRaiseUserException(const EXCEPTION_RECORD *Record, const CONTEXT *Context, BOOLEAN FirstChance)
{
    PKTHREAD Thread = KiCurrentThread;

    if (DbgkDebuggees != 0 && DbgkForwardException(Record, FirstChance))
        return KeContinue(Context, FALSE);
    if (FirstChance) {
        KiPushException(Thread, Record, Context);
    } else {
        PspUnhandledException(Thread, Record, Context);
        PsTerminateProcess(CONTAINING_RECORD(Thread->OwningProcess, EPROCESS, Pcb), (NTSTATUS)Record->ExceptionCode);
    }
    return STATUS_SUCCESS;
}

NTSTATUS KeRaiseServiceException(NTSTATUS Status)
{
    PKTHREAD Thread = KiCurrentThread;
    EXCEPTION_RECORD Record = { .ExceptionCode = (DWORD)Status };
    CONTEXT Context;

    if (!KipFaultContext(Thread, Status, 0, &Context))
        return Status;
    Record.ExceptionAddress = (PVOID)Context.Rip;
    if (!DbgkForwardException(&Record, TRUE) && KipFaultContext(Thread, Status, 0, &Context))
        KiPushException(Thread, &Record, &Context);
    return Status;
}
