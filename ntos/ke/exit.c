/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The way back to user mode of a thread that is more than a plain answer: it is suspended, ends, has APCs, had its
 * registers set, or its reply capability was saved because the service waited.
 *
 * A thread inside ntos leaves in one of three ways, which each end its message: the reply (service: the status in
 * MR0; fault: nothing), TCB_Resume after its registers were written (seL4 then forgets the reply), or not at all (it
 * ends).
 */
#include "kep.h"

VOID KiSaveCaller(PKTHREAD Thread)
{
    if (Thread->ReplySlot != 0)         /* it has its TCB still */
        seL4_CNode_SaveCaller(MmCNodeFor(Thread->ReplySlot), Thread->ReplySlot, MM_CSPACE_DEPTH);
    Thread->ExitWork |= KI_EXIT_SAVED;
}

VOID KiSendReply(PKTHREAD Thread, NTSTATUS Status)
{
    seL4_Word Mr0 = (ULONG)Status;
    seL4_MessageInfo_t Info = seL4_MessageInfo_new(0, 0, 0, Thread->MessageKind == KI_MESSAGE_SERVICE);

    if (Thread->ExitWork & KI_EXIT_SAVED)
        seL4_SendWithMRs(Thread->ReplySlot, Info, &Mr0, NULL, NULL, NULL);
    else
        seL4_ReplyWithMRs(Info, &Mr0, NULL, NULL, NULL);
}

/* The status of a service whose thread had its registers set meanwhile: the stub wants it where it left off. */
static VOID KipPutAnswer(PKTHREAD Thread, NTSTATUS Status)
{
    seL4_UserContext Registers;

    if (NT_SUCCESS(KiGetUserRegisters(Thread, Status, &Registers)))
        KiSetUserRegisters(Thread, &Registers, FALSE);
    Thread->ExitWork &= ~KI_EXIT_ANSWER;
}

BOOLEAN KiExitToUser(PKTHREAD Thread, NTSTATUS Status)
{
    if (Thread->ExitWork & KI_EXIT_TERMINATE) {
        PspExitThread(Thread);
        return FALSE;
    }
    if (Thread->ExitWork & KI_EXIT_SUSPEND) {
        if (!(Thread->ExitWork & KI_EXIT_SAVED))
            KiSaveCaller(Thread);
        Thread->HeldStatus = Status;
        Thread->ExitWork |= KI_EXIT_HELD;
        KiCountThread(Thread, FALSE);
        return FALSE;
    }
    if (Thread->ExitWork & KI_EXIT_ANSWER)
        KipPutAnswer(Thread, Status);
    if ((Thread->ExitWork & KI_EXIT_APC) && KiDeliverApc(Thread, Status))
        Thread->ExitWork |= KI_EXIT_CONTEXT;
    if (Thread->ExitWork & KI_EXIT_TERMINATE) {         /* no room for the APC on its stack */
        if (Thread == KiCurrentThread)
            PspExitThread(Thread);
        else
            KiQueueExit(Thread);
        return FALSE;
    }
    KiCountThread(Thread, TRUE);
    Thread->State = KThreadUser;
    if (Thread->ExitWork & KI_EXIT_CONTEXT) {
        Thread->ExitWork &= ~(KI_EXIT_CONTEXT | KI_EXIT_SAVED);
        seL4_TCB_Resume(Thread->Tcb.Cap);
        return FALSE;
    }
    if (Thread->ExitWork & KI_EXIT_SAVED) {
        KiSendReply(Thread, Status);
        Thread->ExitWork &= ~KI_EXIT_SAVED;
        return FALSE;
    }
    return TRUE;
}

VOID KiCompleteService(PKTHREAD Thread, NTSTATUS Status)
{
    if (Thread->ExitWork == KI_EXIT_SAVED) {            /* the usual case */
        KiCountThread(Thread, TRUE);
        Thread->State = KThreadUser;
        KiSendReply(Thread, Status);
        Thread->ExitWork = 0;
        return;
    }
    if (Thread->ExitWork & KI_EXIT_TERMINATE) {         /* may wait: on a stack of its own */
        KiQueueExit(Thread);
        return;
    }
    if (KiExitToUser(Thread, Status))
        KiSendReply(Thread, Status);
}
