/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * null.sys: \Device\Null, the file that swallows everything (\??\NUL).
 *
 * Writes succeed in full, reads find the end of the file, queries see an empty file.  There is no hardware and no
 * state: every request completes where it arrives.  The shortest driver of the system: a model for new ones.
 */
#include <ntddk.h>

DRIVER_INITIALIZE DriverEntry;
static DRIVER_DISPATCH NullOpenClose, NullReadWrite, NullQueryInformation;
static DRIVER_UNLOAD NullUnload;

static NTSTATUS NullComplete(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

static NTSTATUS NTAPI NullOpenClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return NullComplete(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI NullReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);

    if (Stack->MajorFunction == IRP_MJ_READ)
        return NullComplete(Irp, STATUS_END_OF_FILE, 0);
    return NullComplete(Irp, STATUS_SUCCESS, Stack->Parameters.Write.Length);
}

static NTSTATUS NTAPI NullQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    ULONG Length;

    switch (Stack->Parameters.QueryFile.FileInformationClass) {
    case FileStandardInformation:
        Length = sizeof(FILE_STANDARD_INFORMATION);
        break;
    case FilePositionInformation:
        Length = sizeof(FILE_POSITION_INFORMATION);
        break;
    default:
        return NullComplete(Irp, STATUS_INVALID_INFO_CLASS, 0);
    }
    if (Stack->Parameters.QueryFile.Length < Length)
        return NullComplete(Irp, STATUS_INFO_LENGTH_MISMATCH, 0);
    RtlZeroMemory(Irp->AssociatedIrp.SystemBuffer, Length);
    return NullComplete(Irp, STATUS_SUCCESS, Length);
}

static VOID NTAPI NullUnload(PDRIVER_OBJECT DriverObject)
{
    UNICODE_STRING Link = RTL_CONSTANT_STRING(L"\\??\\NUL");

    IoDeleteSymbolicLink(&Link);
    IoDeleteDevice(DriverObject->DeviceObject);
}

NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\Device\\Null"), Link = RTL_CONSTANT_STRING(L"\\??\\NUL");
    PDEVICE_OBJECT DeviceObject;
    NTSTATUS Status;

    Status = IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_NULL, 0, FALSE, &DeviceObject);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoCreateSymbolicLink(&Link, &Name);
    if (!NT_SUCCESS(Status)) {
        IoDeleteDevice(DeviceObject);
        return Status;
    }
    /* Neither DO_BUFFERED_IO nor DO_DIRECT_IO: nobody looks at the data. */
    DeviceObject->Flags &= ~DO_DEVICE_INITIALIZING;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = NullOpenClose;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = NullOpenClose;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = NullOpenClose;
    DriverObject->MajorFunction[IRP_MJ_READ] = NullReadWrite;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = NullReadWrite;
    DriverObject->MajorFunction[IRP_MJ_QUERY_INFORMATION] = NullQueryInformation;
    DriverObject->DriverUnload = NullUnload;
    return STATUS_SUCCESS;
}
