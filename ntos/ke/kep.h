/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ke's own: badges, coroutines, queues of the loop, exits to user mode.
 */
#pragma once

#include "ntos/inc/ke.h"
#include "ntos/inc/log.h"
#include "ntos/inc/ps.h"
#include "abi/sel4/sel4.h"

/*
 * Badges.  Messages: the address of the KI_USER_THREAD, bit 0 set for faults.  Signals: bit 63, and a bit for each
 * source (several may arrive at once).
 */
#define KI_BADGE_FAULT 1ull
#define KI_BADGE_SIGNAL (1ull << 63)
#define KI_SIGNAL_CLOCK 0               /* bit numbers */
#define KI_SIGNAL_FIRST_HOST 1
#define KI_SIGNAL_LIMIT 62

/* Slots of a thread's CNode; hosts' further ones are in abi/driver.h. */
#define KI_SLOT_SERVICE 1
#define KI_SLOT_FAULT 2
#define KI_THREAD_CNODE_BITS 2
#define KI_HOST_CNODE_BITS 6

enum {                                  /* KTHREAD.MessageKind */
    KI_MESSAGE_NONE,
    KI_MESSAGE_SERVICE,
    KI_MESSAGE_FAULT
};

enum {                                  /* KTHREAD.ExitWork */
    KI_EXIT_TERMINATE = 0x01,
    KI_EXIT_SUSPEND = 0x02,             /* SuspendCount is not 0 */
    KI_EXIT_APC = 0x04,                 /* user APCs may be delivered */
    KI_EXIT_SAVED = 0x08,               /* the reply capability is in ReplySlot */
    KI_EXIT_CONTEXT = 0x10,             /* registers were set: leave by TCB_Resume, not by a reply */
    KI_EXIT_HELD = 0x20,                /* suspended at the exit: HeldStatus is the answer */
    KI_EXIT_ANSWER = 0x40               /* with KI_EXIT_CONTEXT: another thread set the registers during a service, whose status
                                           still goes into them */
};

/*
 * What the kernel needs to run a thread: its objects, configured for one process.  Making it takes eight kernel calls,
 * so a process keeps some of them from threads that have ended (KPROCESS.KeptThreads).  A kept one is suspended: no
 * message comes from it.  Its vector state is that of the last thread until ntdll loads the new one's.
 */
typedef struct _KI_USER_THREAD {
    PKTHREAD Thread;                    /* whose messages these are; NULL: kept */
    struct _KI_USER_THREAD *Next;
    MM_KERNEL_OBJECT Tcb, CNode;
    ULONG64 ReplySlot;
    LONG Priority;                      /* the TCB's, as NT counts; 0: not set yet */
} KI_USER_THREAD, *PKI_USER_THREAD;

#define KI_STACK_SIZE 0x4000
#define KI_FLAG_TRAP 0x100              /* RFLAGS: one instruction, then exception 1 */

typedef struct _KCOROUTINE {
    struct _KCOROUTINE *Next;           /* free list */
    PVOID StackPointer;                 /* while it is not running */
    PVOID StackLow;
} KCOROUTINE, *PKCOROUTINE;

/* entry.S: saves the nonvolatile registers, exchanges stacks. */
VOID KiSwitchStack(PVOID *SavedStackPointer, PVOID NewStackPointer);
VOID KiCoroutineEntry(VOID);
/* The stack of the start, until the first coroutine runs. */
extern UCHAR KiBootStack[], KiBootStackTop[];

extern PKCOROUTINE KiCurrentCoroutine;
extern LIST_ENTRY KiReadyList;          /* of threads whose coroutine can go on */
extern LIST_ENTRY KiExitList;           /* of threads that end, without a coroutine */
extern LIST_ENTRY KiDpcList;
extern BOOLEAN KiPendingWork;           /* one of the lists is not empty */
extern ETHREAD KiSystemThread;         /* what runs when no thread is served */
#define KiLoopThread KiSystemThread.Tcb
extern ULONG64 KiEndpoint, KiNotification;      /* CPtrs */
extern ULONG64 KiReceiveEndpoint;               /* KiEndpoint by a shorter way */

/* Coroutines. */
VOID KiInitializeCoroutines(VOID);
/* Parks the running coroutine for the current thread, until KiReadyThread.  FALSE: no other stack, nothing happened. */
BOOLEAN KiPark(VOID);
VOID KiReadyThread(PKTHREAD Thread);
/* Loop only: gives this stack to the pool and goes on with Coroutine. */
VOID KiResumeCoroutine(PKCOROUTINE Coroutine);

/* Loop. */
DECLSPEC_NORETURN VOID KiLoop(VOID);
VOID KiRunPendingWork(VOID);
VOID KiSetCurrentThread(PKTHREAD Thread);

/* Services. */
NTSTATUS KiCallService(PKTHREAD Thread, ULONG64 Number, ULONG64 ArgumentBlock);

/*
 * Exits.  KiExitToUser: the answer of Thread's message is Status (services).  TRUE: the caller of the loop replies
 * with it.
 */
BOOLEAN KiExitToUser(PKTHREAD Thread, NTSTATUS Status);
/* The answer of a thread whose reply capability is saved. */
VOID KiCompleteService(PKTHREAD Thread, NTSTATUS Status);
VOID KiSaveCaller(PKTHREAD Thread);
VOID KiSendReply(PKTHREAD Thread, NTSTATUS Status);
/* Keeps the list of runnable threads (the clock ticks only while it is not empty). */
VOID KiCountThread(PKTHREAD Thread, BOOLEAN Runnable);
VOID KiQueueExit(PKTHREAD Thread);

/* Waits. */
VOID KiWakeWaiters(PDISPATCHER_HEADER Header);
VOID KiEndWait(PKTHREAD Thread, NTSTATUS Status);
VOID KiFlushEndedWaits(VOID);
VOID KiWaitTimeout(PKTHREAD Thread);
/* Breaks off a UserMode wait with Status if it may; FALSE: the thread is in none. */
BOOLEAN KiBreakWait(PKTHREAD Thread, NTSTATUS Status);

/* Timers and clock. */
#define KI_WAIT_TIMER 0x80              /* DISPATCHER_HEADER.Type: KTHREAD.WaitTimer */
#define KI_TICK_TIMER 0x81
VOID KiInitializeClock(VOID);
VOID KiClockInterrupt(VOID);
VOID KiSetClock(ULONG64 DueTime);       /* interrupt time; ~0 = never */
VOID KiInsertTimer(PKTIMER Timer, ULONG64 DueTime);
VOID KiRemoveTimer(PKTIMER Timer);
VOID KiExpireTimers(ULONG64 Now);
ULONG64 KiNextDueTime(VOID);
VOID KiShiftAbsoluteTimers(LONG64 Delta);
ULONG64 KiTimeoutToDueTime(const LARGE_INTEGER *Timeout, PUCHAR Absolute);
VOID KiTick(ULONG64 Now);
VOID KiUpdateSharedData(VOID);
VOID KiRunDpcs(VOID);

/* CPU times (cputime.c). */
extern LIST_ENTRY KiRunnableList;       /* of KTHREAD.RunnableListEntry: KiCountThread */
extern ULONG64 KiTickTsc;               /* when the tick is due; ~0: it does not run, or was seen */
/* The ticks begin at Now; what was before is idle time. */
VOID KiStartSampling(ULONG64 Now);
/* The tick came while ntos served Thread. */
VOID KiSampleService(PKTHREAD Thread);
VOID KiSampleTick(ULONG64 Now);

/* Contexts. */
VOID KiContextToRegisters(const CONTEXT *Context, seL4_UserContext *Registers);
VOID KiRegistersToContext(const seL4_UserContext *Registers, PCONTEXT Context);
/* The registers of a thread that is inside ntos, as they will be after its message is answered with Status. */
NTSTATUS KiGetUserRegisters(PKTHREAD Thread, NTSTATUS Status, seL4_UserContext *Registers);
/* The registers of a thread that has never run, with Resume it does now. */
VOID KiLoadFirstRegisters(PKTHREAD Thread, BOOLEAN Resume);
/* Control and integer registers; with Resume the thread runs (its message is forgotten). */
VOID KiSetUserRegisters(PKTHREAD Thread, seL4_UserContext *Registers, BOOLEAN Resume);

/* Exceptions. */
BOOLEAN KiHandleFault(PKTHREAD Thread, ULONG64 Label, ULONG64 Mr0, ULONG64 Mr1, ULONG64 Mr2, ULONG64 Mr3);
BOOLEAN KiDeliverApc(PKTHREAD Thread, NTSTATUS Status);
/* A thread that runs outside of ntos, and is not suspended, goes to its first APC. */
VOID KiInterruptForApc(PKTHREAD Thread);
VOID KiPushException(PKTHREAD Thread, const EXCEPTION_RECORD *Record, const CONTEXT *Context);

/* Hosts, ports. */
VOID KiHostSignals(ULONG64 Badge);
NTSTATUS KiInstallHostCaps(PKHOST_CHANNEL Channel, PKTHREAD Thread);
ULONG64 KiGetPortCap(USHORT First, USHORT Last);
/* An interrupt that signals ntos itself. */
NTSTATUS KiConnectInterrupt(ULONG Pin, BOOLEAN Level, BOOLEAN ActiveLow, ULONG Signal, seL4_CPtr *Handler);
NTSTATUS KiGetInterrupt(ULONG Pin, BOOLEAN Level, BOOLEAN ActiveLow, seL4_CPtr *Handler);

/* Last words. */
VOID KiStartFaultThread(VOID);

/* probe.c */
BOOLEAN KiProbeNoExecute(VOID);
BOOLEAN KiProbeSingleStep(VOID);

static inline ULONG64 KiReadTsc(VOID)
{
    ULONG Low, High;

    __asm__ volatile("rdtsc" : "=a"(Low), "=d"(High));
    return (ULONG64)High << 32 | Low;
}

static inline VOID KiInitializeList(PLIST_ENTRY Head)
{
    Head->Flink = Head->Blink = Head;
}

static inline BOOLEAN KiListEmpty(const LIST_ENTRY *Head)
{
    return Head->Flink == Head;
}

static inline VOID KiAppend(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
    Entry->Flink = Head;
    Entry->Blink = Head->Blink;
    Head->Blink->Flink = Entry;
    Head->Blink = Entry;
}

static inline VOID KiPrepend(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
    KiAppend(Head->Flink, Entry);
}

static inline VOID KiUnlink(PLIST_ENTRY Entry)
{
    Entry->Blink->Flink = Entry->Flink;
    Entry->Flink->Blink = Entry->Blink;
    Entry->Flink = Entry->Blink = Entry;
}

static inline PLIST_ENTRY KiTakeFirst(PLIST_ENTRY Head)
{
    PLIST_ENTRY Entry = Head->Flink;

    KiUnlink(Entry);
    return Entry;
}
