/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bcryptprimitives.dll: random bytes for the runtimes that ask this DLL for them (Go, Rust).  Windows documents one export,
 * ProcessPrng, which always succeeds; the package libwine has no such DLL.
 */
#include "ntdll.h"

__declspec(dllexport) BOOL WINAPI ProcessPrng(PUCHAR Data, SIZE_T Length);
BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved);

/* The system's random numbers: 24 bytes a processor, whatever the buffer's size beyond that. */
static SIZE_T GetRandomBytes(PUCHAR Bytes, ULONG Size)
{
    ULONG Length = 0;
    NTSTATUS Status = NtQuerySystemInformation(SystemInterruptInformation, Bytes, Size, &Length);

    return NT_SUCCESS(Status) ? min(Length, Size) : 0;
}

/* Fills Length bytes at Data.  TRUE; a system without random numbers ends the process, as there is no error to answer. */
BOOL WINAPI ProcessPrng(PUCHAR Data, SIZE_T Length)
{
    while (Length != 0) {
        UCHAR Chunk[24 * 64];
        SIZE_T Count = min(GetRandomBytes(Chunk, sizeof(Chunk)), Length);

        if (Count == 0)
            NtTerminateProcess(NtCurrentProcess(), STATUS_FAIL_FAST_EXCEPTION);
        for (SIZE_T i = 0; i < Count; i++)
            Data[i] = Chunk[i];
        Data += Count;
        Length -= Count;
    }
    return TRUE;
}

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved)
{
    return TRUE;
}
