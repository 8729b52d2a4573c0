/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What drivers ask about the system around them: their keys in the registry, counts of devices, the version, fatal
 * errors, and helpers that are not worth a file of their own.
 *
 * A fatal error of a driver ends its host, not the system: the executive restarts the host.
 */
#include "host.h"

VOID NTAPI KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR P1, ULONG_PTR P2, ULONG_PTR P3, ULONG_PTR P4)
{
    HostLog("driver host: bug check %x (%Ix, %Ix, %Ix, %Ix)\n", BugCheckCode, P1, P2, P3, P4);
    NtTerminateProcess(ZwCurrentProcess(), STATUS_UNSUCCESSFUL);
    for (;;)
        YieldProcessor();
}

VOID NTAPI KeBugCheck(ULONG BugCheckCode)
{
    KeBugCheckEx(BugCheckCode, 0, 0, 0, 0);
}

VOID NTAPI ExRaiseStatus(NTSTATUS Status)
{
    RtlRaiseStatus(Status);
}

PCONFIGURATION_INFORMATION NTAPI IoGetConfigurationInformation(VOID)
{
    static CONFIGURATION_INFORMATION Information = {.Version = sizeof(CONFIGURATION_INFORMATION)};

    return &Information;
}

BOOLEAN NTAPI IoIsWdmVersionAvailable(UCHAR MajorVersion, UCHAR MinorVersion)
{
    return MajorVersion < 6 || (MajorVersion == 6 && MinorVersion == 0);
}

/* The per-driver contexts of IoAllocateDriverObjectExtension. */
typedef struct _HOST_CLIENT_EXTENSION {
    LIST_ENTRY Link;
    PDRIVER_OBJECT DriverObject;
    PVOID Identification;
    ULONGLONG Data[]; /* 16-byte aligned by what is before it */
} HOST_CLIENT_EXTENSION;

static LIST_ENTRY HostClientExtensions = {&HostClientExtensions, &HostClientExtensions};

PVOID NTAPI IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress)
{
    HOST_CLIENT_EXTENSION *Extension;
    PLIST_ENTRY Entry;

    for (Entry = HostClientExtensions.Flink; Entry != &HostClientExtensions; Entry = Entry->Flink) {
        Extension = CONTAINING_RECORD(Entry, HOST_CLIENT_EXTENSION, Link);
        if (Extension->DriverObject == DriverObject && Extension->Identification == ClientIdentificationAddress)
            return Extension->Data;
    }
    return NULL;
}

NTSTATUS NTAPI IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject, PVOID ClientIdentificationAddress,
                                               ULONG DriverObjectExtensionSize, PVOID *DriverObjectExtension)
{
    HOST_CLIENT_EXTENSION *Extension;

    *DriverObjectExtension = NULL;
    if (IoGetDriverObjectExtension(DriverObject, ClientIdentificationAddress) != NULL)
        return STATUS_OBJECT_NAME_COLLISION;
    Extension = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Extension) + DriverObjectExtensionSize, HOST_TAG);
    if (Extension == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Extension, sizeof(*Extension) + DriverObjectExtensionSize);
    Extension->DriverObject = DriverObject;
    Extension->Identification = ClientIdentificationAddress;
    InsertTailList(&HostClientExtensions, &Extension->Link);
    *DriverObjectExtension = Extension->Data;
    return STATUS_SUCCESS;
}

/* --- registry --------------------------------------------------------------------------------------------------- */

static NTSTATUS HostOpenSubkey(HANDLE Root, PUNICODE_STRING Name, ACCESS_MASK DesiredAccess, PHANDLE Key)
{
    OBJECT_ATTRIBUTES Attributes;

    InitializeObjectAttributes(&Attributes, Name, OBJ_CASE_INSENSITIVE, Root, NULL);
    return ZwOpenKey(Key, DesiredAccess, &Attributes);
}

/* Opens the key with the values of one root-enumerated device: ...\Services\NAME\Parameters\DeviceN if there is one,
 * else
 * ...\Services\NAME\Parameters.  DIFFERS: Windows keeps them below \Registry\Machine\System\CurrentControlSet\Enum. */
NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT DeviceObject, ULONG DevInstKeyType, ACCESS_MASK DesiredAccess,
                                       PHANDLE DeviceRegKey)
{
    PHOST_DEVICE Device = HOST_DEVICE_OF(DeviceObject);
    WCHAR DeviceBuffer[] = L"DeviceN";
    UNICODE_STRING Parameters = RTL_CONSTANT_STRING(L"Parameters"), DeviceName;
    HANDLE ServiceKey, ParametersKey;
    NTSTATUS Status;

    *DeviceRegKey = NULL;
    if (Device->Driver == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    Status = HostOpenSubkey(NULL, &Device->Driver->RegistryPath, KEY_READ, &ServiceKey);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = HostOpenSubkey(ServiceKey, &Parameters, DesiredAccess, &ParametersKey);
    ZwClose(ServiceKey);
    if (!NT_SUCCESS(Status))
        return Status;
    DeviceBuffer[6] = (WCHAR)(L'0' + Device->Instance);
    RtlInitUnicodeString(&DeviceName, DeviceBuffer);
    if (NT_SUCCESS(HostOpenSubkey(ParametersKey, &DeviceName, DesiredAccess, DeviceRegKey)))
        ZwClose(ParametersKey);
    else
        *DeviceRegKey = ParametersKey;
    return STATUS_SUCCESS;
}
