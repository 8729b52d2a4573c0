/* SPDX-License-Identifier: BSD-2-Clause
 *
 * User APCs and alerts.
 *
 * APCs wait in KTHREAD.UserApcListHead until the thread waits alertably, tests for alerts, or continues with
 * TestAlert. KI_EXIT_APC then sends the thread through KiDeliverApc on its way out: one APC at a time, a CONTEXT on
 * its stack and its registers at ntdll's KiUserApcDispatcher, whose NtContinue(..., TRUE) comes back for the next.
 */
#include "kep.h"

VOID KeInitializeApc(PKAPC Apc, PKTHREAD Thread, PKKERNEL_ROUTINE KernelRoutine, PKRUNDOWN_ROUTINE RundownRoutine,
                     PVOID NormalRoutine, PVOID NormalContext)
{
    Apc->Thread = Thread;
    Apc->KernelRoutine = KernelRoutine;
    Apc->RundownRoutine = RundownRoutine;
    Apc->NormalRoutine = NormalRoutine;
    Apc->NormalContext = NormalContext;
    Apc->Inserted = FALSE;
    Apc->Special = FALSE;
}

BOOLEAN KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PKTHREAD Thread = Apc->Thread;

    if (Apc->Inserted || Thread->Terminating || Thread->SystemThread)
        return FALSE;
    Apc->Inserted = TRUE;
    Apc->SystemArgument1 = SystemArgument1;
    Apc->SystemArgument2 = SystemArgument2;
    KiAppend(&Thread->UserApcListHead, &Apc->ApcListEntry);
    if (Thread->State == KThreadWaiting && Thread->Alertable && Thread->WaitMode == UserMode) {
        Thread->ExitWork |= KI_EXIT_APC;
        KiBreakWait(Thread, STATUS_USER_APC);
    }
    return TRUE;
}

BOOLEAN KeRemoveQueueApc(PKAPC Apc)
{
    if (!Apc->Inserted)
        return FALSE;
    Apc->Inserted = FALSE;
    KiUnlink(&Apc->ApcListEntry);
    return TRUE;
}

BOOLEAN KeAlertThread(PKTHREAD Thread)
{
    BOOLEAN Alerted = Thread->Alerted;

    if (Thread->State == KThreadWaiting && Thread->Alertable && Thread->WaitMode == UserMode)
        KiBreakWait(Thread, STATUS_ALERTED);
    else
        Thread->Alerted = TRUE;
    return Alerted;
}

NTSTATUS KeTestAlertThread(VOID)
{
    PKTHREAD Thread = KiCurrentThread;

    if (!KiListEmpty(&Thread->UserApcListHead))
        Thread->ExitWork |= KI_EXIT_APC;
    if (!Thread->Alerted)
        return STATUS_SUCCESS;
    Thread->Alerted = FALSE;
    return STATUS_ALERTED;
}

/* TRUE: the registers are set, the thread leaves by TCB_Resume. */
BOOLEAN KiDeliverApc(PKTHREAD Thread, NTSTATUS Status)
{
    seL4_UserContext Registers;
    CONTEXT Context;
    PVOID Routine, NormalContext, Argument1, Argument2;
    PKAPC Apc;

    Thread->ExitWork &= ~KI_EXIT_APC;
    if (KiListEmpty(&Thread->UserApcListHead) || !NT_SUCCESS(KiGetUserRegisters(Thread, Status, &Registers)))
        return FALSE;
    Apc = CONTAINING_RECORD(KiTakeFirst(&Thread->UserApcListHead), KAPC, ApcListEntry);
    Apc->Inserted = FALSE;
    Routine = Apc->NormalRoutine;
    NormalContext = Apc->NormalContext;
    Argument1 = Apc->SystemArgument1;
    Argument2 = Apc->SystemArgument2;
    if (Apc->KernelRoutine != NULL)
        Apc->KernelRoutine(Apc, &Routine, &NormalContext, &Argument1, &Argument2);
    else
        ExFreePool(Apc);
    if (Routine == NULL)
        return FALSE;

    memset(&Context, 0, sizeof(Context));
    Context.ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    KiRegistersToContext(&Registers, &Context);
    Context.MxCsr = Context.FltSave.MxCsr = 0x1f80;
    Context.P1Home = (ULONG64)NormalContext;
    Context.P2Home = (ULONG64)Argument1;
    Context.P3Home = (ULONG64)Argument2;
    Context.P4Home = (ULONG64)Routine;
    Registers.rsp = (Registers.rsp - sizeof(Context)) & ~15ull;
    Registers.rip = PsKiUserApcDispatcher;
    Registers.rflags = 0x202;
    if (!NT_SUCCESS(MmWriteSpace(Thread->OwningProcess->Space, (PVOID)Registers.rsp, &Context, sizeof(Context)))) {
        PsTerminateProcess(CONTAINING_RECORD(Thread->OwningProcess, EPROCESS, Pcb), STATUS_STACK_OVERFLOW);
        return FALSE;
    }
    KiSetUserRegisters(Thread, &Registers, FALSE);
    return TRUE;
}
