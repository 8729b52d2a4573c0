/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The watch over driver hosts: one that neither sleeps nor answers is ended, and started again as after a crash.
 *
 * Hosts run above programs, so a driver that computes for ever would stop everything but ntos; and a request that ends
 * something (IopIsEnding) and is never answered leaves files that do not close, processes that do not end, drivers that
 * do not unload.  HOST.WatchTime looks, one a second, are the time that ntos gives a host for such an answer; a third of
 * it, but two looks, is the time in which it has to sleep once.  The next look is always a second away from the last, so
 * that a machine which its own host stops for a while loses one look, whatever its clock says then.
 *
 * A host counts in DRIVER_RINGS.HostActivity when its loop goes to sleep and when it wakes.  A look at a count that has
 * not changed rings the host, which makes one that sleeps wake and count; so it does not matter what a driver has
 * written there before it began to compute.  A driver that goes on counting while it computes is not found.  Looks at
 * which a program above the hosts computes do not count: no host could have done anything.
 *
 * The timer runs while something is to be seen: it is started by requests, by completions, and by the tick (there is
 * one while a program wants to run, and a host may keep it from that), and goes on until every host has answered a ring
 * and owes nothing.  An idle machine is not woken.  Nothing here waits.
 */
#include "ntos/io/hostp.h"

#define HOST_LOOK_TIME 10000000ll       /* 100 ns */
#define LEAST_SLEEP_TIME 2              /* looks: of one, nothing would be left when the machine is stopped in it */

static BOOLEAN IopWatchArmed;
static KTIMER IopWatchTimer;
static KDPC IopWatchDpc;

/* Nobody can do without the answer: a file, a request or a driver ends, or the host itself cannot go on. */
static BOOLEAN IopIsEnding(const HOST_REQUEST *Request)
{
    return Request->Irp == NULL || Request->CancelWanted || Request->Entry.Operation == IRP_MJ_CLEANUP;
}

/* TRUE: it has not been answered for too long. */
static BOOLEAN IopLookAtRequest(PHOST Host, PHOST_REQUEST Request, PBOOLEAN Owes)
{
    if (Request == NULL || !IopIsEnding(Request))
        return FALSE;
    *Owes = TRUE;
    return ++Request->Looks > Host->WatchTime;
}

static BOOLEAN IopLookAtRequests(PHOST Host, PBOOLEAN Owes)
{
    BOOLEAN Late = FALSE;

    for (ULONG Slot = 0; Slot < DRIVER_RING_ENTRIES; Slot++)
        Late |= IopLookAtRequest(Host, Host->Slots[Slot], Owes);
    if (Host->State != HostRunning)     /* what programs want waits for that */
        return Late;
    for (PLIST_ENTRY Entry = Host->Waiting.Flink; Entry != &Host->Waiting; Entry = Entry->Flink)
        Late |= IopLookAtRequest(Host, CONTAINING_RECORD(Entry, HOST_REQUEST, Links), Owes);
    return Late;
}

/* So many looks after the ring a host may not have slept. */
static ULONG IopSleepTime(const HOST *Host)
{
    ULONG Time = Host->WatchTime / 3;

    return Time > LEAST_SLEEP_TIME ? Time : LEAST_SLEEP_TIME;
}

/* TRUE: it has not slept for too long. */
static BOOLEAN IopLookAtActivity(PHOST Host, PBOOLEAN Owes)
{
    ULONG Activity = Host->Rings->HostActivity;

    if (Activity != Host->LastActivity) {
        *Owes |= !Host->Rung || (Activity & 1) == 0;
        Host->LastActivity = Activity;
        Host->Rung = FALSE;
        Host->Unchanged = 0;
        return FALSE;
    }
    *Owes = TRUE;
    if (!Host->Rung)
        KeRingHost(Host->Channel);
    Host->Rung = TRUE;
    return ++Host->Unchanged > (Host->State == HostStarting ? Host->WatchTime : IopSleepTime(Host));
}

/* TRUE: to be looked at again. */
static BOOLEAN IopLookAtHost(PHOST Host)
{
    BOOLEAN Owes = FALSE;

    if (Host->Process == NULL || Host->Process->Exiting)
        return FALSE;
    if (!IopIsRingSound(Host))
        return FALSE;
    if (IopLookAtActivity(Host, &Owes)) {
        IopBreakHost(Host, "a driver does not come to an end");
        return FALSE;
    }
    if (IopLookAtRequests(Host, &Owes)) {
        IopBreakHost(Host, "a driver does not answer a cleanup, a close, a cancel, a start or a stop");
        return FALSE;
    }
    return Owes;
}

static VOID NTAPI IopWatch(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    BOOLEAN Starved = KeIsProcessorTaken(HOST_PRIORITY), Again = Starved;
    PLIST_ENTRY Entry;

    IopWatchArmed = FALSE;
    if (!Starved) {
        for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink)
            Again |= IopLookAtHost(CONTAINING_RECORD(Entry, HOST, HostLinks));
    }
    if (Again)
        IopNoteActivity();
}

VOID IopNoteActivity(VOID)
{
    LARGE_INTEGER DueTime = { .QuadPart = -HOST_LOOK_TIME };

    if (IopWatchArmed)
        return;
    IopWatchArmed = TRUE;
    KeSetTimerEx(&IopWatchTimer, DueTime, 0, &IopWatchDpc);
}

VOID IopInitializeWatch(VOID)
{
    KeInitializeTimerEx(&IopWatchTimer, NotificationTimer);
    KeInitializeDpc(&IopWatchDpc, IopWatch, NULL);
    KeTickRoutines[KeTickIo] = IopNoteActivity;
}
