/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the driver host uses of the system below the DDI: the door to ntos (abi/driver.h, abi/hostservices.h), the
 * kernel's calls, and the services of ntdll.dll that the DDK headers do not declare.  Included by host.h only.
 */
#pragma once

#include "abi/driver.h"
#include "abi/hostservices.h"
#include "abi/sel4/sel4.h"

typedef DRIVER_START_BLOCK HOST_START_BLOCK;
typedef DRIVER_DESCRIPTOR HOST_START_DRIVER;

#define HOST_START ((const volatile DRIVER_START_BLOCK *)DRIVER_REGION_ADDRESS)
#define HOST_RINGS ((DRIVER_RINGS *)(DRIVER_REGION_ADDRESS + DRIVER_RINGS_OFFSET))

#define HOST_USER_SHARED_DATA ((KUSER_SHARED_DATA *)0x7FFE0000)

/* RTL_CRITICAL_SECTION: only its size (40 bytes) matters here. */
typedef struct _HOST_CRITICAL_SECTION {
    PVOID Opaque[5];
} HOST_CRITICAL_SECTION;

NTSTATUS NTAPI RtlInitializeCriticalSection(HOST_CRITICAL_SECTION *Section);
NTSTATUS NTAPI RtlEnterCriticalSection(HOST_CRITICAL_SECTION *Section);
NTSTATUS NTAPI RtlLeaveCriticalSection(HOST_CRITICAL_SECTION *Section);
NTSTATUS NTAPI RtlCreateUserThread(HANDLE Process, PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN Suspended,
                                   ULONG ZeroBits, SIZE_T StackReserve, SIZE_T StackCommit, PVOID StartAddress,
                                   PVOID Parameter, PHANDLE ThreadHandle, PVOID ClientId);
VOID NTAPI RtlExitUserThread(NTSTATUS ExitStatus);
DECLSPEC_NORETURN VOID NTAPI RtlRaiseStatus(NTSTATUS Status);
PVOID NTAPI RtlAddVectoredExceptionHandler(ULONG First, LONG(NTAPI *Handler)(PEXCEPTION_POINTERS Pointers));
struct _IMAGE_NT_HEADERS64 *NTAPI RtlImageNtHeader(PVOID Base);

NTSTATUS NTAPI LdrLoadDll(PWSTR SearchPath, PULONG Characteristics, PUNICODE_STRING Name, PVOID *Base);
NTSTATUS NTAPI LdrUnloadDll(PVOID Base);
NTSTATUS NTAPI LdrGetProcedureAddress(PVOID Base, PANSI_STRING Name, ULONG Ordinal, PVOID *Address);
NTSTATUS NTAPI LdrGetDllHandle(PWSTR SearchPath, PULONG Characteristics, PUNICODE_STRING Name, PVOID *Base);

NTSTATUS NTAPI NtCreateEvent(PHANDLE Event, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, EVENT_TYPE Type,
                             BOOLEAN InitialState);
NTSTATUS NTAPI NtSetEvent(HANDLE Event, PLONG PreviousState);
NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI NtTerminateProcess(HANDLE Process, NTSTATUS ExitStatus);
NTSTATUS NTAPI NtQuerySystemTime(PLARGE_INTEGER SystemTime);
LONG NTAPI RtlQueryPerformanceCounter(PLARGE_INTEGER Counter);

int _vsnprintf(char *Buffer, size_t Count, const char *Format, va_list Arguments);
