/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Activation contexts.
 */
#pragma once

/* winbase.h has these too. */
#ifndef FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX
#define FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX 0x00000001
#define ACTCTX_FLAG_PROCESSOR_ARCHITECTURE_VALID 0x00000001
#define ACTCTX_FLAG_LANGID_VALID 0x00000002
#define ACTCTX_FLAG_ASSEMBLY_DIRECTORY_VALID 0x00000004
#define ACTCTX_FLAG_RESOURCE_NAME_VALID 0x00000008
#define ACTCTX_FLAG_SET_PROCESS_DEFAULT 0x00000010
#define ACTCTX_FLAG_APPLICATION_NAME_VALID 0x00000020
#define ACTCTX_FLAG_SOURCE_IS_ASSEMBLYREF 0x00000040
#define ACTCTX_FLAG_HMODULE_VALID 0x00000080
typedef struct tagACTCTXW {
    ULONG cbSize;
    DWORD dwFlags;
    LPCWSTR lpSource;
    USHORT wProcessorArchitecture;
    LANGID wLangId;
    LPCWSTR lpAssemblyDirectory;
    LPCWSTR lpResourceName;
    LPCWSTR lpApplicationName;
    HMODULE hModule;
} ACTCTXW, *PACTCTXW;

typedef struct tagACTCTX_SECTION_KEYED_DATA {
    ULONG cbSize;
    ULONG ulDataFormatVersion;
    PVOID lpData;
    ULONG ulLength;
    PVOID lpSectionGlobalData;
    ULONG ulSectionGlobalDataLength;
    PVOID lpSectionBase;
    ULONG ulSectionTotalLength;
    HANDLE hActCtx;
    ULONG ulAssemblyRosterIndex;
    ULONG ulFlags;
    PVOID AssemblyMetadata[5];
} ACTCTX_SECTION_KEYED_DATA, *PACTCTX_SECTION_KEYED_DATA;

#define QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX 0x00000004
#define QUERY_ACTCTX_FLAG_ACTCTX_IS_HMODULE 0x00000008
#define QUERY_ACTCTX_FLAG_ACTCTX_IS_ADDRESS 0x00000010
#define QUERY_ACTCTX_FLAG_NO_ADDREF 0x80000000
#endif

#define RTL_DEACTIVATE_ACTIVATION_CONTEXT_FLAG_FORCE_EARLY_DEACTIVATION 1

typedef struct _RTL_ACTIVATION_CONTEXT_STACK_FRAME {
    struct _RTL_ACTIVATION_CONTEXT_STACK_FRAME *Previous;
    HANDLE ActivationContext;
    ULONG Flags;
} RTL_ACTIVATION_CONTEXT_STACK_FRAME;

typedef struct _ACTIVATION_CONTEXT_BASIC_INFORMATION {
    HANDLE ActivationContext;
    ULONG Flags;
} ACTIVATION_CONTEXT_BASIC_INFORMATION, *PACTIVATION_CONTEXT_BASIC_INFORMATION;

/* Parameters: an ACTCTXW. */
NTSTATUS NTAPI RtlCreateActivationContext(PHANDLE ActivationContext, const void *Parameters);
VOID NTAPI RtlAddRefActivationContext(HANDLE ActivationContext);
VOID NTAPI RtlReleaseActivationContext(HANDLE ActivationContext);
NTSTATUS NTAPI RtlZombifyActivationContext(HANDLE ActivationContext);
NTSTATUS NTAPI RtlActivateActivationContext(ULONG Flags, HANDLE ActivationContext, PULONG_PTR Cookie);
NTSTATUS NTAPI RtlDeactivateActivationContext(ULONG Flags, ULONG_PTR Cookie);
NTSTATUS NTAPI RtlGetActiveActivationContext(PHANDLE ActivationContext);
BOOLEAN NTAPI RtlIsActivationContextActive(HANDLE ActivationContext);
NTSTATUS NTAPI RtlQueryInformationActivationContext(ULONG Flags, HANDLE ActivationContext, PVOID SubInstance,
        ULONG InformationClass, PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength);
NTSTATUS NTAPI RtlQueryActivationContextApplicationSettings(ULONG Flags, HANDLE ActivationContext, PCWSTR Namespace,
        PCWSTR Name, PWSTR Buffer, SIZE_T Length, PSIZE_T ReturnLength);
NTSTATUS NTAPI RtlFindActivationContextSectionString(ULONG Flags, const GUID *ExtensionGuid, ULONG SectionId,
        PCUNICODE_STRING String, PVOID Data);
NTSTATUS NTAPI RtlFindActivationContextSectionGuid(ULONG Flags, const GUID *ExtensionGuid, ULONG SectionId,
        const GUID *Guid, PVOID Data);
