/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Type File: one open of a device or of something on it.  The Parse method of a device makes it and asks the driver
 * (IRP_MJ_CREATE); the last handle's close is IRP_MJ_CLEANUP, the last reference's IRP_MJ_CLOSE.
 *
 * Paths below a device are given to the driver as they are, beginning with a backslash, or empty for the device itself.
 * A relative open (RootDirectory is a file) has FileName relative; the driver finds the related file in
 * Irp->DriverContext[0].  A driver that answers STATUS_REPARSE has opened nothing and put another name into the look-up.
 * Parse and Close may wait for a driver host; Delete does not.
 */
#include "ntos/io/iop.h"
#include "ntos/inc/se.h"

#define IOP_MAXIMUM_REPARSES 63

POBJECT_TYPE IoFileObjectType;

VOID IopSetFileAccess(PFILE_OBJECT File, ACCESS_MASK Access)
{
    if (Access & MAXIMUM_ALLOWED)
        Access = (Access & ~MAXIMUM_ALLOWED) | FILE_ALL_ACCESS;
    File->DesiredAccess = Access;
    File->ReadAccess = (Access & (FILE_READ_DATA | FILE_EXECUTE)) != 0;
    File->WriteAccess = (Access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    File->DeleteAccess = (Access & DELETE) != 0;
}

static NTSTATUS IopMakeFileObject(PDEVICE_OBJECT Device, PUNICODE_STRING Name, POPEN_PACKET Packet, PFILE_OBJECT *File)
{
    NTSTATUS Status;
    PFILE_OBJECT New;

    Status = ObCreateObject(KernelMode, IoFileObjectType, NULL, KernelMode, NULL, sizeof(*New), 0, 0, (PVOID *)&New);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeListHead(&New->IrpList);
    InitializeListHead(&New->DeviceLinks);
    KeInitializeEvent(&New->Event, NotificationEvent, FALSE);
    KeInitializeEvent(&New->LockEvent, SynchronizationEvent, FALSE);
    Status = ObpCaptureString(KernelMode, Name, &New->FileName);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(New);
        return Status;
    }
    New->DeviceObject = Device;
    ObReferenceObject(Device);
    Device->OpenCount++;
    InsertTailList(&Device->FileList, &New->DeviceLinks);
    if (Device->DriverObject->MajorFunction[IRP_MJ_CLEANUP] != NULL) {
        New->CleanupIrp = ExAllocatePoolZero(NonPagedPool, sizeof(IRP), IO_TAG_IRP);
        if (New->CleanupIrp == NULL) {
            ObDereferenceObject(New);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    New->CreateOptions = Packet->CreateOptions;
    New->PriorityHint = IOP_PRIORITY_NORMAL;
    New->ShareAccess = Packet->ShareAccess;
    IopSetFileAccess(New, Packet->DesiredAccess);
    if (Packet->CreateOptions & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        New->Flags |= FO_SYNCHRONOUS_IO;
    if (Packet->CreateOptions & FILE_SYNCHRONOUS_IO_ALERT)
        New->Flags |= FO_ALERTABLE_IO;
    if (Packet->CreateOptions & FILE_WRITE_THROUGH)
        New->Flags |= FO_WRITE_THROUGH;
    if (Packet->CreateOptions & FILE_SEQUENTIAL_ONLY)
        New->Flags |= FO_SEQUENTIAL_ONLY;
    if (Packet->CreateOptions & FILE_NO_INTERMEDIATE_BUFFERING)
        New->Flags |= FO_NO_INTERMEDIATE_BUFFERING;
    *File = New;
    return STATUS_SUCCESS;
}

/* Where the file system keeps the descriptor of an open's file; NULL: nowhere, it is the open's own. */
static PSECURITY_DESCRIPTOR *IopKeptDescriptor(PFILE_OBJECT File)
{
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;

    return FastIo != NULL && FastIo->GetDescriptor != NULL ? FastIo->GetDescriptor(File) : NULL;
}

/* The object shows what the file system keeps. */
static VOID IopShowDescriptor(PFILE_OBJECT File)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(File);
    PSECURITY_DESCRIPTOR *Kept = IopKeptDescriptor(File);

    if (Kept == NULL || Header->SecurityDescriptor == *Kept)
        return;
    SeReleaseSecurityDescriptor(Header->SecurityDescriptor);
    Header->SecurityDescriptor = SeReferenceSecurityDescriptor(*Kept);
}

/*
 * The driver has given the name another beginning, and ob will look that up; an id has become a name.  So many times in one open
 * as Windows does (Win32 documentation: Reparse Points).
 */
static NTSTATUS IopReparse(POPEN_PACKET Packet)
{
    Packet->CreateOptions &= ~FILE_OPEN_BY_FILE_ID;
    return ++Packet->Reparses > IOP_MAXIMUM_REPARSES ? STATUS_REPARSE_POINT_NOT_RESOLVED : STATUS_REPARSE;
}

/*
 * The file system has checked; what MAXIMUM_ALLOWED comes to for a file that existed, it says, or ob finds out from the
 * descriptor.  Otherwise the object shows that with its first handle (IopOpenFile).
 */
static VOID IopGrantMaximum(PFILE_OBJECT File, const OPEN_PACKET *Packet, PACCESS_STATE AccessState)
{
    if (!(Packet->DesiredAccess & MAXIMUM_ALLOWED) || Packet->Information == FILE_CREATED)
        return;
    if (AccessState == NULL || Packet->GrantedAccess == 0) {
        IopShowDescriptor(File);
        return;
    }
    AccessState->PreviouslyGrantedAccess |= Packet->GrantedAccess;
    AccessState->RemainingDesiredAccess = 0;
}

/* The access that comes from privileges alone, to what is new too. */
static BOOLEAN IopMaySeeAudits(const OPEN_PACKET *Packet)
{
    if (!(Packet->DesiredAccess & ACCESS_SYSTEM_SECURITY) || SeSinglePrivilegeCheck(SeMakeLuid(SE_SECURITY_PRIVILEGE), Packet->Mode))
        return TRUE;
    return Packet->CreateOptions & FILE_OPEN_FOR_BACKUP_INTENT &&
           (SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), Packet->Mode) ||
            SeSinglePrivilegeCheck(SeMakeLuid(SE_RESTORE_PRIVILEGE), Packet->Mode));
}

/* Opens Name on Device; Related is the file of a relative open, or NULL. */
static NTSTATUS IopOpenOnDevice(PDEVICE_OBJECT Device, PFILE_OBJECT Related, PUNICODE_STRING Name, POPEN_PACKET Packet,
        PACCESS_STATE AccessState, PVOID *Object)
{
    PFILE_OBJECT File;
    NTSTATUS Status;
    PIRP Irp;

    if (Device->DeletePending)
        return STATUS_NO_SUCH_DEVICE;
    if (Device->Flags & DO_EXCLUSIVE && Device->OpenCount != 0)
        return STATUS_ACCESS_DENIED;
    if (!IopMaySeeAudits(Packet))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = IopMakeFileObject(Device, Name, Packet, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, Packet->MajorFunction);
    if (Irp == NULL) {
        ObDereferenceObject(File);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Irp->Parameters.Create.Packet = Packet;
    Irp->DriverContext[0] = Related;
    Irp->SystemBuffer = NULL;
    Status = IopCallAndWait(Irp);
    if (Status != STATUS_THREAD_IS_TERMINATING) {
        Packet->Information = Irp->IoStatus.Information;
        IopFreeIrp(Irp);
    }
    Packet->ParseCheck = TRUE;
    Packet->FinalStatus = Status;
    if (!NT_SUCCESS(Status) || Status == STATUS_REPARSE) {
        ObDereferenceObject(File);
        return Status == STATUS_REPARSE ? IopReparse(Packet) : Status;
    }
    File->Flags |= FO_OPENED;
    IopGrantMaximum(File, Packet, AccessState);
    *Object = File;
    return Status;
}

/* The context of a look-up is a packet only if a file is wanted: other types have contexts of their own. */
static POPEN_PACKET IopOpenPacket(POBJECT_TYPE ObjectType, PVOID Context)
{
    return ObjectType == IoFileObjectType ? Context : NULL;
}

static NTSTATUS IopParseDevice(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState,
        KPROCESSOR_MODE AccessMode, ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName,
        PVOID Context, PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object)
{
    POPEN_PACKET Packet = IopOpenPacket(ObjectType, Context);

    if (Packet == NULL) {
        /* Somebody wants the device itself, or another type of object. */
        if (RemainingName->Length != 0 || (ObjectType != NULL && ObjectType != IoDeviceObjectType))
            return STATUS_OBJECT_TYPE_MISMATCH;
        ObReferenceObject(ParseObject);
        *Object = ParseObject;
        return STATUS_SUCCESS;
    }
    Packet->Attributes = Attributes;
    Packet->CompleteName = CompleteName;
    Packet->SecurityDescriptor = AccessState != NULL ? AccessState->SecurityDescriptor : NULL;
    Packet->SecurityQos = SecurityQos;
    return IopOpenOnDevice(ParseObject, NULL, RemainingName, Packet, AccessState, Object);
}

static NTSTATUS IopParseFile(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState,
        KPROCESSOR_MODE AccessMode, ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName,
        PVOID Context, PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object)
{
    PFILE_OBJECT Related = ParseObject;
    POPEN_PACKET Packet = IopOpenPacket(ObjectType, Context);

    if (Packet == NULL)
        return STATUS_OBJECT_TYPE_MISMATCH;
    /* An id (FILE_OPEN_BY_FILE_ID) is any bytes. */
    if (RemainingName->Length != 0 && RemainingName->Buffer[0] == '\\' && !(Packet->CreateOptions & FILE_OPEN_BY_FILE_ID))
        return STATUS_OBJECT_NAME_INVALID;
    Packet->Attributes = Attributes;
    Packet->CompleteName = CompleteName;
    Packet->SecurityDescriptor = AccessState != NULL ? AccessState->SecurityDescriptor : NULL;
    Packet->SecurityQos = SecurityQos;
    return IopOpenOnDevice(Related->DeviceObject, Related, RemainingName, Packet, AccessState, Object);
}

static NTSTATUS IopOpenFile(OB_OPEN_REASON OpenReason, KPROCESSOR_MODE AccessMode, PEPROCESS Process, PVOID Object,
        PACCESS_MASK GrantedAccess, ULONG HandleCount)
{
    ((PFILE_OBJECT)Object)->Flags |= FO_HANDLE_CREATED;
    IopShowDescriptor(Object);
    return STATUS_SUCCESS;
}

/* The request was made with the file, for closing may not fail. */
static VOID IopCleanupFile(PFILE_OBJECT File)
{
    PIRP Irp = File->CleanupIrp;

    File->Flags |= FO_CLEANUP_COMPLETE;
    if (!(File->Flags & FO_OPENED) || Irp == NULL)
        return;
    File->CleanupIrp = NULL;
    IopInitializeIrp(Irp, File, IRP_MJ_CLEANUP);
    IopCallAndForget(Irp);
}

typedef struct _IOP_HANDLE_SEARCH {
    PVOID Object;
    BOOLEAN Found;
} IOP_HANDLE_SEARCH;

static BOOLEAN IopIsHandleOf(PVOID Context, HANDLE Handle, PVOID Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
    IOP_HANDLE_SEARCH *Search = Context;

    Search->Found = Object == Search->Object;
    return !Search->Found;
}

static BOOLEAN IopHasHandle(PEPROCESS Process, PFILE_OBJECT File)
{
    IOP_HANDLE_SEARCH Search = { .Object = File };

    ObEnumerateHandles(Process, IopIsHandleOf, &Search);
    return Search.Found;
}

VOID IopReleaseLocks(PEPROCESS Process, PFILE_OBJECT File)
{
    if (File->LockOperation && !IopHasHandle(Process, File))
        File->DeviceObject->DriverObject->FastIo->UnlockAll(File, Process);
}

static VOID IopCloseFile(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    PFILE_OBJECT File = Object;

    if (SystemHandleCount == 1 && !(File->Flags & FO_CLEANUP_COMPLETE))
        IopCleanupFile(File);
    else
        IopReleaseLocks(Process, File);
}

/* The close goes to the driver without a reference on the file: DriverContext has what it needs. */
static VOID IopDeleteFile(PVOID Object)
{
    PFILE_OBJECT File = Object;
    PDEVICE_OBJECT Device = File->DeviceObject;
    PDRIVER_DISPATCH Close;

    if (Device != NULL) {
        if (File->Flags & FO_OPENED) {
            IRP Irp = { .MajorFunction = IRP_MJ_CLOSE, .DeviceObject = Device, .FileObject = File };

            Close = Device->DriverObject->MajorFunction[IRP_MJ_CLOSE];
            if (Close != NULL)
                Close(Device, &Irp);
        }
        RemoveEntryList(&File->DeviceLinks);
        Device->OpenCount--;
        ObDereferenceObject(Device);
    }
    if (File->CleanupIrp != NULL)
        ExFreePoolWithTag(File->CleanupIrp, IO_TAG_IRP);
    if (File->CompletionPort != NULL)
        ObDereferenceObject(File->CompletionPort);
    if (File->FileName.Buffer != NULL)
        ObpReleaseString(&File->FileName);
}

/*
 * DIFFERS: what programs are told of a file (Mode is UserMode) begins with the volume's drive, \??\C:, where Windows gives the
 * device, \Device\HarddiskVolume1: kernelbase of libwine makes GetFinalPathNameByHandle of it and takes nothing else.
 */
static NTSTATUS IopQueryVolumeName(PDEVICE_OBJECT Device, POBJECT_NAME_INFORMATION NameInfo, ULONG Length,
        PULONG ReturnLength, KPROCESSOR_MODE Mode)
{
    USHORT Size;

    if (Mode == KernelMode || Device->DosName == NULL)
        return ObQueryNameString(Device, NameInfo, Length, ReturnLength);
    Size = wcslen(Device->DosName) * sizeof(WCHAR);
    *ReturnLength = sizeof(*NameInfo) + Size + sizeof(WCHAR);
    if (Length < *ReturnLength)
        return STATUS_INFO_LENGTH_MISMATCH;
    NameInfo->Name.Buffer = (PWSTR)(NameInfo + 1);
    NameInfo->Name.Length = Size;
    memcpy(NameInfo->Name.Buffer, Device->DosName, Size + sizeof(WCHAR));
    return STATUS_SUCCESS;
}

static NTSTATUS IopQueryFileName(PVOID Object, BOOLEAN HasObjectName, POBJECT_NAME_INFORMATION NameInfo, ULONG Length,
        PULONG ReturnLength, KPROCESSOR_MODE Mode)
{
    PFILE_OBJECT File = Object;
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;
    ULONG DeviceLength = 0;
    ULONG PathLength = 0;
    NTSTATUS Status;

    Status = IopQueryVolumeName(File->DeviceObject, NameInfo, Length, &DeviceLength, Mode);
    if (Status != STATUS_INFO_LENGTH_MISMATCH && Status != STATUS_BUFFER_OVERFLOW && !NT_SUCCESS(Status))
        return Status;
    if (FastIo != NULL && FastIo->QueryName != NULL)
        FastIo->QueryName(File, NULL, 0, &PathLength);
    else
        PathLength = File->FileName.Length;
    *ReturnLength = DeviceLength + PathLength;
    if (!NT_SUCCESS(Status) || Length < *ReturnLength)
        return Length < sizeof(*NameInfo) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_BUFFER_OVERFLOW;
    if (FastIo != NULL && FastIo->QueryName != NULL)
        FastIo->QueryName(File, NameInfo->Name.Buffer + NameInfo->Name.Length / sizeof(WCHAR), PathLength, &PathLength);
    else
        memcpy(NameInfo->Name.Buffer + NameInfo->Name.Length / sizeof(WCHAR), File->FileName.Buffer, PathLength);
    NameInfo->Name.Length += PathLength;
    NameInfo->Name.MaximumLength = NameInfo->Name.Length + sizeof(WCHAR);
    NameInfo->Name.Buffer[NameInfo->Name.Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS IopFileSecurity(PVOID Object, SECURITY_OPERATION_CODE OperationCode,
        PSECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length)
{
    PFILE_OBJECT File = Object;
    PSECURITY_DESCRIPTOR *Kept = IopKeptDescriptor(File);
    const FAST_IO_DISPATCH *FastIo = File->DeviceObject->DriverObject->FastIo;
    NTSTATUS Status;

    if (Kept == NULL)
        return SeDefaultObjectMethod(Object, OperationCode, SecurityInformation, SecurityDescriptor, Length);
    Status = SeDescriptorMethod(Kept, &IoFileObjectType->TypeInfo.GenericMapping, OperationCode, SecurityInformation,
                                SecurityDescriptor, Length);
    if (OperationCode == SetSecurityDescriptor && NT_SUCCESS(Status)) {
        IopShowDescriptor(File);
        if (FastIo->DescriptorChanged != NULL)
            FastIo->DescriptorChanged(File);
    }
    return Status;
}

NTSTATUS IopCheckFileAccess(PFILE_OBJECT File, ACCESS_MASK Access)
{
    PSECURITY_DESCRIPTOR *Kept = IopKeptDescriptor(File);
    ACCESS_MASK Granted;

    return SeCheckAccess(Kept != NULL ? *Kept : OBJECT_TO_OBJECT_HEADER(File)->SecurityDescriptor, Access,
                         &IoFileObjectType->TypeInfo.GenericMapping, UserMode, &Granted);
}

#define IOP_FILE_MAPPING { FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS }

const OBJECT_TYPE_INITIALIZER IopFileTypeInitializer = {
    .InvalidAttributes = OBJ_PERMANENT | OBJ_EXCLUSIVE | OBJ_OPENLINK,
    .GenericMapping = IOP_FILE_MAPPING,
    .ValidAccessMask = FILE_ALL_ACCESS,
    .WaitOffset = FIELD_OFFSET(FILE_OBJECT, Event),
    .KeepsAccess = TRUE,
    .OpenProcedure = IopOpenFile,
    .CloseProcedure = IopCloseFile,
    .DeleteProcedure = IopDeleteFile,
    .ParseProcedure = IopParseFile,
    .SecurityProcedure = IopFileSecurity,
    .QueryNameProcedure = IopQueryFileName,
};

const OBJECT_TYPE_INITIALIZER IopDeviceTypeInitializer = {
    .GenericMapping = IOP_FILE_MAPPING,
    .ValidAccessMask = FILE_ALL_ACCESS,
    .WaitOffset = OB_NOT_WAITABLE,
    .ParseProcedure = IopParseDevice,
};

NTSTATUS IopReferenceFile(HANDLE Handle, ACCESS_MASK Access, ACCESS_MASK AnyAccess, PFILE_OBJECT *File,
        PACCESS_MASK Granted)
{
    OBJECT_HANDLE_INFORMATION Information;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(Handle, Access, IoFileObjectType, UserMode, (PVOID *)File, &Information);
    if (!NT_SUCCESS(Status))
        return Status;
    if (AnyAccess != 0 && !(Information.GrantedAccess & AnyAccess)) {
        ObDereferenceObject(*File);
        return STATUS_ACCESS_DENIED;
    }
    if (Granted != NULL)
        *Granted = Information.GrantedAccess;
    return STATUS_SUCCESS;
}

NTSTATUS IopLockFile(PFILE_OBJECT File)
{
    while (File->Busy) {
        NTSTATUS Status = KeWaitForSingleObject(&File->LockEvent, Executive, UserMode,
                                                (File->Flags & FO_ALERTABLE_IO) != 0, NULL);

        if (Status != STATUS_SUCCESS)
            return Status;
    }
    File->Busy = TRUE;
    return STATUS_SUCCESS;
}

VOID IopUnlockFile(PFILE_OBJECT File)
{
    File->Busy = FALSE;
    if (!IsListEmpty(&File->LockEvent.Header.WaitListHead))
        KeSetEvent(&File->LockEvent, 0, FALSE);
}

BOOLEAN IoIsFileWritable(PFILE_OBJECT FileObject)
{
    return FileObject->WriteAccess;
}

NTSTATUS IoGetFileSegment(PFILE_OBJECT FileObject, PMM_SEGMENT *Segment)
{
    const FAST_IO_DISPATCH *FastIo = FileObject->DeviceObject->DriverObject->FastIo;

    *Segment = NULL;
    if (FastIo == NULL || FastIo->GetSegment == NULL)
        return STATUS_INVALID_FILE_FOR_SECTION;
    return FastIo->GetSegment(FileObject, Segment);
}
