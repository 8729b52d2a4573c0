/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Types Driver and Device, and the making of their objects.  A DEVICE_OBJECT is what ntos knows of a device, whether
 * its driver is a part of ntos (memory volume, console) or lives in a driver host.  Opening a device is its Parse
 * method (file.c).
 *
 * A device holds a reference on its driver, a file object one on its device.  Nothing here waits.
 */
#include "ntos/io/iop.h"

POBJECT_TYPE IoDeviceObjectType;
POBJECT_TYPE IoDriverObjectType;

static VOID IopDeleteDriverObject(PVOID Object)
{
    PDRIVER_OBJECT Driver = Object;

    if (Driver->DriverName.Buffer != NULL)
        ExFreePool(Driver->DriverName.Buffer);
}

static VOID IopDeleteDeviceObject(PVOID Object)
{
    PDEVICE_OBJECT Device = Object;

    if (Device->DriverObject == NULL)
        return;
    RemoveEntryList(&Device->DriverLinks);
    ObDereferenceObject(Device->DriverObject);
}

static NTSTATUS IopCreateNamedObject(POBJECT_TYPE Type, PUNICODE_STRING Name, ULONG Size, PVOID *Object)
{
    OBJECT_ATTRIBUTES Attributes;

    InitializeObjectAttributes(&Attributes, Name, OBJ_PERMANENT | OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, NULL, NULL);
    return ObCreateObject(KernelMode, Type, &Attributes, KernelMode, NULL, Size, 0, 0, Object);
}

NTSTATUS IopCreateDriver(PCWSTR Directory, PCWSTR Name, const PDRIVER_DISPATCH *MajorFunction,
        const FAST_IO_DISPATCH *FastIo, PDRIVER_OBJECT *DriverObject)
{
    UNICODE_STRING Path;
    PDRIVER_OBJECT Driver;
    NTSTATUS Status;
    SIZE_T Chars = wcslen(Directory) + 1 + wcslen(Name) + 1;

    Path.MaximumLength = (USHORT)(Chars * sizeof(WCHAR));
    Path.Length = 0;
    Path.Buffer = ExAllocatePoolWithTag(PagedPool, Path.MaximumLength, IO_TAG_NAME);
    if (Path.Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlAppendUnicodeToString(&Path, Directory);
    RtlAppendUnicodeToString(&Path, L"\\");
    RtlAppendUnicodeToString(&Path, Name);
    Status = IopCreateNamedObject(IoDriverObjectType, &Path, sizeof(DRIVER_OBJECT), (PVOID *)&Driver);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(Path.Buffer);
        return Status;
    }
    Driver->DriverName = Path;
    Driver->MajorFunction = MajorFunction;
    Driver->FastIo = FastIo;
    InitializeListHead(&Driver->DeviceList);
    return ObInsertObject(Driver, NULL, 0, 0, (PVOID *)DriverObject, NULL);
}

NTSTATUS IopCreateDevice(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Name, ULONG DeviceType, ULONG Characteristics,
        ULONG Flags, PDEVICE_OBJECT *DeviceObject)
{
    PDEVICE_OBJECT Device;
    NTSTATUS Status;

    if (Name != NULL)
        Status = IopCreateNamedObject(IoDeviceObjectType, Name, sizeof(*Device), (PVOID *)&Device);
    else
        Status = ObCreateObject(KernelMode, IoDeviceObjectType, NULL, KernelMode, NULL, sizeof(*Device), 0, 0,
                                (PVOID *)&Device);
    if (!NT_SUCCESS(Status))
        return Status;
    Device->DriverObject = DriverObject;
    ObReferenceObject(DriverObject);
    InsertTailList(&DriverObject->DeviceList, &Device->DriverLinks);
    InitializeListHead(&Device->FileList);
    Device->Flags = Flags;
    Device->DeviceType = DeviceType;
    Device->Characteristics = Characteristics;
    if (Name == NULL) {
        *DeviceObject = Device;
        return STATUS_SUCCESS;
    }
    return ObInsertObject(Device, NULL, 0, 0, (PVOID *)DeviceObject, NULL);
}

VOID IopDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    DeviceObject->DeletePending = TRUE;
    ObMakeTemporaryObject(DeviceObject);
    ObDereferenceObject(DeviceObject);
}

static NTSTATUS IopCreateType(PCWSTR Name, const OBJECT_TYPE_INITIALIZER *Initializer, POBJECT_TYPE *Type)
{
    UNICODE_STRING TypeName;
    OBJECT_TYPE_INITIALIZER Copy = *Initializer;

    RtlInitUnicodeString(&TypeName, Name);
    return ObCreateObjectType(&TypeName, &Copy, NULL, Type);
}

NTSTATUS IopInitializeTypes(VOID)
{
    static const OBJECT_TYPE_INITIALIZER DriverType = {
        .GenericMapping = { STANDARD_RIGHTS_READ, STANDARD_RIGHTS_WRITE, STANDARD_RIGHTS_EXECUTE, STANDARD_RIGHTS_ALL },
        .ValidAccessMask = STANDARD_RIGHTS_ALL,
        .WaitOffset = OB_NOT_WAITABLE,
        .DeleteProcedure = IopDeleteDriverObject,
    };
    OBJECT_TYPE_INITIALIZER DeviceType = IopDeviceTypeInitializer;
    NTSTATUS Status;

    DeviceType.DeleteProcedure = IopDeleteDeviceObject;
    Status = IopCreateType(L"Driver", &DriverType, &IoDriverObjectType);
    if (NT_SUCCESS(Status))
        Status = IopCreateType(L"Device", &DeviceType, &IoDeviceObjectType);
    if (NT_SUCCESS(Status))
        Status = IopCreateType(L"File", &IopFileTypeInitializer, &IoFileObjectType);
    if (NT_SUCCESS(Status))
        Status = IopCreateCompletionType();
    if (NT_SUCCESS(Status))
        Status = IopCreateWaitPacketType();
    if (NT_SUCCESS(Status))
        Status = IopCreateWorkerFactoryType();
    return Status;
}
