/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ps's own: creation in steps, the id table, exits.
 */
#pragma once

#include "ntos/inc/ps.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/io.h"
#include "ntos/inc/log.h"
#include "ntos/inc/se.h"

#define PSP_TAG 'cPsP'
/* Flags of NtCreateUserProcess and of threads that mean something; most are for drivers and the session manager, and change nothing here. */
#define PSP_PROCESS_FLAGS 0x7ffffu
#define PSP_THREAD_FLAGS 0xffu
#define PROCESS_PRIORITY_CLASS_NORMAL 2
#define PROCESS_PRIORITY_CLASS_HIGH 3
#define PSP_MINIMUM_WORKING_SET (50 * PAGE_SIZE)        /* what Windows says at first */
#define PSP_MAXIMUM_WORKING_SET (345 * PAGE_SIZE)
#define PSP_NORMAL_IO_PRIORITY 2
#define PSP_MOST_IO_PRIORITY 4
#define PSP_NORMAL_PAGE_PRIORITY 5
#define PSP_TEB_SIZE 0x2000
#define PSP_PEB_SIZE 0x1000
#define PSP_MAX_STRING 0xfffe           /* bytes of one string of the parameters */
#define PSP_MAX_ENVIRONMENT 0x100000

/* Process parameters, captured: pool copies of everything; a string without a buffer is empty. */
enum {
    PspDllPath,
    PspImagePathName,
    PspCommandLine,
    PspWindowTitle,
    PspDesktopInfo,
    PspShellInfo,
    PspRuntimeData,
    PspCurrentDirectory,
    PspStringCount
};
typedef struct _PSP_PARAMETERS {
    RTL_USER_PROCESS_PARAMETERS Fixed;
    UNICODE_STRING Strings[PspStringCount];
    PVOID Environment;
    SIZE_T EnvironmentSize;
} PSP_PARAMETERS, *PPSP_PARAMETERS;

/* One creation.  Everything but the results is the caller's. */
typedef struct _PSP_CREATE {
    KPROCESSOR_MODE Mode;
    POBJECT_ATTRIBUTES ProcessAttributes, ThreadAttributes;     /* of the mode */
    PEPROCESS Parent;
    PACCESS_TOKEN Token;                /* the process gets a copy; NULL: of the parent's */
    PUNICODE_STRING ImagePath;
    PSECTION Section;                   /* the image; NULL: of the file at ImagePath */
    BOOLEAN Clone;                      /* no image: a copy of the parent's memory */
    BOOLEAN NoThread;
    PPSP_PARAMETERS Parameters;         /* NULL: the creator writes them */
    LONG BasePriority;
    BOOLEAN InheritHandles;
    BOOLEAN NoDebugInherit;
    BOOLEAN Breakaway;                  /* from the parent's job */
    struct _EJOB *const *Jobs;          /* that it comes into, each nested in the one before or to be */
    ULONG JobCount;
    const HANDLE *HandleList;
    ULONG HandleCount;
    PVOID StandardObjects[3];           /* system processes */
    NTSTATUS (*Prepare)(PEPROCESS Process, PVOID Context);
    PVOID Context;
    ULONG ThreadFlags;
    /* Results: creator's references. */
    PEPROCESS Process;
    PETHREAD Thread;
    PS_CREATE_STATE State;
} PSP_CREATE, *PPSP_CREATE;
NTSTATUS PspCreate(PPSP_CREATE Create);
/* A process or thread that no service inserts, for nobody asked for a handle: it is as if Process had made it. */
NTSTATUS PspOwn(PVOID Object, PEPROCESS Process);
/* Takes back what PspCreate made and did not start. */
VOID PspAbandon(PPSP_CREATE Create);
/* The debugger of a new process: DebugObject (a handle of the caller's), else the parent's if it passes on. */
NTSTATUS PspSetDebugger(PPSP_CREATE Create, HANDLE DebugObject);
/* A token that a process may begin with, by a program's handle; *Token is referenced also after some failures, else NULL. */
NTSTATUS PspReferencePrimaryToken(HANDLE Handle, PACCESS_TOKEN *Token);

/* A string for a program: an initializer would leave what lies between its fields as it was on ntos's stack. */
static inline UNICODE_STRING PspStringOf(USHORT Length, USHORT MaximumLength, PVOID Buffer)
{
    UNICODE_STRING String;

    memset(&String, 0, sizeof(String));
    String.Length = Length;
    String.MaximumLength = MaximumLength;
    String.Buffer = Buffer;
    return String;
}

/* The process of a program's handle. */
static inline NTSTATUS PspReferenceProcess(HANDLE Handle, ACCESS_MASK Access, PEPROCESS *Process)
{
    return ObReferenceObjectByHandle(Handle, Access, PsProcessType, UserMode, (PVOID *)Process, NULL);
}

/* query.c: probes an answer of Needed bytes and says its length; TooSmall if the buffer is. */
NTSTATUS PspBeginAnswer(PVOID UserBuffer, ULONG Length, PULONG UserReturnLength, ULONG Needed, NTSTATUS TooSmall);

/* parameters.c */
NTSTATUS PspCaptureParameters(PRTL_USER_PROCESS_PARAMETERS User, PPSP_PARAMETERS Parameters);
VOID PspReleaseParameters(PPSP_PARAMETERS Parameters);
NTSTATUS PspWriteParameters(PEPROCESS Process, PPSP_PARAMETERS Parameters, PVOID *Address);

/* apiset.c: maps the API-set schema into a new process; *Map is PEB.ApiSetMap (NULL: none). */
VOID PspMapApiSet(PEPROCESS Process, PVOID *Map);
/* codepage.c: maps the tables of the code pages, and sets the two pointers of the PEB (NULL: UTF-8). */
VOID PspMapCodePages(PEPROCESS Process, PPEB Peb);

/* thread.c */
typedef struct _PSP_THREAD_START {
    PVOID StartRoutine, Argument;
    ULONG_PTR ZeroBits;                 /* of the stack's address */
    SIZE_T StackReserve, StackCommit;
    ULONG Flags;                        /* THREAD_CREATE_FLAGS_* */
    BOOLEAN Initial;
    const CONTEXT *Context;             /* NULL: of RtlUserThreadStart, on a stack of its own */
    const INITIAL_TEB *InitialTeb;      /* with Context: the stack, which is the creator's */
    BOOLEAN Clone;                      /* in the copy of its process: the copy of the current thread, whose service answers STATUS_PROCESS_CLONED */
} PSP_THREAD_START, *PPSP_THREAD_START;
/* A suspended thread (count 1) that is not in its process yet: creator's reference. */
NTSTATUS PspCreateThread(PEPROCESS Process, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes,
        const PSP_THREAD_START *Start, PETHREAD *Thread);
/*
 * Joins the process and may run from now on; takes the reference that the exit drops.  STATUS_PROCESS_IS_TERMINATING.
 */
NTSTATUS PspInsertThread(PETHREAD Thread);
VOID PspDeleteThread(PVOID Object);

/* KeResumeThread, for programs: a debugger may have put an event off until then. */
NTSTATUS PspResumeThread(PKTHREAD Thread, PULONG PreviousCount);

extern PSECTION PspNtdllSection;

/*
 * create.c: the image section of the file at Path, with Mode's rights.  *Opened tells a file that cannot be opened from
 * one that is no image.  May wait for the file.
 */
NTSTATUS PspCreateImageSection(PCUNICODE_STRING Path, KPROCESSOR_MODE Mode, PSECTION *Section, PBOOLEAN Opened);

/* process.c */
VOID PspDeleteProcess(PVOID Object);
VOID PspExitProcess(PEPROCESS Process);
static inline BOOLEAN PspIsThreadless(PEPROCESS Process)
{
    return Process->ActiveThreadsHighWatermark == 0;
}
/* If it was ended and never had a thread: its handles go, which may be the last of others and of its own.  May wait. */
VOID PspClearThreadless(PEPROCESS Process);
VOID PspNotifyThread(PETHREAD Thread, BOOLEAN Created);

/* job.c */
NTSTATUS PspInitJobs(VOID);
/*
 * A new process comes into the job of its parent, or of those above that it does not break away from.
 * STATUS_ACCESS_DENIED: the job does not let it break away.  STATUS_QUOTA_EXCEEDED, STATUS_PROCESS_IS_TERMINATING.
 */
NTSTATUS PspInheritJob(PEPROCESS Process, PEPROCESS Parent, BOOLEAN Breakaway);
/* STATUS_ACCESS_DENIED: it is in a job that Job is not nested in and cannot be.  STATUS_QUOTA_EXCEEDED. */
NTSTATUS PspAssignProcessToJob(PEPROCESS Process, struct _EJOB *Job);
/* Its first thread is there: a message to its jobs. */
VOID PspAnnounceProcess(PEPROCESS Process);
/* HasRun: its times count, and its jobs are told of its end. */
VOID PspLeaveJob(PEPROCESS Process, BOOLEAN HasRun);

/* jobrate.c: its thread Thread is new, and held if its jobs are. */
VOID PspHoldNewThread(PETHREAD Thread);

/* joblimit.c: the class that the process's jobs prescribe, or Class; makes it so. */
UCHAR PspJobPriorityClass(PEPROCESS Process, UCHAR Class);
VOID PspApplyJobPriority(PEPROCESS Process);

/* STATUS_PRIVILEGE_NOT_HELD unless the caller has the privilege (SE_x) enabled. */
static inline NTSTATUS PspRequirePrivilege(ULONG Privilege)
{
    return SeSinglePrivilegeCheck(SeMakeLuid(Privilege), UserMode) ? STATUS_SUCCESS : STATUS_PRIVILEGE_NOT_HELD;
}

/* query.c: PROCESS_PRIORITY_CLASS_x as a base priority, 0 = no such class; whether it needs SeIncreaseBasePriority. */
UCHAR PspClassPriority(UCHAR Class);
BOOLEAN PspNeedsPrivilege(UCHAR Class);
VOID PspSetPriorityClass(PEPROCESS Process, UCHAR Class);
VOID PspAddIoCounters(PEPROCESS Process, PIO_COUNTERS Counters);

/* cid.c */
NTSTATUS PspCreateCid(PVOID Object, PHANDLE Cid);
VOID PspDeleteCid(HANDLE Cid);

/* sysinfo.c */
NTSTATUS PspQuerySystemProcesses(PVOID UserBuffer, ULONG Length, PULONG ReturnLength);

/* KERNEL_USER_TIMES with whole numbers. */
typedef struct _PSP_TIMES {
    LARGE_INTEGER CreateTime, ExitTime, KernelTime, UserTime;
} PSP_TIMES;

/* PROCESS_CYCLE_TIME_INFORMATION and THREAD_CYCLE_TIME_INFORMATION. */
typedef struct _PSP_CYCLES {
    ULONG64 AccumulatedCycles, CurrentCycleCount;
} PSP_CYCLES;

/* CPU times of all threads, those that have ended included. */
VOID PspProcessTimes(PEPROCESS Process, PULONG64 KernelTime, PULONG64 UserTime);

/* handleinfo.c: ProcessHandleInformation. */
NTSTATUS PspReturnHandles(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength);
/* A fixed-size answer to a query: length check, copy, returned length (may be NULL). */
NTSTATUS PspReturn(PVOID UserBuffer, ULONG Length, PULONG UserReturnLength, const VOID *Data, ULONG DataLength);

static inline VOID PspAppend(PLIST_ENTRY Head, PLIST_ENTRY Entry)
{
    Entry->Flink = Head;
    Entry->Blink = Head->Blink;
    Head->Blink->Flink = Entry;
    Head->Blink = Entry;
}

static inline VOID PspUnlink(PLIST_ENTRY Entry)
{
    Entry->Blink->Flink = Entry->Flink;
    Entry->Flink->Blink = Entry->Blink;
    Entry->Flink = Entry->Blink = Entry;
}

/* A handle to the caller; closed again if it cannot be written. */
NTSTATUS PspPutHandle(PHANDLE UserHandle, HANDLE Handle);
