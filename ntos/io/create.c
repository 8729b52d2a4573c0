/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening and creating: NtCreateFile, NtOpenFile, and the services that open for one question or one act (attributes,
 * delete).
 *
 * The options are checked here once; names are looked up by ob, which comes back to file.c's Parse methods with the
 * OPEN_PACKET.  May wait for the driver of the device that is opened.
 */
#include "ntos/io/iop.h"

#define IOP_VALID_OPTIONS 0x00ffffff
#define IOP_VALID_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define IOP_SYNC_OPTIONS (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)
#define IOP_DIRECTORY_OPTIONS (FILE_DIRECTORY_FILE | IOP_SYNC_OPTIONS | FILE_WRITE_THROUGH | \
        FILE_OPEN_FOR_BACKUP_INTENT | FILE_DELETE_ON_CLOSE | FILE_OPEN_BY_FILE_ID | FILE_OPEN_REPARSE_POINT | \
        FILE_NO_COMPRESSION | 0x00000080 | FILE_OPEN_REMOTE_INSTANCE | FILE_SEQUENTIAL_ONLY | FILE_RANDOM_ACCESS)

static NTSTATUS IopCheckCreate(const OPEN_PACKET *Packet)
{
    ULONG Options = Packet->CreateOptions;
    ACCESS_MASK Access = Packet->DesiredAccess;

    if (Options & ~IOP_VALID_OPTIONS || Packet->Disposition > FILE_MAXIMUM_DISPOSITION)
        return STATUS_INVALID_PARAMETER;
    if (Packet->AllocationSize.QuadPart < 0)
        return STATUS_INVALID_PARAMETER;
    if (Packet->ShareAccess & ~IOP_VALID_SHARE || Packet->FileAttributes & ~FILE_ATTRIBUTE_VALID_FLAGS)
        return STATUS_INVALID_PARAMETER;
    if ((Options & IOP_SYNC_OPTIONS) == IOP_SYNC_OPTIONS)
        return STATUS_INVALID_PARAMETER;
    if (Options & IOP_SYNC_OPTIONS && !(Access & (SYNCHRONIZE | MAXIMUM_ALLOWED)))
        return STATUS_INVALID_PARAMETER;
    if (Options & FILE_DELETE_ON_CLOSE && !(Access & (DELETE | MAXIMUM_ALLOWED)))
        return STATUS_INVALID_PARAMETER;
    if ((Options & (FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE)) == (FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE))
        return STATUS_INVALID_PARAMETER;
    if (Options & FILE_DIRECTORY_FILE) {
        if (Options & ~IOP_DIRECTORY_OPTIONS)
            return STATUS_INVALID_PARAMETER;
        if (Packet->Disposition != FILE_CREATE && Packet->Disposition != FILE_OPEN &&
            Packet->Disposition != FILE_OPEN_IF)
            return STATUS_INVALID_PARAMETER;
    }
    if (Options & FILE_NO_INTERMEDIATE_BUFFERING && Access & FILE_APPEND_DATA && !(Access & FILE_WRITE_DATA))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS IopOpenByName(PHANDLE Handle, POPEN_PACKET Packet, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    NTSTATUS Status;

    *Handle = NULL;
    Packet->DesiredAccess = DesiredAccess;
    Status = IopCheckCreate(Packet);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlMapGenericMask(&Packet->DesiredAccess, &IoFileObjectType->TypeInfo.GenericMapping);
    Status = ObOpenObjectByName(ObjectAttributes, IoFileObjectType, Packet->Mode, NULL, Packet->DesiredAccess, Packet,
                                Handle);
    if (NT_SUCCESS(Status) && !Packet->ParseCheck) {
        /* A file object reached without being opened here cannot be: files have no names in the namespace. */
        ObCloseHandle(*Handle, Packet->Mode);
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    return Status;
}

NTSTATUS IoCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatus, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess,
        ULONG CreateDisposition, ULONG CreateOptions, KPROCESSOR_MODE Mode)
{
    OPEN_PACKET Packet = {
        .FileAttributes = FileAttributes, .ShareAccess = ShareAccess, .Disposition = CreateDisposition,
        .CreateOptions = CreateOptions, .Mode = Mode,
    };
    NTSTATUS Status;

    if (AllocationSize != NULL)
        Packet.AllocationSize = *AllocationSize;
    Status = IopOpenByName(FileHandle, &Packet, DesiredAccess, ObjectAttributes);
    IoStatus->Status = Status;
    IoStatus->Information = NT_SUCCESS(Status) ? Packet.Information : 0;
    return Status;
}

NTSTATUS IopCreateForUser(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatusBlock, POPEN_PACKET Packet)
{
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status;
    HANDLE Handle;

    Status = MmProbeForWrite(FileHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(IoStatusBlock, sizeof(Iosb), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Packet->Mode = UserMode;
    Status = IopOpenByName(&Handle, Packet, DesiredAccess, ObjectAttributes);
    if (!NT_SUCCESS(Status))
        return Status;
    Iosb = IoMakeStatus(Status, Packet->Information);
    if (NT_SUCCESS(MmPutUser(FileHandle, Handle)) && NT_SUCCESS(MmCopyToUser(IoStatusBlock, &Iosb, sizeof(Iosb))))
        return Status;
    ObCloseHandle(Handle, UserMode);
    return STATUS_ACCESS_VIOLATION;
}

NTSTATUS NTAPI NtCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatusBlock, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess,
        ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer, ULONG EaLength)
{
    OPEN_PACKET Packet = {
        .FileAttributes = FileAttributes, .ShareAccess = ShareAccess, .Disposition = CreateDisposition,
        .CreateOptions = CreateOptions,
    };

    if (AllocationSize != NULL) {
        NTSTATUS Status = MmGetUser(&Packet.AllocationSize, AllocationSize);

        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (EaBuffer != NULL && EaLength != 0)
        return IopCheckCreateEas(EaBuffer, EaLength);
    return IopCreateForUser(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, &Packet);
}

NTSTATUS NTAPI NtOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG OpenOptions)
{
    OPEN_PACKET Packet = { .ShareAccess = ShareAccess, .Disposition = FILE_OPEN, .CreateOptions = OpenOptions };

    return IopCreateForUser(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, &Packet);
}

NTSTATUS IoOpenFileObject(PCUNICODE_STRING Path, ACCESS_MASK DesiredAccess, ULONG ShareAccess, ULONG OpenOptions,
        KPROCESSOR_MODE Mode, PFILE_OBJECT *FileObject)
{
    OPEN_PACKET Packet = {
        .DesiredAccess = DesiredAccess, .ShareAccess = ShareAccess, .Disposition = FILE_OPEN,
        .CreateOptions = OpenOptions,
        .Mode = Mode,
    };
    UNICODE_STRING Name = *Path;
    NTSTATUS Status;

    *FileObject = NULL;
    Status = IopCheckCreate(&Packet);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlMapGenericMask(&Packet.DesiredAccess, &IoFileObjectType->TypeInfo.GenericMapping);
    return ObReferenceObjectByName(&Name, OBJ_CASE_INSENSITIVE, NULL, Packet.DesiredAccess, IoFileObjectType, Mode,
                                   &Packet, (PVOID *)FileObject);
}

/*
 * Opens what the caller's attributes name, with no handle left behind.  A relative name goes through a handle, for ob
 * looks it up in the caller's table.
 */
static NTSTATUS IopOpenForQuestion(const OBJECT_ATTRIBUTES *ObjectAttributes, ACCESS_MASK Access, ULONG Options,
        PFILE_OBJECT *File)
{
    OPEN_PACKET Packet = {
        .ShareAccess = IOP_VALID_SHARE, .Disposition = FILE_OPEN, .CreateOptions = Options, .Mode = UserMode,
    };
    NTSTATUS Status;
    HANDLE Handle;

    Status = IopOpenByName(&Handle, &Packet, Access, (POBJECT_ATTRIBUTES)ObjectAttributes);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(Handle, 0, IoFileObjectType, UserMode, (PVOID *)File, NULL);
    ObCloseHandle(Handle, UserMode);
    return Status;
}

/* Asks the driver about what the attributes name.  *Returned: the bytes of Information that it filled. */
static NTSTATUS IopQueryOpen(const OBJECT_ATTRIBUTES *ObjectAttributes, ULONG Class, PVOID Information, ULONG Length,
        PULONG_PTR Returned)
{
    PFILE_OBJECT File;
    NTSTATUS Status;
    PIRP Irp;

    Status = IopOpenForQuestion(ObjectAttributes, FILE_READ_ATTRIBUTES, FILE_OPEN_REPARSE_POINT, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, IRP_MJ_QUERY_INFORMATION);
    ObDereferenceObject(File);
    if (Irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Irp->OutputLength = Length;
    Irp->Parameters.Information.Class = Class;
    Irp->SystemBuffer = ExAllocatePoolZero(NonPagedPool, Length, IO_TAG_BUFFER);
    if (Irp->SystemBuffer == NULL) {
        IopFreeIrp(Irp);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Status = IopCallAndWait(Irp);
    if (Status == STATUS_THREAD_IS_TERMINATING)
        return Status;
    if (NT_SUCCESS(Status)) {
        memcpy(Information, Irp->SystemBuffer, Length);
        *Returned = Irp->IoStatus.Information;
    }
    IopFreeIrp(Irp);
    return Status;
}

NTSTATUS NTAPI NtQueryAttributesFile(const OBJECT_ATTRIBUTES *ObjectAttributes, FILE_BASIC_INFORMATION *FileInformation)
{
    FILE_BASIC_INFORMATION Basic;
    ULONG_PTR Returned;
    NTSTATUS Status;

    Status = MmProbeForWrite(FileInformation, sizeof(Basic), 1);
    if (NT_SUCCESS(Status))
        Status = IopQueryOpen(ObjectAttributes, FileBasicInformation, &Basic, sizeof(Basic), &Returned);
    return NT_SUCCESS(Status) ? MmCopyToUser(FileInformation, &Basic, sizeof(Basic)) : Status;
}

NTSTATUS NTAPI NtQueryFullAttributesFile(const OBJECT_ATTRIBUTES *ObjectAttributes,
        FILE_NETWORK_OPEN_INFORMATION *FileInformation)
{
    FILE_NETWORK_OPEN_INFORMATION Open;
    ULONG_PTR Returned;
    NTSTATUS Status;

    Status = MmProbeForWrite(FileInformation, sizeof(Open), 1);
    if (NT_SUCCESS(Status))
        Status = IopQueryOpen(ObjectAttributes, FileNetworkOpenInformation, &Open, sizeof(Open), &Returned);
    return NT_SUCCESS(Status) ? MmCopyToUser(FileInformation, &Open, sizeof(Open)) : Status;
}

/*
 * DIFFERS: there are no Linux attributes and owners (FileStatLxInformation, STATUS_INVALID_PARAMETER).
 * Source: Microsoft's page on NtQueryInformationByName, which names the classes.
 */
NTSTATUS NTAPI NtQueryInformationByName(POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
        PVOID FileInformation, ULONG Length, FILE_INFORMATION_CLASS FileInformationClass)
{
    union {
        FILE_STAT_INFORMATION Stat;
        FILE_CASE_SENSITIVE_INFORMATION Case;
    } Answer;
    ULONG Class = (ULONG)FileInformationClass;
    IO_STATUS_BLOCK Iosb = { .Pointer = NULL };  /* what lies between the fields, too */
    ULONG Size;
    NTSTATUS Status;

    if (Class != FileStatInformation && Class != FileStatLxInformation && Class != FileCaseSensitiveInformation)
        return STATUS_INVALID_INFO_CLASS;
    Size = Class == FileCaseSensitiveInformation ? sizeof(Answer.Case) : sizeof(Answer.Stat);
    if (Length < Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmProbeForWrite(IoStatusBlock, sizeof(Iosb), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(FileInformation, Length, 1);
    if (NT_SUCCESS(Status))
        Status = IopQueryOpen(ObjectAttributes, Class, &Answer, Size, &Iosb.Information);
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(FileInformation, &Answer, Iosb.Information);
    return NT_SUCCESS(Status) ? MmCopyToUser(IoStatusBlock, &Iosb, sizeof(Iosb)) : Status;
}

NTSTATUS NTAPI NtDeleteFile(POBJECT_ATTRIBUTES ObjectAttributes)
{
    PFILE_OBJECT File;
    NTSTATUS Status;

    Status = IopOpenForQuestion(ObjectAttributes, DELETE, FILE_DELETE_ON_CLOSE | FILE_OPEN_REPARSE_POINT, &File);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(File);
    return Status;
}
