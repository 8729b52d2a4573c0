/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader without memory: loads while the process's heap cannot grow and has a little more room each time, until the
 * load succeeds, so that each of its allocations is once the first that fails; loads while the process may commit a page
 * more each time.  A load that fails leaves nothing: no module, no view, no block.  Thread-local storage: of modules that
 * come while threads wait, whose vectors must grow, and while the storage of terminated threads is still there.
 * The DLLs are made at run time.
 * Runs on: Nereid.  (Wine's loader does not survive it.)
 */
#include "makedll.h"

#define ROOM 0x8000                     /* of the heap, at most */
#define SPARE_PAGES 12                  /* what a load needs beside the heap; fewer than the heap grows by */
#define PAGE 0x1000
#define STEP 32                         /* the heap's smallest block */
#define VECTOR 16                       /* places of a thread's first vector */

static HANDLE Job;
static PVOID Keeper;                    /* a block of ROOM bytes, or fewer: what is behind it is free */
static PVOID *Filling;                  /* the other blocks that fill the heap, linked by their first words */

/* --- DLLs: ldr-a.dll ... ldr-z.dll ---------------------------------------------------------------------------------- */

static VOID Make(char Letter, BOOLEAN Tls, PCSZ Forward, PCSZ First, PCSZ Second)
{
    MAKEDLL Dll = { .Imports = { First, Second }, .Forward = Forward, .Value = (ULONG)Letter, .Tls = Tls };

    CHECK_STATUS(STATUS_SUCCESS, MakeDll(MakeDllPath(Letter), &Dll));
}

static NTSTATUS Load(char Letter, PVOID *Base)
{
    UNICODE_STRING Name = MakeDllName(Letter);

    *Base = (PVOID)1;
    return LdrLoadDll(NULL, NULL, &Name, Base);
}

static ULONG TlsIndexOf(PVOID Base)
{
    return *(PULONG)((PUCHAR)Base + MAKEDLL_TLS_INDEX);
}

/* The calling thread's value of a module. */
static ULONG TlsValueOf(ULONG Index)
{
    return **((PULONG *)NtCurrentTebEx()->ThreadLocalStoragePointer + Index);
}

/* --- memory --------------------------------------------------------------------------------------------------------- */

static SIZE_T Committed(VOID)
{
    VM_COUNTERS Counters = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(NtCurrentProcess(), ProcessVmCounters, &Counters,
                                                           sizeof(Counters), NULL));
    return Counters.PagefileUsage;
}

/* The process may commit so many pages more; -1: as many as there are. */
static VOID Limit(LONG Pages)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION Limits = { 0 };

    if (Pages >= 0) {
        Limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        Limits.ProcessMemoryLimit = Committed() + (SIZE_T)Pages * PAGE;
    }
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationJobObject(Job, JobObjectExtendedLimitInformation, &Limits, sizeof(Limits)));
}

/* Takes all that the heap has, but the Keeper's. */
static VOID FillHeap(VOID)
{
    Keeper = RtlAllocateHeap(RtlProcessHeap(), 0, ROOM);
    CHECK(Keeper != NULL);
    Limit(SPARE_PAGES);
    for (SIZE_T Size = 0x20000; Size >= sizeof(PVOID); Size /= 2) {
        PVOID *Block;

        while ((Block = RtlAllocateHeap(RtlProcessHeap(), 0, Size)) != NULL) {
            *Block = Filling;
            Filling = Block;
        }
    }
}

static VOID EmptyHeap(VOID)
{
    Limit(-1);
    while (Filling != NULL) {
        PVOID *Next = *Filling;

        RtlFreeHeap(RtlProcessHeap(), 0, Filling);
        Filling = Next;
    }
    RtlFreeHeap(RtlProcessHeap(), 0, Keeper);
}

static VOID GiveRoom(SIZE_T Bytes)
{
    CHECK(RtlReAllocateHeap(RtlProcessHeap(), HEAP_REALLOC_IN_PLACE_ONLY, Keeper, ROOM - Bytes) == Keeper);
}

/* Blocks that the heap keeps for the next ones of their size it gives up where there is no memory. */
static VOID JoinRoom(VOID)
{
    CHECK(RtlAllocateHeap(RtlProcessHeap(), 0, ROOM + 1) == NULL);
}

/* Works if nothing of the room is in use. */
static BOOLEAN TakeRoom(VOID)
{
    JoinRoom();
    return CHECK(RtlReAllocateHeap(RtlProcessHeap(), HEAP_REALLOC_IN_PLACE_ONLY, Keeper, ROOM) == Keeper);
}

/* --- loads that fail ------------------------------------------------------------------------------------------------ */

static BOOLEAN IsNoMemory(NTSTATUS Status)
{
    return Status == STATUS_NO_MEMORY || Status == STATUS_COMMITMENT_LIMIT || Status == STATUS_INSUFFICIENT_RESOURCES;
}

/* A load of Letter, which may bring all of Letters; whether it succeeded.  It is unloaded then. */
static BOOLEAN TryLoad(char Letter, PCSZ Letters, BOOLEAN HeapOnly)
{
    PVOID Base;
    NTSTATUS Status = Load(Letter, &Base);

    if (NT_SUCCESS(Status)) {
        for (PCSZ One = Letters; *One != 0; One++)
            CHECK(MakeDllIsLoaded(*One));
        CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(Base));
    } else if (!CHECK(HeapOnly ? Status == STATUS_NO_MEMORY : IsNoMemory(Status))) {
        Print(L"    status %08X\n", Status);
    } else {
        CHECK(Base == NULL);
    }
    for (PCSZ One = Letters; *One != 0; One++)
        CHECK(!MakeDllIsLoaded(*One));
    return NT_SUCCESS(Status);
}

/* The heap has 0, STEP, 2 STEP... bytes for the load.  Keeps: a load that fails keeps what it gave to threads.  How often it failed. */
static ULONG TryWithLittleHeap(char Letter, PCSZ Letters, BOOLEAN Keeps)
{
    ULONG Failures = 0;
    BOOLEAN Done = FALSE;

    FillHeap();
    for (SIZE_T Bytes = 0; Bytes < ROOM && !Done; Bytes += STEP) {
        SIZE_T Before = Committed();

        GiveRoom(Bytes);
        Done = TryLoad(Letter, Letters, TRUE);
        Failures += !Done;
        if (Keeps)
            JoinRoom();
        else if (!TakeRoom() || !CHECK(Committed() == Before))
            break;
    }
    CHECK(Done);
    EmptyHeap();
    return Failures;
}

static VOID TryWithFewPages(char Letter, PCSZ Letters)
{
    BOOLEAN Done = FALSE;

    FillHeap();
    for (LONG Pages = 0; Pages < 4 * SPARE_PAGES && !Done; Pages++) {
        SIZE_T Before = Committed();

        Limit(Pages);
        GiveRoom(ROOM / 2);
        Done = TryLoad(Letter, Letters, FALSE);
        if (!TakeRoom() || !CHECK(Committed() == Before))
            break;
    }
    CHECK(Done);
    EmptyHeap();
}

/* What the first load of all leaves for ever is there before anything is counted. */
static VOID WarmUp(char Letter, PCSZ Letters)
{
    for (ULONG Round = 0; Round < 2; Round++)
        CHECK(TryLoad(Letter, Letters, TRUE));
}

/* A diamond, with a forwarder in it: a imports from b and c, both from d, whose export leads to e. */
static VOID TestGraph(VOID)
{
    Make('a', TRUE, NULL, "ldr-b.dll!Func", "ldr-c.dll!Func");
    Make('b', FALSE, NULL, "ldr-d.dll!Func", NULL);
    Make('c', FALSE, NULL, "ldr-d.dll!Forward", NULL);
    Make('d', TRUE, "ldr-e.Func", NULL, NULL);
    Make('e', FALSE, NULL, NULL, NULL);
    WarmUp('a', "abcde");
    CHECK(TryWithLittleHeap('a', "abcde", FALSE) > 20);
    TryWithFewPages('a', "abcde");
}

/* Two that need each other, and a third that one of them needs. */
static VOID TestCircle(VOID)
{
    Make('a', FALSE, NULL, "ldr-b.dll!Func", "ldr-c.dll!Func");
    Make('b', TRUE, NULL, "ldr-a.dll!Func", NULL);
    Make('c', TRUE, NULL, "ldr-b.dll!Func", NULL);
    WarmUp('a', "abc");
    CHECK(TryWithLittleHeap('a', "abc", FALSE) > 10);
}

/* A path for which the loader needs the heap before it looks for the file: it does not take the file for missing. */
static VOID TestLongName(VOID)
{
    WCHAR Text[MAX_PATH] = MAKEDLL_DIRECTORY;
    UNICODE_STRING Name;
    PVOID Base;

    while (wcslen(Text) < 240)
        wcscat(Text, L".\\");
    wcscat(Text, L"ldr-e.dll");
    RtlInitUnicodeString(&Name, Text);
    FillHeap();
    CHECK_STATUS(STATUS_NO_MEMORY, LdrLoadDll(NULL, NULL, &Name, &Base));
    EmptyHeap();
    if (CHECK_STATUS(STATUS_SUCCESS, LdrLoadDll(NULL, NULL, &Name, &Base)))
        CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(Base));
}

/* --- thread-local storage ------------------------------------------------------------------------------------------- */

static HANDLE Go;
static ULONG LastIndex;
static volatile LONG Waiting;           /* threads that have left the loader, and wait */

/* The thread's value of the module of LastIndex, once the event is set. */
static NTSTATUS NTAPI TlsThread(PVOID Argument)
{
    InterlockedIncrement(&Waiting);
    NtWaitForSingleObject(Go, FALSE, NULL);
    return (NTSTATUS)TlsValueOf(LastIndex);
}

/* Terminated while they wait: more than there are thread environment blocks that a process keeps for its next threads. */
static VOID LeaveTlsBehind(VOID)
{
    LARGE_INTEGER Pause = { .QuadPart = -100000 };
    HANDLE Threads[20];
    LONG Others = Waiting;

    for (ULONG Index = 0; Index < ARRAYSIZE(Threads); Index++)
        Threads[Index] = CheckStartThread(TlsThread, NULL);
    while (Waiting < Others + (LONG)ARRAYSIZE(Threads))
        NtDelayExecution(FALSE, &Pause);
    for (ULONG Index = 0; Index < ARRAYSIZE(Threads); Index++) {
        CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Threads[Index], STATUS_CANCELLED));
        CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Threads[Index], NULL));
    }
}

/* Modules with storage until every vector is full; the next one makes them grow. */
static VOID TestVectors(VOID)
{
    HANDLE Threads[3];
    char Letter = 'f';
    PVOID Base;

    for (; Letter <= 'z' && LastIndex + 1 < VECTOR; Letter++) {
        Make(Letter, TRUE, NULL, NULL, NULL);
        CHECK_STATUS(STATUS_SUCCESS, Load(Letter, &Base));
        LastIndex = TlsIndexOf(Base);
        CHECK(TlsValueOf(LastIndex) == (ULONG)Letter);
    }
    if (!CHECK(LastIndex + 1 == VECTOR))
        return;
    Make(Letter, TRUE, NULL, NULL, NULL);
    for (LONG Index = 0; Index < (LONG)ARRAYSIZE(Threads); Index++) {
        Threads[Index] = CheckStartThread(TlsThread, NULL);
        while (Waiting <= Index)
            NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -100000 });
    }
    LeaveTlsBehind();
    CHECK(TryWithLittleHeap(Letter, (char[]){ Letter, 0 }, TRUE) > 10);
    CHECK_STATUS(STATUS_SUCCESS, Load(Letter, &Base));
    LastIndex = TlsIndexOf(Base);
    CHECK(LastIndex == VECTOR && TlsValueOf(LastIndex) == (ULONG)Letter && TlsValueOf(LastIndex - 1) == (ULONG)Letter - 1);
    NtSetEvent(Go, NULL);
    for (ULONG Index = 0; Index < ARRAYSIZE(Threads); Index++)
        CHECK_STATUS((NTSTATUS)Letter, CheckJoinThread(Threads[Index], NULL));
    CHECK_STATUS((NTSTATUS)Letter, CheckJoinThread(CheckStartThread(TlsThread, NULL), NULL));
}

/* So deep may a load go without the stack's growth. */
static VOID TouchStack(VOID)
{
    volatile UCHAR Deep[0x800];

    for (ULONG Index = 0; Index < sizeof(Deep); Index++)
        Deep[Index] = 0;
}

static VOID NeedStack(ULONG Depth)
{
    TouchStack();
    if (Depth != 0)
        NeedStack(Depth - 1);
    TouchStack();
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    UNICODE_STRING Directory = RTL_CONSTANT_UNICODE_STRING(MAKEDLL_DIRECTORY);

    NeedStack(64);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Go, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateJobObject(&Job, JOB_OBJECT_ALL_ACCESS, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, NtCurrentProcess()));
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDllDirectory(&Directory));
    TestGraph();
    TestLongName();
    TestCircle();
    TestVectors();
    MakeDllDeleteAll();
    return CheckClose();
}
