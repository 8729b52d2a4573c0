/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Type IoCompletion: a queue of packets.  The semaphore's count equals the number of packets not yet promised to a
 * thread that waits; who passes the semaphore takes one packet from the head.  Of the threads that wait the last one gets a packet; all
 * get STATUS_ABANDONED_WAIT_0 when the last handle is closed.  A wait for the object itself, which takes no packet, ends when there is one.
 * NtRemoveIoCompletion(Ex) waits; nothing else does.
 */
#include "ntos/io/iop.h"

C_ASSERT(sizeof(IO_PACKET) <= EX_RESERVE_SIZE);

POBJECT_TYPE IoCompletionObjectType;

static VOID IopReleasePacket(PIO_PACKET Packet)
{
    Packet->Release(Packet);
}

static VOID IopDeletePort(PVOID Object)
{
    PIO_COMPLETION_PORT Port = Object;

    while (Port->PacketList.Flink != NULL && !IsListEmpty(&Port->PacketList))
        IopReleasePacket(CONTAINING_RECORD(RemoveHeadList(&Port->PacketList), IO_PACKET, ListEntry));
}

static VOID IopClosePort(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    PIO_COMPLETION_PORT Port = Object;

    if (SystemHandleCount == 1)
        KeBreakWaits(&Port->Semaphore, STATUS_ABANDONED_WAIT_0);
}

NTSTATUS IopCreateCompletionType(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = {
        .GenericMapping = {
            STANDARD_RIGHTS_READ | IO_COMPLETION_QUERY_STATE, STANDARD_RIGHTS_WRITE | IO_COMPLETION_MODIFY_STATE,
            STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, IO_COMPLETION_ALL_ACCESS
        },
        .ValidAccessMask = IO_COMPLETION_ALL_ACCESS,
        .WaitOffset = 0,
        .CloseProcedure = IopClosePort,
        .DeleteProcedure = IopDeletePort,
    };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"IoCompletion");

    return ObCreateObjectType(&Name, &Initializer, NULL, &IoCompletionObjectType);
}

NTSTATUS IoQueuePacket(PVOID PortObject, PIO_PACKET Packet)
{
    PIO_COMPLETION_PORT Port = PortObject;
    NTSTATUS Status;

    InsertTailList(&Port->PacketList, &Packet->ListEntry);
    Port->Depth++;
    Status = KeReleaseSemaphoreEx(&Port->Semaphore, 1, NULL);
    if (!NT_SUCCESS(Status)) {
        RemoveEntryList(&Packet->ListEntry);
        Port->Depth--;
    } else if (KeReadStateSemaphore(&Port->Semaphore) == 1) {
        KeSetEvent(&Port->NotEmpty, 0, FALSE);
        if (!IsListEmpty(&Port->FactoryList))
            IopFeedFactories(Port);
    }
    return Status;
}

BOOLEAN IopRemovePacket(PIO_COMPLETION_PORT Port, PIO_PACKET Packet)
{
    if (KeReadStateSemaphore(&Port->Semaphore) == 0)
        return FALSE;
    Port->Semaphore.Header.SignalState--;
    RemoveEntryList(&Packet->ListEntry);
    Port->Depth--;
    if (KeReadStateSemaphore(&Port->Semaphore) == 0)
        KeClearEvent(&Port->NotEmpty);
    return TRUE;
}

static VOID IopFillPacket(PIO_PACKET Packet, PVOID KeyContext, PVOID ApcContext, NTSTATUS Status, ULONG_PTR Information)
{
    Packet->Information.KeyContext = KeyContext;
    Packet->Information.ApcContext = ApcContext;
    Packet->Information.IoStatusBlock.Pointer = NULL;
    Packet->Information.IoStatusBlock.Status = Status;
    Packet->Information.IoStatusBlock.Information = Information;
}

static NTSTATUS IopSendPacket(PVOID Port, PIO_PACKET Packet)
{
    NTSTATUS Status = IoQueuePacket(Port, Packet);

    if (!NT_SUCCESS(Status))
        IopReleasePacket(Packet);
    return Status;
}

NTSTATUS IoSetIoCompletion(PVOID Port, PVOID KeyContext, PVOID ApcContext, NTSTATUS Status, ULONG_PTR Information)
{
    PIO_PACKET Packet = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Packet), IO_TAG_PORT);

    if (Packet == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    IopFillPacket(Packet, KeyContext, ApcContext, Status, Information);
    Packet->Release = ExFreePool;
    return IopSendPacket(Port, Packet);
}

/* DIFFERS: Count limits nothing: as many threads run as get packets, where NT holds packets back while Count of those that got one have not waited since. */
NTSTATUS NTAPI NtCreateIoCompletion(PHANDLE IoCompletionHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, ULONG Count)
{
    PIO_COMPLETION_PORT Port;
    NTSTATUS Status;
    HANDLE Handle = NULL;

    Status = ObCreateObject(UserMode, IoCompletionObjectType, ObjectAttributes, UserMode, NULL, sizeof(*Port), 0, 0,
                            (PVOID *)&Port);
    if (!NT_SUCCESS(Status))
        return ObReturnHandle(Status, NULL, IoCompletionHandle);
    KeInitializeEvent(&Port->NotEmpty, NotificationEvent, FALSE);
    KeInitializeSemaphore(&Port->Semaphore, 0, MAXLONG);
    InitializeListHead(&Port->PacketList);
    InitializeListHead(&Port->FactoryList);
    Status = ObInsertObject(Port, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, IoCompletionHandle);
}

NTSTATUS NTAPI NtOpenIoCompletion(PHANDLE IoCompletionHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(IoCompletionObjectType, IoCompletionHandle, DesiredAccess, ObjectAttributes);
}

NTSTATUS NTAPI NtSetIoCompletion(HANDLE IoCompletionHandle, ULONG_PTR KeyContext, ULONG_PTR ApcContext,
        NTSTATUS IoStatus, ULONG_PTR IoStatusInformation)
{
    NTSTATUS Status;
    PVOID Port;

    Status = ObReferenceObjectByHandle(IoCompletionHandle, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType,
                                       UserMode, &Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoSetIoCompletion(Port, (PVOID)KeyContext, (PVOID)ApcContext, IoStatus, IoStatusInformation);
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtSetIoCompletionEx(HANDLE IoCompletionHandle, HANDLE IoCompletionPacketHandle, ULONG_PTR KeyContext,
        ULONG_PTR ApcContext, NTSTATUS IoStatus, ULONG_PTR IoStatusInformation)
{
    PIO_PACKET Packet;
    NTSTATUS Status;
    PVOID Port;

    if (IoCompletionPacketHandle == NULL)
        return NtSetIoCompletion(IoCompletionHandle, KeyContext, ApcContext, IoStatus, IoStatusInformation);
    Status = ObReferenceObjectByHandle(IoCompletionHandle, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType,
                                       UserMode, &Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ExUseReserve(IoCompletionPacketHandle, MemoryReserveIoCompletion, (PVOID *)&Packet);
    if (NT_SUCCESS(Status)) {
        IopFillPacket(Packet, (PVOID)KeyContext, (PVOID)ApcContext, IoStatus, IoStatusInformation);
        Packet->Release = ExReleaseReserve;
        Status = IopSendPacket(Port, Packet);
    }
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtQueryIoCompletion(HANDLE IoCompletionHandle, IO_COMPLETION_INFORMATION_CLASS IoCompletionInformationClass,
        PVOID IoCompletionInformation, ULONG IoCompletionInformationLength, PULONG ReturnLength)
{
    IO_COMPLETION_BASIC_INFORMATION Information;
    PIO_COMPLETION_PORT Port;
    NTSTATUS Status;

    if (IoCompletionInformationClass != IoCompletionBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (IoCompletionInformationLength != sizeof(Information))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmProbeAnswer(IoCompletionInformation, sizeof(Information), ReturnLength, sizeof(*ReturnLength));
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(IoCompletionHandle, IO_COMPLETION_QUERY_STATE, IoCompletionObjectType,
                                           UserMode, (PVOID *)&Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Information.Depth = Port->Depth;
    ObDereferenceObject(Port);
    MmCopyToUser(IoCompletionInformation, &Information, sizeof(Information));
    return ReturnLength != NULL ? MmPutUser(ReturnLength, sizeof(Information)) : STATUS_SUCCESS;
}

static PIO_PACKET IopTakePacket(PIO_COMPLETION_PORT Port)
{
    Port->Depth--;
    if (KeReadStateSemaphore(&Port->Semaphore) == 0)
        KeClearEvent(&Port->NotEmpty);
    return CONTAINING_RECORD(RemoveHeadList(&Port->PacketList), IO_PACKET, ListEntry);
}

ULONG IopTakePackets(PIO_COMPLETION_PORT Port, FILE_IO_COMPLETION_INFORMATION *User, ULONG Count)
{
    LARGE_INTEGER Now = { .QuadPart = 0 };
    ULONG Taken = 0;

    do {
        PIO_PACKET Packet = IopTakePacket(Port);

        MmCopyToUser(&User[Taken++], &Packet->Information, sizeof(Packet->Information));
        IopReleasePacket(Packet);
    } while (Taken != Count && !IsListEmpty(&Port->PacketList) &&
             KeWaitForSingleObject(&Port->Semaphore, WrQueue, UserMode, FALSE, &Now) == STATUS_SUCCESS);
    return Taken;
}

NTSTATUS NTAPI NtRemoveIoCompletionEx(HANDLE IoCompletionHandle,
        FILE_IO_COMPLETION_INFORMATION *IoCompletionInformation,
        ULONG Count, PULONG NumEntriesRemoved, LARGE_INTEGER *Timeout, BOOLEAN Alertable)
{
    LARGE_INTEGER Time;
    PIO_COMPLETION_PORT Port;
    NTSTATUS Status;
    ULONG Removed = 0;

    if (Count == 0)
        return STATUS_INVALID_PARAMETER;
    Count = min(Count, IOP_MOST_PACKETS);
    Status = MmProbeForWrite(IoCompletionInformation, Count * sizeof(*IoCompletionInformation), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(NumEntriesRemoved, sizeof(ULONG), 1);
    if (NT_SUCCESS(Status) && Timeout != NULL)
        Status = MmGetUser(&Time, Timeout);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(IoCompletionHandle, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType,
                                           UserMode, (PVOID *)&Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeWaitForSingleObject(&Port->Semaphore, WrQueue, UserMode, Alertable, Timeout != NULL ? &Time : NULL);
    if (Status == STATUS_SUCCESS)
        Removed = IopTakePackets(Port, IoCompletionInformation, Count);
    ObDereferenceObject(Port);
    MmPutUser(NumEntriesRemoved, Removed);
    return Status;
}

NTSTATUS NTAPI NtRemoveIoCompletion(HANDLE IoCompletionHandle, PULONG_PTR KeyContext, PULONG_PTR ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER Timeout)
{
    PIO_COMPLETION_PORT Port;
    PIO_PACKET Packet;
    LARGE_INTEGER Time;
    NTSTATUS Status;

    Status = MmProbeForWrite(KeyContext, sizeof(*KeyContext), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ApcContext, sizeof(*ApcContext), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status) && Timeout != NULL)
        Status = MmGetUser(&Time, Timeout);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(IoCompletionHandle, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType,
                                           UserMode, (PVOID *)&Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeWaitForSingleObject(&Port->Semaphore, WrQueue, UserMode, FALSE, Timeout != NULL ? &Time : NULL);
    if (Status == STATUS_SUCCESS) {
        Packet = IopTakePacket(Port);
        MmPutUser(KeyContext, (ULONG_PTR)Packet->Information.KeyContext);
        MmPutUser(ApcContext, (ULONG_PTR)Packet->Information.ApcContext);
        MmCopyToUser(IoStatusBlock, &Packet->Information.IoStatusBlock, sizeof(IO_STATUS_BLOCK));
        IopReleasePacket(Packet);
    }
    ObDereferenceObject(Port);
    return Status;
}
