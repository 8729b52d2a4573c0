/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function device object's life (fdo.h).
 */
#include "drivers/lib/fdo.h"

static DRIVER_DISPATCH FdoOpenClose, FdoPnp, FdoPower;
static DRIVER_UNLOAD FdoUnload;

NTSTATUS FdoComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, NT_SUCCESS(Status) ? FdoDriver.PriorityBoost : IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI FdoOpenClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return FdoComplete(Irp, STATUS_SUCCESS, 0);
}

/* --- making and deleting -------------------------------------------------------------------------------------- */

NTSTATUS FdoCreate(PDRIVER_OBJECT DriverObject, PDEVICE_OBJECT PhysicalDeviceObject, PUNICODE_STRING Name,
                   PVOID *Extension)
{
    PDEVICE_OBJECT Device;
    NTSTATUS Status;
    PFDO Fdo;

    Status = IoCreateDevice(DriverObject, FdoDriver.ExtensionSize, Name, FdoDriver.DeviceType, FILE_DEVICE_SECURE_OPEN,
                            FALSE, &Device);
    if (!NT_SUCCESS(Status))
        return Status;
    Fdo = Device->DeviceExtension;
    Fdo->Device = Device;
    Fdo->Lower = IoAttachDeviceToDeviceStack(Device, PhysicalDeviceObject);
    if (Fdo->Lower == NULL) {
        IoDeleteDevice(Device);
        return STATUS_NO_SUCH_DEVICE;
    }
    *Extension = Fdo;
    return STATUS_SUCCESS;
}

NTSTATUS FdoReady(PFDO Fdo)
{
    Fdo->Device->Flags |= FdoDriver.DeviceFlags;
    Fdo->Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

VOID FdoDelete(PFDO Fdo)
{
    IoDetachDevice(Fdo->Lower);
    IoDeleteDevice(Fdo->Device);
}

/* --- resources ------------------------------------------------------------------------------------------------ */

PCM_PARTIAL_RESOURCE_DESCRIPTOR FdoFindResource(PCM_PARTIAL_RESOURCE_LIST Resources, UCHAR Type, ULONG Index)
{
    for (ULONG i = 0; i < Resources->Count; i++) {
        if (Resources->PartialDescriptors[i].Type == Type && Index-- == 0)
            return &Resources->PartialDescriptors[i];
    }
    return NULL;
}

NTSTATUS FdoConnectInterrupt(PKINTERRUPT *Interrupt, PKSERVICE_ROUTINE ServiceRoutine, PVOID Context,
                             const CM_PARTIAL_RESOURCE_DESCRIPTOR *Descriptor)
{
    return IoConnectInterrupt(Interrupt, ServiceRoutine, Context, NULL, Descriptor->u.Interrupt.Vector,
                              (KIRQL)Descriptor->u.Interrupt.Level, (KIRQL)Descriptor->u.Interrupt.Level,
                              Descriptor->Flags & CM_RESOURCE_INTERRUPT_LATCHED ? Latched : LevelSensitive, FALSE,
                              Descriptor->u.Interrupt.Affinity, FALSE);
}

/* --- Plug and Play -------------------------------------------------------------------------------------------- */

static NTSTATUS FdoStart(PFDO Fdo, PIRP Irp)
{
    PCM_RESOURCE_LIST List = IoGetCurrentIrpStackLocation(Irp)->Parameters.StartDevice.AllocatedResourcesTranslated;
    CM_PARTIAL_RESOURCE_LIST None = {0};
    NTSTATUS Status;

    if (!IoForwardIrpSynchronously(Fdo->Lower, Irp))
        return FdoComplete(Irp, STATUS_UNSUCCESSFUL, 0);
    Status = Irp->IoStatus.Status;
    if (NT_SUCCESS(Status))
        Status = FdoDriver.Start(Fdo, List != NULL && List->Count != 0 ? &List->List[0].PartialResourceList : &None);
    Fdo->IsStarted = NT_SUCCESS(Status);
    return FdoComplete(Irp, Status, 0);
}

static VOID FdoStop(PFDO Fdo)
{
    if (!Fdo->IsStarted)
        return;
    Fdo->IsStarted = FALSE;
    FdoDriver.Stop(Fdo);
}

static NTSTATUS FdoPassDown(PFDO Fdo, PIRP Irp)
{
    IoSkipCurrentIrpStackLocation(Irp);
    return IoCallDriver(Fdo->Lower, Irp);
}

static NTSTATUS FdoRemove(PFDO Fdo, PIRP Irp)
{
    NTSTATUS Status;

    FdoStop(Fdo);
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Status = FdoPassDown(Fdo, Irp);
    if (FdoDriver.Remove != NULL)
        FdoDriver.Remove(Fdo);
    FdoDelete(Fdo);
    return Status;
}

static NTSTATUS NTAPI FdoPnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFDO Fdo = DeviceObject->DeviceExtension;

    switch (IoGetCurrentIrpStackLocation(Irp)->MinorFunction) {
    case IRP_MN_START_DEVICE:
        return FdoStart(Fdo, Irp);
    case IRP_MN_REMOVE_DEVICE:
        return FdoRemove(Fdo, Irp);
    case IRP_MN_STOP_DEVICE:
    case IRP_MN_SURPRISE_REMOVAL:
        FdoStop(Fdo);
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    case IRP_MN_QUERY_STOP_DEVICE:
    case IRP_MN_CANCEL_STOP_DEVICE:
    case IRP_MN_QUERY_REMOVE_DEVICE:
    case IRP_MN_CANCEL_REMOVE_DEVICE:
        Irp->IoStatus.Status = STATUS_SUCCESS;
        break;
    default:
        break;
    }
    return FdoPassDown(Fdo, Irp);
}

static NTSTATUS NTAPI FdoPower(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PoStartNextPowerIrp(Irp);
    IoSkipCurrentIrpStackLocation(Irp);
    return PoCallDriver(((PFDO)DeviceObject->DeviceExtension)->Lower, Irp);
}

static VOID NTAPI FdoUnload(PDRIVER_OBJECT DriverObject)
{
    /* Every device is removed before the driver is unloaded. */
}

VOID FdoInitializeDriver(PDRIVER_OBJECT DriverObject, PDRIVER_ADD_DEVICE AddDevice)
{
    DriverObject->MajorFunction[IRP_MJ_CREATE] = FdoOpenClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = FdoOpenClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = FdoOpenClose;
    DriverObject->MajorFunction[IRP_MJ_PNP] = FdoPnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = FdoPower;
    DriverObject->DriverExtension->AddDevice = AddDevice;
    DriverObject->DriverUnload = FdoUnload;
}
