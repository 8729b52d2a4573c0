/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtNotifyChangeKey, NtNotifyChangeMultipleKeys.  The first call through an open (body) makes it watch its key, with that call's filter and tree flag: others "will be
 * ignored", says RegNotifyChangeKeyValue.  A CM_NOTIFY, one a call, hangs on the body; the first change that the filter names ends it, the
 * deletion of the key too.  A change that finds no call is kept for the next one, so that who calls again misses none.  The last close of
 * the handle ends it with STATUS_NOTIFY_CLEANUP, and so does the end of the thread that asked for it; with
 * REG_NOTIFY_THREAD_AGNOSTIC, the end of its process.
 *
 * A call for two keys has a second CM_NOTIFY, the first one's Slave, on an open of its own without a handle: what ends one ends both.
 *
 * Ending it writes the status block of the program, sets its event and queues its APC, all of which were reserved
 * when it was made.  A synchronous call waits on an event of its own, on a coroutine.
 */
#include "ntos/cm/cmp.h"
#include "ntos/inc/io.h"

typedef struct _CM_NOTIFY {
    LIST_ENTRY BodyLink;                /* CM_KEY_BODY.NotifyList */
    struct _CM_NOTIFY *Next, **Link;    /* EPROCESS.KeyNotifies; not of a synchronous one */
    BOOLEAN ThreadAgnostic;
    BOOLEAN Synchronous;                /* on the stack of the waiting service, not in pool */
    NTSTATUS Status;
    struct _CM_NOTIFY *Slave;           /* pool, or NULL */
    struct _CM_NOTIFY *Master;          /* of a slave, which uses nothing else but BodyLink and Body */
    PCM_KEY_BODY Body;                  /* a slave's: referenced */
    PKEVENT Event;                      /* referenced, or NULL */
    PKAPC Apc;                          /* pool, or NULL */
    PEPROCESS Process;                  /* referenced */
    PETHREAD Thread;                    /* referenced */
    PIO_STATUS_BLOCK UserStatus;
    PVOID ApcContext;
    KEVENT Done;                        /* synchronous */
} CM_NOTIFY, *PCM_NOTIFY;

static VOID CmpFreeNotify(PCM_NOTIFY Notify)
{
    if (Notify->Event != NULL)
        ObDereferenceObject(Notify->Event);
    if (Notify->Apc != NULL)
        ExFreePoolWithTag(Notify->Apc, CM_TAG_NOTIFY);
    ObDereferenceObject(Notify->Process);
    ObDereferenceObject(Notify->Thread);
    ExFreePoolWithTag(Notify, CM_TAG_NOTIFY);
}

static VOID CmpApcDone(PKAPC Apc, PVOID *NormalRoutine, PVOID *NormalContext, PVOID *SystemArgument1,
        PVOID *SystemArgument2)
{
    ExFreePoolWithTag(Apc, CM_TAG_NOTIFY);
}

static VOID CmpApcRundown(PKAPC Apc)
{
    ExFreePoolWithTag(Apc, CM_TAG_NOTIFY);
}

/* The open of a slave ends its watch, and goes. */
static VOID CmpFreeSlave(PCM_NOTIFY Master)
{
    PCM_NOTIFY Slave = Master->Slave;

    if (Slave == NULL)
        return;
    Master->Slave = NULL;
    RemoveEntryList(&Slave->BodyLink);
    CmpCancelNotify(Slave->Body);
    ObDereferenceObject(Slave->Body);
    ExFreePoolWithTag(Slave, CM_TAG_NOTIFY);
}

static VOID CmpEndNotify(PCM_NOTIFY Notify, NTSTATUS Status)
{
    IO_STATUS_BLOCK Block = IoMakeStatus(Status, 0);

    if (Notify->Master != NULL)
        Notify = Notify->Master;
    RemoveEntryList(&Notify->BodyLink);
    CmpFreeSlave(Notify);
    Notify->Status = Status;
    if (Notify->Synchronous) {
        KeSetEvent(&Notify->Done, 0, FALSE);
        return;
    }
    *Notify->Link = Notify->Next;
    if (Notify->Next != NULL)
        Notify->Next->Link = Notify->Link;
    /* A status block that is gone by now is the program's loss. */
    if (Notify->UserStatus != NULL)
        MmWriteSpace(&Notify->Process->Vm, Notify->UserStatus, &Block, sizeof(Block));
    if (Notify->Event != NULL)
        KeSetEvent(Notify->Event, 0, FALSE);
    if (Notify->Apc != NULL && KeInsertQueueApc(Notify->Apc, Notify->UserStatus, NULL))
        Notify->Apc = NULL;
    CmpFreeNotify(Notify);
}

/* The last of a slave's open may hold it. */
static VOID CmpEndNotifies(PCM_KEY_BODY Body, NTSTATUS Status)
{
    ObReferenceObject(Body);
    while (!IsListEmpty(&Body->NotifyList))
        CmpEndNotify(CONTAINING_RECORD(Body->NotifyList.Flink, CM_NOTIFY, BodyLink), Status);
    ObDereferenceObject(Body);
}

static VOID CmpEndWatch(PCM_KEY_BODY Body, NTSTATUS Status)
{
    if (!Body->Watching)
        return;
    Body->Watching = FALSE;
    RemoveEntryList(&Body->WatchLink);
    CmpEndNotifies(Body, Status);
}

VOID CmpReportChange(PCM_KEY Key, ULONG Filter)
{
    PLIST_ENTRY Next;

    for (PCM_KEY k = Key; k != NULL; k = k->Parent) {
        if (k->Flags & CM_KEY_HIVE && !(Key->Flags & CM_KEY_VOLATILE))
            CmpMarkHiveDirty(k);
        for (PLIST_ENTRY Link = k->WatchList.Flink; Link != &k->WatchList; Link = Next) {
            PCM_KEY_BODY Body = CONTAINING_RECORD(Link, CM_KEY_BODY, WatchLink);

            Next = Link->Flink;         /* a slave's open goes */
            if (!(Body->WatchFilter & Filter) || (k != Key && !Body->WatchTree))
                continue;
            Body->ChangePending = IsListEmpty(&Body->NotifyList);
            CmpEndNotifies(Body, STATUS_NOTIFY_ENUM_DIR);
        }
    }
}

VOID CmpReportDeleted(PCM_KEY Key)
{
    while (!IsListEmpty(&Key->WatchList))
        CmpEndWatch(CONTAINING_RECORD(Key->WatchList.Flink, CM_KEY_BODY, WatchLink), STATUS_NOTIFY_ENUM_DIR);
}

VOID CmpCancelNotify(PCM_KEY_BODY Body)
{
    CmpEndWatch(Body, STATUS_NOTIFY_CLEANUP);
}

/* Ends what Thread asked for; NULL: what the whole process did. */
static VOID CmpEndNotifiesOf(PEPROCESS Process, PETHREAD Thread)
{
    PCM_NOTIFY Next;

    for (PCM_NOTIFY Notify = Process->KeyNotifies; Notify != NULL; Notify = Next) {
        Next = Notify->Next;
        if (Thread == NULL || (Notify->Thread == Thread && !Notify->ThreadAgnostic))
            CmpEndNotify(Notify, STATUS_NOTIFY_CLEANUP);
    }
}

static VOID CmpThreadNotify(PETHREAD Thread, BOOLEAN Created)
{
    if (!Created)
        CmpEndNotifiesOf((PEPROCESS)Thread->Tcb.OwningProcess, Thread);
}

static VOID CmpProcessNotify(PEPROCESS Process, BOOLEAN Created)
{
    if (!Created)
        CmpEndNotifiesOf(Process, NULL);
}

NTSTATUS CmpInitNotify(VOID)
{
    NTSTATUS Status = PsSetCreateThreadNotifyRoutine(CmpThreadNotify);

    return NT_SUCCESS(Status) ? PsSetCreateProcessNotifyRoutine(CmpProcessNotify) : Status;
}

static VOID CmpWatch(PCM_KEY_BODY Body, ULONG Filter, BOOLEAN WatchTree)
{
    if (Body->Watching)
        return;
    Body->Watching = TRUE;
    Body->WatchFilter = Filter;
    Body->WatchTree = WatchTree;
    InsertTailList(&Body->Key->WatchList, &Body->WatchLink);
}

/* All is ready for its end, which a change that came before brings at once. */
static VOID CmpLinkNotify(PCM_NOTIFY Notify, PCM_KEY_BODY Body)
{
    InsertTailList(&Body->NotifyList, &Notify->BodyLink);
    if (!Body->ChangePending)
        return;
    Body->ChangePending = FALSE;
    CmpEndNotify(Notify, STATUS_NOTIFY_ENUM_DIR);
}

/* The second key's open; what came for it before it was opened nobody has seen. */
static NTSTATUS CmpAddSlave(PCM_NOTIFY Master, PCM_KEY_BODY Body)
{
    if (Body == NULL)
        return STATUS_SUCCESS;
    Master->Slave = ExAllocatePoolZero(NonPagedPool, sizeof(*Master->Slave), CM_TAG_NOTIFY);
    if (Master->Slave == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Master->Slave->Master = Master;
    Master->Slave->Body = Body;
    ObReferenceObject(Body);
    InsertTailList(&Body->NotifyList, &Master->Slave->BodyLink);
    return STATUS_SUCCESS;
}

static NTSTATUS CmpWaitForChange(PCM_KEY_BODY Body, PCM_KEY_BODY Second, PIO_STATUS_BLOCK UserStatus)
{
    CM_NOTIFY Notify = { .Synchronous = TRUE };
    NTSTATUS Status = CmpAddSlave(&Notify, Second);

    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeEvent(&Notify.Done, NotificationEvent, FALSE);
    CmpLinkNotify(&Notify, Body);
    Status = KeWaitForSingleObject(&Notify.Done, UserRequest, UserMode, FALSE, NULL);
    if (Status != STATUS_WAIT_0) {
        /* The thread ends: nothing came. */
        if (!KeReadStateEvent(&Notify.Done)) {
            RemoveEntryList(&Notify.BodyLink);
            CmpFreeSlave(&Notify);
        }
        return Status;
    }
    Status = MmPutUser(UserStatus, IoMakeStatus(Notify.Status, 0));
    return NT_SUCCESS(Status) ? Notify.Status : Status;
}

static NTSTATUS CmpStartNotify(PCM_KEY_BODY Body, PCM_KEY_BODY Second, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
        PVOID ApcContext, PIO_STATUS_BLOCK UserStatus, BOOLEAN ThreadAgnostic)
{
    PCM_NOTIFY Notify = ExAllocatePoolZero(NonPagedPool, sizeof(*Notify), CM_TAG_NOTIFY);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Notify == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Notify->Process = PsGetCurrentProcess();
    Notify->Thread = PsGetCurrentThread();
    ObReferenceObject(Notify->Process);
    ObReferenceObject(Notify->Thread);
    Notify->ThreadAgnostic = ThreadAgnostic;
    Notify->UserStatus = UserStatus;
    if (Event != NULL) {
        Status = ObReferenceObjectByHandle(Event, EVENT_MODIFY_STATE, ExEventObjectType, UserMode,
                                           (PVOID *)&Notify->Event, NULL);
    }
    if (NT_SUCCESS(Status) && ApcRoutine != NULL) {
        Notify->Apc = ExAllocatePoolZero(NonPagedPool, sizeof(KAPC), CM_TAG_NOTIFY);
        if (Notify->Apc == NULL)
            Status = STATUS_INSUFFICIENT_RESOURCES;
        else
            KeInitializeApc(Notify->Apc, &Notify->Thread->Tcb, CmpApcDone, CmpApcRundown, (PVOID)(ULONG_PTR)ApcRoutine,
                            ApcContext);
    }
    if (NT_SUCCESS(Status))
        Status = CmpAddSlave(Notify, Second);
    if (!NT_SUCCESS(Status)) {
        CmpFreeNotify(Notify);
        return Status;
    }
    if (Notify->Event != NULL)
        KeResetEvent(Notify->Event);
    Notify->Next = Notify->Process->KeyNotifies;
    Notify->Link = &Notify->Process->KeyNotifies;
    if (Notify->Next != NULL)
        Notify->Next->Link = &Notify->Next;
    Notify->Process->KeyNotifies = Notify;
    CmpLinkNotify(Notify, Body);
    return STATUS_PENDING;
}

/* What a call opens: a key and perhaps one more, which is of another hive. */
static NTSTATUS CmpOpenWatched(HANDLE KeyHandle, POBJECT_ATTRIBUTES Other, PCM_KEY_BODY *Body, PCM_KEY_BODY *Second)
{
    NTSTATUS Status = CmpReferenceBody(KeyHandle, KEY_NOTIFY, Body);

    *Second = NULL;
    if (!NT_SUCCESS(Status) || Other == NULL)
        return Status;
    Status = CmpOpenBodyByName(Other, KEY_NOTIFY, Second);
    if (NT_SUCCESS(Status) && CmpHiveOf((*Second)->Key) == CmpHiveOf((*Body)->Key)) {
        ObDereferenceObject(*Second);
        Status = STATUS_INVALID_PARAMETER;
    }
    if (!NT_SUCCESS(Status))
        ObDereferenceObject(*Body);
    return Status;
}

/* DIFFERS: Buffer is not used (NT does not either); the filter bits are NT's. */
NTSTATUS NTAPI NtNotifyChangeMultipleKeys(HANDLE MasterKeyHandle, ULONG Count, POBJECT_ATTRIBUTES SubordinateObjects,
        HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
        ULONG CompletionFilter, BOOLEAN WatchTree, PVOID Buffer, ULONG BufferSize, BOOLEAN Asynchronous)
{
    ULONG Filter = CompletionFilter & ~(ULONG)REG_NOTIFY_THREAD_AGNOSTIC;
    PCM_KEY_BODY Body, Second;
    NTSTATUS Status;

    if (CompletionFilter == 0 || CompletionFilter & ~REG_LEGAL_CHANGE_FILTER || Count > 1 ||
        (Count == 1 && SubordinateObjects == NULL))
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = CmpOpenWatched(MasterKeyHandle, Count == 1 ? SubordinateObjects : NULL, &Body, &Second);
    if (!NT_SUCCESS(Status))
        return Status;
    CmpWatch(Body, Filter, WatchTree != 0);
    if (Second != NULL)
        CmpWatch(Second, Filter, WatchTree != 0);
    if (Asynchronous)
        Status = CmpStartNotify(Body, Second, Event, ApcRoutine, ApcContext, IoStatusBlock, Filter != CompletionFilter);
    else
        Status = CmpWaitForChange(Body, Second, IoStatusBlock);
    if (Second != NULL) {
        /* A call that failed, or has its answer, leaves no watch. */
        if (IsListEmpty(&Second->NotifyList))
            CmpCancelNotify(Second);
        ObDereferenceObject(Second);
    }
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS NTAPI NtNotifyChangeKey(HANDLE KeyHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG CompletionFilter, BOOLEAN WatchTree, PVOID Buffer, ULONG BufferSize,
        BOOLEAN Asynchronous)
{
    return NtNotifyChangeMultipleKeys(KeyHandle, 0, NULL, Event, ApcRoutine, ApcContext, IoStatusBlock, CompletionFilter,
                                      WatchTree, Buffer, BufferSize, Asynchronous);
}
