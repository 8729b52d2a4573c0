/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Chains of calls for svcfuzz (fuzz.h, fuzzchains.h): runs one of nomem's scenarios in a thread of the process.
 *
 * A scenario has its state in static variables, so one thread of a process runs them all.  Its partner is a thread that is
 * ended when it does not end by itself: what it waits for may have been spoiled.
 */
#include "fuzz.h"
#include "fuzzchains.h"
#include "nomem.h"

#define MS 10000ll

static const SCENARIOS *const Families[] = { &ObjectScenarios, &MemoryScenarios, &FileScenarios,
        &KeyScenarios, &TokenScenarios, &ProcessScenarios, &PortScenarios, &AlpcScenarios, &SystemScenarios };

/* Their privileges nobody has here, or they set what other programs use. */
static const PCSTR LeftOut[] = { "driver", "newtokens", "requests" };

HANDLE NoMemPartner;
static PFUZZ_THREAD Now;                /* whose scenario runs */
static ULONG Spoil;                     /* one call of so many is spoiled; 0: none */
static FUZZ_CALL Call;

NTSTATUS FuzzCall(ULONG Service, ULONG Count, const ULONG_PTR *Arguments)
{
    ULONG_PTR All[MAX_ARGUMENTS] = { 0 };

    memcpy(All, Arguments, Count * sizeof(*Arguments));
    if (Spoil != 0 && FuzzOnce(Now, Spoil))
        FuzzSpoilArguments(Now, &Services[Service], All);
    return Call(Service, All);
}

BOOLEAN NoMemAnswer(ULONG Service, NTSTATUS Status)
{
    return NT_SUCCESS(Status);
}

VOID NoMemGaveBack(ULONG Service, NTSTATUS Status)
{
}

VOID NoMemBegin(NTSTATUS (NTAPI *Routine)(PVOID), PVOID Argument)
{
    NoMemPartner = NULL;
    RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, (PVOID)Routine, Argument, &NoMemPartner, NULL);
}

VOID NoMemEnd(VOID)
{
    LARGE_INTEGER Limit = { .QuadPart = -50 * MS };

    if (NoMemPartner == NULL)
        return;
    if (NtWaitForSingleObject(NoMemPartner, FALSE, &Limit) != STATUS_SUCCESS)
        NtTerminateThread(NoMemPartner, STATUS_CANCELLED);
    NtClose(NoMemPartner);
    NoMemPartner = NULL;
}

static BOOLEAN IsLeftOut(PCSTR Name)
{
    for (ULONG i = 0; i < ARRAYSIZE(LeftOut); i++)
        if (strcmp(LeftOut[i], Name) == 0)
            return TRUE;
    return FALSE;
}

VOID FuzzRunChain(PFUZZ_THREAD Thread, FUZZ_CALL Caller)
{
    const SCENARIOS *Family = Families[FuzzBelow(Thread, ARRAYSIZE(Families))];
    const SCENARIO *Scenario = &Family->List[FuzzBelow(Thread, Family->Count)];

    if (IsLeftOut(Scenario->Name))
        return;
    Now = Thread;
    Call = Caller;
    Spoil = FuzzOnce(Thread, 3) ? 0 : 3u << FuzzBelow(Thread, 3);
    Scenario->Run();
    if (Scenario->Clean != NULL)
        Scenario->Clean();
}
