/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Allocations that fail on purpose (abi/resources.h): every function of mm that may answer "no memory" asks
 * MiInjectFailure first.
 *
 * Only allocations in a service of the chosen thread count, and not those that draw on the reserve, which keep promises
 * given before.  Nothing here waits.
 */
#include "ntos/mm/mip.h"
#include "ntos/inc/ke.h"

PVOID MiFailingThread;
static ALLOCATION_FAILURE MiFailure;

BOOLEAN MiCountAllocation(VOID)
{
    PKTHREAD Thread = KeGetCurrentThread();
    ULONG64 Number;

    if (Thread != MiFailingThread || Thread->Terminating || !KeIsServiceInProgress(Thread) || MiUsesReserve)
        return FALSE;
    Number = ++MiFailure.Allocations;
    if (MiFailure.First == 0 || Number < MiFailure.First || Number - MiFailure.First >= MiFailure.Count)
        return FALSE;
    MiFailure.Failed++;
    return TRUE;
}

VOID MmSetAllocationFailure(const ALLOCATION_FAILURE *Failure)
{
    MiFailure = (ALLOCATION_FAILURE){ .First = Failure->First, .Count = Failure->Count };
    MiFailingThread = Failure->First != 0 ? KeGetCurrentThread() : NULL;
}

VOID MmQueryAllocationFailure(PALLOCATION_FAILURE Failure)
{
    *Failure = MiFailure;
}

VOID MmForgetThread(PVOID Thread)
{
    if (MiFailingThread == Thread)
        MiFailingThread = NULL;
}
