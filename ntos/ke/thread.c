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
#define KI_KEPT_THREADS 8               /* of a process */
#define KI_FIRST_FLAGS 0x202            /* interrupts on; bit 1 is always set */

VOID KeInitializeProcess(PKPROCESS Process, PMM_SPACE Space, LONG BasePriority)
{
    Process->Header.Type = ProcessObject;
    KiInitializeList(&Process->Header.WaitListHead);
    KiInitializeList(&Process->ThreadListHead);
    Process->Space = Space;
    Process->BasePriority = BasePriority;
    Process->CNodeBits = KI_THREAD_CNODE_BITS;
}

/* ------------------------------------------------------------------ the kernel's objects */

static seL4_Error KipMintEndpoint(PKPROCESS Process, PKI_USER_THREAD User, ULONG Slot, ULONG64 Badge)
{
    /* Send and grant-reply: may call, may not pass capabilities. */
    return seL4_CNode_Mint(User->CNode.Cap, Slot, (seL4_Uint8)Process->CNodeBits, MmRootCNode, KiEndpoint,
                           MM_CSPACE_DEPTH, seL4_CapRights_new(1, 0, 0, 1), Badge);
}

static NTSTATUS KipConfigure(PKPROCESS Process, PKI_USER_THREAD User)
{
    seL4_CNode_CapData_t Guard = seL4_CNode_CapData_new(0, 64 - Process->CNodeBits);

    if (KipMintEndpoint(Process, User, KI_SLOT_SERVICE, (ULONG64)User) != seL4_NoError ||
        KipMintEndpoint(Process, User, KI_SLOT_FAULT, (ULONG64)User | KI_BADGE_FAULT) != seL4_NoError ||
        seL4_TCB_Configure(User->Tcb.Cap, KI_SLOT_FAULT, User->CNode.Cap, Guard.words[0], Process->Space->VSpaceCap, 0,
                           0, 0) != seL4_NoError)
        return STATUS_INSUFFICIENT_RESOURCES;
    return STATUS_SUCCESS;
}

static VOID KipDeleteUserThread(PKI_USER_THREAD User)
{
    MmDeleteKernelObject(&User->Tcb);
    MmDeleteKernelObject(&User->CNode);
    if (User->ReplySlot != 0)
        MmDeleteCap(User->ReplySlot);
    ExFreePool(User);
}

static NTSTATUS KipCreateUserThread(PKPROCESS Process, PKI_USER_THREAD *Result)
{
    PKI_USER_THREAD User = ExAllocatePoolZero(NonPagedPool, sizeof(*User), 'tUeK');
    NTSTATUS Status;

    if (User == NULL)
        return STATUS_NO_MEMORY;
    User->ReplySlot = MmAllocateSlot();
    Status = User->ReplySlot != 0 ? MmCreateKernelObject(seL4_TCBObject, 0, &User->Tcb) : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(Status))
        Status = MmCreateKernelObject(seL4_CapTableObject, Process->CNodeBits, &User->CNode);
    if (NT_SUCCESS(Status))
        Status = KipConfigure(Process, User);
    if (!NT_SUCCESS(Status)) {
        KipDeleteUserThread(User);
        return Status;
    }
    *Result = User;
    return STATUS_SUCCESS;
}

static NTSTATUS KipTakeUserThread(PKPROCESS Process, PKI_USER_THREAD *Result)
{
    PKI_USER_THREAD User = Process->KeptThreads;

    if (User == NULL)
        return KipCreateUserThread(Process, Result);
    Process->KeptThreads = User->Next;
    Process->KeptThreadCount--;
    *Result = User;
    return STATUS_SUCCESS;
}

/* Other threads of the process live on, so that it may want one more. */
static BOOLEAN KipMayKeep(PKTHREAD Thread)
{
    PKPROCESS Process = Thread->OwningProcess;
    PLIST_ENTRY Head = &Process->ThreadListHead;

    return Process->KeptThreadCount < KI_KEPT_THREADS && Process->Channel == NULL && Process->Space->VSpaceCap != 0 &&
           !KiListEmpty(Head) && !(Head->Flink == &Thread->ThreadListEntry && Head->Blink == &Thread->ThreadListEntry);
}

static VOID KipReturnUserThread(PKTHREAD Thread, PKI_USER_THREAD User)
{
    PKPROCESS Process = Thread->OwningProcess;

    User->Thread = NULL;
    if (!KipMayKeep(Thread)) {
        KipDeleteUserThread(User);
        return;
    }
    /* It may have sent its last message without waiting for an answer.  An unused reply capability goes with this. */
    seL4_TCB_Suspend(User->Tcb.Cap);
    User->Next = Process->KeptThreads;
    Process->KeptThreads = User;
    Process->KeptThreadCount++;
}

VOID KeUninitializeProcess(PKPROCESS Process)
{
    while (Process->KeptThreads != NULL) {
        PKI_USER_THREAD User = Process->KeptThreads;

        Process->KeptThreads = User->Next;
        Process->KeptThreadCount--;
        KipDeleteUserThread(User);
    }
}

/* ------------------------------------------------------------------ threads */

NTSTATUS KeInitializeThread(PKTHREAD Thread, PKPROCESS Process, PVOID Teb, const KE_FIRST_REGISTERS *Registers,
                            LONG Priority)
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
    Thread->State = KThreadInitialized;
    Thread->FirstRegisters = *Registers;
    Thread->SuspendCount = 1;
    Thread->BasePriority = Priority;
    Thread->DriverHost = Process->Channel != NULL;
    Status = KipTakeUserThread(Process, &Thread->User);
    if (!NT_SUCCESS(Status))
        return Status;
    Thread->User->Thread = Thread;
    Thread->Tcb = Thread->User->Tcb;
    Thread->ReplySlot = Thread->User->ReplySlot;
    KeSetPriorityThread(Thread, Priority);
    if (Process->Channel != NULL)
        Status = KiInstallHostCaps(Process->Channel, Thread);
    if (!NT_SUCCESS(Status))
        KeUninitializeThread(Thread);
    return Status;
}

VOID KeUninitializeThread(PKTHREAD Thread)
{
    PKI_USER_THREAD User = Thread->User;

    Thread->User = NULL;
    Thread->Tcb.Cap = 0;
    Thread->ReplySlot = 0;
    MmForgetThread(Thread);
    Thread->State = KThreadTerminated;
    if (User != NULL)
        KipReturnUserThread(Thread, User);
    KiCountThread(Thread, FALSE);
}

VOID KiLoadFirstRegisters(PKTHREAD Thread, BOOLEAN Resume)
{
    seL4_UserContext Registers = {
        .rip = Thread->FirstRegisters.Rip, .rsp = Thread->FirstRegisters.Rsp, .rcx = Thread->FirstRegisters.Rcx,
        .rdx = Thread->FirstRegisters.Rdx, .rflags = KI_FIRST_FLAGS, .gs_base = (ULONG64)Thread->Teb,
    };

    Thread->State = KThreadUser;
    seL4_TCB_WriteRegisters(Thread->Tcb.Cap, Resume, 0, sizeof(Registers) / sizeof(seL4_Word), &Registers);
}

VOID KeSetPriorityThread(PKTHREAD Thread, LONG Priority)
{
    Thread->Priority = Priority;
    if (Thread->User == NULL || Thread->User->Priority == Priority)
        return;
    seL4_TCB_SetPriority(Thread->Tcb.Cap, seL4_CapInitThreadTCB, KI_PRIORITY(Priority));
    Thread->User->Priority = Priority;
}

static VOID KipHoldThread(PKTHREAD Thread)
{
    if (Thread->SuspendCount++ != 0)
        return;
    Thread->ExitWork |= KI_EXIT_SUSPEND;
    if (Thread->State == KThreadUser) {
        seL4_TCB_Suspend(Thread->Tcb.Cap);
        KiCountThread(Thread, FALSE);
    }
}

static VOID KipReleaseThread(PKTHREAD Thread)
{
    if (--Thread->SuspendCount != 0)
        return;
    Thread->ExitWork &= ~KI_EXIT_SUSPEND;
    if (Thread->State == KThreadInitialized) {
        KiCountThread(Thread, TRUE);
        KiLoadFirstRegisters(Thread, TRUE);
    } else if (Thread->State == KThreadUser) {
        KiCountThread(Thread, TRUE);
        seL4_TCB_Resume(Thread->Tcb.Cap);
        if (Thread->ExitWork & KI_EXIT_APC)
            KiInterruptForApc(Thread);
    } else if (Thread->ExitWork & KI_EXIT_HELD) {
        Thread->ExitWork &= ~KI_EXIT_HELD;
        KiCompleteService(Thread, Thread->HeldStatus);
    }
}

NTSTATUS KeSuspendThread(PKTHREAD Thread, PULONG PreviousCount)
{
    if (Thread->Terminating || Thread->SystemThread)
        return STATUS_THREAD_IS_TERMINATING;
    *PreviousCount = KeQuerySuspendCount(Thread);
    if (*PreviousCount == MAXIMUM_SUSPEND_COUNT)
        return STATUS_SUSPEND_COUNT_EXCEEDED;
    KipHoldThread(Thread);
    return STATUS_SUCCESS;
}

NTSTATUS KeResumeThread(PKTHREAD Thread, PULONG PreviousCount)
{
    *PreviousCount = KeQuerySuspendCount(Thread);
    if (!Thread->Terminating && !Thread->SystemThread && *PreviousCount != 0)
        KipReleaseThread(Thread);
    return STATUS_SUCCESS;
}

BOOLEAN KeFreezeThread(PKTHREAD Thread)
{
    if (Thread->Terminating || Thread->SystemThread)
        return FALSE;
    Thread->FreezeCount++;
    KipHoldThread(Thread);
    return TRUE;
}

VOID KeThawThread(PKTHREAD Thread)
{
    if (Thread->Terminating || Thread->FreezeCount == 0)
        return;
    Thread->FreezeCount--;
    KipReleaseThread(Thread);
}

VOID KeTerminateThread(PKTHREAD Thread, NTSTATUS ExitStatus)
{
    if (Thread->Terminating)
        return;
    Thread->Terminating = TRUE;
    Thread->ExitWork |= KI_EXIT_TERMINATE;
    if (Thread->State == KThreadUser || Thread->State == KThreadInitialized) {
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
