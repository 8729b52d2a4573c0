/* SPDX-License-Identifier: BSD-2-Clause
 *
 * CPU times, sampled at the tick as in NT: the time since the last sample goes to whoever ran at this one.
 *
 * seL4 does not tell whom an interrupt has struck, but its scheduler says who it can have been: one of the threads of
 * the highest priority that are outside ntos and runnable.  They get equal slices, and so equal shares of a sample, as
 * user time.  A tick that comes while ntos serves a message is late: the loop sees by the TSC that it is due
 * (KiTickTsc), and the sample is kernel time of the thread that is served.  What nobody gets was idle.  Threads of
 * driver hosts are not counted.
 */
#include "kep.h"

LIST_ENTRY KiRunnableList = { &KiRunnableList, &KiRunnableList };
ULONG64 KiTickTsc = ~0ull;

static ULONG64 KipLastSample;           /* interrupt time; 0: the sample was taken by the loop */

/* The runnable threads of the highest priority: how many. */
static ULONG KipCountBest(PLONG Priority)
{
    ULONG Count = 0;

    *Priority = 0;
    for (PLIST_ENTRY Entry = KiRunnableList.Flink; Entry != &KiRunnableList; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, RunnableListEntry);

        if (Thread->State != KThreadUser || Thread->Priority < *Priority)
            continue;
        Count = Thread->Priority > *Priority ? 1 : Count + 1;
        *Priority = Thread->Priority;
    }
    return Count;
}

BOOLEAN KeIsProcessorTaken(LONG Priority)
{
    LONG Highest;

    return KipCountBest(&Highest) != 0 && Highest > Priority;
}

VOID KiStartSampling(ULONG64 Now)
{
    KipLastSample = Now;
}

VOID KiSampleService(PKTHREAD Thread)
{
    ULONG64 Now = KeQueryInterruptTime();

    KiTickTsc = ~0ull;
    if (Thread->DriverHost || KipLastSample == 0)
        return;
    Thread->KernelTime += Now - KipLastSample;
    KeStatistics.KernelTime += Now - KipLastSample;
    KipLastSample = 0;
}

VOID KiSampleTick(ULONG64 Now)
{
    ULONG64 Elapsed = KipLastSample != 0 ? Now - KipLastSample : 0;
    LONG Priority;
    ULONG Count = KipCountBest(&Priority);

    KipLastSample = Now;
    if (Count == 0 || Elapsed == 0)
        return;
    KeStatistics.UserTime += Elapsed / Count * Count;
    for (PLIST_ENTRY Entry = KiRunnableList.Flink; Entry != &KiRunnableList; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, RunnableListEntry);

        if (Thread->State == KThreadUser && Thread->Priority == Priority)
            Thread->UserTime += Elapsed / Count;
    }
}
