/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts: connecting service routines to lines, and calling them.
 *
 * A line of the host is an interrupt resource of one of its drivers: an IRQ handler capability and a badge bit.  The
 * kernel masks a line when it fires.  An edge that comes while the line is masked is lost, so a latched line is
 * acknowledged (unmasked) before its service routines run, a level-triggered one after them.  A line to which
 * nobody is connected stays masked; connecting unmasks it.  Vectors are 0x30 + the ISA interrupt number.
 *
 * Entry points: IoConnectInterrupt(Ex), IoDisconnectInterrupt(Ex), KeSynchronizeExecution, HostDispatchInterrupts.
 */
#include "host.h"

struct _KINTERRUPT {
    LIST_ENTRY Link; /* in HostInterrupts */
    PKSERVICE_ROUTINE ServiceRoutine;
    PVOID ServiceContext;
    PKSPIN_LOCK SpinLock;
    KSPIN_LOCK OwnSpinLock;
    KIRQL SynchronizeIrql;
    BOOLEAN IsLatched;
    ULONG BadgeBit;
    seL4_CPtr Slot;
};

static LIST_ENTRY HostInterrupts = {&HostInterrupts, &HostInterrupts};

/* The resource of this host that Vector names, or NULL. */
static const volatile DRIVER_RESOURCE *HostFindLine(ULONG Vector)
{
    const volatile DRIVER_DESCRIPTOR *Driver;
    ULONG i, j;

    for (i = 0; i < HOST_START->DriverCount; i++) {
        Driver = &HOST_START->Drivers[i];
        for (j = 0; j < Driver->ResourceCount; j++) {
            if (Driver->Resources[j].Type == DRIVER_RESOURCE_INTERRUPT &&
                Driver->Resources[j].Start + HOST_VECTOR_BASE == Vector)
                return &Driver->Resources[j];
        }
    }
    return NULL;
}

NTSTATUS NTAPI IoConnectInterrupt(PKINTERRUPT *InterruptObject, PKSERVICE_ROUTINE ServiceRoutine, PVOID ServiceContext,
                                  PKSPIN_LOCK SpinLock, ULONG Vector, KIRQL Irql, KIRQL SynchronizeIrql,
                                  KINTERRUPT_MODE InterruptMode, BOOLEAN ShareVector, KAFFINITY ProcessorEnableMask,
                                  BOOLEAN FloatingSave)
{
    const volatile DRIVER_RESOURCE *Line = HostFindLine(Vector);
    PKINTERRUPT Interrupt;

    *InterruptObject = NULL;
    if (Line == NULL)
        return STATUS_INVALID_PARAMETER;
    Interrupt = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Interrupt), HOST_TAG);
    if (Interrupt == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Interrupt, sizeof(*Interrupt));
    Interrupt->ServiceRoutine = ServiceRoutine;
    Interrupt->ServiceContext = ServiceContext;
    Interrupt->SpinLock = SpinLock != NULL ? SpinLock : &Interrupt->OwnSpinLock;
    Interrupt->SynchronizeIrql = SynchronizeIrql;
    Interrupt->IsLatched = (Line->Flags & DRIVER_RESOURCE_LEVEL) == 0;
    Interrupt->BadgeBit = Line->BadgeBit;
    Interrupt->Slot = Line->Slot;
    InsertTailList(&HostInterrupts, &Interrupt->Link);
    *InterruptObject = Interrupt;
    seL4_IRQHandler_Ack(Interrupt->Slot);
    return STATUS_SUCCESS;
}

VOID NTAPI IoDisconnectInterrupt(PKINTERRUPT Interrupt)
{
    RemoveEntryList(&Interrupt->Link);
    ExFreePoolWithTag(Interrupt, HOST_TAG);
}

/* Message-signalled interrupts are not offered to drivers. */
NTSTATUS NTAPI IoConnectInterruptEx(PIO_CONNECT_INTERRUPT_PARAMETERS Parameters)
{
    if (Parameters->Version != CONNECT_FULLY_SPECIFIED)
        return STATUS_NOT_SUPPORTED;
    return IoConnectInterrupt(Parameters->FullySpecified.InterruptObject, Parameters->FullySpecified.ServiceRoutine,
                              Parameters->FullySpecified.ServiceContext, Parameters->FullySpecified.SpinLock,
                              Parameters->FullySpecified.Vector, Parameters->FullySpecified.Irql,
                              Parameters->FullySpecified.SynchronizeIrql, Parameters->FullySpecified.InterruptMode,
                              Parameters->FullySpecified.ShareVector, Parameters->FullySpecified.ProcessorEnableMask,
                              Parameters->FullySpecified.FloatingSave);
}

VOID NTAPI IoDisconnectInterruptEx(PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters)
{
    if (Parameters->Version == CONNECT_FULLY_SPECIFIED)
        IoDisconnectInterrupt(Parameters->ConnectionContext.InterruptObject);
}

BOOLEAN NTAPI KeSynchronizeExecution(PKINTERRUPT Interrupt, PKSYNCHRONIZE_ROUTINE SynchronizeRoutine,
                                     PVOID SynchronizeContext)
{
    PHOST_THREAD Thread = HostCurrentThread();
    KIRQL OldIrql = Thread->Irql;
    BOOLEAN Result;

    Thread->Irql = Interrupt->SynchronizeIrql;
    Result = SynchronizeRoutine(SynchronizeContext);
    Thread->Irql = OldIrql;
    return Result;
}

KIRQL NTAPI KeAcquireInterruptSpinLock(PKINTERRUPT Interrupt)
{
    PHOST_THREAD Thread = HostCurrentThread();
    KIRQL OldIrql = Thread->Irql;

    Thread->Irql = Interrupt->SynchronizeIrql;
    return OldIrql;
}

VOID NTAPI KeReleaseInterruptSpinLock(PKINTERRUPT Interrupt, KIRQL OldIrql)
{
    HostCurrentThread()->Irql = OldIrql;
}

/* Runs the routines of one line and unmasks it; does nothing if nobody is connected. */
static VOID HostServiceLine(ULONG BadgeBit)
{
    PHOST_THREAD Thread = HostCurrentThread();
    KIRQL OldIrql = Thread->Irql;
    PKINTERRUPT Interrupt, Last = NULL;
    PLIST_ENTRY Entry;

    for (Entry = HostInterrupts.Flink; Entry != &HostInterrupts; Entry = Entry->Flink) {
        Interrupt = CONTAINING_RECORD(Entry, struct _KINTERRUPT, Link);
        if (Interrupt->BadgeBit != BadgeBit)
            continue;
        if (Last == NULL && Interrupt->IsLatched)
            seL4_IRQHandler_Ack(Interrupt->Slot);
        Last = Interrupt;
        Thread->Irql = Interrupt->SynchronizeIrql;
        Interrupt->ServiceRoutine(Interrupt, Interrupt->ServiceContext);
    }
    Thread->Irql = OldIrql;
    if (Last != NULL && !Last->IsLatched)
        seL4_IRQHandler_Ack(Last->Slot);
}

VOID HostDispatchInterrupts(ULONGLONG Bits)
{
    ULONG BadgeBit = DRIVER_FIRST_IRQ_BADGE_BIT;

    for (Bits >>= DRIVER_FIRST_IRQ_BADGE_BIT; Bits != 0; Bits >>= 1, BadgeBit++) {
        if (Bits & 1)
            HostServiceLine(BadgeBit);
    }
}
