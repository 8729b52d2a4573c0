/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console device, both sides in one process: this test opens a console of its own, plays the server, and makes the
 * client's requests from a second thread.  Fetching, completing, data beyond the message, cancelling, a new server,
 * waiting for input, the end of the server.
 *
 * Runs on: Nereid.
 */
#include "check.h"
#include "abi/condrv.h"

static HANDLE Server, Input, Output, ServerEvent;
static IO_STATUS_BLOCK ServerIosb;
static union {
    CD_IO_MESSAGE Message;
    UCHAR Bytes[256];
} Received;
static char Long[200000];

static NTSTATUS OpenAt(HANDLE Root, PCWSTR Name, ULONG Options, PHANDLE File)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Iosb;

    *File = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtOpenFile(File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &Iosb,
                      FILE_SHARE_READ | FILE_SHARE_WRITE, Options);
}

static NTSTATUS Control(ULONG Code, PVOID Data, ULONG Length)
{
    IO_STATUS_BLOCK Iosb;

    return NtDeviceIoControlFile(Server, NULL, NULL, NULL, &Iosb, Code, Data, Length, NULL, 0);
}

/* The next message; Answer may be NULL. */
static NTSTATUS Fetch(PCD_IO_COMPLETE Answer)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    NTSTATUS Status;

    memset(&Received, 0, sizeof(Received));
    Status = NtDeviceIoControlFile(Server, ServerEvent, NULL, NULL, &ServerIosb, IOCTL_CONDRV_READ_IO, Answer,
                                   Answer != NULL ? sizeof(*Answer) : 0, &Received, sizeof(Received));
    if (Status == STATUS_PENDING) {
        Status = NtWaitForSingleObject(ServerEvent, FALSE, &Timeout);
        if (Status == STATUS_SUCCESS)
            Status = ServerIosb.Status;
    }
    return Status;
}

static NTSTATUS Complete(NTSTATUS Status, ULONG_PTR Information, const void *Data, ULONG Size)
{
    CD_IO_COMPLETE Answer = {
        .Identifier = Received.Message.Descriptor.Identifier,
        .IoStatus = { .Status = Status, .Information = Information },
        .Write = { .Data = (PVOID)Data, .Size = Size },
    };

    return Control(IOCTL_CONDRV_COMPLETE_IO, &Answer, sizeof(Answer));
}

typedef struct _REQUEST {
    char Kind;                  /* 'w' write, 'r' read, 'm' get mode */
    ULONG Length;
    IO_STATUS_BLOCK Iosb;
    char Buffer[64];
} REQUEST;

static NTSTATUS NTAPI Client(PVOID Parameter)
{
    REQUEST *Request = Parameter;

    switch (Request->Kind) {
    case 'w':
        return NtWriteFile(Output, NULL, NULL, NULL, &Request->Iosb, Long, Request->Length, NULL, NULL);
    case 'r':
        return NtReadFile(Input, NULL, NULL, NULL, &Request->Iosb, Request->Buffer, Request->Length, NULL, NULL);
    default:
        return NtDeviceIoControlFile(Input, NULL, NULL, NULL, &Request->Iosb, IOCTL_CONDRV_GET_MODE, NULL, 0,
                                     Request->Buffer, 4);
    }
}

static HANDLE Start(REQUEST *Request, char Kind, ULONG Length)
{
    HANDLE Thread = NULL;

    memset(Request, 0, sizeof(*Request));
    Request->Kind = Kind;
    Request->Length = Length;
    NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), Client, Request, 0, 0, 0, 0, NULL);
    return Thread;
}

/* The service's status in the client's thread. */
static NTSTATUS Finish(HANDLE Thread)
{
    LARGE_INTEGER Timeout = { .QuadPart = LONG_ENOUGH };
    THREAD_BASIC_INFORMATION Basic = { .ExitStatus = STATUS_UNSUCCESSFUL };

    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, &Timeout));
    NtQueryInformationThread(Thread, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
    NtClose(Thread);
    return Basic.ExitStatus;
}

static void TestRequests(void)
{
    const CD_IO_DESCRIPTOR *Descriptor = &Received.Message.Descriptor;
    CD_IO_OPERATION Operation = { 0 };
    ULONG Mode = 0x1f7;
    char Piece[16];
    REQUEST Request;
    HANDLE Thread;

    Thread = Start(&Request, 'w', 10);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    CHECK(Descriptor->Function == CONSOLE_IO_RAW_WRITE && Descriptor->InputSize == 10 &&
          Received.Message.ObjectKind == CONDRV_OBJECT_OUTPUT);
    CHECK(ServerIosb.Information == sizeof(CD_IO_MESSAGE) + 10 && memcmp(&Received.Message + 1, Long, 10) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Complete(STATUS_SUCCESS, 11, NULL, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Complete(STATUS_PENDING, 0, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Complete(STATUS_SUCCESS, 10, NULL, 0));
    CHECK_STATUS(STATUS_NOT_FOUND, Complete(STATUS_SUCCESS, 10, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Finish(Thread));
    CHECK(Request.Iosb.Information == 10);

    Thread = Start(&Request, 'm', 0);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    CHECK(Descriptor->Function == CONSOLE_IO_USER_DEFINED && Received.Message.Detail == IOCTL_CONDRV_GET_MODE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Complete(STATUS_SUCCESS, 4, (PVOID)16, 4));
    CHECK_STATUS(STATUS_SUCCESS, Complete(STATUS_SUCCESS, 4, &Mode, 4));
    CHECK_STATUS(STATUS_SUCCESS, Finish(Thread));
    CHECK(*(PULONG)Request.Buffer == 0x1f7);

    Thread = Start(&Request, 'r', 8);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    CHECK(Descriptor->Function == CONSOLE_IO_RAW_READ && Descriptor->OutputSize == 8);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Complete(STATUS_SUCCESS, 9, "123456789", 9));
    CHECK_STATUS(STATUS_SUCCESS, Complete(STATUS_SUCCESS, 5, "hello", 5));
    CHECK_STATUS(STATUS_SUCCESS, Finish(Thread));
    CHECK(Request.Iosb.Information == 5 && strcmp(Request.Buffer, "hello") == 0);

    Thread = Start(&Request, 'w', 1000);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    Operation.Identifier = Descriptor->Identifier;
    Operation.Buffer.Data = Piece;
    Operation.Buffer.Size = 16;
    Operation.Buffer.Offset = 980;
    CHECK_STATUS(STATUS_SUCCESS, Control(IOCTL_CONDRV_READ_INPUT, &Operation, sizeof(Operation)));
    CHECK(memcmp(Piece, Long + 980, 16) == 0);
    Operation.Buffer.Offset = 990;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(IOCTL_CONDRV_READ_INPUT, &Operation, sizeof(Operation)));
    CHECK_STATUS(STATUS_SUCCESS, Complete(STATUS_DISK_FULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_DISK_FULL, Finish(Thread));
}

/* A write longer than a message's data comes in pieces, and is one write to the client. */
static void TestLongWrite(void)
{
    CD_IO_COMPLETE Answer = { 0 };
    ULONG Total = 0, Pieces = 0;
    REQUEST Request;
    HANDLE Thread = Start(&Request, 'w', sizeof(Long));

    while (Total < sizeof(Long) && NT_SUCCESS(Fetch(Pieces != 0 ? &Answer : NULL))) {
        Answer.Identifier = Received.Message.Descriptor.Identifier;
        Answer.IoStatus.Information = Received.Message.Descriptor.InputSize;
        CHECK(memcmp(&Received.Message + 1, Long + Total, 100) == 0);
        Total += Received.Message.Descriptor.InputSize;
        Pieces++;
    }
    CHECK(Total == sizeof(Long) && Pieces == 4);
    CHECK_STATUS(STATUS_SUCCESS, Control(IOCTL_CONDRV_COMPLETE_IO, &Answer, sizeof(Answer)));
    CHECK_STATUS(STATUS_SUCCESS, Finish(Thread));
    CHECK(Request.Iosb.Information == sizeof(Long));
}

static void TestCancelAndRestart(void)
{
    IO_STATUS_BLOCK Iosb;
    LUID Identifier;
    REQUEST Request;
    HANDLE Thread;

    Thread = Start(&Request, 'r', 8);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    Identifier = Received.Message.Descriptor.Identifier;
    CHECK_STATUS(STATUS_SUCCESS, NtCancelSynchronousIoFile(Thread, NULL, &Iosb));
    CHECK_STATUS(STATUS_CANCELLED, Finish(Thread));
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    CHECK(Received.Message.Descriptor.Function == CONSOLE_IO_CANCEL &&
          Received.Message.Descriptor.Identifier.LowPart == Identifier.LowPart);
    CHECK_STATUS(STATUS_NOT_FOUND, Complete(STATUS_SUCCESS, 0, NULL, 0));

    Thread = Start(&Request, 'r', 8);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    CHECK_STATUS(STATUS_SUCCESS, Control(IOCTL_CONDRV_SET_SERVER_INFORMATION, NULL, 0));
    CHECK_STATUS(STATUS_NOT_FOUND, Complete(STATUS_SUCCESS, 0, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    CHECK(Received.Message.Descriptor.Function == CONSOLE_IO_RAW_READ);
    CHECK_STATUS(STATUS_SUCCESS, Complete(STATUS_SUCCESS, 2, "ok", 2));
    CHECK_STATUS(STATUS_SUCCESS, Finish(Thread));
    CHECK(strcmp(Request.Buffer, "ok") == 0);
}

static void TestInputWait(void)
{
    LARGE_INTEGER Now = { .QuadPart = 0 };
    ULONG Signal = 1;

    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Input, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, Control(IOCTL_CONDRV_SIGNAL_INPUT, &Signal, sizeof(Signal)));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Input, FALSE, &Now));
    Signal = 0;
    CHECK_STATUS(STATUS_SUCCESS, Control(IOCTL_CONDRV_SIGNAL_INPUT, &Signal, sizeof(Signal)));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Input, FALSE, &Now));
}

static void TestRefusals(void)
{
    IO_STATUS_BLOCK Iosb;
    ULONG Value = 1;
    HANDLE File;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, OpenAt(Server, L"Nothing", 0, &File));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, OpenAt(Server, L"Server", 0, &File));
    CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, NtReadFile(Output, NULL, NULL, NULL, &Iosb, Long, 1, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, NtWriteFile(Input, NULL, NULL, NULL, &Iosb, Long, 1, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(IOCTL_CONDRV_COMPLETE_IO, &Value, sizeof(Value)));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Control(IOCTL_CONDRV_COMPLETE_IO, (PVOID)16, sizeof(CD_IO_COMPLETE)));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtDeviceIoControlFile(Input, NULL, NULL, NULL, &Iosb,
                                                              IOCTL_CONDRV_SET_CONTROL_HANDLING,
                                                              &Value, sizeof(Value), NULL, 0));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    IO_STATUS_BLOCK Iosb;
    REQUEST Request;
    HANDLE Thread;

    CheckSystem();
    for (ULONG i = 0; i < sizeof(Long); i++)
        Long[i] = (char)('a' + i % 23);
    NtCreateEvent(&ServerEvent, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(NULL, L"\\Device\\ConDrv\\Server", 0, &Server));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(Server, L"Input", FILE_SYNCHRONOUS_IO_NONALERT, &Input));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(Server, L"Output", FILE_SYNCHRONOUS_IO_NONALERT, &Output));
    TestRequests();
    TestLongWrite();
    TestCancelAndRestart();
    TestInputWait();
    TestRefusals();
    Thread = Start(&Request, 'r', 8);
    CHECK_STATUS(STATUS_SUCCESS, Fetch(NULL));
    NtClose(Server);
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Finish(Thread));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, NtWriteFile(Output, NULL, NULL, NULL, &Iosb, Long, 1, NULL, NULL));
    NtClose(Input);
    NtClose(Output);
    return CheckClose();
}
