/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ps: processes, threads and jobs as objects.  An EPROCESS lives while it is referenced; its memory, handles and
 * threads go when its last thread ends.  Client ids are indexes of one table, multiples of 4, used again late.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ob.h"

#define PS_IMAGE_NAME_CHARS 64
#define PS_KEPT_TEBS 8

typedef struct _EPROCESS {
    KPROCESS Pcb;
    MM_SPACE Vm;
    HANDLE UniqueProcessId;
    HANDLE InheritedFromUniqueProcessId;
    LIST_ENTRY ActiveProcessLinks;      /* PsActiveProcessHead */
    PHANDLE_TABLE ObjectTable;          /* NULL once it has ended */
    PVOID Token;                        /* referenced primary token */
    PVOID Peb;                          /* user address */
    PVOID SectionObject;                /* the image; referenced */
    PVOID SectionBaseAddress;
    UNICODE_STRING ImagePath;           /* NT path of the image, pool */
    WCHAR ImageName[PS_IMAGE_NAME_CHARS];       /* last component, cut if need be */
    struct _EJOB *Job;                  /* the innermost; referenced */
    BOOLEAN JobMemoryReported;
    ULONG ActiveThreads;
    ULONG ActiveThreadsHighWatermark;
    NTSTATUS ExitStatus;
    BOOLEAN Exiting;                    /* NtTerminateProcess or the last thread's end has begun */
    BOOLEAN ExitCalled;
    BOOLEAN BreakOnTermination;
    UCHAR PriorityClass;
    BOOLEAN NoDebugInherit;             /* its children do not get its debugger */
    BOOLEAN PriorityBoostDisabled;
    UCHAR IoPriority, PagePriority;     /* kept and returned */
    ULONG ThrottlingControl, ThrottlingState;           /* ProcessPowerThrottlingState; so are these */
    SIZE_T MinimumWorkingSet, MaximumWorkingSet;        /* so are these; bytes */
    ULONG DefaultHardErrorProcessing;
    LARGE_INTEGER CreateTime, ExitTime;
    ULONG64 ReadOperationCount, WriteOperationCount, OtherOperationCount;
    ULONG64 ReadTransferCount, WriteTransferCount, OtherTransferCount;
    PVOID IoProcessContext;             /* io: ConDrv connection */
    SECTION_IMAGE_INFORMATION ImageInformation;
    ULONG64 Cookie;
    PVOID KeptTebs[PS_KEPT_TEBS];       /* of threads that have ended, zero; user addresses */
    ULONG KeptTebCount;
    struct _CM_NOTIFY *KeyNotifies;     /* cm: those that wait for a change */
    ULONG TimerResolution;              /* ex: what it asks for, 100 ns; 0: nothing */
} EPROCESS;

typedef struct _ETHREAD {
    KTHREAD Tcb;
    CLIENT_ID Cid;
    PVOID StartAddress;
    PVOID Win32StartAddress;
    NTSTATUS ExitStatus;
    LARGE_INTEGER CreateTime, ExitTime;
    PVOID ImpersonationToken;           /* se's, referenced, or NULL */
    LIST_ENTRY IrpList;                 /* io: requests of this thread */
    LIST_ENTRY TimerList;               /* ex: APC timers set by this thread */
    PVOID TerminationPorts;             /* lpc: who is told when it ends */
    PVOID ExContext;                    /* ex: alert by thread id, keyed events */
    PVOID WorkerFactory;                /* io: whose worker it is, referenced; NULL */
    BOOLEAN WorkerPending;              /* io: and was not ready yet */
    BOOLEAN AlertedByThreadId;          /* ex */
    BOOLEAN Inserted;                   /* counted in its process */
    BOOLEAN HideFromDebugger;
    BOOLEAN SkipAttach;
    BOOLEAN PriorityBoostDisabled;
    BOOLEAN BreakOnTermination;
    UCHAR IoPriority, PagePriority;     /* kept and returned */
    CHAR Saturation;                    /* of its priority: 1 or -1: as far as it goes within the class, 0 */
    ULONG ExecutionState;               /* ex: ES_* that it asks for until it says otherwise */
    PVOID StackAllocation;              /* user address of the stack's reserve; 0 = not ours */
    UNICODE_STRING Name;                /* NtSetInformationThread(ThreadNameInformation), pool */
} ETHREAD;

typedef struct _EPROCESS *PEPROCESS;
typedef struct _ETHREAD *PETHREAD;

extern POBJECT_TYPE PsProcessType;
extern POBJECT_TYPE PsThreadType;
extern POBJECT_TYPE PsJobType;
extern PEPROCESS PsInitialSystemProcess;        /* pid 4: ntos itself; has a handle table */
extern LIST_ENTRY PsActiveProcessHead;

/* Process of the current thread, KeStackAttachProcess included. */
static inline PEPROCESS PsGetCurrentProcess(VOID)
{
    return (PEPROCESS)KeGetCurrentThread()->Process;
}

static inline PETHREAD PsGetCurrentThread(VOID)
{
    return (PETHREAD)KeGetCurrentThread();
}

static inline HANDLE PsGetCurrentProcessId(VOID)
{
    return PsGetCurrentProcess()->UniqueProcessId;
}

/* Before ob: the system process and its thread as static objects (KeGetCurrentThread works). */
VOID PsInitSystemEarly(VOID);
/* Types, system process with handle table and token.  After ObInitSystem and SeInitSystem. */
NTSTATUS PsInitSystem(VOID);
/* Finds ntdll on the system volume and its entry points.  After IoInitSystem. */
NTSTATUS PsLocateSystemDll(VOID);

/* Referenced results; STATUS_INVALID_CID. */
NTSTATUS PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process);
NTSTATUS PsLookupThreadByThreadId(HANDLE ThreadId, PETHREAD *Thread);

/*
 * A process from ntos itself (driver hosts, smss).  ImagePath: NT path of the .exe; CommandLine: as the program sees
 * it. Standard handles: file objects to be inserted as handles into the child, or NULL.  It is suspended:
 * PsResumeProcess.  The parent is the system process.  May wait (opening the file).  Process and Thread are
 * referenced results (Thread may be NULL). Prepare (may be NULL) is called when the address space and the handle
 * table are there and no thread is yet: grants, regions.
 */
typedef struct _PS_SYSTEM_PROCESS {
    PCWSTR ImagePath;
    PCWSTR CommandLine;
    PCWSTR CurrentDirectory;            /* DOS path, NULL = C:\ */
    PCWSTR Environment;                 /* block "A=b\0...\0\0", NULL = the system's */
    LONG BasePriority;                  /* NT, 0 = 8 */
    PVOID Token;                        /* NULL = the system token */
    PVOID StandardInput, StandardOutput, StandardError;
    NTSTATUS (*Prepare)(PEPROCESS Process, PVOID Context);
    PVOID Context;
} PS_SYSTEM_PROCESS, *PPS_SYSTEM_PROCESS;
NTSTATUS PsCreateSystemProcess(const PS_SYSTEM_PROCESS *Parameters, PEPROCESS *Process, PETHREAD *Thread);

/* Ends every thread; the process ends when the last one has.  One that never had a thread gets none any more. */
NTSTATUS PsTerminateProcess(PEPROCESS Process, NTSTATUS ExitStatus);
NTSTATUS PsTerminateThread(PETHREAD Thread, NTSTATUS ExitStatus);
/*
 * A thread of the process's own at a user address, with its argument; nobody gets a handle.  Stack sizes of 0: the image's.
 * WorkerFactory: the thread's, with the caller's reference, as one that is pending (NULL: none).  STATUS_PROCESS_IS_TERMINATING.
 */
typedef struct _PS_USER_THREAD {
    PVOID StartRoutine, Argument;
    SIZE_T StackReserve, StackCommit;
    PVOID WorkerFactory;
} PS_USER_THREAD;
NTSTATUS PsStartUserThread(PEPROCESS Process, const PS_USER_THREAD *User);
NTSTATUS PsSuspendProcess(PEPROCESS Process);
NTSTATUS PsResumeProcess(PEPROCESS Process);

/*
 * Called when a process has ended, before its handles are closed / after: io (consoles, driver hosts), cm.  At most
 * 8.
 */
typedef VOID (*PS_PROCESS_NOTIFY)(PEPROCESS Process, BOOLEAN Created);
NTSTATUS PsSetCreateProcessNotifyRoutine(PS_PROCESS_NOTIFY Routine);
/* Called when a thread ends, current thread = it, may wait: io (cancel requests), ex. */
typedef VOID (*PS_THREAD_NOTIFY)(PETHREAD Thread, BOOLEAN Created);
NTSTATUS PsSetCreateThreadNotifyRoutine(PS_THREAD_NOTIFY Routine);

/* ke calls it; see KeTerminateThread. */
VOID PspExitThread(PKTHREAD Thread);
/* ke calls them: a program's exception that nobody handled, which its ntdll has reported; one that it never saw.  They log it. */
VOID PspUnhandledException(PKTHREAD Thread, const EXCEPTION_RECORD *Record, const CONTEXT *Context);
VOID PspUndeliveredException(PKTHREAD Thread, const EXCEPTION_RECORD *Record, const CONTEXT *Context);

/* User addresses of ntdll's entry points, found at PsLocateSystemDll. */
extern ULONG64 PsLdrInitializeThunk, PsRtlUserThreadStart, PsKiUserExceptionDispatcher, PsKiUserApcDispatcher;
extern ULONG64 PsKiRaiseUserExceptionDispatcher, PsKiUserCallbackDispatcher, PsKiUserControlDispatcher;
