/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The watch over driver hosts: one that never sleeps for HOST_WATCH_TIME is stuck in a driver, and is ended.
 *
 * Hosts run above programs, so a driver that computes for ever would stop everything but ntos.  A host counts in
 * DRIVER_RINGS.HostActivity when its loop goes to sleep and when it wakes; odd is asleep.  The watch looks every
 * HOST_WATCH_TIME: an even count that is the same as last time means that the host has not slept in between.  The timer
 * runs only while some host is awake, or has been since the last look: an idle machine is not woken.  Nothing here
 * waits.
 */
#include "ntos/io/hostp.h"

#define HOST_WATCH_TIME (5 * 10000000ll)

BOOLEAN IopWatchArmed;
static KTIMER IopWatchTimer;
static KDPC IopWatchDpc;

/* TRUE: awake. */
static BOOLEAN IopLookAtHost(PHOST Host)
{
    ULONG Activity;

    if (Host->State != HostRunning || Host->Process == NULL)
        return FALSE;
    Activity = Host->Rings->HostActivity;
    if ((Activity & 1) != 0) {
        Host->IsWatched = FALSE;
        return FALSE;
    }
    if (Host->IsWatched && Host->LastActivity == Activity) {
        Host->IsWatched = FALSE;
        IopBreakHost(Host, "a driver does not come to an end");
        return FALSE;
    }
    Host->IsWatched = TRUE;
    Host->LastActivity = Activity;
    return TRUE;
}

static VOID NTAPI IopWatch(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    PLIST_ENTRY Entry;
    BOOLEAN Awake = FALSE;

    IopWatchArmed = FALSE;
    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink)
        Awake |= IopLookAtHost(CONTAINING_RECORD(Entry, HOST, HostLinks));
    if (Awake)
        IopArmWatch();
}

VOID IopArmWatch(VOID)
{
    LARGE_INTEGER DueTime = { .QuadPart = -HOST_WATCH_TIME };

    if (IopWatchDpc.DeferredRoutine == NULL) {
        KeInitializeTimerEx(&IopWatchTimer, NotificationTimer);
        KeInitializeDpc(&IopWatchDpc, IopWatch, NULL);
    }
    IopWatchArmed = TRUE;
    KeSetTimerEx(&IopWatchTimer, DueTime, 0, &IopWatchDpc);
}
