/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ex: the small executive objects (event, mutant, semaphore, timer, keyed event) as types of ob over ke's dispatcher
 * objects, atoms, LUIDs, random numbers and system information.  The pool is mm's (ntos/inc/mm.h).
 *
 * Nothing here waits.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mode.h"
#include "ntos/inc/ob.h"

extern POBJECT_TYPE ExEventObjectType;          /* body: KEVENT */
extern POBJECT_TYPE ExSemaphoreObjectType;      /* body: KSEMAPHORE */
extern POBJECT_TYPE ExMutantObjectType;         /* body: KMUTANT */
extern POBJECT_TYPE ExTimerObjectType;          /* body: ETIMER, ex's own */
extern POBJECT_TYPE ExKeyedEventObjectType;

/* Registers the types and makes \KernelObjects.  After ObInitSystem. */
NTSTATUS ExInitSystem(VOID);
/* The time zone as the registry has it.  After CmInitSystem2. */
NTSTATUS ExInitTimeZone(VOID);
/* Describes the processor in the registry.  After CmInitSystem2. */
NTSTATUS ExInitProcessor(VOID);

/* Called by ps when a thread ends, before its KTHREAD goes: takes away the APC timers it set. */
typedef struct _ETHREAD *PETHREAD;
VOID ExTimerRundown(PETHREAD Thread);

/* The table of a code page (c_NNN.nls) as a section, referenced.  May wait for the file; the statuses of its open. */
typedef struct _SECTION *PSECTION;
NTSTATUS ExCreateCodePageSection(ULONG CodePage, PSECTION *Section);

/* Unique until reboot, never 0. */
VOID ExAllocateLocallyUniqueId(PLUID Luid);

/*
 * The memory of a reserve object (NtAllocateReserveObject) of that type, EX_RESERVE_SIZE bytes aligned to 8, until it is given back.
 * STATUS_INVALID_PARAMETER_2: it is used already.
 */
#define EX_RESERVE_SIZE 96
NTSTATUS ExUseReserve(HANDLE Handle, MEMORY_RESERVE_TYPE Type, PVOID *Memory);
VOID ExReleaseReserve(PVOID Memory);

/* Random bytes: RDRAND where the CPU has it, always mixed with the time-stamp counter. */
VOID ExGetRandomBytes(PVOID Buffer, SIZE_T LengthInBytes);

/*
 * Rows of NtQuerySystemInformation that other rooms own.  A provider writes to a buffer of the caller's process (user
 * address, Length bytes) with mm's user copies, always sets *ReturnLength (pointer of ntos) to the bytes needed, and
 * answers STATUS_INFO_LENGTH_MISMATCH when Length is too small.
 */
typedef NTSTATUS (*EX_INFORMATION_PROVIDER)(PVOID UserBuffer, ULONG Length, PULONG ReturnLength);
VOID ExRegisterInformationProvider(SYSTEM_INFORMATION_CLASS Class, EX_INFORMATION_PROVIDER Provider);
