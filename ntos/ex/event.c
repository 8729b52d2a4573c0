/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Events: a KEVENT as an object.  NtCreateEvent, NtOpenEvent, NtSetEvent, NtResetEvent, NtClearEvent, NtPulseEvent,
 * NtSetEventBoostPriority, NtQueryEvent.  Nothing here waits.
 */
#include "ntos/ex/exp.h"

POBJECT_TYPE ExEventObjectType;

static const OBJECT_TYPE_INITIALIZER ExpEventTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        STANDARD_RIGHTS_READ | EVENT_QUERY_STATE,
        STANDARD_RIGHTS_WRITE | EVENT_MODIFY_STATE,
        STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE,
        EVENT_ALL_ACCESS
    },
    .ValidAccessMask = EVENT_ALL_ACCESS,
    .WaitOffset = 0,
};

NTSTATUS ExpInitEvents(VOID)
{
    return ExpCreateType(L"Event", &ExpEventTypeInitializer, &ExEventObjectType);
}

NTSTATUS NTAPI NtCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        EVENT_TYPE EventType, BOOLEAN InitialState)
{
    PKEVENT Event;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    if (EventType != NotificationEvent && EventType != SynchronizationEvent)
        return ObReturnHandle(STATUS_INVALID_PARAMETER, NULL, EventHandle);
    Status = ObCreateObject(UserMode, ExEventObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Event), 0, 0,
                            (PVOID *)&Event);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, EventHandle);
    KeInitializeEvent(Event, EventType, InitialState != 0);
    Status = ObInsertObject(Event, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, EventHandle);
}

NTSTATUS NTAPI NtOpenEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ExEventObjectType, EventHandle, DesiredAccess, ObjectAttributes);
}

static NTSTATUS ExpReferenceEvent(HANDLE Handle, ACCESS_MASK Access, PKEVENT *Event)
{
    return ObReferenceObjectByHandle(Handle, Access, ExEventObjectType, UserMode, (PVOID *)Event, NULL);
}

NTSTATUS NTAPI NtSetEvent(HANDLE EventHandle, PLONG PreviousState)
{
    PKEVENT Event;
    NTSTATUS Status = ExpProbeAnswer(PreviousState, sizeof(*PreviousState));
    LONG Previous;

    if (NT_SUCCESS(Status))
        Status = ExpReferenceEvent(EventHandle, EVENT_MODIFY_STATE, &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    Previous = KeSetEvent(Event, 1, FALSE);
    ObDereferenceObject(Event);
    return ExpReturnLong(PreviousState, Previous);
}

/* DIFFERS: the thread that it wakes keeps its own priority. */
NTSTATUS NTAPI NtSetEventBoostPriority(HANDLE EventHandle)
{
    PKEVENT Event;
    NTSTATUS Status = ExpReferenceEvent(EventHandle, EVENT_MODIFY_STATE, &Event);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Event->Header.Type == SynchronizationEvent)
        KeSetEvent(Event, 1, FALSE);
    else
        Status = STATUS_OBJECT_TYPE_MISMATCH;
    ObDereferenceObject(Event);
    return Status;
}

NTSTATUS NTAPI NtResetEvent(HANDLE EventHandle, PLONG PreviousState)
{
    PKEVENT Event;
    NTSTATUS Status = ExpProbeAnswer(PreviousState, sizeof(*PreviousState));
    LONG Previous;

    if (NT_SUCCESS(Status))
        Status = ExpReferenceEvent(EventHandle, EVENT_MODIFY_STATE, &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    Previous = KeResetEvent(Event);
    ObDereferenceObject(Event);
    return ExpReturnLong(PreviousState, Previous);
}

NTSTATUS NTAPI NtClearEvent(HANDLE EventHandle)
{
    return NtResetEvent(EventHandle, NULL);
}

NTSTATUS NTAPI NtPulseEvent(HANDLE EventHandle, PLONG PreviousState)
{
    PKEVENT Event;
    NTSTATUS Status = ExpProbeAnswer(PreviousState, sizeof(*PreviousState));
    LONG Previous;

    if (NT_SUCCESS(Status))
        Status = ExpReferenceEvent(EventHandle, EVENT_MODIFY_STATE, &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    Previous = KePulseEvent(Event, 1, FALSE);
    ObDereferenceObject(Event);
    return ExpReturnLong(PreviousState, Previous);
}

NTSTATUS NTAPI NtQueryEvent(HANDLE EventHandle, EVENT_INFORMATION_CLASS EventInformationClass, PVOID EventInformation,
        ULONG EventInformationLength, PULONG ReturnLength)
{
    EVENT_BASIC_INFORMATION Information;
    PKEVENT Event;
    NTSTATUS Status;

    if (EventInformationClass != EventBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (EventInformationLength != sizeof(Information))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = ExpReferenceEvent(EventHandle, EVENT_QUERY_STATE, &Event);
    if (!NT_SUCCESS(Status))
        return Status;
    Information.EventType = Event->Header.Type == EventNotificationObject ? NotificationEvent : SynchronizationEvent;
    Information.EventState = KeReadStateEvent(Event);
    ObDereferenceObject(Event);
    return ExpReturnInformation(&Information, sizeof(Information), EventInformation, EventInformationLength,
                                ReturnLength);
}
