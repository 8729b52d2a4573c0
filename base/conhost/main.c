/* SPDX-License-Identifier: BSD-2-Clause
 *
 * conhost: the terminal.  Carries text between programs on one side and the serial line, screen and keyboard on
 * the other.
 *
 * The console it serves is the \Device\ConDrv\Server handle in its StandardInput; without one it opens the server
 * itself.  With `--server HANDLE' it is the console of a program's own, which nobody sees: no devices.  It ends with the last
 * program then.  This file owns the list of channels and the only wait: for the first channel that completes, or the next
 * time at which something is due.  With nothing to do it waits without a timeout and costs nothing.
 */
#include "conhost.h"
#include "base/lib/process.h"

#define MAX_CHANNELS 5
#define MAX_FAILURES 10
#define PRIORITY 13                 /* above programs: keys and Ctrl+C get through whatever they do */
#define FIRST_PAUSE 500000ll        /* 50 ms */

static PCHANNEL Channels[MAX_CHANNELS];
static ULONG ChannelCount;

LONGLONG TimeNow(VOID)
{
    LARGE_INTEGER Now;

    RtlQueryPerformanceCounter(&Now);
    return Now.QuadPart;
}

VOID ChannelAdd(PCHANNEL Channel)
{
    NtCreateEvent(&Channel->Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    Channels[ChannelCount++] = Channel;
}

static VOID ChannelFailed(PCHANNEL Channel)
{
    if (++Channel->Failures < MAX_FAILURES)
        Channel->RetryTime = TimeNow() + (FIRST_PAUSE << min(Channel->Failures, 6));
}

BOOLEAN ChannelOpen(PCHANNEL Channel)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    if (Channel->File != NULL)
        return TRUE;
    RtlInitUnicodeString(&Name, Channel->DeviceName);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtOpenFile(&Channel->File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &IoStatus,
                        FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
    if (!NT_SUCCESS(Status)) {
        Channel->File = NULL;
        ChannelFailed(Channel);
    }
    return NT_SUCCESS(Status);
}

VOID ChannelStarted(PCHANNEL Channel, NTSTATUS Status)
{
    if (NT_ERROR(Status)) {
        Channel->IoStatus.Status = Status;      /* a request that is refused at once leaves the status block alone */
        ChannelFailed(Channel);
    } else {
        Channel->IsBusy = TRUE;
    }
}

VOID ChannelIoctl(PCHANNEL Channel, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output, ULONG OutputLength)
{
    ChannelStarted(Channel, NtDeviceIoControlFile(Channel->File, Channel->Event, NULL, NULL, &Channel->IoStatus, Code,
                                                  Input, InputLength, Output, OutputLength));
}

static VOID ChannelCompleted(PCHANNEL Channel)
{
    Channel->IsBusy = FALSE;
    if (NT_ERROR(Channel->IoStatus.Status)) {
        ChannelFailed(Channel);
        return;
    }
    Channel->Failures = 0;
    Channel->Completed((ULONG)Channel->IoStatus.Information);
}

/* What is due by now; returns when the next thing is. */
static LONGLONG RunTimers(VOID)
{
    LONGLONG Next = min(DisplayDueTime(), InputDueTime());

    for (ULONG i = 0; i < ChannelCount; i++)
        if (Channels[i]->RetryTime != 0)
            Next = min(Next, Channels[i]->RetryTime);
    if (Next == TimeNever || Next > TimeNow())
        return Next;
    if (DisplayDueTime() <= Next)
        DisplayUpdate();
    if (InputDueTime() <= Next)
        InputTimeout();
    for (ULONG i = 0; i < ChannelCount; i++) {
        if (Channels[i]->RetryTime != 0 && Channels[i]->RetryTime <= Next) {
            Channels[i]->RetryTime = 0;
            Channels[i]->Retry();
        }
    }
    return Next;
}

static VOID WaitOnce(VOID)
{
    HANDLE Events[MAX_CHANNELS];
    PCHANNEL Busy[MAX_CHANNELS];
    ULONG Count = 0;
    LONGLONG Next = RunTimers();
    LARGE_INTEGER Timeout;
    NTSTATUS Status;

    for (ULONG i = 0; i < ChannelCount; i++) {
        if (Channels[i]->IsBusy) {
            Busy[Count] = Channels[i];
            Events[Count++] = Channels[i]->Event;
        }
    }
    Timeout.QuadPart = min(TimeNow() - Next, 0);
    if (Count == 0)
        NtDelayExecution(FALSE, &Timeout);
    else {
        Status = NtWaitForMultipleObjects(Count, Events, WaitAny, FALSE, Next == TimeNever ? NULL : &Timeout);
        if (Status >= 0 && Status < (NTSTATUS)Count)
            ChannelCompleted(Busy[Status]);
    }
}

static HANDLE OpenServer(VOID)
{
    static UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\ConDrv\\Server");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    IO_STATUS_BLOCK IoStatus;
    HANDLE Server = NULL;

    NtOpenFile(&Server, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &IoStatus,
            FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
    return Server;
}

/* The handle behind --server, as kernelbase says it for a console of a program's own; NULL: there is none. */
static HANDLE ServerArgument(int ArgumentCount, PWSTR *Arguments)
{
    for (int i = 1; i + 1 < ArgumentCount; i++)
        if (wcscmp(Arguments[i], L"--server") == 0)
            return (HANDLE)(ULONG_PTR)wcstoul(Arguments[i + 1], NULL, 0);
    return NULL;
}

/* Earlier channels win when several are ready, so that a program that prints without end does not keep keys waiting:
 * the server comes last. */
int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Server = ServerArgument(ArgumentCount, Arguments);
    BOOLEAN HasDevices = Server == NULL;
    NTSTATUS Status;

    if (Server == NULL)
        Server = NtCurrentPeb()->ProcessParameters->StandardInput;
    if (Server == NULL)
        Server = OpenServer();
    if (Server == NULL)
        return STATUS_INVALID_HANDLE;
    if (!BufferStart())
        return STATUS_NO_MEMORY;
    if (HasDevices) {
        SetOwnPriority(PRIORITY);
        KeysStart();
        SerialStart();
        DisplayStart();
    }
    Status = ServerStart(Server);
    if (!NT_SUCCESS(Status))
        return Status;
    while (ServerIsAlive())
        WaitOnce();
    return STATUS_SUCCESS;
}
