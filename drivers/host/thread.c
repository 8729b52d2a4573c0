/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads of the host: the lock that lets one of them run driver code, system threads and work items.
 *
 * Owns HostThreads and the host lock.  gs:[0x188] (a reserved word of the TEB, and the word that the DDK's inline
 * KeGetCurrentThread reads) points to the thread's HOST_THREAD; a thread that has none yet gets one when it takes
 * the lock.  The dispatcher wakes by the host's notification, every other thread by an NT event of its own.
 *
 * HostBlock and HostAcquireLock wait.
 */
#include "host.h"

#define TEB_KERNEL_THREAD 0x188

static HOST_CRITICAL_SECTION HostLock;
static HOST_THREAD HostDispatcher;
static LIST_ENTRY HostThreads = {&HostThreads, &HostThreads};
static LIST_ENTRY HostWaiters = {&HostWaiters, &HostWaiters};
static BOOLEAN HostDispatcherIsWaiting;

PHOST_THREAD HostCurrentThread(VOID)
{
    return (PHOST_THREAD)__readgsqword(TEB_KERNEL_THREAD);
}

static VOID HostAttachThread(PHOST_THREAD Thread)
{
    Thread->Header.Type = HOST_TYPE_THREAD;
    InitializeListHead(&Thread->Header.WaitListHead);
    /* Not mingw's __writegsqword: it takes the address of a static for a 32-bit immediate. */
    __asm__ volatile("movq %0, %%gs:%c1" : : "r"(Thread), "i"(TEB_KERNEL_THREAD) : "memory");
}

VOID HostInitializeThreads(VOID)
{
    RtlInitializeCriticalSection(&HostLock);
    HostDispatcher.IsDispatcher = TRUE;
    HostDispatcher.ReferenceCount = 1;
    HostAttachThread(&HostDispatcher);
    InsertTailList(&HostThreads, &HostDispatcher.Link);
}

VOID HostAcquireLock(VOID)
{
    RtlEnterCriticalSection(&HostLock);
}

VOID HostReleaseLock(VOID)
{
    RtlLeaveCriticalSection(&HostLock);
}

VOID HostWakeDispatcher(VOID)
{
    if (!HostCurrentThread()->IsDispatcher)
        seL4_Signal(DRIVER_SLOT_SELF);
}

VOID HostWakeWaiters(VOID)
{
    PLIST_ENTRY Entry;

    while (!IsListEmpty(&HostWaiters)) {
        Entry = RemoveHeadList(&HostWaiters);
        CONTAINING_RECORD(Entry, HOST_THREAD, WaitLink)->IsWaiting = FALSE;
        NtSetEvent(CONTAINING_RECORD(Entry, HOST_THREAD, WaitLink)->WakeEvent, NULL);
    }
    if (HostDispatcherIsWaiting)
        HostWakeDispatcher();
}

VOID HostBlock(ULONGLONG DueTime)
{
    PHOST_THREAD Thread = HostCurrentThread();
    LARGE_INTEGER Timeout;

    if (Thread->IsDispatcher) {
        HostDispatcherIsWaiting = TRUE;
        HostTurn(FALSE, DueTime);
        HostDispatcherIsWaiting = FALSE;
        return;
    }
    HostRunDpcs();
    Timeout.QuadPart = -(LONGLONG)(DueTime - min(DueTime, KeQueryInterruptTime()));
    Thread->IsWaiting = TRUE;
    InsertTailList(&HostWaiters, &Thread->WaitLink);
    HostReleaseLock();
    NtWaitForSingleObject(Thread->WakeEvent, FALSE, DueTime == MAXULONGLONG ? NULL : &Timeout);
    HostAcquireLock();
    if (Thread->IsWaiting)
        RemoveEntryList(&Thread->WaitLink);
    Thread->IsWaiting = FALSE;
}

static VOID HostDereferenceThread(PHOST_THREAD Thread)
{
    if (--Thread->ReferenceCount > 0)
        return;
    RemoveEntryList(&Thread->Link);
    if (Thread->WakeEvent != NULL)
        NtClose(Thread->WakeEvent);
    ExFreePoolWithTag(Thread, HOST_TAG);
}

static NTSTATUS NTAPI HostThreadStart(PVOID Parameter)
{
    PHOST_THREAD Thread = Parameter;

    HostAttachThread(Thread);
    HostAcquireLock();
    Thread->StartRoutine(Thread->StartContext);
    PsTerminateSystemThread(STATUS_SUCCESS);
    return STATUS_SUCCESS;
}

/* DIFFERS: ObjectAttributes, ProcessHandle and ClientId are ignored: a system thread is one of the host's. */
NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                                    HANDLE ProcessHandle, PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine,
                                    PVOID StartContext)
{
    PHOST_THREAD Thread = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Thread), HOST_TAG);
    NTSTATUS Status;

    *ThreadHandle = NULL;
    if (Thread == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Thread, sizeof(*Thread));
    Thread->Header.Type = HOST_TYPE_THREAD;
    InitializeListHead(&Thread->Header.WaitListHead);
    Thread->ReferenceCount = 1;
    Thread->StartRoutine = StartRoutine;
    Thread->StartContext = StartContext;
    Status = NtCreateEvent(&Thread->WakeEvent, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    if (NT_SUCCESS(Status)) {
        Status = RtlCreateUserThread(ZwCurrentProcess(), NULL, FALSE, 0, 0, 0, HostThreadStart, Thread,
                                     &Thread->Handle, NULL);
        if (!NT_SUCCESS(Status))
            NtClose(Thread->WakeEvent);
    }
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(Thread, HOST_TAG);
        return Status;
    }
    InsertTailList(&HostThreads, &Thread->Link);
    *ThreadHandle = Thread->Handle;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus)
{
    PHOST_THREAD Thread = HostCurrentThread();

    if (Thread->IsDispatcher)
        return STATUS_INVALID_PARAMETER;
    HostSignalHeader(&Thread->Header, 1);
    HostRunDpcs();
    HostDereferenceThread(Thread);
    HostReleaseLock();
    RtlExitUserThread(ExitStatus);
    return ExitStatus;
}

/* Objects that a handle of this process can stand for here: system threads.  Everything else is ntos's. */
NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
                                         KPROCESSOR_MODE AccessMode, PVOID *Object,
                                         POBJECT_HANDLE_INFORMATION HandleInformation)
{
    PLIST_ENTRY Entry;
    PHOST_THREAD Thread;

    *Object = NULL;
    for (Entry = HostThreads.Flink; Entry != &HostThreads; Entry = Entry->Flink) {
        Thread = CONTAINING_RECORD(Entry, HOST_THREAD, Link);
        if (Thread->Handle == Handle && Handle != NULL) {
            Thread->ReferenceCount++;
            *Object = Thread;
            return STATUS_SUCCESS;
        }
    }
    return STATUS_NOT_SUPPORTED;
}

/* Reference counts are kept for threads and devices; everything else that a driver may hold lives as long as its host.
 */
LONG_PTR FASTCALL ObfReferenceObject(PVOID Object)
{
    CSHORT Type = *(CSHORT *)Object;

    if (Type == IO_TYPE_DEVICE)
        return ++((PDEVICE_OBJECT)Object)->ReferenceCount;
    return Type == HOST_TYPE_THREAD ? ++((PHOST_THREAD)Object)->ReferenceCount : 1;
}

LONG_PTR FASTCALL ObfDereferenceObject(PVOID Object)
{
    CSHORT Type = *(CSHORT *)Object;

    if (Type == IO_TYPE_DEVICE)
        HostDereferenceDevice(Object);
    else if (Type == HOST_TYPE_THREAD)
        HostDereferenceThread(Object);
    return 0;
}
