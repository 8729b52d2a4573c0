/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos/ex.
 */
#pragma once

#include "ntos/inc/ex.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"
#include "ntos/inc/se.h"
#include "rtl.h"

#define EX_TAG_ATOM 'motA'
#define EX_TAG_WAIT 'tiaW'

/* Registers one type; its name is Name. */
NTSTATUS ExpCreateType(PCWSTR Name, const OBJECT_TYPE_INITIALIZER *Initializer, POBJECT_TYPE *Type);

NTSTATUS ExpInitEvents(VOID);
NTSTATUS ExpInitMutants(VOID);
NTSTATUS ExpInitSemaphores(VOID);
NTSTATUS ExpInitTimers(VOID);
NTSTATUS ExpInitKeyedEvents(VOID);
NTSTATUS ExpInitReserves(VOID);

/*
 * The common part of queries of a fixed size: checks Length == sizeof, copies out, sets *ReturnLength (both user
 * addresses).
 */
NTSTATUS ExpReturnInformation(const void *Information, ULONG Size, PVOID UserBuffer, ULONG Length, PULONG ReturnLength);
/* The usual answer of an EX_INFORMATION_PROVIDER: Size bytes; a longer buffer is fine. */
NTSTATUS ExpPut(PVOID UserBuffer, ULONG Length, PULONG Needed, const void *Information, ULONG Size);
/* The classes of abi/resources.h, as EX_INFORMATION_PROVIDER. */
NTSTATUS ExpResources(PVOID UserBuffer, ULONG Length, PULONG Needed);
NTSTATUS ExpAllocationFailure(PVOID UserBuffer, ULONG Length, PULONG Needed);
/* The processor: the providers of its classes. */
NTSTATUS ExpQueryProcessor(PVOID UserBuffer, ULONG Length, PULONG Needed);
NTSTATUS ExpQueryProcessorBrand(PVOID UserBuffer, ULONG Length, PULONG Needed);
/* The time zone: the providers of its two classes, and what sets it: Length bytes at a
 * user address, neither checked; STATUS_INFO_LENGTH_MISMATCH, STATUS_PRIVILEGE_NOT_HELD, STATUS_INVALID_PARAMETER. */
NTSTATUS ExpQueryTimeZone(PVOID UserBuffer, ULONG Length, PULONG Needed);
NTSTATUS ExpQueryDynamicTimeZone(PVOID UserBuffer, ULONG Length, PULONG Needed);
NTSTATUS ExpSetTimeZone(PVOID UserBuffer, ULONG Length);
NTSTATUS ExpSetDynamicTimeZone(PVOID UserBuffer, ULONG Length);
/* SystemTimeAdjustmentInformation, the same way; needs SeSystemtimePrivilege. */
NTSTATUS ExpQueryTimeAdjustment(PVOID UserBuffer, ULONG Length, PULONG Needed);
NTSTATUS ExpSetTimeAdjustment(PVOID UserBuffer, ULONG Length);
/* What holds now: minutes are 600000000; *Id is that of KUSER_SHARED_DATA. */
VOID ExpQueryTimeZoneBias(PLARGE_INTEGER Bias, PULONG Id);
/* The clock was set, or the zone changed: publishes the bias that holds now. */
VOID ExpRefreshTimeZone(VOID);
/* A LONG into *User if it is not NULL. */
NTSTATUS ExpReturnLong(PLONG User, LONG Value);
/* The same place before anything is done: nothing happens when the answer cannot be given.  NULL is good. */
NTSTATUS ExpProbeAnswer(PVOID User, SIZE_T Length);


extern LCID ExpDefaultLocale;
