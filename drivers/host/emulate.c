/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Privileged instructions of drivers that were compiled with the plain DDK headers.
 *
 * `in`, `out` (register forms, 8, 16 and 32 bits) and `mov` from and to cr8 fault in user mode; a vectored handler
 * carries them out as READ_PORT_x, WRITE_PORT_x and an IRQL change, and goes on behind them.  Everything else stays an
 * exception. Instruction formats: Intel SDM volume 2, IN, OUT, "MOV - Move to/from Control Registers".
 */
#include "host.h"

/* The general register of CONTEXT that an x86-64 register number (0..15) means. */
static PULONG64 HostContextRegister(PCONTEXT Context, ULONG Number)
{
    return &Context->Rax + Number; /* rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 .. r15: CONTEXT's own order */
}

/* in and out: opcode E4..E7 (port in the instruction) and EC..EF (port in dx); odd is the wide form, bit 1 is out. */
static BOOLEAN HostEmulatePort(PCONTEXT Context, const UCHAR *Code, ULONG Prefixes, BOOLEAN IsWord)
{
    ULONG Size = (Code[0] & 1) == 0 ? 1 : IsWord ? 2 : 4;
    ULONG_PTR Port = (Code[0] & 8) ? (USHORT)Context->Rdx : Code[1];
    ULONG Value;

    if (Code[0] & 2) {
        HostWritePort(Port, Size, (ULONG)Context->Rax);
    } else {
        Value = HostReadPort(Port, Size);
        if (Size == 1)
            *(PUCHAR)&Context->Rax = (UCHAR)Value;
        else if (Size == 2)
            *(PUSHORT)&Context->Rax = (USHORT)Value;
        else
            Context->Rax = Value;
    }
    Context->Rip += Prefixes + ((Code[0] & 8) ? 1 : 2);
    return TRUE;
}

/* 44 0F 20 /0 (mov r64, cr8) and 44 0F 22 /0 (mov cr8, r64), with the REX.B bit for r8..r15. */
static BOOLEAN HostEmulateCr8(PCONTEXT Context, const UCHAR *Code)
{
    PULONG64 Register = HostContextRegister(Context, (Code[3] & 7) | (Code[0] & 1) << 3);

    if ((Code[3] & 0xf8) != 0xc0)
        return FALSE;
    if (Code[2] == 0x20)
        *Register = KeGetCurrentIrql();
    else
        KeLowerIrql((KIRQL)*Register);
    Context->Rip += 4;
    return TRUE;
}

static BOOLEAN HostEmulate(PCONTEXT Context)
{
    const UCHAR *Code = (const UCHAR *)Context->Rip;
    BOOLEAN IsWord = Code[0] == 0x66;
    UCHAR Opcode = Code[IsWord];

    if ((Opcode & 0xf4) == 0xe4)
        return HostEmulatePort(Context, Code + IsWord, IsWord, IsWord);
    if ((Code[0] & 0xfe) == 0x44 && Code[1] == 0x0f && (Code[2] == 0x20 || Code[2] == 0x22))
        return HostEmulateCr8(Context, Code);
    return FALSE;
}

static LONG NTAPI HostPrivilegedInstruction(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode == STATUS_PRIVILEGED_INSTRUCTION &&
        HostEmulate(Pointers->ContextRecord))
        return EXCEPTION_CONTINUE_EXECUTION;
    return EXCEPTION_CONTINUE_SEARCH;
}

VOID HostInitializeEmulation(VOID)
{
    RtlAddVectoredExceptionHandler(1, HostPrivilegedInstruction);
}
