/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NT services of the ex family: events, mutants, semaphores, timers, atoms, time, system information.
 * Prototypes as Microsoft documents them (Windows Driver Kit and Win32 native API references); the numbers are
 * in abi/services.def.
 */
#pragma once

NTSTATUS NTAPI NtCreateEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        EVENT_TYPE EventType, BOOLEAN InitialState);
NTSTATUS NTAPI NtOpenEvent(PHANDLE EventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtSetEvent(HANDLE EventHandle, PLONG PreviousState);
NTSTATUS NTAPI NtResetEvent(HANDLE EventHandle, PLONG PreviousState);
NTSTATUS NTAPI NtClearEvent(HANDLE EventHandle);
NTSTATUS NTAPI NtPulseEvent(HANDLE EventHandle, PLONG PreviousState);
NTSTATUS NTAPI NtQueryEvent(HANDLE EventHandle, EVENT_INFORMATION_CLASS EventInformationClass, PVOID
        EventInformation, ULONG EventInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtCreateMutant(PHANDLE MutantHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        BOOLEAN InitialOwner);
NTSTATUS NTAPI NtOpenMutant(PHANDLE MutantHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtReleaseMutant(HANDLE MutantHandle, PLONG PreviousCount);
NTSTATUS NTAPI NtQueryMutant(HANDLE MutantHandle, MUTANT_INFORMATION_CLASS MutantInformationClass, PVOID
        MutantInformation, ULONG MutantInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtCreateSemaphore(PHANDLE SemaphoreHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, LONG InitialCount, LONG MaximumCount);
NTSTATUS NTAPI NtOpenSemaphore(PHANDLE SemaphoreHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes);
NTSTATUS NTAPI NtReleaseSemaphore(HANDLE SemaphoreHandle, LONG ReleaseCount, PLONG PreviousCount);
NTSTATUS NTAPI NtQuerySemaphore(HANDLE SemaphoreHandle, SEMAPHORE_INFORMATION_CLASS SemaphoreInformationClass, PVOID
        SemaphoreInformation, ULONG SemaphoreInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtCreateTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TIMER_TYPE TimerType);
NTSTATUS NTAPI NtOpenTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtSetTimer(HANDLE TimerHandle, const LARGE_INTEGER *DueTime, PTIMER_APC_ROUTINE TimerApcRoutine,
        PVOID TimerContext, BOOLEAN ResumeTimer, ULONG Period, PBOOLEAN PreviousState);
NTSTATUS NTAPI NtSetTimerEx(HANDLE TimerHandle, TIMER_SET_INFORMATION_CLASS TimerSetInformationClass, PVOID
        TimerSetInformation, ULONG TimerSetInformationLength);
NTSTATUS NTAPI NtCancelTimer(HANDLE TimerHandle, PBOOLEAN CurrentState);
NTSTATUS NTAPI NtQueryTimer(HANDLE TimerHandle, TIMER_INFORMATION_CLASS TimerInformationClass, PVOID
        TimerInformation, ULONG TimerInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtCreateKeyedEvent(PHANDLE KeyedEventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, ULONG Flags);
NTSTATUS NTAPI NtOpenKeyedEvent(PHANDLE KeyedEventHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes);
NTSTATUS NTAPI NtWaitForKeyedEvent(HANDLE KeyedEventHandle, const void *Key, BOOLEAN Alertable, const LARGE_INTEGER
        *Timeout);
NTSTATUS NTAPI NtReleaseKeyedEvent(HANDLE KeyedEventHandle, const void *Key, BOOLEAN Alertable, const LARGE_INTEGER
        *Timeout);
NTSTATUS NTAPI NtWaitForAlertByThreadId(const void *Address, const LARGE_INTEGER *Timeout);
NTSTATUS NTAPI NtAlertThreadByThreadId(HANDLE ThreadId);
NTSTATUS NTAPI NtDelayExecution(BOOLEAN Alertable, const LARGE_INTEGER *DelayInterval);
NTSTATUS NTAPI NtSetSystemTime(const LARGE_INTEGER *SystemTime, PLARGE_INTEGER PreviousTime);
NTSTATUS NTAPI NtQuerySystemInformation(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID SystemInformation,
        ULONG SystemInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtQuerySystemInformationEx(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID InputBuffer, ULONG
        InputBufferLength, PVOID SystemInformation, ULONG SystemInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetSystemInformation(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID SystemInformation,
        ULONG SystemInformationLength);
NTSTATUS NTAPI NtAllocateLocallyUniqueId(PLUID Luid);
NTSTATUS NTAPI NtAddAtom(const WCHAR *AtomName, ULONG Length, PRTL_ATOM Atom);
NTSTATUS NTAPI NtFindAtom(const WCHAR *AtomName, ULONG Length, PRTL_ATOM Atom);
NTSTATUS NTAPI NtDeleteAtom(RTL_ATOM Atom);
NTSTATUS NTAPI NtQueryInformationAtom(RTL_ATOM Atom, ATOM_INFORMATION_CLASS AtomInformationClass, PVOID
        AtomInformation, ULONG AtomInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtShutdownSystem(SHUTDOWN_ACTION Action);
NTSTATUS NTAPI NtDisplayString(PUNICODE_STRING String);
NTSTATUS NTAPI NtRaiseHardError(NTSTATUS ErrorStatus, ULONG NumberOfParameters, ULONG UnicodeStringParameterMask,
        PULONG_PTR Parameters, ULONG ValidResponseOptions, PULONG Response);
NTSTATUS NTAPI NtQueryDefaultLocale(BOOLEAN UserProfile, PLCID DefaultLocaleId);
NTSTATUS NTAPI NtQueryDefaultUILanguage(LANGID *DefaultUILanguageId);
NTSTATUS NTAPI NtQueryInstallUILanguage(LANGID *InstallUILanguageId);
NTSTATUS NTAPI NtGetNlsSectionPtr(ULONG SectionType, ULONG SectionData, PVOID ContextData, PVOID *SectionPointer,
        PSIZE_T SectionSize);
NTSTATUS NTAPI NtInitializeNlsFiles(PVOID *BaseAddress, PLCID DefaultLocaleId, PLARGE_INTEGER
        DefaultCasingTableSize);
NTSTATUS NTAPI NtPowerInformation(POWER_INFORMATION_LEVEL InformationLevel, PVOID InputBuffer, ULONG
        InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength);
NTSTATUS NTAPI NtSetThreadExecutionState(EXECUTION_STATE NewFlags, EXECUTION_STATE *PreviousFlags);

/*
 * A range of times, 100 ns since 15 October 1582, that nobody else gets, for UUIDs of version 1: the first one is *Time, *Range says how many
 * there are.  Sequence: the clock sequence; Seed: six bytes, the node.  STATUS_RETRY: the clock has not moved since the last range was given out.
 */
NTSTATUS NTAPI NtAllocateUuids(PULARGE_INTEGER Time, PULONG Range, PULONG Sequence, PUCHAR Seed);
/* The node of those to come: six bytes.  For the system's own logon session (STATUS_ACCESS_DENIED). */
NTSTATUS NTAPI NtSetUuidSeed(PUCHAR Seed);
/*
 * Memory for one packet of a port (NtSetIoCompletionEx) or one APC (NtQueueApcThreadEx), so that sending it cannot fail for want of memory.  The
 * object has no name.
 */
NTSTATUS NTAPI NtAllocateReserveObject(PHANDLE MemoryReserveHandle, POBJECT_ATTRIBUTES ObjectAttributes, MEMORY_RESERVE_TYPE Type);
/* What timers can be set to, the coarsest and the finest, and what holds, in 100 ns.  One answer a process: the finest of all is what holds. */
NTSTATUS NTAPI NtQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime, PULONG CurrentTime);
/* FALSE gives back what was set: STATUS_TIMER_RESOLUTION_NOT_SET if nothing was. */
NTSTATUS NTAPI NtSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution, PULONG ActualTime);
/* Whether messages of a component and a level (0 to 31: a bit; else a mask) go to the log: TRUE, FALSE.  To set it wants SeDebugPrivilege. */
NTSTATUS NTAPI NtQueryDebugFilterState(ULONG ComponentId, ULONG Level);
NTSTATUS NTAPI NtSetDebugFilterState(ULONG ComponentId, ULONG Level, BOOLEAN State);
/* Threads of a process that serve a port, made as its packets pile up. */
NTSTATUS NTAPI NtCreateWorkerFactory(PHANDLE WorkerFactoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        HANDLE CompletionPortHandle, HANDLE WorkerProcessHandle, PVOID StartRoutine, PVOID StartParameter, ULONG MaxThreadCount,
        SIZE_T StackReserve, SIZE_T StackCommit);
NTSTATUS NTAPI NtQueryInformationWorkerFactory(HANDLE WorkerFactoryHandle, WORKERFACTORYINFOCLASS WorkerFactoryInformationClass, PVOID
        WorkerFactoryInformation, ULONG WorkerFactoryInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetInformationWorkerFactory(HANDLE WorkerFactoryHandle, WORKERFACTORYINFOCLASS WorkerFactoryInformationClass, PVOID
        WorkerFactoryInformation, ULONG WorkerFactoryInformationLength);
NTSTATUS NTAPI NtShutdownWorkerFactory(HANDLE WorkerFactoryHandle, volatile LONG *PendingWorkerCount);
NTSTATUS NTAPI NtReleaseWorkerFactoryWorker(HANDLE WorkerFactoryHandle);
NTSTATUS NTAPI NtWorkerFactoryWorkerReady(HANDLE WorkerFactoryHandle);
NTSTATUS NTAPI NtWaitForWorkViaWorkerFactory(HANDLE WorkerFactoryHandle, FILE_IO_COMPLETION_INFORMATION *MiniPackets, ULONG Count,
        PULONG PacketsReturned, PWORKER_FACTORY_DEFERRED_WORK DeferredWork);
/* The locale and the language that are the user's (UserProfile) or the system's, in the registry and for those who ask from now on. */
NTSTATUS NTAPI NtSetDefaultLocale(BOOLEAN UserProfile, LCID DefaultLocaleId);
NTSTATUS NTAPI NtSetDefaultUILanguage(LANGID DefaultUILanguageId);
NTSTATUS NTAPI NtFlushInstallUILanguage(LANGID InstallUILanguage, ULONG SetComittedFlag);
NTSTATUS NTAPI NtIsUILanguageComitted(VOID);
NTSTATUS NTAPI NtGetMUIRegistryInfo(ULONG Flags, PULONG DataSize, PVOID Data);
/* A value of the system's licence, typed as one of the registry; STATUS_OBJECT_NAME_NOT_FOUND: there is none of that name. */
NTSTATUS NTAPI NtQueryLicenseValue(PUNICODE_STRING ValueName, PULONG Type, PVOID Data, ULONG DataSize, PULONG ResultDataSize);
/* Timers of 100 ns: CreateWaitableTimerExW makes them, NtSetTimer and NtCancelTimer take them too. */
NTSTATUS NTAPI NtCreateTimer2(PHANDLE TimerHandle, PVOID Reserved1, POBJECT_ATTRIBUTES ObjectAttributes, ULONG Attributes,
        ACCESS_MASK DesiredAccess);
NTSTATUS NTAPI NtSetTimer2(HANDLE TimerHandle, PLARGE_INTEGER DueTime, PLARGE_INTEGER Period, PT2_SET_PARAMETERS Parameters);
NTSTATUS NTAPI NtCancelTimer2(HANDLE TimerHandle, PT2_CANCEL_PARAMETERS Parameters);
/* NtSetEvent of a synchronization event, for locks; STATUS_OBJECT_TYPE_MISMATCH: it is a notification event. */
NTSTATUS NTAPI NtSetEventBoostPriority(HANDLE EventHandle);
/* What the processor has written is in memory. */
NTSTATUS NTAPI NtFlushWriteBuffer(VOID);
/* TRUE, FALSE: whether a timer woke the system, not its user. */
NTSTATUS NTAPI NtIsSystemResumeAutomatic(VOID);
NTSTATUS NTAPI NtGetDevicePowerState(HANDLE Device, PDEVICE_POWER_STATE State);
NTSTATUS NTAPI NtInitiatePowerAction(POWER_ACTION SystemAction, SYSTEM_POWER_STATE LightestSystemState, ULONG Flags, BOOLEAN
        Asynchronous);
/* Variables of UEFI; a machine with a BIOS has none (STATUS_NOT_IMPLEMENTED). */
NTSTATUS NTAPI NtQuerySystemEnvironmentValueEx(PUNICODE_STRING VariableName, LPGUID VendorGuid, PVOID Value, PULONG ValueLength,
        PULONG Attributes);
NTSTATUS NTAPI NtSetSystemEnvironmentValueEx(PUNICODE_STRING VariableName, LPGUID VendorGuid, PVOID Value, ULONG ValueLength,
        ULONG Attributes);
NTSTATUS NTAPI NtEnumerateSystemEnvironmentValuesEx(ULONG InformationClass, PVOID Buffer, PULONG BufferLength);
/* Events of traces, and their sessions. */
NTSTATUS NTAPI NtTraceEvent(HANDLE TraceHandle, ULONG Flags, ULONG FieldSize, PVOID Fields);
NTSTATUS NTAPI NtTraceControl(ULONG FunctionCode, PVOID InBuffer, ULONG InBufferLen, PVOID OutBuffer, ULONG OutBufferLen, PULONG
        ReturnLength);
/* Transactions: no volume and no hive here has them. */
NTSTATUS NTAPI NtCreateTransaction(PHANDLE TransactionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        LPGUID Uow, HANDLE TmHandle, ULONG CreateOptions, ULONG IsolationLevel, ULONG IsolationFlags, PLARGE_INTEGER Timeout,
        PUNICODE_STRING Description);
NTSTATUS NTAPI NtCommitTransaction(HANDLE TransactionHandle, BOOLEAN Wait);
NTSTATUS NTAPI NtRollbackTransaction(HANDLE TransactionHandle, BOOLEAN Wait);
