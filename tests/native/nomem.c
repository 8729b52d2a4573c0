/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services without memory: each scenario is run once for each allocation that ntos makes for it, with this one failing, and
 * once more with this one and all that follow (abi/resources.h).  At each: the service says that memory is short, what it
 * had taken is given back, and closing works.  A service of abi/services.def that no scenario calls stands in Exceptions.
 *
 * Runs on: Nereid.  With: crash.sys.
 *
 * `nomem NAME' runs the scenario of that name only and says more.
 */
#include "nomem.h"
#include "resources.h"

#define MOST_ALLOCATIONS 3000
#define REPEATS 30
#define ONLY_ONE 1
#define ALL_THAT_FOLLOW ((ULONG64)-1)

static const SCENARIOS *const Families[] = { &ObjectScenarios, &MemoryScenarios, &FileScenarios,
        &KeyScenarios, &TokenScenarios, &ProcessScenarios, &PortScenarios, &AlpcScenarios, &SystemScenarios };

static const struct {
    PCSTR Name;
    BOOLEAN Missing;
} Services[] = {
#define SERVICE(Name, Arguments) { #Name, FALSE },
#define MISSING(Name, Arguments) { #Name, TRUE },
#define RETIRED(Name, Arguments) { #Name, TRUE },
#include "abi/services.def"
#undef SERVICE
#undef MISSING
#undef RETIRED
};
C_ASSERT(ARRAYSIZE(Services) == NUMBER_COUNT);

/* Services that no scenario calls. */
static const struct {
    ULONG Service;
    PCSTR Reason;
} Exceptions[] = {
    { NumberNtShutdownSystem, "ends the system" },
    { NumberNtCallbackReturn, "never succeeds: ntos calls no program back" },
    { NumberNtQueryInformationPort, "never succeeds: there is no class" },
    { NumberNtLockRegistryKey, "wants no memory, and the key could not go" },
    { NumberNtThawRegistry, "wants no memory" },
    { NumberNtQueryEaFile, "never succeeds: no volume has extended attributes" },
    { NumberNtSetEaFile, "never succeeds: no volume has extended attributes" },
    { NumberNtQueryLicenseValue, "never succeeds: there is no licence" },
    { NumberNtInitializeRegistry, "never succeeds once the system has begun" },
};

HANDLE NoMemPartner;
static BOOLEAN Verbose;
static ULONG Called[NUMBER_COUNT], Failures[NUMBER_COUNT];
static struct {
    PCSTR Scenario;
    ULONG64 First, Count;
    ULONG64 Failed;                 /* up to the last answer */
    BOOLEAN Degraded;               /* a service went on without what it did not get */
} Now;

static struct {
    HANDLE Go, Done;                /* synchronization events */
    NTSTATUS (NTAPI *Routine)(PVOID);
    PVOID Argument;
} Partner;

static NTSTATUS NTAPI PartnerThread(PVOID Argument)
{
    while (NT_SUCCESS(NtWaitForSingleObject(Partner.Go, FALSE, NULL))) {
        Partner.Routine(Partner.Argument);
        NtSetEvent(Partner.Done, NULL);
    }
    return STATUS_SUCCESS;
}

static VOID StartPartner(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Partner.Go, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Partner.Done, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    NoMemPartner = CheckStartThread(PartnerThread, NULL);
}

VOID NoMemBegin(NTSTATUS (NTAPI *Routine)(PVOID), PVOID Argument)
{
    Partner.Routine = Routine;
    Partner.Argument = Argument;
    NtSetEvent(Partner.Go, NULL);
}

VOID NoMemEnd(VOID)
{
    NtWaitForSingleObject(Partner.Done, FALSE, NULL);
}

static ULONG64 CountFailed(PULONG64 Allocations)
{
    ALLOCATION_FAILURE Failure = { 0 };

    NtQuerySystemInformation(SystemAllocationFailure, &Failure, sizeof(Failure), NULL);
    if (Allocations != NULL)
        *Allocations = Failure.Allocations;
    return Failure.Failed;
}

static VOID SetFailure(ULONG64 First, ULONG64 Count)
{
    ALLOCATION_FAILURE Failure = { .First = First, .Count = Count };

    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemInformation(SystemAllocationFailure, &Failure, sizeof(Failure)));
}

static BOOLEAN SaysNoMemory(NTSTATUS Status)
{
    return Status == STATUS_NO_MEMORY || Status == STATUS_INSUFFICIENT_RESOURCES || Status == STATUS_COMMITMENT_LIMIT ||
           Status == STATUS_QUOTA_EXCEEDED || Status == STATUS_DISK_FULL || Status == STATUS_SECTION_NOT_EXTENDED;
}

/* A copy says that it ended at a page that could not be had, a flush that the hive was not written. */
static BOOLEAN IsServicesOwn(ULONG Service, NTSTATUS Status)
{
    return (Status == STATUS_REGISTRY_IO_FAILED && (Service == NumberNtFlushKey || Service == NumberNtCompressKey ||
                                                    Service == NumberNtFreezeRegistry || Service == NumberNtUnloadKey2)) ||
           (Status == STATUS_PARTIAL_COPY &&
            (Service == NumberNtReadVirtualMemory || Service == NumberNtWriteVirtualMemory));
}

static VOID Complain(PCSTR What, ULONG Service, NTSTATUS Status)
{
    CHECK(!"a service without memory");
    Print(L"    %hs, from allocation %I64u (%hs): %hs %hs: 0x%08X\n", Now.Scenario, Now.First,
          Now.Count == ONLY_ONE ? "only this" : "all", Services[Service].Name, What, Status);
}

BOOLEAN NoMemAnswer(ULONG Service, NTSTATUS Status)
{
    ULONG64 Failed = CountFailed(NULL);
    BOOLEAN Short = Failed != Now.Failed;

    Now.Failed = Failed;
    Called[Service]++;
    if (Short)
        Failures[Service]++;
    if (Short && NT_SUCCESS(Status)) {
        Now.Degraded = TRUE;
        if (Verbose)
            Print(L"    allocation %I64u: %hs does without\n", Now.First, Services[Service].Name);
    }
    if (Short && !NT_SUCCESS(Status) && !SaysNoMemory(Status) && !IsServicesOwn(Service, Status))
        Complain("gives a wrong reason", Service, Status);
    if (!Short && !NT_SUCCESS(Status) && !Now.Degraded)
        Complain("fails with memory", Service, Status);
    if (Verbose && Short && !NT_SUCCESS(Status))
        Print(L"    allocation %I64u: %hs answers 0x%08X\n", Now.First, Services[Service].Name, Status);
    return NT_SUCCESS(Status);
}

VOID NoMemGaveBack(ULONG Service, NTSTATUS Status)
{
    ULONG64 Failed = CountFailed(NULL);

    if (Failed != Now.Failed)
        Failures[Service]++;
    Now.Failed = Failed;
    Called[Service]++;
    if (!NT_SUCCESS(Status))
        Complain("does not give back", Service, Status);
}

static BOOLEAN IsMore(const EXECUTIVE_RESOURCES *After, const EXECUTIVE_RESOURCES *Before)
{
    return After->Objects > Before->Objects || After->Handles > Before->Handles || After->PoolBlocks > Before->PoolBlocks ||
           After->UsedPages > Before->UsedPages || After->CommittedPages > Before->CommittedPages ||
           After->StacksInUse > Before->StacksInUse || After->CapabilitySlots > Before->CapabilitySlots;
}

static NTSTATUS NTAPI RunScenarioNow(PVOID Scenario)
{
    SetFailure(Now.First, Now.Count);
    ((const SCENARIO *)Scenario)->Run();
    return STATUS_SUCCESS;
}

/* TRUE: allocations failed. */
static BOOLEAN RunOnce(const SCENARIO *Scenario, ULONG64 First, ULONG64 Count)
{
    ULONG64 Failed;

    Now.Scenario = Scenario->Name;
    Now.First = First;
    Now.Count = Count;
    Now.Failed = 0;
    Now.Degraded = FALSE;
    if (Scenario->OwnThread)
        CheckJoinThread(CheckStartThread(RunScenarioNow, (PVOID)Scenario), NULL);
    else
        RunScenarioNow((PVOID)Scenario);
    Failed = CountFailed(NULL);
    SetFailure(0, 0);
    if (Scenario->Clean != NULL)
        Scenario->Clean();
    return Failed != 0;
}

/* What ends in the background (threads, processes) has ended; at most a quarter of a second. */
static BOOLEAN SettlesAt(const EXECUTIVE_RESOURCES *Before, PEXECUTIVE_RESOURCES After)
{
    LARGE_INTEGER Time = { .QuadPart = -10000 };

    for (ULONG i = 0; i < 8; i++) {
        QueryResources(After);
        if (!IsMore(After, Before))
            return TRUE;
        NtDelayExecution(FALSE, &Time);
        Time.QuadPart *= 2;
    }
    return FALSE;
}

/* A cache that the scenario fills grows once; what is lost grows each time. */
static VOID CheckNothingLost(const SCENARIO *Scenario, ULONG64 First, ULONG64 Count, PEXECUTIVE_RESOURCES Before)
{
    EXECUTIVE_RESOURCES After;

    for (ULONG i = 0; i < REPEATS; i++) {
        if (SettlesAt(Before, &After))
            return;
        if (i == REPEATS - 2) {
            PrintResources(L"    before", Before);
            PrintResources(L"    after ", &After);
        }
        *Before = After;
        RunOnce(Scenario, First, Count);
    }
    CHECK(!"something is lost");
    Print(L"    %hs, from allocation %I64u (%hs)\n", Scenario->Name, First, Count == ONLY_ONE ? "only this" : "all");
}

static ULONG64 RunAll(const SCENARIO *Scenario, ULONG64 Count, PEXECUTIVE_RESOURCES Before)
{
    ULONG64 First = 1;

    while (First < MOST_ALLOCATIONS && RunOnce(Scenario, First, Count)) {
        CheckNothingLost(Scenario, First, Count, Before);
        First++;
    }
    CHECK(First < MOST_ALLOCATIONS);
    CheckNothingLost(Scenario, First, Count, Before);
    return First - 1;
}

static ULONG64 RunScenario(const SCENARIO *Scenario)
{
    EXECUTIVE_RESOURCES Before;
    ULONG64 Single, All;

    RunOnce(Scenario, MOST_ALLOCATIONS * 100, ONLY_ONE);
    QueryResources(&Before);
    CheckNothingLost(Scenario, MOST_ALLOCATIONS * 100, ONLY_ONE, &Before);
    Single = RunAll(Scenario, ONLY_ONE, &Before);
    All = RunAll(Scenario, ALL_THAT_FOLLOW, &Before);
    CHECK(Single != 0 || All == 0);
    if (Verbose)
        Print(L"%hs: %I64u allocations\n", Scenario->Name, Single);
    return Single + All;
}

static PCSTR WhyNotCalled(ULONG Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(Exceptions); i++)
        if (Exceptions[i].Service == Service)
            return Exceptions[i].Reason;
    return NULL;
}

/* Each service has a scenario, or a reason why not. */
static VOID CheckServices(VOID)
{
    for (ULONG i = 0; i < NUMBER_COUNT; i++) {
        if (Services[i].Missing || (Called[i] != 0) != (WhyNotCalled(i) != NULL))
            continue;
        CHECK(!"a service has either a scenario or a reason");
        Print(L"    %hs\n", Services[i].Name);
    }
}

static VOID PrintServices(ULONG64 Runs)
{
    ULONG Implemented = 0, Tried = 0, WithFailures = 0;

    for (ULONG i = 0; i < NUMBER_COUNT; i++) {
        Implemented += !Services[i].Missing;
        Tried += Called[i] != 0;
        WithFailures += Failures[i] != 0;
    }
    Print(L"%u of %u services, of these %u with allocations; %I64u times an allocation failed\n", Tried, Implemented,
          WithFailures, Runs);
}

static VOID EnablePrivilege(ULONG Privilege)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, SE_PRIVILEGE_ENABLED } } };
    HANDLE Token;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    ULONG64 Runs = 0;

    if (ArgumentCount == 2 && wcscmp(Arguments[1], L"child") == 0)
        return 0;
    Verbose = ArgumentCount > 1;
    EnablePrivilege(SE_BACKUP_PRIVILEGE);
    EnablePrivilege(SE_RESTORE_PRIVILEGE);
    EnablePrivilege(SE_DEBUG_PRIVILEGE);
    EnablePrivilege(SE_LOAD_DRIVER_PRIVILEGE);
    EnablePrivilege(SE_CREATE_TOKEN_PRIVILEGE);
    EnablePrivilege(SE_SYSTEMTIME_PRIVILEGE);
    EnablePrivilege(SE_TIME_ZONE_PRIVILEGE);
    StartPartner();
    for (ULONG Family = 0; Family < ARRAYSIZE(Families); Family++)
        for (ULONG i = 0; i < Families[Family]->Count; i++) {
            const SCENARIO *Scenario = &Families[Family]->List[i];
            WCHAR Name[32];

            _snwprintf(Name, ARRAYSIZE(Name), L"%hs", Scenario->Name);
            if (ArgumentCount == 1 || wcscmp(Arguments[1], Name) == 0)
                Runs += RunScenario(Scenario);
        }
    if (ArgumentCount == 1) {
        CheckServices();
        PrintServices(Runs);
    }
    return CheckClose();
}
