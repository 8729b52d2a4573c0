/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NT services of the ps family: processes, threads, jobs.
 * Prototypes as Microsoft documents them (Windows Driver Kit and Win32 native API references); the numbers are
 * in abi/services.def.
 */
#pragma once

NTSTATUS NTAPI NtCreateUserProcess(PHANDLE ProcessHandle, PHANDLE ThreadHandle, ACCESS_MASK ProcessDesiredAccess,
        ACCESS_MASK ThreadDesiredAccess, POBJECT_ATTRIBUTES ProcessObjectAttributes, POBJECT_ATTRIBUTES
        ThreadObjectAttributes, ULONG ProcessFlags, ULONG ThreadFlags, PRTL_USER_PROCESS_PARAMETERS
        ProcessParameters, PPS_CREATE_INFO CreateInfo, PPS_ATTRIBUTE_LIST AttributeList);
NTSTATUS NTAPI NtOpenProcess(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PCLIENT_ID ClientId);
NTSTATUS NTAPI NtTerminateProcess(HANDLE ProcessHandle, NTSTATUS ExitStatus);
NTSTATUS NTAPI NtSuspendProcess(HANDLE ProcessHandle);
NTSTATUS NTAPI NtResumeProcess(HANDLE ProcessHandle);
NTSTATUS NTAPI NtQueryInformationProcess(HANDLE ProcessHandle, PROCESSINFOCLASS ProcessInformationClass, PVOID
        ProcessInformation, ULONG ProcessInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetInformationProcess(HANDLE ProcessHandle, PROCESSINFOCLASS ProcessInformationClass, PVOID
        ProcessInformation, ULONG ProcessInformationLength);
NTSTATUS NTAPI NtCreateThreadEx(PHANDLE ThreadHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, HANDLE ProcessHandle, PRTL_THREAD_START_ROUTINE StartRoutine, PVOID Argument, ULONG
        CreateFlags, SIZE_T ZeroBits, SIZE_T StackSize, SIZE_T MaximumStackSize, PPS_ATTRIBUTE_LIST AttributeList);
NTSTATUS NTAPI NtOpenThread(PHANDLE ThreadHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PCLIENT_ID ClientId);
NTSTATUS NTAPI NtTerminateThread(HANDLE ThreadHandle, NTSTATUS ExitStatus);
NTSTATUS NTAPI NtSuspendThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount);
NTSTATUS NTAPI NtResumeThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount);
NTSTATUS NTAPI NtGetContextThread(HANDLE ThreadHandle, PCONTEXT ThreadContext);
NTSTATUS NTAPI NtSetContextThread(HANDLE ThreadHandle, PCONTEXT ThreadContext);
NTSTATUS NTAPI NtQueryInformationThread(HANDLE ThreadHandle, THREADINFOCLASS ThreadInformationClass, PVOID
        ThreadInformation, ULONG ThreadInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetInformationThread(HANDLE ThreadHandle, THREADINFOCLASS ThreadInformationClass, PVOID
        ThreadInformation, ULONG ThreadInformationLength);
NTSTATUS NTAPI NtQueueApcThread(HANDLE ThreadHandle, PPS_APC_ROUTINE ApcRoutine, PVOID ApcArgument1, PVOID
        ApcArgument2, PVOID ApcArgument3);
NTSTATUS NTAPI NtAlertThread(HANDLE ThreadHandle);
NTSTATUS NTAPI NtAlertResumeThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount);
NTSTATUS NTAPI NtTestAlert(VOID);
NTSTATUS NTAPI NtContinue(PCONTEXT ContextRecord, BOOLEAN TestAlert);
NTSTATUS NTAPI NtRaiseException(PEXCEPTION_RECORD ExceptionRecord, PCONTEXT ContextRecord, BOOLEAN FirstChance);
NTSTATUS NTAPI NtYieldExecution(VOID);
NTSTATUS NTAPI NtImpersonateThread(HANDLE ServerThreadHandle, HANDLE ClientThreadHandle,
        PSECURITY_QUALITY_OF_SERVICE SecurityQos);
NTSTATUS NTAPI NtCreateJobObject(PHANDLE JobHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtOpenJobObject(PHANDLE JobHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtAssignProcessToJobObject(HANDLE JobHandle, HANDLE ProcessHandle);
NTSTATUS NTAPI NtTerminateJobObject(HANDLE JobHandle, NTSTATUS ExitStatus);
NTSTATUS NTAPI NtIsProcessInJob(HANDLE ProcessHandle, HANDLE JobHandle);
NTSTATUS NTAPI NtQueryInformationJobObject(HANDLE JobHandle, JOBOBJECTINFOCLASS JobObjectInformationClass, PVOID
        JobObjectInformation, ULONG JobObjectInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetInformationJobObject(HANDLE JobHandle, JOBOBJECTINFOCLASS JobObjectInformationClass, PVOID
        JobObjectInformation, ULONG JobObjectInformationLength);

/* Of a job: freezes its processes, or lets them run.  Names and layout are Microsoft's (public symbols). */
#define JobObjectFreezeInformation ((JOBOBJECTINFOCLASS)18)
#define JOBOBJECT_FREEZE_OPERATION 0x1          /* Flags: which members count */
#define JOBOBJECT_FREEZE_VALID_FLAGS 0x7
typedef struct _JOBOBJECT_FREEZE_INFORMATION {
    ULONG Flags;
    BOOLEAN Freeze, Swap;
    UCHAR Reserved[2];
    ULONG HighEdgeFilter, LowEdgeFilter;
} JOBOBJECT_FREEZE_INFORMATION;

NTSTATUS NTAPI NtCallbackReturn(PVOID OutputBuffer, ULONG OutputLength, NTSTATUS Status);
NTSTATUS NTAPI NtSetInformationDebugObject(HANDLE DebugObjectHandle, ULONG DebugObjectInformationClass, PVOID
        DebugInformation, ULONG DebugInformationLength, PULONG ReturnLength);

/*
 * A process without threads.  SectionHandle: an image, whose process it is (SECTION_MAP_EXECUTE); NULL: a copy of the parent's memory.
 * ParentProcess wants PROCESS_CREATE_PROCESS, DebugPort (a debug object) DEBUG_PROCESS_ASSIGN, TokenHandle TOKEN_ASSIGN_PRIMARY; both may be
 * NULL.  Flags: PROCESS_CREATE_FLAGS_*.  Reserved has to be 0.  The new process has no parameters: PEB.ProcessParameters is the creator's
 * to set.  NtCreateProcess has one flag only.
 */
NTSTATUS NTAPI NtCreateProcess(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, HANDLE
        ParentProcess, BOOLEAN InheritObjectTable, HANDLE SectionHandle, HANDLE DebugPort, HANDLE TokenHandle);
NTSTATUS NTAPI NtCreateProcessEx(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, HANDLE
        ParentProcess, ULONG Flags, HANDLE SectionHandle, HANDLE DebugPort, HANDLE TokenHandle, ULONG Reserved);
/* A thread that begins with ThreadContext, on a stack of the caller's (InitialTeb), which stays when it ends.  ClientId may be NULL. */
NTSTATUS NTAPI NtCreateThread(PHANDLE ThreadHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes, HANDLE
        ProcessHandle, PCLIENT_ID ClientId, PCONTEXT ThreadContext, PINITIAL_TEB InitialTeb, BOOLEAN CreateSuspended);
/*
 * The next process behind ProcessHandle (NULL: the first) that the caller may open for DesiredAccess, or the one before it (Flags 1); the same of
 * a process's threads.  STATUS_NO_MORE_ENTRIES.
 */
NTSTATUS NTAPI NtGetNextProcess(HANDLE ProcessHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Flags, PHANDLE
        NewProcessHandle);
NTSTATUS NTAPI NtGetNextThread(HANDLE ProcessHandle, HANDLE ThreadHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG
        Flags, PHANDLE NewThreadHandle);
/*
 * ReserveHandle: NULL, a reserve object of the kind UserApcReserve (the call needs no memory; STATUS_INVALID_PARAMETER_2 while its APC waits),
 * or QUEUE_USER_APC_SPECIAL_USER_APC: the routine runs without an alertable wait.
 */
NTSTATUS NTAPI NtQueueApcThreadEx(HANDLE ThreadHandle, HANDLE ReserveHandle, PPS_APC_ROUTINE ApcRoutine, PVOID ApcArgument1, PVOID
        ApcArgument2, PVOID ApcArgument3);
/* Jobs become a set: a process of one may come into another. */
NTSTATUS NTAPI NtCreateJobSet(ULONG NumJob, PJOB_SET_ARRAY UserJobSet, ULONG Flags);
