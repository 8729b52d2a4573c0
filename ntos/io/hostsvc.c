/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The synchronous services of driver hosts (abi/hostservices.def has the contracts).  ke calls them only for threads of
 * hosts; IopCurrentHost finds whose.  All arguments come from outside and are checked.  Nothing here waits.
 */
#include "ntos/io/hostp.h"

#define HOST_NAME_LIMIT 0x200           /* bytes of a device's or link's name */

NTSTATUS NTAPI NtHostReady(ULONG AbiVersion)
{
    PHOST Host = IopCurrentHost();

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    return AbiVersion == DRIVER_ABI_VERSION ? IopHostReady(Host) : STATUS_REVISION_MISMATCH;
}

NTSTATUS NTAPI NtHostRegisterDriver(ULONG DriverIndex, PVOID ImageBase, ULONG ImageSize)
{
    PHOST Host = IopCurrentHost();

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    if (DriverIndex >= Host->DriverCount)
        return STATUS_INVALID_PARAMETER;
    Host->Drivers[DriverIndex].ImageBase = ImageBase;
    Host->Drivers[DriverIndex].ImageSize = ImageSize;
    return STATUS_SUCCESS;
}

/* An absolute name, captured. */
static NTSTATUS IopCaptureHostName(PUNICODE_STRING UserName, PUNICODE_STRING Name)
{
    NTSTATUS Status = MmCaptureUnicodeString(UserName, Name);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Name->Length < 2 * sizeof(WCHAR) || Name->Length > HOST_NAME_LIMIT || Name->Buffer[0] != '\\') {
        MmReleaseUnicodeString(Name);
        return STATUS_OBJECT_NAME_INVALID;
    }
    return STATUS_SUCCESS;
}

static PHOST_DEVICE IopFindDevice(PHOST Host, PCUNICODE_STRING Name, ULONG DriverIndex)
{
    for (ULONG i = 0; i < HOST_MAX_DEVICES; i++) {
        PHOST_DEVICE Device = &Host->Devices[i];

        if (Device->InUse && Device->DeviceObject != NULL && Device->DriverIndex == DriverIndex &&
            RtlEqualUnicodeString(&Device->Name, Name, TRUE))
            return Device;
    }
    return NULL;
}

/* A free place; places of nameless devices of an earlier life are free. */
static PHOST_DEVICE IopNewDevice(PHOST Host)
{
    for (ULONG i = 0; i < HOST_MAX_DEVICES; i++) {
        PHOST_DEVICE Device = &Host->Devices[i];

        if (Device->InUse && (Device->Bound || Device->DeviceObject != NULL))
            continue;
        memset(Device, 0, sizeof(*Device));
        Device->Host = Host;
        Device->Id = i + 1;
        return Device;
    }
    return NULL;
}

static ULONG IopDeviceFlags(ULONG DeviceType, ULONG Flags)
{
    ULONG Result = Flags & DO_EXCLUSIVE;

    switch (DeviceType) {
    case FILE_DEVICE_SERIAL_PORT:
    case FILE_DEVICE_PARALLEL_PORT:
    case FILE_DEVICE_KEYBOARD:
    case FILE_DEVICE_MOUSE:
    case FILE_DEVICE_NULL:
    case FILE_DEVICE_CONSOLE:
        Result |= DO_BYTE_STREAM;
    }
    return Result;
}

static NTSTATUS IopBindDevice(PHOST Host, ULONG DriverIndex, PUNICODE_STRING Name, ULONG DeviceType,
        ULONG Characteristics, ULONG Flags, PHOST_DEVICE *Result)
{
    PHOST_DEVICE Device = Name->Length != 0 ? IopFindDevice(Host, Name, DriverIndex) : NULL;
    NTSTATUS Status;

    if (Device != NULL) {
        if (Device->Bound)
            return STATUS_OBJECT_NAME_COLLISION;
        Device->Bound = TRUE;
        *Result = Device;
        return STATUS_SUCCESS;
    }
    Device = IopNewDevice(Host);
    if (Device == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Name->Length != 0) {
        Status = IopCreateDevice(Host->Drivers[DriverIndex].DriverObject, Name, DeviceType, Characteristics,
                                 IopDeviceFlags(DeviceType, Flags), &Device->DeviceObject);
        if (!NT_SUCCESS(Status))
            return Status;
        Device->DeviceObject->DeviceExtension = Device;
    }
    Device->Name = *Name;               /* commit: the captured buffer is the device's */
    Name->Buffer = NULL;
    Device->DriverIndex = DriverIndex;
    Device->InUse = Device->Bound = TRUE;
    *Result = Device;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtHostCreateDevice(ULONG DriverIndex, PUNICODE_STRING DeviceName, ULONG DeviceType,
        ULONG Characteristics, ULONG Flags, PULONG DeviceId)
{
    PHOST Host = IopCurrentHost();
    UNICODE_STRING Name = { 0, 0, NULL };
    PHOST_DEVICE Device;
    NTSTATUS Status;

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    if (DriverIndex >= Host->DriverCount || Host->Drivers[DriverIndex].DriverObject == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(DeviceId, sizeof(*DeviceId), 1);
    if (NT_SUCCESS(Status) && DeviceName != NULL)
        Status = IopCaptureHostName(DeviceName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopBindDevice(Host, DriverIndex, &Name, DeviceType, Characteristics, Flags, &Device);
    if (Name.Buffer != NULL)
        MmReleaseUnicodeString(&Name);
    return NT_SUCCESS(Status) ? MmPutUser(DeviceId, Device->Id) : Status;
}

VOID IopForgetDevice(PHOST_DEVICE Device)
{
    Device->Bound = FALSE;
    if (Device->DeviceObject == NULL) {
        Device->InUse = FALSE;
        return;
    }
    /* A device with open files keeps its place, so that they find their host; the name is free. */
    ObMakeTemporaryObject(Device->DeviceObject);
    Device->DeviceObject->DeletePending = TRUE;
    if (Device->DeviceObject->OpenCount == 0) {
        IopDeleteDevice(Device->DeviceObject);
        MmReleaseUnicodeString(&Device->Name);
        memset(Device, 0, sizeof(*Device));
    } else {
        Device->Name.Length = 0;
    }
}

NTSTATUS NTAPI NtHostDeleteDevice(ULONG DeviceId)
{
    PHOST Host = IopCurrentHost();

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    if (DeviceId == 0 || DeviceId > HOST_MAX_DEVICES || !Host->Devices[DeviceId - 1].Bound)
        return STATUS_INVALID_PARAMETER;
    IopForgetDevice(&Host->Devices[DeviceId - 1]);
    return STATUS_SUCCESS;
}

static HOST_LINK *IopFindLink(PHOST Host, PCUNICODE_STRING Name)
{
    for (ULONG i = 0; i < HOST_MAX_LINKS; i++) {
        if (Host->Links[i].Name.Buffer != NULL && RtlEqualUnicodeString(&Host->Links[i].Name, Name, TRUE))
            return &Host->Links[i];
    }
    return NULL;
}

static NTSTATUS IopMakeLink(PHOST Host, PUNICODE_STRING Name, PUNICODE_STRING Target)
{
    HOST_LINK *Link = IopFindLink(Host, Name);
    NTSTATUS Status;

    if (Link != NULL)
        return RtlEqualUnicodeString(&Link->Target, Target, TRUE) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_COLLISION;
    for (ULONG i = 0; i < HOST_MAX_LINKS && Link == NULL; i++) {
        if (Host->Links[i].Name.Buffer == NULL)
            Link = &Host->Links[i];
    }
    if (Link == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = ObCreatePermanentSymbolicLink(Name->Buffer, Target->Buffer);
    if (!NT_SUCCESS(Status))
        return Status;
    Link->Name = *Name;
    Link->Target = *Target;
    Name->Buffer = Target->Buffer = NULL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtHostCreateSymbolicLink(PUNICODE_STRING SymbolicLinkName, PUNICODE_STRING DeviceName)
{
    PHOST Host = IopCurrentHost();
    UNICODE_STRING Name = { 0, 0, NULL };
    UNICODE_STRING Target = { 0, 0, NULL };
    NTSTATUS Status;

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    Status = IopCaptureHostName(SymbolicLinkName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopCaptureHostName(DeviceName, &Target);
    if (NT_SUCCESS(Status)) {
        Status = IopMakeLink(Host, &Name, &Target);
        if (Target.Buffer != NULL)
            MmReleaseUnicodeString(&Target);
    }
    if (Name.Buffer != NULL)
        MmReleaseUnicodeString(&Name);
    return Status;
}

static VOID IopDeleteLink(HOST_LINK *Link)
{
    PVOID Object;

    if (NT_SUCCESS(ObReferenceObjectByName(&Link->Name, OBJ_CASE_INSENSITIVE | OBJ_OPENLINK, NULL, 0,
                                           ObpSymbolicLinkObjectType, KernelMode, NULL, &Object))) {
        ObMakeTemporaryObject(Object);
        ObDereferenceObject(Object);
    }
    MmReleaseUnicodeString(&Link->Name);
    MmReleaseUnicodeString(&Link->Target);
    memset(Link, 0, sizeof(*Link));
}

VOID IopForgetLinks(PHOST Host)
{
    for (ULONG i = 0; i < HOST_MAX_LINKS; i++) {
        if (Host->Links[i].Name.Buffer != NULL)
            IopDeleteLink(&Host->Links[i]);
    }
}

NTSTATUS NTAPI NtHostDeleteSymbolicLink(PUNICODE_STRING SymbolicLinkName)
{
    PHOST Host = IopCurrentHost();
    UNICODE_STRING Name;
    HOST_LINK *Link;
    NTSTATUS Status;

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    Status = IopCaptureHostName(SymbolicLinkName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Link = IopFindLink(Host, &Name);
    MmReleaseUnicodeString(&Name);
    if (Link == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    IopDeleteLink(Link);
    return STATUS_SUCCESS;
}

/* Does the range lie inside one memory resource of the host? */
static BOOLEAN IopHostOwnsMemory(PHOST Host, ULONG64 First, SIZE_T Length)
{
    const HOST_RANGE *Range;

    for (ULONG i = 0; i < Host->RangeCount; i++) {
        Range = &Host->Ranges[i];
        if (First >= Range->Start && First - Range->Start < Range->Length &&
            Length <= Range->Length - (First - Range->Start))
            return TRUE;
    }
    return FALSE;
}

NTSTATUS NTAPI NtHostMapDeviceMemory(ULONGLONG PhysicalAddress, SIZE_T Length, ULONG CacheType, PVOID *BaseAddress)
{
    PHOST Host = IopCurrentHost();
    ULONG64 Page = PhysicalAddress & ~(ULONG64)(PAGE_SIZE - 1);
    SIZE_T Size = (PhysicalAddress - Page + Length + PAGE_SIZE - 1) & ~(SIZE_T)(PAGE_SIZE - 1);
    NTSTATUS Status;
    PVOID Base;

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    if (Length == 0 || CacheType > MmWriteCombined)
        return STATUS_INVALID_PARAMETER;
    if (!IopHostOwnsMemory(Host, PhysicalAddress, Length))
        return STATUS_ACCESS_DENIED;
    Status = MmProbeForWrite(BaseAddress, sizeof(PVOID), 1);
    if (NT_SUCCESS(Status))
        Status = MmMapDeviceMemory(&Host->Process->Vm, Page, Size, CacheType, &Base);
    if (!NT_SUCCESS(Status))
        return Status;
    return MmPutUser(BaseAddress, (PVOID)((PUCHAR)Base + (PhysicalAddress - Page)));
}

NTSTATUS NTAPI NtHostUnmapDeviceMemory(PVOID BaseAddress, SIZE_T Length)
{
    PHOST Host = IopCurrentHost();

    if (Host == NULL)
        return STATUS_ACCESS_DENIED;
    return MmUnmapViewOfSection(&Host->Process->Vm, (PVOID)((ULONG_PTR)BaseAddress & ~(ULONG_PTR)(PAGE_SIZE - 1)));
}
