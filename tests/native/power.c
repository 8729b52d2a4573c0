/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtPowerInformation and NtSetThreadExecutionState.
 * Runs on: Nereid and Wine.
 *
 * Where Wine does other than Microsoft's page on CallNtPowerInformation says (the input of a level that takes none, what is in the answer),
 * the check is for Nereid.  What the host's hardware decides is not checked.
 */
#include "check.h"

#define UNUSED_LEVEL 10000
#define FILL 0x23

typedef struct _PROCESSOR_POWER_INFORMATION {
    ULONG Number, MaxMhz, CurrentMhz, MhzLimit, MaxIdleState, CurrentIdleState;
} PROCESSOR_POWER_INFORMATION;

static UCHAR Buffer[4096];

static NTSTATUS Query(POWER_INFORMATION_LEVEL Level, ULONG Length)
{
    memset(Buffer, FILL, sizeof(Buffer));
    return NtPowerInformation(Level, NULL, 0, Buffer, Length);
}

/* What every level of a fixed size has in common. */
static VOID TestLevel(POWER_INFORMATION_LEVEL Level, ULONG Size)
{
    ULONG64 Input = 0;

    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Query(Level, Size - 1));
    CHECK_STATUS(STATUS_SUCCESS, Query(Level, Size));
    CHECK(Buffer[Size] == FILL);
    CHECK_STATUS(STATUS_SUCCESS, Query(Level, sizeof(Buffer)));
    if (IsWine)
        return;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtPowerInformation(Level, &Input, sizeof(Input), Buffer, Size));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtPowerInformation(Level, NULL, 0, (PVOID)16, Size));
}

static VOID TestCapabilities(void)
{
    SYSTEM_POWER_CAPABILITIES *Capabilities = (PVOID)Buffer;

    TestLevel(SystemPowerCapabilities, sizeof(*Capabilities));
    CHECK_STATUS(STATUS_SUCCESS, Query(SystemPowerCapabilities, sizeof(*Capabilities)));
    CHECK(Capabilities->SystemS5 == TRUE);
    CHECK(!Capabilities->SystemBatteriesPresent && !Capabilities->ProcessorThrottle);
    CHECK(Capabilities->ProcessorMinThrottle == 100 && Capabilities->ProcessorMaxThrottle == 100);
    CHECK(Capabilities->RtcWake == PowerSystemUnspecified || IsWine);
    if (!IsWine)
        CHECK(!Capabilities->SystemS1 && !Capabilities->SystemS3 && !Capabilities->SystemS4 && !Capabilities->HiberFilePresent);
}

static VOID TestBattery(void)
{
    SYSTEM_BATTERY_STATE *Battery = (PVOID)Buffer;

    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Query(SystemBatteryState, 0));
    TestLevel(SystemBatteryState, sizeof(*Battery));
    if (IsWine)
        return;
    CHECK_STATUS(STATUS_SUCCESS, Query(SystemBatteryState, sizeof(*Battery)));
    CHECK(Battery->AcOnLine == TRUE && !Battery->BatteryPresent && !Battery->Charging && !Battery->Discharging);
    CHECK(Battery->MaxCapacity == 0 && Battery->RemainingCapacity == 0 && Battery->EstimatedTime == ~0u);
}

static VOID TestProcessor(void)
{
    ULONG Size = sizeof(PROCESSOR_POWER_INFORMATION) * NtCurrentPeb()->NumberOfProcessors;
    PROCESSOR_POWER_INFORMATION *Processor = (PVOID)Buffer;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtPowerInformation(ProcessorInformation, NULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtPowerInformation(ProcessorInformation, NULL, 0, NULL, Size));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Query(ProcessorInformation, 0));
    if (Size > sizeof(Buffer))
        return;
    TestLevel(ProcessorInformation, Size);
    CHECK_STATUS(STATUS_SUCCESS, Query(ProcessorInformation, Size));
    CHECK(Processor->Number == 0);
    CHECK(Processor->MaxMhz != 0 && Processor->CurrentMhz != 0);
    if (!IsWine)
        CHECK(Processor->CurrentMhz <= Processor->MaxMhz && Processor->MhzLimit == Processor->MaxMhz && Processor->MaxMhz < 100000);
}

static VOID TestSleepTimes(void)
{
    if (IsWine)                         /* has neither */
        return;
    TestLevel(LastSleepTime, sizeof(ULONG64));
    TestLevel(LastWakeTime, sizeof(ULONG64));
    CHECK_STATUS(STATUS_SUCCESS, Query(LastWakeTime, sizeof(ULONG64)));
    CHECK(*(PULONG64)Buffer == 0);
}

static ULONG SystemState(void)
{
    ULONG State = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtPowerInformation(SystemExecutionState, NULL, 0, &State, sizeof(State)));
    return State;
}

static NTSTATUS NTAPI AskForDisplay(PVOID Argument)
{
    EXECUTION_STATE Previous = 0;
    NTSTATUS Status = NtSetThreadExecutionState(ES_CONTINUOUS | ES_DISPLAY_REQUIRED, &Previous);

    if (!NT_SUCCESS(Status) || Previous != ES_CONTINUOUS || SystemState() != (ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED))
        return STATUS_UNSUCCESSFUL;
    return STATUS_SUCCESS;
}

static VOID TestExecutionState(void)
{
    EXECUTION_STATE Previous = 0;
    ULONG Input = 0;

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtPowerInformation(SystemExecutionState, &Input, sizeof(Input), Buffer, 4));
    CHECK_STATUS(STATUS_SUCCESS, Query(SystemExecutionState, sizeof(ULONG)));
    if (IsWine)                         /* one state for all, and its system state is made up */
        return;
    TestLevel(SystemExecutionState, sizeof(ULONG));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetThreadExecutionState(0x10000, &Previous));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetThreadExecutionState(ES_CONTINUOUS | ES_USER_PRESENT, &Previous));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetThreadExecutionState(ES_AWAYMODE_REQUIRED, &Previous));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED, (PVOID)16));
    CHECK(SystemState() == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetThreadExecutionState(ES_SYSTEM_REQUIRED, &Previous));     /* once: nothing stays */
    CHECK(Previous == ES_CONTINUOUS && SystemState() == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetThreadExecutionState(ES_CONTINUOUS | ES_SYSTEM_REQUIRED, &Previous));
    CHECK(Previous == ES_CONTINUOUS && SystemState() == ES_SYSTEM_REQUIRED);
    /* Another thread's state is its own, and ends with it. */
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(CheckStartThread(AskForDisplay, NULL), NULL));
    CHECK(SystemState() == ES_SYSTEM_REQUIRED);
    CHECK_STATUS(STATUS_SUCCESS, NtSetThreadExecutionState(ES_CONTINUOUS, &Previous));
    CHECK(Previous == (ES_CONTINUOUS | ES_SYSTEM_REQUIRED) && SystemState() == 0);
}

int wmain(int Count, WCHAR **Arguments)
{
    CheckSystem();
    TestCapabilities();
    TestBattery();
    TestProcessor();
    TestSleepTimes();
    TestExecutionState();
    CHECK_STATUS(STATUS_NOT_IMPLEMENTED, Query(SystemPowerStateLogging, sizeof(Buffer)));
    CHECK_STATUS(IsWine ? STATUS_NOT_IMPLEMENTED : STATUS_INVALID_PARAMETER, Query((POWER_INFORMATION_LEVEL)UNUSED_LEVEL, sizeof(Buffer)));
    return CheckClose();
}
