/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads as the kernel sees them: TCB, CNode and capabilities; suspend and resume; the end.
 *
 * A thread is either outside ntos (KThreadUser: the kernel runs it, unless it is suspended) or inside (it has sent a
 * message that is not answered).  Outside, suspending is the kernel's; inside, it only stops the answer.  The same
 * for the end: outside and stackless waits, PspExitThread is queued to the loop; inside a service, it runs when the
 * service returns.
 */
#include "kep.h"

#define KI_PRIORITY(NtPriority) (24 + 7 * (seL4_Word)(NtPriority))      /* 1..31 -> 31..241, below ntos's 255 */

VOID KeInitializeProcess(PKPROCESS Process, PMM_SPACE Space, LONG BasePriority)
{
    Process->Header.Type = ProcessObject;
    KiInitializeList(&Process->Header.WaitListHead);
    KiInitializeList(&Process->ThreadListHead);
    Process->Space = Space;
    Process->BasePriority = BasePriority;
    Process->CNodeBits = KI_THREAD_CNODE_BITS;
}

static seL4_Error KipMintEndpoint(PKTHREAD Thread, ULONG Slot, ULONG64 Badge)
{
    /* Send and grant-reply: may call, may not pass capabilities. */
    return seL4_CNode_Mint(Thread->CNode.Cap, Slot, (seL4_Uint8)Thread->OwningProcess->CNodeBits, MmRootCNode,
                           KiEndpoint, MM_CSPACE_DEPTH, seL4_CapRights_new(1, 0, 0, 1), Badge);
}

static NTSTATUS KipConfigure(PKTHREAD Thread, const CONTEXT *Context)
{
    PKPROCESS Process = Thread->OwningProcess;
    seL4_CNode_CapData_t Guard = seL4_CNode_CapData_new(0, 64 - Process->CNodeBits);
    seL4_UserContext Registers = { 0 };

    if (KipMintEndpoint(Thread, KI_SLOT_SERVICE, (ULONG64)Thread) != seL4_NoError ||
        KipMintEndpoint(Thread, KI_SLOT_FAULT, (ULONG64)Thread | KI_BADGE_FAULT) != seL4_NoError)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (seL4_TCB_Configure(Thread->Tcb.Cap, KI_SLOT_FAULT, Thread->CNode.Cap, Guard.words[0], Process->Space->VSpaceCap,
                           0, 0, 0) != seL4_NoError)
        return STATUS_INSUFFICIENT_RESOURCES;
    KeSetPriorityThread(Thread, Thread->Priority);
    KiContextToRegisters(Context, &Registers);
    Registers.gs_base = (ULONG64)Thread->Teb;
    if (seL4_TCB_WriteRegisters(Thread->Tcb.Cap, FALSE, 0, sizeof(Registers) / sizeof(seL4_Word), &Registers) !=
        seL4_NoError)
        return STATUS_INSUFFICIENT_RESOURCES;
    return Process->Channel != NULL ? KiInstallHostCaps(Process->Channel, Thread) : STATUS_SUCCESS;
}

NTSTATUS KeInitializeThread(PKTHREAD Thread, PKPROCESS Process, PVOID Teb, const CONTEXT *Context, LONG Priority)
{
    NTSTATUS Status;

    Thread->Header.Type = ThreadObject;
    KiInitializeList(&Thread->Header.WaitListHead);
    KiInitializeList(&Thread->MutantListHead);
    KiInitializeList(&Thread->UserApcListHead);
    KiInitializeList(&Thread->ThreadListEntry);
    KiInitializeList(&Thread->ReadyListEntry);
    Thread->Process = Thread->OwningProcess = Process;
    Thread->Teb = Teb;
    Thread->State = KThreadUser;
    Thread->SuspendCount = 1;
    Thread->Priority = Thread->BasePriority = Priority;
    Thread->DriverHost = Process->Channel != NULL;
    Thread->ReplySlot = MmAllocateSlot();
    if (Thread->ReplySlot == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCreateKernelObject(seL4_TCBObject, 0, &Thread->Tcb);
    if (NT_SUCCESS(Status))
        Status = MmCreateKernelObject(seL4_CapTableObject, Process->CNodeBits, &Thread->CNode);
    if (NT_SUCCESS(Status))
        Status = KipConfigure(Thread, Context);
    if (!NT_SUCCESS(Status))
        KeUninitializeThread(Thread);
    return Status;
}

VOID KeUninitializeThread(PKTHREAD Thread)
{
    MmDeleteKernelObject(&Thread->Tcb);
    MmDeleteKernelObject(&Thread->CNode);
    Thread->Tcb.Cap = Thread->CNode.Cap = 0;
    if (Thread->ReplySlot != 0)
        MmDeleteCap(Thread->ReplySlot);
    Thread->ReplySlot = 0;
    Thread->State = KThreadTerminated;
    KiCountThread(Thread, FALSE);
}

VOID KeSetPriorityThread(PKTHREAD Thread, LONG Priority)
{
    Thread->Priority = Priority;
    if (Thread->Tcb.Cap != 0)
        seL4_TCB_SetPriority(Thread->Tcb.Cap, seL4_CapInitThreadTCB, KI_PRIORITY(Priority));
}

NTSTATUS KeSuspendThread(PKTHREAD Thread, PULONG PreviousCount)
{
    if (Thread->Terminating || Thread->SystemThread)
        return STATUS_THREAD_IS_TERMINATING;
    *PreviousCount = Thread->SuspendCount;
    if (Thread->SuspendCount == MAXIMUM_SUSPEND_COUNT)
        return STATUS_SUSPEND_COUNT_EXCEEDED;
    if (Thread->SuspendCount++ != 0)
        return STATUS_SUCCESS;
    Thread->ExitWork |= KI_EXIT_SUSPEND;
    if (Thread->State == KThreadUser) {
        seL4_TCB_Suspend(Thread->Tcb.Cap);
        KiCountThread(Thread, FALSE);
    }
    return STATUS_SUCCESS;
}

NTSTATUS KeResumeThread(PKTHREAD Thread, PULONG PreviousCount)
{
    *PreviousCount = Thread->SuspendCount;
    if (Thread->Terminating || Thread->SystemThread || Thread->SuspendCount == 0)
        return STATUS_SUCCESS;
    if (--Thread->SuspendCount != 0)
        return STATUS_SUCCESS;
    Thread->ExitWork &= ~KI_EXIT_SUSPEND;
    if (Thread->State == KThreadUser) {
        KiCountThread(Thread, TRUE);
        seL4_TCB_Resume(Thread->Tcb.Cap);
    } else if (Thread->ExitWork & KI_EXIT_HELD) {
        Thread->ExitWork &= ~KI_EXIT_HELD;
        KiCompleteService(Thread, Thread->HeldStatus);
    }
    return STATUS_SUCCESS;
}

VOID KeTerminateThread(PKTHREAD Thread, NTSTATUS ExitStatus)
{
    if (Thread->Terminating)
        return;
    Thread->Terminating = TRUE;
    Thread->ExitWork |= KI_EXIT_TERMINATE;
    if (Thread->State == KThreadUser) {
        seL4_TCB_Suspend(Thread->Tcb.Cap);
        KiCountThread(Thread, FALSE);
        Thread->State = KThreadService;
        KiQueueExit(Thread);
    } else if (Thread->ExitWork & KI_EXIT_HELD) {
        Thread->ExitWork &= ~KI_EXIT_HELD;
        KiQueueExit(Thread);
    } else if (Thread->State == KThreadWaiting && Thread->WaitMode == UserMode) {
        KiBreakWait(Thread, STATUS_THREAD_IS_TERMINATING);
    }
    /* Else it is inside a service, which ends first. */
}

VOID KeRundownThread(PKTHREAD Thread)
{
    while (!KiListEmpty(&Thread->MutantListHead))
        KeReleaseMutantEx(CONTAINING_RECORD(Thread->MutantListHead.Flink, KMUTANT, MutantListEntry), TRUE, NULL);
    while (!KiListEmpty(&Thread->UserApcListHead)) {
        PKAPC Apc = CONTAINING_RECORD(KiTakeFirst(&Thread->UserApcListHead), KAPC, ApcListEntry);

        Apc->Inserted = FALSE;
        if (Apc->RundownRoutine != NULL)
            Apc->RundownRoutine(Apc);
        else
            ExFreePool(Apc);
    }
    Thread->State = KThreadTerminated;
    KeSignalObject(&Thread->Header);
}

VOID KeStackAttachProcess(PKPROCESS Process, PKAPC_STATE ApcState)
{
    ApcState->Process = KiCurrentThread->Process;
    ApcState->Space = MmCurrentSpace;
    KiCurrentThread->Process = Process;
    MmCurrentSpace = Process->Space;
}

VOID KeUnstackDetachProcess(PKAPC_STATE ApcState)
{
    KiCurrentThread->Process = ApcState->Process;
    MmCurrentSpace = ApcState->Space;
}
