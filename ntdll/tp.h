/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to the thread pool (tp*.c).
 *
 * A TPP_OBJECT is what a PTP_WORK, PTP_TIMER, PTP_WAIT or PTP_IO points to.  It counts its callbacks: Pending are in
 * its pool's queue, Running are in progress; both, and the queues, belong to the pool's lock.  References: one for who
 * allocated it, one for each pending or running callback, one while it is armed (timer, wait), one for each started
 * I/O operation.  Lock order: timers' or waits' lock before a pool's.
 */
#pragma once

#include "ntdllp.h"
#include "nt/tpalpcapi.h"

#define TPP_IDLE_SECONDS 10             /* a worker that finds nothing for so long ends */
#define TPP_DEFAULT_MAXIMUM 512

typedef enum _TPP_TYPE { TppSimple, TppWork, TppTimer, TppWait, TppIo, TppAlpc, TppAlpcEx } TPP_TYPE;

/* What one finished I/O operation, one end of a wait, or one message of a port, gives its callback. */
typedef struct _TPP_RESULT {
    LIST_ENTRY Links;
    PVOID ApcContext;
    IO_STATUS_BLOCK Iosb;
} TPP_RESULT, *PTPP_RESULT;

struct _TP_POOL {
    LONG References;                    /* who allocated it, objects, workers */
    RTL_SRWLOCK Lock;
    RTL_CONDITION_VARIABLE Work;        /* something is in a queue */
    RTL_CONDITION_VARIABLE Finished;    /* a callback has ended */
    LIST_ENTRY Queues[TP_CALLBACK_PRIORITY_COUNT];      /* TPP_OBJECT.QueueLinks */
    LONG Minimum, Maximum;
    LONG Threads, Busy;
    BOOLEAN Released;
    TP_POOL_STACK_INFORMATION Stack;
};

struct _TP_CLEANUP_GROUP {
    RTL_SRWLOCK Lock;
    LIST_ENTRY Members;                 /* TPP_OBJECT.GroupLinks */
};

typedef struct _TPP_OBJECT {
    PVOID Win32Callback;                /* kernelbase keeps a pointer of its own in the first word of a PTP_IO */
    LONG References;
    TPP_TYPE Type;
    PTP_POOL Pool;
    PTP_CLEANUP_GROUP Group;            /* NULL: none (any more) */
    BOOLEAN Grouped;                    /* it had one */
    LIST_ENTRY GroupLinks;
    PTP_CLEANUP_GROUP_CANCEL_CALLBACK GroupCancel;
    PVOID Callback;
    PVOID Context;
    PTP_SIMPLE_CALLBACK Finalization;
    PVOID RaceDll;
    ULONG Priority;
    LIST_ENTRY QueueLinks;
    LONG Pending, Running;
    LIST_ENTRY Results;                 /* TPP_RESULT, one for each pending callback (TppWait, TppIo, TppAlpc...) */
    VOID (*Freed)(PVOID Context);       /* called with Context when the object goes; may be NULL */
    BOOLEAN Armed;                      /* timer: in the list; wait: in a bucket */
    LIST_ENTRY TimerLinks;
    LONG64 Due;                         /* TppNow() time; MAXLONGLONG: never */
    ULONG Period;                       /* ms */
    HANDLE Handle;                      /* wait: what is waited for */
    struct _TPP_BUCKET *Bucket;
    LIST_ENTRY AlpcLinks;               /* tpalpc.c */
    ULONG_PTR AlpcKey;                  /* 0: forgotten */
} TPP_OBJECT, *PTPP_OBJECT;

struct _TP_CALLBACK_INSTANCE {
    PTPP_OBJECT Object;
    HANDLE ThreadId;
    BOOLEAN Associated;                 /* the callback counts as running */
    BOOLEAN LongFunction;
    HANDLE Event, Semaphore, Mutex;
    LONG SemaphoreCount;
    PRTL_CRITICAL_SECTION CriticalSection;
    PVOID Dll;
    PPORT_MESSAGE AlpcMessage;          /* NULL: none is to be sent */
    HANDLE AlpcPort;
    ULONG AlpcFlags;
};

/* Zeroed memory of the process heap. */
static inline PVOID TppAllocateMemory(SIZE_T Size)
{
    return RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Size);
}

static inline VOID TppFreeMemory(PVOID Memory)
{
    RtlFreeHeap(RtlProcessHeap(), 0, Memory);
}

/* ---- tppool.c ---- */
/* The environment's pool or the default one; a reference more.  NULL: no memory. */
PTP_POOL TppReferencePool(PTP_CALLBACK_ENVIRON Environment);
VOID TppDereferencePool(PTP_POOL Pool);
/*
 * One callback more.  Result (may be NULL) becomes the object's.  The object's reference for it is taken here.
 */
VOID TppPost(PTPP_OBJECT Object, PTPP_RESULT Result);
/* A thread of the pool's own (timers, waits, I/O): Routine(Context), never returns to the caller of a callback. */
NTSTATUS TppStartThread(PTP_POOL Pool, NTSTATUS (NTAPI *Routine)(PVOID Context), PVOID Context);

/* ---- tpobject.c ---- */
NTSTATUS TppAllocate(TPP_TYPE Type, PVOID Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment,
        PTPP_OBJECT *Object);
static inline VOID TppReference(PTPP_OBJECT Object)
{
    InterlockedIncrement(&Object->References);
}
VOID TppDereference(PTPP_OBJECT Object);
/* Out of its group, and the allocator's reference goes. */
VOID TppRelease(PTPP_OBJECT Object);
/* Takes the callbacks that nobody has begun out of the queue. */
VOID TppCancelPending(PTPP_OBJECT Object);
/* Until no callback is pending or running. */
VOID TppWaitForCallbacks(PTPP_OBJECT Object, BOOLEAN CancelPending);
BOOLEAN TppIsRunning(PTPP_OBJECT Object);
/* Runs one callback; the caller's reference is consumed. */
VOID TppRun(PTPP_OBJECT Object, PTPP_RESULT Result);

/* ---- tptimer.c ---- */
/* Interrupt time in 100 ns, exact. */
LONG64 TppNow(VOID);
/* When a NT timeout (negative: relative; else system time; NULL: never) is due, in TppNow() time. */
LONG64 TppDueTime(const LARGE_INTEGER *Timeout);
/* Forgets an armed timer. */
VOID TppDisarmTimer(PTPP_OBJECT Timer);

/* ---- tpwait.c ---- */
VOID TppDisarmWait(PTPP_OBJECT Wait);

/* ---- tpio.c ---- */
NTSTATUS TppBindFile(HANDLE File, PTPP_OBJECT Io);
/* The same for an ALPC port; Key is odd. */
NTSTATUS TppBindPort(HANDLE Port, ULONG_PTR Key);

/* ---- tpalpc.c ---- */
/* A packet with that key has come; the result is used or freed. */
VOID TppDispatchAlpc(ULONG_PTR Key, PTPP_RESULT Result);
/* No packet is a callback of the object any more. */
VOID TppForgetAlpc(PTPP_OBJECT Alpc);
