/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtReadFileScatter and NtWriteFileGather: pages in any order, the end of the file, completion, and what is refused.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define PAGE 0x1000
#define PAGES 8

static PUCHAR Memory;
static HANDLE Event;

static HANDLE Open(ULONG Options)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\scatter.tmp");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, &Attributes, &IoStatus, NULL,
                                              FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                              FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE | Options, NULL, 0));
    return File;
}

/* The transfer of Length bytes between Offset and the pages that Order numbers; its final status. */
static NTSTATUS Transfer(HANDLE File, BOOLEAN Write, const UCHAR *Order, ULONG Length, LONGLONG Offset, PULONG_PTR Done)
{
    FILE_SEGMENT_ELEMENT Segments[PAGES + 1] = { 0 };
    LARGE_INTEGER At = { .QuadPart = Offset };
    IO_STATUS_BLOCK IoStatus = { .Status = -1 };
    NTSTATUS Status;

    for (ULONG i = 0; i * PAGE < Length && i < PAGES; i++)
        Segments[i].Buffer = Memory + Order[i] * PAGE;
    Status = Write ? NtWriteFileGather(File, Event, NULL, NULL, &IoStatus, Segments, Length, &At, NULL)
                   : NtReadFileScatter(File, Event, NULL, NULL, &IoStatus, Segments, Length, &At, NULL);
    if (Status == STATUS_PENDING) {
        NtWaitForSingleObject(Event, FALSE, NULL);
        Status = IoStatus.Status;
    }
    *Done = NT_SUCCESS(Status) ? IoStatus.Information : 0;
    return Status;
}

static VOID FillPages(VOID)
{
    for (ULONG i = 0; i < PAGES * PAGE; i++)
        Memory[i] = (UCHAR)(i / PAGE * 16 + i % 13);
}

static BOOLEAN IsPage(ULONG Place, ULONG Content, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++)
        if (Memory[Place * PAGE + i] != (UCHAR)(Content * 16 + (Content * PAGE + i) % 13))
            return FALSE;
    return TRUE;
}

static VOID TestPages(HANDLE File)
{
    static const UCHAR Out[] = { 5, 1, 3 }, In[] = { 7, 0, 6, 2 };
    ULONG_PTR Done;

    FillPages();
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, TRUE, Out, 3 * PAGE, 0, &Done));
    CHECK(Done == 3 * PAGE);
    memset(Memory, 0xee, PAGES * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, In, 3 * PAGE, 0, &Done));
    CHECK(Done == 3 * PAGE && IsPage(7, 5, PAGE) && IsPage(0, 1, PAGE) && IsPage(6, 3, PAGE));
    CHECK(Memory[1 * PAGE] == 0xee && Memory[5 * PAGE - 1] == 0xee);
    /* A part of a page, from the middle of the file. */
    memset(Memory, 0xee, PAGES * PAGE);
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, In, PAGE + 512, PAGE, &Done));
    CHECK(Done == PAGE + 512 && IsPage(7, 1, PAGE) && IsPage(0, 3, 512) && Memory[512] == 0xee);
    /* Over the end, and behind it. */
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, In, 4 * PAGE, PAGE, &Done));
    CHECK(Done == 2 * PAGE);
    CHECK_STATUS(STATUS_END_OF_FILE, Transfer(File, FALSE, In, PAGE, 3 * PAGE, &Done));
}

static VOID TestRefused(HANDLE File)
{
    static const UCHAR Order[] = { 0, 1, 2, 3 };
    FILE_SEGMENT_ELEMENT Odd[2] = { { .Buffer = Memory + 8 } }, Bad[3] = { { .Buffer = Memory }, { .Buffer = Memory + PAGES * PAGE } };
    LARGE_INTEGER Zero = { .QuadPart = 0 };
    IO_STATUS_BLOCK IoStatus;
    ULONG_PTR Done;
    HANDLE Other;

    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, Transfer(File, FALSE, Order, PAGE, -3, &Done)));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, Transfer(File, FALSE, Order, 100, 0, &Done)));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, Transfer(File, FALSE, Order, PAGE, 100, &Done)));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, NtReadFileScatter(File, NULL, NULL, NULL, &IoStatus, Odd, PAGE, &Zero, NULL)));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReadFileScatter(File, NULL, NULL, NULL, &IoStatus, Bad, 2 * PAGE, &Zero,
                                                                         NULL)));
    CHECK_STATUS(STATUS_INVALID_HANDLE, Transfer((HANDLE)0x7654, FALSE, Order, PAGE, 0, &Done));
    if (!IsWine) {              /* Wine reads these before its server is asked, and faults */
        CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReadFileScatter(File, NULL, NULL, NULL, &IoStatus, NULL, PAGE, &Zero, NULL));
        CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReadFileScatter(File, NULL, NULL, NULL, NULL, Bad, PAGE, &Zero, NULL));
        CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReadFileScatter(File, NULL, NULL, NULL, &IoStatus, Bad, PAGE, NULL, NULL));
        CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReadFileScatter(File, NULL, NULL, NULL, &IoStatus, Bad, 0xfffff000, &Zero, NULL));
    }
    /* ReadFileScatter: the handle is asynchronous and without buffering. */
    Other = Open(FILE_NO_INTERMEDIATE_BUFFERING | FILE_SYNCHRONOUS_IO_NONALERT);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Transfer(Other, FALSE, Order, PAGE, 0, &Done));
    NtClose(Other);
    Other = Open(0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Transfer(Other, TRUE, Order, PAGE, 0, &Done));
    NtClose(Other);
}

static VOID TestPort(VOID)
{
    HANDLE File = Open(FILE_NO_INTERMEDIATE_BUFFERING), Port = NULL;
    FILE_COMPLETION_INFORMATION Completion;
    FILE_SEGMENT_ELEMENT Segments[2] = { { .Buffer = Memory } };
    LARGE_INTEGER Zero = { .QuadPart = 0 };
    IO_STATUS_BLOCK IoStatus = { 0 }, Packet = { 0 };
    ULONG_PTR Key = 0, Context = 0;
    NTSTATUS Status;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Port, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    Completion = (FILE_COMPLETION_INFORMATION){ Port, (PVOID)0x77 };
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &IoStatus, &Completion, sizeof(Completion), FileCompletionInformation));
    Status = NtReadFileScatter(File, NULL, NULL, (PVOID)0x88, &IoStatus, Segments, PAGE, &Zero, NULL);
    CHECK(Status == STATUS_SUCCESS || Status == STATUS_PENDING);
    Zero.QuadPart = -50000000;
    CHECK_STATUS(STATUS_SUCCESS, NtRemoveIoCompletion(Port, &Key, &Context, &Packet, &Zero));
    CHECK(Key == 0x77 && Context == 0x88 && Packet.Status == STATUS_SUCCESS && Packet.Information == PAGE);
    NtClose(File);
    NtClose(Port);
}

int wmain(int argc, PWSTR *argv)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    SIZE_T Size = PAGES * PAGE;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, (PVOID *)&Memory, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    File = Open(FILE_NO_INTERMEDIATE_BUFFERING);
    TestPages(File);
    TestRefused(File);
    TestPort();
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(File));
    return CheckClose();
}
