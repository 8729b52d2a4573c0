/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IRQL, spin locks, interlocked lists, device queues.
 *
 * The host lock already keeps other threads out (host.h), so these keep only what driver code can observe: the IRQL of
 * the thread, and whether a spin lock is held.  Acquiring a held lock can only be a driver's deadlock and is
 * reported as such.  Nothing here waits.
 */
#include "host.h"

KIRQL NTAPI KeGetCurrentIrql(VOID)
{
    return HostCurrentThread()->Irql;
}

VOID NTAPI KeLowerIrql(KIRQL NewIrql)
{
    HostCurrentThread()->Irql = NewIrql;
}

KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql)
{
    PHOST_THREAD Thread = HostCurrentThread();
    KIRQL OldIrql = Thread->Irql;

    Thread->Irql = NewIrql;
    return OldIrql;
}

KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID)
{
    return KfRaiseIrql(DISPATCH_LEVEL);
}

/* --- spin locks ------------------------------------------------------------------------------------------------- */

static VOID HostTakeSpinLock(PKSPIN_LOCK SpinLock)
{
    if (*SpinLock != 0)
        KeBugCheckEx(0x0F /* SPIN_LOCK_ALREADY_OWNED */, (ULONG_PTR)SpinLock, 0, 0, 0);
    *SpinLock = 1;
}

VOID NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock)
{
    *SpinLock = 0;
}

KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock)
{
    KIRQL OldIrql = KfRaiseIrql(DISPATCH_LEVEL);

    HostTakeSpinLock(SpinLock);
    return OldIrql;
}

VOID NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql)
{
    *SpinLock = 0;
    KeLowerIrql(NewIrql);
}

VOID NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock)
{
    HostTakeSpinLock(SpinLock);
}

VOID NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock)
{
    *SpinLock = 0;
}

VOID FASTCALL KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle)
{
    LockHandle->LockQueue.Lock = SpinLock;
    LockHandle->OldIrql = KeAcquireSpinLockRaiseToDpc(SpinLock);
}

VOID FASTCALL KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle)
{
    KeReleaseSpinLock(LockHandle->LockQueue.Lock, LockHandle->OldIrql);
}

/* --- interlocked lists (the lock is not needed, see above) ------------------------------------------------------ */

PLIST_ENTRY NTAPI ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY First = IsListEmpty(ListHead) ? NULL : ListHead->Flink;

    InsertHeadList(ListHead, ListEntry);
    return First;
}

PLIST_ENTRY NTAPI ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry, PKSPIN_LOCK Lock)
{
    PLIST_ENTRY Last = IsListEmpty(ListHead) ? NULL : ListHead->Blink;

    InsertTailList(ListHead, ListEntry);
    return Last;
}

PLIST_ENTRY NTAPI ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    return IsListEmpty(ListHead) ? NULL : RemoveHeadList(ListHead);
}

PSINGLE_LIST_ENTRY NTAPI ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock)
{
    return PopEntryList(ListHead);
}

PSINGLE_LIST_ENTRY NTAPI ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY ListEntry,
                                                    PKSPIN_LOCK Lock)
{
    PSINGLE_LIST_ENTRY First = ListHead->Next;

    PushEntryList(ListHead, ListEntry);
    return First;
}

/* --- sequenced lists: HeaderX64, entries are 16-byte aligned ---------------------------------------------------- */

VOID NTAPI InitializeSListHead(PSLIST_HEADER SListHead)
{
    RtlZeroMemory(SListHead, sizeof(*SListHead));
    SListHead->HeaderX64.HeaderType = 1;
}

USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER SListHead)
{
    return (USHORT)SListHead->HeaderX64.Depth;
}

PSLIST_ENTRY ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry)
{
    PSLIST_ENTRY First = (PSLIST_ENTRY)((ULONG_PTR)ListHead->HeaderX64.NextEntry << 4);

    ListEntry->Next = First;
    ListHead->HeaderX64.NextEntry = (ULONG_PTR)ListEntry >> 4;
    ListHead->HeaderX64.Depth++;
    ListHead->HeaderX64.Sequence++;
    return First;
}

PSLIST_ENTRY ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead)
{
    PSLIST_ENTRY First = (PSLIST_ENTRY)((ULONG_PTR)ListHead->HeaderX64.NextEntry << 4);

    if (First == NULL)
        return NULL;
    ListHead->HeaderX64.NextEntry = (ULONG_PTR)First->Next >> 4;
    ListHead->HeaderX64.Depth--;
    return First;
}

PSLIST_ENTRY ExpInterlockedFlushSList(PSLIST_HEADER ListHead)
{
    PSLIST_ENTRY First = (PSLIST_ENTRY)((ULONG_PTR)ListHead->HeaderX64.NextEntry << 4);

    InitializeSListHead(ListHead);
    return First;
}

/* --- device queues ---------------------------------------------------------------------------------------------- */

VOID NTAPI KeInitializeDeviceQueue(PKDEVICE_QUEUE DeviceQueue)
{
    RtlZeroMemory(DeviceQueue, sizeof(*DeviceQueue));
    InitializeListHead(&DeviceQueue->DeviceListHead);
}

BOOLEAN NTAPI KeInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
    DeviceQueueEntry->Inserted = DeviceQueue->Busy;
    if (DeviceQueue->Busy)
        InsertTailList(&DeviceQueue->DeviceListHead, &DeviceQueueEntry->DeviceListEntry);
    DeviceQueue->Busy = TRUE;
    return DeviceQueueEntry->Inserted;
}

BOOLEAN NTAPI KeInsertByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry, ULONG SortKey)
{
    PLIST_ENTRY Entry;

    DeviceQueueEntry->SortKey = SortKey;
    DeviceQueueEntry->Inserted = DeviceQueue->Busy;
    if (DeviceQueue->Busy) {
        for (Entry = DeviceQueue->DeviceListHead.Flink; Entry != &DeviceQueue->DeviceListHead; Entry = Entry->Flink) {
            if (CONTAINING_RECORD(Entry, KDEVICE_QUEUE_ENTRY, DeviceListEntry)->SortKey > SortKey)
                break;
        }
        InsertTailList(Entry, &DeviceQueueEntry->DeviceListEntry);
    }
    DeviceQueue->Busy = TRUE;
    return DeviceQueueEntry->Inserted;
}

PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue)
{
    PKDEVICE_QUEUE_ENTRY Entry;

    if (IsListEmpty(&DeviceQueue->DeviceListHead)) {
        DeviceQueue->Busy = FALSE;
        return NULL;
    }
    Entry = CONTAINING_RECORD(RemoveHeadList(&DeviceQueue->DeviceListHead), KDEVICE_QUEUE_ENTRY, DeviceListEntry);
    Entry->Inserted = FALSE;
    return Entry;
}

BOOLEAN NTAPI KeRemoveEntryDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry)
{
    BOOLEAN WasInserted = DeviceQueueEntry->Inserted;

    if (WasInserted)
        RemoveEntryList(&DeviceQueueEntry->DeviceListEntry);
    DeviceQueueEntry->Inserted = FALSE;
    return WasInserted;
}
