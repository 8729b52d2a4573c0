/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The watch over driver hosts (ntos/io/hostwatch.c): a driver that computes for ever and says that its host sleeps, or
 * does so when nobody has asked it anything, and one that never answers what ends something, is ended and comes back;
 * one that only lets a request wait, works for a while, or does not get the processor is left alone.
 *
 * Runs on: Nereid.  With: crash.sys.
 */
#include "service.h"
#include "tests/drivers/crash/crash.h"

#define KEY SERVICES L"crash"
#define IMAGE L"\\??\\C:\\host\\crash.sys"
#define WATCH_TIME 3            /* seconds */
#define WORK_TIME 3400          /* ms: three looks after the one that finds the driver at work, but no fourth */
#define SOON (20 * 1000 * MS)   /* several times that */
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_CLEANUP 0x12

static UNICODE_STRING KeyName = RTL_CONSTANT_UNICODE_STRING(KEY);

/* The pings since the driver's start; 0: it does not answer. */
static ULONG Ping(HANDLE File)
{
    ULONG Count = 0;

    return NT_SUCCESS(ControlDevice(File, CRASH_PING, NULL, 0, &Count, sizeof(Count))) ? Count : 0;
}

static HANDLE OpenCrash(ULONG Options)
{
    HANDLE File;

    return CHECK_STATUS(STATUS_SUCCESS, OpenDevice(CRASH_DEVICE, Options, &File)) ? File : NULL;
}

/* The driver starts anew: the next ping that is answered is its first. */
static VOID CheckNewLife(HANDLE File)
{
    ULONG Count = 0;

    for (LONGLONG Time = 0; Time < SOON && (Count = Ping(File)) == 0; Time += 50 * MS)
        Pause(50 * MS);
    CHECK(Count == 1);
}

static VOID TestCompute(VOID)
{
    HANDLE File = OpenCrash(FILE_SYNCHRONOUS_IO_NONALERT);

    CHECK(Ping(File) == 1);
    CHECK_STATUS(STATUS_DEVICE_NOT_CONNECTED, ControlDevice(File, CRASH_SPINODD, NULL, 0, NULL, 0));
    CheckNewLife(File);
    /* From here until the driver computes no request is made, so that nothing has ntos look at hosts. */
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(File, CRASH_SPINLATER, NULL, 0, NULL, 0));
    Pause((CRASH_LATER + 1) * 1000 * MS);
    CheckNewLife(File);
    NtClose(File);
}

/* A request that waits is no sign of anything. */
static VOID TestPatience(VOID)
{
    static IO_STATUS_BLOCK Waiting = { .Status = STATUS_PENDING };
    HANDLE File = OpenCrash(FILE_SYNCHRONOUS_IO_NONALERT), Other = OpenCrash(0);
    ULONG Before = Ping(File);

    CHECK(Before != 0);
    CHECK_STATUS(STATUS_PENDING, NtDeviceIoControlFile(Other, NULL, NULL, NULL, &Waiting, CRASH_WAIT, NULL, 0, NULL, 0));
    for (ULONG i = 0; i < 2 * WATCH_TIME; i++) {
        Pause(1000 * MS);
        CHECK(Ping(File) == ++Before);
    }
    CHECK(Waiting.Status == STATUS_PENDING);
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(Other, &Waiting));
    NtClose(Other);
    NtClose(File);
}

/* Work that takes longer than one look and the next. */
static VOID TestWork(VOID)
{
    HANDLE File = OpenCrash(FILE_SYNCHRONOUS_IO_NONALERT);
    ULONG Before = Ping(File), Time = WORK_TIME;

    Pause(2 * WATCH_TIME * 1000 * MS);          /* nobody looks any more: the first look is a second after the request */
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(File, CRASH_COMPUTE, &Time, sizeof(Time), NULL, 0));
    CHECK(Ping(File) == Before + 1);
    NtClose(File);
}

static VOID SetPriority(LONG Increment)
{
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadBasePriority, &Increment, sizeof(Increment)));
}

/* A program above the hosts has the processor: theirs is no fault. */
static VOID TestNoProcessor(VOID)
{
    static IO_STATUS_BLOCK Waiting;
    HANDLE File = OpenCrash(FILE_SYNCHRONOUS_IO_NONALERT), Other = OpenCrash(0);
    ULONG Before = Ping(File), Count;
    ULONGLONG Start, Now;

    SetPriority(THREAD_BASE_PRIORITY_LOWRT);
    CHECK_STATUS(STATUS_PENDING, NtDeviceIoControlFile(Other, NULL, NULL, NULL, &Waiting, CRASH_PING, NULL, 0, &Count, sizeof(Count)));
    RtlQueryUnbiasedInterruptTime(&Start);
    do
        RtlQueryUnbiasedInterruptTime(&Now);
    while (Now - Start < 2 * WATCH_TIME * 1000 * MS);
    SetPriority(0);
    CHECK(Ping(File) == Before + 2);
    NtClose(Other);
    NtClose(File);
}

static VOID TestNoCancel(VOID)
{
    static IO_STATUS_BLOCK IoStatus = { .Status = STATUS_PENDING };
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };
    HANDLE File = OpenCrash(0), Event;
    ULONG Function = IRP_MJ_DEVICE_CONTROL;
    IO_STATUS_BLOCK CancelStatus;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_PENDING, NtDeviceIoControlFile(File, Event, NULL, NULL, &IoStatus, CRASH_KEEP, &Function,
                                                       sizeof(Function), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(File, &CancelStatus));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &Limit));
    CHECK(IoStatus.Status == STATUS_CANCELLED);
    NtClose(Event);
    NtClose(File);
}

/* A file whose end is not answered does not keep its driver loaded. */
static VOID TestNoEnd(ULONG Function)
{
    HANDLE File;
    NTSTATUS Status = STATUS_SUCCESS;

    CHECK_STATUS(STATUS_SUCCESS, NtLoadDriver(&KeyName));
    File = OpenCrash(FILE_SYNCHRONOUS_IO_NONALERT);
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(File, CRASH_KEEP, &Function, sizeof(Function), NULL, 0));
    NtClose(File);
    for (LONGLONG Time = 0; Time < SOON && Status != STATUS_OBJECT_NAME_NOT_FOUND; Time += 50 * MS) {
        Status = NtUnloadDriver(&KeyName);
        Pause(50 * MS);
    }
    CHECK(Status == STATUS_OBJECT_NAME_NOT_FOUND);
}

int wmain(int Count, PWSTR Arguments[])
{
    EnableLoadPrivilege();
    MakeServiceKey(&KeyName, IMAGE, WATCH_TIME);
    CHECK_STATUS(STATUS_SUCCESS, NtLoadDriver(&KeyName));
    TestCompute();
    TestPatience();
    TestWork();
    TestNoProcessor();
    TestNoCancel();
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadDriver(&KeyName));
    TestNoEnd(IRP_MJ_CLEANUP);
    TestNoEnd(IRP_MJ_CLOSE);
    return CheckClose();
}
