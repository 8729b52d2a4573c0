/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): named objects, waits, timers, atoms, completion ports, jobs.
 */
#include "nomem.h"
#include "nt/workerapi.h"

#define DIRECTORY L"\\BaseNamedObjects\\"

static LARGE_INTEGER Soon = { .QuadPart = -10000 }, Never = { .QuadPart = -600000000 };
static UCHAR Buffer[2048];

static VOID Events(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-event");
    HANDLE Event = NULL, Again = NULL, Copy = NULL;
    LONG Previous;

    (void)(TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, &Name, NotificationEvent, FALSE) &&
           TRY(NtOpenEvent, &Again, EVENT_ALL_ACCESS, &Name) && TRY(NtSetEvent, Event, &Previous) &&
           TRY(NtQueryEvent, Event, EventBasicInformation, Buffer, sizeof(EVENT_BASIC_INFORMATION), NULL) &&
           TRY(NtWaitForSingleObject, Again, FALSE, NULL) && TRY(NtResetEvent, Event, &Previous) &&
           TRY(NtPulseEvent, Event, NULL) && TRY(NtClearEvent, Event) && TRY(NtWaitForSingleObject, Event, TRUE, &Soon) &&
           TRY(NtDuplicateObject, NtCurrentProcess(), Event, NtCurrentProcess(), &Copy, SYNCHRONIZE, 0, 0) &&
           TRY(NtCompareObjects, Copy, Event));
    NoMemClose(Copy);
    NoMemClose(Again);
    NoMemClose(Event);
}

static VOID Mutants(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-mutant");
    HANDLE Both[2] = { NULL, NULL };

    if (TRY(NtCreateMutant, &Both[0], MUTANT_ALL_ACCESS, &Name, FALSE) &&
        TRY(NtOpenMutant, &Both[1], MUTANT_ALL_ACCESS, &Name) &&
        TRY(NtQueryMutant, Both[0], MutantBasicInformation, Buffer, sizeof(MUTANT_BASIC_INFORMATION), NULL) &&
        TRY(NtWaitForSingleObject, Both[0], FALSE, NULL))
        DROP(NtReleaseMutant, Both[0], NULL);
    NoMemClose(Both[1]);
    NoMemClose(Both[0]);
}

static VOID Semaphores(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-semaphore");
    HANDLE Two[2] = { NULL, NULL };

    (void)(TRY(NtCreateSemaphore, &Two[0], SEMAPHORE_ALL_ACCESS, &Name, 1, 9) &&
           TRY(NtOpenSemaphore, &Two[1], SEMAPHORE_ALL_ACCESS, &Name) && TRY(NtReleaseSemaphore, Two[0], 3, NULL) &&
           TRY(NtQuerySemaphore, Two[0], SemaphoreBasicInformation, Buffer, sizeof(SEMAPHORE_BASIC_INFORMATION), NULL) &&
           TRY(NtWaitForMultipleObjects, 2, Two, WaitAny, FALSE, &Soon) &&
           TRY(NtSignalAndWaitForSingleObject, Two[0], Two[1], FALSE, &Soon));
    NoMemClose(Two[1]);
    NoMemClose(Two[0]);
}

/* Waits that time out on many objects. */
static VOID Waits(VOID)
{
    HANDLE Events[6] = { NULL };
    BOOLEAN Made = TRUE;
    LARGE_INTEGER Delay = Soon;

    for (ULONG i = 0; i < ARRAYSIZE(Events) && Made; i++)
        Made = TRY(NtCreateEvent, &Events[i], EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    (void)(Made && TRY(NtSetEventBoostPriority, Events[0]) && TRY(NtWaitForSingleObject, Events[0], FALSE, &Soon) &&
           TRY(NtWaitForMultipleObjects, ARRAYSIZE(Events), Events, WaitAny, FALSE, &Soon) &&
           TRY(NtWaitForMultipleObjects, ARRAYSIZE(Events), Events, WaitAll, TRUE, &Soon) &&
           TRY(NtDelayExecution, FALSE, &Delay) && TRY(NtYieldExecution) &&
           TRY(NtWaitForAlertByThreadId, NULL, &Delay) &&
           TRY(NtAlertThreadByThreadId, NtCurrentTeb()->ClientId.UniqueThread) &&
           TRY(NtWaitForAlertByThreadId, NULL, NULL));
    for (ULONG i = 0; i < ARRAYSIZE(Events); i++)
        NoMemClose(Events[i]);
}

static VOID KeyedEvents(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-keyed");
    HANDLE Event = NULL, Again = NULL;

    (void)(TRY(NtCreateKeyedEvent, &Event, KEYEDEVENT_ALL_ACCESS, &Name, 0) &&
           TRY(NtOpenKeyedEvent, &Again, KEYEDEVENT_ALL_ACCESS, &Name) &&
           TRY(NtWaitForKeyedEvent, Event, Buffer, FALSE, &Soon) && TRY(NtReleaseKeyedEvent, Event, Buffer, FALSE, &Soon));
    NoMemClose(Again);
    NoMemClose(Event);
}

static VOID NTAPI TimerApc(PVOID Context, ULONG Low, LONG High)
{
    ++*(PULONG)Context;
}

static VOID Timers(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-timer");
    HANDLE Timer = NULL, Again = NULL;
    ULONG Apcs = 0;

    if (TRY(NtCreateTimer, &Timer, TIMER_ALL_ACCESS, &Name, SynchronizationTimer) &&
        TRY(NtOpenTimer, &Again, TIMER_ALL_ACCESS, &Name) && TRY(NtSetTimer, Timer, &Soon, NULL, NULL, FALSE, 1, NULL) &&
        TRY(NtWaitForSingleObject, Timer, FALSE, NULL) && TRY(NtSetTimer, Timer, &Never, TimerApc, &Apcs, FALSE, 0, NULL) &&
        TRY(NtQueryTimer, Timer, TimerBasicInformation, Buffer, sizeof(TIMER_BASIC_INFORMATION), NULL) &&
        TRY(NtSetTimer, Timer, &Soon, TimerApc, &Apcs, FALSE, 0, NULL) && TRY(NtDelayExecution, TRUE, &Never))
        DROP(NtCancelTimer, Timer, NULL);
    NoMemClose(Again);
    NoMemClose(Timer);
}

static VOID CoalescableTimers(VOID)
{
    TIMER_SET_COALESCABLE_TIMER_INFO Setting = { .DueTime = Soon, .TolerableDelay = 10 };
    HANDLE Timer = NULL;

    (void)(TRY(NtCreateTimer, &Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer) &&
           TRY(NtSetTimerEx, Timer, TimerSetCoalescableTimer, &Setting, sizeof(Setting)) &&
           TRY(NtWaitForSingleObject, Timer, FALSE, NULL));
    NoMemClose(Timer);
}

static VOID FineTimers(VOID)
{
    T2_SET_PARAMETERS Parameters = { .NoWakeTolerance = 0 };
    HANDLE Timer = NULL;

    if (TRY(NtCreateTimer2, &Timer, NULL, NULL, EX_TIMER_HIGH_RESOLUTION, TIMER_ALL_ACCESS) &&
        TRY(NtSetTimer2, Timer, &Soon, NULL, &Parameters) && TRY(NtWaitForSingleObject, Timer, FALSE, NULL))
        DROP(NtCancelTimer2, Timer, NULL);
    NoMemClose(Timer);
}

/* A namespace and an event in it; deleted while it has handles, and not deleted. */
static VOID Namespaces(VOID)
{
    static struct {
        OBJECT_BOUNDARY_DESCRIPTOR Descriptor;
        OBJECT_BOUNDARY_ENTRY Name;
        WCHAR Text[4];
    } Boundary = { { OBJECT_BOUNDARY_DESCRIPTOR_VERSION, 1, sizeof(Boundary), 0 },
                   { OBNS_Name, sizeof(Boundary) - sizeof(Boundary.Descriptor) }, { 'n', 'm', 'e', 'm' } };
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"event");
    HANDLE Namespace = NULL, Again = NULL, Event = NULL, Other = NULL;

    (void)(TRY(NtCreatePrivateNamespace, &Namespace, DIRECTORY_ALL_ACCESS, NULL, &Boundary.Descriptor) &&
           TRY(NtOpenPrivateNamespace, &Again, DIRECTORY_ALL_ACCESS, NULL, &Boundary.Descriptor) &&
           (Name.RootDirectory = Again) != NULL && TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, &Name, NotificationEvent, FALSE) &&
           TRY(NtDeletePrivateNamespace, Namespace) &&
           TRY(NtCreatePrivateNamespace, &Other, DIRECTORY_ALL_ACCESS, NULL, &Boundary.Descriptor));
    NoMemClose(Event);
    NoMemClose(Again);
    NoMemClose(Namespace);
    NoMemClose(Other);
}

static VOID Directories(VOID)
{
    UNICODE_STRING String, LinkString, Target = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects"), Text = { 0, 512, (PWSTR)Buffer };
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-directory"), LinkName = NoMemName(&LinkString, L"link");
    HANDLE Directory = NULL, Again = NULL, Link = NULL, LinkAgain = NULL, Before = NULL;
    ULONG Context = 0, Length;

    (void)(TRY(NtCreateDirectoryObject, &Directory, DIRECTORY_ALL_ACCESS, &Name) &&
           TRY(NtOpenDirectoryObject, &Again, DIRECTORY_ALL_ACCESS, &Name) && (LinkName.RootDirectory = Directory) != NULL &&
           TRY(NtCreateSymbolicLinkObject, &Link, SYMBOLIC_LINK_ALL_ACCESS, &LinkName, &Target) &&
           TRY(NtOpenSymbolicLinkObject, &LinkAgain, SYMBOLIC_LINK_QUERY, &LinkName) &&
           TRY(NtQuerySymbolicLinkObject, LinkAgain, &Text, &Length) &&
           TRY(NtQueryDirectoryObject, Directory, Buffer, sizeof(Buffer), FALSE, TRUE, &Context, &Length) &&
           TRY(NtCreateDirectoryObjectEx, &Before, DIRECTORY_ALL_ACCESS, NULL, Directory, 0));
    NoMemClose(Before);
    NoMemClose(LinkAgain);
    NoMemClose(Link);
    NoMemClose(Again);
    NoMemClose(Directory);
}

/* Attributes, names, security; permanent and temporary again. */
static VOID Attributes(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-attributes");
    OBJECT_HANDLE_FLAG_INFORMATION Flags = { FALSE, FALSE };
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE Event = NULL;
    ULONG Length;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    if (TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, &Name, NotificationEvent, FALSE) &&
        TRY(NtQueryObject, Event, ObjectNameInformation, Buffer, sizeof(Buffer), &Length) &&
        TRY(NtQueryObject, Event, ObjectTypeInformation, Buffer, sizeof(Buffer), &Length) &&
        TRY(NtSetInformationObject, Event, ObjectHandleFlagInformation, &Flags, sizeof(Flags)) &&
        TRY(NtSetSecurityObject, Event, DACL_SECURITY_INFORMATION, &Descriptor) &&
        TRY(NtQuerySecurityObject, Event, DACL_SECURITY_INFORMATION | OWNER_SECURITY_INFORMATION, Buffer, sizeof(Buffer), &Length) &&
        TRY(NtMakePermanentObject, Event))
        DROP(NtMakeTemporaryObject, Event);
    NoMemClose(Event);
}

/* More handles than a table begins with. */
static VOID Handles(VOID)
{
    static HANDLE Many[600];
    HANDLE Event = NULL;
    BOOLEAN Made = TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    ULONG Count = 0;

    while (Made && Count < ARRAYSIZE(Many))
        if (!TRY(NtDuplicateObject, NtCurrentProcess(), Event, NtCurrentProcess(), &Many[Count], 0, 0, DUPLICATE_SAME_ACCESS))
            Made = FALSE;
        else
            Count++;
    while (Count > 0)
        NoMemClose(Many[--Count]);
    NoMemClose(Event);
}

static VOID Atoms(VOID)
{
    static const WCHAR Name[] = L"a name of an atom for nomem";
    ULONG Length = sizeof(Name) - sizeof(WCHAR);
    RTL_ATOM Atom, Again;

    if (TRY(NtAddAtom, Name, Length, &Atom)) {
        (void)(TRY(NtFindAtom, Name, Length, &Again) &&
               TRY(NtQueryInformationAtom, Atom, AtomBasicInformation, Buffer, sizeof(Buffer), NULL));
        DROP(NtDeleteAtom, Atom);
    }
}

static VOID CompletionPorts(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-completion");
    FILE_IO_COMPLETION_INFORMATION Entries[4];
    HANDLE Port = NULL, Again = NULL;
    ULONG_PTR Key, Apc;
    IO_STATUS_BLOCK IoStatus;
    ULONG Removed;

    (void)(TRY(NtCreateIoCompletion, &Port, IO_COMPLETION_ALL_ACCESS, &Name, 0) &&
           TRY(NtOpenIoCompletion, &Again, IO_COMPLETION_ALL_ACCESS, &Name) &&
           TRY(NtSetIoCompletion, Port, 1, 2, STATUS_SUCCESS, 3) && TRY(NtSetIoCompletion, Port, 4, 5, STATUS_SUCCESS, 6) &&
           TRY(NtRemoveIoCompletion, Again, &Key, &Apc, &IoStatus, NULL) &&
           TRY(NtRemoveIoCompletionEx, Port, Entries, ARRAYSIZE(Entries), &Removed, NULL, FALSE) &&
           TRY(NtSetIoCompletion, Port, 1, 2, STATUS_SUCCESS, 3) &&
           TRY(NtRemoveIoCompletion, Port, &Key, &Apc, &IoStatus, &Soon) &&
           TRY(NtRemoveIoCompletion, Port, &Key, &Apc, &IoStatus, &Soon));
    NoMemClose(Again);
    NoMemClose(Port);
}

static VOID Packets(VOID)
{
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    HANDLE Port = NULL, Event = NULL, Packet = NULL, Reserve = NULL;
    IO_COMPLETION_BASIC_INFORMATION Basic;
    ULONG_PTR Key, Apc;
    IO_STATUS_BLOCK IoStatus;
    BOOLEAN Already;

    (void)(TRY(NtCreateIoCompletion, &Port, IO_COMPLETION_ALL_ACCESS, &Unnamed, 0) &&
           TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, &Unnamed, SynchronizationEvent, FALSE) &&
           TRY(NtAllocateReserveObject, &Reserve, &Unnamed, MemoryReserveIoCompletion) &&
           TRY(NtCreateWaitCompletionPacket, &Packet, GENERIC_ALL, &Unnamed) &&
           TRY(NtSetIoCompletionEx, Port, Reserve, 1, 2, STATUS_SUCCESS, 3) &&
           TRY(NtQueryIoCompletion, Port, IoCompletionBasicInformation, &Basic, sizeof(Basic), NULL) &&
           TRY(NtRemoveIoCompletion, Port, &Key, &Apc, &IoStatus, NULL) &&
           TRY(NtAssociateWaitCompletionPacket, Packet, Port, Event, NULL, NULL, STATUS_SUCCESS, 0, &Already) &&
           TRY(NtCancelWaitCompletionPacket, Packet, TRUE) &&
           TRY(NtAssociateWaitCompletionPacket, Packet, Port, Event, NULL, NULL, STATUS_SUCCESS, 0, &Already) &&
           TRY(NtSetEvent, Event, NULL) && TRY(NtRemoveIoCompletion, Port, &Key, &Apc, &IoStatus, NULL));
    NoMemClose(Packet);
    NoMemClose(Reserve);
    NoMemClose(Event);
    NoMemClose(Port);
}

/* The thread is the only worker that there may be. */
static VOID WorkerFactories(VOID)
{
    OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(Unnamed) };
    WORKER_FACTORY_BASIC_INFORMATION Basic;
    FILE_IO_COMPLETION_INFORMATION Entry;
    LARGE_INTEGER Idle = { .QuadPart = -1 };
    HANDLE Port = NULL, Factory = NULL;
    LONG Pending = 0;
    ULONG Count;

    (void)(TRY(NtCreateIoCompletion, &Port, IO_COMPLETION_ALL_ACCESS, &Unnamed, 0) &&
           TRY(NtCreateWorkerFactory, &Factory, WORKER_FACTORY_ALL_ACCESS, &Unnamed, Port, NtCurrentProcess(), (PVOID)WorkerFactories, NULL, 1, 0, 0) &&
           TRY(NtSetInformationWorkerFactory, Factory, WorkerFactoryIdleTimeout, &Idle, sizeof(Idle)) &&
           TRY(NtWorkerFactoryWorkerReady, Factory) && TRY(NtReleaseWorkerFactoryWorker, Factory) &&
           TRY(NtQueryInformationWorkerFactory, Factory, WorkerFactoryBasicInformation, &Basic, sizeof(Basic), NULL) &&
           TRY(NtWaitForWorkViaWorkerFactory, Factory, &Entry, 1, &Count, NULL));
    if (Factory != NULL) {              /* the thread leaves it */
        DROP(NtShutdownWorkerFactory, Factory, &Pending);
        NtWaitForWorkViaWorkerFactory(Factory, &Entry, 1, &Count, NULL);
    }
    NoMemClose(Factory);
    NoMemClose(Port);
}

static VOID Jobs(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DIRECTORY L"nomem-job");
    JOBOBJECT_BASIC_LIMIT_INFORMATION Limits;
    HANDLE Job = NULL, Again = NULL;

    (void)(TRY(NtCreateJobObject, &Job, JOB_OBJECT_ALL_ACCESS, &Name) &&
           TRY(NtOpenJobObject, &Again, JOB_OBJECT_ALL_ACCESS, &Name) && TRY(NtIsProcessInJob, NtCurrentProcess(), Job) &&
           TRY(NtQueryInformationJobObject, Job, JobObjectBasicLimitInformation, &Limits, sizeof(Limits), NULL) &&
           TRY(NtSetInformationJobObject, Job, JobObjectBasicLimitInformation, &Limits, sizeof(Limits)) &&
           TRY(NtQueryInformationJobObject, Job, JobObjectBasicAccountingInformation, Buffer,
               sizeof(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION), NULL) &&
           TRY(NtTerminateJobObject, Job, 0));
    NoMemClose(Again);
    NoMemClose(Job);
}

static const SCENARIO List[] = {
    { "events", Events }, { "mutants", Mutants }, { "semaphores", Semaphores }, { "waits", Waits },
    { "keyedevents", KeyedEvents }, { "timers", Timers }, { "coalescable", CoalescableTimers }, { "fine timers", FineTimers },
    { "namespaces", Namespaces }, { "directories", Directories }, { "attributes", Attributes },
    { "handles", Handles }, { "atoms", Atoms }, { "completion", CompletionPorts }, { "packets", Packets },
    { "workerfactories", WorkerFactories }, { "jobs", Jobs },
};
const SCENARIOS ObjectScenarios = { List, ARRAYSIZE(List) };
