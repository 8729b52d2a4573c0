/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Drivers in their hosts: null, beep, serial, and crash.sys (tests/drivers/crash), which dies and must come back.
 * Runs on: Nereid.  With: crash.sys.
 */
#include "service.h"

typedef LARGE_INTEGER PHYSICAL_ADDRESS;
#define MAXULONG 0xffffffffu
#include <initguid.h>
#include <ntddbeep.h>
#include <ntddser.h>
#include "tests/drivers/crash/crash.h"

#define CRASH_KEY SERVICES L"crash"

static VOID TestNull(VOID)
{
    FILE_STANDARD_INFORMATION Standard;
    static UCHAR Bytes[100000];
    IO_STATUS_BLOCK IoStatus;
    HANDLE Null;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(L"\\??\\NUL", FILE_SYNCHRONOUS_IO_NONALERT, &Null)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Null, NULL, NULL, NULL, &IoStatus, Bytes, 10, NULL, NULL));
    CHECK(IoStatus.Information == 10);
    CHECK_STATUS(STATUS_END_OF_FILE, NtReadFile(Null, NULL, NULL, NULL, &IoStatus, Bytes, 10, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Null, NULL, NULL, NULL, &IoStatus, Bytes, 0, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryInformationFile(Null, &IoStatus, &Standard, sizeof(Standard), FileStandardInformation));
    CHECK(Standard.EndOfFile.QuadPart == 0 && IoStatus.Information == sizeof(Standard));
    CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, ControlDevice(Null, IOCTL_BEEP_SET, Bytes, 8, NULL, 0));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtWriteFile(Null, NULL, NULL, NULL, &IoStatus, (PVOID)16, 10, NULL, NULL));
    NtClose(Null);
}

/* Many small requests, one after the other, through one ring. */
static VOID TestManyRequests(VOID)
{
    IO_STATUS_BLOCK IoStatus;
    ULONG Good = 0;
    HANDLE Null;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(L"\\Device\\Null", FILE_SYNCHRONOUS_IO_NONALERT, &Null)))
        return;
    for (ULONG i = 0; i < 2000; i++)
        Good += NtWriteFile(Null, NULL, NULL, NULL, &IoStatus, "x", 1, NULL, NULL) == STATUS_SUCCESS &&
                IoStatus.Information == 1;
    CHECK(Good == 2000);
    NtClose(Null);
    for (ULONG i = 0; i < 200; i++) {
        if (!NT_SUCCESS(OpenDevice(L"\\Device\\Null", FILE_SYNCHRONOUS_IO_NONALERT, &Null)))
            break;
        NtClose(Null);
        Good++;
    }
    CHECK(Good == 2200);
}

static VOID TestBeep(VOID)
{
    BEEP_SET_PARAMETERS Parameters = { 440, 20 };
    HANDLE Beep;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(L"\\Device\\Beep", FILE_SYNCHRONOUS_IO_NONALERT, &Beep)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Beep, IOCTL_BEEP_SET, &Parameters, sizeof(Parameters), NULL, 0));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, ControlDevice(Beep, IOCTL_BEEP_SET, &Parameters, 4, NULL, 0));
    Parameters.Frequency = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlDevice(Beep, IOCTL_BEEP_SET, &Parameters, sizeof(Parameters), NULL, 0));
    Parameters.Duration = 0;
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Beep, IOCTL_BEEP_SET, &Parameters, sizeof(Parameters), NULL, 0));
    NtClose(Beep);
}

/* The terminal reads COM1 as well, before anybody who asks after it: it has to go. */
static VOID EndTerminal(VOID)
{
    static union {
        SYSTEM_PROCESS_INFORMATION First;
        UCHAR Bytes[0x8000];
    } List;
    OBJECT_ATTRIBUTES Attributes = { sizeof(Attributes) };
    UNICODE_STRING Terminal;
    PSYSTEM_PROCESS_INFORMATION Process = &List.First;
    ULONG Length;
    HANDLE Handle;

    RtlInitUnicodeString(&Terminal, L"conhost.exe");
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemProcessInformation, &List, sizeof(List), &Length));
    for (;;) {
        CLIENT_ID Id = { Process->UniqueProcessId, NULL };

        if (RtlEqualUnicodeString(&Process->ImageName, &Terminal, TRUE) &&
            CHECK_STATUS(STATUS_SUCCESS, NtOpenProcess(&Handle, PROCESS_TERMINATE | SYNCHRONIZE, &Attributes, &Id))) {
            CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Handle, 0));
            CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Handle, FALSE, NULL));
            NtClose(Handle);
        }
        if (Process->NextEntryOffset == 0)
            return;
        Process = (PVOID)((PUCHAR)Process + Process->NextEntryOffset);
    }
}

static VOID TestSerial(VOID)
{
    SERIAL_TIMEOUTS Old, Short = { 0, 0, 50, 0, 0 }, Bad = { MAXULONG, MAXULONG, MAXULONG, 0, 0 };
    SERIAL_LINE_CONTROL Line, BadLine = { STOP_BIT_1, NO_PARITY, 4 };
    SERIAL_BAUD_RATE Rate;
    SERIAL_STATUS Status;
    LARGE_INTEGER Before, After;
    IO_STATUS_BLOCK IoStatus;
    UCHAR Bytes[16];
    HANDLE Serial;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(L"\\??\\COM1", FILE_SYNCHRONOUS_IO_NONALERT, &Serial)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_GET_BAUD_RATE, NULL, 0, &Rate, sizeof(Rate)));
    CHECK(Rate.BaudRate == 115200);
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_SET_BAUD_RATE, &Rate, sizeof(Rate), NULL, 0));
    Rate.BaudRate = 0;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlDevice(Serial, IOCTL_SERIAL_SET_BAUD_RATE, &Rate, sizeof(Rate), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_GET_LINE_CONTROL, NULL, 0, &Line, sizeof(Line)));
    CHECK(Line.WordLength == 8 && Line.Parity == NO_PARITY && Line.StopBits == STOP_BIT_1);
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 ControlDevice(Serial, IOCTL_SERIAL_SET_LINE_CONTROL, &BadLine, sizeof(BadLine), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_GET_COMMSTATUS, NULL, 0, &Status, sizeof(Status)));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, ControlDevice(Serial, IOCTL_SERIAL_GET_TIMEOUTS, NULL, 0, &Old, 4));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_GET_TIMEOUTS, NULL, 0, &Old, sizeof(Old)));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, ControlDevice(Serial, IOCTL_SERIAL_SET_TIMEOUTS, &Bad, sizeof(Bad), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_SET_TIMEOUTS, &Short, sizeof(Short), NULL, 0));
    NtQuerySystemTime(&Before);
    CHECK_STATUS(STATUS_TIMEOUT, NtReadFile(Serial, NULL, NULL, NULL, &IoStatus, Bytes, sizeof(Bytes), NULL, NULL));
    NtQuerySystemTime(&After);
    CHECK(IoStatus.Information == 0);
    CHECK(After.QuadPart - Before.QuadPart >= 30 * 10000);
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Serial, IOCTL_SERIAL_SET_TIMEOUTS, &Old, sizeof(Old), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtFlushBuffersFile(Serial, &IoStatus));
    NtClose(Serial);
}

/* A pending read ends when it is cancelled, and when its handle is closed. */
static VOID TestCancel(VOID)
{
    IO_STATUS_BLOCK IoStatus = { .Status = STATUS_PENDING }, CancelStatus;
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    UCHAR Bytes[16];
    HANDLE Keyboard, Event;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(L"\\Device\\KeyboardClass0", 0, &Keyboard)))
        return;
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Keyboard, Event, NULL, NULL, &IoStatus, Bytes, 4, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &Timeout));
    CHECK(IoStatus.Status == STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Keyboard, Event, NULL, NULL, &IoStatus, Bytes, 12, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(Keyboard, &CancelStatus));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &Timeout));
    CHECK(IoStatus.Status == STATUS_CANCELLED);
    NtClose(Keyboard);
    NtClose(Event);
}

/* --- the driver that dies --------------------------------------------------------------------------------------- */

static NTSTATUS SetValue(HANDLE Key, PCWSTR Name, ULONG Type, const void *Data, ULONG Length)
{
    UNICODE_STRING Value;

    RtlInitUnicodeString(&Value, Name);
    return NtSetValueKey(Key, &Value, 0, Type, (PVOID)Data, Length);
}

/* Makes the service key and loads the driver. */
static NTSTATUS LoadDriverWith(PCWSTR KeyName, PCWSTR ImagePath, ULONG Start)
{
    ULONG Type = 1;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Key;

    RtlInitUnicodeString(&Name, KeyName);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (!CHECK_STATUS(STATUS_SUCCESS,
                      NtCreateKey(&Key, KEY_ALL_ACCESS, &Attributes, 0, NULL, REG_OPTION_VOLATILE, NULL)))
        return STATUS_UNSUCCESSFUL;
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Key, L"Type", REG_DWORD, &Type, sizeof(Type)));
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Key, L"Start", REG_DWORD, &Start, sizeof(Start)));
    CHECK_STATUS(STATUS_SUCCESS,
                 SetValue(Key, L"ImagePath", REG_SZ, ImagePath, (ULONG)(wcslen(ImagePath) + 1) * sizeof(WCHAR)));
    NtClose(Key);
    return NtLoadDriver(&Name);
}

static NTSTATUS LoadDriver(PCWSTR KeyName, PCWSTR ImagePath)
{
    return LoadDriverWith(KeyName, ImagePath, 3);
}

static NTSTATUS UnloadDriver(PCWSTR KeyName)
{
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, KeyName);
    return NtUnloadDriver(&Name);
}

static VOID TestBadImages(VOID)
{
    UNICODE_STRING Nothing = RTL_CONSTANT_UNICODE_STRING(SERVICES L"nothing");

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtLoadDriver(&Nothing));
    CHECK(!NT_SUCCESS(LoadDriver(SERVICES L"missing", L"\\SystemRoot\\system32\\drivers\\missing.sys")));
    for (ULONG i = 0; i < 3; i++)       /* what failed to start is not loaded */
        CHECK_STATUS(STATUS_INVALID_IMAGE_NOT_MZ,
                     LoadDriver(SERVICES L"noimage", L"\\SystemRoot\\system32\\config\\system.reg"));
    CHECK_STATUS(STATUS_IMAGE_ALREADY_LOADED,
                 LoadDriver(SERVICES L"null", L"\\SystemRoot\\system32\\drivers\\null.sys"));
}

/* The pings since the driver's start; 0 if it does not answer. */
static ULONG Ping(HANDLE Crash)
{
    ULONG Count = 0;

    return NT_SUCCESS(ControlDevice(Crash, CRASH_PING, NULL, 0, &Count, sizeof(Count))) ? Count : 0;
}

/* The driver dies by Code; the request fails, the handle stays good, and the next ping is the first of a new life. */
static VOID TestDeath(HANDLE Crash, ULONG Code)
{
    LARGE_INTEGER Pause = { .QuadPart = -1000000 };
    ULONG Count = 0, Tries = 0;

    CHECK_STATUS(STATUS_DEVICE_NOT_CONNECTED, ControlDevice(Crash, Code, NULL, 0, NULL, 0));
    while ((Count = Ping(Crash)) == 0 && Tries++ < 500)
        NtDelayExecution(FALSE, &Pause);
    CHECK(Count == 1);
    CHECK(Ping(Crash) == 2);
}

#define PENDING_COUNT 150           /* more than a ring holds */

static ULONG CountStatus(const IO_STATUS_BLOCK *IoStatus, NTSTATUS Status)
{
    ULONG Count = 0;

    for (ULONG i = 0; i < PENDING_COUNT; i++)
        Count += *(volatile NTSTATUS *)&IoStatus[i].Status == Status;
    return Count;
}

/* All requests of a file end with Status, soon. */
static VOID ExpectAll(const IO_STATUS_BLOCK *IoStatus, NTSTATUS Status)
{
    LARGE_INTEGER Pause = { .QuadPart = -200000 };

    for (ULONG Tries = 0; Tries < 1500 && CountStatus(IoStatus, Status) != PENDING_COUNT; Tries++)
        NtDelayExecution(FALSE, &Pause);
    CHECK(CountStatus(IoStatus, Status) == PENDING_COUNT);
}

static VOID StartMany(HANDLE Crash, PIO_STATUS_BLOCK IoStatus)
{
    ULONG Pending = 0;

    for (ULONG i = 0; i < PENDING_COUNT; i++) {
        IoStatus[i].Status = STATUS_PENDING;
        Pending += NtDeviceIoControlFile(Crash, NULL, NULL, NULL, &IoStatus[i], CRASH_WAIT, NULL, 0, NULL, 0) ==
                   STATUS_PENDING;
    }
    CHECK(Pending == PENDING_COUNT);
}

/* `drivers ping': another process with a request for the same host. */
static int PingOnce(VOID)
{
    HANDLE Crash;

    if (!NT_SUCCESS(OpenDevice(CRASH_DEVICE, FILE_SYNCHRONOUS_IO_NONALERT, &Crash)))
        return 2;
    return Ping(Crash) != 0 ? 0 : 3;
}

/* This process has more requests with the host than the rings hold: they are not all of them its. */
static VOID TestOthersGoOn(VOID)
{
    PROCESS_START Start = { .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, .CommandLine = L"drivers ping" };
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    HANDLE Process;
    ULONG ProcessId;

    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &ProcessId)))
        return;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Process, FALSE, &Timeout)))
        NtTerminateProcess(Process, 1);
    CHECK(QueryExitStatus(Process) == 0);
    NtClose(Process);
}

static VOID TestManyPending(HANDLE Crash)
{
    static IO_STATUS_BLOCK IoStatus[PENDING_COUNT];
    IO_STATUS_BLOCK CancelStatus;
    HANDLE Other;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(CRASH_DEVICE, 0, &Other)))
        return;
    StartMany(Other, IoStatus);
    TestOthersGoOn();
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(Other, &CancelStatus));
    ExpectAll(IoStatus, STATUS_CANCELLED);
    CHECK(Ping(Crash) != 0);
    StartMany(Other, IoStatus);
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFileEx(Other, NULL, &CancelStatus));
    ExpectAll(IoStatus, STATUS_CANCELLED);
    NtClose(Other);
    CHECK(Ping(Crash) != 0);
}

/* A driver that says that it has written more than it has gives out nothing of the requests before. */
static VOID TestClaim(HANDLE Crash)
{
    UCHAR Secret[0x100], Answer[0x100];
    ULONG Count, Zeros = 0;

    memset(Secret, 'S', sizeof(Secret));
    memset(Answer, 'A', sizeof(Answer));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Crash, CRASH_PING, Secret, sizeof(Secret), &Count, sizeof(Count)));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Crash, CRASH_CLAIM, NULL, 0, Answer, sizeof(Answer)));
    for (ULONG i = 0; i < sizeof(Answer); i++)
        Zeros += Answer[i] == 0;
    CHECK(Zeros == sizeof(Answer));
}

static VOID TestCrash(VOID)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    IO_STATUS_BLOCK IoStatus = { .Status = STATUS_PENDING };
    LARGE_INTEGER Stable = { .QuadPart = -60000000 };
    HANDLE Crash, Other, Event;
    ULONG Value = 0;

    if (!CHECK_STATUS(STATUS_SUCCESS, LoadDriver(SERVICES L"crash", L"\\??\\C:\\host\\crash.sys")) ||
        !CHECK_STATUS(STATUS_SUCCESS, OpenDevice(CRASH_DEVICE, FILE_SYNCHRONOUS_IO_NONALERT, &Crash)))
        return;
    CHECK(Ping(Crash) == 1);
    TestClaim(Crash);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, ControlDevice(Crash, CRASH_PING, NULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Crash, CRASH_REGISTRY, NULL, 0, &Value, sizeof(Value)));
    CHECK(Value == 3);
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Crash, CRASH_INLINE, NULL, 0, &Value, sizeof(Value)));
    CHECK(Value == (2 << 8 | 0xff));    /* DISPATCH_LEVEL; a port that is not the driver's reads as ones */
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Crash, CRASH_WORK, NULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    if (CHECK_STATUS(STATUS_SUCCESS, OpenDevice(CRASH_DEVICE, 0, &Other))) {
        CHECK_STATUS(STATUS_PENDING,
                     NtDeviceIoControlFile(Other, Event, NULL, NULL, &IoStatus, CRASH_WAIT, NULL, 0, NULL, 0));
        TestDeath(Crash, CRASH_READ0);
        CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &Timeout));
        CHECK(IoStatus.Status == STATUS_DEVICE_NOT_CONNECTED);
        NtClose(Other);
    }
    TestManyPending(Crash);
    TestDeath(Crash, CRASH_BUGCHECK);
    TestDeath(Crash, CRASH_SPINLOCK);
    NtDelayExecution(FALSE, &Stable);   /* so that these deaths do not count as one row */
    TestDeath(Crash, CRASH_SPIN);
    CHECK_STATUS(STATUS_SUCCESS, ControlDevice(Crash, CRASH_WORK, NULL, 0, NULL, 0));
    NtClose(Event);
    NtClose(Crash);
}

/* --- unloading -------------------------------------------------------------------------------------------------- */

#define CRASH_IMAGE L"\\??\\C:\\host\\crash.sys"

static NTSTATUS OpenCrash(PHANDLE Crash)
{
    return OpenDevice(CRASH_DEVICE, FILE_SYNCHRONOUS_IO_NONALERT, Crash);
}

static VOID SetLoadPrivilege(ULONG Attributes)
{
    TOKEN_PRIVILEGES New = { 1, { { { SE_LOAD_DRIVER_PRIVILEGE, 0 }, Attributes } } };
    HANDLE Token;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
}

static VOID TestUnloadErrors(VOID)
{
    UNICODE_STRING Empty = { 0 };

    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtUnloadDriver((PUNICODE_STRING)16));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtUnloadDriver(&Empty));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtLoadDriver(&Empty));
    CHECK_STATUS(STATUS_OBJECT_PATH_SYNTAX_BAD, UnloadDriver(L"crash"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, UnloadDriver(L"\\Registry\\Machine\\Software\\crash"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, UnloadDriver(SERVICES L"nothing"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, UnloadDriver(SERVICES L"crash\\Parameters"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, UnloadDriver(SERVICES L"missing"));      /* a key, but no driver runs */
    CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, UnloadDriver(SERVICES L"beep"));        /* Plug and Play */
    SetLoadPrivilege(0);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, UnloadDriver(CRASH_KEY));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtLoadDriver(&Empty));
    SetLoadPrivilege(SE_PRIVILEGE_ENABLED);
}

/* Gone: neither device nor driver has a name, and there is nothing to unload. */
static VOID CheckGone(VOID)
{
    HANDLE Crash;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, OpenCrash(&Crash));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, UnloadDriver(CRASH_KEY));
}

static VOID CheckNew(NTSTATUS Loaded)
{
    HANDLE Crash;

    if (!CHECK_STATUS(STATUS_SUCCESS, Loaded) || !CHECK_STATUS(STATUS_SUCCESS, OpenCrash(&Crash)))
        return;
    CHECK(Ping(Crash) == 1);
    NtClose(Crash);
}

static VOID TestUnload(VOID)
{
    LARGE_INTEGER Pause = { .QuadPart = -500000 };
    HANDLE Crash, Other;
    ULONG Tries = 0;

    /* Nobody has it open: it goes at once, and comes again. */
    CHECK_STATUS(STATUS_SUCCESS, UnloadDriver(CRASH_KEY));
    CheckGone();
    CheckNew(LoadDriver(CRASH_KEY, CRASH_IMAGE));
    CHECK_STATUS(STATUS_IMAGE_ALREADY_LOADED, LoadDriver(CRASH_KEY, CRASH_IMAGE));
    /* A file is open: it works to its end, and nobody opens another. */
    if (!CHECK_STATUS(STATUS_SUCCESS, OpenCrash(&Crash)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, UnloadDriver(CRASH_KEY));
    CHECK_STATUS(STATUS_SUCCESS, UnloadDriver(CRASH_KEY));
    CHECK(Ping(Crash) == 2);
    CHECK_STATUS(STATUS_NO_SUCH_DEVICE, OpenCrash(&Other));
    NtClose(Crash);
    while (OpenCrash(&Other) == STATUS_NO_SUCH_DEVICE && Tries++ < 1000)
        NtDelayExecution(FALSE, &Pause);
    CheckGone();
    /* One that dies in its DriverUnload is gone, and does not come back by itself. */
    CheckNew(LoadDriverWith(CRASH_KEY, CRASH_IMAGE, CRASH_BAD_UNLOAD));
    CHECK_STATUS(STATUS_DEVICE_NOT_CONNECTED, UnloadDriver(CRASH_KEY));
    CheckGone();
    Pause.QuadPart = -10000000;
    NtDelayExecution(FALSE, &Pause);
    CheckGone();
    /* One without DriverUnload stays. */
    CheckNew(LoadDriverWith(CRASH_KEY, CRASH_IMAGE, CRASH_NO_UNLOAD));
    CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, UnloadDriver(CRASH_KEY));
    if (CHECK_STATUS(STATUS_SUCCESS, OpenCrash(&Crash))) {
        CHECK(Ping(Crash) == 2);
        NtClose(Crash);
    }
}

/* Drivers that were started at boot; a link goes and comes with its driver, and others that share the host go on. */
static VOID TestReload(VOID)
{
    HANDLE Null;

    for (ULONG Round = 0; Round < 3; Round++) {
        CHECK_STATUS(STATUS_SUCCESS, UnloadDriver(SERVICES L"null"));
        CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, OpenDevice(L"\\??\\NUL", FILE_SYNCHRONOUS_IO_NONALERT, &Null));
        CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, UnloadDriver(SERVICES L"null"));
        TestBeep();
        CHECK_STATUS(STATUS_SUCCESS, LoadDriver(SERVICES L"null", L"\\SystemRoot\\system32\\drivers\\null.sys"));
        TestNull();
        TestBeep();
    }
}

/* The kernel loads what it is asked to: SERVICE_DISABLED and the like are the service control manager's affair. */
static VOID TestDisabled(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, UnloadDriver(CRASH_KEY));
    CheckNew(LoadDriverWith(CRASH_KEY, CRASH_IMAGE, SERVICE_DISABLED));
}

int wmain(int Count, PWSTR Arguments[])
{
    if (Count == 2)
        return PingOnce();
    TestNull();
    TestManyRequests();
    TestBeep();
    EndTerminal();
    TestSerial();
    TestCancel();
    TestBadImages();
    TestCrash();
    TestUnloadErrors();
    TestDisabled();
    TestUnload();
    TestReload();
    return CheckClose();
}
