/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bcryptprimitives.dll: the one export that programs import of it, random bytes that cannot fail (Rust's and Go's run-time
 * libraries do).  The bytes are the executive's, which every query for SystemInterruptInformation brings: a record for each
 * processor of the process's group, and all of them are asked for at once, since a smaller buffer is refused.
 */
#include "ntdll.h"

#define SystemInterruptInformation ((SYSTEM_INFORMATION_CLASS)23)
#define RECORD 24u                      /* bytes of a processor's record */
#define PROCESSORS 64u                  /* a group has no more */

/* TRUE; a process that can get no random bytes ends, since its caller does not look. */
__declspec(dllexport) BOOL WINAPI ProcessPrng(PUCHAR Data, SIZE_T Length);

BOOL WINAPI ProcessPrng(PUCHAR Data, SIZE_T Length)
{
    ULONG Size = RECORD * min(NtCurrentPeb()->NumberOfProcessors, PROCESSORS);

    while (Length != 0) {
        UCHAR Random[RECORD * PROCESSORS];
        SIZE_T Part = min(Length, Size);
        NTSTATUS Status = NtQuerySystemInformation(SystemInterruptInformation, Random, Size, NULL);

        if (!NT_SUCCESS(Status))
            NtTerminateProcess(NtCurrentProcess(), Status);
        memcpy(Data, Random, Part);
        Data += Part;
        Length -= Part;
    }
    return TRUE;
}
