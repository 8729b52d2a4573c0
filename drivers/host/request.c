/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of the executive: the two rings, file objects, and the way from a ring entry to an IRP and back.
 *
 * Owns HostRequests (every entry taken from the ring and not yet answered) and the table of open files by FileId.
 * Each entry is answered exactly once, by HostAnswer.  The host trusts ntos, so entries are not checked for malice.
 * Data stays in the shared region: a system buffer or an MDL points straight into it.
 *
 * Entry points: HostDrainSubmissions (dispatcher only), HostCompleteRequest.  Nothing here waits.
 */
#include "host.h"

typedef struct _HOST_FILE {
    FILE_OBJECT Object; /* must be first */
    IO_SECURITY_CONTEXT SecurityContext;
    WCHAR Name[];       /* what follows the device's name; Object.FileName points here */
} HOST_FILE, *PHOST_FILE;

#define HOST_CACHED_STACK 3     /* stack locations of a cached request */
#define HOST_CACHED_REQUESTS 16 /* at most so many are kept */

static SINGLE_LIST_ENTRY HostFreeRequests; /* through HOST_REQUEST.Link.Flink */
static ULONG HostFreeRequestCount;
static LIST_ENTRY HostRequests = {&HostRequests, &HostRequests};
static PHOST_FILE *HostFiles; /* by FileId */
static ULONG HostFileLimit;   /* entries of HostFiles */

/* Puts a completion into the ring and rings if ntos sleeps. */
static VOID HostAnswer(ULONGLONG RequestId, NTSTATUS Status, ULONGLONG Information)
{
    DRIVER_RINGS *Rings = HOST_RINGS;
    uint32_t Tail = Rings->CompletionTail;
    DRIVER_COMPLETION *Completion = &Rings->Completion[Tail & (DRIVER_RING_ENTRIES - 1)];

    Completion->RequestId = RequestId;
    Completion->Status = Status == STATUS_PENDING ? STATUS_INTERNAL_ERROR : Status;
    Completion->Information = Information;
    __atomic_store_n(&Rings->CompletionTail, Tail + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_exchange_n(&Rings->ExecutiveSleeping, 0, __ATOMIC_SEQ_CST) == 1)
        seL4_Signal(DRIVER_SLOT_DOORBELL);
}

/* --- files ------------------------------------------------------------------------------------------------------ */

static PHOST_FILE HostFileById(ULONG FileId)
{
    return FileId < HostFileLimit ? HostFiles[FileId] : NULL;
}

static BOOLEAN HostSetFile(ULONG FileId, PHOST_FILE File)
{
    ULONG Limit = max(FileId + 1, HostFileLimit * 2);
    PHOST_FILE *Table;

    if (FileId >= HostFileLimit) {
        Table = ExAllocatePoolWithTag(NonPagedPool, Limit * sizeof(*Table), HOST_TAG);
        if (Table == NULL)
            return FALSE;
        RtlZeroMemory(Table, Limit * sizeof(*Table));
        if (HostFiles != NULL) {
            RtlCopyMemory(Table, HostFiles, HostFileLimit * sizeof(*Table));
            ExFreePoolWithTag(HostFiles, HOST_TAG);
        }
        HostFiles = Table;
        HostFileLimit = Limit;
    }
    HostFiles[FileId] = File;
    return TRUE;
}

static VOID HostFreeFile(ULONG FileId)
{
    PHOST_FILE File = HostFileById(FileId);

    if (File == NULL)
        return;
    HostFiles[FileId] = NULL;
    ObDereferenceObject(File->Object.DeviceObject);
    ExFreePoolWithTag(File, HOST_TAG);
}

static PHOST_FILE HostCreateFile(const DRIVER_REQUEST *Entry, PDEVICE_OBJECT DeviceObject)
{
    PHOST_FILE File = ExAllocatePoolWithTag(NonPagedPool, sizeof(*File) + Entry->InputLength + sizeof(WCHAR), HOST_TAG);
    ACCESS_MASK Access = (ACCESS_MASK)Entry->Parameter2;

    if (File == NULL)
        return NULL;
    RtlZeroMemory(File, sizeof(*File) + Entry->InputLength + sizeof(WCHAR));
    if (!HostSetFile(Entry->FileId, File)) {
        ExFreePoolWithTag(File, HOST_TAG);
        return NULL;
    }
    RtlCopyMemory(File->Name, (PUCHAR)DRIVER_REGION_ADDRESS + Entry->InputOffset, Entry->InputLength);
    File->Object.Type = IO_TYPE_FILE;
    File->Object.Size = sizeof(FILE_OBJECT);
    File->Object.DeviceObject = DeviceObject;
    ObReferenceObject(DeviceObject);
    File->Object.FileName.Buffer = File->Name;
    File->Object.FileName.Length = (USHORT)Entry->InputLength;
    File->Object.FileName.MaximumLength = (USHORT)(Entry->InputLength + sizeof(WCHAR));
    File->Object.ReadAccess = (Access & FILE_READ_DATA) != 0;
    File->Object.WriteAccess = (Access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    KeInitializeEvent(&File->Object.Lock, SynchronizationEvent, FALSE);
    KeInitializeEvent(&File->Object.Event, NotificationEvent, FALSE);
    File->SecurityContext.DesiredAccess = Access;
    File->SecurityContext.FullCreateOptions = Entry->Parameter1 & 0xffffff;
    return File;
}

/* --- from the ring to an IRP ------------------------------------------------------------------------------------ */

static PVOID HostData(ULONG Offset, ULONG Length)
{
    return Length == 0 ? NULL : (PUCHAR)DRIVER_REGION_ADDRESS + Offset;
}

/* Gives the IRP its buffer in the way that the device asked for (IRP_MJ_READ and IRP_MJ_WRITE). */
static NTSTATUS HostSetTransferBuffer(PIRP Irp, PDEVICE_OBJECT DeviceObject, PVOID Buffer, ULONG Length)
{
    Irp->UserBuffer = Buffer;
    if (DeviceObject->Flags & DO_BUFFERED_IO) {
        Irp->AssociatedIrp.SystemBuffer = Buffer;
        Irp->Flags |= IRP_BUFFERED_IO;
    } else if ((DeviceObject->Flags & DO_DIRECT_IO) && Length != 0) {
        Irp->MdlAddress = IoAllocateMdl(Buffer, Length, FALSE, FALSE, NULL);
        if (Irp->MdlAddress == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        MmBuildMdlForNonPagedPool(Irp->MdlAddress);
    }
    return STATUS_SUCCESS;
}

static NTSTATUS HostSetControlBuffers(PIRP Irp, PIO_STACK_LOCATION Stack, const DRIVER_REQUEST *Entry)
{
    Stack->Parameters.DeviceIoControl.IoControlCode = Entry->Parameter1;
    Stack->Parameters.DeviceIoControl.InputBufferLength = Entry->InputLength;
    Stack->Parameters.DeviceIoControl.OutputBufferLength = Entry->OutputLength;
    if ((Entry->Parameter1 & 3) == METHOD_BUFFERED) {
        Irp->AssociatedIrp.SystemBuffer = Entry->InputLength != 0 ? HostData(Entry->InputOffset, Entry->InputLength) :
                                          HostData(Entry->OutputOffset, Entry->OutputLength);
        Irp->UserBuffer = Irp->AssociatedIrp.SystemBuffer;
        Irp->Flags |= IRP_BUFFERED_IO;
        return STATUS_SUCCESS;
    }
    Irp->AssociatedIrp.SystemBuffer = HostData(Entry->InputOffset, Entry->InputLength);
    if (Entry->OutputLength == 0)
        return STATUS_SUCCESS;
    Irp->MdlAddress = IoAllocateMdl(HostData(Entry->OutputOffset, Entry->OutputLength), Entry->OutputLength, FALSE,
                                    FALSE, NULL);
    if (Irp->MdlAddress == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    MmBuildMdlForNonPagedPool(Irp->MdlAddress);
    return STATUS_SUCCESS;
}

/* Fills the first stack location from the entry, by the table in abi/driver.h. */
static NTSTATUS HostSetParameters(PIRP Irp, PIO_STACK_LOCATION Stack, const DRIVER_REQUEST *Entry, PHOST_FILE File)
{
    PDEVICE_OBJECT DeviceObject = Stack->DeviceObject;

    switch (Entry->Operation) {
    case IRP_MJ_CREATE:
        Stack->Parameters.Create.SecurityContext = &File->SecurityContext;
        Stack->Parameters.Create.Options = Entry->Parameter1;
        Stack->Parameters.Create.ShareAccess = (USHORT)(Entry->Parameter2 >> 32);
        Stack->Parameters.Create.FileAttributes = (USHORT)(Entry->Parameter2 >> 48);
        return STATUS_SUCCESS;
    case IRP_MJ_READ:
        Stack->Parameters.Read.Length = Entry->OutputLength;
        Stack->Parameters.Read.Key = Entry->Parameter1;
        Stack->Parameters.Read.ByteOffset.QuadPart = (LONGLONG)Entry->Parameter2;
        return HostSetTransferBuffer(Irp, DeviceObject, HostData(Entry->OutputOffset, Entry->OutputLength),
                                     Entry->OutputLength);
    case IRP_MJ_WRITE:
        Stack->Parameters.Write.Length = Entry->InputLength;
        Stack->Parameters.Write.Key = Entry->Parameter1;
        Stack->Parameters.Write.ByteOffset.QuadPart = (LONGLONG)Entry->Parameter2;
        return HostSetTransferBuffer(Irp, DeviceObject, HostData(Entry->InputOffset, Entry->InputLength),
                                     Entry->InputLength);
    case IRP_MJ_DEVICE_CONTROL:
        return HostSetControlBuffers(Irp, Stack, Entry);
    case IRP_MJ_QUERY_INFORMATION:
        Stack->Parameters.QueryFile.Length = Entry->OutputLength;
        Stack->Parameters.QueryFile.FileInformationClass = (FILE_INFORMATION_CLASS)Entry->Parameter1;
        Irp->AssociatedIrp.SystemBuffer = HostData(Entry->OutputOffset, Entry->OutputLength);
        return STATUS_SUCCESS;
    case IRP_MJ_SET_INFORMATION:
        Stack->Parameters.SetFile.Length = Entry->InputLength;
        Stack->Parameters.SetFile.FileInformationClass = (FILE_INFORMATION_CLASS)Entry->Parameter1;
        Irp->AssociatedIrp.SystemBuffer = HostData(Entry->InputOffset, Entry->InputLength);
        return STATUS_SUCCESS;
    case IRP_MJ_CLEANUP:
    case IRP_MJ_CLOSE:
    case IRP_MJ_FLUSH_BUFFERS:
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}

/* Nearly all requests need few stack locations: those are kept for the next one. */
static PHOST_REQUEST HostTakeRequestMemory(CCHAR StackSize)
{
    if (StackSize > HOST_CACHED_STACK || HostFreeRequestCount == 0)
        return ExAllocatePoolWithTag(NonPagedPool,
                                     FIELD_OFFSET(HOST_REQUEST, Irp) + IoSizeOfIrp(max(StackSize, HOST_CACHED_STACK)),
                                     HOST_TAG);
    HostFreeRequestCount--;
    return CONTAINING_RECORD(PopEntryList(&HostFreeRequests), HOST_REQUEST, Link);
}

static VOID HostFreeRequest(PHOST_REQUEST Request)
{
    if (Request->Irp.StackCount > HOST_CACHED_STACK || HostFreeRequestCount == HOST_CACHED_REQUESTS) {
        ExFreePoolWithTag(Request, HOST_TAG);
        return;
    }
    HostFreeRequestCount++;
    PushEntryList(&HostFreeRequests, (PSINGLE_LIST_ENTRY)&Request->Link);
}

static PHOST_REQUEST HostAllocateRequest(const DRIVER_REQUEST *Entry, CCHAR StackSize)
{
    PHOST_REQUEST Request = HostTakeRequestMemory(StackSize);

    if (Request == NULL)
        return NULL;
    Request->Id = Entry->RequestId;
    Request->MajorFunction = Entry->Operation;
    Request->FileId = Entry->FileId;
    HostInitializeIrp(&Request->Irp, IoSizeOfIrp(StackSize), StackSize);
    Request->Irp.AllocationFlags = HOST_IRP_REQUEST;
    Request->Irp.RequestorMode = KernelMode; /* every pointer in it is the host's own */
    InsertTailList(&HostRequests, &Request->Link);
    return Request;
}

/* Makes the IRP and calls the top driver of the device's stack.  The driver, or a failure here, completes it. */
static VOID HostSubmit(const DRIVER_REQUEST *Entry)
{
    PDEVICE_OBJECT DeviceObject = HostDeviceById(Entry->DeviceId);
    PHOST_REQUEST Request;
    PIO_STACK_LOCATION Stack;
    PHOST_FILE File;
    NTSTATUS Status;

    File = HostFileById(Entry->FileId);
    if (DeviceObject == NULL && File != NULL)
        DeviceObject = File->Object.DeviceObject;
    if (DeviceObject == NULL) {
        HostAnswer(Entry->RequestId, STATUS_NO_SUCH_DEVICE, 0);
        return;
    }
    if (Entry->Operation == IRP_MJ_CREATE)
        File = HostCreateFile(Entry, DeviceObject);
    if (File == NULL) {
        HostAnswer(Entry->RequestId,
                   Entry->Operation == IRP_MJ_CREATE ? STATUS_INSUFFICIENT_RESOURCES : STATUS_INVALID_HANDLE, 0);
        return;
    }
    DeviceObject = IoGetAttachedDevice(DeviceObject);
    Request = HostAllocateRequest(Entry, DeviceObject->StackSize);
    if (Request == NULL) {
        if (Entry->Operation == IRP_MJ_CREATE)
            HostFreeFile(Entry->FileId);
        HostAnswer(Entry->RequestId, STATUS_INSUFFICIENT_RESOURCES, 0);
        return;
    }
    Request->Irp.Tail.Overlay.OriginalFileObject = &File->Object;
    Stack = IoGetNextIrpStackLocation(&Request->Irp);
    Stack->MajorFunction = Entry->Operation;
    Stack->MinorFunction = Entry->MinorFunction;
    Stack->DeviceObject = DeviceObject;
    Stack->FileObject = &File->Object;
    Status = HostSetParameters(&Request->Irp, Stack, Entry, File);
    if (!NT_SUCCESS(Status)) {
        Request->Irp.IoStatus.Status = Status;
        HostCompleteRequest(Request);
        return;
    }
    IofCallDriver(DeviceObject, &Request->Irp);
}

VOID HostCompleteRequest(PHOST_REQUEST Request)
{
    PIRP Irp = &Request->Irp;
    NTSTATUS Status = Irp->IoStatus.Status;

    if (Status == STATUS_PENDING)
        HostLog("driver host: request of type %u completed with STATUS_PENDING\n", Request->MajorFunction);
    if (Request->MajorFunction == IRP_MJ_CLOSE || (Request->MajorFunction == IRP_MJ_CREATE && !NT_SUCCESS(Status)))
        HostFreeFile(Request->FileId);
    RemoveEntryList(&Request->Link);
    if (Irp->MdlAddress != NULL)
        IoFreeMdl(Irp->MdlAddress);
    HostAnswer(Request->Id, Status, Irp->IoStatus.Information);
    HostFreeRequest(Request);
}

static VOID HostCancel(ULONGLONG RequestId)
{
    PLIST_ENTRY Entry;

    for (Entry = HostRequests.Flink; Entry != &HostRequests; Entry = Entry->Flink) {
        if (CONTAINING_RECORD(Entry, HOST_REQUEST, Link)->Id == RequestId) {
            IoCancelIrp(&CONTAINING_RECORD(Entry, HOST_REQUEST, Link)->Irp);
            return;
        }
    }
}

static VOID HostTakeEntry(const DRIVER_REQUEST *Entry)
{
    switch (Entry->Operation) {
    case DRIVER_OP_START:
        HostAnswer(Entry->RequestId, HostStartDriver(Entry->Parameter1), 0);
        break;
    case DRIVER_OP_STOP:
        HostAnswer(Entry->RequestId, HostStopDriver(Entry->Parameter1), 0);
        break;
    case DRIVER_OP_QUERY_STOP:
        HostAnswer(Entry->RequestId, HostQueryStopDriver(Entry->Parameter1), 0);
        break;
    case DRIVER_OP_CANCEL:
        HostCancel(Entry->RequestId);
        break;
    default:
        HostSubmit(Entry);
        break;
    }
}

VOID HostDrainSubmissions(VOID)
{
    DRIVER_RINGS *Rings = HOST_RINGS;
    uint32_t Head = Rings->SubmissionHead;
    DRIVER_REQUEST Entry;

    while (__atomic_load_n(&Rings->SubmissionTail, __ATOMIC_ACQUIRE) != Head) {
        Entry = Rings->Submission[Head & (DRIVER_RING_ENTRIES - 1)];
        __atomic_store_n(&Rings->SubmissionHead, ++Head, __ATOMIC_RELEASE);
        HostTakeEntry(&Entry);
        HostRunDpcs();
    }
}
