/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Times that are extreme, to every service that takes a time: 0, the shortest, the longest and the most distant, moments that are past.
 *
 * A wait whose time is over says so at once; one whose end is out of reach goes on (its thread is ended then), however the
 * service counts.  A service of the table of services (services.h) whose time has no test here fails.
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "nt/alpcapi.h"
#include "nt/dbgapi.h"
#include "services.h"

#define MS 10000ll
#define SECOND (1000 * MS)
#define STILL_WAITING (10 * MS)         /* a wait that has not ended by then goes on */

typedef NTSTATUS (*WAIT)(PLARGE_INTEGER Time);

static HANDLE Event, Signalled, Completion, KeyedEvent, DebugObject, Port, AlpcPort;
static UNICODE_STRING AlpcName = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects\\errtimes-alpc");

/* Over at once: system time starts in 1601. */
static const LONGLONG Over[] = { 0, -1, 1, 2, 0x100000000, 116444736000000000 /* 1970 */ };
static const LONGLONG OutOfReach[] = { MINLONGLONG, MINLONGLONG + 1, -MAXLONGLONG / 2, -(1ll << 62) - 1, -0x100000000000, MAXLONGLONG, MAXLONGLONG - 1,
        1ll << 62, 0x7fffffff00000000 };

/* --- waits -------------------------------------------------------------------------------------------------------- */

static NTSTATUS WaitSingle(PLARGE_INTEGER Time)
{
    return NtWaitForSingleObject(Event, FALSE, Time);
}

static NTSTATUS WaitMultiple(PLARGE_INTEGER Time)
{
    HANDLE Both[] = { Event, Signalled };

    return NtWaitForMultipleObjects(2, Both, WaitAll, FALSE, Time);
}

static NTSTATUS SignalAndWait(PLARGE_INTEGER Time)
{
    return NtSignalAndWaitForSingleObject(Signalled, Event, FALSE, Time);
}

static NTSTATUS WaitKeyed(PLARGE_INTEGER Time)
{
    return NtWaitForKeyedEvent(KeyedEvent, &KeyedEvent, FALSE, Time);
}

static NTSTATUS ReleaseKeyed(PLARGE_INTEGER Time)
{
    return NtReleaseKeyedEvent(KeyedEvent, &Completion, FALSE, Time);
}

static NTSTATUS WaitAlert(PLARGE_INTEGER Time)
{
    return NtWaitForAlertByThreadId(NULL, Time);
}

static NTSTATUS Delay(PLARGE_INTEGER Time)
{
    return NtDelayExecution(FALSE, Time);
}

static NTSTATUS Remove(PLARGE_INTEGER Time)
{
    ULONG_PTR Key, Value;
    IO_STATUS_BLOCK IoStatus;

    return NtRemoveIoCompletion(Completion, &Key, &Value, &IoStatus, Time);
}

static NTSTATUS RemoveSeveral(PLARGE_INTEGER Time)
{
    FILE_IO_COMPLETION_INFORMATION Information[2];
    ULONG Count;

    return NtRemoveIoCompletionEx(Completion, Information, ARRAYSIZE(Information), &Count, Time, FALSE);
}

static NTSTATUS WaitDebug(PLARGE_INTEGER Time)
{
    DBGUI_WAIT_STATE_CHANGE Change;

    return NtWaitForDebugEvent(DebugObject, FALSE, Time, &Change);
}

static NTSTATUS Receive(PLARGE_INTEGER Time)
{
    struct { PORT_MESSAGE Header; UCHAR Data[0x100]; } Message;

    return NtReplyWaitReceivePortEx(Port, NULL, NULL, &Message.Header, Time);
}

static NTSTATUS AlpcReceive(PLARGE_INTEGER Time)
{
    struct { PORT_MESSAGE Header; UCHAR Data[0x100]; } Message;
    SIZE_T Length = sizeof(Message);

    return NtAlpcSendWaitReceivePort(AlpcPort, 0, NULL, NULL, &Message.Header, &Length, NULL, Time);
}

/* Nobody receives at that port. */
static NTSTATUS AlpcConnect(PLARGE_INTEGER Time)
{
    HANDLE Client;

    return NtAlpcConnectPort(&Client, &AlpcName, NULL, NULL, ALPC_MSGFLG_SYNC_REQUEST, NULL, NULL, NULL, NULL, NULL, Time);
}

static NTSTATUS AlpcConnectEx(PLARGE_INTEGER Time)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &AlpcName };
    HANDLE Client;

    return NtAlpcConnectPortEx(&Client, &Attributes, NULL, NULL, ALPC_MSGFLG_SYNC_REQUEST, NULL, NULL, NULL, NULL, NULL, Time);
}

/* --- times that are kept for later -------------------------------------------------------------------------------- */

static NTSTATUS SetTimer(PLARGE_INTEGER Time)
{
    HANDLE Timer;
    NTSTATUS Status;

    NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer);
    Status = NtSetTimer(Timer, Time, NULL, NULL, FALSE, 0, NULL);
    if (NT_SUCCESS(Status))
        Status = NtWaitForSingleObject(Timer, FALSE, NULL);
    NtClose(Timer);
    return Status;
}

static NTSTATUS SetTimer2(PLARGE_INTEGER Time)
{
    T2_SET_PARAMETERS Parameters = { 0 };
    HANDLE Timer;
    NTSTATUS Status = NtCreateTimer2(&Timer, NULL, NULL, 0, TIMER_ALL_ACCESS);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtSetTimer2(Timer, Time, NULL, &Parameters);
    if (NT_SUCCESS(Status))
        Status = NtWaitForSingleObject(Timer, FALSE, NULL);
    NtClose(Timer);
    return Status;
}

static NTSTATUS OpenForWait(PHANDLE Root)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\pipe\\");
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &Name, .Attributes = OBJ_CASE_INSENSITIVE };
    IO_STATUS_BLOCK IoStatus;

    return NtOpenFile(Root, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE,
                      FILE_SYNCHRONOUS_IO_NONALERT);
}

/* A name that nothing has yet: what a thread that is ended has made stays. */
static PCWSTR NewName(PCWSTR Directory, POBJECT_ATTRIBUTES Attributes)
{
    static UNICODE_STRING Name;
    static WCHAR Text[64];
    static ULONG Number;

    _snwprintf(Text, ARRAYSIZE(Text), L"%ls\\errtimes%u", Directory, Number++);
    RtlInitUnicodeString(&Name, Text);
    InitializeObjectAttributes(Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return Text + wcslen(Directory) + 1;
}

/* Waits for a pipe that is taken as long as the pipe's own time says. */
static NTSTATUS WaitForPipe(PLARGE_INTEGER Time)
{
    struct { FILE_PIPE_WAIT_FOR_BUFFER Wait; WCHAR Rest[32]; } Buffer;
    HANDLE Server, Client = NULL, Root = NULL;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;
    PCWSTR Text = NewName(L"\\??\\pipe", &Attributes);

    memset(&Buffer, 0, sizeof(Buffer));
    Buffer.Wait.NameLength = (ULONG)(wcslen(Text) * sizeof(WCHAR));
    memcpy(Buffer.Wait.Name, Text, Buffer.Wait.NameLength);
    Status = NtCreateNamedPipeFile(&Server, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                   FILE_CREATE, FILE_SYNCHRONOUS_IO_NONALERT, 0, 0, 0, 1, 0x100, 0x100, Time);
    if (!NT_SUCCESS(Status))
        return Status;
    NtOpenFile(&Client, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SYNCHRONOUS_IO_NONALERT);
    OpenForWait(&Root);
    Status = NtFsControlFile(Root, NULL, NULL, NULL, &IoStatus, FSCTL_PIPE_WAIT, &Buffer, sizeof(Buffer), NULL, 0);
    NtClose(Root);
    NtClose(Client);
    NtClose(Server);
    return Status;
}

/* Reads from a mailslot that has no message. */
static NTSTATUS ReadMailslot(PLARGE_INTEGER Time)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UCHAR Buffer[0x10];
    HANDLE Mailslot;
    NTSTATUS Status;

    NewName(L"\\??\\mailslot", &Attributes);
    Status = NtCreateMailslotFile(&Mailslot, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SYNCHRONOUS_IO_NONALERT, 0, 0, Time);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtReadFile(Mailslot, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), NULL, NULL);
    NtClose(Mailslot);
    return Status;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static const struct {
    PCSTR Service;
    WAIT Wait;
    NTSTATUS Over;                      /* what it says when the time is over */
    NTSTATUS Positive;                  /* what it says of each positive time, if that is something else */
    BOOLEAN MinusOneIsNever;
    BOOLEAN OnNereidOnly;
} Waits[] = {
    { "NtWaitForSingleObject", WaitSingle, STATUS_TIMEOUT },
    { "NtWaitForMultipleObjects", WaitMultiple, STATUS_TIMEOUT },
    { "NtSignalAndWaitForSingleObject", SignalAndWait, STATUS_TIMEOUT },
    { "NtSetTimer", SetTimer, STATUS_SUCCESS },
    { "NtSetTimer2", SetTimer2, STATUS_SUCCESS, .OnNereidOnly = TRUE },
    { "NtWaitForKeyedEvent", WaitKeyed, STATUS_TIMEOUT },
    { "NtReleaseKeyedEvent", ReleaseKeyed, STATUS_TIMEOUT },
    { "NtWaitForAlertByThreadId", WaitAlert, STATUS_TIMEOUT },
    { "NtDelayExecution", Delay, STATUS_SUCCESS },
    /* CreateNamedPipe: a default time-out is an interval; NtCreateNamedPipeFile takes no moment. */
    { "NtCreateNamedPipeFile", WaitForPipe, STATUS_IO_TIMEOUT, STATUS_INVALID_PARAMETER, .OnNereidOnly = TRUE },
    /* CreateMailslot: MAILSLOT_WAIT_FOREVER is -1. */
    { "NtCreateMailslotFile", ReadMailslot, STATUS_IO_TIMEOUT, .MinusOneIsNever = TRUE, .OnNereidOnly = TRUE },
    { "NtRemoveIoCompletion", Remove, STATUS_TIMEOUT },
    { "NtRemoveIoCompletionEx", RemoveSeveral, STATUS_TIMEOUT },
    { "NtWaitForDebugEvent", WaitDebug, STATUS_TIMEOUT },
    { "NtReplyWaitReceivePortEx", Receive, STATUS_TIMEOUT, .OnNereidOnly = TRUE },
    { "NtAlpcConnectPort", AlpcConnect, STATUS_TIMEOUT, .OnNereidOnly = TRUE },
    { "NtAlpcConnectPortEx", AlpcConnectEx, STATUS_TIMEOUT, .OnNereidOnly = TRUE },
    { "NtAlpcSendWaitReceivePort", AlpcReceive, STATUS_TIMEOUT, .OnNereidOnly = TRUE },
};

typedef struct _CALL {
    WAIT Wait;
    LARGE_INTEGER Time;
} CALL;

static NTSTATUS NTAPI CallThread(PVOID Argument)
{
    CALL *Made = Argument;

    return Made->Wait(&Made->Time);
}

static VOID TestEnds(ULONG Row, LONGLONG Time, NTSTATUS Expected)
{
    CALL Made = { Waits[Row].Wait, { .QuadPart = Time } };
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };

    if (!CHECK_STATUS(Expected, CheckJoinThread(CheckStartThread(CallThread, &Made), &Enough)))
        Print(L"    %hs, 0x%llx\n", Waits[Row].Service, Time);
}

/* Several at a time, so that one sleep does for all of them. */
static VOID TestGoesOn(ULONG Row, const LONGLONG *Times, ULONG Count)
{
    LARGE_INTEGER Still = { .QuadPart = -STILL_WAITING }, Now = { .QuadPart = 0 }, Enough = { .QuadPart = LONG_ENOUGH };
    HANDLE Threads[ARRAYSIZE(OutOfReach)];
    CALL Made[ARRAYSIZE(OutOfReach)];

    for (ULONG i = 0; i < Count; i++) {
        Made[i] = (CALL){ Waits[Row].Wait, { .QuadPart = Times[i] } };
        Threads[i] = CheckStartThread(CallThread, &Made[i]);
    }
    NtDelayExecution(FALSE, &Still);
    for (ULONG i = 0; i < Count; i++) {
        if (!CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Threads[i], FALSE, &Now)))
            Print(L"    %hs, 0x%llx\n", Waits[Row].Service, Times[i]);
        NtTerminateThread(Threads[i], STATUS_CANCELLED);
        CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Threads[i], &Enough));
    }
}

static VOID TestTimes(ULONG Row)
{
    static const LONGLONG Never[] = { -1 };
    LONGLONG Times[ARRAYSIZE(OutOfReach)];
    ULONG Count = 0;

    for (ULONG i = 0; i < ARRAYSIZE(Over); i++)
        if (Over[i] != -1 || !Waits[Row].MinusOneIsNever)
            TestEnds(Row, Over[i], Over[i] > 0 && Waits[Row].Positive != 0 ? Waits[Row].Positive : Waits[Row].Over);
    for (ULONG i = 0; i < ARRAYSIZE(OutOfReach); i++)
        if (OutOfReach[i] > 0 && Waits[Row].Positive != 0)
            TestEnds(Row, OutOfReach[i], Waits[Row].Positive);
        else
            Times[Count++] = OutOfReach[i];
    TestGoesOn(Row, Times, Count);
    if (Waits[Row].MinusOneIsNever)
        TestGoesOn(Row, Never, ARRAYSIZE(Never));
}

/* How long a timer says that it has. */
static VOID TestRemaining(VOID)
{
    TIMER_BASIC_INFORMATION Basic;
    LARGE_INTEGER Now = { .QuadPart = 0 };
    HANDLE Timer;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    for (ULONG i = 0; i < ARRAYSIZE(OutOfReach); i++) {
        LARGE_INTEGER Due = { .QuadPart = OutOfReach[i] };

        CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Due, NULL, NULL, FALSE, 0, NULL));
        CHECK_STATUS(STATUS_SUCCESS, NtQueryTimer(Timer, TimerBasicInformation, &Basic, sizeof(Basic), NULL));
        if (!CHECK(Basic.RemainingTime.QuadPart > SECOND && !Basic.TimerState))
            Print(L"    0x%llx: 0x%llx remain\n", OutOfReach[i], Basic.RemainingTime.QuadPart);
        CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Now));
    }
    NtClose(Timer);
}

/* The longest period is one; what would be negative is none. */
static VOID TestPeriods(VOID)
{
    LARGE_INTEGER Soon = { .QuadPart = -1 }, Enough = { .QuadPart = LONG_ENOUGH }, Now = { .QuadPart = 0 };
    HANDLE Timer;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Soon, NULL, NULL, FALSE, 0x7fffffff, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Timer, FALSE, &Enough));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Now));
    if (!IsWine) {
        CHECK_STATUS(STATUS_INVALID_PARAMETER_6, NtSetTimer(Timer, &Soon, NULL, NULL, FALSE, 0x80000000, NULL));
        CHECK_STATUS(STATUS_INVALID_PARAMETER_6, NtSetTimer(Timer, &Soon, NULL, NULL, FALSE, 0xffffffff, NULL));
    }
    NtClose(Timer);
}

/* Each service that takes a time has a row, but for what is not implemented. */
static VOID TestTable(VOID)
{
    for (ULONG i = 0; i < SERVICE_COUNT; i++) {
        BOOLEAN Found = strchr(Services[i].Roles, 'T') == NULL || strcmp(Services[i].Name, "NtCreateTransaction") == 0;

        for (ULONG k = 0; k < ARRAYSIZE(Waits); k++)
            Found |= strcmp(Waits[k].Service, Services[i].Name) == 0;
        if (!CHECK(Found))
            Print(L"    %hs has no row\n", Services[i].Name);
    }
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &AlpcName };

    CheckSystem();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Signalled, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Completion, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateKeyedEvent(&KeyedEvent, KEYEDEVENT_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDebugObject(&DebugObject, DEBUG_OBJECT_ALL_ACCESS, NULL, 0));
    if (!IsWine) {
        CHECK_STATUS(STATUS_SUCCESS, NtCreateWaitablePort(&Port, NULL, 0, 0x100, 0));
        CHECK_STATUS(STATUS_SUCCESS, NtAlpcCreatePort(&AlpcPort, &Attributes, NULL));
    }
    TestTable();
    for (ULONG i = 0; i < ARRAYSIZE(Waits); i++)
        if (!IsWine || !Waits[i].OnNereidOnly)
            TestTimes(i);
    TestRemaining();
    TestPeriods();
    return CheckClose();
}
