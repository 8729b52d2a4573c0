/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The NT types and services as everything above the kernel sees them: mingw-w64's headers, completed.
 *
 * mingw-w64's winternl.h declares a few structures only in the reduced form that Microsoft publishes (PEB, TEB,
 * loader entries, process parameters).  They are renamed away while it is read, and stand whole in nt/peb.h.
 * Drivers do not include this file: they see the DDK headers.
 */
#pragma once

/* Rtl and C names are plain externals: defined in the same image, or reached through the import library's thunks. */
#ifndef _NTSYSTEM_
#define _NTSYSTEM_
#endif
#ifndef _CRTIMP
#define _CRTIMP
#endif

#define WIN32_NO_STATUS
#include <windef.h>
#undef WIN32_NO_STATUS
#include <ntstatus.h>

#define _PEB _REDUCED_PEB
#define PEB REDUCED_PEB
#define PPEB PREDUCED_PEB
#define _TEB _REDUCED_TEB
#define TEB REDUCED_TEB
#define PTEB PREDUCED_TEB
#define _PEB_LDR_DATA _REDUCED_PEB_LDR_DATA
#define PEB_LDR_DATA REDUCED_PEB_LDR_DATA
#define PPEB_LDR_DATA PREDUCED_PEB_LDR_DATA
#define _LDR_DATA_TABLE_ENTRY _REDUCED_LDR_DATA_TABLE_ENTRY
#define LDR_DATA_TABLE_ENTRY REDUCED_LDR_DATA_TABLE_ENTRY
#define PLDR_DATA_TABLE_ENTRY PREDUCED_LDR_DATA_TABLE_ENTRY
#define _RTL_USER_PROCESS_PARAMETERS _REDUCED_RTL_USER_PROCESS_PARAMETERS
#define RTL_USER_PROCESS_PARAMETERS REDUCED_RTL_USER_PROCESS_PARAMETERS
#define PRTL_USER_PROCESS_PARAMETERS PREDUCED_RTL_USER_PROCESS_PARAMETERS
#define _SYSTEM_PROCESS_INFORMATION _REDUCED_SYSTEM_PROCESS_INFORMATION
#define SYSTEM_PROCESS_INFORMATION REDUCED_SYSTEM_PROCESS_INFORMATION
#define PSYSTEM_PROCESS_INFORMATION PREDUCED_SYSTEM_PROCESS_INFORMATION
#define _SYSTEM_THREAD_INFORMATION _REDUCED_SYSTEM_THREAD_INFORMATION
#define SYSTEM_THREAD_INFORMATION REDUCED_SYSTEM_THREAD_INFORMATION
#define PSYSTEM_THREAD_INFORMATION PREDUCED_SYSTEM_THREAD_INFORMATION
#define _SYSTEM_BASIC_INFORMATION _REDUCED_SYSTEM_BASIC_INFORMATION
#define SYSTEM_BASIC_INFORMATION REDUCED_SYSTEM_BASIC_INFORMATION
#define PSYSTEM_BASIC_INFORMATION PREDUCED_SYSTEM_BASIC_INFORMATION
#define _SYSTEM_PERFORMANCE_INFORMATION _REDUCED_SYSTEM_PERFORMANCE_INFORMATION
#define SYSTEM_PERFORMANCE_INFORMATION REDUCED_SYSTEM_PERFORMANCE_INFORMATION
#define PSYSTEM_PERFORMANCE_INFORMATION PREDUCED_SYSTEM_PERFORMANCE_INFORMATION
#define _PROCESS_BASIC_INFORMATION _REDUCED_PROCESS_BASIC_INFORMATION
#define PROCESS_BASIC_INFORMATION REDUCED_PROCESS_BASIC_INFORMATION
#define PPROCESS_BASIC_INFORMATION PREDUCED_PROCESS_BASIC_INFORMATION
#define _VM_COUNTERS _REDUCED_VM_COUNTERS
#define VM_COUNTERS REDUCED_VM_COUNTERS
#define PVM_COUNTERS PREDUCED_VM_COUNTERS
#define NtQueryObject ReducedNtQueryObject
#define NtWaitForSingleObject ReducedNtWaitForSingleObject
#define NtSetInformationProcess ReducedNtSetInformationProcess
#define NtQuerySystemTime ReducedNtQuerySystemTime
#define NtSetVolumeInformationFile ReducedNtSetVolumeInformationFile
#define NtSetInformationFile ReducedNtSetInformationFile
#include <winternl.h>
#undef _PEB
#undef PEB
#undef PPEB
#undef _TEB
#undef TEB
#undef PTEB
#undef _PEB_LDR_DATA
#undef PEB_LDR_DATA
#undef PPEB_LDR_DATA
#undef _LDR_DATA_TABLE_ENTRY
#undef LDR_DATA_TABLE_ENTRY
#undef PLDR_DATA_TABLE_ENTRY
#undef _RTL_USER_PROCESS_PARAMETERS
#undef RTL_USER_PROCESS_PARAMETERS
#undef PRTL_USER_PROCESS_PARAMETERS
#undef _SYSTEM_PROCESS_INFORMATION
#undef SYSTEM_PROCESS_INFORMATION
#undef PSYSTEM_PROCESS_INFORMATION
#undef _SYSTEM_THREAD_INFORMATION
#undef SYSTEM_THREAD_INFORMATION
#undef PSYSTEM_THREAD_INFORMATION
#undef _SYSTEM_BASIC_INFORMATION
#undef SYSTEM_BASIC_INFORMATION
#undef PSYSTEM_BASIC_INFORMATION
#undef _SYSTEM_PERFORMANCE_INFORMATION
#undef SYSTEM_PERFORMANCE_INFORMATION
#undef PSYSTEM_PERFORMANCE_INFORMATION
#undef _PROCESS_BASIC_INFORMATION
#undef PROCESS_BASIC_INFORMATION
#undef PPROCESS_BASIC_INFORMATION
#undef _VM_COUNTERS
#undef VM_COUNTERS
#undef PVM_COUNTERS
#undef NtQueryObject
#undef NtWaitForSingleObject
#undef NtSetInformationProcess
#undef NtQuerySystemTime
#undef NtSetVolumeInformationFile
#undef NtSetInformationFile

#include "nt/types.h"
#include "nt/peb.h"
#include "nt/kuser.h"
#include "nt/obapi.h"
#include "nt/exapi.h"
#include "nt/psapi.h"
#include "nt/mmapi.h"
#include "nt/pipe.h"
#include "nt/ioapi.h"
#include "nt/cmapi.h"
#include "nt/seapi.h"
#include "nt/lpcapi.h"
