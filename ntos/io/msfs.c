/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Mailslots, \Device\Mailslot (\??\MAILSLOT): one server end that reads messages, any number of writers.  A write is done
 * at once; a read takes one message, and waits for it as long as the slot's read timeout says.  Nothing here waits.
 *
 * DIFFERS: there is no other machine: names are local, a slot name of another computer is not found.
 */
#include "ntos/io/iop.h"
#include "ntos/inc/se.h"

#define MSFS_TAG 'sfSM'
#define MSFS_MAXIMUM_KEPT 0x400000u     /* bytes of messages that nobody has read */
#define MSFS_NO_MESSAGE 0xffffffffu     /* MAILSLOT_NO_MESSAGE */

typedef struct _MSFS_MESSAGE {
    LIST_ENTRY Links;
    ULONG Length;
    UCHAR Data[];
} MSFS_MESSAGE, *PMSFS_MESSAGE;

typedef struct _MSFS_SLOT {
    LIST_ENTRY Links;                   /* MsfsSlots, until the server end is closed */
    UNICODE_STRING Name;                /* without leading backslash; pool */
    ULONG References;                   /* opens */
    BOOLEAN ServerClosed;
    ULONG MaximumMessageSize;           /* 0: any */
    ULONG Quota;
    LARGE_INTEGER ReadTimeout;          /* -1: for ever */
    LIST_ENTRY Messages;
    ULONG Count;
    ULONG Kept;                         /* bytes */
    LIST_ENTRY Reads;                   /* MSFS_READ */
    PSECURITY_DESCRIPTOR Descriptor;
} MSFS_SLOT, *PMSFS_SLOT;

typedef struct _MSFS_OPEN {
    PMSFS_SLOT Slot;                    /* referenced; NULL: the device or its root */
    BOOLEAN Server;
    BOOLEAN Closed;
} MSFS_OPEN, *PMSFS_OPEN;

/* A read that waits. */
typedef struct _MSFS_READ {
    LIST_ENTRY Links;
    PIRP Irp;
    KTIMER Timer;
    KDPC Dpc;
} MSFS_READ, *PMSFS_READ;

static LIST_ENTRY MsfsSlots = { &MsfsSlots, &MsfsSlots };

static PMSFS_OPEN MsfsOpenOf(PFILE_OBJECT File)
{
    return File->FsContext;
}

static NTSTATUS MsfsFinish(PIRP Irp, NTSTATUS Status)
{
    if (Status != STATUS_PENDING)
        Irp->IoStatus.Status = Status;
    return Status;
}

static PMSFS_SLOT MsfsFind(PCUNICODE_STRING Name)
{
    PLIST_ENTRY Entry;

    for (Entry = MsfsSlots.Flink; Entry != &MsfsSlots; Entry = Entry->Flink) {
        PMSFS_SLOT Slot = CONTAINING_RECORD(Entry, MSFS_SLOT, Links);

        if (RtlEqualUnicodeString(&Slot->Name, Name, TRUE))
            return Slot;
    }
    return NULL;
}

static VOID MsfsDropMessage(PMSFS_SLOT Slot)
{
    PMSFS_MESSAGE Message = CONTAINING_RECORD(RemoveHeadList(&Slot->Messages), MSFS_MESSAGE, Links);

    Slot->Count--;
    Slot->Kept -= Message->Length;
    ExFreePoolWithTag(Message, MSFS_TAG);
}

static VOID MsfsDereference(PMSFS_SLOT Slot)
{
    if (--Slot->References != 0)
        return;
    while (!IsListEmpty(&Slot->Messages))
        MsfsDropMessage(Slot);
    SeReleaseSecurityDescriptor(Slot->Descriptor);
    if (Slot->Name.Buffer != NULL)
        ExFreePool(Slot->Name.Buffer);
    ExFreePoolWithTag(Slot, MSFS_TAG);
}

/* ------------------------------------------------------------------ reading and writing */

/* The first message, whole or not at all. */
static NTSTATUS MsfsTake(PMSFS_SLOT Slot, PIRP Irp)
{
    PMSFS_MESSAGE Message = CONTAINING_RECORD(Slot->Messages.Flink, MSFS_MESSAGE, Links);
    NTSTATUS Status;

    if (Irp->OutputLength < Message->Length)
        return STATUS_BUFFER_TOO_SMALL;
    Status = IopCopyOutput(Irp, 0, Message->Data, Message->Length);
    if (!NT_SUCCESS(Status))
        return Status;
    Irp->IoStatus.Information = Message->Length;
    MsfsDropMessage(Slot);
    return STATUS_SUCCESS;
}

static VOID MsfsEndRead(PMSFS_READ Read, NTSTATUS Status)
{
    PIRP Irp = Read->Irp;

    RemoveEntryList(&Read->Links);
    KeCancelTimer(&Read->Timer);
    KeRemoveQueueDpc(&Read->Dpc);
    ExFreePoolWithTag(Read, MSFS_TAG);
    Irp->IoStatus.Status = Status;
    IoCompleteRequest(Irp);
}

static VOID MsfsReadTimeout(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    MsfsEndRead(DeferredContext, STATUS_IO_TIMEOUT);
}

static VOID MsfsCancelRead(PIRP Irp)
{
    MsfsEndRead(Irp->DriverContext[0], STATUS_CANCELLED);
}

static NTSTATUS MsfsWait(PMSFS_SLOT Slot, PIRP Irp)
{
    PMSFS_READ Read = ExAllocatePoolZero(NonPagedPool, sizeof(*Read), MSFS_TAG);

    if (Read == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Read->Irp = Irp;
    KeInitializeTimerEx(&Read->Timer, NotificationTimer);
    KeInitializeDpc(&Read->Dpc, MsfsReadTimeout, Read);
    InsertTailList(&Slot->Reads, &Read->Links);
    Irp->DriverContext[0] = Read;
    Irp->CancelRoutine = MsfsCancelRead;
    if (Slot->ReadTimeout.QuadPart != -1)
        KeSetTimerEx(&Read->Timer, Slot->ReadTimeout, 0, &Read->Dpc);
    return STATUS_PENDING;
}

static NTSTATUS MsfsRead(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_OPEN Open = MsfsOpenOf(Irp->FileObject);
    PMSFS_SLOT Slot = Open->Slot;

    Irp->IoStatus.Information = 0;
    if (Slot == NULL || !Open->Server)
        return MsfsFinish(Irp, STATUS_INVALID_PARAMETER);
    if (!IsListEmpty(&Slot->Messages))
        return MsfsFinish(Irp, MsfsTake(Slot, Irp));
    if (Slot->ReadTimeout.QuadPart == 0)
        return MsfsFinish(Irp, STATUS_IO_TIMEOUT);
    return MsfsFinish(Irp, MsfsWait(Slot, Irp));
}

static VOID MsfsServeReads(PMSFS_SLOT Slot)
{
    while (!IsListEmpty(&Slot->Reads) && !IsListEmpty(&Slot->Messages)) {
        PMSFS_READ Read = CONTAINING_RECORD(Slot->Reads.Flink, MSFS_READ, Links);

        MsfsEndRead(Read, MsfsTake(Slot, Read->Irp));
    }
}

static NTSTATUS MsfsSend(PMSFS_SLOT Slot, PIRP Irp)
{
    PMSFS_MESSAGE Message;
    NTSTATUS Status;

    if (Slot->ServerClosed)
        return STATUS_FILE_FORCED_CLOSED;
    if (Slot->MaximumMessageSize != 0 && Irp->InputLength > Slot->MaximumMessageSize)
        return STATUS_INVALID_PARAMETER;
    if (Irp->InputLength > MSFS_MAXIMUM_KEPT - Slot->Kept)
        return STATUS_INSUFFICIENT_RESOURCES;
    Message = ExAllocatePoolWithTag(PagedPool, sizeof(*Message) + Irp->InputLength, MSFS_TAG);
    if (Message == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCopyFromUser(Message->Data, Irp->UserInput, Irp->InputLength);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(Message, MSFS_TAG);
        return Status;
    }
    Message->Length = Irp->InputLength;
    InsertTailList(&Slot->Messages, &Message->Links);
    Slot->Count++;
    Slot->Kept += Message->Length;
    Irp->IoStatus.Information = Irp->InputLength;
    MsfsServeReads(Slot);
    return STATUS_SUCCESS;
}

static NTSTATUS MsfsWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_OPEN Open = MsfsOpenOf(Irp->FileObject);

    Irp->IoStatus.Information = 0;
    return MsfsFinish(Irp, Open->Slot != NULL ? MsfsSend(Open->Slot, Irp) : STATUS_INVALID_PARAMETER);
}

/* ------------------------------------------------------------------ information */

static NTSTATUS MsfsQuery(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_SLOT Slot = MsfsOpenOf(Irp->FileObject)->Slot;
    PFILE_MAILSLOT_QUERY_INFORMATION Query = Irp->SystemBuffer;

    Irp->IoStatus.Information = 0;
    if (Slot == NULL || Irp->Parameters.Information.Class != FileMailslotQueryInformation)
        return MsfsFinish(Irp, STATUS_INVALID_PARAMETER);
    Query->MaximumMessageSize = Slot->MaximumMessageSize;
    Query->MailslotQuota = Slot->Quota;
    Query->NextMessageSize = IsListEmpty(&Slot->Messages) ? MSFS_NO_MESSAGE :
                             CONTAINING_RECORD(Slot->Messages.Flink, MSFS_MESSAGE, Links)->Length;
    Query->MessagesAvailable = Slot->Count;
    Query->ReadTimeout = Slot->ReadTimeout;
    Irp->IoStatus.Information = sizeof(*Query);
    return MsfsFinish(Irp, STATUS_SUCCESS);
}

static NTSTATUS MsfsSet(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_OPEN Open = MsfsOpenOf(Irp->FileObject);

    Irp->IoStatus.Information = 0;
    if (Open->Slot == NULL || !Open->Server || Irp->Parameters.Information.Class != FileMailslotSetInformation)
        return MsfsFinish(Irp, STATUS_INVALID_PARAMETER);
    Open->Slot->ReadTimeout = ((PFILE_MAILSLOT_SET_INFORMATION)Irp->SystemBuffer)->ReadTimeout;
    return MsfsFinish(Irp, STATUS_SUCCESS);
}

/* ------------------------------------------------------------------ opening and closing */

static NTSTATUS MsfsMakeSlot(PCUNICODE_STRING Name, const OPEN_PACKET *Packet, PMSFS_SLOT *Slot)
{
    const MAILSLOT_CREATE_PARAMETERS *Parameters = Packet->Parameters;
    PMSFS_SLOT New;
    NTSTATUS Status;

    if (MsfsFind(Name) != NULL)
        return STATUS_OBJECT_NAME_COLLISION;
    New = ExAllocatePoolZero(PagedPool, sizeof(*New), MSFS_TAG);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    InitializeListHead(&New->Messages);
    InitializeListHead(&New->Reads);
    New->References = 1;
    New->MaximumMessageSize = Parameters->MaximumMessageSize;
    New->Quota = Parameters->MailslotQuota;
    New->ReadTimeout = Parameters->ReadTimeout;
    New->Name.Buffer = ExAllocatePoolWithTag(PagedPool, Name->Length, MSFS_TAG);
    Status = New->Name.Buffer != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(Status)) {
        memcpy(New->Name.Buffer, Name->Buffer, Name->Length);
        New->Name.Length = New->Name.MaximumLength = Name->Length;
        Status = SeAssignSecurity(NULL, Packet->SecurityDescriptor, Packet->Mode, &New->Descriptor);
    }
    if (!NT_SUCCESS(Status)) {
        MsfsDereference(New);
        return Status;
    }
    InsertTailList(&MsfsSlots, &New->Links);
    *Slot = New;
    return STATUS_SUCCESS;
}

static NTSTATUS MsfsCheckAccess(PMSFS_SLOT Slot, const OPEN_PACKET *Packet)
{
    ACCESS_MASK Granted;

    return SeCheckAccess(Slot->Descriptor, Packet->DesiredAccess, &IoFileObjectType->TypeInfo.GenericMapping,
                         Packet->Mode, &Granted);
}

static NTSTATUS MsfsOpenSlot(PIRP Irp, PMSFS_OPEN Open)
{
    POPEN_PACKET Packet = Irp->Parameters.Create.Packet;
    PFILE_OBJECT Related = Irp->DriverContext[0];
    UNICODE_STRING Name = Irp->FileObject->FileName;
    PMSFS_SLOT Slot;
    NTSTATUS Status;

    if (Name.Length != 0 && Name.Buffer[0] == '\\') {
        Name.Buffer++;
        Name.Length -= sizeof(WCHAR);
    }
    if (Related != NULL && MsfsOpenOf(Related)->Slot != NULL)
        return STATUS_OBJECT_NAME_INVALID;
    if (Irp->MajorFunction == IRP_MJ_CREATE_MAILSLOT) {
        Irp->IoStatus.Information = FILE_CREATED;
        Open->Server = TRUE;
        return Name.Length != 0 ? MsfsMakeSlot(&Name, Packet, &Open->Slot) : STATUS_OBJECT_NAME_INVALID;
    }
    Irp->IoStatus.Information = FILE_OPENED;
    if (Name.Length == 0)
        return STATUS_SUCCESS;
    Slot = MsfsFind(&Name);
    if (Slot == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    Status = MsfsCheckAccess(Slot, Packet);
    if (!NT_SUCCESS(Status))
        return Status;
    Slot->References++;
    Open->Slot = Slot;
    return STATUS_SUCCESS;
}

static NTSTATUS MsfsCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_OPEN Open = ExAllocatePoolZero(PagedPool, sizeof(*Open), MSFS_TAG);
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    Irp->IoStatus.Information = 0;
    if (Open == NULL)
        return MsfsFinish(Irp, Status);
    Status = MsfsOpenSlot(Irp, Open);
    if (NT_SUCCESS(Status)) {
        Irp->FileObject->FsContext = Open;
    } else {
        Irp->IoStatus.Information = 0;
        ExFreePoolWithTag(Open, MSFS_TAG);
    }
    return MsfsFinish(Irp, Status);
}

/* The server's last handle: the name goes, reads end, messages are lost. */
static NTSTATUS MsfsCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_OPEN Open = MsfsOpenOf(Irp->FileObject);
    PMSFS_SLOT Slot = Open->Slot;

    Irp->IoStatus.Information = 0;
    if (Open->Server && !Open->Closed) {
        Slot->References++;
        Slot->ServerClosed = TRUE;
        RemoveEntryList(&Slot->Links);
        while (!IsListEmpty(&Slot->Reads))
            MsfsEndRead(CONTAINING_RECORD(Slot->Reads.Flink, MSFS_READ, Links), STATUS_FILE_FORCED_CLOSED);
        MsfsDereference(Slot);
    }
    Open->Closed = TRUE;
    return MsfsFinish(Irp, STATUS_SUCCESS);
}

static NTSTATUS MsfsClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PMSFS_OPEN Open = MsfsOpenOf(Irp->FileObject);

    MsfsCleanup(DeviceObject, Irp);
    if (Open->Slot != NULL)
        MsfsDereference(Open->Slot);
    ExFreePoolWithTag(Open, MSFS_TAG);
    return STATUS_SUCCESS;
}

static PSECURITY_DESCRIPTOR *MsfsGetDescriptor(PFILE_OBJECT File)
{
    PMSFS_OPEN Open = MsfsOpenOf(File);

    return Open != NULL && Open->Slot != NULL ? &Open->Slot->Descriptor : NULL;
}

static const PDRIVER_DISPATCH MsfsDispatch[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = MsfsCreate,
    [IRP_MJ_CREATE_MAILSLOT] = MsfsCreate,
    [IRP_MJ_CLEANUP] = MsfsCleanup,
    [IRP_MJ_CLOSE] = MsfsClose,
    [IRP_MJ_READ] = MsfsRead,
    [IRP_MJ_WRITE] = MsfsWrite,
    [IRP_MJ_QUERY_INFORMATION] = MsfsQuery,
    [IRP_MJ_SET_INFORMATION] = MsfsSet,
};

static const FAST_IO_DISPATCH MsfsFastIo = { .GetDescriptor = MsfsGetDescriptor };

NTSTATUS MsfsInitialize(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\Mailslot");
    PDRIVER_OBJECT Driver;
    PDEVICE_OBJECT Device;
    NTSTATUS Status;

    Status = IopCreateDriver(L"\\FileSystem", L"Msfs", MsfsDispatch, &MsfsFastIo, &Driver);
    if (NT_SUCCESS(Status))
        Status = IopCreateDevice(Driver, &Name, FILE_DEVICE_MAILSLOT, 0, DO_BYTE_STREAM, &Device);
    if (NT_SUCCESS(Status))
        Status = ObCreatePermanentSymbolicLink(L"\\GLOBAL??\\MAILSLOT", L"\\Device\\Mailslot");
    return Status;
}

/* ReadTimeout NULL, or -1: for ever. */
NTSTATUS NTAPI NtCreateMailslotFile(PHANDLE FileHandle, ULONG DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatusBlock, ULONG CreateOptions, ULONG MailslotQuota, ULONG MaximumMessageSize,
        PLARGE_INTEGER ReadTimeout)
{
    MAILSLOT_CREATE_PARAMETERS Parameters = { MailslotQuota, MaximumMessageSize, { .QuadPart = -1 } };
    OPEN_PACKET Packet = {
        .ShareAccess = FILE_SHARE_READ | FILE_SHARE_WRITE, .Disposition = FILE_CREATE, .CreateOptions = CreateOptions,
        .MajorFunction = IRP_MJ_CREATE_MAILSLOT, .Parameters = &Parameters,
    };

    if (ReadTimeout != NULL) {
        NTSTATUS Status = MmGetUser(&Parameters.ReadTimeout, ReadTimeout);

        if (!NT_SUCCESS(Status))
            return Status;
    }
    return IopCreateForUser(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, &Packet);
}
