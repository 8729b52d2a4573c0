/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Channels to driver hosts, and interrupts: the kernel objects behind ntos/inc/ke.h's "driver hosts".
 *
 * A channel is the host's notification (interrupts and ntos signal it), a doorbell (a badge bit of ntos's own
 * notification), and the capabilities its resources grant.  Every thread of the host gets copies of all of them in
 * its CNode, at the slots of abi/driver.h.  Interrupt lines are known by IOAPIC pin; the kernel refuses a vector that
 * is in use.
 */
#include "kep.h"
#include "abi/driver.h"
#include "ntos/inc/hal.h"

#define KI_MAX_RESOURCES ((1u << KI_HOST_CNODE_BITS) - DRIVER_SLOT_FIRST_RESOURCE)
#define KI_VECTORS 108

typedef struct _KI_RESOURCE {
    seL4_CPtr Cap;
    seL4_CPtr SignalCap;                /* interrupt: the badged notification; else 0 */
    UCHAR Vector;
} KI_RESOURCE;

struct _KHOST_CHANNEL {
    PKPROCESS Process;
    MM_KERNEL_OBJECT Notification;
    seL4_CPtr RingCap;
    ULONG Signal;                       /* bit number of the doorbell */
    KE_DOORBELL Doorbell;
    PVOID Context;
    ULONG ResourceCount;
    KI_RESOURCE Resources[KI_MAX_RESOURCES];
};

static PKHOST_CHANNEL KipHosts[KI_SIGNAL_LIMIT];
static BOOLEAN KipVectorUsed[KI_VECTORS];

/* ------------------------------------------------------------------ interrupts */

NTSTATUS KiGetInterrupt(ULONG Pin, BOOLEAN Level, BOOLEAN ActiveLow, seL4_CPtr *Handler)
{
    seL4_CPtr Slot = MmAllocateSlot();

    if (Slot == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Pin >= KI_VECTORS || KipVectorUsed[Pin] ||
        seL4_IRQControl_GetIOAPIC(seL4_CapIRQControl, MmRootCNode, Slot, MM_CSPACE_DEPTH, 0, Pin, Level, ActiveLow,
                                  Pin) != seL4_NoError) {
        MmFreeSlot(Slot);
        return STATUS_CONFLICTING_ADDRESSES;
    }
    KipVectorUsed[Pin] = TRUE;
    *Handler = Slot;
    return STATUS_SUCCESS;
}

static seL4_CPtr KipMintSignal(seL4_CPtr Notification, ULONG64 Badge)
{
    seL4_CPtr Slot = MmAllocateSlot();

    if (Slot == 0)
        return 0;
    if (seL4_CNode_Mint(MmRootCNode, Slot, MM_CSPACE_DEPTH, MmRootCNode, Notification, MM_CSPACE_DEPTH,
                        seL4_CanWrite, Badge) != seL4_NoError) {
        MmFreeSlot(Slot);
        return 0;
    }
    return Slot;
}

static NTSTATUS KipConnect(seL4_CPtr Handler, seL4_CPtr Notification, ULONG64 Badge, seL4_CPtr *SignalCap)
{
    *SignalCap = KipMintSignal(Notification, Badge);
    if (*SignalCap == 0 || seL4_IRQHandler_SetNotification(Handler, *SignalCap) != seL4_NoError)
        return STATUS_INSUFFICIENT_RESOURCES;
    seL4_IRQHandler_Ack(Handler);
    return STATUS_SUCCESS;
}

NTSTATUS KiConnectInterrupt(ULONG Pin, BOOLEAN Level, BOOLEAN ActiveLow, ULONG Signal, seL4_CPtr *Handler)
{
    seL4_CPtr SignalCap;
    NTSTATUS Status = KiGetInterrupt(Pin, Level, ActiveLow, Handler);

    if (NT_SUCCESS(Status))
        Status = KipConnect(*Handler, KiNotification, KI_BADGE_SIGNAL | 1ull << Signal, &SignalCap);
    return Status;
}

/* ------------------------------------------------------------------ channels */

NTSTATUS KeCreateHostChannel(PKPROCESS Process, KE_DOORBELL Doorbell, PVOID Context, PKHOST_CHANNEL *Result)
{
    PKHOST_CHANNEL Channel;
    ULONG Signal = KI_SIGNAL_FIRST_HOST;
    NTSTATUS Status;

    while (Signal < KI_SIGNAL_LIMIT && KipHosts[Signal] != NULL)
        Signal++;
    if (Signal == KI_SIGNAL_LIMIT)
        return STATUS_INSUFFICIENT_RESOURCES;
    Channel = ExAllocatePoolZero(NonPagedPool, sizeof(*Channel), 'hCeK');
    if (Channel == NULL)
        return STATUS_NO_MEMORY;
    Status = MmCreateKernelObject(seL4_NotificationObject, 0, &Channel->Notification);
    if (NT_SUCCESS(Status)) {
        Channel->RingCap = KipMintSignal(Channel->Notification.Cap, DRIVER_BADGE_REQUESTS);
        Status = Channel->RingCap != 0 ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    if (!NT_SUCCESS(Status)) {
        MmDeleteKernelObject(&Channel->Notification);
        ExFreePool(Channel);
        return Status;
    }
    Channel->Process = Process;
    Channel->Signal = Signal;
    Channel->Doorbell = Doorbell;
    Channel->Context = Context;
    Process->Channel = Channel;
    Process->CNodeBits = KI_HOST_CNODE_BITS;
    KipHosts[Signal] = Channel;
    *Result = Channel;
    return STATUS_SUCCESS;
}

VOID KeDeleteHostChannel(PKHOST_CHANNEL Channel)
{
    KipHosts[Channel->Signal] = NULL;
    Channel->Process->Channel = NULL;
    for (ULONG i = 0; i < Channel->ResourceCount; i++) {
        if (Channel->Resources[i].SignalCap == 0)
            continue;                   /* port ranges stay issued, for the next host */
        seL4_IRQHandler_Clear(Channel->Resources[i].Cap);
        MmDeleteCap(Channel->Resources[i].Cap);
        MmDeleteCap(Channel->Resources[i].SignalCap);
        KipVectorUsed[Channel->Resources[i].Vector] = FALSE;
    }
    MmDeleteCap(Channel->RingCap);
    MmDeleteKernelObject(&Channel->Notification);
    ExFreePool(Channel);
}

VOID KeRingHost(PKHOST_CHANNEL Channel)
{
    seL4_Signal(Channel->RingCap);
}

VOID KiHostSignals(ULONG64 Badge)
{
    Badge &= ~KI_BADGE_SIGNAL;
    for (ULONG Signal = KI_SIGNAL_FIRST_HOST; Badge >> Signal != 0; Signal++)
        if ((Badge >> Signal & 1) && KipHosts[Signal] != NULL)
            KipHosts[Signal]->Doorbell(KipHosts[Signal]->Context);
}

static KI_RESOURCE *KipNewResource(PKHOST_CHANNEL Channel, PULONG Slot)
{
    if (Channel->ResourceCount == KI_MAX_RESOURCES)
        return NULL;
    *Slot = DRIVER_SLOT_FIRST_RESOURCE + Channel->ResourceCount;
    return &Channel->Resources[Channel->ResourceCount];
}

NTSTATUS KeGrantInterrupt(PKHOST_CHANNEL Channel, ULONG IsaIrq, ULONG BadgeBit, PULONG Slot)
{
    KI_RESOURCE *Resource = KipNewResource(Channel, Slot);
    BOOLEAN Level, ActiveLow;
    ULONG Pin;
    NTSTATUS Status;

    if (Resource == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    HalGetIsaInterrupt(IsaIrq, &Pin, &Level, &ActiveLow);
    Status = KiGetInterrupt(Pin, Level, ActiveLow, &Resource->Cap);
    if (!NT_SUCCESS(Status))
        return Status;
    Resource->Vector = (UCHAR)Pin;
    Status = KipConnect(Resource->Cap, Channel->Notification.Cap, 1ull << BadgeBit, &Resource->SignalCap);
    if (!NT_SUCCESS(Status)) {
        MmDeleteCap(Resource->Cap);
        KipVectorUsed[Pin] = FALSE;
        return Status;
    }
    Channel->ResourceCount++;
    return STATUS_SUCCESS;
}

NTSTATUS KeGrantPorts(PKHOST_CHANNEL Channel, USHORT First, USHORT Last, PULONG Slot)
{
    KI_RESOURCE *Resource = KipNewResource(Channel, Slot);

    if (Resource == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Resource->Cap = KiGetPortCap(First, Last);
    if (Resource->Cap == 0)
        return STATUS_CONFLICTING_ADDRESSES;
    Channel->ResourceCount++;
    return STATUS_SUCCESS;
}

static seL4_Error KipGive(PKTHREAD Thread, ULONG Slot, seL4_CPtr Cap, seL4_CapRights_t Rights, ULONG64 Badge)
{
    return seL4_CNode_Mint(Thread->User->CNode.Cap, Slot, KI_HOST_CNODE_BITS, MmRootCNode, Cap, MM_CSPACE_DEPTH, Rights,
                           Badge);
}

NTSTATUS KiInstallHostCaps(PKHOST_CHANNEL Channel, PKTHREAD Thread)
{
    seL4_CPtr Notification = Channel->Notification.Cap;

    if (KipGive(Thread, DRIVER_SLOT_WAIT, Notification, seL4_CanRead, 0) != seL4_NoError ||
        KipGive(Thread, DRIVER_SLOT_SELF, Notification, seL4_CanWrite, DRIVER_BADGE_SELF) != seL4_NoError ||
        KipGive(Thread, DRIVER_SLOT_DOORBELL, KiNotification, seL4_CanWrite,
                KI_BADGE_SIGNAL | 1ull << Channel->Signal) != seL4_NoError)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (ULONG i = 0; i < Channel->ResourceCount; i++)
        if (seL4_CNode_Copy(Thread->User->CNode.Cap, DRIVER_SLOT_FIRST_RESOURCE + i, KI_HOST_CNODE_BITS, MmRootCNode,
                            Channel->Resources[i].Cap, MM_CSPACE_DEPTH, seL4_AllRights) != seL4_NoError)
            return STATUS_INSUFFICIENT_RESOURCES;
    return STATUS_SUCCESS;
}
