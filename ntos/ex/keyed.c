/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waits without an object of their own: keyed events and alerts by thread id.
 *
 * A keyed event joins one waiter and one releaser of the same process and key; who comes first waits for the other.
 * All that wait are in one hash table of EX_KEYED_WAIT, one a thread.  The wait itself is ke's (KeHoldUserWait): no
 * stack.
 *
 * NtWaitForAlertByThreadId waits until another thread of the process calls NtAlertThreadByThreadId; an alert that comes
 * first is remembered (ETHREAD.AlertedByThreadId).
 */
#include "ntos/ex/exp.h"

POBJECT_TYPE ExKeyedEventObjectType;

typedef struct _EX_KEYED_EVENT {
    ULONG Unused;
} EX_KEYED_EVENT, *PEX_KEYED_EVENT;

typedef struct _EX_KEYED_WAIT {
    LIST_ENTRY Link;
    PEX_KEYED_EVENT Event;              /* referenced */
    const void *Key;
    PEPROCESS Process;
    PKTHREAD Thread;
    BOOLEAN IsRelease;
} EX_KEYED_WAIT, *PEX_KEYED_WAIT;

#define EXP_KEYED_BUCKETS 64

static LIST_ENTRY ExpKeyedWaits[EXP_KEYED_BUCKETS];
static PEX_KEYED_EVENT ExpCriticalSectionEvent;     /* for a NULL handle, as in NT */

static const OBJECT_TYPE_INITIALIZER ExpKeyedEventTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        STANDARD_RIGHTS_READ | KEYEDEVENT_WAIT,
        STANDARD_RIGHTS_WRITE | KEYEDEVENT_WAKE,
        STANDARD_RIGHTS_EXECUTE,
        KEYEDEVENT_ALL_ACCESS
    },
    .ValidAccessMask = KEYEDEVENT_ALL_ACCESS,
    .WaitOffset = OB_ALWAYS_SIGNALLED,
};

NTSTATUS ExpInitKeyedEvents(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\KernelObjects\\CritSecOutOfMemoryEvent");
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status;

    for (ULONG i = 0; i < EXP_KEYED_BUCKETS; i++)
        InitializeListHead(&ExpKeyedWaits[i]);
    Status = ExpCreateType(L"KeyedEvent", &ExpKeyedEventTypeInitializer, &ExKeyedEventObjectType);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_PERMANENT, NULL, NULL);
    Status = ObCreateObject(KernelMode, ExKeyedEventObjectType, &Attributes, KernelMode, NULL,
                            sizeof(*ExpCriticalSectionEvent), 0, 0, (PVOID *)&ExpCriticalSectionEvent);
    if (!NT_SUCCESS(Status))
        return Status;
    return ObInsertObject(ExpCriticalSectionEvent, NULL, 0, 0, NULL, NULL);
}

NTSTATUS NTAPI NtCreateKeyedEvent(PHANDLE KeyedEventHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, ULONG Flags)
{
    PEX_KEYED_EVENT Event;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (Flags != 0)
        return ObReturnHandle(STATUS_INVALID_PARAMETER_4, NULL, KeyedEventHandle);
    Status = ObCreateObject(UserMode, ExKeyedEventObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Event), 0, 0,
                            (PVOID *)&Event);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, KeyedEventHandle);
    Status = ObInsertObject(Event, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, KeyedEventHandle);
}

NTSTATUS NTAPI NtOpenKeyedEvent(PHANDLE KeyedEventHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ExKeyedEventObjectType, KeyedEventHandle, DesiredAccess, ObjectAttributes);
}

static PLIST_ENTRY ExpKeyedBucket(const void *Key)
{
    ULONG_PTR Value = (ULONG_PTR)Key >> 2;

    return &ExpKeyedWaits[(Value ^ Value >> 6 ^ Value >> 12) & (EXP_KEYED_BUCKETS - 1)];
}

static VOID ExpFreeKeyedWait(PEX_KEYED_WAIT Wait)
{
    RemoveEntryList(&Wait->Link);
    ObDereferenceObject(Wait->Event);
    ExFreePoolWithTag(Wait, EX_TAG_WAIT);
}

/* ke's notice that the wait ended without a partner. */
static VOID ExpCancelKeyedWait(PKTHREAD Thread, PVOID Context)
{
    ExpFreeKeyedWait(Context);
}

/* The partner that came first, or NULL. */
static PEX_KEYED_WAIT ExpFindPartner(PEX_KEYED_EVENT Event, const void *Key, BOOLEAN IsRelease)
{
    PLIST_ENTRY Head = ExpKeyedBucket(Key);

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PEX_KEYED_WAIT Wait = CONTAINING_RECORD(Link, EX_KEYED_WAIT, Link);

        if (Wait->Event == Event && Wait->Key == Key && Wait->IsRelease == IsRelease &&
            Wait->Process == PsGetCurrentProcess())
            return Wait;
    }
    return NULL;
}

static NTSTATUS ExpKeyedOperation(PEX_KEYED_EVENT Event, const void *Key, BOOLEAN IsRelease, BOOLEAN Alertable,
        PLARGE_INTEGER Timeout)
{
    PEX_KEYED_WAIT Wait = ExpFindPartner(Event, Key, !IsRelease);

    if (Wait != NULL) {
        PKTHREAD Partner = Wait->Thread;

        ExpFreeKeyedWait(Wait);
        KeCompleteUserWait(Partner, STATUS_SUCCESS);
        return STATUS_SUCCESS;
    }
    Wait = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Wait), EX_TAG_WAIT);
    if (Wait == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    ObReferenceObject(Event);
    Wait->Event = Event;
    Wait->Key = Key;
    Wait->Process = PsGetCurrentProcess();
    Wait->Thread = KeGetCurrentThread();
    Wait->IsRelease = IsRelease;
    InsertTailList(ExpKeyedBucket(Key), &Wait->Link);
    return KeHoldUserWait(Alertable, Timeout, ExpCancelKeyedWait, Wait);
}

static NTSTATUS ExpKeyedService(HANDLE Handle, const void *Key, BOOLEAN IsRelease, BOOLEAN Alertable,
        const LARGE_INTEGER *Timeout)
{
    PEX_KEYED_EVENT Event = ExpCriticalSectionEvent;
    LARGE_INTEGER Local;
    NTSTATUS Status;

    if ((ULONG_PTR)Key & 1)
        return STATUS_INVALID_PARAMETER_1;
    if (Timeout != NULL) {
        Status = MmGetUser(&Local, Timeout);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Handle != NULL) {
        Status = ObReferenceObjectByHandle(Handle, IsRelease ? KEYEDEVENT_WAKE : KEYEDEVENT_WAIT,
                                           ExKeyedEventObjectType,
                                           UserMode, (PVOID *)&Event, NULL);
        if (!NT_SUCCESS(Status))
            return Status;
    } else {
        ObReferenceObject(Event);
    }
    Status = ExpKeyedOperation(Event, Key, IsRelease, Alertable != 0, Timeout != NULL ? &Local : NULL);
    ObDereferenceObject(Event);
    return Status;
}

NTSTATUS NTAPI NtWaitForKeyedEvent(HANDLE KeyedEventHandle, const void *Key, BOOLEAN Alertable,
        const LARGE_INTEGER *Timeout)
{
    return ExpKeyedService(KeyedEventHandle, Key, FALSE, Alertable, Timeout);
}

NTSTATUS NTAPI NtReleaseKeyedEvent(HANDLE KeyedEventHandle, const void *Key, BOOLEAN Alertable,
        const LARGE_INTEGER *Timeout)
{
    return ExpKeyedService(KeyedEventHandle, Key, TRUE, Alertable, Timeout);
}

/* --- alerts by thread id -------------------------------------------------------------------------------------- */

static VOID ExpCancelAlertWait(PKTHREAD Thread, PVOID Context)
{
    ((PETHREAD)Thread)->ExContext = NULL;
}

NTSTATUS NTAPI NtWaitForAlertByThreadId(const void *Address, const LARGE_INTEGER *Timeout)
{
    PETHREAD Thread = PsGetCurrentThread();
    LARGE_INTEGER Local;

    if (Timeout != NULL) {
        NTSTATUS Status = MmGetUser(&Local, Timeout);

        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Thread->AlertedByThreadId) {
        Thread->AlertedByThreadId = FALSE;
        return STATUS_ALERTED;
    }
    Thread->ExContext = Thread;
    return KeHoldUserWait(FALSE, Timeout != NULL ? &Local : NULL, ExpCancelAlertWait, NULL);
}

NTSTATUS NTAPI NtAlertThreadByThreadId(HANDLE ThreadId)
{
    PETHREAD Thread;
    NTSTATUS Status = PsLookupThreadByThreadId(ThreadId, &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Thread->Tcb.OwningProcess != &PsGetCurrentProcess()->Pcb) {
        Status = STATUS_ACCESS_DENIED;
    } else if (Thread->ExContext != NULL) {
        Thread->ExContext = NULL;
        KeCompleteUserWait(&Thread->Tcb, STATUS_ALERTED);
    } else {
        Thread->AlertedByThreadId = TRUE;
    }
    ObDereferenceObject(Thread);
    return Status;
}

/* DIFFERS: no interval is one without end, where NT reads address 0: libwine's SleepEx(INFINITE) gives none. */
NTSTATUS NTAPI NtDelayExecution(BOOLEAN Alertable, const LARGE_INTEGER *DelayInterval)
{
    LARGE_INTEGER Interval;
    NTSTATUS Status = DelayInterval != NULL ? MmGetUser(&Interval, DelayInterval) : STATUS_SUCCESS;

    if (!NT_SUCCESS(Status))
        return Status;
    return KeUserWait(0, NULL, WaitAny, Alertable != 0, DelayInterval != NULL ? &Interval : NULL);
}
