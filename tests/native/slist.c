/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interlocked singly linked lists: order, depth, chains, and eight threads at once, each element being somewhere exactly
 * once all the time.  Source: "Interlocked Singly Linked Lists" (Win32 documentation).
 * Runs on: Nereid and Wine.
 */
#include "check.h"

PSLIST_ENTRY NTAPI RtlInterlockedPushListSList(PSLIST_HEADER ListHead, PSLIST_ENTRY List, PSLIST_ENTRY ListEnd, ULONG Count);

#define THREADS 8
#define ELEMENTS 64
#define ROUNDS 3000
#define LISTS 2

typedef struct DECLSPEC_ALIGN(16) _ELEMENT {
    SLIST_ENTRY Entry;
    volatile LONG Owners;               /* threads that have it in hand */
    ULONG Seen;
} ELEMENT;

static DECLSPEC_ALIGN(16) SLIST_HEADER Lists[LISTS];
static ELEMENT Elements[ELEMENTS];
static volatile LONG Shared, Wrong, Barrier;

static PSLIST_ENTRY EntryOf(ULONG Index)
{
    return &Elements[Index].Entry;
}

/* Links First..Last of the elements into a chain; its last entry's Next is not written. */
static VOID Chain(ULONG First, ULONG Last)
{
    for (ULONG i = First; i < Last; i++)
        Elements[i].Entry.Next = EntryOf(i + 1);
}

static ULONG Length(PSLIST_ENTRY Entry)
{
    ULONG Count = 0;

    for (; Entry != NULL && Count <= ELEMENTS; Entry = Entry->Next)
        Count++;
    return Count;
}

static VOID TestEmpty(PSLIST_HEADER List)
{
    memset(List, 0xa5, sizeof(*List));
    RtlInitializeSListHead(List);
    CHECK(RtlQueryDepthSList(List) == 0 && RtlFirstEntrySList(List) == NULL);
    CHECK(RtlInterlockedPopEntrySList(List) == NULL);
    CHECK(RtlInterlockedFlushSList(List) == NULL);
    CHECK(RtlQueryDepthSList(List) == 0);
}

static VOID TestSingle(PSLIST_HEADER List)
{
    CHECK(RtlInterlockedPushEntrySList(List, EntryOf(0)) == NULL);
    CHECK(RtlQueryDepthSList(List) == 1 && RtlFirstEntrySList(List) == EntryOf(0) && EntryOf(0)->Next == NULL);
    CHECK(RtlInterlockedPushEntrySList(List, EntryOf(1)) == EntryOf(0));
    CHECK(RtlInterlockedPushEntrySList(List, EntryOf(2)) == EntryOf(1));
    CHECK(RtlQueryDepthSList(List) == 3 && RtlFirstEntrySList(List) == EntryOf(2) && EntryOf(2)->Next == EntryOf(1));
    CHECK(RtlInterlockedPopEntrySList(List) == EntryOf(2));
    CHECK(RtlQueryDepthSList(List) == 2 && RtlFirstEntrySList(List) == EntryOf(1));
    CHECK(RtlInterlockedPopEntrySList(List) == EntryOf(1));
    CHECK(RtlInterlockedPopEntrySList(List) == EntryOf(0));
    CHECK(RtlInterlockedPopEntrySList(List) == NULL && RtlQueryDepthSList(List) == 0);
}

static VOID TestFlush(PSLIST_HEADER List)
{
    for (ULONG i = 0; i < 5; i++)
        RtlInterlockedPushEntrySList(List, EntryOf(i));
    CHECK(RtlInterlockedFlushSList(List) == EntryOf(4));
    CHECK(Length(EntryOf(4)) == 5 && EntryOf(1)->Next == EntryOf(0));
    CHECK(RtlQueryDepthSList(List) == 0 && RtlFirstEntrySList(List) == NULL);
}

static VOID TestChains(PSLIST_HEADER List)
{
    RtlInterlockedPushEntrySList(List, EntryOf(9));
    Chain(0, 3);
    CHECK(RtlInterlockedPushListSListEx(List, EntryOf(0), EntryOf(3), 4) == EntryOf(9));
    CHECK(RtlQueryDepthSList(List) == 5 && RtlFirstEntrySList(List) == EntryOf(0) && EntryOf(3)->Next == EntryOf(9));
    CHECK(RtlInterlockedPushListSListEx(List, EntryOf(4), EntryOf(4), 1) == EntryOf(0));
    CHECK(RtlQueryDepthSList(List) == 6 && RtlInterlockedPopEntrySList(List) == EntryOf(4));
    Chain(5, 8);
    CHECK(RtlInterlockedPushListSList(List, EntryOf(5), EntryOf(8), 4) == EntryOf(0));
    CHECK(RtlQueryDepthSList(List) == 9 && EntryOf(8)->Next == EntryOf(0));
    for (ULONG i = 5; i < 9; i++)
        CHECK(RtlInterlockedPopEntrySList(List) == EntryOf(i));
    CHECK(Length(RtlInterlockedFlushSList(List)) == 5 && RtlQueryDepthSList(List) == 0);
}

/* The depth is a number of 16 bits, and stays a number of its own: the sequence beside it does not get a carry. */
static VOID TestDepth(PSLIST_HEADER List)
{
    RtlInterlockedPushListSListEx(List, EntryOf(0), EntryOf(0), 0xffff);
    CHECK(RtlQueryDepthSList(List) == 0xffff);
    RtlInterlockedPushEntrySList(List, EntryOf(1));
    CHECK(RtlQueryDepthSList(List) == 0);
    CHECK(RtlInterlockedPopEntrySList(List) == EntryOf(1) && RtlQueryDepthSList(List) == 0xffff);
    CHECK(RtlInterlockedFlushSList(List) == EntryOf(0) && RtlQueryDepthSList(List) == 0);
    CHECK(RtlInterlockedPopEntrySList(List) == NULL);
}

/* Entry A goes and comes back while another thread would still believe that B is behind it: the header differs. */
static VOID TestSequence(PSLIST_HEADER List)
{
    SLIST_HEADER Before;

    RtlInterlockedPushEntrySList(List, EntryOf(1));
    RtlInterlockedPushEntrySList(List, EntryOf(0));
    Before = *List;
    RtlInterlockedPopEntrySList(List);
    RtlInterlockedPopEntrySList(List);
    RtlInterlockedPushEntrySList(List, EntryOf(2));
    RtlInterlockedPushEntrySList(List, EntryOf(0));
    CHECK(RtlQueryDepthSList(List) == 2 && RtlFirstEntrySList(List) == EntryOf(0));
    CHECK(memcmp(&Before, List, sizeof(Before)) != 0);
    RtlInterlockedFlushSList(List);
}

static VOID Meet(VOID)
{
    InterlockedIncrement(&Barrier);
    while (Barrier < THREADS)
        NtYieldExecution();
}

/* The caller has taken an element from a list: nobody else has it. */
static VOID Take(PSLIST_ENTRY Entry)
{
    ELEMENT *Element = CONTAINING_RECORD(Entry, ELEMENT, Entry);

    if (InterlockedIncrement(&Element->Owners) != 1)
        InterlockedIncrement(&Wrong);
}

static VOID Leave(PSLIST_ENTRY Entry)
{
    ELEMENT *Element = CONTAINING_RECORD(Entry, ELEMENT, Entry);

    if (InterlockedDecrement(&Element->Owners) != 0)
        InterlockedIncrement(&Wrong);
}

static VOID MoveOne(PSLIST_HEADER From, PSLIST_HEADER To)
{
    PSLIST_ENTRY Entry = RtlInterlockedPopEntrySList(From);

    if (Entry == NULL)
        return;
    Take(Entry);
    Leave(Entry);
    RtlInterlockedPushEntrySList(To, Entry);
}

/* Two pops, and back in the other order: what makes A-B-A. */
static VOID SwapTwo(PSLIST_HEADER List)
{
    PSLIST_ENTRY First = RtlInterlockedPopEntrySList(List), Second = RtlInterlockedPopEntrySList(List);

    if (First != NULL) {
        Take(First);
        Leave(First);
        RtlInterlockedPushEntrySList(List, First);
    }
    if (Second != NULL) {
        Take(Second);
        Leave(Second);
        RtlInterlockedPushEntrySList(List, Second);
    }
}

static VOID MoveAll(PSLIST_HEADER From, PSLIST_HEADER To)
{
    PSLIST_ENTRY First = RtlInterlockedFlushSList(From), Last = First;
    ULONG Count = 0;

    if (First == NULL)
        return;
    for (PSLIST_ENTRY Entry = First; Entry != NULL && Count <= ELEMENTS; Entry = Entry->Next, Count++) {
        Take(Entry);
        Last = Entry;
    }
    for (PSLIST_ENTRY Entry = First; Entry != NULL; Entry = Entry->Next)
        Leave(Entry);
    if (Count > ELEMENTS)
        InterlockedIncrement(&Wrong);
    RtlInterlockedPushListSListEx(To, First, Last, Count);
}

static NTSTATUS NTAPI Worker(PVOID Argument)
{
    ULONG Seed = (ULONG)(ULONG_PTR)Argument + 1;

    Meet();
    for (ULONG Round = 0; Round < ROUNDS && Wrong == 0; Round++) {
        ULONG Dice = RtlUniform(&Seed) % 100;
        PSLIST_HEADER From = &Lists[Dice % LISTS], To = &Lists[Dice / LISTS % LISTS];

        if (Dice < 50)
            MoveOne(From, To);
        else if (Dice < 90)
            SwapTwo(From);
        else
            MoveAll(From, To);
        if (Round % 64 == 0)
            NtYieldExecution();
    }
    return STATUS_SUCCESS;
}

static VOID TestThreads(VOID)
{
    HANDLE Threads[THREADS];
    ULONG Total = 0;

    for (ULONG i = 0; i < LISTS; i++)
        RtlInitializeSListHead(&Lists[i]);
    for (ULONG i = 0; i < ELEMENTS; i++)
        RtlInterlockedPushEntrySList(&Lists[i % LISTS], EntryOf(i));
    for (ULONG i = 0; i < THREADS; i++)
        Threads[i] = CheckStartThread(Worker, (PVOID)(ULONG_PTR)i);
    for (ULONG i = 0; i < THREADS; i++)
        CheckJoinThread(Threads[i], NULL);
    CHECK(Wrong == 0);
    for (ULONG i = 0; i < LISTS; i++) {
        ULONG Depth = RtlQueryDepthSList(&Lists[i]), Count = 0;

        for (PSLIST_ENTRY Entry = RtlInterlockedFlushSList(&Lists[i]); Entry != NULL && Count <= ELEMENTS; Entry = Entry->Next) {
            CONTAINING_RECORD(Entry, ELEMENT, Entry)->Seen++;
            Count++;
        }
        CHECK(Count == Depth);
        Total += Count;
    }
    CHECK(Total == ELEMENTS);
    Total = 0;
    for (ULONG i = 0; i < ELEMENTS; i++)
        Total += Elements[i].Seen == 1;
    CHECK(Total == ELEMENTS);
}

/* A list as a stack of numbers: four threads push what four threads pop, and the sum is that of all. */
static NTSTATUS NTAPI Producer(PVOID Argument)
{
    ULONG First = (ULONG)(ULONG_PTR)Argument * (ELEMENTS / 4);

    for (ULONG Round = 0; Round < ROUNDS / 16; Round++) {
        ULONG i = First + Round % (ELEMENTS / 4);

        while (InterlockedCompareExchange(&Elements[i].Owners, 1, 0) != 0)
            NtYieldExecution();
        RtlInterlockedPushEntrySList(&Lists[0], EntryOf(i));
    }
    return STATUS_SUCCESS;
}

static NTSTATUS NTAPI Consumer(PVOID Argument)
{
    while (Shared < 4 * (ROUNDS / 16)) {
        PSLIST_ENTRY Entry = RtlInterlockedPopEntrySList(&Lists[0]);

        if (Entry == NULL) {
            NtYieldExecution();
            continue;
        }
        InterlockedIncrement(&Shared);
        if (InterlockedExchange(&CONTAINING_RECORD(Entry, ELEMENT, Entry)->Owners, 0) != 1)
            InterlockedIncrement(&Wrong);
    }
    return STATUS_SUCCESS;
}

static VOID TestProducers(VOID)
{
    HANDLE Threads[THREADS];

    memset(Elements, 0, sizeof(Elements));
    for (ULONG i = 0; i < THREADS; i++)
        Threads[i] = CheckStartThread(i < 4 ? Producer : Consumer, (PVOID)(ULONG_PTR)(i % 4));
    for (ULONG i = 0; i < THREADS; i++)
        CheckJoinThread(Threads[i], NULL);
    CHECK(Wrong == 0 && Shared == 4 * (ROUNDS / 16) && RtlQueryDepthSList(&Lists[0]) == 0);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestEmpty(&Lists[0]);
    TestSingle(&Lists[0]);
    TestFlush(&Lists[0]);
    TestChains(&Lists[0]);
    TestDepth(&Lists[0]);
    TestSequence(&Lists[0]);
    TestThreads();
    TestProducers();
    return CheckClose();
}
