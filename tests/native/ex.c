/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Events, mutants, semaphores, timers, keyed events, alerts by thread id, atoms, LUIDs, system information.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "resources.h"

#define SELF NtCurrentProcess()
#define MILLISECOND 10000ll

static LARGE_INTEGER Zero;

/* --- events --------------------------------------------------------------------------------------------------- */

static VOID TestEvents(VOID)
{
    EVENT_BASIC_INFORMATION Info;
    HANDLE Event = NULL;
    LONG Previous = -1;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, 2, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Event, &Previous));
    CHECK(Previous == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Event, &Previous));
    CHECK(Previous == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryEvent(Event, EventBasicInformation, &Info, sizeof(Info), &Length));
    CHECK(Info.EventType == SynchronizationEvent && Info.EventState == 1 && Length == sizeof(Info));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryEvent(Event, EventBasicInformation, &Info, 4, &Length));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryEvent(Event, 7, &Info, sizeof(Info), &Length));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtResetEvent(Event, &Previous));
    CHECK(Previous == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtPulseEvent(Event, NULL));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtClearEvent(Event));
    NtClose(Event);
}

/* --- mutants -------------------------------------------------------------------------------------------------- */

static ULONG NTAPI AbandonMutant(PVOID Mutant)
{
    NtWaitForSingleObject(Mutant, FALSE, NULL);
    RtlExitUserThread(0);
    return 0;
}

static ULONG NTAPI ReleaseOther(PVOID Mutant)
{
    CHECK_STATUS(STATUS_MUTANT_NOT_OWNED, NtReleaseMutant(Mutant, NULL));
    RtlExitUserThread(0);
    return 0;
}

static VOID TestMutants(VOID)
{
    MUTANT_BASIC_INFORMATION Info;
    HANDLE Mutant = NULL;
    LONG Previous = 99;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateMutant(&Mutant, MUTANT_ALL_ACCESS, NULL, TRUE));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Mutant, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryMutant(Mutant, MutantBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.CurrentCount == -1 && Info.OwnedByCaller && !Info.AbandonedState);
    CheckJoinThread(CheckStartThread(ReleaseOther, Mutant), NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseMutant(Mutant, &Previous));
    CHECK(Previous == -1);
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseMutant(Mutant, &Previous));
    CHECK(Previous == 0);
    CHECK_STATUS(STATUS_MUTANT_NOT_OWNED, NtReleaseMutant(Mutant, &Previous));
    CheckJoinThread(CheckStartThread(AbandonMutant, Mutant), NULL);
    CHECK_STATUS(STATUS_ABANDONED_WAIT_0, NtWaitForSingleObject(Mutant, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseMutant(Mutant, NULL));
    NtClose(Mutant);
}

/* --- semaphores ----------------------------------------------------------------------------------------------- */

static VOID TestSemaphores(VOID)
{
    SEMAPHORE_BASIC_INFORMATION Info;
    HANDLE Semaphore = NULL;
    LONG Previous = 99;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 2, 1));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 0, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 1, 3));
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseSemaphore(Semaphore, 2, &Previous));
    CHECK(Previous == 1);
    CHECK_STATUS(STATUS_SEMAPHORE_LIMIT_EXCEEDED, NtReleaseSemaphore(Semaphore, 1, &Previous));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySemaphore(Semaphore, SemaphoreBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.CurrentCount == 3 && Info.MaximumCount == 3);
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Semaphore, FALSE, &Zero));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Semaphore, FALSE, &Zero));
    NtClose(Semaphore);
}

/* --- timers --------------------------------------------------------------------------------------------------- */

static ULONG TimerCalls;

static VOID NTAPI TimerApc(PVOID Context, ULONG Low, LONG High)
{
    TimerCalls += Context == &TimerCalls;
}

static VOID TestTimers(VOID)
{
    LARGE_INTEGER Due = { .QuadPart = -20 * MILLISECOND }, Long = { .QuadPart = -60000 * MILLISECOND };
    LARGE_INTEGER Wait = { .QuadPart = LONG_ENOUGH };
    TIMER_BASIC_INFORMATION Info;
    HANDLE Timer = NULL;
    BOOLEAN State = TRUE;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Due, NULL, NULL, FALSE, 0, &State));
    CHECK(State == FALSE);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryTimer(Timer, TimerBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.TimerState == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Long, NULL, NULL, FALSE, 0, &State));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryTimer(Timer, TimerBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.TimerState == FALSE && Info.RemainingTime.QuadPart > 0 && Info.RemainingTime.QuadPart <= -Long.QuadPart);
    CHECK_STATUS(STATUS_SUCCESS, NtCancelTimer(Timer, &State));
    CHECK(State == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Due, TimerApc, &TimerCalls, FALSE, 0, NULL));
    CHECK_STATUS(STATUS_USER_APC, NtDelayExecution(TRUE, &Wait));
    CHECK(TimerCalls == 1);
    /* Wine 8 calls the routine of a periodic timer once. */
    if (!IsWine) {
        CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Due, TimerApc, &TimerCalls, FALSE, 20, NULL));
        for (ULONG i = 0; i < 3; i++)
            CHECK_STATUS(STATUS_USER_APC, NtDelayExecution(TRUE, &Wait));
        CHECK(TimerCalls >= 4);
        CHECK_STATUS(STATUS_SUCCESS, NtCancelTimer(Timer, NULL));
        CHECK_STATUS(STATUS_SUCCESS, NtDelayExecution(TRUE, &Due));
    }
    NtClose(Timer);
}

/* Source: TIMER_SET_COALESCABLE_TIMER_INFO (ntddk.h), SetWaitableTimerEx (Win32 documentation). */
static VOID TestCoalescableTimers(VOID)
{
    COUNTED_REASON_CONTEXT Reason = { .Version = DIAGNOSTIC_REASON_VERSION, .Flags = DIAGNOSTIC_REASON_NOT_SPECIFIED };
    BOOLEAN State = TRUE;
    TIMER_SET_COALESCABLE_TIMER_INFO Setting = { .DueTime.QuadPart = -20 * MILLISECOND, .TolerableDelay = 1000,
                                                 .PreviousState = &State };
    LARGE_INTEGER Wait = { .QuadPart = LONG_ENOUGH };
    const ULONG Size = sizeof(Setting);
    TIMER_BASIC_INFORMATION Info;
    HANDLE Timer = NULL;
    ULONG Calls = TimerCalls;

    CHECK(Size == 0x30);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtSetTimerEx(Timer, MaxTimerInfoClass, &Setting, Size));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size - 1));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size + 1));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    CHECK(State == FALSE);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Wait));

    Setting.TimerApcRoutine = TimerApc;
    Setting.TimerContext = &TimerCalls;
    Setting.Period = 20;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    CHECK(State == TRUE);
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_USER_APC, NtDelayExecution(TRUE, &Wait));
    CHECK(TimerCalls >= Calls + 3);

    /* What is refused leaves the timer as it was. */
    CHECK_STATUS(STATUS_SUCCESS, NtCancelTimer(Timer, NULL));
    Setting.DueTime.QuadPart = -60000 * MILLISECOND;
    Setting.Period = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    Setting.DueTime.QuadPart = 0;
    Setting.Period = 0x80000000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    Setting.Period = 0;
    Setting.TolerableDelay = 0x80000000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    Setting.TolerableDelay = 0;
    Setting.WakeContext = &Reason;
    Reason.Version = DIAGNOSTIC_REASON_VERSION + 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    Reason.Version = DIAGNOSTIC_REASON_VERSION;
    Reason.Flags = 4;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    Reason.Flags = DIAGNOSTIC_REASON_NOT_SPECIFIED;
    Setting.WakeContext = (PCOUNTED_REASON_CONTEXT)8;
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    Setting.WakeContext = &Reason;
    Setting.PreviousState = (PBOOLEAN)8;
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryTimer(Timer, TimerBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.TimerState == FALSE && Info.RemainingTime.QuadPart > 0);

    /* There is no sleep to resume from. */
    Setting.PreviousState = NULL;
    CHECK_STATUS(STATUS_TIMER_RESUME_IGNORED, NtSetTimerEx(Timer, TimerSetCoalescableTimer, &Setting, Size));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Wait));
    NtClose(Timer);
}

/* --- keyed events, alerts ------------------------------------------------------------------------------------- */

static HANDLE Keyed;
static ULONG Key;

static ULONG NTAPI ReleaseKey(PVOID Unused)
{
    CHECK_STATUS(STATUS_SUCCESS, NtReleaseKeyedEvent(Keyed, &Key, FALSE, NULL));
    RtlExitUserThread(0);
    return 0;
}

static VOID TestKeyedEvents(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -10 * MILLISECOND };
    HANDLE Thread;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKeyedEvent(&Keyed, KEYEDEVENT_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForKeyedEvent(Keyed, &Key, FALSE, &Short));
    CHECK_STATUS(STATUS_TIMEOUT, NtReleaseKeyedEvent(Keyed, &Key, FALSE, &Short));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtWaitForKeyedEvent(Keyed, (PVOID)3, FALSE, &Short));
    Thread = CheckStartThread(ReleaseKey, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForKeyedEvent(Keyed, &Key, FALSE, NULL));
    CheckJoinThread(Thread, NULL);
    NtClose(Keyed);
}

static HANDLE MainThreadId;

static ULONG NTAPI AlertMain(PVOID Unused)
{
    CHECK_STATUS(STATUS_SUCCESS, NtAlertThreadByThreadId(MainThreadId));
    RtlExitUserThread(0);
    return 0;
}

static VOID TestAlerts(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -10 * MILLISECOND };
    HANDLE Thread;

    MainThreadId = NtCurrentTeb()->ClientId.UniqueThread;
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForAlertByThreadId(&Key, &Short));
    CHECK_STATUS(STATUS_SUCCESS, NtAlertThreadByThreadId(MainThreadId));
    CHECK_STATUS(STATUS_ALERTED, NtWaitForAlertByThreadId(&Key, NULL));
    Thread = CheckStartThread(AlertMain, NULL);
    CHECK_STATUS(STATUS_ALERTED, NtWaitForAlertByThreadId(&Key, NULL));
    CheckJoinThread(Thread, NULL);
    CHECK_STATUS(STATUS_INVALID_CID, NtAlertThreadByThreadId((HANDLE)0x7ffffff0));
}

/* --- atoms ---------------------------------------------------------------------------------------------------- */

static VOID TestAtoms(VOID)
{
    static const WCHAR Name[] = L"NereidAtom", Upper[] = L"NEREIDATOM";
    struct {
        USHORT UsageCount, Flags, NameLength;
        WCHAR Name[64];
    } Info;
    RTL_ATOM First = 0, Second = 0, Integer = 0;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtAddAtom(Name, sizeof(Name) - 2, &First));
    CHECK(First >= 0xC000);
    CHECK_STATUS(STATUS_SUCCESS, NtAddAtom(Upper, sizeof(Upper) - 2, &Second));
    CHECK(First == Second);
    CHECK_STATUS(STATUS_SUCCESS, NtFindAtom(Upper, sizeof(Upper) - 2, &Second));
    CHECK(First == Second);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationAtom(First, AtomBasicInformation, &Info, sizeof(Info), &Length));
    CHECK(Info.UsageCount == 2 && Info.NameLength == sizeof(Name) - 2 && wcscmp(Info.Name, Name) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteAtom(First));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteAtom(First));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtFindAtom(Name, sizeof(Name) - 2, &Second));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtDeleteAtom(First));
    CHECK_STATUS(STATUS_SUCCESS, NtAddAtom(L"#123", 8, &Integer));
    CHECK(Integer == 123);
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, NtAddAtom(Name, 0, &First));
}

/* --- system information --------------------------------------------------------------------------------------- */

static VOID TestSystemInformation(VOID)
{
    SYSTEM_BASIC_INFORMATION Basic;
    SYSTEM_PERFORMANCE_INFORMATION Performance;
    SYSTEM_TIMEOFDAY_INFORMATION Time;
    static UCHAR Random[2][24 * 64];
    static UCHAR Big[0x10000];
    PSYSTEM_PROCESS_INFORMATION Process = (PVOID)Big;
    BOOLEAN Found = FALSE;
    ULONG Length = 0;
    LUID First, Second;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemBasicInformation, &Basic, sizeof(Basic), &Length));
    CHECK(Basic.PageSize == 4096 && Basic.AllocationGranularity == 65536 && Basic.NumberOfProcessors >= 1);
    CHECK(Basic.NumberOfPhysicalPages > 1000 && Length == sizeof(Basic));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH,
                 NtQuerySystemInformation(SystemBasicInformation, &Basic, sizeof(Basic) - 1, &Length));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQuerySystemInformation(SystemPerformanceInformation, &Performance, sizeof(Performance), &Length));
    CHECK(Performance.AvailablePages != 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemTimeOfDayInformation, &Time, sizeof(Time), &Length));
    CHECK(Time.CurrentTime.QuadPart > Time.BootTime.QuadPart);
    CHECK(NtGetTickCount() >= 1000);    /* programs take less for "never", however early they are started */
    for (ULONG i = 0; i < 2; i++)
        CHECK_STATUS(STATUS_SUCCESS,
                     NtQuerySystemInformation(SystemInterruptInformation, Random[i], 24 * Basic.NumberOfProcessors,
                                              &Length));
    CHECK(memcmp(Random[0], Random[1], 24) != 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemProcessInformation, Big, sizeof(Big), &Length));
    for (;;) {
        Found |= Process->UniqueProcessId == NtCurrentTeb()->ClientId.UniqueProcess && Process->NumberOfThreads >= 1;
        if (Process->NextEntryOffset == 0)
            break;
        Process = (PVOID)((PUCHAR)Process + Process->NextEntryOffset);
    }
    CHECK(Found);
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQuerySystemInformation(0x7fff, Big, sizeof(Big), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateLocallyUniqueId(&First));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateLocallyUniqueId(&Second));
    CHECK(First.LowPart != Second.LowPart || First.HighPart != Second.HighPart);
}

static VOID TestDelay(VOID)
{
    LARGE_INTEGER Before, After, Delay = { .QuadPart = -30 * MILLISECOND };

    NtQuerySystemTime(&Before);
    CHECK_STATUS(STATUS_SUCCESS, NtDelayExecution(FALSE, &Delay));
    NtQuerySystemTime(&After);
    CHECK(After.QuadPart - Before.QuadPart >= 25 * MILLISECOND &&
          After.QuadPart - Before.QuadPart < 60000 * MILLISECOND);
    CHECK_STATUS(STATUS_SUCCESS, NtDelayExecution(FALSE, &Zero));
}

/* Blocks of all tags together are the pool's; a hundred events are blocks of one tag, and gone when they are closed. */
static VOID TestPoolTags(VOID)
{
    static POOL_TAGS Tags[3];
    EXECUTIVE_RESOURCES Resources;
    ULONG Objects = 'jbOb', Blocks = 0, Length = 0;
    HANDLE Events[100];

    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQuerySystemInformation(SystemPoolTagInformation, Tags, 8, &Length));
    CHECK(Length > 8 && Length <= sizeof(Tags[0]));
    CHECK_STATUS(STATUS_SUCCESS, QueryPoolTags(&Tags[0]));
    QueryResources(&Resources);
    for (ULONG i = 0; i < Tags[0].Count; i++)
        Blocks += PoolBlocksOf(&Tags[0], Tags[0].Tag[i].Tag);
    CHECK(Tags[0].Count > 10 && Blocks == Resources.PoolBlocks);
    for (ULONG i = 0; i < ARRAYSIZE(Events); i++)
        NtCreateEvent(&Events[i], EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, QueryPoolTags(&Tags[1]));
    for (ULONG i = 0; i < ARRAYSIZE(Events); i++)
        NtClose(Events[i]);
    CHECK_STATUS(STATUS_SUCCESS, QueryPoolTags(&Tags[2]));
    CHECK(PoolBlocksOf(&Tags[1], Objects) == PoolBlocksOf(&Tags[0], Objects) + ARRAYSIZE(Events));
    CHECK(PoolBlocksOf(&Tags[2], Objects) == PoolBlocksOf(&Tags[0], Objects));
}

/* --- the processor's key ------------------------------------------------------------------------------------------ */

#define PROCESSOR_KEY L"\\Registry\\Machine\\Hardware\\Description\\System\\CentralProcessor\\0"

/* Length of the value's data, 0 if there is none of the type. */
static ULONG ReadValue(HANDLE Key, PCWSTR Name, ULONG Type, PVOID Data, ULONG Size)
{
    UCHAR Buffer[256];
    PKEY_VALUE_PARTIAL_INFORMATION Value = (PVOID)Buffer;
    UNICODE_STRING String;
    ULONG Length;

    RtlInitUnicodeString(&String, Name);
    if (!NT_SUCCESS(NtQueryValueKey(Key, &String, KeyValuePartialInformation, Buffer, sizeof(Buffer), &Length)) || Value->Type != Type ||
        Value->DataLength > Size)
        return 0;
    memcpy(Data, Value->Data, Value->DataLength);
    return Value->DataLength;
}

/* os.cpus() of libuv, systeminfo and installers read name and speed there. */
static VOID TestProcessorKey(void)
{
    static const PCWSTR Variables[] = { L"PROCESSOR_IDENTIFIER", L"PROCESSOR_LEVEL", L"PROCESSOR_REVISION" };
    UNICODE_STRING Path = RTL_CONSTANT_UNICODE_STRING(PROCESSOR_KEY), Child = RTL_CONSTANT_UNICODE_STRING(L"child"), Wide;
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Path, OBJ_CASE_INSENSITIVE);
    CHAR Brand[49];
    ULONG Megahertz = 0, Length, Features = 0;
    WCHAR Text[100];
    HANDLE Key, New;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_ALL_ACCESS, &Attributes)))
        return;
    CHECK(ReadValue(Key, L"~MHz", REG_DWORD, &Megahertz, sizeof(Megahertz)) == sizeof(ULONG) && Megahertz > 0 && Megahertz < 100000);
    CHECK(ReadValue(Key, L"FeatureSet", REG_DWORD, &Features, sizeof(Features)) == sizeof(ULONG));
    CHECK((Length = ReadValue(Key, L"VendorIdentifier", REG_SZ, Text, sizeof(Text))) == 13 * sizeof(WCHAR) && Text[12] == 0);
    CHECK(ReadValue(Key, L"Identifier", REG_SZ, Text, sizeof(Text)) != 0 && wcsstr(Text, L" Family ") != NULL && wcsstr(Text, L" Stepping ") != NULL);
    /* SystemProcessorBrandString */
    if (NT_SUCCESS(NtQuerySystemInformation((SYSTEM_INFORMATION_CLASS)105, Brand, sizeof(Brand), &Length)) && Brand[0] != 0) {
        RtlCreateUnicodeStringFromAsciiz(&Wide, Brand);
        CHECK(ReadValue(Key, L"ProcessorNameString", REG_SZ, Text, sizeof(Text)) != 0 && wcscmp(Text, Wide.Buffer) == 0);
        RtlFreeUnicodeString(&Wide);
    }
    InitializeObjectAttributes(&Attributes, &Child, OBJ_CASE_INSENSITIVE, Key, NULL);
    CHECK_STATUS(STATUS_CHILD_MUST_BE_VOLATILE, NtCreateKey(&New, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, NULL));
    NtClose(Key);
    for (ULONG i = 0; i < ARRAYSIZE(Variables); i++) {
        UNICODE_STRING Name, Value = { 0, sizeof(Text), Text };

        RtlInitUnicodeString(&Name, Variables[i]);
        CHECK_STATUS(STATUS_SUCCESS, RtlQueryEnvironmentVariable_U(NULL, &Name, &Value));
    }
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestEvents();
    TestMutants();
    TestSemaphores();
    TestTimers();
    if (!IsWine)                        /* Wine 8.0 has no NtSetTimerEx */
        TestCoalescableTimers();
    TestKeyedEvents();
    TestAlerts();
    TestAtoms();
    TestSystemInformation();
    TestDelay();
    if (!IsWine)                        /* it does not count its server's memory */
        TestPoolTags();
    TestProcessorKey();
    return CheckClose();
}
