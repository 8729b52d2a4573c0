/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtUnloadDriver, and drivers that are loaded again.
 *
 * As NT has it: a Plug and Play driver and one without DriverUnload stay; one whose devices have open files goes when
 * the last of them is closed, and until then lets nobody open another.  The host that lies empty then ends.  A driver
 * that dies in its DriverUnload is gone all the same, and what symbolic links an empty host has left go with it.
 *
 *      running --NtUnloadDriver--> Unloading --(no open files: DRIVER_OP_STOP, answered)--> Unloaded
 *
 * Source: Microsoft's page on ZwUnloadDriver.
 */
#include "ntos/io/hostp.h"

BOOLEAN IopIsHostEmpty(PHOST Host)
{
    for (ULONG i = 0; i < Host->DriverCount; i++) {
        if (!Host->Drivers[i].Unloaded)
            return FALSE;
    }
    return TRUE;
}

static BOOLEAN IopHasFiles(PHOST Host, ULONG Index)
{
    for (ULONG Id = 1; Id < HOST_MAX_FILES; Id++) {
        if (Host->Files[Id] != NULL && Host->Files[Id]->Device->DriverIndex == Index)
            return TRUE;
    }
    return FALSE;
}

/* ---- one question to the host ---- */

static VOID IopAnswer(PHOST_DRIVER Driver, NTSTATUS Status)
{
    Driver->Answer = Status;
    KeSetEvent(&Driver->Answered, 0, FALSE);
}

static VOID IopDriverAnswered(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status)
{
    IopAnswer(&Host->Drivers[Request->Entry.Parameter1], Status);
}

/* Waits: a host that runs answers or is ended (hostwatch.c). */
static NTSTATUS IopAskDriver(PHOST Host, ULONG Index, UCHAR Operation)
{
    DRIVER_REQUEST Entry = { .Operation = Operation, .Parameter1 = Index };
    PHOST_DRIVER Driver = &Host->Drivers[Index];
    NTSTATUS Status;

    KeClearEvent(&Driver->Answered);
    Status = IopSendOwn(Host, &Entry, NULL, NULL, 0, IopDriverAnswered);
    if (!NT_SUCCESS(Status))
        return Status;
    KeWaitForSingleObject(&Driver->Answered, Executive, KernelMode, FALSE, NULL);
    return Driver->Answer;
}

/* ---- the end of a driver ---- */

/* Nothing of the driver is left in the host: its names go. */
static VOID IopForgetDriver(PHOST Host, ULONG Index)
{
    PHOST_DRIVER Driver = &Host->Drivers[Index];

    Driver->Started = Driver->Unloading = FALSE;
    Driver->Unloaded = TRUE;
    for (ULONG i = 0; i < HOST_MAX_DEVICES; i++) {
        if (Host->Devices[i].InUse && Host->Devices[i].DriverIndex == Index)
            IopForgetDevice(&Host->Devices[i]);
    }
    if (Driver->DriverObject != NULL) {
        ObMakeTemporaryObject(Driver->DriverObject);
        ObDereferenceObject(Driver->DriverObject);
        Driver->DriverObject = NULL;
    }
    LogPrint("io: driver %S is unloaded", Driver->Name);
}

VOID IopForgetFailedDriver(PHOST Host, ULONG Index)
{
    if (Host->State != HostRunning || Host->Drivers[Index].Started || Host->Drivers[Index].Unloaded)
        return;
    IopForgetDriver(Host, Index);
    if (IopIsHostEmpty(Host))
        IopEndHost(Host);
}

static VOID IopDriverStopped(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status)
{
    ULONG Index = Request->Entry.Parameter1;
    PHOST_DRIVER Driver = &Host->Drivers[Index];

    Driver->StopSent = FALSE;
    if (NT_SUCCESS(Status) || Status == STATUS_DEVICE_NOT_CONNECTED)    /* the second: with its process */
        IopForgetDriver(Host, Index);
    Driver->Unloading = FALSE;
    IopAnswer(Driver, Status);
    if (IopIsHostEmpty(Host))
        IopEndHost(Host);
}

VOID IopCheckUnloads(PHOST Host)
{
    if (Host->State != HostRunning)
        return;
    for (ULONG i = 0; i < Host->DriverCount; i++) {
        DRIVER_REQUEST Entry = { .Operation = DRIVER_OP_STOP, .Parameter1 = i };
        PHOST_DRIVER Driver = &Host->Drivers[i];
        NTSTATUS Status;

        if (!Driver->Unloading || Driver->StopSent || IopHasFiles(Host, i))
            continue;
        Driver->StopSent = TRUE;
        Status = IopSendOwn(Host, &Entry, NULL, NULL, 0, IopDriverStopped);
        if (NT_SUCCESS(Status))
            continue;
        LogPrint("io: no memory to unload driver %S: it stays", Driver->Name);
        Driver->StopSent = Driver->Unloading = FALSE;
        IopAnswer(Driver, Status);
    }
}

/* ---- services ---- */

static NTSTATUS IopUnloadDriver(PCWSTR Name)
{
    PHOST_DRIVER Driver;
    NTSTATUS Status;
    ULONG Index;
    PHOST Host = IopFindDriver(Name, &Index);

    if (Host == NULL || Host->State == HostFailed || Host->Drivers[Index].Unloaded)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    Driver = &Host->Drivers[Index];
    if (Driver->Unloading)
        return STATUS_SUCCESS;
    Status = IopWaitForHost(Host, Index);
    if (!NT_SUCCESS(Status) || !Driver->Started)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    Status = IopAskDriver(Host, Index, DRIVER_OP_QUERY_STOP);
    if (NT_SUCCESS(Status) && Host->State != HostRunning)
        Status = STATUS_DEVICE_NOT_CONNECTED;           /* it has died since it answered */
    if (!NT_SUCCESS(Status))
        return Status;
    Driver->Unloading = TRUE;
    if (IopHasFiles(Host, Index))
        return STATUS_SUCCESS;
    KeClearEvent(&Driver->Answered);
    IopCheckUnloads(Host);
    KeWaitForSingleObject(&Driver->Answered, Executive, KernelMode, FALSE, NULL);
    return Driver->Answer;
}

NTSTATUS NTAPI NtUnloadDriver(PUNICODE_STRING DriverServiceName)
{
    return IopChangeDriver(DriverServiceName, IopUnloadDriver);
}

NTSTATUS IopLoadAgain(PHOST Host, ULONG Index)
{
    PHOST_DRIVER Driver = &Host->Drivers[Index];
    NTSTATUS Status = STATUS_SUCCESS;

    if (Host->State != HostRunning && Host->State != HostFailed)
        Status = IopWaitForHost(Host, Index);   /* it ends, or starts for others */
    if (Host->State != HostRunning && Host->State != HostFailed)
        return Status;
    Driver->Unloaded = FALSE;
    if (Host->State == HostFailed) {
        Host->QuickDeaths = 0;
        Host->Generation++;
        Status = IopStartHost(Host);
        return NT_SUCCESS(Status) ? IopWaitForHost(Host, Index) : Status;
    }
    Status = IopMakeDriverObject(Driver);       /* others run in its host */
    if (NT_SUCCESS(Status))
        Status = IopAskDriver(Host, Index, DRIVER_OP_START);
    Driver->Status = Status;
    if (NT_SUCCESS(Status))
        Driver->Started = TRUE;
    else
        IopForgetDriver(Host, Index);
    return Status;
}
