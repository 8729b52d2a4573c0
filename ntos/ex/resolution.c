/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryTimerResolution, NtSetTimerResolution.  What holds is the finest that a process asks for; a process that ends asks for nothing.
 * DIFFERS: it is an answer only: timers and waits are as exact as the clock can be, whatever is asked for.
 * Nothing here waits.
 */
#include "ntos/ex/exp.h"

#define EXP_COARSEST KeMaximumIncrement
#define EXP_FINEST 5000u

static ULONG ExpCurrentResolution(VOID)
{
    ULONG Finest = EXP_COARSEST;

    for (PLIST_ENTRY Entry = PsActiveProcessHead.Flink; Entry != &PsActiveProcessHead; Entry = Entry->Flink) {
        PEPROCESS Process = CONTAINING_RECORD(Entry, EPROCESS, ActiveProcessLinks);

        if (Process->TimerResolution != 0 && !Process->Exiting)
            Finest = min(Finest, Process->TimerResolution);
    }
    return Finest;
}

NTSTATUS NTAPI NtQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime, PULONG CurrentTime)
{
    NTSTATUS Status;

    Status = MmProbeForWrite(MinimumTime, sizeof(*MinimumTime), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(CurrentTime, sizeof(*CurrentTime), 1);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(MaximumTime, EXP_COARSEST);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(MinimumTime, EXP_FINEST);
    return NT_SUCCESS(Status) ? MmPutUser(CurrentTime, ExpCurrentResolution()) : Status;
}

NTSTATUS NTAPI NtSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution, PULONG ActualTime)
{
    PEPROCESS Process = PsGetCurrentProcess();
    NTSTATUS Status;

    Status = MmProbeForWrite(ActualTime, sizeof(*ActualTime), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (SetResolution)
        Process->TimerResolution = max(EXP_FINEST, min(DesiredTime, EXP_COARSEST));
    else if (Process->TimerResolution == 0)
        Status = STATUS_TIMER_RESOLUTION_NOT_SET;
    else
        Process->TimerResolution = 0;
    MmPutUser(ActualTime, ExpCurrentResolution());
    return Status;
}
