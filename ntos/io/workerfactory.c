/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Type TpWorkerFactory: makes threads of its process when packets of a completion port wait and none of its workers does (nt/workerapi.h has the rules).
 *
 * A factory holds its port and its process; a worker (ETHREAD.WorkerFactory), the making of a worker and the release that is in the port's queue hold the
 * factory.  Whenever one of the counts changes that could ask for a worker, IopFeedFactory looks.  Workers are made on a coroutine of ntos, because those who
 * queue packets may not wait; what fails is tried again after the retry time.
 *
 * DIFFERS: NT also makes workers when those that run have not come back for WorkerFactoryTimeout, and holds them back while the processors are busy;
 * here none has to come back for the next to be made.
 * NtWaitForWorkViaWorkerFactory waits; nothing else does.
 */
#include "ntos/io/iop.h"
#include "ntos/inc/se.h"
#include "nt/alpcapi.h"
#include "nt/workerapi.h"

#define IOP_DEFAULT_WORKERS 500
#define IOP_SECOND 10000000ll           /* 100 ns */
#define IOP_SHORTEST_RETRY (IOP_SECOND / 1000)
#define IOP_LOW_REALTIME_PRIORITY 16
#define IOP_HIGH_PRIORITY 31
#define IOP_CPU_SET 0x100               /* the only processor's */

static POBJECT_TYPE IopWorkerFactoryType;

typedef struct _IOP_WORKER_FACTORY {
    LIST_ENTRY PortLinks;
    PIO_COMPLETION_PORT Port;
    PEPROCESS Process;
    PVOID StartRoutine, StartParameter;
    TP_POOL_STACK_INFORMATION Stack;
    LARGE_INTEGER Timeout, RetryTimeout, IdleTimeout;
    ULONG Minimum, Maximum;
    ULONG SoftMaximum;                  /* 0: none */
    ULONG BindingCount;
    ULONG Workers, Pending, Waiting;
    LONGLONG WaitGoal;                  /* workers that do not count for the soft maximum */
    LONG Priority;                      /* of new workers; 0: the process's */
    BOOLEAN Paused, Stopped, Creating;
    NTSTATUS LastStatus;
    KEVENT Changed;                     /* set for good when it stops, pulsed when those that wait have to look */
    ULONG Expirations;                  /* WorkerFactoryTimeoutWaiters, so often */
    IO_PACKET Release;                  /* in the port's queue while there are releases */
    ULONG Releases;
    KTIMER Retry;
    KDPC RetryDpc;
} IOP_WORKER_FACTORY, *PIOP_WORKER_FACTORY;

/* --- workers are made ----------------------------------------------------------------------------------------------- */

static BOOLEAN IopHasWork(PIOP_WORKER_FACTORY Factory)
{
    return KeReadStateSemaphore(&Factory->Port->Semaphore) != 0 && (Factory->BindingCount != 0 || Factory->Releases != 0);
}

static BOOLEAN IopMayCreate(PIOP_WORKER_FACTORY Factory)
{
    return !Factory->Stopped && !Factory->Paused && Factory->Workers < Factory->Maximum;
}

static BOOLEAN IopNeedsWorker(PIOP_WORKER_FACTORY Factory)
{
    if (!IopMayCreate(Factory) || Factory->Creating)
        return FALSE;
    if (Factory->Workers < Factory->Minimum)
        return TRUE;
    if (Factory->SoftMaximum != 0 && Factory->Workers >= Factory->SoftMaximum + Factory->WaitGoal)
        return FALSE;
    return Factory->Waiting == 0 && Factory->Pending == 0 && IopHasWork(Factory);
}

static VOID IopCreateWorker(PVOID Context);

static VOID IopRetryLater(PIOP_WORKER_FACTORY Factory, NTSTATUS Status)
{
    LARGE_INTEGER Due = { .QuadPart = min(Factory->RetryTimeout.QuadPart, -IOP_SHORTEST_RETRY) };

    Factory->LastStatus = Status;
    if (!Factory->Stopped)
        KeSetTimerEx(&Factory->Retry, Due, 0, &Factory->RetryDpc);
}

static VOID IopFeedFactory(PIOP_WORKER_FACTORY Factory)
{
    NTSTATUS Status;

    if (!IopNeedsWorker(Factory))
        return;
    Status = KeCreateSystemCoroutine(IopCreateWorker, Factory, NULL);
    if (!NT_SUCCESS(Status)) {
        IopRetryLater(Factory, Status);
        return;
    }
    ObReferenceObject(Factory);
    Factory->Creating = TRUE;
}

/* A coroutine of its own; the reference is its. */
static VOID IopCreateWorker(PVOID Context)
{
    PIOP_WORKER_FACTORY Factory = Context;
    PS_USER_THREAD Start = {
        .StartRoutine = Factory->StartRoutine, .Argument = Factory->StartParameter, .StackReserve = Factory->Stack.StackReserve,
        .StackCommit = Factory->Stack.StackCommit, .WorkerFactory = Factory,
    };
    NTSTATUS Status = STATUS_SHUTDOWN_IN_PROGRESS;

    if (!Factory->Stopped) {
        ObReferenceObject(Factory);     /* the worker's */
        Factory->Workers++;
        Factory->Pending++;
        Status = PsStartUserThread(Factory->Process, &Start);
        if (!NT_SUCCESS(Status)) {
            Factory->Workers--;
            Factory->Pending--;
            ObDereferenceObject(Factory);
        }
    }
    Factory->Creating = FALSE;
    Factory->LastStatus = Status;
    if (NT_SUCCESS(Status))
        IopFeedFactory(Factory);
    else if (Status != STATUS_PROCESS_IS_TERMINATING)
        IopRetryLater(Factory, Status);
    ObDereferenceObject(Factory);
}

static VOID IopRetryDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    IopFeedFactory(DeferredContext);
}

VOID IopFeedFactories(PIO_COMPLETION_PORT Port)
{
    for (PLIST_ENTRY Entry = Port->FactoryList.Flink; Entry != &Port->FactoryList; Entry = Entry->Flink)
        IopFeedFactory(CONTAINING_RECORD(Entry, IOP_WORKER_FACTORY, PortLinks));
}

/* --- workers come and go -------------------------------------------------------------------------------------------- */

static NTSTATUS IopJoinFactory(PIOP_WORKER_FACTORY Factory)
{
    PETHREAD Thread = PsGetCurrentThread();

    if (PsGetCurrentProcess() != Factory->Process || (Thread->WorkerFactory != NULL && Thread->WorkerFactory != Factory))
        return STATUS_INVALID_PARAMETER;
    if (Thread->WorkerFactory == NULL) {
        ObReferenceObject(Factory);
        Thread->WorkerFactory = Factory;
        Factory->Workers++;
    } else if (Thread->WorkerPending) {
        Factory->Pending--;
        if (Factory->Priority != 0) {
            Thread->Tcb.BasePriority = Factory->Priority;
            KeSetPriorityThread(&Thread->Tcb, Factory->Priority);
        }
    }
    Thread->WorkerPending = FALSE;
    return STATUS_SUCCESS;
}

VOID IopLeaveFactory(PETHREAD Thread)
{
    PIOP_WORKER_FACTORY Factory = Thread->WorkerFactory;

    if (Factory == NULL)
        return;
    Factory->Workers--;
    Thread->WorkerFactory = NULL;
    if (Thread->WorkerPending) {        /* the next would hardly do better at once */
        Factory->Pending--;
        Thread->WorkerPending = FALSE;
        IopRetryLater(Factory, Factory->LastStatus);
    } else {
        IopFeedFactory(Factory);
    }
    ObDereferenceObject(Factory);
}

/* Those that the minimum keeps wait for ever. */
static NTSTATUS IopWaitForWork(PIOP_WORKER_FACTORY Factory)
{
    PVOID Objects[] = { &Factory->Port->Semaphore, &Factory->Changed };
    ULONG Expirations = Factory->Expirations;
    NTSTATUS Status;

    do {
        LARGE_INTEGER Idle = Factory->IdleTimeout;

        if (Factory->Stopped)
            return STATUS_SHUTDOWN_IN_PROGRESS;
        if (Factory->Workers > Factory->Minimum && Factory->Expirations != Expirations)
            return STATUS_TIMEOUT;
        Expirations = Factory->Expirations;
        Factory->Waiting++;
        Status = KeWaitForMultipleObjects(ARRAYSIZE(Objects), Objects, WaitAny, WrQueue, UserMode, FALSE,
                                          Factory->Workers > Factory->Minimum ? &Idle : NULL, NULL);
        Factory->Waiting--;
    } while (Status == STATUS_WAIT_1 || (Status == STATUS_TIMEOUT && Factory->Workers <= Factory->Minimum));
    return Status;
}

/* --- releases and the end ------------------------------------------------------------------------------------------- */

static NTSTATUS IopQueueRelease(PIOP_WORKER_FACTORY Factory)
{
    NTSTATUS Status;

    ObReferenceObject(Factory);
    Status = IoQueuePacket(Factory->Port, &Factory->Release);
    if (!NT_SUCCESS(Status)) {
        Factory->Releases = 0;
        ObDereferenceObject(Factory);
    }
    return Status;
}

static VOID IopReleaseTaken(PVOID Packet)
{
    PIOP_WORKER_FACTORY Factory = CONTAINING_RECORD(Packet, IOP_WORKER_FACTORY, Release);

    if (Factory->Stopped)
        Factory->Releases = 0;
    else if (--Factory->Releases != 0)
        IopQueueRelease(Factory);
    ObDereferenceObject(Factory);
}

static VOID IopStopFactory(PIOP_WORKER_FACTORY Factory)
{
    Factory->Stopped = TRUE;
    KeCancelTimer(&Factory->Retry);
    KeSetEvent(&Factory->Changed, 0, FALSE);
    if (Factory->Releases != 0 && IopRemovePacket(Factory->Port, &Factory->Release))
        IopReleaseTaken(&Factory->Release);
}

static VOID IopCloseFactory(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    if (SystemHandleCount == 1)
        IopStopFactory(Object);
}

static VOID IopDeleteFactory(PVOID Object)
{
    PIOP_WORKER_FACTORY Factory = Object;

    KeCancelTimer(&Factory->Retry);
    KeRemoveQueueDpc(&Factory->RetryDpc);
    RemoveEntryList(&Factory->PortLinks);
    ObDereferenceObject(Factory->Port);
    ObDereferenceObject(Factory->Process);
}

NTSTATUS IopCreateWorkerFactoryType(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = {
        .GenericMapping = {
            STANDARD_RIGHTS_READ | WORKER_FACTORY_QUERY_INFORMATION,
            STANDARD_RIGHTS_WRITE | WORKER_FACTORY_RELEASE_WORKER | WORKER_FACTORY_SET_INFORMATION | WORKER_FACTORY_READY_WORKER | WORKER_FACTORY_SHUTDOWN,
            STANDARD_RIGHTS_EXECUTE | WORKER_FACTORY_WAIT, WORKER_FACTORY_ALL_ACCESS
        },
        .ValidAccessMask = WORKER_FACTORY_ALL_ACCESS,
        .WaitOffset = OB_NOT_WAITABLE,
        .CloseProcedure = IopCloseFactory,
        .DeleteProcedure = IopDeleteFactory,
    };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"TpWorkerFactory");

    return ObCreateObjectType(&Name, &Initializer, NULL, &IopWorkerFactoryType);
}

/* --- services ------------------------------------------------------------------------------------------------------- */

/* The references are the factory's. */
static VOID IopInitFactory(PIOP_WORKER_FACTORY Factory, PIO_COMPLETION_PORT Port, PEPROCESS Process)
{
    memset(Factory, 0, sizeof(*Factory));
    Factory->Port = Port;
    Factory->Process = Process;
    Factory->Timeout.QuadPart = Factory->RetryTimeout.QuadPart = -IOP_SECOND;
    Factory->IdleTimeout.QuadPart = -10 * IOP_SECOND;
    Factory->Release.Release = IopReleaseTaken;
    KeInitializeEvent(&Factory->Changed, NotificationEvent, FALSE);
    KeInitializeTimerEx(&Factory->Retry, NotificationTimer);
    KeInitializeDpc(&Factory->RetryDpc, IopRetryDpc, Factory);
    InsertTailList(&Port->FactoryList, &Factory->PortLinks);
}

NTSTATUS NTAPI NtCreateWorkerFactory(PHANDLE WorkerFactoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        HANDLE CompletionPortHandle, HANDLE WorkerProcessHandle, PVOID StartRoutine, PVOID StartParameter, ULONG MaxThreadCount,
        SIZE_T StackReserve, SIZE_T StackCommit)
{
    PIOP_WORKER_FACTORY Factory;
    PIO_COMPLETION_PORT Port = NULL;
    PEPROCESS Process = NULL;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(CompletionPortHandle, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType, UserMode, (PVOID *)&Port, NULL);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(WorkerProcessHandle, PROCESS_CREATE_THREAD, PsProcessType, UserMode, (PVOID *)&Process, NULL);
    if (NT_SUCCESS(Status) && (Process != PsGetCurrentProcess() || StartRoutine == NULL))
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = ObCreateObject(UserMode, IopWorkerFactoryType, ObjectAttributes, UserMode, NULL, sizeof(*Factory), 0, 0, (PVOID *)&Factory);
    if (!NT_SUCCESS(Status)) {
        if (Process != NULL)
            ObDereferenceObject(Process);
        if (Port != NULL)
            ObDereferenceObject(Port);
        return ObReturnHandle(Status, NULL, WorkerFactoryHandle);
    }
    IopInitFactory(Factory, Port, Process);
    Factory->StartRoutine = StartRoutine;
    Factory->StartParameter = StartParameter;
    Factory->Stack = (TP_POOL_STACK_INFORMATION){ StackReserve, StackCommit };
    Factory->Maximum = MaxThreadCount != 0 ? MaxThreadCount : IOP_DEFAULT_WORKERS;
    Status = ObInsertObject(Factory, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, WorkerFactoryHandle);
}

static NTSTATUS IopReferenceFactory(HANDLE Handle, ACCESS_MASK Access, PIOP_WORKER_FACTORY *Factory)
{
    return ObReferenceObjectByHandle(Handle, Access, IopWorkerFactoryType, UserMode, (PVOID *)Factory, NULL);
}

NTSTATUS NTAPI NtQueryInformationWorkerFactory(HANDLE WorkerFactoryHandle, WORKERFACTORYINFOCLASS WorkerFactoryInformationClass,
        PVOID WorkerFactoryInformation, ULONG WorkerFactoryInformationLength, PULONG ReturnLength)
{
    WORKER_FACTORY_BASIC_INFORMATION Information;
    PIOP_WORKER_FACTORY Factory;
    NTSTATUS Status;

    if (WorkerFactoryInformationClass != WorkerFactoryBasicInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (WorkerFactoryInformationLength != sizeof(Information))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmProbeAnswer(WorkerFactoryInformation, sizeof(Information), ReturnLength, sizeof(*ReturnLength));
    if (NT_SUCCESS(Status))
        Status = IopReferenceFactory(WorkerFactoryHandle, WORKER_FACTORY_QUERY_INFORMATION, &Factory);
    if (!NT_SUCCESS(Status))
        return Status;
    memset(&Information, 0, sizeof(Information));
    Information.Timeout = Factory->Timeout;
    Information.RetryTimeout = Factory->RetryTimeout;
    Information.IdleTimeout = Factory->IdleTimeout;
    Information.Paused = Factory->Paused;
    Information.TimerSet = Factory->Retry.Header.Inserted;
    Information.MayCreate = IopMayCreate(Factory);
    Information.CreateInProgress = Factory->Creating;
    Information.InsertedIntoQueue = Factory->Releases != 0;
    Information.Shutdown = Factory->Stopped;
    Information.BindingCount = Factory->BindingCount;
    Information.ThreadMinimum = Factory->Minimum;
    Information.ThreadMaximum = Factory->Maximum;
    Information.PendingWorkerCount = Factory->Pending;
    Information.WaitingWorkerCount = Factory->Waiting;
    Information.TotalWorkerCount = Factory->Workers;
    Information.ReleaseCount = Factory->Releases;
    Information.InfiniteWaitGoal = Factory->WaitGoal;
    Information.StartRoutine = Factory->StartRoutine;
    Information.StartParameter = Factory->StartParameter;
    Information.ProcessId = Factory->Process->UniqueProcessId;
    Information.StackReserve = Factory->Stack.StackReserve;
    Information.StackCommit = Factory->Stack.StackCommit;
    Information.LastThreadCreationStatus = Factory->LastStatus;
    ObDereferenceObject(Factory);
    MmCopyToUser(WorkerFactoryInformation, &Information, sizeof(Information));
    return ReturnLength != NULL ? MmPutUser(ReturnLength, sizeof(Information)) : STATUS_SUCCESS;
}

static NTSTATUS IopSetFactoryPriority(PIOP_WORKER_FACTORY Factory, LONG Priority)
{
    if (Priority < 1 || Priority > IOP_HIGH_PRIORITY)
        return STATUS_INVALID_PARAMETER;
    if (Priority >= IOP_LOW_REALTIME_PRIORITY && !SeSinglePrivilegeCheck(SeMakeLuid(SE_INC_BASE_PRIORITY_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Factory->Priority = Priority;
    return STATUS_SUCCESS;
}

/* Those that wait may be too many now. */
static VOID IopSetMinimum(PIOP_WORKER_FACTORY Factory, ULONG Minimum)
{
    Factory->Minimum = Minimum;
    KePulseEvent(&Factory->Changed, 0, FALSE);
}

static NTSTATUS IopSetFactory(PIOP_WORKER_FACTORY Factory, WORKERFACTORYINFOCLASS Class, const UCHAR *Data)
{
    LARGE_INTEGER Time = *(const LARGE_INTEGER *)Data;
    ULONG Value = *(const ULONG *)Data;
    BOOLEAN IsTime = Class <= WorkerFactoryIdleTimeout;

    if (Factory->Stopped)
        return STATUS_SHUTDOWN_IN_PROGRESS;
    if ((IsTime && Time.QuadPart > 0) || (Class == WorkerFactoryThreadMinimum && Value > Factory->Maximum) ||
        (Class == WorkerFactoryThreadMaximum && (Value == 0 || Value < Factory->Minimum)) ||
        (Class == WorkerFactoryFlags && Value & ~WORKER_FACTORY_FLAG_LOADER_POOL) || (Class == WorkerFactoryThreadCpuSets && Value != IOP_CPU_SET))
        return STATUS_INVALID_PARAMETER;
    switch (Class) {
    case WorkerFactoryTimeout: Factory->Timeout = Time; break;
    case WorkerFactoryRetryTimeout: Factory->RetryTimeout = Time; break;
    case WorkerFactoryIdleTimeout: Factory->IdleTimeout = Time; break;
    case WorkerFactoryBindingCount: Factory->BindingCount = Value; break;
    case WorkerFactoryThreadMinimum: IopSetMinimum(Factory, Value); break;
    case WorkerFactoryThreadMaximum: Factory->Maximum = Value; break;
    case WorkerFactoryPaused: Factory->Paused = Value != 0; break;
    case WorkerFactoryAdjustThreadGoal: Factory->WaitGoal += (LONG)Value; break;
    case WorkerFactoryStackInformation: Factory->Stack = *(const TP_POOL_STACK_INFORMATION *)Data; break;
    case WorkerFactoryThreadBasePriority: return IopSetFactoryPriority(Factory, (LONG)Value);
    case WorkerFactoryThreadSoftMaximum: Factory->SoftMaximum = Value; break;
    case WorkerFactoryTimeoutWaiters:
        Factory->Expirations++;
        KePulseEvent(&Factory->Changed, 0, FALSE);
        break;
    default: break;                     /* the callback type, the flags, the processor */
    }
    IopFeedFactory(Factory);
    return STATUS_SUCCESS;
}

/* DIFFERS: WorkerFactoryTimeout, WorkerFactoryCallbackType and WorkerFactoryFlags change nothing; WorkerFactoryThreadCpuSets takes the only processor's (0x100). */
NTSTATUS NTAPI NtSetInformationWorkerFactory(HANDLE WorkerFactoryHandle, WORKERFACTORYINFOCLASS WorkerFactoryInformationClass,
        PVOID WorkerFactoryInformation, ULONG WorkerFactoryInformationLength)
{
    static const UCHAR Sizes[MaxWorkerFactoryInfoClass] = {
        [WorkerFactoryTimeout] = 8, [WorkerFactoryRetryTimeout] = 8, [WorkerFactoryIdleTimeout] = 8, [WorkerFactoryBindingCount] = 4,
        [WorkerFactoryThreadMinimum] = 4, [WorkerFactoryThreadMaximum] = 4, [WorkerFactoryPaused] = 4, [WorkerFactoryAdjustThreadGoal] = 4,
        [WorkerFactoryCallbackType] = 4, [WorkerFactoryStackInformation] = 16, [WorkerFactoryThreadBasePriority] = 4,
        [WorkerFactoryTimeoutWaiters] = 4, [WorkerFactoryFlags] = 4, [WorkerFactoryThreadSoftMaximum] = 4, [WorkerFactoryThreadCpuSets] = 4,
    };
    union { UCHAR Bytes[16]; LARGE_INTEGER Aligned; } Data = { .Bytes = { 0 } };
    PIOP_WORKER_FACTORY Factory;
    NTSTATUS Status;

    if ((ULONG)WorkerFactoryInformationClass >= MaxWorkerFactoryInfoClass || Sizes[WorkerFactoryInformationClass] == 0)
        return STATUS_INVALID_INFO_CLASS;
    if (WorkerFactoryInformationLength != Sizes[WorkerFactoryInformationClass])
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Data, WorkerFactoryInformation, WorkerFactoryInformationLength);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFactory(WorkerFactoryHandle, WORKER_FACTORY_SET_INFORMATION, &Factory);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopSetFactory(Factory, WorkerFactoryInformationClass, Data.Bytes);
    ObDereferenceObject(Factory);
    return Status;
}

NTSTATUS NTAPI NtShutdownWorkerFactory(HANDLE WorkerFactoryHandle, volatile LONG *PendingWorkerCount)
{
    PIOP_WORKER_FACTORY Factory;
    LONG Count;
    NTSTATUS Status = MmProbeForWrite((PVOID)PendingWorkerCount, sizeof(Count), 1);

    if (NT_SUCCESS(Status))
        Status = MmCopyFromUser(&Count, (PVOID)PendingWorkerCount, sizeof(Count));
    if (NT_SUCCESS(Status))
        Status = IopReferenceFactory(WorkerFactoryHandle, WORKER_FACTORY_SHUTDOWN, &Factory);
    if (!NT_SUCCESS(Status))
        return Status;
    Count += (LONG)Factory->Pending;
    IopStopFactory(Factory);
    Status = MmCopyToUser((PVOID)PendingWorkerCount, &Count, sizeof(Count));
    ObDereferenceObject(Factory);
    return Status;
}

NTSTATUS NTAPI NtReleaseWorkerFactoryWorker(HANDLE WorkerFactoryHandle)
{
    PIOP_WORKER_FACTORY Factory;
    NTSTATUS Status = IopReferenceFactory(WorkerFactoryHandle, WORKER_FACTORY_RELEASE_WORKER, &Factory);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Factory->Stopped)
        Status = STATUS_SHUTDOWN_IN_PROGRESS;
    else if (Factory->Releases == MAXLONG)
        Status = STATUS_INSUFFICIENT_RESOURCES;
    else if (Factory->Releases++ == 0)
        Status = IopQueueRelease(Factory);
    IopFeedFactory(Factory);
    ObDereferenceObject(Factory);
    return Status;
}

NTSTATUS NTAPI NtWorkerFactoryWorkerReady(HANDLE WorkerFactoryHandle)
{
    PIOP_WORKER_FACTORY Factory;
    NTSTATUS Status = IopReferenceFactory(WorkerFactoryHandle, WORKER_FACTORY_READY_WORKER, &Factory);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopJoinFactory(Factory);
    ObDereferenceObject(Factory);
    return Status;
}

static NTSTATUS IopDoDeferredWork(PWORKER_FACTORY_DEFERRED_WORK User)
{
    WORKER_FACTORY_DEFERRED_WORK Work;
    NTSTATUS Status = MmGetUser(&Work, User);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Work.Flags & ~WORKER_FACTORY_DEFERRED_SEND || Work.AlpcSendMessageFlags & ALPC_MSGFLG_SYNC_REQUEST)
        return STATUS_INVALID_PARAMETER;
    return Work.Flags & WORKER_FACTORY_DEFERRED_SEND
           ? NtAlpcSendWaitReceivePort(Work.AlpcSendMessagePort, Work.AlpcSendMessageFlags, Work.AlpcSendMessage, NULL, NULL, NULL, NULL, NULL)
           : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtWaitForWorkViaWorkerFactory(HANDLE WorkerFactoryHandle, FILE_IO_COMPLETION_INFORMATION *MiniPackets, ULONG Count,
        PULONG PacketsReturned, PWORKER_FACTORY_DEFERRED_WORK DeferredWork)
{
    PIOP_WORKER_FACTORY Factory;
    ULONG Removed = 0;
    NTSTATUS Status;

    if (Count == 0)
        return STATUS_INVALID_PARAMETER;
    Count = min(Count, IOP_MOST_PACKETS);
    Status = MmProbeForWrite(MiniPackets, Count * sizeof(*MiniPackets), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(PacketsReturned, sizeof(*PacketsReturned), 1);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFactory(WorkerFactoryHandle, WORKER_FACTORY_WAIT, &Factory);
    if (!NT_SUCCESS(Status))
        return Status;
    if (DeferredWork != NULL)
        Status = IopDoDeferredWork(DeferredWork);
    if (NT_SUCCESS(Status))
        Status = IopJoinFactory(Factory);
    if (NT_SUCCESS(Status)) {
        Status = IopWaitForWork(Factory);
        if (Status == STATUS_SUCCESS) {
            Removed = IopTakePackets(Factory->Port, MiniPackets, Count);
            IopFeedFactory(Factory);
        } else {
            IopLeaveFactory(PsGetCurrentThread());
        }
        MmPutUser(PacketsReturned, Removed);
    }
    ObDereferenceObject(Factory);
    return Status;
}
