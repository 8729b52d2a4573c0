/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Times for UUIDs of version 1 (RFC 4122): NtAllocateUuids, NtSetUuidSeed.  Each unit of the clock is given out once; if the clock is set back the
 * clock sequence becomes another.  The node is made of random bytes, with the bit of a multicast address, which no network card's is:
 * UuidCreateSequential answers RPC_S_UUID_LOCAL_ONLY by that bit.
 * Nothing here waits.
 */
#include "ntos/ex/exp.h"

/* From 15 October 1582 to 1601: 17 + 30 + 31 days, and 18 years with five leap days. */
#define EXP_DAYS_BEFORE_1601 (17 + 30 + 31 + 18 * 365 + 5)
#define EXP_UNITS_A_SECOND 10000000ull
#define EXP_UUID_NODE_SIZE 6
#define EXP_SEQUENCE_MASK 0x3fff
#define EXP_MULTICAST_BIT 0x01
#define EXP_SYSTEM_LOGON 999            /* SYSTEM_LUID */

static ULONG64 ExpUuidNext;             /* units before it were given out; 0: no node is there yet */
static ULONG ExpUuidSequence;
static UCHAR ExpUuidNode[EXP_UUID_NODE_SIZE];

static VOID ExpBeginUuids(ULONG64 Now)
{
    if (ExpUuidNext != 0)
        return;
    ExpUuidNext = Now - EXP_UNITS_A_SECOND;
    ExGetRandomBytes(&ExpUuidSequence, sizeof(ExpUuidSequence));
    ExpUuidSequence &= EXP_SEQUENCE_MASK;
    ExGetRandomBytes(ExpUuidNode, sizeof(ExpUuidNode));
    ExpUuidNode[0] |= EXP_MULTICAST_BIT;
}

static ULONG64 ExpUuidTime(VOID)
{
    LARGE_INTEGER Now;

    KeQuerySystemTime(&Now);
    return (ULONG64)Now.QuadPart + EXP_DAYS_BEFORE_1601 * 86400 * EXP_UNITS_A_SECOND;
}

NTSTATUS NTAPI NtAllocateUuids(PULARGE_INTEGER Time, PULONG Range, PULONG Sequence, PUCHAR Seed)
{
    ULONG64 Now = ExpUuidTime();
    ULARGE_INTEGER First;
    NTSTATUS Status;

    Status = MmProbeForWrite(Time, sizeof(*Time), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Range, sizeof(*Range), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Sequence, sizeof(*Sequence), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Seed, EXP_UUID_NODE_SIZE, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    ExpBeginUuids(Now);
    if (Now < ExpUuidNext) {
        ExpUuidSequence = (ExpUuidSequence + 1) & EXP_SEQUENCE_MASK;
        ExpUuidNext = Now - EXP_UNITS_A_SECOND;
    }
    if (Now == ExpUuidNext)
        return STATUS_RETRY;
    First.QuadPart = max(ExpUuidNext, Now - EXP_UNITS_A_SECOND);
    ExpUuidNext = Now;
    MmPutUser(Time, First);
    MmPutUser(Range, (ULONG)(Now - First.QuadPart));
    MmPutUser(Sequence, ExpUuidSequence);
    return MmCopyToUser(Seed, ExpUuidNode, sizeof(ExpUuidNode));
}

/* Whether the caller acts as the system itself. */
static BOOLEAN ExpIsSystemLogon(VOID)
{
    LUID Token, Logon, Modified;
    PETHREAD Thread = PsGetCurrentThread();

    SeQueryTokenIds(Thread->ImpersonationToken != NULL ? Thread->ImpersonationToken : PsGetCurrentProcess()->Token, &Token, &Logon, &Modified);
    return Logon.LowPart == EXP_SYSTEM_LOGON && Logon.HighPart == 0;
}

NTSTATUS NTAPI NtSetUuidSeed(PUCHAR Seed)
{
    UCHAR Node[EXP_UUID_NODE_SIZE];
    NTSTATUS Status;

    if (!ExpIsSystemLogon())
        return STATUS_ACCESS_DENIED;
    Status = MmCopyFromUser(Node, Seed, sizeof(Node));
    if (!NT_SUCCESS(Status))
        return Status;
    ExpBeginUuids(ExpUuidTime());
    memcpy(ExpUuidNode, Node, sizeof(Node));
    return STATUS_SUCCESS;
}
