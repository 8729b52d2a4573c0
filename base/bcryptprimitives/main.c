/* SPDX-License-Identifier: BSD-2-Clause
 *
 * bcryptprimitives.dll: the one export that programs import of it, random bytes that cannot fail (Rust's and Go's run-time
 * libraries do).  The bytes are the executive's, which every query for SystemInterruptInformation brings.
 */
#include "ntdll.h"

#define SystemInterruptInformation ((SYSTEM_INFORMATION_CLASS)23)
#define PART 24u                        /* bytes that one query brings */

/* TRUE; a process that can get no random bytes ends, since its caller does not look. */
__declspec(dllexport) BOOL WINAPI ProcessPrng(PUCHAR Data, SIZE_T Length);

BOOL WINAPI ProcessPrng(PUCHAR Data, SIZE_T Length)
{
    while (Length != 0) {
        UCHAR Random[PART];
        SIZE_T Part = min(Length, PART);
        NTSTATUS Status = NtQuerySystemInformation(SystemInterruptInformation, Random, PART, NULL);

        if (!NT_SUCCESS(Status))
            NtTerminateProcess(NtCurrentProcess(), Status);
        memcpy(Data, Random, Part);
        Data += Part;
        Length -= Part;
    }
    return TRUE;
}
