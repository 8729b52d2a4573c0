/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sizes, addresses and offsets that overflow, to every service that takes some: the good calls of errors-table.h with one of them
 * near 2^31, 2^32, 2^63 or 2^64, at the end of the program's addresses, or so that the end of the range comes out before its beginning.
 * Such a call says one of the statuses of its row (errsizes.h), writes nothing behind its buffers and loses nothing.
 *
 * Every argument of such a role (services.h) has a row; lengths of answers and of what is set (L, N, S, B) are tested by errors.
 *
 * Runs on: Nereid.
 */
#include "errors.h"
#include "errors-table.h"
#include "resources.h"
#include "services.h"
#include "errsizes.h"

#define FILL 0xcc
#define REPEATS 4                       /* of a row, while something seems to be lost */
#define HIGHEST_USER 0x7fffffff0000     /* the first address that is no program's */
#define MOST_VALUES 16

static const ULONG_PTR Short[] = { 0x7fffffff, 0x80000000, 0xfffff000, 0xfffffff8, 0xffffffff };
static const ULONG_PTR Addresses[] = { 0xfffffffffffff000, 0xfffffffffffffff8, HIGHEST_USER, HIGHEST_USER - 0x1000, HIGHEST_USER - 8, 0xffff800000000000,
        0x0080000000000000, 0x8000000000000000 };
static const ULONG_PTR Offsets[] = { MAXLONGLONG, MAXLONGLONG - 7, 0x7ffffffffffff000, 1ull << 62, (ULONG_PTR)MINLONGLONG, 0xfffffffffffff000, -3 };

/* Counts of bytes from OwnPages on, Good and more. */
static ULONG ListWide(ULONG_PTR Good, ULONG_PTR *Values)
{
    const ULONG_PTR Wide[] = { 1ull << 32 | Good, MAXLONGLONG, 1ull << 63, 0xfffffffffffff000, -1, -(ULONG_PTR)OwnPages, -(ULONG_PTR)OwnPages + 0x1000,
            HIGHEST_USER, HIGHEST_USER - (ULONG_PTR)OwnPages + 1 };

    memcpy(Values, Wide, sizeof(Wide));
    return ARRAYSIZE(Wide);
}

static ULONG ListValues(CHAR Role, BOOLEAN IsWide, ULONG_PTR Good, ULONG_PTR *Values)
{
    if (Role == 'Z' || IsWide)
        return ListWide(Good, Values);
    if (Role == 'a' || Role == 'A') {
        memcpy(Values, Addresses, sizeof(Addresses));
        return ARRAYSIZE(Addresses);
    }
    if (Role == 'I') {
        memcpy(Values, Offsets, sizeof(Offsets));
        return ARRAYSIZE(Offsets);
    }
    memcpy(Values, Short, sizeof(Short));
    return ARRAYSIZE(Short);
}

static const SERVICE_ROW *FindRoles(PCSTR Name)
{
    for (ULONG i = 0; i < SERVICE_COUNT; i++)
        if (strcmp(Services[i].Name, Name) == 0)
            return &Services[i];
    return NULL;
}

static BOOLEAN IsCalled(PCSTR Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(NotTested); i++)
        if (strcmp(NotTested[i].Service, Service) == 0)
            return FALSE;
    return TRUE;
}

static const SIZES_ROW *FindRow(PCSTR Service, ULONG Argument)
{
    for (ULONG i = 0; i < ARRAYSIZE(Sizes); i++)
        if (strcmp(Sizes[i].Service, Service) == 0 && Sizes[i].Argument == Argument)
            return &Sizes[i];
    return NULL;
}

/* Where the value is said: itself, or what the pointer points to. */
static BOOLEAN IsTested(const ARGUMENT *Argument, CHAR Role)
{
    if (Role == 'Z' || Role == 'A' || Role == 'I')
        return IsPointer(Argument) && Argument->Kind != '>' && SizeOf(Argument) == sizeof(ULONG64);
    return Role != 0 && strchr("z0a", Role) != NULL && !IsLength(Argument) && !IsPointer(Argument);
}

static VOID EndThread(HANDLE Thread)
{
    LARGE_INTEGER Enough = { .QuadPart = LONG_ENOUGH };

    if (NtTerminateThread(Thread, STATUS_SUCCESS) == STATUS_SUCCESS)
        CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Thread, FALSE, &Enough));
}

/* Objects, threads, memory and locks that the call has made go. */
static VOID UndoCall(const SERVICE_ROW *Roles, const ULONG_PTR *A)
{
    IO_STATUS_BLOCK IoStatus;

    if (strcmp(Roles->Name, "NtLockFile") == 0)
        CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile((HANDLE)A[0], &IoStatus, (PLARGE_INTEGER)A[5], (PLARGE_INTEGER)A[6], NULL));
    for (ULONG i = 0; Roles->Roles[i] != 0; i++) {
        if (Roles->Roles[i] == 'h') {
            if (strcmp(Roles->Name, "NtCreateThreadEx") == 0)
                EndThread(*(PHANDLE)A[i]);
            NtClose(*(PHANDLE)A[i]);
        } else if (Roles->Roles[i] == 'A' && (strncmp(Roles->Name, "NtAllocate", 10) == 0 || strncmp(Roles->Name, "NtMap", 5) == 0)) {
            SIZE_T Size = 0;

            if (!NT_SUCCESS(NtUnmapViewOfSection(NtCurrentProcess(), *(PVOID *)A[i])))
                CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(NtCurrentProcess(), (PVOID *)A[i], &Size, MEM_RELEASE));
        }
    }
}

/* What is behind the buffers of a call is not written. */
static BOOLEAN IsKept(const ARGUMENT *Arguments, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++)
        for (ULONG k = SizeOf(&Arguments[i]); IsPointer(&Arguments[i]) && k < MEMORY_SIZE; k++)
            if (Memory[i][k] != FILL)
                return FALSE;
    return TRUE;
}

static VOID FillBehind(const ARGUMENT *Arguments, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++)
        if (IsPointer(&Arguments[i]))
            memset(Memory[i] + SizeOf(&Arguments[i]), FILL, MEMORY_SIZE - SizeOf(&Arguments[i]));
}

static BOOLEAN IsAllowed(const SIZES_ROW *Row, NTSTATUS Status)
{
    for (ULONG i = 0; i < ARRAYSIZE(Row->Statuses) && (i == 0 || Row->Statuses[i] != 0); i++)
        if (Row->Statuses[i] == Status)
            return TRUE;
    return FALSE;
}

static VOID TestArgument(const SERVICE_ROW *Roles, const ARGUMENT *Arguments, ULONG Count, ULONG Index)
{
    const SIZES_ROW *Row = FindRow(Roles->Name, Index);
    CHAR Role = Roles->Roles[Index];
    ULONG_PTR Values[MOST_VALUES];
    ULONG ValueCount;

    if (!CHECK(Row != NULL)) {
        Print(L"    %hs, argument %u has no row\n", Roles->Name, Index);
        return;
    }
    ValueCount = ListValues(Role, Row->IsWide, IsPointer(&Arguments[Index]) ? 0x1000 : Arguments[Index].Number, Values);
    for (ULONG i = 0; i < ValueCount; i++) {
        ULONG_PTR A[MOST_ARGUMENTS] = { 0 };
        NTSTATUS Status;

        if (!Build(Arguments, Count, A))
            return;
        FillBehind(Arguments, Count);
        if (IsPointer(&Arguments[Index]))
            *(PULONG_PTR)A[Index] = Values[i];
        else
            A[Index] = Values[i];
        Status = Call(FindService(Roles->Name), A);
        if (NT_SUCCESS(Status))
            UndoCall(Roles, A);
        /* Of a partial copy that much was the caller's to be written. */
        if (!CHECK(IsAllowed(Row, Status) && (Status == STATUS_PARTIAL_COPY || IsKept(Arguments, Count))))
            Print(L"    %hs, argument %u, 0x%llx: 0x%08X\n", Roles->Name, Index, Values[i], Status);
    }
}

static VOID TestCall(PCSTR Name, PCSTR Text)
{
    const SERVICE_ROW *Roles = FindRoles(Name);
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG Count = Parse(Text, Arguments);

    for (ULONG i = 0; i < Count; i++)
        if (IsCalled(Name) && IsTested(&Arguments[i], Roles->Roles[i]))
            TestArgument(Roles, Arguments, Count, i);
}

static BOOLEAN IsMore(const EXECUTIVE_RESOURCES *After, const EXECUTIVE_RESOURCES *Before)
{
    return After->Objects > Before->Objects || After->Handles > Before->Handles || After->PoolBlocks > Before->PoolBlocks ||
           After->CommittedPages > Before->CommittedPages || After->StacksInUse > Before->StacksInUse;
}

/* errsizes [SERVICE]: that one only. */
int wmain(int ArgumentCount, PWSTR *Names)
{
    CheckSystem();
    PrepareCalls();
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++) {
        EXECUTIVE_RESOURCES Before, After;
        ULONG Rounds = 0;

        do {
            QueryResources(&Before);
            TestCall(Calls[i].Service, Calls[i].Arguments);
            QueryResources(&After);
        } while (IsMore(&After, &Before) && ++Rounds < REPEATS);
        if (!CHECK(Rounds < REPEATS)) {
            Print(L"    %hs loses something\n", Calls[i].Service);
            PrintResources(L"    before", &Before);
            PrintResources(L"    after ", &After);
        }
    }
    return CheckClose();
}
