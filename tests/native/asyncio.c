/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Asynchronous files and completion ports: events, packets, APCs, notification modes, what is refused, cancelling.
 * The pending requests that are cancelled are reads of the first serial line (Nereid).
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define NAME L"\\??\\C:\\temp\\asyncio.tmp"
#define ALL_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define SKIP_PORT_ON_SUCCESS 1
#define CLASS_NOTIFICATION_MODES ((FILE_INFORMATION_CLASS)41)

static ULONG ApcCount;
static PVOID ApcContextSeen;
static PIO_STATUS_BLOCK ApcIosbSeen;

static VOID NTAPI CountApc(PVOID Context, PIO_STATUS_BLOCK Iosb, ULONG Reserved)
{
    ApcCount++;
    ApcContextSeen = Context;
    ApcIosbSeen = Iosb;
}

static NTSTATUS Open(PCWSTR Name, ULONG Disposition, ULONG Options, PHANDLE File)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Iosb;

    *File = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateFile(File, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE | DELETE, &Attributes, &Iosb, NULL, 0,
                        ALL_SHARE, Disposition, Options, NULL, 0);
}

/* A request of the file may be answered at once or later. */
static NTSTATUS Settle(NTSTATUS Status, HANDLE Event, PIO_STATUS_BLOCK Iosb)
{
    if (Status == STATUS_PENDING) {
        NtWaitForSingleObject(Event, FALSE, NULL);
        Status = Iosb->Status;
    }
    return Status;
}

static void TestPortObject(void)
{
    LARGE_INTEGER Now = { .QuadPart = 0 };
    FILE_IO_COMPLETION_INFORMATION Packets[4];
    ULONG_PTR Key, Context;
    IO_STATUS_BLOCK Iosb;
    ULONG Removed = 99;
    HANDLE Port;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Port, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_TIMEOUT, NtRemoveIoCompletion(Port, &Key, &Context, &Iosb, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(Port, 1, 2, STATUS_ACCESS_DENIED, 3));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(Port, 4, 5, STATUS_SUCCESS, 6));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(Port, 7, 8, STATUS_SUCCESS, 9));
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Port, &Key, &Context, &Iosb, NULL));
    CHECK(Key == 1 && Context == 2 && Iosb.Status == STATUS_ACCESS_DENIED && Iosb.Information == 3);
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletionEx(Port, Packets, 4, &Removed, NULL, FALSE));
    CHECK(Removed == 2 && Packets[0].KeyContext == (PVOID)4 && Packets[1].IoStatusBlock.Information == 9);
    CHECK_STATUS(STATUS_TIMEOUT, NtRemoveIoCompletionEx(Port, Packets, 4, &Removed, &Now, FALSE));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRemoveIoCompletionEx(Port, Packets, 0, &Removed, &Now,
                                                                               FALSE)));
    NtClose(Port);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSetIoCompletion(Port, 1, 2, 0, 3));
}

static HANDLE WaitedPort;
static LONG Served[3], ServedCount;

static NTSTATUS TakePacket(PVOID Number)
{
    ULONG_PTR Key, Context;
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status = NtRemoveIoCompletion(WaitedPort, &Key, &Context, &Iosb, NULL);

    Served[InterlockedIncrement(&ServedCount) - 1] = (LONG)(LONG_PTR)Number;
    return Status;
}

/*
 * I/O Completion Ports: threads are released "in last-in-first-out (LIFO) order".  GetQueuedCompletionStatus: ERROR_ABANDONED_WAIT_0 if
 * the handle "is closed while the call is outstanding".  Who waits for the port itself takes nothing from it.
 */
static void TestPortWaits(void)
{
    LARGE_INTEGER Now = { .QuadPart = 0 }, Soon = { .QuadPart = LONG_ENOUGH };
    FILE_IO_COMPLETION_INFORMATION Packets[2];
    HANDLE Threads[3];
    ULONG Removed;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&WaitedPort, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(WaitedPort, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(WaitedPort, 1, 0, STATUS_SUCCESS, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(WaitedPort, 2, 0, STATUS_SUCCESS, 0));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(WaitedPort, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletionEx(WaitedPort, Packets, 1, &Removed, &Now, FALSE));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(WaitedPort, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletionEx(WaitedPort, Packets, 2, &Removed, &Now, FALSE));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(WaitedPort, FALSE, &Now));
    for (ULONG i = 0; i < 3; i++) {
        Threads[i] = CheckStartThread(TakePacket, (PVOID)(LONG_PTR)(i + 1));
        CheckSettle();
    }
    /* A packet that goes to a thread at once was never in the port (in Wine's it is until the thread runs). */
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(WaitedPort, 3, 0, STATUS_SUCCESS, 0));
    if (!IsWine)
        CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(WaitedPort, FALSE, &Now));
    CheckSettle();
    TODO(OnWine, CHECK(ServedCount == 1 && Served[0] == 3));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(WaitedPort, 3, 0, STATUS_SUCCESS, 0));
    CheckSettle();
    CHECK(ServedCount == 2 && Served[1] == 2);
    CHECK_STATUS(STATUS_SUCCESS, IsWine ? NtSetIoCompletion(WaitedPort, 3, 0, STATUS_SUCCESS, 0) : NtClose(WaitedPort));
    for (ULONG i = 0; i < 3; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Threads[i], FALSE, &Soon));
        CHECK_STATUS(i == 0 && !IsWine ? STATUS_ABANDONED_WAIT_0 : STATUS_SUCCESS, CheckJoinThread(Threads[i], NULL));
    }
    if (IsWine)                         /* Wine 8 lets a thread wait on */
        NtClose(WaitedPort);
}

static void TestEvents(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb = { 0 };
    char Buffer[8] = "";
    HANDLE File, Event;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Open(NAME, FILE_OVERWRITE_IF, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Settle(NtWriteFile(File, Event, NULL, NULL, &Iosb, "event", 5, &Offset, NULL), Event,
                                        &Iosb));
    CHECK(Iosb.Information == 5);
    CHECK_STATUS(STATUS_SUCCESS, Settle(NtReadFile(File, Event, NULL, NULL, &Iosb, Buffer, 5, &Offset, NULL), Event,
                                        &Iosb));
    CHECK(memcmp(Buffer, "event", 5) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtReadFile(File, NULL, NULL, NULL, &Iosb, Buffer, 5, NULL, NULL));
    TODO(OnWine, CHECK(!NT_SUCCESS(NtReadFile(File, File, NULL, NULL, &Iosb, Buffer, 5, &Offset, NULL))));
    ApcCount = 0;
    CHECK(NT_SUCCESS(NtReadFile(File, NULL, CountApc, (PVOID)77, &Iosb, Buffer, 5, &Offset, NULL)));
    CHECK(ApcCount == 0);
    NtDelayExecution(TRUE, &Offset);
    CHECK(ApcCount == 1 && ApcContextSeen == (PVOID)77 && ApcIosbSeen == &Iosb);
    NtClose(File);
    NtClose(Event);
}

static void TestFilePort(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 }, Now = { .QuadPart = -1000000 };
    FILE_COMPLETION_INFORMATION Completion;
    IO_STATUS_BLOCK Iosb, PacketIosb;
    ULONG_PTR Key, Context;
    ULONG Modes = SKIP_PORT_ON_SUCCESS;
    char Buffer[8];
    HANDLE File, Port;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Port, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(NAME, FILE_OPEN, 0, &File));
    Completion.Port = Port;
    Completion.Key = (PVOID)123;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Completion, sizeof(Completion),
                                                      FileCompletionInformation));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationFile(File, &Iosb, &Completion, sizeof(Completion),
                                                                FileCompletionInformation));
    CHECK(NT_SUCCESS(NtReadFile(File, NULL, NULL, (PVOID)456, &Iosb, Buffer, 5, &Offset, NULL)));
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Port, &Key, &Context, &PacketIosb, &Now));
    CHECK(Key == 123 && Context == 456 && PacketIosb.Status == STATUS_SUCCESS && PacketIosb.Information == 5);
    CHECK(NT_SUCCESS(NtReadFile(File, NULL, NULL, NULL, &Iosb, Buffer, 5, &Offset, NULL)));
    CHECK_STATUS(STATUS_TIMEOUT, NtRemoveIoCompletion(Port, &Key, &Context, &PacketIosb, &Now));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, NtReadFile(File, NULL, CountApc, NULL, &Iosb, Buffer, 5,
                                                                   &Offset, NULL)));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Modes, sizeof(Modes), CLASS_NOTIFICATION_MODES));
    if (NtReadFile(File, NULL, NULL, (PVOID)456, &Iosb, Buffer, 5, &Offset, NULL) == STATUS_SUCCESS)
        CHECK_STATUS(STATUS_TIMEOUT, NtRemoveIoCompletion(Port, &Key, &Context, &PacketIosb, &Now));
    NtClose(File);
    NtClose(Port);
}

static NTSTATUS NTAPI ReadAndEnd(PVOID Parameter)
{
    static IO_STATUS_BLOCK Iosb;
    static char Buffer[4];
    LARGE_INTEGER Offset = { .QuadPart = 0 };

    CHECK_STATUS(STATUS_PENDING, NtReadFile(Parameter, NULL, NULL, NULL, &Iosb, Buffer, 4, &Offset, NULL));
    return STATUS_SUCCESS;
}

/* Synchronous reader: blocks until somebody cancels. */
static NTSTATUS NTAPI ReadBlocking(PVOID Parameter)
{
    IO_STATUS_BLOCK Iosb;
    char Buffer[4];

    return NtReadFile(Parameter, NULL, NULL, NULL, &Iosb, Buffer, 4, NULL, NULL);
}

static HANDLE StartThread(PRTL_THREAD_START_ROUTINE Routine, PVOID Parameter)
{
    HANDLE Thread = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), Routine,
                                                  Parameter, 0, 0, 0, 0, NULL));
    return Thread;
}

static void TestCancel(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb = { .Status = 1 }, Other = { .Status = 1 }, CancelIosb;
    THREAD_BASIC_INFORMATION Basic;
    char Buffer[8];
    HANDLE File, Event, Thread;

    if (!CHECK_STATUS(STATUS_SUCCESS, Open(L"\\Device\\Serial0", FILE_OPEN, 0, &File)))
        return;
    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    CHECK_STATUS(STATUS_PENDING, NtReadFile(File, Event, NULL, NULL, &Iosb, Buffer, 1, &Offset, NULL));
    CHECK_STATUS(STATUS_PENDING, NtReadFile(File, NULL, NULL, NULL, &Other, Buffer, 1, &Offset, NULL));
    CHECK_STATUS(STATUS_NOT_FOUND, NtCancelIoFileEx(File, &CancelIosb, &CancelIosb));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFileEx(File, &Iosb, &CancelIosb));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &(LARGE_INTEGER){ .QuadPart = LONG_ENOUGH }));
    CHECK_STATUS(STATUS_CANCELLED, Iosb.Status);
    CHECK(Other.Status == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(File, &CancelIosb));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(File, FALSE, &(LARGE_INTEGER){ .QuadPart = LONG_ENOUGH }));
    CHECK_STATUS(STATUS_CANCELLED, Other.Status);
    Thread = StartThread(ReadAndEnd, File);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, NULL));
    NtClose(Thread);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(L"\\Device\\Serial0", FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, &File));
    Thread = StartThread(ReadBlocking, File);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtCancelSynchronousIoFile(Thread, NULL, &CancelIosb));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, &(LARGE_INTEGER){ .QuadPart = LONG_ENOUGH }));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK_STATUS(STATUS_CANCELLED, Basic.ExitStatus);
    NtClose(Thread);
    Thread = StartThread(ReadBlocking, File);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, 5));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, &(LARGE_INTEGER){ .QuadPart = LONG_ENOUGH }));
    NtClose(Thread);
    NtClose(File);
    NtClose(Event);
}

static void Remove(void)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(NAME, FILE_OPEN, FILE_DELETE_ON_CLOSE, &File));
    NtClose(File);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Directory;

    CheckSystem();
    if (NT_SUCCESS(Open(L"\\??\\C:\\temp", FILE_OPEN_IF, FILE_DIRECTORY_FILE, &Directory)))
        NtClose(Directory);
    TestPortObject();
    TestPortWaits();
    TestEvents();
    TestFilePort();
    Remove();
    if (!IsWine)
        TestCancel();
    return CheckClose();
}
