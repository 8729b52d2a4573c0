/* SPDX-License-Identifier: BSD-2-Clause
 *
 * \Device\ConDrv: its names, opens and consoles.  abi/condrv.h says what each name means.
 *
 * A console is made by opening Server; it is dead when the last server handle is closed, and its memory goes with the
 * last open and the last attached process.  Nothing here waits.
 */
#include "ntos/io/condrvp.h"

static LIST_ENTRY CondrvConsoles = { &CondrvConsoles, &CondrvConsoles };

VOID CondrvReference(PCONDRV_CONSOLE Console)
{
    Console->References++;
}

VOID CondrvDereference(PCONDRV_CONSOLE Console)
{
    if (--Console->References != 0)
        return;
    RemoveEntryList(&Console->ConsoleLinks);
    ExFreePool(Console);
}

static PCONDRV_CONSOLE CondrvCreateConsole(VOID)
{
    PCONDRV_CONSOLE Console = ExAllocatePoolZero(NonPagedPool, sizeof(*Console), IO_TAG_CONSOLE);

    if (Console == NULL)
        return NULL;
    Console->NextIdentifier = 1;
    InitializeListHead(&Console->Queued);
    InitializeListHead(&Console->Fetched);
    InitializeListHead(&Console->ServerReads);
    InitializeListHead(&Console->Processes);
    InitializeListHead(&Console->Files);
    InsertTailList(&CondrvConsoles, &Console->ConsoleLinks);
    return Console;
}

static PCONDRV_CONSOLE CondrvCallersConsole(VOID)
{
    PCONDRV_PROCESS Attached = PsGetCurrentProcess()->IoProcessContext;

    return Attached != NULL ? Attached->Console : NULL;
}

static const struct {
    UNICODE_STRING Name;
    ULONG Kind;
} CondrvNames[] = {
    { RTL_CONSTANT_UNICODE_STRING(L"Server"), CONDRV_OBJECT_SERVER },
    { RTL_CONSTANT_UNICODE_STRING(L"Reference"), CONDRV_OBJECT_REFERENCE },
    { RTL_CONSTANT_UNICODE_STRING(L"Connection"), CONDRV_OBJECT_CONNECTION },
    { RTL_CONSTANT_UNICODE_STRING(L"Input"), CONDRV_OBJECT_INPUT },
    { RTL_CONSTANT_UNICODE_STRING(L"CurrentIn"), CONDRV_OBJECT_INPUT },
    { RTL_CONSTANT_UNICODE_STRING(L"Output"), CONDRV_OBJECT_OUTPUT },
    { RTL_CONSTANT_UNICODE_STRING(L"CurrentOut"), CONDRV_OBJECT_OUTPUT },
    { RTL_CONSTANT_UNICODE_STRING(L"ScreenBuffer"), CONDRV_OBJECT_SCREEN_BUFFER },
};

/* \??\CON is the input or the output, whichever it is opened for; for both it is not there.
 * Source: Microsoft, CreateFile, "Consoles". */
static NTSTATUS CondrvChooseEnd(PFILE_OBJECT File, PULONG Kind)
{
    if (File->ReadAccess == File->WriteAccess)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    *Kind = File->ReadAccess ? CONDRV_OBJECT_INPUT : CONDRV_OBJECT_OUTPUT;
    return STATUS_SUCCESS;
}

static NTSTATUS CondrvFindKind(PFILE_OBJECT File, PULONG Kind)
{
    UNICODE_STRING Name = File->FileName, Console = RTL_CONSTANT_UNICODE_STRING(L"Console");

    if (Name.Length != 0 && Name.Buffer[0] == '\\') {
        Name.Buffer++;
        Name.Length -= sizeof(WCHAR);
    }
    for (ULONG i = 0; i < ARRAYSIZE(CondrvNames); i++) {
        if (RtlEqualUnicodeString(&Name, &CondrvNames[i].Name, TRUE)) {
            *Kind = CondrvNames[i].Kind;
            return STATUS_SUCCESS;
        }
    }
    return RtlEqualUnicodeString(&Name, &Console, TRUE) ? CondrvChooseEnd(File, Kind) : STATUS_OBJECT_NAME_NOT_FOUND;
}

/* The console that an open of Kind goes to, not referenced; NULL: a Connection without one. */
static NTSTATUS CondrvChooseConsole(ULONG Kind, PFILE_OBJECT Related, PCONDRV_CONSOLE *Console)
{
    if (Kind == CONDRV_OBJECT_SERVER) {
        if (Related != NULL)
            return STATUS_INVALID_PARAMETER;
        *Console = CondrvCreateConsole();
        return *Console != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
    }
    *Console = Related != NULL ? CondrvFile(Related)->Console : CondrvCallersConsole();
    if (*Console == NULL && Kind == CONDRV_OBJECT_CONNECTION && Related == NULL)
        return STATUS_SUCCESS;
    if (*Console == NULL)
        return STATUS_INVALID_HANDLE;
    return (*Console)->ServerHandles != 0 ? STATUS_SUCCESS : STATUS_PIPE_DISCONNECTED;
}

VOID CondrvJoin(PCONDRV_CONSOLE Console, PCONDRV_FILE Open)
{
    CondrvReference(Console);
    Open->Console = Console;
    if (Open->Kind == CONDRV_OBJECT_SERVER) {
        Console->ServerHandles++;
        return;
    }
    Console->WasUsed = TRUE;
    InsertTailList(&Console->Files, &Open->ConsoleLinks);
    CondrvNotifyOpen(Open, CONSOLE_IO_CREATE_OBJECT);
}

static NTSTATUS CondrvOpen(PFILE_OBJECT File, PFILE_OBJECT Related, PULONG_PTR Information)
{
    PCONDRV_CONSOLE Console;
    PCONDRV_FILE Open;
    NTSTATUS Status;
    ULONG Kind;

    if (File->CreateOptions & FILE_DIRECTORY_FILE)
        return STATUS_NOT_A_DIRECTORY;
    Status = CondrvFindKind(File, &Kind);
    if (!NT_SUCCESS(Status))
        return Status;
    Open = ExAllocatePoolZero(NonPagedPool, sizeof(*Open), IO_TAG_CONSOLE);
    if (Open == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = CondrvChooseConsole(Kind, Related, &Console);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(Open);
        return Status;
    }
    Open->File = File;
    Open->Kind = Kind;
    InitializeListHead(&Open->ConsoleLinks);
    if (Kind == CONDRV_OBJECT_CONNECTION && Console != NULL)
        Status = CondrvConnect(Console, Open);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(Open);
        return Status;
    }
    File->FsContext = Open;
    if (Console != NULL)
        CondrvJoin(Console, Open);
    /* kernelbase opens these without an option and waits for nothing. */
    if (Kind == CONDRV_OBJECT_CONNECTION || Kind == CONDRV_OBJECT_SCREEN_BUFFER)
        File->Flags |= FO_SYNCHRONOUS_IO;
    if (Kind == CONDRV_OBJECT_INPUT) {
        /* Waiting for the handle means waiting for input, not for the end of a request. */
        File->CompletionModes |= FILE_SKIP_SET_EVENT_ON_HANDLE;
        if (Console->InputSignalled)
            KeSetEvent(&File->Event, 0, FALSE);
    }
    *Information = FILE_OPENED;
    return STATUS_SUCCESS;
}

static NTSTATUS CondrvCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    Irp->IoStatus.Information = 0;
    Irp->IoStatus.Status = CondrvOpen(Irp->FileObject, Irp->DriverContext[0], &Irp->IoStatus.Information);
    return Irp->IoStatus.Status;
}

static NTSTATUS CondrvCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PCONDRV_FILE Open = CondrvFile(Irp->FileObject);

    Irp->IoStatus.Status = STATUS_SUCCESS;
    if (Open->CleanedUp)
        return STATUS_SUCCESS;
    Open->CleanedUp = TRUE;
    if (Open->Console == NULL)
        return STATUS_SUCCESS;
    if (Open->Kind == CONDRV_OBJECT_SERVER) {
        if (--Open->Console->ServerHandles == 0)
            CondrvFailAll(Open->Console);
        return STATUS_SUCCESS;
    }
    RemoveEntryList(&Open->ConsoleLinks);
    CondrvNotifyOpen(Open, CONSOLE_IO_CLOSE_OBJECT);
    if (Open->Kind == CONDRV_OBJECT_CONNECTION)
        CondrvDisconnect(Open);
    CondrvClientGone(Open->Console);
    return STATUS_SUCCESS;
}

static NTSTATUS CondrvClose(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PCONDRV_FILE Open = CondrvFile(Irp->FileObject);

    CondrvCleanup(DeviceObject, Irp);
    if (Open->Console != NULL)
        CondrvDereference(Open->Console);
    ExFreePool(Open);
    return STATUS_SUCCESS;
}

static const PDRIVER_DISPATCH CondrvDispatch[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = CondrvCreate,
    [IRP_MJ_CLEANUP] = CondrvCleanup,
    [IRP_MJ_CLOSE] = CondrvClose,
    [IRP_MJ_READ] = CondrvReadWrite,
    [IRP_MJ_WRITE] = CondrvReadWrite,
    [IRP_MJ_FLUSH_BUFFERS] = CondrvReadWrite,
    [IRP_MJ_DEVICE_CONTROL] = CondrvDeviceControl,
};

NTSTATUS CondrvInitialize(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\ConDrv");
    PDRIVER_OBJECT Driver;
    PDEVICE_OBJECT Device;
    NTSTATUS Status;

    Status = IopCreateDriver(L"\\Driver", L"condrv", CondrvDispatch, NULL, &Driver);
    if (NT_SUCCESS(Status))
        Status = IopCreateDevice(Driver, &Name, FILE_DEVICE_CONSOLE, 0, DO_BYTE_STREAM, &Device);
    if (NT_SUCCESS(Status))
        Status = ObCreatePermanentSymbolicLink(L"\\GLOBAL??\\CONIN$", L"\\Device\\ConDrv\\CurrentIn");
    if (NT_SUCCESS(Status))
        Status = ObCreatePermanentSymbolicLink(L"\\GLOBAL??\\CONOUT$", L"\\Device\\ConDrv\\CurrentOut");
    if (NT_SUCCESS(Status))
        Status = ObCreatePermanentSymbolicLink(L"\\GLOBAL??\\CON", L"\\Device\\ConDrv\\Console");
    return Status;
}
