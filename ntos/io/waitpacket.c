/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Type WaitCompletionPacket: a packet that goes to a completion port once, when an object is signalled.  NtCreateWaitCompletionPacket,
 * NtAssociateWaitCompletionPacket, NtCancelWaitCompletionPacket.
 *
 * While it waits it holds the object and the port; in the port's queue the port holds it.  Closing its last handle ends the wait.
 * Nothing here waits.
 */
#include "ntos/io/iop.h"

#define IOP_WAIT_PACKET_MODIFY 0x1
#define IOP_WAIT_PACKET_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | IOP_WAIT_PACKET_MODIFY)

static POBJECT_TYPE IopWaitPacketType;

typedef struct _IOP_WAIT_PACKET {
    KNOTIFY Notify;
    KDPC Dpc;
    IO_PACKET Packet;
    PIO_COMPLETION_PORT Port;           /* referenced until it is queued */
    PVOID Target;                       /* the same */
    BOOLEAN Idle;                       /* neither waits nor is in a port */
    BOOLEAN Queued;
} IOP_WAIT_PACKET, *PIOP_WAIT_PACKET;

/* The wait is over, or not begun: nothing is held. */
static VOID IopDropWait(PIOP_WAIT_PACKET Wait)
{
    PVOID Target = Wait->Target, Port = Wait->Port;

    Wait->Idle = !Wait->Queued;
    Wait->Target = NULL;
    ObDereferenceObject(Target);
    ObDereferenceObject(Port);
}

static VOID IopReleaseWaitPacket(PVOID Packet)
{
    PIOP_WAIT_PACKET Wait = CONTAINING_RECORD(Packet, IOP_WAIT_PACKET, Packet);

    Wait->Queued = FALSE;
    Wait->Idle = TRUE;
    ObDereferenceObject(Wait);
}

/* The object is signalled.  A port that is full gets nothing. */
static NTSTATUS IopQueueWaitPacket(PIOP_WAIT_PACKET Wait)
{
    NTSTATUS Status;

    ObReferenceObject(Wait);
    Wait->Queued = TRUE;
    Status = IoQueuePacket(Wait->Port, &Wait->Packet);
    if (!NT_SUCCESS(Status))
        Wait->Queued = FALSE;
    IopDropWait(Wait);
    if (!NT_SUCCESS(Status))
        ObDereferenceObject(Wait);
    return Status;
}

static VOID IopWaitPacketDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    IopQueueWaitPacket(DeferredContext);
}

/* Takes it from the object, or out of the loop's queue; TRUE: it was there. */
static BOOLEAN IopEndWait(PIOP_WAIT_PACKET Wait)
{
    BOOLEAN Ended = KeCancelNotify(&Wait->Notify) || KeRemoveQueueDpc(&Wait->Dpc);

    if (Ended)
        IopDropWait(Wait);
    return Ended;
}

static VOID IopDeleteWaitPacket(PVOID Object)
{
    IopEndWait(Object);
}

NTSTATUS IopCreateWaitPacketType(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = {
        .GenericMapping = {
            STANDARD_RIGHTS_READ, STANDARD_RIGHTS_WRITE | IOP_WAIT_PACKET_MODIFY, STANDARD_RIGHTS_EXECUTE, IOP_WAIT_PACKET_ALL_ACCESS
        },
        .ValidAccessMask = IOP_WAIT_PACKET_ALL_ACCESS,
        .WaitOffset = OB_NOT_WAITABLE,
        .DeleteProcedure = IopDeleteWaitPacket,
    };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"WaitCompletionPacket");

    return ObCreateObjectType(&Name, &Initializer, NULL, &IopWaitPacketType);
}

NTSTATUS NTAPI NtCreateWaitCompletionPacket(PHANDLE WaitCompletionPacketHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    PIOP_WAIT_PACKET Wait;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = ObCreateObject(UserMode, IopWaitPacketType, ObjectAttributes, UserMode, NULL, sizeof(*Wait), 0, 0, (PVOID *)&Wait);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, WaitCompletionPacketHandle);
    memset(Wait, 0, sizeof(*Wait));
    Wait->Idle = TRUE;
    Wait->Packet.Release = IopReleaseWaitPacket;
    KeInitializeDpc(&Wait->Dpc, IopWaitPacketDpc, Wait);
    Status = ObInsertObject(Wait, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, WaitCompletionPacketHandle);
}

/* With the three objects referenced: the port and the target are the packet's on success. */
static NTSTATUS IopBeginWait(PIOP_WAIT_PACKET Wait, PVOID Port, PVOID Target, PBOOLEAN Signalled)
{
    PDISPATCHER_HEADER Header = ObGetWaitableObject(Target);

    if (!Wait->Idle)
        return STATUS_INVALID_PARAMETER_1;
    if (Header == NULL)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (Header->Type == MutantObject)
        return STATUS_INVALID_PARAMETER_3;
    Wait->Idle = FALSE;
    Wait->Port = Port;
    Wait->Target = Target;
    *Signalled = KeBeginNotify(&Wait->Notify, Header, &Wait->Dpc);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtAssociateWaitCompletionPacket(HANDLE WaitCompletionPacketHandle, HANDLE IoCompletionHandle,
        HANDLE TargetObjectHandle, PVOID KeyContext, PVOID ApcContext, NTSTATUS IoStatus, ULONG_PTR IoStatusInformation,
        PBOOLEAN AlreadySignaled)
{
    PVOID Port = NULL, Target = NULL;
    PIOP_WAIT_PACKET Wait = NULL;
    BOOLEAN Signalled = FALSE;
    NTSTATUS Status = STATUS_SUCCESS;

    if (AlreadySignaled != NULL)
        Status = MmProbeForWrite(AlreadySignaled, sizeof(*AlreadySignaled), 1);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(WaitCompletionPacketHandle, IOP_WAIT_PACKET_MODIFY, IopWaitPacketType, UserMode, (PVOID *)&Wait, NULL);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(IoCompletionHandle, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType, UserMode, &Port, NULL);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(TargetObjectHandle, SYNCHRONIZE, NULL, UserMode, &Target, NULL);
    if (NT_SUCCESS(Status))
        Status = IopBeginWait(Wait, Port, Target, &Signalled);
    if (NT_SUCCESS(Status)) {
        Port = Target = NULL;
        Wait->Packet.Information = (FILE_IO_COMPLETION_INFORMATION){ KeyContext, ApcContext, { .Information = IoStatusInformation } };
        Wait->Packet.Information.IoStatusBlock.Status = IoStatus;
        if (Signalled)
            Status = IopQueueWaitPacket(Wait);
    }
    if (Target != NULL)
        ObDereferenceObject(Target);
    if (Port != NULL)
        ObDereferenceObject(Port);
    if (Wait != NULL)
        ObDereferenceObject(Wait);
    return NT_SUCCESS(Status) && AlreadySignaled != NULL ? MmPutUser(AlreadySignaled, Signalled) : Status;
}

/* Source: Microsoft, NtCancelWaitCompletionPacket. */
static NTSTATUS IopCancelWaitPacket(PIOP_WAIT_PACKET Wait, BOOLEAN RemoveSignaledPacket)
{
    if (Wait->Idle)
        return STATUS_CANCELLED;
    if (KeCancelNotify(&Wait->Notify)) {
        IopDropWait(Wait);
        return STATUS_SUCCESS;
    }
    if (!RemoveSignaledPacket)
        return STATUS_PENDING;
    if (IopEndWait(Wait))
        return STATUS_SUCCESS;
    if (!IopRemovePacket(Wait->Port, &Wait->Packet))
        return STATUS_PENDING;
    IopReleaseWaitPacket(&Wait->Packet);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtCancelWaitCompletionPacket(HANDLE WaitCompletionPacketHandle, BOOLEAN RemoveSignaledPacket)
{
    PIOP_WAIT_PACKET Wait;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(WaitCompletionPacketHandle, IOP_WAIT_PACKET_MODIFY, IopWaitPacketType, UserMode, (PVOID *)&Wait, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopCancelWaitPacket(Wait, RemoveSignaledPacket);
    ObDereferenceObject(Wait);
    return Status;
}
