/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a device that a driver serves with one function device object (FDO): AddDevice, start, stop and removal,
 * power, open and close.  Linked into each driver that asks for it; only the DDI below it.
 *
 * A driver defines FdoDriver, has an FDO as the first member of its device extension, calls FdoInitializeDriver in
 * DriverEntry and FdoCreate in its AddDevice.  Source: Microsoft, "Handling IRPs for Plug and Play".
 */
#pragma once

#include <ntddk.h>

typedef struct _FDO {
    PDEVICE_OBJECT Device;
    PDEVICE_OBJECT Lower;       /* the device below in the stack */
    BOOLEAN IsStarted;          /* between a Start that succeeded and Stop */
} FDO, *PFDO;

/* Extension is the device extension of FdoCreate; PASSIVE_LEVEL, one call at a time for a device. */
typedef struct _FDO_DRIVER {
    ULONG ExtensionSize;        /* bytes, FDO included */
    DEVICE_TYPE DeviceType;
    ULONG DeviceFlags;          /* DO_BUFFERED_IO or the like */
    CCHAR PriorityBoost;        /* of FdoComplete */
    /* The device below is started.  Resources has no entry if the device has none. */
    NTSTATUS (*Start)(PVOID Extension, PCM_PARTIAL_RESOURCE_LIST Resources);
    /* Undoes Start; called only after one that succeeded. */
    VOID (*Stop)(PVOID Extension);
    /* What the driver's AddDevice made goes; NULL: nothing. */
    VOID (*Remove)(PVOID Extension);
} FDO_DRIVER;

extern const FDO_DRIVER FdoDriver;

/* Sets AddDevice, PnP and power, and create, cleanup and close as requests that succeed; the driver sets the others. */
VOID FdoInitializeDriver(PDRIVER_OBJECT DriverObject, PDRIVER_ADD_DEVICE AddDevice);
/*
 * Makes the device Name on top of the stack, extension zeroed but for the FDO.  The driver ends AddDevice with
 * FdoReady, or with FdoDelete if it fails.  STATUS_NO_SUCH_DEVICE: the stack is gone; statuses of IoCreateDevice.
 */
NTSTATUS FdoCreate(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject, PUNICODE_STRING Name,
                   PVOID *Extension);
NTSTATUS FdoReady(PFDO Fdo);
VOID FdoDelete(PFDO Fdo);

/* Completes the IRP; answers Status. */
NTSTATUS FdoComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information);
/* The Index-th (from 0) resource of the type CmResourceType*; NULL: there is none. */
PCM_PARTIAL_RESOURCE_DESCRIPTOR FdoFindResource(PCM_PARTIAL_RESOURCE_LIST Resources, UCHAR Type, ULONG Index);
/* IoConnectInterrupt with what the descriptor says. */
NTSTATUS FdoConnectInterrupt(PKINTERRUPT *Interrupt, PKSERVICE_ROUTINE ServiceRoutine, PVOID Context,
                             const CM_PARTIAL_RESOURCE_DESCRIPTOR *Descriptor);
