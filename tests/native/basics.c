/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What every program leans on: blocks of memory, the thread's last error and error mode, pointers in disguise.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

/* The exports, which the headers hide behind macros. */
#undef RtlMoveMemory
#undef RtlCopyMemory
#undef RtlFillMemory
#undef RtlZeroMemory
VOID NTAPI RtlMoveMemory(PVOID Destination, const VOID *Source, SIZE_T Length);
VOID NTAPI RtlCopyMemory(PVOID Destination, const VOID *Source, SIZE_T Length);
VOID NTAPI RtlCopyMemoryNonTemporal(PVOID Destination, const VOID *Source, SIZE_T Length);
VOID NTAPI RtlFillMemory(PVOID Destination, SIZE_T Length, UCHAR Fill);
VOID NTAPI RtlZeroMemory(PVOID Destination, SIZE_T Length);
PVOID NTAPI RtlEncodePointer(PVOID Pointer);
PVOID NTAPI RtlDecodePointer(PVOID Pointer);
PVOID NTAPI RtlEncodeSystemPointer(PVOID Pointer);
PVOID NTAPI RtlDecodeSystemPointer(PVOID Pointer);

#define LONGEST 200
#define MARGIN 24
#define GUARD 0xcc

static UCHAR Source[LONGEST + 2 * MARGIN], Target[LONGEST + 2 * MARGIN], Expected[LONGEST + 2 * MARGIN];

/* --- memory ------------------------------------------------------------------------------------------------------ */

typedef VOID (NTAPI *COPY)(PVOID Destination, const VOID *Source, SIZE_T Length);

/* Every length at every alignment of both ends: the bytes arrive, and those around them stay. */
static VOID TestCopies(COPY Copy)
{
    ULONG Wrong = 0;

    for (ULONG i = 0; i < sizeof(Source); i++)
        Source[i] = (UCHAR)(i * 7 + 1);
    for (ULONG Length = 0; Length <= LONGEST; Length += Length < 40 ? 1 : 17)
        for (ULONG From = 0; From < 9; From += 3)
            for (ULONG To = 0; To < 9; To++) {
                memset(Target, GUARD, sizeof(Target));
                memset(Expected, GUARD, sizeof(Expected));
                for (ULONG i = 0; i < Length; i++)
                    Expected[MARGIN + To + i] = Source[From + i];
                Copy(Target + MARGIN + To, Source + From, Length);
                Wrong += memcmp(Target, Expected, sizeof(Target)) != 0;
            }
    CHECK(Wrong == 0);
}

/* Source and destination lie over each other, in both directions. */
static VOID TestOverlap(VOID)
{
    ULONG Wrong = 0;

    for (ULONG Length = 1; Length <= LONGEST; Length += Length < 40 ? 1 : 13)
        for (LONG Distance = -17; Distance <= 17; Distance++) {
            PUCHAR To = Target + MARGIN + Distance, From = Target + MARGIN;

            for (ULONG i = 0; i < sizeof(Target); i++)
                Target[i] = (UCHAR)(i * 11 + 3);
            memcpy(Expected, Target, sizeof(Expected));
            for (ULONG i = 0; i < Length; i++)
                Expected[To - Target + i] = (UCHAR)((From - Target + i) * 11 + 3);
            RtlMoveMemory(To, From, Length);
            Wrong += memcmp(Target, Expected, sizeof(Target)) != 0;
        }
    CHECK(Wrong == 0);
}

static VOID TestFills(VOID)
{
    ULONG Wrong = 0;

    for (ULONG Length = 0; Length <= LONGEST; Length += Length < 40 ? 1 : 17)
        for (ULONG To = 0; To < 9; To++) {
            memset(Target, GUARD, sizeof(Target));
            RtlFillMemory(Target + MARGIN + To, Length, 0x9b);
            for (ULONG i = 0; i < sizeof(Target); i++)
                Wrong += Target[i] != (i >= MARGIN + To && i < MARGIN + To + Length ? 0x9b : GUARD);
            RtlZeroMemory(Target + MARGIN + To, Length);
            for (ULONG i = 0; i < sizeof(Target); i++)
                Wrong += Target[i] != (i >= MARGIN + To && i < MARGIN + To + Length ? 0 : GUARD);
        }
    CHECK(Wrong == 0);
}

/* Nothing is read or written behind the end of a page that is the last one. */
static VOID TestPageEnds(VOID)
{
    PVOID Base = NULL;
    SIZE_T Size = 0x2000, Page = 0x1000;
    PUCHAR End;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE, PAGE_NOACCESS)) ||
        !CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Page, MEM_COMMIT, PAGE_READWRITE)))
        return;
    End = (PUCHAR)Base + 0x1000;
    for (ULONG Length = 0; Length < 70; Length++) {
        RtlFillMemory(End - Length, Length, (UCHAR)Length);
        RtlCopyMemory(End - 2 * Length, End - Length, Length);
        RtlMoveMemory(End - Length, End - 2 * Length, Length);
        RtlCopyMemoryNonTemporal(End - Length, End - 2 * Length, Length);
        RtlZeroMemory(End - Length, Length);
    }
    CHECK(RtlCompareMemoryUlong((PVOID)(End - 64), 64, 0) == 64);
    Size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &Base, &Size, MEM_RELEASE);
}

/* --- the thread's state ------------------------------------------------------------------------------------------ */

static NTSTATUS NTAPI OtherThread(PVOID Argument)
{
    ULONG Mode = RtlGetThreadErrorMode();

    RtlSetLastWin32Error(99);
    RtlSetThreadErrorMode(0x10, NULL);
    return RtlGetLastWin32Error() == 99 && Mode == 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static VOID TestLastError(VOID)
{
    RtlSetLastWin32Error(5);
    CHECK(RtlGetLastWin32Error() == 5);
    RtlSetLastWin32Error(0xffffffff);
    CHECK(RtlGetLastWin32Error() == 0xffffffff);
    RtlRestoreLastWin32Error(7);
    CHECK(RtlGetLastWin32Error() == 7);
    RtlSetLastWin32ErrorAndNtStatusFromNtStatus(STATUS_ACCESS_DENIED);
    CHECK(RtlGetLastWin32Error() == 5 && RtlGetLastNtStatus() == STATUS_ACCESS_DENIED);
    RtlSetLastWin32Error(123);
    CHECK(RtlGetLastNtStatus() == STATUS_ACCESS_DENIED);
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(CheckStartThread(OtherThread, NULL), NULL));
    CHECK(RtlGetLastWin32Error() == 123);
    RtlRestoreLastWin32Error(0);
}

/* Source: SetThreadErrorMode (Win32 documentation), whose modes are these shifted by four bits. */
static VOID TestErrorMode(VOID)
{
    ULONG Old = 0x55;

    CHECK(RtlGetThreadErrorMode() == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetThreadErrorMode(0x70, &Old));
    CHECK(Old == 0 && RtlGetThreadErrorMode() == 0x70);
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(CheckStartThread(OtherThread, NULL), NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetThreadErrorMode(0x20, NULL));
    for (ULONG Bit = 0; Bit < 32; Bit++) {
        if (Bit >= 4 && Bit <= 6)
            continue;
        Old = 0x55;
        CHECK(!NT_SUCCESS(RtlSetThreadErrorMode(1u << Bit, &Old)));
        CHECK(RtlGetThreadErrorMode() == 0x20);
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, RtlSetThreadErrorMode(1, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetThreadErrorMode(0, &Old));
    CHECK(Old == 0x20 && RtlGetThreadErrorMode() == 0);
}

/* --- pointers in disguise ---------------------------------------------------------------------------------------- */

/* Source: EncodePointer, EncodeSystemPointer (Win32 documentation): decoding gives the pointer back; what it looks like between
 * is not said. */
static VOID TestPointers(VOID)
{
    static const ULONG_PTR Values[] = { 0, 1, 0x10000, 0x7ffe0000, 0x7fffffff0000, (ULONG_PTR)-1, 0x8000000000000000u };

    for (ULONG i = 0; i < ARRAYSIZE(Values); i++) {
        PVOID Plain = (PVOID)Values[i], Encoded = RtlEncodePointer(Plain), System = RtlEncodeSystemPointer(Plain);

        CHECK(RtlDecodePointer(Encoded) == Plain && RtlDecodeSystemPointer(System) == Plain);
        CHECK(Encoded != Plain);
        CHECK(RtlEncodePointer(Plain) == Encoded && RtlEncodeSystemPointer(Plain) == System);
    }
    CHECK(RtlEncodePointer(&Source[0]) != RtlEncodePointer(&Source[1]));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestCopies(RtlCopyMemory);
    TestCopies(RtlMoveMemory);
    TestCopies(RtlCopyMemoryNonTemporal);
    TestOverlap();
    TestFills();
    TestPageEnds();
    TestLastError();
    TestErrorMode();
    TestPointers();
    return CheckClose();
}
