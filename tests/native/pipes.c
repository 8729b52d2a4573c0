/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Named pipes: creating, opening, byte and message mode, quotas, pending requests, cancelling, disconnecting, the
 * control codes, information classes, completion ports, ends that close.
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define PIPE L"\\??\\pipe\\nereid-test"
#define ALL_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE)
#define QUOTA 100

typedef struct _PIPE_SPEC {
    ULONG Type, ReadMode, CompletionMode, Instances, Share, Options, Disposition;
} PIPE_SPEC;

static const PIPE_SPEC Bytes = { FILE_PIPE_BYTE_STREAM_TYPE, 0, 0, 2, ALL_SHARE, 0, FILE_OPEN_IF };
static const PIPE_SPEC Messages = { FILE_PIPE_MESSAGE_TYPE, FILE_PIPE_MESSAGE_MODE, 0, 2, ALL_SHARE, 0, FILE_OPEN_IF };
static LARGE_INTEGER Short = { .QuadPart = -500000 };
static LARGE_INTEGER Now;

static NTSTATUS CreateAt(PCWSTR Name, HANDLE Root, const PIPE_SPEC *Spec, ACCESS_MASK Access, PHANDLE Pipe,
        PIO_STATUS_BLOCK Iosb)
{
    LARGE_INTEGER Timeout = { .QuadPart = -5000000 };
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;

    *Pipe = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtCreateNamedPipeFile(Pipe, Access, &Attributes, Iosb, Spec->Share, Spec->Disposition, Spec->Options,
                                 Spec->Type, Spec->ReadMode, Spec->CompletionMode, Spec->Instances, QUOTA, QUOTA,
                                 &Timeout);
}

static NTSTATUS Create(const PIPE_SPEC *Spec, PHANDLE Pipe)
{
    IO_STATUS_BLOCK Iosb;

    return CreateAt(PIPE, NULL, Spec, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, Pipe, &Iosb);
}

static NTSTATUS OpenAt(PCWSTR Name, HANDLE Root, ACCESS_MASK Access, ULONG Options, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;
    IO_STATUS_BLOCK Iosb;

    *File = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtOpenFile(File, Access, &Attributes, &Iosb, ALL_SHARE, Options);
}

static NTSTATUS Open(PHANDLE File)
{
    return OpenAt(PIPE, NULL, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, 0, File);
}

/* A connected pair; both ends asynchronous. */
static BOOLEAN Pair(const PIPE_SPEC *Spec, PHANDLE Server, PHANDLE Client)
{
    *Client = NULL;
    return CHECK_STATUS(STATUS_SUCCESS, Create(Spec, Server)) && CHECK_STATUS(STATUS_SUCCESS, Open(Client));
}

static void ClosePair(HANDLE Server, HANDLE Client)
{
    if (Client != NULL)
        NtClose(Client);
    if (Server != NULL)
        NtClose(Server);
}

/* Waits for a request that may be pending. */
static NTSTATUS Settle(NTSTATUS Status, HANDLE File, PIO_STATUS_BLOCK Iosb)
{
    LARGE_INTEGER Long = { .QuadPart = LONG_ENOUGH };

    if (Status != STATUS_PENDING)
        return Status;
    if (NtWaitForSingleObject(File, FALSE, &Long) == STATUS_TIMEOUT)
        return STATUS_TIMEOUT;
    return Iosb->Status;
}

static NTSTATUS Write(HANDLE File, const void *Data, ULONG Length, PIO_STATUS_BLOCK Iosb)
{
    memset(Iosb, 0x55, sizeof(*Iosb));
    return NtWriteFile(File, NULL, NULL, NULL, Iosb, Data, Length, NULL, NULL);
}

static NTSTATUS Read(HANDLE File, void *Data, ULONG Length, PIO_STATUS_BLOCK Iosb)
{
    memset(Iosb, 0x55, sizeof(*Iosb));
    return NtReadFile(File, NULL, NULL, NULL, Iosb, Data, Length, NULL, NULL);
}

static NTSTATUS Put(HANDLE File, const char *Text)
{
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status = Settle(Write(File, Text, strlen(Text), &Iosb), File, &Iosb);

    return Status == STATUS_SUCCESS && Iosb.Information != strlen(Text) ? STATUS_DATA_ERROR : Status;
}

/* Reads what must be Text; the buffer has Length bytes. */
static NTSTATUS Get(HANDLE File, const char *Text, ULONG Length)
{
    IO_STATUS_BLOCK Iosb;
    char Buffer[256];
    NTSTATUS Status;

    memset(Buffer, 0, sizeof(Buffer));
    Status = Settle(Read(File, Buffer, Length, &Iosb), File, &Iosb);
    if (NT_ERROR(Status))
        return Status;
    return Iosb.Information == strlen(Text) && memcmp(Buffer, Text, Iosb.Information) == 0 ? Status : STATUS_DATA_ERROR;
}

static NTSTATUS Control(HANDLE File, ULONG Code, PIO_STATUS_BLOCK Iosb)
{
    return NtFsControlFile(File, NULL, NULL, NULL, Iosb, Code, NULL, 0, NULL, 0);
}

static NTSTATUS Disconnect(HANDLE Server)
{
    IO_STATUS_BLOCK Iosb;

    return Settle(Control(Server, FSCTL_PIPE_DISCONNECT, &Iosb), Server, &Iosb);
}

static FILE_PIPE_LOCAL_INFORMATION Local(HANDLE File)
{
    FILE_PIPE_LOCAL_INFORMATION Information = { 0 };
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Information, sizeof(Information),
                                                        FilePipeLocalInformation));
    return Information;
}

/* ------------------------------------------------------------------ names, creating, opening */

static void TestParameters(void)
{
    static const struct {
        PIPE_SPEC Spec;
        NTSTATUS Status;
    } Rows[] = {
        { { 0, 1, 0, 1, ALL_SHARE, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 4, 0, 0, 1, ALL_SHARE, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 0, 2, 0, 1, ALL_SHARE, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 0, 0, 2, 1, ALL_SHARE, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 0, 0, 0, 0, ALL_SHARE, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 0, 0, 0, 1, 0, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 0, 0, 0, 1, ALL_SHARE | FILE_SHARE_DELETE, 0, FILE_OPEN_IF }, STATUS_INVALID_PARAMETER },
        { { 0, 0, 0, 1, ALL_SHARE, 0, FILE_OPEN }, STATUS_OBJECT_NAME_NOT_FOUND },
        { { 0, 0, 0, 1, ALL_SHARE, 0, 99 }, STATUS_INVALID_PARAMETER },
    };

    for (ULONG i = 0; i < ARRAYSIZE(Rows); i++) {
        HANDLE Pipe;
        NTSTATUS Status = Create(&Rows[i].Spec, &Pipe);

        /* Wine looks at fewer of them. */
        if (IsWine && Status != Rows[i].Status) {
            if (NT_SUCCESS(Status))
                NtClose(Pipe);
            continue;
        }
        if (!CHECK_STATUS(Rows[i].Status, Status))
            Print(L"row %u\n", i);
    }
}

static void TestInstances(void)
{
    PIPE_SPEC Other = Bytes, First = Bytes;
    HANDLE A, B, C, Client;
    IO_STATUS_BLOCK Iosb;

    First.Disposition = FILE_CREATE;
    Other.Type = FILE_PIPE_MESSAGE_TYPE;
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(&Client));
    CHECK_STATUS(STATUS_SUCCESS, CreateAt(PIPE, NULL, &Bytes, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &A, &Iosb));
    TODO(OnWine, CHECK(Iosb.Information == FILE_CREATED));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Create(&First, &C)));
    if (C != NULL)
        NtClose(C);
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Create(&Other, &C)));
    if (C != NULL)
        NtClose(C);
    Other = Bytes;
    Other.Share = FILE_SHARE_READ;
    CHECK_STATUS(STATUS_ACCESS_DENIED, Create(&Other, &C));
    CHECK_STATUS(STATUS_SUCCESS, CreateAt(PIPE, NULL, &Bytes, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &B, &Iosb));
    TODO(OnWine, CHECK(Iosb.Information == FILE_OPENED));
    CHECK_STATUS(STATUS_INSTANCE_NOT_AVAILABLE, Create(&Bytes, &C));
    CHECK(Local(A).CurrentInstances == 2 && Local(A).MaximumInstances == 2);
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(L"\\??\\PIPE\\NEREID-Test", NULL, GENERIC_READ | SYNCHRONIZE, 0, &Client));
    NtClose(Client);
    CHECK_STATUS(STATUS_SUCCESS, Open(&Client));
    CHECK_STATUS(STATUS_PIPE_NOT_AVAILABLE, Open(&C));
    NtClose(B);
    CHECK(Local(A).CurrentInstances == 1);
    NtClose(Client);
    NtClose(A);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(&Client));
}

static void TestDirections(void)
{
    PIPE_SPEC Spec = Bytes;
    FILE_PIPE_LOCAL_INFORMATION Information;
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb;

    Spec.Share = FILE_SHARE_WRITE;
    CHECK_STATUS(STATUS_SUCCESS, CreateAt(PIPE, NULL, &Spec, GENERIC_READ | SYNCHRONIZE, &Server, &Iosb));
    CHECK(Local(Server).NamedPipeConfiguration == FILE_PIPE_INBOUND);
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenAt(PIPE, NULL, GENERIC_READ, 0, &Client));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(PIPE, NULL, GENERIC_WRITE | FILE_READ_ATTRIBUTES | SYNCHRONIZE, 0, &Client));
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "in"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "in", 10));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Put(Server, "x"));
    Information = Local(Client);
    CHECK(Information.NamedPipeEnd == FILE_PIPE_CLIENT_END && Local(Server).NamedPipeEnd == FILE_PIPE_SERVER_END);
    CHECK(Information.NamedPipeState == FILE_PIPE_CONNECTED_STATE && Information.InboundQuota == QUOTA);
    ClosePair(Server, Client);
    Spec.Share = FILE_SHARE_READ;
    CHECK_STATUS(STATUS_SUCCESS, CreateAt(PIPE, NULL, &Spec, GENERIC_WRITE | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Server,
                                          &Iosb));
    CHECK(Local(Server).NamedPipeConfiguration == FILE_PIPE_OUTBOUND);
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenAt(PIPE, NULL, GENERIC_WRITE, 0, &Client));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(PIPE, NULL, GENERIC_READ | SYNCHRONIZE, 0, &Client));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "out"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "out", 10));
    ClosePair(Server, Client);
}

/* The way an anonymous pipe is made on Windows 10. */
static void TestUnnamed(void)
{
    HANDLE Root, Server, Client;
    IO_STATUS_BLOCK Iosb;
    PIPE_SPEC Spec = Bytes;

    CHECK_STATUS(STATUS_SUCCESS, OpenAt(L"\\Device\\NamedPipe\\", NULL, GENERIC_READ | SYNCHRONIZE,
                                        FILE_SYNCHRONOUS_IO_NONALERT, &Root));
    Spec.Share = FILE_SHARE_WRITE;
    Spec.Instances = 1;
    Spec.Disposition = FILE_CREATE;
    CHECK_STATUS(STATUS_SUCCESS, CreateAt(L"", Root, &Spec, GENERIC_READ | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE, &Server,
                                          &Iosb));
    if (Server != NULL) {
        CHECK_STATUS(STATUS_SUCCESS, OpenAt(L"", Server, GENERIC_WRITE | SYNCHRONIZE, FILE_NON_DIRECTORY_FILE, &Client));
        CHECK_STATUS(STATUS_SUCCESS, Put(Client, "anonymous"));
        CHECK_STATUS(STATUS_SUCCESS, Get(Server, "anonymous", 20));
        NtClose(Client);
        CHECK_STATUS(STATUS_PIPE_BROKEN, Get(Server, "", 20));
        NtClose(Server);
    }
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, CreateAt(L"nereid-relative", Root, &Bytes, GENERIC_READ | GENERIC_WRITE |
                                                      SYNCHRONIZE, &Server, &Iosb)));
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, OpenAt(L"\\??\\pipe\\nereid-relative", NULL, GENERIC_READ | SYNCHRONIZE,
                                                    0, &Client)));
    ClosePair(Server, Client);
    NtClose(Root);
}

/* ------------------------------------------------------------------ bytes */

static void TestByteMode(void)
{
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb, Second;
    char Buffer[32] = "";

    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "abc"));
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "defgh"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "abcd", 4));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "efgh", 20));
    CHECK_STATUS(STATUS_PENDING, Read(Server, Buffer, 8, &Iosb));
    CHECK(NtWaitForSingleObject(Server, FALSE, &Now) == STATUS_TIMEOUT);
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "later"));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Server, &Iosb));
    CHECK(Iosb.Information == 5 && memcmp(Buffer, "later", 5) == 0);
    /* Two readers and one write that is longer than the first wants. */
    CHECK_STATUS(STATUS_PENDING, Read(Client, Buffer, 2, &Iosb));
    CHECK_STATUS(STATUS_PENDING, Read(Client, Buffer + 8, 8, &Second));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "12345"));
    CHECK(Iosb.Information == 2 && memcmp(Buffer, "12", 2) == 0);
    CHECK(Second.Information == 3 && memcmp(Buffer + 8, "345", 3) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, ""));
    CHECK(Local(Client).ReadDataAvailable == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationFile(Client, &Iosb, &(FILE_PIPE_INFORMATION){ 1, 0 },
                                                                sizeof(FILE_PIPE_INFORMATION), FilePipeInformation));
    ClosePair(Server, Client);
}

static void TestQuota(void)
{
    static char Large[1000], Back[1000];
    HANDLE Server, Client;
    FILE_PIPE_LOCAL_INFORMATION Information;
    IO_STATUS_BLOCK Iosb, Third;
    char Buffer[300];

    if (!Pair(&Bytes, &Server, &Client))
        return;
    for (ULONG i = 0; i < sizeof(Large); i++)
        Large[i] = (char)(i * 7);
    CHECK_STATUS(STATUS_SUCCESS, Settle(Write(Server, Large, 60, &Iosb), Server, &Iosb));
    CHECK(Local(Client).ReadDataAvailable == 60);
    Information = Local(Server);
    TODO(OnWine, CHECK(Information.WriteQuotaAvailable == 40));
    CHECK_STATUS(STATUS_PENDING, Write(Server, Large + 60, 140, &Iosb));
    CHECK(NtWaitForSingleObject(Server, FALSE, &Short) == STATUS_TIMEOUT);
    CHECK(Local(Server).WriteQuotaAvailable == 0);
    CHECK_STATUS(STATUS_SUCCESS, Settle(Read(Client, Buffer, 50, &Third), Client, &Third));
    CHECK(Third.Information == 50 && memcmp(Buffer, Large, 50) == 0);
    CHECK(NtWaitForSingleObject(Server, FALSE, &Now) == STATUS_TIMEOUT);
    CHECK_STATUS(STATUS_SUCCESS, Settle(Read(Client, Buffer, 100, &Third), Client, &Third));
    CHECK(Third.Information == 100 && memcmp(Buffer, Large + 50, 100) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Server, &Iosb));
    CHECK(Iosb.Information == 140);
    CHECK_STATUS(STATUS_SUCCESS, Settle(Read(Client, Buffer, 300, &Third), Client, &Third));
    CHECK(Third.Information == 50 && memcmp(Buffer, Large + 150, 50) == 0);
    /* A reader that waits takes more than the quota. */
    CHECK_STATUS(STATUS_PENDING, Read(Client, Back, sizeof(Back), &Third));
    CHECK_STATUS(STATUS_SUCCESS, Settle(Write(Server, Large, sizeof(Large), &Iosb), Server, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Client, &Third));
    CHECK(Third.Information == sizeof(Large) && memcmp(Back, Large, sizeof(Large)) == 0);
    ClosePair(Server, Client);
}

static void TestMessages(void)
{
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb;
    FILE_PIPE_INFORMATION Mode = { FILE_PIPE_MESSAGE_MODE, 0 };
    char Buffer[16];

    if (!Pair(&Messages, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "first message"));
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "second"));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Get(Server, "first", 5));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, " message", 50));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "second", 50));
    /* A client begins in byte mode. */
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "one"));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "two"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "onetwo", 50));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(Client, &Iosb, &Mode, sizeof(Mode), FilePipeInformation));
    memset(&Mode, 0xff, sizeof(Mode));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Client, &Iosb, &Mode, sizeof(Mode), FilePipeInformation));
    CHECK(Mode.ReadMode == FILE_PIPE_MESSAGE_MODE && Mode.CompletionMode == 0 && Iosb.Information == sizeof(Mode));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, ""));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "x"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "", 50));
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "x", 50));
    CHECK_STATUS(STATUS_PENDING, Read(Client, Buffer, 4, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "longer"));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Settle(STATUS_PENDING, Client, &Iosb));
    CHECK(Iosb.Information == 4 && memcmp(Buffer, "long", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "er", 4));
    ClosePair(Server, Client);
}

static void TestNoWaiting(void)
{
    FILE_PIPE_INFORMATION Mode = { 0, FILE_PIPE_COMPLETE_OPERATION };
    static char Large[QUOTA + 50];
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb;
    char Buffer[QUOTA + 50];

    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_PENDING, Read(Client, Buffer, 10, &Iosb));
    TODO(OnWine, CHECK_STATUS(STATUS_PIPE_BUSY, NtSetInformationFile(Client, &Iosb, &Mode, sizeof(Mode),
                                                                    FilePipeInformation)));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "free"));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(Client, &Iosb, &Mode, sizeof(Mode), FilePipeInformation));
    CHECK_STATUS(STATUS_PIPE_EMPTY, Settle(Read(Client, Buffer, 10, &Iosb), Client, &Iosb));
    if (!IsWine) {
        CHECK_STATUS(STATUS_SUCCESS, Settle(Write(Client, Large, sizeof(Large), &Iosb), Client, &Iosb));
        CHECK(Iosb.Information == QUOTA);
        CHECK_STATUS(STATUS_SUCCESS, Settle(Write(Client, Large, 1, &Iosb), Client, &Iosb));
        CHECK(Iosb.Information == 0);
        CHECK_STATUS(STATUS_SUCCESS, Settle(Read(Server, Buffer, sizeof(Buffer), &Iosb), Server, &Iosb));
        CHECK(Iosb.Information == QUOTA);
    }
    ClosePair(Server, Client);
}

/* ------------------------------------------------------------------ cancelling, closing, disconnecting */

static void TestCancel(void)
{
    static char Large[QUOTA + 1];
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb, Cancel;
    char Buffer[8];

    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_PENDING, Read(Server, Buffer, 8, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(Server, &Cancel));
    CHECK_STATUS(STATUS_CANCELLED, Settle(STATUS_PENDING, Server, &Iosb));
    CHECK(Iosb.Information == 0);
    CHECK_STATUS(STATUS_PENDING, Write(Server, Large, sizeof(Large), &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFileEx(Server, &Iosb, &Cancel));
    CHECK_STATUS(STATUS_CANCELLED, Settle(STATUS_PENDING, Server, &Iosb));
    CHECK_STATUS(STATUS_NOT_FOUND, NtCancelIoFileEx(Server, &Iosb, &Cancel));
    CHECK(Local(Client).ReadDataAvailable == 0);
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "still"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "still", 8));
    ClosePair(Server, Client);
}

static void TestClosing(void)
{
    static char Large[QUOTA + 1];
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb, Other;
    char Buffer[8];

    /* What was written before the end closed can still be read. */
    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, Put(Client, "testament"));
    NtClose(Client);
    CHECK(Local(Server).NamedPipeState == FILE_PIPE_CLOSING_STATE);
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "test", 4));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "ament", 20));
    CHECK_STATUS(STATUS_PIPE_BROKEN, Get(Server, "", 20));
    CHECK_STATUS(STATUS_PIPE_CLOSING, Put(Server, "x"));
    CHECK_STATUS(STATUS_PIPE_CLOSING, Settle(Control(Server, FSCTL_PIPE_LISTEN, &Iosb), Server, &Iosb));
    NtClose(Server);
    /* Requests in progress end. */
    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_PENDING, Read(Client, Buffer, 8, &Iosb));
    CHECK_STATUS(STATUS_PENDING, Write(Client, Large, sizeof(Large), &Other));
    NtClose(Server);
    CHECK_STATUS(STATUS_PIPE_BROKEN, Settle(STATUS_PENDING, Client, &Iosb));
    CHECK_STATUS(STATUS_PIPE_BROKEN, Settle(STATUS_PENDING, Client, &Other));
    CHECK_STATUS(STATUS_PIPE_BROKEN, Get(Client, "", 8));
    NtClose(Client);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(&Client));
}

static void TestDisconnect(void)
{
    HANDLE Server, Client, Second;
    IO_STATUS_BLOCK Iosb, Listen;
    char Buffer[8];

    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_PIPE_CONNECTED, Settle(Control(Server, FSCTL_PIPE_LISTEN, &Iosb), Server, &Iosb));
    CHECK_STATUS(STATUS_ILLEGAL_FUNCTION, Settle(Control(Client, FSCTL_PIPE_LISTEN, &Iosb), Client, &Iosb));
    TODO(OnWine, CHECK_STATUS(STATUS_ILLEGAL_FUNCTION, Disconnect(Client)));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "lost"));
    CHECK_STATUS(STATUS_PENDING, Read(Server, Buffer, 8, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Disconnect(Server));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Iosb.Status);
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Get(Client, "", 8));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Put(Client, "x"));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Get(Server, "", 8));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Put(Server, "x"));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Disconnect(Server));
    CHECK(Local(Server).NamedPipeState == FILE_PIPE_DISCONNECTED_STATE);
    CHECK_STATUS(STATUS_PIPE_NOT_AVAILABLE, Open(&Second));
    CHECK_STATUS(STATUS_PENDING, Control(Server, FSCTL_PIPE_LISTEN, &Listen));
    CHECK(Local(Server).NamedPipeState == FILE_PIPE_LISTENING_STATE);
    CHECK_STATUS(STATUS_SUCCESS, Open(&Second));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Server, &Listen));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "new"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Second, "new", 8));
    CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Get(Client, "", 8));
    NtClose(Client);
    CHECK_STATUS(STATUS_SUCCESS, Put(Second, "ok"));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "ok", 8));
    ClosePair(Server, Second);
}

static void TestListening(void)
{
    PIPE_SPEC Spec = Bytes;
    HANDLE Server;
    IO_STATUS_BLOCK Iosb, Cancel;
    char Buffer[8];

    CHECK_STATUS(STATUS_SUCCESS, Create(&Bytes, &Server));
    CHECK(Local(Server).NamedPipeState == FILE_PIPE_LISTENING_STATE);
    CHECK_STATUS(STATUS_PIPE_LISTENING, Settle(Read(Server, Buffer, 8, &Iosb), Server, &Iosb));
    CHECK_STATUS(STATUS_PIPE_LISTENING, Put(Server, "x"));
    CHECK_STATUS(STATUS_PENDING, Control(Server, FSCTL_PIPE_LISTEN, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(Server, &Cancel));
    CHECK_STATUS(STATUS_CANCELLED, Settle(STATUS_PENDING, Server, &Iosb));
    CHECK_STATUS(STATUS_PENDING, Control(Server, FSCTL_PIPE_LISTEN, &Iosb));
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, Disconnect(Server)));
    TODO(OnWine, CHECK_STATUS(STATUS_PIPE_DISCONNECTED, Iosb.Status));
    NtClose(Server);
    Spec.CompletionMode = FILE_PIPE_COMPLETE_OPERATION;
    CHECK_STATUS(STATUS_SUCCESS, Create(&Spec, &Server));
    CHECK_STATUS(STATUS_PIPE_LISTENING, Settle(Control(Server, FSCTL_PIPE_LISTEN, &Iosb), Server, &Iosb));
    NtClose(Server);
}

static void TestFlush(void)
{
    PIPE_SPEC Spec = Bytes;
    HANDLE Server, Client, Event;
    IO_STATUS_BLOCK Iosb;

    /* Wine holds the caller until the bytes are read. */
    if (IsWine || !Pair(&Spec, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, Settle(NtFlushBuffersFile(Server, &Iosb), Server, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "abcd"));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_PENDING, NtFlushBuffersFile(Server, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "ab", 2));
    CHECK(NtWaitForSingleObject(Server, FALSE, &Now) == STATUS_TIMEOUT);
    CHECK_STATUS(STATUS_SUCCESS, Get(Client, "cd", 2));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Server, &Iosb));
    NtClose(Event);
    ClosePair(Server, Client);
}

/* ------------------------------------------------------------------ control codes */

static NTSTATUS PeekAt(HANDLE File, PFILE_PIPE_PEEK_BUFFER Peek, ULONG Length, PULONG Bytes)
{
    IO_STATUS_BLOCK Iosb = { 0 };
    NTSTATUS Status = Settle(NtFsControlFile(File, NULL, NULL, NULL, &Iosb, FSCTL_PIPE_PEEK, NULL, 0, Peek, Length),
                             File, &Iosb);

    *Bytes = (ULONG)Iosb.Information - FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data);
    return Status;
}

static void TestPeek(void)
{
    union {
        FILE_PIPE_PEEK_BUFFER Peek;
        char Room[64];
    } Buffer;
    const ULONG Header = FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data);
    HANDLE Server, Client;
    ULONG Bytes_;

    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, PeekAt(Server, &Buffer.Peek, sizeof(Buffer), &Bytes_));
    CHECK(Bytes_ == 0 && Buffer.Peek.ReadDataAvailable == 0 && Buffer.Peek.NamedPipeState == 3);
    Put(Client, "abc");
    Put(Client, "def");
    CHECK_STATUS(STATUS_SUCCESS, PeekAt(Server, &Buffer.Peek, sizeof(Buffer), &Bytes_));
    CHECK(Bytes_ == 6 && memcmp(Buffer.Peek.Data, "abcdef", 6) == 0 && Buffer.Peek.ReadDataAvailable == 6);
    CHECK_STATUS(STATUS_SUCCESS, PeekAt(Server, &Buffer.Peek, Header + 4, &Bytes_));
    CHECK(Bytes_ == 4);
    CHECK(NT_ERROR(PeekAt(Server, &Buffer.Peek, Header - 1, &Bytes_)));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "abcdef", 20));
    NtClose(Client);
    CHECK_STATUS(STATUS_PIPE_BROKEN, PeekAt(Server, &Buffer.Peek, sizeof(Buffer), &Bytes_));
    CHECK_STATUS(STATUS_SUCCESS, Disconnect(Server));
    CHECK(NT_ERROR(PeekAt(Server, &Buffer.Peek, sizeof(Buffer), &Bytes_)));
    NtClose(Server);
    if (!Pair(&Messages, &Server, &Client))
        return;
    Put(Client, "abc");
    Put(Client, "defg");
    CHECK_STATUS(STATUS_SUCCESS, PeekAt(Server, &Buffer.Peek, sizeof(Buffer), &Bytes_));
    CHECK(Bytes_ == 3 && Buffer.Peek.MessageLength == 3 && Buffer.Peek.ReadDataAvailable == 7);
    TODO(OnWine, CHECK(Buffer.Peek.NumberOfMessages == 2));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, PeekAt(Server, &Buffer.Peek, Header + 1, &Bytes_));
    CHECK(Bytes_ == 1 && Buffer.Peek.MessageLength == 3);
    ClosePair(Server, Client);
}

static void TestTransceive(void)
{
    FILE_PIPE_INFORMATION Mode = { FILE_PIPE_MESSAGE_MODE, 0 };
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb = { 0 };
    char Buffer[16] = "";

    if (!Pair(&Messages, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_INVALID_READ_MODE, NtFsControlFile(Client, NULL, NULL, NULL, &Iosb, FSCTL_PIPE_TRANSCEIVE,
                                                           "ask", 3, Buffer, sizeof(Buffer)));
    NtSetInformationFile(Client, &Iosb, &Mode, sizeof(Mode), FilePipeInformation);
    CHECK_STATUS(STATUS_PENDING, NtFsControlFile(Client, NULL, NULL, NULL, &Iosb, FSCTL_PIPE_TRANSCEIVE, "ask", 3,
                                                 Buffer, sizeof(Buffer)));
    CHECK_STATUS(STATUS_SUCCESS, Get(Server, "ask", 10));
    CHECK_STATUS(STATUS_SUCCESS, Put(Server, "answer"));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Client, &Iosb));
    CHECK(Iosb.Information == 6 && memcmp(Buffer, "answer", 6) == 0);
    Put(Server, "early");
    CHECK_STATUS(STATUS_PIPE_BUSY, NtFsControlFile(Client, NULL, NULL, NULL, &Iosb, FSCTL_PIPE_TRANSCEIVE, "ask", 3,
                                                   Buffer, sizeof(Buffer)));
    ClosePair(Server, Client);
}

static NTSTATUS WaitFor(HANDLE Root, PCWSTR Name, LONG64 Timeout, PIO_STATUS_BLOCK Iosb, PVOID Buffer)
{
    PFILE_PIPE_WAIT_FOR_BUFFER Wait = Buffer;

    Wait->Timeout.QuadPart = Timeout;
    Wait->TimeoutSpecified = TRUE;
    Wait->NameLength = wcslen(Name) * sizeof(WCHAR);
    memcpy(Wait->Name, Name, Wait->NameLength);
    return NtFsControlFile(Root, NULL, NULL, NULL, Iosb, FSCTL_PIPE_WAIT, Wait, sizeof(*Wait) + Wait->NameLength,
                           NULL, 0);
}

static void TestWait(void)
{
    UCHAR Buffer[128];
    HANDLE Root, Server, Client, Second;
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, OpenAt(L"\\??\\pipe\\", NULL, GENERIC_READ | SYNCHRONIZE, 0, &Root));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Settle(WaitFor(Root, L"nereid-test", -1, &Iosb, Buffer), Root, &Iosb));
    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_IO_TIMEOUT, Settle(WaitFor(Root, L"nereid-test", -200000, &Iosb, Buffer), Root, &Iosb));
    CHECK_STATUS(STATUS_PENDING, WaitFor(Root, L"nereid-test", LONG_ENOUGH, &Iosb, Buffer));
    CHECK_STATUS(STATUS_SUCCESS, Create(&Bytes, &Second));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Root, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Settle(WaitFor(Root, L"Nereid-TEST", -1, &Iosb, Buffer), Root, &Iosb));
    NtClose(Second);
    CHECK_STATUS(STATUS_PENDING, WaitFor(Root, L"nereid-test", LONG_ENOUGH, &Iosb, Buffer));
    NtClose(Root);
    ClosePair(Server, Client);
}

static void TestImpersonate(void)
{
    HANDLE Server, Client, Token = NULL, Nothing = NULL;
    IO_STATUS_BLOCK Iosb;

    if (!Pair(&Bytes, &Server, &Client))
        return;
    Put(Client, "me");
    Get(Server, "me", 4);
    TODO(OnWine, CHECK_STATUS(STATUS_ILLEGAL_FUNCTION, Settle(Control(Client, FSCTL_PIPE_IMPERSONATE, &Iosb), Client,
                                                              &Iosb)));
    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, Settle(Control(Server, FSCTL_PIPE_IMPERSONATE, &Iosb), Server, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    NtClose(Token);
    NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Nothing, sizeof(Nothing));
    NtClose(Client);
    NtClose(Server);
}

static void TestAttributes(void)
{
    static const struct {
        ULONG Code;
        const char *Name;
    } Rows[] = {
        { FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE, "ClientProcessId" },
        { FSCTL_PIPE_GET_PIPE_ATTRIBUTE, "ServerProcessId" },
    };
    ULONG Own = (ULONG)(ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess;
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb;

    /* Wine has no attributes of pipes. */
    if (IsWine || !Pair(&Bytes, &Server, &Client))
        return;
    for (ULONG i = 0; i < ARRAYSIZE(Rows); i++) {
        ULONG Value = 0;

        CHECK_STATUS(STATUS_SUCCESS, Settle(NtFsControlFile(Client, NULL, NULL, NULL, &Iosb, Rows[i].Code,
                                                            (PVOID)Rows[i].Name, strlen(Rows[i].Name) + 1, &Value,
                                                            sizeof(Value)), Client, &Iosb));
        CHECK(Value == Own && Iosb.Information == sizeof(Value));
    }
    ClosePair(Server, Client);
}

/* ------------------------------------------------------------------ the rest of the io services */

static void TestInformation(void)
{
    union {
        FILE_NAME_INFORMATION Name;
        FILE_STANDARD_INFORMATION Standard;
        FILE_FS_DEVICE_INFORMATION Device;
        FILE_FS_ATTRIBUTE_INFORMATION Attribute;
        UCHAR Room[256];
    } Buffer;
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb;

    if (!Pair(&Bytes, &Server, &Client))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Client, &Iosb, &Buffer, sizeof(Buffer), FileNameInformation));
    CHECK(Buffer.Name.FileNameLength == 24 && memcmp(Buffer.Name.FileName, L"\\nereid-test", 24) == 0);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryInformationFile(Client, &Iosb, &Buffer, 12, FileNameInformation));
    Put(Server, "1234");
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Client, &Iosb, &Buffer,
                                                                    sizeof(FILE_STANDARD_INFORMATION),
                                                                    FileStandardInformation)));
    TODO(OnWine, CHECK(!Buffer.Standard.Directory && Buffer.Standard.NumberOfLinks == 1));
    TODO(OnWine, CHECK(Buffer.Standard.EndOfFile.QuadPart == 4 && Buffer.Standard.DeletePending));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Client, &Iosb, &Buffer, sizeof(Buffer.Device),
                                                              FileFsDeviceInformation));
    CHECK(Buffer.Device.DeviceType == FILE_DEVICE_NAMED_PIPE);
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Client, &Iosb, &Buffer, sizeof(Buffer),
                                                                          FileFsAttributeInformation)));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationFile(Client, &Iosb, &Buffer, 39,
                                                                     FilePipeLocalInformation));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationFile(Client, &Iosb, &Buffer, 7, FilePipeInformation));
    ClosePair(Server, Client);
}

static void TestPort(void)
{
    FILE_COMPLETION_INFORMATION Completion = { .Key = (PVOID)42 };
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb, Packet;
    ULONG_PTR Key, Context;
    char Buffer[8];

    if (!Pair(&Bytes, &Server, &Client))
        return;
    NtCreateIoCompletion(&Completion.Port, IO_COMPLETION_ALL_ACCESS, NULL, 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(Server, &Iosb, &Completion, sizeof(Completion),
                                                      FileCompletionInformation));
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Server, NULL, NULL, (PVOID)7, &Iosb, Buffer, 8, NULL, NULL));
    Put(Client, "port");
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Completion.Port, &Key, &Context, &Packet, &Enough));
    CHECK(Key == 42 && Context == 7 && Packet.Status == STATUS_SUCCESS && Packet.Information == 4);
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Server, NULL, NULL, (PVOID)8, &Iosb, Buffer, 8, NULL, NULL));
    NtClose(Client);
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Completion.Port, &Key, &Context, &Packet, &Enough));
    CHECK(Context == 8 && Packet.Status == STATUS_PIPE_BROKEN && Packet.Information == 0);
    NtClose(Completion.Port);
    NtClose(Server);
}

static HANDLE ThreadPipe;
static volatile LONG ThreadReads;

static NTSTATUS NTAPI SynchronousReader(PVOID Context)
{
    IO_STATUS_BLOCK Iosb;
    char Buffer[10];

    while (NtReadFile(ThreadPipe, NULL, NULL, NULL, &Iosb, Buffer, sizeof(Buffer), NULL, NULL) == STATUS_SUCCESS)
        ThreadReads += (LONG)Iosb.Information;
    return STATUS_SUCCESS;
}

/* A synchronous end waits in the service, and gives back what fits and when the other end closes. */
static void TestSynchronous(void)
{
    PIPE_SPEC Spec = Bytes;
    HANDLE Client, Thread;
    IO_STATUS_BLOCK Iosb;
    char Block[QUOTA * 3];

    memset(Block, 'x', sizeof(Block));
    Spec.Options = FILE_SYNCHRONOUS_IO_NONALERT;
    CHECK_STATUS(STATUS_SUCCESS, Create(&Spec, &ThreadPipe));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(PIPE, NULL, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE,
                                        FILE_SYNCHRONOUS_IO_NONALERT, &Client));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0,
                                                     (PVOID)SynchronousReader, NULL, &Thread, NULL));
    for (ULONG i = 0; i < 100; i++) {
        if (!CHECK_STATUS(STATUS_SUCCESS, Write(Client, Block, sizeof(Block), &Iosb)))
            break;
    }
    NtClose(Client);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, NULL));
    CHECK(ThreadReads == 100 * QUOTA * 3);
    NtClose(Thread);
    NtClose(ThreadPipe);
}

static void TestSecurity(void)
{
    LARGE_INTEGER Timeout = { .QuadPart = -5000000 };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(PIPE);
    OBJECT_ATTRIBUTES Attributes;
    SECURITY_DESCRIPTOR Descriptor;
    UCHAR Dacl[64], Back[256];
    HANDLE Server, Client;
    IO_STATUS_BLOCK Iosb;
    ULONG Length = 0;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl((PACL)Dacl, sizeof(Dacl), ACL_REVISION);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, (PACL)Dacl, FALSE);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, &Descriptor);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateNamedPipeFile(&Server, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE |
                                                       READ_CONTROL | WRITE_DAC, &Attributes, &Iosb, ALL_SHARE, FILE_OPEN_IF, 0,
                                                       0, 0, 0, 5, QUOTA, QUOTA, &Timeout));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Server, DACL_SECURITY_INFORMATION, Back, sizeof(Back), &Length));
    CHECK(((PISECURITY_DESCRIPTOR)Back)->Control & SE_DACL_PRESENT);
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Open(&Client)));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Create(&Bytes, &Client)));
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Server, DACL_SECURITY_INFORMATION, &Descriptor));
    if (!IsWine) {
        CHECK_STATUS(STATUS_SUCCESS, Open(&Client));
        NtClose(Client);
    }
    NtClose(Server);
}

/* The entry of that name in the root's list; NULL: there is none. */
static PFILE_DIRECTORY_INFORMATION FindListed(HANDLE Root, PCWSTR Wanted, PCWSTR Pattern)
{
    static UCHAR Listing[0x4000] __attribute__((aligned(8)));
    PFILE_DIRECTORY_INFORMATION Entry = (PVOID)Listing;
    UNICODE_STRING Name, String;
    IO_STATUS_BLOCK Iosb;

    RtlInitUnicodeString(&Name, Wanted);
    RtlInitUnicodeString(&String, Pattern);
    if (!NT_SUCCESS(NtQueryDirectoryFile(Root, NULL, NULL, NULL, &Iosb, Listing, sizeof(Listing), FileDirectoryInformation, FALSE, &String,
                                         TRUE)))
        return NULL;
    for (;; Entry = (PVOID)((PUCHAR)Entry + Entry->NextEntryOffset)) {
        UNICODE_STRING Here = { (USHORT)Entry->FileNameLength, (USHORT)Entry->FileNameLength, Entry->FileName };

        if (RtlEqualUnicodeString(&Here, &Name, FALSE))
            return Entry;
        if (Entry->NextEntryOffset == 0)
            return NULL;
    }
}

/* The root lists the pipes: how many instances are there, how many there may be. */
static void TestListing(void)
{
    static const PIPE_SPEC Few = { FILE_PIPE_BYTE_STREAM_TYPE, 0, 0, 3, ALL_SHARE, 0, FILE_OPEN_IF };
    UNICODE_STRING Pattern = RTL_CONSTANT_UNICODE_STRING(L"nereid-test");
    PFILE_DIRECTORY_INFORMATION Entry;
    HANDLE Root, Server, Other;
    IO_STATUS_BLOCK Iosb;
    UCHAR Small[128];

    CHECK_STATUS(STATUS_SUCCESS, OpenAt(L"\\Device\\NamedPipe\\", NULL, FILE_LIST_DIRECTORY | SYNCHRONIZE,
                                        FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, &Root));
    CHECK(FindListed(Root, L"nereid-test", L"*") == NULL && FindListed(Root, L"nereid-test", L"NEREID-TEST") == NULL);
    CHECK_STATUS(STATUS_SUCCESS, Create(&Few, &Server));
    Entry = FindListed(Root, L"nereid-test", L"*");
    if (CHECK(Entry != NULL))
        CHECK(Entry->EndOfFile.QuadPart == 1 && Entry->AllocationSize.QuadPart == 3 && Entry->FileAttributes == FILE_ATTRIBUTE_NORMAL);
    CHECK_STATUS(STATUS_SUCCESS, Create(&Few, &Other));
    Entry = FindListed(Root, L"nereid-test", L"nereid-T?st");
    CHECK(Entry != NULL && Entry->EndOfFile.QuadPart == 2 && Entry->NextEntryOffset == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryDirectoryFile(Root, NULL, NULL, NULL, &Iosb, Small, sizeof(Small), FileNamesInformation, TRUE, &Pattern,
                                                      TRUE));
    CHECK(Iosb.Information == 12 + Pattern.Length);
    CHECK_STATUS(STATUS_NO_MORE_FILES, NtQueryDirectoryFile(Root, NULL, NULL, NULL, &Iosb, Small, sizeof(Small), FileNamesInformation, TRUE,
                                                            NULL, FALSE));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryDirectoryFile(Root, NULL, NULL, NULL, &Iosb, Small, 8, FileNamesInformation, TRUE, NULL,
                                                                   TRUE));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryDirectoryFile(Root, NULL, NULL, NULL, &Iosb, Small, sizeof(Small), FileBasicInformation, TRUE,
                                                                 NULL, TRUE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQueryDirectoryFile(Server, NULL, NULL, NULL, &Iosb, Small, sizeof(Small), FileNamesInformation,
                                                                TRUE, NULL, TRUE));
    NtClose(Other);
    NtClose(Server);
    CHECK(FindListed(Root, L"nereid-test", L"nereid-test") == NULL);
    NtClose(Root);
}

int wmain(int Count, WCHAR **Arguments)
{
    CheckSystem();
    TestParameters();
    TestInstances();
    TestDirections();
    TestUnnamed();
    TestByteMode();
    TestQuota();
    TestMessages();
    TestNoWaiting();
    TestCancel();
    TestClosing();
    TestDisconnect();
    TestListening();
    TestFlush();
    TestPeek();
    TestTransceive();
    TestWait();
    TestImpersonate();
    TestAttributes();
    TestInformation();
    TestPort();
    TestSynchronous();
    TestSecurity();
    if (!IsWine)                        /* Wine 8 lists no pipes */
        TestListing();
    return CheckClose();
}
