/* SPDX-License-Identifier: BSD-2-Clause
 *
 * User APCs and alerts.
 *
 * APCs wait in KTHREAD.UserApcListHead until the thread waits alertably, tests for alerts, or continues with
 * TestAlert. KI_EXIT_APC then sends the thread through KiDeliverApc on its way out: one APC at a time, a CONTEXT on
 * its stack and its registers at ntdll's KiUserApcDispatcher, whose NtContinue(..., TRUE) comes back for the next.
 *
 * Special APCs stand before the others and wait for nothing: they come when the thread leaves ntos, or interrupt it outside.  They end waits only
 * that are alertable, and the others' turn does not come behind them.  Source: Microsoft, QueueUserAPC2, QUEUE_USER_APC_FLAGS_SPECIAL_USER_APC.
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

static BOOLEAN KipHasSpecial(PKTHREAD Thread)
{
    return !KiListEmpty(&Thread->UserApcListHead) &&
           CONTAINING_RECORD(Thread->UserApcListHead.Flink, KAPC, ApcListEntry)->Special;
}

/* At the end, or behind the special ones. */
static VOID KipLinkApc(PKTHREAD Thread, PKAPC Apc)
{
    PLIST_ENTRY Before = &Thread->UserApcListHead;

    if (Apc->Special)
        for (Before = Before->Flink; Before != &Thread->UserApcListHead; Before = Before->Flink)
            if (!CONTAINING_RECORD(Before, KAPC, ApcListEntry)->Special)
                break;
    KiAppend(Before, &Apc->ApcListEntry);
}

/* A thread that has not begun tests for alerts before it does anything else. */
static VOID KipForceApc(PKTHREAD Thread)
{
    if (Thread->State == KThreadInitialized)
        return;
    Thread->ExitWork |= KI_EXIT_APC;
    if (Thread->State == KThreadUser && Thread->SuspendCount == 0)
        KiInterruptForApc(Thread);
}

BOOLEAN KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PKTHREAD Thread = Apc->Thread;

    if (Apc->Inserted || Thread->Terminating || Thread->SystemThread)
        return FALSE;
    Apc->Inserted = TRUE;
    Apc->SystemArgument1 = SystemArgument1;
    Apc->SystemArgument2 = SystemArgument2;
    KipLinkApc(Thread, Apc);
    if (Thread->State == KThreadWaiting && Thread->Alertable && Thread->WaitMode == UserMode) {
        Thread->ExitWork |= KI_EXIT_APC;
        KiBreakWait(Thread, STATUS_USER_APC);
    } else if (Apc->Special) {
        KipForceApc(Thread);
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
    BOOLEAN Special;
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
    Special = Apc->Special;
    if (KipHasSpecial(Thread))
        Thread->ExitWork |= KI_EXIT_APC;        /* for the next way out, which is that of NtContinue */
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
    Context.P5Home = !Special;
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

VOID KiInterruptForApc(PKTHREAD Thread)
{
    if (KiDeliverApc(Thread, STATUS_SUCCESS))
        seL4_TCB_Resume(Thread->Tcb.Cap);
}
