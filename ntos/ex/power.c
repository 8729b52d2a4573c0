/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtPowerInformation: one table of levels; and what threads ask of the power manager.
 *
 * The machine runs or is off: there is no sleep, no hibernation, no battery, no button that is listened to, and the one
 * processor runs at one speed.  What the levels answer says so.  Nothing here waits.
 *
 * Source: Microsoft's pages on CallNtPowerInformation (its levels, and that their input buffer must be NULL) and on
 * SetThreadExecutionState.
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/hal.h"
#include "ntos/inc/log.h"

#define EXP_LARGEST_LEVEL sizeof(SYSTEM_POWER_CAPABILITIES)
#define EXP_UNKNOWN_TIME 0xffffffffu    /* BATTERY_UNKNOWN_TIME */
#define EXP_SETTABLE_STATES (ES_SYSTEM_REQUIRED | ES_DISPLAY_REQUIRED | ES_AWAYMODE_REQUIRED)

/* CallNtPowerInformation's page; no header of mingw-w64 has it. */
typedef struct _PROCESSOR_POWER_INFORMATION {
    ULONG Number, MaxMhz, CurrentMhz, MhzLimit, MaxIdleState, CurrentIdleState;
} PROCESSOR_POWER_INFORMATION;

static VOID ExpPowerCapabilities(PVOID Information)
{
    PSYSTEM_POWER_CAPABILITIES Capabilities = Information;

    Capabilities->SystemS5 = HalCanPowerOff();
    Capabilities->ProcessorMinThrottle = Capabilities->ProcessorMaxThrottle = 100;
}

static VOID ExpBattery(PVOID Information)
{
    PSYSTEM_BATTERY_STATE Battery = Information;

    Battery->AcOnLine = TRUE;
    Battery->EstimatedTime = EXP_UNKNOWN_TIME;
}

static VOID ExpProcessorPower(PVOID Information)
{
    PROCESSOR_POWER_INFORMATION *Processor = Information;

    Processor->MaxMhz = Processor->CurrentMhz = Processor->MhzLimit = KeQueryProcessorMegahertz();
}

/* It has never slept, so both times are zero. */
static VOID ExpSleepTime(PVOID Information)
{
    *(PULONG64)Information = 0;
}

/* What any thread asks for. */
static VOID ExpExecutionState(PVOID Information)
{
    PULONG State = Information;

    for (PLIST_ENTRY Link = PsActiveProcessHead.Flink; Link != &PsActiveProcessHead; Link = Link->Flink) {
        PLIST_ENTRY Head = &CONTAINING_RECORD(Link, EPROCESS, ActiveProcessLinks)->Pcb.ThreadListHead;

        for (PLIST_ENTRY Entry = Head->Flink; Entry != Head; Entry = Entry->Flink)
            *State |= CONTAINING_RECORD(Entry, ETHREAD, Tcb.ThreadListEntry)->ExecutionState;
    }
}

/* Fill is given Size bytes of zeros. */
static const struct {
    ULONG Size;
    VOID (*Fill)(PVOID Information);
} ExpPowerLevels[PowerInformationLevelMaximum] = {
    [SystemPowerCapabilities] = { sizeof(SYSTEM_POWER_CAPABILITIES), ExpPowerCapabilities },
    [SystemBatteryState] = { sizeof(SYSTEM_BATTERY_STATE), ExpBattery },
    [ProcessorInformation] = { sizeof(PROCESSOR_POWER_INFORMATION), ExpProcessorPower },
    [LastWakeTime] = { sizeof(ULONG64), ExpSleepTime },
    [LastSleepTime] = { sizeof(ULONG64), ExpSleepTime },
    [SystemExecutionState] = { sizeof(ULONG), ExpExecutionState },
};

/* PARTIAL: no level that sets something, no policies, no power requests. */
NTSTATUS NTAPI NtPowerInformation(POWER_INFORMATION_LEVEL InformationLevel, PVOID InputBuffer, ULONG InputBufferLength,
        PVOID OutputBuffer, ULONG OutputBufferLength)
{
    static BOOLEAN Told[PowerInformationLevelMaximum];
    UCHAR Information[EXP_LARGEST_LEVEL] __attribute__((aligned(8))) = { 0 };
    NTSTATUS Status;

    if ((ULONG)InformationLevel >= PowerInformationLevelMaximum)
        return STATUS_INVALID_PARAMETER;
    if (ExpPowerLevels[InformationLevel].Fill == NULL) {
        if (!Told[InformationLevel])
            LogPrint("NtPowerInformation: level %lu is not implemented", (ULONG)InformationLevel);
        Told[InformationLevel] = TRUE;
        return STATUS_NOT_IMPLEMENTED;
    }
    if (InputBuffer != NULL ||
        (InformationLevel == ProcessorInformation && (OutputBuffer == NULL || OutputBufferLength == 0)))
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(OutputBuffer, OutputBufferLength, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (OutputBufferLength < ExpPowerLevels[InformationLevel].Size)
        return STATUS_BUFFER_TOO_SMALL;
    ExpPowerLevels[InformationLevel].Fill(Information);
    return MmCopyToUser(OutputBuffer, Information, ExpPowerLevels[InformationLevel].Size);
}

/* DIFFERS: nothing here ever sleeps or dims, so that the states are kept for SystemExecutionState only. */
NTSTATUS NTAPI NtSetThreadExecutionState(EXECUTION_STATE NewFlags, EXECUTION_STATE *PreviousFlags)
{
    PETHREAD Thread = PsGetCurrentThread();
    EXECUTION_STATE Previous = Thread->ExecutionState | ES_CONTINUOUS;
    NTSTATUS Status;

    if ((NewFlags & ~(EXP_SETTABLE_STATES | ES_CONTINUOUS)) ||
        ((NewFlags & ES_AWAYMODE_REQUIRED) && !(NewFlags & ES_CONTINUOUS)))
        return STATUS_INVALID_PARAMETER;
    Status = MmPutUser(PreviousFlags, Previous);
    if (NT_SUCCESS(Status) && (NewFlags & ES_CONTINUOUS))
        Thread->ExecutionState = NewFlags & EXP_SETTABLE_STATES;
    return Status;
}
