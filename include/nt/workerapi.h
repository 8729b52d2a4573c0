/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Worker factories: threads of a process that serve a completion port, made by the system as packets wait for somebody who takes them.
 * The services' prototypes are in exapi.h.  Sources: Windows Internals ("Worker Factories"); the layouts and names as the Process Hacker headers
 * (phnt, ntexapi.h) give them.
 *
 * NtCreateWorkerFactory     for the caller's own process (PROCESS_CREATE_THREAD), on a port (IO_COMPLETION_MODIFY_STATE).  MaxThreadCount 0: 500; stack
 *                           sizes of 0: the image's.  Every worker begins with StartRoutine(StartParameter).
 *                           STATUS_INVALID_PARAMETER: no routine, another process.
 * NtWorkerFactoryWorkerReady  the calling thread is a worker of the factory from now on, until it ends or NtWaitForWorkViaWorkerFactory fails.  A thread of
 *                           the process that the factory has not made joins it.  STATUS_INVALID_PARAMETER: another process, or another factory's worker.
 * NtWaitForWorkViaWorkerFactory  does the deferred work (NULL: none), is ready, and waits for up to Count packets.  STATUS_TIMEOUT: there was none for
 *                           the idle time, and the factory has more workers than its minimum; STATUS_SHUTDOWN_IN_PROGRESS; STATUS_ABANDONED_WAIT_0: the port
 *                           was closed.  After these the caller is no worker any more, and ends.
 * NtReleaseWorkerFactoryWorker  one worker gets a packet of zeros.  STATUS_SHUTDOWN_IN_PROGRESS.
 * NtShutdownWorkerFactory   no worker is made any more, those that wait are told.  *PendingWorkerCount grows by the number of those that were made and are
 *                           not ready yet.  The last handle's end does the same.
 *
 * A worker is made when a packet waits, none of the workers does, and the factory is bound (WorkerFactoryBindingCount) or the packet is a release;
 * and while there are fewer than the minimum.  One at a time: the next when that one is ready.
 */
#pragma once

#define WORKER_FACTORY_RELEASE_WORKER 0x0001
#define WORKER_FACTORY_WAIT 0x0002
#define WORKER_FACTORY_SET_INFORMATION 0x0004
#define WORKER_FACTORY_QUERY_INFORMATION 0x0008
#define WORKER_FACTORY_READY_WORKER 0x0010
#define WORKER_FACTORY_SHUTDOWN 0x0020
#define WORKER_FACTORY_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | 0x003f)

/* WorkerFactoryFlags */
#define WORKER_FACTORY_FLAG_LOADER_POOL 0x1

/* WorkerFactoryBasicInformation, the only class that can be asked for. */
typedef struct _WORKER_FACTORY_BASIC_INFORMATION {
    LARGE_INTEGER Timeout;
    LARGE_INTEGER RetryTimeout;         /* after a worker could not be made */
    LARGE_INTEGER IdleTimeout;
    BOOLEAN Paused;                     /* no worker is made */
    BOOLEAN TimerSet;
    BOOLEAN QueuedToExWorker;
    BOOLEAN MayCreate;
    BOOLEAN CreateInProgress;
    BOOLEAN InsertedIntoQueue;
    BOOLEAN Shutdown;
    ULONG BindingCount;
    ULONG ThreadMinimum;
    ULONG ThreadMaximum;
    ULONG PendingWorkerCount;           /* made, not ready */
    ULONG WaitingWorkerCount;
    ULONG TotalWorkerCount;             /* pending and waiting ones included */
    ULONG ReleaseCount;                 /* releases that nobody has got */
    LONGLONG InfiniteWaitGoal;
    PVOID StartRoutine;
    PVOID StartParameter;
    HANDLE ProcessId;
    SIZE_T StackReserve;
    SIZE_T StackCommit;
    NTSTATUS LastThreadCreationStatus;
} WORKER_FACTORY_BASIC_INFORMATION, *PWORKER_FACTORY_BASIC_INFORMATION;
C_ASSERT(sizeof(WORKER_FACTORY_BASIC_INFORMATION) == 0x78);
