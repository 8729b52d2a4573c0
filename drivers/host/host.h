/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private header of the driver host (ntoskrnl.exe): the structures behind the DDI's objects, and what its files
 * say to each other.  The DDI itself is declared by the DDK headers, and every exported name has the contract
 * that Microsoft documents for it.
 *
 * Concurrency: one host lock.  Driver code runs only on a thread that holds it: the dispatcher thread (requests,
 * interrupts, DPCs, timers) or a system thread (PsCreateSystemThread, work items).  A thread lets go of it only
 * inside a wait, and for the dispatcher a wait handles interrupts, DPCs and timers, but starts no new request.
 * So IRQL and spin locks are bookkeeping here, not exclusion.  README.md has the reasons.
 */
#pragma once

#include <ntifs.h>

#include "drivers/host/native.h"

#define HOST_TAG 'tsoH'

/* DISPATCHER_HEADER.Type values (NT's KOBJECTS) that this file's neighbours tell apart. */
#define HOST_TYPE_NOTIFICATION_EVENT 0
#define HOST_TYPE_SYNCHRONIZATION_EVENT 1
#define HOST_TYPE_MUTANT 2
#define HOST_TYPE_SEMAPHORE 5
#define HOST_TYPE_THREAD 6
#define HOST_TYPE_NOTIFICATION_TIMER 8
#define HOST_TYPE_SYNCHRONIZATION_TIMER 9

/* --- threads and the host lock (thread.c) --------------------------------------------------------------------- */

/* What a KTHREAD or ETHREAD pointer of this process points to; gs:[0x188] holds the current thread's. */
typedef struct _HOST_THREAD {
    DISPATCHER_HEADER Header; /* signalled when the thread has ended; must be first */
    LIST_ENTRY Link;          /* in HostThreads */
    LIST_ENTRY WaitLink;      /* in HostWaiters while blocked */
    HANDLE Handle;            /* what PsCreateSystemThread returned */
    HANDLE WakeEvent;         /* NT event: the state of some object has changed */
    LONG ReferenceCount;
    KIRQL Irql;
    BOOLEAN IsDispatcher;
    BOOLEAN IsWaiting;
    PKSTART_ROUTINE StartRoutine;
    PVOID StartContext;
} HOST_THREAD, *PHOST_THREAD;

VOID HostInitializeThreads(VOID);
PHOST_THREAD HostCurrentThread(VOID);
VOID HostAcquireLock(VOID);
VOID HostReleaseLock(VOID);
/* After a dispatcher object became signalled: lets every waiting thread look again. */
VOID HostWakeWaiters(VOID);
/* Blocks the calling thread until the state of some object changed, or until DueTime (interrupt time; MAXULONGLONG:
 * never).  The dispatcher serves interrupts, DPCs and timers meanwhile. */
VOID HostBlock(ULONGLONG DueTime);
/* Makes the dispatcher take another turn; for the other threads. */
VOID HostWakeDispatcher(VOID);

/* --- waits and timers (wait.c, timer.c) ------------------------------------------------------------------------- */

VOID HostSignalHeader(DISPATCHER_HEADER *Header, LONG State);
/* Interrupt time at which a DDI timeout (relative if negative, NULL: never) ends. */
ULONGLONG HostDueTime(const LARGE_INTEGER *Timeout);
/* Runs the timers that are due; returns when the next one is due (interrupt time), MAXULONGLONG if none is set. */
ULONGLONG HostRunTimers(VOID);
/* Makes sure that the dispatcher wakes up at DueTime. */
VOID HostArmTimer(ULONGLONG DueTime);

/* --- interrupts and DPCs (interrupt.c, timer.c) ----------------------------------------------------------------- */

/* Calls the service routines of the lines in Bits (the notification's badge) and acknowledges the lines. */
VOID HostDispatchInterrupts(ULONGLONG Bits);
VOID HostRunDpcs(VOID);
#define HOST_VECTOR_BASE 0x30 /* vector of ISA interrupt 0, as drivers see it */

/* --- ports (port.c) --------------------------------------------------------------------------------------------- */

/* Size is 1, 2 or 4 bytes. */
ULONG HostReadPort(ULONG_PTR Port, ULONG Size);
VOID HostWritePort(ULONG_PTR Port, ULONG Size, ULONG Value);

/* --- objects behind DEVICE_OBJECT and DRIVER_OBJECT (device.c, driver.c) ---------------------------------------- */

typedef struct _HOST_DRIVER {
    DRIVER_OBJECT Object; /* must be first */
    DRIVER_EXTENSION Extension;
    UNICODE_STRING RegistryPath; /* of its service key */
    PVOID Image;
    ULONG DriverIndex;           /* in the start block */
    PDEVICE_OBJECT Physical[DRIVER_MAX_INSTANCES]; /* physical device objects of the started instances */
} HOST_DRIVER, *PHOST_DRIVER;

/* Lies behind the DEVICE_OBJECT, reached by DeviceObjectExtension. */
typedef struct _HOST_DEVICE {
    DEVOBJ_EXTENSION Extension; /* must be first */
    ULONG DeviceId;             /* the executive's name for it; 0: it has no name and no executive object */
    ULONG Instance;             /* of a physical device object: which device of its driver */
    PHOST_DRIVER Driver;        /* of a physical device object: whose resources it stands for */
    PDEVICE_OBJECT AttachedTo;  /* the device below in its stack */
} HOST_DEVICE, *PHOST_DEVICE;

#define HOST_DEVICE_OF(DeviceObject) ((PHOST_DEVICE)(DeviceObject)->DeviceObjectExtension)

/* A device object of the host's own bus driver; NULL: no memory. */
PDEVICE_OBJECT HostCreatePhysicalDevice(PDRIVER_OBJECT DriverObject);
extern POBJECT_TYPE *HostObjectType;
/* NULL if there is none; no reference. */
PDEVICE_OBJECT HostDeviceById(ULONG DeviceId);
VOID HostDereferenceDevice(PDEVICE_OBJECT DeviceObject);

/* Loads the image of driver DriverIndex of the start block, calls DriverEntry, and adds and starts its devices. */
NTSTATUS HostStartDriver(ULONG DriverIndex);
/* STATUS_INVALID_DEVICE_REQUEST: it cannot be unloaded. */
NTSTATUS HostQueryStopDriver(ULONG DriverIndex);
/* Unloads it. */
NTSTATUS HostStopDriver(ULONG DriverIndex);

/* --- requests (irp.c, request.c) -------------------------------------------------------------------------------- */

/* An IRP that came through the ring, with what is needed to answer it. */
typedef struct _HOST_REQUEST {
    LIST_ENTRY Link; /* in the list of unanswered requests */
    ULONGLONG Id;    /* the executive's */
    ULONG FileId;
    UCHAR MajorFunction;
    IRP Irp;         /* last: its stack locations follow */
} HOST_REQUEST, *PHOST_REQUEST;

/* AllocationFlags of IRPs: who frees them. */
#define HOST_IRP_REQUEST 0x40  /* inside a HOST_REQUEST: completion answers the executive */
#define HOST_IRP_ALLOCATED 0x20 /* IoAllocateIrp: whoever allocated it frees it */
#define HOST_IRP_THREADED 0x10 /* IoBuildSynchronousFsdRequest & co.: completion frees it */

VOID HostCompleteRequest(PHOST_REQUEST Request);
VOID HostInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize);
/* Takes every entry that waits in the submission ring; dispatcher only. */
VOID HostDrainSubmissions(VOID);

/* --- main.c ----------------------------------------------------------------------------------------------------- */

/* One turn of the dispatcher: timers, DPCs, if TakeRequests new requests, then a sleep until something happens
 * (WakeTime, in interrupt time, at the latest), then interrupts and their DPCs. */
VOID HostTurn(BOOLEAN TakeRequests, ULONGLONG WakeTime);
/* Writes a line to the system's log. */
VOID HostLog(PCSTR Format, ...);

/* --- emulate.c -------------------------------------------------------------------------------------------------- */

/* From now on privileged instructions of drivers (in, out, mov cr8) are carried out for them. */
VOID HostInitializeEmulation(VOID);
