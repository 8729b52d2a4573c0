/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The event loop: receives a message, serves it, answers, receives the next.
 *
 * The short way is one seL4 ReplyRecv for each service.  Anything that is not the plain answer of a plain service
 * (suspended, ending, APCs, answer saved because the service waited) is in KTHREAD.ExitWork and goes through
 * KiExitToUser. Work that came up meanwhile (DPCs, coroutines that can go on, threads that end) is done between two
 * messages, after the answer is out.
 *
 * System coroutines are threads without a TCB: they start from the list of new coroutines on the loop's own stack.
 */
#include "kep.h"

ETHREAD KiSystemThread;
PKTHREAD KiCurrentThread = &KiLoopThread;
BOOLEAN KiPendingWork;
LIST_ENTRY KiExitList;
ULONG64 KiEndpoint, KiReceiveEndpoint, KiNotification;
KE_STATISTICS KeStatistics;

VOID KiSetCurrentThread(PKTHREAD Thread)
{
    KiCurrentThread = Thread;
    MmCurrentSpace = Thread->Process != NULL ? Thread->Process->Space : NULL;
}

/* A system coroutine begins, or a thread that was outside ntos ends.  May wait: then this stack is parked. */
static VOID KipRunQueued(PKTHREAD Thread)
{
    KiSetCurrentThread(Thread);
    if (Thread->SystemThread) {
        Thread->StartRoutine(Thread->StartContext);
        KiSetCurrentThread(&KiLoopThread);
        ExFreePool(Thread);
        return;
    }
    PspExitThread(Thread);
}

VOID KiQueueExit(PKTHREAD Thread)
{
    KiAppend(&KiExitList, &Thread->ReadyListEntry);
    KiPendingWork = TRUE;
}

VOID KiRunPendingWork(VOID)
{
    KiSetCurrentThread(&KiLoopThread);
    KiRunDpcs();
    if (!KiListEmpty(&KiReadyList)) {
        PKTHREAD Thread = CONTAINING_RECORD(KiTakeFirst(&KiReadyList), KTHREAD, ReadyListEntry);

        KiResumeCoroutine(Thread->Coroutine);
    } else if (!KiListEmpty(&KiExitList)) {
        KipRunQueued(CONTAINING_RECORD(KiTakeFirst(&KiExitList), KTHREAD, ReadyListEntry));
    } else {
        KiPendingWork = FALSE;
    }
}

NTSTATUS KeCreateSystemCoroutine(VOID (*Routine)(PVOID Context), PVOID Context, PKTHREAD *ThreadResult)
{
    PETHREAD Object = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Object), 'hTeK');
    PKTHREAD Thread = &Object->Tcb;

    if (Object == NULL)
        return STATUS_NO_MEMORY;
    *Object = KiSystemThread;
    KiInitializeList(&Object->IrpList);
    KiInitializeList(&Object->TimerList);
    KiInitializeList(&Thread->Header.WaitListHead);
    KiInitializeList(&Thread->MutantListHead);
    KiInitializeList(&Thread->UserApcListHead);
    KiInitializeList(&Thread->ThreadListEntry);
    Thread->State = KThreadService;
    Thread->StartRoutine = Routine;
    Thread->StartContext = Context;
    KiQueueExit(Thread);
    if (ThreadResult != NULL)
        *ThreadResult = Thread;
    return STATUS_SUCCESS;
}

static VOID KipSignals(ULONG64 Badge)
{
    KiSetCurrentThread(&KiLoopThread);
    KeStatistics.Interrupts++;
    if (Badge & (1ull << KI_SIGNAL_CLOCK))
        KiClockInterrupt();
    KiHostSignals(Badge);
}

/* A thread that has sent without waiting for the answer, and goes on while its service waits: its process ends. */
static VOID KipUnexpectedMessage(PKTHREAD Thread)
{
    KiSetCurrentThread(&KiLoopThread);
    seL4_TCB_Suspend(Thread->Tcb.Cap);
    LogPrint("a thread sent a second message before the first was answered; its process is ended");
    PsTerminateProcess(CONTAINING_RECORD(Thread->OwningProcess, EPROCESS, Pcb), STATUS_INVALID_SYSTEM_SERVICE);
}

DECLSPEC_NORETURN VOID KiLoop(VOID)
{
    BOOLEAN Reply = FALSE;
    ULONG64 Length = 0, Mr0 = 0, Mr1, Mr2, Mr3, Badge;
    seL4_MessageInfo_t Info;
    PKTHREAD Thread = &KiLoopThread;
    NTSTATUS Status;

    for (;;) {
        if (KiPendingWork) {
            if (Reply)
                seL4_ReplyWithMRs(seL4_MessageInfo_new(0, 0, 0, Length), &Mr0, NULL, NULL, NULL);
            Reply = FALSE;
            KiRunPendingWork();
            continue;
        }
        if (Reply && KiReadTsc() >= KiTickTsc)
            KiSampleService(Thread);
        if (Reply)
            Info = seL4_ReplyRecvWithMRs(KiReceiveEndpoint, seL4_MessageInfo_new(0, 0, 0, Length), &Badge, &Mr0, &Mr1,
                                         &Mr2, &Mr3);
        else
            Info = seL4_RecvWithMRs(KiReceiveEndpoint, &Badge, &Mr0, &Mr1, &Mr2, &Mr3);
        Reply = FALSE;
        if (Badge & KI_BADGE_SIGNAL) {
            KipSignals(Badge);
            continue;
        }
        Thread = ((PKI_USER_THREAD)(Badge & ~KI_BADGE_FAULT))->Thread;
        if (Thread->State != KThreadUser) {
            KipUnexpectedMessage(Thread);
            continue;
        }
        KiCurrentThread = Thread;
        MmCurrentSpace = Thread->Process->Space;
        Thread->State = KThreadService;
        if (Badge & KI_BADGE_FAULT) {
            Thread->MessageKind = KI_MESSAGE_FAULT;
            Length = 0;
            Reply = KiHandleFault(Thread, seL4_MessageInfo_get_label(Info), Mr0, Mr1, Mr2, Mr3);
            continue;
        }
        Thread->MessageKind = KI_MESSAGE_SERVICE;
        Status = KiCallService(Thread, Mr0, Mr1);
        if (Status == KE_NO_REPLY)
            continue;
        if (Thread->ExitWork != 0 && !KiExitToUser(Thread, Status))
            continue;
        Thread->State = KThreadUser;
        Mr0 = (ULONG)Status;
        Length = 1;
        Reply = TRUE;
    }
}
