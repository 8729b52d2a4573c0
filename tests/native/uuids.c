/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Times for UUIDs (NtAllocateUuids, NtSetUuidSeed), the resolution of timers, whether two views are of one file (NtAreMappedFilesTheSame).
 * Runs on: Nereid.
 */
#include "check.h"

#define FROM_1582_TO_1601 ((ULONG64)(17 + 30 + 31 + 18 * 365 + 5) * 86400 * 10000000)
#define TICKS 1000000u                  /* the time that programs read goes by steps */

typedef struct _RANGE {
    ULARGE_INTEGER Time;
    ULONG Range, Sequence;
    UCHAR Node[6];
} RANGE;

static RANGE NewRange(VOID)
{
    RANGE New = { .Range = 0 };
    NTSTATUS Status;

    while ((Status = NtAllocateUuids(&New.Time, &New.Range, &New.Sequence, New.Node)) == STATUS_RETRY)
        ;
    CHECK_STATUS(STATUS_SUCCESS, Status);
    return New;
}

/* No unit twice; all in the past; at most a second of them. */
static VOID TestRanges(VOID)
{
    RANGE Last = NewRange(), Now;
    LARGE_INTEGER Time;

    CHECK(Last.Node[0] & 1);
    CHECK(Last.Sequence < 0x4000);
    for (ULONG i = 0; i < 1000; i++, Last = Now) {
        Now = NewRange();
        NtQuerySystemTime(&Time);
        if (!CHECK(Now.Range != 0 && Now.Range <= 10000000) || !CHECK(Now.Time.QuadPart >= Last.Time.QuadPart + Last.Range) ||
            !CHECK(Now.Time.QuadPart + Now.Range <= (ULONG64)Time.QuadPart + FROM_1582_TO_1601 + TICKS))
            return;
        CHECK(Now.Sequence == Last.Sequence && memcmp(Now.Node, Last.Node, sizeof(Now.Node)) == 0);
    }
    NtDelayExecution(FALSE, &(LARGE_INTEGER){ .QuadPart = -12000000 });
    Now = NewRange();
    CHECK(Now.Range == 10000000);
}

/* A clock that is set back: another sequence. */
static VOID TestBack(VOID)
{
    RANGE Before = NewRange(), After;
    LARGE_INTEGER Time, Back;

    NtQuerySystemTime(&Time);
    Back.QuadPart = Time.QuadPart - 600000000;
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Back, NULL));
    After = NewRange();
    CHECK(After.Sequence == ((Before.Sequence + 1) & 0x3fff) && After.Time.QuadPart < Before.Time.QuadPart);
    NtQuerySystemTime(&Time);
    Time.QuadPart += 600000000;
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Time, NULL));
}

static VOID TestSeed(VOID)
{
    static UCHAR Seed[6] = { 2, 4, 6, 8, 10, 12 };
    RANGE Before = NewRange(), After;

    CHECK_STATUS(STATUS_SUCCESS, NtSetUuidSeed(Seed));
    After = NewRange();
    CHECK(memcmp(After.Node, Seed, sizeof(Seed)) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetUuidSeed(Before.Node));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetUuidSeed(NULL));
}

static ULONG Resolution(VOID)
{
    ULONG Coarsest = 0, Finest = 0, Current = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryTimerResolution(&Coarsest, &Finest, &Current));
    CHECK(Coarsest == 156250 && Finest == 5000 && Current >= Finest && Current <= Coarsest);
    return Current;
}

static VOID TestResolution(VOID)
{
    ULONG Before = Resolution(), Actual = 0;

    CHECK_STATUS(STATUS_TIMER_RESOLUTION_NOT_SET, NtSetTimerResolution(10000, FALSE, &Actual));
    CHECK(Actual == Before);
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimerResolution(10000, TRUE, &Actual));
    CHECK(Actual == 10000 && Resolution() == 10000);
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimerResolution(1, TRUE, &Actual));
    CHECK(Actual == 5000 && Resolution() == 5000);
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimerResolution(0, FALSE, &Actual));
    CHECK(Actual == Before && Resolution() == Before);
    CHECK_STATUS(STATUS_TIMER_RESOLUTION_NOT_SET, NtSetTimerResolution(10000, FALSE, &Actual));
}

static HANDLE OpenSelf(VOID)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING Path;
    HANDLE File = NULL;

    CHECK(RtlDosPathNameToNtPathName_U(NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, &Path, NULL, NULL));
    InitializeObjectAttributes(&Attributes, &Path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&File, FILE_GENERIC_READ | FILE_EXECUTE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                            FILE_SYNCHRONOUS_IO_NONALERT));
    RtlFreeUnicodeString(&Path);
    return File;
}

static PVOID MapFile(HANDLE File, ULONG Attributes)
{
    LARGE_INTEGER Size = { .QuadPart = File == NULL ? 0x1000 : 0 };
    HANDLE Section;
    PVOID Base = NULL;
    SIZE_T Length = 0;
    NTSTATUS Status;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, File == NULL ? &Size : NULL, PAGE_READONLY, Attributes, File));
    Status = NtMapViewOfSection(Section, NtCurrentProcess(), &Base, 0, 0, NULL, &Length, ViewUnmap, 0, PAGE_READONLY);
    CHECK(NT_SUCCESS(Status));
    NtClose(Section);
    return Base;
}

static VOID TestMapped(VOID)
{
    PVOID Own = NtCurrentPeb()->ImageBaseAddress, Private = NULL, Data, Image, Anonymous, Ntdll = NULL;
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");
    HANDLE File = OpenSelf();
    SIZE_T Size = 0x1000;

    Data = MapFile(File, SEC_COMMIT);
    Image = MapFile(File, SEC_IMAGE);
    Anonymous = MapFile(NULL, SEC_COMMIT);
    CHECK_STATUS(STATUS_SUCCESS, LdrGetDllHandle(NULL, NULL, &Name, &Ntdll));
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Private, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    CHECK_STATUS(STATUS_SUCCESS, NtAreMappedFilesTheSame(Own, Data));
    CHECK_STATUS(STATUS_SUCCESS, NtAreMappedFilesTheSame(Own, Image));
    CHECK_STATUS(STATUS_SUCCESS, NtAreMappedFilesTheSame(Own, (PUCHAR)Own + 0x1000));
    CHECK_STATUS(STATUS_SUCCESS, NtAreMappedFilesTheSame(Data, Data));
    CHECK_STATUS(STATUS_NOT_SAME_DEVICE, NtAreMappedFilesTheSame(Own, Ntdll));
    CHECK_STATUS(STATUS_NOT_SAME_DEVICE, NtAreMappedFilesTheSame(Own, Anonymous));
    CHECK_STATUS(STATUS_NOT_SAME_DEVICE, NtAreMappedFilesTheSame(Data, Own));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, NtAreMappedFilesTheSame(Own, Private));
    CHECK_STATUS(STATUS_CONFLICTING_ADDRESSES, NtAreMappedFilesTheSame(Private, Own));
    CHECK_STATUS(STATUS_INVALID_ADDRESS, NtAreMappedFilesTheSame(Own, NULL));
    CHECK_STATUS(STATUS_INVALID_ADDRESS, NtAreMappedFilesTheSame(NULL, Own));
    NtUnmapViewOfSection(NtCurrentProcess(), Data);
    NtUnmapViewOfSection(NtCurrentProcess(), Image);
    NtUnmapViewOfSection(NtCurrentProcess(), Anonymous);
    Size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &Private, &Size, MEM_RELEASE);
    NtClose(File);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    BOOLEAN Was;

    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_SYSTEMTIME_PRIVILEGE, TRUE, FALSE, &Was));
    TestRanges();
    TestBack();
    TestSeed();
    TestResolution();
    TestMapped();
    return CheckClose();
}
