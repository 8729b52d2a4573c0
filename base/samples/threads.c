/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads, an event and waiting: four workers are held back by one event, then add to a shared counter; the first
 * thread waits for all of them, or gives up after five seconds.
 */
#include "base/lib/native.h"

#define WORKERS 4
#define ROUNDS 1000

static HANDLE StartEvent;
static volatile LONG Counter;

static NTSTATUS NTAPI Worker(PVOID Argument)
{
    ULONG Number = (ULONG)(ULONG_PTR)Argument;

    NtWaitForSingleObject(StartEvent, FALSE, NULL);
    for (ULONG i = 0; i < ROUNDS; i++)
        __sync_fetch_and_add(&Counter, 1);
    Print(L"worker %u has finished\n", Number);
    return STATUS_SUCCESS;
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Threads[WORKERS];
    LARGE_INTEGER Timeout = { .QuadPart = -5 * 10000000ll };    /* negative: from now on, in units of 100 ns */
    NTSTATUS Status = NtCreateEvent(&StartEvent, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);

    for (ULONG i = 0; NT_SUCCESS(Status) && i < WORKERS; i++)
        Status = NtCreateThreadEx(&Threads[i], THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), Worker,
                                  (PVOID)(ULONG_PTR)(i + 1), 0, 0, 0, 0, NULL);
    if (!NT_SUCCESS(Status)) {
        PrintError(L"threads: cannot start: %s\n", DescribeStatus(Status));
        return Status;
    }

    NtSetEvent(StartEvent, NULL);
    Status = NtWaitForMultipleObjects(WORKERS, Threads, WaitAll, FALSE, &Timeout);
    Print(L"counter is %d, expected %d\n", Counter, WORKERS * ROUNDS);
    for (ULONG i = 0; i < WORKERS; i++)
        NtClose(Threads[i]);
    NtClose(StartEvent);
    return Status == STATUS_TIMEOUT ? Status : Counter != WORKERS * ROUNDS;
}
