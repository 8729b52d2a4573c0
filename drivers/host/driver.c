/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drivers: loading an image, DriverEntry, AddDevice and IRP_MN_START_DEVICE for each instance; unloading.
 *
 * The start block names the image and the resources.  Each instance gets a physical device object of the host, with
 * its resources as a CM_RESOURCE_LIST (raw: as the start block says; translated: vector and IRQL for interrupts).
 * A driver that fails anywhere on the way is taken down again and its status goes to the executive.
 *
 * Entry points: HostStartDriver, HostStopDriver.  They wait as long as the driver does.
 */
#include "host.h"

#include <ntimage.h>

static PHOST_DRIVER HostDriverTable[DRIVER_MAX_DRIVERS]; /* started drivers, by index in the start block */

static NTSTATUS NTAPI HostInvalidRequest(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    Irp->IoStatus.Information = 0;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return STATUS_INVALID_DEVICE_REQUEST;
}

/* The bus driver's part of IRP_MJ_PNP, for the host's own physical device objects: everything succeeds. */
static NTSTATUS NTAPI HostPhysicalDevicePnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status = Irp->IoStatus.Status;

    if (Stack->MajorFunction == IRP_MJ_POWER || Stack->MinorFunction <= IRP_MN_CANCEL_STOP_DEVICE)
        Status = STATUS_SUCCESS;
    Irp->IoStatus.Status = Status;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

/* The driver object of the physical device objects: the root bus. */
static PDRIVER_OBJECT HostRootBus(VOID)
{
    static DRIVER_OBJECT RootBus;
    ULONG i;

    if (RootBus.Type == 0) {
        RootBus.Type = IO_TYPE_DRIVER;
        RootBus.Size = sizeof(RootBus);
        for (i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
            RootBus.MajorFunction[i] = HostInvalidRequest;
        RootBus.MajorFunction[IRP_MJ_PNP] = HostPhysicalDevicePnp;
        RootBus.MajorFunction[IRP_MJ_POWER] = HostPhysicalDevicePnp;
    }
    return &RootBus;
}

/* --- resources -------------------------------------------------------------------------------------------------- */

static VOID HostSetDescriptor(PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor, const volatile DRIVER_RESOURCE *Resource,
                              BOOLEAN IsTranslated)
{
    const volatile DRIVER_FRAMEBUFFER *Framebuffer = &HOST_START->Framebuffer;
    ULONG Line = (ULONG)Resource->Start;

    Descriptor->Type = Resource->Type; /* the same values as CmResourceTypeXxx */
    Descriptor->ShareDisposition = CmResourceShareDeviceExclusive;
    switch (Resource->Type) {
    case DRIVER_RESOURCE_PORT:
        Descriptor->Flags = CM_RESOURCE_PORT_IO;
        Descriptor->u.Port.Start.QuadPart = (LONGLONG)Resource->Start;
        Descriptor->u.Port.Length = (ULONG)Resource->Length;
        break;
    case DRIVER_RESOURCE_INTERRUPT:
        Descriptor->Flags = (Resource->Flags & DRIVER_RESOURCE_LEVEL) ? CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE :
                                                                       CM_RESOURCE_INTERRUPT_LATCHED;
        Descriptor->u.Interrupt.Level = IsTranslated ? (ULONG)(DISPATCH_LEVEL + 1 + (15 - Line % 16) / 2) : Line;
        Descriptor->u.Interrupt.Vector = IsTranslated ? HOST_VECTOR_BASE + Line : Line;
        Descriptor->u.Interrupt.Affinity = 1;
        break;
    default:
        Descriptor->Flags = CM_RESOURCE_MEMORY_READ_WRITE;
        Descriptor->u.Memory.Start.QuadPart = (LONGLONG)Resource->Start;
        Descriptor->u.Memory.Length = (ULONG)Resource->Length;
        if ((Resource->Flags & DRIVER_RESOURCE_FRAMEBUFFER) && Framebuffer->PhysicalAddress != 0) {
            Descriptor->u.Memory.Start.QuadPart = (LONGLONG)Framebuffer->PhysicalAddress;
            Descriptor->u.Memory.Length = Framebuffer->Pitch * Framebuffer->Height;
        }
        break;
    }
}

/* The framebuffer's geometry as a device specific descriptor behind its memory: three words Pitch, Width << 16 |
 * Height, BitsPerPixel << 24 | RedPosition << 16 | GreenPosition << 8 | BluePosition (CmResourceTypeDevicePrivate). */
static VOID HostSetFramebufferDescriptor(PCM_PARTIAL_RESOURCE_DESCRIPTOR Descriptor)
{
    const volatile DRIVER_FRAMEBUFFER *Framebuffer = &HOST_START->Framebuffer;

    Descriptor->Type = CmResourceTypeDevicePrivate;
    Descriptor->u.DevicePrivate.Data[0] = Framebuffer->Pitch;
    Descriptor->u.DevicePrivate.Data[1] = Framebuffer->Width << 16 | Framebuffer->Height;
    Descriptor->u.DevicePrivate.Data[2] = (ULONG)Framebuffer->BitsPerPixel << 24 |
                                          (ULONG)Framebuffer->RedPosition << 16 |
                                          (ULONG)Framebuffer->GreenPosition << 8 | Framebuffer->BluePosition;
}

/* The resource list of one instance; the caller frees it.  An instance without resources has a list without
 * descriptors. */
static PCM_RESOURCE_LIST HostBuildResources(ULONG DriverIndex, ULONG Instance, BOOLEAN IsTranslated)
{
    const volatile DRIVER_DESCRIPTOR *Driver = &HOST_START->Drivers[DriverIndex];
    SIZE_T Size = sizeof(CM_RESOURCE_LIST) + 2 * DRIVER_MAX_RESOURCES * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR);
    PCM_RESOURCE_LIST List = ExAllocatePoolWithTag(PagedPool, Size, HOST_TAG);
    PCM_PARTIAL_RESOURCE_LIST Partial;
    ULONG i;

    if (List == NULL)
        return NULL;
    RtlZeroMemory(List, Size);
    List->Count = 1;
    Partial = &List->List[0].PartialResourceList;
    Partial->Version = 1;
    Partial->Revision = 1;
    for (i = 0; i < Driver->ResourceCount && i < DRIVER_MAX_RESOURCES; i++) {
        if (Driver->Resources[i].Instance != Instance)
            continue;
        HostSetDescriptor(&Partial->PartialDescriptors[Partial->Count++], &Driver->Resources[i], IsTranslated);
        if (Driver->Resources[i].Type == DRIVER_RESOURCE_MEMORY &&
            (Driver->Resources[i].Flags & DRIVER_RESOURCE_FRAMEBUFFER) && HOST_START->Framebuffer.PhysicalAddress != 0)
            HostSetFramebufferDescriptor(&Partial->PartialDescriptors[Partial->Count++]);
    }
    return List;
}

/* --- PnP -------------------------------------------------------------------------------------------------------- */

static NTSTATUS NTAPI HostPnpDone(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
    KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

/* Sends one IRP_MJ_PNP down the stack of DeviceObject and waits for it. */
static NTSTATUS HostSendPnp(PDEVICE_OBJECT DeviceObject, UCHAR MinorFunction, PCM_RESOURCE_LIST Raw,
                            PCM_RESOURCE_LIST Translated)
{
    PDEVICE_OBJECT Top = IoGetAttachedDevice(DeviceObject);
    PIRP Irp = IoAllocateIrp(Top->StackSize, FALSE);
    PIO_STACK_LOCATION Stack;
    NTSTATUS Status;
    KEVENT Event;

    if (Irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    Irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    Stack = IoGetNextIrpStackLocation(Irp);
    Stack->MajorFunction = IRP_MJ_PNP;
    Stack->MinorFunction = MinorFunction;
    Stack->Parameters.StartDevice.AllocatedResources = Raw;
    Stack->Parameters.StartDevice.AllocatedResourcesTranslated = Translated;
    IoSetCompletionRoutine(Irp, HostPnpDone, &Event, TRUE, TRUE, TRUE);
    IofCallDriver(Top, Irp);
    KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
    Status = Irp->IoStatus.Status;
    IoFreeIrp(Irp);
    return Status;
}

/* AddDevice and IRP_MN_START_DEVICE for one instance. */
static NTSTATUS HostStartInstance(PHOST_DRIVER Driver, ULONG Instance)
{
    PCM_RESOURCE_LIST Raw = HostBuildResources(Driver->DriverIndex, Instance, FALSE);
    PCM_RESOURCE_LIST Translated = HostBuildResources(Driver->DriverIndex, Instance, TRUE);
    PDEVICE_OBJECT Physical = HostCreatePhysicalDevice(HostRootBus());
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    if (Raw == NULL || Translated == NULL || Physical == NULL)
        goto out;
    HOST_DEVICE_OF(Physical)->Driver = Driver;
    HOST_DEVICE_OF(Physical)->Instance = Instance;
    Status = Driver->Object.DriverExtension->AddDevice(&Driver->Object, Physical);
    if (!NT_SUCCESS(Status))
        goto out;
    Status = HostSendPnp(Physical, IRP_MN_START_DEVICE, Raw, Translated);
    if (!NT_SUCCESS(Status)) {
        HostSendPnp(Physical, IRP_MN_REMOVE_DEVICE, NULL, NULL);
        goto out;
    }
    Driver->Physical[Instance] = Physical;
    Physical = NULL;
out:
    if (Physical != NULL)
        HostDereferenceDevice(Physical);
    if (Raw != NULL)
        ExFreePoolWithTag(Raw, HOST_TAG);
    if (Translated != NULL)
        ExFreePoolWithTag(Translated, HOST_TAG);
    return Status;
}

/* --- loading ---------------------------------------------------------------------------------------------------- */

/* The DOS path (what the loader takes) of an NT path below \SystemRoot or \??\. */
static NTSTATUS HostDosPath(PCUNICODE_STRING NtPath, PUNICODE_STRING DosPath)
{
    static const UNICODE_STRING SystemRoot = RTL_CONSTANT_STRING(L"\\SystemRoot\\");
    static const UNICODE_STRING DosDevices = RTL_CONSTANT_STRING(L"\\??\\");
    UNICODE_STRING Tail = *NtPath;

    DosPath->Length = 0;
    if (RtlPrefixUnicodeString(&SystemRoot, NtPath, TRUE)) {
        RtlAppendUnicodeToString(DosPath, HOST_USER_SHARED_DATA->NtSystemRoot);
        Tail.Buffer += SystemRoot.Length / sizeof(WCHAR) - 1;
        Tail.Length -= SystemRoot.Length - sizeof(WCHAR);
    } else if (RtlPrefixUnicodeString(&DosDevices, NtPath, TRUE)) {
        Tail.Buffer += DosDevices.Length / sizeof(WCHAR);
        Tail.Length -= DosDevices.Length;
    }
    return RtlAppendUnicodeStringToString(DosPath, &Tail);
}

/* Maps the image and resolves its imports; the loader logs an import that does not exist, with its name. */
static NTSTATUS HostLoadImage(PCUNICODE_STRING NtPath, PVOID *Base)
{
    WCHAR Buffer[256];
    UNICODE_STRING DosPath = {0, sizeof(Buffer), Buffer};
    NTSTATUS Status = HostDosPath(NtPath, &DosPath);

    if (!NT_SUCCESS(Status))
        return Status;
    return LdrLoadDll(NULL, NULL, &DosPath, Base);
}

/* Name is the service's; the driver object is called \Driver\NAME and its key \Registry\Machine\...\Services\NAME. */
static NTSTATUS HostNameDriver(PHOST_DRIVER Driver, PCUNICODE_STRING Name)
{
    static const WCHAR DriverPrefix[] = L"\\Driver\\";
    static const WCHAR KeyPrefix[] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";
    PUNICODE_STRING DriverName = &Driver->Object.DriverName, KeyName = &Driver->RegistryPath;

    DriverName->MaximumLength = (USHORT)(sizeof(DriverPrefix) + Name->Length);
    KeyName->MaximumLength = (USHORT)(sizeof(KeyPrefix) + Name->Length);
    DriverName->Buffer = ExAllocatePoolWithTag(PagedPool, DriverName->MaximumLength, HOST_TAG);
    KeyName->Buffer = ExAllocatePoolWithTag(PagedPool, KeyName->MaximumLength, HOST_TAG);
    if (DriverName->Buffer == NULL || KeyName->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlAppendUnicodeToString(DriverName, DriverPrefix);
    RtlAppendUnicodeStringToString(DriverName, Name);
    RtlAppendUnicodeToString(KeyName, KeyPrefix);
    RtlAppendUnicodeStringToString(KeyName, Name);
    Driver->Extension.ServiceKeyName = *DriverName;
    Driver->Extension.ServiceKeyName.Buffer += RTL_NUMBER_OF(DriverPrefix) - 1;
    Driver->Extension.ServiceKeyName.Length = Name->Length;
    return STATUS_SUCCESS;
}

static VOID HostFreeDriver(PHOST_DRIVER Driver)
{
    if (Driver->Image != NULL)
        LdrUnloadDll(Driver->Image);
    if (Driver->Object.DriverName.Buffer != NULL)
        ExFreePoolWithTag(Driver->Object.DriverName.Buffer, HOST_TAG);
    if (Driver->RegistryPath.Buffer != NULL)
        ExFreePoolWithTag(Driver->RegistryPath.Buffer, HOST_TAG);
    ExFreePoolWithTag(Driver, HOST_TAG);
}

static PHOST_DRIVER HostAllocateDriver(ULONG DriverIndex)
{
    PHOST_DRIVER Driver = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Driver), HOST_TAG);
    ULONG i;

    if (Driver == NULL)
        return NULL;
    RtlZeroMemory(Driver, sizeof(*Driver));
    Driver->DriverIndex = DriverIndex;
    Driver->Object.Type = IO_TYPE_DRIVER;
    Driver->Object.Size = sizeof(DRIVER_OBJECT);
    Driver->Object.DriverExtension = &Driver->Extension;
    Driver->Extension.DriverObject = &Driver->Object;
    for (i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        Driver->Object.MajorFunction[i] = HostInvalidRequest;
    return Driver;
}

/* IRP_MN_REMOVE_DEVICE for every instance, then DriverUnload. */
static VOID HostTakeDown(PHOST_DRIVER Driver)
{
    ULONG i;

    for (i = 0; i < DRIVER_MAX_INSTANCES; i++) {
        if (Driver->Physical[i] == NULL)
            continue;
        HostSendPnp(Driver->Physical[i], IRP_MN_REMOVE_DEVICE, NULL, NULL);
        HostDereferenceDevice(Driver->Physical[i]);
    }
    if (Driver->Object.DriverUnload != NULL)
        Driver->Object.DriverUnload(&Driver->Object);
    HostFreeDriver(Driver);
}

/* DriverEntry and the driver's devices.  It counts as started if one of them starts, or if it needs none. */
static NTSTATUS HostRunDriver(PHOST_DRIVER Driver, ULONG InstanceCount)
{
    NTSTATUS Status = Driver->Object.DriverInit(&Driver->Object, &Driver->RegistryPath), InstanceStatus;
    PDEVICE_OBJECT DeviceObject;
    ULONG Instance;

    if (!NT_SUCCESS(Status)) {
        HostFreeDriver(Driver);
        return Status;
    }
    for (DeviceObject = Driver->Object.DeviceObject; DeviceObject != NULL; DeviceObject = DeviceObject->NextDevice)
        DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    if (Driver->Extension.AddDevice == NULL)
        InstanceCount = 0;
    if (InstanceCount != 0)
        Status = STATUS_NO_SUCH_DEVICE;
    for (Instance = 0; Instance < InstanceCount && Instance < DRIVER_MAX_INSTANCES; Instance++) {
        InstanceStatus = HostStartInstance(Driver, Instance);
        if (!NT_SUCCESS(Status))
            Status = InstanceStatus;
        if (!NT_SUCCESS(InstanceStatus))
            HostLog("driver host: %wZ: device %u does not start: status %x\n", &Driver->Object.DriverName, Instance,
                    InstanceStatus);
    }
    if (!NT_SUCCESS(Status)) {
        HostTakeDown(Driver);
        return Status;
    }
    HostDriverTable[Driver->DriverIndex] = Driver;
    return STATUS_SUCCESS;
}

NTSTATUS HostStartDriver(ULONG DriverIndex)
{
    HOST_START_DRIVER Start;
    UNICODE_STRING ServiceName, ImagePath;
    PIMAGE_NT_HEADERS64 Headers;
    PHOST_DRIVER Driver;
    NTSTATUS Status;

    if (DriverIndex >= HOST_START->DriverCount || HostDriverTable[DriverIndex] != NULL)
        return STATUS_INVALID_PARAMETER;
    Start = HOST_START->Drivers[DriverIndex];
    RtlInitUnicodeString(&ServiceName, Start.ServiceName);
    RtlInitUnicodeString(&ImagePath, Start.ImagePath);
    Driver = HostAllocateDriver(DriverIndex);
    if (Driver == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = HostNameDriver(Driver, &ServiceName);
    if (NT_SUCCESS(Status))
        Status = HostLoadImage(&ImagePath, &Driver->Image);
    if (!NT_SUCCESS(Status)) {
        HostLog("driver host: %wZ cannot be loaded: status %x\n", &ImagePath, Status);
        HostFreeDriver(Driver);
        return Status;
    }
    Headers = RtlImageNtHeader(Driver->Image);
    Driver->Object.DriverStart = Driver->Image;
    Driver->Object.DriverSize = Headers->OptionalHeader.SizeOfImage;
    Driver->Object.DriverInit = (PDRIVER_INITIALIZE)((PUCHAR)Driver->Image +
                                                     Headers->OptionalHeader.AddressOfEntryPoint);
    NtHostRegisterDriver(DriverIndex, Driver->Image, Driver->Object.DriverSize);
    return HostRunDriver(Driver, Start.InstanceCount);
}

/* Plug and Play drivers go with their devices only, as Microsoft's page on ZwUnloadDriver says. */
NTSTATUS HostQueryStopDriver(ULONG DriverIndex)
{
    PHOST_DRIVER Driver = DriverIndex < DRIVER_MAX_DRIVERS ? HostDriverTable[DriverIndex] : NULL;

    if (Driver == NULL)
        return STATUS_INVALID_PARAMETER;
    if (Driver->Object.DriverUnload == NULL || Driver->Extension.AddDevice != NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    return STATUS_SUCCESS;
}

NTSTATUS HostStopDriver(ULONG DriverIndex)
{
    NTSTATUS Status = HostQueryStopDriver(DriverIndex);
    PHOST_DRIVER Driver;

    if (!NT_SUCCESS(Status))
        return Status;
    Driver = HostDriverTable[DriverIndex];
    HostDriverTable[DriverIndex] = NULL;
    HostTakeDown(Driver);
    return STATUS_SUCCESS;
}
