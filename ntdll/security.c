/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security of the thread and of objects: what needs services, beside the pure routines of rtl/.
 */
#include "ntdllp.h"

/* Gives the thread an impersonation token made from the process's own. */
NTSTATUS NTAPI RtlImpersonateSelf(SECURITY_IMPERSONATION_LEVEL ImpersonationLevel)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), ImpersonationLevel, SECURITY_DYNAMIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Quality };
    HANDLE Process, Token;
    NTSTATUS Status = NtOpenProcessToken(NtCurrentProcess(), TOKEN_DUPLICATE, &Process);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtDuplicateToken(Process, TOKEN_IMPERSONATE, &Attributes, FALSE, TokenImpersonation, &Token);
    NtClose(Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Token, sizeof(Token));
    NtClose(Token);
    return Status;
}
