/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named pipes, \Device\NamedPipe (\??\PIPE): names, creation of pipes and instances, opening by clients, closing.
 *
 * A pipe is found by its name while it has an instance with an end open.  A relative create with an empty name below
 * the root makes a pipe without a name; its client opens it with an empty name relative to the server's handle.
 * Nothing here waits.
 *
 * DIFFERS: a pipe that is created without a descriptor has none (everything is granted); Windows takes one from the
 * creator's token.
 */
#include "ntos/io/npfsp.h"

LIST_ENTRY NpfsPipes = { &NpfsPipes, &NpfsPipes };

PNPFS_PIPE NpfsFindPipe(PCUNICODE_STRING Name)
{
    PLIST_ENTRY Entry;

    for (Entry = NpfsPipes.Flink; Entry != &NpfsPipes; Entry = Entry->Flink) {
        PNPFS_PIPE Pipe = CONTAINING_RECORD(Entry, NPFS_PIPE, Links);

        if (RtlEqualUnicodeString(&Pipe->Name, Name, TRUE))
            return Pipe;
    }
    return NULL;
}

PNPFS_INSTANCE NpfsFindListening(PNPFS_PIPE Pipe)
{
    PLIST_ENTRY Entry;

    for (Entry = Pipe->Instances.Flink; Entry != &Pipe->Instances; Entry = Entry->Flink) {
        PNPFS_INSTANCE Instance = CONTAINING_RECORD(Entry, NPFS_INSTANCE, Links);

        if (Instance->State == FILE_PIPE_LISTENING_STATE)
            return Instance;
    }
    return NULL;
}

static VOID NpfsFreePipe(PNPFS_PIPE Pipe)
{
    RemoveEntryList(&Pipe->Links);
    SeReleaseSecurityDescriptor(Pipe->Descriptor);
    if (Pipe->Name.Buffer != NULL)
        ExFreePool(Pipe->Name.Buffer);
    ExFreePoolWithTag(Pipe, NPFS_TAG);
}

static VOID NpfsForgetClientToken(PNPFS_INSTANCE Instance)
{
    if (Instance->ClientToken != NULL)
        ObDereferenceObject(Instance->ClientToken);
    Instance->ClientToken = NULL;
}

VOID NpfsReleaseInstance(PNPFS_INSTANCE Instance)
{
    PNPFS_PIPE Pipe = Instance->Pipe;

    if (--Instance->References != 0)
        return;
    NpfsForgetClientToken(Instance);
    RemoveEntryList(&Instance->Links);
    ExFreePoolWithTag(Instance, NPFS_TAG);
    if (IsListEmpty(&Pipe->Instances))
        NpfsFreePipe(Pipe);
}

VOID NpfsDetachClient(PNPFS_INSTANCE Instance)
{
    PNPFS_END Client = Instance->Ends[FILE_PIPE_CLIENT_END];

    NpfsForgetClientToken(Instance);
    if (Client == NULL)
        return;
    Instance->Ends[FILE_PIPE_CLIENT_END] = NULL;
    Client->Instance = NULL;
    NpfsReleaseInstance(Instance);
}

/* ------------------------------------------------------------------ creating */

static NTSTATUS NpfsCheckParameters(const OPEN_PACKET *Packet, const NAMED_PIPE_CREATE_PARAMETERS *Parameters)
{
    if (Parameters->NamedPipeType > (FILE_PIPE_MESSAGE_TYPE | FILE_PIPE_REJECT_REMOTE_CLIENTS) ||
        Parameters->ReadMode > FILE_PIPE_MESSAGE_MODE || Parameters->CompletionMode > FILE_PIPE_COMPLETE_OPERATION)
        return STATUS_INVALID_PARAMETER;
    if (Parameters->ReadMode == FILE_PIPE_MESSAGE_MODE && !(Parameters->NamedPipeType & FILE_PIPE_MESSAGE_TYPE))
        return STATUS_INVALID_PARAMETER;
    if (Parameters->MaximumInstances == 0 || Packet->ShareAccess & FILE_SHARE_DELETE ||
        !(Packet->ShareAccess & (FILE_SHARE_READ | FILE_SHARE_WRITE)))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

/* Which way the bytes go is said by what the server lets its clients share. */
static ULONG NpfsConfiguration(ULONG ShareAccess)
{
    switch (ShareAccess & (FILE_SHARE_READ | FILE_SHARE_WRITE)) {
    case FILE_SHARE_READ:
        return FILE_PIPE_OUTBOUND;
    case FILE_SHARE_WRITE:
        return FILE_PIPE_INBOUND;
    default:
        return FILE_PIPE_FULL_DUPLEX;
    }
}

static NTSTATUS NpfsCheckAccess(PNPFS_PIPE Pipe, ACCESS_MASK Access, KPROCESSOR_MODE Mode)
{
    ACCESS_MASK Granted;

    return SeCheckAccess(Pipe->Descriptor, Access, &IoFileObjectType->TypeInfo.GenericMapping, Mode, &Granted);
}

static NTSTATUS NpfsMakePipe(PCUNICODE_STRING Name, const OPEN_PACKET *Packet, PNPFS_PIPE *Pipe)
{
    const NAMED_PIPE_CREATE_PARAMETERS *Parameters = Packet->Parameters;
    PNPFS_PIPE New = ExAllocatePoolZero(PagedPool, sizeof(*New), NPFS_TAG);
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    if (New == NULL)
        return Status;
    InitializeListHead(&New->Links);
    InitializeListHead(&New->Instances);
    if (Name->Length != 0) {
        New->Name.Buffer = ExAllocatePoolWithTag(PagedPool, Name->Length, NPFS_TAG);
        if (New->Name.Buffer == NULL)
            goto fail;
        memcpy(New->Name.Buffer, Name->Buffer, Name->Length);
        New->Name.Length = New->Name.MaximumLength = Name->Length;
    }
    Status = SeAssignSecurity(NULL, Packet->SecurityDescriptor, Packet->Mode, &New->Descriptor);
    if (!NT_SUCCESS(Status))
        goto fail;
    New->Type = Parameters->NamedPipeType & FILE_PIPE_MESSAGE_TYPE;
    New->Configuration = NpfsConfiguration(Packet->ShareAccess);
    New->MaximumInstances = Parameters->MaximumInstances;
    New->DefaultTimeout = Parameters->DefaultTimeout;
    if (Name->Length != 0)
        InsertTailList(&NpfsPipes, &New->Links);
    *Pipe = New;
    return STATUS_SUCCESS;
fail:
    NpfsFreePipe(New);
    return Status;
}

static NTSTATUS NpfsMakeInstance(PNPFS_PIPE Pipe, const NAMED_PIPE_CREATE_PARAMETERS *Parameters, PNPFS_END End)
{
    PNPFS_INSTANCE Instance = ExAllocatePoolZero(NonPagedPool, sizeof(*Instance), NPFS_TAG);

    if (Instance == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Instance->Pipe = Pipe;
    Instance->References = 1;
    Instance->State = FILE_PIPE_LISTENING_STATE;
    Instance->Ends[FILE_PIPE_SERVER_END] = End;
    Instance->ProcessIds[FILE_PIPE_SERVER_END] = PsGetCurrentProcessId();
    NpfsInitializeQueue(&Instance->Queues[FILE_PIPE_SERVER_END], Parameters->InboundQuota);
    NpfsInitializeQueue(&Instance->Queues[FILE_PIPE_CLIENT_END], Parameters->OutboundQuota);
    InitializeListHead(&Instance->Listeners);
    InsertTailList(&Pipe->Instances, &Instance->Links);
    Pipe->Servers++;
    End->Instance = Instance;
    End->Side = FILE_PIPE_SERVER_END;
    End->ReadMode = Parameters->ReadMode;
    End->CompletionMode = Parameters->CompletionMode;
    return STATUS_SUCCESS;
}

static NTSTATUS NpfsCheckExisting(PNPFS_PIPE Pipe, const OPEN_PACKET *Packet)
{
    const NAMED_PIPE_CREATE_PARAMETERS *Parameters = Packet->Parameters;
    NTSTATUS Status;

    Status = NpfsCheckAccess(Pipe, Packet->DesiredAccess | FILE_CREATE_PIPE_INSTANCE, Packet->Mode);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Packet->Disposition == FILE_CREATE)
        return STATUS_ACCESS_DENIED;
    if (Pipe->Servers >= Pipe->MaximumInstances)
        return STATUS_INSTANCE_NOT_AVAILABLE;
    if (Pipe->Type != (Parameters->NamedPipeType & FILE_PIPE_MESSAGE_TYPE) ||
        Pipe->Configuration != NpfsConfiguration(Packet->ShareAccess))
        return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

static NTSTATUS NpfsCreateServer(PNPFS_END End, PCUNICODE_STRING Name, POPEN_PACKET Packet, PULONG_PTR Information)
{
    const NAMED_PIPE_CREATE_PARAMETERS *Parameters = Packet->Parameters;
    PNPFS_PIPE Pipe = NULL;
    NTSTATUS Status;

    Status = NpfsCheckParameters(Packet, Parameters);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Name->Length != 0)
        Pipe = NpfsFindPipe(Name);
    if (Pipe != NULL) {
        Status = NpfsCheckExisting(Pipe, Packet);
        *Information = FILE_OPENED;
    } else {
        if (Packet->Disposition == FILE_OPEN || Packet->Disposition == FILE_OVERWRITE)
            return STATUS_OBJECT_NAME_NOT_FOUND;
        if (!Parameters->TimeoutSpecified)
            return STATUS_INVALID_PARAMETER;
        Status = NpfsMakePipe(Name, Packet, &Pipe);
        *Information = FILE_CREATED;
    }
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NpfsMakeInstance(Pipe, Parameters, End);
    if (NT_SUCCESS(Status))
        NpfsWakeWaiters(Pipe);
    else if (IsListEmpty(&Pipe->Instances))
        NpfsFreePipe(Pipe);
    return Status;
}

/* ------------------------------------------------------------------ opening */

static VOID NpfsConnect(PNPFS_INSTANCE Instance, PNPFS_END End, const OPEN_PACKET *Packet)
{
    Instance->References++;
    Instance->State = FILE_PIPE_CONNECTED_STATE;
    Instance->Ends[FILE_PIPE_CLIENT_END] = End;
    Instance->ProcessIds[FILE_PIPE_CLIENT_END] = PsGetCurrentProcessId();
    Instance->ClientToken = SeReferenceClient(Packet->SecurityQos, &Instance->ClientLevel);
    End->Instance = Instance;
    End->Side = FILE_PIPE_CLIENT_END;
    while (!IsListEmpty(&Instance->Listeners)) {
        PIRP Listen = CONTAINING_RECORD(RemoveHeadList(&Instance->Listeners), IRP, ListEntry);

        Listen->IoStatus.Status = STATUS_SUCCESS;
        IoCompleteRequest(Listen);
    }
}

static NTSTATUS NpfsOpenClient(PNPFS_END End, PNPFS_PIPE Pipe, const OPEN_PACKET *Packet)
{
    PNPFS_INSTANCE Instance;
    NTSTATUS Status;

    if (Packet->CreateOptions & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    Status = NpfsCheckAccess(Pipe, Packet->DesiredAccess, Packet->Mode);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((Pipe->Configuration == FILE_PIPE_INBOUND && Packet->DesiredAccess & (FILE_READ_DATA | MAXIMUM_ALLOWED)) ||
        (Pipe->Configuration == FILE_PIPE_OUTBOUND && Packet->DesiredAccess & (FILE_WRITE_DATA | MAXIMUM_ALLOWED)))
        return STATUS_ACCESS_DENIED;
    Instance = NpfsFindListening(Pipe);
    if (Instance == NULL)
        return STATUS_PIPE_NOT_AVAILABLE;
    NpfsConnect(Instance, End, Packet);
    return STATUS_SUCCESS;
}

/* Name: below the device, or relative to Related. */
static NTSTATUS NpfsOpenByName(PNPFS_END End, PNPFS_END Related, PCUNICODE_STRING Name, BOOLEAN Rooted,
        const OPEN_PACKET *Packet)
{
    PNPFS_PIPE Pipe;

    if (Related != NULL && !Related->Root) {
        /* The client end of a pipe that may have no name. */
        if (Name->Length != 0 || Related->Side != FILE_PIPE_SERVER_END)
            return STATUS_OBJECT_NAME_INVALID;
        return NpfsOpenClient(End, Related->Instance->Pipe, Packet);
    }
    if (Name->Length == 0) {
        if (Packet->CreateOptions & FILE_NON_DIRECTORY_FILE && Rooted)
            return STATUS_FILE_IS_A_DIRECTORY;
        End->Root = TRUE;
        return STATUS_SUCCESS;
    }
    Pipe = NpfsFindPipe(Name);
    return Pipe != NULL ? NpfsOpenClient(End, Pipe, Packet) : STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS NpfsOpen(PIRP Irp, PNPFS_END End)
{
    PFILE_OBJECT Related = Irp->DriverContext[0];
    UNICODE_STRING Name = Irp->FileObject->FileName;
    POPEN_PACKET Packet = Irp->Parameters.Create.Packet;
    BOOLEAN Rooted = Name.Length != 0 && Name.Buffer[0] == '\\';

    if (Rooted) {
        Name.Buffer++;
        Name.Length -= sizeof(WCHAR);
    }
    if (Irp->MajorFunction == IRP_MJ_CREATE) {
        Irp->IoStatus.Information = FILE_OPENED;
        return NpfsOpenByName(End, Related != NULL ? NpfsEnd(Related) : NULL, &Name, Rooted, Packet);
    }
    if (Related != NULL ? !NpfsEnd(Related)->Root : Name.Length == 0)
        return STATUS_OBJECT_NAME_INVALID;
    return NpfsCreateServer(End, &Name, Packet, &Irp->IoStatus.Information);
}

static NTSTATUS NpfsCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = ExAllocatePoolZero(NonPagedPool, sizeof(*End), NPFS_TAG);
    NTSTATUS Status;

    Irp->IoStatus.Information = 0;
    if (End == NULL)
        return NpfsFinish(Irp, STATUS_INSUFFICIENT_RESOURCES);
    Status = NpfsOpen(Irp, End);
    if (NT_SUCCESS(Status)) {
        Irp->FileObject->FsContext = End;
    } else {
        Irp->IoStatus.Information = 0;
        ExFreePoolWithTag(End, NPFS_TAG);
    }
    return NpfsFinish(Irp, Status);
}

/* ------------------------------------------------------------------ closing */

static VOID NpfsFailListeners(PNPFS_INSTANCE Instance, NTSTATUS Status)
{
    while (!IsListEmpty(&Instance->Listeners)) {
        PIRP Listen = CONTAINING_RECORD(RemoveHeadList(&Instance->Listeners), IRP, ListEntry);

        Listen->IoStatus.Status = Status;
        IoCompleteRequest(Listen);
    }
}

/* The last handle of one side is closed.  What that side has written stays to be read. */
static VOID NpfsCloseSide(PNPFS_INSTANCE Instance, ULONG Side)
{
    ULONG Other = 1 - Side;

    Instance->Ends[Side] = NULL;
    if (Side == FILE_PIPE_SERVER_END)
        Instance->Pipe->Servers--;
    if (Instance->State == FILE_PIPE_CONNECTED_STATE || Side == FILE_PIPE_SERVER_END)
        Instance->State = FILE_PIPE_CLOSING_STATE;
    NpfsFailListeners(Instance, STATUS_PIPE_BROKEN);
    NpfsFailQueue(&Instance->Queues[Side], STATUS_PIPE_BROKEN, TRUE);
    NpfsFailQueue(&Instance->Queues[Other], STATUS_PIPE_BROKEN, Instance->Ends[Other] == NULL);
}

static NTSTATUS NpfsCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);
    PNPFS_INSTANCE Instance = End->Instance;

    Irp->IoStatus.Information = 0;
    if (!End->Closed && Instance != NULL) {
        Instance->References++;
        NpfsCloseSide(Instance, End->Side);
        NpfsReleaseInstance(Instance);
    }
    End->Closed = TRUE;
    return NpfsFinish(Irp, STATUS_SUCCESS);
}

static NTSTATUS NpfsClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PNPFS_END End = NpfsEnd(Irp->FileObject);

    NpfsCleanup(DeviceObject, Irp);
    if (End->Instance != NULL)
        NpfsReleaseInstance(End->Instance);
    if (End->Pattern.Buffer != NULL)
        ExFreePool(End->Pattern.Buffer);
    ExFreePoolWithTag(End, NPFS_TAG);
    return STATUS_SUCCESS;
}

static PSECURITY_DESCRIPTOR *NpfsGetDescriptor(PFILE_OBJECT File)
{
    PNPFS_END End = NpfsEnd(File);

    return End != NULL && End->Instance != NULL ? &End->Instance->Pipe->Descriptor : NULL;
}

/* The name that the pipe was made with, also for a client that opened it relative to something. */
static NTSTATUS NpfsQueryName(PFILE_OBJECT File, PWCHAR Buffer, ULONG Length, PULONG Needed)
{
    PNPFS_END End = NpfsEnd(File);
    PCUNICODE_STRING Name = End != NULL && End->Instance != NULL ? &End->Instance->Pipe->Name : NULL;

    *Needed = Name != NULL && Name->Length != 0 ? sizeof(WCHAR) + Name->Length : 0;
    if (Length < *Needed)
        return STATUS_BUFFER_OVERFLOW;
    if (*Needed != 0) {
        Buffer[0] = '\\';
        memcpy(Buffer + 1, Name->Buffer, Name->Length);
    }
    return STATUS_SUCCESS;
}

static const PDRIVER_DISPATCH NpfsDispatch[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = NpfsCreate,
    [IRP_MJ_CREATE_NAMED_PIPE] = NpfsCreate,
    [IRP_MJ_CLEANUP] = NpfsCleanup,
    [IRP_MJ_CLOSE] = NpfsClose,
    [IRP_MJ_READ] = NpfsRead,
    [IRP_MJ_WRITE] = NpfsWrite,
    [IRP_MJ_FLUSH_BUFFERS] = NpfsFlush,
    [IRP_MJ_QUERY_INFORMATION] = NpfsQueryInformation,
    [IRP_MJ_SET_INFORMATION] = NpfsSetInformation,
    [IRP_MJ_QUERY_VOLUME_INFORMATION] = NpfsQueryVolume,
    [IRP_MJ_DIRECTORY_CONTROL] = NpfsDirectoryControl,
    [IRP_MJ_FILE_SYSTEM_CONTROL] = NpfsFsControl,
};

static const FAST_IO_DISPATCH NpfsFastIo = {
    .QueryName = NpfsQueryName,
    .GetDescriptor = NpfsGetDescriptor,
};

NTSTATUS NpfsInitialize(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\NamedPipe");
    PDRIVER_OBJECT Driver;
    PDEVICE_OBJECT Device;
    NTSTATUS Status;

    Status = IopCreateDriver(L"\\FileSystem", L"Npfs", NpfsDispatch, &NpfsFastIo, &Driver);
    if (NT_SUCCESS(Status))
        Status = IopCreateDevice(Driver, &Name, FILE_DEVICE_NAMED_PIPE, 0, DO_BYTE_STREAM, &Device);
    if (NT_SUCCESS(Status))
        Status = ObCreatePermanentSymbolicLink(L"\\GLOBAL??\\PIPE", L"\\Device\\NamedPipe");
    return Status;
}

/* ------------------------------------------------------------------ NtCreateNamedPipeFile */

/*
 * DIFFERS: FILE_OVERWRITE_IF is taken as FILE_OPEN_IF, and a default timeout of 0 as 50 ms (Windows refuses both);
 * kernelbase as packaged asks for them.
 */
#define NPFS_USUAL_TIMEOUT (-500000ll)

NTSTATUS NTAPI NtCreateNamedPipeFile(PHANDLE FileHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG ShareAccess, ULONG CreateDisposition, ULONG CreateOptions,
        ULONG NamedPipeType, ULONG ReadMode, ULONG CompletionMode, ULONG MaximumInstances, ULONG InboundQuota,
        ULONG OutboundQuota, PLARGE_INTEGER DefaultTimeout)
{
    NAMED_PIPE_CREATE_PARAMETERS Parameters = {
        NamedPipeType, ReadMode, CompletionMode, MaximumInstances, InboundQuota, OutboundQuota
    };
    OPEN_PACKET Packet = {
        .ShareAccess = ShareAccess, .Disposition = CreateDisposition, .CreateOptions = CreateOptions,
        .MajorFunction = IRP_MJ_CREATE_NAMED_PIPE, .Parameters = &Parameters,
    };
    NTSTATUS Status;

    if (DefaultTimeout != NULL) {
        Status = MmGetUser(&Parameters.DefaultTimeout, DefaultTimeout);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Parameters.DefaultTimeout.QuadPart > 0)
            return STATUS_INVALID_PARAMETER;
        if (Parameters.DefaultTimeout.QuadPart == 0)
            Parameters.DefaultTimeout.QuadPart = NPFS_USUAL_TIMEOUT;
        Parameters.TimeoutSpecified = TRUE;
    }
    return IopCreateForUser(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, &Packet);
}
