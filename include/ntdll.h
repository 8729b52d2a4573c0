/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What ntdll.dll gives programs beside the services (nt.h) and the pure routines (rtl.h): heap, locks, loader,
 * exceptions, processes and threads, environment and paths, time.
 *
 * Names and contracts are Windows 10's.  None of this exists in ntos.
 */
#pragma once

#include "rtl.h"
#include "nt/tpapi.h"

/* --- state of the process and thread ----------------------------------------------------------------------------- */
#define NtCurrentPeb() (NtCurrentTebEx()->ProcessEnvironmentBlock)

/* The TEB with its whole layout (mingw's NtCurrentTeb returns an opaque struct). */
static inline PTEB NtCurrentTebEx(void)
{
    return (PTEB)__readgsqword(FIELD_OFFSET(NT_TIB, Self));
}

PPEB NTAPI RtlGetCurrentPeb(VOID);
VOID NTAPI RtlAcquirePebLock(VOID);
VOID NTAPI RtlReleasePebLock(VOID);
ULONG NTAPI RtlGetLastWin32Error(VOID);
VOID NTAPI RtlSetLastWin32Error(ULONG Error);
VOID NTAPI RtlRestoreLastWin32Error(ULONG Error);
NTSTATUS NTAPI RtlGetLastNtStatus(VOID);
BOOLEAN NTAPI RtlDllShutdownInProgress(VOID);
BOOLEAN NTAPI RtlIsCurrentProcess(HANDLE ProcessHandle);
BOOLEAN NTAPI RtlIsCurrentThread(HANDLE ThreadHandle);
BOOLEAN NTAPI RtlAreLongPathsEnabled(VOID);
typedef enum _NT_PRODUCT_TYPE { NtProductWinNt = 1, NtProductLanManNt, NtProductServer } NT_PRODUCT_TYPE, *PNT_PRODUCT_TYPE;
BOOLEAN NTAPI RtlGetNtProductType(PNT_PRODUCT_TYPE ProductType);
PWSTR NTAPI RtlGetNtSystemRoot(VOID);
ULONG NTAPI RtlGetActiveConsoleId(VOID);
ULONG NTAPI RtlGetCurrentServiceSessionId(VOID);
NTSTATUS NTAPI RtlDelayExecution(BOOLEAN Alertable, PLARGE_INTEGER DelayInterval);
HANDLE NTAPI RtlGetCurrentTransaction(VOID);
BOOL NTAPI RtlSetCurrentTransaction(HANDLE TransactionHandle);
NTSTATUS NTAPI RtlDefaultNpAcl(PACL *Acl);
/* Frames of a thread, which their functions keep on the stack: the newest is the TEB's. */
typedef struct _TEB_ACTIVE_FRAME {
    ULONG Flags;
    struct _TEB_ACTIVE_FRAME *Previous;
    const VOID *Context;
} TEB_ACTIVE_FRAME, *PTEB_ACTIVE_FRAME;
VOID NTAPI RtlPushFrame(PTEB_ACTIVE_FRAME Frame);
VOID NTAPI RtlPopFrame(PTEB_ACTIVE_FRAME Frame);
PTEB_ACTIVE_FRAME NTAPI RtlGetFrame(VOID);
VOID NTAPI RtlSetLastWin32ErrorAndNtStatusFromNtStatus(NTSTATUS Status);
ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS Status);

/* --- services that ntdll answers itself, without a kernel entry -------------------------------------------------- */
NTSTATUS NTAPI NtQuerySystemTime(PLARGE_INTEGER SystemTime);
NTSTATUS NTAPI NtQueryPerformanceCounter(PLARGE_INTEGER Counter, PLARGE_INTEGER Frequency);
ULONG NTAPI NtGetTickCount(VOID);
ULONG NTAPI NtGetCurrentProcessorNumber(VOID);
VOID NTAPI RtlGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcessorNumber);
BOOL NTAPI RtlQueryPerformanceCounter(PLARGE_INTEGER Counter);
BOOL NTAPI RtlQueryPerformanceFrequency(PLARGE_INTEGER Frequency);
LONGLONG NTAPI RtlGetSystemTimePrecise(VOID);
BOOL NTAPI RtlQueryUnbiasedInterruptTime(PULONGLONG Time);

/* --- heap -------------------------------------------------------------------------------------------------------- */
#define RtlProcessHeap() (NtCurrentPeb()->ProcessHeap)
PVOID NTAPI RtlReAllocateHeap(PVOID HeapHandle, ULONG Flags, PVOID BaseAddress, SIZE_T Size);
SIZE_T NTAPI RtlSizeHeap(PVOID HeapHandle, ULONG Flags, const void *BaseAddress);
BOOLEAN NTAPI RtlValidateHeap(PVOID HeapHandle, ULONG Flags, LPCVOID BaseAddress);
BOOLEAN NTAPI RtlLockHeap(PVOID HeapHandle);
BOOLEAN NTAPI RtlUnlockHeap(PVOID HeapHandle);
ULONG NTAPI RtlGetProcessHeaps(ULONG Count, PVOID *Heaps);
enum { RTL_HEAP_WALK_BUSY = 1, RTL_HEAP_WALK_SEGMENT = 2, RTL_HEAP_WALK_BLOCK = 0x10, RTL_HEAP_WALK_UNCOMMITTED = 0x1000,
        RTL_HEAP_WALK_COMMITTED = 0x4000 };
typedef struct _RTL_HEAP_WALK_ENTRY {
    PVOID DataAddress;
    SIZE_T DataSize;
    UCHAR OverheadBytes;
    UCHAR SegmentIndex;
    USHORT Flags;
    union {
        struct {
            SIZE_T Settable;
            USHORT TagIndex;
            USHORT AllocatorBackTraceIndex;
            ULONG Reserved[2];
        } Block;
        struct {
            ULONG CommittedSize;
            ULONG UncommittedSize;
            PVOID FirstEntry;
            PVOID LastEntry;
        } Segment;
    };
} RTL_HEAP_WALK_ENTRY;
NTSTATUS NTAPI RtlWalkHeap(PVOID HeapHandle, PVOID Entry);
ULONG NTAPI RtlCompactHeap(PVOID HeapHandle, ULONG Flags);
BOOLEAN NTAPI RtlSetUserValueHeap(PVOID HeapHandle, ULONG Flags, PVOID BaseAddress, PVOID UserValue);
BOOLEAN NTAPI RtlGetUserInfoHeap(PVOID HeapHandle, ULONG Flags, PVOID BaseAddress, PVOID *UserValue, PULONG UserFlags);

/* --- locks ------------------------------------------------------------------------------------------------------- */
NTSTATUS NTAPI RtlInitializeCriticalSection(PRTL_CRITICAL_SECTION CriticalSection);
NTSTATUS NTAPI RtlInitializeCriticalSectionAndSpinCount(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount);
NTSTATUS NTAPI RtlInitializeCriticalSectionEx(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount, ULONG Flags);
ULONG NTAPI RtlSetCriticalSectionSpinCount(PRTL_CRITICAL_SECTION CriticalSection, ULONG SpinCount);
NTSTATUS NTAPI RtlDeleteCriticalSection(PRTL_CRITICAL_SECTION CriticalSection);
NTSTATUS NTAPI RtlEnterCriticalSection(PRTL_CRITICAL_SECTION CriticalSection);
BOOLEAN NTAPI RtlTryEnterCriticalSection(PRTL_CRITICAL_SECTION CriticalSection);
NTSTATUS NTAPI RtlLeaveCriticalSection(PRTL_CRITICAL_SECTION CriticalSection);
BOOL NTAPI RtlIsCriticalSectionLocked(PRTL_CRITICAL_SECTION CriticalSection);
BOOL NTAPI RtlIsCriticalSectionLockedByThread(PRTL_CRITICAL_SECTION CriticalSection);

VOID NTAPI RtlInitializeSRWLock(PRTL_SRWLOCK SRWLock);
VOID NTAPI RtlAcquireSRWLockExclusive(PRTL_SRWLOCK SRWLock);
VOID NTAPI RtlAcquireSRWLockShared(PRTL_SRWLOCK SRWLock);
VOID NTAPI RtlReleaseSRWLockExclusive(PRTL_SRWLOCK SRWLock);
VOID NTAPI RtlReleaseSRWLockShared(PRTL_SRWLOCK SRWLock);
BOOLEAN NTAPI RtlTryAcquireSRWLockExclusive(PRTL_SRWLOCK SRWLock);
BOOLEAN NTAPI RtlTryAcquireSRWLockShared(PRTL_SRWLOCK SRWLock);

VOID NTAPI RtlInitializeConditionVariable(PRTL_CONDITION_VARIABLE ConditionVariable);
NTSTATUS NTAPI RtlSleepConditionVariableCS(PRTL_CONDITION_VARIABLE ConditionVariable,
        PRTL_CRITICAL_SECTION CriticalSection, const LARGE_INTEGER *Timeout);
NTSTATUS NTAPI RtlSleepConditionVariableSRW(PRTL_CONDITION_VARIABLE ConditionVariable, PRTL_SRWLOCK SRWLock,
        const LARGE_INTEGER *Timeout, ULONG Flags);
VOID NTAPI RtlWakeConditionVariable(PRTL_CONDITION_VARIABLE ConditionVariable);
VOID NTAPI RtlWakeAllConditionVariable(PRTL_CONDITION_VARIABLE ConditionVariable);

NTSTATUS NTAPI RtlWaitOnAddress(const volatile void *Address, const void *CompareAddress, SIZE_T AddressSize,
        const LARGE_INTEGER *Timeout);
VOID NTAPI RtlWakeAddressSingle(const void *Address);
VOID NTAPI RtlWakeAddressAll(const void *Address);

VOID NTAPI RtlRunOnceInitialize(PRTL_RUN_ONCE RunOnce);
NTSTATUS NTAPI RtlRunOnceBeginInitialize(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID *Context);
NTSTATUS NTAPI RtlRunOnceComplete(PRTL_RUN_ONCE RunOnce, ULONG Flags, PVOID Context);
NTSTATUS NTAPI RtlRunOnceExecuteOnce(PRTL_RUN_ONCE RunOnce, PRTL_RUN_ONCE_INIT_FN InitFn, PVOID Parameter,
        PVOID *Context);

/* --- loader ------------------------------------------------------------------------------------------------------ */
NTSTATUS NTAPI LdrLoadDll(PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName, PVOID *BaseAddress);
NTSTATUS NTAPI LdrUnloadDll(PVOID BaseAddress);
NTSTATUS NTAPI LdrGetDllHandle(PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName,
        PVOID *BaseAddress);
#define LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT 0x00000001
#define LDR_GET_DLL_HANDLE_EX_PIN 0x00000002
NTSTATUS NTAPI LdrGetDllHandleEx(ULONG Flags, PCWSTR SearchPath, PULONG DllCharacteristics, PCUNICODE_STRING DllName,
        PVOID *BaseAddress);
NTSTATUS NTAPI LdrGetDllFullName(PVOID BaseAddress, PUNICODE_STRING FullName);
NTSTATUS NTAPI LdrGetProcedureAddress(PVOID BaseAddress, const ANSI_STRING *Name, ULONG Ordinal,
        PVOID *ProcedureAddress);
#define LDR_ADDREF_DLL_PIN 1
NTSTATUS NTAPI LdrAddRefDll(ULONG Flags, PVOID BaseAddress);
NTSTATUS NTAPI LdrDisableThreadCalloutsForDll(PVOID BaseAddress);
NTSTATUS NTAPI LdrFindEntryForAddress(PVOID Address, PLDR_DATA_TABLE_ENTRY *Entry);
typedef VOID (NTAPI *PLDR_ENUM_CALLBACK)(PLDR_DATA_TABLE_ENTRY Entry, PVOID Context, PBOOLEAN StopEnumeration);
NTSTATUS NTAPI LdrEnumerateLoadedModules(ULONG Flags, PLDR_ENUM_CALLBACK Callback, PVOID Context);
#define LDR_DLL_NOTIFICATION_REASON_LOADED 1
#define LDR_DLL_NOTIFICATION_REASON_UNLOADED 2
typedef struct _LDR_DLL_LOADED_NOTIFICATION_DATA {
    ULONG Flags;
    PCUNICODE_STRING FullDllName;
    PCUNICODE_STRING BaseDllName;
    PVOID DllBase;
    ULONG SizeOfImage;
} LDR_DLL_LOADED_NOTIFICATION_DATA, LDR_DLL_UNLOADED_NOTIFICATION_DATA;
typedef union _LDR_DLL_NOTIFICATION_DATA {
    LDR_DLL_LOADED_NOTIFICATION_DATA Loaded;
    LDR_DLL_UNLOADED_NOTIFICATION_DATA Unloaded;
} LDR_DLL_NOTIFICATION_DATA, *PLDR_DLL_NOTIFICATION_DATA;
typedef VOID (CALLBACK *PLDR_DLL_NOTIFICATION_FUNCTION)(ULONG NotificationReason,
        const LDR_DLL_NOTIFICATION_DATA *NotificationData, PVOID Context);
NTSTATUS NTAPI LdrRegisterDllNotification(ULONG Flags, PLDR_DLL_NOTIFICATION_FUNCTION NotificationFunction, PVOID Context,
        PVOID *Cookie);
NTSTATUS NTAPI LdrUnregisterDllNotification(PVOID Cookie);
NTSTATUS NTAPI LdrLockLoaderLock(ULONG Flags, PULONG Disposition, PULONG_PTR Cookie);
NTSTATUS NTAPI LdrUnlockLoaderLock(ULONG Flags, ULONG_PTR Cookie);
NTSTATUS NTAPI LdrShutdownProcess(VOID);
NTSTATUS NTAPI LdrShutdownThread(VOID);

typedef struct _LDR_RESOURCE_INFO {
    ULONG_PTR Type;
    ULONG_PTR Name;
    ULONG_PTR Language;
} LDR_RESOURCE_INFO, *PLDR_RESOURCE_INFO;
NTSTATUS NTAPI LdrFindResource_U(PVOID DllHandle, const LDR_RESOURCE_INFO *ResourceInfo, ULONG Level,
        PIMAGE_RESOURCE_DATA_ENTRY *ResourceDataEntry);
NTSTATUS NTAPI LdrFindResourceDirectory_U(PVOID DllHandle, const LDR_RESOURCE_INFO *ResourceInfo, ULONG Level,
        PIMAGE_RESOURCE_DIRECTORY *ResourceDirectory);
NTSTATUS NTAPI LdrAccessResource(PVOID DllHandle, const IMAGE_RESOURCE_DATA_ENTRY *ResourceDataEntry,
        PVOID *ResourceBuffer, PULONG ResourceLength);

/* --- exceptions -------------------------------------------------------------------------------------------------- */
BOOLEAN NTAPI RtlDispatchException(PEXCEPTION_RECORD ExceptionRecord, PCONTEXT ContextRecord);
NTSYSAPI VOID NTAPI RtlRaiseException(PEXCEPTION_RECORD ExceptionRecord);
VOID NTAPI RtlRaiseStatus(NTSTATUS Status);
PVOID NTAPI RtlAddVectoredExceptionHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler);
ULONG NTAPI RtlRemoveVectoredExceptionHandler(PVOID Handle);
PVOID NTAPI RtlAddVectoredContinueHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler);
ULONG NTAPI RtlRemoveVectoredContinueHandler(PVOID Handle);
typedef LONG (NTAPI *PRTLP_UNHANDLED_EXCEPTION_FILTER)(PEXCEPTION_POINTERS ExceptionInfo);
VOID NTAPI RtlSetUnhandledExceptionFilter(PRTLP_UNHANDLED_EXCEPTION_FILTER UnhandledExceptionFilter);
EXCEPTION_DISPOSITION __cdecl __C_specific_handler(struct _EXCEPTION_RECORD *ExceptionRecord, void *EstablisherFrame,
        struct _CONTEXT *ContextRecord, struct _DISPATCHER_CONTEXT *DispatcherContext);

/* --- debug output ------------------------------------------------------------------------------------------------ */
ULONG __cdecl DbgPrint(PCSTR Format, ...);
ULONG __cdecl DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...);
ULONG NTAPI vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments);
VOID NTAPI DbgBreakPoint(VOID);
VOID NTAPI DbgUserBreakPoint(VOID);

/* --- processes and threads --------------------------------------------------------------------------------------- */
typedef struct _RTL_USER_PROCESS_INFORMATION {
    ULONG Length;
    HANDLE ProcessHandle;
    HANDLE ThreadHandle;
    CLIENT_ID ClientId;
    SECTION_IMAGE_INFORMATION ImageInformation;
} RTL_USER_PROCESS_INFORMATION, *PRTL_USER_PROCESS_INFORMATION;

/* One heap block, freed with RtlDestroyProcessParameters.  NULL arguments: the caller's own value (path, directory,
 * environment), or nothing.  Flags: RTL_USER_PROC_PARAMS_NORMALIZED = pointers, else offsets. */
NTSTATUS NTAPI RtlCreateProcessParameters(PRTL_USER_PROCESS_PARAMETERS *ProcessParameters,
        PUNICODE_STRING ImagePathName, PUNICODE_STRING DllPath, PUNICODE_STRING CurrentDirectory,
        PUNICODE_STRING CommandLine, PVOID Environment, PUNICODE_STRING WindowTitle, PUNICODE_STRING DesktopInfo,
        PUNICODE_STRING ShellInfo, PUNICODE_STRING RuntimeData);
NTSTATUS NTAPI RtlCreateProcessParametersEx(PRTL_USER_PROCESS_PARAMETERS *ProcessParameters,
        PUNICODE_STRING ImagePathName, PUNICODE_STRING DllPath, PUNICODE_STRING CurrentDirectory,
        PUNICODE_STRING CommandLine, PVOID Environment, PUNICODE_STRING WindowTitle, PUNICODE_STRING DesktopInfo,
        PUNICODE_STRING ShellInfo, PUNICODE_STRING RuntimeData, ULONG Flags);
VOID NTAPI RtlDestroyProcessParameters(PRTL_USER_PROCESS_PARAMETERS ProcessParameters);
PRTL_USER_PROCESS_PARAMETERS NTAPI RtlNormalizeProcessParams(PRTL_USER_PROCESS_PARAMETERS ProcessParameters);
PRTL_USER_PROCESS_PARAMETERS NTAPI RtlDeNormalizeProcessParams(PRTL_USER_PROCESS_PARAMETERS ProcessParameters);
/* Creates the process with its first thread suspended: NtResumeThread(ThreadHandle) starts it.  NtPathName is an NT path
 * (\??\C:\...). */
NTSTATUS NTAPI RtlCreateUserProcess(PUNICODE_STRING NtPathName, ULONG Attributes,
        PRTL_USER_PROCESS_PARAMETERS ProcessParameters, PSECURITY_DESCRIPTOR ProcessSecurityDescriptor,
        PSECURITY_DESCRIPTOR ThreadSecurityDescriptor, HANDLE ParentProcess, BOOLEAN InheritHandles, HANDLE DebugPort,
        HANDLE TokenHandle, PRTL_USER_PROCESS_INFORMATION ProcessInformation);
/*
 * The copy of the calling process with a copy of the calling thread, which comes back with STATUS_PROCESS_CLONED; the caller gets STATUS_SUCCESS
 * and ProcessInformation.  NO_SYNCHRONIZE: without the two below, which take ntdll's locks before and give them back on both sides.
 */
#define RTL_CLONE_PROCESS_FLAGS_CREATE_SUSPENDED 0x00000001
#define RTL_CLONE_PROCESS_FLAGS_INHERIT_HANDLES 0x00000002
#define RTL_CLONE_PROCESS_FLAGS_NO_SYNCHRONIZE 0x00000004
NTSTATUS NTAPI RtlCloneUserProcess(ULONG ProcessFlags, PSECURITY_DESCRIPTOR ProcessSecurityDescriptor,
        PSECURITY_DESCRIPTOR ThreadSecurityDescriptor, HANDLE DebugPort, PRTL_USER_PROCESS_INFORMATION ProcessInformation);
NTSTATUS NTAPI RtlPrepareForProcessCloning(VOID);
NTSTATUS NTAPI RtlCompleteProcessCloning(BOOLEAN Cloned);
NTSTATUS NTAPI RtlCreateUserThread(HANDLE ProcessHandle, PSECURITY_DESCRIPTOR ThreadSecurityDescriptor,
        BOOLEAN CreateSuspended, ULONG ZeroBits, SIZE_T MaximumStackSize, SIZE_T CommittedStackSize,
        PUSER_THREAD_START_ROUTINE StartAddress, PVOID Parameter, PHANDLE ThreadHandle, PCLIENT_ID ClientId);
DECLSPEC_NORETURN VOID NTAPI RtlExitUserThread(NTSTATUS ExitStatus);
DECLSPEC_NORETURN VOID NTAPI RtlExitUserProcess(NTSTATUS ExitStatus);

/* --- environment, current directory, paths ----------------------------------------------------------------------- */
NTSTATUS NTAPI RtlCreateEnvironment(BOOLEAN CloneCurrentEnvironment, PWSTR *Environment);
VOID NTAPI RtlDestroyEnvironment(PWSTR Environment);
VOID NTAPI RtlSetCurrentEnvironment(PWSTR Environment, PWSTR *PreviousEnvironment);
/* Environment NULL: the process's own. */
NTSTATUS NTAPI RtlQueryEnvironmentVariable_U(PWSTR Environment, PUNICODE_STRING Name, PUNICODE_STRING Value);
NTSTATUS NTAPI RtlQueryEnvironmentVariable(PWSTR Environment, PCWSTR Name, SIZE_T NameLength, PWSTR Value,
        SIZE_T ValueLength, PSIZE_T ReturnLength);
NTSTATUS NTAPI RtlSetEnvironmentVariable(PWSTR *Environment, PUNICODE_STRING Name, PUNICODE_STRING Value);
NTSTATUS NTAPI RtlExpandEnvironmentStrings_U(PWSTR Environment, PUNICODE_STRING Source, PUNICODE_STRING Destination,
        PULONG ReturnedLength);

typedef enum _RTL_PATH_TYPE {
    RtlPathTypeUnknown,
    RtlPathTypeUncAbsolute,
    RtlPathTypeDriveAbsolute,
    RtlPathTypeDriveRelative,
    RtlPathTypeRooted,
    RtlPathTypeRelative,
    RtlPathTypeLocalDevice,
    RtlPathTypeRootLocalDevice
} RTL_PATH_TYPE;

RTL_PATH_TYPE NTAPI RtlDetermineDosPathNameType_U(PCWSTR DosFileName);
/* Bytes written without the terminating zero, or bytes needed with it; 0: bad name. */
ULONG NTAPI RtlGetFullPathName_U(PCWSTR FileName, ULONG BufferLength, PWSTR Buffer, PWSTR *FilePart);
NTSTATUS NTAPI RtlDosPathNameToNtPathName_U_WithStatus(PCWSTR DosPathName, PUNICODE_STRING NtPathName,
        PWSTR *NtFileNamePart, PVOID RelativeName);
NTSTATUS NTAPI RtlDosPathNameToRelativeNtPathName_U_WithStatus(PCWSTR DosPathName, PUNICODE_STRING NtPathName,
        PWSTR *NtFileNamePart, PVOID RelativeName);
BOOLEAN NTAPI RtlDosPathNameToRelativeNtPathName_U(PCWSTR DosPathName, PUNICODE_STRING NtPathName, PWSTR *NtFileNamePart,
        PVOID RelativeName);
VOID NTAPI RtlReleaseRelativeName(PVOID RelativeName);
ULONG NTAPI RtlIsDosDeviceName_U(PCWSTR DosFileName);
BOOLEAN NTAPI RtlDoesFileExists_U(PCWSTR FileName);
ULONG NTAPI RtlGetCurrentDirectory_U(ULONG BufferLength, PWSTR Buffer);
NTSTATUS NTAPI RtlSetCurrentDirectory_U(PCUNICODE_STRING PathName);
ULONG NTAPI RtlDosSearchPath_U(PCWSTR Path, PCWSTR FileName, PCWSTR Extension, ULONG BufferLength, PWSTR Buffer,
        PWSTR *FilePart);

/* --- version ----------------------------------------------------------------------------------------------------- */
NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation);
VOID NTAPI RtlGetNtVersionNumbers(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber);
BOOLEAN NTAPI RtlIsProcessorFeaturePresent(ULONG Feature);

/* --- code pages -------------------------------------------------------------------------------------------------- */
/* TableBase: a c_NNN.nls file in memory, as NtGetNlsSectionPtr maps it; trusted. */
VOID NTAPI RtlInitCodePageTable(PUSHORT TableBase, PCPTABLEINFO CodePageTable);
NTSTATUS NTAPI RtlGetLocaleFileMappingAddress(PVOID *BaseAddress, PLCID DefaultLocaleId,
        PLARGE_INTEGER DefaultCasingTableSize);

/* --- the current user's registry key ----------------------------------------------------------------------------- */
NTSTATUS NTAPI RtlFormatCurrentUserKeyPath(PUNICODE_STRING KeyPath);
NTSTATUS NTAPI RtlOpenCurrentUser(ACCESS_MASK DesiredAccess, PHANDLE KeyHandle);

/* --- fiber local storage ----------------------------------------------------------------------------------------- */
NTSTATUS NTAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION Callback, PULONG Index);
NTSTATUS NTAPI RtlFlsFree(ULONG Index);
NTSTATUS NTAPI RtlFlsGetValue(ULONG Index, PVOID *Value);
NTSTATUS NTAPI RtlFlsSetValue(ULONG Index, PVOID Value);
VOID NTAPI RtlProcessFlsData(PVOID FlsData, ULONG Flags);

/* --- small ones -------------------------------------------------------------------------------------------------- */
NTSTATUS NTAPI RtlSystemTimeToLocalTime(const LARGE_INTEGER *SystemTime, PLARGE_INTEGER LocalTime);
NTSTATUS NTAPI RtlQueryTimeZoneInformation(PRTL_TIME_ZONE_INFORMATION Information);
NTSTATUS NTAPI RtlQueryDynamicTimeZoneInformation(PRTL_DYNAMIC_TIME_ZONE_INFORMATION Information);
#define LOAD_WITH_ALTERED_SEARCH_PATH_FLAG 0x00000008
NTSTATUS NTAPI LdrGetDllPath(PCWSTR Module, ULONG Flags, PWSTR *Path, PWSTR *Unknown);
NTSTATUS NTAPI LdrSetDefaultDllDirectories(ULONG Flags);
NTSTATUS NTAPI LdrSetDllDirectory(PCUNICODE_STRING DllDirectory);
NTSTATUS NTAPI LdrGetDllDirectory(PUNICODE_STRING DllDirectory);
NTSTATUS NTAPI LdrAddDllDirectory(PCUNICODE_STRING NewDirectory, PVOID *Cookie);
NTSTATUS NTAPI LdrRemoveDllDirectory(PVOID Cookie);
NTSTATUS NTAPI RtlGetSearchPath(PWSTR *Path);
NTSTATUS NTAPI RtlGetExePath(PCWSTR Name, PWSTR *Path);
VOID NTAPI RtlReleasePath(PWSTR Path);
ULONG NTAPI RtlGetThreadErrorMode(VOID);
NTSTATUS NTAPI RtlSetThreadErrorMode(ULONG NewMode, PULONG OldMode);

#include "ntdll/message.h"
#include "ntdll/etw.h"
#include "ntdll/actctx.h"
#include "ntdll/loader.h"
#include "ntdll/text.h"
#include "ntdll/security.h"
#include "ntdll/registry.h"
