/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool: objects and their callbacks, work items, cleanup groups, what a callback may ask of its instance.
 */
#include "tp.h"

NTSTATUS TppAllocate(TPP_TYPE Type, PVOID Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment,
        PTPP_OBJECT *Object)
{
    PTPP_OBJECT New = TppAllocateMemory(sizeof(*New));

    *Object = NULL;
    if (New == NULL)
        return STATUS_NO_MEMORY;
    New->Pool = TppReferencePool(Environment);
    if (New->Pool == NULL) {
        TppFreeMemory(New);
        return STATUS_NO_MEMORY;
    }
    New->References = 1;
    New->Type = Type;
    New->Callback = Callback;
    New->Context = Context;
    New->Priority = TP_CALLBACK_PRIORITY_NORMAL;
    InitializeListHead(&New->Results);
    if (Environment != NULL) {
        New->Finalization = Environment->FinalizationCallback;
        New->RaceDll = Environment->RaceDll;
        New->GroupCancel = Environment->CleanupGroupCancelCallback;
        if (Environment->Version >= 3 && Environment->CallbackPriority < TP_CALLBACK_PRIORITY_COUNT)
            New->Priority = Environment->CallbackPriority;
        New->Group = Environment->CleanupGroup;
    }
    if (New->Group != NULL) {
        RtlAcquireSRWLockExclusive(&New->Group->Lock);
        New->Grouped = TRUE;
        InsertTailList(&New->Group->Members, &New->GroupLinks);
        RtlReleaseSRWLockExclusive(&New->Group->Lock);
    }
    *Object = New;
    return STATUS_SUCCESS;
}

/* TRUE: the allocator's reference is the caller's: there was no group, or it is the caller who took it out. */
static BOOLEAN TppLeaveGroup(PTPP_OBJECT Object)
{
    PTP_CLEANUP_GROUP Group = Object->Group;
    BOOLEAN Left = FALSE;

    if (Group == NULL)
        return !Object->Grouped;
    RtlAcquireSRWLockExclusive(&Group->Lock);
    if (Object->Group != NULL) {
        RemoveEntryList(&Object->GroupLinks);
        Object->Group = NULL;
        Left = TRUE;
    }
    RtlReleaseSRWLockExclusive(&Group->Lock);
    return Left;
}

VOID TppDereference(PTPP_OBJECT Object)
{
    PTP_POOL Pool = Object->Pool;

    if (InterlockedDecrement(&Object->References) != 0)
        return;
    if (Object->Freed != NULL)
        Object->Freed(Object->Context);
    TppFreeMemory(Object);
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    if (Pool->Released)
        RtlWakeAllConditionVariable(&Pool->Work);
    RtlReleaseSRWLockExclusive(&Pool->Lock);
    TppDereferencePool(Pool);
}

static VOID TppDisarm(PTPP_OBJECT Object)
{
    if (Object->Type == TppTimer)
        TppDisarmTimer(Object);
    else if (Object->Type == TppWait)
        TppDisarmWait(Object);
    else if (Object->Type == TppAlpc || Object->Type == TppAlpcEx)
        TppForgetAlpc(Object);
}

VOID TppRelease(PTPP_OBJECT Object)
{
    TppDisarm(Object);
    if (TppLeaveGroup(Object))
        TppDereference(Object);
}

VOID TppCancelPending(PTPP_OBJECT Object)
{
    PTP_POOL Pool = Object->Pool;
    LIST_ENTRY Results;
    LONG Cancelled;

    InitializeListHead(&Results);
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    Cancelled = Object->Pending;
    if (Cancelled != 0)
        RemoveEntryList(&Object->QueueLinks);
    Object->Pending = 0;
    while (!IsListEmpty(&Object->Results))
        InsertTailList(&Results, RemoveHeadList(&Object->Results));
    if (Object->Running == 0)
        RtlWakeAllConditionVariable(&Pool->Finished);
    RtlReleaseSRWLockExclusive(&Pool->Lock);
    while (!IsListEmpty(&Results))
        TppFreeMemory(CONTAINING_RECORD(RemoveHeadList(&Results), TPP_RESULT, Links));
    while (Cancelled-- > 0)
        TppDereference(Object);
}

VOID TppWaitForCallbacks(PTPP_OBJECT Object, BOOLEAN CancelPending)
{
    PTP_POOL Pool = Object->Pool;

    if (CancelPending)
        TppCancelPending(Object);
    RtlAcquireSRWLockExclusive(&Pool->Lock);
    while (Object->Pending != 0 || Object->Running != 0)
        RtlSleepConditionVariableSRW(&Pool->Finished, &Pool->Lock, NULL, 0);
    RtlReleaseSRWLockExclusive(&Pool->Lock);
}

BOOLEAN TppIsRunning(PTPP_OBJECT Object)
{
    BOOLEAN Running;

    RtlAcquireSRWLockShared(&Object->Pool->Lock);
    Running = Object->Running != 0;
    RtlReleaseSRWLockShared(&Object->Pool->Lock);
    return Running;
}

/* ------------------------------------------------------------------ running a callback */

static VOID TppCallback(PTP_CALLBACK_INSTANCE Instance, PTPP_RESULT Result)
{
    PTPP_OBJECT Object = Instance->Object;

    switch (Object->Type) {
    case TppSimple:
        ((PTP_SIMPLE_CALLBACK)Object->Callback)(Instance, Object->Context);
        break;
    case TppWork:
        ((PTP_WORK_CALLBACK)Object->Callback)(Instance, Object->Context, (PTP_WORK)Object);
        break;
    case TppTimer:
        ((PTP_TIMER_CALLBACK)Object->Callback)(Instance, Object->Context, (PTP_TIMER)Object);
        break;
    case TppWait:
        ((PTP_WAIT_CALLBACK)Object->Callback)(Instance, Object->Context, (PTP_WAIT)Object,
                                              (TP_WAIT_RESULT)Result->Iosb.Status);
        break;
    case TppIo:
        ((PTP_IO_CALLBACK)Object->Callback)(Instance, Object->Context, Result->ApcContext, &Result->Iosb,
                                            (PTP_IO)Object);
        break;
    case TppAlpc:
        ((PTP_ALPC_CALLBACK)Object->Callback)(Instance, Object->Context, (PTP_ALPC)Object);
        break;
    case TppAlpcEx:
        ((PTP_ALPC_CALLBACK_EX)Object->Callback)(Instance, Object->Context, (PTP_ALPC)Object, Result->ApcContext);
        break;
    }
    if (Object->Finalization != NULL)
        Object->Finalization(Instance, Object->Context);
}

/* What the callback left to be done at its end, in Windows' order. */
static VOID TppInstanceEnd(PTP_CALLBACK_INSTANCE Instance)
{
    if (Instance->CriticalSection != NULL)
        RtlLeaveCriticalSection(Instance->CriticalSection);
    if (Instance->Mutex != NULL)
        NtReleaseMutant(Instance->Mutex, NULL);
    if (Instance->Semaphore != NULL)
        NtReleaseSemaphore(Instance->Semaphore, Instance->SemaphoreCount, NULL);
    if (Instance->Event != NULL)
        NtSetEvent(Instance->Event, NULL);
    if (Instance->AlpcMessage != NULL)
        NtAlpcSendWaitReceivePort(Instance->AlpcPort, Instance->AlpcFlags, Instance->AlpcMessage, NULL, NULL, NULL, NULL, NULL);
    if (Instance->Dll != NULL)
        LdrUnloadDll(Instance->Dll);
}

static VOID TppEndRunning(PTP_CALLBACK_INSTANCE Instance)
{
    PTPP_OBJECT Object = Instance->Object;
    PTP_POOL Pool = Object->Pool;

    RtlAcquireSRWLockExclusive(&Pool->Lock);
    if (Instance->Associated && --Object->Running == 0 && Object->Pending == 0)
        RtlWakeAllConditionVariable(&Pool->Finished);
    Instance->Associated = FALSE;
    RtlReleaseSRWLockExclusive(&Pool->Lock);
}

VOID TppRun(PTPP_OBJECT Object, PTPP_RESULT Result)
{
    TP_CALLBACK_INSTANCE Instance = {
        .Object = Object, .ThreadId = NtCurrentTeb()->ClientId.UniqueThread, .Associated = TRUE,
    };
    PVOID RaceDll = Object->RaceDll;

    if (RaceDll != NULL && !NT_SUCCESS(LdrAddRefDll(0, RaceDll)))
        RaceDll = NULL;
    TppCallback(&Instance, Result);
    TppInstanceEnd(&Instance);
    if (Result != NULL)
        TppFreeMemory(Result);
    TppEndRunning(&Instance);
    if (Object->Type == TppSimple)
        TppRelease(Object);
    TppDereference(Object);
    if (RaceDll != NULL)
        LdrUnloadDll(RaceDll);
}

/* ------------------------------------------------------------------ instances */

VOID NTAPI TpCallbackSetEventOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Event)
{
    if (Instance->Event == NULL)
        Instance->Event = Event;
}

VOID NTAPI TpCallbackReleaseSemaphoreOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Semaphore, DWORD ReleaseCount)
{
    if (Instance->Semaphore != NULL)
        return;
    Instance->Semaphore = Semaphore;
    Instance->SemaphoreCount = (LONG)ReleaseCount;
}

VOID NTAPI TpCallbackReleaseMutexOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Mutex)
{
    if (Instance->Mutex == NULL)
        Instance->Mutex = Mutex;
}

VOID NTAPI TpCallbackLeaveCriticalSectionOnCompletion(PTP_CALLBACK_INSTANCE Instance,
        PRTL_CRITICAL_SECTION CriticalSection)
{
    if (Instance->CriticalSection == NULL)
        Instance->CriticalSection = CriticalSection;
}

VOID NTAPI TpCallbackUnloadDllOnCompletion(PTP_CALLBACK_INSTANCE Instance, PVOID DllHandle)
{
    if (Instance->Dll == NULL)
        Instance->Dll = DllHandle;
}

/* TRUE: there is, or could be, another worker for whatever comes meanwhile. */
NTSTATUS NTAPI TpCallbackMayRunLong(PTP_CALLBACK_INSTANCE Instance)
{
    PTP_POOL Pool = Instance->Object->Pool;
    BOOLEAN Room;

    if (Instance->ThreadId != NtCurrentTeb()->ClientId.UniqueThread)
        return STATUS_UNSUCCESSFUL;
    if (Instance->LongFunction)
        return STATUS_SUCCESS;
    RtlAcquireSRWLockShared(&Pool->Lock);
    Room = Pool->Busy < Pool->Threads || Pool->Threads < Pool->Maximum;
    RtlReleaseSRWLockShared(&Pool->Lock);
    Instance->LongFunction = Room;
    return Room ? STATUS_SUCCESS : STATUS_TOO_MANY_THREADS;
}

VOID NTAPI TpDisassociateCallback(PTP_CALLBACK_INSTANCE Instance)
{
    if (Instance->ThreadId == NtCurrentTeb()->ClientId.UniqueThread)
        TppEndRunning(Instance);
}

/* ------------------------------------------------------------------ work and simple callbacks */

NTSTATUS NTAPI TpSimpleTryPost(PTP_SIMPLE_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment)
{
    PTPP_OBJECT Object;
    NTSTATUS Status;

    Status = TppAllocate(TppSimple, Callback, Context, Environment, &Object);
    if (!NT_SUCCESS(Status))
        return Status;
    /* Its callback's end releases it. */
    TppPost(Object, NULL);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI TpAllocWork(PTP_WORK *WorkReturn, PTP_WORK_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    return TppAllocate(TppWork, Callback, Context, Environment, (PTPP_OBJECT *)WorkReturn);
}

VOID NTAPI TpPostWork(PTP_WORK Work)
{
    TppPost((PTPP_OBJECT)Work, NULL);
}

VOID NTAPI TpWaitForWork(PTP_WORK Work, BOOL CancelPendingCallbacks)
{
    TppWaitForCallbacks((PTPP_OBJECT)Work, CancelPendingCallbacks);
}

VOID NTAPI TpReleaseWork(PTP_WORK Work)
{
    TppRelease((PTPP_OBJECT)Work);
}

/* ------------------------------------------------------------------ cleanup groups */

NTSTATUS NTAPI TpAllocCleanupGroup(PTP_CLEANUP_GROUP *CleanupGroupReturn)
{
    PTP_CLEANUP_GROUP Group = TppAllocateMemory(sizeof(*Group));

    *CleanupGroupReturn = Group;
    if (Group == NULL)
        return STATUS_NO_MEMORY;
    InitializeListHead(&Group->Members);
    return STATUS_SUCCESS;
}

/* The caller has released the members. */
VOID NTAPI TpReleaseCleanupGroup(PTP_CLEANUP_GROUP CleanupGroup)
{
    TppFreeMemory(CleanupGroup);
}

/* The first member, out of the group; its allocator's reference is the caller's now. */
static PTPP_OBJECT TppTakeMember(PTP_CLEANUP_GROUP Group)
{
    PTPP_OBJECT Object = NULL;

    RtlAcquireSRWLockExclusive(&Group->Lock);
    if (!IsListEmpty(&Group->Members)) {
        Object = CONTAINING_RECORD(RemoveHeadList(&Group->Members), TPP_OBJECT, GroupLinks);
        Object->Group = NULL;
    }
    RtlReleaseSRWLockExclusive(&Group->Lock);
    return Object;
}

VOID NTAPI TpReleaseCleanupGroupMembers(PTP_CLEANUP_GROUP CleanupGroup, BOOL CancelPendingCallbacks,
        PVOID CleanupContext)
{
    PTPP_OBJECT Object;

    while ((Object = TppTakeMember(CleanupGroup)) != NULL) {
        TppDisarm(Object);
        TppWaitForCallbacks(Object, CancelPendingCallbacks);
        if (CancelPendingCallbacks && Object->GroupCancel != NULL)
            Object->GroupCancel(Object->Context, CleanupContext);
        TppDereference(Object);
    }
}
