/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device objects: creation, names, stacks, interfaces.
 *
 * A DEVICE_OBJECT lives here; the executive knows it by DeviceId if it has a name.  Its memory stays until the last
 * file on it is closed (ReferenceCount counts those files), so that late requests find it.  The host makes a physical
 * device object for each instance of a service key; it belongs to no driver's list of devices.
 *
 * Entry points: the Io names.  Nothing here waits.
 */
#include "host.h"

static PDEVICE_OBJECT *HostDevices; /* by DeviceId */
static ULONG HostDeviceLimit;

/* What IoFileObjectType & co. point to (see ntoskrnl.def): objects of these types are the executive's. */
static POBJECT_TYPE HostNoType;
POBJECT_TYPE *HostObjectType = &HostNoType;

PDEVICE_OBJECT HostDeviceById(ULONG DeviceId)
{
    return DeviceId < HostDeviceLimit ? HostDevices[DeviceId] : NULL;
}

static BOOLEAN HostSetDevice(ULONG DeviceId, PDEVICE_OBJECT DeviceObject)
{
    ULONG Limit = max(DeviceId + 1, HostDeviceLimit * 2);
    PDEVICE_OBJECT *Table;

    if (DeviceId >= HostDeviceLimit) {
        Table = ExAllocatePoolWithTag(NonPagedPool, Limit * sizeof(*Table), HOST_TAG);
        if (Table == NULL)
            return FALSE;
        RtlZeroMemory(Table, Limit * sizeof(*Table));
        if (HostDevices != NULL) {
            RtlCopyMemory(Table, HostDevices, HostDeviceLimit * sizeof(*Table));
            ExFreePoolWithTag(HostDevices, HOST_TAG);
        }
        HostDevices = Table;
        HostDeviceLimit = Limit;
    }
    HostDevices[DeviceId] = DeviceObject;
    return TRUE;
}

/* DEVICE_OBJECT, device extension and HOST_DEVICE in one block. */
static PDEVICE_OBJECT HostAllocateDevice(PDRIVER_OBJECT DriverObject, ULONG ExtensionSize, DEVICE_TYPE DeviceType)
{
    SIZE_T ExtensionOffset = ALIGN_UP_BY(sizeof(DEVICE_OBJECT), 16);
    SIZE_T HostOffset = ExtensionOffset + ALIGN_UP_BY((SIZE_T)ExtensionSize, 16);
    PDEVICE_OBJECT DeviceObject = ExAllocatePoolWithTag(NonPagedPool, HostOffset + sizeof(HOST_DEVICE), HOST_TAG);
    PHOST_DEVICE Device;

    if (DeviceObject == NULL)
        return NULL;
    RtlZeroMemory(DeviceObject, HostOffset + sizeof(HOST_DEVICE));
    Device = (PHOST_DEVICE)((PUCHAR)DeviceObject + HostOffset);
    DeviceObject->Type = IO_TYPE_DEVICE;
    DeviceObject->Size = (USHORT)(sizeof(DEVICE_OBJECT) + ExtensionSize);
    DeviceObject->DriverObject = DriverObject;
    DeviceObject->DeviceType = DeviceType;
    DeviceObject->StackSize = 1;
    DeviceObject->DeviceExtension = ExtensionSize != 0 ? (PUCHAR)DeviceObject + ExtensionOffset : NULL;
    DeviceObject->DeviceObjectExtension = &Device->Extension;
    KeInitializeDeviceQueue(&DeviceObject->DeviceQueue);
    KeInitializeEvent(&DeviceObject->DeviceLock, SynchronizationEvent, TRUE);
    Device->Extension.Type = IO_TYPE_DEVICE_OBJECT_EXTENSION;
    Device->Extension.DeviceObject = DeviceObject;
    return DeviceObject;
}

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName,
                              DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                              PDEVICE_OBJECT *DeviceObject)
{
    PDEVICE_OBJECT Object;
    ULONG DeviceId = 0;
    NTSTATUS Status;

    *DeviceObject = NULL;
    Object = HostAllocateDevice(DriverObject, DeviceExtensionSize, DeviceType);
    if (Object == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Object->Characteristics = DeviceCharacteristics;
    Object->Flags = DO_DEVICE_INITIALIZING | (Exclusive ? DO_EXCLUSIVE : 0) |
                    (DeviceName != NULL ? DO_DEVICE_HAS_NAME : 0);
    if (DeviceName != NULL) {
        Status = NtHostCreateDevice(((PHOST_DRIVER)DriverObject)->DriverIndex, DeviceName, DeviceType,
                                    DeviceCharacteristics, Object->Flags & DO_EXCLUSIVE, &DeviceId);
        if (NT_SUCCESS(Status) && !HostSetDevice(DeviceId, Object)) {
            NtHostDeleteDevice(DeviceId);
            Status = STATUS_INSUFFICIENT_RESOURCES;
        }
        if (!NT_SUCCESS(Status)) {
            ExFreePoolWithTag(Object, HOST_TAG);
            return Status;
        }
    }
    HOST_DEVICE_OF(Object)->DeviceId = DeviceId;
    Object->ReferenceCount = 1;
    Object->NextDevice = DriverObject->DeviceObject;
    DriverObject->DeviceObject = Object;
    *DeviceObject = Object;
    return STATUS_SUCCESS;
}

/* Drops one reference; the last one frees the memory. */
VOID HostDereferenceDevice(PDEVICE_OBJECT DeviceObject)
{
    ULONG DeviceId = HOST_DEVICE_OF(DeviceObject)->DeviceId;

    if (--DeviceObject->ReferenceCount > 0)
        return;
    if (DeviceId != 0 && HostDevices[DeviceId] == DeviceObject)
        HostDevices[DeviceId] = NULL;
    ExFreePoolWithTag(DeviceObject, HOST_TAG);
}

VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT *Link = &DeviceObject->DriverObject->DeviceObject;

    for (; *Link != NULL; Link = &(*Link)->NextDevice) {
        if (*Link == DeviceObject) {
            *Link = DeviceObject->NextDevice;
            break;
        }
    }
    if (HOST_DEVICE_OF(DeviceObject)->DeviceId != 0)
        NtHostDeleteDevice(HOST_DEVICE_OF(DeviceObject)->DeviceId);
    HostDereferenceDevice(DeviceObject);
}

PDEVICE_OBJECT HostCreatePhysicalDevice(PDRIVER_OBJECT DriverObject)
{
    PDEVICE_OBJECT DeviceObject = HostAllocateDevice(DriverObject, 0, FILE_DEVICE_UNKNOWN);

    if (DeviceObject == NULL)
        return NULL;
    DeviceObject->ReferenceCount = 1;
    DeviceObject->Flags = DO_BUS_ENUMERATED_DEVICE;
    return DeviceObject;
}

/* --- stacks ----------------------------------------------------------------------------------------------------- */

PDEVICE_OBJECT NTAPI IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject)
{
    while (DeviceObject->AttachedDevice != NULL)
        DeviceObject = DeviceObject->AttachedDevice;
    return DeviceObject;
}

PDEVICE_OBJECT NTAPI IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject)
{
    DeviceObject = IoGetAttachedDevice(DeviceObject);
    ObReferenceObject(DeviceObject);
    return DeviceObject;
}

PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
    PDEVICE_OBJECT Top = IoGetAttachedDevice(TargetDevice);

    if (Top->StackSize == MAXCHAR)
        return NULL;
    Top->AttachedDevice = SourceDevice;
    SourceDevice->StackSize = Top->StackSize + 1;
    SourceDevice->AlignmentRequirement = Top->AlignmentRequirement;
    SourceDevice->SectorSize = Top->SectorSize;
    HOST_DEVICE_OF(SourceDevice)->AttachedTo = Top;
    return Top;
}

VOID NTAPI IoDetachDevice(PDEVICE_OBJECT TargetDevice)
{
    if (TargetDevice->AttachedDevice != NULL)
        HOST_DEVICE_OF(TargetDevice->AttachedDevice)->AttachedTo = NULL;
    TargetDevice->AttachedDevice = NULL;
}

PDEVICE_OBJECT NTAPI IoGetLowerDeviceObject(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT Lower = HOST_DEVICE_OF(DeviceObject)->AttachedTo;

    if (Lower != NULL)
        ObReferenceObject(Lower);
    return Lower;
}

PDEVICE_OBJECT NTAPI IoGetRelatedDeviceObject(PFILE_OBJECT FileObject)
{
    return IoGetAttachedDevice(FileObject->DeviceObject);
}

/* Finds a device of this host by its driver's file objects only: a name of another host's device is not reachable.
 * DIFFERS: Windows opens any device; here drivers that talk to one another by name share a host (HostGroup). */
NTSTATUS NTAPI IoGetDeviceObjectPointer(PUNICODE_STRING ObjectName, ACCESS_MASK DesiredAccess, PFILE_OBJECT *FileObject,
                                        PDEVICE_OBJECT *DeviceObject)
{
    *FileObject = NULL;
    *DeviceObject = NULL;
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/* --- names ------------------------------------------------------------------------------------------------------ */

NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
    return NtHostCreateSymbolicLink(SymbolicLinkName, DeviceName);
}

NTSTATUS NTAPI IoCreateUnprotectedSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
    return NtHostCreateSymbolicLink(SymbolicLinkName, DeviceName);
}

NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName)
{
    return NtHostDeleteSymbolicLink(SymbolicLinkName);
}

/* Device interfaces are not kept anywhere: nobody could look for one. */
NTSTATUS NTAPI IoRegisterDeviceInterface(PDEVICE_OBJECT PhysicalDeviceObject, CONST GUID *InterfaceClassGuid,
                                         PUNICODE_STRING ReferenceString, PUNICODE_STRING SymbolicLinkName)
{
    RtlInitUnicodeString(SymbolicLinkName, NULL);
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS NTAPI IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName, BOOLEAN Enable)
{
    return STATUS_NOT_IMPLEMENTED;
}

VOID NTAPI IoInvalidateDeviceState(PDEVICE_OBJECT PhysicalDeviceObject)
{
    HostLog("driver host: a driver reports that its device has failed\n");
}

/* --- StartIo ---------------------------------------------------------------------------------------------------- */

VOID NTAPI IoStartPacket(PDEVICE_OBJECT DeviceObject, PIRP Irp, PULONG Key, PDRIVER_CANCEL CancelFunction)
{
    if (CancelFunction != NULL)
        (VOID)IoSetCancelRoutine(Irp, CancelFunction);
    if (Key != NULL) {
        if (KeInsertByKeyDeviceQueue(&DeviceObject->DeviceQueue, &Irp->Tail.Overlay.DeviceQueueEntry, *Key))
            return;
    } else if (KeInsertDeviceQueue(&DeviceObject->DeviceQueue, &Irp->Tail.Overlay.DeviceQueueEntry)) {
        return;
    }
    DeviceObject->CurrentIrp = Irp;
    DeviceObject->DriverObject->DriverStartIo(DeviceObject, Irp);
}

VOID NTAPI IoStartNextPacket(PDEVICE_OBJECT DeviceObject, BOOLEAN Cancelable)
{
    PKDEVICE_QUEUE_ENTRY Entry = KeRemoveDeviceQueue(&DeviceObject->DeviceQueue);

    DeviceObject->CurrentIrp = NULL;
    if (Entry == NULL)
        return;
    DeviceObject->CurrentIrp = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.DeviceQueueEntry);
    DeviceObject->DriverObject->DriverStartIo(DeviceObject, DeviceObject->CurrentIrp);
}
