/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The system information classes of abi/resources.h, and NtSetSystemInformation.  Nothing here waits.
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/log.h"

NTSTATUS ExpResources(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    EXECUTIVE_RESOURCES Info;
    MM_STATISTICS Memory;

    *Needed = sizeof(Info);
    if (Length != sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    MmQueryStatistics(&Memory);
    Info = (EXECUTIVE_RESOURCES){
        .PoolBlocks = Memory.PoolBlocks,
        .PoolBytes = Memory.PoolBytes,
        .UsedPages = Memory.UsedPages,
        .ProgramPages = Memory.ProgramPages,
        .SystemPages = Memory.SystemPages,
        .KeptPages = Memory.KeptPages,
        .KernelObjects = Memory.KernelObjects,
        .CommittedPages = Memory.CommittedPages,
        .CapabilitySlots = Memory.SlotsInUse,
        .Stacks = KeStatistics.Coroutines,
        .StacksInUse = KeStatistics.CoroutinesInUse,
        .Unwritten = MM_UNWRITTEN,
    };
    ObQueryCounts(&Info.Objects, &Info.Handles);
    return MmCopyToUser(UserBuffer, &Info, sizeof(Info));
}

NTSTATUS ExpAllocationFailure(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    ALLOCATION_FAILURE Info;

    *Needed = sizeof(Info);
    if (Length != sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    MmQueryAllocationFailure(&Info);
    return MmCopyToUser(UserBuffer, &Info, sizeof(Info));
}

static NTSTATUS ExpSetAllocationFailure(PVOID UserBuffer, ULONG Length)
{
    ALLOCATION_FAILURE Info;
    NTSTATUS Status;

    if (Length != sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_DEBUG_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmCopyFromUser(&Info, UserBuffer, sizeof(Info));
    if (NT_SUCCESS(Status))
        MmSetAllocationFailure(&Info);
    return Status;
}

/* PARTIAL: the time zone and the rate of the clock only, of Windows' classes */
NTSTATUS NTAPI NtSetSystemInformation(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID SystemInformation,
        ULONG SystemInformationLength)
{
    static BOOLEAN Reported;

    switch ((ULONG)SystemInformationClass) {
    case 28:                            /* SystemTimeAdjustmentInformation */
        return ExpSetTimeAdjustment(SystemInformation, SystemInformationLength);
    case 44:                            /* SystemCurrentTimeZoneInformation */
        return ExpSetTimeZone(SystemInformation, SystemInformationLength);
    case 102:                           /* SystemDynamicTimeZoneInformation */
        return ExpSetDynamicTimeZone(SystemInformation, SystemInformationLength);
    case SystemAllocationFailure:
        return ExpSetAllocationFailure(SystemInformation, SystemInformationLength);
    }
    if (!Reported)
        LogPrint("NtSetSystemInformation(%u) is not implemented", (unsigned)SystemInformationClass);
    Reported = TRUE;
    return STATUS_NOT_IMPLEMENTED;
}
