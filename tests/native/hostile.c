/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A driver that lies (tests/drivers/hostile): rounds, each with a seed, in which it spoils the rings that it shares with ntos, calls its
 * services with bad arguments, and answers requests with nonsense.  ntos goes on, another driver is as it was, and when the driver is
 * unloaded nothing is left of it.  First, one by one, what is to end the host at once: answers to what was not asked, indexes that
 * cannot be.
 *
 *   hostile [ROUNDS [SEED]]
 *
 * Runs on: Nereid.  With: hostile.sys.
 */
#include "check.h"
#include "resources.h"
#include "service.h"
#include "tests/drivers/hostile/hostile.h"

#define KEY SERVICES L"hostile"
#define IMAGE L"\\??\\C:\\host\\hostile.sys"
#define PENDING 6
#define REQUESTS 8
#define SOON (4 * 1000 * MS)    /* several times what ntos needs to see that an index is wrong, and much less than HOSTILE_AHEAD answers take */
#define UNLOAD_TRIES 600        /* half a minute: several times what ntos waits for the host (WatchTime) */

static UNICODE_STRING KeyName = RTL_CONSTANT_UNICODE_STRING(KEY);
static ULONG64 Random;

static ULONG64 Next(VOID)
{
    ULONG64 z = Random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    return z ^ z >> 27;
}

/* Waits at most a fifth of a second for a request of an asynchronous file; one that stays is cancelled at the end of the round. */
static VOID Finish(HANDLE Event)
{
    LARGE_INTEGER Limit = { .QuadPart = -200 * MS };

    NtWaitForSingleObject(Event, FALSE, &Limit);
}

static VOID Control(HANDLE File, HANDLE Event, ULONG Code, ULONG64 Seed)
{
    static IO_STATUS_BLOCK IoStatus;

    if (NtDeviceIoControlFile(File, Event, NULL, NULL, &IoStatus, Code, &Seed, sizeof(Seed), NULL, 0) == STATUS_PENDING)
        Finish(Event);
}

/* A request of any kind, and its answer: no more bytes than there is room, whatever the driver says. */
static VOID Ask(HANDLE File, HANDLE Event)
{
    /* Each request has its own: one that nobody waits for any more may be answered later. */
    static struct {
        IO_STATUS_BLOCK IoStatus;
        UCHAR Buffer[0x1000];
    } Rooms[2 * REQUESTS];
    static ULONG Asked;
    PIO_STATUS_BLOCK IoStatus = &Rooms[Asked % ARRAYSIZE(Rooms)].IoStatus;
    PUCHAR Buffer = Rooms[Asked++ % ARRAYSIZE(Rooms)].Buffer;
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    ULONG Length = (ULONG)Next() % 0x800, Kind = (ULONG)(Next() % 7);
    NTSTATUS Status;

    memset(Buffer, 0x5a, sizeof(Rooms->Buffer));
    IoStatus->Information = 0;
    switch (Kind) {
    case 0: Status = NtReadFile(File, Event, NULL, NULL, IoStatus, Buffer, Length, &Offset, NULL); break;
    case 1: Status = NtWriteFile(File, Event, NULL, NULL, IoStatus, Buffer, Length, &Offset, NULL); break;
    case 2: Status = NtQueryInformationFile(File, IoStatus, Buffer, Length, FileStandardInformation); break;
    case 3: Status = NtQueryInformationFile(File, IoStatus, Buffer, Length, FileNameInformation); break;
    case 4: Status = NtQueryVolumeInformationFile(File, IoStatus, Buffer, Length, FileFsDeviceInformation); break;
    case 5: Status = NtFlushBuffersFile(File, IoStatus); break;
    default: Status = NtDeviceIoControlFile(File, Event, NULL, NULL, IoStatus, HOSTILE_OTHER, NULL, 0, Buffer, Length);
    }
    if (Status == STATUS_PENDING)
        Finish(Event);
    if (Kind == 1 && IoStatus->Information > Length)
        CHECK(!"more bytes written than there are");
    if (Kind != 5 && Length != 0 && IoStatus->Information > Length)
        CHECK(!"more bytes read than there is room for");
    for (ULONG i = Length; i < sizeof(Rooms->Buffer); i++)
        if (Buffer[i] != 0x5a) {
            CHECK(!"bytes behind the buffer");
            break;
        }
}

static VOID Attack(HANDLE File, HANDLE Event)
{
    static IO_STATUS_BLOCK Waiting[PENDING];
    ULONG Code = Next() % 2 == 0 ? HOSTILE_LIE : HOSTILE_ATTACK;
    IO_STATUS_BLOCK CancelStatus;
    HANDLE Other;

    for (ULONG i = 0; i < PENDING; i++)
        NtDeviceIoControlFile(File, NULL, NULL, NULL, &Waiting[i], HOSTILE_WAIT, NULL, 0, NULL, 0);
    for (ULONG i = 0; i < REQUESTS; i++) {
        Control(File, Event, Code, Next());
        Ask(File, Event);
        if (Next() % 4 == 0 && NT_SUCCESS(OpenDevice(HOSTILE_DEVICE L"\\name", 0, &Other)))
            NtClose(Other);
    }
    NtCancelIoFile(File, &CancelStatus);        /* the end of a handle is for the driver to see to, and this one does not */
}

/* Another driver, in another host. */
static BOOLEAN CheckVictim(VOID)
{
    IO_STATUS_BLOCK IoStatus = { 0 };
    BOOLEAN Good;
    HANDLE Null;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenDevice(L"\\Device\\Null", FILE_SYNCHRONOUS_IO_NONALERT, &Null)))
        return FALSE;
    Good = CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Null, NULL, NULL, NULL, &IoStatus, "x", 1, NULL, NULL)) &&
           CHECK(IoStatus.Information == 1);
    NtClose(Null);
    return Good;
}

/* Until there is nothing to unload: what a dead or silent host has left open ends first. */
static BOOLEAN Unload(VOID)
{
    ULONG Tries = 0;

    while (NtUnloadDriver(&KeyName) != STATUS_OBJECT_NAME_NOT_FOUND && Tries++ < UNLOAD_TRIES)
        Pause(50 * MS);
    return CHECK(Tries < UNLOAD_TRIES);
}

static BOOLEAN Round(ULONG64 Seed)
{
    HANDLE File, Event;
    BOOLEAN Good;

    Random = Seed;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtLoadDriver(&KeyName)))
        return FALSE;
    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    Good = CHECK_STATUS(STATUS_SUCCESS, OpenDevice(HOSTILE_DEVICE, 0, &File));
    if (Good) {
        Attack(File, Event);
        NtClose(File);
    }
    NtClose(Event);
    return CheckVictim() && Unload() && Good;
}

/* The host is ended soon, and a request that waits with it. */
static BOOLEAN Break(HANDLE File, HANDLE Event, ULONG How)
{
    static IO_STATUS_BLOCK Waiting, Breaking;
    LARGE_INTEGER Limit = { .QuadPart = -20 * 1000 * MS }, Before, After;

    Waiting.Status = STATUS_PENDING;
    NtQuerySystemTime(&Before);
    CHECK_STATUS(STATUS_PENDING, NtDeviceIoControlFile(File, Event, NULL, NULL, &Waiting, HOSTILE_WAIT, NULL, 0, NULL, 0));
    NtDeviceIoControlFile(File, NULL, NULL, NULL, &Breaking, HOSTILE_BREAK, &How, sizeof(How), NULL, 0);
    NtWaitForSingleObject(Event, FALSE, &Limit);
    NtQuerySystemTime(&After);
    return CHECK(Waiting.Status == STATUS_DEVICE_NOT_CONNECTED) & CHECK(After.QuadPart - Before.QuadPart < SOON);
}

static BOOLEAN TestBreak(ULONG How)
{
    HANDLE File, Event;
    BOOLEAN Good;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtLoadDriver(&KeyName)) ||
        !CHECK_STATUS(STATUS_SUCCESS, OpenDevice(HOSTILE_DEVICE, 0, &File)))
        return FALSE;
    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    Good = Break(File, Event, How);
    NtClose(Event);
    NtClose(File);
    return Good && CheckVictim() && Unload();
}

static VOID CheckTags(const POOL_TAGS *Before, const POOL_TAGS *After)
{
    for (ULONG i = 0; i < After->Count; i++) {
        ULONG Tag = After->Tag[i].Tag, Now = PoolBlocksOf(After, Tag), Then = PoolBlocksOf(Before, Tag);

        if (Now > Then && !IsPoolCache(Tag) && !CHECK(!"blocks of the pool are left"))
            Print(L"    %.4hs: %u blocks after half, %u at the end\n", (PCSTR)&Tag, Then, Now);
    }
}

static VOID Look(PEXECUTIVE_RESOURCES Resources, PPOOL_TAGS Tags)
{
    Pause(500 * MS);
    QueryResources(Resources);
    QueryPoolTags(Tags);
}

int wmain(int Count, PWSTR Arguments[])
{
    ULONG Rounds = Count > 1 ? wcstoul(Arguments[1], NULL, 10) : 12;
    ULONG64 Seed = Count > 2 ? wcstoul(Arguments[2], NULL, 10) : 1;
    static EXECUTIVE_RESOURCES Before, After;
    static POOL_TAGS TagsBefore, TagsAfter;

    EnableLoadPrivilege();
    MakeServiceKey(&KeyName, IMAGE, 3);
    for (ULONG How = HOSTILE_OLD_ANSWER; How <= HOSTILE_ANSWERED; How++) {
        if (TestBreak(How))
            continue;
        Print(L"    attack %u\n", How);
        return CheckClose();
    }
    for (ULONG i = 0; i < Rounds; i++) {
        if (i == Rounds / 2)
            Look(&Before, &TagsBefore);
        if (!Round(Seed + i))
            Print(L"    seed %I64u\n", Seed + i);
    }
    Look(&After, &TagsAfter);
    PrintResources(L"after half", &Before);
    PrintResources(L"at the end", &After);
    CHECK(After.Objects <= Before.Objects);
    CHECK(After.Handles <= Before.Handles);
    CHECK(After.StacksInUse == Before.StacksInUse);
    CHECK(After.KernelObjects <= Before.KernelObjects);
    CHECK(After.CommittedPages <= Before.CommittedPages);
    CheckTags(&TagsBefore, &TagsAfter);
    return CheckClose();
}
