/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ke: the event loop, threads as the kernel sees them, dispatcher objects and waits, timers, APCs, exceptions,
 * channels to driver hosts.  ke and mm are the only rooms that call seL4.
 *
 * One piece of code runs at a time, on a coroutine of 16 KiB: an invariant has to hold only where a wait is, and
 * there are no locks.  What "may wait" runs on a thread's behalf (a service or a system coroutine), never in a DPC, a
 * timer's or channel's callback.  There is no IRQL.
 *
 * A service has the documented prototype.  It returns its status, or KE_NO_REPLY (passed on from KeUserWait and the few
 * functions that say so): then the answer comes later or the thread goes on elsewhere.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mode.h"
#include "ntos/inc/mm.h"

typedef struct _EPROCESS *PEPROCESS;
typedef struct _ETHREAD *PETHREAD;
typedef struct _KTHREAD KTHREAD, *PKTHREAD;
typedef struct _KPROCESS KPROCESS, *PKPROCESS;
typedef struct _KDPC KDPC, *PKDPC;
typedef struct _KAPC KAPC, *PKAPC;

/* Never seen by a program: the service has no answer now. */
#define KE_NO_REPLY ((NTSTATUS)0xEFFF0001)

/* ------------------------------------------------------------------ dispatcher objects */

typedef enum _KOBJECTS {
    EventNotificationObject,
    EventSynchronizationObject,
    MutantObject,
    ProcessObject,
    QueueObject,
    SemaphoreObject,
    ThreadObject,
    TimerNotificationObject,
    TimerSynchronizationObject
} KOBJECTS;

typedef struct _DISPATCHER_HEADER {
    UCHAR Type;                         /* KOBJECTS */
    UCHAR Inserted;                     /* timer: in the queue */
    UCHAR Absolute;                     /* timer: due at a system time */
    UCHAR Seen;                         /* an object of the wait that is looked at (KipFindTwice); else 0 */
    LONG SignalState;
    LIST_ENTRY WaitListHead;            /* of KWAIT_BLOCK.WaitListEntry, oldest first */
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

typedef struct _KEVENT {
    DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT;

typedef struct _KSEMAPHORE {
    DISPATCHER_HEADER Header;
    LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE;

typedef struct _KMUTANT {
    DISPATCHER_HEADER Header;           /* SignalState 1 = free, 0, -1, ... = owned */
    LIST_ENTRY MutantListEntry;         /* in the owner's KTHREAD.MutantListHead */
    PKTHREAD OwnerThread;
    BOOLEAN Abandoned;
} KMUTANT, *PKMUTANT;

/* Runs in the loop, soon, in the order of insertion; must not wait. */
typedef VOID (*PKDEFERRED_ROUTINE)(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2);
struct _KDPC {
    LIST_ENTRY DpcListEntry;
    PKDEFERRED_ROUTINE DeferredRoutine;
    PVOID DeferredContext;
    PVOID SystemArgument1, SystemArgument2;
    BOOLEAN Inserted;
};

typedef struct _KTIMER {
    DISPATCHER_HEADER Header;
    ULONG64 DueTime;                    /* interrupt time, 100 ns */
    struct _KTIMER *Child, *Next, *Previous;    /* pairing heap; Previous: left sibling or parent */
    PKDPC Dpc;
    ULONG Period;                       /* ms, 0 = once */
} KTIMER, *PKTIMER;

typedef struct _KWAIT_BLOCK {
    LIST_ENTRY WaitListEntry;
    PKTHREAD Thread;
    PDISPATCHER_HEADER Object;
    PVOID Body;                         /* KeUserWait: the object, referenced once the wait has begun; else NULL */
    USHORT WaitKey;                     /* index in the wait */
    UCHAR WaitType;                     /* WAIT_TYPE */
    BOOLEAN Linked;
} KWAIT_BLOCK, *PKWAIT_BLOCK;

#define THREAD_WAIT_OBJECTS 3           /* waits of so many objects need no memory */
#ifndef MAXIMUM_WAIT_OBJECTS
#define MAXIMUM_WAIT_OBJECTS 64
#endif

VOID KeInitializeEvent(PKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
LONG KeSetEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);      /* returns the previous state */
LONG KeResetEvent(PKEVENT Event);
LONG KePulseEvent(PKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
VOID KeClearEvent(PKEVENT Event);
static inline LONG KeReadStateEvent(PKEVENT Event)
{
    return Event->Header.SignalState;
}

VOID KeInitializeSemaphore(PKSEMAPHORE Semaphore, LONG Count, LONG Limit);
/* Returns the previous count in *PreviousCount (may be NULL); STATUS_SEMAPHORE_LIMIT_EXCEEDED changes nothing. */
NTSTATUS KeReleaseSemaphoreEx(PKSEMAPHORE Semaphore, LONG Adjustment, PLONG PreviousCount);
static inline LONG KeReadStateSemaphore(PKSEMAPHORE Semaphore)
{
    return Semaphore->Header.SignalState;
}

/* All who wait for the object now get Status. */
VOID KeBreakWaits(PVOID Object, NTSTATUS Status);

VOID KeInitializeMutant(PKMUTANT Mutant, BOOLEAN InitialOwner);         /* owner: the current thread */
/* STATUS_MUTANT_NOT_OWNED; with Abandon the owner is not checked. */
NTSTATUS KeReleaseMutantEx(PKMUTANT Mutant, BOOLEAN Abandon, PLONG PreviousCount);

/* Sets the state of any object to 1 and wakes its waiters (processes: their end). */
VOID KeSignalObject(PDISPATCHER_HEADER Header);

/* A dispatcher object that is going away must have no waiters: references see to that. */

/* ------------------------------------------------------------------ time and timers */

VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime);                     /* 100 ns since 1601, UTC */
ULONG64 KeQueryInterruptTime(VOID);                                     /* 100 ns since boot */
VOID KeQueryTickCount(PLARGE_INTEGER CurrentCount);                     /* ticks of KeMaximumIncrement since boot */
ULONG64 KeCyclesOf(ULONG64 Time);        /* cycles of the time-stamp counter in so many 100 ns */
LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER Frequency);      /* 10 MHz; Frequency may be NULL */
ULONG KeQueryProcessorMegahertz(VOID);                                  /* of the TSC, as far as it is measured */
#define KeMaximumIncrement 156250u
VOID KeSetSystemTime(PLARGE_INTEGER NewTime, PLARGE_INTEGER OldTime);   /* timers due at a system time move with it */
/* Time of day goes on by so many units (1 to 16 * KeMaximumIncrement) while interrupt time goes on by KeMaximumIncrement. */
VOID KeSetTimeAdjustment(ULONG UnitsInTick);
extern LARGE_INTEGER KeBootTime;

VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);
/*
 * DueTime negative: relative, else system time, 100 ns.  Period in ms, 0 = once.  Returns TRUE if it was set already.
 */
BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc);
BOOLEAN KeCancelTimer(PKTIMER Timer);
static inline BOOLEAN KeReadStateTimer(PKTIMER Timer)
{
    return Timer->Header.SignalState != 0;
}

VOID KeInitializeDpc(PKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
BOOLEAN KeInsertQueueDpc(PKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2);
BOOLEAN KeRemoveQueueDpc(PKDPC Dpc);

/* ------------------------------------------------------------------ waits */

/*
 * Waits of code inside ntos (the coroutine is parked).  Objects are dispatcher objects (ObGetWaitableObject); the
 * caller keeps them referenced.  Timeout as NT: NULL for ever, 0 polls, negative relative, else system time. WaitMode
 * UserMode: the wait ends with STATUS_THREAD_IS_TERMINATING when the thread is ended, and with Alertable with
 * STATUS_ALERTED or STATUS_USER_APC; the caller cleans up and returns.  KernelMode: not before the objects say so.
 * Returns STATUS_WAIT_0 + index, STATUS_ABANDONED_WAIT_0 + index, STATUS_TIMEOUT.  WaitBlockArray may be NULL.
 */
NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
        PLARGE_INTEGER Timeout);
NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType, KWAIT_REASON WaitReason,
        KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlockArray);
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval);

/*
 * The wait of a program, without a stack: the last thing a service does; it returns what this returns.  Objects are
 * object bodies (of ob); a wait that begins takes a reference of each.  Count 0 with a Timeout is a delay.
 * Timeout points to memory of ntos or is NULL.  Errors: STATUS_OBJECT_TYPE_MISMATCH (cannot be waited on),
 * STATUS_INVALID_PARAMETER_MIX (same object twice, WaitAll), STATUS_INSUFFICIENT_RESOURCES,
 * STATUS_MUTANT_LIMIT_EXCEEDED.
 */
NTSTATUS KeUserWaitForObject(PVOID Object, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS KeUserWait(ULONG Count, PVOID Objects[], WAIT_TYPE WaitType, BOOLEAN Alertable, PLARGE_INTEGER Timeout);

/*
 * For services that complete by another's action (NtWaitForAlertByThreadId, keyed events, ...): the current thread's
 * answer is held back until KeCompleteUserWait(Thread, Status), the timeout (STATUS_TIMEOUT), an alert or APC if
 * Alertable, or its end.  Routine (may be NULL) is called in all cases but KeCompleteUserWait, before the answer: it
 * unlinks the wait.
 */
typedef VOID (*KE_CANCEL_WAIT)(PKTHREAD Thread, PVOID Context);
NTSTATUS KeHoldUserWait(BOOLEAN Alertable, PLARGE_INTEGER Timeout, KE_CANCEL_WAIT Routine, PVOID Context);
/* FALSE: the thread is not in such a wait (any more). */
BOOLEAN KeCompleteUserWait(PKTHREAD Thread, NTSTATUS Status);

/*
 * A wait of nobody's for one dispatcher object, which the caller keeps referenced: Dpc is queued once when the object is signalled, which satisfies it
 * as a wait does; in the order of the waits.  Not for mutants, which are a thread's.
 */
typedef struct _KNOTIFY {
    KWAIT_BLOCK Block;                  /* of no thread */
    PKDPC Dpc;
} KNOTIFY, *PKNOTIFY;
/* TRUE: the object is signalled now, and satisfied: no Dpc comes. */
BOOLEAN KeBeginNotify(PKNOTIFY Notify, PDISPATCHER_HEADER Header, PKDPC Dpc);
/* FALSE: it does not wait (any more). */
BOOLEAN KeCancelNotify(PKNOTIFY Notify);

/* ------------------------------------------------------------------ processes and threads */

struct _KPROCESS {
    DISPATCHER_HEADER Header;           /* signalled when it has ended */
    LIST_ENTRY ThreadListHead;          /* of KTHREAD.ThreadListEntry: threads that have not ended */
    PMM_SPACE Space;
    LONG BasePriority;                  /* NT, 1..31 */
    ULONG64 KernelTime, UserTime;       /* 100 ns; of ended threads */
    struct _KHOST_CHANNEL *Channel;     /* driver host, else NULL */
    USHORT CNodeBits;                   /* log2 of the slots of its threads' CNodes */
    struct _KI_USER_THREAD *KeptThreads;        /* ke: of threads that have ended, for the next ones */
    ULONG KeptThreadCount;
};

typedef enum _KTHREAD_STATE {
    KThreadInitialized,                 /* never run, its registers are in FirstRegisters */
    KThreadUser,                        /* running or ready, outside ntos */
    KThreadService,                     /* ntos owes it an answer */
    KThreadWaiting,                     /* the same, and it waits */
    KThreadTerminated
} KTHREAD_STATE;

/* What a new thread starts with; its other registers are 0. */
typedef struct _KE_FIRST_REGISTERS {
    ULONG64 Rip, Rsp, Rcx, Rdx;
} KE_FIRST_REGISTERS;

typedef struct _KAPC_STATE {
    PKPROCESS Process;
    PMM_SPACE Space;
} KAPC_STATE, *PKAPC_STATE;

struct _KTHREAD {
    DISPATCHER_HEADER Header;           /* signalled when it has ended */
    PKPROCESS Process;                  /* whose addresses "user memory" means now (KeStackAttachProcess changes it) */
    PKPROCESS OwningProcess;
    LIST_ENTRY ThreadListEntry;
    LIST_ENTRY ReadyListEntry;          /* ke: queues of the loop */
    LIST_ENTRY RunnableListEntry;       /* ke: while Counted */
    PVOID Teb;                          /* user address */
    UCHAR State;                        /* KTHREAD_STATE */
    UCHAR MessageKind;                  /* ke: KI_MESSAGE_*, what it sent */
    BOOLEAN SystemThread;               /* a coroutine of ntos: no TCB */
    BOOLEAN DriverHost;
    BOOLEAN Alertable;                  /* of the wait in progress */
    BOOLEAN Alerted;
    BOOLEAN Terminating;
    BOOLEAN Counted;                    /* ke: in the list of runnable threads */
    UCHAR WaitMode;
    UCHAR WaitReason;
    ULONG ExitWork;                     /* ke: KI_EXIT_*, what the way back to user mode must look at */
    LONG Priority, BasePriority;        /* NT, 1..31 */
    ULONG SuspendCount;                 /* of programs, and FreezeCount */
    ULONG FreezeCount;                  /* holds of ntos's own, which no program sees or lifts */
    ULONG64 ArgumentBlock;              /* user address, of the service in progress */
    ULONG ServiceNumber;
    NTSTATUS HeldStatus;
    NTSTATUS WaitStatus;
    /* The wait in progress. */
    struct _KCOROUTINE *Coroutine;      /* parked stack; NULL: a wait without one */
    KE_CANCEL_WAIT CancelWait;
    PVOID CancelContext;
    PKWAIT_BLOCK WaitBlocks;
    ULONG WaitCount;
    KTIMER WaitTimer;
    KWAIT_BLOCK WaitBlock[THREAD_WAIT_OBJECTS];
    LIST_ENTRY MutantListHead;
    LIST_ENTRY UserApcListHead;
    KEVENT SuspendEvent;                /* for system coroutines only */
    /* The kernel's objects; capabilities in ntos's CSpace. */
    struct _KI_USER_THREAD *User;
    MM_KERNEL_OBJECT Tcb;
    ULONG64 ReplySlot;
    KE_FIRST_REGISTERS FirstRegisters;
    ULONG64 KernelTime, UserTime, ContextSwitches, WaitStart;
    ULONG64 Services;                   /* calls made */
    /* Start routine of a system coroutine. */
    VOID (*StartRoutine)(PVOID Context);
    PVOID StartContext;
};

extern PKTHREAD KiCurrentThread;        /* never NULL: the loop's own thread when there is nobody else */

static inline PKTHREAD KeGetCurrentThread(VOID)
{
    return KiCurrentThread;
}

/* User memory means Process's from here on; no reference is taken.  May be nested; a pair inside one thread. */
VOID KeStackAttachProcess(PKPROCESS Process, PKAPC_STATE ApcState);
VOID KeUnstackDetachProcess(PKAPC_STATE ApcState);

/*
 * A thread of ntos itself: Routine runs on a coroutine of its own, soon, in the system process, and ends by returning.
 * STATUS_NO_MEMORY.  Thread may be NULL (else not referenced: valid while the routine runs).
 */
NTSTATUS KeCreateSystemCoroutine(VOID (*Routine)(PVOID Context), PVOID Context, PKTHREAD *Thread);

/* What the thread sent last was a call of a service, not a fault. */
BOOLEAN KeIsServiceInProgress(PKTHREAD Thread);

VOID KeInitializeProcess(PKPROCESS Process, PMM_SPACE Space, LONG BasePriority);
/*
 * TCB, CNode and capabilities; the thread is suspended once (SuspendCount 1).  Process->Channel decides whether it gets
 * a host's capabilities.
 */
NTSTATUS KeInitializeThread(PKTHREAD Thread, PKPROCESS Process, PVOID Teb, const KE_FIRST_REGISTERS *Registers,
        LONG Priority);
/*
 * Gives back what KeInitializeThread made.  The thread must have ended or never run.  A few kernel objects stay with
 * the process for its next threads, until KeUninitializeProcess.
 */
VOID KeUninitializeThread(PKTHREAD Thread);
/* At the end of a process, before its address space goes: no thread can be made in it any more. */
VOID KeUninitializeProcess(PKPROCESS Process);

/* Previous suspend count; STATUS_SUSPEND_COUNT_EXCEEDED, STATUS_THREAD_IS_TERMINATING. */
NTSTATUS KeSuspendThread(PKTHREAD Thread, PULONG PreviousCount);
NTSTATUS KeResumeThread(PKTHREAD Thread, PULONG PreviousCount);
static inline ULONG KeQuerySuspendCount(PKTHREAD Thread)
{
    return Thread->SuspendCount - Thread->FreezeCount;
}
/* As suspending, beside the count that programs see: a debug event, a job's limits.  FALSE: the thread ends, and is not held. */
BOOLEAN KeFreezeThread(PKTHREAD Thread);
VOID KeThawThread(PKTHREAD Thread);
VOID KeSetPriorityThread(PKTHREAD Thread, LONG Priority);
/* The user-mode registers.  ContextFlags say which; vector state is not ntos's and stays as it is in *Context. */
NTSTATUS KeGetContextThread(PKTHREAD Thread, PCONTEXT Context);
NTSTATUS KeSetContextThread(PKTHREAD Thread, const CONTEXT *Context);
/*
 * NtContinue for the current thread; Context is of ntos.  The service returns what this returns (success: the
 * registers decide).
 */
NTSTATUS KeContinue(const CONTEXT *Context, BOOLEAN TestAlert);
/*
 * Raises an exception in the current thread at Context (both of ntos).  FirstChance FALSE ends the process.
 * The service returns what this returns.
 */
NTSTATUS KeRaiseUserException(const EXCEPTION_RECORD *Record, const CONTEXT *Context, BOOLEAN FirstChance);
/*
 * The service in progress answers Status, and raises it as an exception where it returns to; that is also what the caller returns.  May
 * wait for a debugger.
 */
NTSTATUS KeRaiseServiceException(NTSTATUS Status);

/*
 * Ends a thread at any point.  It never runs in user mode again; if it is inside a service, that ends first (UserMode
 * waits are broken off).  PspExitThread(Thread) of ps is called once, on a stack that may wait, when nothing runs for
 * it any more.
 */
VOID KeTerminateThread(PKTHREAD Thread, NTSTATUS ExitStatus);
/* For ps's exit: releases owned mutants (abandoned), rundown of APCs, signals the thread. */
VOID KeRundownThread(PKTHREAD Thread);

/* ------------------------------------------------------------------ APCs and alerts */

typedef VOID (*PKKERNEL_ROUTINE)(PKAPC Apc, PVOID *NormalRoutine, PVOID *NormalContext, PVOID *SystemArgument1,
        PVOID *SystemArgument2);
typedef VOID (*PKRUNDOWN_ROUTINE)(PKAPC Apc);
/*
 * A user APC: NormalRoutine(NormalContext, SystemArgument1, SystemArgument2) in the thread, at an alertable wait.
 * KernelRoutine (or NULL: ExFreePool(Apc)) is called before the delivery and frees the APC; RundownRoutine (or NULL:
 * ExFreePool) when the thread ends first.  Kernel-mode APCs do not exist here.
 */
struct _KAPC {
    LIST_ENTRY ApcListEntry;
    PKTHREAD Thread;
    PKKERNEL_ROUTINE KernelRoutine;
    PKRUNDOWN_ROUTINE RundownRoutine;
    PVOID NormalRoutine, NormalContext;         /* user addresses */
    PVOID SystemArgument1, SystemArgument2;
    BOOLEAN Inserted;
    BOOLEAN Special;                    /* delivered without an alertable wait */
};
VOID KeInitializeApc(PKAPC Apc, PKTHREAD Thread, PKKERNEL_ROUTINE KernelRoutine, PKRUNDOWN_ROUTINE RundownRoutine,
        PVOID NormalRoutine, PVOID NormalContext);
/* FALSE: inserted already, or the thread ends. */
BOOLEAN KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2);
BOOLEAN KeRemoveQueueApc(PKAPC Apc);
BOOLEAN KeAlertThread(PKTHREAD Thread);
/* NtTestAlert: STATUS_ALERTED or STATUS_SUCCESS; APCs are delivered at the exit. */
NTSTATUS KeTestAlertThread(VOID);

/* ------------------------------------------------------------------ driver hosts */

typedef struct _KHOST_CHANNEL KHOST_CHANNEL, *PKHOST_CHANNEL;
/* Called in the loop when the host rings; must not wait (set an event, or do the work). */
typedef VOID (*KE_DOORBELL)(PVOID Context);

/*
 * Notification and doorbell for a host process that has no threads yet; its threads get the slots of abi/driver.h.
 * Resources are granted before the first thread is made: slots count up from DRIVER_SLOT_FIRST_RESOURCE in call order.
 * STATUS_INSUFFICIENT_RESOURCES (at most 60 hosts), STATUS_NO_MEMORY.
 */
NTSTATUS KeCreateHostChannel(PKPROCESS Process, KE_DOORBELL Doorbell, PVOID Context, PKHOST_CHANNEL *Channel);
/* After the host's last thread has ended.  The callback does not come any more; IRQs and ports are free again. */
VOID KeDeleteHostChannel(PKHOST_CHANNEL Channel);
/* Signals DRIVER_BADGE_REQUESTS to the host. */
VOID KeRingHost(PKHOST_CHANNEL Channel);
/* ISA interrupt (overrides of the MADT are applied); signals 1 << BadgeBit.  STATUS_CONFLICTING_ADDRESSES: taken. */
NTSTATUS KeGrantInterrupt(PKHOST_CHANNEL Channel, ULONG IsaIrq, ULONG BadgeBit, PULONG Slot);
/*
 * Ports First..Last inclusive.  The same range may be granted again (other host, restart); overlaps:
 * STATUS_CONFLICTING_ADDRESSES.
 */
NTSTATUS KeGrantPorts(PKHOST_CHANNEL Channel, USHORT First, USHORT Last, PULONG Slot);

/* ------------------------------------------------------------------ I/O ports of ntos itself (hal) */

/* Size 1, 2 or 4 bytes.  A port that somebody else owns: reads give all ones, writes nothing. */
ULONG KeReadPort(USHORT Port, ULONG Size);
VOID KeWritePort(USHORT Port, ULONG Size, ULONG Value);
/* Has the range issued as a whole, so that a host can be granted it later.  FALSE: part of it is issued otherwise. */
BOOLEAN KeClaimPorts(USHORT First, USHORT Last);

/* ------------------------------------------------------------------ start and end */

extern ULONG64 KeNtdllBase;             /* where ntdll lies in every process */

/*
 * Copies Size bytes behind the header of the boot protocol's blob of that id.  FALSE: there is none, or it is
 * shorter.
 */
BOOLEAN KeGetBootBlob(ULONG64 Id, PVOID Buffer, SIZE_T Size);

/* Both threads of ntos stop for good: nobody gets an answer any more, and an idle CPU halts. */
DECLSPEC_NORETURN VOID KeStopThreads(VOID);

/* SystemStartOptions has RUN: fatal errors power off. */
extern BOOLEAN KeRunMode;
/* Trace: every service, with its status, to the log. */
extern BOOLEAN KeTraceServices;

typedef struct _KE_STATISTICS {
    ULONG64 Services, Faults, Interrupts, ContextSwitches, Coroutines, CoroutinesInUse;
    ULONG64 KernelTime, UserTime;       /* 100 ns, of all threads */
} KE_STATISTICS, *PKE_STATISTICS;
extern KE_STATISTICS KeStatistics;
/* Called at each tick, that is 64 times a second while a program's thread is runnable; NULL: nothing is.  They may not wait. */
enum { KeTickIo, KeTickPs, KeTickCount };
extern VOID (*KeTickRoutines[KeTickCount])(VOID);
/* TRUE: a program's thread of a higher priority is runnable outside ntos, so that threads of this one do not run. */
BOOLEAN KeIsProcessorTaken(LONG Priority);
