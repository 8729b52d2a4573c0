/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Packets of completion ports in memory that is there already: reserve objects (NtAllocateReserveObject, NtSetIoCompletionEx), and packets that come
 * when an object is signalled (NtCreateWaitCompletionPacket and what goes with it); how many packets a port has (NtQueryIoCompletion).
 * Runs on: Nereid.
 */
#include "check.h"

#define MS 10000ll
#define KEY(Number) ((PVOID)(ULONG_PTR)(Number))

static HANDLE Port;

static LONG Depth(HANDLE Handle)
{
    IO_COMPLETION_BASIC_INFORMATION Basic = { -1 };
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryIoCompletion(Handle, IoCompletionBasicInformation, &Basic, sizeof(Basic), &Length));
    CHECK(Length == sizeof(Basic));
    return Basic.Depth;
}

/* The number of the next packet; 0: there is none within so many ms. */
static ULONG_PTR Take(LONG Wait)
{
    LARGE_INTEGER Time = { .QuadPart = -Wait * MS };
    ULONG_PTR Key = 0, Apc = 0;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status = NtRemoveIoCompletion(Port, &Key, &Apc, &IoStatus, &Time);

    if (Status == STATUS_TIMEOUT)
        return 0;
    CHECK_STATUS(STATUS_SUCCESS, Status);
    CHECK(Apc == Key + 1 && IoStatus.Status == (NTSTATUS)Key + 2 && IoStatus.Information == Key + 3);
    return Key;
}

static NTSTATUS Associate(HANDLE Packet, HANDLE Target, ULONG_PTR Number, PBOOLEAN Already)
{
    return NtAssociateWaitCompletionPacket(Packet, Port, Target, KEY(Number), KEY(Number + 1), (NTSTATUS)Number + 2, Number + 3, Already);
}

static VOID TestReserve(VOID)
{
    HANDLE Reserve = NULL, Apcs = NULL, Again;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAllocateReserveObject(&Reserve, NULL, MemoryReserveTypeMax));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateReserveObject(&Reserve, NULL, MemoryReserveIoCompletion));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateReserveObject(&Apcs, NULL, MemoryReserveUserApc));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSetIoCompletionEx(Port, Apcs, 1, 2, 3, 4));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSetIoCompletionEx(Port, (HANDLE)0x7654, 1, 2, 3, 4));
    CHECK(Depth(Port) == 0);
    for (ULONG i = 10; i < 13; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletionEx(Port, Reserve, i, i + 1, (NTSTATUS)i + 2, i + 3));
        CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtSetIoCompletionEx(Port, Reserve, 5, 6, 7, 8));
        CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletionEx(Port, NULL, 20, 21, 22, 23));
        CHECK(Depth(Port) == 2);
        CHECK(Take(0) == i && Take(0) == 20 && Take(0) == 0 && Depth(Port) == 0);
    }
    /* The packet lives without its handle, and ends with the port. */
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletionEx(Port, Reserve, 30, 31, 32, 33));
    NtClose(Reserve);
    CHECK(Take(0) == 30);
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateReserveObject(&Reserve, NULL, MemoryReserveIoCompletion));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Again, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletionEx(Again, Reserve, 1, 2, 3, 4));
    NtClose(Again);
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletionEx(Port, Reserve, 40, 41, 42, 43));
    CHECK(Take(0) == 40);
    NtClose(Reserve);
    NtClose(Apcs);
}

static VOID TestQuery(VOID)
{
    IO_COMPLETION_BASIC_INFORMATION Basic;
    HANDLE Weak;

    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryIoCompletion(Port, (IO_COMPLETION_INFORMATION_CLASS)1, &Basic, sizeof(Basic), NULL));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryIoCompletion(Port, IoCompletionBasicInformation, &Basic, sizeof(Basic) + 1, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Port, NtCurrentProcess(), &Weak, IO_COMPLETION_MODIFY_STATE, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtQueryIoCompletion(Weak, IoCompletionBasicInformation, &Basic, sizeof(Basic), NULL));
    NtClose(Weak);
}

/* An event of each kind, before and behind the association. */
static VOID TestEvents(VOID)
{
    BOOLEAN Already;
    HANDLE Packet, Manual, Automatic;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateWaitCompletionPacket(&Packet, MAXIMUM_ALLOWED, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Manual, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Automatic, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, TRUE));
    CHECK_STATUS(STATUS_CANCELLED, NtCancelWaitCompletionPacket(Packet, TRUE));

    Already = TRUE;
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Manual, 100, &Already));
    CHECK(!Already && Depth(Port) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, Associate(Packet, Manual, 110, NULL));
    NtSetEvent(Manual, NULL);
    CHECK(Take(1000) == 100);
    CHECK_STATUS(STATUS_CANCELLED, NtCancelWaitCompletionPacket(Packet, TRUE));

    /* Signalled already: at once; the event that resets itself is reset. */
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Automatic, 120, &Already));
    CHECK(Already && Depth(Port) == 1);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Automatic, FALSE, &(LARGE_INTEGER){ .QuadPart = 0 }));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, Associate(Packet, Manual, 130, NULL));
    CHECK_STATUS(STATUS_PENDING, NtCancelWaitCompletionPacket(Packet, FALSE));
    CHECK(Depth(Port) == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtCancelWaitCompletionPacket(Packet, TRUE));
    CHECK(Depth(Port) == 0 && Take(0) == 0);

    /* One packet takes the event from one who waits behind it. */
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Automatic, 140, &Already));
    NtSetEvent(Automatic, NULL);
    CHECK(Take(1000) == 140 && !Already);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Automatic, FALSE, &(LARGE_INTEGER){ .QuadPart = 0 }));

    /* Cancelled, nothing comes. */
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Automatic, 150, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelWaitCompletionPacket(Packet, FALSE));
    NtSetEvent(Automatic, NULL);
    CHECK(Take(20) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Automatic, FALSE, NULL));

    /* Closed while it waits, nothing comes; closed in the port, it comes. */
    NtResetEvent(Manual, NULL);
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Manual, 160, NULL));
    NtClose(Packet);
    NtSetEvent(Manual, NULL);
    CHECK(Take(20) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateWaitCompletionPacket(&Packet, MAXIMUM_ALLOWED, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Manual, 170, &Already));
    NtClose(Packet);
    CHECK(Already && Take(0) == 170);
    NtClose(Manual);
    NtClose(Automatic);
}

static NTSTATUS NTAPI Receive(PVOID Argument)
{
    return Take(60000) == 180 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* A timer, a thread's end, a semaphore; a thread that waits at the port. */
static VOID TestObjects(VOID)
{
    HANDLE Packet, Timer, Semaphore, Mutant, Directory, Thread;
    BOOLEAN Already;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateWaitCompletionPacket(&Packet, MAXIMUM_ALLOWED, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer));
    Thread = CheckStartThread(Receive, NULL);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Timer, 180, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &(LARGE_INTEGER){ .QuadPart = -5 * MS }, NULL, NULL, FALSE, 0, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Thread, 190, &Already));
    CHECK(Already && Take(0) == 190);
    CHECK(CheckJoinThread(Thread, NULL) == STATUS_SUCCESS);

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 0, 10));
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Semaphore, 200, NULL));
    NtReleaseSemaphore(Semaphore, 2, NULL);
    CHECK(Take(1000) == 200);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Semaphore, FALSE, &(LARGE_INTEGER){ .QuadPart = 0 }));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Semaphore, FALSE, &(LARGE_INTEGER){ .QuadPart = 0 }));

    CHECK_STATUS(STATUS_SUCCESS, NtCreateMutant(&Mutant, MUTANT_ALL_ACCESS, NULL, FALSE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, Associate(Packet, Mutant, 210, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDirectoryObject(&Directory, DIRECTORY_ALL_ACCESS, NULL));
    CHECK(!NT_SUCCESS(Associate(Packet, Directory, 210, NULL)));
    CHECK_STATUS(STATUS_INVALID_HANDLE, Associate(Packet, (HANDLE)0x7654, 210, NULL));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Associate(Timer, Semaphore, 210, NULL));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtCancelWaitCompletionPacket(Timer, FALSE));
    /* The port itself: it is signalled while it has packets. */
    CHECK_STATUS(STATUS_SUCCESS, Associate(Packet, Port, 220, &Already));
    CHECK(!Already);
    CHECK_STATUS(STATUS_SUCCESS, NtSetIoCompletion(Port, 230, 231, 232, 233));
    CHECK(Take(1000) == 230 && Take(1000) == 220 && Take(0) == 0);
    NtClose(Directory);
    NtClose(Mutant);
    NtClose(Semaphore);
    NtClose(Timer);
    NtClose(Packet);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Port, IO_COMPLETION_ALL_ACCESS, NULL, 0));
    TestReserve();
    TestQuery();
    TestEvents();
    TestObjects();
    NtClose(Port);
    return CheckClose();
}
