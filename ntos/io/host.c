/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Driver hosts as processes: making one, loading its drivers, what happens when it dies.
 *
 * A host that dies is started again after a pause that doubles (100 ms at first); after HOST_QUICK_DEATHS deaths in a
 * row, each within HOST_STABLE_TIME of its start, it stays down.  Device names, links and open files outlive the
 * process: its next life binds the devices again and gets the creates again.
 *
 * IopStartHost and IopWaitForHost wait; the rest runs in services of the host, in the loop, or at the end of its
 * process.
 */
#include "ntos/io/hostp.h"
#include "ntos/inc/hal.h"

#define HOST_QUICK_DEATHS 5
#define HOST_SECOND 10000000ll
#define HOST_STABLE_TIME (5 * HOST_SECOND)
#define HOST_READY_TIME (10 * HOST_SECOND)

LIST_ENTRY IopHosts = { &IopHosts, &IopHosts };

static PCWSTR IopHostName(PHOST Host)
{
    return Host->Group[0] != 0 ? Host->Group : Host->Drivers[0].Name;
}

PHOST IopCurrentHost(VOID)
{
    PEPROCESS Process = PsGetCurrentProcess();
    PLIST_ENTRY Entry;

    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink) {
        PHOST Host = CONTAINING_RECORD(Entry, HOST, HostLinks);

        if (Host->Process == Process)
            return Host;
    }
    return NULL;
}

static VOID IopSetHostState(PHOST Host, HOST_STATE State)
{
    Host->State = State;
    if (State == HostRunning || State == HostFailed)
        KeSetEvent(&Host->StateEvent, 0, FALSE);
    else
        KeClearEvent(&Host->StateEvent);
}

VOID IopBreakHost(PHOST Host, const char *Reason)
{
    if (Host->Process == NULL || Host->Process->Exiting)
        return;
    LogPrint("io: driver host %S is ended: %s", IopHostName(Host), Reason);
    PsTerminateProcess(Host->Process, STATUS_INVALID_PARAMETER);
}

VOID IopEndHost(PHOST Host)
{
    if (Host->Process == NULL || Host->Process->Exiting)
        return;
    IopSetHostState(Host, HostDown);
    PsTerminateProcess(Host->Process, STATUS_SUCCESS);
}

/* ---- start ---- */

static VOID IopFillFramebuffer(DRIVER_FRAMEBUFFER *Framebuffer)
{
    HAL_FRAMEBUFFER Hal;

    memset(Framebuffer, 0, sizeof(*Framebuffer));
    if (!HalGetFramebuffer(&Hal))
        return;
    Framebuffer->PhysicalAddress = Hal.PhysicalAddress;
    Framebuffer->Pitch = Hal.Pitch;
    Framebuffer->Width = Hal.Width;
    Framebuffer->Height = Hal.Height;
    Framebuffer->BitsPerPixel = (UCHAR)Hal.BitsPerPixel;
    Framebuffer->RedPosition = 16;
    Framebuffer->GreenPosition = 8;
    Framebuffer->RedSize = Framebuffer->GreenSize = Framebuffer->BlueSize = 8;
}

/* Called by ps before the first thread: region, rings, start block, grants. */
static NTSTATUS IopPrepareHost(PEPROCESS Process, PVOID Context)
{
    PHOST Host = Context;
    DRIVER_START_BLOCK *Start = (DRIVER_START_BLOCK *)Host->Region;
    PVOID Address = (PVOID)DRIVER_REGION_ADDRESS;
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    SIZE_T Size = DRIVER_REGION_SIZE;
    NTSTATUS Status;

    Status = MmMapViewOfSection(Host->Section, &Process->Vm, &Address, 0, &Offset, &Size, 0, PAGE_READWRITE);
    if (NT_SUCCESS(Status))
        Status = KeCreateHostChannel(&Process->Pcb, IopHostDoorbell, Host, &Host->Channel);
    if (!NT_SUCCESS(Status))
        return Status;
    IopResetRings(Host);
    Host->RangeCount = Host->InterruptCount = 0;
    Host->WatchTime = HOST_LEAST_WATCH_TIME;
    memset(Start, 0, sizeof(*Start));
    Start->Version = DRIVER_ABI_VERSION;
    Start->RegionSize = DRIVER_REGION_SIZE;
    Start->Generation = Host->Generation;
    IopFillFramebuffer(&Start->Framebuffer);
    for (ULONG i = 0; i < Host->DriverCount; i++) {
        Status = IopDescribeDriver(Host, i);
        if (!NT_SUCCESS(Status))
            LogPrint("io: driver %S: its resources cannot be granted (status %08lx)", Host->Drivers[i].Name,
                     (unsigned long)Status);
        Host->Drivers[i].Status = Host->Drivers[i].Unloaded ? STATUS_DELETE_PENDING : Status;
    }
    Start->DriverCount = Host->DriverCount;
    return STATUS_SUCCESS;
}

static NTSTATUS IopCreateRegion(PHOST Host)
{
    LARGE_INTEGER Size = { .QuadPart = DRIVER_REGION_SIZE };
    SIZE_T ViewSize = 0;
    NTSTATUS Status;
    PVOID Base;

    if (Host->Region != NULL)
        return STATUS_SUCCESS;
    Status = MmCreateSection(&Host->Section, &Size, PAGE_READWRITE, SEC_COMMIT, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmMapViewInSystemSpace(Host->Section, &Base, &ViewSize);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Host->Section);
        Host->Section = NULL;
        return Status;
    }
    Host->Region = Base;
    Host->Rings = (DRIVER_RINGS *)(Host->Region + DRIVER_RINGS_OFFSET);
    return STATUS_SUCCESS;
}

NTSTATUS IopStartHost(PHOST Host)
{
    PS_SYSTEM_PROCESS Parameters = {
        .ImagePath = L"\\SystemRoot\\system32\\ntoskrnl.exe",
        .CommandLine = L"ntoskrnl.exe",
        .CurrentDirectory = L"C:\\windows\\system32",
        .BasePriority = HOST_PRIORITY,
        .Prepare = IopPrepareHost,
        .Context = Host,
    };
    PEPROCESS Process;
    NTSTATUS Status;

    Host->StartTime = KeQueryInterruptTime();
    Status = IopCreateRegion(Host);
    if (NT_SUCCESS(Status)) {
        IopSetHostState(Host, HostStarting);
        Status = PsCreateSystemProcess(&Parameters, &Process, NULL);
    }
    if (!NT_SUCCESS(Status)) {
        LogPrint("io: driver host %S cannot be started: status %08lx", IopHostName(Host), (unsigned long)Status);
        if (Host->Channel != NULL)
            KeDeleteHostChannel(Host->Channel);
        Host->Channel = NULL;
        IopSetHostState(Host, HostFailed);
        IopAbortRequests(Host, FALSE);
        return Status;
    }
    Host->Process = Process;
    PsResumeProcess(Process);
    IopNoteActivity();
    return STATUS_SUCCESS;
}

/* ---- loading ---- */

static VOID IopLoadStepDone(PHOST Host)
{
    if (--Host->LoadPending != 0)
        return;
    IopSetHostState(Host, HostRunning);
    IopPumpHost(Host);
    IopCheckUnloads(Host);
}

static VOID IopReopenDone(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status)
{
    PHOST_FILE File = Request->File;

    File->Reopening = FALSE;
    File->Known = NT_SUCCESS(Status);
    if (File->File == NULL)
        IopCloseHostFile(File);         /* closed meanwhile */
    if (Host->State == HostLoading)
        IopLoadStepDone(Host);
}

static VOID IopDriverStarted(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status)
{
    PHOST_DRIVER Driver = &Host->Drivers[Request->Entry.Parameter1];

    Driver->Status = Status;
    Driver->Started = NT_SUCCESS(Status);
    if (!NT_SUCCESS(Status))
        LogPrint("io: driver %S failed to start: status %08lx", Driver->Name, (unsigned long)Status);
    if (Host->State != HostLoading)
        return;
    if (Host->LoadPending == 1)
        IopReopenFiles(Host, IopReopenDone);
    IopLoadStepDone(Host);
}

NTSTATUS IopHostReady(PHOST Host)
{
    if (Host->State != HostStarting)
        return STATUS_INVALID_DEVICE_STATE;
    IopSetHostState(Host, HostLoading);
    Host->LoadPending = 1;
    for (ULONG i = 0; i < Host->DriverCount; i++) {
        DRIVER_REQUEST Entry = { .Operation = DRIVER_OP_START, .Parameter1 = i };

        if (!NT_SUCCESS(Host->Drivers[i].Status))
            continue;
        Host->LoadPending++;
        if (!NT_SUCCESS(IopSendOwn(Host, &Entry, NULL, NULL, 0, IopDriverStarted)))
            Host->LoadPending--;
    }
    IopLoadStepDone(Host);
    return STATUS_SUCCESS;
}

NTSTATUS IopWaitForHost(PHOST Host, ULONG DriverIndex)
{
    LARGE_INTEGER Timeout = { .QuadPart = -HOST_READY_TIME };
    NTSTATUS Status;

    Status = KeWaitForSingleObject(&Host->StateEvent, Executive, UserMode, FALSE, &Timeout);
    if (Status == STATUS_TIMEOUT) {
        IopBreakHost(Host, "it did not become ready in time");
        return STATUS_IO_TIMEOUT;
    }
    if (Status != STATUS_SUCCESS)
        return Status;
    return Host->State == HostFailed ? STATUS_DEVICE_NOT_CONNECTED : Host->Drivers[DriverIndex].Status;
}

/* ---- death ---- */

static VOID IopRestartHost(PVOID Context)
{
    PHOST Host = Context;
    LARGE_INTEGER Pause = { .QuadPart = -(HOST_SECOND / 10 << Host->QuickDeaths) };

    KeDelayExecutionThread(KernelMode, FALSE, &Pause);
    if (IopIsHostEmpty(Host)) {         /* its driver died while it was unloaded */
        IopSetHostState(Host, HostFailed);
        return;
    }
    Host->Generation++;
    IopStartHost(Host);
}

VOID IopHostProcessExit(PEPROCESS Process)
{
    PLIST_ENTRY Entry;
    PHOST Host = NULL;

    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink) {
        Host = CONTAINING_RECORD(Entry, HOST, HostLinks);
        if (Host->Process == Process)
            break;
    }
    if (Entry == &IopHosts)
        return;
    if (IopIsHostEmpty(Host))
        Host->QuickDeaths = HOST_QUICK_DEATHS;
    else if (KeQueryInterruptTime() - Host->StartTime < HOST_STABLE_TIME)
        Host->QuickDeaths++;
    else
        Host->QuickDeaths = 0;
    Host->Process = NULL;
    KeDeleteHostChannel(Host->Channel);
    Host->Channel = NULL;
    for (ULONG i = 0; i < HOST_MAX_DEVICES; i++)
        Host->Devices[i].Bound = FALSE;
    for (ULONG i = 0; i < Host->DriverCount; i++)
        Host->Drivers[i].Started = FALSE;
    LogPrint("io: driver host %S ended (status %08lx)%s", IopHostName(Host), (unsigned long)Process->ExitStatus,
             IopIsHostEmpty(Host) ? "; it has no driver any more" :
             Host->QuickDeaths < HOST_QUICK_DEATHS ? "; starting it again" : "; too often: it stays down");
    IopSetHostState(Host, Host->QuickDeaths < HOST_QUICK_DEATHS ? HostDown : HostFailed);
    IopForgetFiles(Host);
    IopAbortRequests(Host, Host->State == HostDown);
    IopFreeClosedFiles(Host);
    if (IopIsHostEmpty(Host))
        IopForgetLinks(Host);
    ObDereferenceObject(Process);
    if (Host->State == HostDown && !NT_SUCCESS(KeCreateSystemCoroutine(IopRestartHost, Host, NULL))) {
        LogPrint("io: no memory to start driver host %S again", IopHostName(Host));
        IopSetHostState(Host, HostFailed);
        IopAbortRequests(Host, FALSE);
    }
}
