/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of ex, and what its files share: LUIDs, random bytes, small helpers of services.
 *
 * Random bytes: a 256-bit state, stirred with the CPU's random number instruction (where there is one) and the
 * time-stamp counter at every request, gives output through a mixing function of 64 bits; the state is changed before
 * the output leaves, so that output does not give the state away cheaply.
 * DIFFERS: not a certified generator: without RDRAND its quality is that of interrupt timing.
 */
#include "ntos/ex/exp.h"
#include <cpuid.h>

NTSTATUS ExpCreateType(PCWSTR Name, const OBJECT_TYPE_INITIALIZER *Initializer, POBJECT_TYPE *Type)
{
    OBJECT_TYPE_INITIALIZER Copy = *Initializer;
    UNICODE_STRING TypeName;

    RtlInitUnicodeString(&TypeName, Name);
    return ObCreateObjectType(&TypeName, &Copy, NULL, Type);
}

NTSTATUS ExpReturnInformation(const void *Information, ULONG Size, PVOID UserBuffer, ULONG Length, PULONG ReturnLength)
{
    NTSTATUS Status;

    if (Length != Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmProbeAnswer(UserBuffer, Length, ReturnLength, sizeof(*ReturnLength));
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(UserBuffer, Information, Size);
    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        Status = MmPutUser(ReturnLength, Size);
    return Status;
}

NTSTATUS ExpProbeAnswer(PVOID User, SIZE_T Length)
{
    return User != NULL ? MmProbeForWrite(User, Length, 1) : STATUS_SUCCESS;
}

NTSTATUS ExpReturnLong(PLONG User, LONG Value)
{
    return User != NULL ? MmPutUser(User, Value) : STATUS_SUCCESS;
}

VOID ExAllocateLocallyUniqueId(PLUID Luid)
{
    static ULONG64 Next = 1001;         /* lower values are Windows' well-known LUIDs (system logon: 999) */
    ULONG64 Value = Next++;

    Luid->LowPart = (ULONG)Value;
    Luid->HighPart = (LONG)(Value >> 32);
}

NTSTATUS NTAPI NtAllocateLocallyUniqueId(PLUID Luid)
{
    LUID New;

    ExAllocateLocallyUniqueId(&New);
    return MmPutUser(Luid, New);
}

/* --- random bytes --------------------------------------------------------------------------------------------- */

static ULONG64 ExpRandomState[4];
static BOOLEAN ExpHasRdrand;

static ULONG64 ExpMix(ULONG64 Value)
{
    Value ^= Value >> 30;
    Value *= 0xbf58476d1ce4e5b9u;
    Value ^= Value >> 27;
    Value *= 0x94d049bb133111ebu;
    return Value ^ Value >> 31;
}

static ULONG64 ExpEntropy(VOID)
{
    ULONG64 Value = 0;

    if (ExpHasRdrand) {
        for (ULONG i = 0; i < 10; i++) {
            BOOLEAN Good;

            __asm__ volatile("rdrand %0; setc %1" : "=r"(Value), "=qm"(Good) : : "cc");
            if (Good)
                break;
        }
    }
    return Value ^ ExpMix(__builtin_ia32_rdtsc());
}

static ULONG64 ExpNextRandom(VOID)
{
    PULONG64 s = ExpRandomState;
    ULONG64 Result;

    s[0] += ExpEntropy() | 1;
    s[1] = ExpMix(s[1] + s[0]);
    s[2] = ExpMix(s[2] ^ s[1]);
    s[3] = ExpMix(s[3] + s[2]);
    Result = ExpMix(s[3] ^ (s[1] << 23 | s[1] >> 41));
    s[2] += Result ^ s[0];
    return Result;
}

VOID ExGetRandomBytes(PVOID Buffer, SIZE_T LengthInBytes)
{
    PUCHAR Out = Buffer;

    while (LengthInBytes != 0) {
        ULONG64 Value = ExpNextRandom();
        SIZE_T Part = min(LengthInBytes, sizeof(Value));

        memcpy(Out, &Value, Part);
        Out += Part;
        LengthInBytes -= Part;
    }
}

static VOID ExpInitRandom(VOID)
{
    ULONG Eax;
    ULONG Ebx;
    ULONG Ecx = 0;
    ULONG Edx;
    LARGE_INTEGER Now;

    __cpuid(1, Eax, Ebx, Ecx, Edx);
    ExpHasRdrand = (Ecx & bit_RDRND) != 0;
    KeQuerySystemTime(&Now);
    ExpRandomState[1] = Now.QuadPart;
    for (ULONG i = 0; i < 16; i++)
        ExpNextRandom();
}

/* --- start ---------------------------------------------------------------------------------------------------- */

NTSTATUS ExInitSystem(VOID)
{
    static NTSTATUS (*const Steps[])(VOID) = {
        ExpInitEvents, ExpInitMutants, ExpInitSemaphores, ExpInitTimers, ExpInitKeyedEvents, ExpInitReserves,
    };
    NTSTATUS Status = STATUS_SUCCESS;

    ExpInitRandom();
    for (ULONG i = 0; NT_SUCCESS(Status) && i < RTL_NUMBER_OF(Steps); i++)
        Status = Steps[i]();
    return Status;
}
