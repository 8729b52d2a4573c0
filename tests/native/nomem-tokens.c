/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): tokens, access checks.
 */
#include "nomem.h"

static union { UCHAR Bytes[4096]; ULONG64 Align; TOKEN_DEFAULT_DACL Dacl; } Buffer;
static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };

static VOID Queries(VOID)
{
    static const TOKEN_INFORMATION_CLASS Classes[] = { TokenUser, TokenGroups, TokenPrivileges, TokenOwner, TokenStatistics };
    HANDLE Token = NULL, Again = NULL;
    BOOLEAN Good = TRY(NtOpenProcessToken, NtCurrentProcess(), TOKEN_ALL_ACCESS, &Token) &&
                   TRY(NtOpenProcessTokenEx, NtCurrentProcess(), TOKEN_ALL_ACCESS, 0, &Again);
    ULONG Length;

    for (ULONG i = 0; i < ARRAYSIZE(Classes) && Good; i++)
        Good = TRY(NtQueryInformationToken, Token, Classes[i], &Buffer, sizeof(Buffer), &Length);
    if (Good && TRY(NtQueryInformationToken, Token, TokenDefaultDacl, &Buffer, sizeof(Buffer), &Length))
        (void)TRY(NtSetInformationToken, Token, TokenDefaultDacl, &Buffer, sizeof(Buffer.Dacl));
    NoMemClose(Again);
    NoMemClose(Token);
}

static VOID Copies(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Quality };
    struct { DWORD Count; SID_AND_ATTRIBUTES Groups[1]; } Disable = { 1, { { &World, 0 } } };
    TOKEN_PRIVILEGES Privileges = { 1, { { { SE_SYSTEM_PROFILE_PRIVILEGE, 0 }, 0 } } }, Old;
    PRIVILEGE_SET Set = { 1, PRIVILEGE_SET_ALL_NECESSARY, { { { SE_DEBUG_PRIVILEGE, 0 }, 0 } } };
    UNICODE_STRING Claim = RTL_CONSTANT_UNICODE_STRING(L"nomem");
    HANDLE Token = NULL, Copy = NULL, Filtered = NULL, FilteredAgain = NULL, Nobody = NULL, Own = NULL, OwnAgain = NULL;
    BOOLEAN Held, Equal, Acting = FALSE;
    ULONG Length;

    (void)(TRY(NtOpenProcessToken, NtCurrentProcess(), TOKEN_ALL_ACCESS, &Token) &&
           TRY(NtDuplicateToken, Token, TOKEN_ALL_ACCESS, &Attributes, FALSE, TokenImpersonation, &Copy) &&
           TRY(NtFilterToken, Copy, 0, (PTOKEN_GROUPS)&Disable, &Privileges, NULL, &Filtered) &&
           TRY(NtFilterTokenEx, Copy, 0, (PTOKEN_GROUPS)&Disable, NULL, (PTOKEN_GROUPS)&Disable, 1, &Claim, 0, NULL, NULL, NULL, NULL, NULL,
               &FilteredAgain) &&
           TRY(NtCompareTokens, Copy, Filtered, &Equal) &&
           TRY(NtQuerySecurityAttributesToken, Copy, NULL, 0, &Buffer, sizeof(Buffer), &Length) &&
           TRY(NtAdjustPrivilegesToken, Copy, FALSE, &Privileges, sizeof(Old), &Old, &Length) &&
           TRY(NtAdjustGroupsToken, Copy, TRUE, NULL, 0, NULL, NULL) && TRY(NtPrivilegeCheck, Copy, &Set, &Held) &&
           TRY(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Copy, sizeof(Copy)) && (Acting = TRUE) &&
           TRY(NtOpenThreadToken, NtCurrentThread(), TOKEN_QUERY, TRUE, &Own) &&
           TRY(NtOpenThreadTokenEx, NtCurrentThread(), TOKEN_QUERY, TRUE, 0, &OwnAgain));
    if (Acting)
        DROP(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody));
    NoMemClose(OwnAgain);
    NoMemClose(Own);
    NoMemClose(FilteredAgain);
    NoMemClose(Filtered);
    NoMemClose(Copy);
    NoMemClose(Token);
}

static VOID Checks(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Quality };
    GENERIC_MAPPING Mapping = { 1, 2, 4, 7 };
    GUID Type = { 1 };
    OBJECT_TYPE_LIST Types[1] = { { ACCESS_OBJECT_GUID, 0, &Type } };
    PRIVILEGE_SET Privileges = { 0 };
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE Token = NULL, Copy = NULL;
    ULONG Length = sizeof(Privileges);
    ACCESS_MASK Granted;
    NTSTATUS Result;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &World, FALSE);
    RtlSetGroupSecurityDescriptor(&Descriptor, &World, FALSE);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    (void)(TRY(NtOpenProcessToken, NtCurrentProcess(), TOKEN_ALL_ACCESS, &Token) &&
           TRY(NtDuplicateToken, Token, TOKEN_ALL_ACCESS, &Attributes, FALSE, TokenImpersonation, &Copy) &&
           TRY(NtAccessCheck, &Descriptor, Copy, 1, &Mapping, &Privileges, &Length, &Granted, &Result) &&
           TRY(NtAccessCheckByType, &Descriptor, &World, Copy, 1, Types, 1, &Mapping, &Privileges, &Length, &Granted, &Result) &&
           TRY(NtAccessCheckByTypeResultList, &Descriptor, &World, Copy, 1, Types, 1, &Mapping, &Privileges, &Length, &Granted, &Result));
    NoMemClose(Copy);
    NoMemClose(Token);
}

static VOID Audits(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"nomem");
    GENERIC_MAPPING Mapping = { 1, 2, 4, 7 };
    GUID Type = { 1 };
    OBJECT_TYPE_LIST Types[1] = { { ACCESS_OBJECT_GUID, 0, &Type } };
    PRIVILEGE_SET Privileges = { 0 };
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE Token = NULL, Nobody = NULL;
    ACCESS_MASK Granted;
    BOOLEAN Generate;
    NTSTATUS Result;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &World, FALSE);
    RtlSetGroupSecurityDescriptor(&Descriptor, &World, FALSE);
    (void)(TRY(NtImpersonateThread, NtCurrentThread(), NtCurrentThread(), &Quality) &&
           TRY(NtOpenThreadToken, NtCurrentThread(), TOKEN_QUERY, TRUE, &Token) &&
           TRY(NtAccessCheckAndAuditAlarm, &Name, NULL, &Name, &Name, &Descriptor, 1, &Mapping, FALSE, &Granted, &Result, &Generate) &&
           TRY(NtAccessCheckByTypeAndAuditAlarm, &Name, NULL, &Name, &Name, &Descriptor, &World, 1, AuditEventObjectAccess, 0, Types, 1,
               &Mapping, FALSE, &Granted, &Result, &Generate) &&
           TRY(NtAccessCheckByTypeResultListAndAuditAlarm, &Name, NULL, &Name, &Name, &Descriptor, &World, 1, AuditEventObjectAccess, 0,
               Types, 1, &Mapping, FALSE, &Granted, &Result, &Generate) &&
           TRY(NtAccessCheckByTypeResultListAndAuditAlarmByHandle, &Name, NULL, Token, &Name, &Name, &Descriptor, &World, 1,
               AuditEventObjectAccess, 0, Types, 1, &Mapping, FALSE, &Granted, &Result, &Generate) &&
           TRY(NtOpenObjectAuditAlarm, &Name, NULL, &Name, &Name, &Descriptor, Token, 1, 1, &Privileges, FALSE, TRUE, &Generate) &&
           TRY(NtCloseObjectAuditAlarm, &Name, NULL, FALSE) && TRY(NtDeleteObjectAuditAlarm, &Name, NULL, FALSE) &&
           TRY(NtPrivilegeObjectAuditAlarm, &Name, NULL, Token, 1, &Privileges, TRUE) &&
           TRY(NtPrivilegedServiceAuditAlarm, &Name, &Name, Token, &Privileges, TRUE));
    DROP(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody));
    NoMemClose(Token);
}

static VOID NewTokens(VOID)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    LARGE_INTEGER Never = { .QuadPart = -1 };
    LUID Id = { 0x1234, 0 };
    TOKEN_USER User = { { &World, 0 } };
    TOKEN_GROUPS Groups = { 1, { { &World, SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED } } };
    TOKEN_PRIVILEGES Privileges = { 1, { { { SE_CHANGE_NOTIFY_PRIVILEGE, 0 }, SE_PRIVILEGE_ENABLED } } };
    TOKEN_OWNER Owner = { &World };
    TOKEN_PRIMARY_GROUP Group = { &World };
    ULONG64 AclSpace[8];
    TOKEN_DEFAULT_DACL Dacl = { (PACL)AclSpace };
    TOKEN_SOURCE Source = { "nomem", { 1, 0 } };
    HANDLE Token = NULL, Again = NULL;

    RtlCreateAcl(Dacl.DefaultDacl, sizeof(AclSpace), ACL_REVISION);
    RtlAddAccessAllowedAce(Dacl.DefaultDacl, ACL_REVISION, GENERIC_ALL, &World);
    (void)(TRY(NtCreateToken, &Token, TOKEN_ALL_ACCESS, &Attributes, TokenPrimary, &Id, &Never, &User, &Groups, &Privileges, &Owner,
               &Group, &Dacl, &Source) &&
           TRY(NtCreateTokenEx, &Again, TOKEN_ALL_ACCESS, &Attributes, TokenPrimary, &Id, &Never, &User, &Groups, &Privileges, NULL, NULL,
               NULL, NULL, &Owner, &Group, &Dacl, &Source));
    NoMemClose(Again);
    NoMemClose(Token);
}

/* Acting as a thread, and as nobody. */
static VOID Impersonation(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    HANDLE Nobody = NULL;

    if (TRY(NtImpersonateThread, NtCurrentThread(), NtCurrentThread(), &Quality) &&
        TRY(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody)))
        (void)TRY(NtImpersonateAnonymousToken, NtCurrentThread());
    DROP(NtSetInformationThread, NtCurrentThread(), ThreadImpersonationToken, &Nobody, sizeof(Nobody));
}

static const SCENARIO List[] = {
    { "tokens", Queries }, { "tokencopies", Copies }, { "accesschecks", Checks }, { "audits", Audits },
    { "newtokens", NewTokens }, { "impersonation", Impersonation },
};
const SCENARIOS TokenScenarios = { List, ARRAYSIZE(List) };
