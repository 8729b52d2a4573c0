/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The start of mm, and its figures.  Order: untypeds and boot slots (static memory only), the first frames (page
 * tables of the window, PFN database), the two-level CSpace, the page of KUSER_SHARED_DATA.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_SMALLEST_RAM (5ull << 20)    /* left after the kernel and the image: less does not reach the prompt */

NTSTATUS MmInitSystem(const struct seL4_BootInfo *BootInfo, const char **Reason)
{
    NTSTATUS Status;

    *Reason = "";
    MiInitUntyped(BootInfo);
    MiInitBootSlots(BootInfo);
    if (MiTotalUntypedBytes < MI_SMALLEST_RAM) {
        *Reason = "too little memory: give the machine at least 16 MB";
        return STATUS_NO_MEMORY;
    }
    Status = MiInitFrames(BootInfo);
    if (!NT_SUCCESS(Status)) {
        *Reason = "mm: the kernel gives no page frames";
        return Status;
    }
    Status = MiInitCSpace(BootInfo);
    if (!NT_SUCCESS(Status)) {
        *Reason = "mm: cannot set up the capability space";
        return Status;
    }
    Status = MiInitSpaces();
    if (!NT_SUCCESS(Status))
        *Reason = "mm: no page for the shared user data";
    return Status;
}

VOID MmQueryStatistics(PMM_STATISTICS Statistics)
{
    *Statistics = (MM_STATISTICS){
        .TotalPages = (MiTotalUntypedBytes >> PAGE_SHIFT) + MiImagePages,
        .AvailablePages = MiAvailablePages(),
        .CommittedPages = MiCommitted,
        .CommitLimit = MiCommitted + MiAvailablePages(),
        .PoolPages = MmGetPoolUsage() >> PAGE_SHIFT,
        .PoolBlocks = MiPoolBlocks,
        .PoolBytes = MmGetPoolUsage(),
        .UsedPages = ((MiTotalUntypedBytes - MiFreeUntypedBytes - MiFreeFragmentBytes) >> PAGE_SHIFT) - MiFreePages,
        .ProgramPages = MiResident,
        .SystemPages = MiSystemPages,
        .KeptPages = MiKeptPages,
        .KernelObjects = MiKernelObjects,
        .SlotsInUse = MiSlotsInUse(),
        .PageFaults = MiPageFaults,
        .DemandZeroFaults = MiDemandZeroFaults,
        .CopyOnWriteFaults = MiCopyOnWriteFaults,
        .HighestPage = MiHighestRamAddress >> PAGE_SHIFT,
    };
}
