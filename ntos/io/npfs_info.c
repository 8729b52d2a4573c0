/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named pipes: what is asked and set by information class.  Lengths were checked by info.c; the buffer is
 * Irp->SystemBuffer, in ntos, zeroed.  Nothing here waits.
 */
#include "ntos/io/npfsp.h"

static ULONG_PTR NpfsQueryPipe(PNPFS_END End, PVOID Buffer)
{
    PFILE_PIPE_INFORMATION Pipe = Buffer;

    Pipe->ReadMode = End->ReadMode;
    Pipe->CompletionMode = End->CompletionMode;
    return sizeof(*Pipe);
}

static ULONG_PTR NpfsQueryLocal(PNPFS_END End, PVOID Buffer)
{
    PFILE_PIPE_LOCAL_INFORMATION Local = Buffer;
    PNPFS_INSTANCE Instance = End->Instance;
    const NPFS_QUEUE *In = &Instance->Queues[End->Side];
    const NPFS_QUEUE *Out = &Instance->Queues[1 - End->Side];

    Local->NamedPipeType = Instance->Pipe->Type;
    Local->NamedPipeConfiguration = Instance->Pipe->Configuration;
    Local->MaximumInstances = Instance->Pipe->MaximumInstances;
    Local->CurrentInstances = Instance->Pipe->Servers;
    Local->InboundQuota = Instance->Queues[FILE_PIPE_SERVER_END].Quota;
    Local->ReadDataAvailable = NpfsReadable(In);
    Local->OutboundQuota = Instance->Queues[FILE_PIPE_CLIENT_END].Quota;
    Local->WriteQuotaAvailable = Out->Used < Out->Quota ? Out->Quota - (ULONG)Out->Used : 0;
    Local->NamedPipeState = Instance->State;
    Local->NamedPipeEnd = End->Side;
    return sizeof(*Local);
}

static ULONG_PTR NpfsQueryBasic(PNPFS_END End, PVOID Buffer)
{
    ((PFILE_BASIC_INFORMATION)Buffer)->FileAttributes = FILE_ATTRIBUTE_NORMAL;
    return sizeof(FILE_BASIC_INFORMATION);
}

static ULONG_PTR NpfsQueryStandard(PNPFS_END End, PVOID Buffer)
{
    PFILE_STANDARD_INFORMATION Standard = Buffer;
    PNPFS_INSTANCE Instance = End->Instance;

    Standard->AllocationSize.QuadPart = (ULONG64)Instance->Queues[0].Quota + Instance->Queues[1].Quota;
    Standard->EndOfFile.QuadPart = NpfsReadable(&Instance->Queues[End->Side]);
    Standard->NumberOfLinks = 1;
    Standard->DeletePending = TRUE;
    return sizeof(*Standard);
}

static ULONG_PTR NpfsQueryInternal(PNPFS_END End, PVOID Buffer)
{
    ((PFILE_INTERNAL_INFORMATION)Buffer)->IndexNumber.QuadPart = (ULONG_PTR)End->Instance;
    return sizeof(FILE_INTERNAL_INFORMATION);
}

static ULONG_PTR NpfsQueryEa(PNPFS_END End, PVOID Buffer)
{
    return sizeof(FILE_EA_INFORMATION);
}

static ULONG_PTR NpfsQueryNetworkOpen(PNPFS_END End, PVOID Buffer)
{
    PFILE_NETWORK_OPEN_INFORMATION Open = Buffer;
    FILE_STANDARD_INFORMATION Standard = { 0 };

    NpfsQueryStandard(End, &Standard);
    Open->AllocationSize = Standard.AllocationSize;
    Open->EndOfFile = Standard.EndOfFile;
    Open->FileAttributes = FILE_ATTRIBUTE_NORMAL;
    return sizeof(*Open);
}

static ULONG_PTR (*const NpfsQueries[])(PNPFS_END End, PVOID Buffer) = {
    [FileBasicInformation] = NpfsQueryBasic,
    [FileStandardInformation] = NpfsQueryStandard,
    [FileInternalInformation] = NpfsQueryInternal,
    [FileEaInformation] = NpfsQueryEa,
    [FilePipeInformation] = NpfsQueryPipe,
    [FilePipeLocalInformation] = NpfsQueryLocal,
    [FileNetworkOpenInformation] = NpfsQueryNetworkOpen,
};

/* FILE_NAME_INFORMATION in Length bytes: as much as fits. */
static NTSTATUS NpfsPutName(PNPFS_END End, PFILE_NAME_INFORMATION Name, ULONG Length, PULONG_PTR Used)
{
    PCUNICODE_STRING Pipe = &End->Instance->Pipe->Name;
    ULONG Room = (Length - FIELD_OFFSET(FILE_NAME_INFORMATION, FileName)) & ~1u;
    ULONG Needed = Pipe->Length != 0 ? sizeof(WCHAR) + Pipe->Length : 0;
    ULONG Copied = Needed < Room ? Needed : Room;

    Name->FileNameLength = Needed;
    if (Copied != 0) {
        Name->FileName[0] = '\\';
        memcpy(Name->FileName + 1, Pipe->Buffer, Copied - sizeof(WCHAR));
    }
    *Used = FIELD_OFFSET(FILE_NAME_INFORMATION, FileName) + Copied;
    return Copied < Needed ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS NpfsQueryAll(PNPFS_END End, PFILE_ALL_INFORMATION All, ULONG Length, PULONG_PTR Used)
{
    ULONG Fixed = FIELD_OFFSET(FILE_ALL_INFORMATION, NameInformation);
    NTSTATUS Status;

    NpfsQueryBasic(End, &All->BasicInformation);
    NpfsQueryStandard(End, &All->StandardInformation);
    NpfsQueryInternal(End, &All->InternalInformation);
    Status = NpfsPutName(End, &All->NameInformation, Length - Fixed, Used);
    *Used += Fixed;
    return Status;
}

NTSTATUS NpfsQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);
    ULONG Class = Irp->Parameters.Information.Class;

    Irp->IoStatus.Information = 0;
    if (End->Root)
        return NpfsFinish(Irp, STATUS_INVALID_PARAMETER);
    if (End->Instance == NULL)
        return NpfsFinish(Irp, STATUS_PIPE_DISCONNECTED);
    if (Class == FileNameInformation)
        return NpfsFinish(Irp, NpfsPutName(End, Irp->SystemBuffer, Irp->OutputLength, &Irp->IoStatus.Information));
    if (Class == FileAllInformation)
        return NpfsFinish(Irp, NpfsQueryAll(End, Irp->SystemBuffer, Irp->OutputLength, &Irp->IoStatus.Information));
    if (Class >= ARRAYSIZE(NpfsQueries) || NpfsQueries[Class] == NULL)
        return NpfsFinish(Irp, STATUS_INVALID_PARAMETER);
    Irp->IoStatus.Information = NpfsQueries[Class](End, Irp->SystemBuffer);
    return NpfsFinish(Irp, STATUS_SUCCESS);
}

/* Not to an end that does not wait while something waits on it. */
static NTSTATUS NpfsSetPipe(PNPFS_END End, const FILE_PIPE_INFORMATION *Pipe)
{
    if (Pipe->ReadMode > FILE_PIPE_MESSAGE_MODE || Pipe->CompletionMode > FILE_PIPE_COMPLETE_OPERATION)
        return STATUS_INVALID_PARAMETER;
    if (Pipe->ReadMode == FILE_PIPE_MESSAGE_MODE && End->Instance->Pipe->Type != FILE_PIPE_MESSAGE_TYPE)
        return STATUS_INVALID_PARAMETER;
    if (Pipe->CompletionMode == FILE_PIPE_COMPLETE_OPERATION && End->CompletionMode == FILE_PIPE_QUEUE_OPERATION &&
        (!IsListEmpty(&End->Instance->Queues[End->Side].Reads) ||
         (End->Side == FILE_PIPE_SERVER_END && !IsListEmpty(&End->Instance->Listeners))))
        return STATUS_PIPE_BUSY;
    End->ReadMode = Pipe->ReadMode;
    End->CompletionMode = Pipe->CompletionMode;
    return STATUS_SUCCESS;
}

NTSTATUS NpfsSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);

    Irp->IoStatus.Information = 0;
    if (!End->Root && End->Instance == NULL)
        return NpfsFinish(Irp, STATUS_PIPE_DISCONNECTED);
    if (!End->Root && Irp->Parameters.Information.Class == FilePipeInformation)
        return NpfsFinish(Irp, NpfsSetPipe(End, Irp->SystemBuffer));
    /* Times and attributes are accepted and not kept, as Windows does. */
    if (Irp->Parameters.Information.Class == FileBasicInformation)
        return NpfsFinish(Irp, STATUS_SUCCESS);
    return NpfsFinish(Irp, STATUS_INVALID_PARAMETER);
}

/* Text after a fixed part, as much as fits. */
static NTSTATUS NpfsPutText(PIRP Irp, ULONG Offset, PCWSTR Text, PULONG TextLength)
{
    ULONG Length = wcslen(Text) * sizeof(WCHAR);
    ULONG Room = Irp->OutputLength - Offset;

    *TextLength = Length;
    if (Room > Length)
        Room = Length;
    memcpy((PUCHAR)Irp->SystemBuffer + Offset, Text, Room);
    Irp->IoStatus.Information = Offset + Room;
    return Room < Length ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS NpfsQueryVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_FS_VOLUME_INFORMATION Volume = Irp->SystemBuffer;
    PFILE_FS_ATTRIBUTE_INFORMATION Attribute = Irp->SystemBuffer;
    NTSTATUS Status;

    Irp->IoStatus.Information = 0;
    switch (Irp->Parameters.Information.Class) {
    case FileFsVolumeInformation:
        Status = NpfsPutText(Irp, FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel), L"NamedPipe",
                             &Volume->VolumeLabelLength);
        break;
    case FileFsAttributeInformation:
        Attribute->FileSystemAttributes = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK;
        Attribute->MaximumComponentNameLength = MAXDWORD;
        Status = NpfsPutText(Irp, FIELD_OFFSET(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName), L"NPFS",
                             &Attribute->FileSystemNameLength);
        break;
    case FileFsSizeInformation:
        Irp->IoStatus.Information = sizeof(FILE_FS_SIZE_INFORMATION);
        Status = STATUS_SUCCESS;
        break;
    case FileFsFullSizeInformation:
        Irp->IoStatus.Information = sizeof(FILE_FS_FULL_SIZE_INFORMATION);
        Status = STATUS_SUCCESS;
        break;
    default:
        Status = STATUS_INVALID_PARAMETER;
    }
    return NpfsFinish(Irp, Status);
}
