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

/*
 * Turns a privilege (SE_x) of the process's token, or of the thread's, on or off; *Enabled is what it was.
 * STATUS_PRIVILEGE_NOT_HELD: the token does not have it.
 */
NTSTATUS NTAPI RtlAdjustPrivilege(ULONG Privilege, BOOLEAN Enable, BOOLEAN CurrentThread, PBOOLEAN Enabled)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, Enable ? SE_PRIVILEGE_ENABLED : 0 } } }, Old;
    ULONG Length;
    HANDLE Token;
    NTSTATUS Status = CurrentThread
        ? NtOpenThreadToken(NtCurrentThread(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, FALSE, &Token)
        : NtOpenProcessToken(NtCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &Token);

    if (!NT_SUCCESS(Status))
        return Status;
    Old.PrivilegeCount = 0;
    Status = NtAdjustPrivilegesToken(Token, FALSE, &New, sizeof(Old), &Old, &Length);
    NtClose(Token);
    if (Status == STATUS_NOT_ALL_ASSIGNED)
        return STATUS_PRIVILEGE_NOT_HELD;
    if (NT_SUCCESS(Status))             /* what was so already is not in the list */
        *Enabled = Old.PrivilegeCount == 0 ? Enable : (Old.Privileges[0].Attributes & SE_PRIVILEGE_ENABLED) != 0;
    return Status;
}
