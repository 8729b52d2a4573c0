/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security of the thread and of objects: what needs services, beside the pure routines of rtl/.
 */
#include "ntdllp.h"

#define NP_ACES 5
#define NP_ROOM (sizeof(ACL) + NP_ACES * (sizeof(ACCESS_ALLOWED_ACE) + SECURITY_MAX_SID_SIZE))

/*
 * What a named pipe grants that says nothing else: "full control to the LocalSystem account, administrators, and the creator owner
 * [...] read access to members of the Everyone group and the anonymous account" (CreateNamedPipe).  *Acl is freed with RtlFreeHeap.
 */
NTSTATUS NTAPI RtlDefaultNpAcl(PACL *Acl)
{
    static SID System = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SYSTEM_RID } };
    static SID Everyone = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
    static SID Anonymous = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_ANONYMOUS_LOGON_RID } };
    static struct {
        SID Sid;
        ULONG Rid;
    } Administrators = { { SID_REVISION, 2, SECURITY_NT_AUTHORITY, { SECURITY_BUILTIN_DOMAIN_RID } }, DOMAIN_ALIAS_RID_ADMINS };
    union {
        TOKEN_OWNER Owner;
        UCHAR Room[sizeof(TOKEN_OWNER) + SECURITY_MAX_SID_SIZE];
    } Token;
    ULONG Length;
    NTSTATUS Status = NtQueryInformationToken(NtCurrentThreadEffectiveToken(), TokenOwner, &Token, sizeof(Token), &Length);

    *Acl = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    *Acl = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, NP_ROOM);
    if (*Acl == NULL)
        return STATUS_NO_MEMORY;
    RtlCreateAcl(*Acl, NP_ROOM, ACL_REVISION);
    RtlAddAccessAllowedAce(*Acl, ACL_REVISION, GENERIC_ALL, &System);
    RtlAddAccessAllowedAce(*Acl, ACL_REVISION, GENERIC_ALL, &Administrators.Sid);
    RtlAddAccessAllowedAce(*Acl, ACL_REVISION, GENERIC_ALL, Token.Owner.Owner);
    RtlAddAccessAllowedAce(*Acl, ACL_REVISION, GENERIC_READ, &Everyone);
    RtlAddAccessAllowedAce(*Acl, ACL_REVISION, GENERIC_READ, &Anonymous);
    return STATUS_SUCCESS;
}

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
