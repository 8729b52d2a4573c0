/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Devices whose driver lives in a driver host: the dispatch routines that turn an IRP into a ring entry, and the open
 * files.
 *
 * A file has a number (FileId), its index in HOST.Files, from the create until the host has answered the close.  A
 * cleanup that finds the host down is not needed: the host's next life does not hear of files that were closed.
 */
#include "ntos/io/hostp.h"

static PHOST_DEVICE IopHostDevice(PDEVICE_OBJECT DeviceObject)
{
    return DeviceObject->DeviceExtension;
}

static ULONG64 IopRequestorId(VOID)
{
    return (ULONG64)(ULONG_PTR)PsGetCurrentProcessId();
}

VOID IopFreeHostFile(PHOST_FILE File)
{
    PHOST Host = File->Host;

    if (File->FileId != 0 && File->Host->Files[File->FileId] == File)
        File->Host->Files[File->FileId] = NULL;
    if (File->CleanupRequest != NULL)
        ExFreePool(File->CleanupRequest);
    if (File->CloseRequest != NULL)
        ExFreePool(File->CloseRequest);
    ExFreePool(File);
    IopCheckUnloads(Host);
}

static NTSTATUS IopMakeHostFile(PHOST_DEVICE Device, PFILE_OBJECT FileObject, PHOST_FILE *Result)
{
    PHOST Host = Device->Host;
    PHOST_FILE File;
    ULONG Id = 1;

    while (Id < HOST_MAX_FILES && Host->Files[Id] != NULL)
        Id++;
    if (Id == HOST_MAX_FILES)
        return STATUS_INSUFFICIENT_RESOURCES;
    File = ExAllocatePoolZero(NonPagedPool, sizeof(*File), IO_TAG_HOST);
    if (File == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    File->Host = Host;
    File->CleanupRequest = ExAllocatePoolZero(NonPagedPool, sizeof(HOST_REQUEST), IO_TAG_HOST);
    File->CloseRequest = ExAllocatePoolZero(NonPagedPool, sizeof(HOST_REQUEST), IO_TAG_HOST);
    if (File->CleanupRequest == NULL || File->CloseRequest == NULL) {
        IopFreeHostFile(File);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    File->Device = Device;
    File->File = FileObject;
    File->FileId = Id;
    Host->Files[Id] = File;
    FileObject->FsContext = File;
    *Result = File;
    return STATUS_SUCCESS;
}

static DRIVER_REQUEST IopCreateEntry(PHOST_FILE File, ULONG Disposition, ULONG FileAttributes)
{
    PFILE_OBJECT FileObject = File->File;
    DRIVER_REQUEST Entry = {
        .Operation = IRP_MJ_CREATE, .DeviceId = File->Device->Id, .FileId = File->FileId,
        .Parameter1 = (FileObject->CreateOptions & 0xffffff) | Disposition << 24,
        .Parameter2 = FileObject->DesiredAccess | (ULONG64)(FileObject->ShareAccess & 0xffff) << 32 |
                      (ULONG64)(FileAttributes & 0xffff) << 48,
        .Parameter3 = IopRequestorId(),
    };

    return Entry;
}

/* The host's answer to a create. */
static VOID IopCreateDone(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status)
{
    PHOST_FILE File = Request->File;

    if (!NT_SUCCESS(Status)) {
        Request->Irp->FileObject->FsContext = NULL;
        IopFreeHostFile(File);
        return;
    }
    File->Known = File->Opened = TRUE;
    /* Whoever opened it has gone meanwhile: the file object's end must close it. */
    if (!Request->Irp->Synchronous)
        Request->Irp->FileObject->Flags |= FO_OPENED;
}

static NTSTATUS IopHostCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PHOST_DEVICE Device = IopHostDevice(DeviceObject);
    POPEN_PACKET Packet = Irp->Parameters.Create.Packet;
    PFILE_OBJECT FileObject = Irp->FileObject;
    DRIVER_REQUEST Entry;
    PHOST_FILE File;
    NTSTATUS Status;

    Irp->IoStatus.Information = 0;
    if ((Device->Host->State == HostRunning && !Device->Bound) || Device->Host->Drivers[Device->DriverIndex].Unloading)
        return Irp->IoStatus.Status = STATUS_NO_SUCH_DEVICE;
    Status = IopMakeHostFile(Device, FileObject, &File);
    if (!NT_SUCCESS(Status))
        return Irp->IoStatus.Status = Status;
    Entry = IopCreateEntry(File, Packet->Disposition, Packet->FileAttributes);
    if (FileObject->FileName.Length != 0) {
        Irp->SystemBuffer = ExAllocatePoolWithTag(NonPagedPool, FileObject->FileName.Length, IO_TAG_BUFFER);
        if (Irp->SystemBuffer != NULL)
            memcpy(Irp->SystemBuffer, FileObject->FileName.Buffer, FileObject->FileName.Length);
    }
    Irp->InputLength = FileObject->FileName.Length;
    Status = Irp->SystemBuffer != NULL || Irp->InputLength == 0 ? IopSendIrp(Device->Host, File, Irp, &Entry) :
             STATUS_INSUFFICIENT_RESOURCES;
    if (Status != STATUS_PENDING) {
        FileObject->FsContext = NULL;
        IopFreeHostFile(File);
        return Irp->IoStatus.Status = Status;
    }
    ((PHOST_REQUEST)Irp->DriverContext[0])->Done = IopCreateDone;
    return STATUS_PENDING;
}

static NTSTATUS IopHostCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PHOST_FILE File = IopHostFile(Irp->FileObject);
    DRIVER_REQUEST Entry = {
        .Operation = IRP_MJ_CLEANUP, .DeviceId = File->Device->Id, .FileId = File->FileId,
        .Parameter3 = IopRequestorId(),
    };

    File->CleanedUp = TRUE;
    Irp->IoStatus.Information = 0;
    if (!File->Known)
        return Irp->IoStatus.Status = STATUS_SUCCESS;
    return Irp->IoStatus.Status = IopSendIrp(File->Host, File, Irp, &Entry);
}

static VOID IopCloseDone(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status)
{
    IopFreeHostFile(Request->File);
}

VOID IopCloseHostFile(PHOST_FILE File)
{
    DRIVER_REQUEST Entry = { .Operation = IRP_MJ_CLOSE, .DeviceId = File->Device->Id, .FileId = File->FileId };

    if (File->Reopening)
        return;                         /* IopReopenDone comes back here */
    if (!File->Known)
        IopFreeHostFile(File);
    else if (!NT_SUCCESS(IopSendOwn(File->Host, &Entry, File, NULL, 0, IopCloseDone)))
        LogPrint("io: no memory to close a file of a driver");
}

/* Runs inside the file object's deletion: no IRP remains of it. */
static NTSTATUS IopHostClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PHOST_FILE File = IopHostFile(Irp->FileObject);

    if (File != NULL) {
        File->File = NULL;
        IopCloseHostFile(File);
    }
    return STATUS_SUCCESS;
}

/* Requests that carry the caller's buffers as the IRP has them. */
static NTSTATUS IopHostForward(PIRP Irp, DRIVER_REQUEST *Entry)
{
    PHOST_FILE File = IopHostFile(Irp->FileObject);

    Irp->IoStatus.Information = 0;
    if (File->CleanedUp)
        return Irp->IoStatus.Status = STATUS_FILE_CLOSED;
    if (File->Host->State == HostRunning && !File->Known)
        return Irp->IoStatus.Status = STATUS_DEVICE_NOT_CONNECTED;
    Entry->Operation = Irp->MajorFunction;
    Entry->MinorFunction = Irp->MinorFunction;
    Entry->DeviceId = File->Device->Id;
    Entry->FileId = File->FileId;
    Entry->Parameter3 = IopRequestorId();
    return Irp->IoStatus.Status = IopSendIrp(File->Host, File, Irp, Entry);
}

static NTSTATUS IopHostTransfer(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DRIVER_REQUEST Entry = {
        .Parameter1 = Irp->Parameters.Transfer.Key, .Parameter2 = Irp->Parameters.Transfer.ByteOffset.QuadPart,
    };

    return IopHostForward(Irp, &Entry);
}

static NTSTATUS IopHostControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DRIVER_REQUEST Entry = { .Parameter1 = Irp->Parameters.Control.Code };

    if ((Irp->Parameters.Control.Code & 3) == METHOD_NEITHER) {
        Irp->IoStatus.Information = 0;
        return Irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    }
    return IopHostForward(Irp, &Entry);
}

static NTSTATUS IopHostInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DRIVER_REQUEST Entry = { .Parameter1 = Irp->Parameters.Information.Class };

    return IopHostForward(Irp, &Entry);
}

static NTSTATUS IopHostFlush(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    DRIVER_REQUEST Entry = { 0 };

    return IopHostForward(Irp, &Entry);
}

const PDRIVER_DISPATCH IopHostDispatch[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = IopHostCreate,
    [IRP_MJ_CLEANUP] = IopHostCleanup,
    [IRP_MJ_CLOSE] = IopHostClose,
    [IRP_MJ_READ] = IopHostTransfer,
    [IRP_MJ_WRITE] = IopHostTransfer,
    [IRP_MJ_DEVICE_CONTROL] = IopHostControl,
    [IRP_MJ_FLUSH_BUFFERS] = IopHostFlush,
    [IRP_MJ_QUERY_INFORMATION] = IopHostInformation,
    [IRP_MJ_SET_INFORMATION] = IopHostInformation,
};

VOID IopReopenFiles(PHOST Host, HOST_REQUEST_DONE Done)
{
    for (ULONG Id = 1; Id < HOST_MAX_FILES; Id++) {
        PHOST_FILE File = Host->Files[Id];
        DRIVER_REQUEST Entry;

        if (File == NULL || !File->Opened || File->Known || File->CleanedUp || File->File == NULL ||
            !File->Device->Bound)
            continue;
        Entry = IopCreateEntry(File, FILE_OPEN, 0);
        Host->LoadPending++;
        File->Reopening = TRUE;
        if (!NT_SUCCESS(IopSendOwn(Host, &Entry, File, File->File->FileName.Buffer, File->File->FileName.Length,
                                   Done))) {
            Host->LoadPending--;
            File->Reopening = FALSE;
        }
    }
}

VOID IopForgetFiles(PHOST Host)
{
    for (ULONG Id = 1; Id < HOST_MAX_FILES; Id++) {
        if (Host->Files[Id] != NULL)
            Host->Files[Id]->Known = FALSE;
    }
}

VOID IopFreeClosedFiles(PHOST Host)
{
    for (ULONG Id = 1; Id < HOST_MAX_FILES; Id++) {
        PHOST_FILE File = Host->Files[Id];

        if (File == NULL)
            continue;
        File->Reopening = FALSE;
        if (File->File == NULL)
            IopFreeHostFile(File);
    }
}
