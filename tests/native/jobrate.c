/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Jobs whose processes are held: hard caps of CPU time, measured by the system's count and by what the process gets done, alone, beside a
 * process that takes what is left, and nested; freezing.
 *
 * Runs on: Nereid.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define SECOND 10000000ll
#define CAP (JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP)
#define MIN_MAX_RATE 0x10

static volatile ULONG64 Spins;

typedef struct _CHILD {
    HANDLE Process, Thread;
} CHILD, *PCHILD;

static CHILD Start(VOID)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    UNICODE_STRING Image = NtCurrentPeb()->ProcessParameters->ImagePathName, Line = RTL_CONSTANT_UNICODE_STRING(L"jobrate spin"), Path;
    RTL_USER_PROCESS_INFORMATION Information = { .Length = sizeof(Information) };

    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Image.Buffer, &Path, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &Line, NULL, NULL, NULL, NULL, NULL,
                                                              RTL_USER_PROC_PARAMS_NORMALIZED));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserProcess(&Path, OBJ_CASE_INSENSITIVE, Parameters, NULL, NULL, NULL, FALSE, NULL, NULL,
                                                      &Information));
    RtlDestroyProcessParameters(Parameters);
    RtlFreeUnicodeString(&Path);
    return (CHILD){ Information.ProcessHandle, Information.ThreadHandle };
}

static VOID Resume(PCHILD Child)
{
    ULONG Previous = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Child->Thread, &Previous));
    CHECK(Previous == 1);
}

static VOID Kill(PCHILD Child)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };

    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Child->Process, 77));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Child->Process, FALSE, &Limit));
    NtClose(Child->Process);
    NtClose(Child->Thread);
}

static VOID Sleep(LONG64 Time)
{
    LARGE_INTEGER Timeout = { .QuadPart = -Time };

    NtDelayExecution(FALSE, &Timeout);
}

static HANDLE MakeJob(VOID)
{
    HANDLE Job = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateJobObject(&Job, JOB_OBJECT_ALL_ACCESS, NULL));
    return Job;
}

static NTSTATUS SetRate(HANDLE Job, ULONG Flags, ULONG Rate)
{
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION Information = { .ControlFlags = Flags, .CpuRate = Rate };

    return NtSetInformationJobObject(Job, JobObjectCpuRateControlInformation, &Information, sizeof(Information));
}

static ULONG64 SpinsOf(PCHILD Child)
{
    ULONG64 Value = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(Child->Process, (PVOID)&Spins, &Value, sizeof(Value), NULL));
    return Value;
}

/* ------------------------------------------------------------------ measuring */

typedef struct _MOMENT {
    LONG64 Time, Used;                  /* 100 ns */
    ULONG64 Spins;
} MOMENT;

static MOMENT Look(PCHILD Child)
{
    KERNEL_USER_TIMES Times = { 0 };
    LARGE_INTEGER Now, Frequency;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryPerformanceCounter(&Now, &Frequency));
    CHECK(Frequency.QuadPart == SECOND);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Child->Process, ProcessTimes, &Times, sizeof(Times), NULL));
    return (MOMENT){ Now.QuadPart, Times.KernelTime.QuadPart + Times.UserTime.QuadPart, SpinsOf(Child) };
}

/* What the child gets of Time from now on, in 1/10000 of the clock; its rounds per second to *Speed. */
static ULONG Measure(PCHILD Child, LONG64 Time, PULONG64 Speed)
{
    MOMENT Before = Look(Child), After;

    Sleep(Time);
    After = Look(Child);
    *Speed = (After.Spins - Before.Spins) * SECOND / (ULONG64)(After.Time - Before.Time);
    return (ULONG)((After.Used - Before.Used) * 10000 / (After.Time - Before.Time));
}

/* Not more than it may, but for the credit of an interval and a tick; and not less than half. */
static VOID CheckShare(PCHILD Child, ULONG Rate, ULONG64 Full)
{
    ULONG64 Speed;
    ULONG Share = Measure(Child, 4 * SECOND, &Speed), Done = (ULONG)(Speed * 10000 / Full);

    if (!CHECK(Share <= Rate + 900) || !CHECK(Share >= Rate / 2) || !CHECK(Done <= Rate * 2) || !CHECK(Done >= Rate / 4))
        DbgPrint("jobrate: cap %lu: %lu of the time, %lu of the work\n", Rate, Share, Done);
}

static ULONG64 FullSpeed(PCHILD Child)
{
    ULONG64 Speed;
    ULONG Share = Measure(Child, SECOND, &Speed);

    CHECK(Share > 8000);
    return Speed;
}

/* ------------------------------------------------------------------ rates */

static VOID TestCap(VOID)
{
    JOBOBJECT_CPU_RATE_CONTROL_INFORMATION Rate = { 0 };
    HANDLE Job = MakeJob();
    CHILD Child = Start();
    ULONG64 Full;

    Resume(&Child);
    Full = FullSpeed(&Child);
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Job, CAP, 2000));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationJobObject(Job, JobObjectCpuRateControlInformation, &Rate, sizeof(Rate), NULL));
    CHECK(Rate.ControlFlags == CAP && Rate.CpuRate == 2000);
    CheckShare(&Child, 2000, Full);
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Job, CAP, 6000));
    CheckShare(&Child, 6000, Full);
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Job, 0, 0));
    FullSpeed(&Child);
    Kill(&Child);
    NtClose(Job);
}

/* Another process, outside, takes all that it gets; it stands below, so that the cap is what counts. */
static VOID TestCompany(VOID)
{
    UCHAR Class[2] = { FALSE, 1 };      /* whether in the foreground, class: idle */
    HANDLE Job = MakeJob();
    CHILD Child = Start(), Other = Start();
    ULONG64 Full, Rest = 0;
    ULONG Share = 0;
    BOOLEAN Enough;

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationProcess(Other.Process, ProcessPriorityClass, Class, sizeof(Class)));
    Resume(&Child);
    Resume(&Other);
    Full = FullSpeed(&Child);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Job, CAP, 3000));
    CheckShare(&Child, 3000, Full);
    /* The machine's own speed is not always the same. */
    Enough = FALSE;
    for (ULONG Try = 0; Try < 4 && !Enough; Try++) {
        Share = Measure(&Other, 2 * SECOND, &Rest);
        Enough = Share >= 5000 && Rest * 10000 / Full >= 2000;
    }
    if (!CHECK(Enough))
        Print(L"    the other process got %u in 10000, and did %I64u of %I64u\n", Share, Rest, Full);
    Kill(&Child);
    Kill(&Other);
    NtClose(Job);
}

/* "The rates set for the job represent its portion of the CPU rate that is allocated to its parent job." */
static VOID TestNested(VOID)
{
    HANDLE Outer = MakeJob(), Inner = MakeJob();
    CHILD Child = Start();
    ULONG64 Full;

    Resume(&Child);
    Full = FullSpeed(&Child);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Inner, Child.Process));
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Inner, CAP, 4000));
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Outer, CAP, 5000));
    CheckShare(&Child, 2000, Full);
    CHECK_STATUS(STATUS_SUCCESS, SetRate(Outer, 0, 0));
    CheckShare(&Child, 4000, Full);
    Kill(&Child);
    NtClose(Outer);
    NtClose(Inner);
}

static VOID TestRateValues(VOID)
{
    static const struct {
        ULONG Flags, Rate;
        NTSTATUS Status;
    } Rows[] = {
        { CAP, 0, STATUS_INVALID_PARAMETER },
        { CAP, 10001, STATUS_INVALID_PARAMETER },
        { CAP, 10000, STATUS_SUCCESS },
        { CAP, 1, STATUS_SUCCESS },
        { 0, 0, STATUS_SUCCESS },
        { JOB_OBJECT_CPU_RATE_CONTROL_HARD_CAP, 1000, STATUS_INVALID_PARAMETER },
        { JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED, 5, STATUS_INVALID_PARAMETER },
        { CAP | MIN_MAX_RATE, 1000, STATUS_INVALID_PARAMETER },
        { JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED | MIN_MAX_RATE, 5, STATUS_INVALID_PARAMETER },
        { CAP | 0x20, 1000, STATUS_INVALID_PARAMETER },
        /* Windows has these. */
        { JOB_OBJECT_CPU_RATE_CONTROL_ENABLE, 1000, STATUS_NOT_SUPPORTED },
        { JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | JOB_OBJECT_CPU_RATE_CONTROL_WEIGHT_BASED, 5, STATUS_NOT_SUPPORTED },
        { JOB_OBJECT_CPU_RATE_CONTROL_ENABLE | MIN_MAX_RATE, 0x20001000, STATUS_NOT_SUPPORTED },
        { CAP | JOB_OBJECT_CPU_RATE_CONTROL_NOTIFY, 1000, STATUS_NOT_SUPPORTED },
    };
    HANDLE Job = MakeJob();

    for (ULONG i = 0; i < RTL_NUMBER_OF(Rows); i++)
        CHECK_STATUS(Rows[i].Status, SetRate(Job, Rows[i].Flags, Rows[i].Rate));
    NtClose(Job);
}

/* ------------------------------------------------------------------ freezing */

static NTSTATUS Freeze(HANDLE Job, BOOLEAN Hold)
{
    JOBOBJECT_FREEZE_INFORMATION Information = { .Flags = JOBOBJECT_FREEZE_OPERATION, .Freeze = Hold };

    return NtSetInformationJobObject(Job, JobObjectFreezeInformation, &Information, sizeof(Information));
}

static BOOLEAN Runs(PCHILD Child)
{
    ULONG64 Before = SpinsOf(Child);

    Sleep(SECOND / 5);
    return SpinsOf(Child) != Before;
}

static ULONG SuspendCount(HANDLE Thread)
{
    ULONG Count = ~0u;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(Thread, (THREADINFOCLASS)35, &Count, sizeof(Count), NULL));
    return Count;
}

/* Who is frozen, who comes into a frozen job, who suspends meanwhile, and who ends. */
static VOID TestFreeze(VOID)
{
    JOBOBJECT_FREEZE_INFORMATION Bad = { 0 };
    HANDLE Outer = MakeJob(), Job = MakeJob();
    CHILD First = Start(), Second = Start();
    ULONG Previous = ~0u;

    Resume(&First);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, First.Process));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Job, First.Process));
    CHECK(Runs(&First));
    CHECK_STATUS(STATUS_SUCCESS, Freeze(Job, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, Freeze(Job, TRUE));
    CHECK(!Runs(&First) && SuspendCount(First.Thread) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Freeze(Outer, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, Freeze(Job, FALSE));
    CHECK(!Runs(&First));
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Outer, Second.Process));
    Resume(&Second);
    CHECK(!Runs(&Second));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(First.Thread, &Previous));
    CHECK(Previous == 0 && !Runs(&First));
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Second.Thread, &Previous));
    CHECK(Previous == 0 && SuspendCount(Second.Thread) == 1);
    CHECK_STATUS(STATUS_SUCCESS, Freeze(Outer, FALSE));
    CHECK(Runs(&First) && !Runs(&Second));
    Resume(&Second);
    CHECK(Runs(&Second));
    CHECK_STATUS(STATUS_SUCCESS, Freeze(Outer, TRUE));
    Kill(&First);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateJobObject(Outer, 77));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Second.Process, FALSE, NULL));
    CHECK_STATUS((NTSTATUS)77, QueryExitStatus(Second.Process));
    NtClose(Second.Process);
    NtClose(Second.Thread);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectFreezeInformation, &Bad, sizeof(Bad)));
    Bad.Flags = 8;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationJobObject(Job, JobObjectFreezeInformation, &Bad, sizeof(Bad)));
    Bad.Flags = 2;
    CHECK_STATUS(STATUS_NOT_SUPPORTED, NtSetInformationJobObject(Job, JobObjectFreezeInformation, &Bad, sizeof(Bad)));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetInformationJobObject(Job, JobObjectFreezeInformation, &Bad, sizeof(Bad) - 1));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationJobObject(Job, JobObjectFreezeInformation, &Bad, sizeof(Bad), NULL));
    NtClose(Job);
    NtClose(Outer);
}

int wmain(int Count, WCHAR **Arguments)
{
    if (Count > 1)
        for (;;)
            Spins++;
    CheckSystem();
    TestRateValues();
    TestCap();
    TestCompany();
    TestNested();
    TestFreeze();
    return CheckClose();
}
