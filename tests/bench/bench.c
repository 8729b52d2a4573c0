/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bench.exe: runs the operations of docs/performance.md, each between two markers that the counting plugin sees
 * (tools/count.c), and prints a line `FIRST-MARKER REPETITIONS TITLE' for each; a line `memory BYTES TITLE' is a figure of its own.
 *
 * Called by tests/bench/run.py.  Started again by itself with one word it is the other side of a measurement: `exit'
 * ends at once, `pong' answers the event ping-pong.  With the word `many' it measures 10,000 threads and 1,000,000 handles instead of
 * the rest; that wants 1 GiB of memory.  What fails is said on standard output and ends the program with 1.
 */
#include "base/lib/native.h"
#include "base/lib/mark.h"

/* Measures `statement', repeated `count' times, under the markers id and id + 1. */
#define MEASURE(id, count, title, statement) \
    do { \
        statement; \
        COUNT_MARK(id); \
        for (int repetition = 0; repetition < (count); repetition++) { \
            statement; \
        } \
        COUNT_MARK((id) + 1); \
        Print(L"%d %d %s\n", id, count, title); \
    } while (0)

static UNICODE_STRING pingName = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects\\BenchPing");
static UNICODE_STRING pongName = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects\\BenchPong");

static void Must(NTSTATUS status, PCWSTR what)
{
    if (NT_SUCCESS(status))
        return;
    Print(L"bench: %s: %s\n", what, DescribeStatus(status));
    RtlExitUserProcess(1);
}

static HANDLE MakeEvent(PUNICODE_STRING name)
{
    OBJECT_ATTRIBUTES attributes;
    HANDLE event;

    InitializeObjectAttributes(&attributes, name, OBJ_OPENIF, NULL, NULL);
    Must(NtCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, SynchronizationEvent, FALSE), L"NtCreateEvent");
    return event;
}

static void StartSelf(PCWSTR word, PRTL_USER_PROCESS_INFORMATION information)
{
    PRTL_USER_PROCESS_PARAMETERS own = NtCurrentTeb()->ProcessEnvironmentBlock->ProcessParameters, parameters;
    UNICODE_STRING path, commandLine;
    WCHAR line[64];

    _snwprintf(line, RTL_NUMBER_OF(line), L"bench.exe %s", word);
    RtlInitUnicodeString(&commandLine, line);
    Must(RtlDosPathNameToNtPathName_U_WithStatus(own->ImagePathName.Buffer, &path, NULL, NULL), L"own path");
    Must(RtlCreateProcessParametersEx(&parameters, &own->ImagePathName, NULL, NULL, &commandLine, NULL, NULL, NULL, NULL, NULL,
                                      RTL_USER_PROC_PARAMS_NORMALIZED), L"RtlCreateProcessParametersEx");
    Must(RtlCreateUserProcess(&path, 0, parameters, NULL, NULL, NULL, FALSE, NULL, NULL, information), L"RtlCreateUserProcess");
    RtlDestroyProcessParameters(parameters);
    RtlFreeUnicodeString(&path);
}

static void Finish(PRTL_USER_PROCESS_INFORMATION information)
{
    NtWaitForSingleObject(information->ProcessHandle, FALSE, NULL);
    NtClose(information->ThreadHandle);
    NtClose(information->ProcessHandle);
}

static void CreateAndWait(void)
{
    RTL_USER_PROCESS_INFORMATION information = { .Length = sizeof(information) };

    StartSelf(L"exit", &information);
    NtResumeThread(information.ThreadHandle, NULL);
    Finish(&information);
}

static NTSTATUS NTAPI EmptyThread(PVOID parameter)
{
    return (NTSTATUS)(ULONG_PTR)parameter;
}

static void ThreadAndJoin(void)
{
    HANDLE thread;

    Must(RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, EmptyThread, NULL, &thread, NULL), L"RtlCreateUserThread");
    NtWaitForSingleObject(thread, FALSE, NULL);
    NtClose(thread);
}

static void AllocateTouchFree(SIZE_T size)
{
    PVOID base = NULL;
    SIZE_T length = size, none = 0;

    Must(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), L"NtAllocateVirtualMemory");
    for (SIZE_T at = 0; at < size; at += 4096)
        ((volatile char *)base)[at] = 1;
    Must(NtFreeVirtualMemory(NtCurrentProcess(), &base, &none, MEM_RELEASE), L"NtFreeVirtualMemory");
}

static void ServiceRows(void)
{
    HANDLE event = MakeEvent(NULL), other;
    LARGE_INTEGER time;

    MEASURE(16, 1000, L"null service (NtFlushProcessWriteBuffers)", NtFlushProcessWriteBuffers());
    MEASURE(18, 1000, L"close of a bad handle", NtClose((HANDLE)0x7ffffffc));
    MEASURE(20, 1000, L"NtQuerySystemTime", NtQuerySystemTime(&time));
    MEASURE(22, 1000, L"NtGetTickCount", NtGetTickCount());
    MEASURE(24, 1000, L"set event", NtSetEvent(event, NULL));
    MEASURE(26, 1000, L"set event, then wait for it", NtSetEvent(event, NULL); NtWaitForSingleObject(event, FALSE, NULL));
    MEASURE(28, 200, L"create and close an event",
            Must(NtCreateEvent(&other, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), L"NtCreateEvent"); NtClose(other));
    NtClose(event);
}

#define MANY_EVENTS 64

static void WaitRows(void)
{
    HANDLE events[MANY_EVENTS], port;
    LARGE_INTEGER now = { .QuadPart = 0 };
    PVOID key, value;
    IO_STATUS_BLOCK io;

    for (ULONG i = 0; i < MANY_EVENTS; i++)
        Must(NtCreateEvent(&events[i], EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), L"NtCreateEvent");
    MEASURE(30, 200, L"wait for an event that is not set, timeout 0", NtWaitForSingleObject(events[0], FALSE, &now));
    NtSetEvent(events[MANY_EVENTS - 1], NULL);
    MEASURE(34, 200, L"wait for any of 64 events, the last one set", NtWaitForMultipleObjects(MANY_EVENTS, events, WaitAny, FALSE, NULL));
    for (ULONG i = 0; i < MANY_EVENTS; i++)
        NtSetEvent(events[i], NULL);
    MEASURE(36, 200, L"wait for all of 64 events, all set", NtWaitForMultipleObjects(MANY_EVENTS, events, WaitAll, FALSE, NULL));
    for (ULONG i = 0; i < MANY_EVENTS; i++)
        NtClose(events[i]);
    Must(NtCreateIoCompletion(&port, IO_COMPLETION_ALL_ACCESS, NULL, 0), L"NtCreateIoCompletion");
    MEASURE(38, 200, L"completion port: post a packet and take it", NtSetIoCompletion(port, 1, 2, STATUS_SUCCESS, 3);
            NtRemoveIoCompletion(port, (PULONG_PTR)&key, (PULONG_PTR)&value, &io, NULL));
    NtClose(port);
}

static void PingPongRow(void)
{
    RTL_USER_PROCESS_INFORMATION information = { .Length = sizeof(information) };
    HANDLE ping = MakeEvent(&pingName), pong = MakeEvent(&pongName);

    StartSelf(L"pong", &information);
    NtResumeThread(information.ThreadHandle, NULL);
    MEASURE(32, 500, L"event ping-pong between two processes, round trip", NtSetEvent(ping, NULL); NtWaitForSingleObject(pong, FALSE, NULL));
    NtTerminateProcess(information.ProcessHandle, 0);
    Finish(&information);
    NtClose(ping);
    NtClose(pong);
}

static void Pong(void)
{
    HANDLE ping = MakeEvent(&pingName), pong = MakeEvent(&pongName);

    for (;;) {
        NtWaitForSingleObject(ping, FALSE, NULL);
        NtSetEvent(pong, NULL);
    }
}

static void MemoryRows(void)
{
    SIZE_T size = 1 << 20, none = 0;     /* smaller than a large page */
    PVOID base = NULL;

    MEASURE(40, 50, L"allocate, touch and free 1 page", AllocateTouchFree(4096));
    MEASURE(42, 50, L"allocate, touch and free 64 KiB", AllocateTouchFree(65536));
    MEASURE(44, 1, L"allocate, touch and free 64 MiB", AllocateTouchFree(64 << 20));
    Must(NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), L"NtAllocateVirtualMemory");
    volatile char *page = base;
    MEASURE(46, 15, L"demand-zero fault, 64 KiB apart", *page = 1; page += 65536);
    Must(NtFreeVirtualMemory(NtCurrentProcess(), &base, &none, MEM_RELEASE), L"NtFreeVirtualMemory");
}

static void MapTouchUnmap(HANDLE section)
{
    PVOID base = NULL;
    SIZE_T size = 0;

    Must(NtMapViewOfSection(section, NtCurrentProcess(), &base, 0, 0, NULL, &size, ViewUnmap, 0, PAGE_READWRITE), L"NtMapViewOfSection");
    *(volatile char *)base = 1;
    Must(NtUnmapViewOfSection(NtCurrentProcess(), base), L"NtUnmapViewOfSection");
}

static void SectionRows(void)
{
    LARGE_INTEGER size = { .QuadPart = 65536 };
    HANDLE section;

    Must(NtCreateSection(&section, SECTION_ALL_ACCESS, NULL, &size, PAGE_READWRITE, SEC_COMMIT, NULL), L"NtCreateSection");
    MEASURE(48, 100, L"map a view of 64 KiB, touch a page, unmap it", MapTouchUnmap(section));
    NtClose(section);
}

#define HEAP_SLOTS 256u
#define HEAP_THREADS 8u
#define HEAP_PAIRS 4000u

/* Frees a random one of HEAP_SLOTS blocks and allocates one of 1 to maximum bytes in its place, pairs times. */
static void HeapPairs(SIZE_T maximum, ULONG pairs, ULONG seed)
{
    PVOID heap = NtCurrentTeb()->ProcessEnvironmentBlock->ProcessHeap, slots[HEAP_SLOTS] = { NULL };

    for (ULONG i = 0; i < pairs; i++) {
        ULONG slot = (seed = seed * 1664525 + 1013904223) >> 24;

        if (slots[slot] != NULL)
            RtlFreeHeap(heap, 0, slots[slot]);
        slots[slot] = RtlAllocateHeap(heap, 0, 1 + (SIZE_T)((seed & 0xffffff) * (ULONGLONG)maximum >> 24));
    }
    for (ULONG slot = 0; slot < HEAP_SLOTS; slot++)
        if (slots[slot] != NULL)
            RtlFreeHeap(heap, 0, slots[slot]);
}

static NTSTATUS NTAPI HeapThread(PVOID seed)
{
    HeapPairs(1000, HEAP_PAIRS / HEAP_THREADS, (ULONG)(ULONG_PTR)seed);
    return STATUS_SUCCESS;
}

static void HeapThreads(void)
{
    HANDLE threads[HEAP_THREADS];

    for (ULONG i = 0; i < HEAP_THREADS; i++)
        Must(RtlCreateUserThread(NtCurrentProcess(), NULL, TRUE, 0, 0, 0, HeapThread, (PVOID)(ULONG_PTR)(i + 1), &threads[i], NULL),
             L"RtlCreateUserThread");
    COUNT_MARK(76);
    for (ULONG i = 0; i < HEAP_THREADS; i++)
        NtResumeThread(threads[i], NULL);
    NtWaitForMultipleObjects(HEAP_THREADS, threads, WaitAll, FALSE, NULL);
    COUNT_MARK(77);
    Print(L"76 %d heap: free and allocate, up to 1,000 bytes, 8 threads (their ends included)\n", HEAP_PAIRS);
    for (ULONG i = 0; i < HEAP_THREADS; i++)
        NtClose(threads[i]);
}

/* A row is one pair: the counts say how many pairs one turn makes. */
#define MEASURE_PAIRS(id, maximum, title) \
    do { \
        HeapPairs(maximum, HEAP_PAIRS, 1); \
        COUNT_MARK(id); \
        HeapPairs(maximum, HEAP_PAIRS, 1); \
        COUNT_MARK((id) + 1); \
        Print(L"%d %d %s\n", id, HEAP_PAIRS, title); \
    } while (0)

static void HeapRows(void)
{
    MEASURE_PAIRS(70, 200, L"heap: free and allocate, up to 200 bytes");
    MEASURE_PAIRS(72, 1000, L"heap: free and allocate, up to 1,000 bytes");
    MEASURE_PAIRS(74, 16384, L"heap: free and allocate, up to 16 KiB");
    HeapThreads();
}

static void FileRows(void)
{
    static char buffer[65536];
    LARGE_INTEGER start = { .QuadPart = 0 };
    IO_STATUS_BLOCK io;
    HANDLE file, null;

    Must(OpenPath(L"C:\\windows\\system32\\ntdll.dll", GENERIC_READ | SYNCHRONIZE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, &file), L"ntdll.dll");
    MEASURE(50, 500, L"NtReadFile, 16 bytes", Must(NtReadFile(file, NULL, NULL, NULL, &io, buffer, 16, &start, NULL), L"NtReadFile"));
    MEASURE(52, 500, L"NtReadFile, 4 KiB", Must(NtReadFile(file, NULL, NULL, NULL, &io, buffer, 4096, &start, NULL), L"NtReadFile"));
    MEASURE(54, 50, L"NtReadFile, 64 KiB", Must(NtReadFile(file, NULL, NULL, NULL, &io, buffer, 65536, &start, NULL), L"NtReadFile"));
    NtClose(file);
    MEASURE(56, 100, L"open and close a file",
            Must(OpenPath(L"C:\\windows\\system32\\ntdll.dll", GENERIC_READ | SYNCHRONIZE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, &file), L"open");
            NtClose(file));
    Must(OpenPath(L"\\??\\NUL", GENERIC_WRITE | SYNCHRONIZE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, &null), L"NUL");
    MEASURE(58, 200, L"write of 16 bytes to the null device (driver round trip)",
            Must(NtWriteFile(null, NULL, NULL, NULL, &io, buffer, 16, NULL, NULL), L"NtWriteFile"));
    NtClose(null);
}

static void ProcessRows(void)
{
    MEASURE(64, 200, L"create a thread and join it", ThreadAndJoin());
    MEASURE(66, 10, L"create a process, its exit, wait", CreateAndWait());
}

/* ------------------------------------------------------------------ many: threads and handles */

#define MANY_THREADS 10000
#define MANY_HANDLES 1000000

static LONGLONG FreeBytes(void)
{
    SYSTEM_PERFORMANCE_INFORMATION information;

    Must(NtQuerySystemInformation(SystemPerformanceInformation, &information, sizeof(information), NULL), L"NtQuerySystemInformation");
    return (LONGLONG)information.AvailablePages * 4096;
}

static NTSTATUS NTAPI WaitingThread(PVOID event)
{
    return NtWaitForSingleObject(event, FALSE, NULL);
}

static void ManyThreads(void)
{
    static HANDLE threads[MANY_THREADS];
    LARGE_INTEGER second = { .QuadPart = -10000000 };
    HANDLE event;
    LONGLONG before;

    Must(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), L"NtCreateEvent");
    before = FreeBytes();
    COUNT_MARK(16);
    for (ULONG i = 0; i < MANY_THREADS; i++)
        Must(RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0x10000, 0x1000, WaitingThread, event, &threads[i], NULL),
             L"RtlCreateUserThread");
    NtDelayExecution(FALSE, &second);
    COUNT_MARK(17);
    Print(L"16 %d a thread of 10,000: created, runs, waits for an event\n", MANY_THREADS);
    Print(L"memory %I64d a thread of 10,000 that wait\n", (before - FreeBytes()) / MANY_THREADS);
    COUNT_MARK(18);
    NtSetEvent(event, NULL);
    for (ULONG i = 0; i < MANY_THREADS; i++) {
        NtWaitForSingleObject(threads[i], FALSE, NULL);
        NtClose(threads[i]);
    }
    COUNT_MARK(19);
    Print(L"18 %d the same: woken, ends, is joined\n", MANY_THREADS);
    NtClose(event);
}

static void ManyHandles(void)
{
    HANDLE event, first, last = NULL;
    LONGLONG before;

    Must(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), L"NtCreateEvent");
    before = FreeBytes();
    COUNT_MARK(20);
    for (ULONG i = 0; i < MANY_HANDLES; i++) {
        Must(NtDuplicateObject(NtCurrentProcess(), event, NtCurrentProcess(), &last, 0, 0, DUPLICATE_SAME_ACCESS), L"NtDuplicateObject");
        if (i == 0)
            first = last;
    }
    COUNT_MARK(21);
    Print(L"20 %d a handle of 1,000,000: duplicated\n", MANY_HANDLES);
    Print(L"memory %I64d a handle of 1,000,000\n", (before - FreeBytes()) / MANY_HANDLES);
    Must(NtSetEvent(last, NULL), L"the last handle");
    Must(NtWaitForSingleObject(first, FALSE, NULL), L"the first handle");
    COUNT_MARK(22);
    for (ULONG_PTR handle = (ULONG_PTR)first; handle <= (ULONG_PTR)last; handle += 4)
        NtClose((HANDLE)handle);
    COUNT_MARK(23);
    Print(L"22 %d the same: closed\n", (int)(((ULONG_PTR)last - (ULONG_PTR)first) / 4 + 1));
    NtClose(event);
}

/* The first line brings into memory what carries a program's output: that counts for no row. */
static void FirstOutput(void)
{
    LARGE_INTEGER pause = { .QuadPart = -1000000 };

    Print(L"# rows: first mark, repetitions, title\n");
    NtDelayExecution(FALSE, &pause);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount > 1 && wcscmp(Arguments[1], L"exit") == 0)
        return 0;
    if (ArgumentCount > 1 && wcscmp(Arguments[1], L"pong") == 0)
        Pong();
    if (ArgumentCount > 1 && wcscmp(Arguments[1], L"many") == 0) {
        ManyThreads();
        ManyHandles();
        return 0;
    }
    FirstOutput();
    ServiceRows();
    WaitRows();
    PingPongRow();
    MemoryRows();
    SectionRows();
    HeapRows();
    FileRows();
    ProcessRows();
    return 0;
}
