/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap's less common sides: flags of its creation and of calls, user values, questions, damage, growing in place, limits,
 * fragmentation, walks, its end, eight threads.
 * Sources: HeapCreate, HeapAlloc, HeapReAlloc, HeapValidate, HeapWalk, HeapSetInformation (Win32 documentation).
 * Runs on: Nereid and Wine.
 *
 * Wine answers 0 to RtlCompactHeap always (HeapCompact: the largest free block), and does not keep HEAP_GENERATE_EXCEPTIONS of a heap
 * (HeapCreate: all its failing calls raise them).  RtlSetHeapInformation does nothing there.  What becomes of a user value when the
 * block moves is not documented: here it stays.
 */
#include "check.h"

#define CREATE_EXECUTABLE 0x00040000
#define ADD_USER_VALUE 0x100
#define KB 1024ul
#define MB (1024 * KB)
#define THREADS 8
#define SLOTS 200

static PVOID Blocks[4000];

static PVOID NewHeap(ULONG Flags, SIZE_T Reserve)
{
    PVOID Heap = RtlCreateHeap(Flags, NULL, Reserve, 0, NULL, NULL);

    CHECK(Heap != NULL);
    return Heap;
}

static BOOLEAN Holds(const UCHAR *Block, SIZE_T Size, UCHAR Value)
{
    for (SIZE_T At = 0; At < Size; At++)
        if (Block[At] != Value)
            return FALSE;
    return TRUE;
}

static ULONG StateOf(PVOID Address, PULONG Protect)
{
    MEMORY_BASIC_INFORMATION Info = { 0 };

    NtQueryVirtualMemory(NtCurrentProcess(), Address, MemoryBasicInformation, &Info, sizeof(Info), NULL);
    if (Protect != NULL)
        *Protect = Info.Protect;
    return Info.State;
}

/* --- exceptions -------------------------------------------------------------------------------------------------- */

static NTSTATUS AllocateStatus(PVOID Heap, ULONG Flags, SIZE_T Size, PVOID *Block)
{
    NTSTATUS Status = STATUS_SUCCESS;

    *Block = NULL;
    __try {
        *Block = RtlAllocateHeap(Heap, Flags, Size);
    } __except (Status = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
    }
    return Status;
}

static NTSTATUS ReallocateStatus(PVOID Heap, ULONG Flags, PVOID Old, SIZE_T Size, PVOID *Block)
{
    NTSTATUS Status = STATUS_SUCCESS;

    *Block = NULL;
    __try {
        *Block = RtlReAllocateHeap(Heap, Flags, Old, Size);
    } __except (Status = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
    }
    return Status;
}

static VOID TestExceptions(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE | HEAP_GENERATE_EXCEPTIONS, 0), Plain = NewHeap(HEAP_GROWABLE, 0), Block, Old;

    TODO(OnWine, CHECK_STATUS(STATUS_NO_MEMORY, AllocateStatus(Heap, 0, (SIZE_T)-1 / 2, &Block)));
    CHECK_STATUS(STATUS_SUCCESS, AllocateStatus(Heap, 0, 100, &Old));
    CHECK(Old != NULL);
    TODO(OnWine, CHECK_STATUS(STATUS_NO_MEMORY, ReallocateStatus(Heap, 0, Old, (SIZE_T)-1 / 2, &Block)));
    CHECK(RtlSizeHeap(Heap, 0, Old) == 100 && RtlFreeHeap(Heap, 0, Old));
    CHECK_STATUS(STATUS_SUCCESS, AllocateStatus(Plain, 0, (SIZE_T)-1 / 2, &Block));
    CHECK(Block == NULL);
    CHECK_STATUS(STATUS_NO_MEMORY, AllocateStatus(Plain, HEAP_GENERATE_EXCEPTIONS, (SIZE_T)-1 / 2, &Block));
    CHECK_STATUS(STATUS_NO_MEMORY, AllocateStatus(Plain, HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY, (SIZE_T)-64, &Block));
    /* The heap is unlocked after the exception. */
    CHECK(RtlLockHeap(Heap) && RtlUnlockHeap(Heap));
    CHECK(RtlDestroyHeap(Heap) == NULL && RtlDestroyHeap(Plain) == NULL);
}

/* --- flags of the creation --------------------------------------------------------------------------------------- */

static VOID TestExecutable(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE | CREATE_EXECUTABLE, 0), Plain = NewHeap(HEAP_GROWABLE, 0);
    static const SIZE_T Sizes[] = { 16, 30 * KB, 2 * MB };
    static const UCHAR Code[] = { 0xb8, 0x2a, 0, 0, 0, 0xc3 };         /* mov eax, 42; ret */

    for (ULONG i = 0; i < ARRAYSIZE(Sizes); i++) {
        ULONG Protect = 0;
        PVOID Block = RtlAllocateHeap(Heap, 0, Sizes[i]);

        CHECK(StateOf(Block, &Protect) == MEM_COMMIT && Protect == PAGE_EXECUTE_READWRITE);
        memcpy(Block, Code, sizeof(Code));
        CHECK(((int (*)(void))Block)() == 42);
        Block = RtlAllocateHeap(Plain, 0, Sizes[i]);
        CHECK(StateOf(Block, &Protect) == MEM_COMMIT && Protect == PAGE_READWRITE);
    }
    CHECK(RtlDestroyHeap(Heap) == NULL && RtlDestroyHeap(Plain) == NULL);
}

static VOID TestUnserialized(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE | HEAP_NO_SERIALIZE, 0);

    for (ULONG i = 0; i < 1000; i++)
        Blocks[i] = RtlAllocateHeap(Heap, HEAP_NO_SERIALIZE, i * 3);
    for (ULONG i = 0; i < 1000; i += 2)
        CHECK(RtlSizeHeap(Heap, HEAP_NO_SERIALIZE, Blocks[i]) == i * 3 && RtlFreeHeap(Heap, HEAP_NO_SERIALIZE, Blocks[i]));
    CHECK(RtlValidateHeap(Heap, HEAP_NO_SERIALIZE, NULL));
    for (ULONG i = 1; i < 1000; i += 2)
        Blocks[i] = RtlReAllocateHeap(Heap, 0, Blocks[i], i);
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* Who holds the lock may go on allocating; HEAP_NO_SERIALIZE in a call goes past the lock. */
static NTSTATUS NTAPI AllocateOnce(PVOID Argument)
{
    PVOID Block = RtlAllocateHeap(Argument, 0, 64);

    return Block != NULL && RtlFreeHeap(Argument, 0, Block) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static VOID TestLock(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -300000 };
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0), Block;
    HANDLE Thread;

    CHECK(RtlLockHeap(Heap) && RtlLockHeap(Heap));
    Block = RtlAllocateHeap(Heap, 0, 64);
    CHECK(Block != NULL && RtlFreeHeap(Heap, 0, Block));
    Block = RtlAllocateHeap(Heap, HEAP_NO_SERIALIZE, 64);
    CHECK(Block != NULL && RtlFreeHeap(Heap, HEAP_NO_SERIALIZE, Block));
    Thread = CheckStartThread(AllocateOnce, Heap);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Thread, FALSE, &Short));
    CHECK(RtlUnlockHeap(Heap));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Thread, FALSE, &Short));
    CHECK(RtlUnlockHeap(Heap));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, NULL));
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* --- limits ------------------------------------------------------------------------------------------------------ */

/* HeapCreate: a heap that cannot grow has blocks up to nearly a megabyte, and none above whatever its size. */
static VOID TestLimit(VOID)
{
    PVOID Heap = NewHeap(0, 4 * MB), Block;

    for (SIZE_T Size = 300 * KB; Size <= 900 * KB; Size += 100 * KB) {
        Block = RtlAllocateHeap(Heap, 0, Size);
        if (!CHECK(Block != NULL))
            continue;
        memset(Block, 0x31, Size);
        CHECK(RtlSizeHeap(Heap, 0, Block) == Size);
        Block = RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, Block, Size - 50 * KB);
        CHECK(Block != NULL && Holds(Block, Size - 50 * KB, 0x31) && RtlFreeHeap(Heap, 0, Block));
    }
    CHECK(RtlAllocateHeap(Heap, 0, 1 * MB) == NULL);
    CHECK(RtlAllocateHeap(Heap, 0, 2 * MB) == NULL);
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* In a heap that can grow all sizes are possible, and what is freed goes back to the system. */
static VOID TestHuge(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0);
    SIZE_T Size = 16 * MB + 12345;
    PUCHAR Block = RtlAllocateHeap(Heap, HEAP_ZERO_MEMORY, Size), Moved;

    if (!CHECK(Block != NULL))
        return;
    CHECK(Block[0] == 0 && Block[Size / 2] == 0 && Block[Size - 1] == 0 && RtlSizeHeap(Heap, 0, Block) == Size);
    CHECK(RtlValidateHeap(Heap, 0, Block) && RtlValidateHeap(Heap, 0, NULL));
    Block[0] = 1;
    Block[1 * MB] = 2;
    Moved = RtlReAllocateHeap(Heap, HEAP_ZERO_MEMORY, Block, 2 * Size);
    if (CHECK(Moved != NULL)) {
        CHECK(Moved[0] == 1 && Moved[1 * MB] == 2 && Moved[Size - 1] == 0 && Moved[Size] == 0 && Moved[2 * Size - 1] == 0);
        Block = Moved;
    }
    Moved = RtlReAllocateHeap(Heap, 0, Block, 100);
    CHECK(Moved != NULL && Moved[0] == 1 && RtlSizeHeap(Heap, 0, Moved) == 100 && RtlFreeHeap(Heap, 0, Moved));
    Block = RtlAllocateHeap(Heap, 0, Size);
    CHECK(RtlFreeHeap(Heap, 0, Block));
    CHECK(StateOf(Block + 8 * MB, NULL) == MEM_FREE);
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* --- in place ---------------------------------------------------------------------------------------------------- */

static VOID TestInPlace(VOID)
{
    PVOID Heap = NewHeap(0, 256 * KB);
    PUCHAR First = RtlAllocateHeap(Heap, 0, 3000), Second = RtlAllocateHeap(Heap, 0, 20000), Third = RtlAllocateHeap(Heap, 0, 3000);

    if (!CHECK(First != NULL && Second != NULL && Third != NULL))
        return;
    memset(Second, 0x77, 20000);
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, Second, 60000) == NULL);
    CHECK(RtlSizeHeap(Heap, 0, Second) == 20000 && Holds(Second, 20000, 0x77));
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, Second, 10000) == Second);
    CHECK(RtlSizeHeap(Heap, 0, Second) == 10000 && Holds(Second, 10000, 0x77));
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY | HEAP_ZERO_MEMORY, Second, 20000) == Second);
    CHECK(Holds(Second, 10000, 0x77) && Holds(Second + 10000, 10000, 0));
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, Second, 0) == Second && RtlSizeHeap(Heap, 0, Second) == 0);
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    CHECK(RtlReAllocateHeap(Heap, 0, NULL, 10) == NULL);
    CHECK(RtlDestroyHeap(Heap) == NULL);
    Heap = NewHeap(HEAP_GROWABLE, 0);
    First = RtlAllocateHeap(Heap, 0, 4 * MB);
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, First, 3 * MB) == First && RtlSizeHeap(Heap, 0, First) == 3 * MB);
    CHECK(RtlReAllocateHeap(Heap, HEAP_REALLOC_IN_PLACE_ONLY, First, 64 * MB) == NULL && RtlSizeHeap(Heap, 0, First) == 3 * MB);
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* Half of the blocks are freed, and larger ones fit after their neighbours are, too. */
static VOID TestFragments(VOID)
{
    PVOID Heap = NewHeap(0, 512 * KB), Large;
    ULONG Count = 0;

    while (Count < ARRAYSIZE(Blocks) && (Blocks[Count] = RtlAllocateHeap(Heap, 0, 2000 + Count % 5 * 700)) != NULL)
        Count++;
    CHECK(Count > 100);
    for (ULONG i = 0; i < Count; i += 2)
        CHECK(RtlFreeHeap(Heap, 0, Blocks[i]));
    CHECK(RtlAllocateHeap(Heap, 0, 20000) == NULL);
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    for (ULONG i = 1; i < Count; i += 2)
        CHECK(RtlFreeHeap(Heap, 0, Blocks[i]));
    Large = RtlAllocateHeap(Heap, 0, 400 * KB);
    CHECK(Large != NULL && RtlFreeHeap(Heap, 0, Large));
    if (!IsWine) {
        CHECK(RtlCompactHeap(Heap, 0) >= 400 * KB);
        CHECK(RtlCompactHeap(Heap, HEAP_NO_SERIALIZE) < 512 * KB);
        Large = RtlAllocateHeap(Heap, 0, RtlCompactHeap(Heap, 0));
        CHECK(Large != NULL);
    }
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* --- user values, questions --------------------------------------------------------------------------------------- */

static VOID TestUserValues(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0), Block, Value;
    static const SIZE_T Sizes[] = { 0, 1, 8, 16, 100, 5000, 3 * MB };
    ULONG Flags;

    for (ULONG i = 0; i < ARRAYSIZE(Sizes); i++) {
        Block = RtlAllocateHeap(Heap, ADD_USER_VALUE | 0x200, Sizes[i]);
        CHECK(RtlSizeHeap(Heap, 0, Block) == Sizes[i]);
        memset(Block, 0xee, Sizes[i]);
        Value = (PVOID)1;
        Flags = 77;
        CHECK(RtlGetUserInfoHeap(Heap, 0, Block, &Value, &Flags) && Value == NULL && (Flags & 0xe00) == 0x200);
        CHECK(RtlSetUserValueHeap(Heap, 0, Block, (PVOID)0x1234));
        CHECK(RtlGetUserInfoHeap(Heap, 0, Block, &Value, &Flags) && Value == (PVOID)0x1234);
        CHECK(Holds(Block, Sizes[i], 0xee));
        Block = RtlReAllocateHeap(Heap, ADD_USER_VALUE | 0x200, Block, Sizes[i] + 3000);
        CHECK(Block != NULL && RtlGetUserInfoHeap(Heap, 0, Block, &Value, &Flags));
        CHECK(IsWine || (Value == (PVOID)0x1234 && (Flags & 0xe00) == 0x200));
        Block = RtlReAllocateHeap(Heap, ADD_USER_VALUE | 0x200, Block, 20);
        CHECK(Block != NULL && RtlGetUserInfoHeap(Heap, 0, Block, &Value, &Flags) && (IsWine || Value == (PVOID)0x1234));
        CHECK(RtlFreeHeap(Heap, 0, Block));
    }
    Block = RtlAllocateHeap(Heap, 0, 100);
    Value = (PVOID)1;
    CHECK(!RtlSetUserValueHeap(Heap, 0, Block, (PVOID)0x1234));
    CHECK(RtlGetUserInfoHeap(Heap, 0, Block, &Value, &Flags));
    CHECK(RtlValidateHeap(Heap, 0, NULL) && RtlDestroyHeap(Heap) == NULL);
}

static VOID TestInformation(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0), Single = NewHeap(HEAP_GROWABLE | HEAP_NO_SERIALIZE, 0);
    SIZE_T Length = 0;
    ULONG Value = 77, Wanted = 2;

    CHECK_STATUS(STATUS_SUCCESS, (NTSTATUS)RtlQueryHeapInformation(Heap, HeapCompatibilityInformation, &Value, sizeof(Value), &Length));
    CHECK(Length == sizeof(ULONG) && (Value == 0 || Value == 2));
    CHECK_STATUS(STATUS_SUCCESS, (NTSTATUS)RtlQueryHeapInformation(Heap, HeapCompatibilityInformation, &Value, 100, NULL));
    Length = 0;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, (NTSTATUS)RtlQueryHeapInformation(Heap, HeapCompatibilityInformation, &Value, 3, &Length));
    CHECK(Length == sizeof(ULONG));
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL,
                              (NTSTATUS)RtlSetHeapInformation(Heap, HeapCompatibilityInformation, &Wanted, 3)));
    RtlSetHeapInformation(Heap, HeapCompatibilityInformation, &Wanted, sizeof(Wanted));
    CHECK_STATUS(STATUS_SUCCESS, (NTSTATUS)RtlQueryHeapInformation(Heap, HeapCompatibilityInformation, &Value, sizeof(Value), NULL));
    TODO(OnWine, CHECK(Value == 2));
    TODO(OnWine, CHECK(!NT_SUCCESS((NTSTATUS)RtlSetHeapInformation(Single, HeapCompatibilityInformation, &Wanted, sizeof(Wanted)))));
    CHECK_STATUS(STATUS_SUCCESS, (NTSTATUS)RtlQueryHeapInformation(Single, HeapCompatibilityInformation, &Value, sizeof(Value), NULL));
    CHECK(Value == 0);
    CHECK_STATUS(STATUS_SUCCESS, (NTSTATUS)RtlSetHeapInformation(NULL, HeapEnableTerminationOnCorruption, NULL, 0));
    CHECK(!NT_SUCCESS((NTSTATUS)RtlQueryHeapInformation(Heap, (HEAP_INFORMATION_CLASS)77, &Value, sizeof(Value), NULL)));
    CHECK(RtlDestroyHeap(Heap) == NULL && RtlDestroyHeap(Single) == NULL);
}

/* --- damage ------------------------------------------------------------------------------------------------------ */

static VOID TestDamage(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0), Other = NewHeap(HEAP_GROWABLE, 0), Page = NULL;
    PUCHAR First = RtlAllocateHeap(Heap, 0, 100), Second = RtlAllocateHeap(Heap, 0, 100), Third = RtlAllocateHeap(Heap, 0, 100);
    PUCHAR Foreign = RtlAllocateHeap(Other, 0, 100), Large = RtlAllocateHeap(Heap, 0, 2 * MB);
    SIZE_T Size = 4096;
    UCHAR Saved[16];

    CHECK(RtlValidateHeap(Heap, 0, First) && RtlValidateHeap(Heap, 0, Second) && RtlValidateHeap(Heap, 0, Third));
    CHECK(RtlValidateHeap(Heap, 0, Large) && RtlValidateHeap(Heap, 0, NULL));
    memcpy(Saved, Second - 16, 16);
    memset(Second - 16, 0x5a, 16);
    CHECK(!RtlValidateHeap(Heap, 0, Second));
    CHECK(!RtlValidateHeap(Heap, 0, NULL));
    memcpy(Second - 16, Saved, 16);
    CHECK(RtlValidateHeap(Heap, 0, Second) && RtlValidateHeap(Heap, 0, NULL));
    /* What is no block of this heap. */
    CHECK(!RtlValidateHeap(Heap, 0, Foreign));
    CHECK(!RtlValidateHeap(Heap, 0, Second + 8) && !RtlValidateHeap(Heap, 0, Second + 16) && !RtlValidateHeap(Heap, 0, Second + 1));
    CHECK(!RtlValidateHeap(Heap, 0, &Saved) && !RtlValidateHeap(Heap, 0, (PVOID)1) && !RtlValidateHeap(Heap, 0, (PVOID)0x10000));
    CHECK(!RtlValidateHeap(Heap, 0, (PVOID)0x7ff000000000) && !RtlValidateHeap(Heap, 0, (PVOID)0xffff800000000000));
    NtAllocateVirtualMemory(NtCurrentProcess(), &Page, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS);
    CHECK(!RtlValidateHeap(Heap, 0, (PUCHAR)Page + 64));
    CHECK(!RtlValidateHeap(Heap, 0, Heap));
    CHECK(RtlFreeHeap(Heap, 0, Second));
    CHECK(!RtlValidateHeap(Heap, 0, Second));
    CHECK(RtlFreeHeap(Heap, 0, Large));
    CHECK(!RtlValidateHeap(Heap, 0, Large));
    CHECK(RtlValidateHeap(Heap, 0, NULL));
    CHECK(RtlDestroyHeap(Heap) == NULL && RtlDestroyHeap(Other) == NULL);
    Size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &Page, &Size, MEM_RELEASE);
}

/* --- walk and end ------------------------------------------------------------------------------------------------ */

static VOID TestWalk(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0);
    RTL_HEAP_WALK_ENTRY Entry = { 0 };
    ULONG Busy = 0, Found = 0, Steps = 0;
    NTSTATUS Status;

    for (ULONG i = 0; i < SLOTS; i++)
        Blocks[i] = RtlAllocateHeap(Heap, 0, i % 10 == 9 ? MB + i : i * 100 + 1);
    for (ULONG i = 0; i < SLOTS; i += 4)
        RtlFreeHeap(Heap, 0, Blocks[i]);
    while (Steps++ < 5000 && (Status = RtlWalkHeap(Heap, &Entry)) == STATUS_SUCCESS) {
        if (!(Entry.Flags & RTL_HEAP_WALK_BUSY))
            continue;
        Busy++;
        for (ULONG i = 0; i < SLOTS; i++)
            Found += i % 4 != 0 && Blocks[i] == Entry.DataAddress && Entry.DataSize == (i % 10 == 9 ? MB + i : i * 100 + 1);
    }
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, Status);
    CHECK(Found == SLOTS - SLOTS / 4 && Busy == Found);
    CHECK(RtlDestroyHeap(Heap) == NULL);
}

/* All that the heap had is gone with it, its live blocks as well. */
static VOID TestEnd(VOID)
{
    PVOID Heap = NewHeap(HEAP_GROWABLE, 0), List[64];
    ULONG Count = RtlGetProcessHeaps(ARRAYSIZE(List), List), Free = 0;

    for (ULONG i = 0; i < SLOTS; i++)
        Blocks[i] = RtlAllocateHeap(Heap, 0, i % 10 == 9 ? MB + i : 20000);
    CHECK(RtlDestroyHeap(Heap) == NULL);
    for (ULONG i = 0; i < SLOTS; i++)
        Free += StateOf(Blocks[i], NULL) == MEM_FREE;
    CHECK(Free == SLOTS);
    CHECK(RtlGetProcessHeaps(ARRAYSIZE(List), List) == Count - 1);
    CHECK(RtlDestroyHeap(RtlProcessHeap()) == RtlProcessHeap());
    Blocks[0] = RtlAllocateHeap(RtlProcessHeap(), 0, 10);
    CHECK(Blocks[0] != NULL && RtlFreeHeap(RtlProcessHeap(), 0, Blocks[0]));
}

/* --- threads: each frees what the others have allocated ------------------------------------------------------------ */

static PVOID SharedHeap;
static PVOID volatile Exchange[SLOTS];
static volatile LONG Wrong;

static NTSTATUS NTAPI Trader(PVOID Argument)
{
    ULONG Seed = (ULONG)(ULONG_PTR)Argument + 1;

    for (ULONG Round = 0; Round < 1500 && Wrong == 0; Round++) {
        SIZE_T Size = RtlUniform(&Seed) % (Round % 50 == 0 ? 100000 : 2000) + 8;
        PUCHAR Block = RtlAllocateHeap(SharedHeap, 0, Size), Old;

        if (Block == NULL)
            return STATUS_NO_MEMORY;
        *(PULONG)Block = (ULONG)Size;
        Block[Size - 1] = (UCHAR)Size;
        Old = InterlockedExchangePointer((PVOID *)&Exchange[RtlUniform(&Seed) % SLOTS], Block);
        if (Old == NULL)
            continue;
        Size = *(PULONG)Old;
        if (RtlSizeHeap(SharedHeap, 0, Old) != Size || (Size > 8 && Old[Size - 1] != (UCHAR)Size) || !RtlFreeHeap(SharedHeap, 0, Old))
            InterlockedIncrement(&Wrong);
    }
    return STATUS_SUCCESS;
}

static VOID TestThreads(VOID)
{
    HANDLE Threads[THREADS];

    SharedHeap = NewHeap(HEAP_GROWABLE, 0);
    for (ULONG i = 0; i < THREADS; i++)
        Threads[i] = CheckStartThread(Trader, (PVOID)(ULONG_PTR)i);
    for (ULONG i = 0; i < THREADS; i++)
        CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Threads[i], NULL));
    CHECK(Wrong == 0 && RtlValidateHeap(SharedHeap, 0, NULL));
    CHECK(RtlDestroyHeap(SharedHeap) == NULL);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestExceptions();
    TestExecutable();
    TestUnserialized();
    TestLock();
    TestLimit();
    TestHuge();
    TestInPlace();
    TestFragments();
    TestUserValues();
    TestInformation();
    TestDamage();
    TestWalk();
    TestEnd();
    TestThreads();
    return CheckClose();
}
