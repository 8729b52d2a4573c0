/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: byte-range locks.  A lock belongs to an open file, a process and a key; shared locks forbid writing to
 * others, exclusive ones reading too.  A request that conflicts waits in the node's list, oldest first, unless it asked
 * not to; it can be cancelled.  Cleanup of the open releases its locks.
 */
#include "ntos/io/memfs.h"

static PEPROCESS MemfsLockOwner(VOID)
{
    return (PEPROCESS)KeGetCurrentThread()->OwningProcess;
}

static BOOLEAN MemfsOverlaps(const MEMFS_LOCK *Lock, ULONG64 First, ULONG64 Last)
{
    return Lock->First <= Last && First <= Lock->Last;
}

static BOOLEAN MemfsOwns(const MEMFS_LOCK *Lock, PFILE_OBJECT File, PEPROCESS Process, ULONG Key)
{
    return Lock->File == File && Lock->Process == Process && Lock->Key == Key;
}

BOOLEAN MemfsCheckLocks(PFILE_OBJECT File, ULONG64 Offset, ULONG64 Length, ULONG Key, BOOLEAN Write)
{
    PMEMFS_NODE Node = MemfsNode(File);
    PLIST_ENTRY Entry;

    if (Length == 0)
        return TRUE;
    for (Entry = Node->LockList.Flink; Entry != &Node->LockList; Entry = Entry->Flink) {
        PMEMFS_LOCK Lock = CONTAINING_RECORD(Entry, MEMFS_LOCK, ListEntry);

        if (!MemfsOverlaps(Lock, Offset, Offset + Length - 1))
            continue;
        if (Lock->Exclusive ? !MemfsOwns(Lock, File, MemfsLockOwner(), Key) : Write)
            return FALSE;
    }
    return TRUE;
}

/* "A shared lock can overlap an exclusive lock if both locks were created using the same file handle" (LockFileEx). */
static BOOLEAN MemfsConflicts(const MEMFS_LOCK *Lock, const IRP *Irp, PEPROCESS Process)
{
    if (Irp->Parameters.Lock.Exclusive || !Lock->Exclusive)
        return Irp->Parameters.Lock.Exclusive;
    return !MemfsOwns(Lock, Irp->FileObject, Process, Irp->Parameters.Lock.Key);
}

/* TRUE: granted (or no memory for it, *Status). */
static BOOLEAN MemfsTryLock(PMEMFS_NODE Node, PIRP Irp, PEPROCESS Process, PNTSTATUS Status)
{
    ULONG64 First = Irp->Parameters.Lock.ByteOffset.QuadPart;
    ULONG64 Last = First + Irp->Parameters.Lock.Length.QuadPart - 1;
    PLIST_ENTRY Entry;
    PMEMFS_LOCK New;

    for (Entry = Node->LockList.Flink; Entry != &Node->LockList; Entry = Entry->Flink) {
        PMEMFS_LOCK Lock = CONTAINING_RECORD(Entry, MEMFS_LOCK, ListEntry);

        if (MemfsOverlaps(Lock, First, Last) && MemfsConflicts(Lock, Irp, Process))
            return FALSE;
    }
    New = ExAllocatePoolWithTag(PagedPool, sizeof(*New), IO_TAG_MEMFS);
    *Status = New != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    if (New == NULL)
        return TRUE;
    New->First = First;
    New->Last = Last;
    New->File = Irp->FileObject;
    New->Process = Process;
    New->Key = Irp->Parameters.Lock.Key;
    New->Exclusive = Irp->Parameters.Lock.Exclusive;
    InsertTailList(&Node->LockList, &New->ListEntry);
    Irp->FileObject->LockOperation = TRUE;
    return TRUE;
}

/* Something was released: whoever can go on does. */
static VOID MemfsGrantWaiting(PMEMFS_NODE Node)
{
    PLIST_ENTRY Entry = Node->WaitingLocks.Flink;

    while (Entry != &Node->WaitingLocks) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, ListEntry);
        NTSTATUS Status;

        Entry = Entry->Flink;
        if (!MemfsTryLock(Node, Irp, Irp->DriverContext[0], &Status))
            continue;
        RemoveEntryList(&Irp->ListEntry);
        Irp->IoStatus.Status = Status;
        IoCompleteRequest(Irp);
    }
}

static VOID MemfsCancelLock(PIRP Irp)
{
    RemoveEntryList(&Irp->ListEntry);
    Irp->IoStatus.Status = STATUS_CANCELLED;
    IoCompleteRequest(Irp);
}

/* What can be locked: some bytes of a file. */
static NTSTATUS MemfsCheckRange(PFILE_OBJECT File, ULONG64 First, ULONG64 Length)
{
    if (MemfsIsDirectory(MemfsNode(File)) || MemfsCcb(File)->Volume)
        return STATUS_INVALID_PARAMETER;
    return Length == 0 || First + Length < First ? STATUS_INVALID_LOCK_RANGE : STATUS_SUCCESS;
}

/* The lock of just this range.  "The first unlock operation unlocks the exclusive lock" (LockFileEx). */
static PMEMFS_LOCK MemfsFindLock(PFILE_OBJECT File, ULONG64 First, ULONG64 Last, ULONG Key)
{
    PMEMFS_NODE Node = MemfsNode(File);
    PMEMFS_LOCK Found = NULL;

    for (PLIST_ENTRY Entry = Node->LockList.Flink; Entry != &Node->LockList; Entry = Entry->Flink) {
        PMEMFS_LOCK Lock = CONTAINING_RECORD(Entry, MEMFS_LOCK, ListEntry);

        if (MemfsOwns(Lock, File, MemfsLockOwner(), Key) && Lock->First == First && Lock->Last == Last &&
            (Found == NULL || (Lock->Exclusive && !Found->Exclusive)))
            Found = Lock;
    }
    return Found;
}

NTSTATUS MemfsUnlock(PFILE_OBJECT File, PLARGE_INTEGER Offset, PLARGE_INTEGER Length, ULONG Key)
{
    ULONG64 First = Offset->QuadPart, Last = First + Length->QuadPart - 1;
    NTSTATUS Status = MemfsCheckRange(File, First, Length->QuadPart);
    PMEMFS_LOCK Lock;

    if (!NT_SUCCESS(Status))
        return Status;
    Lock = MemfsFindLock(File, First, Last, Key);
    if (Lock == NULL)
        return STATUS_RANGE_NOT_LOCKED;
    RemoveEntryList(&Lock->ListEntry);
    ExFreePool(Lock);
    MemfsGrantWaiting(MemfsNode(File));
    return STATUS_SUCCESS;
}

/* Who waits for a lock when the handle goes gets none: nobody could give it back. */
static VOID MemfsRefuseWaiting(PMEMFS_NODE Node, PFILE_OBJECT File, PEPROCESS Process)
{
    PLIST_ENTRY Entry = Node->WaitingLocks.Flink;

    while (Entry != &Node->WaitingLocks) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, ListEntry);

        Entry = Entry->Flink;
        if (Irp->FileObject != File || (Process != NULL && Irp->DriverContext[0] != Process))
            continue;
        RemoveEntryList(&Irp->ListEntry);
        Irp->IoStatus.Status = STATUS_RANGE_NOT_LOCKED;
        IoCompleteRequest(Irp);
    }
}

VOID MemfsUnlockAll(PFILE_OBJECT File, PEPROCESS Process)
{
    PMEMFS_NODE Node = MemfsNode(File);
    PLIST_ENTRY Entry = Node->LockList.Flink;
    BOOLEAN Any = FALSE;

    MemfsRefuseWaiting(Node, File, Process);
    while (Entry != &Node->LockList) {
        PMEMFS_LOCK Lock = CONTAINING_RECORD(Entry, MEMFS_LOCK, ListEntry);

        Entry = Entry->Flink;
        if (Lock->File != File || (Process != NULL && Lock->Process != Process))
            continue;
        RemoveEntryList(&Lock->ListEntry);
        ExFreePool(Lock);
        Any = TRUE;
    }
    if (Any)
        MemfsGrantWaiting(Node);
}

static NTSTATUS MemfsLock(PMEMFS_NODE Node, PIRP Irp)
{
    NTSTATUS Status;

    if (MemfsTryLock(Node, Irp, MemfsLockOwner(), &Status))
        return Status;
    if (Irp->Parameters.Lock.FailImmediately)
        return STATUS_LOCK_NOT_GRANTED;
    Irp->DriverContext[0] = MemfsLockOwner();
    Irp->CancelRoutine = MemfsCancelLock;
    Irp->FileObject->LockOperation = TRUE;
    InsertTailList(&Node->WaitingLocks, &Irp->ListEntry);
    return STATUS_PENDING;
}

/* Locking no bytes is a success, and does nothing. */
NTSTATUS MemfsLockControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    ULONG64 Length = Irp->Parameters.Lock.Length.QuadPart;
    NTSTATUS Status = MemfsCheckRange(Irp->FileObject, Irp->Parameters.Lock.ByteOffset.QuadPart, Length);

    Irp->IoStatus.Information = 0;
    if (Status == STATUS_INVALID_LOCK_RANGE && Length == 0)
        Status = STATUS_SUCCESS;
    else if (NT_SUCCESS(Status))
        Status = MemfsLock(MemfsNode(Irp->FileObject), Irp);
    return Irp->IoStatus.Status = Status;
}
