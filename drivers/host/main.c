/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver host: its entry point and the dispatcher's turn.
 *
 * The dispatcher is the process's first thread.  It sleeps on one notification, whose badge bits say what happened:
 * requests in the submission ring, a wake-up by another thread of the host, or an interrupt line.   A turn
 * serves timers, DPCs, the requests that wait, and then interrupts.
 *
 * Entry points: NtProcessStartup (never returns), HostTurn, HostLog.  HostTurn waits.
 */
#include "host.h"

static seL4_IPCBuffer HostIpcBuffer; /* holds the details of failed invocations only */
seL4_IPCBuffer *__sel4_ipc_buffer = &HostIpcBuffer;

VOID HostLog(PCSTR Format, ...)
{
    char Text[256];
    va_list Arguments;

    va_start(Arguments, Format);
    _vsnprintf(Text, sizeof(Text) - 1, Format, Arguments);
    va_end(Arguments);
    Text[sizeof(Text) - 1] = '\0';
    DbgPrint("%s", Text);
}

/* Announces the sleep to ntos, looks at the ring once more, and waits ("Doorbells" in abi/driver.h).  Returns the badge
 * bits that have been signalled; without a wait if there are more requests. */
static ULONGLONG HostSleep(BOOLEAN TakeRequests)
{
    DRIVER_RINGS *Rings = HOST_RINGS;
    seL4_Word Badge = 0;

    if (TakeRequests) {
        __atomic_store_n(&Rings->HostSleeping, 1, __ATOMIC_SEQ_CST);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (__atomic_load_n(&Rings->SubmissionTail, __ATOMIC_ACQUIRE) != Rings->SubmissionHead) {
            __atomic_store_n(&Rings->HostSleeping, 0, __ATOMIC_SEQ_CST);
            seL4_Poll(DRIVER_SLOT_WAIT, &Badge);
            return Badge;
        }
        if (Rings->ExecutiveHasMore == 1)
            seL4_Signal(DRIVER_SLOT_DOORBELL);
    }
    Rings->HostActivity++; /* odd: asleep */
    HostReleaseLock();
    seL4_Wait(DRIVER_SLOT_WAIT, &Badge);
    HostAcquireLock();
    Rings->HostActivity++;
    if (TakeRequests)
        __atomic_store_n(&Rings->HostSleeping, 0, __ATOMIC_SEQ_CST);
    return Badge;
}

VOID HostTurn(BOOLEAN TakeRequests, ULONGLONG WakeTime)
{
    ULONGLONG Badge, NextTimer;

    NextTimer = HostRunTimers();
    HostRunDpcs();
    if (TakeRequests) {
        HostDrainSubmissions();
        NextTimer = min(NextTimer, HostRunTimers());
    }
    HostArmTimer(min(NextTimer, WakeTime));
    Badge = HostSleep(TakeRequests);
    HostDispatchInterrupts(Badge);
    HostRunDpcs();
}

/* The native entry point; the executive gives the process its start block in the shared region. */
NTSTATUS NTAPI NtProcessStartup(PVOID Peb);

NTSTATUS NTAPI NtProcessStartup(PVOID Peb)
{
    NTSTATUS Status;

    if (HOST_START->Version != DRIVER_ABI_VERSION || HOST_START->DriverCount > DRIVER_MAX_DRIVERS)
        return STATUS_REVISION_MISMATCH;
    HostInitializeThreads();
    HostInitializeEmulation();
    Status = NtHostReady(DRIVER_ABI_VERSION);
    if (!NT_SUCCESS(Status))
        return Status;
    HostAcquireLock();
    for (;;)
        HostTurn(TRUE, MAXULONGLONG);
}
