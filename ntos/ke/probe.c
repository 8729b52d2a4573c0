/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of its extensions does the kernel have?
 *
 * No-execute is attribute bit 3 of Page_Map.  A kernel without it ignores the bit: then every page is executable, and PAGE_EXECUTE protections
 * decide nothing.  A thread that jumps into pool memory tells: either the jump faults, or the undefined instruction there does.
 *
 * Single step is that TCB_WriteRegisters takes the trap flag.  A kernel without it clears the flag: then only user code sets it (POPF), and
 * NtSetContextThread and NtContinue have no effect on it.
 */
#include "kep.h"

/* Runs once, before ntos receives anything else: waits for the fault of its own thread. */
BOOLEAN KiProbeNoExecute(VOID)
{
    static const UCHAR Undefined[] = { 0x0f, 0x0b };
    seL4_UserContext Registers = { .rflags = 0x202 };
    MM_KERNEL_OBJECT Thread, Endpoint;
    seL4_MessageInfo_t Info;
    ULONG64 Badge;
    PVOID Code = ExAllocatePoolZero(NonPagedPool, 16, 'xNeK');

    if (Code == NULL || !NT_SUCCESS(MmCreateKernelObject(seL4_TCBObject, 0, &Thread)) ||
        !NT_SUCCESS(MmCreateKernelObject(seL4_EndpointObject, 0, &Endpoint)))
        KeBugCheck("Not enough memory for the kernel objects of ntos.");
    RtlCopyMemory(Code, Undefined, sizeof(Undefined));
    if (seL4_TCB_Configure(Thread.Cap, Endpoint.Cap, MmRootCNode, 0, seL4_CapInitThreadVSpace, 0, 0,
                           seL4_CapInitThreadIPCBuffer) != seL4_NoError)
        KeBugCheck("The thread that tries no-execute cannot be configured.");
    seL4_TCB_SetSchedParams(Thread.Cap, seL4_CapInitThreadTCB, 255, 255);
    Registers.rip = (seL4_Word)Code;
    seL4_TCB_WriteRegisters(Thread.Cap, TRUE, 0, 18, &Registers);
    Info = seL4_RecvWithMRs(Endpoint.Cap, &Badge, NULL, NULL, NULL, NULL);
    MmDeleteKernelObject(&Thread);
    MmDeleteKernelObject(&Endpoint);
    ExFreePool(Code);
    return seL4_MessageInfo_get_label(Info) == seL4_Fault_VMFault;
}

/* No thread runs for it, and nothing is waited for. */
BOOLEAN KiProbeSingleStep(VOID)
{
    seL4_UserContext Registers = { .rflags = 0x202 | KI_FLAG_TRAP };
    MM_KERNEL_OBJECT Thread;

    if (!NT_SUCCESS(MmCreateKernelObject(seL4_TCBObject, 0, &Thread)))
        KeBugCheck("Not enough memory for the kernel objects of ntos.");
    if (seL4_TCB_WriteRegisters(Thread.Cap, FALSE, 0, 18, &Registers) != seL4_NoError ||
        seL4_TCB_ReadRegisters(Thread.Cap, FALSE, 0, 18, &Registers) != seL4_NoError)
        Registers.rflags = 0;
    MmDeleteKernelObject(&Thread);
    return (Registers.rflags & KI_FLAG_TRAP) != 0;
}
