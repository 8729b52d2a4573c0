/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Write watch: MEM_WRITE_WATCH, NtGetWriteWatch and NtResetWriteWatch, as Microsoft documents VirtualAlloc, GetWriteWatch
 * and ResetWriteWatch.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define PAGE 0x1000
#define PAGES 16
#define SIZE (PAGES * PAGE)
#define NOTHING ((ULONG_PTR)-1)

static PVOID List[64];

static NTSTATUS Reserve(PUCHAR *Base, SIZE_T Size, ULONG Type, ULONG Protect)
{
    *Base = NULL;
    return NtAllocateVirtualMemory(SELF, (PVOID *)Base, 0, &Size, Type, Protect);
}

static PUCHAR Watched(SIZE_T Size)
{
    PUCHAR Base;

    CHECK_STATUS(STATUS_SUCCESS, Reserve(&Base, Size, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE));
    return Base;
}

static NTSTATUS GiveBack(PVOID Base, SIZE_T Size, ULONG Type)
{
    return NtFreeVirtualMemory(SELF, &Base, &Size, Type);
}

static NTSTATUS Commit(PVOID Base, SIZE_T Size, ULONG Protect)
{
    return NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_COMMIT, Protect);
}

static NTSTATUS Protect(PVOID Base, SIZE_T Size, ULONG New)
{
    ULONG Old;

    return NtProtectVirtualMemory(SELF, &Base, &Size, New, &Old);
}

/* How many pages of the region were written (64 at most), their addresses in List; NOTHING: the service failed. */
static ULONG_PTR Written(ULONG Flags, PVOID Base, SIZE_T Size)
{
    ULONG_PTR Count = 64;
    ULONG Granularity = 0;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, Flags, Base, Size, List, &Count, &Granularity)))
        return NOTHING;
    CHECK(Granularity == PAGE);
    return Count;
}

/* Exactly the pages of Base that Mask has a bit for. */
static BOOLEAN AreWritten(PUCHAR Base, ULONG Mask)
{
    ULONG_PTR Count = Written(0, Base, SIZE), Listed = 0;
    ULONG Page;

    for (Page = 0; Page < PAGES; Page++) {
        if (Mask & 1u << Page && (Listed == Count || List[Listed++] != Base + Page * PAGE))
            return FALSE;
    }
    return Listed == Count;
}

static UCHAR Read(PUCHAR Address)
{
    return *(volatile UCHAR *)Address;
}

static VOID Write(PUCHAR Address)
{
    *(volatile UCHAR *)Address = 1;
}

static BOOLEAN IsRegion(PVOID Address, SIZE_T Size, ULONG State, ULONG Protection)
{
    MEMORY_BASIC_INFORMATION Information;

    return NT_SUCCESS(NtQueryVirtualMemory(SELF, Address, MemoryBasicInformation, &Information, sizeof(Information), NULL)) &&
           Information.RegionSize == Size && Information.State == State && Information.Protect == Protection &&
           Information.Type == MEM_PRIVATE;
}

static VOID TestPages(VOID)
{
    PUCHAR Base = Watched(SIZE);
    ULONG_PTR Count;
    ULONG Granularity;

    CHECK(IsRegion(Base, SIZE, MEM_COMMIT, PAGE_READWRITE));
    CHECK(AreWritten(Base, 0));
    CHECK(Read(Base) == 0 && Read(Base + 3 * PAGE) == 0);
    CHECK(AreWritten(Base, 0));
    Write(Base + 3 * PAGE + 5);
    Write(Base + PAGE);
    CHECK(AreWritten(Base, 1 << 1 | 1 << 3));
    CHECK(IsRegion(Base, SIZE, MEM_COMMIT, PAGE_READWRITE));
    CHECK(Written(WRITE_WATCH_FLAG_RESET, Base, SIZE) == 2);
    CHECK(AreWritten(Base, 0));
    CHECK(Read(Base + PAGE) == 1 && AreWritten(Base, 0));
    Write(Base + PAGE);
    CHECK(AreWritten(Base, 1 << 1));
    /* Over the end of a page. */
    *(volatile ULONG *)(Base + 6 * PAGE - 2) = 7;
    CHECK(AreWritten(Base, 1 << 1 | 1 << 5 | 1 << 6));
    /* A part of the range, in bytes. */
    CHECK(Written(0, Base + 5 * PAGE + 100, 1) == 1 && List[0] == Base + 5 * PAGE);
    CHECK(Written(0, Base + 5 * PAGE + 4095, 2) == 2 && List[1] == Base + 6 * PAGE);
    CHECK(Written(0, Base + 7 * PAGE, PAGE) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, Base + 2 * PAGE, 4 * PAGE));
    CHECK(AreWritten(Base, 1 << 1 | 1 << 6));
    /* A list that is full ends the reset, too. */
    Count = 1;
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, WRITE_WATCH_FLAG_RESET, Base, SIZE, List, &Count, &Granularity));
    CHECK(Count == 1 && List[0] == Base + PAGE);
    CHECK(AreWritten(Base, 1 << 6));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

static NTSTATUS Get(ULONG Flags, PVOID Base, SIZE_T Size, PVOID *Array, ULONG_PTR Count)
{
    ULONG Granularity;

    return NtGetWriteWatch(SELF, Flags, Base, Size, Array, &Count, &Granularity);
}

static VOID TestArguments(VOID)
{
    PUCHAR Base = Watched(SIZE), Other;
    ULONG_PTR Count = 64;
    ULONG Granularity = 5;

    CHECK_STATUS(STATUS_SUCCESS, Reserve(&Other, SIZE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, NULL, SIZE, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Other, SIZE, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, NtCurrentPeb()->ImageBaseAddress, PAGE, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base, SIZE, List, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base, SIZE, NULL, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base, 0, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base, SIZE + 1, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base + SIZE - PAGE, PAGE + 1, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(2, Base, SIZE, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0x80000001, Base, SIZE, List, 64));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Get(0, Base, SIZE, NULL, 64));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtGetWriteWatch(SELF, 0, Base, SIZE, List, NULL, &Granularity));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtGetWriteWatch(SELF, 0, Base, SIZE, List, &Count, NULL));
    CHECK(Count == 64 && Granularity == 5);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, SIZE + 1));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Other, SIZE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, NULL, PAGE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Other, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Other, SIZE));
    /* VirtualAlloc: "If you specify this value, you must also specify MEM_RESERVE." */
    CHECK(!NT_SUCCESS(Reserve(&Other, SIZE, MEM_WRITE_WATCH, PAGE_READWRITE)));
    TODO(OnWine, CHECK(!NT_SUCCESS(Reserve(&Other, SIZE, MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE))));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

/* Ranges, counts and pointers from nowhere: Wine takes the caller's word for them. */
static VOID TestBadPointers(VOID)
{
    static ULONG_PTR ReadOnly __attribute__((section(".rdata"))) = 3;
    PUCHAR Base = Watched(SIZE);
    ULONG_PTR Count = 64;
    ULONG Granularity;
    PVOID Kernel = (PVOID)0xFFFF800000000000;

    if (IsWine)
        return;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Kernel, SIZE, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base, (SIZE_T)-1, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Get(0, Base, (SIZE_T)0 - (SIZE_T)Base, List, 64));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, (SIZE_T)-1));
    Write(Base);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Get(WRITE_WATCH_FLAG_RESET, Base, SIZE, Kernel, 64));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Get(WRITE_WATCH_FLAG_RESET, Base, SIZE, (PVOID *)&ReadOnly, 64));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtGetWriteWatch(SELF, 1, Base, SIZE, List, &ReadOnly, &Granularity));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtGetWriteWatch(SELF, 1, Base, SIZE, List, Kernel, &Granularity));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtGetWriteWatch(SELF, 1, Base, SIZE, List, &Count, (PULONG)&ReadOnly));
    CHECK(AreWritten(Base, 1));
    /* More elements than the address space has bytes. */
    CHECK_STATUS(STATUS_SUCCESS, Get(0, Base, SIZE, List, (ULONG_PTR)1 << 62));
    CHECK_STATUS(STATUS_SUCCESS, Get(0, Base, SIZE, List, (ULONG_PTR)-1));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

static VOID TestRights(VOID)
{
    PUCHAR Base = Watched(SIZE);
    ULONG_PTR Count = 64;
    ULONG Granularity;
    HANDLE Process = NULL, Event = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, SELF, SELF, &Process, PROCESS_QUERY_INFORMATION, 0, 0));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, NtGetWriteWatch(Process, 0, Base, SIZE, List, &Count, &Granularity)));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, NtResetWriteWatch(Process, Base, SIZE)));
    NtClose(Process);
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_HANDLE, NtResetWriteWatch(Process, Base, SIZE)));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    TODO(OnWine, CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtResetWriteWatch(Event, Base, SIZE)));
    NtClose(Event);
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, SELF, SELF, &Process, PROCESS_VM_OPERATION, 0, 0));
    Write(Base + 2 * PAGE);
    Count = 64;
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(Process, 0, Base, SIZE, List, &Count, &Granularity));
    CHECK(Count == 1 && List[0] == Base + 2 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(Process, Base, SIZE));
    CHECK(AreWritten(Base, 0));
    NtClose(Process);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

/* Protection and commitment come and go, what was written stays written. */
static VOID TestProtection(VOID)
{
    PUCHAR Base;

    CHECK_STATUS(STATUS_SUCCESS, Reserve(&Base, SIZE, MEM_RESERVE | MEM_WRITE_WATCH, PAGE_NOACCESS));
    CHECK(AreWritten(Base, 0));
    CHECK_STATUS(STATUS_SUCCESS, Commit(Base, SIZE, PAGE_READWRITE));
    CHECK(AreWritten(Base, 0));
    Write(Base + PAGE);
    CHECK(Read(Base + 2 * PAGE) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Protect(Base, 4 * PAGE, PAGE_READONLY));
    CHECK(AreWritten(Base, 1 << 1) && IsRegion(Base, 4 * PAGE, MEM_COMMIT, PAGE_READONLY));
    CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, Base, SIZE));
    CHECK(AreWritten(Base, 0));
    CHECK_STATUS(STATUS_SUCCESS, Protect(Base, 4 * PAGE, PAGE_EXECUTE_READWRITE));
    CHECK(AreWritten(Base, 0));
    Write(Base + PAGE);
    Write(Base + 2 * PAGE);
    CHECK(AreWritten(Base, 1 << 1 | 1 << 2));
    CHECK_STATUS(STATUS_SUCCESS, Protect(Base, 4 * PAGE, PAGE_NOACCESS));
    CHECK(AreWritten(Base, 1 << 1 | 1 << 2));
    CHECK_STATUS(STATUS_SUCCESS, Protect(Base, 4 * PAGE, PAGE_READWRITE));
    CHECK(AreWritten(Base, 1 << 1 | 1 << 2) && Read(Base + PAGE) == 1);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base + PAGE, 3 * PAGE, MEM_DECOMMIT));
    CHECK(AreWritten(Base, 1 << 1 | 1 << 2));
    CHECK_STATUS(STATUS_SUCCESS, Commit(Base + PAGE, 3 * PAGE, PAGE_READWRITE));
    CHECK(Read(Base + PAGE) == 0 && Read(Base + 3 * PAGE) == 0);
    CHECK(AreWritten(Base, 1 << 1 | 1 << 2));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base + PAGE, 3 * PAGE, MEM_DECOMMIT));
    CHECK(Written(WRITE_WATCH_FLAG_RESET, Base, SIZE) == 2 && AreWritten(Base, 0));
    CHECK_STATUS(STATUS_SUCCESS, Commit(Base, SIZE, PAGE_READWRITE));
    Write(Base + PAGE);
    CHECK(AreWritten(Base, 1 << 1));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

static PUCHAR GuardPage;
static ULONG Guards, WrittenBefore;

static LONG NTAPI OnGuard(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode != (DWORD)STATUS_GUARD_PAGE_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    Guards++;
    WrittenBefore = (ULONG)Written(0, GuardPage, SIZE);
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* The guard fires first, and only once. */
static VOID TestGuard(VOID)
{
    PVOID Handler = RtlAddVectoredExceptionHandler(TRUE, OnGuard);
    ULONG Round;

    CHECK_STATUS(STATUS_SUCCESS, Reserve(&GuardPage, SIZE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE | PAGE_GUARD));
    CHECK(AreWritten(GuardPage, 0));
    for (Round = 1; Round <= 2; Round++) {
        Write(GuardPage);
        CHECK(Guards == Round && WrittenBefore == 0);
        CHECK(AreWritten(GuardPage, 1) && IsRegion(GuardPage, PAGE, MEM_COMMIT, PAGE_READWRITE));
        CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, GuardPage, SIZE));
        Write(GuardPage);
        CHECK(Guards == Round && AreWritten(GuardPage, 1));
        CHECK_STATUS(STATUS_SUCCESS, Protect(GuardPage, PAGE, PAGE_READWRITE | PAGE_GUARD));
        CHECK(AreWritten(GuardPage, 1));
        CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, GuardPage, SIZE));
    }
    /* A read takes the guard away, and is no write. */
    CHECK(Read(GuardPage) == 1 && Guards == 3 && AreWritten(GuardPage, 0));
    RtlRemoveVectoredExceptionHandler(Handler);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(GuardPage, 0, MEM_RELEASE));
}

/* What a service writes for the program is written like any other. */
static VOID TestServices(VOID)
{
    PUCHAR Base = Watched(SIZE);
    UCHAR Bytes[200] = { 9 };
    BOOLEAN Holds;
    SIZE_T Done;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemTime((PLARGE_INTEGER)(Base + PAGE)));
    CHECK(AreWritten(Base, 1 << 1));
    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(SELF, Bytes, Base + 3 * PAGE - 1, 2, (PSIZE_T)(Base + 5 * PAGE)));
    CHECK(AreWritten(Base, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5) && Read(Base + 3 * PAGE - 1) == 9);
    CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, Base, SIZE));
    /* A page that ntos has just used for writing, and one that it reads. */
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemTime((PLARGE_INTEGER)(Base + PAGE)));
    CHECK(AreWritten(Base, 1 << 1));
    CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, Base, SIZE));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(SELF, Bytes, Base + PAGE, 8, &Done));
    CHECK(AreWritten(Base, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemTime((PLARGE_INTEGER)(Base + PAGE)));
    CHECK(AreWritten(Base, 1 << 1));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(SELF, Base + 7 * PAGE - 100, Bytes, 200, &Done));
    Holds = AreWritten(Base, 1 << 1 | 1 << 6 | 1 << 7);
    TODO(OnWine, CHECK(Holds));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

/* A file of 2 pages and a bit, read into the range; the final status, and how much there was in *Done. */
static NTSTATUS ReadFile(PUCHAR Base, LONGLONG Offset, PULONG_PTR Done)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\watch.tmp");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    static UCHAR Content[2 * PAGE + 3];
    LARGE_INTEGER At = { .QuadPart = Offset }, Start = { .QuadPart = 0 };
    IO_STATUS_BLOCK IoStatus = { .Information = 0 };
    HANDLE File = NULL;
    NTSTATUS Status;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, &Attributes, &IoStatus, NULL,
                                              FILE_ATTRIBUTE_NORMAL, 0, FILE_SUPERSEDE,
                                              FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Content, sizeof(Content), &Start, NULL));
    IoStatus.Information = 0;
    Status = NtReadFile(File, NULL, NULL, NULL, &IoStatus, Base, SIZE, &At, NULL);
    *Done = IoStatus.Information;
    NtClose(File);
    return Status;
}

/* All of a buffer that is given for reading counts as written, however much there is to read. */
static VOID TestFile(VOID)
{
    PUCHAR Base = Watched(SIZE);
    IO_STATUS_BLOCK IoStatus;
    ULONG_PTR Done;

    CHECK(!NT_SUCCESS(NtReadFile((HANDLE)0xdead, NULL, NULL, NULL, &IoStatus, Base, SIZE, NULL, NULL)));
    CHECK(AreWritten(Base, 0));
    CHECK_STATUS(STATUS_SUCCESS, ReadFile(Base, 0, &Done));
    CHECK(Done == 2 * PAGE + 3 && Written(WRITE_WATCH_FLAG_RESET, Base, SIZE) == PAGES);
    CHECK_STATUS(STATUS_END_OF_FILE, ReadFile(Base, 0x10000, &Done));
    CHECK(Done == 0 && Written(WRITE_WATCH_FLAG_RESET, Base, SIZE) == PAGES);
    /* No page of it may be missing, not even one that would not be needed. */
    CHECK_STATUS(STATUS_SUCCESS, Protect(Base + 8 * PAGE, PAGE, PAGE_READONLY));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, ReadFile(Base, 0, &Done));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

static HANDLE Pipe(BOOLEAN Server)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\PIPE\\watch");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    LARGE_INTEGER Timeout = { .QuadPart = -10000000 };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL;

    if (Server)
        CHECK_STATUS(STATUS_SUCCESS, NtCreateNamedPipeFile(&File, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus,
                                                           FILE_SHARE_WRITE, FILE_CREATE, 0, 0, 0, 0, 1, 1024, 1024, &Timeout));
    else
        CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, GENERIC_WRITE | SYNCHRONIZE, &Attributes, &IoStatus, NULL, 0, 0, FILE_OPEN,
                                                  FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
    return File;
}

/* A read that waits: its buffer counts when it begins, the data when they come. */
static VOID TestPipe(VOID)
{
    PUCHAR Base = Watched(SIZE);
    HANDLE Server = Pipe(TRUE), Client = Pipe(FALSE);
    PIO_STATUS_BLOCK Pending = (PIO_STATUS_BLOCK)(Base + 15 * PAGE);
    IO_STATUS_BLOCK IoStatus;

    CHECK_STATUS(STATUS_PENDING, NtReadFile(Server, NULL, NULL, NULL, Pending, Base, 8 * PAGE, NULL, NULL));
    CHECK((Written(WRITE_WATCH_FLAG_RESET, Base, SIZE) & ~(ULONG_PTR)1) == 8);
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Client, NULL, NULL, NULL, &IoStatus, "hello", 5, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Server, FALSE, NULL));
    CHECK(AreWritten(Base, 1 | 1 << 15) && Pending->Information == 5 && Base[4] == 'o');
    NtClose(Client);
    NtClose(Server);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

/* The list lies in the very range: what the service has written of it counts after the reset. */
static VOID TestListInRange(VOID)
{
    PUCHAR Base = Watched(SIZE);
    PVOID *Array = (PVOID *)(Base + 4 * PAGE);
    ULONG_PTR Count = 64;
    ULONG Granularity;
    BOOLEAN Holds;

    Write(Base + 9 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, 0, Base, SIZE, Array, &Count, &Granularity));
    CHECK(Count >= 1 && Array[Count - 1] == Base + 9 * PAGE);
    CHECK(AreWritten(Base, 1 << 4 | 1 << 9));
    Count = 64;
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, WRITE_WATCH_FLAG_RESET, Base, SIZE, Array, &Count, &Granularity));
    CHECK(Count == 2 && Array[0] == Base + 4 * PAGE && Array[1] == Base + 9 * PAGE);
    Holds = AreWritten(Base, 1 << 4);
    TODO(OnWine, CHECK(Holds));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

/* More pages than a page table or a batch of the list has. */
static VOID TestMany(VOID)
{
    static PVOID Array[1000];
    SIZE_T Size = 6 << 20, Pages = Size / PAGE, Page, Total = 0;
    PUCHAR Base = Watched(Size);
    ULONG_PTR Count;
    ULONG Granularity;
    BOOLEAN InOrder = TRUE;

    for (Page = 0; Page < Pages; Page++) {
        if (Page % 3 == 0)
            Write(Base + Page * PAGE);
        else if (Page % 3 == 1)
            Read(Base + Page * PAGE);
    }
    Count = 1000;
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, 0, Base, Size, Array, &Count, &Granularity));
    CHECK(Count == (Pages + 2) / 3);
    for (Page = 0; Page < Count; Page++)
        InOrder = InOrder && Array[Page] == Base + 3 * Page * PAGE;
    CHECK(InOrder);
    /* In pieces, as a collector does it that has room for a few. */
    do {
        Count = 37;
        CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, WRITE_WATCH_FLAG_RESET, Base, Size, Array, &Count, &Granularity));
        for (Page = 0; Page < Count; Page++)
            InOrder = InOrder && Array[Page] == Base + 3 * (Total + Page) * PAGE;
        Total += Count;
    } while (Count == 37);
    CHECK(InOrder && Total == (Pages + 2) / 3);
    for (Page = 0; Page < Pages; Page++)
        Write(Base + Page * PAGE);
    Count = 1000;
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, 0, Base + Size - 700 * PAGE, 700 * PAGE, Array, &Count, &Granularity));
    CHECK(Count == 700 && Array[0] == Base + Size - 700 * PAGE && Array[699] == Base + Size - PAGE);
    CHECK_STATUS(STATUS_SUCCESS, NtResetWriteWatch(SELF, Base, Size));
    Write(Base + Size - 1);
    Count = 1000;
    CHECK_STATUS(STATUS_SUCCESS, NtGetWriteWatch(SELF, 0, Base, Size, Array, &Count, &Granularity));
    CHECK(Count == 1 && Array[0] == Base + Size - PAGE);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
}

#define WRITES 100000

typedef struct _WRITER {
    PUCHAR Base;
    volatile ULONG Sum[PAGES];          /* what each page's counter should be */
} WRITER;

static NTSTATUS NTAPI WriterThread(PVOID Argument)
{
    WRITER *Writer = Argument;
    ULONG Round;

    for (Round = 0; Round < WRITES; Round++) {
        ULONG Page = Round * 7 % PAGES;

        ++*(volatile ULONG *)(Writer->Base + Page * PAGE);
        Writer->Sum[Page]++;
    }
    return STATUS_SUCCESS;
}

/* While another thread writes: a copy that follows the list is the same at the end. */
static VOID TestWriter(VOID)
{
    static ULONG Copy[PAGES];
    WRITER Writer = { .Base = Watched(SIZE) };
    LARGE_INTEGER Now = { .QuadPart = 0 };
    HANDLE Thread = CheckStartThread(WriterThread, &Writer);
    BOOLEAN Ended = FALSE, Same = TRUE;
    ULONG_PTR Count;
    ULONG Granularity, Page;

    while (Thread != NULL && !Ended) {
        Ended = NtWaitForSingleObject(Thread, FALSE, &Now) == STATUS_SUCCESS;
        Count = PAGES;
        if (!NT_SUCCESS(NtGetWriteWatch(SELF, WRITE_WATCH_FLAG_RESET, Writer.Base, SIZE, List, &Count, &Granularity)))
            break;
        while (Count-- != 0)
            Copy[((PUCHAR)List[Count] - Writer.Base) / PAGE] = *(volatile ULONG *)List[Count];
        if (!Ended)
            NtYieldExecution();
    }
    CheckJoinThread(Thread, NULL);
    for (Page = 0; Page < PAGES; Page++)
        Same = Same && Copy[Page] == Writer.Sum[Page] && Writer.Sum[Page] == WRITES / PAGES;
    CHECK(Ended && Same);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Writer.Base, 0, MEM_RELEASE));
}

/* Parts of a watched range that live on are watched still. */
static VOID TestParts(VOID)
{
    PUCHAR Base = Watched(SIZE);

    if (IsWine)                         /* releases only whole ranges */
        return;
    Write(Base + PAGE);
    Write(Base + 6 * PAGE);
    Write(Base + 12 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base + 4 * PAGE, 4 * PAGE, MEM_RELEASE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, SIZE));
    CHECK(Written(WRITE_WATCH_FLAG_RESET, Base, 4 * PAGE) == 1 && List[0] == Base + PAGE);
    CHECK(Written(0, Base + 8 * PAGE, 8 * PAGE) == 1 && List[0] == Base + 12 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
    Write(Base + 15 * PAGE);
    CHECK(Written(0, Base + 8 * PAGE, 8 * PAGE) == 2 && List[1] == Base + 15 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base + 8 * PAGE, 4 * PAGE, MEM_RELEASE));
    CHECK(Written(0, Base + 12 * PAGE, 4 * PAGE) == 2);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base + 12 * PAGE, 0, MEM_RELEASE));
}

static NTSTATUS Replace(PVOID Base, SIZE_T Size, ULONG Type)
{
    return NtAllocateVirtualMemoryEx(SELF, &Base, &Size, Type | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0);
}

static VOID TestPlaceholder(VOID)
{
    PUCHAR Base = NULL;
    SIZE_T Size = SIZE;

    if (IsWine)                         /* has no placeholders */
        return;
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
                 NtAllocateVirtualMemoryEx(SELF, (PVOID *)&Base, &Size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER | MEM_WRITE_WATCH,
                                           PAGE_NOACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemoryEx(SELF, (PVOID *)&Base, &Size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER,
                                                           PAGE_NOACCESS, NULL, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, SIZE));
    CHECK_STATUS(STATUS_SUCCESS, Replace(Base, SIZE, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH));
    Write(Base + 5 * PAGE);
    Write(Base + 9 * PAGE);
    CHECK(AreWritten(Base, 1 << 5 | 1 << 9));
    /* A part becomes a placeholder again, and ordinary memory in its place. */
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 8 * PAGE, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, 8 * PAGE));
    CHECK(Written(0, Base + 8 * PAGE, 8 * PAGE) == 1 && List[0] == Base + 9 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, Replace(Base, 8 * PAGE, MEM_RESERVE | MEM_COMMIT));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtResetWriteWatch(SELF, Base, 8 * PAGE));
    Write(Base + 5 * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base, 0, MEM_RELEASE));
    CHECK_STATUS(STATUS_SUCCESS, GiveBack(Base + 8 * PAGE, 0, MEM_RELEASE));
}

int wmain(int argc, PWSTR *argv)
{
    UNREFERENCED_PARAMETER(argc);
    UNREFERENCED_PARAMETER(argv);
    CheckSystem();
    TestPages();
    TestArguments();
    TestBadPointers();
    TestRights();
    TestProtection();
    TestGuard();
    TestServices();
    TestFile();
    TestPipe();
    TestListInRange();
    TestMany();
    TestWriter();
    TestParts();
    TestPlaceholder();
    return CheckClose();
}
