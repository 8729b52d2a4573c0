/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryInformationFile, NtSetInformationFile and the volume and directory queries.
 *
 * Tables say for each class the least length and the access the handle must have.  Classes about the open itself
 * (position, mode, access, completion port) are answered here, all others by the driver, in a buffer of ntos that is
 * copied to the caller after; the length the driver sees is cut to IOP_MAX_INFORMATION.  May wait for a driver host.
 */
#include "ntos/io/iop.h"

#define IOP_MAX_INFORMATION 0x20000u
#define IOP_FILE_CLASSES 80


#define IOP_MODE_OPTIONS (FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_NO_INTERMEDIATE_BUFFERING | \
        FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE)

static const IOP_CLASS IopQueryClasses[IOP_FILE_CLASSES] = {
    /* DIFFERS: NT wants FILE_READ_ATTRIBUTES; libwine's kernelbase asks handles that it opened with DELETE alone. */
    [FileBasicInformation] = { sizeof(FILE_BASIC_INFORMATION), 0 },
    [FileStandardInformation] = { sizeof(FILE_STANDARD_INFORMATION), 0 },
    [FileInternalInformation] = { sizeof(FILE_INTERNAL_INFORMATION), 0 },
    [FileEaInformation] = { sizeof(FILE_EA_INFORMATION), 0 },
    [FileAccessInformation] = { sizeof(FILE_ACCESS_INFORMATION), 0 },
    [FileNameInformation] = { FIELD_OFFSET(FILE_NAME_INFORMATION, FileName), 0 },
    [FileNormalizedNameInformation] = { FIELD_OFFSET(FILE_NAME_INFORMATION, FileName), 0 },
    [FilePositionInformation] = { sizeof(FILE_POSITION_INFORMATION), 0 },
    [FileModeInformation] = { sizeof(FILE_MODE_INFORMATION), 0 },
    [FileAlignmentInformation] = { sizeof(FILE_ALIGNMENT_INFORMATION), 0 },
    [FileAllInformation] = { FIELD_OFFSET(FILE_ALL_INFORMATION, NameInformation.FileName), FILE_READ_ATTRIBUTES },
    [FileAlternateNameInformation] = { FIELD_OFFSET(FILE_NAME_INFORMATION, FileName), 0 },
    [FileStreamInformation] = { FIELD_OFFSET(FILE_STREAM_INFORMATION, StreamName), 0 },
    [FileCompressionInformation] = { 16, 0 },
    [FileNetworkOpenInformation] = { sizeof(FILE_NETWORK_OPEN_INFORMATION), FILE_READ_ATTRIBUTES },
    [FileAttributeTagInformation] = { sizeof(FILE_ATTRIBUTE_TAG_INFORMATION), FILE_READ_ATTRIBUTES },
    [FileIoCompletionNotificationInformation] = { sizeof(ULONG), 0 },
    [FileIoPriorityHintInformation] = { sizeof(ULONG), 0 },
    [FileIsRemoteDeviceInformation] = { sizeof(BOOLEAN), 0 },
    [FilePipeInformation] = { sizeof(FILE_PIPE_INFORMATION), FILE_READ_ATTRIBUTES },
    [FileMailslotQueryInformation] = { sizeof(FILE_MAILSLOT_QUERY_INFORMATION), 0 },
    [FilePipeLocalInformation] = { sizeof(FILE_PIPE_LOCAL_INFORMATION), FILE_READ_ATTRIBUTES },
    [FileStandardLinkInformation] = { 16, FILE_READ_ATTRIBUTES },
    [FileIdInformation] = { 24, 0 },
    [FileHardLinkInformation] = { 8, 0 },
    [FileStatInformation] = { sizeof(FILE_STAT_INFORMATION), FILE_READ_ATTRIBUTES },
    [FileCaseSensitiveInformation] = { sizeof(FILE_CASE_SENSITIVE_INFORMATION), FILE_READ_ATTRIBUTES },
};

static const IOP_CLASS IopSetClasses[IOP_FILE_CLASSES] = {
    [FileBasicInformation] = { sizeof(FILE_BASIC_INFORMATION), 0 },     /* IopCheckAttributesAccess */
    [FileRenameInformation] = { FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName), DELETE },
    [FileRenameInformationEx] = { FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName), DELETE },
    [FileLinkInformation] = { FIELD_OFFSET(FILE_LINK_INFORMATION, FileName), 0 },
    [FileLinkInformationEx] = { FIELD_OFFSET(FILE_LINK_INFORMATION, FileName), 0 },
    [FileDispositionInformation] = { sizeof(FILE_DISPOSITION_INFORMATION), DELETE },
    [FileDispositionInformationEx] = { sizeof(ULONG), DELETE },
    [FilePositionInformation] = { sizeof(FILE_POSITION_INFORMATION), 0 },
    [FileModeInformation] = { sizeof(FILE_MODE_INFORMATION), 0 },
    [FileAllocationInformation] = { sizeof(FILE_ALLOCATION_INFORMATION), FILE_WRITE_DATA },
    [FileEndOfFileInformation] = { sizeof(FILE_END_OF_FILE_INFORMATION), FILE_WRITE_DATA },
    [FileCompletionInformation] = { sizeof(FILE_COMPLETION_INFORMATION), 0 },
    [FileReplaceCompletionInformation] = { sizeof(FILE_COMPLETION_INFORMATION), 0 },
    [FileIoCompletionNotificationInformation] = { sizeof(ULONG), 0 },
    [FileIoPriorityHintInformation] = { sizeof(ULONG), 0 },
    [FilePipeInformation] = { sizeof(FILE_PIPE_INFORMATION), FILE_WRITE_ATTRIBUTES },
    [FileMailslotSetInformation] = { sizeof(FILE_MAILSLOT_SET_INFORMATION), 0 },
    [FileValidDataLengthInformation] = { sizeof(LARGE_INTEGER), FILE_WRITE_DATA },
};

static const IOP_CLASS IopVolumeClasses[] = {
    [FileFsVolumeInformation] = { FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel), 0 },
    [FileFsSizeInformation] = { sizeof(FILE_FS_SIZE_INFORMATION), 0 },
    [FileFsDeviceInformation] = { sizeof(FILE_FS_DEVICE_INFORMATION), 0 },
    [FileFsAttributeInformation] = { FIELD_OFFSET(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName), 0 },
    [FileFsControlInformation] = { 48, FILE_READ_DATA },
    [FileFsFullSizeInformation] = { sizeof(FILE_FS_FULL_SIZE_INFORMATION), 0 },
    [FileFsObjectIdInformation] = { sizeof(FILE_FS_OBJECTID_INFORMATION), 0 },
    [FileFsSectorSizeInformation] = { 28, 0 },
};

static NTSTATUS IopCheckClass(const IOP_CLASS *Table, ULONG Rows, ULONG Class, ULONG Length, PACCESS_MASK Access)
{
    if (Class >= Rows || Table[Class].MinimumLength == 0)
        return STATUS_INVALID_INFO_CLASS;
    if (Length < Table[Class].MinimumLength)
        return STATUS_INFO_LENGTH_MISMATCH;
    *Access = Table[Class].Access;
    return STATUS_SUCCESS;
}

NTSTATUS IopReturn(PIO_STATUS_BLOCK IoStatusBlock, NTSTATUS Status, ULONG_PTR Information)
{
    IO_STATUS_BLOCK Iosb = IoMakeStatus(Status, Information);
    NTSTATUS WriteStatus;

    if (NT_ERROR(Status))
        return Status;
    WriteStatus = MmCopyToUser(IoStatusBlock, &Iosb, sizeof(Iosb));
    return NT_SUCCESS(WriteStatus) ? Status : WriteStatus;
}

/* Classes that are about the open, not about the file.  FALSE: ask the driver. */
static BOOLEAN IopQueryOwnClass(PFILE_OBJECT File, ACCESS_MASK Granted, FILE_INFORMATION_CLASS Class, PVOID Buffer,
        PULONG Length)
{
    switch ((ULONG)Class) {
    case FileAccessInformation:
        ((PFILE_ACCESS_INFORMATION)Buffer)->AccessFlags = Granted;
        break;
    case FilePositionInformation:
        ((PFILE_POSITION_INFORMATION)Buffer)->CurrentByteOffset = File->CurrentByteOffset;
        break;
    case FileModeInformation:
        ((PFILE_MODE_INFORMATION)Buffer)->Mode = File->CreateOptions & IOP_MODE_OPTIONS;
        break;
    case FileAlignmentInformation:
        ((PFILE_ALIGNMENT_INFORMATION)Buffer)->AlignmentRequirement = 0;
        break;
    case FileIoCompletionNotificationInformation:
        *(PULONG)Buffer = File->CompletionModes;
        break;
    case FileIoPriorityHintInformation:
        *(PULONG)Buffer = File->PriorityHint;
        break;
    case FileIsRemoteDeviceInformation:
        *(PBOOLEAN)Buffer = FALSE;
        break;
    default:
        return FALSE;
    }
    *Length = IopQueryClasses[Class].MinimumLength;
    return TRUE;
}

static VOID IopCompleteAllInformation(PFILE_OBJECT File, ACCESS_MASK Granted, PFILE_ALL_INFORMATION All)
{
    All->AccessInformation.AccessFlags = Granted;
    All->PositionInformation.CurrentByteOffset = File->CurrentByteOffset;
    All->ModeInformation.Mode = File->CreateOptions & IOP_MODE_OPTIONS;
    All->AlignmentInformation.AlignmentRequirement = 0;
}

/* An IRP with a system buffer of Length zero bytes that stays in ntos. */
static PIRP IopAllocateInformationIrp(PFILE_OBJECT File, UCHAR Major, ULONG Class, ULONG Length, BOOLEAN Input)
{
    PIRP Irp = IopAllocateIrp(File, Major);

    if (Irp == NULL)
        return NULL;
    Irp->SystemBuffer = ExAllocatePoolZero(NonPagedPool, Length, IO_TAG_BUFFER);
    if (Irp->SystemBuffer == NULL) {
        IopFreeIrp(Irp);
        return NULL;
    }
    Irp->Parameters.Information.Class = Class;
    if (Input)
        Irp->InputLength = Length;
    else
        Irp->OutputLength = Length;
    return Irp;
}

static NTSTATUS IopQueryDriver(PFILE_OBJECT File, UCHAR Major, ULONG Class, ACCESS_MASK Granted, PVOID UserBuffer,
        ULONG Length, PULONG_PTR Information)
{
    PIRP Irp;
    NTSTATUS Status;

    *Information = 0;
    if (Length > IOP_MAX_INFORMATION)
        Length = IOP_MAX_INFORMATION;
    Irp = IopAllocateInformationIrp(File, Major, Class, Length, FALSE);
    if (Irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = IopCallAndWait(Irp);
    if (Status == STATUS_THREAD_IS_TERMINATING)
        return Status;
    if (!NT_ERROR(Status)) {
        NTSTATUS CopyStatus;

        if (Major == IRP_MJ_QUERY_INFORMATION && Class == FileAllInformation)
            IopCompleteAllInformation(File, Granted, Irp->SystemBuffer);
        *Information = Irp->IoStatus.Information < Length ? Irp->IoStatus.Information : Length;
        CopyStatus = MmCopyToUser(UserBuffer, Irp->SystemBuffer, *Information);
        if (!NT_SUCCESS(CopyStatus))
            Status = CopyStatus;
    }
    IopFreeIrp(Irp);
    return Status;
}

NTSTATUS NTAPI NtQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation,
        ULONG Length, FILE_INFORMATION_CLASS FileInformationClass)
{
    UCHAR Own[sizeof(LARGE_INTEGER) * 2];
    ULONG_PTR Information = 0;
    ACCESS_MASK Access, Granted;
    PFILE_OBJECT File;
    NTSTATUS Status;
    ULONG OwnLength;

    Status = IopCheckClass(IopQueryClasses, IOP_FILE_CLASSES, FileInformationClass, Length, &Access);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(FileInformation, Length, 1);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, Access, 0, &File, &Granted);
    if (!NT_SUCCESS(Status))
        return Status;
    if (IopQueryOwnClass(File, Granted, FileInformationClass, Own, &OwnLength)) {
        Status = MmCopyToUser(FileInformation, Own, OwnLength);
        Information = OwnLength;
    } else {
        Status = IopQueryDriver(File, IRP_MJ_QUERY_INFORMATION, FileInformationClass, Granted, FileInformation, Length,
                                &Information);
    }
    ObDereferenceObject(File);
    return IopReturn(IoStatusBlock, Status, Information);
}

/* Replace: the file may have a port, and gets another one, or none (a port of NULL). */
static NTSTATUS IopSetCompletionPort(PFILE_OBJECT File, const FILE_COMPLETION_INFORMATION *Completion, BOOLEAN Replace)
{
    NTSTATUS Status = STATUS_SUCCESS;
    PVOID Port = NULL;

    if (File->Flags & FO_SYNCHRONOUS_IO || (File->CompletionPort != NULL && !Replace))
        return STATUS_INVALID_PARAMETER;
    if (Completion->Port != NULL || !Replace)
        Status = ObReferenceObjectByHandle(Completion->Port, IO_COMPLETION_MODIFY_STATE, IoCompletionObjectType, UserMode,
                                           &Port, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (File->CompletionPort != NULL)
        ObDereferenceObject(File->CompletionPort);
    File->CompletionPort = Port;
    File->CompletionKey = Completion->Key;
    return STATUS_SUCCESS;
}

static NTSTATUS IopSetPosition(PFILE_OBJECT File, const FILE_POSITION_INFORMATION *Position)
{
    if (Position->CurrentByteOffset.QuadPart < 0)
        return STATUS_INVALID_PARAMETER;
    File->CurrentByteOffset = Position->CurrentByteOffset;
    return STATUS_SUCCESS;
}

static NTSTATUS IopSetMode(PFILE_OBJECT File, ULONG Mode)
{
    const ULONG Changeable = FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_SYNCHRONOUS_IO_ALERT |
                             FILE_SYNCHRONOUS_IO_NONALERT;
    BOOLEAN Synchronous = (File->Flags & FO_SYNCHRONOUS_IO) != 0;
    ULONG Sync = Mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);

    if (Mode & ~Changeable || Synchronous != (Sync != 0) ||
        Sync == (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT))
        return STATUS_INVALID_PARAMETER;
    File->CreateOptions = (File->CreateOptions & ~Changeable) | Mode;
    File->Flags &= ~FO_ALERTABLE_IO;
    if (Mode & FILE_SYNCHRONOUS_IO_ALERT)
        File->Flags |= FO_ALERTABLE_IO;
    return STATUS_SUCCESS;
}

static BOOLEAN IopSetOwnClass(PFILE_OBJECT File, FILE_INFORMATION_CLASS Class, const VOID *Buffer, PNTSTATUS Status)
{
    switch ((ULONG)Class) {
    case FilePositionInformation:
        *Status = IopSetPosition(File, Buffer);
        return TRUE;
    case FileModeInformation:
        *Status = IopSetMode(File, ((const FILE_MODE_INFORMATION *)Buffer)->Mode);
        return TRUE;
    case FileCompletionInformation:
    case FileReplaceCompletionInformation:
        *Status = IopSetCompletionPort(File, Buffer, Class == FileReplaceCompletionInformation);
        return TRUE;
    case FileIoPriorityHintInformation:
        *Status = *(const ULONG *)Buffer > IOP_PRIORITY_NORMAL ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
        if (NT_SUCCESS(*Status))
            File->PriorityHint = *(const ULONG *)Buffer;
        return TRUE;
    case FileIoCompletionNotificationInformation:
        if (*(const ULONG *)Buffer & ~(FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE)) {
            *Status = STATUS_INVALID_PARAMETER;
        } else {
            File->CompletionModes |= *(const ULONG *)Buffer;
            *Status = STATUS_SUCCESS;
        }
        return TRUE;
    default:
        return FALSE;
    }
}

/*
 * The directory that a rename goes to.  *Directory NULL: the file's own.  Name becomes the last component, inside the
 * captured structure.
 */
static NTSTATUS IopOpenRenameTarget(PFILE_OBJECT File, PFILE_RENAME_INFORMATION Rename, PFILE_OBJECT *Directory,
        PUNICODE_STRING Name)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Parent = { Rename->FileNameLength, Rename->FileNameLength, Rename->FileName };
    ULONG Chars = Rename->FileNameLength / sizeof(WCHAR);
    ULONG Last = Chars;
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status;
    HANDLE Handle;

    *Directory = NULL;
    while (Last > 0 && Rename->FileName[Last - 1] != '\\')
        Last--;
    Name->Buffer = Rename->FileName + Last;
    Name->Length = Name->MaximumLength = (USHORT)((Chars - Last) * sizeof(WCHAR));
    if (Name->Length == 0)
        return STATUS_OBJECT_NAME_INVALID;
    if (Last == 0 && Rename->RootDirectory == NULL)
        return STATUS_SUCCESS;
    if ((LONG_PTR)Rename->RootDirectory < 0)
        return STATUS_INVALID_HANDLE;
    /* The separator stays: "\??\C:\" is the root, "\??\C:" the volume. */
    Parent.Length = Parent.MaximumLength = (USHORT)(Last * sizeof(WCHAR));
    InitializeObjectAttributes(&Attributes, &Parent, OBJ_CASE_INSENSITIVE, Rename->RootDirectory, NULL);
    Status = IoCreateFile(&Handle, FILE_WRITE_DATA, &Attributes, &Iosb, NULL, 0,
                          FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN, FILE_DIRECTORY_FILE,
                          KernelMode);
    if (Status == STATUS_OBJECT_NAME_NOT_FOUND)
        Status = STATUS_OBJECT_PATH_NOT_FOUND;
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(Handle, 0, IoFileObjectType, KernelMode, (PVOID *)Directory, NULL);
    ObCloseHandle(Handle, KernelMode);
    if (NT_SUCCESS(Status) && (*Directory)->DeviceObject != File->DeviceObject) {
        ObDereferenceObject(*Directory);
        *Directory = NULL;
        Status = STATUS_NOT_SAME_DEVICE;
    }
    return Status;
}

static BOOLEAN IopNamesTarget(ULONG Class)
{
    return Class == FileRenameInformation || Class == (ULONG)FileRenameInformationEx || Class == FileLinkInformation ||
           Class == (ULONG)FileLinkInformationEx;
}

/* DriverContext[0]: target directory (FILE_OBJECT) or NULL; [1]: UNICODE_STRING of the new name. */
static NTSTATUS IopSetDriver(PFILE_OBJECT File, ULONG Class, PVOID Captured, ULONG Length)
{
    PFILE_OBJECT Directory = NULL;
    UNICODE_STRING Name;
    NTSTATUS Status;
    PIRP Irp;

    Irp = IopAllocateInformationIrp(File, IRP_MJ_SET_INFORMATION, Class, Length, TRUE);
    if (Irp == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(Irp->SystemBuffer, Captured, Length);
    if (IopNamesTarget(Class)) {
        PFILE_RENAME_INFORMATION Rename = Irp->SystemBuffer;
        ULONG Room = Length - FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName);

        Status = STATUS_INVALID_PARAMETER;
        if (Rename->FileNameLength <= Room && Rename->FileNameLength % sizeof(WCHAR) == 0 &&
            Rename->FileNameLength < 0x8000)
            Status = IopOpenRenameTarget(File, Rename, &Directory, &Name);
        if (!NT_SUCCESS(Status)) {
            IopFreeIrp(Irp);
            return Status;
        }
        Irp->DriverContext[0] = Directory;
        Irp->DriverContext[1] = &Name;
    }
    Status = IopCallAndWait(Irp);
    if (Status != STATUS_THREAD_IS_TERMINATING)
        IopFreeIrp(Irp);
    if (Directory != NULL)
        ObDereferenceObject(Directory);
    return Status;
}

NTSTATUS IoRenameFile(PFILE_OBJECT File, HANDLE RootDirectory, PCUNICODE_STRING Name)
{
    ULONG Length = FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + Name->Length;
    PFILE_RENAME_INFORMATION Rename = ExAllocatePoolZero(PagedPool, Length, 'nRoI');
    NTSTATUS Status;

    if (Rename == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Rename->RootDirectory = RootDirectory;
    Rename->FileNameLength = Name->Length;
    memcpy(Rename->FileName, Name->Buffer, Name->Length);
    Status = IopSetDriver(File, FileRenameInformation, Rename, Length);
    ExFreePool(Rename);
    return Status;
}

/*
 * Whether attributes and times may be set.  DIFFERS: NT wants a handle with FILE_WRITE_ATTRIBUTES; libwine's SetFileAttributes opens
 * with SYNCHRONIZE alone, so that here a caller may use any handle if the file grants it the right.
 */
static NTSTATUS IopCheckAttributesAccess(PFILE_OBJECT File, ACCESS_MASK Granted)
{
    return Granted & FILE_WRITE_ATTRIBUTES ? STATUS_SUCCESS : IopCheckFileAccess(File, FILE_WRITE_ATTRIBUTES);
}

NTSTATUS NTAPI NtSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation,
        ULONG Length, FILE_INFORMATION_CLASS FileInformationClass)
{
    ACCESS_MASK Access, Granted;
    PFILE_OBJECT File;
    NTSTATUS Status;
    PVOID Captured;

    Status = IopCheckClass(IopSetClasses, IOP_FILE_CLASSES, FileInformationClass, Length, &Access);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForRead(FileInformation, Length, 1);
    if (NT_SUCCESS(Status) && Length > IOP_MAX_INFORMATION)
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = MmCaptureBuffer(FileInformation, Length, &Captured);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopReferenceFile(FileHandle, Access, 0, &File, &Granted);
    if (NT_SUCCESS(Status)) {
        if (FileInformationClass == FileBasicInformation)
            Status = IopCheckAttributesAccess(File, Granted);
        if (NT_SUCCESS(Status) && !IopSetOwnClass(File, FileInformationClass, Captured, &Status))
            Status = IopSetDriver(File, FileInformationClass, Captured, Length);
        ObDereferenceObject(File);
    }
    ExFreePool(Captured);
    return IopReturn(IoStatusBlock, Status, 0);
}

NTSTATUS NTAPI NtQueryVolumeInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FsInformation,
        ULONG Length, FS_INFORMATION_CLASS FsInformationClass)
{
    ULONG_PTR Information = 0;
    ACCESS_MASK Access;
    PFILE_OBJECT File;
    NTSTATUS Status;

    Status = IopCheckClass(IopVolumeClasses, ARRAYSIZE(IopVolumeClasses), FsInformationClass, Length, &Access);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(FsInformation, Length, 1);
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, Access, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (FsInformationClass == FileFsDeviceInformation) {
        FILE_FS_DEVICE_INFORMATION Device = { File->DeviceObject->DeviceType, File->DeviceObject->Characteristics };

        Status = MmCopyToUser(FsInformation, &Device, sizeof(Device));
        Information = sizeof(Device);
    } else {
        Status = IopQueryDriver(File, IRP_MJ_QUERY_VOLUME_INFORMATION, FsInformationClass, 0, FsInformation, Length,
                                &Information);
    }
    ObDereferenceObject(File);
    return IopReturn(IoStatusBlock, Status, Information);
}

#define IOP_QUERY_FLAGS (SL_RESTART_SCAN | SL_RETURN_SINGLE_ENTRY | SL_RETURN_ON_DISK_ENTRIES_ONLY | SL_NO_CURSOR_UPDATE_QUERY)

/* SL_INDEX_SPECIFIED: only a driver's request has an index.  SL_RETURN_ON_DISK_ENTRIES_ONLY: there are no others. */
NTSTATUS NTAPI NtQueryDirectoryFileEx(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
        FILE_INFORMATION_CLASS FileInformationClass, ULONG QueryFlags, PUNICODE_STRING FileName)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };
    UNICODE_STRING Pattern = { 0, 0, NULL };
    PFILE_OBJECT File;
    NTSTATUS Status;
    PIRP Irp;

    if (QueryFlags & ~(ULONG)IOP_QUERY_FLAGS)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(FileInformation, Length, 1);
    if (NT_SUCCESS(Status) && FileName != NULL)
        Status = MmCaptureUnicodeString(FileName, &Pattern);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopReferenceFile(FileHandle, FILE_LIST_DIRECTORY, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        goto out;
    Irp = IopAllocateIrp(File, IRP_MJ_DIRECTORY_CONTROL);
    if (Irp != NULL) {
        Irp->MinorFunction = IRP_MN_QUERY_DIRECTORY;
        Irp->UserOutput = FileInformation;
        Irp->OutputLength = Length < IOP_MAX_INFORMATION ? Length : IOP_MAX_INFORMATION;
        Irp->Parameters.Directory.Class = FileInformationClass;
        Irp->Parameters.Directory.Flags = QueryFlags;
        Irp->Parameters.Directory.Pattern = Pattern;
        Status = IopPerformRequest(Irp, &Async);
    } else {
        Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    ObDereferenceObject(File);
out:
    MmReleaseUnicodeString(&Pattern);
    return Status;
}

NTSTATUS NTAPI NtQueryDirectoryFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine, PVOID ApcContext,
        PIO_STATUS_BLOCK IoStatusBlock, PVOID FileInformation, ULONG Length,
        FILE_INFORMATION_CLASS FileInformationClass,
        BOOLEAN ReturnSingleEntry, PUNICODE_STRING FileName, BOOLEAN RestartScan)
{
    ULONG Flags = (ReturnSingleEntry ? SL_RETURN_SINGLE_ENTRY : 0) | (RestartScan ? SL_RESTART_SCAN : 0);

    return NtQueryDirectoryFileEx(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, FileInformation, Length,
                                  FileInformationClass, Flags, FileName);
}

#define IOP_NOTIFY_FILTERS 0x00000fff

NTSTATUS NTAPI NtNotifyChangeDirectoryFileEx(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
        PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, ULONG CompletionFilter,
        BOOLEAN WatchTree, DIRECTORY_NOTIFY_INFORMATION_CLASS DirectoryNotifyInformationClass)
{
    IOP_ASYNC Async = { Event, ApcRoutine, ApcContext, IoStatusBlock };
    PFILE_OBJECT File;
    NTSTATUS Status;
    PIRP Irp;

    if (DirectoryNotifyInformationClass != DirectoryNotifyInformation &&
        DirectoryNotifyInformationClass != DirectoryNotifyExtendedInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (CompletionFilter == 0 || CompletionFilter & ~IOP_NOTIFY_FILTERS)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(Buffer, Length, sizeof(ULONG));
    if (NT_SUCCESS(Status))
        Status = IopReferenceFile(FileHandle, FILE_LIST_DIRECTORY, 0, &File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp = IopAllocateIrp(File, IRP_MJ_DIRECTORY_CONTROL);
    if (Irp != NULL) {
        Irp->MinorFunction = IRP_MN_NOTIFY_CHANGE_DIRECTORY;
        Irp->UserOutput = Buffer;
        Irp->OutputLength = Length;
        Irp->Parameters.Notify.Filter = CompletionFilter;
        Irp->Parameters.Notify.Tree = WatchTree;
        Irp->Parameters.Notify.Extended = DirectoryNotifyInformationClass == DirectoryNotifyExtendedInformation;
        Status = IopPerformRequest(Irp, &Async);
    } else {
        Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    ObDereferenceObject(File);
    return Status;
}

NTSTATUS NTAPI NtNotifyChangeDirectoryFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
        PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer, ULONG Length, ULONG CompletionFilter,
        BOOLEAN WatchTree)
{
    return NtNotifyChangeDirectoryFileEx(FileHandle, Event, ApcRoutine, ApcContext, IoStatusBlock, Buffer, Length,
                                         CompletionFilter, WatchTree, DirectoryNotifyInformation);
}

/* The volume's label is the only thing to be set (FileFsLabelInformation), and only the driver knows it. */
NTSTATUS NTAPI NtSetVolumeInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock, PVOID FsInformation,
        ULONG Length, FS_INFORMATION_CLASS FsInformationClass)
{
    PFILE_OBJECT File;
    NTSTATUS Status;
    PVOID Captured;
    PIRP Irp;

    if (FsInformationClass != FileFsLabelInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (Length < FIELD_OFFSET(FILE_FS_LABEL_INFORMATION, VolumeLabel))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Length > IOP_MAX_INFORMATION)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(IoStatusBlock, sizeof(*IoStatusBlock), 1);
    if (NT_SUCCESS(Status))
        Status = MmCaptureBuffer(FsInformation, Length, &Captured);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopReferenceFile(FileHandle, FILE_WRITE_DATA, 0, &File, NULL);
    if (NT_SUCCESS(Status)) {
        Irp = IopAllocateInformationIrp(File, IRP_MJ_SET_VOLUME_INFORMATION, FsInformationClass, Length, TRUE);
        Status = STATUS_INSUFFICIENT_RESOURCES;
        if (Irp != NULL) {
            memcpy(Irp->SystemBuffer, Captured, Length);
            Status = IopCallAndWait(Irp);
            if (Status != STATUS_THREAD_IS_TERMINATING)
                IopFreeIrp(Irp);
        }
        ObDereferenceObject(File);
    }
    ExFreePool(Captured);
    return IopReturn(IoStatusBlock, Status, 0);
}
