/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader's less used entry points: delayed imports, image execution options, API sets.
 */
#pragma once

typedef struct _DELAYLOAD_PROC_DESCRIPTOR {
    ULONG ImportDescribedByName;
    union {
        LPCSTR Name;
        ULONG Ordinal;
    } Description;
} DELAYLOAD_PROC_DESCRIPTOR;

typedef struct _DELAYLOAD_INFO {
    ULONG Size;
    PCIMAGE_DELAYLOAD_DESCRIPTOR DelayloadDescriptor;
    PIMAGE_THUNK_DATA ThunkAddress;
    LPCSTR TargetDllName;
    DELAYLOAD_PROC_DESCRIPTOR TargetApiDescriptor;
    PVOID TargetModuleBase;
    PVOID Unused;
    ULONG LastError;
} DELAYLOAD_INFO, *PDELAYLOAD_INFO;

typedef PVOID (NTAPI *PDELAYLOAD_FAILURE_DLL_CALLBACK)(ULONG NotificationReason, PDELAYLOAD_INFO DelayloadInfo);
typedef PVOID (NTAPI *PDELAYLOAD_FAILURE_SYSTEM_ROUTINE)(LPCSTR DllName, LPCSTR ProcName);

PVOID NTAPI LdrResolveDelayLoadedAPI(PVOID ParentModuleBase, PCIMAGE_DELAYLOAD_DESCRIPTOR Descriptor,
        PDELAYLOAD_FAILURE_DLL_CALLBACK FailureDllHook, PDELAYLOAD_FAILURE_SYSTEM_ROUTINE FailureSystemHook,
        PIMAGE_THUNK_DATA ThunkAddress, ULONG Flags);
NTSTATUS NTAPI LdrQueryImageFileExecutionOptions(PCUNICODE_STRING ImageName, PCWSTR ValueName, ULONG Type,
        PVOID Buffer, ULONG Length, PULONG ReturnLength);
NTSTATUS NTAPI ApiSetQueryApiSetPresence(PCUNICODE_STRING Namespace, PBOOLEAN Present);
NTSTATUS NTAPI ApiSetQueryApiSetPresenceEx(PCUNICODE_STRING Namespace, PBOOLEAN IsInSchema, PBOOLEAN Present);

BOOLEAN NTAPI RtlGetProductInfo(ULONG MajorVersion, ULONG MinorVersion, ULONG ServicePackMajor,
        ULONG ServicePackMinor, PULONG ProductType);
#define BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG 0x1
#define BASE_SEARCH_PATH_DISABLE_SAFE_SEARCHMODE_FLAG 0x10000
#define BASE_SEARCH_PATH_PERMANENT_FLAG 0x8000
NTSTATUS NTAPI RtlSetSearchPathMode(ULONG Flags);
NTSTATUS NTAPI RtlImpersonateSelf(SECURITY_IMPERSONATION_LEVEL ImpersonationLevel);
NTSTATUS NTAPI RtlAdjustPrivilege(ULONG Privilege, BOOLEAN Enable, BOOLEAN CurrentThread, PBOOLEAN Enabled);
