/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Worker factories (nt/workerapi.h): when workers are made, what they get, when they leave, and how a factory ends.
 * Runs on: Nereid.
 */
#define PORT L"\\RPC Control\\workers"
#include "alpchelp.h"
#include "nt/workerapi.h"

#define TAKE 4

static HANDLE Packets, Factory, Gate;   /* Gate: workers wait for it with what they have got; NULL: they do not */
static volatile LONG Started, Taken, Released, Inside, MostInside, Left;
static volatile NTSTATUS LastStatus;
static SIZE_T StackReserve;
static LONG Priority;
static PVOID LastParameter;

static VOID Serve(const FILE_IO_COMPLETION_INFORMATION *Got, ULONG Count)
{
    LONG Now = InterlockedIncrement(&Inside);

    if (Now > MostInside)
        MostInside = Now;
    for (ULONG i = 0; i < Count; i++) {
        if (Got[i].KeyContext == NULL && Got[i].ApcContext == NULL && Got[i].IoStatusBlock.Status == 0 && Got[i].IoStatusBlock.Information == 0)
            InterlockedIncrement(&Released);
        else if (CHECK(Got[i].KeyContext == (PVOID)1 && Got[i].ApcContext == (PVOID)2 && Got[i].IoStatusBlock.Status == 3 &&
                       Got[i].IoStatusBlock.Information == 4))
            InterlockedIncrement(&Taken);
    }
    if (Gate != NULL)
        CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Gate, FALSE, &Long));
    InterlockedDecrement(&Inside);
}

static NTSTATUS NTAPI Worker(PVOID Parameter)
{
    FILE_IO_COMPLETION_INFORMATION Got[TAKE];
    THREAD_BASIC_INFORMATION Basic;
    WORKER_FACTORY_DEFERRED_WORK Work;
    ULONG Count;
    NTSTATUS Status = NtWorkerFactoryWorkerReady(Factory);

    InterlockedIncrement(&Started);
    LastParameter = Parameter;
    StackReserve = (ULONG_PTR)NtCurrentTebEx()->NtTib.StackBase - (ULONG_PTR)NtCurrentTeb()->DeallocationStack;
    NtQueryInformationThread(NtCurrentThread(), ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
    Priority = Basic.Priority;
    memset(&Work, 0, sizeof(Work));
    while (Status == STATUS_SUCCESS) {
        Count = 0;
        Status = NtWaitForWorkViaWorkerFactory(Factory, Got, TAKE, &Count, &Work);
        CHECK((Count != 0) == (Status == STATUS_SUCCESS));
        if (Status == STATUS_SUCCESS)
            Serve(Got, Count);
    }
    LastStatus = Status;
    InterlockedIncrement(&Left);
    return STATUS_SUCCESS;
}

/* Ends without a word. */
static NTSTATUS NTAPI Deserter(PVOID Parameter)
{
    InterlockedIncrement(&Started);
    return STATUS_SUCCESS;
}

static WORKER_FACTORY_BASIC_INFORMATION Basic(VOID)
{
    WORKER_FACTORY_BASIC_INFORMATION Basic;
    ULONG Length = 0;

    memset(&Basic, 0xaa, sizeof(Basic));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationWorkerFactory(Factory, WorkerFactoryBasicInformation, &Basic, sizeof(Basic), &Length));
    CHECK(Length == sizeof(Basic));
    return Basic;
}

static NTSTATUS Set(WORKERFACTORYINFOCLASS Class, ULONG Value)
{
    return NtSetInformationWorkerFactory(Factory, Class, &Value, sizeof(Value));
}

static NTSTATUS SetTime(WORKERFACTORYINFOCLASS Class, LONG64 Time)
{
    return NtSetInformationWorkerFactory(Factory, Class, &Time, sizeof(Time));
}

static VOID Post(ULONG Count)
{
    while (Count-- != 0)
        CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(Packets, 1, 2, 3, 4));
}

static BOOLEAN Reaches(volatile LONG *Value, LONG Wanted)
{
    LARGE_INTEGER Moment = { .QuadPart = -5 * MS };

    for (ULONG i = 0; i < 24000 && *Value < Wanted; i++)
        NtDelayExecution(FALSE, &Moment);
    return *Value >= Wanted;
}

static BOOLEAN HasWorkers(ULONG Wanted)
{
    LARGE_INTEGER Moment = { .QuadPart = -5 * MS };

    for (ULONG i = 0; i < 24000 && Basic().TotalWorkerCount != Wanted; i++)
        NtDelayExecution(FALSE, &Moment);
    return Basic().TotalWorkerCount == Wanted;
}

static VOID OpenFactoryFor(PVOID Routine, ULONG Maximum)
{
    Started = Taken = Released = MostInside = Left = 0;
    LastStatus = STATUS_PENDING;
    Gate = NULL;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Packets, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateWorkerFactory(&Factory, WORKER_FACTORY_ALL_ACCESS, NULL, Packets, NtCurrentProcess(), Routine, (PVOID)&Started,
                                                       Maximum, 0x40000, 0x2000));
}

static VOID OpenFactory(ULONG Maximum)
{
    OpenFactoryFor((PVOID)Worker, Maximum);
}

static VOID CloseFactory(VOID)
{
    LONG Pending = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtShutdownWorkerFactory(Factory, &Pending));
    CHECK(Pending == 0 && HasWorkers(0));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Factory));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Packets));
}

static VOID TestCreate(VOID)
{
    LARGE_INTEGER Forever = { .QuadPart = -10000000 };
    UNICODE_STRING TypeName = RTL_CONSTANT_UNICODE_STRING(L"TpWorkerFactory");
    UCHAR Type[0x100] __attribute__((aligned(16)));
    WORKER_FACTORY_BASIC_INFORMATION Is;
    HANDLE Weak, Event;

    OpenFactory(0);
    Is = Basic();
    CHECK(Is.Timeout.QuadPart < 0 && Is.RetryTimeout.QuadPart < 0 && Is.IdleTimeout.QuadPart == 10 * Forever.QuadPart);
    CHECK(!Is.Paused && !Is.CreateInProgress && !Is.InsertedIntoQueue && !Is.Shutdown && Is.MayCreate && Is.ThreadMaximum == 500);
    CHECK(Is.BindingCount == 0 && Is.ThreadMinimum == 0 && Is.TotalWorkerCount == 0 && Is.PendingWorkerCount == 0 && Is.WaitingWorkerCount == 0);
    CHECK(Is.ReleaseCount == 0 && Is.StartRoutine == (PVOID)Worker && Is.StartParameter == &Started && Is.StackReserve == 0x40000 && Is.StackCommit == 0x2000);
    CHECK(Is.ProcessId == NtCurrentTeb()->ClientId.UniqueProcess && Is.LastThreadCreationStatus == STATUS_SUCCESS);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Factory, ObjectTypeInformation, Type, sizeof(Type), NULL));
    CHECK(RtlEqualUnicodeString(&((POBJECT_TYPE_INFORMATION)Type)->TypeName, &TypeName, FALSE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtWaitForSingleObject(Factory, FALSE, &Now));   /* there is no right to wait for one */

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateWorkerFactory(&Weak, WORKER_FACTORY_ALL_ACCESS, NULL, Packets, NtCurrentProcess(), NULL, NULL, 1, 0, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtCreateWorkerFactory(&Weak, WORKER_FACTORY_ALL_ACCESS, NULL, Event, NtCurrentProcess(), (PVOID)Worker,
                                                                    NULL, 1, 0, 0));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtCreateWorkerFactory(&Weak, WORKER_FACTORY_ALL_ACCESS, NULL, Packets, Event, (PVOID)Worker, NULL, 1, 0, 0));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtReleaseWorkerFactoryWorker(Event));
    NtClose(Event);
    CloseFactory();
}

static VOID TestClasses(VOID)
{
    TP_POOL_STACK_INFORMATION Stack = { 0x80000, 0x3000 };
    WORKER_FACTORY_BASIC_INFORMATION Is;
    ULONG Two[2] = { 0 };

    OpenFactory(3);
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryTimeout, -5 * MS));
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryRetryTimeout, -6 * MS));
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryIdleTimeout, -7 * MS));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetTime(WorkerFactoryIdleTimeout, 1));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryBindingCount, 5));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryPaused, 1));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Set(WorkerFactoryThreadMinimum, 4));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Set(WorkerFactoryThreadMaximum, 1));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMaximum, 7));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryAdjustThreadGoal, 3));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryAdjustThreadGoal, (ULONG)-1));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryCallbackType, 1));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationWorkerFactory(Factory, WorkerFactoryStackInformation, &Stack, sizeof(Stack)));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadBasePriority, 9));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Set(WorkerFactoryThreadBasePriority, 32));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryTimeoutWaiters, 1));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryFlags, WORKER_FACTORY_FLAG_LOADER_POOL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Set(WorkerFactoryFlags, 2));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadSoftMaximum, 6));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadCpuSets, 0x100));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Set(WorkerFactoryThreadCpuSets, 0x101));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, Set(WorkerFactoryBasicInformation, 0));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, Set(MaxWorkerFactoryInfoClass, 0));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetInformationWorkerFactory(Factory, WorkerFactoryBindingCount, Two, sizeof(Two)));
    Is = Basic();
    CHECK(Is.Timeout.QuadPart == -5 * MS && Is.RetryTimeout.QuadPart == -6 * MS && Is.IdleTimeout.QuadPart == -7 * MS && Is.BindingCount == 5);
    CHECK(Is.Paused && !Is.MayCreate && Is.ThreadMinimum == 2 && Is.ThreadMaximum == 7 && Is.InfiniteWaitGoal == 2);
    CHECK(Is.StackReserve == 0x80000 && Is.StackCommit == 0x3000 && Is.TotalWorkerCount == 0);
    for (ULONG Class = 0; Class < MaxWorkerFactoryInfoClass; Class++)
        if (Class != WorkerFactoryBasicInformation)
            CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationWorkerFactory(Factory, (WORKERFACTORYINFOCLASS)Class, &Is, sizeof(Is), NULL));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationWorkerFactory(Factory, WorkerFactoryBasicInformation, &Is, sizeof(Is) - 1, NULL));

    /* The minimum's workers come when they may, with all that was said of them. */
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryPaused, 0));
    CHECK(Reaches(&Started, 2));
    CheckSettle();
    CHECK(Started == 2 && Basic().WaitingWorkerCount == 2 && Basic().PendingWorkerCount == 0);
    CHECK(LastParameter == &Started && StackReserve == 0x80000 && Priority == 9);
    CloseFactory();
    CHECK(Left == 2 && LastStatus == STATUS_SHUTDOWN_IN_PROGRESS);
}

/* One worker at a time, only for a factory that is bound, and no more than the maximum. */
static VOID TestPackets(VOID)
{
    OpenFactory(3);
    Post(2);
    CheckSettle();
    CHECK(Started == 0);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryBindingCount, 1));
    CHECK(Reaches(&Taken, 2) && Started == 1);
    CheckSettle();
    Post(1);
    CHECK(Reaches(&Taken, 3));
    CheckSettle();
    CHECK(Started == 1 && Basic().WaitingWorkerCount == 1 && Basic().TotalWorkerCount == 1);

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Gate, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    for (ULONG i = 1; i <= 5; i++) {    /* each keeps its worker */
        Post(1);
        CheckSettle();
        CHECK(Inside == (LONG)min(i, 3) && Started == (LONG)min(i, 3));
    }
    CHECK(Basic().WaitingWorkerCount == 0 && Basic().TotalWorkerCount == 3 && !Basic().MayCreate);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMaximum, 4));
    CHECK(Reaches(&Inside, 4));
    CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Gate, NULL));
    CHECK(Reaches(&Taken, 8) && MostInside == 4);
    CheckSettle();
    CHECK(Basic().WaitingWorkerCount == 4);
    NtClose(Gate);
    CloseFactory();
    CHECK(Left == 4 && LastStatus == STATUS_SHUTDOWN_IN_PROGRESS);
}

static VOID TestSoftMaximum(VOID)
{
    OpenFactory(5);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Gate, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadSoftMaximum, 1));
    for (ULONG i = 0; i < 3; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtReleaseWorkerFactoryWorker(Factory));
        CheckSettle();
    }
    CHECK(Started == 1);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryAdjustThreadGoal, 1));       /* the one that waits does not count */
    CHECK(Reaches(&Started, 2));
    CheckSettle();
    CHECK(Started == 2);
    CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Gate, NULL));
    CHECK(Reaches(&Released, 3));
    CheckSettle();
    NtClose(Gate);
    CloseFactory();
}

static VOID TestReleases(VOID)
{
    FILE_IO_COMPLETION_INFORMATION Got[2];
    IO_COMPLETION_BASIC_INFORMATION Depth;
    ULONG Count = 0;

    OpenFactory(1);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryPaused, 1));
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_SUCCESS, NtReleaseWorkerFactoryWorker(Factory));
    CHECK(Basic().ReleaseCount == 3 && Basic().InsertedIntoQueue && Basic().TotalWorkerCount == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryIoCompletion(Packets, IoCompletionBasicInformation, &Depth, sizeof(Depth), NULL));
    CHECK(Depth.Depth == 1);
    /* A thread of the process that joins. */
    memset(Got, 0xaa, sizeof(Got));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForWorkViaWorkerFactory(Factory, Got, 2, &Count, NULL));
    CHECK(Count == 2 && Got[1].KeyContext == NULL && Got[1].ApcContext == NULL && Got[1].IoStatusBlock.Information == 0);
    CHECK(Basic().ReleaseCount == 1 && Basic().TotalWorkerCount == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForWorkViaWorkerFactory(Factory, Got, 2, &Count, NULL));
    CHECK(Count == 1 && Basic().ReleaseCount == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWaitForWorkViaWorkerFactory(Factory, Got, 0, &Count, NULL));
    /* It leaves when there is nothing for the idle time, and only then. */
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryIdleTimeout, -MS));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForWorkViaWorkerFactory(Factory, Got, 2, &Count, NULL));
    CHECK(Count == 0 && Basic().TotalWorkerCount == 0);
    CloseFactory();
}

static VOID TestIdle(VOID)
{
    OpenFactory(4);
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryIdleTimeout, -20 * MS));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 3));
    CHECK(Reaches(&Started, 3));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 1));
    CHECK(HasWorkers(1) && Left == 2 && LastStatus == STATUS_TIMEOUT);
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseWorkerFactoryWorker(Factory));
    CHECK(Reaches(&Released, 1) && Started == 3);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 0));
    CHECK(HasWorkers(0) && Left == 3);
    /* Those that wait leave at once. */
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryIdleTimeout, LONG_ENOUGH));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 2));
    CHECK(Reaches(&Started, 5));
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryTimeoutWaiters, 1));
    CheckSettle();
    CHECK(Left == 3 && Basic().TotalWorkerCount == 2);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 1));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryTimeoutWaiters, 1));
    CHECK(HasWorkers(1) && Reaches(&Left, 4));
    CloseFactory();
}

static VOID TestDeserters(VOID)
{
    OpenFactoryFor((PVOID)Deserter, 2);
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseWorkerFactoryWorker(Factory));
    CHECK(Reaches(&Started, 1));
    CheckSettle();
    CHECK(Basic().TotalWorkerCount == 0 && Basic().TimerSet);   /* the next one comes later */
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryRetryTimeout, -MS));
    CHECK(Reaches(&Started, 2));
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryPaused, 1));
    CHECK(HasWorkers(0) && Basic().PendingWorkerCount == 0 && Basic().ReleaseCount == 1);
    CloseFactory();
}

/* A factory whose handle goes, with a worker that waits and a release that nobody has got. */
static VOID TestLastHandle(VOID)
{
    OpenFactory(1);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryThreadMinimum, 1));
    CHECK(Reaches(&Started, 1));
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Factory));
    CHECK(Reaches(&Left, 1) && LastStatus == STATUS_SHUTDOWN_IN_PROGRESS);
    NtClose(Packets);

    OpenFactory(1);
    CHECK_STATUS(STATUS_SUCCESS, Set(WorkerFactoryPaused, 1));
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseWorkerFactoryWorker(Factory));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Factory));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Packets, FALSE, &Now));
    NtClose(Packets);
}

static VOID TestShutdown(VOID)
{
    FILE_IO_COMPLETION_INFORMATION Got;
    LONG Pending = 5;
    ULONG Count;

    OpenFactory(2);
    CHECK_STATUS(STATUS_SUCCESS, NtWorkerFactoryWorkerReady(Factory));
    CHECK(Basic().TotalWorkerCount == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtShutdownWorkerFactory(Factory, &Pending));
    CHECK(Pending == 5 && Basic().Shutdown && !Basic().MayCreate);
    CHECK_STATUS(STATUS_SHUTDOWN_IN_PROGRESS, NtReleaseWorkerFactoryWorker(Factory));
    CHECK_STATUS(STATUS_SHUTDOWN_IN_PROGRESS, Set(WorkerFactoryThreadMinimum, 1));
    CHECK_STATUS(STATUS_SHUTDOWN_IN_PROGRESS, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, NULL));
    CHECK(Basic().TotalWorkerCount == 0);
    CloseFactory();
}

/* A thread is one factory's worker. */
static VOID TestOther(VOID)
{
    FILE_IO_COMPLETION_INFORMATION Got;
    HANDLE First, FirstPackets;
    ULONG Count;

    OpenFactory(2);
    CHECK_STATUS(STATUS_SUCCESS, NtWorkerFactoryWorkerReady(Factory));
    First = Factory;
    FirstPackets = Packets;
    OpenFactory(2);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWorkerFactoryWorkerReady(Factory));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, NULL));
    CHECK(Basic().TotalWorkerCount == 0);
    CloseFactory();
    Factory = First;
    Packets = FirstPackets;
    CHECK(Basic().TotalWorkerCount == 1);
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryIdleTimeout, -MS));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, NULL));
    CloseFactory();
}

/* The wait sends a message first. */
static VOID TestDeferred(VOID)
{
    WORKER_FACTORY_DEFERRED_WORK Work;
    FILE_IO_COMPLETION_INFORMATION Got;
    MESSAGE Message, Received;
    HANDLE Client, Server;
    ULONG Count;

    memset(&Work, 0, sizeof(Work));
    OpenFactory(1);
    CHECK_STATUS(STATUS_SUCCESS, SetTime(WorkerFactoryIdleTimeout, -MS));
    CHECK_STATUS(STATUS_SUCCESS, Create(&Port));
    Server = Pair(NULL, &Client);
    Put(&Message, "deferred");
    Work.AlpcSendMessage = &Message;
    Work.AlpcSendMessagePort = Client;
    Work.AlpcSendMessageFlags = ALPC_MSGFLG_RELEASE_MESSAGE;
    Work.Flags = WORKER_FACTORY_DEFERRED_SEND;
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, &Work));
    if (Expect(Port, LPC_DATAGRAM, &Received, NULL))
        CHECK(strcmp(Received.Text, "deferred") == 0);
    Work.AlpcSendMessageFlags = ALPC_MSGFLG_SYNC_REQUEST;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, &Work));
    Work.Flags = 2;
    Work.AlpcSendMessageFlags = 0;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, &Work));
    Work.Flags = WORKER_FACTORY_DEFERRED_SEND;
    Work.AlpcSendMessagePort = Factory;
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtWaitForWorkViaWorkerFactory(Factory, &Got, 1, &Count, &Work));
    Unpair(Server, Client);
    NtClose(Port);
    CloseFactory();
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestCreate();
    TestClasses();
    TestPackets();
    TestSoftMaximum();
    TestReleases();
    TestIdle();
    TestDeserters();
    TestLastHandle();
    TestShutdown();
    TestOther();
    TestDeferred();
    return CheckClose();
}
